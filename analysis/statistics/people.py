"""Some of a survey's people: a column of their answers is taken when it is asked for.

The table of a survey holds everybody. Those of one wave, of two waves side by side, or of one group
are no tables again: they are the rows of that table that are meant. So whatever is asked of
everybody, or of one breakdown after the other, holds the table once and one column beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from analysis.statistics.estimates import Codes, Flags, Floats

#: What follows a column's name where two waves stand side by side.
BASELINE, FOLLOWUP = "@baseline", "@followup"


class People:
    """Rows of a survey's table, or of two waves side by side.

    Parameters
    ----------
    columns
        Each column's name, the values of the whole table, and which of ``rows`` it is taken at.
    rows
        Places in the table, one for each of the people: of one wave, or of each of two.
    """

    def __init__(self, columns: Mapping[str, tuple[pd.Series, int]], *rows: Codes) -> None:
        self._columns, self._rows = columns, rows

    @classmethod
    def of(cls, frame: pd.DataFrame, rows: Codes | None = None) -> People:
        """Those of some rows of a table, or all."""
        places = np.arange(len(frame)) if rows is None else rows
        return cls({str(name): (column, 0) for name, column in frame.items()}, places)

    def __len__(self) -> int:
        return len(self._rows[0])

    def __contains__(self, name: object) -> bool:
        return name in self._columns

    def __getitem__(self, name: str) -> pd.Series:
        """A column, numbered from nought."""
        values, which = self._columns[name]
        return pd.Series(values.array.take(self._rows[which]))

    def numbers(self, name: str) -> Floats:
        """A column of numbers."""
        values, which = self._columns[name]
        found: Floats = np.asarray(values.to_numpy()[self._rows[which]], dtype="float64")
        return found

    def change(self, name: str) -> Floats:
        """Follow-up less baseline, of people of whom two waves stand side by side."""
        return self.numbers(name + FOLLOWUP) - self.numbers(name + BASELINE)

    def where(self, chosen: Flags | pd.Series) -> People:
        """Those who are marked."""
        flags = np.asarray(chosen, dtype="bool")
        return People(self._columns, *(rows[flags] for rows in self._rows))

    def known(self, *names: str) -> People:
        """Those of whom all these columns are known."""
        flags = np.ones(len(self), dtype="bool")
        for name in names:
            flags &= self[name].notna().to_numpy()
        return self.where(flags)

    def also(self, **more: Any) -> People:
        """The same people with more columns, of just them."""
        which = len(self._rows)
        added = {name: (pd.Series(values), which) for name, values in more.items()}
        return People({**self._columns, **added}, *self._rows, np.arange(len(self)))

    def by(self, values: pd.Series) -> Iterator[tuple[str, People]]:
        """Those who have each of these values, in order; without those who have none."""
        codes, found = pd.factorize(values, sort=True)
        order = np.argsort(codes, kind="stable")
        ends = np.searchsorted(codes[order], np.arange(len(found) + 1))
        for place, value in enumerate(found):
            own = order[ends[place] : ends[place + 1]]
            yield str(value), People(self._columns, *(rows[own] for rows in self._rows))
