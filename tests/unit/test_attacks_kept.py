"""An attack that was made before is not made again, and decides the same."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import islice

import pandas as pd
import pytest

from analysis.disclosure import decide, ladder
from analysis.disclosure.ladder import Attack, Attacked, Found
from analysis.results import ledger
from tests.unit.test_release_attacked import PRIMARY, STUDY, people, results


@pytest.fixture
def attacks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The measures that are attacked, each time that they are."""
    found: list[str] = []
    before = Attack.__call__

    def noted(attack: Attack) -> Found:
        found.append(attack.score.measure)
        return before(attack)

    monkeypatch.setattr(Attack, "__call__", noted)
    return found


@pytest.fixture
def frame() -> pd.DataFrame:
    """Staff of four schools, some of which leave a few who answered once."""
    return people(dict.fromkeys(PRIMARY[:4], (20, 2, 3)))


def decided(frame: pd.DataFrame, attacked: Attacked | None = None) -> pd.DataFrame:
    found = decide(ledger(results(frame), "test"), STUDY, attacked=attacked)
    return found.drop(columns="edition")


def kept(first: Attacked, settings: str = "code") -> Attacked:
    """As they are read from a file."""
    return Attacked(settings, json.loads(json.dumps(first.now)))


def test_the_same_is_attacked_once_and_decided_alike(
    frame: pd.DataFrame, attacks: list[str]
) -> None:
    first = Attacked("code")
    plain = decided(frame, first)
    assert attacks
    assert (plain["reason"] == "would give others away").any(), "nothing was found to be given up"
    attacks.clear()
    again = kept(first)
    pd.testing.assert_frame_equal(decided(frame, again), plain)
    assert not attacks
    assert set(again.now) == set(first.now)


@pytest.mark.parametrize("known", [0, 1, 2])
@pytest.mark.parametrize("ahead", [1, 3, 100])
def test_it_makes_no_difference_what_is_known_and_how_many_are_asked_for_ahead(
    known: int, ahead: int
) -> None:
    frame = people({**dict.fromkeys(PRIMARY[:3], (20, 0, 0)), PRIMARY[3]: (12, 0, 1)})
    first = Attacked("code")
    plain = decided(frame, first)
    assert any(narrow for narrow, _ in first.now.values())

    def attack(attacks: Iterable[Attack]) -> Iterator[Found]:
        coming = iter(attacks)
        while some := list(islice(coming, ahead)):
            yield from (each() for each in some)

    # None, every second, all.
    keys = {0: [], 1: list(first.now)[::2], 2: list(first.now)}[known]
    again = Attacked("code", {key: first.now[key] for key in keys}, attack=attack)
    pd.testing.assert_frame_equal(decided(frame, again), plain)
    assert again.now == first.now


def test_an_attack_is_known_again_however_many_rows_are_looked_at_at_once(
    frame: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = Attacked("code"), Attacked("code")
    decided(frame, first)
    monkeypatch.setattr(ladder, "ROWS", 7)
    decided(frame, second)
    assert set(second.now) == set(first.now)


def test_what_is_printed_otherwise_is_attacked_again(
    frame: pd.DataFrame, attacks: list[str]
) -> None:
    first = Attacked("code")
    decided(frame, first)
    attacks.clear()
    changed = frame.copy()
    row = changed.index[changed["morale t1"].notna()][0]
    changed.loc[row, "morale t1"] = 6.0 - changed.loc[row, "morale t1"]
    found = decided(changed, kept(first))
    assert set(attacks) == {"morale"}
    pd.testing.assert_frame_equal(found, decided(changed))


def test_one_more_who_answered_is_attacked_again(frame: pd.DataFrame, attacks: list[str]) -> None:
    first = Attacked("code")
    decided(frame, first)
    attacks.clear()
    more = people({**dict.fromkeys(PRIMARY[:3], (20, 2, 3)), PRIMARY[3]: (20, 2, 4)})
    pd.testing.assert_frame_equal(decided(more, kept(first)), decided(more))
    assert {"morale", "workload"} <= set(attacks)


def test_other_code_attacks_anew(frame: pd.DataFrame, attacks: list[str]) -> None:
    first = Attacked("code")
    decided(frame, first)
    before = sorted(attacks)
    attacks.clear()
    decided(frame, kept(first, "other code"))
    assert sorted(attacks) == before
