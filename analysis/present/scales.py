"""One drawing of all scores of a school: dot and interval, on the mean of the other schools.

Narrow, with words beside each dot, so that it is read as it is on a phone, in a column beside text
and on paper. Instruments answered on different scales have axes of their own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from matplotlib.figure import Figure as Canvas

from analysis.language import gettext
from analysis.present import asked, figures, page_one
from analysis.present.figures import Mark
from analysis.present.page import Page, part
from analysis.present.shown import Figure, escaped

#: Inches: the drawing, the words at its left, a line of them, and room between rows, for a
#: panel's title, and for an axis.
WIDTH, WORDS, LINE, GAP, PANEL, AXIS = 3.1, 1.62, 0.128, 0.05, 0.19, 0.22
#: Characters of a line of words.
CHARACTERS = 27
#: Of the title.
TITLE = 40


@dataclass(frozen=True)
class Panel:
    """The scores of one instrument, each with its mark of this school and of the others."""

    title: str
    limits: tuple[float, float]
    rows: dict[str, list[Mark]]

    def marks(self) -> list[Mark]:
        """The marks of all rows."""
        return [mark for row in self.rows.values() for mark in row]


def scales(page: Page) -> Figure | None:
    """Every score that a school shows, at follow-up if it can be; its title is page one's message."""
    if not page.is_school:
        return None
    compared = page_one.standing(page)
    message = (
        page_one.message(page, compared) if compared else gettext("Every score of this school")
    )
    return _figure(page, message, list(_panels(page)), compared)


def by_survey(page: Page) -> list[Figure]:
    """The same for each survey by itself, where there is less room in height."""
    if not page.is_school:
        return []
    compared = page_one.standing(page)
    found = (
        _figure(page, survey.label, list(_panels(page, survey.id)), compared)
        for survey in page.study.surveys
    )
    return [each for each in found if each is not None]


def _figure(
    page: Page, message: str, panels: list[Panel], compared: list[page_one.Scale]
) -> Figure | None:
    if not panels:
        return None
    clear = {asked.first(each.name) for each in compared if each.better}
    own, others = page.compared[0].label, asked.first(page.others)
    marks = [mark for panel in panels for mark in panel.marks()]
    beside = any(mark.series == others for mark in marks)
    what = gettext("The dot is this school's mean, the line its 95% interval")
    if beside:
        what = gettext("{dot}, the diamond the mean of the {others}", dot=what, others=page.others)
    if clear:
        what = gettext("{drawn}; names in bold are clearly apart", drawn=what)
    svg = _drawn(page, message, panels, [own, *([others] if beside else [])], clear)
    said = " ".join(_in_words(panel) for panel in panels)
    return Figure(
        svg,
        f"{message}. {_kind(page, beside=beside)} {said}",
        gettext("Scores of this school. {what}.", what=escaped(what)),
        parts=[number for mark in marks for number in mark.numbers()],
    )


def _kind(page: Page, *, beside: bool) -> str:
    """What is drawn, for those who do not see it."""
    if beside:
        return gettext(
            "Dot chart: each score of this school with its 95% interval, beside the mean of the "
            "{others}.",
            others=page.others,
        )
    return gettext("Dot chart: each score of this school with its 95% interval.")


def _panels(page: Page, only: str = "") -> Iterator[Panel]:
    several = len(page.study.surveys) > 1
    for survey in page.study.surveys:
        if only not in ("", survey.id):
            continue
        for instrument in survey.instruments:
            found = page.instruments[instrument]
            wave = asked.last_shown(page, survey.id, instrument)
            if not wave:
                continue
            rows: dict[str, list[Mark]] = {}
            for score in found.scores:
                at = (survey.id, instrument, "level", score, wave, "mean")
                row = page.values(None, *at)
                if row is None:
                    continue
                name = asked.first(asked.everyday(found, score))
                own = figures.with_interval(
                    name, page.compared[0].label, row, found.decimals(score)
                )
                rows[name] = [own]
                beside = (survey.id, instrument, "beside", score, wave, "others")
                others = page.values(None, *beside) if wave == page.study.followup else None
                if others is not None:
                    value = part(others, found.decimals(score))
                    rows[name].append(Mark(name, asked.first(page.others), value))
            low, high = found.score_range(found.scores[0])
            marks = [mark for row in rows.values() for mark in row]
            title = found.short
            if wave != page.study.followup:
                title = gettext(
                    "{instrument} {when}",
                    instrument=title,
                    when=asked.when(page, wave),
                )
            if several:
                title = f"{asked.first(survey.respondents)}, {title}"
            yield Panel(
                gettext(
                    "{instrument} ({low} to {high})",
                    instrument=title,
                    low=f"{low:g}",
                    high=f"{high:g}",
                ),
                figures.axis_limits(marks, (low, high)),
                rows,
            )


