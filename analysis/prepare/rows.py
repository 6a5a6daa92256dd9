"""Rows of a file in words, for messages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from analysis.errors import AnalystError, a_few

#: Rows named in full; the rest is counted.
NAMED = 8


def named(rows: Iterable[object]) -> str:
    """``row 4``, ``rows 4, 9`` or ``rows 4, 9, ... and 12 more``."""
    listed = [str(row) for row in rows]
    return f"row{'s' if len(listed) > 1 else ''} {a_few(listed, NAMED)}"


def at_once(errors: Sequence[AnalystError], where: str) -> AnalystError:
    """Several errors as one, so that none is found only when another has been put right."""
    if len(errors) == 1:
        return errors[0]
    found = [f"{error.what}\n      {error.where}" for error in errors]
    return AnalystError(
        f"{len(errors)} mistakes:\n    " + "\n    ".join(found),
        where=where,
        fix="\n         ".join(dict.fromkeys(error.fix for error in errors)),
    )
