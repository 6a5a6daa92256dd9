"""Numbers and dates of other countries, and dates that cannot be in columns nobody maps."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pandas as pd
import pyreadstat
import pytest

from analysis import prepare, sources
from analysis.errors import AnalystError
from analysis.prepare.dates import moments, month_of
from analysis.prepare.numbers import canonical, durations, numbers
from tests.unit.raw_studies import File, make, person, refused, run, used


@pytest.mark.parametrize(
    ("texts", "values"),
    [
        (["3,5", "4"], [3.5, 4]),
        (["3.5", "1,000"], [3.5, 1000]),  # the first settles the second
        (["3,5", "1.000"], [3.5, 1000]),
        (["1.234,5"], [1234.5]),
        (["1,234.5"], [1234.5]),
        (["1.234.567"], [1234567]),
        (["1,234,567"], [1234567]),
        (["1 234,5", "1\u00a0234", "1\u202f234", "1'234"], [1234.5, 1234, 1234, 1234]),
        (["0.125"], [0.125]),  # no thousands begin with nought
        (["12,50", "7,00"], [12.5, 7]),
        (["\u0661\u0662", "\uff13", "\u22125", "+4"], [12, 3, -5, 4]),
        (["", "abc", "1-2", "1.2.3", "12.34.567"], [None, None, None, None, None]),
        (["1.0", "2,0"], [1, 2]),
    ],
)
def test_numbers_are_read_as_their_country_writes_them(
    texts: list[str], values: list[float | None]
) -> None:
    found = numbers(texts)
    assert found.values == values
    assert not found.unclear


@pytest.mark.parametrize("text", ["1.234", "1,234", "-12.345", "999,999"])
def test_a_number_that_two_countries_read_differently_is_not_guessed(text: str) -> None:
    assert numbers([text, "7", "12"]).unclear == [0]
    point, comma = (numbers([text], mark).values[0] for mark in ("point", "comma"))  # type: ignore[arg-type]
    assert {point, comma} == {
        float(text.replace(",", ".")), float(text.replace(",", "").replace(".", ""))
    }  # fmt: skip


def test_a_number_has_one_form() -> None:
    assert [canonical(v) for v in (1.0, 1.50, -3.0, 1234567.0)] == ["1", "1.5", "-3", "1234567"]


def test_an_attribute_in_figures_is_the_same_in_all_files(tmp_path: Path) -> None:
    first = [person("AB12", years="3,5"), person("CD34", years="1.000,0")]
    second = [person("AB12", "T2", years=3.5), person("CD34", "T2", years=1000)]
    files = File("T1", first), File("T2", second, form="xlsx")
    frame = run(tmp_path, *files, rules={"must_agree": ["years"]}).surveys["staff"]
    assert frame["years"].tolist() == ["3.5", "1000"] * 2
    assert frame["respondent"].nunique() == 2


def test_an_attribute_that_could_be_two_numbers_is_asked(tmp_path: Path) -> None:
    rows = [person("AB12", years="1.234"), person("CD34", years="2")]
    error = refused(tmp_path / "a", File("T1", rows))
    assert "decimals: comma" in error.fix
    assert "row 2" in error.where
    for mark, years in (("comma", "1234"), ("point", "1.234")):
        found = run(tmp_path / mark, File("T1", rows, mapping={"decimals": mark}))
        assert found.surveys["staff"]["years"][0] == years


def test_listed_numbers_are_found_however_they_are_written(tmp_path: Path) -> None:
    listed = {"values": {"sex": {1: "female", 2: "male"}}}
    rows = [person(f"AB{n}0", sex=sex) for n, sex in enumerate(("1", "1.0", "2,0", "02", " 1 "), 1)]
    frame = run(tmp_path, File("T1", rows, mapping=listed)).surveys["staff"]
    assert frame["sex"].tolist() == ["female", "female", "male", "male", "female"]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("312", 312), ("312,5", 312.5), ("312.25", 312.25), ("00:05:12", 312), ("5:12", 312),
        ("1:02:03,5", 3723.5), ("1 234,5", 1234.5), ("", None), ("N/A", None),
    ],
)  # fmt: skip
def test_durations_are_read(text: str, seconds: float | None) -> None:
    found = durations(pd.Series([text], name="seconds"), None, "file")[0]
    assert found == seconds if seconds is not None else pd.isna(found)


@pytest.mark.parametrize("text", ["five minutes", "2023-02-01", "1,234"])
def test_durations_that_cannot_be_read_are_refused_with_their_rows(
    text: str, tmp_path: Path
) -> None:
    rows = [person("AB12", duration="60"), person("CD34", duration=text)]
    error = refused(tmp_path, File("T1", rows))
    assert "1 duration" in str(error)
    assert "row 3" in error.where


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("2018-03-05 09:10:11 CEST", "2018-03-05 09:10:11"),
        ("2018-03-05 09:10:11 EDT", "2018-03-05 09:10:11"),
        ("2018-03-05 09:10:11 AEST", "2018-03-05 09:10:11"),
        ("2018-03-05 09:10:11 Europe/London", "2018-03-05 09:10:11"),
        ("2018-03-05 09:10:11 UTC+01:00", "2018-03-05 09:10:11"),
        ("2018-03-05 09:10:11 (GMT+1)", "2018-03-05 09:10:11"),
        ("2018-03-05T09:10:11+0530", "2018-03-05 09:10:11"),
        ("2018/03/05 9:10:11 a. m. EET", "2018-03-05 09:10:11"),
        ("2018/03/05 9:10:11 p.m. CST", "2018-03-05 21:10:11"),
        ("Mon, 5 Mar 2018 09:10:11 +0000", "2018-03-05 09:10:11"),
        ("Mon Mar 05 2018 09:10:11 GMT+0100 (Central European Standard Time)", "2018-03-05 09:10:11"),
        ("Mon Mar 5 09:10:11 2018", "2018-03-05 09:10:11"),
        ("5. M\u00e4rz 2018, 09:10 Uhr", "2018-03-05 09:10:00"),
        ("Montag, 5. M\u00e4rz 2018 um 09:10", "2018-03-05 09:10:00"),
        ("lundi 5 mars 2018 \u00e0 09h10", "2018-03-05 09:10:00"),
        ("1er f\u00e9vrier 2018", "2018-02-01"),
        ("5 de marzo de 2018", "2018-03-05"),
        ("martes, 6 de marzo de 2018", "2018-03-06"),
        ("5 mei 2018", "2018-05-05"),
        ("5 maggio 2018", "2018-05-05"),
        ("31.12.2018 23.59", "2018-12-31 23:59:00"),
        ("31. 12. 2018", "2018-12-31"),
        ("2018. 03. 05.", "2018-03-05"),
        ("20180305", "2018-03-05"),
        ("20180305T091011Z", "2018-03-05 09:10:11"),
        ("5 Sept 2018", "2018-09-05"),
        ("September 5th, 2018", "2018-09-05"),
    ],
)  # fmt: skip
def test_dates_of_other_countries_are_read(text: str, read: str) -> None:
    assert moments(pd.Series([text, ""]), None, "file")[0] == pd.Timestamp(read)


@pytest.mark.parametrize(
    "text",
    [
        "2018-13-01", "2018-03-05 25:00", "2018-03-05 24:01", "43164", "5 Mar", "Mar 2018", "Monday", "2018-03-05 tomorrow night", "5 Brumaire 2018", "2018-03-05 9:10 xm+99:99:99",
    ],
)  # fmt: skip
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(AnalystError, match="cannot be read as a date"):
        moments(pd.Series([text]), None, "file")


@pytest.mark.parametrize(
    "text",
    [
        "2018-02-30", "31/02/2018", "31.04.2018", "29/02/2018", "31 June 2018", "February 30, 2018",
        "20180631", "2018/11/31 24:00", "30 f\u00e9vrier 2018",
    ],
)  # fmt: skip
def test_a_day_that_no_calendar_has_is_refused_for_that(text: str) -> None:
    with pytest.raises(AnalystError, match="names a day that no calendar has") as error:
        moments(pd.Series(["2018-03-05", text], name="sent", index=[2, 3]), None, "file")
    assert error.value.where == "file, column 'sent', row 3"


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("2018-03-05 24:00:00", "2018-03-06"), ("2018-12-31T24:00", "2019-01-01"),
        ("28 Feb 2018 24:00", "2018-03-01"), ("31.12.2018 24:00:00", "2019-01-01"),
        ("20180305T24:00", "2018-03-06"),
    ],
)  # fmt: skip
def test_the_end_of_a_day_is_the_beginning_of_the_next(text: str, read: str) -> None:
    assert moments(pd.Series([text]), None, "file")[0] == pd.Timestamp(read)


@pytest.mark.parametrize("text", ["05-Mar-18", "5 Mar 18", "5-Mar-18 09:10", "Mar 5, 18"])
def test_a_year_of_two_figures_after_a_months_name(text: str) -> None:
    assert moments(pd.Series([text]), None, "file")[0].date() == dt.date(2018, 3, 5)


@pytest.mark.parametrize("text", ["03/04/2018 10:00 EST", "3.4.2018 10:00 Uhr", "03-04-18 CET"])
def test_zones_and_words_do_not_settle_the_order_of_day_and_month(text: str) -> None:
    with pytest.raises(AnalystError):
        moments(pd.Series([text]), None, "file")


@pytest.mark.parametrize("text", ["17-03-04", "17.03.04", "25/03/17 09:10", "13-12-25"])
def test_a_year_of_two_figures_that_may_come_first_is_not_guessed(text: str) -> None:
    with pytest.raises(AnalystError, match="year first"):
        moments(pd.Series([text]), None, "file")
    day, month, year = (
        int(part) for part in text[:8].replace("-", "/").replace(".", "/").split("/")
    )
    read = moments(pd.Series([text]), "day_first", "file")[0].date()
    assert read == dt.date(2000 + year, month, day)


def test_a_year_of_two_figures_that_cannot_come_first_is_the_last() -> None:
    read = moments(pd.Series(["31/12/99", "25/03/32"]), None, "file")
    assert [day.date() for day in read] == [dt.date(2099, 12, 31), dt.date(2032, 3, 25)]


def test_names_that_begin_like_a_month_are_none() -> None:
    assert [month_of(n) for n in ("Jane", "Mark", "ma", "Juliet", "Octavia")] == [None] * 5
    assert [month_of(n) for n in ("juin", "juil", "jui", "D\u00e9c", "MRZ")] == [6, 7, None, 12, 3]


@pytest.mark.parametrize("text", ["2018-02-30", "0000-00-00", "99/99/9999", "never", "1e400"])
def test_impossible_dates_in_a_column_nobody_maps_do_not_matter(text: str, tmp_path: Path) -> None:
    mapping = {"columns": {"respondent": "code", "school": "school", "submitted": "day"}}
    for form in ("csv", "xlsx"):
        rows = [person("AB12", visit=text)]
        assert used(run(tmp_path / form, File("T1", rows, form=form, mapping=mapping))) == [2]


@pytest.mark.parametrize("number", [1e18, -1e15, 1e300])
def test_an_impossible_date_does_not_spoil_an_spss_file(number: float, tmp_path: Path) -> None:
    path = tmp_path / "x.sav"
    frame = pd.DataFrame(
        {
            "day": [dt.datetime(2023, 2, 1, 10, 11, 12)] * 2,
            "born": [dt.date(2010, 5, 6)] * 2,
            "visit": [number, 13_894_588_800.0],
        }
    )
    pyreadstat.write_sav(frame, str(path), variable_format={"visit": "DATE11"})
    found = sources.read(path).frame
    assert found["day"].tolist() == ["2023-02-01 10:11:12"] * 2
    assert found["born"].tolist() == ["2010-05-06"] * 2
    assert found["visit"].tolist()[1] == "2023-02-01"


def test_an_impossible_date_of_an_spss_file_that_is_mapped_is_refused(tmp_path: Path) -> None:
    rows: list[Any] = [
        person(f"AB{n}0", answers=(1.0, 2.0, 4.0), day=dt.datetime(2023, 2, n)) for n in (1, 2)
    ]
    folder = tmp_path / "study"
    loaded = make(folder, [File("T1", rows, form="sav")])
    frame = pd.DataFrame(rows).assign(day=[1e18, 13_894_588_800.0])
    pyreadstat.write_sav(frame, str(folder / "t1_1.sav"), variable_format={"day": "DATETIME20"})
    with pytest.raises(AnalystError, match="1 date cannot be read") as error:
        prepare.prepare(loaded, tmp_path / ".drp")
    assert "row 1" in error.value.where
