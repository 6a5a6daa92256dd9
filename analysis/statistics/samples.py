"""Who a statistic is about: a unit (cohort or school) and a group within it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import pandas as pd

from analysis.prepare import Prepared
from analysis.results import COHORT, OTHERS
from analysis.statistics.estimates import Codes, both_schools, school_codes
from analysis.study import SCHOOLS, Group, Study, Survey
from analysis.words import slug

ALL = "all"
#: Columns with the schools of baseline and follow-up.
BOTH_SCHOOLS = ("school@baseline", "school@followup")
#: Answers that put nobody in a group.
NO_ANSWER = {"", "prefer_not_to_say", "not_answered", "dont_know"}


@dataclass(frozen=True)
class Sample:
    """Respondents of one unit and group: rows of a survey's frame, or of matched pairs."""

    unit: str
    group: str
    frame: pd.DataFrame

    @property
    def clustered(self) -> bool:
        """Whether the sample is drawn over schools, so that intervals must allow for them."""
        return self.unit == COHORT

    @cached_property
    def clusters(self) -> Codes:
        """Whose answers go together: see :func:`clusters`."""
        return clusters(self.frame)


def clusters(frame: pd.DataFrame) -> Codes:
    """The schools whose people each row's variance is shared with, as whole numbers.

    One per row where everybody is of one school. Where people moved between waves, two: those
    of :data:`BOTH_SCHOOLS`, as :class:`analysis.statistics.estimates.Clustered` takes them. Methods
    that allow one school only use the last, the follow-up's
    (:func:`analysis.statistics.estimates.school_codes`). This is the one rule for whom a
    variance belongs to; ``benchmarks/coverage.py`` compares it with others.
    """
    if BOTH_SCHOOLS[0] not in frame:
        return school_codes(frame["school"])
    labels = frame[list(BOTH_SCHOOLS)].to_numpy(dtype=object)
    found = both_schools(labels)
    return school_codes(labels) if found is None else found


def with_last_school(study: Study, frame: pd.DataFrame) -> pd.DataFrame:
    """Rows of several waves, with the school of each row and where that person answered last.

    So that somebody's answers go together, wherever they gave them.
    """
    places = frame["wave"].map({wave: place for place, wave in enumerate(study.wave_ids)})
    known = frame[frame["respondent"].notna()].loc[places.sort_values(kind="stable").index]
    last = known.drop_duplicates("respondent", keep="last").set_index("respondent")["school"]
    schools = frame["respondent"].map(last).fillna(frame["school"])
    return frame.assign(**{BOTH_SCHOOLS[0]: frame["school"], BOTH_SCHOOLS[1]: schools})


def samples(
    prepared: Prepared, survey: Survey, frame: pd.DataFrame, *, breakdowns: bool = True
) -> Iterator[Sample]:
    """The cohort, its groups where the study allows the breakdown, and every school: of these, who
    is wanted.

    A school is never broken down further here. Each is cut out when it is asked for: kept, those of
    the programme would be everybody's answers once more for every breakdown.
    """
    if prepared.wants(COHORT):
        yield Sample(COHORT, ALL, frame)
    if breakdowns and prepared.wants(COHORT):
        for group in prepared.study.breakdowns(survey):
            if group.column in frame:
                for value, rows in frame.groupby(compared_as(frame[group.column]), sort=True):
                    yield Sample(COHORT, group.key(str(value)), rows)
    schools = [school for school in prepared.schools["id"] if prepared.wants(school)]
    if prepared.units is not None:
        frame = frame[frame["school"].isin(schools)]
    by_school = dict(iter(frame.groupby("school", sort=True)))
    for school in schools:
        yield Sample(str(school), ALL, by_school.get(school, frame.iloc[:0]))


def compared_as(values: pd.Series) -> pd.Series:
    """Each person's group by an attribute; missing for those who are in none.

    Where the answers are yes and no (free school meals, special needs), those who said yes are
    set against all others, whether they said no or did not say, as the Department for Education
    reports such groups. So nobody is left over of whom a subtraction from the total could tell.
    With other answers, those who did not say are in no group. If nobody said, nobody is.
    """
    said = values.mask(values.isin(NO_ANSWER))
    answers = set(said.dropna().unique())
    if not answers or not answers <= {"yes", "no"}:
        return said
    return said.where(said == "yes", OTHERS)


