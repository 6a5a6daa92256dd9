"""Numbers as countries write them: a decimal comma, points or spaces between thousands.

``1.234`` is a thousand and some in Germany and a little more than one in Britain. A column's
other numbers may settle which (``3,5`` or ``1.234,5``); if none does, the mapping must.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.errors import AnalystError
from analysis.prepare.distinct import distinct
from analysis.prepare.rows import named
from analysis.sources.mapping import DecimalMark
from analysis.sources.wording import MISSING_KINDS, normalised

MARKS: dict[str, DecimalMark] = {".": "point", ",": "comma"}
#: Between thousands, where no point or comma stands there: spaces of any kind, apostrophes.
BETWEEN = re.compile(r"(?<=\d)[\s\u00a0\u202f\u2009'\u2019](?=\d{3}(?!\d))")
PLAIN = re.compile(r"[+-]?\d+(?:[.,]\d+)*")
#: A point or comma that may stand between thousands as well as before decimals.
EITHER = re.compile(r"[+-]?[1-9]\d{0,2}([.,])\d{3}")
GROUPED = re.compile(r"[+-]?\d{1,3}(?:([.,])\d{3})(?:\1\d{3})*")
SINGLE = re.compile(r"[+-]?\d+([.,])\d+")
CLOCK = re.compile(r"(?:(?:(\d+) days?,? ?)?(\d+):)?(\d{1,3}):(\d{2}(?:[.,]\d+)?)", re.IGNORECASE)
BOTH = re.compile(r"[+-]?\d{1,3}(?:([.,])\d{3})+(?!\1)([.,])\d+")


@dataclass(frozen=True)
class Numbers:
    """What the texts of a column say: a number each, or nothing where a text is none.

    ``unclear`` holds the places of texts that are two numbers, according to the country.
    """

    values: list[float | None]
    unclear: list[int]


def figures(text: str) -> str:
    """Figures of any script as 0 to 9, and the minus sign as a hyphen."""
    if text.isascii():
        return text
    return "".join(
        str(unicodedata.decimal(sign)) if sign.isdecimal() else sign for sign in text
    ).replace("\u2212", "-")


def numbers(texts: Sequence[str], stated: DecimalMark | None = None) -> Numbers:
    """The numbers of a column's distinct texts.

    Parameters
    ----------
    texts
        As written; empty texts are no number.
    stated
        The decimal mark, where the mapping states it.
    """
    tidied = [BETWEEN.sub("", figures(text.strip())) for text in texts]
    mark = stated or _only(filter(None, map(_mark_of, tidied)))
    values: list[float | None] = []
    unclear: list[int] = []
    for place, text in enumerate(tidied):
        values.append(None)
        if not PLAIN.fullmatch(text):
            continue
        if mark is None and EITHER.fullmatch(text):
            unclear.append(place)
            continue
        values[-1] = _read(text, mark)
    return Numbers(values, unclear)


def canonical(value: float) -> str:
    """A number as text, the same however it was written: ``1`` for ``1.0`` and for ``1,0``."""
    return f"{value:.15g}"


def durations(column: pd.Series, stated: DecimalMark | None, where: str) -> pd.Series:
    """How many seconds each text of a column names; missing where it is empty.

    Parameters
    ----------
    column
        Numbers of seconds, or hours, minutes and seconds with colons between; its index is the
        row in the file.
    stated
        The decimal mark, where the mapping states it.
    where
        The file (and sheet), for errors.

    Raises
    ------
    AnalystError
        If a text is neither, or could be read with a decimal point or a decimal comma.
    """
    places, texts = distinct(column)
    read = numbers(texts, stated)
    seconds: list[float] = []
    wrong: list[int] = []
    for place, (text, value) in enumerate(zip(texts, read.values, strict=True)):
        clock = CLOCK.fullmatch(text.strip())
        if value is not None:
            seconds.append(value)
        elif clock:
            days, hours, minutes, rest = (
                float((part or "0").replace(",", ".")) for part in clock.groups()
            )
            seconds.append(86400 * days + 3600 * hours + 60 * minutes + rest)
        else:
            seconds.append(float("nan"))
            if text.strip() and normalised(text) not in MISSING_KINDS:
                wrong.append(place)
    if wrong:
        rows = column.index[np.isin(places, wrong)]
        unclear = set(wrong) <= set(read.unclear)
        raise AnalystError(
            f"{len(rows)} duration{'s' if len(rows) > 1 else ''} "
            + (
                "could be read with a decimal point or with a decimal comma (like 1.234)."
                if unclear
                else "cannot be read as seconds, or as hours, minutes and seconds (0:05:12)."
            ),
            where=f"{where}, column '{column.name}', {named(rows)}",
            fix="Say 'decimals: point' or 'decimals: comma' in the mapping."
            if unclear
            else "Take 'duration' out of the mapping if the column holds something else.",
        )
    return pd.Series(np.array([*seconds, np.nan])[places], index=column.index)


def _mark_of(text: str) -> DecimalMark | None:
    """The decimal mark that a text by itself settles."""
    if both := BOTH.fullmatch(text):
        return MARKS[both[2]]
    if grouped := GROUPED.fullmatch(text):
        # 1.234.567: what stands twice is no decimal mark; once, it may be either.
        if text.count(grouped[1]) > 1:
            return "comma" if grouped[1] == "." else "point"
        return MARKS[grouped[1]] if text.lstrip("+-").startswith("0") else None
    if single := SINGLE.fullmatch(text):
        return MARKS[single[1]]
    return None


def _only(marks: Iterable[DecimalMark]) -> DecimalMark | None:
    found = set(marks)
    return found.pop() if len(found) == 1 else None


def _read(text: str, mark: DecimalMark | None) -> float | None:
    """A text's number, by the column's decimal mark or else by the one that it settles itself."""
    decimal = mark or _mark_of(text) or "point"
    sign, other = (".", ",") if decimal == "point" else (",", ".")
    whole, _, after = text.partition(sign)
    if other in after or sign in after:
        return None
    if other in whole:
        first, *groups = whole.lstrip("+-").split(other)
        # A group that has not three figures is no group of thousands.
        if not 1 <= len(first) <= 3 or any(len(group) != 3 for group in groups):
            return None
    return float(whole.replace(other, "") + "." + (after or "0"))
