"""The corpus of hostile ids, texts and files: each text is shown as typed, each file read or refused."""

from __future__ import annotations

import csv
import io
import tempfile
import unicodedata
from collections.abc import Callable
from html import escape
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import sources
from analysis.audit import table
from analysis.errors import AnalystError
from analysis.present.shown import escaped
from analysis.publish.builtin.pandoc import Pandoc
from analysis.publish.builtin.tree import text_of
from analysis.publish.opened import page
from analysis.sources import coding
from tests.hostile import FILES, IDS, TEXTS

#: The dialect that chapters are written in.
CHAPTERS = "markdown"
READERS: dict[str, Callable[[Path], object]] = {
    "exports": sources.read,
    "coded text": coding.read,
    "codebooks": coding.read_codebook,
    "printed statistics": table.read,
}


def test_the_corpus_is_large_enough() -> None:
    assert len(set(IDS)) + len(set(TEXTS.values())) + len(FILES) >= 200
    assert len(set(IDS)) == len(IDS) and len(set(TEXTS.values())) == len(TEXTS)


def as_read(text: str) -> str:
    """What stays of white space where lines are broken anew, and of characters that have no width."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def test_every_text_is_shown_as_typed() -> None:
    """One after the other in one document, as a table of quotations has them."""
    pandoc = Pandoc()
    try:
        shown = [f"Said: {escaped(text)} end" for text in TEXTS.values()]
        blocks = pandoc.read(shown, CHAPTERS)
        written = pandoc.write(blocks, "html")
    finally:
        pandoc.close()
    for (what, typed), found, html in zip(TEXTS.items(), blocks, written, strict=True):
        assert len(found) == 1 and found[0]["t"] == "Para", what
        kinds = {inline["t"] for inline in found[0]["c"]}
        # Nothing in it is markup, a link, a citation, maths, code or raw.
        assert kinds <= {"Str", "Space", "SoftBreak", "Quoted"}, (what, kinds)
        said = as_read(f"Said: {' '.join(typed.split())} end")
        assert as_read(text_of(found)) == said, what
        held = page(html)
        assert as_read(held.words[-1]) == said and not held.fetched and not held.asks, what


@pytest.mark.parametrize("what", TEXTS)
def test_a_text_in_a_page_asks_for_nothing(what: str) -> None:
    """As HTML has it once it is escaped: a parser finds words, and nothing that is fetched or run."""
    held = page(f'<p title="{escape(TEXTS[what])}">{escape(TEXTS[what])}</p>')
    assert not held.fetched and not held.asks
    assert as_read(held.words[-1]) == as_read(TEXTS[what])


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("what", FILES)
def test_a_file_is_read_or_refused(tmp_path: Path, what: str, reader: str) -> None:
    name, content = FILES[what]
    path = tmp_path / name
    path.write_bytes(content)
    try:
        READERS[reader](path)
    except AnalystError as error:
        assert error.what and error.fix and "Traceback" not in str(error)


#: Beginnings by which readers know a file.
BEGINNINGS = (
    b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"$FL2", b"<stata_dta>", b"<Project>",
    b"\x72\x02\x01\x00", b"sep=", b'"', b"a,b\r\r\n", b"SQLite format 3\x00", b"id,statistic,value\n",
    b"<?xml version='1.0'?><CodeBook>", b"code,A1\n",
)  # fmt: skip
SUFFIXES = (".csv", ".tsv", ".txt", ".xlsx", ".xls", ".ods", ".sav", ".dta", ".qdpx", ".qdc", ".qda",
            ".sqlite3", ".json", "")  # fmt: skip
#: How many inputs each reader is given here.
INPUTS = 60


@pytest.mark.parametrize("reader", READERS)
def test_no_bytes_end_in_a_foreign_error(reader: str) -> None:
    @settings(max_examples=INPUTS, deadline=None)
    @given(
        content=st.binary(max_size=200) | st.text(max_size=100).map(str.encode),
        start=st.sampled_from(BEGINNINGS),
        suffix=st.sampled_from(SUFFIXES),
    )
    def tried(content: bytes, start: bytes, suffix: str) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"a{suffix}"
            path.write_bytes(start + content)
            try:
                READERS[reader](path)
            except AnalystError as error:
                assert error.what and error.fix

    tried()


def test_texts_survive_a_table() -> None:
    """Written and read again as CSV, each text is what it was."""
    stream = io.StringIO(newline="")
    csv.writer(stream).writerows([[text] for text in TEXTS.values()])
    stream.seek(0)
    assert [row[0] for row in csv.reader(stream)] == list(TEXTS.values())
