"""Who said what? People and schools per code and theme, never mentions."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

import pandas as pd

from analysis.prepare import Prepared
from analysis.qualitative import interviewed
from analysis.qualitative.interviewed import EVER
from analysis.results import COHORT, Result
from analysis.statistics.samples import ALL
from analysis.words import slug

METHODS = {
    "people": "number of people with at least one passage",
    "schools": "number of schools with at least one person with a passage",
    "fewest": "lowest number of people with a passage in any of these schools",
}
#: In a passage's memo, what sort of the code's matter it is: ``synthetic; detail: process``.
DETAIL = re.compile(r"(?:^|;)\s*detail:\s*([^;]+)")


def themes(prepared: Prepared) -> Iterator[Result]:
    """Numbers of interviewees and of their schools per code, detail of a code, and theme.

    Over all interviewees; by each of the study's groups of interviewees; and, where people were
    asked at several times, by time. Not by school, since group and school together would name a
    person, and not by group and time; but a group that the study keeps apart is counted by itself
    as all others are, by time too. A code counts once for a person however often they said
    it, whichever coder saw it first. ``n`` is the number of people interviewed (of that group,
    at that time); for schools the denominator is the number of schools interviewed in, and
    where nobody belongs to a school, as facilitators do not, there is no such count. ``fewest``
    is the lowest number of people who spoke of it in any of those schools, over all only. A
    detail is counted as ``<code>--<detail>``, over all only.
    """
    if not has_interviews(prepared):
        return
    said = spoken(prepared, interviewed.everyone(prepared))
    for body, members in interviewed.bodies(prepared):
        theirs = said[said["source_id"].isin(members.index)]
        measures = ("code", "theme", "detail") if body == ALL else ("code", "theme")
        yield from _of(theirs, members, EVER, body, measures)
        for time, asked in interviewed.times(prepared, members).items():
            rows = theirs[theirs["wave"].map(slug) == time]
            yield from _of(rows, asked, time, body, ("code", "theme"))
    for group, of_group in interviewed.groups(prepared):
        rows = said[said["source_id"].isin(of_group.index)]
        yield from _of(rows, of_group, EVER, group, ("code", "theme"))


def has_interviews(prepared: Prepared) -> bool:
    """Whether there are passages, people who said them, and a codebook to count them by."""
    tables = {"segments", "interviewees"} <= set(prepared.strands)
    return tables and "codebook" in prepared.documents


def _of(
    said: pd.DataFrame, members: pd.DataFrame, wave: str, group: str, measures: tuple[str, ...]
) -> Iterator[Result]:
    for measure in measures:
        heard = said[said[measure] != ""]
        for name, rows in heard.groupby(measure, sort=True):
            yield from _counts(str(name), wave, group, rows, members)


def spoken(prepared: Prepared, people: pd.DataFrame) -> pd.DataFrame:
    """Who of these people is heard on what: a row for each interview, code and detail.

    ``detail`` is an id's part already, ``<code>--<detail>``, or empty; ``school`` is the person's.
    """
    segments = prepared.strands["segments"]
    segments = segments[segments["source_id"].isin(people.index)]
    detail = segments["memo"].str.extract(DETAIL, expand=False).fillna("")
    named = [f"{slug(code)}--{slug(text)}" if text else ""
             for code, text in zip(segments["code"], detail, strict=True)]  # fmt: skip
    return pd.DataFrame(
        {
            "source_id": segments["source_id"],
            "wave": segments.get("wave", ""),
            "interview": interviewed.interviews(segments),
            "code": segments["code"],
            "detail": named,
            "school": segments["source_id"].map(people["school"]),
            "theme": segments["code"].map(theme_of(prepared.documents["codebook"])),
        }
    ).drop_duplicates(ignore_index=True)


#: What a codebook may say of a code, and what stands where it does not.
OF_CODE: dict[str, Any] = {"kind": "", "level": (), "sources": None, "framework": ""}


def codes_of(codebook: dict[str, Any]) -> pd.DataFrame:
    """The codebook as a frame: ``id``, ``label``, ``theme``, ``theme_label`` and the rest.

    ``kind`` (``enabling``, ``constraining``, ``change``, ``impact``, ``aim`` or another word),
    ``level`` (whom it concerns), ``framework`` (an area of the study's framework) and
    ``sources`` (where it can be heard; missing: anywhere) are there of every code, and empty
    where the codebook does not say them.
    """
    rows = [
        {**OF_CODE, **code, "theme": theme["id"], "theme_label": theme["label"]}
        for theme in codebook["themes"]
        for code in theme["codes"]
    ]
    return pd.DataFrame(rows, columns=None if rows else CODE_COLUMNS)


CODE_COLUMNS = ["id", "label", *OF_CODE, "theme", "theme_label"]


def theme_of(codebook: dict[str, Any]) -> dict[str, str]:
    """Theme id of every code id."""
    return {
        str(code["id"]): str(theme["id"]) for theme in codebook["themes"] for code in theme["codes"]
    }


def _counts(
    name: str, wave: str, group: str, rows: pd.DataFrame, members: pd.DataFrame
) -> Iterator[Result]:
    bases = {"people": len(members)}
    counts = {"people": rows["source_id"].nunique()}
    schools = interviewed.places(members)
    if schools:
        in_schools = rows[rows["school"] != ""]
        bases["schools"] = schools
        counts["schools"] = in_schools["school"].nunique()
        if (wave, group) == (EVER, ALL) and "--" not in name and len(in_schools):
            counts["fewest"] = in_schools.groupby("school")["source_id"].nunique().min()
    # A detail's id holds two hyphens, which a slug would lose.
    measure = name if "--" in name else slug(name)
    for statistic, count in counts.items():
        base = bases.get(statistic, math.nan)
        yield Result(
            unit=COHORT,
            source="interviews",
            instrument="themes",
            analysis="count",
            measure=measure,
            wave=wave,
            group=group,
            statistic=statistic,
            value=float(count),
            n=float(len(members)),
            n_schools=float(schools) if schools else math.nan,
            numerator=float(count) if statistic in bases else math.nan,
            denominator=float(base),
            method=METHODS[statistic],
        )
