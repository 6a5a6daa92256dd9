"""What the study's authored YAML files have to hold, so that everything after can rely on it.

Further keys are the business of whoever shows them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from analysis.prepare.outcomes import Definition
from analysis.study import Study, read_yaml, validated


class Document(BaseModel):
    """A part of an authored file; it may say more than is asked here."""

    model_config = ConfigDict(extra="allow", frozen=True)


class Code(Document):
    """One code of the codebook."""

    id: str
    label: str
    sources: tuple[str, ...] = ()
    same_event_as: str = ""


class Theme(Document):
    """Codes that belong together."""

    id: str
    label: str
    codes: tuple[Code, ...]


class Listed(Document):
    """Something with a name for readers."""

    id: str
    label: str


class Areas(Document):
    """Areas: of the whole-school audit, or of the framework that aims are coded to."""

    label: str = ""
    areas: tuple[Listed, ...] = ()


class Needs(Document):
    """What the codebook says of needs."""

    label: str = ""
    levels: tuple[Listed, ...] = ()
    needs: tuple[Listed, ...] = ()


class Codebook(Document):
    """``codebook.yaml``."""

    #: None where nothing is coded, as in a codebook that only names areas or needs.
    themes: tuple[Theme, ...] = ()
    framework: Areas = Areas()
    aspects: tuple[Listed, ...] = ()
    audit: Areas = Areas()
    needs: Needs = Needs()

    @model_validator(mode="after")
    def _codes_differ(self) -> Codebook:
        codes = [code.id for theme in self.themes for code in theme.codes]
        _refuse_twice("themes: theme", (theme.id for theme in self.themes))
        _refuse_twice("themes: code", codes)
        for theme in self.themes:
            for code in theme.codes:
                if code.same_event_as and code.same_event_as not in codes:
                    raise ValueError(
                        f"themes: {code.id} is the same event as '{code.same_event_as}', which is "
                        "no code"
                    )
        return self


class Option(Document):
    """One answer to a question."""

    id: str
    label: str


class Question(Document):
    """One question to facilitators."""

    id: str
    label: str
    type: Literal["single", "multiple", "open"]
    options: tuple[Option, ...] = ()


class Questions(Document):
    """``facilitator_questions.yaml``."""

    questions: tuple[Question, ...]

    @model_validator(mode="after")
    def _questions_differ(self) -> Questions:
        _refuse_twice("questions: question", (each.id for each in self.questions))
        for each in self.questions:
            _refuse_twice(f"questions.{each.id}: option", (one.id for one in each.options))
            if each.type != "open" and not each.options:
                raise ValueError(f"questions.{each.id}: has no options")
        return self


class OtherRate(Document):
    """What other schools' records show, and where that is published."""

    label: str
    rate: float = Field(ge=0)
    source: str = Field(min_length=1)
    term: str = ""
    of: dict[str, str] = Field(default_factory=dict, max_length=1)


class Measure(Document):
    """One measure of school records."""

    id: str
    label: str
    unit: str
    decimals: int = Field(default=1, ge=0, le=6)
    higher_is_better: bool = True
    definitions: tuple[Definition, ...] = ()
    norms: tuple[OtherRate, ...] = ()


class Measures(Document):
    """``outcome_measures.yaml``. ``groups`` are those by which rows of records are split."""

    measures: tuple[Measure, ...]
    groups: tuple[Listed, ...] = ()

    @model_validator(mode="after")
    def _measures_differ(self) -> Measures:
        _refuse_twice("measures: measure", (each.id for each in self.measures))
        _refuse_twice("groups: group", (each.id for each in self.groups))
        return self


MODELS: dict[str, type[Document]] = {
    "codebook": Codebook,
    "facilitator_questions": Questions,
    "outcome_measures": Measures,
}


def read(study: Study, name: str, file: str) -> dict[str, Any]:
    """One authored file as it is, once it is known to hold what it has to.

    Raises
    ------
    AnalystError
        If the file is missing, is not YAML, or a key is missing or wrong: each is named.
    """
    path = study.path(file)
    content = read_yaml(path)
    validated(MODELS[name], content, path)
    return {"themes": [], **content} if name == "codebook" else content


def _refuse_twice(what: str, ids: Iterable[str]) -> None:
    seen: set[str] = set()
    for each in ids:
        if each in seen:
            raise ValueError(f"{what} '{each}' is there twice")
        seen.add(each)
