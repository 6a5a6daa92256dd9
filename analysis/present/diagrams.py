"""Diagrams drawn from released results: value cycles, evidence, stories, codes by schools.

Each has a table that says the same (named in its docstring). Colour never stands alone: every
mark has a shape or a word of its own.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from analysis.disclosure import RELEASED
from analysis.language import N_, gettext
from analysis.prepare.framework import AROUND
from analysis.present import codebook as names
from analysis.present import coding, count_words, figures, value_creation
from analysis.present.figures import (
    BLUE,
    GREY,
    INK,
    MAROON,
    ORANGE,
    PHONE,
    RULE,
    SMALLEST,
    TURQUOISE,
    WIDTH,
)
from analysis.present.lines import line_chart
from analysis.present.page import Page, part
from analysis.present.palette import PALETTE
from analysis.present.shown import Figure, Part
from analysis.words import inside

PALE = {"chain": PALETTE["pale"], "around": PALETTE["mint"]}
#: Characters of a label on the map of schools that have room in a line.
LABEL = 42
#: A phone's drawing across, and a line of its smallest text, in units of the drawing.
ACROSS, LINE = 46, 2.05
#: How strong a cycle's evidence is: the colour of its mark, and how much of it is filled.
STRENGTH_COLOURS = {
    "none": GREY,
    "one source": GREY,
    "several of one kind": BLUE,
    "agree": BLUE,
    "conflict": MAROON,
}
FILLED = {"none": 0.0, "one source": 0.25, "several of one kind": 0.5, "agree": 1.0}
#: How an indicator came out: the fill and the edge of its tile.
TILES = {
    "holds": (BLUE, "white", "+"),
    "unclear": (PALETTE["sky"], INK, "0"),
    "opposes": (ORANGE, "white", "–"),
    "told": (TURQUOISE, "white", "+"),
    "none": ("white", GREY, ""),
}


def value_cycles(page: Page) -> Figure | None:
    """The cycles: a chain, those that bear on all others around it, loops back.

    Table: :func:`analysis.present.value_creation.chain`.
    """
    cycles = value_creation.cycles_of(page)
    if not cycles:
        return None
    inner = [cycle for cycle in cycles if cycle["id"] not in AROUND]
    around = [cycle for cycle in cycles if cycle["id"] in AROUND]
    if not inner:
        return None
    parts: list[Part] = []
    loops = sorted(
        value_creation.loops_of(page),
        key=lambda loop: abs(_place(inner, loop["start"]) - _place(inner, loop["end"])),
    )
    # From the top: bands, the chain, the loops below it, and the remaining band.
    above, below = (around[:1], around[1:]) if len(around) > 1 else ([], around)
    low, high, band, gap = 0.0, 31.0, 11.4, 3.4
    floor = low - 5.4 * len(loops) - 2.6
    bottom = floor - (band + 1.8) * len(below) + 1.8
    top = high + gap + band * len(above)
    with figures.chart_style():
        canvas = Canvas(figsize=(WIDTH, 0.067 * (top - bottom + 2)))
        axes = _empty(canvas, (0, 100), (bottom - 1, top + 1))
        step = 100 / len(inner)
        width = step - 3.2
        for place, cycle in enumerate(inner):
            left = place * step + 1.6
            _panel(axes, (left, low), (width, high - low), BLUE, PALE["chain"])
            axes.text(
                left + width / 2,
                high - 3.4,
                value_creation.bare_label(cycle),
                ha="center",
                va="center",
                fontsize=9.5,
                fontweight="semibold",
                color=BLUE,
            )
            parts += _heard(page, axes, cycle, left + 1.2, high - 6.4, 17, 2)
            _grade(page, axes, cycle, left + 2.0, low + 3.2, wrap=12)
            if place:
                _arrow(axes, (left - 3.1, 17.0), (left, 17.0), INK)
        places = [(cycle, high + gap) for cycle in above]
        places += [(cycle, floor - band - (band + 1.8) * k) for k, cycle in enumerate(below)]
        for cycle, base in places:
            _panel(axes, (1.6, base), (96.8, band), TURQUOISE, PALE["around"])
            axes.text(
                3.2,
                base + 8.9,
                gettext(
                    "{cycle}: bears on every other cycle", cycle=value_creation.bare_label(cycle)
                ),
                va="center",
                fontsize=9,
                fontweight="semibold",
                color=TURQUOISE,
            )
            parts += _across(page, axes, cycle, 3.2, base + 6.6)
            _grade(page, axes, cycle, 76.0, base + 8.9)
        for x in (10, 50, 90):
            if above:
                _arrow(axes, (x, high + gap), (x, high + 0.2), TURQUOISE)
        for side in (2.9, 97.1):
            if below:
                _arrow(axes, (side, floor), (side, low - 0.2), TURQUOISE)
        for level, loop in enumerate(loops):
            first, last = (_place(inner, loop[end]) for end in ("start", "end"))
            start, end = (first + 0.5) * step, (last + 0.5) * step
            _loop(axes, start, end, low, low - 3.6 - 5.4 * level, loop["label"])
        svg = figures.as_svg(page, canvas, "value-cycles")
    narrow = _narrow_cycles(page, [*above, *inner, *below], loops)
    labels = {cycle["id"]: cycle["label"] for cycle in cycles}
    said = ", ".join(f"{cycle['label']} ({value_creation.rating(page, cycle)})" for cycle in inner)
    loops_said = "; ".join(
        gettext(
            "from {start} to {end}, {loop}",
            start=inside(labels[loop["start"]]),
            end=inside(labels[loop["end"]]),
            loop=loop["label"],
        )
        for loop in loops
    )
    alt = [
        gettext(
            "Diagram. A chain of value cycles, each leading to the next, with the strength of its "
            "evidence: {cycles}.",
            cycles=said,
        ),
        # One text, with nothing where no cycle bears on the others.
        " ".join(
            gettext(
                "{cycle} bears on every cycle ({strength}).",
                cycle=cycle["label"],
                strength=value_creation.rating(page, cycle),
            )
            for cycle in around
        ),
        *([gettext("Loops lead back {loops}.", loops=loops_said)] if loops else []),
        gettext("The table beside it names what is heard most in each."),
    ]
    return Figure(
        svg=svg,
        alt=" ".join(alt),
        caption=gettext("The value cycles, with what is heard most in each"),
        narrow=narrow,
        parts=parts,
    )


def value_matrix(page: Page) -> Figure | None:
    """Cycles by source: which evidence points where.

    Table: :func:`analysis.present.value_creation.matrix` and ``indicators``.
    """
    cycles = value_creation.cycles_of(page)
    if not cycles:
        return None
    used = {i["id"].split(".")[0] for cycle in cycles for i in cycle["indicators"]}
    titles = value_creation.sources(page)
    sources = [name for name in titles if name in used]
    stories = bool(value_creation.stories_of(page))
    columns = [
        *(titles[name] for name in sources),
        *([gettext("stories")] if stories else []),
        gettext("strength"),
    ]
    last = len(columns) - 1
    said: list[str] = []
    with figures.chart_style():
        height = 1.0 + 0.4 * len(cycles)
        canvas = Canvas(figsize=(WIDTH, height))
        axes = _empty(canvas, (-2.4, len(columns)), (-0.9, len(cycles) + 0.95))
        for place, label in enumerate(columns):
            axes.text(place + 0.5, len(cycles) + 0.1, textwrap.fill(label, 13), ha="center",
                      va="bottom", fontsize=8, color=INK)  # fmt: skip
        for row, cycle in enumerate(cycles):
            y = len(cycles) - 1 - row
            axes.text(-0.12, y + 0.5, cycle["label"], ha="right", va="center", fontsize=9)
            words = []
            for place, name in enumerate(sources):
                kind, count = _tile(page, cycle, name)
                fill, ink, mark = TILES[kind]
                _square(axes, place, y, fill)
                if mark:
                    axes.text(place + 0.5, y + 0.5, f"{mark}  ×{count}" if count > 1 else mark,
                              ha="center", va="center", fontsize=9, fontweight="semibold",
                              color=ink)  # fmt: skip
                    words.append(gettext(TILE_WORDS[kind], source=titles[name]))
            told = len(value_creation.stories_in(page, cycle["id"]))
            if stories:
                _square(axes, len(sources), y, TILES["told"][0] if told else "white")
            if told:
                axes.text(len(sources) + 0.5, y + 0.5, "+", ha="center", va="center", fontsize=9,
                          fontweight="semibold", color="white")  # fmt: skip
                words.append(gettext("stories tell of it"))
            grade = value_creation.rating(page, cycle)
            _dot(axes, last + 0.5, y + 0.8, value_creation.strength(page, cycle))
            axes.text(last + 0.5, y + 0.34, textwrap.fill(grade, 12), ha="center",
                      va="center", fontsize=SMALLEST, color=INK, linespacing=0.9)  # fmt: skip
            said.append(
                gettext(
                    "{cycle}: {evidence}; strength {strength}",
                    cycle=cycle["label"],
                    evidence=", ".join(words) or gettext("nothing"),
                    strength=grade,
                )
            )
        _key(axes, len(columns))
        svg = figures.as_svg(page, canvas, "value-matrix")
    alt = gettext("Grid of value cycles by source of evidence. {cycles}.", cycles=". ".join(said))
    narrow = _narrow_matrix(page, cycles, {name: titles[name] for name in sources}, stories)
    return Figure(
        svg=svg, alt=alt, caption=gettext("Value cycles by source of evidence"), narrow=narrow
    )


TILE_WORDS = {
    "holds": N_("{source} as expected"),
    "unclear": N_("{source} no clear change"),
    "opposes": N_("{source} the other way"),
    "told": N_("{source} tell of it"),
}


def story_flows(page: Page) -> Figure | None:
    """Stories as lines through the cycles, with the place where each ends.

    Table: :func:`analysis.present.value_creation.flows`.
    """
    cycles = value_creation.cycles_of(page)
    column = {cycle["id"]: place for place, cycle in enumerate(cycles)}
    told = value_creation.stories_of(page)
    if not told:
        return None
    parts: list[Part] = []
    with figures.chart_style():
        canvas = Canvas(figsize=(WIDTH, 1.2 + 0.36 * max(len(told), 2)))
        axes = _empty(canvas, (-3.7, len(cycles) - 0.4), (-1.75, len(told) + 1.0))
        for cycle in cycles:
            x = column[cycle["id"]]
            axes.axvspan(x - 0.46, x + 0.46, ymin=0.0, ymax=1, color=PALE["around"]
                         if cycle["id"] in AROUND else PALE["chain"], lw=0)  # fmt: skip
            # Neighbours at two heights, so that their names do not run into one another.
            axes.text(
                x,
                len(told) + (0.12 if x % 2 else 0.62),
                value_creation.bare_label(cycle),
                ha="center",
                va="center",
                fontsize=SMALLEST,
                fontweight="semibold",
                color=INK,
            )
            row = value_creation.flow_row(page, cycle["id"], "reached")
            ended = value_creation.flow_row(page, cycle["id"], "ended")
            if row is not None and ended is not None:
                reached, end = part(row, 0), part(ended, 0)
                parts += [reached, end]
                axes.text(x, -0.98, f"{reached.text}", ha="center", va="center", fontsize=9.5,
                          fontweight="semibold", color=BLUE)  # fmt: skip
                axes.text(x, -1.45, f"{end.text}", ha="center", va="center", fontsize=8.5,
                          color=MAROON)  # fmt: skip
        axes.text(
            -0.62, -0.98, gettext("stories that reach it"), ha="right", va="center", fontsize=8
        )
        axes.text(
            -0.62, -1.45, gettext("stories that end in it"), ha="right", va="center", fontsize=8
        )
        for place, story in enumerate(told):
            y = len(told) - 1 - place
            xs = [column[step["cycle"]] for step in story["steps"]]
            axes.text(-0.62, y, textwrap.fill(story["title"], 40), ha="right",
                      va="center", fontsize=SMALLEST)  # fmt: skip
            _way(axes, xs, y, stopped=bool(story["stopped"]))
        _flow_key(axes, len(told) + 0.12)
        svg = figures.as_svg(page, canvas, "value-flows")
    labels = {cycle["id"]: inside(value_creation.bare_label(cycle)) for cycle in cycles}
    said = "; ".join(
        gettext(
            N_("{story}: {cycles}, stopped there") if story["stopped"] else N_("{story}: {cycles}"),
            story=story["title"],
            cycles=", ".join(labels[step["cycle"]] for step in story["steps"]),
        )
        for story in told
    )
    return Figure(
        svg=svg,
        alt=gettext("Diagram of stories through the value cycles. {stories}.", stories=said),
        caption=gettext("Stories through the value cycles, and where they stop"),
        narrow=_narrow_flows(page, cycles, told),
        parts=parts,
    )


def school_map(page: Page, *, widely: bool = False) -> Figure | None:
    """In how many schools each change and impact was heard; no school is named.

    ``widely``: only what was heard in more than half of them.
    Table: :func:`analysis.present.qualitative.school_map`.
    """
    codes = names.codes(page)
    codes = codes[codes["kind"].isin(("change", "impact"))]
    entries: list[tuple[str, Any, bool]] = []
    for _, of_theme in codes.groupby("theme", sort=False):
        rows = []
        for code in of_theme.itertuples():
            row = count_words.count_row(page, str(code.id), "schools")
            # In words only what was heard in few.
            number = row is not None and row["release"] == RELEASED
            if row is not None and (
                not widely or (number and 2 * row["value"] > row["denominator"])
            ):
                rows.append((-count_words.size(row), str(code.label), row))
        if rows:
            entries.append((str(of_theme["theme_label"].iloc[0]), None, True))
            rows.sort(key=lambda entry: entry[:2])
            entries += [(label, row, False) for _, label, row in rows]
    if not entries:
        return None
    # A heading has room above it, and a long label has two lines.
    tall = [1.3 if heading else float(len(_wrapped(label, LABEL))) for label, _, heading in entries]
    half = _balanced(entries, tall)
    ends = [sum(tall[:half]), sum(tall[half:])]
    parts: list[Part] = []
    said: list[str] = []
    heard: list[tuple[float, float]] = []
    others: list[tuple[float, float]] = []
    with figures.chart_style():
        canvas = Canvas(figsize=(WIDTH, 0.25 + 0.172 * max(ends)))
        axes = _empty(canvas, (0, 100), (-max(ends) - 0.3, 0.6))
        for place, (label, row, heading) in enumerate(entries):
            side, first = (0, 0) if place < half else (1, half)
            left, y = 51.8 * side, -sum(tall[first:place]) - tall[place] / 2
            if heading:
                axes.text(
                    left,
                    y - 0.2,
                    label,
                    fontsize=8.5,
                    fontweight="semibold",
                    color=BLUE,
                    va="center",
                )
                continue
            number = part(row, 0)
            parts.append(number)
            axes.text(left, y, "\n".join(_wrapped(label, LABEL)), fontsize=SMALLEST, va="center",
                      linespacing=1.0)  # fmt: skip
            # Words stand where dots would say how many.
            of = 0
            if row["release"] == RELEASED:
                schools, of = int(row["value"]), int(row["denominator"])
                for k in range(of):
                    (heard if k < schools else others).append((left + 37.5 + 2.1 * k, y))
            axes.text(
                left + 37.5 + 2.1 * of,
                y,
                number.text,
                fontsize=SMALLEST,
                va="center",
                ha="left",
                color=INK,
            )
            said.append(f"{label} {number.text}")
        for dots, fill, edge in ((heard, BLUE, BLUE), (others, "white", GREY)):
            if dots:
                axes.plot(*zip(*dots, strict=True), "o", markersize=4.3, markeredgewidth=0.8,
                          color=fill, markeredgecolor=edge)  # fmt: skip
        svg = figures.as_svg(page, canvas, "widely-heard" if widely else "school-map")
    caption = gettext("In how many of the schools each change and impact was heard")
    if widely:
        caption = gettext("Changes and impacts that were heard in more than half of the schools")
    return Figure(
        svg=svg,
        alt=figures.described("", gettext("Dot map"), caption, said),
        caption=caption,
        narrow=_narrow_map(page, entries, "widely-heard" if widely else "school-map"),
        parts=parts,
    )  # fmt: skip


def saturation(page: Page) -> Figure | None:
    """How many different codes to expect after so many interviews.

    Table: :func:`analysis.present.coding.saturation`.
    """
    points = [(f"{k}", part(row, 1)) for k, row in coding.saturation_rows(page)]
    if len(points) < 2:
        return None
    return line_chart(
        page,
        "saturation",
        [(gettext("Codes"), list(points))],
        gettext("Codes expected after so many interviews, in whatever order"),
    )


# --- drawing -------------------------------------------------------------------------------


def _empty(canvas: Canvas, x: tuple[float, float], y: tuple[float, float]) -> Axes:
    axes = canvas.add_axes((0, 0, 1, 1))
    axes.set(xlim=x, ylim=y)
    axes.axis("off")
    return axes


def _panel(
    axes: Axes, at: tuple[float, float], size: tuple[float, float], edge: str, fill: str
) -> None:
    axes.add_patch(
        FancyBboxPatch(
            at,
            *size,
            boxstyle="round,pad=0.0,rounding_size=1.1",
            facecolor=fill,
            edgecolor=edge,
            linewidth=1.1,
            mutation_aspect=1.0,
        )
    )


def _heard(
    page: Page, axes: Axes, cycle: dict[str, Any], x: float, y: float, wrap: int, most: int
) -> list[Part]:
    """What is heard most in a cycle, as a short list with its counts."""
    parts: list[Part] = []
    for code, label in value_creation.most_heard(page, cycle["codes"], most)[:most]:
        counts, said = _counted(page, code)
        parts += counts
        lines = _wrapped(f"{label} ({said})", wrap)
        axes.text(x, y, "\n".join(lines), fontsize=SMALLEST, va="top", color=INK, linespacing=1.1)
        y -= 2.05 * len(lines) + 1.4
    return parts


def _across(page: Page, axes: Axes, cycle: dict[str, Any], x: float, y: float) -> list[Part]:
    parts: list[Part] = []
    pieces = []
    for code, label in value_creation.most_heard(page, cycle["codes"], 3)[:3]:
        counts, said = _counted(page, code)
        parts += counts
        pieces.append(f"{label} ({said})")
    lines = _wrapped("  ·  ".join(pieces), 108)
    axes.text(x, y, "\n".join(lines), fontsize=SMALLEST, va="top", color=INK, linespacing=1.2)
    return parts


def _counted(page: Page, code: str) -> tuple[list[Part], str]:
    """How many spoke of a code: the numbers (or words), and what is said of them on one line."""
    row = count_words.count_row(page, code, "people")
    assert row is not None
    pieces = count_words.of(row)
    said = "".join(each.text if isinstance(each, Part) else each for each in pieces)
    return [each for each in pieces if isinstance(each, Part)], said.replace(" ", "~")


def _wrapped(text: str, width: int) -> list[str]:
    """Lines of a text in which ``~`` joins words that stay together."""
    return [line.replace("~", " ") for line in textwrap.wrap(text, width, break_on_hyphens=False)]


def _grade(
    page: Page, axes: Axes, cycle: dict[str, Any], x: float, y: float, wrap: int = 60
) -> None:
    grade = value_creation.strength(page, cycle)
    _dot(axes, x, y, grade)
    axes.text(x + 1.6, y, textwrap.fill(gettext(value_creation.RATINGS[grade]), wrap), fontsize=SMALLEST, va="center", color=INK,
              linespacing=1.0)  # fmt: skip


def _dot(axes: Axes, x: float, y: float, grade: str) -> None:
    """Strength as a ring filled from the bottom; conflict is a diamond."""
    colour = STRENGTH_COLOURS[grade]
    if grade == "conflict":
        axes.plot(x, y, "D", color=colour, markersize=6)
        return
    size = 7.5
    axes.plot(x, y, "o", color="white", markeredgecolor=colour, markeredgewidth=1.2,
              markersize=size)  # fmt: skip
    share = FILLED[grade]
    if share >= 1:
        axes.plot(x, y, "o", color=colour, markersize=size)
    elif share:
        axes.plot(x, y, "o", markersize=size, fillstyle="bottom" if share >= 0.5 else "none",
                  color=colour, markerfacecoloralt="white", markeredgecolor=colour)  # fmt: skip
        if share < 0.5:
            axes.plot(x, y, "o", markersize=size / 2.6, color=colour)


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float], colour: str) -> None:
    axes.add_patch(
        FancyArrowPatch(start, end, arrowstyle="-|>", mutation_scale=9, color=colour, linewidth=1.3,
                        shrinkA=0, shrinkB=0, zorder=4)
    )  # fmt: skip


def _loop(axes: Axes, start: float, end: float, chain: float, height: float, label: str) -> None:
    """A dashed way back below the chain, with its words; it leaves left of where it arrives."""
    start, end = start - 1.8, end + 1.8
    axes.plot([start, start, end, end], [chain - 0.2, height, height, chain - 1.4], color=MAROON,
              linewidth=1.1, linestyle=(0, (4, 2)), zorder=2)  # fmt: skip
    _arrow(axes, (end, chain - 1.5), (end, chain - 0.1), MAROON)
    axes.text((start + end) / 2, height - 0.8, label, ha="center", va="top", fontsize=SMALLEST,
              color=MAROON, fontstyle="italic", zorder=3,
              bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6})  # fmt: skip


def _place(cycles: list[dict[str, Any]], name: str) -> int:
    return [cycle["id"] for cycle in cycles].index(name)


def _tile(page: Page, cycle: dict[str, Any], name: str) -> tuple[str, int]:
    """What a source's indicators of a cycle show together; a conflict within is the other way."""
    found = [
        value_creation.state(page, i) for i in cycle["indicators"] if i["id"].split(".")[0] == name
    ]
    kind = "holds" if name in value_creation.measured(page) else "told"
    for came_out in ("opposes", "holds", "unclear"):
        if came_out in found:
            return (kind if came_out == "holds" else came_out), found.count(came_out)
    return "none", 0


