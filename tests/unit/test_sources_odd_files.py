"""Odd files: read where that is certain, and otherwise refused as what they are."""

from __future__ import annotations

import gzip
import struct
import zipfile
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest

from analysis import sources
from analysis.errors import AnalystError
from analysis.prepare.attributes import refuse_missing_columns
from analysis.sources.mapping import Mapping
from analysis.sources.personal import is_personal
from tests.unit.test_sources_formats import EXPORTS

QUALTRICS = (
    "Status,Status,IPAddress,Q2,Q6_1\n"
    "Response Type,Status,IP Address,Your code,a\n"
    '"{""ImportId"":""status""}","{""ImportId"":""Status_ED""}","{""ImportId"":""ipAddress""}",'
    '"{""ImportId"":""QID2""}","{""ImportId"":""QID6_1""}"\n'
    "IP Address,active,192.0.2.7,AB1,1\n"
)


def read(tmp_path: Path, content: bytes, name: str = "export.csv") -> sources.RawExport:
    path = tmp_path / name
    path.write_bytes(content)
    return sources.read(path)


# --- read, because what was meant is certain -------------------------------------------------


@pytest.mark.parametrize(
    ("content", "index", "note"),
    [
        (b"sep=;\r\ncode;A1\r\nAB1;2,5\r\n", [2], ""),
        (b"\xef\xbb\xbfsep=,\r\ncode,A1\r\nAB1,2;5\r\n", [2], ""),
        (b"SEP=\t\ncode\tA1\nAB1\t1\n", [2], ""),
        (b'"sep=|"\ncode|A1\nAB1|1\n', [2], ""),
        (b"code|A1\nAB1|1\n", [2], ""),
        (b"code,A1\r\r\nAB1,1\r\r\nCD2,2\r\r\n", [2, 3], "twice over"),
        (b"code,A1\rAB1,1\rCD2,2\r", [2, 3], ""),
        (b'"code,A1"\n"AB1,1"\n"CD2,2"\n', [2, 3], "quotation marks as one cell"),
        (b'"code,""A1"""\n"AB1,1"\n', [2], "quotation marks as one cell"),
        (b"Staff survey\n\ncode,school,A1\nAB1,S01,1\n", [4], "headings stand in row 3"),
        (b"Staff survey,,\ncode,school,A1\nAB1,S01,1\n", [3], "headings stand in row 2"),
    ],
)
def test_odd_but_certain(tmp_path: Path, content: bytes, index: list[int], note: str) -> None:
    raw = read(tmp_path, content)
    assert next(iter(raw.frame.columns)) == "code"
    assert list(raw.frame.columns)[-1] == "A1"
    assert raw.frame["code"].iloc[0] == "AB1"
    assert raw.frame.index.tolist() == index
    assert any(note in text for text in raw.notes) if note else raw.notes == ()


def test_a_cell_that_holds_commas_is_not_taken_apart(tmp_path: Path) -> None:
    raw = read(tmp_path, b'"code"\n"AB1, or so"\n"CD2"\n')
    assert raw.frame["code"].tolist() == ["AB1, or so", "CD2"]


def test_row_numbers_written_by_r_and_pandas_are_a_column_without_heading(tmp_path: Path) -> None:
    raw = read(tmp_path, b'"","code","A1"\n"1","AB1",1\n"2","CD2",2\n')
    assert list(raw.frame.columns) == ["(column 1)", "code", "A1"]


def test_rows_that_slipped_to_the_right_are_named(tmp_path: Path) -> None:
    with pytest.raises(AnalystError, match="Column 3 holds data in row 3 but has no heading"):
        read(tmp_path, b"code,A1,\nAB1,1,\nCD2,x,2\n")


