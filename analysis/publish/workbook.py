"""The workbook of a document: cover, contents, notes, and a sheet for each of its tables.

Laid out as the Analysis Function asks of tables that everybody can read: one marked table a sheet,
from the first column on, what it is and its signs above it, nothing merged. Cells say what the page
says: numbers as numbers with as many decimals, ``[c]`` and words as text. The workbook's date is the
edition's, so that the same report is the same file.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from math import ceil
from typing import Any

from analysis.language import N_, gettext
from analysis.present.page import Page
from analysis.present.shown import NOT_AVAILABLE, WITHHELD
from analysis.publish.builtin import Read
from analysis.publish.exhibits import Exhibit
from analysis.publish.tidy import harmless, number

NAME = "workbook.xlsx"
#: Characters that a sheet's name may not hold, and how long it may be.
NOT_IN_NAMES, LONGEST = re.compile(r"[\[\]:*?/\\]"), 31
#: Pixels of a column at least and at most; what is longer is broken into lines.
NARROWEST, WIDEST = 60, 600
#: Pixels of the cover, and of a line.
COVER, LINE = 700, 21
FONT: dict[str, Any] = {"font_name": "Arial", "font_size": 12}
#: Widths are measured in the font that a spreadsheet starts with, which is smaller.
LARGER = 12 / 11 * 1.1
#: What stands in a cell of the page where there is nothing, and the sign for it.
DASHES, NONE = ("–", "—", "-"), "[z]"
#: Signs that cells hold, and what they say.
SHORTHAND = {
    WITHHELD: N_(
        "withheld, because it rests on too few people or would give away a number that does"
    ),
    NOT_AVAILABLE: N_("not available"),
    NONE: N_("does not apply, or none"),
}


def sheet_name(name: str) -> str:
    """The name of a sheet, from that of a table or another."""
    return NOT_IN_NAMES.sub(" ", name)[:LONGEST]


def workbook(page: Page, read: Read, exhibits: Sequence[Exhibit]) -> bytes:
    """The workbook of a document's tables; there is at least one.

    Parameters
    ----------
    page
        The unit's page, for the study and its edition.
    read
        The document, for its title and the colours of its brand.
    exhibits
        Its tables and figures; figures have no sheet.
    """
    # Only here: who computes and releases writes no workbook.
    from analysis.questionnaire.workbooks import written

    front, tables = read.front, [each for each in exhibits if each.is_table]
    title = gettext("{report}: tables", report=front.title)
    with written(title) as (book, content):
        book.set_properties(
            {
                "title": title,
                "author": ", ".join(front.authors),
                "status": front.draft,
                "created": dt.datetime.combine(page.study.edition.date, dt.time()),
            }
        )
        sheets = _Sheets(book, read.brand.primary)
        sheets.cover(title, [front.subtitle, *front.authors], _about(page, read))
        sheets.table(
            gettext("Contents"),
            "contents_table",
            [gettext("Table of contents"), gettext("This worksheet contains one table.")],
            [gettext("Sheet"), gettext("What it shows")],
            [[sheet_name(each.name), _title(each)] for each in tables],
            links=True,
        )
        sheets.table(
            gettext("Notes"),
            "notes_table",
            [gettext("Notes"), gettext("This worksheet contains one table.")],
            [gettext("Note"), gettext("What it says")],
            [[number, said] for number, said in enumerate(_notes(page), 1)],
        )
        for each in tables:
            _add(sheets, page, each)
    return content.getvalue()


class _Sheets:
    """Writes the sheets of a workbook."""

    def __init__(self, book: Any, colour: str) -> None:
        self.book = book
        look = {**FONT, "bold": True, "font_color": colour}
        self._title = book.add_format({**look, "font_size": 16})
        # Over a table a title goes on beside its column; on the cover there is one column.
        self._cover_title = book.add_format({**look, "font_size": 16, "text_wrap": True})
        self._subtitle = book.add_format({**look, "font_size": 14, "text_wrap": True})
        self._line = book.add_format(FONT)
        self._text = book.add_format({**FONT, "text_wrap": True, "valign": "top"})
        self._link = book.add_format(
            {**FONT, "text_wrap": True, "valign": "top", "underline": True, "font_color": "#0000FF"}
        )

    def cover(self, title: str, made: Sequence[str], about: Sequence[str]) -> None:
        """The first sheet: what the workbook is of, and what to know about it."""
        sheet = self._added(gettext("Cover"))
        sheet.set_column_pixels(0, 0, COVER)
        rows = [
            (title, self._cover_title),
            (gettext("What this is"), self._subtitle),
            *((text, self._text) for text in made if text),
            (gettext("About these data"), self._subtitle),
            *((text, self._text) for text in about),
        ]
        for row, (text, form) in enumerate(rows):
            sheet.write_string(row, 0, harmless(text), form)
            lines = ceil(_pixels(text) * form.font_size / FONT["font_size"] / COVER)
            sheet.set_row_pixels(row, lines * (LINE + form.font_size - FONT["font_size"]))

    def table(
        self,
        name: str,
        label: str,
        above: Sequence[str],
        columns: Sequence[str],
        rows: Sequence[Sequence[str | float]],
        decimals: Sequence[str] = (),
        *,
        links: bool = False,
    ) -> None:
        """A sheet with one table.

        ``above`` is the sheet's title and what else stands over the table; ``label`` what the table
        is called in formulas; ``decimals`` a format of numbers for each column, or nothing. With
        ``links`` the first column holds names of sheets, and leads there.
        """
        sheet = self._added(name)
        for row, text in enumerate(above):
            sheet.write_string(row, 0, harmless(text), self._line if row else self._title)
        first = len(above)
        headings = _headings(columns)
        found = []
        for place, heading in enumerate(headings):
            cells = [row[place] for row in rows]
            numbers = bool(cells) and all(not isinstance(each, str) for each in cells)
            found.append(self._column(decimals[place] if decimals else "", numbers))
            sheet.write_string(first, place, heading, found[-1][0])
        _laid_out(sheet, first, [headings, *([str(each) for each in row] for row in rows)])
        for down, line in enumerate(rows, first + 1):
            for place, value in enumerate(line):
                if not isinstance(value, str):
                    sheet.write_number(down, place, value, found[place][1])
                elif links and place == 0:
                    quoted = value.replace("'", "''")
                    sheet.write_url(down, place, f"internal:'{quoted}'!A1", self._link, value)
                else:
                    sheet.write_string(down, place, harmless(value), found[place][1])
        if rows:
            marked = [
                {"header": heading, "header_format": form[0]}
                for heading, form in zip(headings, found, strict=True)
            ]
            options = {"name": label, "autofilter": False, "style": None, "columns": marked}
            sheet.add_table(first, 0, first + len(rows), len(headings) - 1, options)

    def _added(self, name: str) -> Any:
        sheet = self.book.add_worksheet(sheet_name(name))
        sheet.hide_gridlines(2)
        return sheet

    def _column(self, decimals: str, numbers: bool) -> tuple[Any, Any]:
        """How the heading and the cells of a column look; numbers stand below each other."""
        side = {"align": "right", "indent": 1} if numbers else {"align": "left"}
        look = {**FONT, "text_wrap": True, "valign": "top", **side}
        heading = self.book.add_format({**look, "bold": True, "bottom": 1})
        return heading, self.book.add_format({**look, "num_format": decimals or "General"})


def _pixels(text: str) -> float:
    """How wide a text is on one line."""
    # Only here, for the same reason as above.
    from xlsxwriter.utility import cell_autofit_width

    return float(cell_autofit_width(text) * LARGER)


def _laid_out(sheet: Any, first: int, lines: Sequence[Sequence[str]]) -> None:
    """Make columns as wide as their longest text, within limits, and rows high enough for all.

    Not every spreadsheet breaks lines and finds the height of a row when it opens a file.
    """
    wanted = [[_pixels(text) for text in line] for line in lines]
    widths = [min(max(*column, NARROWEST), WIDEST) for column in zip(*wanted, strict=True)]
    for place, width in enumerate(widths):
        sheet.set_column_pixels(place, place, int(width))
    for row, line in enumerate(wanted, first):
        # Words are not broken, so that a line is never quite full.
        needed = max(
            ceil(1.1 * w / width) if w > width else 1 for w, width in zip(line, widths, strict=True)
        )
        if needed > 1:
            sheet.set_row_pixels(row, needed * LINE)


def _title(exhibit: Exhibit) -> str:
    return f"{exhibit.name}: {exhibit.caption}"


def _add(sheets: _Sheets, page: Page, exhibit: Exhibit) -> None:
    """The sheet of a table of the report."""
    rows = [
        [cell_value(exhibit, (r, c), text) for c, text in enumerate(row)]
        for r, row in enumerate(exhibit.rows)
    ]
    texts = {text for row in rows for text in row if isinstance(text, str)}
    legend = [
        f"{sign} = {gettext(said)}"
        for sign, said in SHORTHAND.items()
        if any(sign in text for text in texts)
    ]
    sheets.table(
        exhibit.name,
        re.sub(r"\W", "_", exhibit.label),
        [
            _title(exhibit),
            *exhibit.notes,
            gettext("This worksheet contains one table. Id in the report: {id}.", id=exhibit.label),
            *legend,
            f"{page.study.title}, {page.study.edition.term}",
        ],
        exhibit.columns,
        rows,
        [_decimals(exhibit, rows, c) for c in range(len(exhibit.columns))],
    )


def _about(page: Page, read: Read) -> list[str]:
    said = [read.front.draft] if read.front.draft else []
    if read.front.edition_line:
        said.append(" · ".join(read.front.edition_line))
    if page.study.notice:
        said.append(page.study.notice)
    return [
        *said,
        gettext(
            "Each sheet is a table of the report, with the number that it has there. Cells hold "
            "what the report shows, and nothing else."
        ),
    ]


def _notes(page: Page) -> list[str]:
    least = ", ".join(f"{each.minimum} {each.noun}" for each in page.study.populations)
    return [
        *(f"{sign}: {gettext(said)}." for sign, said in SHORTHAND.items()),
        gettext("Results of fewer people than these are withheld: {people}.", people=least),
        gettext(
            "Words in a cell for a number (such as few) stand for a number that would tell of too "
            "few people."
        ),
        gettext("An interval is a 95% interval unless its table says otherwise."),
    ]


def cell_value(exhibit: Exhibit, place: tuple[int, int], text: str) -> str | float:
    """What a cell of the workbook holds: a number where the page's cell is one, or its text."""
    parts = exhibit.cells.get(place, [])
    value = number(text) if len(parts) == 1 and parts[0].text == text else None
    if value is not None:
        return value
    return NONE if text in DASHES else harmless(text)


def _decimals(exhibit: Exhibit, rows: Sequence[Sequence[str | float]], column: int) -> str:
    """The format by which a column's numbers have as many decimals as on the page.

    Where they differ within the column each has as many as it needs.
    """
    found = {
        len(exhibit.rows[r][column].partition(".")[2])
        for r, row in enumerate(rows)
        if not isinstance(row[column], str)
    }
    if len(found) != 1:
        return ""
    decimals = found.pop()
    return "#,##0" + ("." + "0" * decimals if decimals else "")


def _headings(columns: Sequence[str]) -> list[str]:
    """Headings that are all there and all different, as a worksheet's table asks for."""
    found: dict[str, str] = {}
    for place, text in enumerate(map(harmless, columns), 1):
        name = text or gettext("Column {number}", number=place)
        if name.casefold() in found:
            name = f"{name} ({place})"
        found[name.casefold()] = name
    return list(found.values())
