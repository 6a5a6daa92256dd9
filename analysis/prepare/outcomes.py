"""School records: rows of groups, the national series, and where a definition breaks a series."""

from __future__ import annotations

import datetime as dt
import difflib
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import Field, ValidationError, model_validator

from analysis.errors import AnalystError, Collected
from analysis.prepare.dates import days
from analysis.prepare.definitions import not_of
from analysis.prepare.rows import named
from analysis.study import SCHOOLS, Model, Study
from analysis.words import slug

#: Beginnings of the same term of two years are a year apart, but for so many days: Easter moves
#: by about three weeks from one year to the next, and half terms begin five weeks or more apart.
YEAR, MOVES = 365, 24
#: Days are counted from it where their mean is wanted.
BEGINNING = pd.Timestamp("1970-01-01")
#: Units of a measure that is a share of what it is out of.
PERCENT = ("percent", "per cent", "%")
#: What a row of records counts.
COUNTS = ["numerator", "denominator", "children"]


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
    """The records, once each row can be, and rows of groups fit those of all children.

    A row with a ``group`` is about those children of the group (``groups`` of the outcome measures),
    and says how many they are; the row of the same school, term and measure without a group is
    about all, and what is left is about all others.

    Raises
    ------
    AnalystError
        If nothing says what is counted, or a part is larger than its whole; or if a group is not
        declared, its row has no row of all beside it, counts more than that, or does not say how
        many children it is about: all at once.
    """
    mistakes = Collected()
    document = documents.get("outcome_measures")
    if document is None and not study.file("outcome_measures"):
        mistakes.add(
            AnalystError(
                "There are school records, and nothing says what their measures are.",
                where=f"{path}, column measure",
                fix="Name a file under strands.outcomes.measures in study.yaml that lists each with "
                "its label, unit and definition (docs/study.md).",
            )
        )
    with mistakes.also():
        _check_counts(frame, shares(document), path)
    with mistakes.also():
        _check_groups(frame, document or {}, path)
    mistakes.raise_any()
    return frame


def shares(document: dict[str, Any] | None) -> frozenset[str]:
    """The measures that are a share: what is counted is part of what it is out of."""
    return frozenset(
        str(measure["id"])
        for measure in (document or {}).get("measures", [])
        if measure.get("unit") in PERCENT or measure.get("counts") == "people"
    )


def check_terms(frame: pd.DataFrame, path: Path) -> None:
    """Stop at rows without a term or the day on which it began, and at terms that end before it.

    Raises
    ------
    AnalystError
        Naming the rows.
    """
    mistakes = Collected()
    for column, fix in (
        ("term", "Write what the term is called."),
        ("term_start", "Write the day on which the term began: terms are told apart by it."),
    ):
        empty = frame[frame[column] == ""]
        if len(empty):
            mistakes.add(
                AnalystError(
                    f"A record has no {column}.",
                    where=f"{path}, column {column}, {named(empty.index)}",
                    fix=fix,
                )
            )
    with mistakes.also():
        first, last = days(frame["term_start"], str(path)), _ends(frame)
        turned = frame[(last < first).to_numpy()]
        if len(turned):
            row = turned.iloc[0]
            mistakes.add(
                AnalystError(
                    f"The term '{row['term']}' ends on {row['term_end']}, before it begins on "
                    f"{row['term_start']}.",
                    where=f"{path}, columns term_start and term_end, {named(turned.index)}",
                    fix="Correct one of the two dates.",
                )
            )
    mistakes.raise_any()


def _ends(frame: pd.DataFrame) -> pd.Series:
    """When each row's term ended; missing where that is not said, or is no date."""
    if "term_end" not in frame:
        return pd.Series(pd.NaT, index=frame.index, dtype="datetime64[s]")
    return pd.to_datetime(frame["term_end"], format="%Y-%m-%d", errors="coerce")


def _check_counts(frame: pd.DataFrame, of_whole: frozenset[str], path: Path) -> None:
    """No part is larger than its whole, and nothing is counted out of nobody."""
    counted, base = frame["numerator"], frame["denominator"]
    mistakes = Collected()
    for bad, words, fix in (
        (
            frame["measure"].isin(of_whole) & (counted > base),
            "{row.measure} of {row.school} in {row.term} counts {row.numerator:.0f} out of "
            "{row.denominator:.0f}, and it is a share: a part cannot be larger than its whole.",
            "Correct numerator or denominator; or, if somebody may be counted several times, say so "
            "in the measure's unit ('per 100').",
        ),
        (
            ~frame["measure"].isin(of_whole) & (counted > 0) & (base == 0),
            "{row.measure} of {row.school} in {row.term} counts {row.numerator:.0f} out of 0.",
            "Correct the denominator, or leave both cells empty if it is not known.",
        ),
    ):
        for place, row in zip(frame.index[bad], frame[bad].itertuples(), strict=True):
            mistakes.add(
                AnalystError(
                    words.format(row=row),
                    where=f"{path}, row {place}, columns numerator and denominator",
                    fix=fix,
                )
            )
    mistakes.raise_any()


