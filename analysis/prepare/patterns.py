"""File names in the study file that may be patterns: the next term's file is found by itself."""

from __future__ import annotations

from pathlib import Path

from analysis.errors import AnalystError
from analysis.study import Study


def matching(study: Study, name: str) -> list[Path]:
    """The files of the study folder that a name or pattern stands for, in order of their names.

    Raises
    ------
    AnalystError
        If a pattern leads out of the study folder, or nothing matches it.
    """
    if not any(mark in name for mark in "*?["):
        return [study.path(name)]
    if Path(name).is_absolute() or ".." in Path(name).parts:
        raise AnalystError(
            f"'{name}' leads out of the study folder.",
            where=str(study.path("study.yaml")),
            fix="Keep the study's files in its folder.",
        )
    found = sorted(path for path in study.folder.glob(name) if path.is_file())
    if not found:
        raise AnalystError(
            f"No file matches '{name}'.",
            where=str(study.path("study.yaml")),
            fix="Correct the pattern, or remove the line.",
        )
    return found
