"""Delimited text: commas, semicolons or tabs; UTF-8, UTF-16 or Windows-1252."""

from __future__ import annotations

import csv
import io
import itertools
from pathlib import Path

import pandas as pd
import pyarrow as pa
from pyarrow import csv as arrow_csv

from analysis.errors import AnalystError
from analysis.sources.grid import Grid, empty_file

DELIMITERS = (",", ";", "\t")
#: Rows looked at to find the delimiter.
LOOK = 20
LOOK_CHARACTERS = 500_000
#: Arrow's blocks, small enough for the processor's cache: on one core that reads as fast as with
#: many, for a quarter of the work.
BLOCK = 1 << 20
#: A question's heading or a free answer may be long; anything longer is a stray quotation mark.
LONGEST_CELL = 1_000_000


def read(path: Path) -> Grid:
    """Read a delimited text file.

    Raises
    ------
    AnalystError
        If it cannot be decoded, holds null characters or a quotation mark that is never
        closed, or a row has more cells than the first rows.
    """
    text = decoded(path.read_bytes(), path)
    if not text or text.isspace():
        raise empty_file(path)
    csv.field_size_limit(LONGEST_CELL)
    delimiter = _delimiter(text)
    width = _width(text, delimiter)
    cells = _by_arrow(text, delimiter, width)
    if cells is None:
        cells = _by_rows(text, delimiter, width, path)
    cells.index = pd.RangeIndex(1, len(cells) + 1, name="row")
    return Grid(path=path, sheet="", container="csv", cells=cells)


def decoded(content: bytes, path: Path) -> str:
    """Bytes as text: UTF-16 or UTF-8 by their mark, else UTF-8, else Windows-1252."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    elif content[1:200:2].count(0) > len(content[1:200:2]) / 2:
        encodings = ["utf-16-le"]
    elif content[0:200:2].count(0) > len(content[0:200:2]) / 2:
        encodings = ["utf-16-be"]
    else:
        encodings = ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        return text
    raise AnalystError(
        f"{path.name} is not text in UTF-8, UTF-16 or Windows-1252.",
        where=str(path),
        fix="Export it again as CSV (UTF-8), or as XLSX.",
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
        widest = max(widths, default=1)
        return (widest > 1 and min(widths) == widest, widths[0] if widths else 1)

    return max(DELIMITERS, key=cut)


def _width(text: str, delimiter: str) -> int:
    # Legacy headings end in a comma, and a second heading row may be shorter than the first.
    return max(len(row) for row in _look(text, delimiter)[:1] or [[""]])


def _by_arrow(text: str, delimiter: str, width: int) -> pd.DataFrame | None:
    """The cells, read fast; nothing where the first row is empty, rows differ in length or a
    quotation mark is odd."""
    if not width or text.count('"') % 2:
        return None
    names = [str(place) for place in range(width)]
    try:
        table = arrow_csv.read_csv(
            pa.BufferReader(text.encode("utf-8")),
            read_options=arrow_csv.ReadOptions(
                column_names=names, block_size=BLOCK, use_threads=False
            ),
            parse_options=arrow_csv.ParseOptions(
                delimiter=delimiter, newlines_in_values=True, ignore_empty_lines=False
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                strings_can_be_null=False,
            ),
        )
    except (pa.ArrowInvalid, UnicodeEncodeError):
        return None
    frame: pd.DataFrame = table.to_pandas()
    frame.columns = pd.RangeIndex(width)
    return frame


def _by_rows(text: str, delimiter: str, width: int, path: Path) -> pd.DataFrame:
    """The cells, read row by row, so that what is wrong can be said with its row."""
    rows: list[list[str]] = []
    reader = _rows(text, delimiter, strict=True)
    try:
        for row in reader:  # type: ignore[attr-defined]
            if len(row) > width and any(cell.strip() for cell in row[width:]):
                raise AnalystError(
                    f"A row has {len(row)} cells, but the headings have {width}.",
                    where=f"{path}, row {len(rows) + 1}",
                    fix="Look for an unquoted comma or line break in that row, and export again.",
                )
            rows.append((row + [""] * width)[:width])
    except csv.Error:
        raise AnalystError(
            "A quotation mark is not closed, or stands in the middle of a cell.",
            where=f"{path}, row {len(rows) + 1}",
            fix="Export again without editing the file by hand.",
        ) from None
    return pd.DataFrame(rows, columns=pd.RangeIndex(width), dtype="str")
