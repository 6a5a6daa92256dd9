"""Readers of coding tools' exports: the neutral table, vendors' quirks, and unsafe archives."""

from __future__ import annotations

import json
import sqlite3
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from analysis.errors import AnalystError
from analysis.prepare import coded_text
from analysis.sources import coding
from analysis.sources.coding import archive

FIXTURES = Path(__file__).parents[1] / "fixtures" / "coding"
CORPUS = json.loads((FIXTURES / "corpus.json").read_text(encoding="utf-8"))
EXPECTED = sorted(
    (source, code, words) for source, words, codes in CORPUS["codings"] for code in codes
)


def said(found: coding.Coded) -> list[tuple[str, str, str]]:
    rows = found.segments[["source_id", "code", "text"]]
    return sorted(rows.itertuples(index=False, name=None))


def test_a_project_made_by_taguette() -> None:
    found = coding.read(FIXTURES / "taguette.sqlite3", coder="C1")
    assert (found.tool, said(found)) == ("Taguette", EXPECTED)
    assert set(found.segments["coder"]) == {"C1"}
    # Offsets count characters, although Taguette counts bytes.
    assert (
        found.segments["end"] - found.segments["start"] == found.segments["text"].str.len()
    ).all()
    first = found.segments[found.segments["source_id"] == "I01"].iloc[0]
    text = CORPUS["documents"]["I01"].replace("\n\n", "")
    assert text[int(first["start"]) : int(first["end"])] == first["text"]
    assert (
        dict(zip(found.codes["code"], found.codes["description"], strict=True)) == CORPUS["codes"]
    )
    assert set(found.codes["parent_code"]) == {"CTX", "CON", "ENB", "COM", "SUS"}
    assert found.findings == ("1 highlight without a tag, left out",)


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_highlights_exported_by_taguette(ending: str) -> None:
    found = coding.read(FIXTURES / f"taguette_highlights.{ending}")
    assert said(found) == EXPECTED
    assert found.segments["start"].isna().all()


@pytest.mark.parametrize("ending", ["csv", "qdc"])
def test_codebooks_exported_by_taguette(ending: str) -> None:
    found = coding.read_codebook(FIXTURES / f"taguette_codebook.{ending}")
    assert set(found["code"]) == set(CORPUS["codes"])
    assert dict(zip(found["code"], found["parent_code"], strict=True))["CTX.01"] == "CTX"


def test_a_database_with_several_projects_asks_which(tmp_path: Path) -> None:
    path = tmp_path / "several.sqlite3"
    path.write_bytes((FIXTURES / "taguette.sqlite3").read_bytes())
    with sqlite3.connect(path) as db:
        db.execute(
            "INSERT INTO projects (name, description, created) VALUES ('Other', '', '2020-01-01')"
        )
    with pytest.raises(AnalystError, match="several projects"):
        coding.read(path)
    assert said(coding.read(path, project="Synthetic interviews")) == EXPECTED
    assert coding.read(path, project="Other").segments.empty


def test_a_database_of_neither_tool_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.sqlite3"
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE anything (a)")
    with pytest.raises(AnalystError, match="neither Taguette's nor QualCoder's"):
        coding.read(path)
    path.write_bytes(b"SQLite format 3\x00 but not really")
    with pytest.raises(AnalystError, match="cannot be read"):
        coding.read(path, "taguette")


# --- REFI-QDA ------------------------------------------------------------------------------


def project(path: Path, body: str, sources: dict[str, bytes] | None = None) -> Path:
    with zipfile.ZipFile(path, "w") as file:
        file.writestr(
            "project.qde", f'<Project xmlns="urn:QDA-XML:project:1.0" name="p">{body}</Project>'
        )
        for name, content in (sources or {}).items():
            file.writestr(f"sources/{name}", content)
    return path


CODES = (
    '<CodeBook><Codes><Code guid="AA" name="CTX"><Code guid="{BB}" name="CTX.01"/></Code>'
    "</Codes></CodeBook>"
)
USERS = '<Users><User guid="{U1}" name="C1"/></Users>'


