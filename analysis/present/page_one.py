"""Page one of a school's report: what its head teacher wants to know in two minutes.

Who answered, what stands out beside the other schools, what changed in the same people, the plan,
questions to talk over, and how sure all this is. Everyday words and no test statistics, which stand
further back. Whatever is named is left after correction over everything that could have been
(:func:`analysis.present.verdict.page_one`), so that the rest of the report says the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from analysis.language import N_, gettext, listed, ngettext, sentence
from analysis.present import asked, plans, reasons, verdict
from analysis.present.asked import at_wave, first
from analysis.present.count_words import TOO_FEW_FOR_PERCENT, Piece, in_words, number_word
from analysis.present.page import Compared, Page, part
from analysis.present.shown import Text, escaped, text
from analysis.present.verdict import Family, Verdict
from analysis.results import COHORT
from analysis.strands import PLAN_STATES
from analysis.study import Survey
from analysis.words import inside

#: As many strengths, and as many things to look into, are named; and as many questions asked.
MOST = 3
#: With fewer answers than these a few people can move a mean.
FEW = 15
#: States of an aim that is still on its way.
ON_THE_WAY = ("planned", "started")


@dataclass(frozen=True)
class Scale:
    """One score of one survey, with what may be said of it; ``name`` in everyday words."""

    survey: Survey
    instrument: str
    score: str
    name: str
    good: int
    judged: Verdict

    @property
    def better(self) -> int:
        """1 where it is better or has become better, -1 where worse, 0 where that is not clear."""
        return self.judged.sign * self.good

    @property
    def said(self) -> str:
        """Its name as Markdown."""
        return escaped(self.name)

    @property
    def people(self) -> str:
        """Who answered, as Markdown."""
        return escaped(self.survey.respondents)

    @property
    def clearness(self) -> float:
        """The difference over half its interval: how far it stands clear of chance."""
        row = self.judged.row
        return abs(float(row["value"])) / max(float(row["ci_high"] - row["ci_low"]) / 2, 1e-9)


def answered(page: Page) -> Text | None:
    """How many answered of each survey, beside the schools of its group; a caution where few."""
    return text([piece for survey in page.study.surveys for piece in _answered(page, survey)])


def _answered(page: Page, survey: Survey) -> list[Piece]:
    own, wave = page.compared[0], page.study.followup
    at = (survey.id, "survey", "response", "responded", wave)
    pieces: list[Piece] = [f"- **{escaped(survey.label)}:** "]
    count, rate = page.values(own, *at, "count"), page.values(own, *at, "percent")
    if count is None:
        before = [w for w in page.study.pair_of_waves if w != wave]
        for each in before:
            pieces += how_many(page, survey, each)
        return [*pieces, _why(page, survey), "\n"]
    pieces += how_many(page, survey, wave)
    if rate is not None and rate["denominator"] >= TOO_FEW_FOR_PERCENT:
        group = page.compared[1]
        others = page.values(group, *at, "percent")
        if others is not None:
            if group.group == "all":
                whom = gettext("the programme")
            else:
                whom = gettext("all {schools}", schools=inside(group.label))
            pieces += sentence(
                "That is {own}%; over {whom} it was {others}%. ",
                own=part(rate, 0),
                whom=escaped(whom),
                others=part(others, 0),
            )
        else:
            pieces += sentence("That is {own}%. ", own=part(rate, 0))
    if rate is not None and rate["value"] < 50:
        pieces.append(gettext("Fewer than half answered: the rest may see things in another way. "))
    elif count["value"] < FEW:
        pieces.append(gettext("With so few, one or two people can move a score. "))
    if page.study.compares:
        both = page.values(own, survey.id, "survey", "response", "matched", page.waves, "count")
        if both is not None:
            pieces += sentence("Both times, {count} did. ", count=_count(both))
    return [*pieces, "" if asked.shows_scores(page, survey.id) else _why(page, survey), "\n"]


def _why(page: Page, survey: Survey) -> str:
    """Why no score of a survey is shown; of one that shows any, why nobody counts at follow-up."""
    said = reasons.hidden(page, survey.id)
    if said is None:
        return reasons.nobody(page, survey, page.study.followup)
    return said.markdown().strip()


def how_many(page: Page, survey: Survey, wave: str, *, when: bool = True) -> list[Piece]:
    """How many answered at a wave, of how many where the study knows; nothing if not shown.

    Without ``when`` the wave is not said.
    """
    at = (survey.id, "survey", "response", "responded", wave)
    count = page.values(page.compared[0], *at, "count")
    rate = page.values(page.compared[0], *at, "percent")
    if count is None:
        return []
    then = at_wave(page, wave) if when and len(page.study.waves) > 1 else ""
    fields: dict[str, Piece] = {
        "count": _count(count),
        "people": escaped(survey.respondents),
        "when": then,
    }
    if rate is not None:
        fields["all"] = _count(rate, "denominator")
        if then:
            return _begun(sentence("{count} of {all} {people} answered {when}. ", **fields))
        return _begun(sentence("{count} of {all} {people} answered. ", **fields))
    if then:
        return _begun(sentence("{count} {people} answered {when}. ", **fields))
    return _begun(sentence("{count} {people} answered. ", **fields))


def _begun(pieces: list[Piece]) -> list[Piece]:
    """A sentence with a capital at its head, whatever stands there."""
    start, *rest = pieces
    return [first(start) if isinstance(start, str) else start, *rest]


def _count(row: dict[str, object], name: str = "value") -> Piece:
    """A released number of people: a word below ten, and else with its id."""
    return (
        in_words(row, name) if float(str(row[name])) < TOO_FEW_FOR_PERCENT else part(row, 0, name)
    )


def standing(page: Page, family: Family | None = None) -> list[Scale]:
    """Every scale that could be set beside the other schools."""
    family = family or verdict.page_one(page)
    return list(_scales(page, family, "beside", page.study.followup)) if page.others else []


def changed_scales(page: Page, family: Family | None = None) -> list[Scale]:
    """Every scale of which a change in the same people could be named."""
    if not page.study.compares:
        return []
    return list(_scales(page, family or verdict.page_one(page), "paired", page.waves))


def _scales(page: Page, family: Family, analysis: str, wave: str) -> Iterator[Scale]:
    for survey in page.study.surveys:
        for instrument in _instruments(page, survey):
            found = page.instruments[instrument]
            for score in found.scores:
                at = (survey.id, instrument, analysis, score, wave, "difference")
                judged = family.of(None, *at)
                if judged is not None:
                    good = 1 if found.higher_is_better(score) else -1
                    name = asked.everyday(found, score)
                    yield Scale(survey, instrument, score, name, good, judged)


def _instruments(page: Page, survey: Survey) -> tuple[str, ...]:
    """Whose scores page one may name: a school's all, the programme's headline alone."""
    return survey.instruments if page.is_school else (survey.headline.split(".")[0],)


def named(scales: list[Scale], better: int) -> list[Scale]:
    """Those that are better (1) or worse (-1), the clearest first, and no more than can be read."""
    found = [each for each in scales if each.better == better]
    return sorted(found, key=lambda each: -each.clearness)[:MOST]


def moved(scales: list[Scale], way: int) -> list[Scale]:
    """Those that are clearly up (1) or down (-1), the clearest first, and no more than can be read."""
    found = [each for each in scales if each.judged.sign == way]
    return sorted(found, key=lambda each: -each.clearness)[:MOST]


def message(page: Page, scales: list[Scale]) -> str:
    """What stands out, in a line, which is the title of the chart; plain text."""
    up, down = named(scales, 1), named(scales, -1)
    several = len({each.survey.id for each in scales}) > 1

    def words(found: list[Scale]) -> str:
        return listed([_of(each, several) for each in found])

    if up and down:
        return gettext(
            "Stronger here: {strengths}. To look into: {challenges}",
            strengths=words(up),
            challenges=words(down),
        )
    if up:
        return gettext("Stronger here: {strengths}", strengths=words(up))
    if down:
        return gettext("To look into: {challenges}", challenges=words(down))
    return gettext("No clear standout")


def _of(scale: Scale, several: bool) -> str:
    return f"{scale.name} ({scale.survey.respondents})" if several else scale.name


def stands_out(page: Page) -> Text | None:
    """Up to three strengths and three things to look into, beside the other schools."""
    if not page.is_school or not page.study.surveys:
        return None
    if not page.others:
        return _no_benchmark(page)
    scales, whom = standing(page), escaped(page.others)
    if not scales:
        if not asked.shows_scores(page):
            return None  # why is said of each survey
        return Text(
            [
                gettext("No score here is set beside the {others}.", others=whom),
                f" {reasons.not_beside(page)}",
            ]
        )
    up, down = named(scales, 1), named(scales, -1)
    apart = sum(each.better != 0 for each in scales)
    number = number_word(len(scales))
    if not apart:
        said = ngettext(
            "The one scale set beside the {others} is not clearly higher or lower here.",
            "Of {number} scales set beside the {others}, none is clearly higher or lower here.",
            len(scales),
            number=number,
            others=whom,
        )
        return Text([gettext("**No clear standout.**"), f" {said}"])
    if len(scales) == 1:
        said = gettext("The one scale set beside the {others} is clearly apart.", others=whom)
    else:
        said = ngettext(
            "Of {number} scales set beside the {others}, {apart} is clearly apart.",
            "Of {number} scales set beside the {others}, {apart} are clearly apart.",
            apart,
            number=number,
            others=whom,
            apart=number_word(apart),
        )
    pieces: list[Piece] = [f"{said}\n\n"]
    left = apart - len(up) - len(down)
    for heading, found in ((gettext("Strength"), up), (gettext("To look into"), down)):
        for each in found:
            pieces += [f"- **{heading}:** ", *_beside(page, each), "\n"]
    if left:
        more = ngettext(
            "{Number} more is further back.",
            "{Number} more are further back.",
            left,
            Number=number_word(left).capitalize(),
        )
        pieces.append(f"\n{more}")
    return Text(pieces)


def _beside(page: Page, scale: Scale) -> list[Piece]:
    """One scale in a sentence, with both means where both may be shown."""
    found = page.instruments[scale.instrument]
    decimals, higher = found.decimals(scale.score), scale.judged.sign > 0
    wave = page.study.followup
    own = page.values(
        None, scale.survey.id, scale.instrument, "level", scale.score, wave, "mean"
    )  # fmt: skip
    others = page.values(
        None, scale.survey.id, scale.instrument, "beside", scale.score, wave, "others"
    )
    named = {"scale": first(scale.said), "People": first(scale.people)}
    if own is None or others is None:
        return [
            gettext("**{scale}.** {People} score it higher here.", **named)
            if higher
            else gettext("**{scale}.** {People} score it lower here.", **named)
        ]
    # Beside each other with as many decimals as both may have.
    coarser = others["decimals"]
    shown = decimals if coarser is None or coarser != coarser else min(decimals, int(coarser))
    numbers = {"own": part(own, shown), "others": part(others, shown)}
    if higher:
        return sentence(
            "**{scale}.** {People} score it higher here ({own} against {others}).",
            **named,
            **numbers,
        )
    return sentence(
        "**{scale}.** {People} score it lower here ({own} against {others}).", **named, **numbers
    )


def ends(page: Page, better: int) -> Text | None:
    """The strengths (1), or what to look into (-1), beside the other schools: a line each."""
    pieces: list[Piece] = []
    for scale in named(standing(page), better):
        pieces += ["- ", *_beside(page, scale), "\n"]
    return text(pieces)


def _no_benchmark(page: Page) -> Text | None:
    """That a school of a group that is no benchmark stands beside none, and why."""
    phases = page.study.phases
    label = next(
        (value.label for value in phases.values if phases.key(value.id) == page.own_phase), ""
    ) if phases else ""  # fmt: skip
    if not label or not asked.shows_scores(page):
        return None
    said = gettext(
        "{Schools} are too unlike others, and each other, to be set beside them. So this report "
        "sets this school beside no other school.",
        Schools=escaped(label),
    )
    if page.study.compares:
        said += " " + gettext("Look at its own scores and at what changed.")
    return Text([said])


def changed(page: Page) -> Text | None:
    """What is clearly up, clearly down or not clear in the people who answered both times.

    Nothing for a school without any score: it is said once of each survey that there is none.
    """
    if not page.study.compares or (page.is_school and not asked.shows_scores(page)):
        return None
    scales = changed_scales(page)
    pieces: list[Piece] = []
    unclear = False
    for survey in page.study.surveys:
        of_survey = [each for each in scales if each.survey.id == survey.id]
        for instrument in _instruments(page, survey) if of_survey else ():
            found = [each for each in of_survey if each.instrument == instrument]
            short = escaped(page.instruments[instrument].short)
            told = (
                _sorted(found)
                if found
                else reasons.no_change(page, survey, page.instruments[instrument])
            )
            pieces += [f"- **{escaped(survey.label)} ({short}):** {told}\n"]
            unclear = unclear or any(_kind(each) == KINDS[3] for each in found)
        if not of_survey:
            headline = page.instruments[survey.headline.split(".")[0]]
            why = reasons.no_change(page, survey, headline)
            pieces += [f"- **{escaped(survey.label)}:** {why}\n"]
    if unclear:
        said = gettext("Not clear: it may have gone up, gone down or stayed the same.")
        pieces.append(f"\n{said}")
    return text(pieces)


#: What may be said of a change, in the order in which it is.
KINDS = (N_("Clearly up"), N_("Clearly down"), N_("About the same"), N_("Not clear"))


def _kind(scale: Scale) -> str:
    judged = scale.judged
    if judged.sign:
        return KINDS[0] if judged.sign > 0 else KINDS[1]
    return KINDS[2] if judged.small else KINDS[3]


def _sorted(scales: list[Scale]) -> str:
    """The scales of one instrument by what may be said of their change."""
    by_kind = {kind: [each for each in scales if _kind(each) == kind] for kind in KINDS}
    said = []
    for kind, found in by_kind.items():
        if not found:
            continue
        if kind == KINDS[3] and len(found) > MOST:
            number = number_word(len(found))
            said.append(
                gettext("Not clear: all {number} scales.", number=number)
                if len(found) == len(scales)
                else gettext("Not clear: the other {number} scales.", number=number)
            )
        else:
            said.append(f"{gettext(kind)}: {listed([_little(each) for each in found])}.")
    return " ".join(said)


def _little(scale: Scale) -> str:
    """A scale's name; that its change is smaller than would matter, where that is so."""
    little = scale.judged.sign and scale.judged.small
    return (
        gettext("{scale} (by less than would matter)", scale=scale.said) if little else scale.said
    )


