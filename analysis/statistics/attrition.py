"""Who stayed? Those who answered again against those who did not, and what that does to change.

Weights are sensitivity results: they stand beside the unweighted change, never instead of it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pingouin as pg
from numpy.typing import ArrayLike
from scipy import special, stats

from analysis.prepare import Prepared
from analysis.results import COHORT, Result, pair
from analysis.statistics import estimates
from analysis.statistics.estimates import Codes, Estimate, Flags, Floats
from analysis.statistics.people import People
from analysis.statistics.samples import (
    ALL,
    at_wave,
    attributes,
    clusters,
    matched,
    rows_of_both,
    school_groups,
)
from analysis.study import Survey
from analysis.words import slug

#: Weights beyond these percentiles are set to them, so that no person counts for a crowd.
TRIM = (1.0, 99.0)
#: Of the logistic regression: its most steps, how little the deviance then changes, and how far
#: from nought no coefficient may be.
STEPS, CLOSE, FURTHEST = 50, 1e-8, 50.0
TINY = float(np.finfo("float64").eps)
#: People whose products are in memory at once.
AT_ONCE = 20_000
WEIGHTED = "; weights taken as known; "


def stayed(prepared: Prepared, survey: Survey) -> Iterator[Result]:
    """Matched respondents against those who answered the baseline only.

    Per score ``difference`` (stayed less left) with an interval that allows for schools, the
    standardised difference ``smd`` (over the root of the average of both variances; Austin,
    2009, Statistics in Medicine 28:3083-3107, calls more than 0.1 worth a look), and Welch's
    ``t`` and ``p``, which do not allow for schools. Per attribute chi-squared without Yates'
    correction and Cramer's V, and for each of its values the standardised difference of the
    two shares. ``n`` is the smaller of both groups.
    """
    first, stays = _baseline(prepared, survey)
    if not len(first) or stays.all() or not stays.any():
        return
    smaller = float(min(stays.sum(), (~stays).sum()))
    schools = clusters(first)
    common: dict[str, Any] = {
        "unit": COHORT,
        "source": survey.id,
        "analysis": "attrition",
        "wave": prepared.study.baseline,
        "group": "stayed-left",
    }
    for name in survey.instruments:
        for score in prepared.instruments[name].scores:
            values = first.numbers(f"{name}.{score}")
            at = common | {"instrument": name, "measure": score}
            yield from _score(at, values, stays, schools)
    for attribute in described_by(prepared, survey, first):
        said = first[attribute].astype("str")
        table = pd.crosstab(said, stays)
        at = common | {"instrument": "survey", "measure": attribute}
        if min(table.shape) < 2:
            continue
        test = stats.chi2_contingency(table.to_numpy(), correction=False)
        method = "Pearson's chi-squared, no correction (scipy)" + (
            "; some expected counts are below 5" if (test.expected_freq < 5).any() else ""
        )
        for statistic, number in (
            ("chi2", test.statistic),
            ("p", test.pvalue),
            ("cramers_v", stats.contingency.association(table.to_numpy(), method="cramer")),
        ):
            yield Result(
                **at, statistic=statistic, value=float(number), n=smaller,
                df=float(test.dof), method=method + "; does not allow for schools",
            )  # fmt: skip
        for value in table.index:
            if not value:
                continue
            shares = [float((said[group] == value).mean()) for group in (stays, ~stays)]
            yield _standardised(
                at
                | {
                    "measure": f"{attribute}-{slug(str(value))}",
                    "n": float(min(table.loc[value])),
                },
                (shares[0], shares[1]),
            )


def weighted(prepared: Prepared, survey: Survey) -> Iterator[Result]:
    """Sensitivity results: change weighted for staying, and levels weighted for answering.

    ``paired_weighted``: the matched change with each person weighted by the inverse of their
    probability of answering again, from a logistic regression on attributes, phase and the
    baseline scores (stabilised, trimmed at the 1st and 99th percentile). Puts right only what
    the model sees: that people alike in these are alike in change, whether they stayed or not.

    ``level_weighted``: the mean of all respondents of a wave with each weighted by people
    invited over people who answered in their school, so that schools count by their size, not
    by their eagerness.
    """
    if prepared.study.compares:
        yield from _stay_weighted(prepared, survey)
    yield from _answer_weighted(prepared, survey)


def against_reference(prepared: Prepared, survey: Survey) -> Iterator[Result]:
    """Respondents at baseline against a reference population, where the study supplies one.

    The table ``reference_population`` has columns ``survey``, ``attribute``, ``value``,
    ``count`` and ``source``. Per value the share of the population and of the respondents, the
    difference of the two with an interval that allows for schools (the population's share is
    taken as known), and the standardised difference (over the root of the average of both
    variances; Austin, 2009); per attribute a chi-squared test of fit. Respondents who did not
    say, or said what the population does not count, are left out, and the method says so. The
    shares of an attribute add up, and their base tells how many are left out, so ``n`` is the
    smallest of these counts that is not nought.
    """
    table = prepared.strands.get("reference_population")
    if table is None:
        return
    first = at_wave(prepared, survey, prepared.study.baseline)
    for attribute, rows in table[table["survey"] == survey.id].groupby("attribute", sort=True):
        common: dict[str, Any] = {
            "unit": COHORT,
            "source": survey.id,
            "instrument": "survey",
            "analysis": "reference",
            "wave": prepared.study.baseline,
            "group": ALL,
        }
        expected = rows.set_index(rows["value"].astype("str"))["count"].astype("float64")
        expected = expected / expected.sum()
        said = pd.Series("", index=range(len(first)))
        if attribute in first:
            said = first[str(attribute)].astype("str")
        counted = said.isin(expected.index)
        known = first.where(counted)
        if not len(known):
            yield Result(
                **common, measure=slug(str(attribute)), statistic="chi2", value=math.nan,
                n=float(len(first)),
                method=f"no comparison: no respondent has a {attribute} that the population counts",
            )  # fmt: skip
            continue
        yield from _against(common, slug(str(attribute)), said[counted], known, expected,
                            len(first) - len(known))  # fmt: skip


def _against(
    common: dict[str, Any],
    attribute: str,
    said: pd.Series,
    known: People,
    expected: pd.Series,
    left_out: int,
) -> Iterator[Result]:
    schools = clusters(known)
    observed = said.value_counts().reindex(expected.index, fill_value=0).astype("float64")
    smallest = float(observed[observed > 0].min())
    base = common | {"n": min(smallest, float(left_out)) if left_out else smallest}
    outside = "; without those who gave no answer that the population counts" if left_out else ""
    for value, share in zip(expected.index.astype("str"), expected, strict=True):
        chosen = (said == value).to_numpy(dtype="float64")
        estimate = estimates.mean(chosen, schools)
        at = base | {"measure": f"{attribute}-{slug(str(value))}"}
        yield Result(
            **at, statistic="population", value=100 * float(share),
            method="share of the reference population",
        )  # fmt: skip
        yield Result(
            **at,
            statistic="respondents",
            value=100 * estimate.value,
            numerator=float(observed[value]),
            denominator=float(len(known)),
            method="share of respondents" + outside,
        )
        yield Result(
            **at,
            statistic="difference",
            value=100 * (estimate.value - share),
            ci_low=100 * (estimate.ci_low - share),
            ci_high=100 * (estimate.ci_high - share),
            df=estimate.df,
            level=estimates.LEVEL,
            method="respondents less population, percentage points; " + estimate.how + outside,
        )
        yield _standardised(at, (estimate.value, float(share)))
    statistic, p = _goodness_of_fit(observed.to_numpy(), expected.to_numpy() * len(known))
    for name, number in (("chi2", statistic), ("p", p)):
        yield Result(
            **base, measure=attribute, statistic=name, value=number, df=float(len(expected) - 1),
            method="chi-squared test of fit (scipy); does not allow for schools" + outside,
        )  # fmt: skip


def _standardised(common: dict[str, Any], shares: tuple[float, float]) -> Result:
    """The standardised difference of two shares."""
    average = math.sqrt(sum(share * (1 - share) for share in shares) / 2)
    return Result(
        **common,
        statistic="smd",
        value=(shares[0] - shares[1]) / average if average else math.nan,
        method="difference of shares over the root of their average variance"
        + ("" if average else "; not defined where nobody differs"),
    )


def stay_weights(described: pd.DataFrame, stays: Floats) -> Floats | None:
    """Stabilised, trimmed inverse-probability weights of those who stayed.

    ``described`` has one column per predictor (text columns become indicators). ``None`` where
    the logistic regression has no finite solution.
    """
    design = pd.get_dummies(described, drop_first=True, dtype="float64")
    columns = [np.ones(len(design))]
    for name in design.select_dtypes("number").columns:
        column = design.pop(name).to_numpy(dtype="float64")
        missing = np.isnan(column)
        middle = 0.0 if missing.all() else column[~missing].mean()
        column = np.where(missing, middle, column)
        if column.std() > 0:
            columns.append(column)
    whole = np.column_stack(columns)
    del columns
    # With the same lengths and angles as the columns, but only as many rows.
    parts = [np.asarray(np.linalg.qr(part, mode="r")) for part in _in_parts(whole)]
    small, kept = np.vstack(parts), [0]
    for place in range(1, whole.shape[1]):
        # Terms that others already tell (a year group tells the phase) are left out.
        roots = np.linalg.svd(small[:, [*kept, place]], compute_uv=False)
        if roots[-1] > roots[0] * len(whole) * np.finfo("float64").eps:
            kept.append(place)
    if len(whole) <= len(kept) + 1:
        return None
    probability = _logistic(whole[:, kept], stays)
    if probability is None:
        return None
    weights = float(stays.mean()) / probability[stays > 0]
    clipped: Floats = np.clip(weights, *np.percentile(weights, TRIM))
    return clipped


def _logistic(x: Floats, y: Floats) -> Floats | None:
    """Probabilities by a logistic regression; ``None`` where it has no finite solution.

    Iteratively reweighted least squares (McCullagh and Nelder, 1989, Generalized Linear Models,
    2.5) from sums of products: of 500,000 people with 20 terms statsmodels' ``GLM``, which gives the
    same, takes 780 MB more.
    """
    mu, before = (y + 0.5) / 2, math.inf
    eta = special.logit(mu)
    for _ in range(STEPS):
        spread = mu * (1 - mu)
        aim = spread * eta + y - mu
        products = sum(
            part.T @ (part * weight[:, None])
            for part, weight in zip(_in_parts(x), _in_parts(spread), strict=True)
        )
        try:
            beta = np.linalg.solve(np.asarray(products), x.T @ aim)
        except np.linalg.LinAlgError:
            return None
        eta = x @ beta
        mu = np.clip(special.expit(eta), TINY, 1 - TINY)
        deviance = -2 * float(np.sum(special.xlogy(y, mu) + special.xlog1py(1 - y, -mu)))
        if not np.isfinite(deviance) or np.max(np.abs(beta)) > FURTHEST:
            return None
        if abs(deviance - before) <= CLOSE:
            found: Floats = mu
            return found
        before = deviance
    return None


def _in_parts(rows: Floats) -> list[Floats]:
    return np.array_split(rows, max(len(rows) // AT_ONCE, 1))


def weighted_mean(values: Floats, weights: Floats, schools: Codes | pd.Series) -> Estimate:
    """A weighted mean with an interval over schools: CR2, weights taken as known."""
    if len(values) < 3 or estimates.number_of_schools(schools) < 2:
        return Estimate(float(np.average(values, weights=weights)) if len(values) else math.nan)
    found = estimates.mean(values, schools, weights)
    return replace(found, what="weighted mean")


def _score(
    common: dict[str, Any], values: Floats, stays: Flags, schools: Codes
) -> Iterator[Result]:
    known = ~np.isnan(values)
    kept, left = values[known & stays], values[known & ~stays]
    if min(len(kept), len(left)) < 3 or min(kept.std(), left.std()) == 0:
        return
    design = pd.DataFrame({"constant": 1.0, "stayed": stays[known].astype("float64")})
    schools = schools[known]
    estimate = estimates.contrast(values[known], design, "stayed", schools)
    base = common | {
        "n": float(min(len(kept), len(left))),
        "n_schools": estimates.number_of_schools(schools),
    }
    words = "mean of those who stayed less that of those who left; "
    yield Result(
        **base,
        statistic="difference",
        **estimates.fields(estimate) | {"method": words + estimate.how},
    )
    average = math.sqrt((kept.var(ddof=1) + left.var(ddof=1)) / 2)
    yield Result(
        **base,
        statistic="smd",
        value=float((kept.mean() - left.mean()) / average),
        method="difference of means over the root of the average variance",
    )
    welch = pg.ttest(kept, left, correction=True).iloc[0]
    for statistic, column in (("t", "T"), ("p", "p_val")):
        yield Result(
            **base,
            statistic=statistic,
            value=float(welch[column]),
            df=float(welch["dof"]),
            method="Welch's t test (pingouin); does not allow for schools",
        )


def _stay_weighted(prepared: Prepared, survey: Survey) -> Iterator[Result]:
    study = prepared.study
    first, stays = _baseline(prepared, survey)
    if not len(first) or stays.all() or not stays.any():
        return
    predictors = described_by(prepared, survey, first)
    whole = {name: prepared.instruments[name].total for name in survey.instruments}
    headline = [
        f"{name}.{score}"
        for name in survey.instruments
        for score in prepared.instruments[name].scores
        if whole[name] is None or score == getattr(whole[name], "id", "")
    ]
    described = pd.DataFrame(
        {name: first[name].astype("str") for name in (*predictors, *school_groups(study))}
        | {name: first[name] for name in headline}
    )
    weights = stay_weights(described, stays.astype("float64"))
    common: dict[str, Any] = {
        "unit": COHORT,
        "source": survey.id,
        "analysis": "paired_weighted",
        "wave": pair(study.baseline, study.followup),
        "group": ALL,
        "statistic": "difference",
    }
    if weights is None:
        instrument, score = survey.headline.split(".")
        yield Result(
            **common,
            instrument=instrument,
            measure=score,
            value=math.nan,
            n=float(stays.sum()),
            method="no weights: the logistic regression of staying has no finite solution",
        )
        return
    # Those who stayed are those matched, in the same order.
    effective = float(weights.sum() ** 2 / (weights**2).sum())
    both = matched(prepared, survey)
    for name in survey.instruments:
        for score in prepared.instruments[name].scores:
            change = both.change(f"{name}.{score}")
            known = ~np.isnan(change)
            if known.sum() < 3:
                continue
            of = clusters(both.where(known))
            estimate = weighted_mean(change[known], weights[known], of)
            yield Result(
                **common,
                instrument=name,
                measure=score,
                n=float(known.sum()),
                n_schools=estimates.number_of_schools(of),
                **estimates.fields(estimate)
                | {
                    "method": "matched change weighted by the inverse probability of staying "
                    f"(logistic; weights {weights.min():.2f} to {weights.max():.2f}, worth "
                    f"{effective:.0f} unweighted people)" + WEIGHTED + estimate.method
                },
            )


def _answer_weighted(prepared: Prepared, survey: Survey) -> Iterator[Result]:
    for wave in prepared.study.wave_ids:
        column = survey.invited.get(wave)
        if column is None:
            continue
        people = at_wave(prepared, survey, wave)
        if not len(people):
            continue
        codes, schools = pd.factorize(people["school"])
        invited = prepared.schools.set_index("id")[column].reindex(schools).to_numpy("float64")
        weights = (invited / np.bincount(codes))[codes]
        if np.isnan(weights).any() or (weights <= 0).any():
            continue
        for name in survey.instruments:
            for score in prepared.instruments[name].scores:
                values = people.numbers(f"{name}.{score}")
                known = ~np.isnan(values)
                if known.sum() < 3:
                    continue
                estimate = weighted_mean(values[known], weights[known], codes[known])
                yield Result(
                    unit=COHORT,
                    source=survey.id,
                    instrument=name,
                    analysis="level_weighted",
                    measure=score,
                    wave=wave,
                    group=ALL,
                    statistic="mean",
                    n=float(known.sum()),
                    n_schools=estimates.number_of_schools(codes[known]),
                    **estimates.fields(estimate)
                    | {
                        "method": "mean weighted by invited over answered in each school"
                        + WEIGHTED
                        + estimate.method
                    },
                )


def _baseline(prepared: Prepared, survey: Survey) -> tuple[People, Flags]:
    """Respondents of the baseline, and whether each answered the follow-up too."""
    study, frame = prepared.study, prepared.surveys[survey.id]
    both = np.zeros(len(frame), dtype="bool")
    both[rows_of_both(study, frame)[0]] = True
    return (
        at_wave(prepared, survey, study.baseline),
        both[np.flatnonzero((frame["wave"] == study.baseline).to_numpy())],
    )


def described_by(prepared: Prepared, survey: Survey, first: People) -> list[str]:
    """Attributes known at baseline for at least nine in ten, with 2 to 12 values."""
    names = []
    for name in attributes(prepared, survey):
        said = first[name]
        if not pd.api.types.is_string_dtype(said):
            continue
        counts = said.value_counts().drop("", errors="ignore")
        if counts.sum() >= 0.9 * len(first) and 2 <= len(counts) <= 12:
            names.append(name)
    return names


def _goodness_of_fit(observed: ArrayLike, expected: ArrayLike) -> tuple[float, float]:
    test = stats.chisquare(observed, expected)
    return float(test.statistic), float(test.pvalue)
