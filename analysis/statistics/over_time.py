"""Over time, with everybody who ever answered; and what missing waves may have done.

The likelihood model uses every answer of every wave, whoever gave it and however often. It is
valid where answers are missing at random: people alike in the answers they did give (and in
school) are alike in those they did not. Multiple imputation rests on the same assumption with
attributes added. Neither can put right people staying away because of what they would have
said.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from analysis.prepare import Prepared, wave_dates
from analysis.results import COHORT, Result, pair
from analysis.statistics import estimates, imputation, mixed
from analysis.statistics.attrition import described_by
from analysis.statistics.change import holm
from analysis.statistics.estimates import Codes, Flags, Floats
from analysis.statistics.people import People
from analysis.statistics.resampling import SEED
from analysis.statistics.samples import (
    ALL,
    BOTH_SCHOOLS,
    at_wave,
    at_waves,
    of_both,
    rows_of_both,
    school_groups,
    with_last_school,
)
from analysis.study import Study, Survey


def over_time(prepared: Prepared, survey: Survey) -> Iterator[Result]:
    """Difference of every wave from the baseline, and the trend, from all answers of all waves.

    For every score. A mixed model with wave as a factor and random intercepts for schools and
    people (:mod:`analysis.statistics.mixed`); with three waves or more also with time in years
    since each school's own baseline as a trend. ``p_holm`` and ``p_trend_holm`` are Holm's correction over the instrument's
    subscales (the total apart), for each wave and for the trend. ``school_variance``,
    ``person_variance`` and ``residual_variance`` are the model's variance components.
    """
    for name in survey.instruments:
        instrument = prepared.instruments[name]
        family: list[Result] = []
        for score in instrument.scores:
            family.extend(_over_time(prepared, survey, name, score))
        yield from family
        for wave in sorted({result.wave for result in family}):
            at_wave = [result for result in family if result.wave == wave]
            for plain in ("p", "p_trend"):
                yield from holm(at_wave, instrument, plain)


def _over_time(prepared: Prepared, survey: Survey, name: str, score: str) -> Iterator[Result]:
    study = prepared.study
    people = at_waves(prepared, survey, study.wave_ids).known(f"{name}.{score}")
    counts = people["wave"].value_counts()
    seen = [wave for wave in study.wave_ids if counts.get(wave, 0) >= 3]
    if len(seen) < 2 or study.baseline not in seen:
        return
    people = with_last_school(study, people.where(people["wave"].isin(seen)))
    # Somebody is of one school in the model: of that where they answered last.
    schools = estimates.school_codes(people[BOTH_SCHOOLS[1]])
    persons = estimates.school_codes(people["respondent"])
    values, waves = people.numbers(f"{name}.{score}"), people["wave"]
    others = [wave for wave in seen if wave != study.baseline]
    design = pd.DataFrame(
        {"constant": 1.0, **{w: (waves == w).to_numpy(dtype="float64") for w in others}}
    )
    common: dict[str, Any] = {
        "unit": COHORT,
        "source": survey.id,
        "instrument": name,
        "analysis": "over_time",
        "measure": score,
        "group": ALL,
        "n_schools": estimates.number_of_schools(schools),
    }
    model = mixed.fit(values, design, schools, persons)
    smallest = float(min(counts[wave] for wave in seen))
    for wave in others:
        at = common | {"wave": pair(study.baseline, wave), "n": smallest}
        if model is None:
            yield Result(**at, statistic="difference", value=math.nan, method=mixed.NO_MODEL)
            continue
        estimate = model.estimate(**{wave: 1.0})
        yield Result(**at, statistic="difference", **estimates.fields(estimate))
        yield Result(**at, statistic="p", value=estimate.p, df=estimate.df, method=estimate.method)
        yield Result(
            **at, statistic="people", value=float(persons.max() + 1),
            method="people with an answer at any wave",
        )  # fmt: skip
    if model is None:
        return
    span = common | {"wave": pair(seen[0], seen[-1]), "n": float(len(people))}
    if model.converged:
        for component in ("school", "person", "residual"):
            yield Result(
                **span, statistic=f"{component}_variance", value=getattr(model, component),
                method="REML variance component",
            )  # fmt: skip
    if len(seen) < 3:
        return
    trend = pd.DataFrame({"constant": 1.0, "years": years_since_baseline(prepared, people)})
    line = mixed.fit(values, trend, schools, persons)
    if line is not None:
        estimate = line.estimate(years=1.0)
        method = "points per year, from the middle of each school's own waves; " + estimate.method
        yield Result(**span, statistic="trend", **estimates.fields(estimate) | {"method": method})
        yield Result(**span, statistic="p_trend", value=estimate.p, df=estimate.df, method=method)


def years_since_baseline(prepared: Prepared, people: People) -> Floats:
    """Years from the middle of each school's own baseline to that of the wave of each response.

    So gaps between waves may be uneven, and other in one school than in another.
    """
    study = prepared.study
    dates = prepared.wave_dates
    if dates is None:
        dates = wave_dates.of_study(study, prepared.schools)
    middle = dates["start"] + (dates["end"] - dates["start"]) / 2
    (school, schools), (wave, waves) = (pd.factorize(people[each]) for each in ("school", "wave"))
    at = middle.reindex(pd.MultiIndex.from_product([schools, waves])).to_numpy()
    base = middle.reindex(pd.MultiIndex.from_product([schools, [study.baseline]])).to_numpy()
    away = (at.reshape(len(schools), -1) - base[:, None]) / np.timedelta64(1, "D") / 365.25
    return np.asarray(away[school, wave], dtype="float64")


def imputed(prepared: Prepared, survey: Survey) -> Iterator[Result]:
    """Change of every score with missing waves imputed, for all who answered either.

    Both waves' scores jointly from the attributes, the phase and schools as random effects
    (:mod:`analysis.statistics.imputation`). 50 imputations; the mean change of each with its
    variance over schools, combined by Rubin's rules. Attributes that change from wave to wave
    (the year group) would mean one thing for those who answered first and another for those who
    answered last, and are left to the school to tell. ``missing`` is the share of variance due to what is not known. Scores are imputed
    one by one, each from the other wave's answers to the same score.
    """
    study, frame = prepared.study, prepared.surveys[survey.id]
    persons = estimates.school_codes(frame["respondent"])
    described = described_by(prepared, survey, at_wave(prepared, survey, study.baseline))
    described = [*school_groups(study), *_lasting(study, frame, described)]
    for name in survey.instruments:
        for score in prepared.instruments[name].scores:
            values = frame[f"{name}.{score}"].to_numpy(dtype="float64")
            rows = _either(study, frame, persons, ~np.isnan(values))
            observed = (rows >= 0).T
            if observed.all():
                continue
            complete = int(observed.all(axis=1).sum())
            schools = of_both(_said(frame["school"], rows), _said(frame["school"], rows[::-1]))
            number = estimates.number_of_schools(schools)
            common: dict[str, Any] = {
                "unit": COHORT,
                "source": survey.id,
                "instrument": name,
                "analysis": "imputed",
                "measure": score,
                "wave": pair(study.baseline, study.followup),
                "group": ALL,
                "n": float(complete),
                "n_schools": number,
            }
            why, completed = "", None
            if complete < 10 or number < 3:
                why = "fewer than ten people answered both times, or fewer than three schools did"
            else:
                kinds, terms = _kinds(frame, rows, described)
                scores = np.where(observed, values[rows.T], np.nan)
                completed = imputation.impute(scores, terms[kinds], schools)
            if completed is None:
                why = why or "the answers of one wave do not vary"
                yield Result(
                    **common, statistic="difference", value=math.nan, method=f"no imputation: {why}"
                )
            else:
                yield from _pooled(common, means_of_change(completed, schools), len(observed))
                yield from _tipping(common, completed, schools, observed[:, 0] & ~observed[:, 1])


def pooled(found: Floats) -> tuple[float, float, float, float, float]:
    """Rubin's rules over imputations (rows) of mean change, its variance and its df.

    Degrees of freedom are Satterthwaite's of the sum of the two variances, each resting on the
    schools, and that between imputations on their number too. Barnard and Rubin's (1999) make
    them smaller by what is missing for each person, where it is schools that are few: with three
    to eight they made intervals up to eight times as wide as with nothing missing, covering 99
    to 100%.

    Returns
    -------
    The change, both ends of its interval, its df, and the share of variance due to what is
    missing.
    """
    value, variances = float(found[:, 0].mean()), found[:, 1]
    within, between = float(variances.mean()), float(found[:, 0].var(ddof=1))
    extra = (1 + 1 / len(found)) * between
    share = extra / (within + extra)
    # Both parts rest on the schools, what imputations differ by on their number as well.
    full = float(found[:, 2].mean())
    df = 1 / ((1 - share) ** 2 / full + share**2 * (1 / full + 1 / (len(found) - 1)))
    half = estimates.quantile(df) * math.sqrt(within + extra)
    return value, value - half, value + half, df, share


def _pooled(common: dict[str, Any], found: Floats, people: int) -> Iterator[Result]:
    value, low, high, df, share = pooled(found)
    method = (
        f"{imputation.IMPUTATIONS} imputations by a joint linear mixed model of both waves with "
        f"schools as random effects (Schafer and Yucel, 2002; seed {SEED}), combined by Rubin's "
        "rules; variance over schools CR2"
    )
    yield Result(
        **common,
        statistic="difference",
        value=value,
        ci_low=low,
        ci_high=high,
        df=df,
        level=estimates.LEVEL,
        method=method,
    )
    yield Result(
        **common, statistic="missing", value=share, method="fraction of variance; " + method
    )
    yield Result(
        **common,
        statistic="people",
        value=float(people),
        method="people who answered either wave",
    )


def _lasting(study: Study, frame: pd.DataFrame, names: list[str]) -> list[str]:
    """Of these attributes, those in which nine in ten said the same at both waves (who said it)."""
    rows = rows_of_both(study, frame)
    found = []
    for name in names:
        said = [pd.Series(frame[name].array.take(at)) for at in rows]
        both = (said[0].fillna("") != "") & (said[1].fillna("") != "")
        if both.any() and float((said[0] == said[1])[both].mean()) >= 0.9:
            found.append(name)
    return found


def _either(study: Study, frame: pd.DataFrame, persons: Codes, known: Flags) -> Codes:
    """Rows of the baseline and of the follow-up of those of whom a score is known at either.

    -1 where it is not. In the order of the survey's table: in that of their hashes, what is drawn
    for whom would depend on the key, and so on the machine.
    """
    rows = np.full((2, int(persons.max(initial=-1)) + 1), -1)
    people = []
    for at, wave in enumerate((study.baseline, study.followup)):
        there = np.flatnonzero((frame["wave"] == wave).to_numpy() & known)
        rows[at, persons[there]] = there
        people.append(persons[there])
    first, last = people
    return rows[:, np.concatenate([first, last[rows[0, last] < 0]])]


def _said(column: pd.Series, rows: Codes) -> pd.Series:
    """What people said at the first of two waves, or else at the second."""
    first, second = (pd.Series(column.array.take(at, allow_fill=True)) for at in rows)
    return first.fillna(second)


def _kinds(frame: pd.DataFrame, rows: Codes, described: list[str]) -> tuple[Codes, Floats]:
    """Which kind of people each is by the attributes, and each kind's terms, with a constant."""
    kinds, values = np.zeros(rows.shape[1], dtype=np.intp), []
    for name in described:
        codes, found = pd.factorize(_said(frame[name], rows).astype("str"), use_na_sentinel=False)
        kinds = kinds * len(found) + codes
        values.append(found)
    left, places = np.unique(kinds, return_inverse=True)
    attributes = {}
    for name, found in zip(described[::-1], values[::-1], strict=True):
        left, codes = np.divmod(left, len(found))
        attributes[name] = pd.Series(found.take(codes))
    table = pd.DataFrame({name: attributes[name] for name in described}, index=range(len(left)))
    # get_dummies refuses a table without columns: a study need not say anything of its people.
    known = table if table.empty else pd.get_dummies(table, drop_first=True, dtype="float64")
    return places, known.assign(constant=1.0).to_numpy(dtype="float64")


