"""What is being evaluated: waves, schools, surveys, thresholds and the edition.

``study.yaml`` in the study folder is read into :class:`Study`. Every mistake in it is
reported with its key, the value found and what is allowed.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Annotated, Any, Literal, TypeVar

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from analysis import handwritten, synthetic, upgrade
from analysis import strands as registry
from analysis.errors import AnalystError
from analysis.handwritten import Lined
from analysis.language import ENGLISH, N_, gettext, in_language, known
from analysis.names import fault
from analysis.places import WITHOUT_NUMBERS, private, refuse_strange, within
from analysis.words import slug, tidy

SCHEMA_VERSION = 2
SAFE_LOADER = handwritten.SAFE_LOADER

#: Who is asked: the release rules for children are stricter.
Kind = Literal["adults", "children"]
#: Smallest numbers of people whose results may leave; a study may ask for more, never for fewer.
FLOORS: dict[str, int] = {"adults": 5, "children": 10}
#: Whose groups may be set beside each other besides the populations': schools', interviewees'.
SCHOOLS, INTERVIEWEES = "schools", "interviewees"
ExportFormat = Literal[
    "auto",
    "qualtrics_csv",
    "qualtrics_legacy_csv",
    "microsoft_forms_xlsx",
    "google_forms_csv",
    "surveymonkey_csv",
    "jisc_csv",
    "jisc_sav",
    "limesurvey_csv",
    "redcap_csv",
    "xlsform_csv",
    "data_entry_xlsx",
    "spss_sav",
    "stata_dta",
    "plain_csv",
    "plain_xlsx",
]
#: Folders of a study that are read for what they are called.
OF_FIXED_NAMES = ("published", "questionnaires")
M = TypeVar("M", bound=BaseModel)
#: Between mistakes of one file, in a message.
AND = "\n    "
#: How pydantic calls an unknown key.
EXTRA = "extra_forbidden"
#: What stands in place of a list, or of keys and values: its kind of mistake, and what to say of it.
SHAPES = {
    "tuple_type": "should be a list",
    "list_type": "should be a list",
    "dict_type": "should hold keys and values",
    "model_type": "should hold keys and values",
    "missing": "is needed, and is not there",
    "string_type": "should be text",
    "int_type": "should be a whole number",
    "int_parsing": "should be a whole number",
    "int_from_float": "should be a whole number",
    "float_type": "should be a number",
    "float_parsing": "should be a number",
    "bool_type": "should be true or false",
    "bool_parsing": "should be true or false",
    "date_type": "should be a date such as 2018-03-14",
    "date_parsing": "should be a date such as 2018-03-14",
    "date_from_datetime_parsing": "should be a date such as 2018-03-14",
    "date_from_datetime_inexact": "should be a date such as 2018-03-14",
    "string_too_short": "may not be empty",
}


def _safe(name: str) -> str:
    """An id that names files of its own kind."""
    if why := fault(name, own=False):
        raise ValueError(why)
    return name


def _safe_on_site(name: str) -> str:
    """An id that names a folder beside others of the site."""
    if why := fault(name):
        raise ValueError(why)
    return name


def _in_study_folder(name: str) -> str:
    """The name, or pattern, of a file of the study folder."""
    parts = (*PurePosixPath(name).parts, *PureWindowsPath(name).parts)
    if not name.isprintable() or "\\" in name or PureWindowsPath(name).drive:
        raise ValueError("is not the name of a file, with / between folders")
    if not parts or name.startswith("/") or ".." in parts:
        raise ValueError("leads out of the study folder")
    return name


Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
#: An identifier that names files.
NamesFiles = Annotated[Identifier, AfterValidator(_safe)]
InStudyFolder = Annotated[str, AfterValidator(_in_study_folder)]
#: A language by its code: ``en``, ``cy``, ``pt-BR``.
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Z]{2})?$")]
#: Words that people read: in one language, or in several by their codes.
Words = str | dict[Language, str]


class Model(BaseModel):
    """Base of every part of the study file: closed (unknown keys are errors) and immutable."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Edition(Model):
    """One published issue of the reports. Dates in reports come from here, never from the clock."""

    id: Annotated[str, AfterValidator(_safe_on_site)] = Field(description="names the output folder")
    date: dt.date = Field(description="year-month-day; the date that stands in the reports")
    term: str = Field(description="as readers know it, e.g. 'Summer term 2026'")


class Wave(Model):
    """One round of data collection."""

    id: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9]*$", description="a short name, e.g. T1")
    label: str = Field(
        description="as readers know it, e.g. 'Baseline'; in sentences after 'in' if it is a month, "
        "season, term or year ('October 2024'), else after 'at'"
    )
    start: dt.date = Field(description="first day on which anybody answered")
    end: dt.date = Field(description="last day")

    @model_validator(mode="after")
    def _starts_before_it_ends(self) -> Wave:
        if self.end < self.start:
            raise ValueError("end is before start")
        return self


class Export(Model):
    """One file from a survey tool: one wave of one survey."""

    wave: str = Field(description="id of one of the waves")
    file: InStudyFolder = Field(description="the export as it came, in the study folder")
    format: ExportFormat = Field(
        default="auto", description="recognised by its first rows, unless stated"
    )
    sheet: str | None = Field(default=None, description="of a workbook; default: its first")
    mapping: InStudyFolder | None = Field(
        default=None,
        description="YAML file saying which column is which item; none: made with a questionnaire "
        "of `drp questionnaire`",
    )
    instruments: tuple[NamesFiles, ...] = Field(
        default=(),
        description="which of the survey's instruments it asks, where one came or went or changed "
        "version; default: all",
    )


