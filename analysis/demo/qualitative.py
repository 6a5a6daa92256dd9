"""The synthetic study's words: interviews, facilitators, groups, action plans, outcomes.

Everything here is invented. What people say stands in ``corpus/*.yaml``, together with which
person of which school is heard on which code; those lists are what make the published numbers of
people and schools come out. The seed decides only which words a speaker uses, where in the
interview they fall, and the second coder's slips.

Where two printed counts of the original disagree, the published figures are followed:

- Concern about time was held by four staff in three schools, yet allayed in four. In the fourth
  school the leader speaks of colleagues' worry (ENB.18 without CON.01).
- Lack of structure: "both" staff carried one and the same source label. Two people in one school.
- Communication improved through audits alone in "the other two" schools, so COM.02 and COM.03
  never meet in a school here.
- "Explicit" and "whole school" details inside one code are kept in the memo (``detail: ...``).
"""

from __future__ import annotations

import csv
import datetime as dt
import random
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from analysis.demo import facilitators, sizes

CORPUS = Path(__file__).parent / "corpus"
THEMES = (
    "context",
    "constraints",
    "enabling",
    "understanding_ethos",
    "communication",
    "voice_leadership",
    "wellbeing",
    "environment_policy",
    "pupils_parents",
    "networks_next",
)

SYNTHETIC = "synthetic"
CASE_STUDIES = {
    "S04": "primary",
    "S09": "primary",
    "S14": "secondary",
    "S17": "secondary",
    "S20": "special",
}
ROLES = {"L": "leader", "T": "teacher", "N": "non_teacher"}
WITHOUT_CONSENT = frozenset({"I08", "I12"})
DOUBLE_CODED = ("I02", "I04", "I09", "I11", "I15")
SEGMENTS = 600

TERMS = (
    ("2016-17 autumn", dt.date(2016, 9, 5), dt.date(2016, 12, 21), 72),
    ("2016-17 spring", dt.date(2017, 1, 5), dt.date(2017, 4, 7), 61),
    ("2016-17 summer", dt.date(2017, 4, 24), dt.date(2017, 7, 21), 57),
    ("2017-18 autumn", dt.date(2017, 9, 4), dt.date(2017, 12, 20), 72),
    ("2017-18 spring", dt.date(2018, 1, 4), dt.date(2018, 3, 29), 57),
    ("2017-18 summer", dt.date(2018, 4, 16), dt.date(2018, 7, 20), 61),
)
#: Two years before, so that every school has six terms before it began.
EARLIER = (
    ("2014-15 autumn", dt.date(2014, 9, 3), dt.date(2014, 12, 19), 74),
    ("2014-15 spring", dt.date(2015, 1, 6), dt.date(2015, 3, 27), 57),
    ("2014-15 summer", dt.date(2015, 4, 13), dt.date(2015, 7, 21), 66),
    ("2015-16 autumn", dt.date(2015, 9, 2), dt.date(2015, 12, 18), 74),
    ("2015-16 spring", dt.date(2016, 1, 5), dt.date(2016, 3, 24), 57),
    ("2015-16 summer", dt.date(2016, 4, 11), dt.date(2016, 7, 20), 66),
)
#: The group of pupils whose records stand beside all pupils'.
FREE_MEALS = "fsm"
#: Until then persistent absence began at 15% of sessions: of those who miss 10%, so many.
LOWER_FROM, AT_15 = "2015-16 autumn", 0.45
# Invented levels by phase; (level, spread between schools, change over the six terms).
LEVELS: Mapping[str, Mapping[str, tuple[float, float, float]]] = {
    "primary": {
        "attendance": (0.957, 0.006, 0.004),
        "persistent_absence": (0.095, 0.025, -0.012),
        "suspensions": (0.003, 0.002, 0.0),
        "permanent_exclusions": (0.0001, 0.0, 0.0),
        "staff_absence": (0.038, 0.010, -0.005),
        "parents_evening": (0.82, 0.06, 0.03),
    },
    "secondary": {
        "attendance": (0.944, 0.006, 0.002),
        "persistent_absence": (0.145, 0.025, -0.006),
        "suspensions": (0.032, 0.012, -0.003),
        "permanent_exclusions": (0.0007, 0.0002, 0.0),
        "staff_absence": (0.043, 0.008, -0.003),
        "parents_evening": (0.64, 0.07, 0.02),
    },
    "special": {
        "attendance": (0.905, 0.0, 0.005),
        "persistent_absence": (0.28, 0.0, -0.02),
        "suspensions": (0.030, 0.0, -0.006),
        "permanent_exclusions": (0.0, 0.0, 0.0),
        "staff_absence": (0.052, 0.0, -0.006),
        "parents_evening": (0.77, 0.0, 0.04),
    },
}
#: Further invented levels: referrals for each pupil on roll, leavers for each member of staff.
FURTHER: Mapping[str, Mapping[str, float]] = {
    "primary": {"referrals": 0.045, "staff_turnover": 0.035},
    "secondary": {"referrals": 0.060, "staff_turnover": 0.045},
    "special": {"referrals": 0.110, "staff_turnover": 0.050},
}
#: From this term on a referral counts once it is accepted; of those made, so many are.
ACCEPTED_FROM, ACCEPTED = "2017-18 autumn", 0.7


