"""Findings of the surveys: change, norms, levels, groups of schools, gaps, and what people say has changed."""

from __future__ import annotations

from collections.abc import Mapping

from analysis.instruments import Instrument
from analysis.language import (
    N_,
    gettext,
    listed,
    localised,
    ngettext,
    nsentence,
    sentence,
)
from analysis.present import verdict
from analysis.present.asked import at_wave, because, ends, first
from analysis.present.count_words import number_word
from analysis.present.finding import Finding, Piece, capital, trimmed
from analysis.present.page import Compared, Page, part
from analysis.present.sentences import ALL, scale_name, upper
from analysis.present.shown import Each, Text, each, escaped, text
from analysis.present.tables import normed
from analysis.results import COHORT, OTHERS
from analysis.study import Survey
from analysis.words import inside

#: So many scales are named, and more are counted.
FEW = 3


def _instrument(page: Page, survey: Survey, name: str) -> Instrument:
    """The instrument of this name, or that of the survey's headline."""
    return page.instruments[name or survey.headline.split(".")[0]]


def change(page: Page, survey: Survey, of: str = "") -> Finding | None:
    """What changed in the same people, on the scales of an instrument: the headline's, if none is
    named."""
    instrument = _instrument(page, survey, of)
    said = changes(page, survey, instrument)
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
        small = gettext(
            "Among {people} who answered both times, any change in {scales} is smaller than would "
            "matter.",
            people=people,
            scales=listed([scale_name(instrument, score) for score in said])
            if len(said) <= FEW
            else gettext(
                "each of the {number} scales of the {instrument}",
                number=number_word(len(said)),
                instrument=escaped(instrument.short),
            ),
        )
        return Finding([small], "moderate")
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
    said = changes(page, survey, instrument)
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


def besides(survey: Survey) -> list[str]:
    """A survey's instruments but that of its headline."""
    headline = survey.headline.split(".")[0]
    return [instrument for instrument in survey.instruments if instrument != headline]


def changes(page: Page, survey: Survey, instrument: Instrument) -> dict[str, verdict.Verdict]:
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
                    "{When}, {people} had a mean of {mean} for {scale}: above the {norm} of the "
                    "{reference}."
                ),
                -1: N_(
                    "{When}, {people} had a mean of {mean} for {scale}: below the {norm} of the "
                    "{reference}."
                ),
                0: N_(
                    "{When}, {people} had a mean of {mean} for {scale}: not clearly above or "
                    "below the {norm} of the {reference}."
                ),
            }[gap.sign],
            When=first(at_wave(page, wave)),
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
    if len(instrument.scores) == 1:
        return _only(page, survey, instrument)
    found = _ends(page, survey, instrument, page.compared[0], page.study.followup)
    if found is None:
        return None
    every, said = found
    return Finding(
        sentence(
            N_(
                "{people} gave the highest mean to {highest} ({most}) and the lowest to {lowest} "
                "({least})."
            )
            if every
            else N_(
                "{people} gave, of the scales that can be shown, the highest mean to {highest} "
                "({most}) and the lowest to {lowest} ({least})."
            ),
            people=upper(escaped(survey.respondents)),
            **said,
        ),
    )


def _only(page: Page, survey: Survey, instrument: Instrument) -> Finding | None:
    """The mean of an instrument's only scale; nothing where it stands beside a norm."""
    (score,) = instrument.scores
    at = (survey.id, instrument.id, "level", score, page.study.followup)
    row = page.values(page.compared[0], *at, "mean")
    if row is None or score in normed(instrument):
        return None
    low, high = instrument.score_range(score)
    return Finding(
        sentence(
            "{When}, {people} had a mean of {mean} for {scale}, on a scale from {low} to {high}.",
            When=first(at_wave(page, page.study.followup)),
            people=escaped(survey.respondents),
            mean=part(row, instrument.decimals(score)),
            scale=scale_name(instrument, score),
            low=localised(f"{low:g}"),
            high=localised(f"{high:g}"),
        ),
    )


