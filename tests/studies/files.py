"""What is read back of the files beside a report's pages, and compared with the pages."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
from lxml import etree

from tests.studies import pages

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
DRAWN = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}docPr"
STORY = re.compile(r"^Table ([\d.]+|[A-Z][\d.]*): ")


def contents(folder: Path, name: str = "*") -> dict[str, str]:
    """A digest of every file below a folder."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob(name))
        if path.is_file()
    }


#: Folders below ``data/processed`` that must be the same whenever and wherever they are made, each
#: with the names of the files in question.
DETERMINED = (("strands", "*"), ("quality", "*"), ("ledger", "results.*"), ("released", "*"))


def determined(project: Path) -> dict[str, dict[str, str]]:
    """A digest of all that a project has processed and must always be the same."""
    found = {
        folder: contents(project / "data" / "processed" / folder, name)
        for folder, name in DETERMINED
    }
    # A study of a survey alone has no strands.
    assert found["quality"] and found["ledger"] and found["released"]
    return found


def page_tables(folder: Path) -> dict[str, pages.Table]:
    """The numbered tables of all pages of a document, by the name that they have there."""
    found = {}
    for page in sorted(folder.rglob("*.html")):
        for tag, table in zip(pages.read(page).find_all("table"), pages.tables(page), strict=True):
            caption = tag.find("caption")
            if caption is not None and (
                name := re.match(r"Table\s[\w.]+(?=:)", caption.text.strip())
            ):
                found[name[0].replace("\u00a0", " ")] = table
    return found


def as_on_page(value: Any) -> str:
    """A cell of a workbook as it would stand on the page, but for the decimals of numbers."""
    return "" if value is None else str(value)


def wrong_cells(folder: Path) -> list[str]:
    """Cells of a document's workbook that say something else than its pages."""
    book = openpyxl.load_workbook(folder / "workbook.xlsx")
    tables, wrong = page_tables(folder), []
    names = [name for name in book.sheetnames if name not in ("Cover", "Contents", "Notes")]
    if sorted(names) != sorted(tables):
        wrong.append(f"sheets {sorted(set(names) ^ set(tables))}")
    for name in set(names) & set(tables):
        table, sheet = tables[name], book[name]
        (area,) = (each.ref for each in sheet.tables.values())
        head, *rows = [[cell.value for cell in row] for row in sheet[area]]
        if len(head) != len(table.columns) or len(rows) != len(table.rows):
            wrong.append(f"{name}: {len(rows)} rows for {len(table.rows)}")
            continue
        for written, shown in zip(rows, table.rows, strict=True):
            wrong += [
                f"{name}: {value!r} for {text!r}"
                for value, text in zip(written, shown, strict=True)
                if not same(value, text)
            ]
    return wrong


def same(value: Any, text: str) -> bool:
    """Whether a cell of a workbook says what a cell of a page says."""
    if isinstance(value, int | float):
        return value == pages.number(text)
    if value == "[z]":
        return text in ("[z]", "–", "—", "-")
    said = as_on_page(value).removeprefix("'").replace("$ $", "$$").replace("] (", "](")
    # A page's text is read with a space at every change of type.
    return "".join(said.split()) == "".join(text.split())


def data(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"), newline="")))


def told(page: Path) -> dict[str, Any]:
    """What a page's numbers say of themselves; nothing if it has none."""
    element = pages.whole(page).find(id="numbers")
    return json.loads(element.string) if element else {}  # type: ignore[union-attr, arg-type]


def part(path: Path, name: str = "word/document.xml") -> Any:
    """A part of a Word document, as a tree."""
    with zipfile.ZipFile(path) as archive:
        return etree.fromstring(archive.read(name))


def headings(path: Path) -> list[tuple[int, str]]:
    """The headings of a Word document: level and text."""
    found = []
    for paragraph in part(path).iter(f"{W}p"):
        style = paragraph.find(f"{W}pPr/{W}pStyle")
        if style is not None and (level := re.fullmatch(r"Heading(\d)", style.get(f"{W}val"))):
            found.append((int(level[1]), "".join(paragraph.itertext())))
    return found
