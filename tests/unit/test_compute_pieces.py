"""What was computed before is kept only where it rests on the same data: always the same ledger."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from analysis import compute as computing
from analysis import questions
from analysis import study as studies
from analysis.compute import Data, Kept, Piece, compute
from analysis.errors import AnalystError
from analysis.prepare import Prepared, prepare
from analysis.results import COHORT
from tests.conftest import ROOT

Change = Callable[[Prepared], Prepared]
QUICK = (
    "statistics.response:response", "statistics.level:scores", "statistics.beside:beside",
    "statistics.this_year:this_year", "statistics.attrition:against_reference",
    "statistics.outcomes:rates", "statistics.quality:rows", "statistics.delivery:hours",
)  # fmt: skip


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """The demonstration study's data."""
    return prepare(studies.load(ROOT / "data" / "raw"), tmp_path_factory.mktemp("key"))


def only_quick(patched: pytest.MonkeyPatch) -> None:
    asked = tuple(each for each in questions.QUESTIONS if each.function in QUICK)
    patched.setattr(questions, "QUESTIONS", asked)
    patched.setattr(computing, "BLOCK", 5)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only questions that are quickly answered, of blocks of five schools."""
    only_quick(monkeypatch)


@pytest.fixture(scope="module")
def before(
    prepared: Prepared, tmp_path_factory: pytest.TempPathFactory
) -> tuple[pd.DataFrame, Path]:
    """The ledger of these questions, and where its pieces are kept."""
    folder = tmp_path_factory.mktemp("before")
    with pytest.MonkeyPatch.context() as patched:
        only_quick(patched)
        return compute(prepared, Kept(folder, "settings")), folder


@pytest.fixture
def computed(quick: None, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of pieces, as they are computed."""
    names: list[str] = []
    before = computing._computed

    def noted(data: Data, piece: Piece) -> pd.DataFrame:
        names.append(piece.name)
        return before(data, piece)

    monkeypatch.setattr(computing, "_computed", noted)
    return names


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
    frame.loc[row, "school"] = "S11"
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


def another_count(prepared: Prepared) -> Prepared:
    files = prepared.quality["files"].copy()
    files["read"] += 1
    return replace(prepared, quality={**prepared.quality, "files": files})


def other_rows_in_the_file(prepared: Prepared) -> Prepared:
    frame = prepared.surveys["pupils"].copy()
    frame["row"] += 1
    return survey_rows(prepared, frame)


def another_answer(prepared: Prepared) -> Prepared:
    """To KIDSCREEN, so that nothing of the other instrument is touched."""
    frame = prepared.surveys["pupils"].copy()
    row = frame.index[(frame["school"] == "S09") & frame["KS01"].notna()][0]
    frame.loc[row, "kidscreen10.t_value"] = frame.loc[row, "kidscreen10.t_value"] + 1
    return survey_rows(prepared, frame)


def the_same(prepared: Prepared) -> Prepared:
    return prepared


def programme(*surveys: str) -> set[str]:
    """Pieces of surveys that rest on everybody."""
    found = set()
    for survey in surveys:
        found |= {
            f"{survey}.{name}" for name in ("attrition-against_reference", "response-response")
        }
        for each in INSTRUMENTS[survey]:
            asked = ("beside-beside", "level-scores", "this_year-this_year")
            found |= {f"{survey}.{each}.{name}" for name in asked}
    return found


INSTRUMENTS = {"staff": ("spsc",), "pupils": ("kidscreen10", "srs")}


OF_OTHERS = {"quality.quality-rows", "others.delivery-hours", "outcomes.outcomes-rates"}


@pytest.mark.parametrize(
    ("change", "again"),
    [
        (the_same, set()),
        (other_rows_in_the_file, set()),
        (one_gone, programme("pupils") | {"pupils.schools-0001"}),
        (
            another_answer,
            {name for name in programme("pupils") if ".srs." not in name} | {"pupils.schools-0001"},
        ),
        (nobody_left, programme("pupils") | {"pupils.schools-0001"}),
        (one_moved, programme("pupils") | {"pupils.schools-0001", "pupils.schools-0002"}),
        # Everything is looked at by what is known of a school.
        (
            more_invited,
            programme("staff", "pupils")
            | {"staff.schools-0001", "pupils.schools-0001"}
            | OF_OTHERS,
        ),
        (another_population, programme("staff", "pupils") | {"others.delivery-hours"}),
        (another_outcome, {"outcomes.outcomes-rates", "others.delivery-hours"}),
        (another_count, {"quality.quality-rows"}),
    ],
)
def test_only_what_rests_on_a_change_is_computed_and_the_ledger_is_the_same(
    prepared: Prepared,
    before: tuple[pd.DataFrame, Path],
    tmp_path: Path,
    computed: list[str],
    change: Change,
    again: set[str],
) -> None:
    ledger, folder = before
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    changed = change(prepared)
    found = compute(changed, Kept(tmp_path, "settings"))
    assert set(computed) == again
    pd.testing.assert_frame_equal(found, compute(changed) if again else ledger, check_exact=True)
    assert found.equals(ledger) == (not again)


