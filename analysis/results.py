"""The results ledger: the one form in which any number travels.

A result's id says what it is, in seven parts joined by dots::

    source.instrument.analysis.measure.wave.group.statistic
    parents.trust.paired.total.t1-t2.all.t

``wave`` is one wave (``t1``) or a pair (``t1-t2``); ``group`` is everybody (``all``), a group
(``primary``) or a pair of groups (``primary-secondary``). Parts are lower case. Within an
edition, unit and id together name one number, with its interval, base and method.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any

import pandas as pd

from analysis import questions

PARTS = ("source", "instrument", "analysis", "measure", "wave", "group", "statistic")
NUMBERS = (
    "value",
    "ci_low",
    "ci_high",
    "n",
    "n_schools",
    "numerator",
    "denominator",
    "df",
    "level",
)
COLUMNS = ("edition", "unit", "id", *PARTS, *NUMBERS, "method")
COHORT = "cohort"
#: Results that are held one by one before they become rows of a frame: many small objects take
#: several times the room.
BATCH = 100_000
#: In ids, of a question answered by yes or no: all who did not say yes.
OTHERS = "others"


@dataclass(frozen=True, slots=True)
class Result:
    """One number of one unit. ``n`` is the number of people (or schools, plans) it rests on."""

    unit: str
    source: str
    instrument: str
    analysis: str
    measure: str
    wave: str
    group: str
    statistic: str
    value: float
    n: float
    ci_low: float = math.nan
    ci_high: float = math.nan
    n_schools: float = math.nan
    numerator: float = math.nan
    denominator: float = math.nan
    df: float = math.nan
    level: float = math.nan
    method: str = ""


def count(value: float, *, n: float | None = None, method: str = "count", **key: Any) -> Result:
    """A number of people or things, which is its own ``n`` unless another is given.

    ``key`` is the unit and the id's parts but the last, which is ``count``.
    """
    base = float(value if n is None else n)
    return Result(**key, statistic="count", value=float(value), n=base, method=method)


def result_id(
    source: str, instrument: str, analysis: str, measure: str, wave: str, group: str, statistic: str
) -> str:
    """The id made of these parts: see :func:`analysis.questions.key`."""
    return questions.key(source, instrument, analysis, measure, wave, group, statistic).id


def pair(first: str, second: str) -> str:
    """Two waves or groups as one part of an id."""
    return f"{first}-{second}".lower()


def table(results: Iterable[Result], edition: str) -> pd.DataFrame:
    """Results as rows of the ledger, in the order they come.

    Raises
    ------
    ValueError
        If a part of an id is empty or holds a dot.
    """
    coming = iter(results)
    batches = iter(lambda: list(islice(coming, BATCH)), [])
    frames = [_frame(found, edition) for found in batches] or [_frame([], edition)]
    return pd.concat(frames, ignore_index=True)


def ledger(results: Iterable[Result], edition: str) -> pd.DataFrame:
    """Results as a ledger (:func:`together`)."""
    return together([table(results, edition)])


def together(tables: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Tables of results as one ledger, sorted by unit and id.

    Raises
    ------
    ValueError
        If one unit has an id twice: a number exists once.
    """
    frame = pd.concat(tables, ignore_index=True)
    twice = frame[frame.duplicated(["unit", "id"])]
    if len(twice):
        raise ValueError(f"{twice['unit'].iloc[0]} has {twice['id'].iloc[0]} twice")
    return frame.sort_values(["unit", "id"], ignore_index=True)


def _frame(found: list[Result], edition: str) -> pd.DataFrame:
    """Results as a frame, in the order they have."""
    frame = pd.DataFrame(
        {name: [getattr(result, name) for result in found] for name in Result.__dataclass_fields__}
    )
    for words in ("unit", "method"):
        frame[words] = frame[words].astype("str")
    for part in PARTS:
        frame[part] = frame[part].astype("str").str.lower()
        bad = frame[(frame[part] == "") | frame[part].str.contains(".", regex=False)]
        if len(bad):
            raise ValueError(f"{part} of a result is empty or holds a dot: {bad.iloc[0].to_dict()}")
    for analysis, statistic in frame[["analysis", "statistic"]].drop_duplicates().to_numpy():
        questions.refuse_unknown(str(analysis), str(statistic))
    frame["edition"] = pd.Series(edition, index=frame.index, dtype="str")
    frame["id"] = frame[PARTS[0]].str.cat(frame[list(PARTS[1:])], sep=".")
    for number in NUMBERS:
        frame[number] = frame[number].astype("float64")
    return frame[list(COLUMNS)]
