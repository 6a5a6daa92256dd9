"""What every reader of survey exports returns, and what they share."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis.errors import AnalystError


@dataclass(frozen=True)
class RawExport:
    """An export as it came, less its header rows and personal columns.

    ``frame`` has one row per row of the file, all cells as text (empty text where empty), and
    as index the row's number in the file as a spreadsheet shows it, so that any row can be
    found again.
    """

    file: str
    sheet: str
    frame: pd.DataFrame


def read_records(path: Path) -> list[list[str]]:
    """All records of a delimited file as lists of text.

    Decoded as UTF-8, with or without byte-order mark, else as Windows-1252.

    Raises
    ------
    AnalystError
        If the file is missing, cannot be read, or is empty.
    """
    content = _content(path)
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            text = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise AnalystError(
            f"{path.name} is not text in UTF-8 or Windows-1252.",
            where=str(path),
            fix="Export it again as CSV (UTF-8).",
        )
    if "\0" in text:
        raise AnalystError(
            f"{path.name} is not a CSV file (it holds null characters).",
            where=str(path),
            fix="Export it again as CSV (UTF-8), or name its real format in study.yaml.",
        )
    records = list(csv.reader(text.splitlines(keepends=True)))
    if not records:
        raise AnalystError(
            f"{path.name} is empty.", where=str(path), fix="Export the responses again."
        )
    return records


def exported(
    path: Path,
    sheet: str,
    header: list[str],
    records: Iterable[tuple[int, list[str]]],
    personal: frozenset[str],
) -> RawExport:
    """A :class:`RawExport` from a header and numbered records.

    Columns named in ``personal`` are left behind here and go no further.

    Raises
    ------
    AnalystError
        If there are no records, a record has more cells than the header, or a column that
        holds data has no name or the name of another.
    """
    numbers: list[int] = []
    rows: list[list[str]] = []
    width = len(header)
    for number, record in records:
        if len(record) > width and any(cell.strip() for cell in record[width:]):
            raise AnalystError(
                f"A row has {len(record)} cells, but the header has {width}.",
                where=f"{path}{_in(sheet)}, row {number}",
                fix="Look for an unquoted comma or line break in that row, and export again.",
            )
        numbers.append(number)
        rows.append((record + [""] * width)[:width])
    if not rows:
        raise AnalystError(
            f"{path.name} holds headings but no responses.",
            where=f"{path}{_in(sheet)}",
            fix="Export it again, with responses.",
        )
    names = [" ".join(name.split()) for name in header]
    frame = pd.DataFrame(rows, index=pd.Index(numbers, name="row"), columns=names, dtype="str")
    kept = [i for i, name in enumerate(names) if name not in personal]
    frame = frame.iloc[:, kept]
    unnamed = frame.columns == ""
    if frame.loc[:, unnamed].map(str.strip).any(axis=None):
        raise AnalystError(
            "A column with data has no heading.",
            where=f"{path}{_in(sheet)}",
            fix="Export it again; do not edit the export by hand.",
        )
    frame = frame.loc[:, ~unnamed]
    twice = frame.columns[frame.columns.duplicated()]
    if len(twice):
        raise AnalystError(
            f"Two columns have the same heading '{twice[0]}'.",
            where=f"{path}{_in(sheet)}",
            fix="Give the questions different wordings in the survey tool, or export with codes.",
        )
    return RawExport(file=path.name, sheet=sheet, frame=frame)


def _content(path: Path) -> bytes:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise missing_file(path) from None
    except OSError as error:
        raise AnalystError(f"{path.name} cannot be read: {error.strerror}.", where=str(path)) from None
    if not content.strip():
        raise AnalystError(
            f"{path.name} is empty.", where=str(path), fix="Export the responses again."
        )
    return content


def missing_file(path: Path) -> AnalystError:
    """The error for a file that the study names and the folder lacks."""
    return AnalystError(
        f"The file {path.name} is missing.",
        where=str(path),
        fix="Put the export there, or correct its name in study.yaml.",
    )


def _in(sheet: str) -> str:
    return f", sheet '{sheet}'" if sheet else ""
