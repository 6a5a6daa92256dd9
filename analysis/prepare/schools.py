"""The schools of the study."""

from __future__ import annotations

from typing import get_args

import pandas as pd

from analysis.errors import AnalystError
from analysis.prepare.answers import normalised
from analysis.sources import tables
from analysis.study import Phase, ReportingPhase, Study

COLUMNS = ("id", "name", "urn", "letter", "phase", "reporting_phase")


def read(study: Study) -> pd.DataFrame:
    """The schools table, indexed by school id, in the order of the file.

    Raises
    ------
    AnalystError
        If the file or a column is missing, an id, name, URN or letter is used twice, or a
        phase is not known.
    """
    path = study.path(study.tables.schools)
    frame = tables.read(path, COLUMNS)
    for column in ("id", "name", "urn", "letter"):
        tables.refuse_repeated(frame, (column,), path)
    for column, allowed in (
        ("phase", get_args(Phase)),
        ("reporting_phase", get_args(ReportingPhase)),
    ):
        bad = frame[~frame[column].isin(allowed)]
        if len(bad):
            row = bad.index[0]
            raise AnalystError(
                f"'{frame.loc[row, column]}' is not a {column.replace('_', ' ')}; "
                f"allowed are {', '.join(allowed)}.",
                where=f"{path}, row {row}, column {column}",
                fix="Correct the phase.",
            )
    if (frame["id"] == "cohort").any():
        raise AnalystError("A school cannot have the id 'cohort'.", where=str(path))
    for survey in study.surveys:
        for wave, column in survey.invited.items():
            if column not in frame.columns:
                raise AnalystError(
                    f"schools.csv has no column '{column}', which study.yaml names as the number "
                    f"invited to the {survey.label} at {wave}.",
                    where=f"{path}, row 1",
                    fix=f"Add the column, or correct surveys.{survey.id}.invited.{wave}.",
                )
            frame[column] = tables.whole_numbers(frame, column, path)
    return frame.set_index("id", drop=False)


def resolver(schools: pd.DataFrame) -> dict[str, str]:
    """School id by every way an export may name it: id, URN or name, as compared."""
    known: dict[str, str] = {}
    for school in schools.itertuples():
        for name in (school.id, school.urn, school.name):
            known[normalised(str(name))] = str(school.id)
    return known
