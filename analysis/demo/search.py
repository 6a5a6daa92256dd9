"""Second step of a reconstruction: answers changed one or two at a time until targets hold."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from analysis.demo.problem import LEVEL, PAIRED, Problem, scored_answers, values_of

Array = NDArray[np.float64]
Whole = NDArray[np.int64]
Mask = NDArray[np.bool_]
Random = np.random.Generator

#: Share of a target's box that is good enough, and the batches without progress before no more
#: is asked for. The search aims at a smaller share, to stay clear of the edges.
EDGE = 0.99
PATIENCE = 60
#: Weight of nearness after a kick: low, since nearly all targets hold by then.
AFTER_KICK = 0.005
#: Batches without progress before the search goes back to its best answers and disturbs them.
GIVE_UP = 120


@dataclass
class Moments:
    """Sums over people that the statistics are made of: one entry per cell in use."""

    level: Array
    level_squares: Array
    first: Array
    last: Array
    first_squares: Array
    last_squares: Array
    products: Array

    def plus(self, other: Moments) -> Moments:
        """Entry by entry; ``other`` may have a leading axis of moves."""
        return Moments(
            self.level + other.level,
            self.level_squares + other.level_squares,
            self.first + other.first,
            self.last + other.last,
            self.first_squares + other.first_squares,
            self.last_squares + other.last_squares,
            self.products + other.products,
        )


@dataclass
class Moves:
    """A batch of moves: up to two answers each, one scale point up or down.

    ``step`` is 0 where a move has no second answer.
    """

    person: Whole
    wave: Whole
    item: Whole
    step: Whole
    fits: Mask = field(default_factory=lambda: np.zeros(0, dtype=bool))

    def __getitem__(self, rows: NDArray[np.int64]) -> Moves:
        return Moves(
            self.person[rows], self.wave[rows], self.item[rows], self.step[rows], self.fits[rows]
        )


class Search:
    """Answers, and everything kept up to date as they change."""

    def __init__(
        self, problem: Problem, latent: Array, missing: Mask, rng: Random, inner: float = 0.93
    ) -> None:
        self.problem = problem
        self.rng = rng
        self.missing = missing
        self.inner = inner
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
        scored = scored_answers(problem, self.answers, self.missing)
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
        self.scored = scored_answers(self.problem, self.answers, self.missing)
        x = self.scored.values
        at_level = x[:, self.level_wave, self.level_score] * self.level_in
        first = x[:, self.pair_first, self.pair_score] * self.pair_in
        last = x[:, self.pair_last, self.pair_score] * self.pair_in
        self.moments = Moments(
            at_level.sum(axis=0),
            (at_level**2).sum(axis=0),
            first.sum(axis=0),
            last.sum(axis=0),
            (first**2).sum(axis=0),
            (last**2).sum(axis=0),
            (first * last).sum(axis=0),
        )

    def statistics(self, moments: Moments | None = None) -> Array:
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
        outside = np.abs(found - self.middle) / self.half - self.inner
        # Squared near the box, linear far away, so that no target drowns the others.
        loss: Array = np.where(outside > 1, 2 * outside - 1, np.maximum(outside, 0) ** 2)
        return loss

    # Moves

    def changes(self, moves: Moves) -> tuple[Moments, Array]:
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
            new = values_of(self.problem, self.scored.sums[moves.person] + sums, counts, valid)
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
        moments = Moments(
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

    def gains(self, moves: Moves, nearness: float, cost: float) -> Array:
        """By how much each move lowers the cost; minus infinity where it does not fit."""
        # A move off the scale must not be worked out: a table has no value for it.
        possible = replace(moves, step=np.where(moves.fits[:, None], moves.step, 0))
        moments, distance = self.changes(possible)
        loss = self.loss(self.statistics(self.moments.plus(moments))).sum(axis=-1)
        gain = cost - loss - nearness * distance
        return np.where(moves.fits, gain, -np.inf)

    def apply(self, moves: Moves) -> None:
        """Make one move (the first of ``moves``)."""
        moments, _ = self.changes(moves)
        self.moments = self.moments.plus(
            Moments(*(getattr(moments, name)[0] for name in vars(moments)))
        )
        for side in range(2):
            person, wave = moves.person[0, side], moves.wave[0, side]
            item, step = moves.item[0, side], moves.step[0, side]
            self.answers[person, wave, item] += step
            self.scored.sums[person, wave] += step * self.items_of[item]
        people = np.unique(moves.person[0])
        self.scored.values[people] = values_of(
            self.problem,
            self.scored.sums[people],
            self.scored.counts[people],
            self.scored.valid[people],
        )

    def propose(self, number: int, loss: Array) -> Moves:
        """A batch of moves, more of them for scores whose targets miss by more."""
        rng = self.rng
        weight = np.sqrt(loss @ self.pool_of)
        weight = weight / weight.sum() if weight.sum() > 0 else np.ones(len(weight)) / len(weight)
        share = rng.multinomial(number, weight)
        first = np.concatenate(
            [
                pool[rng.integers(len(pool), size=k)]
                for pool, k in zip(self.cells, share, strict=True)
                if k
            ]
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
        moves = Moves(
            np.stack([first[:, 0], second[:, 0]], axis=1),
            np.stack([first[:, 1], second[:, 1]], axis=1),
            np.stack([first[:, 2], second[:, 2]], axis=1),
            np.stack([step, other], axis=1),
        )
        moves.fits = self._fits(moves)
        return moves

    def _fits(self, moves: Moves) -> Mask:
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
        number = 0
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
            elif since_best >= GIVE_UP:
                self.answers = best.copy()
                self.refresh()
                self._kick(self.loss(self.statistics()))
                nearness, stalled, since_best = AFTER_KICK, 0, 0
            elif stalled >= 2 and nearness <= 1e-4:
                self._drift(batch, loss)
                stalled = 0
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

    def _drift(self, size: int, loss: Array) -> None:
        """Make a few of the least harmful moves, to get out of a dead end.

        Means of few people can take few values; the ones wanted may be reached only by way of
        answers that are a little worse.
        """
        for _ in range(2):
            moves = self.propose(size, loss)
            gain = self.gains(moves, 0.0, float(loss.sum()))
            least = np.argsort(-gain, kind="stable")[:30]
            least = least[np.isfinite(gain[least])]
            if len(least):
                chosen = self.rng.choice(least)
                self.apply(moves[np.array([chosen])])

    def _kick(self, loss: Array) -> None:
        """Disturb a few answers of the scores that miss, those nearest to a threshold."""
        missing = np.flatnonzero(loss @ self.pool_of)
        cells = np.concatenate([self.cells[place] for place in missing])
        cells = cells[self.rng.integers(len(cells), size=200)]
        index = tuple(cells.T)
        gap = self.latent[index] - self.answers[index]
        step = np.where(gap >= 0, 1, -1)
        after = self.answers[index] + step
        fits = (after >= self.problem.minimum) & (after <= self.problem.maximum)
        cells, step, gap = cells[fits], step[fits], gap[fits]
        nearest = np.argsort(-np.abs(gap), kind="stable")[: self.rng.integers(2, 13)]
        _, once = np.unique(cells[nearest], axis=0, return_index=True)
        for place in nearest[once]:
            self.answers[tuple(cells[place])] += step[place]
        self.refresh()


def _sd(total: Array, squares: Array, n: Array) -> Array:
    return np.sqrt(np.maximum(squares - total**2 / n, 0) / (n - 1))
