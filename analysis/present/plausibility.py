"""Do made-up answers look like answers of people? What the reproduction chapter shows of it.

Figures that come out as printed could also rest on nonsense. These are the marks by which a
reader can tell: how well the items of a scale hang together, how stable scores are over time,
how alike people of one school are, and how answers are spread. All of it is in the ledger for
any study (:mod:`analysis.statistics.reliability`, ``moderators``, ``distributions``).
"""

from __future__ import annotations

from collections.abc import Iterator

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from analysis.instruments import Instrument
from analysis.language import N_, gettext, sentence
from analysis.present import figures
from analysis.present.asked import at_wave, caption, named
from analysis.present.dots import dot_chart
from analysis.present.figures import BLUE, GREY, INK, TURQUOISE, WIDTH, Mark, plotted
from analysis.present.page import Compared, Page, part
from analysis.present.shown import Cell, Each, Figure, Part, Table, Text, each, escaped, table
from analysis.results import COHORT
from analysis.study import Survey
from analysis.words import inside

ALL = Compared("All", COHORT, "all")
#: Small charts side by side.
COLUMNS = 4
#: What an answer of its own is replaced by, where it is counted with the next.
WITH_NEXT = "→"


def consistency(page: Page) -> Table | None:
    """Alpha at each wave, retest correlation, and intraclass correlation, of every scale."""
    if page.is_school:
        return None
    waves, pair = page.study.pair_of_waves, page.study.compares
    called: list[tuple[str, str]] = []
    rows: list[list[Cell]] = []
    for survey, instrument in _instruments(page):
        for score in instrument.scores:
            at = (survey.id, instrument.id)
            # Of a total there is no alpha: its scales measure different things.
            scale = instrument.total is None or score != instrument.total.id
            alphas = [
                page.number(ALL, *at, "reliability", score, wave, "alpha", decimals=2)
                if scale
                else "–"
                for wave in waves
            ]
            alike = [
                page.number(ALL, *at, "clustering", score, wave, "icc", decimals=2)
                for wave in waves
            ]
            stable = (
                page.number(ALL, *at, "retest", score, page.waves, "r", decimals=2) if pair else ""
            )
            name = escaped(instrument.score_label(score))
            called.append((survey.id, escaped(instrument.short)))
            rows.append([name, *alphas, *([stable] if pair else []), *alike])
    labels = [escaped(inside(page.study.wave(wave).label)) for wave in waves]
    columns = [
        *(gettext("Alpha, {wave}", wave=label) for label in labels),
        *([gettext("Retest r")] if pair else []),
        *(gettext("ICC, {wave}", wave=label) for label in labels),
    ]
    return table(
        [gettext("Survey"), gettext("Scale"), *columns],
        named(page, called, rows),
        widths=[14, 30, *(11,) * len(columns)],
        caption=gettext(
            N_("Alpha, retest correlation and intraclass correlation of every scale")
            if pair
            else N_("Alpha and intraclass correlation of every scale")
        ),
        text_columns=2,
        note=" ".join(
            [
                gettext("Alpha: how well the items of a scale hang together."),
                *(
                    [gettext("Retest r: correlation of the two waves in those who answered both.")]
                    if pair
                    else []
                ),
                gettext(
                    "ICC: share of the variation that lies between schools; chance can take it "
                    "below nought."
                ),
            ]
        ),
    )


