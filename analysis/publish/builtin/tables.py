"""A Pandoc table as rows of cells, with what both formats need to know to set it well."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import ceil
from typing import Any, Literal

from analysis.publish.builtin.tree import Node, Nodes, is_words, text_of

Alignment = Literal["left", "right", "center"]

# Numbers as a report prints them: -0.31, 1,204, 45%, < .001, £3, 4 of 6, [c], 0.2 to 0.6.
NUMBER = re.compile(
    r"^(?:[-−–+±<>≤≥=£~ ]*\.?\d[\d,.]*\s?%?(?:\s*(?:to|–|-|,|of|;)\s*[-−+]?\.?\d[\d,.]*%?)?"
    r"(?:\s*[\[(][^\])]*[\])])?|\[[a-z]\]|[–—-]|n/?a)$",
    re.IGNORECASE,
)
# In characters: how much of a line one column of text may claim beside the others.
WIDEST_TEXT = {1: 60.0, 2: 60.0, 3: 60.0, 4: 56.0, 5: 40.0, 6: 36.0}
WIDEST_TEXT_OF_MANY = 28.0
NARROW = 42.0
BROAD = 90.0  # of columns of numbers together
SHORT = 20  # lines of text


@dataclass(frozen=True)
class TableCell:
    """One cell: its blocks, their text, and whether there is nothing but that text to them."""

    blocks: Nodes
    text: str
    bare: bool


@dataclass(frozen=True)
class Table:
    """Header rows, body rows, and for each column how it is set."""

    header: list[list[TableCell]]
    rows: list[list[TableCell]]
    alignments: list[Alignment]
    widths: list[float]  # in characters

    @property
    def narrow(self) -> bool:
        """Whether the table would look lost across the whole line."""
        return sum(self.widths) < NARROW

    @property
    def short(self) -> bool:
        """Whether the table is kept on one page rather than broken across two."""
        return sum(self._lines(row) for row in self.rows) <= SHORT

    def _lines(self, row: list[TableCell]) -> int:
        return max(
            (
                ceil(len(cell.text) / width)
                for cell, width in zip(row, self.widths, strict=False)
                if cell.text
            ),
            default=1,
        )

    @property
    def wide(self) -> bool:
        """Whether the table needs smaller type."""
        numbers = sum(
            width
            for width, aligned in zip(self.widths, self.alignments, strict=True)
            if aligned == "right"
        )
        return len(self.widths) >= 7 or numbers > BROAD


def read_table(node: Node) -> Table:
    """Take a ``Table`` node apart."""
    _, _, columns, head, bodies, foot = node["c"]
    header = [row for row in _rows(head[1]) if any(cell.text for cell in row)]
    rows = [row for body in bodies for row in [*_rows(body[2]), *_rows(body[3])]]
    rows += _rows(foot[1])
    alignments = [
        _alignment(column[0]["t"], [row[index].text for row in rows if index < len(row)], index)
        for index, column in enumerate(columns)
    ]
    widths = [
        _width(
            [row[index].text for row in rows],
            [row[index].text for row in header],
            WIDEST_TEXT.get(len(columns), WIDEST_TEXT_OF_MANY),
        )
        for index in range(len(columns))
    ]
    return Table(header, rows, alignments, widths)


def _rows(rows: list[Any]) -> list[list[TableCell]]:
    return [[_cell(cell[4]) for cell in row[1]] for row in rows]


def _cell(blocks: Nodes) -> TableCell:
    return TableCell(blocks, text_of(blocks).strip(), is_words(blocks))


def _alignment(stated: str, texts: list[str], index: int) -> Alignment:
    if stated == "AlignRight":
        return "right"
    if stated == "AlignCenter":
        return "center"
    filled = [text for text in texts if text]
    if stated == "AlignDefault" and index and filled and all(NUMBER.match(t) for t in filled):
        return "right"
    return "left"


def _width(texts: list[str], headings: list[str], widest: float) -> float:
    """The characters a column asks for: its longest cell, or its heading's longest word."""
    longest = max((len(text) for text in texts), default=0)
    word = max((len(part) for text in headings for part in text.split()), default=0)
    heading = max((len(text) for text in headings), default=0)
    heading_share = float(heading) if heading <= 8 else min(heading / 2, 12.0)
    return max(min(float(longest), widest), float(word), heading_share, 3.0)
