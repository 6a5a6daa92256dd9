"""Search over a document's pages, without a server: a small index that the pages bring along.

The index is a script that sets one variable, since a page opened from a folder may read no other
kind of file. It holds the text of each section, without tables: words are looked for where they are
explained, and tables are found by their captions.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from analysis.language import gettext
from analysis.publish.builtin import Read
from analysis.publish.builtin.crossref import Page
from analysis.publish.builtin.tree import Nodes, text_of
from analysis.publish.exhibits import WORDS

INDEX = "assets/search-index.js"
VARIABLE = "reportSections"


def index(read: Read) -> str:
    """The script that holds a document's sections: page, anchor, title and text of each."""
    sections = [section for page in read.report.pages for section in _sections(page)]
    text = json.dumps(sections, ensure_ascii=False, separators=(",", ":"))
    return f"window.{VARIABLE}={text};\n"


def _sections(page: Page) -> Iterator[list[str]]:
    """A page's sections in order; what stands before the first is the page's own."""
    title = f"{page.number} {page.title}" if page.number else page.title
    current, words = [page.path, "", title], list[str]()
    for kind, anchor, text in _pieces(page.blocks):
        if kind == "section":
            yield [*current, " ".join(words)]
            current, words = [page.path, anchor, f"{text} ({page.title})"], []
        else:
            words.append(text)
    yield [*current, " ".join(words)]


def _pieces(value: Any) -> Iterator[tuple[str, str, str]]:
    """Headings and stretches of text of a tree: kind, anchor, text."""
    if isinstance(value, list):
        for each in value:
            yield from _pieces(each)
    elif isinstance(value, dict):
        kind = value.get("t")
        if kind == "Header":
            number = f"{value['number']} " if value["number"] else ""
            yield "section", value["id"], number + _text(value["inlines"])
        elif kind == "Float":
            name = f"{gettext(WORDS[value['kind']])} {value['number']}: " if value["number"] else ""
            yield "text", "", f"{name}{_text(value['caption'])}."
        elif kind in ("Para", "Plain"):
            yield "text", "", _text(value["c"])
        elif kind not in ("Table", "Plot"):
            for each in value.values():
                if isinstance(each, list | dict):
                    yield from _pieces(each)


def _text(nodes: Nodes) -> str:
    return " ".join(text_of(nodes).split())
