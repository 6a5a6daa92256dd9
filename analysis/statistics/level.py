"""Where do we stand? Scores, items and their ranks at each wave."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import pingouin as pg
from scipy import special
from statsmodels.stats.proportion import proportion_confint

from analysis.instruments import Instrument, Item
from analysis.prepare import Prepared
from analysis.results import Result
from analysis.statistics import estimates
from analysis.statistics.estimates import Codes, Floats
from analysis.statistics.people import People
from analysis.statistics.samples import Sample, at_wave, phase_keys, samples
from analysis.study import Survey

SHARES = ("favourable", "neutral", "unfavourable")
SHARE = "share of those who answered the item"
WILSON = "Wilson interval"
RANK = (
    "rank of the mean, 1 the highest (ties at the decimals shown share a rank); its interval "
    "leaves out only ranks that pairwise tests within respondents, allowing for schools and "
    "corrected by Holm, rule out"
)


def scores(prepared: Prepared, survey: Survey) -> Iterator[Result]:
    """Mean (with 95% interval), SD and n of every score, at each wave, of every unit and group.

    Where a score has a norm, also the difference of the mean from the norm's. ``deff`` is the
    design effect of the mean (programme and groups): how many times larger its variance is
    than that of as many unrelated people.
    """
    for wave in prepared.study.wave_ids:
        for sample in samples(prepared, survey, at_wave(prepared, survey, wave)):
            for instrument in _instruments(prepared, survey):
                for score in instrument.scores:
                    column = sample.people.numbers(f"{instrument.id}.{score}")
                    answered = ~np.isnan(column)
                    values = column[answered]
                    if not len(values):
                        continue
                    within = sample.clusters[answered]
                    estimate = estimates.mean(values, within if sample.clustered else None)
                    common = _common(sample, survey, instrument, "level", score, wave) | {
                        "n": float(len(values)),
                        "n_schools": estimates.number_of_schools(within),
                    }
                    yield Result(**common, statistic="mean", **estimates.fields(estimate))
                    yield Result(
                        **common,
                        statistic="sd",
                        value=float(values.std(ddof=1)) if len(values) > 1 else math.nan,
                        method="standard deviation (n - 1)",
                    )
                    yield Result(**common, statistic="n", value=float(len(values)), method="count")
                    if sample.clustered and estimate.known:
                        yield Result(
                            **common,
                            statistic="deff",
                            value=estimate.deff,
                            method="design effect of the mean: CR2 variance over SD squared / n",
                        )
                    norm = None if score == "total" else instrument.subscale(score).norm
                    if norm is not None:
                        yield Result(
                            **common,
                            statistic="difference_from_norm",
                            value=estimate.value - norm.mean,
                            ci_low=estimate.ci_low - norm.mean,
                            ci_high=estimate.ci_high - norm.mean,
                            df=estimate.df,
                            level=estimates.LEVEL,
                            method=f"mean less the norm's mean ({norm.mean:g}, {norm.label}); "
                            + estimate.how,
                        )
                        if estimate.known:
                            yield Result(
                                **common,
                                statistic="p_norm",
                                value=estimates.two_sided(
                                    (estimate.value - norm.mean) / estimate.se, estimate.df
                                ),
                                df=estimate.df,
                                method="t test against the norm's mean; " + estimate.how,
                            )


def items(prepared: Prepared, survey: Survey) -> Iterator[Result]:
    """Mean of every item, and the shares of answers above, at and below the scale's middle.

    Shares are of answers as scored, so that for a reversed item disagreement is favourable.
    Their intervals are Wilson's; over schools on the effective number of respondents, as
    :func:`share_intervals` says.
    """
    for wave in prepared.study.wave_ids:
        for sample in samples(prepared, survey, at_wave(prepared, survey, wave)):
            for instrument in _instruments(prepared, survey):
                yield from _items(sample, survey, instrument, wave)


def ranks(prepared: Prepared, survey: Survey) -> Iterator[Result]:
    """Subscales and items ranked by their mean, with the ranks the data cannot tell apart.

    For the programme and its phases. Subscales of one instrument are compared on the points of
    its scale; instruments are never ranked against each other. The interval of a rank runs from
    1 + the number of means significantly higher to k - the number significantly lower, after
    Holm over all pairs by CR2 with its degrees of freedom (in the manner of Mogstad and others, 2024, Review of Economic Studies
    91:476-518, with pairwise tests rather than simultaneous intervals).
    """
    ranked = phase_keys(prepared.study)
    for wave in prepared.study.wave_ids:
        for sample in samples(prepared, survey, at_wave(prepared, survey, wave)):
            if not sample.clustered or sample.group not in ranked:
                continue
            for instrument in _instruments(prepared, survey):
                subscales = [s.id for s in instrument.subscales]
                if len({instrument.score_range(s) for s in subscales}) == 1:
                    yield from _ranked(
                        _common(sample, survey, instrument, "rank", "", wave),
                        subscales,
                        (sample.people.numbers(f"{instrument.id}.{s}") for s in subscales),
                        sample.clusters,
                        instrument.decimals(subscales[0]),
                    )
                if len({(r.minimum, r.maximum) for r in instrument.response_sets.values()}) == 1:
                    yield from _ranked(
                        _common(sample, survey, instrument, "rank_items", "", wave),
                        [item.code for item in instrument.items],
                        (points(item, instrument, sample.people) for item in instrument.items),
                        sample.clusters,
                        2,
                    )


def points(item: Item, instrument: Instrument, people: People, suffix: str = "") -> Floats:
    """Answers to an item, turned round if it is reversed."""
    answers = people.numbers(item.code + suffix)
    given = instrument.responses(item)
    return float(given.minimum + given.maximum) - answers if item.reverse else answers


def scored(
    instrument: Instrument, people: People, places: Sequence[int] | None = None, suffix: str = ""
) -> Floats:
    """Answers to every item, or some, with reversed items turned round: people by items."""
    chosen = range(len(instrument.items)) if places is None else places
    found = np.empty((len(people), len(chosen)), order="F")
    for column, place in enumerate(chosen):
        found[:, column] = points(instrument.items[place], instrument, people, suffix)
    return found


def items_of(instrument: Instrument, score: str) -> list[int]:
    """Places of the items that a score is made of."""
    total = instrument.total is not None and score == instrument.total.id
    return [place for place, item in enumerate(instrument.items) if total or item.subscale == score]


def share_intervals(
    answered: Floats, chosen: Floats, *, clustered: bool
) -> tuple[Floats, Floats, Floats]:
    """Wilson intervals of shares, in per cent, and the effective numbers they rest on.

    Parameters
    ----------
    answered, chosen
        People who answered, and who chose it: schools by columns.
    clustered
        Whether schools are a sample of more; else the people of one school.

    Notes
    -----
    Over schools, the number of respondents is divided by the share's own design effect (its
    CR2 variance over p(1 - p)/n; where everybody or nobody, or every school alike, chose it, the
    median of the other columns, but at least 1) and by the square of the ratio of t quantiles
    with Bell-McCaffrey's degrees of freedom and with n - 1, as Korn and Graubard (1998, Survey
    Methodology 24:193-201) do for exact intervals with schools - 1. It is never more than n, so
    that no interval is narrower than that of as many unrelated people; with schools hardly alike
    it therefore covers a little too often (``benchmarks/coverage.py``). Wilson's interval as
    statsmodels computes it.
    """
    n = answered.sum(axis=0)
    p = np.divide(chosen.sum(axis=0), n, out=np.zeros_like(n), where=n > 0)
    effective = _effective(n, p, answered, chosen) if clustered else n.copy()
    with np.errstate(invalid="ignore", divide="ignore"):
        low, high = proportion_confint(
            p * effective, effective, alpha=1 - estimates.LEVEL, method="wilson"
        )
    unknown = effective <= 0
    low, high = np.where(unknown, np.nan, 100 * low), np.where(unknown, np.nan, 100 * high)
    return low, high, effective


def _effective(n: Floats, p: Floats, sizes: Floats, chosen: Floats) -> Floats:
    totals = chosen - p * sizes
    clusters = (sizes > 0).sum(axis=0)
    free = 1 - sizes / np.maximum(n, 1)
    parts = np.divide(totals**2, free, out=np.zeros_like(totals), where=free > 1e-12)
    simple = p * (1 - p) * n
    spread = parts.sum(axis=0)
    known = (simple > 0) & (spread > 1e-12 * simple)
    deff = np.divide(spread, simple, out=np.full_like(n, np.nan), where=known)
    usual = max(float(np.nanmedian(deff)), 1.0) if known.any() else 1.0
    deff = np.where(known, deff, usual)
    effective = np.full_like(n, 0.0)
    several = clusters > 1
    df = estimates.degrees_of_freedom(sizes[:, several])
    tail, n = (1 + estimates.LEVEL) / 2, n[several]
    ratio = special.stdtrit(n - 1, tail) / special.stdtrit(df, tail)
    effective[several] = np.minimum(n / deff[several] * ratio**2, n)
    return effective


def _items(sample: Sample, survey: Survey, instrument: Instrument, wave: str) -> Iterator[Result]:
    if not len(sample.people):
        return
    codes = np.zeros(len(sample.people), dtype=np.intp)
    if sample.clustered:
        codes = estimates.school_codes(sample.clusters)
    shape = int(codes.max()) + 1, len(instrument.items)
    answered, chosen, sums = np.zeros(shape), np.zeros((len(SHARES), *shape)), np.zeros(shape[1])
    for place, item in enumerate(instrument.items):
        answers = points(item, instrument, sample.people)
        given = instrument.responses(item)
        middle = (given.minimum + given.maximum) / 2
        known = ~np.isnan(answers)
        answered[:, place] = np.bincount(codes[known], minlength=shape[0])
        sums[place] = answers[known].sum()
        for share, marked in enumerate((answers > middle, answers == middle, answers < middle)):
            chosen[share, :, place] = np.bincount(codes[marked], minlength=shape[0])
    counts = answered.sum(axis=0)
    shares = [
        (each.sum(axis=0), *share_intervals(answered, each, clustered=sample.clustered))
        for each in chosen
    ]
    for place, item in enumerate(instrument.items):
        n = float(counts[place])
        if n == 0:
            continue
        common = _common(sample, survey, instrument, "items", item.code, wave) | {"n": n}
        yield Result(**common, statistic="mean", value=float(sums[place]) / n, method="mean")
        for statistic, (chosen_counts, low, high, effective) in zip(SHARES, shares, strict=True):
            if statistic == "neutral" and not instrument.responses(item).has_middle:
                continue
            method = f"{SHARE}; {WILSON}"
            if sample.clustered:
                method += (
                    f" on the effective number of respondents ({effective[place]:.1f}, allowing "
                    "for schools)"
                    if effective[place] > 0
                    else " not given: fewer than two schools"
                )
            yield Result(
                **common,
                statistic=statistic,
                value=100 * float(chosen_counts[place]) / n,
                ci_low=float(low[place]),
                ci_high=float(high[place]),
                level=estimates.LEVEL,
                numerator=float(chosen_counts[place]),
                denominator=n,
                method=method,
            )


def _ranked(
    common: dict[str, Any],
    names: list[str],
    columns: Iterable[Floats],
    schools: Codes,
    decimals: int,
) -> Iterator[Result]:
    codes = estimates.school_codes(schools)
    clusters = int(codes.max()) + 1 if len(codes) else 0
    if clusters < 3 or len(names) < 2:
        return
    sizes, totals = np.zeros((clusters, len(names))), np.zeros((clusters, len(names)))
    means = np.zeros(len(names))
    for place, values in enumerate(columns):
        answered = ~np.isnan(values)
        own, given = codes[answered], values[answered]
        if len(given) < 3:
            return
        means[place] = given.mean()
        sizes[:, place] = np.bincount(own, minlength=clusters)
        totals[:, place] = np.bincount(own, given - means[place], clusters)
    n = sizes.sum(axis=0)
    first, second = np.triu_indices(len(names), 1)
    gap = means[first] - means[second]
    se, df = _errors_of_gaps(sizes, totals, first, second)
    # A school alone in an answer leaves nothing to test with.
    known = (se > 0) & np.isfinite(df)
    t = np.divide(gap, se, out=np.zeros_like(gap), where=known)
    p = 2 * special.stdtr(np.where(known, df, 1.0), -np.abs(t))
    apart = np.asarray(pg.multicomp(p, method="holm")[1]) < 1 - estimates.LEVEL
    wins = np.zeros((len(names), len(names)), dtype=bool)
    wins[first, second] = apart & (gap > 0)
    wins[second, first] = apart & (gap < 0)
    shown = np.round(means, decimals)
    for place, name in enumerate(names):
        yield Result(
            **{**common, "measure": name},
            statistic="rank",
            value=float(1 + np.sum(shown > shown[place])),
            ci_low=float(1 + wins[:, place].sum()),
            ci_high=float(len(names) - wins[place].sum()),
            level=estimates.LEVEL,
            n=float(n[place]),
            n_schools=float(clusters),
            denominator=float(len(names)),
            method=RANK,
        )


def _errors_of_gaps(
    sizes: Floats, totals: Floats, first: Codes, second: Codes
) -> tuple[Floats, Floats]:
    """Standard errors and degrees of freedom of differences between means of the same people.

    CR2 and Satterthwaite's, as :class:`analysis.statistics.estimates.Clustered` gives them for
    all answers at once with a term for each mean: written out, as each mean has its own people.
    ``sizes`` are how many answered, and ``totals`` the sums of their distances from the mean, by
    school and mean.
    """
    n = sizes.sum(axis=0)
    free = 1 - sizes / n
    scale = np.divide(1.0, np.sqrt(free) * n, out=np.zeros_like(free), where=free > 1e-10)
    totals = totals * scale
    se = np.sqrt(np.sum((totals[:, first] - totals[:, second]) ** 2, axis=0))
    # Of each mean a matrix over schools: diag(own) - outer(shared, shared).
    own, shared = sizes * scale**2, sizes * scale / np.sqrt(n)
    trace = np.sum(own - shared**2, axis=0)
    cross = own.T @ (shared**2)
    product = own.T @ own - cross - cross.T + (shared.T @ shared) ** 2
    squares = product[first, first] + product[second, second] + 2 * product[first, second]
    df: Floats = np.divide(
        (trace[first] + trace[second]) ** 2, squares, out=np.full_like(se, np.nan),
        where=squares > 0,
    )  # fmt: skip
    return se, df


def _common(
    sample: Sample, survey: Survey, instrument: Instrument, analysis: str, measure: str, wave: str
) -> dict[str, Any]:
    return {
        "unit": sample.unit,
        "source": survey.id,
        "instrument": instrument.id,
        "analysis": analysis,
        "measure": measure,
        "wave": wave,
        "group": sample.group,
    }


def _instruments(prepared: Prepared, survey: Survey) -> list[Instrument]:
    return [prepared.instruments[name] for name in survey.instruments]
