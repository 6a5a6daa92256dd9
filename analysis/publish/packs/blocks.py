"""Texts with released numbers as blocks that slides, pages and print are written from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from analysis.present.shown import Text
from analysis.publish.builtin.pandoc import DATA_FORMAT, Pandoc
from analysis.publish.builtin.tree import Nodes


@dataclass(frozen=True)
class Run:
    """A stretch of text of one kind."""

    text: str
    strong: bool = False
    emphasised: bool = False


@dataclass(frozen=True)
class Block:
    """A paragraph, or an entry of a list: ``mark`` is empty, ``•``, or its number with a point."""

    runs: tuple[Run, ...]
    mark: str = ""

    @property
    def plain(self) -> str:
        """Its words alone."""
        return "".join(run.text for run in self.runs)


def blocks(texts: Sequence[Text]) -> list[Block]:
    """The blocks of texts, one after the other."""
    found = _pandoc().read([text.markdown() for text in texts], DATA_FORMAT) if texts else []
    return [block for nodes in found for block in _blocks(nodes, "")]


@cache
def _pandoc() -> Pandoc:
    return Pandoc()


def _blocks(nodes: Nodes, mark: str) -> Iterator[Block]:
    for node in nodes:
        kind, content = str(node["t"]), _content(node)
        if kind in ("Para", "Plain"):
            yield Block(tuple(_runs(content)), mark)
        elif kind == "BulletList":
            for entry in content:
                yield from _blocks(entry, "•")
        elif kind == "OrderedList":
            first = content[0][0]
            for number, entry in enumerate(content[1], first):
                yield from _blocks(entry, f"{number}.")
        elif kind == "Div":
            yield from _blocks(content[1], mark)
        else:  # pragma: no cover - sentences have nothing else
            raise ValueError(f"a session's text holds a {kind}")


def _content(node: Any) -> Any:
    """What a node of the syntax tree holds; nothing if it is a space."""
    return node.get("c")


def _runs(nodes: Nodes, strong: bool = False, emphasised: bool = False) -> Iterator[Run]:
    for node in nodes:
        kind, content = str(node["t"]), _content(node)
        if kind == "Str":
            yield Run(content, strong, emphasised)
        elif kind in ("Space", "SoftBreak", "LineBreak"):
            yield Run(" ", strong, emphasised)
        elif kind == "Strong":
            yield from _runs(content, True, emphasised)
        elif kind == "Emph":
            yield from _runs(content, strong, True)
        elif kind == "Quoted":
            left, right = "‘’" if content[0]["t"] == "SingleQuote" else "“”"
            yield Run(left, strong, emphasised)
            yield from _runs(content[1], strong, emphasised)
            yield Run(right, strong, emphasised)
        else:  # pragma: no cover - sentences have nothing else
            raise ValueError(f"a session's text holds a {kind}")
