"""Do the printed figures decide a claim, whatever the data behind them were?

A claim about a published report gets a verdict only if its printed figures determine it. Two
ways are tried:

by logic
    Every printed figure that ``map.csv`` ties to a result stands for all numbers that are
    printed so. If the condition holds for all of them, the claim is supported; if for none,
    contradicted.
by seeds
    Many synthetic data sets are made that all give the printed figures. If the verdict is the
    same in every one, the figures leave no room for another that this generator knows of
    (``determined.csv``, with the command that made it). This is weaker than logic: the
    generator's assumptions, such as how alike people of a school are, are the same each time. It
    is not tried for claims that the answers are made to bear out (``made_so``).

Everything else is not determined, and a verdict about the synthetic data says nothing about the
published claim.
"""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass

from analysis.audit.printed import Printed, number, p_value
from analysis.claims import CONTRADICTED, SUPPORTED, Claims
from analysis.claims.evaluate import Lookup, Missing, Range, evaluate
from analysis.claims.grammar import ConditionError, Reference, parse_number
from analysis.places import plain_file
from analysis.reproduction.published import CONTRADICTED as CLASS_CONTRADICTED
from analysis.reproduction.published import Published

FILE = "determined.csv"
LOGIC, SEEDS, NOT_DETERMINED = "logic", "seeds", "not determined"
#: Fewer synthetic studies than this decide nothing.
FEWEST_SEEDS = 20
#: What is counted is printed whole: 109 is 109, not anything that rounds to it.
COUNTS = ("n", "n_schools", "n_staff", "n_total", "df")
#: The upper end of what is printed so does not belong to it: a five is rounded up.
OPEN = 1e-9


@dataclass(frozen=True)
class Determined:
    """Whether the printed figures decide a claim, how, and which way."""

    claim: str
    by: str
    verdict: str


def by_figures(claims: Claims, published: Published) -> list[Determined]:
    """For every claim of the published report, whether its printed figures determine it."""
    look = printed_lookup(published)
    seeds = seed_verdicts(published)
    found = []
    for claim in claims.published:
        node = claims.parsed.get(claim.id)
        truth = evaluate(node, look).truth if node is not None else None
        if truth is not None:
            found.append(Determined(claim.id, LOGIC, SUPPORTED if truth else CONTRADICTED))
        elif claim.id in seeds and not claim.made_so:
            found.append(Determined(claim.id, SEEDS, seeds[claim.id]))
        else:
            found.append(Determined(claim.id, NOT_DETERMINED, ""))
    return found


def printed_lookup(published: Published) -> Lookup:
    """Printed figures as a source of numbers.

    Only figures compared by value or by p-value count: a claim that something is significant
    does not decide itself. What other figures contradict is left out.
    """
    ranges: dict[Reference, Range] = {}
    for figure in published.figures:
        mapped = published.mapped.get(figure.id)
        if mapped is None or figure.kind == CLASS_CONTRADICTED:
            continue
        try:
            reference = parse_number(mapped.expression)
        except ConditionError:
            continue
        if not isinstance(reference, Reference):
            continue
        found = _range(figure.value, figure.statistic, mapped.compare)
        if found is None:
            continue
        before = ranges.get(reference)
        ranges[reference] = found if before is None else _both(before, found)

    def look(reference: Reference) -> Range | Missing:
        return ranges.get(reference, Missing("absent"))

    return look


def seed_verdicts(published: Published) -> dict[str, str]:
    """Claims with the same verdict over all seeds of ``determined.csv`` (none without the file)."""
    path = published.folder / FILE
    if not path.exists():
        return {}
    with plain_file(path).open(encoding="utf-8", newline="") as file:
        lines = [line for line in file if not line.startswith("#")]
    found = {}
    for row in csv.DictReader(lines):
        seeds = int(row["seeds"])
        for verdict in (SUPPORTED, CONTRADICTED):
            if seeds >= FEWEST_SEEDS and int(row[verdict]) == seeds:
                found[row["claim"]] = verdict
    return found


def _range(text: str, statistic: str, how: str) -> Range | None:
    if how == "p_class":
        p = p_value(text)
        return None if p is None else Range(p.low, p.high, open_high=p.low == 0.0)
    printed = number(text) if how == "value" else None
    if printed is None:
        return None
    return Range.of(printed.value) if statistic in COUNTS else _rounding(printed)


def _rounding(printed: Printed) -> Range:
    if printed.value < 0:
        return Range(printed.low + OPEN, printed.high)
    if printed.value == 0:
        return Range(printed.low + OPEN, printed.high - OPEN)
    return Range(printed.low, printed.high - OPEN)


def _both(first: Range, second: Range) -> Range:
    low, high = max(first.low, second.low), min(first.high, second.high)
    # Two printings of one number that exclude each other: neither decides anything.
    return Range(low, high) if low <= high else Range(-math.inf, math.inf)
