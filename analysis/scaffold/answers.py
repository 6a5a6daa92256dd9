"""Invented answers of invented people: a small data set of the shape that the study will have."""

from __future__ import annotations

import datetime as dt
import io

import numpy as np
import pandas as pd

from analysis.scaffold.plan import Asked, Plan

SEED = 20260901
#: People asked in a school: so many that half of them, found again, may be shown.
PEOPLE = {"adults": 18, "children": 30}
#: Share of those asked who answer, and of answers that are left out.
ANSWER, LEFT_OUT = 0.8, 0.02
ITEMS = tuple(f"SL{number}" for number in range(1, 9))
#: What is asked of people besides: column, and its values as the form and as the study has them.
ATTRIBUTES: dict[str, tuple[str, dict[str, str]]] = {
    "staff": (
        "role",
        {"Leader": "leader", "Teacher": "teacher", "Other staff": "other_staff"},
    ),
    "pupils": ("year_group", {"Year 5": "year_5", "Year 6": "year_6"}),
}
TREES = [
    "Alder",
    "Ash",
    "Aspen",
    "Bay",
    "Beech",
    "Birch",
    "Blackthorn",
    "Box",
    "Cedar",
    "Cherry",
    "Chestnut",
    "Cypress",
    "Dogwood",
    "Elder",
    "Elm",
    "Fir",
    "Hawthorn",
    "Hazel",
    "Holly",
    "Hornbeam",
    "Juniper",
    "Larch",
    "Laurel",
    "Lime",
    "Maple",
    "Medlar",
    "Mulberry",
    "Oak",
    "Olive",
    "Pear",
    "Pine",
    "Plane",
    "Poplar",
    "Quince",
    "Rowan",
    "Spruce",
    "Sycamore",
    "Walnut",
    "Willow",
    "Yew",
]


def waves(plan: Plan) -> list[dict[str, object]]:
    """The two waves: autumn and the summer after it."""
    return [
        {
            "id": "T1",
            "label": "Baseline",
            "start": dt.date(plan.year, 10, 1),
            "end": dt.date(plan.year, 11, 30),
        },
        {
            "id": "T2",
            "label": "Follow-up",
            "start": dt.date(plan.year + 1, 5, 1),
            "end": dt.date(plan.year + 1, 6, 30),
        },
    ]


def schools(plan: Plan) -> pd.DataFrame:
    """The schools table."""
    rows = []
    for number in range(plan.schools):
        phase = plan.phases[number % len(plan.phases)] if plan.phases else ""
        kind = f" {phase.replace('_', ' ').title()}" if phase else ""
        row: dict[str, object] = {
            "id": f"S{number + 1:02d}",
            "name": f"{TREES[number]}{kind} School",
            "letter": "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[number] if number < 26 else "",
        }
        if phase:
            row["phase"] = phase
        for asked in plan.populations:
            for wave in waves(plan):
                row[invited(asked, str(wave["id"]))] = PEOPLE[asked.kind] + number % 4
        rows.append(row)
    return pd.DataFrame(rows)


def invited(asked: Asked, wave: str) -> str:
    """The column of the schools table with the number invited."""
    return f"invited_{asked.id}_{wave.lower()}"


def file(asked: Asked, wave: str) -> str:
    """The name of an export."""
    return f"{asked.id}_{wave.lower()}.csv"


def exports(plan: Plan) -> dict[str, str]:
    """The exports of every survey, by file."""
    places = schools(plan)
    found: dict[str, str] = {}
    for number, asked in enumerate(plan.populations):
        rng = np.random.default_rng([SEED, number])
        people = _people(asked, places, rng)
        for place, wave in enumerate(waves(plan)):
            answered = people[rng.random(len(people)) < ANSWER]
            found[file(asked, str(wave["id"]))] = csv(_export(answered, asked, place, wave, rng))
    return found


def csv(frame: pd.DataFrame) -> str:
    """A frame as the text of a CSV file."""
    text = io.StringIO()
    frame.to_csv(text, index=False, lineterminator="\n")
    return text.getvalue()


def _people(asked: Asked, places: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    of_school = places[invited(asked, "T1")].to_numpy()
    total = int(of_school.sum())
    letters = np.array(list("ABCDEFGHJKLMNPRSTUVWXYZ"))
    # Two letters and a number that is different for everybody: nobody is taken for another.
    first, second = rng.choice(letters, (2, total))
    frame = pd.DataFrame(
        {
            "code": [f"{a}{b}{n:03d}" for n, (a, b) in enumerate(zip(first, second, strict=True))],
            "school": np.repeat(places["name"].to_numpy(), of_school),
        }
    )
    if asked.id in ATTRIBUTES:
        name, values = ATTRIBUTES[asked.id]
        frame[name] = rng.choice(list(values), total)
    shared = np.repeat(rng.normal(0, 0.25, len(places)), of_school)
    frame["trait"] = shared + rng.normal(0, 0.7, total)
    frame["change"] = rng.normal(0.15, 0.3, total)
    return frame


def _export(
    people: pd.DataFrame,
    asked: Asked,
    place: int,
    wave: dict[str, object],
    rng: np.random.Generator,
) -> pd.DataFrame:
    latent = (people["trait"] + place * people["change"]).to_numpy()[:, None]
    answers = 3.5 + np.linspace(-0.3, 0.3, len(ITEMS)) + latent
    answers = np.clip(np.rint(answers + rng.normal(0, 0.6, answers.shape)), 1, 5)
    answers[rng.random(answers.shape) < LEFT_OUT] = np.nan
    first, last = wave["start"], wave["end"]
    assert isinstance(first, dt.date) and isinstance(last, dt.date)
    minutes = rng.integers(9 * 60, 15 * 60, len(people))
    days = rng.integers(0, (last - first).days + 1, len(people))
    start = pd.Timestamp(first)
    times = [
        str(start + pd.Timedelta(days=int(d), minutes=int(m)))
        for d, m in zip(days, minutes, strict=True)
    ]
    frame = people.drop(columns=["trait", "change"])
    frame.insert(1, "completed", times)
    frame.insert(2, "agrees", "Yes")
    shown = pd.DataFrame(answers, columns=list(ITEMS), index=frame.index).astype("Int64")
    return pd.concat([frame, shown], axis=1)
