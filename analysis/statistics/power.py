"""What could we have seen? The smallest true effect that would probably have been found."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from analysis.prepare import Prepared
from analysis.results import COHORT, Result, pair
from analysis.statistics import effects, estimates
from analysis.statistics.estimates import Estimate, Floats
from analysis.statistics.people import BASELINE, FOLLOWUP
from analysis.statistics.samples import ALL, clusters, matched, phase_pairs
from analysis.study import Survey

POWER = 0.80


def smallest_detectable(
    estimate: Estimate, power: float = POWER, level: float = estimates.LEVEL
) -> float:
    """The true effect that a two-sided test (of 5%, at level .95) finds with this probability.

    The noncentrality at which the noncentral t with the estimate's degrees of freedom exceeds
    the critical value with probability ``power``, times the standard error (which carries the
    number of people, of schools and their likeness). pingouin's ``power_ttest`` gives the same
    for whole degrees of freedom.
    """
    critical = estimates.quantile(estimate.df, level)
    return float(special.nctdtrinc(estimate.df, 1 - power, critical)) * estimate.se


def detectable(prepared: Prepared, survey: Survey) -> Iterator[Result]:
    """Smallest detectable change, over all schools, per group of schools, and
    between these.

    ``points`` in points of the score, ``sd`` in SDs of the differences, ``mdes`` in the pooled SD
    of both waves (between groups: of both at follow-up) with Hedges' correction, as ``g`` and the
    Education Endowment Foundation have effects. ``mdes_holm`` is the same for what stands after
    Holm's correction over the instrument's subscales: of as many tests the strictest. It depends on the data
    only by their spread, and says how sharp the instrument was, not what it saw.
    """
    study = prepared.study
    both = matched(prepared, survey)
    for name in survey.instruments:
        for score in prepared.instruments[name].scores:
            column = f"{name}.{score}"
            people = both.known(column + BASELINE, column + FOLLOWUP)
            first, last = (people.numbers(column + wave) for wave in (BASELINE, FOLLOWUP))
            tests = max(len(prepared.instruments[name].subscales), 1)
            values = last - first
            schools = clusters(people)
            phases = study.phases
            phase = people[phases.column].to_numpy() if phases else np.full(len(values), "")
            common: dict[str, Any] = {
                "unit": COHORT,
                "source": survey.id,
                "instrument": name,
                "analysis": "detectable",
                "measure": score,
                "wave": pair(study.baseline, study.followup),
            }
            chosen_by = {ALL: np.ones(len(values), dtype=bool)}
            if phases:
                chosen_by |= {phases.key(value): phase == value for value in phases.ids}
            for group, chosen in chosen_by.items():
                if chosen.sum() < 3:
                    continue
                estimate = estimates.mean(values[chosen], schools[chosen])
                base = {
                    "n": float(chosen.sum()),
                    "n_schools": estimates.number_of_schools(schools[chosen]),
                    "group": group,
                }
                yield from _results(
                    common | base, estimate, values[chosen], (first[chosen], last[chosen]), tests
                )
            for of, one, other in phase_pairs(study):
                known = np.isin(phase, (one, other))
                counts = [int(np.sum(phase == value)) for value in (one, other)]
                if min(counts) < 3:
                    continue
                design = pd.DataFrame({"one": 1.0, "phase": (phase[known] == one) * 1.0})
                estimate = estimates.contrast(values[known], design, "phase", schools[known])
                base = {
                    "n": float(min(counts)),
                    "n_schools": estimates.number_of_schools(schools[known]),
                    "group": pair(of.key(one), of.key(other)),
                }
                groups = (last[phase == one], last[phase == other])
                yield from _results(common | base, estimate, values[known], groups, tests)


def _results(
    common: dict[str, Any],
    estimate: Estimate,
    values: Floats,
    outcome: tuple[Floats, Floats],
    tests: int,
) -> Iterator[Result]:
    """``values`` are differences, ``outcome`` the scores whose pooled SD effects are put in."""
    sd = float(values.std(ddof=1))
    if not estimate.known or sd == 0:
        return
    points = smallest_detectable(estimate)
    method = (
        f"true change found with {100 * POWER:.0f}% probability by a two-sided 5% test that "
        "allows for schools"
    )
    yield Result(**common, statistic="points", value=points, df=estimate.df, method=method)
    yield Result(
        **common, statistic="sd", value=points / sd, df=estimate.df,
        method=method + ", in SDs of the differences",
    )  # fmt: skip
    for statistic, level, words in (
        ("mdes", estimates.LEVEL, ""),
        ("mdes_holm", 1 - (1 - estimates.LEVEL) / tests, f", of {tests} tests the strictest"),
    ):
        strict = replace(estimate, value=smallest_detectable(estimate, level=level))
        yield Result(
            **common, statistic=statistic, value=effects.hedges_g(strict, *outcome)[0],
            df=estimate.df, method=method + ", in the pooled SD of the outcome (Hedges)" + words,
        )  # fmt: skip
