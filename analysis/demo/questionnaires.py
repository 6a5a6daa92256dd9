"""A study's instruments as the generator needs them: positions of items, schools as numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis import instruments
from analysis.demo import sizes
from analysis.demo.reconstruct import Solution
from analysis.instruments import Instrument
from analysis.study import Study

WAVES = ("T1", "T2")

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Answered:
    """People, their answers at each wave (a column per item code), and how the search went."""

    people: pd.DataFrame
    answers: dict[str, pd.DataFrame]
    solutions: dict[str, Solution]


def load(plan: Study, name: str) -> Instrument:
    """An instrument of the study."""
    return instruments.load(plan.path(f"instruments/{name}.yaml"))


def codes(instrument: Instrument) -> list[str]:
    """Item codes in the order of the instrument's file."""
    return [item.code for item in instrument.items]


def blocks(instrument: Instrument) -> list[range]:
    """Positions of each subscale's items, which stand together in the instrument's file."""
    found = []
    start = 0
    for subscale in instrument.subscales:
        size = len(instrument.items_of(subscale.id))
        found.append(range(start, start + size))
        start += size
    return found


def here(people: pd.DataFrame) -> NDArray[np.bool_]:
    """People x waves: answered at all."""
    return np.stack([(people[f"school_{w.lower()}"] != "").to_numpy() for w in WAVES], axis=1)


def clusters(people: pd.DataFrame) -> NDArray[np.int64]:
    """Number of each person's school at each wave; where absent, that of the other wave."""
    number = {school: place for place, school in enumerate(sizes.schools()["id"])}
    places = [people[f"school_{w.lower()}"].map(number).to_numpy(dtype=float) for w in WAVES]
    first, last = places
    filled = [np.where(np.isnan(first), last, first), np.where(np.isnan(last), first, last)]
    return np.stack(filled, axis=1).astype(np.int64)


def by_wave(answered: Array, names: list[str]) -> dict[str, pd.DataFrame]:
    """Answers as one frame per wave."""
    return {wave: pd.DataFrame(answered[:, at], columns=names) for at, wave in enumerate(WAVES)}
