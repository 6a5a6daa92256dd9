"""What a notebook is asked about, and the words for it."""

from __future__ import annotations

import pandas as pd
import pytest

from analysis import study as studies
from analysis.disclosure import decide
from analysis.disclosure.release import released
from analysis.errors import AnalystError
from analysis.prepare import load_instruments
from analysis.present import asked
from analysis.present.page import Page
from analysis.results import COHORT, Result, ledger
from tests.conftest import ROOT

STUDY = studies.load(ROOT / "data/raw")


def page_of(*results: Result) -> Page:
    shown = released(decide(ledger(results, STUDY.edition.id), STUDY))
    return Page(STUDY, COHORT, shown, pd.DataFrame(), pd.DataFrame(), load_instruments(STUDY))


def result(source: str, instrument: str, analysis: str, group: str, statistic: str) -> Result:
    wave = "t1" if analysis == "response" else "t1-t2"
    measure = "responded" if analysis == "response" else "morale"
    return Result(
        COHORT, source, instrument, analysis, measure, wave, group, statistic, 50.0, 50.0,
        n_schools=10.0,
    )  # fmt: skip


def test_a_survey_that_is_not_named_is_the_first_that_anybody_answered() -> None:
    assert asked.survey_of(page_of(result("pupils", "survey", "response", "all", "count"))) == (
        "pupils"
    )
    nobody = page_of(result("staff", "spsc", "paired", "all", "difference"))
    assert asked.survey_of(nobody) == "staff"
    assert asked.survey_of(nobody, "pupils") == "pupils"
    with pytest.raises(AnalystError, match="no survey 'parents'"):
        asked.survey_of(nobody, "parents")


def test_an_instrument_that_is_not_named_is_that_of_the_headline() -> None:
    page = page_of(result("staff", "spsc", "paired", "all", "difference"))
    assert asked.instrument_of(page, "pupils") == "kidscreen10"
    assert asked.instrument_of(page, "pupils", "srs") == "srs"
    with pytest.raises(AnalystError, match="no instrument 'spsc'"):
        asked.instrument_of(page, "pupils", "spsc")


def test_groups_are_those_that_were_tested_and_have_results_in_order() -> None:
    tested = [
        result("staff", "spsc", "moderation", name, "p")
        for name in ("reporting_phase", "role", "years_in_school")
    ]
    groups = (
        "primary", "secondary", "leader", "teacher", "years_in_school_over_10",
        "years_in_school_from_4_to_10", "years_in_school_under_1",
    )  # fmt: skip
    own = [result("staff", "spsc", "level", name, "mean") for name in groups]
    found = {each.id: each.groups for each in asked.groupings(page_of(*tested, *own), "staff")}
    assert list(found) == ["reporting_phase", "role", "years_in_school"]
    assert list(found["role"]) == ["leader", "teacher"]
    assert list(found["years_in_school"]) == [
        f"years_in_school_{each}" for each in ("under_1", "from_4_to_10", "over_10")
    ]
    # One group alone is set beside nothing.
    alone = page_of(*tested, own[2])
    assert [each.id for each in asked.groupings(alone, "staff")] == []


@pytest.mark.parametrize(
    ("label", "inside"),
    [
        ("Follow-up", "follow-up"), ("Baseline", "baseline"), ("May 2013", "May 2013"),
        ("Summer term", "summer term"), ("NQT year", "NQT year"), ("T-value", "T-value"),
        ("March", "March"), ("Autumn 2024", "autumn 2024"), ("", ""),
    ],
)  # fmt: skip
def test_labels_inside_a_sentence(label: str, inside: str) -> None:
    assert asked.inside(label) == inside


def test_a_caption_names_survey_and_instrument_as_the_study_does() -> None:
    page = page_of(result("staff", "spsc", "paired", "all", "difference"))
    assert asked.caption(page, "pupils", "srs", what="x") == "Pupil survey, SRS: x"
    assert asked.caption(page, "pupils", "kidscreen10", "srs", what="x") == "Pupil survey: x"
