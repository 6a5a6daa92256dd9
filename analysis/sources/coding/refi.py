"""REFI-QDA, the exchange format of MAXQDA, ATLAS.ti, NVivo and others: ``.qdc`` and ``.qdpx``.

Vendors' habits that are allowed for here:

- GUIDs in braces or not, in either case.
- Positions count characters of the plain text, or units of UTF-16. NVivo for Windows counts a
  line break as two (CR LF), ATLAS.ti as one even where the file has two (:mod:`.positions`).
- Texts are in UTF-8, or not.
- PDFs, pictures, audio and video may hold a text (representation, description, transcript) whose
  selections are read; codings of areas and of stretches of time are counted.
- A case may hold a whole source, or stretches of it: by reference, or as a code
  (:mod:`.speakers`).
- MAXQDA repeats the names of sources, and writes selections without a coding (annotations).
- Quirkos and MAXQDA leave cases without a name; some codes are really cases, with one GUID.
- A whole source may be coded, outside any selection.
- Codes can be missing altogether (an empty project of ATLAS.ti).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any
from xml.etree import ElementTree

import pandas as pd

from analysis.errors import AnalystError
from analysis.sources.coding.archive import Archive, opened
from analysis.sources.coding.left_out import NO_TEXT, LeftOut, counted
from analysis.sources.coding.neutral import (
    ENDINGS,
    Coded,
    attribute,
    coded,
    parent_of,
    source_of,
    squeezed,
)
from analysis.sources.coding.positions import beginning, fitted
from analysis.sources.coding.speakers import UNNAMED, Case, Speakers, trimmed
from analysis.sources.encodings import decoded

TOOL = "REFI-QDA"
SELECTIONS = ("PlainTextSelection", "TranscriptSelection")
SOURCES = ("TextSource", "PDFSource", "PictureSource", "AudioSource", "VideoSource")
#: Elements that hold a text inside a source, or an area of one, of another kind.
TEXTS = ("Transcript", "Representation", "TextDescription")
#: Selections of areas and of stretches of time, and what they are areas of.
AREAS = {
    "PDFSelection": "pdf",
    "PictureSelection": "picture",
    "AudioSelection": "audio",
    "VideoSelection": "video",
}
SAVE = "Save the document as UTF-8, import it into the coding tool again, and export."


def read_codebook(path: Path) -> pd.DataFrame:
    """A ``.qdc`` codebook: ``code``, ``parent_code``, ``description``."""
    root = _parsed(path.read_bytes(), path)
    if _tag(root) != "CodeBook":
        raise _not_refi(path, "its outermost element is no CodeBook")
    codes = [code for _, code in _codes(root)]
    frame = pd.DataFrame(codes, columns=["code", "parent_code", "description"])
    return frame.astype("str")


def read_project(path: Path) -> Coded:
    """A ``.qdpx`` project: every coding of text with its speaker's attributes; others counted."""
    with opened(path) as archive:
        name = next((n for n in archive.names if PurePosixPath(n).suffix.lower() == ".qde"), None)
        if name is None:
            raise _not_refi(path, "it holds no project file (.qde)")
        root = _parsed(archive.read(name), path)
        if _tag(root) != "Project":
            raise _not_refi(path, "its outermost element is no Project")
        return _project(root, archive)


@dataclass(frozen=True)
class _Passage:
    """A stretch of a source, and what is known of it."""

    start: int
    end: int
    text: str
    memo: str = ""
    user: str = ""


@dataclass(frozen=True)
class _Document:
    """A source's text while it is read: its name, its element's GUIDs, and who speaks in it."""

    name: str
    key: str
    speakers: Speakers


@dataclass
class _Reading:
    users: dict[str, str]
    codes: dict[str, dict[str, str]]
    cases: _Cases
    archive: Archive
    rows: list[dict[str, Any]] = field(default_factory=list)
    left_out: LeftOut = field(default_factory=LeftOut)
    used: list[str] = field(default_factory=list)
    annotations: int = 0
    moved: int = 0
    missing: int = 0
    unchecked: int = 0


