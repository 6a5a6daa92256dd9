"""Which ids may name a file or folder: of schools, editions, studies and surveys.

An id becomes a part of paths, on any system that the reports are copied to: letters of the Latin
alphabet without marks, figures, ``_`` and ``-``; no more than 32; and no name that Windows keeps
for its devices, or that the reports' own folders have.
"""

from __future__ import annotations

import re
import unicodedata

LONGEST = 32
SAFE = re.compile(r"[A-Za-z0-9_-]+")
#: Names that Windows keeps for devices, in any folder and with any ending.
DEVICES = frozenset(
    {"con", "prn", "aux", "nul"} | {f"{port}{n}" for port in ("com", "lpt") for n in range(10)}
)
#: Names of the site's folders and pages, and words that stand for several units.
OWN = frozenset(
    {"all", "assets", "cohort", "edition", "editions", "index", "none", "phase", "primary"}
    | {"programme", "release", "report", "reports", "reproduction", "school", "schools"}
    | {"secondary", "site", "study", "technical", "terms"}
)
#: Characters of a value that a message shows, at most.
SHOWN = 40


def folded(name: str) -> str:
    """A name as compared: two names that look alike, or differ in case, are one."""
    return unicodedata.normalize("NFKC", name).casefold()


def fault(name: str, *, own: bool = True) -> str:
    """Why a name cannot be an id, in words that follow it; empty text if it can.

    ``own`` names of the site are refused as well, unless the id has a folder to itself.
    """
    if not name:
        return "is empty"
    if len(name) > LONGEST:
        return f"is longer than {LONGEST} characters"
    if not SAFE.fullmatch(name):
        return "holds something else than letters A to Z, figures, _ and -"
    if folded(name) in DEVICES:
        return "is the name of a device of Windows"
    if own and folded(name) in OWN:
        return "is a name that the reports themselves use"
    return ""


def shown(name: str) -> str:
    """A name as a message shows it: what cannot be seen, or looks like something else, as code."""
    plain = ascii(name[:SHOWN])
    return f"{plain}… ({len(name)} characters)" if len(name) > SHOWN else plain