def _square(axes: Axes, x: float, y: float, fill: str) -> None:
    axes.add_patch(
        FancyBboxPatch(
            (x + 0.05, y + 0.07),
            0.9,
            0.86,
            boxstyle="round,pad=0,rounding_size=0.06",
            facecolor=fill,
            edgecolor=RULE if fill == "white" else fill,
            linewidth=0.8,
        )
    )


def _tile_at(axes: Axes, at: tuple[float, float], size: tuple[float, float], fill: str) -> None:
    axes.add_patch(
        FancyBboxPatch(at, *size, boxstyle="round,pad=0,rounding_size=0.4", facecolor=fill,
                       edgecolor=RULE if fill == "white" else fill, linewidth=0.8)
    )  # fmt: skip


def _keyed() -> list[tuple[str, str]]:
    """What the tiles say."""
    return [
        ("holds", gettext("measured: as expected")),
        ("unclear", gettext("no clear change")),
        ("opposes", gettext("the other way")),
        ("told", gettext("told or planned")),
    ]


def _key(axes: Axes, columns: int) -> None:
    x = -2.35
    for kind, words in _keyed():
        fill, ink, mark = TILES[kind]
        axes.add_patch(
            FancyBboxPatch(
                (x, -0.68),
                0.3,
                0.42,
                boxstyle="round,pad=0,rounding_size=0.04",
                facecolor=fill,
                edgecolor=fill,
            )
        )
        axes.text(x + 0.15, -0.47, mark, ha="center", va="center", fontsize=SMALLEST, color=ink,
                  fontweight="semibold")  # fmt: skip
        axes.text(x + 0.4, -0.47, words, va="center", fontsize=SMALLEST)
        x += 0.6 + 0.094 * len(words)


