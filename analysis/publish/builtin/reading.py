"""From source files to one structured tree per chapter.

Order matters for safety: shortcodes are looked for only in what authors wrote. What notebooks put
out joins the tree afterwards, already cleaned, so nothing in it can be a shortcode.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from analysis.publish.builtin import checks
from analysis.publish.builtin.dialect import SHORTCODES, DialectError, Source
from analysis.publish.builtin.embed import Cell, FigureOutput, MarkdownOutput, Notebooks
from analysis.publish.builtin.pandoc import CHAPTER_FORMAT, DATA_FORMAT, Pandoc
from analysis.publish.builtin.project import (
    Chapter,
    Project,
    lookup,
    merge,
    read_source,
    split_front_matter,
)
from analysis.publish.builtin.structure import structure
from analysis.publish.builtin.tree import (
    Node,
    Nodes,
    div,
    map_inline_lists,
    para,
    plain,
    string,
    text_of,
    walk,
    words,
)

SHORTCODE = re.compile(r"^(.*?)\{\{<\s*(.*?)\s*>\}\}(.*)$", re.DOTALL)
IN_ATTRIBUTE = re.compile(r"(?<!\{)\{\{<\s*(.*?)\s*>\}\}")

# Words that no Markdown rule touches: most metadata values and captions.
PLAIN_VALUE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9,;:%/]|-(?!-)| (?=[A-Za-z0-9]))*")


@dataclass
class Document:
    """One chapter (or the one document): its metadata and its tree."""

    chapter: Chapter
    source: Source
    metadata: dict[str, Any]
    front: dict[str, Any]
    blocks: Nodes = field(default_factory=list)


@dataclass(frozen=True)
class _Place:
    """Where reading stands: the file at hand and the document it belongs to."""

    source: Source
    document: Document
    including: tuple[Path, ...] = ()


@dataclass(frozen=True)
class _Embed:
    cell: Cell
    place: _Place
    shortcode: str


class Reader:
    """Reads a project's documents. One reader for one rendering."""

    def __init__(self, project: Project, pandoc: Pandoc) -> None:
        self.project = project
        self._pandoc = pandoc
        self._notebooks = Notebooks()
        self._waiting: list[tuple[_Embed, int]] = []
        self._parts: list[Nodes] = []
        self._embedded: dict[str, str] = {}
        self._values: dict[str, Nodes] = {}

    def read(self) -> list[Document]:
        """Every document of the project, in reading order."""
        documents: list[Document] = []
        bodies: list[str] = []
        for chapter in self.project.chapters:
            source = read_source(self.project.root / chapter.path, self.project.root)
            front, body = split_front_matter(source)
            metadata = merge(self.project.metadata, front)
            documents.append(Document(chapter, source, metadata, front))
            bodies.append(body)
        for document, blocks in zip(
            documents, self._pandoc.read(bodies, CHAPTER_FORMAT), strict=True
        ):
            document.blocks = self._author(blocks, _Place(document.source, document))
        for (_, part), contents in zip(self._waiting, self._embedded_blocks(), strict=True):
            self._parts[part] = contents
        for document in documents:
            document.blocks = structure(walk(document.blocks, self._filled), document.source)
            abstract = document.front.get("abstract") or document.front.get("description")
            if abstract:
                document.blocks.insert(0, div(["lead"], self._value_blocks(str(abstract))))
        return documents

    def display_text(
        self, value: Any, metadata: dict[str, Any], source: Source, *, authored: bool = True
    ) -> str:
        """A title or the like as plain text, with the ``meta`` shortcodes authors put in it."""

        def put(match: re.Match[str]) -> str:
            name, _, key = match.group(1).partition(" ")
            if name != "meta":
                raise source.error(match.group(0), "only `meta` may stand in metadata")
            return _scalar(self._meta(key.strip(), metadata, source, match.group(1)))

        text = IN_ATTRIBUTE.sub(put, _scalar(value)) if authored else _scalar(value)
        return " ".join(text_of(self._value_blocks(text)).split())

    # -- what authors wrote ---------------------------------------------------------------

    def _author(self, blocks: Nodes, place: _Place) -> Nodes:
        blocks = checks.check(blocks, place.source)
        blocks = select_by_metadata(blocks, place.document.metadata)
        blocks = self._attributes(blocks, place)
        blocks = walk(blocks, lambda node: self._block(node, place))
        blocks = map_inline_lists(blocks, lambda inlines: self._inlines(inlines, place))
        return checks.locate(blocks, self.project, place.source, place.document.source.folder)

    def _attributes(self, blocks: Nodes, place: _Place) -> Nodes:
        """``meta`` in attribute values, such as a callout's title or an image's text."""

        def put(match: re.Match[str]) -> str:
            name, _, key = match.group(1).partition(" ")
            if name != "meta":
                raise place.source.error(match.group(0), "only `meta` may stand in an attribute")
            return _scalar(
                self._meta(key.strip(), place.document.metadata, place.source, match.group(1))
            )

        def action(node: Node) -> Node | None:
            if node["t"] in ("Div", "Span", "Image", "Link", "Figure"):
                identifier, classes, pairs = node["c"][0]
                if any("{{<" in value for _, value in pairs):
                    pairs = [[key, IN_ATTRIBUTE.sub(put, value)] for key, value in pairs]
                    content = [[identifier, classes, pairs], *walk(node["c"][1:], action)]
                    return {**node, "c": content}
            return None

        changed: Nodes = walk(blocks, action)
        return changed

    def _block(self, node: Node, place: _Place) -> Node | Nodes | None:
        """A paragraph that consists of shortcodes becomes what they stand for."""
        if node["t"] not in ("Para", "Plain"):
            return None
        calls = _only_shortcodes(node["c"])
        if calls is None:
            return None
        result: Nodes = []
        for call in calls:
            name, arguments = self._parsed(call, place)
            place.source.count(f"{{{{< {call} >}}}}")
            if name == "embed":
                result.append(self._embed(call, arguments, place))
            elif name == "include":
                result.append(self._include(call, arguments, place))
            elif name == "pagebreak":
                result.append({"t": "PageBreak"})
            else:
                value = self._meta_argument(call, arguments, place)
                blocks = self._value_blocks(_scalar(value))
                put = self._put(blocks if node["t"] == "Para" else [plain(_inline(blocks))])
                result.append(put)
        return result

    def _inlines(self, inlines: Nodes, place: _Place) -> Nodes:
        """Shortcodes within a line of text; ``{{{< x >}}}`` becomes ``{{< x >}}``."""
        rest = list(inlines)
        result: Nodes = []
        while rest:
            node = rest.pop(0)
            text = node.get("c") if node["t"] == "Str" else None
            if node["t"] == "Code":
                result.append({**node, "c": [node["c"][0], _unescaped(node["c"][1])]})
            elif not isinstance(text, str):
                result.append(node)
            elif "{{{<" in text or ">}}}" in text:
                result.append(string(_unescaped(text)))
            elif "{{<" in text:
                joined = text
                while ">}}" not in joined[joined.index("{{<") :] and rest:
                    joined += text_of(rest.pop(0))
                match = SHORTCODE.match(joined)
                if match is None:
                    raise place.source.error(
                        joined[:60], "this shortcode has no end; write {{{< for the bare characters"
                    )
                before, call, after = match.groups()
                call = " ".join(call.split())
                if before.endswith("]("):
                    raise place.source.error(call, "a shortcode cannot be a link's address")
                if before:
                    result.append(string(before))
                name, arguments = self._parsed(call, place)
                place.source.count(f"{{{{< {call} >}}}}")
                if name != "meta":
                    raise place.source.error(
                        f"{{{{< {call} >}}}}", "this shortcode needs a paragraph of its own"
                    )
                value = self._meta_argument(call, arguments, place)
                result.append(self._put(_inline(self._value_blocks(_scalar(value)))))
                if after:
                    rest.insert(0, string(after))
            else:
                result.append(node)
        return result

    def _parsed(self, call: str, place: _Place) -> tuple[str, list[str]]:
        name, *arguments = call.split()
        if name not in SHORTCODES:
            raise place.source.error(
                f"{{{{< {call} >}}}}",
                f"unknown shortcode; the built-in renderer knows {', '.join(SHORTCODES)}",
            )
        wanted = 0 if name == "pagebreak" else 1
        if len(arguments) != wanted:
            raise place.source.error(
                f"{{{{< {call} >}}}}",
                f"`{name}` takes {'no argument' if wanted == 0 else 'exactly one argument'}",
            )
        return name, [argument.strip("\"'“”‘’") for argument in arguments]

    def _meta_argument(self, call: str, arguments: list[str], place: _Place) -> Any:
        return self._meta(
            arguments[0], place.document.metadata, place.source, f"{{{{< {call} >}}}}"
        )

    def _meta(self, key: str, metadata: dict[str, Any], source: Source, shown: str) -> Any:
        try:
            value = lookup(metadata, key)
        except KeyError:
            raise source.error(shown, f"there is no metadata key `{key}`") from None
        if isinstance(value, dict | list):
            raise source.error(shown, f"`{key}` is not a single value")
        return value

    def _include(self, call: str, arguments: list[str], place: _Place) -> Node:
        shown = f"{{{{< {call} >}}}}"
        path = self._find(arguments[0], place, shown)
        if path in place.including:
            raise place.source.error(shown, "this file includes itself")
        if not path.is_file():
            raise place.source.error(shown, "the included file is missing")
        source = read_source(path, self.project.root, place.source)
        front, body = split_front_matter(source)
        if front:
            raise DialectError(source.name, 1, "---", "an included file has no front matter")
        [blocks] = self._pandoc.read([body], CHAPTER_FORMAT)
        inside = _Place(source, place.document, (*place.including, path))
        return self._put(self._author(blocks, inside))

    def _embed(self, call: str, arguments: list[str], place: _Place) -> Node:
        shown = f"{{{{< {call} >}}}}"
        target, mark, label = arguments[0].partition("#")
        if not mark or not label or not target.endswith(".ipynb"):
            raise place.source.error(shown, "write `embed PATH.ipynb#label`")
        path = self._find(target, place, shown)
        key = f"{path}#{label}"
        if key in self._embedded:
            raise place.source.error(
                shown, f"`{label}` is embedded already in {self._embedded[key]}; refer to it there"
            )
        self._embedded[key] = place.source.name
        cell = self._notebooks.cell(path, label, place.source, shown)
        put = self._put([])
        self._waiting.append((_Embed(cell, place, shown), put["n"]))
        return put

    def _put(self, nodes: Nodes) -> Node:
        """Set finished content aside, so that no later pass reads shortcodes in it."""
        self._parts.append(nodes)
        return {"t": "Put", "n": len(self._parts) - 1}

    def _filled(self, node: Node) -> Nodes | None:
        if node["t"] != "Put":
            return None
        nodes: Nodes = walk(self._parts[node["n"]], self._filled)
        return nodes

    def _find(self, target: str, place: _Place, shown: str) -> Path:
        """A path as seen from the file at hand, else from the document it is included in."""
        path = self.project.resolve(place.source.folder, target, place.source, shown)
        if not path.exists() and place.source is not place.document.source:
            other = self.project.resolve(place.document.source.folder, target, place.source, shown)
            if other.exists():
                return other
        return path

    # -- what notebooks put out, and metadata values: data ---------------------------------

    def _embedded_blocks(self) -> list[Nodes]:
        """The blocks of each embed, all Markdown of all notebooks parsed in one request."""
        texts = {
            text for embed, _ in self._waiting for text in (*_outputs(embed.cell), _caption(embed))
        }
        self._read_values(texts)
        result: list[Nodes] = []
        for embed, _ in self._waiting:
            contents: Nodes = []
            for number, output in enumerate(embed.cell.outputs):
                if isinstance(output, FigureOutput):
                    contents.append(_plot(embed, output, number))
                else:
                    contents.extend(self._value_blocks(output.text))
            result.append(_labelled(embed, _inline(self._value_blocks(_caption(embed))), contents))
        return result

    def _read_values(self, texts: Iterable[str]) -> None:
        """Parse what needs parsing and was not met before: reading a text costs Pandoc two
        milliseconds before its first word."""
        new = sorted(text for text in texts if text not in self._values and not is_plain(text))
        for text, blocks in zip(new, self._pandoc.read(new, DATA_FORMAT), strict=True):
            self._values[text] = checks.clean(blocks)

    def _value_blocks(self, text: str) -> Nodes:
        if is_plain(text):
            return [para([string(text)])] if text else []
        self._read_values([text])
        return self._values[text]


