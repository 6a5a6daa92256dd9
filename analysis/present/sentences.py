"""Sentences with live numbers. Their wording follows :mod:`analysis.present.verdict`."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any, Literal

import pandas as pd

from analysis.instruments import Instrument
from analysis.language import N_, gettext, listed, listed_pieces, nsentence, sentence
from analysis.present import comparison, invariance, reasons, verdict
from analysis.present.asked import at_wave, first, scale_words
from analysis.present.count_words import number_word
from analysis.present.page import Compared, Page, part
from analysis.present.shown import Part, Text, escaped, text
from analysis.present.tables import normed, speaks_of_this_year
from analysis.present.verdict import Family, Verdict
from analysis.results import COHORT, pair
from analysis.words import inside

ALL = Compared("All", COHORT, "all")
Piece = str | Part
#: Scales named at either end; with fewer than twice as many, all are named.
ENDS, FEW = 3, 6
#: Scales of which nothing is known are counted in place of being named, where they are more.
MOST_NAMED = 3
#: Scores with their released rows.
Rows = list[tuple[str, dict[str, Any]]]


def key_figures(page: Page) -> Text | None:
    """Cards with who answered at follow-up, and both times; nothing where none can be shown."""
    cards: list[tuple[list[Piece], list[Piece]]] = []
    who, wave = page.compared[0], page.study.followup
    for survey in page.study.surveys:
        people, at = escaped(survey.respondents), (survey.id, "survey", "response")
        row = page.values(who, *at, "responded", wave, "count")
        rate = page.values(who, *at, "responded", wave, "percent")
        if row and rate:
            of: list[Piece] = sentence(
                "of {all} {people} invited answered {when} ({percent}%)",
                all=part(rate, 0, "denominator"),
                people=people,
                when=at_wave(page, wave),
                percent=part(rate, 0),
            )
            cards.append(([part(row, 0)], of))
        elif row:
            said = gettext("{people} answered {when}", people=people, when=at_wave(page, wave))
            cards.append(([part(row, 0)], [said]))
        both = (
            page.values(who, *at, "matched", page.waves, "count") if page.study.compares else None
        )
        if both:
            said = gettext("{people} answered both times", people=people)
            cards.append(([part(both, 0)], [said]))
    if not cards:
        return None
    pieces: list[Piece] = [":::: {.key-figures}\n"]
    for number, label in cards:
        pieces += ["::: {.key-figure}\n", *number, "\n\n", *label, "\n:::\n"]
    return Text([*pieces, "::::\n"])


def speaks_of(page: Page) -> Text | None:
    """Of whom a school's intervals speak. Said once, in words."""
    if not page.is_school:
        return None
    heading = gettext("**Of whom intervals speak.**")
    general = gettext(
        "In general: this year's people are taken as some of many whom such a school might have."
    )
    two = gettext("A mean may have two.")
    if not any(speaks_of_this_year(page, survey.id) for survey in page.study.surveys):
        return Text(
            [
                f"{heading} {general} ",
                gettext(
                    "If nearly everybody answered, the mean of this year's people is known better "
                    "than an interval says."
                ),
            ]
        )
    return Text(
        [
            f"{heading} {two} {general} ",
            gettext(
                "All invited this year: how far the mean of everybody who was invited may lie from "
                "that of those who answered, if who answered is left to chance. Comparisons with "
                "other schools and changes speak of the school in general."
            ),
        ]
    )


def note(page: Page, instrument: str, on: Literal["change", "groups"]) -> Text | None:
    """What the instrument's file says that a reader should know: see ``Instrument.notes``."""
    said = page.instruments[instrument].notes.get(on)
    return Text([escaped(said)]) if said else None


