"""The workbook into which a printed questionnaire is typed: codes, then questions, then papers."""

from __future__ import annotations

from analysis.sources.grid import Grid
from analysis.sources.layout import Layout

#: The heading of the column that numbers papers.
PAPER = "paper"


def layout(grid: Grid) -> Layout | None:
    """The layout, if the first heading is that of the papers' numbers, and words stand below."""
    head = grid.head(2)
    if len(head) < 2 or head[0][0] != PAPER or len(set(head[0])) < len(head[0]):
        return None
    if head[1][0].isdigit() or not head[1][0]:
        return None
    return Layout(names=head[0], questions=head[1], header_rows=2, response_number=PAPER)
