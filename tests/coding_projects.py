"""The demonstration study's coded interviews, written in the forms of several coding tools.

Taguette's schema is that of a project made by Taguette itself (``fixtures/coding``), emptied and
filled; QualCoder's and REFI-QDA's follow their published forms.
"""

from __future__ import annotations

import shutil
import sqlite3
import uuid
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import pandas as pd

FIXTURES = Path(__file__).parent / "fixtures" / "coding"
NAMES = uuid.UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")
SCHEMAS = {
    "old": {
        "source": "id integer primary key, name text, fulltext text, mediapath text, memo text, "
        "owner text, date text",
        "code_cat": "catid integer primary key, name text, owner text, date text, memo text, "
        "supercatid integer",
        "code_name": "cid integer primary key, name text, memo text, catid integer, owner text, "
        "date text, color text",
        "code_text": "cid integer, fid integer, seltext text, pos0 integer, pos1 integer, "
        "owner text, date text, memo text",
    },
    "new": {
        "source": "id integer primary key, name text, fulltext text, mediapath text, memo text, "
        "owner text, date text, av_text_id integer, risid integer",
        "code_cat": "catid integer primary key, name text, owner text, date text, memo text, "
        "supercatid integer",
        "code_name": "cid integer primary key, name text, memo text, catid integer, owner text, "
        "date text, color text, supercid integer",
        "code_text": "ctid integer primary key, cid integer, fid integer, seltext text, "
        "pos0 integer, pos1 integer, owner text, date text, memo text, avid integer, "
        "important integer",
        "coder_names": "name text",
    },
}
CASES = {
    "cases": "caseid integer primary key, name text, memo text, owner text, date text",
    "case_text": "id integer primary key, caseid integer, fid integer, pos0 integer, "
    "pos1 integer, owner text, date text, memo text",
    "attribute": "attrid integer primary key, name text, attr_type text, value text, id integer, "
    "date text, owner text",
}


def transcripts(segments: pd.DataFrame) -> dict[str, str]:
    """Transcripts in which every passage stands at its place; words between are not kept.

    What fills the gaps takes more than one byte, so that bytes and characters differ.
    """
    texts: dict[str, str] = {}
    for source, rows in segments.groupby("source_id", sort=True):
        letters = ["é"] * (int(rows["end"].max()) + 5)
        for row in rows.itertuples():
            letters[int(row.start) : int(row.end)] = list(str(row.text))
        texts[str(source)] = "".join(letters)
    return texts


def taguette(path: Path, segments: pd.DataFrame) -> Path:
    """One project a coder, since Taguette does not keep who made a highlight."""
    shutil.copyfile(FIXTURES / "taguette.sqlite3", path)
    texts = transcripts(segments)
    with sqlite3.connect(path) as db:
        for table in ("highlight_tags", "highlights", "tags", "documents", "commands",
                      "project_members", "projects"):  # fmt: skip
            db.execute(f"DELETE FROM {table}")
        ids = {name: number for number, name in enumerate(sorted(segments["coder"].unique()), 1)}
        tags: dict[tuple[str, str], int] = {}
        for coder, project in ids.items():
            insert(db, "projects", id=project, name=coder, description="", created="2020-01-01")
            for code in sorted(segments["code"].unique()):
                tags[coder, code] = len(tags) + 1
                insert(db, "tags", id=tags[coder, code], project_id=project, path=code,
                       description="")  # fmt: skip
        documents: dict[tuple[str, str], int] = {}
        highlights: dict[tuple[str, str, int, int], int] = {}
        for row in segments.itertuples():
            coder, source, start, end = row.coder, row.source_id, int(row.start), int(row.end)
            if (coder, source) not in documents:
                documents[coder, source] = len(documents) + 1
                insert(db, "documents", id=documents[coder, source], name=f"{source}.txt",
                       description="", filename=f"{source}.txt", created="2020-01-01",
                       project_id=ids[coder], text_direction="LEFT_TO_RIGHT",
                       contents=f"<p>{escape(texts[source])}</p>")  # fmt: skip
            key = (coder, source, start, end)
            if key not in highlights:
                highlights[key] = len(highlights) + 1
                first = len(texts[source][:start].encode())
                last = len(texts[source][:end].encode())
                insert(db, "highlights", id=highlights[key], document_id=documents[coder, source],
                       start_offset=first, end_offset=last,
                       snippet=f"<p>{escape(row.text)}</p>")  # fmt: skip
            insert(db, "highlight_tags", highlight_id=highlights[key],
                   tag_id=tags[coder, row.code])  # fmt: skip
    return path


