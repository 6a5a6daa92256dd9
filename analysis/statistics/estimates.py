"""Means, contrasts and their intervals, for people drawn from schools or from one school.

People of one school are alike, so what is said of a programme rests on its schools. The
estimates here weigh every respondent the same, and take their uncertainty from how much the
schools differ: for a mean, and for any contrast between schools, that is the same as an
analysis of the school means weighted by respondents with the HC2 variance.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import special

Floats = NDArray[np.floating[Any]]
Codes = NDArray[np.intp]
Flags = NDArray[np.bool_]
LEVEL = 0.95
CLUSTERED = (
    "mean; interval from schools' means weighted by respondents (cluster-robust variance CR2, "
    "Bell-McCaffrey degrees of freedom)"
)
EACH_SCHOOL = "mean of school means, each school counting the same; t interval over schools"
ONE_SCHOOL = "mean; t interval of one school's respondents"
NO_INTERVAL = "mean; no interval can be given"


@dataclass(frozen=True)
class Estimate:
    """An estimate with its 95% interval and test against zero; missing where none can be given.

    ``deff`` is the design effect: the variance that allows for schools over the variance of as
    many unrelated people.
    """

    value: float
    ci_low: float = math.nan
    ci_high: float = math.nan
    p: float = math.nan
    t: float = math.nan
    df: float = math.nan
    method: str = NO_INTERVAL
    se: float = math.nan
    deff: float = math.nan

    def interval(self, level: float) -> tuple[float, float]:
        """The interval at another level than 95%."""
        half = quantile(self.df, level) * self.se
        return self.value - half, self.value + half

    @property
    def known(self) -> bool:
        """Whether there is an interval."""
        return not math.isnan(self.se)


def quantile(df: float, level: float = LEVEL) -> float:
    """The t quantile of a two-sided interval."""
    return float(special.stdtrit(df, (1 + level) / 2))


def two_sided(t: float, df: float) -> float:
    """The two-sided p of a t statistic."""
    return float(2 * special.stdtr(df, -abs(t)))


def mean(values: ArrayLike, schools: ArrayLike | pd.Series | None) -> Estimate:
    """Mean of ``values`` with a 95% interval.

    Parameters
    ----------
    values
        One number per respondent, none missing.
    schools
        Each respondent's school, where the sample is drawn over schools; ``None`` for the
        respondents of one school.

    Notes
    -----
    With ``n_g`` of ``N`` respondents in school g, and ``e_g`` the sum of that school's
    deviations from the mean, the variance is ``sum(e_g**2 / (1 - n_g / N)) / N**2``: CR2 of
    Bell and McCaffrey (2002), which is unbiased where respondents are unrelated and corrects
    most of the bias where they are not. Degrees of freedom are theirs too (Satterthwaite's,
    under unrelated respondents), as in R's clubSandwich (Pustejovsky and Tipton, 2018, Journal
    of Business and Economic Statistics 36:672-683). Assumes that schools are independent of
    each other; nothing is assumed about people of one school.

    With fewer than two respondents, fewer than two schools, or no variation, the interval is
    missing and ``method`` says so. ``p`` tests a mean of zero.
    """
    x = np.asarray(values, dtype="float64")
    n = len(x)
    if n == 0:
        return Estimate(math.nan)
    centre = float(x.mean())
    if n < 2 or float(np.ptp(x)) <= 1e-12 * max(1.0, abs(centre)):
        return Estimate(centre, method=NO_INTERVAL + (": everybody alike" if n > 1 else ""))
    simple = float(x.var(ddof=1)) / n
    if schools is None:
        return _estimate(centre, math.sqrt(simple), float(n - 1), ONE_SCHOOL)
    codes = school_codes(schools)
    sizes = np.bincount(codes).astype("float64")
    if len(sizes) < 2:
        return Estimate(centre)
    totals = np.bincount(codes, weights=x - centre)
    free = 1 - sizes / n
    variance = float(np.sum(totals**2 / free)) / n**2
    return _estimate(
        centre, math.sqrt(variance), degrees_of_freedom(sizes), CLUSTERED, variance / simple
    )


def degrees_of_freedom(sizes: Floats) -> float:
    """Bell and McCaffrey's degrees of freedom of a mean over schools with so many respondents."""
    n = sizes.sum()
    free = 1 - sizes / n
    own = sizes / (n**2 * free)
    shared = sizes**2 / (n**3 * free)
    # Trace and sum of squares of diag(own) less an outer product, without the matrix.
    squares = np.sum(own**2) - 2 * np.sum(own * shared) + np.sum(shared) ** 2
    return float(np.sum(own - shared) ** 2 / squares)


def mean_of_schools(values: ArrayLike, schools: ArrayLike | pd.Series) -> Estimate:
    """Mean of the school means, each school counting the same, with a t interval over schools.

    It says what the average school did, where :func:`mean` says what the average respondent
    did; with few respondents in some schools it is the less precise of the two.
    """
    codes = school_codes(schools)
    means = np.bincount(codes, weights=np.asarray(values, dtype="float64")) / np.bincount(codes)
    found = mean(means, None)
    if not found.known:
        return Estimate(found.value)
    return _estimate(found.value, found.se, found.df, EACH_SCHOOL)


