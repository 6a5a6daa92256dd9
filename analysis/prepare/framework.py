"""The Value Creation Framework as the study's files state it, checked.

``value_creation.yaml`` holds the cycles with their indicators, codes and chosen quotations,
aspirations, conditions and risks, and stories; more stories may stand in files of their own
(``value_stories`` in the study file). What the analyst writes about a cycle is Markdown:
``texts/value/<cycle>.md``, with an optional front matter::

    ---
    written_for: agree
    ---
    What was found.

    ## Case example
    A scene from one school.

    ## What is missing
    What nobody has measured.

``written_for`` is how strong the evidence was when the text was written; where it is another by
now, the report says so. No number is typed in these texts: ``[[id]]`` stands for a number of the
results ledger.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import Field, model_validator

from analysis.errors import AnalystError, Collected
from analysis.prepare.patterns import matching
from analysis.study import Model, Study, read_text, read_yaml, validated

#: The cycles of each published version of the framework, in the order in which they are shown.
VERSIONS: dict[int, tuple[str, ...]] = {
    2017: (
        "immediate", "potential", "applied", "realised", "transformative", "strategic", "enabling",
    ),
    2020: (
        "immediate", "potential", "applied", "realised", "transformative", "strategic", "enabling",
        "orienting",
    ),
}  # fmt: skip
#: Cycles that bear on all others and are drawn around the chain.
AROUND = ("strategic", "enabling", "orienting")
Strength = Literal["none", "one source", "several of one kind", "agree", "conflict"]
STRENGTHS: tuple[Strength, ...] = ("none", "one source", "several of one kind", "agree", "conflict")
SECTIONS = {"case example": "case_example", "what is missing": "gap"}
REFERENCE = re.compile(r"\[\[([^\[\]|]+)(?:\|(\w+))?\]\]")
#: A number that the analyst typed: figures (a year is none), or a counted noun.
TYPED = re.compile(
    r"(?<![\w-])(?!(?:19|20)\d\d(?!\d))\d[\d.,]*|"
    r"\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty)\s+"
    r"(?:of|schools|staff|people|pupils|plans|facilitators|leaders|teachers|interviewees)\b",
    re.IGNORECASE,
)


class Version(Model):
    """Which version of the framework, and where it was published."""

    version: Literal[2017, 2020] = 2017
    source: str = ""


class Indicator(Model):
    """A number of the ledger and what it would show if it came out as expected.

    ``present`` holds where the number is at least ``at_least``; ``increase`` and ``decrease``
    hold where the whole interval lies on that side of zero. In the id ``{pair}``,
    ``{baseline}`` and ``{followup}`` stand for the waves compared.
    """

    id: str = Field(pattern=r"^[^.\s]+(\.[^.\s]+){6}$")
    sentence: str
    expected: Literal["increase", "decrease", "present"]
    at_least: float = Field(default=1, gt=0)


class Cycle(Model):
    """One value cycle: what it asks, and where its evidence is."""

    id: str
    label: str
    definition: str
    question: str
    short: str = Field(default="", description="a few words for the diagram")
    codes: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    quotations: tuple[str, ...] = ()
    written_for: Strength | None = None
    summary: str = ""
    case_example: str = ""
    gap: str = ""


class Statement(Model):
    """An aspiration, a condition or a risk, with the codes that speak of it."""

    id: str
    label: str
    codes: tuple[str, ...] = ()


class Step(Model):
    """One step of a story: in which cycle, and what it rests on.

    ``evidence`` names results (ids of the ledger) and quotations; ``codes`` names coded
    passages.
    """

    cycle: str
    text: str
    evidence: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _rests_on_something(self) -> Step:
        if not self.evidence and not self.codes:
            raise ValueError("a step rests on a result, a quotation or a code; name one")
        return self


class Story(Model):
    """A value-creation story: one thread through cycles, ending where the evidence ends.

    A story with a ``school`` is told in that school's report; in the programme's it is told
    without the school. ``stopped`` says why it went no further.
    """

    id: str
    title: str
    steps: tuple[Step, ...] = Field(min_length=1)
    school: str = ""
    stopped: str = ""


class Stories(Model):
    """A file of stories."""

    stories: tuple[Story, ...] = ()


class Loop(Model):
    """Value that flows back: from one cycle to an earlier one, and how."""

    start: str
    end: str
    label: str
    codes: tuple[str, ...] = ()


class Framework(Model):
    """``value_creation.yaml``, with the texts and stories read in."""

    schema_version: Literal[1]
    framework: Version = Version()
    synthetic: bool = False
    cycles: tuple[Cycle, ...] = Field(min_length=1)
    aspirations: tuple[Statement, ...] = ()
    aspiration_quotations: tuple[str, ...] = ()
    conditions: tuple[Statement, ...] = ()
    risks: tuple[Statement, ...] = ()
    risk_quotations: tuple[str, ...] = ()
    learnt: str = ""
    stories: tuple[Story, ...] = ()
    loops: tuple[Loop, ...] = ()

    @model_validator(mode="after")
    def _cycles_are_the_versions(self) -> Framework:
        known = VERSIONS[self.framework.version]
        named = [cycle.id for cycle in self.cycles]
        if sorted(named) != sorted(known):
            raise ValueError(
                f"cycles: version {self.framework.version} has {', '.join(known)}; "
                f"found {', '.join(named)}"
            )
        for story in self.stories:
            for step in story.steps:
                if step.cycle not in known:
                    raise ValueError(f"stories.{story.id}: '{step.cycle}' is not a cycle")
        for loop in self.loops:
            for cycle in (loop.start, loop.end):
                if cycle not in known or cycle in AROUND:
                    raise ValueError(f"loops: '{cycle}' is not a cycle of the chain")
        ids = [story.id for story in self.stories]
        if len(set(ids)) < len(ids):
            twice = next(each for each in ids if ids.count(each) > 1)
            raise ValueError(f"stories: '{twice}' is told twice")
        return self


def read(study: Study) -> dict[str, Any]:
    """The framework as plain values, in the version's order of cycles.

    Raises
    ------
    AnalystError
        If a key is wrong, a story or text names what is not there, or a number is typed in a
        text.
    """
    path = study.path(str(study.file("value_creation")))
    content: dict[str, Any] = read_yaml(path)
    stories = _list(content, "stories", path)
    mistakes = Collected()
    for file in _files(study):
        with mistakes.also():
            stories += _stories(file, content)
    mistakes.raise_any()
    cycles = []
    for cycle in _list(content, "cycles", path):
        text = study.path(f"texts/value/{cycle.get('id')}.md")
        cycles.append({**cycle, **(authored(text) if text.exists() else {})})
    learnt = study.path("texts/value/learnt.md")
    if learnt.exists():
        content = {**content, "learnt": authored(learnt)["summary"]}
    found = validated(Framework, {**content, "stories": stories, "cycles": cycles}, path)
    order = VERSIONS[found.framework.version]
    values = found.model_dump(mode="json")
    values["cycles"].sort(key=lambda cycle: order.index(cycle["id"]))
    return values


def _files(study: Study) -> list[Path]:
    """The files that hold stories, beside those of the framework's own file."""
    told = study.file("value_stories")
    return matching(study, told) if told else []


