"""One unit's released results, as a notebook opens them."""

from __future__ import annotations

import re
from collections import ChainMap
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import combinations
from pathlib import Path
from typing import Any

import pandas as pd

from analysis import study as studies
from analysis.disclosure import BANDED, RELEASED, Released, decide, draft, store
from analysis.disclosure.changes import Record
from analysis.disclosure.shares import LESS_THAN_HALF, NONE_OR_FEW, said
from analysis.disclosure.store import asked_column
from analysis.errors import AnalystError
from analysis.instruments import Instrument
from analysis.language import gettext, listed, now, sentence, speak
from analysis.places import project_root
from analysis.present.shown import NOT_AVAILABLE, WITHHELD, Cell, Part, number_text, p_text
from analysis.qualitative.interviewed import EVER
from analysis.qualitative.themes import codes_of
from analysis.questions import UnknownQuestion
from analysis.results import COHORT, OTHERS, pair, result_id
from analysis.strands import sources
from analysis.study import Group, Study
from analysis.words import inside, tidy


@dataclass(frozen=True)
class Compared:
    """One thing set beside others: a unit, and a group within it."""

    label: str
    unit: str
    group: str


#: Fields of a row that are on the points of its score, and so as coarse as release says.
ON_POINTS = ("value", "ci_low", "ci_high")
#: Among the rows asked for: which ids there are.
EVERY_ID = ("*", "*")


class Rows(Mapping[tuple[str, str], dict[str, Any]]):
    """Released rows by unit and id: a unit's own, and the programme's.

    Remembers which were asked for, those that are not there included: a report has to be made
    again only if one of these is another now.
    """

    def __init__(self, released: Released) -> None:
        self.released = released
        #: Unit and id of each row asked for.
        self.read: set[tuple[str, str]] = set()
        #: What tells rows apart, kept by whoever works it out.
        self.hashes: dict[tuple[str, str], str] = {}
        both = (released, released.programme)
        parts: Any = (each.by_id for each in both if each is not None)  # they are only read
        self._rows: ChainMap[tuple[str, str], dict[str, Any]] = ChainMap(*parts)

    def __getitem__(self, key: tuple[str, str]) -> dict[str, Any]:
        self.read.add(key)
        return self._rows[key]

    def __iter__(self) -> Iterator[tuple[str, str]]:
        self.read.add(EVERY_ID)
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)


class ProgrammeRows(Mapping[str, Mapping[str, Any]]):
    """The programme's released rows by id. Asks the page only for those that are used, since a
    report has to be made again when one of these changes."""

    def __init__(self, rows: Mapping[tuple[str, str], dict[str, Any]]) -> None:
        self._rows = rows

    def __getitem__(self, name: str) -> Mapping[str, Any]:
        return {**self._rows[COHORT, name], "blind": True}

    def __iter__(self) -> Iterator[str]:
        return (name for unit, name in self._rows if unit == COHORT)

    def __len__(self) -> int:
        return sum(1 for _ in self)


