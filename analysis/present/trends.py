"""Levels over all waves, where there are more than two: scale by scale, in time.

With one wave there are levels only, and with two the change between them; both are shown elsewhere.
"""

from __future__ import annotations

import datetime as dt
import math

from matplotlib.figure import Figure as Canvas

from analysis.language import N_, gettext
from analysis.present import asked
from analysis.present.figures import (
    BLUE,
    GREY,
    ORANGE,
    TURQUOISE,
    WIDTH,
    as_svg,
    chart_style,
    plotted,
    short_label,
)
from analysis.present.page import Compared, Page, part
from analysis.present.shown import Cell, Figure, Part, Table, escaped, number_text, table

#: As many waves as make more of a change than one difference.
FEWEST_WAVES = 3
COLUMNS = 3


def levels(page: Page, survey: str, instrument: str) -> Table | None:
    """Every scale's mean at every wave, for the page's unit and what it is compared with."""
    waves = page.study.wave_ids
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
    """A small chart for each scale: its mean at every wave, where the wave lies in time."""
    waves = page.study.wave_ids
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
    across = min(COLUMNS, len(shown))
    rows = math.ceil(len(shown) / across)
    colours = (BLUE, TURQUOISE, ORANGE, GREY)
    with chart_style():
        canvas = Canvas(figsize=(WIDTH, 0.5 + 1.5 * rows))
        panels = canvas.subplots(rows, across, squeeze=False, sharex=True).ravel()
        for axes, (score, series) in zip(panels, shown.items(), strict=False):
            for place, (points, colour) in enumerate(zip(series, colours, strict=False)):
                if not points:
                    continue
                x = [day for day, _, _, _ in points]
                y = [plotted(value) for _, value, _, _ in points]
                axes.plot(
                    x, y, color=colour, marker="o", markersize=3.5, label=page.compared[place].label
                )
                for day, _, low, high in points:
                    if low and high and place == 0:
                        axes.vlines(day, plotted(low), plotted(high), color=colour, linewidth=1)
            axes.set_title(short_label(found.score_label(score)), fontsize=8.5, loc="left")
            axes.grid(axis="x", visible=False)
            axes.set_xticks([_day(page, wave) for wave in waves], list(waves))
        for axes in panels[len(shown) :]:
            axes.set_axis_off()
        handles, labels = panels[0].get_legend_handles_labels()
        if len(labels) > 1:
            canvas.legend(
                handles, labels, loc="upper left", ncols=len(labels), frameon=False, fontsize=8
            )
        canvas.subplots_adjust(hspace=0.75, wspace=0.32, top=1 - 0.55 / (0.5 + 1.5 * rows))
        svg = as_svg(page, canvas, f"trend-{survey}-{instrument}")
    people = page.compared[0]
    numbers = [
        number
        for series in shown.values()
        for points in series
        for _, *own in points
        for number in own
        if number is not None
    ]
    alt = gettext("Small line charts of {instrument}, one for each scale.", instrument=found.short)
    alt += " " + " ".join(
        f"{found.score_label(score)}, {people.label}: "
        + ", ".join(value.text for _, value, _, _ in series[0])
        + "."
        for score, series in shown.items()
        if series[0]
    )
    return Figure(
        svg,
        alt,
        asked.caption(
            page, survey, instrument,
            what=gettext(
                N_(
                    "means at each of {number} waves, by when they were; all who answered, this "
                    "school among all"
                )
                if page.is_school
                else N_("means at each of {number} waves, by when they were; all who answered"),
                number=number_text(len(waves), 0),
            ),
        ),
        parts=numbers,
    )  # fmt: skip


def _series(
    page: Page, who: Compared, survey: str, instrument: str, score: str
) -> list[tuple[float, Part, Part | None, Part | None]]:
    """Day, mean and interval at each wave at which the mean is shown."""
    decimals = page.instruments[instrument].decimals(score)
    points = []
    for wave in page.study.wave_ids:
        row = page.values(who, survey, instrument, "level", score, wave, "mean")
        if row is not None:
            low, high = (
                part(row, decimals, end) if row[end] == row[end] else None
                for end in ("ci_low", "ci_high")
            )
            points.append((_day(page, wave), part(row, decimals), low, high))
    return points


def _day(page: Page, wave: str) -> float:
    """The middle of a wave, in days."""
    found = page.study.wave(wave)
    return (dt.date.toordinal(found.start) + dt.date.toordinal(found.end)) / 2