def response(page: Page, survey_id: str) -> Text | None:
    """Who was invited and who answered at each wave so far, and who answered both times.

    Nothing for a school of which no such number is shown: see :func:`.reasons.hidden`.
    """
    survey = page.study.survey(survey_id)
    who = page.compared[0]
    counted = (survey.id, "survey", "response", "responded")
    compared = page.study.pair_of_waves
    if reasons.hides(page, survey_id) and not any(
        page.shows(who, *counted, w, "count") for w in compared
    ):
        return None
    pieces: list[Piece] = []
    answered_at: list[str] = []
    for wave in page.study.waves_so_far:
        if wave not in compared and wave not in survey.taken:
            continue
        at = (survey.id, "survey", "response")
        answered = page.values(who, *at, "responded", wave, "count")
        rate = page.values(who, *at, "responded", wave, "percent")
        if answered:
            answered_at.append(wave)
        if answered and rate:
            pieces += sentence(
                "{When}, {count} of {all} {people} invited answered ({percent}%). ",
                When=first(at_wave(page, wave)),
                count=part(answered, 0),
                all=part(rate, 0, "denominator"),
                people=escaped(survey.respondents),
                percent=part(rate, 1),
            )
        elif answered:
            pieces += sentence(
                "{When}, {count} {people} answered. ",
                When=first(at_wave(page, wave)),
                count=part(answered, 0),
                people=escaped(survey.respondents),
            )
        else:
            pieces.append(f"{reasons.nobody(page, survey, wave)} ")
    if not page.study.compares:
        return Text(pieces)
    went = who_left(page, survey_id)
    after: Sequence[Piece] = [" ", *went.pieces] if went else []
    both = (survey.id, "survey", "response", "matched", page.waves)
    matched, share = page.values(who, *both, "count"), page.values(who, *both, "percent")
    if matched and share:
        pieces += sentence(
            "{count} answered both times ({percent}% of those {when}): they are the matched "
            "sample.",
            count=part(matched, 0),
            percent=part(share, 1),
            when=at_wave(page, page.study.baseline),
        )
    elif matched:
        pieces += sentence(
            "{count} answered both times: they are the matched sample.", count=part(matched, 0)
        )
    elif set(compared) <= set(answered_at):
        pieces.append(reasons.no_matched(page, survey))
    else:
        pieces.append(gettext("So no change within the same people can be shown."))
    return Text([*pieces, *after])


def who_left(page: Page, survey_id: str) -> Text | None:
    """How many schools have answers at one of both times only, and how many people left with them."""
    if page.is_school or not page.study.compares:
        return None
    at = (survey_id, "survey", "response")
    whole = page.compared[0]
    named = {
        "before": at_wave(page, page.study.baseline),
        "after": at_wave(page, page.study.followup),
        "people": escaped(page.study.survey(survey_id).respondents),
    }
    pieces: list[Piece] = []
    if joined := page.values(whole, *at, "schools_joined", page.waves, "count"):
        pieces += nsentence(
            "{count} school has answers of {people} {after} and none {before}. ",
            "{count} schools have answers of {people} {after} and none {before}. ",
            joined["value"],
            count=part(joined, 0),
            **named,
        )
    if left := page.values(whole, *at, "schools_left", page.waves, "count"):
        pieces += nsentence(
            "{count} school has answers of {people} {before} and none {after}. ",
            "{count} schools have answers of {people} {before} and none {after}. ",
            left["value"],
            count=part(left, 0),
            **named,
        )
    people = page.values(whole, *at, "left", page.waves, "count")
    stayed = page.values(whole, *at, "stayed", page.waves, "percent")
    if left and people:
        pieces += nsentence(
            "Of the {people} who answered {before}, {count} were of that school. ",
            "Of the {people} who answered {before}, {count} were of those schools. ",
            left["value"],
            count=part(people, 0),
            **named,
        )
    if people and stayed:
        pieces += sentence(
            "Of the {all} of other schools, {count} answered both times ({percent}%).",
            all=part(stayed, 0, "denominator"),
            count=part(stayed, 0, "numerator"),
            percent=part(stayed, 1),
        )
    return text(pieces)


