"""What a school's notebooks run is what its report shows."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest

from analysis.publish import notebooks
from tests.conftest import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
EMBED = re.compile(r"\{\{<\s*embed\s+\S+?/(\w+\.ipynb)#([\w-]+)")
OF_A_SCHOOL = set(EMBED.findall((ROOT / "report/school.qmd").read_text(encoding="utf-8")))


def labels(notebook: Path, *, programme: bool) -> set[tuple[str, str]]:
    """Notebook and label of each cell with, or without, the tag."""
    return {
        (notebook.name, label.group(1))
        for cell in nbformat.read(notebook, as_version=4).cells
        if (label := re.search(r"#\| label: (\S+)", cell.source))
        and (notebooks.PROGRAMME in cell.metadata.get("tags", [])) == programme
    }


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_cells_that_a_school_shows_are_run_for_it_and_no_others(path: Path) -> None:
    assert not labels(path, programme=True) & OF_A_SCHOOL
    others = labels(path, programme=False) - OF_A_SCHOOL
    assert {label for _, label in others} <= {f"{path.stem.replace('_', '-')}-setup"}


def test_a_notebook_with_nothing_for_a_school_is_not_run_for_it(tmp_path: Path) -> None:
    run = {each.notebook.name for each in notebooks.runs(ROOT, tmp_path, "S01")}
    assert run == {name for name, _ in OF_A_SCHOOL}
    every = notebooks.runs(ROOT, tmp_path, "cohort")
    assert [each.notebook for each in every] == NOTEBOOKS
