"""What others found about such programmes, as the study's file states it, checked.

``evidence_context.yaml`` holds sources that the analyst read, and what each of them names: features
of good practice, steps of an approach, findings of a review. Each entry says which audit areas, aims
of plans, codes, conditions and risks, and value cycles of the study go with it::

    schema_version: 1
    sources:
      - {id: inspectors, label: Inspectors, reference: "Inspectorate, *A report*, 2020.", cite: key}
    lists:
      - id: features
        label: Features of good practice
        source: inspectors
        entries:
          - id: staff
            label: Care for staff
            text: How staff are is looked after on purpose.
            areas: [staff_wellbeing]
            aims: [AIM.20]
            conditions: [con_5]
            cycles: [immediate]

``reference`` says in tables what was read. ``cite`` is the key of ``texts/references.bib`` under which
it is listed; the study's ``texts/context.md`` cites it. The engine names no source: what nobody
wrote down is not shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import Field, model_validator

from analysis import handwritten
from analysis.handwritten import Lined
from analysis.study import Model, Study, mistaken, read_yaml, validated

#: Where what is cited stands, in the study folder.
REFERENCES = "texts/references.bib"
#: A key of a bibliography: ``@misc{key,``.
KEY = re.compile(r"^\s*@\w+\s*\{\s*([^,\s]+)\s*,", re.MULTILINE)


class Source(Model):
    """Something that was read: its name in tables, and how it is referred to."""

    id: str
    label: str
    reference: str = Field(min_length=1)
    cite: str = ""


class Entry(Model):
    """One thing that a source names, and what of the study goes with it."""

    id: str
    label: str
    text: str
    areas: tuple[str, ...] = ()
    aims: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    cycles: tuple[str, ...] = ()


class Named(Model):
    """What one source names, of one kind."""

    id: str
    label: str
    source: str
    entries: tuple[Entry, ...] = Field(min_length=1)


class Context(Model):
    """``evidence_context.yaml``."""

    schema_version: Literal[1]
    sources: tuple[Source, ...] = ()
    lists: tuple[Named, ...] = ()

    @model_validator(mode="after")
    def _ids_differ(self) -> Context:
        for what, ids in (
            ("sources", [each.id for each in self.sources]),
            ("lists", [each.id for each in self.lists]),
            ("entries", [each.id for of in self.lists for each in of.entries]),
        ):
            twice = [each for each in dict.fromkeys(ids) if ids.count(each) > 1]
            if twice:
                raise ValueError(f"{what}: '{twice[0]}' is there twice")
        return self


@dataclass(frozen=True)
class Known:
    """What entries may name, by key; a book says in messages where it is listed."""

    ids: Mapping[str, frozenset[str]]


BOOKS = {
    "areas": "area of the whole-school audit (audit.areas of the codebook)",
    "aims": "code of the codebook",
    "codes": "code of the codebook",
    "conditions": "condition or risk of the value-creation framework",
    "cycles": "value cycle of the framework",
}


def read(study: Study, known: Known | None = None) -> dict[str, Any]:
    """The document as plain values.

    Parameters
    ----------
    study
        The study.
    known
        What may be named; without it, names are taken as they are (they were checked before).

    Raises
    ------
    AnalystError
        With every mistake, its line and key: wrong keys, sources and names that are not there.
    """
    path = study.path(str(study.file("evidence_context")))
    content = read_yaml(path)
    values = validated(Context, content, path).model_dump(mode="json")
    found = [
        f"line {content.line(keys)}: {'.'.join(map(str, keys))}: {words}"
        for keys, words in _wrong(study, content, known)
    ]
    if found:
        raise mistaken(found, path)
    return values


def _wrong(
    study: Study, content: Lined, known: Known | None
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """What is named and is not there: the way to it in the file, and what is wrong."""
    read_ones = content.get("sources") or ()
    cited = _keys(study)
    for place, source in enumerate(read_ones):
        cite = source.get("cite")
        if cite and cite not in cited:
            yield ("sources", place, "cite"), f"'{cite}' is no key of {REFERENCES}"
    sources = {str(each["id"]) for each in read_ones}
    for number, one in enumerate(content.get("lists") or ()):
        if one["source"] not in sources:
            yield ("lists", number, "source"), f"'{one['source']}' is none of the sources"
        for row, entry in enumerate(one["entries"]):
            for key, ids in known.ids.items() if known else ():
                for each in entry.get(key) or ():
                    if each not in ids:
                        at = ("lists", number, "entries", row, key)
                        yield at, f"'{each}' is no {BOOKS[key]}"


def _keys(study: Study) -> frozenset[str]:
    """The keys of the study's bibliography; none where it has none."""
    path = study.path(REFERENCES)
    return frozenset(KEY.findall(handwritten.read_text(path)) if path.exists() else ())
