"""A school beside the others that are like it: of its group, and of its bands of size and the like.

Which schools these are is said by what makes them similar, never by name.
"""

from __future__ import annotations

from collections.abc import Iterator

from analysis.language import N_, gettext, listed
from analysis.prepare.similar import band_column
from analysis.present import asked, verdict
from analysis.present.asked import at_wave, caption, first
from analysis.present.count_words import in_words, number_word
from analysis.present.page import Page
from analysis.present.school import beside_word
from analysis.present.shown import Cell, Table, Text, escaped, table
from analysis.present.verdict import Asked, Family
from analysis.study import Likeness, Survey


def _at(page: Page, survey: Survey, instrument: str, score: str) -> tuple[str, ...]:
    return (survey.id, instrument, "similar", score, page.study.followup)


def _family(page: Page) -> Family:
    """All that may be said of the school beside similar ones, with all that page one can name."""
    return verdict.within(
        page,
        (
            Asked(None, (*_at(page, survey, instrument, score), "difference"))
            for survey in page.study.surveys
            for instrument, score in asked.scores_of(page, survey.instruments)
        ),
    )


def _shown(page: Page) -> Iterator[tuple[Survey, str, str]]:
    """Survey, instrument and score of each that is set beside those of similar schools."""
    for survey in page.study.surveys if page.is_school and page.study.similar else ():
        for instrument, score in asked.scores_of(page, survey.instruments):
            if page.shows(None, *_at(page, survey, instrument, score), "difference"):
                yield survey, instrument, score


def _band(page: Page, each: Likeness) -> str:
    """In which band of a number the school is, inside a sentence."""
    low, _, high = str(page.school[band_column(each.column)]).partition(":")
    of = {"label": escaped(each.label), "low": low, "high": high}
    if low and high:
        return gettext("{label}: {low} to under {high}", **of)
    return (
        gettext("{label}: {low} or more", **of) if low else gettext("{label}: under {high}", **of)
    )


def said(page: Page) -> Text | None:
    """Which schools are similar, how many, and on which scores the school stands apart from them."""
    shown = list(_shown(page))
    if not shown:
        return None
    schools = {
        survey.id: gettext(
            "{number} in the {survey}",
            number=in_words(row, "n_schools"),
            survey=escaped(survey.label),
        )
        for survey, instrument, score in reversed(shown)
        if (row := page.values(None, *_at(page, survey, instrument, score), "difference"))
    }
    told = gettext(
        "Similar schools are the {others} that are in the same bands as this one ({bands}). Their "
        "answers count together, without this school's: those of {schools}. ",
        others=escaped(page.others),
        bands="; ".join(_band(page, each) for each in page.study.similar),
        schools=listed(list(reversed(schools.values()))),
    )
    family = _family(page)
    apart: dict[int, list[str]] = {1: [], -1: []}
    for survey, instrument, score in shown:
        judged = family.of(None, *_at(page, survey, instrument, score), "difference")
        if judged is not None and judged.sign:
            found = page.instruments[instrument]
            apart[judged.sign].append(f"**{escaped(asked.everyday(found, score))}**")
    for sign, words in (
        (1, N_("This school stands higher than these on {scores}. ")),
        (-1, N_("This school stands lower than these on {scores}. ")),
    ):
        if apart[sign]:
            told += gettext(words, scores=listed(apart[sign]))
    if not any(apart.values()):
        told += gettext(
            "With {number} comparisons looked at, no difference from them can be told from chance.",
            number=number_word(len(family)),
        )
    return Text([told.strip()])


def headlines(page: Page) -> Table | None:
    """The score that stands for each survey, and every other that is clearly apart."""
    family = _family(page)
    rows: list[list[Cell]] = []
    for survey, instrument, score in _shown(page):
        found, at = page.instruments[instrument], _at(page, survey, instrument, score)
        judged = family.of(None, *at, "difference")
        if survey.headline == f"{instrument}.{score}" or (judged is not None and judged.sign):
            own = (survey.id, instrument, "level", score, page.study.followup, "mean")
            decimals = found.decimals(score)
            rows.append(
                [
                    escaped(first(survey.respondents)),
                    escaped(first(asked.everyday(found, score))),
                    page.number(None, *own, decimals=decimals),
                    page.number(None, *at, "others", decimals=decimals),
                    page.with_interval(None, *at, "difference", decimals=decimals),
                    beside_word(judged),
                ]
            )
    return table(
        [gettext("Who"), gettext("Score"), gettext("Here"), gettext("Similar schools"),
         gettext("Difference"), gettext("Beside them")],
        rows,
        widths=[10, 28, 9, 12, 24, 12],
        caption=gettext(
            "This school beside similar schools, {when}",
            when=at_wave(page, page.study.followup),
        ),
        text_columns=2,
        note=gettext("In brackets: 95% intervals."),
    )  # fmt: skip


def scores(page: Page, survey: str, instrument: str) -> Table | None:
    """Every score of an instrument beside those of similar schools."""
    found = page.instruments[instrument]
    rows: list[list[Cell]] = []
    for of, name, score in _shown(page):
        if (of.id, name) == (survey, instrument):
            at, decimals = _at(page, of, name, score), found.decimals(score)
            rows.append(
                [
                    escaped(found.score_label(score)),
                    page.number(None, *at, "others", decimals=decimals),
                    page.number(None, *at, "difference", decimals=decimals),
                    page.interval(None, *at, "difference", decimals=decimals),
                    page.p_value(None, *at, "p"),
                ]
            )
    return table(
        [gettext("Scale"), gettext("Similar schools"), gettext("Difference"),
         gettext("95% interval"), "p"],
        rows,
        widths=[30, 14, 12, 20, 8],
        caption=caption(
            page, survey, instrument,
            what=gettext("beside similar schools {when}", when=at_wave(page, page.study.followup)),
        ),
        note=gettext(
            "p is of one scale by itself; the sentences correct over all that they could name."
        ),
    )  # fmt: skip