def level(page: Page, survey_id: str, instrument: str) -> Text | None:
    """The highest and the lowest scales at follow-up; every scale where there are few."""
    found, survey = page.instruments[instrument], page.study.survey(survey_id)
    who, wave = page.compared[0], page.study.followup
    scales = [s for s in found.scores if not (found.total and s == found.total.id)]
    if set(found.scores) == set(normed(found)) or reasons.hides(page, survey_id):
        return None  # said beside the norm, or once for the survey
    ranked = []
    for score in scales:
        row = page.values(who, survey_id, instrument, "level", score, wave, "mean")
        if row:
            ranked.append((row["value"], score, row))
    if not ranked:
        return Text([reasons.no_scores(page, survey, found, wave)])
    ranked.sort(key=lambda entry: (-entry[0], entry[1]))
    named = [_named(found.score_label(s), part(r, found.decimals(s))) for _, s, r in ranked]
    low, high = found.score_range(ranked[0][1])
    alike = len({found.score_range(score) for _, score, _ in ranked}) == 1
    asked = dict(
        When=first(at_wave(page, wave)),
        instrument=escaped(found.short),
        people=escaped(survey.respondents),
        low=f"{low:g}",
        high=f"{high:g}",
    )
    if len(ranked) == 1:
        row, score = ranked[0][2], ranked[0][1]
        mean: Sequence[Piece] = [part(row, found.decimals(score))]
        if not pd.isna(row["ci_low"]):
            message = (
                N_(
                    "{When}, by the {instrument}, {people} scored a mean of {mean} for {scale} "
                    "(95% interval {lower} to {upper}), on a scale from {low} to {high}."
                )
                if alike
                else N_(
                    "{When}, by the {instrument}, {people} scored a mean of {mean} for {scale} "
                    "(95% interval {lower} to {upper})."
                )
            )
        else:
            message = N_(
                "{When}, by the {instrument}, {people} scored a mean of {mean} for {scale}, on a "
                "scale from {low} to {high}."
            )
        return Text(
            sentence(
                message,
                mean=mean,
                scale=scale_words(found.score_label(score)),
                lower=part(row, found.decimals(score), "ci_low"),
                upper=part(row, found.decimals(score), "ci_high"),
                **asked,
            )
        )
    if not alike:
        return Text(
            sentence(
                "{When}, by the {instrument}, the mean scores of {people} were {scales}.",
                scales=listed_pieces(named),
                **asked,
            )
        )
    all_shown = len(ranked) == len(scales)
    if len(ranked) < FEW:
        message = (
            N_(
                "{When}, by the {instrument}, {people} scored, from the highest mean to the "
                "lowest: {scales} (on a scale from {low} to {high})."
            )
            if all_shown
            else N_(
                "{When}, by the {instrument}, {people} scored, from the highest mean to the "
                "lowest, of the scales that can be shown: {scales} (on a scale from {low} to "
                "{high})."
            )
        )
        return Text(sentence(message, scales=listed_pieces(named), **asked))
    order = [score for _, score, _ in ranked]
    told = _told_apart(page, survey_id, found, order)
    message = (
        N_(
            "{When}, by the {instrument}, {people} scored highest on {highest}; lowest on "
            "{lowest} (on a scale from {low} to {high})."
        )
        if all_shown
        else N_(
            "{When}, by the {instrument}, {people} scored highest, of the scales that can be "
            "shown, on {highest}; lowest on {lowest} (on a scale from {low} to {high})."
        )
    )
    said = sentence(
        message,
        highest=listed_pieces(named[:ENDS]),
        lowest=listed_pieces(named[-ENDS:][::-1]),
        **asked,
    )
    return Text([*said, " ", told])


def _told_apart(page: Page, survey: str, found: Instrument, order: list[str]) -> str:
    """Which of the scales named at either end do not stand there by chance.

    By the ranks that tests of all pairs, corrected together, leave possible; a school has none.
    """
    half = len(order) / 2
    kept: dict[str, list[str]] = {"upper": [], "lower": []}
    tested = False
    for end, scores in (("upper", order[:ENDS]), ("lower", order[-ENDS:])):
        for score in scores:
            row = page.values(None, survey, found.id, "rank", score, page.study.followup, "rank")
            if row is None or pd.isna(row["ci_low"]):
                continue
            tested = True
            if row["ci_high"] <= half if end == "upper" else row["ci_low"] > half:
                kept[end].append(scale_words(found.score_label(score)))
    if not tested:
        return gettext("The order of means that lie close may be chance.")
    halves = {
        "upper": N_("{scales} in the upper half"),
        "lower": N_("{scales} in the lower half"),
    }
    sure = [gettext(halves[end], scales=listed(names)) for end, names in kept.items() if names]
    if not sure:
        return gettext(
            "Tests of all pairs, corrected together, do not tell which stand higher than others."
        )
    return gettext(
        "Tests of all pairs, corrected together, put {scales}; otherwise the order may be chance.",
        scales=listed(sure),
    )


