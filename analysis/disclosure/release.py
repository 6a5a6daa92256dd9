"""What may leave: decided over all units together, before anything is shown.

Primary suppression. A number is withheld if it rests on fewer people than the study's
threshold for that population, if an aggregate rests on too few schools, or if a share would
single somebody out (one or two people in the share, or in its complement). Numbers that
together add up to a known whole (the shares of one item's answers, the values of one
attribute) are withheld together.

Secondary suppression in the programme's breakdowns. What all groups of one attribute say, taken
from the total, tells of those who are in no group that is shown. Where these are too few, the
smallest group shown is withheld as well. What is delivered to schools is divided further
(:mod:`analysis.disclosure.parts`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from analysis import strands as registry
from analysis.disclosure import parts
from analysis.disclosure.parts import SINGLED_OUT
from analysis.questions import SHARES
from analysis.results import COHORT, COLUMNS, NUMBERS
from analysis.study import INTERVIEWEES, Study
from analysis.words import slug

RELEASED = "released"
SUPPRESSED = "suppressed"


class ById(Mapping[tuple[str, str], dict[str, Any]]):
    """Rows of a frame by unit and id, each made when it is asked for."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self._names = [str(name) for name in frame.columns]
        self._values = list(zip(*(frame[name].tolist() for name in frame.columns), strict=True))
        keys = zip(frame["unit"].tolist(), frame["id"].tolist(), strict=True)
        self._places = {key: place for place, key in enumerate(keys)}

    def __getitem__(self, key: tuple[str, str]) -> dict[str, Any]:
        return dict(zip(self._names, self._values[self._places[key]], strict=True))

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


@dataclass(frozen=True)
class Released:
    """Results after release: the only form that :mod:`analysis.present` takes.

    ``frame`` has the ledger's columns plus ``release`` and ``reason``; every number of a
    suppressed row is missing. ``provisional`` marks a release made in a hurry, over one
    person's notebook rather than over all units and editions. ``programme`` are the programme's
    results beside a school's own: the same object for many schools.
    """

    frame: pd.DataFrame
    provisional: bool = False
    programme: Released | None = None

    @cached_property
    def by_id(self) -> ById:
        """The rows of ``frame`` by unit and id."""
        return ById(self.frame)

    def __post_init__(self) -> None:
        withheld = self.frame.loc[self.frame["release"] != RELEASED, list(NUMBERS)]
        if withheld.notna().any(axis=None):
            raise ValueError("a suppressed result still carries a number")

    def of(self, *units: str) -> Released:
        """The rows of some units."""
        rows = self.frame["unit"].isin(units)
        return Released(self.frame[rows].reset_index(drop=True), self.provisional)


def decide(ledger: pd.DataFrame, study: Study, schools: pd.DataFrame | None = None) -> pd.DataFrame:
    """The ledger with ``released_value``, ``release`` and ``reason`` for every row.

    ``schools`` is the schools table: see :func:`analysis.disclosure.parts.withhold`.
    """
    reason = pd.Series("", index=ledger.index, dtype="str")

    def withhold(rows: pd.Series, why: pd.Series | str) -> None:
        open_rows = rows & (reason == "")
        reason.loc[open_rows] = why if isinstance(why, str) else why[open_rows]

    minimum, people = _thresholds(ledger, study)
    withhold(
        ledger["n"].isna() | (ledger["n"] < minimum),
        "fewer than " + minimum.astype("int64").astype("str") + " " + people,
    )
    few = study.disclosure.schools.minimum
    over_schools = (ledger["unit"] == COHORT) & ledger["n_schools"].notna()
    withhold(over_schools & (ledger["n_schools"] < few), f"fewer than {few} schools")
    counted = _counts_people(ledger)
    complement = ledger["denominator"] - ledger["numerator"]
    single = ledger["numerator"].between(1, SINGLED_OUT) | complement.between(1, SINGLED_OUT)
    withhold(counted & single, "a share of one or two people, or of all but one or two")
    _withhold_families(ledger, reason)
    for rows in (*_remainders(ledger, study), *_voices(ledger, study)):
        withhold(rows, parts.SUBTRACTED)
    parts.withhold(ledger, reason, study, schools)
    decided = ledger.assign(
        released_value=ledger["value"].where(reason == ""),
        release=reason.map(lambda why: SUPPRESSED if why else RELEASED),
        reason=reason,
    )
    return decided


def released(decided: pd.DataFrame, *, provisional: bool = False) -> Released:
    """The part of a decided ledger that may be shown."""
    shown = decided.copy()
    shown.loc[shown["release"] != RELEASED, list(NUMBERS)] = float("nan")
    return Released(shown[[*COLUMNS, "release", "reason"]].reset_index(drop=True), provisional)


def _thresholds(ledger: pd.DataFrame, study: Study) -> tuple[pd.Series, pd.Series]:
    """Smallest base of each row, and the word for those counted."""
    by_source = {
        source.id: (study.minimum(source.threshold), source.counted)
        for source in registry.sources()
    } | {survey.id: (study.asked(survey).minimum, survey.respondents) for survey in study.surveys}
    minimum = ledger["source"].map({k: float(least) for k, (least, _) in by_source.items()})
    people = ledger["source"].map({k: word for k, (_, word) in by_source.items()})
    # A school's plan, and how it rated itself, are the school's own and are about no person.
    own = {source.id for source in registry.sources() if source.own}
    minimum[ledger["source"].isin(own) & (ledger["unit"] != COHORT)] = 1.0
    if minimum.isna().any():
        unknown = ledger.loc[minimum.isna(), "source"].iloc[0]
        raise ValueError(f"no release threshold is known for results from '{unknown}'")
    return minimum, people


