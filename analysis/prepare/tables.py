"""Prepared data as files: a Parquet table each; surveys sorted by school.

A survey's table is cut into groups of rows, each with its first and last school noted, so that one
school is read without the others. (A file for each school took five times as long to write.)
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

#: Rows in a group, at most.
GROUP = 10_000
FOLDERS = ("surveys", "strands", "quality")


def write(
    surveys: Mapping[str, pd.DataFrame],
    strands: Mapping[str, pd.DataFrame],
    quality: Mapping[str, pd.DataFrame],
    folder: Path,
) -> None:
    """Write all tables below ``folder``, in place of those that were there."""
    remove(folder)
    for kind, frames in (("surveys", surveys), ("strands", strands)):
        for name, frame in frames.items():
            path = folder / kind / f"{name}.parquet"
            path.parent.mkdir(parents=True, exist_ok=True)
            frame.to_parquet(path, index=False, row_group_size=GROUP)
    for name, frame in quality.items():
        path = folder / "quality" / f"{name}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        frame.to_csv(path, index=False, lineterminator="\n")


def remove(folder: Path) -> None:
    """Remove the tables that were written below ``folder``."""
    for name in FOLDERS:
        shutil.rmtree(folder / name, ignore_errors=True)


def read(
    folder: Path, survey: str, school: str = "", columns: list[str] | None = None
) -> pd.DataFrame:
    """One survey's table: of one school, or of all; only the columns named."""
    path = folder / "surveys" / f"{survey}.parquet"
    filters = [("school", "==", school)] if school else None
    return pd.read_parquet(path, columns=columns, filters=filters)
