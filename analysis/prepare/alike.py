"""Spellings that one table has of one thing: results' ids tell them apart by their letters only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import pandas as pd

from analysis.errors import AnalystError
from analysis.prepare.rows import at_once, named
from analysis.words import slug


def refuse(frame: pd.DataFrame, columns: Iterable[str], where: str, fix: str = "") -> None:
    """Stop if values of a column differ only in case, spaces or punctuation (``asd``, ``ASD``).

    Parameters
    ----------
    frame
        A table by row number; ``file`` (or ``source.file``) where it is of several files.
    columns
        Columns whose values become parts of results' ids; those that it lacks are passed over.
    where
        The file.
    fix
        What to do; if nothing is given, to write them alike.

    Raises
    ------
    AnalystError
        With every spelling and its rows, of all columns at once.
    """
    errors = []
    for column in columns:
        if column not in frame:
            continue
        spelled: dict[str, list[str]] = defaultdict(list)
        for text in frame[column].dropna().unique():
            if text:
                spelled[slug(str(text))].append(str(text))
        for texts in spelled.values():
            if len(texts) > 1:
                errors.append(
                    AnalystError(
                        "Values differ only in case, spaces or punctuation, and would be one in "
                        "results: "
                        + "; ".join(f"'{text}' in {_rows(frame, column, text)}" for text in texts)
                        + ".",
                        where=f"{where}, column {column}",
                        fix=fix or "Write what is one thing in one way; give two things two names.",
                    )
                )
    if errors:
        raise at_once(errors, where)


def _rows(frame: pd.DataFrame, column: str, text: str) -> str:
    rows = frame[frame[column] == text]
    file = next((name for name in ("file", "source.file") if name in frame), "")
    numbers = rows.get("row", rows.index)
    if not file:
        return named(numbers)
    return ", ".join(
        f"{name}, {named(numbers[rows[file] == name])}" for name in rows[file].unique()
    )