def is_plain(text: str) -> bool:
    """Whether Pandoc would make nothing of a text but the paragraph that it is."""
    return not text or PLAIN_VALUE.fullmatch(text) is not None


def select_by_metadata(blocks: Nodes, metadata: dict[str, Any]) -> Nodes:
    """Leave out what ``when-meta`` and ``unless-meta`` hide, before anything in it is looked at.

    A report may hide a whole section for which no notebook was run.
    """

    def truth(key: str) -> bool:
        try:
            value = lookup(metadata, key)
        except KeyError:
            return False
        return value not in (False, None, "", 0, "false")

    def action(node: Node) -> Node | Nodes | None:
        if node["t"] not in ("Div", "Span"):
            return None
        identifier, classes, pairs = node["c"][0]
        if "content-visible" not in classes and "content-hidden" not in classes:
            return None
        conditions = dict(pairs)
        meta = [truth(conditions["when-meta"])] if "when-meta" in conditions else []
        meta += [not truth(conditions["unless-meta"])] if "unless-meta" in conditions else []
        formats = [pair for pair in pairs if pair[0] in ("when-format", "unless-format")]
        hides = "content-hidden" in classes
        if not formats:
            shown = all(meta) != hides
            return walk(node["c"][1], action) if shown else []
        if meta and not all(meta):
            # The condition as a whole is false, whatever the format.
            return walk(node["c"][1], action) if hides else []
        return {
            "t": node["t"],
            "c": [[identifier, classes, formats], walk(node["c"][1], action)],
        }

    selected: Nodes = walk(blocks, action)
    return selected


