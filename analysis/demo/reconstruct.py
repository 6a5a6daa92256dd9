"""Item-level answers that give printed statistics, as close as possible to a plausible draw.

Printed means, standard deviations and t values leave many data sets possible. This search
starts from a plausible one (see :mod:`analysis.demo.latent`) and changes as few answers as it
can until every statistic, rounded as printed, is the printed one. It knows nothing of a
particular questionnaire: scale points, items, scores, waves and groups come with the problem,
the statistics wanted come as :class:`Target` rows.

Related work: SPRITE (Heathers, Anaya, van der Zee and Brown, 2018, PeerJ Preprints 6:e26968)
rebuilds one sample from its mean and SD by paired moves of opposite sign; GRIM (Brown and
Heathers, 2017, Social Psychological and Personality Science 8:363) asks which means whole
numbers can have. Here many overlapping means, SDs and paired t values hold at the same time.

What the search does
--------------------
1. *Calibrate*: shift group means and rescale spreads of the latent values, so that the rounded
   answers start near their targets.
2. *Search*: propose a batch of moves of one or two answers by one scale point; take those that
   lower the loss of the targets plus ``nearness`` times the squared distance of the answers from
   their latent values. ``nearness`` is lowered only when progress stalls: without it most answers
   would change and the items of a scale would no longer hang together.
3. *Kick*: if a target still misses, disturb a dozen answers and search again; keep the better.

The moves matter: opposite steps of two people or of two items of one person keep a mean while
changing a spread, and the same step at both waves keeps a difference while changing both means.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

Array = NDArray[np.float64]
Whole = NDArray[np.int64]
Mask = NDArray[np.bool_]
Random = np.random.Generator

#: Statistics of one wave, and of a pair of waves (baseline first). ``t`` is baseline less
#: follow-up over its standard error. ``icc`` is steered by the calibration only.
LEVEL = ("mean", "sd", "icc")
PAIRED = ("baseline_mean", "baseline_sd", "followup_mean", "followup_sd", "t")

#: Share of a target's box that the search aims at, to stay clear of its edges.
INNER = 0.93
#: Share of a box that is good enough where groups press against each other so hard that the
#: inner box cannot be reached, and the batches without progress before that is accepted.
EDGE = 0.98
PATIENCE = 60


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


@dataclass(frozen=True)
class Solution:
    """The answers found, and what is known about them."""

    answers: Array
    values: Array
    missed: tuple[str, ...]
    changed: int
    batches: int
    start_hits: int


def printed_box(printed: str) -> tuple[float, float]:
    """All values that round to a printed number, by its decimals.

    >>> printed_box(".045")
    (0.0445, 0.0455)
    """
    decimals = len(printed.partition(".")[2])
    half = 0.5 * 10**-decimals
    return float(printed) - half, float(printed) + half


def reconstruct(
    problem: Problem,
    latent: Array,
    missing: Mask,
    rng: Random,
    *,
    calibrations: int = 25,
    batches: int = 4000,
    batch: int = 900,
) -> Solution:
    """Find answers that meet the targets and stay near the latent values.

    Parameters
    ----------
    problem
        Scores, groups and targets.
    latent
        Persons x waves x items: plausible values on an endless scale.
    missing
        Same shape: no answer.
    rng
        Source of randomness; the result follows from it.
    calibrations, batches, batch
        Rounds of calibration; most batches of moves tried; moves in a batch.

    Returns
    -------
    Solution
        With the best answers found, also if some targets are missed (they are named).
    """
    values = calibrate(problem, latent, missing, calibrations)
    search = _Search(problem, values, missing, rng)
    start_hits = int((search.loss(search.statistics()) <= 0).sum())
    start = search.answers.copy()
    tried = search.run(batches, batch)
    found = search.statistics()
    missed = tuple(
        target.name
        for target, value in zip(search.targets, found, strict=True)
        if not target.low < value < target.high
    )
    answers = np.where(missing, np.nan, search.answers)
    changed = int((start != search.answers)[~missing].sum())
    return Solution(answers, found, missed, changed, tried, start_hits)


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
    scored = _scored(problem, np.full(missing.shape, float(problem.minimum)), missing)
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


# Scores ---------------------------------------------------------------------------------------


@dataclass
class _Scored:
    """Sums, counts and scores of everybody at every wave."""

    sums: Array
    counts: Array
    values: Array
    valid: Mask


def _scored(problem: Problem, answers: Array, missing: Mask) -> _Scored:
    present = ~missing
    shape = (*answers.shape[:2], len(problem.scores))
    scored = _Scored(np.zeros(shape), np.zeros(shape), np.zeros(shape), np.zeros(shape, dtype=bool))
    for place, score in enumerate(problem.scores):
        items = list(score.items)
        scored.counts[..., place] = present[..., items].sum(axis=-1)
        scored.sums[..., place] = np.where(present, answers, 0)[..., items].sum(axis=-1)
        needed = len(items) if score.lookup is not None else score.minimum_answered * len(items)
        scored.valid[..., place] = scored.counts[..., place] >= max(needed, 1)
    _revalue(problem, scored)
    return scored


def _revalue(problem: Problem, scored: _Scored) -> None:
    scored.values[...] = _values(problem, scored.sums, scored.counts, scored.valid)


def _values(problem: Problem, sums: Array, counts: Array, valid: Mask) -> Array:
    values = np.where(valid, sums / np.maximum(counts, 1), 0.0)
    for place, score in enumerate(problem.scores):
        if score.lookup is not None:
            index = np.where(valid[..., place], sums[..., place], 0).astype(np.int64)
            values[..., place] = np.where(valid[..., place], score.lookup[index], 0.0)
    return values


# Calibration ----------------------------------------------------------------------------------


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
            scored = _scored(replace(problem, scores=(alone,)), here, missing[:, :, items])
            for wave, shift in _shifts(problem, alone, target, scored):
                values[:, wave, items] += STEP * shift[:, None]
    return values


#: Part of the way that a calibration round goes.
STEP = 0.6


def _own_scores(problem: Problem) -> dict[str, Score]:
    """Scores that are not made of other scores' items, by name."""
    return {
        score.name: score
        for score in problem.scores
        if not any(set(other.items) < set(score.items) for other in problem.scores)
    }


