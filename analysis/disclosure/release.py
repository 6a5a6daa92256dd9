"""What may leave: decided over all units together, before anything is shown.

In this order, each rule for what those before it leave open:

1. *Thresholds.* A number is withheld if it rests on fewer people than the population's minimum, or
   an aggregate on too few schools. How many schools a group has is counted here, by the schools
   whose people answered.
2. *Bands.* A share of nobody, of one or two, of all or of all but one or two, and every share of
   fewer than ten people, is said in words (:mod:`analysis.disclosure.shares`).
3. *What adds up.* Groups, and numbers of people, of which the rest would be too few: the next
   smallest goes as well (:mod:`analysis.disclosure.sums`).
4. *What the attacker finds* (:mod:`analysis.disclosure.ladder`): where what is printed leaves too
   little open, numbers are given up in a stated order until it does not.
5. *What was published before* (:mod:`analysis.disclosure.editions`): what a few people changed since.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from analysis import strands as registry
from analysis.disclosure import clustering, ladder, parts, scales, shares, spread, sums, unnamed
from analysis.disclosure.counted import Counted
from analysis.disclosure.draft import (
    BANDED,
    FEW_ANSWERED,
    FEW_COMPLETE,
    FEW_SCHOOLS,
    GIVES_AWAY,
    NOT_ASKED,
    RELEASED,
    SUPPRESSED,
    Draft,
)
from analysis.disclosure.editions import Published, corrected, hold
from analysis.questions import OVER_SCHOOLS
from analysis.results import COHORT, COLUMNS, NUMBERS, as_words, coded, is_coded, words_of
from analysis.study import Study

#: What a row without its interval lacks.
INTERVAL = ("ci_low", "ci_high", "level")
#: What a release says of a row beside the ledger's columns.
SAID = ("release", "reason", "band", "decimals")


class ById(Mapping[tuple[str, str], dict[str, Any]]):
    """Rows of a frame by unit and id, each made when it is asked for."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self._names = [str(name) for name in frame.columns]
        columns = {name: _shared(frame[name]) for name in frame.columns}
        self._values = list(zip(*columns.values(), strict=True))
        keys = zip(columns["unit"], columns["id"], strict=True)
        self._places = {key: place for place, key in enumerate(keys)}

    def __getitem__(self, key: tuple[str, str]) -> dict[str, Any]:
        return dict(zip(self._names, self._values[self._places[key]], strict=True))

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


def _shared(column: pd.Series) -> list[Any]:
    """What a column holds, words and what is missing each in memory once: every process that makes
    reports holds all rows of the programme."""
    if pd.api.types.is_float_dtype(column):
        return [each if each == each else math.nan for each in column.tolist()]
    if column.name == "id" or not pd.api.types.is_string_dtype(column):
        return column.tolist()
    return words_of(column.astype("category"))


@dataclass(frozen=True)
class Released:
    """Results after release: the only form that :mod:`analysis.present` takes.

    ``frame`` has the ledger's columns plus ``release``, ``reason``, ``band`` (words in place of a
    number) and ``decimals`` (the most that may be shown; missing: as many as the page likes); every
    number of a row that is not released is missing. ``provisional`` marks a release made in a
    hurry, over one person's notebook rather than over all units and editions. ``programme`` are
    the programme's results beside a school's own: the same object for many schools.
    """

    frame: pd.DataFrame
    provisional: bool = False
    programme: Released | None = None

    @cached_property
    def by_id(self) -> ById:
        """The rows of ``frame`` by unit and id."""
        return ById(self.frame)

    @cached_property
    def of_programme(self) -> dict[tuple[str, ...], list[list[str]]]:
        """The parts of the ids of the programme's rows, by source, instrument and analysis."""
        found: dict[tuple[str, ...], list[list[str]]] = {}
        for unit, name in self.by_id:
            if unit == COHORT:
                parts = [sys.intern(part) for part in name.split(".")]
                found.setdefault(tuple(parts[:3]), []).append(parts)
        return found

    def __post_init__(self) -> None:
        withheld = self.frame.loc[self.frame["release"] != RELEASED, list(NUMBERS)]
        if withheld.notna().any(axis=None):
            raise ValueError("a suppressed result still carries a number")

    def of(self, *units: str) -> Released:
        """The rows of some units."""
        rows = self.frame["unit"].isin(units)
        return Released(self.frame[rows].reset_index(drop=True), self.provisional)


