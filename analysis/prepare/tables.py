"""Prepared data as files: a Parquet table each; surveys sorted by school.

A survey's table is cut into groups of rows, each with its first and last school noted, so that one
school is read without the others. (A file for each school took five times as long to write.)
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from analysis.places import inside

#: Rows in a group, at most.
GROUP = 10_000
#: Columns whose values hardly repeat: a dictionary of them is as long as they are.
SINGLE = ("respondent", "row")
#: Columns by which rows are asked for.
ASKED_BY = ("school",)
FOLDERS = ("surveys", "strands", "quality")


def write(kind: str, frames: Mapping[str, pd.DataFrame], folder: Path) -> None:
    """Write tables of one kind (of :data:`FOLDERS`) below ``folder``."""
    place = inside(folder, kind)
    place.mkdir(parents=True, exist_ok=True)
    for name, frame in frames.items():
        if kind == "quality":
            frame.to_csv(inside(place, f"{name}.csv"), index=False, lineterminator="\n")
        else:
            frame.to_parquet(
                inside(place, f"{name}.parquet"),
                index=False,
                row_group_size=GROUP,
                use_dictionary=[column for column in frame if column not in SINGLE],
                write_statistics=[column for column in frame if column in ASKED_BY],
            )


def remove(folder: Path) -> None:
    """Remove the tables that were written below ``folder``."""
    for name in FOLDERS:
        shutil.rmtree(inside(folder, name), ignore_errors=True)


def read(
    folder: Path, survey: str, school: str = "", columns: list[str] | None = None
) -> pd.DataFrame:
    """One survey's table: of one school, or of all; only the columns named."""
    path = inside(folder, "surveys", f"{survey}.parquet")
    filters = [("school", "==", school)] if school else None
    return pd.read_parquet(path, columns=columns, filters=filters)
