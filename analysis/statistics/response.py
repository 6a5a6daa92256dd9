"""Who answered? Invited, responded, matched; and who they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pandas as pd

from analysis.prepare import Prepared
from analysis.prepare.schools import absent
from analysis.results import COHORT, Result, pair
from analysis.results import count as counted
from analysis.statistics.samples import (
    ALL,
    BOTH_SCHOOLS,
    at_wave,
    attributes,
    by_phase,
    matched,
    samples,
)
from analysis.study import SCHOOLS, Survey
from analysis.words import slug


def response(prepared: Prepared, survey: Survey) -> Iterator[Result]:
    """Numbers invited and responding at each wave, and matched from baseline to follow-up.

    Of the schools, how many have answers at one of these two only, and how many people at baseline
    were of those that left (:func:`_left`).
    """
    study, frame = prepared.study, prepared.surveys[survey.id]
    for wave in study.wave_ids:
        for sample in samples(prepared, survey, at_wave(prepared, survey, wave)):
            responded = len(sample.people)
            yield _count(survey, "responded", wave, sample.unit, sample.group, responded)
            invited = _invited(prepared, survey, wave, sample.unit, sample.group)
            if invited is not None:
                yield _count(survey, "invited", wave, sample.unit, sample.group, invited)
                yield _percent(
                    survey, "responded", wave, sample.unit, sample.group, responded, invited
                )
    if study.compares:
        yield from _matched(prepared, survey)
        if prepared.wants(COHORT):
            yield from _left(prepared, survey)
    for answered_at, schools in frame["school"].groupby(frame["wave"], sort=True):
        yield replace(
            _count(survey, "schools", str(answered_at), COHORT, ALL, schools.nunique()),
            n=float(len(schools)),
        )


def _matched(prepared: Prepared, survey: Survey) -> Iterator[Result]:
    """Numbers that answered both times, of those that answered at baseline."""
    study = prepared.study
    at_baseline = at_wave(prepared, survey, study.baseline)
    bases = {
        (sample.unit, sample.group): len(sample.people)
        for sample in samples(prepared, survey, at_baseline)
    }
    waves = pair(study.baseline, study.followup)
    for sample in samples(prepared, survey, matched(prepared, survey)):
        count = len(sample.people)
        yield _count(survey, "matched", waves, sample.unit, sample.group, count)
        base = bases.get((sample.unit, sample.group), 0)
        if base:
            yield _percent(survey, "matched", waves, sample.unit, sample.group, count, base)


def _left(prepared: Prepared, survey: Survey) -> Iterator[Result]:
    """Schools that joined or left (:func:`analysis.prepare.schools.absent`), and who went with them.

    ``schools_joined`` and ``schools_left``; ``left``, the people at baseline of those that left;
    ``stayed``, how many of all others there answered both times.
    """
    study, schools = prepared.study, prepared.schools
    ends = (study.baseline, study.followup)
    first, last = (at_wave(prepared, survey, wave)["school"] for wave in ends)
    if first.empty or last.empty:
        return  # nobody was asked at one of them
    joined, left = (
        set(schools.loc[absent(study, schools, survey, wave, set(here)) != "", "id"]) & set(there)
        for wave, here, there in ((ends[0], first, last), (ends[1], last, first))
    )
    for name, found, rests_on in (("joined", joined, len(last)), ("left", left, len(first))):
        if found:
            number = _count(survey, f"schools_{name}", pair(*ends), COHORT, ALL, len(found))
            yield replace(number, n=float(rests_on))
    if left:
        went = int(first.isin(left).sum())
        yield _count(survey, "left", pair(*ends), COHORT, ALL, went)
        stayed = int((~matched(prepared, survey)[BOTH_SCHOOLS[0]].isin(left)).sum())
        if went < len(first):
            base = len(first) - went
            yield _percent(survey, "stayed", pair(*ends), COHORT, ALL, stayed, base)


def sample_description(prepared: Prepared, survey: Survey) -> Iterator[Result]:
    """Shares of each attribute's values: at each wave, and in the matched sample, by phase."""
    study, frame = prepared.study, prepared.surveys[survey.id]
    portions = [(wave, at_wave(prepared, survey, wave)) for wave in study.wave_ids]
    if study.compares:
        portions.append((pair(study.baseline, study.followup), matched(prepared, survey)))
    asked = frame["wave"].isin(study.wave_ids)
    values_of = {
        attribute: sorted(set(frame[attribute][asked].dropna().unique()) - {""})
        for attribute in attributes(prepared, survey)
    }
    for wave, people in portions:
        groups = list(by_phase(study, people))
        for attribute, values in values_of.items():
            for group, part in groups:
                said = part[attribute].value_counts()
                if not (said.index != "").any():
                    continue
                for value in values:
                    count = int(said.get(value, 0))
                    measure = f"{attribute}-{slug(str(value))}"
                    for statistic, number in (
                        ("count", float(count)),
                        ("percent", 100 * count / len(part)),
                    ):
                        yield Result(
                            unit=COHORT,
                            source=survey.id,
                            instrument="survey",
                            analysis="sample",
                            measure=measure,
                            wave=wave,
                            group=group,
                            statistic=statistic,
                            value=number,
                            n=len(part),
                            numerator=count,
                            denominator=len(part),
                            method="share of respondents; no answer counts in the base",
                        )


def _invited(prepared: Prepared, survey: Survey, wave: str, unit: str, group: str) -> float | None:
    column = survey.invited.get(wave)
    if column is None:
        return None
    schools = prepared.schools
    if unit != COHORT:
        invited = schools.loc[schools["id"] == unit, column]
    else:
        # A school without answers, and without a number, did not take part: it is of no rate.
        there = set(at_wave(prepared, survey, wave)["school"])
        away = absent(prepared.study, schools, survey, wave, there) != ""
        invited = schools.loc[~(away & schools[column].isna()), column]
        if group != ALL:
            of_group = _schools_of(prepared, group)
            if of_group is None:
                return None
            invited = invited[of_group[invited.index]]
    return None if invited.empty or invited.isna().any() else float(invited.sum())


def _schools_of(prepared: Prepared, key: str) -> pd.Series | None:
    """Which schools are in a group, by its name in ids; nothing if it is no group of schools."""
    for group in prepared.study.groups_of(SCHOOLS):
        keys = prepared.schools[group.column].map(group.key)
        if (keys == key).any():
            return keys == key
    return None


def _count(survey: Survey, measure: str, wave: str, unit: str, group: str, count: float) -> Result:
    return counted(
        count, unit=unit, source=survey.id, instrument="survey", analysis="response",
        measure=measure, wave=wave, group=group,
    )  # fmt: skip


def _percent(
    survey: Survey, measure: str, wave: str, unit: str, group: str, count: float, base: float
) -> Result:
    return Result(
        unit=unit,
        source=survey.id,
        instrument="survey",
        analysis="response",
        measure=measure,
        wave=wave,
        group=group,
        statistic="percent",
        value=100 * count / base if base else float("nan"),
        n=float(count),
        numerator=float(count),
        denominator=float(base),
        method="numerator over denominator",
    )