def select_by_format(blocks: Nodes, names: Sequence[str]) -> Nodes:
    """Leave out what is not for the format that goes by these names."""

    def action(node: Node) -> Node | Nodes | None:
        if node["t"] not in ("Div", "Span"):
            return None
        _, classes, pairs = node["c"][0]
        if "content-visible" not in classes and "content-hidden" not in classes:
            return None
        conditions = dict(pairs)
        shown = all((value in names) == (key == "when-format") for key, value in conditions.items())
        if shown == ("content-hidden" in classes):
            return []
        children: Nodes = walk(node["c"][1], action)
        return children

    selected: Nodes = walk(blocks, action)
    return selected


def _only_shortcodes(inlines: Nodes) -> list[str] | None:
    text = text_of(inlines).strip()
    if not text.startswith("{{<") or not text.endswith(">}}") or "{{{<" in text:
        return None
    calls = re.findall(r"\{\{<\s*(.*?)\s*>\}\}", text)
    if re.sub(r"\{\{<.*?>\}\}", "", text).strip():
        return None
    if any(node["t"] in ("Code", "Math") for node in inlines):
        return None
    return [" ".join(call.split()) for call in calls]


def _unescaped(text: str) -> str:
    return text.replace("{{{<", "{{<").replace(">}}}", ">}}")


