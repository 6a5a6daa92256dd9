"""Wild cluster bootstrap and jackknife over schools.

All draws come from one seed, stated in the method of every result that uses them.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from analysis.statistics import estimates
from analysis.statistics.estimates import Codes, Estimate, Floats

SEED = 1
DRAWS = 9_999
#: Up to here all 2^schools sign changes are enumerated instead of drawn.
ENUMERATED = 13
#: With no more schools than this, signs alone leave too few different samples.
FEW = 8
#: Webb's six weights; the first is that of the data themselves.
WEBB = (1.0, -1.0, 1.5**0.5, -(1.5**0.5), 0.5**0.5, -(0.5**0.5))
#: At most so many combinations of them are enumerated.
COMBINATIONS = 10_000
INVERSION_STEPS = 24
TOO_FEW = "no test: fewer than three schools, or no variation"
#: Numbers of samples by schools that are in memory at once.
AT_ONCE = 200_000


@dataclass(frozen=True)
class Wild:
    """A wild cluster bootstrap test; ``statistic`` is a Wald statistic over ``q`` terms."""

    p: float
    statistic: float
    q: int
    method: str


def wild_test(
    y: ArrayLike,
    design: pd.DataFrame,
    tested: Sequence[str],
    schools: ArrayLike | pd.Series,
    draws: int = DRAWS,
) -> Wild:
    """Test that the coefficients ``tested`` are all zero, allowing for few schools.

    The restricted wild cluster bootstrap of Cameron, Gelbach and Miller (2008, Review of
    Economics and Statistics 90:414-427): least squares without the tested terms; each school's
    residuals keep or change sign together (Rademacher weights); the Wald statistic with the
    cluster-robust variance CR1 is compared with its bootstrap distribution. Holds its level
    with few and unequal schools better than t or F tables. With 13 schools or fewer every
    combination of signs is used, so that p is a multiple of 2 / 2^schools. With eight or fewer
    that is too coarse (with five schools p could never be below 0.0625), and residuals are
    multiplied by one of six numbers instead (Webb, 2023, Canadian Journal of Economics
    56:839-858). ``method`` says how small p can be. ``benchmarks/coverage.py`` has both with 3,
    5 and 8 schools.

    Missing where there are fewer than three schools or the terms cannot be told apart.
    """
    codes = estimates.school_codes(schools)
    x = design.to_numpy(dtype="float64")
    values = np.asarray(y, dtype="float64")
    clusters = int(codes.max()) + 1 if len(codes) else 0
    places = [list(design.columns).index(name) for name in tested]
    if clusters < 3 or np.linalg.matrix_rank(x) < x.shape[1]:
        return Wild(math.nan, math.nan, len(places), TOO_FEW)
    if x.shape[1] == 1 and (x == 1).all():
        return WildMean(values, codes, draws).test()
    kept = np.delete(x, places, axis=1)
    residuals = values.copy()
    if kept.shape[1]:
        residuals = values - kept @ np.linalg.lstsq(kept, values, rcond=None)[0]
    bread = np.linalg.inv(x.T @ x)
    scores = estimates.school_products(x, residuals[:, None], codes)[:, :, 0]
    cross = estimates.school_products(x, x, codes)
    # Each school's score, already times the bread: only the tested rows are needed.
    tested_bread = bread[places]
    direct, turned = scores @ tested_bread.T, cross @ tested_bread.T
    betas, variances = [], []
    # A part of the samples at a time: together they are samples by schools by terms.
    for signs in _signs(clusters, _samples(clusters, draws), len(places)):
        shifts = signs @ scores @ bread
        spread = signs[:, :, None] * direct - np.tensordot(shifts, turned, axes=([1], [1]))
        variances.append(np.matmul(spread.transpose(0, 2, 1), spread))
        betas.append(shifts[:, places])
    beta, variance = np.concatenate(betas), np.concatenate(variances)
    # The first row of signs is all ones: the data themselves.
    if not np.isfinite(variance[0]).all() or np.trace(variance[0]) <= 1e-24:
        return Wild(math.nan, math.nan, len(places), "no test: no variation between schools")
    if np.linalg.matrix_rank(variance[0]) < len(places):
        return Wild(math.nan, math.nan, len(places), "no test: fewer schools than differences")
    ridge = 1e-13 * np.trace(variance, axis1=1, axis2=2)[:, None, None] * np.eye(len(places))
    wald = np.sum(
        beta * np.linalg.solve(variance + ridge + 1e-300, beta[:, :, None])[:, :, 0], axis=1
    )
    p = float(np.mean(wald >= wald[0] * (1 - 1e-9)))
    return Wild(p, float(wald[0]), len(places), wild_method(clusters, draws))


class WildMean:
    """A mean's samples, from sums over schools: whatever mean is tested, one set of sums will do.

    With each school's sum of ``n`` deviations ``e`` from the mean tested, and what it is
    multiplied by ``w``, a sample's mean is ``sum(w e) / N``, and its variance (CR1, but for a
    factor) the sum of squares of ``w e - n mean``.
    """

    def __init__(self, x: Floats, codes: Codes, draws: int = DRAWS) -> None:
        self._sums = np.bincount(codes, weights=x)
        self._sizes = np.bincount(codes).astype("float64")
        self._draws = draws
        sums, sizes = self._sums, self._sizes
        columns = np.column_stack([sums, sizes, sums * sizes, sizes**2])
        products = np.column_stack([sums**2, sums * sizes, sizes**2])
        few = len(sizes) <= FEW
        parts, squares = [], []
        for weights in _signs(len(sizes), _samples(len(sizes), draws)):
            parts.append(weights @ columns)
            # Signs have no square but one.
            squares.append(weights**2 @ products if few else products.sum(axis=0)[None])
        linear = np.concatenate(parts)
        self._means = linear[:, 0] / sizes.sum(), linear[:, 1] / sizes.sum()
        self._crossed = linear[:, 2], linear[:, 3]
        self._squares = (np.concatenate(squares) if few else squares[0]).T

    def walds(self, centre: float) -> Floats:
        """The statistic of every sample where the mean tested is this; the data's is the first."""
        means = self._means[0] - centre * self._means[1]
        crossed = self._crossed[0] - centre * self._crossed[1]
        own, mixed, sizes = self._squares
        squares = own - 2 * centre * mixed + centre**2 * sizes
        variance = squares - 2 * means * crossed + means**2 * np.sum(self._sizes**2)
        least = 1e-14 * np.max(squares) + 1e-300
        found: Floats = (means * self._sizes.sum()) ** 2 / np.maximum(variance, least)
        return found

    def p(self, centre: float) -> float:
        """Share of samples as far from the mean tested as the data."""
        found = self.walds(centre)
        return float(np.mean(found >= found[0] * (1 - 1e-9)))

    def test(self) -> Wild:
        """That the mean is nought."""
        if len(self._sizes) < 3:
            return Wild(math.nan, math.nan, 1, TOO_FEW)
        rest = self._sums - self._sizes * self._sums.sum() / self._sizes.sum()
        if np.sum(rest**2) <= 1e-24 * self._sizes.sum() ** 2:
            return Wild(math.nan, math.nan, 1, "no test: no variation between schools")
        words = wild_method(len(self._sizes), self._draws)
        return Wild(self.p(0.0), float(self.walds(0.0)[0]), 1, words)

    def interval(self, found: Estimate) -> tuple[float, float]:
        """95% interval of the mean: the values that the test does not reject.

        ``found`` is the mean with its other interval. Missing with fewer than three schools, with
        which nothing can be rejected at 5%.
        """
        if smallest_p(len(self._sizes), self._draws) >= 1 - estimates.LEVEL or not found.known:
            return math.nan, math.nan

        def rejected(centre: float) -> bool:
            return self.p(centre) < 1 - estimates.LEVEL

        ends = []
        for side in (-1.0, 1.0):
            inside, outside = found.value, found.value + side * 4 * found.se
            while not rejected(outside):
                outside += side * 4 * found.se
                if abs(outside - found.value) > 100 * found.se:
                    return math.nan, math.nan
            for _ in range(INVERSION_STEPS):
                middle = (inside + outside) / 2
                inside, outside = (inside, middle) if rejected(middle) else (middle, outside)
            ends.append((inside + outside) / 2)
        return ends[0], ends[1]


