"""Find the report's own building blocks in a tree: callouts, tabsets, quotations, floats."""

from __future__ import annotations

from typing import Any

from analysis.language import gettext
from analysis.publish.builtin.dialect import CALLOUTS, Source
from analysis.publish.builtin.tree import Node, Nodes, attribute, walk, words


def structure(blocks: Nodes, source: Source) -> Nodes:
    """Rebuild a tree with ``Callout``, ``Tabset``, ``Quotation``, ``KeyFigures``, ``Float``."""

    def action(node: Node) -> Node | Nodes | None:
        kind: str = node["t"]
        content: Any = node.get("c")
        if kind == "Float":
            # A table in a labelled cell takes the cell's caption and needs no second frame.
            inner = [
                part if part["t"] == "Table" else walk([part], action) for part in node["blocks"]
            ]
            return {**node, "blocks": _flat(inner)}
        if kind == "Table" and content is not None:
            return _table(node)
        if kind == "Figure" and content is not None:
            return _figure(content)
        if kind != "Div" or content is None:
            return None
        attributes, children = content
        classes = attributes[1]
        callout = next((name[8:] for name in classes if name[8:] in CALLOUTS), None)
        if callout is not None and f"callout-{callout}" in classes:
            return _callout(callout, attributes, children, source)
        if "panel-tabset" in classes:
            return _tabset(children, source)
        if "quotation" in classes:
            return _quotation(walk(children, action))
        if "key-figures" in classes:
            return _key_figures(children, source)
        return None

    structured: Nodes = walk(blocks, action)
    return structured


def _flat(parts: list[Any]) -> Nodes:
    flat: Nodes = []
    for part in parts:
        flat.extend(part if isinstance(part, list) else [part])
    return flat


def _table(node: Node) -> Node | None:
    attributes, caption = node["c"][0], node["c"][1]
    inlines = [inline for block in caption[1] for inline in block.get("c", [])]
    if not inlines:
        return None
    identifier = attributes[0] if attributes[0].startswith("tbl-") else ""
    table = {**node, "c": [["", attributes[1], []], [None, []], *node["c"][2:]]}
    return {
        "t": "Float",
        "kind": "tbl",
        "id": identifier,
        "caption": inlines,
        "blocks": [table],
    }


def _figure(content: list[Any]) -> Node:
    attributes, caption, blocks = content
    inlines = [inline for block in caption[1] for inline in block.get("c", [])]
    identifier = attributes[0] if attributes[0].startswith("fig-") else ""
    return {
        "t": "Float",
        "kind": "fig",
        "id": identifier,
        "caption": inlines,
        "blocks": blocks,
    }


def _callout(kind: str, attributes: list[Any], children: Nodes, source: Source) -> Node:
    title = attribute(attributes, "title")
    inlines = words(title) if title else None
    if inlines is None and children and children[0]["t"] == "Header":
        inlines, children = children[0]["c"][2], children[1:]
    return {
        "t": "Callout",
        "kind": kind,
        "id": attributes[0],
        "title": inlines or words(gettext(CALLOUTS[kind])),
        "collapse": attribute(attributes, "collapse") in ("true", "false"),
        "open": attribute(attributes, "collapse") == "false",
        "icon": attribute(attributes, "icon") != "false",
        "blocks": structure(children, source),
    }


def _tabset(children: Nodes, source: Source) -> Node:
    if not children or children[0]["t"] != "Header":
        raise source.error("panel-tabset", "a tabset starts with the heading of its first tab")
    level = children[0]["c"][0]
    tabs: list[dict[str, Any]] = []
    for child in children:
        if child["t"] == "Header" and child["c"][0] == level:
            tabs.append({"title": child["c"][2], "blocks": []})
        else:
            tabs[-1]["blocks"].append(child)
    for tab in tabs:
        tab["blocks"] = structure(tab["blocks"], source)
    return {"t": "Tabset", "tabs": tabs}


def _quotation(children: Nodes) -> Node:
    """The words, and who said them: after a block quote, else the last of several paragraphs."""
    quotes = [child for child in children if child["t"] == "BlockQuote"]
    if quotes:
        quote = [block for child in quotes for block in child["c"]]
        attribution = [child for child in children if child["t"] != "BlockQuote"]
    elif len(children) > 1:
        quote, attribution = children[:-1], children[-1:]
    else:
        quote, attribution = children, []
    return {"t": "Quotation", "quote": quote, "attribution": attribution}


def _key_figures(children: Nodes, source: Source) -> Node:
    cards: list[dict[str, Any]] = []
    for child in children:
        if child["t"] != "Div" or "key-figure" not in child["c"][0][1]:
            raise source.error("key-figures", "`.key-figures` holds `.key-figure` divs only")
        blocks = child["c"][1]
        paragraphs = [block for block in blocks[:2] if block["t"] in ("Para", "Plain")]
        if len(paragraphs) < 2:
            raise source.error(
                "key-figure", "a `.key-figure` has two paragraphs: the number, then what it is"
            )
        cards.append(
            {
                "number": paragraphs[0]["c"],
                "label": paragraphs[1]["c"],
                "rest": structure(blocks[2:], source),
            }
        )
    return {"t": "KeyFigures", "cards": cards}
