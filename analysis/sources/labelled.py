"""Files of statistics programmes: SPSS (.sav, .por) and Stata (.dta).

Numbers with value labels, and values declared as missing. They have no heading rows: variables
have names and labels.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pyreadstat

from analysis.errors import AnalystError
from analysis.sources.container import SPSS_PORTABLE
from analysis.sources.grid import Grid, tidy
from analysis.sources.wording import MISSING_KINDS, normalised

#: Stata's own missing values beside the plain one.
STATA_MISSING = frozenset("abcdefghijklmnopqrstuvwxyz")


def read_spss(path: Path) -> Grid:
    """Read a .sav or .por file: codes as text, with their labels.

    A value that the file declares as missing (single values or a range) comes as an empty
    cell, unless its label says which kind of missing it is ("Prefer not to say"): then it
    comes as that label.

    Raises
    ------
    AnalystError
        If the file cannot be read.
    """
    with path.open("rb") as file:
        portable = SPSS_PORTABLE in file.read(400)
    notes: tuple[str, ...] = ()
    if portable:
        frame, meta, encoding = _content(path, lambda _: pyreadstat.read_por(path), "an SPSS file")
        about = "SPSS portable file (.por)"
        notes = (
            "which values are missing is not read from a .por file: codes such as 99 stand as "
            "they are, to be named under 'missing' in the mapping",
        )
    else:
        frame, meta, encoding = _content(
            path,
            lambda name: pyreadstat.read_sav(path, user_missing=True, encoding=name),
            "an SPSS file",
        )
        about = f"SPSS file (.sav), {encoding}"

    def missing(name: str) -> Callable[[object], bool]:
        ranges: Sequence[Mapping[str, Any]] = meta.missing_ranges.get(name, ())
        return lambda value: any(_within(value, each["lo"], each["hi"]) for each in ranges)

    return _grid(path, frame, meta, "sav", about, notes, missing)


def read_stata(path: Path) -> Grid:
    """Read a .dta file of any version: codes as text, with their labels.

    A missing value with a letter (.a to .z) comes as its label if that says which kind of
    missing it is, else as an empty cell.

    Raises
    ------
    AnalystError
        If the file cannot be read.
    """
    frame, meta, encoding = _content(
        path,
        lambda name: pyreadstat.read_dta(path, user_missing=True, encoding=name),
        "a Stata file",
    )

    def missing(name: str) -> Callable[[object], bool]:
        declared = set(meta.missing_user_values.get(name, ()))
        return lambda value: isinstance(value, str) and value in declared & STATA_MISSING

    return _grid(path, frame, meta, "dta", f"Stata file (.dta), {encoding}", (), missing)


def _grid(
    path: Path,
    frame: pd.DataFrame,
    meta: Any,
    container: Any,
    about: str,
    notes: tuple[str, ...],
    missing: Callable[[str], Callable[[object], bool]],
) -> Grid:
    names = [str(name) for name in frame.columns]
    value_labels = {
        str(name): {_text(code): tidy(str(label)) for code, label in labels.items()}
        for name, labels in meta.variable_value_labels.items()
    }
    columns = {
        place: _column(frame[name], missing(name), value_labels.get(name, {}))
        for place, name in enumerate(names)
    }
    # There are no heading rows: case 1 is row 1, as the programmes' data views show it.
    cells = pd.DataFrame(columns)
    cells.index = pd.RangeIndex(1, len(frame) + 1, name="row")
    return Grid(
        path=path,
        sheet="",
        container=container,
        cells=cells,
        variables=tuple(names),
        labels=tuple(tidy(meta.column_names_to_labels.get(name) or "") for name in names),
        value_labels=value_labels,
        about=about,
        notes=notes,
    )


def _content(
    path: Path, read: Callable[[str | None], tuple[pd.DataFrame, Any]], what: str
) -> tuple[pd.DataFrame, Any, str]:
    problem: Exception | None = None
    for encoding in (None, "WINDOWS-1252"):
        try:
            frame, meta = read(encoding)
        except Exception as error:  # pyreadstat raises its own, Unicode and arithmetic errors
            problem = problem or error
            continue
        return frame, meta, encoding or str(meta.file_encoding or "UTF-8")
    raise AnalystError(
        f"{path.name} is not {what} that can be read ({type(problem).__name__}).",
        where=str(path),
        fix="Save it again from the programme it comes from, or from the survey tool.",
    )


def _column(
    values: pd.Series, missing: Callable[[object], bool], labels: Mapping[str, str]
) -> pd.Series:
    places, distinct = pd.factorize(values, use_na_sentinel=True)
    texts = [_cell(value, missing, labels) for value in distinct]
    # Missing values have place -1: the last, which is empty.
    return pd.Series(pd.array([*texts, ""], dtype="str")[places])


def _cell(value: object, missing: Callable[[object], bool], labels: Mapping[str, str]) -> str:
    text = _text(value)
    if not missing(value):
        return text
    label = labels.get(text, "")
    return label if normalised(label) in MISSING_KINDS else ""


def _within(value: object, low: Any, high: Any) -> bool:
    if isinstance(value, str) != isinstance(low, str):
        return False
    try:
        return bool(low <= value <= high)
    except TypeError:
        return False


def _text(value: object) -> str:
    if value is None or value is pd.NaT or (isinstance(value, float) and value != value):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    return str(value)
