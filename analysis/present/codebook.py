"""Names that the study's codebook gives: of codes, areas, needs, levels and groups.

Beside its ``themes`` with their ``codes``, ``codebook.yaml`` may hold, each in the order shown::

    levels:                       # whom codes concern (level of a code)
      - {id: pupil, label: Pupils}
    groups:                       # discussion groups, as in the table of summaries
      - {id: parents, label: Parents' group}
    framework:                    # what aims of action plans are coded to (framework of a code)
      label: Name of the framework
      areas: [{id: belonging, label: Belonging}]
    audit:                        # of the whole-school audit
      areas: [{id: ethos, label: Ethos}]
    needs:                        # that schools count, and the levels of support
      label: Name of the levels
      levels: [{id: universal, label: Support for all}]
      needs: [{id: worry, label: Worry}]
    aspects:                      # of the open questions
      - {id: ethos, label: Ethos}

What has no name there is shown by its id as words. A theme may say ``opening``, how the sentence on
it begins, and ``quotations``, the section of those shown with it: see :func:`.qualitative.leads` and
:func:`.voices.quotations`. A code may say ``kind``, ``level``, ``framework``
and ``sources``: where it can be heard, as ids of strands, of their tables, of surveys, or of
discussion groups; a code without ``sources`` can be heard wherever people speak.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from analysis.present.page import Page
from analysis.present.shown import escaped
from analysis.strands import STRANDS
from analysis.words import slug, tidy

#: Tables in which people speak: where a code that says nothing else can be heard.
SPOKEN = frozenset(("segments", "facilitator_survey", "focus_groups", "open_answers"))


def codes(page: Page) -> pd.DataFrame:
    """The codes that interviews and groups are coded with (no auxiliary lists)."""
    themes = page.documents.get("codebook", {}).get("themes", [])
    auxiliary = {theme["id"] for theme in themes if theme.get("auxiliary")}
    found = page.codes
    return found[~found["theme"].isin(auxiliary)]


def themes(page: Page) -> list[tuple[str, str]]:
    """Id and label of every theme that is no auxiliary list."""
    entries = codes(page)[["theme", "theme_label"]].drop_duplicates()
    return [(str(name), str(label)) for name, label in entries.itertuples(index=False)]


def labels(page: Page) -> dict[str, str]:
    """Label of every code id."""
    found = page.codes
    return dict(zip(found["id"].astype("str"), found["label"].astype("str"), strict=True))


def label(page: Page, key: str, default: str) -> str:
    """The name of the framework, or of the levels of need; a neutral word where it has none."""
    part = page.documents.get("codebook", {}).get(key)
    return str(part.get("label") or default) if isinstance(part, dict) else default


def listed(page: Page, *keys: str, found: Iterable[str] = ()) -> dict[str, str]:
    """Labels by id, in the codebook's order; then what was found and has no name there.

    ``keys`` is the way to the list, such as ``("audit", "areas")``; ids are as in the ledger.
    """
    part: Any = page.documents.get("codebook", {})
    for key in keys:
        part = part.get(key) if isinstance(part, dict) else None
    named = {
        slug(str(entry["id"])): str(entry.get("label") or tidy(str(entry["id"])))
        for entry in part or ()
    }
    return named | {name: tidy(name) for name in sorted(set(found)) if name not in named}


def group_label(page: Page, name: str) -> str:
    """A discussion group's name for readers, escaped."""
    return escaped(listed(page, "groups", found=[slug(name)])[slug(name)])


def collected(page: Page) -> frozenset[str]:
    """Where this study heard people, as a code's ``sources`` name it."""
    names: set[str] = set()
    for survey in page.study.surveys:
        names |= {survey.id, "surveys"}
    for strand in STRANDS:
        tables = {table.name for table in strand.tables if page.study.file(table.name)}
        if page.study.coded_text and strand.id == "interviews":
            tables.add("segments")
        # A list of interviewees without what they said is no interview.
        if tables - {"interviewees", "quotations"}:
            names |= tables | {strand.id}
    if not page.is_school:
        names |= {parts[3] for parts in page.ids_of("interviews", "groups", "discussion")}
    return frozenset(names)


def asked(page: Page, codes: Iterable[str]) -> bool:
    """Whether anybody was asked who could have spoken of one of these codes."""
    known = collected(page)
    found = page.codes
    sources = dict(zip(found["id"].astype("str"), found["sources"], strict=True))
    return any(
        known & (SPOKEN if sources.get(code) is None else {slug(str(s)) for s in sources[code]})
        for code in codes
    )
