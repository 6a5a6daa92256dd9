"""Qualtrics CSV: three header rows (names, question texts, JSON with ImportId)."""

from __future__ import annotations

from analysis.sources.grid import Grid
from analysis.sources.layout import Layout

#: Columns that Qualtrics adds and that say who or where a respondent is.
PERSONAL = frozenset(
    {
        "ipaddress", "recipientlastname", "recipientfirstname", "recipientemail",
        "externalreference", "locationlatitude", "locationlongitude",
    }
)  # fmt: skip
IMPORT_ID = '{"ImportId"'


def layout(grid: Grid) -> Layout | None:
    """The layout, if the third row holds ``ImportId`` cells.

    The second row is localised: it is kept as the questions' words and never matched on.
    """
    head = grid.head(3)
    if len(head) < 3 or not any(cell.startswith(IMPORT_ID) for cell in head[2]):
        return None
    return Layout(
        names=head[0],
        questions=head[1],
        header_rows=3,
        personal=PERSONAL,
        response_number="ResponseId",
    )