def qualcoder(
    folder: Path, segments: pd.DataFrame, people: pd.DataFrame, schema: str = "new"
) -> Path:
    """A project folder with themes as categories, and each person's attributes."""
    folder.mkdir()
    texts = transcripts(segments)
    with sqlite3.connect(folder / "data.qda") as db:
        for table, columns in (SCHEMAS[schema] | CASES).items():
            db.execute(f"CREATE TABLE {table} ({columns})")
        themes = {name: n for n, name in enumerate(sorted(segments["parent_code"].unique()), 1)}
        for name, number in themes.items():
            insert(db, "code_cat", catid=number, name=name)
        codes = {name: n for n, name in enumerate(sorted(segments["code"].unique()), 1)}
        for name, number in codes.items():
            insert(db, "code_name", cid=number, name=name, memo="", catid=themes[name[:3]])
        files = {name: n for n, name in enumerate(texts, 1)}
        for name, number in files.items():
            insert(db, "source", id=number, name=f"{name}.txt", fulltext=texts[name])
            insert(db, "cases", caseid=number, name=name)
            insert(db, "case_text", id=number, caseid=number, fid=number, pos0=0,
                   pos1=len(texts[name]))  # fmt: skip
            person = people.set_index("source_id").loc[name]
            for attribute in ("school", "role", "consent_to_quote"):
                insert(db, "attribute", name=attribute.replace("_", " ").capitalize(),
                       attr_type="case", value=person[attribute], id=number)  # fmt: skip
        for row in segments.itertuples():
            insert(db, "code_text", cid=codes[row.code], fid=files[row.source_id],
                   seltext=row.text, pos0=int(row.start), pos1=int(row.end), owner=row.coder,
                   memo=row.memo)  # fmt: skip
    return folder


def qdpx(path: Path, segments: pd.DataFrame, people: pd.DataFrame) -> Path:
    """A REFI-QDA project; GUIDs in braces and in both cases, as vendors write them."""
    texts = transcripts(segments)
    users = {name: guid(f"user {name}") for name in sorted(segments["coder"].unique())}
    lines = ['<?xml version="1.0" encoding="utf-8"?>',
             '<Project xmlns="urn:QDA-XML:project:1.0" name="synthetic" origin="test">',
             "<Users>"]  # fmt: skip
    lines += [f'<User guid="{{{g.upper()}}}" name={quoteattr(n)}/>' for n, g in users.items()]
    lines += ["</Users>", "<CodeBook><Codes>"]
    for theme, rows in segments.groupby("parent_code", sort=True):
        lines.append(
            f'<Code guid="{guid(str(theme))}" name={quoteattr(str(theme))} isCodable="false">'
        )
        lines += [f'<Code guid="{guid(c)}" name={quoteattr(c)} isCodable="true"/>'
                  for c in sorted(rows["code"].unique())]  # fmt: skip
        lines.append("</Code>")
    lines.append("</Codes></CodeBook><Variables>")
    for name in ("school", "role", "consent_to_quote"):
        lines.append(f'<Variable guid="{guid(name)}" name="{name}" typeOfVariable="Text"/>')
    lines.append("</Variables><Cases>")
    for person in people.to_dict("records"):
        lines.append(f'<Case guid="{guid("case " + person["source_id"])}">')
        for name in ("school", "role", "consent_to_quote"):
            lines.append(f'<VariableValue><VariableRef targetGUID="{guid(name).upper()}"/>'
                         f"<TextValue>{person[name]}</TextValue></VariableValue>")  # fmt: skip
        lines.append(f'<SourceRef targetGUID="{guid(person["source_id"])}"/></Case>')
    lines.append("</Cases><Sources>")
    for source, rows in segments.groupby("source_id", sort=True):
        lines.append(f'<TextSource guid="{guid(str(source))}" name="{source}" '
                     f'plainTextPath="internal://{source}.txt">')  # fmt: skip
        for place, row in enumerate(rows.itertuples()):
            lines.append(
                f'<PlainTextSelection guid="{guid(f"{source} {place}")}" '
                f"name={quoteattr(str(row.text)[:40])} "
                f'startPosition="{int(row.start)}" endPosition="{int(row.end)}" '
                f'creatingUser="{users[row.coder]}">'
                f"<Description>{escape(str(row.memo))}</Description>"
                f'<Coding guid="{guid(f"c {source} {place}")}" creatingUser="{users[row.coder]}">'
                f'<CodeRef targetGUID="{guid(row.code).upper()}"/></Coding></PlainTextSelection>'
            )
        lines.append("</TextSource>")
    lines.append("</Sources></Project>")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("project.qde", "\n".join(lines))
        for source, text in texts.items():
            archive.writestr(f"sources/{source}.txt", text)
    return path


def guid(name: str) -> str:
    """A GUID that is always the same for a name."""
    return str(uuid.uuid5(NAMES, name))


def insert(db: sqlite3.Connection, table: str, **values: object) -> None:
    """One row."""
    marks = ", ".join("?" * len(values))
    db.execute(f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks})", [*values.values()])
