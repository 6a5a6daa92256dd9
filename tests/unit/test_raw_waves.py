"""A wave has two ends, a response stands in one file, and a file belongs to one wave."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from tests.unit.raw_studies import (
    WAVES,
    File,
    Row,
    links,
    person,
    points,
    reasons,
    refused,
    run,
    used,
)

EARLY, LATE = "2023-02-01 10:00:00", "2024-02-01 10:00:00"


def both_waves() -> list[Row]:
    """What one survey, kept open, exports at the end: three people of each wave."""
    return [
        person("AB12", answers=(1, 1, 1)), person("CD34", answers=(2, 2, 2)),
        person("KL56", answers=(3, 3, 3)), person("AB12", "T2", answers=(5, 5, 5)),
        person("CD34", "T2", answers=(4, 4, 4)), person("EF78", "T2", answers=(4, 4, 4)),
    ]  # fmt: skip


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_of_a_cumulative_export_each_wave_takes_its_own_rows(form: str, tmp_path: Path) -> None:
    prepared = run(
        tmp_path, File("T1", both_waves(), form=form), File("T2", both_waves(), form=form)
    )
    assert reasons(prepared) == {"other_wave": 6}
    assert points(prepared) == [[1, 1, 1], [2, 2, 2], [3, 3, 3]]
    assert points(prepared, "T2") == [[5, 5, 5], [4, 4, 4], [4, 4, 4]]
    assert (links(prepared)["exact"], links(prepared)["unlinked"]) == (2, 1)


def test_one_file_of_both_waves_may_be_named_for_each(tmp_path: Path) -> None:
    files = File("T1", both_waves(), name="all.csv"), File("T2", both_waves(), name="all.csv")
    assert used(run(tmp_path, *files), "T2") == [5, 6, 7]


def test_a_cumulative_export_with_few_rows_of_its_own_wave_is_no_mistake(tmp_path: Path) -> None:
    later = [person(f"XY{n:02d}", "T2") for n in range(20)]
    rows = [person("AB12"), *later]
    # One row has since been deleted in the survey tool.
    prepared = run(tmp_path, File("T1", rows), File("T2", rows[:-1]))
    assert (len(used(prepared)), len(used(prepared, "T2"))) == (1, 19)


@pytest.mark.parametrize("own", [0, 1, 4])
def test_an_export_given_to_the_wrong_wave_is_found(own: int, tmp_path: Path) -> None:
    """Most rows are the other wave's, and that wave's own file does not have them."""
    strayed = [person(f"AB{n:02d}", "T2") for n in range(6)]
    rows = [*strayed, *(person(f"CD{n:02d}") for n in range(own))]
    error = refused(tmp_path, File("T1", rows), File("T2", [person("ZZ99", "T2")]))
    assert f"t1_1.csv is given to T1, but 6 of {6 + own} rows were sent during T2 (6)" in str(error)


def test_exports_that_were_exchanged_are_both_named(tmp_path: Path) -> None:
    files = File("T1", [person("AB12", "T2")]), File("T2", [person("AB12", "T1")])
    error = refused(tmp_path / "a", *files)
    assert "2 exports" in str(error)
    assert "t1_1.csv" in str(error)
    assert "t2_2.csv" in str(error)
    # Dates of typing in say nothing about the wave, if the study file says so.
    prepared = run(tmp_path / "b", *files, rules={"other_wave": "keep"})
    assert prepared.surveys["staff"]["flag.late"].tolist() == [True, False]
    assert prepared.surveys["staff"]["flag.early"].tolist() == [False, True]


def test_the_first_waves_export_named_again_for_the_second_is_found(tmp_path: Path) -> None:
    rows = [person("AB12"), person("CD34")]
    error = refused(tmp_path, File("T1", rows, name="one.csv"), File("T2", rows, name="one.csv"))
    assert "one.csv is given to T2, but 2 of 2 rows were sent during T1" in str(error)


@pytest.mark.parametrize("second", ["t1.csv", "copy.csv"])
def test_a_file_given_to_a_wave_twice_is_found(second: str, tmp_path: Path) -> None:
    rows = [person("AB12")]
    error = refused(tmp_path, File("T1", rows, name="t1.csv"), File("T1", rows, name=second))
    assert "One file is given to T1 and to T1" in str(error)


def test_a_file_without_dates_given_to_two_waves_is_found(tmp_path: Path) -> None:
    rows = [{k: v for k, v in person("AB12").items() if k != "day"}]
    error = refused(tmp_path, File("T1", rows), File("T2", rows))
    assert "One file is given to T1 and to T2" in str(error)


@pytest.mark.parametrize(
    ("day", "flag"),
    [
        ("2022-12-31 23:59:59", "early"),
        ("2023-01-01", ""),
        ("2023-03-31 23:59:59", ""),
        ("2023-04-01 00:00:00", "late"),
        ("2023-08-01", "late"),
        ("", ""),
    ],
)
def test_a_row_in_no_wave_is_flagged_and_used(day: str, flag: str, tmp_path: Path) -> None:
    frame = run(tmp_path, File("T1", [person("AB12", day=day)])).surveys["staff"]
    assert frame["flag.early"].tolist() == [flag == "early"]
    assert frame["flag.late"].tolist() == [flag == "late"]


def test_flags_are_counted_for_the_analyst(tmp_path: Path) -> None:
    rows = [person("AB12", day="2023-08-01"), person("CD34")]
    flags = run(tmp_path, File("T1", rows)).quality["flags"].set_index("flag")
    assert flags.loc["late", ["responses", "of"]].tolist() == [1, 2]


DATES = "school,wave,start,end\nS2,T1,2023-09-01,2023-10-31\nS2,T2,2024-09-01,2024-10-31\n"


@pytest.mark.parametrize(
    ("school", "wave", "day", "found"),
    [
        ("S2", "T1", "2023-10-31 18:00:00", "used"),
        ("S2", "T1", "2024-09-01", "other_wave"),
        ("S2", "T1", "2024-02-01", "late"),  # inside the wave of the others, not its own
        ("S2", "T2", "2023-09-15", "other_wave"),
        ("S1", "T1", "2023-09-15", "late"),
        ("S1", "T2", "2023-03-31", "other_wave"),
    ],
)
def test_each_schools_own_dates_decide(
    school: str, wave: str, day: str, found: str, tmp_path: Path
) -> None:
    other = "T2" if wave == "T1" else "T1"
    fine = [person(f"ZZ{n}", wave, school="S1") for n in range(3)]
    rows = [*fine, person("AB12", school=school, day=day)]
    prepared = run(tmp_path, File(wave, rows), File(other, [person("CD34", other)]), dates=DATES)
    frame = prepared.surveys["staff"]
    row = frame[(frame["wave"] == wave) & (frame["row"] == 5)]
    if found == "other_wave":
        assert reasons(prepared) == {"other_wave": 1}
        assert row.empty
    else:
        assert row["flag.late"].tolist() == [found == "late"]


def test_waves_may_overlap_and_a_row_inside_its_own_is_fine(tmp_path: Path) -> None:
    waves = [WAVES[0] | {"end": "2024-03-31"}, WAVES[1]]
    prepared = run(tmp_path, File("T1", [person("AB12", day=LATE)]), waves=waves)
    assert used(prepared) == [2]
    assert not prepared.surveys["staff"][["flag.early", "flag.late"]].any(axis=None)


def test_setting_rows_from_before_the_start_aside_goes_on_working(tmp_path: Path) -> None:
    rows = [person("AB12", day="2022-10-01"), person("CD34"), person("EF56", "T2")]
    prepared = run(tmp_path, File("T1", rows), rules={"before_start": "set_aside"})
    assert reasons(prepared) == {"before_start": 1, "other_wave": 1}


def with_id(row: Row, response: str) -> Row:
    return {**row, "id": response}


QUALTRICS = "R_3fGh7Jk9Lm2NpQr"
MAP_ID: dict[str, Any] = {
    "columns": {"respondent": "code", "school": "school", "submitted": "day", "response": "id"}
}


def test_one_response_id_in_two_files_is_one_response(tmp_path: Path) -> None:
    """Two exports of one wave overlap: of the response in both, the fuller is used."""
    begun = with_id(person("", answers=(1, "", ""), day="2023-02-01 09:00:00"), QUALTRICS)
    ended = with_id(person("", answers=(1, 2, 3), day="2023-02-01 10:00:00"), QUALTRICS)
    other = with_id(person("", answers=(5, 5, 5)), "R_another1234567")
    prepared = run(
        tmp_path,
        File("T1", [ended, other], mapping=MAP_ID),
        File("T1", [begun], mapping=MAP_ID),
        rules={"unidentified": "keep"},
    )
    assert reasons(prepared) == {"copied": 1}
    assert prepared.quality["aside"]["file"].tolist() == ["t1_2.csv"]
    assert points(prepared) == [[1, 2, 3], [5, 5, 5]]


def test_a_tools_own_ids_are_known_where_they_are_everybodys(tmp_path: Path) -> None:
    """Qualtrics numbers all responses; Microsoft Forms begins at 1 in every form."""
    head = ["ResponseId,code,school,day,M1,M2,M3"] * 2
    head.append(",".join(f'"{{""ImportId"":""x{n}""}}"' for n in range(7)))
    mapping = {"columns": {k: v for k, v in MAP_ID["columns"].items() if k != "response"}}
    one = "\n".join([*head, f"{QUALTRICS},,S1,2023-02-01 10:00:00,1,2,3", ""])
    two = "\n".join([*head, f"{QUALTRICS},,S1,2023-02-01 10:00:01,1,2,3",
                     "R_another1234567,,S1,2023-02-02,1,2,4", ""])  # fmt: skip
    rules = {"unidentified": "keep"}
    prepared = run(
        tmp_path / "a", File("T1", text=one, mapping=mapping), File("T1", text=two, mapping=mapping),
        rules=rules,
    )  # fmt: skip
    assert reasons(prepared) == {"copied": 1}
    names = ("ID", "Start time", "Completion time", "Email", "Name")
    forms = [
        dict.fromkeys(names, "") | {"ID": 1, "Completion time": dt.datetime(2023, 2, day)}
        | {k: v for k, v in person("").items() if k != "day"}
        for day in (1, 2)
    ]  # fmt: skip
    mapping = {
        "columns": {"respondent": "code", "school": "school", "submitted": "Completion time"}
    }
    files = [File("T1", [form], form="xlsx", mapping=mapping) for form in forms]
    assert reasons(run(tmp_path / "b", *files, rules=rules)) == {}


@pytest.mark.parametrize("code", ["AB12", ""])
def test_without_ids_person_moment_and_answers_say_that_a_response_stands_twice(
    code: str, tmp_path: Path
) -> None:
    rows = [person(code, answers=(1, 2, 3)), person("CD34", answers=(2, 2, 2), day="2023-02-07")]
    more = [*rows, person("EF56", day="2023-02-08")]
    prepared = run(tmp_path, File("T1", rows), File("T1", more), rules={"unidentified": "keep"})
    assert reasons(prepared) == {"copied": 2}
    assert len(used(prepared)) == 3


def test_two_children_of_one_second_are_two(tmp_path: Path) -> None:
    """Without codes, in one file, answering alike in the same second; and unlike in two files."""
    rows = [person("", answers=(3, 3, 3)), person("", answers=(3, 3, 3))]
    more = [person("", answers=(3, 3, 4))]
    prepared = run(tmp_path, File("T1", rows), File("T1", more), rules={"unidentified": "keep"})
    assert len(used(prepared)) == 3


def test_a_response_in_the_files_of_two_waves_that_overlap_stops_the_run(tmp_path: Path) -> None:
    waves = [WAVES[0] | {"end": "2024-03-31"}, WAVES[1]]
    rows = [person("AB12", day=LATE), person("CD34", day=EARLY)]
    error = refused(tmp_path, File("T1", rows), File("T2", rows[:1]), waves=waves)
    assert "One response stands in the files of several waves" in str(error)
    assert "t1_1.csv (T1): row 2" in str(error)
    assert "t2_2.csv (T2): row 2" in str(error)


def test_what_a_tool_writes_for_no_date_is_none(tmp_path: Path) -> None:
    """LimeSurvey dates every anonymous response at the beginning of 1980."""
    rows = [person("AB12", day="1980-01-01 00:00:00"), person("CD34", day="0000-00-00 00:00:00")]
    prepared = run(tmp_path, File("T1", rows), rules={"before_start": "set_aside"})
    assert used(prepared) == [2, 3]


def test_own_dates_without_an_end_that_come_after_the_waves_end_are_refused(
    tmp_path: Path,
) -> None:
    dates = "school,wave,start,end\nS1,T1,2023-09-01,\n"
    assert "before it starts" in str(refused(tmp_path, File("T1", [person("AB12")]), dates=dates))


# --- more than two waves, edges of windows, files that stand in each other ---------------------

THREE = (*WAVES, {"id": "T3", "label": "Later", "start": "2025-01-01", "end": "2025-03-31"})
THIRD = "2025-02-01 10:00:00"


def three_waves() -> list[Row]:
    """A survey kept open over three waves: one person at all, one at two, one at the last."""
    return [
        person("AB12", answers=(1, 1, 1)), person("AB12", "T2", answers=(2, 2, 2)),
        person("CD34", "T2", answers=(3, 3, 3)), person("AB12", day=THIRD, answers=(4, 4, 4)),
        person("CD34", day=THIRD, answers=(5, 5, 5)), person("EF56", day=THIRD),
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["all.csv", ""])
def test_each_of_three_waves_takes_its_own_rows(name: str, tmp_path: Path) -> None:
    """Whether one file is named for each, or the same rows are exported anew each time."""
    files = [File(wave, three_waves(), name=name) for wave in ("T1", "T2", "T3")]
    prepared = run(tmp_path, *files, waves=THREE)
    assert [used(prepared, wave) for wave in ("T1", "T2", "T3")] == [[2], [3, 4], [5, 6, 7]]
    assert reasons(prepared) == {"other_wave": 12}
    assert points(prepared, "T3") == [[4, 4, 4], [5, 5, 5], [1, 2, 4]]


def test_exports_that_grew_from_wave_to_wave(tmp_path: Path) -> None:
    """The second holds the first, the third both: each new row is used once."""
    rows = three_waves()
    files = [File("T1", rows[:1]), File("T2", rows[:3]), File("T3", rows)]
    prepared = run(tmp_path, *files, waves=THREE)
    assert [len(used(prepared, wave)) for wave in ("T1", "T2", "T3")] == [1, 2, 3]
    assert reasons(prepared) == {"other_wave": 4}


def test_of_three_waves_the_two_exports_that_were_exchanged_are_named(tmp_path: Path) -> None:
    files = [
        File("T1", [person("AB12")]),
        File("T2", [person("AB12", day=THIRD), person("CD34", day=THIRD)]),
        File("T3", [person("AB12", "T2")]),
    ]
    error = str(refused(tmp_path, *files, waves=THREE))
    assert "t2_2.csv is given to T2, but 2 of 2 rows were sent during T3" in error
    assert "t3_3.csv is given to T3, but 1 of 1 rows" in error
    assert "t1_1.csv" not in error


def test_a_row_of_two_other_waves_is_set_aside_once(tmp_path: Path) -> None:
    waves = [THREE[0], THREE[1] | {"end": "2025-02-28"}, THREE[2]]
    rows = [person("AB12"), person("CD34"), person("EF56", day=THIRD)]
    files = [File("T1", rows), File("T2", [rows[2]])]
    prepared = run(tmp_path, *files, waves=waves)
    assert (used(prepared), used(prepared, "T2")) == ([2, 3], [2])
    assert reasons(prepared) == {"other_wave": 1}


@pytest.mark.parametrize(
    ("day", "found"),
    [
        ("2023-03-31T23:59:59Z", "used"),
        ("2023-03-31 23:59:59 +0500", "used"),
        ("2023-03-31 11:59 PM BST", "used"),
        ("2023-04-01T00:30:00+01:00", "late"),  # as written: no zone is reckoned with
        ("2022-12-31T23:30:00-01:00", "early"),
        ("2023-01-01T00:00:00.000Z", "used"),
        ("Fri, 31 Mar 2023 23:59:59 GMT", "used"),
        ("2023-03-31 24:00", "late"),  # the beginning of the day after
        ("2023-12-31 23:59:59 EST", "late"),
        ("2024-01-01 00:00:00 (GMT+1)", "other_wave"),
    ],
)
def test_a_moment_at_the_edge_of_a_window_is_taken_as_written(
    day: str, found: str, tmp_path: Path
) -> None:
    rows = [person("ZZ98"), person("ZZ99"), person("AB12", day=day)]
    prepared = run(tmp_path, File("T1", rows), File("T2", [person("ZZ98", "T2")]))
    frame = prepared.surveys["staff"]
    row = frame[(frame["wave"] == "T1") & (frame["row"] == 4)]
    if found == "other_wave":
        assert reasons(prepared) == {"other_wave": 1}
        assert row.empty
    else:
        assert row[["flag.early", "flag.late"]].to_numpy().tolist() == [
            [found == "early", found == "late"]
        ]


def test_one_response_id_in_three_files_is_one_response(tmp_path: Path) -> None:
    rows = [with_id(person("", answers=a), QUALTRICS) for a in ((1, "", ""), (1, 2, 3), (1, 2, ""))]
    prepared = run(
        tmp_path, *(File("T1", [row], mapping=MAP_ID) for row in rows),
        rules={"unidentified": "keep"},
    )  # fmt: skip
    assert points(prepared) == [[1, 2, 3]]
    assert reasons(prepared) == {"copied": 2}
    assert prepared.quality["aside"]["file"].tolist() == ["t1_1.csv", "t1_3.csv"]


def test_ids_of_a_cumulative_export_are_each_used_at_their_own_wave(tmp_path: Path) -> None:
    rows = [with_id(row, f"R_{n:015d}") for n, row in enumerate(both_waves())]
    files = [File(wave, rows, mapping=MAP_ID) for wave in ("T1", "T2")]
    prepared = run(tmp_path, *files)
    assert (used(prepared), used(prepared, "T2")) == ([2, 3, 4], [5, 6, 7])
    assert reasons(prepared) == {"other_wave": 6}


def test_one_id_twice_in_one_file_is_one_response(tmp_path: Path) -> None:
    """A file that two exports were pasted into."""
    rows = [with_id(person(code, answers=answers), QUALTRICS)
            for code, answers in (("AB12", (1, 2, 3)), ("AB12", (1, 2, 3)))]  # fmt: skip
    prepared = run(tmp_path, File("T1", [*rows, with_id(person("CD34"), "R_another1234567")],
                                  mapping=MAP_ID))  # fmt: skip
    assert len(used(prepared)) == 2
    assert sum(reasons(prepared).values()) == 1


@pytest.mark.parametrize("change", ["order", "form", "name of a column"])
def test_a_file_given_twice_in_another_guise_counts_once(change: str, tmp_path: Path) -> None:
    """Sorted anew, saved as a workbook, or with a column more: bytes differ, responses do not."""
    rows = [person("AB12"), person("CD34", day="2023-02-03 11:00:00"),
            person("", day="2023-02-04 12:00:00")]  # fmt: skip
    again = {"order": rows[::-1], "form": rows}.get(change, [{**row, "note": ""} for row in rows])
    form = "xlsx" if change == "form" else "csv"
    mapping = {"columns": {"respondent": "code", "school": "school", "submitted": "day"}}
    files = [File("T1", rows, mapping=mapping), File("T1", again, form=form, mapping=mapping)]
    prepared = run(tmp_path, *files, rules={"unidentified": "keep"})
    assert len(used(prepared)) == 3
    assert reasons(prepared) == {"copied": 3}


def test_a_school_without_dates_of_its_own_has_the_studys(tmp_path: Path) -> None:
    """S1's late row is in S2's window, and late all the same."""
    rows = [person("AB12", day="2023-09-15"), person("CD34", school="S2", day="2023-09-15")]
    frame = run(tmp_path, File("T1", rows), dates=DATES).surveys["staff"].sort_values("row")
    assert frame["flag.late"].tolist() == [True, False]
    assert frame["flag.early"].tolist() == [False, False]


@pytest.mark.parametrize("codes", [("AB12", "CD34", "EF56", "GH78"), ("", "", "", "")])
def test_ids_that_begin_at_1_in_every_file_make_nobody_a_copy(
    codes: tuple[str, ...], tmp_path: Path
) -> None:
    answers = ((1, 2, 3), (2, 2, 2), (4, 4, 4), (5, 5, 5))
    rows = [
        with_id(person(code, answers=a, school=f"S{1 + n // 2}"), str(1 + n % 2))
        for n, (code, a) in enumerate(zip(codes, answers, strict=True))
    ]
    files = File("T1", rows[:2], mapping=MAP_ID), File("T1", rows[2:], mapping=MAP_ID)
    error = refused(tmp_path, *files, rules={"unidentified": "keep"})
    assert "4 responses share the id of another response" in error.what
    assert "t1_1.csv: rows 2, 3" in error.what
    assert "t1_2.csv: rows 2, 3" in error.what
    assert "take it out" in error.fix


def test_ids_that_a_spreadsheet_has_made_alike_are_refused_and_named(tmp_path: Path) -> None:
    rows = [with_id(person(f"AB{n}2"), "1.18012E+11") for n in range(3)]
    error = refused(tmp_path, File("T1", rows, mapping=MAP_ID))
    assert "some are numbers in scientific notation (like 1.23E+11)" in error.what
    assert "t1_1.csv: rows 2, 3, 4" in error.what


def test_a_person_who_changes_an_answer_has_one_response(tmp_path: Path) -> None:
    rows = [with_id(person("AB12", answers=a), QUALTRICS) for a in ((1, 2, ""), (1, 3, 3))]
    prepared = run(tmp_path, *(File("T1", [row], mapping=MAP_ID) for row in rows))
    assert points(prepared) == [[1, 3, 3]]
    assert reasons(prepared) == {"copied": 1}
