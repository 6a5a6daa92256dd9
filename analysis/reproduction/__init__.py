"""Published figures beside computed ones: do they match, and if not, why not?

A match shows that a figure is arithmetically possible with these data, not that it is true.
"""

from analysis.reproduction.compare import (
    EXPLAINED,
    MATCH,
    UNEXPLAINED,
    WITHHELD,
    Compared,
    compare,
    frame,
    summary,
    summary_lines,
)
from analysis.reproduction.published import CLASSES, Figure, Published, load
from analysis.reproduction.record import read, write

__all__ = [
    "CLASSES",
    "EXPLAINED",
    "MATCH",
    "UNEXPLAINED",
    "WITHHELD",
    "Compared",
    "Figure",
    "Published",
    "compare",
    "frame",
    "load",
    "read",
    "summary",
    "summary_lines",
    "write",
]