def test_other_settings_are_computed_anew_and_what_is_no_longer_asked_goes(
    prepared: Prepared, tmp_path: Path, computed: list[str]
) -> None:
    compute(prepared, Kept(tmp_path, "some"))
    first = set(computed)
    computed.clear()
    compute(prepared, Kept(tmp_path, "others"))
    assert set(computed) == first
    assert len(list((tmp_path / computing.KEPT).glob("*.parquet"))) == len(first)


def test_a_new_school_is_computed_and_one_that_left_is_gone(
    prepared: Prepared, tmp_path: Path, quick: None
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
    kept = Kept(tmp_path, "settings")
    for study in (without, prepared, without):
        found = compute(study, kept)
        pd.testing.assert_frame_equal(found, compute(study), check_exact=True)


def test_a_piece_is_computed_from_nothing_that_is_not_looked_at(prepared: Prepared) -> None:
    data = Data(prepared)
    for piece in computing._pieces(prepared):
        found = data.of(piece)
        if piece.source in prepared.surveys:
            assert set(found.surveys) == {piece.source}
            assert set(found.strands) <= {"reference_population", "sessions"}
            assert not found.quality and not found.documents
        else:
            assert not found.surveys
            assert bool(found.quality) == (piece.source == "quality")
        if piece.instrument:
            (survey,) = (each for each in found.study.surveys if each.id == piece.source)
            assert list(survey.instruments) == [piece.instrument]
            for other in set(INSTRUMENTS[piece.source]) - {piece.instrument}:
                assert not [c for c in found.surveys[piece.source] if c.startswith(f"{other}.")]
        if piece.of_schools:
            assert set(found.surveys[piece.source]["school"]) <= (piece.units or set())


def test_where_only_scores_are_asked_for_nobodys_answers_are_read(prepared: Prepared) -> None:
    data = Data(prepared)
    items = {item.code for each in prepared.instruments.values() for item in each.items}
    seen = set()
    for piece in computing._pieces(prepared):
        if piece.source in prepared.surveys:
            of_items = piece.of_schools or questions.of_items(piece.functions[0])
            columns = set(data.of(piece).surveys[piece.source].columns)
            assert bool(columns & items) == of_items, piece.name
            seen.add(of_items)
    assert seen == {True, False}


def test_what_a_question_says_of_each_school_is_registered(prepared: Prepared) -> None:
    """Or it would not be computed: pieces of schools ask only these questions."""
    (survey,) = (each for each in prepared.study.surveys if each.id == "staff")
    for function in questions.functions("survey", pair=True):
        if function in QUICK or function.endswith(("paired", "items")):
            found = computing._function(function)(replace(prepared, units=None), survey)
            of_schools = any(each.unit != COHORT for each in found)
            own = function in questions.functions("survey", pair=True, schools=True)
            assert of_schools == (own or questions.over_schools(function)), function


def test_after_a_stop_only_the_rest_is_computed(
    prepared: Prepared, tmp_path: Path, computed: list[str]
) -> None:
    kept = Kept(tmp_path, "settings")

    def stopped(done: int, of: int) -> None:
        if done == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        compute(prepared, kept, report=stopped)
    before = set(computed)
    computed.clear()
    found = compute(prepared, kept)
    assert len(before) == 4
    assert not before & set(computed)
    pd.testing.assert_frame_equal(found, compute(prepared), check_exact=True)


def test_a_piece_that_fails_stops_no_other_and_is_computed_alone_when_it_is_put_right(
    prepared: Prepared, tmp_path: Path, computed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from analysis.statistics import level

    def wrong(*_: object) -> None:
        raise ZeroDivisionError("of nobody")

    kept = Kept(tmp_path, "settings")
    with monkeypatch.context() as patched:
        patched.setattr(level, "scores", wrong)
        with pytest.raises(AnalystError) as error:
            compute(prepared, kept)
    assert "ZeroDivisionError: of nobody" in str(error.value)
    computed.clear()
    compute(prepared, kept)
    assert {name.rpartition(".")[2] for name in computed} == {
        "level-scores", *(f"schools-{number:04}" for number in range(4))
    }  # fmt: skip


@pytest.mark.verify
@pytest.mark.parametrize("change", [one_gone, one_moved, another_outcome])
def test_every_result_is_the_same(prepared: Prepared, tmp_path: Path, change: Change) -> None:
    kept = Kept(tmp_path, "settings")
    compute(prepared, kept)
    changed = change(prepared)
    pd.testing.assert_frame_equal(compute(changed, kept), compute(changed), check_exact=True)
