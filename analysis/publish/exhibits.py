"""The numbered tables and figures of a document as they stand on its pages, with their numbers.

What can be taken away from a report is made from these: the workbook, tidy CSV, and what a number
on a page says of itself. So none of it can show more than the page, or another number.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from analysis.language import N_, gettext
from analysis.present.shown import Part, read_recorded
from analysis.publish.builtin import Read
from analysis.publish.builtin.tables import read_table
from analysis.publish.builtin.tree import Node, Nodes, text_of

WORDS = {"tbl": N_("Table"), "fig": N_("Figure")}
#: Where a number stands in a table: row and column, from nought, below the headings.
Place = tuple[int, int]


@dataclass(frozen=True)
class Exhibit:
    """A numbered table or figure of a document.

    ``page`` is the path of its page from the document's folder; ``columns``, ``rows`` and ``notes``
    are a table's text as readers see it; ``numbers`` are the numbers of the ledger in it, those of
    a table with the place where they stand.
    """

    label: str
    number: str
    caption: str
    page: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...]
    numbers: tuple[tuple[Part, Place | None], ...]

    @property
    def is_table(self) -> bool:
        """Whether it is a table, and no figure."""
        return self.label.startswith("tbl-")

    @property
    def name(self) -> str:
        """What the report calls it: Table 3.1."""
        return f"{gettext(WORDS[self.label[:3]])} {self.number}"

    @cached_property
    def cells(self) -> dict[Place, list[Part]]:
        """The numbers of each cell of a table that holds any."""
        found: dict[Place, list[Part]] = {}
        for part, place in self.numbers:
            if place is not None:
                found.setdefault(place, []).append(part)
        return found


def exhibits(read: Read) -> list[Exhibit]:
    """The numbered tables and figures of a document, in order."""
    return [
        _exhibit(node, page.path)
        for page in read.report.pages
        for node in floats(page.blocks)
        if node["number"]
    ]


def floats(value: Any) -> Iterator[Node]:
    """Captioned tables and figures of a tree, in order."""
    if isinstance(value, list):
        for each in value:
            yield from floats(each)
    elif isinstance(value, dict):
        if value.get("t") == "Float":
            yield value
        elif value.get("t") not in ("Para", "Plain", "Header", "Table"):
            for each in value.values():
                if isinstance(each, list | dict):
                    yield from floats(each)


def _exhibit(node: Node, page: str) -> Exhibit:
    blocks: Nodes = node["blocks"]
    table = next((block for block in blocks if block["t"] == "Table"), None)
    found = None if table is None else read_table(table)
    numbers = tuple(
        (part, None if row is None or column is None else (row, column))
        for part, row, column in read_recorded(node.get("numbers", ""))
    )
    after = [] if table is None else [block for block in blocks if block is not table]
    return Exhibit(
        label=node["id"],
        number=node["number"],
        caption=_text(node["caption"]),
        page=page,
        columns=() if found is None else tuple(cell.text for row in found.header for cell in row),
        rows=() if found is None else tuple(tuple(c.text for c in row) for row in found.rows),
        notes=tuple(filter(None, map(_text, after))),
        numbers=numbers,
    )


def _text(value: Any) -> str:
    return " ".join(text_of(value).split())
