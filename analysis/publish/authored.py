"""The analyst's own texts: which are missing, which may no longer fit, which the data contradict.

A text is compared with the results it was written on: the numbers that it names (``{result:…}``), and
those that decide its claims. They are noted in the register (``texts.yaml``) when a text is first seen
as it is, when it is reviewed, and when the reports that show it are published. A number in a text is
always the present one; it is the words round it that may no longer fit.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis import claims as claiming
from analysis.claims import Claims, Verdict
from analysis.claims.grammar import references
from analysis.disclosure import RELEASED, register
from analysis.errors import AnalystError
from analysis.places import inside
from analysis.present.named_results import names
from analysis.present.page import Page
from analysis.present.shown import WITHHELD, Part, number_text
from analysis.publish import chapters, translating
from analysis.results import COHORT
from analysis.study import Study, read_text

FILE = "texts.yaml"
MISSING, WRITTEN, STALE, CONTRADICTED, UNUSED = (
    "missing", "written", "stale", "contradicted", "not shown"
)  # fmt: skip


@dataclass(frozen=True)
class Text:
    """One text: its name below ``texts/``, its state, and why.

    ``results`` are those that it rests on, as they are shown now, by what names them.
    """

    name: str
    state: str
    why: tuple[str, ...] = ()
    results: Mapping[str, str] | None = None


def looked_at(
    study: Study, root: Path, units: Iterable[str], opened: Callable[[str], Page]
) -> list[Text]:
    """Every text that a report asks for or that is there, by name, with its state.

    Parameters
    ----------
    units
        The study's units.
    opened
        Gives the page of a unit.

    Raises
    ------
    AnalystError
        If a text names a result that there is not, or that is withheld.
    """
    claims = claiming.load(study)
    folder = study.path("texts")
    there = {
        p.relative_to(folder).with_suffix("").as_posix(): p
        for p in translating.texts(study)
        if not translating.is_translation(study, p)
    }
    schools = [unit for unit in units if unit != COHORT]
    asked: dict[str, dict[str, str]] = {}
    own = [unit for unit in schools if f"schools/{unit}" in there]
    # What all schools share is looked at in one school's report, where no other is to be read.
    pages = {unit: opened(unit) for unit in (COHORT, *(own or schools[:1]))}
    for page in pages.values():
        for name, parts in chapters.texts_asked_for(page, root).items():
            shared = page.is_school and not name.startswith("schools/")
            asked.setdefault(name, {}).update({} if shared else _by_name(parts))
    for unit in schools:
        asked.setdefault(f"schools/{unit}", {})
    noted = NOTED.read(study)
    found = []
    for name in sorted({*asked, *there}):
        of_claims, contradicted = _of_claims(study, claims, name, pages)
        results = {**asked.get(name, {}), **of_claims}
        if name not in there:
            found.append(Text(name, MISSING))
            continue
        before = noted.get(name, {})
        old = before.get("results", {}) if before.get("text") == _hash(there[name]) else {}
        changed = tuple(
            f"{what}: {old[what]} when it was written, {results.get(what, 'nothing')} now"
            for what in old
            if results.get(what) != old[what]
        )
        is_shown = name in (*asked, "email") or name.startswith("value/")
        if contradicted:
            found.append(Text(name, CONTRADICTED, contradicted, results))
        elif not is_shown:
            found.append(Text(name, UNUSED, (_why_unused(name),), results))
        elif changed:
            found.append(Text(name, STALE, changed, results))
        else:
            why = () if results else ("names no result, and makes no claim: read it again",)
            found.append(Text(name, WRITTEN, why, results))
    return found


def _why_unused(name: str) -> str:
    if name.startswith("schools/"):
        return "the study has no school of this id"
    return "no chapter of this study asks for it"


def _by_name(parts: Iterable[Part]) -> dict[str, str]:
    return {f"{part.unit} {part.id}:{part.field}": part.text for part in parts}


def _of_claims(
    study: Study, claims: Claims | None, name: str, pages: Mapping[str, Page]
) -> tuple[dict[str, str], tuple[str, ...]]:
    """The numbers that decide a text's claims, as far as released; and what is contradicted."""
    results: dict[str, str] = {}
    contradicted = []
    for claim in claims.of_text(f"texts/{name}.md") if claims else ():
        page = pages.get(claim.unit)
        if page is None or claims is None:
            continue
        for each in references(claims.parsed[claim.id]) if claim.condition else ():
            row = page.rows.get((claim.unit, each.id))
            if row is not None:
                hidden = row["release"] != RELEASED
                text = WITHHELD if hidden else number_text(float(row[each.field]), 2)
                results[f"{claim.unit} {each.id}:{each.field}"] = text
        verdict = _judged(claims, claim.id, page)
        if verdict.state == claiming.CONTRADICTED:
            stays = f" (stays: {claim.stays})" if claim.stays else ""
            contradicted.append(f"{verdict.line()}{stays}")
    return results, tuple(contradicted)


def _judged(claims: Claims, claim_id: str, page: Page) -> Verdict:
    rows = {
        identity: {**row, "blind": True}
        for unit, identity in page.rows
        if unit == page.unit and (row := page.rows[unit, identity])
    }
    return claiming.verdict(claims, claim_id, rows)


def _whole(found: dict[str, Any]) -> None:
    if not all(isinstance(entry["results"], dict) for entry in found.values()):
        raise ValueError


NOTED = register.Noted(
    FILE,
    _whole,
    "What the texts were written on cannot be read.",
    "Restore the file from your backup, or remove it: texts then count as written now.",
)


def note(study: Study, texts: Iterable[Text], only: Iterable[str] | None = None) -> None:
    """Note what texts rest on now: those not noted as they are, or all of those named.

    Raises
    ------
    AnalystError
        If one is named that is not there.
    """
    by_name = {text.name: text for text in texts if text.state != MISSING}
    if unknown := sorted(set(only or ()) - set(by_name)):
        raise AnalystError(
            f"There is no text '{unknown[0]}'.",
            where=str(study.path("texts")),
            fix=f"Texts are {', '.join(sorted(by_name))}.",
        )
    before = NOTED.read(study)
    now: dict[str, Any] = {}
    for name, text in by_name.items():
        written = _hash(inside(study.path("texts"), *f"{name}.md".split("/")))
        kept = before.get(name, {})
        again = only is not None and name in only
        is_noted = kept.get("text") == written and not again
        now[name] = kept if is_noted else {"text": written, "results": dict(text.results or {})}
    if now != before:
        NOTED.write(study, now)


def unnoted(study: Study) -> bool:
    """Whether a text that rests on results is not noted as it is now."""
    noted = NOTED.read(study)
    claims = claiming.load(study)
    folder = study.path("texts")
    for path in translating.texts(study):
        name = path.relative_to(folder).with_suffix("").as_posix()
        rests = names(read_text(path), path) or (claims and claims.of_text(f"texts/{name}.md"))
        if rests and noted.get(name, {}).get("text") != _hash(path):
            return True
    return False


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
