"""A release while it is being decided: what of each row of the ledger is still to be shown."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis import strands as registry
from analysis.prepare import schools
from analysis.results import COHORT, as_words, coded, compact, pair
from analysis.study import Group, Study

RELEASED = "released"
SUPPRESSED = "suppressed"
BANDED = "banded"
#: Why a number is withheld: the only words for it.
NOT_ASKED = "not asked"
FEW_ANSWERED = "too few answered"
FEW_COMPLETE = "too few complete"
FEW_SCHOOLS = "too few schools"
GIVES_AWAY = "would give others away"
REASONS = (NOT_ASKED, FEW_ANSWERED, FEW_COMPLETE, FEW_SCHOOLS, GIVES_AWAY)

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]


class Words:
    """A word for each row of a ledger, or none (an empty one), of the few that there are."""

    def __init__(self, rows: int) -> None:
        self.codes: NDArray[np.int8] = np.zeros(rows, dtype="int8")
        self.known = [""]

    def __setitem__(self, rows: Any, word: str) -> None:
        if word not in self.known:
            self.known.append(word)
        self.codes[rows] = self.known.index(word)

    def __getitem__(self, place: Any) -> str:
        return self.known[self.codes[place]]

    @property
    def said(self) -> Flags:
        """Rows that have a word."""
        return self.codes != 0

    def column(self, index: pd.Index, but: Flags | None = None) -> pd.Series:
        """The words as a column of a ledger, with none in some rows."""
        codes = self.codes if but is None else self.codes * ~but
        return pd.Series(coded(codes, self.known), index=index)


class Index:
    """The rows of a ledger by the words in its columns, each column looked at once."""

    def __init__(self, ledger: pd.DataFrame) -> None:
        self._ledger = ledger
        self._columns: dict[str, tuple[NDArray[Any], dict[str, int]]] = {}
        self._orders: dict[str, tuple[NDArray[np.int32], NDArray[np.int64]]] = {}

    def column(self, name: str) -> tuple[NDArray[Any], dict[str, int]]:
        """The places of a column's words, row by row, and of each word. A missing one has -1."""
        if name not in self._columns:
            of = self._ledger[name].cat
            words = {word: place for place, word in enumerate(of.categories.tolist())}
            self._columns[name] = (of.codes.to_numpy(), words)
        return self._columns[name]

    def places(self, name: str, *values: str) -> NDArray[np.int64]:
        """Where the rows are that have one of some values in a column, in the ledger's order."""
        codes, words = self.column(name)
        if name not in self._orders:
            order = np.argsort(codes, kind="stable").astype("int32")
            starts = np.searchsorted(codes[order], np.arange(len(words) + 1))
            self._orders[name] = (order, starts)
        order, starts = self._orders[name]
        found = [
            order[starts[at] : starts[at + 1]] for v in values if (at := words.get(v, -1)) >= 0
        ]
        one = found[0] if len(found) == 1 else np.sort(np.concatenate([order[:0], *found]))
        return one.astype("int64")


class Rows:
    """Some rows of a ledger. What is asked of them costs what they are, not what the ledger is."""

    def __init__(self, index: Index, places: Any) -> None:
        self.index = index
        #: Where they are in the ledger.
        self.places = places

    def __getitem__(self, which: Flags) -> Rows:
        """Some of these rows."""
        return Rows(self.index, self.places[which])

    def equals(self, column: str, *values: str) -> Flags:
        """Rows that have one of some values in a column."""
        words = self.index.column(column)[1]
        wanted = {words[value] for value in values if value in words}
        if len(wanted) == 1:
            return np.asarray(self._codes(column) == wanted.pop())
        return self._have(column, wanted)

    def mentions(self, column: str, *values: str) -> Flags:
        """Rows whose value in a column is one of some, or a pair with one of them."""
        wanted = set(values)
        return self.where(column, lambda name: not wanted.isdisjoint(name.split("-")))

    def where(self, column: str, wanted: Callable[[str], bool]) -> Flags:
        """Rows whose value in a column is wanted."""
        words = self.index.column(column)[1]
        return self._have(column, {place for word, place in words.items() if wanted(word)})

    def _have(self, column: str, wanted: set[int]) -> Flags:
        # A thousand times asked: looking it up beats any search. The last is that of missing ones.
        found = np.zeros(len(self.index.column(column)[1]) + 1, dtype=bool)
        found[list(wanted)] = True
        return found[self._codes(column)]

    def _codes(self, column: str) -> NDArray[Any]:
        """The places of these rows' words: all that is looked at of them."""
        codes: NDArray[Any] = self.index.column(column)[0][self.places]
        return codes