class Rules(Model):
    """Which rows of a survey's exports are used, and how a person's rows are linked.

    Whatever is set aside or flagged is counted. Empty rows, previews, tests and rows without
    consent are always set aside.
    """

    consent: Literal["if_asked", "required"] = Field(
        default="if_asked", description="'required' also sets aside rows that do not say"
    )
    tests: tuple[str, ...] = Field(
        default=("test",), description="names of a school that mark a row as a test"
    )
    before_start: Literal["keep", "set_aside"] = Field(
        default="keep", description="rows from before the wave (of that school) began; flagged"
    )
    other_wave: Literal["keep", "set_aside"] = Field(
        default="set_aside",
        description="rows from outside their own wave (of that school) and within another; kept, "
        "they are flagged like rows from within none",
    )
    unfinished: Literal["keep", "set_aside"] = Field(
        default="keep", description="responses that were not sent off; flagged"
    )
    minimum_answers: int = Field(
        default=0, ge=0, description="rows with fewer answered items are set aside"
    )
    unidentified: Literal["set_aside", "keep"] = Field(
        default="set_aside", description="rows without a person's code; kept, they link to nothing"
    )
    duplicates: Literal["most_complete", "latest", "first", "refuse"] = Field(
        default="most_complete",
        description="which of a person's responses at one wave is used: the fullest, and of "
        "equally full ones the latest; the latest, even if emptier; the first",
    )
    out_of_range: Literal["refuse", "missing"] = Field(
        default="refuse", description="whole numbers outside an item's range"
    )
    linking: Literal["exact", "normalised", "one_character"] = Field(
        default="normalised", description="how alike the codes of one person have to be"
    )
    must_agree: tuple[str, ...] = Field(
        default=(), description="attributes, e.g. sex, in which linked rows may not differ"
    )
    speeders: float = Field(
        default=1 / 3, ge=0, lt=1, description="flagged below this share of the median duration"
    )
    straight_lining: int = Field(
        default=10, ge=3, description="items of one instrument all answered alike to be flagged"
    )


class Survey(Model):
    """A questionnaire answered by one population at each wave."""

    id: NamesFiles = Field(description="names the survey in ids and commands")
    label: str = Field(description="as readers know it, e.g. 'Staff survey'")
    population: str = Field(description="id of one of the study's populations")
    respondents: str = Field(
        default="", description="the plural noun used in sentences, if not the population's"
    )
    instruments: tuple[NamesFiles, ...] = Field(
        description="files instruments/<id>.yaml, by their ids"
    )
    exports: tuple[Export, ...] = Field(description="its files, one or several for each wave")
    invited: dict[str, str] = Field(
        default_factory=dict, description="wave id -> column of the schools table"
    )
    headline: str = Field(
        description="instrument.subscale shown first, e.g. 'wellbeing.total'",
        pattern=r"^[a-z0-9_]+\.[a-z0-9_]+$",
    )
    rules: Rules = Field(
        default=Rules(), description="which rows are used, and how people are found again"
    )
    perceived_change: tuple[str, ...] = Field(
        default=(), description="mapped yes / no / don't know questions on what has changed"
    )

    def waves_of(self, instrument: str) -> tuple[str, ...]:
        """The waves at which a file asks one of the survey's instruments."""
        asked = [each.wave for each in self.exports if instrument in self.asks(each)]
        return tuple(dict.fromkeys(asked))

    @property
    def taken(self) -> frozenset[str]:
        """The waves at which it was taken."""
        return frozenset(each.wave for each in self.exports)

    def asks(self, export: Export) -> tuple[str, ...]:
        """The instruments that one of its files asks, in the survey's order."""
        named = export.instruments or self.instruments
        return tuple(name for name in self.instruments if name in named)


class SmallestEffect(Model):
    """The smallest change worth having, in points of the instrument's scores."""

    points: float = Field(gt=0, description="in points of the instrument's scores")
    reason: str = Field(default="", description="why this size, shown in the report")
    confirmed: bool = Field(
        default=False, description="whether the programme has agreed; the report says if it has not"
    )


class CodedText(Model):
    """Coded passages in the export of a qualitative tool."""

    file: InStudyFolder = Field(description="file, or project folder, in the study folder")
    form: Literal["auto", "taguette", "qualcoder", "refi", "spreadsheet"] = Field(
        default="auto", description="of which tool; recognised, unless stated"
    )
    coder: str = Field(default="", description="who coded it, for tools that do not say")
    project: str = Field(default="", description="which project, where the file holds several")


class Population(Model):
    """Who is asked."""

    id: Identifier = Field(description="names the population in ids")
    kind: Kind = Field(default="adults", description="children are under stricter release rules")
    noun: str = Field(description="plural, as used inside a sentence, e.g. 'parents'")
    one: str = Field(default="", description="one of them, e.g. 'parent'")
    minimum: int = Field(
        default=0,
        ge=0,
        description="smallest number of them whose results may leave; 0: that of their kind",
    )

    @model_validator(mode="after")
    def _not_below_the_floor(self) -> Population:
        floor = FLOORS[self.kind]
        if self.minimum and self.minimum < floor:
            raise ValueError(
                f"minimum: {self.minimum} is below {floor}, the least that is kept for {self.kind}"
            )
        if not self.minimum:
            object.__setattr__(self, "minimum", floor)
        if not self.one:
            object.__setattr__(self, "one", f"one of the {self.noun}")
        return self


