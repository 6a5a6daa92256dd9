"""A file's cells as text, before anybody knows which rows are headings.

Three kinds of file hold survey exports: delimited text, Excel workbooks and SPSS files. Which
one a file is, is read from its first bytes, never from its name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Literal

import pandas as pd

from analysis.errors import AnalystError

Container = Literal["csv", "xlsx", "sav"]
CONTAINER_NAMES: dict[Container, str] = {
    "csv": "a delimited text file",
    "xlsx": "an Excel workbook",
    "sav": "an SPSS file",
}
#: No tool has more heading rows.
HEAD = 3


@dataclass(frozen=True)
class Grid:
    """All cells of a file.

    ``cells`` holds text, empty where the file has nothing; its columns are numbered from 0 and
    its index is the row's number as a spreadsheet (or SPSS's data view) shows it. An SPSS file
    has no heading rows: ``variables`` names its columns and ``labels`` says what they ask;
    ``value_labels`` gives, by column, what each code stands for.
    """

    path: Path
    sheet: str
    container: Container
    cells: pd.DataFrame
    variables: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    value_labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def where(self) -> str:
        """The file, and the sheet if it has any, for messages."""
        return f"{self.path}" + (f", sheet '{self.sheet}'" if self.sheet else "")

    def head(self, rows: int) -> list[list[str]]:
        """The first rows (at most three) with white space tidied; of an SPSS file, the
        variables' names and labels."""
        if self.container == "sav":
            return [list(self.variables), list(self.labels)]
        return self._first[:rows]

    @cached_property
    def _first(self) -> list[list[str]]:
        return [
            [tidy(cell) for cell in row]
            for row in self.cells.iloc[:HEAD].to_numpy(dtype=object).tolist()
        ]


def tidy(text: str) -> str:
    """Text in one line with single spaces (non-breaking ones and line breaks included)."""
    return " ".join(text.split())


def container_of(path: Path) -> Container:
    """Which kind of file this is, by its first bytes.

    Raises
    ------
    AnalystError
        If the file is missing, empty or cannot be read, or is of a kind that is not read.
    """
    start = _start(path)
    if start.startswith(b"PK\x03\x04"):
        return "xlsx"
    if start.startswith((b"$FL2", b"$FL3")):
        return "sav"
    for magic, what in (
        (b"\xd0\xcf\x11\xe0", "an Excel file of before 2007 (.xls), or one with a password"),
        (b"PAR1", "a Parquet file"),
        (b"%PDF", "a PDF"),
        (b"<stata_dta>", "a Stata file"),
    ):
        if start.startswith(magic):
            raise AnalystError(
                f"{path.name} is {what}, which is not read.",
                where=str(path),
                fix="Export the responses as CSV (UTF-8), XLSX or SPSS .sav.",
            )
    return "csv"


def missing_file(path: Path) -> AnalystError:
    """The error for a file that the study names and the folder lacks."""
    return AnalystError(
        f"The file {path.name} is missing.",
        where=str(path),
        fix="Put the export there, or correct its name in study.yaml.",
    )


def empty_file(path: Path) -> AnalystError:
    """The error for a file without content."""
    return AnalystError(
        f"{path.name} is empty.", where=str(path), fix="Export the responses again."
    )


def _start(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            start = file.read(64)
    except FileNotFoundError:
        raise missing_file(path) from None
    except OSError as error:
        raise AnalystError(
            f"{path.name} cannot be read: {error.strerror}.",
            where=str(path),
            fix="Put a file there that may be read.",
        ) from None
    if not start.strip():
        raise empty_file(path)
    return start
