"""Taguette: a project's SQLite file, its exported highlights, its codebook.

Offsets in a Taguette project count bytes of the document's text in UTF-8, without its HTML;
here they become characters. Taguette does not say who made a highlight: where several people
coded, each has a project of their own, and the study file says whose it is.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.errors import AnalystError
from analysis.sources.coding.database import opened
from analysis.sources.coding.left_out import LeftOut, counted
from analysis.sources.coding.neutral import Coded, coded, parent_of, source_of, squeezed
from analysis.sources.coding.sheet import table
from analysis.sources.coding.speakers import UNNAMED

TOOL = "Taguette"
HIGHLIGHTS = ("id", "document", "tag", "content")
CODEBOOK = ("tag", "description")
GONE = "of a document or tag that is no longer there"
UNTAGGED = ("highlight without a tag, left out", "highlights without a tag, left out")


def read_project(path: Path, project: str = "", coder: str = "") -> Coded:
    """A project from Taguette's database.

    Parameters
    ----------
    path
        ``taguette.sqlite3``, or a project exported as SQLite.
    project
        Name of the project; needed only where the database holds several.
    coder
        Who coded it.
    """
    with opened(path, TOOL) as database:
        wanted = _project(path, database.rows("projects"), project)
        documents = {
            row["id"]: row for row in database.rows("documents") if row["project_id"] == wanted
        }
        tags = {row["id"]: row for row in database.rows("tags") if row["project_id"] == wanted}
        tagged: dict[int, list[int]] = {}
        for row in database.rows("highlight_tags"):
            tagged.setdefault(row["highlight_id"], []).append(row["tag_id"])
        everywhere = {row["id"] for row in database.rows("documents")}
        highlights = database.rows("highlights")
    left_out = LeftOut()
    left_out.add(
        GONE,
        count=sum(
            bool(tagged.get(r["id"])) for r in highlights if r["document_id"] not in everywhere
        ),
    )
    highlights = [row for row in highlights if row["document_id"] in documents]
    texts = {key: text_of(str(row["contents"])) for key, row in documents.items()}
    rows: list[dict[str, Any]] = []
    untagged = moved = 0
    for highlight in highlights:
        document = documents[highlight["document_id"]]
        text = texts[highlight["document_id"]]
        start, end = (_characters(text, highlight[f"{edge}_offset"]) for edge in ("start", "end"))
        words = text_of(str(highlight["snippet"] or ""))
        if words and squeezed(words) != squeezed(text[start:end]):
            moved += 1
        passage = text[start:end]
        # Space at the edges of a highlight is the mouse's, not the speaker's.
        start += len(passage) - len(passage.lstrip())
        end = start + len(passage.strip())
        untagged += highlight["id"] not in tagged
        for tag in tagged.get(highlight["id"], []):
            if tag not in tags:
                left_out.add(GONE, source_of(str(document["name"])))
                continue
            if not str(document["name"]).strip():
                left_out.add(UNNAMED)
                continue
            name = str(tags[tag]["path"])
            rows.append(
                {
                    "source_id": document["name"],
                    "document": str(document["id"]),
                    "coder": coder,
                    "code": name,
                    "parent_code": parent_of(name),
                    "start": start,
                    "end": end,
                    "text": text[start:end],
                }
            )
    findings = left_out.findings(source_of(str(row["source_id"])) for row in rows)
    findings += counted(untagged, *UNTAGGED)
    findings += counted(
        moved,
        "highlight whose words are no longer those at its place",
        "highlights whose words are no longer those at their place",
    )
    codes = [_code(str(tag["path"]), str(tag["description"] or "")) for tag in tags.values()]
    return coded(rows, codes, TOOL, findings)


def read_highlights(path: Path, coder: str = "") -> Coded:
    """Highlights exported as CSV or XLSX: one row for each tag of each highlight, no offsets."""
    frame = table(path)
    _need(frame, HIGHLIGHTS, path)
    untagged = int((frame["tag"] == "").sum())
    left_out = LeftOut()
    left_out.add(UNNAMED, count=int(((frame["tag"] != "") & (frame["document"] == "")).sum()))
    rows = [
        {
            "source_id": row["document"],
            "coder": coder,
            "code": row["tag"],
            "parent_code": parent_of(row["tag"]),
            "text": row["content"],
            "passage": row["id"],
        }
        for row in frame.to_dict("records")
        if row["tag"] and row["document"]
    ]
    codes = [_code(name, "") for name in dict.fromkeys(str(row["code"]) for row in rows)]
    findings = left_out.findings(str(row["source_id"]) for row in rows)
    return coded(rows, codes, TOOL, findings + counted(untagged, *UNTAGGED))


def read_codebook(path: Path) -> pd.DataFrame:
    """A codebook exported as CSV or XLSX: ``code``, ``parent_code``, ``description``."""
    frame = table(path)
    _need(frame, CODEBOOK, path)
    return pd.DataFrame([_code(r["tag"], r["description"]) for r in frame.to_dict("records")])


def text_of(html: str) -> str:
    """The text of a document's HTML, as Taguette counts it."""
    parser = _Text()
    parser.feed(html)
    parser.close()
    return "".join(parser.pieces)


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._skipped = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._skipped += tag in ("script", "style", "head")

    def handle_endtag(self, tag: str) -> None:
        self._skipped -= tag in ("script", "style", "head") and self._skipped > 0

    def handle_data(self, data: str) -> None:
        if not self._skipped:
            # As every HTML parser does; offsets count one byte for a line break.
            self.pieces.append(data.replace("\r\n", "\n").replace("\r", "\n"))


def _characters(text: str, offset: int) -> int:
    """How many characters the first ``offset`` bytes hold."""
    return len(text.encode("utf-8")[: max(0, int(offset))].decode("utf-8", errors="ignore"))


def _project(path: Path, projects: list[dict[str, Any]], name: str) -> int:
    found = [row for row in projects if not name or row["name"] == name]
    if len(found) != 1:
        names = ", ".join(f"'{row['name']}'" for row in projects) or "none"
        what = f"no single project '{name}'" if name else "several projects, or none"
        raise AnalystError(
            f"{path.name} holds {what}; it holds {names}.",
            where=str(path),
            fix="Give the project's name as 'project' under coded_text in study.yaml.",
        )
    return int(found[0]["id"])


def _need(frame: pd.DataFrame, columns: tuple[str, ...], path: Path) -> None:
    missing = [column for column in columns if column not in frame]
    if missing:
        raise AnalystError(
            f"{path.name} lacks the column {missing[0]} of an export from {TOOL}.",
            where=f"{path}, row 1",
            fix="Export it again, and do not change its headings.",
        )


def _code(name: str, description: str) -> dict[str, str]:
    return {"code": name, "parent_code": parent_of(name), "description": description}


def looks_like_project(tables: set[str]) -> bool:
    """Whether a database's tables are Taguette's."""
    return {"projects", "documents", "highlights", "highlight_tags", "tags"} <= tables


def looks_like_highlights(columns: list[str]) -> bool:
    """Whether a table's headings are those of exported highlights."""
    return [re.sub(r"\W", "", column.lower()) for column in columns[:4]] == list(HIGHLIGHTS)
