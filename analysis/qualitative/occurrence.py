"""Which codes go together, and did later interviews still bring new ones?

Both are counts over all interviewees. Neither says which interview brought what: the saturation
curve is the mean over every order in which the interviews could have been held.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from math import comb

import pandas as pd

from analysis.prepare import Prepared
from analysis.qualitative.themes import WAVE, spoken
from analysis.results import COHORT, Result
from analysis.statistics.samples import ALL
from analysis.words import slug


def together(prepared: Prepared) -> Iterator[Result]:
    """How many people spoke of both of two themes, and coded one passage under both of two codes.

    Themes: statistic ``people`` of the measure ``<theme>--<theme>``. Codes: only pairs that
    share a passage, or overlapping passages of one coder; the same event under two codes is no
    pair.
    """
    if not _has_interviews(prepared):
        return
    said = spoken(prepared)
    members = prepared.strands["interviewees"]
    heard = said.groupby("theme")["source_id"].agg(set)
    for first, second in combinations(heard.index, 2):
        both, words = heard[first] & heard[second], "people who spoke of both"
        yield _pair(
            "themes", str(first), str(second), len(both), members, "people who spoke of both"
        )
    same = {
        frozenset((code["id"], code["same_event_as"]))
        for theme in prepared.documents["codebook"]["themes"]
        for code in theme["codes"]
        if code.get("same_event_as")
    }
    for (first, second), people in sorted(_overlaps(prepared.strands["segments"]).items()):
        if frozenset((first, second)) not in same:
            words = "people with a passage under both"
            yield _pair("passages", first, second, len(people), members, words)


def saturation(prepared: Prepared) -> Iterator[Result]:
    """Expected number of different codes after so many interviews, in whatever order.

    A code heard from m of N people is missed by k of them with probability
    C(N - m, k) / C(N, k); the expected number is the sum of one less that.
    """
    if not _has_interviews(prepared):
        return
    members = prepared.strands["interviewees"]
    people = len(members)
    heard = spoken(prepared).groupby("code")["source_id"].nunique()
    for k in range(1, people + 1):
        value = sum(1 - comb(people - int(m), k) / comb(people, k) for m in heard)
        yield Result(
            unit=COHORT,
            source="interviews",
            instrument="themes",
            analysis="saturation",
            measure=f"after_{k:02d}",
            wave=WAVE,
            group=ALL,
            statistic="codes",
            value=float(value),
            n=float(people),
            n_schools=float(members["school"].nunique()),
            denominator=float(len(heard)),
            method="codes expected after so many interviews, over all orders of the interviews",
        )


def _has_interviews(prepared: Prepared) -> bool:
    return {"segments", "interviewees"} <= set(prepared.strands)


def _overlaps(segments: pd.DataFrame) -> dict[tuple[str, str], set[str]]:
    """People by pair of codes that one coder put on overlapping passages."""
    found: dict[tuple[str, str], set[str]] = {}
    for (source, _), rows in segments.groupby(["source_id", "coder"], sort=True):
        placed = rows.dropna(subset=["start", "end"]).sort_values("start")
        spans = placed[["start", "end", "code"]].itertuples(index=False, name=None)
        open_spans: list[tuple[float, float, str]] = []
        for start, end, code in spans:
            open_spans = [each for each in open_spans if each[1] > start]
            for _, _, other in open_spans:
                if other != code:
                    first, second = sorted((str(other), str(code)))
                    found.setdefault((first, second), set()).add(str(source))
            open_spans.append((start, end, str(code)))
    return found


def _pair(
    of: str, first: str, second: str, count: int, members: pd.DataFrame, words: str
) -> Result:
    return Result(
        unit=COHORT,
        source="interviews",
        instrument="themes",
        analysis=f"together_{of}",
        measure=f"{slug(first)}--{slug(second)}",
        wave=WAVE,
        group=ALL,
        statistic="people",
        value=float(count),
        n=float(len(members)),
        n_schools=float(members["school"].nunique()),
        numerator=float(count),
        denominator=float(len(members)),
        method=f"number of {words}",
    )
