"""Responses that look careless: flagged and counted, never dropped."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.instruments import Instrument
from analysis.study import Rules


def speeders(seconds: pd.Series, rules: Rules) -> pd.Series:
    """Whether each response took less than the stated share of the file's median duration."""
    return seconds < rules.speeders * seconds.median()


def straight_liners(points: pd.DataFrame, instruments: list[Instrument], rules: Rules) -> pd.Series:
    """Whether each response has one scale point throughout an instrument.

    An instrument counts if at least ``rules.straight_lining`` of its items were answered;
    points are as given, before reversal, so that somebody who answers a mixed set honestly
    cannot look like one who ticks a column.
    """
    found = pd.Series(False, index=points.index)
    for instrument in instruments:
        own = points[[item.code for item in instrument.items]].to_numpy()
        # Of no answers at all the highest is not a number, and equals nothing.
        alike = np.fmax.reduce(own, axis=1) == np.fmin.reduce(own, axis=1)
        found |= alike & ((~np.isnan(own)).sum(axis=1) >= rules.straight_lining)
    return found
