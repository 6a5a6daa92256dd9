"""Units on Dask: workers that die or take too long cost one unit, and no other."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

import pandas as pd
import pytest

from analysis import cluster, pipeline, questions, releasing
from analysis import compute as computing
from analysis import study as studies
from analysis.disclosure import decide
from analysis.disclosure.ladder import Attacked
from analysis.errors import AnalystError
from analysis.prepare import Prepared, prepare
from analysis.publish import incremental, outcome
from analysis.publish.rendering import destinations
from analysis.results import Result, ledger
from analysis.study import Study
from tests.conftest import ROOT, Rendered, copy_project
from tests.conftest import UNITS as RENDERED
from tests.unit.test_release_attacked import PRIMARY, STUDY, people
from tests.unit.test_release_attacked import results as results_of

RAW = ROOT / "data" / "raw"
UNITS = [f"U{number}" for number in range(6)]


class Work:
    """A unit's work that misbehaves for some units. Each attempt leaves a file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, unit: str) -> str:
        attempt = len(list(self.folder.glob(f"{unit}.*")))
        (self.folder / f"{unit}.{attempt}").write_text(str(os.getpid()))
        if unit == "U1":
            raise AnalystError("U1 is wrong.", where="there", fix="Put it right.")
        if unit == "U2":
            os.kill(os.getpid(), signal.SIGKILL)
        if unit == "U3" and attempt == 0:
            os._exit(3)
        if unit == "U4":
            time.sleep(60)
        if unit == "U5":
            raise ZeroDivisionError("of no unit's making")
        return unit.lower()


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("work")
    with cluster.workers(2) as client:
        assert client is not None
        done = dict(cluster.each(Work(folder), UNITS, client, folder / "notes", limit=4))
        # Dead workers are replaced, or this would not end.
        client.wait_for_workers(2, timeout=30)
    return {"done": done, "folder": folder}


def test_every_unit_has_a_result(results: dict[str, Any]) -> None:
    assert sorted(results["done"]) == UNITS


def test_good_units_are_done_whatever_happens_to_others(results: dict[str, Any]) -> None:
    assert results["done"]["U0"] == "u0"


def test_an_analysts_error_arrives_as_it_was_raised(results: dict[str, Any]) -> None:
    assert results["done"]["U1"].lines() == [
        "U1 is wrong.",
        "  where: there",
        "  to do: Put it right.",
    ]


def test_a_unit_that_ends_its_worker_is_given_up_after_the_second_time(
    results: dict[str, Any],
) -> None:
    assert "ended 2 times" in results["done"]["U2"].what
    assert len(list(results["folder"].glob("U2.*"))) == 2


def test_a_unit_whose_worker_died_once_is_done_by_another(results: dict[str, Any]) -> None:
    assert results["done"]["U3"] == "u3"
    pids = {path.read_text() for path in results["folder"].glob("U3.*")}
    # Or more: a result that had not left a worker when another unit ended it is made again.
    assert len(pids) >= 2


def test_a_unit_that_takes_too_long_is_ended_and_not_tried_again(results: dict[str, Any]) -> None:
    assert "longer than 4 seconds" in results["done"]["U4"].what
    assert len(list(results["folder"].glob("U4.*"))) == 1


