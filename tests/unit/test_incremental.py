"""Each cause of making a report again, and no other, causes it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analysis.disclosure import Released
from analysis.present.page import EVERY_ID, Rows
from analysis.publish import incremental
from analysis.publish.incremental import EVERY_ROW, Command, Report
from analysis.results import NUMBERS
from tests.conftest import ROOT, copy_project


class Shown(dict[tuple[str, str], Any]):
    """Rows by unit and id, as a page has them."""

    @property
    def hashes(self) -> dict[tuple[str, str], str]:
        return {}


ROWS = Shown(
    {
        ("cohort", "a.mean"): {
            "unit": "cohort",
            "id": "a.mean",
            "value": 1.0,
            "release": "released",
        },
        ("cohort", "b.mean"): {
            "unit": "cohort",
            "id": "b.mean",
            "value": 2.0,
            "release": "released",
        },
        ("S01", "a.mean"): {"unit": "S01", "id": "a.mean", "value": 3.0, "release": "released"},
    }
)


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = copy_project(tmp_path_factory.mktemp("project"))
    released = root / "data/processed/released"
    released.mkdir(parents=True)
    for name in (
        "cohort.texts.parquet",
        "S01.texts.parquet",
        "schools.csv",
        "terms.csv",
        "cohort.parquet",
        "S01.parquet",
        "S02.parquet",
    ):
        (released / name).write_text(name)
    (root / "data/raw/texts/schools").mkdir(exist_ok=True)
    (root / "data/raw/texts/schools/S02.md").write_text("Of another school.")
    (root / incremental.LOCK).write_text("a==1")
    return root


def causes(root: Path, unit: str) -> dict[str, str]:
    study = root / "data/raw"
    return incremental.report_causes(
        study, root, root / "data/processed/released", unit, unit != "cohort", "brand/_brand.yml"
    )


def made(tmp_path: Path, root: Path, unit: str, asked_for: set[tuple[str, str]]) -> Path:
    """Note a report of the unit as made; the record's file."""
    place = tmp_path / "site"
    place.mkdir()
    (place / "index.html").write_text("page")
    record = tmp_path / "record.json"
    files = incremental.released_files(root / "data/processed/released", unit)
    pages = [place / "index.html"]
    Report(record).made(causes(root, unit), ROWS, asked_for, files, pages, [place])
    return record


#: File changed -> units whose report it concerns, and whether their notebooks run again.
CHANGES = [
    ("notebooks/change.ipynb", {"cohort", "S01"}, True),
    ("requirements.lock", {"cohort", "S01"}, True),
    ("data/raw/study.yaml", {"cohort", "S01"}, True),
    ("data/raw/value_creation.yaml", {"cohort", "S01"}, True),
    ("data/raw/instruments/spsc.yaml", {"cohort", "S01"}, True),
    ("data/processed/released/S01.texts.parquet", {"S01"}, True),
    ("data/processed/released/cohort.texts.parquet", {"cohort"}, True),
    ("data/processed/released/schools.csv", {"cohort", "S01"}, True),
    ("_quarto.yml", {"cohort", "S01"}, False),
    ("report/survey.qmd", {"cohort"}, False),
    ("report/school.qmd", {"S01"}, False),
    ("_extensions/report/styles/template.typ", {"cohort", "S01"}, False),
    ("data/raw/brand/_brand.yml", {"cohort", "S01"}, False),
    ("data/raw/published/figures.csv", {"cohort"}, True),
    ("data/raw/texts/methods.md", {"cohort"}, False),
    ("data/raw/texts/schools/S01.md", {"S01"}, False),
    ("data/raw/texts/schools/S02.md", set(), False),
    # Answers, codes and plans reach a report only as released rows and texts.
    ("data/raw/pupil_survey_t2.csv", set(), False),
    ("data/raw/interview_segments.csv", set(), False),
]


