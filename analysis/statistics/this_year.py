"""Whom a level speaks of: this year's people, of whom the number invited is known.

The other intervals of levels speak of such schools in general. Comparisons and changes always do:
that a school's people of one year stood higher than those of another is no finding about schools.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from analysis.prepare import Prepared
from analysis.results import COHORT, Result
from analysis.statistics import estimates
from analysis.statistics.estimates import Estimate, Floats
from analysis.statistics.samples import ALL, at_wave
from analysis.study import Survey

METHOD = (
    "mean of all who were invited this year, those who answered taken as a random sample of them; "
    "t interval with finite population correction"
)
EVERYBODY = "mean of all who were invited this year: everybody answered"
WEIGHTED = "schools weighted by those invited; "


def this_year(prepared: Prepared, survey: Survey) -> Iterator[Result]:
    """Mean of every score in all who were invited, at each wave, of schools and of these schools.

    Where the study has the numbers invited. For the programme over the schools in which anybody
    answered, each counting by those invited.
    """
    for wave, column in survey.invited.items():
        people = at_wave(prepared, survey, wave)
        known = prepared.schools.set_index("id")[column].astype("float64")
        for name in survey.instruments:
            for score in prepared.instruments[name].scores:
                answered = people.known(f"{name}.{score}")
                # A school's by itself, so that it does not depend on others to the last digit.
                by_school = {
                    school: own.numbers(f"{name}.{score}")
                    for school, own in answered.by(answered["school"])
                }
                schools = list(by_school)
                invited = known.reindex(schools).to_numpy()
                n = np.array([float(len(each)) for each in by_school.values()])
                means = np.array([each.mean() for each in by_school.values()])
                spread = np.array([each.var() for each in by_school.values()])
                parts = n, means, spread * n / np.maximum(n - 1, 1), invited
                common: dict[str, Any] = {
                    "source": survey.id, "instrument": name, "analysis": "this_year",
                    "measure": score, "wave": wave, "group": ALL, "statistic": "mean",
                }  # fmt: skip
                for place, school in enumerate(schools):
                    # More answered than were invited: the number is not that of this year's people.
                    if prepared.wants(school) and invited[place] >= n[place]:
                        found = mean(*(part[[place]] for part in parts))
                        yield Result(**common, unit=school, n=n[place], **estimates.fields(found))
                if not len(n) or not (invited >= n).all():
                    continue
                yield Result(
                    **common, unit=COHORT, n=float(n.sum()), n_schools=float(len(n)),
                    **estimates.fields(mean(*parts)),
                )  # fmt: skip


def mean(n: Floats, means: Floats, variances: Floats, invited: Floats) -> Estimate:
    """Mean of a finite population of some schools (strata), from those of it who answered.

    Parameters
    ----------
    n, means, variances
        Of each school: how many answered, their mean, and their variance (n - 1).
    invited
        How many each school has in all.

    Notes
    -----
    ``sum(W**2 (1 - n / N) s**2 / n)`` with ``W`` a school's share of all invited (Cochran, 1977,
    Sampling Techniques, 5.5), Satterthwaite's degrees of freedom. A school of which one answered
    takes the variance within the others. Those who answer are taken as a random sample of those
    invited, which nobody knows. No interval where all who answered are alike.
    """
    shares = invited / invited.sum()
    value = float(shares @ means)
    left = 1 - n / invited
    if not left.any():
        return Estimate(value, value, value, how="", what=EVERYBODY)
    free = np.maximum(n - 1, 0)
    filled = np.where(n > 1, variances, 0.0)
    if not float(free @ filled) > 0:
        return Estimate(value, what=METHOD)
    pooled = float(free @ filled) / float(free.sum())
    each = shares**2 * left * np.where(n > 1, filled, pooled) / n
    variance = float(each.sum())
    df = variance**2 / float(np.sum(each**2 / np.where(n > 1, np.maximum(free, 1), free.sum())))
    se = math.sqrt(variance)
    half = estimates.quantile(df) * se
    return Estimate(
        value, value - half, value + half, df=df, se=se, how="",
        what=METHOD if len(n) == 1 else WEIGHTED + METHOD,
    )  # fmt: skip
