"""Which definition of an outcome was in force in each term, and where a series breaks."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
from pydantic import Field, ValidationError, model_validator

from analysis.errors import AnalystError
from analysis.prepare.dates import moments
from analysis.prepare.rows import named
from analysis.study import Model


class Definition(Model):
    """How an outcome was defined over some time; both ends may be open."""

    text: str
    start: dt.date | None = Field(default=None, alias="from")
    end: dt.date | None = Field(default=None, alias="to")

    @model_validator(mode="after")
    def _starts_before_it_ends(self) -> Definition:
        if self.start and self.end and self.end < self.start:
            raise ValueError("'to' is before 'from'")
        return self

    def holds(self, day: dt.date) -> bool:
        """Whether the definition was in force on a day."""
        return (self.start is None or self.start <= day) and (self.end is None or day <= self.end)


def defined(
    frame: pd.DataFrame, document: dict[str, Any] | None, where: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The outcomes with the number of the definition in force when each term began.

    Parameters
    ----------
    frame
        The outcomes: ``measure``, ``term``, ``term_start`` and ``row``.
    document
        The study's ``outcome_measures``; a measure may list ``definitions``, each with
        ``text`` and the dates ``from`` and ``to``.
    where
        The outcomes file, for errors.

    Returns
    -------
    (pandas.DataFrame, pandas.DataFrame)
        The outcomes with ``definition`` (from 1; 1 throughout for a measure that lists none);
        and one row for each break in a series: ``measure``, ``term`` (the first under the new
        definition), ``text`` (the new definition). A line must not be drawn through a break.

    Raises
    ------
    AnalystError
        If a definition is not well-formed, two hold at once, or a term has none.
    """
    listed = _definitions(document, where)
    days = moments(frame.set_index("row")["term_start"], None, where).reset_index(drop=True)
    frame = frame.assign(definition=1)
    for measure, definitions in listed.items():
        of_measure = frame["measure"] == measure
        for day, rows in days[of_measure].groupby(days[of_measure]):
            holding = [n for n, one in enumerate(definitions, 1) if one.holds(day.date())]
            if len(holding) != 1:
                place = rows.index[0]
                raise AnalystError(
                    f"{'No definition' if not holding else 'More than one definition'} of "
                    f"{measure} was in force when the term {frame.at[place, 'term']!s} began.",
                    where=f"{where}, {named(frame.loc[rows.index, 'row'])}",
                    fix="Correct 'from' and 'to' under 'definitions' in the outcome measures.",
                )
            frame.loc[rows.index, "definition"] = holding[0]
    in_time = (
        frame.assign(day=days)
        .drop_duplicates(["measure", "term"])
        .sort_values(["measure", "day"], kind="stable")
    )
    before = in_time.groupby("measure")["definition"].shift()
    breaks = in_time[before.notna() & (before != in_time["definition"])]
    texts = [
        listed[str(row.measure)][int(str(row.definition)) - 1].text for row in breaks.itertuples()
    ]
    return frame, breaks[["measure", "term"]].assign(text=texts).reset_index(drop=True)


def _definitions(document: dict[str, Any] | None, where: str) -> dict[str, list[Definition]]:
    found: dict[str, list[Definition]] = {}
    for measure in (document or {}).get("measures", []):
        try:
            definitions = [Definition.model_validate(d) for d in measure.get("definitions", [])]
        except ValidationError as error:
            first = error.errors()[0]
            raise AnalystError(
                f"A definition of {measure.get('id')} is not well-formed: "
                f"{'.'.join(map(str, first['loc']))} {first['msg']}.",
                where=where,
                fix="Each has 'text', and dates 'from' and 'to' as year-month-day; either may be "
                "left out at an open end.",
            ) from None
        if definitions:
            found[str(measure["id"])] = definitions
    return found