def change(
    page: Page, survey_id: str, instrument: str, family: Family | None = None
) -> Text | None:
    """What changed in the matched sample, in words that follow :mod:`analysis.present.verdict`.

    ``family`` is what is corrected together: the instrument's scores, if nothing else is said.
    """
    if not page.study.compares or reasons.hides(page, survey_id):
        return None
    survey = page.study.survey(survey_id)
    found = page.instruments[instrument]
    family = family or verdict.within(page, verdict.changes(page, survey_id, instrument))
    said: list[tuple[str, Verdict]] = []
    for score in found.scores:
        at = (survey_id, instrument, "paired", score, page.waves, "difference")
        judged = family.of(None, *at)
        if judged is not None:
            said.append((score, judged))
    if not said:
        why = reasons.no_change(page, survey, found)
        if any(reasons.not_asked(page, survey, wave, found) for wave in page.study.pair_of_waves):
            return Text([why])  # there are no scores of both times to be mistaken for change
        return Text([f"{why} {gettext(reasons.LEVELS)}"])
    pieces: list[Piece] = []
    people = _people(page, survey.respondents, found.short)
    for again, begins, sign in (
        (N_("It rose for {scales}. "), N_("Among {people}, the mean rose for {scales}. "), 1),
        (N_("It fell for {scales}. "), N_("Among {people}, the mean fell for {scales}. "), -1),
    ):
        rows = [(score, each.row) for score, each in said if each.sign == sign]
        if rows:
            scales = listed_pieces(
                [_with_interval(found.score_label(s), r, found.decimals(s)) for s, r in rows]
            )
            pieces += sentence(again if pieces else begins, people=people, scales=scales)

    def named(*, moved: bool, small: bool) -> list[str]:
        return [
            scale_words(found.score_label(score)) for score, each in said
            if bool(each.sign) == moved and each.small == small
        ]  # fmt: skip

    moved = [(score, each) for score, each in said if each.sign]
    if not moved:
        pieces.append(
            gettext(
                "Among {people}, no change of a mean can be told from chance{corrected}. ",
                people=people,
                corrected=_corrected(family),
            )
        )
    elif len(family) > 1:
        pieces.append(gettext("This stands{corrected}. ", corrected=_corrected(family)))
    if names := named(moved=True, small=True):
        pieces.append(
            gettext("The change in {scales} is smaller than would matter. ", scales=listed(names))
        )
    if names := named(moved=False, small=True):
        pieces.append(
            gettext("For {scales} any change is smaller than would matter. ", scales=listed(names))
        )
    if names := [
        scale_words(found.score_label(score))
        for score, each in said
        if each.alone and not (each.sign or each.small)
    ]:
        pieces.append(
            gettext(
                "For {scales} the interval alone leaves no change out, which does not "
                "stand{corrected}. ",
                scales=listed(names),
                corrected=_corrected(family),
            )
        )
    if names := [
        scale_words(found.score_label(score))
        for score, each in said
        if not (each.alone or each.sign or each.small)
    ]:
        pieces.append(
            gettext(
                "For {scales} the data are consistent with a rise, a fall, or none. ",
                scales=_the_rest(names, len(said)),
            )
        )
    if careful := invariance.caution(page, survey_id, instrument, invariance.over_waves(page)):
        pieces.append(careful + " ")
    beside_others = "" if page.is_school else comparison.in_words(page, survey_id, instrument)
    if beside_others:
        pieces.append(beside_others)
    elif moved and not page.is_school and not page.study.comparison:
        pieces.append(
            gettext(
                "There was no comparison group, so these changes are consistent with the programme "
                "having an effect, but cannot show that it did."
            )
        )
    return Text(pieces)


