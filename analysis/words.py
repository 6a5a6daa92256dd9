"""Names as parts of ids, and ids as words for readers."""

from __future__ import annotations

from analysis.language import ENGLISH, now, proper_names


def slug(text: str) -> str:
    """Text as part of an id: lower case, with underscores between words."""
    return "_".join("".join(c if c.isalnum() else " " for c in text.lower()).split())


def tidy(name: str) -> str:
    """An id as a label, where the study gives none: ``year_group`` is "Year group"."""
    words = name.replace("_", " ").strip()
    return words[:1].upper() + words[1:]


#: Words that keep their capital wherever they stand, beside months and days.
NAMES = frozenset(["Christmas", "Easter"])


def inside(label: str) -> str:
    """A label inside a sentence: its first letter is small, unless the word is a name."""
    first = label.split(" ", 1)[0]
    letter = first[:2].endswith("-")
    known = proper_names(ENGLISH) | proper_names(now())
    if (
        letter
        or first in NAMES
        or first in known
        or first != first.capitalize()
        or any(c.isdigit() for c in first)
    ):
        return label
    return label[:1].lower() + label[1:]
