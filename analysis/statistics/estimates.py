"""Means, contrasts and their intervals, for people drawn from schools or from one school.

People of one school are alike, so what is said of a programme rests on its schools. The
estimates here weigh every respondent the same, and take their uncertainty from how much the
schools differ: for a mean, and for any contrast between schools, that is the same as an
analysis of the school means weighted by respondents with the HC2 variance.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
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
    "interval from schools' means weighted by respondents (cluster-robust variance CR2, "
    "Bell-McCaffrey degrees of freedom)"
)
MOVED = (
    "interval from a cluster-robust variance over the schools of both waves, as some people "
    "moved (CR2, two-way; Satterthwaite degrees of freedom)"
)
EACH_SCHOOL, OVER_SCHOOLS = (
    "mean of school means, each school counting the same",
    "t interval over schools",
)
ONE_SCHOOL = "t interval of one school's respondents"
#: Share of a contrast that may rest on one school alone; more is no arithmetic's noise.
ALONE = 1e-8
NO_INTERVAL = "no interval can be given"


@dataclass(frozen=True)
class Estimate:
    """An estimate with its 95% interval and test against zero; missing where none can be given.

    ``deff`` is the design effect: the variance that allows for schools over the variance of as
    many unrelated people. ``what`` names the estimate, ``how`` where its interval is from.
    """

    value: float
    ci_low: float = math.nan
    ci_high: float = math.nan
    p: float = math.nan
    t: float = math.nan
    df: float = math.nan
    how: str = NO_INTERVAL
    se: float = math.nan
    deff: float = math.nan
    what: str = "mean"

    @property
    def method(self) -> str:
        """What it is and where its interval is from, in words."""
        return f"{self.what}; {self.how}" if self.how else self.what

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


def mean(
    values: ArrayLike,
    schools: ArrayLike | pd.Series | None,
    weights: ArrayLike | None = None,
) -> Estimate:
    """Mean of ``values`` with a 95% interval.

    Parameters
    ----------
    values
        One number per respondent, none missing.
    schools
        Each respondent's school, where the sample is drawn over schools (or, where people moved,
        both their schools: see :class:`Clustered`); ``None`` for the respondents of one school.
    weights
        What each respondent counts, taken as known; all the same if not given.

    Notes
    -----
    With ``n_g`` of ``N`` respondents in school g, and ``e_g`` the sum of that school's
    deviations from the mean, the variance is ``sum(e_g**2 / (1 - n_g / N)) / N**2``: CR2 of
    Bell and McCaffrey (2002), which is unbiased where respondents are unrelated and corrects
    most of the bias where they are not. Degrees of freedom are theirs too (Satterthwaite's,
    under unrelated respondents), as in R's clubSandwich (Pustejovsky and Tipton, 2018, Journal
    of Business and Economic Statistics 36:672-683). Assumes that schools are independent of
    each other; nothing is assumed about people of one school. With weights, or people who
    moved, it is the fit of a constant by :class:`Clustered`.

    With fewer than two respondents, fewer than two schools, or no variation, the interval is
    missing and ``method`` says so. ``p`` tests a mean of zero.
    """
    x = np.asarray(values, dtype="float64")
    n = len(x)
    if n == 0:
        return Estimate(math.nan)
    w = None if weights is None else np.asarray(weights, dtype="float64")
    centre = float(x.mean() if w is None else np.average(x, weights=w))
    if n < 2 or float(np.ptp(x)) <= 1e-12 * max(1.0, abs(centre)):
        return Estimate(centre, how=NO_INTERVAL + (": everybody alike" if n > 1 else ""))
    simple = float(x.var(ddof=1)) / n
    if schools is None:
        return _estimate(centre, math.sqrt(simple), float(n - 1), ONE_SCHOOL)
    codes = school_codes(schools)
    sizes = np.bincount(codes).astype("float64")
    if len(sizes) < 2:
        return Estimate(centre)
    both = both_schools(schools)
    if w is not None or both is not None:
        fit = Clustered(x - centre, np.ones((n, 1)), codes if both is None else both, w)
        found = fit.estimate(np.ones(1))
        if not found.known:
            return Estimate(centre)
        return _estimate(centre, found.se, found.df, found.how, found.deff)
    totals = np.bincount(codes, weights=x - centre)
    free = 1 - sizes / n
    variance = float(np.sum(totals**2 / free)) / n**2
    return _estimate(
        centre,
        math.sqrt(variance),
        float(degrees_of_freedom(sizes)),
        CLUSTERED,
        variance / simple,
    )


def degrees_of_freedom(sizes: Floats) -> Floats:
    """Bell and McCaffrey's degrees of freedom of a mean over schools with so many respondents.

    Of as many means as ``sizes`` have columns, or of one.
    """
    n = sizes.sum(axis=0)
    free = 1 - sizes / n
    own = sizes / (n**2 * free)
    shared = sizes**2 / (n**3 * free)
    # Trace and sum of squares of diag(own) less an outer product, without the matrix.
    squares = np.sum(own**2 - 2 * own * shared, axis=0) + np.sum(shared, axis=0) ** 2
    found: Floats = np.sum(own - shared, axis=0) ** 2 / squares
    return found


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
    of_schools = _estimate(found.value, found.se, found.df, OVER_SCHOOLS)
    return replace(of_schools, what=EACH_SCHOOL)


def contrast(
    values: ArrayLike, design: pd.DataFrame, term: str, schools: ArrayLike | pd.Series
) -> Estimate:
    """One coefficient of a least-squares fit, with a CR2 interval and test.

    ``design`` has a column per term (with a constant where one is wanted). Variance and
    degrees of freedom are as in :func:`mean`, for any design (identity working model). Missing
    with fewer than two schools, or where the terms cannot be told apart.
    """
    x = design.to_numpy(dtype="float64")
    if len(np.unique(school_codes(schools))) < 2 or np.linalg.matrix_rank(x) < x.shape[1]:
        return Estimate(math.nan)
    fit = Clustered(np.asarray(values, dtype="float64"), x, schools)
    weights = np.zeros(x.shape[1])
    weights[list(design.columns).index(term)] = 1.0
    return fit.estimate(weights)


class Clustered:
    """A least-squares fit with schools as clusters.

    Parameters
    ----------
    y, x
        A number per respondent, and respondents by terms.
    schools
        Each respondent's school. Or two columns, the school of the baseline and that of the
        follow-up: somebody who moved is related to the people of both.
    weights
        What each respondent counts, taken as known; all the same if not given.

    Notes
    -----
    Bell and McCaffrey's CR2 with Satterthwaite's degrees of freedom, the working model being
    that respondents are unrelated and vary alike, as R's clubSandwich has it with and without
    weights. Where people moved, the variance is the one by the baseline's schools plus the one
    by the follow-up's less the one by both at once (Cameron, Gelbach and Miller, 2011, Journal
    of Business and Economic Statistics 29:238-249), each of the three CR2, and so unbiased
    where respondents are unrelated. The degrees of freedom are those of the three together.
    Where nobody moved the three are one. ``benchmarks/coverage.py`` compares it with giving
    people who moved to one school or the other. If it comes out below nought, as it can by
    chance, the larger of the first two takes its place.

    A contrast of which one side rests on one school alone (one secondary school against many
    primary schools) has no interval: the residuals of that school are nought by construction,
    and what R's clubSandwich makes of the others rejects a true null in up to a quarter of cases.

    Sums over schools do all of it: in a school, the inverse square root of the residuals'
    working covariance differs from the identity by the rank of its terms only.
    """

    def __init__(
        self,
        y: Floats,
        x: Floats,
        schools: ArrayLike | pd.Series,
        weights: Floats | None = None,
    ) -> None:
        w = np.ones(len(y)) if weights is None else weights
        heavy = x * w[:, None]
        self._x, self._heavy = x, heavy
        self.bread = np.linalg.inv(x.T @ heavy)
        self.beta = self.bread @ heavy.T @ y
        self._residuals = y - x @ self.beta
        self._meat = heavy.T @ heavy
        spread = float(self._residuals @ self._residuals) / max(len(y) - x.shape[1], 1)
        self.simple = self.bread @ self._meat @ self.bread * spread
        both = both_schools(schools)
        if both is None:
            self._parts = [(1.0, school_codes(schools))]
        else:
            cell = school_codes(both[:, 0] * (both.max() + 1) + both[:, 1])
            self._parts = [
                (1.0, school_codes(both[:, 0])), (1.0, school_codes(both[:, 1])), (-1.0, cell),
            ]  # fmt: skip
        # Around the identity, the residuals' working covariance within a school is
        # basis @ shape @ basis.T.
        if weights is None:
            basis, shape = x, -self.bread
        else:
            basis = np.hstack([x, heavy])
            shape = np.block(
                [
                    [self.bread @ self._meat @ self.bread, -self.bread],
                    [-self.bread, np.zeros_like(self.bread)],
                ]
            )
        found = [_adjusted(basis, shape, heavy, codes) for _, codes in self._parts]
        self._adjusted = [adjusted for adjusted, _ in found]
        self._alone = [alone for _, alone in found if alone is not None]

    def estimate(self, weights: Floats) -> Estimate:
        """A weighted sum of coefficients."""
        along = self.bread @ weights
        spread = [adjusted @ along for adjusted in self._adjusted]
        variances = [
            float(np.sum(np.bincount(codes, weights=s * self._residuals) ** 2))
            for s, (_, codes) in zip(spread, self._parts, strict=True)
        ]
        variance = sum(sign * v for (sign, _), v in zip(self._parts, variances, strict=True))
        value = float(weights @ self.beta)
        whole = float(np.sum((self._heavy @ along) ** 2))
        if any(float(np.sum((alone @ along) ** 2)) > ALONE * whole for alone in self._alone):
            return Estimate(value, how=NO_INTERVAL + ": one side of it rests on one school")
        if variance <= 0:
            variance = max(variances[:2])
        df = self._degrees_of_freedom(spread)
        if variance <= 1e-24 or math.isnan(df):
            return Estimate(value)
        simple = float(weights @ self.simple @ weights)
        return _estimate(
            value,
            math.sqrt(variance),
            df,
            CLUSTERED if len(self._parts) == 1 else MOVED,
            variance / simple if simple > 0 else math.nan,
        )

    def _degrees_of_freedom(self, spread: Sequence[Floats]) -> float:
        """Satterthwaite's: of a sum of squares of normals, twice its mean squared over variance.

        Trace and sum of squares of a matrix with a row per school (and part), which is ``own``
        where two share respondents, plus ``ends @ inner @ ends.T``.
        """
        signs = np.concatenate([np.full(int(codes.max()) + 1, sign) for sign, codes in self._parts])
        ends = np.vstack(
            [
                np.hstack(
                    [
                        school_products(each, s[:, None], c)[:, :, 0]
                        for each in (self._heavy, self._x)
                    ]
                )
                for s, (_, c) in zip(spread, self._parts, strict=True)
            ]
        )
        inner = np.block(
            [
                [np.zeros_like(self.bread), -self.bread],
                [-self.bread, self.bread @ self._meat @ self.bread],
            ]
        )
        along = ends @ inner
        own = np.concatenate(
            [np.bincount(c, weights=s * s) for s, (_, c) in zip(spread, self._parts, strict=True)]
        )
        diagonal = own + np.sum(along * ends, axis=1)
        whole = (ends * signs[:, None]).T @ along
        total = float(np.sum(own * (2 * diagonal - own)) + np.sum(whole * whole.T))
        if len(self._parts) > 1:
            total += self._across(spread, ends, along)
        trace = float(signs @ diagonal)
        return trace**2 / total if total > 0 else math.nan

    def _across(self, spread: Sequence[Floats], ends: Floats, along: Floats) -> float:
        """What pairs of schools of different parts with the same respondents add."""
        cell = self._parts[-1][1]
        first = np.unique(cell, return_index=True)[1]
        starts = np.cumsum([0, *(int(codes.max()) + 1 for _, codes in self._parts)])
        total = 0.0
        for one, other in itertools.combinations(range(len(self._parts)), 2):
            (sign, codes), (other_sign, other_codes) = self._parts[one], self._parts[other]
            shared = np.bincount(cell, weights=spread[one] * spread[other])
            rows, columns = starts[one] + codes[first], starts[other] + other_codes[first]
            far = np.sum(along[rows] * ends[columns], axis=1)
            total += 2 * sign * other_sign * float(np.sum(shared * (shared + 2 * far)))
        return total


def _adjusted(
    basis: Floats, shape: Floats, heavy: Floats, codes: Codes
) -> tuple[Floats, Floats | None]:
    """``heavy`` with each school's rows multiplied by its adjustment of CR2.

    And what of it only that school tells, so that nothing is known of how schools vary in it;
    ``None`` if there is no such part. The adjustment is the inverse square root (generalised, where a school alone tells a coefficient) of
    ``identity + basis @ shape @ basis.T``, from the sums of products of ``basis``.
    """
    products = school_products(basis, basis, codes)
    roots, axes = np.linalg.eigh(products)
    known = roots > 1e-12 * np.maximum(roots[:, -1:], 1e-300)
    root = np.sqrt(np.where(known, roots, 0.0))
    up = axes * root[:, None, :]
    down = axes * np.where(known, 1 / np.where(known, root, 1.0), 0.0)[:, None, :]
    values, vectors = np.linalg.eigh(up.swapaxes(1, 2) @ shape @ up)
    left = 1 + values
    scale = np.where(left > 1e-10, 1 / np.sqrt(np.maximum(left, 1e-10)), 0.0) - 1
    turned = down @ vectors
    of_heavy = products[:, :, -heavy.shape[1] :]
    steps = turned @ (scale[:, :, None] * (turned.swapaxes(1, 2) @ of_heavy))
    found: Floats = heavy + np.einsum("ij,ijk->ik", basis, steps[codes])
    alone = left <= 1e-10
    if not alone.any():
        return found, None
    steps = turned @ (alone[:, :, None] * (turned.swapaxes(1, 2) @ of_heavy))
    return found, np.einsum("ij,ijk->ik", basis, steps[codes])


def school_codes(schools: ArrayLike | pd.Series) -> Codes:
    """Schools as whole numbers from 0, in order of appearance.

    Of two columns (see :class:`Clustered`) those of the last, the follow-up: where people who
    moved can belong to one school only, as in a bootstrap, it is that one.
    """
    if isinstance(schools, pd.Series):
        return pd.factorize(schools, use_na_sentinel=False)[0]
    labels = np.asarray(schools)
    if labels.ndim == 2:
        labels = labels[:, -1]
    if labels.dtype.kind not in "iu":
        labels = np.asarray(labels, dtype=object)
    return pd.factorize(labels, use_na_sentinel=False)[0]


def number_of_schools(schools: ArrayLike | pd.Series) -> float:
    """How many schools these people are of; of two columns, at the follow-up."""
    return float(school_codes(schools).max(initial=-1) + 1)


def both_schools(schools: ArrayLike | pd.Series) -> Codes | None:
    """The schools of both waves as whole numbers, in two columns; ``None`` if nobody moved."""
    labels = np.asarray(schools)
    if labels.ndim < 2 or (labels[:, 0] == labels[:, 1]).all():
        return None
    return pd.factorize(labels.ravel(), use_na_sentinel=False)[0].reshape(labels.shape)


def school_sums(values: Floats, codes: Codes) -> Floats:
    """Sums of rows over each school, in order of the codes: people by whatever, schools by that."""
    if not len(codes):
        return np.zeros((0, *values.shape[1:]))
    order = np.argsort(codes, kind="stable")
    starts = np.flatnonzero(np.diff(codes[order], prepend=-1))
    return np.add.reduceat(values[order], starts, axis=0)


def school_products(left: Floats, right: Floats, codes: Codes) -> Floats:
    """Sums over each school of the products of two tables' columns: schools by those by these.

    Two columns at a time: the products of everybody would be as many times what there is.
    """
    same, schools = left is right, int(codes.max()) + 1 if len(codes) else 0
    found = np.empty((schools, left.shape[1], right.shape[1]))
    for one in range(left.shape[1]):
        for other in range(one if same else 0, right.shape[1]):
            found[:, one, other] = np.bincount(codes, left[:, one] * right[:, other], schools)
            if same:
                found[:, other, one] = found[:, one, other]
    return found


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


def _estimate(value: float, se: float, df: float, how: str, deff: float = math.nan) -> Estimate:
    if se <= 1e-12:
        return Estimate(value)
    half = quantile(df) * se
    t = value / se
    return Estimate(value, value - half, value + half, two_sided(t, df), t, df, how, se, deff)
