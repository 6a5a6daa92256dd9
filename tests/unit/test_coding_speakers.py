"""Every coding of a tool's file is used or counted, and who said it is never guessed."""

from __future__ import annotations

import itertools
import shutil
import sqlite3
from pathlib import Path

import coding_projects
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import study as studies
from analysis.errors import AnalystError
from analysis.prepare import coded_text, schools, strands
from analysis.prepare.quality import Quality
from analysis.sources import coding
from analysis.sources.coding.positions import fitted
from analysis.sources.coding.speakers import NOBODY, SEVERAL, Case, Speakers
from tests.unit.test_coding_readers import CODES, FIXTURES, USERS, project, selection

AV = "avid integer primary key, id integer, pos0 integer, pos1 integer, cid integer, owner text"
IMAGE = "imid integer primary key, id integer, x1 integer, y1 integer, cid integer, owner text"
CODED = '<Coding guid="x"><CodeRef targetGUID="bb"/></Coding>'


def qualcoder(tmp_path: Path, texts: dict[str, str | None]) -> sqlite3.Connection:
    """A project of one code and some files (without text: audio or a PDF)."""
    folder = tmp_path / "project.qda"
    folder.mkdir()
    db = sqlite3.connect(folder / "data.qda")
    for table, columns in (coding_projects.SCHEMAS["new"] | coding_projects.CASES).items():
        db.execute(f"CREATE TABLE {table} ({columns})")
    db.execute(f"CREATE TABLE code_av ({AV})")
    db.execute(f"CREATE TABLE code_image ({IMAGE})")
    coding_projects.insert(db, "code_name", cid=1, name="CTX.01", memo="")
    for number, (name, text) in enumerate(texts.items(), 1):
        coding_projects.insert(db, "source", id=number, name=name, fulltext=text)
    return db


def said(db: sqlite3.Connection, file: int, start: int, end: int, words: str) -> None:
    coding_projects.insert(db, "code_text", cid=1, fid=file, seltext=words, pos0=start, pos1=end,
                           owner="C1", memo="")  # fmt: skip


def read(tmp_path: Path, db: sqlite3.Connection) -> coding.Coded:
    db.commit()
    db.close()
    return coding.read(tmp_path / "project.qda")


def people(found: coding.Coded) -> list[tuple[str, str]]:
    rows = found.segments[["source_id", "text"]]
    return sorted(rows.itertuples(index=False, name=None))


# --- codings that hold no text ---------------------------------------------------------------


def test_codings_of_audio_video_pictures_and_pdf_pages_are_counted(tmp_path: Path) -> None:
    db = qualcoder(tmp_path, {"I01.txt": "We like it.", "I02.mp3": None, "I03.pdf": ""})
    said(db, 1, 0, 11, "We like it.")
    for start in (0, 9000):
        coding_projects.insert(db, "code_av", id=2, pos0=start, pos1=start + 9, cid=1)
    coding_projects.insert(db, "code_image", id=3, x1=0, y1=0, cid=1)
    found = read(tmp_path, db)
    assert people(found) == [("I01", "We like it.")]
    assert found.findings == (
        "2 codings of stretches of audio or video, which hold no text, in 1 source: left out",
        "1 coding of areas of pictures or PDF pages, which hold no text, in 1 source: left out",
        "2 sources have no coding that could be read: I02, I03",
    )


def test_the_transcript_of_a_recording_is_its_source(tmp_path: Path) -> None:
    db = qualcoder(tmp_path, {"I02.mp3": None, "I02.mp3.txt": "No time."})
    said(db, 2, 0, 8, "No time.")
    coding_projects.insert(db, "code_av", id=1, pos0=0, pos1=9, cid=1)
    found = read(tmp_path, db)
    assert people(found) == [("I02", "No time.")]
    assert not any("no coding that could be read" in words for words in found.findings)


def test_codings_of_what_is_gone_are_counted(tmp_path: Path) -> None:
    db = qualcoder(tmp_path, {"I01.txt": "We like it."})
    said(db, 9, 0, 4, "gone")
    coding_projects.insert(db, "code_text", cid=7, fid=1, seltext="We", pos0=0, pos1=2)
    found = read(tmp_path, db)
    assert found.segments.empty
    assert found.findings[0].startswith("2 codings of a file or code that is no longer there")


