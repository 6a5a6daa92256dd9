"""Charts: each drawn twice from the same released numbers, as Plotly HTML and as SVG in
seaborn's style.

Nothing reaches a chart but rows that are released, rounded to the precision shown.
"""

from __future__ import annotations

import html
import io
import math
import re
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import matplotlib as mpl
import plotly.graph_objects as go
import seaborn as sns
from matplotlib import font_manager
from matplotlib.backends.backend_svg import RendererSVG
from matplotlib.figure import Figure as Canvas
from matplotlib.lines import Line2D

from analysis import resources
from analysis.instruments import Instrument
from analysis.places import project_root
from analysis.present import asked
from analysis.present.asked import first, school_groups
from analysis.present.page import Compared, Page, part
from analysis.present.shown import Each, Figure, Part, each, escaped
from analysis.present.tables import measures_of, normed
from analysis.results import COHORT
from analysis.words import inside, slug

#: The Analysis Function's categorical palette, in its order.
BLUE, TURQUOISE, MAROON, ORANGE, GREY = "#12436D", "#28A197", "#801650", "#F46A25", "#6F777B"
#: For groups, beside the roles that have one of the first.
GREEN, PURPLE = "#54813C", "#746CB1"
INK, RULE = "#1D2429", "#D9DEE2"
FONT = "Inter"
NARROW = 22  # characters of a label's line in a browser, which may be a phone's
WIDTH = 6.7  # inches: the text width of A4 with the report's margins
POINTS = 72  # of an SVG to the inch
#: The clock and the program's version would be other bytes for the same numbers.
NO_METADATA = {"Date": None, "Creator": None}
#: What an SVG says of its size.
WHOLE = re.compile(r'width="[^"]*" height="[^"]*" viewBox="[^"]*"')
ALL = Compared("All", COHORT, "all")
#: Terms that have room for their names below a chart.
MOST_TERMS = 6


@dataclass(frozen=True)
class Role:
    """What stands for one and the same thing in every chart: colour, shape and line.

    ``marker`` and ``line`` are matplotlib's names, ``symbol`` and ``dash`` plotly's.
    """

    colour: str
    marker: str
    symbol: str
    line: str = "-"
    dash: str = "solid"


SCHOOL = Role(BLUE, "o", "circle")
OTHERS = Role(ORANGE, "D", "diamond", "--", "dash")
PROGRAMME = Role(MAROON, "s", "square", ":", "dot")
BASELINE = Role(GREY, "v", "triangle-down", "--", "dash")
FOLLOWUP = Role(TURQUOISE, "^", "triangle-up")
#: Groups beside each other, in the study's order.
GROUPS = (
    Role(GREEN, "P", "cross", "--", "dash"),
    Role(PURPLE, "X", "x", "-.", "dashdot"),
    Role(INK, "h", "hexagon", ":", "dot"),
    Role(TURQUOISE, "d", "diamond-tall"),
)


def role(page: Page, series: str, place: int = 0) -> Role:
    """What stands for a series in this and every other chart.

    ``place`` is its place among the series of its chart, for one that is nobody's role: a group.
    """
    waves = page.study.pair_of_waves
    if series == _wave(page, waves[-1]):
        return FOLLOWUP
    if series in {_wave(page, wave) for wave in waves}:
        return BASELINE
    if page.is_school and series == page.compared[0].label:
        return SCHOOL
    if series in {"All", "Programme"}:
        return PROGRAMME
    labels = [group.label for group in page.phases]
    if page.is_school and (series in labels or series == first(page.others)):
        return OTHERS
    place = labels.index(series) if series in labels else place
    return GROUPS[place % len(GROUPS)]


def handle(shown: Role, label: str) -> Line2D:
    """The entry of a legend."""
    return Line2D([], [], color=shown.colour, marker=shown.marker, linestyle="none", markersize=6,
                  markeredgecolor="white", markeredgewidth=0.6, label=label)  # fmt: skip


