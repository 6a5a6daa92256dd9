"""A number as somebody printed it: its value, its decimals, and what it can have been before.

A printed 3.74 stands for any value from 3.735 to 3.745. Both ends belong to it, because
programs differ in how they round a five (Brown and Heathers, 2017, allow for both too).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

NUMBER = re.compile(r"^[-+\u2212]?(\d{1,3}(,\d{3})+|\d+)?(\.\d+)?$")
#: How a p-value may be printed: compared with a limit, exact, or as not significant.
P_VALUE = re.compile(r"^p?\s*(?P<sign><=|>=|<|>|=|≤|≥)?\s*(?P<number>[\d.]+)$")
NOT_SIGNIFICANT = ("ns", "n.s.", "n.s", "not significant")
ALPHA = 0.05
#: Binary fractions of decimal numbers are off by less than this.
SLACK = 1e-9


@dataclass(frozen=True)
class Printed:
    """A printed number. ``low`` and ``high`` bound what it was before rounding."""

    text: str
    value: float
    decimals: int

    @property
    def half(self) -> float:
        """Half a unit of the last printed digit."""
        return 0.5 * 10.0**-self.decimals

    @property
    def low(self) -> float:
        """The smallest value that is printed so."""
        return self.value - self.half

    @property
    def high(self) -> float:
        """The largest value that is printed so."""
        return self.value + self.half

    def could_be(self, value: float) -> bool:
        """Whether ``value`` is printed so, however a five is rounded."""
        return self.low - SLACK <= value <= self.high + SLACK


@dataclass(frozen=True)
class PrintedP:
    """A printed p-value as the range it allows; ``exact`` where a number was printed."""

    text: str
    low: float
    high: float
    exact: bool
    significant: bool


def number(text: str) -> Printed | None:
    """A printed number, or nothing if the text is not one.

    >>> number(".53"), number("2,794").value, number("-.283").half
    (Printed(text='.53', value=0.53, decimals=2), 2794.0, 0.0005)
    """
    plain = text.strip()
    if not plain or not NUMBER.match(plain) or not any(c.isdigit() for c in plain):
        return None
    clean = plain.replace(",", "").replace("\u2212", "-")
    decimals = len(clean.split(".")[1]) if "." in clean else 0
    return Printed(plain, float(clean), decimals)


def p_value(text: str, alpha: float = ALPHA) -> PrintedP | None:
    """A printed p-value, or nothing if the text is not one.

    >>> p_value("<.01").high, p_value("ns").low, p_value(".03").exact
    (0.01, 0.05, True)
    """
    plain = text.strip().lower()
    if plain in NOT_SIGNIFICANT:
        return PrintedP(text, alpha, 1.0, False, False)
    match = P_VALUE.match(plain)
    found = number(match["number"]) if match else None
    if match is None or found is None or found.value > 1:
        return None
    sign = match["sign"] or "="
    if sign in ("<", "<=", "≤"):
        return PrintedP(text, 0.0, found.value, False, found.value <= alpha)
    if sign in (">", ">=", "≥"):
        return PrintedP(text, found.value, 1.0, False, False)
    return PrintedP(text, max(found.low, 0.0), min(found.high, 1.0), True, found.value <= alpha)


def rounded(value: float, decimals: int) -> float:
    """``value`` as printed with so many decimals, a five going away from zero as in SPSS.

    >>> rounded(2.675, 2), rounded(-0.125, 2)
    (2.68, -0.13)
    """
    if not math.isfinite(value):
        return value
    # Computed means carry an error in the sixteenth digit, which must not decide a five.
    near = Decimal(repr(round(value, 12)))
    return float(near.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP))
