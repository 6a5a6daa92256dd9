"""What may be said of a difference: the one rule that all sentences follow.

A rise or a fall is said only where the interval leaves no change out; it stands where the
correction for testing several scales (Holm, within an instrument's subscales) leaves it; and any
difference is too small to matter where the equivalence test puts it within the study's smallest
effect of interest. An interval that includes nought is never called "no change" without that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from analysis.present.page import Compared, Page
from analysis.questions import gives

#: A corrected or an equivalence test's p below this.
ALPHA = 0.05


@dataclass(frozen=True)
class Verdict:
    """What interval, correction and equivalence test allow to be said.

    ``sign`` is 1 or -1 where the interval lies on one side of nought, and 0 where it does not;
    ``corrected`` is whether the difference was one of a family of tests, and ``stands`` whether
    it is left after correction (or was one of none); ``small`` is whether it is too small to
    matter.
    """

    row: dict[str, Any]
    sign: int
    corrected: bool
    stands: bool
    small: bool

    def words(self) -> str:
        """The verdict on a change, as the end of a sentence."""
        if not self.sign:
            return (
                "any change is smaller than would matter"
                if self.small
                else "consistent with no change, and with changes in either direction"
            )
        said = f"consistent with {'a rise' if self.sign > 0 else 'a fall'}"
        if self.small:
            said += " smaller than would matter"
        if not self.stands:
            said += ", which does not stand after correction for testing several scales"
        return said


def of(page: Page, who: Compared | None, *parts: str) -> Verdict | None:
    """The verdict on a released difference; nothing where it has no interval to go by.

    ``parts`` are source, instrument, analysis, score and waves. Over schools the corrected p is
    the clustered one; a school's own, where it has one, is of its own people.
    """
    row = page.values(who, *parts, "difference")
    if row is None or pd.isna(row["ci_low"]):
        return None
    sign = int(row["ci_low"] > 0) - int(row["ci_high"] < 0)
    holm = "p_holm" if who is None and page.is_school else "p_clustered_holm"
    corrected, equivalence = (
        page.values(who, *parts, name) if gives(parts[2], name) else None
        for name in (holm, "p_equivalence")
    )
    return Verdict(
        row=row,
        sign=sign,
        corrected=corrected is not None,
        stands=corrected is None or bool(corrected["value"] < ALPHA),
        small=equivalence is not None and bool(equivalence["value"] < ALPHA),
    )