class Value(Model):
    """One group: a value of a column, and how readers know it."""

    id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_]*$", description="as in the column")
    label: str = Field(description="as readers know it, e.g. 'Primary schools'")
    one: str = Field(default="", description="one of them, in attributions: 'Teacher'")
    benchmark: bool = Field(
        default=True,
        description="whether its schools are set beside the others of the group; false where they "
        "are too unlike others, and each other",
    )
    apart: bool = Field(
        default=False, description="of interviewees: counted by themselves, never among all"
    )


class Group(Model):
    """A division of schools or people into groups that are set beside each other.

    Its groups speak for themselves in ids (``primary``) where ``values`` lists them; otherwise
    they are found in the data, and carry the column's name (``year_group_year_4``).
    """

    id: Identifier = Field(description="names the group in ids")
    of: str = Field(description="'schools', 'interviewees', or a population's id")
    column: str = Field(default="", description="of the schools table or mapping; default: id")
    by_wave: dict[str, str] = Field(
        default_factory=dict, description="of schools: wave -> column, where it changed"
    )
    label: str = Field(default="", description="as readers know it; default: the column's name")
    one: str = Field(default="", description="of interviewees: one whose group is not said")
    values: tuple[Value, ...] = Field(
        default=(), description="its groups, in order; none: those found in the data"
    )
    bands: tuple[float, ...] = Field(
        default=(),
        description="of people, whose answer is a number (years, age): where each band begins, as "
        "[0, 5, 10, 20]; neighbours of which one has too few people are joined",
    )
    order: tuple[str, ...] = Field(
        default=(),
        description="of people, whose answers have an order: all of them, from one end to the "
        "other; neighbours of which one has too few people are joined",
    )
    compare: bool = Field(default=False, description="of schools: whether they are compared")
    gap: bool = Field(
        default=False,
        description="of people, answered by yes or no: whether the distance of those who said yes "
        "from all others is followed",
    )
    aims: tuple[str, ...] = Field(
        default=(),
        description="of people with 'gap': codes of the codebook, of aims of plans that may help them",
    )

    @model_validator(mode="after")
    def _fits(self) -> Group:
        if not self.column:
            object.__setattr__(self, "column", self.id)
        if not self.label:
            object.__setattr__(self, "label", tidy(self.column))
        _refuse_duplicates((value.id for value in self.values), f"groups.{self.id}: value")
        if self.by_wave and self.of != SCHOOLS:
            raise ValueError(f"groups.{self.id}.by_wave: only groups of schools have it")
        if self.compare and self.of != SCHOOLS:
            raise ValueError(f"groups.{self.id}.compare: only groups of schools have it")
        if self.aims and not self.gap:
            raise ValueError(f"groups.{self.id}.aims: only groups with 'gap: true' have it")
        if self.of != INTERVIEWEES and any(value.apart for value in self.values):
            raise ValueError(f"groups.{self.id}.values: only groups of interviewees have 'apart'")
        if self.gap and self.of in (SCHOOLS, INTERVIEWEES):
            raise ValueError(
                f"groups.{self.id}.gap: only groups of people who are surveyed have it"
            )
        if self.bands or self.order:
            self._has_order()
        if self.of != INTERVIEWEES and len(self.values) == 1:
            raise ValueError(f"groups.{self.id}: one group has nothing to be compared with")
        if self.compare and not self.values:
            raise ValueError(f"groups.{self.id}: groups that are compared have to be listed")
        return self

    def _has_order(self) -> None:
        which = "bands" if self.bands else "order"
        if self.of in (SCHOOLS, INTERVIEWEES):
            raise ValueError(f"groups.{self.id}.{which}: only groups of surveyed people have it")
        if self.values or self.gap or (self.bands and self.order):
            raise ValueError(
                f"groups.{self.id}.{which}: not beside 'values', 'gap', or both of these"
            )
        if len(self.bands or self.order) < 2:
            raise ValueError(f"groups.{self.id}.{which}: needs two or more")
        if list(self.bands) != sorted(set(self.bands)):
            raise ValueError(f"groups.{self.id}.bands: each has to begin above the one before")
        _refuse_duplicates(self.order, f"groups.{self.id}.order: value")

    def key(self, value: str) -> str:
        """A group's name in ids of the ledger."""
        return slug(value) if self.lists(value) else f"{slug(self.column)}_{slug(value)}"

    @property
    def not_said(self) -> str:
        """The name in ids of those of whom no group is said, where they are a part of their own."""
        return f"{slug(self.column)}_not_said"

    def among(self, names: Iterable[str]) -> list[str]:
        """Those names in ids of the ledger that are groups of this attribute, in their order."""
        listed, prefix = {self.key(value) for value in self.ids}, f"{slug(self.column)}_"
        return [name for name in names if name in listed or name.startswith(prefix)]

    def lists(self, value: str) -> bool:
        """Whether the study lists this group."""
        return any(each.id == value for each in self.values)

    def value_label(self, value: str) -> str:
        """A group's name for readers."""
        return next((each.label for each in self.values if each.id == value), tidy(value))

    @property
    def ids(self) -> tuple[str, ...]:
        """The groups that the study lists."""
        return tuple(value.id for value in self.values)


class Threshold(Model):
    """Smallest number of people (or places) whose results may leave."""

    minimum: int = Field(ge=1, description="smallest number whose results may leave")


class Protection(Model):
    """What a reader may not narrow down further: half-widths of intervals that stay open."""

    mean: float = Field(
        default=0.25, ge=0.25, le=0.5, description="of few people's mean: a share of its range"
    )
    count: int = Field(
        default=3, ge=3, description="of a withheld number of people, or all it can be if less"
    )


