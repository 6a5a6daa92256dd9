"""Lines over terms, and over anything else that has an order."""

from __future__ import annotations

import html
import math
from itertools import pairwise

import plotly.graph_objects as go

from analysis.language import gettext
from analysis.present.figures import (
    GREY,
    PHONE,
    WIDTH,
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
from analysis.present.shown import Figure, Part

#: A series: its label, and its points in order, each with a label.
Series = list[tuple[str, list[tuple[str, Part | None]]]]
#: Terms that have room for their names below a chart; on a phone.
MOST_TERMS, FEW_TERMS = 6, 3


def line_chart(
    page: Page,
    name: str,
    series: Series,
    caption: str,
    breaks: dict[int, str] | None = None,
    message: str = "",
    subject: str = "",
) -> Figure | None:
    """Lines over terms; ``breaks`` has the place of each first term of a new series, and why.

    ``caption`` and ``message`` are Markdown; ``subject`` is the caption for those who do not see
    the chart, where it is not the same.
    """
    # The legend names nothing that is not drawn.
    series = [(label, points) for label, points in series if any(p for _, p in points)]
    if not series:
        return None
    breaks = breaks or {}
    roles = [role(page, label, place) for place, (label, _) in enumerate(series)]
    terms = [label for label, _ in series[0][1]]
    drawn = [_drawn(page, name, series, roles, breaks, narrow=narrow) for narrow in (False, True)]
    told = [
        f"{label}: " + ", ".join(f"{term} {p.text}" for term, p in points if p)
        for label, points in series
    ]
    told += [
        gettext("The series breaks before {term}: {why}", term=terms[place], why=why)
        for place, why in breaks.items()
    ]
    return Figure(
        svg=drawn[0],
        narrow=drawn[1],
        plot=_plot(page, series, roles, breaks),
        alt=described(message, gettext("Line chart"), subject or caption, told),
        caption=titled(message, caption),
        parts=[p for _, points in series for _, p in points if p],
    )


def _runs(
    points: list[tuple[str, Part | None]], breaks: dict[int, str]
) -> list[list[tuple[int, float]]]:
    """A series' points, apart where its definition changes."""
    shown = [(i, plotted(p)) for i, (_, p) in enumerate(points) if p]
    edges = [0, *sorted(breaks), len(points)]
    return [[(i, v) for i, v in shown if start <= i < end] for start, end in pairwise(edges)]


def _room(series: Series, breaks: dict[int, str]) -> list[float]:
    """Limits of the axis with room below the lines for what is said of a break; else nothing."""
    values = [plotted(p) for _, points in series for _, p in points if p]
    if not breaks or not values:
        return []
    span = (max(values) - min(values)) or 1.0
    return [min(values) - 0.25 * span, max(values) + 0.08 * span]


def _drawn(
    page: Page,
    name: str,
    series: Series,
    roles: list[Role],
    breaks: dict[int, str],
    *,
    narrow: bool,
) -> str:
    terms = [label for label, _ in series[0][1]]
    with chart_style():
        width = PHONE if narrow else WIDTH
        heads = 0.22 * legend_lines([label for label, _ in series], width)
        canvas = canvas_of((2.6 if narrow else 2.05) + heads, width)
        axes = canvas.subplots()
        for (label, points), own in zip(series, roles, strict=True):
            for place, run in enumerate(_runs(points, breaks)):
                axes.plot([i for i, _ in run], [v for _, v in run], color=own.colour,
                          linestyle=own.line, marker=own.marker, markersize=5,
                          markeredgecolor="white", markeredgewidth=0.75,
                          label=label if place == 0 else None)  # fmt: skip
        if room := _room(series, breaks):
            axes.set_ylim(*room)
        for place, why in breaks.items():
            axes.axvline(place - 0.5, color=GREY, linewidth=1, linestyle="--", zorder=0)
            said = short_label(gettext("From here: {why}", why=why), width=24 if narrow else 60)
            late = 2 * place > len(terms)  # there is more room before it
            axes.annotate(said, (place - 0.5, 0.02), color=GREY, fontsize=8.5,
                          xycoords=("data", "axes fraction"), xytext=(-4 if late else 4, 0),
                          textcoords="offset points", ha="right" if late else "left",
                          va="bottom")  # fmt: skip
        # With many terms their names would run into one another.
        every = math.ceil(len(terms) / (FEW_TERMS if narrow else MOST_TERMS))
        axes.set_xticks(range(0, len(terms), every), [_term(term) for term in terms[::every]])
        axes.set(xlabel="", ylabel="")
        axes.grid(axis="x", visible=False)
        legend(axes, len(series))
        return as_svg(page, canvas, f"{name}-narrow" if narrow else name)


def _plot(page: Page, series: Series, roles: list[Role], breaks: dict[int, str]) -> str:
    terms = [label for label, _ in series[0][1]]
    chart = go.Figure()
    for (label, points), own in zip(series, roles, strict=True):
        x: list[str] = []
        y: list[float | None] = []
        ends = [*sorted(breaks), len(points)]
        for run, end in zip(_runs(points, breaks), ends, strict=True):
            x += [_term(terms[i], "<br>") for i, _ in run]
            y += [v for _, v in run]
            if run and end in breaks:
                # A point without a value: the line ends here.
                x.append(_term(terms[end], "<br>"))
                y.append(None)
        chart.add_scatter(
            x=x, y=y, name=label, mode="lines+markers", connectgaps=False,
            line={"color": own.colour, "dash": own.dash, "width": 2.5},
            marker={"size": 8, "symbol": own.symbol},
            hovertemplate="%{x}: %{y}<extra>" + label + "</extra>",
        )  # fmt: skip
    if room := _room(series, breaks):
        chart.update_yaxes(range=rounded(room))
    for place, why in breaks.items():
        chart.add_vline(x=place - 0.5, line={"color": GREY, "dash": "dash", "width": 1})
        chart.add_annotation(x=place - 0.5, y=0, xref="x", yref="paper", showarrow=False,
                             text=gettext("From here: {why}", why=html.escape(why)), xanchor="left",
                             yanchor="bottom", xshift=4, font={"color": GREY})  # fmt: skip
    every = math.ceil(len(terms) / MOST_TERMS)
    chart.update_xaxes(
        type="category", categoryarray=[_term(t, "<br>") for t in terms],
        tickvals=[_term(t, "<br>") for t in terms[::every]],
    )  # fmt: skip
    return as_plot(page, chart, height=330)


def _term(term: str, newline: str = "\n") -> str:
    year, _, name = term.partition(" ")
    return f"{name.capitalize()}{newline}{year}" if name else term
