"""Answers in an order: bands, and neighbours joined where one holds too few people."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import study as studies
from analysis.errors import AnalystError
from analysis.prepare import bands
from analysis.study import Group, Study
from tests.conftest import ROOT

BASE = studies.load(ROOT / "data/raw")


def asking(**keys: object) -> Study:
    """The study with one group of staff, by years."""
    return BASE.model_copy(update={"groups": (Group(id="years", of="staff", **keys),)})


def answered(*values: tuple[str, int], wave: str = "T1") -> pd.DataFrame:
    said = [value for value, count in values for _ in range(count)]
    rows = range(2, len(said) + 2)
    return pd.DataFrame({"wave": wave, "row": rows, "source.file": "staff.csv", "years": said})


def sizes(study: Study, *frames: pd.DataFrame) -> dict[str, int]:
    found = bands.ordered(pd.concat(frames), study, study.survey("staff"))
    return found["years"].value_counts().to_dict()


def test_numbers_are_put_into_the_bands_that_the_study_states() -> None:
    years = asking(bands=[0, 5, 10, 20])
    frame = answered(("0", 6), ("4", 6), ("5", 6), ("19", 7), ("20", 4), ("41", 4))
    assert sizes(years, frame) == {"0_to_4": 12, "5_to_9": 6, "10_to_19": 7, "20_or_more": 8}
    halves = answered(("4.5", 6), ("5", 6), ("12", 6), ("30", 6))
    assert set(sizes(years, halves)) == {
        "0_to_under_5", "5_to_under_10", "10_to_under_20", "20_or_more",
    }  # fmt: skip


def test_a_band_of_too_few_joins_its_smaller_neighbour() -> None:
    years = asking(bands=[0, 5, 10, 20])
    first = answered(("2", 9), ("7", 8), ("12", 8), ("25", 30))
    assert len(sizes(years, first)) == 4
    # Too few at one wave is too few; the same groups stand at both.
    second = answered(("2", 9), ("7", 4), ("12", 7), ("25", 30), wave="T2")
    assert sizes(years, first, second) == {"0_to_4": 18, "5_to_19": 27, "20_or_more": 60}


def test_words_in_a_stated_order_join_as_well_and_no_answer_stays_what_it_is() -> None:
    years = asking(order=["under_1", "from_1_to_3", "over_3"])
    frame = answered(("under_1", 4), ("from_1_to_3", 9), ("over_3", 8), ("prefer_not_to_say", 2))
    found = sizes(years, frame, answered(("", 1)))
    assert found == {"under_1_or_from_1_to_3": 13, "over_3": 8, "prefer_not_to_say": 2, "": 1}


@pytest.mark.parametrize(
    ("keys", "value", "expected"),
    [
        ({"bands": [1, 5]}, "0.5", "a number from 1"),
        ({"bands": [0, 5]}, "leader", "a number from 0"),
        ({"order": ["low", "high"]}, "middling", "one of low, high"),
    ],
)
def test_an_answer_that_has_no_place_is_named(
    keys: dict[str, list[object]], value: str, expected: str
) -> None:
    with pytest.raises(AnalystError) as error:
        sizes(asking(**keys), answered((value, 1)))
    assert expected in str(error.value) and f"'{value}'" in str(error.value)
    assert "staff.csv, row 2, years" in str(error.value)


@pytest.mark.parametrize(
    "keys",
    [
        {"bands": [0, 5], "order": ["a", "b"]}, {"bands": [5, 0]}, {"bands": [0]},
        {"bands": [0, 5], "gap": True}, {"order": ["a", "a"]}, {"bands": [0, 5], "of": "schools"},
        {"aims": ["AIM.01"]},
    ],
)  # fmt: skip
def test_what_makes_no_order_is_refused(keys: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"groups\.years"):
        Group(**{"id": "years", "of": "staff"} | keys)


@given(
    st.integers(1, 3).flatmap(
        lambda waves: st.lists(
            st.lists(st.integers(0, 12), min_size=waves, max_size=waves), min_size=2, max_size=8
        )
    )
)
def test_every_neighbourhood_is_of_enough_people_and_no_step_is_lost(
    steps: list[list[int]],
) -> None:
    counts = np.array(steps).T
    found = bands.joined(counts, 5)
    assert [step for part in found for step in part] == list(range(len(steps)))
    people = [counts[:, part].sum(axis=1) for part in found]
    assert len(found) == 1 or all(((n == 0) | (n >= 5)).all() for n in people)
    # What holds enough by itself, beside others that do, is joined to nothing.
    if ((counts == 0) | (counts >= 5)).all():
        assert len(found) == len(steps)
