"""The warm engine: the stock engine's outputs, from a process that is left as it was."""

from __future__ import annotations

import logging
import os
import random
import sys
import warnings
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import matplotlib as mpl
import nbformat
import numpy as np
import pandas as pd
import papermill
import plotly.io as pio
import pytest
from matplotlib import pyplot
from nbconvert.preprocessors import CoalesceStreamsPreprocessor
from nbformat.v4 import new_code_cell, new_notebook
from papermill.exceptions import PapermillExecutionError

from analysis.publish import engine

#: Each cell puts out something in another way.
CELLS = {
    "streams": "import sys\nprint('one'); print('two', file=sys.stderr); print('three')",
    "result": "import pandas as pd\npd.DataFrame({'a': range(3)})",
    "display": (
        "from IPython.display import HTML, Markdown, display\n"
        "shown = display(HTML('<b>first</b>'), display_id='name')\nprint('between')\n"
        "shown.update(HTML('<b>second</b>'))\nMarkdown('**result**')"
    ),
    "clear": (
        "from IPython.display import clear_output\nprint('a'); clear_output(wait=True); print('b')"
    ),
    "figure": (
        "import matplotlib.pyplot as plt\nfig, ax = plt.subplots(figsize=(1, 1))\nax.plot([1, 2]);"
    ),
    "metadata": (
        "class Shown:\n"
        "    def _repr_mimebundle_(self, include=None, exclude=None):\n"
        "        return ({'text/plain': '', 'text/markdown': '*é*'},\n"
        "                {'drp': {'cells': [(1, 2)], 'é': None}})\n"
        "display(Shown())\nShown()"
    ),
    # The stock engine cuts what is printed where the clock has it.
    "slow": "import time\nprint('a')\ntime.sleep(0.5)\nprint('b')",
    "logging": "import logging\nlogging.getLogger('x').warning('logged')",
    "shell": "get_ipython().system('echo hello'); _exit_code",
    "magic": "%matplotlib inline\n%precision 3\n1 / 3",
    "await": "import asyncio\nawait asyncio.sleep(0)\n'awaited'",
    "names": "sorted(name for name in globals() if not name.startswith('_'))",
    "silent": "x = 1;",
    "asking": "try:\n    input('?')\nexcept Exception as error:\n    print(type(error), error)",
    "allowed": "raise KeyError('allowed')",
    "failing": "def half(x):\n    return x / 0\n\nhalf(1)",
    "after": "print('never run')",
}


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> dict[str, nbformat.NotebookNode]:
    """A notebook of these cells, run by each engine (the warm one twice)."""
    folder = tmp_path_factory.mktemp("engines")
    cells = [new_code_cell(source, id=name) for name, source in CELLS.items()]
    cells[list(CELLS).index("allowed")].metadata["tags"] = ["raises-exception"]
    done = {}
    for name in ("before", "warm", "stock"):
        with pytest.raises(PapermillExecutionError) as failed:
            run(folder, [*cells], name=name, engine="stock" if name == "stock" else "warm")
        assert (failed.value.ename, failed.value.evalue) == (
            "ZeroDivisionError",
            "division by zero",
        )
        done[name] = nbformat.read(folder / f"{name}.out.ipynb", as_version=4)
    # Readers see no cuts; this is how Jupyter's own tools mend them.
    done["stock"], _ = CoalesceStreamsPreprocessor().preprocess(done["stock"], {})
    return done


def run(
    folder: Path, cells: list[Any], name: str = "one", engine: str = "warm", **parameters: Any
) -> nbformat.NotebookNode:
    notebook = new_notebook(cells=[nbformat.from_dict(dict(cell)) for cell in cells])
    notebook.metadata["kernelspec"] = {
        "name": "python3",
        "display_name": "Python 3",
        "language": "python",
    }
    path = folder / f"{name}.ipynb"
    nbformat.write(notebook, path)
    return papermill.execute_notebook(
        str(path),
        str(folder / f"{name}.out.ipynb"),
        parameters=parameters or None,
        engine_name=None if engine == "stock" else engine,
        kernel_name="python3",
        progress_bar=False,
        cwd=str(folder),
        extra_arguments=["--IPKernelApp.log_level=ERROR"],
    )


def source(text: str) -> list[Any]:
    return [new_code_cell(text)]


def code_cells(notebook: nbformat.NotebookNode) -> dict[str, nbformat.NotebookNode]:
    return {cell.id: cell for cell in notebook.cells if cell.id in CELLS}


@pytest.mark.parametrize("name", CELLS)
@pytest.mark.parametrize("which", ["before", "warm"])
def test_a_cell_puts_out_what_the_stock_engine_writes(
    both: dict[str, nbformat.NotebookNode], name: str, which: str
) -> None:
    ours, theirs = code_cells(both[which])[name], code_cells(both["stock"])[name]
    assert ours.outputs == theirs.outputs
    assert ours.execution_count == theirs.execution_count
    assert set(ours.metadata) == set(theirs.metadata)
    assert set(ours.metadata.get("execution", {})) == set(theirs.metadata.get("execution", {}))
    for key in ("exception", "status"):
        assert ours.metadata.papermill[key] == theirs.metadata.papermill[key]


def test_the_notebooks_are_valid_and_have_the_same_metadata(
    both: dict[str, nbformat.NotebookNode],
) -> None:
    for notebook in both.values():
        nbformat.validate(notebook)
    ours, theirs = both["warm"].metadata, both["stock"].metadata
    assert {k: v for k, v in ours.items() if k != "papermill"} == {
        k: v for k, v in theirs.items() if k != "papermill"
    }
    assert set(ours.papermill) == set(theirs.papermill)


def test_papermill_finds_the_engine_by_its_entry_point() -> None:
    (found,) = entry_points(group="papermill.engine", name="warm")
    assert found.load() is engine.WarmEngine