@pytest.mark.parametrize(("name", "units", "notebooks"), CHANGES, ids=[c[0] for c in CHANGES])
@pytest.mark.parametrize("unit", ["cohort", "S01"])
def test_a_changed_file_concerns_the_reports_made_from_it(
    original: Path, tmp_path: Path, name: str, units: set[str], notebooks: bool, unit: str
) -> None:
    record = made(tmp_path, original, unit, set(ROWS))
    path = original / name
    before = path.read_bytes() if path.exists() else None
    path.write_bytes((before or b"") + b"\n# changed\n")
    try:
        reasons = Report(record).reasons(causes(original, unit), ROWS)
    finally:
        path.write_bytes(before) if before is not None else path.unlink()
    assert bool(reasons) == (unit in units), reasons
    if reasons:
        assert len(reasons) == 1
        assert path.name in reasons[0] or name == incremental.LOCK
        for_pages = reasons[0].split()[0] in incremental.PAGES_ONLY
        assert for_pages == (not notebooks)
    assert Report(record).reasons(causes(original, unit), ROWS) == []


@pytest.mark.parametrize(
    ("name", "untouched"),
    [
        ("data/processed/released/S01.parquet", False),
        ("data/processed/released/cohort.parquet", False),
        ("data/processed/released/S02.parquet", True),
        ("report/school.qmd", False),
        ("report/survey.qmd", True),
    ],
)
def test_a_report_is_untouched_only_while_nothing_changed(
    original: Path, tmp_path: Path, name: str, untouched: bool
) -> None:
    record = made(tmp_path, original, "S01", set(ROWS))
    released = original / "data/processed/released"

    def found() -> bool:
        return Report(record).untouched(
            causes(original, "S01"), incremental.released_files(released, "S01")
        )

    path = original / name
    before = path.read_bytes()
    assert found()
    path.write_bytes(before + b" ")
    try:
        assert found() == untouched
    finally:
        path.write_bytes(before)
    (tmp_path / "site/index.html").unlink()
    assert not found()


def test_touching_a_file_is_no_change(original: Path, tmp_path: Path) -> None:
    record = made(tmp_path, original, "cohort", set(ROWS))
    os.utime(original / "notebooks/change.ipynb", (0, 0))
    assert Report(record).reasons(causes(original, "cohort"), ROWS) == []


def changed(key: tuple[str, str], **values: Any) -> dict[tuple[str, str], Any]:
    return Shown({**ROWS, key: {**ROWS[key], **values}})


@pytest.mark.parametrize(
    ("rows", "again"),
    [
        (ROWS, False),
        (changed(("cohort", "a.mean"), value=1.5), True),
        (changed(("cohort", "a.mean"), release="suppressed"), True),
        (changed(("cohort", "b.mean"), value=9.0), False),  # not asked for
        ({k: v for k, v in ROWS.items() if k != ("cohort", "a.mean")}, True),
        ({**ROWS, ("S01", "c.mean"): {"value": 1.0}}, True),  # asked for, and was not there
        ({**ROWS, ("S01", "d.mean"): {"value": 1.0}}, False),
    ],
    ids=["same", "value", "release", "another row", "gone", "come", "another come"],
)
def test_rows_count_that_were_asked_for(
    original: Path, tmp_path: Path, rows: dict[tuple[str, str], Any], again: bool
) -> None:
    asked_for = {("cohort", "a.mean"), ("S01", "a.mean"), ("S01", "c.mean")}
    record = made(tmp_path, original, "S01", asked_for)
    reasons = Report(record).reasons(causes(original, "S01"), Shown(rows))
    assert bool(reasons) == again
    assert all(reason.startswith("released row ") for reason in reasons)


def test_where_ids_were_listed_a_new_one_counts_but_a_new_value_does_not(
    original: Path, tmp_path: Path
) -> None:
    record = made(tmp_path, original, "S01", {EVERY_ID})
    now = causes(original, "S01")
    assert Report(record).reasons(now, Shown({**ROWS, ("S01", "d"): {}}))
    assert not Report(record).reasons(now, changed(("cohort", "a.mean"), value=1.5))


def test_where_it_is_not_known_every_row_counts(original: Path, tmp_path: Path) -> None:
    record = made(tmp_path, original, "S01", {EVERY_ROW})
    now = causes(original, "S01")
    assert not Report(record).reasons(now, ROWS)
    assert Report(record).reasons(now, changed(("cohort", "b.mean"), value=9.0))


