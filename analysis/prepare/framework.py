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
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import Field, ValidationError, model_validator

from analysis import questions
from analysis.errors import AnalystError
from analysis.places import plain_file
from analysis.prepare.patterns import matching
from analysis.study import Model, Study, complaints, mistaken, read_yaml
from analysis.synthetic import listed

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
#: Where what the analyst writes about a cycle stands, in the study folder.
TEXTS = "texts/value"
#: Parts of a result's id; anything else that a step rests on is a quotation.
PARTS_OF_ID = 7
SECTIONS = {"case example": "case_example", "what is missing": "gap"}
REFERENCE = re.compile(r"\[\[([^\[\]|]+)(?:\|(\w+))?\]\]")
#: What may be counted in any study; its populations and groups come to these.
COUNTED = ("schools", "people", "plans", "facilitators", "interviewees")
#: A number that the analyst typed: figures (a year is none), or a counted noun.
FIGURES = r"(?<![\w-])(?!(?:19|20)\d\d(?!\d))\d[\d.,]*"
NUMERALS = "two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty"


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


class Loop(Model):
    """Value that flows back: from one cycle to an earlier one, and how."""

    start: str
    end: str
    label: str
    codes: tuple[str, ...] = ()


class Told(Model):
    """A file of stories; the stories themselves are the framework's."""

    schema_version: Literal[1] = 1
    stories: tuple[dict[str, Any], ...] = ()


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


@dataclass(frozen=True)
class Known:
    """What a framework may name: codes, quotations, schools, and results of the ledger.

    ``measures`` are the measures of an analysis, by source, instrument and analysis, where they can
    be known before anything is computed; ``sources`` the instruments of each source, none of them
    where anything goes.
    """

    codes: frozenset[str]
    quotations: frozenset[str]
    schools: frozenset[str]
    sources: dict[str, frozenset[str]]
    measures: dict[tuple[str, str, str], frozenset[str]]


def read(study: Study, known: Known | None = None) -> dict[str, Any]:
    """The framework as plain values, in the version's order of cycles.

    Each story has ``synthetic``, and each cycle ``synthetic_example``: whether the file that tells it
    is listed in ``SYNTHETIC``, or the framework says ``synthetic`` of itself and its stories.

    Parameters
    ----------
    study
        The study.
    known
        What may be named; without it, names are taken as they are (they were checked before).

    Raises
    ------
    AnalystError
        With all mistakes of the file, its stories and its texts: wrong keys, names of what is not
        there, numbers typed in a text.
    """
    path = study.path(str(study.file("value_creation")))
    content: dict[str, Any] = read_yaml(path)
    found = list(_contradictions(study, content))
    stories = [(path, story) for story in _list(content, "stories")]
    told = study.file("value_stories")
    for file in matching(study, told) if told else ():
        own = read_yaml(file)
        try:
            Told.model_validate(own)
        except ValidationError as error:
            found += [f"{file.name}: {each}" for each in complaints(error, Told, own)]
        stories += [(file, story) for story in _list(own, "stories")]
    cycles = []
    for cycle in _list(content, "cycles"):
        name = f"{TEXTS}/{cycle.get('id')}.md"
        cycles.append({**cycle, **_written(study, name, found)})
    if study.path(f"{TEXTS}/learnt.md").exists():
        learnt = _written(study, f"{TEXTS}/learnt.md", found)
        content = {**content, "learnt": learnt.get("summary", "")}
    whole = {**content, "stories": [story for _, story in stories], "cycles": cycles}
    values: dict[str, Any] = {}
    try:
        values = Framework.model_validate(whole).model_dump(mode="json")
    except ValidationError as error:
        found += complaints(error, Framework, whole)
    found += _of_version(whole)
    if known is not None:
        found += _unknown(whole, known)
    if found:
        raise mistaken([_with_file(each, stories, path) for each in found], path)
    order = VERSIONS[values["framework"]["version"]]
    values["cycles"].sort(key=lambda cycle: order.index(cycle["id"]))
    made_up, whole_file = listed(study.folder), values["synthetic"]
    for cycle in values["cycles"]:
        cycle["synthetic_example"] = whole_file or f"{TEXTS}/{cycle['id']}.md" in made_up
    for (file, _), story in zip(stories, values["stories"], strict=True):
        name = file.relative_to(study.folder).as_posix()
        story["synthetic"] = whole_file or name in made_up
    return values


