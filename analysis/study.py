"""What is being evaluated: waves, schools, surveys, thresholds and the edition.

``study.yaml`` in the study folder is read into :class:`Study`. Every mistake in it is
reported with its key, the value found and what is allowed.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterable, Iterator
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

from analysis import strands as registry
from analysis import synthetic, upgrade
from analysis.errors import AnalystError
from analysis.names import fault
from analysis.places import plain_file, project_root, within
from analysis.words import slug, tidy

SCHEMA_VERSION = 2

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
    "spss_sav",
    "plain_csv",
    "plain_xlsx",
]
#: yaml.SafeLoader, ten times as fast where PyYAML was built with libyaml (its wheels are).
SAFE_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
M = TypeVar("M", bound=BaseModel)


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


class Model(BaseModel):
    """Base of every part of the study file: closed (unknown keys are errors) and immutable."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Edition(Model):
    """One published issue of the reports. Dates in reports come from here, never from the clock."""

    id: Annotated[str, AfterValidator(_safe_on_site)] = Field(description="names the output folder")
    date: dt.date
    term: str


class Wave(Model):
    """One round of data collection."""

    id: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9]*$")
    label: str
    start: dt.date
    end: dt.date

    @model_validator(mode="after")
    def _starts_before_it_ends(self) -> Wave:
        if self.end < self.start:
            raise ValueError("end is before start")
        return self


class Export(Model):
    """One file from a survey tool: one wave of one survey."""

    wave: str
    file: InStudyFolder
    format: ExportFormat = Field(
        default="auto", description="recognised by its first rows, unless stated"
    )
    sheet: str | None = None
    mapping: InStudyFolder = Field(description="YAML file saying which column is which item")


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
    unfinished: Literal["keep", "set_aside"] = "keep"
    minimum_answers: int = Field(
        default=0, ge=0, description="rows with fewer answered items are set aside"
    )
    unidentified: Literal["set_aside", "keep"] = Field(
        default="set_aside", description="rows without a person's code; kept, they link to nothing"
    )
    duplicates: Literal["latest", "first", "most_complete", "refuse"] = "latest"
    out_of_range: Literal["refuse", "missing"] = Field(
        default="refuse", description="whole numbers outside an item's range"
    )
    linking: Literal["exact", "normalised", "one_character"] = "normalised"
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

    id: NamesFiles
    label: str
    population: str = Field(description="id of one of the study's populations")
    respondents: str = Field(
        default="", description="the plural noun used in sentences, if not the population's"
    )
    instruments: tuple[NamesFiles, ...]
    exports: tuple[Export, ...]
    invited: dict[str, str] = Field(
        default_factory=dict, description="wave id -> column of the schools table"
    )
    headline: str = Field(
        description="instrument.subscale shown first, e.g. 'spsc.total'",
        pattern=r"^[a-z0-9_]+\.[a-z0-9_]+$",
    )
    rules: Rules = Rules()
    perceived_change: tuple[str, ...] = Field(
        default=(), description="mapped yes / no / don't know questions on what has changed"
    )


class SmallestEffect(Model):
    """The smallest change worth having, in points of the instrument's scores."""

    points: float = Field(gt=0)
    reason: str = Field(default="", description="why this size, shown in the report")
    confirmed: bool = Field(
        default=False, description="whether the programme has agreed; the report says if it has not"
    )


class CodedText(Model):
    """Coded passages in the export of a qualitative tool."""

    file: InStudyFolder = Field(description="file, or project folder, in the study folder")
    form: Literal["auto", "taguette", "qualcoder", "refi", "spreadsheet"] = "auto"
    coder: str = Field(default="", description="who coded it, for tools that do not say")
    project: str = Field(default="", description="which project, where the file holds several")


class Population(Model):
    """Who is asked."""

    id: Identifier
    kind: Kind = "adults"
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
    label: str
    one: str = Field(default="", description="one of them, in attributions: 'Teacher'")
    benchmark: bool = Field(
        default=True, description="whether its schools are set beside the others of the group"
    )


