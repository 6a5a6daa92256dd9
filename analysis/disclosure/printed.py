"""Everything printed of a score, as one linear system, and what in it is protected.

Unknown are the sums (and the sums of squares, where standard deviations are printed) of the people
of each school that answered both times, at baseline only and at follow-up only, of those who changed
school, and of each group of people. Whoever attacks knows how many each of these are, which is more
than is printed; every number is taken at the decimals shown.

Protected are those parts, and the differences of published groups, that hold fewer people than the
population's minimum.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.disclosure import ratios
from analysis.disclosure.attack import System, Terms, less, together
from analysis.disclosure.draft import Index, Rows
from analysis.disclosure.ratios import Range
from analysis.disclosure.sums import BESIDES, SIMILAR
from analysis.instruments import Instrument
from analysis.prepare.similar import alike
from analysis.results import COHORT, compact, pair, words_of
from analysis.statistics.lowest import chosen
from analysis.study import SCHOOLS, Study, Survey

ALL = "all"
#: Analyses of the ledger whose numbers are linear in the sums of people.
LINEAR = (
    "level", "items", "paired", "items_change", "phases", "phases_change", "gap",
    "moderation_pairs", "all_respondents", "level_weighted", "attrition", "beside", "similar",
    "this_year",
    "lowest", "rank", "rank_items",
)  # fmt: skip
#: Analyses of ranks, and of what mean.
RANKED = {"rank": "level", "rank_items": "items"}
INFINITE = float("inf")
#: Decimals of an item's mean.
ITEM_DECIMALS = 2
#: Tangents that hold a sum of squares above its parabola: how far from the mean of all they touch
#: it, in what a part's mean may at most differ from it.
TANGENTS = (-1.0, -0.5, 0.0, 0.5, 1.0)
#: Unknowns of a school: at baseline and at follow-up of those who answered both times there, and
#: of the others.
STAYED, STAYED_LAST, ONLY_FIRST, ONLY_LAST = "stayed", "stayed_last", "only_first", "only_last"
#: Columns of the ledger that say what is printed.
NEEDED = (
    "unit", "source", "instrument", "analysis", "measure", "wave", "group", "statistic", "value",
    "ci_low", "ci_high", "df", "level", "n", "release", "decimals",
)  # fmt: skip
#: What tells the rows of a score apart.
KEY = ("analysis", "wave", "unit", "group", "statistic")
#: What a printed number's range goes by (:func:`printed_range`).
RANGE = ("value", "ci_low", "ci_high", "release", "decimals")
#: What is known of each school.
Members = Mapping[str, Mapping[str, str]]
#: The column that holds numbers as they were computed, where ``value`` holds them as printed.
COMPUTED = "computed"
#: Whether release lets a number be shown, where the rows are what pages show of it.
MAY_BE_SHOWN = "may_be_shown"
#: The p-value of a difference whose interval is printed, and its corrections, which say it again;
#: of the programme's change those that allow for schools, as its interval does.
P_OF = ("p", "p_holm", "p_bh")
P_CLUSTERED = ("p_clustered", "p_clustered_holm", "p_clustered_bh")
#: Analyses whose p goes with the interval of their difference.
P_WITH_INTERVAL = ("phases", "phases_change", "gap", "moderation_pairs", "beside", "similar")


def limits_of(instrument: Instrument, measure: str, *, item: bool) -> Range:
    """The least and the greatest value of one person, of an item (by its code) or a score."""
    if not item:
        return instrument.score_limits(measure)
    found = next(each for each in instrument.items if each.code.lower() == measure)
    responses = instrument.responses(found)
    return float(responses.minimum), float(responses.maximum)


@dataclass(frozen=True)
class Protected:
    """A sum that may not become known more narrowly than a half-width.

    ``unit`` and ``part`` say whose: a school (or the programme) and which of its people, or the
    group; ``people`` how many. ``needed`` is the half-width of the sum that must stay open, and
    ``scale`` turns sums into means.
    """

    unit: str
    part: str
    wave: str
    people: int
    terms: Terms
    needed: float
    scale: float
    truth: float = float("nan")


def printed_range(row: Mapping[str, Any], decimals: int, middle: bool = False) -> Range | None:
    """Between which values a printed number lies; nothing if it is not printed.

    ``decimals`` are those of a number that need not be coarser; ``middle``: its interval is
    printed, too, and as wide to either side.
    """
    if row["release"] != "released" or row["value"] != row["value"]:
        return None
    if row["decimals"] == row["decimals"]:
        decimals = int(row["decimals"])
    half = 0.5 * 10.0**-decimals
    value = round(float(row["value"]), decimals)
    low, high = value - half, value + half
    if middle and row["ci_low"] == row["ci_low"]:
        centre = (round(row["ci_low"], decimals) + round(row["ci_high"], decimals)) / 2
        low, high = max(low, centre - half), min(high, centre + half)
    return low, high


def part_of(limits: Range, mean: Range, n: int, people: int) -> Range:
    """Between which values the sum of some of a group lies, by the group's mean alone."""
    low, high = limits
    least = max(low * people, mean[0] * n - high * (n - people))
    return least, min(high * people, mean[1] * n - low * (n - people))


