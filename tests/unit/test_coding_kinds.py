"""What coding tools write that is not plain: every coding is used, or counted as left out."""

from __future__ import annotations

import sqlite3
import zipfile
from pathlib import Path

import coding_projects
import pytest

from analysis.errors import AnalystError
from analysis.sources import coding
from tests.unit.test_coding_readers import CODES, FIXTURES, USERS, project, selection
from tests.unit.test_coding_speakers import SMILE, group, people, qualcoder, read, said

TEXT = '<TextSource guid="s1" name="I01" plainTextPath="internal://t.txt">'


def refi(
    tmp_path: Path, inside: str, text: bytes = b"hello world", before: str = ""
) -> coding.Coded:
    """A REFI-QDA project of one text with selections."""
    body = f"{USERS}{CODES}{before}<Sources>{TEXT}{inside}</TextSource></Sources>"
    return coding.read(project(tmp_path / "p.qdpx", body, {"t.txt": text}))


# --- Taguette --------------------------------------------------------------------------------


def taguette(tmp_path: Path, contents: str) -> sqlite3.Connection:
    """A project of one document and one tag."""
    path = tmp_path / "t.sqlite3"
    path.write_bytes((FIXTURES / "taguette.sqlite3").read_bytes())
    db = sqlite3.connect(path)
    for table in ("highlight_tags", "highlights", "tags", "documents", "commands",
                  "project_members", "projects"):  # fmt: skip
        db.execute(f"DELETE FROM {table}")
    coding_projects.insert(db, "projects", id=1, name="P", description="", created="2020-01-01")
    coding_projects.insert(db, "tags", id=1, project_id=1, path="CTX.01", description="")
    document(db, 1, contents)
    return db


def document(db: sqlite3.Connection, number: int, contents: str, name: str = "I01.txt") -> None:
    coding_projects.insert(db, "documents", id=number, name=name, description="", filename=name,
                           created="2020-01-01", project_id=1, text_direction="LEFT_TO_RIGHT",
                           contents=contents)  # fmt: skip


def highlight(db: sqlite3.Connection, number: int, start: int, end: int, words: str,
              file: int = 1) -> None:  # fmt: skip
    coding_projects.insert(db, "highlights", id=number, document_id=file, start_offset=start,
                           end_offset=end, snippet=words)  # fmt: skip
    coding_projects.insert(db, "highlight_tags", highlight_id=number, tag_id=1)


def of_taguette(tmp_path: Path, db: sqlite3.Connection) -> coding.Coded:
    db.commit()
    db.close()
    return coding.read(tmp_path / "t.sqlite3")


@pytest.mark.parametrize(
    ("before", "html"),
    [
        ("Zoë ", "<p>Zoë No time.</p>"),
        (f"{SMILE}{SMILE} ", f"<p>{SMILE}{SMILE} No time.</p>"),
        ("A & B < ", "<p>A &amp; B &lt; No time.</p>"),
        ("שלום ", "<p>שלום No time.</p>"),
        ("e\u0301 ", "<p>e\u0301 <b>No</b> time.</p>"),
    ],
)
def test_taguettes_bytes_are_characters_whatever_comes_before(
    before: str, html: str, tmp_path: Path
) -> None:
    db = taguette(tmp_path, html)
    start = len(before.encode())
    highlight(db, 1, start, start + 8, "No time.")
    found = of_taguette(tmp_path, db)
    assert people(found) == [("I01", "No time.")]
    assert found.segments[["start", "end"]].to_numpy().tolist() == [[len(before), len(before) + 8]]
    assert found.findings == ()


def test_two_documents_of_one_name_are_two_places_of_one_person(tmp_path: Path) -> None:
    db = taguette(tmp_path, "<p>We like it.</p>")
    document(db, 2, "<p>We like it.</p>")
    for number in (1, 2):
        highlight(db, number, 0, 11, "We like it.", number)
    found = of_taguette(tmp_path, db)
    assert people(found) == [("I01", "We like it.")] * 2
    assert not found.segments.duplicated().any()


def test_the_same_words_at_two_places_of_a_document_are_two(tmp_path: Path) -> None:
    db = taguette(tmp_path, "<p>Yes. No. Yes.</p>")
    highlight(db, 1, 0, 4, "Yes.")
    highlight(db, 2, 9, 13, "Yes.")
    found = of_taguette(tmp_path, db).segments
    assert found["start"].tolist() == [0, 9]
    assert len(found.drop_duplicates()) == 2


