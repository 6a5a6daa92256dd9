"""Excel workbooks: one sheet, cells as text."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import openpyxl
import pandas as pd

from analysis.errors import AnalystError
from analysis.sources.grid import Grid, empty_file


def read(path: Path, sheet: str | None = None) -> Grid:
    """Read a workbook's sheet: the one named, or the first.

    Dates become ISO 8601 text, so that a real Excel date is never ambiguous.

    Raises
    ------
    AnalystError
        If it is no workbook, has no such sheet, or the sheet is empty.
    """
    try:
        rows, name = _rows(path, sheet)
    except AnalystError:
        raise
    except Exception:
        # openpyxl passes on whatever zip, XML and number parsing raise over a broken file.
        raise AnalystError(
            f"{path.name} is not an Excel workbook that can be opened.",
            where=str(path),
            fix="Download it again from the survey tool; a workbook with a password is not read.",
        ) from None
    width = max((len(row) for row in rows), default=0)
    if not width:
        raise empty_file(path)
    cells = pd.DataFrame(
        [row + [""] * (width - len(row)) for row in rows],
        columns=pd.RangeIndex(width),
        index=pd.RangeIndex(1, len(rows) + 1, name="row"),
        dtype="str",
    )
    return Grid(path=path, sheet=name, container="xlsx", cells=cells)


def _rows(path: Path, sheet: str | None) -> tuple[list[list[str]], str]:
    workbook = openpyxl.load_workbook(path, read_only=True, data_only=True)
    try:
        if sheet is not None and sheet not in workbook.sheetnames:
            raise AnalystError(
                f"The workbook has no sheet '{sheet}'; it has {', '.join(workbook.sheetnames)}.",
                where=str(path),
                fix="Correct 'sheet' in study.yaml.",
            )
        worksheet = workbook[sheet] if sheet else workbook.worksheets[0]
        # Some tools write a wrong extent; reading must not stop there.
        worksheet.reset_dimensions()
        rows = [[_text(cell) for cell in row] for row in worksheet.iter_rows(values_only=True)]
        return rows, str(worksheet.title)
    finally:
        workbook.close()


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, dt.datetime):
        return cell.isoformat(sep=" ", timespec="seconds")
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)