def spreads(page: Page, wave: str) -> Table | None:
    """Shares of each answer over the items of every scale at one wave, and their skewness."""
    if page.is_school:
        return None
    options = sorted({option for _, i in _instruments(page) for option in _options(i)})
    called: list[tuple[str, str]] = []
    rows: list[list[Cell]] = []
    for survey, instrument in _instruments(page):
        for subscale in instrument.subscales:
            found = dict(_classes(page, survey, instrument, subscale.id, wave))
            if not found:
                continue
            cells: dict[int, Cell] = {}
            for (low, high), number in found.items():
                cells |= dict.fromkeys(range(low, high), WITH_NEXT)
                cells[high] = number
            at = (survey.id, instrument.id, "answers", subscale.id, wave)
            skew = [
                page.number(ALL, *at, f"skew_{end}", decimals=1) for end in ("lowest", "highest")
            ]
            called.append((survey.id, escaped(instrument.short)))
            answers = (cells.get(option, "–") for option in options)
            rows.append([escaped(subscale.label), *answers, *skew])
    return table(
        [
            gettext("Survey"),
            gettext("Scale"),
            *(f"{option}, %" for option in options),
            gettext("Skewness from"),
            gettext("to"),
        ],
        named(page, called, rows),
        widths=[14, 30, *(7,) * len(options), 10, 8],
        caption=gettext(
            "Answers over the items of each scale {when}, and their skewness",
            when=at_wave(page, wave),
        ),
        text_columns=2,
        note=gettext(
            "Of all answers to the items of a scale; those to reversed items are "
            "turned round. {mark}: given by few, and counted with the next "
            "answer. Skewness is of single items, from the lowest to the highest of "
            "the scale; below nought most answers are high.",
            mark=WITH_NEXT,
        ),
    )


def possible(page: Page) -> Text | None:
    """Whether any answer lies outside what was offered, at each wave of each survey."""
    if page.is_school:
        return None
    said: list[str | Part] = []
    for survey, instrument in _instruments(page):
        for wave in page.study.pair_of_waves:
            at = (survey.id, instrument.id, "quality", "out_of_range", wave, "percent")
            row = page.values(ALL, *at)
            if row is None:
                continue
            said += sentence(
                "{instrument} {when} {number} of {all}",
                instrument=escaped(instrument.short),
                when=at_wave(page, wave),
                number=part(row, 0, "numerator"),
                all=part(row, 0, "denominator"),
            )
            said.append("; ")
    if not said:
        return None
    return Text(sentence("Answers that were none of those offered: {counts}.", counts=said[:-1]))


def consistency_charts(page: Page) -> Each | None:
    """Alpha, retest correlation and ICC of every scale, survey by survey.

    Table: :func:`consistency`.
    """
    if page.is_school:
        return None
    return each({survey.id: _consistency_chart(page, survey) for survey in page.study.surveys})


def _consistency_chart(page: Page, survey: Survey) -> Figure | None:
    wave = page.study.baseline
    retest = [(gettext("Retest r"), "retest", page.waves, "r")] if page.study.compares else []
    marks: list[Mark] = []
    for series, analysis, waves, statistic in (
        (gettext("Alpha"), "reliability", wave, "alpha"),
        *retest,
        (gettext("ICC"), "clustering", wave, "icc"),
    ):
        for _, instrument in _instruments(page, survey.id):
            for score in instrument.scores:
                at = (survey.id, instrument.id, analysis, score, waves, statistic)
                row = page.values(ALL, *at)
                if row:
                    marks.append(Mark(instrument.score_label(score), series, part(row, 2)))
    if not marks:
        return None
    lowest = min(plotted(mark.value) for mark in marks)
    label = at_wave(page, wave)
    return dot_chart(
        page,
        name=f"consistency-{survey.id}",
        marks=marks,
        limits=(min(lowest, 0.0) - 0.04, 1.0),
        caption=caption(
            page,
            survey.id,
            what=gettext(
                N_(
                    "alpha, retest r and ICC {when}: how alike answers are within scales, over "
                    "time and within schools"
                )
                if retest
                else N_(
                    "alpha and ICC {when}: how alike answers are within scales and within schools"
                ),
                when=label,
            ),
        ),
    )


def spread_charts(page: Page) -> Each | None:
    """How answers are spread over what was offered: a small chart for each scale of each survey.

    Table: :func:`spreads`, of either wave.
    """
    if page.is_school:
        return None
    return each({survey.id: _spread_chart(page, survey) for survey in page.study.surveys})