def test_highlights_of_a_document_that_is_gone_are_counted(tmp_path: Path) -> None:
    db = taguette(tmp_path, "<p>Yes.</p>")
    db.execute("PRAGMA foreign_keys = OFF")
    highlight(db, 1, 0, 4, "Yes.")
    highlight(db, 2, 0, 4, "Yes.", file=9)
    found = of_taguette(tmp_path, db)
    assert len(found.segments) == 1
    assert found.findings[0].startswith("1 coding of a document or tag that is no longer there")


def test_a_document_without_a_name_is_nobodys(tmp_path: Path) -> None:
    db = taguette(tmp_path, "<p>Yes.</p>")
    db.execute("UPDATE documents SET name = ''")
    highlight(db, 1, 0, 4, "Yes.")
    found = of_taguette(tmp_path, db)
    assert found.segments.empty
    assert "1 coding of a speaker or source without a name" in found.findings[0]


def test_exported_highlights_of_no_document_are_nobodys(tmp_path: Path) -> None:
    path = tmp_path / "h.csv"
    path.write_text("id,document,tag,content\n1,,CTX.01,Yes\n2,I01,CTX.01,No\n3,I01,,Why\n")
    found = coding.read(path)
    assert people(found) == [("I01", "No")]
    assert found.findings == (
        "1 coding of a speaker or source without a name: left out",
        "1 highlight without a tag, left out",
    )


# --- QualCoder -------------------------------------------------------------------------------


@pytest.mark.parametrize("owner", ["", None])
def test_a_coder_who_is_gone_is_nobody_and_the_coding_stays(
    owner: str | None, tmp_path: Path
) -> None:
    db = qualcoder(tmp_path, {"I01.txt": "We like it."})
    said(db, 1, 0, 11, "We like it.")
    db.execute("UPDATE code_text SET owner = ?", (owner,))
    found = read(tmp_path, db)
    assert people(found) == [("I01", "We like it.")]
    assert found.segments["coder"].tolist() == [""]


def test_a_code_under_a_category_that_is_gone_stays(tmp_path: Path) -> None:
    db = qualcoder(tmp_path, {"I01.txt": "We like it."})
    db.execute("UPDATE code_name SET catid = 99")
    said(db, 1, 0, 11, "We like it.")
    assert read(tmp_path, db).segments["parent_code"].tolist() == ["CTX"]


@pytest.mark.parametrize("path", ["docs:/home/anna/I01.docx", "audio:/nowhere/I01.mp3", None])
def test_files_linked_from_outside_are_not_opened_and_their_words_stay(
    path: str | None, tmp_path: Path
) -> None:
    """QualCoder keeps the words of a coding, and the text of a document it links to."""
    db = qualcoder(tmp_path, {"I01.docx": "We like it."})
    db.execute("UPDATE source SET mediapath = ?", (path,))
    said(db, 1, 0, 11, "We like it.")
    found = read(tmp_path, db)
    assert people(found) == [("I01", "We like it.")]
    assert found.findings == ()


def test_a_source_without_a_name_is_nobodys_and_counted(tmp_path: Path) -> None:
    db = qualcoder(tmp_path, {"": "We like it.", "I02.txt": "No time."})
    said(db, 1, 0, 11, "We like it.")
    said(db, 2, 0, 8, "No time.")
    found = read(tmp_path, db)
    assert people(found) == [("I02", "No time.")]
    assert "1 coding of a speaker or source without a name" in found.findings[0]


def test_the_same_words_of_one_person_at_two_places_are_two(tmp_path: Path) -> None:
    db = qualcoder(tmp_path, {"I01.txt": "Yes. No. Yes."})
    said(db, 1, 0, 4, "Yes.")
    said(db, 1, 9, 13, "Yes.")
    found = read(tmp_path, db).segments
    assert found["start"].tolist() == [0, 9]
    assert len(found.drop_duplicates()) == 2


def test_one_passage_coded_by_two_coders_is_two_codings(tmp_path: Path) -> None:
    db = qualcoder(tmp_path, {"I01.txt": "Yes. No. Yes."})
    said(db, 1, 0, 4, "Yes.")
    coding_projects.insert(db, "code_text", cid=1, fid=1, seltext="Yes.", pos0=0, pos1=4,
                           owner="C2")  # fmt: skip
    assert read(tmp_path, db).segments["coder"].tolist() == ["C1", "C2"]


