"""A school beside the others, and the programme's schools as a funnel without names."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from analysis.language import N_, gettext, listed, listed_pieces, ngettext, sentence
from analysis.present import asked, figures, verdict
from analysis.present.asked import at_wave, caption, first, scale_words
from analysis.present.count_words import number_word
from analysis.present.page import Compared, Page, part
from analysis.present.shown import Cell, Figure, Part, Table, Text, escaped, table
from analysis.present.verdict import Family
from analysis.results import COHORT
from analysis.words import inside

Piece = str | Part
ALL = Compared("All", COHORT, "all")
#: Fewer schools than this make no funnel.
LEAST = 3
#: How far from nought chance alone puts 95 and 99.8% of schools, in standard errors.
LIMITS = ((1.96, "95%"), (3.09, "99.8%"))


def stands_beside(page: Page) -> str:
    """Whom a school's report sets it beside anywhere; nothing if nowhere."""
    shown = page.is_school and any(
        page.shows(None, survey.id, name, "beside", score, page.study.followup, "difference")
        for survey in page.study.surveys
        for name, score in asked.scores_of(page, survey.instruments)
    )
    return page.others if shown else ""


def beside(page: Page, survey: str, instrument: str) -> Table | None:
    """Each scale of a school beside the other schools: raw, and drawn towards these."""
    found, wave = page.instruments[instrument], page.study.followup
    if not page.is_school or not page.others:
        return None
    rows: list[list[Cell]] = []
    for score in found.scores:
        decimals = found.decimals(score)
        at = (survey, instrument, "beside", score, wave)
        rows.append(
            [
                escaped(found.score_label(score)),
                page.number(None, survey, instrument, "level", score, wave, "mean",
                            decimals=decimals),
                page.number(None, *at, "others", decimals=decimals),
                page.number(None, *at, "difference", decimals=decimals),
                page.interval(None, *at, "difference", decimals=decimals),
                page.p_value(None, *at, "p"),
                page.number(None, *at, "shrunken", decimals=decimals),
                page.interval(None, *at, "shrunken", decimals=decimals),
                page.number(None, *at, "weight", decimals=0),
            ]
        )  # fmt: skip
    whom = escaped(page.others)
    return table(
        [gettext("Scale"), gettext("This school"), whom[:1].upper() + whom[1:],
         gettext("Difference"), gettext("95% interval"), "p",
         gettext("Drawn towards the others"), gettext("95% interval (drawn)"),
         gettext("Own weight, %")],
        rows,
        widths=[24, 10, 12, 11, 16, 7, 12, 16, 9],
        caption=caption(
            page, survey, instrument,
            what=gettext(
                "beside the {others} {when}, without this school",
                others=whom, when=at_wave(page, wave),
            ),
        ),
        note=gettext(
            "p is of one scale by itself; the sentences correct over all that they could name. "
            "With few answers a mean lies high or low by chance: drawn towards the others, it is as "
            "a rule nearer to what the school would show with many. Own weight is how much of that "
            "rests on the school's own answers."
        ),
    )  # fmt: skip


def said(page: Page, survey: str, instrument: str, family: Family | None = None) -> Text | None:
    """On which scales a school stands higher or lower than the others, by more than chance."""
    found, whom = page.instruments[instrument], escaped(page.others)
    if not page.is_school or not whom:
        return None
    family = family or verdict.within(page, verdict.beside_others(page, survey, instrument))
    named: dict[int, list[list[Piece]]] = {1: [], -1: [], 0: []}
    for score in found.scores:
        at = (survey, instrument, "beside", score, page.study.followup, "difference")
        judged = family.of(None, *at)
        if judged is None:
            continue
        decimals, label = found.decimals(score), scale_words(found.score_label(score))
        row = judged.row
        named[judged.sign].append(
            sentence(
                "{scale} (difference {difference}, 95% interval {lower} to {upper})",
                scale=label,
                difference=part(row, decimals),
                lower=part(row, decimals, "ci_low"),
                upper=part(row, decimals, "ci_high"),
            )
            if judged.sign
            else [label]
        )
    if not any(named.values()):
        return None
    people = escaped(page.study.survey(survey).respondents)
    corrected = (
        gettext(" after correction for {number} comparisons", number=len(family))
        if len(family) > 1
        else ""
    )
    when = first(at_wave(page, page.study.followup))
    of = dict(When=when, people=people, others=whom, corrected=corrected)
    pieces: list[Piece] = []
    for begins, again, sign in (
        (
            N_("{When}, {people} here scored higher than the {others} on {scales}{corrected}. "),
            N_("They scored higher than the {others} on {scales}{corrected}. "),
            1,
        ),
        (
            N_("{When}, {people} here scored lower than the {others} on {scales}{corrected}. "),
            N_("They scored lower than the {others} on {scales}{corrected}. "),
            -1,
        ),
    ):
        if named[sign]:
            scales = listed_pieces(named[sign])
            pieces += sentence(again if pieces else begins, scales=scales, **of)
    alike = [str(entry[0]) for entry in named[0]]
    if alike and pieces:
        pieces.append(
            gettext(
                "On {scales} no difference from them can be told from chance.",
                scales=listed(alike),
            )
        )
    elif alike:
        pieces.append(
            gettext(
                "{When}, on no scale can a difference between {people} here and those of the "
                "{others} be told from chance{corrected}.",
                **of,
            )
            if len(found.scores) > 1
            else gettext(
                "{When}, no difference in {scale} between {people} here and those of the "
                "{others} can be told from chance{corrected}.",
                scale=alike[0],
                **of,
            )
        )
    return Text(pieces)