class Group(Model):
    """A division of schools or people into groups that are set beside each other.

    Its groups speak for themselves in ids (``primary``) where ``values`` lists them; otherwise
    they are found in the data, and carry the column's name (``year_group_year_4``).
    """

    id: Identifier
    of: str = Field(description="'schools', 'interviewees', or a population's id")
    column: str = Field(default="", description="of the schools table or mapping; default: id")
    by_wave: dict[str, str] = Field(
        default_factory=dict, description="of schools: wave -> column, where it changed"
    )
    label: str = ""
    one: str = Field(default="", description="of interviewees: one whose group is not said")
    values: tuple[Value, ...] = ()
    compare: bool = Field(default=False, description="of schools: whether they are compared")

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
        if self.compare and len(self.values) == 1:
            raise ValueError(f"groups.{self.id}: one group has nothing to be compared with")
        if self.compare and not self.values:
            raise ValueError(f"groups.{self.id}: groups that are compared have to be listed")
        return self

    def key(self, value: str) -> str:
        """A group's name in ids of the ledger."""
        return slug(value) if self.lists(value) else f"{self.column}_{slug(value)}"

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

    minimum: int = Field(ge=1)


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

    interviewees: Threshold = Threshold(minimum=3)
    facilitators: Threshold = Threshold(minimum=3)
    schools: Threshold = Threshold(minimum=3)
    free_text: Threshold = Threshold(minimum=10)
    protection: Protection = Protection()

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

    notice: str = "Some of the data are synthetic: people, answers and quotations are invented."
    notice_short: str = "Synthetic data; people and answers are invented"


class Report(Model):
    """What the reports hold."""

    chapters: tuple[str, ...] = Field(
        default=(), description="in order; none: whatever the study has data for"
    )


