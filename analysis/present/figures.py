"""What all charts share: colours and shapes by role, the style, the SVG, the interactive form.

Each form of chart has a module of its own (``dots``, ``stacked``, ``lines``, ``heat``, ``timeline``,
``diagrams``); ``charts`` says what a report draws in them. Nothing reaches a chart but rows that are
released, rounded to the precision shown.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
import plotly.graph_objects as go
from matplotlib import font_manager
from matplotlib.backends.backend_svg import RendererSVG
from matplotlib.figure import Figure as Canvas
from matplotlib.lines import Line2D

from analysis import resources
from analysis.language import gettext, number_of
from analysis.places import project_root
from analysis.present import drawings
from analysis.present.asked import first
from analysis.present.page import Compared, Page, part
from analysis.present.palette import FONT, PALETTE
from analysis.present.shown import Part
from analysis.results import COHORT

BLUE, TURQUOISE, MAROON, ORANGE, GREY, GREEN, PURPLE, INK, RULE = (
    PALETTE[name]
    for name in (
        "primary", "accent", "plum", "orange", "grey", "green", "purple", "ink", "rule"
    )
)  # fmt: skip
NARROW = 22  # characters of a label's line in a browser, which may be a phone's
WIDTH = 6.6  # inches: the text width of A4 with the report's margins
PHONE = 3.1  # inches: what a phone shows at the size at which it was drawn
POINTS = 72  # of an SVG to the inch
#: The least size of text, in points: in print no drawing is made smaller than it was drawn.
SMALLEST = 8.0
#: The clock and the program's version would be other bytes for the same numbers.
NO_METADATA = {"Date": None, "Creator": None}
#: What an SVG says of its size, of itself, and of its parts.
WHOLE = re.compile(r'width="[^"]*" height="[^"]*" viewBox="[^"]*"')
SAID = re.compile(
    r"\s*<metadata>.*?</metadata>|<!DOCTYPE[^>]*>|<\?xml[^>]*\?>|<!--.*?-->", re.DOTALL
)
NAMED = re.compile(r' id="([^"]+)"')
PLACES = re.compile(r' (?:d|x|y)="[^"]*"')
LONG = re.compile(r"-?\d+\.\d{3,}")
INDENTED = re.compile(r"\n +")
REFERRED = re.compile(r'(?:url\(#|href="#)([^")]+)')
ALL = Compared("All", COHORT, "all")


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
    *earlier, last = page.study.waves_so_far
    if series == wave_label(page, last):
        return FOLLOWUP
    if series in {wave_label(page, wave) for wave in earlier}:
        return BASELINE
    if page.is_school and series == page.compared[0].label:
        return SCHOOL
    if series in {gettext("All"), gettext("Programme")}:
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


def chart_style() -> Any:
    """The look of every SVG. Text stays text: whoever shows it brings the font."""
    font = _font()
    # seaborn's "whitegrid" with the report's colours, written down: to import seaborn takes as long
    # as some twenty drawings. A test holds the two together.
    return mpl.rc_context(
        {
            "font.family": font,
            "font.size": 9,
            "axes.axisbelow": True,
            "axes.edgecolor": RULE,
            "axes.grid": True,
            "axes.labelcolor": INK,
            "axes.labelsize": 9,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.spines.left": False,
            "grid.color": RULE,
            "grid.linewidth": 0.6,
            "lines.solid_capstyle": "round",
            "patch.edgecolor": "w",
            "patch.force_edgecolor": True,
            "text.color": INK,
            "xtick.bottom": False,
            "xtick.color": INK,
            "ytick.color": INK,
            "ytick.left": False,
            "xtick.labelsize": 9,
            "ytick.labelsize": 9,
            "svg.fonttype": "none",
        }
    )


def canvas_of(height: float, width: float = WIDTH) -> Canvas:
    """A canvas on which labels, legend and axes stay within its width."""
    return Canvas(figsize=(width, height), layout="constrained")


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
    if page.study.notice_short:
        canvas.text(
            0.99,
            -0.03 / canvas.get_figheight(),
            page.study.notice_short,
            ha="right",
            va="top",
            fontsize=SMALLEST,
            color=GREY,
        )
    canvas.patch.set_visible(False)
    canvas.set_dpi(POINTS)
    return drawings.drawn(canvas, name, lambda: _drawn(canvas, name))


def _drawn(canvas: Canvas, name: str) -> str:
    # Drawn once, and then cut to what was drawn; matplotlib's own "tight" draws everything twice.
    buffer = io.StringIO()
    width, height = canvas.get_size_inches() * POINTS
    with mpl.rc_context({"svg.hashsalt": name}):
        renderer = RendererSVG(width, height, buffer, image_dpi=POINTS, metadata=NO_METADATA)
        with warnings.catch_warnings():
            # Where labels leave no room the drawing is made wider than asked for; nothing is lost.
            warnings.simplefilter("ignore", UserWarning)
            canvas.draw(renderer)
        drawn = canvas.get_tightbbox(renderer).padded(0.04)
        renderer.finalize()
    left, top = drawn.x0 * POINTS, height - drawn.y1 * POINTS
    wide, high = drawn.width * POINTS, drawn.height * POINTS
    size = f'width="{wide:.2f}{{0}}" height="{high:.2f}{{0}}"'
    svg = WHOLE.sub(
        size.format("pt") + f' viewBox="{left:.2f} {top:.2f} {wide:.2f} {high:.2f}"',
        buffer.getvalue(),
        count=1,
    )
    ground = f'<rect x="{left:.2f}" y="{top:.2f}" {size.format("")} fill="{PALETTE["paper"]}"/>'
    svg = svg.replace(" <g id=", f" {ground}\n <g id=", 1)
    return _lean(svg, name)


def _lean(svg: str, name: str) -> str:
    """An SVG that can stand in a page beside others: no prologue, and no name that another has.

    Places to a hundredth of a point, and no room before its lines, make it an eighth smaller.
    """
    referred = set(REFERRED.findall(svg))

    def own(match: re.Match[str]) -> str:
        return f' id="{name}-{match.group(1)}"' if match.group(1) in referred else ""

    svg = NAMED.sub(own, SAID.sub("", svg))
    svg = REFERRED.sub(lambda m: m.group(0).replace(m.group(1), f"{name}-{m.group(1)}"), svg)
    svg = PLACES.sub(lambda m: LONG.sub(_short, m.group()), svg)
    return INDENTED.sub("\n", svg).strip() + "\n"


def _short(number: re.Match[str]) -> str:
    return f"{float(number.group()):.2f}".rstrip("0").rstrip(".")


def as_plot(page: Page, chart: go.Figure, height: int) -> str:
    """The chart for exploring, as Plotly's JSON, with the look of all; nothing for a school.

    A school's report is small enough to be sent by mail, and its drawings say all there is.
    """
    if page.is_school:
        return ""
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
        font={"family": f"'{FONT}', Arial, sans-serif", "size": 14, "color": INK},
        paper_bgcolor=PALETTE["paper"],
        plot_bgcolor=PALETTE["paper"],
        margin={
            "l": _left_margin(chart),
            "r": 28,
            "t": 16 + 20 * entries,
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
    return str(chart.to_json())


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
    """Above the axes, where there is more than one entry; one below the other where they are long."""
    if entries > 1:
        _, labels = axes.get_legend_handles_labels()
        inches = axes.figure.get_figwidth()
        axes.legend(
            loc="lower left", bbox_to_anchor=(0, 1.0), frameon=False,
            ncols=1 if legend_lines(labels, inches) > 1 else entries,
            fontsize=9, handletextpad=0.3, columnspacing=1.4, borderaxespad=0.3,
        )  # fmt: skip


def legend_lines(labels: Sequence[str], inches: float) -> int:
    """How many lines the entries of a legend take in a drawing so many inches wide."""
    if len(labels) < 2:
        return 0
    return 1 if sum(len(each) + 5 for each in labels) < 14 * inches else len(labels)


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
    return number_of(number.text)


def rounded(values: Sequence[float]) -> list[float]:
    """Without the noise of binary fractions."""
    return [round(value, 6) for value in values]


def titled(message: str, what: str) -> str:
    """A caption: what the chart says, and what is drawn; ``message`` and ``what`` are Markdown."""
    return f"**{message.rstrip('.')}.** {first(what)}" if message else what


def described(message: str, kind: str, what: str, told: Sequence[str]) -> str:
    """An alternative text: the message first, then what is drawn, with all its numbers."""
    start = f"{plain(message).rstrip('.')}. " if message else ""
    return f"{start}{kind}: {plain(what).rstrip('.')}. {'; '.join(told)}."


def plain(markdown: str) -> str:
    """A message or a caption without its marks."""
    return re.sub(r"\\([^\w\s])", r"\1", re.sub(r"(?<!\\)[*~]", "", markdown))


def wave_label(page: Page, wave: str) -> str:
    """A wave's name for readers."""
    return page.study.wave(wave).label


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
