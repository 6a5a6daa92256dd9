"""The audit against cases with known answers from the papers' own programs.

Only inputs and answers are used. Their origins:

GRIM
    Brown and Heathers (2017): 28 people cannot have a mean of 5.19. The table of twelve means is
    ``pigs1`` of Jung's R package scrutiny (0.6.1), with its published answers.
GRIMMER
    ``pigs5`` of scrutiny with its published answers (Allard's analytic form of Anaya, 2016); two
    cases and the limits of SDs from the tests of rsprite2 (Wallrich), after Heathers and others.
SPRITE
    The example of rsprite2: 20 answers from 1 to 5 with mean 2.2 and SD 1.3 exist.
statcheck
    The cases of its own tests (Epskamp and Nuijten; ``test_error.R``, ``test-decisionerror.R``,
    ``test-error.R``), without those about reading text.
"""

from __future__ import annotations

import pytest
from scipy import stats

from analysis.audit import audit
from analysis.audit.granularity import Answers, grim, grimmer, sd_limits
from analysis.audit.printed import Printed, number
from analysis.audit.samples import example, exists
from analysis.audit.table import rows


def printed(text: str) -> Printed:
    found = number(text)
    assert found is not None
    return found


PIGS1 = [
    ("7.22", 32, True), ("4.74", 25, False), ("5.23", 29, False), ("2.57", 24, False),
    ("6.77", 27, False), ("2.68", 28, True), ("7.01", 29, False), ("7.38", 26, True),
    ("3.14", 27, False), ("6.89", 31, False), ("5.00", 25, True),
]  # fmt: skip
PIGS5 = [
    ("7.22", "5.30", 38, False), ("4.74", "6.55", 31, True), ("5.23", "2.55", 35, False),
    ("2.57", "2.57", 30, True), ("6.77", "2.18", 33, False), ("2.68", "2.59", 34, True),
    ("7.01", "6.68", 35, False), ("7.38", "3.65", 32, True), ("3.14", "5.32", 33, False),
    ("6.89", "4.18", 37, True), ("5.00", "2.18", 31, True), ("0.24", "6.43", 34, True),
]  # fmt: skip


@pytest.mark.parametrize(("mean", "n", "possible"), PIGS1)
def test_grim_of_the_published_table(mean: str, n: int, possible: bool) -> None:
    assert grim(printed(mean), Answers(n)) is possible


@pytest.mark.parametrize(
    ("mean", "n", "items", "possible"),
    [
        ("5.19", 28, 1, False),
        ("5.18", 28, 1, True),
        ("5.18", 14, 2, True),
        ("5.2", 20, 1, True),
        ("5.27", 43, 1, False),
    ],
)
def test_grim_of_single_cases(mean: str, n: int, items: int, possible: bool) -> None:
    assert grim(printed(mean), Answers(n, items)) is possible


@pytest.mark.parametrize(("mean", "sd", "n", "possible"), PIGS5)
def test_grimmer_of_the_published_table(mean: str, sd: str, n: int, possible: bool) -> None:
    answers = Answers(n)
    both = grim(printed(mean), answers) and grimmer(printed(mean), printed(sd), answers)
    assert both is possible


def test_grimmer_of_single_cases() -> None:
    assert grimmer(printed("5.21"), printed("1.6"), Answers(28)) is True
    assert grimmer(printed("3.44"), printed("2.47"), Answers(18)) is False
    # grimmer(mean 7.3, SD 2.51, n 12): the opening example of scrutiny's vignette.
    assert grimmer(printed("7.3"), printed("2.51"), Answers(12)) is False


@pytest.mark.parametrize(
    ("mean", "n", "items", "low", "high"),
    [("4.2", 5, 1, 0.45, 3.03), ("4.2", 5, 2, 0.27, 3.03), ("1.00", 100, 1, 0.0, 0.0)],
)
def test_limits_of_the_sd(mean: str, n: int, items: int, low: float, high: float) -> None:
    found = sd_limits(printed(mean), Answers(n, items, 1, 7))
    assert found is not None
    assert [round(value, 2) for value in found] == [low, high]


def test_sprite_finds_the_sample_of_the_example() -> None:
    answers = Answers(20, 1, 1, 5)
    found = example(printed("2.2"), printed("1.3"), answers)
    assert found is not None and len(found) == 20
    assert set(found) <= {1, 2, 3, 4, 5}
    # Exactly 2.15 is printed 2.2 by programs that round a five up.
    assert printed("2.2").could_be(sum(found) / 20)
    assert printed("1.3").could_be(float(stats.tstd(found)))
    assert exists(printed("2.2"), printed("1.3"), answers) is True


