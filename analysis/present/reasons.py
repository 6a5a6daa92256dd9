"""Why something is not shown: one vocabulary, for every place that says so.

The words follow release's own reasons (:data:`analysis.disclosure.draft.REASONS`): a reader is told
the true one, and never how large a withheld number is.
"""

from __future__ import annotations

from analysis.disclosure import draft
from analysis.instruments import Instrument
from analysis.language import N_, gettext, listed
from analysis.prepare.schools import NO_ANSWERS, NOT_YET
from analysis.present import asked
from analysis.present.asked import at_wave, first, wave_words
from analysis.present.count_words import number_word
from analysis.present.page import Compared, Page
from analysis.present.shown import Text, escaped
from analysis.study import Survey
from analysis.words import inside

#: What each of release's reasons is to a reader, as the end of "It is not shown:".
WORDS = {
    draft.NOT_ASKED: N_("nobody was asked"),
    draft.FEW_ANSWERED: N_("too few people answered"),
    draft.FEW_COMPLETE: N_("too few people answered enough of the questions"),
    draft.FEW_SCHOOLS: N_("there are too few such schools"),
    draft.GIVES_AWAY: N_("it would give away what few people said"),
}
LEVELS = N_("The scores of each time are no measure of change: different people answered.")


def of(page: Page, *keys: tuple[str, ...], who: Compared | None = None) -> str:
    """Release's reason for the first of some numbers that is withheld: of the page's unit, unless
    another is meant."""
    for key in keys:
        row = page.row(who or page.compared[0], *key)
        if row is not None and row["release"] != draft.RELEASED and row["reason"]:
            return str(row["reason"])
    return ""


def nobody(page: Page, survey: Survey, wave: str) -> str:
    """Why the number of those who answered is not shown, as a sentence."""
    people, when = escaped(survey.respondents), at_wave(page, wave)
    if unasked := not_asked(page, survey, wave):
        return unasked
    counted = ("survey", "response", "responded", wave, "count")
    if of(page, (survey.id, *counted)) == draft.GIVES_AWAY:
        return gettext(
            "{When}, how many {people} answered is not shown: it would give away what few people "
            "said elsewhere.",
            When=first(when),
            people=people,
        )
    return gettext(
        "{When}, too few {people} answered for their number to be shown.",
        When=first(when),
        people=people,
    )


def not_asked(page: Page, survey: Survey, wave: str, found: Instrument | None = None) -> str:
    """Why nobody could answer a survey, or an instrument of it, at a wave; empty if people could."""
    when = at_wave(page, wave)
    if not any(export.wave == wave for export in survey.exports):
        return gettext(
            "There was no {survey} {when}.", survey=escaped(inside(survey.label)), when=when
        )
    if found is not None and wave not in (asked_at := survey.waves_of(found.id)):
        times = listed([at_wave(page, each) for each in asked_at])
        return gettext(
            "The {instrument} was not asked {when}, but {times}.",
            instrument=escaped(found.short),
            when=when,
            times=times,
        )
    why = page.why_not_asked(survey.id, wave)
    if why == NOT_YET:
        return gettext("This school joined after {wave}.", wave=wave_words(page, wave))
    if why == NO_ANSWERS:
        return gettext(
            "There are no answers of {people} of this school {when}.",
            people=escaped(survey.respondents),
            when=when,
        )
    if why:
        return gettext(
            "No {people} of this school were invited {when}.",
            people=escaped(survey.respondents),
            when=when,
        )
    return ""


def hidden(page: Page, survey_id: str) -> Text | None:
    """Why nothing of a survey is shown of a school; nothing where anything is."""
    if not hides(page, survey_id):
        return None
    survey = page.study.survey(survey_id)
    found = page.instruments[survey.headline.split(".")[0]]
    why = [no_scores(page, survey, found, wave) for wave in page.study.pair_of_waves]
    return Text([" ".join(dict.fromkeys(why))])


def hides(page: Page, survey: str) -> bool:
    """Whether a school's page shows no score of a survey: it says so once, and why."""
    return page.is_school and not asked.shows_scores(page, survey)


