"""Whose rows belong together: one person's responses over the waves of a survey.

Codes are compared within a school first, exactly, then without case, spaces and punctuation,
without the difference of O and 0, and without what stands between figures. A code that is left
over, and that nobody else in the survey uses, may have moved to another school. Only if the
study allows it, codes of one school that differ in one character are linked, where there is
exactly one such pair; these links are marked. A link is made only if it leaves at most one row
of a person at each wave: the closer code wins, and a looser one joins only codes that are alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.study import Rules

EXACT, NORMALISED, ONE_CHARACTER = LINKS = ("exact", "normalised", "one_character")
#: Which of a person's codes a row has, as written and as compared: of any two rows, and of no more,
#: :func:`link` says how they are linked.
WRITTEN, COMPARED = "flag.written", "flag.compared"
#: Shorter codes are too easily one character apart.
SHORTEST = 4

Numbers = NDArray[np.intp]
Codes = pd.Series | NDArray[np.int16]
Flags = NDArray[np.bool_]


#: The rules by which codes are joined, the closest first, in words.
RULES = {
    "same_code": "the same code in one school",
    "case_and_spacing": "but for case, spaces and punctuation",
    "o_and_0": "but for the letter O and the figure 0",
    "between_figures": "but for what stands between figures",
    "changed_school": "the same code in another school, where nobody else has it",
    "one_character": "but for one character",
}


def persons(
    rows: pd.DataFrame, rules: Rules, counted: list[dict[str, object]] | None = None
) -> pd.DataFrame:
    """Who each row belongs to.

    Parameters
    ----------
    rows
        One row per response: ``wave`` (its place in time), ``school``, ``code`` (as written),
        ``plain`` (as compared, empty where there is none) and the columns of
        ``rules.must_agree``. At most one row of a school, wave and comparable code, unless the
        rows differ in these.
    rules
        How far linking goes.
    counted
        Where to enter, for each of :data:`RULES`, how many codes it ``joined`` and how many it
        ``refused``: alike, but not alone at a wave, or in contradiction.

    Returns
    -------
    pandas.DataFrame
        Same index. ``person`` numbers people; ``written`` and ``compared`` number each person's
        codes in time, as written and as compared, so that a later wave changes neither
        (:func:`link`); ``identity`` is the code within ``school`` that names the person, together
        with ``apart`` where several people have it (otherwise empty).
    """
    frame = rows.reset_index(drop=True)
    exact = rules.linking == "exact"
    own = frame["code"] if exact else frame["plain"]
    # A row without a code is a person of its own.
    nameless = frame["plain"] == ""
    if nameless.any():
        own = own.mask(nameless, "\0" + pd.Series(frame.index.astype("str")))
    zero = own if exact else own.str.replace("O", "0", regex=False)
    school, wave = _numbers(frame["school"]), frame["wave"].to_numpy(dtype=np.intp)
    zeros = _numbers(zero)
    person = _pairs(school, _numbers(own))
    agree = [_said(frame[column]) for column in rules.must_agree]
    written = _numbers(frame["code"])
    tally = _Tally(counted if counted is not None else [])
    # Where rows of one code in one school contradict each other, only those are linked that say
    # the same; a row that says nothing is linked to neither.
    split = _crowded(person, wave, agree)
    codes, alike = person, np.zeros(len(frame), dtype=np.intp)
    if split.any():
        silent = np.zeros(len(frame), dtype=bool)
        for said in agree:
            silent |= said < 0
            alike = _pairs(alike, said + 1)
        person = np.where(split, person.max(initial=0) + 1 + _pairs(person, alike), person)
        person = np.where(split & silent, person.max(initial=0) + 1 + np.arange(len(frame)), person)
    tally.by_same_code(person, written, codes, split)
    if not exact:
        person = tally.by("o_and_0", person, _pairs(school, zeros), wave, agree)
        if zero.str.contains("-", regex=False).any():
            bare = _pairs(school, _numbers(zero.str.replace("-", "", regex=False)))
            # 1-23 is not 12-3, though each may be 123.
            hyphened = zero.str.contains("-", regex=False).to_numpy()
            unlike = np.zeros(bare.max(initial=0) + 1, dtype=bool)
            unlike[bare[hyphened][_differs(bare[hyphened], zeros[hyphened])]] = True
            person = tally.by("between_figures", person, bare, wave, agree, unlike[bare])
    # A code of two or three characters is somebody else's in the next school.
    short = (own.str.len() < SHORTEST).to_numpy()
    anywhere = np.where(short, zeros.max(initial=0) + 1 + person, zeros)
    person = tally.by("changed_school", person, anywhere, wave, agree)
    compared = person
    if rules.linking == "one_character":
        closer, refused = _one_character(frame.assign(zero=zero, person=person), wave, agree)
        tally.enter("one_character", len(closer), refused)
        person = pd.Series(person).replace(closer).to_numpy()
    person = _numbers(pd.Series(person))
    first = _first(person, wave)
    apart = pd.Series("", index=frame.index, dtype="str")
    if split.any():
        apart[split] = frame.loc[split, "wave"].astype("str")
        for column in rules.must_agree:
            apart[split] += "\0" + frame.loc[split, column].fillna("").astype("str")
    return pd.DataFrame(
        {
            "person": person,
            "written": _in_turn(person, written, wave),
            "compared": _in_turn(person, compared, wave),
            "identity": own.array.take(first),
            "school": frame["school"].array.take(first),
            "apart": apart.array.take(first),
        },
        index=rows.index,
    )


def link(written: tuple[Codes, Codes], compared: tuple[Codes, Codes]) -> NDArray[np.str_]:
    """How the rows of people at two waves are linked, whatever their codes at any other wave.

    Parameters
    ----------
    written, compared
        What :func:`persons` found of the same people's rows, at the one wave and at the other.
    """
    alike = [np.asarray(first) == np.asarray(last) for first, last in (written, compared)]
    return np.select(alike, [EXACT, NORMALISED], ONE_CHARACTER)


class _Tally:
    """Joins people, rule by rule, and counts what each rule did."""

    def __init__(self, counted: list[dict[str, object]]) -> None:
        self.counted = counted
        self.refused = np.zeros(0, dtype=bool)

    def enter(self, rule: str, joined: int, refused: int) -> None:
        """Enter one rule."""
        self.counted.append({"rule": rule, "joined": joined, "refused": refused})

    def by_same_code(self, person: Numbers, written: Numbers, codes: Numbers, split: Flags) -> None:
        """Enter people of the same code, as written and as compared, and codes of several."""
        several = np.bincount(person)[person] > 1 if len(person) else np.zeros(0, dtype=bool)
        differs = _differs(person, written)
        self.refused = split
        self.enter("same_code", _many(person[several & ~differs]), _many(codes[split]))
        self.enter("case_and_spacing", _many(person[several & differs]), 0)

    def by(
        self,
        rule: str,
        person: Numbers,
        wider: Numbers,
        wave: Numbers,
        agree: list[Numbers],
        unlike: Flags | None = None,
    ) -> Numbers:
        """People of one wider group made one, unless they cannot be one person.

        A code that an earlier rule has refused is not counted again.
        """
        lowest = np.full(wider.max(initial=0) + 1, np.iinfo(np.intp).max)
        np.minimum.at(lowest, wider, person)
        several = np.zeros(len(lowest), dtype=bool)
        several[wider[person != lowest[wider]]] = True
        crowded = _crowded(wider, wave, agree)
        if unlike is not None:
            crowded |= unlike
        these = several[wider]
        fresh = these & crowded & ~self.refused
        self.refused = self.refused | (these & crowded)
        self.enter(rule, _many(wider[these & ~crowded]), _many(wider[fresh]))
        return np.where(crowded, person, lowest[wider])


def _many(numbers: Numbers) -> int:
    """How many different numbers there are."""
    return len(np.unique(numbers))


def _numbers(values: pd.Series) -> Numbers:
    """Each distinct value's number, from 0, in the order of their first rows."""
    return pd.factorize(values)[0]


