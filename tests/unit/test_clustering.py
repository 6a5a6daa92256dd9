"""How alike people of a school are, where it would tell the mean of a school that is withheld."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from analysis import study as studies
from analysis.disclosure import clustering, decide
from analysis.results import COHORT, Result, ledger
from analysis.statistics.moderators import intraclass
from tests.conftest import ROOT

STUDY = studies.load(ROOT / "data/raw")


def shown(sizes: list[int]) -> dict[str, float]:
    """By statistic, the decimals (none: as usual) of what is shown of how alike people are."""
    random = np.random.default_rng(4)
    answers = [np.clip(random.normal(3 + 0.3 * (k % 3), 0.6, n), 1, 5) for k, n in enumerate(sizes)]
    common = {"source": "staff", "instrument": "spsc", "measure": "total", "wave": "t1"}
    everybody = np.concatenate(answers)
    level = common | {"analysis": "level", "group": "all"}
    rows = []
    for place, own in enumerate([everybody, *answers]):
        unit = f"X{place:02d}" if place else COHORT
        rows.append(Result(**common | {"instrument": "survey", "measure": "responded"}, unit=unit,
                           analysis="response", group="all", statistic="count", n=float(len(own)),
                           value=float(len(own)), n_schools=1.0))  # fmt: skip
        for statistic, value in (("mean", own.mean()), ("sd", own.std(ddof=1))):
            rows.append(Result(**level, unit=unit, statistic=statistic, value=float(value),
                               n=float(len(own)), n_schools=float(len(sizes)) if not place else 1.0))  # fmt: skip
    codes = np.repeat(np.arange(len(sizes)), sizes)
    icc, low, high, _ = intraclass(everybody, codes)
    within = math.sqrt(sum(((own - own.mean()) ** 2).sum() for own in answers)
                       / (len(everybody) - len(sizes)))  # fmt: skip
    whole = common | {"unit": COHORT, "group": "all", "n": float(len(everybody)),
                      "n_schools": float(len(sizes))}  # fmt: skip
    rows += [
        Result(
            **whole, analysis="clustering", statistic="icc", value=icc, ci_low=low, ci_high=high
        ),
        Result(**whole, analysis="clustering", statistic="deff", value=2.0),
        Result(**whole, analysis="funnel", statistic="spread", value=within),
    ]
    decided = decide(ledger(rows, "e1"), STUDY)
    found = decided[decided["analysis"].isin(["clustering", "funnel"])]
    found = found[found["release"] == "released"].set_index("statistic")
    if "icc" in found.index:
        assert math.isnan(found.loc["icc", "ci_low"]) == (found.loc["icc", "decimals"] == 1)
    return dict(found["decimals"].items())


def test_nothing_is_coarser_where_every_school_is_shown() -> None:
    found = shown([8, 9, 11, 12, 14, 15])
    assert set(found) == {"icc", "deff", "spread"} and all(map(math.isnan, found.values()))


def test_a_withheld_mean_is_not_what_the_sum_of_squares_leaves() -> None:
    # Three of a school, and the next smallest beside it: two values would be left of its mean.
    found = shown([3, 6, 11, 12, 14, 15])
    assert "deff" not in found
    assert all(decimals == 1 for decimals in found.values())


@pytest.mark.parametrize(("apart", "left_open"), [(0.02, False), (0.8, True)])
def test_of_many_withheld_schools_the_squares_are_held_against_each_mean(
    apart: float, left_open: bool
) -> None:
    """Where schools hardly differ, each withheld one is where all are, however many there are."""
    protection = SimpleNamespace(mean=0.25)
    draft: Any = SimpleNamespace(
        study=SimpleNamespace(disclosure=SimpleNamespace(protection=protection))
    )
    n = np.full(40, 5.0)
    means = 3.0 + apart * np.where(np.arange(40) % 2, 1.0, -1.0)
    between = float((n * (means - 3.0) ** 2).sum())
    hidden = np.arange(40) < 2 * clustering.MANY
    found = clustering._open(
        draft, n, means, hidden, 10, (1.0, 5.0), (between - 0.1, between + 0.1)
    )
    assert found == left_open
