"""Dates as exports write them; those that may mean two days are refused."""

from __future__ import annotations

import calendar
import datetime as dt
import re
import unicodedata
from functools import cache

import pandas as pd

from analysis.errors import AnalystError
from analysis.prepare.distinct import distinct
from analysis.prepare.rows import named
from analysis.sources.layout import DateOrder

#: Any abbreviation, with or without hours, and a place or name after it: moments are taken as
#: written, wherever that was.
ZONE = (
    r"(?:\s*(?:\[?[a-z]+/[a-z_/]+\]?|\(?[a-z]{1,5}\)?))?"
    r"(?:\s*\(?(?:utc|gmt)?[+-]\d{1,2}(?::?\d{2})?\)?)?(?:\s*\([^()]*\))?"
)
TIME = (
    r"(?:,?[ t]+(?:um |at |\u00e0 |a las )?(?P<hour>\d{1,2})[:.h](?P<minute>\d{2})"
    r"(?:[:.](?P<second>\d{2})(?:[.,]\d+)?)?\s*(?P<half>[ap]\.?\s?m\b\.?)?(?:\s*uhr)?"
    rf"{ZONE})?\.?"
)
#: The day of the week before a date, in any language.
WEEKDAY = re.compile(
    r"^[^\W\d_]{2,12}\.?,?\s+(?:(?:den|le|el) )?(?=\d)|^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,? "
)
#: The months in the languages of most exports, without accents. A name may be shortened to three
#: letters, or as in the last of each line that is no whole name.
MONTHS = (
    "january januar janvier enero gennaio januari janeiro janv",
    "february februar fevrier febrero febbraio februari fevereiro fevr",
    "march marz mars marzo maart marco mrz mrt",
    "april avril abril aprile",
    "may mai mayo mei maggio maj maio",
    "june juni juin junio giugno junho",
    "july juli juillet julio luglio julho juil",
    "august aout agosto augustus augusti",
    "september septembre septiembre settembre setembro sept",
    "october oktober octobre octubre ottobre outubro",
    "november novembre noviembre novembro",
    "december dezember decembre diciembre dicembre dezembro",
)
ISO = r"^\d{4}-\d\d-\d\d([ T]\d\d:\d\d(:\d\d)?)?$"
#: Year first: one meaning only.
YEAR_FIRST = re.compile(
    rf"(?P<year>\d{{4}})[-/.] ?(?P<month>\d{{1,2}})[-/.] ?(?P<day>\d{{1,2}})\.?{TIME}"
)
COMPACT = re.compile(
    r"(?P<year>(?:19|20)\d{2})(?P<month>\d{2})(?P<day>\d{2})"
    r"(?:[t ](?P<hour>\d{2}):?(?P<minute>\d{2})(?::?(?P<second>\d{2}))?)?(?P<half>)(?:"
    + ZONE
    + r")?"
)
FIGURES = re.compile(
    rf"(?P<first>\d{{1,2}})[-/.] ?(?P<second_>\d{{1,2}})[-/.] ?(?P<year>\d{{4}}|\d{{2}}){TIME}"
)
WORDS = re.compile(
    r"(?:(?P<day>\d{1,2})(?:st|nd|rd|th|er|\.|\u00ba)?(?: de |[ -])(?P<name>[^\W\d_]{3,10})\.?"
    r"|(?P<name_>[^\W\d_]{3,10})\.? (?P<day_>\d{1,2})(?:st|nd|rd|th)?),?"
    rf"(?: del? |[ -])(?P<year>\d{{4}}|\d{{2}}){TIME}"
)
#: JavaScript's and the mail's way: the year after the time.
YEAR_LAST = re.compile(rf"(?P<name>[a-z]{{3}}) (?P<day>\d{{1,2}}){TIME} (?P<year>\d{{4}})")
MIDNIGHT = re.compile(r"(?<=\d)([ t])24:00(?=(:00)?(\.0+)?(\D|$))")
#: What tools write where they keep no date: LimeSurvey's anonymised surveys, an empty database.
NO_DATE = ("1980-01-01 00:00:00", "0000-00-00 00:00:00", "0000-00-00", "1980-01-01 00:00")


@cache
def month_of(name: str) -> int | None:
    """The number of a month by its name or abbreviation, in several languages."""
    bare = unicodedata.normalize("NFD", name.casefold())
    bare = "".join(sign for sign in bare if sign.isalpha())
    found = {
        number
        for number, names in enumerate(MONTHS, 1)
        if bare in (names.split() + [one[:3] for one in names.split()])
    }
    return found.pop() if len(found) == 1 else None


def days(column: pd.Series, where: str) -> pd.Series:
    """The moments that a column of a study's own table names: see :func:`moments`.

    Such a table has no mapping; its dates are corrected in it.
    """
    return moments(column, None, where, mapped=False)


