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
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd

from analysis.instruments import Instrument
from analysis.language import (
    N_,
    gettext,
    listed,
    listed_pieces,
    localised,
    month_and_year,
    ngettext,
    nsentence,
    pgettext,
    sentence,
)
from analysis.present import codebook, count_words, delivery, plans, qualitative, verdict
from analysis.present import voices as voices_of
from analysis.present.asked import because, ends
from analysis.present.count_words import number_word
from analysis.present.page import Compared, Page, part
from analysis.present.records import unit_of
from analysis.present.sentences import ALL, scale_name, upper, wave_name
from analysis.present.shown import Cell, Each, Part, Table, Text, each, escaped, table, text
from analysis.present.tables import measures_of, normed
from analysis.present.value_creation import bare_label as cycle_name
from analysis.present.value_creation import cycles_of, most_heard, stories_of, strength, supported
from analysis.qualitative.plans import FIRST
from analysis.results import COHORT, OTHERS, pair
from analysis.study import Study, Survey
from analysis.words import inside

Piece = str | Part
#: Findings on page one, at most.
MOST = 8
#: What the words for the strength of evidence mean; readers see it on page one.
STRENGTHS = {
    "good": N_("counted as it happened"),
    "moderate": N_("measured, and clear"),
    "limited": N_("told, or recorded while other things changed too"),
    "open": N_("measured, and not clear"),
}
#: A standardised difference at baseline that is worth a look.
WORTH_A_LOOK = 0.1


@dataclass(frozen=True)
class Finding:
    """One or two sentences on one result, and how strong the evidence is: of :data:`STRENGTHS`."""

    pieces: Sequence[Piece]
    strength: str


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
        for i in _besides(survey):
            also = partial(changed_besides, survey=survey, of=i)
            found[f"change-{s}-{i}"] = (f"sec-moved-{s}-{i}", also)
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


# --- findings of a survey ------------------------------------------------------------------


def _instrument(page: Page, survey: Survey, name: str) -> Instrument:
    """The instrument of this name, or that of the survey's headline."""
    return page.instruments[name or survey.headline.split(".")[0]]


def change(page: Page, survey: Survey, of: str = "") -> Finding | None:
    """What changed in the same people, on the scales of an instrument: the headline's, if none is
    named."""
    instrument = _instrument(page, survey, of)
    said = _changes(page, survey, instrument)
    if not said:
        return None
    people = escaped(survey.respondents)
    if clear := _clear(instrument, said):
        up, down = clear.get(1), clear.get(-1)
        pieces: list[Piece] = []
        if up:
            rose = gettext(
                "Among {people} who answered both times, scores rose for {scales}.",
                people=people,
                scales=up,
            )
            pieces = [rose]
        if up and down:
            pieces += [" ", gettext("They fell for {scales}.", scales=down)]
        elif down:
            fell = gettext(
                "Among {people} who answered both times, scores fell for {scales}.",
                people=people,
                scales=down,
            )
            pieces = [fell]
        return Finding(pieces, "moderate")
    if all(found.small for found in said.values()):
        any_change = gettext(
            "Among {people} who answered both times, any change is smaller than would matter.",
            people=people,
        )
        return Finding([any_change], "moderate")
    if len(said) == 1:
        (only,) = said
        return Finding(
            [
                gettext(
                    "Among {people} who answered both times, {scale} shows no clear change.",
                    people=people,
                    scale=scale_name(instrument, only),
                )
            ],
            "open",
        )
    return Finding(
        [
            ngettext(
                "Among {people} who answered both times, the {number} scale of the {instrument} "
                "shows no clear change.",
                "Among {people} who answered both times, none of the {number} scales of the "
                "{instrument} shows a clear change.",
                len(said),
                people=people,
                number=number_word(len(said)),
                instrument=escaped(instrument.short),
            )
        ],
        "open",
    )


