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
3. *Drift and kick*: in a dead end, make some of the least harmful moves and go on; after long
   without progress, go back to the best answers, disturb a few of them and search again.

The moves matter: opposite steps of two people or of two items of one person keep a mean while
changing a spread, and the same step at both waves keeps a difference while changing both means.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.demo.calibration import calibrate
from analysis.demo.problem import (
    Problem,
    Score,
    Target,
    groups_of,
    printed_box,
    tightness,
)
from analysis.demo.search import Search

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Random = np.random.Generator

#: Share of a target's box that the search aims at, unless groups press against each other more.
INNER = 0.93

__all__ = [
    "Problem",
    "Score",
    "Solution",
    "Target",
    "groups_of",
    "printed_box",
    "reconstruct",
    "tightness",
]


@dataclass(frozen=True)
class Solution:
    """The answers found, and what is known about them."""

    answers: Array
    values: Array
    missed: tuple[str, ...]
    changed: int
    batches: int
    start_hits: int


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
    pressed = max(tightness(problem, missing).values(), default=0.0)
    search = Search(problem, values, missing, rng, float(np.clip(pressed + 0.03, INNER, 0.985)))
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
