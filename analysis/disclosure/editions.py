"""Two editions side by side: what has changed because of a few people is not shown.

Of each printed mean, difference and contrast of both editions one linear system is made
(:class:`analysis.disclosure.attack.System`). Its unknowns are the sums of people who are counted in
the same printed numbers of both, so that whoever is in one edition only (a late answer, a
withdrawal, an answer put right) is an unknown of its own. Where fewer people than the minimum came
to a number or left it, their mean must stay as open as that of any few; until it does, the new
edition's numbers are given up: decimals first, then the school's, then those of its group of
schools, then of all.

What is no sum (tests, models, shares) is withheld where it is another number than the one
published, and so few people changed; of a school, all of it.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis import strands as registry
from analysis.disclosure import counted as counting
from analysis.disclosure.attack import Contradiction, System, less
from analysis.disclosure.counted import HAS, Counted, groups
from analysis.disclosure.draft import BANDED, GIVES_AWAY, RELEASED, Draft, Flags
from analysis.disclosure.ladder import ON_POINTS, coarse_decimals
from analysis.disclosure.printed import (
    ALL,
    ITEM_DECIMALS,
    limits_of,
    part_of,
    printed_range,
    records,
)
from analysis.disclosure.ratios import Range
from analysis.disclosure.sums import BESIDE, SIMILAR
from analysis.instruments import Instrument
from analysis.prepare import load_instruments
from analysis.results import COHORT, pair
from analysis.study import Study, Survey
from analysis.words import slug

#: Analyses and statistics that are means of people, or differences of such.
MEANS = {
    ("level", "mean"), ("items", "mean"),
    ("paired", "baseline_mean"), ("paired", "followup_mean"), ("paired", "difference"),
    ("items_change", "baseline_mean"), ("items_change", "followup_mean"),
    ("items_change", "difference"),
    ("all_respondents", "difference"), ("phases", "difference"), ("phases_change", "difference"),
    ("moderation_pairs", "difference"),
}  # fmt: skip
#: Analyses of items, which an instrument's total is not made of as they are printed.
OF_ITEMS = ("items", "items_change", "answers", "rank_items", "reliability")
OF_MEASURE = ("source", "instrument", "measure")
#: Columns that say what is printed.
PRINTED = (
    "analysis", "wave", "unit", "group", "statistic", "value", "ci_low", "ci_high", "n",
    "release", "decimals",
)  # fmt: skip
#: Numbers of people, which say how many came or left and nothing of them.
NUMBERS_OF_PEOPLE = ("response", "quality")
#: Separates what a label holds.
APART = "\x1f"
#: Whose mean is printed: at which wave or pair, of which unit and group.
Base = tuple[str, str, str]


@dataclass(frozen=True)
class Published:
    """What readers have: the numbers printed in one publication, and who was counted in them.

    ``printed`` has the ledger's columns of what was shown, rounded as it was shown, with
    ``release`` (released or banded), ``band`` and ``decimals``. ``corrects`` is the publication
    that its reports say they correct.
    """

    edition: str
    number: int
    baseline: str
    followup: str
    counted: Counted
    printed: pd.DataFrame
    corrects: int | None = None

    @property
    def name(self) -> str:
        """For analysts."""
        return f"{self.edition}, publication {self.number}"


def corrected(
    decided: pd.DataFrame, study: Study, editions: Sequence[Published], now: Counted
) -> int | None:
    """Which publication of this edition a release corrects: the same people, other numbers.

    The last one, if any number that was printed in it is another now, or is not shown any more;
    if none is, what that one said it corrects.
    """
    before = [each for each in editions if each.edition == study.edition.id]
    if not before or not counting.same(before[-1].counted, now):
        return None
    last = before[-1]
    return last.number if _differs(last.printed, decided) else last.corrects


def _differs(printed: pd.DataFrame, decided: pd.DataFrame) -> bool:
    """Whether a number (or the words for it) is not what was printed, at the decimals there."""
    said = ["unit", "id", "value", "release", "band", "decimals"]
    both = printed[said].merge(decided[said], on=["unit", "id"], how="left", suffixes=("", "_now"))
    if (both["release"] != both["release_now"]).any():
        return True
    words = both["release"] == BANDED
    if (both.loc[words, "band"] != both.loc[words, "band_now"]).any():
        return True
    numbers = both[~words]
    decimals = numbers[["decimals", "decimals_now"]].min(axis=1).fillna(0)
    half = 0.5 * 10.0**-decimals
    return bool((numbers["value"] - numbers["value_now"]).abs().gt(half * (1 + 1e-9)).any())


@dataclass(frozen=True)
class People:
    """Who answered a survey in one edition, and in which printed numbers each is counted."""

    study: Study
    survey: Survey
    table: pd.DataFrame
    ends: tuple[str, str]

    @property
    def both(self) -> str:
        return pair(*self.ends)

    @cached_property
    def _described(self) -> pd.DataFrame:
        """Person, wave, and labels: of the wave's groups, and of the matched sample's."""
        table = self.table.reset_index(drop=True)
        known = groups(self.study, self.survey, table)
        of_schools = [g.column for g in self.study.breakdowns(self.survey) if g.of == "schools"]
        frame = pd.concat([table[["person", "wave", "school"]], known.add_prefix("g ")], axis=1)
        frame["level"] = _joined(frame, ["school", *(f"g {name}" for name in known)])
        first, last = (frame[frame["wave"] == wave] for wave in self.ends)
        both = first.drop_duplicates("person").merge(
            last.drop_duplicates("person"), on="person", suffixes=("", " last")
        )
        if self.ends[0] == self.ends[1]:
            both = both.iloc[:0]
        for column in ("school", *(f"g {name}" for name in known if name in of_schools)):
            both[column] = both[column].where(both[column] == both[f"{column} last"], "")
        both["matched"] = _joined(both, ["school", *(f"g {name}" for name in known)])
        labels = dict(zip(both["person"], both["matched"], strict=True))
        frame["matched"] = frame["person"].map(labels).where(frame["wave"].isin(self.ends))
        return frame

    def rows(self, measure: str, answers: Sequence[str]) -> pd.DataFrame:
        """Rows of those who have a score or item (or all): person, wave, what they answered by these
        columns, and label."""
        said = self.table.reset_index(drop=True)[list(answers)].astype("str")
        frame = self._described.assign(answers=said.agg(APART.join, axis=1))
        if measure:
            column = HAS + measure
            if column not in self.table:
                return frame.iloc[:0][["person", "wave", "answers"]].assign(label="")
            frame = frame[self.table[column].to_numpy(dtype=bool)]
        first, last = (set(frame.loc[frame["wave"] == wave, "person"]) for wave in self.ends)
        matched = frame["matched"].astype("object")
        matched = matched.where(frame["person"].isin(first & last) & matched.notna(), "-")
        return frame[["person", "wave", "answers"]].assign(label=frame["level"] + "\n" + matched)

    def bases(self, wave: str, label: str) -> frozenset[Base]:
        """The printed numbers in which people of a label are counted at a wave."""
        level, matched = label.split("\n")
        found = set(_bases(wave, level))
        if matched != "-":
            found |= set(_bases(self.both, matched))
        return frozenset(found)


def _joined(frame: pd.DataFrame, columns: Sequence[str]) -> pd.Series:
    if frame.empty:
        return pd.Series([], dtype="str", index=frame.index)
    return frame[list(columns)].astype("str").agg(APART.join, axis=1)


def _bases(at: str, label: str) -> Iterator[Base]:
    school, *of_groups = label.split(APART)
    yield at, COHORT, ALL
    if school:
        yield at, school, ALL
    for group in of_groups:
        if group:
            yield at, COHORT, group


@dataclass
class Together:
    """People of two editions by what they are counted in: classes, and how many each holds."""

    old: People
    new: People
    measure: str = ""
    size: dict[Hashable, int] = field(default_factory=dict)
    #: By edition (0 earlier, 1 new), base and wave: the classes counted in it.
    within: dict[tuple[int, Base, str], set[Hashable]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        answers = self._answers()
        before = self.old.rows(self.measure, answers)
        now = self.new.rows(self.measure, answers)
        keys = ["person", "wave", "answers"]
        both = before.merge(now, on=keys, how="outer", suffixes=(" old", " new"))
        labels = both[["wave", "label old", "label new"]].fillna("")
        for (wave, old, new), rows in labels.groupby(["wave", "label old", "label new"], sort=True):
            name = (str(wave), str(old), str(new))
            self.size[name] = len(rows)
            for edition, people, label in ((0, self.old, old), (1, self.new, new)):
                for base in people.bases(str(wave), str(label)) if label else ():
                    self.within.setdefault((edition, base, str(wave)), set()).add(name)

    def _answers(self) -> list[str]:
        """The columns by which people answered alike: of the measure's instrument, or of all that both
        editions know. One that only the other asks makes nobody somebody else."""
        both = [
            name
            for name in counting.answers_in(self.old.table)
            if name in self.new.table and name != counting.ANSWERS
        ]
        own = f"{counting.ANSWERS} {self.measure.partition('.')[0]}"
        return [own] if own in both else both or [counting.ANSWERS]

    def people(self, classes: set[Hashable]) -> int:
        """How many people classes hold together."""
        return sum(self.size[name] for name in classes)

    def changed(self) -> dict[tuple[Base, str], tuple[set[Hashable], set[Hashable]]]:
        """By base that both editions have, and wave: who left it, and who came."""
        found = {}
        for base, wave in sorted({(base, wave) for _, base, wave in self.within}):
            old = self.within.get((0, base, wave), set())
            new = self.within.get((1, base, wave), set())
            if old and new and old != new:
                found[base, wave] = (old - new, new - old)
        return found


@dataclass(frozen=True)
class Few:
    """A few people who came to printed numbers or left them, and what has to stay open of them.

    ``bases`` are those numbers, the one of the fewest people first.
    """

    bases: tuple[Base, ...]
    wave: str
    people: int
    terms: Mapping[Any, float]
    needed: float


def hold(draft: Draft, editions: Sequence[Published], now: Counted) -> dict[str, int]:
    """Withhold what, beside an edition published earlier, would tell of a few people.

    How many numbers were withheld or made coarser, by publication.
    """
    found = {}
    for before in editions:
        given = _of_strands(draft, before, now)
        for each in _measures(draft, before, now):
            given += each.hold()
        for old, new in _surveys(draft.study, before, now):
            given += _no_sums(draft, before, old, new)
        if given:
            found[before.name] = given
    return found


def attacked(
    printed: pd.DataFrame, study: Study, editions: Sequence[Published], now: Counted
) -> Iterator[tuple[object, ...]]:
    """Rows of the audit (:data:`analysis.disclosure.audit.COLUMNS`) about pairs of editions.

    ``printed`` is the ledger with nothing released but what is shown, as it is shown.
    """
    draft = Draft(printed, study)
    draft.withhold((printed["release"] != RELEASED).to_numpy(), GIVES_AWAY)
    draft.decimals = printed["decimals"].to_numpy(dtype="float64")
    for before in editions:
        for each in _measures(draft, before, now):
            at = (each.new.survey.id, each.instrument.id, each.measure, "edition")
            for few, low, high in each.attacked():
                _, unit, group = few.bases[0]
                part = f"{group}, changed since {before.name}"
                half = (high - low) / 2 / few.people
                needed = few.needed / few.people
                yield (
                    *at, unit, part, few.wave, few.people, low / few.people,
                    high / few.people, half, needed, half >= needed - 1e-5,
                )  # fmt: skip


def _surveys(study: Study, before: Published, now: Counted) -> Iterator[tuple[People, People]]:
    """Who answered each survey that both editions have."""
    for survey in study.surveys:
        if survey.id in before.counted.surveys and survey.id in now.surveys:
            then = (before.baseline.lower(), before.followup.lower())
            ends = (study.baseline.lower(), study.followup.lower())
            yield (
                People(study, survey, before.counted.surveys[survey.id], then),
                People(study, survey, now.surveys[survey.id], ends),
            )


def _measures(draft: Draft, before: Published, now: Counted) -> Iterator[_Measure]:
    """Each score and item that both editions have."""
    instruments = load_instruments(draft.study)
    for old, new in _surveys(draft.study, before, now):
        for name in new.survey.instruments:
            start = f"{HAS}{name}."
            for column in new.table:
                if str(column).startswith(start):
                    measure = str(column).removeprefix(start)
                    yield _Measure(draft, before, old, new, instruments[name], measure)


@dataclass
class _Measure:
    """One score or item in two editions."""

    draft: Draft
    before: Published
    old: People
    new: People
    instrument: Instrument
    measure: str

    def hold(self) -> int:
        """Give numbers up until what few people changed is open enough; how many."""
        few = list(self._few())
        given = 0
        rungs: dict[int, Iterator[tuple[Flags, int | None]]] = {}
        while places := self._narrow(few):
            more = 0
            for place in places:
                steps = rungs.setdefault(place, self._rungs(few[place].bases))
                for rows, decimals in steps:
                    more = (
                        self.draft.withhold(rows, GIVES_AWAY)
                        if decimals is None
                        else self.draft.coarsen(rows, decimals)
                    )
                    if more:
                        break
                if more:
                    break
            if not more:
                bases = [few[place].bases for place in places]
                raise ValueError(f"{self.measure}: nothing is left to give up for {bases}")
            given += more
        return given

    def attacked(self) -> Iterator[tuple[Few, float, float]]:
        """What a few people changed, with the interval that both editions leave open."""
        few = list(self._few())
        system = self._system() if few else System()
        before = self._system((0,)) if few else System()
        for each in few:
            try:
                found = system.interval(each.terms)
                needed = min(each.needed, before.interval(each.terms).half_width)
            except Contradiction:
                continue
            yield replace(each, needed=needed), found.low, found.high

    @cached_property
    def together(self) -> Together:
        return Together(self.old, self.new, f"{self.instrument.id}.{self.measure}")

    @cached_property
    def is_item(self) -> bool:
        return self.measure in {item.code.lower() for item in self.instrument.items}

    @cached_property
    def limits(self) -> Range:
        return limits_of(self.instrument, self.measure, item=self.is_item)

    @cached_property
    def decimals(self) -> int:
        return ITEM_DECIMALS if self.is_item else self.instrument.decimals(self.measure)

    def _printed(self, edition: int) -> list[dict[str, Any]]:
        """The means that are printed of the measure: rows of the ledger."""
        if edition == 0:
            return self._before
        rows = self._now[self.draft.shown[self._now]]
        frame = self.draft.ledger.iloc[rows]
        made = frame.assign(release=RELEASED, decimals=self.draft.decimals[rows])
        return records(made[list(PRINTED)])

    @cached_property
    def _now(self) -> NDArray[np.int64]:
        """Rows of the ledger that are means of the measure."""
        draft = self.draft
        rows = draft.equals("source", self.new.survey.id)
        rows &= draft.equals("instrument", self.instrument.id)
        rows &= draft.equals("measure", self.measure)
        return np.flatnonzero(rows & _means(draft))

    @cached_property
    def _before(self) -> list[dict[str, Any]]:
        frame = self.before.printed
        at = (self.new.survey.id, self.instrument.id, self.measure)
        same = (frame[list(OF_MEASURE)] == list(at)).all(axis=1) & (frame["release"] == RELEASED)
        return [
            row
            for row in records(frame.loc[same, list(PRINTED)])
            if (row["analysis"], row["statistic"]) in MEANS
        ]

    def _system(self, editions: tuple[int, ...] = (0, 1)) -> System:
        system = System()
        low, high = self.limits
        for name, people in self.together.size.items():
            system.unknown(name, low * people, high * people)
        for edition in editions:
            for row in self._printed(edition):
                self._equation(system, edition, row)
        return system

    def _mean(self, edition: int, base: Base, wave: str) -> dict[Hashable, float] | None:
        """A printed mean in terms of the classes; nothing if nobody is in it."""
        classes = self.together.within.get((edition, base, wave), set())
        people = self.together.people(classes)
        return dict.fromkeys(classes, 1 / people) if people else None

    def _equation(self, system: System, edition: int, row: Mapping[str, Any]) -> None:
        people = (self.old, self.new)[edition]
        first, last = people.ends
        analysis, statistic = row["analysis"], row["statistic"]
        wave, unit, names = row["wave"], row["unit"], str(row["group"]).split("-")
        middle = (analysis, statistic) in {("level", "mean"), ("paired", "difference")}
        said = printed_range(row, self.decimals, middle)

        def mean(group: str, at: str, end: str) -> dict[Hashable, float] | None:
            return self._mean(edition, (at, unit, group), end)

        one: Mapping[Any, float] | None
        other: Mapping[Any, float] | None = {}
        if analysis in ("level", "items"):
            one = mean(row["group"], wave, wave)
            n = len(one or ()) and self.together.people(set(one or ()))
            if n != row["n"]:
                return
        elif analysis in ("paired", "items_change"):
            if wave != people.both:
                return
            ends = {"baseline_mean": (first, None), "followup_mean": (last, None)}
            end, start = ends.get(statistic, (last, first))
            one = mean(row["group"], wave, end)
            other = mean(row["group"], wave, start) if start else {}
        elif analysis == "all_respondents":
            one, other = mean(row["group"], last, last), mean(row["group"], first, first)
        elif len(names) == 2 and analysis == "phases":
            one, other = (mean(name, wave, wave) for name in names)
        elif len(names) == 2:
            ends_of = [[mean(name, people.both, end) for end in (first, last)] for name in names]
            if any(each is None for of in ends_of for each in of):
                return
            one, other = (less(of[1] or {}, of[0] or {}) for of in ends_of)
        else:
            return
        if one is not None and other is not None and said is not None:
            system.between(less(one, other), *said)

    def _few(self) -> Iterator[Few]:
        """What is protected."""
        share = self.draft.study.disclosure.protection.mean
        minimum = self.draft.study.asked(self.new.survey).minimum
        low, high = self.limits
        found: dict[tuple[str, frozenset[tuple[Hashable, float]]], list[tuple[int, Few]]] = {}

        def few(base: Base, edition: int, wave: str, terms: Mapping[Any, float], half: float,
                people: int) -> None:  # fmt: skip
            at = self.together.within[edition, base, wave.split("-")[0]]
            each = Few((base,), wave, people, terms, 2 * share * half)
            key = (wave, frozenset(terms.items()))
            found.setdefault(key, []).append((self.together.people(at), each))

        gone: dict[tuple[int, Base], dict[str, set[Hashable]]] = {}
        for (base, wave), sides in self.together.changed().items():
            for edition, classes in enumerate(sides):
                people = self.together.people(classes)
                if 0 < people < minimum:
                    gone.setdefault((edition, base), {})[wave] = classes
                    half = min(people * (high - low) / 2, self._known(edition, base, wave, people))
                    few(base, edition, wave, dict.fromkeys(classes, 1.0), half, people)
        for (edition, base), at in gone.items():
            ends = (self.old, self.new)[edition].ends
            if set(at) == set(ends) and len(at) == 2:
                terms = less(*(dict.fromkeys(at[end], 1.0) for end in reversed(ends)))
                people = self.together.people(at[ends[0]])
                halves = [self._known(edition, base, end, people) for end in ends]
                half = min(sum(halves), people * (high - low))
                few(base, edition, base[0], terms, half, people)
        for same in found.values():
            ordered = [each for _, each in sorted(same, key=lambda pair: (pair[0], pair[1].bases))]
            bases = tuple(dict.fromkeys(base for each in ordered for base in each.bases))
            yield replace(ordered[0], bases=bases, needed=min(each.needed for each in ordered))

    def _known(self, edition: int, base: Base, wave: str, people: int) -> float:
        """Half-width of the sum of some that the printed mean of theirs leaves by itself."""
        low, high = self.limits
        analysis = "items" if self.is_item else "level"
        for row in self._printed(edition):
            here = (row["analysis"], row["statistic"], row["wave"], row["unit"], row["group"])
            if here == (analysis, "mean", wave, base[1], base[2]) and row["n"] > people:
                said = printed_range(row, self.decimals)
                assert said is not None
                least, most = part_of(self.limits, said, int(row["n"]), people)
                return max(0.0, (most - least) / 2)
        return people * (high - low) / 2

    def _narrow(self, few: list[Few]) -> list[int]:
        """Places of those that are not open enough.

        No more can be asked for than the earlier edition leaves open by itself.
        """
        if not few:
            return []
        system = self._system()
        try:
            places = system.too_narrow([each.terms for each in few], [each.needed for each in few])
        except Contradiction:
            # Scored by other code: what the two say together cannot be told, so neither can it be
            # said that it is little.
            shown = {(row["unit"], row["group"]) for row in self._printed(1)}
            return [
                place
                for place, each in enumerate(few)
                if any(base[1:] in shown for base in each.bases)
            ]
        before = self._system((0,)) if places else System()
        failing = []
        for place in places:
            terms = few[place].terms
            needed = min(few[place].needed, before.interval(terms).half_width)
            if system.interval(terms).half_width < needed - 1e-6:
                failing.append(place)
        return failing

    def _rungs(self, bases: Sequence[Base]) -> Iterator[tuple[Flags, int | None]]:
        """Rows to make coarser, or to withhold: of the numbers of the fewest people first."""
        draft = self.draft
        rows = draft.equals("source", self.new.survey.id)
        rows &= draft.equals("instrument", self.instrument.id)
        alone = self.is_item or self.instrument.total is None
        rows &= (
            draft.equals("measure", self.measure) if alone else ~draft.equals("analysis", *OF_ITEMS)
        )
        points = draft.equals("statistic", *ON_POINTS)
        few = coarse_decimals(self.limits)
        for at, unit, group in bases:
            same = rows & draft.equals("unit", unit) & draft.mentions("group", group)
            here = same & draft.equals("wave", at)
            here |= same & draft.equals("analysis", "all_respondents") & draft.mentions("wave", at)
            yield here & points, few
            yield here, None
        yield rows & draft.equals("unit", *{unit for _, unit, _ in bases}), None
        yield rows & draft.equals("unit", COHORT), None


def _means(draft: Draft) -> Flags:
    found = np.zeros(len(draft.ledger), dtype=bool)
    for analysis, statistic in sorted(MEANS):
        found |= draft.equals("analysis", analysis) & draft.equals("statistic", statistic)
    return found


def _no_sums(draft: Draft, before: Published, old: People, new: People) -> int:
    """Withhold what is no mean, of numbers to which few came or whom few left.

    Of the programme what is another number (or other words) than was published; of a school all,
    if anything of it was.
    """
    survey, minimum = new.survey, draft.study.asked(new.survey).minimum
    both = Together(old, new)
    few = {
        base
        for (base, _), sides in both.changed().items()
        if any(0 < both.people(classes) < minimum for classes in sides)
    }
    other = _another(draft, before)
    given = _beside(draft, survey, both, minimum) + _similar(draft, before, survey, other)
    rows = draft.equals("source", survey.id)
    rows &= ~draft.equals("analysis", *NUMBERS_OF_PEOPLE) & ~draft.reason.said
    rows &= ~draft.equals("statistic", "n")
    rows &= ~_means(draft)
    published = before.printed[before.printed["source"] == survey.id]
    schools_of = set(zip(published["unit"], published["wave"], strict=True))
    for at, unit, group in sorted(few):
        if unit == COHORT:
            resting = _waves_of(draft, at) & _rests_on(draft, survey, group)
            given += draft.withhold(rows & draft.equals("unit", unit) & resting & other, GIVES_AWAY)
        elif any(u == unit and at in (w, *str(w).split("-")) for u, w in schools_of):
            same = rows & draft.equals("wave", at) & draft.equals("unit", unit)
            given += draft.withhold(same, GIVES_AWAY)
    return given


def _waves_of(draft: Draft, at: str) -> Flags:
    """Rows about one of the waves that are named, or about all of them."""
    known = {wave.lower() for wave in draft.study.wave_ids}
    named = set(at.split("-"))

    def about(wave: str) -> bool:
        waves = known.intersection(wave.split("-"))
        return not waves or not waves.isdisjoint(named)

    return draft.where("wave", about)


def _rests_on(draft: Draft, survey: Survey, group: str) -> Flags:
    """Rows of the programme that rest on a group's people: of all, whatever rests on anybody.

    A test of whether groups differ is named by what they differ in (``sex``), not by any of them.
    """
    if group == ALL:
        return np.ones(len(draft.ledger), dtype=bool)
    found = draft.mentions("group", group)
    for each in draft.study.breakdowns(survey):
        if each.among([group]):
            found |= draft.equals("group", slug(each.column))
    return found


def _beside(draft: Draft, survey: Survey, both: Together, minimum: int) -> int:
    """Withhold what a school is set beside, where few of the other schools' people changed."""
    _, by_wave = draft.phases()
    sides: dict[str, dict[str, tuple[int, int]]] = {}
    for ((at, unit, _), wave), (left, came) in both.changed().items():
        if unit != COHORT and at == wave:
            sides.setdefault(wave, {})[unit] = (both.people(left), both.people(came))
    given = 0
    for wave, of_schools in sides.items():
        for school in map(str, draft.schools["id"]):
            phases = by_wave.get(wave, {})
            others = [n for s, n in of_schools.items() if s != school
                      and phases.get(s, "") == phases.get(school, "")]  # fmt: skip
            if any(0 < sum(each) < minimum for each in zip(*others, strict=True)):
                rows = draft.equals("source", survey.id) & draft.equals("analysis", BESIDE)
                rows &= draft.equals("unit", school) & draft.equals("wave", wave)
                given += draft.withhold(rows, GIVES_AWAY)
    return given


