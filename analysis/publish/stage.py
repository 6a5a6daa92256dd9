"""Lay out one unit's report as a project folder of its own, for either renderer."""

from __future__ import annotations

import datetime as dt
import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import yaml

from analysis import resources
from analysis.errors import AnalystError
from analysis.present.page import Page
from analysis.present.sections import shown
from analysis.publish.notebooks import alias
from analysis.study import Study, read_yaml

INCLUDE = re.compile(r"\{\{<\s*include\s+(\S+)\s*>\}\}")
QUARTO_FORMATS = {"html": "html", "pdf": "typst"}
SCHOOL_REPORT = Path("report/school.qmd")


def stage(
    page: Page,
    root: Path,
    notebooks: Path,
    target: Path,
    formats: Sequence[str],
    renderer: Literal["quarto", "pandoc"],
) -> Path:
    """Make the project folder of a unit.

    Parameters
    ----------
    page
        The unit's released results (for its title, and for what its report has to show).
    root
        The project: ``_quarto.yml``, ``index.qmd`` and ``report/`` are taken from there, and
        what is not there from the package (:mod:`analysis.resources`).
    notebooks
        The unit's executed notebooks.
    target
        The folder to make; whatever was there is replaced.
    formats
        ``html``, ``pdf`` or both: the others are left out of ``_quarto.yml``.
    renderer
        The built-in one shows the study's notice on every page by itself.

    Returns
    -------
    pathlib.Path
        ``target``, with the same relative paths as ``root``, so that chapters embed and
        include what they name.
    """
    shutil.rmtree(target, ignore_errors=True)
    (target / "report").mkdir(parents=True)
    settings = configured(read_yaml(resources.find(root, "_quarto.yml")), page)
    settings["format"] = {
        QUARTO_FORMATS[name]: settings["format"][QUARTO_FORMATS[name]] for name in formats
    }
    _write_yaml(settings, target / "_quarto.yml")
    _write_yaml(unit_metadata(page) | {"built-in": renderer == "pandoc"}, target / "_unit.yml")
    sources = [SCHOOL_REPORT] if page.is_school else _chapters(settings)
    for source in sources:
        template = resources.find(root, source.as_posix())
        _copy(template, target / source)
        _copy_included(template, page.study, target)
    for name, path in resources.styles(root).items():
        _copy(path, target / name)
    if page.study.brand:
        _copy(page.study.path(page.study.brand), target / "data/raw" / page.study.brand)
    into = target / "data/processed/notebooks" / alias(page.unit)
    into.mkdir(parents=True)
    for notebook in sorted(notebooks.glob("*.ipynb")):
        shutil.copyfile(notebook, into / notebook.name)
    copy_plotly(target)
    return target


def configured(settings: dict[str, Any], page: Page) -> dict[str, Any]:
    """The book's settings with the study's title and edition; for a school, one document's."""
    study = page.study
    settings = {**settings, "metadata-files": ["_unit.yml"]}
    settings["project"] = {
        k: v for k, v in settings["project"].items() if not k.endswith("-render")
    }
    settings["project"]["output-dir"] = "_output"
    settings |= study_metadata(study)
    if not page.is_school:
        settings["book"] = settings["book"] | {
            "title": study.title,
            "subtitle": study.subtitle,
            "author": study.organisation,
            "date": study.edition.date.isoformat(),
            "page-footer": {"center": study.notice_short or study.title},
        }
        return settings
    book = settings.pop("book")
    settings["project"] |= {"type": "default", "render": [str(SCHOOL_REPORT)]}
    settings["number-sections"] = False
    settings["format"]["typst"] = {
        **settings["format"]["typst"],
        "toc-depth": settings["toc-depth"],
    }
    return settings | {
        "subtitle": f"{study.title}: school report",
        "author": study.organisation,
        "date": study.edition.date.isoformat(),
        "date-format": book["date-format"],
    }


def study_metadata(study: Study) -> dict[str, Any]:
    """What chapters may say of the study with ``{{< meta … >}}``."""
    return {
        "study": {
            "title": study.title,
            "programme": study.programme,
            "organisation": study.organisation,
            "population-note": study.population_note,
        },
        "edition": {
            "id": study.edition.id,
            "term": study.edition.term,
            "date": long_date(study.edition.date),
        },
        "waves": "; ".join(f"{wave.id} is {wave.label.lower()}" for wave in study.waves),
        "notice": study.notice,
        "notice-short": study.notice_short,
    }


def unit_metadata(page: Page) -> dict[str, Any]:
    """What chapters may say of the unit, and which of their sections it has."""
    metadata: dict[str, Any] = {
        "unit": page.unit,
        "show": shown(page),
        "threshold": {population.id: population.minimum for population in page.study.populations},
    }
    if page.is_school:
        metadata["title"] = str(page.school["name"])
    return metadata


def long_date(date: dt.date) -> str:
    """A date as readers write it: 31 July 2018."""
    return f"{date.day} {date:%B %Y}"


def copy_plotly(target: Path) -> None:
    """Put plotly.js, as the plotly package brings it, where the pages look for it."""
    import plotly

    source = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
    (target / "assets").mkdir(exist_ok=True)
    shutil.copyfile(source, target / "assets" / "plotly.min.js")


def _chapters(settings: dict[str, Any]) -> list[Path]:
    chapters: list[Path] = []
    for entry in settings["book"]["chapters"] + (settings["book"].get("appendices") or []):
        if isinstance(entry, str):
            chapters.append(Path(entry))
        else:
            chapters += [Path(name) for name in entry.get("chapters", [])]
    return chapters


def _copy_included(source: Path, study: Study, target: Path) -> None:
    """Copy what a chapter includes: the analyst's texts come from the study's own folder."""
    for match in INCLUDE.finditer(source.read_text(encoding="utf-8")):
        place = Path(match.group(1))
        if place.parts[:3] != ("..", "data", "raw"):
            raise AnalystError(
                f"The chapter includes {place}, which is not one of the study's texts.",
                where=str(source),
                fix="Include texts as ../data/raw/texts/<name>.md.",
            )
        inside = Path(*place.parts[3:])
        text = study.path(str(inside))
        if not text.exists():
            raise AnalystError(
                f"The text {inside} is missing, which the chapter {source.name} includes.",
                where=str(text),
                fix="Write it (it may be empty), or take the chapter out of _quarto.yml.",
            )
        _copy(text, target / "data/raw" / inside)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def _write_yaml(content: dict[str, Any], path: Path) -> None:
    text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=10_000)
    path.write_text(text, encoding="utf-8")
