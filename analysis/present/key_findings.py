"""Page one of the programme's report, and the box at the end of each chapter: the same sentences.

A finding is one or two short sentences about one result, with how strong its evidence is. It is
written once here, for page one, for the chapter's box and for the chapter, so that no two places
say different things; what may be said of a difference follows :mod:`analysis.present.verdict`, with
everything that page one could name corrected together.

How strong the evidence is, in four words:

========  ======================================================================
good      counted as it happened: nothing is inferred
moderate  measured twice in the same people, or against a norm, and clear
limited   told by those concerned, or recorded while other things changed as well
open      measured, and not clear: these answers do not settle it
========  ======================================================================

Where a survey's scores are only described, no word is said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from analysis.language import (
    N_,
    gettext,
    listed,
    month_and_year,
    pgettext,
    sentence,
)
from analysis.present.asked import at_wave
from analysis.present.finding import Finding, Piece, trimmed
from analysis.present.groups import moved_apart
from analysis.present.page import Page, part
from analysis.present.sentences import ALL
from analysis.present.shown import Cell, Each, Table, Text, each, escaped, table
from analysis.present.strand_findings import delivered, helped, planned, recorded, records_together
from analysis.present.survey_findings import (
    besides,
    change,
    changed_besides,
    groups,
    level,
    norm,
    said_changed,
    said_in_short,
)
from analysis.present.value_creation import bare_label as cycle_name
from analysis.present.value_creation import cycles_of, strength
from analysis.study import Study
from analysis.words import inside

#: Findings on page one, at most.
MOST = 8


#: What the words for the strength of evidence mean; readers see it on page one.
STRENGTHS = {
    "good": N_("counted as it happened"),
    "moderate": N_("measured, and clear"),
    "limited": N_("told, or recorded while other things changed too"),
    "open": N_("measured, and not clear"),
}


Maker = Callable[[Page], Finding | None]


def places(study: Study) -> dict[str, str]:
    """The findings that a study's report could show, first things first, each with its section."""
    return {name: section for name, (section, _) in _makers(study).items()}


def _makers(study: Study) -> dict[str, tuple[str, Maker]]:
    """The section of each finding, and what makes it."""
    found: dict[str, tuple[str, Maker]] = {}
    surveys = [(each, each.id, each.headline.split(".")[0]) for each in study.surveys]
    for survey, s, headline in surveys if study.compares else ():
        found[f"change-{s}"] = (f"sec-moved-{s}-{headline}", partial(change, survey=survey))
        for i in besides(survey):
            also = partial(changed_besides, survey=survey, of=i)
            found[f"change-{s}-{i}"] = (f"sec-moved-{s}-{i}", also)
        found[f"whom-{s}"] = (f"sec-whom-{s}", partial(moved_apart, survey=survey))
    for survey, s, _ in surveys:
        found[f"said-{s}"] = (f"sec-said-{s}", partial(said_changed, survey=survey))
    for survey, s, i in surveys:
        found[f"norm-{s}"] = (f"sec-found-{s}-{i}", partial(norm, survey=survey))
    for survey, s, i in surveys if study.phases is not None else ():
        found[f"groups-{s}"] = (f"sec-apart-{s}-{i}", partial(groups, survey=survey))
    found |= {
        "helped": ("sec-told-helped", helped),
        "delivery": ("sec-delivered", delivered),
        "plans": ("sec-around-plans", planned),
        "records": ("sec-records", recorded),
    }
    for survey, s, i in surveys:
        found[f"level-{s}"] = (f"sec-found-{s}-{i}", partial(level, survey=survey))
    return found


def findings(page: Page) -> Each | None:
    """The findings of page one, each with how strong its evidence is.

    Those first in :func:`places`, but what differs between groups of schools, or from a norm, only
    where anything does, or where there is room.
    """
    return each({name: _told(finding) for name, finding in _first(page).items()})


def none_told(page: Page) -> Text | None:
    """That page one has nothing to tell, where that is so."""
    if _first(page):
        return None
    return Text([gettext("None of the results that would stand here can be shown.")])


def _first(page: Page) -> dict[str, Finding]:
    makers = _makers(page.study).items()
    found = {name: finding for name, (_, make) in makers if (finding := make(page))}
    quiet = [
        n for n, f in found.items() if n.startswith(("groups-", "norm-")) and f.strength == "open"
    ]
    # Of what is quiet, norms before groups: the last go first.
    first = [*(n for n in found if n not in quiet), *quiet][:MOST]
    return {name: finding for name, finding in found.items() if name in first}


def _told(finding: Finding) -> Text:
    if not finding.strength:
        return Text(list(finding.pieces))
    return Text(
        sentence(
            "{finding} *Evidence: {strength}.*",
            finding=finding.pieces,
            strength=strength_word(finding.strength),
        )
    )


def strength_word(strength: str) -> str:
    """The word that readers see for a strength of :data:`STRENGTHS`."""
    words = {
        "good": pgettext("strength of evidence", "good"),
        "moderate": pgettext("strength of evidence", "moderate"),
        "limited": pgettext("strength of evidence", "limited"),
        "open": pgettext("strength of evidence", "open"),
    }
    return words[strength]


