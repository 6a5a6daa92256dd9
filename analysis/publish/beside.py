"""What lies beside a document's pages, and what these get of it, whichever renderer made them.

A workbook of all tables, tidy CSV of the whole document and of each table and figure, Word documents
(:mod:`analysis.publish.word`), and an index to search in (:mod:`analysis.publish.searching`). Each
page gets links to what belongs to its tables and figures, and what its numbers say of themselves
(:mod:`analysis.publish.numbers`); the programme's have terms explained
(:mod:`analysis.publish.glossary`).
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from pathlib import Path, PurePosixPath

from analysis import resources
from analysis.language import ENGLISH, N_, gettext, now
from analysis.places import inside
from analysis.present.page import Page
from analysis.publish import glossary, numbers, searching, tidy, word, workbook
from analysis.publish.builtin import Read
from analysis.publish.builtin.html import relative_address
from analysis.publish.chapters import PROGRAMME
from analysis.publish.exhibits import Exhibit, exhibits
from analysis.publish.stage import Staged

#: Where CSV lies in a document's folder, and the name of that of all its numbers.
DATA, ALL = "data", "numbers"
SCRIPT, SEARCH, STYLE = "assets/numbers.js", "assets/search.js", "assets/styles/beside.css"
#: What holds a whole report, or its first page, and what it is called.
WHOLE = {
    "report.pdf": N_("The report as PDF"),
    word.REPORT: N_("The report for Word (DOCX)"),
    word.PAGE_ONE: N_("Page one for Word (DOCX)"),
    workbook.NAME: N_("All tables as a workbook (XLSX)"),
    f"{DATA}/{ALL}.csv": N_("All numbers as CSV"),
    f"{DATA}/{ALL}.meta.csv": N_("What the columns of the CSV are"),
}
#: What scripts say (``numbers.js``, ``search.js``, ``charts.js``), which have it in English.
SCRIPTS_SAY = (
    N_("Value"), N_("95% interval"), N_("Of"), N_("Question"), N_("When"), N_("Method"),
    N_("Worked out by"), N_("From"), N_("Release"), N_("Id"), N_("Where this number comes from"),
    N_("Close"), N_("Search this report"), N_("Nothing found."), N_("One section found."),
    N_("{number} sections found."), N_("{number} sections found, the first {most} shown."),
    N_("Explore this chart"), N_("Show the drawing"),
    N_("Use the arrow keys to go from point to point."),
)  # fmt: skip
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
    files = _data(page, read, found) | _word(page, staged, read)
    if read.project.kind == "book" and "html" in read.reports:
        files[searching.INDEX] = searching.index(read).encode()
    for name, content in files.items():
        _place(output, name).write_bytes(content)
    if "html" not in read.reports:
        return
    for name in (STYLE, SCRIPT, *([SEARCH] if searching.INDEX in files else [])):
        source = resources.find(root, f"{resources.STYLES}/{PurePosixPath(name).name}")
        shutil.copyfile(source, _place(output, name))
    pages = _Pages(page, read, found, files, output)
    for each in read.report.pages:
        pages.finish(each.path)


def _place(output: Path, name: str) -> Path:
    """Where a file of the document is written; its folder is there then."""
    path = inside(output, *name.split("/"))
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _data(page: Page, read: Read, found: Sequence[Exhibit]) -> dict[str, bytes]:
    """The workbook and the CSV of a document that has any, by their paths."""
    contents: dict[str, bytes] = {}
    if any(each.is_table for each in found):
        contents[workbook.NAME] = workbook.workbook(page, read, found)
    with_numbers = [each for each in found if each.numbers]
    draft = bool(read.front.draft)
    parts = [tidy.lines(page, each, draft=draft) for each in with_numbers]
    if with_numbers:
        contents[f"{DATA}/{ALL}.csv"] = tidy.data(parts).encode()
        contents[f"{DATA}/{ALL}.meta.csv"] = tidy.metadata().encode()
    for each, part in zip(with_numbers, parts, strict=True):
        contents[_csv(each)] = tidy.data([part]).encode()
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
        found.append(
            (_csv(exhibit), "CSV", gettext("Numbers of {exhibit} as CSV", exhibit=exhibit.name))
        )
    if exhibit.is_table:
        sheet = workbook.sheet_name(exhibit.name)
        words = gettext("workbook, sheet {sheet}", sheet=sheet)
        alone = gettext(
            "{exhibit} in the workbook, sheet {sheet}", exhibit=exhibit.name, sheet=sheet
        )
        found.append((workbook.NAME, words, alone))
    return found


@dataclass(frozen=True)
class _Pages:
    """A document's pages, to be finished: found in the folder ``output``."""

    page: Page
    read: Read
    found: Sequence[Exhibit]
    files: Mapping[str, bytes]
    output: Path

    @cached_property
    def terms(self) -> dict[str, tuple[str, str]]:
        """What the study's glossary explains."""
        return glossary.terms(self.page.study)

    def finish(self, name: str) -> None:
        """Put into a page what belongs to its tables, figures and numbers, and the search."""
        path = inside(self.output, *PurePosixPath(name).parts)
        links = {each.label: _links(each) for each in self.found if each.page == name}
        html = _with_links(path.read_text(encoding="utf-8"), name, links)
        if not self.page.is_school:
            html = glossary.explained(html, self.terms)
        if name == self.read.report.pages[0].path:
            html = _before(html, "</main>", self._downloads(name))
        mine = [each for each in self.found if each.page == name]
        told = numbers.data(self.page, mine, html)
        last = []
        if told:
            last += [
                numbers.script(told),
                f'<script src="{relative_address(name, SCRIPT)}"></script>',
            ]
        if searching.INDEX in self.files:
            root = relative_address(name, ".")
            last += [
                f'<script src="{relative_address(name, searching.INDEX)}"></script>',
                f'<script src="{relative_address(name, SEARCH)}" data-root="{root}/"></script>',
            ]
        style = f'<link rel="stylesheet" href="{relative_address(name, STYLE)}">\n'
        html = _before(html, "</head>", _script_words() + style)
        path.write_text(_before(html, "</body>", "\n".join([*last, ""])), encoding="utf-8")

    def _downloads(self, name: str) -> str:
        """What the whole report can be taken away as, for the end of its first page."""
        offered = [
            (relative_address(name, path), words)
            for path, words in WHOLE.items()
            if path in self.files or inside(self.output, *Path(path).parts).is_file()
        ]
        if not offered:
            return ""
        heading = gettext("Take this report with you")
        items = "".join(
            f'<li><a href="{path}">{gettext(words)}</a></li>' for path, words in offered
        )
        return (
            '<section class="report-downloads" aria-labelledby="report-downloads">'
            f'<h2 id="report-downloads">{heading}</h2><ul>{items}</ul></section>\n'
        )


def _script_words() -> str:
    """What scripts say in the page's language, as data for them; nothing in English."""
    if now() == ENGLISH:
        return ""
    text = json.dumps({said: gettext(said) for said in SCRIPTS_SAY}, ensure_ascii=False)
    harmless = text.replace("<", "\\u003c")
    return f'<script type="application/json" id="script-words">{harmless}</script>\n'


def _before(html: str, mark: str, added: str) -> str:
    """A page with something before the last of a mark; as it is, if it has none."""
    head, found, tail = html.rpartition(mark)
    return f"{head}{added}{found}{tail}" if found else html


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
        said = gettext("Download: {files}", files=shown)
        html = f'{html[:end]}<p class="downloads">{said}</p>{html[end:]}'
    return html


def _end(html: str, start: int, tag: str) -> int:
    """Where an element ends that begins before ``start``."""
    depth = 1
    for match in re.compile(rf"<(/?){tag}\b[^>]*>").finditer(html, start):
        depth += -1 if match[1] else 1
        if depth == 0:
            return match.end()
    raise ValueError(f"the element {tag} has no end")
