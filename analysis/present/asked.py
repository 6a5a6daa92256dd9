"""What a notebook is asked about: a survey, an instrument, the groups to compare; and in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analysis.errors import AnalystError
from analysis.instruments import Instrument
from analysis.language import N_, gettext, number_of
from analysis.present.page import Compared, Page, part
from analysis.present.shown import Cell, escaped
from analysis.study import SCHOOLS, Group, SmallestEffect
from analysis.words import inside, is_time, slug, tidy


@dataclass(frozen=True)
class Grouping:
    """A characteristic by which people are set beside each other.

    ``id`` is its name in ids of tests between its groups; ``groups`` are labels for readers by the
    groups' names in ids, in the study's order; ``of_schools`` is whether schools are divided by it.
    """

    id: str
    label: str
    groups: dict[str, str]
    of_schools: bool = False


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
        waves = page.study.pair_of_waves
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
    """The characteristics that people of a survey are compared by, with their groups.

    Only groups that have results, and characteristics with two of them or more.
    """
    asked = page.study.survey(survey)
    known = {
        parts[5]
        for instrument in asked.instruments
        for parts in page.ids_of(survey, instrument, "level")
    }
    found = []
    for group in page.study.breakdowns(asked):
        groups = {
            each.group: each.label for each in page.groups_of(group, known) if each.group in known
        }
        if len(groups) > 1:
            of_schools = group.of == SCHOOLS
            found.append(Grouping(slug(group.column), group.label, groups, of_schools))
    return found


def waves_of(page: Page, survey: str, instrument: str) -> list[str]:
    """The waves at which an instrument was asked, in time."""
    asked_at = page.study.survey(survey).waves_of(instrument)
    return [wave for wave in page.study.wave_ids if wave in asked_at]


def school_groups(page: Page) -> list[Compared]:
    """The groups of schools that the programme is divided into; none on a school's page."""
    return [] if page.is_school else page.phases


def characteristic(page: Page, name: str) -> str:
    """A characteristic's name for readers, by its name in ids; as Markdown."""
    labels = {slug(group.column): group.label for group in page.study.groups}
    return escaped(labels.get(name) or page.study.labels.get(name) or tidy(name))


#: What is no answer.
NO_ANSWER = {
    "not_answered": N_("Left blank"),
    "prefer_not_to_say": N_("Prefer not to say"),
    "dont_know": N_("Don't know"),
    "not_applicable": N_("Not applicable"),
}
#: What people say of themselves where the study names no groups.
SAID = {"yes": N_("Yes"), "no": N_("No"), **NO_ANSWER}


def described_as(page: Page, survey: str, measure: str) -> str:
    """A characteristic and its value, by their names in ids (``sex-girl``); as Markdown.

    Called what the study calls them, among the groups of the survey's people.
    """
    attribute, value = measure.split("-", 1)
    group = _group_of(page, survey, attribute)
    names = {slug(known): label for known, label in _values(group).items()}
    label = names.get(value) or (gettext(SAID[value]) if value in SAID else tidy(value))
    of = escaped(group.label) if group else characteristic(page, attribute)
    return f"{of}: {escaped(label)}"


def in_study_order(page: Page, survey: str) -> Callable[[str], tuple[int, str, int, int, str]]:
    """Of what :func:`described_as` calls: in the study's order, values by number, then by name."""
    columns = [slug(group.column) for group in page.study.groups]
    known = list(dict.fromkeys([*columns, *page.study.labels]))

    def key(measure: str) -> tuple[int, str, int, int, str]:
        attribute, value = measure.split("-", 1)
        place = known.index(attribute) if attribute in known else len(known)
        listed = [slug(each) for each in _values(_group_of(page, survey, attribute))]
        # Those that the study does not list come after, and what is no answer last.
        values = [*listed, "", *(each for each in SAID if each not in listed)]
        of_value = values.index(value if value in values else "")
        digits = "".join(c for c in value if c.isdigit())
        return place, attribute, of_value, int(digits or 0), value

    return key


def _group_of(page: Page, survey: str, attribute: str) -> Group | None:
    people = page.study.survey(survey).population
    known = (group for group in page.study.groups if slug(group.column) == attribute)
    return next((group for group in known if group.of in (people, SCHOOLS)), None)


def _values(group: Group | None) -> dict[str, str]:
    """A group's values as the study file lists them, with their labels."""
    if group is None:
        return {}
    return {each.id: each.label for each in group.values} or {each: each for each in group.order}


def group_label(page: Page, name: str) -> str:
    """A group of people for readers, by its name in ids; as Markdown."""
    for group in page.study.groups:
        for each in page.groups_of(group, {name}):
            if each.group == name:
                return escaped(each.label)
    return escaped(tidy(name))