def changed_besides(page: Page, survey: Survey, of: str) -> Finding | None:
    """What clearly changed on an instrument that is not the headline's."""
    instrument = page.instruments[of]
    said = _changes(page, survey, instrument)
    clear = _clear(instrument, said)
    if not clear:
        return None
    if len(said) == 1:
        return change(page, survey, of)
    messages = {
        (1,): N_(
            "Of the {number} scales of the {instrument}, scores of {people} who answered both times "
            "rose for {up}."
        ),
        (-1,): N_(
            "Of the {number} scales of the {instrument}, scores of {people} who answered both times "
            "fell for {down}."
        ),
        (1, -1): N_(
            "Of the {number} scales of the {instrument}, scores of {people} who answered both times "
            "rose for {up} and fell for {down}."
        ),
    }
    told = gettext(
        messages[tuple(clear)],
        number=number_word(len(said)),
        instrument=escaped(instrument.short),
        people=escaped(survey.respondents),
        up=clear.get(1),
        down=clear.get(-1),
    )
    return Finding([told], "moderate")


def _besides(survey: Survey) -> list[str]:
    """A survey's instruments but that of its headline."""
    headline = survey.headline.split(".")[0]
    return [instrument for instrument in survey.instruments if instrument != headline]


def _changes(page: Page, survey: Survey, instrument: Instrument) -> dict[str, verdict.Verdict]:
    """The verdict on the change of each scale of an instrument that can be shown."""
    if not page.study.compares:
        return {}
    family = verdict.within(page, verdict.changes(page, survey.id, instrument.id))
    at = (survey.id, instrument.id, "paired")
    found = {s: family.of(None, *at, s, page.waves, "difference") for s in instrument.scores}
    return {score: each for score, each in found.items() if each}


def _clear(instrument: Instrument, said: Mapping[str, verdict.Verdict]) -> dict[int, str]:
    """The scales that clearly rose (1) and fell (-1), listed."""
    return {
        sign: listed([scale_name(instrument, score) for score in scores])
        for sign in (1, -1)
        if (scores := [score for score, each in said.items() if each.sign == sign])
    }


def norm(page: Page, survey: Survey, of: str = "") -> Finding | None:
    """Where people stand beside an instrument's norm, at follow-up."""
    instrument = _instrument(page, survey, of)
    reference = normed(instrument)
    score = next(iter(reference), None)
    if score is None:
        return None
    who, wave = page.compared[0], page.study.followup
    at = (survey.id, instrument.id, "level", score, wave)
    row = page.values(who, *at, "mean")
    family = verdict.within(page, verdict.norms(page, survey.id, instrument.id))
    gap = family.of(who, *at, "difference_from_norm")
    if row is None or gap is None:
        return None
    known = reference[score]
    return Finding(
        sentence(
            {
                1: N_(
                    "At {wave}, {people} had a mean of {mean} for {scale}: above the {norm} of the "
                    "{reference}."
                ),
                -1: N_(
                    "At {wave}, {people} had a mean of {mean} for {scale}: below the {norm} of the "
                    "{reference}."
                ),
                0: N_(
                    "At {wave}, {people} had a mean of {mean} for {scale}: not clearly above or "
                    "below the {norm} of the {reference}."
                ),
            }[gap.sign],
            wave=wave_name(page, wave),
            people=escaped(survey.respondents),
            mean=part(row, instrument.decimals(score)),
            scale=scale_name(instrument, score),
            norm=localised(f"{known.mean:g}"),
            reference=escaped(known.label),
        ),
        "moderate" if gap.sign else "open",
    )


def level(page: Page, survey: Survey, of: str = "") -> Finding | None:
    """The scales with the highest and the lowest mean, of those that are shown.

    Open: whether two scales stand apart is asked of all pairs, in the chapter.
    """
    instrument = _instrument(page, survey, of)
    scales = [s for s in instrument.scores if not (instrument.total and s == instrument.total.id)]
    who, wave = page.compared[0], page.study.followup
    rows = {
        score: row
        for score in scales
        if (row := page.values(who, survey.id, instrument.id, "level", score, wave, "mean"))
    }
    if len(rows) < 2 or len({instrument.score_range(s) for s in rows}) > 1:
        return None
    high, low = ends(instrument, rows)
    if not high:
        return None
    highest, lowest = (listed([scale_name(instrument, s) for s in each]) for each in (high, low))
    return Finding(
        sentence(
            N_(
                "{people} gave the highest mean to {highest} ({most}) and the lowest to {lowest} "
                "({least})."
            )
            if len(rows) == len(scales)
            else N_(
                "{people} gave, of the scales that can be shown, the highest mean to {highest} "
                "({most}) and the lowest to {lowest} ({least})."
            ),
            people=upper(escaped(survey.respondents)),
            highest=highest,
            most=part(rows[high[0]], instrument.decimals(high[0])),
            lowest=lowest,
            least=part(rows[low[0]], instrument.decimals(low[0])),
        ),
        "open",
    )


