"""Invented staff and pupils: who they are, where, and at which waves they answered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from analysis.demo import sizes

Random = np.random.Generator

ROLES = ("leader", "teacher", "non_teacher")
YEARS_IN_SCHOOL = ("under_1", "from_1_to_3", "from_4_to_10", "over_10")

#: Who stops part-way at baseline, by role. All belong to those who answered only then. Most are
#: non-teaching staff: the printed totals by role can only hold together if they are (an
#: assumption of these data, not a finding).
BREAK_OFFS_T1 = {"leader": 3, "teacher": 13, "non_teacher": 22}

#: The matched pupils as the published sample table has them: (yes, of) by phase.
MATCHED_PUPILS = {
    "primary": {
        "female": 53,
        "fsm": 37,
        "sen": 18,
        "looked_after": 0,
        "white": 100,
        "english_first": 102,
    },
    "secondary": {
        "female": 55,
        "fsm": 25,
        "sen": 11,
        "looked_after": 0,
        "white": 93,
        "english_first": 95,
    },
}
MATCHED_YEARS = {"primary": {3: 46, 4: 60}, "secondary": {8: 96}}
SHARES = {"fsm": 0.30, "sen": 0.15, "looked_after": 0.012, "white": 0.95, "english_first": 0.97}


def staff(rng: Random) -> pd.DataFrame:
    """All staff who answered at least once.

    Returns
    -------
    pandas.DataFrame
        ``code``, ``school_t1`` and ``school_t2`` (empty where somebody did not answer), ``phase``
        (reporting phase), ``role``, ``years_in_school``, ``stratum``, ``breaks_off`` (stops
        part-way at baseline).
    """
    schools = sizes.schools()
    counts = {
        "matched": schools["staff_matched"],
        "t1_only": schools["staff_t1"] - schools["staff_matched"],
        "t2_only": schools["staff_t2"] - schools["staff_matched"],
    }
    roles = sizes.roles()
    parts = []
    for stratum in sizes.STRATA:
        for phase in ("primary", "secondary"):
            mine = schools.loc[schools["reporting_phase"] == phase, "id"]
            where = np.repeat(mine.to_numpy(), counts[stratum][mine].to_numpy())
            what = np.repeat(ROLES, roles.loc[(phase, stratum), list(ROLES)].to_numpy(dtype=int))
            parts.append(
                pd.DataFrame(
                    {
                        "stratum": stratum,
                        "phase": phase,
                        "school": where,
                        "role": rng.permutation(what),
                    }
                )
            )
    people = pd.concat(parts, ignore_index=True)
    people["school_t1"] = people["school"].where(people["stratum"] != "t2_only", "")
    people["school_t2"] = people["school"].where(people["stratum"] != "t1_only", "")
    people["years_in_school"] = rng.choice(
        YEARS_IN_SCHOOL, size=len(people), p=[0.12, 0.26, 0.34, 0.28]
    )
    people["breaks_off"] = False
    for role, number in BREAK_OFFS_T1.items():
        may = people.index[(people["stratum"] == "t1_only") & (people["role"] == role)]
        people.loc[rng.choice(may, size=number, replace=False), "breaks_off"] = True
    people["code"] = codes(rng, len(people))
    return people.drop(columns="school")


def pupils(rng: Random) -> pd.DataFrame:
    """All pupils who answered at least once.

    Returns
    -------
    pandas.DataFrame
        ``code``, ``school_t1``, ``school_t2``, ``phase_t1``, ``phase_t2`` (reporting phase, empty
        where not answered), ``year_t1`` (school year at the time of the baseline), ``sex``, and
        ``yes``/``no``/``prefer_not_to_say`` for ``fsm``, ``sen``, ``looked_after``, ``white``,
        ``english_first``.
    """
    schools = sizes.schools()
    phase_of = schools["reporting_phase"]
    matched, moved_in = schools["pupils_matched"], schools["pupils_moved_in"]
    leaving = _leaving(schools)
    rows: list[dict[str, object]] = []
    for school in schools["id"]:
        at_t1 = schools.at[school, "pupils_t1"] - matched[school] - leaving.count(school)
        at_t2 = schools.at[school, "pupils_t2"] - matched[school] - moved_in[school]
        rows += [{"stratum": "matched", "school_t1": school, "school_t2": school}] * matched[school]
        rows += [{"stratum": "t1_only", "school_t1": school, "school_t2": ""}] * at_t1
        rows += [{"stratum": "t2_only", "school_t1": "", "school_t2": school}] * at_t2
    new_schools = np.repeat(schools["id"].to_numpy(), moved_in.to_numpy())
    for old, new in zip(leaving, new_schools, strict=True):
        rows.append({"stratum": "moved", "school_t1": old, "school_t2": new})
    people = pd.DataFrame(rows)
    people["phase_t1"] = people["school_t1"].map(phase_of).fillna("")
    people["phase_t2"] = people["school_t2"].map(phase_of).fillna("")
    phase = people["phase_t1"].where(people["phase_t1"] != "", people["phase_t2"])
    people["year_t1"] = np.where(
        phase == "primary",
        rng.choice([3, 4, 5, 6], size=len(people), p=[0.25, 0.28, 0.27, 0.20]),
        rng.choice([7, 8, 9], size=len(people), p=[0.3, 0.45, 0.25]),
    )
    # Somebody who answers only at follow-up and is in primary then cannot have been in Year 6.
    late = (people["stratum"] == "t2_only") & (people["year_t1"] == 6)
    people.loc[late, "year_t1"] = 4
    people.loc[people["stratum"] == "moved", "year_t1"] = 6
    _sample_attributes(people, rng)
    people["code"] = codes(rng, len(people))
    return people


def codes(rng: Random, number: int) -> list[str]:
    """Codes as people make them up, all different: first letters of two names, day of birth."""
    letters = np.array(list("ABCDEFGHIJKLMNOPRSTVW"))
    found: dict[str, None] = {}
    while len(found) < number:
        first, second = rng.choice(letters, size=2)
        found[f"{first}{second}{rng.integers(1, 32):02d}"] = None
    return list(found)


def _leaving(schools: pd.DataFrame) -> list[str]:
    """Primary schools that a mover left: those with most pupils who did not answer again."""
    primary = schools[schools["reporting_phase"] == "primary"]
    once = (primary["pupils_t1"] - primary["pupils_matched"]).sort_values(ascending=False)
    return list(once.index[: int(schools["pupils_moved_in"].sum())])


def _sample_attributes(people: pd.DataFrame, rng: Random) -> None:
    size = len(people)
    people["sex"] = rng.choice(
        ["female", "male", "prefer_not_to_say"], size=size, p=[0.5, 0.48, 0.02]
    )
    for attribute, share in SHARES.items():
        people[attribute] = rng.choice(
            ["yes", "no", "prefer_not_to_say"],
            size=size,
            p=[share * 0.98, (1 - share) * 0.98, 0.02],
        )
    for phase, wanted in MATCHED_PUPILS.items():
        rows = people.index[(people["stratum"] == "matched") & (people["phase_t1"] == phase)]
        years = list(_repeated(MATCHED_YEARS[phase]))
        people.loc[rows, "year_t1"] = rng.permutation(years)
        for attribute, number in wanted.items():
            column, yes, no = (
                ("sex", "female", "male") if attribute == "female" else (attribute, "yes", "no")
            )
            values = np.array([yes] * number + [no] * (len(rows) - number), dtype=object)
            # A few of those who are not counted in the table preferred not to say.
            if len(rows) - number > 12:
                values[-2:] = "prefer_not_to_say"
            people.loc[rows, column] = rng.permutation(values)


def _repeated(counts: dict[int, int]) -> Iterator[int]:
    for value, number in counts.items():
        yield from [value] * number


def spread(rng: Random, start: str, rows: int, days: Sequence[int]) -> pd.DatetimeIndex:
    """Moments of answering: school hours on working days, so many days after a start."""
    working = [day for day in days if (pd.Timestamp(start) + pd.Timedelta(days=day)).weekday() < 5]
    day = pd.Timestamp(start) + pd.to_timedelta(rng.choice(working, size=rows), unit="D")
    seconds = rng.integers(8 * 3600, 17 * 3600, size=rows)
    return pd.DatetimeIndex(day + pd.to_timedelta(seconds, unit="s"))
