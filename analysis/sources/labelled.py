"""Files of statistics programmes: SPSS (.sav, .por) and Stata (.dta).

Numbers with value labels, and values declared as missing. They have no heading rows: variables
have names and labels.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pyreadstat

from analysis.errors import AnalystError
from analysis.sources.container import SPSS_PORTABLE
from analysis.sources.grid import Grid, tidy
from analysis.sources.wording import MISSING_KINDS, normalised

#: SPSS counts seconds from the first day of the Gregorian calendar.
EPOCH = dt.datetime(1582, 10, 14)
#: Formats of dates, and of moments.
DATES = re.compile(r"[AEJS]?DATE\d|(?P<moment>DATETIME|YMDHMS)")
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
            lambda name: _read_sav(path, name),
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
    value_labels: dict[str, dict[str, str]] = {}
    columns = {}
    for place, name in enumerate(names):
        declared = missing(name)
        labels = meta.variable_value_labels.get(name, {})
        every = {_text(code): tidy(str(label)) for code, label in labels.items()}
        columns[place] = _column(frame[name], declared, every)
        # A value declared missing never comes as its code, so what it is called does not matter.
        value_labels[name] = {
            _text(code): every[_text(code)] for code in labels if not declared(code)
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


def _read_sav(path: Path, encoding: str | None) -> tuple[pd.DataFrame, Any]:
    try:
        return pyreadstat.read_sav(path, user_missing=True, encoding=encoding)
    except (OverflowError, ValueError):
        # One date that cannot be, in any column, and pyreadstat converts none.
        frame, meta = pyreadstat.read_sav(
            path, user_missing=True, encoding=encoding, disable_datetime_conversion=True
        )
        return _with_dates(frame, meta.original_variable_types), meta


def _with_dates(frame: pd.DataFrame, formats: Mapping[str, str | None]) -> pd.DataFrame:
    """Columns of dates and times as such; a number that is no date stays a number."""
    for name, kind in formats.items():
        if found := DATES.match(kind or ""):
            whole = found["moment"] is not None
            frame[name] = pd.Series(
                [_date(value, whole) for value in frame[name]], index=frame.index, dtype=object
            )
    return frame


def _date(value: Any, whole: bool) -> object:
    try:
        moment = EPOCH + dt.timedelta(seconds=float(value))
    except (OverflowError, ValueError):
        return value
    return moment if whole else moment.date()


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
    kind = MISSING_KINDS.get(normalised(label), "not_answered")
    return "" if kind == "not_answered" else label


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
