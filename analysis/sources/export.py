"""What every reader of survey exports returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from analysis.errors import AnalystError
from analysis.sources.grid import Grid, missing_file, tidy
from analysis.sources.layout import DateOrder, Layout
from analysis.sources.personal import is_personal

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


def exported(grid: Grid, layout: Layout, kind: str, *, personal: bool = True) -> RawExport:
    """The responses of a file, without headings and personal columns.

    Parameters
    ----------
    grid, layout
        The file and how it is laid out.
    kind
        The kind of export, for messages.
    personal
        Whether personal columns are left behind; not so for tables that are no export.

    Raises
    ------
    AnalystError
        If there are no responses, or a column that holds data has no heading or that of
        another.
    """
    body = grid.cells.iloc[layout.header_rows :]
    if body.empty:
        rows = "responses" if personal else "rows"
        raise AnalystError(
            f"{grid.path.name} holds headings but no {rows}.",
            where=grid.where,
            fix="Export it again, with responses."
            if personal
            else "Fill it in; or take it out of study.yaml for as long as there is nothing.",
        )
    names = [tidy(name) for name in layout.names]
    left = [
        name
        for name, question in zip(names, layout.questions, strict=True)
        if personal and is_personal(name, question, layout.personal)
    ]
    behind = set(left)
    kept: list[int] = []
    seen: set[str] = set()
    for place, name in enumerate(names):
        if name in behind:
            continue
        if not name:
            if any(text.strip() for text in body.iloc[:, place].unique()):
                raise AnalystError(
                    f"Column {place + 1} holds data but has no heading.",
                    where=grid.where,
                    fix="Export it again; do not edit the export by hand.",
                )
            continue
        if name in seen:
            raise AnalystError(
                f"Two columns have the same heading '{name}'.",
                where=grid.where,
                fix="Give the questions different wordings in the survey tool, or export with "
                "question codes as headings.",
            )
        seen.add(name)
        kept.append(place)
    frame = body.iloc[:, kept]
    frame.columns = pd.Index([names[place] for place in kept], dtype="str")
    questions = {names[place]: layout.questions[place] for place in kept}
    return RawExport(
        file=grid.path.name,
        sheet=grid.sheet,
        frame=frame,
        kind=kind,
        questions=questions,
        value_labels={name: grid.value_labels[name] for name in seen if name in grid.value_labels},
        left_behind=tuple(dict.fromkeys(left)),
        dates=layout.dates,
        response_number=layout.response_number,
    )
