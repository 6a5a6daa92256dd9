"""What a made file holds, read as programs read it: words, data, and what it fetches.

A page is read by an HTML parser, a style by a CSS parser, JSON as JSON, a PDF with its metadata and
attachments, office files part by part. What a program would follow is told from what a reader reads.
"""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

#: Attributes that a browser fetches by itself, of any element.
FETCHED = {"src", "srcset", "poster", "background", "data", "imagesrcset", "manifest", "ping",
           "action", "formaction", "codebase", "archive", "classid"}  # fmt: skip
#: Elements whose ``href`` a browser fetches by itself; of ``a`` and ``area`` a reader follows it.
FETCHING = {"link", "base", "use", "image", "feimage", "script"}
LISTS = {"srcset", "imagesrcset", "ping"}
#: Attributes in which names are for programs, not for readers.
FOR_PROGRAMS = {"id", "name", "class", "for", "href", "src", "headers", "aria-labelledby"}
#: What a script asks the network with.
ASKS = re.compile(
    r"\b(?:fetch|importScripts|import)\s*\(|\bXMLHttpRequest\b|\bWebSocket\b|\bEventSource\b"
    r"|\bsendBeacon\b|\.src\s*=|\bimport\s+[^;\n]*\bfrom\b"
)
SCRIPTS = {"", "module", "text/javascript", "application/javascript"}
#: Attributes of office files in which words stand.
SAID = {"descr", "title", "name", "Target", "author"}
#: A script that is nothing but data under a name.
ONLY_DATA = re.compile(r"window\.\w+=(\[.*\]);\s*")
#: Files that hold neither words nor data.
OPAQUE = {".otf", ".ttf", ".woff", ".woff2", ".png", ".jpg", ".jpeg", ".gif", ".webp", ".ico"}
OFFICE = {".xlsx", ".docx", ".pptx"}
PLAIN = {".txt", ".md", ".yml", ".yaml", ".bib", ".csl", ".map"}


class Unreadable(ValueError):
    """A file that is not what its name says, or of a kind that nobody knows to open."""


@dataclass
class Held:
    """What a file holds.

    ``words`` are for readers; ``names`` for programs (attributes, keys); ``data`` single values of
    data; ``fetched`` what is fetched without a reader's doing; ``asks`` code that asks the network;
    ``hidden`` what nobody sees and programs keep (comments, metadata, attachments); ``rows`` the
    cells of each row of a table of data, or the values of each object.
    """

    words: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    data: list[Any] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)
    asks: list[str] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    rows: list[list[Any]] = field(default_factory=list)

    def texts(self) -> Iterator[str]:
        """Everything that is text."""
        yield from (*self.words, *self.names, *self.hidden, *self.fetched)
        yield from (each for each in self.data if isinstance(each, str))

    def add(self, other: Held) -> None:
        """What another file in this one holds."""
        for name in ("words", "names", "data", "fetched", "asks", "hidden", "rows"):
            getattr(self, name).extend(getattr(other, name))


def opened(path: Path, *, deep: bool = True) -> Held:
    """What a file holds.

    ``deep``: the words on a PDF's pages as well, which takes a second for ten pages.

    Raises
    ------
    Unreadable
        If it is not what its name says.
    """
    kind = path.suffix.lower()
    try:
        if kind in OPAQUE:
            return Held()
        if kind == ".pdf":
            return _pdf(path, deep)
        if kind in OFFICE:
            held = _office(path)
            if kind == ".xlsx":
                held.rows += _cells(path)
            return held
        text = path.read_text(encoding="utf-8")
        if kind in (".html", ".htm"):
            return page(text)
        if kind in (".svg", ".xml"):
            # A parser of XML first: a browser reads it as such where it stands alone.
            ElementTree.fromstring(text)
            return page(text)
        if kind == ".css":
            return style(text)
        if kind == ".js" and (variable := ONLY_DATA.fullmatch(text)):
            return data(json.loads(variable[1]))
        if kind == ".js":
            return Held(asks=_asks(text), hidden=[text])
        if kind in (".json", ".ipynb", ".webmanifest"):
            return data(json.loads(text))
        if kind in (".csv", ".tsv"):
            return table(text, "\t" if kind == ".tsv" else ",")
    except (OSError, ValueError, ElementTree.ParseError, zipfile.BadZipFile, csv.Error) as error:
        raise Unreadable(f"cannot be read as {kind[1:].upper()}: {error}") from None
    if kind in PLAIN:
        return Held(words=[text])
    raise Unreadable("is of a kind that no report has")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.held = Held()
        self.inside: list[tuple[str, str]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name.lower().split(":")[-1]: value or "" for name, value in attrs}
        for name, value in found.items():
            if not value:
                continue
            if name == "style":
                self.held.add(style(value, declarations=True))
            elif name.startswith("on"):
                self.held.asks += _asks(value)
            elif name in FETCHED or (name == "href" and tag in FETCHING):
                self.held.fetched += _addresses(value) if name in LISTS else [value.strip()]
            if name in FOR_PROGRAMS or name.startswith("data-"):
                self.held.names.append(value)
            else:
                self.held.words.append(value)
            if name.startswith("data-") and value.lstrip()[:1] in "[{":
                self._data(value)
        if tag == "meta" and found.get("http-equiv", "").lower() == "refresh":
            self.held.fetched.append(found.get("content", "").partition("=")[2].strip(" '\""))
        if tag == "iframe" and "srcdoc" in found:
            self.held.add(page(found["srcdoc"]))
        if tag in ("script", "style"):
            # Quarto's own scripts look up previews within the report.
            library = found.get("id", "").startswith("quarto-html-")
            self.inside.append((tag, "library" if library else found.get("type", "").lower()))

    def handle_data(self, text: str) -> None:
        if not self.inside:
            if text.strip():
                self.text.append(text)
            return
        tag, kind = self.inside[-1]
        if tag == "style":
            self.held.add(style(text))
        elif kind == "library":
            self.held.hidden.append(text)
        elif kind in SCRIPTS:
            self.held.asks += _asks(text)
            self.held.hidden.append(text)
            self.held.data += _numbers(text)
        else:
            self._data(text)

    def _data(self, text: str) -> None:
        try:
            self.held.add(data(json.loads(text)))
        except ValueError:
            self.held.hidden.append(text)

    def handle_endtag(self, tag: str) -> None:
        if self.inside and self.inside[-1][0] == tag:
            self.inside.pop()

    def handle_comment(self, text: str) -> None:
        self.held.hidden.append(text)


