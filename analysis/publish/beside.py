"""What lies beside a document's pages, and what these get of it, whichever renderer made them.

A workbook of all tables, tidy CSV of the whole document and of each table and figure, Word documents
(:mod:`analysis.publish.word`), and an index to search in (:mod:`analysis.publish.searching`). Each
page gets links to what belongs to its tables and figures, and what its numbers say of themselves
(:mod:`analysis.publish.numbers`).
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path, PurePosixPath

from analysis import resources
from analysis.places import inside
from analysis.present.page import Page
from analysis.publish import numbers, tidy, word, workbook
from analysis.publish.builtin import Read
from analysis.publish.builtin.html import relative_address
from analysis.publish.chapters import PROGRAMME
from analysis.publish.exhibits import Exhibit, exhibits
from analysis.publish.stage import Staged

#: Where CSV lies in a document's folder, and the name of that of all its numbers.
DATA, ALL = "data", "numbers"
SCRIPT, STYLE = "assets/numbers.js", "assets/styles/numbers.css"
IDENTIFIED = re.compile(r"<(div|figure)\b[^>]*\bid=\"((?:tbl|fig)-[^\"]+)\"[^>]*>")


def write(page: Page, root: Path, staged: Staged, read: Read, output: Path) -> None:
    """Write what lies beside a document's pages into its folder, and finish the pages.

    Parameters
    ----------
    page
        The unit's page.
    root
        The project, for scripts and styles.
    staged
        The document's project folder, and which document it is.
    read
        The document as the built-in renderer reads it.
    output
        The document's folder, with its pages in it.
    """
    found = exhibits(read)
    contents = _data(page, read, found) | _word(page, staged, read)
    for name, content in contents.items():
        path = inside(output, *name.split("/"))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    links = {each.label: _links(each) for each in found}
    for each in read.report.pages:
        path = inside(output, *PurePosixPath(each.path).parts)
        if path.is_file():
            mine = [exhibit for exhibit in found if exhibit.page == each.path]
            _finish(page, root, path, each.path, mine, links)


def _data(page: Page, read: Read, found: Sequence[Exhibit]) -> dict[str, bytes]:
    """The workbook and the CSV of a document that has any, by their paths."""
    contents: dict[str, bytes] = {}
    if any(each.is_table for each in found):
        contents[workbook.NAME] = workbook.workbook(page, read, found)
    with_numbers = [each for each in found if each.numbers]
    if with_numbers:
        contents[f"{DATA}/{ALL}.csv"] = tidy.data(page, with_numbers).encode()
        contents[f"{DATA}/{ALL}.meta.csv"] = tidy.metadata().encode()
    for each in with_numbers:
        contents[_csv(each)] = tidy.data(page, [each]).encode()
    return contents


def _word(page: Page, staged: Staged, read: Read) -> dict[str, bytes]:
    """Word documents: of a school's first page; of the programme's, and of its whole report."""
    if not page.is_school and staged.book.document != PROGRAMME:
        return {}
    contents = {word.PAGE_ONE: word.document(read, page_one=True)}
    if not page.is_school:
        contents[word.REPORT] = word.document(read, page_one=False)
    return contents


def _csv(exhibit: Exhibit) -> str:
    return f"{DATA}/{exhibit.label}.csv"


def _links(exhibit: Exhibit) -> list[tuple[str, str, str]]:
    """Downloads of a table or figure: path, words, and what they are called when read alone."""
    found = []
    if exhibit.numbers:
        found.append((_csv(exhibit), "CSV", f"Numbers of {exhibit.name} as CSV"))
    if exhibit.is_table:
        sheet = workbook.sheet_name(exhibit)
        words = f"workbook, sheet {sheet}"
        found.append((workbook.NAME, words, f"{exhibit.name} in the workbook, sheet {sheet}"))
    return found


def _finish(
    page: Page,
    root: Path,
    path: Path,
    name: str,
    found: Sequence[Exhibit],
    links: Mapping[str, Sequence[tuple[str, str, str]]],
) -> None:
    """Put into a page what belongs to its tables, figures and numbers."""
    html = _with_links(path.read_text(encoding="utf-8"), name, links)
    told = numbers.data(page, found, html)
    if told:
        folder = path.parents[len(PurePosixPath(name).parts) - 1]
        for target in (SCRIPT, STYLE):
            place = inside(folder, *target.split("/"))
            place.parent.mkdir(parents=True, exist_ok=True)
            source = resources.find(root, f"report/styles/{PurePosixPath(target).name}")
            shutil.copyfile(source, place)
        style = f'<link rel="stylesheet" href="{relative_address(name, STYLE)}">'
        script = f'<script src="{relative_address(name, SCRIPT)}"></script>'
        html = html.replace("</head>", f"{style}\n</head>", 1)
        head, end, tail = html.rpartition("</body>")
        html = f"{head}{numbers.script(told)}\n{script}\n{end}{tail}"
    path.write_text(html, encoding="utf-8")


def _with_links(html: str, name: str, links: Mapping[str, Sequence[tuple[str, str, str]]]) -> str:
    """The page with the downloads of each table and figure below it."""
    places = []
    for match in IDENTIFIED.finditer(html):
        if links.get(match[2]):
            places.append((_end(html, match.end(), match[1]), match[2]))
    for end, label in sorted(places, reverse=True):
        shown = ", ".join(
            f'<a href="{escape(relative_address(name, path))}" download aria-label="{escape(said)}">'
            f"{escape(words)}</a>"
            for path, words, said in links[label]
        )
        html = f'{html[:end]}<p class="downloads">Download: {shown}</p>{html[end:]}'
    return html


def _end(html: str, start: int, tag: str) -> int:
    """Where an element ends that begins before ``start``."""
    depth = 1
    for match in re.compile(rf"<(/?){tag}\b[^>]*>").finditer(html, start):
        depth += -1 if match[1] else 1
        if depth == 0:
            return match.end()
    raise ValueError(f"the element {tag} has no end")
