"""SurveyMonkey: two header rows, the first filled to the right; months before days."""

from __future__ import annotations

import re

from analysis.sources.grid import Grid, tidy
from analysis.sources.layout import Layout

PERSONAL = frozenset(
    {
        "ip address", "email address", "first name", "last name", "custom data 1", "custom data",
        "ipaddress", "emailaddress", "firstname", "lastname", "customdata",
    }
)  # fmt: skip
#: What stands below a question that has no parts.
NO_PART = frozenset({"", "response", "open-ended response"})
TAG = re.compile(r"<[^<>]*>")


def layout(grid: Grid) -> Layout | None:
    """The layout, if the first two headings are Respondent ID and Collector ID.

    A question stands over its first column only: it is carried to the right, and joined with
    the part (option, row of a grid) below it. In a condensed export the second row is empty
    or not there.
    """
    head = grid.head(2)
    if not head or [cell.replace(" ", "").casefold() for cell in head[0][:2]] != [
        "respondentid",
        "collectorid",
    ]:
        return None
    first = [_plain(cell) for cell in head[0]]
    two = len(head) > 1 and not head[1][0] and not head[1][1]
    second = [_plain(cell) for cell in head[1]] if two else [""] * len(first)
    names: list[str] = []
    question = ""
    for above, below in zip(first, second, strict=True):
        question = above or (question if below else "")
        part = "" if below.casefold() in NO_PART else below
        names.append(f"{question} - {part}" if question and part else question or part)
    return Layout(
        names=names,
        questions=names,
        header_rows=2 if two else 1,
        personal=PERSONAL,
        dates="month_first",
        response_number=names[0],
    )


def _plain(cell: str) -> str:
    return tidy(TAG.sub(" ", cell))