def _flow_key(axes: Axes, y: float) -> None:
    axes.plot(-3.55, y, "o", color=BLUE, markersize=6.5)
    axes.text(-3.42, y, gettext("last step so far"), va="center", fontsize=SMALLEST)
    axes.plot(-2.2, y, "X", color=MAROON, markersize=7.5)
    axes.text(-2.07, y, gettext("stopped here"), va="center", fontsize=SMALLEST)


def _balanced(entries: list[tuple[str, Any, bool]], tall: list[float]) -> int:
    """Where to break into two columns: at a heading, so that they are about as long."""
    breaks = [place for place, entry in enumerate(entries) if entry[2]] or [0]
    return min(breaks, key=lambda place: abs(2 * sum(tall[:place]) - sum(tall)))


# --- on a phone: labels above what they name ------------------------------------------------


def _upright(page: Page, name: str, high: float, draw: Callable[[Axes], None]) -> str:
    """A drawing for a phone, from nought downwards: ``high`` units, of which ``ACROSS`` go across."""
    with figures.chart_style():
        canvas = Canvas(figsize=(PHONE, PHONE * (high + 1) / ACROSS))
        draw(_empty(canvas, (0, ACROSS), (-high - 0.5, 0.5)))
        return figures.as_svg(page, canvas, f"{name}-narrow")


