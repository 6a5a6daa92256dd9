"""One result in a sentence or two, with how strong its evidence is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analysis.present.sentences import upper
from analysis.present.shown import Part

Piece = str | Part


@dataclass(frozen=True)
class Finding:
    """One or two sentences on one result, and how strong the evidence is.

    ``strength`` is one of :data:`analysis.present.key_findings.STRENGTHS`; none where scores are only
    described: of what is settled by no comparison, nothing is open.
    """

    pieces: Sequence[Piece]
    strength: str = ""


def trimmed(pieces: Sequence[Piece]) -> list[Piece]:
    """Without space at the end."""
    *before, last = pieces
    return [*before, last.rstrip() if isinstance(last, str) else last]


def capital(pieces: list[Piece]) -> list[Piece]:
    """With a capital at the beginning."""
    first, *rest = pieces
    return [upper(first) if isinstance(first, str) else first, *rest]
