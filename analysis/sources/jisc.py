"""Jisc Online Surveys (formerly BOS): CSV, XLSX or SPSS, answers as text or codes.

Its ``URN`` is the Unique Response Number. It has nothing to do with a school's URN.
"""

from __future__ import annotations

import re

from analysis.sources.grid import Grid
from analysis.sources.layout import Layout
from analysis.sources.wording import normalised

RESPONSE_NUMBER = "unique response number"
#: How such a number looks, by which a column headed only "URN" is told from one of schools.
NUMBER = re.compile(r"\d+-\d+-\d+")
#: Cells looked at.
LOOK = 20


def layout(grid: Grid) -> Layout | None:
    """The layout, if a column is headed (or, in SPSS, labelled) Unique Response Number, or URN."""
    head = grid.head(2)
    if not head:
        return None
    names = head[0]
    questions = head[1] if grid.has_variables else names
    at = [
        place
        for place, (name, question) in enumerate(zip(names, questions, strict=True))
        if RESPONSE_NUMBER in (normalised(name), normalised(question))
        or (normalised(name) == "urn" and _holds_numbers(grid, place))
    ]
    if not at:
        return None
    return Layout(
        names=names,
        questions=questions,
        header_rows=0 if grid.has_variables else 1,
        response_number=names[at[0]],
    )


def _holds_numbers(grid: Grid, place: int) -> bool:
    below = grid.cells.iloc[0 if grid.has_variables else 1 :, place].head(LOOK)
    return len(below) > 0 and all(NUMBER.fullmatch(cell.strip()) for cell in below)
