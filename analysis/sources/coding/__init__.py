"""Coded text from qualitative tools, read into one neutral table (:mod:`.neutral`).

==================  =====================================================================
form                what it is
==================  =====================================================================
taguette            Taguette's SQLite file, or its exported highlights (CSV, XLSX)
qualcoder           a QualCoder project: its folder, or the ``data.qda`` inside it
refi                a REFI-QDA project, ``.qdpx`` (MAXQDA, ATLAS.ti, NVivo, QualCoder)
spreadsheet         NVivo, ATLAS.ti, QualCoder or plain tables of passages (CSV, XLSX)
==================  =====================================================================

Codebooks are read from ``.qdc`` and from Taguette's codebook tables.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Literal

import pandas as pd

from analysis.errors import AnalystError
from analysis.sources.coding import qualcoder, refi, spreadsheets, taguette
from analysis.sources.coding.database import opened as opened_database
from analysis.sources.coding.neutral import COLUMNS, Coded
from analysis.sources.coding.sheet import table

__all__ = ["COLUMNS", "Coded", "Form", "read", "read_codebook", "rows_of"]

Form = Literal["auto", "taguette", "qualcoder", "refi", "spreadsheet"]
SQLITE = b"SQLite format 3\x00"


def read(path: Path, form: Form = "auto", *, coder: str = "", project: str = "") -> Coded:
    """Coded text from a tool's file.

    Parameters
    ----------
    path
        The file (for QualCoder also the project's folder).
    form
        Which form it is; by default found out from its content.
    coder
        Who coded it, for tools that do not say.
    project
        Name of the project, where a file holds several.

    Raises
    ------
    AnalystError
        If the file is missing, broken, or of no form known here.
    """
    if not path.exists():
        raise AnalystError(
            f"The file {path.name} is missing.",
            where=str(path),
            fix="Put the export there, or correct its name under coded_text in study.yaml.",
        )
    if form == "auto":
        form = recognised(path)
    if form == "qualcoder":
        return qualcoder.read(path)
    if form == "refi":
        return refi.read_project(path)
    if form == "spreadsheet":
        return spreadsheets.read(path, coder=coder)
    if _starts_with(path, SQLITE):
        return taguette.read_project(path, project, coder)
    return taguette.read_highlights(path, coder)


def rows_of(path: Path, people: Collection[str]) -> list[int]:
    """The rows of a table of passages that name some people as their source."""
    return spreadsheets.rows_of(path, people)


def recognised(path: Path) -> Form:
    """The form of a file, from its content rather than its name.

    Raises
    ------
    AnalystError
        If it is of no form known here.
    """
    if path.is_dir():
        return "qualcoder"
    if _starts_with(path, SQLITE):
        with opened_database(path, "a coding tool") as database:
            tables = database.tables
        if taguette.looks_like_project(tables):
            return "taguette"
        if qualcoder.looks_like_project(tables):
            return "qualcoder"
        raise _unknown(path, "It is a database, but neither Taguette's nor QualCoder's.")
    ending = path.suffix.lower()
    if ending in (".qdpx", ".qde"):
        return "refi"
    if ending in (".csv", ".tsv", ".xlsx"):
        headings = [str(name) for name in table(path).columns]
        return "taguette" if taguette.looks_like_highlights(headings) else "spreadsheet"
    if ending in (".nvp", ".nvpx", ".atlproj", ".mx22", ".mx24", ".mqda"):
        raise _unknown(path, "It is a tool's own project file, which only that tool can open.")
    raise _unknown(path, f"Nothing is known of files that end in '{ending}'.")


def read_codebook(path: Path) -> pd.DataFrame:
    """A codebook (``.qdc``, or Taguette's CSV or XLSX): code, parent_code, description."""
    if path.suffix.lower() == ".qdc":
        return refi.read_codebook(path)
    return taguette.read_codebook(path)


def _starts_with(path: Path, beginning: bytes) -> bool:
    if path.is_dir():
        return False
    with path.open("rb") as file:
        return file.read(len(beginning)) == beginning


def _unknown(path: Path, why: str) -> AnalystError:
    return AnalystError(
        f"{path.name} is no export of coded text that is read here. {why}",
        where=str(path),
        fix="Export a REFI-QDA project (.qdpx), or the coded passages as CSV or XLSX.",
    )
