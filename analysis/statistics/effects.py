"""Effect sizes of paired samples, their intervals, and equivalence."""

from __future__ import annotations

import math

import numpy as np
import pingouin as pg
from numpy.typing import ArrayLike
from scipy import special

from analysis.statistics import estimates
from analysis.statistics.estimates import Estimate, Floats


def d_z(baseline: Floats, followup: Floats) -> tuple[float, float, float]:
    """Mean difference over the SD of differences, with a 95% interval.

    The interval is exact for normal differences of unrelated people: the noncentrality
    parameters whose t distributions have the observed t at their 97.5th and 2.5th percentile,
    over the root of n, as R's effectsize does (pingouin's interval is a normal approximation,
    and not used).
    """
    difference = followup - baseline
    n = len(difference)
    value = float(difference.mean() / difference.std(ddof=1))
    low, high = _noncentral(value * math.sqrt(n), n - 1)
    return value, low / math.sqrt(n), high / math.sqrt(n)


def d_av(baseline: Floats, followup: Floats) -> tuple[float, float, float]:
    """Mean difference over the root of the average of both variances, with a 95% interval.

    The interval turns that of the noncentral t into the units of d_av by the ratio of the SD
    of differences to the average SD, taken as known (Algina and Keselman, 2003, Educational
    and Psychological Measurement 63:537-553). Other software may give Bonett's (2008) or a
    bootstrap interval instead.
    """
    difference = followup - baseline
    n = len(difference)
    value = float(pg.compute_effsize(followup, baseline, paired=True, eftype="cohen"))
    spread = float(difference.std(ddof=1))
    average = math.sqrt((float(baseline.var(ddof=1)) + float(followup.var(ddof=1))) / 2)
    low, high = _noncentral(float(difference.mean()) / spread * math.sqrt(n), n - 1)
    scale = spread / average / math.sqrt(n)
    return value, low * scale, high * scale


def pooled_sd(*groups: Floats) -> float:
    """The SD within groups, or within waves, taken together: the unconditional SD of an outcome.

    Of all people over all schools: nothing is taken out of it for schools, baseline or anything
    else. That is what the Education Endowment Foundation (2022, Statistical analysis guidance for
    EEF evaluations) divides by, so that effects of different evaluations compare.
    """
    free = sum(len(group) - 1 for group in groups)
    if free < 1:
        return math.nan
    squares = sum((len(group) - 1) * float(group.var(ddof=1)) for group in groups if len(group) > 1)
    return math.sqrt(squares / free)


def small_sample(df: float) -> float:
    """Hedges' (1981) exact correction of a standardised difference for few people."""
    log = special.gammaln(df / 2) - special.gammaln((df - 1) / 2)
    return math.exp(float(log)) / math.sqrt(df / 2)


def hedges_g(estimate: Estimate, *groups: Floats) -> tuple[float, float, float]:
    """Hedges' g of a difference over the pooled SD of ``groups``, with its ends.

    The ends are those of the difference, which allow for schools, in the same units: the SD is
    taken as known, as the Education Endowment Foundation does.
    """
    df = float(sum(len(group) - 1 for group in groups))
    sd = pooled_sd(*groups)
    if not sd > 0 or df < 2:
        return math.nan, math.nan, math.nan
    scale = small_sample(df) / sd
    return estimate.value * scale, estimate.ci_low * scale, estimate.ci_high * scale


def without_each_school(
    name: str, baseline: Floats, followup: Floats, schools: ArrayLike
) -> Floats:
    """``d_z`` or ``d_av`` with each school left out in turn (from sums, so in one step)."""
    codes = estimates.school_codes(schools)
    count = len(baseline) - np.bincount(codes).astype("float64")

    def left(values: Floats) -> tuple[Floats, Floats]:
        total = values.sum() - np.bincount(codes, weights=values)
        squares = (values**2).sum() - np.bincount(codes, weights=values**2)
        return total / count, (squares - total**2 / count) / (count - 1)

    with np.errstate(invalid="ignore", divide="ignore"):
        centre = float(np.mean(followup - baseline))
        mean, variance = left(followup - baseline - centre)
        mean = mean + centre
        if name == "d_av":
            parts = [left(values - values.mean())[1] for values in (baseline, followup)]
            variance = (parts[0] + parts[1]) / 2
        return np.where(variance > 0, mean / np.sqrt(variance), np.nan)


def equivalence(estimate: Estimate, margin: float) -> float:
    """p of two one-sided t tests (Schuirmann, 1987): that the effect is within the margin.

    pingouin's ``tost`` does the same for one sample of unrelated people; here the standard
    error and degrees of freedom are those of ``estimate``, which may allow for schools.
    """
    below = (estimate.value + margin) / estimate.se
    above = (estimate.value - margin) / estimate.se
    df = estimate.df
    return float(max(special.stdtr(df, -below), special.stdtr(df, above)))


def _noncentral(t: float, df: float) -> tuple[float, float]:
    tail = (1 - estimates.LEVEL) / 2
    return float(special.nctdtrinc(df, 1 - tail, t)), float(special.nctdtrinc(df, tail, t))
