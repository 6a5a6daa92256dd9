"""The report's tree as Typst: our nodes become calls of the template's functions.

Every word goes out with its punctuation escaped, so no text can be Typst code: not at the start
of a line, not inside an argument, not wherever it comes from.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from itertools import chain
from pathlib import Path

from analysis.language import gettext
from analysis.publish.builtin.crossref import Page, Report
from analysis.publish.builtin.dialect import ELSEWHERE
from analysis.publish.builtin.html import PERCENTAGE, Files
from analysis.publish.builtin.tables import TableCell, read_table
from analysis.publish.builtin.tree import (
    Node,
    Nodes,
    attribute,
    plain,
    raw_block,
    raw_inline,
    text_of,
    walk,
)

COMPONENTS = ("lead", "finding", "notice", "how-to-read", "letter", "summary")
PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")


class TypstTree:
    """Turns all pages' trees into Pandoc's own nodes and Typst."""

    def __init__(
        self, report: Report, root: Path, files: Files, covers: Callable[[str], bool]
    ) -> None:
        self.report, self.root, self.files, self._covers = report, root, files, covers
        self._labels = {place: f"x{index}" for index, place in enumerate(report.anchors, start=1)}
        self._page: Page = report.pages[0]
        self._chapters = True

    def label(self, page: str, anchor: str) -> str | None:
        """The Typst label of a place; a name of our own, since anchors may hold anything."""
        return self._labels.get((page, anchor))

    def body(self, page: Page, *, chapter: bool) -> Nodes:
        self._page, self._chapters = page, chapter
        blocks = self._blocks(page.blocks)
        top = self._mark("")
        if not chapter:
            return [top, *blocks]
        part = page.document.chapter.part
        kicker = gettext("Appendix") if page.document.chapter.appendix else part
        heading = (
            f"#chapter(number: {_optional(page.number)}, "
            f"kicker: {_optional(kicker and self.displayable(kicker))})["
            f"{self.escaped(page.title)}]"
        )
        own = self.label(page.path, page.anchor) if page.anchor else None
        return [raw_block("typst", heading + (f" <{own}>" if own else "")), top, *blocks]

    def _mark(self, anchor: str) -> Node:
        label = self.label(self._page.path, anchor)
        return raw_block("typst", f"#metadata(none) <{label}>" if label else "")

    def _blocks(self, blocks: Nodes) -> Nodes:
        lowered: Nodes = walk(blocks, self._node)
        return lowered

    def _node(self, node: Node) -> Node | Nodes | None:
        handler = getattr(self, f"_{node['t'].lower()}", None)
        return handler(node) if handler is not None else None

    # -- text ------------------------------------------------------------------------------

    def displayable(self, text: str) -> str:
        """Text the report's font can show. A PDF/UA file must not hold a missing character."""
        shown = []
        for character in text:
            if self._covers(character):
                shown.append(character)
            elif unicodedata.category(character)[0] in "CMZ" and character not in "\n\t":
                shown.append(" " if unicodedata.category(character)[0] == "Z" else "")
            else:
                name = unicodedata.name(character, f"U+{ord(character):04X}")
                shown.append(f"[{name.lower()}]")
        return "".join(shown)

    def escaped(self, text: str) -> str:
        return PUNCTUATION.sub(r"\\\1", self.displayable(text).replace("\n", " "))

    def literal(self, text: str) -> str:
        return typst_string(self.displayable(text))

    def _str(self, node: Node) -> Node:
        return raw_inline("typst", self.escaped(node["c"]))

    def _quoted(self, node: Node) -> Nodes:
        left, right = ("‘", "’") if node["c"][0]["t"] == "SingleQuote" else ("“", "”")
        return [
            raw_inline("typst", left),
            *self._blocks(node["c"][1]),
            raw_inline("typst", right),
        ]

    def _code(self, node: Node) -> Node:
        return raw_inline("typst", f"#raw({self.literal(node['c'][1])})")

    def _codeblock(self, node: Node) -> Node:
        return raw_block("typst", f"#raw({self.literal(node['c'][1])}, block: true)")

    def _rawblock(self, node: Node) -> Nodes | None:
        return [] if node["c"][0] != "typst" else None

    def _math(self, node: Node) -> Nodes:
        # PDF/UA asks for words beside a formula; what its author typed is the best there is.
        words = " ".join(node["c"][1].split())
        return [
            raw_inline("typst", f"#[#set math.equation(alt: {self.literal(words)});"),
            node,
            raw_inline("typst", "]"),
        ]

    def _horizontalrule(self, node: Node) -> Node:
        return raw_block("typst", "#divider()")

    def _pagebreak(self, node: Node) -> Node:
        return raw_block("typst", "#pagebreak(weak: true)")

    def _link(self, node: Node) -> Nodes:
        (_, classes, _), inlines, (target, _) = node["c"]
        shown = self._blocks(inlines)
        if target.startswith("file:") or ELSEWHERE in classes:
            # A file beside the pages, or another document, is not part of the PDF.
            return shown
        if target.startswith("ref:"):
            path, _, anchor = target[4:].partition("#")
            where = f"<{self.label(path, anchor)}>"
        else:
            where = typst_string(target)
        return [raw_inline("typst", f"#link({where})["), *shown, raw_inline("typst", "]")]

    def _header(self, node: Node) -> Nodes:
        # A book's chapters are its first level; a single document's sections are.
        level = node["level"] if self._chapters else node["level"] - 1
        label = self.label(self._page.path, node["id"])
        return [
            plain(
                [
                    raw_inline(
                        "typst",
                        f"#section(level: {level}, number: {_optional(node['number'])}, "
                        f"listed: {_truth(node['listed'])})[",
                    ),
                    *self._blocks(node["inlines"]),
                    raw_inline("typst", "]" + (f" <{label}>" if label else "")),
                ]
            )
        ]

    def _image(self, node: Node) -> Node:
        attributes, inlines, (name, _) = node["c"]
        alt = attribute(attributes, "fig-alt") or attribute(attributes, "alt") or text_of(inlines)
        self.files.copy(name, self.root / name)
        width = attribute(attributes, "width")
        size = f", width: {width}" if width and PERCENTAGE.match(width) else ""
        return raw_inline("typst", self._picture(name, alt, size))

    def _picture(self, path: str, alt: str, size: str = "") -> str:
        words = " ".join(alt.split())
        return f"#picture(image.with({typst_string('/' + path)}, alt: {self.literal(words)}){size})"

    # -- tables and figures ----------------------------------------------------------------

    def _float(self, node: Node) -> Nodes:
        kind = node["kind"]
        label = self.label(self._page.path, node["id"]) if node["id"] else None
        function = "table-float" if kind == "tbl" else "figure-float"
        name = gettext("Table") if kind == "tbl" else gettext("Figure")
        number = f'"{name}\u00a0{node["number"]}"' if node["number"] else "none"
        return [
            plain(
                [
                    raw_inline("typst", f"#{function}(number: {number}, caption: ["),
                    *self._blocks(node["caption"]),
                    raw_inline("typst", "])["),
                ]
            ),
            *self._blocks(node["blocks"]),
            raw_block("typst", "]" + (f" <{label}>" if label else "")),
        ]

    def _table(self, node: Node) -> Node:
        table = read_table(node)
        widths = ", ".join(f"{width:.1f}" for width in table.widths)
        alignments = ", ".join(table.alignments)
        typst = [
            f"#data-table(columns: ({widths},), align: ({alignments},), "
            f"narrow: {_truth(table.narrow)}, short: {_truth(table.short)}, header: (",
        ]
        result: Nodes = []
        for rows, end in (
            (table.header, f"), header-rows: {len(table.header)}, ("),
            (table.rows, "))"),
        ):
            for cell in chain.from_iterable(rows):
                if cell.bare:
                    typst.append(f"[{self.escaped(cell.text)}],")
                    continue
                result += [raw_inline("typst", "".join([*typst, "["])), *self._cell(cell)]
                typst = ["],"]
            typst.append(end)
        return plain([*result, raw_inline("typst", "".join(typst))])

    def _cell(self, cell: TableCell) -> Nodes:
        inlines: Nodes = []
        for index, block in enumerate(_lines(cell.blocks)):
            if index:
                inlines.append({"t": "LineBreak"})
            inlines += self._blocks(block)
        return inlines

    def _plot(self, node: Node) -> Node:
        path = self.files.write(f"assets/figures/{node['name']}.svg", node["svg"])
        return raw_block("typst", self._picture(path, node["alt"]))

    # -- components ------------------------------------------------------------------------

    def _callout(self, node: Node) -> Nodes:
        return [
            self._mark(node["id"]) if node["id"] else raw_block("typst", ""),
            plain(
                [
                    raw_inline("typst", f'#callout("{node["kind"]}", ['),
                    *self._blocks(node["title"]),
                    raw_inline("typst", "])["),
                ]
            ),
            *self._blocks(node["blocks"]),
            raw_block("typst", "]"),
        ]

    def _tabset(self, node: Node) -> Nodes:
        result: Nodes = []
        for tab in node["tabs"]:
            result += self._header(
                {
                    "level": tab["level"],
                    "id": tab["id"],
                    "number": None,
                    "listed": False,
                    "inlines": tab["title"],
                }
            )
            result += self._blocks(tab["blocks"])
        return result

    def _quotation(self, node: Node) -> Nodes:
        return [
            raw_block("typst", "#quotation(["),
            *self._blocks(node["quote"]),
            raw_block("typst", "], ["),
            *self._blocks(node["attribution"]),
            raw_block("typst", "])"),
        ]

    def _keyfigures(self, node: Node) -> Nodes:
        result: Nodes = [raw_block("typst", "#key-figures((")]
        for card in node["cards"]:
            result += [
                plain(
                    [
                        raw_inline("typst", "(["),
                        *self._blocks(card["number"]),
                        raw_inline("typst", "], ["),
                        *self._blocks(card["label"]),
                        raw_inline("typst", "], ["),
                    ]
                ),
                *self._blocks(card["rest"]),
                raw_block("typst", "]),"),
            ]
        return [*result, raw_block("typst", "))")]

    def _div(self, node: Node) -> Nodes:
        (identifier, classes, _), blocks = node["c"]
        inner = self._blocks(blocks)
        if "side-by-side" in classes:
            inner = self._side_by_side(blocks)
        component = next((name for name in classes if name in COMPONENTS), None)
        if component:
            inner = [
                raw_block("typst", f"#{component}["),
                *inner,
                raw_block("typst", "]"),
            ]
        return [self._mark(identifier), *inner] if identifier else inner

    def _side_by_side(self, blocks: Nodes) -> Nodes:
        """The divs of a div, each a column."""
        result: Nodes = [raw_block("typst", "#side-by-side((")]
        for block in blocks:
            result += [raw_block("typst", "["), *self._blocks([block]), raw_block("typst", "],")]
        return [*result, raw_block("typst", "))")]

    def _span(self, node: Node) -> Nodes:
        (identifier, classes, _), inlines = node["c"]
        inner = self._blocks(inlines)
        if "suppressed" in classes:
            inner = [raw_inline("typst", "#suppressed["), *inner, raw_inline("typst", "]")]
        if "smallcaps" in classes:
            inner = [raw_inline("typst", "#smallcaps["), *inner, raw_inline("typst", "]")]
        if identifier and (label := self.label(self._page.path, identifier)):
            inner.insert(0, raw_inline("typst", f"#metadata(none) <{label}>"))
        return inner


def typst_string(text: str) -> str:
    """A Typst string literal."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return '"' + escaped.replace("\t", " ").replace("\r", "") + '"'


def _truth(value: bool) -> str:
    return "true" if value else "false"


def _optional(value: str | None) -> str:
    return "none" if not value else typst_string(value)


def _lines(blocks: Nodes) -> list[Nodes]:
    """A cell's blocks as lines of text: tables hold words and numbers, not further layout."""
    lines: list[Nodes] = []
    for block in blocks:
        if block["t"] in ("Para", "Plain"):
            lines.append(block["c"])
        elif block["t"] in ("BulletList", "OrderedList"):
            items = block["c"] if block["t"] == "BulletList" else block["c"][1]
            for item in items:
                for line in _lines(item):
                    lines.append([{"t": "Str", "c": "•"}, {"t": "Space"}, *line])
        elif block["t"] in ("Div", "BlockQuote"):
            lines.extend(_lines(block["c"][1] if block["t"] == "Div" else block["c"]))
        else:
            lines.append([{"t": "Str", "c": text_of([block])}])
    return lines
