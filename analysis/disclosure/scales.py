"""Items and the scale that they make, together: what a scale leaves of an item that too few answered.

Each score and each item is attacked by itself (:mod:`analysis.disclosure.printed`). But a scale's sum is
that of its items, so that of a school the scale and all items but one tell that one. Here they are one
system, over all schools at a wave, or over the groups of one attribute: who has the scale and did not
answer an item counts with anything from the lowest to the highest answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.disclosure.attack import Contradiction, System, less, together
from analysis.disclosure.draft import GIVES_AWAY, RELEASED, Draft, Rows
from analysis.disclosure.printed import ITEM_DECIMALS, limits_of, part_of, printed_range, records
from analysis.disclosure.sums import ALL, OF_LEVEL, SCORES, of_group
from analysis.instruments import Instrument
from analysis.prepare import load_instruments
from analysis.results import COHORT
from analysis.study import SCHOOLS, Survey

#: Whose numbers these are: a unit and a group.
Cell = tuple[str, str]
#: The name of the scale among its items.
SCALE = ""
NEEDED = (
    "analysis", "measure", "unit", "group", "n", "value", "ci_low", "ci_high",
)  # fmt: skip


@dataclass(frozen=True)
class _Scale:
    """A scale at a wave: how many have it and each item, by cell, and where their means stand."""

    survey: Survey
    instrument: Instrument
    name: str
    wave: str
    people: Mapping[tuple[Cell, str], int]
    rows: Mapping[tuple[Cell, str], Mapping[str, Any]]

    @property
    def items(self) -> list[str]:
        return [item.code.lower() for item in self.instrument.items_of(self.name)]


def next_items(draft: Draft) -> None:
    """Beside an item that too few answered, withhold the next item until the scale does not tell it.

    In the school, or group, the item that the fewest answered, and the same item in one other, since
    all less the others would tell it; where none is left, the scale there; last, the programme's items
    of the scale.
    """
    if not draft.equals("analysis", "items").any():
        return
    instruments = load_instruments(draft.study)
    for survey in draft.study.surveys:
        minimum = draft.study.asked(survey).minimum
        for scale in _scales(draft, survey, instruments):
            few = [
                (cell, item)
                for (cell, item), n in scale.people.items()
                if item != SCALE
                and 0 < n < minimum
                and scale.people.get((cell, SCALE), 0) >= minimum
            ]
            while few and (told := _told(draft, scale, few)):
                if not sum(_give(draft, scale, cell) for cell in dict.fromkeys(c for c, _ in told)):
                    break


def _scales(
    draft: Draft, survey: Survey, instruments: Mapping[str, Instrument]
) -> Iterator[_Scale]:
    every = draft.of("source", survey.id)
    every = every[every.equals("analysis", "level", "items") & every.equals("statistic", "mean")]
    for name in survey.instruments:
        of = every[every.equals("instrument", name)]
        for subscale in instruments[name].subscales:
            if subscale.score != "mean":
                # Of what is looked up in a table of uneven steps the mean is no sum of items.
                continue
            items = [item.code.lower() for item in instruments[name].items_of(subscale.id)]
            own = of[
                (of.equals("analysis", "level") & of.equals("measure", subscale.id))
                | (of.equals("analysis", "items") & of.equals("measure", *items))
            ]
            for wave in draft.waves:
                at = own[own.equals("wave", wave)]
                frame = draft.ledger[list(NEEDED)].iloc[at.places].assign(place=at.places)
                rows = {
                    (
                        (str(row["unit"]), str(row["group"])),
                        SCALE if row["analysis"] == "level" else str(row["measure"]),
                    ): row
                    for row in records(frame)
                }
                people = {key: int(row["n"]) for key, row in rows.items() if row["n"] == row["n"]}
                yield _Scale(survey, instruments[name], subscale.id, wave, people, rows)


def _told(draft: Draft, scale: _Scale, few: list[tuple[Cell, str]]) -> list[tuple[Cell, str]]:
    """Items of too few in a cell that what is printed leaves less of than it should."""
    shown = {
        cell for cell, _ in few if draft.shown_at(int(scale.rows[cell, SCALE]["place"]))
    }  # fmt: skip
    asked = [(cell, item) for cell, item in few if cell in shown]
    if not asked:
        return []
    share = draft.study.disclosure.protection.mean
    needed = []
    for cell, item in asked:
        low, high = _part(draft, scale, cell, item)
        needed.append(share * (high - low))
    for strict in (True, False):
        system = _system(draft, scale, strict)
        try:
            found = system.too_narrow([{key: 1.0} for key in asked], needed)
        except Contradiction:
            # Some who answered an item have no scale, beside as many who have one and did not.
            continue
        return [asked[place] for place in found]
    return asked


def _part(draft: Draft, scale: _Scale, cell: Cell, item: str) -> tuple[float, float]:
    """Between which values the sum of an item lies by the scale's mean alone."""
    said = _said(draft, scale, cell, SCALE)
    limits = limits_of(scale.instrument, item, item=True)
    n = scale.people[cell, item]
    if said is None:
        return limits[0] * n, limits[1] * n
    return part_of(limits, said, len(scale.items) * scale.people[cell, SCALE], n)


def _said(draft: Draft, scale: _Scale, cell: Cell, name: str) -> tuple[float, float] | None:
    row = scale.rows.get((cell, name))
    if row is None:
        return None
    place = int(row["place"])
    if not draft.shown_at(place):
        return None
    decimals = ITEM_DECIMALS if name else scale.instrument.decimals(scale.name)
    at = {**row, "release": RELEASED, "decimals": draft.decimals[place]}
    return printed_range(at, decimals, middle=not name)


