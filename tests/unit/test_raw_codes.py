"""A person's code: what is none, what a spreadsheet made of it, and whose rows it joins."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analysis import prepare
from analysis.errors import AnalystError
from analysis.prepare import codes
from analysis.prepare.withdrawal import withdraw
from tests.unit.raw_studies import (
    File,
    links,
    make,
    person,
    points,
    reasons,
    refused,
    run,
    used,
)  # fmt: skip

SOUND = ("AB12", "CD34", "EF56")


def of(wave: str, *written: Any, form: str = "csv", **mapping: Any) -> File:
    rows = [person(code, wave, (1 + n % 5, 2, 4)) for n, code in enumerate(written)]
    return File(wave, rows, form=form, mapping=mapping)


def test_placeholders_are_no_code_and_counted(tmp_path: Path) -> None:
    first = [
        "N/A", "n/a", "NA", "none", "None", "AB1", "prefer not to say", "Prefer not to say", "0",
        "0", "X", "x",
    ]  # fmt: skip
    second = ["N/A", "none", "AB1", "Prefer not to say", "0", "x"]
    prepared = run(tmp_path / "a", of("T1", *first), of("T2", *second))
    assert reasons(prepared) == {"unidentified": 16}
    assert links(prepared)["exact"] == 1
    kept = run(tmp_path / "b", of("T1", *first), of("T2", *second), rules={"unidentified": "keep"})
    assert len(used(kept)) == 12
    assert links(kept)["exact"] == 1
    assert links(kept)["unlinked"] == 11


@pytest.mark.parametrize(
    "word",
    [
        "-", "?", "...", "N.A.", "#N/A", "#NULL!", "nan", "NULL", "Don\u2019t know", "I don't know",
        "not sure", "anonymous", "unknown", "0000", "xxxx", "zzz", "-99", "-9", "\u22129", "tbc",
        "I forgot", "no answer", "keine Angabe", "aucun",
        "ninguno", "geen", "weiss nicht", "sans r\u00e9ponse", "\u200b", "00-00", "_", "no code",
        "prefer not to disclose", "I'd rather not", "no idea", "Forgot it", "same as before", "TEST",
        "testing", "asdf", "Yes", "TRUE", "see above", "I don't have one!", "Would prefer not to",
        "can\u2019t think of any", "same as last year", "je ne sais pas", "das wei\u00df ich nicht",
        "Total", "Mean", "Grand total", "Average", "Summe",
    ],
)  # fmt: skip
def test_words_for_no_answer_are_no_code(word: str) -> None:
    plain = codes.read(pd.Series([word, *SOUND]), {}).plain
    assert plain.tolist() == ["", *SOUND]


def test_a_row_that_sums_up_the_others_is_nobody(tmp_path: Path) -> None:
    prepared = run(tmp_path, of("T1", "AB12", "CD34", "Mean", "Total"))
    assert used(prepared) == [2, 3]
    assert reasons(prepared) == {"unidentified": 2}


def test_a_schools_urn_with_a_point_and_a_nought_is_the_school(tmp_path: Path) -> None:
    rows = [person("AB12", school="101.0"), person("CD34", school="101")]
    assert used(run(tmp_path, File("T1", rows))) == [2, 3]


def test_words_are_codes_where_codes_are_words() -> None:
    written = ["blue cow sings", "red dog runs", "green cat sleeps", "AB12"]
    assert "" not in codes.read(pd.Series(written), {}).plain.tolist()


@pytest.mark.parametrize("code", ["999", "9999", "99999999"])
def test_nines_that_two_people_wrote_stop_the_run_and_of_one_are_a_code(
    code: str, tmp_path: Path
) -> None:
    assert len(used(run(tmp_path / "a", of("T1", code, *SOUND)))) == 4
    error = refused(tmp_path / "b", of("T1", code, *SOUND, code))
    assert "2 responses of one wave share a code" in str(error)
    assert "rows 2, 6" in str(error)
    stated = {"values": {"respondent": {code: ""}}}
    assert reasons(run(tmp_path / "c", of("T1", code, *SOUND, code, **stated))) == {
        "unidentified": 2
    }


@pytest.mark.parametrize(
    "code", ["NA12", "XX01", "NO7", "DIM3", "A", "7", "AA", "007", "Nona", "x1"]
)
def test_codes_that_resemble_such_words_are_codes(code: str) -> None:
    assert codes.read(pd.Series([code, *SOUND]), {}).plain[0] == code.upper()


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("1.23457E+11", "scientific"),
        ("1,23457E+11", "scientific"),
        ("1.23457e+11", "scientific"),
        ("1.20E+04", "scientific"),
        ("1E+11", "scientific"),
        ("01-Mar", "date"),
        ("12-Jun", "date"),
        ("Mar-05", "date"),
        ("2018-03-01 00:00:00", "date"),
        ("2018-03-01", "date"),
        ("01/03/2018", "date"),
        ("3/1/2018 0:00", "date"),
        ("01. Mrz", "date"),
        ("12-d\u00e9c", "date"),
        ("1-mei", "date"),
        ("01.03.18", "date"),
        ("05:12:00", "date"),
        ("1 day, 3:00:00", "date"),
        ("123456789012346000", "figures"),
        ("1234567890123450", "figures"),
        ("123457000000", "figures"),
        ("#NAME?", "error"),
        ("#REF!", "error"),
        ("#####", "error"),
        ("43160", "serial"),
    ],
)
def test_what_a_spreadsheet_destroyed_is_recognised(code: str, kind: str) -> None:
    assert codes.read(pd.Series([code, *SOUND]), {}).damaged.tolist() == [kind, "", "", ""]


@pytest.mark.parametrize(
    ("written", "why"),
    [
        (["12E3", "1E05", "3e7"], "Excel writes an exponent with a sign or a point"),
        (["MAR1", "JUN12", "SEP3", "MAR-X"], "nothing has been changed"),
        (["MAR-12", "ANN-03", "SUE-30"], "other codes have the same form"),
        (["12-JUN", "03-ANN"], "other codes have the same form"),
        (["JANE-12", "MARK 05", "AUGUSTA-99"], "names that begin like a month"),
        (["05/03/2018", "45/67/8901"], "other codes have the same form"),
        (["43160", "12345", "99999"], "all codes are figures"),
        (["43160", "99999", "AB12", "CD34", "EF56"], "another code of five figures is no day"),
        (["123456789012345678", "123456789012346000"], "another has all its figures"),
        (["1000", "20000"], "short numbers"),
        (["5E-12", "6E-01"], "class and number"),
    ],
)
def test_what_only_looks_destroyed_is_a_code(written: list[str], why: str) -> None:
    assert not any(codes.read(pd.Series(written), {}).damaged), why


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_destroyed_codes_stop_the_run_with_their_rows(form: str, tmp_path: Path) -> None:
    numbers: list[Any] = ["1.23457E+11"] * 4 if form == "csv" else [1.23456789012346e17] * 4
    error = refused(tmp_path / "a", of("T1", *numbers, "AB12", form=form))
    assert "rows 2, 3, 4, 5" in str(error)
    assert "1.23" not in str(error).replace("like 1.23E+11", "")
    days: list[Any] = ["01-Mar", "12-Jun", "1.20E+04", "EF9"]
    if form == "xlsx":
        days = [dt.datetime(2018, 3, 1), dt.datetime(2018, 6, 12), 12000, "EF9"]
    error = refused(tmp_path / "b", of("T2", *days, form=form))
    assert "2 are dates or times: rows 2, 3" in str(error)
    if form == "csv":
        assert "1 are numbers in scientific notation" in str(error)


def test_codes_of_rows_that_are_not_used_are_not_asked(tmp_path: Path) -> None:
    rows = [person("AB12", consent="yes"), person("01-Mar", consent="no")]
    assert used(run(tmp_path, File("T1", rows))) == [2]


def test_the_mapping_may_say_what_is_a_code_and_what_is_none(tmp_path: Path) -> None:
    stated = {"respondent": {"12-Jun": "12-Jun", "999": "", "none": "none"}}
    prepared = run(tmp_path, of("T1", "12-Jun", "999", "none", "AB12", values=stated))
    assert reasons(prepared) == {"unidentified": 1}
    assert used(prepared) == [2, 4, 5]


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("412.0", "412"),
        ("412,0", "412"),
        ("412.00", "412"),
        ("AB12_x000D_", "AB12"),
        ("AB_x0031_2", "AB12"),
        ("AB12\u200b", "AB12"),
        ("\ufeffAB12", "AB12"),
        ("AB\u00ad12", "AB12"),
        ("A&amp;B12", "A&B12"),
        ("AB12&nbsp;", "AB12"),
        ('="0412"', "0412"),
        ("'0412", "0412"),
        ("\uff21\uff22\uff11\uff12", "AB12"),
        ("AB\u0661\u0662", "AB12"),
        ("E\u0301A12", "\u00c9A12"),
        ("AB12\r", "AB12"),
    ],
)
def test_what_tools_put_around_a_code_is_taken_away(written: str, code: str) -> None:
    assert codes.read(pd.Series([written, "CD34"]), {}).code[0] == code


def test_a_point_and_a_nought_are_a_float_unless_codes_have_decimals(tmp_path: Path) -> None:
    prepared = run(tmp_path / "a", of("T1", "412", "4120", "77"), of("T2", "412.0", "77.0"))
    assert links(prepared)["exact"] == 2
    assert points(prepared, "T1")[0][0] == points(prepared, "T2")[0][0] == 1
    frame = prepared.surveys["staff"].set_index(["wave", "row"])["respondent"]
    assert frame["T1", 2] == frame["T2", 2]
    assert frame["T1", 4] == frame["T2", 3]
    assert codes.read(pd.Series(["3.0", "3.1", "3.2"]), {}).code.tolist() == ["3.0", "3.1", "3.2"]


def test_an_attribute_with_a_point_and_a_nought_is_no_contradiction(tmp_path: Path) -> None:
    rules = {"must_agree": ["sex"]}
    first = [person("AB1", sex="1"), person("CD1", sex="2")]
    for number, texts in enumerate((("1.0", "2.0"), ("1,0", "2,00"), (" 1 ", "+2"))):
        second = [person(c, "T2", sex=s) for c, s in zip(("AB1", "CD1"), texts, strict=True)]
        prepared = run(tmp_path / str(number), File("T1", first), File("T2", second), rules=rules)
        assert links(prepared)["exact"] == 2


def test_lost_leading_noughts_are_given_back_where_that_is_certain(tmp_path: Path) -> None:
    prepared = run(tmp_path / "a", of("T1", "0412", "1234", "0007"), of("T2", "412", "1234", "7"))
    assert links(prepared)["exact"] == 3
    assert "2 codes had lost their leading noughts" in prepared.quality["findings"]["finding"][0]
    # Not where codes of figures have all lengths, and not in a file that has noughts itself.
    mixed = run(tmp_path / "b", of("T1", "0412", "123", "7"), of("T2", "412", "123"))
    assert links(mixed)["exact"] == 1
    own = run(tmp_path / "c", of("T1", "0412", "0005"), of("T2", "412", "0005"))
    assert links(own)["exact"] == 1


def test_a_withdrawal_finds_codes_that_had_lost_their_noughts(tmp_path: Path) -> None:
    loaded = make(tmp_path / "study", [of("T1", "0412", "1234"), of("T2", "412", "1234")])
    found = withdraw(loaded, "0412", tmp_path / ".drp", tmp_path / "processed")
    assert found["rows"].tolist() == [1, 1]
    assert reasons(prepare.prepare(loaded, tmp_path / ".drp")) == {"withdrawn": 2}


@pytest.mark.parametrize(
    ("first", "second", "link"),
    [
        ("\u00c9A12", "E\u0301A12", "exact"),  # two Unicode forms of one letter
        ("AB12", "\uff21\uff2212", "exact"),
        ("AB 12", "ab-12", "normalised"),
        ("AO12", "A012", "normalised"),
        ("12/03/AB", "1203AB", "normalised"),  # between figures, and alone
        ("AB12", "BA12", None),
        ("\u00c9A12", "EA12", None),  # another letter
        ("1-23", "12-3", None),  # pupil 23 of class 1, pupil 3 of class 12
    ],
)
def test_forms_of_one_code(first: str, second: str, link: str | None, tmp_path: Path) -> None:
    found = links(run(tmp_path, of("T1", first, "ZZ99"), of("T2", second)))
    assert found["exact"] == (link == "exact")
    assert found["normalised"] == (link == "normalised")


def test_figures_apart_are_two_people_at_one_wave_and_the_exact_code_wins(tmp_path: Path) -> None:
    prepared = run(tmp_path, of("T1", "1-23", "12-3", "123"), of("T2", "12-3", "1 23"))
    assert len(used(prepared)) == 3
    frame = prepared.surveys["staff"].set_index(["wave", "row"])["respondent"]
    assert frame["T1", 3] == frame["T2", 2]
    assert frame["T1", 2] == frame["T2", 3]
    assert frame["T1", 4] not in set(frame["T2"])


def test_exact_linking_never_makes_two_spellings_one_person(tmp_path: Path) -> None:
    prepared = run(tmp_path, of("T1", "ab12", "AB12"), of("T2", "AB12"), rules={"linking": "exact"})
    assert len(used(prepared)) == 2
    assert links(prepared)["exact"] == 1


def test_a_short_code_is_somebody_else_in_another_school(tmp_path: Path) -> None:
    second = [person("7", "T2", school="S2"), person("AB12", "T2", school="S2")]
    found = links(run(tmp_path, of("T1", "7", "AB12"), File("T2", second)))
    assert (found["exact"], found["changed_school"]) == (1, 1)


def test_two_pupils_of_one_code_both_stay(tmp_path: Path) -> None:
    first = [
        person("AB1", sex="F", answers=(1, 1, 1)), person("AB1", sex="M", answers=(5, 5, 5)),
        person("CD1", sex="M", answers=(5, 5, 5)),
    ]  # fmt: skip
    second = [
        person("AB1", "T2", sex="F", answers=(2, 2, 2)),
        person("AB1", "T2", sex="M", answers=(4, 4, 4)),
    ]
    mapping = {"values": {"sex": {"F": "female", "M": "male"}}}
    files = File("T1", first, mapping=mapping), File("T2", second, mapping=mapping)
    prepared = run(tmp_path, *files, rules={"must_agree": ["sex"]})
    assert reasons(prepared) == {}
    frame = prepared.surveys["staff"]
    assert frame.loc[(frame["wave"] == "T1") & (frame["row"] < 4), "mood.all"].mean() == 3
    # The girl is the girl again, and the boy the boy.
    people = frame.groupby("respondent")["mood.all"].apply(list)
    assert sorted(people) == [[1, 2], [5], [5, 4]]
    linking = prepared.quality["linking"].set_index("rule")
    assert linking.loc["same_code", ["joined", "refused"]].tolist() == [2, 1]


@pytest.mark.parametrize(
    ("sexes", "kept"),
    [
        (("F", "M"), 2),
        (("F", "F"), 1),
        (("F", ""), 1),  # who says nothing is the one who has the code
        (("F", "M", ""), 3),  # of two people it may be either: nobody is dropped
        (("F", "M", "F"), 2),
        (("", ""), 1),
        (("F", "Prefer not to say"), 1),
    ],
)
def test_must_agree_is_asked_before_duplicates_are_removed(
    sexes: tuple[str, ...], kept: int, tmp_path: Path
) -> None:
    rows = [person("AB12", sex=sex, age="9") for sex in sexes]
    mapping = {"values": {"sex": {"F": "female", "M": "male"}}}
    prepared = run(
        tmp_path, File("T1", rows, mapping=mapping), rules={"must_agree": ["sex", "age"]}
    )
    assert len(used(prepared)) == kept
    assert not prepared.surveys["staff"].duplicated(["respondent", "wave"]).any()


def test_the_order_of_rows_does_not_say_who_two_people_of_one_code_are(tmp_path: Path) -> None:
    rows = [person("AB1", sex="1", answers=(1, 1, 1)), person("AB1", sex="2", answers=(5, 5, 5))]
    rules = {"must_agree": ["sex"]}
    found = []
    for number, order in enumerate((rows, rows[::-1])):
        loaded = make(tmp_path / str(number), [File("T1", order)], rules)
        frame = prepare.prepare(loaded, tmp_path / ".drp").surveys["staff"]
        found.append(frame.set_index("mood.all")["respondent"].to_dict())
    assert found[0] == found[1]


@pytest.mark.parametrize(
    "code",
    ["1234", "12345", "4321", "0123", "1111", "7777", "abc", "ABCD", "xyz", "abc123", "ABC1"],
)
@pytest.mark.parametrize("others", ["AB{}", "7{}41", "{}"])
def test_keys_in_their_order_that_two_wrote_stop_the_run_and_of_one_are_a_code(
    code: str, others: str, tmp_path: Path
) -> None:
    rows = [person(others.format(3 * n + 40)) for n in range(9)]
    assert len(used(run(tmp_path / "a", File("T1", [*rows, person(code)])))) == 10
    error = refused(
        tmp_path / "b", File("T1", [*rows, person(code), person(code, day="2023-02-09")])
    )
    assert "rows 11, 12" in str(error)
    assert code not in str(error)
    # Elsewhere it is somebody else's, and the mapping may say that it is one person's code.
    more = [*rows, person(code), person(code, school="S2")]
    assert len(used(run(tmp_path / "c", File("T1", more)))) == 11
    stated = {"values": {"respondent": {code: code}}}
    file = File("T1", [*rows, person(code), person(code, day="2023-02-09")], mapping=stated)
    assert len(used(run(tmp_path / "d", file))) == 10


@pytest.mark.parametrize("code", ["123", "1243", "1122", "DEF", "AB1234", "ABC45", "XY12"])
def test_codes_that_are_no_keys_in_order_may_stand_twice(code: str, tmp_path: Path) -> None:
    rows = [*(person(f"{n}{n}A") for n in range(12, 18)), person(code), person(code)]
    assert reasons(run(tmp_path, File("T1", rows))) == {"duplicate": 1}


def test_a_code_that_very_many_share_stops_the_run(tmp_path: Path) -> None:
    error = refused(tmp_path / "a", of("T1", *["999"] * 6, *SOUND))
    assert "6 responses of one wave share a code" in str(error)
    assert "rows 2, 3, 4, 5, 6, 7" in str(error)
    stated = {"respondent": {"999": ""}}
    assert reasons(run(tmp_path / "b", of("T1", *["999"] * 6, *SOUND, values=stated))) == {
        "unidentified": 6
    }


def test_a_word_that_two_share_among_codes_with_figures_stops_the_run(tmp_path: Path) -> None:
    many = [f"AB{n}" for n in range(10, 30)]
    error = refused(tmp_path / "a", of("T1", "Zebedee", "zebedee", *many))
    assert "rows 2, 3" in str(error)
    assert "ebedee" not in str(error)
    # Once, or where codes are words, it is a code like any other.
    assert len(used(run(tmp_path / "b", of("T1", "Zebedee", *many)))) == 21
    assert len(used(run(tmp_path / "c", of("T1", "Zebedee", "zebedee", "oak", "elm")))) == 3


def test_the_linking_table_says_what_each_rule_joined_and_refused(tmp_path: Path) -> None:
    first = of("T1", "AB12", "cd34", "AO56", "A056", "EO78", "12/03/GH", "JK90")
    second = of("T2", "AB12", "CD34", "AO56", "E078", "1203GH", "JK91")
    prepared = run(tmp_path, first, second, rules={"linking": "one_character"})
    table = prepared.quality["linking"].set_index("rule")[["joined", "refused"]]
    assert table.T.to_dict("list") == {
        "same_code": [2, 0],
        "case_and_spacing": [1, 0],
        "o_and_0": [1, 1],
        "between_figures": [1, 0],
        "changed_school": [0, 0],
        "one_character": [1, 0],
    }


@pytest.mark.parametrize(
    ("rules", "kept"), [({}, 3), ({"duplicates": "latest"}, 4), ({"duplicates": "first"}, 2)]
)
def test_a_later_but_emptier_response_replaces_a_fuller_one_only_if_stated(
    rules: dict[str, str], kept: int, tmp_path: Path
) -> None:
    rows = [
        person("AB12", answers=(1, 1, ""), day="2023-02-01"),
        person("AB12", answers=(2, 2, 2), day="2023-02-02"),
        person("AB12", answers=("", "", ""), day="2023-02-03"),
    ]
    prepared = run(tmp_path, File("T1", rows), rules=rules)
    assert used(prepared) == [kept]
    assert reasons(prepared) == {"duplicate": 2}


@pytest.mark.parametrize(
    ("days", "kept"),
    [
        (("2023-02-02", "2023-02-01"), 2),  # of equally full ones the latest, not the last
        (("2023-02-01", "2023-02-02"), 3),
        (("2023-02-01", "2023-02-01"), 3),
        (("", "2023-02-01"), 3),
        (("2023-02-01", ""), 2),  # one that says no date is not the latest
    ],
)
def test_of_equally_full_responses_the_latest_stays(
    days: tuple[str, str], kept: int, tmp_path: Path
) -> None:
    rows = [person("AB12", day=day) for day in days]
    assert used(run(tmp_path, File("T1", rows))) == [kept]


def test_the_fullest_is_kept_over_several_files_of_a_wave(tmp_path: Path) -> None:
    one = File("T1", [person("AB12", answers=(1, 2, 3), day="2023-02-01")])
    two = File("T1", [person("ab 12", answers=(1, "n/a", ""), day="2023-02-09")], form="xlsx")
    prepared = run(tmp_path, two, one)
    assert prepared.quality["aside"]["file"].tolist() == ["t1_1.xlsx"]
    assert points(prepared) == [[1, 2, 3]]


def test_a_withdrawal_by_a_code_of_two_people_is_refused(tmp_path: Path) -> None:
    rows = [person("AB1", sex="1"), person("AB1", sex="2"), person("1-23", sex="1")]
    loaded = make(tmp_path / "study", [File("T1", rows)], {"must_agree": ["sex"]})
    with pytest.raises(AnalystError, match="Several people of one school"):
        withdraw(loaded, "AB1", tmp_path / ".drp", tmp_path / "processed")
    assert not (tmp_path / ".drp" / "withdrawn").exists()
    found = withdraw(loaded, "123", tmp_path / ".drp", tmp_path / "processed")
    assert found["rows"].tolist() == [1]
