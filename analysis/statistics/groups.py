"""For whom? Groups of schools against each other: level and change."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from analysis.prepare import Prepared
from analysis.results import COHORT, OTHERS, Result, pair
from analysis.statistics import effects, estimates
from analysis.statistics.change import holm
from analysis.statistics.estimates import Floats
from analysis.statistics.people import FOLLOWUP, People
from analysis.statistics.samples import at_wave, clusters, compared_as, matched, phase_pairs
from analysis.study import Group, Survey


def phases(prepared: Prepared, survey: Survey) -> Iterator[Result]:
    """Each two groups of schools that the study compares, the first less the second: every score
    at each wave, and its matched change.

    The interval and ``p`` allow for schools, and so do the ends of ``g``: the difference over the
    pooled SD of the groups' scores (of a change: at follow-up), as
    :func:`analysis.statistics.effects.hedges_g` has it.
    """
    study = prepared.study
    waves = pair(study.baseline, study.followup)
    both = matched(prepared, survey)
    people = {wave: at_wave(prepared, survey, wave) for wave in study.wave_ids}
    for name in survey.instruments:
        for score in prepared.instruments[name].scores:
            column = f"{name}.{score}"
            for wave in study.wave_ids:
                values = people[wave].numbers(column)
                for two in phase_pairs(study):
                    yield from _compared(
                        survey, name, "phases", score, wave, people[wave], values, two, values
                    )
            if not study.compares:
                continue
            last, change = both.numbers(column + FOLLOWUP), both.change(column)
            for two in phase_pairs(study):
                yield from _compared(
                    survey, name, "phases_change", score, waves, both, change, two, last
                )


def gaps(prepared: Prepared, survey: Survey) -> Iterator[Result]:
    """How far those who said yes stand from all others, of every group marked ``gap``.

    All others less those who said yes, of every score at each wave, over all who answered then;
    interval and ``p`` allow for schools. ``p_holm`` is Holm's correction over the instrument's
    subscales (the total apart). How the gap changed in the same people is the difference in change
    of these two groups, ``moderation_pairs``.
    """
    study = prepared.study
    for group in study.groups_of(survey.population):
        if not group.gap or group.column not in prepared.surveys[survey.id]:
            continue
        for wave in study.wave_ids:
            people = at_wave(prepared, survey, wave)
            people = people.also(**{group.column: compared_as(people[group.column])})
            for name in survey.instruments:
                family: list[Result] = []
                for score in prepared.instruments[name].scores:
                    values = people.numbers(f"{name}.{score}")
                    two = (group, OTHERS, "yes")
                    family += _compared(
                        survey, name, "gap", score, wave, people, values, two, values
                    )
                yield from family
                yield from holm(family, prepared.instruments[name], "p")


def _compared(
    survey: Survey,
    instrument: str,
    analysis: str,
    score: str,
    wave: str,
    people: People,
    values: Floats,
    two: tuple[Group, str, str],
    outcome: Floats,
) -> Iterator[Result]:
    group, *pair_of = two
    place = pd.Index(pair_of).get_indexer(pd.Index(people[group.column]))
    known = (place >= 0) & ~np.isnan(values)
    schools, place = clusters(people)[known], place[known]
    values, outcome = values[known], outcome[known]
    counts = np.bincount(place, minlength=2)
    per_group = [estimates.number_of_schools(schools[place == each]) for each in (0, 1)]
    if counts.min() < 2 or min(per_group) < 2:
        return
    first = place == 0
    design = pd.DataFrame({"constant": 1.0, "phase": first.astype("float64")})
    estimate = estimates.contrast(values, design, "phase", schools)
    common: dict[str, Any] = {
        "unit": COHORT,
        "source": survey.id,
        "instrument": instrument,
        "analysis": analysis,
        "measure": score,
        "wave": wave,
        "group": pair(*map(group.key, pair_of)),
        "n": float(counts.min()),
        "n_schools": estimates.number_of_schools(schools),
    }
    method = "difference of means, the first group less the second; " + estimate.how
    yield Result(
        **common,
        statistic="difference",
        value=estimate.value,
        ci_low=estimate.ci_low,
        ci_high=estimate.ci_high,
        df=estimate.df,
        level=estimates.LEVEL,
        method=method,
    )
    yield Result(**common, statistic="p", value=estimate.p, df=estimate.df, method=method)
    value, low, high = effects.hedges_g(estimate, outcome[first], outcome[~first])
    if not math.isnan(value):
        yield Result(
            **common,
            statistic="g",
            value=value,
            ci_low=low,
            ci_high=high,
            df=estimate.df,
            level=estimates.LEVEL,
            method="difference over the pooled SD of the groups at the wave, or at follow-up "
            "(Hedges); " + estimate.how,
        )