def source(selections: str, attributes: str = 'plainTextPath="internal://t.txt"') -> str:
    inside = f'<TextSource guid="s1" name="I01" {attributes}>{selections}</TextSource>'
    return f"<Sources>{inside}</Sources>"


def selection(start: int, end: int, name: str = "", code: str = "bb") -> str:
    coding_ = f'<Coding guid="c"><CodeRef targetGUID="{code}"/></Coding>' if code else ""
    return (
        f'<PlainTextSelection guid="x" name="{name}" startPosition="{start}" '
        f'endPosition="{end}" creatingUser="u1">{coding_}</PlainTextSelection>'
    )


def test_guids_in_braces_and_either_case(tmp_path: Path) -> None:
    body = USERS + CODES + source(selection(6, 11))
    found = coding.read(project(tmp_path / "p.qdpx", body, {"t.txt": b"hello world"}))
    row = found.segments.iloc[0]
    assert (row["text"], row["code"], row["parent_code"], row["coder"]) == (
        "world", "CTX.01", "CTX", "C1",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("content", "start", "end"),
    [
        (b"one\r\ntwo\r\nthree", 10, 15),  # NVivo for Windows: CR LF counts as two
        (b"one\r\ntwo\r\nthree", 8, 13),  # ATLAS.ti: as one, whatever the file has
        (b"one\ntwo\nthree", 10, 15),  # positions of two, in a file that lost the CR
    ],
)
def test_line_breaks_are_counted_as_the_tool_counted_them(
    tmp_path: Path, content: bytes, start: int, end: int
) -> None:
    body = USERS + CODES + source(selection(start, end, "three"))
    found = coding.read(project(tmp_path / "p.qdpx", body, {"t.txt": content}))
    assert found.segments["text"].tolist() == ["three"]
    assert found.findings == ()


@pytest.mark.parametrize("kept", ["We read it.", "We read"])
@pytest.mark.parametrize("counted_as", ["\n", "\r\n"])
def test_a_passage_at_the_beginning_of_a_line_keeps_its_last_letter(
    kept: str, counted_as: str, tmp_path: Path
) -> None:
    content = "Time is short.\r\nWe read it. Nobody minded."
    start = content.replace("\r\n", counted_as).index("We")
    body = USERS + CODES + source(selection(start, start + 11, kept))
    found = coding.read(project(tmp_path / "p.qdpx", body, {"t.txt": content.encode()}))
    assert found.segments["text"].tolist() == ["We read it."]


def test_selections_without_a_code_and_unknown_codes_are_counted(tmp_path: Path) -> None:
    body = USERS + CODES + source(selection(0, 5, code="") + selection(0, 5, code="zz"))
    found = coding.read(project(tmp_path / "p.qdpx", body, {"t.txt": b"hello world"}))
    assert found.segments.empty
    assert found.findings == (
        "1 coding of a code that is not in the codebook, in 1 source: left out",
        "1 source has no coding that could be read: I01",
        "1 selection without a code (annotation), left out",
    )


def test_repeated_source_names_stay_apart(tmp_path: Path) -> None:
    twice = "".join(
        f'<TextSource guid="s{n}" name="I01"><PlainTextContent>hello</PlainTextContent>'
        f"{selection(0, 5)}</TextSource>"
        for n in (1, 2)
    )
    body = f"{CODES}<Sources>{twice}</Sources>"
    found = coding.read(project(tmp_path / "p.qdpx", body))
    assert found.segments["source_id"].tolist() == ["I01", "I01 (2)"]


def test_a_case_repeated_as_a_code_is_no_code_and_names_may_be_missing(tmp_path: Path) -> None:
    cases = (
        '<Variables><Variable guid="v" name="School"/></Variables>'
        '<Cases><Case guid="CC"><VariableValue><VariableRef targetGUID="{V}"/>'
        "<TextValue>S04</TextValue></VariableValue>"
        '<SourceRef targetGUID="{S1}"/></Case></Cases>'
    )
    codes = CODES.replace("</Codes>", '<Code guid="cc" name="I01"/></Codes>')
    body = codes + cases + source(selection(0, 5) + selection(0, 5, code="cc"))
    found = coding.read(project(tmp_path / "p.qdpx", body, {"t.txt": b"hello"}))
    assert found.segments[["code", "school"]].to_numpy().tolist() == [["CTX.01", "S04"]]
    assert "I01" not in set(found.codes["code"])