def _stories(path: Path, content: dict[str, Any]) -> list[dict[str, Any]]:
    """The stories of a file, as they are once they are known to be right."""
    found = read_yaml(path)
    version = content.get("framework")
    version = version.get("version") if isinstance(version, dict) else None
    cycles = VERSIONS.get(version or 2017, ())
    for story in validated(Stories, found, path).stories:
        for step in story.steps:
            if cycles and step.cycle not in cycles:
                raise AnalystError(
                    f"'{step.cycle}' is not a cycle.",
                    where=f"{path}, {story.id}",
                    fix=f"Cycles are {', '.join(cycles)}.",
                )
    return _list(found, "stories", path)


def told_in(study: Study) -> dict[str, Path]:
    """The file that each story stands in, by the story's id."""
    return {
        str(story.get("id")): path
        for path in _files(study)
        for story in _list(read_yaml(path), "stories", path)
    }


def _list(content: dict[str, Any], key: str, path: Path) -> list[dict[str, Any]]:
    """A list of entries with keys, as a file has it; none without the key."""
    value = content.get(key) or []
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        raise AnalystError(
            f"{key}: should be a list of entries with keys and values.",
            where=f"{path}, {key}",
            fix="Begin each entry with a hyphen, and indent its keys below it.",
        )
    return value


