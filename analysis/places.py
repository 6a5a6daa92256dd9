"""Where things are: the project's folder, and what belongs to a study beside its own.

Imports nothing heavy, so that a command that finds nothing to do ends at once.
"""

from __future__ import annotations

from pathlib import Path


def project_root(start: Path | None = None) -> Path:
    """The folder that holds ``_quarto.yml``, from here upwards; else the present folder."""
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / "_quarto.yml").exists():
            return folder
    return here


def processed(study: Path) -> Path:
    """Where the processed data of the study in a folder live: ``processed`` beside it.

    For ``data/raw`` that is ``data/processed``; another study folder has its own,
    ``processed-<folder>``, so that two studies never mix.
    """
    folder = study.resolve()
    return folder.parent / ("processed" if folder.name == "raw" else f"processed-{folder.name}")
