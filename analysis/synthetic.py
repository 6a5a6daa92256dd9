"""Which files of a study are synthetic: those that its file ``SYNTHETIC`` lists."""

from __future__ import annotations

from pathlib import Path

from analysis.errors import AnalystError
from analysis.places import plain_file

NAME = "SYNTHETIC"


def listed(folder: Path) -> frozenset[str]:
    """Names in the study folder's ``SYNTHETIC`` file, relative to the folder; none without one."""
    path = folder / NAME
    if not path.exists():
        return frozenset()
    try:
        lines = plain_file(path).read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise AnalystError(
            f"{NAME} cannot be read: {error}.",
            where=str(path),
            fix="Save it as text in UTF-8, the name of one file in each line.",
        ) from None
    return frozenset(line.strip() for line in lines if line.strip() and not line.startswith("#"))
