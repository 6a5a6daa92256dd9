"""Prepared data as files: surveys as Parquet by school, the rest as one table each."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import parquet

#: Writing leaves Python's lock to others: more threads than this wait for the disk.
WRITERS = 4
FOLDERS = ("surveys", "strands", "quality")


def write(
    surveys: Mapping[str, pd.DataFrame],
    strands: Mapping[str, pd.DataFrame],
    quality: Mapping[str, pd.DataFrame],
    folder: Path,
) -> None:
    """Write all tables below ``folder``, in place of those that were there."""
    remove(folder)
    for name, frame in surveys.items():
        _by_school(frame, folder / "surveys" / name)
    for name, frame in strands.items():
        path = folder / "strands" / f"{name}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        frame.to_parquet(path, index=False)
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
    path = folder / "surveys" / survey
    filters = [("school", "==", school)] if school else None
    return pd.read_parquet(path, columns=columns, filters=filters)


def _by_school(frame: pd.DataFrame, folder: Path) -> None:
    """Write a frame that is sorted by school: one file for each."""
    table = pa.Table.from_pandas(frame.drop(columns="school"), preserve_index=False)
    schools = frame["school"].to_numpy(dtype=object)
    starts = np.flatnonzero(np.append(True, schools[1:] != schools[:-1])[: len(schools)])
    ends = np.append(starts[1:], len(schools))

    def one(place: int) -> None:
        path = folder / f"school={schools[starts[place]]}" / "part.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        length = int(ends[place] - starts[place])
        parquet.write_table(table.slice(int(starts[place]), length), path)

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(one, range(len(starts))))
