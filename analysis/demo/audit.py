"""The whole-school audit and the Pyramid of Need of the demonstration study; all invented."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from analysis.demo import sizes
from analysis.strands import RATINGS, REVIEWS

AREAS = (
    "understanding_resilience", "ethos_and_culture", "leadership_and_policy",
    "physical_environment", "teaching_and_learning", "pupil_voice", "staff_wellbeing",
    "targeted_support", "families_and_community",
)  # fmt: skip
#: Shares of the ratings in their order, at each review.
SHARES = {"baseline": (0.25, 0.50, 0.25), "reaudit": (0.50, 0.40, 0.10)}
NEEDS = {
    "anxiety_and_worry": 0.060, "friendships": 0.050, "anger_and_behaviour": 0.045,
    "bereavement_and_loss": 0.020, "family_circumstances": 0.035,
}  # fmt: skip
#: Levels of the pyramid, from support for all to specialist help, with their shares of a need.
LEVELS = {"universal": 0.62, "targeted": 0.28, "specialist": 0.10}
#: One school in five was not audited again in time.
AUDITED_AGAIN = 0.8


def write(folder: Path, seed: int) -> list[str]:
    """Write ``whole_school_audit.csv`` and ``needs.csv`` into ``folder``; their names."""
    rng = np.random.default_rng([seed, 41])
    schools = sizes.schools()
    audits, needs = [], []
    for school in schools["id"]:
        again = rng.random() < AUDITED_AGAIN
        for area in AREAS:
            for review in REVIEWS if again else REVIEWS[:1]:
                rating = rng.choice(RATINGS, p=SHARES[review])
                audits.append((school, area, review, rating, "synthetic"))
        pupils = int(str(schools.at[school, "pupils_on_roll"]))
        for need, share in NEEDS.items():
            for level, part in LEVELS.items():
                count = rng.poisson(pupils * share * part)
                needs.append((school, need, level, int(count), "synthetic"))
    for name, rows, columns in (
        ("whole_school_audit.csv", audits, ["school", "area", "review", "rating", "memo"]),
        ("needs.csv", needs, ["school", "need", "level", "count", "memo"]),
    ):
        pd.DataFrame(rows, columns=columns).to_csv(folder / name, index=False, lineterminator="\n")
    return ["whole_school_audit.csv", "needs.csv"]