def _pairs(first: Numbers, second: Numbers) -> Numbers:
    """Each distinct pair's number."""
    return _numbers(pd.Series(first * (second.max(initial=0) + 1) + second))


def _said(column: pd.Series) -> Numbers:
    """The number of what each row says of a person; -1 where it says nothing."""
    return _numbers(column.where(~column.isin(["", "prefer_not_to_say"])))


def _differs(group: Numbers, values: Numbers) -> Flags:
    """For each row, whether its group has more than one value."""
    lowest = np.full(group.max(initial=0) + 1, np.iinfo(np.intp).max)
    np.minimum.at(lowest, group, values)
    differs = np.zeros(len(lowest), dtype=bool)
    differs[group[values != lowest[group]]] = True
    return differs[group]


def _crowded(group: Numbers, wave: Numbers, agree: list[Numbers]) -> Flags:
    """Rows of groups that cannot be one person: two rows of a wave, or contradictions."""
    twice = pd.Series(group * (wave.max(initial=0) + 1) + wave).duplicated().to_numpy()
    crowded = np.zeros(group.max(initial=0) + 1, dtype=bool)
    crowded[group[twice]] = True
    for said in agree:
        those = said >= 0
        crowded[group[those][_differs(group[those], said[those])]] = True
    return crowded[group]


