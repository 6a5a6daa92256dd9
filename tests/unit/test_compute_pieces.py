"""What was computed before is kept only where it rests on the same data: always the same ledger."""

from __future__ import annotations

import gc
import shutil
import weakref
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pandas as pd
import pytest

from analysis import compute as computing
from analysis import questions, releasing
from analysis import study as studies
from analysis.compute import Data, Kept, Piece, compute
from analysis.disclosure import store
from analysis.errors import AnalystError
from analysis.prepare import Prepared, linking, prepare
from analysis.results import COHORT
from tests.conftest import ROOT

if TYPE_CHECKING:
    from distributed import Client

Change = Callable[[Prepared], Prepared]
STUDIES = ROOT / "tests" / "studies"
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
        return compute(prepared, Kept(folder, "code")), folder


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


def linked_in_another_way(prepared: Prepared) -> Prepared:
    """As those are who answer once more."""
    frame = prepared.surveys["pupils"].copy()
    frame[linking.WRITTEN] = (frame["wave"] == "T2").astype("int16")
    return survey_rows(prepared, frame)


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


def of(*waves: str, survey: str = "pupils", instruments: str = "", schools: str = "") -> set[str]:
    """Pieces of a survey about some waves, as they are named: of the programme, and of the blocks
    of schools that begin with one of these."""
    at = "-".join(waves)
    found = {f"{survey}.{at}.schools-{first}" for first in schools.split()}
    asked = instruments.split() or INSTRUMENTS[survey]
    if len(waves) > 1:
        return found | {f"{survey}.{at}.scores"}
    found |= {f"{survey}.{instrument}.{at}.scores" for instrument in asked}
    if at == "T1":
        return found | {f"{survey}.T1.scores-reference_population"}
    return found | {f"{survey}.{instrument}.{at}.schools" for instrument in asked}


INSTRUMENTS = {"staff": ("spsc",), "pupils": ("kidscreen10", "srs")}