def test_a_project_without_codes_and_a_whole_source_coded(tmp_path: Path) -> None:
    assert coding.read(project(tmp_path / "blank.qdpx", "")).segments.empty
    whole = '<Coding guid="c"><CodeRef targetGUID="bb"/></Coding>'
    found = coding.read(project(tmp_path / "p.qdpx", CODES + source(whole), {"t.txt": b"hello"}))
    assert found.segments["text"].tolist() == ["hello"]


def test_text_outside_the_archive_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("a secret")
    path = f'plainTextPath="absolute://{tmp_path}/secret.txt"'
    found = coding.read(project(tmp_path / "p.qdpx", CODES + source(selection(0, 5), path)))
    assert found.segments["text"].tolist() == [""]
    assert "a secret" not in str(found.segments.to_dict())
    assert "1 source whose text is not in the project" in found.findings[0]


def test_entities_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "p.qdpx"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("project.qde", '<!DOCTYPE x [<!ENTITY a "b">]><Project>&a;</Project>')
    with pytest.raises(AnalystError, match="entities"):
        coding.read(path)


# --- archives ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["../out.txt", "/etc/out.txt", "a/../../out.txt", "C:\\out.txt"])
def test_paths_that_lead_out_are_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / "p.qdpx"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr(zipfile.ZipInfo(name), "x")
    with pytest.raises(AnalystError, match="leads out of the archive"):
        coding.read(path)
    assert [p.name for p in tmp_path.iterdir()] == ["p.qdpx"]


def test_archives_that_grow_without_measure_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "p.qdpx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("sources/t.txt", b"0" * 3_000_000)
    with pytest.raises(AnalystError, match="grows without measure"):
        coding.read(path)


def test_a_member_larger_than_is_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "LARGEST_MEMBER", 10)
    with pytest.raises(AnalystError, match="bytes"):
        coding.read(project(tmp_path / "p.qdpx", "a" * 50))


def test_links_and_broken_archives_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "p.qdpx"
    link = zipfile.ZipInfo("sources/t.txt")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(path, "w") as file:
        file.writestr(link, "/etc/passwd")
    with pytest.raises(AnalystError, match="a link instead of a file"):
        coding.read(path)
    path.write_bytes(b"no zip")
    with pytest.raises(AnalystError, match="not a project archive"):
        coding.read(path)


# --- spreadsheets --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (  # ATLAS.ti: several codes in a cell
            "Document,Quotation Content,Codes,Comment,Created by\n"
            'I01.docx,"hello, world","CTX.01\nCON.01",,C1\n',
            [("I01", "CON.01", "hello, world"), ("I01", "CTX.01", "hello, world")],
        ),
        (  # NVivo: a coding summary
            "File Name;Node;Coded Text;Coded By Name\nI01;CTX.01;hello;C1\n",
            [("I01", "CTX.01", "hello")],
        ),
        (  # QualCoder: repeated headings, attributes of files and cases
            '"File","Coder","Coded","Id","Codename","Coded_Memo","Category","Category",'
            '"CaseVar_school"\n"I01.txt","C1","hello","ctid:1","CTX.01","","Context","CTX","S04"\n',
            [("I01", "CTX.01", "hello")],
        ),
        (  # MAXQDA: retrieved segments, whose Begin and End are paragraphs
            "Document group,Document name,Code,Begin,End,Segment,Modified by\n"
            "G,I01,Context > CTX.01,12,13,hello,C1\n",
            [("I01", "Context > CTX.01", "hello")],
        ),
        (  # MAXQDA in German
            "Farbe;Kommentar;Dokumentgruppe;Dokumentname;Code;Anfang;Ende;Segment;Erstellt von\n"
            "x;;G;I01;CTX.01;3;3;hello;C1\n",
            [("I01", "CTX.01", "hello")],
        ),
        (  # ATLAS.ti numbers its documents
            "ID,Document,Quotation Content,Codes\n1:1,D 1: I01.docx,hello,CTX.01\n"
            "2:1,D12:I02,hello,CTX.01\n",
            [("I01", "CTX.01", "hello"), ("I02", "CTX.01", "hello")],
        ),
        (  # plain
            "source_id,code,text,start,end\nI01,CTX.01,hello,3,8\n",
            [("I01", "CTX.01", "hello")],
        ),
    ],
)
def test_spreadsheets(tmp_path: Path, text: str, expected: list[tuple[str, str, str]]) -> None:
    path = tmp_path / "coded.csv"
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    found = coding.read(path)
    assert said(found) == expected
    # Both edges or neither: an end alone is no place.
    assert (found.segments["start"].isna() == found.segments["end"].isna()).all()


