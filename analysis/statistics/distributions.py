"""How are answers distributed, and how stable are scores from one wave to the next?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from scipy import stats

from analysis.prepare import Prepared
from analysis.results import COHORT, Result, pair
from analysis.statistics import estimates, resampling
from analysis.statistics.estimates import Codes, Floats
from analysis.statistics.level import scored
from analysis.statistics.people import BASELINE, FOLLOWUP
from analysis.statistics.samples import ALL, at_wave, clusters, matched
from analysis.study import Survey

RETEST = (
    "Pearson correlation of baseline and follow-up (scipy); interval from a jackknife over schools"
)
SKEW = "skewness of the answers to one item, adjusted for sample size (scipy)"


def answers(prepared: Prepared, survey: Survey) -> Iterator[Result]:
    """Which answers people give: their shares over the items of each scale, and how skewed.

    Over all schools, at each wave. ``answer_3`` and so on are percentages of all answers to the
    scale's items, as scored: those to reversed items are turned round. Answers that fewer people
    gave than may be shown are counted with a neighbour (``answer_1_2``). ``n`` is the smallest
    number of people who gave one of them. ``skew_lowest`` and ``skew_highest`` are those of the
    scale's items; nought is symmetrical, below it most answers are high.
    """
    fewest = prepared.study.asked(survey).minimum
    for wave in prepared.study.wave_ids:
        people = at_wave(prepared, survey, wave)
        for name in survey.instruments:
            instrument = prepared.instruments[name]
            for subscale in instrument.subscales:
                common: dict[str, Any] = {
                    "unit": COHORT,
                    "source": survey.id,
                    "instrument": name,
                    "analysis": "answers",
                    "measure": subscale.id,
                    "wave": wave,
                    "group": ALL,
                }
                places = [
                    p for p, item in enumerate(instrument.items) if item.subscale == subscale.id
                ]
                given = [instrument.responses(instrument.items[place]) for place in places]
                options = range(
                    int(min(each.minimum for each in given)),
                    int(max(each.maximum for each in given)) + 1,
                )
                points = scored(instrument, people, places)
                yield from _shares(common, options, points, fewest)
                yield from _skews(common, points)


def retest(prepared: Prepared, survey: Survey) -> Iterator[Result]:
    """How closely each score's baseline and follow-up go together in those who answered twice.

    Statistic ``r`` of every score, over all schools. It is lowered by measurement error and by
    people changing differently, and says nothing of whether the mean changed.
    """
    study = prepared.study
    both = matched(prepared, survey)
    for name in survey.instruments:
        for score in prepared.instruments[name].scores:
            columns = [f"{name}.{score}{wave}" for wave in (BASELINE, FOLLOWUP)]
            pairs = both.known(*columns)
            x, y = map(pairs.numbers, columns)
            if len(pairs) < 3 or np.ptp(x) == 0 or np.ptp(y) == 0:
                continue
            schools = estimates.school_codes(clusters(pairs))
            value = float(stats.pearsonr(x, y).statistic)
            low, high = resampling.jackknife_interval(value, _without_each_school(x, y, schools))
            yield Result(
                unit=COHORT,
                source=survey.id,
                instrument=name,
                analysis="retest",
                measure=score,
                wave=pair(study.baseline, study.followup),
                group=ALL,
                statistic="r",
                value=value,
                ci_low=max(low, -1.0),
                ci_high=min(high, 1.0),
                level=estimates.LEVEL,
                n=float(len(pairs)),
                n_schools=estimates.number_of_schools(schools),
                method=RETEST,
            )


def _shares(
    common: dict[str, Any], options: range, points: Floats, fewest: int
) -> Iterator[Result]:
    total = int(np.sum(~np.isnan(points)))
    if not total:
        return
    classes = _classes(options, points, fewest)
    n = min(people for people in classes.values() if people)
    for low, high in classes:
        count = int(np.sum((points >= low) & (points <= high)))
        yield Result(
            **common,
            statistic=f"answer_{low}" if low == high else f"answer_{low}_{high}",
            value=100 * count / total,
            n=float(n),
            numerator=float(count),
            denominator=float(total),
            method="share of all answers to the items of the scale, as scored",
        )


def _classes(options: range, points: Floats, fewest: int) -> dict[tuple[int, int], int]:
    """Lowest and highest answer of each class, and how many gave one of it (rows of ``points``).

    Each answer is a class of its own, unless some people gave it but fewer than ``fewest``: it is
    then joined with the neighbour that fewer people gave.
    """
    found = [(option, option, (points == option).any(axis=1)) for option in options]
    while len(found) > 1:
        people = [int(who.sum()) for _, _, who in found]
        small = [place for place, number in enumerate(people) if 0 < number < fewest]
        if not small:
            break
        beside = [p for p in (small[0] - 1, small[0] + 1) if 0 <= p < len(found)]
        first, last = sorted((small[0], min(beside, key=people.__getitem__)))
        (low, _, some), (_, high, others) = found[first], found[last]
        found[first : last + 1] = [(low, high, some | others)]
    return {(low, high): int(who.sum()) for low, high, who in found}


def _skews(common: dict[str, Any], points: Floats) -> Iterator[Result]:
    columns = [column[~np.isnan(column)] for column in points.T]
    known = [column for column in columns if len(column) > 2 and np.ptp(column) > 0]
    if not known:
        return
    skews = [float(stats.skew(column, bias=False)) for column in known]
    n = float(min(len(column) for column in known))
    for statistic, value in (("skew_lowest", min(skews)), ("skew_highest", max(skews))):
        yield Result(**common, statistic=statistic, value=value, n=n, method=SKEW)


def _without_each_school(x: Floats, y: Floats, schools: Codes) -> Floats:
    """The correlation without each school in turn, from sums of products."""
    x, y = x - x.mean(), y - y.mean()
    rows = np.column_stack([np.ones_like(x), x, y, x * x, y * y, x * y])
    n, sx, sy, xx, yy, xy = (rows.sum(axis=0) - estimates.school_sums(rows, schools)).T
    with np.errstate(invalid="ignore", divide="ignore"):
        varies = (xx - sx**2 / n) * (yy - sy**2 / n)
        known = (n >= 3) & (varies > 1e-12 * (rows[:, 3].sum() * rows[:, 4].sum()))
        return np.where(known, (xy - sx * sy / n) / np.sqrt(varies), np.nan)