def _system(draft: Draft, scale: _Scale, strict: bool) -> System:
    """All that is printed of a scale and its items at a wave.

    ``strict``: nobody who answered an item lacks the scale, unless more did than have it.
    """
    system = System()
    names = [SCALE, *scale.items]
    cells = dict.fromkeys(cell for cell, _ in scale.people)

    def limits(name: str) -> tuple[float, float]:
        if name:
            return limits_of(scale.instrument, name, item=True)
        return scale.instrument.score_limits(scale.name)

    for cell in cells:
        for name in names:
            if n := scale.people.get((cell, name), 0):
                low, high = limits(name)
                system.unknown((cell, name), low * n, high * n)
                if said := _said(draft, scale, cell, name):
                    system.between({(cell, name): 1.0}, said[0] * n, said[1] * n)
        n = scale.people.get((cell, SCALE), 0)
        if not n:
            continue
        terms, lowest, highest = {(cell, SCALE): float(len(scale.items))}, 0.0, 0.0
        answered = draft.counted.get((scale.survey.id, scale.wave, *cell), n)
        for item in scale.items:
            of_item = scale.people.get((cell, item), 0)
            low, high = limits(item)
            beside = max(0, of_item - n) if strict else min(of_item, max(0, answered - n))
            lacking = n - of_item + beside
            lowest += low * lacking - high * beside
            highest += high * lacking - low * beside
            terms[cell, item] = -1.0
        system.between(terms, lowest, highest)
    for whole, parts in _wholes(draft, scale):
        for name in names:
            counts = [scale.people.get((cell, name), 0) for cell in parts]
            left = scale.people.get((whole, name), 0) - sum(counts)
            if left < 0:
                continue
            low, high = limits(name)
            terms = less({(whole, name): 1.0}, together([(cell, name) for cell in parts]))
            system.between(terms, low * left, high * left)
    return system


def _wholes(draft: Draft, scale: _Scale) -> Iterator[tuple[Cell, list[Cell]]]:
    """Cells that are made of others: the programme, groups of schools, groups of an attribute."""
    cells = list(dict.fromkeys(cell for cell, _ in scale.people))
    schools = [cell for cell in cells if cell[0] != COHORT]
    yield (COHORT, ALL), schools
    group, phases = draft.phases()
    of = phases.get(scale.wave, {})
    for key in (group.key(value) for value in group.ids) if group else ():
        yield (COHORT, key), [cell for cell in schools if of.get(cell[0]) == key]
    known = [cell[1] for cell in cells if cell[0] == COHORT]
    for attribute in (
        *draft.study.groups_of(scale.survey.population), *draft.study.groups_of(SCHOOLS),
    ):  # fmt: skip
        if attribute is not group and (family := attribute.among(known)):
            yield (COHORT, ALL), [(COHORT, name) for name in family]


def _give(draft: Draft, scale: _Scale, cell: Cell) -> int:
    """Withhold the next item in a cell and in one beside it; how many numbers went."""

    def shown(of: Cell) -> list[str]:
        found = [item for item in scale.items if _is_shown(draft, scale, of, item)]
        return sorted(found, key=lambda item: scale.people[of, item])

    for item in shown(cell):
        # Else all less the others would tell it. Where an item is withheld already, the scale tells
        # less of this one; of those the smallest.
        others = sorted(
            (len(shown(of)) == len(scale.items), scale.people[of, item], of)
            for of in _beside(draft, scale, cell)
            if item in shown(of)
        )
        cells = [cell, *(of for _, _, of in others[:1])]
        return sum(_withhold(draft, scale, of, item) for of in cells)
    own = _of_cell(draft, scale, cell)
    if gone := draft.withhold_at(
        own.places[own.equals("analysis", *SCORES, *OF_LEVEL)], GIVES_AWAY
    ):
        return gone
    programme = [of for of in dict.fromkeys(of for of, _ in scale.people) if of[0] == COHORT]
    return sum(_withhold(draft, scale, of, item) for of in programme for item in scale.items)


def _is_shown(draft: Draft, scale: _Scale, cell: Cell, item: str) -> bool:
    row = scale.rows.get((cell, item))
    return row is not None and draft.shown_at(int(row["place"]))


def _beside(draft: Draft, scale: _Scale, cell: Cell) -> list[Cell]:
    """The cells that make a whole with one."""
    return [
        of for whole, parts in _wholes(draft, scale) if cell in parts and whole != cell
        for of in parts if of != cell
    ]  # fmt: skip


def _withhold(draft: Draft, scale: _Scale, cell: Cell, item: str) -> int:
    own = _of_cell(draft, scale, cell)
    return draft.withhold_at(own.places[own.equals("measure", item)], GIVES_AWAY)


def _of_cell(draft: Draft, scale: _Scale, cell: Cell) -> Rows:
    """Rows of an instrument about a school, or a group of the programme, at a wave."""
    if cell[0] == COHORT:
        places = np.flatnonzero(of_group(draft, scale.survey.id, scale.wave, cell[1]))
        found = Rows(draft.index, places)
    else:
        found = draft.of("unit", cell[0])
        found = found[found.equals("source", scale.survey.id)]
        found = found[found.mentions("wave", scale.wave)]
    return found[found.equals("instrument", scale.instrument.id)]
