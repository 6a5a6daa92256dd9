"""What a reconstruction starts from: scores, groups, targets, and whether they fit together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog  # type: ignore[import-untyped,unused-ignore]

Array = NDArray[np.float64]
Whole = NDArray[np.int64]
Mask = NDArray[np.bool_]

#: Statistics of one wave, and of a pair of waves (baseline first). ``t`` is baseline less
#: follow-up over its standard error. ``icc`` is steered by the calibration only.
LEVEL = ("mean", "sd", "icc")
PAIRED = ("baseline_mean", "baseline_sd", "followup_mean", "followup_sd", "t")


@dataclass(frozen=True)
class Score:
    """The mean of the items answered, or what a table says for the sum of all items.

    ``lookup`` is indexed by the sum; it needs every item answered.
    """

    name: str
    items: tuple[int, ...]
    minimum_answered: float = 0.5
    lookup: Array | None = None


@dataclass(frozen=True)
class Target:
    """A statistic that has to fall into a box.

    ``waves`` holds one wave, or baseline and follow-up; people count in a pair if they belong
    to ``group`` and have a score at both.
    """

    score: str
    group: str
    waves: tuple[int, ...]
    statistic: str
    low: float
    high: float

    @property
    def name(self) -> str:
        """The target in words, for messages."""
        waves = "-".join(str(wave + 1) for wave in self.waves)
        return f"{self.score} {self.group} wave {waves} {self.statistic}"


@dataclass(frozen=True)
class Problem:
    """What is asked, of whom, and what has to come out."""

    minimum: int
    maximum: int
    scores: tuple[Score, ...]
    groups: Mapping[str, Mask]
    """Persons x waves: membership."""
    targets: tuple[Target, ...]
    clusters: Whole | None = None
    """Persons x waves: school, for intraclass correlations."""


def printed_box(printed: str) -> tuple[float, float]:
    """All values that round to a printed number, by its decimals.

    >>> printed_box(".045")
    (0.0445, 0.0455)
    """
    decimals = len(printed.partition(".")[2])
    half = 0.5 * 10**-decimals
    return float(printed) - half, float(printed) + half


def groups_of(columns: Mapping[str, Iterable[object]], present: Mask) -> dict[str, Mask]:
    """Persons x waves memberships: everybody present, and each value of each column."""
    found: dict[str, Mask] = {"all": present}
    for values in columns.values():
        text = np.array([str(value) for value in values])
        for value in np.unique(text):
            found[value] = present & (text == value)[:, None]
    return found


@dataclass
class Scored:
    """Sums, counts and scores of everybody at every wave."""

    sums: Array
    counts: Array
    values: Array
    valid: Mask


def scored_answers(problem: Problem, answers: Array, missing: Mask) -> Scored:
    """Every score of everybody at every wave, from answers without the missing ones."""
    present = ~missing
    shape = (*answers.shape[:2], len(problem.scores))
    scored = Scored(np.zeros(shape), np.zeros(shape), np.zeros(shape), np.zeros(shape, dtype=bool))
    for place, score in enumerate(problem.scores):
        items = list(score.items)
        scored.counts[..., place] = present[..., items].sum(axis=-1)
        scored.sums[..., place] = np.where(present, answers, 0)[..., items].sum(axis=-1)
        needed = len(items) if score.lookup is not None else score.minimum_answered * len(items)
        scored.valid[..., place] = scored.counts[..., place] >= max(needed, 1)
    scored.values = values_of(problem, scored.sums, scored.counts, scored.valid)
    return scored


def values_of(problem: Problem, sums: Array, counts: Array, valid: Mask) -> Array:
    """Scores from sums and counts (last axis: scores); 0 where there is no score."""
    values = np.where(valid, sums / np.maximum(counts, 1), 0.0)
    for place, score in enumerate(problem.scores):
        if score.lookup is not None:
            index = np.where(valid[..., place], sums[..., place], 0).astype(np.int64)
            values[..., place] = np.where(valid[..., place], score.lookup[index], 0.0)
    return values


def tightness(problem: Problem, missing: Mask) -> dict[tuple[str, int], float]:
    """How hard the mean targets of each score and wave press against each other.

    Groups overlap, so their means hang together whatever the answers are: the mean of all is a
    mixture of the phases' and of the roles'. For each score and wave a linear programme finds
    the means of the smallest cells (people who belong to the same groups) that stay nearest to
    the middles of all boxes at once.

    Returns
    -------
    dict
        The largest distance from a middle, in half box widths: above 1 the targets cannot all
        hold with these group sizes; above about 0.85 expect a hard search.
    """
    scored = scored_answers(problem, np.full(missing.shape, float(problem.minimum)), missing)
    found: dict[tuple[str, int], float] = {}
    for place, score in enumerate(problem.scores):
        for wave in range(missing.shape[1]):
            valid = scored.valid[:, :, place]
            rows, boxes = [], []
            for target in problem.targets:
                if target.score != score.name or target.statistic not in MEANS:
                    continue
                if target.waves[MEANS[target.statistic]] != wave:
                    continue
                who = problem.groups[target.group] & valid
                rows.append(who[:, list(target.waves)].all(axis=1))
                boxes.append((target.low, target.high))
            if len(rows) > 1:
                highest = score.lookup.max() if score.lookup is not None else problem.maximum
                lowest = score.lookup.min() if score.lookup is not None else problem.minimum
                found[score.name, wave] = _slack(
                    np.array(rows), np.array(boxes), float(lowest), float(highest)
                )
    return found


#: Statistics that are means, and which of a target's waves they are of.
MEANS = {"mean": 0, "baseline_mean": 0, "followup_mean": 1}


def _slack(rows: Mask, boxes: Array, lowest: float, highest: float) -> float:
    """The linear programme of :func:`tightness` for one score and wave."""
    cells, sizes = np.unique(rows[:, rows.any(axis=0)].T, axis=0, return_counts=True)
    member = cells.T.astype(float)
    weights = member * sizes / (member @ sizes)[:, None]
    middle, half = boxes.mean(axis=1), (boxes[:, 1] - boxes[:, 0]) / 2
    above = np.hstack([weights, -half[:, None]])
    below = np.hstack([-weights, -half[:, None]])
    result = linprog(
        np.array([0.0] * len(sizes) + [1.0]),
        A_ub=np.vstack([above, below]),
        b_ub=np.concatenate([middle, -middle]),
        bounds=[(lowest, highest)] * len(sizes) + [(0, None)],
        method="highs",
    )
    return float(result.x[-1])
