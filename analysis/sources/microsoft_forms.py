"""Microsoft Forms XLSX: one header row, answers as labels, real dates."""

from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from analysis.errors import AnalystError
from analysis.sources.export import RawExport, exported, missing_file

#: Columns that Microsoft Forms adds and that say who a respondent is.
PERSONAL = frozenset({"Email", "Name"})


def read(path: Path, sheet: str | None = None) -> RawExport:
    """Read a Microsoft Forms workbook: the sheet named, or its first."""
    if not path.exists():
        raise missing_file(path)
    try:
        workbook = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, OSError, ValueError):
        raise AnalystError(
            f"{path.name} is not an Excel workbook that can be opened.",
            where=str(path),
            fix="Download it again from Microsoft Forms ('Open in Excel').",
        ) from None
    try:
        if sheet is not None and sheet not in workbook.sheetnames:
            raise AnalystError(
                f"The workbook has no sheet '{sheet}'; it has {', '.join(workbook.sheetnames)}.",
                where=str(path),
                fix="Correct 'sheet' in study.yaml.",
            )
        worksheet = workbook[sheet] if sheet else workbook.worksheets[0]
        rows = [[_text(cell) for cell in row] for row in worksheet.iter_rows(values_only=True)]
        name = str(worksheet.title)
    finally:
        workbook.close()
    if not rows:
        raise AnalystError(
            f"{path.name} is empty.",
            where=f"{path}, sheet '{name}'",
            fix="Download the responses again.",
        )
    return exported(path, name, rows[0], enumerate(rows[1:], start=2), PERSONAL)


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, dt.datetime):
        return cell.isoformat(sep=" ", timespec="seconds")
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)