def groups(page: Page, survey: Survey) -> Finding | None:
    """On which scales groups of schools stand apart at follow-up."""
    if not page.phase_pairs:
        return None
    instrument = page.instruments[survey.headline.split(".")[0]]
    family = verdict.page_one(page)
    pieces: list[Piece] = []
    clear = seen = 0
    for contrast in page.phase_pairs:
        at = (survey.id, instrument.id, "phases")
        said = {
            score: found
            for score in instrument.scores
            if (found := family.of(contrast, *at, score, page.study.followup, "difference"))
        }
        seen += len(said)
        one, other = (
            escaped(inside(each.label)) for each in page.phases
            if each.group in contrast.group.split("-")
        )  # fmt: skip
        for said_of, sign in (
            (N_("{people} of {one} scored higher than those of {other} on {scales}. "), 1),
            (N_("{people} of {one} scored lower than those of {other} on {scales}. "), -1),
        ):
            scales = [scale_name(instrument, s) for s, v in said.items() if v.sign == sign]
            if scales:
                clear += len(scales)
                pieces.append(
                    gettext(
                        said_of,
                        people=upper(escaped(survey.respondents)),
                        one=one,
                        other=other,
                        scales=listed(scales),
                    )
                )
    if clear:
        return Finding(pieces, "moderate")
    if not seen:
        return None
    every = listed([escaped(inside(each.label)) for each in page.phases])
    scores = instrument.scores
    if len(scores) == 1:
        apart = gettext(
            "{people} of {groups} do not clearly differ on {scale}.",
            people=upper(escaped(survey.respondents)),
            groups=every,
            scale=scale_name(instrument, scores[0]),
        )
    else:
        apart = gettext(
            "{people} of {groups} do not clearly differ on any scale of the {instrument}.",
            people=upper(escaped(survey.respondents)),
            groups=every,
            instrument=escaped(instrument.short),
        )
    return Finding([apart], "open")


def said_changed(page: Page, survey: Survey) -> Finding | None:
    """What people themselves say has changed, over the aspects that they were asked about."""
    wave, pieces = page.study.followup, list[Piece]()
    aspects = survey.perceived_change
    for who in (ALL, *page.phases):
        rows = [
            row for aspect in aspects
            if (row := page.values(who, survey.id, "survey", "perceived", aspect, wave, "yes"))
        ]  # fmt: skip
        if len(rows) < len(aspects) or not rows:
            continue
        low, high = (pick(rows, key=lambda row: row["value"]) for pick in (min, max))
        share: list[Piece] = [part(high, 0), "%"]
        if round(low["value"]) != round(high["value"]):
            share = sentence("{low}% to {high}%", low=part(low, 0), high=part(high, 0))
        if who is ALL and len(aspects) > 1:
            pieces += nsentence(
                "{people} were asked about {aspects} aspect of their school. Of it, {share} say "
                "that it has changed. ",
                "{people} were asked about {aspects} aspects of their school. Of each, {share} say "
                "that it has changed. ",
                len(aspects),
                people=upper(escaped(survey.respondents)),
                aspects=number_word(len(aspects)),
                share=share,
            )
        elif who is ALL:
            pieces += sentence(
                "{share} of {people} say that their school has changed. ",
                share=_capital(share),
                people=escaped(survey.respondents),
            )
        elif pieces:
            pieces += sentence(
                "In {who} it is {share}. ", who=escaped(inside(who.label)), share=share
            )
    return Finding(_trimmed(pieces), "limited") if pieces else None


# --- findings beside the surveys -----------------------------------------------------------


def helped(page: Page) -> Finding | None:
    """What those interviewed named most often as a help and as a hindrance."""
    if not qualitative.interviewed(page) or qualitative.hidden(page):
        return None
    pieces: list[Piece] = []
    found = codebook.codes(page)
    for kinds, most in (
        (
            qualitative.ENABLING,
            N_("What helped was most often {codes}, raised by {people}. "),
        ),
        (
            qualitative.CONSTRAINING,
            N_("What stood in the way was most often {codes}, raised by {people}. "),
        ),
    ):
        codes = [str(code) for code in found.loc[found["kind"].isin(kinds), "id"]]
        first = most_heard(page, codes)
        if not first or len(first) > 2:
            continue
        named = listed([f"*{escaped(label)}*" for _, label in first])
        pieces += sentence(most, codes=named, people=count_words.people(page, first[0][0]))
    return Finding(_trimmed(pieces), "limited") if pieces else None


