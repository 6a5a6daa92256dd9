"""What a notebook is asked about: a survey, an instrument, the groups to compare; and in words."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from analysis.errors import AnalystError
from analysis.present.page import Compared, Page
from analysis.present.shown import escaped
from analysis.results import COHORT, OTHERS, group_id

#: The characteristic of a school by which its page is set beside others.
PHASE = "reporting_phase"


@dataclass(frozen=True)
class Grouping:
    """A characteristic by which people are set beside each other: its groups with their labels."""

    id: str
    label: str
    values: dict[str, str]


def survey_of(page: Page, survey: str = "") -> str:
    """The survey asked about; if none is named, the first that anybody of the unit answered.

    Raises
    ------
    AnalystError
        If the study has no such survey, or none at all.
    """
    known = [each.id for each in page.study.surveys]
    if survey in known:
        return survey
    if survey or not known:
        raise AnalystError(
            f"The study has no survey '{survey}'." if survey else "The study has no survey.",
            where=str(page.study.path("study.yaml")),
            fix=f"Its surveys are: {', '.join(known)}." if known else "Add one under 'surveys'.",
        )
    who = page.compared[0]
    for each in known:
        waves = (page.study.baseline, page.study.followup)
        at = (each, "survey", "response", "responded")
        if any(page.shows(who, *at, wave, "count") for wave in waves):
            return each
    return known[0]


def instrument_of(page: Page, survey: str, instrument: str = "") -> str:
    """The instrument asked about; if none is named, the one of the survey's headline.

    Raises
    ------
    AnalystError
        If the survey has no such instrument.
    """
    found = page.study.survey(survey)
    if not instrument:
        return found.headline.split(".")[0]
    if instrument not in found.instruments:
        raise AnalystError(
            f"The survey '{survey}' has no instrument '{instrument}'.",
            where=str(page.study.path("study.yaml")),
            fix=f"Its instruments are: {', '.join(found.instruments)}.",
        )
    return instrument


def groupings(page: Page, survey: str) -> list[Grouping]:
    """The characteristics that people of a survey are compared by, with their released groups."""
    asked = page.study.survey(survey)
    names = {
        parts[5]
        for instrument in asked.instruments
        for parts in page.ids_of(survey, instrument, "moderation")
    }
    groups = {
        parts[5]
        for instrument in asked.instruments
        for parts in page.ids_of(survey, instrument, "paired")
    }
    prefixed = tuple(f"{name}_" for name in names)
    found = []
    for name in sorted(names, key=_place(page)):
        if name == PHASE:
            values = {c.group: c.label for c in school_groups(page)}
        elif name == "role":
            phase = {c.group for c in school_groups(page)}
            rest = sorted(g for g in groups - phase - {"all"} if not g.startswith(prefixed))
            values = {value: _words(value) for value in rest}
        else:
            own = [g.removeprefix(f"{name}_") for g in groups if g.startswith(f"{name}_")]
            values = {value: _words(value) for value in sorted(own, key=_numbered)}
            if set(values) == {"yes", OTHERS}:
                values = {"yes": characteristic(page, name, plain=True), OTHERS: "All others"}
        values = {v: label for v, label in values.items() if group_id(name, v) in groups}
        if len(values) > 1:
            found.append(Grouping(name, characteristic(page, name, plain=True), values))
    return found


def school_groups(page: Page) -> list[Compared]:
    """The groups of schools that the programme is divided into."""
    found = page.compared
    return [c for c in found if c.unit == COHORT and c.group != "all"] if not page.is_school else []


def characteristic(page: Page, name: str, *, plain: bool = False) -> str:
    """A characteristic's name for readers, as Markdown unless ``plain``."""
    fallback = "Phase" if name == PHASE else _words(name)
    label = page.study.labels.get(name, fallback)
    return label if plain else escaped(label)


def caption(page: Page, survey: str, *instruments: str, what: str) -> str:
    """A caption as Markdown: the survey, the instrument where it has several, and what is shown."""
    found = page.study.survey(survey)
    subject = escaped(found.label)
    if len(instruments) == 1:
        subject += f", {escaped(page.instruments[instruments[0]].short)}"
    return f"{subject}: {what}"


def inside(label: str) -> str:
    """A label inside a sentence: "Follow-up" becomes "follow-up", "May 2013" and "NQT" stay."""
    first, _, rest = label.partition(" ")
    is_name = first in calendar.month_name or any(c.isdigit() for c in label)
    if is_name or first[1:] != first[1:].lower() or first[1:2] == "-":
        return label
    return " ".join(filter(None, (first.lower(), rest)))


def scores_of(page: Page, instruments: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Instruments with each of their scores."""
    for instrument in instruments:
        for score in page.instruments[instrument].scores:
            yield instrument, score


def listed(names: Sequence[str]) -> str:
    """Names in a sentence: a, b and c."""
    return "".join(names) if len(names) < 2 else ", ".join(names[:-1]) + " and " + names[-1]


def _words(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _place(page: Page) -> Callable[[str], tuple[int, str]]:
    known = [PHASE, *page.study.labels]
    return lambda name: (known.index(name) if name in known else len(known), name)


def _numbered(value: str) -> tuple[int, bool, str]:
    """Values in order of their numbers; what lies under a number comes first."""
    number = re.search(r"\d+", value)
    return int(number.group()) if number else 0, not value.startswith("under"), value
