"""Means and their intervals, for people drawn from schools or from one school."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy import stats

LEVEL = 0.95
CLUSTERED = (
    "mean; interval from a cluster-robust variance (CR1) with schools as clusters, "
    "t with schools - 1 degrees of freedom"
)
ONE_SCHOOL = "mean; t interval of one school's respondents"
NO_INTERVAL = "mean; no interval can be given"


@dataclass(frozen=True)
class Estimate:
    """An estimate with its 95% interval and test against zero; missing where none can be given."""

    value: float
    ci_low: float = math.nan
    ci_high: float = math.nan
    p: float = math.nan
    t: float = math.nan
    df: float = math.nan
    method: str = NO_INTERVAL


def mean(values: pd.Series, schools: pd.Series | None) -> Estimate:
    """Mean of ``values`` with a 95% interval.

    Parameters
    ----------
    values
        One number per respondent, none missing.
    schools
        Each respondent's school, where the sample is drawn over schools; ``None`` for the
        respondents of one school. With schools, the interval comes from the cluster-robust
        variance of Liang and Zeger (1986) with the small-sample factor CR1 and a t
        distribution with one degree of freedom less than there are schools (Cameron and
        Miller, 2015, Journal of Human Resources 50:317-372), as statsmodels computes it.

    Notes
    -----
    With fewer than two respondents, fewer than two schools, or no variation, the interval is
    missing and ``method`` says so.
    """
    if len(values) == 0:
        return Estimate(math.nan)
    if len(values) < 2 or float(np.ptp(values.to_numpy())) == 0.0:
        return Estimate(float(values.mean()))
    if schools is not None:
        if schools.nunique() < 2:
            return Estimate(float(values.mean()))
        return contrast(values, pd.DataFrame({"mean": np.ones(len(values))}), "mean", schools)
    test = stats.ttest_1samp(values, 0.0)
    interval = test.confidence_interval(LEVEL)
    return Estimate(
        value=float(values.mean()),
        ci_low=float(interval.low),
        ci_high=float(interval.high),
        p=float(test.pvalue),
        t=float(test.statistic),
        df=float(test.df),
        method=ONE_SCHOOL,
    )


def contrast(
    values: pd.Series, design: pd.DataFrame, term: str, schools: pd.Series
) -> Estimate:
    """One coefficient of a least-squares fit, with a cluster-robust interval and test.

    ``design`` has a column per term (with a constant where one is wanted); the rest is as in
    :func:`mean`.
    """
    codes = pd.factorize(schools)[0]
    if len(set(codes)) < 2:
        return Estimate(math.nan)
    fit = sm.OLS(values.to_numpy(dtype="float64"), design.to_numpy(dtype="float64")).fit(
        cov_type="cluster", cov_kwds={"groups": codes}, use_t=True
    )
    place = list(design.columns).index(term)
    low, high = fit.conf_int(alpha=1 - LEVEL)[place]
    return Estimate(
        value=float(fit.params[place]),
        ci_low=float(low),
        ci_high=float(high),
        p=float(fit.pvalues[place]),
        t=float(fit.tvalues[place]),
        df=float(len(set(codes)) - 1),
        method=CLUSTERED,
    )
