"""Delimited text: commas, semicolons, tabs or bars; UTF-8, UTF-16 or Windows-1252."""

from __future__ import annotations

import csv
import io
import itertools
import re
from pathlib import Path

import pandas as pd
import pyarrow as pa
from pyarrow import csv as arrow_csv

from analysis.errors import AnalystError
from analysis.sources.container import empty_file
from analysis.sources.encodings import decoded
from analysis.sources.grid import TITLES, Grid, rows_in_words

DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
#: Rows looked at to find the delimiter.
LOOK = 20
LOOK_CHARACTERS = 500_000
#: Arrow's blocks, small enough for the processor's cache: on one core that reads as fast as with
#: many, for a quarter of the work.
BLOCK = 1 << 20
#: A question's heading or a free answer may be long; anything longer is a stray quotation mark.
LONGEST_CELL = 1_000_000
#: Excel leaves out the cells at the end that none of so many rows fills, counted from the first.
CHUNK = 16
#: How a row begins that sums up others; it is no response, however many cells it has.
SUMMARY = re.compile(
    r"(grand |sub-?)?(total|sum|mean|average|median|count|gesamt|summe|mittelwert|moyenne)s?\b",
    re.IGNORECASE,
)
LINE_END = re.compile(r"\r\n|\r|\n")
#: Excel's own first line that says how cells are parted; a spreadsheet shows no such row.
STATED = re.compile(r'"?sep=([^\r\n]?)"?[,;\t|]*(\r\n|\r|\n)', re.IGNORECASE)


def read(path: Path) -> Grid:
    """Read a delimited text file.

    A first line ``sep=;`` is obeyed; line ends written twice over (CR CR LF) are one; rows that
    stand whole in quotation marks are taken out of them.

    Raises
    ------
    AnalystError
        If it cannot be decoded, holds null characters or a quotation mark that is never
        closed, a row has more cells than the first rows, or rows stand between two stray
        quotation marks.
    """
    found = decoded(path.read_bytes(), path)
    text, notes = found.text, []
    csv.field_size_limit(LONGEST_CELL)
    doubled = text.count("\r\r\n") if "\r" in text else 0
    if doubled and 2 * doubled >= text.count("\n"):
        text = text.replace("\r\r\n", "\r\n")
        notes.append("its line ends were written twice over (CR CR LF), and are read as one")
    stated = STATED.match(text)
    if stated:
        text = text[stated.end() :]
    if not text or text.isspace():
        raise empty_file(path)
    delimiter = stated[1] if stated and stated[1] else _delimiter(text)
    inside = _unwrapped(text, delimiter)
    if inside is not None:
        text, delimiter = inside, _delimiter(inside)
        notes.append("each row stood in quotation marks as one cell, and is read without them")
    width = _width(text, delimiter)
    cells = _by_arrow(text, delimiter, width)
    short: dict[int, int] = {}
    if cells is None:
        rows = _by_rows(text, delimiter, width, path)
        short, left_out = _short(rows, width, ended=text.endswith(("\n", "\r")))
        if left_out:
            notes.append(
                f"{rows_in_words(left_out)} lack cells at their end, as Excel writes rows of which "
                "none has anything there; they are read as empty"
            )
        filled = [(row + [""] * width)[:width] for row in rows]
        cells = pd.DataFrame(filled, columns=pd.RangeIndex(width), dtype="str")
    cells.index = pd.RangeIndex(1, len(cells) + 1, name="row")
    if '"' in text:
        _refuse_swallowed(cells, delimiter, path)
    parted = DELIMITERS.get(delimiter, f"'{delimiter}'")
    return Grid(
        path=path,
        sheet="",
        container="csv",
        cells=cells,
        about=f"{found.encoding}, cells parted by {parted}",
        notes=tuple(notes),
        short=short,
    )


def _rows(text: str, delimiter: str, *, strict: bool = False) -> csv.reader:  # type: ignore[valid-type]
    # newline="" leaves line breaks inside quotation marks as they are.
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=strict)


