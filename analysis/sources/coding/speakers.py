"""Who speaks where in a source: by position, and never by guess.

Tools tie a case (a person, as a rule) to a whole source or to stretches of it. A case that holds
the whole source says what is known of it; where cases hold stretches, a passage is that case's
which holds it wholly, and nobody's if there is none or several.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

#: Why it is not known whose a passage is.
SEVERAL = "not wholly within one speaker's words"
NOBODY = "outside the words of every speaker"
UNNAMED = "of a speaker or source without a name"


@dataclass(frozen=True)
class Case:
    """A case: its key in the file, its name, and the values of its attributes by column."""

    key: str
    name: str = ""
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Speakers:
    """The cases of one source: those that hold it whole, and the stretches of the others.

    ``own`` is what the source says of itself, which goes before what its cases say.
    """

    own: Mapping[str, str] = field(default_factory=dict)
    whole: dict[str, Case] = field(default_factory=dict)
    stretches: list[tuple[int, int, Case]] = field(default_factory=list)

    def add(self, case: Case, start: int, end: int, text: str) -> None:
        """A case that holds a stretch (in characters): the whole, if nothing else is said."""
        said = text.rstrip()
        first = len(text) - len(text.lstrip())
        if not said or (start <= first and end >= len(said) - 1):
            self.whole[case.key] = case
        else:
            self.stretches.append((start, end, case))

    @property
    def name(self) -> str:
        """The name of the only case that holds the whole source."""
        names = {case.name for case in self.whole.values()}
        return names.pop() if len(names) == 1 else ""

    @property
    def common(self) -> dict[str, str]:
        """What the source says, and its cases where they do not contradict each other."""
        found: dict[str, set[str]] = {}
        for case in self.whole.values():
            for column, value in case.values.items():
                found.setdefault(column, set()).add(value)
        agreed = {column: values.pop() for column, values in found.items() if len(values) == 1}
        return agreed | dict(self.own)

    def at(self, start: int, end: int) -> dict[str, str] | str:
        """What is known of whoever speaks there, or why it is not known who does.

        Where cases hold stretches, ``source_id`` is the speaker's: the case's attribute of that
        name, or its own name.
        """
        if not self.stretches:
            return self.common
        touching = {c.key: c for first, last, c in self.stretches if first < end and start < last}
        if not touching:
            return NOBODY
        case = next(iter(touching.values()))
        if len(touching) > 1 or not self._holds(case.key, start, end):
            return SEVERAL
        name = case.values.get("source_id") or case.name
        return {**self.common, **case.values, "source_id": name} if name else UNNAMED

    def _holds(self, key: str, start: int, end: int) -> bool:
        """Whether the stretches of a case, one after the other, hold a passage wholly."""
        reached = start
        for first, last, case in sorted(self.stretches, key=lambda stretch: stretch[:2]):
            if case.key == key and first <= reached:
                reached = max(reached, last)
        return reached >= end


def trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """A passage's place without the white space at its edges, which is nobody's."""
    words = text[start:end]
    if not words.strip():
        return start, end
    return start + len(words) - len(words.lstrip()), start + len(words.rstrip())
