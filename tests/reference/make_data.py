"""Write the data that the R scripts and the tests share.

Public data sets shipped with pingouin, and edge cases made with a stated seed. Run once; the
CSV files are kept, so that neither R nor a later pingouin can change what was compared.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pingouin as pg

FOLDER = Path(__file__).parent / "data"
SEED = 1


def schools(rng: np.random.Generator, sizes: list[int], icc: float) -> pd.DataFrame:
    """Paired answers of people in schools of unequal size, on a scale from 1 to 5."""
    rows = []
    for school, size in enumerate(sizes):
        shift, drift = rng.normal(0, np.sqrt(icc), 2)
        for _ in range(size):
            person = rng.normal(0, 0.6)
            baseline = 3.5 + shift + person + rng.normal(0, 0.5)
            followup = 3.6 + shift + drift + person + rng.normal(0, 0.5)
            role = ("leader", "teacher", "non_teacher")[rng.integers(0, 3)]
            rows.append(
                (
                    f"S{school:02d}",
                    "primary" if school % 3 else "secondary",
                    role,
                    baseline,
                    followup,
                )
            )
    frame = pd.DataFrame(rows, columns=["school", "phase", "role", "baseline", "followup"])
    frame[["baseline", "followup"]] = frame[["baseline", "followup"]].clip(1, 5).round(3)
    return frame


def dif(rng: np.random.Generator) -> pd.DataFrame:
    """Six items of 500 people of two groups; the third is easier, the sixth looser, for one."""
    group = np.arange(500) % 2
    trait = rng.normal(0, 1, 500) + 0.3 * group
    loadings = np.array([1.2, 1.5, 1.4, 1.0, 1.8, 1.6])
    drawn = trait[:, None] * loadings + rng.logistic(0, 1, (500, 6))
    drawn[:, 2] += 1.4 * group
    drawn[:, 5] -= 1.0 * trait * group
    points = 1 + (drawn[:, :, None] > np.array([-2.2, -0.7, 0.8, 2.3])).sum(axis=2)
    return pd.DataFrame(points, columns=[f"q{k}" for k in range(1, 7)]).assign(group=group)


def series(rng: np.random.Generator) -> pd.DataFrame:
    """Records of nine schools over twelve terms, with a season of their own, begun in three terms."""
    rows = []
    for school in range(9):
        season, level = rng.normal(0, 0.01, 3), 0.93 + rng.normal(0, 0.01)
        start, pupils = 5 + school % 3, int(rng.integers(60, 900))
        for term in range(12):
            if term == start:
                continue
            years = (term - start) / 3
            rate = (
                level + season[term % 3] + 0.002 * years + (term > start) * (0.01 + 0.003 * years)
            )
            rate += rng.normal(0, 0.006)
            sessions = pupils * int(rng.integers(110, 150))
            rows.append((f"s{school}", term % 3, years, round(rate * sessions), sessions))
    return pd.DataFrame(rows, columns=["school", "season", "years", "numerator", "denominator"])


def main() -> None:
    """Write every file."""
    rng = np.random.default_rng(SEED)
    FOLDER.mkdir(exist_ok=True)

    def keep(name: str, frame: pd.DataFrame) -> None:
        frame.to_csv(FOLDER / f"{name}.csv", index=False, lineterminator="\n")

    keep(
        "schools", schools(rng, [9, 7, 8, 10, 6, 5, 3, 6, 7, 2, 3, 1, 9, 8, 6, 4, 7, 3, 2, 3], 0.1)
    )
    keep("few_schools", schools(rng, [12, 1, 4, 2, 30], 0.3))
    answers = pg.read_dataset("cronbach_wide_missing")
    keep("cronbach_missing", answers)
    latent = rng.normal(size=150)
    items = pd.DataFrame(
        {
            f"q{k}": np.clip(np.round(3 + loading * latent + rng.normal(0, 0.8, 150)), 1, 5)
            for k, loading in enumerate((0.9, 0.8, 0.7, 0.6, 0.4), 1)
        }
    )
    keep("one_factor", items)
    keep("mixed_anova", pg.read_dataset("mixed_anova"))
    keep("ancova", pg.read_dataset("ancova"))
    keep("heart", pg.read_dataset("chi2_independence")[["sex", "target", "cp", "thalach", "age"]])
    ties = pd.DataFrame(
        {"before": rng.integers(1, 6, 40), "after": np.clip(rng.integers(1, 6, 40) + 1, 1, 5)}
    )
    keep("ties", ties)
    unbalanced = schools(rng, [8, 3, 12, 5, 9, 6, 4, 10, 7, 11], 0.2)
    long = unbalanced.assign(person=np.arange(len(unbalanced))).melt(
        id_vars=["school", "phase", "role", "person"], value_vars=["baseline", "followup"],
        var_name="wave", value_name="score",
    )  # fmt: skip
    keep("long", long[rng.random(len(long)) > 0.25])
    coders = pd.DataFrame({"first": rng.integers(0, 2, 60), "noise": rng.random(60)})
    coders["second"] = np.where(coders["noise"] < 0.2, 1 - coders["first"], coders["first"])
    keep("coders", coders[["first", "second"]])
    missing = schools(rng, [24, 18, 20, 9, 6, 15, 3, 12, 30, 7, 14, 4, 16, 22, 10, 5, 8, 11], 0.3)
    # Who stood low at baseline answers less often again; some answer the second time only.
    left = rng.random(len(missing)) < np.where(missing["baseline"] < 3.5, 0.6, 0.2)
    late = ~left & (rng.random(len(missing)) < 0.1)
    missing["followup"] = missing["followup"].mask(left)
    missing["baseline"] = missing["baseline"].mask(late)
    keep("missing_waves", missing)
    codes = np.repeat(np.arange(15), rng.integers(3, 12, 15))
    scales = rng.normal(0, 0.3, (15, 6))[codes] + rng.normal(0, 0.8, (len(codes), 6))
    scales += np.array([3.9, 3.8, 3.75, 3.5, 3.4, 3.0])
    ranked = pd.DataFrame(scales.round(2), columns=[f"s{k}" for k in range(1, 7)])
    keep("ranked", ranked.assign(school=codes))
    keep("dif", dif(np.random.default_rng(SEED + 2)))
    keep("series", series(np.random.default_rng(SEED + 1)))


if __name__ == "__main__":
    main()
