"""Page one of a school's report: what its head teacher wants to know in two minutes.

Who answered, what stands out beside the other schools, what changed in the same people, the plan,
questions to talk over, and how sure all this is. Everyday words and no test statistics, which stand
further back. Whatever is named is left after correction over everything that could have been
(:func:`analysis.present.verdict.page_one`), so that the rest of the report says the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from analysis.disclosure.draft import FEW_SCHOOLS, GIVES_AWAY
from analysis.present import asked, plans, sentences, verdict
from analysis.present.asked import first, listed, wave_words
from analysis.present.count_words import Piece, in_words, number_word
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
#: Of so many, a share in per cent says less than the number.
TOO_FEW_FOR_PERCENT = 10
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
            pieces += _how_many(page, survey, each)
        return [*pieces, sentences.why_nobody(page, survey, wave).strip(), "\n"]
    pieces += _how_many(page, survey, wave)
    if rate is not None and rate["denominator"] >= TOO_FEW_FOR_PERCENT:
        group = page.compared[1]
        others = page.values(group, *at, "percent")
        pieces += ["That is ", part(rate, 0), "%"]
        if others is not None:
            whom = "the programme" if group.group == "all" else f"all {inside(group.label)}"
            pieces += [f"; over {escaped(whom)} it was ", part(others, 0), "%"]
        pieces.append(". ")
    if rate is not None and rate["value"] < 50:
        pieces.append("Fewer than half answered: the rest may see things in another way. ")
    elif count["value"] < FEW:
        pieces.append("With so few, one or two people can move a score. ")
    if page.study.compares:
        both = page.values(own, survey.id, "survey", "response", "matched", page.waves, "count")
        if both is not None:
            pieces += ["Both times, ", _count(both), " did."]
    return [*pieces, "\n"]


def _how_many(page: Page, survey: Survey, wave: str) -> list[Piece]:
    """How many answered at a wave, of how many where the study knows; nothing if not shown."""
    at = (survey.id, "survey", "response", "responded", wave)
    count = page.values(page.compared[0], *at, "count")
    rate = page.values(page.compared[0], *at, "percent")
    if count is None:
        return []
    when = f" at {wave_words(page, wave)}" if len(page.study.waves) > 1 else ""
    of = [" of ", _count(rate, "denominator")] if rate is not None else []
    number = _count(count)
    return [
        first(number) if isinstance(number, str) else number,
        *of,
        f" {escaped(survey.respondents)} answered{when}. ",
    ]


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


def message(page: Page, scales: list[Scale]) -> str:
    """What stands out, in a line, which is the title of the chart; plain text."""
    up, down = named(scales, 1), named(scales, -1)
    several = len({each.survey.id for each in scales}) > 1

    def words(found: list[Scale]) -> str:
        return listed([_of(each, several) for each in found])

    if up and down:
        return f"Stronger here: {words(up)}. To look into: {words(down)}"
    if up or down:
        return f"Stronger here: {words(up)}" if up else f"To look into: {words(down)}"
    return "No clear standout"


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
        return Text([f"No score here is set beside the {whom}. {_why_not_beside(page)}"])
    up, down = named(scales, 1), named(scales, -1)
    apart = sum(each.better != 0 for each in scales)
    of = "The one scale" if len(scales) == 1 else f"Of {number_word(len(scales))} scales"
    start = f"{of} set beside the {whom}"
    if not apart:
        end = " is not" if len(scales) == 1 else ", none is"
        return Text([f"**No clear standout.** {start}{end} clearly higher or lower here."])
    end = " is" if len(scales) == 1 else f", {number_word(apart)} {'is' if apart == 1 else 'are'}"
    pieces: list[Piece] = [f"{start}{end} clearly apart.\n\n"]
    left = apart - len(up) - len(down)
    for heading, found in (("Strength", up), ("To look into", down)):
        for each in found:
            pieces += [f"- **{heading}:** ", *_beside(page, each), "\n"]
    if left:
        pieces.append(
            f"\n{number_word(left).capitalize()} more {'is' if left == 1 else 'are'} further back."
        )
    return Text(pieces)


def _why_not_beside(page: Page) -> str:
    """Why no score of a school that shows some may be set beside the others."""
    reasons = {
        str(row["reason"])
        for survey in page.study.surveys
        for instrument, score in asked.scores_of(page, survey.instruments)
        if (row := page.row(None, survey.id, instrument, "beside", score, page.study.followup,
                            "difference"))
    }  # fmt: skip
    if not reasons:
        return "There are no answers to set beside each other."
    if FEW_SCHOOLS in reasons:
        return "There are too few such schools."
    if GIVES_AWAY in reasons:
        return "It would give away what few people said."
    return "Too few people answered, here or there."


def _beside(page: Page, scale: Scale) -> list[Piece]:
    """One scale in a sentence, with both means where both may be shown."""
    found = page.instruments[scale.instrument]
    decimals, word = found.decimals(scale.score), "higher" if scale.judged.sign > 0 else "lower"
    wave = page.study.followup
    own = page.values(
        None, scale.survey.id, scale.instrument, "level", scale.score, wave, "mean"
    )  # fmt: skip
    others = page.values(
        None, scale.survey.id, scale.instrument, "beside", scale.score, wave, "others"
    )
    start = first(f"{scale.people} score **{scale.said}** {word}")
    if own is None or others is None:
        return [f"{start} than in the {escaped(page.others)}."]
    return [start, " (", part(own, decimals), f") than in the {escaped(page.others)} (",
            part(others, decimals), ")."]  # fmt: skip


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
    return Text(
        [f"{escaped(label)} are too unlike others, and each other, to be set beside them. So this "
         "report sets this school beside no other school. Look at its own scores and at what "
         "changed." if page.study.compares else
         f"{escaped(label)} are too unlike others, and each other, to be set beside them. So this "
         "report sets this school beside no other school."]
    )  # fmt: skip


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
        for instrument in _instruments(page, survey):
            found = [each for each in of_survey if each.instrument == instrument]
            if not found:
                continue
            short = escaped(page.instruments[instrument].short)
            pieces += [f"- **{escaped(survey.label)} ({short}):** ", _sorted(found), "\n"]
            unclear = unclear or any(_kind(each) == "Not clear" for each in found)
        if not of_survey:
            headline = page.instruments[survey.headline.split(".")[0]]
            why = sentences.why_no_change(page, survey, headline)
            pieces += [f"- **{escaped(survey.label)}:** {why}\n"]
    if unclear:
        pieces.append("\nNot clear: it may have gone up, gone down or stayed the same.")
    return text(pieces)


#: What may be said of a change, in the order in which it is.
KINDS = ("Clearly up", "Clearly down", "About the same", "Not clear")


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
            rest = "all" if len(found) == len(scales) else "the other"
            said.append(f"{kind}: {rest} {number_word(len(found))} scales.")
        else:
            said.append(f"{kind}: {listed([_little(each) for each in found])}.")
    return " ".join(said)


def _little(scale: Scale) -> str:
    """A scale's name; that its change is smaller than would matter, where that is so."""
    little = scale.judged.sign and scale.judged.small
    return f"{scale.said} (by less than would matter)" if little else scale.said


