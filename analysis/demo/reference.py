"""The demonstration study's reference population: who is on roll in its schools; all invented.

Counts follow from the made-up school table by fixed shares, without chance, so that they fit
it: a study of real schools would take them from the school workforce return and the school
census.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pandas as pd

from analysis.demo import sizes

#: Leaders and teachers of a hundred staff; the others are non-teachers.
LEADERS, TEACHERS = {"primary": 12, "secondary": 9, "special": 11}, {
    "primary": 38, "secondary": 53, "special": 30,
}  # fmt: skip
#: Girls, and pupils with special educational needs, of a hundred on roll.
GIRLS, NEEDS = {"primary": 49, "secondary": 49, "special": 31}, {
    "primary": 15, "secondary": 13, "special": 100,
}  # fmt: skip
SOURCE = "synthetic: made-up {} of the schools of the study"
COLUMNS = ("survey", "attribute", "value", "count", "source")


def population() -> pd.DataFrame:
    """Staff and pupils on roll in all schools, counted by role, sex, free meals and needs."""
    counts: Counter[tuple[str, str, str]] = Counter()
    for school in sizes.schools().to_dict("records"):
        phase, staff, pupils = school["phase"], school["staff_on_roll"], school["pupils_on_roll"]
        for survey, attribute, whole, parts in (
            ("staff", "role", staff, {"leader": LEADERS[phase], "teacher": TEACHERS[phase]}),
            ("pupils", "sex", pupils, {"female": GIRLS[phase]}),
            ("pupils", "fsm", pupils, {"yes": school["fsm_percent"]}),
            ("pupils", "sen", pupils, {"yes": NEEDS[phase]}),
        ):
            rest = {"role": "non_teacher", "sex": "male"}.get(attribute, "no")
            taken = {value: round(int(whole) * share / 100) for value, share in parts.items()}
            for value, count in (taken | {rest: int(whole) - sum(taken.values())}).items():
                counts[survey, attribute, value] += count
    names = {"staff": "staff list", "pupils": "pupil roll"}
    return pd.DataFrame(
        [(*key, count, SOURCE.format(names[key[0]])) for key, count in counts.items()],
        columns=list(COLUMNS),
    )


def write(folder: Path) -> list[str]:
    """Write ``reference_population.csv`` into ``folder``; its name."""
    name = "reference_population.csv"
    population().to_csv(folder / name, index=False, lineterminator="\n")
    return [name]
