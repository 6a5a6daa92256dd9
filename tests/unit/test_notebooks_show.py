"""What a school's notebooks run is what its report shows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from analysis import study as studies
from analysis.publish import notebooks
from tests.conftest import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
SHOWN = re.compile(r"""\bshow\("([\w-]+)\"""")
OF_A_SCHOOL = set(SHOWN.findall((ROOT / "report/school.qmd").read_text(encoding="utf-8")))
OF_THE_PROGRAMME = {
    label
    for path in (ROOT / "report").glob("*.qmd")
    if path.name != "school.qmd"
    for label in SHOWN.findall(path.read_text(encoding="utf-8"))
}


def labels(notebook: Path, unit: str) -> set[str]:
    """Labels of the cells that run for a unit."""
    run = notebooks.Run(notebook, unit, notebook)
    return {
        label.group(1)
        for cell in notebooks.asked(run).cells
        if (label := re.search(r"#\| label: (\S+)", cell.source))
        and notebooks.SKIPPED not in cell.metadata.get("tags", [])
    }


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_cells_that_a_report_shows_are_run_for_it_and_no_others(path: Path) -> None:
    every = notebooks.labels(ROOT)
    assert every >= OF_A_SCHOOL | OF_THE_PROGRAMME
    assert labels(path, "S01") <= OF_A_SCHOOL
    assert labels(path, "cohort") <= OF_THE_PROGRAMME


def test_every_cell_is_shown_somewhere() -> None:
    assert notebooks.labels(ROOT) == OF_A_SCHOOL | OF_THE_PROGRAMME


def test_a_notebook_with_nothing_for_a_school_is_not_run_for_it(tmp_path: Path) -> None:
    study = studies.load(ROOT / "data/raw")
    run = {each.notebook for each in notebooks.runs(ROOT, tmp_path, "S01", study)}
    assert run == {path for path in NOTEBOOKS if labels(path, "S01")}
    assert run < set(NOTEBOOKS)
    every = notebooks.runs(ROOT, tmp_path, "cohort", study)
    of_programme = [path for path in NOTEBOOKS if labels(path, "cohort")]
    assert list(dict.fromkeys(each.notebook for each in every)) == of_programme
