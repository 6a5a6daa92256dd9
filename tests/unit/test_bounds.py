"""What else could look like a change: chance in the lowest schools, those who left, other causes."""

from __future__ import annotations

import math

import numpy as np
import pytest

from analysis.present import bounds
from analysis.statistics import change, hidden, imputation, lowest, over_time, power
from tests.unit.test_evidence import page_of
from tests.unit.test_statistics_edges import STAFF, prepared


def test_the_lowest_schools_rise_by_what_is_expected_if_nothing_happens() -> None:
    rng = np.random.default_rng(1)
    seen, by_chance = [], []
    for _ in range(300):
        true = rng.normal(0, 0.3, 12)
        first, last = true + rng.normal(0, 0.3, 12), 0.2 + true + rng.normal(0, 0.3, 12)
        names = lowest.chosen({str(place): value for place, value in enumerate(first)})
        places = [int(name) for name in names]
        seen.append((last - first)[places].mean() - (last - first).mean())
        by_chance.append(lowest.expected(first, last, len(places)).mean())
    error = np.std(seen) / math.sqrt(len(seen))
    assert np.mean(seen) > 5 * error
    assert abs(np.mean(seen) - np.mean(by_chance)) < 3 * error


def test_the_e_value_is_the_published_one() -> None:
    # VanderWeele and Ding (2017): a risk ratio of 3.9 has an E-value of 7.26.
    assert hidden.e_value(math.log(3.9) / hidden.TO_RATIO) == pytest.approx(7.26, abs=0.005)
    assert hidden.e_value(0.0) == 1.0
    assert hidden.e_value(-0.4) == hidden.e_value(0.4)


@pytest.mark.parametrize("rise", [0.0, 1.0])
def test_at_the_tipping_point_the_interval_ends_at_nought(rise: float) -> None:
    rng = np.random.default_rng(1)
    schools = np.repeat(np.arange(12), 15)
    scores = rng.normal(size=(180, 1)) + rng.normal(0, 0.5, (180, 2))
    scores[:, 1] += rise
    left = rng.random(180) < 0.4
    scores[left, 1] = np.nan
    completed = imputation.impute(scores, np.ones((180, 1)), schools)
    assert completed is not None
    delta = over_time.tipping(completed, schools, left)
    # Those who left would have to fall where all rose.
    assert (delta < 0) == (rise > 0) or rise == 0
    shifted = completed.sums.copy()
    shifted[:, 1] += delta * np.bincount(schools, weights=left)
    moved = imputation.Imputed(shifted, completed.sizes, completed.products)
    low, high = over_time.pooled(over_time.means_of_change(moved, schools))[1:3]
    assert min(abs(low), abs(high)) < 1e-6
    assert math.isnan(over_time.tipping(completed, schools, np.zeros(180, dtype=bool)))


def test_what_is_said_has_its_numbers() -> None:
    found = prepared([9, 8, 12, 8, 10, 9, 8, 9, 8, 9], only_first=6)
    questions = (lowest.lowest, hidden.hidden, change.paired, over_time.imputed, power.detectable)
    page = page_of(r for question in questions for r in question(found, STAFF))
    assert "Regression to the mean" in bounds.lowest_said(page, "staff").markdown()
    assert bounds.lowest(page, "staff") is not None
    table = bounds.bounds(page, "staff", "spsc")
    assert len(table.rows) == len(page.instruments["spsc"].scores)
    assert "no change of the spsc stands" in bounds.bounds_said(page, "staff").markdown().lower()
    assert bounds.effect_sizes(page, "staff", "spsc") is not None
    # One uncorrected test finds a smaller effect than what stands after correction.
    at = ("staff", "spsc", "detectable", "morale", page.waves)
    plain, strict = (page.values(bounds.ALL, *at, name) for name in ("mdes", "mdes_holm"))
    assert plain["value"] < strict["value"]


def test_one_wave_says_nothing_of_change() -> None:
    page = page_of([])
    study = page.study.model_copy(update={"baseline": "T2", "followup": "T2"})
    one = page_of([], study=study)
    assert not one.study.compares
    assert bounds.lowest_said(one, "staff") is None and bounds.seasons_said(one) is None
    assert bounds.bounds(one, "staff", "spsc") is None
