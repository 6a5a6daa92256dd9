"""The one table that every coding tool's export is read into."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

import pandas as pd

#: Columns of the table: one row for each code on each passage by each coder.
COLUMNS = (
    "source_id",
    "school",
    "role",
    "wave",
    "coder",
    "code",
    "parent_code",
    "start",
    "end",
    "text",
    "memo",
    "consent_to_quote",
)
#: What tools call the attributes of a source or case that the table has columns for.
ATTRIBUTES: Mapping[str, str] = {
    "source_id": "source_id",
    "school": "school",
    "role": "role",
    "wave": "wave",
    "consent_to_quote": "consent_to_quote",
    "consent": "consent_to_quote",
    "quotable": "consent_to_quote",
}
#: Endings that name a file's form and not the person interviewed.
ENDINGS = frozenset({".txt", ".md", ".html", ".htm", ".docx", ".odt", ".rtf", ".pdf", ".doc"})


@dataclass(frozen=True)
class Coded:
    """Coded text from one tool.

    ``segments`` has :data:`COLUMNS`; ``start`` and ``end`` count characters and are missing
    where the tool does not say. ``codes`` has ``code``, ``parent_code`` and ``description``,
    used or not. ``findings`` says in words what was left out or looked odd, without a word of
    the text itself.
    """

    segments: pd.DataFrame
    codes: pd.DataFrame
    tool: str
    findings: tuple[str, ...] = field(default_factory=tuple)


def coded(
    rows: Iterable[Mapping[str, Any]],
    codes: Iterable[Mapping[str, str]],
    tool: str,
    findings: Iterable[str] = (),
) -> Coded:
    """Rows and codes as :class:`Coded`, in a fixed order whatever the tool's order was.

    A passage that stands twice under one code by one coder stays twice: prepare sets the second
    aside, and counts it.
    """
    listed = [{column: row.get(column, "") for column in COLUMNS} for row in rows]
    frame = pd.DataFrame(listed, columns=list(COLUMNS))
    for column in COLUMNS:
        if column in ("start", "end"):
            frame[column] = pd.to_numeric(frame[column], errors="coerce").astype("float64")
        else:
            frame[column] = frame[column].fillna("").astype("str").str.strip()
    frame["source_id"] = frame["source_id"].map(source_of)
    frame = frame.sort_values(
        ["source_id", "coder", "start", "end", "code"], kind="stable", ignore_index=True
    )
    known = pd.DataFrame(list(codes), columns=["code", "parent_code", "description"]).astype("str")
    known = known.drop_duplicates("code").sort_values("code", ignore_index=True)
    return Coded(frame, known, tool, tuple(findings))


def source_of(name: str) -> str:
    """The source a document's name stands for: ``I01.txt`` is ``I01``."""
    path = PurePosixPath(name.strip().replace("\\", "/"))
    return path.stem if path.suffix.lower() in ENDINGS else name.strip()


def attribute(name: str) -> str | None:
    """The column that a tool's attribute belongs in, whatever its case and spacing."""
    return ATTRIBUTES.get("_".join(name.lower().replace("-", " ").split()))


def parent_of(path: str) -> str:
    """The parent in a code's name where the hierarchy is in the name: ``THEME`` of ``THEME.01``."""
    for separator in ("\\", ".", "/", ">"):
        front, found, _ = path.rpartition(separator)
        if found:
            return front.strip()
    return ""


def squeezed(text: str) -> str:
    """Text with every run of white space as one space, for comparing."""
    return " ".join(text.split())
