"""Where do we stand? Scores and items at each wave."""

from __future__ import annotations

from collections.abc import Iterator

from analysis.instruments import Instrument
from analysis.prepare import Prepared
from analysis.results import Result
from analysis.statistics import estimates
from analysis.statistics.samples import samples
from analysis.study import Survey


def scores(prepared: Prepared, survey: Survey) -> Iterator[Result]:
    """Mean (with 95% interval), SD and n of every score, at each wave, of every unit and group.

    Where a score has a norm, also the difference of the mean from the norm's.
    """
    frame = prepared.surveys[survey.id]
    for wave in prepared.study.wave_ids:
        for sample in samples(prepared, survey, frame[frame["wave"] == wave]):
            for instrument in _instruments(prepared, survey):
                for score in instrument.scores:
                    answered = sample.frame.dropna(subset=[f"{instrument.id}.{score}"])
                    values = answered[f"{instrument.id}.{score}"]
                    if values.empty:
                        continue
                    schools = answered["school"] if sample.clustered else None
                    estimate = estimates.mean(values, schools)
                    common = {
                        "unit": sample.unit,
                        "source": survey.id,
                        "instrument": instrument.id,
                        "analysis": "level",
                        "measure": score,
                        "wave": wave,
                        "group": sample.group,
                        "n": float(len(values)),
                        "n_schools": float(answered["school"].nunique()),
                    }
                    yield Result(
                        **common,
                        statistic="mean",
                        value=estimate.value,
                        ci_low=estimate.ci_low,
                        ci_high=estimate.ci_high,
                        df=estimate.df,
                        level=estimates.LEVEL,
                        method=estimate.method,
                    )
                    yield Result(
                        **common,
                        statistic="sd",
                        value=float(values.std(ddof=1)),
                        method="standard deviation (n - 1)",
                    )
                    yield Result(**common, statistic="n", value=float(len(values)), method="count")
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
                            + estimate.method,
                        )


def items(prepared: Prepared, survey: Survey) -> Iterator[Result]:
    """Mean of every item, and the shares of answers above, at and below the scale's middle.

    Shares are of answers as scored, so that for a reversed item disagreement is favourable.
    """
    frame = prepared.surveys[survey.id]
    for wave in prepared.study.wave_ids:
        for sample in samples(prepared, survey, frame[frame["wave"] == wave]):
            for instrument in _instruments(prepared, survey):
                for item in instrument.items:
                    answers = sample.frame[item.code].dropna()
                    if answers.empty:
                        continue
                    responses = instrument.responses(item)
                    if item.reverse:
                        answers = responses.minimum + responses.maximum - answers
                    middle = (responses.minimum + responses.maximum) / 2
                    n = float(len(answers))
                    common = {
                        "unit": sample.unit,
                        "source": survey.id,
                        "instrument": instrument.id,
                        "analysis": "items",
                        "measure": item.code,
                        "wave": wave,
                        "group": sample.group,
                        "n": n,
                    }
                    yield Result(
                        **common, statistic="mean", value=float(answers.mean()), method="mean"
                    )
                    for statistic, chosen in (
                        ("favourable", answers > middle),
                        ("neutral", answers == middle),
                        ("unfavourable", answers < middle),
                    ):
                        count = float(chosen.sum())
                        yield Result(
                            **common,
                            statistic=statistic,
                            value=100 * count / n,
                            numerator=count,
                            denominator=n,
                            method="share of those who answered the item",
                        )


def _instruments(prepared: Prepared, survey: Survey) -> list[Instrument]:
    return [prepared.instruments[name] for name in survey.instruments]
