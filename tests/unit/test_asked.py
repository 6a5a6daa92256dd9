"""What a notebook is asked about, and the words for it."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

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


@pytest.mark.parametrize(
    ("label", "said"),
    [
        # A time that has a name is one "in" which people answered ...
        ("October 2024", "in October 2024"), ("October", "in October"), ("Sept 2024", "in Sept 2024"),
        ("Autumn term", "in autumn term"), ("Autumn 2024", "in autumn 2024"), ("Summer", "in summer"),
        ("2024", "in 2024"), ("2024/25", "in 2024/25"), ("Term 2", "in term 2"),
        ("Early spring 2025", "in early spring 2025"), ("June and July 2025", "in June and July 2025"),
        # ... and anything else is something "at" which they did, whatever it is called after.
        ("Baseline", "at baseline"), ("Follow-up", "at follow-up"), ("Round 2", "at round 2"),
        ("Autumn survey", "at autumn survey"), ("Baseline 2024", "at baseline 2024"),
        ("End of term", "at end of term"), ("Easter", "at Easter"), ("T1", "at T1"),
    ],
)  # fmt: skip
def test_people_answer_in_a_time_and_at_anything_else(label: str, said: str) -> None:
    page = page_of()
    waves = (page.study.waves[0].model_copy(update={"label": label}), *page.study.waves[1:])
    named = replace(page, study=page.study.model_copy(update={"waves": waves}))
    assert asked.when(named, waves[0].id) == said


def test_one_rule_says_when_in_every_sentence() -> None:
    """No message has a preposition of its own before a wave."""
    for path in sorted((Path(asked.__file__).parent).glob("*.py")):
        if path.name != "asked.py":
            assert not re.findall(
                r"\b(?:at|in) \{(?:wave|first|last)\}", path.read_text("utf-8"), re.I
            ), path.name


def test_a_caption_names_survey_and_instrument_as_the_study_does() -> None:
    page = page_of(result("staff", "spsc", "paired", "all", "difference"))
    assert asked.caption(page, "pupils", "srs", what="x") == "Pupil survey, SRS: x"
    assert asked.caption(page, "pupils", "kidscreen10", "srs", what="x") == "Pupil survey: x"
