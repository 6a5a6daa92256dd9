"""Notebooks as they are kept: thin, parameterised, labelled, without outputs."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
import yaml

from analysis.publish import notebooks
from analysis.publish.notebooks import PARAMETERS
from tests.conftest import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.name)
def test_a_notebook_is_kept_without_outputs_and_valid(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    for cell in notebook.cells:
        assert not cell.get("outputs")
        assert not cell.get("execution_count")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.name)
def test_the_first_code_cell_holds_the_parameters(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    first = next(cell for cell in notebook.cells if cell.cell_type == "code")
    assert "parameters" in first.metadata.tags
    assert re.findall(r"^(\w+) = ", first.source, re.MULTILINE) == list(PARAMETERS)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.name)
def test_tables_have_captions_and_figures_have_alternative_text(path: Path) -> None:
    labels = []
    for cell in nbformat.read(path, as_version=4).cells:
        options = yaml.safe_load("\n".join(re.findall(r"^#\| (.*)$", cell.source, re.MULTILINE)))
        label = (options or {}).get("label", "")
        labels.append(label)
        if label.startswith("tbl-"):
            assert options["tbl-cap"]
        if label.startswith("fig-"):
            assert options["fig-cap"]
            assert options["fig-alt"]
    used = [label for label in labels if label]
    assert len(used) == len(set(used))


def test_no_label_stands_in_two_notebooks() -> None:
    labels = [
        label
        for path in NOTEBOOKS
        for label in re.findall(
            r"#\| label: ((?:tbl|fig)-[\w-]+)", path.read_text(encoding="utf-8")
        )
    ]
    assert len(labels) == len(set(labels))


@pytest.mark.parametrize("number", [1, 2, 4, 40])
def test_every_notebook_is_in_one_share(number: int) -> None:
    runs = notebooks.runs(ROOT, Path("processed"), "cohort")
    shares = notebooks.shares(runs, number)
    assert len(shares) == min(number, len(runs))
    assert all(shares)
    assert sorted(run.notebook.name for share in shares for run in share) == [
        run.notebook.name for run in runs
    ]