def wild_method(schools: int, draws: int = DRAWS) -> str:
    """How a wild bootstrap with this many schools was done."""
    samples = _samples(schools, draws)
    kind = "Webb" if schools <= FEW else "Rademacher"
    all_of = "combinations" if kind == "Webb" else "sign changes"
    drawn = f"all {samples} {all_of}"
    if samples == draws + 1:
        drawn = f"{draws} draws, seed {SEED}"
    return (
        f"restricted wild cluster bootstrap over {schools} schools ({kind}, CR1; {drawn}; p is at "
        f"least {smallest_p(schools, draws):.2g})"
    )


def smallest_p(schools: int, draws: int = DRAWS) -> float:
    """The smallest p that a wild bootstrap with so many schools can give.

    The data themselves, and what is they times one number, are among the samples.
    """
    samples = _samples(schools, draws)
    same = 1 if samples == draws + 1 else len(WEBB) if schools <= FEW else 2
    return same / samples


def _samples(schools: int, draws: int) -> int:
    """How many samples a wild bootstrap with so many schools takes."""
    if schools <= FEW:
        every = len(WEBB) ** schools
        return every if every <= COMBINATIONS else draws + 1
    return 2**schools if schools <= ENUMERATED else draws + 1


def jackknife_interval(value: float, without: Floats) -> tuple[float, float]:
    """95% interval from the estimates without each school in turn.

    Variance ``(G - 1) / G`` times their sum of squares about their mean, t with G - 1 degrees
    of freedom (Wolter, 2007, Introduction to Variance Estimation, ch. 4).
    """
    kept = without[np.isfinite(without)]
    clusters = len(without)
    if clusters < 3 or len(kept) < clusters:
        return math.nan, math.nan
    se = math.sqrt((clusters - 1) / clusters * float(np.sum((kept - kept.mean()) ** 2)))
    if se == 0:
        return math.nan, math.nan
    half = estimates.quantile(clusters - 1.0) * se
    return value - half, value + half