@dataclass(frozen=True)
class Mark:
    """One point of a chart, with its interval where it has one."""

    row: str
    series: str
    value: Part
    low: Part | None = None
    high: Part | None = None

    def numbers(self) -> list[Part]:
        """The numbers of the mark."""
        return [p for p in (self.value, self.low, self.high) if p is not None]


def change(page: Page, survey: str, instrument: str) -> Figure | None:
    """Baseline and follow-up of matched respondents, one line per scale, where there are several.

    A school's page, which is to be short, has a chart of its surveys' headline instruments only.
    """
    found = page.instruments[instrument]
    if page.is_school and instrument != page.study.survey(survey).headline.split(".")[0]:
        return None
    marks = []
    for score in found.scores:
        at = (survey, instrument, "paired", score, page.waves)
        for wave, label in (("baseline", page.study.baseline), ("followup", page.study.followup)):
            row = page.values(None, *at, f"{wave}_mean")
            if row:
                name = found.score_label(score)
                marks.append(Mark(name, _wave(page, label), part(row, found.decimals(score))))
    if len({mark.row for mark in marks}) < 2:
        return None
    people = page.study.survey(survey).respondents
    who = "matched " + people
    return dot_chart(
        page,
        name=f"change-{survey}-{instrument}",
        marks=marks,
        title=f"{found.short}: {who}, mean at each wave",
        caption=asked.caption(
            page,
            survey,
            instrument,
            what=f"means at each wave of {escaped(people)} who answered both times",
        ),
        limits=axis_limits(marks, found.score_range(found.scores[0])),
        joined=True,
    )


def level(page: Page, survey: str, instrument: str) -> Figure | None:
    """Follow-up means: a school beside the others, or all and each group of schools.

    Scores that have a norm are left to :func:`norm`.
    """
    found = page.instruments[instrument]
    wave = page.study.followup
    shown = page.compared[:1] if page.is_school else school_groups(page) or page.compared
    marks = []
    for score in found.scores:
        if score in normed(found):
            continue
        for who in shown:
            row = page.values(who, survey, instrument, "level", score, wave, "mean")
            if row:
                marks.append(
                    with_interval(found.score_label(score), who.label, row, found.decimals(score))
                )
        marks += _others(page, survey, instrument, score, found.score_label(score))
    label = inside(_wave(page, wave))
    return dot_chart(
        page,
        name=f"level-{survey}-{instrument}",
        marks=marks,
        title=f"{found.short} at {label}: mean and 95% interval",
        limits=axis_limits(marks, found.score_range(found.scores[0])),
        caption=asked.caption(
            page, survey, instrument, what=f"means at {escaped(label)} with 95% intervals"
        ),
    )


def _others(page: Page, survey: str, instrument: str, score: str, row: str) -> list[Mark]:
    """The mean of the schools that a school is set beside, at follow-up."""
    if not page.is_school:
        return []
    at = (survey, instrument, "beside", score, page.study.followup, "others")
    found = page.values(None, *at)
    if found is None:
        return []
    whom = page.others
    decimals = page.instruments[instrument].decimals(score)
    return [Mark(row, first(whom), part(found, decimals))]


def norm(page: Page, survey: str, instrument: str) -> Each | None:
    """Each score with a norm, at both waves, against the norm."""
    found = page.instruments[instrument]
    return each({score: _norm(page, survey, found, score) for score in normed(found)})


def _norm(page: Page, survey: str, found: Instrument, score: str) -> Figure | None:
    instrument, reference = found.id, normed(found)[score]
    marks = []
    for who in page.compared[:1] if page.is_school else page.compared:
        for wave in (page.study.baseline, page.study.followup):
            row = page.values(who, survey, instrument, "level", score, wave, "mean")
            if row:
                marks.append(
                    with_interval(who.label, _wave(page, wave), row, found.decimals(score))
                )
    for other in _others(page, survey, instrument, score, ""):
        marks.append(replace(other, row=other.series, series=_wave(page, page.study.followup)))
    return dot_chart(
        page,
        name=f"norm-{survey}-{instrument}",
        marks=marks,
        title=f"{found.short}, {inside(found.score_label(score))}: mean and 95% interval",
        limits=axis_limits(marks, found.score_range(score), around=reference.mean),
        line=(reference.mean, reference.label),
        caption=asked.caption(
            page,
            survey,
            instrument,
            what=f"{escaped(inside(found.score_label(score)))}, mean with 95% interval, against "
            "the norm",
        ),
    )


