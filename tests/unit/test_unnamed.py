"""Single schools in the programme's report: no names, no more than their own reports show."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.disclosure import decide, released
from analysis.present import trends
from analysis.present.page import Page
from analysis.results import COHORT, Result, ledger
from analysis.statistics import beside, change, each_school, level, response
from tests.unit.test_evidence import INSTRUMENTS, STUDY
from tests.unit.test_statistics_edges import STAFF, prepared

#: Of S04, too few answered at the follow-up; it would stand in the middle.
FOUND = prepared([9, 8, 12, 8, 2, 9, 8, 9, 8, 9], only_first=6)
SCHOOLS = FOUND.schools.assign(invited_pupils_t1=40.0, invited_pupils_t2=40.0)


def results() -> list[Result]:
    questions = (
        response.response, level.scores, beside.beside, change.paired, each_school.each_school,
    )  # fmt: skip
    return [found for question in questions for found in question(FOUND, STAFF)]


@pytest.fixture(scope="module")
def decided() -> pd.DataFrame:
    return decide(ledger(results(), STUDY.edition.id), STUDY, SCHOOLS)


def places(decided: pd.DataFrame) -> pd.DataFrame:
    rows = decided[decided["analysis"] == "schools"]
    return rows.pivot(index="group", columns="wave", values="released_value")


def test_each_schools_levels_are_those_of_its_own_report(decided: pd.DataFrame) -> None:
    own = decided[(decided["analysis"] == "level") & (decided["statistic"] == "mean")]
    own = own[(own["unit"] != COHORT) & (own["measure"] == "total") & (own["group"] == "all")]
    whole = own.pivot(index="unit", columns="wave", values="released_value")
    assert whole.loc["S04", "t2"] != whole.loc["S04", "t2"], "too few, so withheld"
    whole = whole.dropna(how="all")
    shown = places(decided).dropna(how="all")
    assert len(shown) == len(whole) > 5
    pd.testing.assert_frame_equal(
        shown.sort_values(["t1", "t2"], ignore_index=True).reset_index(drop=True),
        whole.sort_values(["t1", "t2"], ignore_index=True).reset_index(drop=True),
        check_names=False,
    )


@pytest.mark.parametrize("analysis", ["schools", "funnel"])
def test_a_place_tells_nothing_of_what_is_withheld(decided: pd.DataFrame, analysis: str) -> None:
    rows = decided[(decided["analysis"] == analysis) & (decided["group"] != "all")]
    rows = rows[rows["statistic"].isin(["mean", "difference"])]
    waves = [list(rows["wave"])] if analysis == "funnel" else [["t1"]]
    for (measure, wave), same in rows[rows["wave"].isin(waves[0])].groupby(["measure", "wave"]):
        values = same.sort_values("group")["released_value"].round(2)
        shown = values.notna().to_numpy()
        # No gap among the places shown, and they fall.
        assert (np.flatnonzero(shown) == np.arange(shown.sum())).all(), (measure, wave)
        assert (np.diff(values[shown]) <= 0).all(), (measure, wave)
    ids = decided["id"]
    assert (ids == decided[["source", "instrument", "analysis", "measure", "wave", "group",
                            "statistic"]].agg(".".join, axis=1)).all()  # fmt: skip
    assert not decided.duplicated(["unit", "id"]).any()


def test_it_does_not_matter_which_places_the_ledger_gives(decided: pd.DataFrame) -> None:
    turned = []
    for each in results():
        if each.group.startswith("place_"):
            number = int(each.group.removeprefix("place_"))
            each = replace(each, group=f"place_{(7 * number) % 11:03d}")
        turned.append(each)
    again = decide(ledger(turned, STUDY.edition.id), STUDY, SCHOOLS)
    columns = ["unit", "id", "released_value", "release", "reason"]
    pd.testing.assert_frame_equal(
        again[columns].sort_values(["unit", "id"], ignore_index=True),
        decided[columns].sort_values(["unit", "id"], ignore_index=True),
    )


def test_schools_are_drawn_each_in_a_panel_and_counted_as_drawn(decided: pd.DataFrame) -> None:
    page = Page(STUDY, COHORT, released(decided), pd.DataFrame(), pd.DataFrame(), INSTRUMENTS)
    figure, said = (
        show(page, "staff", "spsc") for show in (trends.each_school, trends.each_school_said)
    )
    assert figure is not None and said is not None
    assert figure.narrow and "S0" not in figure.alt + figure.svg
    assert "schools" in {part.id.split(".")[2] for part in figure.parts}
    both = places(decided).dropna()
    moved = both["t2"].round(2) - both["t1"].round(2)
    words = ["none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
    for count, word in (((moved > 0).sum(), "higher"), ((moved < 0).sum(), "lower")):
        assert (f"{word} in {words[count]}" in said.markdown()) == bool(count)
    assert trends.each_school(replace(page, unit="S00"), "staff", "spsc") is None