class Disclosure(Model):
    """Release thresholds of what is no survey; those of surveys stand with the populations."""

    interviewees: Threshold = Field(
        default=Threshold(minimum=3), description="people interviewed: at least 3"
    )
    facilitators: Threshold = Field(
        default=Threshold(minimum=3), description="facilitators: at least 3"
    )
    schools: Threshold = Field(
        default=Threshold(minimum=3), description="schools in sums over schools: at least 3"
    )
    free_text: Threshold = Field(
        default=Threshold(minimum=10),
        description="people who wrote in their own words: at least 10",
    )
    protection: Protection = Field(
        default=Protection(), description="what a reader may not narrow down further"
    )

    @model_validator(mode="after")
    def _not_below_the_floors(self) -> Disclosure:
        floors = {"interviewees": 3, "facilitators": 3, "schools": 3, "free_text": 10}
        for name, floor in floors.items():
            found = getattr(self, name).minimum
            if found < floor:
                raise ValueError(f"{name}.minimum: {found} is below {floor}, the least allowed")
        return self


class Synthetic(Model):
    """What every page says while the study uses a file that ``SYNTHETIC`` lists."""

    notice: str = Field(
        default=N_("Some of the data are synthetic: people, answers and quotations are invented."),
        description="what every report says at its head",
    )
    notice_short: str = Field(
        default=N_("Synthetic data; people and answers are invented"),
        description="the same for the foot of every page",
    )


class Theme(Model):
    """A theme that several surveys ask about: a school's report sets their scores beside each other."""

    id: Identifier = Field(description="names the theme")
    label: str = Field(description="as readers know it, e.g. 'A say in decisions'")
    scores: dict[str, str] = Field(
        description="survey id -> its score on the theme, as instrument.score"
    )


class Likeness(Model):
    """A number of the schools table by which schools are alike: those in one of its bands."""

    column: str = Field(description="of the schools table; schools without a number are like none")
    label: str = Field(description="as readers know it, e.g. 'number on roll'")
    bands: tuple[float, ...] = Field(
        default=(),
        description="where each band begins, as [0, 200, 400]; none: thirds of the study's schools, "
        "refused where one has fewer than three",
    )

    @model_validator(mode="after")
    def _in_order(self) -> Likeness:
        if len(self.bands) == 1 or list(self.bands) != sorted(set(self.bands)):
            raise ValueError(
                f"similar: the bands of {self.column} have to be two or more, each beginning above "
                "the one before"
            )
        return self


class Report(Model):
    """What the reports hold."""

    chapters: tuple[str, ...] = Field(
        default=(), description="in order; none: whatever the study has data for"
    )
    themes: tuple[Theme, ...] = Field(
        default=(),
        description="what several surveys ask about, set beside each other in a school's report",
    )
    letter: bool = Field(
        default=False, description="whether a school's report ends with a letter to parents"
    )
    languages: tuple[Language, ...] = Field(
        default=(ENGLISH,),
        min_length=1,
        description="in which schools' reports are written, the main one first; the programme's "
        "is in the main one. Any words of the study that readers see may be one text, or language "
        "-> text",
    )

    @field_validator("languages")
    @classmethod
    def _have_catalogues(cls, languages: tuple[str, ...]) -> tuple[str, ...]:
        for language in languages:
            if language not in known():
                raise ValueError(
                    f"there are no words of the reports in '{language}'; there are in "
                    f"{_listed(known())}"
                )
        _refuse_duplicates(languages, "language")
        return languages


