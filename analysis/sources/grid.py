"""A file's cells as text, before anybody knows which rows are headings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import pandas as pd

from analysis.errors import a_few
from analysis.sources.container import Container

#: No tool has more heading rows.
HEAD = 3
#: Rows among which the headings are looked for, where a title stands above them.
TITLES = 10


@dataclass(frozen=True)
class Fault:
    """Something that makes a cell's text not what it seems: its row (as in the grid's index),
    the place of its column, and what is wrong, in words that follow "rows 3 and 4"."""

    row: int
    place: int
    what: str


@dataclass(frozen=True)
class Grid:
    """All cells of a file.

    ``cells`` holds text, empty where the file has nothing; its columns are numbered from 0 and
    its index is the row's number as a spreadsheet (or SPSS's data view) shows it. A file of a
    statistics programme has no heading rows: ``variables`` names its columns and ``labels`` says
    what they ask; ``value_labels`` gives, by column, what each code stands for. ``about`` says in
    words how the file is written (encoding, delimiter, kind of workbook); ``notes`` what an
    analyst should know of it; ``faults`` which cells cannot be used as they stand; ``short`` how
    many cells a row has that has fewer than the table, where it cannot be known which.
    """

    path: Path
    sheet: str
    container: Container
    cells: pd.DataFrame
    variables: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    value_labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    about: str = ""
    notes: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()
    short: Mapping[int, int] = field(default_factory=dict)

    @property
    def where(self) -> str:
        """The file, and the sheet if it has any, for messages."""
        return f"{self.path}" + (f", sheet '{self.sheet}'" if self.sheet else "")

    @property
    def has_variables(self) -> bool:
        """Whether columns have names of their own, and no row holds headings."""
        return self.container in ("sav", "dta")

    def head(self, rows: int) -> list[list[str]]:
        """The first rows (at most three) with white space tidied; of a statistics programme's
        file, the variables' names and labels."""
        if self.has_variables:
            return [list(self.variables), list(self.labels)]
        return self._first[:rows]

    @cached_property
    def _first(self) -> list[list[str]]:
        return [
            [tidy(cell) for cell in row]
            for row in self.cells.iloc[:HEAD].to_numpy(dtype=object).tolist()
        ]


def without_titles(grid: Grid) -> Grid:
    """The grid from its heading row on, where a title or empty rows stand above it.

    A title is a row of at most one filled cell; the heading row is the first with three or more
    different cells, of which most are words, and at least half as wide as the rows looked at.
    Row numbers stay those of the file.
    """
    first = grid.cells.iloc[:TITLES].to_numpy(dtype=object).tolist()
    filled = [[tidy(cell) for cell in row if cell.strip()] for row in first]
    above = next((n for n, cells in enumerate(filled) if len(cells) > 1), 0)
    if not above:
        return grid
    heads = filled[above]
    words = [cell for cell in heads if not cell.replace(".", "").replace(",", "").isdigit()]
    widest = max(map(len, filled))
    if len(heads) < 3 or len(set(heads)) < len(heads) or 2 * len(words) < len(heads):
        return grid
    if 2 * len(heads) < widest:
        return grid
    numbers = grid.cells.index[:above]
    return replace(
        grid,
        cells=grid.cells.iloc[above:],
        notes=(*grid.notes, f"the headings stand in row {grid.cells.index[above]}: "
               f"{rows_in_words(numbers)} above them, a title or nothing, not read"),
    )  # fmt: skip


def rows_in_words(numbers: pd.Index | list[int]) -> str:
    """Rows by their numbers, not more than six of them: "rows 2, 3 and 5"."""
    listed = [str(number) for number in numbers]
    if len(numbers) > 6:
        return f"rows {a_few(listed, 6)}"
    if len(listed) == 1:
        return f"row {listed[0]}"
    return f"rows {', '.join(listed[:-1])} and {listed[-1]}"


def tidy(text: str) -> str:
    """Text in one line with single spaces (non-breaking ones and line breaks included)."""
    return " ".join(text.split())
