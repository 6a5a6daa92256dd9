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
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import union_categoricals

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
#: Columns of words, which a ledger says over and over.
WORDS = ("edition", "unit", "id", *PARTS, "method")
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
    """Results as a ledger (:func:`together`), with its words as words."""
    return as_words(together([table(results, edition)]))


def together(tables: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Tables of results as one ledger, sorted by unit and id; its words are categories.

    A ledger says the same few words in all its rows. Kept as categories, in their order, it takes a
    third of the room.

    Raises
    ------
    ValueError
        If one unit has an id twice: a number exists once.
    """
    parts = [compact(each) for each in tables]
    frame = pd.DataFrame(
        {
            name: union_categoricals([each[name] for each in parts], sort_categories=True)
            if name in WORDS
            else np.concatenate([each[name].to_numpy() for each in parts])
            for name in COLUMNS
        }
    )
    del parts
    unit, identity = (frame[name].cat.codes.to_numpy() for name in ("unit", "id"))
    order = np.lexsort((identity, unit))
    unit, identity = unit[order], identity[order]
    frame = frame.take(order).reset_index(drop=True)
    twice = np.flatnonzero((np.diff(unit) == 0) & (np.diff(identity) == 0))
    if len(twice):
        first = frame.iloc[twice[0]]
        raise ValueError(f"{first['unit']} has {first['id']} twice")
    return frame


def compact(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows of a ledger with their words as categories."""
    said = [name for name in WORDS if name in frame and not is_coded(frame[name])]
    return frame.astype(dict.fromkeys(said, "category"))


def as_words(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows of a ledger with their words as words."""
    return frame.assign(
        **{
            str(name): column.cat.categories.array.take(
                column.cat.codes.to_numpy(), allow_fill=True
            )
            for name, column in frame.items()
            if is_coded(column)
        }
    )


def coded(codes: NDArray[Any], words: Sequence[str]) -> pd.Categorical[str]:
    """A column of a ledger by the places of its words."""
    small: NDArray[np.int8] = codes.astype("int8")
    return pd.Categorical.from_codes(small, pd.Index(list(words)))


def is_coded(column: pd.Series) -> bool:
    """Whether a column's words are categories."""
    return isinstance(column.dtype, pd.CategoricalDtype)


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