def caption(page: Page, survey: str, *instruments: str, what: str) -> str:
    """A caption as Markdown: the survey, the instrument where it has several, and what is shown."""
    found = page.study.survey(survey)
    label = escaped(found.label)
    if len(instruments) == 1:
        short = escaped(page.instruments[instruments[0]].short)
        return gettext("{survey}, {instrument}: {what}", survey=label, instrument=short, what=what)
    return gettext("{survey}: {what}", survey=label, what=what)


def named(
    page: Page, called: Sequence[tuple[str, str]], rows: Sequence[list[Cell]]
) -> list[list[Cell]]:
    """Rows of several surveys in one table, each with what it is called before it.

    ``called`` are surveys by id, each with what its row is called, as Markdown. All rows name
    their survey where those of two would read alike.
    """
    names = told_apart(page, called)
    return [[name, *row] for name, row in zip(names, rows, strict=True)]


def told_apart(page: Page, rows: Sequence[tuple[str, str]]) -> list[str]:
    """What rows, or panels, of several surveys are called: with the survey, where two read alike."""
    if len(set(rows)) == len({name for _, name in rows}):
        return [name for _, name in rows]
    return [
        gettext("{survey}: {what}", survey=escaped(page.study.survey(survey).label), what=name)
        for survey, name in rows
    ]


def including(page: Page) -> str:
    """That what a school's page sets it beside is a total with the school in it; else nothing."""
    if not page.is_school or len(page.compared) < 2:
        return ""
    if len(page.compared) > 2:
        return gettext("The programme and its groups of schools include this school.")
    return gettext("The programme includes this school.")


def wave_words(page: Page, wave: str) -> str:
    """A wave inside a sentence, as Markdown."""
    return escaped(inside(page.study.wave(wave).label))


def when(page: Page, wave: str) -> str:
    """When a wave was, inside a sentence: at follow-up, in May 2032."""
    label = page.study.wave(wave).label
    said = inside(label)
    return gettext("in {wave}", wave=said) if is_time(label) else gettext("at {wave}", wave=said)


def at_wave(page: Page, wave: str) -> str:
    """When a wave was, inside a sentence, as Markdown."""
    return escaped(when(page, wave))


def first(label: str) -> str:
    """A label at the start of a sentence or a line: with a capital."""
    return label[:1].upper() + label[1:]


def everyday(instrument: Instrument, score: str) -> str:
    """What more of a score is more of, inside a sentence; plain text."""
    return _lowered(instrument.everyday(score))


def shows_scores(page: Page, survey: str = "") -> bool:
    """Whether any score of the page's unit is shown, of one survey or of any: a level or a change."""
    waves = page.study.pair_of_waves
    return any(
        any(page.shows(None, each.id, name, "level", score, wave, "mean") for wave in waves)
        or page.shows(None, each.id, name, "paired", score, page.waves, "difference")
        for each in page.study.surveys
        if survey in ("", each.id)
        for name, score in scores_of(page, each.instruments)
    )


def last_shown(page: Page, survey: str, instrument: str) -> str:
    """The later of the two waves at which any score of an instrument is shown; nothing if none."""
    scores = page.instruments[instrument].scores
    for wave in reversed(page.study.pair_of_waves):
        if any(page.shows(None, survey, instrument, "level", s, wave, "mean") for s in scores):
            return wave
    return ""


def scores_of(page: Page, instruments: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Instruments with each of their scores."""
    for instrument in instruments:
        for score in page.instruments[instrument].scores:
            yield instrument, score


def because(smallest: SmallestEffect) -> str:
    """Why a smallest effect has its size, as a part of a sentence; nothing where it is not said."""
    reason = smallest.reason.strip().rstrip(".")
    return f" ({escaped(reason)})" if reason else ""


def scale_words(label: str) -> str:
    """A scale's label inside a sentence; names in capitals keep them."""
    return escaped(_lowered(label))


def _lowered(label: str) -> str:
    words = [w if w != w.capitalize() or w.isupper() else w.lower() for w in label.split()]
    return " ".join(words)


def ends(found: Instrument, means: Mapping[str, dict[str, Any]]) -> tuple[list[str], list[str]]:
    """Scores with the highest and with the lowest mean, as they are printed; those alike together.

    ``means`` are rows by score. Nothing where all are printed alike: then none is the highest.
    """
    printed = {
        score: number_of(part(row, found.decimals(score)).text) for score, row in means.items()
    }
    low, high = min(printed.values()), max(printed.values())
    if low == high:
        return [], []
    highest, lowest = ([s for s, mean in printed.items() if mean == end] for end in (high, low))
    return highest, lowest