def _look(text: str, delimiter: str) -> list[list[str]]:
    try:
        return list(itertools.islice(_rows(text[:LOOK_CHARACTERS], delimiter), LOOK))
    except csv.Error:
        return []


def _delimiter(text: str) -> str:
    """The delimiter that cuts the first rows into the most cells, the same number in each."""

    def cut(delimiter: str) -> tuple[bool, int]:
        widths = [len(row) for row in _look(text, delimiter) if row]
        # A title above the headings is cut by none.
        widths = list(itertools.dropwhile(lambda width: width == 1, widths)) or [1]
        widest = max(widths)
        return (widest > 1 and min(widths) == widest, widths[0])

    return max(DELIMITERS, key=cut)


def _unwrapped(text: str, delimiter: str) -> str | None:
    """The rows taken out of quotation marks that hold them whole, if that is how all stand."""
    first = [row for row in _look(text, delimiter) if row]
    if len(first) < 2 or not text.startswith('"') or any(len(row) > 1 for row in first):
        return None
    try:
        inside = [row[0] if row else "" for row in _rows(text, delimiter)]  # type: ignore[attr-defined]
        for mark in DELIMITERS:
            widths = [len(row) for row in csv.reader(filter(None, inside), delimiter=mark)]
            below = list(itertools.dropwhile(lambda width: width == 1, widths))
            # Below a title there are headings and answers; a lone column may hold commas, too.
            enough = 1 if len(below) == len(widths) else 2
            if len(set(below)) == 1 and len(below) > 1 and below[0] > enough:
                return "\n".join(inside) + "\n"
    except csv.Error:
        pass
    return None


def _width(text: str, delimiter: str) -> int:
    # Legacy headings end in a comma, and a second heading row may be shorter than the first. A
    # title above the headings is no measure.
    rows = _look(text, delimiter) or [[""]]
    if sum(bool(cell.strip()) for cell in rows[0]) <= 1:
        return max(len(row) for row in rows)
    return len(rows[0])


def _by_arrow(text: str, delimiter: str, width: int) -> pd.DataFrame | None:
    """The cells, read fast; nothing where the first row is empty, rows differ in length or a
    quotation mark is odd."""
    marks = text.count('"')
    if not width or marks % 2:
        return None
    names = [str(place) for place in range(width)]
    try:
        table = arrow_csv.read_csv(
            pa.BufferReader(text.encode("utf-8")),
            read_options=arrow_csv.ReadOptions(
                column_names=names, block_size=BLOCK, use_threads=False
            ),
            parse_options=arrow_csv.ParseOptions(
                delimiter=delimiter, newlines_in_values=marks > 0, ignore_empty_lines=False
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                strings_can_be_null=False,
                check_utf8=False,  # it was text before
            ),
        )
    except (pa.ArrowInvalid, UnicodeEncodeError):
        return None
    frame: pd.DataFrame = table.to_pandas()
    frame.columns = pd.RangeIndex(width)
    return frame


def _by_rows(text: str, delimiter: str, width: int, path: Path) -> list[list[str]]:
    """The cells, read row by row, so that what is wrong can be said with its row."""
    rows: list[list[str]] = []
    reader = _rows(text, delimiter, strict=True)
    try:
        for row in reader:  # type: ignore[attr-defined]
            if len(row) > width and any(cell.strip() for cell in row[width:]):
                raise _too_long(rows, row, width, path)
            rows.append(row)
    except csv.Error:
        raise AnalystError(
            "A quotation mark is not closed, or stands in the middle of a cell.",
            where=f"{path}, row {len(rows) + 1}",
            fix="Export again without editing the file by hand.",
        ) from None
    return rows