def _first(person: Numbers, wave: Numbers) -> Numbers:
    """For each row, the place of its person's first row in time."""
    in_time = np.lexsort((np.arange(len(wave)), wave))
    first = np.empty(person.max(initial=0) + 1, dtype=np.intp)
    first[person[in_time[::-1]]] = in_time[::-1]
    return first[person]


def _in_turn(person: Numbers, values: Numbers, wave: Numbers) -> NDArray[np.int16]:
    """For each row, which of its person's values it has, in the order of their first waves."""
    in_time = np.lexsort((np.arange(len(wave)), wave))
    pairs = _pairs(person[in_time], values[in_time])
    of_pair = np.empty(pairs.max(initial=-1) + 1, dtype=np.intp)
    of_pair[pairs] = person[in_time]
    turns = np.empty(len(wave), dtype=np.int16)
    turns[in_time] = pd.Series(of_pair).groupby(of_pair).cumcount().to_numpy()[pairs]
    return turns


def _one_character(
    frame: pd.DataFrame, wave: Numbers, agree: list[Numbers]
) -> tuple[dict[int, int], int]:
    """Person to join to which: the only two of their school whose codes are that close.

    And how many codes have one or several such neighbours, and were not joined.
    """
    person = frame["person"].to_numpy()
    moved = _differs(_numbers(frame["person"]), _numbers(frame["school"]))
    people = frame[~moved & (frame["plain"].str.len() >= SHORTEST)]
    joined: dict[int, int] = {}
    close = 0
    for _, part in people.groupby("school", sort=True):
        near = _neighbours(zip(part["person"], part["zero"], strict=True))
        codes = dict(zip(part["person"], part["zero"], strict=True))
        close += sum(
            any(codes[other] != codes[number] for other in others)
            for number, others in near.items()
        )
        for number, others in sorted(near.items()):
            other = min(others, default=number)
            if len(others) != 1 or other < number or near[other] != {number}:
                continue
            both = np.flatnonzero(np.isin(person, [number, other]))
            one = np.zeros(len(both), dtype=np.intp)
            if not _crowded(one, wave[both], [said[both] for said in agree]).any():
                joined[other] = number
    return joined, close - 2 * len(joined)


def _neighbours(codes: Iterable[tuple[int, str]]) -> dict[int, set[int]]:
    """People whose codes differ in one character: changed, dropped or added."""
    whole: dict[str, set[int]] = defaultdict(set)
    changed: dict[tuple[str, int], set[int]] = defaultdict(set)
    for number, code in codes:
        whole[code].add(int(number))
        for place, less in enumerate(_shorter(code)):
            changed[less, place].add(int(number))
    near: dict[int, set[int]] = defaultdict(set)
    for close in changed.values():
        for number in close:
            near[number] |= close - {number}
    for code, longer in whole.items():
        for less in set(_shorter(code)) & whole.keys():
            for number in longer:
                near[number] |= whole[less] - {number}
            for number in whole[less]:
                near[number] |= longer - {number}
    return near


def _shorter(code: str) -> list[str]:
    """The code without its first, second ... character."""
    return [code[:place] + code[place + 1 :] for place in range(len(code))]
