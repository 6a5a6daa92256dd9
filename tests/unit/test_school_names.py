"""A school is called what schools.csv calls it, whatever marks are in its name."""

from __future__ import annotations

import sys
from html import unescape
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from pypdf import PdfReader

sys.path.insert(0, str(Path(__file__).parent))

import test_builtin_fixture as project_maker

from analysis.publish import stage
from analysis.publish.builtin import render
from analysis.study import load
from tests.conftest import ROOT


@pytest.mark.parametrize(
    "name",
    [
        "St *Mary's* & All",
        "`q` ~~s~~ ^u^ ~v~ _e_ __f__",
        "A -- B --- C ... \"D\" 'E'",
        "[Oak](https://example.org) <b>Ash</b> @elm",
        "{{< meta unit >}} $x$ #panic() a\\b | c",
        "# 1 of Oak",
        "1. Oak: *the* first",
    ],
)
def test_a_name_is_shown_as_typed(tmp_path: Path, name: str) -> None:
    page: Any = SimpleNamespace(
        study=load(ROOT / "data/raw"), unit="S01", is_school=True,
        school={"name": name},
    )  # fmt: skip
    project = project_maker.document_project(tmp_path / "project")
    metadata = stage.unit_metadata(page)
    (project / "_unit.yml").write_text(yaml.safe_dump(metadata), encoding="utf-8")
    (project / "report/school.qmd").write_text("---\ntoc: true\n---\n\n## Staff\n\nText.\n")
    render(project, tmp_path / "out", ["html", "pdf"])
    html = unescape((tmp_path / "out/index.html").read_text(encoding="utf-8"))
    for tag in ("title>", 'h1 class="site-title">'):
        assert f"<{tag}{name}<" in html
    printed = PdfReader(tmp_path / "out/report.pdf")
    assert printed.metadata is not None
    assert printed.metadata.title == name
    typed = "".join(name.split())
    assert typed in "".join("".join(part.extract_text() for part in printed.pages).split())