def _shifts(
    problem: Problem, score: Score, target: Target, scored: _Scored
) -> list[tuple[int, Array]]:
    """How far each person's items should move at a wave for a target's sake."""
    middle = (target.low + target.high) / 2
    who = problem.groups[target.group][:, list(target.waves)].all(axis=1)
    who = who & scored.valid[:, list(target.waves), 0].all(axis=1)
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
            half = (mean - middle * sd / math.sqrt(who.sum())) / 2
            return [(target.waves[0], who * -half * unit), (target.waves[1], who * half * unit)]
        if middle * mean <= 0 or abs(middle) < 0.3:
            return []
        factor = np.clip(t / middle - 1, -0.3, 0.3) / 2
        shift = np.where(who, factor * (difference - mean) * unit, 0.0)
        return [(target.waves[0], shift), (target.waves[1], -shift)]
    if target.statistic == "icc" and problem.clusters is not None:
        wave = target.waves[0]
        schools = problem.clusters[who, wave]
        icc, means = _icc(x[0][who], schools)
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


def _points_per_score(score: Score, scored: _Scored, wave: int, who: Mask) -> float:
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
    return value - middle if abs(value - middle) > INNER * half else 0.0


def _icc(values: Array, clusters: Whole) -> tuple[float, Array]:
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


# Search ---------------------------------------------------------------------------------------


@dataclass
class _Moments:
    """Sums over people that the statistics are made of: one entry per cell in use."""

    level: Array
    level_squares: Array
    first: Array
    last: Array
    first_squares: Array
    last_squares: Array
    products: Array

    def plus(self, other: _Moments) -> _Moments:
        """Entry by entry; ``other`` may have a leading axis of moves."""
        return _Moments(
            self.level + other.level,
            self.level_squares + other.level_squares,
            self.first + other.first,
            self.last + other.last,
            self.first_squares + other.first_squares,
            self.last_squares + other.last_squares,
            self.products + other.products,
        )