@pytest.mark.parametrize(
    "content",
    [
        b"code,A1\nAB1,1\ncode,A1\nCD2,2\n",
        b"code;A1\nAB1;1\n code ; A1\nCD2;2\n",
        b"Staff survey\ncode,school,A1\nAB1,S1,1\ncode,school,A1\n",
        b"code,A1,\nAB1,1,\ncode,A1,\n",
        b"code\tA1\r\nAB1\t1\r\nCD2\t2\r\ncode\tA1\r\n",
    ],
)
def test_headings_that_come_again_are_two_exports_in_one(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(AnalystError, match="two exports were put one below the other"):
        read(tmp_path, content)
    # Somebody may well write what a question is called.
    assert len(read(tmp_path, b"code,A1\nAB1,1\ncode,2\n").frame) == 2


def test_spss_portable_is_read(tmp_path: Path) -> None:
    path = tmp_path / "old.por"
    table = pd.DataFrame({"code": ["AB1", "CD2"], "k1": [1.0, 5.0]})
    pyreadstat.write_por(table, str(path), column_labels=["Code", "Sad"])
    raw = sources.read(path)
    assert raw.frame.to_numpy().tolist() == [["AB1", "1"], ["CD2", "5"]]
    assert raw.questions["K1"] == "Sad"
    assert any("'missing'" in note for note in raw.notes)


@pytest.mark.parametrize("version", [8, 10, 12, 13, 14, 15])
def test_stata_of_any_version(tmp_path: Path, version: int) -> None:
    path = tmp_path / "a.csv"  # the name says nothing
    table = pd.DataFrame({"code": ["AB1", "CD2"], "k1": [1.0, 5.0]})
    pyreadstat.write_dta(
        table,
        str(path),
        version=version,
        column_labels=["Code", "Sad"],
        variable_value_labels={"k1": {1: "Never", 5: "Always"}},
    )
    raw = sources.read(path)
    assert raw.kind == "stata_dta"
    assert raw.frame["k1"].tolist() == ["1", "5"]
    assert raw.value_labels["k1"] == {"1": "Never", "5": "Always"}


def test_missing_values_of_stata_are_no_answers(tmp_path: Path) -> None:
    raw = sources.read(EXPORTS / "stata.dta")
    truth = pd.read_csv(EXPORTS / "truth.csv")["KS01"]
    assert set(raw.frame["k1"]) <= {"", "1", "2", "3", "4", "5", "Prefer not to say"}
    assert (raw.frame["k1"] == "").tolist() == truth.isna().tolist()


# --- rows that lack cells, and rows between two stray quotation marks ---------------------------

SEVEN = "code,school,comment,Q1,Q2,Q3,Q4\n"


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("A1K,A,x,1,2,3,4\nA2K,A,2,3,4,5\nA3K,A,x,2,2,2,2\n", "7 headings, but row 3 has 6 cells"),
        ("A1K,A,x,1,2,3,4\nA2K,A,x,2,3", "row 3 has 5 cells"),  # a download cut off
        ("A1K,A,x,1,2,3,4\nA2K", "row 3 has 1 cell"),
        ("A1K,A,2,3,4,5\nA2K,A,2,3,4,5\n", r"rows 2 and 3 have fewer cells \(row 2 has 6\)"),
        ("A1K,A,x,1,2,3,4\n" * 15 + "A2K,A,x,1,2,3\n" * 15 + "A1K,A,x,1,2,3,4\n" * 4, "headings"),
    ],
)
def test_a_row_that_lacks_cells_is_refused(tmp_path: Path, rows: str, said: str) -> None:
    with pytest.raises(AnalystError, match=said) as refused:
        read(tmp_path, (SEVEN + rows).encode())
    assert "cut off" in refused.value.fix and "XLSX" in refused.value.fix
    assert ", row" in refused.value.where


def test_a_table_that_lacks_cells_is_refused_too(tmp_path: Path) -> None:
    from analysis.sources import tables

    path = tmp_path / "records.csv"
    path.write_text("school,term,measure,value\nA,Autumn,absence,12\nB,absence,15\n")
    with pytest.raises(AnalystError, match="4 headings, but row 3 has 3 cells"):
        tables.read(path, ["school"])


def test_what_lacks_cells_and_is_certain_is_read(tmp_path: Path) -> None:
    # Columns without a heading, blank lines, notes and totals below the table.
    rows = "A1K,A,x,1,2,3,4\n\nA2K,A,x,2,3,4,5\n,\nTotal,,2\nExported by the tool\n"
    raw = read(tmp_path, (SEVEN.strip() + ",\n" + rows).encode())
    assert raw.frame["Q4"].tolist() == ["4", "", "5", "", "", ""]
    assert raw.frame["code"].tolist() == ["A1K", "", "A2K", "", "Total", "Exported by the tool"]


def test_cells_that_excel_leaves_out_in_whole_chunks_are_empty(tmp_path: Path) -> None:
    full, short = "A1K,A,x,1,2,3,4\n", "A2K,A,x,1,2,3\n"
    raw = read(tmp_path, (SEVEN + full * 15 + short * 16 + full * 3).encode())
    assert raw.frame["Q3"].eq("3").all()
    assert raw.frame["Q4"].tolist() == ["4"] * 15 + [""] * 16 + ["4"] * 3
    assert any("as Excel writes rows" in note for note in raw.notes)


