"""Intervals over schools, and the counts in words that they would tell."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from analysis import study as studies
from analysis.disclosure import decide, released
from analysis.results import COHORT, Result, ledger
from analysis.statistics.outcomes import ratio
from tests.conftest import ROOT

STUDY = studies.load(ROOT / "data/raw")
ROLL = [40.0, 60.0, 75.0, 90.0, 120.0, 150.0]
#: Of all schools of no group that is compared, so that only the programme's rate adds them up.
SCHOOLS = ["X01", "X02", "X03", "X04", "X05", "X06"]


def interval_shown(counts: list[int], roll: list[float]) -> bool:
    """Whether the programme's rate of pupils excluded is shown with its interval."""
    names = (
        SCHOOLS[: len(counts)] if len(counts) <= 6 else [f"X{k:02d}" for k in range(len(counts))]
    )
    common = {"source": "outcomes", "instrument": "school_data", "analysis": "rate", "group": "all",
              "measure": "exclusions", "wave": "2026_27_spring", "statistic": "rate"}  # fmt: skip
    rows = [
        Result(**common, unit=name, value=100 * count / base, n=base, numerator=float(count),
               denominator=base, n_schools=1.0)
        for name, count, base in zip(names, counts, roll, strict=True)
    ]  # fmt: skip
    low, high, df, _ = ratio(np.array(counts), np.array(roll))
    rows.append(Result(**common, unit=COHORT, value=100 * sum(counts) / sum(roll), n=sum(roll),
                       numerator=float(sum(counts)), denominator=sum(roll), ci_low=low,
                       ci_high=high, df=df, level=0.95, n_schools=float(len(counts))))  # fmt: skip
    found = released(decide(ledger(rows, "e1"), STUDY)).by_id
    row = next(row for (unit, _), row in found.items() if unit == COHORT)
    assert row["release"] == "released" and row["value"] == pytest.approx(rows[-1].value)
    # What is shown without its interval says why.
    assert bool(row["reason"]) == (row["ci_low"] != row["ci_low"])
    return bool(row["ci_low"] == row["ci_low"])


def possibilities(counts: list[int], roll: list[float]) -> list[set[int]]:
    """What each school may have, by its words, the total and the interval with two decimals."""
    true = [round(end, 2) for end in ratio(np.array(counts), np.array(roll))[:2]]
    ranges = [range(3) if count <= 2 else [count] for count in counts]
    fits = [
        each
        for each in product(*ranges)
        if sum(each) == sum(counts)
        and [round(end, 2) for end in ratio(np.array(each), np.array(roll))[:2]] == true
    ]
    return [set(column) for column in zip(*fits, strict=True)]


@pytest.mark.parametrize("counts", [[2, 1, 0, 3, 3, 7], [1, 0, 2, 1, 4, 5]])
def test_an_interval_that_leaves_one_combination_is_withheld(counts: list[int]) -> None:
    assert any(len(each) == 1 for each in possibilities(counts, ROLL)[:3])
    assert not interval_shown(counts, ROLL)


def test_an_interval_that_leaves_enough_is_shown() -> None:
    counts, roll = [1, 0, 2, 1, 0, 2, 1, 1, 0, 9], [100.0] * 10
    assert all(len(each) == 3 for each in possibilities(counts, roll)[:-1])
    assert interval_shown(counts, roll)
    assert interval_shown([3, 4, 5, 6, 7, 8], ROLL)
