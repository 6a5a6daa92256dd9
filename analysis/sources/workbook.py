"""Workbooks of Excel and LibreOffice: one sheet, cells as text.

``.xlsx`` is read with openpyxl, and its XML is looked through for what values alone do not show:
hidden rows, merged cells, formulas without results, errors. ``.xls``, ``.xlsb`` and ``.ods`` are
read with calamine, which sees neither hidden rows nor formulas; that is said.
"""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any
from xml.etree import ElementTree

import pandas as pd
import python_calamine
from openpyxl.chartsheet import Chartsheet
from openpyxl.reader.excel import ExcelReader
from openpyxl.styles.numbers import BUILTIN_FORMATS
from openpyxl.utils import column_index_from_string
from openpyxl.utils.escape import unescape

from analysis.errors import AnalystError
from analysis.sources.container import OLE, empty_file, locked
from analysis.sources.grid import Fault, Grid, rows_in_words

#: What a spreadsheet shows where a formula has no result.
ERRORS = frozenset(
    {"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#GETTING_DATA"}
    | {"#SPILL!", "#CALC!", "Err:502", "Err:508", "Err:511"}
)
#: In a format of numbers, what is no sign of it: words in quotation marks, signs taken as they are.
LITERAL = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
#: Formats of a workbook's own are counted from here.
FIRST_FORMAT = 164
ERROR = "hold an error of the spreadsheet (such as #N/A or #REF!)"
NO_RESULT = "hold formulas whose results are not in the file"
MERGED = "belong to merged cells, of which only the first holds the value"


@dataclass
class Marks:
    """What a sheet's values alone do not show. Rows count from 1 and columns from 0."""

    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    without_result: list[tuple[int, int]] = field(default_factory=list)
    formulas: int = 0
    #: Whether hidden rows and formulas can be seen at all in this kind of file.
    seen: bool = True


class Book(ABC):
    """A workbook: its sheets' names, in order, with whether each is shown."""

    kind = ""
    sheets: dict[str, bool]

    @abstractmethod
    def rows(self, name: str) -> list[list[str]]:
        """A sheet's cells from its first row and column on, as text."""

    @abstractmethod
    def marks(self, name: str) -> Marks:
        """What the sheet's values alone do not show."""


def read(path: Path, sheet: str | None = None) -> Grid:
    """Read a workbook's sheet: the one named, or the only one that it can be.

    That is the one sheet that is shown and holds a table (two rows, two columns or more).
    Dates become ISO 8601 text, so that a real date is never ambiguous.

    Raises
    ------
    AnalystError
        If it is no workbook or has a password, has no such sheet, several sheets that could be
        meant, or none that is shown and holds anything.
    """
    try:
        with opened(path) as book:
            name, rows, notes = _chosen(book, sheet, path)
            marks = book.marks(name)
    except AnalystError:
        raise
    except Exception:
        # The libraries pass on whatever zip, XML and number parsing raise over a broken file.
        raise AnalystError(
            f"{path.name} is not an Excel workbook that can be opened.",
            where=str(path),
            fix="Download it again from the survey tool; if it opens in a spreadsheet, save it "
            "there as XLSX.",
        ) from None
    width = max((len(row) for row in rows), default=0)
    if not width:
        raise empty_file(path)
    cells = pd.DataFrame(
        [row + [""] * (width - len(row)) for row in rows],
        columns=pd.RangeIndex(width),
        index=pd.RangeIndex(1, len(rows) + 1, name="row"),
        dtype="str",
    )
    faults = _faults(rows, marks)
    return Grid(
        path=path,
        sheet=name,
        container="xlsx",
        cells=cells,
        about=f"{book.kind}; {_listed(book.sheets)}",
        notes=(*notes, *_said(marks)),
        faults=faults,
    )


