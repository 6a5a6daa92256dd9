"""Coded text in spreadsheets: NVivo, ATLAS.ti, QualCoder and plain tables.

A spreadsheet has one row for each coded passage. Headings differ by tool; each is looked up in
:data:`HEADINGS`. A matrix of counts (codes by cases, as NVivo makes it) has no passages and is
refused: its numbers may be passages, cases or words, and people cannot be counted from them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.errors import AnalystError
from analysis.sources.coding.left_out import counted
from analysis.sources.coding.neutral import Coded, attribute, coded, parent_of
from analysis.sources.coding.sheet import table

#: Heading (lower case, without marks) -> column of the neutral table.
HEADINGS: Mapping[str, str] = {
    # plain
    "source": "source_id",
    "interview": "source_id",
    "person": "source_id",
    "code": "code",
    "parent": "parent_code",
    "parent code": "parent_code",
    "start": "start",
    "end": "end",
    "text": "text",
    "memo": "memo",
    "coder": "coder",
    "consent to quote": "consent_to_quote",
    # ATLAS.ti quotation list
    "document": "source_id",
    "document name": "source_id",
    "quotation content": "text",
    "quotation text": "text",
    "codes": "codes",
    "comment": "memo",
    "created by": "coder",
    "author": "coder",
    "start position": "start",
    "end position": "end",
    "id": "passage",
    "quotation id": "passage",
    # MAXQDA: retrieved segments; where they begin and end counts paragraphs (or seconds, or cells)
    "begin": "passage",
    "beginning": "passage",
    "segment": "text",
    "coded segment": "text",
    "modified by": "coder",
    # NVivo coding summary
    "file name": "source_id",
    "filename": "source_id",
    "file": "source_id",
    "source name": "source_id",
    "case": "source_id",
    "code name": "code",
    "codename": "code",
    "node": "code",
    "node name": "code",
    "coded text": "text",
    "coded": "text",
    "reference text": "text",
    "content": "text",
    "coded by": "coder",
    "coded by name": "coder",
    "coded by initials": "",
    "coded memo": "memo",
    "category": "parent_code",
    # MAXQDA in German
    "dokumentname": "source_id",
    "dokument": "source_id",
    "anfang": "passage",
    "erstellt von": "coder",
    "bearbeitet von": "coder",
    "kommentar": "memo",
}
#: The number that ATLAS.ti puts before a document's name: "D 12: I01".
NUMBERED = re.compile(r"^D ?\d+: ?")


def read(path: Path, coder: str = "") -> Coded:
    """A spreadsheet or CSV of coded passages.

    Raises
    ------
    AnalystError
        If it has no column for the source, the code or the passage, or is a matrix of counts.
    """
    frame = table(path)
    columns = columns_of([str(name) for name in frame.columns])
    taken = set(columns.values())
    missing = [
        words
        for words, names in (
            ("who spoke (source_id, document, file)", {"source_id"}),
            ("the code", {"code", "codes"}),
            ("the passage (text, quotation content, coded text)", {"text"}),
        )
        if not names & taken
    ]
    if missing:
        matrix = _looks_like_matrix(frame)
        raise AnalystError(
            f"{path.name} "
            + (
                "is a matrix of counts; people cannot be counted from it."
                if matrix
                else f"has no column for {missing[0]}; it has {', '.join(map(str, frame.columns))}."
            ),
            where=f"{path}, row 1",
            fix="Export the coded passages (a coding summary or quotation list), or .qdpx.",
        )
    rows: list[dict[str, Any]] = []
    uncoded = unnamed = 0
    cells = frame[list(columns)].to_numpy(dtype=object).tolist()
    for record in cells:
        said = {c: str(cell).strip() for c, cell in zip(columns.values(), record, strict=True)}
        row: dict[str, Any] = {"coder": coder} | {c: cell for c, cell in said.items() if cell}
        row["source_id"] = NUMBERED.sub("", row.get("source_id", ""))
        names = _split(row.pop("codes")) if "codes" in row else [row.get("code", "")]
        names = list(filter(None, names))
        if not names:
            uncoded += 1
            continue
        if not row.get("source_id"):
            unnamed += len(names)
            continue
        for name in names:
            above = row.get("parent_code") or parent_of(name)
            rows.append({**row, "code": name, "parent_code": above})
    codes = [
        {"code": row["code"], "parent_code": row["parent_code"], "description": ""} for row in rows
    ]
    findings = counted(unnamed, "coding of a row that does not say who spoke: left out",
                       "codings of rows that do not say who spoke: left out")  # fmt: skip
    findings += counted(uncoded, "row without a code, left out", "rows without a code, left out")
    return coded(rows, codes, "spreadsheet", findings)


def rows_of(path: Path, people: Collection[str]) -> list[int]:
    """The rows of the file that name some people as their source."""
    frame = table(path)
    heading = next(
        (name for name, column in columns_of(list(frame.columns)).items() if column == "source_id"),
        None,
    )
    if heading is None:
        return []
    said = frame[heading].str.strip().str.replace(NUMBERED, "", regex=True)
    return [int(row) for row in frame.index[said.isin(list(people))]]


def columns_of(headings: list[str]) -> dict[str, str]:
    """Which column of the neutral table each heading fills; the first of equals."""
    found: dict[str, str] = {}
    for heading in headings:
        # Duplicate headings (one a level) are numbered by the reader.
        words = " ".join(re.sub(r"[^a-z0-9]+", " ", heading.lower()).split())
        column = attribute(words.replace("filevar ", "").replace("casevar ", ""))
        column = column or HEADINGS.get(words, "")
        if column and column not in found.values():
            found[heading] = column
    if "start" not in found.values():
        # MAXQDA's End counts paragraphs, as its Begin does; an end alone is no place.
        found = {heading: column for heading, column in found.items() if column != "end"}
    return found


def _split(cell: str) -> list[str]:
    """The codes of one quotation, as ATLAS.ti lists them: by line or semicolon."""
    return [part.strip() for part in re.split(r"[\n;]+", cell) if part.strip()]


def _looks_like_matrix(frame: pd.DataFrame) -> bool:
    body = frame.iloc[:, 1:]
    if body.empty:
        return False
    return bool(body.apply(lambda column: column.str.fullmatch(r"\d*")).all(axis=None))
