"""The warm engine and Papermill's own make the same notebooks, byte for byte."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest

from analysis import study as studies
from analysis.disclosure import store
from analysis.prepare import schools
from analysis.publish import notebooks
from tests.conftest import ROOT, Rendered

STUDY = studies.load(ROOT / "data/raw")


def _few() -> list[notebooks.Run]:
    """Every fourth notebook once: of a school's report, or what only the programme's has.

    `make verify` compares every notebook of every unit (below): each needs a process of its own.
    """
    found = {
        run.notebook.name: run
        for unit in ("cohort", "S14")
        for run in notebooks.runs(ROOT, Path(), unit, STUDY)
    }
    return list(found.values())[::4]


RUNS = _few()


@pytest.fixture(scope="module")
def stock(rendered: Rendered, tmp_path_factory: pytest.TempPathFactory) -> Iterator[object]:
    """The notebooks of a unit run by the stock engine, two at a time, as they are asked for."""
    folder = tmp_path_factory.mktemp("stock")
    with ThreadPoolExecutor(2) as pool:
        runs = {
            run: pool.submit(
                notebooks.execute,
                replace(
                    run,
                    notebook=rendered.root / "notebooks" / run.notebook.name,
                    target=folder / run.target,
                ),
                rendered.study,
                "stock",
            )
            for run in RUNS
        }
        yield runs
        for future in runs.values():
            future.cancel()


@pytest.mark.parametrize(
    "run", RUNS, ids=lambda run: "-".join((run.unit, run.notebook.stem, *run.about))
)
def test_the_engines_make_the_same_notebook(
    rendered: Rendered, stock: dict, run: notebooks.Run
) -> None:
    warm = store.processed(rendered.study) / run.target
    assert warm.read_bytes() == stock[run].result().read_bytes()
    nbformat.validate(nbformat.read(warm, as_version=4))


@pytest.mark.verify
def test_the_engines_make_the_same_notebooks_for_every_unit(
    rendered: Rendered, tmp_path: Path
) -> None:
    study = rendered.study
    for unit in store.units(schools.read(study)):
        for run in notebooks.runs(rendered.root, tmp_path, unit, study):
            both = {
                engine: notebooks.execute(
                    replace(run, target=tmp_path / engine), study, engine
                ).read_bytes()
                for engine in ("warm", "stock")
            }
            assert both["warm"] == both["stock"], f"{run.notebook.name} of {unit}"