@dataclass(frozen=True)
class Interviewee:
    """One of the fifteen invented speakers."""

    source_id: str
    school: str
    phase: str
    letter: str

    @property
    def role(self) -> str:
        """The role in words, as in the tables."""
        return ROLES[self.letter]

    @property
    def consent(self) -> str:
        """Whether this person may be quoted."""
        return "no" if self.source_id in WITHOUT_CONSENT else "yes"


@dataclass(frozen=True)
class Utterance:
    """One thing that may be said, and by whom."""

    text: str
    letters: str = ""
    phases: str = ""
    source: str = ""
    detail: str = ""

    def fits(self, person: Interviewee, detail: str) -> bool:
        """Whether this person, asked about this detail, could say it."""
        if self.source:
            return self.source == person.source_id
        letter, phase = person.letter, {"special": "x"}.get(person.phase, person.phase[0])
        return (
            (not self.letters or letter in self.letters)
            and (not self.phases or phase in self.phases)
            and (not self.detail or self.detail == detail)
        )


@dataclass(frozen=True)
class Passage:
    """A passage of an interview with its code, before it has a place."""

    code: str
    text: str
    memo: str
    pinned: bool
    also: str = ""


def write(folder: Path, seed: int) -> list[str]:
    """Write the generated tables of words into ``folder``; the same seed gives the same bytes.

    Returns
    -------
    list of str
        The names of the files written.
    """
    people = interviewees()
    segments = interview_segments(people, seed)
    apart = facilitators.segments(seed)
    tables: dict[str, list[dict[str, Any]]] = {
        "interviewees.csv": _interviewee_rows(people, seed) + facilitators.interviewees(seed),
        "interview_segments.csv": segments + apart,
        "quotations.csv": quotations(segments) + facilitators.quotations(apart),
        "facilitator_survey.csv": facilitator_survey(seed),
        "focus_groups.csv": focus_groups(),
        "action_plans.csv": action_plans(seed),
        "readiness.csv": readiness(seed),
        "open_answers.csv": open_answers(seed),
        "outcomes.csv": split_outcomes(
            outcomes(seed) + further_outcomes(seed) + earlier_outcomes(seed), seed
        ),
        "national.csv": national(),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            table = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
            table.writeheader()
            table.writerows(rows)
    return list(tables)


def interviewees() -> list[Interviewee]:
    """The fifteen speakers: a leader, a teacher and a non-teacher in each case-study school."""
    pairs = [(school, letter) for school in CASE_STUDIES for letter in ROLES]
    return [
        Interviewee(f"I{number:02d}", school, CASE_STUDIES[school], letter)
        for number, (school, letter) in enumerate(pairs, start=1)
    ]


def _interviewee_rows(people: Sequence[Interviewee], seed: int) -> list[dict[str, Any]]:
    chance = random.Random(f"{seed}:interviewees")
    first, last = dt.date(2017, 9, 6), dt.date(2017, 11, 10)
    visits = [
        day
        for day in (first + dt.timedelta(n) for n in range((last - first).days + 1))
        if day.weekday() < 5 and not dt.date(2017, 10, 23) <= day <= dt.date(2017, 10, 27)
    ]
    days = {school: chance.sample(visits, 2) for school in CASE_STUDIES}
    days["S04"][0], days["S20"][0] = first, last
    return [
        {
            "source_id": person.source_id,
            "school": person.school,
            "role": person.role,
            "wave": "during",
            "date": days[person.school][0 if person.letter != "T" else 1].isoformat(),
            "consent_to_quote": person.consent,
            "memo": SYNTHETIC,
        }
        for person in people
    ]


# --- interviews -----------------------------------------------------------------------------


def corpus() -> dict[str, dict[str, Any]]:
    """Every interview code with who is heard on it and what may be said."""
    codes: dict[str, dict[str, Any]] = {}
    for theme in THEMES:
        codes |= _read(theme)
    return codes


def _read(name: str) -> Any:
    return yaml.safe_load((CORPUS / f"{name}.yaml").read_text(encoding="utf-8"))


def parse(line: str) -> Utterance:
    """``"Ts@I05#detail :: text"`` as an utterance; every part before ``::`` may be missing."""
    who, _, text = line.partition("::")
    match = re.fullmatch(r"([LTN]*)([psx]*)(?:@(I\d\d))?(?:#(\w+))?", who.strip())
    if match is None or not text.strip():
        raise ValueError(f"not an utterance: {line!r}")
    letters, phases, source, detail = (part or "" for part in match.groups())
    return Utterance(text.strip(), letters, phases, source, detail)


def speakers(
    entry: Mapping[str, Any], people: Iterable[Interviewee]
) -> list[tuple[Interviewee, str]]:
    """The people heard on a code, each with the detail they are heard on (mostly none)."""
    found = []
    for person in people:
        letters, _, detail = entry["said_by"].get(person.school, "").partition("#")
        if person.letter in letters:
            found.append((person, detail))
    return found


def _passages(people: Sequence[Interviewee], chance: random.Random) -> dict[str, list[Passage]]:
    """What each person says, once on each of their codes and twice on some, in no order."""
    speech = _read("speech")
    used: Counter[tuple[str, str]] = Counter()
    said: dict[str, list[Passage]] = {person.source_id: [] for person in people}
    heard: set[tuple[str, str]] = set()
    turns = []
    codes = corpus()
    for code, entry in codes.items():
        utterances = [parse(line) for line in entry["utterances"]]
        turns += [
            (code, entry.get("also", ""), utterances, person, detail)
            for person, detail in speakers(entry, people)
        ]
    again = chance.sample(turns, len(turns))
    doubled = sum(2 if also else 1 for _, also, *_ in turns)
    for round_, queue in enumerate((turns, again)):
        for code, also, utterances, person, detail in queue:
            if round_ and doubled >= SEGMENTS:
                break
            choice = [
                each
                for each in utterances
                if each.fits(person, detail) and (person.source_id, each.text) not in heard
            ]
            if round_:
                # Each utterance is heard at most twice in the whole study.
                choice = [each for each in choice if used[code, each.text] < 2 and not each.source]
                if not choice or also:
                    continue
                doubled += 1
            if not choice:
                raise ValueError(f"nothing to say for {person.source_id} on {code}")
            pinned = [each for each in choice if each.source]
            fewest = min(used[code, each.text] for each in choice)
            chosen = (
                pinned[0]
                if pinned
                else chance.choice([each for each in choice if used[code, each.text] == fewest])
            )
            text = _spoken(chosen.text, person, speech, chance, used[code, chosen.text] > 0)
            used[code, chosen.text] += 1
            heard.add((person.source_id, chosen.text))
            memo = f"{SYNTHETIC}; detail: {detail}" if detail else SYNTHETIC
            said[person.source_id].append(Passage(code, text, memo, bool(chosen.source), also))
    return said


def _spoken(
    text: str, person: Interviewee, speech: Any, chance: random.Random, varied: bool
) -> str:
    """The utterance in this person's mouth: slots filled, and varied if it was heard before."""
    slots = {key: chance.choice(words) for key, words in speech["slots"][person.phase].items()}
    slots["day"], slots["day2"] = chance.sample(speech["days"], 2)
    text = text.format(**slots)
    if not varied:
        return text
    if chance.random() < 0.5:
        opener = chance.choice(speech["openers"])
        keep = re.match(r"(I|I'.*|[A-Z].*day|Year)$", text.split()[0]) is not None
        return opener + (text if keep else text[0].lower() + text[1:])
    return f"{text} {chance.choice(speech['codas'])}"


def interview_segments(people: Sequence[Interviewee], seed: int) -> list[dict[str, Any]]:
    """Coded passages of all interviews; offsets count characters of that person's transcript."""
    chance = random.Random(f"{seed}:segments")
    speech = _read("speech")
    rows: list[dict[str, Any]] = []
    said = _passages(people, chance)
    order = {code: number for number, code in enumerate(corpus())}
    for person in people:
        passages = said[person.source_id]
        # Interviews follow the topic guide loosely.
        passages.sort(key=lambda each: order[each.code] // 4 + chance.uniform(0, 6))
        transcript = ""
        placed: list[tuple[Passage, int, int]] = []
        for passage in passages:
            question = chance.choice(speech["questions"][passage.code[:3]])
            fillers = chance.sample(speech["fillers"], chance.choice((0, 1, 1, 2)))
            asked = f"\n\nInterviewer: {question}\n\nRespondent: " if chance.random() < 0.6 else " "
            transcript += asked + "".join(f"{word} " for word in fillers)
            start = len(transcript)
            transcript += passage.text
            placed.append((passage, start, len(transcript)))
        first = [
            _segment(person, "C1", code, start, end, transcript, passage.memo)
            for passage, start, end in placed
            for code in filter(None, (passage.code, passage.also))
        ]
        rows += first
        if person.source_id in DOUBLE_CODED:
            rows += _second_coder(person, first, transcript, chance)
    return rows


def _segment(
    person: Interviewee, coder: str, code: str, start: int, end: int, transcript: str, memo: str
) -> dict[str, Any]:
    return {
        "source_id": person.source_id,
        "school": person.school,
        "role": person.role,
        "wave": "during",
        "coder": coder,
        "code": code,
        "parent_code": code.split(".")[0],
        "start": start,
        "end": end,
        "text": transcript[start:end],
        "memo": memo,
        "consent_to_quote": person.consent,
    }


def _second_coder(
    person: Interviewee,
    first: Sequence[Mapping[str, Any]],
    transcript: str,
    chance: random.Random,
) -> list[dict[str, Any]]:
    """C2's reading of an interview: mostly C1's, some passages missed or read as a sister code.

    Sister codes are codes that the person carries anyway, so that the numbers of people and
    schools do not depend on whose coding is counted.
    """
    theirs = sorted({str(row["code"]) for row in first})
    rows = []
    for row in first:
        if chance.random() < 0.05:
            continue
        code, memo = str(row["code"]), str(row["memo"])
        sisters = [each for each in theirs if each[:3] == code[:3] and each != code]
        if sisters and chance.random() < 0.10:
            code, memo = chance.choice(sisters), SYNTHETIC
        start, end = int(row["start"]), int(row["end"])
        drift = chance.random()
        words = [match.start() for match in re.finditer(r"\S+", transcript[start:end])]
        if drift < 0.25 and len(words) > 12:
            start += words[chance.randint(1, 4)]
        elif drift < 0.45 and len(words) > 12:
            end = start + words[-chance.randint(2, 5)] - 1
        elif drift < 0.55:
            before = transcript[:start].rstrip()
            sentence = max(before[:-1].rfind(mark) for mark in ".?!:") + 1
            if before.endswith(".") and 0 < start - sentence < 60:
                start = sentence + (len(before[sentence:]) - len(before[sentence:].lstrip()))
        rows.append(_segment(person, "C2", code, start, end, transcript, memo))
    return rows


def quotations(segments: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The passages chosen for the programme report, each shown with a role or a school."""
    utterances = {
        (utterance.source, code): utterance.text
        for code, entry in corpus().items()
        for utterance in map(parse, entry["utterances"])
        if utterance.source
    }
    rows = []
    for chosen in _read("quotations"):
        beginning = utterances[chosen["source"], chosen["code"]].split("{")[0]
        segment = next(
            row
            for row in segments
            if row["coder"] == "C1"
            and row["source_id"] == chosen["source"]
            and row["code"] == chosen["code"]
            and str(row["text"]).startswith(beginning)
        )
        rows.append(
            {
                "quotation_id": chosen["id"],
                "source_id": chosen["source"],
                "start": segment["start"],
                "end": segment["end"],
                "code": chosen["code"],
                "section": chosen["section"],
                "attribution": chosen["attribution"],
                "text": segment["text"],
                "use": "programme",
                "memo": SYNTHETIC,
            }
        )
    return rows


# --- facilitators, groups, plans ------------------------------------------------------------


def facilitator_survey(seed: int) -> list[dict[str, Any]]:
    """Six facilitators' answers; the number choosing each option is the published one."""
    chance = random.Random(f"{seed}:facilitators")
    answers = _read("facilitators")
    ids = [f"F{number}" for number in range(1, 7)]
    rows: list[dict[str, Any]] = [{"respondent": each} for each in ids]
    for question, counts in answers["questions"].items():
        picked: dict[str, list[str]] = {}
        for option, count in counts.items():
            pool = ids
            if base := answers["complements"].get(question, {}).get(option):
                pool = [each for each in ids if each not in picked[base]]
            elif base := answers["within"].get(question, {}).get(option):
                pool = picked[base]
            elif question == "q1":  # one answer each
                pool = [each for each in ids if not any(each in p for p in picked.values())]
            picked[option] = chance.sample(pool, count)
        for row in rows:
            row[question] = ";".join(
                option for option, people in picked.items() if row["respondent"] in people
            )
    for question, texts in answers["texts"].items():
        column = f"{question}_text"
        groups = texts if isinstance(texts, dict) else {None: texts}
        shuffled = {key: chance.sample(lines, len(lines)) for key, lines in groups.items()}
        for row in rows:
            key = row[question] if isinstance(texts, dict) else None
            row[column] = shuffled[key].pop()
    for row in rows:
        row["memo"] = SYNTHETIC
    return rows


def focus_groups() -> list[dict[str, Any]]:
    """Summaries of what was said in the three groups, by theme and code."""
    return [
        {
            "group": group,
            "participants": content["participants"],
            "theme": theme,
            "code": code,
            "summary": summary,
            "memo": SYNTHETIC,
        }
        for group, content in _read("focus_groups").items()
        for theme, codes in content["themes"].items()
        for code, summary in codes.items()
    ]


def action_plans(seed: int) -> list[dict[str, Any]]:
    """Aims of eighteen schools at the first review, and of two of them at a second."""
    chance = random.Random(f"{seed}:action plans")
    plans = _read("action_plans")
    schools = [school for school in sizes.schools().index if school not in plans["without_plan"]]
    chosen = _aims(schools, plans, chance)
    rows = []
    for number, school in enumerate(schools, start=1):
        first = dt.date(2017, 9, 18) + dt.timedelta(7 * chance.randint(0, 20))
        second = dt.date(2018, 5, 14) + dt.timedelta(7 * chance.randint(0, 6))
        for aim_code in chosen[school]:
            # A second review can only show progress on something under way.
            later = plans["second_review"].get(school, {}).get(aim_code)
            states = (
                ["started", "planned", "started"]
                if later
                else ["planned", "started", "started", "in_place", "in_place", "dropped"]
            )
            weights = [1] * len(states) if later else [4, 4, 4, 3, 3, 1]
            state = chance.choices(states, weights)[0]
            row = {
                "plan_id": f"P{number:02d}",
                "school": school,
                "aim_code": aim_code,
                "aim": chance.choice(plans["aims"][aim_code]),
                "responsible_role": chance.choice(plans["roles"]),
                "evidence": chance.choice(plans["evidence"][state]),
                "review": 1,
                "review_date": first.isoformat(),
                "state": state,
                "memo": SYNTHETIC,
            }
            rows.append(row)
            if later:
                rows.append({**row, **later, "review": 2, "review_date": second.isoformat()})
    return sorted(rows, key=lambda row: (row["plan_id"], row["review"], row["aim_code"]))


def _aims(schools: Sequence[str], plans: Any, chance: random.Random) -> dict[str, list[str]]:
    """Four to six aims a school, the least used first, so that all 21 occur about as often."""
    chosen: dict[str, list[str]] = {key: list(aims) for key, aims in plans["chosen"].items()}
    used = Counter(aim for aims in chosen.values() for aim in aims)
    for school in schools:
        if school in chosen:
            continue
        ranked = sorted(plans["aims"], key=lambda aim: used[aim] + chance.uniform(0, 2.5))
        chosen[school] = ranked[: chance.choice((4, 4, 5, 5, 6))]
        used.update(chosen[school])
    return chosen


def readiness(seed: int) -> list[dict[str, Any]]:
    """How conditions and risks stand with each school that has a plan, with evidence."""
    chance = random.Random(f"{seed}:readiness")
    entries = _read("readiness")
    plans = _read("action_plans")
    schools = [school for school in sizes.schools().index if school not in plans["without_plan"]]
    rows = []
    for school in schools:
        # Some schools are readier than others; the same school is not ready in everything.
        ready = chance.uniform(0.35, 0.8)
        day = dt.date(2018, 3, 5) + dt.timedelta(7 * chance.randint(0, 12))
        for condition, (held, missing) in list(entries.items())[:20]:
            state = chance.choices(
                ("in_place", "partly", "not_yet", "not_known"),
                (ready, 0.35, (1 - ready) * 0.8, 0.12),
            )[0]
            if state in ("in_place", "not_yet"):
                evidence = held if state == "in_place" else missing
            else:
                evidence = chance.choice(entries[state])
            rows.append(
                {
                    "school": school,
                    "condition": condition,
                    "review": 1,
                    "review_date": day.isoformat(),
                    "state": state,
                    "evidence": evidence,
                    "memo": SYNTHETIC,
                }
            )
    return rows


def open_answers(seed: int) -> list[dict[str, Any]]:
    """Codes of what staff wrote on what has changed; the words themselves are not kept."""
    chance = random.Random(f"{seed}:open answers")
    places = sizes.schools().to_dict("records")
    shares = _read("staff_comments")
    rows = []
    for number in range(1, 73):
        school = chance.choices(places, [int(place["staff_on_roll"]) for place in places])[0]
        for aspect, codes in shares.items():
            if chance.random() < 0.4:
                continue
            heard = [code for code, share in codes.items() if chance.random() < share]
            for code in heard or [chance.choice(list(codes))]:
                rows.append(
                    {
                        "respondent": f"A{number:03d}",
                        "school": school["id"],
                        "aspect": aspect,
                        "code": code,
                        "memo": SYNTHETIC,
                    }
                )
    return rows


# --- outcomes -------------------------------------------------------------------------------


def outcomes(seed: int) -> list[dict[str, Any]]:
    """Six termly measures of every school as numerator and denominator, all invented."""
    chance = random.Random(f"{seed}:outcomes")
    rows = []
    for place in sizes.schools().to_dict("records"):
        school, phase, roll = str(place["id"]), str(place["phase"]), int(place["pupils_on_roll"])
        staff = int(place["staff_on_roll"])
        families = round(roll * 0.78)
        own = {
            key: chance.uniform(-1.5, 1.5) * spread for key, (_, spread, _) in LEVELS[phase].items()
        }
        for number, (term, start, end, days) in enumerate(TERMS):
            pupils = roll + chance.randint(-max(1, roll // 60), max(1, roll // 60))
            season = {0: 0.002, 1: -0.004, 2: 0.001}[number % 3]
            for measure, (level, _, change) in LEVELS[phase].items():
                share = level + own[measure] + change * number / 5
                if measure == "attendance":
                    share += season
                    denominator = pupils * days * 2 - chance.randint(0, pupils)
                    spread = 0.0025 if pupils > 60 else 0.006
                elif measure == "staff_absence":
                    denominator, spread = staff * days, 0.006
                    share -= 2 * season
                elif measure == "parents_evening":
                    denominator, spread = families, 0.02
                    share -= 0.08 if number % 3 == 2 else 0.0
                else:
                    denominator, spread = pupils, 0.0
                share = max(0.0, share + chance.gauss(0, spread))
                numerator = (
                    sum(chance.random() < share for _ in range(denominator))
                    if denominator < 2000
                    else round(share * denominator)
                )
                rows.append(
                    {
                        "school": school,
                        "term": term,
                        "term_start": start.isoformat(),
                        "term_end": end.isoformat(),
                        "measure": measure,
                        "numerator": min(numerator, denominator),
                        "denominator": denominator,
                        "memo": SYNTHETIC,
                    }
                )
    return rows


def earlier_outcomes(seed: int) -> list[dict[str, Any]]:
    """The same measures of the two years before: all invented.

    Drawn by itself, so that what stands after it is as it was before there was an earlier year.
    """
    chance = random.Random(f"{seed}:earlier outcomes")
    rows = []
    for place in sizes.schools().to_dict("records"):
        phase, roll = str(place["phase"]), int(place["pupils_on_roll"])
        staff, of_school = int(place["staff_on_roll"]), chance.uniform(-1, 1)
        levels = {name: (level, spread) for name, (level, spread, _) in LEVELS[phase].items()}
        levels |= {name: (level, level / 8) for name, level in FURTHER[phase].items()}
        for number, (term, start, end, days) in enumerate(EARLIER):
            pupils = roll + chance.randint(-max(1, roll // 60), max(1, roll // 60))
            season = {0: 0.002, 1: -0.004, 2: 0.001}[number % 3]
            for measure, (level, spread) in levels.items():
                share = level + of_school * spread + chance.gauss(0, spread / 4)
                if measure == "attendance":
                    share, denominator = share + season, pupils * days * 2
                elif measure == "staff_absence":
                    share, denominator = share - 2 * season, staff * days
                elif measure == "parents_evening":
                    share -= 0.08 if number % 3 == 2 else 0.0
                    denominator = round(roll * 0.78)
                elif measure == "staff_turnover":
                    share, denominator = share * (2 if number % 3 == 2 else 1), staff
                else:
                    denominator = pupils
                if measure == "persistent_absence" and term < LOWER_FROM:
                    share *= AT_15
                rows.append(_record(place["id"], term, start, end, measure, share, denominator,
                                    chance))  # fmt: skip
    return rows


def split_outcomes(rows: list[dict[str, Any]], seed: int) -> list[dict[str, Any]]:
    """Records with those of pupils with free meals beside all pupils', and attainment: invented.

    Attendance of every term, and in summer who reached the expected standard. ``rows`` are the
    records so far; rows about all pupils say how many they are.
    """
    chance = random.Random(f"{seed}:split outcomes")
    schools = {str(each["id"]): each for each in sizes.schools().to_dict("records")}
    found = [{**row, "group": "", "children": ""} for row in rows]
    more: list[dict[str, Any]] = []
    for row in found:
        place = schools[row["school"]]
        roll = int(place["pupils_on_roll"])
        fsm = max(1, round(roll * float(place["fsm_percent"]) / 100))
        if row["measure"] == "attendance":
            row["children"] = roll
            missed, base = row["denominator"] - row["numerator"], row["denominator"]
            share = fsm / roll
            own = min(missed, round(missed * share * chance.uniform(1.3, 1.6)))
            few = round(base * share)
            more.append({**row, "group": FREE_MEALS, "children": fsm, "numerator": few - own,
                         "denominator": few})  # fmt: skip
        if row["measure"] == "persistent_absence" and row["term"].endswith("summer"):
            years = int(row["term"][:4]) - 2014
            assessed, own = max(1, roll // 7), max(1, fsm // 7)
            standard = {"primary": 0.62, "secondary": 0.56}.get(str(place["phase"]), 0.2)
            base = standard + 0.01 * years
            low = sum(chance.random() < base - 0.14 for _ in range(own))
            high = sum(chance.random() < base + 0.04 for _ in range(assessed - own))
            about = {**row, "measure": "expected_standard"}
            more.append({**about, "numerator": low + high, "denominator": assessed,
                         "children": assessed})  # fmt: skip
            more.append({**about, "numerator": low, "denominator": own, "children": own,
                         "group": FREE_MEALS})  # fmt: skip
    return found + more


def national() -> list[dict[str, Any]]:
    """A made-up national series of attendance and suspensions, by phase."""
    rows = []
    levels = {"primary": (0.958, 0.004), "secondary": (0.946, 0.034)}
    for number, (term, *_) in enumerate((*EARLIER, *TERMS)):
        season = {0: 0.002, 1: -0.003, 2: 0.001}[number % 3]
        for group, (attendance, suspensions) in levels.items():
            for measure, rate in (
                ("attendance", attendance + season + 0.0001 * number),
                ("suspensions", suspensions + 0.0004 * number),
            ):
                rows.append({"term": term, "measure": measure, "group": group,
                             "rate": f"{100 * rate:.2f}", "source": "made up for this study",
                             "memo": SYNTHETIC})  # fmt: skip
    return rows


def _record(
    school: Any,
    term: str,
    start: dt.date,
    end: dt.date,
    measure: str,
    share: float,
    denominator: int,
    chance: random.Random,
) -> dict[str, Any]:
    share = min(max(0.0, share), 1.0)
    drawn = denominator < 2000
    numerator = (
        sum(chance.random() < share for _ in range(denominator))
        if drawn
        else round(share * denominator)
    )
    return {
        "school": str(school), "term": term, "term_start": start.isoformat(),
        "term_end": end.isoformat(), "measure": measure, "numerator": numerator,
        "denominator": denominator, "memo": SYNTHETIC,
    }  # fmt: skip


def further_outcomes(seed: int) -> list[dict[str, Any]]:
    """Referrals, whose definition changes on the way, and staff turnover: all invented."""
    chance = random.Random(f"{seed}:further outcomes")
    rows = []
    for place in sizes.schools().to_dict("records"):
        on_roll = {"referrals": place["pupils_on_roll"], "staff_turnover": place["staff_on_roll"]}
        for number, (term, start, end, _) in enumerate(TERMS):
            for measure, level in FURTHER[str(place["phase"])].items():
                share = level * chance.uniform(0.8, 1.2)
                if measure == "referrals" and term >= ACCEPTED_FROM:
                    share *= ACCEPTED
                if measure == "staff_turnover" and number % 3 == 2:
                    share *= 2  # most leave in summer
                denominator = int(on_roll[measure])
                rows.append(
                    {
                        "school": str(place["id"]),
                        "term": term,
                        "term_start": start.isoformat(),
                        "term_end": end.isoformat(),
                        "measure": measure,
                        "numerator": sum(chance.random() < share for _ in range(denominator)),
                        "denominator": denominator,
                        "memo": SYNTHETIC,
                    }
                )
    return rows