def page_rows() -> Rows:
    frame = pd.DataFrame(list(ROWS.values())).assign(**dict.fromkeys(NUMBERS, 1.0))
    own = frame["unit"] == "S01"
    return Rows(Released(frame[own], programme=Released(frame[~own])))


def test_a_row_is_told_apart_once_for_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    rows, asked_for = page_rows(), [*ROWS, EVERY_ID, EVERY_ROW, ("S01", "none")]
    first = incremental.row_hashes(rows, asked_for)
    assert incremental.row_hashes(page_rows(), asked_for) == first
    assert first["S01 none"] == ""
    monkeypatch.setattr(incremental, "digest", lambda *_: pytest.fail("worked out once more"))
    assert incremental.row_hashes(rows, asked_for) == first


def test_a_page_remembers_which_rows_were_asked_for() -> None:
    rows = page_rows()
    assert rows[("cohort", "a.mean")]["id"] == "a.mean"
    assert rows[("S01", "a.mean")]["unit"] == "S01"
    assert rows.get(("cohort", "none")) is None
    assert rows.read == {("cohort", "a.mean"), ("S01", "a.mean"), ("cohort", "none")}
    assert list(rows) == list(ROWS)
    assert EVERY_ID in rows.read


@pytest.mark.parametrize("harm", ["missing", "shorter"])
def test_a_published_file_that_is_not_as_it_was_is_made_again(
    original: Path, tmp_path: Path, harm: str
) -> None:
    record = made(tmp_path, original, "S01", set(ROWS))
    page = tmp_path / "site/index.html"
    page.unlink() if harm == "missing" else page.write_text("")
    (reason,) = Report(record).reasons(causes(original, "S01"), ROWS)
    assert "missing or was changed" in reason


def test_a_spoilt_record_counts_as_none(original: Path, tmp_path: Path) -> None:
    record = made(tmp_path, original, "S01", set(ROWS))
    record.write_text("{")
    assert Report(record).reasons(causes(original, "S01"), ROWS) == ["it has not been made before"]


def command(root: Path, **asked: Any) -> Command:
    return Command(root / "data/raw", root, root / "data/processed", {"to": "html", **asked})


@pytest.mark.parametrize(
    "name",
    [
        "data/raw/pupil_survey_t2.csv",
        "data/raw/texts/methods.md",
        "data/raw/new.csv",
        "notebooks/change.ipynb",
        "report/survey.qmd",
        "_extensions/report/fonts/new.otf",
        "_quarto.yml",
        "requirements.lock",
    ],
)
def test_a_command_has_something_to_do_when_anything_changed(original: Path, name: str) -> None:
    report = original / "report/_site/page.html"
    report.parent.mkdir(exist_ok=True)
    report.write_text("page")
    incremental.write(
        incremental.report_record(original / "data/processed", "cohort"),
        {"made": incremental.as_made([report], original / "data/processed")},
    )
    done = command(original)
    done.succeeded(done.inputs(), ["cohort"])
    assert list(done.nothing_to_do()) == ["../../report/_site/page.html"]
    assert not command(original, to="pdf").nothing_to_do()
    path = original / name
    before = path.read_bytes() if path.exists() else None
    path.write_bytes((before or b"") + b"\n# changed\n")
    try:
        assert not done.nothing_to_do()
    finally:
        path.write_bytes(before) if before is not None else path.unlink()
    assert done.nothing_to_do()
    report.unlink()
    assert not done.nothing_to_do()


def test_texts_are_no_input_of_the_results(original: Path) -> None:
    found = incremental.data_inputs(original / "data/raw", original, ("T1", "T2"))
    assert "pupil_survey_t2.csv" in found and "code" in found
    assert not any(name.startswith("texts/") for name in found)


@pytest.mark.parametrize(
    "what",
    [
        "from analysis import cli",
        "from analysis.publish import incremental; incremental.code_hash()",
    ],
)
def test_where_nothing_is_to_do_nothing_heavy_is_imported(what: str) -> None:
    heavy = (
        "pandas",
        "numpy",
        "matplotlib",
        "papermill",
        "distributed",
        "dask",
        "pydantic",
        "yaml",
    )
    code = f"import sys, json; {what}; print(json.dumps([m for m in {heavy} if m in sys.modules]))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert json.loads(done.stdout) == []
