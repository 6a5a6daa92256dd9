"""What a project of one's own is to hold: the answers that ``drp init`` asks for, checked."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from analysis import strands as registry
from analysis.errors import AnalystError
from analysis.names import LONGEST, fault
from analysis.study import FLOORS, INTERVIEWEES, SCHOOLS
from analysis.words import slug, tidy

#: Populations that need no more than their name: kind, plural noun, one of them.
KNOWN = {
    "staff": ("adults", "staff", "member of staff"),
    "pupils": ("children", "pupils", "pupil"),
    "parents": ("adults", "parents", "parent"),
    "governors": ("adults", "governors", "governor"),
}
#: Fewest schools in a group that can be shown: release asks for three.
SCHOOLS_IN_A_GROUP = 3
MOST_SCHOOLS = 40
ID = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class Asked:
    """One population, and so one survey."""

    id: str
    kind: str
    noun: str
    one: str

    @property
    def minimum(self) -> int:
        """The smallest number of them whose results may leave."""
        return FLOORS[self.kind]


@dataclass(frozen=True)
class Plan:
    """A study to be: ``year`` is that in which its school year begins."""

    title: str
    organisation: str
    programme: str
    populations: tuple[Asked, ...]
    phases: tuple[str, ...]
    strands: tuple[str, ...]
    schools: int
    year: int

    @property
    def id(self) -> str:
        """The study's id: its title in letters that any system can name a folder with."""
        plain = unicodedata.normalize("NFKD", self.title).encode("ascii", "ignore").decode("ascii")
        name = slug(plain)
        name = (
            name if ID.fullmatch(name) and not fault(name[:LONGEST], own=False) else f"study_{name}"
        )
        return name[:LONGEST].rstrip("_")

    @property
    def short(self) -> str:
        """The title's first letters, or the title if it is one word."""
        words = self.title.split()
        return "".join(word[0] for word in words).upper() if len(words) > 1 else self.title


def planned(
    title: str,
    organisation: str,
    programme: str,
    populations: list[str],
    phases: list[str],
    strands: list[str],
    schools: int,
    year: int,
) -> Plan:
    """The answers as a plan.

    Parameters
    ----------
    populations
        Ids, each ``staff`` or, for a population of one's own, ``carers:adults``.
    phases
        Ids of the groups of schools that are compared; none, or two and more.
    strands
        Ids of strands (:mod:`analysis.strands`).
    schools
        How many invented schools.
    year
        The year in which the first school year begins.

    Raises
    ------
    AnalystError
        Naming the answer that cannot be used, and what can.
    """
    for option, text in (
        ("--title", title), ("--organisation", organisation), ("--programme", programme),
    ):  # fmt: skip
        if not text.strip() or not text.isprintable():
            raise _refused(
                f"'{text}' is no {option[2:]}.", option, "Give a few words, in one line."
            )
    asked = tuple(_population(text) for text in populations)
    if not asked:
        raise _refused(
            "A study asks somebody.", "--population", f"Name one of {', '.join(KNOWN)}, or more."
        )
    ids = [each.id for each in asked]
    _refuse_twice(ids, "--population")
    for name in phases:
        if not ID.fullmatch(name) or name in ("all", *ids):
            raise _refused(
                f"'{name}' cannot be a phase.",
                "--phase",
                "Use a word of small letters, such as primary, that stands for nothing else.",
            )
    _refuse_twice(phases, "--phase")
    if len(phases) == 1:
        raise _refused(
            f"'{phases[0]}' alone has nothing to be compared with.",
            "--phase",
            "Name two phases or more, or none.",
        )
    for name in strands:
        if name not in registry.BY_ID:
            raise _refused(
                f"There is no strand '{name}'.",
                "--strand",
                f"Strands are {', '.join(registry.BY_ID)}.",
            )
    _refuse_twice(strands, "--strand")
    fewest = SCHOOLS_IN_A_GROUP * max(len(phases), 1)
    if not fewest <= schools <= MOST_SCHOOLS:
        raise _refused(
            f"{schools} schools cannot be made.",
            "--schools",
            f"Give a number from {fewest} (three of each phase) to {MOST_SCHOOLS}.",
        )
    if not 2000 <= year <= 2100:
        raise _refused(f"{year} is no year.", "--year", "Give one such as 2026.")
    return Plan(
        title.strip(), organisation.strip(), programme.strip(), asked, tuple(phases),
        tuple(each for each in registry.BY_ID if each in strands), schools, year,
    )  # fmt: skip


def _population(text: str) -> Asked:
    name, _, kind = text.partition(":")
    if name in KNOWN and kind in ("", KNOWN[name][0]):
        return Asked(name, *KNOWN[name])
    if name in KNOWN:
        raise _refused(
            f"{tidy(name)} are {KNOWN[name][0]}, not '{kind}'.",
            "--population",
            f"Write {name}; or another word, if you mean others.",
        )
    taken = name in (SCHOOLS, INTERVIEWEES, "all", "cohort")
    if not ID.fullmatch(name) or taken or fault(name, own=False):
        raise _refused(
            f"'{name}' cannot be a population.",
            "--population",
            "Use a word of small letters that stands for nothing else, such as carers:adults.",
        )
    if kind not in FLOORS:
        raise _refused(
            f"'{text}' does not say whether {name} are adults or children.",
            "--population",
            f"Write {name}:adults or {name}:children; the rules for children are stricter.",
        )
    noun = tidy(name).lower()
    return Asked(name, kind, noun, f"one of the {noun}")


def _refuse_twice(names: list[str], option: str) -> None:
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise _refused(f"'{twice}' is named twice.", option, "Name it once.")


def _refused(what: str, option: str, fix: str) -> AnalystError:
    return AnalystError(what, where=f"drp init {option}", fix=fix)
