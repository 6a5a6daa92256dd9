"""What every reader of survey exports returns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from analysis.errors import AnalystError
from analysis.sources.container import missing_file
from analysis.sources.grid import Grid, rows_in_words, tidy
from analysis.sources.layout import DateOrder, Layout
from analysis.sources.personal import is_answered, is_named, is_personal

__all__ = ["RawExport", "exported", "missing_file"]


@dataclass(frozen=True)
class RawExport:
    """An export as it came, less its header rows and personal columns.

    Attributes
    ----------
    file, sheet, kind
        What was read, and as which kind of export.
    frame
        One row per row of the file, all cells as text (empty where empty); the index is the
        row's number in the file as a spreadsheet shows it, so that any row can be found again.
    questions
        Each column's question in words, where the export says it.
    value_labels
        By column, what each code stands for, where the file says it (SPSS).
    left_behind
        Headings of the personal columns that went no further.
    dates
        How the tool writes dates in figures, if always the same way.
    response_number
        The column that numbers responses, or empty.
    about
        How the file is written, in words (encoding, delimiter, kind of workbook).
    notes
        What an analyst should know of how the file was read: the sheet, hidden rows, a title
        left out, columns told apart.
    unusable
        Headings that no mapping may name as they stand, and why.
    """

    file: str
    sheet: str
    frame: pd.DataFrame
    kind: str = ""
    questions: Mapping[str, str] = field(default_factory=dict)
    value_labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    left_behind: tuple[str, ...] = ()
    dates: DateOrder | None = None
    response_number: str = ""
    about: str = ""
    notes: tuple[str, ...] = ()
    unusable: Mapping[str, str] = field(default_factory=dict)


def exported(
    grid: Grid, layout: Layout, kind: str, *, personal: bool = True, waiting: bool = False
) -> RawExport:
    """The responses of a file, without headings and personal columns.

    Parameters
    ----------
    grid, layout
        The file and how it is laid out.
    kind
        The kind of export, for messages.
    personal
        Whether personal columns are left behind; not so for tables that are no export.
    waiting
        Whether there may be no row yet.

    Raises
    ------
    AnalystError
        If there are no responses, a row has fewer cells than there are headings, a column that
        holds data has no heading or, in a table that is no export, that of another.
    """
    body = grid.cells.iloc[layout.header_rows :]
    if body.empty and not waiting:
        rows = "responses" if personal else "rows"
        raise AnalystError(
            f"{grid.path.name} holds headings but no {rows}.",
            where=grid.where,
            fix="Export it again, with responses."
            if personal
            else "Fill it in; or take it out of study.yaml for as long as there is nothing.",
        )
    names = [tidy(name) for name in layout.names]
    _refuse_repeated_headings(grid, names, body)
    _refuse_short_rows(grid, names, body)
    headings = layout.headings or names
    counts = Counter(names)
    left = [
        name
        for place, (name, heading, question) in enumerate(
            zip(names, headings, layout.questions, strict=True)
        )
        if personal
        and is_personal(heading, question, layout.personal)
        and not (
            # "I check my e-mail outside working hours" is a statement to agree with.
            counts[name] == 1
            and not is_named(heading, question, layout.personal)
            and is_answered(body.iloc[:, place].unique())
        )
    ]
    behind = set(left)
    faulty = _faulty(grid, body)
    kept: dict[int, str] = {}
    unusable: dict[str, str] = {}
    notes = [*grid.notes, *layout.notes]
    for place, name in enumerate(names):
        if name in behind:
            continue
        if not name:
            name = _unnamed(grid, body, place, names)
        elif counts[name] > 1:
            name = _numbered(grid, names, place, unusable, table=not personal)
        if not name:
            continue
        if place in faulty:
            unusable[name] = faulty[place]
            notes.append(f"column '{name}' is not read: {faulty[place]}")
            continue
        kept[place] = name
    if not kept:
        raise AnalystError(
            f"{grid.path.name} has no column that can be read"
            + (f": {next(iter(unusable.values()))}." if unusable else "."),
            where=grid.where,
            fix="Export it again.",
        )
    frame = body.iloc[:, list(kept)]
    frame.columns = pd.Index(list(kept.values()), dtype="str")
    questions = {name: layout.questions[place] for place, name in kept.items()}
    return RawExport(
        file=grid.path.name,
        sheet=grid.sheet,
        frame=frame,
        kind=kind,
        questions=questions,
        value_labels={
            name: grid.value_labels[name] for name in kept.values() if name in grid.value_labels
        },
        left_behind=tuple(dict.fromkeys(left)),
        dates=layout.dates,
        response_number=layout.response_number,
        about=grid.about,
        notes=tuple(dict.fromkeys(notes)),
        unusable=unusable,
    )


def _refuse_repeated_headings(grid: Grid, names: list[str], body: pd.DataFrame) -> None:
    """Stop at a row that has the headings once more: two exports were put one below the other."""
    filled = [place for place, name in enumerate(names) if name]
    if grid.has_variables or len(filled) < 2:
        return
    first = body.iloc[:, filled[0]].str.contains(names[filled[0]], regex=False)
    like = body.iloc[np.flatnonzero(first.to_numpy())]
    again = [
        row
        for row, cells in zip(like.index, like.to_numpy(dtype=object).tolist(), strict=True)
        if all(tidy(cells[place]) == names[place] for place in filled)
    ]
    if again:
        raise AnalystError(
            f"The headings of {grid.path.name} stand there once more, in "
            f"{rows_in_words(again)}: two exports were put one below the other.",
            where=grid.where,
            fix="Name each export by itself; a wave may have several files.",
        )


def _refuse_short_rows(grid: Grid, names: list[str], body: pd.DataFrame) -> None:
    """Stop at rows that lack cells below a heading: all after the gap may have slipped."""
    headed = max(
        int(at) + 1 for at, name in zip(body.columns, names, strict=True) if name or not at
    )
    lacking = [row for row, cells in grid.short.items() if cells < headed and row in body.index]
    if not lacking:
        return
    first = grid.short[lacking[0]]
    few = (
        f"has {first} cell{'' if first == 1 else 's'}"
        if len(lacking) == 1
        else f"have fewer cells (row {lacking[0]} has {first})"
    )
    raise AnalystError(
        f"There are {headed} headings, but {rows_in_words(lacking)} {few}: it cannot be "
        "known which are lacking, and the others may stand one column off.",
        where=f"{grid.where}, {rows_in_words(lacking)}",
        fix="Look at the row as text. If the file ends there, it was cut off: download it again. If "
        "the tool leaves out empty cells at the end of a row, export as XLSX, or add a separator "
        "for each. If it is no row of the table, take it out.",
    )


def _faulty(grid: Grid, body: pd.DataFrame) -> dict[int, str]:
    """By place, why a column cannot be used: cells below the headings that are not what they
    seem."""
    found: dict[int, dict[str, list[int]]] = {}
    responses = set(body.index) if grid.faults else set()
    for fault in grid.faults:
        if fault.row in responses:
            found.setdefault(fault.place, {}).setdefault(fault.what, []).append(fault.row)
    return {
        place: "; ".join(
            f"its cells in {rows_in_words(sorted(set(rows)))} {what}"
            for what, rows in reasons.items()
        )
        for place, reasons in found.items()
    }


def _unnamed(grid: Grid, body: pd.DataFrame, place: int, names: list[str]) -> str:
    """The name of a column without a heading; empty if it holds nothing."""
    filled = body.iloc[:, place].str.strip() != ""
    if not filled.any():
        return ""
    if place == 0 and filled.all():
        return "(column 1)"  # numbers of rows, as R and pandas write them
    rows = body.index[filled]
    for fault in grid.faults:
        if fault.place == place and fault.row in grid.cells.index and fault.row < body.index[0]:
            raise AnalystError(
                f"Column {place + 1} holds data in {rows_in_words(rows)} but has no heading of its "
                f"own: cells of row {fault.row} {fault.what}.",
                where=grid.where,
                fix="Give each column its own heading, or export the file again.",
            )
    above = (
        "If lines stand above the headings (the name of the survey, a date), take them out. "
        if 2 * sum(bool(name) for name in names) < len(names)
        else ""
    )
    raise AnalystError(
        f"Column {place + 1} holds data in {rows_in_words(rows)} but has no heading.",
        where=grid.where,
        fix=f"{above}If the cells of these rows have slipped to the right, look for an unquoted comma "
        "there; if not, give the column a heading. Or export the file again.",
    )


def _numbered(
    grid: Grid, names: list[str], place: int, unusable: dict[str, str], *, table: bool
) -> str:
    """The name of a column that shares its heading: with its number."""
    name = names[place]
    numbers = [number for number, other in enumerate(names, 1) if other == name]
    if table:
        raise AnalystError(
            f"Two columns have the same heading '{name}' (columns "
            f"{' and '.join(map(str, numbers))}).",
            where=grid.where,
            fix="Remove one of them, or correct its heading.",
        )
    new = [f"{name} (column {number})" for number in numbers]
    unusable[name] = (
        f"several columns have this heading; name one of them as {' or '.join(map(repr, new))}"
    )
    return f"{name} (column {place + 1})"
