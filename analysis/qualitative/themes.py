"""Who said what? People and schools per code and theme, never mentions."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

import pandas as pd

from analysis.prepare import Prepared
from analysis.results import COHORT, Result
from analysis.statistics.samples import ALL
from analysis.words import slug

WAVE = "during"
METHODS = {
    "people": "number of people with at least one passage",
    "schools": "number of schools with at least one person with a passage",
    "fewest": "lowest number of people with a passage in any of these schools",
}
#: In a passage's memo, what sort of the code's matter it is: ``synthetic; detail: process``.
DETAIL = re.compile(r"(?:^|;)\s*detail:\s*([^;]+)")


def themes(prepared: Prepared) -> Iterator[Result]:
    """Numbers of interviewees and of their schools per code, detail of a code, and theme.

    Over all interviewees, and by role; not by school, since role and school together would
    name a person. A code counts once for a person however often they said it, whichever coder
    saw it first. ``n`` is the number of people interviewed (of that role); for schools the
    denominator is the number of schools interviewed in. ``fewest`` is the lowest number of
    people who spoke of it in any of those schools, over all roles only. A detail is counted as
    ``<code>--<detail>``, over all only.
    """
    if "segments" not in prepared.strands or "interviewees" not in prepared.strands:
        return
    people = prepared.strands["interviewees"].set_index("source_id")
    said = spoken(prepared)
    groups = [(ALL, said, people)]
    groups += [
        (str(role), said[said["role"] == role], members)
        for role, members in people.groupby("role", sort=True)
    ]
    for group, of_group, members in groups:
        measures = ("code", "theme", "detail") if group == ALL else ("code", "theme")
        for measure in measures:
            heard = of_group[of_group[measure] != ""]
            for name, rows in heard.groupby(measure, sort=True):
                yield from _counts(str(name), group, rows, members)


def spoken(prepared: Prepared) -> pd.DataFrame:
    """Who is heard on what: one row for each person, code and detail, with role and school.

    ``detail`` is an id's part already, ``<code>--<detail>``, or empty.
    """
    people = prepared.strands["interviewees"].set_index("source_id")
    segments = prepared.strands["segments"][["source_id", "code", "memo"]]
    detail = segments["memo"].str.extract(DETAIL, expand=False).fillna("")
    named = [f"{slug(code)}--{slug(text)}" if text else ""
             for code, text in zip(segments["code"], detail, strict=True)]  # fmt: skip
    return (
        segments.assign(
            detail=named,
            school=segments["source_id"].map(people["school"]),
            role=segments["source_id"].map(people["role"]),
            theme=segments["code"].map(theme_of(prepared.documents["codebook"])),
        )
        .drop(columns="memo")
        .drop_duplicates(ignore_index=True)
    )


def codes_of(codebook: dict) -> pd.DataFrame:
    """The codebook as a frame: ``id``, ``label``, ``theme``, ``theme_label`` and the rest."""
    rows = [
        {**code, "theme": theme["id"], "theme_label": theme["label"]}
        for theme in codebook["themes"]
        for code in theme["codes"]
    ]
    return pd.DataFrame(rows)


def theme_of(codebook: dict) -> dict[str, str]:
    """Theme id of every code id."""
    return {
        str(code["id"]): str(theme["id"]) for theme in codebook["themes"] for code in theme["codes"]
    }


def _counts(name: str, group: str, rows: pd.DataFrame, members: pd.DataFrame) -> Iterator[Result]:
    bases = {"people": len(members), "schools": members["school"].nunique()}
    counts = {"people": rows["source_id"].nunique(), "schools": rows["school"].nunique()}
    if group == ALL and "--" not in name:
        counts["fewest"] = rows.groupby("school")["source_id"].nunique().min()
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
            wave=WAVE,
            group=group,
            statistic=statistic,
            value=float(count),
            n=float(len(members)),
            n_schools=float(members["school"].nunique()),
            numerator=float(count) if statistic in bases else math.nan,
            denominator=float(base),
            method=METHODS[statistic],
        )
