"""Answers into the study's tables: by key, and never an earlier answer over a later one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from analysis import strands as registry
from analysis import synthetic
from analysis.errors import AnalystError
from analysis.forms.kept import Record, as_csv
from analysis.forms.returned import Answer, Returned
from analysis.places import inside
from analysis.prepare.patterns import found, is_pattern
from analysis.sources import tables
from analysis.strands import Table
from analysis.study import Study

#: Takes the place of a pattern's star in the name of a file of new rows.
OF_NEW = "_returned"
#: The column of the day on which something was reviewed.
DAY = "review_date"


@dataclass
class _File:
    """One file of a table while answers go into it."""

    path: Path
    frame: pd.DataFrame
    changed: bool = False


@dataclass
class Merged:
    """The tables' files that change, and what became of the answers of each return."""

    files: dict[Path, bytes] = field(default_factory=dict)
    new: dict[str, int] = field(default_factory=dict)
    replaced: dict[str, int] = field(default_factory=dict)
    later: dict[str, int] = field(default_factory=dict)


def merge(
    study: Study, returns: Sequence[Returned], record: Record, *, invented: bool = False
) -> Merged:
    """Put the answers of returns into the tables, in order of their days; nothing is written yet.

    Parameters
    ----------
    returns
        In order of their days.
    record
        When what stands in the tables was answered; takes the new answers.
    invented
        Whether the answers are invented like the files that ``SYNTHETIC`` lists: only then do they
        go into one of these.

    Raises
    ------
    AnalystError
        If a table is no CSV, or answers would be mixed with invented rows.
    """
    merged = Merged()
    opened: dict[str, list[_File]] = {}
    for returned in returns:
        for answer in returned.answers:
            table = registry.table(answer.table)
            if table.name not in opened:
                opened[table.name] = _files(study, table)
            day = record.day(table.name, answer.key)
            if day is not None and day > returned.day:
                _count(merged.later, returned)
                continue
            _put(study, table, opened[table.name], returned, answer, merged)
            record.put(table.name, answer.key, returned)
    for files in opened.values():
        for file in files:
            if file.changed:
                _refuse_invented(study, file.path, invented)
                rows = [
                    dict(zip(file.frame.columns, row, strict=True)) for row in file.frame.to_numpy()
                ]
                merged.files[file.path] = as_csv(file.frame.columns, rows)
    return merged


def _files(study: Study, table: Table) -> list[_File]:
    files = []
    for path in found(study, str(study.file(table.name))):
        if path.suffix.lower() != ".csv":
            raise AnalystError(
                f"{path.name} is no CSV file: answers cannot be put into it.",
                where=str(path),
                fix="Save the table as CSV, and name that in study.yaml.",
            )
        files.append(
            _File(path, tables.read(path, table.columns, waiting=True).reset_index(drop=True))
        )
    return files


def _put(
    study: Study, table: Table, files: list[_File], returned: Returned, answer: Answer,
    merged: Merged,
) -> None:  # fmt: skip
    """Put one answer into the row that its key names, or into a new one."""
    values = {**answer.fixed, **answer.values}
    if DAY in table.optional:
        values[DAY] = returned.day.isoformat()
    for file in files:
        # Columns of the key that a file may lack are empty there.
        same = pd.Series(True, index=file.frame.index)
        for column, value in zip(table.unique, answer.key, strict=True):
            same &= file.frame[column].eq(value) if column in file.frame else not value
        if same.any():
            row = int(file.frame.index[same][0])
            if _written(file, row, values):
                file.changed = True
                _count(merged.replaced, returned)
            return
    file = _for_new(study, table, files)
    file.frame.loc[len(file.frame)] = pd.Series("", index=file.frame.columns)
    _written(file, len(file.frame) - 1, values)
    file.changed = True
    _count(merged.new, returned)


def _written(file: _File, row: int, values: dict[str, str]) -> bool:
    """Write values into a row; whether any is another than before. New columns come last."""
    changed = False
    for column, value in values.items():
        if column not in file.frame:
            if not value:
                continue
            file.frame[column] = ""
        if file.frame.at[row, column] != value:
            file.frame.at[row, column] = value
            changed = True
    return changed


def _for_new(study: Study, table: Table, files: list[_File]) -> _File:
    """The file for new rows: a pattern's own, so that the analyst's are left as they are."""
    name = str(study.file(table.name))
    if is_pattern(name):
        name = name.replace("*", OF_NEW).replace("?", "")
        if is_pattern(name):
            raise AnalystError(
                f"No file can be named after '{name}'.",
                where=str(study.path("study.yaml")),
                fix=f"Write {registry.place(table.name)} with * alone, or as one file's name.",
            )
    path = inside(study.folder, *Path(name).parts)
    file = next((each for each in files if each.path == path), None)
    if file is None:
        columns = [*table.columns, *(c for c in table.optional if not c.endswith("*"))]
        file = _File(path, pd.DataFrame(columns=columns, dtype="str"))
        files.append(file)
    return file


def _refuse_invented(study: Study, path: Path, invented: bool) -> None:
    """Stop before answers of real people go into a file that passes for invented."""
    name = path.relative_to(study.folder).as_posix()
    if name in synthetic.listed(study.folder) and not invented:
        raise AnalystError(
            f"{name} is invented, as SYNTHETIC lists: answers are not mixed with it.",
            where=str(path),
            fix="Take the invented file away, and its line out of SYNTHETIC; the answers then make "
            "a new one. If the returns are invented as well (to try it out), give --invented.",
        )


def _count(counts: dict[str, int], returned: Returned) -> None:
    counts[returned.sha256] = counts.get(returned.sha256, 0) + 1
