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
    "passage",
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
#: Endings of recordings and pictures, which tools leave in the names of transcripts.
RECORDINGS = frozenset(
    {".mp3", ".m4a", ".wav", ".ogg", ".wma", ".aac", ".mp4", ".mov", ".avi", ".mkv", ".webm"}
    | {".jpg", ".jpeg", ".png", ".transcribed"}
)


@dataclass(frozen=True)
class Coded:
    """Coded text from one tool.

    ``segments`` has :data:`COLUMNS`; ``start`` and ``end`` count characters and are missing
    where the tool does not say: there ``passage`` holds the tool's number of the passage, if it
    has any, so that the same words said twice stay two. Where one person spoke in several
    documents, positions in the second count on from the end of the first. ``codes`` has ``code``, ``parent_code`` and ``description``,
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
    listed = list(rows)
    frame = pd.DataFrame(
        [{column: row.get(column, "") for column in COLUMNS} for row in listed],
        columns=list(COLUMNS),
    )
    for column in COLUMNS:
        if column in ("start", "end"):
            frame[column] = pd.to_numeric(frame[column], errors="coerce").astype("float64")
        else:
            frame[column] = frame[column].fillna("").astype("str").str.strip()
    frame["source_id"] = frame["source_id"].map(source_of)
    frame["passage"] = frame["passage"].where(frame["start"].isna(), "")
    _one_after_the_other(frame, [str(row.get("document", "")) for row in listed])
    frame = frame.sort_values(
        ["source_id", "coder", "start", "end", "code"], kind="stable", ignore_index=True
    )
    known = pd.DataFrame(list(codes), columns=["code", "parent_code", "description"]).astype("str")
    known = known.drop_duplicates("code").sort_values("code", ignore_index=True)
    return Coded(frame, known, tool, tuple(findings))


def _one_after_the_other(frame: pd.DataFrame, documents: list[str]) -> None:
    """Move the positions of a person's further documents behind those of the first."""
    where = pd.Series(documents, index=frame.index, dtype="str")
    several = where.groupby(frame["source_id"]).transform("nunique") > 1
    for _, places in where[several].groupby(frame["source_id"], sort=False):
        behind = 0.0
        for _, document in places.groupby(places, sort=True):
            here = frame.loc[document.index, ["start", "end"]] + behind
            frame.loc[document.index, ["start", "end"]] = here
            last = here["end"].max()
            behind = last + 1 if last == last else behind


def source_of(name: str) -> str:
    """The source a document's name stands for: ``I01.txt`` is ``I01``, ``I01.mp3.txt`` too."""
    found = name.strip()
    path = PurePosixPath(found.replace("\\", "/"))
    while path.suffix.lower() in ENDINGS | RECORDINGS and path.stem:
        path = PurePosixPath(found := path.stem)
    return found


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
