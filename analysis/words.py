"""Names as parts of ids, and ids as words for readers."""

from __future__ import annotations

import re

from analysis.language import ENGLISH, month_names, now, proper_names


def slug(text: str) -> str:
    """Text as part of an id: lower case, with underscores between words."""
    return "_".join("".join(c if c.isalnum() else " " for c in text.lower()).split())


def tidy(name: str) -> str:
    """An id as a label, where the study gives none: ``year_group`` is "Year group"."""
    words = name.replace("_", " ").strip()
    return words[:1].upper() + words[1:]


#: A year, or a school year, in figures: 2024, 2024/25; and a number of a term or a year: Term 2.
YEAR, NUMBERED = re.compile(r"\b\d{4}(?:\s*[/–-]\s*\d{2,4})?\b"), re.compile(r"\b(term|year) \d\b")
#: What a time is named by, beside months; and what may stand beside such a name.
OF_TIME = frozenset(["spring", "summer", "autumn", "fall", "winter", "term", "year"])
BESIDE = frozenset(
    ["early", "mid", "late", "and", "to", "half", "school", "academic", "first", "second", "third"]
)
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
        or first.rstrip(".").lower() in month_names(ENGLISH)
        or first != first.capitalize()
        or any(c.isdigit() for c in first)
    ):
        return label
    return label[:1].lower() + label[1:]


def is_time(label: str) -> bool:
    """Whether a label is the name of a time: a month, a season, a term or a year, and nothing else.

    People answer "in" such a time, and "at" anything else: in October 2024, at the autumn survey.
    """
    named = NUMBERED.sub(r"\1", YEAR.sub("year", label.lower()))
    words = re.findall(r"\w+", named)
    times = OF_TIME | month_names(ENGLISH) | month_names(now())
    return any(word in times for word in words) and all(word in times | BESIDE for word in words)
