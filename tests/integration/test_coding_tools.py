"""One corpus, coded in one tool or another, gives the same tables."""

from __future__ import annotations

import shutil
from pathlib import Path

import coding_projects
import pandas as pd
import pytest

from analysis import study as studies
from analysis.prepare import Prepared, schools, strands
from analysis.prepare.quality import Quality
from analysis.qualitative import occurrence, themes
from analysis.results import ledger

ROOT = Path(__file__).parents[2]
RAW = ROOT / "data" / "raw"


@pytest.fixture(scope="module")
def segments() -> pd.DataFrame:
    """Passages of those interviewed once: no tool says by itself at which time another was."""
    frame = pd.read_csv(RAW / "interview_segments.csv", dtype="str", keep_default_na=False)
    return once(frame).astype({"start": "int64", "end": "int64"}).reset_index(drop=True)


@pytest.fixture(scope="module")
def people() -> pd.DataFrame:
    frame = pd.read_csv(RAW / "interviewees.csv", dtype="str", keep_default_na=False)
    return once(frame).reset_index(drop=True)


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory, segments: pd.DataFrame) -> pd.DataFrame:
    folder = tmp_path_factory.mktemp("expected") / "study"
    shutil.copytree(RAW, folder)
    without_others(folder)
    segments.to_csv(folder / "interview_segments.csv", index=False)
    return counted(folder)


def once(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows of people of whom there is one interview."""
    return frame[frame["wave"] == "during"]


def without_others(folder: Path) -> None:
    """Leave those interviewed more than once out of a study's lists."""
    for name in ("interviewees.csv", "quotations.csv"):
        frame = pd.read_csv(folder / name, dtype="str", keep_default_na=False)
        people = pd.read_csv(RAW / "interviewees.csv", dtype="str", keep_default_na=False)
        frame[frame["source_id"].isin(once(people)["source_id"])].to_csv(folder / name, index=False)


def counted(folder: Path) -> pd.DataFrame:
    """The ledger's rows on interviews, of the study in a folder."""
    study = studies.load(folder)
    table = schools.read(study)
    frames, documents = strands.read(study, table, Quality())
    prepared = Prepared(study, {}, table, {}, frames, {}, documents)
    results = [
        *themes.themes(prepared),
        *occurrence.together(prepared),
        *occurrence.saturation(prepared),
    ]
    return ledger(results, study.edition.id)


def study_with(folder: Path, coded_text: str) -> Path:
    """The demonstration study, with its coded text from a tool instead of a table."""
    shutil.copytree(RAW, folder)
    without_others(folder)
    text = (folder / "study.yaml").read_text(encoding="utf-8")
    assert "    segments: interview_segments.csv\n" in text
    text = text.replace("    segments: interview_segments.csv\n", "")
    (folder / "study.yaml").write_text(text + coded_text, encoding="utf-8")
    return folder


@pytest.mark.parametrize("schema", ["old", "new"])
def test_qualcoder_gives_the_same_tables(
    tmp_path: Path,
    segments: pd.DataFrame,
    people: pd.DataFrame,
    expected: pd.DataFrame,
    schema: str,
) -> None:
    folder = study_with(tmp_path / "study", "coded_text:\n  - {file: interviews.qda}\n")
    coding_projects.qualcoder(folder / "interviews.qda", segments, people, schema)
    pd.testing.assert_frame_equal(counted(folder), expected)


def test_refi_qda_gives_the_same_tables(
    tmp_path: Path, segments: pd.DataFrame, people: pd.DataFrame, expected: pd.DataFrame
) -> None:
    folder = study_with(tmp_path / "study", "coded_text:\n  - {file: interviews.qdpx}\n")
    coding_projects.qdpx(folder / "interviews.qdpx", segments, people)
    pd.testing.assert_frame_equal(counted(folder), expected)


def test_taguette_gives_the_same_tables(
    tmp_path: Path, segments: pd.DataFrame, expected: pd.DataFrame
) -> None:
    lines = "".join(
        f"  - {{file: taguette.sqlite3, project: {coder}, coder: {coder}}}\n"
        for coder in ("C1", "C2")
    )
    folder = study_with(tmp_path / "study", f"coded_text:\n{lines}")
    coding_projects.taguette(folder / "taguette.sqlite3", segments)
    found = counted(folder)
    # Taguette keeps no memo on a highlight, so details of a code cannot be counted.
    plain = expected[~((expected["analysis"] == "count") & expected["measure"].str.contains("--"))]
    pd.testing.assert_frame_equal(found, plain.reset_index(drop=True))


def test_next_terms_reviews_and_stories_are_further_files(tmp_path: Path) -> None:
    folder = tmp_path / "study"
    shutil.copytree(RAW, folder)
    plans = pd.read_csv(folder / "action_plans.csv", dtype="str")
    first = plans[plans["review"] == "1"]
    again = first.assign(review="3", state="embedded", review_date="2018-12-10")
    again.to_csv(folder / "action_plans_2018_autumn.csv", index=False)
    (folder / "value_stories" / "2018-autumn.yaml").write_text(
        "stories:\n"
        "  - id: next_1\n    title: A further story\n    steps:\n"
        "      - {cycle: applied, text: A step., codes: [COM.01]}\n",
        encoding="utf-8",
    )
    from analysis.qualitative import plans as counted_plans
    from analysis.qualitative import stories

    study = studies.load(folder)
    table = schools.read(study)
    frames, documents = strands.read(study, table, Quality())
    prepared = Prepared(study, {}, table, {}, frames, {}, documents)
    found = ledger(
        [*counted_plans.plans(prepared), *stories.stories(prepared)], study.edition.id
    ).set_index(["unit", "id"])["value"]
    embedded = "action_plans.plans.states.embedded.{}.all.aims"
    assert found["cohort", embedded.format("review_3")] == len(first)
    assert found["cohort", embedded.format("latest")] == len(first)
    assert found["cohort", "action_plans.plans.moved.further.latest.all.aims"] > 0
    assert found["cohort", "stories.value_creation.flow.applied.all.all.reached"] == 8


def test_passages_set_aside_are_counted(tmp_path: Path) -> None:
    """A passage that stands twice, and one under a code that nobody knows."""
    folder = tmp_path / "raw"
    shutil.copytree(RAW, folder)
    path = folder / "interview_segments.csv"
    rows = pd.read_csv(path, dtype="str", keep_default_na=False)
    unknown = rows.iloc[[5]].assign(code="ZZZ.99")
    pd.concat([rows, rows.iloc[[0]], unknown]).to_csv(path, index=False)
    study, quality = studies.load(folder), Quality()
    frames, _ = strands.read(study, schools.read(study), quality)
    files = quality.frames()["files"].set_index("source").loc["segments"]
    assert files["read"] == len(rows) + 2
    assert (files["used"], files["repeated"], files["unknown_code"]) == (len(rows), 1, 1)
    assert len(frames["segments"]) == len(rows)
    aside = quality.frames()["aside"]
    assert sorted(aside["reason"]) == ["repeated", "unknown_code"]
