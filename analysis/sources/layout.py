"""What a survey tool's export looks like, once it is recognised."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

DateOrder = Literal["day_first", "month_first"]


@dataclass(frozen=True)
class Layout:
    """How to read one tool's export.

    Attributes
    ----------
    names
        Each column's heading, as mapping files name it.
    questions
        Each column's question in words; empty where the export does not say.
    header_rows
        Rows before the first response.
    personal
        Headings that the tool adds and that are personal, as compared.
    dates
        How the tool writes dates in figures, where it always writes them the same way.
    response_number
        The column that numbers responses, if any: never a person's code or a school's URN.
    headings
        Each column's heading as it stands in the file, where ``names`` had to be told apart.
    notes
        What an analyst should know of the file.
    """

    names: list[str]
    questions: list[str]
    header_rows: int
    personal: frozenset[str] = frozenset()
    dates: DateOrder | None = None
    response_number: str = ""
    headings: list[str] | None = None
    notes: tuple[str, ...] = ()