@dataclass
class Score:
    """One score (or item) of a survey: who has one, what is printed of it, and the system."""

    study: Study
    survey: Survey
    instrument: Instrument
    measure: str
    is_item: bool
    members: Members
    frame: pd.DataFrame
    squares: bool = True
    ordered: Mapping[tuple[str, str, str], Range] = field(default_factory=dict)
    system: System = field(default_factory=System)
    #: By the unknown that stands for all of some schools: how many people each has, and all.
    _wholes: dict[Hashable, tuple[dict[str, int], int]] = field(default_factory=dict, repr=False)

    @cached_property
    def rows(self) -> Mapping[tuple[str, ...], Mapping[str, Any]]:
        """What is printed, by analysis, wave, unit, group and statistic; made by whoever attacks."""
        columns = [words_of(self.frame[name]) for name in KEY]
        return dict(zip(zip(*columns, strict=True), records(self.frame), strict=True))

    @cached_property
    def limits(self) -> Range:
        """The least and the greatest value of one person."""
        return limits_of(self.instrument, self.measure, item=self.is_item)

    @cached_property
    def decimals(self) -> int:
        return ITEM_DECIMALS if self.is_item else self.instrument.decimals(self.measure)

    @cached_property
    def waves(self) -> tuple[str, ...]:
        return tuple(wave.lower() for wave in self.study.wave_ids)

    @cached_property
    def ends(self) -> tuple[str, str]:
        """Baseline and follow-up; the same wave twice if there is one only."""
        return self.study.baseline.lower(), self.study.followup.lower()

    @cached_property
    def both(self) -> str:
        return pair(*self.ends)

    @cached_property
    def minimum(self) -> int:
        return self.study.asked(self.survey).minimum

    @cached_property
    def level(self) -> str:
        return "items" if self.is_item else "level"

    @cached_property
    def change(self) -> str:
        return "items_change" if self.is_item else "paired"

    # --- who ------------------------------------------------------------------------------

    def row(
        self, analysis: str, wave: str, unit: str, group: str, statistic: str
    ) -> Mapping[str, Any] | None:
        return self.rows.get((analysis, wave, unit, group, statistic))

    def people(self, wave: str, unit: str, group: str = ALL) -> int:
        """How many have the score at a wave."""
        return self._numbers.get((self.level, wave, unit, group, "mean"), 0)

    @cached_property
    def _numbers(self) -> dict[tuple[str, ...], int]:
        """How many people the means of scores and the differences of pairs are of."""
        rows = self.frame
        means = (rows["analysis"] == self.level) & (rows["statistic"] == "mean")
        changes = (rows["analysis"] == self.change) & (rows["statistic"] == "difference")
        rows = rows[(means | changes) & rows["n"].notna()]
        columns = [words_of(rows[name]) for name in KEY]
        return dict(
            zip(zip(*columns, strict=True), rows["n"].astype("int64").tolist(), strict=True)
        )

    def matched(self, unit: str, group: str = ALL) -> int:
        """How many have it at baseline and follow-up."""
        if not self.study.compares:
            return 0
        return self._numbers.get((self.change, self.both, unit, group, "difference"), 0)

    @cached_property
    def schools(self) -> list[str]:
        return [
            name for name in self.members if any(self.people(wave, name) for wave in self.waves)
        ]

    @cached_property
    def phases(self) -> list[str]:
        group = self.study.phases
        return [group.key(value) for value in group.ids] if group else []

    def of_phase(self, phase: str, wave: str) -> list[str]:
        """Schools of a group of schools at a wave."""
        return self._of_phase.get((wave, phase), [])

    @cached_property
    def _of_phase(self) -> dict[tuple[str, str | None], list[str]]:
        found: dict[tuple[str, str | None], list[str]] = {}
        for wave in self.waves:
            for name in self.schools:
                found.setdefault((wave, self.members[name].get(wave)), []).append(name)
        return found

    def stayers(self, phase: str) -> list[str]:
        """Schools that are in a group at both waves."""
        first, last = (set(self.of_phase(phase, wave)) for wave in self.ends)
        both = first & last
        return [name for name in self.schools if name in both]

    def _stayed(self, school: str) -> int:
        return self.matched(school)

    # --- sums -----------------------------------------------------------------------------

    def parts(self, school: str, wave: str) -> list[Hashable]:
        """The unknowns that make a school's sum at a wave."""
        first, last = self.ends
        if not self.study.compares or wave not in (first, last):
            return [(school, wave)]
        if wave == first:
            return [(school, STAYED), (school, ONLY_FIRST)]
        return [(school, STAYED_LAST), (school, ONLY_LAST)]

    def total(self, wave: str, schools: Sequence[str]) -> Terms:
        return together(*(self.parts(school, wave) for school in schools))

    def whole(self, wave: str, group: str) -> Terms | None:
        """The sum of a published group of the programme at a wave.

        None where its people are not those of schools that are known.
        """
        if group == ALL or group in self.phases:
            schools = self.schools if group == ALL else self.of_phase(group, wave)
            known = sum(self.people(wave, school) for school in schools)
            if known != self.people(wave, COHORT, group):
                return None
            return self.total(wave, schools)
        name = ("group", group, wave)
        return {name: 1.0} if name in self.system else None

    def matched_whole(self, group: str, last: bool) -> Terms | None:
        """The sum of a published group's matched people, at baseline or follow-up."""
        part, moved = (STAYED_LAST, "moved_last") if last else (STAYED, "moved")
        if (group == ALL or group in self.phases) and min(self.moved.values()) < 0:
            return None
        if group == ALL:
            found = [[(school, part)] for school in self.schools]
            return together(*found, [(moved, phase) for phase in self.phases], [(moved, "")])
        if group in self.phases:
            found = [[(school, part)] for school in self.stayers(group)]
            return together(*found, [(moved, group)])
        name = ("matched", group, "last" if last else "first")
        return {name: 1.0} if name in self.system else None

    # --- what is printed ------------------------------------------------------------------

    def said(self, row: Mapping[str, Any] | None, middle: bool = False) -> Range | None:
        """Between which values a printed number lies; nothing if it is not printed.

        ``middle``: its interval is printed, too, and as wide to either side.
        """
        return None if row is None else printed_range(row, self.decimals, middle)

    def build(self) -> None:
        """Set up the system."""
        self.unknowns()
        self.equations()

    def equations(self) -> None:
        """What is printed, as sums of the unknowns."""
        for (analysis, wave, unit, group, statistic), row in self.rows.items():
            if row["release"] == "released":
                self._equation(analysis, wave, unit, group, statistic, row)
        if self.squares:
            self._squares()

    def _add(self, name: Hashable, people: int) -> None:
        if people > 0:
            low, high = self.limits
            self.system.unknown(name, low * people, high * people)

    def unknowns(self) -> None:
        """Whose sums are unknown, and how these add up: all that is to be known of what is protected."""
        first, last = self.ends
        for school in self.schools:
            stayed = self._stayed(school)
            if self.study.compares:
                self._add((school, STAYED), stayed)
                self._add((school, STAYED_LAST), stayed)
                self._add((school, ONLY_FIRST), self.people(first, school) - stayed)
                self._add((school, ONLY_LAST), self.people(last, school) - stayed)
            for wave in self.waves:
                if not self.study.compares or wave not in (first, last):
                    self._add((school, wave), self.people(wave, school))
        if self.study.compares:
            for phase, count in self.moved.items():
                self._add(("moved", phase), count)
                self._add(("moved_last", phase), count)
            self._within("moved", ONLY_FIRST, first)
            self._within("moved_last", ONLY_LAST, last)
        for family in self.families:
            self._family(family)

    @cached_property
    def moved(self) -> dict[str, int]:
        """How many changed school, within each group of schools and (``""``) between them."""
        found = {
            phase: self.matched(COHORT, phase) - sum(map(self._stayed, self.stayers(phase)))
            for phase in self.phases
            if self.row(self.change, self.both, COHORT, phase, "difference") is not None
        }
        within = sum(found.values())
        found[""] = self.matched(COHORT) - sum(map(self._stayed, self.schools)) - within
        return found

    def _within(self, moved: str, only: str, wave: str) -> None:
        """Those who moved are among those who are not matched in their school."""
        low, high = self.limits
        for phase in (*self.phases, ""):
            schools = self.schools if phase == "" else self.of_phase(phase, wave)
            part = [(moved, name) for name in ((*self.phases, "") if phase == "" else (phase,))]
            count = sum(self.people(wave, s) - self._stayed(s) for s in schools)
            count -= sum(max(0, self.moved.get(name, 0)) for _, name in part)
            if count >= 0 and any(name in self.system for name in part):
                terms = less(together([(s, only) for s in schools]), together(part))
                self.system.between(terms, low * count, high * count)

    @cached_property
    def families(self) -> list[list[str]]:
        """The groups of people of each attribute, as named in the ledger."""
        of_level = (self.frame["analysis"] == self.level) & (self.frame["unit"] == COHORT)
        known = set(self.frame.loc[of_level, "group"])
        found = []
        of_schools = [
            each for each in self.study.groups_of(SCHOOLS) if each is not self.study.phases
        ]
        for group in (*self.study.groups_of(self.survey.population), *of_schools):
            if names := group.among(sorted(known)):
                found.append(names)
        return found

    def _family(self, family: list[str]) -> None:
        low, high = self.limits
        rest = family[0]
        for wave in self.waves:
            counts = {name: self.people(wave, COHORT, name) for name in family}
            for name, count in counts.items():
                self._add(("group", name, wave), count)
            left = self.people(wave, COHORT) - sum(counts.values())
            self._add(("rest", rest, wave), left)
            if left >= 0 and (all_of := self.whole(wave, ALL)):
                names = [("group", name, wave) for name in family] + [("rest", rest, wave)]
                self.system.between(less(all_of, together(names)), 0.0, 0.0)
        if not self.study.compares:
            return
        counts = {name: self.matched(COHORT, name) for name in family}
        left = self.matched(COHORT) - sum(counts.values())
        for end in ("first", "last"):
            for name, count in counts.items():
                self._add(("matched", name, end), count)
            self._add(("matched_rest", rest, end), left)
            whole = self.matched_whole(ALL, end == "last")
            if left >= 0 and whole:
                names = [("matched", n, end) for n in family] + [("matched_rest", rest, end)]
                self.system.between(less(whole, together(names)), 0.0, 0.0)
        for name in family:
            count = self.people(self.ends[0], COHORT, name) - counts[name]
            if counts[name] and count >= 0:
                terms = {("group", name, self.ends[0]): 1.0, ("matched", name, "first"): -1.0}
                self.system.between(terms, low * count, high * count)

    def _equation(
        self,
        analysis: str,
        wave: str,
        unit: str,
        group: str,
        statistic: str,
        row: Mapping[str, Any],
    ) -> None:
        if (analysis, statistic) == (self.level, "mean"):
            terms = self.whole(wave, group) if unit == COHORT else self.total(wave, [unit])
            self._mean(terms, self.people(wave, unit, group), self.said(row, not self.is_item))
        elif (analysis, statistic) == ("level", "difference_from_norm"):
            self._from_norm(wave, unit, group, row)
        elif analysis in RANKED and statistic == "rank":
            terms = self.whole(wave, group) if unit == COHORT else self.total(wave, [unit])
            said = self.ordered.get((wave, unit, group))
            self._mean(terms, self.people(wave, unit, group), said)
        elif analysis == self.change and wave == self.both:
            self._paired(unit, group, statistic, row)
        elif analysis == "level_weighted":
            self._weighted(wave, self.said(row))
        elif analysis == "lowest":
            self._lowest(statistic, self.said(row))
        elif analysis == "this_year":
            self._this_year(wave, unit, row)
        elif analysis in BESIDES:
            self._beside(analysis, wave, unit, statistic, row)
        elif analysis in ("phases", "phases_change", "gap", "moderation_pairs") and (
            statistic == "difference"
        ):
            self._contrast(analysis, wave, group, self.of_difference(analysis, wave, unit, group))
        elif analysis == "all_respondents" and statistic == "difference":
            first, last = (self.whole(w, group) for w in self.ends)
            counts = [self.people(w, COHORT, group) for w in self.ends]
            self._difference(last, counts[1], first, counts[0], self.said(row, middle=True))
        elif analysis == "attrition" and statistic == "difference":
            stayed = self.matched_whole(ALL, last=False)
            left = less(self.total(self.ends[0], self.schools), stayed or {})
            count = self.matched(COHORT)
            others = self.people(self.ends[0], COHORT) - count
            if int(row["n"]) != min(count, others):
                # Some who stayed have the score at baseline only.
                return
            self._difference(stayed, count, left, others, self.said(row, middle=True))

    def _mean(self, terms: Terms | None, people: int, said: Range | None) -> None:
        if terms and people and said:
            self.system.between(terms, said[0] * people, said[1] * people)

    def _paired(self, unit: str, group: str, statistic: str, row: Mapping[str, Any]) -> None:
        count = self.matched(unit, group)
        if unit == COHORT:
            first, last = self.matched_whole(group, False), self.matched_whole(group, True)
        else:
            first, last = {(unit, STAYED): 1.0}, {(unit, STAYED_LAST): 1.0}
        if not count or first is None or last is None:
            return
        if statistic == "baseline_mean":
            self._mean(first, count, self.said(row))
        elif statistic == "followup_mean":
            self._mean(last, count, self.said(row))
        elif statistic == "difference":
            said = self.of_difference(self.change, self.both, unit, group)
            self._mean(less(last, first), count, said)
        elif statistic == "difference_schools" and not any(self.moved.values()):
            schools = self.schools if group == ALL else self.stayers(group)
            schools = [s for s in schools if self._stayed(s)]
            if group != ALL and group not in self.phases:
                return
            terms: dict[Any, float] = {}
            for school in schools:
                weight = 1 / self._stayed(school) / len(schools)
                terms[(school, STAYED_LAST)] = weight
                terms[(school, STAYED)] = -weight
            if said := self.said(row, middle=True):
                self.system.between(terms, *said)

    def _weighted(self, wave: str, said: Range | None) -> None:
        """The mean with schools counted by those invited."""
        weights = {s: float(self.members[s].get(f"weight {wave}") or "nan") for s in self.schools}
        people = {s: self.people(wave, s) for s in self.schools if self.people(wave, s)}
        whole = sum(weights[s] * n for s, n in people.items())
        if said is None or whole != whole or not whole:
            return
        terms = {part: weights[s] / whole for s in people for part in self.parts(s, wave)}
        self.system.between(terms, *said)

    def _lowest(self, statistic: str, said: Range | None) -> None:
        """The mean change of the lowest schools, or of all they were chosen from; who is known.

        They are chosen by numbers as computed: as printed, schools that come next to each other are
        level, and others would be chosen.
        """
        rows = {
            school: self.row(self.change, self.both, school, ALL, "baseline_mean")
            for school in self.schools
            if self._stayed(school) >= self.minimum
        }
        means = {name: float(row[COMPUTED]) for name, row in rows.items() if row is not None}
        schools = {"lowest": chosen(means), "everybody": list(means)}.get(statistic, [])
        terms: dict[Any, float] = {}
        for school in schools:
            share = 1 / self._stayed(school) / len(schools)
            terms[(school, STAYED_LAST)] = share
            terms[(school, STAYED)] = -share
        if said and terms:
            self.system.between(terms, *said)

    def _this_year(self, wave: str, unit: str, row: Mapping[str, Any]) -> None:
        """The mean of those invited: a school's own, or of all with schools by those invited."""
        if unit != COHORT:
            self._mean(self.total(wave, [unit]), self.people(wave, unit), self.said(row, True))
            return
        schools = [name for name in self.schools if self.people(wave, name)]
        invited = {s: float(self.members[s].get(f"invited {wave}") or "nan") for s in schools}
        whole = sum(invited.values())
        said = self.said(row, middle=True)
        if said is None or whole != whole or not whole:
            return
        terms = {
            part: invited[s] / whole / self.people(wave, s)
            for s in schools
            for part in self.parts(s, wave)
        }
        self.system.between(terms, *said)

    def similar(self, school: str, wave: str) -> list[str]:
        """Schools of enough people that are like one at a wave, with itself; none where it is like none."""
        return self._similar.get((wave, self.members.get(school, {}).get(f"like {wave}", "")), [])

    @cached_property
    def _similar(self) -> dict[tuple[str, str], list[str]]:
        found: dict[tuple[str, str], list[str]] = {}
        for wave in self.waves:
            for name in self.schools:
                like = self.members[name].get(f"like {wave}", "")
                if like and self.people(wave, name) >= self.minimum:
                    found.setdefault((wave, like), []).append(name)
        return found

    def _others(self, analysis: str, school: str, wave: str) -> tuple[Terms, int]:
        """The sum of the schools that one is set beside, and of how many people it is.

        These are the others of its group, all others, or similar ones. What all of them come to with
        itself is one unknown: written out beside each, thousands of schools would be millions of
        weights.
        """
        if analysis == SIMILAR:
            like = self.members.get(school, {}).get(f"like {wave}", "")
            name, schools = ("like", like, wave), self.similar(school, wave)
        elif self.phases:
            phase = self.members.get(school, {}).get(wave, "")
            name, schools = ("of", phase, wave), self.of_phase(phase, wave)
        else:
            name, schools = ("of", "", wave), self.schools
        if name not in self._wholes:
            people = {each: self.people(wave, each) for each in schools}
            self._wholes[name] = people, sum(people.values())
            self.system.unknown(name, -INFINITE, INFINITE)
            self.system.between(less(self.total(wave, schools), {name: 1.0}), 0.0, 0.0)
        people, count = self._wholes[name]
        if school not in people:
            return {name: 1.0}, count
        return less({name: 1.0}, self.total(wave, [school])), count - people[school]

    def _beside(
        self, analysis: str, wave: str, school: str, statistic: str, row: Mapping[str, Any]
    ) -> None:
        """A school beside the others: their mean, the difference, and what lies between.

        Of the shrunken mean the weight of the school's own is taken as known exactly.
        """
        people = self.people(wave, school)
        if statistic == "difference":
            said = self.of_difference(analysis, wave, school, ALL)
        else:
            said = self.said(row, middle=True)
        if not people or said is None:
            return
        own = self.total(wave, [school])
        theirs, count = self._others(analysis, school, wave)
        if not count:
            return
        if statistic == "others":
            self._mean(theirs, count, said)
        elif statistic == "difference":
            self._difference(own, people, theirs, count, said)
        elif statistic == "shrunken":
            weight = self.row(analysis, wave, school, ALL, "weight")
            if weight is not None and weight[COMPUTED] == weight[COMPUTED]:
                share = float(weight[COMPUTED]) / 100
                terms = {name: share * w / people for name, w in own.items()}
                rest = {name: (share - 1) * w / count for name, w in theirs.items()}
                self.system.between(less(terms, rest), *said)

    def _contrast(self, analysis: str, wave: str, group: str, said: Range | None) -> None:
        names = group.split("-")
        if said is None or len(names) != 2:
            return
        if analysis in ("phases", "gap"):
            wholes = [self.whole(wave, name) for name in names]
            counts = [self.people(wave, COHORT, name) for name in names]
        else:
            wholes = []
            for name in names:
                first, last = (self.matched_whole(name, end) for end in (False, True))
                wholes.append(less(last, first) if first and last else None)
            counts = [self.matched(COHORT, name) for name in names]
        self._difference(wholes[0], counts[0], wholes[1], counts[1], said)

    def _difference(
        self, one: Terms | None, n_one: int, other: Terms | None, n_other: int, said: Range | None
    ) -> None:
        """The mean of one sum less that of another."""
        if one and other and n_one > 0 and n_other > 0 and said:
            terms = {name: weight / n_one for name, weight in one.items()}
            shares = {name: weight / n_other for name, weight in other.items()}
            self.system.between(less(terms, shares), *said)

    # --- what is said again ---------------------------------------------------------------

    def of_difference(self, analysis: str, wave: str, unit: str, group: str) -> Range | None:
        """A printed difference by its digits, its interval, and all that is printed over it."""
        row = self.row(analysis, wave, unit, group, "difference")
        said = self.said(row, middle=True)
        if row is None or said is None:
            return said
        again = self.row(analysis, wave, unit, group, "equivalence")
        if (centre := self.said(again, middle=True)) is not None:
            said = ratios.both(said, centre)
        error = self._error(row, again)
        for size in self._sizes(analysis, wave, unit, group, error):
            said = ratios.both(said, ratios.signed(size, said))
        return said

    def _error(self, *rows: Mapping[str, Any] | None) -> Range | None:
        """The standard error, by each interval that is printed."""
        found: Range | None = None
        for row in rows:
            if row is None or self.said(row) is None:
                continue
            decimals = self.decimals if row["decimals"] != row["decimals"] else int(row["decimals"])
            error = ratios.standard_error(row, decimals)
            if error is not None:
                found = error if found is None else ratios.both(found, error)
        return found

    def _sizes(
        self, analysis: str, wave: str, unit: str, group: str, error: Range | None
    ) -> Iterator[Range]:
        """How large a difference is, by each number that is the difference over something."""

        def ratio(statistic: str) -> Range | None:
            row = self.row(analysis, wave, unit, group, statistic)
            said = None if row is None else printed_range(row, ratios.DECIMALS)
            return None if said is None else (
                (0.0 if said[0] <= 0 <= said[1] else min(map(abs, said))), max(map(abs, said))
            )  # fmt: skip

        plain = unit != COHORT and analysis == "paired"
        names = P_OF if plain or analysis in P_WITH_INTERVAL else P_CLUSTERED
        tested = [self.row(analysis, wave, unit, group, name) for name in names]
        if error and any(row is not None and row["release"] == "released" for row in tested):
            yield from self._by_p(tested[0], error)
        people = self.matched(unit, group)
        if analysis == self.change and people > 1:
            # Over schools a plain t and d_z stand beside an interval that allows for schools.
            first, last = (
                self.said(self.row("paired", wave, unit, group, f"{end}_sd"))
                for end in ("baseline", "followup")
            )
            if not plain:
                error = None
                if first and last:
                    root = people**0.5
                    least = max(0.0, first[0] - last[1], last[0] - first[1])
                    error = (least / root, (first[1] + last[1]) / root)
            for name, weight in (("t", 1.0), ("d_z", people**0.5)):
                if error and (t_like := ratio(name)):
                    yield ratios.times(t_like, (error[0] * weight, error[1] * weight))
            if first and last:
                sd = ratios.pooled([(first, people), (last, people)])
                if d := ratio("d_av"):
                    yield ratios.times(d, sd)
                yield from self._by_g(ratio("g"), sd, 2 * people - 2)
        if analysis in ("phases", "gap", "phases_change"):
            spread = [self._spread(analysis, wave, name) for name in group.split("-")]
            parts = [each for each in spread if each is not None]
            if len(parts) == 2:
                free = sum(n - 1 for _, n in parts)
                yield from self._by_g(ratio("g"), ratios.pooled(parts), free)

    def _by_p(self, p: Mapping[str, Any] | None, error: Range) -> Iterator[Range]:
        """The size of a difference by its p-value and standard error."""
        if p is None or not p["df"] > 0 or not p["value"] >= ratios.SMALLEST_P:
            return
        # As it is computed, p is known exactly; as it is read on a page, to the digits there.
        half = 0.0 if p["decimals"] != p["decimals"] else 0.5 * 10.0 ** -p["decimals"]
        least, most = (min(1.0, max(p["value"] + e, 1e-9)) for e in (half, -half))
        t = ratios.t_of(least, p["df"]), ratios.t_of(most, p["df"])
        yield ratios.times(t, error)

    def _by_g(self, g: Range | None, sd: Range, free: int) -> Iterator[Range]:
        """The size of a difference by Hedges' g over a pooled SD."""
        # Only here: effect sizes bring pingouin with them, which a process that shows needs not.
        from analysis.statistics.effects import small_sample

        if g is not None and free > 1:
            scale = 1 / small_sample(float(free))
            yield ratios.times(g, (sd[0] * scale, sd[1] * scale))

    def _spread(self, analysis: str, wave: str, group: str) -> tuple[Range, int] | None:
        """The printed SD of a group that a standardised difference is over, and of how many."""
        if analysis == "phases_change":
            people = self.matched(COHORT, group)
            sd = self.said(self.row("paired", wave, COHORT, group, "followup_sd"))
        else:
            people = self.people(wave, COHORT, group)
            sd = self.said(self.row("level", wave, COHORT, group, "sd"))
        return None if sd is None or people < 2 else (sd, people)

    def _from_norm(self, wave: str, unit: str, group: str, row: Mapping[str, Any]) -> None:
        """How far a mean is from a norm that is published: the mean, on another grid."""
        norm = None if self.measure == "total" else self.instrument.subscale(self.measure).norm
        said = self.said(row, middle=True)
        if norm is None or said is None:
            return
        error = self._error(row, self.row("level", wave, unit, group, "mean"))
        p = self.row("level", wave, unit, group, "p_norm")
        if error and p is not None and p["release"] == "released":
            for size in self._by_p(p, error):
                said = ratios.both(said, ratios.signed(size, said))
        terms = self.whole(wave, group) if unit == COHORT else self.total(wave, [unit])
        people = self.people(wave, unit, group)
        self._mean(terms, people, (said[0] + norm.mean, said[1] + norm.mean))

    # --- squares --------------------------------------------------------------------------

    def _squares(self) -> None:
        """Sums of squares, where standard deviations are printed."""
        if self.is_item:
            return
        wholes: list[tuple[Terms | None, int, Range | None, Range | None]] = []
        for (analysis, wave, unit, group, statistic), row in self.rows.items():
            if (analysis, statistic) == (self.level, "sd") and (
                group == ALL or group in self.phases
            ):
                mean = self.said(self.row(analysis, wave, unit, group, "mean"), middle=True)
                terms = self.whole(wave, group) if unit == COHORT else self.total(wave, [unit])
                wholes.append((terms, self.people(wave, unit, group), mean, self.said(row)))
            elif (
                analysis == self.change
                and statistic in ("baseline_sd", "followup_sd")
                and (group == ALL or group in self.phases)
            ):
                last = statistic == "followup_sd"
                mean_of = statistic.replace("sd", "mean")
                mean = self.said(self.row(analysis, wave, unit, group, mean_of))
                if unit == COHORT:
                    terms = self.matched_whole(group, last)
                else:
                    terms = {(unit, STAYED_LAST if last else STAYED): 1.0}
                wholes.append((terms, self.matched(unit, group), mean, self.said(row)))
        for terms, people, mean, sd in wholes:
            if not terms or people < 2 or mean is None or sd is None:
                continue
            for name in terms:
                self._square(name, people, (mean[0] + mean[1]) / 2, sd[1])
            means = sorted((abs(mean[0]), abs(mean[1])))
            least = 0.0 if mean[0] < 0 < mean[1] else means[0] ** 2
            low = (people - 1) * max(sd[0], 0.0) ** 2 + people * least
            high = (people - 1) * sd[1] ** 2 + people * means[1] ** 2
            squares = {("square", name): weight for name, weight in terms.items()}
            self.system.between(squares, low, high)

    def _square(self, name: Hashable, of: int, mean: float, sd: float) -> None:
        """The sum of squares of one part: between its parabola and the chord over it."""
        square = ("square", name)
        if square in self.system or name not in self.system:
            return
        low, high = self.limits
        people = max(1, round(self.system.bounds(name)[1] / high)) if high else 1
        self.system.unknown(square, 0.0, max(low**2, high**2) * people)
        chord = {name: low + high, square: -1.0}
        self.system.between(chord, low * high * people, float("inf"))
        far = sd * (max(of - people, 1) / people) ** 0.5
        for step in TANGENTS:
            at = min(max(mean + step * far, low), high)
            self.system.between({square: 1.0, name: -2 * at}, -at * at * people, float("inf"))

    # --- what is protected ----------------------------------------------------------------

    def protected(self, share: float) -> Iterator[Protected]:
        """Parts and differences below the population's minimum.

        ``share`` is the part of the score's range that must stay open to either side: half of what
        is open to somebody who knows nothing, if it is a quarter. Where the mean of a group of
        enough people is shown, who knows it knows something of each part; of what that mean (and
        its standard deviation) leaves open, the same half must stay.
        """
        seen: set[tuple[tuple[Any, float], ...]] = set()
        for unit, part, wave, people, terms in self._small():
            if not 0 < people < self.minimum:
                continue
            known = {name: weight for name, weight in terms.items() if name in self.system}
            key = tuple(sorted(known.items(), key=repr))
            if known and key not in seen:
                seen.add(key)
                half = 2 * share * self._open_before(unit, part, wave, people)
                yield Protected(unit, part, wave, people, known, half, 1 / people)

    def _open_before(self, unit: str, part: str, wave: str, people: int) -> float:
        """Half-width of a part's sum that its own group's mean and SD leave, by themselves."""
        low, high = self.limits
        whole = people * (high - low) / 2
        if unit == COHORT and part.endswith((ONLY_FIRST, ONLY_LAST)):
            return min(whole, self._in_schools(part, wave))
        if unit == COHORT:
            return whole
        if part == "answered":
            return whole
        widths = [self._in_whole(unit, at, people) for at in wave.split("-")]
        return min(sum(widths), 2 * whole)

    def _in_schools(self, part: str, wave: str) -> float:
        """The same for those of a group of schools who answered once: what each school's leave."""
        phase = part.split(",")[0]
        schools = self.of_phase(phase, wave) if phase in self.phases else self.schools
        counts = {name: self.people(wave, name) - self._stayed(name) for name in schools}
        return sum(self._in_whole(name, wave, n) for name, n in counts.items() if n > 0)

    def _in_whole(self, school: str, wave: str, people: int) -> float:
        """The same for people of a school of which a mean may be shown."""
        row = self.row(self.level, wave, school, ALL, "mean")
        said, n = self.said(row, not self.is_item), self.people(wave, school)
        if said is None:
            return people * (self.limits[1] - self.limits[0]) / 2
        low, high = part_of(self.limits, said, n, people)
        sd = self._released(self.row(self.level, wave, school, ALL, "sd"))
        if sd is not None and n > people:
            # No part of so many lies further from the mean (Samuelson's inequality, for parts).
            far = sd[1] * ((n - 1) / n * (n - people) / people) ** 0.5
            low = max(low, people * (said[0] - far))
            high = min(high, people * (said[1] + far))
        return max(0.0, (high - low) / 2)

    def _released(self, row: Mapping[str, Any] | None) -> Range | None:
        """Between which values a number lies that may be shown, whether a page shows it or not: what
        has to stay open is what release promised, for whoever reads less as well."""
        if row is None or not row[MAY_BE_SHOWN]:
            return self.said(row)
        return self.said({**row, "release": "released", "value": row[COMPUTED]})

    def _small(self) -> Iterator[tuple[str, str, str, int, Terms]]:
        first, last = self.ends
        for school in self.schools:
            for wave in self.waves:
                terms = self.total(wave, [school])
                yield school, "answered", wave, self.people(wave, school), terms
            if self.study.compares:
                stayed = self._stayed(school)
                for part, wave in ((ONLY_FIRST, first), (ONLY_LAST, last)):
                    count = self.people(wave, school) - stayed
                    yield school, part, wave, count, {(school, part): 1.0}
                u, v = {(school, STAYED): 1.0}, {(school, STAYED_LAST): 1.0}
                yield school, "both times", first, stayed, u
                yield school, "both times", last, stayed, v
                yield school, "change", self.both, stayed, less(v, u)
        yield from self._small_programme()
        for family in self.families:
            yield from self._small_groups(family)

    def _small_programme(self) -> Iterator[tuple[str, str, str, int, Terms]]:
        for wave in self.waves:
            for phase in (*self.phases, ALL):
                schools = self.schools if phase == ALL else self.of_phase(phase, wave)
                people = sum(self.people(wave, s) for s in schools)
                yield COHORT, phase, wave, people, self.total(wave, schools)
                hidden = [
                    s for s in schools
                    if self.said(self.row(self.level, wave, s, ALL, "mean")) is None
                ]  # fmt: skip
                people = sum(self.people(wave, s) for s in hidden)
                yield COHORT, f"withheld schools of {phase}", wave, people, self.total(wave, hidden)
            yield from self._small_similar(wave)
        if not self.study.compares:
            return
        for moved, wave, only in (
            ("moved", self.ends[0], ONLY_FIRST),
            ("moved_last", self.ends[1], ONLY_LAST),
        ):
            for phase, count in self.moved.items():
                where = f"moved within {phase}" if phase else "moved between phases"
                yield COHORT, where, wave, count, {(moved, phase): 1.0}
            for phase in (*self.phases, ALL):
                whole = self.whole(wave, phase)
                matched = self.matched_whole(phase, moved == "moved_last")
                people = self.people(wave, COHORT, phase) - self.matched(COHORT, phase)
                if whole and matched:
                    yield COHORT, f"{phase}, {only}", wave, people, less(whole, matched)

    def _small_similar(self, wave: str) -> Iterator[tuple[str, str, str, int, Terms]]:
        """Withheld schools of those that are like each other, where any is set beside them."""
        shown = {
            unit for (analysis, at, unit, _, _), row in self.rows.items()
            if analysis == SIMILAR and at == wave and row["release"] == "released"
        }  # fmt: skip
        for names in sorted({tuple(self.similar(unit, wave)) for unit in shown}):
            hidden = [
                s for s in names if self.said(self.row(self.level, wave, s, ALL, "mean")) is None
            ]
            people = sum(self.people(wave, s) for s in hidden)
            terms = self.total(wave, hidden)
            yield COHORT, f"withheld schools like {names[0]}", wave, people, terms

    def _small_groups(self, family: list[str]) -> Iterator[tuple[str, str, str, int, Terms]]:
        rest = family[0]
        for wave in self.waves:
            counts = {name: self.people(wave, COHORT, name) for name in family}
            left = self.people(wave, COHORT) - sum(counts.values())
            for name, count in counts.items():
                yield COHORT, name, wave, count, {("group", name, wave): 1.0}
            yield COHORT, f"not in {rest} or its like", wave, left, {("rest", rest, wave): 1.0}
        if self.study.compares:
            counts = {name: self.matched(COHORT, name) for name in family}
            left = self.matched(COHORT) - sum(counts.values())
            for end, wave in zip(("first", "last"), self.ends, strict=True):
                for name, count in counts.items():
                    terms = {("matched", name, end): 1.0}
                    yield COHORT, f"{name}, matched", wave, count, terms
                terms = {("matched_rest", rest, end): 1.0}
                yield COHORT, f"not in {rest} or its like, matched", wave, left, terms
            for name in family:
                people = self.people(self.ends[0], COHORT, name) - counts[name]
                terms = {
                    ("group", name, self.ends[0]): 1.0,
                    ("matched", name, "first"): -1.0,
                }
                yield COHORT, f"{name}, {ONLY_FIRST}", self.ends[0], people, terms