def test_the_same_words_in_two_paragraphs_are_two_passages(tmp_path: Path) -> None:
    path = tmp_path / "segments.csv"
    path.write_text(
        "Document group,Document name,Code,Begin,End,Segment\n"
        "G,I01,CTX.01,5,5,No time\nG,I01,CTX.01,9,9,No time\nG,I01,CTX.01,9,9,No time\n"
    )
    assert coding.read(path).segments.duplicated().tolist() == [False, False, True]


@pytest.mark.parametrize(
    "name",
    [
        "CTX.01",
        "ctx.01",
        "CTX.01 Time for it",
        "CTX.01: Time for it",
        "Time / rooms",
        "Context > CTX.01",
        "Context\\Time / rooms",
        "A > B > time / rooms",
        "Context/Time / rooms",
    ],
)
def test_a_code_is_found_whatever_stands_above_it(name: str) -> None:
    codes = [{"id": "CTX.01", "label": "Time / rooms"}, {"id": "CTX.02", "label": "Rooms"}]
    found = coded_text.known(pd.Series([name]), {"themes": [{"id": "CTX", "codes": codes}]})
    assert found.tolist() == ["CTX.01"]


@pytest.mark.parametrize("name", ["CTX.01 Time\\deeper", "Time > more", "Context", "rooms twice"])
def test_a_code_below_one_of_the_codebook_is_not_that_one(name: str) -> None:
    codes = [{"id": "CTX.01", "label": "Time"}, {"id": "CTX.02", "label": "Rooms"}]
    found = coded_text.known(pd.Series([name]), {"themes": [{"id": "CTX", "codes": codes}]})
    assert found.tolist() == [""]


def test_what_agrees_with_nothing_is_named() -> None:
    codes = pd.Series(["new", "other", "new"])
    assert coded_text.unknown_in_words(codes).endswith("new (2), other (1)")
    segments = pd.DataFrame({"source_id": ["I01", "I02", "I03"]})
    with pytest.raises(AnalystError, match="'I02', 'I03' have coded passages"):
        coded_text.attributed(segments, pd.DataFrame({"source_id": ["I01"]}), "x")


def test_a_matrix_of_counts_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "matrix.csv"
    path.write_text(",A : I01,B : I02\n1 : CTX.01,3,0\n2 : CON.01,1,2\n")
    with pytest.raises(AnalystError, match="matrix of counts"):
        coding.read(path)


def test_a_tools_own_project_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "project.nvpx"
    path.write_bytes(b"\x00\x01")
    with pytest.raises(AnalystError, match="only that tool can open"):
        coding.read(path)


def test_the_neutral_table_has_its_columns_in_order() -> None:
    found = coding.read(FIXTURES / "taguette.sqlite3").segments
    assert tuple(found.columns) == coding.COLUMNS
    assert pd.api.types.is_float_dtype(found["start"])


def test_passages_of_nobody_are_named_by_their_rows(tmp_path: Path) -> None:
    path = tmp_path / "segments.csv"
    path.write_text("source_id,code,text\nI01,A,one\nI99,A,two\nI01,B,three\nD 3: I99,B,four\n")
    assert coding.rows_of(path, ["I99"]) == [3, 5]