def _narrow_cycles(page: Page, cycles: list[dict[str, Any]], loops: list[dict[str, Any]]) -> str:
    """The cycles below each other, and the ways back in words."""
    heard = {
        cycle["id"]: [
            _wrapped(f"{label} ({_counted(page, code)[1]})", ACROSS + 5)
            for code, label in value_creation.most_heard(page, cycle["codes"], most)[:most]
        ]
        for cycle, most in ((each, 3 if each["id"] in AROUND else 2) for each in cycles)
    }
    tall = {
        name: 6.6 + sum(LINE * len(lines) + 0.6 for lines in texts) for name, texts in heard.items()
    }
    names = {cycle["id"]: inside(value_creation.bare_label(cycle)) for cycle in cycles}
    back = [
        _wrapped(
            gettext(
                "Back from {start} to {end}: {why}",
                start=names[loop["start"]], end=names[loop["end"]], why=loop["label"],
            ),
            ACROSS + 5,
        )
        for loop in loops
    ]  # fmt: skip
    high = sum(tall.values()) + 3.0 * len(cycles) + sum(LINE * len(lines) + 1.4 for lines in back)

    def draw(axes: Axes) -> None:
        y = 0.0
        for place, cycle in enumerate(cycles):
            around, size = cycle["id"] in AROUND, tall[cycle["id"]]
            colour = TURQUOISE if around else BLUE
            fill = PALE["around" if around else "chain"]
            _panel(axes, (0.5, y - size), (ACROSS - 1, size), colour, fill)
            label = value_creation.bare_label(cycle)
            if around:
                label = gettext("{cycle}: bears on every other cycle", cycle=label)
            axes.text(
                1.8, y - 2.0, label, fontsize=9, fontweight="semibold", color=colour, va="center"
            )
            _grade(page, axes, cycle, 2.6, y - size + 1.9)
            below = y - 3.6
            for lines in heard[cycle["id"]]:
                axes.text(1.8, below, "\n".join(lines), fontsize=SMALLEST, va="top", color=INK,
                          linespacing=1.1)  # fmt: skip
                below -= LINE * len(lines) + 0.6
            y -= size
            follows = cycles[place + 1 : place + 2]
            if follows and not around and follows[0]["id"] not in AROUND:
                _arrow(axes, (ACROSS / 2, y - 0.1), (ACROSS / 2, y - 2.9), INK)
            y -= 3.0
        for lines in back:
            size = LINE * len(lines)
            axes.plot([0.9, 0.9], [y, y - size], color=MAROON, linewidth=1.1, linestyle=(0, (4, 2)))
            axes.text(1.8, y, "\n".join(lines), fontsize=SMALLEST, va="top", color=MAROON,
                      fontstyle="italic", linespacing=1.1)  # fmt: skip
            y -= size + 1.4

    return _upright(page, "value-cycles", high, draw)


