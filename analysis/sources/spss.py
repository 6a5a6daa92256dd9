"""SPSS .sav: numbers with value labels, and values declared as missing."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pyreadstat

from analysis.errors import AnalystError
from analysis.sources.grid import Grid, tidy
from analysis.sources.wording import MISSING_KINDS, normalised

#: SPSS counts seconds from the first day of the Gregorian calendar.
EPOCH = dt.datetime(1582, 10, 14)
#: Formats of dates, and of moments.
DATES = re.compile(r"[AEJS]?DATE\d|(?P<moment>DATETIME|YMDHMS)")


def read_grid(path: Path) -> Grid:
    """Read a .sav file: codes as text, with their labels.

    A value that the file declares as missing (single values or a range) comes as an empty
    cell, unless its label says which kind of missing it is ("Prefer not to say"): then it
    comes as that label.

    Raises
    ------
    AnalystError
        If the file cannot be read.
    """
    frame, meta = _content(path)
    names = [str(name) for name in frame.columns]
    value_labels = {
        str(name): {_text(code): tidy(str(label)) for code, label in labels.items()}
        for name, labels in meta.variable_value_labels.items()
    }
    columns = {}
    for place, name in enumerate(names):
        ranges = meta.missing_ranges.get(name, ())
        columns[place] = _column(frame[name], ranges, value_labels.get(name, {}))
        # A .sav has no heading rows: case 1 is row 1, as SPSS's data view shows it.
        # A value declared missing never comes as its code, so what it is called does not matter.
        value_labels[name] = {
            _text(code): tidy(str(label))
            for code, label in meta.variable_value_labels.get(name, {}).items()
            if not any(_within(code, limits["lo"], limits["hi"]) for limits in ranges)
        }
    cells = pd.DataFrame(columns)
    cells.index = pd.RangeIndex(1, len(frame) + 1, name="row")
    return Grid(
        path=path,
        sheet="",
        container="sav",
        cells=cells,
        variables=tuple(names),
        labels=tuple(tidy(meta.column_names_to_labels.get(name) or "") for name in names),
        value_labels=value_labels,
    )


def _content(path: Path) -> tuple[pd.DataFrame, Any]:
    problem: Exception | None = None
    for encoding in (None, "WINDOWS-1252"):
        try:
            return pyreadstat.read_sav(path, user_missing=True, encoding=encoding)
        except Exception as error:  # pyreadstat raises its own, Unicode and arithmetic errors
            problem = problem or error
        try:
            # One date that cannot be, in any column, and pyreadstat converts none.
            frame, meta = pyreadstat.read_sav(
                path, user_missing=True, encoding=encoding, disable_datetime_conversion=True
            )
        except Exception:
            continue
        return _with_dates(frame, meta.original_variable_types), meta
    raise AnalystError(
        f"{path.name} is not an SPSS file that can be read ({type(problem).__name__}).",
        where=str(path),
        fix="Save it again from SPSS or the survey tool as .sav.",
    )


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


def _column(
    values: pd.Series, ranges: Sequence[Mapping[str, Any]], labels: Mapping[str, str]
) -> pd.Series:
    places, distinct = pd.factorize(values, use_na_sentinel=True)
    texts = [_cell(value, ranges, labels) for value in distinct]
    # Missing values have place -1: the last, which is empty.
    return pd.Series(pd.array([*texts, ""], dtype="str")[places])


def _cell(value: object, ranges: Sequence[Mapping[str, Any]], labels: Mapping[str, str]) -> str:
    text = _text(value)
    if not any(_within(value, limits["lo"], limits["hi"]) for limits in ranges):
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