def _similar(draft: Draft, before: Published, survey: Survey, other: Flags) -> int:
    """Withhold what a school is set beside of similar schools, if it is not what was published.

    Which schools are similar may be others now, by the study's bands or a school's numbers, so that
    two editions would tell those who came from those who went.
    """
    printed = before.printed
    printed = printed[(printed["source"] == survey.id) & (printed["analysis"] == SIMILAR)]
    printed = printed[printed["release"] == RELEASED]
    keys = pd.MultiIndex.from_frame(printed[["unit", "id"]])
    there = pd.MultiIndex.from_frame(draft.ledger[["unit", "id"]]).isin(keys)
    rows = draft.equals("source", survey.id) & draft.equals("analysis", SIMILAR)
    rows &= draft.equals("wave", *set(printed["wave"])) & (other | ~there)
    return draft.withhold(rows, GIVES_AWAY)


def _of_strands(draft: Draft, before: Published, now: Counted) -> int:
    """Withhold what changed in a strand about people to which few came or whom few left."""
    given = 0
    for strand in registry.STRANDS:
        old, new = before.counted.strands.get(strand.id), now.strands.get(strand.id)
        if old is None or new is None:
            continue
        was, is_now = set(old["person"]), set(new["person"])
        for source in strand.sources:
            least = draft.study.minimum(source.threshold)
            if 0 < len(was - is_now) < least or 0 < len(is_now - was) < least:
                rows = draft.equals("source", source.id) & ~draft.equals("analysis", "quality")
                rows &= ~draft.reason.said & _another(draft, before)
                given += draft.withhold(rows, GIVES_AWAY)
    return given


