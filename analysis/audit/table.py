"""The table of printed statistics that the audit reads: its columns, and its mistakes."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from analysis.audit.printed import Printed, PrintedP, number, p_value
from analysis.audit.significance import STATISTICS
from analysis.errors import AnalystError
from analysis.places import plain_file

COLUMNS: dict[str, str] = {
    "id": "name of the row; given by its number if the column is missing",
    "statistic": f"the test: {', '.join(STATISTICS)}",
    "value": "the test statistic",
    "df": "degrees of freedom (of F: the first)",
    "df2": "second degrees of freedom of F",
    "tails": "1 or 2 (if empty: 2)",
    "p": "p-value: .03, = .03, < .01, > .05 or ns",
    "n": "number of people; for a paired test, of pairs",
    "items": "number of whole-number answers averaged for each person (1 if it is one item)",
    "minimum": "lowest answer",
    "maximum": "highest answer",
    "mean": "mean",
    "sd": "standard deviation (n - 1)",
    "mean2": "second mean of a paired test",
    "sd2": "second standard deviation of a paired test",
    "count": "number of people in a share",
    "percent": "the share, of n, in per cent",
    "parts": "ids of the rows that make up this one, with spaces between",
}
NUMERIC = (
    "value", "df", "df2", "n", "items", "minimum", "maximum", "mean", "sd", "mean2", "sd2",
    "count", "percent",
)  # fmt: skip
WHOLE = ("n", "items", "count")


@dataclass(frozen=True)
class Row:
    """One row: what was printed, as text and as numbers."""

    id: str
    statistic: str
    tails: int
    numbers: Mapping[str, Printed]
    p: PrintedP | None
    parts: tuple[str, ...]

    def get(self, name: str) -> Printed | None:
        """A printed number of the row."""
        return self.numbers.get(name)

    def value(self, name: str) -> float | None:
        """A printed number's value."""
        found = self.numbers.get(name)
        return None if found is None else found.value

    def whole(self, name: str) -> int | None:
        """A printed whole number of the row."""
        found = self.numbers.get(name)
        return None if found is None else round(found.value)


def read(path: Path) -> list[Row]:
    """The rows of a CSV file of printed statistics.

    Raises
    ------
    AnalystError
        If the file is missing or unreadable, has a column that is not in :data:`COLUMNS`, or a
        cell that is not what its column holds.
    """
    try:
        with plain_file(path).open(encoding="utf-8-sig", newline="") as file:
            records = list(csv.DictReader(file))
            columns = list(records[0]) if records else []
    except FileNotFoundError:
        raise AnalystError(
            f"The file {path.name} is missing.", where=str(path), fix="Check the name."
        ) from None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise AnalystError(
            f"{path.name} cannot be read as CSV: {error}.",
            where=str(path),
            fix="Save it as CSV in UTF-8.",
        ) from None
    if not records:
        raise AnalystError(
            f"{path.name} has no rows.", where=str(path), fix="Give one row for each statistic."
        )
    if None in columns or any(None in record for record in records):
        raise AnalystError(
            f"{path.name} has a row with more cells than columns.",
            where=str(path),
            fix="Put quotation marks around cells that hold a comma.",
        )
    return rows(records, str(path))


def rows(records: Sequence[Mapping[str, str | None]], where: str) -> list[Row]:
    """Records of printed text as rows; ``where`` names their source in messages.

    Raises
    ------
    AnalystError
        As :func:`read`.
    """
    found: list[Row] = []
    for place, record in enumerate(records, start=2):
        cells = {str(key).strip(): (value or "").strip() for key, value in record.items()}
        unknown = [name for name in cells if name not in COLUMNS and name != "note"]
        if unknown:
            raise AnalystError(
                f"The column '{unknown[0]}' is not known.",
                where=where,
                fix=f"Columns are {', '.join(COLUMNS)}, and note for anything else.",
            )
        found.append(_row(cells, place, where))
    ids = [row.id for row in found]
    for place, name in enumerate(ids):
        if name in ids[:place]:
            raise AnalystError(f"The id '{name}' is used twice.", where=where, fix="Rename one.")
    for row in found:
        for part in row.parts:
            if part not in ids:
                raise AnalystError(
                    f"'{row.id}' has the part '{part}', which is no row.",
                    where=where,
                    fix="Give ids of rows of the same table, with spaces between.",
                )
    return found


def _row(cells: Mapping[str, str], place: int, where: str) -> Row:
    def refuse(column: str, what: str) -> AnalystError:
        return AnalystError(
            f"'{cells[column]}' is not {what}.",
            where=f"{where}, row {place}, column {column}",
            fix=f"{column}: {COLUMNS[column]}; leave the cell empty if it was not printed.",
        )

    numbers: dict[str, Printed] = {}
    for name in NUMERIC:
        text = cells.get(name, "")
        if not text:
            continue
        printed = number(text)
        if printed is None:
            raise refuse(name, "a number")
        if name in WHOLE and (printed.value != round(printed.value) or printed.value < 0):
            raise refuse(name, "a whole number")
        if name in ("n", "items") and printed.value < 1:
            raise refuse(name, "above nought")
        numbers[name] = printed
    statistic = cells.get("statistic", "")
    if statistic and statistic not in STATISTICS:
        raise refuse("statistic", f"one of {', '.join(STATISTICS)}")
    p = None
    if cells.get("p"):
        p = p_value(cells["p"])
        if p is None:
            raise refuse("p", "a p-value")
    if cells.get("tails", "") not in ("", "1", "2"):
        raise refuse("tails", "1 or 2")
    return Row(
        id=cells.get("id") or f"row {place}",
        statistic=statistic,
        tails=int(cells.get("tails") or 2),
        numbers=numbers,
        p=p,
        parts=tuple(cells.get("parts", "").split()),
    )
