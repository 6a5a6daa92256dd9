"""Attributes in an order (years of service, age): put into bands, and neighbours joined if small.

A group with fewer people than the population's minimum would be withheld, and with it the next
smallest, so that it is not what the others leave. Joined with its neighbour, both are shown as one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.errors import AnalystError
from analysis.sources.wording import MISSING_KINDS
from analysis.study import Group, Study, Survey

#: What stands in the place of an answer.
NOT_SAID = {"", *MISSING_KINDS.values()}


def ordered(frame: pd.DataFrame, study: Study, survey: Survey) -> pd.DataFrame:
    """A survey's responses with each attribute in an order as the groups that may be shown.

    Parameters
    ----------
    frame
        One row per respondent and wave: columns ``wave``, ``row``, ``source.file`` and the
        attributes.

    Raises
    ------
    AnalystError
        If an answer is no number, lies below the first band, or is not in the order stated.
    """
    found = {}
    for group in study.groups_of(survey.population):
        if group.column in frame and (group.bands or group.order):
            said = frame[group.column]
            missing = said.isna() | said.isin(NOT_SAID)
            steps = _steps(frame[~missing], group)
            counts = _counts(steps, frame.loc[~missing, "wave"], len(group.bands or group.order))
            names = _names(group, joined(counts, study.asked(survey).minimum), frame[~missing])
            found[group.column] = said.mask(~missing, steps.map(names).astype("str"))
    return frame.assign(**found)


def joined(counts: NDArray[np.int64], minimum: int) -> list[list[int]]:
    """Steps of an order in neighbourhoods that each hold enough people, or nobody, at every wave.

    ``counts`` are people by wave and step. The smallest that is too small goes to the smaller of
    its neighbours, until none is too small or one is left.
    """
    parts = [[step] for step in range(counts.shape[1])]

    def people(place: int) -> NDArray[np.int64]:
        found: NDArray[np.int64] = counts[:, parts[place]].sum(axis=1)
        return found

    while len(parts) > 1:
        few = [
            place
            for place in range(len(parts))
            if ((people(place) > 0) & (people(place) < minimum)).any()
        ]
        if not few:
            break
        place = min(few, key=lambda each: (people(each).sum(), each))
        beside = [each for each in (place - 1, place + 1) if 0 <= each < len(parts)]
        # Nobody at all is no company.
        beside = [each for each in beside if people(each).any()] or beside
        other = min(beside, key=lambda each: (people(each).sum(), each))
        first = min(place, other)
        parts[first : first + 2] = [parts[first] + parts[first + 1]]
    return parts


def _steps(rows: pd.DataFrame, group: Group) -> pd.Series:
    """Which step of the order each answer is, from nought."""
    said = rows[group.column]
    if group.order:
        steps = said.map({value: step for step, value in enumerate(group.order)})
        expected = "one of " + ", ".join(group.order)
    else:
        numbers = pd.to_numeric(said, errors="coerce")
        places = np.searchsorted(np.array(group.bands), numbers, side="right") - 1
        steps = pd.Series(places, index=rows.index).where(numbers >= group.bands[0])
        expected = f"a number from {group.bands[0]:g}"
    if (wrong := steps.isna()).any():
        first = rows[wrong].iloc[0]
        key = "order" if group.order else "bands"
        raise AnalystError(
            f"{int(wrong.sum())} answers are not {expected}; the first is '{first[group.column]}'.",
            where=f"{first['source.file']}, row {first['row']}, {group.column}",
            fix=f"Correct the answers or the mapping, or change groups.{group.id}.{key} in "
            "study.yaml.",
        )
    return steps.astype("int64")


def _counts(steps: pd.Series, waves: pd.Series, number: int) -> NDArray[np.int64]:
    table = pd.crosstab(waves, steps).reindex(columns=range(number), fill_value=0)
    return np.asarray(table.to_numpy(), dtype="int64")


def _names(group: Group, parts: Sequence[Sequence[int]], rows: pd.DataFrame) -> Mapping[int, str]:
    """By step, the name of the group that it is in."""
    if group.order:
        return {
            step: "_or_".join(group.order[each] for each in part) for part in parts for step in part
        }
    # Of whole numbers the last of a band is named, else where the next begins.
    numbers = pd.to_numeric(rows[group.column])
    whole = bool((numbers % 1 == 0).all()) and all(begin % 1 == 0 for begin in group.bands)
    names: dict[int, str] = {}
    for part in parts:
        begin = group.bands[part[0]]
        if part[-1] + 1 == len(group.bands):
            name = f"{begin:g}_or_more"
        else:
            end = group.bands[part[-1] + 1]
            name = f"{begin:g}_to_{end - 1:g}" if whole else f"{begin:g}_to_under_{end:g}"
            if whole and end - 1 == begin:
                name = f"{begin:g}"
        names |= dict.fromkeys(part, name)
    return names