@dataclass(frozen=True)
class Page:
    """What a notebook may show: released results of its unit and of the programme.

    ``schools`` holds what may be said of a school by name (``id``, ``name``, ``letter``, and
    the groups it is in); ``texts`` the texts released for the unit; ``terms``
    the school terms in order of time (id and label), ``year_before`` the same term of the year
    before, where there was one, ``term_days`` when each ended; ``earlier`` what the last edition on
    record said of the unit, and
    ``files`` the hash of each data file now, if there is one; ``documents`` the study's authored YAML files; ``shared`` the rows
    of another page of the same unit, so that what any of several notebooks asked for is known in
    one place.
    """

    study: Study
    unit: str
    released: Released
    schools: pd.DataFrame
    texts: pd.DataFrame
    instruments: dict[str, Instrument]
    terms: dict[str, str] = field(default_factory=dict)
    documents: dict[str, Any] = field(default_factory=dict)
    year_before: dict[str, str] = field(default_factory=dict)
    term_days: dict[str, str] = field(default_factory=dict)
    earlier: Record | None = None
    files: dict[str, str] | None = None
    shared: Rows | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not isinstance(self.released, Released):
            raise TypeError("a page shows released results only")

    @property
    def is_school(self) -> bool:
        """Whether the page is one school's."""
        return self.unit != COHORT

    @cached_property
    def codes(self) -> pd.DataFrame:
        """The codebook as a frame: see :func:`analysis.qualitative.themes.codes_of`."""
        return codes_of(self.documents.get("codebook", {"themes": []}))

    @cached_property
    def rows(self) -> Rows:
        """The released rows by unit and id; those of the page this one was made from, if the same."""
        if self.shared is not None and self.shared.released is self.released:
            return self.shared
        return Rows(self.released)

    def ids_of(self, source: str, instrument: str, analysis: str) -> list[list[str]]:
        """The parts of the ids of the programme's results of one analysis."""
        self.rows.read.add(EVERY_ID)
        programme = self.released.programme or self.released
        return programme.of_programme.get((source, instrument, analysis), [])

    @cached_property
    def _texts(self) -> dict[str, pd.DataFrame]:
        if self.texts.empty:
            return {}
        return {str(kind): texts for kind, texts in self.texts.groupby("kind", sort=False)}

    def texts_of(self, kind: str) -> pd.DataFrame:
        """The released texts of one kind, in their order."""
        return self._texts.get(kind, self.texts.iloc[:0])

    @cached_property
    def facilitators(self) -> dict[str, dict[str, Any]]:
        """By code, the facilitators' answer that stands for it; of several the most chosen.

        Nothing that is shown only as "fewer than half" stands for one: it may be nobody.
        """
        found: dict[str, dict[str, Any]] = {}
        document = self.documents.get("facilitator_questions")
        for question in [] if document is None else document["questions"]:
            for option in question.get("options") or []:
                row = self.facilitators_answer(question["id"], option["id"])
                code = option.get("code")
                if not code or not row or row.get("band") in (LESS_THAN_HALF, NONE_OR_FEW):
                    continue
                if code not in found or row["value"] > found[code]["value"]:
                    found[code] = row
        return found

    def facilitators_answer(self, question: str, option: str) -> dict[str, Any] | None:
        """The released count of facilitators choosing an option, or the words for it."""
        at = ("facilitators", "survey", "answers", f"{question}-{option}", EVER, "all", "count")
        row = self.rows.get((COHORT, result_id(*at)))
        return row if row is not None and row["release"] in (RELEASED, BANDED) else None

    @cached_property
    def school(self) -> pd.Series:
        """The page's school."""
        return self.schools[self.schools["id"] == self.unit].iloc[0]

    def survey_id(self, population: str) -> str:
        """The id of the survey of a population: ``staff`` or ``pupils``."""
        for survey in self.study.surveys:
            if survey.population == population:
                return survey.id
        raise AnalystError(
            f"The study has no survey of {population}.",
            where=str(self.study.path("study.yaml")),
            fix="Add one under 'surveys', or leave out the notebooks and chapters that show it.",
        )

    def instruments_of(self, population: str) -> tuple[str, ...]:
        """Ids of the instruments that a population answered, in the study's order."""
        return self.study.survey(self.survey_id(population)).instruments

    @property
    def waves(self) -> str:
        """Baseline and follow-up as one part of an id."""
        return pair(self.study.baseline, self.study.followup)

    @property
    def compared(self) -> list[Compared]:
        """Who is set beside whom: the programme and its groups of schools, or a school and those.

        A school whose group is no benchmark (a special school) stands beside the programme alone.
        """
        if not self.is_school:
            return [Compared(gettext("All"), COHORT, "all"), *self.phases]
        own = [each for each in self.phases if each.group == self.own_phase]
        return [
            Compared(gettext("This school"), self.unit, "all"),
            *own,
            Compared(gettext("Programme"), COHORT, "all"),
        ]

    @property
    def others(self) -> str:
        """Whom the page's school is set beside, inside a sentence: the others of its group.

        All other schools where the study compares none; nothing for a group that is no benchmark.
        """
        if self.study.phases is None:
            return gettext("other schools")
        own = [inside(each.label) for each in self.phases if each.group == self.own_phase]
        return gettext("other {schools}", schools=own[0]) if own else ""

    @cached_property
    def phases(self) -> list[Compared]:
        """The programme's groups of schools that are compared, in the study's order."""
        phases = self.study.phases
        if phases is None:
            return []
        return [
            Compared(value.label, COHORT, phases.key(value.id))
            for value in phases.values
            if value.benchmark or not self.is_school
        ]

    @property
    def phase_pairs(self) -> list[Compared]:
        """Each two of these, as their differences are named in ids."""
        return [
            Compared(listed([one.label, other.label]), COHORT, pair(one.group, other.group))
            for one, other in combinations(self.phases, 2)
        ]

    def why_not_asked(self, survey: str, wave: str) -> str:
        """Why nobody of the page's school answered at a wave, as
        :func:`analysis.prepare.schools.absent` has it; empty if somebody did, or could."""
        column = asked_column(survey, wave)
        return str(self.school.get(column, "")) if self.is_school else ""

    @property
    def own_phase(self) -> str:
        """The group of the page's school among those compared, as named in ids."""
        phases = self.study.phases
        return phases.key(str(self.school[phases.column])) if phases else ""

    def groups_of(self, group: Group, known: Collection[str]) -> list[Compared]:
        """The programme's groups of one attribute: as the study lists them, else those ``known``.

        ``known`` are groups by their names in ids.
        """
        if group.values:
            return [Compared(v.label, COHORT, group.key(v.id)) for v in group.values]
        prefix = group.key("")
        own = sorted(group.among(known), key=in_order)
        if {name.removeprefix(prefix) for name in own} <= {"yes", OTHERS}:
            labels = {
                "yes": group.label,
                OTHERS: gettext("All others ({group})", group=inside(group.label)),
            }
            own.sort(reverse=True)
        else:
            labels = {}
        values = [name.removeprefix(prefix) for name in own]
        return [
            Compared(labels.get(value, tidy(value)), COHORT, name)
            for value, name in zip(values, own, strict=True)
        ]

    def row(self, who: Compared | None, *parts: str) -> dict[str, Any] | None:
        """The released row with this id: parts without unit and group where ``who`` gives them.

        ``parts`` are source, instrument, analysis, measure, wave and statistic; the group is
        ``who``'s, or everybody of the page's unit.
        """
        unit, group = (who.unit, who.group) if who else (self.unit, "all")
        source, instrument, analysis, measure, wave, statistic = parts
        self._refuse_unknown(source, instrument)
        identity = result_id(source, instrument, analysis, measure, wave, group, statistic)
        return self.rows.get((unit, identity))

    def _refuse_unknown(self, source: str, instrument: str) -> None:
        """Stop at a source or an instrument that the study does not have: a misspelt name."""
        known = self._instruments_by_source.get(source)
        if known is None or (known and instrument not in known):
            raise UnknownQuestion(f"the study has no results of '{source}.{instrument}'")

    @cached_property
    def _instruments_by_source(self) -> dict[str, frozenset[str]]:
        """What results of each source may be of; of a strand, anything."""
        surveys = {
            survey.id: frozenset(("survey", *survey.instruments)) for survey in self.study.surveys
        }
        return {source.id: frozenset[str]() for source in sources()} | surveys

    def number(self, who: Compared | None, *parts: str, decimals: int, name: str = "value") -> Cell:
        """A number as a cell: its text with its id; ``[c]`` if withheld, ``[x]`` if there is none."""
        row = self._asked(who, parts)
        if row is None:
            return self._absent(who, parts)
        return part(row, decimals, name)

    def interval(self, who: Compared | None, *parts: str, decimals: int) -> Cell:
        """A 95% interval as a cell."""
        row = self._asked(who, parts)
        if row is None:
            return self._absent(who, parts)
        if row["release"] != RELEASED:
            return part(row, decimals, "ci_low")
        if pd.isna(row["ci_low"]):
            # A number that is shown has a reason where its interval is withheld.
            return escaped_mark(WITHHELD if row.get("reason") else NOT_AVAILABLE)
        return between(part(row, decimals, "ci_low"), part(row, decimals, "ci_high"))

    def with_interval(self, who: Compared | None, *parts: str, decimals: int) -> Cell:
        """A number with its interval in brackets, if it has one, or its mark alone.

        In a narrow column the interval stays whole, below its number.
        """
        value = self.number(who, *parts, decimals=decimals)
        row = self.values(who, *parts)
        if row is None or pd.isna(row["ci_low"]):
            return value
        low, high = (part(row, decimals, end) for end in ("ci_low", "ci_high"))
        return sentence(
            "{value} ({low}\u00a0to\u00a0{high})", value=part(row, decimals), low=low, high=high
        )

    def p_value(self, who: Compared | None, *parts: str) -> Cell:
        """A p-value as a cell."""
        row = self._asked(who, parts)
        if row is None:
            return self._absent(who, parts)
        if row["release"] != RELEASED:
            return part(row, 3, "value")
        if pd.isna(row["value"]):
            return escaped_mark(NOT_AVAILABLE)
        return Part(p_text(row["value"]), row["unit"], row["id"], "value", 3)

    def _asked(self, who: Compared | None, parts: Sequence[str]) -> dict[str, Any] | None:
        """The row of a number; nothing where it was not asked, or nobody of the school answered."""
        row = self.row(who, *parts)
        if row is None or not self._could_be(parts):
            return None
        return None if row["reason"] == draft.NOT_ASKED and self._away(who, parts) else row

    def _absent(self, who: Compared | None, parts: Sequence[str]) -> str:
        """The mark where there is no result: of a survey in one school that is because too few
        answered, and whether it was none or a few is withheld too. But everybody knows what was not
        asked, and at which wave a school has no answers; how many were invited has a row wherever
        it is known; and what a strand has no row of was not supplied."""
        unit = who.unit if who else self.unit
        source, _, analysis, measure, _, statistic = parts
        asked_of = any(each.id == source for each in self.study.surveys)
        invited = analysis == "response" and (
            measure == "invited" or (measure, statistic) == ("responded", "percent")
        )
        none = unit == COHORT or not asked_of or invited or not self._could_be(parts)
        return escaped_mark(NOT_AVAILABLE if none or self._away(who, parts) else WITHHELD)

    def _away(self, who: Compared | None, parts: Sequence[str]) -> bool:
        """Whether the page's school has no answers at the wave, or at one of both, of a number."""
        if not self.is_school or (who is not None and who.unit != self.unit):
            return False
        ends = parts[4].lower().split("-") if parts[4] == self.waves else [parts[4].lower()]
        waves = [wave for wave in self.study.wave_ids if wave.lower() in ends]
        return any(self.why_not_asked(parts[0], wave) for wave in waves)

    def _could_be(self, parts: Sequence[str]) -> bool:
        """Whether the study asked an instrument at the wave, or at both waves, of a number."""
        source, instrument, _, _, at, _ = parts
        survey = next((each for each in self.study.surveys if each.id == source), None)
        if survey is None or instrument not in survey.instruments:
            return True
        waves = self.study.pair_of_waves if at == self.waves else (at,)
        asked = {wave.lower() for wave in survey.waves_of(instrument)}
        known = {wave.lower() for wave in self.study.wave_ids}
        return all(wave.lower() in asked or wave.lower() not in known for wave in waves)

    def shows(self, who: Compared | None, *parts: str) -> bool:
        """Whether there is such a number and it is released."""
        row = self.row(who, *parts)
        return row is not None and row["release"] == RELEASED and not pd.isna(row["value"])

    def values(self, who: Compared | None, *parts: str) -> dict[str, Any] | None:
        """The released row, or nothing where the number cannot be shown (for drawing)."""
        return self.row(who, *parts) if self.shows(who, *parts) else None


