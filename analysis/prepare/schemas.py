"""What prepared tables must look like when they cross into statistics and files.

The schemas follow from the study: an item's column may hold its scale points and nothing else,
a score's its range, a wave, school or phase those of the study. What fails here is a defect
of the package or of a definition, not of the data: those were refused or set aside before.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pandera.pandas as pa

from analysis.errors import AnalystError
from analysis.instruments import Instrument
from analysis.prepare import Prepared, strands
from analysis.prepare.answers import KINDS
from analysis.prepare.linking import LINKS
from analysis.prepare.quality import FLAG_COLUMNS, LINK_COLUMNS, REASONS
from analysis.study import Study, Survey


def check(prepared: Prepared) -> None:
    """Check every table of prepared data.

    Raises
    ------
    AnalystError
        Naming the table, the column and the check that failed; never a value.
    """
    for survey in prepared.study.surveys:
        found = [prepared.instruments[name] for name in survey.instruments]
        schema = survey_schema(prepared.study, survey, found, list(prepared.schools["id"]))
        _validated(schema, prepared.surveys[survey.id], f"surveys/{survey.id}")
    for name in strands.COLUMNS:
        if name in prepared.strands:
            _validated(strand_schema(name), prepared.strands[name], f"strands/{name}")
    for name, schema in quality_schemas().items():
        if name in prepared.quality:
            _validated(schema, prepared.quality[name], f"quality/{name}")


def survey_schema(
    study: Study, survey: Survey, instruments: list[Instrument], schools: list[str]
) -> pa.DataFrameSchema:
    """The schema of a survey's table: one row per respondent and wave."""
    columns = {
        "wave": pa.Column(str, pa.Check.isin(study.wave_ids)),
        "row": pa.Column("int64", pa.Check.ge(1)),
        "school": pa.Column(str, pa.Check.isin(schools)),
        "phase": pa.Column(str),
        "reporting_phase": pa.Column(str),
        "respondent": pa.Column(str, pa.Check.str_matches(r"^[0-9a-f]{16}$")),
        "source.file": pa.Column(str),
        "flag.link": pa.Column(str, pa.Check.isin(LINKS)),
        "flag.speeder": pa.Column(bool),
        "flag.straight_liner": pa.Column(bool),
        "flag.unfinished": pa.Column(bool),
        "flag.early": pa.Column(bool),
    }
    # Many columns of one kind are looked at together: pandera takes its time over each.
    sets: dict[tuple[float, ...], list[str]] = {}
    for instrument in instruments:
        for item in instrument.items:
            points = tuple(sorted(instrument.responses(item).labels))
            columns[item.code] = pa.Column(float, nullable=True)
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


def _on_scale(frame: pd.DataFrame, *, codes: list[str], points: tuple[float, ...]) -> pd.Series:
    """Whether all of a row's answers are points of the scale, or missing."""
    answers = frame[codes].to_numpy()
    fits = np.isin(answers, points) | np.isnan(answers)
    return pd.Series(fits.all(axis=1), index=frame.index)


def strand_schema(name: str) -> pa.DataFrameSchema:
    """The schema of a table beside the surveys: counts are whole, words are of their list."""
    columns = {}
    for column in strands.COLUMNS[name]:
        allowed = strands.ALLOWED.get((name, column))
        if strands.is_number(name, column):
            columns[column] = pa.Column(float, pa.Check.ge(0), nullable=True)
        else:
            columns[column] = pa.Column(str, pa.Check.isin(allowed) if allowed else None)
    return pa.DataFrameSchema(
        columns, unique=list(strands.KEYS[name]) if name in strands.KEYS else None
    )


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