def _with_file(mistake: str, stories: list[tuple[Path, Any]], path: Path) -> str:
    """A mistake with the file it stands in, if that is one of the stories' own."""
    for file, story in stories:
        name = story.get("id") if isinstance(story, dict) else None
        if file != path and mistake.startswith((f"stories.{name}:", f"stories.{name}.")):
            return f"{file.name}: {mistake}"
    return mistake


def _list(content: dict[str, Any], key: str) -> list[dict[str, Any]]:
    """The mappings of a list in a file; what else stands there is the schema's to refuse."""
    entries = content.get(key)
    return [each for each in entries if isinstance(each, dict)] if isinstance(entries, list) else []


def _contradictions(study: Study, content: dict[str, Any]) -> Iterator[str]:
    """What the schema does not see: another study's file, and what is not passed on to it."""
    if content.get("synthetic") and not study.is_synthetic:
        yield (
            "synthetic: says that stories and examples are made up, but the study uses no file that "
            "SYNTHETIC lists; write your own, and take the key out"
        )
    for key in ("cycles", "stories"):
        entries = content.get(key)
        if entries is not None and not isinstance(entries, list):
            yield f"{key}: should be a list, found {entries!r}"
        elif entries and any(not isinstance(each, dict) for each in entries):
            wrong = next(each for each in entries if not isinstance(each, dict))
            yield f"{key}: each should hold keys and values, found {wrong!r}"


def _written(study: Study, name: str, found: list[str]) -> dict[str, str]:
    """An analyst's text, if it is there; its mistakes join those found."""
    text = study.path(name)
    if not text.exists():
        return {}
    try:
        return authored(text, counted(study))
    except AnalystError as error:
        found.append(f"{name}: {error.what}")
        return {}


def _of_version(content: dict[str, Any]) -> list[str]:
    """Cycles, stories and loops against the cycles of the version."""
    framework = content.get("framework")
    version = framework.get("version", 2017) if isinstance(framework, dict) else 2017
    if version not in VERSIONS:
        return []  # the schema says so
    known, found = VERSIONS[version], []
    named = [str(cycle.get("id")) for cycle in _list(content, "cycles")]
    if sorted(named) != sorted(known):
        found.append(
            f"cycles: version {version} has {', '.join(known)}; found {', '.join(named) or 'none'}"
        )
    stories = _list(content, "stories")
    for story in stories:
        for step in _list(story, "steps"):
            if step.get("cycle") not in known:
                found.append(f"stories.{story.get('id')}: '{step.get('cycle')}' is not a cycle")
    for loop in _list(content, "loops"):
        for end in ("start", "end"):
            if loop.get(end) not in known or loop[end] in AROUND:
                found.append(f"loops.{end}: '{loop.get(end)}' is not a cycle of the chain")
    ids = [str(story.get("id")) for story in stories]
    twice = dict.fromkeys(each for each in ids if ids.count(each) > 1)
    return found + [f"stories: '{each}' is told twice" for each in twice]


BOOKS = {"code": "the codebook", "quotation": "quotations.csv", "school": "schools.csv"}


def _unknown(content: dict[str, Any], known: Known) -> list[str]:
    """Codes, quotations, schools and results that the study does not have, each with its place."""
    of_kind = {"code": known.codes, "quotation": known.quotations, "school": known.schools}
    found = []
    for place, kind, value in _named(content):
        if kind == "result":
            why = _no_result(value, known)
            if why:
                found.append(f"{place}: {value}: {why}")
        elif value not in of_kind[kind]:
            found.append(f"{place}: '{value}' is no {kind} of {BOOKS[kind]}")
    return list(dict.fromkeys(found))