def _scalar(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    return "" if value is None else str(value)


def _inline(blocks: Nodes) -> Nodes:
    """Blocks where only text fits: the paragraph's inlines, else the words."""
    if len(blocks) == 1 and blocks[0]["t"] in ("Para", "Plain"):
        inlines: Nodes = blocks[0]["c"]
        return inlines
    return words(text_of(blocks).strip()) if blocks else []


def _outputs(cell: Cell) -> list[str]:
    return [output.text for output in cell.outputs if isinstance(output, MarkdownOutput)]


def _caption(embed: _Embed) -> str:
    cell = embed.cell
    return cell.text_option("tbl-cap" if cell.label.startswith("tbl-") else "fig-cap") or ""


def _plot(embed: _Embed, output: FigureOutput, number: int) -> Node:
    alt = embed.cell.text_option("fig-alt")
    if not alt or not alt.strip():
        raise embed.place.source.error(
            embed.shortcode,
            f"the figure in cell `{embed.cell.label}` has no `fig-alt`; say what it shows",
        )
    name = re.sub(r"[^a-z0-9-]+", "-", embed.cell.label.lower())
    return {
        "t": "Plot",
        "html": output.html,
        "svg": output.svg,
        "alt": " ".join(alt.split()),
        "name": name if number == 0 else f"{name}-{number}",
    }


def _labelled(embed: _Embed, caption: Nodes, contents: Nodes) -> Nodes:
    label = embed.cell.label
    kind = label.split("-")[0]
    if kind not in ("tbl", "fig"):
        return contents
    if not caption:
        raise embed.place.source.error(
            embed.shortcode, f"the cell `{label}` has no `{kind}-cap`; give it a caption"
        )
    # A label is of one output (publish.notebooks): rows and columns are those of its table.
    numbers = "".join(str(output.record.get("numbers", "")) for output in embed.cell.outputs)
    return [
        {"t": "Float", "kind": kind, "id": label, "caption": caption, "blocks": contents,
         "numbers": numbers}
    ]  # fmt: skip
