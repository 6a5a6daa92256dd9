"""Does the printed p-value follow from the printed test statistic and its degrees of freedom?

After statcheck: Nuijten, Hartgerink, van Assen, Epskamp and Wicherts (2016), Behavior Research
Methods 48:1205-1226. The statistic is taken as any value that is printed so; the p-value is
consistent if one of these gives it. An error that moves the result across .05 is named.
"""

from __future__ import annotations

from dataclasses import dataclass

from analysis.audit.printed import ALPHA, SLACK, Printed, PrintedP

STATISTICS = ("t", "F", "chi2", "z", "r")


@dataclass(frozen=True)
class PRange:
    """P-values that a printed statistic allows."""

    low: float
    high: float
    value: float


def p_range(
    statistic: str, value: Printed, df: float | None, df2: float | None = None, tails: int = 2
) -> PRange:
    """The p-values that the printed statistic allows.

    >>> from analysis.audit.printed import number
    >>> found = p_range("t", number("2.20"), 28)
    >>> round(found.low, 3), round(found.value, 3), round(found.high, 3)
    (0.036, 0.036, 0.037)

    Raises
    ------
    ValueError
        If the statistic is not one of :data:`STATISTICS`, or a number of degrees of freedom it
        needs is missing.
    """
    if statistic not in STATISTICS:
        raise ValueError(f"'{statistic}' is not one of {', '.join(STATISTICS)}")
    if statistic != "z" and (df is None or df <= 0):
        raise ValueError(f"{statistic} needs degrees of freedom above nought")
    if statistic == "F" and (df2 is None or df2 <= 0):
        raise ValueError("F needs two numbers of degrees of freedom")
    ends = [_p(statistic, end, df or 0.0, df2 or 0.0, tails) for end in (value.low, value.high)]
    if statistic in ("t", "z", "r") and value.low < 0 < value.high:
        ends.append(1.0 if tails == 2 else 0.5)
    return PRange(min(ends), max(ends), _p(statistic, value.value, df or 0.0, df2 or 0.0, tails))


def agrees(printed: PrintedP, found: PRange) -> bool:
    """Whether some p-value that the statistic allows is printed so."""
    if not printed.exact and printed.low == 0.0:
        # "< .01" does not hold for .01 itself; a range may touch it from below.
        return found.low < printed.high
    return found.low <= printed.high + SLACK and found.high >= printed.low - SLACK


def decision_differs(printed: PrintedP, found: PRange, alpha: float = ALPHA) -> bool:
    """Whether the printed p-value is on the other side of alpha than the statistic."""
    if printed.significant:
        return found.low >= alpha
    return found.high < alpha


def _p(statistic: str, value: float, df: float, df2: float, tails: int) -> float:
    # By their functions: scipy.stats, which has these as distributions, takes a fifth of a second to
    # import.
    from scipy import special

    if statistic == "F":
        return float(special.fdtrc(df, df2, max(value, 0.0)))
    if statistic == "chi2":
        return float(special.chdtrc(df, max(value, 0.0)))
    if statistic == "z":
        return float(tails * special.ndtr(-abs(value)))
    if statistic == "r":
        r = min(abs(value), 1.0)
        if r >= 1.0:
            return 0.0
        value = r * (df / (1 - r * r)) ** 0.5
    return float(tails * special.stdtr(df, -abs(value)))
