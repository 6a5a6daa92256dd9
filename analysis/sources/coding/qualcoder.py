"""QualCoder: a project folder with its database ``data.qda``, old schema or new.

Versions differ in their columns (``supercid``, ``important``, ``coder_names`` are recent), so
nothing is asked for that an older project may lack. ``owner`` of a coding is the coder.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from analysis.errors import AnalystError
from analysis.sources.coding.database import opened
from analysis.sources.coding.neutral import Coded, attribute, coded, parent_of

TOOL = "QualCoder"


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
        described = _attributes(
            database.rows("attribute"), database.rows("cases"), database.rows("case_text"), sources
        )
    rows: list[dict[str, Any]] = []
    lost = moved = 0
    for coding in codings:
        if coding["fid"] not in sources or coding["cid"] not in names:
            lost += 1
            continue
        source, code = sources[coding["fid"]], names[coding["cid"]]
        fulltext = str(source.get("fulltext") or "")
        start, end = int(coding["pos0"]), int(coding["pos1"])
        text = str(coding.get("seltext") or "") or fulltext[start:end]
        moved += bool(fulltext) and fulltext[start:end] != text
        rows.append(
            {
                "source_id": source["name"],
                **described.get(coding["fid"], {}),
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
    findings = []
    if lost:
        findings.append(f"{lost} codings of a file or code that is no longer there, left out")
    if moved:
        findings.append(f"{moved} codings whose words are no longer those at their place")
    return coded(rows, codes, TOOL, findings)


def _parent(
    code: dict[str, Any], names: dict[int, dict[str, Any]], categories: dict[int, dict[str, Any]]
) -> str:
    above = code.get("supercid")
    if above and above in names:
        return str(names[above]["name"])
    category = code.get("catid")
    if category and category in categories:
        return str(categories[category]["name"])
    return parent_of(str(code["name"]))


def _attributes(
    attributes: list[dict[str, Any]],
    cases: list[dict[str, Any]],
    case_text: list[dict[str, Any]],
    sources: dict[int, dict[str, Any]],
) -> dict[int, dict[str, str]]:
    """Attributes by file: the file's own, else those of the case its text belongs to."""
    of_file: dict[int, dict[str, str]] = {}
    of_case: dict[int, dict[str, str]] = {}
    for row in attributes:
        column = attribute(str(row["name"]))
        if column and row.get("value"):
            target = of_case if row["attr_type"] == "case" else of_file
            target.setdefault(int(row["id"]), {})[column] = str(row["value"])
    known = {int(row["caseid"]) for row in cases}
    for row in case_text:
        case, file = int(row["caseid"]), int(row["fid"])
        if case in known and file in sources:
            of_file[file] = {**of_case.get(case, {}), **of_file.get(file, {})}
    return of_file


def looks_like_project(tables: set[str]) -> bool:
    """Whether a database's tables are QualCoder's."""
    return {"source", "code_name", "code_text"} <= tables
