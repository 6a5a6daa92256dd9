"""The search rebuilds invented studies from their printed statistics, whatever their shape."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.demo import latent
from analysis.demo.problem import LEVEL, values_of
from analysis.demo.reconstruct import (
    Problem,
    Score,
    Solution,
    Target,
    groups_of,
    printed_box,
    reconstruct,
    tightness,
)

ITEMS = (4, 3, 5)


def printed(value: float, decimals: int = 2) -> str:
    step = Decimal(1).scaleb(-decimals)
    return str(Decimal(repr(value)).quantize(step, ROUND_HALF_UP))


def invented(seed: int, points: int, waves: int, persons: int = 90):
    """An invented study: two draws of the same people, answers missing, groups, scores."""
    rng = np.random.default_rng(seed)
    middle = (1 + points) / 2 + 0.6
    scales = [latent.Scale(k, middle, 0.22 * points, 0.82, 0.6, 0.05) for k in ITEMS]
    clusters = np.repeat(rng.integers(8, size=persons)[:, None], waves, axis=1)
    truth, start = (latent.draw(rng, scales, clusters) for _ in range(2))
    present = rng.random((persons, waves)) < 0.8
    present[:30] = True
    missing = ~present[:, :, None] | (rng.random(truth.shape) < 0.04)
    blocks = np.split(np.arange(sum(ITEMS)), np.cumsum(ITEMS)[:-1])
    scores = (
        Score("total", tuple(range(sum(ITEMS)))),
        *(Score(f"scale{n}", tuple(int(i) for i in block)) for n, block in enumerate(blocks)),
    )
    groups = groups_of({"kind": rng.choice(["a", "b"], size=persons)}, present)
    return rng, latent.answers(truth, 1, points), start, missing, scores, groups


def statistic(
    scores: tuple[Score, ...],
    groups: dict[str, np.ndarray],
    answers: np.ndarray,
    missing: np.ndarray,
    target: tuple[str, str, tuple[int, ...], str],
) -> float:
    """A statistic worked out the long way, person by person."""
    name, group, waves, what = target
    items = list(next(score.items for score in scores if score.name == name))
    columns: list[list[float]] = [[] for _ in waves]
    for person in range(len(answers)):
        found = []
        for wave in waves:
            given_ = [answers[person, wave, i] for i in items if not missing[person, wave, i]]
            if groups[group][person, wave] and len(given_) >= max(1, 0.5 * len(items)):
                found.append(math.fsum(given_) / len(given_))
        if len(found) == len(waves):
            for column, value in zip(columns, found, strict=True):
                column.append(value)
    x = [np.array(column) for column in columns]
    if what in ("mean", "baseline_mean"):
        return float(x[0].mean())
    if what in ("sd", "baseline_sd"):
        return float(x[0].std(ddof=1))
    if what == "followup_mean":
        return float(x[1].mean())
    if what == "followup_sd":
        return float(x[1].std(ddof=1))
    difference = x[0] - x[1]
    return float(difference.mean() / difference.std(ddof=1) * math.sqrt(len(difference)))


def wanted(scores: tuple[Score, ...], waves: int) -> list[tuple[str, str, tuple[int, ...], str]]:
    """What a report might print: means by group at each wave, a paired table, one SD."""
    found: list[tuple[str, str, tuple[int, ...], str]] = []
    for score in scores:
        for wave in range(waves):
            found += [(score.name, group, (wave,), "mean") for group in ("all", "a", "b")]
        found.append((score.name, "all", (waves - 1,), "sd"))
        pair = (0, waves - 1)
        if waves > 1:
            found += [
                (score.name, "all", pair, what)
                for what in ("baseline_mean", "baseline_sd", "followup_mean", "followup_sd", "t")
            ]
    return found


def rebuilt(seed: int, points: int, waves: int) -> tuple[Problem, np.ndarray, Solution, list[str]]:
    rng, truth, start, missing, scores, groups = invented(seed, points, waves)
    rows = wanted(scores, waves)
    texts = [printed(statistic(scores, groups, truth, missing, row)) for row in rows]
    targets = tuple(Target(*row, *printed_box(text)) for row, text in zip(rows, texts, strict=True))
    problem = Problem(1, points, scores, groups, targets)
    solution = reconstruct(problem, start, missing, rng, batches=2500, batch=500)
    found = [printed(statistic(scores, groups, solution.answers, missing, row)) for row in rows]
    wrong = [
        f"{target.name}: {text} wanted, {value} found"
        for target, text, value in zip(targets, texts, found, strict=True)
        if text != value
    ]
    return problem, missing, solution, wrong


@pytest.mark.parametrize(
    ("seed", "points", "waves"), [(1, 7, 3), (12, 5, 2), (3, 4, 1), (4, 11, 2)]
)
def test_an_invented_study_is_rebuilt(seed: int, points: int, waves: int) -> None:
    """Seven points and three waves, and other shapes, by the same code."""
    problem, missing, solution, wrong = rebuilt(seed, points, waves)
    assert not wrong, "\n".join(wrong)
    assert solution.missed == ()
    assert np.array_equal(np.isnan(solution.answers), missing)
    given_ = solution.answers[~missing]
    assert given_.min() >= problem.minimum and given_.max() <= problem.maximum
    assert np.array_equal(given_, np.rint(given_))
    # Near the draw it started from: it does not build its answers from nothing.
    assert solution.changed < 0.25 * given_.size


def test_the_same_seed_gives_the_same_answers() -> None:
    first, second = (rebuilt(5, 5, 1)[2].answers for _ in range(2))
    assert np.array_equal(first, second, equal_nan=True)


def test_targets_that_cannot_hold_are_named() -> None:
    """Everybody's mean must lie between the groups'; the search says what it misses."""
    rng, _, start, missing, scores, groups = invented(6, 5, 1)
    targets = tuple(
        Target("scale0", group, (0,), "mean", *printed_box(text))
        for group, text in (("all", "4.10"), ("a", "3.50"), ("b", "3.60"))
    )
    problem = Problem(1, 5, scores, groups, targets)
    assert tightness(problem, missing)["scale0", 0] > 1
    solution = reconstruct(problem, start, missing, rng, batches=40, batch=200)
    assert solution.missed


def test_a_table_of_sums_is_no_mean() -> None:
    """A looked-up score needs every item; the search meets a mean of such scores."""
    rng = np.random.default_rng(7)
    lookup = np.linspace(0, 9, 41) ** 2
    score = Score("looked_up", tuple(range(8)), 1, lookup)
    clusters = np.zeros((80, 2), dtype=np.int64)
    start = latent.draw(rng, [latent.Scale(8, 3.5, 0.7)], clusters)
    missing = rng.random(start.shape) < 0.01
    groups = groups_of({}, np.ones((80, 2), dtype=bool))
    targets = (
        Target("looked_up", "all", (0,), "mean", 40.335, 40.345),
        Target("looked_up", "all", (1,), "mean", 43.005, 43.015),
        Target("looked_up", "all", (0, 1), "t", -2.8, -2.2),
    )
    solution = reconstruct(Problem(1, 5, (score,), groups, targets), start, missing, rng)
    assert solution.missed == ()
    complete = ~np.isnan(solution.answers[:, 0]).any(axis=1)
    sums = solution.answers[complete, 0].sum(axis=1).astype(int)
    assert abs(lookup[sums].mean() - 40.34) < 0.005


def test_scores_agree_with_the_long_way() -> None:
    """Sums over counts, as the search keeps them, are the means of answers given."""
    _, truth, _, missing, scores, groups = invented(8, 7, 2)
    problem = Problem(1, 7, scores, groups, ())
    present = np.where(missing, 0, truth)
    items = [list(score.items) for score in scores]
    sums = np.stack([present[..., i].sum(axis=-1) for i in items], axis=-1)
    counts = np.stack([(~missing)[..., i].sum(axis=-1) for i in items], axis=-1).astype(float)
    values = values_of(problem, sums, counts, counts > 0)
    expected = np.nanmean(np.where(missing, np.nan, truth)[0, 0, items[1]])
    assert values[0, 0, 1] == pytest.approx(expected)
    assert "mean" in LEVEL


@given(st.integers(-9999, 9999), st.integers(1, 4))
def test_a_printed_number_lies_in_its_own_box(number: int, decimals: int) -> None:
    text = str(Decimal(number).scaleb(-decimals))
    low, high = printed_box(text)
    assert low < float(text) < high
    assert high - low == pytest.approx(10.0**-decimals)


def test_a_printed_box_keeps_the_decimals() -> None:
    assert printed_box("3.650") == pytest.approx((3.6495, 3.6505))
    assert printed_box("4.0") == pytest.approx((3.95, 4.05))
    assert printed_box("-.25") == pytest.approx((-0.255, -0.245))
