"""Which answers people give, joined where few gave one, and how stable their scores are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.results import ledger
from analysis.statistics import distributions
from analysis.statistics.distributions import _classes
from tests.unit.test_statistics_edges import STAFF, prepared

ANSWERS = st.lists(st.lists(st.integers(1, 7), min_size=2, max_size=2), min_size=1, max_size=60)


@given(ANSWERS, st.integers(1, 12))
def test_few_never_stand_behind_a_class_where_there_are_enough(
    rows: list[list[int]], fewest: int
) -> None:
    points = np.array(rows, dtype="float64")
    found = _classes(range(1, 8), points, fewest)
    assert [n for low, high in found for n in range(low, high + 1)] == list(range(1, 8))
    for (low, high), people in found.items():
        inside = ((points >= low) & (points <= high)).any(axis=1)
        assert people == inside.sum()
        if len(rows) >= fewest:
            assert people == 0 or people >= fewest


def test_an_answer_of_few_is_joined_with_the_rarer_neighbour() -> None:
    points = np.array([[1.0]] * 2 + [[2.0]] * 6 + [[3.0]] * 9 + [[4.0]] * 1 + [[5.0]] * 7)
    assert list(_classes(range(1, 6), points, 5)) == [(1, 2), (3, 3), (4, 5)]
    assert list(_classes(range(1, 6), points, 1)) == [(n, n) for n in range(1, 6)]


def test_shares_add_up_and_the_correlation_is_that_of_the_matched() -> None:
    study = prepared([6, 7, 8, 9])
    rows = ledger([*distributions.answers(study, STAFF), *distributions.retest(study, STAFF)], "e")
    shares = rows[rows["statistic"].str.startswith("answer_")]
    assert shares.groupby(["measure", "wave"])["value"].sum().tolist() == pytest.approx([100] * 18)
    assert (shares["n"] >= study.study.population("staff").minimum).all()
    frame = study.surveys["staff"].pivot(
        index="respondent", columns="wave", values="spsc.morale"
    ).dropna()  # fmt: skip
    (morale,) = rows[(rows["analysis"] == "retest") & (rows["measure"] == "morale")].itertuples()
    assert morale.value == pytest.approx(np.corrcoef(frame["T1"], frame["T2"])[0, 1])
    assert morale.n == len(frame) == 30
    assert morale.ci_low < morale.value < morale.ci_high <= 1
