"""The checked sentences of the study's own texts: what the data contradict is said beside them."""

from __future__ import annotations

from analysis import claims as claiming
from analysis.claims import Verdict
from analysis.claims.document import VALUE_TEXTS
from analysis.language import gettext
from analysis.present.count_words import Piece
from analysis.present.page import Page, ProgrammeRows
from analysis.present.shown import escaped


def judged(page: Page) -> list[Verdict]:
    """What the programme's released results say of every such sentence."""
    found = claiming.load(page.study)
    if found is None:
        return []
    return [v for v in claiming.verdicts(found, ProgrammeRows(page.rows)) if v.claim.text]


def contradicted(verdicts: list[Verdict], name: str) -> list[Piece]:
    """The sentences of one text on a value cycle that the data contradict, each with the reason why
    it stays: what is contradicted without a reason is never released."""
    pieces: list[Piece] = []
    for verdict in verdicts:
        of_text = verdict.claim.text == f"{VALUE_TEXTS}/{name}.md"
        if of_text and verdict.state == claiming.CONTRADICTED:
            told = gettext(
                "**The data contradict “{sentence}”**", sentence=escaped(verdict.claim.sentence)
            )
            pieces.append(f"{told} {escaped(verdict.claim.stays)}\n\n")
    return pieces