def _counts_people(ledger: pd.DataFrame) -> pd.Series:
    shares = ledger["analysis"].isin(SHARES)
    rates = (ledger["source"] == "outcomes") & ledger["denominator"].notna()
    people = {strand.people.id for strand in registry.STRANDS if strand.people is not None}
    return shares | rates | ledger["source"].isin(people | {"open_answers"})


def _remainders(ledger: pd.DataFrame, study: Study) -> Iterator[pd.Series]:
    """Rows of groups without which the rest of the total would be too few people.

    By the numbers that answered at each wave, and both times. The rest is too small below the
    threshold if it holds a group that is withheld (so few in year 6), and with one or two people
    if it holds only those who did not say: they are no group that anybody could recognise.
    Phases are left alone: nobody lacks one but those who changed phase between the waves.
    """
    cohort = ledger["unit"] == COHORT
    counted = cohort & (ledger["analysis"] == "response") & (ledger["statistic"] == "count")
    answered = ledger[counted & ledger["measure"].isin(["responded", "matched"])]
    for survey in study.surveys:
        minimum = study.asked(survey).minimum
        of_survey = answered[answered["source"] == survey.id]
        for wave, found in of_survey.groupby("wave", sort=True):
            sizes = dict(zip(found["group"], found["n"], strict=True))
            total = sizes.pop("all", 0.0)
            for group in study.groups_of(survey.population):
                listed = {group.key(value) for value in group.ids}
                prefix = f"{slug(group.column)}_"
                family = [name for name in sizes if name in listed or name.startswith(prefix)]
                shown = sorted(name for name in family if sizes[name] >= minimum)
                shown.sort(key=lambda name: sizes[name], reverse=True)
                small = len(shown) < len(family)
                limit = minimum if small else SINGLED_OUT + 1
                while shown and 0 < total - sum(sizes[name] for name in shown) < limit:
                    yield cohort & _of_group(ledger, survey.id, str(wave), shown.pop())
                    limit = minimum


def _voices(ledger: pd.DataFrame, study: Study) -> Iterator[pd.Series]:
    """Counts of interviewees without which the rest of all interviewed would be too few.

    Of the groups of one attribute, the smallest shown; of the times, each without whom too few
    are left: what all said, less what was said then, would be those few's.
    """
    rows = (ledger["source"] == "interviews") & (ledger["analysis"] == "count")
    rows &= (ledger["unit"] == COHORT) & (ledger["statistic"] == "people")
    least = study.disclosure.interviewees.minimum
    found = ledger[rows].drop_duplicates(["wave", "group"])
    sizes = {
        (wave, group): n
        for wave, group, n in zip(found["wave"], found["group"], found["n"], strict=True)
    }
    total = sizes.get(("all", "all"))
    if total is None:
        return
    voices = (ledger["source"] == "interviews") & (ledger["analysis"] == "count")
    for (wave, _), n in sorted(sizes.items()):
        if wave != "all" and 0 < total - n < least:
            yield voices & (ledger["wave"] == wave)
    of_groups = {group: n for (wave, group), n in sizes.items() if wave == "all" != group}
    for attribute in study.groups_of(INTERVIEWEES):
        listed = {attribute.key(value) for value in attribute.ids}
        prefix = f"{attribute.column}_"
        family = [name for name in of_groups if name in listed or name.startswith(prefix)]
        shown = sorted(name for name in family if of_groups[name] >= least)
        shown.sort(key=lambda name: of_groups[name], reverse=True)
        while shown and 0 < total - sum(of_groups[name] for name in shown) < least:
            yield voices & (ledger["group"] == shown.pop())


def _of_group(ledger: pd.DataFrame, source: str, wave: str, group: str) -> pd.Series:
    """Rows about one group at one wave (or over a pair), alone or beside another group.

    The difference of all respondents between two waves is about both.
    """
    groups = [name for name in ledger["group"].unique() if group in name.split("-")]
    pairs = [name for name in ledger["wave"].unique() if wave in name.split("-")]
    apart = (ledger["analysis"] == "all_respondents") & ledger["wave"].isin(pairs)
    whose = (ledger["source"] == source) & ledger["group"].isin(groups)
    return whose & ((ledger["wave"] == wave) | apart)


def _withhold_families(ledger: pd.DataFrame, reason: pd.Series) -> None:
    shares = ledger["analysis"].isin(SHARES)
    # An item's shares add up to 100; so do an attribute's values within a group.
    measure = ledger["measure"].where(
        ledger["analysis"] != "sample", ledger["measure"].str.split("-").str[0]
    )
    keys = [ledger["unit"], ledger["source"], measure, ledger["wave"], ledger["group"]]
    family = ledger.groupby(keys, sort=False).ngroup()
    hidden = set(family[shares & (reason != "")])
    together = shares & family.isin(hidden) & (reason == "") & (ledger["statistic"] != "mean")
    reason.loc[together] = parts.BESIDE
