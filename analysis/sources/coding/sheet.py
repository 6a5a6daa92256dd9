"""A table as a coding tool writes it: headings may repeat, or be empty."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pandas as pd

from analysis.sources import open_file


def table(path: Path) -> pd.DataFrame:
    """The cells below the first row, as text; repeated headings are numbered.

    QualCoder repeats the heading ``Category``, once for each level of its tree.
    """
    grid = open_file(path)
    names: list[str] = []
    known: set[str] = set()
    times: Counter[str] = Counter()
    for heading in grid.head(1)[0]:
        name = heading
        times[heading] += 1
        while name in known or (name == heading and times[heading] > 1):
            name = f"{heading} ({max(2, times[heading])})"
            times[heading] += name in known
        known.add(name)
        names.append(name)
    frame = grid.cells.iloc[1:].copy()
    frame.columns = pd.Index(names, dtype="str")
    frame = frame.loc[:, [bool(name) for name in names]]
    filled: pd.Series = frame.apply(lambda column: column.str.strip()).ne("").any(axis=1)
    return frame.loc[filled]
