"""How the checked sentences of the study's own texts came out, said beside each text."""

from __future__ import annotations

from analysis import claims as claiming
from analysis.claims import Verdict
from analysis.claims.document import VALUE_TEXTS
from analysis.present import count_words
from analysis.present.count_words import Piece
from analysis.present.page import Page, ProgrammeRows
from analysis.present.shown import escaped

#: What became of a text's sentences.
OUTCOMES = {
    claiming.SUPPORTED: "borne out",
    claiming.CONTRADICTED: "contradicted",
    claiming.WITHHELD: "resting on numbers that are withheld",
    claiming.UNTESTED: "that no data of this study can test",
}


def judged(page: Page) -> list[Verdict]:
    """What the programme's released results say of every such sentence."""
    found = claiming.load(page.study)
    if found is None:
        return []
    return [v for v in claiming.verdicts(found, ProgrammeRows(page.rows)) if v.claim.text]


def outcome(verdicts: list[Verdict], name: str) -> list[Piece]:
    """How the sentences of one text on a value cycle came out; nothing if none was checked.

    A sentence that the data contradict is quoted with the reason why it stays: what is
    contradicted without a reason is never released.
    """
    of_text = [v for v in verdicts if v.claim.text == f"{VALUE_TEXTS}/{name}.md"]
    if not of_text:
        return []
    states = [verdict.state for verdict in of_text]
    said = [
        f"{count_words.number_word(states.count(state))} {words}"
        for state, words in OUTCOMES.items()
        if state in states
    ]
    pieces: list[Piece] = [
        f"*Sentences of this text checked against the results: {'; '.join(said)}.*\n\n"
    ]
    for verdict in of_text:
        if verdict.state == claiming.CONTRADICTED:
            pieces.append(
                f"**The data contradict “{escaped(verdict.claim.sentence)}”** "
                f"{escaped(verdict.claim.stays)}\n\n"
            )
    return pieces
