"""Levels over all waves that asked an instrument, where there are more than two: scale by scale.

With one wave there are levels only, and with two the change between them; both are shown elsewhere.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from analysis.disclosure.store import day_column
from analysis.language import N_, gettext, listed
from analysis.present import asked
from analysis.present.count_words import number_word
from analysis.present.figures import (
    PHONE,
    PROGRAMME,
    SCHOOL,
    SMALLEST,
    WIDTH,
    Role,
    as_svg,
    canvas_of,
    chart_style,
    plotted,
    role,
    short_label,
    wave_label,
)
from analysis.present.page import Compared, Page, part
from analysis.present.shown import Cell, Figure, Part, Table, Text, escaped, table
from analysis.results import COHORT
from analysis.words import inside

#: As many waves as make more of a change than one difference.
FEWEST_WAVES = 3
#: Panels beside each other: of scales, and of schools.
COLUMNS, SMALL_COLUMNS = 3, 6
#: Letters of a line of a wave's name below a chart; inches for a letter, and of a panel's width how
#: much its waves lie over.
NAME, LETTER, LINES = 10, 0.08, 0.7
#: Fewer schools are no picture of many; more do not fit on a page.
LEAST_SCHOOLS, MOST_SCHOOLS = 3, 60


@dataclass(frozen=True)
class Point:
    """A mean in time: its wave and day, and its interval where it may be shown."""

    wave: str
    day: float
    mean: Part
    low: Part | None
    high: Part | None


def levels(page: Page, survey: str, instrument: str) -> Table | None:
    """Every scale's mean at every wave, for the page's unit and what it is compared with."""
    waves = asked.waves_of(page, survey, instrument)
    if len(waves) < FEWEST_WAVES:
        return None
    found = page.instruments[instrument]
    rows: list[list[Cell]] = []
    for score in found.scores:
        for who in page.compared:
            row: list[Cell] = [escaped(found.score_label(score)), escaped(who.label)]
            for wave in waves:
                at = (survey, instrument, "level", score, wave, "mean")
                row.append(page.with_interval(who, *at, decimals=found.decimals(score)))
            rows.append(row)
    return table(
        [
            gettext("Scale"),
            gettext("Group"),
            *(escaped(page.study.wave(wave).label) for wave in waves),
        ],
        rows,
        widths=[26, 18, *[20] * len(waves)],
        caption=asked.caption(page, survey, instrument, what=gettext("means at every wave")),
        text_columns=2,
        note=gettext(
            "All who answered at each wave, with 95% intervals; different people answered."
        )
        + f" {asked.including(page)}",
    )


def multiples(page: Page, survey: str, instrument: str) -> Figure | None:
    """A small chart for each scale: its mean at every wave, where the wave lies in time.

    In a school's report waves stand at the school's own dates. Title, legend and alternative text
    name those who are drawn: of a school whose own means are withheld, the others.
    """
    waves = asked.waves_of(page, survey, instrument)
    if len(waves) < FEWEST_WAVES:
        return None
    found = page.instruments[instrument]
    shown = {
        score: series
        for score in found.scores
        if (series := [_series(page, who, survey, instrument, score) for who in page.compared])
        and any(len(points) > 1 for points in series)
    }
    if not shown:
        return None
    roles = [role(page, who.label, place) for place, who in enumerate(page.compared)]
    # The legend names nothing that is not drawn.
    drawn = [any(of_one) for of_one in zip(*shown.values(), strict=True)]
    panels = [
        (
            found.score_label(score),
            [
                (who.label, own, points)
                for who, own, points, there in zip(page.compared, roles, series, drawn, strict=True)
                if there
            ],
        )
        for score, series in shown.items()
    ]
    alt = gettext("Small line charts of {instrument}, one for each scale.", instrument=found.short)
    told = [
        gettext(
            "{scale}, {who}: {means}.", scale=title, who=inside(label), means=_told(page, points)
        )
        for title, series in panels
        for label, _, points in series
        if points
    ]
    what = N_("means at each of {number} waves, by when they were; all who answered")
    if page.is_school:
        what = (
            N_(
                "means at each of {number} waves, by when they were; all who answered, this "
                "school among all"
            )
            if drawn[0]
            else N_(
                "means at each of {number} waves, by when they were; all who answered in the "
                "programme, as this school's own means cannot be shown"
            )
        )
    caption = asked.caption(
        page, survey, instrument, what=gettext(what, number=number_word(len(waves)))
    )
    return _figure(
        page, f"trend-{survey}-{instrument}", waves, panels, " ".join([alt, *told]), caption
    )


def each_school(page: Page, survey: str, instrument: str) -> Figure | None:
    """A small chart for each school, without its name: its mean at every wave, and all schools'."""
    shown = _schools(page, survey, instrument)
    if not LEAST_SCHOOLS <= len(shown) <= MOST_SCHOOLS:
        return None
    found = page.instruments[instrument]
    score = page.study.survey(survey).headline.split(".")[1]
    label, (everybody, *_) = inside(found.score_label(score)), page.compared
    waves = asked.waves_of(page, survey, instrument)
    all_of_them = _series(page, everybody, survey, instrument, score)
    panels = [
        ("", [(gettext("A school"), SCHOOL, series), (everybody.label, PROGRAMME, all_of_them)])
        for series in shown
    ]
    alt = gettext(
        "Small line charts of {scale}, one for each of {number} schools without their names, "
        "{times}: {schools}. {everybody}: {all}.",
        scale=label,
        number=len(shown),
        times=listed([asked.when(page, wave) for wave in waves]),
        schools="; ".join(_in_turn(waves, series) for series in shown),
        everybody=everybody.label,
        all=_told(page, all_of_them),
    )
    caption = asked.caption(
        page, survey, instrument,
        what=gettext(
            "{scale} of each school at each wave, with 95% intervals, from the highest to the "
            "lowest at the first; all who answered",
            scale=escaped(label),
        ),
    )  # fmt: skip
    return _figure(page, f"schools-{survey}-{instrument}", waves, panels, alt, caption)