def authored(path: Path) -> dict[str, str]:
    """An analyst's text on a cycle: its parts by name, and ``written_for`` where it says so.

    Raises
    ------
    AnalystError
        If it has a heading that is not known, or a number typed by hand.
    """
    text = read_text(path).strip()
    parts: dict[str, str] = {}
    if text.startswith("---\n"):
        front, _, text = text[4:].partition("\n---")
        try:
            content = yaml.safe_load(front) or {}
        except (yaml.YAMLError, ValueError):
            content = None
        if not isinstance(content, dict):
            raise AnalystError(
                f"What stands between the lines --- of {path.name} is no key and value.",
                where=str(path),
                fix="Write 'written_for: agree' there, or take the lines out.",
            )
        unknown = sorted(set(content) - {"written_for"})
        if unknown:
            raise AnalystError(
                f"{path.name} begins with '{unknown[0]}'; only written_for is known there.",
                where=str(path),
                fix="Take it out.",
            )
        parts.update({str(key): str(value) for key, value in content.items()})
    blocks = re.split(r"^## +(.+)$", text, flags=re.MULTILINE)
    parts["summary"] = _checked(blocks[0], path)
    for heading, block in zip(blocks[1::2], blocks[2::2], strict=True):
        name = SECTIONS.get(heading.strip().lower())
        if name is None:
            raise AnalystError(
                f"{path.name} has a heading '{heading.strip()}'; known are Case example and "
                "What is missing.",
                where=str(path),
                fix="Give it one of these headings, or another level.",
            )
        # A scene may count its people and hours: it is one scene, told, not a result.
        parts[name] = block.strip() if name == "case_example" else _checked(block, path)
    return parts


def refuse_unknown(
    framework: dict[str, Any],
    codes: set[str],
    quotations: set[str],
    schools: set[str],
    where: str,
    files: Mapping[str, Path],
) -> None:
    """Stop at a code, quotation or school that the study does not have.

    ``files`` are those of stories that stand in another file than ``where``, by story.
    """
    named: list[tuple[str, str, str]] = []
    for cycle in framework["cycles"]:
        named += [("code", each, cycle["id"]) for each in cycle["codes"]]
        named += [("quotation", each, cycle["id"]) for each in cycle["quotations"]]
    for key in ("aspirations", "conditions", "risks"):
        for entry in framework[key]:
            named += [("code", each, entry["id"]) for each in entry["codes"]]
    for key in ("aspiration_quotations", "risk_quotations"):
        named += [("quotation", each, key) for each in framework[key]]
    for loop in framework["loops"]:
        named += [("code", each, "loops") for each in loop["codes"]]
    for story in framework["stories"]:
        if story["school"]:
            named.append(("school", story["school"], story["id"]))
        for step in story["steps"]:
            named += [("code", each, story["id"]) for each in step["codes"]]
            named += [
                ("quotation", each, story["id"])
                for each in step["evidence"]
                if len(each.split(".")) != 7
            ]
    known = {"code": codes, "quotation": quotations, "school": schools}
    books = {"code": "the codebook", "quotation": "quotations.csv", "school": "schools.csv"}
    for kind, value, place in named:
        if value not in known[kind]:
            raise AnalystError(
                f"'{value}' is no {kind} of {books[kind]}.",
                where=f"{files.get(place, where)}, {place}",
                fix=f"Correct it, or add it to {books[kind]}.",
            )


def _checked(block: str, path: Path) -> str:
    typed = TYPED.search(REFERENCE.sub("", block))
    if typed:
        raise AnalystError(
            f"{path.name} has a number typed by hand: '{typed.group(0).strip()}'.",
            where=str(path),
            fix="Write [[id]] with the number's id in the results ledger, or leave it out.",
        )
    return block.strip()
