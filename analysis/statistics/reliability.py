"""Are the scales sound? Consistency of items, floor and ceiling."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pingouin as pg
from numpy.typing import NDArray
from statsmodels.multivariate.factor import Factor

from analysis.instruments import Instrument
from analysis.prepare import Prepared
from analysis.results import COHORT, Result
from analysis.statistics import estimates, resampling
from analysis.statistics.estimates import Codes, Flags, Floats
from analysis.statistics.level import scored
from analysis.statistics.people import People
from analysis.statistics.samples import at_wave, by_phase, clusters
from analysis.study import Survey

ALPHA = "Cronbach's alpha of complete answers (pingouin)"
OMEGA = (
    "McDonald's omega total of one factor, principal axes of the correlations of complete "
    "answers (statsmodels)"
)
FELDT = (
    "; interval by Feldt, Woodruff and Salih (pingouin), three decimals, does not allow for schools"
)
JACKKNIFE = "; interval from a jackknife over schools"
#: With fewer complete answers nothing is said of consistency.
FEWEST = 10
#: At most so many steps of principal axes, until communalities change by less than this.
STEPS, TOLERANCE = 200, 1e-9


def scales(prepared: Prepared, survey: Survey) -> Iterator[Result]:
    """Alpha and omega of every subscale, item-rest correlations, floor and ceiling.

    At each wave, over all schools and for each phase; a single school has too few people.

    ``alpha`` and ``omega`` have intervals that allow for schools (jackknife over schools);
    ``alpha_independent`` has Feldt's. Omega is ``(sum of loadings)^2 / ((sum of loadings)^2 +
    sum of uniquenesses)`` of a single factor (McDonald, 1999): it does not suppose, as alpha
    does, that all items measure the scale equally well, but does suppose that one factor
    accounts for what they share. R's ``psych::omega`` gives the same from one minres factor of
    the correlations ("omega total" for one factor); with more factors it means another thing.
    It needs three items.

    Where one item has the same answer from everybody, or fewer than ten people answered all, the
    three are missing and ``method`` says why; the other items' correlations are then not given
    either.

    ``item_rest`` is the correlation of an item with the mean of its subscale's others.
    ``floor`` and ``ceiling`` are shares of respondents at the lowest and highest score that the
    subscale can have; ``n`` is then the smaller of those in the share and the rest.
    """
    for wave in prepared.study.wave_ids:
        for group, people in by_phase(prepared.study, at_wave(prepared, survey, wave)):
            if len(people) < 3:
                continue
            schools = estimates.school_codes(clusters(people))
            for name in survey.instruments:
                instrument = prepared.instruments[name]
                for subscale in instrument.subscales:
                    common: dict[str, Any] = {
                        "unit": COHORT,
                        "source": survey.id,
                        "instrument": name,
                        "analysis": "reliability",
                        "wave": wave,
                        "group": group,
                    }
                    yield from _consistency(common, instrument, subscale.id, people, schools)
                    scores = people.numbers(f"{name}.{subscale.id}")
                    yield from _ends(
                        common | {"measure": subscale.id},
                        scores[~np.isnan(scores)],
                        instrument.score_limits(subscale.id),
                    )


def omega(correlations: Floats) -> float:
    """McDonald's omega total of one factor; missing for fewer than three items."""
    if len(correlations) < 3:
        return math.nan
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            fit = Factor(corr=correlations, n_factor=1, method="pa", nobs=1000).fit(
                maxiter=STEPS, tol=TOLERANCE
            )
        except (ValueError, np.linalg.LinAlgError):
            return math.nan
    return float(_omega_of(fit.loadings[:, 0]))


def omegas(correlations: Floats) -> Floats:
    """:func:`omega` of many correlation matrices at once, for the jackknife.

    The same principal axes as statsmodels', step for step, but for all matrices together (a
    test holds the two to each other); missing for all where one is singular, or an item does not
    vary.
    """
    loadings = np.full(correlations.shape[:2], np.nan)
    if correlations.shape[1] < 3 or not np.isfinite(correlations).all():
        return loadings[:, 0]
    try:
        with np.errstate(divide="ignore"):
            shared = 1 - 1 / np.diagonal(np.linalg.inv(correlations), axis1=1, axis2=2)
    except np.linalg.LinAlgError:
        return loadings[:, 0]
    if not np.isfinite(shared).all():
        return loadings[:, 0]
    reduced, at_work = correlations.copy(), np.arange(len(correlations))
    diagonal = np.arange(correlations.shape[1])
    for _ in range(STEPS):
        reduced[:, diagonal, diagonal] = shared
        roots, axes = np.linalg.eigh(reduced, UPLO="U")
        positive = roots[:, -1] > 0
        found = axes[:, :, -1] * np.sqrt(np.where(positive, roots[:, -1], np.nan))[:, None]
        loadings[at_work] = found
        moving = np.linalg.norm(found**2 - shared, axis=1) >= TOLERANCE
        reduced, shared, at_work = reduced[moving], found[moving] ** 2, at_work[moving]
        if not len(at_work):
            break
    return _omega_of(loadings)


def _omega_of(loadings: Floats) -> Floats:
    """Omega total from the loadings in the last dimension; missing with a loading beyond 1."""
    shared = loadings.sum(axis=-1) ** 2
    found = shared / (shared + np.sum(1 - loadings**2, axis=-1))
    return np.where(np.any(np.abs(loadings) > 1, axis=-1), np.nan, found)


