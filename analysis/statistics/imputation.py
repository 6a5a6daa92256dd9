"""Missing scores drawn from a model in which schools are random: multiple imputation.

Joint imputation by a multivariate linear mixed model (Schafer and Yucel, 2002, Journal of
Computational and Graphical Statistics 11:437-457; R's package ``pan``). The scores of a person at
every wave are normal around what attributes say and what their school adds at each wave; both the
people and the schools may go together between waves in their own way. So imputed answers are
alike within schools as real ones are, schools with few answers borrow from the others, and any
number of schools takes three numbers to describe. A column for each school instead makes schools
differ too much (Drechsler, 2015, Journal of Educational and Behavioral Statistics 40:69-95), and
a model without schools too little; Grund, Lüdtke and Robitzsch (2018, Organizational Research
Methods 21:111-149) compare them, van Buuren (2018, Flexible Imputation of Missing Data, ch. 7)
introduces them.

Of what is drawn only sums are kept: a mean and its variance over schools need no more, and nor does
the model. What the own parts of the people who lack a wave add up to (in each school, along each
attribute and along the wave that they answered) is normal with a covariance that those people's
attributes give once and for all, and what else their squares add up to is chi-squared: the same
distribution as person by person, with as many numbers as there are schools and attributes.

Supposes that answers are missing at random given the other wave's answer, the attributes and the
school, that scores and schools' shares in them are normal with the same spread everywhere, and
that the attributes' effects are the same in all schools. Scores end where their scale ends, so
some imputed ones lie beyond it: they are right as a whole, for means, and are not shown one by one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from analysis.statistics import estimates
from analysis.statistics.estimates import Codes, Floats
from analysis.statistics.resampling import SEED

#: About as many as the per cent of variance that is missing (White, Royston and Wood, 2011,
#: Statistics in Medicine 30:377-399).
IMPUTATIONS = 50
#: Steps of each chain; its last is one imputation, so that imputations are independent.
STEPS = 30
#: Priors: inverse Wishart of the people's and the schools' covariance, in units of the scores'
#: variance. That of schools weighs as two schools whose share of the variance is a twentieth.
PRIOR_DF, PRIOR_PEOPLE, PRIOR_SCHOOLS = 2.0, 1.0, 0.1


@dataclass(frozen=True)
class Imputed:
    """Completed scores of two waves as sums, a row for each imputation.

    ``sums`` are imputations by waves by schools, schools in order of their first appearance (or
    pairs of schools, where people moved); ``sizes`` are the schools' people, ``products``
    imputations by waves by waves: sums of products of all scores, about nought.
    """

    sums: Floats
    sizes: Floats
    products: Floats

    def covariances(self) -> Floats:
        """Covariance of the two waves' scores in each imputation (n - 1)."""
        n = self.sizes.sum()
        totals = self.sums.sum(axis=2)
        found: Floats = (self.products - totals[:, :, None] * totals[:, None, :] / n) / (n - 1)
        return found


def impute(scores: Floats, terms: Floats, schools: Codes, seed: int = SEED) -> Imputed | None:
    """Scores with what is missing drawn anew in each of 50 chains of a Gibbs sampler.

    Parameters
    ----------
    scores
        People by two waves; missing where not answered. Everybody answered one.
    terms
        People by attributes, as numbers, with a constant. Columns may tell the same.
    schools
        Each person's school; or two, of which the last is the one in the model, and sums are
        given of each pair of them.

    Returns
    -------
    ``None`` where a wave's answers do not vary.
    """
    centre, spread = np.nanmean(scores, axis=0), np.nanstd(scores, axis=0)
    if not (spread > 0).all():
        return None
    cells = estimates.school_codes(schools)
    places = np.arange(int(cells.max()) + 1)
    both = estimates.both_schools(schools)
    if both is not None:
        school = cells
        cells = estimates.school_codes(both[:, 0] * (both.max() + 1) + both[:, 1])
        places = school[np.unique(cells, return_index=True)[1]]
    people = _People((scores - centre) / spread, _turned(terms), cells, places)
    sums, products = _chains(people, np.random.default_rng(seed))
    counts = np.bincount(cells).astype("float64")
    # Back from standard scores: (s x + c)(t y + d) summed.
    totals = sums.sum(axis=2) * spread
    shift = totals[:, :, None] * centre + centre[:, None] * totals[:, None, :]
    products = products * np.outer(spread, spread) + shift + len(scores) * np.outer(centre, centre)
    return Imputed(sums * spread[:, None] + counts * centre[:, None], counts, products)