def test_an_unexpected_error_says_where(results: dict[str, Any]) -> None:
    error = results["done"]["U5"]
    assert "ZeroDivisionError: of no unit's making" in error.what
    assert Path(__file__).name in error.where


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> tuple[Prepared, Path]:
    """The demonstration study's data, and the folder that they are in."""
    folder = tmp_path_factory.mktemp("processed")
    found = prepare(studies.load(RAW), tmp_path_factory.mktemp("key"), folder=folder)
    return found, folder


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some questions, of blocks of five schools."""
    asked = tuple(
        each
        for each in questions.QUESTIONS
        if each.function.partition(".")[2].startswith(("level", "beside", "response", "quality"))
        or each.function == "statistics.outcomes:rates"
    )
    monkeypatch.setattr(questions, "QUESTIONS", asked)
    monkeypatch.setattr(computing, "BLOCK", 5)


def test_workers_compute_the_same_though_one_is_killed(
    prepared: tuple[Prepared, Path], quick: None
) -> None:
    study, folder = prepared
    alone = computing.compute(study)
    kept = computing.Kept(folder, "two")
    with cluster.workers(2) as client:
        assert client is not None
        client.wait_for_workers(2, timeout=180)
        pid, *_ = client.run(os.getpid).values()

        def killed(done: int, of: int) -> None:
            if done == 2:
                os.kill(pid, signal.SIGKILL)

        found = computing.compute(study, kept, lambda pieces: client, killed)
    pd.testing.assert_frame_equal(found, alone, check_exact=True)
    # And what they left is all that is needed: nobody is asked again.
    again = computing.compute(study, kept, no_workers)
    pd.testing.assert_frame_equal(again, alone, check_exact=True)


def no_workers(pieces: int) -> NoReturn:
    raise AssertionError(f"{pieces} pieces are computed again")


def test_a_cluster_computes_the_same(
    prepared: tuple[Prepared, Path], elsewhere: tuple[str, list[subprocess.Popen[str]]], quick: None
) -> None:
    study, folder = prepared
    address, _ = elsewhere
    kept = computing.Kept(folder, "cluster")
    with cluster.workers(1, address) as client:
        found = computing.compute(study, kept, lambda pieces: client)
    pd.testing.assert_frame_equal(found, computing.compute(study), check_exact=True)


def test_workers_attack_as_one_process_does() -> None:
    rows = ledger(made_up(dict.fromkeys(PRIMARY[:4], (20, 2, 3))), "test")
    alone = Attacked("code")
    plain = decide(rows, STUDY, attacked=alone)
    with cluster.workers(2) as client:
        assert client is not None
        shared = Attacked("code", attack=partial(cluster.many, client, 2))
        found = decide(rows, STUDY, attacked=shared)
        # What is large is sent once, on purpose: no message of the scheduler's reaches an analyst.
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            calls = [partial(len, bytes(20_000_000)), *(partial(int, n) for n in range(5))]
            assert [*cluster.many(client, 2, calls)] == [20_000_000, 0, 1, 2, 3, 4]
    pd.testing.assert_frame_equal(found, plain)
    assert shared.now == alone.now and shared.now


def made_up(schools: dict[str, tuple[int, int, int]]) -> Iterator[Result]:
    return results_of(people(schools))


class Part:
    """A share of a unit's work: some number, or what goes wrong."""

    def __init__(self, number: int, folder: Path) -> None:
        self.number, self.folder = number, folder

    def __call__(self, unit: str, before: tuple[tuple[int, ...], ...] = ()) -> int:
        if unit == "U1" and self.number == 1:
            raise AnalystError("A part of U1 is wrong.", where="there", fix="Put it right.")
        if unit == "U2":
            attempts = self.folder / f"{unit}.{self.number}"
            with attempts.open("a") as file:
                file.write("begun\n")
            if self.number == 1:
                os._exit(3)
        return self.number + 10 * sum(map(sum, before))


def together(unit: str, before: tuple[tuple[int, ...], ...] = ()) -> str:
    """A unit's work, from what its parts returned."""
    return f"{unit}: {before}" if before else unit


def test_the_parts_of_each_step_are_done_before_the_next_and_one_that_fails_costs_that_unit(
    tmp_path: Path,
) -> None:
    def steps(unit: str) -> list[list[Part]]:
        if unit == "U3":
            return []
        return [[Part(number, tmp_path) for number in step] for step in ((1, 2, 4), (5,), (6, 7))]

    with cluster.workers(2) as client:
        units = ["U0", "U1", "U2", "U3"]
        notes = tmp_path / "notes"
        done = dict(cluster.each(together, units, client, notes, 30, steps))
    assert done["U0"] == "U0: [[1, 2, 4], [75], [826, 827]]"
    assert done["U3"] == "U3"
    assert "A part of U1 is wrong" in done["U1"].what
    assert "working on U2 ended 2 times" in done["U2"].what
    assert len((tmp_path / "U2.1").read_text().splitlines()) == 2


class Noted:
    """Work that takes a while, and notes when it began, as what, and where."""

    def __init__(self, name: str, seconds: float, folder: Path) -> None:
        self.name, self.seconds, self.folder = name, seconds, folder

    def __call__(self, unit: str, before: tuple[tuple[Any, ...], ...] = ()) -> str:
        name = self.name or unit
        (self.folder / name).write_text(f"{time.time()} {os.getpid()}")
        time.sleep(self.seconds)
        return name