class Study(Model):
    """The study file, checked. ``folder`` is where it was read from."""

    schema_version: Literal[2]
    id: NamesFiles
    title: str
    subtitle: str = ""
    programme: str = Field(description="as used inside a sentence, e.g. 'the project'")
    short: str
    organisation: str
    population_note: str = Field(default="", description="the population inferred to, in words")
    notice: str = Field(default="", description="shown on every page")
    notice_short: str = ""
    synthetic: Synthetic | None = Field(
        default=None, description="only while SYNTHETIC lists a file that the study uses"
    )
    objectives: tuple[str, ...] = Field(
        default=(), description="what the programme set out to do; conclusions answer them"
    )
    edition: Edition
    waves: tuple[Wave, ...] = Field(min_length=1)
    baseline: str = Field(default="", description="default: the first wave")
    followup: str = Field(default="", description="default: the last wave; none with one wave")
    populations: tuple[Population, ...] = Field(min_length=1)
    groups: tuple[Group, ...] = ()
    surveys: tuple[Survey, ...] = Field(min_length=1)
    schools: InStudyFolder = "schools.csv"
    wave_dates: InStudyFolder | None = Field(
        default=None, description="each school's own dates: school, wave, start, end"
    )
    reference_population: InStudyFolder | None = Field(
        default=None,
        description="whom respondents are set against: survey, attribute, value, count, source",
    )
    strands: dict[str, dict[str, InStudyFolder]] = Field(
        default_factory=dict, description="strand -> its files, or patterns of files"
    )
    labels: dict[str, str] = Field(
        default_factory=dict, description="attribute of respondents -> its name for readers"
    )
    coded_text: tuple[CodedText, ...] = Field(
        default=(), description="coded interviews from qualitative tools, beside the segments"
    )
    codebook: InStudyFolder | None = None
    brand: InStudyFolder | None = None
    report: Report = Report()
    disclosure: Disclosure = Disclosure()
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
        _refuse_duplicates((wave.lower() for wave in waves), "wave id")
        # One wave is its own follow-up: what asks for two is not asked (Study.compares).
        for key, default in (("baseline", waves[0]), ("followup", waves[-1])):
            if not getattr(self, key):
                object.__setattr__(self, key, default)
            if getattr(self, key) not in waves:
                raise ValueError(
                    f"{key}: '{getattr(self, key)}' is not a wave; waves are {_listed(waves)}"
                )
        if len(waves) > 1 and self.baseline == self.followup:
            raise ValueError("followup: must differ from baseline")
        if waves.index(self.followup) < waves.index(self.baseline):
            raise ValueError("followup: comes before baseline in the list of waves")
        self._check_groups(waves)
        for survey in self.surveys:
            self._check_survey(survey, waves)
        return self

    def _check_groups(self, waves: list[str]) -> None:
        populations = [population.id for population in self.populations]
        _refuse_duplicates(populations, "population id")
        _refuse_duplicates((group.id for group in self.groups), "group id")
        allowed = [SCHOOLS, INTERVIEWEES, *populations]
        seen: dict[str, str] = {"all": "everybody"}
        for group in self.groups:
            if group.of not in allowed:
                raise ValueError(
                    f"groups.{group.id}.of: '{group.of}' is none of {_listed(allowed)}"
                )
            for wave in group.by_wave:
                if wave not in waves:
                    raise ValueError(f"groups.{group.id}.by_wave: '{wave}' is not a wave")
            for value in group.values:
                # Ids of the ledger say a listed group by its value alone.
                name = slug(value.id)
                if name in seen and group.of != INTERVIEWEES:
                    raise ValueError(
                        f"groups.{group.id}: the value '{value.id}' already stands for "
                        f"{seen[name]}; use another word for one of them"
                    )
                if group.of != INTERVIEWEES:
                    seen[name] = f"a group of {group.id}"
        if sum(group.compare for group in self.groups) > 1:
            raise ValueError("groups: schools are compared by one group; 'compare' stands twice")

    def _check_survey(self, survey: Survey, waves: list[str]) -> None:
        populations = [population.id for population in self.populations]
        if survey.population not in populations:
            raise ValueError(
                f"surveys.{survey.id}.population: '{survey.population}' is not declared; "
                f"populations are {_listed(populations)}"
            )
        if not survey.respondents:
            object.__setattr__(survey, "respondents", self.population(survey.population).noun)
        for export in survey.exports:
            if export.wave not in waves:
                raise ValueError(
                    f"surveys.{survey.id}.exports: wave '{export.wave}' is not a wave; "
                    f"waves are {_listed(waves)}"
                )
        for wave in survey.invited:
            if wave not in waves:
                raise ValueError(f"surveys.{survey.id}.invited: '{wave}' is not a wave")
        if survey.headline.split(".")[0] not in survey.instruments:
            raise ValueError(
                f"surveys.{survey.id}.headline: '{survey.headline}' does not start with one "
                f"of its instruments ({_listed(survey.instruments)})"
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
        """The population whose threshold school records are under: the first of children."""
        for population in self.populations:
            if population.kind == "children":
                return population
        return Population(id="pupils", kind="children", noun="pupils", one="pupil")

    def minimum(self, threshold: str) -> int:
        """A threshold by the name that a strand gives it."""
        if threshold == "children":
            return self.children.minimum
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
        """The survey with this id; ``KeyError`` if there is none (an error of ours)."""
        for survey in self.surveys:
            if survey.id == survey_id:
                return survey
        raise KeyError(survey_id)

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
    content = upgrade.current(read_yaml(path), Path(folder), read_yaml)
    found = validated(Study, {**content, "folder": Path(folder)}, path)
    _refuse_contradicted(found, path)
    if found.is_synthetic:
        # What every page says goes with the last synthetic file, without anybody's doing.
        said = found.synthetic or Synthetic()
        whole = " ".join(part for part in (found.notice, said.notice) if part)
        notices = {"notice": whole, "notice_short": said.notice_short}
        found = found.model_copy(update=notices)
    return found


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
    """Where the key of the respondents' hash is kept: ``.drp`` beside the project, not in git."""
    root = project_root(study.folder)
    inside = root == study.folder.resolve()
    return (root.parent if inside else root) / ".drp"


def read_yaml(path: Path) -> dict[str, Any]:
    """A YAML file whose top level is a mapping, or an :class:`AnalystError` saying why not."""
    try:
        text = plain_file(path).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise AnalystError(
            f"The file {path.name} is missing.",
            where=str(path),
            fix="Check the folder given with --study, or make the file (see the README).",
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise AnalystError(f"{path.name} cannot be read: {error}.", where=str(path)) from None
    try:
        content = yaml.load(text, Loader=SAFE_LOADER)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark is not None else ""
        raise AnalystError(
            f"{path.name} is not valid YAML: {getattr(error, 'problem', error)}.",
            where=f"{path}{line}",
            fix="Check indentation, colons and quotes near that line.",
        ) from None
    if not isinstance(content, dict):
        raise AnalystError(
            f"{path.name} should hold keys and values, but holds {type(content).__name__}.",
            where=str(path),
        )
    return content


def validated(model: type[M], content: dict[str, Any], path: Path) -> M:
    """``content`` as ``model``; pydantic's complaints become one readable error."""
    try:
        return model.model_validate(content)
    except ValidationError as error:
        found = []
        for item in error.errors():
            key = ".".join(str(part) for part in item["loc"]) or "(file)"
            message = item["msg"].removeprefix("Value error, ")
            value = item.get("input")
            shown = (
                f", found {value!r}" if isinstance(value, str | int | float | bool | None) else ""
            )
            found.append(f"{key}: {message}{shown}")
        raise AnalystError(
            f"{path.name} has {len(found)} mistake{'s' if len(found) > 1 else ''}:\n    "
            + "\n    ".join(found),
            where=str(path),
            fix="Put right the keys named above.",
        ) from None


def _refuse_duplicates(values: Iterable[str], what: str) -> None:
    seen: set[str] = set()
    for value in values:
        if value in seen:
            raise ValueError(f"{what} '{value}' is used twice")
        seen.add(value)


def _listed(values: Iterable[str]) -> str:
    return ", ".join(values)
