"""The comparison before anything is hidden, kept with the processed data and never published."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from analysis import claims as claiming
from analysis.disclosure import store
from analysis.errors import AnalystError
from analysis.reproduction.compare import Compared, compare, frame
from analysis.reproduction.published import load
from analysis.study import Study

FILE = "reproduction.csv"


def record(study: Study, decided: pd.DataFrame) -> list[Compared]:
    """Compare every published figure with the decided ledger; empty if none is published.

    Raises
    ------
    AnalystError
        As :func:`analysis.reproduction.published.load` and
        :func:`analysis.reproduction.compare.compare`.
    """
    published = load(study)
    if published is None:
        return []
    return compare(published, decided, study, claiming.load(study))


def write(study: Study, decided: pd.DataFrame) -> Path | None:
    """Write ``reproduction.csv`` below the processed folder; nothing if nothing is published.

    To be called in the release step. The file holds numbers that are withheld: it stays where
    the unreleased ledger is.
    """
    compared = record(study, decided)
    if not compared:
        return None
    path = store.processed(study) / FILE
    frame(compared).to_csv(path, index=False, lineterminator="\n")
    return path


def read(study: Study) -> list[Compared]:
    """What ``drp reproduce`` shows: the comparison with the ledger as it was last computed.

    Raises
    ------
    AnalystError
        If the study has no published figures, or has not been run.
    """
    ledger = store.processed(study) / "ledger" / "results.parquet"
    if load(study) is None:
        raise AnalystError(
            "The study has no published figures to compare with.",
            where=str(study.path("published")),
            fix="Put figures.csv, map.csv, classes.yaml and reasons.yaml there (docs/audit.md).",
        )
    if not ledger.exists():
        raise AnalystError(
            "The study has not been computed yet.", where=str(ledger), fix="Run drp run first."
        )
    return record(study, pd.read_parquet(ledger))
