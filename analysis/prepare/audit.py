"""The whole-school audit and the Pyramid of Need: what schools say of themselves, in counts."""

from __future__ import annotations

import pandas as pd

from analysis.errors import AnalystError
from analysis.prepare.quality import Quality
from analysis.prepare.rows import named
from analysis.sources import tables
from analysis.study import Study

RATINGS = ("doing_well", "could_improve", "needs_improving")
REVIEWS = ("baseline", "reaudit")
#: Strand -> columns that must be there, columns that name a row, and what values are allowed.
COLUMNS: dict[str, tuple[str, ...]] = {
    "whole_school_audit": ("school", "area", "review", "rating"),
    "needs": ("school", "need", "level", "count"),
}
KEYS: dict[str, tuple[str, ...]] = {
    "whole_school_audit": ("school", "area", "review"),
    "needs": ("school", "need", "level"),
}
ALLOWED: dict[str, tuple[str, ...]] = {"rating": RATINGS, "review": REVIEWS}


def read(study: Study, schools: pd.DataFrame, quality: Quality) -> dict[str, pd.DataFrame]:
    """The two strands, where the study names them.

    Returns
    -------
    dict
        ``whole_school_audit``: ``school``, framework ``area``, ``review`` (baseline, reaudit),
        ``rating`` (doing_well, could_improve, needs_improving). ``needs``: ``school``, ``need``,
        ``level`` of the pyramid, ``count`` of people with that need, never people themselves.

    Raises
    ------
    AnalystError
        If a school, rating or review is not known, a count is none, or the needs table has a
        column that says who somebody is.
    """
    found: dict[str, pd.DataFrame] = {}
    for name, columns in COLUMNS.items():
        file = getattr(study.tables, name)
        if not file:
            continue
        path = study.path(file)
        frame = tables.read(path, columns, key=KEYS[name])
        if name == "needs":
            _refuse_people(frame, str(path))
            frame["count"] = tables.whole_numbers(frame, "count", path)
        for column, allowed in (("school", tuple(schools["id"])), *ALLOWED.items()):
            if column in columns:
                _refuse_unknown(frame, column, allowed, str(path))
        quality.account(
            file=path.name,
            sheet="",
            source=name,
            wave="",
            read=len(frame),
            reasons=pd.Series("", index=frame.index, dtype="str"),
        )
        found[name] = frame[list(columns)].reset_index()
    return found


def _refuse_people(frame: pd.DataFrame, where: str) -> None:
    more = [c for c in frame.columns if c not in (*COLUMNS["needs"], "memo")]
    if more:
        raise AnalystError(
            f"The table of needs has the column{'s' if len(more) > 1 else ''} {', '.join(more)}; "
            "it takes counts only.",
            where=f"{where}, row 1",
            fix="Leave names, dates and notes about pupils in the school's own records.",
        )


def _refuse_unknown(frame: pd.DataFrame, column: str, allowed: tuple[str, ...], where: str) -> None:
    bad = frame[~frame[column].isin(allowed)]
    if len(bad):
        listed = "schools.csv" if column == "school" else ", ".join(allowed)
        raise AnalystError(
            f"'{bad[column].iloc[0]}' is not a {column}; allowed are those of {listed}.",
            where=f"{where}, column {column}, {named(bad.index)}",
            fix="Correct the value.",
        )
