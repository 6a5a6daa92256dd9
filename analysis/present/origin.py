"""Where a number comes from, in words for whoever asks on the page: nothing that is not released.

What stands here of a withheld number is which it is and the rule by which it is withheld, never
anything of the number. A method's words may name numbers that the page prints nowhere (how many
people did not change, an effective number of respondents); of these only those of the method itself
stay (:func:`in_general`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from analysis import questions, strands
from analysis.disclosure import RELEASED
from analysis.disclosure.draft import BANDED, FEW_COMPLETE, FEW_SCHOOLS, GIVES_AWAY
from analysis.language import N_, gettext, listed, ngettext
from analysis.present.page import Page
from analysis.present.shown import number_text
from analysis.results import COHORT
from analysis.study import Study
from analysis.words import tidy

NUMBER = re.compile(r"(?<![A-Za-z\d.,])\d(?:[\d.,]*\d)?")
#: Parts of ids that are no wave of a study's, as readers know them.
WAVES = {
    "latest": N_("Latest"),
    "first": N_("First"),
    "baseline": N_("Baseline"),
    "reaudit": N_("Reaudit"),
    "baseline-reaudit": N_("Baseline-reaudit"),
    "start": N_("Start"),
    "ever": N_("Ever"),
}
#: Numbers that belong to a method, whatever the data: what stands before and after them.
OF_THE_METHOD = re.compile(
    r"(?P<n>100) x|per (?P<m>100)\b|n - (?P<o>1)\b|(?P<p>1) the highest|\bseed (?P<q>\d+)"
    r"|(?P<r>[\d,]+) draws|\bover (?:the )?(?P<s>\d+) (?:subscales|items|measures|pairs|schools)"
    r"|plus or minus (?P<t>[\d.]+) points|(?P<u>\d+) imputations|(?P<v>(?:19|20)\d\d)\b"
    r"|(?P<w>\d+)% or more|(?P<x>\d+)% (?:probability|test)"
)
#: Which tables of a strand the functions of a module read, or one function, where not all of them.
READ = {
    "qualitative.checks": ("segments",),
    "qualitative.coders": ("segments",),
    "qualitative.discussions:focus_groups": ("focus_groups",),
    "qualitative.occurrence": ("segments", "interviewees"),
    "qualitative.plans": ("action_plans",),
    "qualitative.plans:readiness": ("readiness",),
    "qualitative.themes": ("segments", "interviewees"),
    "statistics.delivery": ("sessions",),
    "statistics.delivery:costs": ("delivery_costs",),
    "statistics.delivery:hours": ("delivery_hours",),
    "statistics.outcomes": ("outcomes", "outcome_national"),
    "statistics.school_audit:audit": ("whole_school_audit",),
    "statistics.school_audit:needs": ("needs",),
    "statistics.series": ("outcomes", "outcome_national"),
}


@dataclass(frozen=True)
class Origin:
    """Where one number comes from: everything as plain text, empty where there is nothing to say.

    ``whose`` is the unit; ``people`` how many it rests on, as readers count them; ``rule`` why it
    is not shown as it was computed.
    """

    id: str
    whose: str
    question: str
    method: str
    worked_out: str
    waves: str
    files: tuple[str, ...]
    people: str
    rule: str


@dataclass(frozen=True)
class Origins:
    """Where the numbers of a unit's page come from: of the unit itself and of the programme."""

    page: Page

    def of(self, unit: str, identity: str) -> Origin | None:
        """Where a number of the ledger comes from; nothing if no such number is known."""
        page = self.page
        row = page.rows.get((unit, identity))
        if row is None:
            return None
        key = questions.Key(*(str(row[part]) for part in questions.Key._fields))
        asked = question(key.analysis, key.statistic)
        shown = row["release"] == RELEASED
        return Origin(
            id=identity,
            whose=gettext("the programme") if unit == COHORT else self._name,
            question=gettext(asked.asks),
            method=in_general(str(row["method"])) if shown else "",
            worked_out=f"analysis.{asked.function}".replace(":", "."),
            waves=waves(page, key.wave),
            files=self._files(key),
            people=_people(page, key.source, row) if shown else "",
            rule=_rule(page, key.source, row),
        )

    @cached_property
    def _name(self) -> str:
        return str(self.page.school["name"])

    @cached_property
    def _others(self) -> frozenset[str]:
        """Ids and names of other schools, which a school's page does not say."""
        page = self.page
        if not page.is_school:
            return frozenset()
        rows = page.schools[page.schools["id"] != page.unit]
        words = {str(each).lower() for column in ("id", "name") for each in rows[column]}
        return frozenset(words - {""})

    @cached_property
    def _kept(self) -> dict[tuple[str, ...], tuple[str, ...]]:
        return {}

    def _files(self, key: questions.Key) -> tuple[str, ...]:
        """Files of the study behind a number, without those that are named after other schools."""
        about = (key.source, key.instrument, key.analysis, key.wave, key.statistic)
        if about not in self._kept:
            found = files(self.page.study, key)
            self._kept[about] = tuple(
                name for name in found if not any(word in name.lower() for word in self._others)
            )
        return self._kept[about]