def in_order(name: str) -> tuple[int, bool, str]:
    """Groups of one attribute in order of the first number in their name, then by name.

    What lies under a number comes before what begins with it.
    """
    number = re.search(r"\d+", name)
    return int(number.group()) if number else 0, "under" not in name, name


def part(row: dict[str, Any], decimals: int, name: str = "value") -> Part:
    """A released row's number as shown: in words where release gave it a band, and with no more
    decimals than release lets through."""
    if row["release"] != RELEASED:
        band = (row.get("band") if name == "value" else "") or ""
        text = said(str(band)) if band else WITHHELD
    elif pd.isna(row[name]):
        text = NOT_AVAILABLE
    else:
        most = row.get("decimals")
        if name in ON_POINTS and most is not None and most == most:
            decimals = min(decimals, int(most))
        text = number_text(float(row[name]), decimals)
    return Part(text, str(row["unit"]), str(row["id"]), name, decimals)


def between(low: Part, high: Part) -> list[str | Part]:
    """An interval: from one number to another."""
    return sentence("{low} to {high}", low=low, high=high)


def escaped_mark(mark: str) -> str:
    """A shorthand in square brackets as Markdown."""
    return mark.replace("[", r"\[").replace("]", r"\]")


#: Pages that notebooks of one unit have opened, within :func:`kept_open`.
_KEPT: ContextVar[dict[tuple[str, ...], Page] | None] = ContextVar("kept", default=None)


