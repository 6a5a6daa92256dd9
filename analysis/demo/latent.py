"""Plausible answers before they are fitted: a latent-variable model of a questionnaire.

Each item's latent value is what a respondent would answer on an endless scale: the subscale's
mean, the school's effect, a general and a subscale-specific part of the person (both kept, in
part, from one wave to the next) and an error of the item's own. Rounded and cut off at the ends
of the scale it becomes an answer. The error is as large as the wanted Cronbach's alpha asks for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

#: Variance that rounding to whole scale points adds to an item.
ROUNDING = 1 / 12


@dataclass(frozen=True)
class Scale:
    """A subscale as it should come out, in scale points.

    ``mean`` and ``sd`` are of the respondents' subscale means, ``retest`` the correlation of the
    same person's means at two waves, ``icc`` the share of their variance between schools.
    Items differ in their means by ``offsets``, or, where none are given, by chance within
    ``item_spread`` of the subscale's mean.
    """

    items: int
    mean: float
    sd: float
    alpha: float = 0.84
    retest: float = 0.62
    icc: float = 0.10
    item_spread: float = 0.22
    offsets: tuple[float, ...] = ()


def draw(
    rng: np.random.Generator,
    scales: Sequence[Scale],
    clusters: NDArray[np.int64],
    *,
    shared: float = 0.62,
) -> Array:
    """Latent values of every person, wave and item.

    Parameters
    ----------
    rng
        Source of randomness.
    scales
        The subscales in the order of their items.
    clusters
        School (a number from 0) of each person (rows) at each wave (columns).
    shared
        Correlation of the true scores of two subscales.

    Returns
    -------
    numpy.ndarray
        Persons x waves x items.
    """
    persons, waves = clusters.shape
    schools = int(clusters.max()) + 1
    general_school = rng.standard_normal(schools)
    retest = float(np.mean([scale.retest / scale.alpha for scale in scales]))
    general = _kept(rng, persons, waves, min(retest, 0.97))
    blocks = []
    for scale in scales:
        true_sd = np.sqrt(scale.alpha) * scale.sd
        between = scale.sd * np.sqrt(scale.icc)
        within = np.sqrt(max(true_sd**2 - between**2, 0.05 * true_sd**2))
        kept = min(scale.retest / scale.alpha, 0.97)
        own = _kept(rng, persons, waves, kept)
        person = within * (np.sqrt(shared) * general + np.sqrt(1 - shared) * own)
        # Schools keep their climate: a lasting part, shared by the subscales, and a passing one.
        lasting = np.sqrt(0.6) * general_school + np.sqrt(0.4) * rng.standard_normal(schools)
        passing = rng.standard_normal((schools, waves))
        effect = between * (np.sqrt(0.8) * lasting[:, None] + np.sqrt(0.2) * passing)
        school = np.take_along_axis(effect, clusters, axis=0)
        error_sd = np.sqrt(max(scale.items * scale.sd**2 * (1 - scale.alpha) - ROUNDING, 0.05))
        offsets = rng.permutation(np.linspace(-1, 1, scale.items)) * scale.item_spread
        if scale.offsets:
            offsets = np.array(scale.offsets)
        errors = rng.standard_normal((persons, waves, scale.items)) * error_sd
        blocks.append(scale.mean + (person + school)[:, :, None] + offsets + errors)
    return np.concatenate(blocks, axis=2)


def answers(latent: Array, minimum: int, maximum: int) -> Array:
    """Latent values as scale points; missing stays missing."""
    return np.clip(np.rint(latent), minimum, maximum)


def _kept(rng: np.random.Generator, persons: int, waves: int, correlation: float) -> Array:
    """Standard normal values of persons at waves, each correlated with the wave before."""
    values = rng.standard_normal((persons, waves))
    for wave in range(1, waves):
        fresh = np.sqrt(1 - correlation**2) * values[:, wave]
        values[:, wave] = correlation * values[:, wave - 1] + fresh
    return values
