"""References by CSL: Pandoc's citeproc makes them, as it does for Quarto, in the same style.

A citation in what an author wrote (``[@key]``) becomes the words that the style has for it, and what
a document cites is listed in its div ``refs``. Without a style of its own (``csl:``)
it is Pandoc's: Chicago, author and date.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pypandoc

from analysis.publish.builtin.dialect import DialectError
from analysis.publish.builtin.pandoc import API_VERSION
from analysis.publish.builtin.project import Project
from analysis.publish.builtin.reading import Document
from analysis.publish.builtin.tree import Node, Nodes, walk

#: What is referred to within the report, and not in the bibliography.
WITHIN = re.compile(r"^(tbl|fig|sec)-")
#: How Pandoc says that a key is not in the bibliography.
UNKNOWN = re.compile(r"[Cc]itation (\S+) not found")
REFS = "refs"


def cited(documents: Sequence[Document], project: Project) -> None:
    """Put the style's words in place of every citation, and the references where they belong.

    Raises
    ------
    DialectError
        If a key is not in the bibliography, or the bibliography is missing or cannot be read.
    """
    metadata = documents[0].metadata if documents else {}
    files = _listed(metadata.get("bibliography"))
    if not files:
        return
    found: list[Node] = []

    def collect(node: Node) -> None:
        if node["t"] == "Cite" and not node.get("data") and _outside(node):
            found.append(node)

    for document in documents:
        walk(document.blocks, collect)
    if not found:
        return
    inlines, references = _processed(found, files, metadata.get("csl"), project)
    made = iter(inlines)

    def put(node: Node) -> Node | Nodes | None:
        if node["t"] == "Cite" and not node.get("data") and _outside(node):
            return next(made)
        if node["t"] == "Div" and node["c"][0][0] == REFS:
            entries = [*node["c"][1], *references]
            # Without its id, by which Pandoc would take it for a list of its own making.
            return {"t": "Div", "c": [["", ["references"], []], entries]}
        return None

    for document in documents:
        document.blocks = walk(document.blocks, put)


def _outside(node: Node) -> bool:
    return not any(WITHIN.match(item["citationId"]) for item in node["c"][0])


def _listed(value: Any) -> list[str]:
    return [str(each) for each in (value if isinstance(value, list) else [value])] if value else []


def _processed(
    found: Sequence[Node], files: Sequence[str], style: Any, project: Project
) -> tuple[list[Nodes], Nodes]:
    """The words for each citation, and the entries of the list."""
    blocks: Nodes = [{"t": "Para", "c": [{"t": "Cite", "c": node["c"]}]} for node in found]
    blocks.append({"t": "Div", "c": [[REFS, [], []], []]})
    tree = {"pandoc-api-version": API_VERSION, "meta": {}, "blocks": blocks}
    command = [pypandoc.get_pandoc_path(), "-f", "json", "-t", "json", "--citeproc",
               "--metadata", f"lang={project.lang}"]  # fmt: skip
    command += [f"--bibliography={_inside(project, name)}" for name in files]
    if style:
        command.append(f"--csl={_inside(project, str(style))}")
    done = subprocess.run(command, input=json.dumps(tree).encode(), capture_output=True)
    said = done.stderr.decode("utf-8", "replace")
    if missing := UNKNOWN.search(said):
        key = missing.group(1)
        node = next(n for n in found if any(c["citationId"] == key for c in n["c"][0]))
        raise node["source"].error(f"@{key}", f"{', '.join(files)} has no entry of this name")
    if done.returncode:
        raise DialectError(files[0], None, "", f"cannot be read as references: {said.strip()}")
    *paragraphs, references = json.loads(done.stdout)["blocks"]
    return [_plain(each["c"]) for each in paragraphs], _plain(references["c"][1])


def _inside(project: Project, name: str) -> Path:
    path = project.resolve(project.root, name, project.config, name)
    if not path.is_file():
        raise project.config.error(name, "the file of references is missing")
    return path


def _plain(entries: Nodes) -> Nodes:
    """Citations and entries as words, without what only Pandoc's own writers know."""

    def action(node: Node) -> Node | Nodes | None:
        if node["t"] in ("Div", "Span", "Cite"):
            inner: Nodes = walk(node["c"][1], action)
            return inner
        return None

    plain: Nodes = walk(entries, action)
    return plain
