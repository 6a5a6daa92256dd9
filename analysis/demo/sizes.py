"""The size tables of the demonstration study: who answered where, and what is set aside.

``sizes.csv`` has a row per school, ``roles.csv`` staff by phase and role, ``set_aside.csv`` the
rows that an export holds besides. The totals are those of the published report; their spread
over invented schools is free, and wide on purpose: some schools are large enough for change,
some only for levels, one for neither.
"""

from __future__ import annotations

from importlib.resources import files

import pandas as pd

#: Columns of ``sizes.csv`` that go into the study's schools table; the others are counts.
SCHOOL_COLUMNS = (
    "id",
    "name",
    "urn",
    "letter",
    "phase",
    "reporting_phase",
    "case_study",
    "pupils_on_roll",
    "fsm_percent",
    "staff_on_roll",
    "invited_staff_t1",
    "invited_staff_t2",
    "invited_pupils_t1",
    "invited_pupils_t2",
    "joined",
)

#: What somebody answered: both waves, or only one.
STRATA = ("matched", "t1_only", "t2_only")


def schools() -> pd.DataFrame:
    """One row per school, indexed by school id."""
    return table("sizes.csv").set_index("id", drop=False)


def roles() -> pd.DataFrame:
    """Staff by phase, stratum and role."""
    return table("roles.csv").set_index(["reporting_phase", "stratum"])


def set_aside(survey: str, wave: str) -> dict[str, int]:
    """Rows that an export holds besides the respondents, by the reason they are set aside."""
    rows = table("set_aside.csv")
    mine = rows[(rows["survey"] == survey) & (rows["wave"] == wave)]
    return dict(zip(mine["reason"].tolist(), mine["rows"].tolist(), strict=True))


def table(name: str, *, as_text: bool = False) -> pd.DataFrame:
    """A table kept beside this module; empty cells are empty text."""
    with (files("analysis.demo") / name).open(encoding="utf-8") as stream:
        return pd.read_csv(stream, keep_default_na=False, dtype="str" if as_text else None)