@contextmanager
def kept_open() -> Iterator[None]:
    """Within, each page is read from disk once, however many notebooks open it.

    For the moments in which a command makes one unit's report, and nothing it reads changes.
    What any of them asked for is then in ``page.rows.read``.
    """
    before = _KEPT.set({})
    try:
        yield
    finally:
        _KEPT.reset(before)


def open_page(
    unit: str = COHORT,
    study: str = "data/raw",
    edition: str = "",
    baseline: str = "",
    followup: str = "",
    language: str = "",
) -> Page:
    """Open a unit's released results, as the first cell of every notebook does.

    From then on all that is shown is said in ``language``; none: as before, and English at first.

    Where the study has been prepared and released (``drp run``), reads only what this unit
    shows. Where it has not, computes everything, applies primary suppression, and marks the
    page provisional, so that *Run All* works in a fresh checkout.

    Raises
    ------
    AnalystError
        If the unit, a wave or the edition is not one of the study's.
    """
    speak(language)
    asked = (unit, study, edition, baseline, followup)
    kept = _KEPT.get()
    if kept is None:
        return _opened(*asked)
    key = (*asked, now())
    if key not in kept:
        kept[key] = _opened(*asked)
    # Every notebook gets frames of its own (pandas copies them only if they are written to).
    page = kept[key]
    return replace(
        page,
        schools=page.schools.copy(deep=False),
        texts=page.texts.copy(deep=False),
        shared=page.rows,
    )


