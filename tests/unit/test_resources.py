"""What a project does not have of its own comes from the package, and its own wins."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from analysis import places, resources
from analysis import study as studies
from analysis.publish import incremental, notebooks
from tests.conftest import ROOT

STYLE = "_extensions/report/styles/components.css"


def test_in_the_repository_the_packages_files_are_the_repositorys() -> None:
    assert resources.shipped() == ROOT
    assert resources.notebooks(ROOT) == sorted((ROOT / "notebooks").glob("*.ipynb"))
    assert resources.templates(ROOT) == sorted((ROOT / "report").glob("*.qmd"))


def test_an_empty_project_has_everything_of_the_package(tmp_path: Path) -> None:
    assert resources.notebooks(tmp_path) == resources.notebooks(ROOT)
    assert resources.find(tmp_path, "_quarto.yml") == ROOT / "_quarto.yml"
    assert resources.report_file(tmp_path, "school.qmd") == ROOT / "report/school.qmd"
    assert resources.styles(tmp_path) == resources.styles(ROOT)
    assert resources.fonts(tmp_path)


def test_a_projects_own_file_wins_and_a_further_one_is_found(tmp_path: Path) -> None:
    name = resources.notebooks(ROOT)[0].name
    own = [tmp_path / "notebooks" / name, tmp_path / "notebooks/further.ipynb"]
    own += [tmp_path / "report/school.qmd", tmp_path / STYLE]
    for path in own:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("own", encoding="utf-8")
    found = resources.notebooks(tmp_path)
    assert [path for path in found if path.is_relative_to(tmp_path)] == own[:2]
    assert len(found) == len(resources.notebooks(ROOT)) + 1
    assert resources.report_file(tmp_path, "school.qmd") == own[2]
    assert resources.styles(tmp_path)[STYLE] == own[3]


def test_a_file_that_neither_has_is_looked_for_in_the_project(tmp_path: Path) -> None:
    assert resources.report_file(tmp_path, "further.qmd") == tmp_path / "report/further.qmd"


def test_what_quarto_needs_is_laid_out_is_ignored_by_git_and_is_not_the_projects_own(
    tmp_path: Path,
) -> None:
    own = tmp_path / "_extensions/report/styles/quarto.typ"
    own.parent.mkdir(parents=True)
    own.write_text("// ours", encoding="utf-8")
    resources.lay_out(tmp_path)
    assert {name for name in resources.styles(ROOT) if not (tmp_path / name).is_file()} == set()
    assert own.read_text(encoding="utf-8") == "// ours"
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    status = ["git", "-C", str(tmp_path), "status", "--porcelain", "-uall"]
    said = subprocess.run(status, capture_output=True, text=True, check=True).stdout
    assert said.split() == ["??", "_extensions/report/styles/quarto.typ"]
    assert resources.styles(tmp_path)[STYLE] == ROOT / STYLE
    # The package's file has changed since: it is written again.
    (tmp_path / STYLE).write_text("old", encoding="utf-8")
    resources.lay_out(tmp_path)
    assert (tmp_path / STYLE).read_bytes() == (ROOT / STYLE).read_bytes()
    # Taken out of the list it is the project's own.
    listed = tmp_path / "_extensions/report/styles/.gitignore"
    text = listed.read_text(encoding="utf-8")
    listed.write_text(text.replace("/components.css\n", ""), encoding="utf-8")
    assert resources.styles(tmp_path)[STYLE] == tmp_path / STYLE


def test_nothing_is_laid_out_in_the_repository() -> None:
    resources.lay_out(ROOT)
    assert not (ROOT / "_extensions/report/styles/.gitignore").exists()


def test_a_file_is_copied_to_be_changed_once(tmp_path: Path) -> None:
    name = f"notebooks/{resources.notebooks(ROOT)[0].name}"
    assert name in resources.names()
    copied = resources.copy_own(tmp_path, name)
    assert copied.read_bytes() == (ROOT / name).read_bytes()
    assert copied in resources.notebooks(tmp_path)
    with pytest.raises(FileExistsError):
        resources.copy_own(tmp_path, name)
    with pytest.raises(LookupError):
        resources.copy_own(tmp_path, "notebooks/none.ipynb")
    resources.lay_out(tmp_path)
    assert resources.styles(tmp_path)[STYLE] == ROOT / STYLE
    own = resources.copy_own(tmp_path, STYLE)
    assert resources.styles(tmp_path)[STYLE] == own


def test_runs_and_causes_take_the_packages_notebooks_and_the_projects(tmp_path: Path) -> None:
    study = studies.load(ROOT / "data/raw")

    def run(root: Path) -> set[str]:
        return {each.notebook.name for each in notebooks.runs(root, tmp_path, "cohort", study)}

    assert run(tmp_path) == run(ROOT)

    def causes() -> dict[str, str]:
        return incremental.report_causes(
            ROOT / "data/raw", tmp_path, tmp_path, "cohort", False, None
        )

    def inputs() -> str:
        return incremental.Command(ROOT / "data/raw", tmp_path, tmp_path, {}).inputs()

    before, all_before = causes(), inputs()
    assert {name for name in before if name.startswith(("notebook", "style", "chapter"))}
    name = resources.notebooks(ROOT)[0].name
    resources.copy_own(tmp_path, f"notebooks/{name}").write_text("{}", encoding="utf-8")
    after = causes()
    assert {key for key in after if after[key] != before.get(key)} == {f"notebook {name}"}
    assert inputs() != all_before


def test_a_study_outside_any_project_belongs_to_the_present_one(tmp_path: Path) -> None:
    project, elsewhere = tmp_path / "project", tmp_path / "elsewhere/study"
    for folder in (project / "data/raw", elsewhere):
        folder.mkdir(parents=True)
    (project / "_quarto.yml").touch()
    os.chdir(project / "data")
    assert places.project_root(elsewhere) == project
    assert places.project_root() == project
    os.chdir(elsewhere)
    assert places.project_root(elsewhere) == elsewhere
    # A study in a project belongs to it, wherever the command is given.
    assert places.project_root(project / "data/raw") == project


def test_the_key_of_a_study_stays_with_it_wherever_the_command_is_given(tmp_path: Path) -> None:
    study = studies.load(ROOT / "data/raw")
    assert studies.key_folder(study) == ROOT / ".drp"
    outside = tmp_path / "elsewhere/study"
    outside.mkdir(parents=True)
    alone = study.model_copy(update={"folder": outside})
    for here in (ROOT, tmp_path, outside):
        os.chdir(here)
        assert studies.key_folder(alone) == tmp_path / "elsewhere/.drp"
