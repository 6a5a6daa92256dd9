"""First step of a reconstruction: latent values moved until their rounded form is near."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from analysis.demo.problem import Problem, Score, Scored, Target, scored_answers

Array = NDArray[np.float64]
Whole = NDArray[np.int64]
Mask = NDArray[np.bool_]

#: A mean this near to the middle of its box, in half box widths, is left alone.
CLOSE = 0.86
#: Part of the way that a round goes.
STEP = 0.6


def calibrate(problem: Problem, latent: Array, missing: Mask, rounds: int) -> Array:
    """Latent values shifted and rescaled so that the rounded answers come near the targets.

    Each round moves everybody's items of a score: group means towards their targets, deviations
    from the mean towards the wanted SD, changes towards the spread that the wanted t implies,
    school means towards the wanted intraclass correlation. Scores made of other scores' items
    (a total) are left to the search, and so is what rounding leaves over.
    """
    values = latent.copy()
    own = _own_scores(problem)
    for _ in range(rounds):
        # One target after the other, each on the answers as they are by then: groups overlap,
        # and shifts made for several of them at once would overshoot.
        for target in problem.targets:
            if target.score not in own:
                continue
            score = own[target.score]
            items = list(score.items)
            here = np.clip(np.rint(values[:, :, items]), problem.minimum, problem.maximum)
            alone = replace(score, items=tuple(range(len(items))))
            scored = scored_answers(replace(problem, scores=(alone,)), here, missing[:, :, items])
            for wave, shift in _shifts(problem, alone, target, scored):
                values[:, wave, items] += STEP * shift[:, None]
    return values


def _own_scores(problem: Problem) -> dict[str, Score]:
    """Scores that are not made of other scores' items, by name."""
    return {
        score.name: score
        for score in problem.scores
        if not any(set(other.items) < set(score.items) for other in problem.scores)
    }


def _shifts(
    problem: Problem, score: Score, target: Target, scored: Scored
) -> list[tuple[int, Array]]:
    """How far each person's items should move at a wave for a target's sake."""
    middle = (target.low + target.high) / 2
    counted = problem.groups[target.group] & scored.valid[:, :, 0]
    who: Mask = np.all(counted[:, list(target.waves)], axis=1)
    x = [scored.values[:, wave, 0] for wave in target.waves]
    unit = _points_per_score(score, scored, target.waves[0], who)
    if target.statistic in ("mean", "baseline_mean", "followup_mean"):
        at = 1 if target.statistic == "followup_mean" else 0
        gap = _outside(float(x[at][who].mean()), target)
        # Everybody of the group moves, also those without a score of their own.
        group = problem.groups[target.group][:, target.waves[at]]
        members = group if len(target.waves) == 1 else who
        return [(target.waves[at], np.where(members, -gap * unit, 0.0))]
    if target.statistic in ("sd", "baseline_sd", "followup_sd"):
        at = 1 if target.statistic == "followup_sd" else 0
        deviation = x[at] - x[at][who].mean()
        factor = middle / float(x[at][who].std(ddof=1)) - 1
        return [(target.waves[at], np.where(who, factor * deviation * unit, 0.0))]
    if target.statistic == "t":
        difference = x[0] - x[1]
        mean = float(difference[who].mean())
        sd = float(difference[who].std(ddof=1))
        t = mean / sd * math.sqrt(who.sum())
        if target.low <= t <= target.high:
            return []
        if not _means_are_set(problem, target):
            # Nothing else says how large the change is: half of it comes from either wave.
            half = (mean - middle * sd / math.sqrt(who.sum())) / 2 * unit
            return [
                (target.waves[0], np.where(who, -half, 0.0)),
                (target.waves[1], np.where(who, half, 0.0)),
            ]
        if middle * mean <= 0 or abs(middle) < 0.3:
            return []
        factor = np.clip(t / middle - 1, -0.3, 0.3) / 2
        shift = np.where(who, factor * (difference - mean) * unit, 0.0)
        return [(target.waves[0], shift), (target.waves[1], -shift)]
    if target.statistic == "icc" and problem.clusters is not None:
        wave = target.waves[0]
        schools = problem.clusters[who, wave]
        icc, means = intraclass(x[0][who], schools)
        if target.low <= icc <= target.high or math.isnan(icc):
            return []
        factor = 0.25 * (1 if icc < target.low else -1)
        # At the scale's ends a school cannot move as far as the others; so be it.
        shift = np.zeros(len(who))
        shift[who] = factor * (means - x[0][who].mean()) * unit
        return [(wave, shift)]
    raise ValueError(f"unknown statistic '{target.statistic}'")


def _means_are_set(problem: Problem, target: Target) -> bool:
    """Whether other targets give both means of a paired target's group."""
    statistics = {
        other.statistic
        for other in problem.targets
        if (other.score, other.group, other.waves) == (target.score, target.group, target.waves)
    }
    return {"baseline_mean", "followup_mean"} <= statistics


def _points_per_score(score: Score, scored: Scored, wave: int, who: Mask) -> float:
    """Scale points that every item must move for one unit of the score (1 for a mean)."""
    lookup = score.lookup
    if lookup is None or not who.any():
        return 1.0
    middle = int(np.median(scored.sums[who, wave, 0]))
    span = range(max(middle - 4, 0), min(middle + 5, len(lookup)))
    slope = (lookup[span[-1]] - lookup[span[0]]) / (len(span) - 1)
    return float(1 / (slope * len(score.items)))


def _outside(value: float, target: Target) -> float:
    """How far a value is from the middle, if it is outside the inner box."""
    middle, half = (target.low + target.high) / 2, (target.high - target.low) / 2
    return value - middle if abs(value - middle) > CLOSE * half else 0.0


def intraclass(values: Array, clusters: Whole) -> tuple[float, Array]:
    """Intraclass correlation by one-way analysis of variance, and everybody's school mean."""
    _, number, sizes = np.unique(clusters, return_inverse=True, return_counts=True)
    means = np.bincount(number, weights=values) / sizes
    n, k = len(values), len(sizes)
    if k < 2 or n <= k:
        return math.nan, np.full(n, values.mean())
    between = float((sizes * (means - values.mean()) ** 2).sum()) / (k - 1)
    within = float(((values - means[number]) ** 2).sum()) / (n - k)
    size = (n - float((sizes**2).sum()) / n) / (k - 1)
    return (between - within) / (between + (size - 1) * within), means[number]