def _narrow_matrix(
    page: Page, cycles: list[dict[str, Any]], sources: dict[str, str], stories: bool
) -> str:
    """Each cycle's name and strength above its row of tiles."""
    columns = [*sources.values(), *([gettext("stories")] if stories else [])]
    step, head = ACROSS / max(len(columns), 1), 15.0
    high = head + 8.4 * len(cycles) + LINE * len(TILES)

    def draw(axes: Axes) -> None:
        for place, label in enumerate(columns):
            axes.text((place + 0.5) * step, -head + 0.6, textwrap.fill(label, 16), rotation=90,
                      ha="center", va="bottom", fontsize=SMALLEST, linespacing=0.95)  # fmt: skip
        for row, cycle in enumerate(cycles):
            y = -head - 8.4 * row
            axes.text(0.5, y - 1.6, cycle["label"], fontsize=9, va="center")
            grade = value_creation.rating(page, cycle)
            axes.text(ACROSS - 0.5, y - 1.6, grade, fontsize=SMALLEST, va="center", ha="right")
            _dot(
                axes,
                ACROSS - 1.6 - 0.78 * len(grade),
                y - 1.6,
                value_creation.strength(page, cycle),
            )
            told = bool(value_creation.stories_in(page, cycle["id"]))
            tiles = [_tile(page, cycle, name) for name in sources]
            tiles += [("told" if told else "none", 1)] if stories else []
            for place, (kind, count) in enumerate(tiles):
                fill, ink, mark = TILES[kind]
                _tile_at(axes, (place * step + 0.4, y - 7.8), (step - 0.8, 4.6), fill)
                shown = f"{mark} ×{count}" if mark and count > 1 else mark
                axes.text((place + 0.5) * step, y - 5.5, shown, ha="center", va="center",
                          fontsize=9, fontweight="semibold", color=ink)  # fmt: skip
        y = -head - 8.4 * len(cycles) - 1.4
        for kind, words in _keyed():
            fill, ink, mark = TILES[kind]
            _tile_at(axes, (0.5, y - 0.9), (2.0, 1.8), fill)
            axes.text(1.5, y, mark, ha="center", va="center", fontsize=SMALLEST, color=ink,
                      fontweight="semibold")  # fmt: skip
            axes.text(3.2, y, words, va="center", fontsize=SMALLEST)
            y -= LINE + 0.3

    return _upright(page, "value-matrix", high, draw)


