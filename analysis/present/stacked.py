"""Answers to items as bars to either side of a middle: favourable to the right, others left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from analysis.language import N_, gettext
from analysis.present.figures import (
    BLUE,
    INK,
    NARROW,
    ORANGE,
    PHONE,
    SMALLEST,
    WIDTH,
    as_plot,
    as_svg,
    canvas_of,
    chart_style,
    described,
    legend,
    plotted,
    short_label,
    titled,
)
from analysis.present.page import Page
from analysis.present.palette import PALETTE
from analysis.present.shown import Figure, Part

#: From the left: the name of a share, its colour, and that of the number on it.
SHARES = (
    (N_("Unfavourable"), ORANGE, "white"),
    (N_("Neutral"), PALETTE["mist"], INK),
    (N_("Favourable"), BLUE, "white"),
)
#: A share in per cent that has room for its number.
ROOM = 8


@dataclass(frozen=True)
class Answers:
    """One item: its words, its mean, and its shares from the least favourable to the most.

    Three shares, or two where answers have no middle. None where one of them is not shown: the
    others and a whole would give it away.
    """

    label: str
    mean: Part
    shares: tuple[Part, ...] | None

    def numbers(self) -> list[Part]:
        """The numbers drawn."""
        return [self.mean] if self.shares is None else list(self.shares)


def stacked(
    page: Page, *, name: str, answers: Sequence[Answers], caption: str, message: str = ""
) -> Figure | None:
    """A bar for each item, about the middle of its neutral answers; a mean where no bar may be."""
    if not answers:
        return None
    drawn = [_drawn(page, name, answers, narrow=narrow) for narrow in (False, True)]
    return Figure(
        svg=drawn[0],
        narrow=drawn[1],
        plot=_plot(page, answers),
        alt=described(message, gettext("Bar chart"), caption, [_told(each) for each in answers]),
        caption=titled(message, caption),
        parts=[number for each in answers for number in each.numbers()],
    )


def _edges(shares: Sequence[Part]) -> list[float]:
    """Where each share begins, from the middle of the neutral ones."""
    if len(shares) == 2:
        return [-plotted(shares[0]), 0.0]
    low, neutral, _ = (plotted(share) for share in shares)
    return [-low - neutral / 2, -neutral / 2, neutral / 2]


def _kinds(answers: Sequence[Answers]) -> tuple[tuple[str, str, str], ...]:
    """Those of :data:`SHARES` that there are: without a middle nobody answers in it."""
    two = any(item.shares is not None and len(item.shares) == 2 for item in answers)
    return (SHARES[0], SHARES[2]) if two else SHARES


def _drawn(page: Page, name: str, answers: Sequence[Answers], *, narrow: bool) -> str:
    each = 0.52 if narrow else 0.28
    kinds = _kinds(answers)
    with chart_style():
        canvas = canvas_of(0.5 + each * max(len(answers), 2), PHONE if narrow else WIDTH)
        axes = canvas.subplots()
        ends = [0.0]
        for place, item in enumerate(reversed(answers)):
            if item.shares is None:
                axes.text(
                    0, place, gettext("mean {mean}", mean=item.mean.text), ha="center", va="center"
                )
            else:
                for share, left, (_, colour, ink) in zip(
                    item.shares, _edges(item.shares), kinds, strict=True
                ):
                    width = plotted(share)
                    axes.barh(place, width, height=0.5 if narrow else 0.72, left=left,
                              color=colour, edgecolor="white")  # fmt: skip
                    ends += [left, left + width]
                    if width >= ROOM:
                        axes.text(left + width / 2, place, share.text, color=ink, ha="center",
                                  va="center", fontsize=SMALLEST)  # fmt: skip
            if narrow:
                axes.annotate(short_label(item.label, width=44), (0, place + 0.28),
                              xycoords=("axes fraction", "data"), va="bottom", fontsize=9)  # fmt: skip
        for label, colour, _ in kinds:
            axes.barh(0, 0, color=colour, label=gettext(label))
        axes.set(xlim=(min(ends) - 2, max(ends) + 2), xlabel="", ylabel="",
                 ylim=(-0.5, len(answers) - (0.1 if narrow else 0.45)))  # fmt: skip
        axes.set_xticks([])
        if narrow:
            axes.set_yticks([])
        else:
            labels = [short_label(item.label, width=38) for item in reversed(answers)]
            axes.set_yticks(range(len(answers)), labels)
        axes.grid(visible=False)
        legend(axes, len(kinds))
        return as_svg(page, canvas, f"{name}-narrow" if narrow else name)


def _plot(page: Page, answers: Sequence[Answers]) -> str:
    shown = [item for item in reversed(answers) if item.shares is not None]
    if not shown:
        return ""
    chart = go.Figure()
    for place, (label, colour, ink) in enumerate(_kinds(shown)):
        parts = [item.shares[place] for item in shown if item.shares]
        chart.add_bar(
            orientation="h",
            y=[short_label(item.label, "<br>", NARROW) for item in shown],
            x=[plotted(number) for number in parts],
            base=[_edges(item.shares)[place] for item in shown if item.shares],
            text=[number.text for number in parts],
            name=gettext(label),
            marker={"color": colour, "line": {"color": "white", "width": 1}},
            textposition="inside",
            insidetextanchor="middle",
            textfont={"color": ink},
            hovertemplate="%{y}<br>" + gettext(label) + ": %{text}%<extra></extra>",
        )
    chart.update_layout(barmode="overlay")
    chart.update_xaxes(showticklabels=False)
    return as_plot(page, chart, height=150 + 40 * len(shown))


def _told(item: Answers) -> str:
    if item.shares is None:
        return gettext("{item}: mean {mean}", item=item.label, mean=item.mean.text)
    low, *neutral, high = (share.text for share in item.shares)
    if not neutral:
        return gettext(
            "{item}: {high}% favourable, {low}% unfavourable", item=item.label, high=high, low=low
        )
    return gettext(
        "{item}: {high}% favourable, {neutral}% neutral, {low}% unfavourable",
        item=item.label,
        high=high,
        neutral=neutral[0],
        low=low,
    )
