"""Rows of a ledger are found by an index as they are by looking at each, at the cost of what is found."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.disclosure import decide
from analysis.disclosure.draft import Draft, Index, Rows
from analysis.disclosure.ladder import Attack, Attacked, Found
from analysis.results import ledger
from analysis.statistics import beside, change, level, response
from tests.unit.test_evidence import STUDY
from tests.unit.test_statistics_edges import STAFF, prepared

WORDS = ["all", "primary", "primary-secondary", "secondary", "t1", "t1-t2", "t2"]
#: A word, or none.
words = st.sampled_from([*WORDS, None])
asked = st.lists(st.sampled_from([*WORDS, "unknown"]), max_size=3)


@given(st.lists(st.tuples(words, words), max_size=40), asked, asked)
def test_rows_found_by_an_index_are_those_that_a_mask_finds(
    said: list[tuple[str | None, str | None]], first: list[str], second: list[str]
) -> None:
    frame = pd.DataFrame(said, columns=["unit", "group"], dtype="str")
    index = Index(frame.astype("category"))
    everything = Rows(index, slice(None))
    unit = frame["unit"].isin(first).to_numpy()
    group = frame["group"].isin(second).to_numpy()
    mentioned = np.array(
        [isinstance(word, str) and bool({*word.split("-")} & {*second}) for word in frame["group"]],
        dtype=bool,
    )
    found = Rows(index, index.places("unit", *set(first)))
    assert list(found.places) == list(np.flatnonzero(unit))
    assert list(everything.equals("unit", *first)) == list(unit)
    assert list(everything.mentions("group", *second)) == list(mentioned)
    for narrowed, mask in (
        (found[found.equals("group", *second)], unit & group),
        (found[found.mentions("group", *second)], unit & mentioned),
        (found[~found.where("group", second.__contains__)], unit & ~group),
    ):
        assert list(narrowed.places) == list(np.flatnonzero(mask))


def looked_at(schools: int, monkeypatch: pytest.MonkeyPatch) -> tuple[int, int, int, int]:
    """Of a release in which each school gives something up, five times over: how many scans of the
    whole ledger there were, rows that were looked at else, rounds, and rows withheld."""
    of = prepared([8 + number % 5 for number in range(schools)])
    asked = (response.response, level.scores, beside.beside, change.paired)
    frame = ledger([row for q in asked for row in q(of, STAFF)], STUDY.edition.id)
    table = of.schools.assign(invited_pupils_t1=40.0, invited_pupils_t2=40.0)
    rounds: dict[str, int] = defaultdict(int)
    whole, some = [], []
    codes = Rows._codes

    def counted(rows: Rows, column: str) -> np.ndarray:
        found = codes(rows, column)
        (whole if isinstance(rows, Draft) else some).append(len(found))
        return found

    def attack(attacks: Sequence[Attack]) -> list[Found]:
        found: list[Found] = []
        for each in attacks:
            rounds[each.score.measure] += 1
            again = rounds[each.score.measure] <= 5
            names = each.score.schools if again else []
            found.append(([[name, "answered", "t1", 3, 1.0] for name in names], {}))
        return found

    monkeypatch.setattr(Rows, "_codes", counted)
    decided = decide(frame, STUDY, table, attacked=Attacked("", attack=attack))
    monkeypatch.undo()
    withheld = (decided["reason"] != "") & (decided["unit"] != "cohort")
    return len(whole), sum(some), max(rounds.values()), int(withheld.sum())


def test_what_a_school_gives_up_costs_what_that_school_has(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    few, many = looked_at(12, monkeypatch), looked_at(48, monkeypatch)
    assert few[2] == many[2] > 5
    assert many[3] > 3 * few[3] > 0
    # The ledger is gone through as often for many schools as for few.
    assert many[0] == few[0]
    # Four times the schools: four times the rows, where the square would be sixteen times.
    assert many[1] < 5 * few[1]