class Study(Model):
    """The study file, checked. ``folder`` is where it was read from."""

    schema_version: Literal[2] = Field(description="2, the version described here")
    id: NamesFiles = Field(description="names the study's folder among the reports")
    title: str = Field(description="of the programme, as reports are headed")
    subtitle: str = Field(default="", description="of the report")
    programme: str = Field(description="as used inside a sentence, e.g. 'the project'")
    short: str = Field(description="the title in short, e.g. its first letters")
    organisation: str = Field(description="who answers for the report")
    population_note: str = Field(default="", description="the population inferred to, in words")
    notice: str = Field(default="", description="shown on every page")
    notice_short: str = Field(default="", description="the same for the foot of every page")
    synthetic: Synthetic | None = Field(
        default=None, description="only while SYNTHETIC lists a file that the study uses"
    )
    objectives: tuple[str, ...] = Field(
        default=(), description="what the programme set out to do; conclusions answer them"
    )
    languages: tuple[Language, ...] = Field(
        default=("en",), min_length=1, description="of questionnaires, the main one first"
    )
    edition: Edition = Field(description="this issue of the reports; the next has another id")
    waves: tuple[Wave, ...] = Field(min_length=1, description="rounds of asking, in order of time")
    baseline: str = Field(default="", description="wave to start from; default: the first")
    followup: str = Field(
        default="", description="wave to compare with it; default: the last, none with one wave"
    )
    populations: tuple[Population, ...] = Field(min_length=1, description="who is asked")
    groups: tuple[Group, ...] = Field(
        default=(), description="how people or schools are set beside each other"
    )
    surveys: tuple[Survey, ...] = Field(min_length=1, description="the questionnaires")
    schools: InStudyFolder = Field(default="schools.csv", description="table of the schools")
    started: str = Field(
        default="",
        description="column of the schools table: the day on which each school began with the "
        "programme",
    )
    comparison: str = Field(
        default="",
        description="column of the schools table with yes for schools that did not take part, or "
        "only later: they are compared with, and nothing else is said of them",
    )
    similar: tuple[Likeness, ...] = Field(
        default=(),
        description="by what schools are similar, beside the group of those compared: each school "
        "is also set beside the others in the same band of all of these",
    )
    wave_dates: InStudyFolder | None = Field(
        default=None, description="each school's own dates: school, wave, start, end"
    )
    reference_population: InStudyFolder | None = Field(
        default=None,
        description="whom respondents are set against: survey, attribute, value, count, source",
    )
    strands: dict[str, dict[str, InStudyFolder]] = Field(
        default_factory=dict,
        description="evidence beside the surveys: strand -> its files, or patterns of files",
    )
    labels: dict[str, str] = Field(
        default_factory=dict, description="attribute of respondents -> its name for readers"
    )
    coded_text: tuple[CodedText, ...] = Field(
        default=(), description="coded interviews from qualitative tools, beside the segments"
    )
    codebook: InStudyFolder | None = Field(
        default=None, description="codes of interviews, texts and plans"
    )
    brand: InStudyFolder | None = Field(
        default=None,
        description="colours, typeface and logo of the reports (below); none: the package's own",
    )
    retention: dict[InStudyFolder, dt.date] = Field(
        default_factory=dict,
        description="file of the study folder -> last day on which it is kept (drp retire)",
    )
    report: Report = Field(default=Report(), description="what the reports hold")
    disclosure: Disclosure = Field(
        default=Disclosure(), description="release thresholds of what is no survey"
    )
    smallest_effects: dict[str, SmallestEffect] = Field(
        default_factory=dict, description="instrument id -> smallest effect of interest"
    )
    folder: Path = Field(default=Path("."), exclude=True)

    @field_validator("surveys")
    @classmethod
    def _survey_ids_differ(cls, surveys: tuple[Survey, ...]) -> tuple[Survey, ...]:
        _refuse_duplicates((survey.id for survey in surveys), "survey id")
        return surveys

    @field_validator("strands")
    @classmethod
    def _strands_are_known(cls, strands: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
        for name, files in strands.items():
            if name not in registry.BY_ID:
                raise ValueError(
                    f"strands.{name}: there is no such strand; strands are "
                    f"{_listed(registry.BY_ID)}"
                )
            keys = registry.strand(name).keys
            for key in files:
                if key not in keys:
                    raise ValueError(
                        f"strands.{name}.{key}: there is no such key; it may have {_listed(keys)}"
                    )
        return strands

    @model_validator(mode="after")
    def _names_exist(self) -> Study:
        waves = [wave.id for wave in self.waves]
        # One wave is its own follow-up: what asks for two is not asked (Study.compares).
        for key, default in (("baseline", waves[0]), ("followup", waves[-1])):
            if not getattr(self, key):
                object.__setattr__(self, key, default)
        wrong = [*self._wrong_waves(waves), *self._wrong_groups(waves)]
        wrong += (each for survey in self.surveys for each in self._wrong_survey(survey, waves))
        wrong += self._wrong_themes()
        if wrong:
            raise ValueError(AND.join(wrong))
        for survey in self.surveys:
            if not survey.respondents:
                noun = self.population(survey.population).noun
                object.__setattr__(survey, "respondents", noun)
        return self

    def _wrong_waves(self, waves: list[str]) -> Iterator[str]:
        yield from _twice((wave.lower() for wave in waves), "wave id")
        strange = [key for key in ("baseline", "followup") if getattr(self, key) not in waves]
        for key in strange:
            yield f"{key}: '{getattr(self, key)}' is not a wave; waves are {_listed(waves)}"
        if strange:
            return
        if len(waves) > 1 and self.baseline == self.followup:
            yield "followup: must differ from baseline"
        if waves.index(self.followup) < waves.index(self.baseline):
            yield "followup: comes before baseline in the list of waves"

    def _wrong_groups(self, waves: list[str]) -> Iterator[str]:
        populations = [population.id for population in self.populations]
        yield from _twice(populations, "population id")
        yield from _twice((group.id for group in self.groups), "group id")
        allowed = [SCHOOLS, INTERVIEWEES, *populations]
        seen: dict[str, str] = {"all": "everybody"}
        # Interviewees are no respondents: their groups may have the same names, but one each.
        interviewed = dict(seen)
        for group in self.groups:
            taken = interviewed if group.of == INTERVIEWEES else seen
            if group.of not in allowed:
                yield f"groups.{group.id}.of: '{group.of}' is none of {_listed(allowed)}"
            for wave in group.by_wave:
                if wave not in waves:
                    yield f"groups.{group.id}.by_wave: '{wave}' is not a wave"
            for value in group.values:
                # Ids of the ledger say a listed group by its value alone.
                name = slug(value.id)
                if name in taken:
                    yield (
                        f"groups.{group.id}: the value '{value.id}' already stands for "
                        f"{taken[name]}; use another word for one of them"
                    )
                taken[name] = f"a group of {group.id}"
        yield from _twice((each.column for each in self.similar), "similar: column")
        if sum(group.compare for group in self.groups) > 1:
            yield "groups: schools are compared by one group; 'compare' stands twice"

    def _wrong_survey(self, survey: Survey, waves: list[str]) -> Iterator[str]:
        populations = [population.id for population in self.populations]
        if survey.population not in populations:
            yield (
                f"surveys.{survey.id}.population: '{survey.population}' is not declared; "
                f"populations are {_listed(populations)}"
            )
        for export in survey.exports:
            if export.wave not in waves:
                yield (
                    f"surveys.{survey.id}.exports: wave '{export.wave}' is not a wave; "
                    f"waves are {_listed(waves)}"
                )
            for name in export.instruments:
                if name not in survey.instruments:
                    yield (
                        f"surveys.{survey.id}.exports: '{export.file}' is said to ask '{name}', "
                        f"which is none of its instruments ({_listed(survey.instruments)})"
                    )
        unasked = [
            name
            for name in survey.instruments
            if survey.exports and not any(name in survey.asks(each) for each in survey.exports)
        ]
        if unasked:
            yield f"surveys.{survey.id}.instruments: no export asks {_listed(unasked)}"
        for wave in survey.invited:
            if wave not in waves:
                yield f"surveys.{survey.id}.invited: '{wave}' is not a wave"
        if survey.headline.split(".")[0] not in survey.instruments:
            yield (
                f"surveys.{survey.id}.headline: '{survey.headline}' does not start with one "
                f"of its instruments ({_listed(survey.instruments)})"
            )

    def _wrong_themes(self) -> Iterator[str]:
        yield from _twice((theme.id for theme in self.report.themes), "theme id")
        known = {survey.id: survey.instruments for survey in self.surveys}
        for theme in self.report.themes:
            for survey, score in theme.scores.items():
                where = f"report.themes.{theme.id}.scores.{survey}"
                if survey not in known:
                    yield f"{where}: there is no such survey; surveys are {_listed(known)}"
                elif score.count(".") != 1 or score.split(".")[0] not in known[survey]:
                    yield (
                        f"{where}: '{score}' is not one of its instruments "
                        f"({_listed(known[survey])}), a full stop, and a score"
                    )

    def path(self, name: str) -> Path:
        """A file or folder of the study, by its name in the study file.

        Raises
        ------
        AnalystError
            If it leads out of the study folder, by its name or by a link.
        """
        return within(self.folder, self.folder / name)

    def file(self, name: str) -> str | None:
        """The file, or pattern of files, of a strand's table or document; nothing if none."""
        if name == registry.REFERENCE.name:
            return self.reference_population
        strand, key = registry.place(name).split(".")
        return self.strands.get(strand, {}).get(key)

    @property
    def compares(self) -> bool:
        """Whether there are two waves to compare; with one, only levels can be shown."""
        return self.baseline != self.followup

    @property
    def pair_of_waves(self) -> tuple[str, ...]:
        """Baseline and follow-up; one wave if the study has no more so far."""
        return (self.baseline, self.followup) if self.compares else (self.baseline,)

    @property
    def waves_so_far(self) -> tuple[str, ...]:
        """Every wave up to the follow-up: those before and between the two compared as well."""
        return self.wave_ids[: self.wave_ids.index(self.followup) + 1]

    def population(self, population_id: str) -> Population:
        """The population with this id; ``KeyError`` if there is none (an error of ours)."""
        for population in self.populations:
            if population.id == population_id:
                return population
        raise KeyError(population_id)

    def asked(self, survey: Survey) -> Population:
        """The population of a survey."""
        return self.population(survey.population)

    @property
    def children(self) -> Population:
        """Whom school records are about: the first population of children, or children at large."""
        for population in self.populations:
            if population.kind == "children":
                return population
        return Population(id="children", kind="children", noun="children", one="child")

    def minimum(self, threshold: str) -> int:
        """A threshold by the name that a strand gives it."""
        if threshold == "children":
            return self.children.minimum
        if threshold == "adults":
            asked = [each.minimum for each in self.populations if each.kind == "adults"]
            return max(asked, default=FLOORS["adults"])
        return int(getattr(self.disclosure, threshold).minimum)

    @property
    def phases(self) -> Group | None:
        """The group of schools that are compared; nothing if the study compares none."""
        return next((group for group in self.groups if group.compare), None)

    def groups_of(self, whose: str) -> tuple[Group, ...]:
        """The groups of schools, of interviewees, or of a population."""
        return tuple(group for group in self.groups if group.of == whose)

    def breakdowns(self, survey: Survey) -> tuple[Group, ...]:
        """By what the programme's results of a survey are broken down: schools' groups first."""
        return (*self.groups_of(SCHOOLS), *self.groups_of(survey.population))

    @cached_property
    def synthetic_files(self) -> frozenset[str]:
        """Files that the study uses and that ``SYNTHETIC`` lists."""
        return synthetic.listed(self.folder) & frozenset(self.used_files())

    def used_files(self) -> Iterator[str]:
        """Every data file of the study folder that the study file names, if it is there."""
        named = [self.schools, self.wave_dates, self.reference_population, self.codebook]
        named += [export.file for survey in self.surveys for export in survey.exports]
        named += [text.file for text in self.coded_text]
        named += [file for files in self.strands.values() for file in files.values()]
        for name in named:
            for path in sorted(self.folder.glob(name)) if name else ():
                yield path.relative_to(self.folder).as_posix()

    @cached_property
    def unused_files(self) -> frozenset[str]:
        """Files of the study folder that nothing is made of: older exports, other mappings, notes."""
        used = {*self.used_files(), "SYNTHETIC"}
        used |= {each.mapping for survey in self.surveys for each in survey.exports if each.mapping}
        used |= {
            f"instruments/{name}.yaml" for survey in self.surveys for name in survey.instruments
        }
        kept = {*WITHOUT_NUMBERS, *OF_FIXED_NAMES, *Path(self.brand or "").parts[:-1]}
        found: set[str] = set()
        for path in self.folder.rglob("*"):
            parts = path.relative_to(self.folder).parts
            if parts[0] in kept or any(part.startswith(".") for part in parts):
                continue
            if parts[0] == "instruments" and path.suffix != ".yaml":
                continue  # a table that an instrument names
            if path.suffix == ".yaml" and parts[0] not in ("mappings", "instruments"):
                continue  # by its name: claims.yaml
            if (name := "/".join(parts)) not in used and path.is_file():
                found.add(name)
        return frozenset(found)

    @property
    def is_synthetic(self) -> bool:
        """Whether the study uses a file that ``SYNTHETIC`` lists."""
        return bool(self.synthetic_files)

    @property
    def wave_ids(self) -> tuple[str, ...]:
        """Wave ids in the order of the study file, which is their order in time."""
        return tuple(wave.id for wave in self.waves)

    def wave(self, wave_id: str) -> Wave:
        """The wave with this id.

        Raises
        ------
        AnalystError
            If the study has no such wave.
        """
        for wave in self.waves:
            if wave.id == wave_id:
                return wave
        raise AnalystError(
            f"'{wave_id}' is not a wave of this study; waves are {_listed(self.wave_ids)}.",
            where=str(self.path("study.yaml")),
            fix="Give one of these as --baseline and another as --followup.",
        )

    def survey(self, survey_id: str) -> Survey:
        """The survey with this id.

        Raises
        ------
        AnalystError
            If the study has no such survey.
        """
        for survey in self.surveys:
            if survey.id == survey_id:
                return survey
        raise AnalystError(
            f"'{survey_id}' is no survey of this study.",
            where=str(self.path("study.yaml")),
            fix=f"Use {' or '.join(each.id for each in self.surveys)}.",
        )

    def with_waves(self, baseline: str = "", followup: str = "") -> Study:
        """The same study comparing another pair of waves; empty means unchanged."""
        first, last = baseline or self.baseline, followup or self.followup
        for wave_id in (first, last):
            self.wave(wave_id)
        if (first, last) == (self.baseline, self.followup):
            return self
        if self.wave_ids.index(first) >= self.wave_ids.index(last):
            raise AnalystError(
                f"Follow-up '{last}' does not come after baseline '{first}'.",
                where=f"--baseline {first} --followup {last}",
                fix=f"Waves in order of time are {_listed(self.wave_ids)}.",
            )
        return self.model_copy(update={"baseline": first, "followup": last})


def load(folder: str | os.PathLike[str]) -> Study:
    """Read and check ``study.yaml`` in ``folder``.

    Raises
    ------
    AnalystError
        If the file is missing, is not YAML, or has a wrong, missing or unknown key; the
        message names each key, the value found and what is allowed. Also if the folder holds a
        link out of it, or anything that is neither file nor folder.
    """
    path = Path(folder) / "study.yaml"
    if not path.exists():
        raise _no_study(Path(folder))
    refuse_strange(Path(folder))
    content = upgrade.current(read_yaml(path), Path(folder), read_yaml)
    content["folder"] = Path(folder)
    found = validated(Study, content, path)
    _refuse_contradicted(found, path)
    if found.is_synthetic:
        # What every page says goes with the last synthetic file, without anybody's doing.
        said = found.synthetic or Synthetic()
        whole = " ".join(part for part in (found.notice, gettext(said.notice)) if part)
        notices = {"notice": whole, "notice_short": gettext(said.notice_short)}
        found = found.model_copy(update=notices)
    return found


def _no_study(folder: Path) -> AnalystError:
    """That a folder is no study, and which folders near it are: below it, or a project's usual."""
    near = sorted(folder.glob("*/study.yaml")) + sorted(folder.glob("*/*/study.yaml"))
    if near:
        fix = " or ".join(f"--study {path.parent}" for path in near[:3]) + "."
    else:
        fix = (
            "Give the folder that holds the study with --study; `drp init FOLDER` makes a new one."
        )
    what = "holds no study.yaml" if folder.is_dir() else "is no folder"
    return AnalystError(f"{folder} {what}, so it is no study.", where=str(folder), fix=fix)


def _refuse_contradicted(study: Study, path: Path) -> None:
    """Stop where the study file says that data are synthetic and none is, or hides that some are."""
    if study.is_synthetic:
        return
    said = [study.notice, study.notice_short, study.subtitle]
    if study.synthetic is not None or any("synthetic" in text.lower() for text in said):
        raise AnalystError(
            "study.yaml says that data are synthetic, but the study uses no file that SYNTHETIC "
            "lists.",
            where=str(path),
            fix="If the data are real, take 'synthetic' out of study.yaml (and the word out of "
            "notice and subtitle). If they are not, list their files in SYNTHETIC.",
        )


def key_folder(study: Study) -> Path:
    """Where the key of the respondents' hash is kept: see :func:`analysis.places.private`."""
    return private(study.folder)


def read_text(path: Path) -> str:
    """A text written by hand: :func:`analysis.handwritten.read_text`."""
    return handwritten.read_text(path)


def read_yaml(path: Path, as_written: Sequence[str] = ()) -> Lined:
    """A YAML file whose top level is a mapping: :func:`analysis.handwritten.read`.

    What it says in several languages is taken in the one that is spoken
    (:func:`analysis.language.in_language`).
    """
    content = handwritten.read(path, as_written)
    if not as_written:
        in_language(content)
    return content


def at(path: Path, key: str) -> str:
    """Where a key of a YAML file stands, for a message: the file, the line, and the key.

    Entries of lists are named by their ``id``: ``surveys.staff.headline``. Of a key that is not
    there, the line of the nearest one above it.
    """
    line = 0
    try:
        node = yaml.compose(read_text(path), Loader=SAFE_LOADER)
    except (AnalystError, yaml.YAMLError):
        node = None
    for name in key.split("."):
        found = next((part for part in _parts(node) if part[0] == name), None)
        if found is None:
            break
        _, line, node = found
    return f"{path}, line {line}, {key}" if line else f"{path}, {key}"


def _parts(node: Any) -> Iterator[tuple[str, int, Any]]:
    """What is below a part of a YAML file: its name, its line, and itself."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield str(key.value), key.start_mark.line + 1, value
    elif isinstance(node, yaml.SequenceNode):
        for entry in node.value:
            named = (value.value for name, _, value in _parts(entry) if name == "id")
            yield str(next(named, "")), entry.start_mark.line + 1, entry


def validated(model: type[M], content: dict[str, Any], path: Path) -> M:
    """``content`` as ``model``; pydantic's complaints become one readable error.

    The model's own checks find the content, and so the lines of its keys, as their context.
    """
    try:
        return model.model_validate(content, context=content)
    except ValidationError as error:
        found = complaints(error, model, content)
        # What a whole file has to fulfil is asked only if its keys are right: asked again without
        # those that are unknown, so that both come out together.
        known = _without(content, [each["loc"] for each in error.errors() if each["type"] == EXTRA])
        if known != content:
            try:
                model.model_validate(known, context=content)
            except ValidationError as further:
                again = complaints(further, model, content)
                found += (each for each in again if each not in found)
        raise mistaken(found, path) from None


def mistaken(found: list[str], path: Path) -> AnalystError:
    """All mistakes of a file as one error."""
    return AnalystError(
        f"{path.name} has {len(found)} mistake{'s' if len(found) > 1 else ''}:{AND}"
        + AND.join(found),
        where=str(path),
        fix="Put right the keys named above.",
    )


def complaints(
    error: ValidationError, model: type[BaseModel], content: dict[str, Any]
) -> list[str]:
    """Each mistake in a line: of which line of the file and which key, what, and the value."""
    found: list[str] = []
    alternatives: dict[str, str] = {}
    mistakes = error.errors()
    for item in mistakes:
        if item["type"] == "too_short":
            place = item["loc"]
            if any(each["loc"][: len(place)] == place != each["loc"] for each in mistakes):
                continue  # an entry that is wrong is not counted, and is named itself
            least = int(item["ctx"]["min_length"])
            item["msg"] = f"it has to hold {least} {'entries' if least > 1 else 'entry'} or more"
        keys = [part for part in item["loc"] if part != "[key]"]
        there = keys if item["type"] == "missing" else _there(content, keys)
        tried = len(there) < len(keys)
        keys = there
        key = ".".join(str(part) for part in keys)
        message = SHAPES.get(item["type"], item["msg"].removeprefix("Value error, "))
        message = message.replace("Input should", "should").replace("String should", "should")
        if item["type"] == EXTRA:
            message = "there is no such key" + handwritten.nearest(model, keys)
        value = item.get("input")
        plain = isinstance(value, str | int | float | bool | None)
        shown = ", and is empty" if value is None else f", found {value!r}" if plain else ""
        if tried and key in alternatives:
            # Of what may stand there in one shape or another, all are said in one line.
            before = alternatives[key]
            alternatives[key] = f"{before}, or {message.removeprefix('should be ')}"
            found = [
                each.replace(f"{key}: {before}", f"{key}: {alternatives[key]}") for each in found
            ]
            continue
        if tried:
            alternatives[key] = message
        line = content.line(keys) if isinstance(content, Lined) else None
        at_line = f"line {line}: " if line else ""
        found += (f"{at_line}{key}: {part}{shown}" if key else part for part in message.split(AND))
    return found


def _there(content: Any, keys: list[Any]) -> list[Any]:
    """Keys as far as a file has them: what pydantic adds says which of several shapes it tried."""
    for place, key in enumerate(keys):
        if isinstance(content, dict):
            # A key of the file may be read as a number, or stand below another spelling.
            at = next((each for each in content if each == key or str(each) == str(key)), None)
            if at is None:
                return keys[:place]
            content = content[at]
        elif isinstance(content, list) and isinstance(key, int) and key < len(content):
            content = content[key]
        else:
            return keys[:place]
    return keys


def _without(content: Any, places: Iterable[tuple[Any, ...]]) -> Any:
    """Content without the keys at some places; it is not changed itself."""
    below: dict[Any, list[tuple[Any, ...]]] = {}
    for place in places:
        below.setdefault(place[0], []).append(place[1:])
    if isinstance(content, dict):
        return {
            key: _without(value, below.get(key, ()))
            for key, value in content.items()
            if () not in below.get(key, ())
        }
    if isinstance(content, list) and below:
        return [_without(value, below.get(number, ())) for number, value in enumerate(content)]
    return content


def _refuse_duplicates(values: Iterable[str], what: str) -> None:
    wrong = list(_twice(values, what))
    if wrong:
        raise ValueError(AND.join(wrong))


def _twice(values: Iterable[str], what: str) -> Iterator[str]:
    seen: set[str] = set()
    for value in values:
        if value in seen:
            yield f"{what} '{value}' is used twice"
        seen.add(value)


def _listed(values: Iterable[str]) -> str:
    return ", ".join(values)
