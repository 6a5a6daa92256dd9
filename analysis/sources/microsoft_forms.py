"""Microsoft Forms: one header row, answers as labels, real dates in the workbook."""

from __future__ import annotations

from analysis.sources.grid import Grid
from analysis.sources.layout import Layout

FIRST = ["ID", "Start time", "Completion time", "Email", "Name"]
#: Columns that Microsoft Forms adds and that say who a respondent is. A question with the
#: name of one of its own columns gets a figure (``Name2``) and is as personal.
PERSONAL = frozenset({"email", "name", "email2", "name2"})
#: What a quiz adds for every question and for the whole: marks, not answers.
QUIZ = ("Points - ", "Feedback - ", "Points – ", "Feedback – ")
QUIZ_WHOLE = frozenset({"Total points", "Quiz feedback", "Grade posted time"})


def layout(grid: Grid) -> Layout | None:
    """The layout, if the first five headings are those that Forms always writes."""
    head = grid.head(1)
    if not head or head[0][:5] != FIRST:
        return None
    return Layout(
        names=head[0],
        questions=["" if is_quiz(name) else name for name in head[0]],
        header_rows=1,
        personal=PERSONAL,
        response_number="ID",
    )


def is_quiz(heading: str) -> bool:
    """Whether a column holds a quiz's marks or comments."""
    return heading in QUIZ_WHOLE or heading.startswith(QUIZ)
