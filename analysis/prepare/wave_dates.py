"""When each wave took place in each school."""

from __future__ import annotations

import pandas as pd

from analysis.errors import AnalystError
from analysis.prepare.dates import days
from analysis.prepare.rows import named
from analysis.sources import tables
from analysis.study import Study

COLUMNS = ("school", "wave", "start", "end")


def of_study(study: Study, schools: pd.DataFrame) -> pd.DataFrame:
    """Start and end of every wave in every school, as the study file has them."""
    index = pd.MultiIndex.from_product([schools["id"], study.wave_ids], names=["school", "wave"])
    return pd.DataFrame(
        {
            name: pd.Series(
                [getattr(wave, name) for wave in study.waves] * len(schools),
                index=index,
                dtype="datetime64[s]",
            )
            for name in ("start", "end")
        }
    )


def read(study: Study, schools: pd.DataFrame) -> pd.DataFrame:
    """Start and end of every wave in every school.

    Returns
    -------
    pandas.DataFrame
        Indexed by school and wave; columns ``start`` and ``end`` (timestamps). A school that
        ``wave_dates`` does not name has the wave's dates of the study file; a school may lack
        a wave's file and dates altogether, or join late.

    Raises
    ------
    AnalystError
        If a school or wave is not one of the study's, or an end comes before its start.
    """
    dates = of_study(study, schools)
    if not study.wave_dates:
        return dates
    path = study.path(study.wave_dates)
    frame = tables.read(path, COLUMNS, key=("school", "wave"))
    for column, known, book in (
        ("school", set(schools["id"]), "schools.csv"),
        ("wave", set(study.wave_ids), "the waves of study.yaml"),
    ):
        bad = frame[~frame[column].isin(known)]
        if len(bad):
            raise AnalystError(
                f"'{bad[column].iloc[0]}' is not in {book}.",
                where=f"{path}, column {column}, {named(bad.index)}",
                fix="Correct it, or add it there.",
            )
    for column in ("start", "end"):
        frame[column] = days(frame[column], str(path))
    bad = frame[frame["start"].isna() | (frame["end"] < frame["start"])]
    if len(bad):
        raise AnalystError(
            "A wave has no start, or ends before it starts.",
            where=f"{path}, {named(bad.index)}",
            fix="Correct the dates.",
        )
    own = frame.set_index(["school", "wave"])[["start", "end"]]
    dates.update(own)
    turned = dates.index[dates["end"] < dates["start"]]
    if len(turned):
        school, wave = turned[0]
        raise AnalystError(
            f"Wave {wave} of school {school} would end, as study.yaml says, before it starts here.",
            where=str(path),
            fix="Give the end, too.",
        )
    return dates.astype("datetime64[s]")