def group_key(study: Study, survey: Survey, column: str, value: str) -> str:
    """The name in ids of the people who have a value in a column."""
    for group in study.breakdowns(survey):
        if group.column == column:
            return group.key(value)
    return f"{slug(column)}_{slug(value)}"


def by_phase(study: Study, frame: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """Everybody, then the people of each group of schools that the study compares."""
    yield ALL, frame
    phases = study.phases
    if phases is not None:
        for value in phases.ids:
            yield phases.key(value), frame[frame[phases.column] == value]


def phase_keys(study: Study) -> tuple[str, ...]:
    """Everybody, and the groups of schools that the study compares, as named in ids."""
    phases = study.phases
    return (ALL, *(phases.key(value) for value in phases.ids)) if phases else (ALL,)


def phase_pairs(study: Study) -> Iterator[tuple[Group, str, str]]:
    """Every two groups of schools that the study compares, in the study's order."""
    phases = study.phases
    if phases is not None:
        for first, second in combinations(phases.ids, 2):
            yield phases, first, second


def school_groups(study: Study) -> list[str]:
    """Columns of a survey's frame that say which groups the school is in."""
    return [group.column for group in study.groups_of(SCHOOLS)]


def attributes(prepared: Prepared, survey: Survey) -> list[str]:
    """Columns of a survey's frame that describe respondents (neither answers nor scores)."""
    frame = prepared.surveys[survey.id]
    fixed = {"wave", "row", "respondent", "school", *school_groups(prepared.study)}
    answers = {
        item.code for name in survey.instruments for item in prepared.instruments[name].items
    }
    return [
        column
        for column in frame.columns
        if column not in fixed and column not in answers and "." not in column
    ]


def at_wave(prepared: Prepared, survey: Survey, wave: str) -> pd.DataFrame:
    """Respondents of one wave. Made once: nobody writes to it."""
    key = ("wave", survey.id, wave)
    if key not in prepared.made:
        frame = prepared.surveys[survey.id]
        prepared.made[key] = frame[frame["wave"] == wave]
    found: pd.DataFrame = prepared.made[key]
    return found


def matched(prepared: Prepared, survey: Survey) -> pd.DataFrame:
    """Respondents of both baseline and follow-up, one row each.

    Returns
    -------
    pandas.DataFrame
        Answers and scores as ``<column>@baseline`` and ``<column>@followup``; attributes as at
        baseline. ``school`` and the groups of schools are kept only where they are the same at
        both waves: somebody who moved belongs to the matched sample, but to no one school's
        and, if the new school is of another group, to none of these.
        :data:`BOTH_SCHOOLS` are the schools of both waves. Made once: nobody writes to it.
    """
    key = ("matched", survey.id)
    if key not in prepared.made:
        prepared.made[key] = _matched(prepared, survey)
    found: pd.DataFrame = prepared.made[key]
    return found


def _matched(prepared: Prepared, survey: Survey) -> pd.DataFrame:
    study, frame = prepared.study, prepared.surveys[survey.id]
    places = pd.Series(range(len(frame)), index=pd.Index(frame["respondent"]))
    first, last = (
        places[(frame["wave"] == wave).to_numpy()] for wave in (study.baseline, study.followup)
    )
    both = first.index.intersection(last.index, sort=False)
    first, last = first.loc[both], last.loc[both]

    # Column by column: on the way, everybody's answers are not there once more for each wave.
    def at(of: pd.Series, column: str) -> pd.Series:
        return pd.Series(frame[column].array.take(of.to_numpy(dtype="int64")), index=first.index)

    measured = [c for c in frame.columns if c not in ("wave", "row", "respondent")]
    items = {item.code for name in survey.instruments for item in prepared.instruments[name].items}
    answers = [c for c in measured if "." in c] + [c for c in measured if c in items]
    columns = {c: at(first, c) for c in attributes(prepared, survey)}
    columns |= {f"{c}@baseline": at(first, c) for c in answers}
    columns |= {f"{c}@followup": at(last, c) for c in answers}
    for column in ("school", *school_groups(study)):
        then, now = at(first, column), at(last, column)
        columns[column] = then.where(then == now)
    schools = (at(of, "school") for of in (first, last))
    columns |= zip(BOTH_SCHOOLS, schools, strict=True)
    return pd.DataFrame(columns).reset_index()
