"""Dots with intervals, beside each other or joined: a mean against others, a change, an effect."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from analysis.language import gettext
from analysis.present.figures import (
    GREY,
    INK,
    NARROW,
    PHONE,
    RULE,
    WIDTH,
    Mark,
    Role,
    as_plot,
    as_svg,
    canvas_of,
    chart_style,
    described,
    legend,
    legend_lines,
    plotted,
    role,
    rounded,
    short_label,
    titled,
)
from analysis.present.page import Page
from analysis.present.shown import Figure


def dot_chart(
    page: Page,
    *,
    name: str,
    marks: Sequence[Mark],
    caption: str,
    limits: tuple[float, float],
    message: str = "",
    joined: bool = False,
    line: tuple[float, str] | None = None,
) -> Figure | None:
    """A row for each label, in it a dot for each series, with its interval where it has one.

    Parameters
    ----------
    page, name, marks
        Whose chart, its name among the page's, and what it shows, in order.
    caption, message
        What is drawn, and what it says; both as Markdown.
    limits
        Of the axis, in points of the scale.
    joined
        Whether the dots of a row are one thing at two times, joined by a bar.
    line
        A value that all are held against, with its name.
    """
    if not marks:
        return None
    series = list(dict.fromkeys(mark.series for mark in marks))
    roles = {one: role(page, one, place) for place, one in enumerate(series)}
    drawn = [
        _drawn(page, name, marks, roles, limits, joined=joined, line=line, narrow=narrow)
        for narrow in (False, True)
    ]
    return Figure(
        svg=drawn[0],
        narrow=drawn[1],
        plot=_plot(page, marks, roles, limits, joined=joined, line=line),
        alt=described(message, gettext("Dot chart"), caption, _told(marks)),
        caption=titled(message, caption),
        parts=[number for mark in marks for number in mark.numbers()],
    )


def _rows(marks: Sequence[Mark]) -> list[str]:
    return list(dict.fromkeys(mark.row for mark in marks))


def _shifts(roles: dict[str, Role], *, joined: bool) -> dict[str, float]:
    """How far each series stands above or below the middle of its row."""
    count = len(roles)
    return {one: 0.0 if joined else (count - 1) * 0.11 - 0.22 * i for i, one in enumerate(roles)}


def _drawn(
    page: Page,
    name: str,
    marks: Sequence[Mark],
    roles: dict[str, Role],
    limits: tuple[float, float],
    *,
    joined: bool,
    line: tuple[float, str] | None,
    narrow: bool,
) -> str:
    rows, shift = _rows(marks), _shifts(roles, joined=joined)
    heads = 0.22 * legend_lines(list(roles), PHONE if narrow else WIDTH)
    each = 0.46 if narrow else 0.235
    with chart_style():
        canvas = canvas_of(0.45 + heads + each * max(len(rows), 2), PHONE if narrow else WIDTH)
        axes = canvas.subplots()
        if line:
            axes.axvline(line[0], color=GREY, linewidth=1, linestyle="--", zorder=0)
            right = line[0] - limits[0] > limits[1] - line[0]
            axes.annotate(f"{line[1]} ({line[0]:g})", (line[0], len(rows) - 0.42), color=GREY,
                          fontsize=8.5, ha="right" if right else "left", va="bottom",
                          xytext=(-3 if right else 3, -1), textcoords="offset points")  # fmt: skip
        if joined:
            for place, row in enumerate(rows):
                values = [plotted(m.value) for m in marks if m.row == row]
                axes.hlines(len(rows) - 1 - place, min(values), max(values), color=RULE,
                            linewidth=3, zorder=1)  # fmt: skip
        for one, own in roles.items():
            _series(axes, [m for m in marks if m.series == one], one, own, rows, shift[one])
        axes.set(
            xlim=limits, ylim=(-0.6, len(rows) + (0.1 if line else -0.35)), xlabel="", ylabel=""
        )
        axes.grid(axis="y", visible=False)
        if narrow:
            _labels_above(axes, rows)
        else:
            axes.set_yticks(
                range(len(rows)), reversed([short_label(row, width=40) for row in rows])
            )
        legend(axes, len(roles))
        return as_svg(page, canvas, f"{name}-narrow" if narrow else name)


def _series(
    axes: Any, marks: Sequence[Mark], label: str, own: Role, rows: list[str], shift: float
) -> None:
    """One series' dots, and below them its intervals."""
    heights = [len(rows) - 1 - rows.index(mark.row) + shift for mark in marks]
    intervals = [
        (y, plotted(mark.low), plotted(mark.high))
        for y, mark in zip(heights, marks, strict=True)
        if mark.low and mark.high
    ]
    if intervals:
        axes.hlines(*zip(*intervals, strict=True), color=own.colour, linewidth=1.6, zorder=2)
    axes.scatter([plotted(mark.value) for mark in marks], heights, color=own.colour,
                 marker=own.marker, s=54, label=label, zorder=3, edgecolor="white",
                 linewidth=0.6)  # fmt: skip


