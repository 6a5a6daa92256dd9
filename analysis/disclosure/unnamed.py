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
from numpy.typing import NDArray

from analysis.disclosure.draft import GIVES_AWAY, RELEASED, Draft
from analysis.results import COHORT, PARTS, as_words

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


def _is_place(group: str) -> bool:
    return group.startswith("place_")


def as_their_own(draft: Draft) -> None:
    """Withhold or coarsen by place what is withheld or coarse in the school's own results."""
    for kind in KINDS:
        points = draft.equals("statistic", kind.statistic)
        for places, own in _pairs(draft, kind):
            if not draft.shown_at(own):
                draft.withhold_at(places, draft.reason[own] or GIVES_AWAY)
            elif not np.isnan(draft.decimals[own]):
                draft.coarsen_at(places[points[places]], int(draft.decimals[own]))


def _pairs(draft: Draft, kind: Kind) -> Iterator[tuple[NDArray[np.int64], int]]:
    """Rows of a place at a wave, and the school's own row of which they are.

    Both are put in order by their numbers, so it does not matter which places the ledger gives.
    """
    ledger = draft.ledger
    by_place = draft.equals("analysis", kind.name) & draft.equals("unit", COHORT)
    by_place &= draft.where("group", _is_place)
    of_schools = draft.equals("analysis", kind.analysis) & draft.equals("group", "all")
    of_schools &= ~draft.equals("unit", COHORT)
    of_schools &= draft.equals("statistic", kind.tested, kind.statistic)
    keys = [*KEYS, "wave"] if kind.apart else KEYS
    said = [*KEYS, "wave", "unit", "group", "statistic", "value", "n"]
    owned = dict(iter(as_words(ledger.loc[of_schools, said]).groupby(keys)))
    waves = list(draft.waves)
    for key, rows in as_words(ledger.loc[by_place, said]).groupby(keys):
        own = owned[key]
        have = own.loc[own["statistic"] == kind.tested, "unit"]
        own = own[(own["statistic"] == kind.statistic) & own["unit"].isin(set(have))]
        points = rows[rows["statistic"] == kind.statistic]
        places, schools = _in_order(points, "group", waves), _in_order(own, "unit", waves)
        place_of = dict(zip(schools, places, strict=True))
        same = rows.groupby(["group", "wave"]).groups
        for school, wave, at in zip(own["unit"], own["wave"], own.index, strict=True):
            yield np.array(same.get((place_of[school], wave), []), dtype="int64"), int(at)


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
    by_place = decided["group"].map(_is_place).astype(bool)
    found = as_words(decided[by_place & decided["analysis"].isin([kind.name for kind in KINDS])])
    before = found["group"].copy()
    for kind in KINDS:
        rows = found[found["analysis"] == kind.name]
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
    changed = found[found["group"] != before]
    identity = changed[PARTS[0]].str.cat(changed[list(PARTS[1:])], sep=".")
    for name, words in (("group", changed["group"]), ("id", identity)):
        known = decided[name].cat.categories
        column = decided[name].cat.add_categories(sorted(set(words) - set(known)))
        column.loc[words.index] = words.to_numpy()
        decided = decided.assign(**{name: column})
    return decided
