"""Raw exports into prepared data: every row used, or set aside with a reason and counted."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from analysis import instruments
from analysis.instruments import Instrument
from analysis.prepare import guard, schools, strands, survey
from analysis.prepare.quality import REASONS, Quality
from analysis.prepare.respondents import read_or_make_key
from analysis.study import Study

__all__ = ["REASONS", "Prepared", "Quality", "load", "prepare", "write"]


@dataclass(frozen=True)
class Prepared:
    """Everything that statistics are computed from.

    ``surveys`` maps a survey's id to its frame (see :func:`analysis.prepare.survey.prepare`);
    ``strands`` maps the name of every other source to its frame; ``quality`` holds the frames
    ``files``, ``aside`` and ``missing``.
    """

    study: Study
    instruments: dict[str, Instrument]
    schools: pd.DataFrame
    surveys: dict[str, pd.DataFrame]
    strands: dict[str, pd.DataFrame]
    quality: dict[str, pd.DataFrame]
    documents: dict[str, Any] = field(default_factory=dict)


def prepare(study: Study, key_folder: Path) -> Prepared:
    """Read, check, link and score everything the study file names.

    Parameters
    ----------
    study
        The study.
    key_folder
        Where the key of the respondents' hash is kept (made at first use).

    Raises
    ------
    AnalystError
        At the first thing that is wrong, with file, row and column.
    """
    guard.refuse_unlisted_tracked_files(study)
    table = schools.read(study)
    known = schools.resolver(table)
    loaded = load_instruments(study)
    key = read_or_make_key(key_folder)
    quality = Quality()
    frames = {
        item.id: survey.prepare(study, item, loaded, table, known, key, quality)
        for item in study.surveys
    }
    others, documents = strands.read(study, table, quality)
    return Prepared(
        study=study,
        instruments=loaded,
        schools=table,
        surveys=frames,
        strands=others,
        quality={
            "files": pd.DataFrame(quality.files),
            "aside": pd.DataFrame(quality.aside, columns=["file", "sheet", "row", "reason"]),
            "missing": pd.DataFrame(quality.missing),
        },
        documents=documents,
    )


def load_instruments(study: Study) -> dict[str, Instrument]:
    """Every instrument that a survey names, from ``instruments/<id>.yaml``."""
    names = [name for item in study.surveys for name in item.instruments]
    return {name: instruments.load(study.path(f"instruments/{name}.yaml")) for name in names}


def write(prepared: Prepared, folder: Path) -> None:
    """Write prepared data below ``folder``: surveys as Parquet by school, the rest as tables."""
    for name, frame in prepared.surveys.items():
        for school, part in frame.groupby("school", sort=True):
            path = folder / "surveys" / name / f"school={school}" / "part.parquet"
            path.parent.mkdir(parents=True, exist_ok=True)
            part.drop(columns="school").to_parquet(path, index=False)
    for name, frame in prepared.strands.items():
        path = folder / "strands" / f"{name}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        frame.to_parquet(path, index=False)
    for name, frame in prepared.quality.items():
        path = folder / "quality" / f"{name}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        frame.to_csv(path, index=False, lineterminator="\n")