def tipping(completed: imputation.Imputed, schools: Codes, left: Flags) -> float:
    """How far those who left would have to be from what is imputed, for another conclusion.

    Delta-adjusted imputation (Carpenter and Kenward, 2013, Multiple Imputation and its
    Application, 10): so many points are added to the imputed follow-up of everybody in ``left``.
    The one nearest to nought with which the interval of the change just includes nought, if it
    leaves it out, or just leaves it out, if it includes it. Missing if nobody left, or there is none
    within 100 times the width of the interval.
    """
    pairs = _pairs_of(schools)
    counts = np.bincount(pairs, weights=left.astype("float64"), minlength=len(completed.sizes))
    share = counts.sum() / completed.sizes.sum()
    if not share > 0:
        return math.nan

    over = _Over(schools, completed.sizes)

    def ends(delta: float) -> tuple[float, float, float]:
        sums = completed.sums.copy()
        sums[:, 1] += delta * counts
        return pooled(over.means(replace(completed, sums=sums)))[:3]

    value, low, high = ends(0.0)
    out = low > 0 or high < 0
    sign = 1.0 if value > 0 else -1.0
    # Towards nought where the interval leaves it out, else further away from it.
    towards = -sign if out else sign
    step = (high - low) / share

    def beyond(delta: float) -> bool:
        _, bottom, top = ends(towards * delta)
        near = bottom if sign > 0 else -top
        return near <= 0 if out else near > 0

    reach = step / 8
    while not beyond(reach):
        reach *= 2
        if reach > 100 * step:
            return math.nan
    least = 0.0 if reach == step / 8 else reach / 2
    for _ in range(40):
        middle = (least + reach) / 2
        least, reach = (least, middle) if beyond(middle) else (middle, reach)
    return towards * reach


