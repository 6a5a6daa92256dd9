"""NIST StRD certified values for univariate statistics and one-way analysis of variance.

NumAcc1 to 4, Michelso, SiRstv, and SmLs01, 04 and 07, https://www.itl.nist.gov/div898/strd/.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from analysis.statistics import estimates, moderators

#: Speed of light in air, thousands of km/s less 299.000 (Michelson, 1879).
MICHELSO = [
    850, 740, 900, 1070, 930, 850, 950, 980, 980, 880, 1000, 980, 930, 650, 760, 810, 1000, 1000,
    960, 960, 960, 940, 960, 940, 880, 800, 850, 880, 900, 840, 830, 790, 810, 880, 880, 830, 800,
    790, 760, 800, 880, 880, 880, 860, 720, 720, 620, 860, 970, 950, 880, 910, 850, 870, 840, 840,
    850, 840, 840, 840, 890, 810, 810, 820, 800, 770, 760, 740, 750, 760, 910, 920, 890, 860, 880,
    720, 840, 850, 850, 780, 890, 840, 780, 810, 760, 810, 790, 810, 820, 850, 870, 870, 810, 740,
    810, 940, 950, 800, 810, 870,
]  # fmt: skip
SIRSTV = [
    [196.3052, 196.1240, 196.1890, 196.2569, 196.3403],
    [196.3042, 196.3825, 196.1669, 196.3257, 196.0422],
    [196.1303, 196.2005, 196.2889, 196.0343, 196.1811],
    [196.2795, 196.1748, 196.1494, 196.1485, 195.9885],
    [196.2119, 196.1051, 196.1850, 196.0052, 196.2090],
]


def alternating(first: float, low: float, high: float, pairs: int) -> np.ndarray:
    """A value, then pairs around it: how NIST made its hard cases."""
    return np.array([first] + [low, high] * pairs)


@pytest.mark.parametrize(
    ("values", "mean", "sd", "digits"),
    [
        (np.array([10000001.0, 10000003.0, 10000002.0]), 10000002.0, 1.0, 14),
        (alternating(1.2, 1.1, 1.3, 500), 1.2, 0.1, 13),
        (alternating(1000000.2, 1000000.1, 1000000.3, 500), 1000000.2, 0.1, 8),
        (alternating(10000000.2, 10000000.1, 10000000.3, 500), 10000000.2, 0.1, 7),
        (299 + np.array(MICHELSO) / 1000, 299.8524, 0.0790105478190518, 12),
    ],
    ids=["NumAcc1", "NumAcc2", "NumAcc3", "NumAcc4", "Michelso"],
)
def test_univariate(values: np.ndarray, mean: float, sd: float, digits: int) -> None:
    estimate = estimates.mean(values, None)
    assert estimate.value == pytest.approx(mean, rel=1e-14)
    assert estimate.se * np.sqrt(len(values)) == pytest.approx(sd, rel=10.0**-digits)


def smls(offset: float) -> list[np.ndarray]:
    """Nine treatments of 21 values each."""
    centres = [1.4] + [1.3, 1.5] * 4
    return [alternating(offset + c, offset + c - 0.1, offset + c + 0.1, 10) for c in centres]


@pytest.mark.parametrize(
    ("groups", "certified", "digits"),
    [
        ([np.array(row) for row in SIRSTV], 1.18046237440255, 10),
        (smls(0.0), 21.0, 12),
        (smls(1e6), 21.0, 4),
        # Digits enough for no double: scipy keeps two of them, and no answer of ours comes near.
        (smls(1e12), 21.0, 1),
    ],
    ids=["SiRstv", "SmLs01", "SmLs04", "SmLs07"],
)
def test_analysis_of_variance(groups: list[np.ndarray], certified: float, digits: int) -> None:
    assert stats.f_oneway(*groups).statistic == pytest.approx(certified, rel=10.0**-digits)
    values = np.concatenate(groups)
    codes = np.repeat(np.arange(len(groups)), [len(group) for group in groups])
    assert moderators.intraclass(values, codes)[3] == pytest.approx(certified, rel=10.0**-digits)