@pytest.mark.parametrize(
    "rows",
    [
        'A1K,A,"bad,1,2,3,4\nA2K,A,ok,1,2,3,4\nA3K,A,"bad2,5,2,3,4\nA4K,A,ok,2,2,3,4\n',
        'A1K,A,"bad,1,2,3,4\r\nA2K,A,so",1,2,3,4\r\nA3K,A,ok,5,2,3,4\r\n',
        'A1K,A,"no, bad,1,2,3,4\nA2K,A,ok",1,2,3,4\nA3K,A,ok,1,2,3,4\nA4K,A,ok,5,2,3,4\n',
    ],
)
def test_rows_between_two_stray_quotation_marks_are_refused(tmp_path: Path, rows: str) -> None:
    with pytest.raises(AnalystError, match="two stray quotation marks") as refused:
        read(tmp_path, (SEVEN + rows).encode())
    assert refused.value.where.endswith("row 2, column 3")
    assert "XLSX" in refused.value.fix


@pytest.mark.parametrize(
    ("heads", "comments"),
    [
        ("code,school,comment,Q1", ["one, two, three\n\nfour, five", "yes\nand, no", "6,7\n8,9"]),
        ("code,comment", ["yes\nno, thanks", "a\nb\nc, d", "yes\nyes, but"]),
        ("comment,code", ["yes, I\nno", "no, not\nyes", "no"]),
        ("comment,school,Q1,Q2", ["first, second, third, fourth\nno", "no", "so\n\nso, so"]),
    ],
)
def test_line_breaks_that_people_wrote_are_theirs(
    tmp_path: Path, heads: str, comments: list[str]
) -> None:
    names = heads.split(",")
    table = pd.DataFrame({"code": ["AB1", "CD2", "EF3"], "school": "A", "Q1": "1", "Q2": "2"})
    table = table.assign(comment=comments)[names]
    raw = read(tmp_path, table.to_csv(index=False).encode())
    assert raw.frame["comment"].tolist() == comments


@pytest.mark.parametrize("above", ["Survey:,Staff\n", "Survey:,Staff,,,,,\n"])
def test_lines_of_two_cells_above_the_headings_are_to_be_taken_out(
    tmp_path: Path, above: str
) -> None:
    with pytest.raises(AnalystError) as refused:
        read(tmp_path, (above + SEVEN + "A1K,A,x,1,2,3,4\n").encode())
    assert "If lines stand above the headings" in refused.value.fix


# --- two columns of one heading ----------------------------------------------------------------


def test_embedded_data_named_like_a_column_of_qualtrics(tmp_path: Path) -> None:
    raw = read(tmp_path, QUALTRICS.encode())
    assert raw.kind == "qualtrics_csv"
    assert raw.frame["Status"].tolist() == ["IP Address"]
    assert raw.frame["Status (Status_ED)"].tolist() == ["active"]


def test_a_personal_column_given_twice_is_left_behind_twice(tmp_path: Path) -> None:
    text = QUALTRICS.replace("Status,Status,", "IPAddress,Status,", 1).replace(
        '""status""', '""IPAddress_ED""'
    )
    raw = read(tmp_path, text.encode())
    assert not any("IPAddress" in name for name in raw.frame.columns)
    assert len(raw.left_behind) == 2


def test_equal_headings_are_told_apart_by_their_place(tmp_path: Path) -> None:
    raw = read(tmp_path, b"code,Agree?,Agree?,A1\nAB1,yes,no,1\n")
    assert list(raw.frame.columns) == ["code", "Agree? (column 2)", "Agree? (column 3)", "A1"]
    assert "'Agree? (column 2)' or 'Agree? (column 3)'" in raw.unusable["Agree?"]


def test_a_mapping_that_names_one_of_two_is_told_what_they_are_called(tmp_path: Path) -> None:
    raw = read(tmp_path, b"code,Agree?,Agree?,A1,school\nAB1,yes,no,1,S01\n")
    columns = {"respondent": "code", "school": "school", "consent": "Agree?"}
    mapping = Mapping(schema_version=1, answers="codes", columns=columns, items={"A1": "A1"})
    with pytest.raises(AnalystError, match=r"'Agree\? \(column 2\)' or 'Agree\? \(column 3\)'"):
        refuse_missing_columns(raw, mapping, "here", "m.yaml")
    columns["consent"] = "Agree? (column 3)"
    mapping = Mapping(schema_version=1, answers="codes", columns=columns, items={"A1": "A1"})
    refuse_missing_columns(raw, mapping, "here", "m.yaml")


def test_labels_of_redcap_repeat_a_heading_for_every_form(tmp_path: Path) -> None:
    raw = read(
        tmp_path,
        b"Record ID,Event Name,Own code,Complete?,Sad,Complete?\n"
        b"1,Spring,AB1,Complete,1,Complete\n1,Autumn,AB1,Complete,2,Incomplete\n",
    )
    assert raw.kind == "redcap_csv"
    assert raw.frame["Complete? (column 6)"].tolist() == ["Complete", "Incomplete"]
    assert any("2 events (Autumn, Spring)" in note for note in raw.notes)


