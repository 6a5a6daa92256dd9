"""Plain CSV: one header row."""

from __future__ import annotations

from pathlib import Path

from analysis.sources.export import RawExport, exported, read_records

PERSONAL = frozenset({"IPAddress", "Email", "Name", "email", "name"})


def read(path: Path, sheet: str | None = None) -> RawExport:
    """Read a comma-separated export of a survey, with one header row."""
    return read_table(path, PERSONAL)


def read_table(path: Path, personal: frozenset[str] = frozenset()) -> RawExport:
    """Read a comma-separated file with one header row; ``personal`` columns are left behind."""
    records = read_records(path)
    return exported(path, "", records[0], enumerate(records[1:], start=2), personal)