def each_school_said(page: Page, survey: str, instrument: str) -> Text | None:
    """In how many schools the mean rose, fell or stayed, as the chart shows it, and what it is not."""
    shown = _schools(page, survey, instrument)
    moved = [
        plotted(series[-1].mean) - plotted(series[0].mean) for series in shown if len(series) > 1
    ]
    if len(shown) < LEAST_SCHOOLS or len(moved) < LEAST_SCHOOLS:
        return None
    score = page.study.survey(survey).headline.split(".")[1]
    counts = {
        N_("higher in {number}"): sum(m > 0 for m in moved),
        N_("lower in {number}"): sum(m < 0 for m in moved),
        N_("the same in {number}"): sum(m == 0 for m in moved),
    }
    said = gettext(
        "Of {number} schools whose {scale} may be shown at more than one wave, the mean at the "
        "last of these, beside the first, is {counts}. Some of it is chance, and different people "
        "answered: what changed in the same people stands below.",
        number=number_word(len(moved)),
        scale=escaped(inside(page.instruments[instrument].score_label(score))),
        counts=listed([gettext(w, number=number_word(n)) for w, n in counts.items() if n]),
    )
    if len(shown) > MOST_SCHOOLS:
        said += " " + gettext("So many schools are not drawn one by one.")
    return Text([said])


def _schools(page: Page, survey: str, instrument: str) -> list[list[Point]]:
    """The levels of each school, by place, of which any may be shown."""
    headline, score = page.study.survey(survey).headline.split(".")
    if page.is_school or instrument != headline or not page.study.compares:
        return []
    places = sorted({parts[5] for parts in page.ids_of(survey, instrument, "schools")})
    found = [
        _series(page, Compared("", COHORT, place), survey, instrument, score, "schools")
        for place in places
    ]
    return [series for series in found if series]


