"""What changed? Baseline to follow-up, within people and between all respondents."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import pingouin as pg
from scipy import stats

from analysis.instruments import Instrument
from analysis.prepare import Prepared
from analysis.results import Result, pair
from analysis.statistics import effects, estimates, resampling
from analysis.statistics.estimates import Codes, Estimate, Floats
from analysis.statistics.level import items_of, points, scored
from analysis.statistics.people import BASELINE, FOLLOWUP
from analysis.statistics.samples import (
    Sample,
    at_waves,
    matched,
    phase_keys,
    samples,
    with_last_school,
)
from analysis.statistics.signed_rank import signed_rank
from analysis.study import Study, Survey

PAIRED = "paired t test"
PLAIN = "; does not allow for schools"
UNEVEN = (
    "no reliable change index: the score is looked up from a table with uneven steps, so that one "
    "answer more is not the same change everywhere"
)
#: Below this, whether differences look normal matters to a t test.
SMALL = 30


def paired(prepared: Prepared, survey: Survey) -> Iterator[Result]:
    """Change within the matched sample, of every score, unit and group.

    For the cohort and its groups the interval of ``difference`` and its ``p_clustered`` allow
    for schools (:func:`analysis.statistics.estimates.mean`). Beside them, as checks:
    ``difference_wild`` and ``p_wild`` from a wild cluster bootstrap, and
    ``difference_schools`` and ``p_schools``, where every school counts the same. ``t``, ``p`` and
    ``p_wilcoxon`` are those usually published; over schools they are too optimistic.

    ``p_holm`` is Holm's correction of the plain p within the family of an instrument's
    subscales (the total apart); ``p_clustered_holm`` likewise of the clustered p.

    ``d_z`` is the mean difference over the SD of differences; ``d_av`` the mean difference
    over the root of the average of the two variances, Cohen's d as pingouin computes it for
    paired samples (Lakens, 2013, Frontiers in Psychology 4:863, averages the SDs instead; the
    two differ only where the SDs do). Their intervals are from a jackknife over schools;
    ``d_z_independent`` and ``d_av_independent``, as for one school, from the noncentral t.

    ``g`` is the change over the pooled SD of both waves, as the Education Endowment Foundation has
    effect sizes, with the ends of the change's own interval.

    ``p_equivalence`` is of two one-sided tests against the study's smallest effect of interest,
    which ``equivalence`` shows as a 90% interval; ``p_normality`` is Shapiro and Wilk's of the
    differences, with fewer than 30.
    """
    waves = pair(prepared.study.baseline, prepared.study.followup)
    for sample in samples(prepared, survey, matched(prepared, survey)):
        for name in survey.instruments:
            instrument = prepared.instruments[name]
            family: list[Result] = []
            for score in instrument.scores:
                family.extend(_paired(prepared.study, sample, survey, instrument, score, waves))
            yield from family
            for plain in ("p", "p_clustered"):
                yield from holm(family, instrument, plain)


def items(prepared: Prepared, survey: Survey) -> Iterator[Result]:
    """Change of every item within the matched sample, for the programme and its phases.

    As in :func:`paired`, ``t`` and ``p`` are those usually published, too optimistic over schools;
    ``p_clustered`` allows for schools. ``p_bh`` and ``p_clustered_bh`` are Benjamini and
    Hochberg's correction of either over all items of the instrument: of the changes it lets
    stand, 5% are expected to be false (not of all items, as with p alone).
    """
    study = prepared.study
    waves = pair(study.baseline, study.followup)
    both = matched(prepared, survey)
    phases = phase_keys(study)
    for sample in samples(prepared, survey, both):
        if sample.group not in phases or not sample.clustered:
            continue
        for name in survey.instruments:
            instrument = prepared.instruments[name]
            plain: list[Result] = []
            clustered: list[Result] = []
            for item in instrument.items:
                first, last = (
                    points(item, instrument, sample.people, wave) for wave in (BASELINE, FOLLOWUP)
                )
                difference = last - first
                answered = ~np.isnan(difference)
                if not answered.any():
                    continue
                difference, within = difference[answered], sample.clusters[answered]
                estimate = estimates.mean(difference, within)
                common: dict[str, Any] = {
                    "unit": sample.unit,
                    "source": survey.id,
                    "instrument": name,
                    "analysis": "items_change",
                    "measure": item.code,
                    "wave": waves,
                    "group": sample.group,
                    "n": float(answered.sum()),
                    "n_schools": estimates.number_of_schools(within),
                }
                yield Result(**common, statistic="difference", **estimates.fields(estimate))
                if estimate.known:
                    clustered.append(
                        Result(
                            **common,
                            statistic="p_clustered",
                            value=estimate.p,
                            df=estimate.df,
                            method=estimate.method,
                        )
                    )
                tested = list(_plain_item_test(common, -difference))
                yield from tested
                plain += [result for result in tested if result.statistic == "p"]
            yield from clustered
            for found, name in ((plain, "p_bh"), (clustered, "p_clustered_bh")):
                words = f"Benjamini-Hochberg over the {len(found)} items"
                yield from _adjusted(found, name, "fdr_bh", words)


def _plain_item_test(common: dict[str, Any], fall: Floats) -> Iterator[Result]:
    # Signed as in the published tables: baseline less follow-up, so a rise has a negative t.
    if len(fall) < 3 or float(np.ptp(fall)) < 1e-12:
        return
    t, p = _t_test(fall)
    df = float(len(fall) - 1)
    for statistic, value in (("t", t), ("p", p)):
        yield Result(**common, statistic=statistic, value=value, df=df, method=PAIRED + PLAIN)


def reliable(prepared: Prepared, survey: Survey) -> Iterator[Result]:
    """Shares of matched respondents who changed by more than measurement error explains.

    Jacobson and Truax's (1991, Journal of Consulting and Clinical Psychology 59:12-19) index:
    change over ``SD_baseline * sqrt(2 * (1 - alpha))`` beyond 1.96, with the baseline's SD and
    Cronbach's alpha of the matched sample. For the programme and its phases; ``n`` is the
    smallest of the three counts that is not nought, so that release rules see it. The index
    supposes that a point of the score means as much everywhere, and that its error is that of
    its items. So it is not given for a score looked up from a table: the steps of T-values are
    uneven, and one raw point is a reliable change at one end and not at the other; ``limit`` then
    says why. Nor where alpha is not between 0 and 1, or the score is a single item.
    """
    study = prepared.study
    waves = pair(study.baseline, study.followup)
    phases = phase_keys(study)
    for sample in samples(prepared, survey, matched(prepared, survey)):
        if sample.group not in phases or not sample.clustered:
            continue
        for name in survey.instruments:
            instrument = prepared.instruments[name]
            for score in instrument.scores:
                of_score = items_of(instrument, score)
                if len(of_score) < 2:
                    continue
                pairs = _pairs(sample, f"{name}.{score}")
                if len(pairs) < 3:
                    continue
                common: dict[str, Any] = {
                    "unit": sample.unit,
                    "source": survey.id,
                    "instrument": name,
                    "analysis": "reliable_change",
                    "measure": score,
                    "wave": waves,
                    "group": sample.group,
                    "n": float(len(pairs)),
                    "n_schools": pairs.n_schools,
                }
                if _looked_up(instrument, score):
                    yield Result(**common, statistic="limit", value=math.nan, method=UNEVEN)
                    continue
                complete = scored(instrument, sample.people, of_score, BASELINE)
                complete = complete[~np.isnan(complete).any(axis=1)]
                if len(complete) < 3 or not complete.sum(axis=1).var() > 0:
                    continue
                alpha = float(pg.cronbach_alpha(pd.DataFrame(complete))[0])
                sd = float(pairs.baseline.std(ddof=1))
                if not 0 < alpha < 1 or sd == 0:
                    continue
                limit = 1.959963984540054 * sd * math.sqrt(2 * (1 - alpha))
                change = pairs.followup - pairs.baseline
                counts = {
                    "improved": int(np.sum(change > limit)),
                    "unchanged": int(np.sum(np.abs(change) <= limit)),
                    "worsened": int(np.sum(change < -limit)),
                }
                if not _higher_is_better(instrument, score):
                    counts["improved"], counts["worsened"] = counts["worsened"], counts["improved"]
                common |= {"n": float(min(count for count in counts.values() if count))}
                yield Result(
                    **common,
                    statistic="limit",
                    value=limit,
                    method=f"1.96 x SD x sqrt(2 (1 - alpha)), alpha {alpha:.2f} at baseline",
                )
                for statistic, count in counts.items():
                    yield Result(
                        **common,
                        statistic=statistic,
                        value=100 * count / len(change),
                        numerator=float(count),
                        denominator=float(len(change)),
                        method="share of matched respondents, reliable change index beyond 1.96",
                    )


def all_respondents(prepared: Prepared, survey: Survey) -> Iterator[Result]:
    """Difference between all respondents of follow-up and all of baseline.

    It mixes change within people with change in who answered, and stands beside the matched
    change so that nobody mistakes one for the other. Only for the cohort and its groups; the
    interval allows for schools (and so for people who are in both waves).
    """
    study = prepared.study
    waves = pair(study.baseline, study.followup)
    both = with_last_school(study, at_waves(prepared, survey, (study.baseline, study.followup)))
    for sample in samples(prepared, survey, both):
        if not sample.clustered:
            continue
        late = (sample.people["wave"] == study.followup).to_numpy(dtype="float64")
        for name in survey.instruments:
            for score in prepared.instruments[name].scores:
                column = sample.people.numbers(f"{name}.{score}")
                answered = ~np.isnan(column)
                followup, within = late[answered], sample.clusters[answered]
                if len(set(followup)) < 2:
                    continue
                design = pd.DataFrame({"constant": 1.0, "followup": followup})
                estimate = estimates.contrast(column[answered], design, "followup", within)
                smaller = min(int(followup.sum()), int((1 - followup).sum()))
                yield Result(
                    unit=sample.unit,
                    source=survey.id,
                    instrument=name,
                    analysis="all_respondents",
                    measure=score,
                    wave=waves,
                    group=sample.group,
                    statistic="difference",
                    n=float(smaller),
                    n_schools=estimates.number_of_schools(within),
                    **estimates.fields(estimate)
                    | {
                        "method": "difference of means of all respondents of each wave; "
                        + estimate.how
                    },
                )


def _paired(
    study: Study, sample: Sample, survey: Survey, instrument: Instrument, score: str, waves: str
) -> list[Result]:
    pairs = _pairs(sample, f"{instrument.id}.{score}")
    n = len(pairs)
    if n == 0:
        return []
    baseline, followup = pairs.baseline, pairs.followup
    difference = followup - baseline
    common: dict[str, Any] = {
        "unit": sample.unit,
        "source": survey.id,
        "instrument": instrument.id,
        "analysis": "paired",
        "measure": score,
        "wave": waves,
        "group": sample.group,
        "n": float(n),
        "n_schools": pairs.n_schools,
    }
    schools = pairs.clusters if sample.clustered else None
    change = estimates.mean(difference, schools)
    results = [
        Result(**common, statistic="n", value=float(n), method="count"),
        Result(**common, statistic="difference", **estimates.fields(change)),
    ]
    for wave, values in (("baseline", baseline), ("followup", followup)):
        results.append(
            Result(**common, statistic=f"{wave}_mean", value=float(values.mean()), method="mean")
        )
        results.append(
            Result(
                **common,
                statistic=f"{wave}_sd",
                value=float(values.std(ddof=1)) if n > 1 else math.nan,
                method="standard deviation (n - 1)",
            )
        )
    if sample.clustered:
        interval = sample.group in phase_keys(study)
        results.extend(_over_schools(common, difference, pairs.clusters, change, interval=interval))
    results.extend(_equivalence(study, common, instrument, change))
    if n < 3 or float(np.ptp(difference)) < 1e-12:
        return results
    results.extend(_as_published(common, baseline, followup))
    value, low, high = effects.hedges_g(change, baseline, followup)
    results.append(
        Result(
            **common,
            statistic="g",
            value=value,
            ci_low=low,
            ci_high=high,
            df=change.df,
            level=estimates.LEVEL,
            method="change over the pooled SD of both waves (Hedges); " + change.how,
        )
    )
    results.extend(_effect_sizes(common, baseline, followup, schools))
    if n < SMALL:
        results.append(
            Result(
                **common,
                statistic="p_normality",
                value=float(stats.shapiro(difference).pvalue),
                method="Shapiro-Wilk test of the differences (scipy)",
            )
        )
    return results


def _over_schools(
    common: dict[str, Any], difference: Floats, schools: Codes, change: Estimate, *, interval: bool
) -> Iterator[Result]:
    yield Result(
        **common, statistic="p_clustered", value=change.p, df=change.df, method=change.method
    )
    if not change.known:
        return
    each = estimates.mean_of_schools(difference, schools)
    yield Result(**common, statistic="difference_schools", **estimates.fields(each))
    yield Result(**common, statistic="p_schools", value=each.p, df=each.df, method=each.method)
    codes = estimates.school_codes(schools)
    samples = resampling.WildMean(difference, codes)
    wild = samples.test()
    yield Result(**common, statistic="p_wild", value=wild.p, method=wild.method)
    # An interval takes many tests: only everybody and the groups of schools have one.
    if interval:
        low, high = samples.interval(estimates.mean(difference, codes))
        yield Result(
            **common,
            statistic="difference_wild",
            value=change.value,
            ci_low=low,
            ci_high=high,
            level=estimates.LEVEL,
            method="mean; interval by inverting the "
            + resampling.wild_method(int(common["n_schools"]))
            + ("" if math.isfinite(low) else "; not given with so few schools"),
        )


def _equivalence(
    study: Study, common: dict[str, Any], instrument: Instrument, change: Estimate
) -> Iterator[Result]:
    smallest = study.smallest_effects.get(instrument.id)
    if smallest is None or not change.known:
        return
    low, high = change.interval(0.90)
    method = (
        f"two one-sided t tests against plus or minus {smallest.points:g} points; " + change.how
    )
    yield Result(
        **common,
        statistic="p_equivalence",
        value=effects.equivalence(change, smallest.points),
        df=change.df,
        method=method,
    )
    yield Result(
        **common,
        statistic="equivalence",
        value=change.value,
        ci_low=low,
        ci_high=high,
        df=change.df,
        level=0.90,
        method=method,
    )


def _as_published(common: dict[str, Any], baseline: Floats, followup: Floats) -> Iterator[Result]:
    # Signed as in the published tables: baseline less follow-up, so a rise has a negative t.
    n = len(baseline)
    t, p = _t_test(baseline - followup)
    rows: list[tuple[str, float, str]] = [
        ("t", t, PAIRED + ", baseline less follow-up" + PLAIN),
        ("df", float(n - 1), PAIRED),
        ("p", p, PAIRED + PLAIN),
    ]
    ranks, words = signed_rank(followup - baseline)
    if not math.isnan(ranks):
        rows.append(("p_wilcoxon", ranks, words + PLAIN))
    for statistic, value, method in rows:
        yield Result(**common, statistic=statistic, value=value, df=float(n - 1), method=method)


def _t_test(difference: Floats) -> tuple[float, float]:
    """The paired t test, without the checks around scipy's, which cost ten times as much."""
    n = len(difference)
    t = float(difference.mean()) / (float(difference.std(ddof=1)) / math.sqrt(n))
    return t, estimates.two_sided(t, n - 1)


