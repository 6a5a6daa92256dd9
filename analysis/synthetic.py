"""Which files of a study are synthetic: those that its file ``SYNTHETIC`` lists."""

from __future__ import annotations

from pathlib import Path

from analysis.places import plain_file

NAME = "SYNTHETIC"


def listed(folder: Path) -> frozenset[str]:
    """Names in the study folder's ``SYNTHETIC`` file, relative to the folder; none without one."""
    path = folder / NAME
    if not path.exists():
        return frozenset()
    lines = plain_file(path).read_text(encoding="utf-8").splitlines()
    return frozenset(line.strip() for line in lines if line.strip() and not line.startswith("#"))
