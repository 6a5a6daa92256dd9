"""When people were asked: a bar for each survey and wave, with how many were invited and answered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from analysis.language import gettext, month_and_year, short_month
from analysis.present.figures import (
    ALL,
    INK,
    PHONE,
    WIDTH,
    as_svg,
    canvas_of,
    chart_style,
    described,
    role,
    short_label,
    titled,
)
from analysis.present.page import Page, part
from analysis.present.shown import Figure, Part
from analysis.words import inside


@dataclass(frozen=True)
class Stretch:
    """A time at which a source was collected: what it says of itself, and its numbers."""

    source: str
    label: str
    start: dt.date
    end: dt.date
    said: str
    parts: tuple[Part, ...] = ()

    @property
    def dates(self) -> str:
        """From month to month, in words."""
        first, last = (month_and_year(day) for day in (self.start, self.end))
        return first if first == last else gettext("{first} to {last}", first=first, last=last)


def timeline(page: Page, message: str = "") -> Figure | None:
    """Each survey's waves, in time; other sources have no dates that may be shown."""
    found = list(_surveys(page))
    if not found:
        return None
    drawn = [_drawn(page, found, narrow=narrow) for narrow in (False, True)]
    told = [f"{_name(each)}: {each.dates}, {each.said}" for each in found]
    caption = gettext("When each survey was taken, and how many answered")
    return Figure(
        svg=drawn[0],
        narrow=drawn[1],
        alt=described(message, gettext("Timeline"), caption, told),
        caption=titled(message, caption),
        parts=[number for each in found for number in each.parts],
    )


def _surveys(page: Page) -> Iterator[Stretch]:
    """Each survey at each wave so far at which it was taken."""
    for survey in page.study.surveys:
        for name in page.study.waves_so_far:
            if name not in survey.taken:
                continue
            wave = page.study.wave(name)
            at = (survey.id, "survey", "response", "responded", name)
            count, rate = page.values(ALL, *at, "count"), page.values(ALL, *at, "percent")
            parts: tuple[Part, ...] = ()
            said = gettext("how many is not shown")
            if count is not None and rate is not None:
                parts = (part(count, 0), part(rate, 0, "denominator"))
                said = gettext(
                    "{number} of {all} answered", number=parts[0].text, all=parts[1].text
                )
            elif count is not None:
                parts = (part(count, 0),)
                said = gettext("{number} answered", number=parts[0].text)
            yield Stretch(survey.label, wave.label, wave.start, wave.end, said, parts)


def _drawn(page: Page, found: Sequence[Stretch], *, narrow: bool) -> str:
    sources = list(dict.fromkeys(each.source for each in found))
    each = 0.62 if narrow else 0.36
    first, last = min(s.start for s in found), max(s.end for s in found)
    with chart_style():
        canvas = canvas_of(0.55 + each * len(found), PHONE if narrow else WIDTH)
        axes = canvas.subplots()
        for place, stretch in enumerate(reversed(found)):
            own = role(page, stretch.label, sources.index(stretch.source))
            start, end = stretch.start.toordinal(), stretch.end.toordinal()
            axes.barh(place, max(end - start, 6), left=start, height=0.34,
                      color=own.colour)  # fmt: skip
            words = f"{_name(stretch)}: {stretch.said}" if narrow else stretch.said
            axes.annotate(short_label(words, width=46) if narrow else words,
                          (first.toordinal() if narrow else start, place + 0.2), va="bottom",
                          ha="left", fontsize=8.5, color=INK)  # fmt: skip
        axes.set(xlim=(first.toordinal() - 5, last.toordinal() + 5),
                 ylim=(-0.4, len(found) - (0.2 if narrow else 0.35)))  # fmt: skip
        if narrow:
            axes.set_yticks([])
        else:
            axes.set_yticks(range(len(found)), [_name(each) for each in reversed(found)])
        ticks = _ticks(first, last, 4 if narrow else 8)
        axes.set_xticks(
            [day.toordinal() for day in ticks], [f"{short_month(day)}\n{day.year}" for day in ticks]
        )
        axes.grid(axis="y", visible=False)
        return as_svg(page, canvas, "timeline-narrow" if narrow else "timeline")


def _name(stretch: Stretch) -> str:
    return f"{stretch.source}, {inside(stretch.label)}"


def _ticks(first: dt.date, last: dt.date, most: int) -> list[dt.date]:
    """First days of months between two days, evenly apart, no more than so many."""
    months = [
        dt.date(month // 12, month % 12 + 1, 1)
        for month in range(first.year * 12 + first.month, last.year * 12 + last.month)
    ]
    every = -(-len(months) // most) or 1
    return months[::every] or [first]
