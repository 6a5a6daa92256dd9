"""The tutorial is gone through as it stands: every line of its blocks of code, in an empty folder."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.verify


def blocks() -> str:
    text = (ROOT / "docs/tutorial.md").read_text(encoding="utf-8")
    return "".join(re.findall(r"^```(?:bash)?\n(.*?)^```", text, re.MULTILINE | re.DOTALL))


def test_an_afternoon_goes_as_it_is_told(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    done = subprocess.run(
        ["bash", "-e", "-x", "-c", blocks()],
        cwd=tmp_path,
        env={**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    project = tmp_path / "anchor"
    assert (project / "data/releases/anchor_schools/2025-summer/1").is_dir()
    packages = project / "report/_packages/anchor_schools/2025-summer"
    # The smallest school is sent a report as well, without results of its own.
    assert len(list(packages.glob("*.zip"))) == 6
    assert list((project / "report/_site/anchor_schools/2025-summer/packs/LEE").glob("*.pptx"))
    assert "students_2026.csv" in (project / "data/raw/study.yaml").read_text(encoding="utf-8")
    assert "put students_2026.csv there" in done.stdout
