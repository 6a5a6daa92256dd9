"""What was delivered to the schools of the demonstration study: sessions, hours, costs; all invented.

The kinds of session follow the programme that the study is named after (two twilight sessions for
all staff, an audit, a planning meeting, coaching by a facilitator, reviews of the plan, and an
event at which schools met); how many were held, who came and what it cost is made up.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.demo import sizes
from analysis.demo.qualitative import TERMS
from analysis.demo.reference import LEADERS, TEACHERS

#: Kind, days since the school joined, minutes, and who is invited: a share of staff, or so many.
CALENDAR: tuple[tuple[str, int, int, tuple[float, float, float]], ...] = (
    ("whole_school", 21, 90, (1.0, 1.0, 1.0)),
    ("audit", 45, 60, (1.0, 0.5, 0.5)),
    ("planning", 80, 60, (1.0, 0.2, 0.2)),
    ("coaching", 110, 45, (1.0, 0.1, 0.1)),
    ("whole_school", 150, 90, (1.0, 1.0, 1.0)),
    ("coaching", 190, 45, (1.0, 0.1, 0.1)),
    ("review", 240, 60, (1.0, 0.2, 0.2)),
    ("celebration", 300, 120, (0.5, 0.1, 0.1)),
    ("coaching", 330, 45, (1.0, 0.1, 0.1)),
    ("review", 400, 60, (1.0, 0.2, 0.2)),
)
ROLES = ("leader", "teacher", "non_teacher")
#: Shares of those invited who come, by role.
COME = {"primary": (0.92, 0.90, 0.72), "secondary": (0.85, 0.74, 0.55), "special": (0.9, 0.88, 0.8)}
#: Sessions that did not take place, that were shorter than planned, that no leader was at.
DROPPED = {"primary": 0.05, "secondary": 0.14, "special": 0.05}
SHORTER, WITHOUT_LEADER = {"primary": 0.08, "secondary": 0.3, "special": 0.1}, 0.14
#: Nothing was sent of this school.
NOT_SENT = "S12"
#: Feedback was asked for in these, on these questions; shares of 1 to 5, and who fills in a form.
ASKED = ("whole_school", "audit")
FORMS = 0.65
RATINGS = {
    "useful": (0.02, 0.05, 0.17, 0.42, 0.34),
    "confident": (0.02, 0.08, 0.28, 0.40, 0.22),
}
#: Nobody has a form filled in by so few.
FEWEST_FORMS = 3
#: The last day before the edition's.
LAST = dt.date(2018, 7, 13)
#: Pounds: an hour of a facilitator, supply cover for half a day, printed material for a session.
#: One half-day covers so many hours of staff in sessions.
FACILITATOR, COVER, MATERIALS = 38.0, 95.0, 14.0
HALF_DAY = 3.5
SHARED = (("training_facilitators", 3600), ("celebration_event", 1450))
SYNTHETIC = "synthetic"
NAMES = ("sessions.csv", "delivery_hours.csv", "delivery_costs.csv")


def write(folder: Path, seed: int) -> list[str]:
    """Write sessions, hours and costs into ``folder``; their names."""
    rng = np.random.default_rng([seed, 43])
    sessions = pd.DataFrame(
        [row for number, school in enumerate(_schools(), 1) for row in _held(school, number, rng)]
    )
    hours = _hours(sessions, rng)
    frames = (sessions.drop(columns="attending"), hours, _costs(sessions, hours))
    for name, frame in zip(NAMES, frames, strict=True):
        frame.assign(memo=SYNTHETIC).to_csv(folder / name, index=False, lineterminator="\n")
    return list(NAMES)


def _schools() -> list[dict[str, str]]:
    records = sizes.schools().astype("str").to_dict("records")
    return [{str(k): str(v) for k, v in record.items()} for record in records]


def _held(school: dict[str, str], number: int, rng: np.random.Generator) -> list[dict[str, object]]:
    """One school's sessions."""
    phase, staff = school["phase"], int(school["staff_on_roll"])
    leaders = max(round(staff * LEADERS[phase] / 100), 1)
    teachers = round(staff * TEACHERS[phase] / 100)
    people = (leaders, teachers, staff - leaders - teachers)
    joined = dt.date.fromisoformat(school["joined"])
    rows: list[dict[str, object]] = []
    for kind, after, minutes, shares in CALENDAR:
        day = _school_day(joined + dt.timedelta(days=after + int(rng.integers(0, 14))))
        held = rng.random() >= DROPPED[phase] and day <= LAST and school["id"] != NOT_SENT
        length = minutes - 15 * int(rng.random() < SHORTER[phase])
        invited = [round(of * share) for of, share in zip(people, shares, strict=True)]
        came = [int(rng.binomial(n, p)) for n, p in zip(invited, COME[phase], strict=True)]
        attending = sum(came)
        row: dict[str, object] = {
            "school": school["id"], "date": day.isoformat(), "kind": kind, "minutes": length,
            **{f"invited_{role}": n for role, n in zip(ROLES, invited, strict=True)},
            **{f"attended_{role}": n for role, n in zip(ROLES, came, strict=True)},
            "leader_present": "yes" if came[0] and rng.random() >= WITHOUT_LEADER else "no",
            "facilitator": f"F{(number - 1) % 9 + 1}",
            **_feedback(attending if kind in ASKED else 0, rng), "attending": attending,
        }  # fmt: skip
        if held:
            rows.append(row)
    return rows


