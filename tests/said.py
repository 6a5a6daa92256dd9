"""What pages say of a result, sentence by sentence, as verdicts that can be compared."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from analysis.instruments import Instrument

#: Of change in the same people: what a sentence says, by how it says it. The first that fits.
CHANGES = (
    (0, r"rise, a fall, or none|no (?:clear )?change|not clear|none of the .* clear change"
        r"|no change of a mean can be told|changes in either direction"),
    (0, r"smaller than would matter"),
    (1, r"\brose\b|consistent with a rise|clearly up"),
    (-1, r"\bfell\b|consistent with a fall|clearly down"),
)  # fmt: skip
#: A sentence about something else than the change of all who answered both times.
OTHERWISE = re.compile(
    r"\bitems?\b|leaders|teachers|primary|secondary|group|schools that stood|weighted|imputed"
    r"|differ|before it is corrected|would|interviewe|record|claim|published|at follow-up, |if "
)
SENTENCES = re.compile(r"(?<=[.;:])\s+|\n")


def verdicts(text: str, instruments: Iterable[Instrument]) -> Iterator[tuple[str, str, int, str]]:
    """Instrument, scale, sign and sentence of each statement of a change in a text.

    A scale is known by its label; a sentence that speaks of none of an instrument's scales, and
    names the instrument, speaks of all; one of all, or of the others, speaks of the instrument that
    was named last, and of its scales that no sentence has named since.
    """
    instruments = list(instruments)
    about: tuple[Instrument, set[str]] | None = None
    for sentence in SENTENCES.split(text):
        said = sentence.lower()
        named: dict[str, list[str]] = {}
        for found in instruments:
            labels = {score: found.score_label(score).lower() for score in found.scores}
            named[found.id] = [
                s for s, label in labels.items() if re.search(rf"\b{re.escape(label)}", said)
            ]
            if re.search(rf"\bthe {re.escape(found.short.lower())}\b", said):
                about = (found, set())
        rest: set[str] = set()
        if about and re.search(r"\b(all|the other) [\w]+ scales\b", said):
            rest = set(about[0].scores) - about[1]
        if about:
            about[1].update(named[about[0].id])
        if OTHERWISE.search(said.replace("smaller than would matter", "smaller")):
            continue
        sign = next((sign for sign, pattern in CHANGES if re.search(pattern, said)), None)
        if sign is None:
            continue
        for found in instruments:
            everything = re.search(
                rf"none of the [\w]+ scales of the {found.short.lower()}\b", said
            )
            scores = list(found.scores) if everything else named[found.id]
            if about and found is about[0]:
                scores += [score for score in rest if score not in scores]
            for score in scores:
                yield found.id, score, sign, sentence.strip()


def contradictions(
    texts: Iterable[tuple[str, str]], instruments: Iterable[Instrument]
) -> list[str]:
    """Places that say different things of one scale: each with what the others say."""
    instruments = list(instruments)
    said: dict[tuple[str, str], dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    for place, text in texts:
        for instrument, score, sign, sentence in verdicts(text, instruments):
            said[instrument, score][sign].add(f"{place}: {sentence}")
    return [
        f"{instrument}.{score}: " + " | ".join(sorted(min(each) for each in by_sign.values()))
        for (instrument, score), by_sign in sorted(said.items())
        if len(by_sign) > 1
    ]
