"""A letter to parents in half a page, where the study asks for one (``report: letter: true``).

Every claim is page one's, from the same released results and by the same rule; the school may add to
it, and signs it.
"""

from __future__ import annotations

from analysis.language import N_, gettext, listed, sentence
from analysis.present import asked, page_one, plans, reasons
from analysis.present.count_words import Piece
from analysis.present.page import Page
from analysis.present.shown import Text, escaped


def asked_of(page: Page) -> list[str]:
    """Whose answers a school's letter is about; nobody's where there is no letter: the study asks for
    none, or there are no answers of the school at follow-up."""
    if not page.is_school or not page.study.report.letter:
        return []
    return [
        escaped(survey.respondents)
        for survey in page.study.surveys
        if not reasons.not_asked(page, survey, page.study.followup)
    ]


def letter(page: Page) -> Text | None:
    """The letter, as Markdown; nothing where there is none to write."""
    invited = asked_of(page)
    if not invited:
        return None
    school, study = escaped(str(page.school["name"])), page.study
    pieces: list[Piece] = [
        gettext("Dear parents and carers,"),
        "\n\n",
        gettext(
            "We asked {people} of {school} to answer some questions. ",
            people=listed(invited),
            school=school,
        ),
        *_answered(page),
        "\n\n",
    ]
    for words in (_told(page), _changed(page)) if asked.shows_scores(page) else ():
        if words:
            pieces.append(f"{words}\n\n")
    plan = plans.own_state(page)
    if plan is not None and plans.own_aims(page) is not None:
        pieces += sentence("Our plan has {plan} ", plan=_lowered(plan.pieces))
    pieces += [
        gettext(
            "We will talk with those who answered about what to do next. What would you like us to "
            "look at? Please tell us."
        ),
        "\n\n",
        gettext(
            "No one can be picked out from what we show. What only a few people said is left out."
        ),
        "\n\n",
        gettext("Yours sincerely,"),
        f"  \n{school}",
    ]
    if study.notice_short:
        pieces.append(f"\n\n*{escaped(study.notice_short)}.*")
    return Text(pieces)


def _answered(page: Page) -> list[Piece]:
    """How many answered; a word of caution where they were few."""
    pieces: list[Piece] = []
    few = False
    wave = page.study.followup
    for survey in page.study.surveys:
        at = (survey.id, "survey", "response", "responded", wave)
        pieces += page_one.how_many(page, survey, wave, when=False)
        rate = page.values(page.compared[0], *at, "percent")
        few = few or (rate is not None and rate["value"] < 50)
    if few and asked.shows_scores(page):
        pieces.append(
            gettext("Where fewer than half answered, others may see things in another way. ")
        )
    if not asked.shows_scores(page):
        pieces.append(reasons.no_results(page) + " ")
    return pieces


def _told(page: Page) -> str:
    """What stands out, as page one says it; else the ends of what was told."""
    scales = page_one.standing(page)
    up, down = page_one.named(scales, 1), page_one.named(scales, -1)
    if not scales:
        return ""
    whom = escaped(page.others)
    said: list[str] = []
    for message, found in (
        (N_("What is strong here: {scales}."), up),
        (N_("What we want to look into: {scales}."), down),
    ):
        # More of a score may be better or worse: which way it lies apart is said of each.
        apart = [
            gettext(words, scales=listed(names), others=whom)
            for way, words in (
                (1, N_("{scales}, clearly higher than in the {others}")),
                (-1, N_("{scales}, clearly lower than in the {others}")),
            )
            if (names := [f"{e.said} ({e.people})" for e in found if e.judged.sign == way])
        ]
        if apart:
            said.append(gettext(message, scales="; ".join(apart)))
    return " ".join(said) or gettext(
        "Our scores are much like those of the {others}: none stands clearly apart.", others=whom
    )


def _changed(page: Page) -> str:
    """What changed in the people who answered both times."""
    scales = page_one.changed_scales(page)
    if not scales:
        return ""
    up, down = page_one.moved(scales, 1), page_one.moved(scales, -1)
    said = [
        f"{word}: {listed([f'{each.said} ({each.people})' for each in found])}."
        for word, found in ((gettext("Clearly up"), up), (gettext("Clearly down"), down))
        if found
    ] or [gettext("No change is clear so far.")]
    return " ".join([gettext("We also looked at those who answered both times."), *said])


def _lowered(pieces: object) -> list[Piece]:
    """A sentence as the end of another."""
    start, *rest = list(pieces)  # type: ignore[call-overload]
    return [start[:1].lower() + start[1:], *rest] if isinstance(start, str) else [start, *rest]
