"""What the tests compare with: output of the R scripts, and the data they ran on."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

FOLDER = Path(__file__).parent
#: Same definition, closed form on both sides.
CLOSED = 1e-6


@lru_cache
def _output(family: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((FOLDER / "output" / f"{family}.json").read_text())
    return content


class Reference:
    """One family's values from R. Remembers the largest difference seen."""

    def __init__(self, family: str) -> None:
        self.family = family
        self.values = _output(family)["results"]

    def agrees(self, key: str, ours: float | Sequence[float], tolerance: float = CLOSED) -> None:
        """That ours is R's within a tolerance, relative, absolute below 0.001."""
        theirs = np.atleast_1d(np.asarray(self.values[key], dtype="float64"))
        mine = np.atleast_1d(np.asarray(ours, dtype="float64"))
        assert mine.shape == theirs.shape, key
        difference = float(np.max(np.abs(mine - theirs) / np.maximum(1e-3, np.abs(theirs))))
        assert difference <= tolerance, f"{self.family}.{key}: {mine} here, {theirs} in R"
        SEEN.append((self.family, key, difference))


#: (family, key, difference) of every comparison of this session, for docs/methods.md.
SEEN: list[tuple[str, str, float]] = []


def data(name: str) -> pd.DataFrame:
    """A data set of the R scripts."""
    return pd.read_csv(FOLDER / "data" / f"{name}.csv")