def _effect_sizes(
    common: dict[str, Any], baseline: Floats, followup: Floats, schools: Codes | None
) -> Iterator[Result]:
    n = len(baseline)
    for name, words in (
        ("d_z", "mean difference over SD of differences"),
        ("d_av", "mean difference over the root of the average variance (Cohen's d, pingouin)"),
    ):
        value, low, high = getattr(effects, name)(baseline, followup)
        plain = Result(
            **common,
            statistic=name,
            value=value,
            ci_low=low,
            ci_high=high,
            df=float(n - 1),
            level=estimates.LEVEL,
            method=f"{words}; interval from the noncentral t",
        )
        if schools is None:
            yield plain
            continue
        yield replace(plain, statistic=f"{name}_independent", method=plain.method + PLAIN)
        without = effects.without_each_school(name, baseline, followup, schools)
        low, high = resampling.jackknife_interval(value, without)
        yield replace(
            plain,
            ci_low=low,
            ci_high=high,
            df=float(len(without) - 1),
            method=f"{words}; interval from a jackknife over schools"
            + ("" if math.isfinite(low) else ", not given with so few schools"),
        )


def holm(results: list[Result], instrument: Instrument, statistic: str) -> Iterator[Result]:
    """Holm's correction of a p over the instrument's subscales (the total apart)."""
    family = [
        result
        for result in results
        if result.statistic == statistic
        and not (instrument.total and result.measure == instrument.total.id)
        and not math.isnan(result.value)
    ]
    words = f"Holm over the {len(family)} subscales"
    yield from _adjusted(family, f"{statistic}_holm", "holm", words)


