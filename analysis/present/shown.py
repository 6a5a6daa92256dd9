"""What a notebook cell shows: a table, a figure or a sentence, with the ids of its numbers.

Each carries, in its output's metadata under ``drp``, the ledger id, the text and the precision
of every number it shows, so that a test can compare a rendered report with the ledger. They are one
text, a line for each number: as tens of thousands of values of their own they would take as long to
write as the rest of a notebook.
"""

from __future__ import annotations

import csv
import io
import string
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

MINUS = "\u2212"
WITHHELD = "[c]"
NOT_AVAILABLE = "[x]"


@dataclass(frozen=True)
class Part:
    """One number as shown, and where it comes from."""

    text: str
    unit: str
    id: str
    field: str
    decimals: int


#: What a cell holds that tells nothing: withheld, not available, does not apply, or nothing at all.
NOTHING_SAID = (r"\[c\]", r"\[x\]", r"\[z\]", "–", "")


#: A cell of a table, or a stretch of a sentence: authored text and numbers in order.
Cell = str | Part | Sequence[str | Part]


def number_text(value: float, decimals: int) -> str:
    """A number for readers: fixed decimals, thousands separated, a true minus sign."""
    text = f"{value:,.{decimals}f}"
    if float(text.replace(",", "")) == 0:
        text = text.lstrip("-")
    return text.replace("-", MINUS)


def p_text(value: float) -> str:
    """A p-value to three decimals, or as below the smallest."""
    return "<0.001" if value < 0.0005 else f"{value:.3f}"


def escaped(text: str) -> str:
    """Text that people wrote, as Markdown that shows it literally.

    Every ASCII punctuation mark is escaped, so that nothing in it can be markup, a shortcode,
    a citation, maths or HTML; line breaks become spaces.
    """
    plain = " ".join(text.split())
    return "".join(f"\\{c}" if c in string.punctuation else c for c in plain)


def parts_of(cell: Cell) -> list[Part]:
    """The numbers of a cell."""
    pieces = [cell] if isinstance(cell, str | Part) else list(cell)
    return [piece for piece in pieces if isinstance(piece, Part)]


def markdown_of(cell: Cell) -> str:
    """A cell as Markdown; its authored text is taken as Markdown already."""
    pieces = [cell] if isinstance(cell, str | Part) else list(cell)
    return "".join(escaped(p.text) if isinstance(p, Part) else p for p in pieces)


@dataclass(frozen=True)
class Table:
    """A table of released numbers.

    ``caption`` is Markdown; ``widths`` are relative column widths; ``note`` is Markdown below the
    table. A note on ``[c]`` is added where the table needs one.
    """

    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    widths: Sequence[int]
    note: str = ""
    text_columns: int = 1
    caption: str = ""

    def markdown(self) -> str:
        """The table as a Pandoc pipe table, with its notes."""
        if not self.rows:
            return "*No result of this kind can be shown for this report.*"
        rules = [
            ":" + "-" * (width - 1) if place < self.text_columns else "-" * (width - 1) + ":"
            for place, width in enumerate(self.widths)
        ]
        # Longer than any terminal: pandoc then takes the widths from the rule.
        padding = " " * max(0, 73 - sum(self.widths))
        lines = [
            "| " + " | ".join(self.columns) + padding + " |",
            "|" + "|".join(rules) + "|",
        ]
        lines += ["| " + " | ".join(markdown_of(c) for c in row) + " |" for row in self.rows]
        blocks = ["\n".join(lines)]
        notes = [self.note] if self.note else []
        shown = {part.text for row in self.rows for cell in row for part in parts_of(cell)}
        shown |= {cell for row in self.rows for cell in row if isinstance(cell, str)}
        if any(WITHHELD in text or r"\[c\]" in text for text in shown):
            notes.append(
                r"\[c\]: withheld, because it rests on too few people or would give away a "
                "number that does."
            )
        if any(NOT_AVAILABLE in text or r"\[x\]" in text for text in shown):
            notes.append(r"\[x\]: not available.")
        if notes:
            blocks.append("::: {.table-note}\n" + " ".join(notes) + "\n:::")
        return "\n\n".join(blocks) + "\n"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> tuple[Any, Any]:
        cells = [
            (part, r, c)
            for r, row in enumerate(self.rows)
            for c, cell in enumerate(row)
            for part in parts_of(cell)
        ]
        return bundle(
            {"text/markdown": self.markdown()},
            {
                "kind": "table",
                "caption": self.caption,
                "text_columns": self.text_columns,
                "numbers": recorded(cells),
            },
        )


def table(
    columns: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    widths: Sequence[int],
    caption: str,
    note: str = "",
    text_columns: int = 1,
) -> Table | None:
    """A table, or nothing where it would have no rows, or not one number or word to read.

    A table in which every number is withheld or not available says no more than the sentence
    that gives the reason.
    """
    told = [cell for row in rows for cell in row[text_columns:]]
    if not rows or (told and all(_says_nothing(cell) for cell in told)):
        return None
    return Table(columns, rows, widths, note, text_columns, caption)


def _says_nothing(cell: Cell) -> bool:
    return markdown_of(cell).strip() in NOTHING_SAID


@dataclass(frozen=True)
class Text:
    """Sentences with released numbers in them, as Markdown."""

    pieces: Sequence[str | Part]

    def markdown(self) -> str:
        """The text as Markdown."""
        return markdown_of(list(self.pieces)).strip() + "\n"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> tuple[Any, Any]:
        numbers = recorded((part, None, None) for part in parts_of(list(self.pieces)))
        return bundle({"text/markdown": self.markdown()}, {"kind": "text", "numbers": numbers})


def text(pieces: Sequence[str | Part]) -> Text | None:
    """Sentences, or nothing where there are none."""
    return Text(pieces) if any(isinstance(p, Part) or p.strip() for p in pieces) else None


@dataclass(frozen=True)
class Figure:
    """A chart in two forms from the same released numbers: interactive HTML and SVG.

    ``caption`` is Markdown; ``alt`` says in words what the chart shows; ``html`` is empty for a
    diagram that has only an SVG.
    """

    svg: str
    alt: str
    html: str = ""
    parts: Sequence[Part] = field(default_factory=tuple)
    caption: str = ""

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> tuple[Any, Any]:
        data = {"image/svg+xml": self.svg}
        if self.html:
            data["text/html"] = self.html
        numbers = recorded((part, None, None) for part in self.parts)
        record = {"kind": "figure", "caption": self.caption, "alt": self.alt}
        return bundle(data, {**record, "numbers": numbers})


def recorded(numbers: Iterable[tuple[Part, int | None, int | None]]) -> str:
    """Numbers, each with its row and column if it stands in a table, as lines of CSV."""
    lines = io.StringIO(newline="")
    csv.writer(lines).writerows(
        (part.text, part.unit, part.id, part.field, part.decimals, row, column)
        for part, row, column in numbers
    )
    return lines.getvalue()


def read_recorded(numbers: str) -> list[tuple[Part, int | None, int | None]]:
    """What :func:`recorded` was given."""
    return [
        (
            Part(text, unit, identity, field, int(decimals)),
            int(row) if row else None,
            int(column) if column else None,
        )
        for text, unit, identity, field, decimals, row, column in csv.reader(
            io.StringIO(numbers, newline="")
        )
    ]


def bundle(data: dict[str, str], record: dict[str, Any]) -> tuple[dict[str, str], dict[str, Any]]:
    """A MIME bundle with the record of its numbers as metadata."""
    return {**data, "text/plain": f"<{record['kind']}>"}, {"drp": record}