def _places(page: Page, survey: str, instrument: str, score: str) -> list[Compared]:
    """The points of the funnel that may be shown."""
    wave = page.study.followup
    groups = sorted(
        {
            parts[5]
            for parts in page.ids_of(survey, instrument, "funnel")
            if parts[3] == score and parts[4] == wave.lower() and parts[5] != "all"
        }
    )
    found = [Compared("", COHORT, group) for group in groups]
    at = (survey, instrument, "funnel", score, wave)
    return [
        who for who in found if page.shows(who, *at, "difference") and page.shows(who, *at, "n")
    ]


def funnel(page: Page, survey: str, instrument: str) -> Figure | None:
    """Schools of the programme, unnamed: how far each lies from the others, by who answered."""
    headline, score = page.study.survey(survey).headline.split(".")
    if page.is_school or instrument != headline:
        return None
    found, wave = page.instruments[instrument], page.study.followup
    at = (survey, instrument, "funnel", score, wave)
    spread = page.values(ALL, *at, "spread")
    places = _places(page, survey, instrument, score)
    if spread is None or len(places) < LEAST:
        return None
    decimals = found.decimals(score)
    rows = [(page.values(who, *at, "n"), page.values(who, *at, "difference")) for who in places]
    points = [(part(n, 0), part(gap, decimals)) for n, gap in rows if n and gap]
    sd = part(spread, decimals + 1)
    x = [figures.plotted(n) for n, _ in points]
    y = [figures.plotted(gap) for _, gap in points]
    people = page.study.survey(survey).respondents
    label = f"{found.short}, {inside(found.score_label(score))}"
    grouped = page.study.phases is not None
    title = gettext(
        N_("{scale}: each school less the others of its group")
        if grouped
        else N_("{scale}: each school less the others"),
        scale=label,
    )
    number = gettext("Number of {people} who answered", people=people)
    line = _numbers_drawn(x)
    drawn = [
        _funnel_drawn(page, f"funnel-{survey}-{instrument}", (x, y), figures.plotted(sd), number,
                      narrow=narrow)
        for narrow in (False, True)
    ]  # fmt: skip
    chart = go.Figure()
    for (times, name), dash in zip(LIMITS, ("dash", "dot"), strict=True):
        edge = times * figures.plotted(sd) / np.sqrt(line)
        for sign in (1, -1):
            chart.add_scatter(
                x=[round(float(v), 3) for v in line],
                y=[round(float(sign * v), 4) for v in edge],
                mode="lines",
                line={"color": figures.GREY, "dash": dash, "width": 1.5},
                name=gettext("{percent} of schools, by chance alone", percent=name),
                showlegend=sign > 0,
                hoverinfo="skip",
            )
    chart.add_scatter(
        x=x, y=y, mode="markers", name=gettext("A school"),
        marker={"color": figures.BLUE, "size": 10, "line": {"color": "white", "width": 1}},
        text=[
            gettext(
                "{number} answered: difference {difference}", number=n.text, difference=gap.text
            )
            for n, gap in points
        ],
        hovertemplate="%{text}<extra></extra>",
    )  # fmt: skip
    chart.update_xaxes(title=number)
    edges = [max(times for times, _ in LIMITS) * figures.plotted(sd) / np.sqrt(n) for n in x]
    inside_all = all(abs(gap) <= edge for gap, edge in zip(y, edges, strict=True))
    told = "; ".join(
        gettext("{number} answered, difference {difference}", number=n.text, difference=gap.text)
        for n, gap in points
    )
    return Figure(
        drawn[0],
        gettext(
            N_("Every school lies within the lines of chance. Funnel chart: {title}. {numbers}.")
            if inside_all
            else N_(
                "Not every school lies within the lines of chance. Funnel chart: {title}. "
                "{numbers}."
            ),
            title=title,
            numbers=told,
        ),
        asked.caption(
            page, survey, instrument,
            what=gettext(
                N_(
                    "{scale} of each school less the other schools of its group {when}, and how "
                    "far chance alone would put them"
                )
                if grouped
                else N_(
                    "{scale} of each school less the other schools {when}, and how far chance "
                    "alone would put them"
                ),
                scale=escaped(inside(found.score_label(score))),
                when=at_wave(page, wave),
            ),
        ),
        narrow=drawn[1],
        plot=figures.as_plot(page, chart, height=420),
        parts=[*(number for point in points for number in point), sd],
    )  # fmt: skip