REFI = {
    "PDFSource": ("PDFSelection", 'page="0" firstX="1"', "areas of PDF pages"),
    "AudioSource": ("AudioSelection", 'begin="0" end="9"', "stretches of audio"),
    "VideoSource": ("VideoSelection", 'begin="0" end="9"', "stretches of video"),
    "PictureSource": ("PictureSelection", 'firstX="0"', "areas of pictures"),
}


@pytest.mark.parametrize("kind", REFI)
def test_areas_and_stretches_of_refi_sources_are_counted(tmp_path: Path, kind: str) -> None:
    name, attributes, words = REFI[kind]
    both = CODED.replace("</Coding>", '<CodeRef targetGUID="aa"/></Coding>')
    body = (
        f'<Sources><{kind} guid="s" name="I02" path="internal://s.x">'
        f'<{name} guid="p" name="some words" {attributes}>{both}</{name}>{CODED}</{kind}></Sources>'
    )
    found = coding.read(project(tmp_path / "p.qdpx", CODES + body))
    assert found.segments.empty
    assert f"2 codings of {words}" in found.findings[0]
    assert "1 coding of a whole source that holds no text" in found.findings[1]


@pytest.mark.parametrize(
    ("kind", "inside", "end"),
    [
        ("PDFSource", "Representation", "8"),
        ("PictureSource", "TextDescription", "8"),
        ("AudioSource", "Transcript", "8"),
        ("VideoSource", "Transcript", "8"),
    ],
)
def test_text_that_a_source_of_another_kind_holds_is_read(
    tmp_path: Path, kind: str, inside: str, end: str
) -> None:
    body = (
        f'<Sources><{kind} guid="s" name="I02"><{inside} guid="r" plainTextPath="internal://t.txt">'
        f"{selection(0, int(end), 'No time')}</{inside}></{kind}></Sources>"
    )
    found = coding.read(project(tmp_path / "p.qdpx", CODES + body, {"t.txt": b"No time."}))
    assert people(found) == [("I02", "No time.")]
    assert found.findings == ()


def test_an_area_of_a_pdf_that_holds_its_text_is_read(tmp_path: Path) -> None:
    body = (
        '<Sources><PDFSource guid="s" name="I02"><PDFSelection guid="p" page="0">'
        '<Representation guid="r"><PlainTextContent>No time.</PlainTextContent></Representation>'
        f"{CODED}</PDFSelection></PDFSource></Sources>"
    )
    found = coding.read(project(tmp_path / "p.qdpx", CODES + body))
    assert people(found) == [("I02", "No time.")]
    assert found.segments["start"].isna().all()


def test_a_transcript_is_read_between_its_points_in_time(tmp_path: Path) -> None:
    points = "".join(
        f'<SyncPoint guid="y{n}" position="{at}" timeStamp="{n}"/>'
        for n, at in enumerate((0, 6, 11))
    )
    body = (
        '<Sources><AudioSource guid="s" name="I02"><Transcript guid="r">'
        f"<PlainTextContent>hello world</PlainTextContent>{points}"
        f'<TranscriptSelection guid="p" fromSyncPoint="y1" toSyncPoint="y2">{CODED}'
        "</TranscriptSelection></Transcript></AudioSource></Sources>"
    )
    found = coding.read(project(tmp_path / "p.qdpx", CODES + body))
    assert people(found) == [("I02", "world")]


def test_a_project_without_any_text_is_refused_for_that_reason(tmp_path: Path) -> None:
    folder = tmp_path / "study"
    shutil.copytree(Path(__file__).parents[2] / "data" / "raw", folder)
    db = qualcoder(folder, {"I02.mp3": None})
    coding_projects.insert(db, "code_av", id=1, pos0=0, pos1=9, cid=1)
    db.commit()
    db.close()
    with (folder / "study.yaml").open("a", encoding="utf-8") as file:
        file.write("coded_text:\n  - {file: project.qda}\n")
    with pytest.raises(AnalystError, match="1 coding of stretches of audio or video"):
        coded_text.read(studies.load(folder))