def _tipping(
    common: dict[str, Any], completed: imputation.Imputed, schools: Codes, left: Flags
) -> Iterator[Result]:
    delta = tipping(completed, schools, left)
    if math.isnan(delta):
        return
    yield Result(
        **common | {"n": min(common["n"], float(left.sum()))},
        statistic="tipping",
        value=delta,
        method="points added to the imputed follow-up of all who left, at which the interval of "
        "the change just says otherwise (delta-adjusted imputation)",
    )


def _pairs_of(schools: Codes) -> Codes:
    """Each person's pair of schools, in the order in which imputed sums have them."""
    both = estimates.both_schools(schools)
    if both is None:
        return estimates.school_codes(schools)
    return estimates.school_codes(both[:, 0] * (both.max() + 1) + both[:, 1])


def means_of_change(completed: imputation.Imputed, schools: Codes) -> Floats:
    """Of each imputation the mean change, its variance over schools, and degrees of freedom.

    :func:`analysis.statistics.estimates.mean` of everybody's change, from its sums over schools.
    """
    return _Over(schools, completed.sizes).means(completed)


class _Over:
    """The schools that a mean change varies over: the same, whatever is imputed."""

    def __init__(self, schools: Codes, sizes: Floats) -> None:
        both = estimates.both_schools(schools)
        each = np.arange(len(sizes))
        self._sizes, parts = sizes, [(1.0, each)]
        if both is not None:
            # One school for the sums of a pair of schools.
            first = np.unique(_pairs_of(schools), return_index=True)[1]
            parts = [(1.0, both[first, 0]), (1.0, both[first, 1]), (-1.0, each)]
        self._parts = []
        for sign, of_school in parts:
            people = np.bincount(of_school, weights=sizes)
            self._parts.append((sign, of_school, 1 - people[people > 0] / sizes.sum()))
        # They depend on the schools' numbers of people only, so any numbers will do.
        self._df = estimates.mean(np.arange(len(schools)), schools).df

    def means(self, completed: imputation.Imputed) -> Floats:
        """:func:`means_of_change`."""
        people = float(self._sizes.sum())
        change = completed.sums[:, 1] - completed.sums[:, 0]
        value = change.sum(axis=1) / people
        if math.isnan(self._df):  # everybody is of one school, at some wave
            return np.column_stack([value, *np.full((2, len(value)), math.nan)])
        rest = change - value[:, None] * self._sizes
        variances = []
        for _, of_school, free in self._parts:
            sums = estimates.school_sums(rest.T, of_school)
            variances.append(np.sum(sums.T**2 / free, axis=1) / people**2)
        signed = sum(sign * v for (sign, *_), v in zip(self._parts, variances, strict=True))
        variance = np.where(signed > 0, signed, np.max(variances[:2], axis=0))
        return np.column_stack([value, variance, np.full(len(value), self._df)])
