"""Rows of a file in words, for messages."""

from __future__ import annotations

from collections.abc import Iterable

#: Rows named in full; the rest is counted.
NAMED = 8


def named(rows: Iterable[object]) -> str:
    """``row 4``, ``rows 4, 9`` or ``rows 4, 9, ... and 12 more``."""
    listed = [str(row) for row in rows]
    more = f" and {len(listed) - NAMED} more" if len(listed) > NAMED else ""
    return f"row{'s' if len(listed) > 1 else ''} {', '.join(listed[:NAMED])}{more}"