def decide(
    given: pd.DataFrame,
    study: Study,
    schools: pd.DataFrame | None = None,
    editions: Sequence[Published] = (),
    now: Counted | None = None,
    attacked: ladder.Attacked | None = None,
) -> pd.DataFrame:
    """The ledger that is given with what may be said of every row.

    ``schools`` is the schools table; without it, it is read. ``editions`` are those published
    earlier, to be told from ``now``, who is counted in the ledger. How many numbers these cost is
    in the frame's ``attrs`` under ``editions``, by publication; under ``corrects`` stands which
    publication it corrects, if any. ``attacked`` is what the attacker found earlier in numbers that
    are printed just as they were, which is not looked for again (:class:`ladder.Attacked`).

    Columns ``released_value`` (as coarse as it may be shown), ``release`` (released, banded or
    suppressed), ``reason`` (one of :data:`analysis.disclosure.draft.REASONS`, or nothing), ``band``
    and ``decimals``.
    """
    draft = Draft(given, study, schools)
    _too_few(draft)
    _singled_out(draft)
    sums.few_schools(draft)
    shares.in_words(draft)
    sums.groups(draft)
    sums.people(draft)
    shares.across_schools(draft)
    sums.interviewees(draft)
    parts.withhold(draft)
    shares.split_records(draft)
    shares.tests_of_attributes(draft)
    spread.intervals(draft)
    ladder.give_up(draft, attacked)
    scales.next_items(draft)
    clustering.withheld_means(draft)
    beside = {} if now is None else hold(draft, editions, now)
    sums.left(draft)
    unnamed.as_their_own(draft)
    ledger, banded = draft.ledger, draft.band.said
    release = np.where(banded, 2, np.where(draft.reason.said, 1, 0))
    bare = draft.bare & (release == 0)
    draft.reason[bare] = GIVES_AWAY  # of the interval
    decided = ledger.assign(
        **{name: ledger[name].mask(bare) for name in INTERVAL},
        released_value=coarsened(ledger["value"].where(draft.shown), draft.decimals),
        release=coded(release, [RELEASED, SUPPRESSED, BANDED]),
        reason=draft.reason.column(ledger.index, but=banded),
        band=draft.band.column(ledger.index),
        decimals=draft.decimals,
    )
    waves = list(draft.waves)
    del draft, ledger  # and all that was looked up for it
    decided = unnamed.by_what_is_shown(decided, waves)
    if not is_coded(given["id"]):
        decided = as_words(decided)
    decided.attrs["editions"] = beside
    decided.attrs["corrects"] = None if now is None else corrected(decided, study, editions, now)
    return decided


def released(decided: pd.DataFrame, *, provisional: bool = False) -> Released:
    """The part of a decided ledger that may be shown."""
    shown = as_words(decided)
    shown.loc[shown["release"] != RELEASED, list(NUMBERS)] = float("nan")
    for name in ("value", "ci_low", "ci_high"):
        shown[name] = coarsened(shown[name], shown["decimals"].to_numpy())
    return Released(shown[[*COLUMNS, *SAID]].reset_index(drop=True), provisional)


def coarsened(values: pd.Series, decimals: Any) -> pd.Series:
    """Numbers rounded where only so many decimals may be shown."""
    found = values.copy()
    for few in np.unique(decimals[~np.isnan(decimals)]):
        rows = decimals == few
        found[rows] = found[rows].round(int(few))
    return found


def _too_few(draft: Draft) -> None:
    """Withhold what rests on fewer people, or schools, than the threshold."""
    ledger = draft.ledger
    few = ledger["n"].isna().to_numpy() | (draft.n < draft.minimum)
    asked = draft.equals("analysis", "response") & draft.equals("measure", "invited")
    draft.withhold(few & asked & (draft.n == 0), NOT_ASKED)
    # A score of few, where enough answered: the others did not complete it.
    answered = draft.answered(few)
    draft.withhold(few & (answered >= draft.minimum), FEW_COMPLETE)
    draft.withhold(few & (answered == 0), NOT_ASKED)
    draft.withhold(few, FEW_ANSWERED)
    schools = ledger["n_schools"].to_numpy()
    over_schools = draft.equals("unit", COHORT) | draft.equals("analysis", *OVER_SCHOOLS)
    over_schools &= ~np.isnan(schools)
    draft.withhold(over_schools & (schools < draft.study.disclosure.schools.minimum), FEW_SCHOOLS)


def _singled_out(draft: Draft) -> None:
    """Withhold numbers of people in strands that come to one or two of them, or to all but these."""
    people = {strand.people.id for strand in registry.STRANDS if strand.people is not None}
    ledger = draft.ledger
    complement = ledger["denominator"] - ledger["numerator"]
    few = ledger["numerator"].between(1, sums.SINGLED_OUT)
    few |= complement.between(1, sums.SINGLED_OUT)
    draft.withhold(draft.equals("source", *sorted(people)) & few.to_numpy(), GIVES_AWAY)