def contrast(
    values: ArrayLike, design: pd.DataFrame, term: str, schools: ArrayLike | pd.Series
) -> Estimate:
    """One coefficient of a least-squares fit, with a CR2 interval and test.

    ``design`` has a column per term (with a constant where one is wanted). Variance and
    degrees of freedom are as in :func:`mean`, for any design (identity working model). Missing
    with fewer than two schools, or where the terms cannot be told apart.
    """
    codes = school_codes(schools)
    x = design.to_numpy(dtype="float64")
    if len(np.unique(codes)) < 2 or np.linalg.matrix_rank(x) < x.shape[1]:
        return Estimate(math.nan)
    fit = Clustered(np.asarray(values, dtype="float64"), x, codes)
    weights = np.zeros(x.shape[1])
    weights[list(design.columns).index(term)] = 1.0
    return fit.estimate(weights)


class Clustered:
    """A least-squares fit with schools as clusters."""

    def __init__(self, y: Floats, x: Floats, codes: Codes) -> None:
        self.bread = np.linalg.inv(x.T @ x)
        self.beta = self.bread @ x.T @ y
        residuals = y - x @ self.beta
        self.simple = self.bread * float(residuals @ residuals) / max(len(y) - x.shape[1], 1)
        root = np.linalg.cholesky(self.bread)
        self._adjusted: list[tuple[Floats, Floats, Floats]] = []
        for rows in rows_of_schools(codes):
            own = x[rows]
            # The school's part of the hat matrix has the rank of the design at most.
            u, s, _ = np.linalg.svd(own @ root, full_matrices=False)
            left = 1 - np.minimum(s, 1.0) ** 2
            scale = np.where(left > 1e-10, 1 / np.sqrt(np.maximum(left, 1e-10)), 0.0) - 1
            adjusted = own + u @ (scale[:, None] * (u.T @ own))
            self._adjusted.append((adjusted, own, residuals[rows]))

    def estimate(self, weights: Floats) -> Estimate:
        """A weighted sum of coefficients."""
        along = self.bread @ weights
        spread = [adjusted @ along for adjusted, _, _ in self._adjusted]
        variance = sum(
            float(s @ e) ** 2 for s, (_, _, e) in zip(spread, self._adjusted, strict=True)
        )
        shared = np.array(
            [own.T @ s for s, (_, own, _) in zip(spread, self._adjusted, strict=True)]
        )
        # Trace and sum of squares of diag(own) - shared @ bread @ shared.T, without the matrix.
        own = np.array([float(s @ s) for s in spread])
        along_bread = shared @ self.bread
        between = np.sum(along_bread * shared, axis=1)
        whole = shared.T @ along_bread
        total = float(np.sum(own**2) - 2 * np.sum(own * between) + np.sum(whole * whole.T))
        value = float(weights @ self.beta)
        if variance <= 1e-24 or total <= 0:
            return Estimate(value)
        simple = float(weights @ self.simple @ weights)
        return _estimate(
            value,
            math.sqrt(variance),
            float(np.sum(own - between) ** 2 / total),
            CLUSTERED,
            variance / simple if simple > 0 else math.nan,
        )


def school_codes(schools: ArrayLike | pd.Series) -> Codes:
    """Schools as whole numbers from 0, in order of appearance."""
    labels = np.asarray(schools)
    if labels.dtype.kind not in "iu":
        labels = np.asarray(schools, dtype=object)
    return pd.factorize(labels, use_na_sentinel=False)[0]


def rows_of_schools(codes: Codes) -> list[Codes]:
    """The places of each school's rows, schools in order of their codes."""
    order = np.argsort(codes, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(codes[order])) + 1)


def school_sums(values: Floats, codes: Codes) -> Floats:
    """Sums of rows over each school, in order of the codes: people by whatever, schools by that."""
    if not len(codes):
        return np.zeros((0, *values.shape[1:]))
    order = np.argsort(codes, kind="stable")
    starts = np.flatnonzero(np.diff(codes[order], prepend=-1))
    return np.add.reduceat(values[order], starts, axis=0)


def fields(estimate: Estimate) -> dict[str, Any]:
    """An estimate as the fields of a result."""
    return {
        "value": estimate.value,
        "ci_low": estimate.ci_low,
        "ci_high": estimate.ci_high,
        "df": estimate.df,
        "level": LEVEL,
        "method": estimate.method,
    }


def _estimate(value: float, se: float, df: float, method: str, deff: float = math.nan) -> Estimate:
    if se <= 1e-12:
        return Estimate(value)
    half = quantile(df) * se
    t = value / se
    return Estimate(value, value - half, value + half, two_sided(t, df), t, df, method, se, deff)