def _axes(products: Floats) -> tuple[Floats, Floats]:
    """Variances along the axes of a table of products, and the axes, each in a direction of its own.

    Either direction of an axis is as good, and which one comes out hangs on rounding; but what is
    drawn along it is drawn in that direction. So all have the same side of a plane that no table
    lies in.
    """
    roots, axes = np.linalg.eigh(products)
    side = np.sqrt(np.arange(2.0, len(axes) + 2)) @ axes
    return roots, axes * np.where(side < 0, -1.0, 1.0)


def _turned(terms: Floats) -> Floats:
    """Terms turned so that they are unrelated, without those that others tell already."""
    roots, axes = _axes(terms.T @ terms)
    told = roots > 1e-10 * roots.max()
    found: Floats = terms @ (axes[:, told] / np.sqrt(roots[told]))
    return found


@dataclass(frozen=True)
class _People:
    """Scores (standardised, people by two waves), terms (unrelated), and cells of people.

    A cell is a school, or a pair of schools; ``places`` is each cell's school in the model.
    """

    scores: Floats
    terms: Floats
    cells: Codes
    places: Codes

    def of_cells(self, values: Floats) -> Floats:
        """Sums over each cell: cells, by columns if there are any."""
        if values.ndim > 1:
            return np.column_stack([self.of_cells(column) for column in values.T])
        size = len(self.places)
        return np.bincount(self.cells, weights=values, minlength=size).astype("float64")


@dataclass
class _Sums:
    """Of each chain, sums of the completed scores: by cell, along terms, and of products."""

    cells: Floats
    terms: Floats
    products: Floats

    def copied(self) -> _Sums:
        return _Sums(self.cells.copy(), self.terms.copy(), self.products.copy())


def _chains(people: _People, rng: Generator) -> tuple[Floats, Floats]:
    """Each chain's last step: sums of scores by cell, and of products of the two waves' scores."""
    known = np.where(np.isnan(people.scores), 0.0, people.scores)
    terms = people.of_cells(people.terms)
    order = np.argsort(people.places, kind="stable")
    starts = np.flatnonzero(np.diff(people.places[order], prepend=-1))

    def of_schools(values: Floats) -> Floats:
        found: Floats = np.add.reduceat(values[..., order], starts, axis=-1)
        return found

    sizes = of_schools(np.bincount(people.cells).astype("float64"))
    terms_of = of_schools(terms.T)
    missing = [_Missing(people, wave) for wave in (0, 1) if np.isnan(people.scores[:, wave]).any()]
    answered = _Sums(
        np.repeat(people.of_cells(known).T[None], IMPUTATIONS, axis=0),
        np.repeat((known.T @ people.terms)[None], IMPUTATIONS, axis=0),
        np.repeat((known.T @ known)[None], IMPUTATIONS, axis=0),
    )
    within: Floats = np.broadcast_to(np.eye(2), (IMPUTATIONS, 2, 2))
    between: Floats = PRIOR_SCHOOLS * within
    effects: Floats = np.zeros_like(answered.terms)
    added: Floats = np.zeros((IMPUTATIONS, 2, len(sizes)))
    unequal, size_of = np.unique(sizes, return_inverse=True)

    def completed() -> _Sums:
        sums = answered.copied()
        for each in missing:
            each.draw(rng, sums, effects, added[..., people.places], within)
        return sums

    sums = completed()
    for _ in range(STEPS):
        effects = sums.terms - added @ terms_of.T
        effects += np.linalg.cholesky(within) @ rng.normal(size=effects.shape)
        by_school = of_schools(sums.cells)
        rest = by_school - effects @ terms_of
        precision = np.linalg.inv(within)
        covariance = np.linalg.inv(
            unequal[:, None, None] * precision[:, None] + np.linalg.inv(between)[:, None]
        )
        half = np.linalg.cholesky(covariance)
        noise = rng.normal(size=rest.shape)
        added = _each(covariance[:, size_of], precision @ rest) + _each(half[:, size_of], noise)
        between = _covariance(rng, added @ added.swapaxes(1, 2), len(sizes), PRIOR_SCHOOLS)
        # Squares of what is left: of scores less what terms and schools say of them.
        told = effects @ sums.terms.swapaxes(1, 2) + added @ by_school.swapaxes(1, 2)
        both = effects @ terms_of @ added.swapaxes(1, 2)
        left = sums.products - told - told.swapaxes(1, 2) + both + both.swapaxes(1, 2)
        left += effects @ effects.swapaxes(1, 2) + (added * sizes) @ added.swapaxes(1, 2)
        within = _covariance(rng, left, float(sizes.sum()), PRIOR_PEOPLE)
        sums = completed()
    return sums.cells, sums.products


