"""Real people's data must not reach git by accident."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from analysis import study
from analysis.errors import AnalystError
from analysis.prepare import guard
from tests.unit.test_prepare_rules import make, row

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


def tracked(folder: Path, *names: str) -> None:
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    subprocess.run(["git", "-C", str(folder), "add", "-f", *names], check=True)


@needs_git
def test_a_tracked_export_must_be_listed_as_synthetic(tmp_path: Path) -> None:
    loaded: study.Study = make(tmp_path / "study", {"T1": [row()]})
    guard.refuse_unlisted_tracked_files(loaded)
    tracked(loaded.folder, "T1.csv", "schools.csv", "study.yaml", "mapping.yaml")
    with pytest.raises(AnalystError, match=r"T1\.csv is tracked by git") as refused:
        guard.refuse_unlisted_tracked_files(loaded)
    assert "git rm --cached" in refused.value.fix
    (loaded.folder / "SYNTHETIC").write_text("# invented\nT1.csv\nschools.csv\n")
    guard.refuse_unlisted_tracked_files(loaded)


def test_git_that_cannot_be_started_is_a_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: study.Study = make(tmp_path / "study", {"T1": [row()]})
    broken = tmp_path / "git"
    broken.write_text("no program")
    broken.chmod(0o755)
    monkeypatch.setattr(shutil, "which", lambda name: str(broken))
    with pytest.raises(AnalystError, match="git could not be asked"):
        guard.refuse_unlisted_tracked_files(loaded)


@needs_git
def test_outside_git_nothing_is_refused(tmp_path: Path) -> None:
    guard.refuse_unlisted_tracked_files(make(tmp_path / "study", {"T1": [row()]}))


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("T1.csv", True), ("more/T1.XLSX", True), ("a.sav", True), ("b.qdpx", True),
        ("study.yaml", False), ("texts/intro.md", False), ("instruments/table.csv", False),
        ("published/figures.csv", False), ("published.csv", True),
    ],
)  # fmt: skip
def test_what_counts_as_data(name: str, data: bool) -> None:
    assert guard.is_data(name) is data