def norm(page: Page, survey_id: str, instrument: str, family: Family | None = None) -> Text | None:
    """How the mean of each score with a norm compares with the norm, at each wave."""
    if reasons.hides(page, survey_id):
        return None
    found = page.instruments[instrument]
    family = family or verdict.within(page, verdict.norms(page, survey_id, instrument))
    scores = normed(found)
    pieces: list[Piece] = []
    for score in scores:
        if len(scores) > 1:
            pieces.append(f"**{escaped(found.score_label(score))}.** ")
        elif page.is_school:  # beside what is said of other instruments
            pieces.append(f"**{escaped(found.short)}.** ")
        pieces += _norm(page, survey_id, found, score, family)
    return text(pieces)


def _norm(page: Page, survey_id: str, found: Instrument, score: str, family: Family) -> list[Piece]:
    instrument, reference = found.id, normed(found)[score]
    who = page.compared[0]
    pieces: list[Piece] = []
    for wave in page.study.pair_of_waves:
        at = (survey_id, instrument, "level", score, wave)
        row = page.values(who, *at, "mean")
        gap = family.of(who, *at, "difference_from_norm")
        if row is None or gap is None:
            survey = page.study.survey(survey_id)
            if page.values(who, survey_id, instrument, "level", score, wave, "mean") is None:
                pieces.append(reasons.no_scores(page, survey, found, wave) + " ")
            continue
        decimals = found.decimals(score)
        stands = {
            1: N_(
                "{When} the mean was {mean} (95% interval {lower} to {upper}), above the {norm} "
                "mean of {number}. "
            ),
            -1: N_(
                "{When} the mean was {mean} (95% interval {lower} to {upper}), below the {norm} "
                "mean of {number}. "
            ),
            0: N_(
                "{When} the mean was {mean} (95% interval {lower} to {upper}), not clearly above "
                "or below the {norm} mean of {number}. "
            ),
        }
        pieces += sentence(
            stands[gap.sign],
            When=first(at_wave(page, wave)),
            mean=part(row, decimals),
            lower=part(row, decimals, "ci_low"),
            upper=part(row, decimals, "ci_high"),
            norm=escaped(reference.label),
            number=f"{reference.mean:g}",
        )
    return pieces


def phases(
    page: Page, survey_id: str, instrument: str, family: Family | None = None
) -> Text | None:
    """On which scales groups of schools differ, in level and in change."""
    if not page.phases or page.is_school:
        return None
    family = family or verdict.within(page, verdict.between_schools(page, survey_id, instrument))
    pieces: list[Piece] = []
    for (one, other), contrast in zip(combinations(page.phases, 2), page.phase_pairs, strict=True):
        named = (one.label, other.label)
        pieces += _two_phases(page, survey_id, instrument, contrast, named, family)
        if page.study.compares:
            pieces += _phases_changed(page, survey_id, instrument, one, other, family)
    if page.study.phases is not None:
        way = invariance.between(page, page.study.phases.column)
        pieces.append(invariance.caution(page, survey_id, instrument, way))
    return text(pieces)


def _two_phases(
    page: Page,
    survey_id: str,
    instrument: str,
    contrast: Compared,
    named: tuple[str, str],
    family: Family,
) -> list[Piece]:
    """On which scales one group of schools stands higher than another."""
    found = page.instruments[instrument]
    one, other = named
    pieces: list[Piece] = []
    higher: Rows = []
    lower: Rows = []
    unclear: Rows = []
    for score in found.scores:
        at = (survey_id, instrument, "phases", score, page.study.followup, "difference")
        said = family.of(contrast, *at)
        if said is not None:
            {1: higher, -1: lower, 0: unclear}[said.sign].append((score, said.row))
    when = first(at_wave(page, page.study.followup))
    both = dict(When=when, one=escaped(inside(one)), other=escaped(inside(other)))
    for message, rows in (
        (N_("{When} {one} stood higher than {other} on {scales}. "), higher),
        (N_("{When} {one} stood lower than {other} on {scales}. "), lower),
    ):
        if rows:
            scales = _listed(
                [_with_interval(found.score_label(s), r, found.decimals(s)) for s, r in rows]
            )
            pieces += sentence(message, scales=scales, **both)
    if unclear and (higher or lower):
        pieces.append(
            gettext(
                "For {scales} no difference can be told from chance{corrected}. ",
                scales=_the_rest(
                    [scale_words(found.score_label(s)) for s, _ in unclear],
                    len([*higher, *lower, *unclear]),
                ),
                corrected=_corrected(family),
            )
        )
    elif unclear:
        pieces.append(
            gettext(
                "{When} no scale shows a difference between {one} and {other} that can be told "
                "from chance{corrected}. ",
                corrected=_corrected(family),
                **both,
            )
        )
    return pieces