def no_scores(page: Page, survey: Survey, found: Instrument, wave: str) -> str:
    """Why no score of an instrument is shown, as a sentence."""
    people, when = escaped(survey.respondents), at_wave(page, wave)
    if unasked := not_asked(page, survey, wave, found):
        return unasked
    answered = (survey.id, "survey", "response", "responded", wave, "count")
    if page.values(page.compared[0], *answered) is None:
        return nobody(page, survey, wave)
    scores = [(survey.id, found.id, "level", score, wave, "mean") for score in found.scores]
    why = of(page, *scores)
    if why in (draft.FEW_SCHOOLS, draft.GIVES_AWAY):
        return gettext(
            "What {people} said {when} ({instrument}) is not shown: {why}.",
            people=people,
            when=when,
            instrument=escaped(found.short),
            why=_because(page, why),
        )
    return gettext(
        "{When}, too few {people} answered enough of the {instrument} for their scores to be shown.",
        When=first(when),
        people=people,
        instrument=escaped(found.short),
    )


def no_results(page: Page) -> str:
    """Why nothing that anybody answered is shown of a school, as one sentence."""
    why = {
        of(page, *((survey.id, name, "level", score, page.study.followup, "mean")
                   for name, score in asked.scores_of(page, survey.instruments)))
        for survey in page.study.surveys
    }  # fmt: skip
    if draft.GIVES_AWAY in why:
        return gettext("What was said is not shown: {why}.", why=gettext(WORDS[draft.GIVES_AWAY]))
    return gettext("Too few answered for what they said to be shown.")


def no_change(page: Page, survey: Survey, found: Instrument) -> str:
    """Why no change of an instrument's scores is shown, in a sentence or two."""
    people = escaped(survey.respondents)
    for wave in page.study.pair_of_waves:
        if unasked := not_asked(page, survey, wave, found):
            return unasked
    scores = [(survey.id, found.id, "paired", s, page.waves, "difference") for s in found.scores]
    why = of(page, *scores)
    if why in (draft.FEW_SCHOOLS, draft.GIVES_AWAY):
        return gettext(
            "How {people} changed is not shown: {why}.", people=people, why=_because(page, why)
        )
    matched = (survey.id, "survey", "response", "matched", page.waves, "count")
    if page.values(page.compared[0], *matched) is None:
        return gettext(
            "Too few {people} answered both times for a change in them to be shown.", people=people
        )
    return gettext(
        "Too few {people} answered enough of the {instrument} both times for a change in them to "
        "be shown.",
        people=people,
        instrument=escaped(found.short),
    )


def no_matched(page: Page, survey: Survey) -> str:
    """Why it is not shown how many answered both times, as a sentence."""
    matched = (survey.id, "survey", "response", "matched", page.waves, "count")
    if of(page, matched) == draft.GIVES_AWAY:
        return gettext(
            "How many answered both times is not shown: {why}.",
            why=_because(page, draft.GIVES_AWAY),
        )
    return gettext("Too few answered both times for change within the same people to be shown.")


def not_compared(page: Page, groups: str, who: Compared, *keys: tuple[str, ...]) -> str:
    """Why the change of two groups, ``who`` in the ledger, is not compared, as a sentence."""
    why = of(page, *keys, who=who)
    if why in (draft.FEW_SCHOOLS, draft.GIVES_AWAY):
        return gettext(
            "The change of {groups} is not compared: {why}.",
            groups=groups,
            why=_because(page, why),
        )
    return gettext("Too few answered to compare the change of {groups}.", groups=groups)


def not_beside(page: Page) -> str:
    """Why no score of a school that shows some may be set beside the others, in a sentence or more."""
    reasons = {
        str(row["reason"])
        for survey in page.study.surveys
        for instrument, score in asked.scores_of(page, survey.instruments)
        if (row := page.row(None, survey.id, instrument, "beside", score, page.study.followup,
                            "difference"))
    }  # fmt: skip
    if not reasons:
        wave, own = page.study.followup, []
        for survey in page.study.surveys:
            if any(
                page.row(None, survey.id, name, "level", score, wave, "mean")
                for name, score in asked.scores_of(page, survey.instruments)
            ):
                return gettext("There are no answers of other schools to set beside them.")
            found = page.instruments[survey.headline.split(".")[0]]
            own.append(no_scores(page, survey, found, wave))
        return " ".join(dict.fromkeys(own))
    for why in (draft.FEW_SCHOOLS, draft.GIVES_AWAY):
        if why in reasons:
            return first(f"{gettext(WORDS[why])}.")
    return gettext("Too few people answered, here or there.")


def _because(page: Page, why: str) -> str:
    """A reason with the number of schools that it goes by, where it goes by one."""
    if why == draft.FEW_SCHOOLS:
        least = number_word(page.study.disclosure.schools.minimum)
        return gettext(
            "fewer than {number} schools have any, too few for all of them together", number=least
        )
    return gettext(WORDS[why])
