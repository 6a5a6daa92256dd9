"""Shared by all tests: a project of their own to render in, and what is skipped where."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
import typer.testing
from filelock import FileLock
from hypothesis import settings

from analysis import study as studies
from analysis.study import Study

ROOT = Path(__file__).resolve().parents[1]
# The same examples every time, and no test fails because the machine is busy.
settings.register_profile("steady", derandomize=True, deadline=None)
settings.load_profile("steady")
# The command line is put together from its functions once, and not each time that a test calls it.
typer.testing._get_command = cache(typer.testing._get_command)
#: Begun first, since they are longest: whichever is last keeps one of two processes waiting. The
#: first makes the session's reports while the next, which need none of them, run beside it.
FIRST = (
    "integration/test_reports.py", "integration/test_studies.py", "integration/test_year.py",
    "unit/test_whole.py", "integration/test_publish.py", "integration/test_languages.py",
    "integration/test_cluster.py", "unit/test_compute_pieces.py", "integration/test_downloads.py",
    "browser/test_report_pages.py", "integration/test_engine_equality.py",
    "integration/test_hostile_names.py",
)  # fmt: skip
#: Rendered by the session's fixture: the programme, a primary, a secondary and a tiny school.
UNITS = ("cohort", "S01", "S14", "S12")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip, and so count, what needs a program that is not there; and put the longest files first."""
    first = {ROOT / "tests" / name: place for place, name in enumerate(FIRST)}
    items.sort(key=lambda item: first.get(item.path, len(first)))
    from analysis.publish import quarto

    missing = {
        "browser": None if shutil.which("chromium") else "Chromium is not installed",
        "quarto": None if quarto.find() else "Quarto 1.9 or later is not installed",
    }
    for item in items:
        for marker, reason in missing.items():
            if reason and item.get_closest_marker(marker):
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(autouse=True)
def _in_the_same_folder() -> Iterator[None]:
    """Each test starts where the project is: the folder is the whole process's, and tests that run
    notebooks side by side in threads may end in another."""
    os.chdir(ROOT)
    yield
    os.chdir(ROOT)


def copy_project(target: Path, *, study: bool = True) -> Path:
    """A copy of what a study, its notebooks and its reports are made from."""
    for name in (*(["data/raw"] if study else []), "notebooks", "_extensions"):
        shutil.copytree(ROOT / name, target / name)
    (target / "report").mkdir()
    for path in (ROOT / "report").glob("*.qmd"):
        shutil.copyfile(path, target / "report" / path.name)
    shutil.copyfile(ROOT / "_quarto.yml", target / "_quarto.yml")
    return target


@dataclass(frozen=True)
class Rendered:
    """A project that has been rendered, and where."""

    root: Path
    study: Study

    def place(self, unit: str) -> Path:
        """The published folder of a unit."""
        from analysis.publish.rendering import destination

        return destination(self.root / "report" / "_site", self.study, unit)

    def places(self, unit: str) -> list[Path]:
        """The folders of everything of a unit: the programme has several documents."""
        from analysis.publish.rendering import destinations

        return destinations(self.root / "report" / "_site", self.study, unit)


@pytest.fixture(scope="session")
def rendered(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Rendered:
    """The demonstration study's reports of :data:`UNITS`, by the built-in renderer.

    Made once, by whichever of the test processes asks first; the others wait. To be read only.
    """
    folder = tmp_path_factory.getbasetemp()
    if worker_id != "master":
        folder = folder.parent
    root, done = folder / "project", folder / "project.done"
    with FileLock(folder / "project.lock"):
        if not done.exists():
            assert not root.exists(), "rendering has failed already, in another process"
            _render(studies.load(copy_project(root) / "data/raw"))
            done.touch()
    return Rendered(root, studies.load(root / "data/raw"))


def _render(study: Study) -> None:
    from analysis import pipeline

    pipeline.release(study)
    outcome = pipeline.render(study, UNITS, ("html", "pdf"), "pandoc", jobs=2)
    assert not outcome.failed, {unit: str(error) for unit, error in outcome.failed.items()}


@pytest.fixture(scope="session")
def by_quarto(rendered: Rendered, tmp_path_factory: pytest.TempPathFactory) -> Rendered:
    """The same reports by Quarto, for tests that are skipped where it is not. To be read only."""
    from analysis import pipeline

    root = tmp_path_factory.mktemp("by-quarto") / "project"
    shutil.copytree(rendered.root, root)
    study = studies.load(root / "data/raw")
    outcome = pipeline.render(study, UNITS, ("html", "pdf"), "quarto", jobs=1)
    assert not outcome.failed, {unit: str(error) for unit, error in outcome.failed.items()}
    return Rendered(root, study)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A fresh copy of the project, to break."""
    return copy_project(tmp_path)