def test_tables_of_a_study_still_need_one_column_of_a_name(tmp_path: Path) -> None:
    from analysis.sources import tables

    path = tmp_path / "schools.csv"
    path.write_text("id,name,id\nS01,Alder,S02\n")
    with pytest.raises(AnalystError, match=r"same heading 'id' .columns 1 and 3"):
        tables.read(path, ["id"])


# --- questions that ask for a code --------------------------------------------------------------

CODE_QUESTIONS = [
    "First letter of your first name, first letter of your surname, day of birth",
    "Most teachers know my name",
    "Your mother's first name (first two letters)",
    "The first two letters of your first name and your surname",
    "Last three digits of your phone number",
    "Q2. First two digits of your post code",
    "How many letters are in your first name?",
    "Adults in school remember each pupil's name",
    "I know the names of the staff",
]
PERSONAL = [
    "What is your name?",
    "Your first name and the first letter of your surname",
    "First letter of your surname, and your e-mail address",
    "Do staff know your e-mail address? Please enter your e-mail address",
    "Please enter your e-mail address so that your teacher knows",
    "Your name (so we know who you are)",
]


@pytest.mark.parametrize("question", CODE_QUESTIONS)
def test_a_part_of_a_name_and_a_statement_on_names_are_not_personal(
    tmp_path: Path, question: str
) -> None:
    raw = read(tmp_path, f'"{question}",A1\nAB1,1\n'.encode())
    assert question in raw.frame.columns


@pytest.mark.parametrize("question", PERSONAL)
def test_whole_names_and_addresses_are_left_behind_all_the_same(question: str) -> None:
    assert is_personal(question)


# --- refused, as what they are ------------------------------------------------------------------


def zipped(*names: str) -> bytes:
    import io

    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return stream.getvalue()


LOCKED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le")
OLD_STATA_OF_NO_USE = struct.pack("<BBBB", 114, 2, 1, 0) + b"\0" * 50


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"<!DOCTYPE html><html><title>Log in</title></html>", "a web page"),
        (b"\xef\xbb\xbf\r\n <HTML><body>Sign in", "a web page"),
        (b"<table><tr><td>code</td></tr></table>", "a web page"),
        (LOCKED, "with a password"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "not an Excel workbook"),
        (zipped("responses.csv"), r"a zip archive \(it holds 'responses.csv'\)"),
        (zipped("word/document.xml"), "a Word document"),
        (zipped("Index/Document.iwa"), "an Apple Numbers file"),
        (zipped("project.qde"), "a project of a coding tool"),
        (gzip.compress(b"a,b\n1,2\n", mtime=0), "a compressed file"),
        (b"SQLite format 3\x00", "a database"),
        (b"\x89PNG\r\n", "a picture"),
        (b'{"responses": []}', "a JSON file"),
        (b'{"SurveyEntry": {}, "SurveyElements": []}', "--qsf|Qualtrics's description"),
        (b'<?xml version="1.0"?><document><LimeSurveyDocType>Survey', "LimeSurvey's description"),
        (b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">',
         "in XML of 2003"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "a pointer of Git LFS"),
        (b"\x00\x05\x16\x07\x00\x02", "what macOS keeps"),
        (OLD_STATA_OF_NO_USE, "not a Stata file"),
        (b"<stata_dta>nonsense", "not a Stata file"),
        (b"name,A1\nZo\xc3\xab,1\nMa\xc3\xab,2\nAd\xe8le,3\n", "UTF-8, but 1 of its bytes"),
        (b'"Variable / Field Name","Form Name"\nrecord_id,x\n', "REDCap's data dictionary"),
    ],
)  # fmt: skip
def test_refused_as_what_it_is(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(AnalystError, match=message) as refused:
        read(tmp_path, content)
    assert refused.value.where
    assert refused.value.fix


def test_a_folder_or_a_file_that_may_not_be_read_says_so(tmp_path: Path) -> None:
    with pytest.raises(AnalystError, match="is a folder") as refused:
        sources.read(tmp_path)
    assert refused.value.fix


def test_how_a_file_is_written_is_told(tmp_path: Path) -> None:
    for export, about in (
        ("plain_cp1252.csv", "Windows-1252, cells parted by semicolons"),
        ("plain_utf16.csv", "UTF-16, cells parted by tabs"),
        ("plain.csv", "UTF-8, cells parted by commas"),
        ("plain.xlsx", "an Excel workbook (.xlsx); sheets 'Sheet'"),
        ("stata.dta", "Stata file (.dta), UTF-8"),
    ):
        assert sources.read(EXPORTS / export).about == about
