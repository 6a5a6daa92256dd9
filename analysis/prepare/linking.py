"""Whose rows belong together: one person's responses over the waves of a survey.

Codes are compared within a school first, exactly, then without case, spaces, punctuation and
the difference of O and 0. A code that is left over, and that nobody else in the survey uses,
may have moved to another school. Only if the study allows it, codes of one school that differ
in one character are linked, where there is exactly one such pair; these links are marked. A
link is made only if it leaves at most one row of a person at each wave.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.study import Rules

SINGLE, EXACT, NORMALISED, ONE_CHARACTER = "single", "exact", "normalised", "one_character"
LINKS = (SINGLE, EXACT, NORMALISED, ONE_CHARACTER)
#: Shorter codes are too easily one character apart.
SHORTEST = 4

Numbers = NDArray[np.intp]
Flags = NDArray[np.bool_]


def persons(rows: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """Who each row belongs to.

    Parameters
    ----------
    rows
        One row per response: ``wave`` (its place in time), ``school``, ``code`` (as written),
        ``plain`` (as compared, empty where there is none) and the columns of
        ``rules.must_agree``. At most one row of a school, wave and comparable code.
    rules
        How far linking goes.

    Returns
    -------
    pandas.DataFrame
        Same index. ``person`` numbers people; ``link`` says how a person's rows were linked
        (``single`` where there is one), the loosest step counting; ``identity`` is the code
        within ``school`` and, if ``split``, wave that names the person.
    """
    frame = rows.reset_index(drop=True)
    exact = rules.linking == "exact"
    own = frame["code"] if exact else frame["plain"]
    zero = own if exact else own.str.replace("O", "0", regex=False)
    # A row without a code is a person of its own.
    nameless = frame["plain"] == ""
    if nameless.any():
        numbered = "\0" + pd.Series(frame.index.astype("str"))
        own, zero = own.mask(nameless, numbered), zero.mask(nameless, numbered)
    school, wave = _numbers(frame["school"]), frame["wave"].to_numpy(dtype=np.intp)
    zeros = _numbers(zero)
    person = _pairs(school, _numbers(own))
    agree = [_said(frame[column]) for column in rules.must_agree]
    # Where rows of one code in one school contradict each other, nothing is linked.
    split = _crowded(person, wave, agree)
    person = np.where(split, person.max(initial=0) + 1 + np.arange(len(frame)), person)
    if not exact:
        person = _merged(person, _pairs(school, zeros), wave, agree)
    person = _merged(person, zeros, wave, agree)
    by_chance = np.zeros(len(frame), dtype=bool)
    if rules.linking == "one_character":
        closer = _one_character(frame.assign(zero=zero, person=person), wave, agree)
        by_chance = np.isin(person, [*closer, *closer.values()])
        person = pd.Series(person).replace(closer).to_numpy()
    person = _numbers(pd.Series(person))
    size = np.bincount(person)[person]
    wordings = _differs(person, _numbers(frame["code"]))
    link = np.where(wordings, LINKS.index(NORMALISED), LINKS.index(EXACT))
    link[by_chance] = LINKS.index(ONE_CHARACTER)
    link[size == 1] = LINKS.index(SINGLE)
    first = _first(person, wave)
    found = pd.DataFrame(
        {
            "person": person,
            "link": pd.array(LINKS, dtype="str").take(link),
            "identity": own.to_numpy()[first],
            "school": frame["school"].to_numpy()[first],
            "wave": wave[first],
            "split": split,
        }
    )
    return found.set_index(rows.index)


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


def _merged(person: Numbers, wider: Numbers, wave: Numbers, agree: list[Numbers]) -> Numbers:
    """People of one wider group made one, unless they cannot be one person."""
    lowest = np.full(wider.max(initial=0) + 1, np.iinfo(np.intp).max)
    np.minimum.at(lowest, wider, person)
    return np.where(_crowded(wider, wave, agree), person, lowest[wider])


def _first(person: Numbers, wave: Numbers) -> Numbers:
    """For each row, the place of its person's first row in time."""
    in_time = np.lexsort((np.arange(len(wave)), wave))
    first = np.empty(person.max(initial=0) + 1, dtype=np.intp)
    first[person[in_time[::-1]]] = in_time[::-1]
    return first[person]


def _one_character(frame: pd.DataFrame, wave: Numbers, agree: list[Numbers]) -> dict[int, int]:
    """Person to join to which: the only two of their school whose codes are that close."""
    person = frame["person"].to_numpy()
    moved = _differs(_numbers(frame["person"]), _numbers(frame["school"]))
    people = frame[~moved & (frame["plain"].str.len() >= SHORTEST)]
    joined: dict[int, int] = {}
    for _, part in people.groupby("school", sort=True):
        near = _neighbours(zip(part["person"], part["zero"], strict=True))
        for number, others in sorted(near.items()):
            other = min(others, default=number)
            if len(others) != 1 or other < number or near[other] != {number}:
                continue
            both = np.flatnonzero(np.isin(person, [number, other]))
            one = np.zeros(len(both), dtype=np.intp)
            if not _crowded(one, wave[both], [said[both] for said in agree]).any():
                joined[other] = number
    return joined


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
