"""How far the findings carry: five questions of a careful reader, each answered in a sentence or two."""

from __future__ import annotations

import pandas as pd

from analysis.language import (
    N_,
    gettext,
    ngettext,
    sentence,
)
from analysis.present.asked import at_wave
from analysis.present.count_words import number_word
from analysis.present.finding import Piece
from analysis.present.page import Compared, Page, part
from analysis.present.sentences import ALL, scale_name
from analysis.present.shown import Each, Text, each, escaped, text
from analysis.results import COHORT
from analysis.study import Survey

#: A standardised difference at baseline that is worth a look.
WORTH_A_LOOK = 0.1


def carries(page: Page) -> Each | None:
    """Five questions on how far the findings carry, each answered in a sentence or two."""
    made = {"who": _who, "scales": _scales, "method": _method, "power": _power}
    found = {name: text([p for s in page.study.surveys for p in make(page, s)])
             for name, make in made.items()}  # fmt: skip
    return each({**found, "cause": _cause(page)})


def _who(page: Page, survey: Survey) -> list[Piece]:
    """On how many scales those who answered again differed from those who did not."""
    if not page.study.compares:
        return []
    at = [
        (survey.id, name, "attrition", score, page.study.baseline, "smd")
        for name in survey.instruments
        for score in page.instruments[name].scores
    ]
    who = Compared("", COHORT, "stayed-left")
    known = [row for each in at if (row := page.values(who, *each))]
    if not known:
        return []
    apart = sum(abs(row["value"]) > WORTH_A_LOOK for row in known)
    if len(known) == 1:
        return [
            gettext(
                N_(
                    "On the one scale, {people} who answered again stood apart {when} by more "
                    "than a tenth of a standard deviation. "
                )
                if apart
                else N_(
                    "On the one scale, {people} who answered again did not stand apart {when} "
                    "by more than a tenth of a standard deviation. "
                ),
                people=escaped(survey.respondents),
                when=at_wave(page, page.study.baseline),
            )
        ]
    return [
        ngettext(
            "Of {all} scale, {people} who answered again stood apart on {number} {when} by "
            "more than a tenth of a standard deviation. ",
            "Of {all} scales, {people} who answered again stood apart on {number} {when} by "
            "more than a tenth of a standard deviation. ",
            len(known),
            all=number_word(len(known)),
            people=escaped(survey.respondents),
            number=number_word(apart) if apart else gettext("none"),
            when=at_wave(page, page.study.baseline),
        )
    ]


def _scales(page: Page, survey: Survey) -> list[Piece]:
    """Between which values alpha lies."""
    rows = [
        row
        for name in survey.instruments
        for scale in page.instruments[name].subscales
        if (row := page.values(ALL, survey.id, name, "reliability", scale.id, page.study.followup,
                               "alpha"))
    ]  # fmt: skip
    if len(rows) < 2:
        return []
    low, high = (pick(rows, key=lambda row: row["value"]) for pick in (min, max))
    return sentence(
        "In the scales of {people}, alpha lies from {low} to {high}; .7 is usual "
        "for comparing groups. ",
        people=escaped(survey.respondents),
        low=part(low, 2),
        high=part(high, 2),
    )


def _method(page: Page, survey: Survey) -> list[Piece]:
    """On how many scales every method says the same of the change."""
    ways = (
        ("paired", "difference"), ("paired", "difference_schools"),
        ("paired_weighted", "difference"), ("over_time", "difference"), ("imputed", "difference"),
    )  # fmt: skip
    same = tested = 0
    for name in survey.instruments if page.study.compares else ():
        for score in page.instruments[name].scores:
            rows = [page.values(ALL, survey.id, name, a, score, page.waves, s) for a, s in ways]
            signs = {
                int(row["ci_low"] > 0) - int(row["ci_high"] < 0)
                for row in rows
                if row and not pd.isna(row["ci_low"])
            }
            tested += bool(signs)
            same += len(signs) == 1
    if not tested:
        return []
    if tested == 1:
        return [
            gettext(
                N_(
                    "On the one scale of {people}, every method agrees whether the interval of "
                    "the change leaves nought out. "
                )
                if same
                else N_(
                    "On the one scale of {people}, the methods do not agree whether the interval "
                    "of the change leaves nought out. "
                ),
                people=escaped(survey.respondents),
            )
        ]
    return [
        ngettext(
            "On {number} of {all} scale of {people}, every method agrees whether the interval of "
            "the change leaves nought out. ",
            "On {number} of {all} scales of {people}, every method agrees whether the interval of "
            "the change leaves nought out. ",
            tested,
            number=gettext("all") if same == tested else number_word(same),
            all=number_word(tested),
            people=escaped(survey.respondents),
        )
    ]


def _power(page: Page, survey: Survey) -> list[Piece]:
    """The smallest change of the headline's score that would probably have been found."""
    name, score = survey.headline.split(".")
    if not page.study.compares:
        return []
    row = page.values(ALL, survey.id, name, "detectable", score, page.waves, "points")
    if row is None:
        return []
    found = page.instruments[name]
    return sentence(
        "For {people}, a change of {change} points in {scale} would probably have been found. ",
        people=escaped(survey.respondents),
        change=part(row, found.decimals(score)),
        scale=scale_name(found, score),
    )


def _cause(page: Page) -> Text:
    if not page.study.compares:
        return Text([gettext("Nobody can tell yet: people were asked once so far.")])
    return Text(
        [
            gettext(
                N_(
                    "Nobody can tell for certain from these data: schools without it may differ "
                    "in other ways as well. Schools change for many reasons. Those who score low "
                    "at first tend to score higher later, by chance alone. And those who answer "
                    "twice may not be like those who answer once."
                )
                if page.study.comparison
                else N_(
                    "Nobody can tell for certain from these data: there was no comparison group. "
                    "Schools change for many reasons. Those who score low at first tend to score "
                    "higher later, by chance alone. And those who answer twice may not be like "
                    "those who answer once."
                )
            )
        ]
    )