def _opened(unit: str, study: str, edition: str, baseline: str, followup: str) -> Page:
    folder = Path(study)
    if not folder.is_absolute():
        folder = project_root() / folder
    found = studies.load(folder).with_waves(baseline, followup)
    if edition and edition != found.edition.id:
        raise AnalystError(
            f"The edition is '{found.edition.id}', not '{edition}'.",
            where=str(found.path("study.yaml")),
            fix="Change 'edition' there, or leave the parameter empty.",
        )
    saved = store.read(found, unit)
    if saved is not None:
        return page_of(found, unit, saved)
    # Only here: statistics take seconds to import, and a released study needs none.
    from analysis.compute import compute
    from analysis.prepare import prepare

    prepared = prepare(found, studies.key_folder(found))
    decided = decide(compute(prepared), found, prepared.schools)
    return page_of(found, unit, store.provisional(prepared, decided, unit))


def page_of(study: Study, unit: str, saved: store.Saved) -> Page:
    """The page of a unit's release."""
    return Page(
        study=study,
        unit=unit,
        released=saved.released,
        schools=saved.schools,
        texts=saved.texts,
        instruments=saved.instruments,
        terms=saved.terms,
        year_before=saved.year_before,
        term_days=saved.term_days,
        documents=saved.documents,
        earlier=saved.earlier,
        files=saved.files,
    )