def _labels_above(axes: Any, rows: Sequence[str]) -> None:
    """On a phone there is no room beside the marks: each label stands above its row."""
    axes.set_yticks([])
    for place, row in enumerate(rows):
        axes.annotate(short_label(row, width=44), (0, len(rows) - 1 - place + 0.24),
                      xycoords=("axes fraction", "data"), ha="left", va="bottom", fontsize=9,
                      color=INK)  # fmt: skip


def _plot(
    page: Page,
    marks: Sequence[Mark],
    roles: dict[str, Role],
    limits: tuple[float, float],
    *,
    joined: bool,
    line: tuple[float, str] | None,
) -> str:
    rows, shift = _rows(marks), _shifts(roles, joined=joined)
    chart = go.Figure()
    for one, own in roles.items():
        of_series = [mark for mark in marks if mark.series == one]
        low = [plotted(m.value) - plotted(m.low) if m.low else 0 for m in of_series]
        high = [plotted(m.high) - plotted(m.value) if m.high else 0 for m in of_series]
        chart.add_scatter(
            x=[plotted(mark.value) for mark in of_series],
            y=[len(rows) - 1 - rows.index(mark.row) + shift[one] for mark in of_series],
            name=one,
            mode="markers",
            marker={"color": own.colour, "size": 11, "symbol": own.symbol,
                    "line": {"color": "white", "width": 1}},
            error_x={"type": "data", "symmetric": False, "array": rounded(high),
                     "arrayminus": rounded(low), "color": own.colour, "thickness": 2,
                     "width": 0, "visible": any(m.low for m in of_series)},
            text=[_hover(mark) for mark in of_series],
            hovertemplate="%{text}<extra></extra>",
        )  # fmt: skip
    if joined:
        for place, row in enumerate(rows):
            ends = [plotted(m.value) for m in marks if m.row == row]
            if len(ends) == 2:
                y0 = len(rows) - 1 - place
                chart.add_shape(type="line", x0=ends[0], x1=ends[1], y0=y0, y1=y0,
                                line={"color": RULE, "width": 5}, layer="below")  # fmt: skip
    if line:
        chart.add_vline(x=line[0], line={"color": GREY, "dash": "dash", "width": 1},
                        annotation={"text": f"{line[1]} ({line[0]:g})", "font": {"color": GREY}})  # fmt: skip
    chart.update_xaxes(range=list(limits))
    chart.update_yaxes(
        tickvals=list(range(len(rows))),
        ticktext=[short_label(row, "<br>", NARROW) for row in reversed(rows)],
        range=[-0.6, len(rows) - 0.35],
    )
    return as_plot(page, chart, height=120 + 46 * max(len(rows), 2))


def _hover(mark: Mark) -> str:
    return f"{mark.row}<br>{mark.series}: {_in_words(mark)}"


def _in_words(mark: Mark) -> str:
    """A mark's number, with its interval."""
    if mark.low and mark.high:
        return gettext(
            "{value} (95% interval {lower} to {upper})",
            value=mark.value.text,
            lower=mark.low.text,
            upper=mark.high.text,
        )
    return mark.value.text


def _told(marks: Sequence[Mark]) -> list[str]:
    """All marks in words, row by row."""
    return [
        f"{row}: " + ", ".join(f"{m.series} {_in_words(m)}" for m in marks if m.row == row)
        for row in _rows(marks)
    ]
