"""What changed? Baseline to follow-up, within people and between all respondents."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pandas as pd
import pingouin as pg

from analysis.instruments import Instrument
from analysis.prepare import Prepared
from analysis.results import Result, pair
from analysis.statistics import estimates
from analysis.statistics.samples import Sample, matched, samples
from analysis.study import Survey

# pingouin rounds intervals for display; the ledger keeps them as computed.
pg.options["round.column.CI95"] = None

PAIRED = "paired t test (pingouin)"
#: Answers tie too often for an exact distribution; R's wilcox.test falls back to the same.
WILCOXON = "Wilcoxon signed-rank test, normal approximation with continuity correction (pingouin)"


def paired(prepared: Prepared, survey: Survey) -> Iterator[Result]:
    """Change within the matched sample, of every score, unit and group.

    For the cohort and its groups the interval of ``difference`` and its ``p_clustered`` allow
    for schools. ``t``, ``p`` and the like are those of the plain paired t test, as usually
    published; over schools they are too optimistic and stand beside the clustered result only.

    ``p_holm`` is Holm's correction of the plain p within the family of an instrument's
    subscales (the total apart); ``p_clustered_holm`` likewise of the clustered p.

    ``d_z`` is the mean difference over the SD of differences; ``d_av`` is Cohen's d with the
    average of the two SDs as pingouin computes it (Lakens, 2013, Frontiers in Psychology
    4:863).
    """
    waves = pair(prepared.study.baseline, prepared.study.followup)
    for sample in samples(prepared, survey, matched(prepared, survey)):
        for name in survey.instruments:
            instrument = prepared.instruments[name]
            family: list[Result] = []
            for score in instrument.scores:
                family.extend(_paired(sample, survey, instrument, score, waves))
            yield from family
            yield from _corrected(family, instrument, "p", "p_holm")
            yield from _corrected(family, instrument, "p_clustered", "p_clustered_holm")


def all_respondents(prepared: Prepared, survey: Survey) -> Iterator[Result]:
    """Difference between all respondents of follow-up and all of baseline.

    It mixes change within people with change in who answered, and stands beside the matched
    change so that nobody mistakes one for the other. Only for the cohort and its groups; the
    interval allows for schools.
    """
    study, frame = prepared.study, prepared.surveys[survey.id]
    waves = pair(study.baseline, study.followup)
    both = frame[frame["wave"].isin([study.baseline, study.followup])]
    for sample in samples(prepared, survey, both):
        if not sample.clustered:
            continue
        for name in survey.instruments:
            for score in prepared.instruments[name].scores:
                rows = sample.frame.dropna(subset=[f"{name}.{score}"])
                followup = (rows["wave"] == study.followup).astype("float64")
                if followup.nunique() < 2:
                    continue
                design = pd.DataFrame({"constant": np.ones(len(rows)), "followup": followup})
                estimate = estimates.contrast(
                    rows[f"{name}.{score}"], design, "followup", rows["school"]
                )
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
                    value=estimate.value,
                    ci_low=estimate.ci_low,
                    ci_high=estimate.ci_high,
                    n=float(smaller),
                    n_schools=float(rows["school"].nunique()),
                    df=estimate.df,
                    level=estimates.LEVEL,
                    method="difference of means of all respondents of each wave; "
                    + estimate.method.removeprefix("mean; "),
                )


def _paired(
    sample: Sample, survey: Survey, instrument: Instrument, score: str, waves: str
) -> list[Result]:
    columns = [f"{instrument.id}.{score}@{wave}" for wave in ("baseline", "followup")]
    pairs = sample.frame.dropna(subset=columns)
    n = len(pairs)
    if n == 0:
        return []
    baseline, followup = pairs[columns[0]], pairs[columns[1]]
    difference = followup - baseline
    common = {
        "unit": sample.unit,
        "source": survey.id,
        "instrument": instrument.id,
        "analysis": "paired",
        "measure": score,
        "wave": waves,
        "group": sample.group,
        "n": float(n),
        "n_schools": float(pairs["school"].nunique()),
    }
    # Somebody who changed school is a cluster of their own.
    schools = pairs["school"].fillna(pairs["respondent"]) if sample.clustered else None
    change = estimates.mean(difference, schools)
    results = [
        Result(**common, statistic="n", value=float(n), method="count"),
        Result(
            **common,
            statistic="difference",
            value=change.value,
            ci_low=change.ci_low,
            ci_high=change.ci_high,
            df=change.df,
            level=estimates.LEVEL,
            method=change.method,
        ),
    ]
    for wave, values in (("baseline", baseline), ("followup", followup)):
        results.append(
            Result(**common, statistic=f"{wave}_mean", value=float(values.mean()), method="mean")
        )
        results.append(
            Result(
                **common,
                statistic=f"{wave}_sd",
                value=float(values.std(ddof=1)),
                method="standard deviation (n - 1)",
            )
        )
    if sample.clustered:
        results.append(
            Result(
                **common, statistic="p_clustered", value=change.p, df=change.df, method=change.method
            )
        )
    if n < 3 or math.isclose(float(difference.std(ddof=1)), 0.0):
        return results
    # Signed as in the published tables: baseline less follow-up, so a rise has a negative t.
    test = pg.ttest(baseline, followup, paired=True).iloc[0]
    wilcoxon = pg.wilcoxon(baseline, followup, method="asymptotic", correction=True).iloc[0]
    for statistic, value, method in (
        ("t", test["T"], PAIRED + ", baseline less follow-up"),
        ("df", test["dof"], PAIRED),
        ("p", test["p_val"], PAIRED),
        ("p_wilcoxon", wilcoxon["p_val"], WILCOXON),
        ("bf10", test["BF10"], "Bayes factor, JZS prior with scale 0.707 (pingouin)"),
        ("d_z", difference.mean() / difference.std(ddof=1), "mean over SD of differences"),
        (
            "d_av",
            pg.compute_effsize(followup, baseline, paired=True, eftype="cohen"),
            "Cohen's d, average SD (pingouin)",
        ),
    ):
        results.append(
            Result(**common, statistic=statistic, value=float(value), df=float(n - 1), method=method)
        )
    return results


def _corrected(
    results: list[Result], instrument: Instrument, statistic: str, corrected: str
) -> Iterator[Result]:
    family = [
        result
        for result in results
        if result.statistic == statistic
        and not (instrument.total and result.measure == instrument.total.id)
        and not math.isnan(result.value)
    ]
    if len(family) < 2:
        return
    _, values = pg.multicomp([result.value for result in family], method="holm")
    for result, value in zip(family, values, strict=True):
        yield Result(
            unit=result.unit,
            source=result.source,
            instrument=result.instrument,
            analysis=result.analysis,
            measure=result.measure,
            wave=result.wave,
            group=result.group,
            statistic=corrected,
            value=float(value),
            n=result.n,
            n_schools=result.n_schools,
            method=f"Holm over the {len(family)} subscales, of: {result.method}",
        )
