"""Wilcoxon's signed-rank test of scores that move in steps."""

from __future__ import annotations

import math

import numpy as np
from scipy import special

from analysis.statistics.estimates import Floats

EXACT = "Wilcoxon signed-rank test, exact over all signs of the changes of {n} people"
APPROXIMATE = (
    "Wilcoxon signed-rank test, normal approximation with continuity correction, {n} people"
)
ZEROS = ", those without a change left out"
#: At most so many changes for the exact test.
LARGEST = 25
#: Scores are means of a few whole numbers (or looked up with a few decimals): two changes that
#: are not the same are further apart than this, and what arithmetic adds to one is far less.
DECIMALS = 9


def signed_rank(change: Floats) -> tuple[float, str]:
    """Two-sided p of no change, and the method; missing where nobody changed.

    Changes that are the same have the same rank, whatever the arithmetic that made them: with
    ranks of the numbers as they come, 3.5 - 3.0 and 4.5 - 4.0 can differ in the last digit (R's
    ``wilcox.test`` ranks so; on sums of items it does not arise). With 25 changes or fewer the
    distribution over all signs of the ranks as they are, ties and all (Hollander, Wolfe and
    Chicken, 2014, Nonparametric Statistical Methods, ch. 3.1); with more the normal
    approximation with the variance corrected for ties. Changes of nought are left out, as
    Wilcoxon did.
    """
    moved = np.round(np.asarray(change, dtype="float64"), DECIMALS)
    moved = moved[moved != 0]
    n = len(moved)
    words = (EXACT if n <= LARGEST else APPROXIMATE).format(n=n)
    words += ZEROS if n < len(change) else ""
    if n == 0:
        return math.nan, "no test: nobody changed"
    _, place, tied = np.unique(np.abs(moved), return_inverse=True, return_counts=True)
    ranks = (np.cumsum(tied) - (tied - 1) / 2)[place]
    rise = float(ranks[moved > 0].sum())
    centre = n * (n + 1) / 4
    if n <= LARGEST:
        # Twice the ranks are whole numbers, ties or not.
        steps = np.rint(2 * ranks).astype("int64")
        chances = np.zeros(int(steps.sum()) + 1)
        chances[0] = 1.0
        for step in steps:
            chances[step:] = (chances[step:] + chances[: len(chances) - step]) / 2
            chances[:step] /= 2
        away = np.abs(np.arange(len(chances)) - 2 * centre) >= abs(2 * rise - 2 * centre)
        return min(float(chances[away].sum()), 1.0), words
    variance = n * (n + 1) * (2 * n + 1) / 24 - float(np.sum(tied**3.0 - tied)) / 48
    away = max(abs(rise - centre) - 0.5, 0.0)
    return float(2 * special.ndtr(-away / math.sqrt(variance))), words
