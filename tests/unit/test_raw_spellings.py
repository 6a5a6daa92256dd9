"""Two spellings of one thing are refused where they are read, since results' ids would be one."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from analysis import results
from analysis.errors import AnalystError
from analysis.prepare import alike
from tests.unit.raw_studies import File, person, refused, run

SEX = {"values": {"sex": {"f": "female", "m": "male"}}}
CAPITALS = {"values": {"sex": {"f": "Female", "m": "male"}}}


def test_one_attribute_in_two_spellings_of_two_files_is_refused(tmp_path: Path) -> None:
    rows = {wave: [person(f"AB{n}2", wave, sex="fm"[n % 2]) for n in range(4)] for wave in
            ("T1", "T2")}  # fmt: skip
    error = refused(
        tmp_path / "a",
        File("T1", rows["T1"], mapping=SEX),
        File("T2", rows["T2"], mapping=CAPITALS),
    )
    assert "'female' in t1_1.csv, rows 2, 4; 'Female' in t2_2.csv, rows 2, 4" in error.what
    assert "column sex" in error.where
    prepared = run(
        tmp_path / "b", File("T1", rows["T1"], mapping=SEX), File("T2", rows["T2"], mapping=SEX)
    )
    assert set(prepared.surveys["staff"]["sex"]) == {"female", "male"}


def test_every_spelling_is_named_with_its_rows() -> None:
    frame = pd.DataFrame(
        {"need": ["asd", "ASD", "hearing", "asd "], "level": ["low", "Low", "", "high"]},
        index=[2, 3, 4, 5],
    )
    with pytest.raises(AnalystError) as caught:
        alike.refuse(frame, ("need", "level", "not there"), "needs.csv")
    text = str(caught.value)
    assert "'asd' in row 2; 'ASD' in row 3; 'asd ' in row 5" in text
    assert "'low' in row 2; 'Low' in row 3" in text
    alike.refuse(frame.iloc[[0, 2]], ("need", "level"), "needs.csv")


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("needs", {"need", "level"}), ("whole_school_audit", {"area"}),
        ("focus_groups", {"group", "theme"}), ("readiness", {"condition"}),
        ("open_answers", {"aspect"}), ("action_plans", {"responsible_role"}),
    ],
)  # fmt: skip
def test_tables_say_which_words_become_ids(name: str, columns: set[str]) -> None:
    from analysis import strands

    assert set(strands.table(name).words) == columns


def test_what_is_left_ends_in_words_and_not_in_a_traceback() -> None:
    one = results.Result(
        unit="cohort", source="staff", instrument="mood", analysis="level", measure="all",
        wave="t1", group="all", statistic="mean", value=1.0, n=9.0,
    )  # fmt: skip
    with pytest.raises(AnalystError) as caught:
        results.ledger([one, one], "e")
    assert "Two results of cohort have one id, staff.mood.level.all.t1.all.mean" in str(
        caught.value
    )
