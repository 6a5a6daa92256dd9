"""A school's form as a workbook: to be filled in with any spreadsheet, and to be read by a program.

Every sheet says by itself whose it is (a hidden first row and column), so that a sheet that was
copied elsewhere, or renamed, is still known; a hidden sheet says it of the workbook. What is locked is
written down beside it, so that a change is found. The same form has the same bytes.
"""

from __future__ import annotations

import datetime as dt
import io
import json
from collections.abc import Sequence
from pathlib import Path
from textwrap import shorten
from typing import Any

from analysis.errors import AnalystError
from analysis.forms import asked
from analysis.forms.asked import Column, Line, Material, Period, Sheet
from analysis.language import gettext, long_date
from analysis.places import inside
from analysis.strands import REVIEWS
from analysis.study import Study

#: Forms of another version are not read.
VERSION = 1
#: What a workbook is: the form of a term, or the ratings of one session.
RETURN, ASSESSMENT = "return", "self-assessment"
#: Sheets of every workbook besides the tables: the first, and those for programs.
START, MACHINE, LISTS = "Start", "_form", "_lists"
#: Rows and columns of a table's sheet, from nought: its mark, title, note, headings, first line.
MARK, TITLE, NOTE, HEADS, FIRST = 0, 1, 2, 3, 4
#: Where the day stands on the first sheet on which the form was filled in.
DAY = (5, 2)
#: Of a text, so many characters at most.
LONGEST = 500
FOLDER = "forms"


def forms(study: Study, period: Period, schools: Sequence[str] = ()) -> list[Path]:
    """Write the form of each school (or of some); the files.

    They hold what the schools said, and lie in the study's folder ``forms``, which git ignores.

    Raises
    ------
    AnalystError
        If the study has no table that schools fill in, or what it has is wrong.
    """
    material = Material.read(study, period)
    if not set(material.frames) & set(asked.MAKERS):
        raise AnalystError(
            "The study has no table that schools fill in.",
            where=str(study.path("study.yaml")),
            fix="Name files under strands: plans, audit, delivery, needs or outcomes. They need "
            "not be there yet.",
        )
    known = list(material.schools["id"])
    for name in schools:
        if name not in known:
            raise AnalystError(
                f"There is no school '{name}'; schools are {', '.join(known)}.",
                where=f"--unit {name}",
                fix="Give an id from the table of schools.",
            )
    made = []
    for name in schools or known:
        path = inside(study.folder, FOLDER, period.edition, f"{name}.xlsx")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(workbook(material, name, asked.sheets(material, name), RETURN))
        made.append(path)
    return made


def form(study: Study, school: str) -> Path:
    """Where a school's form of the study's edition is."""
    return inside(study.folder, FOLDER, study.edition.id, f"{school}.xlsx")


def self_assessment(material: Material, school: str) -> bytes | None:
    """A workbook with the areas of the whole-school audit alone, to be rated at a session.

    What comes back is a re-audit. Nothing where the study has no audit.
    """
    if "whole_school_audit" not in material.frames:
        return None
    sheet = asked.audit(material, school, REVIEWS[-1])
    return workbook(material, school, [sheet], ASSESSMENT) if sheet.lines else None


def workbook(material: Material, school: str, sheets: Sequence[Sheet], kind: str) -> bytes:
    """The workbook of some sheets."""
    import xlsxwriter

    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, {"in_memory": True})
    book.set_properties(
        {
            "title": f"{material.study.title}: {school}",
            "author": material.study.organisation,
            "created": dt.datetime.combine(material.period.end, dt.time(12)),
        }
    )
    written = _Written(book, material, school, kind)
    written.start(sheets)
    for sheet in sheets:
        written.table(sheet)
    written.for_programs(sheets)
    book.close()
    return content.getvalue()


def mark(material: Material, school: str, kind: str) -> dict[str, Any]:
    """What a program has to know of a workbook, and of each of its sheets."""
    period = material.period
    return {
        "form": VERSION,
        "kind": kind,
        "study": material.study.id,
        "school": school,
        "edition": period.edition,
        "term": period.term,
        "start": period.start.isoformat(),
        "end": period.end.isoformat(),
    }


def _title_of(column: Column) -> str:
    """A column's heading as the title of a message, which has 32 letters at most."""
    return shorten(column.heading, 32, placeholder=" …")


