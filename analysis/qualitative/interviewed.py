"""Who was interviewed: people, counted once; the groups they are in; and when they were asked.

Somebody interviewed twice has a row for each time in the table of interviewees, and is one person.
An interview is one person at one time. A group that the study keeps ``apart`` (the programme's own
facilitators beside the staff of schools) is counted by itself, and belongs to no other count.
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from analysis.prepare import Prepared
from analysis.statistics.samples import ALL
from analysis.study import INTERVIEWEES, Study
from analysis.words import slug

#: As the wave in ids: over all times at which people were asked. A single time is not said.
EVER = "all"


def everyone(prepared: Prepared) -> pd.DataFrame:
    """One row for each person ever interviewed, by ``source_id``."""
    return prepared.strands["interviewees"].drop_duplicates("source_id").set_index("source_id")


def people(prepared: Prepared) -> pd.DataFrame:
    """One row for each person who is not of a group kept apart, by ``source_id``."""
    members = everyone(prepared)
    for _, rows in apart(prepared):
        members = members.drop(rows.index, errors="ignore")
    return members


def apart(prepared: Prepared) -> Iterator[tuple[str, pd.DataFrame]]:
    """The people of each group kept apart, by its name in ids, where anybody is in it."""
    members = everyone(prepared)
    for group in prepared.study.groups_of(INTERVIEWEES):
        for value in group.values:
            if value.apart and group.column in members:
                rows = members[members[group.column] == value.id]
                if len(rows):
                    yield group.key(value.id), rows


def bodies(prepared: Prepared) -> Iterator[tuple[str, pd.DataFrame]]:
    """Those who are counted together: all interviewed but those kept apart, then each of these."""
    members = people(prepared)
    if len(members):
        yield ALL, members
    yield from apart(prepared)


def places(frame: pd.DataFrame) -> int:
    """How many schools the rows are of; who belongs to none (a facilitator) adds none."""
    return int(frame.loc[frame["school"] != "", "school"].nunique()) if "school" in frame else 0


def groups(prepared: Prepared) -> Iterator[tuple[str, pd.DataFrame]]:
    """The people in each group of the study's, by its name in ids. Who is in none is in none.

    Groups kept apart are not among them: see :func:`apart`.
    """
    members = people(prepared)
    for group in prepared.study.groups_of(INTERVIEWEES):
        if group.column not in members:
            continue
        said = members[members[group.column] != ""]
        for value, rows in said.groupby(group.column, sort=True):
            yield group.key(str(value)), rows


def times(prepared: Prepared, members: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Those of ``members`` asked at each time, by its name in ids; nothing if all at one time."""
    frame = prepared.strands["interviewees"]
    if "wave" not in frame:
        return {}
    said = frame[(frame["wave"] != "") & frame["source_id"].isin(members.index)]
    if said["wave"].nunique() < 2:
        return {}
    return {
        slug(str(wave)): members.loc[members.index.isin(rows["source_id"])]
        for wave, rows in said.groupby("wave", sort=True)
    }


def time_label(study: Study, name: str) -> str:
    """A time, as named in ids, for readers: the wave's label where it is one of the study's."""
    for wave in study.waves:
        if slug(wave.id) == name:
            return wave.label
    return name.replace("_", " ")


def interviews(segments: pd.DataFrame) -> pd.Series:
    """Which interview each passage is of: the person, and the time where there are several."""
    if "wave" not in segments:
        return segments["source_id"]
    # A character below all others keeps interviews in the order of their people.
    return segments["source_id"].str.cat(segments["wave"].fillna("").astype("str"), sep="\0")
