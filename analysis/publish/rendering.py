"""Render a unit's report by whichever renderer, and move it into place in one step."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Literal

from analysis.errors import AnalystError
from analysis.language import spoken
from analysis.places import inside
from analysis.publish import builtin, chapters, quarto
from analysis.publish.chapters import PROGRAMME, Document
from analysis.publish.stage import Staged
from analysis.results import COHORT
from analysis.study import Study, load

Renderer = Literal["auto", "quarto", "pandoc"]
#: The folder of session packs, beside the reports.
PACKS = "packs"


def chosen(renderer: Renderer) -> Literal["quarto", "pandoc"]:
    """The renderer to use: ``auto`` is Quarto where it is found, else the built-in one.

    Raises
    ------
    AnalystError
        If Quarto is asked for and not found.
    """
    if renderer == "auto":
        return "quarto" if quarto.find() else "pandoc"
    if renderer == "quarto" and quarto.find() is None:
        raise AnalystError(
            "Quarto 1.9 or later was not found.",
            where="--renderer quarto",
            fix=quarto.GET_QUARTO
            + " Or leave out --renderer: the built-in renderer needs nothing.",
        )
    return renderer


def site(root: Path) -> Path:
    """Where a project publishes."""
    return root / "report" / "_site"


def edition(site: Path, study: Study) -> Path:
    """Where an edition is published.

    Nothing of one study, edition or pair of waves is at a place of another's: what compares other
    waves than the study file says has a folder of its own in its edition.
    """
    folder = inside(site, study.id, study.edition.id)
    if (study.baseline, study.followup) == _usual_waves(study):
        return folder
    return inside(folder, f"{study.baseline}-{study.followup}")


def destination(site: Path, study: Study, unit: str, document: Document | None = None) -> Path:
    """Where a unit's report is published: a school's, or one of the programme's documents."""
    folder = edition(site, study)
    if unit == COHORT:
        return inside(folder, (document or PROGRAMME).id)
    return inside(folder, "schools", unit)


def destinations(site: Path, study: Study, unit: str) -> list[Path]:
    """Where everything of a unit is published."""
    if unit != COHORT:
        return [destination(site, study, unit)]
    return [destination(site, study, unit, each) for each in chapters.documents(study)]


def pack(site: Path, study: Study, unit: str) -> Path:
    """Where a unit's session pack is."""
    return inside(edition(site, study), PACKS, PROGRAMME.id if unit == COHORT else unit)


def tidy(site: Path, study: Study) -> None:
    """Remove documents of the programme that the study no longer has."""
    folder, kept = edition(site, study), destinations(site, study, COHORT)
    for document in chapters.DOCUMENTS:
        place = inside(folder, document.id)
        if place not in kept:
            shutil.rmtree(place, ignore_errors=True)


def _usual_waves(study: Study) -> tuple[str, str]:
    """The pair of waves that the study file compares."""
    path = study.path("study.yaml")
    return _waves(path, path.stat().st_mtime_ns)


@cache
def _waves(path: Path, changed: int) -> tuple[str, str]:
    study = load(path.parent)
    return study.baseline, study.followup


def beside(place: Path) -> tuple[Path, Path]:
    """Where a report is being made, and where the one before it waits, beside its place."""
    parent = place.parent
    return inside(parent, f".{place.name}.new"), inside(parent, f".{place.name}.old")


def healed(place: Path) -> bool:
    """Put right what a run that was ended left at a report's place; whether there was anything.

    If it was ended between its two renames, the report before is put back; what was being made
    goes.
    """
    making, old = beside(place)
    found = making.exists() or old.exists()
    if old.exists() and not place.exists():
        old.rename(place)
    shutil.rmtree(old, ignore_errors=True)
    shutil.rmtree(making, ignore_errors=True)
    return found


@contextmanager
def healing(site: Path, study: Study, units: Sequence[str]) -> Iterator[None]:
    """Put right what was left at the places of units: before by a run that was ended, and after by
    this one, such as a document that was made and waited for one that failed."""
    places = [place for unit in units for place in destinations(site, study, unit)]
    try:
        for place in places:
            healed(place)
        yield
    finally:
        for place in places:
            healed(place)


def render(
    staged: Staged,
    place: Path,
    study: Study,
    formats: Sequence[Literal["html", "pdf"]],
    renderer: Literal["quarto", "pandoc"],
    check: Callable[[Path], None],
    finish: Callable[[Staged, builtin.Read, Path], None] = lambda *_: None,
) -> list[Path]:
    """Render a staged project beside its place, and check it; where its files will be.

    ``finish`` writes what lies beside a document's pages, and finishes these. What failed is taken
    away; what is rendered and not put in place, by :func:`healing`. An error names the analyst's own
    file and line.
    """
    # Beside its place, on the same file system: what is renamed cannot be half there.
    making, _ = beside(place)
    healed(place)
    making.mkdir(parents=True)
    try:
        found = _rendered(staged, making, study, formats, renderer, finish)
        check(making)
    except BaseException:
        healed(place)
        raise
    return [place / path.relative_to(making) for path in found]


def put_all(places: Sequence[Path]) -> None:
    """Put what was rendered beside these places there, in place of what was.

    Nothing half-made or unchecked is ever at a place: a report that fails leaves the one before
    it, in all its documents.
    """
    try:
        for place in places:
            _replace(place)
    finally:
        for place in places:
            # Where the second of the two renames failed.
            healed(place)


def _replace(place: Path) -> None:
    """Put what was made beside a place there, in place of what was."""
    making, old = beside(place)
    if place.exists():
        place.rename(old)
    making.rename(place)
    shutil.rmtree(old, ignore_errors=True)


def put(place: Path, make: Callable[[Path], None]) -> None:
    """Have a folder made beside its place, and then put there: whole, or as it was before."""
    making, _ = beside(place)
    healed(place)
    making.mkdir(parents=True)
    try:
        make(making)
        _replace(place)
    finally:
        healed(place)


def _rendered(
    staged: Staged,
    output: Path,
    study: Study,
    formats: Sequence[Literal["html", "pdf"]],
    renderer: Literal["quarto", "pandoc"],
    finish: Callable[[Staged, builtin.Read, Path], None],
) -> list[Path]:
    """Render one staged project into a folder."""
    try:
        read = builtin.read(staged.folder, formats)
        if renderer == "quarto":
            noon = dt.datetime.combine(study.edition.date, dt.time(12), tzinfo=dt.UTC)
            made = quarto.render(staged.folder, output, int(noon.timestamp()))
        else:
            made = builtin.write(read, output)
        finish(staged, read, output)
        for language, other in staged.others.items():
            with spoken(language):
                below = inside(output, language)
                made += _rendered(other, below, study, formats, renderer, finish)
        return made
    except builtin.DialectError as error:
        where = staged.origin(error.path, error.line)
        what = f"`{error.text}` cannot be rendered." if error.text else "Cannot be rendered."
        raise AnalystError(what, where=where, fix=f"{error.advice}.") from None
    except quarto.QuartoError as said:
        raise AnalystError(
            said.message,
            where=staged.origin(said.path, said.line) if said.path else str(staged.root / "report"),
            fix="Look for what is named above in the study's texts and the chapters (report/).",
        ) from None
