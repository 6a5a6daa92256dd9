"""A cell of a table, or a stretch of a sentence: authored text, and numbers that know where they come
from.
"""

from __future__ import annotations

import re
import string
from collections.abc import Sequence
from dataclasses import dataclass

from analysis.language import localised

MINUS = "\u2212"
WITHHELD = "[c]"
NOT_AVAILABLE = "[x]"
#: The class of a number in a text, and the attribute that says which number it is.
NUMBER, OF = "number", "of"
MARKED = re.compile(rf'\[((?:[^\[\]\\]|\\.)*)\]\{{\.{NUMBER} {OF}="[^"]*"\}}')


@dataclass(frozen=True)
class Part:
    """One number as shown, and where it comes from."""

    text: str
    unit: str
    id: str
    field: str
    decimals: int


#: What stands in a cell for a number: withheld, not available, does not apply, none.
MARKS = {r"\[c\]", r"\[x\]", r"\[z\]", "–"}


#: A cell of a table, or a stretch of a sentence: authored text and numbers in order.
Cell = str | Part | Sequence[str | Part]


def number_text(value: float, decimals: int) -> str:
    """A number for readers: fixed decimals, thousands separated, a true minus sign."""
    text = f"{value:,.{decimals}f}"
    if float(text.replace(",", "")) == 0:
        text = text.lstrip("-")
    return localised(text).replace("-", MINUS)


def p_text(value: float) -> str:
    """A p-value to three decimals, or as below the smallest."""
    return localised("<0.001" if value < 0.0005 else f"{value:.3f}")


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


def marked_of(cell: Cell) -> str:
    """A cell as Markdown in which each number says which it is: unit and id, as the class ``number``.

    Pages make of it what a reader can ask (:mod:`analysis.publish.numbers`); elsewhere it is the
    number alone.
    """
    pieces = [cell] if isinstance(cell, str | Part) else list(cell)
    return "".join(
        f'[{escaped(p.text)}]{{.{NUMBER} {OF}="{p.unit} {p.id}"}}' if isinstance(p, Part) else p
        for p in pieces
    )


def unmarked(markdown: str) -> str:
    """What :func:`marked_of` marked, with the numbers alone."""
    return MARKED.sub(r"\1", markdown)
