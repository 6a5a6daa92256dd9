"""Numbers and what they are called: sections, tables, figures, and the references to them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import Any

from analysis.language import N_, gettext
from analysis.publish.builtin.dialect import DialectError
from analysis.publish.builtin.project import Project
from analysis.publish.builtin.reading import Document, Reader, select_by_format
from analysis.publish.builtin.tree import Node, Nodes, link, string, text_of, walk, words

WORDS = {"tbl": N_("Table"), "fig": N_("Figure")}


def _word(kind: str) -> str:
    return gettext(WORDS[kind])


NO_BREAK = "\u00a0"


@dataclass(frozen=True)
class Target:
    """Something a reference can point at."""

    page: str
    anchor: str
    word: str
    number: str | None
    title: str

    @property
    def name(self) -> str:
        """What a reference to it says: Table 3.1, or the heading's words where it has no number."""
        return f"{self.word}{NO_BREAK}{self.number}" if self.number else self.title


@dataclass(frozen=True)
class Entry:
    """A heading in a table of contents. Level 2 is a section of a page, 3 a part of one."""

    level: int
    number: str | None
    title: str
    anchor: str


@dataclass
class Page:
    """A numbered document, ready to be written in one format."""

    document: Document
    title: str
    anchor: str
    number: str | None
    blocks: Nodes
    entries: list[Entry] = field(default_factory=list)

    @property
    def path(self) -> str:
        return self.document.chapter.page


@dataclass
class Report:
    """All pages of one format, and every place in them that can be linked to."""

    pages: list[Page]
    targets: dict[str, Target]
    anchors: dict[tuple[str, str], Target]


def number(
    documents: list[Document], project: Project, reader: Reader, format_names: tuple[str, ...]
) -> Report:
    """Select what belongs to a format, number it, and resolve the references in it."""
    numbering = _Numbering(project)
    pages = []
    for document in documents:
        blocks = select_by_format(document.blocks, format_names)
        title = None
        if "title" in document.front:
            title = reader.display_text(document.front["title"], document.metadata, document.source)
        pages.append(numbering.page(document, blocks, title))
    report = Report(pages, numbering.targets, numbering.anchors)
    for page in pages:
        page.blocks = _resolved(page.blocks, page, report)
    return report


class _Numbering:
    def __init__(self, project: Project) -> None:
        self.project = project
        self.targets: dict[str, Target] = {}
        self.anchors: dict[tuple[str, str], Target] = {}
        self._chapters = 0
        self._appendices = 0

    def page(self, document: Document, blocks: Nodes, title: str | None) -> Page:
        book = self.project.kind == "book"
        anchor, unnumbered = "", False
        if book and title is None:
            first = next((node for node in blocks if node["t"] != "Div"), None)
            if first is None or first["t"] != "Header" or first["c"][0] != 1:
                raise DialectError(
                    document.source.name, 1, "", "a chapter starts with a level-one heading"
                )
            anchor, unnumbered = first["c"][1][0], "unnumbered" in first["c"][1][1]
            title = text_of(first["c"][2]).strip()
            blocks = [node for node in blocks if node is not first]
        title = title or str(document.metadata.get("title") or gettext("Report"))
        wanted = document.metadata.get("number-sections", self.project.number_sections)
        numbered = wanted is True and not unnumbered
        chapter_number = self._chapter_number(document) if book and numbered else None
        page = Page(document, title, anchor, chapter_number, [])
        word = gettext("Appendix") if document.chapter.appendix else gettext("Chapter")
        self._add(page, anchor, Target(page.path, anchor, word, chapter_number, title))
        self.anchors[(page.path, "")] = Target(page.path, "", word, chapter_number, title)
        page.blocks = _PageNumbering(self, page, numbered).visit(blocks)
        return page

    def _chapter_number(self, document: Document) -> str:
        if document.chapter.appendix:
            self._appendices += 1
            return chr(ord("A") + self._appendices - 1)
        self._chapters += 1
        return str(self._chapters)

    def _add(self, page: Page, anchor: str, target: Target) -> None:
        if not anchor:
            return
        self.anchors[(page.path, anchor)] = target
        if re.match(r"^(sec|tbl|fig)-", anchor):
            if anchor in self.targets:
                raise page.document.source.error(
                    anchor, f"the label `{anchor}` is used twice in this report"
                )
            self.targets[anchor] = target