def _phases_changed(
    page: Page,
    survey_id: str,
    instrument: str,
    one: Compared,
    other: Compared,
    family: Family,
) -> list[Piece]:
    """Whether two groups of schools changed differently, alike, or neither can be said."""
    found = page.instruments[instrument]
    who = verdict.in_ledger(pair(one.group, other.group))
    both = listed([escaped(inside(one.label)), escaped(inside(other.label))])
    named: dict[str, list[str]] = {"apart": [], "alike": [], "open": []}
    for score in found.scores:
        at = (survey_id, instrument, "moderation_pairs", score, page.waves, "difference")
        said = family.of(who, *at)
        if said is not None:
            key = "apart" if said.sign else "alike" if said.small else "open"
            named[key].append(scale_words(found.score_label(score)))
    pieces: list[Piece] = []
    if named["apart"]:
        pieces.append(
            gettext(
                "{Groups} changed differently on {scales}. ",
                Groups=upper(both),
                scales=listed(named["apart"]),
            )
        )
    if named["alike"]:
        pieces.append(
            gettext(
                "{Groups} changed alike, within the smallest effect of interest, on {scales}. ",
                Groups=upper(both),
                scales=listed(named["alike"]),
            )
        )
    if named["open"]:
        pieces.append(
            gettext(
                "On {scales} the data show neither that {groups} changed differently nor that they "
                "changed alike. ",
                scales=_the_rest(named["open"], sum(map(len, named.values()))),
                groups=both,
            )
        )
    survey = page.study.survey(survey_id)
    if pieces or any(reasons.not_asked(page, survey, w, found) for w in page.study.pair_of_waves):
        return pieces
    keys = [
        (survey_id, instrument, "moderation_pairs", score, page.waves, "difference")
        for score in found.scores
    ]
    return [f"{reasons.not_compared(page, both, who, *keys)} "]


def _the_rest(names: Sequence[str], of: int) -> str:
    """The scales that are left when all others have been named: by name if they are few."""
    if len(names) <= MOST_NAMED:
        return listed(names)
    number = number_word(len(names))
    if len(names) == of:
        return gettext("all {number} scales", number=number)
    return gettext("the other {number} scales", number=number)


def _corrected(family: Family) -> str:
    """What was corrected for, as a part of a sentence; nothing where one difference was tested."""
    if len(family) < 2:
        return ""
    return gettext(" after correction for {number} comparisons", number=len(family))


def _people(page: Page, respondents: str, instrument: str) -> str:
    message = (
        N_("this school's {people} who answered the {instrument} both times")
        if page.is_school
        else N_("{people} who answered the {instrument} both times")
    )
    return gettext(message, people=respondents, instrument=escaped(instrument))


def _with_interval(label: str, row: dict[str, Any], decimals: int) -> list[Piece]:
    return sentence(
        "{scale} (difference {difference}, 95% interval {lower} to {upper})",
        scale=scale_words(label),
        difference=part(row, decimals),
        lower=part(row, decimals, "ci_low"),
        upper=part(row, decimals, "ci_high"),
    )


def _named(label: str, number: Part) -> list[Piece]:
    return [f"{scale_words(label)} (", number, ")"]


def _listed(entries: Sequence[list[Piece]]) -> list[Piece]:
    return listed_pieces(entries)


def scale_name(instrument: Instrument, score: str) -> str:
    """A score's name inside a sentence."""
    return scale_words(instrument.score_label(score))


def upper(label: str) -> str:
    """A text as the beginning of a sentence."""
    return label[:1].upper() + label[1:]
