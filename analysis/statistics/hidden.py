"""Hidden causes: how strong something else would have to be to make what was found."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from analysis.prepare import Prepared
from analysis.results import COHORT, Result, pair
from analysis.statistics import effects, estimates
from analysis.statistics.people import BASELINE, FOLLOWUP
from analysis.statistics.samples import ALL, clusters, matched
from analysis.study import Survey

#: From a standardised difference to a risk ratio: VanderWeele (2017).
TO_RATIO = 0.91


def e_value(d: float) -> float:
    """The E-value of a standardised difference.

    How strongly, as a risk ratio, a hidden cause would have to be tied both to the wave and to
    standing high, to make a difference of ``d`` SDs by itself: ``RR + sqrt(RR (RR - 1))`` with
    ``RR = exp(0.91 d)`` (VanderWeele and Ding, 2017, Annals of Internal Medicine 167:268-274).
    1 where there is no difference.
    """
    ratio = math.exp(TO_RATIO * abs(d))
    return ratio + math.sqrt(ratio * (ratio - 1))


def hidden(prepared: Prepared, survey: Survey) -> Iterator[Result]:
    """What another cause would have to do to make each matched change of the programme.

    ``e_value`` of the change over the pooled SD of both waves, and ``e_value_limit`` of the end of
    its interval nearest to nought (1 where the interval includes it). In points: ``everybody`` is
    by how much something else must have moved all of them for the interval to reach nought, and
    ``half`` by how much if it met only every other; both only where the interval leaves nought out.
    """
    study = prepared.study
    both = matched(prepared, survey)
    for name in survey.instruments:
        for score in prepared.instruments[name].scores:
            columns = [f"{name}.{score}{wave}" for wave in (BASELINE, FOLLOWUP)]
            people = both.known(*columns)
            if len(people) < 3:
                continue
            baseline, followup = map(people.numbers, columns)
            schools = clusters(people)
            change = estimates.mean(followup - baseline, schools)
            sd = effects.pooled_sd(baseline, followup)
            if not change.known or not sd > 0:
                continue
            common: dict[str, Any] = {
                "unit": COHORT, "source": survey.id, "instrument": name, "analysis": "hidden",
                "measure": score, "wave": pair(study.baseline, study.followup), "group": ALL,
                "n": float(len(people)), "n_schools": estimates.number_of_schools(schools),
            }  # fmt: skip
            near = max(change.ci_low, 0.0) + min(change.ci_high, 0.0)
            method = "E-value by VanderWeele and Ding (2017), of "
            yield Result(
                **common, statistic="e_value", value=e_value(change.value / sd),
                method=method + "the change over the pooled SD of both waves",
            )  # fmt: skip
            yield Result(
                **common, statistic="e_value_limit", value=e_value(near / sd),
                method=method + "the end of its interval nearest to nought",
            )  # fmt: skip
            if near:
                for statistic, share in (("everybody", 1.0), ("half", 0.5)):
                    yield Result(
                        **common, statistic=statistic, value=near / share,
                        method="points by which another cause would have to move those it met, "
                        "for the interval to reach nought",
                    )  # fmt: skip
