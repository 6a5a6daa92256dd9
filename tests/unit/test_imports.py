"""Rooms import in one direction: only what stands before them in the flow."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

#: The rooms in the order of the flow (design, section 3). A room imports only rooms before it.
ORDER = (
    "errors",
    "orphans",
    "names",
    "places",
    "memory",
    "cluster",
    "resources",
    "language",
    "words",
    "synthetic",
    "strands",
    "upgrade",
    "questions",
    "handwritten",
    "study",
    "instruments",
    "sources",
    "questionnaire",
    "prepare",
    "results",
    "statistics",
    "qualitative",
    "parts",
    "compute",
    "disclosure",
    "audit",
    "claims",
    "reproduction",
    "present",
    "forms",
    "publish",
    "whole",
    "asking",
    "releasing",
    "texts",
    "tracing",
    "term",
    "pipeline",
    "approval",
    "sending",
    "warm",
    "scaffold",
    "demo",
    "bench",
    "cli",
    "handbook",
)
MODULES = sorted((ROOT / "analysis").rglob("*.py"))


def room(path: Path) -> str:
    parts = path.relative_to(ROOT / "analysis").with_suffix("").parts
    return parts[0]


def imported(path: Path) -> set[str]:
    """Rooms of the package that a module imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            parts = node.module.split(".")
            if parts[0] == "analysis":
                names = [parts[1]] if len(parts) > 1 else [alias.name for alias in node.names]
                found |= set(names)
        elif isinstance(node, ast.Import):
            found |= {
                alias.name.split(".")[1]
                for alias in node.names
                if alias.name.startswith("analysis.")
            }
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_run_one_way(path: Path) -> None:
    if room(path) == "__init__":
        return
    here = ORDER.index(room(path))
    later = {name for name in imported(path) if ORDER.index(name) > here}
    assert not later, f"{path.relative_to(ROOT)} imports {later}"


def test_no_room_is_called_utils() -> None:
    names = {path.stem for path in MODULES} | {path.parent.name for path in MODULES}
    assert not names & {"utils", "util", "helpers", "helper", "common", "misc"}


#: What takes long to import: by the process in which it is not needed.
SLOW = {
    # Makes reports.
    "analysis.warm": (
        "analysis.statistics.mixed", "pandera", "pingouin", "rfc3987_syntax.syntax_helpers",
        "scipy.stats", "seaborn", "statsmodels",
    ),
    # Prepares, decides and has others compute and make reports.
    "analysis.pipeline, analysis.compute": (
        "analysis.statistics.mixed", "IPython", "dask", "distributed", "matplotlib", "pandera",
        "papermill", "pingouin", "scipy.optimize", "scipy.stats", "seaborn", "statsmodels",
        "xlsxwriter",
    ),
    # Computes.
    "analysis.statistics.attrition, analysis.statistics.over_time, analysis.statistics.reliability": (
        "nbformat", "pandera", "plotly", "statsmodels.api", "statsmodels.tsa",
    ),
    # Says that nothing has changed.
    "analysis.cli": ("numpy", "pandas", "pyarrow", "pydantic", "yaml"),
}  # fmt: skip


@pytest.mark.parametrize("process", SLOW)
def test_a_process_imports_nothing_slow_that_it_does_not_need(process: str) -> None:
    code = f"import sys, {process}; print([name for name in sys.argv[1:] if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code, *SLOW[process]],
        capture_output=True, text=True, check=True, cwd=ROOT,
    )  # fmt: skip
    assert done.stdout.strip() == "[]"