def delivered(page: Page) -> Finding | None:
    """How much was held, and how many of those invited came."""
    at = (*delivery.SESSIONS, delivery.ALL, delivery.WAVE)
    count = page.values(delivery.PROGRAMME, *at, "count")
    if count is None or not count["value"]:
        return None
    some = page.values(delivery.PROGRAMME, *at, "schools")
    if some is None:
        pieces: list[Piece] = nsentence(
            "{count} session was held.",
            "{count} sessions were held.",
            count["value"],
            count=part(count, 0),
        )
    else:
        pieces = nsentence(
            "{count} session was held, in {schools} schools.",
            "{count} sessions were held, in {schools} schools.",
            count["value"],
            count=part(count, 0),
            schools=part(some, 0),
        )
    came = page.values(delivery.PROGRAMME, *delivery.ATTENDANCE, "percent")
    if came is not None:
        pieces += [
            " ",
            *sentence("Of the invitations, {percent}% were taken up.", percent=part(came, 0)),
        ]
    return Finding(pieces, "good")


def planned(page: Page) -> Finding | None:
    """How many schools planned, and how much of it is in place."""
    wave = plans.latest_review(page)
    schools = plans.row_of(page, "plans", "all", FIRST, "plans")
    aims = plans.row_of(page, "states", "any", wave, "aims") if wave else None
    if schools is None or aims is None:
        return None
    pieces: list[Piece] = sentence(
        "{schools} schools sent a plan, with {aims} aims in all.",
        schools=part(schools, 0),
        aims=part(aims, 0),
    )
    done = [
        (state, row)
        for state in ("in_place", "embedded")
        if (row := plans.row_of(page, "states", state, wave, "aims")) and row["value"]
    ]
    if done:
        states = listed_pieces(
            [
                nsentence(
                    "{count} was {state}",
                    "{count} were {state}",
                    row["value"],
                    count=part(row, 0),
                    state=gettext(plans.STATE_WORDS[state]),
                )
                for state, row in done
            ]
        )
        at = (
            N_("At the latest review {states}.")
            if wave == "latest"
            else N_("At the first review {states}.")
        )
        pieces += [" ", *sentence(at, states=states)]
    return Finding(pieces, "limited")


def recorded(page: Page) -> Finding | None:
    """The first of the school records, a year apart."""
    found = (recorded_of(page, measure) for measure in measures_of(page))
    return next((each for each in found if each), None)


def recorded_of(page: Page, measure: dict[str, Any]) -> Finding | None:
    """One of the school records, a year apart."""
    said = _record(page, measure)
    return Finding(said.pieces, "limited") if said is not None else None


#: What is said of a record by itself, and of one below the terms that it is of: by the sign of its
#: difference.
BY_ITSELF = {
    1: N_(
        "{measure}: higher in {later} than in {earlier} (difference {difference}{unit}, 95% interval "
        "{low} to {high})."
    ),
    -1: N_(
        "{measure}: lower in {later} than in {earlier} (difference {difference}{unit}, 95% interval "
        "{low} to {high})."
    ),
    0: N_(
        "{measure}: not clearly higher or lower in {later} than in {earlier} (difference "
        "{difference}{unit}, 95% interval {low} to {high})."
    ),
}
BELOW = {
    1: N_("{measure}: higher (difference {difference}{unit}, 95% interval {low} to {high})."),
    -1: N_("{measure}: lower (difference {difference}{unit}, 95% interval {low} to {high})."),
    0: N_("{measure}: not clear (difference {difference}{unit}, 95% interval {low} to {high})."),
}


@dataclass(frozen=True)
class Recorded:
    """A measure of the last term that has one, against the same term a year before."""

    pieces: list[Piece]
    clear: bool
    later: str
    earlier: str


