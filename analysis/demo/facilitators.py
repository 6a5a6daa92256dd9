"""The synthetic study's facilitators, interviewed twice: who they are and what they said.

They belong to no school, and the study counts them by themselves. Everything is invented; the words
stand in ``corpus/facilitator_interviews.yaml``, with who is heard on which code in which round.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

CORPUS = Path(__file__).parent / "corpus" / "facilitator_interviews.yaml"
ROLE, MEMO = "facilitator", "synthetic"


def _corpus() -> Any:
    return yaml.safe_load(CORPUS.read_text(encoding="utf-8"))


def interviewees(seed: int) -> list[dict[str, Any]]:
    """A row for each facilitator and round, with the day of the interview.

    The first and the last of a round are held on its first and last day.
    """
    chance = random.Random(f"{seed}:facilitators interviewed")
    said = _corpus()
    rows = []
    for place, person in enumerate(said["people"]):
        for name, window in said["rounds"].items():
            days = (window["to"] - window["from"]).days
            drawn = chance.randint(0, days)
            day = {0: 0, len(said["people"]) - 1: days}.get(place, drawn)
            rows.append(
                {
                    "source_id": person,
                    "school": "",
                    "role": ROLE,
                    "wave": name,
                    "date": _weekday(window["from"], day).isoformat(),
                    "consent_to_quote": _consent(said, person),
                    "memo": MEMO,
                }
            )
    return rows


def segments(seed: int) -> list[dict[str, Any]]:
    """Coded passages; offsets count characters of the transcript of that person and round."""
    chance = random.Random(f"{seed}:facilitators heard")
    said = _corpus()
    rows = []
    for person in said["people"]:
        for name in said["rounds"]:
            place = 0
            for code, rounds in said["codes"].items():
                text = rounds.get(name, {}).get(person)
                if text is None:
                    continue
                place += chance.randint(40, 400)  # the question, and what nobody coded
                rows.append(
                    {
                        "source_id": person,
                        "school": "",
                        "role": ROLE,
                        "wave": name,
                        "coder": "C1",
                        "code": code,
                        "parent_code": code.split(".")[0],
                        "start": place,
                        "end": place + len(text),
                        "text": text,
                        "memo": MEMO,
                        "consent_to_quote": _consent(said, person),
                    }
                )
                place += len(text)
    return rows


def quotations(segments: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The passages chosen for the programme's report, in the section of this voice."""
    rows = []
    for chosen in _corpus()["quotations"]:
        at = (chosen["source"], chosen["round"], chosen["code"])
        passage = next(
            row for row in segments if (row["source_id"], row["wave"], row["code"]) == at
        )
        rows.append(
            {
                "quotation_id": chosen["id"],
                "source_id": chosen["source"],
                "start": passage["start"],
                "end": passage["end"],
                "code": chosen["code"],
                "section": ROLE,
                "attribution": "role",
                "text": passage["text"],
                "use": "programme",
                "memo": MEMO,
            }
        )
    return rows


def _consent(said: Mapping[str, Any], person: str) -> str:
    return "no" if person in said["without_consent"] else "yes"


def _weekday(first: dt.date, days: int) -> dt.date:
    day = first + dt.timedelta(days)
    return day - dt.timedelta(max(0, day.weekday() - 4))