def _too_long(rows: list[list[str]], row: list[str], width: int, path: Path) -> AnalystError:
    """The error for a row with more cells than the headings."""
    place = f"{path}, row {len(rows) + 1}"
    if len(rows) < TITLES and all(len(above) <= width < len(row) for above in rows):
        return AnalystError(
            f"Row {len(rows) + 1} has {len(row)} cells, but "
            + (f"the row above it has {width}." if len(rows) == 1 else f"those above it {width}."),
            where=place,
            fix="If lines stand above the headings (the name of the survey, a date), take them "
            "out. If row 1 holds the headings, look for an unquoted comma or line break, and "
            "export again.",
        )
    return AnalystError(
        f"A row has {len(row)} cells, but the headings have {width}.",
        where=place,
        fix="Look for an unquoted comma or line break in that row, and export again.",
    )


def _short(rows: list[list[str]], width: int, *, ended: bool) -> tuple[dict[int, int], list[int]]:
    """Rows that lack cells, with how many they have; and those whose cells Excel left out.

    Which cells such a row lacks cannot be known, unless Excel wrote it: see :data:`CHUNK`. A note
    below the table, in one cell, and what sums up rows is no response; a last row that does not
    end in a line break is one that was cut off.
    """
    short: dict[int, int] = {}
    left_out: list[int] = []
    for start in range(0, len(rows), CHUNK):
        chunk = rows[start : start + CHUNK]
        lengths = {len(row) for row in chunk}
        numbers = range(start + 1, start + len(chunk) + 1)
        alike = len(lengths) == 1 and len(chunk) > 1 and 1 < len(chunk[0]) < width
        if alike and any(row[-1].strip() for row in chunk):
            left_out += numbers
            continue
        for number, row in zip(numbers, chunk, strict=True):
            filled = [cell.strip() for cell in row if cell.strip()]
            if len(row) >= width or not filled or SUMMARY.match(filled[0]):
                continue
            if len(filled) > 1 or (number == len(rows) and not ended):
                short[number] = len(row)
    return short, left_out


def _refuse_swallowed(cells: pd.DataFrame, delimiter: str, path: Path) -> None:
    """Stop at a quoted cell that holds rows of the table: two stray quotation marks around them.

    Each line is cut into cells for all columns of the table, with what stands before and after it
    in its row; and most of them stand in the same columns of other rows, or no space follows a
    delimiter, as one would in what people write.
    """
    width = cells.shape[1]
    if width < 2:
        return
    for place in range(width):
        column = cells.iloc[:, place]
        for row in column.index[column.str.contains(r"[\r\n]", regex=True)]:
            written = cells.loc[row].tolist()
            lines = [line.split(delimiter) for line in LINE_END.split(written[place])]
            lines[0], lines[-1] = written[:place] + lines[0], lines[-1] + written[place + 1 :]
            over = {len(line) - width for line in lines}
            if min(over) < 0:
                continue
            exact = over == {0} and width > 3
            tight = exact and not re.search(rf"{re.escape(delimiter)}\s", written[place])
            # What is over stands in the cell of the stray mark: a text with delimiters of its own.
            lines = [
                [*line[:place], "".join(line[place : place + 1 + len(line) - width]),
                 *line[place + 1 + len(line) - width :]]
                for line in lines
            ]  # fmt: skip
            if tight or all(_is_like(line, cells.drop(row)) for line in lines):
                raise AnalystError(
                    f"One quoted cell holds {len(lines)} lines, with cells for all columns of "
                    "the table: rows of the table that stand between two stray quotation "
                    "marks.",
                    where=f"{path}, row {row}, column {place + 1}",
                    fix="Look there for a cell that begins or ends with a quotation mark. Take both "
                    "marks out, or export again as XLSX, where a quotation mark does no harm.",
                )


def _is_like(line: list[str], others: pd.DataFrame) -> bool:
    """Whether most cells of a line stand in the same columns of other rows, too."""
    filled = [(place, cell.strip(' "')) for place, cell in enumerate(line) if cell.strip(' "')]
    known = sum(bool((others.iloc[:, at].str.strip() == cell).any()) for at, cell in filled)
    return 2 * known > len(filled)