def _record(
    page: Page, measure: dict[str, Any], said: Mapping[int, str] = BY_ITSELF
) -> Recorded | None:
    """What is said of one of the school records; nothing if it cannot be told."""
    asked = verdict.records(page).get(str(measure["id"]))
    judged = verdict.page_one(page).of(asked.who, *asked.parts) if asked else None
    if asked is None or judged is None:
        return None
    row, decimals = judged.row, int(measure.get("decimals", 1))
    later = next(t for t, year in page.year_before.items() if pair(year, t) == asked.parts[4])
    # As shown: an interval that begins at 0.0 leaves nought in for whoever reads it.
    low, high = (round(float(row[end]), decimals) for end in ("ci_low", "ci_high"))
    sign = judged.sign if low > 0 or high < 0 else 0
    terms = {
        "later": escaped(page.terms[later]),
        "earlier": escaped(page.terms[page.year_before[later]]),
    }
    unit = f" {escaped(unit_of(measure, difference=True))}".rstrip()
    pieces = sentence(
        said[sign],
        measure=f"*{escaped(measure['label'])}*",
        **(terms if said is BY_ITSELF else {}),
        difference=part(row, decimals),
        unit=unit,
        low=part(row, decimals, "ci_low"),
        high=part(row, decimals, "ci_high"),
    )
    return Recorded(pieces, bool(sign), **terms)