def _narrow_flows(page: Page, cycles: list[dict[str, Any]], told: list[dict[str, Any]]) -> str:
    """Each story's title above its line; below, how many reach each cycle and end in it."""
    column = {cycle["id"]: place for place, cycle in enumerate(cycles)}
    step, head = ACROSS / len(cycles), 13.0
    titles = [_wrapped(story["title"], ACROSS + 8) for story in told]
    high = head + sum(LINE * len(lines) + 4.4 for lines in titles) + 11.0 + 2 * LINE

    def at(cycle: str) -> float:
        return (column[cycle] + 0.5) * step

    def draw(axes: Axes) -> None:
        for cycle in cycles:
            fill = PALE["around" if cycle["id"] in AROUND else "chain"]
            axes.axvspan(
                at(cycle["id"]) - 0.46 * step, at(cycle["id"]) + 0.46 * step, color=fill, lw=0
            )
            axes.text(at(cycle["id"]), -head + 0.8, value_creation.bare_label(cycle), rotation=90,
                      ha="center", va="bottom", fontsize=SMALLEST, fontweight="semibold",
                      color=INK)  # fmt: skip
        y = -head
        for story, lines in zip(told, titles, strict=True):
            axes.text(0.5, y - 0.4, "\n".join(lines), fontsize=SMALLEST, va="top", linespacing=1.1)
            y -= LINE * len(lines) + 2.2
            xs = [at(passed["cycle"]) for passed in story["steps"]]
            _way(axes, xs, y, stopped=bool(story["stopped"]))
            y -= 2.2
        for statistic, words, colour in (
            ("reached", gettext("Stories that reach it"), BLUE),
            ("ended", gettext("Stories that end in it"), MAROON),
        ):
            axes.text(0.5, y - 1.4, words, va="center", fontsize=SMALLEST)
            for cycle in cycles:
                row = value_creation.flow_row(page, cycle["id"], statistic)
                if row is not None:
                    axes.text(at(cycle["id"]), y - 3.9, part(row, 0).text, ha="center", va="center",
                              fontsize=9, fontweight="semibold", color=colour)  # fmt: skip
            y -= 5.4
        for mark, colour, words in (
            ("o", BLUE, gettext("last step so far")), ("X", MAROON, gettext("stopped here")),
        ):  # fmt: skip
            axes.plot(1.4, y - 1.2, mark, color=colour, markersize=6.5)
            axes.text(3.0, y - 1.2, words, va="center", fontsize=SMALLEST)
            y -= LINE

    return _upright(page, "value-flows", high, draw)