def _check_groups(frame: pd.DataFrame, document: dict[str, Any], path: Path) -> None:
    """Rows of groups are declared, and fit the rows of all children."""
    split = frame[frame["group"] != ""]
    if split.empty:
        return
    mistakes = Collected()
    known = [str(each["id"]) for each in document.get("groups", [])]
    bad = split[~split["group"].isin(known)]
    if len(bad):
        near = difflib.get_close_matches(str(bad["group"].iloc[0]), known, n=1)
        mistakes.add(
            AnalystError(
                f"'{bad['group'].iloc[0]}' is no group of the outcome measures"
                + (f", which list {', '.join(known)}." if known else ", which list none.")
                + (f" The nearest is '{near[0]}'." if near else ""),
                where=f"{path}, column group, {named(bad.index)}",
                fix="List it under 'groups' there, with 'id' and 'label'; or leave the cell empty "
                "in a row about all children.",
            )
        )
    key = ["school", "term", "measure"]
    whole = frame[frame["group"] == ""].drop_duplicates(key).set_index(key)
    both = split.join(whole[COUNTS].add_suffix("_all"), on=key)
    there = pd.MultiIndex.from_frame(split[key]).isin(whole.index)
    less = {name: both[f"{name}_all"] - both[name] for name in COUNTS}
    is_share = both["measure"].isin(shares(document))
    silent = frame[(frame["group"] == "") & frame["children"].isna()]
    silent = silent[
        pd.MultiIndex.from_frame(silent[key]).isin(pd.MultiIndex.from_frame(split[key]))
    ]
    for rows, what, column, fix in (
        (
            both[~there],
            "A row of a group has no row of all children beside it.",
            "",
            "Add the row of the same school, term and measure with 'group' empty.",
        ),
        (
            both[(less["numerator"] < 0) | (less["denominator"] < 0)],
            "A row of a group does not fit into that of all children: one of the two counts more "
            "than it can.",
            "",
            "Correct numerator or denominator of one of them.",
        ),
        (
            both[
                is_share
                & (both["numerator"] <= both["denominator"])
                & (both["numerator_all"] <= both["denominator_all"])
                & (less["denominator"] >= 0)
                & (less["numerator"] > less["denominator"])
            ],
            "A row of a group does not fit into that of all children: more would be counted of all "
            "others than there are.",
            "",
            "Correct numerator or denominator of one of them.",
        ),
        (
            both[less["children"] < 0],
            "A row of a group is about more children than that of all children.",
            "children",
            "Correct one of the two numbers.",
        ),
        (
            split[split["children"].isna() | (split["children"] < 1)],
            "A row of a group does not say how many children it is about.",
            "children",
            "Fill in their number: sessions and days do not tell how few they may be.",
        ),
        (
            silent,
            "A row of all children that is split does not say how many they are.",
            "children",
            "Fill in their number, as in the rows of its groups.",
        ),
    ):
        if len(rows):
            at = f", column {column}" if column else ""
            mistakes.add(AnalystError(what, where=f"{path}{at}, {named(rows.index)}", fix=fix))
    mistakes.raise_any()


