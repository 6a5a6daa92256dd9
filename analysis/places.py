"""Where things are: the project's folder, and what belongs to a study beside its own.

Imports nothing heavy, so that a command that finds nothing to do ends at once.
"""

from __future__ import annotations

from pathlib import Path


def project_of(start: Path) -> Path | None:
    """The nearest folder that holds ``_quarto.yml``, from ``start`` upwards; nothing if none does."""
    here = start.resolve()
    folders = (here, *here.parents)
    return next((folder for folder in folders if (folder / "_quarto.yml").exists()), None)


def project_root(start: Path | None = None) -> Path:
    """The project of a folder.

    A study outside any project belongs to the one where the command is given; the present folder
    is a project, too, if it is in none: all but the study may come from the package.
    """
    here = Path.cwd().resolve()
    return (start and project_of(start)) or project_of(here) or here


def processed(study: Path) -> Path:
    """Where the processed data of the study in a folder live: ``processed`` beside it.

    For ``data/raw`` that is ``data/processed``; another study folder has its own,
    ``processed-<folder>``, so that two studies never mix.
    """
    folder = study.resolve()
    return folder.parent / ("processed" if folder.name == "raw" else f"processed-{folder.name}")