class _PageNumbering:
    def __init__(self, numbering: _Numbering, page: Page, numbered: bool) -> None:
        self.numbering, self.page, self.numbered = numbering, page, numbered
        self.book = numbering.project.kind == "book"
        self.sections = [0] * 7
        self.floats = {"tbl": 0, "fig": 0}
        self.last_level = 1
        self.shift = 0

    def visit(self, blocks: Nodes) -> Nodes:
        if not self.book:
            levels = [node["c"][0] for node in _headers(blocks)]
            self.shift = 2 - min(levels, default=2)
        visited: Nodes = walk(blocks, lambda node: self._node(node, listed=True))
        return visited

    def _node(self, node: Node, *, listed: bool) -> Node | Nodes | None:
        kind = node["t"]
        if kind == "Header":
            return self._header(node, listed=listed)
        if kind == "Float":
            return self._float(node)
        if kind in ("Callout", "Tabset"):
            quiet = {
                key: walk(part, lambda inner: self._node(inner, listed=False))
                for key, part in node.items()
                if key != "tabs"
            }
            if kind == "Tabset":
                quiet["tabs"] = [self._tab(tab) for tab in node["tabs"]]
            return quiet
        if kind in ("Div", "Span") and node["c"][0][0]:
            identifier = self._unique(node["c"][0][0])
            target = Target(self.page.path, identifier, "", None, gettext("this place"))
            self.numbering._add(self.page, identifier, target)
        return None

    def _tab(self, tab: dict[str, Any]) -> dict[str, Any]:
        level = min(self.last_level + 1, 6)
        before, self.last_level = self.last_level, level
        title = text_of(tab["title"]).strip()
        blocks = walk(tab["blocks"], lambda inner: self._node(inner, listed=False))
        self.last_level = before
        return {
            "title": tab["title"],
            "blocks": blocks,
            "level": level,
            "id": self._unique(f"tab-{_slug(title)}"),
        }

    def _header(self, node: Node, *, listed: bool) -> Node:
        level, (identifier, classes, _), inlines = node["c"]
        if self.book and level == 1 and listed:
            raise self.page.document.source.error(
                text_of(inlines).strip(), "a chapter has one level-one heading, its first line"
            )
        level = max(2, min(level + self.shift, self.last_level + 1, 6))
        self.last_level = level
        title = text_of(inlines).strip()
        anchor = self._unique(identifier or _slug(title))
        number = None
        if listed and self.numbered and "unnumbered" not in classes:
            self.sections[level] += 1
            self.sections[level + 1 :] = [0] * (len(self.sections) - level - 1)
            parts = [str(count) for count in self.sections[2 : level + 1]]
            number = ".".join([self.page.number, *parts] if self.page.number else parts)
        self.numbering._add(
            self.page, anchor, Target(self.page.path, anchor, gettext("Section"), number, title)
        )
        if listed and "unlisted" not in classes:
            self.page.entries.append(Entry(level, number, title, anchor))
        return {
            "t": "Header",
            "level": level,
            "id": anchor,
            "number": number,
            "listed": listed and "unlisted" not in classes,
            "inlines": inlines,
        }

    def _float(self, node: Node) -> Node:
        number = None
        identifier = node["id"]
        if identifier:
            self.floats[node["kind"]] += 1
            count = str(self.floats[node["kind"]])
            number = f"{self.page.number}.{count}" if self.page.number else count
            target = Target(
                self.page.path,
                identifier,
                _word(node["kind"]),
                number,
                text_of(node["caption"]).strip(),
            )
            self.numbering._add(self.page, identifier, target)
        return {
            **node,
            "number": number,
            "blocks": walk(node["blocks"], lambda inner: self._node(inner, listed=False)),
        }

    def _unique(self, anchor: str) -> str:
        anchor = anchor or "section"
        if re.match(r"^(sec|tbl|fig)-", anchor):
            return anchor
        candidate, count = anchor, 1
        while (self.page.path, candidate) in self.numbering.anchors:
            count += 1
            candidate = f"{anchor}-{count}"
        # Kept free at once: a tab or a div further on may ask for the same words.
        self.numbering.anchors[(self.page.path, candidate)] = Target(
            self.page.path, candidate, "", None, candidate
        )
        return candidate


def _headers(blocks: Nodes) -> list[Node]:
    found: list[Node] = []

    def action(node: Node) -> Node | None:
        if node["t"] == "Header":
            found.append(node)
        return node if node["t"] in ("Callout", "Tabset", "Float") else None

    walk(blocks, action)
    return found


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "section"


def _resolved(blocks: Nodes, page: Page, report: Report) -> Nodes:
    def action(node: Node) -> Node | Nodes | None:
        if node["t"] == "Cite":
            return _cite(node, report)
        if node["t"] == "Link":
            return _link(node, page, report, action)
        return None

    resolved: Nodes = walk(blocks, action)
    return resolved


def _cite(node: Node, report: Report) -> Nodes:
    citations, typed = node["c"]
    unknown = [item["citationId"] for item in citations if item["citationId"] not in report.targets]
    if unknown and node.get("data"):
        literal: Nodes = typed
        return literal
    if unknown:
        name = unknown[0]
        source = node["source"]
        advice = (
            "nothing in this report has this label"
            if re.match(r"^(tbl|fig|sec)-", name)
            else "citations need references: write texts/references.bib, or \\@ for the sign"
        )
        raise source.error(f"@{name}", advice)
    inlines: Nodes = []
    for index, item in enumerate(citations):
        if index:
            inlines += words(", ")
        if item["citationPrefix"]:
            inlines += [*item["citationPrefix"], {"t": "Space"}]
        target = report.targets[item["citationId"]]
        alone = item["citationMode"]["t"] == "SuppressAuthor"
        shown = target.number if alone and target.number else target.name
        inlines.append(
            link([string(shown)], f"ref:{target.page}#{target.anchor}", ["cross-reference"])
        )
        inlines += item["citationSuffix"]
    return inlines


def _link(node: Node, page: Page, report: Report, action: Any) -> Node | Nodes:
    attributes, inlines, (target, title) = node["c"]
    inlines = walk(inlines, action)
    if target.startswith("#"):
        place = (page.path, target[1:])
    elif target.startswith("page:"):
        path, _, fragment = target[5:].partition("#")
        place = (path.rsplit(".", 1)[0] + ".html", fragment)
    else:
        return {"t": "Link", "c": [attributes, inlines, [target, title]]}
    if place not in report.anchors:
        if node.get("data"):
            literal: Nodes = inlines
            return literal
        raise node["source"].error(
            target.removeprefix("page:"),
            "nothing in this report has this address",
            search=f"#{place[1]}" if place[1] else text_of(inlines),
        )
    return {"t": "Link", "c": [attributes, inlines, [f"ref:{place[0]}#{place[1]}", title]]}
