"""Qualtrics CSV: three header rows (names, question texts, JSON with ImportId)."""

from __future__ import annotations

from pathlib import Path

from analysis.errors import AnalystError
from analysis.sources.export import RawExport, exported, read_records

#: Columns that Qualtrics adds and that say who or where a respondent is.
PERSONAL = frozenset(
    {
        "IPAddress",
        "RecipientLastName",
        "RecipientFirstName",
        "RecipientEmail",
        "ExternalReference",
        "LocationLatitude",
        "LocationLongitude",
    }
)
HEADER_ROWS = 3


def read(path: Path, sheet: str | None = None) -> RawExport:
    """Read a Qualtrics CSV export.

    The third header row is known by its ``{"ImportId":`` cells; the second is localised and
    never looked at.
    """
    records = read_records(path)
    third = records[2] if len(records) > 2 else []
    if not any(cell.startswith('{"ImportId"') for cell in third):
        raise AnalystError(
            "The third row does not hold Qualtrics' ImportId cells.",
            where=f"{path}, row 3",
            fix="Export from Qualtrics as CSV without 'Remove line breaks' edits, "
            "or set format: plain_csv in study.yaml.",
        )
    numbered = enumerate(records[HEADER_ROWS:], start=HEADER_ROWS + 1)
    return exported(path, "", records[0], numbered, PERSONAL)
