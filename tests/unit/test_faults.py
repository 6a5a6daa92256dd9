"""What the machine does to a run: nothing half-published, and a message an analyst can read."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from analysis import cli, cluster, pipeline, places
from analysis.errors import AnalystError
from analysis.publish import builtin, incremental, manifest, rendering
from analysis.publish.stage import Staged
from tests.conftest import Rendered
from tests.studies import made


@pytest.fixture
def report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Staged, Path]:
    """A project that renders to one page, and the report that is at its place before."""

    def page(read: Any, making: Path) -> list[Path]:
        (making / "index.html").write_text("new")
        return [making / "index.html"]

    monkeypatch.setattr(builtin, "read", lambda project, formats: None)
    monkeypatch.setattr(builtin, "write", page)
    (tmp_path / "project").mkdir()
    place = tmp_path / "site" / "S12"
    place.mkdir(parents=True)
    (place / "index.html").write_text("old")
    return Staged(tmp_path / "project", tmp_path, None), place  # type: ignore[arg-type]


def made_at(report: tuple[Staged, Path]) -> None:
    staged, place = report
    rendering.render(staged, place, None, ("html",), "pandoc", lambda making: None)  # type: ignore[arg-type]
    rendering.put_all([place])


def test_a_report_is_made_beside_its_place(
    report: tuple[Staged, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """On another file system than the project, a rename from there would fail."""
    _, place = report
    seen: list[Path] = []
    rename = Path.rename

    def near(self: Path, target: Path) -> Path:
        seen.append(self)
        if self.parent != Path(target).parent:
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", near)
    made_at(report)
    assert (place / "index.html").read_text() == "new" and len(seen) == 2
    assert [path.name for path in place.parent.iterdir()] == ["S12"]


@pytest.mark.parametrize("fails", [1, 2])
def test_where_a_rename_fails_the_report_before_stays(
    report: tuple[Staged, Path], monkeypatch: pytest.MonkeyPatch, fails: int
) -> None:
    rename, seen = Path.rename, [0]

    def failing(self: Path, target: Path) -> Path:
        seen[0] += 1
        if seen[0] == fails:
            raise OSError(errno.EIO, "Input/output error")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(OSError, match="Input/output"):
        made_at(report)
    place = report[1]
    assert (place / "index.html").read_text() == "old"
    assert [path.name for path in place.parent.iterdir()] == ["S12"]


def test_death_between_the_two_renames_is_healed(report: tuple[Staged, Path]) -> None:
    place = report[1]
    place.rename(place.parent / ".S12.old")
    (place.parent / ".S12.new").mkdir()
    assert rendering.healed(place)
    assert (place / "index.html").read_text() == "old" and not rendering.healed(place)
    # Death after the second rename: what is there is the new one.
    (place.parent / ".S12.old").mkdir()
    assert rendering.healed(place) and (place / "index.html").read_text() == "old"
    assert [path.name for path in place.parent.iterdir()] == ["S12"]


@pytest.mark.parametrize(
    "number", ["ENOSPC", "EDQUOT", "EROFS", "EACCES", "EIO", "EMFILE", "memory"]
)
def test_the_machines_errors_are_messages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: str
) -> None:
    def fails(study: Any) -> None:
        if number == "memory":
            raise MemoryError
        raise OSError(getattr(errno, number), "as the system says", "/some/file")

    monkeypatch.setattr(pipeline, "prepare", fails)
    study = made.baseline(tmp_path / "study")
    done = CliRunner().invoke(cli.app, ["prepare", "--study", str(study)])
    assert done.exit_code == 1 and "to do:" in done.stderr
    assert isinstance(done.exception, SystemExit)

    # And of a unit, which does not stop the others.
    def unit(name: str) -> None:
        fails(name)

    ((_, error),) = cluster.each(unit, ["S01"], None, tmp_path)
    assert isinstance(error, AnalystError) and "defect" not in error.fix


def test_two_commands_at_once(tmp_path: Path) -> None:
    study = made.baseline(tmp_path / "study")
    with places.alone(study):
        done = CliRunner().invoke(cli.app, ["prepare", "--study", str(study)])
        assert done.exit_code == 1 and "Another command is working" in done.stderr
        # Another study is another matter.
        other = made.baseline(tmp_path / "other")
        with places.alone(other):
            pass
    assert CliRunner().invoke(cli.app, ["prepare", "--study", str(study)]).exit_code == 0


def test_damage_of_equal_size_is_found(tmp_path: Path) -> None:
    path = tmp_path / "processed" / "x.parquet"
    path.parent.mkdir()
    path.write_bytes(b"abcd")
    made_files = incremental.as_made([path], path.parent)
    assert incremental.still_there(made_files, path.parent)
    path.write_bytes(b"abce")
    os.utime(path, ns=(1, 1))
    assert not incremental.still_there(made_files, path.parent)
    path.write_bytes(b"abcd")
    os.utime(path, ns=(2, 2))
    assert incremental.still_there(made_files, path.parent), "touched, and the same"
    # A project that was moved is as it was.
    moved = path.parent.rename(tmp_path / "moved")
    assert incremental.still_there(made_files, moved)


def test_records_hold_no_absolute_path(rendered: Rendered) -> None:
    records = list((rendered.root / "data/processed/made").rglob("*.json"))
    assert len(records) >= 4
    for path in records:
        assert str(rendered.root) not in path.read_text(encoding="utf-8"), path
        assert not any(name.startswith("/") for name in json.loads(path.read_text())["made"])


def test_a_damaged_page_of_equal_size_is_made_again(tmp_path: Path) -> None:
    place = tmp_path / "report"
    place.mkdir()
    (place / "index.html").write_text("3.46")
    record = incremental.report_record(tmp_path / "processed", "S01")
    rows: Any = SimpleNamespace(hashes={})  # of which none was asked for
    incremental.Report(record).made({}, rows, [], {}, [place / "index.html"], [place])
    assert incremental.Report(record).reasons({}, rows) == []
    (place / "index.html").write_text("3.64")
    os.utime(place / "index.html", ns=(1, 1))
    assert incremental.Report(record).reasons({}, rows) == [
        "a file of it is missing or was changed"
    ]


@pytest.mark.skipif(not cluster.FORKED, reason="workers are not forked here")
def test_without_any_worker_a_run_ends_with_a_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "NOBODY", 3.0)
    monkeypatch.setattr(cluster, "LOOK", 0.5)

    with cluster.workers(1, address="") as client:
        assert client is None
    with cluster.workers(2) as client:
        assert client is not None
        client.wait_for_workers(2, timeout=60)
        # Nobody can be started in their place, as when the process they are forked from is gone.
        client.cluster.scale(0)  # type: ignore[union-attr]
        while client.scheduler_info()["workers"]:
            time.sleep(0.1)
        with pytest.raises(AnalystError, match="No process has been there"):
            list(cluster.each(str.lower, ["S01"], client, tmp_path))


@pytest.mark.skipif(not cluster.FORKED, reason="workers are not forked here")
def test_what_is_forked_ends_with_the_process_that_everything_was_started_by() -> None:
    """As a run, the process that it forks from, and a worker: the first is killed."""
    code = (
        "import os, subprocess, sys, time\n"
        "middle = 'import os, sys, time, analysis.orphans; worker = os.fork() or os.getpid();'\n"
        "middle += 'os.write(1, str(os.getpid()).encode() + bytes([10])); time.sleep(60)'\n"
        "subprocess.Popen([sys.executable, '-c', middle])\n"
        "time.sleep(60)\n"
    )
    run = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert run.stdout is not None
    started = [int(run.stdout.readline()) for _ in range(2)]
    run.kill()
    run.wait()
    end = time.monotonic() + 2
    while any(Path(f"/proc/{pid}").exists() for pid in started) and time.monotonic() < end:
        time.sleep(0.02)
    assert not [pid for pid in started if Path(f"/proc/{pid}").exists()]


def test_a_manifest_finds_what_a_disk_did(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("3.46")
    outputs = manifest.outputs(tmp_path)
    stamp = (tmp_path / "a.html").stat().st_mtime_ns
    (tmp_path / "a.html").write_text("3.64")
    os.utime(tmp_path / "a.html", ns=(stamp, stamp))
    assert manifest.outputs(tmp_path) != outputs
