"""What bad input gets: one clear message, no traceback, nothing half-made."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from typer.testing import CliRunner

from analysis.cli import app
from tests.conftest import ROOT
from tests.studies import made


@dataclass(frozen=True)
class Done:
    """What a command said, and how it ended."""

    output: str
    code: int


def drp(project: Path, *arguments: str) -> Done:
    """Run the command line in a project, as an analyst would, in this process."""
    before = Path.cwd()
    os.chdir(project)
    try:
        result = CliRunner().invoke(app, list(arguments))
    finally:
        os.chdir(before)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Done(result.output, result.exit_code)


def drp_as_program(project: Path, *arguments: str, path: str) -> Done:
    """Run the command line as a program of its own, with another PATH."""
    done = subprocess.run(
        [sys.executable, "-m", "analysis.cli", *arguments],
        cwd=project,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    return Done(done.stdout + done.stderr, done.returncode)


def assert_one_clear_message(done: Done, *words: str) -> None:
    """Non-zero exit, no traceback, a place and something to do, and the words expected."""
    assert done.code != 0
    said = done.output
    assert "Traceback" not in said
    assert "where: " in said
    assert "to do: " in said
    for word in words:
        assert word in said


def nothing_published(project: Path) -> bool:
    """Whether the site folder holds no file."""
    site = project / "report" / "_site"
    return not site.exists() or not any(path.is_file() for path in site.rglob("*"))


def test_a_missing_file(project: Path) -> None:
    (project / "data/raw/staff_survey_t2_forms.xlsx").unlink()
    done = drp(project, "render", "--unit", "S01")
    assert_one_clear_message(done, "staff_survey_t2_forms.xlsx")
    assert nothing_published(project)


def test_an_empty_export(project: Path) -> None:
    (project / "data/raw/pupil_survey_t2.csv").write_bytes(b"")
    done = drp(project, "prepare")
    assert_one_clear_message(done, "pupil_survey_t2.csv", "empty")


def test_an_unreadable_export(project: Path) -> None:
    (project / "data/raw/staff_survey_t2_forms.xlsx").write_bytes(b"PK\x03\x04 not a workbook")
    done = drp(project, "prepare")
    assert_one_clear_message(done, "staff_survey_t2_forms.xlsx")


def test_an_unknown_school_in_an_export(project: Path) -> None:
    path = project / "data/raw/pupil_survey_t2.csv"
    text = path.read_text(encoding="utf-8")
    name = re.search(r",([A-Z][\w' ]+ (?:Primary|School|Academy)[\w' ]*),", text)
    assert name
    path.write_text(text.replace(name.group(1), "Nowhere Primary School", 1), encoding="utf-8")
    done = drp(project, "prepare")
    assert_one_clear_message(done, "names a school", "pupil_survey_t2.csv", "row")


def test_an_unknown_unit(project: Path) -> None:
    done = drp(project, "render", "--unit", "S99")
    assert_one_clear_message(done, "S99", "S01")
    assert nothing_published(project)


def test_quarto_asked_for_and_not_there(project: Path, tmp_path: Path) -> None:
    done = drp_as_program(project, "render", "--renderer", "quarto", path=str(tmp_path / "empty"))
    assert_one_clear_message(done, "Quarto")
    assert nothing_published(project)


def test_a_baseline_that_is_no_wave(project: Path) -> None:
    done = drp(project, "render", "--unit", "S01", "--baseline", "T9")
    assert_one_clear_message(done, "T9", "T1", "T2")


def test_a_followup_before_the_baseline(project: Path) -> None:
    done = drp(project, "run", "--baseline", "T2", "--followup", "T1")
    assert_one_clear_message(done, "T1", "T2")


def test_an_unknown_format(project: Path) -> None:
    done = drp(project, "render", "--to", "docx")
    assert_one_clear_message(done, "docx", "html")


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        ("schema_version: 2", "schema_version: 3", "schema_version"),
        ("baseline: T1", "baseline: T7", "T7"),
        ("  term: ", "  season: ", "edition.season"),
        ("minimum: 5", "minimum: none", "populations.0.minimum"),
        ("title: Durham", "title: [Durham", "line"),
    ],
)
def test_a_mistake_in_the_study_file_names_its_key(
    project: Path, old: str, new: str, word: str
) -> None:
    path = project / "data/raw/study.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    assert_one_clear_message(drp(project, "prepare"), "study.yaml", word)


def test_a_school_that_fails_stops_no_other(tmp_path: Path) -> None:
    made.baseline(tmp_path / "data" / "raw")
    path = tmp_path / "notebooks" / "summary.ipynb"
    path.parent.mkdir()
    notebook = nbformat.read(ROOT / "notebooks" / "summary.ipynb", as_version=4)
    broken = nbformat.v4.new_code_cell('assert unit != "B1", "made to fail"', id="broken")
    notebook.cells.append(broken)
    nbformat.write(notebook, path)
    done = drp(
        tmp_path, "render", "--unit", "B1", "--unit", "B2", "--to", "html", "--renderer", "pandoc"
    )
    assert_one_clear_message(done, "B1", "summary.ipynb", "made to fail")
    assert "quarto.org" not in done.output  # another renderer is no advice here
    (site,) = tmp_path.glob("report/_site/*/*/schools")
    assert (site / "B2/index.html").is_file()
    assert not (site / "B1").exists()
    assert not [path for path in site.rglob("*") if path.name.startswith(".")]
