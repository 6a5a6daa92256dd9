"""Counts that have a row only where there is something to count.

A code that nobody was heard on, or an aim that no plan holds, has no row in the ledger. It is nought
where others of its kind were counted, and not known where none were.
"""

from __future__ import annotations

import re

from analysis.qualitative.interviewed import EVER
from analysis.qualitative.plans import FIRST

#: Such counts, and a row that is there where anything of the kind was counted.
COUNTED: dict[re.Pattern[str], str] = {
    re.compile(r"interviews\.themes\.count\..*\.(people|schools)$"): (
        f"interviews.themes.check.codebook-codes.{EVER}.all.count"
    ),
    re.compile(r"action_plans\.plans\.(aims|areas|leads)\..*\.(plans|aims)$"): (
        f"action_plans.plans.plans.all.{FIRST}.all.plans"
    ),
}


def held_by(identity: str) -> str | None:
    """The row that is there where an absent one is nought; nothing where it is not known."""
    return next((held for counts, held in COUNTED.items() if counts.match(identity)), None)