def plan(page: Page) -> Text | None:
    """The school's plan in a sentence."""
    return plans.own_state(page)


def questions(page: Page) -> Text | None:
    """Up to three questions to talk over, each made from what page one says."""
    if not page.is_school:
        return None
    family = verdict.page_one(page)
    kinds = [
        [*_of_standing(page, standing(page, family))],
        [*_of_change(changed_scales(page, family))],
        [*_of_plan(page)],
    ]
    # One of each kind first: whatever has been found, and then what else there is.
    first = [found[0] for found in kinds if found]
    rest = [each for found in kinds for each in found[1:]]
    return text([f"{n}. {each}\n" for n, each in enumerate([*first, *rest][:MOST], 1)])


def _of_standing(page: Page, scales: list[Scale]) -> Iterator[str]:
    whom = escaped(page.others)
    for each in named(scales, -1):
        word = "lower" if each.judged.sign < 0 else "higher"
        yield f"Why might {each.people} here score **{each.said}** {word} than in the {whom}?"
    for each in named(scales, 1):
        word = "lower" if each.judged.sign < 0 else "higher"
        yield (
            f"What helps {each.people} here to score **{each.said}** {word} than in the {whom}? "
            "How do we keep it?"
        )


def _of_change(scales: list[Scale]) -> Iterator[str]:
    for each in named(scales, -1):
        word = "down" if each.judged.sign < 0 else "up"
        yield f"**{first(each.said)}** has gone {word} for {each.people}. What may lie behind this?"
    for each in named(scales, 1):
        word = "up" if each.judged.sign > 0 else "down"
        yield f"**{first(each.said)}** has gone {word} for {each.people}. What helped?"


def _of_plan(page: Page) -> Iterator[str]:
    own = Compared("This school", page.unit, "all")
    at = ("action_plans", "plans", "states")
    rows = {state: page.values(own, *at, state, "latest", "aims") for state in PLAN_STATES}
    waiting = sum(int(row["value"]) for s in ON_THE_WAY if (row := rows[s]) is not None)
    done = sum(int(row["value"]) for s, row in rows.items() if row and s not in ON_THE_WAY)
    if waiting:
        aims = "One aim of our plan is" if waiting == 1 else (
            f"{number_word(waiting).capitalize()} aims of our plan are"
        )  # fmt: skip
        yield f"{aims} not yet in place. What would help most?"
    elif done and not (rows["dropped"] and rows["dropped"]["value"]):
        yield "All aims of our plan are in place. What should come next?"


def sure(page: Page, *, drawn: bool = True) -> Text | None:
    """How sure what page one says is, and what it is not; ``drawn`` if the chart is beside it."""
    if not page.is_school:
        return None
    family = verdict.page_one(page)
    looked = [
        f"{number_word(len(found))} {noun}{'' if len(found) == 1 else 's'}"
        for found, noun in (
            (standing(page, family), "difference"),
            (changed_scales(page, family), "change"),
        )
        if found
    ]
    pieces: list[Piece] = []
    if drawn and any(
        asked.last_shown(page, survey.id, instrument)
        for survey in page.study.surveys
        for instrument in survey.instruments
    ):
        pieces.append("The line through each dot shows how far chance may have moved it. ")
    if len(family) > 1:
        pieces.append(
            f"We looked at {' and '.join(looked)}. We name one only if chance is an unlikely "
            "cause, with that many looked at. "
        )
    if changed_scales(page, family):
        pieces.append("A change may have other causes than the programme. ")
    pieces.append("This is no league table, and no measure for inspection.")
    return Text(pieces)


def programme(page: Page) -> Text | None:
    """What the programme found in all its schools, for a school that has no scores of its own."""
    if not page.is_school or asked.shows_scores(page):
        return None
    return changed(replace(page, unit=COHORT, shared=page.rows))
