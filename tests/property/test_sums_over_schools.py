"""Sums over schools: in whatever blocks schools come, and however many samples are made at a time."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import assume, given
from hypothesis import strategies as st

from analysis.statistics import attrition, estimates, level, resampling
from analysis.statistics.people import People
from analysis.statistics.samples import of_both

SIZES = st.lists(st.integers(2, 9), min_size=3, max_size=12)
SEEDS = st.integers(0, 2**32 - 1)


def people(sizes: list[int], seed: int) -> tuple[np.random.Generator, pd.DataFrame]:
    """Schools of so many people, each with three answers, in the order of schools."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.integers(1, 6, (sum(sizes), 3)).astype("float64"), columns=list("abc"))
    frame["school"] = np.repeat([f"S{place}" for place in range(len(sizes))], sizes)
    return rng, frame


@given(SIZES, SEEDS)
def test_blocks_of_schools_have_the_sums_of_all_to_the_last_digit(
    sizes: list[int], seed: int
) -> None:
    rng, frame = people(sizes, seed)
    x = frame[list("abc")].to_numpy() / 3
    codes = estimates.school_codes(frame["school"])
    whole = estimates.school_products(x, x, codes)
    parts = np.split(rng.permutation(len(sizes)), np.sort(rng.integers(0, len(sizes), 2)))
    for block in parts:
        chosen = np.isin(codes, block)
        own = estimates.school_codes(codes[chosen])
        found = estimates.school_products(x[chosen], x[chosen], own)
        assert (found == whole[np.sort(block)]).all()
    assert whole.sum(axis=0) == pytest.approx(x.T @ x)


@given(SIZES, SEEDS)
def test_estimates_do_not_turn_on_the_order_of_schools(sizes: list[int], seed: int) -> None:
    rng, frame = people(sizes, seed)
    other = pd.concat([frame[frame["school"] == f"S{p}"] for p in rng.permutation(len(sizes))])
    one, two = (estimates.mean(rows["a"], rows["school"]) for rows in (frame, other))
    assert (one.value, one.ci_low, one.df) == pytest.approx(
        (two.value, two.ci_low, two.df), nan_ok=True
    )
    answered = np.array(sizes, dtype="float64")[:, None]
    chosen = rng.integers(0, np.array(sizes) + 1)[:, None].astype("float64")
    order = rng.permutation(len(sizes))
    here, there = (
        level.share_intervals(answered[o], chosen[o], clustered=True)
        for o in (np.arange(len(sizes)), order)
    )
    for first, second in zip(here, there, strict=True):
        assert first == pytest.approx(second, abs=1e-9)


@given(st.integers(3, 40), st.sampled_from([99, 999]), st.integers(1, 9))
def test_samples_are_the_same_however_many_at_a_time(schools: int, draws: int, wide: int) -> None:
    count = resampling._samples(schools, draws)
    at_once = np.concatenate(list(resampling._signs(schools, count)))
    before = resampling.AT_ONCE
    try:
        resampling.AT_ONCE = 500
        resampling._flips.cache_clear()
        parted = np.concatenate(list(resampling._signs(schools, count, wide)))
    finally:
        resampling.AT_ONCE = before
        resampling._flips.cache_clear()
    assert (at_once == parted).all() and (at_once[0] == 1).all() and len(at_once) == count


@given(SIZES, SEEDS)
def test_some_people_are_the_rows_of_their_table(sizes: list[int], seed: int) -> None:
    rng, frame = people(sizes, seed)
    frame.loc[rng.random(len(frame)) < 0.2, "a"] = np.nan
    rows = rng.permutation(len(frame))[: len(frame) // 2]
    some, plain = People.of(frame, rows), frame.iloc[rows].reset_index(drop=True)
    for name in frame:
        pd.testing.assert_series_equal(some[name], plain[name], check_names=False)
    known = plain["a"].notna()
    assert some.known("a").numbers("b").tolist() == plain["b"][known].tolist()
    assert some.also(more=plain["c"]).where(known)["more"].tolist() == plain["c"][known].tolist()
    for (school, own), (name, theirs) in zip(
        some.by(some["school"]), plain.groupby("school"), strict=True
    ):
        assert school == name
        np.testing.assert_array_equal(own.numbers("a"), theirs["a"].to_numpy())


@given(SIZES, SEEDS)
def test_staying_is_told_as_statsmodels_tells_it(sizes: list[int], seed: int) -> None:
    rng, frame = people(sizes * 3, seed)
    x = np.column_stack([np.ones(len(frame)), frame[["a", "b"]]])
    y = (rng.random(len(frame)) < 0.6).astype("float64")
    assume(0 < y.sum() < len(y))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = sm.GLM(y, x, family=sm.families.Binomial()).fit(maxiter=50)
    # Where the two are parted by the terms there is no finite solution, and any is as good.
    assume(theirs.converged and np.max(np.abs(theirs.params)) < 20)
    found = attrition._logistic(x, y)
    assert found is not None
    np.testing.assert_allclose(found, theirs.fittedvalues, atol=1e-6)


def test_where_a_term_tells_who_stays_there_is_no_solution() -> None:
    term = np.arange(20.0)
    x = np.column_stack([np.ones(20), term])
    assert attrition._logistic(x, (term > 9).astype("float64")) is None


def test_people_who_moved_are_of_both_schools() -> None:
    stayed = of_both(pd.Series(["A", "B", "B"]), pd.Series(["A", "B", "B"]))
    assert stayed.tolist() == [0, 1, 1]
    moved = of_both(pd.Series(["A", "B", "B"]), pd.Series(["A", "B", "A"]))
    assert moved.shape == (3, 2) and moved[2, 1] == moved[0, 0] != moved[2, 0]
