"""Real people's data must not reach git by accident."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from analysis import study as studies
from analysis import synthetic
from analysis.errors import AnalystError
from analysis.prepare import guard
from tests.conftest import ROOT


def git(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Git in a folder, with no configuration but its own."""
    return subprocess.run(
        ["git", "-c", "user.name=t", "-c", "user.email=t@example.org", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def repository(project: Path) -> Path:
    (project / ".gitignore").write_bytes((ROOT / ".gitignore").read_bytes())
    git(project, "init", "-q")
    assert git(project, "add", "-A").returncode == 0
    return project


def test_a_new_export_is_not_added(repository: Path) -> None:
    new = repository / "data/raw/staff_survey_autumn.csv"
    new.write_text("code,school\nAB12,S01\n", encoding="utf-8")
    git(repository, "add", "-A")
    tracked = git(repository, "ls-files", "data/raw").stdout.split()
    assert "data/raw/staff_survey_autumn.csv" not in tracked
    assert git(repository, "add", str(new)).returncode != 0


@pytest.mark.parametrize("name", ["x.csv", "X.XLSX", "x.sav", "x.unknown", "sub/x.csv", "x"])
def test_no_kind_of_file_slips_through(repository: Path, name: str) -> None:
    new = repository / "data/raw" / name
    new.parent.mkdir(exist_ok=True)
    new.write_text("answers", encoding="utf-8")
    git(repository, "add", "-A")
    assert f"data/raw/{name}" not in git(repository, "ls-files", "data/raw").stdout.split("\n")


def test_another_study_folder_is_ignored_too(repository: Path) -> None:
    new = repository / "data/autumn/survey_of_staff.csv"
    new.parent.mkdir()
    new.write_text("answers", encoding="utf-8")
    git(repository, "add", "-A")
    assert "survey_of_staff.csv" not in git(repository, "ls-files").stdout


def test_every_synthetic_file_and_every_authored_file_is_tracked(repository: Path) -> None:
    tracked = set(git(repository, "ls-files", "data/raw").stdout.split("\n"))
    for name in synthetic.listed(repository / "data/raw"):
        assert f"data/raw/{name}" in tracked
    for path in (repository / "data/raw").rglob("*.yaml"):
        assert str(path.relative_to(repository)) in tracked


def test_a_tracked_export_that_is_not_listed_is_refused(repository: Path) -> None:
    new = repository / "data/raw/staff_survey_autumn.csv"
    new.write_text("code,school\nAB12,S01\n", encoding="utf-8")
    git(repository, "add", "-f", str(new))
    with pytest.raises(AnalystError, match=r"staff_survey_autumn\.csv"):
        guard.refuse_unlisted_tracked_files(studies.load(repository / "data/raw"))


def test_the_repository_itself_passes() -> None:
    guard.refuse_unlisted_tracked_files(studies.load(ROOT / "data/raw"))
