"""Do percentages follow from their counts, and totals from their parts?

A percentage of a known base is the test of Brown and Heathers (2017) for a mean of noughts and
ones: only base + 1 percentages exist.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from analysis.audit.printed import SLACK, Printed


def counts_for(percent: Printed, base: int) -> range:
    """The counts out of ``base`` that are printed as this percentage (empty if none is)."""
    slack = SLACK * max(1, base)
    first = max(math.ceil(percent.low * base / 100 - slack), 0)
    last = min(math.floor(percent.high * base / 100 + slack), base)
    return range(first, last + 1)


def bases_for(percent: Printed, count: int, near: int, within: int = 12) -> list[int]:
    """Bases near the printed one for which the count gives the percentage."""
    tried = range(max(count, 1, near - within), near + within + 1)
    return [base for base in tried if count in counts_for(percent, base)]


def mixture(whole: Printed, parts: Sequence[Printed], sizes: Sequence[int] | None) -> bool:
    """Whether the whole's mean can be that of its parts.

    With the parts' sizes, their weighted mean; without, anything between the smallest and the
    largest of them.
    """
    if sizes is None:
        return (
            whole.high >= min(part.low for part in parts) - SLACK
            and whole.low <= max(part.high for part in parts) + SLACK
        )
    people = sum(sizes)
    low = sum(part.low * size for part, size in zip(parts, sizes, strict=True)) / people
    high = sum(part.high * size for part, size in zip(parts, sizes, strict=True)) / people
    return whole.high >= low - SLACK and whole.low <= high + SLACK


def shares(whole: Printed, first: Printed, second: Printed) -> tuple[float, float] | None:
    """Shares of the first of two parts that give the whole's mean; nothing if none does."""
    if first.value < second.value:
        found = shares(whole, second, first)
        return None if found is None else (1 - found[1], 1 - found[0])
    # Whatever the share, the whole must reach its lower end with the parts at their highest,
    # and must not pass its upper end with the parts at their lowest.
    at_highest, at_lowest = first.high - second.high, first.low - second.low
    low = (whole.low - second.high) / at_highest if at_highest > 0 else 0.0
    high = (whole.high - second.low) / at_lowest if at_lowest > 0 else 1.0
    low, high = max(low, 0.0), min(high, 1.0)
    return (low, high) if low <= high + SLACK else None