def plan(page: Page) -> Text | None:
    """The school's plan in a sentence."""
    return plans.own_state(page)


def questions(page: Page) -> Text | None:
    """Up to three questions to talk over, each made from what page one says."""
    if not page.is_school:
        return None
    family = verdict.page_one(page)
    kinds = [
        [*_of_standing(standing(page, family))],
        [*_of_change(changed_scales(page, family))],
        [*_of_plan(page)],
    ]
    # One of each kind first: whatever has been found, and then what else there is.
    first = [found[0] for found in kinds if found]
    rest = [each for found in kinds for each in found[1:]]
    return text([f"{n}. {each}\n" for n, each in enumerate([*first, *rest][:MOST], 1)])


def _of_standing(scales: list[Scale]) -> Iterator[str]:
    for each in named(scales, -1):
        of = {"scale": first(each.said), "people": each.people}
        yield (
            gettext("**{scale}** is lower for {people} here. Why might that be?", **of)
            if each.judged.sign < 0
            else gettext("**{scale}** is higher for {people} here. Why might that be?", **of)
        )
    for each in named(scales, 1):
        yield gettext(
            "**{scale}** is a strength for {people}. How do we keep it?",
            scale=first(each.said),
            people=each.people,
        )


def _of_change(scales: list[Scale]) -> Iterator[str]:
    for each in named(scales, -1):
        of = {"scale": first(each.said), "people": each.people}
        yield (
            gettext("**{scale}** has gone down for {people}. What may lie behind this?", **of)
            if each.judged.sign < 0
            else gettext("**{scale}** has gone up for {people}. What may lie behind this?", **of)
        )
    for each in named(scales, 1):
        of = {"scale": first(each.said), "people": each.people}
        yield (
            gettext("**{scale}** has gone up for {people}. What helped?", **of)
            if each.judged.sign > 0
            else gettext("**{scale}** has gone down for {people}. What helped?", **of)
        )


