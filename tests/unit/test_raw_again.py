"""Responses of one wave that stand in another wave's file once more, where no date says so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.unit import raw_studies
from tests.unit.raw_studies import INSTRUMENT, File, refused, run

ITEMS = tuple(f"M{n}" for n in range(1, 7))


@pytest.fixture(autouse=True)
def six_items(monkeypatch: pytest.MonkeyPatch) -> None:
    items = [{"code": c, "subscale": "all", "label": f"Thing {c}"} for c in ITEMS]
    monkeypatch.setattr(raw_studies, "ITEMS", ITEMS)
    monkeypatch.setattr(raw_studies, "INSTRUMENT", INSTRUMENT | {"items": items})


def rows(numbers: range, later: int = 0, **more: Any) -> list[dict[str, Any]]:
    return [
        {"code": f"{n:02d}K", "school": "S1"}
        | {item: 1 + (n + later + place) % 5 for place, item in enumerate(ITEMS)}
        | more
        for n in numbers
    ]


def test_a_file_that_holds_the_earlier_wave_once_more_is_refused(tmp_path: Path) -> None:
    whole = rows(range(8)) + rows(range(3), later=2) + rows(range(20, 23))
    error = refused(tmp_path, File("T1", rows(range(8))), File("T2", whole))
    assert "8 people of t1_1.csv (T1) stand in t2_2.csv (T2) with the same answers" in error.what
    assert "rows 2, 3, 4, 5, 6, 7, 8, 9" in error.what


def test_dates_part_them_and_the_rules_may_keep_them(tmp_path: Path) -> None:
    first, later = rows(range(8), day="2023-02-01"), rows(range(8), day="2024-02-01")
    prepared = run(tmp_path / "a", File("T1", first), File("T2", [*first, *later]))
    assert len(prepared.surveys["staff"]) == 16
    kept = run(
        tmp_path / "b", File("T1", rows(range(8))), File("T2", rows(range(8)), form="xlsx"),
        rules={"other_wave": "keep"},
    )  # fmt: skip
    assert len(kept.surveys["staff"]) == 16


@pytest.mark.parametrize("same", [0, 4, 10])
def test_some_people_who_answer_as_before_are_no_mistake(same: int, tmp_path: Path) -> None:
    second = rows(range(same)) + rows(range(same, 20), later=1)
    prepared = run(tmp_path, File("T1", rows(range(20))), File("T2", second))
    assert len(prepared.surveys["staff"]) == 40


def test_who_ticks_one_point_throughout_says_nothing(tmp_path: Path) -> None:
    alike = [row | dict.fromkeys(ITEMS, 3) for row in rows(range(12))]
    prepared = run(tmp_path, File("T1", alike), File("T2", alike, form="xlsx"))
    assert len(prepared.surveys["staff"]) == 24


def test_lost_noughts_that_are_not_given_back_are_said(tmp_path: Path) -> None:
    before = [row | {"code": f"{n:04d}"} for n, row in enumerate(rows(range(20)), 40)]
    later = [row | {"code": str(n)} for n, row in enumerate(rows(range(20), later=1), 40)]
    longer = rows(range(1))[0] | {"code": "10123"}
    prepared = run(tmp_path / "a", File("T1", [*before, longer]), File("T2", later))
    (said,) = prepared.quality["findings"]["finding"]
    assert said.startswith("20 codes are in another file with noughts before them, and linked to")
    # Without the code of another length they are given back, and that is said.
    prepared = run(tmp_path / "b", File("T1", before), File("T2", later))
    (said,) = prepared.quality["findings"]["finding"]
    assert said.startswith("20 codes had lost their leading noughts")


@pytest.mark.parametrize(("points", "said"), [(3, "none is above 3"), (5, "")])
def test_a_scale_that_was_asked_on_fewer_points_is_said(
    points: int, said: str, tmp_path: Path
) -> None:
    later = [
        row | {item: 1 + (n + 2 + place) % points for place, item in enumerate(ITEMS)}
        for n, row in enumerate(rows(range(40), later=1))
    ]
    prepared = run(tmp_path, File("T1", rows(range(40))), File("T2", later))
    found = prepared.quality["findings"]["finding"].tolist()
    assert [said in text for text in found] == ([True] if said else [])
    if said:
        assert found == [
            "MOOD: of 240 answers at T2 (M1 to M6) none is above 3, and the scale runs from 1 to 5, "
            "as at T1: look whether the form offered all points"
        ]
