"""The wheel alone is enough: installed in an empty environment it makes a project and its reports."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from analysis import resources
from tests.conftest import ROOT

pytestmark = pytest.mark.verify


@dataclass(frozen=True)
class Installed:
    """An environment with the wheel, and the libraries that it needs, and no clone."""

    wheel: Path
    programs: Path

    def drp(self, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the command line of the wheel."""
        folder.mkdir(parents=True, exist_ok=True)
        kept = ("HOME", "LANG", "LC_ALL", "TMPDIR")
        return subprocess.run(
            [str(self.programs / "drp"), *arguments],
            cwd=folder,
            env={k: os.environ[k] for k in kept if k in os.environ}
            | {"PATH": f"{self.programs}:/usr/bin:/bin"},
            capture_output=True,
            text=True,
            check=False,
            timeout=1800,
        )


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "venv"], check=True)
    python = folder / "venv/bin/python"
    (packages,) = (folder / "venv/lib").glob("python*/site-packages")
    # The libraries of this environment, without the package itself, which is the clone here.
    libraries = [path for path in sys.path if path.endswith("site-packages")]
    (packages / "libraries.pth").write_text("".join(f"{path}\n" for path in libraries), "utf-8")
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet"]
    pip += ["--no-deps", "--no-index", "--disable-pip-version-check", str(wheel)]
    subprocess.run(pip, check=True)
    where = [python, "-c", "import analysis; print(analysis.__file__)"]
    found = subprocess.run(where, cwd=folder, check=True, capture_output=True, text=True).stdout
    assert found.startswith(str(packages))
    return Installed(wheel, folder / "venv/bin")


@pytest.fixture(scope="module")
def project(installed: Installed, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("empty")
    done = installed.drp(folder, "init", "calm-schools", "--yes")
    assert done.returncode == 0, done.stderr
    return folder / "calm-schools"


def test_everything_that_a_project_may_lack_is_in_the_wheel(installed: Installed) -> None:
    with zipfile.ZipFile(installed.wheel) as file:
        names = set(file.namelist())
    for name in [*resources.names(), "_quarto.yml", "index.md", "report/pre_render.py"]:
        assert f"analysis/project/{name}" in names
    assert not [name for name in names if name.startswith(("notebooks/", "report/", "tests/"))]
    assert not [name for name in names if "_site" in name or "checkpoints" in name]


def test_a_project_is_made_and_its_results_computed(installed: Installed, project: Path) -> None:
    done = installed.drp(project, "prepare")
    assert done.returncode == 0, done.stderr
    assert "still synthetic" in done.stdout
    done = installed.drp(project, "run")
    assert done.returncode == 0, done.stderr
    assert "results of 7 units" in done.stdout


def test_one_of_its_notebooks_is_copied_to_be_changed(installed: Installed, project: Path) -> None:
    done = installed.drp(project, "copy", "notebooks/summary.ipynb")
    assert done.returncode == 0, done.stderr
    own = project / "notebooks/summary.ipynb"
    assert own.read_bytes() == (ROOT / "notebooks/summary.ipynb").read_bytes()
    own.unlink()


def test_a_study_alone_is_enough(installed: Installed, tmp_path: Path) -> None:
    """Notebooks, templates and styles come from the wheel: a folder with a study is a project."""
    shutil.copytree(ROOT / "data/raw", tmp_path / "data/raw")
    done = installed.drp(tmp_path, "render", "--unit", "S01", "--jobs", "1")
    assert done.returncode == 0, done.stdout + done.stderr
    for name in ("index.html", "report.pdf"):
        assert len(list(tmp_path.glob(f"report/_site/**/schools/S01/{name}"))) == 1
    assert not (tmp_path / "notebooks").exists()


def test_its_reports_are_made(installed: Installed, project: Path) -> None:
    done = installed.drp(project, "render", "--jobs", "2")
    assert done.returncode == 0, done.stdout + done.stderr
    site = project / "report/_site"
    for name in ("index.html", "report.pdf"):
        assert len(list(site.glob(f"**/programme/{name}"))) == 1
        assert len(list(site.glob(f"**/schools/*/{name}"))) == 6
    assert "Nothing has changed" in installed.drp(project, "render", "--jobs", "2").stdout
