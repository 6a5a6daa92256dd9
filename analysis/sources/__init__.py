"""Readers of exports: one module for each kind, one entry here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from analysis.sources import microsoft_forms, plain, qualtrics, spss
from analysis.sources.export import RawExport
from analysis.study import ExportFormat

READERS: dict[ExportFormat, Callable[[Path, str | None], RawExport]] = {
    "qualtrics_csv": qualtrics.read,
    "microsoft_forms_xlsx": microsoft_forms.read,
    "spss_sav": spss.read,
    "plain_csv": plain.read,
}


def read(path: Path, kind: ExportFormat, sheet: str | None = None) -> RawExport:
    """Read an export of the stated kind."""
    return READERS[kind](path, sheet)
