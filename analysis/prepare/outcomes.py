"""School records: rows of groups, the national series, and where a definition breaks a series."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pydantic import Field, ValidationError, model_validator

from analysis.errors import AnalystError
from analysis.prepare.dates import days
from analysis.prepare.definitions import not_of
from analysis.prepare.rows import named
from analysis.study import SCHOOLS, Model, Study

#: Beginnings of the same term of two years are a year apart, but for so many days: Easter moves
#: by about three weeks from one year to the next, and half terms begin five weeks or more apart.
YEAR, MOVES = 365, 24


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
    starts = days(frame.set_index("row")["term_start"], where).reset_index(drop=True)
    frame = frame.assign(definition=1)
    for measure, definitions in listed.items():
        of_measure = frame["measure"] == measure
        for day, rows in starts[of_measure].groupby(starts[of_measure]):
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
        frame.assign(day=starts)
        .drop_duplicates(["measure", "term"])
        .sort_values(["measure", "day"], kind="stable")
    )
    before = in_time.groupby("measure")["definition"].shift()
    breaks = in_time[before.notna() & (before != in_time["definition"])]
    texts = [
        listed[str(row.measure)][int(str(row.definition)) - 1].text for row in breaks.itertuples()
    ]
    return frame, breaks[["measure", "term"]].assign(text=texts).reset_index(drop=True)


def records(
    study: Study, frame: pd.DataFrame, documents: dict[str, Any], path: Path
) -> pd.DataFrame:
    """The records, once their rows of groups fit those of all children.

    A row with a ``group`` is about those children of the group (``groups`` of the outcome measures),
    and says how many they are; the row of the same school, term and measure without a group is
    about all, and what is left is about all others.

    Raises
    ------
    AnalystError
        If a group is not declared, its row has no row of all beside it, counts more than that, or
        does not say how many children it is about.
    """
    split = frame[frame["group"] != ""]
    if split.empty:
        return frame
    document = documents.get("outcome_measures") or {}
    known = [str(each["id"]) for each in document.get("groups", [])]
    bad = split[~split["group"].isin(known)]
    if len(bad):
        raise AnalystError(
            f"'{bad['group'].iloc[0]}' is no group of the outcome measures"
            + (f", which list {', '.join(known)}." if known else ", which list none."),
            where=f"{path}, column group, {named(bad.index)}",
            fix="List it under 'groups' there, with 'id' and 'label'; or leave the cell empty in a "
            "row about all children.",
        )
    key = ["school", "term", "measure"]
    whole = frame[frame["group"] == ""].set_index(key)
    both = split.join(whole[["numerator", "denominator"]].add_suffix("_all"), on=key)
    alone = both[~pd.MultiIndex.from_frame(split[key]).isin(whole.index)]
    if len(alone):
        raise AnalystError(
            "A row of a group has no row of all children beside it.",
            where=f"{path}, {named(alone.index)}",
            fix="Add the row of the same school, term and measure with 'group' empty.",
        )
    more = both[
        (both["numerator"] > both["numerator_all"])
        | (both["denominator"] > both["denominator_all"])
    ]
    if len(more):
        raise AnalystError(
            "A row of a group does not fit into that of all children: one of the two counts more than "
            "it can.",
            where=f"{path}, {named(more.index)}",
            fix="Correct numerator or denominator of one of them.",
        )
    unsaid = split[split["children"].isna() | (split["children"] < 1)]
    if len(unsaid):
        raise AnalystError(
            "A row of a group does not say how many children it is about.",
            where=f"{path}, column children, {named(unsaid.index)}",
            fix="Fill in their number: sessions and days do not tell how few they may be.",
        )
    asked = pd.MultiIndex.from_frame(split[key])
    silent = frame[(frame["group"] == "") & frame["children"].isna()]
    silent = silent[pd.MultiIndex.from_frame(silent[key]).isin(asked)]
    if len(silent):
        raise AnalystError(
            "A row of all children that is split does not say how many they are.",
            where=f"{path}, column children, {named(silent.index)}",
            fix="Fill in their number, as in the rows of its groups.",
        )
    return frame


def national(
    study: Study, frame: pd.DataFrame, documents: dict[str, Any], path: Path
) -> pd.DataFrame:
    """The national series, once its groups are those by which the study compares schools.

    Raises
    ------
    AnalystError
        If a row names another group, no source, or no rate.
    """
    allowed = study.phases.ids if study.phases else ()
    bad = frame[(frame["group"] != "") & ~frame["group"].isin(allowed)]
    if len(bad):
        raise AnalystError(
            f"'{bad['group'].iloc[0]}' is no group of schools that the study compares"
            + (f"; these are {', '.join(allowed)}." if allowed else "."),
            where=f"{path}, column group, {named(bad.index)}",
            fix="Correct it, or leave the cell empty in a row about all schools.",
        )
    for column in ("source", "rate"):
        empty = frame[frame[column].isna() | (frame[column] == "")]
        if len(empty):
            raise AnalystError(
                f"A national figure has no {column}.",
                where=f"{path}, column {column}, {named(empty.index)}",
                fix="Say where it is published." if column == "source" else "Fill it in (per 100).",
            )
    listed = (documents.get("outcome_measures") or {}).get("measures", [])
    events = [str(each["id"]) for each in listed if each.get("counts") == "events"]
    above = frame[(frame["rate"] > 100) & ~frame["measure"].isin(events)]
    if len(above):
        raise AnalystError(
            f"A national rate of {above['rate'].iloc[0]:g} per 100 is more than there can be.",
            where=f"{path}, column rate, {named(above.index)}",
            fix="Write it per 100; or, if the measure counts what happens to somebody more than once, "
            "say 'counts: events' in the outcome measures.",
        )
    return frame


def refuse_unknown_norms(
    study: Study, document: dict[str, Any], recorded: pd.DataFrame, where: str
) -> None:
    """Stop at other schools' rates of a term without records, or of a group that is none.

    Raises
    ------
    AnalystError
        Naming the measure and the norm.
    """
    terms = set(recorded["term"].unique())
    for measure in document.get("measures", []):
        for norm in measure.get("norms", []):
            term = norm.get("term", "")
            why = not_of(study, norm.get("of", {}), study.groups_of(SCHOOLS))
            if term and term not in terms:
                why = f"the term '{term}', of which there is no record"
            if why:
                raise AnalystError(
                    f"norms of {measure['id']}: '{norm['label']}' is said to be of {why}.",
                    where=where,
                    fix="Correct 'term' or 'of', or take them out.",
                )


def refuse_unknown_series(frame: pd.DataFrame, recorded: pd.DataFrame, where: str) -> None:
    """Stop at a national figure of a term or a measure that no school's record has.

    Raises
    ------
    AnalystError
        Naming the rows.
    """
    for column in ("term", "measure"):
        bad = frame[~frame[column].isin(recorded[column].unique())]
        if len(bad):
            raise AnalystError(
                f"'{bad[column].iloc[0]}' is no {column} of the schools' records.",
                where=f"{where}, column {column}, {named(bad.index)}",
                fix="Write it as it stands there, or take the row out.",
            )


def year_before(rows: pd.DataFrame) -> dict[str, str]:
    """Of each term with one, the term that began a year before; terms in order of time.

    ``rows`` has a ``term`` and its ``term_start`` in each row. What terms are called says
    nothing: of two years' terms those are the same that began a year apart.
    """
    starts = days(rows["term_start"], "the outcomes").groupby(rows["term"]).min()
    starts = starts.dropna().sort_values(kind="stable")
    places = starts.to_numpy().astype("datetime64[D]").astype("int64")
    found: dict[str, str] = {}
    for place, later in enumerate(starts.index):
        away = np.abs(places[place] - places - YEAR)
        nearest = int(np.argmin(away))
        if away[nearest] <= MOVES:
            found[str(later)] = str(starts.index[nearest])
    return found


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