def alpha_of(covariances: Floats) -> float:
    """Alpha from a covariance matrix (used where schools are left out in turn)."""
    k = len(covariances)
    total = float(covariances.sum())
    return k / (k - 1) * (1 - float(np.trace(covariances)) / total) if total > 0 else math.nan


def _consistency(
    common: dict[str, Any],
    instrument: Instrument,
    subscale: str,
    people: People,
    schools: Codes,
) -> Iterator[Result]:
    places = [p for p, item in enumerate(instrument.items) if item.subscale == subscale]
    if len(places) < 2:
        return
    answers = scored(instrument, people, places)
    complete: Flags = ~np.any(np.isnan(answers), axis=1)
    answers, codes = answers[complete], estimates.school_codes(schools[complete])
    base = common | {"n": float(len(answers)), "n_schools": estimates.number_of_schools(codes)}
    why = _unsuited(instrument, places, answers)
    if why:
        for statistic in ("alpha", "alpha_independent", "omega"):
            name = "omega" if statistic == "omega" else "alpha"
            yield Result(
                **base, measure=subscale, statistic=statistic, value=math.nan,
                method=f"no {name}: {why}",
            )  # fmt: skip
        return
    value, (low, high) = pg.cronbach_alpha(pd.DataFrame(answers), ci=estimates.LEVEL)
    leaving = _without_each_school(answers, codes)
    plain = Result(
        **base,
        measure=subscale,
        statistic="alpha_independent",
        value=float(value),
        ci_low=float(low),
        ci_high=float(high),
        level=estimates.LEVEL,
        method=ALPHA + FELDT,
    )
    yield plain
    without = np.array([alpha_of(cov) for cov in leaving])
    low, high = resampling.jackknife_interval(float(value), without)
    yield replace(
        plain, statistic="alpha", ci_low=low, ci_high=min(high, 1.0), method=ALPHA + JACKKNIFE
    )
    yield from _omega(
        replace(plain, statistic="omega", ci_low=math.nan, ci_high=math.nan),
        np.cov(answers, rowvar=False),
        leaving,
    )
    total = answers.sum(axis=1)
    for place, column in zip(places, answers.T, strict=True):
        rest = total - column
        if rest.std() == 0:
            continue
        yield Result(
            **base,
            measure=instrument.items[place].code,
            statistic="item_rest",
            value=float(np.corrcoef(column, rest)[0, 1]),
            method="correlation with the subscale's other items (numpy)",
        )


def _unsuited(instrument: Instrument, places: list[int], answers: Floats) -> str:
    """Why nothing can be said of these items' consistency, if so."""
    if len(answers) < FEWEST:
        return f"fewer than {FEWEST} people answered every item"
    alike = [instrument.items[p].code for p, s in zip(places, np.ptp(answers, axis=0), strict=True)
             if s == 0]  # fmt: skip
    if alike:
        return f"all who answered every item gave the same answer to {', '.join(alike)}"
    return ""


def _omega(result: Result, covariances: Floats, leaving: list[Floats]) -> Iterator[Result]:
    value = omega(_correlations(covariances))
    if len(covariances) < 3:
        yield replace(
            result, value=math.nan, method="omega needs three items; see alpha", level=math.nan
        )
        return
    if math.isnan(value):
        yield replace(
            result, value=math.nan, level=math.nan,
            method="no omega: one factor does not fit these answers (a loading beyond 1)",
        )  # fmt: skip
        return
    low = high = math.nan
    if leaving:
        without = omegas(np.array([_correlations(cov) for cov in leaving]))
        low, high = resampling.jackknife_interval(value, without)
    yield replace(
        result,
        value=value,
        ci_low=low,
        ci_high=min(high, 1.0),
        method=OMEGA + (JACKKNIFE if math.isfinite(low) else "; no interval"),
    )


def _ends(common: dict[str, Any], values: Floats, limits: tuple[float, float]) -> Iterator[Result]:
    if len(values) == 0:
        return
    for statistic, end in (("floor", limits[0]), ("ceiling", limits[1])):
        count = int(np.sum(np.isclose(values, end)))
        other = len(values) - count
        yield Result(
            **common,
            statistic=statistic,
            value=100 * count / len(values),
            n=float(min(count, other) if count and other else len(values)),
            numerator=float(count),
            denominator=float(len(values)),
            method=f"share of respondents with a score of {end:g}",
        )


def _without_each_school(answers: Floats, codes: NDArray[np.intp]) -> list[Floats]:
    """Covariance matrices without each school in turn."""
    centred = answers - answers.mean(axis=0)
    clusters = int(codes.max()) + 1
    sizes, sums = np.bincount(codes), estimates.school_sums(centred, codes)
    products = estimates.school_products(centred, centred, codes)
    total, everyone = products.sum(axis=0), float(len(answers))
    found = []
    for place in range(clusters):
        n = everyone - sizes[place]
        if n < 3:
            return []
        mean = -sums[place] / n
        found.append((total - products[place] - n * np.outer(mean, mean)) / (n - 1))
    return found


def _correlations(covariances: Floats) -> Floats:
    variances = np.diag(covariances)
    # What is left of an item that does not vary is the arithmetic's own noise.
    scale = np.sqrt(np.where(variances > 1e-12, variances, np.nan))
    found: Floats = covariances / np.outer(scale, scale)
    return found
