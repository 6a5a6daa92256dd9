"""A second process: what it does, and what becomes of it where something goes wrong."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import types
from pathlib import Path

import pytest

from analysis import processes
from analysis.errors import AnalystError
from tests.conftest import ROOT

MODULE = "analysis.errors"
two = pytest.mark.skipif(not processes.FORKED, reason="processes are forked on Linux only")


def process(_: object = None) -> int:
    return os.getpid()


def refuse() -> None:
    raise AnalystError("A row is wrong.", where="file.csv, row 3", fix="Correct it.")


def defect() -> None:
    raise ZeroDivisionError


def end_unless_in(here: int) -> int:
    if os.getpid() != here:
        os._exit(1)
    return here


def unpicklable_unless_in(here: int) -> object:
    return here if os.getpid() == here else (lambda: None)


def wait(note: Path) -> None:
    note.write_text(str(os.getpid()))
    time.sleep(600)


@two
def test_a_function_is_done_beside_this_process() -> None:
    with processes.second(2, MODULE) as beside:
        first, second = beside(process), beside(process)
        assert len({first(), second(), os.getpid()}) == 3


def test_with_one_job_it_is_done_here_and_only_when_asked_for() -> None:
    done: list[int] = []
    with processes.second(1, MODULE) as beside:
        later = beside(done.append, 1)
        assert not done
        later()
    assert done == [1]


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_error_for_analysts_is_raised_here_as_it_was(jobs: int) -> None:
    with processes.second(jobs, MODULE) as beside, pytest.raises(AnalystError) as raised:
        beside(refuse)()
    assert (
        raised.value.lines()
        == AnalystError("A row is wrong.", where="file.csv, row 3", fix="Correct it.").lines()
    )


@pytest.mark.parametrize("jobs", [1, 2])
def test_any_other_error_is_met_again_here(jobs: int) -> None:
    with processes.second(jobs, MODULE) as beside, pytest.raises(ZeroDivisionError) as raised:
        beside(defect)()
    assert raised.traceback[-1].name == "defect"


@two
@pytest.mark.parametrize("function", [end_unless_in, unpicklable_unless_in])
def test_what_a_process_fails_to_hand_over_is_done_here(function: object) -> None:
    with processes.second(2, MODULE) as beside:
        assert beside(function, os.getpid())() == os.getpid()  # type: ignore[arg-type]


@two
def test_what_a_process_cannot_take_is_done_here(monkeypatch: pytest.MonkeyPatch) -> None:
    only_here = types.ModuleType("only_here")
    exec("def size(of):\n    return len(of)", vars(only_here))
    monkeypatch.setitem(sys.modules, "only_here", only_here)
    with processes.second(2, MODULE) as beside:
        # More than a pipe holds: it breaks while the rest is being sent.
        assert beside(only_here.size, bytes(10_000_000))() == 10_000_000


@two
def test_a_package_of_the_same_name_in_the_present_folder_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "there" / "analysis").mkdir(parents=True)
    (tmp_path / "there" / "analysis" / "__init__.py").write_text("")
    script = tmp_path / "script.py"
    script.write_text(
        "import os\n"
        "from analysis import processes\n"
        "if __name__ == '__main__':\n"
        "    with processes.second(2, 'analysis.errors') as beside:\n"
        "        print(beside(os.getpid)() != os.getpid(), 'PYTHONSAFEPATH' in os.environ)\n"
    )
    done = subprocess.run(
        [sys.executable, str(script)],
        cwd=tmp_path / "there",
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("True False\n", "")


@two
def test_a_process_at_work_ends_with_the_block(tmp_path: Path) -> None:
    note = tmp_path / "process"
    with pytest.raises(AnalystError), processes.second(2, MODULE) as beside:
        beside(wait, note)
        while not note.exists() or not note.read_text():
            time.sleep(0.01)
        refuse()
    with pytest.raises(ProcessLookupError):
        os.kill(int(note.read_text()), 0)
