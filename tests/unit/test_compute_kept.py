"""What was computed before is kept only where it rests on the same data: always the same ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pandas as pd
import pytest

from analysis import compute as computing
from analysis import study as studies
from analysis.compute import compute, prints
from analysis.prepare import Prepared, prepare
from analysis.results import COHORT, Before, Result
from analysis.statistics import attrition, beside, level, response, this_year
from analysis.study import Survey
from tests.conftest import ROOT

Change = Callable[[Prepared], Prepared]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """The demonstration study's data."""
    return prepare(studies.load(ROOT / "data" / "raw"), tmp_path_factory.mktemp("key"))


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, frozenset[str] | None]]:
    """Which units are computed of what, with only the quick results of surveys."""
    found: list[tuple[str, frozenset[str] | None]] = []
    of_outcomes = computing._of_outcomes

    def of_survey(prepared: Prepared, survey: Survey) -> Iterator[Result]:
        found.append((survey.id, prepared.units))
        yield from response.response(prepared, survey)
        yield from level.scores(prepared, survey)
        yield from beside.beside(prepared, survey)
        yield from this_year.this_year(prepared, survey)
        yield from attrition.against_reference(prepared, survey)

    def outcomes(prepared: Prepared) -> Iterator[Result]:
        found.append(("outcomes", prepared.units))
        yield from of_outcomes(prepared)

    monkeypatch.setattr(computing, "_of_survey", of_survey)
    monkeypatch.setattr(computing, "_of_outcomes", outcomes)
    monkeypatch.setattr(computing, "_others", lambda prepared: iter(()))
    return found


def survey_rows(prepared: Prepared, frame: pd.DataFrame, survey: str = "pupils") -> Prepared:
    """The study with another table of a survey."""
    frames = {**prepared.surveys, survey: frame.reset_index(drop=True)}
    return replace(prepared, surveys=frames)


def one_gone(prepared: Prepared) -> Prepared:
    frame = prepared.surveys["pupils"]
    return survey_rows(prepared, frame.drop(index=frame.index[frame["school"] == "S09"][-1]))


def one_moved(prepared: Prepared) -> Prepared:
    frame = prepared.surveys["pupils"].copy()
    waves = frame.groupby("respondent")["wave"].nunique()
    twice = frame["respondent"].isin(waves.index[waves == 2])
    row = frame.index[twice & (frame["school"] == "S09") & (frame["wave"] == "T2")][0]
    frame.loc[row, "school"] = "S10"
    return survey_rows(prepared, frame)


def nobody_left(prepared: Prepared) -> Prepared:
    frame = prepared.surveys["pupils"]
    return survey_rows(prepared, frame[frame["school"] != "S09"])


def more_invited(prepared: Prepared) -> Prepared:
    schools = prepared.schools.copy()
    schools.loc[schools["id"] == "S09", "invited_pupils_t1"] = 999
    return replace(prepared, schools=schools)


def another_population(prepared: Prepared) -> Prepared:
    table = prepared.strands["reference_population"].copy()
    table.loc[table["survey"] == "pupils", "count"] = range(
        1, (table["survey"] == "pupils").sum() + 1
    )
    return replace(prepared, strands={**prepared.strands, "reference_population": table})


def another_outcome(prepared: Prepared) -> Prepared:
    table = prepared.strands["outcomes"].copy()
    row = table.index[(table["school"] == "S09") & table["numerator"].notna()][0]
    table.loc[row, "numerator"] += 1
    return replace(prepared, strands={**prepared.strands, "outcomes": table})


def other_rows_in_the_file(prepared: Prepared) -> Prepared:
    frame = prepared.surveys["pupils"].copy()
    frame["row"] += 1
    return survey_rows(prepared, frame)


def the_same(prepared: Prepared) -> Prepared:
    return prepared


OF_PUPILS = {("pupils", frozenset({COHORT, "S09"}))}


@pytest.mark.parametrize(
    ("change", "again"),
    [
        (the_same, set()),
        (other_rows_in_the_file, set()),
        (one_gone, OF_PUPILS),
        (nobody_left, OF_PUPILS),
        (one_moved, {("pupils", frozenset({COHORT, "S09", "S10"}))}),
        # Surveys of both, and the outcomes, are looked at by what is known of a school.
        (
            more_invited,
            {(part, frozenset({COHORT, "S09"})) for part in ("staff", "pupils", "outcomes")},
        ),
        (another_population, {(part, frozenset({COHORT})) for part in ("staff", "pupils")}),
        (another_outcome, {("outcomes", frozenset({COHORT, "S09"}))}),
    ],
)
def test_only_what_rests_on_a_change_is_computed_and_the_ledger_is_the_same(
    prepared: Prepared,
    asked: list[tuple[str, frozenset[str] | None]],
    change: Change,
    again: set[tuple[str, frozenset[str]]],
) -> None:
    before = Before(compute(prepared), prints(prepared))
    changed = change(prepared)
    asked.clear()
    found = compute(changed, before)
    assert set(asked) == again
    pd.testing.assert_frame_equal(found, compute(changed), check_exact=True)
    if again:
        assert not found.equals(before.ledger)


def test_a_new_school_is_computed_and_one_that_left_is_gone(
    prepared: Prepared, asked: list[tuple[str, frozenset[str] | None]]
) -> None:
    without = replace(
        prepared,
        schools=prepared.schools[prepared.schools["id"] != "S09"],
        surveys={k: f[f["school"] != "S09"] for k, f in prepared.surveys.items()},
        strands={
            name: rows[rows["school"] != "S09"] if "school" in rows else rows
            for name, rows in prepared.strands.items()
        },
    )
    for old, new in ((without, prepared), (prepared, without)):
        found = compute(new, Before(compute(old), prints(old)))
        pd.testing.assert_frame_equal(found, compute(new), check_exact=True)


def test_a_survey_is_computed_from_nothing_that_is_not_looked_at(
    prepared: Prepared, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Prepared] = []
    monkeypatch.setattr(
        computing, "_of_survey", lambda found, survey: iter(seen.append(found) or ())
    )
    monkeypatch.setattr(computing, "_others", lambda found: iter(()))
    compute(prepared)
    for found, survey in zip(seen, prepared.study.surveys, strict=True):
        assert set(found.surveys) == {survey.id}
        assert set(found.strands) <= {"reference_population", "sessions"}
        assert not found.quality
        assert not found.documents


@pytest.mark.verify
@pytest.mark.parametrize("change", [one_gone, one_moved, another_outcome])
def test_every_result_is_the_same(prepared: Prepared, change: Change) -> None:
    before = Before(compute(prepared), prints(prepared))
    changed = change(prepared)
    pd.testing.assert_frame_equal(compute(changed, before), compute(changed), check_exact=True)
