"""Raw exports into prepared data: every row used, or set aside with a reason and counted."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from analysis import instruments
from analysis.instruments import Instrument
from analysis.prepare import guard, outcomes, schools, strands, survey, wave_dates, withdrawn
from analysis.prepare.quality import REASONS, Quality
from analysis.prepare.respondents import read_or_make_key
from analysis.study import Study

__all__ = ["REASONS", "Prepared", "Quality", "load", "prepare", "write"]


@dataclass(frozen=True)
class Prepared:
    """Everything that statistics are computed from.

    ``surveys`` maps a survey's id to its frame (see :func:`analysis.prepare.survey.prepare`);
    ``strands`` maps the name of every other source to its frame; ``quality`` holds the frames
    ``files``, ``aside``, ``missing``, ``flags``, ``links`` and ``findings`` (see
    :class:`analysis.prepare.quality.Quality`). ``units`` are the units that results are wanted
    of; if nothing is given, all.
    """

    study: Study
    instruments: dict[str, Instrument]
    schools: pd.DataFrame
    surveys: dict[str, pd.DataFrame]
    strands: dict[str, pd.DataFrame]
    quality: dict[str, pd.DataFrame]
    documents: dict[str, Any] = field(default_factory=dict)
    units: frozenset[str] | None = None

    def wants(self, unit: str) -> bool:
        """Whether results of a unit are wanted."""
        return self.units is None or unit in self.units


def prepare(
    study: Study, key_folder: Path, *, withdrawn_now: frozenset[str] | None = None
) -> Prepared:
    """Read, check, link and score everything the study file names.

    Parameters
    ----------
    study
        The study.
    key_folder
        Where the key of the respondents' hash is kept (made at first use).
    withdrawn_now
        Withdrawals to go by in place of the list kept in ``key_folder``.

    Raises
    ------
    AnalystError
        At the first thing that is wrong, with file, row and column.
    """
    guard.refuse_unlisted_tracked_files(study)
    table = schools.read(study)
    loaded = load_instruments(study)
    key = read_or_make_key(key_folder)
    context = survey.Context(
        study=study,
        instruments=loaded,
        schools=table,
        known_schools=schools.resolver(table),
        wave_dates=wave_dates.read(study, table),
        key=key,
        withdrawals=withdrawn.Withdrawals(
            withdrawn.read(key_folder) if withdrawn_now is None else withdrawn_now, key
        ),
    )
    quality = Quality()
    frames = {item.id: survey.prepare(context, item, quality) for item in study.surveys}
    others, documents = strands.read(study, table, quality, context.withdrawals)
    if "outcomes" in others:
        others["outcomes"], others["outcome_breaks"] = outcomes.defined(
            others["outcomes"],
            documents.get("outcome_measures"),
            str(study.path(str(study.tables.outcomes))),
        )
    return Prepared(
        study=study,
        instruments=loaded,
        schools=table,
        surveys=frames,
        strands=others,
        quality=quality.frames(),
        documents=documents,
    )


def load_instruments(study: Study) -> dict[str, Instrument]:
    """Every instrument that a survey names, from ``instruments/<id>.yaml``."""
    names = [name for item in study.surveys for name in item.instruments]
    return {name: instruments.load(study.path(f"instruments/{name}.yaml")) for name in names}


def write(prepared: Prepared, folder: Path) -> None:
    """Check prepared data against their schemas and write them below ``folder``.

    Surveys go to ``surveys/<id>.parquet``, sorted by school, other sources to
    ``strands/<name>.parquet``, what was counted to ``quality/<name>.csv``. Whatever these
    folders held before is removed first: somebody who has withdrawn stays in none of them.

    Raises
    ------
    AnalystError
        If a table does not fit its schema.
    """
    from analysis.prepare import schemas, tables  # pandera takes a second to import

    schemas.check(prepared)
    tables.write(prepared.surveys, prepared.strands, prepared.quality, folder)
