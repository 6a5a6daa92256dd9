"""QualCoder: a project folder with its database ``data.qda``, old schema or new.

Versions differ in their columns (``supercid``, ``important``, ``coder_names`` are recent), so
nothing is asked for that an older project may lack. ``owner`` of a coding is the coder. Positions
are those of its text window, which counts in UTF-16; codings of audio, video, pictures and areas
of PDF pages hold no words and are counted.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from analysis.errors import AnalystError
from analysis.sources.coding.database import opened
from analysis.sources.coding.left_out import NO_TEXT, LeftOut, counted
from analysis.sources.coding.neutral import Coded, attribute, coded, parent_of, source_of
from analysis.sources.coding.positions import Positions, fitted
from analysis.sources.coding.speakers import UNNAMED, Case, Speakers, trimmed

TOOL = "QualCoder"
GONE = "of a file or code that is no longer there"
Row = dict[str, Any]


def read(path: Path) -> Coded:
    """A project, given its folder or the database inside it."""
    found = path / "data.qda" if path.is_dir() else path
    if not found.exists():
        raise AnalystError(
            f"{path.name} holds no data.qda.",
            where=str(path),
            fix="Name the project's folder (it ends in .qda) or the data.qda inside it.",
        )
    with opened(found, TOOL) as database:
        sources = {row["id"]: row for row in database.rows("source")}
        names = {row["cid"]: row for row in database.rows("code_name")}
        categories = {row["catid"]: row for row in database.rows("code_cat")}
        codings = database.rows("code_text")
        others = {"av": database.rows("code_av"), "image": database.rows("code_image")}
        attributes = database.rows("attribute")
        cases = database.rows("cases")
        case_text = database.rows("case_text")
    left_out = LeftOut()
    for kind, unread in others.items():
        for row in unread:
            left_out.add(NO_TEXT[kind], _name(sources.get(row.get("id"), {})))
    texts = {key: _positions(source, codings) for key, source in sources.items()}
    speakers = _speakers(attributes, cases, case_text, texts)
    rows: list[Row] = []
    moved = 0
    for coding in codings:
        if coding["fid"] not in sources or coding["cid"] not in names:
            left_out.add(GONE, _name(sources.get(coding["fid"], {})))
            continue
        source, code, at = sources[coding["fid"]], names[coding["cid"]], texts[coding["fid"]]
        start, end = at.place(int(coding["pos0"] or 0), int(coding["pos1"] or 0))
        text = str(coding.get("seltext") or "") or at.text[start:end]
        moved += bool(at.text) and at.text[start:end] != text
        here = speakers[coding["fid"]]
        who = here.at(*trimmed(at.text, start, end))
        if not isinstance(who, str):
            who = {"source_id": _name(source) or here.name} | who
            who = who if who["source_id"] else UNNAMED
        if isinstance(who, str):
            left_out.add(who, _name(source))
            continue
        rows.append(
            {
                **who,
                "document": str(coding["fid"]),
                "coder": coding.get("owner") or "",
                "code": code["name"],
                "parent_code": _parent(code, names, categories),
                "start": start,
                "end": end,
                "text": text,
                "memo": coding.get("memo") or "",
            }
        )
    codes = [
        {
            "code": str(code["name"]),
            "parent_code": _parent(code, names, categories),
            "description": str(code.get("memo") or ""),
        }
        for code in names.values()
    ]
    findings = left_out.findings(_name(sources[int(row["document"])]) for row in rows)
    findings += counted(
        moved,
        "coding whose words are no longer those at its place",
        "codings whose words are no longer those at their place",
    )
    return coded(rows, codes, TOOL, findings)


def _name(source: Row) -> str:
    return source_of(str(source.get("name") or ""))


def _positions(source: Row, codings: list[Row]) -> Positions:
    return fitted(
        str(source.get("fulltext") or ""),
        [
            (int(row["pos0"] or 0), int(row["pos1"] or 0), str(row.get("seltext") or ""))
            for row in codings
            if row["fid"] == source["id"]
        ],
    )


def _parent(code: Row, names: dict[int, Row], categories: dict[int, Row]) -> str:
    above = code.get("supercid")
    if above and above in names:
        return str(names[above]["name"])
    category = code.get("catid")
    if category and category in categories:
        return str(categories[category]["name"])
    return parent_of(str(code["name"]))


def _speakers(
    attributes: list[Row],
    cases: list[Row],
    case_text: list[Row],
    texts: dict[int, Positions],
) -> dict[int, Speakers]:
    """Who speaks where in each file, and what is known of them."""
    of_file: dict[int, dict[str, str]] = {}
    of_case: dict[int, dict[str, str]] = {}
    for row in attributes:
        column = attribute(str(row["name"]))
        if column and row.get("value"):
            target = of_case if row["attr_type"] == "case" else of_file
            target.setdefault(int(row["id"]), {})[column] = str(row["value"])
    known = {
        int(row["caseid"]): Case(
            str(row["caseid"]), str(row.get("name") or ""), of_case.get(int(row["caseid"]), {})
        )
        for row in cases
    }
    speakers = {file: Speakers(of_file.get(file, {})) for file in texts}
    for row in case_text:
        case, file = known.get(int(row["caseid"])), int(row["fid"])
        if case is not None and file in texts:
            at = texts[file]
            start, end = at.place(int(row.get("pos0") or 0), int(row.get("pos1") or 0))
            speakers[file].add(case, start, end, at.text if end else "")
    return speakers


def looks_like_project(tables: set[str]) -> bool:
    """Whether a database's tables are QualCoder's."""
    return {"source", "code_name", "code_text"} <= tables