def _project(root: ElementTree.Element, archive: Archive) -> Coded:
    codes = dict(_codes(root))
    users = {_guid(user): user.get("name") or user.get("id") or "" for user in _all(root, "User")}
    cases = _cases(root, codes)
    # A code that stands for a case is the case, repeated.
    for key in cases.of_code:
        codes.pop(key, None)
    reading = _Reading(users, codes, cases, archive)
    sources = _child(root, "Sources")
    names: dict[str, int] = {}
    for source in [] if sources is None else list(sources):
        name = _name(source, cases)
        texts = _texts(source)
        names[name] = names.get(name, 0) + bool(name and texts)
        name = f"{name} ({names[name]})" if names[name] > 1 else name
        for element in texts:
            # What codes the source as a whole codes its first text.
            whole = [element] if element is source or element is not texts[0] else [element, source]
            _text_source(element, source, whole, name, reading)
        _without_text(source, name, reading)
    findings = reading.left_out.findings(reading.used)
    for count, one, several in (
        (reading.annotations, "selection without a code (annotation), left out",
         "selections without a code (annotations), left out"),
        (reading.moved, "selection whose words are no longer those at its place",
         "selections whose words are no longer those at their place"),
        (reading.missing, "source whose text is not in the project: its codings count, without words",
         "sources whose text is not in the project: their codings count, without words"),
        (reading.unchecked, "source with characters such as emoji, of which positions cannot be "
         "checked", "sources with characters such as emoji, of which positions cannot be checked"),
    ):  # fmt: skip
        findings += counted(count, one, several)
    return coded(reading.rows, list(codes.values()), TOOL, findings)


def _texts(source: ElementTree.Element) -> list[ElementTree.Element]:
    """What of a source holds text: itself, its transcripts, its representation as text."""
    if _tag(source) == "TextSource":
        return [source]
    return [each for each in source if _tag(each) in TEXTS]


def _without_text(source: ElementTree.Element, name: str, reading: _Reading) -> None:
    """Count the codings of areas and stretches of time, and read those that hold a text."""
    kind = _tag(source)
    for selection in source:
        if _tag(selection) not in AREAS:
            continue
        inside = [each for each in selection if _tag(each) in TEXTS]
        if inside and (text := _text(inside[0], reading.archive)):
            document = _Document(name, _guid(selection), reading.cases.speakers(source))
            user = _key(selection.get("creatingUser") or "")
            passage = _Passage(-1, -1, text, _description(selection), user)
            for each in _codings(selection, reading.cases):
                _coding(each, passage, document, reading)
            continue
        count = sum(1 for _ in _references(selection, reading.cases))
        reading.left_out.add(NO_TEXT[AREAS[_tag(selection)]], name, count)
    if kind != "TextSource" and not _texts(source):
        count = sum(
            1 for each in _codings(source, reading.cases) for _ in _references(each, reading.cases)
        )
        reading.left_out.add("of a whole source that holds no text", name, count)


def _text_source(
    element: ElementTree.Element,
    source: ElementTree.Element,
    whole: list[ElementTree.Element],
    name: str,
    reading: _Reading,
) -> None:
    """The codings of a text: of the whole, and of its selections."""
    selections = [each for each in element if _tag(each) in SELECTIONS]
    points = {_guid(point): _number(point.get("position")) for point in _all(element, "SyncPoint")}
    text = _text(element, reading.archive)
    at = fitted(text, [(*_place(each, points), each.get("name") or "") for each in selections])
    reading.missing += not text
    reading.unchecked += bool(selections) and not at.checked
    speakers = reading.cases.speakers(source, element)
    for selection in selections:
        for case in reading.cases.of_selection(selection):
            speakers.add(case, *at.place(*_place(selection, points)), at.text)
    document = _Document(name, _guid(element), speakers)
    for each in (coding for one in whole for coding in _codings(one, reading.cases)):
        _coding(each, _Passage(0, len(at.text), at.text), document, reading)
    for selection in selections:
        codings = _codings(selection, reading.cases)
        reading.annotations += not codings and not reading.cases.of_selection(selection)
        start, end = at.place(*_place(selection, points))
        words = at.text[start:end]
        own = selection.get("name") or ""
        if at.text and not (words and squeezed(words).startswith(beginning(own))):
            reading.moved += 1
        words = (words or own).replace("\r\n", "\n")
        user = _key(selection.get("creatingUser") or "")
        passage = _Passage(start, end, words, _description(selection), user)
        for each in codings:
            _coding(each, passage, document, reading, at.text)


