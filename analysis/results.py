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
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyarrow.parquet import ParquetFile, read_metadata

from analysis import questions
from analysis.errors import AnalystError

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
#: Rows of a file that are read at once.
READ = 2**13
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
    AnalystError
        If a part of an id is empty or holds a dot.
    """
    coming = iter(results)
    batches = iter(lambda: list(islice(coming, BATCH)), [])
    frames = [_frame(found, edition) for found in batches] or [_frame([], edition)]
    return pd.concat(frames, ignore_index=True)


def ledger(results: Iterable[Result], edition: str) -> pd.DataFrame:
    """Results as a ledger (:func:`together`), with its words as words."""
    return as_words(together([table(results, edition)]))


def together(tables: Iterable[pd.DataFrame], edition: str = "") -> pd.DataFrame:
    """Tables of results as one ledger, sorted by unit and id; its words are categories.

    A ledger says the same few words in all its rows. Kept as categories, in their order, it takes a
    fifth of the room. ``edition`` is that of all rows, in place of what they say, if it is given.

    Raises
    ------
    AnalystError
        If one unit has an id twice: a number exists once.
    """
    parts = [compact(each[list(COLUMNS)]) for each in tables]
    rows = _Rows(sum(map(len, parts)), edition)
    for part in parts:
        said = {name: part[name].cat for name in WORDS}
        rows.add(
            len(part),
            {name: (each.categories, each.codes.to_numpy()) for name, each in said.items()},
            {name: part[name].to_numpy() for name in NUMBERS},
        )
    return rows.ledger()


def read(paths: Sequence[Path], edition: str = "") -> pd.DataFrame:
    """Tables of results in Parquet files as one ledger (:func:`together`).

    Files are read some rows at a time into the ledger's own columns, so that besides these there is
    next to nothing in memory; words come as categories and are never made for each row.
    """
    rows = _Rows(sum(read_metadata(path).num_rows for path in paths), edition)
    for path in paths:
        with ParquetFile(path, read_dictionary=list(WORDS)) as file:
            # Without rows, a column of words has no words, and may have no type either.
            if not file.metadata.num_rows:
                continue
            for batch in file.iter_batches(READ, columns=list(COLUMNS), use_threads=False):
                said = {name: batch[name] for name in WORDS}
                rows.add(
                    batch.num_rows,
                    {
                        name: (each.dictionary.to_pylist(), each.indices.fill_null(-1).to_numpy())
                        for name, each in said.items()
                    },
                    {name: batch[name].to_numpy(zero_copy_only=False) for name in NUMBERS},
                )
    return rows.ledger()


class _Rows:
    """Rows of a ledger while it is put together: its columns, each with room for all of them."""

    def __init__(self, size: int, edition: str = "") -> None:
        self._size, self._filled, self._edition = size, 0, edition
        # One large piece of memory: it is put in order where it is, and given back as a whole.
        numbers = np.empty((len(NUMBERS), size), dtype="float64")
        self._numbers = dict(zip(NUMBERS, numbers, strict=True))
        # Few words are more than this has places for: then it is made larger.
        self._codes: dict[str, NDArray[Any]] = {name: np.empty(size, "int16") for name in WORDS}
        #: Of each column the words that came so far, in the order in which they came.
        self._words: dict[str, dict[str, int]] = {name: {} for name in WORDS}

    def add(
        self,
        rows: int,
        words: Mapping[str, tuple[Iterable[str], NDArray[Any]]],
        numbers: Mapping[str, NDArray[Any]],
    ) -> None:
        """Take the next rows: of columns of words the different words, and the place of each row's."""
        at = slice(self._filled, self._filled + rows)
        if self._edition:
            words = {**words, "edition": ([self._edition], np.zeros(rows, dtype="int8"))}
        for name, (said, codes) in words.items():
            known = self._words[name]
            # The last is that of a word that is missing, which has the code -1.
            places = [*(known.setdefault(word, len(known)) for word in said), -1]
            if len(known) > np.iinfo(self._codes[name].dtype).max:
                self._codes[name] = self._codes[name].astype("int32")
            self._codes[name][at] = np.array(places, dtype="int32")[codes]
        for name, values in numbers.items():
            self._numbers[name][at] = values
        self._filled = at.stop

    def ledger(self) -> pd.DataFrame:
        """The rows in order: column by column, each in the place that it had."""
        for name in WORDS:
            self._sort_words(name)
        identities = len(self._words["id"])
        key = self._codes["unit"].astype("int64") * identities + self._codes["id"]
        order = np.argsort(key, kind="stable")
        key = key[order]
        twice = np.flatnonzero(key[1:] == key[:-1])
        del key
        for column in (*self._numbers.values(), *self._codes.values()):
            column[:] = column[order]
        columns = {
            name: self._in_words(name) if name in WORDS else self._numbers[name] for name in COLUMNS
        }
        frame = pd.DataFrame(columns, copy=False)
        if len(twice):
            first = frame.iloc[twice[0]]
            raise AnalystError(
                f"Two results of {first['unit']} have one id, {first['id']}.",
                where=first["id"],
                fix="Look for two spellings of one thing in the tables and files of the study that "
                "this is made from, and write them alike.",
            )
        return frame

    def _sort_words(self, name: str) -> None:
        known = self._words[name]
        words = sorted(known)
        places = np.empty(len(words) + 1, dtype=self._codes[name].dtype)
        places[[known[word] for word in words]] = np.arange(len(words))
        places[-1] = -1
        self._codes[name] = places[self._codes[name]]
        self._words[name] = dict.fromkeys(words, 0)

    def _in_words(self, name: str) -> pd.Categorical[str]:
        words = pd.Index(list(self._words[name]), dtype="str")
        return pd.Categorical.from_codes(self._codes.pop(name), words)


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


def words_of(column: pd.Series) -> list[Any]:
    """What a column holds; of categories each word is there once, however many rows have it."""
    values = column.array
    if not isinstance(values, pd.Categorical) or (values.codes < 0).any():
        return column.tolist()
    words: list[Any] = values.categories.to_numpy(dtype=object)[values.codes].tolist()
    return words


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
            raise AnalystError(
                f"A result has no id: its {part} is '{bad[part].iloc[0]}', which is empty or holds "
                "a dot.",
                where=" ".join(f"{name} '{bad[name].iloc[0]}'" for name in PARTS if name != part),
                fix="Give what is called so in the study's tables and files a name with letters or "
                "figures.",
            )
    for analysis, statistic in frame[["analysis", "statistic"]].drop_duplicates().to_numpy():
        questions.refuse_unknown(str(analysis), str(statistic))
    frame["edition"] = pd.Series(edition, index=frame.index, dtype="str")
    frame["id"] = frame[PARTS[0]].str.cat(frame[list(PARTS[1:])], sep=".")
    for number in NUMBERS:
        frame[number] = frame[number].astype("float64")
    return frame[list(COLUMNS)]
