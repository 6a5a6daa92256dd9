"""A function applied to the distinct texts of a column, not to each cell.

Surveys have few different answers and many rows: that is where the speed of prepare is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Places = NDArray[np.intp]


def distinct(column: pd.Series) -> tuple[Places, list[str]]:
    """For each row the place of its text in a list of distinct texts, and that list."""
    places, texts = pd.factorize(column.array)
    return places, np.asarray(texts, dtype=object).tolist()


def present(places: Places, texts: Sequence[str]) -> NDArray[np.bool_]:
    """Whether any row has each text."""
    return np.bincount(places, minlength=len(texts)) > 0


def mapped(column: pd.Series, function: Callable[[str], str]) -> pd.Series:
    """``function`` of each text of a column, as text with the same index."""
    places, texts = distinct(column)
    return taken([function(text) for text in texts], places, column.index)


def taken(values: Sequence[str], places: Places, index: pd.Index) -> pd.Series:
    """The value at each place, as text."""
    if not len(values):
        return pd.Series("", index=index, dtype="str")
    return pd.Series(pd.array(list(values), dtype="str").take(places), index=index)
