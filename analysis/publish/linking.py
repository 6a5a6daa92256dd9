"""References from one document to another: what is referred to, and where it stands.

Each of the programme's documents is a book of its own to both renderers, and neither resolves a
reference to what stands in another. Here such a reference becomes a link to that document's page,
named with its number there: ``[Table 3.2 of the technical report](…)``. In a PDF, which is read by
itself, it is the same words without a link.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from analysis.language import N_, gettext
from analysis.publish.builtin.dialect import ELSEWHERE
from analysis.publish.cutting import EMBED, HEADING, IDENTIFIER, REFERENCE, Lines

WORDS = {"tbl": N_("Table"), "fig": N_("Figure")}
TITLE = re.compile(r"^#{1,6}\s+(.*?)\s*(?:\{[^}]*\}\s*)?$")


@dataclass(frozen=True)
class _Place:
    """Where a label stands: the document, the page from its folder, and what it is called."""

    document: str
    page: str
    name: str


def linked(
    books: Mapping[str, Mapping[str, Lines]], names: Mapping[str, str]
) -> dict[str, dict[str, Lines]]:
    """The chapters with links for their references to other documents.

    Parameters
    ----------
    books
        The chapters of each document, by its id and their path, in order.
    names
        What each document is called inside a sentence.
    """
    places = {document: _places(document, book) for document, book in books.items()}

    def link(label: str, own: str, path: str) -> str:
        found = next(
            (other[label] for other in places.values() if label in other), None
        ) if label not in places[own] else None  # fmt: skip
        if found is None:
            return f"@{label}"
        # Documents lie beside each other, each in a folder of its own.
        up = "../" * (path.count("/") + 1)
        target = f"{up}{found.document}/{found.page}#{label}"
        words = gettext("{place} of {document}", place=found.name, document=names[found.document])
        return f"[{words}]({target}){{.{ELSEWHERE}}}"

    return {
        own: {
            path: [
                (REFERENCE.sub(lambda m, p=path, o=own: link(m[1], o, p), line), origin)  # type: ignore[misc]
                for line, origin in lines
            ]
            for path, lines in book.items()
        }
        for own, book in books.items()
    }


def _places(document: str, book: Mapping[str, Lines]) -> dict[str, _Place]:
    """Where each label of a document stands, numbered as both renderers do."""
    found: dict[str, _Place] = {}
    chapter = 0
    for path, lines in book.items():
        page = PurePosixPath(path).with_suffix(".html").as_posix()
        heading = next((line for line, _ in lines if HEADING.match(line)), "")
        numbered = ".unnumbered" not in heading
        chapter += numbered
        floats = {"tbl": 0, "fig": 0}
        for label, title in _labels(lines):
            kind = label.partition("-")[0]
            if kind in floats:
                floats[kind] += 1
                number = f"{chapter}.{floats[kind]}" if numbered else str(floats[kind])
                name = f"{gettext(WORDS[kind])} {number}"
            else:
                name = f"“{title}”"
            found.setdefault(label, _Place(document, page, name))
    return found


def _labels(lines: Lines) -> Iterator[tuple[str, str]]:
    """Labels that can be referred to, in order, each with its heading's words if it is one's."""
    for line, _ in lines:
        for _, label in EMBED.findall(line):
            if label.startswith(("tbl-", "fig-")):
                yield label, ""
        title = TITLE.match(line) if HEADING.match(line) else None
        # A shortcode has braces, too.
        for label in IDENTIFIER.findall(EMBED.sub("", line)):
            if label.startswith(("tbl-", "fig-", "sec-")):
                yield label, title[1] if title else ""
