"""What a file's value labels say of schools and people counts: labels are what people chose."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pyreadstat
import pytest

from tests.unit import raw_studies
from tests.unit.raw_studies import File, links, person, refused, run

SCHOOLS = "id,name,urn\n1,Ash School,101\n2,Beech School,102\n"
#: The file's own codes, the other way round.
SWAPPED = {1.0: "Beech School", 2.0: "Ash School"}


def sav(
    labels: Mapping[str, Mapping[float, str]],
    wave: str = "T1",
    *,
    mapping: Any = None,
    **column: Any,
) -> File:
    """Four people; ``column`` gives the values of some columns."""
    rows = []
    for n in range(4):
        answers = ((n % 5) + 1, 2, 4)
        more = {name: values[n] for name, values in column.items()}
        rows.append({**person(f"AB{n}2", wave, answers=answers), **more})
    return File(wave, rows, form="sav", labels=labels, mapping=mapping or {})


def schools(prepared: Any) -> list[str]:
    return prepared.surveys["staff"].sort_values("row")["school"].tolist()


CODES = [1.0, 1.0, 2.0, 2.0]


def test_a_code_that_is_one_school_and_is_labelled_as_another_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(raw_studies, "SCHOOLS", SCHOOLS)
    file = sav({"school": SWAPPED}, school=CODES)
    error = refused(tmp_path / "a", file)
    assert (
        "'1' is the school '1', and is labelled 'Beech School', which is the school '2'"
        in error.what
    )
    assert 'if the labels are right: {"1": 2, "2": 1}' in error.fix
    for number, listed in enumerate(
        ({"1": "2", "2": "1"}, {"Beech School": "2", "Ash School": "1"})
    ):
        stated = sav({"school": SWAPPED}, school=CODES, mapping={"values": {"school": listed}})
        assert schools(run(tmp_path / f"b{number}", stated)) == ["2", "2", "1", "1"]
    right = sav({"school": {1.0: "Ash School", 2.0: "Beech School"}}, school=CODES)
    assert schools(run(tmp_path / "c", right)) == ["1", "1", "2", "2"]
    # A label that names no school cannot bear the number out.
    unknown = refused(tmp_path / "d", sav({"school": {1.0: "Oak", 2.0: "Elm"}}, school=CODES))
    assert "'1' is the school '1', and is labelled 'Oak'" in unknown.what


def test_where_only_labels_name_schools_they_are_used(tmp_path: Path) -> None:
    prepared = run(tmp_path, sav({"school": SWAPPED}, school=CODES))
    assert schools(prepared) == ["S2", "S2", "S1", "S1"]


def test_the_label_of_an_unknown_school_is_shown(tmp_path: Path) -> None:
    error = refused(
        tmp_path, sav({"school": {1.0: "Ash Skool", 2.0: "Beech School"}}, school=CODES)
    )
    assert "2 rows name a school that is not one of this study. The nearest is 'S1'." in error.what
    assert "1 = 'Ash Skool'" in error.what


def test_stata_labels_count_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(raw_studies, "SCHOOLS", SCHOOLS)
    rows = [person(f"AB{n}2", school=CODES[n]) for n in range(4)]

    def write(path: Path, file: File, columns: Any) -> None:
        frame = pd.DataFrame([dict(row) for row in rows])
        pyreadstat.write_dta(frame, str(path), variable_value_labels={"school": dict(SWAPPED)})

    monkeypatch.setattr(raw_studies, "_write", write)
    error = refused(tmp_path, File("T1", rows, form="dta"))
    assert "labelled 'Beech School', which is the school '2'" in error.what


def test_codes_of_people_that_spss_numbered_anew_are_their_labels(tmp_path: Path) -> None:
    """AUTORECODE numbers the same codes otherwise in each file."""
    first = {1.0: "AB12", 2.0: "CD34", 3.0: "EF56", 4.0: "GH78"}
    later = {1.0: "CD34", 2.0: "EF56", 3.0: "GH78", 4.0: "XY90"}
    numbered = [1.0, 2.0, 3.0, 4.0]
    prepared = run(
        tmp_path, sav({"code": first}, code=numbered), sav({"code": later}, "T2", code=numbered)
    )
    assert (links(prepared)["exact"], links(prepared)["unlinked"]) == (3, 1)


YEARS = {1.0: "Year 7", 2.0: "Year 8"}


def test_numbers_that_are_labelled_as_something_else_must_be_listed(tmp_path: Path) -> None:
    file = sav({"year": YEARS}, year=CODES)
    error = refused(tmp_path / "a", file)
    assert "The file labels its values: 1 = 'Year 7', 2 = 'Year 8'" in error.what
    listed = {"values": {"year": {"Year 7": "7", "2": "8"}}}
    prepared = run(tmp_path / "b", sav({"year": YEARS}, year=CODES, mapping=listed))
    assert prepared.surveys["staff"]["year"].tolist() == ["7", "7", "8", "8"]


def test_labels_that_repeat_the_number_or_say_no_answer_need_no_list(tmp_path: Path) -> None:
    labels = {"year": {7.0: "Year 7", 8.0: "8", 99.0: "Prefer not to say"}}
    prepared = run(tmp_path, sav(labels, year=[7.0, 8.0, 99.0, 7.0]))
    assert prepared.surveys["staff"]["year"].tolist() == ["7", "8", "prefer_not_to_say", "7"]


def test_a_list_that_the_labels_contradict_is_refused(tmp_path: Path) -> None:
    mapping = {"values": {"sex": {"1": "female", "2": "male"}}}
    labels = {"sex": {1.0: "Male", 2.0: "Female"}}
    error = refused(tmp_path / "a", sav(labels, sex=CODES, mapping=mapping))
    assert "'1' stands for 'female', and is labelled 'Male'" in error.what
    right = {"sex": {1.0: "Female", 2.0: "Male"}}
    prepared = run(tmp_path / "b", sav(right, sex=CODES, mapping=mapping))
    assert prepared.surveys["staff"]["sex"].tolist() == ["female", "female", "male", "male"]
