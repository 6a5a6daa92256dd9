"""All items of an instrument by subject, each with its mean at both waves joined by a bar.

In two columns beside each other on paper and wide screens, in one on a phone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.figure import Figure as Canvas

from analysis.instruments import Instrument, Item
from analysis.language import N_, gettext, listed, ngettext
from analysis.present import asked, figures
from analysis.present.figures import Mark
from analysis.present.items import item_label, items_by_mean, means, with_turned
from analysis.present.page import Page, part
from analysis.present.shown import Figure, escaped

#: Inches: a line of a row's words, room between rows, the title of a group, room below it, an axis, the
#: legend; of a column the words, and the space between two.
LINE, ROOM, TITLE, GAP, AXIS, LEGEND = 0.125, 0.035, 0.2, 0.09, 0.2, 0.26
WORDS, BETWEEN = 1.72, 0.22
#: Characters of a line of words.
CHARACTERS = 30
#: Fewer items than these say nothing by subject.
FEWEST = 4


@dataclass(frozen=True)
class _Group:
    """A subject with its items, each with a mark for each wave that can be shown."""

    label: str
    rows: list[list[Mark]]

    @property
    def tall(self) -> list[float]:
        """How tall each row is, in inches."""
        return [LINE * (1 + _words(row).count("\n")) + ROOM for row in self.rows]

    @property
    def height(self) -> float:
        """Of the whole, with its title."""
        return TITLE + sum(self.tall) + GAP


def _words(row: Sequence[Mark]) -> str:
    return figures.short_label(row[0].row, width=CHARACTERS)


def by_subject(page: Page, survey: str, instrument: str) -> Figure | None:
    """The items of an instrument in groups by subject, at baseline and follow-up, of all who answered."""
    found = page.instruments[instrument]
    if page.is_school or not page.study.compares:
        return None
    groups = [
        group
        for label, items in found.items_by_subject
        if (group := _Group(label, _rows(page, survey, found, items))).rows
    ]
    marks = [mark for group in groups for row in group.rows for mark in row]
    shown = sum(len(group.rows) for group in groups)
    if shown < FEWEST:
        return None
    answers = [found.responses(item) for item in found.items]
    whole = {(each.minimum, each.maximum) for each in answers}
    if len(whole) > 1:
        return None
    limits = figures.axis_limits(marks, next(iter(whole)))
    waves = [figures.wave_label(page, wave) for wave in page.study.pair_of_waves]
    name = f"item-groups-{survey}-{instrument}"
    what = gettext(
        N_("means of all items by subject at each wave, of everybody who answered")
        if shown == len(found.items)
        else N_(
            "means of items by subject at each wave, of those that can be shown, of everybody who "
            "answered"
        )
    )
    caption = with_turned(asked.caption(page, survey, instrument, what=what), found.items)
    message = lowest_item(page, survey, found)
    told = [f"{group.label}: {'; '.join(_told(row) for row in group.rows)}" for group in groups]
    return Figure(
        svg=_drawn(page, _halves(groups), waves, limits, name),
        narrow=_drawn(page, [groups], waves, limits, f"{name}-narrow"),
        alt=figures.described(message, gettext("Dot chart"), caption, told),
        caption=figures.titled(message, caption),
        parts=[number for mark in marks for number in mark.numbers()],
    )


def lowest_item(page: Page, survey: str, instrument: Instrument) -> str:
    """Which item has the lowest mean at follow-up: what a chart of items says.

    Nothing where there is one item, or all are printed alike: then none is lowest.
    """
    order, hidden = items_by_mean(page, survey, instrument, page.study.followup)
    if not order:
        return ""
    printed = means(page, survey, instrument, order)
    # Printed alike, they are lowest together.
    lowest = [item for item in order if printed[item.code] == printed[order[-1].code]]
    if len(lowest) == len(order):
        return ""
    items = listed([f"*{escaped(item_label(item))}*" for item in lowest])
    if hidden:
        return ngettext(
            "Of {number} items, of those that can be shown, {items} has the lowest mean",
            "Of {number} items, of those that can be shown, {items} have the lowest mean",
            len(lowest),
            number=len(order),
            items=items,
        )
    return ngettext(
        "Of {number} items, {items} has the lowest mean",
        "Of {number} items, {items} have the lowest mean",
        len(lowest),
        number=len(order),
        items=items,
    )


def _rows(
    page: Page, survey: str, instrument: Instrument, items: Sequence[Item]
) -> list[list[Mark]]:
    """Of each item that can be shown its mean at each wave at which it can be."""
    rows = []
    for item in items:
        means = {
            wave: page.values(
                page.compared[0], survey, instrument.id, "items", item.code, wave, "mean"
            )
            for wave in page.study.pair_of_waves
        }
        rows.append(
            [
                Mark(item_label(item), figures.wave_label(page, wave), part(row, 2))
                for wave, row in means.items()
                if row is not None
            ]
        )
    return [row for row in rows if row]


def _told(marks: Sequence[Mark]) -> str:
    return f"{marks[0].row} " + ", ".join(f"{mark.series} {mark.value.text}" for mark in marks)


def _halves(groups: list[_Group]) -> list[list[_Group]]:
    """Groups in two columns, in order, of about the same height."""
    if len(groups) < 2:
        return [groups]
    heights = [group.height for group in groups]
    split = min(
        range(1, len(groups)), key=lambda place: abs(sum(heights[:place]) - sum(heights[place:]))
    )
    return [groups[:split], groups[split:]]


def _drawn(
    page: Page,
    columns: list[list[_Group]],
    waves: Sequence[str],
    limits: tuple[float, float],
    name: str,
) -> str:
    width = figures.WIDTH if len(columns) > 1 else figures.PHONE
    tall = LEGEND + AXIS + max(sum(group.height for group in column) for column in columns)
    across = (width - BETWEEN * (len(columns) - 1)) / len(columns)
    with figures.chart_style():
        canvas = Canvas(figsize=(width, tall))
        for place, column in enumerate(columns):
            left, top = place * (across + BETWEEN), tall - LEGEND
            for group in column:
                canvas.text(
                    left / width, (top - TITLE + 0.05) / tall, group.label,
                    fontsize=8.5, fontweight="semibold", color=figures.INK, va="bottom",
                )  # fmt: skip
                height = sum(group.tall)
                top -= TITLE + height
                axes = canvas.add_axes(
                    ((left + WORDS) / width, top / tall, (across - WORDS - 0.04) / width,
                     height / tall)
                )  # fmt: skip
                _group(page, axes, group, limits, numbered=group is column[-1])
                top -= GAP
        handles = [figures.handle(figures.role(page, wave), wave) for wave in waves]
        canvas.legend(handles=handles, loc="upper left", bbox_to_anchor=(0, 1), frameon=False,
                      ncols=2, fontsize=8.5, handletextpad=0.3, columnspacing=1.2, borderaxespad=0,
                      borderpad=0)  # fmt: skip
        return figures.as_svg(page, canvas, name)


def _group(
    page: Page, axes: Any, group: _Group, limits: tuple[float, float], *, numbered: bool
) -> None:
    y = sum(group.tall)
    axes.set(xlim=limits, ylim=(0, y), xlabel="", ylabel="")
    for marks, tall in zip(group.rows, group.tall, strict=True):
        middle = y - tall / 2
        y -= tall
        values = [figures.plotted(mark.value) for mark in marks]
        axes.hlines(middle, min(values), max(values), color=figures.RULE, linewidth=2.4, zorder=1)
        for mark, value in zip(marks, values, strict=True):
            role = figures.role(page, mark.series)
            axes.scatter([value], [middle], color=role.colour, marker=role.marker, s=34, zorder=3,
                         edgecolor="white", linewidth=0.5)  # fmt: skip
        axes.annotate(_words(marks), (0, middle), xycoords=("axes fraction", "data"),
                      xytext=(-5, 0), textcoords="offset points", ha="right", va="center",
                      fontsize=8, linespacing=1.0)  # fmt: skip
    axes.set_yticks([])
    axes.locator_params(axis="x", nbins=4)
    axes.tick_params(axis="x", length=0, pad=2, labelsize=8, labelbottom=numbered)
    axes.grid(axis="y", visible=False)
