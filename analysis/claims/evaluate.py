"""What a condition says of some numbers: true, false, or not known, and which numbers decide.

Numbers are ranges (one number is a range of no width), so that the same code judges a ledger
and printed figures, which stand for everything that rounds to them. A comparison is known only
if it holds for all values of the ranges, or for none. Not known is joined as in Kleene's
three-valued logic: a conjunction with one false part is false whatever the rest is.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from analysis.audit.printed import ALPHA, rounded
from analysis.claims.grammar import (
    Call,
    Comparison,
    Joined,
    Negative,
    Node,
    Not,
    Number,
    Over,
    Reference,
    Sum,
    filled,
)

T = TypeVar("T")


@dataclass(frozen=True)
class Range:
    """Everything a number may be. Ends of an open range do not belong to it."""

    low: float
    high: float
    open_high: bool = False

    @property
    def known(self) -> bool:
        """Whether it is one number."""
        return self.low == self.high

    @staticmethod
    def of(value: float) -> Range:
        """One number."""
        return Range(value, value)


@dataclass(frozen=True)
class Missing:
    """Why there is no number: ``absent`` (no such id), ``undefined`` or ``withheld``."""

    why: str


#: Where numbers come from: a ledger, a release, or printed figures.
Lookup = Callable[[Reference], Range | Missing]


@dataclass(frozen=True)
class Outcome:
    """True, false or not known (``None``); the references that decide it; what is missing."""

    truth: bool | None
    deciding: tuple[Reference, ...]
    missing: tuple[tuple[Reference, str], ...] = ()


@dataclass(frozen=True)
class _Value:
    range: Range | None
    used: tuple[Reference, ...]
    missing: tuple[tuple[Reference, str], ...] = ()


def evaluate(node: Node, lookup: Lookup) -> Outcome:
    """What a condition says of the numbers that ``lookup`` gives."""
    return _truth(node, lookup, {})


def number(node: Node, lookup: Lookup) -> tuple[Range | None, tuple[tuple[Reference, str], ...]]:
    """The number that a sum comes to, or what is missing for it."""
    value = _number(node, lookup, {})
    return value.range, value.missing


def _truth(node: Node, lookup: Lookup, bound: dict[str, str]) -> Outcome:
    match node:
        case Comparison(sign, left, right):
            return _compared(sign, _number(left, lookup, bound), _number(right, lookup, bound))
        case Joined(word, parts):
            return _joined(word == "and", [_truth(part, lookup, bound) for part in parts])
        case Not(of):
            return _denied(_truth(of, lookup, bound))
        case Call(name, (argument, *_)):
            return _predicate(name, argument, lookup, bound)
        case Over(name, variable, members, body):
            each = [_truth(body, lookup, {**bound, variable: member}) for member in members]
            if name == "none":
                return _denied(_joined(False, each))
            return _joined(name == "every", each)
    raise TypeError(f"not a condition: {node}")


def _number(node: Node, lookup: Lookup, bound: dict[str, str]) -> _Value:
    match node:
        case Number(written):
            return _Value(Range.of(written), ())
        case Reference():
            reference = filled(node, bound)
            found = lookup(reference)
            if isinstance(found, Missing):
                return _Value(None, (reference,), ((reference, found.why),))
            return _Value(found, (reference,))
        case Negative(of):
            return _arithmetic("-", _Value(Range.of(0.0), ()), _number(of, lookup, bound))
        case Sum(sign, left, right):
            return _arithmetic(sign, _number(left, lookup, bound), _number(right, lookup, bound))
        case Call("abs", (argument,)):
            value = _number(argument, lookup, bound)
            if value.range is None:
                return value
            ends = (abs(value.range.low), abs(value.range.high))
            least = 0.0 if value.range.low <= 0 <= value.range.high else min(ends)
            return _Value(Range(least, max(ends)), value.used)
        case Call("round", (argument, Number(decimals))):
            value = _number(argument, lookup, bound)
            if value.range is None:
                return value
            low, high = (rounded(x, int(decimals)) for x in (value.range.low, value.range.high))
            return _Value(Range(low, high), value.used)
        case Over("count", variable, members, body):
            each = [_truth(body, lookup, {**bound, variable: member}) for member in members]
            used = _merged(outcome.deciding for outcome in each)
            sure = sum(outcome.truth is True for outcome in each)
            unsure = sum(outcome.truth is None for outcome in each)
            missing = _merged(outcome.missing for outcome in each)
            return _Value(Range(float(sure), float(sure + unsure)), used, missing)
        case Over(name, variable, members, body):
            values = [_number(body, lookup, {**bound, variable: member}) for member in members]
            used = _merged(value.used for value in values)
            missing = _merged(value.missing for value in values)
            ranges = [value.range for value in values if value.range is not None]
            if len(ranges) < len(values) or not ranges:
                return _Value(None, used, missing)
            return _Value(_folded(name, ranges), used)
    raise TypeError(f"not a number: {node}")


def _folded(name: str, ranges: Sequence[Range]) -> Range:
    lows, highs = [each.low for each in ranges], [each.high for each in ranges]
    if name == "sum":
        return Range(math.fsum(lows), math.fsum(highs))
    return Range(min(lows), min(highs)) if name == "least" else Range(max(lows), max(highs))


def _arithmetic(sign: str, left: _Value, right: _Value) -> _Value:
    used = _merged((left.used, right.used))
    missing = _merged((left.missing, right.missing))
    if left.range is None or right.range is None:
        return _Value(None, used, missing)
    a, b = left.range, right.range
    if sign == "+":
        return _Value(Range(a.low + b.low, a.high + b.high), used, missing)
    if sign == "-":
        return _Value(Range(a.low - b.high, a.high - b.low), used, missing)
    if sign == "/":
        if b.low <= 0 <= b.high:
            return _Value(None, used, (*missing, *((r, "undefined") for r in right.used)))
        b = Range(1 / b.high, 1 / b.low)
    ends = [x * y for x in (a.low, a.high) for y in (b.low, b.high)]
    return _Value(Range(min(ends), max(ends)), used, missing)


def _compared(sign: str, left: _Value, right: _Value) -> Outcome:
    used = _merged((left.used, right.used))
    missing = _merged((left.missing, right.missing))
    if left.range is None or right.range is None:
        return Outcome(None, used, missing)
    a, b = left.range, right.range
    truth = _ordered(sign, a, b)
    return Outcome(truth, used, missing if truth is None else ())


def _ordered(sign: str, a: Range, b: Range) -> bool | None:
    if sign in (">", ">="):
        return _ordered("<" if sign == ">" else "<=", b, a)
    if sign == "<":
        if a.high < b.low or (a.open_high and a.high == b.low):
            return True
        return False if a.low >= b.high else None
    if sign == "<=":
        if a.high <= b.low:
            return True
        beyond = a.low > b.high or (b.open_high and a.low == b.high)
        return False if beyond else None
    same = a.known and b.known and math.isclose(a.low, b.low, rel_tol=0, abs_tol=1e-9)
    apart = a.high < b.low or b.high < a.low
    equal = True if same else False if apart or (a.known and b.known) else None
    if sign == "=" or equal is None:
        return equal
    return not equal


def _joined(every: bool, parts: list[Outcome]) -> Outcome:
    settles = not every
    settling = [part for part in parts if part.truth is settles]
    if settling:
        return Outcome(settles, _merged(part.deciding for part in settling))
    open_parts = [part for part in parts if part.truth is None]
    deciding = _merged(part.deciding for part in parts)
    if open_parts:
        return Outcome(None, deciding, _merged(part.missing for part in open_parts))
    return Outcome(every, deciding)


def _denied(outcome: Outcome) -> Outcome:
    truth = None if outcome.truth is None else not outcome.truth
    return Outcome(truth, outcome.deciding, outcome.missing)


def _predicate(name: str, argument: Node, lookup: Lookup, bound: dict[str, str]) -> Outcome:
    if not isinstance(argument, Reference):
        raise TypeError(f"{name} takes an id")

    def field(which: str) -> _Value:
        return _number(Reference(argument.id, which), lookup, bound)

    nought = _Value(Range.of(0.0), ())
    if name == "significant":
        return _compared("<", field(argument.field), _Value(Range.of(ALPHA), ()))
    above = _compared(">", field("ci_low"), nought)
    below = _compared("<", field("ci_high"), nought)
    if name == "increased":
        return above
    if name == "decreased":
        return below
    return _denied(_joined(False, [above, below]))


def _merged(groups: Iterable[Iterable[T]]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(item for group in groups for item in group))
