"""Does the study state the constant that the report printed? Looks it up in the study's files."""

from __future__ import annotations

import csv
import datetime as dt
import re
from pathlib import Path
from typing import Any

from analysis.audit.printed import number
from analysis.errors import AnalystError
from analysis.places import plain_file, within
from analysis.reproduction.published import Stated
from analysis.study import read_yaml

#: Day.month.year as printed in British tables; two-digit years are of this century.
DATE = re.compile(r"^(\d{1,2})\.(\d{1,2})\.(\d{2}|\d{4})$")


def printed_date(text: str) -> dt.date | None:
    """A printed date, or nothing if the text is not one.

    >>> printed_date("1.12.16")
    datetime.date(2016, 12, 1)
    """
    match = DATE.match(text)
    if match is None:
        return None
    day, month, year = (int(part) for part in match.groups())
    try:
        return dt.date(year + 2000 if year < 100 else year, month, day)
    except ValueError:
        return None


def look_up(entry: Stated, folder: Path) -> str:
    """What the study states, as text.

    Raises
    ------
    AnalystError
        If the file or the key is not there.
    """
    path = within(folder, folder / entry.file)
    where = f"{path} (for {entry.id})"
    if entry.says:
        text = " ".join(_text(path).split()).lower()
        return "yes" if " ".join(entry.says.split()).lower() in text else "no"
    if entry.rows or entry.column:
        rows = [
            row
            for row in _rows(path)
            if all(row.get(column) == value for column, value in entry.where.items())
        ]
        if entry.rows:
            return str(len(rows))
        values = sorted({row[entry.column] for row in rows if row.get(entry.column)})
        if not values or (entry.take == "only" and len(values) > 1):
            raise AnalystError(
                f"{entry.column} holds no single value.",
                where=where,
                fix="Say which rows are meant under 'where', or 'take: greatest'.",
            )
        return values[-1] if entry.take == "greatest" else values[0]
    found: Any = read_yaml(path)
    for part in entry.key.split("."):
        found = _inside(found, part)
        if found is None:
            raise AnalystError(
                f"There is no '{part}' of {entry.key}.", where=where, fix="Correct the key."
            )
    if entry.count:
        return str(len(found))
    return found.isoformat() if isinstance(found, dt.date) else str(found)


def agrees(printed: str, stated: str, entry: Stated) -> bool:
    """Whether the printed figure is what the study states."""
    if entry.says:
        return stated == "yes"
    date = printed_date(printed)
    if date is not None:
        return stated[:10] == date.isoformat()
    first, second = number(printed), number(stated)
    if first is None or second is None:
        return printed.strip().lower() == stated.strip().lower()
    return first.could_be(second.value)


def _inside(found: Any, part: str) -> Any:
    if isinstance(found, dict):
        return found.get(part)
    if isinstance(found, list):
        for member in found:
            if isinstance(member, dict) and str(member.get("id")) == part:
                return member
    return None


def _rows(path: Path) -> list[dict[str, str]]:
    with plain_file(path).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _text(path: Path) -> str:
    return plain_file(path).read_text(encoding="utf-8")
