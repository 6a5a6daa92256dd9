"""Pandoc's syntax tree as plain dictionaries: building nodes, walking, reading text out of them.

Besides Pandoc's own nodes some of ours live in the tree between reading and writing: ``Put``
(finished content set aside), ``Float`` (a captioned table or figure), ``Plot`` (one figure in
both its forms), ``Callout``, ``Tabset``, ``Quotation``, ``KeyFigures`` and ``PageBreak``. Each
format turns them into its own markup before Pandoc writes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Node = dict[str, Any]
Nodes = list[Node]
Action = Callable[[Node], "Node | Nodes | None"]

INLINE_TYPES = {
    *("Str", "Space", "SoftBreak", "LineBreak", "Quoted", "Cite", "Code", "Math", "RawInline"),
    *("Emph", "Underline", "Strong", "Strikeout", "Superscript", "Subscript", "SmallCaps"),
    *("Link", "Image", "Note", "Span"),
}


class Words(list[Any]):
    """Of a table: a cell's blocks, or a row, in which nothing but words stands.

    Most of a report's tables. No pass over a tree that came from data changes words, so none goes
    down there (:func:`of_words` marks them once).
    """


def walk(value: Any, action: Action) -> Any:
    """Rebuild a tree. ``action`` gives None to descend, or what stands in the node's place.

    What an action returns is not walked again: it decides itself how far to go down.
    """
    if isinstance(value, dict):
        return {key: walk(part, action) for key, part in value.items()}
    if not isinstance(value, list):
        return value
    rebuilt: list[Any] = []
    for item in value:
        # Types are asked for in the cheapest way: this runs for every word of a report.
        kind = type(item)
        if kind is dict and "t" in item:
            result = action(item)
            if result is None:
                rebuilt.append(inside(item, action))
            elif isinstance(result, list):
                rebuilt.extend(result)
            else:
                rebuilt.append(result)
        elif kind is list or kind is dict:
            rebuilt.append(walk(item, action))
        else:
            rebuilt.append(item)
    return rebuilt


def inside(node: Node, action: Action) -> Node:
    """A node rebuilt with everything in it walked, but not the node itself."""
    content = node.get("c", "")
    if type(content) is str and len(node) < 3:
        return node  # words or a space: most of any tree
    if node["t"] == "Table":
        return {**node, "c": _table(content, action)}
    return {
        key: walk(part, action) if type(part) in (list, dict) else part
        for key, part in node.items()
    }


def _table(content: list[Any], action: Action) -> list[Any]:
    """A table's content. Only its caption and its cells hold nodes; the rest is most of it."""

    def cell(found: list[Any]) -> list[Any]:
        return found if type(found[4]) is Words else [*found[:4], walk(found[4], action)]

    def row(found: list[Any]) -> list[Any]:
        return found if type(found) is Words else [found[0], [cell(each) for each in found[1]]]

    own, (short, caption), *rest = content
    return [own, [short, walk(caption, action)], *_rows(rest, row)]


def of_words(table: list[Any]) -> list[Any]:
    """A table's content with its cells and rows of words marked as such."""

    def cell(found: list[Any]) -> list[Any]:
        return [*found[:4], Words(found[4])] if is_words(found[4]) else found

    def row(found: list[Any]) -> list[Any]:
        cells = [cell(each) for each in found[1]]
        words = all(type(each[4]) is Words for each in cells)
        return Words([found[0], cells]) if words else [found[0], cells]

    return [*table[:2], *_rows(table[2:], row)]


def _rows(rest: list[Any], row: Callable[[list[Any]], list[Any]]) -> list[Any]:
    """What comes after a table's caption, with every row changed."""
    columns, (head, headings), bodies, (foot, totals) = rest
    return [
        columns,
        [head, [row(each) for each in headings]],
        [
            [body, first, [row(each) for each in above], [row(each) for each in below]]
            for body, first, above, below in bodies
        ],
        [foot, [row(each) for each in totals]],
    ]


def is_words(blocks: Nodes) -> bool:
    """Whether blocks are one paragraph of words, or nothing."""
    return not blocks or (
        len(blocks) == 1
        and blocks[0]["t"] in ("Plain", "Para")
        and all(inline["t"] in ("Str", "Space", "SoftBreak") for inline in blocks[0]["c"])
    )


def is_inline_list(value: Any) -> bool:
    """Whether a list holds inlines (text), as against blocks or anything else."""
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(item, dict) and item.get("t") in INLINE_TYPES for item in value)
    )


def map_inline_lists(value: Any, change: Callable[[Nodes], Nodes]) -> Any:
    """Rebuild a tree with ``change`` applied to every run of inlines, outermost first."""
    if is_inline_list(value):
        value = change(value)
    if isinstance(value, list):
        return [map_inline_lists(item, change) for item in value]
    if isinstance(value, dict):
        return {key: map_inline_lists(part, change) for key, part in value.items()}
    return value


def text_of(value: Any) -> str:
    """The words of a tree, without markup and without footnotes."""
    if isinstance(value, list):
        return "".join(text_of(item) for item in value)
    if not isinstance(value, dict):
        return ""
    kind = value.get("t")
    content: Any = value.get("c")
    if kind == "Str":
        return str(content)
    if kind in ("Space", "SoftBreak", "LineBreak"):
        return " "
    if kind in ("Code", "Math"):
        return str(content[1])
    if kind == "Quoted":
        left, right = ("‘", "’") if content[0]["t"] == "SingleQuote" else ("“", "”")
        return left + text_of(content[1]) + right
    if kind in ("Note", "RawInline", "RawBlock"):
        return ""
    if kind in ("Link", "Image", "Span", "Cite"):
        return text_of(content[1])
    if kind == "Header":
        return text_of(content[2])
    if kind in ("Para", "Plain"):
        return text_of(content) + " "
    return text_of(content)


def words(text: str) -> Nodes:
    """Plain text as inlines."""
    inlines: Nodes = []
    for index, word in enumerate(text.split(" ")):
        if index:
            inlines.append({"t": "Space"})
        if word:
            inlines.append({"t": "Str", "c": word})
    return inlines


def string(text: str) -> Node:
    return {"t": "Str", "c": text}


def para(inlines: Nodes) -> Node:
    return {"t": "Para", "c": inlines}


def plain(inlines: Nodes) -> Node:
    return {"t": "Plain", "c": inlines}


def raw_block(target: str, text: str) -> Node:
    return {"t": "RawBlock", "c": [target, text]}


def raw_inline(target: str, text: str) -> Node:
    return {"t": "RawInline", "c": [target, text]}


def span(classes: list[str], inlines: Nodes) -> Node:
    return {"t": "Span", "c": [["", classes, []], inlines]}


def div(classes: list[str], blocks: Nodes) -> Node:
    return {"t": "Div", "c": [["", classes, []], blocks]}


def link(inlines: Nodes, target: str, classes: list[str] | None = None) -> Node:
    return {"t": "Link", "c": [["", classes or [], []], inlines, [target, ""]]}


def attribute(attributes: list[Any], key: str) -> str | None:
    """One key's value out of Pandoc's ``[id, classes, pairs]``."""
    for name, value in attributes[2]:
        if name == key:
            return str(value)
    return None
