"""Returns as schools send them: forms of the study, filled in as a spreadsheet leaves them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl

from analysis.forms.returned import address
from analysis.forms.workbook import DAY, FIRST, HEADS, START

Cells = Mapping[str, Mapping[str, Any]]


def returned(
    form: Path, target: Path, day: dt.date | str | None, cells: Cells | None = None
) -> Path:
    """A form filled in and saved elsewhere: the day, and values by sheet and address."""
    book = openpyxl.load_workbook(form)
    book[START][address(*DAY)] = day
    for sheet, values in (cells or {}).items():
        for place, value in values.items():
            book[sheet][place] = value
    target.parent.mkdir(parents=True, exist_ok=True)
    book.save(target)
    return target


@cache
def headings(form: Path, sheet: str) -> list[str]:
    """What the columns of a sheet are called."""
    book = openpyxl.load_workbook(form, read_only=True)
    rows = list(book[sheet].iter_rows(values_only=True))
    return [str(each).rstrip(" *") for each in rows[HEADS]]


def line(form: Path, sheet: str, number: int, **values: Any) -> dict[str, Any]:
    """Cells of one line (from nought) by their headings, spaces as ``_``."""
    return {
        address(FIRST + number, headings(form, sheet).index(heading.replace("_", " "))): value
        for heading, value in values.items()
    }
