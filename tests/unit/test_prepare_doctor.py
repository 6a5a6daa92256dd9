"""`drp doctor`: what a file is, what looks wrong, what would be set aside; nobody's answers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner

from analysis import cli
from analysis.prepare.doctor import TOOLS, examine
from analysis.sources import FORMATS
from tests import questionnaires as trip
from tests.conftest import ROOT
from tests.unit.test_coding_readers import CODES, FIXTURES, project, selection
from tests.unit.test_coding_speakers import qualcoder, said
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
    rows = "rows" if KINDS[export].startswith(("plain", "spss", "stata")) else "responses"
    assert found.size.startswith(f"50 {rows} (rows ")
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
        # drp prepare asks for the order all the same.
        ("own,when\nA1,23/4/2018\nB2,5/6/2018\n", "day first or month first"),
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
    assert wrong(tmp_path, "own,when,A1\nA1,23/4/2018,1\nB2,25/6/2018,2\n") == []


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
    assert "50 rows" in found.output
    good = CliRunner().invoke(cli.app, ["doctor", str(EXPORTS / "plain.csv")])
    assert good.exit_code == 0


# --- every kind of file that may lie about ---------------------------------------------------

RAW = sorted(
    path for path in (ROOT / "data" / "raw").iterdir() if path.suffix in (".csv", ".sav", ".xlsx")
)


@pytest.mark.parametrize("path", RAW, ids=[path.name for path in RAW])
def test_the_demonstrations_own_files_are_known_and_nothing_is_wrong_with_them(path: Path) -> None:
    found = examine(path)
    assert found.readable
    # Pupils without a code may have answered alike: that is said, and nothing else.
    assert all("the same as one before in every cell" in words for words in found.wrong)
    if "survey_t" in path.name:
        assert any("consent" in words for words in found.know)
    elif found.what.startswith("a delimited"):
        assert "response" not in found.size


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("own,hours\nA1,12.0\nB2,12.5\n", []),
        ("own,hours\nA1,12.0\nB2,13.0\n", ["with a point (such as 412.0)"]),
        ("Collected in March.\nBy the council.\n", ["one column only"]),
        ("own|A1\nA|1\nB|2\n", []),
        ("own\tA1\nA\t1\n", []),
    ],
)
def test_what_only_looks_wrong_is_not_said(text: str, said: list[str], tmp_path: Path) -> None:
    found = wrong(tmp_path, text)
    assert len(found) == len(said)
    assert all(words in line for words, line in zip(said, found, strict=True))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_every_encoding_is_named(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "e.csv"
    path.write_bytes("own,Zoë\nA1,1\n".encode(encoding))
    found = examine(path)
    assert found.wrong == []
    names = {"utf-8-sig": "UTF-8", "cp1252": "Windows-1252"}
    assert names.get(encoding, "UTF-16") in found.what


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"own,A1\n", "holds headings but no"),
        (b"%PDF-1.7 abc", "PDF"),
        (b"<!DOCTYPE html><html>", "a web page"),
        (b"PK\x03\x04 broken", "that can be opened"),
        (bytes(range(1, 32)) * 20, "is not text"),
        (b"own,A1\nA1,1,2\n", "3 cells"),
        (b'"own","A1"\n"A1,1\n', "quot"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "that can be opened"),
    ],
)
def test_odd_files_are_told_for_what_they_are(content: bytes, words: str, tmp_path: Path) -> None:
    path = tmp_path / "odd.csv"
    path.write_bytes(content)
    found = examine(path)
    assert not found.readable
    assert found.wrong[-1].startswith("to do: ")
    assert words in " ".join(found.lines())


@pytest.mark.parametrize("name", ["study.yaml", "mapping.yml", "README.md", "a.json"])
def test_what_somebody_wrote_for_a_study_is_no_export(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("id: s\nnote: one, two, three\n")
    found = examine(tmp_path / name)
    assert not found.readable
    assert "somebody wrote" in found.wrong[0]


def test_folders_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    assert "is a folder, and no project of QualCoder" in examine(tmp_path / "plain").wrong[0]
    db = qualcoder(tmp_path, {"I01.txt": "We like it."})
    said(db, 1, 0, 11, "We like it.")
    db.commit()
    db.close()
    found = examine(tmp_path / "project.qda")
    assert found.what == "coded text (QualCoder)"
    assert found.size.startswith("1 coding of 1 source under 1 code, by 1 coder")
    assert "We like it." not in "\n".join(found.lines())


def test_a_refi_project_is_told_with_what_it_leaves_out(tmp_path: Path) -> None:
    inside = selection(0, 5) + selection(0, 5, code="zz")
    text = f'<TextSource guid="s1" name="I01" plainTextPath="internal://t.txt">{inside}'
    body = f"{CODES}<Sources>{text}</TextSource></Sources>"
    found = examine(project(tmp_path / "p.qdpx", body, {"t.txt": b"hello"}))
    assert "REFI" in found.what
    assert any("not in the codebook" in words for words in found.wrong)


def test_several_files_are_each_told_in_order_and_none_hides_another(tmp_path: Path) -> None:
    for name in ("b.csv", "a.csv"):
        (tmp_path / name).write_text("own,A1\nA1,1\n")
    names = ["b.csv", "missing.csv", "folder", "a.csv"]
    (tmp_path / "folder").mkdir()
    found = CliRunner().invoke(cli.app, ["doctor", *(str(tmp_path / name) for name in names)])
    places = [found.output.index(name) for name in names]
    assert places == sorted(places)
    assert found.exit_code == 1
    assert "missing.csv is missing" in found.output
    assert "Traceback" not in found.output


def test_a_file_that_may_not_be_opened_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As for one that belongs to somebody else; whoever runs the tests may open all."""
    path = tmp_path / "own.csv"
    path.write_text("own,A1\nA1,1\n")

    def denied(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "open", denied)
    found = examine(path)
    assert not found.readable
    assert found.wrong[-1].startswith("to do: ")


def test_examining_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "e.csv"
    path.write_bytes(b"own,A1\r\nA1,1\r\n")
    before = path.stat().st_mtime_ns
    examine(path)
    assert path.stat().st_mtime_ns == before
    assert [each.name for each in tmp_path.iterdir()] == ["e.csv"]


def test_every_format_is_of_a_tool_that_has_a_name() -> None:
    assert {kind.rpartition("_")[0] for kind in FORMATS} == TOOLS.keys()


@pytest.mark.parametrize("tool", [trip.kobo, trip.odk, trip.data_entry, trip.microsoft_forms])
def test_exports_of_our_own_questionnaires_need_no_mapping(
    tmp_path: Path, tool: Callable[..., Path]
) -> None:
    asked = trip.made(trip.plain(tmp_path / "study"))
    found = examine(tool(asked, trip.people(asked), tmp_path))
    assert found.readable and "responses" in found.size
    assert not any("in the mapping" in line for line in found.know)
