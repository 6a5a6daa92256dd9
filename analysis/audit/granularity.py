"""Can whole-number answers of so many people have this mean, and this SD?

GRIM: Brown and Heathers (2017), Social Psychological and Personality Science 8:363-369.
GRIMMER: Anaya (2016), PeerJ Preprints 4:e2400v1, in the analytic form of Allard (2018).
Both hold for answers in whole numbers without any missing. A scale of several items averages
them first, which makes the grid finer: n times items points per unit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from analysis.audit.printed import SLACK, Printed

#: Person-sums tried for one mean; beyond this the mean says nothing about the SD.
MOST_SUMS = 2000


@dataclass(frozen=True)
class Answers:
    """What was answered: ``n`` people, ``items`` each, between two whole numbers (if known)."""

    n: int
    items: int = 1
    minimum: float | None = None
    maximum: float | None = None


def informative(mean: Printed, answers: Answers) -> bool:
    """Whether GRIM can reject any mean of these decimals: the grid must be coarser than they."""
    return answers.n * answers.items * 2 * mean.half < 1 - SLACK


def sums(mean: Printed, answers: Answers) -> range:
    """Totals of all answers that give this mean as printed (empty if none does)."""
    cells = answers.n * answers.items
    slack = SLACK * max(1.0, cells * abs(mean.value))
    return range(math.ceil(cells * mean.low - slack), math.floor(cells * mean.high + slack) + 1)


def grim(mean: Printed, answers: Answers) -> bool:
    """Whether some total of whole-number answers gives the mean as printed.

    >>> from analysis.audit.printed import number
    >>> grim(number("5.19"), Answers(28)), grim(number("5.18"), Answers(28))
    (False, True)
    """
    return len(sums(mean, answers)) > 0


def nearest_means(mean: Printed, answers: Answers) -> tuple[float, float]:
    """The possible means on either side of the printed one."""
    cells = answers.n * answers.items
    return math.floor(mean.value * cells) / cells, math.ceil(mean.value * cells) / cells


def grimmer(mean: Printed, sd: Printed, answers: Answers) -> bool | None:
    """Whether whole-number answers can have both, or nothing where that cannot be said.

    For every total that gives the mean, the sum of squared person-totals must be a whole
    number, even or odd as the total is, no smaller than that of the most even distribution
    and (where the range of answers is known) no larger than that of the most uneven one.
    These are necessary conditions: what passes need not exist.
    """
    n, k = answers.n, answers.items
    candidates = sums(mean, answers)
    if n < 2:
        return None
    if len(candidates) > MOST_SUMS:
        return None
    low = max(sd.low, 0.0) * k
    high = sd.high * k
    for total in candidates:
        squares = total * total / n
        slack = SLACK * max(1.0, squares)
        first = math.ceil((n - 1) * low * low + squares - slack)
        last = math.floor((n - 1) * high * high + squares + slack)
        even = _most_even(total, n)
        uneven = _most_uneven(total, answers)
        first, last = max(first, even), min(last, uneven if uneven is not None else last)
        if first % 2 != total % 2:
            first += 1
        if first <= last:
            return True
    return False


def sd_limits(mean: Printed, answers: Answers) -> tuple[float, float] | None:
    """The smallest and largest SD that answers with this mean can have.

    The largest is with everybody at either end of the range; nothing where the range is not
    known. Goes beyond the range: nothing is possible, and the limits are reversed.
    """
    n, k = answers.n, answers.items
    if answers.minimum is None or answers.maximum is None or n < 2:
        return None
    if mean.high < answers.minimum - SLACK or mean.low > answers.maximum + SLACK:
        return math.inf, -math.inf
    low, high = math.inf, -math.inf
    candidates = sums(mean, answers)
    step = max(1, len(candidates) // MOST_SUMS)
    for total in [*candidates[::step], *candidates[-1:]]:
        uneven = _most_uneven(total, answers)
        if uneven is None:
            continue
        centre = total * total / n
        low = min(low, math.sqrt(max(_most_even(total, n) - centre, 0.0) / (n - 1)) / k)
        high = max(high, math.sqrt(max(uneven - centre, 0.0) / (n - 1)) / k)
    return low, high


def _most_even(total: int, n: int) -> int:
    """Least sum of squares of n whole numbers with this total."""
    quotient, rest = divmod(total, n)
    return (n - rest) * quotient**2 + rest * (quotient + 1) ** 2


def _most_uneven(total: int, answers: Answers) -> int | None:
    """Largest sum of squares within the range; nothing where the range is not known or left."""
    if answers.minimum is None or answers.maximum is None:
        return None
    least, most = round(answers.minimum * answers.items), round(answers.maximum * answers.items)
    n = answers.n
    if not n * least <= total <= n * most:
        return -1
    if most == least:
        return n * least**2
    at_most, rest = divmod(total - n * least, most - least)
    if at_most == n:
        return n * most**2
    return at_most * most**2 + (least + rest) ** 2 + (n - at_most - 1) * least**2
