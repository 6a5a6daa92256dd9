"""The attacker against counting out every possibility, on small tables."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.disclosure.attack import Contradiction, System

#: Answers to an item.
LOW, HIGH = 1, 5


@st.composite
def small(draw: st.DrawFn) -> tuple[list[list[int]], list[list[int]], int]:
    """Groups of a few people with their answers; sums of groups that are printed; decimals."""
    groups = draw(
        st.lists(st.lists(st.integers(LOW, HIGH), min_size=1, max_size=3), min_size=2, max_size=4)
    )
    places = range(len(groups))
    wholes = draw(st.lists(st.lists(st.sampled_from(places), min_size=1, unique=True), max_size=4))
    return groups, wholes, draw(st.integers(0, 2))


@settings(max_examples=150)
@given(small())
def test_intervals_are_those_of_all_possibilities(
    example: tuple[list[list[int]], list[list[int]], int],
) -> None:
    groups, wholes, decimals = example
    sizes = [len(group) for group in groups]
    means = [
        (whole, round(sum(sum(groups[p]) for p in whole) / sum(sizes[p] for p in whole), decimals))
        for whole in wholes
    ]
    half = 0.5 * 10.0**-decimals
    exact, relaxed = System(integer=True), System()
    for system in (exact, relaxed):
        for place, size in enumerate(sizes):
            system.unknown(place, LOW * size, HIGH * size)
        for whole, mean in means:
            people = sum(sizes[p] for p in whole)
            low, high = people * (mean - half), people * (mean + half)
            system.between(dict.fromkeys(whole, 1.0), low, high)
    possible = [
        sums
        for sums in product(*(range(LOW * n, HIGH * n + 1) for n in sizes))
        if all(
            abs(sum(sums[p] for p in whole) / sum(sizes[p] for p in whole) - mean) <= half + 1e-9
            for whole, mean in means
        )
    ]
    for place in range(len(groups)):
        values = [sums[place] for sums in possible]
        found = exact.interval({place: 1.0})
        assert (found.low, found.high) == (min(values), max(values))
        wider = relaxed.interval({place: 1.0})
        assert wider.low <= found.low + 1e-5
        assert wider.high >= found.high - 1e-5


@settings(max_examples=60)
@given(small(), st.floats(0.05, 3))
def test_clearing_many_at_once_gives_the_same_answer(
    example: tuple[list[list[int]], list[list[int]], int], needed: float
) -> None:
    groups, wholes, _ = example
    system = System()
    for place, group in enumerate(groups):
        system.unknown(place, LOW * len(group), HIGH * len(group))
    for whole in wholes:
        value = sum(sum(groups[p]) for p in whole)
        system.between(dict.fromkeys(whole, 1.0), value - 0.5, value + 0.5)
    asked = [{place: 1.0} for place in range(len(groups))]
    one_by_one = [
        place for place, found in enumerate(system.intervals(asked))
        if found.half_width < needed - 1e-6
    ]  # fmt: skip
    assert system.too_narrow(asked, [needed] * len(asked)) == one_by_one


def test_numbers_that_contradict_each_other_stop_it() -> None:
    system = System()
    system.unknown("a", 0, 10)
    system.between({"a": 1.0}, 3, 4)
    system.between({"a": 1.0}, 5, 6)
    with pytest.raises(Contradiction):
        system.interval({"a": 1.0})