@dataclass
class _Moves:
    """A batch of moves: up to two answers each, one scale point up or down.

    ``step`` is 0 where a move has no second answer.
    """

    person: Whole
    wave: Whole
    item: Whole
    step: Whole
    fits: Mask = field(default_factory=lambda: np.zeros(0, dtype=bool))

    def __getitem__(self, rows: NDArray[np.int64]) -> _Moves:
        return _Moves(
            self.person[rows], self.wave[rows], self.item[rows], self.step[rows], self.fits[rows]
        )


class _Search:
    """Answers, and everything kept up to date as they change."""

    def __init__(self, problem: Problem, latent: Array, missing: Mask, rng: Random) -> None:
        self.problem = problem
        self.rng = rng
        self.missing = missing
        # An answer at the end of the scale is as near to a value beyond it as can be.
        self.latent = np.clip(latent, problem.minimum - 0.45, problem.maximum + 0.45)
        self.answers = np.clip(np.rint(latent), problem.minimum, problem.maximum)
        self.targets = tuple(t for t in problem.targets if t.statistic != "icc")
        self.items_of = np.zeros((latent.shape[2], len(problem.scores)))
        for place, score in enumerate(problem.scores):
            self.items_of[list(score.items), place] = 1
        # Cells to choose from, by score and wave (the places of a flat list of scores x waves).
        self.cells = []
        for score in problem.scores:
            for wave in range(latent.shape[1]):
                found = np.argwhere(~missing[:, wave, list(score.items)])
                items = np.array(score.items)[found[:, 1]]
                at = np.full(len(found), wave)
                self.cells.append(np.stack([found[:, 0], at, items], axis=1))
        self.any_cell = np.argwhere(~missing)
        self._index_targets()
        self.refresh()

    # Bookkeeping

    def _index_targets(self) -> None:
        problem, targets = self.problem, self.targets
        place_of = {score.name: place for place, score in enumerate(problem.scores)}
        scored = _scored(problem, self.answers, self.missing)
        level: dict[tuple[int, str, int], int] = {}
        paired: dict[tuple[int, int, str, int], int] = {}
        self.cell_of = np.zeros(len(targets), dtype=np.int64)
        for number, target in enumerate(targets):
            place = place_of[target.score]
            if target.statistic in LEVEL:
                key = (target.waves[0], target.group, place)
                self.cell_of[number] = level.setdefault(key, len(level))
            elif target.statistic in PAIRED:
                both = (target.waves[0], target.waves[1], target.group, place)
                self.cell_of[number] = paired.setdefault(both, len(paired))
            else:
                raise ValueError(f"unknown statistic '{target.statistic}'")
        persons = len(self.answers)
        self.level_wave = np.array([key[0] for key in level], dtype=np.int64)
        self.level_score = np.array([key[2] for key in level], dtype=np.int64)
        self.level_in = np.zeros((persons, len(level)))
        for (wave, group, place), number in level.items():
            self.level_in[:, number] = problem.groups[group][:, wave] & scored.valid[:, wave, place]
        self.pair_first = np.array([key[0] for key in paired], dtype=np.int64)
        self.pair_last = np.array([key[1] for key in paired], dtype=np.int64)
        self.pair_score = np.array([key[3] for key in paired], dtype=np.int64)
        self.pair_in = np.zeros((persons, len(paired)))
        for (first, last, group, place), number in paired.items():
            who = problem.groups[group][:, [first, last]].all(axis=1)
            self.pair_in[:, number] = who & scored.valid[:, [first, last], place].all(axis=1)
        self.level_n = self.level_in.sum(axis=0)
        self.pair_n = self.pair_in.sum(axis=0)
        self.rows_of = {
            statistic: np.array(
                [i for i, t in enumerate(targets) if t.statistic == statistic], dtype=np.int64
            )
            for statistic in (*LEVEL, *PAIRED)
        }
        low = np.array([target.low for target in targets])
        high = np.array([target.high for target in targets])
        self.middle, self.half = (low + high) / 2, (high - low) / 2
        waves = self.answers.shape[1]
        self.pool_of = np.zeros((len(targets), len(self.cells)))
        for number, target in enumerate(targets):
            self.pool_of[number, [place_of[target.score] * waves + w for w in target.waves]] = 1

    def refresh(self) -> None:
        """Everything recomputed from the answers, so that rounding errors do not add up."""
        self.scored = _scored(self.problem, self.answers, self.missing)
        x = self.scored.values
        at_level = x[:, self.level_wave, self.level_score] * self.level_in
        first = x[:, self.pair_first, self.pair_score] * self.pair_in
        last = x[:, self.pair_last, self.pair_score] * self.pair_in
        self.moments = _Moments(
            at_level.sum(axis=0),
            (at_level**2).sum(axis=0),
            first.sum(axis=0),
            last.sum(axis=0),
            (first**2).sum(axis=0),
            (last**2).sum(axis=0),
            (first * last).sum(axis=0),
        )

    def statistics(self, moments: _Moments | None = None) -> Array:
        """The value of every target's statistic; with a leading axis if the moments have one."""
        m = moments or self.moments
        found = np.zeros((*m.level.shape[:-1], len(self.targets)))
        for statistic, rows in self.rows_of.items():
            if not len(rows):
                continue
            cell = self.cell_of[rows]
            n = self.level_n[cell] if statistic in LEVEL else self.pair_n[cell]
            if statistic == "mean":
                found[..., rows] = m.level[..., cell] / n
            elif statistic == "sd":
                found[..., rows] = _sd(m.level[..., cell], m.level_squares[..., cell], n)
            elif statistic == "baseline_mean":
                found[..., rows] = m.first[..., cell] / n
            elif statistic == "followup_mean":
                found[..., rows] = m.last[..., cell] / n
            elif statistic == "baseline_sd":
                found[..., rows] = _sd(m.first[..., cell], m.first_squares[..., cell], n)
            elif statistic == "followup_sd":
                found[..., rows] = _sd(m.last[..., cell], m.last_squares[..., cell], n)
            else:
                total = m.first[..., cell] - m.last[..., cell]
                squares = m.first_squares + m.last_squares - 2 * m.products
                sd = _sd(total, squares[..., cell], n)
                found[..., rows] = total / np.sqrt(n) / np.maximum(sd, 1e-9)
        return found

    def loss(self, found: Array) -> Array:
        """Squared distance of each statistic from its inner box, in half box widths."""
        outside = np.abs(found - self.middle) / self.half - INNER
        # Far away every step towards the box counts alike, so that no target drowns the others.
        return np.where(outside > 0, np.minimum(outside, 30) ** 2 + np.maximum(outside - 30, 0), 0)

    # Moves

    def changes(self, moves: _Moves) -> tuple[_Moments, Array]:
        """What each move does to the moments, and to the squared distance from the latent."""
        number = len(moves.person)
        rows = np.arange(number)
        same = moves.person[:, 0] == moves.person[:, 1]
        waves = self.answers.shape[1]
        sums = np.zeros((number, 2, waves, len(self.problem.scores)))
        sums[rows, 0, moves.wave[:, 0]] += moves.step[:, :1] * self.items_of[moves.item[:, 0]]
        slot = np.where(same, 0, 1)
        sums[rows, slot, moves.wave[:, 1]] += moves.step[:, 1:] * self.items_of[moves.item[:, 1]]
        old = self.scored.values[moves.person]
        counts = self.scored.counts[moves.person]
        valid = self.scored.valid[moves.person]
        if any(score.lookup is not None for score in self.problem.scores):
            new = _values(self.problem, self.scored.sums[moves.person] + sums, counts, valid)
            # A second slot of the same person holds no change of its own.
            delta = np.where(sums != 0, new - old, 0.0)
        else:
            delta = np.where(valid, sums / np.maximum(counts, 1), 0.0)
        at = delta[:, :, self.level_wave, self.level_score] * self.level_in[moves.person]
        x = old[:, :, self.level_wave, self.level_score]
        member = self.pair_in[moves.person]
        first = old[:, :, self.pair_first, self.pair_score]
        last = old[:, :, self.pair_last, self.pair_score]
        d_first = delta[:, :, self.pair_first, self.pair_score] * member
        d_last = delta[:, :, self.pair_last, self.pair_score] * member
        moments = _Moments(
            at.sum(axis=1),
            (at * (2 * x + at)).sum(axis=1) if len(self.rows_of["sd"]) else np.zeros(at.shape[::2]),
            d_first.sum(axis=1),
            d_last.sum(axis=1),
            (d_first * (2 * first + d_first)).sum(axis=1),
            (d_last * (2 * last + d_last)).sum(axis=1),
            (d_first * last + d_last * first + d_first * d_last).sum(axis=1),
        )
        index = (moves.person, moves.wave, moves.item)
        gap = self.answers[index] - self.latent[index]
        distance = ((gap + moves.step) ** 2 - gap**2).sum(axis=1)
        return moments, distance

    def gains(self, moves: _Moves, nearness: float, cost: float) -> Array:
        """By how much each move lowers the cost; minus infinity where it does not fit."""
        # A move off the scale must not be worked out: a table has no value for it.
        possible = replace(moves, step=np.where(moves.fits[:, None], moves.step, 0))
        moments, distance = self.changes(possible)
        loss = self.loss(self.statistics(self.moments.plus(moments))).sum(axis=-1)
        gain = cost - loss - nearness * distance
        return np.where(moves.fits, gain, -np.inf)

    def apply(self, moves: _Moves) -> None:
        """Make one move (the first of ``moves``)."""
        moments, _ = self.changes(moves)
        self.moments = self.moments.plus(
            _Moments(*(getattr(moments, name)[0] for name in vars(moments)))
        )
        for side in range(2):
            person, wave = moves.person[0, side], moves.wave[0, side]
            item, step = moves.item[0, side], moves.step[0, side]
            self.answers[person, wave, item] += step
            self.scored.sums[person, wave] += step * self.items_of[item]
        people = np.unique(moves.person[0])
        self.scored.values[people] = _values(
            self.problem,
            self.scored.sums[people],
            self.scored.counts[people],
            self.scored.valid[people],
        )

    def propose(self, number: int, loss: Array) -> _Moves:
        """A batch of moves, more of them for scores whose targets miss by more."""
        rng, problem = self.rng, self.problem
        weight = np.sqrt(loss @ self.pool_of)
        weight = weight / weight.sum() if weight.sum() > 0 else np.ones(len(weight)) / len(weight)
        share = rng.multinomial(number, weight)
        first = np.concatenate(
            [pool[rng.integers(len(pool), size=k)] for pool, k in zip(self.cells, share, strict=True) if k]
        )
        pool_of_move = np.repeat(np.arange(len(share)), share)
        second = np.empty_like(first)
        kind = rng.choice(5, size=number, p=[0.2, 0.25, 0.2, 0.2, 0.15])
        for place in np.unique(pool_of_move):
            mine = np.flatnonzero(pool_of_move == place)
            pool = self.cells[place]
            second[mine] = pool[rng.integers(len(pool), size=len(mine))]
        elsewhere = kind == 4
        second[elsewhere] = self.any_cell[rng.integers(len(self.any_cell), size=elsewhere.sum())]
        # Another item of the same person, at the same wave or (same item set) another one.
        within = kind == 2
        second[within, :2] = first[within, :2]
        second[within, 2] = rng.integers(self.answers.shape[2], size=within.sum())
        across = kind == 3
        second[across, 0] = first[across, 0]
        waves = self.answers.shape[1]
        if waves > 1:
            jump = rng.integers(1, waves, size=across.sum())
            second[across, 1] = (first[across, 1] + jump) % waves
        index = tuple(first.T)
        towards = np.sign(self.latent[index] - self.answers[index]).astype(np.int64)
        towards[towards == 0] = 1
        step = np.where(rng.random(number) < 0.7, towards, rng.choice([-1, 1], size=number))
        # At another wave mostly the same step, which leaves the change alone; now and then the
        # opposite one, which alters the spread of changes.
        alike = np.where(rng.random(number) < 0.7, step, -step)
        other = np.where(kind == 0, 0, np.where(kind == 3, alike, -step))
        moves = _Moves(
            np.stack([first[:, 0], second[:, 0]], axis=1),
            np.stack([first[:, 1], second[:, 1]], axis=1),
            np.stack([first[:, 2], second[:, 2]], axis=1),
            np.stack([step, other], axis=1),
        )
        moves.fits = self._fits(moves)
        return moves

    def _fits(self, moves: _Moves) -> Mask:
        index = (moves.person, moves.wave, moves.item)
        after = self.answers[index] + moves.step
        inside = (after >= self.problem.minimum) & (after <= self.problem.maximum)
        idle = moves.step == 0
        fits = ((inside & ~self.missing[index]) | idle).all(axis=1)
        same = (
            (moves.person[:, 0] == moves.person[:, 1])
            & (moves.wave[:, 0] == moves.wave[:, 1])
            & (moves.item[:, 0] == moves.item[:, 1])
        )
        result: Mask = fits & ~(same & ~idle[:, 1])
        return result

    def run(self, batches: int, batch: int) -> int:
        """Search until every target is met or the batches are used up; keep the best."""
        nearness, stalled = 1.0, 0
        best = self.answers.copy()
        best_key = (math.inf, math.inf)
        since_best = 0
        for number in range(batches):
            if number % 50 == 0:
                self.refresh()
            loss = self.loss(self.statistics())
            key = (float(self._outside(EDGE)), float(loss.sum()))
            if key < best_key:
                best, best_key, since_best = self.answers.copy(), key, 0
            else:
                since_best += 1
            if key[1] == 0 or (best_key[0] == 0 and since_best >= PATIENCE):
                break
            improved = self._batch(batch, loss, nearness)
            stalled = 0 if improved else stalled + 1
            if stalled >= 3 and nearness > 1e-4:
                nearness, stalled = nearness / 2, 0
            elif stalled >= 12 or since_best >= 400:
                self.answers = best.copy()
                self.refresh()
                self._kick(self.loss(self.statistics()))
                nearness, stalled, since_best = 0.05, 0, 0
        self.answers = best
        self.refresh()
        return number + 1

    def _outside(self, share: float) -> int:
        """How many statistics are outside this share of their box."""
        distance = np.abs(self.statistics() - self.middle) / self.half
        return int((distance > share).sum())

    def _batch(self, size: int, loss: Array, nearness: float) -> bool:
        """One batch: the best move, then those of the next best that still help after it."""
        moves = self.propose(size, loss)
        cost = float(loss.sum())
        gain = self.gains(moves, nearness, cost)
        order = np.argsort(-gain, kind="stable")[:24]
        order = order[gain[order] > 1e-9]
        improved = False
        while len(order):
            chosen = moves[order[:1]]
            self.apply(chosen)
            improved = True
            rest = moves[order[1:]]
            if not len(rest.person):
                break
            rest.fits = self._fits(rest)
            cost = float(self.loss(self.statistics()).sum())
            gain = self.gains(rest, nearness, cost)
            again = np.argsort(-gain, kind="stable")
            order = order[1:][again[gain[again] > 1e-9]]
        return improved

    def _kick(self, loss: Array) -> None:
        """Disturb a dozen answers of the scores that miss, those nearest to a threshold."""
        missing = np.flatnonzero(loss @ self.pool_of)
        cells = np.concatenate([self.cells[place] for place in missing])
        cells = cells[self.rng.integers(len(cells), size=200)]
        index = tuple(cells.T)
        gap = self.latent[index] - self.answers[index]
        step = np.where(gap >= 0, 1, -1)
        after = self.answers[index] + step
        fits = (after >= self.problem.minimum) & (after <= self.problem.maximum)
        cells, step, gap = cells[fits], step[fits], gap[fits]
        nearest = np.argsort(-np.abs(gap), kind="stable")[:12]
        _, once = np.unique(cells[nearest], axis=0, return_index=True)
        for place in nearest[once]:
            self.answers[tuple(cells[place])] += step[place]
        self.refresh()


def _sd(total: Array, squares: Array, n: Array) -> Array:
    return np.sqrt(np.maximum(squares - total**2 / n, 0) / (n - 1))


def groups_of(columns: Mapping[str, Sequence[object]], present: Mask) -> dict[str, Mask]:
    """Persons x waves memberships: everybody present, and each value of each column."""
    found: dict[str, Mask] = {"all": present}
    for values in columns.values():
        text = np.array([str(value) for value in values])
        for value in np.unique(text):
            found[value] = present & (text == value)[:, None]
    return found
