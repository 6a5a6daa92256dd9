"""Drawings that were made before, found again by all that they are drawn from.

A drawing is made of a canvas: its axes, lines, texts, with places, colours and fonts. To describe a
canvas takes an eighth to a sixth of the time that drawing it takes (``benchmarks/drawings.py``), so a
report that is made again for another reason draws only what is another.
"""

from __future__ import annotations

import copyreg
import hashlib
import io
import os
import pickle
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.cbook import CallbackRegistry
from matplotlib.figure import Figure as Canvas
from matplotlib.transforms import TransformNode

from analysis.places import inside

#: Settings of matplotlib that count when a canvas is drawn; others are in its parts already.
WHILE_DRAWING = ("svg.", "path.", "text.", "font.", "mathtext.", "agg.")


@dataclass
class Kept:
    """Where drawings are kept, and which were asked for."""

    folder: Path
    used: set[str] = field(default_factory=set)

    def tidy(self, used: set[str]) -> None:
        """Remove all drawings but these."""
        for path in self.folder.glob("*.svg"):
            if path.name not in used:
                path.unlink(missing_ok=True)


_KEPT: ContextVar[Kept | None] = ContextVar("drawings that are kept", default=None)


@contextmanager
def kept(folder: Path) -> Iterator[Kept]:
    """Keep drawings in a folder, and find them there, for as long as this lasts."""
    found = Kept(folder)
    token = _KEPT.set(found)
    try:
        yield found
    finally:
        _KEPT.reset(token)


def drawn(canvas: Canvas, name: str, draw: Callable[[], str]) -> str:
    """What ``draw`` makes of a canvas; or what it made of one just like it."""
    found = _KEPT.get()
    if found is None:
        return draw()
    path = inside(found.folder, f"{name}.{content(canvas, name)}.svg")
    found.used.add(path.name)
    if path.exists():
        return path.read_text(encoding="utf-8")
    svg = draw()
    found.folder.mkdir(parents=True, exist_ok=True)
    temporary = inside(found.folder, f"{path.name}.{os.getpid()}.part")
    temporary.write_text(svg, encoding="utf-8")
    temporary.replace(path)
    return svg


def content(canvas: Canvas, name: str) -> str:
    """A hash of everything in a canvas, and of what else its drawing rests on."""
    described = io.BytesIO()
    described.write(repr((name, _around())).encode())
    pickler = pickle.Pickler(described, 5)
    pickler.dispatch_table = {**copyreg.dispatch_table, **_without_addresses()}
    pickler.dump(canvas)
    return hashlib.sha256(described.getbuffer()).hexdigest()[:20]


@cache
def _without_addresses() -> dict[type, Callable[[Any], Any]]:
    """How to describe what holds addresses in memory, which differ from one canvas to the next."""

    def node(found: TransformNode) -> tuple[Any, ...]:
        return type(found), (), {k: v for k, v in vars(found).items() if k != "_parents"}

    def kinds(of: type[TransformNode]) -> Iterator[type[TransformNode]]:
        yield of
        for each in of.__subclasses__():
            yield from kinds(each)

    # Who is to hear of changes has no part in a drawing either.
    found: dict[type, Callable[[Any], Any]] = dict.fromkeys(kinds(TransformNode), node)
    return found | {CallbackRegistry: lambda _: (CallbackRegistry, ())}


def _around() -> tuple[Any, ...]:
    settings = {k: v for k, v in mpl.rcParams.items() if k.startswith(WHILE_DRAWING)}
    family = font_manager.FontProperties(family=mpl.rcParams["font.family"])
    font = font_manager.findfont(family)
    return mpl.__version__, _code(), sorted(map(repr, settings.items())), font


@cache
def _code() -> str:
    """A hash of the code that draws."""
    here = Path(__file__).parent
    both = (inside(here, name) for name in ("figures.py", "drawings.py"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in both)).hexdigest()
