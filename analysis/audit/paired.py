"""Which correlations between two measurements does a printed paired t test allow?

The variance of the differences is (N times the squared mean difference) over t squared, and
also the sum of the two variances less twice the covariance; the correlation follows. A
correlation outside -1 to 1 is impossible, and one far from what retests show is a warning.
Every printed value stands for the range that is printed so.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product

from analysis.audit.printed import Printed


@dataclass(frozen=True)
class Paired:
    """A printed paired t test: two means and SDs, t, and the number of pairs."""

    mean1: Printed
    sd1: Printed
    mean2: Printed
    sd2: Printed
    t: Printed
    n: int


@dataclass(frozen=True)
class Correlations:
    """The range of correlations allowed (cut to -1 to 1), empty if ``low`` exceeds ``high``.

    ``face`` is the correlation that the printed values give without their rounding.
    """

    low: float
    high: float
    face: float

    @property
    def possible(self) -> bool:
        """Whether any correlation is allowed."""
        return self.low <= self.high


def correlations(test: Paired) -> Correlations:
    """The range of correlations that the printed values allow.

    The t value may be of baseline less follow-up or the other way round.

    >>> from analysis.audit.printed import number
    >>> table = [number(x) for x in ("3.74", ".53", "3.84", ".51", "-2.83")]
    >>> found = correlations(Paired(*table, 109))
    >>> round(found.low, 2), round(found.high, 2), round(found.face, 2)
    (0.69, 0.8, 0.75)
    """
    gap_low, gap_high = _gap(test)
    face = _correlation(
        test.sd1.value, test.sd2.value, abs(test.mean2.value - test.mean1.value),
        abs(test.t.value), test.n,
    )  # fmt: skip
    t_low = min(abs(test.t.low), abs(test.t.high))
    t_high = max(abs(test.t.low), abs(test.t.high))
    if test.t.low <= 0 <= test.t.high:
        t_low = 0.0
    # Variance of the differences: large for a wide gap and a small t, and the other way round.
    most = math.inf if t_low == 0 else gap_high**2 * test.n / t_low**2
    least = gap_low**2 * test.n / t_high**2 if t_high > 0 else math.inf
    lows, highs = [], []
    for sd1, sd2 in product(_ends(test.sd1), _ends(test.sd2)):
        if sd1 <= 0 or sd2 <= 0:
            continue
        lows.append((sd1**2 + sd2**2 - most) / (2 * sd1 * sd2))
        highs.append((sd1**2 + sd2**2 - least) / (2 * sd1 * sd2))
    if not lows:
        return Correlations(1.0, -1.0, face)
    # Along an edge of the box the correlation can dip below that of both corners.
    for one, other in ((test.sd1, test.sd2), (test.sd2, test.sd1)):
        for end in _ends(other):
            inside = end**2 - most
            if inside > 0 and one.low <= math.sqrt(inside) <= one.high:
                lows.append(math.sqrt(inside) / end)
    low, high = max(min(lows), -1.0), min(max(highs), 1.0)
    return Correlations(low, high, face)


def smallest_t(test: Paired) -> float:
    """The smallest absolute t that any correlation allows: that of a correlation of -1."""
    gap_low, _ = _gap(test)
    return gap_low * math.sqrt(test.n) / (test.sd1.high + test.sd2.high)


def _gap(test: Paired) -> tuple[float, float]:
    gap = abs(test.mean2.value - test.mean1.value)
    slack = test.mean1.half + test.mean2.half
    return max(gap - slack, 0.0), gap + slack


def _ends(sd: Printed) -> tuple[float, float]:
    return max(sd.low, 1e-12), sd.high


def _correlation(sd1: float, sd2: float, gap: float, t: float, n: int) -> float:
    if t == 0 or sd1 == 0 or sd2 == 0:
        return math.nan
    return (sd1**2 + sd2**2 - gap**2 * n / t**2) / (2 * sd1 * sd2)
