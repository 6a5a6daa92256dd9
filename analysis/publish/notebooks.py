"""Run notebooks: one function, by Papermill, once for each unit and notebook."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import nbformat

from analysis import resources
from analysis.errors import AnalystError
from analysis.results import COHORT
from analysis.study import Study

Engine = Literal["warm", "stock"]

#: The tag of cells that are left out for a school: only the programme's report shows them.
PROGRAMME = "programme"
#: The tag of cells that Papermill's client leaves out.
SKIPPED = "skip-execution"

#: A figure takes as long as this many tables, about.
FIGURE = 20

#: What is asked of every notebook; the ``parameters`` cell names the same.
PARAMETERS = ("unit", "study", "edition", "baseline", "followup")


@dataclass(frozen=True)
class Run:
    """One notebook for one unit."""

    notebook: Path
    unit: str
    target: Path


def runs(root: Path, processed: Path, unit: str) -> list[Run]:
    """The runs of a unit: each notebook that has anything to show for it, in order of name.

    The notebooks are those of the project ``root``: its own, and the package's for the rest.
    """
    found = resources.notebooks(root)
    every = [Run(path, unit, processed / "notebooks" / unit / path.name) for path in found]
    programme = unit == COHORT
    return [
        run for run in every if _shows(run.notebook, programme, run.notebook.stat().st_mtime_ns)
    ]


def shares(executed: Sequence[Run], number: int) -> list[list[Run]]:
    """Runs in so many shares of about as much to show; none is empty."""
    found: list[tuple[int, list[Run]]] = [(0, []) for _ in range(number)]
    work = {run: _work(asked(run)) for run in executed}
    for run in sorted(executed, key=lambda run: -work[run]):
        place = min(range(number), key=lambda share: found[share][0])
        found[place] = (found[place][0] + work[run], [*found[place][1], run])
    return [share for _, share in found if share]


def _work(notebook: nbformat.NotebookNode) -> int:
    """How much a notebook has to show, counted in tables."""
    sources = [cell.source for cell in notebook.cells]
    return sum(("#| label:" in text) + FIGURE * ("#| label: fig-" in text) for text in sources)


def execute(run: Run, study: Study, engine: Engine = "warm") -> Path:
    """Run one notebook by Papermill, and write it without clock or machine in it.

    ``warm`` runs it in this process (:mod:`analysis.publish.engine`), ``stock`` in a new one
    by Papermill's own engine: the same outputs, a hundred times slower.

    Raises
    ------
    AnalystError
        If a cell fails: with the notebook, the cell and the error. Nothing is left at the
        target then.
    """
    import papermill
    from papermill.exceptions import PapermillExecutionError

    from analysis.publish.engine import register

    register()
    logging.getLogger("papermill").setLevel(logging.ERROR)
    run.target.parent.mkdir(parents=True, exist_ok=True)
    try:
        # Without an output path: what is kept is written below, in one step.
        executed = papermill.execute_notebook(
            asked(run),
            None,
            parameters=parameters(run, study),
            engine_name=None if engine == "stock" else engine,
            kernel_name="python3",
            progress_bar=False,
            log_output=False,
            cwd=str(run.notebook.parent),
            # A new kernel warns that others on this machine could listen; it is not news here.
            extra_arguments=["--IPKernelApp.log_level=ERROR"],
        )
    except PapermillExecutionError as error:
        raise AnalystError(
            f"The notebook {run.notebook.name} failed for {run.unit}: {error.ename}: "
            f"{error.evalue}",
            where=f"{run.notebook}, cell {error.cell_index + 1}: {_first_line(error.source)}",
            fix=f"Open the notebook in Jupyter, set unit = '{run.unit}', and Run All.",
        ) from None
    write(finished(executed), run.target)
    return run.target


def asked(run: Run) -> nbformat.NotebookNode:
    """The notebook as it is run for a unit: a school's without the cells tagged ``programme``."""
    notebook = nbformat.read(run.notebook, as_version=4)
    if run.unit != COHORT:
        for cell in notebook.cells:
            tags = cell.metadata.get("tags", [])
            if PROGRAMME in tags:
                cell.metadata["tags"] = [*tags, SKIPPED]
    return notebook


@lru_cache(maxsize=256)
def _shows(path: Path, programme: bool, changed: int) -> bool:
    """Whether a notebook shows anything to the programme, or to schools."""
    notebook = asked(Run(path, COHORT if programme else "", path))
    return any(
        "#| label:" in cell.source and SKIPPED not in cell.metadata.get("tags", [])
        for cell in notebook.cells
    )


def parameters(run: Run, study: Study) -> dict[str, str]:
    """The parameters of a run. The study's folder is absolute, so that it holds in any folder."""
    return {
        "unit": run.unit,
        "study": str(study.folder.resolve()),
        "edition": study.edition.id,
        "baseline": study.baseline,
        "followup": study.followup,
    }


def finished(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """An executed notebook as it is kept: the same bytes whenever and wherever it ran.

    Times, durations, random cell ids and the machine's paths go. A figure's alternative text,
    made from the numbers drawn, moves from the output's metadata into the cell's options,
    where Quarto and the built-in renderer read it.
    """
    notebook = nbformat.from_dict(json.loads(json.dumps(notebook)))
    notebook.metadata = nbformat.from_dict(
        {
            key: notebook.metadata[key]
            for key in ("kernelspec", "language_info")
            if key in notebook.metadata
        }
    )
    cells = []
    for place, cell in enumerate(notebook.cells):
        if "injected-parameters" in cell.metadata.get("tags", []):
            # The machine's path to the study is in it; the parameters are in the metadata.
            continue
        cell.id = f"cell-{place:02d}"
        tags = [tag for tag in cell.metadata.get("tags", []) if tag != SKIPPED]
        cell.metadata = nbformat.from_dict({"tags": tags})
        if cell.cell_type == "code":
            cell.execution_count = None
            for output in cell.outputs:
                if output.output_type == "execute_result":
                    output.execution_count = None
                _keep_alternative_text(cell, output)
        cells.append(cell)
    notebook.cells = cells
    return notebook


def write(notebook: nbformat.NotebookNode, path: Path) -> None:
    """Write a notebook in one step, so that a reader never finds half of it."""
    temporary = path.with_suffix(f".{os.getpid()}.part")
    # Indented, as nbformat writes it, takes several times as long, and programs read it.
    content = json.dumps(notebook, ensure_ascii=False, sort_keys=True)
    temporary.write_text(content + "\n", encoding="utf-8")
    temporary.replace(path)


def alias(unit: str) -> str:
    """The folder a report's chapters embed from: every school's report embeds from ``school``."""
    return COHORT if unit == COHORT else "school"


def _keep_alternative_text(cell: Any, output: Any) -> None:
    record = output.get("metadata", {}).get("drp", {})
    if "alt" not in record:
        return
    lines = [line for line in cell.source.splitlines() if not line.startswith("#| fig-alt:")]
    options = sum(1 for line in lines if line.startswith("#|"))
    lines.insert(options, f"#| fig-alt: {json.dumps(record['alt'], ensure_ascii=False)}")
    cell.source = "\n".join(lines)


def _first_line(source: str) -> str:
    lines = [line for line in source.splitlines() if line.strip()]
    return lines[0] if lines else ""