def _spread_chart(page: Page, survey: Survey) -> Figure | None:
    scales = [
        (instrument, subscale)
        for _, instrument in _instruments(page, survey.id)
        for subscale in instrument.subscales
        if any(
            list(_classes(page, survey, instrument, subscale.id, wave))
            for wave in page.study.pair_of_waves
        )
    ]
    if not scales:
        return None
    lines = -(-len(scales) // COLUMNS)
    waves = {
        page.study.wave(wave).label: (wave, colour)
        for wave, colour in zip(page.study.pair_of_waves, (BLUE, TURQUOISE), strict=False)
    }
    parts: list[Part] = []
    said: list[str] = []
    with figures.chart_style():
        canvas = Canvas(figsize=(WIDTH, 0.35 + 1.35 * lines))
        charts = canvas.subplots(lines, COLUMNS, sharey=True, squeeze=False)
        for axes, scale in zip(charts.flat, scales, strict=False):
            instrument, subscale = scale
            words = []
            for side, (label, (wave, colour)) in enumerate(waves.items()):
                found = list(_classes(page, survey, instrument, subscale.id, wave))
                parts += [number for _, number in found]
                _columns(axes, found, side, colour)
                shares = ", ".join(f"{_named(each)}: {number.text}%" for each, number in found)
                words.append(f"{inside(label)} {shares}")
            _frame(axes, figures.short_label(subscale.label, width=22), _options(instrument))
            said.append(f"{subscale.label}: {'; '.join(words)}")
        for axes in charts.flat[len(scales) :]:
            axes.axis("off")
        for label, (_, colour) in waves.items():
            charts[0, 0].bar([0], [0], color=colour, label=label)
        canvas.legend(loc="upper left", ncols=2, frameon=False, fontsize=8.5,
                      bbox_to_anchor=(0.0, 1.0))  # fmt: skip
        canvas.subplots_adjust(
            left=0.05,
            right=0.99,
            bottom=0.16 / lines,
            top=1 - 0.5 / lines,
            wspace=0.12,
            hspace=0.75,
        )
        svg = figures.as_svg(page, canvas, f"spread-{survey.id}")
    return Figure(
        svg=svg,
        alt=gettext(
            "Small column charts, one for each scale. Share of each answer at each wave. {shares}.",
            shares=". ".join(said),
        ),
        caption=caption(
            page, survey.id, what=gettext("percentage of each answer over the items of a scale")
        ),
        parts=parts,
    )


def _instruments(page: Page, survey_id: str = "") -> Iterator[tuple[Survey, Instrument]]:
    """The instruments of a survey, or of all."""
    for survey in page.study.surveys:
        if survey_id in ("", survey.id):
            for name in survey.instruments:
                yield survey, page.instruments[name]


def _options(instrument: Instrument) -> range:
    """Every answer that some item of the instrument offers."""
    given = [instrument.responses(item) for item in instrument.items]
    return range(int(min(r.minimum for r in given)), int(max(r.maximum for r in given)) + 1)


def _classes(
    page: Page, survey: Survey, instrument: Instrument, subscale: str, wave: str
) -> Iterator[tuple[tuple[int, int], Part]]:
    """Released shares by the lowest and highest answer that they count together."""
    options = _options(instrument)
    for low in options:
        for high in range(low, options.stop):
            name = f"answer_{low}" if low == high else f"answer_{low}_{high}"
            row = page.values(ALL, survey.id, instrument.id, "answers", subscale, wave, name)
            if row:
                yield (low, high), part(row, 1)


def _named(each: tuple[int, int]) -> str:
    low, high = each
    return (
        gettext("answer {answer}", answer=low)
        if low == high
        else gettext("answers {low} to {high}", low=low, high=high)
    )


def _columns(axes: Axes, found: list[tuple[tuple[int, int], Part]], side: int, colour: str) -> None:
    """One wave's columns; answers counted together are one wide column of the same area."""
    columns = [
        (option + 0.38 * side - 0.19, plotted(number) / (high - low + 1),
         (colour, 1.0 if low == high else 0.55))
        for (low, high), number in found
        for option in range(low, high + 1)
    ]  # fmt: skip
    if columns:
        places, heights, colours = zip(*columns, strict=True)
        axes.bar(places, heights, width=0.36, color=colours, linewidth=0)


def _frame(axes: Axes, label: str, options: range) -> None:
    axes.set_title(label, fontsize=7.8, color=INK, loc="left", pad=3)
    axes.set_xticks(list(options))
    axes.set(xlim=(options.start - 0.6, options.stop - 0.4), xlabel="", ylabel="")
    axes.tick_params(labelsize=7, pad=1, labelcolor=INK, color=GREY)
    axes.grid(axis="x", visible=False)
