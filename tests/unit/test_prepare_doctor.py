"""`drp doctor`: what a file is, what looks wrong, what would be set aside; nobody's answers."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner

from analysis import cli
from analysis.prepare.doctor import examine
from tests.unit.test_coding_readers import FIXTURES
from tests.unit.test_sources_formats import EXPORTS, KINDS


def wrong(tmp_path: Path, text: str | bytes, name: str = "export.csv") -> list[str]:
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return examine(path).wrong


@pytest.mark.parametrize("export", KINDS)
def test_says_what_every_format_is_and_finds_nothing_wrong(export: str) -> None:
    found = examine(EXPORTS / export)
    assert found.readable
    assert f"(format: {KINDS[export]})" in found.what
    assert found.size.startswith("50 responses (rows ")
    assert found.wrong == []
    said = "\n".join(found.lines())
    assert "erika@example.org" not in said
    assert "Yes, I agree" not in said
    assert "nothing looks wrong" in said


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("own,A1\nZoÃ«,1\n", "decoded wrongly (such as Ã©): column 'own', row 2"),
        ("ZoÃ«,A1\nx,1\n", "headings with letters that were decoded wrongly: 'ZoÃ«'"),
        ("own,A1\n1.2E+05,1\n3.4E+07,2\n", "with an exponent"),
        ("own,A1\n3-Mar,1\n", "(such as 3-Mar): column 'own', row 2"),
        ("own,A1\n412.0,1\n", "with a point (such as 412.0)"),
        ("own,said\nA1,write to me at a@b.org\n", "e-mail addresses that people wrote"),
        (f"own,said\nA1,{'x' * 255}\n", "cut off at a programme's limit"),
        ("own,when\nA1,3/4/2018\nB2,5/6/2018\n", "day first or month first"),
        ("own,when\nA1,13/4/2018\nB2,5/16/2018\n", "and others with the month first"),
        ("own,A1\nA1,1\nA1,1\n", "1 row the same as one before in every cell (row 3)"),
        ("own,own,A1\nA1,B1,1\n", "several columns have this heading"),
    ],
)
def test_what_looks_wrong(tmp_path: Path, text: str, words: str) -> None:
    assert any(words in line for line in wrong(tmp_path, text)), wrong(tmp_path, text)


def test_numbers_of_responses_that_stand_twice(tmp_path: Path) -> None:
    text = (EXPORTS / "jisc.csv").read_text(encoding="utf-8").splitlines()
    cells = text[5].split(",")
    text[5] = ",".join([text[4].split(",")[0], *cells[1:]])
    found = wrong(tmp_path, "\n".join(text) + "\n")
    assert found == ["the number of a response stands twice (row 6)"]


def test_a_file_without_anything_wrong_says_so(tmp_path: Path) -> None:
    assert wrong(tmp_path, "own,when,A1\nA1,23/4/2018,1\nB2,5/6/2018,2\n") == []


def test_what_would_be_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "q.csv"
    lines = (EXPORTS / "qualtrics.csv").read_text(encoding="utf-8").split("\n")
    text = "\n".join(lines)
    head, _, body = text.partition("R_0000")
    path.write_text(head.replace("IP Address,192", "Survey Preview,192", 1) + "R_0000" + body)
    with path.open("a") as file:
        file.write("," * 30 + "\n")
    found = examine(path)
    assert any("1 empty row (row 54)" in line for line in found.aside)
    assert any("1 row of status preview, by 'Status' (row 4)" in line for line in found.aside)
    assert any("consent" in line for line in found.know)


def test_unfinished_responses_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "l.csv"
    path.write_text(
        "id,submitdate,lastpage,startlanguage,A1\n1,2018-03-04 10:00:00,3,en,1\n2,,1,en,2\n"
    )
    assert any("1 unfinished response, by 'submitdate'" in line for line in examine(path).know)


def test_sheets_hidden_rows_and_left_behind_columns_are_told(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book["Sheet"]
    for row in (["own", "E-mail", "A1"], ["AB1", "a@b.org", 1], ["CD2", "c@d.org", 2]):
        sheet.append(row)
    sheet.row_dimensions[3].hidden = True
    book.create_sheet("Old").sheet_state = "hidden"
    path = tmp_path / "w.xlsx"
    book.save(path)
    found = examine(path)
    assert "sheets 'Sheet', 'Old' (hidden)" in found.what
    assert "row 3 is hidden and read like the others" in found.know
    assert "left behind as personal: E-mail" in found.know


@pytest.mark.parametrize(
    ("file", "what"),
    [
        ("taguette.sqlite3", "coded text (Taguette)"),
        ("taguette_highlights.csv", "coded text (Taguette)"),
        ("taguette_highlights.xlsx", "coded text (Taguette)"),
    ],
)
def test_coded_text_is_recognised(file: str, what: str) -> None:
    found = examine(FIXTURES / file)
    assert found.what == what
    assert found.size.startswith("6 codings of 3 sources under 5 codes")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("limesurvey.lss", "LimeSurvey's description"),
        ("qualtrics_values.qsf", "Qualtrics's description"),
        ("redcap_dictionary.csv", "REDCap's data dictionary"),
        ("nothing.csv", "is missing"),
    ],
)
def test_what_cannot_be_read_is_said_and_what_to_do(name: str, words: str) -> None:
    found = examine(EXPORTS / name)
    assert not found.readable
    assert words in found.wrong[0]
    assert found.wrong[-1].startswith("to do: ")


def test_broken_projects_are_said(tmp_path: Path) -> None:
    for name in ("p.qdpx", "p.sqlite3", "p.qda"):
        (tmp_path / name).write_bytes(b"SQLite format 3\x00 but not really")
        assert not examine(tmp_path / name).readable
    (tmp_path / "folder").mkdir()
    assert not examine(tmp_path / "folder").readable


def test_the_command_goes_on_after_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "login.csv").write_text("<!DOCTYPE html><html>")
    found = CliRunner().invoke(
        cli.app, ["doctor", str(tmp_path / "login.csv"), str(EXPORTS / "plain.csv")]
    )
    assert found.exit_code == 1
    assert "a web page" in found.output
    assert "50 responses" in found.output
    good = CliRunner().invoke(cli.app, ["doctor", str(EXPORTS / "plain.csv")])
    assert good.exit_code == 0
