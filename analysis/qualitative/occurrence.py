"""Which codes go together, and did later interviews still bring new ones?

Both are counts over all interviewees but groups that the study keeps apart. Neither says which interview brought what: the saturation
curve is the mean over every order in which the interviews could have been held.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import combinations
from math import comb

import pandas as pd

from analysis.prepare import Prepared
from analysis.qualitative import interviewed
from analysis.qualitative.interviewed import EVER
from analysis.qualitative.themes import has_interviews, spoken
from analysis.results import COHORT, Result
from analysis.statistics.samples import ALL
from analysis.words import slug


def together(prepared: Prepared) -> Iterator[Result]:
    """How many people spoke of both of two themes, and coded one passage under both of two codes.

    Themes: statistic ``people`` of the measure ``<theme>--<theme>``. Codes: only pairs that
    share a passage, or overlapping passages of one coder; the same event under two codes is no
    pair.
    """
    if not has_interviews(prepared):
        return
    members = interviewed.people(prepared)
    said = spoken(prepared, members)
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
    segments = prepared.strands["segments"]
    theirs = segments[segments["source_id"].isin(members.index)]
    for (first, second), people in sorted(_overlaps(theirs).items()):
        if frozenset((first, second)) not in same:
            words = "people with a passage under both"
            yield _pair("passages", first, second, len(people), members, words)


def saturation(prepared: Prepared) -> Iterator[Result]:
    """Expected number of different codes after so many interviews, in whatever order.

    A code heard in m of N interviews is missed by k of them with probability
    C(N - m, k) / C(N, k); the expected number is the sum of one less that. Somebody interviewed
    twice gave two interviews; ``n`` counts people.
    """
    if not has_interviews(prepared):
        return
    members = interviewed.people(prepared)
    schools = interviewed.places(members)
    held = int(prepared.strands["interviewees"]["source_id"].isin(members.index).sum())
    heard = spoken(prepared, members).groupby("code")["interview"].nunique()
    for k in range(1, held + 1):
        value = sum(1 - comb(held - int(m), k) / comb(held, k) for m in heard)
        yield Result(
            unit=COHORT,
            source="interviews",
            instrument="themes",
            analysis="saturation",
            measure=f"after_{k:02d}",
            wave=EVER,
            group=ALL,
            statistic="codes",
            value=float(value),
            n=float(len(members)),
            n_schools=float(schools) if schools else math.nan,
            denominator=float(len(heard)),
            method="codes expected after so many interviews, over all orders of the interviews",
        )


def _overlaps(segments: pd.DataFrame) -> dict[tuple[str, str], set[str]]:
    """People by pair of codes that one coder put on overlapping passages."""
    found: dict[tuple[str, str], set[str]] = {}
    for _, rows in segments.groupby([interviewed.interviews(segments), "coder"], sort=True):
        source = str(rows["source_id"].iloc[0])
        placed = rows.dropna(subset=["start", "end"]).sort_values("start")
        spans = placed[["start", "end", "code"]].itertuples(index=False, name=None)
        open_spans: list[tuple[float, float, str]] = []
        for start, end, code in spans:
            open_spans = [each for each in open_spans if each[1] > start]
            for _, _, other in open_spans:
                if other != code:
                    first, second = sorted((str(other), str(code)))
                    found.setdefault((first, second), set()).add(source)
            open_spans.append((start, end, str(code)))
    return found


def _pair(
    of: str, first: str, second: str, count: int, members: pd.DataFrame, words: str
) -> Result:
    schools = interviewed.places(members)
    return Result(
        unit=COHORT,
        source="interviews",
        instrument="themes",
        analysis=f"together_{of}",
        measure=f"{slug(first)}--{slug(second)}",
        wave=EVER,
        group=ALL,
        statistic="people",
        value=float(count),
        n=float(len(members)),
        n_schools=float(schools) if schools else math.nan,
        numerator=float(count),
        denominator=float(len(members)),
        method=f"number of {words}",
    )