def _drawn(page: Page, title: str, panels: list[Panel], series: list[str], clear: set[str]) -> str:
    """The drawing: panels one below the other, each with its rows in the instrument's order."""
    title = figures.short_label(title, width=TITLE)
    head = 0.26 + 0.165 * (1 + title.count("\n"))
    words = {name: figures.short_label(name, width=CHARACTERS) for p in panels for name in p.rows}
    tall = {name: LINE * (1 + label.count("\n")) + GAP for name, label in words.items()}
    heights = [sum(tall[name] for name in panel.rows) for panel in panels]
    # Above each panel its title, below it the axis; the notice stands below the last of them.
    whole = sum(heights) + len(panels) * (PANEL + AXIS) + head
    with figures.chart_style():
        canvas = Canvas(figsize=(WIDTH, whole))
        top = whole - head
        for panel, height in zip(panels, heights, strict=True):
            top -= PANEL
            axes = canvas.add_axes(
                (WORDS / WIDTH, (top - height) / whole, 1 - (WORDS + 0.08) / WIDTH, height / whole)
            )
            canvas.text(0.0, (top + 0.05) / whole, panel.title, fontsize=8.5, fontweight="semibold",
                        color=figures.INK, va="bottom")  # fmt: skip
            y, ticks = height, []
            for name, marks in panel.rows.items():
                y -= tall[name]
                middle = y + tall[name] / 2
                ticks.append((middle, words[name], name in clear))
                for mark in reversed(marks):
                    _dot(axes, middle, mark, figures.role(page, mark.series))
            axes.set(xlim=panel.limits, ylim=(0, height), xlabel="", ylabel="")
            axes.set_yticks([])
            axes.locator_params(axis="x", nbins=4)
            axes.tick_params(axis="x", length=0, pad=2, labelsize=8)
            axes.grid(axis="y", visible=False)
            for middle, label, bold in ticks:
                axes.annotate(label, (0, middle), xycoords=("axes fraction", "data"),
                              xytext=(-5, 0), textcoords="offset points", ha="right", va="center",
                              fontsize=8.2, linespacing=1.05,
                              fontweight="semibold" if bold else "normal")  # fmt: skip
            top -= height + AXIS
        canvas.text(
            0.0, 1.0, title, fontsize=9.5, fontweight="semibold", color=figures.BLUE, va="top"
        )
        handles = [figures.handle(figures.role(page, name), name) for name in series]
        canvas.legend(handles=handles, loc="upper left", bbox_to_anchor=(0, 1 - (head - 0.22) / whole),
                      frameon=False,
                      ncols=2, fontsize=8.5, handletextpad=0.3, columnspacing=1.2,
                      borderaxespad=0, borderpad=0)  # fmt: skip
        return figures.as_svg(page, canvas, "scales")


def _dot(axes: Any, y: float, mark: Mark, role: figures.Role) -> None:
    if mark.low and mark.high:
        ends = figures.plotted(mark.low), figures.plotted(mark.high)
        axes.hlines(y, *ends, color=role.colour, linewidth=1.6, zorder=2)
    axes.scatter([figures.plotted(mark.value)], [y], color=role.colour, marker=role.marker, s=36,
                 zorder=3, edgecolor="white", linewidth=0.6)  # fmt: skip


def _in_words(panel: Panel) -> str:
    """A panel for those who do not see it, intervals included."""
    told = []
    for name, marks in panel.rows.items():
        own, *others = marks
        said = f"{name} {own.value.text}"
        if own.low and own.high:
            said = gettext(
                "{value} ({low} to {high})", value=said, low=own.low.text, high=own.high.text
            )
        for mark in others:
            said = gettext("{own}, others {value}", own=said, value=mark.value.text)
        told.append(said)
    return f"{panel.title}: {'; '.join(told)}."
