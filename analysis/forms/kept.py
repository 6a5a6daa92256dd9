"""What has been collected: every original as it came, and on which day each answer was given.

All of it lies in the study's folder ``returns``, which git ignores: ``returns.csv`` has a row for
each file, ``answers.csv`` one for each answer that stands in a table, and the originals lie by edition
and school, named after their day and content.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from analysis.errors import AnalystError
from analysis.forms.returned import Returned
from analysis.places import inside
from analysis.study import Study, read_text

FOLDER = "returns"
RETURNS, ANSWERS = "returns.csv", "answers.csv"
#: Columns of the two records.
OF_RETURNS = ("sha256", "school", "edition", "kind", "day", "file")
OF_ANSWERS = ("table", "key", "day", "sha256")
#: Between the parts of a key.
AND = "|"


@dataclass
class Record:
    """Files that were collected, by their hash; and the day of each answer, by table and key."""

    returns: dict[str, dict[str, str]] = field(default_factory=dict)
    answers: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)

    def day(self, table: str, key: Iterable[str]) -> dt.date | None:
        """When an answer that stands in a table was given; nothing if none was collected."""
        found = self.answers.get((table, AND.join(key)))
        return dt.date.fromisoformat(found["day"]) if found else None

    def has(self, school: str, edition: str, kind: str) -> bool:
        """Whether a school's return of an edition is there."""
        return any(
            (each["school"], each["edition"], each["kind"]) == (school, edition, kind)
            for each in self.returns.values()
        )

    def same_day(self, returned: Returned) -> str:
        """The file of another return of the same school, kind, edition and day; nothing if none."""
        asked = (returned.school, returned.edition, returned.kind, returned.day.isoformat())
        return next(
            (
                each["file"]
                for name, each in self.returns.items()
                if name != returned.sha256
                and (each["school"], each["edition"], each["kind"], each["day"]) == asked
            ),
            "",
        )

    def add(self, returned: Returned) -> None:
        """Note a file that is collected."""
        self.returns[returned.sha256] = {
            "sha256": returned.sha256,
            "school": returned.school,
            "edition": returned.edition,
            "kind": returned.kind,
            "day": returned.day.isoformat(),
            "file": returned.path.name,
        }

    def put(self, table: str, key: Iterable[str], returned: Returned) -> None:
        """Note an answer that is put into a table."""
        name = AND.join(key)
        day = returned.day.isoformat()
        self.answers[table, name] = {
            "table": table, "key": name, "day": day, "sha256": returned.sha256
        }  # fmt: skip

    def files(self, study: Study) -> dict[Path, bytes]:
        """The two records as they are to be written."""
        folder = study.folder / FOLDER
        answers = [self.answers[key] for key in sorted(self.answers)]
        returns = sorted(self.returns.values(), key=lambda each: (
            each["edition"], each["school"], each["day"], each["sha256"]
        ))  # fmt: skip
        return {
            inside(folder, RETURNS): as_csv(OF_RETURNS, returns),
            inside(folder, ANSWERS): as_csv(OF_ANSWERS, answers),
        }


def read(study: Study) -> Record:
    """The record so far; empty where nothing was collected.

    Raises
    ------
    AnalystError
        If it was changed by hand so that it cannot be read.
    """
    returns = _rows(study, RETURNS, OF_RETURNS)
    answers = _rows(study, ANSWERS, OF_ANSWERS)
    return Record(
        {each["sha256"]: each for each in returns},
        {(each["table"], each["key"]): each for each in answers},
    )


def _rows(study: Study, name: str, columns: tuple[str, ...]) -> list[dict[str, str]]:
    path = inside(study.folder / FOLDER, name)
    if not path.exists():
        return []
    reader = csv.DictReader(io.StringIO(read_text(path), newline=""))
    rows = [{key: str(value) for key, value in row.items()} for row in reader]
    try:
        for row in rows:
            dt.date.fromisoformat(row["day"])
            if tuple(row) != columns:
                raise ValueError
    except (ValueError, KeyError):
        raise AnalystError(
            f"{name} cannot be read: it was changed.",
            where=str(path),
            fix="Put it back from your backup: it says which answers are the latest.",
        ) from None
    return rows


def original(study: Study, returned: Returned) -> Path:
    """Where the original of a return is kept."""
    name = f"{returned.day.isoformat()}-{returned.sha256[:12]}{returned.path.suffix.lower()}"
    return inside(study.folder / FOLDER, returned.edition, returned.school, name)


def as_csv(columns: Iterable[str], rows: Iterable[Mapping[str, Any]]) -> bytes:
    """Rows as CSV."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(columns), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("utf-8")
