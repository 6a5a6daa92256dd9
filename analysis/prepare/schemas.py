"""What prepared tables must look like when they cross into statistics and files.

The schemas follow from the study: an item's column may hold its scale points and nothing else,
a score's its range, a wave, school or phase those of the study. What fails here is a defect
of the package or of a definition, not of the data: those were refused or set aside before.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping as MappingOf
from typing import Protocol

import numpy as np
import pandas as pd
import pandera.pandas as pa
from pandera.backends.pandas.register import register_pandas_backends

from analysis import strands as registry
from analysis.errors import AnalystError
from analysis.instruments import Instrument
from analysis.prepare import strands
from analysis.prepare.answers import KINDS
from analysis.prepare.linking import COMPARED, WRITTEN
from analysis.prepare.quality import FLAG_COLUMNS, LINK_COLUMNS, LINKING_COLUMNS, REASONS
from analysis.strands import Table, named
from analysis.study import SCHOOLS, Study

# What pandera loads when it is first used would load, where it is installed, the library that
# makes up test data: twenty times as long as the rest.
missing = "hypothesis" not in sys.modules
if missing:
    sys.modules["hypothesis"] = None  # type: ignore[assignment]
register_pandas_backends("pandas.DataFrame")
if missing:
    del sys.modules["hypothesis"]


class Described(Protocol):
    """What tables follow from."""

    @property
    def study(self) -> Study:
        """The study."""

    @property
    def instruments(self) -> MappingOf[str, Instrument]:
        """Its instruments, by id."""

    @property
    def schools(self) -> pd.DataFrame:
        """Its schools."""


def check(kind: str, frames: MappingOf[str, pd.DataFrame], by: Described) -> None:
    """Check prepared tables of one kind: surveys, strands or quality.

    Raises
    ------
    AnalystError
        Naming the table, the column and the check that failed; never a value.
    """
    for name, frame in frames.items():
        schema = _schema(kind, name, by)
        if schema is not None:
            _validated(schema, frame, f"{kind}/{name}")


def _schema(kind: str, name: str, by: Described) -> pa.DataFrameSchema | None:
    if kind == "surveys":
        return survey_schema(by, name)
    if kind == "quality":
        return quality_schemas().get(name)
    # Coded passages come from tools of many kinds, and have a form of their own.
    known = name in registry.BY_TABLE and name != strands.SEGMENTS
    return strand_schema(registry.table(name)) if known else None


def survey_schema(by: Described, name: str) -> pa.DataFrameSchema:
    """The schema of a survey's table: one row per respondent and wave."""
    (survey,) = (one for one in by.study.surveys if one.id == name)
    instruments = [by.instruments[instrument] for instrument in survey.instruments]
    columns = {
        "wave": pa.Column(str, pa.Check.isin(by.study.wave_ids)),
        "row": pa.Column("int64", pa.Check.ge(1)),
        "school": pa.Column(str, pa.Check.isin(list(by.schools["id"]))),
        **{group.column: pa.Column(str) for group in by.study.groups_of(SCHOOLS)},
        "respondent": pa.Column(str, pa.Check.str_matches(r"^[0-9a-f]{16}$")),
        "source.file": pa.Column(str),
        WRITTEN: pa.Column("int16", pa.Check.ge(0)),
        COMPARED: pa.Column("int16", pa.Check.ge(0)),
        "flag.speeder": pa.Column(bool),
        "flag.straight_liner": pa.Column(bool),
        "flag.unfinished": pa.Column(bool),
        "flag.early": pa.Column(bool),
        "flag.late": pa.Column(bool),
    }
    # Many columns of one kind are looked at together: pandera takes its time over each.
    sets: dict[tuple[float, ...], list[str]] = {}
    for instrument in instruments:
        for item in instrument.items:
            points = tuple(sorted(instrument.responses(item).labels))
            sets.setdefault(points, []).append(item.code)
        for score in instrument.scores:
            low, high = instrument.score_range(score)
            columns[f"{instrument.id}.{score}"] = pa.Column(
                float, pa.Check.in_range(low, high), nullable=True
            )
    checks = [
        pa.Check(
            _on_scale, codes=codes, points=points, name=f"{codes[0]} to {codes[-1]} in {points}"
        )
        for points, codes in sets.items()
    ]
    return pa.DataFrameSchema(columns, checks=checks, unique=["respondent", "wave"])


def _on_scale(frame: pd.DataFrame, *, codes: list[str], points: tuple[float, ...]) -> bool:
    """Whether all these items are there, and all answers points of the scale, or missing."""
    if not set(codes) <= set(frame.columns) or (frame[codes].dtypes != "float64").any():
        return False
    # One column after the other: a matrix of them all would have to be copied together first.
    columns = (frame[code].to_numpy() for code in codes)
    return all(bool((np.isin(each, points) | np.isnan(each)).all()) for each in columns)


def strand_schema(table: Table) -> pa.DataFrameSchema:
    """The schema of a table beside the surveys: counts are whole, words are of their list."""
    columns = {}
    for column in (*table.columns, *table.optional):
        allowed = table.allowed.get(column)
        if allowed and column in table.optional:
            allowed = (*allowed, "")
        if named([column], (*table.numbers, *table.decimals)):
            columns[column] = pa.Column(float, pa.Check.ge(0), nullable=True)
        else:
            columns[column] = pa.Column(str, pa.Check.isin(allowed) if allowed else None)
    return pa.DataFrameSchema(columns, unique=list(table.unique) or None)


def quality_schemas() -> dict[str, pa.DataFrameSchema]:
    """The schemas of what was counted; ``files`` must add up in every row."""
    count = pa.Column("int64", pa.Check.ge(0))
    adds_up = pa.Check(
        lambda frame: frame["read"] == frame["used"] + frame[list(REASONS)].sum(axis=1),
        name="rows read = rows used + rows set aside",
    )
    return {
        "files": pa.DataFrameSchema(
            {"file": pa.Column(str), "read": count, "used": count, **dict.fromkeys(REASONS, count)},
            checks=adds_up,
        ),
        "aside": pa.DataFrameSchema(
            # Nothing else may stand here: no answer of somebody who did not consent.
            {
                "file": pa.Column(str),
                "sheet": pa.Column(str),
                "row": pa.Column("int64"),
                "reason": pa.Column(str, pa.Check.isin(list(REASONS))),
            },
            strict=True,
            coerce=True,
        ),
        "missing": pa.DataFrameSchema(
            {"kind": pa.Column(str, pa.Check.isin(KINDS)), "answers": count}
        ),
        "flags": pa.DataFrameSchema({name: pa.Column() for name in FLAG_COLUMNS}, strict=True),
        "linking": pa.DataFrameSchema({name: pa.Column() for name in LINKING_COLUMNS}, strict=True),
        "links": pa.DataFrameSchema({name: pa.Column() for name in LINK_COLUMNS}, strict=True),
    }


def _validated(schema: pa.DataFrameSchema, frame: pd.DataFrame, name: str) -> None:
    try:
        schema.validate(frame, lazy=False, inplace=True)  # otherwise it copies the table first
    except pa.errors.SchemaError as error:
        raise AnalystError(
            f"The table {name} does not fit its schema: {error.check}, column "
            f"{getattr(error.schema, 'name', None) or '(table)'}.",
            where=name,
            fix="Check the ranges in the instrument file; otherwise this is a defect of the "
            "package: please report it.",
        ) from None
