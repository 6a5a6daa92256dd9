"""File names in the study file that may be patterns: the next term's file is found by itself."""

from __future__ import annotations

from pathlib import Path

from analysis.errors import AnalystError
from analysis.places import plain_file, within
from analysis.study import Study


def matching(study: Study, name: str) -> list[Path]:
    """The files of the study folder that a name or pattern stands for, in order of their names.

    Raises
    ------
    AnalystError
        If a match leads out of the study folder or is no file, or nothing matches.
    """
    if not is_pattern(name):
        return [study.path(name)]
    there = found(study, name)
    if not there:
        raise AnalystError(
            f"No file matches '{name}'.",
            where=str(study.path("study.yaml")),
            fix="Correct the pattern, or remove the line.",
        )
    return there


def is_pattern(name: str) -> bool:
    """Whether a name stands for whatever files fit it."""
    return any(mark in name for mark in "*?[")


def found(study: Study, name: str) -> list[Path]:
    """Those files of a name or pattern that are there, in order of their names: maybe none.

    Raises
    ------
    AnalystError
        If one leads out of the study folder or is no file.
    """
    return [plain_file(within(study.folder, path)) for path in sorted(study.folder.glob(name))]