def _coding(
    coding: ElementTree.Element,
    passage: _Passage,
    document: _Document,
    reading: _Reading,
    text: str = "",
) -> None:
    coder = reading.users.get(_key(coding.get("creatingUser") or "") or passage.user, "")
    who = document.speakers.at(*trimmed(text, passage.start, passage.end))
    if not isinstance(who, str):
        who = {**who, "source_id": who.get("source_id") or document.name}
        who = who if who["source_id"] else UNNAMED
    for reference in _references(coding, reading.cases):
        code = reading.codes.get(reference)
        if code is None:
            reading.left_out.add("of a code that is not in the codebook", document.name)
            continue
        if isinstance(who, str):
            reading.left_out.add(who, document.name)
            continue
        reading.used.append(document.name)
        reading.rows.append(
            {
                **who,
                "document": document.key,
                "coder": coder,
                "code": code["code"],
                "parent_code": code["parent_code"],
                "start": passage.start if passage.start >= 0 else "",
                "end": passage.end if passage.end >= 0 else "",
                "text": passage.text,
                "memo": passage.memo,
                "passage": document.key,
            }
        )


def _codings(element: ElementTree.Element, cases: _Cases) -> list[ElementTree.Element]:
    """An element's own codings, without those that say whose it is."""
    return [each for each in element if _tag(each) == "Coding" and any(_references(each, cases))]


def _references(element: ElementTree.Element, cases: _Cases) -> Iterator[str]:
    """The codes that a coding (or a selection's codings) refers to, those of cases left out."""
    for reference in _all(element, "CodeRef"):
        key = _key(reference.get("targetGUID") or "")
        if key not in cases.of_code:
            yield key


@dataclass
class _Cases:
    """Cases, and what they are tied to, by GUID."""

    of_code: dict[str, Case] = field(default_factory=dict)
    of_source: dict[str, list[Case]] = field(default_factory=dict)
    selected: dict[str, list[Case]] = field(default_factory=dict)
    own: dict[str, dict[str, str]] = field(default_factory=dict)

    def speakers(self, *elements: ElementTree.Element) -> Speakers:
        """What is known of a source (and its text) as a whole."""
        found = Speakers(
            {k: v for each in elements for k, v in self.own.get(_guid(each), {}).items()}
        )
        for element in elements:
            for case in self.of_source.get(_guid(element), []):
                found.whole[case.key] = case
            for coding in element:
                if _tag(coding) == "Coding":
                    for case in self.coded(coding):
                        found.whole[case.key] = case
        return found

    def of_selection(self, selection: ElementTree.Element) -> list[Case]:
        """The cases that a selection belongs to."""
        found = list(self.selected.get(_guid(selection), []))
        for coding in selection:
            if _tag(coding) == "Coding":
                found += self.coded(coding)
        return list({case.key: case for case in found}.values())

    def coded(self, coding: ElementTree.Element) -> list[Case]:
        """The cases that a coding's codes stand for."""
        keys = [_key(each.get("targetGUID") or "") for each in _all(coding, "CodeRef")]
        return [self.of_code[key] for key in keys if key in self.of_code]


def _cases(root: ElementTree.Element, codes: dict[str, dict[str, str]]) -> _Cases:
    """The cases of a project; a case may be given as a code, with its GUID or by reference."""
    variables = {_guid(v): attribute(v.get("name") or "") for v in _all(root, "Variable")}
    cases = _Cases()
    for element in _all(root, "Case"):
        key = _guid(element)
        stands = [key] if key in codes else []
        stands += [
            _key(each.get("targetGUID") or "") for each in element if _tag(each) == "CodeRef"
        ]
        named = next((codes[each]["code"] for each in stands if each in codes), "")
        case = Case(key, element.get("name") or named, _values(element, variables))
        cases.of_code.update(dict.fromkeys([key, *stands], case))
        for reference in _all(element, "SourceRef"):
            target = _key(reference.get("targetGUID") or "")
            cases.of_source.setdefault(target, []).append(case)
        for reference in _all(element, "SelectionRef"):
            target = _key(reference.get("targetGUID") or "")
            cases.selected.setdefault(target, []).append(case)
    for tag in SOURCES:
        for source in _all(root, tag):
            own = _values(source, variables)
            if own:
                cases.own[_guid(source)] = own
    return cases


