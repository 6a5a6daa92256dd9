"""What is being evaluated: waves, schools, surveys, thresholds and the edition.

``study.yaml`` in the study folder is read into :class:`Study`. Every mistake in it is
reported with its key, the value found and what is allowed.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from analysis.errors import AnalystError
from analysis.places import project_root

SCHEMA_VERSION = 1

Phase = Literal["primary", "secondary", "special", "pru"]
ReportingPhase = Literal["primary", "secondary"]
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
    "spss_sav",
    "stata_dta",
    "plain_csv",
    "plain_xlsx",
]
#: yaml.SafeLoader, ten times as fast where PyYAML was built with libyaml (its wheels are).
SAFE_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
M = TypeVar("M", bound=BaseModel)
Identifier = Field(pattern=r"^[a-z][a-z0-9_]*$")


class Model(BaseModel):
    """Base of every part of the study file: closed (unknown keys are errors) and immutable."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Edition(Model):
    """One published issue of the reports. Dates in reports come from here, never from the clock."""

    id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", description="names the output folder")
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
    file: str
    format: ExportFormat = Field(
        default="auto", description="recognised by its first rows, unless stated"
    )
    sheet: str | None = None
    mapping: str = Field(description="YAML file saying which column is which item")


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

    id: str = Identifier
    label: str
    population: Literal["staff", "pupils"]
    respondents: str = Field(description="the plural noun used in sentences, e.g. 'staff'")
    instruments: tuple[str, ...]
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

    file: str = Field(description="file, or project folder, in the study folder")
    form: Literal["auto", "taguette", "qualcoder", "refi", "spreadsheet"] = "auto"
    coder: str = Field(default="", description="who coded it, for tools that do not say")
    project: str = Field(default="", description="which project, where the file holds several")


class Tables(Model):
    """The files that are tables already, one row per thing, with named columns.

    ``action_plans``, ``readiness``, ``whole_school_audit``, ``open_answers`` and
    ``value_stories`` may be patterns (``action_plans*.csv``): the next review is then another file.
    """

    schools: str
    segments: str | None = None
    interviewees: str | None = None
    facilitator_survey: str | None = None
    facilitator_questions: str | None = None
    action_plans: str | None = None
    focus_groups: str | None = None
    outcomes: str | None = None
    outcome_measures: str | None = None
    quotations: str | None = None
    wave_dates: str | None = Field(
        default=None, description="each school's own dates: school, wave, start, end"
    )
    readiness: str | None = Field(
        default=None, description="school, condition, review, state, evidence (pattern allowed)"
    )
    open_answers: str | None = Field(
        default=None, description="coded open answers: respondent, school, aspect, code"
    )
    value_stories: str | None = Field(
        default=None, description="pattern of YAML files with value-creation stories"
    )
    reference_population: str | None = Field(
        default=None,
        description="whom respondents are set against: survey, attribute, value, count, source",
    )
    whole_school_audit: str | None = Field(
        default=None,
        description="school, framework area, review, rating in words (pattern allowed)",
    )
    needs: str | None = Field(
        default=None, description="Pyramid of Need, counts only: school, need, level, count"
    )


class Threshold(Model):
    """Smallest group whose results may leave, and the breakdowns allowed."""

    minimum: int = Field(ge=1)
    programme_breakdowns: tuple[str, ...] = ()
    school_breakdowns: tuple[str, ...] = ()


class Disclosure(Model):
    """Release thresholds, by the people (or places) counted."""

    staff: Threshold = Threshold(minimum=5, programme_breakdowns=("reporting_phase", "role"))
    pupils: Threshold = Threshold(minimum=10, programme_breakdowns=("reporting_phase",))
    interviewees: Threshold = Threshold(minimum=3)
    facilitators: Threshold = Threshold(minimum=3)
    schools: Threshold = Threshold(minimum=3)
    free_text: Threshold = Threshold(minimum=10)

    def of(self, population: Literal["staff", "pupils"]) -> Threshold:
        """The threshold of a survey's population."""
        return self.staff if population == "staff" else self.pupils


class Study(Model):
    """The study file, checked. ``folder`` is where it was read from."""

    schema_version: Literal[1]
    id: str = Identifier
    title: str
    subtitle: str = ""
    programme: str = Field(description="as used inside a sentence, e.g. 'the project'")
    short: str
    organisation: str
    population_note: str = Field(default="", description="the population inferred to, in words")
    notice: str = Field(default="", description="shown on every page, e.g. that data are synthetic")
    notice_short: str = ""
    edition: Edition
    waves: tuple[Wave, ...] = Field(min_length=1)
    baseline: str
    followup: str
    surveys: tuple[Survey, ...]
    tables: Tables
    labels: dict[str, str] = Field(
        default_factory=dict, description="attribute of respondents -> its name for readers"
    )
    coded_text: tuple[CodedText, ...] = Field(
        default=(), description="coded interviews from qualitative tools, beside tables.segments"
    )
    codebook: str | None = None
    value_creation: str | None = None
    brand: str | None = None
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

    @model_validator(mode="after")
    def _names_exist(self) -> Study:
        waves = [wave.id for wave in self.waves]
        _refuse_duplicates(waves, "wave id")
        for key in ("baseline", "followup"):
            if getattr(self, key) not in waves:
                raise ValueError(
                    f"{key}: '{getattr(self, key)}' is not a wave; waves are {_listed(waves)}"
                )
        if self.baseline == self.followup:
            raise ValueError("followup: must differ from baseline")
        for survey in self.surveys:
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
        return self

    def path(self, name: str) -> Path:
        """A file of the study folder, by its name in the study file."""
        return self.folder / name

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
        message names each key, the value found and what is allowed.
    """
    path = Path(folder) / "study.yaml"
    content = read_yaml(path)
    return validated(Study, {**content, "folder": Path(folder)}, path)


def key_folder(study: Study) -> Path:
    """Where the key of the respondents' hash is kept: ``.drp`` beside the project, not in git."""
    root = project_root(study.folder)
    inside = root == study.folder.resolve()
    return (root.parent if inside else root) / ".drp"


def read_yaml(path: Path) -> dict[str, Any]:
    """A YAML file whose top level is a mapping, or an :class:`AnalystError` saying why not."""
    try:
        text = path.read_text(encoding="utf-8")
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
