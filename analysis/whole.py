"""A study checked whole: all mistakes of all its files at once, before anything is computed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from analysis import claims, instruments, prepare, reproduction, resources, study
from analysis.claims.document import VALUE_TEXTS
from analysis.disclosure import retiring, store
from analysis.errors import AnalystError, Collected, a_few
from analysis.places import project_root
from analysis.prepare import Prepared
from analysis.present import named_results
from analysis.publish import chapters, notebooks
from analysis.publish.builtin import brand
from analysis.publish.builtin.dialect import DialectError
from analysis.publish.builtin.project import read_source
from analysis.sources import mapping
from analysis.study import Study, at, key_folder, read_text, read_yaml

#: Folders of YAML files.
WRITTEN = ("instruments", "mappings", "questionnaires")
#: What a project's ``_quarto.yml`` has to hold to lay out a report.
SETTINGS = ("project", "book", "format")


def load(folder: Path) -> Study:
    """The study in a folder.

    Raises
    ------
    AnalystError
        If ``study.yaml`` is wrong: with its mistakes, and with those of every other file written
        by hand, as far as they can be told without it.
    """
    try:
        return study.load(folder)
    except AnalystError as error:
        mistakes = Collected()
        mistakes.add(error)
        for path in _by_hand(folder):
            with mistakes.also():
                _read(path, folder)
        mistakes.raise_any()
        raise


def prepared(found: Study, key_folder: Path, folder: Path | None) -> Prepared:
    """The study read, checked, linked and scored (:func:`analysis.prepare.prepare`).

    Raises
    ------
    AnalystError
        Naming every mistake of every file: those of the data, and whatever would stop a report
        later. No tables are left then.
    """
    mistakes = Collected()
    retiring.refuse_retired(found)
    made = None
    with mistakes.also():
        made = prepare.prepare(found, key_folder, folder=folder)
    for look in (_claims, _published, _brand, _texts, _project, _notebooks, _chapters):
        with mistakes.also():
            look(found)
    if mistakes.errors and folder:
        prepare.tables.remove(folder)
    mistakes.raise_any()
    assert made is not None
    return made


def _by_hand(folder: Path) -> Iterator[Path]:
    """Files of a study folder that are written by hand, without ``study.yaml``."""
    for pattern in (
        "*.yaml",
        "instruments/*.yaml",
        "mappings/*.yaml",
        "questionnaires/*.yaml",
        "brand/*.yml",
        "texts/*.md",
    ):
        yield from (path for path in sorted(folder.glob(pattern)) if path.name != "study.yaml")


def _read(path: Path, folder: Path) -> None:
    kind = path.relative_to(folder).parts[0]
    if path.suffix == ".md":
        read_text(path)
    elif kind == "instruments":
        instruments.load(path)
    elif kind == "mappings":
        mapping.load(path)
    else:
        read_yaml(path)


def _claims(found: Study) -> None:
    claims.load(found)


def _published(found: Study) -> None:
    reproduction.load(found)


def _brand(found: Study) -> None:
    if not found.brand:
        return
    path = found.path(found.brand)
    folder = path.parent
    try:
        brand.read(read_source(path, folder), lambda target: folder / target)
    except DialectError as error:
        line = f", line {error.line}" if error.line else ""
        what = f"'{error.text}': {error.advice}" if error.text else error.advice
        raise AnalystError(
            f"The brand cannot be used: {what}.",
            where=f"{path}{line}",
            fix="Correct it, or take 'brand' out of study.yaml.",
        ) from None


def _texts(found: Study) -> None:
    mistakes = Collected()
    for path in sorted(found.path("texts").rglob("*.md")):
        with mistakes.also():
            named = named_results.names(read_text(path), path)
            if named and path.is_relative_to(found.path(VALUE_TEXTS)):
                raise AnalystError(
                    f"{path.name} names results, which the text on a value cycle cannot.",
                    where=str(path),
                    fix="Write the sentence as a claim of the text instead (claims.yaml).",
                )
    mistakes.raise_any()


def _project(found: Study) -> None:
    root = project_root(found.folder)
    for before, now in resources.MOVED.items():
        if own := [path.name for path in sorted((root / before).glob("*")) if path.is_file()]:
            raise AnalystError(
                f"{before} is not looked into any more, and holds {a_few(own, 6)}.",
                where=str(root / before),
                fix=f"Move what is your own to {now}, and take the folder away.",
            )
    path = resources.find(root, "_quarto.yml")
    settings = read_yaml(path)
    missing = [name for name in SETTINGS if not isinstance(settings.get(name), dict)]
    if missing:
        raise AnalystError(
            f"{path.name} has no '{missing[0]}'.",
            where=str(path),
            fix=f"Put it back: compare with {resources.shipped() / path.name}.",
        )


def _notebooks(found: Study) -> None:
    mistakes = Collected()
    for path in resources.notebooks(project_root(found.folder)):
        with mistakes.also():
            notebooks.check(path)
    mistakes.raise_any()


def _chapters(found: Study) -> None:
    """Templates are whole, and those that the study names are there, and have their strand."""
    root = project_root(found.folder)
    mistakes = Collected()
    for path in resources.templates(root):
        with mistakes.also():
            chapters.check(path)
    # A study's list names subjects; whatever template is none of ours is the project's own.
    ours = {each.first for each in chapters.DOCUMENTS} | {chapters.SCHOOL}
    ours |= {each.template for each in chapters.CHAPTERS}
    own = {path.stem for path in resources.templates(root)} - ours
    known = sorted({each.name for each in chapters.CHAPTERS} | own)
    for name in found.report.chapters:
        if name not in known:
            mistakes.add(
                AnalystError(
                    f"There is no chapter '{name}'.",
                    where=at(found.path("study.yaml"), "report.chapters"),
                    fix=f"Write report/{name}.qmd, or name one of {', '.join(known)}.",
                )
            )
    with mistakes.also():
        chapters.chosen(found)
    mistakes.raise_any()


def schools(found: Study) -> pd.DataFrame:
    """The schools of the study.

    Raises
    ------
    AnalystError
        If their table is wrong: with every other mistake of the study.
    """
    try:
        return prepare.schools.read(found)
    except AnalystError:
        prepared(found, key_folder(found), store.processed(found))
        raise