def test_what_goes_first_is_begun_first_and_no_part_waits_for_one_worker_alone(
    tmp_path: Path,
) -> None:
    def steps(unit: str) -> list[list[Noted]]:
        if unit != "P":
            return []
        lengths = ((0.2, 0.8), (0.6, 0.6))
        return [
            [Noted(f"P{step}{part}", each, tmp_path) for part, each in enumerate(of)]
            for step, of in enumerate(lengths)
        ]

    with cluster.workers(2) as client:
        assert client is not None
        client.wait_for_workers(2, timeout=60)
        units = ["U0", "U1", "U2", "U3", "P"]
        task = Noted("", 0.4, tmp_path)
        done = [
            unit for unit, _ in cluster.each(task, units, client, tmp_path / "notes", 30, steps)
        ]
    assert sorted(done) == sorted(units)
    noted = {path.name: path.read_text().split() for path in tmp_path.iterdir() if path.is_file()}
    begun = sorted(noted, key=lambda name: float(noted[name][0]))
    # Its parts before any other unit; others while one part of the step is still at work; and the
    # next step before whatever has not begun.
    assert set(begun[:2]) == {"P00", "P01"} and begun[2] == "U0"
    assert begun.index("P10") < begun.index("U3") and begun.index("P11") < begun.index("U3")
    assert noted["P10"][1] != noted["P11"][1]


def note_where(folder: Path) -> None:
    (folder / str(os.getpid())).touch()
    if len(list(folder.iterdir())) > 1:
        raise RuntimeError("of no interest")


def test_every_worker_gets_ready_and_nobody_waits_for_it(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    ready.mkdir()
    with cluster.workers(2) as client:
        assert client is not None
        client.wait_for_workers(2, timeout=60)
        cluster.everywhere(client, partial(note_where, ready))
        units = ["U0", "U1", "U2", "U3"]
        task = Noted("", 0.3, tmp_path)
        assert len(dict(cluster.each(task, units, client, tmp_path / "notes", 30))) == 4
    at_work = {(tmp_path / unit).read_text().split()[1] for unit in units}
    assert {path.name for path in ready.iterdir()} == at_work and len(at_work) == 2


def test_one_job_needs_no_cluster(tmp_path: Path) -> None:
    with cluster.workers(1) as client:
        assert client is None
        (done,) = cluster.each(Work(tmp_path), ["U0"], client, tmp_path / "notes")
    assert done == ("U0", "u0")


def test_a_unit_that_takes_too_long_is_interrupted_without_workers_too(tmp_path: Path) -> None:
    units = cluster.each(Work(tmp_path), ["U4", "U0"], None, tmp_path / "notes", limit=0.5)
    done = dict(units)
    assert "took longer" in done["U4"].what
    assert done["U0"] == "u0"


def test_no_scheduler_is_a_readable_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "PATIENCE", "1s")
    with (
        pytest.raises(AnalystError, match=r"No Dask scheduler answers at tcp://127\.0\.0\.1:9"),
        cluster.workers(2, "tcp://127.0.0.1:9"),
    ):
        pass


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[tuple[str, list[subprocess.Popen[str]]]]:
    """A Dask scheduler and two workers, each a process of its own, as on a cluster."""
    paths = (ROOT, Path(__file__).parent)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, paths))}

    def start(*command: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "distributed.cli." + command[0], *command[1:]],
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
            env=environment,
            cwd=tmp_path,
            start_new_session=True,
        )

    scheduler = start("dask_scheduler", "--port", "0", "--host", "127.0.0.1", "--no-dashboard")
    assert scheduler.stderr is not None
    address = ""
    for line in scheduler.stderr:
        if found := re.search(r"Scheduler at:\s+(tcp://\S+)", line):
            address = found.group(1)
            break
    ours = ("--nthreads", "1", "--no-dashboard", "--local-directory", str(tmp_path))
    workers = [start("dask_worker", address, *ours) for _ in range(2)]
    yield address, workers
    for process in [*workers, scheduler]:
        # With the worker process that each of them keeps.
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=20)
        assert process.stderr is not None
        process.stderr.close()


def worker_of(folder: Path, unit: str) -> int:
    """The process that has begun a unit."""
    note = folder / f"{unit}.0"
    for _ in range(600):
        if note.exists() and note.read_text():
            return int(note.read_text())
        time.sleep(0.05)
    raise AssertionError(f"{unit} was not begun")