def _name(source: ElementTree.Element, cases: _Cases) -> str:
    """What a source is called: by itself, by its case, or by the file it was imported from."""
    name = source_of(source.get("name") or "")
    if name:
        return name
    name = cases.speakers(source).name
    for address in ("path", "currentPath", "plainTextPath", "richTextPath"):
        kind, _, file = (source.get(address) or "").replace("\\", "/").rpartition("://")
        # Inside the archive the tool names files, by GUID or number, which names nobody.
        if not name and kind != "internal":
            name = source_of(PurePosixPath(file).name)
    return name


def _codes(root: ElementTree.Element) -> Iterator[tuple[str, dict[str, str]]]:
    """Codes by GUID; a code inside another is its child."""

    def below(element: ElementTree.Element, parent: str) -> Iterator[tuple[str, dict[str, str]]]:
        for code in element:
            if _tag(code) != "Code":
                continue
            name = (code.get("name") or "").strip()
            above = parent or parent_of(name)
            yield (
                _guid(code),
                {"code": name, "parent_code": above, "description": _description(code)},
            )
            yield from below(code, name)

    for codes in _all(root, "Codes"):
        yield from below(codes, "")


def _values(element: ElementTree.Element, variables: dict[str, str | None]) -> dict[str, str]:
    values: dict[str, str] = {}
    for value in (each for each in element if _tag(each) == "VariableValue"):
        reference = _child(value, "VariableRef")
        if reference is None:
            continue
        column = variables.get(_key(reference.get("targetGUID") or ""))
        given = next((e.text for e in value if _tag(e).endswith("Value") and e.text), None)
        if column and given:
            values[column] = given.strip()
    return values


def _text(source: ElementTree.Element, archive: Archive) -> str:
    inside = _child(source, "PlainTextContent")
    if inside is not None and inside.text:
        return inside.text
    address = source.get("plainTextPath") or ""
    kind, _, name = address.partition("://")
    if kind != "internal":
        return ""  # relative:// and absolute:// lead out of the archive and are not followed
    wanted = PurePosixPath(name).name
    for member in archive.names:
        path = PurePosixPath(member)
        if path.name == wanted and path.suffix.lower() in ENDINGS:
            return decoded(archive.read(member), archive.path, f"The text '{member}'", SAVE).text
    return ""


def _place(selection: ElementTree.Element, points: dict[str, int]) -> tuple[int, int]:
    """A selection's positions as the tool counts: its own, or those of its points in time."""
    edges = []
    for own, point in (("startPosition", "fromSyncPoint"), ("endPosition", "toSyncPoint")):
        value = selection.get(own)
        edges.append(
            points.get(_key(selection.get(point) or ""), -1) if value is None else _number(value)
        )
    return (edges[0], edges[1]) if min(edges) >= 0 else (0, 0)


def _number(text: str | None) -> int:
    return int(text) if text is not None and text.strip().isdigit() else -1


def _parsed(content: bytes, path: Path) -> ElementTree.Element:
    # Expat expands entities that a document declares; a project has no need of any.
    if b"<!DOCTYPE" in content[:4096] or b"<!ENTITY" in content[:65536]:
        raise _not_refi(path, "its XML declares entities, which projects do not")
    try:
        return ElementTree.fromstring(content)
    except ElementTree.ParseError as error:
        raise _not_refi(path, f"its XML is broken at line {error.position[0]}") from None


def _not_refi(path: Path, why: str) -> AnalystError:
    return AnalystError(
        f"{path.name} is not a REFI-QDA file: {why}.",
        where=str(path),
        fix="Export it again from the coding tool (REFI-QDA project or codebook).",
    )


def _tag(element: ElementTree.Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _all(root: ElementTree.Element, tag: str) -> Iterator[ElementTree.Element]:
    return (each for each in root.iter() if _tag(each) == tag)


def _child(element: ElementTree.Element, tag: str) -> ElementTree.Element | None:
    return next((each for each in element if _tag(each) == tag), None)


def _description(element: ElementTree.Element) -> str:
    found = _child(element, "Description")
    return (found.text or "").strip() if found is not None else ""


def _guid(element: ElementTree.Element) -> str:
    return _key(element.get("guid") or "")


def _key(guid: str) -> str:
    return guid.strip().strip("{}").lower()
