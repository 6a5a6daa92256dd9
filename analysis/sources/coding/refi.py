"""REFI-QDA, the exchange format of MAXQDA, ATLAS.ti, NVivo and others: ``.qdc`` and ``.qdpx``.

Vendors' habits that are allowed for here:

- GUIDs in braces or not, in either case.
- Positions count characters of the plain text. NVivo for Windows counts a line break as two
  (CR LF), ATLAS.ti as one even where the file has two; which it is, is found by comparing the
  selections' own words, where given, with the text.
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
from analysis.sources.coding.neutral import (
    ENDINGS,
    Coded,
    attribute,
    coded,
    parent_of,
    source_of,
    squeezed,
)

TOOL = "REFI-QDA"
SELECTIONS = ("PlainTextSelection", "TranscriptSelection")


def read_codebook(path: Path) -> pd.DataFrame:
    """A ``.qdc`` codebook: ``code``, ``parent_code``, ``description``."""
    root = _parsed(path.read_bytes(), path)
    if _tag(root) != "CodeBook":
        raise _not_refi(path, "its outermost element is no CodeBook")
    codes = [code for _, code in _codes(root)]
    frame = pd.DataFrame(codes, columns=["code", "parent_code", "description"])
    return frame.astype("str")


def read_project(path: Path) -> Coded:
    """A ``.qdpx`` project: every coding of plain text, with the attributes of its case."""
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

    source: str
    described: dict[str, str]
    start: int
    end: int
    text: str
    memo: str = ""
    user: str = ""


@dataclass
class _Reading:
    users: dict[str, str]
    codes: dict[str, dict[str, str]]
    cases: dict[str, dict[str, str]]
    archive: Archive
    rows: list[dict[str, Any]] = field(default_factory=list)
    annotations: int = 0
    unknown: int = 0
    moved: int = 0
    missing: int = 0


def _project(root: ElementTree.Element, archive: Archive) -> Coded:
    codes = dict(_codes(root))
    users = {_guid(user): user.get("name") or user.get("id") or "" for user in _all(root, "User")}
    # A code with the GUID of a case is the case, repeated.
    for case in _all(root, "Case"):
        codes.pop(_guid(case), None)
    reading = _Reading(users, codes, _cases(root), archive)
    sources = _child(root, "Sources")
    names: dict[str, int] = {}
    for source in [] if sources is None else list(sources):
        if _tag(source) != "TextSource":
            for transcript in _all(source, "Transcript"):
                _source(transcript, source.get("name") or "", reading, names)
            continue
        _source(source, source.get("name") or "", reading, names)
    findings = []
    for count, words in (
        (reading.annotations, "selections without a code (annotations), left out"),
        (reading.unknown, "codings of a code that is not in the codebook, left out"),
        (reading.moved, "selections whose words are no longer those at their place"),
        (reading.missing, "sources whose text is not in the project"),
    ):
        if count:
            findings.append(f"{count} {words}")
    return coded(reading.rows, list(codes.values()), TOOL, findings)


def _source(
    source: ElementTree.Element, name: str, reading: _Reading, names: dict[str, int]
) -> None:
    described = reading.cases.get(_guid(source), {})
    identity = described.get("source_id") or source_of(name)
    names[identity] = names.get(identity, 0) + 1
    if names[identity] > 1:
        identity = f"{identity} ({names[identity]})"
    selections = [each for each in source if _tag(each) in SELECTIONS]
    text = _positioned(_text(source, reading.archive), selections)
    reading.missing += not text
    for each in source:
        if _tag(each) == "Coding":
            _coding(each, _Passage(identity, described, 0, len(text), text), reading)
    for selection in selections:
        codings = [each for each in selection if _tag(each) == "Coding"]
        reading.annotations += not codings
        start, end = _place(selection)
        words = text[start:end]
        own = selection.get("name") or ""
        # Tools cut the name of a long selection short, with or without dots.
        beginning = squeezed(own).rstrip(".… ")
        if words and beginning and not squeezed(words).startswith(beginning):
            reading.moved += 1
        words = (words or own).replace("\r\n", "\n")
        memo = _description(selection)
        for each in codings:
            user = _key(selection.get("creatingUser") or "")
            passage = _Passage(identity, described, start, end, words, memo, user)
            _coding(each, passage, reading)


def _coding(coding: ElementTree.Element, passage: _Passage, reading: _Reading) -> None:
    coder = reading.users.get(_key(coding.get("creatingUser") or "") or passage.user, "")
    for reference in _all(coding, "CodeRef"):
        code = reading.codes.get(_key(reference.get("targetGUID") or ""))
        if code is None:
            reading.unknown += 1
            continue
        reading.rows.append(
            {
                **passage.described,
                "source_id": passage.source,
                "coder": coder,
                "code": code["code"],
                "parent_code": code["parent_code"],
                "start": passage.start,
                "end": passage.end,
                "text": passage.text,
                "memo": passage.memo,
            }
        )


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


def _cases(root: ElementTree.Element) -> dict[str, dict[str, str]]:
    """What is known of each source, by its GUID: the values of its case's and its own variables."""
    variables = {_guid(v): attribute(v.get("name") or "") for v in _all(root, "Variable")}
    found: dict[str, dict[str, str]] = {}
    for case in _all(root, "Case"):
        values = _values(case, variables)
        for reference in _all(case, "SourceRef"):
            found[_key(reference.get("targetGUID") or "")] = values
    for source in _all(root, "TextSource"):
        own = _values(source, variables)
        if own:
            found[_guid(source)] = {**found.get(_guid(source), {}), **own}
    return found


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
            return archive.read(member).decode("utf-8-sig", errors="replace")
    return ""


def _positioned(text: str, selections: list[ElementTree.Element]) -> str:
    """The text with line breaks counted as the selections' positions count them."""
    plain = text.replace("\r\n", "\n")
    candidates = dict.fromkeys((text, plain, plain.replace("\n", "\r\n")))
    if len(candidates) == 1:
        return text

    def fits(candidate: str) -> int:
        score = 0
        for selection in selections:
            words = squeezed(selection.get("name") or "").rstrip(".… ")
            start, end = _place(selection)
            score += bool(words) and squeezed(candidate[start:end]).startswith(words)
        return score

    # The first of equals: as the file has it, if nothing speaks against it.
    return max(candidates, key=fits)


def _place(selection: ElementTree.Element) -> tuple[int, int]:
    start, end = selection.get("startPosition"), selection.get("endPosition")
    if start is None or end is None:
        return 0, 0
    return max(0, int(start)), max(0, int(end))


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