def items(page: Page, survey: str, instrument: str, *, most: int = 12) -> Figure | None:
    """Favourable, neutral and unfavourable answers to the items with least favourable answers."""
    found = page.instruments[instrument]
    who, wave = page.compared[0], page.study.followup
    bars = []
    # Without a middle there is no neutral answer. Bars of both kinds are not set side by side.
    middle = {found.responses(item).has_middle for item in found.items}
    if len(middle) > 1:
        return None
    shares = (
        ("favourable", "neutral", "unfavourable")
        if middle.pop()
        else ("favourable", "unfavourable")
    )
    for item in found.items:
        at = (survey, instrument, "items", item.code, wave)
        rows = [page.values(who, *at, s) for s in shares]
        if all(rows):
            bars.append((item.label, [part(row, 0) for row in rows if row]))
    bars.sort(key=lambda bar: (float(bar[1][0].text), bar[0]))
    # Which have fewest can be said of all items, or of those that can be shown.
    among = "" if len(bars) == len(found.items) else ", of those that can be shown,"
    bars = bars[:most]
    label = inside(_wave(page, wave))
    return _shares(
        page,
        f"items-{survey}-{instrument}",
        bars,
        f"{found.short}: the {len(bars)} items{among} with fewest favourable answers, % at {label}",
        asked.caption(
            page,
            survey,
            instrument,
            what=f"items{among} with fewest favourable answers at {escaped(label)}",
        ),
    )


def themes(page: Page) -> Figure | None:
    """How many interviewees spoke of each theme."""
    if "codebook" not in page.documents:
        return None
    codes = page.codes[["theme", "theme_label"]].drop_duplicates()
    bars = []
    for name, label in codes.itertuples(index=False):
        row = page.values(ALL, "interviews", "themes", "count", slug(str(name)), "all", "people")
        if row:
            bars.append((str(label), part(row, 0)))
    bars.sort(key=lambda bar: -float(bar[1].text))
    said = "People interviewed who spoke of each theme"
    return _bars(page, "themes", bars, said, said)


def outcomes(page: Page) -> Each | None:
    """School outcomes by term: of the measures that the study says are worth a chart.

    Those are marked ``chart: true`` in the study's outcome measures; where none is, the first. A
    school's page shows the first of them only.
    """
    measures = measures_of(page)
    charted = [m for m in measures if m.get("chart")] or measures[:1]
    shown = charted[:1] if page.is_school else charted
    return each({str(measure["id"]): _outcome(page, measure) for measure in shown})


def _outcome(page: Page, measure: dict[str, Any]) -> Figure | None:
    """One outcome: the page's unit and what it is compared with.

    Where the definition changes the series breaks: no line is drawn through.
    """
    measure_id = str(measure["id"])
    decimals = int(measure.get("decimals", 1))
    series = []
    for who in page.compared:
        points = []
        for term, label in page.terms.items():
            row = page.values(who, "outcomes", "school_data", "rate", measure_id, term, "rate")
            points.append((label, part(row, decimals) if row else None))
        series.append((who.label, points))
    texts = page.texts_of("outcome_break")
    found = texts[texts["key"] == measure_id]
    terms = list(page.terms)
    breaks = {terms.index(str(row.section)): str(row.text) for row in found.itertuples()}
    title = f"{measure['label']} by term"
    said = {"percent": "%"}.get(str(measure.get("unit", "")), str(measure.get("unit", "")))
    return line_chart(
        page,
        f"outcome-{slug(measure_id)}",
        series,
        title,
        escaped(f"{title}, {said}" if said else title),
        breaks,
    )