def _another(draft: Draft, before: Published) -> Flags:
    """Rows that would be shown otherwise than they were published."""
    columns = ["value", "ci_low", "ci_high", "decimals", "release", "band"]
    printed = before.printed.drop_duplicates(["unit", "id"]).set_index(["unit", "id"])[columns]
    keys = pd.MultiIndex.from_frame(draft.ledger[["unit", "id"]])
    old = printed.reindex(keys)
    there = keys.isin(printed.index)
    scale = 10.0 ** old["decimals"].fillna(0.0).to_numpy(dtype="float64")
    other = np.zeros(len(draft.ledger), dtype=bool)
    for name in ("value", "ci_low", "ci_high"):
        was = old[name].to_numpy(dtype="float64")
        is_now = draft.ledger[name].to_numpy(dtype="float64")
        other |= ~np.isnan(was) & (np.abs(was - np.round(is_now * scale) / scale) > 1e-9)
    said = (old["release"] == BANDED).to_numpy()
    words = (
        old["band"].fillna("").astype("str") != draft.band.column(old.index).astype("str")
    ).to_numpy()
    was_number = (old["release"] == RELEASED).to_numpy()
    now_words = draft.band.said
    return np.asarray(there & np.where(said, words, (was_number & now_words) | other), dtype=bool)
