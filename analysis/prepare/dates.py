"""Dates as exports write them; those that may mean two days are refused."""

from __future__ import annotations

import datetime as dt
import re

import pandas as pd

from analysis.errors import AnalystError
from analysis.prepare.distinct import distinct
from analysis.prepare.rows import named
from analysis.sources.layout import DateOrder

TIME = (
    r"(?:,?[ t]+(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?:[:.](?P<second>\d{2})(?:\.\d+)?)?"
    r"\s*(?P<half>[ap]\.?m\.?)?)?"
)
ZONE = r"\s*(?:z|(?:utc|gmt|bst)?\s*(?:[+-]\d{1,2}(?::?\d{2})?)?)?"
MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
ISO = r"^\d{4}-\d\d-\d\d([ T]\d\d:\d\d(:\d\d)?)?$"
#: Year first: one meaning only.
YEAR_FIRST = re.compile(
    rf"(?P<year>\d{{4}})[-/.](?P<month>\d{{1,2}})[-/.](?P<day>\d{{1,2}}){TIME}{ZONE}"
)
FIGURES = re.compile(
    rf"(?P<first>\d{{1,2}})[-/.](?P<second_>\d{{1,2}})[-/.](?P<year>\d{{4}}|\d{{2}}){TIME}{ZONE}"
)
WORDS = re.compile(
    r"(?:(?P<day>\d{1,2})(?:st|nd|rd|th)?[ -](?P<name>[a-z]{3,9})"
    r"|(?P<name_>[a-z]{3,9}) (?P<day_>\d{1,2})),?"
    rf"[ -](?P<year>\d{{4}}){TIME}{ZONE}"
)


def moments(column: pd.Series, order: DateOrder | None, where: str) -> pd.Series:
    """The moments that a column of text names.

    Parameters
    ----------
    column
        Text, empty where there is no date; its index is the row in the file.
    order
        What stands first in dates in figures, where the mapping or the tool says so.
    where
        The file (and sheet), for errors.

    Returns
    -------
    pandas.Series
        Timestamps without zone, as written, missing where the text is empty.

    Raises
    ------
    AnalystError
        If a date is not understood, or may be read day first or month first (3/4/2018) and
        nothing says which; rows are named, even if other rows of the file would decide it.
    """
    written = column.astype("str")
    iso = written.str.match(ISO)
    if iso.all():
        times = pd.to_datetime(written, format="ISO8601", errors="coerce")
        if times.notna().all():
            return times.astype("datetime64[s]")  # as most tools write them
    places, texts = distinct(written)
    found: list[dt.datetime | None] = []
    unknown: set[int] = set()
    ambiguous: set[int] = set()
    for number, text in enumerate(texts):
        words = " ".join(text.split()).casefold()
        found.append(None)
        if not words:
            continue
        try:
            read = _read(words, order)
        except _Ambiguous:
            ambiguous.add(number)
            continue
        except ValueError:
            read = None
        if read is None:
            unknown.add(number)
        found[-1] = read
    heading = column.name
    for numbers, what, fix in (
        (
            ambiguous,
            "could be read day first or month first (like 3/4/2018).",
            "Say 'dates: day_first' or 'dates: month_first' in the mapping, from how the tool was "
            "set up; do not guess from other rows.",
        ),
        (
            unknown,
            "cannot be read as a date."
            if order is None
            else f"cannot be read as a date, {order.replace('_', ' ')}.",
            "Export again with dates as year-month-day, or correct 'dates' in the mapping.",
        ),
    ):
        if numbers:
            rows = column.index[[place in numbers for place in places.tolist()]]
            raise AnalystError(
                f"{len(rows)} date{'s' if len(rows) > 1 else ''} {what}",
                where=f"{where}, column '{heading}', {named(rows)}",
                fix=fix,
            )
    values = pd.Series(found, dtype="datetime64[s]") if found else pd.Series(dtype="datetime64[s]")
    return pd.Series(values.to_numpy()[places], index=column.index)


class _Ambiguous(Exception):
    """A date in figures that may be two days."""


def _read(words: str, order: DateOrder | None) -> dt.datetime | None:
    if words[:4].isdigit() and len(words) >= 10 and words[4] == "-":
        try:
            return dt.datetime.fromisoformat(words).replace(tzinfo=None, microsecond=0)
        except ValueError:
            pass
    match = YEAR_FIRST.fullmatch(words)
    if match:
        return _moment(match, int(match["month"]), int(match["day"]))
    match = FIGURES.fullmatch(words)
    if match:
        first, second = int(match["first"]), int(match["second_"])
        if order is None:
            if first <= 12 and second <= 12 and first != second:
                raise _Ambiguous
            day_first = first > 12
        else:
            day_first = order == "day_first"
        return _moment(match, second, first) if day_first else _moment(match, first, second)
    match = WORDS.fullmatch(words)
    if match:
        name = (match["name"] or match["name_"])[:3]
        if name in MONTHS:
            return _moment(match, MONTHS.index(name) + 1, int(match["day"] or match["day_"]))
    return None


def _moment(match: re.Match[str], month: int, day: int) -> dt.datetime:
    year = int(match["year"])
    hour = int(match["hour"] or 0)
    if match["half"]:
        if not 1 <= hour <= 12:
            raise ValueError("hour")
        hour = hour % 12 + (12 if match["half"].startswith("p") else 0)
    return dt.datetime(
        year + 2000 if year < 100 else year,
        month,
        day,
        hour,
        int(match["minute"] or 0),
        int(match["second"] or 0),
    )
