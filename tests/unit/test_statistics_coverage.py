"""What the intervals and tests claim, by simulation: briefly always, at length on demand."""

from __future__ import annotations

import importlib.util
import sys
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

from analysis.qualitative import coders
from analysis.statistics import estimates, moderators, resampling
from tests.conftest import ROOT


def coverage() -> ModuleType:
    """``benchmarks/coverage.py``, which is a script and not part of the package."""
    path = ROOT / "benchmarks" / "coverage.py"
    spec = importlib.util.spec_from_file_location("benchmarks_coverage", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_reported_methods_hold_and_unclustered_ones_fail_with_alike_schools() -> None:
    simulation = coverage()
    runs = 1_500
    error = np.sqrt(0.95 * 0.05 / runs)
    for ours, plain in (
        (simulation._clustered, simulation._plain),
        (simulation._phase_clustered, simulation._phase_plain),
    ):
        rng = np.random.default_rng(simulation.SEED)
        both = np.array(
            [(ours(c), plain(c)) for c in (simulation.changes(rng) for _ in range(runs))]
        ).mean(axis=0)
        assert abs(both[0] - 0.95) <= 3 * error
        assert both[1] < 0.95 - 3 * error


def test_people_who_moved_together_share_both_schools() -> None:
    simulation = coverage()
    covered = {
        each.method: each
        for each in simulation.movers(1_000)
        if each.question == "change, 60% moved, intraclass correlation 0.15"
    }
    assert covered["movers: both schools, reported"].holds
    assert covered["movers: a cluster of their own"].covered < 0.85


@pytest.mark.verify
def test_intervals_cover_whoever_moved() -> None:
    for each in coverage().movers(10_000):
        if "reported" in each.method:
            assert 0.94 <= each.covered <= 0.96, each
        elif "own" in each.method and "60%" in each.question:
            assert each.covered < 0.9, each


@pytest.mark.parametrize("schools", [3, 4, 5, 8, 10])
def test_few_schools_can_be_significant_and_p_says_how_small_it_can_be(schools: int) -> None:
    # All schools rose alike: nothing could be clearer.
    codes = np.repeat(np.arange(schools), 6)
    rng = np.random.default_rng(1)
    change = 1 + 0.01 * rng.normal(size=len(codes))
    found = resampling.wild_test(
        change, pd.DataFrame({"mean": np.ones(len(codes))}), ["mean"], codes
    )
    assert found.p == pytest.approx(resampling.smallest_p(schools), abs=1e-3)
    assert found.p < 0.05
    assert f"p is at least {resampling.smallest_p(schools):.2g}" in found.method
    low, high = resampling.WildMean(change, codes).interval(estimates.mean(change, codes))
    assert 0 < low < change.mean() < high


def test_a_side_of_one_school_has_no_interval() -> None:
    codes = np.repeat(np.arange(5), 6)
    rng = np.random.default_rng(1)
    values = rng.normal(size=30)
    for alone in (True, False):
        group = (codes == 4 if alone else codes >= 3).astype("float64")
        design = pd.DataFrame({"one": 1.0, "group": group})
        found = estimates.contrast(values, design, "group", codes)
        assert found.value == pytest.approx(values[group > 0].mean() - values[group == 0].mean())
        assert found.known != alone
        # What does not rest on that school keeps its interval.
        assert estimates.contrast(values, design, "one", codes).known


def test_groups_that_stand_apart_at_baseline_do_not_seem_to_change_apart() -> None:
    """Nobody changes; two groups a standard deviation apart, and a baseline of reliability .7."""
    rng = np.random.default_rng(1)
    schools = np.repeat(np.arange(20), 12)
    group = (schools >= 10).astype("intp")
    error, runs, found = np.sqrt(0.3), 400, np.zeros(2)
    for _ in range(runs):
        level = group + np.sqrt(0.7) * rng.normal(size=len(schools))
        first, last = (level + error * rng.normal(size=len(schools)) for _ in range(2))
        # What alpha tells: of all, the groups' distance included.
        alpha = 1 - 0.3 / first.var()
        true, reliability = moderators.true_baseline(first, group, alpha)
        assert reliability == pytest.approx(0.7, abs=0.15)
        for place, given in enumerate((true, first)):
            design = pd.DataFrame({"one": 1.0, "group": group.astype("float64"), "given": given})
            estimate = estimates.contrast(last, design, "group", schools)
            found[place] += estimate.p < 0.05
    ours, plain = found / runs
    assert ours <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / runs)
    assert plain > 0.3
    unchanged, known = moderators.true_baseline(first, group, np.nan)
    assert known == 1.0 and unchanged is first


@pytest.mark.verify
def test_few_schools_and_few_interviews() -> None:
    for each in coverage().few(4_000):
        # Never too narrow; with three schools what can be said is little, and so said.
        assert each.covered > 0.95 - 4 * each.error, each
    for each in coverage().kappas(2_000):
        few = int(each.question.split()[1]) < coders.FEW
        assert (each.covered < 0.95 - 3 * each.error) == few or not few, each


def never_too_narrow(runs: int) -> None:
    simulation = coverage()
    for each in simulation.besides(runs) + simulation.finite(runs):
        assert each.covered > 0.95 - 3 * each.error, each
        if "finite population" in each.method:
            assert each.holds, each


def test_a_school_beside_the_others_and_this_years_people() -> None:
    never_too_narrow(100)


@pytest.mark.verify
def test_a_school_beside_the_others_and_this_years_people_at_length() -> None:
    never_too_narrow(2_000)


@pytest.mark.verify
def test_simulations_of_the_methods_page() -> None:
    found = {(each.question, each.method): each for each in coverage().simulate(10_000)}
    for (_, method), each in found.items():
        if method.startswith("movers") or method.startswith("few") or each.question == "ranks":
            continue
        if "reported" in method or "school means" in method or "check" in method:
            assert each.holds, method
        elif "unclustered" in method:
            assert each.covered < 0.95 - 3 * each.error, method
    # Holm over pairs is on the safe side where the pairs share their scales.
    kept = found["ranks", "pairs (CR2, Holm), reported"]
    assert 0.95 - 3 * kept.error <= kept.covered
    assert not found["change", "mixed model, Wald"].holds
    assert not found["phase x time", "mixed model of both waves, Wald"].holds


@pytest.mark.parametrize("schools", [4, 7, 11, 20])
def test_samples_of_a_mean_are_those_of_any_design(schools: int) -> None:
    rng = np.random.default_rng(schools)
    codes = np.repeat(np.arange(schools), rng.integers(2, 9, schools))
    change = 0.2 + rng.normal(0, 0.4, schools)[codes] + rng.normal(size=len(codes))
    for centre in (0.0, 0.3):
        ones = pd.DataFrame({"mean": np.ones(len(codes))})
        short = resampling.wild_test(change - centre, ones, ["mean"], codes)
        # Twos are no special case.
        general = resampling.wild_test(change - centre, 2 * ones, ["mean"], codes)
        assert short.p == pytest.approx(general.p, abs=1e-12)
        assert short.statistic == pytest.approx(general.statistic)
    low, high = resampling.WildMean(change, codes).interval(estimates.mean(change, codes))
    for end in (low, high):
        p = [
            resampling.wild_test(change - end * away, ones, ["mean"], codes).p
            for away in (0.999, 1.001)
        ]
        assert min(p) < 0.06 and max(p) > 0.04
