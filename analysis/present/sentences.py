"""Sentences with live numbers. Their wording follows :mod:`analysis.present.verdict`."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any

from analysis.instruments import Instrument
from analysis.present import verdict
from analysis.present.page import Compared, Page, part
from analysis.present.shown import Part, Text, escaped
from analysis.present.verdict import Verdict
from analysis.results import COHORT, pair
from analysis.words import inside

ALL = Compared("All", COHORT, "all")
Piece = str | Part
#: Scores with their released rows.
Rows = list[tuple[str, dict[str, Any]]]


def key_figures(page: Page) -> Text:
    """Cards with the numbers a reader looks for first."""
    cards: list[tuple[list[Piece], str]] = []
    who = page.compared[0]
    followup = page.study.followup
    for survey in page.study.surveys:
        for wave in (page.study.baseline, followup):
            row = page.values(who, survey.id, "survey", "response", "responded", wave, "count")
            if row:
                label = escaped(f"{survey.respondents} answered at {_wave(page, wave)}")
                cards.append(([part(row, 0)], label))
        instrument, score = survey.headline.split(".")
        found = page.instruments[instrument]
        row = page.values(who, survey.id, instrument, "level", score, followup, "mean")
        if row:
            label = (
                f"mean {escaped(found.short)} {_scale(found.score_label(score))} "
                f"at {_wave(page, followup)}"
            )
            cards.append(([part(row, found.decimals(score))], label))
    if not page.is_school:
        row = page.values(ALL, "action_plans", "plans", "plans", "all", "first", "plans")
        if row:
            cards.append(([part(row, 0)], "schools with an action plan"))
    if not cards:
        return Text(
            ["Too few people answered for any figure of this school alone to be shown. The pages "
             "that follow show the programme and the schools of the same phase."]
        )  # fmt: skip
    pieces: list[Piece] = [":::: {.key-figures}\n"]
    for number, label in cards:
        pieces += ["::: {.key-figure}\n", *number, "\n\n", label, "\n:::\n"]
    return Text([*pieces, "::::\n"])


def response(page: Page, survey_id: str) -> Text:
    """Who was invited, who answered, and who answered both times."""
    survey = page.study.survey(survey_id)
    who = page.compared[0]
    pieces: list[Piece] = []
    for wave in (page.study.baseline, page.study.followup):
        at = (survey.id, "survey", "response")
        answered = page.values(who, *at, "responded", wave, "count")
        rate = page.values(who, *at, "responded", wave, "percent")
        if answered and rate:
            pieces += ["At ", _wave(page, wave), ", ", part(answered, 0), " of ",
                       part(rate, 0, "denominator"), f" {survey.respondents} invited answered (",
                       part(rate, 1), "%). "]  # fmt: skip
        elif answered:
            pieces += ["At ", _wave(page, wave), ", ", part(answered, 0),
                       f" {survey.respondents} answered. "]  # fmt: skip
        else:
            pieces.append(
                f"At {_wave(page, wave)}, too few {survey.respondents} answered for their number "
                "to be shown. "
            )
    both = (survey.id, "survey", "response", "matched", page.waves)
    matched, share = page.values(who, *both, "count"), page.values(who, *both, "percent")
    if matched and share:
        pieces += [part(matched, 0), " answered both times (", part(share, 1),
                   f"% of those at {_wave(page, page.study.baseline)}): they are the matched sample."]  # fmt: skip
    else:
        pieces.append("Too few answered both times for change within the same people to be shown.")
    return Text(pieces)


def level(page: Page, survey_id: str, instrument: str) -> Text:
    """The highest and the lowest scales at follow-up."""
    found = page.instruments[instrument]
    who, wave = page.compared[0], page.study.followup
    ranked = []
    for score in found.scores:
        if found.total and score == found.total.id:
            continue
        row = page.values(who, survey_id, instrument, "level", score, wave, "mean")
        if row:
            ranked.append((row["value"], score, row))
    if len(ranked) < 4:
        return Text(
            [f"Too few {page.study.survey(survey_id).respondents} answered at {_wave(page, wave)} "
             "for their scores to be shown."]
        )  # fmt: skip
    ranked.sort(key=lambda entry: (-entry[0], entry[1]))
    pieces: list[Piece] = [f"At {_wave(page, wave)} the highest means were for "]
    pieces += _listed(
        [_named(found.score_label(s), part(r, found.decimals(s))) for _, s, r in ranked[:3]]
    )
    pieces.append("; the lowest for ")
    lowest = list(reversed(ranked[-3:]))
    pieces += _listed(
        [_named(found.score_label(s), part(r, found.decimals(s))) for _, s, r in lowest]
    )
    return Text([*pieces, f" (on a scale from {found.score_range(ranked[0][1])[0]:g} to "
                 f"{found.score_range(ranked[0][1])[1]:g})."])  # fmt: skip


def change(page: Page, survey_id: str, instrument: str) -> Text:
    """What changed in the matched sample, in words that follow the intervals."""
    survey = page.study.survey(survey_id)
    found = page.instruments[instrument]
    said: list[tuple[str, Verdict]] = []
    for score in found.scores:
        judged = verdict.of(page, None, survey_id, instrument, "paired", score, page.waves)
        if judged is not None:
            said.append((score, judged))
    if not said:
        return Text(
            [f"Fewer {survey.respondents} answered both times than the release rules ask for, so "
             "no change within the same people is shown. Levels at each wave are not a measure of "
             "change: different people answered."]
        )  # fmt: skip
    pieces: list[Piece] = []
    people = _people(page, survey.respondents, found.short)
    for verb, sign in (("rose", 1), ("fell", -1)):
        rows = [(score, each.row) for score, each in said if each.sign == sign]
        if rows:
            pieces += [f"It {verb} for " if pieces else f"Among {people}, the mean {verb} for "]
            pieces += _listed(
                [_with_interval(found.score_label(s), r, found.decimals(s)) for s, r in rows]
            )
            pieces.append(". ")

    def named(*, moved: bool, small: bool) -> str:
        return _words(
            [_scale(found.score_label(score)) for score, each in said
             if bool(each.sign) == moved and each.small == small]
        )  # fmt: skip

    moved = [(score, each) for score, each in said if each.sign]
    if not moved:
        pieces.append(f"Among {people}, no interval excludes no change. ")
    pieces += _after_correction(found, moved)
    if named(moved=True, small=True):
        pieces.append(
            f"The change in {named(moved=True, small=True)} is smaller than would matter. "
        )
    if named(moved=False, small=True):
        pieces.append(
            f"For {named(moved=False, small=True)} any change is smaller than would matter. "
        )
    if named(moved=False, small=False):
        pieces.append(
            f"For {named(moved=False, small=False)} the data are consistent with a rise, a fall, "
            "or none. "
        )
    if not page.is_school:
        pieces.append(
            "There was no comparison group, so these changes are consistent with the programme "
            "having an effect, but cannot show that it did."
        )
    return Text(pieces)


def norm(page: Page, survey_id: str, instrument: str, score: str) -> Text:
    """How the mean of a score with a norm compares with the norm, at each wave."""
    found = page.instruments[instrument]
    reference = found.subscale(score).norm
    who = page.compared[0]
    pieces: list[Piece] = []
    if reference is None:
        return Text([])
    for wave in (page.study.baseline, page.study.followup):
        at = (survey_id, instrument, "level", score, wave)
        row = page.values(who, *at, "mean")
        gap = page.values(who, *at, "difference_from_norm")
        if row is None or gap is None:
            pieces.append(f"At {_wave(page, wave)} too few answered for the mean to be shown. ")
            continue
        decimals = found.decimals(score)
        verdict = (
            "above"
            if gap["ci_low"] > 0
            else "below"
            if gap["ci_high"] < 0
            else "not clearly above or below"
        )
        pieces += [f"At {_wave(page, wave)} the mean was ", part(row, decimals), " (95% interval ",
                   part(row, decimals, "ci_low"), " to ", part(row, decimals, "ci_high"),
                   f"), {verdict} the {escaped(reference.label)} mean of {reference.mean:g}. "]  # fmt: skip
    return Text(pieces)


def phases(page: Page, survey_id: str, instrument: str) -> Text:
    """On which scales the phases differ, by the interval of the difference."""
    if page.is_school:
        own = [inside(who.label) for who in page.compared[1:-1]]
        beside = f"the {own[0]} and the whole programme" if own else "the whole programme"
        return Text([f"This page shows the school beside {beside}."])
    pieces: list[Piece] = []
    for (one, other), contrast in zip(combinations(page.phases, 2), page.phase_pairs, strict=True):
        pieces += _two_phases(page, survey_id, instrument, contrast, one.label, other.label)
        if page.study.compares:
            pieces += _phases_changed(page, survey_id, instrument, one, other)
    return Text(pieces)


def _two_phases(
    page: Page, survey_id: str, instrument: str, contrast: Compared, one: str, other: str
) -> list[Piece]:
    """On which scales one group of schools stands higher than another."""
    found = page.instruments[instrument]
    pieces: list[Piece] = []
    higher: Rows = []
    lower: Rows = []
    unclear: Rows = []
    for score in found.scores:
        row = page.values(
            contrast, survey_id, instrument, "phases", score, page.study.followup, "difference"
        )
        if row is None or row["ci_low"] != row["ci_low"]:
            continue
        group = higher if row["ci_low"] > 0 else lower if row["ci_high"] < 0 else unclear
        group.append((score, row))
    wave = _wave(page, page.study.followup)
    for word, rows in (("higher", higher), ("lower", lower)):
        if rows:
            pieces.append(
                f"At {wave} {escaped(inside(one))} stood {word} than {escaped(inside(other))} on "
            )
            pieces += _listed(
                [_with_interval(found.score_label(s), r, found.decimals(s)) for s, r in rows]
            )
            pieces.append(". ")
    if unclear and (higher or lower):
        pieces.append(
            f"For {_words([_scale(found.score_label(s)) for s, _ in unclear])} the interval of the "
            "difference includes zero. "
        )
    elif unclear:
        pieces.append(
            f"At {wave} no scale shows a difference between {escaped(inside(one))} and "
            f"{escaped(inside(other))} whose interval excludes zero. "
        )
    return pieces


def _phases_changed(
    page: Page, survey_id: str, instrument: str, one: Compared, other: Compared
) -> list[Piece]:
    """Whether two groups of schools changed differently, alike, or neither can be said."""
    found = page.instruments[instrument]
    # In the ledger, the groups of these pairs stand in alphabetical order.
    who = Compared("", COHORT, pair(*sorted((one.group, other.group))))
    both = f"{escaped(inside(one.label))} and {escaped(inside(other.label))}"
    named: dict[str, list[str]] = {"apart": [], "alike": [], "open": []}
    for score in found.scores:
        at = (survey_id, instrument, "moderation_pairs", score, page.waves)
        said = verdict.of(page, who, *at)
        if said is not None:
            key = "apart" if said.sign else "alike" if said.small else "open"
            named[key].append(_scale(found.score_label(score)))
    pieces: list[Piece] = []
    if named["apart"]:
        pieces.append(f"{_upper(both)} changed differently on {_words(named['apart'])}. ")
    if named["alike"]:
        pieces.append(
            f"{_upper(both)} changed alike, within the smallest effect of interest, on "
            f"{_words(named['alike'])}. "
        )
    if named["open"]:
        pieces.append(
            f"On {_words(named['open'])} the data show neither that one of {both} changed more "
            "nor that both changed alike. "
        )
    return pieces or [f"Too few answered to compare the change of {both}. "]


def _after_correction(found: Instrument, moved: list[tuple[str, Verdict]]) -> list[Piece]:
    """Which of the changes that the intervals show are left after correction."""
    tested = [(_scale(found.score_label(s)), each.stands) for s, each in moved if each.corrected]
    kept = [name for name, stands in tested if stands]
    lost = [name for name, stands in tested if not stands]
    start = "After correction for testing several scales, the change in "
    if kept and lost:
        return [f"{start}{_words(kept)} still stands out; that in {_words(lost)} does not. "]
    if kept:
        return [f"{start}{_words(kept)} still stands out. "]
    return [f"{start}{_words(lost)} does not stand out. "] if lost else []


def _people(page: Page, respondents: str, instrument: str) -> str:
    where = "this school's " if page.is_school else ""
    return f"{where}{respondents} who answered the {escaped(instrument)} both times"


def _with_interval(label: str, row: dict[str, Any], decimals: int) -> list[Piece]:
    return [f"{_scale(label)} (difference ", part(row, decimals), ", 95% interval ",
            part(row, decimals, "ci_low"), " to ", part(row, decimals, "ci_high"), ")"]  # fmt: skip


def _named(label: str, number: Part) -> list[Piece]:
    return [f"{_scale(label)} (", number, ")"]


def _listed(entries: Sequence[list[Piece]]) -> list[Piece]:
    pieces: list[Piece] = []
    for place, entry in enumerate(entries):
        if place:
            pieces.append(" and " if place == len(entries) - 1 else ", ")
        pieces += entry
    return pieces


def _words(names: Sequence[str]) -> str:
    return "".join(names) if len(names) < 2 else ", ".join(names[:-1]) + " and " + names[-1]


def _scale(label: str) -> str:
    """A scale's label inside a sentence; names in capitals keep them."""
    words = [w if w != w.capitalize() or w.isupper() else w.lower() for w in label.split()]
    return escaped(" ".join(words))


def _upper(label: str) -> str:
    return label[:1].upper() + label[1:]


def _wave(page: Page, wave_id: str) -> str:
    return inside(page.study.wave(wave_id).label)