class Draft(Rows):
    """The ledger, and what has been decided so far of each row.

    ``reason`` says why a row is withheld (nothing: it is not), ``band`` the words in place of its
    number, ``decimals`` how many it may be shown with at most, ``bare`` whether it goes without its
    interval.
    """

    def __init__(
        self, ledger: pd.DataFrame, study: Study, table: pd.DataFrame | None = None
    ) -> None:
        self.ledger = compact(ledger)
        super().__init__(Index(self.ledger), slice(None))
        self.study = study
        self._table = table
        self.reason = Words(len(ledger))
        self.band = Words(len(ledger))
        self.decimals: Floats = np.full(len(ledger), np.nan)
        self.bare: Flags = np.zeros(len(ledger), dtype=bool)
        self.n = ledger["n"].to_numpy(dtype="float64")

    def withhold(self, rows: Flags, why: str) -> int:
        """Withhold rows that are not withheld yet; how many these are."""
        rows = rows & ~self.reason.said
        self.reason[rows] = why
        self.band[rows] = ""
        return int(rows.sum())

    def say(self, rows: Flags, words: str) -> None:
        """Give rows in words that are to be shown."""
        self.band[rows & ~self.reason.said] = words

    def coarsen(self, rows: Flags, decimals: int) -> int:
        """Show numbers with so many decimals at most; how many had more."""
        finer = np.isnan(self.decimals) | (self.decimals > decimals)
        rows = rows & self.shown & finer
        self.decimals[rows] = decimals
        return int(rows.sum())

    @property
    def shown(self) -> Flags:
        """Rows whose number is to be shown."""
        return ~(self.reason.said | self.band.said)

    def shown_at(self, place: int) -> bool:
        """Whether the number of one row, by its place, is to be shown."""
        return not self.reason[place] and not self.band[place]

    def withhold_at(self, places: Any, why: str) -> int:
        """The same as :meth:`withhold`, of rows by their places."""
        places = np.asarray(places, dtype="int64")
        places = places[self.reason.codes[places] == 0]
        self.reason[places] = why
        self.band[places] = ""
        return len(places)

    def coarsen_at(self, places: Any, decimals: int) -> int:
        """The same as :meth:`coarsen`, of rows by their places."""
        places = np.asarray(places, dtype="int64")
        finer = ~(self.decimals[places] <= decimals)
        places = places[finer & self.are_shown(places)]
        self.decimals[places] = decimals
        return len(places)

    def without_interval(self, places: Any) -> int:
        """Show some rows, by their places, without their intervals; how many had one."""
        places = np.asarray(places, dtype="int64")
        known = self.ledger["ci_low"].notna().to_numpy()[places]
        places = places[~self.bare[places] & known & self.are_shown(places)]
        self.bare[places] = True
        return len(places)

    def are_shown(self, places: NDArray[np.int64]) -> Flags:
        """Whether the number of each of some rows, by their places, is to be shown."""
        return (self.reason.codes[places] == 0) & (self.band.codes[places] == 0)

    def of(self, column: str, *values: str) -> Rows:
        """Rows that have one of some values in a column, found without looking at any other."""
        return Rows(self.index, self.index.places(column, *values))

    @cached_property
    def minimum(self) -> Floats:
        """Smallest base that each row may rest on."""
        study = self.study
        least = {
            source.id: float(study.minimum(source.threshold)) for source in registry.sources()
        } | {survey.id: float(study.asked(survey).minimum) for survey in study.surveys}
        source = self.ledger["source"].cat
        known = np.array([least.get(name, np.nan) for name in source.categories])
        minimum: Floats = known[source.codes.to_numpy()]
        # A school's plan, and how it rated itself, are the school's own and are about no person.
        own = [source.id for source in registry.sources() if source.own]
        minimum[self.equals("source", *own) & ~self.equals("unit", COHORT)] = 1.0
        if np.isnan(minimum).any():
            unknown = self.ledger["source"][np.isnan(minimum)].iloc[0]
            raise ValueError(f"no release threshold is known for results from '{unknown}'")
        return minimum

    @cached_property
    def schools(self) -> pd.DataFrame:
        """The schools table, by school."""
        return schools.read(self.study) if self._table is None else self._table

    @cached_property
    def waves(self) -> tuple[str, ...]:
        """The waves, and baseline and follow-up together, as ids name them."""
        study = self.study
        both = (pair(study.baseline, study.followup),) if study.compares else ()
        return (*(wave.lower() for wave in study.wave_ids), *both)

    @cached_property
    def counted(self) -> dict[tuple[str, str, str, str], int]:
        """How many answered, by survey, wave (or both), unit and group."""
        rows = self.ledger[
            self.equals("analysis", "response")
            & self.equals("measure", "responded", "matched")
            & self.equals("statistic", "count")
        ]
        keys = zip(rows["source"], rows["wave"], rows["unit"], rows["group"], strict=True)
        return dict(zip(keys, map(int, rows["value"]), strict=True))

    def answered(self, rows: Flags) -> Floats:
        """How many of each row's unit answered its survey at its wave; missing if not known.

        Looked up for some rows, and missing of all others.
        """
        found = np.full(len(rows), np.nan)
        if self.counted:
            asked = self.ledger.loc[rows, ["source", "wave", "unit", "group"]]
            counted = pd.Series(self.counted, dtype="float64")
            found[rows] = counted.reindex(pd.MultiIndex.from_frame(as_words(asked)))
        return found

    def phases(self) -> tuple[Group | None, dict[str, dict[str, str]]]:
        """The groups of schools that are compared, and by wave each school's, as ids name them."""
        group = self.study.phases
        found: dict[str, dict[str, str]] = {}
        for wave in self.study.wave_ids if group else ():
            assert group is not None
            column = self.schools[group.by_wave.get(wave, group.column)]
            found[wave.lower()] = {
                str(school): group.key(str(value)) if value else ""
                for school, value in column.items()
            }
        for both in self.waves:
            if "-" in both:
                first, last = both.split("-")
                found[both] = {
                    school: phase if found.get(last, {}).get(school) == phase else ""
                    for school, phase in found.get(first, {}).items()
                }
        return group, found
