"""A school beside the others: its level less that of the other schools of its group.

The school itself is never part of what it is set beside. Where a group of schools says that it is
no benchmark, its schools stand beside none; where the study compares no groups of schools, beside
all others.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import pingouin as pg

from analysis.prepare import Prepared
from analysis.prepare.similar import alike
from analysis.results import COHORT, Result
from analysis.statistics import estimates
from analysis.statistics.estimates import Estimate, Floats
from analysis.statistics.samples import ALL, at_wave
from analysis.study import Survey

OTHERS = "mean of the respondents of the other schools of its group"
SIMILAR = "mean of the respondents of the other schools of its group that are like it"
DIFFERENCE = (
    "the school's mean less that of the other schools' respondents, for such a school in general; "
    "interval from the spread within the school and within the others (Welch)"
)
SHRUNKEN = (
    "mean drawn towards the other schools' the more, the less schools differ beyond chance "
    "(normal model of schools, averaged over the restricted likelihood of their spread)"
)
#: Points at which the likelihood of the schools' spread is taken, and how far they go.
GRID, FAR = 200, 6.0
#: Few schools tell little of how they spread: not shrunken below this.
LEAST = 3


@dataclass(frozen=True)
class Sums:
    """Respondents, means and sums of squared deviations of schools of one group."""

    n: Floats
    mean: Floats
    squares: Floats

    def others(self, place: int) -> Sums:
        """Without one school."""
        kept = np.arange(len(self.n)) != place
        return Sums(self.n[kept], self.mean[kept], self.squares[kept])

    @property
    def people(self) -> float:
        return float(self.n.sum())

    @property
    def level(self) -> float:
        """The mean of all their respondents."""
        return float(self.n @ self.mean / self.n.sum())

    @property
    def within(self) -> tuple[float, float]:
        """The variance within schools, and its degrees of freedom."""
        df = self.people - len(self.n)
        return (float(self.squares.sum()) / df if df > 0 else math.nan), df

    @cached_property
    def spread(self) -> tuple[Floats, Floats]:
        """Possible spreads between schools, and how likely each is."""
        variance = self.within[0]
        seen = math.sqrt(float(self.mean.var(ddof=1)) + variance / float(self.n.max()))
        tau = np.linspace(0.0, FAR * seen, GRID)
        each = variance / self.n + tau[:, None] ** 2
        precision = (1 / each).sum(axis=1)
        middle = (self.mean / each).sum(axis=1) / precision
        squares = ((self.mean - middle[:, None]) ** 2 / each).sum(axis=1)
        log = -0.5 * (np.log(each).sum(axis=1) + np.log(precision) + squares)
        likely = np.exp(log - log.max())
        # Over the variance: a step of tau is 2 tau steps of it.
        likely *= tau
        return tau, likely / likely.sum()


def beside(prepared: Prepared, survey: Survey) -> Iterator[Result]:
    """Each school beside the other schools of its group, in every score at follow-up.

    ``others`` is the mean of the other schools' respondents, ``difference`` the school's mean
    less that (:func:`difference`), with ``p`` and, over all schools of the programme, ``p_bh``
    (Benjamini and Hochberg). ``shrunken`` is the school's mean drawn towards ``others``
    (:func:`shrunken`), ``weight`` the share (in per cent) that rests on the school's own answers.
    ``n`` is the smaller of both numbers of respondents, ``n_schools`` the number of other schools.

    For the programme, ``funnel`` has the differences again, by place from the highest to the
    lowest and without a name, with the number of respondents, and ``spread``: the SD within
    schools by which they would lie apart by chance.
    """
    group = prepared.study.phases
    benchmarks = {each.id: each.benchmark for each in group.values} if group else {}
    wave = prepared.study.followup
    people = at_wave(prepared, survey, wave)
    schools_of = people["school"]
    known = people[group.column] if group else pd.Series("", index=schools_of.index)
    for name in survey.instruments:
        for score in prepared.instruments[name].scores:
            summed = _summed(people[f"{name}.{score}"], known, schools_of)
            common: dict[str, Any] = {
                "source": survey.id, "instrument": name, "measure": score, "wave": wave,
            }  # fmt: skip
            found: list[Result] = []
            for value, schools in summed.groupby(level=0, sort=True):
                if group and not benchmarks.get(str(value), False):
                    continue
                found += _of_group(
                    common,
                    [str(school) for school in schools.index.get_level_values(1)],
                    _sums(schools),
                )
            yield from found
            yield from _over_schools(common, found, summed)


def similar(prepared: Prepared, survey: Survey) -> Iterator[Result]:
    """Each school beside the others that are like it, in every score at follow-up.

    Those in the same group and the same bands (:func:`analysis.prepare.similar.alike`), of whose
    people at least the population's minimum have the score: one of fewer would be what the others
    leave, and no school could be set beside any. ``others``
    is the mean of their respondents, ``difference`` the school's mean less that
    (:func:`difference`), with ``p``. ``n`` is the smaller of both numbers of respondents,
    ``n_schools`` the number of the others.
    """
    wave = prepared.study.followup
    like = alike(prepared.study, prepared.schools, wave)
    if not any(like.values()):
        return
    minimum, people = prepared.study.asked(survey).minimum, at_wave(prepared, survey, wave)
    schools_of = people["school"]
    known = schools_of.map(like)
    for name in survey.instruments:
        for score in prepared.instruments[name].scores:
            summed = _summed(people[f"{name}.{score}"], known, schools_of)
            summed = summed[summed["count"] >= minimum]
            common: dict[str, Any] = {
                "source": survey.id, "instrument": name, "measure": score, "wave": wave,
                "analysis": "similar", "group": ALL,
            }  # fmt: skip
            for value, schools in summed.groupby(level=0, sort=True):
                sums = _sums(schools)
                for place, school in enumerate(schools.index.get_level_values(1)):
                    if value:
                        yield from _beside(common | {"unit": str(school)}, sums, place, SIMILAR)


def _summed(values: pd.Series, known: pd.Series, schools: pd.Series) -> pd.DataFrame:
    """Count, mean and variance of a score, by group and school, of those with any."""
    found = values.astype("float64").groupby([known, schools]).agg(["count", "mean", "var"])
    return found[found["count"] > 0].fillna({"var": 0.0})


def _sums(schools: pd.DataFrame) -> Sums:
    """The sums of schools of one group."""
    return Sums(
        schools["count"].to_numpy(dtype="float64"),
        schools["mean"].to_numpy(dtype="float64"),
        (schools["var"] * (schools["count"] - 1)).to_numpy(dtype="float64"),
    )


def difference(own: Sums, others: Sums) -> Estimate:
    """The mean of one school less that of the others' respondents.

    Both are of such schools in general: their people are a sample of all whom these very schools
    might have, and the schools are not a sample of others. The variance is the school's own over
    its respondents plus the one within the other schools over theirs, with Welch's (1947)
    degrees of freedom. Missing with fewer than two respondents, or where all answer alike.
    """
    value = own.level - others.level
    n, (spread, df) = own.people, others.within
    if n < 2 or not own.squares.sum() > 0 or not df > 0 or not spread > 0:
        return Estimate(value)
    mine, theirs = float(own.squares.sum()) / (n - 1) / n, spread / others.people
    welch = (mine + theirs) ** 2 / (mine**2 / (n - 1) + theirs**2 / df)
    se = math.sqrt(mine + theirs)
    half, t = estimates.quantile(welch) * se, value / se
    p = estimates.two_sided(t, welch)
    return Estimate(value, value - half, value + half, p, t, welch, DIFFERENCE, se)


def shrunken(schools: Sums, place: int) -> tuple[Estimate, float]:
    """The mean of one school drawn towards that of the others, and the weight of its own answers.

    Schools' true means are taken as normal around a common mean with spread tau, answers as normal
    with one variance within schools (as estimated). Given tau, the best guess lies between the
    school's own mean (variance v) and the others' (whose distance from the school's true mean has
    variance a) with weight a / (a + v) on its own, and errs with variance v a / (a + v). Both are
    averaged over the restricted likelihood of the variance tau squared (up to six times the spread
    that the means show): so that the interval knows that few schools say little of tau. Averaged
    over tau itself it covers too rarely, 93%, where twenty schools hardly differ. ``benchmarks/coverage.py`` has its coverage, over schools.
    """
    variance, df = schools.within
    others, own = schools.others(place), float(schools.mean[place])
    if len(schools.n) < LEAST or not df > 0 or not variance > 0:
        return Estimate(math.nan, what=SHRUNKEN), math.nan
    tau, likely = schools.spread
    shares = others.n / others.people
    a = tau**2 * (1 + float(shares @ shares)) + variance / others.people
    v = variance / schools.n[place]
    weights = a / (a + v)
    weight, distance = float(likely @ weights), own - others.level
    value = others.level + weight * distance
    error = v * weight + float(likely @ (weights - weight) ** 2) * distance**2
    se = math.sqrt(error)
    half = estimates.quantile(df) * se
    found = Estimate(
        value, value - half, value + half, df=df, se=se, how="interval of the same model",
        what=SHRUNKEN,
    )  # fmt: skip
    return found, weight


def _beside(base: dict[str, Any], schools: Sums, place: int, whom: str) -> Iterator[Result]:
    """One school beside the others of some: their mean, and its distance with its test."""
    others = schools.others(place)
    if not len(others.n):
        return
    base |= {
        "n": min(float(schools.n[place]), others.people), "n_schools": float(len(others.n)),
    }  # fmt: skip
    own = Sums(*(part[[place]] for part in (schools.n, schools.mean, schools.squares)))
    found = difference(own, others)
    yield Result(**base, statistic="others", value=others.level, method=whom)
    yield Result(**base, statistic="difference", **estimates.fields(found))
    if found.known:
        yield Result(**base, statistic="p", value=found.p, df=found.df, method=DIFFERENCE)


def _of_group(common: dict[str, Any], names: list[str], schools: Sums) -> Iterator[Result]:
    for place, name in enumerate(names):
        base = common | {"unit": name, "analysis": "beside", "group": ALL}
        found = list(_beside(base, schools, place, OTHERS))
        if not found:
            continue
        yield from found
        base |= {"n": found[0].n, "n_schools": found[0].n_schools}
        drawn, weight = shrunken(schools, place)
        if drawn.known:
            yield Result(**base, statistic="shrunken", **estimates.fields(drawn))
            yield Result(
                **base, statistic="weight", value=100 * weight,
                method="weight of the school's own mean in the shrunken one, per cent",
            )  # fmt: skip


def _over_schools(common: dict[str, Any], found: list[Result], summed: Any) -> Iterator[Result]:
    """Benjamini and Hochberg's correction over schools, and the funnel of the programme."""
    tests = {each.unit: each for each in found if each.statistic == "p"}
    corrected: dict[str, float] = {}
    if tests:
        values = [each.value for each in tests.values()]
        corrected = dict(
            zip(tests, map(float, pg.multicomp(values, method="fdr_bh")[1]), strict=True)
        )
    words = f"Benjamini-Hochberg over {len(tests)} schools, of: {DIFFERENCE}"
    people = {str(school): float(n) for (_, school), n in summed["count"].items()}
    programme = common | {"unit": COHORT, "analysis": "funnel"}
    order = sorted(
        (each for each in found if each.statistic == "difference" and each.unit in tests),
        key=lambda each: (-each.value, people[each.unit], each.unit),
    )
    for place, each in enumerate(order, start=1):
        p = corrected[each.unit]
        yield Result(
            **common, unit=each.unit, analysis="beside", group=ALL, statistic="p_bh", value=p,
            n=each.n, n_schools=each.n_schools, method=words,
        )  # fmt: skip
        at = programme | {"group": f"place_{place:03d}", "n": each.n}
        yield Result(**at, statistic="difference", value=each.value, method=DIFFERENCE)
        yield Result(**at, statistic="p_bh", value=p, method=words)
        yield Result(**at, statistic="n", value=people[each.unit], method="respondents")
    squares = float((summed["var"] * (summed["count"] - 1)).sum())
    df = float(summed["count"].sum()) - len(summed)
    if order and df > 0 and squares > 0:
        yield Result(
            **programme, group=ALL, statistic="spread", value=math.sqrt(squares / df),
            n=float(summed["count"].sum()), n_schools=float(len(summed)),
            method="standard deviation within schools",
        )  # fmt: skip