def scores(
    decided: pd.DataFrame,
    study: Study,
    schools: pd.DataFrame,
    instruments: Mapping[str, Instrument],
    *,
    squares: bool = True,
    only: set[tuple[str, str, str]] | None = None,
    members: Callable[[Survey], Members] | None = None,
    build: bool = True,
) -> Iterator[Score]:
    """Each score and item of each survey with its system.

    Parameters
    ----------
    decided
        The ledger with its decisions: what is withheld counts for who there is, never for
        what is printed. Where ``value`` is what a page shows, :data:`COMPUTED` is what it was.
    schools
        The schools table.
    only
        Survey, instrument and measure of those wanted; all if not given.
    members
        Gives what :func:`members_of` does, where that is known already.
    build
        Whether their systems are set up.
    """
    frame = compact(decided)
    if "decimals" not in frame:
        frame = frame.assign(decimals=float("nan"))
    if COMPUTED not in frame:
        frame = frame.assign(**{COMPUTED: frame["value"]})
    if MAY_BE_SHOWN not in frame:
        frame = frame.assign(**{MAY_BE_SHOWN: False})
    every = Rows(Index(frame), slice(None))
    linear = every.equals("analysis", *LINEAR)
    for survey in study.surveys:
        rows = linear & every.equals("source", survey.id)
        asked = None if only is None else {(name, of) for at, name, of in only if at == survey.id}
        if asked is not None:
            if not asked:
                continue
            rows &= every.equals("instrument", *(name for name, _ in asked))
        # Often these are all that there are: then they are not there twice.
        of_survey = frame if rows.all() else frame[rows]
        of_survey = of_survey[[*NEEDED, COMPUTED, MAY_BE_SHOWN]]
        known = members(survey) if members else members_of(decided, study, survey, schools)
        order = _order(of_survey, instruments, asked)
        places = {
            (str(key[0]), str(key[1])): at
            for key, at in of_survey.groupby(["instrument", "measure"]).indices.items()
            if isinstance(key, tuple)
        }
        for name, measure in sorted(places):
            if name not in instruments or (asked is not None and (name, measure) not in asked):
                continue
            instrument = instruments[name]
            is_item = measure in {item.code.lower() for item in instrument.items}
            if not is_item and measure not in instrument.scores:
                continue
            score = Score(
                study, survey, instrument, measure, is_item, known,
                of_survey.iloc[places[name, measure]], squares, order.get((name, measure), {}),
            )  # fmt: skip
            if build:
                score.build()
            yield score