def state() -> dict[str, Any]:
    """What a notebook could leave behind."""
    return {
        "environment": dict(os.environ),
        "folder": Path.cwd(),
        "path": list(sys.path),
        "streams": (sys.stdout, sys.stderr, sys.displayhook, sys.excepthook),
        "prompt": hasattr(sys, "ps1"),
        "main": sys.modules["__main__"],
        "warnings": list(warnings.filters),
        "logging": (list(logging.getLogger().handlers), logging.getLogger().level),
        "random": (random.getstate(), np.random.get_state()[1].tolist()),
        "numpy": (np.geterr(), np.get_printoptions()),
        "pandas": (pd.get_option("display.max_rows"), pd.get_option("display.precision")),
        "matplotlib": {k: v for k, v in mpl.rcParams.items() if k != "backend"},
        "figures": pyplot.get_fignums(),
        "letters": mpl.colors.to_rgb("b"),
        "plotly": (pio.templates.default, pio.renderers.default, list(pio.templates)),
        "template": pio.templates["plotly"].to_plotly_json(),
        "recursion": sys.getrecursionlimit(),
    }


UNTIDY = """
import builtins, decimal, logging, os, random, sys, warnings
import matplotlib as mpl, matplotlib.pyplot as plt, numpy as np, pandas as pd
import plotly.io as pio, seaborn as sns
os.environ["LEFT"] = "behind"; os.environ.pop("PATH"); os.chdir("/")
sys.path.insert(0, "/nowhere"); sys.setrecursionlimit(5000); builtins.left = 1
warnings.simplefilter("error"); logging.basicConfig(level="DEBUG", force=True)
random.seed(1); np.random.seed(1); np.seterr(all="raise"); np.set_printoptions(precision=1)
pd.set_option("display.max_rows", 1, "display.precision", 1)
sns.set_theme("poster", "dark", "muted", color_codes=True)
mpl.rcParams["font.size"] = 40; plt.figure(); plt.ioff()
pio.templates["mine"] = pio.templates["plotly_white"]; pio.templates.default = "mine"
pio.templates["plotly"].layout.font.size = 40; pio.renderers.default = "json"
sys.excepthook = print; decimal.getcontext().prec = 3
"""


def test_a_notebook_leaves_the_process_as_it_found_it(tmp_path: Path) -> None:
    run(tmp_path, source("1"))  # imports what is imported once
    before = state()
    run(tmp_path, source(UNTIDY))
    after = state()
    assert {k: v for k, v in after.items() if v != before[k]} == {}
    assert not hasattr(__builtins__, "left")


def test_the_next_notebook_sees_nothing_of_it(tmp_path: Path) -> None:
    look = (
        "import os, random, warnings, pandas as pd, matplotlib as mpl, plotly.io as pio\n"
        "(os.environ.get('LEFT'), pd.get_option('display.max_rows'), mpl.rcParams['font.size'],\n"
        " pio.templates.default, pio.templates['plotly'].layout.font.size, 'left' in dir(),\n"
        " 'secret' in globals(), get_ipython().execution_count)"
    )
    fresh = run(tmp_path, source(look)).cells[0].outputs
    run(tmp_path, source("secret = 1\n" + UNTIDY))
    assert run(tmp_path, source(look)).cells[0].outputs == fresh


def test_a_warning_is_shown_by_every_notebook(tmp_path: Path) -> None:
    cell = source("import warnings\nwarnings.warn('look')")
    first, second = (run(tmp_path, cell).cells[0].outputs[0].text for _ in range(2))
    assert "UserWarning: look" in first and first == second


def test_modules_beside_the_notebook_are_read_anew(tmp_path: Path) -> None:
    (tmp_path / "beside.py").write_text("value = []\n", encoding="utf-8")
    cell = source("import beside\nbeside.value.append(1)\nlen(beside.value)")
    for _ in range(2):
        assert run(tmp_path, cell).cells[0].outputs[0]["data"]["text/plain"] == "1"
    assert "beside" not in sys.modules


def test_what_a_notebook_imports_of_the_environment_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the environment lies in the folder, as that of a project does."""
    monkeypatch.setattr(sys, "prefix", str(tmp_path / ".venv"))
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "installed.py").write_text("value = 1\n", encoding="utf-8")
    run(tmp_path, source("import sys; sys.path.insert(0, '.venv'); import installed"))
    assert sys.modules.pop("installed").value == 1


def test_parameters_are_injected(tmp_path: Path) -> None:
    cell = new_code_cell("unit = 'cohort'", metadata={"tags": ["parameters"]})
    done = run(tmp_path, [cell, new_code_cell("unit")], unit="S01")
    assert done.cells[-1].outputs[0]["data"]["text/plain"] == "'S01'"


def test_exit_is_an_error_of_the_notebook_not_of_the_process(tmp_path: Path) -> None:
    with pytest.raises(PapermillExecutionError, match="SystemExit"):
        run(tmp_path, source("import sys\nsys.exit(3)"))


def test_an_interruption_stops_the_command(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, source("raise KeyboardInterrupt"))


def test_memory_does_not_grow_with_the_number_of_notebooks(tmp_path: Path) -> None:
    cell = source("import numpy as np\nheld = np.ones(2_000_000)  # 16 MB\nheld.sum()")
    held = []
    for _ in range(12):
        run(tmp_path, cell)
        held.append(resident())
    # Were each namespace kept, it would be 128 MB from the fourth to the last.
    assert held[-1] - held[3] < 48


def resident() -> float:
    """Memory of this process in MB."""
    import resource

    statm = Path("/proc/self/statm")
    if statm.exists():
        return int(statm.read_text().split()[1]) * resource.getpagesize() / 2**20
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