def strengths(page: Page) -> Text | None:
    """What the words for the strength of evidence mean that page one uses."""
    used = {finding.strength for finding in _first(page).values()}
    said = [
        gettext("*{word}* if it was {means}", word=strength_word(word), means=gettext(means))
        for word, means in STRENGTHS.items()
        if word in used
    ]
    return (
        Text([gettext("**Evidence** is called {strengths}.", strengths="; ".join(said))])
        if said
        else None
    )


def cannot_show(page: Page) -> Text | None:
    """What no result here can show, said once."""
    if page.study.compares and page.study.comparison:
        return Text(
            [
                gettext(
                    "**What this cannot show.** Schools without {programme} may differ in "
                    "other ways as well. So a difference from them need not be its effect.",
                    programme=escaped(page.study.programme),
                )
            ]
        )
    if page.study.compares:
        return Text(
            [
                gettext(
                    "**What this cannot show.** There was no comparison group. So no change "
                    "here can be put down to {programme}.",
                    programme=escaped(page.study.programme),
                )
            ]
        )
    return Text(
        [
            gettext(
                "**What this cannot show.** People were asked once so far. So nothing "
                "here is about change."
            )
        ]
    )


def in_short(page: Page) -> Each | None:
    """Three sentences for the end of each chapter; fewer where there is less to say."""
    study = page.study
    boxes: dict[str, list[list[Piece]]] = {
        "design": [*_answered(page), [gettext("The results describe those who answered.")]],
        "evidence": [
            *(list(found.pieces) for found in (cannot_show(page),) if found),
            [gettext("Every check stands in the technical report.")],
        ],
    }
    for survey in study.surveys:
        further = [changed_besides(page, survey, of) for of in besides(survey)]
        told = [make(page, survey) for make in (norm, said_in_short, groups, level)]
        boxes[f"survey-{survey.id}"] = [
            list(found.pieces)
            for found in (change(page, survey), *further, moved_apart(page, survey), *told)
            if found
        ]
    for name, finding, limit in (
        ("delivery", delivered(page), gettext("How much was held does not say what came of it.")),
        (
            "interviews",
            helped(page),
            gettext("Silence is not disagreement: nobody was asked about each matter."),
        ),
        ("system", planned(page), gettext("How far an aim has come is each school's own view.")),
        ("outcomes", recorded(page), gettext("Other things changed in these schools as well.")),
    ):
        if finding:
            between = [records_together(page)] if name == "outcomes" else []
            boxes[name] = [list(finding.pieces), *(each for each in between if each), [limit]]
    value = _value(page)
    if value:
        boxes["value"] = value
    return each({name: _box(said) for name, said in boxes.items() if said})


def _box(said: list[list[Piece]]) -> Text:
    return Text(trimmed([piece for sentence in said[:3] for piece in (*sentence, " ")]))


def _answered(page: Page) -> Iterator[list[Piece]]:
    """Of each survey, how many answered at follow-up."""
    wave = page.study.followup
    for survey in page.study.surveys[:2]:
        row = page.values(ALL, survey.id, "survey", "response", "responded", wave, "count")
        if row:
            yield sentence(
                "{count} {people} answered {when}.",
                count=part(row, 0),
                people=escaped(survey.respondents),
                when=at_wave(page, wave),
            )


def _value(page: Page) -> list[list[Piece]]:
    """How strong the evidence of the value cycles is."""
    graded: dict[str, list[str]] = {}
    for cycle in cycles_of(page):
        graded.setdefault(strength(page, cycle), []).append(escaped(inside(cycle_name(cycle))))
    said = {
        "agree": N_("What is measured and what is told point the same way for {cycles} value."),
        "several of one kind": N_("Several sources of one kind speak of {cycles} value."),
        "one source": N_("One source alone speaks of {cycles} value."),
        "conflict": N_(
            "What is measured and what is told point different ways for {cycles} value."
        ),
        "none": N_("There is no evidence of {cycles} value."),
    }
    graded_said: list[list[Piece]] = [
        [gettext(words, cycles=listed(graded[name]))]
        for name, words in said.items()
        if name in graded
    ]
    if graded_said:
        graded_said += [
            [gettext("What is told shows that something was seen, and not what caused it.")],
            [gettext("A cycle of which little was heard may still have been there.")],
        ]
    return graded_said


def timeline(page: Page) -> Table | None:
    """When each survey was taken, whom it invited, and how many answered."""
    rows: list[list[Cell]] = []
    for survey in page.study.surveys:
        for export in survey.exports:
            wave = page.study.wave(export.wave)
            at = (survey.id, "survey", "response", "responded", wave.id)
            if page.row(ALL, *at, "count") is None or wave.id not in page.study.waves_so_far:
                continue
            rate = page.values(ALL, *at, "percent")
            rows.append(
                [escaped(survey.label), escaped(wave.label),
                 gettext("{start} to {end}", start=month_and_year(wave.start), end=month_and_year(wave.end)),
                 part(rate, 0, "denominator") if rate else "–",
                 page.number(ALL, *at, "count", decimals=0)]
            )  # fmt: skip
    return table(
        [
            gettext("Survey"),
            gettext("Time"),
            gettext("From and to"),
            gettext("Invited"),
            gettext("Answered"),
        ],
        _unique(rows),
        widths=[24, 14, 34, 12, 12],
        caption=gettext("When people were asked, and how many answered"),
        text_columns=3,
    )


def _unique(rows: list[list[Cell]]) -> list[list[Cell]]:
    """Rows without those of a further file of one survey and wave."""
    return list({(str(row[0]), str(row[1])): row for row in rows}.values())