def _order(
    rows: pd.DataFrame,
    instruments: Mapping[str, Instrument],
    only: set[tuple[str, str]] | None,
) -> dict[tuple[str, str], dict[tuple[str, str, str], Range]]:
    """Between which values the mean of each ranked score or item lies, by those beside it.

    By instrument and measure, then by wave, unit and group: not above the printed mean of any
    that ranks higher, not below that of any that ranks lower.
    """
    at = ["instrument", "wave", "unit", "group"]
    found: dict[tuple[str, str], dict[tuple[str, str, str], Range]] = {}
    every = Rows(Index(rows), slice(None))
    released = (rows["release"] == "released").to_numpy() & rows["value"].notna().to_numpy()
    released &= every.equals("instrument", *instruments)
    for analysis, of in RANKED.items():
        which = every.equals("analysis", analysis) & every.equals("statistic", "rank") & released
        ranks = rows[which]
        if only is not None and not ranks["measure"].isin({measure for _, measure in only}).any():
            continue
        means = rows[every.equals("analysis", of) & every.equals("statistic", "mean")]
        means = means.iloc[np.argsort(_number(means, [*at, "measure"]))]
        asked, known = _number(ranks, [*at, "measure"]), _number(means, [*at, "measure"])
        places = np.searchsorted(known, asked)
        there = places < len(known)
        there[there] = known[places[there]] == asked[there]
        ranks, places = ranks[there], places[there]
        order = np.lexsort((ranks["value"], _number(ranks, at)))
        both = means.iloc[places[order]][[*at, "measure", *RANGE]]
        both = both.assign(value_rank=ranks["value"].to_numpy()[order])
        for key, coming in groupby(records(both), lambda row: tuple(row[name] for name in at)):
            name, where = str(key[0]), (str(key[1]), str(key[2]), str(key[3]))
            family = list(coming)
            printed = [
                printed_range(
                    row,
                    ITEM_DECIMALS if of == "items" else instruments[name].decimals(row["measure"]),
                    of == "level",
                )
                or (-INFINITE, INFINITE)
                for row in family
            ]
            by_rank = [row["value_rank"] for row in family]
            above = _least_before(by_rank, [high for _, high in printed])
            below = _least_before(by_rank[::-1], [-low for low, _ in printed[::-1]])
            for row, high, low in zip(family, above, below[::-1], strict=True):
                if -low < high and (-low, high) != (-INFINITE, INFINITE):
                    found.setdefault((name, str(row["measure"])), {})[where] = (-low, high)
    return found


