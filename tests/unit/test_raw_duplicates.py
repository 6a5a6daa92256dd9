"""Which row stays, of several that one person sent at a wave: the fullest, then the latest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.unit.raw_studies import File, person, points, reasons, refused, run, used

DAYS = ("2023-02-01 09:00:00", "2023-02-02 09:00:00", "2023-02-03 09:00:00")


@pytest.mark.parametrize(("rule", "kept"), [("most_complete", 3), ("latest", 4), ("first", 2)])
def test_three_responses_of_one_person(rule: str, kept: int, tmp_path: Path) -> None:
    answers: list[Any] = [(1, "", ""), (2, 2, 2), (3, 3, "")]
    rows = [person("AB12", answers=a, day=day) for a, day in zip(answers, DAYS, strict=True)]
    prepared = run(tmp_path, File("T1", rows), rules={"duplicates": rule})
    assert used(prepared) == [kept]
    assert reasons(prepared) == {"duplicate": 2}


@pytest.mark.parametrize(("rule", "kept"), [("most_complete", 3), ("latest", 2), ("first", 4)])
def test_time_decides_and_not_the_place_in_the_file(rule: str, kept: int, tmp_path: Path) -> None:
    """Exports have the newest first as often as last."""
    answers: list[Any] = [(1, 1, ""), (2, 2, 2), (3, "", "")]
    rows = [person("AB12", answers=a, day=day) for a, day in zip(answers, DAYS[::-1], strict=True)]
    assert used(run(tmp_path, File("T1", rows), rules={"duplicates": rule})) == [kept]


@pytest.mark.parametrize(("rule", "kept"), [("most_complete", 4), ("latest", 4), ("first", 2)])
def test_of_equally_full_responses_of_one_moment_the_place_decides(
    rule: str, kept: int, tmp_path: Path
) -> None:
    rows = [person("AB12", answers=(n, n, n)) for n in (1, 2, 3)]
    assert used(run(tmp_path, File("T1", rows), rules={"duplicates": rule})) == [kept]


@pytest.mark.parametrize(("rule", "kept"), [("most_complete", 3), ("latest", 3), ("first", 3)])
@pytest.mark.parametrize("day", ["", "1980-01-01 00:00:00"])
def test_a_response_without_a_date_is_neither_the_first_nor_the_latest(
    rule: str, kept: int, day: str, tmp_path: Path
) -> None:
    rows = [person("AB12", answers=(1, 1, 1), day=day), person("AB12", answers=(2, 2, 2)),
            person("AB12", answers=(3, 3, 3), day=day)]  # fmt: skip
    assert used(run(tmp_path, File("T1", rows), rules={"duplicates": rule})) == [kept]


@pytest.mark.parametrize("nothing", ["n/a", "Prefer not to say", " ", "Don't know"])
def test_words_for_no_answer_make_a_response_no_fuller(nothing: str, tmp_path: Path) -> None:
    rows = [
        person("AB12", answers=(1, 2, ""), day=DAYS[0]),
        person("AB12", answers=(3, nothing, nothing), day=DAYS[1]),
    ]
    assert used(run(tmp_path, File("T1", rows))) == [2]


def test_what_is_no_answer_to_an_item_makes_a_response_no_fuller(tmp_path: Path) -> None:
    rows = [
        person("AB12", answers=(1, 2, 3), day=DAYS[0], role="", colour=""),
        person("AB12", answers=(1, 2, ""), day=DAYS[1], role="head", colour="blue"),
    ]
    mapping = {"columns": {"respondent": "code", "school": "school", "submitted": "day",
                           "role": "role"}, "values": {"role": {"head": "leader"}}}  # fmt: skip
    assert used(run(tmp_path, File("T1", rows, mapping=mapping))) == [2]


def test_an_item_asked_in_two_places_counts_once(tmp_path: Path) -> None:
    rows = [
        person("AB12", answers=(1, 2, 3), day=DAYS[0], again=""),
        person("AB12", answers=(1, 2, ""), day=DAYS[1], again="1"),
    ]
    mapping = {
        "columns": {"respondent": "code", "school": "school", "submitted": "day"},
        "items": {"M1": ["M1", "again"], "M2": "M2", "M3": "M3"},
    }
    assert used(run(tmp_path, File("T1", rows, mapping=mapping))) == [2]


@pytest.mark.parametrize(("rule", "file"), [("most_complete", 2), ("latest", 3), ("first", 1)])
def test_over_three_files_of_a_wave(rule: str, file: int, tmp_path: Path) -> None:
    answers: list[Any] = [(1, 1, ""), (2, 2, 2), (3, "", "")]
    files = [File("T1", [person("AB12", answers=a, day=day)])
             for a, day in zip(answers, DAYS, strict=True)]  # fmt: skip
    prepared = run(tmp_path, *files, rules={"duplicates": rule})
    assert prepared.surveys["staff"]["source.file"].tolist() == [f"t1_{file}.csv"]
    assert reasons(prepared) == {"duplicate": 2}


def test_a_later_file_of_the_same_moment_and_fullness_is_the_later(tmp_path: Path) -> None:
    files = [File("T1", [person("AB12", answers=(n, n, n))]) for n in (1, 2)]
    assert points(run(tmp_path, *files)) == [[2, 2, 2]]


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"consent": "no"}, "consent"),
        ({"school": "test"}, "test"),
        ({"day": "2024-02-01"}, "other_wave"),
        ({"school": ""}, "no_school"),
    ],
)
def test_a_fuller_response_that_is_set_aside_takes_nobodys_place(
    more: dict[str, str], reason: str, tmp_path: Path
) -> None:
    rows = [
        person("AB12", answers=(1, 2, ""), day=DAYS[0], consent="yes"),
        person("AB12", answers=(3, 3, 3), day=DAYS[1], consent="yes") | more,
    ]
    prepared = run(tmp_path, File("T1", rows))
    assert used(prepared) == [2]
    assert reasons(prepared) == {reason: 1}


def test_an_unfinished_but_fuller_response_stays_unless_the_rules_set_it_aside(
    tmp_path: Path,
) -> None:
    rows = [
        person("AB12", answers=(1, 2, 3), day=DAYS[0], finished="no"),
        person("AB12", answers=(1, 2, ""), day=DAYS[1], finished="yes"),
    ]
    assert used(run(tmp_path / "a", File("T1", rows))) == [2]
    prepared = run(tmp_path / "b", File("T1", rows), rules={"unfinished": "set_aside"})
    assert used(prepared) == [3]
    assert reasons(prepared) == {"unfinished": 1}


@pytest.mark.parametrize("codes", [("AB12", "ab-12"), ("1-23", "1 23"), ("Zoë9", "ZOE\u03089")])
def test_spellings_of_one_code_are_one_person(codes: tuple[str, str], tmp_path: Path) -> None:
    rows = [
        person(codes[0], answers=(1, 2, ""), day=DAYS[1]),
        person(codes[1], answers=(3, 3, 3), day=DAYS[0]),
    ]
    prepared = run(tmp_path, File("T1", rows))
    assert used(prepared) == [3]
    assert reasons(prepared) == {"duplicate": 1}


def test_one_code_in_two_schools_is_two_people(tmp_path: Path) -> None:
    rows = [person("AB12", answers=(1, "", "")), person("AB12", answers=(3, 3, 3), school="S2")]
    assert used(run(tmp_path, File("T1", rows))) == [2, 3]


def test_refusing_names_both_rows(tmp_path: Path) -> None:
    files = [File("T1", [person("CD34"), person("AB12", day=day)]) for day in DAYS[:2]]
    second = File("T1", files[1].rows[1:])
    error = str(refused(tmp_path, files[0], second, rules={"duplicates": "refuse"}))
    assert "t1_1.csv: row 3" in error
    assert "t1_2.csv: row 2" in error


def test_the_demographics_of_the_response_that_stays_are_its_own(tmp_path: Path) -> None:
    """Rows are not mixed: what the fullest leaves open stays open."""
    rows = [
        person("AB12", answers=(1, 2, ""), day=DAYS[1], sex="1"),
        person("AB12", answers=(3, 3, 3), day=DAYS[0], sex=""),
    ]
    frame = run(tmp_path, File("T1", rows)).surveys["staff"]
    assert frame["sex"].tolist() == [""]
