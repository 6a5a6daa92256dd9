"""What is given up, in a stated order, where the attacker finds too little left open.

For a school: the matched means before its change (that keeps what changed, and gives up from and to
what); decimals of its own means; its change; decimals of schools beside the others, and of
the benchmarks; schools beside the others; the benchmarks of its group of schools; last, the smallest
other school.
For the programme's groups: decimals of the groups, then of all; schools beside the others; the
smallest group; last, all groups, all, and the smallest school. Where an instrument has a
total, what is given up for one score is given up for all, since the total is made of the others.
"""

from __future__ import annotations

import hashlib
import math
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.disclosure.attack import System
from analysis.disclosure.draft import GIVES_AWAY, RELEASED, Draft, Flags, Rows
from analysis.disclosure.printed import (
    ALL,
    LINEAR,
    NEEDED,
    ONLY_FIRST,
    Members,
    Protected,
    Score,
    members_of,
    scores,
)
from analysis.disclosure.sums import BESIDE, SIMILAR, block
from analysis.instruments import Instrument
from analysis.prepare import load_instruments
from analysis.results import COHORT, coded
from analysis.study import SCHOOLS, Survey

#: Rows of the ledger that are hashed at once.
ROWS = 2**16
#: Statistics that say where matched people stood, beside how they changed.
MATCHED_LEVELS = (
    "baseline_mean", "followup_mean", "baseline_sd", "followup_sd", "d_av", "d_av_independent", "g",
)  # fmt: skip
#: Statistics on the points of a score.
ON_POINTS = (
    "mean", "sd", "difference", "difference_from_norm", "baseline_mean", "followup_mean",
    "baseline_sd", "followup_sd", "difference_schools", "difference_wild", "difference_mixed",
    "equivalence", "others", "shrunken", "lowest", "expected", "everybody", "half", "tipping",
)  # fmt: skip
#: A coarse mean is shown on steps of about this share of the score's range.
STEP = 1 / 40
#: What is shown only where it gives nothing away beside all else: nothing else goes for it.
LAST = ("lowest", SIMILAR)
#: The mean of schools, each of which counts the same, and its p.
OF_SCHOOLS = ("difference_schools", "p_schools")


class Rung(NamedTuple):
    """One step: gives something up, and says how many numbers went or became coarser."""

    give: Callable[[], int]
    of_school: bool = False


#: Survey, instrument and measure.
Name = tuple[str, str, str]
#: By score, what was found open enough, and how wide that was.
Cleared = dict[Name, dict[str, float]]
#: What an attack found: what is too narrow, and what is cleared.
Found = tuple[list[list[Any]], dict[str, float]]


@dataclass(frozen=True)
class Attack:
    """An attack on a score: on what is protected of it and not cleared before.

    ``share`` is what must stay open (:meth:`Score.protected`).
    """

    score: Score
    share: float
    cleared: Mapping[str, float]

    def __call__(self) -> Found:
        """What is too narrow, and what is open enough that was not known to be."""
        # A copy, so that what is made of it to attack it goes when that is done.
        score = replace(self.score, system=System(), _wholes={})
        score.unknowns()
        protected = [
            each
            for each in score.protected(self.share)
            if self.cleared.get(_name(each), -1.0) < each.needed - 1e-9
        ]
        if not protected:
            return [], {}
        score.equations()
        found = score.system.too_narrow(
            [each.terms for each in protected], [each.needed for each in protected]
        )
        narrow = [each for place, each in enumerate(protected) if place in found]
        wide = [each for place, each in enumerate(protected) if place not in found]
        return (
            [[each.unit, each.part, each.wave, each.people, each.needed] for each in narrow],
            {_name(each): each.needed for each in wide},
        )


