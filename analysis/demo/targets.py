"""The tables of figures that the demonstration study's answers have to give.

``targets_*.csv`` holds one row per statistic: either ``printed`` as the published report has it,
or a box from ``low`` to ``high`` where the report says something without a figure ("significant
in primary schools", "all items rose") or a plausible value is wanted.
"""

from __future__ import annotations

from collections.abc import Sequence

from analysis.demo import sizes
from analysis.demo.reconstruct import Target, printed_box


def read(name: str, waves: Sequence[str]) -> tuple[Target, ...]:
    """The targets of one table beside this module.

    Parameters
    ----------
    name
        File name.
    waves
        Wave ids in order; the table writes a pair as ``T1-T2``.
    """
    place = {wave: number for number, wave in enumerate(waves)}
    found = []
    for row in sizes.table(name, as_text=True).itertuples():
        low, high = (
            printed_box(str(row.printed))
            if row.printed
            else (float(str(row.low)), float(str(row.high)))
        )
        at = tuple(place[wave] for wave in str(row.wave).split("-"))
        found.append(Target(str(row.score), str(row.group), at, str(row.statistic), low, high))
    return tuple(found)


def plausible_icc(
    scores: Sequence[str], waves: Sequence[str], low: float, high: float
) -> tuple[Target, ...]:
    """Targets that keep the share of variance between schools plausible."""
    return tuple(
        Target(score, "all", (wave,), "icc", low, high)
        for score in scores
        for wave in range(len(waves))
    )