class _Written:
    """A workbook while it is written."""

    def __init__(self, book: Any, material: Material, school: str, kind: str) -> None:
        self.book, self.material, self.school, self.kind = book, material, school, kind
        self.name = str(material.schools.loc[school, "name"])
        self.lists: list[list[str]] = []
        #: Names of sheets by table.
        self.sheets: dict[str, str] = {}
        line = {"text_wrap": True, "valign": "top", "border": 1, "border_color": "#9AA5B1"}
        self.heading = book.add_format({"bold": True, "font_size": 14})
        self.plain = book.add_format({"text_wrap": True, "valign": "top"})
        self.strong = book.add_format({"bold": True, "valign": "top"})
        self.head = book.add_format({**line, "bold": True, "bg_color": "#E4E7EB"})
        self.fixed = book.add_format({**line, "bg_color": "#F5F7FA"})
        self.free = book.add_format({**line, "bg_color": "#FFF8E1", "locked": False})
        self.day = book.add_format(
            {**line, "bg_color": "#FFF8E1", "locked": False, "num_format": "d mmm yyyy"}
        )

    def start(self, sheets: Sequence[Sheet]) -> None:
        """The first sheet: whose form it is, how to fill it in, and the day."""
        study, period = self.material.study, self.material.period
        place = self._sheet(START, "")
        place.set_column(1, 1, 34)
        place.set_column(2, 2, 60)
        place.write_string(TITLE, 1, self.name, self.heading)
        what = gettext("Return") if self.kind == RETURN else gettext("Self-assessment")
        place.write_string(2, 1, f"{what}, {period.term}", self.strong)
        place.write_string(2, 2, study.title, self.plain)
        if study.notice_short:
            place.write_string(3, 2, study.notice_short, self.plain)
        row, column = DAY
        place.write_string(row, column - 1, gettext("Filled in on (day/month/year)"), self.strong)
        place.write_blank(row, column, None, self.day)
        place.data_validation(
            row,
            column,
            row,
            column,
            {
                "validate": "date",
                "criteria": "between",
                "minimum": period.start,
                "maximum": period.latest,
                "error_title": gettext("Filled in on"),
                "error_message": gettext(
                    "A day from {first} on, such as {last}.",
                    first=long_date(period.start),
                    last=f"{period.end:%d/%m/%Y}",
                ),
            },
        )
        place.write_string(row + 2, 1, gettext("How to"), self.heading)
        for number, text in enumerate(self._how_to(sheets), row + 3):
            place.write_string(number, 1, f"{number - row - 2}.", self.plain)
            place.write_string(number, 2, text, self.plain)
            place.set_row(number, _height([(text, 60)]))
        place.fit_to_pages(1, 0)
        place.activate()

    def _how_to(self, sheets: Sequence[Sheet]) -> list[str]:
        names = ", ".join(sheet.title for sheet in sheets)
        return [
            gettext("Write the day above on which you fill this in."),
            gettext(
                "Go through the sheets: {sheets}. Fill in the yellow cells; all others are locked.",
                sheets=names,
            ),
            gettext("Where a cell offers a list, choose from it."),
            gettext(
                "In a line that you fill in, columns with * are needed. Leave empty what "
                "you do not know, and lines that do not apply."
            ),
            gettext(
                "Write no name of a child, parent or colleague anywhere: numbers and roles only."
            ),
            gettext(
                "Save the file as a workbook (.xlsx), with all its sheets, and send it "
                "back. You may rename it."
            ),
            gettext(
                "Found a mistake later? Correct it, write the new day above, and send "
                "the file again."
            ),
        ]

    def table(self, sheet: Sheet) -> None:
        """The sheet of a table."""
        place = self._sheet(sheet.title, sheet.table, sheet)
        place.write_string(TITLE, 1, f"{self.name}: {sheet.title}", self.heading)
        place.write_string(NOTE, 1, sheet.note)
        headings = [*sheet.shown, *(column.heading for column in sheet.columns)]
        for number, heading in enumerate(headings, 1):
            place.write_string(HEADS, number, heading, self.head)
        widths = []
        for number in range(len(headings)):
            later = number - len(sheet.shown)
            widths.append(_width(sheet, sheet.columns[later] if later >= 0 else None, number))
            place.set_column(number + 1, number + 1, widths[-1])
        place.set_row(HEADS, _height(list(zip(headings, widths, strict=True))))
        lines = sheet.every_line
        for row, line in enumerate(lines, FIRST):
            texts = self._line(place, row, sheet, line)
            place.set_row(row, _height(list(zip(texts, widths, strict=True))))
        for number, column in enumerate(sheet.columns, 1 + len(sheet.shown)):
            rule = self._rule(column, [FIRST, number, FIRST + len(lines) - 1, number])
            if rule:
                place.data_validation(FIRST, number, FIRST + len(lines) - 1, number, rule)
        place.freeze_panes(FIRST, 2)
        place.set_landscape()
        place.set_paper(9)
        place.fit_to_pages(1, 0)
        place.repeat_rows(HEADS)

    def _line(self, place: Any, row: int, sheet: Sheet, line: Line) -> list[str]:
        """A line, with what a program has to know of it in its hidden first cell; its texts."""
        texts = list(line.shown)
        known = {"fixed": dict(line.fixed), "shown": list(line.shown), "filled": dict(line.filled)}
        place.write_string(row, 0, _json(known))
        for number, text in enumerate(line.shown, 1):
            place.write_string(row, number, text, self.fixed)
        for number, column in enumerate(sheet.columns, 1 + len(line.shown)):
            locked = column.name in line.fixed
            value = (line.fixed if locked else line.filled).get(column.name, "")
            style = self.fixed if locked else self.day if column.kind == "date" else self.free
            text = column.choices.get(value, value)
            texts.append(text)
            if not text:
                place.write_blank(row, number, None, style)
            elif column.kind in ("number", "decimal") and _is_number(text):
                place.write_number(row, number, float(text), style)
            else:
                place.write_string(row, number, text, style)
        return texts

    def _rule(self, column: Column, where: Sequence[int]) -> dict[str, Any] | None:
        """What a spreadsheet lets in."""
        period = self.material.period
        if column.kind == "choice":
            self.lists.append(list(column.choices.values()))
            letter = _letters(len(self.lists) - 1)
            source = f"='{LISTS}'!${letter}$1:${letter}${len(self.lists[-1])}"
            return {"validate": "list", "source": source, "error_title": _title_of(column),
                    "error_message": gettext("Please choose from the list.")}  # fmt: skip
        if column.kind in ("number", "decimal"):
            return {
                "validate": "integer" if column.kind == "number" else "decimal",
                "criteria": ">=",
                "value": 0,
                "error_title": _title_of(column),
                "error_message": gettext("Please write a number of 0 or more, in figures."),
            }
        if column.kind == "date":
            return {"validate": "date", "criteria": "between", "minimum": period.start,
                    "maximum": period.end, "error_title": _title_of(column),
                    "error_message": gettext("Please write a day of this term.")}  # fmt: skip
        return {
            "validate": "length",
            "criteria": "<=",
            "value": LONGEST,
            "error_message": gettext(
                "Please write no more than {number} characters.", number=LONGEST
            ),
        }

    def for_programs(self, sheets: Sequence[Sheet]) -> None:
        """The hidden sheets: the lists to choose from, and what the workbook is."""
        place = self.book.add_worksheet(LISTS)
        for number, words in enumerate(self.lists):
            place.write_column(0, number, words)
        place.very_hidden()
        place.protect()
        place = self.book.add_worksheet(MACHINE)
        known = mark(self.material, self.school, self.kind) | {"sheets": self.sheets}
        place.write_string(0, 0, _json(known))
        place.very_hidden()
        place.protect()

    def _sheet(self, title: str, table: str, sheet: Sheet | None = None) -> Any:
        """A sheet with its mark, locked but for the cells that are filled in."""
        place = self.book.add_worksheet(title)
        self.sheets[table] = title
        known = mark(self.material, self.school, self.kind) | {"table": table}
        if sheet is not None:
            names = [*("" for _ in sheet.shown), *(column.name for column in sheet.columns)]
            headings = [*sheet.shown, *(column.heading for column in sheet.columns)]
            known |= {"columns": names, "headings": headings, "lines": len(sheet.every_line)}
        place.write_string(MARK, 0, _json(known))
        place.set_row(MARK, None, None, {"hidden": True})
        place.set_column(0, 0, None, None, {"hidden": True})
        place.protect("", {"format_columns": True, "format_rows": True})
        place.hide_gridlines(2)
        return place


def _width(sheet: Sheet, column: Column | None, number: int) -> float:
    """How wide a column is, in characters."""
    if column is None:
        longest = max([len(line.shown[number]) for line in sheet.lines] or [0])
        return min(max(longest, 14), 36)
    if column.kind == "choice":
        return min(max(map(len, column.choices.values())) + 4, 36)
    return 34 if column.kind == "text" and column.name != "session" else 14


def _height(cells: Sequence[tuple[str, float]]) -> float:
    """How high a row has to be for texts in columns of so many characters, in points."""
    lines = max([-int(-len(text) * 1.15 // width) for text, width in cells] or [1])
    return 15.0 * max(lines, 1) + 1


def _letters(number: int) -> str:
    from xlsxwriter.utility import xl_col_to_name

    return str(xl_col_to_name(number))


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdecimal()


def _json(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