def named_once(frame: pd.DataFrame, where: str) -> tuple[pd.DataFrame, dict[str, str], list[str]]:
    """The records with one name for each term, what names became, and that in words.

    Terms are told apart by their dates. Names that differ in case or spaces are one; and so are two
    of the same measure that began on one day, or, where no school has both, within
    :data:`MOVES` days (schools do not all begin on the same), unless they end at other times, as a
    term and a year do. The name in most rows is used.

    Raises
    ------
    AnalystError
        If one name stands for two terms, or a school has two rows of one term.
    """
    when = pd.DataFrame(
        {
            "term": frame["term"].to_numpy(),
            "like": frame["term"].map(slug).to_numpy(),
            "first": days(frame["term_start"], where).to_numpy(),
            "last": _ends(frame).to_numpy(),
            "of": list(zip(frame["school"], frame["measure"], frame["group"], strict=True)),
            "measure": frame["measure"].to_numpy(),
        }
    )
    terms: list[_Term] = []
    for _, rows in when.groupby("like", sort=False):
        term = _Term(rows)
        usual = rows["first"].mode()[0]
        strange = rows.index[(rows["first"] - usual).abs().dt.days > MOVES]
        if len(strange):
            other = rows.loc[strange[0], "first"]
            raise AnalystError(
                f"The term '{term.name}' begins on {usual:%Y-%m-%d} in most rows, and on "
                f"{other:%Y-%m-%d} in others.",
                where=f"{where}, column term_start, {named(frame.index[strange])}",
                fix="Correct the dates; or, if they are two terms, give each a name of its own.",
            )
        terms.append(term)
    terms.sort(key=lambda term: -term.rows)
    kept: list[_Term] = []
    called: dict[str, str] = {}
    told: list[str] = []
    for term in terms:
        same = min(
            (each for each in kept if each.is_same(term)), key=lambda each: each.away(term),
            default=None,
        )  # fmt: skip
        if same is None:
            kept.append(term)
            others = term.names[1:]
        else:
            same.schools |= term.schools
            others = term.names
        name = (same or term).name
        for other in others:
            called[other] = name
            began = "begins when" if same and not same.away(term) else "begins about when"
            told.append(
                f"the term '{other}' {began} '{name}' does: they are taken for one, called '{name}'"
                if same
                else f"the terms '{other}' and '{name}' are taken for one, called '{name}'"
            )
    if not called:
        return frame, called, told
    renamed = frame.assign(term=frame["term"].replace(called))
    key = ["school", "term", "measure", "group"]
    twice = renamed.duplicated(key, keep=False).to_numpy()
    if twice.any():
        row = frame[twice].iloc[0]
        names = frame.loc[twice & (renamed[key] == renamed[twice].iloc[0][key]).all(axis=1), "term"]
        raise AnalystError(
            f"{row['school']} has more than one row of {row['measure']} for the term that began on "
            f"{row['term_start']}: " + ", ".join(f"'{name}'" for name in names) + ".",
            where=f"{where}, {named(frame.index[twice])}",
            fix="Take all but one out; or, if they are two terms, correct term_start, or give each "
            "its own term_end.",
        )
    return renamed, called, told


class _Term:
    """What rows that call a term alike say of it."""

    def __init__(self, rows: pd.DataFrame) -> None:
        self.names = list(rows["term"].value_counts(sort=True).index)
        self.name = str(self.names[0])
        self.rows = len(rows)
        self.first = rows["first"].mode()[0]
        self.last = (rows["last"] - BEGINNING).dt.days.median()
        self.measures = set(rows["measure"])
        self.schools = set(rows["of"])

    def away(self, other: _Term) -> int:
        """How many days the two began from each other."""
        return abs(int((self.first - other.first).days))

    def is_same(self, other: _Term) -> bool:
        """Whether the two are one term under two names."""
        # A missing end is no difference.
        if self.measures.isdisjoint(other.measures) or abs(self.last - other.last) > MOVES:
            return False
        away = self.away(other)
        return away == 0 or (away <= MOVES and self.schools.isdisjoint(other.schools))


def norms_renamed(document: dict[str, Any], called: dict[str, str]) -> dict[str, Any]:
    """The outcome measures, the terms of other schools' rates called as the records' are."""

    def of(norm: dict[str, Any]) -> dict[str, Any]:
        return norm | {"term": called[norm["term"]]} if norm.get("term") in called else norm

    measures = [
        measure | {"norms": [of(norm) for norm in measure["norms"]]}
        if measure.get("norms")
        else measure
        for measure in document.get("measures", [])
    ]
    return document | {"measures": measures}


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
    terms = rows["term"]
    starts = days(rows["term_start"], "the outcomes").groupby(terms).min()
    starts = starts.dropna().sort_values(kind="stable")
    ends = _ends(rows).groupby(terms).median().reindex(starts.index)
    found: dict[str, str] = {}
    for later, start, end in zip(starts.index, starts, ends, strict=True):
        away = (start - starts).dt.days.sub(YEAR).abs()
        # Of several that began then, a term and a year, say, that which ended a year before.
        ended = (end - ends).dt.days.sub(YEAR).abs().fillna(0)
        near = (away + ended)[away <= MOVES]
        if len(near):
            found[str(later)] = str(near.idxmin())
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