# --- who speaks ------------------------------------------------------------------------------

GROUP = "Anna: Yes. Ben: No time. Q: Why? Ben: Work."


def group(tmp_path: Path, stretches: list[tuple[int, int, int]]) -> sqlite3.Connection:
    """A focus group with Anna (1) and Ben (2), each in stretches of the text."""
    db = qualcoder(tmp_path, {"FG1.txt": GROUP})
    for number, name in enumerate(("P1", "P2"), 1):
        coding_projects.insert(db, "cases", caseid=number, name=name)
    for role, number in (("leader", 1), ("teacher", 2)):
        coding_projects.insert(db, "attribute", name="Role", attr_type="case", value=role,
                               id=number)  # fmt: skip
    for case, start, end in stretches:
        coding_projects.insert(db, "case_text", caseid=case, fid=1, pos0=start, pos1=end)
    return db


STRETCHES = [(1, 0, 10), (2, 11, 24), (2, 33, 43)]


def test_speakers_of_one_source_are_told_apart_by_position(tmp_path: Path) -> None:
    db = group(tmp_path, STRETCHES)
    said(db, 1, 6, 10, "Yes.")
    said(db, 1, 16, 24, "No time.")
    said(db, 1, 38, 43, "Work.")
    found = read(tmp_path, db)
    assert people(found) == [("P1", "Yes."), ("P2", "No time."), ("P2", "Work.")]
    assert found.segments["role"].tolist() == ["leader", "teacher", "teacher"]
    assert found.findings == ()


def test_a_passage_of_two_speakers_or_of_none_is_nobodys(tmp_path: Path) -> None:
    db = group(tmp_path, STRETCHES)
    said(db, 1, 6, 24, GROUP[6:24])  # Anna and Ben
    said(db, 1, 25, 32, "Q: Why?")  # the interviewer
    said(db, 1, 16, 32, GROUP[16:32])  # Ben, and the interviewer
    found = read(tmp_path, db)
    assert found.segments.empty
    assert found.findings[:2] == (
        "2 codings not wholly within one speaker's words, in 1 source: left out",
        "1 coding outside the words of every speaker, in 1 source: left out",
    )


def test_space_at_the_edge_of_a_passage_is_nobodys(tmp_path: Path) -> None:
    db = group(tmp_path, STRETCHES)
    said(db, 1, 16, 25, "No time. ")
    assert people(read(tmp_path, db)) == [("P2", "No time.")]


def test_cases_of_whole_files_say_only_what_they_agree_on(tmp_path: Path) -> None:
    db = group(tmp_path, [(1, 0, len(GROUP)), (2, 0, len(GROUP))])
    coding_projects.insert(db, "attribute", name="School", attr_type="case", value="S04", id=1)
    said(db, 1, 6, 10, "Yes.")
    found = read(tmp_path, db)
    assert found.segments[["source_id", "role", "school"]].to_numpy().tolist() == [
        ["FG1", "", "S04"]
    ]


def test_a_case_of_a_part_is_not_a_case_of_the_rest(tmp_path: Path) -> None:
    db = group(tmp_path, [(1, 0, 10)])
    said(db, 1, 6, 10, "Yes.")
    said(db, 1, 16, 24, "No time.")
    found = read(tmp_path, db)
    assert people(found) == [("P1", "Yes.")]
    assert "1 coding outside the words of every speaker" in found.findings[0]


def test_a_speaker_without_a_name_is_not_called_after_the_document(tmp_path: Path) -> None:
    db = group(tmp_path, STRETCHES)
    db.execute("UPDATE cases SET name = ''")
    said(db, 1, 6, 10, "Yes.")
    found = read(tmp_path, db)
    assert found.segments.empty
    assert "1 coding of a speaker or source without a name" in found.findings[0]


def test_one_person_in_two_documents_has_two_places(tmp_path: Path) -> None:
    db = qualcoder(tmp_path, {"a.txt": "We like it.", "b.txt": "We like it."})
    coding_projects.insert(db, "cases", caseid=1, name="P1")
    coding_projects.insert(db, "attribute", name="source_id", attr_type="case", value="P1", id=1)
    for file in (1, 2):
        coding_projects.insert(db, "case_text", caseid=1, fid=file, pos0=0, pos1=11)
        said(db, file, 0, 11, "We like it.")
    found = read(tmp_path, db).segments
    assert found["source_id"].tolist() == ["P1", "P1"]
    assert found["start"].tolist() == [0, 12]
    assert not found.duplicated().any()


