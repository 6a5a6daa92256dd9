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
from analysis.statistics.samples import clusters, compared_as, matched, phase_pairs
from analysis.study import Group, Survey


def phases(prepared: Prepared, survey: Survey) -> Iterator[Result]:
    """Each two groups of schools that the study compares, the first less the second: every score
    at each wave, and its matched change.

    The interval and ``p`` allow for schools, and so do the ends of ``g``: the difference over the
    pooled SD of the groups' scores (of a change: at follow-up), as
    :func:`analysis.statistics.effects.hedges_g` has it.
    """
    study, frame = prepared.study, prepared.surveys[survey.id]
    waves = pair(study.baseline, study.followup)
    both = matched(prepared, survey)
    for name in survey.instruments:
        for score in prepared.instruments[name].scores:
            column = f"{name}.{score}"
            for wave in study.wave_ids:
                rows = frame[frame["wave"] == wave].dropna(subset=[column])
                for two in phase_pairs(study):
                    yield from _compared(
                        survey, name, "phases", score, wave, rows, rows[column], two, rows[column]
                    )
            if not study.compares:
                continue
            pairs = both.dropna(subset=[f"{column}@baseline", f"{column}@followup"])
            last = pairs[f"{column}@followup"]
            change = last - pairs[f"{column}@baseline"]
            for two in phase_pairs(study):
                yield from _compared(
                    survey, name, "phases_change", score, waves, pairs, change, two, last
                )


def gaps(prepared: Prepared, survey: Survey) -> Iterator[Result]:
    """How far those who said yes stand from all others, of every group marked ``gap``.

    All others less those who said yes, of every score at each wave, over all who answered then;
    interval and ``p`` allow for schools. ``p_holm`` is Holm's correction over the instrument's
    subscales (the total apart). How the gap changed in the same people is the difference in change
    of these two groups, ``moderation_pairs``.
    """
    study, frame = prepared.study, prepared.surveys[survey.id]
    for group in study.groups_of(survey.population):
        if not group.gap or group.column not in frame:
            continue
        for wave in study.wave_ids:
            rows = frame[frame["wave"] == wave]
            rows = rows.assign(**{group.column: compared_as(rows[group.column])})
            for name in survey.instruments:
                family: list[Result] = []
                for score in prepared.instruments[name].scores:
                    known = rows.dropna(subset=[f"{name}.{score}"])
                    values = known[f"{name}.{score}"]
                    two = (group, OTHERS, "yes")
                    family += _compared(
                        survey, name, "gap", score, wave, known, values, two, values
                    )
                yield from family
                yield from holm(family, prepared.instruments[name], "p")


def _compared(
    survey: Survey,
    instrument: str,
    analysis: str,
    score: str,
    wave: str,
    rows: pd.DataFrame,
    values: pd.Series,
    two: tuple[Group, str, str],
    outcome: pd.Series,
) -> Iterator[Result]:
    group, *pair_of = two
    known = rows[group.column].isin(pair_of)
    rows, values, outcome = rows[known], values[known], outcome[known]
    counts = [int((rows[group.column] == value).sum()) for value in pair_of]
    schools = clusters(rows)
    per_group = [
        estimates.number_of_schools(schools[rows[group.column] == value]) for value in pair_of
    ]
    if min(counts) < 2 or min(per_group) < 2:
        return
    first = rows[group.column] == pair_of[0]
    design = pd.DataFrame({"constant": np.ones(len(rows)), "phase": first.astype("float64")})
    estimate = estimates.contrast(values, design, "phase", schools)
    common: dict[str, Any] = {
        "unit": COHORT,
        "source": survey.id,
        "instrument": instrument,
        "analysis": analysis,
        "measure": score,
        "wave": wave,
        "group": pair(*map(group.key, pair_of)),
        "n": float(min(counts)),
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
    both = (outcome[first].to_numpy("float64"), outcome[~first].to_numpy("float64"))
    value, low, high = effects.hedges_g(estimate, *both)
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
