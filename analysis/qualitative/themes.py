"""Who said what? People and schools per code and theme, never mentions."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from analysis.prepare import Prepared
from analysis.results import COHORT, Result, slug
from analysis.statistics.samples import ALL

WAVE = "during"


def themes(prepared: Prepared) -> Iterator[Result]:
    """Numbers of interviewees and of their schools per code and per theme.

    Over all interviewees, and by role; not by school, since role and school together would
    name a person. A code counts once for a person however often they said it, whichever coder
    saw it first. ``n`` is the number of people interviewed (of that role); for schools the
    denominator is the number of schools interviewed in.
    """
    if "segments" not in prepared.strands or "interviewees" not in prepared.strands:
        return
    people = prepared.strands["interviewees"].set_index("source_id")
    segments = prepared.strands["segments"][["source_id", "code"]].drop_duplicates()
    segments = segments.assign(
        school=segments["source_id"].map(people["school"]),
        role=segments["source_id"].map(people["role"]),
        theme=segments["code"].map(theme_of(prepared.documents["codebook"])),
    )
    groups = [(ALL, segments, people)]
    groups += [
        (str(role), segments[segments["role"] == role], members)
        for role, members in people.groupby("role", sort=True)
    ]
    for group, said, members in groups:
        for measure in ("code", "theme"):
            counts = said.groupby(measure, sort=True).agg(
                people=("source_id", "nunique"), schools=("school", "nunique")
            )
            for name, row in counts.iterrows():
                yield from _counts(str(name), group, row, members)


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


def _counts(name: str, group: str, row: pd.Series, members: pd.DataFrame) -> Iterator[Result]:
    bases = {"people": len(members), "schools": members["school"].nunique()}
    for statistic, base in bases.items():
        yield Result(
            unit=COHORT,
            source="interviews",
            instrument="themes",
            analysis="count",
            measure=slug(name),
            wave=WAVE,
            group=group,
            statistic=statistic,
            value=float(row[statistic]),
            n=float(len(members)),
            n_schools=float(members["school"].nunique()),
            numerator=float(row[statistic]),
            denominator=float(base),
            method=f"number of {statistic} with at least one segment",
        )