CASES = (
    '<Variables><Variable guid="v" name="Role"/></Variables><Cases>'
    '<Case guid="p1" name="P1"><VariableValue><VariableRef targetGUID="v"/>'
    '<TextValue>leader</TextValue></VariableValue>{}</Case><Case guid="p2" name="P2">{}</Case></Cases>'
)


def refi_group(inside: str, by_code: bool) -> str:
    """A focus group whose speakers are tied by reference, or as codes."""
    turns = [(0, 10, "p1"), (11, 24, "p2")]
    if by_code:
        cases = CASES.format("", "")
        marks = "".join(selection(start, end, code=case) for start, end, case in turns)
    else:
        cases = CASES.format(*(f'<SelectionRef targetGUID="t{case}"/>' for _, _, case in turns))
        marks = "".join(
            f'<PlainTextSelection guid="T{case}" startPosition="{start}" endPosition="{end}"/>'
            for start, end, case in turns
        )
    text = f'<TextSource guid="s1" name="FG1" plainTextPath="internal://t.txt">{marks}{inside}'
    return f"{USERS}{CODES}{cases}<Sources>{text}</TextSource></Sources>"


@pytest.mark.parametrize("by_code", [True, False])
def test_speakers_of_a_refi_source_by_position(tmp_path: Path, by_code: bool) -> None:
    inside = selection(6, 10) + selection(16, 24) + selection(6, 24) + selection(25, 32)
    path = project(tmp_path / "p.qdpx", refi_group(inside, by_code), {"t.txt": GROUP.encode()})
    found = coding.read(path)
    assert people(found) == [("P1", "Yes."), ("P2", "No time.")]
    assert found.segments["role"].tolist() == ["leader", ""]
    assert found.findings[:2] == (
        "1 coding not wholly within one speaker's words, in 1 source: left out",
        "1 coding outside the words of every speaker, in 1 source: left out",
    )
    assert found.codes["code"].tolist() == ["CTX", "CTX.01"]


@pytest.mark.parametrize(
    ("source", "cases", "expected"),
    [
        ('<TextSource guid="s1" plainTextPath="internal://t.txt">', "", None),
        ('<TextSource guid="s1" plainTextPath="internal://t.txt">',
         '<Cases><Case guid="c9" name="I07"><SourceRef targetGUID="S1"/></Case></Cases>', "I07"),
        ('<TextSource guid="s1" plainTextPath="internal://t.txt" '
         'richTextPath="relative:///interviews/I08.docx">', "", "I08"),
        ('<TextSource guid="s1" name="" plainTextPath="internal://t.txt" '
         'richTextPath="internal://6ba7b811-9dad-11d1-80b4-00c04fd430c8.docx">', "", None),
        ('<TextSource guid="s1" plainTextPath="internal://t.txt" path="internal://12.pdf">', "",
         None),
        ('<TextSource guid="s1" plainTextPath="internal://t.txt" path="interviews/I10.pdf">', "",
         "I10"),
        ('<TextSource guid="s1" name="I09.docx" plainTextPath="internal://t.txt">', "", "I09"),
    ],
)  # fmt: skip
def test_sources_without_names(
    tmp_path: Path, source: str, cases: str, expected: str | None
) -> None:
    source = source.replace("t.txt", "6ba7b811-9dad-11d1-80b4-00c04fd430c8.txt")
    body = f"{CODES}{cases}<Sources>{source}{selection(0, 5)}</TextSource></Sources>"
    texts = {"6ba7b811-9dad-11d1-80b4-00c04fd430c8.txt": b"hello"}
    found = coding.read(project(tmp_path / "p.qdpx", body, texts))
    if expected:
        assert people(found) == [(expected, "hello")]
    else:
        assert found.segments.empty
        assert found.findings == ("1 coding of a speaker or source without a name: left out",)


# --- positions and encodings -----------------------------------------------------------------