@pytest.mark.parametrize(
    ("change", "again"),
    [
        (the_same, set()),
        (other_rows_in_the_file, set()),
        (linked_in_another_way, set()),
        (one_gone, of("T2", schools="S06") | of("T1", "T2", schools="S06")),
        (
            another_answer,
            of("T1", instruments="kidscreen10", schools="S06") | of("T1", "T2", schools="S06"),
        ),
        (
            nobody_left,
            of("T1", schools="S06") | of("T2", schools="S06") | of("T1", "T2", schools="S06"),
        ),
        (one_moved, of("T2", schools="S06 S11") | of("T1", "T2", schools="S06 S11")),
        # All that is known of schools is looked at by what is of no survey.
        (
            more_invited,
            of("T1", schools="S06") | of("T1", "T2", schools="S06") | {"quality", "others"},
        ),
        (
            another_population,
            {f"{survey}.T1.scores-reference_population" for survey in INSTRUMENTS} | {"others"},
        ),
        (another_outcome, {"outcomes", "others"}),
        (another_count, {"quality"}),
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
    found = compute(changed, Kept(tmp_path, "code"))
    assert set(computed) == again
    pd.testing.assert_frame_equal(found, compute(changed) if again else ledger, check_exact=True)
    assert found.equals(ledger) == (not again)


def test_by_other_code_all_is_computed_anew_and_what_is_no_longer_asked_goes(
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
    kept = Kept(tmp_path, "code")
    for study in (without, prepared, without):
        found = compute(study, kept)
        pd.testing.assert_frame_equal(found, compute(study), check_exact=True)


def test_a_piece_is_computed_from_nothing_that_is_not_looked_at(prepared: Prepared) -> None:
    data = Data(prepared)
    for piece in computing._pieces(prepared):
        part, found = piece.part, data.of(piece.part)
        assert found.study.edition.id == ""
        if not part.waves:
            assert not found.surveys
            assert bool(found.quality) == (part.source == "quality")
            continue
        frame, (survey,) = found.surveys[part.source], found.study.surveys
        assert survey.id == part.source and set(found.surveys) == {part.source}
        assert set(found.strands) == part.beside & {"reference_population", "sessions"}
        assert not found.quality and not found.documents and found.comparison is None
        assert set(frame["wave"]) == set(part.waves) == set(found.study.wave_ids)
        assert set(survey.invited) == set(part.waves) and not survey.exports
        invited = {c for c in found.schools.columns if c.startswith("invited_")}
        assert invited == {f"invited_{survey.id}_{wave.lower()}" for wave in part.waves}
        assert {c for c in frame.columns if c.startswith("flag.")} == (
            {linking.WRITTEN, linking.COMPARED} if "links" in part.beside else set()
        )
        if part.instrument:
            assert list(survey.instruments) == [part.instrument]
            for other in set(INSTRUMENTS[part.source]) - {part.instrument}:
                assert not [c for c in frame.columns if c.startswith(f"{other}.")]
        if part.schools:
            assert set(frame["school"]) <= (piece.units or set()) == set(part.schools)


def test_where_only_scores_are_asked_for_nobodys_answers_are_read(prepared: Prepared) -> None:
    data = Data(prepared)
    items = {item.code for each in prepared.instruments.values() for item in each.items}
    seen = set()
    for piece in computing._pieces(prepared):
        if piece.part.waves:
            of_items = bool(piece.part.schools) or questions.of_items(piece.functions[0])
            columns = set(data.of(piece.part).surveys[piece.part.source].columns)
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


def test_what_is_of_no_survey_is_computed_before_the_many_small_pieces(
    prepared: Prepared, tmp_path: Path, computed: list[str]
) -> None:
    compute(prepared, Kept(tmp_path, "code"))
    of_survey = [name.split(".")[0] in INSTRUMENTS for name in computed]
    assert of_survey == sorted(of_survey) and 0 < sum(of_survey) < len(of_survey)


def test_after_a_stop_only_the_rest_is_computed(
    prepared: Prepared, tmp_path: Path, computed: list[str]
) -> None:
    kept = Kept(tmp_path, "code")

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

    kept = Kept(tmp_path, "code")
    with monkeypatch.context() as patched:
        patched.setattr(level, "scores", wrong)
        with pytest.raises(AnalystError) as error:
            compute(prepared, kept)
    assert "ZeroDivisionError: of nobody" in str(error.value)
    computed.clear()
    compute(prepared, kept)
    schools = "S01 S06 S11 S16"
    assert set(computed) == {
        name
        for survey in INSTRUMENTS
        for wave in ("T1", "T2")
        for name in of(wave, survey=survey, schools=schools)
        if not name.endswith(("T1.scores-reference_population", "T2.schools"))
    }


@pytest.mark.parametrize("here", [True, False])
def test_nobodys_answers_are_in_memory_beside_workers_or_the_ledger(
    here: bool, project: Path, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where pieces are computed here, answers are let go after that, before the ledger is read."""
    study = studies.load(project / "data" / "raw")
    answers: list[weakref.ref[pd.DataFrame]] = []

    def prepared() -> Prepared:
        made = prepare(study, project / "key", folder=store.processed(study))
        answers.extend(weakref.ref(frame) for frame in made.surveys.values())
        return made

    class Looked(Exception):
        """How many survey tables were still there."""

    def look(*_: object) -> None:
        gc.collect()
        raise Looked(sum(each() is not None for each in answers))

    monkeypatch.setattr(*((releasing, "read") if here else (computing, "computed")), look)
    workers = (lambda pieces: None) if here else (lambda pieces: cast("Client", object()))
    with pytest.raises(Looked) as found:
        releasing.decided(study, prepared, "settings", workers)
    assert answers
    assert found.value.args == (0,)


@pytest.fixture(scope="module")
def council(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study of three waves."""
    folder = tmp_path_factory.mktemp("council") / "raw"
    return Path(shutil.copytree(STUDIES / "council", folder))


def up_to(folder: Path, last: str, followup: str, edition: str = "2025-autumn") -> Prepared:
    """The study as it was with fewer waves: compared is the first with one of them."""
    study = studies.load(folder)
    waves = study.wave_ids[: study.wave_ids.index(last) + 1]
    (survey,) = study.surveys
    exports = tuple(each for each in survey.exports if each.wave in waves)
    return prepare(
        study.model_copy(
            update={
                "edition": study.edition.model_copy(update={"id": edition}),
                "waves": study.waves[: len(waves)],
                "surveys": (survey.model_copy(update={"exports": exports}),),
                "followup": followup,
            }
        ),
        folder.parent / "key",
    )


def again(
    prepared: Prepared, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[list[str], set[str], pd.DataFrame]:
    """The pieces that are computed, the waves of those of surveys, and the ledger.

    How people were linked is left out: that may rest on any wave.
    """
    names: list[str] = []
    waves: set[str] = set()
    before = computing._computed

    def noted(data: Data, piece: Piece) -> pd.DataFrame:
        names.append(piece.name)
        if "links" not in piece.part.beside:
            waves.add("-".join(piece.part.waves))
        return before(data, piece)

    with monkeypatch.context() as patched:
        patched.setattr(computing, "_computed", noted)
        ledger = compute(prepared, Kept(folder, "code"))
    return names, waves - {""}, ledger


def test_a_new_wave_computes_no_other(
    council: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor what is said of the first two by themselves, once the third is the one compared."""
    _, first, _ = again(up_to(council, "T2", "T2", "2025-summer"), tmp_path, monkeypatch)
    assert first == {"T1", "T2", "T1-T2"}
    _, beside, _ = again(up_to(council, "T3", "T2"), tmp_path, monkeypatch)
    assert beside == {"T3", "T1-T2-T3"}
    changed = up_to(council, "T3", "T3")
    names, compared, ledger = again(changed, tmp_path, monkeypatch)
    # Of T2 alone what was told with the change to it before, of T3 where schools stand now.
    assert compared == {"T1-T3", "T2", "T3", "T1-T2-T3"}
    assert not any(".T1." in name or ".T2.items" in name for name in names)
    pd.testing.assert_frame_equal(ledger, compute(changed), check_exact=True)
    assert set(ledger["edition"]) == {"2025-autumn"}


def test_a_correction_computes_its_own_wave(
    council: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared = up_to(council, "T3", "T3")
    again(prepared, tmp_path, monkeypatch)
    frame = prepared.surveys["staff"].copy()
    row = frame.index[frame["wave"] == "T3"][0]
    frame.loc[row, "wellbeing.wellbeing"] = 7.0 - frame.loc[row, "wellbeing.wellbeing"] / 2
    changed = survey_rows(prepared, frame, "staff")
    _, waves, ledger = again(changed, tmp_path, monkeypatch)
    assert waves == {"T3", "T1-T3", "T1-T2-T3"}
    pd.testing.assert_frame_equal(ledger, compute(changed), check_exact=True)


@pytest.mark.verify
@pytest.mark.parametrize("change", [one_gone, one_moved, another_outcome])
def test_every_result_is_the_same(prepared: Prepared, tmp_path: Path, change: Change) -> None:
    kept = Kept(tmp_path, "code")
    compute(prepared, kept)
    changed = change(prepared)
    pd.testing.assert_frame_equal(compute(changed, kept), compute(changed), check_exact=True)