def _figure(
    page: Page,
    name: str,
    waves: Sequence[str],
    panels: Sequence[tuple[str, list[tuple[str, Role, list[Point]]]]],
    alt: str,
    caption: str,
) -> Figure:
    """Panels of lines over time, with intervals of the first line: for a page, and for a phone.

    Panels without titles are small, many, and have one scale.
    """
    days = [_day(page, wave) for wave in waves]
    titled = bool(panels[0][0])
    drawn = []
    for narrow in (False, True):
        across = min(COLUMNS if titled else SMALL_COLUMNS, len(panels))
        across = -(-across // 2) if narrow else across
        rows = math.ceil(len(panels) / across)
        with chart_style():
            height = 0.6 + (1.6 if titled else 0.9) * rows
            width = PHONE if narrow else WIDTH
            canvas, names = canvas_of(height, width), _names(page, waves, days, width / across)
            grid = canvas.subplots(rows, across, squeeze=False, sharex=True, sharey=not titled)
            for axes, (title, series) in zip(grid.flat, panels, strict=False):
                for place, (label, own, points) in enumerate(series):
                    x = [point.day for point in points]
                    axes.plot(x, [plotted(point.mean) for point in points], color=own.colour,
                              linestyle=own.line, marker=own.marker, markersize=3.5,
                              label=label)  # fmt: skip
                    for point in points if place == 0 else []:
                        if point.low and point.high:
                            axes.vlines(point.day, plotted(point.low), plotted(point.high),
                                        color=own.colour, linewidth=1)  # fmt: skip
                axes.set_title(short_label(title), fontsize=SMALLEST + 0.5, loc="left")
                axes.grid(axis="x", visible=False)
                axes.margins(x=0.12)
                axes.set_xticks(days, names)
            for axes in grid.flat[len(panels) :]:
                axes.set_axis_off()
            # The last panel of each column has its waves, where none stands below it.
            for axes in grid.flat[max(len(panels) - across, 0) : len(panels)]:
                axes.tick_params(labelbottom=True)
            handles, labels = grid.flat[0].get_legend_handles_labels()
            # In a school's report one line by itself may be taken for the school's own.
            if len(labels) > 1 or page.is_school:
                canvas.legend(handles, labels, loc="outside upper left", frameon=False,
                              ncols=1 if narrow else len(labels), fontsize=SMALLEST)  # fmt: skip
            drawn.append(as_svg(page, canvas, f"{name}-narrow" if narrow else name))
    numbers = [
        number
        for _, series in panels
        for _, _, points in series
        for point in points
        for number in (point.mean, point.low, point.high)
        if number is not None
    ]
    return Figure(drawn[0], alt, caption, narrow=drawn[1], parts=numbers)


def _series(
    page: Page,
    who: Compared,
    survey: str,
    instrument: str,
    score: str,
    analysis: str = "level",
) -> list[Point]:
    """Day, mean and interval at each wave at which the mean is shown."""
    decimals = page.instruments[instrument].decimals(score)
    points = []
    for wave in asked.waves_of(page, survey, instrument):
        row = page.values(who, survey, instrument, analysis, score, wave, "mean")
        if row is not None:
            low, high = (
                part(row, decimals, end) if row[end] == row[end] else None
                for end in ("ci_low", "ci_high")
            )
            points.append(Point(wave, _day(page, wave), part(row, decimals), low, high))
    return points


def _names(page: Page, waves: Sequence[str], days: Sequence[float], width: float) -> list[str]:
    """Waves' names below a panel so many inches wide; their ids where names would meet."""
    names = [short_label(wave_label(page, wave), width=NAME) for wave in waves]
    longest = max(len(line) for name in names for line in name.split("\n"))
    apart = min((b - a for a, b in pairwise(days)), default=0.0) / (max(days) - min(days) or 1.0)
    return names if longest * LETTER < apart * LINES * width else list(waves)


def _told(page: Page, points: Sequence[Point]) -> str:
    """Means with the waves that they are of, for those who do not see a line."""
    return ", ".join(f"{wave_label(page, each.wave)} {each.mean.text}" for each in points)


def _in_turn(waves: Sequence[str], points: Sequence[Point]) -> str:
    """A mean for each wave, and a dash for one at which it is not shown."""
    means = {each.wave: each.mean.text for each in points}
    return ", ".join(means.get(wave, "–") for wave in waves)


def _day(page: Page, wave: str) -> float:
    """The middle of a wave, in days: in a school's report by the school's own dates."""
    if page.is_school:
        return dt.date.fromisoformat(page.school[day_column(wave)]).toordinal()
    found = page.study.wave(wave)
    return (dt.date.toordinal(found.start) + dt.date.toordinal(found.end)) / 2
