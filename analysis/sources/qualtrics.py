"""Qualtrics CSV: three header rows (names, question texts, JSON with ImportId).

Embedded data may have the name of a column of Qualtrics's own (``Status``). Their ``ImportId``
tells them apart: Qualtrics's own keeps the name, the others go by name and id.
"""

from __future__ import annotations

import json
from collections import Counter

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
#: The ids of Qualtrics's own columns.
OWN = frozenset(
    {
        "startDate", "endDate", "status", "ipAddress", "progress", "duration", "finished",
        "recordedDate", "_recordId", "recipientLastName", "recipientFirstName", "recipientEmail",
        "externalDataReference", "locationLatitude", "locationLongitude", "distributionChannel",
        "userLanguage",
    }
)  # fmt: skip


def layout(grid: Grid) -> Layout | None:
    """The layout, if the third row holds ``ImportId`` cells.

    The second row is localised: it is kept as the questions' words and never matched on.
    """
    head = grid.head(3)
    if len(head) < 3 or not any(cell.startswith(IMPORT_ID) for cell in head[2]):
        return None
    names, notes = _told_apart(head[0], [_id(cell) for cell in head[2]])
    return Layout(
        names=names,
        questions=head[1],
        header_rows=3,
        personal=PERSONAL,
        response_number="ResponseId",
        headings=head[0],
        notes=notes,
    )


def _id(cell: str) -> str:
    try:
        return str(json.loads(cell)["ImportId"])
    except (ValueError, KeyError, TypeError):
        return ""


def _told_apart(headings: list[str], ids: list[str]) -> tuple[list[str], tuple[str, ...]]:
    """The columns' names, no two alike where their ids are not, and what was changed."""
    counts = Counter(headings)
    names, notes = [], []
    for heading, own in zip(headings, ids, strict=True):
        if counts[heading] == 1 or own in OWN or not own:
            names.append(heading)
        else:
            names.append(f"{heading} ({own})")
            notes.append(f"several columns are headed '{heading}': one of them, no column of "
                         f"Qualtrics's own, is called '{names[-1]}' here")  # fmt: skip
    return names, tuple(notes)