@dataclass
class Attacked:
    """What attacks found, by the content of all that they rest on.

    An attack on a score is long, and the same numbers printed leave the same open; so of numbers
    that are as they were before, to the last, what was found then is found. Nothing else is taken
    for known: not one score for another, nor a system for one that says more.

    Parameters
    ----------
    settings
        Stands for everything but the ledger, the schools and what is decided: code and study.
    before
        What was found earlier.
    attack
        Makes attacks, perhaps some beside each other, and says what each found, in their order. Of
        those that it has not asked for yet nothing is in memory.
    """

    settings: str = ""
    before: Mapping[str, Found] = field(default_factory=dict)
    now: dict[str, Found] = field(default_factory=dict)
    attack: Callable[[Iterable[Attack]], Iterable[Found]] = field(
        default=lambda attacks: (each() for each in attacks), repr=False
    )

    def found(self, key: str) -> Found | None:
        """What an attack found, in this release or an earlier one."""
        if key not in self.now and key in self.before:
            self.now[key] = self.before[key]
        return self.now.get(key)


class _Printed:
    """The ledger as it would be printed, by what is decided so far."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        # The ledger's own columns, which are not there twice: most of its rows are asked about.
        self._frame = draft.ledger[[name for name in NEEDED if name in draft.ledger]]
        self._members: dict[str, Members] = {}
        places = np.sort(draft.index.places("analysis", *LINEAR, "response"))
        score = ["source", "instrument", "measure"]
        found = self._frame[score].iloc[places].groupby(score).indices
        self._of_score = {
            (str(key[0]), str(key[1]), str(key[2])): places[at]
            for key, at in found.items()
            if isinstance(key, tuple)
        }

    @cached_property
    def content(self) -> tuple[bytes, NDArray[Any]]:
        """What the attacker rests on, whatever is decided: schools and answers; and of each row."""
        # Some at a time: of all at once there would be several columns of hashes beside the ledger.
        rows = np.concatenate(
            [
                pd.util.hash_pandas_object(self._frame.iloc[start : start + ROWS], index=False)
                for start in range(0, len(self._frame), ROWS)
            ]
        )
        answers = rows[self._draft.equals("analysis", "response")]
        schools = pd.util.hash_pandas_object(self._draft.schools).to_numpy()
        return answers.tobytes() + schools.tobytes(), rows

    def key(self, score: Score, attacked: Attacked, state: bytes, *parts: object) -> str:
        """One hash of all that an attack on a score rests on."""
        common, rows = self.content
        own = rows[self._of_score[_of(score)]]
        found = hashlib.sha256(attacked.settings.encode())
        for part in (
            common,
            own.tobytes(),
            state,
            repr((_of(score), score.ordered, parts)).encode(),
        ):
            found.update(len(part).to_bytes(8, "little") + part)
        return found.hexdigest()

    def states(self) -> dict[Name, bytes]:
        """By survey, instrument and measure, a hash of what is shown of each."""
        draft = self._draft
        return {
            key: hashlib.blake2b(
                draft.are_shown(at).tobytes() + draft.decimals[at].tobytes(), digest_size=16
            ).digest()
            for key, at in self._of_score.items()
        }

    def frame(self, survey: str, instrument: str, *, last: tuple[str, ...]) -> pd.DataFrame:
        """What the attacker is given of an instrument, with some of :data:`LAST`."""
        of = [at for name, at in self._of_score.items() if name[:2] == (survey, instrument)]
        places = np.sort(np.concatenate(of))
        rows = self._frame.iloc[places]
        left_out = [name for name in LAST if name not in last]
        shown = self._draft.are_shown(places) & ~rows["analysis"].isin(left_out).to_numpy()
        decimals = self._draft.decimals[places]
        return rows.assign(release=coded(shown, ["", RELEASED]), decimals=decimals)

    def members(self, survey: Survey) -> Members:
        """What is known of each school (:func:`printed.members_of`), whatever is decided."""
        if survey.id not in self._members:
            draft = self._draft
            rows = draft.ledger.iloc[draft.index.places("analysis", "response")]
            self._members[survey.id] = members_of(rows, draft.study, survey, draft.schools)
        return self._members[survey.id]


def give_up(draft: Draft, attacked: Attacked | None = None) -> None:
    """Give numbers up until the attacker finds nothing.

    ``attacked`` is what attacks found earlier, and takes what these find.
    """
    attacked = attacked or Attacked()
    of_surveys = draft.equals("source", *(survey.id for survey in draft.study.surveys))
    if not (of_surveys & draft.equals("analysis", *LINEAR)).any():
        return
    instruments = load_instruments(draft.study)
    _at_once(draft, instruments)
    taken: dict[tuple[str, ...], int] = {}
    cleared: Cleared = {}
    printed = _Printed(draft)
    states = printed.states()
    looked_at: dict[Name, bytes] = {}
    asked = set(states)
    while asked:
        failing = list(_failing(draft, printed, instruments, cleared, attacked, asked))
        looked_at |= {name: states[name] for name in asked}
        climbed: set[tuple[str, ...]] = set()
        for score, each in failing:
            _climb(draft, score, each, taken, climbed)
        states = printed.states()
        # Once these hold, all that changed since is looked at again: with less shown, less counts
        # as known before.
        asked = {_of(score) for score, _ in failing} or {
            name for name, state in states.items() if looked_at[name] != state
        }
    for place in range(len(LAST)):
        _beside_all_else(draft, printed, instruments, attacked, LAST[: place + 1])


def _beside_all_else(
    draft: Draft,
    printed: _Printed,
    instruments: Mapping[str, Instrument],
    attacked: Attacked,
    last: tuple[str, ...],
) -> None:
    """Withhold the last of some analyses where the attacker finds anything with it.

    With it, anything that fails fails because of it. Of similar schools what is said of those like
    the one that would be given away goes first.
    """
    of_last = draft.of("analysis", last[-1])
    shown = draft.ledger.iloc[of_last.places[draft.are_shown(of_last.places)]]
    asked = set(zip(shown["source"], shown["instrument"], shown["measure"], strict=True))
    while asked:
        failing = list(_failing(draft, printed, instruments, {}, attacked, asked, last=last))
        asked = {_of(score) for score, _ in failing}
        of_scores = {_of(score): score for score, _ in failing}
        like: dict[Name, set[str]] = {name: set() for name in of_scores}
        for score, each in failing if last[-1] == SIMILAR else ():
            for wave in score.waves:
                like[_of(score)].update(score.similar(each.unit, wave))
        rows = {name: _rows(of_last, score) for name, score in of_scores.items()}
        gone = [
            draft.withhold_at(of.places[of.equals("unit", *like[name])], GIVES_AWAY)
            for name, of in rows.items()
        ]
        if not any(gone):
            for of in rows.values():
                draft.withhold_at(of.places, GIVES_AWAY)


def _failing(
    draft: Draft,
    printed: _Printed,
    instruments: Mapping[str, Instrument],
    cleared: Cleared,
    attacked: Attacked,
    only: set[Name],
    *,
    last: tuple[str, ...] = (),
) -> Iterator[tuple[Score, Protected]]:
    """What is not open enough. Giving up more never closes what was found open before."""
    states, study = printed.states(), draft.study
    share = study.disclosure.protection.mean
    # One instrument after the other, so that no more of the ledger is there twice.
    coming = chain.from_iterable(
        scores(
            printed.frame(survey.id, instrument, last=last), study, draft.schools, instruments,
            only={name for name in only if name[:2] == (survey.id, instrument)},
            members=printed.members, build=False,
        )
        for survey in study.surveys
        for instrument in sorted({name[1] for name in only if name[0] == survey.id})
    )  # fmt: skip
    #: Those of which it is not known yet what was found, and after them what is to be given up.
    waiting: deque[tuple[str, Score]] = deque()
    new: deque[str] = deque()

    def attacks() -> Iterator[Attack]:
        for score in coming:
            before = cleared.setdefault(_of(score), {})
            state = states[_of(score)]
            key = printed.key(score, attacked, state, last, share, sorted(before.items()))
            found = attacked.found(key)
            if found is None:
                new.append(key)
                waiting.append((key, score))
                yield Attack(score, share, before)
            elif found[0]:
                waiting.append((key, score))
            else:
                cleared[_of(score)] |= found[1]  # and it goes: it is large

    def failing() -> Iterator[tuple[Score, Protected]]:
        """Of the scores, in their order, that are known up to here."""
        while waiting and (found := attacked.now.get(waiting[0][0])):
            _, score = waiting.popleft()
            narrow, wide = found
            cleared[_of(score)] |= wide
            for unit, part, wave, people, needed in narrow:
                yield score, Protected(unit, part, wave, people, {}, needed, 1 / people)

    for found in attacked.attack(attacks()):
        attacked.now[new.popleft()] = found
        yield from failing()
    yield from failing()


def _of(score: Score) -> Name:
    return score.survey.id, score.instrument.id, score.measure


def _name(each: Protected) -> str:
    return "|".join((each.unit, each.part, each.wave, str(each.people)))


def _at_once(draft: Draft, instruments: Mapping[str, Instrument]) -> None:
    """What is given up without asking, since it is so nearly always.

    Matched means of a school in which a few answered only once; decimals of groups that leave out
    a few who moved, or did not say; and the second decimal of an item's mean in schools and groups,
    which no page shows.
    """
    for survey in draft.study.surveys if draft.study.compares else ():
        both = draft.waves[-1]
        first, last = both.split("-")
        minimum = draft.study.asked(survey).minimum
        of_survey = draft.equals("source", survey.id) & ~draft.equals("unit", COHORT)
        paired = of_survey & draft.equals("analysis", "paired")
        levels = paired & draft.equals("statistic", *MATCHED_LEVELS)
        counts = _numbers(draft, of_survey & draft.equals("analysis", "level"), "mean")
        matched = _numbers(draft, paired, "difference")
        few = {
            (unit, instrument)
            for (unit, instrument, measure, _), n in matched.items()
            for wave in (first, last)
            if 0 < counts.get((unit, instrument, measure, wave), n) - n < minimum
        }
        places = np.flatnonzero(levels)
        whose = pd.MultiIndex.from_frame(draft.ledger.loc[levels, ["unit", "instrument"]])
        draft.withhold_at(places[whose.isin(few)], GIVES_AWAY)
        _coarse_at_once(draft, survey, instruments)
    means = draft.equals("analysis", "items") & draft.equals("statistic", "mean")
    means &= ~(draft.equals("unit", COHORT) & draft.equals("group", ALL))
    draft.coarsen(means, 1)


def _coarse_at_once(draft: Draft, survey: Survey, instruments: Mapping[str, Instrument]) -> None:
    """Show groups coarsely that leave out a few people, by the numbers that answered."""
    phases, _ = draft.phases()
    minimum = draft.study.asked(survey).minimum
    rows = draft.equals("source", survey.id) & draft.equals("unit", COHORT)
    rows &= draft.equals("statistic", *ON_POINTS) & ~draft.equals("analysis", "items")
    for wave in draft.waves:
        sizes = {
            group: number
            for (source, at, unit, group), number in draft.counted.items()
            if (source, at, unit) == (survey.id, wave, COHORT)
        }
        for group in draft.study.breakdowns(survey):
            if group.of == SCHOOLS and group is not phases:
                continue
            family = group.among(sizes)
            left = sizes.get(ALL, 0) - sum(sizes[name] for name in family)
            if not family or not 0 < left < minimum:
                continue
            of_family = rows & draft.equals("wave", wave) & draft.mentions("group", *family)
            for name in survey.instruments:
                same = of_family & draft.equals("instrument", name)
                for score in instruments[name].scores:
                    few = coarse_decimals(instruments[name].score_limits(score))
                    draft.coarsen(same & draft.equals("measure", score), few)


def _numbers(draft: Draft, rows: Flags, statistic: str) -> dict[tuple[str, str, str, str], float]:
    frame = draft.ledger[rows & draft.equals("statistic", statistic)]
    keys = zip(frame["unit"], frame["instrument"], frame["measure"], frame["wave"], strict=True)
    return dict(zip(keys, frame["n"], strict=True))


def _climb(
    draft: Draft,
    score: Score,
    each: Protected,
    taken: dict[tuple[str, ...], int],
    climbed: set[tuple[str, ...]],
) -> None:
    """Take the next rung that gives anything up.

    In one round once for all scores, and once for the programme's numbers of an instrument: what
    was given up may be enough for the others.
    """
    alone = score.is_item or score.instrument.total is None
    instrument = (score.survey.id, score.instrument.id, score.measure if alone else "")
    at = (*instrument, each.unit, each.part if each.unit == COHORT else "")
    if at in climbed:
        return
    climbed.add(at)
    begun = taken.get(at, 0)
    for number, rung in enumerate(_rungs(draft, score, each)):
        if number < begun:
            continue
        if not rung.of_school and instrument in climbed:
            return
        taken[at] = number + 1
        if rung.give():
            if not rung.of_school:
                climbed.add(instrument)
            return
    raise ValueError(f"{at}: nothing is left to give up for {each}")


def coarse_decimals(limits: tuple[float, float]) -> int:
    """Decimals of a mean that is shown coarsely: 1 on five points, none on T-values."""
    low, high = limits
    return max(0, math.ceil(-math.log10((high - low) * STEP) - 1e-9))


def _rungs(draft: Draft, score: Score, each: Protected) -> Iterator[Rung]:
    if each.unit != COHORT:
        yield from _of_school(draft, score, each)
    elif each.part.startswith(("moved", "withheld schools")) or each.part in (ALL, *score.phases):
        yield from _of_phases(draft, score, each)
    else:
        yield from _of_groups(draft, score, each)


def _rows(of: Rows, score: Score) -> Rows:
    """Of some rows those of the score, and of all others of an instrument that has a total."""
    which = of.equals("source", score.survey.id) & of.equals("instrument", score.instrument.id)
    if score.is_item or score.instrument.total is None:
        which &= of.equals("measure", score.measure)
    if not score.is_item:
        which &= ~of.equals("analysis", "items", "items_change", "answers", "rank_items")
    return of[which]


def _besides(draft: Draft, score: Score, each: Protected) -> Rows:
    """Rows that set a school beside the others, at the wave of a protected sum."""
    return _at(_rows(draft.of("analysis", BESIDE), score), each)


def _programme(draft: Draft, score: Score) -> Rows:
    return _rows(draft.of("unit", COHORT), score)


def _of_school(draft: Draft, score: Score, each: Protected) -> Iterator[Rung]:
    few = coarse_decimals(score.limits)
    own = _rows(draft.of("unit", each.unit), score)
    paired = own[own.equals("analysis", score.change)]
    yield Rung(lambda: _withhold(draft, _levels(paired)), of_school=True)
    yield Rung(lambda: _coarsen(draft, own, few), of_school=True)
    yield Rung(lambda: _withhold(draft, paired), of_school=True)

    # The rest is about others as well: it is looked for where it is given up, and not before.
    def of_phases() -> Rows:
        rows = _programme(draft, score)
        return rows[rows.mentions("group", *score.phases)]

    def of_all() -> Rows:
        rows = _programme(draft, score)
        return rows[rows.equals("group", ALL)]

    def benchmarks() -> Rows:
        if len(score.phases) < 3:
            return of_phases()
        phases = {score.members[each.unit].get(wave, "") for wave in score.ends} - {""}
        rows = _rows(draft.of("source", score.survey.id), score)
        return rows[rows.mentions("group", *phases)]

    def changes() -> Rows:
        rows = of_all()
        return rows[rows.equals("analysis", score.change)]

    def then() -> Rows:
        rows = of_all()
        return rows[rows.equals("wave", each.wave)]

    yield Rung(lambda: _coarsen(draft, _besides(draft, score, each), few))
    yield Rung(lambda: _withhold(draft, _over_schools(of_phases())))
    yield Rung(lambda: _withhold(draft, _over_schools(of_all())))
    yield Rung(lambda: _coarsen(draft, of_phases(), few))
    yield Rung(lambda: _coarsen(draft, of_all(), few))
    yield Rung(lambda: _withhold(draft, _besides(draft, score, each)))
    yield Rung(lambda: _withhold(draft, _at(benchmarks(), each)))
    yield Rung(lambda: _next_school(draft, score, each))
    # Where all but these few are matched, all less the matched are they: other schools' silence
    # would not help.
    yield Rung(lambda: _withhold(draft, _levels(changes())))
    yield Rung(lambda: _withhold(draft, then()))
    for _ in score.schools:
        yield Rung(lambda: _next_school(draft, score, each))
    yield Rung(lambda: _withhold(draft, _at(of_all(), each)))


def _withhold(draft: Draft, rows: Rows) -> int:
    return draft.withhold_at(rows.places, GIVES_AWAY)


def _coarsen(draft: Draft, rows: Rows, decimals: int) -> int:
    """Show what is on the points of a score coarsely."""
    return draft.coarsen_at(rows[rows.equals("statistic", *ON_POINTS)].places, decimals)


def _levels(rows: Rows) -> Rows:
    return rows[rows.equals("statistic", *MATCHED_LEVELS)]


def _over_schools(rows: Rows) -> Rows:
    return rows[rows.equals("statistic", *OF_SCHOOLS)]


def _at(rows: Rows, each: Protected) -> Rows:
    """Rows about the wave (or both) that a protected sum is of."""
    return rows[rows.mentions("wave", *each.wave.split("-"))]


def _next_school(draft: Draft, score: Score, each: Protected) -> int:
    """Withhold the smallest other school that is still shown at the wave."""
    waves = [each.wave, score.both] if score.study.compares else [each.wave]
    for wave in waves:
        others = sorted(
            (score.people(wave, name) if "-" not in wave else score.matched(name), name)
            for name in score.schools
            if name != each.unit
        )
        for _, name in others:
            rows = block(draft, score.survey.id, wave, name)
            if draft.are_shown(rows.places).any():
                return draft.withhold_at(rows.places, GIVES_AWAY)
    return 0


def _of_phases(draft: Draft, score: Score, each: Protected) -> Iterator[Rung]:
    whole = programme = _at(_programme(draft, score), each)
    if each.part.startswith("moved"):
        programme = programme[programme.equals("wave", score.both)]
    of_phases = programme[programme.mentions("group", *score.phases)]
    few = coarse_decimals(score.limits)
    besides = _besides(draft, score, each)
    yield Rung(lambda: _coarsen(draft, besides, few))
    yield Rung(lambda: _coarsen(draft, of_phases, few))
    yield Rung(lambda: _coarsen(draft, programme[programme.equals("group", ALL)], few))
    yield Rung(lambda: _withhold(draft, besides))
    yield Rung(lambda: _withhold(draft, of_phases))
    yield Rung(lambda: _withhold(draft, programme))
    # Those who moved are among those who stayed, who are set beside those who left.
    yield Rung(lambda: _withhold(draft, whole[whole.equals("analysis", "attrition")]))
    yield Rung(lambda: _withhold(draft, whole))


def _of_groups(draft: Draft, score: Score, each: Protected) -> Iterator[Rung]:
    programme = _at(_programme(draft, score), each)
    family = next(
        (names for names in score.families if any(name in each.part for name in names)), []
    )
    if not family:
        named = [name for name in (*score.phases, ALL) if each.part.startswith(f"{name}, ")]
        family = named
    groups = programme[programme.mentions("group", *family)]
    few = coarse_decimals(score.limits)
    if each.part.endswith(ONLY_FIRST) or not score.families:
        yield Rung(lambda: _coarsen(draft, groups[groups.equals("wave", score.both)], few))
    yield Rung(lambda: _coarsen(draft, groups, few))
    yield Rung(lambda: _coarsen(draft, programme[programme.equals("group", ALL)], few))
    if family and family[0] in (*score.phases, ALL):
        phase = family[0]
        schools = score.schools if phase == ALL else score.of_phase(phase, each.wave)
        own = _rows(draft.of("unit", *schools), score)
        paired = own[own.equals("analysis", score.change)]
        yield Rung(lambda: _withhold(draft, _levels(paired)))
        yield Rung(lambda: _coarsen(draft, own, few))
        yield Rung(lambda: _withhold(draft, paired))
    yield Rung(lambda: _withhold(draft, _besides(draft, score, each)))
    sizes = sorted((score.people(score.ends[-1], COHORT, name), name) for name in family)
    for _, name in sizes:
        yield Rung(partial(_withhold, draft, programme[programme.mentions("group", name)]))
    # What all less the other groups of schools still tell of it, and then its schools.
    yield Rung(lambda: _withhold(draft, programme[programme.mentions("group", *score.phases)]))
    yield Rung(lambda: _withhold(draft, programme))
    for _ in score.schools:
        yield Rung(lambda: _next_school(draft, score, each))
