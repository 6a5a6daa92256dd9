"""Regression to the mean: what the lowest schools would have done had nothing happened."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from analysis.prepare import Prepared
from analysis.results import COHORT, Result, pair
from analysis.statistics.estimates import LEVEL, Floats
from analysis.statistics.people import BASELINE, FOLLOWUP
from analysis.statistics.resampling import AT_ONCE, SEED
from analysis.statistics.samples import ALL, matched
from analysis.study import Survey

#: The lowest quarter of schools, and never fewer than this; none with fewer than twice as many.
SHARE, LEAST = 0.25, 3
#: So many schools are exchanged in every way; of more, so many ways are drawn.
EVERY, DRAWS = 11, 2_000
OBSERVED = "mean change of these schools, each counting the same"


def chosen(means: Mapping[str, float]) -> list[str]:
    """The lowest schools by their means at baseline; none where there are too few to choose from."""
    count = max(LEAST, math.ceil(SHARE * len(means)))
    if len(means) < 2 * LEAST:
        return []
    return sorted(means, key=lambda school: (means[school], school))[:count]


def expected(baseline: Floats, followup: Floats, count: int) -> Floats:
    """Mean changes of the ``count`` lowest schools had nothing happened, as many as exchanges.

    If nothing happened but what happened to all, the two means of a school, each less the mean
    over schools at its wave, could as well have come in the other order. So each school keeps or
    exchanges its two means by chance, the lowest by what is then the first are chosen anew, and
    what they then change by is regression to the mean: it needs no model of how schools vary.
    """
    first, second = baseline - baseline.mean(), followup - followup.mean()
    k = len(first)
    if k <= EVERY:
        swapped = np.array(list(product((False, True), repeat=k)))
    else:
        swapped = np.random.default_rng(SEED).random((DRAWS, k)) < 0.5
    found: Floats = np.concatenate(
        [
            _changes(np.where(some, second, first), np.where(some, first, second), count)
            for some in np.array_split(swapped, max(swapped.size // AT_ONCE, 1))
        ]
    )
    return found


def _changes(first: Floats, second: Floats, count: int) -> Floats:
    """Of each exchange (a row) the mean change of the ``count`` schools that stand lowest."""
    lowest = np.argsort(first, axis=1, kind="stable")[:, :count]
    found: Floats = np.take_along_axis(second - first, lowest, axis=1).mean(axis=1)
    return found


def lowest(prepared: Prepared, survey: Survey) -> Iterator[Result]:
    """Change of the schools that stood lowest at baseline, and what chance alone would make of it.

    In the same people, of schools in which enough answered both times for release. ``lowest`` is
    their mean change, ``everybody`` that of all these schools, ``expected`` what the lowest would
    have changed had nothing happened (:func:`expected`; its interval holds 95% of exchanges), and
    ``schools`` how many they are.
    """
    study = prepared.study
    both = matched(prepared, survey)
    fewest = study.asked(survey).minimum
    for name in survey.instruments:
        for score in prepared.instruments[name].scores:
            columns = [f"{name}.{score}{wave}" for wave in (BASELINE, FOLLOWUP)]
            known = both.known("school", *columns)
            first, last = map(known.numbers, columns)
            ends = pd.DataFrame({"first": first, "last": last})
            summed = ends.groupby(known["school"]).agg(["count", "mean"])
            summed = summed[summed["first", "count"] >= fewest]
            means = dict(zip(summed.index.astype("str"), summed["first", "mean"], strict=True))
            names = chosen(means)
            if not names:
                continue
            baseline = summed["first", "mean"].to_numpy("float64")
            followup = summed["last", "mean"].to_numpy("float64")
            change = followup - baseline
            of_lowest = summed.index.astype("str").isin(names)
            people = summed["first", "count"].to_numpy("float64")
            common: dict[str, Any] = {
                "unit": COHORT, "source": survey.id, "instrument": name, "analysis": "lowest",
                "measure": score, "wave": pair(study.baseline, study.followup), "group": ALL,
            }  # fmt: skip
            few = common | {"n": float(people[of_lowest].sum()), "n_schools": float(len(names))}
            every = common | {"n": float(people.sum()), "n_schools": float(len(means))}
            yield Result(
                **few, statistic="lowest", value=float(change[of_lowest].mean()), method=OBSERVED
            )
            yield Result(
                **every, statistic="everybody", value=float(change.mean()), method=OBSERVED
            )
            by_chance = expected(baseline, followup, len(names))
            tail = (1 - LEVEL) / 2
            low, high = np.quantile(by_chance, (tail, 1 - tail))
            ways = "every exchange" if len(means) <= EVERY else f"{DRAWS} exchanges, seed {SEED}"
            yield Result(
                **every, statistic="expected", value=float(by_chance.mean()), ci_low=float(low),
                ci_high=float(high), level=LEVEL,
                method=f"mean change of the lowest over {ways} of schools' two means",
            )  # fmt: skip
            yield Result(
                **few, statistic="schools", value=float(len(names)),
                denominator=float(len(means)), method="the lowest quarter of schools",
            )  # fmt: skip
