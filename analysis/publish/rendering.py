"""Render a unit's report by whichever renderer, and move it into place in one step."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

from analysis.errors import AnalystError
from analysis.publish import builtin, quarto
from analysis.results import COHORT
from analysis.study import Study

Renderer = Literal["auto", "quarto", "pandoc"]


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


def destination(site: Path, study: Study, unit: str) -> Path:
    """Where a unit's report is published."""
    edition = site / study.edition.id
    return edition / "programme" if unit == COHORT else edition / "schools" / unit


def render(
    project: Path,
    place: Path,
    study: Study,
    formats: Sequence[Literal["html", "pdf"]],
    renderer: Literal["quarto", "pandoc"],
    check: Callable[[Path], None],
) -> list[Path]:
    """Render a staged project, check it, and then replace what is published at ``place``.

    Nothing half-made or unchecked is ever at ``place``: a report that fails leaves the one
    before it.
    """
    making = project.parent / f"{project.name}.out"
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True)
    try:
        if renderer == "quarto":
            noon = dt.datetime.combine(study.edition.date, dt.time(12), tzinfo=dt.UTC)
            made = quarto.render(project, making, int(noon.timestamp()))
        else:
            try:
                made = builtin.render(project, making, formats)
            except builtin.DialectError as error:
                raise AnalystError(
                    str(error),
                    where=str(project),
                    fix="Correct the text or template that is named.",
                ) from None
        check(making)
        place.parent.mkdir(parents=True, exist_ok=True)
        old = place.with_name(f".{place.name}.old")
        shutil.rmtree(old, ignore_errors=True)
        if place.exists():
            place.rename(old)
        making.rename(place)
        shutil.rmtree(old, ignore_errors=True)
    finally:
        shutil.rmtree(making, ignore_errors=True)
    return [place / path.relative_to(making) for path in made]
