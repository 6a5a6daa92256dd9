"""Do items work alike for whom they are compared: over waves, groups of schools and of people?

A scale compares people only where its items do: where two who stand alike on it answer an item
alike, whichever group they are in. An item of which that is not so works differently.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pingouin as pg
from numpy.typing import NDArray
from scipy import special

from analysis.instruments import Instrument
from analysis.prepare import Prepared
from analysis.results import COHORT, Result, pair
from analysis.statistics.estimates import Floats, number_of_schools, school_codes
from analysis.statistics.level import scored
from analysis.statistics.people import People
from analysis.statistics.samples import ALL, at_wave, at_waves, compared_as
from analysis.study import Survey
from analysis.words import slug

#: Scales of fewer items are not looked at: an item would be set against hardly more than itself.
FEWEST_ITEMS = 3
#: Groups of fewer people are not set against others.
FEWEST = 50
STEPS, SMALL = 60, 1e-10


class Difference(NamedTuple):
    """How an item works differently between groups.

    ``effect`` is what groups, and groups by score, add to Nagelkerke's R² of the score alone;
    ``uniform`` what groups alone add. ``p`` tests both at once.
    """

    effect: float
    uniform: float
    p: float
    df: int


def items(prepared: Prepared, survey: Survey) -> Iterator[Result]:
    """Which items work differently over waves, and between the groups that are compared.

    Ordinal logistic regression of the answer on the sum of the scale's items, then on the group,
    then on their product (Zumbo, 1999, A Handbook on the Theory and Methods of Differential Item
    Functioning): ``effect`` and ``effect_uniform`` are what these add to Nagelkerke's R², ``p`` is
    of the likelihood ratio of the first and the last, and ``p_holm`` corrects over the instrument's
    items. An item is said to work differently where ``p_holm`` is below .05 *and* the effect is at
    least .035, moderate by Jodoin and Gierl (2001, Applied Measurement in Education 14:329-349):
    p supposes that people are unrelated, which those of one school, or of two waves, are not, and
    the effect keeps what that lets through from being named (``docs/methods.md``).

    Of people who answered all items of a scale; groups of fewer than 50 are left out. Groups are
    compared at the follow-up.
    """
    study = prepared.study
    last = at_wave(prepared, survey, study.followup)
    ways: list[tuple[str, str, People, pd.Series]] = []
    if study.compares:
        both = at_waves(prepared, survey, study.pair_of_waves)
        ways.append((pair(study.baseline, study.followup), ALL, both, both["wave"]))
    for group in study.breakdowns(survey):
        if group.column in last:
            said = compared_as(last[group.column])
            ways.append((study.followup, slug(group.column), last, said))
    for name in survey.instruments:
        instrument = prepared.instruments[name]
        for wave, group_id, people, whose in ways:
            common: dict[str, Any] = {
                "unit": COHORT, "source": survey.id, "instrument": name,
                "analysis": "invariance", "wave": wave, "group": group_id,
            }  # fmt: skip
            yield from _of_instrument(common, instrument, people, whose)


def _of_instrument(
    common: dict[str, Any], instrument: Instrument, people: People, whose: pd.Series
) -> Iterator[Result]:
    schools = school_codes(people["school"])
    found: list[Result] = []
    for subscale in instrument.subscales:
        places = [i for i, item in enumerate(instrument.items) if item.subscale == subscale.id]
        if len(places) < FEWEST_ITEMS:
            continue
        own = scored(instrument, people, places)
        known = ~np.isnan(own).any(axis=1) & whose.notna().to_numpy()
        sizes = whose[known].value_counts()
        kept = sorted(str(value) for value, n in sizes.items() if n >= FEWEST)
        if len(kept) < 2:
            continue
        known &= whose.isin(kept).to_numpy()
        group = pd.Index(kept).get_indexer(pd.Index(whose[known]))
        total = own[known].sum(axis=1)
        base = common | {
            "n": float(sizes[kept].min()), "n_schools": number_of_schools(schools[known]),
        }  # fmt: skip
        for place, column in zip(places, own[known].T, strict=True):
            said = different(column, total, group)
            if said is None:
                continue
            at = base | {"measure": instrument.items[place].code}
            words = (
                f"ordinal logistic regression on the sum of {len(places)} items, {len(kept)} groups"
            )
            for statistic, value in (("effect", said.effect), ("effect_uniform", said.uniform)):
                yield Result(**at, statistic=statistic, value=value,
                             method=f"added to Nagelkerke's R2; {words}")  # fmt: skip
            found.append(Result(**at, statistic="p", value=said.p, df=float(said.df),
                                method=f"likelihood ratio; {words}; does not allow for schools"))  # fmt: skip
    yield from found
    if len(found) > 1:
        _, values = pg.multicomp([each.value for each in found], method="holm")
        for each, value in zip(found, values, strict=True):
            yield replace(each, statistic="p_holm", value=float(value), df=math.nan,
                          method=f"Holm over {len(found)} items, of: {each.method}")  # fmt: skip


def different(answers: Floats, score: Floats, group: NDArray[np.intp]) -> Difference | None:
    """Whether an item works differently between groups of the same score.

    Parameters
    ----------
    answers
        Each person's answer to the item.
    score
        Each person's score of the scale.
    group
        Each person's group, as whole numbers from nought.

    Returns
    -------
    Difference or None
        Nothing where all answered or scored alike, or a model has no maximum.
    """
    points, places = np.unique(answers, return_inverse=True)
    if len(points) < 2 or np.ptp(score) == 0:
        return None
    groups = int(group.max()) + 1
    # People who score alike, of one group, are one row.
    scores, at = np.unique(score, return_inverse=True)
    rows, cell = np.unique(at * groups + group, return_inverse=True)
    counted = np.bincount(cell * len(points) + places, minlength=len(rows) * len(points))
    counts: Floats = counted.reshape(len(rows), -1).astype("float64")
    standard = (scores[rows // groups] - score.mean()) / score.std()
    dummies = np.eye(groups)[rows % groups][:, 1:]
    designs = [standard[:, None], dummies, dummies * standard[:, None]]
    fits = [ordinal(counts, np.hstack(designs[: k + 1])) for k in range(3)]
    if any(math.isnan(fit) for fit in fits):
        return None
    n, whole = float(counts.sum()), counts.sum(axis=0)
    null = float(np.sum(whole * np.log(whole / n)))
    r2 = [(1 - math.exp(2 * (null - fit) / n)) / (1 - math.exp(2 * null / n)) for fit in fits]
    df = 2 * (groups - 1)
    ratio = max(2 * (fits[2] - fits[0]), 0.0)
    return Difference(r2[2] - r2[0], r2[1] - r2[0], float(special.chdtrc(df, ratio)), df)


def ordinal(counts: Floats, x: Floats) -> float:
    """Greatest log-likelihood of the proportional odds model (McCullagh, 1980).

    Parameters
    ----------
    counts
        How many gave each answer, by row of ``x`` and by answer in order.
    x
        What answers may depend on, by row, without a constant.

    Returns
    -------
    float
        Missing where it has no maximum. By Fisher scoring over rows that are alike, as
        statsmodels' ``OrderedModel``, which takes a row for each person, does not: it needs a
        hundred times as long, and a study has hundreds of items and groups.
    """
    total, cuts = counts.sum(axis=1), counts.shape[1] - 1
    share = np.cumsum(counts.sum(axis=0))[:-1] / counts.sum()
    at = np.concatenate([special.logit(share), np.zeros(x.shape[1])])
    own, ends = np.arange(cuts), slice(cuts, None)
    best, below, chance = _likelihood(counts, x, at, cuts)
    for _ in range(STEPS):
        slope = below * (1 - below)
        pull = counts / chance
        score = slope * (pull[:, :-1] - pull[:, 1:])
        weight = np.zeros((len(x), cuts, cuts))
        weight[:, own, own] = slope**2 * (1 / chance[:, :-1] + 1 / chance[:, 1:])
        beside = -slope[:, :-1] * slope[:, 1:] / chance[:, 1:-1]
        weight[:, own[:-1], own[1:]] = weight[:, own[1:], own[:-1]] = beside
        weight *= total[:, None, None]
        by_cut = weight.sum(axis=2)
        information = np.empty((len(at), len(at)))
        information[:cuts, :cuts] = weight.sum(axis=0)
        information[:cuts, ends] = -(by_cut.T @ x)
        information[ends, :cuts] = information[:cuts, ends].T
        information[ends, ends] = (x * by_cut.sum(axis=1)[:, None]).T @ x
        gradient = np.concatenate([score.sum(axis=0), -(x.T @ score.sum(axis=1))])
        try:
            step = np.linalg.solve(information, gradient)
        except np.linalg.LinAlgError:
            return math.nan
        size = 1.0
        while size > SMALL:
            there, below, chance = _likelihood(counts, x, at + size * step, cuts)
            if there >= best:
                break
            size /= 2
        else:
            return best
        at, gained, best = at + size * step, there - best, there
        if gained < SMALL * (1 + abs(best)):
            return best
    return math.nan


def _likelihood(counts: Floats, x: Floats, at: Floats, cuts: int) -> tuple[float, Floats, Floats]:
    """The log-likelihood, and chances to answer up to each cut and each answer, by row."""
    below = special.expit(at[:cuts] - (x @ at[cuts:])[:, None])
    chance = np.empty_like(counts)
    chance[:, 0], chance[:, -1] = below[:, 0], 1 - below[:, -1]
    np.subtract(below[:, 1:], below[:, :-1], out=chance[:, 1:-1])
    chance = np.maximum(chance, 1e-300)
    if (at[1:cuts] <= at[: cuts - 1]).any():
        return -math.inf, below, chance
    return float(np.sum(special.xlogy(counts, chance))), below, chance