def test_a_speaker_whose_turns_overlap_anothers_is_not_guessed(tmp_path: Path) -> None:
    db = group(tmp_path, [(1, 0, 12), (2, 6, 24)])
    said(db, 1, 6, 10, "Yes.")
    said(db, 1, 16, 24, "No time.")
    found = read(tmp_path, db)
    assert people(found) == [("P2", "No time.")]
    assert "1 coding not wholly within one speaker's words" in found.findings[0]


@pytest.mark.parametrize(
    "emoji", [SMILE, "\U0001f468\u200d\U0001f469\u200d\U0001f467", "\U0001f3f4"]
)
def test_speakers_after_an_emoji_are_told_apart_by_the_tools_own_units(
    emoji: str, tmp_path: Path
) -> None:
    text = f"Anna: {emoji} Yes. Ben: No."
    db = qualcoder(tmp_path, {"FG1.txt": text})
    units = lambda upto: len(text[:upto].encode("utf-16-le")) // 2  # noqa: E731
    edge = text.index("Ben")
    for number, (name, start, end) in enumerate((("P1", 0, edge - 1), ("P2", edge, len(text))), 1):
        coding_projects.insert(db, "cases", caseid=number, name=name)
        coding_projects.insert(db, "case_text", caseid=number, fid=1, pos0=units(start),
                               pos1=units(end))  # fmt: skip
    for words in ("Yes.", "No."):
        at = text.index(words)
        said(db, 1, units(at), units(at + len(words)), words)
    found = read(tmp_path, db)
    assert people(found) == [("P1", "Yes."), ("P2", "No.")]
    assert found.findings == ()


# --- REFI-QDA: NVivo, MAXQDA, ATLAS.ti -------------------------------------------------------


def test_a_coder_whom_the_project_does_not_list_is_nobody_and_the_coding_stays(
    tmp_path: Path,
) -> None:
    found = refi(tmp_path, selection(6, 11).replace("u1", "u9"))
    assert people(found) == [("I01", "world")]
    assert found.segments["coder"].tolist() == [""]


def test_a_selection_of_two_coders_and_two_codes_is_four_codings(tmp_path: Path) -> None:
    codings = "".join(
        f'<Coding guid="{user}{code}" creatingUser="{user}"><CodeRef targetGUID="{code}"/></Coding>'
        for user in ("U1", "U2")
        for code in ("aa", "bb")
    )
    inside = selection(6, 11, code="").replace("></PlainText", f">{codings}</PlainText")
    users = USERS.replace("</Users>", '<User guid="u2" name="C2"/></Users>')
    body = f"{users}{CODES}<Sources>{TEXT}{inside}</TextSource></Sources>"
    found = coding.read(project(tmp_path / "p.qdpx", body, {"t.txt": b"hello world"})).segments
    assert sorted(found[["coder", "code"]].itertuples(index=False, name=None)) == [
        ("C1", "CTX"), ("C1", "CTX.01"), ("C2", "CTX"), ("C2", "CTX.01"),
    ]  # fmt: skip


def test_a_code_that_nobody_used_is_in_the_codebook_and_in_no_coding(tmp_path: Path) -> None:
    found = refi(tmp_path, selection(6, 11))
    assert found.codes["code"].tolist() == ["CTX", "CTX.01"]
    assert found.segments["code"].tolist() == ["CTX.01"]


@pytest.mark.parametrize("address", ["relative:///I01.docx", "absolute:///home/a/I01.docx", ""])
def test_a_text_outside_the_project_leaves_its_codings_without_words(
    address: str, tmp_path: Path
) -> None:
    source = TEXT.replace("internal://t.txt", address)
    body = f"{USERS}{CODES}<Sources>{source}{selection(0, 5)}</TextSource></Sources>"
    found = coding.read(project(tmp_path / "p.qdpx", body))
    assert found.segments[["source_id", "text"]].to_numpy().tolist() == [["I01", ""]]
    assert "whose text is not in the project" in found.findings[0]


MOVED = ("1 selection whose words are no longer those at its place",)