def _way(axes: Axes, xs: Sequence[float], y: float, *, stopped: bool) -> None:
    """A story's line through the columns of its cycles, and how it ends."""
    for here, there in pairwise(xs):
        bend = 0.0 if there > here else 0.28
        axes.add_patch(
            FancyArrowPatch((here, y), (there, y), arrowstyle="-", color=BLUE, linewidth=1.8,
                            connectionstyle=f"arc3,rad={bend}", zorder=2)
        )  # fmt: skip
    axes.plot(xs, [y] * len(xs), "o", color="white", markeredgecolor=BLUE, markersize=6.5,
              markeredgewidth=1.6, zorder=3)  # fmt: skip
    axes.plot(xs[-1], y, "X" if stopped else "o", color=MAROON if stopped else BLUE,
              markersize=8.5 if stopped else 7.5, zorder=4, markeredgecolor="white",
              markeredgewidth=0.6)  # fmt: skip


def _narrow_map(page: Page, entries: list[tuple[str, Any, bool]], name: str) -> str:
    """Each label above its dots, in one column."""
    lines = [_wrapped(label, ACROSS + 8) for label, _, _ in entries]
    high = sum(3.4 if heading else LINE * len(of) + 2.9
               for of, (_, _, heading) in zip(lines, entries, strict=True))  # fmt: skip

    def draw(axes: Axes) -> None:
        y = 0.0
        for of, (label, row, heading) in zip(lines, entries, strict=True):
            if heading:
                axes.text(0.5, y - 1.9, label, fontsize=9, fontweight="semibold", color=BLUE,
                          va="center")  # fmt: skip
                y -= 3.4
                continue
            axes.text(0.5, y - 0.3, "\n".join(of), fontsize=SMALLEST, va="top", linespacing=1.1)
            y -= LINE * len(of)
            schools, all_of = 0, 0
            if row["release"] == RELEASED:
                schools, all_of = int(row["value"]), int(row["denominator"])
            for place in range(all_of):
                heard = place < schools
                axes.plot(1.4 + 1.8 * place, y - 1.2, "o", markersize=4.3, markeredgewidth=0.8,
                          color=BLUE if heard else "white",
                          markeredgecolor=BLUE if heard else GREY)  # fmt: skip
            axes.text(1.0 + 1.8 * all_of if all_of else 0.5, y - 1.2, part(row, 0).text, fontsize=SMALLEST,
                      va="center")  # fmt: skip
            y -= 2.9

    return _upright(page, name, high, draw)


__all__ = ["saturation", "school_map", "story_flows", "value_cycles", "value_matrix"]
