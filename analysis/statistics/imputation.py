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

Supposes that answers are missing at random given the other wave's answer, the attributes and the
school, that scores and schools' shares in them are normal with the same spread everywhere, and
that the attributes' effects are the same in all schools. Scores end where their scale ends, so
some imputed ones lie beyond it: they are right as a whole, for means, and are not shown one by one.
"""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

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


def impute(scores: Floats, terms: Floats, schools: Codes) -> Floats | None:
    """Scores with what is missing drawn anew in each of 50 chains of a Gibbs sampler.

    Parameters
    ----------
    scores
        People by waves; missing where not answered.
    terms
        People by attributes, as numbers, with a constant. Columns may tell the same.
    schools
        Each person's school.

    Returns
    -------
    Imputations by people by waves; ``None`` where a wave's answers do not vary.
    """
    centre, spread = np.nanmean(scores, axis=0), np.nanstd(scores, axis=0)
    if not (spread > 0).all():
        return None
    order = np.argsort(schools, kind="stable")
    y = np.ascontiguousarray(((scores - centre) / spread)[order].T)
    places = np.unique(schools[order], return_inverse=True)[1]
    drawn = _chains(y, terms[order], places).swapaxes(1, 2)
    found = np.empty_like(drawn)
    found[:, order] = drawn * spread + centre
    # What was answered stays as it was, to the last digit.
    return np.where(np.isnan(scores), found, scores)


def _chains(y: Floats, x: Floats, places: Codes) -> Floats:
    """The last step of each chain: chains by waves by people, who are sorted by school."""
    rng = np.random.default_rng(SEED)
    waves = len(y)
    sizes = np.bincount(places).astype("float64")
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype("intp")
    roots, axes = np.linalg.eigh(x.T @ x)
    told = roots > 1e-10 * roots.max()
    # Terms turned so that they are unrelated, without those that others tell already.
    turned = x @ (axes[:, told] / np.sqrt(roots[told]))
    patterns = [
        (np.flatnonzero((np.isnan(y) == pattern[:, None]).all(axis=0)), pattern)
        for pattern in np.unique(np.isnan(y), axis=1).T
        if pattern.any()
    ]
    data = np.where(np.isnan(y), rng.normal(size=(IMPUTATIONS, *y.shape)), y)
    within: Floats = np.broadcast_to(np.eye(waves), (IMPUTATIONS, waves, waves))
    between: Floats = PRIOR_SCHOOLS * within
    added: Floats = np.zeros((IMPUTATIONS, waves, len(sizes)))
    for _ in range(STEPS):
        effects = _times(data - added[..., places], turned)
        effects += np.linalg.cholesky(within) @ rng.normal(size=effects.shape)
        rest = data - _times(effects, turned.T)
        precision = np.linalg.inv(within)
        covariance = np.linalg.inv(
            sizes[:, None, None] * precision[:, None] + np.linalg.inv(between)[:, None]
        )
        sums = (precision @ np.add.reduceat(rest, starts, axis=2)).swapaxes(1, 2)[..., None]
        noise = rng.normal(size=sums.shape)
        of_schools = covariance @ sums + np.linalg.cholesky(covariance) @ noise
        added = of_schools[..., 0].swapaxes(1, 2)
        between = _covariance(rng, added, PRIOR_SCHOOLS)
        rest -= added[..., places]
        within = _covariance(rng, rest, PRIOR_PEOPLE)
        for people, missing in patterns:
            drawn = _drawn(rng, rest[..., people], within, missing)
            data[..., people] += drawn - rest[..., people]
    return data


def _times(stacked: Floats, matrix: Floats) -> Floats:
    """Each of a stack of matrices times one, in a single product."""
    flat = stacked.reshape(-1, stacked.shape[-1]) @ matrix
    return flat.reshape(*stacked.shape[:-1], -1)


def _covariance(rng: Generator, deviations: Floats, prior: float) -> Floats:
    """A covariance of each chain from its posterior, inverse Wishart (Bartlett's decomposition)."""
    chains, size, number = deviations.shape
    scale = prior * np.eye(size) + deviations @ deviations.swapaxes(1, 2)
    lower = np.tril(rng.normal(size=(chains, size, size)), -1)
    freedom = PRIOR_DF + number - np.arange(size)
    lower[:, range(size), range(size)] = np.sqrt(rng.chisquare(freedom, size=(chains, size)))
    half = np.linalg.cholesky(np.linalg.inv(scale)) @ lower
    found: Floats = np.linalg.inv(half @ half.swapaxes(1, 2))
    return found


def _drawn(rng: Generator, rest: Floats, within: Floats, missing: NDArray[np.bool_]) -> Floats:
    """What is left after terms and schools, of people who lack the same waves, drawn anew."""
    gaps, known = np.flatnonzero(missing), np.flatnonzero(~missing)
    spread = within[:, gaps[:, None], gaps]
    expected = np.zeros_like(rest[:, gaps])
    if len(known):
        across = within[:, gaps[:, None], known]
        weights = across @ np.linalg.inv(within[:, known[:, None], known])
        spread = spread - weights @ across.swapaxes(1, 2)
        expected = weights @ rest[:, known]
    found = rest.copy()
    found[:, gaps] = expected + np.linalg.cholesky(spread) @ rng.normal(size=expected.shape)
    return found