def _numbers_drawn(x: list[float]) -> np.ndarray:
    """Numbers of people for which the lines of chance are drawn."""
    return np.linspace(max(min(x) * 0.8, 1.0), max(x) * 1.08, 60)


def _funnel_drawn(
    page: Page,
    name: str,
    points: tuple[list[float], list[float]],
    spread: float,
    number: str,
    *,
    narrow: bool,
) -> str:
    """Schools by number of people and distance, between the lines of chance.

    ``spread`` is the SD within schools; ``number`` says what stands on the axis of numbers.
    """
    x, y = points
    line = _numbers_drawn(x)
    with figures.chart_style():
        canvas = figures.canvas_of(
            3.6 if narrow else 3.3, figures.PHONE if narrow else figures.WIDTH
        )
        axes = canvas.subplots()
        axes.axhline(0, color=figures.GREY, linewidth=1)
        for (times, percent), dash in zip(LIMITS, ("--", ":"), strict=True):
            edge = times * spread / np.sqrt(line)
            axes.plot(line, edge, color=figures.GREY, linestyle=dash, linewidth=1.1,
                      label=gettext("{percent} of schools, by chance alone", percent=percent))  # fmt: skip
            axes.plot(line, -edge, color=figures.GREY, linestyle=dash, linewidth=1.1)
        axes.scatter(x, y, color=figures.BLUE, s=40, edgecolor="white", linewidth=0.6, zorder=3,
                     label=gettext("A school"))  # fmt: skip
        axes.set(xlabel=number, ylabel="" if narrow else gettext("Difference"))
        if narrow:
            # Its name above, as labels of every drawing for a phone: at the side it takes room.
            axes.annotate(gettext("Difference"), (0, 1), (0, 4), xycoords="axes fraction",
                          textcoords="offset points", fontsize=9, va="bottom")  # fmt: skip
            axes.legend(loc="upper left", bbox_to_anchor=(0, -0.2), frameon=False, fontsize=9,
                        handletextpad=0.3, borderaxespad=0.3)  # fmt: skip
        else:
            figures.legend(axes, 3)
        return figures.as_svg(page, canvas, f"{name}-narrow" if narrow else name)


def funnel_said(page: Page, survey: str, instrument: str) -> Text | None:
    """How many schools lie further from the others than chance, after correction over schools."""
    headline, score = page.study.survey(survey).headline.split(".")
    if page.is_school or instrument != headline:
        return None
    found, wave = page.instruments[instrument], page.study.followup
    places = _places(page, survey, instrument, score)
    if len(places) < LEAST:
        return None
    at = (survey, instrument, "funnel", score, wave)
    apart = [
        figures.plotted(part(gap, 4)) > 0
        for who in places
        if (p := page.values(who, *at, "p_bh")) and p["value"] < verdict.ALPHA
        and (gap := page.values(who, *at, "difference"))
    ]  # fmt: skip
    of = {
        "number": number_word(len(places)),
        "scale": escaped(inside(found.score_label(score))),
        "when": at_wave(page, wave),
    }
    grouped = page.study.phases is not None
    if not apart:
        told = gettext(
            N_(
                "Of the {number} schools whose {scale} {when} may be shown, none can be told "
                "from the other schools of its group (Benjamini-Hochberg over all schools)."
            )
            if grouped
            else N_(
                "Of the {number} schools whose {scale} {when} may be shown, none can be told "
                "from the other schools (Benjamini-Hochberg over all schools)."
            ),
            **of,
        )
    else:
        counted = {
            "apart": number_word(len(apart)),
            "above": _number(sum(apart)),
            "below": _number(len(apart) - sum(apart)),
        }
        told = ngettext(
            "Of the {number} schools whose {scale} {when} may be shown, {apart} lies further "
            "from the other schools of its group than chance would put a school "
            "(Benjamini-Hochberg over all schools): {above} above and {below} below them.",
            "Of the {number} schools whose {scale} {when} may be shown, {apart} lie further from "
            "the other schools of their group than chance would put a school (Benjamini-Hochberg "
            "over all schools): {above} above and {below} below them.",
            len(apart),
            **counted,
            **of,
        ) if grouped else ngettext(
            "Of the {number} schools whose {scale} {when} may be shown, {apart} lies further "
            "from the other schools than chance would put a school (Benjamini-Hochberg over all "
            "schools): {above} above and {below} below them.",
            "Of the {number} schools whose {scale} {when} may be shown, {apart} lie further from "
            "the other schools than chance would put a school (Benjamini-Hochberg over all "
            "schools): {above} above and {below} below them.",
            len(apart),
            **counted,
            **of,
        )  # fmt: skip
    careful = gettext(
        "Each school is set beside the others without itself. Where schools differ in whom they "
        "serve, a distance says nothing of how good a school is. The limits in the figure take "
        "people to vary alike in all schools; the tests go by each school's own."
    )
    return Text([f"{told} {careful}"])


def _number(count: int) -> str:
    return number_word(count) if count else gettext("none")
