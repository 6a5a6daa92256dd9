"""What tests, standardised differences and intervals say again of a number that is printed.

A ``t`` or ``p`` is a difference over its standard error, and that stands in the interval; ``d`` and
``g`` are a difference over a standard deviation, which is printed or follows from the interval. Where
the difference is near nought, or shown with fewer decimals, these tell it more narrowly than its own
digits. A p-value counts as known exactly, since its corrections say it again.

What is no function of sums and sums of squares says nothing here: Wilcoxon's test, Shapiro and Wilk's
and the wild bootstrap go by ranks, order statistics and signs; coefficients of mixed, imputed and
inverse-probability weighted models by each person's own answers and attributes, which no reader has;
alpha, omega and the retest correlation by products of answers, in which no sum of a part stands.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

Range = tuple[float, float]
#: Decimals to which tests and standardised differences are shown.
DECIMALS = 2
#: Below this a p-value is printed as below it.
SMALLEST_P = 0.0005


def times(one: Range, other: Range) -> Range:
    """All that a product of two numbers can be."""
    ends = [a * b for a in one for b in other]
    return min(ends), max(ends)


def both(one: Range, other: Range) -> Range:
    """What two ranges have in common; the first if, by rounding, nothing."""
    low, high = max(one[0], other[0]), min(one[1], other[1])
    return (low, high) if low <= high else one


def standard_error(row: Mapping[str, Any], decimals: int) -> Range | None:
    """Between which values a standard error lies, by a t interval's printed ends."""
    from scipy.special import stdtrit

    low, high, df = row["ci_low"], row["ci_high"], row["df"]
    if not (math.isfinite(low) and math.isfinite(high) and df > 0):
        return None
    level = row["level"] if row["level"] == row["level"] else 0.95
    width = (round(high, decimals) - round(low, decimals)) / 2
    half = 0.5 * 10.0**-decimals
    critical = float(stdtrit(df, (1 + level) / 2))
    return max(0.0, width - half) / critical, (width + half) / critical


def t_of(p: float, df: float) -> float:
    """The size of t that has a two-sided p-value."""
    from scipy.special import stdtrit

    return float(-stdtrit(df, p / 2))


def signed(size: Range, printed: Range) -> Range:
    """What a number of a known size can be, by the sign that is printed of it."""
    low, high = max(0.0, size[0]), size[1]
    if printed[0] >= 0:
        return low, high
    return (-high, -low) if printed[1] <= 0 else (-high, high)


def pooled(parts: list[tuple[Range, int]]) -> Range:
    """Between which values the pooled SD of groups of so many people lies, by theirs."""
    free = sum(n - 1 for _, n in parts)
    low, high = (
        math.sqrt(sum((n - 1) * max(0.0, sd[end]) ** 2 for sd, n in parts) / free) for end in (0, 1)
    )
    return low, high
