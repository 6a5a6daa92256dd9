"""A run that is ended at a random moment corrupts nothing, loses nothing, and leaves nobody behind."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from analysis.publish import manifest
from tests.conftest import ROOT
from tests.studies import made

KILLS = 50
#: Seconds after which no process may be left.
SOON = 2.0


def command(*args: str) -> list[str]:
    return [sys.executable, "-m", "analysis.cli", *args]


def render(folder: Path, *more: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command("render", "--study", "study", "--to", "html", "--renderer", "pandoc", *more),
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def of_session(session: int) -> list[int]:
    """Processes of a session that still run."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == session and fields[0] != "Z":
            found.append(int(stat.parent.name))
    return found


def content(folder: Path) -> str:
    found = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        found.update(str(path.relative_to(folder)).encode() + path.read_bytes())
    return found.hexdigest()


@pytest.mark.verify
@pytest.mark.skipif(sys.platform != "linux", reason="processes are counted in /proc")
def test_fifty_kills(tmp_path: Path) -> None:
    study = made.baseline(tmp_path / "study")
    began = time.monotonic()
    assert render(tmp_path).wait(timeout=600) == 0
    took = time.monotonic() - began
    raw = content(study)
    reports = tmp_path / "report/_site/reading/start"
    places = [reports / "programme", *sorted((reports / "schools").iterdir())]
    found: Counter[str] = Counter()
    moment = random.Random(7)
    for _ in range(KILLS):
        run = render(tmp_path, "--again")
        time.sleep(moment.uniform(0.05, 1.0) * took)
        finished = run.poll() is not None
        os.kill(run.pid, signal.SIGKILL) if not finished else None
        run.wait()
        found["kills"] += 1
        found["came too late"] += finished
        end = time.monotonic() + SOON
        while (left := of_session(run.pid)) and time.monotonic() < end:
            time.sleep(0.05)
        found["processes left"] += len(left)
        for process in left:
            os.kill(process, signal.SIGKILL)
        found["raw data touched"] += content(study) != raw
        for place in places:
            old = place.parent / f".{place.name}.old"
            if not place.is_dir():
                found["between two renames"] += old.is_dir()
                found["lost"] += not old.is_dir()
                place = old
            found["corrupt"] += place.is_dir() and bool(manifest.differences(place))
    assert render(tmp_path).wait(timeout=600) == 0
    done = subprocess.run(
        command("check", "--study", "study"), cwd=tmp_path, capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False,
    )  # fmt: skip
    print("".join(f"\n| {what} | {number} |" for what, number in sorted(found.items())))
    assert done.returncode == 0, done.stderr
    assert found["came too late"] < KILLS / 2
    for what in ("corrupt", "lost", "raw data touched", "processes left"):
        assert found[what] == 0, found