def _of_plan(page: Page) -> Iterator[str]:
    own = Compared("", page.unit, "all")
    at = ("action_plans", "plans", "states")
    rows = {state: page.values(own, *at, state, "latest", "aims") for state in PLAN_STATES}
    waiting = sum(int(row["value"]) for s in ON_THE_WAY if (row := rows[s]) is not None)
    done = sum(int(row["value"]) for s, row in rows.items() if row and s not in ON_THE_WAY)
    if waiting:
        yield ngettext(
            "One aim of our plan is not yet in place. What would help most?",
            "{Number} aims of our plan are not yet in place. What would help most?",
            waiting,
            Number=number_word(waiting).capitalize(),
        )
    elif done and not (rows["dropped"] and rows["dropped"]["value"]):
        yield gettext("All aims of our plan are in place. What should come next?")


def sure(page: Page, *, drawn: bool = True) -> Text | None:
    """How sure what page one says is, and what it is not; ``drawn`` if the chart is beside it."""
    if not page.is_school:
        return None
    family = verdict.page_one(page)
    looked = []
    if found := standing(page, family):
        looked.append(
            ngettext(
                "{number} difference", "{number} differences", len(found),
                number=number_word(len(found)),
            )
        )  # fmt: skip
    if found := changed_scales(page, family):
        looked.append(
            ngettext(
                "{number} change", "{number} changes", len(found), number=number_word(len(found))
            )
        )
    pieces: list[Piece] = []
    if drawn and any(
        asked.last_shown(page, survey.id, instrument)
        for survey in page.study.surveys
        for instrument in survey.instruments
    ):
        pieces.append(gettext("The line through each dot shows how far chance may have moved it. "))
    if len(family) > 1:
        pieces.append(
            gettext(
                "We looked at {differences}. We name one only if chance is an unlikely cause, with "
                "that many looked at. ",
                differences=listed(looked),
            )
        )
    if changed_scales(page, family):
        pieces.append(gettext("A change may have other causes than the programme. "))
    pieces.append(gettext("This is no league table, and no measure for inspection."))
    return Text(pieces)


def programme(page: Page) -> Text | None:
    """What the programme found in all its schools, for a school that has no scores of its own."""
    if not page.is_school or asked.shows_scores(page):
        return None
    return changed(replace(page, unit=COHORT, shared=page.rows))