def test_sprite_with_several_items_as_in_its_tests() -> None:
    answers = Answers(15, 3, 1, 5)
    found = example(printed("3.29"), printed("1.29"), answers)
    assert found is not None
    assert round(sum(found) / 15, 2) == 3.29
    assert round(float(stats.tstd(found)), 2) == 1.29


def verdict(statistic: str, df: str, value: str, p: str, tails: str = "") -> tuple[str, bool]:
    first, _, second = df.partition(",")
    record = {"id": "x", "statistic": statistic, "df": first, "df2": second.strip(),
              "value": value, "p": p, "tails": tails}  # fmt: skip
    (row,) = audit(rows([record], "test")).query("check == 'p'").itertuples()
    return str(row.verdict), bool(row.decision)


@pytest.mark.parametrize(
    ("statistic", "df", "value", "p"),
    [
        ("t", "28", "2.20", ".03"), ("F", "2, 28", "2.20", ".15"), ("r", "28", ".22", ".26"),
        ("chi2", "28", "22.20", ".79"), ("z", "", "2.20", ".04"), ("t", "28", "1.20", ".03"),
        ("t", "28", "2.20", ".30"), ("t", "28", "2.20", ".018"), ("t", "28", "22.20", "<.000"),
    ],
)  # fmt: skip
def test_statcheck_errors(statistic: str, df: str, value: str, p: str) -> None:
    assert verdict(statistic, df, value, p)[0] == "inconsistent"


@pytest.mark.parametrize(
    ("value", "p"),
    [
        ("2", ".02"), ("2", ".14"), ("2.2", ".03"), ("2.2", ".04"), ("2.20", ".036"),
        ("2.20", ".037"),
    ],
)  # fmt: skip
def test_statcheck_allows_for_rounding(value: str, p: str) -> None:
    assert verdict("t", "28", value, p) == ("consistent", False)


@pytest.mark.parametrize(
    ("statistic", "df", "value", "p"),
    [
        ("t", "48", "1.02", "<.05"), ("t", "28", "2.20", ".06"), ("t", "28", "1.20", ".03"),
        ("F", "2, 28", "22.20", ".06"), ("F", "2, 28", "2.20", ".03"), ("r", "28", ".22", ".03"),
        ("r", "28", ".52", ".06"), ("chi2", "28", "2.20", ".03"), ("chi2", "28", "52.20", ".06"),
        ("z", "", "1.20", ".03"), ("z", "", "2.20", ".06"), ("t", "100", "1", "<0.001"),
    ],
)  # fmt: skip
def test_statcheck_decision_errors(statistic: str, df: str, value: str, p: str) -> None:
    assert verdict(statistic, df, value, p) == ("inconsistent", True)


def test_statcheck_counts_a_p_of_alpha_as_significant() -> None:
    assert verdict("t", "28", "2.20", ".05")[1] is False


def test_statcheck_one_sided_tests() -> None:
    assert verdict("t", "28", "2.20", ".02", "1")[0] == "consistent"
    assert verdict("t", "28", "2.20", ".018", "1")[0] == "consistent"
    assert verdict("t", "28", "2.20", ".01", "1")[0] == "inconsistent"
    assert verdict("t", "28", "2.20", ".04", "1")[0] == "inconsistent"


T = {p: f"{stats.t.ppf(1 - p / 2, 28):.6f}" for p in (0.04, 0.06)}


@pytest.mark.parametrize(
    ("true", "p", "decision"),
    [
        (0.04, ".04", False), (0.06, ".04", True), (0.04, ".05", False), (0.06, ".05", True),
        (0.04, ".06", True), (0.06, ".06", False),
        (0.04, "<.04", False), (0.06, "<.04", True), (0.04, "<.05", False), (0.06, "<.05", True),
        (0.04, "<.06", False), (0.06, "<.06", False),
        (0.04, ">.04", False), (0.06, ">.04", False), (0.04, ">.05", True), (0.06, ">.05", False),
        (0.04, ">.06", True), (0.06, ">.06", False),
    ],
)  # fmt: skip
def test_statcheck_decisions_near_alpha(true: float, p: str, decision: bool) -> None:
    assert verdict("t", "28", T[true], p)[1] is decision