def question(analysis: str, statistic: str) -> questions.Question:
    """The registered question that gives a statistic."""
    named = [each for each in questions.QUESTIONS if each.name == analysis]
    return next((each for each in named if each.gives(statistic)), named[0])


def in_general(method: str) -> str:
    """A method's words, with an ellipsis for each number in them that comes from the data."""
    kept = {
        found.span(group)
        for found in OF_THE_METHOD.finditer(method)
        for group, text in found.groupdict().items()
        if text
    }
    return NUMBER.sub(lambda each: each.group() if each.span() in kept else "…", method)


def waves(page: Page, wave: str) -> str:
    """The part of an id that says when, for readers; nothing where it says nothing."""
    labels = {each.id.lower(): each.label for each in page.study.waves}
    parts = wave.split("-")
    if all(part in labels for part in parts):
        return listed([labels[part] for part in parts])
    if wave in page.terms:
        return page.terms[wave]
    if wave in WAVES:
        return gettext(WAVES[wave])
    return "" if wave == "all" else tidy(wave)


def files(study: Study, key: questions.Key) -> list[str]:
    """Files of the study that a number is computed from, as the study file names them."""
    for survey in study.surveys:
        if survey.id == key.source:
            parts = key.wave.split("-")
            mine = [each for each in survey.exports if each.wave.lower() in parts]
            return list(dict.fromkeys(each.file for each in mine or survey.exports))
    found = [str(study.file(each.name)) for each in tables(study, key)]
    if not found:
        # What is authored (stories, a framework) is in no table.
        found = [
            study.strands[strand.id][name]
            for strand in strands.STRANDS
            if key.source in {each.id for each in strand.sources}
            for name in strand.keys
            if name in study.strands.get(strand.id, {})
        ]
    if key.source == "interviews":
        found += [each.file for each in study.coded_text]
    return list(dict.fromkeys(found))


def tables(study: Study, key: questions.Key) -> list[strands.Table]:
    """The tables of strands that a number is computed from, of those that the study has."""
    known = [
        table
        for strand, table in strands.tables()
        if key.source in {each.id for each in strand.sources} and study.file(table.name)
    ]
    function = question(key.analysis, key.statistic).function
    named = READ.get(function) or READ.get(function.partition(":")[0]) or (key.instrument,)
    return [table for table in known if table.name in named] or known


def _people(page: Page, source: str, row: dict[str, object]) -> str:
    """How many people answered, of a survey; of other sources what is printed has to do.

    Whoever attacks what is printed is taken to know these numbers anyway
    (:mod:`analysis.disclosure.printed`).
    """
    surveys = {survey.id: survey.respondents for survey in page.study.surveys}
    # ``n`` is the smallest group that a share rests on; readers mean all of whom it is a share.
    whole = row["denominator"] if row["denominator"] == row["denominator"] else row["n"]
    if source not in surveys or whole != whole:
        return ""
    number = number_text(float(whole), 0)  # type: ignore[arg-type]
    return gettext("{number} {people}", number=number, people=surveys[source])


def _rule(page: Page, source: str, row: dict[str, object]) -> str:
    """Why a number is not shown as it was computed; nothing if it is."""
    if row["release"] == RELEASED and row["reason"]:
        return gettext(
            "Shown without its interval, from which a number that is not shown could be worked out."
        )
    if row["release"] == RELEASED:
        coarse = row["decimals"] == row["decimals"] and row["decimals"] is not None
        return (
            gettext("Shown with fewer decimals, so that no answer of few people can be worked out.")
            if coarse
            else ""
        )
    if row["release"] == BANDED:
        return gettext("Said in words: the number itself would tell of too few people.")
    who, least = _counted(page, source)
    if row["reason"] == GIVES_AWAY:
        return gettext(
            "Withheld: beside what else is shown it would give away a number that rests on too few."
        )
    if row["reason"] == FEW_SCHOOLS:
        least = page.study.disclosure.schools.minimum
        return ngettext(
            "Withheld: it rests on fewer than {number} school.",
            "Withheld: it rests on fewer than {number} schools.",
            least,
            number=least,
        )
    if row["reason"] == FEW_COMPLETE:
        return gettext(
            "Withheld: fewer than {number} {people} gave complete answers.",
            number=least,
            people=who,
        )
    # Nobody, or a few: which of the two is withheld as well.
    return gettext("Withheld: it rests on fewer than {number} {people}.", number=least, people=who)


def _counted(page: Page, source: str) -> tuple[str, int]:
    """Whom a source counts, and the least of them whose results are shown."""
    study = page.study
    for survey in study.surveys:
        if survey.id == source:
            return survey.respondents, study.asked(survey).minimum
    for each in strands.sources():
        if each.id == source:
            who = study.children.noun if each.counted == "children" else gettext(each.counted)
            return who, study.minimum(each.threshold)
    raise LookupError(f"nothing is released of '{source}'")  # pragma: no cover - a defect of ours
