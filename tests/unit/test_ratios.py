"""What tests, effect sizes, norms and ranks say of a mean is a constraint, and holds the truth."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.disclosure.printed import ALL, Score, scores
from analysis.prepare import load_instruments, schools
from analysis.results import COHORT, Result, count, ledger
from tests.unit.test_release_attacked import STUDY, _interval, _tested, people, results

INSTRUMENTS = load_instruments(STUDY)
SCHOOLS = schools.read(STUDY)
#: Numbers that are over the difference, each of which says something of it.
SAYING = ("t", "d_z", "p", "d_av", "g", "equivalence")


def rows(first: np.ndarray, last: np.ndarray) -> Iterator[Result]:
    """One school of which all answered both times."""
    at = {"unit": "S01", "source": "staff", "group": ALL}
    of = at | {"instrument": "spsc", "measure": "morale", "n": float(len(first)), "n_schools": 1.0}
    for wave, values in (("t1", first), ("t2", last)):
        yield count(len(values), **at, instrument="survey", analysis="response",
                    measure="responded", wave=wave)  # fmt: skip
        yield Result(**of, analysis="level", wave=wave, statistic="mean", value=values.mean())
    paired = of | {"analysis": "paired", "wave": "t1-t2"}
    change = pd.Series(last - first)
    for statistic, value, more in (
        ("difference", change.mean(), _interval(change)),
        ("equivalence", change.mean(), _interval(change)),
        ("baseline_sd", first.std(ddof=1), {}),
        ("followup_sd", last.std(ddof=1), {}),
    ):
        yield Result(**paired, statistic=statistic, value=float(value), **more)
    yield from _tested(paired, first, last)


def score(frame: pd.DataFrame, hidden: tuple[str, ...] = (), **coarse: float) -> Score:
    """The system of what is printed, some of it hidden or coarse."""
    shown = frame.assign(
        release=np.where(frame["statistic"].isin(hidden), "", "released"),
        decimals=frame["statistic"].map(coarse),
    )
    return next(scores(shown, STUDY, SCHOOLS, INSTRUMENTS))


def sample(seed: int, shift: float) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    first = np.round(random.normal(3.2, 0.8, 14).clip(1, 5), 1)
    return first, np.round((first + random.normal(shift, 0.5, 14)).clip(1, 5), 1)


@pytest.mark.parametrize("saying", SAYING)
def test_a_coarse_difference_is_told_again(saying: str) -> None:
    """Each alone narrows it, for some sample; none ever shuts the true value out."""
    narrower = 0
    for seed in range(30):
        first, last = sample(seed, 0.15 * (seed % 4 - 1))
        frame = ledger(rows(first, last), "e1")
        others = tuple(name for name in (*SAYING, "p_clustered") if name != saying)
        found = score(frame, others, difference=1.0).of_difference("paired", "t1-t2", "S01", ALL)
        digits = score(frame, SAYING, difference=1.0).of_difference("paired", "t1-t2", "S01", ALL)
        assert found and digits
        truth = float((last - first).mean())
        assert found[0] - 1e-9 <= truth <= found[1] + 1e-9
        assert digits[0] - 1e-9 <= found[0] and found[1] <= digits[1] + 1e-9
        narrower += found[1] - found[0] < 0.75 * (digits[1] - digits[0])
    assert narrower > 5


def test_of_the_programme_the_plain_test_bounds_by_the_standard_deviations() -> None:
    frame = people({"S01": (20, 0, 0), "S02": (18, 0, 0), "S13": (30, 0, 0)})
    decided = ledger(results(frame), "e1")
    cohort = decided["unit"] == COHORT
    found = score(decided, ("p", "p_clustered"), difference=0.0)
    without = score(decided, ("p", "p_clustered", "t", "d_z", "d_av", "g"), difference=0.0)
    truth = decided[cohort & (decided["statistic"] == "difference")]
    truth = truth[(truth["analysis"] == "paired") & (truth["measure"] == "morale")]
    ends = found.of_difference("paired", "t1-t2", COHORT, ALL)
    loose = without.of_difference("paired", "t1-t2", COHORT, ALL)
    assert ends and loose and ends[0] <= truth["value"].iloc[0] <= ends[1]
    assert ends[1] - ends[0] < loose[1] - loose[0]


def _of_one(**more: Any) -> Iterator[Result]:
    at = {"source": "pupils", "group": ALL, "unit": COHORT, "wave": "t1"}
    of = at | {"instrument": "kidscreen10", "measure": "t_value", "n": 40.0, "n_schools": 4.0}
    for school in ("S01", "S02", "S03", "S04"):
        own = of | {"unit": school, "n": 10.0, "n_schools": 1.0}
        yield Result(**own, analysis="level", statistic="mean", value=48.7)
    interval = {"df": 12.0, "level": 0.95}
    yield Result(**of, analysis="level", statistic="mean", value=48.7, ci_low=46.7, ci_high=50.7,
                 **interval)  # fmt: skip
    yield Result(**of, **more, **interval)


def test_what_stands_beside_a_norm_is_a_mean() -> None:
    """The norm is published, so the difference gives the mean, though that be coarse."""
    norm = INSTRUMENTS["kidscreen10"].subscale("t_value").norm
    assert norm is not None
    frame = ledger(
        _of_one(analysis="level", statistic="difference_from_norm", value=48.7 - norm.mean,
                ci_low=46.7 - norm.mean, ci_high=50.7 - norm.mean), "e1",
    )  # fmt: skip
    widths = []
    for hidden in (("difference_from_norm",), ()):
        found = next(
            scores(
                frame.assign(
                    release=np.where(
                        frame["statistic"].isin(hidden) | (frame["unit"] != COHORT), "", "released"
                    ),
                    decimals=frame["statistic"].map({"mean": 0.0}),
                ),
                STUDY, SCHOOLS, INSTRUMENTS,
            )
        )  # fmt: skip
        whole = found.whole("t1", ALL)
        assert whole
        interval = found.system.interval(whole)
        assert interval.low <= 40 * 48.7 <= interval.high
        widths.append(interval.half_width)
    assert widths[1] < widths[0] / 2


def test_a_rank_bounds_a_mean_by_its_neighbours() -> None:
    at = {"source": "staff", "group": ALL, "wave": "t1", "instrument": "spsc"}
    means = {"morale": 3.44, "workload": 3.41, "appraisal_recognition": 3.36}

    def made() -> Iterator[Result]:
        for place, (measure, mean) in enumerate(means.items(), start=1):
            of = at | {"measure": measure, "n": 40.0, "n_schools": 4.0}
            for school in ("S01", "S02", "S03", "S04"):
                own = of | {"unit": school, "n": 10.0, "n_schools": 1.0}
                yield Result(**own, analysis="level", statistic="mean", value=mean)
            yield Result(**of, unit=COHORT, analysis="level", statistic="mean", value=mean)
            yield Result(**of, unit=COHORT, analysis="rank", statistic="rank", value=float(place))

    frame = ledger(made(), "e1")
    # Of the middle one only its rank is printed; its neighbours' means are.
    hidden = (frame["unit"] != COHORT) | (
        (frame["measure"] == "workload") & (frame["statistic"] == "mean")
    )
    shown = frame.assign(release=np.where(hidden, "", "released"), decimals=float("nan"))
    found = {each.measure: each for each in scores(shown, STUDY, SCHOOLS, INSTRUMENTS)}
    workload = found["workload"]
    whole = workload.whole("t1", ALL)
    assert whole
    interval = workload.system.interval(whole)
    assert interval.low <= 40 * 3.41 <= interval.high
    assert interval.half_width == pytest.approx(40 * (3.445 - 3.355) / 2, abs=1e-3)
