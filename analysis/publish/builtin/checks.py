"""Three guards between reading and structure: authors' dialect, authors' paths, cleaned data."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from analysis.publish.builtin.dialect import (
    CALLOUTS,
    ELSEWHERE,
    ELSEWHERE_TARGET,
    EQUATION_LABEL,
    EXECUTABLE,
    HAS_SCHEME,
    REFERENCE_DIV,
    SAFE_LINK,
    UNSUPPORTED_ATTRIBUTES,
    UNSUPPORTED_CLASSES,
    Source,
)
from analysis.publish.builtin.project import Project
from analysis.publish.builtin.tree import (
    Node,
    Nodes,
    attribute,
    inside,
    of_words,
    string,
    text_of,
    walk,
    words,
)

DATA_KEYS = {
    "title",
    "collapse",
    "icon",
    "when-format",
    "unless-format",
    "when-meta",
    "unless-meta",
    # Which number of the ledger a number in a text is.
    "of",
}
IDENTIFIER = re.compile(r"^[A-Za-z][A-Za-z0-9_.:-]*$")
CLASS = re.compile(r"^[A-Za-z][A-Za-z0-9_-]*$")
SOURCES = {".ipynb", ".qmd", ".yml", ".yaml", ".parquet"}
NOT_RUN = (
    "code is not run in chapters; move it into a notebook and embed its output, or bring a diagram "
    "as a picture"
)
COMMENT = re.compile(r"^\s*(<!--.*?-->\s*)+$", re.DOTALL)


def check(blocks: Nodes, source: Source) -> Nodes:
    """Stop at whatever an author wrote outside the dialect; take comments out."""

    def action(node: Node) -> Node | Nodes | None:
        kind: str = node["t"]
        content: Any = node.get("c")
        if kind in ("Div", "Span", "Header", "Link", "Image", "CodeBlock", "Code"):
            attributes = content[1] if kind == "Header" else content[0]
            _check_attributes(kind, attributes, source)
        if kind == "Code" and (match := EXECUTABLE.match(content[1])):
            raise source.error(
                content[1].split()[0],
                NOT_RUN,
                search=match.group(0).strip(),
            )
        if kind == "CodeBlock" and any(name.startswith("{") for name in content[0][1]):
            raise source.error(
                content[0][1][0],
                NOT_RUN,
            )
        if kind == "Str" and EQUATION_LABEL.match(content):
            raise source.error(
                content, "formulas have no numbers; take the label away, and refer to the section"
            )
        if kind in ("RawBlock", "RawInline"):
            return _raw(node, source)
        if kind == "Image":
            _check_image(content, source)
        if kind == "Link" and _unsafe(content[2][0]):
            raise source.error(
                text_of(content[1]), "a link must be http, https, mailto or inside the report"
            )
        if kind == "Link" and ("%7B%7B" in content[2][0] or "{{<" in content[2][0]):
            raise source.error(
                unquote(content[2][0]), "a shortcode cannot be a link's address; write it out"
            )
        if kind == "Table" and _merged_cells(content):
            raise source.error(
                text_of(content[3])[:40].strip(), "tables cannot have merged cells; repeat the text"
            )
        return None

    checked: Nodes = walk(blocks, action)
    return checked


def _unsafe(address: str) -> bool:
    return bool(HAS_SCHEME.match(address)) and not SAFE_LINK.match(address)


def _check_attributes(kind: str, attributes: list[Any], source: Source) -> None:
    identifier, classes, pairs = attributes
    for name in classes:
        if kind == "Div" and name.startswith("callout-") and name[8:] not in CALLOUTS:
            raise source.error(
                f".{name}", f"unknown callout; there are {', '.join(CALLOUTS)}", search=name
            )
        if kind in ("Div", "Span") and UNSUPPORTED_CLASSES.match(name):
            raise source.error(
                f".{name}",
                "this class is outside the dialect (docs/chapters.md); let things stand below each "
                "other, or side by side in a table",
                search=name,
            )
    for key, value in pairs:
        if UNSUPPORTED_ATTRIBUTES.match(key):
            raise source.error(
                f'{key}="{value}"',
                "this attribute is outside the dialect (docs/chapters.md); let things stand below "
                "each other, or side by side in a table"
                if key.startswith("layout")
                else "this attribute is outside the dialect (docs/chapters.md); take it away",
                key,
            )
    if kind == "Div" and REFERENCE_DIV.match(identifier):
        raise source.error(
            f"#{identifier}",
            "give the label to the image, the table's caption or the notebook cell, not to a div",
        )


def _raw(node: Node, source: Source) -> Node | Nodes | None:
    target, text = node["c"]
    if COMMENT.match(text):
        return []
    fenced = re.search(
        r"\{=" + re.escape(target) + r"\}[ \t]*\n" + re.escape(text.strip("\n")), source.text
    )
    if node["t"] == "RawBlock" and target in ("html", "typst") and fenced:
        return node
    raise source.error(
        text.strip().splitlines()[0] if text.strip() else text,
        "raw markup must stand in a block fenced as ```{=html} or ```{=typst}",
    )


def _check_image(content: list[Any], source: Source) -> None:
    attributes, inlines, (target, _) = content
    if HAS_SCHEME.match(target) or target.startswith("//"):
        raise source.error(target, "an image must be a file in the project; reports load nothing")
    alt = attribute(attributes, "fig-alt") or attribute(attributes, "alt") or text_of(inlines)
    if not alt.strip():
        raise source.error(target, "this image has no alternative text; add fig-alt")


def _merged_cells(table: list[Any]) -> bool:
    rows = [*table[3][1], *(row for body in table[4] for row in [*body[2], *body[3]]), *table[5][1]]
    return any(cell[2] != 1 or cell[3] != 1 for row in rows for cell in row[1])


def locate(blocks: Nodes, project: Project, source: Source, document_folder: Path) -> Nodes:
    """Turn the paths authors wrote into paths from the project's root, and check the files.

    References carry their source along, since what they point at is known only later.
    """

    def find(target: str, search: str) -> Path:
        path = project.resolve(source.folder, target, source, search)
        if not path.is_file():
            other = project.resolve(document_folder, target, source, search)
            path = other if other.is_file() else path
        if not path.is_file():
            raise source.error(search, "this file is missing", search)
        return path

    def action(node: Node) -> Node | Nodes | None:
        if "source" in node:
            return None
        if node["t"] == "Cite":
            return {**node, "source": source}
        if node["t"] == "Image":
            attributes, inlines, (target, title) = node["c"]
            name = project.name_of(find(unquote(target), target))
            return {"t": "Image", "c": [attributes, inlines, [name, title]], "source": source}
        if node["t"] == "Link":
            attributes, inlines, (target, title) = node["c"]
            inlines = walk(inlines, action)
            elsewhere = ELSEWHERE in attributes[1] and ELSEWHERE_TARGET.fullmatch(target)
            if not HAS_SCHEME.match(target) and not elsewhere:
                path, mark, fragment = unquote(target).partition("#")
                if path:
                    name = project.name_of(find(path, path))
                    is_page = any(chapter.path == name for chapter in project.chapters)
                    if not is_page and Path(name).suffix in SOURCES:
                        raise source.error(path, "only chapters and finished files can be linked")
                    target = f"{'page' if is_page else 'file'}:{name}{mark}{fragment}"
                else:
                    target = f"#{fragment}"
            return {"t": "Link", "c": [attributes, inlines, [target, title]], "source": source}
        return None

    located: Nodes = walk(blocks, action)
    return located


def clean(blocks: Nodes) -> Nodes:
    """Make a tree that came from data harmless: only known attributes, safe links, no images.

    What is taken away as markup stays as the characters somebody typed.
    """

    def action(node: Node) -> Node | Nodes | None:
        kind: str = node["t"]
        content: Any = node.get("c")
        if kind in ("RawBlock", "RawInline"):
            return (
                string(content[1])
                if kind == "RawInline"
                else {
                    "t": "Para",
                    "c": words(content[1]),
                }
            )
        if kind == "Cite":
            return {"t": "Cite", "c": [content[0], walk(content[1], action)], "data": True}
        if kind == "Image":
            return words(f"![{text_of(content[1])}]({content[2][0]})")
        if kind == "Figure":
            inner: Nodes = walk(content[2], action)
            return inner
        if kind == "Link":
            target = content[2][0]
            if SAFE_LINK.match(target) or re.match(r"^#[\w.:-]+$", target):
                attributes = _cleaned(content[0])
                return {
                    "t": "Link",
                    "c": [attributes, walk(content[1], action), [target, ""]],
                    "data": True,
                }
            shown = walk(content[1], action)
            return [string("["), *shown, string("]("), *words(target), string(")")]
        if kind in ("Div", "Span", "Code", "CodeBlock", "Table"):
            rebuilt = inside(node, action)
            content = [_cleaned(content[0]), *rebuilt["c"][1:]]
            return {**rebuilt, "c": of_words(content) if kind == "Table" else content}
        if kind == "Header":
            return {**node, "c": [content[0], _cleaned(content[1]), walk(content[2], action)]}
        return None

    cleaned: Nodes = walk(blocks, action)
    return cleaned


def _cleaned(attributes: list[Any]) -> list[Any]:
    identifier, classes, pairs = attributes
    return [
        identifier if IDENTIFIER.match(identifier) else "",
        [name for name in classes if CLASS.match(name)],
        [[key, value] for key, value in pairs if key in DATA_KEYS],
    ]