def at_baseline(page: Page, survey: str, instrument: str) -> Text | None:
    """What stood highest and lowest at baseline, in each group of schools that are compared."""
    asked = page.study.survey(survey)
    pieces: list[Piece] = []
    for who in page.phases or page.compared[:1] if page.study.compares else ():
        found = _ends(page, asked, page.instruments[instrument], who, page.study.baseline)
        if found is None:
            continue
        every, said = found
        pieces += [
            *sentence(
                N_(
                    "{When}, {people} ({who}) gave the highest mean to {highest} ({most}) and "
                    "the lowest to {lowest} ({least})."
                )
                if every
                else N_(
                    "{When}, {people} ({who}) gave, of the scales that can be shown, the highest "
                    "mean to {highest} ({most}) and the lowest to {lowest} ({least})."
                ),
                When=first(at_wave(page, page.study.baseline)),
                people=escaped(asked.respondents),
                who=escaped(inside(who.label)),
                **said,
            ),
            " ",
        ]
    return Text(trimmed(pieces)) if pieces else None


def _ends(
    page: Page, survey: Survey, instrument: Instrument, who: Compared, wave: str
) -> tuple[bool, dict[str, Piece]] | None:
    """The scales with the highest and the lowest mean, and whether every scale can be shown."""
    scales = [s for s in instrument.scores if not (instrument.total and s == instrument.total.id)]
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
    return len(rows) == len(scales), {
        "highest": highest,
        "most": part(rows[high[0]], instrument.decimals(high[0])),
        "lowest": lowest,
        "least": part(rows[low[0]], instrument.decimals(low[0])),
    }


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
    pieces: list[Piece] = []
    aspects = survey.perceived_change
    for who in (ALL, *page.phases):
        share = _share(page, survey, who)
        if not share:
            continue
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
                share=capital(share),
                people=escaped(survey.respondents),
            )
        elif pieces:
            pieces += sentence(
                "In {who} it is {share}. ", who=escaped(inside(who.label)), share=share
            )
    return Finding(trimmed(pieces), "limited") if pieces else None


def said_in_short(page: Page, survey: Survey) -> Finding | None:
    """What people say has changed, of all of them, in one sentence."""
    share = _share(page, survey, ALL)
    if not share:
        return None
    people = escaped(survey.respondents)
    if len(survey.perceived_change) == 1:
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


def _share(page: Page, survey: Survey, who: Compared) -> list[Piece]:
    """How many say that it has changed, from the least to the most over the aspects; nothing unless
    all of these can be shown."""
    aspects, wave = survey.perceived_change, page.study.followup
    rows = [
        row for aspect in aspects
        if (row := page.values(who, survey.id, "survey", "perceived", aspect, wave, "yes"))
    ]  # fmt: skip
    if len(rows) < len(aspects) or not rows:
        return []
    low, high = (pick(rows, key=lambda row: row["value"]) for pick in (min, max))
    if round(low["value"]) == round(high["value"]):
        return [part(high, 0), "%"]
    return sentence("{low}% to {high}%", low=part(low, 0), high=part(high, 0))


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
                    "**{group}.** In {scale}, {people} to whom this applies had a mean of {own} {when}, "
                    "all others of {rest}. The gap, all others less these, is clear (95% "
                    "interval {low} to {high})."
                )
                if clear
                else N_(
                    "**{group}.** In {scale}, {people} to whom this applies had a mean of {own} {when}, "
                    "all others of {rest}. The gap, all others less these, is not clear (95% "
                    "interval {low} to {high})."
                ),
                people=escaped(survey.respondents),
                group=escaped(group.label),
                scale=scale_name(found, score),
                own=own,
                when=at_wave(page, wave),
                rest=rest,
                low=part(gap, found.decimals(score), "ci_low"),
                high=part(gap, found.decimals(score), "ci_high"),
            ),
            "\n\n",
        ]
    return pieces


def gap_message(page: Page, survey: Survey) -> str:
    """Of which groups the gap is clear, in a sentence; nothing where none can be shown."""
    family = verdict.within(page, verdict.gaps(page))
    clear: dict[bool, list[str]] = {True: [], False: []}
    for group in page.study.groups_of(survey.population):
        if not group.gap:
            continue
        asked = verdict.gap(page, survey, group)
        if judged := family.of(asked.who, *asked.parts):
            clear[bool(judged.sign)].append(escaped(inside(group.label)))
    said = [
        gettext(words, groups=listed(names))
        for names, words in (
            (clear[True], N_("by {groups} it is clear")),
            (clear[False], N_("by {groups} it is not clear")),
        )
        if names
    ]
    when = at_wave(page, page.study.followup)
    return gettext("The gap {when}: {groups}", when=when, groups="; ".join(said)) if said else ""


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