def _number(rows: pd.DataFrame, columns: Sequence[str]) -> NDArray[np.int64]:
    """A number for the words in some columns of each row, which grows as they do."""
    found = np.zeros(len(rows), dtype="int64")
    for name in columns:
        words = rows[name].cat
        found = found * (len(words.categories) + 1) + words.codes.to_numpy()
    return found


def _least_before(ranks: Sequence[float], values: Sequence[float]) -> list[float]:
    """The least value of those that rank before each, by ranks in order; infinite if none does."""
    found: list[float] = []
    least = INFINITE
    for _, tied in groupby(zip(ranks, values, strict=True), lambda each: each[0]):
        same = [value for _, value in tied]
        found += [least] * len(same)
        least = min(least, *same)
    return found


def records(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a frame, each with its columns' names."""
    names = [str(name) for name in rows.columns]
    values = zip(*(words_of(rows[name]) for name in names), strict=True)
    return [dict(zip(names, row, strict=True)) for row in values]


def members_of(
    decided: pd.DataFrame, study: Study, survey: Survey, schools: pd.DataFrame
) -> Members:
    """By school: its group at each wave, and what each of its people counts by those invited."""
    counts = decided[
        (decided["source"] == survey.id)
        & (decided["analysis"] == "response")
        & (decided["measure"] == "responded")
        & (decided["statistic"] == "count")
        & (decided["unit"] != COHORT)
    ]
    answered = dict(
        zip(zip(counts["unit"], counts["wave"], strict=True), counts["value"], strict=True)
    )
    group = study.phases
    found: dict[str, dict[str, str]] = {}
    like = {wave: alike(study, schools, wave) for wave in study.wave_ids}
    for school, row in schools.iterrows():
        entry: dict[str, str] = {}
        for wave in study.wave_ids:
            if group is not None:
                value = str(row[group.by_wave.get(wave, group.column)])
                entry[wave.lower()] = group.key(value) if value else ""
            entry[f"like {wave.lower()}"] = like[wave].get(str(school), "")
            people = answered.get((str(school), wave.lower()), 0)
            column = survey.invited.get(wave)
            if column is not None:
                entry[f"invited {wave.lower()}"] = str(float(row[column]))
            if column is not None and people:
                entry[f"weight {wave.lower()}"] = str(float(row[column]) / float(people))
        found[str(school)] = entry
    return found
