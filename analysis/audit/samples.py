"""A sample with a printed mean and SD, or proof that there is none.

SPRITE (Heathers, Anaya, van der Zee and Brown, 2018, PeerJ Preprints 6:e26968v1) looks for
samples at random: begin with whole numbers of the right mean, then move two of them apart or
together until the SD is right. Here the moves are chosen rather than drawn, so that the same
question always gets the same answer; where the search fails and the sample is small enough,
every sum of squares that can occur is listed instead, which settles it.
"""

from __future__ import annotations

import math
from functools import lru_cache

from analysis.audit.granularity import Answers, sums
from analysis.audit.printed import SLACK, Printed

#: Bits handled when every sum of squares is listed: people x largest total x largest square.
MOST_WORK = 400_000_000


def example(mean: Printed, sd: Printed, answers: Answers) -> list[float] | None:
    """People's scores with this mean and SD as printed, ascending; nothing if none was found."""
    if answers.minimum is None or answers.maximum is None:
        raise ValueError("the range of answers must be known")
    least, most = round(answers.minimum * answers.items), round(answers.maximum * answers.items)
    for total in sums(mean, answers):
        if not answers.n * least <= total <= answers.n * most:
            continue
        found = _search(total, answers.n, least, most, _squares(total, sd, answers))
        if found is not None:
            return [value / answers.items for value in found]
    return None


def exists(mean: Printed, sd: Printed, answers: Answers) -> bool | None:
    """Whether there is such a sample; nothing where neither search nor listing can tell."""
    if example(mean, sd, answers) is not None:
        return True
    least = round((answers.minimum or 0) * answers.items)
    most = round((answers.maximum or 0) * answers.items)
    width, n = most - least, answers.n
    if n * n * width * n * width * width > MOST_WORK:
        return None
    for total in sums(mean, answers):
        if not n * least <= total <= n * most:
            continue
        # Shifted to begin at nought: fewer bits, and sums of squares that follow from these.
        low, high = _squares(total, sd, answers)
        shift = 2 * least * total - n * least * least
        reachable = _reachable(n, total - n * least, width) >> max(low - shift, 0)
        if reachable & ((1 << max(high - max(low, shift) + 1, 0)) - 1):
            return True
    return False


def _squares(total: int, sd: Printed, answers: Answers) -> tuple[int, int]:
    """Sums of squares of person-totals that give the SD as printed."""
    n, k = answers.n, answers.items
    centre = total * total / n
    slack = SLACK * max(1.0, centre)
    low = math.ceil((n - 1) * (max(sd.low, 0.0) * k) ** 2 + centre - slack)
    return low, math.floor((n - 1) * (sd.high * k) ** 2 + centre + slack)


def _search(total: int, n: int, least: int, most: int, target: tuple[int, int]) -> list[int] | None:
    low, high = target
    quotient, rest = divmod(total, n)
    values = [quotient] * (n - rest) + [quotient + 1] * rest
    squares = sum(v * v for v in values)
    seen: set[tuple[int, ...]] = set()
    while squares < low:
        # Moving a <= b apart by one adds 2 (b - a) + 2: the widest gap that does not overshoot.
        wanted = (high - squares - 2) // 2
        movable = sorted(set(values))
        best: tuple[int, int, int] | None = None
        for a in movable:
            for b in movable:
                if a > b or a <= least or b >= most or (a == b and values.count(a) < 2):
                    continue
                if b - a <= wanted and (best is None or b - a > best[0]):
                    best = (b - a, a, b)
        if best is None:
            return None
        _, a, b = best
        values.remove(a)
        values.remove(b)
        values += [a - 1, b + 1]
        values.sort()
        squares += 2 * (b - a) + 2
        state = tuple(values)
        if state in seen:
            return None
        seen.add(state)
    return values if squares <= high else None


@lru_cache(maxsize=64)
def _reachable(n: int, total: int, width: int) -> int:
    """Bits: sums of squares of n whole numbers from 0 to ``width`` with this total."""
    # By how many people are above nought: the rest add nothing to either sum.
    table = [[0] * (total + 1) for _ in range(n + 1)]
    table[0][0] = 1
    for value in range(1, width + 1):
        for people in range(1, n + 1):
            row, before = table[people], table[people - 1]
            for s in range(value, total + 1):
                if before[s - value]:
                    row[s] |= before[s - value] << (value * value)
    reached = 0
    for people in range(n + 1):
        reached |= table[people][total]
    return reached
