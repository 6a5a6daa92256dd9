"""An item is read from the column that asks it, where the export knows its questions' words."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.unit.raw_studies import ITEMS, File, person, points, refused, run

WORDS = {item: f"Thing {item}" for item in ITEMS}
#: A new first question: every item's words stand one column further on.
MOVED = {"M1": "I trust my head teacher", "M2": "Thing M1", "M3": "Thing M2", "M4": "Thing M3"}


def sav(wave: str, questions: Mapping[str, str], **more: Any) -> File:
    rows = [person(f"AB{n}2", wave, answers=(5, 1, 2), M4=4) for n in range(4)]
    mapping = {"columns": {"respondent": "code", "school": "school", "submitted": "day"}} | more
    return File(wave, rows, form="sav", questions=questions, mapping=mapping)


def qualtrics(wave: str, questions: Mapping[str, str]) -> File:
    rows = [person(f"AB{n}2", wave, answers=(5, 1, 2), M4=4) for n in range(4)]
    names = list(rows[0])
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(names)
    writer.writerow([questions.get(name, name) for name in names])
    writer.writerow([json.dumps({"ImportId": f"QID_{name}"}) for name in names])
    writer.writerows([row.get(name, "") for name in names] for row in rows)
    columns = {"respondent": "code", "school": "school", "submitted": "day"}
    content = {
        "schema_version": 1, "answers": "codes", "columns": columns,
        "items": {item: item for item in ITEMS},
    }  # fmt: skip
    return File(wave, name=f"{wave}.csv", text=stream.getvalue(), mapping_text=json.dumps(content))


@pytest.mark.parametrize("form", [sav, qualtrics])
def test_items_whose_questions_moved_one_column_on_are_refused(form: Any, tmp_path: Path) -> None:
    error = refused(tmp_path, form("T1", WORDS), form("T2", MOVED))
    assert "2 columns have the words of another item" in error.what
    assert "M2 ('Thing M2') is read from 'M2', which asks 'Thing M1'" in error.what
    assert "M1 ('Thing M1') is read from 'M1', which asks 'I trust my head teacher'" in error.what
    assert "t2" in error.where.casefold()
    assert "confirmed: {items: [M1, M2, M3]}" in error.fix


def test_two_items_that_were_exchanged_are_refused(tmp_path: Path) -> None:
    error = refused(tmp_path, sav("T1", WORDS | {"M1": "Thing M2", "M2": "Thing M1"}))
    assert "which asks 'Thing M2': that is M2" in error.what


def test_what_the_mapping_confirms_is_read_as_it_says(tmp_path: Path) -> None:
    confirmed = {"items": ["M1", "M2", "M3"]}
    prepared = run(tmp_path, sav("T1", MOVED, confirmed=confirmed))
    assert points(prepared) == [[5, 1, 2]] * 4


def test_a_confirmed_name_that_the_mapping_does_not_have_is_refused(tmp_path: Path) -> None:
    error = refused(tmp_path, sav("T1", WORDS, confirmed={"items": ["M9"]}))
    assert "'M9' is not listed under items" in str(error)


@pytest.mark.parametrize(
    "words", [{}, {"M2": "2. Thing M2?"}, {"M2": "The thing M2 at school"}, {"M2": "M2"}]
)
def test_small_rewordings_and_no_words_at_all_pass_unsaid(
    words: Mapping[str, str], tmp_path: Path
) -> None:
    prepared = run(tmp_path, sav("T1", (WORDS | words) if words else {}))
    assert points(prepared) == [[5, 1, 2]] * 4
    assert prepared.quality["findings"].empty


def test_one_question_with_words_of_no_item_is_read_and_said(tmp_path: Path) -> None:
    prepared = run(tmp_path, sav("T1", WORDS | {"M3": "I trust my head teacher"}))
    (said,) = prepared.quality["findings"]["finding"]
    assert "M3 ('Thing M3') is read from 'M3', which asks 'I trust my head teacher'" in said
    assert points(prepared) == [[5, 1, 2]] * 4


def test_words_of_an_earlier_file_that_stand_at_another_column_now_are_refused(
    tmp_path: Path,
) -> None:
    """Where the instrument's labels are other words, files are compared with each other."""
    before = {
        "M1": "How cheerful are you?",
        "M2": "Do you sleep well?",
        "M3": "Are colleagues kind?",
    }
    later = {"M1": "Years here", "M2": before["M1"], "M3": before["M2"], "M4": before["M3"]}
    error = refused(tmp_path / "a", sav("T1", before), sav("T2", later))
    assert "M1 is read from 'M1' in t1_1.sav and in t2_2.sav" in error.what
    assert "is asked in 'M2' of t2_2.sav" in error.what
    assert "to m2.yaml   confirmed: {items: [M1, M2, M3]}" in error.fix
    confirmed = {"items": ["M1", "M2", "M3"]}
    prepared = run(tmp_path / "b", sav("T1", before), sav("T2", later, confirmed=confirmed))
    assert points(prepared, "T2") == [[5, 1, 2]] * 4


def test_an_attribute_whose_question_moved_is_refused(tmp_path: Path) -> None:
    before = {"school": "Which school?", "code": "Your code"}
    error = refused(
        tmp_path,
        sav("T1", WORDS | before),
        sav("T2", WORDS | {"school": "Where do you live?", "M4": "Which school?"}),
    )
    assert "school is read from 'school' in t1_1.sav and in t2_2.sav" in error.what
