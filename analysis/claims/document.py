"""The claims of a study: ``claims.yaml``, read and checked."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Literal

from pydantic import Field, model_validator

from analysis.claims.grammar import ConditionError, Node, parse_condition
from analysis.errors import AnalystError
from analysis.language import N_
from analysis.results import COHORT
from analysis.study import Model, Study, read_text, read_yaml, validated

#: The grammar that ``claims.yaml`` names.
GRAMMAR = "conditions-1"
FILE = "claims.yaml"
#: What the analyst writes on each value cycle, a file each.
VALUE_TEXTS = "texts/value"
#: What the analyst writes to one school.
SCHOOL_TEXT = re.compile(r"^texts/schools/([\w-]+)\.md$")
Kind = Literal["level", "change", "difference", "count", "no_difference"]
KIND_LABELS: dict[str, str] = {
    "level": N_("level"),
    "change": N_("change"),
    "difference": N_("difference"),
    "count": N_("count"),
    "no_difference": N_("no difference"),
}


class Claim(Model):
    """A sentence, and the condition under which the data support it.

    ``finding`` marks a key finding: nothing is published while the data contradict it, unless
    ``stays`` says why it is kept. ``cannot`` says why no data of the study can test it.
    ``made_so`` says of a synthetic study how its answers were made to bear the claim out, or not:
    their verdict is then no evidence of anything. ``text`` names the study's text that holds the
    sentence word for word: the claim is then the report's own, and checked as a finding is.
    """

    id: str = Field(pattern=r"^[A-Z]{2,4}\.[0-9]{2}[a-z]?$")
    sentence: str = Field(min_length=10)
    section: str
    kind: Kind
    condition: str = ""
    cannot: str = ""
    finding: bool = False
    stays: str = ""
    made_so: str = ""
    text: str = Field(default="", pattern=r"^(texts/[\w/-]+\.md)?$")
    note: str = ""

    @property
    def unit(self) -> str:
        """Whose results its condition is about: a school's, in the text for that school."""
        found = SCHOOL_TEXT.match(self.text)
        return found[1] if found else COHORT

    @property
    def must_hold(self) -> bool:
        """Whether nothing is published while the data contradict it."""
        return self.finding or bool(self.text)

    @model_validator(mode="after")
    def _condition_or_reason(self) -> Claim:
        if bool(self.condition.strip()) == bool(self.cannot.strip()):
            raise ValueError(f"{self.id}: give either condition or cannot (why it has no test)")
        if self.stays and not self.must_hold:
            raise ValueError(f"{self.id}: stays is for findings and for the report's own texts")
        return self


class Claims(Model):
    """The claims of a study, and the sets that their conditions range over."""

    schema_version: Literal[1]
    grammar: Literal["conditions-1"]
    sets: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    claims: tuple[Claim, ...]

    @model_validator(mode="after")
    def _conditions_parse(self) -> Claims:
        seen: set[str] = set()
        for name, members in self.sets.items():
            if not members:
                raise ValueError(f"the set {name} is empty")
        for claim in self.claims:
            if claim.id in seen:
                raise ValueError(f"the claim {claim.id} is there twice")
            seen.add(claim.id)
            if claim.condition:
                try:
                    parse_condition(claim.condition, dict(self.sets))
                except ConditionError as error:
                    raise ValueError(f"{claim.id}: {error}") from None
        return self

    @cached_property
    def parsed(self) -> dict[str, Node]:
        """The conditions as trees, by claim."""
        return {
            claim.id: parse_condition(claim.condition, dict(self.sets))
            for claim in self.claims
            if claim.condition
        }

    @property
    def published(self) -> tuple[Claim, ...]:
        """The claims of the report that is reproduced: those that stand in no text of the study."""
        return tuple(claim for claim in self.claims if not claim.text)

    def of_text(self, text: str) -> tuple[Claim, ...]:
        """The claims of one of the study's own texts, such as ``texts/value/applied.md``."""
        return tuple(claim for claim in self.claims if claim.text == text)

    def claim(self, claim_id: str) -> Claim:
        """The claim with this id; ``KeyError`` if there is none."""
        for claim in self.claims:
            if claim.id == claim_id:
                return claim
        raise KeyError(claim_id)


def load(study: Study) -> Claims | None:
    """The study's claims; nothing if it has no ``claims.yaml``.

    Raises
    ------
    AnalystError
        If the file is not as it should be; the message names the claim, and where in its
        condition the grammar is left. Also if a text does not hold a sentence that is said to be
        its own, or what the analyst wrote on a value cycle makes no claim at all.
    """
    path = study.path(FILE)
    if not path.exists():
        return None
    found = validated(Claims, read_yaml(path), path)
    for claim in found.claims:
        if claim.text:
            _refuse_another_wording(claim, study)
    for text in sorted(study.path(VALUE_TEXTS).glob("*.md")):
        name = f"{VALUE_TEXTS}/{text.name}"
        if not found.of_text(name):
            raise AnalystError(
                f"{name} makes no claim that is checked.",
                where=str(path),
                fix=f"Add a claim with 'text: {name}': a sentence of it, word for word, and a "
                "condition, or under 'cannot' why no data of the study can test it.",
            )
    return found


def _refuse_another_wording(claim: Claim, study: Study) -> None:
    path = study.path(claim.text)
    text = read_text(path) if path.exists() else ""
    if _plain(claim.sentence) not in _plain(text):
        what = "does not hold the sentence" if text else "is not there to hold the sentence"
        raise AnalystError(
            f"{claim.text} {what} of {claim.id}: {claim.sentence}",
            where=str(study.path(FILE)),
            fix="Give the sentence as it stands in the text now, and see whether its condition "
            "still fits; or take the claim out with the sentence.",
        )


def _plain(text: str) -> str:
    """A text without emphasis, its white space as single spaces."""
    return " ".join(re.sub(r"[*_]{1,2}(?=\S)|(?<=\S)[*_]{1,2}", "", text).split())