# --- drawing ------------------------------------------------------------------------------


def dot_chart(
    page: Page,
    *,
    name: str,
    marks: list[Mark],
    title: str,
    limits: tuple[float, float],
    caption: str,
    joined: bool = False,
    line: tuple[float, str] | None = None,
) -> Figure | None:
    if not marks:
        return None
    rows = list(dict.fromkeys(mark.row for mark in marks))
    series = list(dict.fromkeys(mark.series for mark in marks))
    roles = {one: role(page, one, place) for place, one in enumerate(series)}
    shift = {
        s: 0.0 if joined else (len(series) - 1) * 0.11 - 0.22 * i for i, s in enumerate(series)
    }
    with chart_style():
        canvas = Canvas(figsize=(WIDTH, 0.8 + 0.31 * max(len(rows), 2)))
        axes = canvas.subplots()
        if line:
            axes.axvline(line[0], color=GREY, linewidth=1, linestyle="--", zorder=0)
            axes.annotate(line[1] + f" ({line[0]:g})", (line[0], len(rows) - 0.5), color=GREY,
                          fontsize=8, ha="left", va="bottom", xytext=(3, -1),
                          textcoords="offset points")  # fmt: skip
        if joined:
            for place, row in enumerate(rows):
                values = [plotted(m.value) for m in marks if m.row == row]
                axes.hlines(len(rows) - 1 - place, min(values), max(values), color=RULE,
                            linewidth=3, zorder=1)  # fmt: skip
        for one in series:
            of_series = [mark for mark in marks if mark.series == one]
            heights = [len(rows) - 1 - rows.index(mark.row) + shift[one] for mark in of_series]
            intervals = [
                (y, plotted(mark.low), plotted(mark.high))
                for y, mark in zip(heights, of_series, strict=True)
                if mark.low and mark.high
            ]
            if intervals:
                axes.hlines(*zip(*intervals, strict=True), color=roles[one].colour, linewidth=1.6,
                            zorder=2)  # fmt: skip
            axes.scatter([plotted(mark.value) for mark in of_series], heights,
                         color=roles[one].colour, marker=roles[one].marker, s=46, label=one, zorder=3, edgecolor="white",
                         linewidth=0.6)  # fmt: skip
        axes.set(xlim=limits, ylim=(-0.6, len(rows) - 0.35), xlabel="", ylabel="")
        axes.set_yticks(range(len(rows)), reversed([short_label(row) for row in rows]))
        axes.grid(axis="y", visible=False)
        legend(axes, len(series))
        svg = as_svg(page, canvas, name)
    chart = go.Figure()
    for one in series:
        of_series = [mark for mark in marks if mark.series == one]
        heights = [len(rows) - 1 - rows.index(mark.row) + shift[one] for mark in of_series]
        low = [plotted(m.value) - plotted(m.low) if m.low else 0 for m in of_series]
        high = [plotted(m.high) - plotted(m.value) if m.high else 0 for m in of_series]
        chart.add_scatter(
            x=[plotted(mark.value) for mark in of_series],
            y=heights,
            name=one,
            mode="markers",
            marker={"color": roles[one].colour, "size": 11, "symbol": roles[one].symbol,
                    "line": {"color": "white", "width": 1}},
            error_x={"type": "data", "symmetric": False, "array": _rounded(high),
                     "arrayminus": _rounded(low), "color": roles[one].colour, "thickness": 2,
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
        tickvals=list(range(len(rows))), ticktext=[short_label(row, "<br>", NARROW) for row in reversed(rows)],
        range=[-0.6, len(rows) - 0.35],
    )  # fmt: skip
    return Figure(
        svg=svg,
        html=as_html(page, chart, name, title, height=160 + 46 * max(len(rows), 2)),
        alt=_alt(title, marks),
        caption=caption,
        parts=[number for mark in marks for number in mark.numbers()],
    )


def _shares(
    page: Page, name: str, bars: list[tuple[str, list[Part]]], title: str, caption: str
) -> Figure | None:
    if not bars:
        return None
    labels = ["Favourable", "Neutral", "Unfavourable"]
    colours = [BLUE, "#BFC7CD", ORANGE]
    inks = ["white", INK, INK]
    if len(bars[0][1]) == 2:
        for each in (labels, colours, inks):
            del each[1]
    with chart_style():
        canvas = Canvas(figsize=(WIDTH, 0.9 + 0.33 * max(len(bars), 2)))
        axes = canvas.subplots()
        for place, (_, parts) in enumerate(bars):
            left = 0.0
            for number, colour, ink in zip(parts, colours, inks, strict=True):
                width = plotted(number)
                axes.barh(len(bars) - 1 - place, width, left=left, color=colour, edgecolor="white")
                if width >= 7:
                    axes.text(left + width / 2, len(bars) - 1 - place, number.text, color=ink,
                              ha="center", va="center", fontsize=8)  # fmt: skip
                left += width
        for label, colour in zip(labels, colours, strict=True):
            axes.barh(0, 0, color=colour, label=label)
        axes.set(xlim=(0, 101), xlabel="% of those who answered", ylabel="")
        axes.set_yticks(range(len(bars)), [short_label(label) for label, _ in reversed(bars)])
        axes.grid(visible=False)
        legend(axes, len(labels))
        svg = as_svg(page, canvas, name)
    chart = go.Figure()
    for place, (label, colour) in enumerate(zip(labels, colours, strict=True)):
        chart.add_bar(
            orientation="h",
            y=[short_label(bar, "<br>", NARROW) for bar, _ in reversed(bars)],
            x=[plotted(parts[place]) for _, parts in reversed(bars)],
            text=[parts[place].text for _, parts in reversed(bars)],
            name=label,
            marker={"color": colour, "line": {"color": "white", "width": 1}},
            textposition="inside",
            insidetextanchor="middle",
            hovertemplate="%{y}<br>" + label + ": %{x}%<extra></extra>",
        )
    chart.update_layout(barmode="stack")
    chart.update_xaxes(range=[0, 101], title="% of those who answered")
    parts = [number for _, numbers in bars for number in numbers]
    said = "; ".join(f"{label}: {numbers[0].text}% favourable" for label, numbers in bars)
    interactive = as_html(page, chart, name, title, height=150 + 40 * len(bars))
    return Figure(svg, f"Stacked bar chart. {title}. {said}.", caption, interactive, parts)


def _bars(
    page: Page, name: str, bars: list[tuple[str, Part]], title: str, caption: str
) -> Figure | None:
    if not bars:
        return None
    with chart_style():
        canvas = Canvas(figsize=(WIDTH, 0.5 + 0.28 * max(len(bars), 2)))
        axes = canvas.subplots()
        sns.barplot(x=[plotted(p) for _, p in bars], y=[short_label(label) for label, _ in bars],
                    color=BLUE, saturation=1, ax=axes, orient="h")  # fmt: skip
        for place, (_, number) in enumerate(bars):
            axes.text(
                plotted(number), place, f" {number.text}", va="center", fontsize=8.5, color=INK
            )
        axes.set(xlabel="", ylabel="")
        axes.xaxis.set_visible(False)
        axes.grid(visible=False)
        svg = as_svg(page, canvas, name)
    chart = go.Figure(
        go.Bar(
            orientation="h",
            y=[short_label(label, "<br>", NARROW) for label, _ in reversed(bars)],
            x=[plotted(p) for _, p in reversed(bars)],
            text=[p.text for _, p in reversed(bars)],
            textposition="outside",
            cliponaxis=False,
            marker={"color": BLUE},
            hovertemplate="%{y}: %{x}<extra></extra>",
        )
    )
    chart.update_xaxes(visible=False)
    said = "; ".join(f"{label}: {p.text}" for label, p in bars)
    interactive = as_html(page, chart, name, title, height=130 + 40 * len(bars))
    return Figure(svg, f"Bar chart. {title}. {said}.", caption, interactive, [p for _, p in bars])


def line_chart(
    page: Page,
    name: str,
    series: list[tuple[str, list[tuple[str, Part | None]]]],
    title: str,
    caption: str,
    breaks: dict[int, str] | None = None,
) -> Figure | None:
    """Lines over terms; ``breaks`` has the place of each first term of a new series, and why."""
    if not any(number for _, points in series for _, number in points):
        return None
    breaks = breaks or {}
    roles = [role(page, label, place) for place, (label, _) in enumerate(series)]
    terms = [label for label, _ in series[0][1]] if series else []
    chart = go.Figure()
    with chart_style():
        canvas = Canvas(figsize=(WIDTH, 2.3))
        axes = canvas.subplots()
        for (label, points), own in zip(series, roles, strict=True):
            shown = [(i, p) for i, (_, p) in enumerate(points) if p]
            x: list[str] = []
            y: list[float | None] = []
            edges = [0, *sorted(breaks), len(terms)]
            for start, end in pairwise(edges):
                drawn = [(i, plotted(p)) for i, p in shown if start <= i < end]
                axes.plot([i for i, _ in drawn], [v for _, v in drawn], color=own.colour,
                          linestyle=own.line, marker=own.marker, markersize=5, markeredgecolor="white", markeredgewidth=0.75,
                          label=label if start == 0 else None)  # fmt: skip
                x += [_term(terms[i], "<br>") for i, _ in drawn]
                y += [v for _, v in drawn]
                if drawn and end in breaks:
                    # A point without a value: the line ends here.
                    x.append(_term(terms[end], "<br>"))
                    y.append(None)
            chart.add_scatter(
                x=x, y=y, name=label, mode="lines+markers", connectgaps=False,
                line={"color": own.colour, "dash": own.dash, "width": 2.5},
                marker={"size": 8, "symbol": own.symbol},
                hovertemplate="%{x}: %{y}<extra>" + label + "</extra>",
            )  # fmt: skip
        values = [plotted(p) for _, points in series for _, p in points if p]
        if breaks and values:
            # Room below the lines for what is said of the break.
            span = (max(values) - min(values)) or 1.0
            room = [min(values) - 0.25 * span, max(values) + 0.08 * span]
            axes.set_ylim(*room)
            chart.update_yaxes(range=_rounded(room))
        for place, why in breaks.items():
            axes.axvline(place - 0.5, color=GREY, linewidth=1, linestyle="--", zorder=0)
            axes.annotate(f"From here: {why}", (place - 0.5, 0.02), color=GREY, fontsize=8,
                          xycoords=("data", "axes fraction"), xytext=(4, 0),
                          textcoords="offset points", ha="left", va="bottom")  # fmt: skip
            chart.add_vline(x=place - 0.5, line={"color": GREY, "dash": "dash", "width": 1})
            chart.add_annotation(x=place - 0.5, y=0, xref="x", yref="paper", showarrow=False,
                                 text=f"From here: {html.escape(why)}", xanchor="left",
                                 yanchor="bottom", xshift=4, font={"color": GREY})  # fmt: skip
        # With many terms their names would run into one another.
        every = math.ceil(len(terms) / MOST_TERMS)
        axes.set_xticks(range(0, len(terms), every), [_term(term) for term in terms[::every]])
        axes.set(xlabel="", ylabel="")
        axes.grid(axis="x", visible=False)
        legend(axes, len(series))
        svg = as_svg(page, canvas, name)
    chart.update_xaxes(
        type="category", categoryarray=[_term(t, "<br>") for t in terms],
        tickvals=[_term(t, "<br>") for t in terms[::every]],
    )  # fmt: skip
    parts = [p for _, points in series for _, p in points if p]
    said = ". ".join(
        f"{label}: " + ", ".join(f"{term} {p.text}" for term, p in points if p)
        for label, points in series
        if any(p for _, p in points)
    )
    said += "".join(
        f". The series breaks before {terms[place]}: {why}" for place, why in breaks.items()
    )
    interactive = as_html(page, chart, name, title, height=360)
    return Figure(svg, f"Line chart. {title}. {said}.", caption, interactive, parts)


def chart_style() -> Any:
    """The look of every SVG; text as outlines, so that no reader needs the font."""
    font = _font()
    return mpl.rc_context(
        sns.axes_style("whitegrid")
        | {
            "font.family": font,
            "font.size": 9,
            "axes.edgecolor": RULE,
            "axes.labelcolor": INK,
            "axes.labelsize": 8.5,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.spines.left": False,
            "grid.color": RULE,
            "grid.linewidth": 0.6,
            "text.color": INK,
            "xtick.color": INK,
            "ytick.color": INK,
            "xtick.labelsize": 8.5,
            "ytick.labelsize": 8.5,
            "svg.fonttype": "path",
        }
    )


def _font() -> str:
    """The report's font where it is found, so that charts and pages look alike."""
    known = {entry.name for entry in font_manager.fontManager.ttflist}
    if FONT not in known:
        for file in resources.fonts(project_root()):
            font_manager.fontManager.addfont(str(file))
        known = {entry.name for entry in font_manager.fontManager.ttflist}
    return FONT if FONT in known else "DejaVu Sans"


def as_svg(page: Page, canvas: Canvas, name: str) -> str:
    """The canvas as SVG, with the study's notice: the same bytes for the same numbers."""
    buffer = io.StringIO()
    if page.study.notice_short:
        canvas.text(
            0.99,
            -0.22 / canvas.get_figheight(),
            page.study.notice_short,
            ha="right",
            va="top",
            fontsize=7,
            color=GREY,
        )
    # Drawn once, and then cut to what was drawn; matplotlib's own "tight" draws everything twice.
    canvas.patch.set_visible(False)
    canvas.set_dpi(POINTS)
    width, height = canvas.get_size_inches() * POINTS
    with mpl.rc_context({"svg.hashsalt": name}):
        renderer = RendererSVG(width, height, buffer, image_dpi=POINTS, metadata=NO_METADATA)
        canvas.draw(renderer)
        drawn = canvas.get_tightbbox(renderer).padded(0.04)
        renderer.finalize()
    left, top = drawn.x0 * POINTS, height - drawn.y1 * POINTS
    wide, high = drawn.width * POINTS, drawn.height * POINTS
    size = f'width="{wide:.3f}{{0}}" height="{high:.3f}{{0}}"'
    svg = WHOLE.sub(
        size.format("pt") + f' viewBox="{left:.3f} {top:.3f} {wide:.3f} {high:.3f}"',
        buffer.getvalue(),
        count=1,
    )
    ground = f'<rect x="{left:.3f}" y="{top:.3f}" {size.format("")} fill="white"/>'
    return svg.replace(" <g id=", f" {ground}\n <g id=", 1)


def as_html(page: Page, chart: go.Figure, name: str, title: str, height: int) -> str:
    """The chart as HTML, with the look of all."""
    # On a phone the entries of the legend stand one below the other.
    entries = len(chart.data) if len(chart.data) > 1 else 0
    if page.study.notice_short:
        chart.add_annotation(
            text=page.study.notice_short, x=1, xref="paper", xanchor="right", y=0,
            yref="paper", yanchor="top", yshift=-74 if chart.layout.xaxis.title.text else -36,
            showarrow=False, font={"size": 11, "color": GREY},
        )  # fmt: skip
    chart.update_layout(
        height=height,
        title={
            "text": title,
            "font": {"size": 15, "color": INK},
            "x": 0.01,
            "xref": "container",
            "y": 1,
            "yref": "container",
            "yanchor": "top",
            "pad": {"t": 8},
        },
        font={"family": f"'{FONT}', Arial, sans-serif", "size": 14, "color": INK},
        paper_bgcolor="white",
        plot_bgcolor="white",
        margin={
            "l": _left_margin(chart),
            "r": 28,
            "t": 46 + 20 * entries,
            "b": 94 if chart.layout.xaxis.title.text else 60,
        },
        legend={"orientation": "h", "x": 0, "y": 1.0, "yanchor": "bottom"},
        hoverlabel={"font": {"size": 14}},
        template="none",
    )
    chart.update_xaxes(gridcolor=RULE, zeroline=False, automargin=True, fixedrange=True)
    chart.update_yaxes(
        showgrid=False, zeroline=False, automargin=True, fixedrange=True, ticklabelstandoff=5
    )
    return str(
        chart.to_html(
            full_html=False,
            include_plotlyjs=False,
            div_id=f"plot-{name}",
            config={"displayModeBar": False, "responsive": True},
        )
    )


def _left_margin(chart: go.Figure) -> int:
    """Room for the labels at the left, in pixels.

    The browser makes room for the font that it has at first; the report's own may come later
    and be wider.
    """
    labels = [str(label) for label in chart.layout.yaxis.ticktext or ()]
    labels += [str(y) for bar in chart.data if bar.type == "bar" for y in bar.y]
    longest = max((len(line) for label in labels for line in label.split("<br>")), default=0)
    return max(10, 8 * longest)


def legend(axes: Any, entries: int) -> None:
    """Above the axes, where there is more than one entry."""
    if entries > 1:
        axes.legend(
            loc="lower left", bbox_to_anchor=(0, 1.0), ncols=entries, frameon=False,
            fontsize=8.5, handletextpad=0.3, columnspacing=1.4, borderaxespad=0.3,
        )  # fmt: skip


def with_interval(row_label: str, series: str, row: dict[str, Any], decimals: int) -> Mark:
    known = row["ci_low"] == row["ci_low"]
    return Mark(
        row_label,
        series,
        part(row, decimals),
        part(row, decimals, "ci_low") if known else None,
        part(row, decimals, "ci_high") if known else None,
    )


def axis_limits(
    marks: list[Mark], whole: tuple[float, float], around: float | None = None
) -> tuple[float, float]:
    """Axis limits with room round the marks, inside the scale's range."""
    values = [plotted(p) for mark in marks for p in mark.numbers()]
    if around is not None:
        values.append(around)
    if not values:
        return whole
    room = max((max(values) - min(values)) * 0.12, (whole[1] - whole[0]) * 0.02)
    return max(whole[0], min(values) - room), min(whole[1], max(values) + room)


def around_zero(marks: list[Mark]) -> tuple[float, float]:
    """Axis limits of differences: nought and all marks, with room round them."""
    values = [0.0, *(plotted(p) for mark in marks for p in mark.numbers())]
    room = (max(values) - min(values) or 1.0) * 0.12
    return min(values) - room, max(values) + room


def plotted(number: Part | None) -> float:
    assert number is not None
    return float(number.text.replace("\u2212", "-").replace(",", ""))


def _rounded(values: list[float]) -> list[float]:
    return [round(value, 6) for value in values]


def _hover(mark: Mark) -> str:
    text = f"{mark.row}<br>{mark.series}: {mark.value.text}"
    if mark.low and mark.high:
        text += f" (95% interval {mark.low.text} to {mark.high.text})"
    return text


def _alt(title: str, marks: list[Mark]) -> str:
    rows = list(dict.fromkeys(mark.row for mark in marks))
    said = []
    for row in rows:
        values = ", ".join(f"{m.series} {m.value.text}" for m in marks if m.row == row)
        said.append(f"{row}: {values}")
    return f"Dot chart. {title}. " + "; ".join(said) + "."


def _wave(page: Page, wave_id: str) -> str:
    return page.study.wave(wave_id).label


def short_label(label: str, newline: str = "\n", width: int = 30) -> str:
    """A long label over two lines or more."""
    lines, line = [], ""
    for word in label.split():
        if line and len(line) + len(word) + 1 > width:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}".strip()
    return newline.join([*lines, line])


def _term(term: str, newline: str = "\n") -> str:
    year, _, name = term.partition(" ")
    return f"{name.capitalize()}{newline}{year}" if name else term
