"""Cells are read as the analyst sees them: per cent, dates, durations, thousands, invisible marks."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
import yaml

from analysis import prepare, sources, study
from analysis.errors import AnalystError
from analysis.prepare import doctor
from analysis.prepare.numbers import durations
from analysis.sources import mapping, tables
from analysis.sources.wording import as_said
from tests.unit.raw_studies import File, make, person, points, refused, run

RECORDS = ["school", "term", "term_start", "measure", "numerator", "denominator", "term_end"]
MEASURES = {
    "measures": [
        {"id": "absence", "label": "Absence", "unit": "sessions", "definition": "Missed",
         "numerator_label": "missed", "denominator_label": "possible"}
    ]
}  # fmt: skip


def workbook(
    path: Path, rows: Sequence[Sequence[Any]], formats: dict[str, str] | None = None
) -> Path:
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(list(row))
    for cell, form in (formats or {}).items():
        book.active[cell].number_format = form
    book.save(path)
    return path


def with_tables(folder: Path, write: Callable[[Path], dict[str, str]]) -> prepare.Prepared:
    """Prepare a study of one response whose tables are written into it."""
    make(folder / "study", [File("T1", [person("AB12")])])
    file = folder / "study" / "study.yaml"
    content = yaml.safe_load(file.read_text())
    content["tables"] |= write(folder / "study")
    (folder / "study" / "measures.yaml").write_text(yaml.safe_dump(MEASURES))
    file.write_text(yaml.safe_dump(content))
    return prepare.prepare(study.load(folder / "study"), folder / ".drp")


def outcomes(folder: Path, rows: Sequence[Sequence[Any]], **national: Any) -> prepare.Prepared:
    def write(at: Path) -> dict[str, str]:
        workbook(at / "records.xlsx", [RECORDS, *rows])
        named = {"outcomes": "records.xlsx", "outcome_measures": "measures.yaml"}
        if national:
            heads = ["term", "measure", "rate", "source"]
            workbook(at / "nat.xlsx", [heads, ["Autumn", "absence", national["rate"], "Office"]],
                     {"C2": national.get("form", "General")})  # fmt: skip
            named["outcome_national"] = "nat.xlsx"
        return named

    return with_tables(folder, write)


ROW = ["S1", "Autumn", dt.datetime(2024, 9, 3), "absence", 12, 1000, dt.datetime(2024, 12, 18)]


# --- per cent and thousands ----------------------------------------------------------------------


def test_a_cell_shown_per_cent_is_read_as_shown(tmp_path: Path) -> None:
    rows = [["code", "share", "part", "note"], ["AB1", 0.067, 0.5, "x"], ["CD2", 1, 2, "y"]]
    formats = {"B2": "0.0%", "B3": "0%", "C2": '0.0"%"', "C3": r"0\%"}
    raw = sources.read(workbook(tmp_path / "a.xlsx", rows, formats))
    assert raw.frame["share"].tolist() == ["6.7%", "100%"]
    assert raw.frame["part"].tolist() == ["0.5", "2"]  # words, and no per cent


def test_a_rate_shown_per_cent_is_not_read_as_its_fraction(tmp_path: Path) -> None:
    with pytest.raises(AnalystError, match=r"'6.7%' is not a number") as error:
        outcomes(tmp_path / "a", [ROW], rate=0.067, form="0.0%")
    assert "without a sign for per cent (6.7)" in error.value.fix
    with pytest.raises(AnalystError, match="rate of 670 per 100 is more than there can be"):
        outcomes(tmp_path / "b", [ROW], rate=670)
    found = outcomes(tmp_path / "c", [ROW], rate=6.7).strands["outcome_national"]
    assert found["rate"].tolist() == [6.7]


def frame(*texts: str) -> pd.DataFrame:
    return pd.DataFrame({"n": list(texts)}, index=range(2, 2 + len(texts)), dtype="str")


@pytest.mark.parametrize("text", ["12.000", "9.000", "1.234.000", "1.234"])
def test_a_count_with_a_point_between_thousands_is_not_made_small(text: str) -> None:
    with pytest.raises(AnalystError, match="between thousands") as error:
        tables.whole_numbers(frame("120", text), "n", Path("t.csv"))
    assert "row 3" in error.value.where
    assert tables.whole_numbers(frame("12.0", "12000"), "n", Path("t.csv")).tolist() == [12, 12000]


def test_amounts_with_three_figures_after_every_point_may_be_thousands() -> None:
    for texts in (("1.250", "7"), ("12.000", "1.125")):
        with pytest.raises(AnalystError, match="between thousands"):
            tables.decimal_numbers(frame(*texts), "n", Path("t.csv"))
    for texts in (("1.250", "3.5"), ("4.125", "3"), ("0.250", "1.500")):
        read = tables.decimal_numbers(frame(*texts), "n", Path("t.csv"))
        assert read.tolist() == [float(text) for text in texts]


# --- dates in tables, and durations -----------------------------------------------------------------


def test_dates_of_a_workbook_are_dates_in_every_table(tmp_path: Path) -> None:
    found = outcomes(tmp_path / "a", [ROW]).strands["outcomes"]
    assert found[["term_start", "term_end"]].to_numpy().tolist() == [["2024-09-03", "2024-12-18"]]

    def sessions(at: Path) -> dict[str, str]:
        heads = ["school", "date", "kind", "minutes"]
        day = dt.datetime(2023, 2, 3)
        workbook(
            at / "s.xlsx", [heads, ["S1", day, "training", 90], ["S1", "5 May 2023", "visit", 60]]
        )
        return {"sessions": "s.xlsx"}

    held = with_tables(tmp_path / "b", sessions).strands["sessions"]
    assert held["date"].tolist() == ["2023-02-03", "2023-05-05"]


def test_one_day_written_in_two_ways_is_one_day(tmp_path: Path) -> None:
    def sessions(at: Path) -> dict[str, str]:
        rows = "S1,2023-05-05,visit,90\nS1,5 May 2023,visit,60\n"
        (at / "s.csv").write_text("school,date,kind,minutes\n" + rows)
        return {"sessions": "s.csv"}

    with pytest.raises(AnalystError, match="twice"):
        with_tables(tmp_path, sessions)


def test_a_table_without_a_mapping_is_not_told_to_say_it_there(tmp_path: Path) -> None:
    with pytest.raises(AnalystError, match="day first or month first") as error:
        outcomes(tmp_path, [[*ROW[:2], "03/09/2024", *ROW[3:]]])
    assert error.value.fix == "Write year, month and day with hyphens, as 2018-03-14."


def test_durations_of_more_than_a_day(tmp_path: Path) -> None:
    column = pd.Series(["1 day, 2:00:00", "2 days 00:00:01", "26:00:00", "0:05:12"], name="took")
    assert durations(column, None, "f").tolist() == [93600, 172801, 93600, 312]
    rows = [["code", "took"], ["AB1", dt.timedelta(days=1, hours=2)]]
    raw = sources.read(workbook(tmp_path / "a.xlsx", rows, {"B2": "[h]:mm:ss"}))
    assert raw.frame["took"].tolist() == ["26:00:00"]


# --- answers -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("listed", "given"), [(-99, "-99.0"), ("-99.0", "-99"), (9, "9,0")])
def test_a_code_for_no_answer_is_one_however_it_is_written(
    tmp_path: Path, listed: object, given: str
) -> None:
    rows = [person("AB12", answers=("1.0", given, "3")), person("CD34", answers=(given, 2, 5))]
    found = run(tmp_path, File("T1", rows, mapping={"missing": {listed: "dont_know"}}))
    texts = [[str(point) for point in row] for row in points(found)]
    assert texts == [["1.0", "nan", "3.0"], ["nan", "2.0", "5.0"]]


@pytest.mark.parametrize("mark", ["\u200e", "\u00ad", "\u200b", "\u2060", "\u202c", "\u200d"])
def test_marks_that_nobody_sees_make_no_other_answer(tmp_path: Path, mark: str) -> None:
    answers = (f"Ag{mark}ree", f"Disagree{mark}", f"{mark}Strongly agree")
    found = run(
        tmp_path, File("T1", [person("AB12", answers=answers)], mapping={"answers": "labels"})
    )
    assert points(found) == [[4, 2, 5]]


def test_joiners_that_mean_something_stay() -> None:
    persian, bare = "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "\u0645\u06cc\u062e\u0648"
    assert "\u200c" in as_said(persian)
    assert as_said(bare) == bare


# --- REDCap's events -------------------------------------------------------------------------------------

EVENTS = "record_id,redcap_event_name,code,school,day,M1,M2,M3\n"


def redcap(rows: str, day: bool = False) -> File:
    columns = {"respondent": "code", "school": "school"} | ({"submitted": "day"} if day else {})
    return File("T1", text=EVENTS + rows, name="r.csv", mapping={"columns": columns})


def test_events_of_redcap_are_not_one_wave(tmp_path: Path) -> None:
    first = "1,baseline_arm_1,AB12,S1,2023-02-01,1,1,1\n"
    later = "1,followup_arm_1,AB12,S1,2024-02-01,5,5,5\n"
    error = refused(tmp_path / "a", redcap(first + later))
    assert "'baseline_arm_1' (1), 'followup_arm_1' (1)" in str(error)
    assert "filtered by event" in error.fix
    # Days part the events; an event without answers and another arm are no other time.
    both = [
        redcap(first + later, day=True),
        File("T2", name="r.csv", mapping=redcap("", True).mapping),
    ]
    found = run(tmp_path / "b", *both)
    assert (points(found, "T1"), points(found, "T2")) == ([[1, 1, 1]], [[5, 5, 5]])
    assert points(run(tmp_path / "c", redcap(first + "1,consent_arm_1,AB12,S1,,,,\n"))) == [
        [1, 1, 1]
    ]
    arms = first + "2,baseline_arm_2,CD34,S1,2023-02-01,2,2,2\n"
    assert points(run(tmp_path / "d", redcap(arms))) == [[1, 1, 1], [2, 2, 2]]


# --- what is said -------------------------------------------------------------------------------------------


def test_a_mistake_in_a_mapping_is_said_once_in_an_analysts_words(tmp_path: Path) -> None:
    path = tmp_path / "m.yaml"
    path.write_text(
        "schema_version: 1\nanswers: code\ncolumns: {school: s}\nitems: {Q1: , Q2: {a: 1}}\nshift: x\n"
    )
    with pytest.raises(AnalystError) as error:
        mapping.load(path)
    said = str(error.value)
    assert "items.Q1: should be text, or a list, and is empty" in said
    assert "items.Q2: should be text, or a list\n" in said
    assert "shift: should be a whole number, found 'x'" in said
    assert "answers: should be 'labels' or 'codes', found 'code'" in said
    assert "tuple" not in said and "None" not in said and "Input" not in said
    path.write_text("answers: codes\n")
    with pytest.raises(AnalystError, match="schema_version: is needed, and is not there"):
        mapping.load(path)


def test_an_empty_table_of_ones_own_is_to_be_filled_in(tmp_path: Path) -> None:
    path = tmp_path / "schools.csv"
    path.write_text("\n")
    with pytest.raises(AnalystError, match="is empty") as error:
        tables.read(path, ["id"])
    assert "fill it in" in error.value.fix


def test_one_long_cell_takes_the_doctor_no_time(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,b\n" + "x" * 200_000 + ",2\nsomebody@example.org,3\n")
    start = time.monotonic()
    found = doctor.examine(path)
    assert time.monotonic() - start < 5
    assert any("e-mail addresses" in words for words in found.wrong)