def _feedback(attending: int, rng: np.random.Generator) -> dict[str, object]:
    forms = int(rng.binomial(attending, FORMS))
    found: dict[str, object] = {}
    for question, shares in RATINGS.items():
        given = rng.multinomial(forms, shares)
        asked = forms >= FEWEST_FORMS
        mean = float(given @ np.arange(1, 6)) / max(forms, 1)
        found[f"rating_{question}"] = f"{mean:.1f}" if asked else ""
        found[f"rated_{question}"] = str(forms) if asked else ""
        found[f"high_{question}"] = str(int(given[3:].sum())) if asked else ""
    return found


def _hours(sessions: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Hours by term: of facilitators and staff, in sessions and around them."""
    starts = [start.isoformat() for _, start, _, _ in TERMS]
    place = np.searchsorted(starts, sessions["date"].to_numpy(dtype="str"), side="right") - 1
    timed = sessions.assign(
        term=[TERMS[number][0] for number in place],
        long=sessions["minutes"] / 60,
        spent=sessions["minutes"] * sessions["attending"] / 60,
    )
    by_term = timed.groupby(["school", "term"], sort=True)[["long", "spent"]].sum().reset_index()
    extra, further = rng.uniform(1.5, 4, len(by_term)), rng.uniform(4, 20, len(by_term))
    return pd.DataFrame(
        {
            "school": by_term["school"],
            "term": by_term["term"],
            "facilitator_hours": _to_half(2 * by_term["long"] + extra),
            "staff_hours": _to_half(by_term["spent"] + further),
        }
    )


def _costs(sessions: pd.DataFrame, hours: pd.DataFrame) -> pd.DataFrame:
    rows: list[tuple[str, str, str]] = []
    of_school = hours.groupby("school")["facilitator_hours"].sum()
    # Cover is paid for sessions in school time: the small ones.
    small = sessions[sessions["kind"] != "whole_school"]
    hours_of_staff = (small["minutes"] * small["attending"]).groupby(small["school"]).sum() / 60
    cover = np.ceil(hours_of_staff / HALF_DAY)
    held = sessions.groupby("school").size()
    for school in held.index:
        rows.append((school, "facilitator_time", f"{of_school[school] * FACILITATOR:.2f}"))
        rows.append((school, "supply_cover", f"{cover[school] * COVER:.2f}"))
        rows.append((school, "materials", f"{held[school] * MATERIALS:.2f}"))
    rows += [("", item, f"{amount:.2f}") for item, amount in SHARED]
    return pd.DataFrame(rows, columns=["school", "item", "amount"])


def _to_half(hours: pd.Series) -> pd.Series:
    return (2 * hours).round() / 2


def _school_day(day: dt.date) -> dt.date:
    """That day, or the next Monday; in the summer holidays the first week of September."""
    if (day.month, day.day) > (7, 21) and (day.month, day.day) < (9, 4):
        day = dt.date(day.year, 9, 4 + day.day % 7)
    return day + dt.timedelta(days=(7 - day.weekday()) % 7 if day.weekday() > 4 else 0)