def _named(content: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Everything that a framework names: where, of which kind, and its id."""
    for cycle in _list(content, "cycles"):
        place = f"cycles.{cycle.get('id')}"
        yield from _names(place, "code", cycle.get("codes"))
        yield from _names(place, "quotation", cycle.get("quotations"))
        for indicator in _list(cycle, "indicators"):
            yield from _names(f"{place}.indicators", "result", [indicator.get("id")])
    for key in ("aspirations", "conditions", "risks", "loops"):
        for entry in _list(content, key):
            yield from _names(
                f"{key}.{entry.get('id', '')}".rstrip("."), "code", entry.get("codes")
            )
    for key in ("aspiration_quotations", "risk_quotations"):
        yield from _names(key, "quotation", content.get(key))
    for story in _list(content, "stories"):
        place = f"stories.{story.get('id')}"
        yield from _names(place, "school", [story["school"]] if story.get("school") else [])
        for step in _list(story, "steps"):
            yield from _names(place, "code", step.get("codes"))
            evidence = step.get("evidence")
            for each in evidence if isinstance(evidence, list) else ():
                kind = "result" if str(each).count(".") == PARTS_OF_ID - 1 else "quotation"
                yield from _names(place, kind, [each])


def _names(place: str, kind: str, values: Any) -> Iterator[tuple[str, str, str]]:
    for value in values if isinstance(values, list) else ():
        yield place, kind, str(value)


def _no_result(identity: str, known: Known) -> str:
    """Why there can be no such result; nothing if there can."""
    parts = identity.strip().lower().split(".")
    if len(parts) != PARTS_OF_ID:
        return ""  # the schema says so
    source, instrument, analysis, measure, *_, statistic = parts
    if source not in known.sources:
        return f"there is no source '{source}'; sources are {', '.join(sorted(known.sources))}"
    instruments = known.sources[source]
    if instruments and instrument not in instruments:
        return f"'{source}' has no '{instrument}'; it has {', '.join(sorted(instruments))}"
    try:
        questions.refuse_unknown(analysis, statistic)
    except questions.UnknownQuestion as error:
        return str(error)
    measures = known.measures.get((source, instrument, analysis))
    # What follows two hyphens is a detail that a coder noted: only the passages know it.
    if measures is not None and measure.split("--")[0] not in measures:
        return f"there is no '{measure}' in {source}.{instrument}"
    return ""


def counted(study: Study) -> tuple[str, ...]:
    """The nouns that a typed number may stand before: the study's populations and groups."""
    groups = [value.label for group in study.groups for value in group.values]
    return (*COUNTED, *(each.noun for each in study.populations), *groups)


@cache
def _typed(nouns: tuple[str, ...]) -> re.Pattern[str]:
    of = "|".join(re.escape(noun) for noun in nouns)
    return re.compile(rf"{FIGURES}|\b(?:{NUMERALS})\s+(?:of|{of})\b", re.IGNORECASE)


def authored(path: Path, nouns: tuple[str, ...] = COUNTED) -> dict[str, str]:
    """An analyst's text on a cycle: its parts by name, and ``written_for`` where it says so.

    ``nouns`` are those that may be counted: before them, a number word is a number.

    Raises
    ------
    AnalystError
        With every heading that is not known, and every number typed by hand.
    """
    text = plain_file(path).read_text(encoding="utf-8").strip()
    parts: dict[str, str] = {}
    wrong: list[str] = []
    if text.startswith("---\n"):
        front, _, text = text[4:].partition("\n---")
        try:
            content = yaml.safe_load(front) or {}
        except yaml.YAMLError:
            content = None
        if not isinstance(content, dict):
            wrong.append("what stands between its lines of hyphens is no YAML")
            content = {}
        wrong += [
            f"begins with '{key}'; only written_for is known there"
            for key in sorted(map(str, set(content) - {"written_for"}))
        ]
        parts.update({str(key): str(value) for key, value in content.items()})
    blocks = re.split(r"^## +(.+)$", text, flags=re.MULTILINE)
    named = [("summary", blocks[0])]
    for heading, block in zip(blocks[1::2], blocks[2::2], strict=True):
        name = SECTIONS.get(heading.strip().lower())
        if name is None:
            wrong.append(
                f"has a heading '{heading.strip()}'; known are Case example and What is missing"
            )
        else:
            named.append((name, block))
    for name, block in named:
        parts[name] = block.strip()
        # A scene may count its people and hours: it is one scene, told, not a result.
        if name != "case_example":
            wrong += [
                f"has a number typed by hand: '{typed.group(0).strip()}'"
                for typed in _typed(nouns).finditer(REFERENCE.sub("", block))
            ]
    if wrong:
        raise AnalystError(
            f"{path.name} " + "; ".join(wrong) + ".",
            where=str(path),
            fix="For a number write [[id]] with its id in the results ledger, or leave it out; known "
            "headings are Case example and What is missing.",
        )
    return parts