SMILE = "\U0001f600"


@pytest.mark.parametrize("utf16", [True, False])
def test_positions_in_units_of_utf_16_or_in_characters(tmp_path: Path, utf16: bool) -> None:
    text = f"Great {SMILE}{SMILE} day"
    start, end = text.index("day") + 2 * utf16, len(text) + 2 * utf16
    db = qualcoder(tmp_path, {"I01.txt": text})
    said(db, 1, start, end, "day")
    by_qualcoder = read(tmp_path, db)
    body = (
        f'{CODES}<Sources><TextSource guid="s1" name="I01" plainTextPath="internal://t.txt">'
        f"{selection(start, end, 'day')}</TextSource></Sources>"
    )
    by_refi = coding.read(project(tmp_path / "p.qdpx", body, {"t.txt": text.encode()}))
    for found in (by_qualcoder, by_refi):
        row = found.segments.iloc[0]
        assert (row["text"], row["start"], row["end"]) == ("day", 9, 12)
        assert found.findings == ()


def test_positions_that_cannot_be_checked_are_said(tmp_path: Path) -> None:
    body = (
        f'{CODES}<Sources><TextSource guid="s1" name="I01" plainTextPath="internal://t.txt">'
        f"{selection(2, 5)}</TextSource></Sources>"
    )
    found = coding.read(project(tmp_path / "p.qdpx", body, {"t.txt": f"{SMILE} day".encode()}))
    assert found.findings == (
        "1 source with characters such as emoji, of which positions cannot be checked",
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_texts_in_other_encodings(tmp_path: Path, encoding: str) -> None:
    text = "Zoë said: “no time”, and more"
    body = (
        f'{CODES}<Sources><TextSource guid="s1" name="I01" plainTextPath="internal://t.txt">'
        f"{selection(0, 9, 'Zoë said')}</TextSource></Sources>"
    )
    found = coding.read(project(tmp_path / "p.qdpx", body, {"t.txt": text.encode(encoding)}))
    assert people(found) == [("I01", "Zoë said:")]


def test_a_text_in_no_encoding_is_refused_and_named(tmp_path: Path) -> None:
    body = (
        f'{CODES}<Sources><TextSource guid="s1" name="I01" plainTextPath="internal://t.txt">'
        f"{selection(0, 5)}</TextSource></Sources>"
    )
    with pytest.raises(AnalystError, match=r"'sources/t\.txt' is not text") as refused:
        coding.read(project(tmp_path / "p.qdpx", body, {"t.txt": b"a\x81\x8d\x00b"}))
    assert "coding tool" in refused.value.fix


def test_positions_that_are_no_numbers_do_not_break_the_reading(tmp_path: Path) -> None:
    odd = selection(0, 5).replace('startPosition="0"', 'startPosition="x"')
    body = (
        f'{CODES}<Sources><TextSource guid="s1" name="I01" plainTextPath="internal://t.txt">{odd}'
        "</TextSource></Sources>"
    )
    found = coding.read(project(tmp_path / "p.qdpx", body, {"t.txt": b"hello"}))
    assert found.findings == ("1 selection whose words are no longer those at its place",)


# --- the same words twice --------------------------------------------------------------------


def highlights(tmp_path: Path, rows: str) -> coding.Coded:
    path = tmp_path / "highlights.csv"
    path.write_text(rows)
    return coding.read(path)


@pytest.mark.parametrize(
    ("rows", "passages"),
    [
        ("id,document,tag,content\n1,I01,CTX.01,Yes\n2,I01,CTX.01,Yes\n", 2),
        ("id,document,tag,content\n1,I01,CTX.01,Yes\n1,I01,CTX.01,Yes\n", 1),
        ("id,document,tag,content\n1,I01,CTX.01,Yes\n1,I01,CON.01,Yes\n", 2),
        ("ID,Document,Quotation Content,Codes\n1:1,I01,Yes,CTX.01\n1:2,I01,Yes,CTX.01\n", 2),
        ("File,Coder,Coded,Id,Codename\nI01,C1,Yes,ctid:1,CTX.01\nI01,C1,Yes,ctid:2,CTX.01\n", 2),
        ("source_id,code,text\nI01,CTX.01,Yes\nI01,CTX.01,Yes\n", 1),
        ("id,source_id,code,text,start,end\n1,I01,CTX.01,Yes,3,6\n2,I01,CTX.01,Yes,3,6\n", 1),
    ],
)
def test_the_same_words_twice_are_two_where_the_tool_says_so(
    tmp_path: Path, rows: str, passages: int
) -> None:
    found = highlights(tmp_path, rows).segments
    assert len(found) == 2
    assert len(found.drop_duplicates()) == passages


def test_passages_of_the_same_words_reach_the_prepared_table(tmp_path: Path) -> None:
    folder = tmp_path / "study"
    shutil.copytree(Path(__file__).parents[2] / "data" / "raw", folder)
    text = (folder / "study.yaml").read_text(encoding="utf-8")
    gone = ("    segments:", "    quotations:", "  value:", "  context:")
    text = "".join(line for line in text.splitlines(True) if not line.startswith(gone))
    (folder / "study.yaml").write_text(
        text + "coded_text:\n  - {file: h.csv, form: taguette}\n", encoding="utf-8"
    )
    (folder / "h.csv").write_text(
        "id,document,tag,content\n1,I01,CTX.01,Yes\n2,I01,CTX.01,Yes\n2,I01,CTX.01,Yes\n"
    )
    study, quality = studies.load(folder), Quality()
    frames, _ = strands.read(study, schools.read(study), quality)
    assert len(frames["segments"]) == 2
    assert "passage" not in frames["segments"]
    files = quality.frames()["files"].set_index("source").loc["segments"]
    assert (files["read"], files["used"], files["repeated"]) == (3, 2, 1)


def test_rows_of_a_spreadsheet_without_code_or_source_are_counted(tmp_path: Path) -> None:
    found = highlights(
        tmp_path, "Document,Quotation Content,Codes\nI01,hello,\n,world,CTX.01\nI01,yes,CTX.01\n"
    )
    assert people(found) == [("I01", "yes")]
    assert found.findings == (
        "1 coding of a row that does not say who spoke: left out",
        "1 row without a code, left out",
    )


def test_highlights_of_what_taguette_no_longer_has_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "t.sqlite3"
    path.write_bytes((FIXTURES / "taguette.sqlite3").read_bytes())
    before = len(coding.read(path).segments)
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA foreign_keys = OFF")
        (tag,) = db.execute("SELECT tag_id FROM highlight_tags LIMIT 1").fetchone()
        db.execute("DELETE FROM tags WHERE id = ?", (tag,))
    found = coding.read(path)
    gone = before - len(found.segments)
    assert gone
    assert found.findings[0].startswith(f"{gone} coding")


# --- properties ------------------------------------------------------------------------------


@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(1, 10), st.sampled_from("AB")), max_size=6),
    st.integers(0, 35),
    st.integers(1, 12),
)
def test_a_passage_is_somebodys_only_if_every_character_is(
    turns: list[tuple[int, int, str]], start: int, length: int
) -> None:
    speakers = Speakers()
    text = "x" * 60
    for first, size, name in turns:
        speakers.add(Case(name, name), first, first + size, text)
    found = speakers.at(start, start + length)
    whose = [
        {name for first, size, name in turns if first <= at < first + size}
        for at in range(start, start + length)
    ]
    if not turns:
        assert found == {}
    elif all(each == whose[0] and len(each) == 1 for each in whose):
        assert found == {"source_id": whose[0].copy().pop()}
    else:
        assert found == (SEVERAL if any(whose) else NOBODY)


@given(st.lists(st.sampled_from(["a", "é", SMILE, "\n", " "]), min_size=1, max_size=30), st.data())
def test_words_are_found_again_in_either_unit(letters: list[str], data: st.DataObject) -> None:
    text = "".join(letters)
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    sizes = [len(letter.encode("utf-16-le")) // 2 for letter in text]
    edges = [0, *itertools.accumulate(sizes)]
    passages = [(edges[start], edges[end], text[start:end])]
    reading = fitted(text, [*passages, (0, edges[-1], text)])
    if text[start:end].strip():
        assert reading.words(edges[start], edges[end]).split() == text[start:end].split()