def _signs(clusters: int, samples: int, wide: int = 1) -> Iterator[Floats]:
    """What residuals are multiplied by: samples by schools, the first all ones, some at a time.

    ``wide`` is how many numbers are made of each.
    """
    step = max(AT_ONCE // (clusters * wide), 1)
    if clusters <= FEW:
        every = _webb(clusters)
        yield from (every[start : min(start + step, samples)] for start in range(0, samples, step))
        return
    flips = _flips(clusters)
    for start in range(0, samples, step):
        some = np.unpackbits(flips[start : min(start + step, samples)], axis=1, count=clusters)
        yield 1.0 - 2.0 * some


@lru_cache(maxsize=8)
def _webb(clusters: int) -> Floats:
    if len(WEBB) ** clusters <= COMBINATIONS:
        return np.array(list(itertools.product(WEBB, repeat=clusters)))
    chosen = np.random.default_rng(SEED).choice(WEBB, size=(DRAWS, clusters))
    return np.vstack([np.ones(clusters), chosen])


@lru_cache(maxsize=8)
def _flips(clusters: int) -> NDArray[np.uint8]:
    """Which schools' signs change in each sample, a bit for each: it is needed over and over."""
    if clusters <= ENUMERATED:
        numbers = np.arange(2**clusters)[:, None] >> np.arange(clusters)
        return np.packbits((numbers & 1).astype("bool"), axis=1)
    random, step = np.random.default_rng(SEED), max(AT_ONCE // clusters, 1)
    drawn = [np.zeros((1, -(-clusters // 8)), dtype="uint8")]
    # One draw after the other: the same, however many at a time.
    for start in range(0, DRAWS, step):
        some = random.integers(0, 2, size=(min(step, DRAWS - start), clusters))
        drawn.append(np.packbits(some.astype("bool"), axis=1))
    return np.concatenate(drawn)