class _Missing:
    """People who lack one wave: sums of their number, terms, and answers of the other wave."""

    def __init__(self, people: _People, wave: int) -> None:
        self._wave, self._other = wave, 1 - wave
        lacking = np.isnan(people.scores[:, wave])
        some = _People(
            people.scores[lacking], people.terms[lacking], people.cells[lacking], people.places
        )
        # Along terms, and along what they answered.
        along = np.column_stack([some.terms, some.scores[:, self._other]])
        self._number = np.bincount(some.cells, minlength=len(people.places)).astype("float64")
        self._cells, self._products = some.of_cells(along), along.T @ along
        there = np.divide(
            1.0, self._number, out=np.zeros_like(self._number), where=self._number > 0
        )
        self._mean = self._cells * there[:, None]
        roots, axes = _axes(self._products - self._mean.T @ self._cells)
        kept = roots > 1e-10 * np.maximum(np.diag(self._products).max(), 1e-300)
        self._half = axes[:, kept] * np.sqrt(roots[kept])
        self._left = max(self._number.sum() - np.count_nonzero(self._number) - kept.sum(), 0.0)

    def draw(
        self, rng: Generator, sums: _Sums, effects: Floats, added: Floats, within: Floats
    ) -> None:
        """Add what they lack to ``sums``: a multiple of what they answered, and their own parts."""
        wave, other, chains = self._wave, self._other, len(effects)
        slope = within[:, wave, other] / within[:, other, other]
        own = np.sqrt(within[:, wave, wave] - slope * within[:, wave, other])[:, None]
        # Expected: terms and the answer times one, and what the school adds.
        times = np.column_stack([effects[:, wave] - slope[:, None] * effects[:, other], slope])
        school = added[:, wave] - slope[:, None] * added[:, other]
        # Own parts summed over cells, along terms and the answer, and squared.
        plain = rng.normal(size=(chains, len(self._number))) * (self._number > 0)
        beside = rng.normal(size=(chains, self._half.shape[1]))
        squares = np.sum(plain**2, axis=1) + np.sum(beside**2, axis=1)
        if self._left > 0:
            squares += rng.chisquare(self._left, size=chains)
        noise = own * plain * np.sqrt(self._number)
        along_noise = noise @ self._mean + own * (beside @ self._half.T)
        along = times @ self._products + school @ self._cells
        cross = np.sum(times * (along + 2 * along_noise), axis=1)
        cross += np.sum(
            school * (times @ self._cells.T + school * self._number + 2 * noise), axis=1
        )
        sums.cells[:, wave] += times @ self._cells.T + school * self._number + noise
        drawn = along + along_noise
        sums.terms[:, wave] += drawn[:, :-1]
        sums.products[:, wave, other] += drawn[:, -1]
        sums.products[:, other, wave] += drawn[:, -1]
        sums.products[:, wave, wave] += cross + own[:, 0] ** 2 * squares


def _each(matrices: Floats, vectors: Floats) -> Floats:
    """Each school's matrix times its vector: chains by schools by two by two, and by two by schools."""
    found: Floats = np.stack(
        [
            matrices[:, :, wave, 0] * vectors[:, 0] + matrices[:, :, wave, 1] * vectors[:, 1]
            for wave in (0, 1)
        ],
        axis=1,
    )
    return found


def _covariance(rng: Generator, scatter: Floats, number: float, prior: float) -> Floats:
    """A covariance of each chain from its posterior, inverse Wishart (Bartlett's decomposition)."""
    chains, size = scatter.shape[:2]
    scale = prior * np.eye(size) + scatter
    lower = np.tril(rng.normal(size=(chains, size, size)), -1)
    freedom = PRIOR_DF + number - np.arange(size)
    lower[:, range(size), range(size)] = np.sqrt(rng.chisquare(freedom, size=(chains, size)))
    half = np.linalg.cholesky(np.linalg.inv(scale)) @ lower
    found: Floats = np.linalg.inv(half @ half.swapaxes(1, 2))
    return found