@contextmanager
def opened(path: Path) -> Iterator[Book]:
    """The workbook at ``path``, whatever its name ends in: the libraries would go by that."""
    with path.open("rb") as file:
        if _start(path).startswith(OLE) or not _is_xlsx(path):
            try:
                with python_calamine.load_workbook(file) as content:
                    yield _Calamine(path, content)
            except python_calamine.PasswordError:
                raise locked(path) from None
            return
        reader = _Tables(file, read_only=True, data_only=True)
        reader.read()
        try:
            yield _Xlsx(path, reader.wb)
        finally:
            reader.wb.close()


class _Tables(ExcelReader):  # type: ignore[misc]
    """Openpyxl's reader without charts, of which it expects one on every sheet of its own."""

    def read_chartsheet(self, sheet: Any, rel: Any) -> None:
        """Keep the sheet's place among the others, by which names of cells are counted."""
        self.wb._add_sheet(Chartsheet(parent=self.wb, title=sheet.name))


def _start(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(200)


def _is_xlsx(path: Path) -> bool:
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
    return "xl/workbook.bin" not in names and "content.xml" not in names


class _Xlsx(Book):
    kind = "an Excel workbook (.xlsx)"

    def __init__(self, path: Path, content: Any) -> None:
        self.path, self.content = path, content
        self.sheets = {str(s.title): s.sheet_state == "visible" for s in content.worksheets}
        # Formats of numbers are looked up cell by cell only where one is per cent.
        formats = (BUILTIN_FORMATS | dict(enumerate(content._number_formats, FIRST_FORMAT))).items()
        percent = {number for number, form in formats if "%" in LITERAL.sub("", form)}
        used = {style.numFmtId for style in content._cell_styles}
        self._percent = bool(percent & used)

    def rows(self, name: str) -> list[list[str]]:
        worksheet = self.content[name]
        # Some tools write a wrong extent; reading must not stop there.
        worksheet.reset_dimensions()
        if self._percent:
            return [[_shown(cell) for cell in row] for row in worksheet.iter_rows()]
        return [[_text(cell) for cell in row] for row in worksheet.iter_rows(values_only=True)]

    def marks(self, name: str) -> Marks:
        return _marks_in(_xml(self.path, name))


class _Calamine(Book):
    def __init__(self, path: Path, content: python_calamine.CalamineWorkbook) -> None:
        self.content = content
        visible = python_calamine.SheetVisibleEnum.Visible
        table = python_calamine.SheetTypeEnum.WorkSheet
        self.sheets = {
            sheet.name: sheet.visible == visible
            for sheet in content.sheets_metadata
            if sheet.typ == table
        }
        if _start(path).startswith(OLE):
            self.kind = "an Excel workbook of before 2007 (.xls)"
        elif b"opendocument" in _start(path):
            self.kind = "an OpenDocument spreadsheet (.ods)"
        else:
            self.kind = "a binary Excel workbook (.xlsb)"

    def rows(self, name: str) -> list[list[str]]:
        found = self.content.get_sheet_by_name(name).to_python(skip_empty_area=False)
        return [[_text(cell) for cell in row] for row in found]

    def marks(self, name: str) -> Marks:
        ranges = self.content.get_sheet_by_name(name).merged_cell_ranges or []
        merged = [(top + 1, left, bottom + 1, right) for (top, left), (bottom, right) in ranges]
        return Marks(merged=merged, seen=False)


def _chosen(
    book: Book, sheet: str | None, path: Path
) -> tuple[str, list[list[str]], tuple[str, ...]]:
    """The sheet that is read, its rows, and what is to be said of the choice."""
    if sheet is not None:
        if sheet not in book.sheets:
            raise AnalystError(
                f"The workbook has no sheet '{sheet}'; it has {_listed(book.sheets)}.",
                where=str(path),
                fix="Correct 'sheet' in study.yaml.",
            )
        hidden = "" if book.sheets[sheet] else ", which is hidden"
        return sheet, book.rows(sheet), (f"sheet '{sheet}' is read, as stated{hidden}",)
    shown = {name: book.rows(name) for name, visible in book.sheets.items() if visible}
    filled = {name: rows for name, rows in shown.items() if any(map(any, rows))}
    possible = {name: rows for name, rows in filled.items() if _is_table(rows)}
    if len(possible) > 1:
        sizes = ", ".join(
            f"'{name}' ({len(rows)} rows, {max(map(len, rows))} columns)"
            for name, rows in possible.items()
        )
        raise AnalystError(
            f"{path.name} has {len(possible)} sheets that could hold the responses: {sizes}.",
            where=str(path),
            fix="Name the right one with 'sheet' beside the file in study.yaml (in a command with "
            "--sheet); responses on several sheets are as many exports. Of a table that is no "
            "survey, keep that sheet alone.",
        )
    if not filled:
        unseen = [name for name, visible in book.sheets.items() if not visible]
        if not any(any(map(any, book.rows(name))) for name in unseen):
            raise empty_file(path)
        raise AnalystError(
            f"{path.name} shows nothing: only hidden sheets hold cells "
            f"({', '.join(map(repr, unseen))}).",
            where=str(path),
            fix="If a hidden sheet is what is meant, name it with 'sheet' in study.yaml.",
        )
    name = next(iter(possible or filled))
    others = [f"'{other}'" for other in book.sheets if other != name]
    left = f"; not read: {', '.join(others)}" if others else ""
    return name, filled[name], (f"sheet '{name}' is read{left}",)


def _is_table(rows: list[list[str]]) -> bool:
    wide = [row for row in rows if sum(bool(cell.strip()) for cell in row) > 1]
    return len(wide) > 1


def _listed(sheets: dict[str, bool]) -> str:
    return "sheets " + ", ".join(
        f"'{name}'" + ("" if visible else " (hidden)") for name, visible in sheets.items()
    )


def _faults(rows: list[list[str]], marks: Marks) -> tuple[Fault, ...]:
    found = [
        Fault(number, place, ERROR)
        for number, row in enumerate(rows, 1)
        for place, cell in enumerate(row)
        if cell[:1] in ("#", "E") and cell in ERRORS
    ]
    found += [Fault(row, place, NO_RESULT) for row, place in marks.without_result]
    for top, left, bottom, right in marks.merged:
        if top <= len(rows) and left < len(rows[top - 1]) and rows[top - 1][left].strip():
            found += [
                Fault(row, place, MERGED)
                for row in range(top, min(bottom, len(rows)) + 1)
                for place in range(left, min(right, len(rows[top - 1]) - 1) + 1)
            ]
    return tuple(found)


def _said(marks: Marks) -> Iterator[str]:
    if marks.hidden_rows:
        verb = "is hidden and" if len(marks.hidden_rows) == 1 else "are hidden and"
        yield f"{rows_in_words(marks.hidden_rows)} {verb} read like the others"
    if marks.hidden_columns:
        several = "s are" if len(marks.hidden_columns) > 1 else " is"
        yield f"{len(marks.hidden_columns)} column{several} hidden and read like the others"
    if marks.formulas:
        cells = "cell holds a formula" if marks.formulas == 1 else "cells hold formulas"
        yield f"{marks.formulas} {cells}: the results saved in the file are read"
    if not marks.seen:
        yield (
            "hidden rows, formulas, errors (#N/A) and per cent cannot be seen in this kind of "
            "workbook: hidden rows are read, of formulas the saved results, 6.7% as 0.067, and an "
            "error is an empty cell; save it as .xlsx to have them found"
        )


# --- what openpyxl does not give when it reads fast ----------------------------------------

_ROW = re.compile(rb"<(?:\w+:)?row\b([^>]*)>")
#: Hidden, or of no height or width, which looks the same.
_HIDDEN = re.compile(rb'\b(?:hidden="(?:1|true)"|(?:ht|width)="0(?:\.0+)?")')
_NUMBER = re.compile(rb'\br="(\d+)"')
_COLUMN = re.compile(rb"<(?:\w+:)?col\b([^>]*)>")
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\b[^>]*\bref="([A-Z]+)(\d+):([A-Z]+)(\d+)"')
_FORMULA = re.compile(
    rb"<(?:\w+:)?c\b([^>]*)>\s*<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)"
    rb"\s*(<(?:\w+:)?v\b[^>]*/>|<(?:\w+:)?v\b[^>]*>[^<]*</(?:\w+:)?v>)?"
)
_PLACE = re.compile(rb'\br="([A-Z]+)(\d+)"')
_VALUE = re.compile(rb">[^<]+<")


def _marks_in(xml: bytes) -> Marks:
    """Hidden rows and columns, merged cells and formulas, from a worksheet's XML."""
    marks = Marks()
    for attributes in _ROW.findall(xml):
        number = _NUMBER.search(attributes)
        if number and _HIDDEN.search(attributes):
            marks.hidden_rows.append(int(number[1]))
    for attributes in _COLUMN.findall(xml):
        if _HIDDEN.search(attributes):
            first, last = (
                int(re.search(rb'\b%b="(\d+)"' % edge, attributes)[1])  # type: ignore[index]
                for edge in (b"min", b"max")
            )
            # A sheet may hide everything to the right of its last column.
            marks.hidden_columns += range(first - 1, last) if last - first < 1000 else []
    for left, top, right, bottom in _MERGED.findall(xml):
        marks.merged.append((int(top), _place(left), int(bottom), _place(right)))
    for attributes, value in _FORMULA.findall(xml):
        marks.formulas += 1
        # A formula that gives an empty text has type "str" and an empty value.
        if not _VALUE.search(value) and b't="str"' not in attributes:
            at = _PLACE.search(attributes)
            if at:
                marks.without_result.append((int(at[2]), _place(at[1])))
    marks.formulas -= len(marks.without_result)
    return marks


def _place(letters: bytes) -> int:
    return int(column_index_from_string(letters.decode())) - 1


def _xml(path: Path, sheet: str) -> bytes:
    """A worksheet's part of the archive, found as the workbook's relations say."""
    with zipfile.ZipFile(path) as archive:
        top = _relations(archive, "_rels/.rels")
        main = next((t for kind, t in top.values() if kind.endswith("/officeDocument")), "")
        book = PurePosixPath(main.lstrip("/") or "xl/workbook.xml")
        parts = _relations(archive, f"{book.parent}/_rels/{book.name}.rels")
        for element in ElementTree.fromstring(archive.read(str(book))).iter():
            if element.tag.endswith("}sheet") and element.get("name") == sheet:
                key = next((v for k, v in element.attrib.items() if k.endswith("}id")), "")
                target = parts.get(key, ("", ""))[1]
                name = target[1:] if target.startswith("/") else str(book.parent / target)
                return archive.read(name)
    return b""


def _relations(archive: zipfile.ZipFile, name: str) -> dict[str, tuple[str, str]]:
    if name not in archive.namelist():
        return {}
    return {
        each.get("Id", ""): (each.get("Type", ""), each.get("Target", ""))
        for each in ElementTree.fromstring(archive.read(name))
    }


def _shown(cell: Any) -> str:
    """A cell's text; of a number shown per cent, what is shown (6.7% is kept as 0.067)."""
    value = cell.value
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if number and "%" in LITERAL.sub("", cell.number_format):
        return f"{100 * value:.10g}%"
    return _text(value)


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        # Excel writes control characters as _x000D_.
        return unescape(cell) if "_x" in cell else cell
    if isinstance(cell, dt.timedelta) and cell >= dt.timedelta():
        minutes, seconds = divmod(round(cell.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02d}:{seconds:02d}"
    if isinstance(cell, dt.datetime):
        return cell.isoformat(sep=" ", timespec="seconds")
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)
