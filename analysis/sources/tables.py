"""Tables that need no mapping: one row per thing, columns by their agreed names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from analysis.errors import AnalystError, a_few
from analysis.sources import plain
from analysis.sources.grid import rows_in_words

#: Wrong cells told in full; the rest is counted.
TOLD = 6

#: Three figures after a point may be decimals, or thousands.
GROUPED = r"[1-9]\d{0,2}(\.\d{3})+"


def read(
    path: Path,
    columns: Sequence[str],
    *,
    optional: Sequence[str] = (),
    key: Sequence[str] = (),
    empty: list[int] | None = None,
    waiting: bool = False,
) -> pd.DataFrame:
    """Read a table (CSV or workbook) and check its columns.

    Parameters
    ----------
    path
        The file.
    columns
        Columns that must be there; others are kept.
    optional
        Columns that need not be there: without, their cells are empty.
    key
        Columns that together name a row: no two rows may agree in all of them.
    empty
        Takes the numbers of the rows without any content, which are left out.
    waiting
        Whether it may hold headings and nothing else yet.

    Returns
    -------
    pandas.DataFrame
        All cells as text; the index is the row's number in the file.

    Raises
    ------
    AnalystError
        If the file is missing or empty, a column is missing, or a key is repeated.
    """
    raw = plain.read_table(path, waiting=waiting)
    for column in columns:
        if column in raw.unusable:
            raise AnalystError(
                f"The column {column} of {path.name} cannot be used: {raw.unusable[column]}.",
                where=str(path),
                fix="Put the cells right in the spreadsheet, and save it again.",
            )
    frame = raw.frame
    missing = [column for column in columns if column not in frame.columns]
    if missing:
        raise AnalystError(
            f"{path.name} lacks the column{'s' if len(missing) > 1 else ''} {', '.join(missing)}; "
            f"it has {', '.join(frame.columns)}.",
            where=f"{path}, row 1",
            fix="Add the column, or correct its heading.",
        )
    for column in optional:
        if column not in frame.columns:
            frame[column] = ""
    frame = frame.apply(lambda column: column.str.strip())
    content = frame.ne("").any(axis=1)
    if empty is not None:
        empty.extend(frame.index[~content])
    frame = frame[content]
    if key:
        refuse_repeated(frame, key, path)
    return frame


def refuse_repeated(frame: pd.DataFrame, key: Sequence[str], path: Path) -> None:
    """Stop at two rows that agree in all columns of ``key``."""
    repeated = frame[frame.duplicated(list(key))]
    if len(repeated):
        row = repeated.index[0]
        named = ", ".join(f"{column} '{frame.loc[row, column]}'" for column in key)
        raise AnalystError(
            f"{path.name} names {named} twice.",
            where=f"{path}, row {row}",
            fix="Remove or correct one of the two rows.",
        )


def _refuse_thousands(frame: pd.DataFrame, column: str, path: Path, grouped: pd.Series) -> None:
    """Stop at numbers that are thousands in one country and decimals in another."""
    for row in frame.index[grouped][:1]:
        text = str(frame[column].loc[row])
        raise AnalystError(
            f"'{text}' could be {float(text.replace('.', '')):.0f}, with a point between thousands, "
            "or a number with decimals."
            if text.count(".") == 1
            else f"'{text}' has points between thousands.",
            where=f"{path}, row {row}, column {column}",
            fix="Write thousands without a point (12000), and decimals with fewer or more figures "
            "than three (1.25).",
        )


def whole_numbers(frame: pd.DataFrame, column: str, path: Path) -> pd.Series:
    """A column of counts; empty cells are missing, anything else that is no count is refused."""
    text = frame[column]
    _refuse_thousands(frame, column, path, text.astype("str").str.fullmatch(GROUPED))
    numbers = counts(text)
    bad = text[(text != "") & numbers.isna()]
    if len(bad):
        raise AnalystError(
            f"{said(bad)} is not a whole number of 0 or more."
            if bad.nunique() == 1
            else f"{said(bad)} are not whole numbers of 0 or more.",
            where=f"{path}, {rows_in_words(list(bad.index))}, column {column}",
            fix="Correct the number, or leave the cell empty if it is not known.",
        )
    return numbers


def counts(text: pd.Series) -> pd.Series:
    """The counts that a column of text names; missing where it names none."""
    # Counts are few different ones, and text becomes a number slowly.
    places, different = pd.factorize(text)
    values = pd.to_numeric(pd.Series(different, dtype="object"), errors="coerce").to_numpy()
    numbers = pd.Series(values[places], index=text.index)
    return numbers.where((numbers >= 0) & (numbers % 1 == 0)).astype("float64")


def decimal_numbers(frame: pd.DataFrame, column: str, path: Path) -> pd.Series:
    """A column of amounts; empty cells are missing, anything else that is none is refused."""
    text = frame[column]
    # A point before three figures, one of them a nought at the end, and no other says which.
    point = text[text.str.contains(".", regex=False)]
    grouped = text.str.fullmatch(GROUPED)
    if grouped[point.index].all() and point.str.endswith("0").any():
        _refuse_thousands(frame, column, path, grouped)
    numbers = amounts(text)
    bad = text[(text != "") & numbers.isna()]
    if len(bad):
        raise AnalystError(
            f"{said(bad)} is not a number of 0 or more."
            if bad.nunique() == 1
            else f"{said(bad)} are not numbers of 0 or more.",
            where=f"{path}, {rows_in_words(list(bad.index))}, column {column}",
            fix="Write digits with a point for decimals (1250.50), without currency or commas; "
            "leave the cell empty if it is not known. A rate per 100 is written without a sign for "
            "per cent (6.7).",
        )
    return numbers


def amounts(text: pd.Series) -> pd.Series:
    """The amounts that a column of text names; missing where it names none."""
    return pd.to_numeric(text.where(text.str.fullmatch(r"\d+(\.\d+)?"))).astype("float64")


def said(cells: pd.Series) -> str:
    """What some cells say, each once and in quotes: ``'x', 'y' and 3 more``."""
    return a_few([f"'{value}'" for value in dict.fromkeys(cells)], TOLD)
