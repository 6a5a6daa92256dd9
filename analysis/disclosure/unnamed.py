"""What the programme's report says of single schools without their names.

The points of its funnel, and each school's level at each wave, go by places. They show no more than
the schools' own reports do, and the places tell nothing of what is withheld: they are given by what
is shown.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.disclosure.draft import GIVES_AWAY, RELEASED, Draft
from analysis.results import COHORT, PARTS

#: What names a question of the ledger, but for the wave.
KEYS = ["source", "instrument", "measure"]
#: Places go by what is printed, not by what is left out of it.
DECIMALS = 2


@dataclass(frozen=True)
class Kind:
    """An analysis of the programme that has rows of single schools, by place.

    ``analysis`` and ``statistic`` are the schools' own rows that it says again, ``tested`` the
    statistic without which a school has no place; ``apart`` whether each wave has places of its
    own.
    """

    name: str
    analysis: str
    statistic: str
    tested: str
    apart: bool


KINDS = (
    Kind("funnel", "beside", "difference", "p", apart=True),
    Kind("schools", "level", "mean", "mean", apart=False),
)


def as_their_own(draft: Draft) -> None:
    """Withhold or coarsen by place what is withheld or coarse in the school's own results."""
    for kind in KINDS:
        for places, own in _pairs(draft, kind):
            same = np.zeros(len(draft.ledger), dtype=bool)
            same[places] = True
            if not draft.shown_at(own):
                draft.withhold(same, str(draft.reason[own]) or GIVES_AWAY)
            elif not np.isnan(draft.decimals[own]):
                points = same & draft.equals("statistic", kind.statistic)
                draft.coarsen(points, int(draft.decimals[own]))


def _pairs(draft: Draft, kind: Kind) -> Iterator[tuple[list[int], int]]:
    """Rows of a place at a wave, and the school's own row of which they are.

    Both are put in order by their numbers, so it does not matter which places the ledger gives.
    """
    ledger = draft.ledger
    by_place = draft.equals("analysis", kind.name) & draft.equals("unit", COHORT)
    by_place &= ledger["group"].str.startswith("place_").to_numpy()
    of_schools = draft.equals("analysis", kind.analysis) & draft.equals("group", "all")
    of_schools &= ~draft.equals("unit", COHORT)
    of_schools &= draft.equals("statistic", kind.tested, kind.statistic)
    keys = [*KEYS, "wave"] if kind.apart else KEYS
    owned = dict(iter(ledger[of_schools].groupby(keys)))
    waves = list(draft.waves)
    for key, rows in ledger[by_place].groupby(keys):
        own = owned[key]
        have = own.loc[own["statistic"] == kind.tested, "unit"]
        own = own[(own["statistic"] == kind.statistic) & own["unit"].isin(set(have))]
        points = rows[rows["statistic"] == kind.statistic]
        places, schools = _in_order(points, "group", waves), _in_order(own, "unit", waves)
        place_of = dict(zip(schools, places, strict=True))
        same = rows.groupby(["group", "wave"]).groups
        for school, wave, at in zip(own["unit"], own["wave"], own.index, strict=True):
            yield list(same.get((place_of[school], wave), [])), int(at)


def _in_order(
    rows: pd.DataFrame, column: str, waves: list[str], alike: Sequence[str] = ()
) -> list[str]:
    """Places, or schools: by the first wave at which they have a number, the highest first.

    Those with the same numbers, of as many people, stay in the order of ``alike``.
    """
    order = {
        str(name): [
            (-at[wave][0], at[wave][1]) if wave in at else (math.inf, 0.0) for wave in waves
        ]
        for name, each in rows.groupby(column)
        for at in [dict(zip(each["wave"], zip(each["value"], each["n"], strict=True), strict=True))]
    }
    return sorted(alike or sorted(order), key=order.__getitem__)


def by_what_is_shown(decided: pd.DataFrame, waves: list[str]) -> pd.DataFrame:
    """The decided ledger with places in the order of the numbers that are shown.

    A place among others would otherwise tell, of a number that is withheld, between which two it
    lies. Places of which nothing is shown come last.
    """
    found = decided.copy()
    by_place = found["group"].str.startswith("place_")
    for kind in KINDS:
        rows = found[(found["analysis"] == kind.name) & by_place]
        for _, same in rows.groupby([*KEYS, "wave"] if kind.apart else KEYS):
            shown = same[same["release"] == RELEASED]
            printed = shown["released_value"].round(DECIMALS)
            points = shown.assign(value=printed)[shown["statistic"] == kind.statistic]
            # Of places alike in that, whatever else is shown of them.
            rest = shown.assign(value=printed).sort_values(["statistic", "wave", "value"])
            also = rest.groupby("group")["value"].agg(tuple)
            alike = sorted(_in_order(points, "group", waves), key=lambda place: also[place])
            order = _in_order(points, "group", waves, alike)
            why = same.sort_values(["statistic", "wave"]).groupby("group")["reason"].agg(tuple)
            order += sorted(sorted(set(why.index) - set(order)), key=lambda place: why[place])
            new = {old: f"place_{number:03d}" for number, old in enumerate(order, start=1)}
            found.loc[same.index, "group"] = same["group"].map(new)
    changed = found["group"] != decided["group"]
    found.loc[changed, "id"] = found.loc[changed, list(PARTS)].agg(".".join, axis=1)
    return found