@pytest.mark.parametrize(
    ("where", "findings"),
    [
        ((6, 11), ()),
        ((6, 400), ()),  # the words stand there, up to the end of the text
        ((400, 500), MOVED),
        ((11, 6), MOVED),
    ],
)
def test_positions_beyond_the_text_are_said(
    where: tuple[int, int], findings: tuple[str, ...], tmp_path: Path
) -> None:
    """The words that the tool kept are used in any case."""
    found = refi(tmp_path, selection(*where, "world"))
    assert people(found) == [("I01", "world")]
    assert found.findings == findings


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-8-sig", "cp1252"])
def test_words_after_an_accent_in_other_encodings(encoding: str, tmp_path: Path) -> None:
    text = "Zoë – naïve, and no time at all."
    start = text.index("no time")
    found = refi(tmp_path, selection(start, start + 7, "no time"), text.encode(encoding))
    assert people(found) == [("I01", "no time")]
    assert found.findings == ()


def test_the_same_words_selected_twice_are_two_and_one_selection_twice_is_one(
    tmp_path: Path,
) -> None:
    found = refi(tmp_path, selection(0, 3) + selection(8, 11) + selection(0, 3), b"Yes No. Yes")
    assert len(found.segments) == 3
    assert len(found.segments.drop_duplicates()) == 2


def test_a_case_in_two_sources_has_its_passages_in_both(tmp_path: Path) -> None:
    sources = "".join(
        f'<TextSource guid="s{n}" name="FG{n}"><PlainTextContent>We like it.</PlainTextContent>'
        f"{selection(0, 11)}</TextSource>"
        for n in (1, 2)
    )
    case = "".join(f'<SourceRef targetGUID="s{n}"/>' for n in (1, 2))
    body = (
        f'{CODES}<Cases><Case guid="c" name="P1">{case}</Case></Cases><Sources>{sources}</Sources>'
    )
    found = coding.read(project(tmp_path / "p.qdpx", body)).segments
    assert len(found) == 2
    assert not found.duplicated().any()


@pytest.mark.parametrize("member", ["project.qde", "Project.qde", "PROJECT.QDE", "x/project.qde"])
def test_the_project_inside_the_archive_whatever_its_case(member: str, tmp_path: Path) -> None:
    path = tmp_path / "p.qdpx"
    body = f"{CODES}<Sources>{TEXT}{selection(0, 5)}</TextSource></Sources>"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr(member, f'<Project xmlns="urn:QDA-XML:project:1.0">{body}</Project>')
        file.writestr("Sources/t.txt", "hello")
    assert people(coding.read(path)) == [("I01", "hello")]


# --- spreadsheets ----------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_retrieved_segments_however_they_are_written(
    mark: str, encoding: str, tmp_path: Path
) -> None:
    rows = [["Document name", "Code", "Segment", "Created by"], ["I01", "CTX.01", "naïve", "Zoë"]]
    path = tmp_path / "s.csv"
    path.write_bytes("".join(mark.join(row) + "\r\n" for row in rows).encode(encoding))
    found = coding.read(path)
    assert people(found) == [("I01", "naïve")]
    assert found.segments["coder"].tolist() == ["Zoë"]


@pytest.mark.parametrize("column", ["Comment", "Area", "Weight score", "Coverage %", "Color"])
def test_columns_that_say_something_else_do_no_harm(column: str, tmp_path: Path) -> None:
    path = tmp_path / "s.csv"
    path.write_text(f"Document name,Code,Segment,{column}\nI01,CTX.01,No time,5\n")
    assert people(coding.read(path)) == [("I01", "No time")]


def test_a_spreadsheet_without_the_words_is_refused_and_says_what_it_has(tmp_path: Path) -> None:
    path = tmp_path / "s.csv"
    path.write_text("Document name,Code,Weight\nI01,CTX.01,5\n")
    with pytest.raises(AnalystError, match="no column for the passage") as error:
        coding.read(path)
    assert "Weight" in str(error.value)


def test_a_workbook_of_segments_with_a_title_and_a_hidden_sheet(tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book["Sheet"]
    for row in (["Retrieved segments"], [], ["Document name", "Code", "Segment"],
                ["I01", "CTX.01", "No time"]):  # fmt: skip
        sheet.append(row)
    old = book.create_sheet("Old", 0)
    for row in (["Document name", "Code", "Segment"], ["I09", "CTX.01", "gone"]):
        old.append(row)
    old.sheet_state = "hidden"
    book.save(tmp_path / "s.xlsx")
    assert people(coding.read(tmp_path / "s.xlsx")) == [("I01", "No time")]