# --- in the chapters -----------------------------------------------------------------------


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
        besides = [changed_besides(page, survey, of) for of in _besides(survey)]
        told = [make(page, survey) for make in (norm, _said_in_short, groups, level)]
        boxes[f"survey-{survey.id}"] = [
            list(found.pieces) for found in (change(page, survey), *besides, *told) if found
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
            between = [_records_together(page)] if name == "outcomes" else []
            boxes[name] = [list(finding.pieces), *(each for each in between if each), [limit]]
    value = _value(page)
    if value:
        boxes["value"] = value
    return each({name: _box(said) for name, said in boxes.items() if said})


def _said_in_short(page: Page, survey: Survey) -> Finding | None:
    """What people say has changed, of all of them, in one sentence."""
    aspects, wave = survey.perceived_change, page.study.followup
    rows = [
        row for aspect in aspects
        if (row := page.values(ALL, survey.id, "survey", "perceived", aspect, wave, "yes"))
    ]  # fmt: skip
    if not rows or len(rows) < len(aspects):
        return None
    low, high = (pick(rows, key=lambda row: row["value"]) for pick in (min, max))
    share: list[Piece] = [part(high, 0), "%"]
    if round(low["value"]) != round(high["value"]):
        share = sentence("{low}% to {high}%", low=part(low, 0), high=part(high, 0))
    people = escaped(survey.respondents)
    if len(rows) == 1:
        return Finding(
            sentence(
                "{share} of {people} say that their school has changed.", share=share, people=people
            ),
            "limited",
        )
    return Finding(
        sentence(
            "Of each aspect asked about, {share} of {people} say that it has changed.",
            share=share,
            people=people,
        ),
        "limited",
    )


def _records_together(page: Page) -> list[Piece]:
    """Of how many of the school records the difference from a year before is clear."""
    said = [found for measure in measures_of(page) if (found := _record(page, measure))]
    if len(said) < 2:
        return []
    clear = sum(each.clear for each in said)
    if not clear:
        return [
            ngettext(
                "The {number} record is not clearly higher or lower than a year before.",
                "Of {number} records, none is clearly higher or lower than a year before.",
                len(said),
                number=number_word(len(said)),
            )
        ]
    return [
        ngettext(
            "Of {all} records, {number} is clearly higher or lower than a year before.",
            "Of {all} records, {number} are clearly higher or lower than a year before.",
            clear,
            all=number_word(len(said)),
            number=number_word(clear),
        )
    ]


def _box(said: list[list[Piece]]) -> Text:
    return Text(_trimmed([piece for sentence in said[:3] for piece in (*sentence, " ")]))


def _answered(page: Page) -> Iterator[list[Piece]]:
    """Of each survey, how many answered at follow-up."""
    wave = page.study.followup
    for survey in page.study.surveys[:2]:
        row = page.values(ALL, survey.id, "survey", "response", "responded", wave, "count")
        if row:
            yield sentence(
                "{count} {people} answered at {wave}.",
                count=part(row, 0),
                people=escaped(survey.respondents),
                wave=wave_name(page, wave),
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


def perceived_said(page: Page) -> Each | None:
    """What people say has changed, survey by survey, as on page one."""
    found = {s.id: said_changed(page, s) for s in page.study.surveys if s.perceived_change}
    return each({name: Text(said.pieces) for name, said in found.items() if said})


def gap_said(page: Page) -> Each | None:
    """How far the groups whose gap the study follows stand from all others, survey by survey."""
    return each({s.id: text(_gaps(page, s)) for s in page.study.surveys})


def _gaps(page: Page, survey: Survey) -> list[Piece]:
    name, score = survey.headline.split(".")
    found, wave = page.instruments[name], page.study.followup
    family = verdict.within(page, verdict.gaps(page))
    pieces: list[Piece] = []
    for group in page.study.groups_of(survey.population):
        if not group.gap:
            continue
        yes, others = (Compared("", COHORT, group.key(value)) for value in ("yes", OTHERS))
        levels = [page.values(who, survey.id, name, "level", score, wave, "mean")
                  for who in (yes, others)]  # fmt: skip
        asked = verdict.gap(page, survey, group)
        judged = family.of(asked.who, *asked.parts)
        if not all(levels) or judged is None:
            continue
        gap, clear = judged.row, bool(judged.sign)
        own, rest = (part(row, found.decimals(score)) for row in levels if row)
        pieces += [
            *sentence(
                N_(
                    "**{group}.** In {scale}, those for whom this holds had a mean of {own} at "
                    "{wave}, all others of {rest}. The gap is clear (95% interval {low} to {high})."
                )
                if clear
                else N_(
                    "**{group}.** In {scale}, those for whom this holds had a mean of {own} at "
                    "{wave}, all others of {rest}. The gap is not clear (95% interval {low} to "
                    "{high})."
                ),
                group=escaped(group.label),
                scale=scale_name(found, score),
                own=own,
                wave=wave_name(page, wave),
                rest=rest,
                low=part(gap, found.decimals(score), "ci_low"),
                high=part(gap, found.decimals(score), "ci_high"),
            ),
            "\n\n",
        ]
    return pieces


def gap_message(page: Page, survey: Survey) -> str:
    """Of which groups the gap is clear, in a sentence; nothing where none can be shown."""
    name, score = survey.headline.split(".")
    clear: dict[bool, list[str]] = {True: [], False: []}
    for group in page.study.groups_of(survey.population):
        if not group.gap:
            continue
        both = Compared("", COHORT, pair(group.key(OTHERS), group.key("yes")))
        row = page.values(both, survey.id, name, "gap", score, page.study.followup, "difference")
        if row is not None and not pd.isna(row["ci_low"]):
            clear[bool(row["ci_low"] > 0 or row["ci_high"] < 0)].append(
                escaped(inside(group.label))
            )
    said = [
        gettext(words, groups=listed(names))
        for names, words in (
            (clear[True], N_("by {groups} it is clear")),
            (clear[False], N_("by {groups} it is not clear")),
        )
        if names
    ]
    when = wave_name(page, page.study.followup)
    return gettext("The gap at {wave}: {groups}", wave=when, groups="; ".join(said)) if said else ""


def helped_said(page: Page) -> Text | None:
    """What helped and what stood in the way, as on page one."""
    found = helped(page)
    return Text(found.pieces) if found else None


def delivered_said(page: Page) -> Text | None:
    """What was held and who came, as on page one."""
    found = delivered(page)
    return Text(found.pieces) if found else None


def helped_most(page: Page) -> Table | None:
    """What most of those interviewed named as a help, and as a hindrance."""
    if not qualitative.interviewed(page) or qualitative.hidden(page):
        return None
    found, rows = codebook.codes(page), list[list[Cell]]()
    for kinds, what in (
        (qualitative.ENABLING, gettext("Helped")),
        (qualitative.CONSTRAINING, gettext("Stood in the way")),
    ):
        codes = [str(code) for code in found.loc[found["kind"].isin(kinds), "id"]]
        for code, label in most_heard(page, codes, 6):
            row = count_words.count_row(page, code, "people")
            if row is not None:
                rows.append([escaped(label), what, count_words.of(row)])
    return table(
        [gettext("What people named"), gettext("As"), gettext("People")],
        rows,
        widths=[54, 20, 14],
        caption=gettext("What was named most often, of those interviewed"),
        text_columns=2,
    )


def records_said(page: Page) -> Text | None:
    """Each of the school records, a year apart."""
    by_terms: dict[tuple[str, str], list[Recorded]] = {}
    for measure in measures_of(page):
        if found := _record(page, measure, BELOW):
            by_terms.setdefault((found.later, found.earlier), []).append(found)
    pieces: list[Piece] = []
    for (later, earlier), said in by_terms.items():
        pieces += [gettext("{later} against {earlier}:", later=later, earlier=earlier), "\n\n"]
        pieces += [piece for each in said for piece in ("- ", *each.pieces, "\n")]
        pieces.append("\n")
    return text(pieces)


def size_said(page: Page) -> Text | None:
    """How small a change is taken to be too small to matter."""
    pieces: list[Piece] = []
    for name, smallest in page.study.smallest_effects.items():
        if name in page.instruments and page.study.compares:
            pieces.append(
                gettext(
                    "On the {instrument}, a change of less than {points} points counts as "
                    "too small to matter{because}. ",
                    instrument=escaped(page.instruments[name].short),
                    points=localised(f"{smallest.points:g}"),
                    because=because(smallest),
                )
            )
    return text(pieces)


def voices(page: Page) -> Text | None:
    """One quotation for each of the three themes that most people spoke of, of those that have one."""
    spoken: list[tuple[float, int, Text]] = []
    for place, theme in enumerate(qualitative.themes_of(page)):
        row = count_words.count_row(page, str(theme["id"]), "people")
        said = voices_of.first_quotation(page, theme)
        if row is not None and said is not None:
            spoken.append((-count_words.size(row), place, said))
    chosen = sorted(spoken, key=lambda each: each[:2])[:3]
    return text([piece for _, _, said in chosen for piece in said.pieces])


def stories_told(page: Page) -> Text | None:
    """Two stories step by step: the longest, and the first of those that stopped and say why.

    Only stories of no school by itself, and steps that rest on something released.
    """
    shared = [story for story in stories_of(page) if not story["school"]]
    labels = {cycle["id"]: cycle["label"] for cycle in cycles_of(page)}
    longest = max(shared, key=lambda story: len(story["steps"]), default=None)
    stopped = [story for story in shared if story["stopped"] and story is not longest]
    told = [longest, *(stopped or [s for s in shared if s is not longest])[:1]] if longest else []
    pieces: list[Piece] = []
    for story in told:
        steps = [step for step in story["steps"] if supported(page, step)]
        if not steps:
            continue
        mark = " " + gettext("(synthetic)") if story.get("synthetic") else ""
        pieces.append(f"**{escaped(story['title'])}**{mark}\n\n")
        pieces += [f"1. *{escaped(labels[s['cycle']])}*: {escaped(s['text'])}\n" for s in steps]
        if story["stopped"]:
            where = gettext("Where it stopped: {stopped}", stopped=escaped(story["stopped"]))
            pieces.append(f"\n{where}\n")
        pieces.append("\n")
    return text(pieces)


def timeline(page: Page) -> Table | None:
    """When each survey was taken, whom it invited, and how many answered."""
    rows: list[list[Cell]] = []
    for survey in page.study.surveys:
        for export in survey.exports:
            wave = page.study.wave(export.wave)
            at = (survey.id, "survey", "response", "responded", wave.id)
            if page.row(ALL, *at, "count") is None or wave.id not in page.study.pair_of_waves:
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


# --- how far it carries --------------------------------------------------------------------


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
                    "On the one scale, {people} who answered again stood apart at {wave} by more "
                    "than a tenth of a standard deviation. "
                )
                if apart
                else N_(
                    "On the one scale, {people} who answered again did not stand apart at {wave} "
                    "by more than a tenth of a standard deviation. "
                ),
                people=escaped(survey.respondents),
                wave=wave_name(page, page.study.baseline),
            )
        ]
    return [
        ngettext(
            "Of {all} scale, {people} who answered again stood apart on {number} at {wave} by "
            "more than a tenth of a standard deviation. ",
            "Of {all} scales, {people} who answered again stood apart on {number} at {wave} by "
            "more than a tenth of a standard deviation. ",
            len(known),
            all=number_word(len(known)),
            people=escaped(survey.respondents),
            number=number_word(apart) if apart else gettext("none"),
            wave=wave_name(page, page.study.baseline),
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


def _trimmed(pieces: Sequence[Piece]) -> list[Piece]:
    """Without space at the end."""
    *before, last = pieces
    return [*before, last.rstrip() if isinstance(last, str) else last]


def _capital(pieces: list[Piece]) -> list[Piece]:
    first, *rest = pieces
    return [upper(first) if isinstance(first, str) else first, *rest]