def moments(
    column: pd.Series, order: DateOrder | None, where: str, *, mapped: bool = True
) -> pd.Series:
    """The moments that a column of text names.

    Parameters
    ----------
    column
        Text, empty where there is no date; its index is the row in the file.
    order
        What stands first in dates in figures, where the mapping or the tool says so.
    where
        The file (and sheet), for errors.
    mapped
        Whether the file has a mapping, which may say the order.

    Returns
    -------
    pandas.Series
        Timestamps without zone, as written, missing where the text is empty, or is what a tool
        writes where it keeps no date (:data:`NO_DATE`).

    Raises
    ------
    AnalystError
        If a date is not understood, or may be two days (3/4/2018, 17-03-04) and nothing says
        which; rows are named, even if other rows of the file would decide it.
    """
    written = column.astype("str")
    iso = written.str.match(ISO)
    if iso.all() and not written.isin(NO_DATE).any():
        times = pd.to_datetime(written, format="ISO8601", errors="coerce")
        if times.notna().all():
            return times.astype("datetime64[s]")  # as most tools write them
    places, texts = distinct(written)
    found: list[dt.datetime | None] = []
    unknown: set[int] = set()
    ambiguous: set[int] = set()
    impossible: set[int] = set()
    for number, text in enumerate(texts):
        words = " ".join(text.split()).casefold()
        found.append(None)
        if not words or words in NO_DATE:
            continue
        try:
            read = _read(words, order)
        except _Ambiguous:
            ambiguous.add(number)
            continue
        except _Impossible:
            impossible.add(number)
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
            "could be read day first or month first (like 3/4/2018) or year first (17-03-04).",
            "Say 'dates: day_first' or 'dates: month_first' in the mapping, from how the tool was "
            "set up; do not guess from other rows. Years of two figures that come first cannot be "
            "read: export again with all four.",
        ),
        (
            impossible,
            f"name{'s' if len(impossible) == 1 else ''} a day that no calendar has (like 31 June).",
            "Correct it where it comes from, and export again; or, if day and month have changed "
            "places, say 'dates' in the mapping.",
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
                fix=fix if mapped else "Write year, month and day with hyphens, as 2018-03-14.",
            )
    values = pd.Series(found, dtype="datetime64[s]") if found else pd.Series(dtype="datetime64[s]")
    return pd.Series(values.to_numpy()[places], index=column.index)


class _Impossible(ValueError):
    """A day of a month that has fewer, like 31 June."""


class _Ambiguous(Exception):
    """A date in figures that may be two days."""


def _read(words: str, order: DateOrder | None) -> dt.datetime | None:
    midnight = MIDNIGHT.sub(r"\g<1>00:00", words, count=1)
    if midnight != words:  # the end of a day is the beginning of the next
        found = _read(midnight, order)
        return found + dt.timedelta(days=1) if found else None
    if words[:4].isdigit() and len(words) >= 10 and words[4] == "-":
        try:
            return dt.datetime.fromisoformat(words).replace(tzinfo=None, microsecond=0)
        except ValueError:
            pass
    match = YEAR_FIRST.fullmatch(words) or COMPACT.fullmatch(words)
    if match:
        return _moment(match, int(match["month"]), int(match["day"]))
    # "Mar 5, 2018" begins with a month, "mar 5 de junio de 2018" with a Spanish Tuesday.
    return _not_year_first(words, order) or _not_year_first(WEEKDAY.sub("", words), order)


def _not_year_first(words: str, order: DateOrder | None) -> dt.datetime | None:
    match = FIGURES.fullmatch(words)
    if match:
        first, second = int(match["first"]), int(match["second_"])
        if order is None:
            if first <= 12 and second <= 12 and first != second:
                raise _Ambiguous
            # 17-03-04 may be a day of 2017 as well as one of 2004.
            if len(match["year"]) == 2 and second <= 12 and first != int(match["year"]) <= 31:
                raise _Ambiguous
            day_first = first > 12
        else:
            day_first = order == "day_first"
        return _moment(match, second, first) if day_first else _moment(match, first, second)
    match = WORDS.fullmatch(words)
    if match:
        month = month_of(match["name"] or match["name_"])
        if month:
            return _moment(match, month, int(match["day"] or match["day_"]))
    match = YEAR_LAST.fullmatch(words)
    if match and (month := month_of(match["name"])):
        return _moment(match, month, int(match["day"]))
    return None


def _moment(match: re.Match[str], month: int, day: int) -> dt.datetime:
    year = int(match["year"])
    hour = int(match["hour"] or 0)
    if match["half"]:
        if not 1 <= hour <= 12:
            raise ValueError("hour")
        hour = hour % 12 + (12 if match["half"].startswith("p") else 0)
    year = year + 2000 if year < 100 else year
    if 1 <= month <= 12 and calendar.monthrange(year, month)[1] < day <= 31:
        raise _Impossible
    return dt.datetime(year, month, day, hour, int(match["minute"] or 0), int(match["second"] or 0))
