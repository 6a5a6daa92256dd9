"""Whose rows belong together over the waves, and how that is counted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.prepare.linking import link, persons
from analysis.prepare.respondents import comparable
from analysis.statistics import quality
from analysis.study import Rules
from tests.unit.test_prepare_rules import row, run


def linked(rows: list[tuple[int, str, str]], **rules: Any) -> list[tuple[int, str]]:
    """Person (numbered from 0 by first row) of rows of wave, school, code, and link to its first.

    ``single`` where there is no other row of the person.
    """
    frame = pd.DataFrame(rows, columns=["wave", "school", "code"])
    frame["plain"] = frame["code"].map(comparable)
    found = persons(frame, Rules(**rules))
    people = pd.factorize(found["person"])[0].tolist()
    first = found.loc[[people.index(person) for person in people]]
    how = link(*((found[each], first[each]) for each in ("written", "compared")))
    alone = [people.count(person) == 1 for person in people]
    return list(zip(people, np.where(alone, "single", how).tolist(), strict=True))


@pytest.mark.parametrize(
    ("first", "second", "rule", "link"),
    [
        ("AB12", "AB12", "exact", "exact"),
        ("AB12", "ab 12", "exact", None),
        ("AB12", "ab 12", "normalised", "normalised"),
        ("AO01", "A001", "normalised", "normalised"),
        ("AB12", "AB13", "normalised", None),
        ("AB12", "AB13", "one_character", "one_character"),
        ("AB12", "AB123", "one_character", "one_character"),
        ("AB12", "A12", "one_character", None),  # shorter than four
        ("ABCD", "ABC", "one_character", None),
        ("AXB12", "ABX12", "one_character", None),  # two characters
    ],
)
def test_codes_link_as_far_as_the_rule_goes(
    first: str, second: str, rule: str, link: str | None
) -> None:
    (one, _), (other, how) = linked([(0, "S1", first), (1, "S1", second)], linking=rule)
    assert (one == other) == (link is not None)
    assert how == (link or "single")


def test_one_character_must_be_unique_in_the_school() -> None:
    rows = [
        (0, "S1", "AB12"),
        (1, "S1", "AB13"),
        (1, "S1", "AB14"),
        (0, "S2", "CD12"),
        (1, "S2", "CD13"),
    ]
    found = linked(rows, linking="one_character")
    assert [how for _, how in found] == ["single"] * 3 + ["exact", "one_character"]


def test_one_character_never_links_between_schools() -> None:
    assert [
        h for _, h in linked([(0, "S1", "AB12"), (1, "S2", "AB13")], linking="one_character")
    ] == ["single"] * 2


def test_somebody_who_changes_school_is_followed_if_nobody_else_has_the_code() -> None:
    assert linked([(0, "S1", "AB12"), (1, "S2", "AB12")]) == [(0, "exact"), (0, "exact")]
    rows = [(0, "S1", "AB12"), (0, "S3", "AB12"), (1, "S2", "AB12")]
    assert [how for _, how in linked(rows)] == ["single"] * 3


def test_two_spellings_at_one_wave_are_two_people() -> None:
    rows = [(0, "S1", "AO01"), (0, "S1", "A001"), (1, "S1", "AO01")]
    found = linked(rows)
    assert found[0][0] == found[2][0] != found[1][0]


def test_more_than_two_waves_and_late_joiners() -> None:
    rows = [
        (0, "S1", "AB12"),
        (1, "S1", "ab12"),
        (3, "S1", "AB 12"),
        (2, "S1", "CD34"),
        (3, "S1", "CD34"),
    ]
    found = linked(rows)
    assert [person for person, _ in found] == [0, 0, 0, 1, 1]
    assert [how for _, how in found] == ["exact"] + ["normalised"] * 2 + ["exact"] * 2


def test_contradictions_are_not_linked(tmp_path: Path) -> None:
    waves = {
        "T1": [row("AB12", sex="f"), row("CD34", sex="f")],
        "T2": [row("AB12", sex="m"), row("CD34", sex="")],
    }
    prepared = run(tmp_path, waves, rules={"must_agree": ["sex"]})
    frame = prepared.surveys["pupils"]
    assert frame["respondent"].nunique() == 3


def test_link_quality_by_school(tmp_path: Path) -> None:
    waves = {
        "T1": [
            row("AA01"), row("AA02"), row("AA03"),
            row("AA04", school="Two"), row("AA05", school="Two"),
        ],
        "T2": [row("AA01"), row("aa02"), row("AA04", school="Three")],
        "T3": [row("AA01")],
    }  # fmt: skip
    prepared = run(tmp_path, waves)
    links = prepared.quality["links"].set_index(["school", "first", "second"])
    assert links.loc[
        ("S1", "T1", "T2"), ["respondents", "exact", "normalised", "unlinked"]
    ].tolist() == [3, 1, 1, 1]
    moved = links.loc[("S2", "T1", "T2")]
    assert moved[["exact", "changed_school", "changed_phase", "unlinked"]].tolist() == [1, 1, 1, 1]
    assert links.loc[("S1", "T1", "T3"), "exact"] == 1
    frame = prepared.surveys["pupils"]
    assert not frame.duplicated(["respondent", "wave"]).any()


def test_change_is_given_without_the_looser_links(tmp_path: Path) -> None:
    """Five people rise by one; one linked by a tidied and one by a close code fall by two."""
    first, last, fallen = (12 * [point] for point in ("3", "4", "1"))
    codes = [f"AB{n}{n}" for n in range(1, 6)]
    waves = {
        "T1": [row(c, answers=first) for c in (*codes, "CD55", "EF66")],
        "T2": [row(c, answers=last) for c in codes]
        + [row("cd55", answers=fallen), row("EF67", answers=fallen)],
    }
    prepared = run(tmp_path, waves, rules={"linking": "one_character"})
    survey = prepared.study.surveys[0]
    results = {
        (r.analysis, r.statistic): r
        for r in quality.linking(prepared, survey)
        if r.measure == "all"
    }
    assert results["same_code", "difference"].value == pytest.approx(1)
    assert results["same_code", "n_kept"].value == 5
    assert results["no_close_code", "difference"].value == pytest.approx(3 / 6)
    # Few left out: nothing of it may leave, since the two changes together would show theirs.
    assert results["same_code", "difference"].n == 2
    assert results["no_close_code", "n_left_out"].n == 1


def test_without_looser_links_there_is_nothing_to_leave_out(tmp_path: Path) -> None:
    prepared = run(tmp_path, {"T1": [row("AB12")], "T2": [row("AB12")]})
    assert not list(quality.linking(prepared, prepared.study.surveys[0]))


def test_links_are_judged_by_the_codes_of_the_two_waves(tmp_path: Path) -> None:
    """Codes that only the wave between writes in capitals are the same at the two around it."""
    codes = [f"ab{n}{n}" for n in range(1, 5)]
    waves = {
        "T1": [row(code) for code in codes],
        "T2": [row(code.upper()) for code in codes[:3]] + [row(codes[3])],
        "T3": [row(code) for code in codes],
    }
    prepared = run(tmp_path, waves)
    links = prepared.quality["links"].set_index(["first", "second"])
    assert links.loc[("T1", "T2"), ["exact", "normalised"]].tolist() == [1, 3]
    assert links.loc[("T1", "T3"), ["exact", "normalised"]].tolist() == [4, 0]
    assert links.loc[("T2", "T3"), ["exact", "normalised"]].tolist() == [1, 3]
    survey = prepared.study.surveys[0]
    between = {("T1", "T3"): 0, ("T1", "T2"): 3}
    for (baseline, followup), left_out in between.items():
        study = prepared.study.model_copy(update={"baseline": baseline, "followup": followup})
        results = quality.linking(replace(prepared, study=study), survey)
        assert {r.value for r in results if r.statistic == "n_left_out"} == (
            {left_out} if left_out else set()
        )


def test_order_of_rows_does_not_matter() -> None:
    rows = [
        (0, "S1", "AB12"),
        (1, "S1", "AB13"),
        (1, "S2", "AO10"),
        (0, "S2", "A010"),
        (1, "S3", "CD34"),
        (0, "S1", "CD34"),
    ]
    frame = pd.DataFrame(rows, columns=["wave", "school", "code"])
    frame["plain"] = frame["code"].map(comparable)
    rules = Rules(linking="one_character")
    one = persons(frame, rules)
    other = persons(frame.iloc[::-1], rules).sort_index()
    pd.testing.assert_frame_equal(
        one[["written", "compared"]].iloc[[0, 1]], other[["written", "compared"]].iloc[[0, 1]]
    )
    pd.testing.assert_series_equal(one["identity"], other["identity"])
    pd.testing.assert_series_equal(one["school"], other["school"])
