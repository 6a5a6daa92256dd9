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

Of what is drawn only sums are kept: a mean and its variance over schools need no more. People of
one school whose attributes are the same and who lack the same wave are taken together, and what
is drawn is the sum of their answers (normal) and the scatter of them all about such sums (of the
other wave's, one normal number; what is left, chi-squared): the same distribution as person by
person, with as many numbers as there are such groups.

Supposes that answers are missing at random given the other wave's answer, the attributes and the
school, that scores and schools' shares in them are normal with the same spread everywhere, and
that the attributes' effects are the same in all schools. Scores end where their scale ends, so
some imputed ones lie beyond it: they are right as a whole, for means, and are not shown one by one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.random import Generator

from analysis.statistics import estimates
from analysis.statistics.estimates import Codes, Flags, Floats
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
    places = estimates.school_codes(schools)
    pairs = places
    both = estimates.both_schools(schools)
    if both is not None:
        pairs = estimates.school_codes(both[:, 0] * (both.max() + 1) + both[:, 1])
    gaps = np.isnan(scores)
    kept = pd.DataFrame(terms).assign(pair=pairs, gap=gaps[:, 0] + 2 * gaps[:, 1])
    cells = kept.groupby(list(kept.columns), sort=True).ngroup().to_numpy()
    # Schools together, so that sums over each are sums of neighbours.
    first = np.unique(cells, return_index=True)[1]
    order = np.argsort(places[first], kind="stable")
    cells = np.argsort(order)[cells]
    first = first[order]
    groups = _Groups((scores - centre) / spread, terms[first], cells, places[first], gaps[first].T)
    sums, scatter = _chains(groups, np.random.default_rng(seed))
    sizes = np.bincount(cells).astype("float64")
    products = scatter + _crossed(sums, sizes)
    by_pair = np.zeros((len(sums), 2, int(pairs.max()) + 1))
    for one, into in zip(sums, by_pair, strict=True):
        for wave in range(2):
            into[wave] = np.bincount(pairs[first], weights=one[wave], minlength=into.shape[1])
    counts = np.bincount(pairs).astype("float64")
    # Back from standard scores: (s x + c)(t y + d) summed.
    totals = sums.sum(axis=2) * spread
    shift = totals[:, :, None] * centre + centre[:, None] * totals[:, None, :]
    products = products * np.outer(spread, spread) + shift + len(scores) * np.outer(centre, centre)
    return Imputed(by_pair * spread[:, None] + counts * centre[:, None], counts, products)


@dataclass(frozen=True)
class _Groups:
    """People of one school, with the same attributes, who lack the same wave, taken together.

    ``scores`` are people by waves, standardised; ``terms``, ``places`` (schools, in order) and
    ``gaps`` (waves by groups: what is missing) are of groups, ``cells`` each person's group.
    """

    scores: Floats
    terms: Floats
    cells: Codes
    places: Codes
    gaps: Flags

    def scatter(self, wave: int, other: int, chosen: Flags) -> float:
        """Sum of products of two waves' scores about their groups' means, of chosen groups."""
        people = chosen[self.cells]
        first, second = self.scores[people, wave], self.scores[people, other]
        cells = self.cells[people]
        sizes = np.maximum(np.bincount(cells), 1)
        means = np.bincount(cells, weights=first) / sizes
        return float(np.sum((first - means[cells]) * second))


def _chains(groups: _Groups, rng: Generator) -> tuple[Floats, Floats]:
    """Each chain's last step: sums of the groups' scores, and the scatter about their means."""
    number = np.bincount(groups.cells).astype("float64")
    roots, axes = np.linalg.eigh(groups.terms.T @ (groups.terms * number[:, None]))
    told = roots > 1e-10 * roots.max()
    # Terms turned so that they are unrelated, without those that others tell already.
    turned = groups.terms @ (axes[:, told] / np.sqrt(roots[told]))
    sizes = np.bincount(groups.places, weights=number)
    starts = np.concatenate([[0], np.flatnonzero(np.diff(groups.places)) + 1]).astype("intp")
    known = np.where(np.isnan(groups.scores), 0.0, groups.scores)
    observed = np.array([np.bincount(groups.cells, weights=wave) for wave in known.T])
    missing = [_Missing(groups, wave, number) for wave in (0, 1) if groups.gaps[wave].any()]
    complete: Flags = ~np.any(groups.gaps, axis=0)
    apart = np.array([[groups.scatter(one, other, complete) for other in (0, 1)] for one in (0, 1)])
    sums = np.repeat(observed[None], IMPUTATIONS, axis=0)
    scatter = np.repeat(apart[None], IMPUTATIONS, axis=0)
    within: Floats = np.broadcast_to(np.eye(2), (IMPUTATIONS, 2, 2))
    between: Floats = PRIOR_SCHOOLS * within
    for each in missing:
        rest = np.zeros_like(sums)
        scatter = scatter + each.drawn(rng, rest, within)
        sums = sums + rest
    added: Floats = np.zeros((IMPUTATIONS, 2, len(sizes)))
    unequal, size_of = np.unique(sizes, return_inverse=True)
    for _ in range(STEPS):
        effects = _times(sums - number * added[..., groups.places], turned)
        effects += np.linalg.cholesky(within) @ rng.normal(size=effects.shape)
        rest = sums - number * _times(effects, turned.T)
        precision = np.linalg.inv(within)
        covariance = np.linalg.inv(
            unequal[:, None, None] * precision[:, None] + np.linalg.inv(between)[:, None]
        )
        half = np.linalg.cholesky(covariance)
        of_school = precision @ np.add.reduceat(rest, starts, axis=2)
        noise = rng.normal(size=of_school.shape)
        added = np.einsum("cgij,cjg->cig", covariance[:, size_of], of_school)
        added += np.einsum("cgij,cjg->cig", half[:, size_of], noise)
        between = _covariance(rng, added @ added.swapaxes(1, 2), len(sizes), PRIOR_SCHOOLS)
        rest -= number * added[..., groups.places]
        about = _crossed(rest, number) + scatter
        within = _covariance(rng, about, float(number.sum()), PRIOR_PEOPLE)
        sums -= rest
        scatter = apart + sum(each.drawn(rng, rest, within) for each in missing)
        sums += rest
    return sums, scatter


class _Missing:
    """Groups who lack one wave, and the scatter of the other, which they answered."""

    def __init__(self, groups: _Groups, wave: int, number: Floats) -> None:
        self._wave, self._other = wave, 1 - wave
        self._chosen = np.flatnonzero(groups.gaps[wave])
        self._number = number[self._chosen]
        self._seen = groups.scatter(1 - wave, 1 - wave, groups.gaps[wave])
        self._free = float(self._number.sum() - len(self._chosen))

    def drawn(self, rng: Generator, rest: Floats, within: Floats) -> Floats:
        """Scatter within the groups; the sums of what they lack, less what is told, in ``rest``.

        What a person lacks is a multiple of what they answered, plus something of their own.
        """
        wave, other, chains = self._wave, self._other, len(rest)
        slope = within[:, wave, other] / within[:, other, other]
        own = np.sqrt(within[:, wave, wave] - slope * within[:, wave, other])
        noise = rng.normal(size=(chains, len(self._chosen))) * np.sqrt(self._number)
        expected = slope[:, None] * rest[:, other, self._chosen]
        rest[:, wave, self._chosen] = expected + own[:, None] * noise
        found = np.zeros((chains, 2, 2))
        found[:, other, other] = self._seen
        # The own parts' scatter along what was answered, and what is left of it.
        answered = self._seen > 1e-12 and self._free >= 1
        along = rng.normal(size=chains) if answered else np.zeros(chains)
        left = self._free - 1 if answered else self._free
        beside = rng.chisquare(left, size=chains) if left > 0 else np.zeros(chains)
        cross = own * along * np.sqrt(self._seen)
        found[:, wave, other] = found[:, other, wave] = slope * self._seen + cross
        found[:, wave, wave] = (
            slope**2 * self._seen + 2 * slope * cross + own**2 * (along**2 + beside)
        )
        return found


def _times(stacked: Floats, matrix: Floats) -> Floats:
    """Each of a stack of matrices times one, in a single product."""
    flat = stacked.reshape(-1, stacked.shape[-1]) @ matrix
    return flat.reshape(*stacked.shape[:-1], -1)


def _crossed(sums: Floats, number: Floats) -> Floats:
    """Products of waves' sums over the groups' numbers, summed: chains by waves by waves."""
    found: Floats = (sums / number) @ sums.swapaxes(1, 2)
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
