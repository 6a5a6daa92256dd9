"""A heat map of counts: rows by columns, the number in every cell, its ground by its share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.patches import Rectangle

from analysis.language import gettext
from analysis.present.figures import (
    BLUE,
    INK,
    PHONE,
    WIDTH,
    as_svg,
    canvas_of,
    chart_style,
    described,
    short_label,
    titled,
)
from analysis.present.page import Page
from analysis.present.palette import PALETTE
from analysis.present.shown import Figure, Part

#: Grounds from none to all; few, so that a reader can tell them apart and print keeps them.
GROUNDS = (PALETTE["paper"], PALETTE["pale"], PALETTE["sky"], PALETTE["mist"], BLUE)
#: From this place on, a ground is so dark that the number on it is white.
DARK = len(GROUNDS) - 1


@dataclass(frozen=True)
class Count:
    """One cell: its words, its numbers, and the share that they are; nothing where it is withheld."""

    text: str
    parts: tuple[Part, ...]
    share: float | None


def heat_map(
    page: Page,
    *,
    name: str,
    rows: Sequence[tuple[str, Sequence[Count]]],
    columns: Sequence[str],
    caption: str,
    message: str = "",
) -> Figure | None:
    """Counts of each row by column; the number stands in every cell, so that colour never has to be
    read."""
    if not rows or not columns:
        return None
    drawn = [_drawn(page, name, rows, columns, narrow=narrow) for narrow in (False, True)]
    told = [
        f"{label}: " + ", ".join(
            f"{column} {cell.text}" for column, cell in zip(columns, cells, strict=True)
        )
        for label, cells in rows
    ]  # fmt: skip
    return Figure(
        svg=drawn[0],
        narrow=drawn[1],
        alt=described(message, gettext("Heat map"), caption, told),
        caption=titled(message, caption),
        parts=[part for _, cells in rows for cell in cells for part in cell.parts],
    )


def _drawn(
    page: Page,
    name: str,
    rows: Sequence[tuple[str, Sequence[Count]]],
    columns: Sequence[str],
    *,
    narrow: bool,
) -> str:
    each = 0.5 if narrow else 0.27
    with chart_style():
        canvas = canvas_of(0.5 + each * len(rows), PHONE if narrow else WIDTH)
        axes = canvas.subplots()
        height = 0.56 if narrow else 0.92
        for place, (label, cells) in enumerate(reversed(rows)):
            for column, cell in enumerate(cells):
                step = _step(cell.share)
                axes.add_patch(Rectangle((column + 0.02, place), 0.96, height, linewidth=0.6,
                                         facecolor=GROUNDS[step], edgecolor=PALETTE["rule"]))  # fmt: skip
                axes.text(column + 0.5, place + height / 2, cell.text, ha="center", va="center",
                          color="white" if step >= DARK else INK, fontsize=8.5)  # fmt: skip
            if narrow:
                axes.text(0.02, place + height + 0.06, label, va="bottom", fontsize=8.5)
        axes.set(xlim=(0, len(columns)), ylim=(0, len(rows)), xlabel="", ylabel="")
        axes.xaxis.tick_top()
        width = 12 if narrow else 18
        axes.set_xticks([n + 0.5 for n in range(len(columns))],
                        [short_label(column, width=width) for column in columns])  # fmt: skip
        if narrow:
            axes.set_yticks([])
        else:
            axes.set_yticks([n + height / 2 for n in range(len(rows))],
                            [label for label, _ in reversed(rows)])  # fmt: skip
        axes.tick_params(length=0)
        axes.grid(visible=False)
        for side in axes.spines.values():
            side.set_visible(False)
        return as_svg(page, canvas, f"{name}-narrow" if narrow else name)


def _step(share: float | None) -> int:
    """The ground of a share: none, under a third, under two thirds, under nine tenths, and more."""
    if not share:
        return 0
    return 1 + sum(share >= limit for limit in (1 / 3, 2 / 3, 0.9))
