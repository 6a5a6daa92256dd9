"""The workbook of a document: cover, contents, notes, and a sheet for each of its tables.

Laid out by gptables, the library of the Analysis Function for tables that everybody can read. Cells
say what the page says: numbers as numbers with as many decimals, ``[c]`` and words as text. The
workbook's date is the edition's, so that the same report is the same file.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import warnings
from collections.abc import Sequence
from copy import deepcopy
from functools import cache
from types import SimpleNamespace
from typing import Any

import pandas as pd

from analysis.language import N_, gettext
from analysis.present.page import Page
from analysis.present.shown import NOT_AVAILABLE, WITHHELD
from analysis.publish.builtin import Read
from analysis.publish.exhibits import Exhibit
from analysis.publish.tidy import harmless, number

NAME = "workbook.xlsx"
#: Characters that a sheet's name may not hold, and how long it may be.
NOT_IN_NAMES, LONGEST = re.compile(r"[\[\]:*?/\\]"), 31
LETTER_OR_DIGIT = re.compile(r"[A-Za-z0-9]")
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


def sheet_name(exhibit: Exhibit) -> str:
    """The name of a table's sheet."""
    return NOT_IN_NAMES.sub(" ", exhibit.name)[:LONGEST]


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
    gptables = _gptables()
    content = io.BytesIO()
    front, tables = read.front, [each for each in exhibits if each.is_table]
    with warnings.catch_warnings():
        # A workbook without notes of its own to refer to is none with a fault.
        warnings.simplefilter("ignore")
        made = gptables.produce_workbook(
            content,
            sheets={sheet_name(each): _sheet(page, each) for each in tables},
            theme=_theme(read.brand.primary),
            cover=gptables.Cover(
                title=_text(gettext("{report}: tables", report=front.title)),
                intro=[_text(each) for each in (front.subtitle, *front.authors) if each],
                about=[_text(each) for each in _about(page, read)],
                width=100,
            ),
            notes_table=_notes(page),
        )
    day = dt.datetime.combine(page.study.edition.date, dt.time())
    made.set_properties(
        {
            "title": gettext("{report}: tables", report=front.title),
            "author": ", ".join(front.authors),
            "status": front.draft,
            "created": day,
        }
    )
    made.close()
    return content.getvalue()


class _AnyFrame(type):
    """Of which every frame counts as an instance."""

    def __instancecheck__(cls, other: object) -> bool:
        return isinstance(other, pd.DataFrame)


class _Frame(pd.DataFrame, metaclass=_AnyFrame):
    """A frame for gptables 1.2, which keeps formats in an empty frame that it lays out like a table.

    Up to pandas 2 such a frame, of numbers, came to hold anything; now it has to be made for that.
    """

    def reindex_like(self, other: pd.DataFrame, *more: Any, **named: Any) -> pd.DataFrame:  # type: ignore[misc, override]
        return pd.DataFrame(super().reindex_like(other, *more, **named).astype(object))


@cache
def _gptables() -> Any:
    """The library, without what it has to say of another that it reads its files with."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import gptables
        from gptables.core import wrappers
    wrappers.pd = SimpleNamespace(**{**vars(pd), "DataFrame": _Frame})
    return gptables


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


def _notes(page: Page) -> pd.DataFrame:
    least = ", ".join(f"{each.minimum} {each.noun}" for each in page.study.populations)
    notes = [f"{sign}: {gettext(said)}." for sign, said in SHORTHAND.items()]
    notes += [
        gettext("Results of fewer people than these are withheld: {people}.", people=least),
        gettext(
            "Words in a cell for a number (such as few) stand for a number that would tell of too "
            "few people."
        ),
        gettext("An interval is a 95% interval unless its table says otherwise."),
    ]
    return pd.DataFrame(
        {"Note reference": [f"note{n}" for n, _ in enumerate(notes)], "Note text": notes}
    )


def _theme(colour: str) -> Any:
    """gptables' own theme with titles in the brand's colour."""
    theme = deepcopy(_gptables().gptheme)
    for name in ("title", "cover_title", "cover_subtitle"):
        getattr(theme, f"{name}_format")["font_color"] = colour
    return theme


def _sheet(page: Page, exhibit: Exhibit) -> Any:
    columns = _headings(exhibit.columns)
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
    frame = pd.DataFrame(rows, columns=columns, dtype=object)
    return _gptables().GPTable(
        table=frame,
        table_name=re.sub(r"\W", "_", exhibit.label),
        title=_text(f"{exhibit.name}: {exhibit.caption}"),
        subtitles=[_text(note) for note in exhibit.notes],
        instructions=gettext(
            "This worksheet contains one table. Id in the report: {id}.", id=exhibit.label
        ),
        source=_text(f"{page.study.title}, {page.study.edition.term}"),
        legend=legend,
        index_columns={2: 0},
        additional_formatting=_decimals(rows, exhibit),
    )


def cell_value(exhibit: Exhibit, place: tuple[int, int], text: str) -> Any:
    """What a cell of the workbook holds: a number where the page's cell is one, or its text."""
    parts = exhibit.cells.get(place, [])
    value = number(text) if len(parts) == 1 and parts[0].text == text else None
    if value is not None:
        return value
    if text in DASHES:
        return NONE
    shown = _text(text)
    # The library takes a cell without a letter of English, or a digit, for one of signs alone.
    plain = not shown or LETTER_OR_DIGIT.search(shown)
    return shown if plain else _gptables().core.gptable.FormatList([{}, shown])


def _decimals(rows: Sequence[Sequence[Any]], exhibit: Exhibit) -> list[dict[str, Any]]:
    """Formats by which the numbers of a column have as many decimals as on the page.

    Where they differ within a column each has as many as it needs.
    """
    found: list[dict[str, Any]] = []
    for c in range(len(exhibit.columns)):
        decimals = {
            len(exhibit.rows[r][c].partition(".")[2])
            for r, row in enumerate(rows)
            if isinstance(row[c], float)
        }
        if decimals:
            shown = _format(decimals.pop()) if len(decimals) == 1 else "General"
            found.append({"column": {"columns": [c], "format": {"num_format": shown}}})
    return found


def _format(decimals: int) -> str:
    return "#,##0" + ("." + "0" * decimals if decimals else "")


def _headings(columns: Sequence[str]) -> list[str]:
    """Headings that are all there and all different, as a worksheet's table asks for."""
    found: list[str] = []
    for place, text in enumerate(map(_text, columns), 1):
        name = text or gettext("Column {number}", number=place)
        found.append(name if name not in found else f"{name} ({place})")
    return found


def _text(text: str) -> str:
    """Text as it is: nothing in it is a formula, an address to follow, or a mark of gptables."""
    plain = text.replace("$$", "$ $").replace("](", "] (")
    return harmless(plain)