class Slow:
    """Work that waits until it is let go, or a second when tried again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, unit: str) -> str:
        attempt = len(list(self.folder.glob(f"{unit}.*")))
        (self.folder / f"{unit}.{attempt}").write_text(str(os.getpid()))
        time.sleep(30 if unit == "U0" and attempt == 0 else 0.2)
        return unit


def test_on_a_cluster_a_worker_killed_in_the_middle_costs_nothing(
    elsewhere: tuple[str, list[subprocess.Popen[str]]], tmp_path: Path
) -> None:
    address, _ = elsewhere
    work = tmp_path / "work"
    work.mkdir()
    with cluster.workers(2, address, incremental.code_hash) as client:
        units = cluster.each(Slow(work), ["U0", "U1", "U2", "U3"], client, work / "notes")
        first = next(units)
        os.kill(worker_of(work, "U0"), signal.SIGKILL)
        done = dict([first, *units])
    assert done == {unit: unit for unit in ("U0", "U1", "U2", "U3")}
    assert len(list(work.glob("U0.*"))) == 2


def test_workers_with_other_code_are_refused(
    elsewhere: tuple[str, list[subprocess.Popen[str]]],
) -> None:
    address, _ = elsewhere
    with (
        pytest.raises(AnalystError, match="another version of the package"),
        cluster.workers(2, address, lambda: str(os.getpid())),
    ):
        pass


def files(place: Path) -> dict[str, bytes]:
    return {
        path.relative_to(place).as_posix(): path.read_bytes()
        for path in sorted(place.rglob("*"))
        if path.is_file()
    }


def released_copy(rendered: Rendered, folder: Path) -> Study:
    """The study in a project of its own, with the same release and no reports yet."""
    root = copy_project(folder / "project")
    for name in ("ledger", "released"):
        shutil.copytree(rendered.root / "data/processed" / name, root / "data/processed" / name)
    study = studies.load(root / "data/raw")
    releasing.record(study).made((root / "data/processed/released").iterdir())
    return study


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_document_that_fails_leaves_all_documents_as_they_were(tmp_path: Path, jobs: int) -> None:
    """They are rendered beside each other: one that is made waits for one that is not."""
    root = copy_project(tmp_path / "project", study=False)
    shutil.copytree(ROOT / "tests/studies/minimal", root / "data/raw")
    study = studies.load(root / "data/raw")
    site = root / "report/_site"
    places = destinations(site, study, "cohort")
    assert not pipeline.render(study, ["cohort"], ("html",), "pandoc", jobs).failed
    before = [files(place) for place in places]
    broken = root / "report/methods.qmd"
    broken.write_text(
        broken.read_text(encoding="utf-8") + "\n\n[a](javascript:a)\n", encoding="utf-8"
    )
    with (root / "data/raw/study.yaml").open("a", encoding="utf-8") as file:
        file.write("# Released again, on workers.\n")
    (error,) = pipeline.render(study, ["cohort"], ("html",), "pandoc", jobs).failed.values()
    assert "methods.qmd" in error.where
    assert len(before) > 1 and before == [files(place) for place in places]
    assert {each.name for each in places[0].parent.iterdir()} == {each.name for each in places}


def assert_same_reports(
    study: Study, outcome: outcome.Outcome, rendered: Rendered, engine: str = "warm"
) -> None:
    """Byte for byte, but for the name of the engine in their manifests."""
    assert not outcome.failed and outcome.released is None
    site = study.folder.parent.parent / "report/_site"
    for unit in RENDERED:
        for made, usual in zip(destinations(site, study, unit), rendered.places(unit), strict=True):
            expected = files(usual)
            manifest = expected["manifest.json"].replace(
                b'"engine": "warm"', f'"engine": "{engine}"'.encode()
            )
            assert files(made) == expected | {"manifest.json": manifest}


@pytest.mark.verify
def test_the_report_of_one_process_and_the_stock_engine_is_the_same_byte_for_byte(
    rendered: Rendered, tmp_path: Path
) -> None:
    """The fixture's reports were made by the warm engine on two workers."""
    study = released_copy(rendered, tmp_path)
    outcome = pipeline.render(study, RENDERED, ("html", "pdf"), "pandoc", 1, engine="stock")
    assert_same_reports(study, outcome, rendered, "stock")


@pytest.mark.verify
def test_the_report_of_a_cluster_is_the_same_byte_for_byte(
    rendered: Rendered, elsewhere: tuple[str, list[subprocess.Popen[str]]], tmp_path: Path
) -> None:
    """A scheduler and workers that were started on their own."""
    address, _ = elsewhere
    study = released_copy(rendered, tmp_path)
    outcome = pipeline.render(study, RENDERED, ("html", "pdf"), "pandoc", address=address)
    assert_same_reports(study, outcome, rendered)