def _adjusted(family: list[Result], statistic: str, method: str, words: str) -> Iterator[Result]:
    known = [result for result in family if not math.isnan(result.value)]
    if len(known) < 2:
        return
    _, values = pg.multicomp([result.value for result in known], method=method)
    for result, value in zip(known, values, strict=True):
        yield replace(
            result,
            statistic=statistic,
            value=float(value),
            df=math.nan,
            method=f"{words}, of: {result.method}",
        )


@dataclass(frozen=True)
class _Pairs:
    """Scores of those who have one at both waves, and their schools."""

    baseline: Floats
    followup: Floats
    clusters: Codes
    n_schools: float

    def __len__(self) -> int:
        return len(self.baseline)


def _pairs(sample: Sample, column: str) -> _Pairs:
    baseline, followup = (sample.people.numbers(column + wave) for wave in (BASELINE, FOLLOWUP))
    both = ~(np.isnan(baseline) | np.isnan(followup))
    return _Pairs(
        baseline[both],
        followup[both],
        sample.clusters[both],
        estimates.number_of_schools(sample.clusters[both]),
    )


def _looked_up(instrument: Instrument, score: str) -> bool:
    if instrument.total is not None and score == instrument.total.id:
        return any(subscale.score == "lookup" for subscale in instrument.subscales)
    return instrument.subscale(score).score == "lookup"


def _higher_is_better(instrument: Instrument, score: str) -> bool:
    if instrument.total is not None and score == instrument.total.id:
        return True
    return instrument.subscale(score).higher_is_better
