"""Cut expanded chapters to what there is to show.

A chapter is read as a tree of sections, fenced divs and paragraphs. Taken out are embeds of cells
without output, whatever was there for their sake alone, and what refers to any of it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from analysis.errors import AnalystError
from analysis.publish.notebooks import LABEL

#: A line of some file of the analyst's.
Origin = tuple[Path, int]
#: Where a chapter stands: its path, or its document and its path.
Place = TypeVar("Place", bound=Hashable)
#: Lines, each with where it comes from.
Lines = list[tuple[str, Origin]]


EMBED = re.compile(r"\{\{<\s*embed\s+(\S+?)#(\S+?)\s*>\}\}")
ONLY_EMBEDS = re.compile(r"(?:\{\{<\s*embed\s+\S+\s*>\}\}\s*)+")
#: Stands for a notebook where there is nothing to embed.
NOTHING = "nothing.ipynb"


@dataclass(frozen=True)
class Cells:
    """What the executed notebooks of a unit put out.

    ``outputs`` has the path of the notebook, from its folder, by label, for cells with an output;
    ``empty`` the labels of those without.
    """

    outputs: dict[str, str]
    empty: frozenset[str]

    @classmethod
    def read(cls, notebooks: Path) -> Cells:
        """The cells of all notebooks below a folder."""
        outputs: dict[str, str] = {}
        empty = set()
        for path in sorted(notebooks.rglob("*.ipynb")):
            name = path.relative_to(notebooks).as_posix()
            for cell in json.loads(path.read_bytes())["cells"]:
                source = cell["source"]
                found = LABEL.search(source if isinstance(source, str) else "".join(source))
                if found is None:
                    continue
                label = found.group(1)
                if not cell.get("outputs"):
                    empty.add(label)
                elif outputs.setdefault(label, name) != name:
                    raise AnalystError(
                        f"Two notebooks have a cell labelled '{label}'.",
                        where=f"{outputs[label]}, {name}",
                        fix="Give one of the cells another label.",
                    )
        return cls(outputs, frozenset(empty))


def embedded(chapters: Iterable[Lines]) -> set[str]:
    """Labels of all cells that chapters embed."""
    return {
        label
        for lines in chapters
        for line, _ in lines
        for path, label in EMBED.findall(line)
        if path != NOTHING
    }


def cut(
    made: Mapping[Place, Lines],
    cells: Cells,
    absent: set[str],
    always: Collection[Place] = (),
) -> dict[Place, Lines]:
    """The chapters, by their place, without what has no data, and without references to it.

    ``absent`` are labels that references name and that have nothing to refer to; the chapters
    ``always`` stay, whatever there is to show in them.
    """
    roots = {place: _parsed(lines) for place, lines in made.items()}
    absent = absent | cells.empty
    while True:
        before = len(absent)
        for place in list(roots):
            if not _cut(roots[place], cells, absent, whole=True) and place not in always:
                gone = set(roots.pop(place).ids())
                absent |= gone - {each for root in roots.values() for each in root.ids()}
        if len(absent) == before:
            return {place: list(part.lines()) for place, part in roots.items()}


HEADING = re.compile(r"^(#{1,6})\s")
FENCE = re.compile(r"^\s*(`{3,}|~{3,})")
DIV = re.compile(r"^\s*:{3,}\s*(\S.*)?$")
LIST_ITEM = re.compile(r"^\s*(?:[-*+]|\d+[.)])\s")
IDENTIFIER = re.compile(r"\{[^}]*#([\w-]+)[^}]*\}")
REFERENCE = re.compile(r"(?<![\w\\])@((?:tbl|fig|sec)-[\w-]*\w)")


@dataclass
class _Part:
    """A stretch of a chapter: the whole, a section, a fenced div, or lines of text.

    ``first`` and ``last`` are a section's heading, or a div's fences.
    """

    kind: str
    first: Lines = field(default_factory=list)
    parts: list[_Part] = field(default_factory=list)
    last: Lines = field(default_factory=list)
    level: int = 0

    def lines(self) -> Iterator[tuple[str, Origin]]:
        yield from self.first
        for part in self.parts:
            yield from part.lines()
        yield from self.last

    def ids(self) -> Iterator[str]:
        """Identifiers that stand in it."""
        for line, _ in self.lines():
            yield from IDENTIFIER.findall(line)
            yield from (label for _, label in EMBED.findall(line))


def _parsed(lines: Lines) -> _Part:
    """A chapter as a tree of sections, divs and paragraphs."""
    whole = _Part("whole")
    open_: list[_Part] = [whole]
    text: _Part | None = None
    fence = ""
    for line, origin in lines:
        here = (line, origin)
        if fence:
            assert text is not None
            text.first.append(here)
            if line.strip().startswith(fence):
                fence = ""
            continue
        heading, div, code = HEADING.match(line), DIV.match(line), FENCE.match(line)
        if heading:
            level, text = len(heading.group(1)), None
            while open_[-1].kind == "section" and open_[-1].level >= level:
                open_.pop()
            section = _Part("section", [here], level=level)
            open_[-1].parts.append(section)
            open_.append(section)
        elif div and div.group(1):
            text, opened = None, _Part("div", [here])
            open_[-1].parts.append(opened)
            open_.append(opened)
        elif div and any(part.kind == "div" for part in open_):
            text = None
            while open_[-1].kind != "div":
                open_.pop()
            open_.pop().last.append(here)
        elif not line.strip():
            text = None
            open_[-1].parts.append(_Part("blank", [here]))
        else:
            if text is None or (LIST_ITEM.match(line) and not code):
                text = _Part("text")
                open_[-1].parts.append(text)
            text.first.append(here)
            fence = code.group(1) if code else ""
    return whole


@dataclass
class _Seen:
    """What a part holds: embeds in all and with output, of its own and below; sections, text."""

    embeds: int = 0
    shown: int = 0
    below: int = 0
    below_shown: int = 0
    sections: int = 0
    content: bool = False


def _cut(part: _Part, cells: Cells, absent: set[str], *, whole: bool = False) -> bool:
    """Take out of a part what has no data, and say whether anything is left to show of it.

    What refers to an ``absent`` label goes; ids of what goes are added.
    """
    seen = _Seen()
    _look(part, cells, absent, seen)
    nothing = seen.below > 0 and seen.below_shown == 0
    if whole:
        top = [each for each in part.parts if each.kind == "section" and each.level == 1]
        return not ((nothing and top) or not (seen.content or seen.sections))
    if part.kind == "section":
        alone = seen.sections == 0
        return not (alone and (nothing or not seen.content))
    return (seen.content or seen.sections > 0) and not nothing


def _look(part: _Part, cells: Cells, absent: set[str], seen: _Seen) -> None:
    kept = []
    for each in part.parts:
        if each.kind == "blank":
            kept.append(each)
        elif each.kind == "text":
            if _kept_text(each, cells, absent, seen):
                kept.append(each)
        else:
            inner = _Seen()
            _count(each, cells, inner)
            stays = _cut(each, cells, absent)
            seen.below += inner.below
            seen.below_shown += inner.below_shown
            if stays:
                kept.append(each)
                seen.sections += each.kind == "section"
                seen.content = seen.content or each.kind == "div"
            else:
                absent |= set(each.ids()) - set(cells.outputs)
    part.parts = kept


def _count(part: _Part, cells: Cells, seen: _Seen) -> None:
    """Embeds of a part and of all below it."""
    for line, _ in part.lines():
        for path, label in EMBED.findall(line):
            seen.below += 1
            seen.below_shown += _has_output(path, label, cells)


def _kept_text(part: _Part, cells: Cells, absent: set[str], seen: _Seen) -> bool:
    text = "\n".join(line for line, _ in part.first).strip()
    embeds = EMBED.findall(text)
    if embeds and ONLY_EMBEDS.fullmatch(text):
        seen.below += len(embeds)
        shown = [each for each in embeds if _has_output(each[0], each[1], cells)]
        seen.below_shown += len(shown)
        seen.content = seen.content or bool(shown)
        if len(shown) < len(embeds):
            absent |= {label for _, label in embeds} - {label for _, label in shown}
            part.first = [
                (" ".join(f"{{{{< embed {path}#{label} >}}}}" for path, label in shown),
                 part.first[0][1])
            ]  # fmt: skip
        return bool(shown)
    if any(label in absent for label in REFERENCE.findall(text)):
        return False
    seen.content = True
    return True


def _has_output(path: str, label: str, cells: Cells) -> bool:
    """Whether a cell has anything to show. One that nobody knows of is left to the renderer, which
    says so."""
    if path == NOTHING:
        return False
    return label in cells.outputs or label not in cells.empty
