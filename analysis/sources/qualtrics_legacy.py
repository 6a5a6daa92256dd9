"""Qualtrics CSV as exported until about 2018: two header rows, columns V1, V2 ..., a last comma."""

from __future__ import annotations

from analysis.sources.grid import Grid
from analysis.sources.layout import Layout

#: Columns that Qualtrics adds and that say who or where a respondent is.
PERSONAL = frozenset(
    {
        "name", "externaldatareference", "emailaddress", "ipaddress",
        "locationlatitude", "locationlongitude", "locationaccuracy",
    }
)  # fmt: skip


def layout(grid: Grid) -> Layout | None:
    """The layout, if the first row starts V1, V2, V3 and ``ResponseID`` stands below V1.

    A column V1 to V10 takes its name from the second row (``ResponseID``, ``Status``,
    ``StartDate`` ...); a question's column keeps its own (``Q1``).
    """
    head = grid.head(2)
    if len(head) < 2 or head[0][:3] != ["V1", "V2", "V3"]:
        return None
    if head[1][0].replace(" ", "").casefold() != "responseid":
        return None
    names = [
        below if name.startswith("V") and name[1:].isdigit() and below else name
        for name, below in zip(head[0], head[1], strict=True)
    ]
    return Layout(
        names=names,
        questions=head[1],
        header_rows=2,
        personal=PERSONAL,
        response_number="ResponseID",
    )
