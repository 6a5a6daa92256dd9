"""The audit of printed statistics: what it reads, what it checks, what it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis.audit import audit, audit_file, summary_lines
from analysis.audit.paired import Paired, correlations, smallest_t
from analysis.audit.parts import mixture, shares
from analysis.audit.printed import Printed, number, p_value, rounded
from analysis.audit.table import rows
from analysis.errors import AnalystError


def printed(text: str) -> Printed:
    found = number(text)
    assert found is not None
    return found


def verdicts(*records: dict[str, str]) -> dict[tuple[str, str], str]:
    found = audit(rows(list(records), "test"))
    return {(row.id, row.check): row.verdict for row in found.itertuples()}


@pytest.mark.parametrize(
    ("text", "value", "decimals"),
    [
        (".53", 0.53, 2),
        ("4.0", 4.0, 1),
        ("2,794", 2794, 0),
        ("-.283", -0.283, 3),
        ("−1.5", -1.5, 1),
    ],
)
def test_printed_numbers(text: str, value: float, decimals: int) -> None:
    assert (printed(text).value, printed(text).decimals) == (value, decimals)


@pytest.mark.parametrize("text", ["", "-", ".", "12a", "1,2", "ns", "3.4.5", "1e5"])
def test_what_is_no_number(text: str) -> None:
    assert number(text) is None


def test_printed_p_values() -> None:
    below, none, exact = p_value("<.01"), p_value("ns"), p_value("p = .030")
    assert below is not None and (below.low, below.high, below.significant) == (0, 0.01, True)
    assert none is not None and (none.low, none.significant) == (0.05, False)
    assert exact is not None and exact.exact and (exact.low, exact.high) == (0.0295, 0.0305)
    assert p_value("1.5") is None and p_value("small") is None


def test_a_five_goes_up_as_in_reports() -> None:
    assert rounded(0.125, 2) == 0.13
    assert rounded(-0.125, 2) == -0.13
    assert rounded(2.675, 2) == 2.68


TABLE = {
    "statistic": "t", "value": "-2.83", "p": "<.01", "n": "109", "minimum": "1", "maximum": "5",
    "mean": "3.74", "sd": ".53", "mean2": "3.84", "sd2": ".51",
}  # fmt: skip


def test_a_sound_paired_test() -> None:
    found = verdicts({"id": "a", **TABLE})
    assert set(found.values()) <= {"consistent", "not testable"}
    assert found["a", "p"] == "consistent" and found["a", "correlation"] == "consistent"


def test_a_misplaced_decimal_point_shows_in_p_and_in_the_correlation() -> None:
    found = audit(rows([{"id": "a", **TABLE, "value": "-.283", "df": "107"}], "test"))
    wrong = found[found["verdict"] == "inconsistent"].set_index("check")
    assert set(wrong.index) == {"p", "df", "correlation"}
    assert bool(wrong.loc["p", "decision"])
    assert "0.89" in wrong.loc["correlation", "reason"]


def test_correlations_of_a_paired_table() -> None:
    """The ranges of facts on inconsistencies, B16, worked out there by another program."""
    for cells, low, high in (
        (("3.74", ".53", "3.84", ".51", "-2.83"), 0.69, 0.80),
        (("3.81", ".75", "3.92", ".73", "-1.53"), 0.38, 0.59),
        (("2.78", ".79", "2.99", ".83", "-3.05"), 0.56, 0.65),
        (("3.55", ".76", "3.73", ".76", "-2.64"), 0.50, 0.62),
        (("3.80", ".78", "3.92", ".72", "-2.09"), 0.62, 0.74),
        (("3.94", ".65", "3.95", ".59", "-.25"), 0.04, 1.00),
    ):
        test = Paired(*(printed(cell) for cell in cells), n=109)
        found = correlations(test)
        # There the number of pairs was 108 or 109, and so the range a little wider.
        assert found.low == pytest.approx(low, abs=0.012)
        assert found.high == pytest.approx(high, abs=0.012)
    wrong = Paired(*(printed(c) for c in ("3.74", ".53", "3.84", ".51", "-.283")), n=109)
    assert not correlations(wrong).possible
    assert smallest_t(wrong) == pytest.approx(0.89, abs=0.01)


def test_percentages_from_counts() -> None:
    found = audit(
        rows(
            [
                {"id": "good", "n": "96", "count": "55", "percent": "57.3"},
                {"id": "bad", "n": "96", "count": "25", "percent": "26.1"},
                {"id": "none", "n": "6", "percent": "40"},
            ],
            "test",
        )
    ).set_index("id")
    assert found["verdict"].tolist() == ["consistent", "inconsistent", "inconsistent"]
    assert "26.04%" in found.loc["bad", "reason"]


def test_totals_from_parts() -> None:
    found = verdicts(
        {"id": "all", "n": "204", "mean": "3.66", "parts": "a b"},
        {"id": "a", "n": "106", "mean": "3.74"},
        {"id": "b", "n": "96", "mean": "3.49"},
    )
    assert found["all", "parts of n"] == "inconsistent"
    # (106 x 3.74 + 96 x 3.49) / 202 is 3.62, and not printed 3.66.
    assert found["all", "parts of mean"] == "inconsistent"
    unweighted = verdicts(
        {"id": "all", "mean": "3.66", "parts": "a b"},
        {"id": "a", "mean": "3.74"},
        {"id": "b", "mean": "3.49"},
    )
    assert unweighted["all", "parts of mean"] == "consistent"


def test_shares_that_a_mixture_allows() -> None:
    found = shares(printed("3.45"), printed("3.66"), printed("3.05"))
    assert found == (pytest.approx(0.639, abs=1e-3), pytest.approx(0.672, abs=1e-3))
    assert shares(printed("3.45"), printed("3.05"), printed("3.66")) == (
        pytest.approx(0.328, abs=1e-3), pytest.approx(0.361, abs=1e-3),
    )  # fmt: skip
    assert not mixture(printed("4.10"), [printed("3.66"), printed("3.05")], None)


def test_means_outside_the_range_and_impossible_spreads() -> None:
    answered = {"n": "10", "items": "1", "minimum": "1", "maximum": "5"}
    found = verdicts(
        {"id": "out", **answered, "mean": "5.6"},
        {"id": "wide", **answered, "mean": "3.0", "sd": "2.9"},
    )
    assert found["out", "range of mean"] == "inconsistent"
    assert found["wide", "limits of sd"] == "inconsistent"


def test_many_people_leave_every_mean_possible() -> None:
    found = audit(rows([{"id": "a", "n": "109", "mean": "3.74"}], "test"))
    assert found["verdict"].tolist() == ["not testable"]
    assert "whatever the number of items" in found["reason"].iloc[0]


def test_a_one_sided_test_is_pointed_out() -> None:
    found = audit(
        rows([{"id": "a", "statistic": "t", "value": "1.70", "df": "58", "p": ".047"}], "test")
    )
    assert found["verdict"].tolist() == ["inconsistent"]
    assert "one-sided" in found["reason"].iloc[0]


def test_a_file_with_its_summary(tmp_path: Path) -> None:
    path = tmp_path / "printed.csv"
    path.write_text(
        "id,n,count,percent,note\nfsm,96,25,26.1,table 3\nsen,96,11,11.5,\n", encoding="utf-8"
    )
    found = audit_file(path)
    lines = summary_lines(found)
    assert lines[0].startswith("fsm: percent: 25 of 96 is 26.04%")
    assert lines[-1] == "2 checks of 2 rows: 1 consistent, 1 inconsistent, 0 not testable."


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "no rows"),
        ("id,colour\na,red\n", "'colour' is not known"),
        ("id,mean\na,high\n", "'high' is not a number"),
        ("id,n\na,12.5\n", "not a whole number"),
        ("id,n\na,0\n", "above nought"),
        ("id,p\na,tiny\n", "not a p-value"),
        ("id,statistic\na,U\n", "not one of"),
        ("id,parts\na,b\n", "no row"),
        ("id,n\na,5\na,6\n", "used twice"),
        ("id,n\na,5,6\n", "more cells"),
    ],
)
def test_mistakes_in_the_file_are_named(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "printed.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(AnalystError, match=said):
        audit_file(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(AnalystError, match="missing"):
        audit_file(tmp_path / "none.csv")
