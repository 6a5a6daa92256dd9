"""Terms of the study's glossary, explained where they first stand on a page.

Such a term is something to press, which opens what ``texts/glossary.md`` says of it: by the browser
itself, without a script (a popover). Until then the page reads as if nothing were there. In print, a
term leads to the glossary at the end (``terms.typ``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import escape

from analysis.study import Study, read_text

#: Below the study's folder: a list of which each entry begins with its term, bold and with a point.
FILE = "texts/glossary.md"
ENTRY = re.compile(r"^[-*] +\*\*(.+?)\.?\*\* +(.+(?:\n +.+)*)$", re.MULTILINE)
ABBREVIATED = re.compile(r"^(.+?) \((\w+)\)$")
#: Marks of Markdown in an explanation, which is shown as text.
MARKS = re.compile(r"\[([^\]]+)\]\([^)]*\)|[*`]")
PIECES = re.compile(r"<(?:script|style)\b.*?</(?:script|style)>|<!--.*?-->|<[^>]*>", re.DOTALL)
TAG = re.compile(r"<(/?)(\w+)")
#: Where words are read, and what in it is no running text or to be pressed already.
READ = {"p", "li", "dd"}
APART = {
    "a", "button", "h1", "h2", "h3", "h4", "h5", "h6", "header", "table", "figure", "nav", "code",
    "pre", "summary", "label", "svg", "math", "dt", "aside",
}  # fmt: skip


def terms(study: Study) -> dict[str, tuple[str, str]]:
    """Each word that the glossary explains, with the entry's term and what it says.

    *Baseline and follow-up* are two words of one entry, *A long name (ALN)* likewise.
    """
    path = study.folder / FILE
    found: dict[str, tuple[str, str]] = {}
    for term, says in ENTRY.findall(read_text(path)) if path.is_file() else ():
        entry = (term, " ".join(MARKS.sub(r"\1", says).split()))
        short = ABBREVIATED.match(term)
        for word in short.groups() if short else term.split(" and "):
            found.setdefault(word if word.isupper() else word[:1].lower() + word[1:], entry)
    return found


def explained(html: str, found: Mapping[str, tuple[str, str]]) -> str:
    """The page with the first of each term to be pressed, and what it opens at the end of its text.

    Not on the page that holds the glossary, and never in headings, links, tables and figures.

    Parameters
    ----------
    html
        A page, of either renderer; its text stands in ``main``.
    found
        The words (:func:`terms`).
    """
    there = {entry for entry in found.values() if f"<strong>{escape(entry[0])}" in html}
    words = {word: entry for word, entry in found.items() if entry not in there}
    start, end = html.find("<main"), html.rfind("</main>")
    if not words or start < 0 or end < 0:
        return html
    looked_for = re.compile(
        r"(?<![\w-])(?:"
        + "|".join(f"({_pattern(word)})" for word in sorted(words, key=len, reverse=True))
        + r")(?![\w-])"
    )
    order = sorted(words, key=len, reverse=True)
    opened: dict[tuple[str, str], str] = {}

    def pressed(match: re.Match[str]) -> str:
        assert match.lastindex is not None
        entry = words[order[match.lastindex - 1]]
        if entry in opened:
            return match[0]
        opened[entry] = f"term-{len(opened) + 1}"
        return f'<button type="button" class="term" popovertarget="{opened[entry]}">{match[0]}</button>'

    text = "".join(
        looked_for.sub(pressed, piece) if read else piece
        for piece, read in _pieces(html[start:end])
    )
    explanations = "".join(
        f'<div class="explained" id="{place}" popover><p><strong>{escape(term)}.</strong> '
        f"{escape(says)}</p></div>\n"
        for (term, says), place in opened.items()
    )
    return html[:start] + text + explanations + html[end:]


def _pattern(word: str) -> str:
    """A word as it may stand: with a capital at a beginning, and in the plural."""
    first = re.escape(word[0])
    if word[0].islower():
        first = f"[{word[0]}{word[0].upper()}]"
    return first + re.escape(escape(word[1:])) + "s?"


def _pieces(html: str) -> Iterator[tuple[str, bool]]:
    """Tags and the text between them, each with whether it is running text."""
    inside, apart, place = 0, 0, 0
    for match in PIECES.finditer(html):
        yield html[place : match.start()], bool(inside) and not apart
        yield match[0], False
        place = match.end()
        tag = TAG.match(match[0])
        if tag is None or match[0].startswith(("<script", "<style")) or match[0].endswith("/>"):
            continue
        step = -1 if tag[1] else 1
        inside += step * (tag[2] in READ)
        apart += step * (tag[2] in APART)
    yield html[place:], False