def page(text: str) -> Held:
    """What a page or a picture in SVG holds."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    reader.held.words.append(" ".join(reader.text))
    return reader.held


@lru_cache(maxsize=1024)
def style(text: str, *, declarations: bool = False) -> Held:
    """What a style fetches, and its remarks: read once, since every report has the same style sheets,
    and a drawing the same ``declarations`` on hundreds of elements."""
    import tinycss2

    held = Held()
    parse = tinycss2.parse_declaration_list if declarations else tinycss2.parse_stylesheet
    _walk(parse(text), held)
    return held


def _walk(tokens: Iterable[Any], held: Held) -> None:
    for token in tokens:
        kind = getattr(token, "type", "")
        if kind == "comment":
            held.hidden.append(token.value)
        elif kind == "url":
            held.fetched.append(token.value)
        elif kind == "function" and token.lower_name in ("url", "src", "image-set", "image"):
            held.fetched += [a.value for a in token.arguments if a.type == "string"]
        elif kind == "at-rule" and token.lower_at_keyword == "import":
            held.fetched += [t.value for t in token.prelude if t.type == "string"]
        for name in ("prelude", "content", "value", "arguments"):
            inner = getattr(token, name, None)
            if isinstance(inner, list):
                _walk(inner, held)


def data(found: Any) -> Held:
    """What data hold, down to each key and value."""
    held = Held()
    waiting = [found]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            held.names += map(str, each)
            held.rows.append(
                [*each, *(v for v in each.values() if isinstance(v, str | int | float))]
            )
            waiting += each.values()
        elif isinstance(each, list):
            waiting += each
        elif each is not None and not isinstance(each, bool):
            held.data.append(each)
    return held


def table(text: str, separator: str = ",") -> Held:
    """What a table of text holds; what a spreadsheet would run counts as code."""
    held = Held()
    for number, row in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=separator)):
        (held.data if number else held.names).extend(row)
        held.rows.append(list(row))
        held.asks += [cell for cell in row if _formula(cell)]
    return held


def _formula(cell: str) -> bool:
    """Whether a spreadsheet takes a cell for a formula, and it is no number."""
    if not cell.startswith(("=", "+", "-", "@", "\t", "\r")):
        return False
    try:
        float(cell.replace(",", ""))
    except ValueError:
        return len(cell) > 1
    return False


def _pdf(path: Path, deep: bool) -> Held:
    import pypdf
    from pypdf.errors import PyPdfError

    held = Held()
    try:
        file = pypdf.PdfReader(path)
        held.hidden += [f"{key} {value}" for key, value in (file.metadata or {}).items()]
        held.hidden += list(file.attachments)
        for content in file.attachments.values():
            held.hidden += [bytes(each).decode("utf-8", "replace") for each in content]
        for leaf in file.pages:
            for note in leaf.get("/Annots") or []:
                action = note.get_object().get("/A")
                uri = action.get_object().get("/URI") if action is not None else None
                if uri is not None:
                    held.names.append(str(uri))
            if deep:
                held.words.append(leaf.extract_text())
    except PyPdfError as error:
        raise Unreadable(f"cannot be read as PDF: {error}") from None
    return held


def _office(path: Path) -> Held:
    """The parts of a workbook, document or set of slides."""
    held = Held()
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            held.names.append(name)
            if not name.endswith((".xml", ".rels")):
                continue
            for element in ElementTree.fromstring(archive.read(name)).iter():
                tag = element.tag.rpartition("}")[2]
                text = (element.text or "").strip()
                if tag == "f" and text:
                    held.asks.append(text)
                elif text:
                    (held.hidden if name.startswith("docProps/") else held.data).append(text)
                for said in SAID & {key.rpartition("}")[2] for key in element.attrib}:
                    held.hidden.append(str(element.get(said, "")))
                if tag == "Relationship" and element.get("TargetMode") == "External":
                    # A link is followed by whoever clicks it; anything else the program fetches.
                    is_link = element.get("Type", "").endswith("/hyperlink")
                    (held.names if is_link else held.fetched).append(element.get("Target", ""))
    return held


def _cells(path: Path) -> list[list[Any]]:
    """The rows of a workbook's sheets."""
    from python_calamine import load_workbook

    book = load_workbook(path)
    return [row for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python()]


def _addresses(value: str) -> list[str]:
    return [part.split()[0] for part in value.split(",") if part.split()]


def _asks(text: str) -> list[str]:
    return [found.group(0) for found in ASKS.finditer(text)]


def _numbers(text: str) -> list[Any]:
    """Numbers and texts written in a script, as data of a chart are."""
    numbers = [float(n) for n in re.findall(r"(?<![\w.])-?\d+\.\d{4,}(?:e-?\d+)?", text)]
    return [*numbers, *re.findall(r'"((?:[^"\\]|\\.)*)"', text)]
