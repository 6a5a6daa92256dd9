"""However oddly a table was written: every row of it is read once, as it was, or the file refused."""

from __future__ import annotations

import csv
import io
import sys
import tempfile
from pathlib import Path

import openpyxl
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import sources
from analysis.errors import AnalystError
from analysis.sources.grid import tidy

sys.path.insert(0, str(Path(__file__).parents[1] / "fixtures"))
import workbooks

HEAD = ["own code", "which school", "A1", "A2"]
#: No control characters, which workbooks do not hold; nothing that is a formula or an error.
words = st.text(
    st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"], exclude_characters="=#"),
    max_size=12,
)
rows = st.lists(
    st.lists(words, min_size=len(HEAD), max_size=len(HEAD)).filter(
        lambda row: sum(bool(tidy(cell)) for cell in row) > 1
    ),
    min_size=1,
    max_size=8,
)


def text_of(table: list[list[str]], delimiter: str, ending: str = "\n") -> str:
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=delimiter, lineterminator=ending, quoting=csv.QUOTE_ALL).writerows(
        table
    )
    return stream.getvalue()


@settings(max_examples=60, deadline=None)
@given(
    table=rows,
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    stated=st.booleans(),
    ending=st.sampled_from(["\n", "\r\n", "\r\r\n"]),
    wrapped=st.booleans(),
    title=st.sampled_from([None, ["Spring survey"], []]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_delimited_text(
    table: list[list[str]],
    delimiter: str,
    stated: bool,
    ending: str,
    wrapped: bool,
    title: list[str] | None,
    encoding: str,
) -> None:
    above = [] if title is None else [title]
    text = text_of([*above, HEAD, *table], delimiter, ending)
    if wrapped:
        lines = text.split(ending)[:-1]
        text = text_of([[line] for line in lines], ";", ending)
    if stated and not wrapped:
        text = f"sep={delimiter}{ending}{text}"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t.csv"
        path.write_bytes(text.encode(encoding))
        try:
            raw = sources.read(path)
        except AnalystError as error:
            assert error.fix
            assert wrapped or title is not None, error
            return
    assert list(raw.frame.columns) == HEAD
    assert raw.frame.to_numpy().tolist() == table
    first = 2 + len(above)
    assert raw.frame.index.tolist() == list(range(first, first + len(table)))


@settings(max_examples=40, deadline=None)
@given(
    table=rows,
    hidden=st.sets(st.integers(2, 9)),
    other=st.sampled_from(["hidden", "veryHidden", "notes", "table", None]),
    title=st.booleans(),
)
def test_workbooks(
    table: list[list[str]], hidden: set[int], other: str | None, title: bool
) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    if other:
        first = book.create_sheet("Other", 0)
        for row in [["About"], ["it"]] if other == "notes" else [HEAD, *table]:
            first.append(row)
        first.sheet_state = other if "idden" in other else "visible"
    if title:
        sheet.append(["Spring survey"])
    for row in [HEAD, *table]:
        sheet.append([cell or None for cell in row])
    hidden = {number for number in hidden if number <= sheet.max_row}
    for number in hidden:
        sheet.row_dimensions[number].hidden = True
    for row in sheet.iter_rows():
        for cell in row:
            cell.data_type = "s" if cell.value is not None else cell.data_type
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t.xlsx"
        book.save(path)
        try:
            raw = sources.read(path)
        except AnalystError as error:
            assert other == "table"
            assert "'Other'" in error.what
            return
    assert other != "table"
    assert raw.frame.to_numpy().tolist() == table
    shown = [note for note in raw.notes if "hidden and read" in note]
    assert bool(shown) == bool(hidden)


@settings(max_examples=30, deadline=None)
@given(table=rows, kind=st.sampled_from(["ods", "xlsb"]))
def test_other_workbooks(table: list[list[str]], kind: str) -> None:
    # OpenDocument joins spaces; what was written with single ones comes back as it was.
    table = [[tidy(cell) for cell in row] for row in table]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t"
        getattr(workbooks, kind)(path, {"Answers": [HEAD, *table]})
        raw = sources.read(path)
    assert raw.frame.to_numpy().tolist() == table


@settings(max_examples=150, deadline=None)
@given(content=st.binary(max_size=300), start=st.sampled_from([
    b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"$FL2", b"<stata_dta>",
    b"\x72\x02\x01\x00", b"sep=", b'"', b"a,b\r\r\n", b"SQLite format 3\x00",
]))  # fmt: skip
def test_no_bytes_end_in_a_foreign_error(content: bytes, start: bytes) -> None:
    from analysis.prepare.doctor import examine

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t.csv"
        path.write_bytes(start + content)
        found = examine(path)
    assert found.readable or found.wrong
