"""What the programme's report says of single schools without their names.

The points of its funnel, and each school's level at each wave, go by places. They show no more than
the schools' own reports do, and the places tell nothing of what is withheld: they are given by what
is shown.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis.disclosure.draft import GIVES_AWAY, RELEASED, Draft, Rows
from analysis.disclosure.printed import records
from analysis.results import COHORT, PARTS, as_words

#: What names a question of the ledger, but for the wave.
KEYS = ["source", "instrument", "measure"]
#: Places go by what is printed, not by what is left out of it.
DECIMALS = 2
#: A row of the ledger: what it says, by column.
Row = dict[str, Any]


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
        for rows, own in _pairs(draft, kind):
            if not draft.shown_at(own):
                places = [row["place"] for row in rows]
                draft.withhold_at(places, draft.reason[own] or GIVES_AWAY)
            elif not np.isnan(draft.decimals[own]):
                points = [row["place"] for row in rows if row["statistic"] == kind.statistic]
                draft.coarsen_at(points, int(draft.decimals[own]))


def _pairs(draft: Draft, kind: Kind) -> Iterator[tuple[list[Row], int]]:
    """Rows of a place at a wave, and where the school's own row is of which they are.

    Both are put in order by their numbers, so it does not matter which places the ledger gives.
    """
    by_place = draft.of("analysis", kind.name)
    by_place = by_place[by_place.equals("unit", COHORT) & by_place.where("group", _is_place)]
    of_schools = draft.of("analysis", kind.analysis)
    of_schools = of_schools[
        of_schools.equals("group", "all")
        & ~of_schools.equals("unit", COHORT)
        & of_schools.equals("statistic", kind.tested, kind.statistic)
    ]
    said = [*KEYS, "wave", "unit", "group", "statistic", "value", "n"]

    def by_key(rows: Rows) -> Iterator[tuple[Hashable, list[Row]]]:
        return _by_key(draft.ledger[said].iloc[rows.places].assign(place=rows.places), kind)

    measures = draft.ledger["measure"].iloc[by_place.places].unique()
    of_schools = of_schools[of_schools.equals("measure", *map(str, measures))]
    owned = dict(by_key(of_schools))
    waves = list(draft.waves)
    for key, rows in by_key(by_place):
        have = {row["unit"] for row in owned[key] if row["statistic"] == kind.tested}
        own = [
            row for row in owned[key]
            if row["statistic"] == kind.statistic and row["unit"] in have
        ]  # fmt: skip
        points = [row for row in rows if row["statistic"] == kind.statistic]
        places, schools = _in_order(points, "group", waves), _in_order(own, "unit", waves)
        place_of = dict(zip(schools, places, strict=True))
        same: dict[tuple[str, str], list[Row]] = {}
        for row in rows:
            same.setdefault((row["group"], row["wave"]), []).append(row)
        for row in own:
            yield same.get((place_of[row["unit"]], row["wave"]), []), row["place"]


def _by_key(rows: pd.DataFrame, kind: Kind) -> Iterator[tuple[Hashable, list[Row]]]:
    """Rows of each question, or of each and a wave where a wave has places of its own."""
    for key, at in rows.groupby([*KEYS, "wave"] if kind.apart else KEYS).indices.items():
        yield key, records(rows.iloc[at])


def _in_order(
    rows: Sequence[Row], column: str, waves: list[str], alike: Sequence[str] = ()
) -> list[str]:
    """Places, or schools: by the first wave at which they have a number, the highest first.

    Those with the same numbers, of as many people, stay in the order of ``alike``.
    """
    order: dict[str, list[tuple[float, float]]] = {}
    for row in rows:
        numbers = order.setdefault(row[column], [(math.inf, 0.0)] * len(waves))
        if row["wave"] in waves:
            numbers[waves.index(row["wave"])] = (-row["value"], row["n"])
    return sorted(alike or sorted(order), key=order.__getitem__)


def by_what_is_shown(decided: pd.DataFrame, waves: list[str]) -> pd.DataFrame:
    """The decided ledger with places in the order of the numbers that are shown.

    A place among others would otherwise tell, of a number that is withheld, between which two it
    lies. Places of which nothing is shown come last.
    """
    by_place = decided["group"].map(_is_place).astype(bool)
    by_place &= decided["analysis"].isin([kind.name for kind in KINDS])
    found = decided[[*PARTS, "n", "released_value", "release", "reason"]][by_place]
    found = as_words(found.assign(value=found["released_value"].round(DECIMALS)))
    asked = [*KEYS, "wave", "group", "statistic", "value", "n", "release", "reason"]
    new = found["group"].copy()
    for kind in KINDS:
        # In an order in which what is shown of one place can be set beside what is of another.
        rows = found.loc[found["analysis"] == kind.name, asked].assign(row=lambda each: each.index)
        rows = rows.sort_values(["statistic", "wave", "value"])
        for _, same in _by_key(rows, kind):
            shown = [row for row in same if row["release"] == RELEASED]
            points = [row for row in shown if row["statistic"] == kind.statistic]
            # Of places alike in that, whatever else is shown of them.
            also, why = _of_places(shown, "value"), _of_places(same, "reason")
            alike = sorted(_in_order(points, "group", waves), key=lambda place: also[place])
            order = _in_order(points, "group", waves, alike)
            order += sorted(sorted(set(why) - set(order)), key=lambda place: why[place])
            named = {old: f"place_{number:03d}" for number, old in enumerate(order, start=1)}
            new[[row["row"] for row in same]] = [named[row["group"]] for row in same]
    found["group"], before = new, found["group"]
    changed = found[found["group"] != before]
    identity = changed[PARTS[0]].str.cat(changed[list(PARTS[1:])], sep=".")
    for name, words in (("group", changed["group"]), ("id", identity)):
        known = decided[name].cat.categories
        column = decided[name].cat.add_categories(sorted(set(words) - set(known)))
        column.loc[words.index] = words.to_numpy()
        decided = decided.assign(**{name: column})
    return decided


def _of_places(rows: Sequence[Row], column: str) -> dict[str, tuple[Any, ...]]:
    """What a column says of each place, in the order of the rows."""
    found: dict[str, tuple[Any, ...]] = {}
    for row in rows:
        found[row["group"]] = (*found.get(row["group"], ()), row[column])
    return found
