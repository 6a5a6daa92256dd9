"""LimeSurvey CSV: ``;`` or ``,``, headings as codes or words, answers as codes or words."""

from __future__ import annotations

import re

from analysis.sources.grid import Grid
from analysis.sources.layout import Layout
from analysis.sources.wording import normalised

#: The first headings, as codes and in full; "code & text" has both, with a separator.
FIRST = (
    ("id", "submitdate", "lastpage", "startlanguage"),
    ("response id", "date submitted", "last page", "start language"),
)
#: A question's code before its words, as "code & text" has it: "Q6[SQ001]. How much ...".
CODE = re.compile(r"[A-Za-z]\w*(\[[^\]]*\])*\.\s+")
PERSONAL = frozenset(
    {"ipaddr", "ip address", "refurl", "referrer url", "firstname", "lastname", "email"}
    | {"first name", "last name", "email address"}
)


def layout(grid: Grid) -> Layout | None:
    """The layout, if the headings start with LimeSurvey's own four.

    An array's parts are headed ``Q1[SQ001]``; an unfinished response has no date in
    ``submitdate``.
    """
    head = grid.head(1)
    if not head or len(head[0]) < 4:
        return None
    found = [normalised(cell) for cell in head[0][:4]]
    if not any(
        all(
            cell == word or cell.startswith(f"{word}.")
            for cell, word in zip(found, words, strict=True)
        )
        for words in FIRST
    ):
        return None
    return Layout(
        names=head[0],
        questions=[CODE.sub("", heading, count=1) for heading in head[0]],
        header_rows=1,
        personal=PERSONAL,
        response_number=head[0][0],
    )
