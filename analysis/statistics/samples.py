"""Who a statistic is about: a unit (cohort or school) and a group within it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np
import pandas as pd

from analysis.prepare import Prepared
from analysis.results import COHORT, OTHERS
from analysis.statistics.estimates import Codes, both_schools, school_codes
from analysis.statistics.people import BASELINE, FOLLOWUP, People
from analysis.study import SCHOOLS, Group, Study, Survey
from analysis.words import slug

ALL = "all"
#: Columns with the schools of baseline and follow-up.
BOTH_SCHOOLS = ("school@baseline", "school@followup")
#: Answers that put nobody in a group.
NO_ANSWER = {"", "prefer_not_to_say", "not_answered", "dont_know"}


@dataclass(frozen=True)
class Sample:
    """Respondents of one unit and group: of a wave, or of matched pairs."""

    unit: str
    group: str
    people: People

    @property
    def clustered(self) -> bool:
        """Whether the sample is drawn over schools, so that intervals must allow for them."""
        return self.unit == COHORT

    @cached_property
    def clusters(self) -> Codes:
        """Whose answers go together: see :func:`clusters`."""
        return clusters(self.people)


def clusters(people: People) -> Codes:
    """The schools whose people each one's variance is shared with, as whole numbers.

    One per row where everybody is of one school. Where people moved between waves, two: those
    of :data:`BOTH_SCHOOLS`, as :class:`analysis.statistics.estimates.Clustered` takes them. Methods
    that allow one school only use the last, the follow-up's
    (:func:`analysis.statistics.estimates.school_codes`). This is the one rule for whom a
    variance belongs to; ``benchmarks/coverage.py`` compares it with others.
    """
    if BOTH_SCHOOLS[0] not in people:
        return school_codes(people["school"])
    return of_both(*(people[each] for each in BOTH_SCHOOLS))


def of_both(baseline: pd.Series, followup: pd.Series) -> Codes:
    """:func:`clusters` of people by their schools of both waves."""
    # In the order in which they appear, person by person.
    side_by_side = pd.factorize(pd.concat([baseline, followup], ignore_index=True))[0]
    labels = side_by_side.reshape(2, -1).T
    found = both_schools(labels)
    return school_codes(labels) if found is None else found


def with_last_school(study: Study, people: People) -> People:
    """People of several waves, with the school of each row and where that person answered last.

    So that somebody's answers go together, wherever they gave them.
    """
    places = people["wave"].map({wave: place for place, wave in enumerate(study.wave_ids)})
    order = np.argsort(places.to_numpy(), kind="stable")
    persons, schools = pd.factorize(people["respondent"])[0], people["school"]
    last = np.zeros(persons.max(initial=0) + 1, dtype=np.intp)
    last[persons[order]] = order  # who is there twice: the later one stands
    rows = np.where(persons < 0, np.arange(len(people)), last[persons])
    now = pd.Series(schools.array.take(rows))
    return people.also(**{BOTH_SCHOOLS[0]: schools, BOTH_SCHOOLS[1]: now})


def samples(
    prepared: Prepared, survey: Survey, people: People, *, breakdowns: bool = True
) -> Iterator[Sample]:
    """The cohort, its groups where the study allows the breakdown, and every school: of these, who
    is wanted.

    A school is never broken down further here.
    """
    if prepared.wants(COHORT):
        yield Sample(COHORT, ALL, people)
    if breakdowns and prepared.wants(COHORT):
        for group in prepared.study.breakdowns(survey):
            if group.column in people:
                for value, own in people.by(compared_as(people[group.column])):
                    yield Sample(COHORT, group.key(value), own)
    schools = [str(school) for school in prepared.schools["id"] if prepared.wants(school)]
    by_school = dict(people.by(people["school"])) if schools else {}
    nobody = people.where(np.zeros(len(people), dtype="bool"))
    for school in schools:
        yield Sample(school, ALL, by_school.get(school, nobody))


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


def by_phase(study: Study, people: People) -> Iterator[tuple[str, People]]:
    """Everybody, then the people of each group of schools that the study compares."""
    yield ALL, people
    phases = study.phases
    if phases is not None:
        of = people[phases.column]
        for value in phases.ids:
            yield phases.key(value), people.where(of == value)


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


def at_wave(prepared: Prepared, survey: Survey, wave: str) -> People:
    """Respondents of one wave."""
    return at_waves(prepared, survey, (wave,))


def at_waves(prepared: Prepared, survey: Survey, waves: Collection[str]) -> People:
    """Responses of some waves, in the order of the survey's table."""
    frame = prepared.surveys[survey.id]
    return People.of(frame, np.flatnonzero(frame["wave"].isin(waves).to_numpy()))


def rows_of_both(study: Study, frame: pd.DataFrame) -> tuple[Codes, Codes]:
    """Rows of the baseline and of the follow-up of those who answered both."""
    persons = pd.factorize(frame["respondent"])[0]
    first, last = (
        np.flatnonzero((frame["wave"] == wave).to_numpy() & (persons >= 0))
        for wave in (study.baseline, study.followup)
    )
    again = np.full(persons.max(initial=0) + 1, -1)
    again[persons[last]] = last
    then = again[persons[first]]
    return first[then >= 0], then[then >= 0]


def matched(prepared: Prepared, survey: Survey) -> People:
    """Respondents of both baseline and follow-up, one row each.

    Answers and scores are called ``<column>@baseline`` and ``<column>@followup``; attributes are
    as at baseline. ``school`` and the groups of schools are known only where they are the same at
    both waves: somebody who moved belongs to the matched sample, but to no one school's
    and, if the new school is of another group, to none of these. :data:`BOTH_SCHOOLS` are the
    schools of both waves. Found once.
    """
    key = ("matched", survey.id)
    if key not in prepared.made:
        prepared.made[key] = _matched(prepared, survey)
    found: People = prepared.made[key]
    return found


def _matched(prepared: Prepared, survey: Survey) -> People:
    study, frame = prepared.study, prepared.surveys[survey.id]
    rows = rows_of_both(study, frame)
    items = {item.code for name in survey.instruments for item in prepared.instruments[name].items}
    columns = {name: (frame[name], 0) for name in ("respondent", *attributes(prepared, survey))}
    for name in frame.columns:
        if "." in name or name in items:
            columns |= {name + BASELINE: (frame[name], 0), name + FOLLOWUP: (frame[name], 1)}
    columns |= {name: (frame["school"], at) for at, name in enumerate(BOTH_SCHOOLS)}
    same = {}
    for name in ("school", *school_groups(study)):
        before, now = (pd.Series(frame[name].array.take(at)) for at in rows)
        same[name] = before.where(before == now)
    return People(columns, *rows).also(**same)
