"""Workbooks as bytes that are the same whenever they are made."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator
from contextlib import contextmanager

import xlsxwriter

#: Stands in the file's properties: the same bytes whenever it is made.
MADE = dt.datetime(2000, 1, 1)


@contextmanager
def written(title: str) -> Iterator[tuple[xlsxwriter.Workbook, io.BytesIO]]:
    """A workbook to fill, and where its bytes are once it is closed."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False}) as book:
        book.set_properties({"title": title, "created": MADE})
        yield book, buffer
