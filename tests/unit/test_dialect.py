"""What ``docs/chapters.md`` says that a chapter may hold, in both renderers."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
import yaml

from analysis import study as studies
from analysis.publish import builtin, quarto, stage
from tests.conftest import ROOT

EXAMPLE = re.compile(r"^(`{3,})markdown\n(.*?)^\1$", re.DOTALL | re.MULTILINE)
#: What of the examples a reader sees: something of each.
SEEN = [
    "stress", "What the note says", "Who answered", "Who was asked", "How the parts hang together",
    "its variance", "One sentence that says what was found", "Good to know",
    "The right column", "The start of the day is calmer now", "What pupils say", "The edition of Summer term",
    "After the break",
]  # fmt: skip


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A report of one document: every example, one after the other."""
    source = (ROOT / "docs/chapters.md").read_text(encoding="utf-8")
    examples = [text for _, text in EXAMPLE.findall(source)]
    assert len(examples) >= 10
    project = tmp_path / "project"
    shutil.copytree(ROOT / "_extensions", project / "_extensions")
    (project / "chapters").mkdir()
    (project / "chapters" / "picture.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="90" height="30"><path d="M0 9h90"/></svg>',
        encoding="utf-8",
    )
    (project / stage.SCHOOL_REPORT).write_text("\n".join(examples), encoding="utf-8")
    stage.copy_plotly(project)
    stage.write_look(stage.read_brand(project, stage.DEFAULT_BRAND), project, project / "data")
    root = studies.read_yaml(ROOT / "_quarto.yml")
    settings = {
        "project": {"type": "default", "output-dir": "_output", "render": [str(stage.SCHOOL_REPORT)]},
        "title": "Examples", "lang": "en-GB", "date": "2026-07-20", "number-sections": False,
        "edition": {"id": "e", "term": "Summer term", "date": "20 July 2026"}, "unit": "S01",
        "filters": [stage.REFERENCES, *root["filters"]], "brand": stage.DEFAULT_BRAND,
        "notice-short": "", "format": root["format"],
    }  # fmt: skip
    settings["format"]["html"]["output-file"] = "index.html"
    settings["format"]["typst"] |= {"output-file": stage.PDF_NAME, "report-kind": "document"}
    (project / "_quarto.yml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    return project


def seen(page: Path) -> None:
    text = " ".join(re.sub(r"<[^>]+>", "", page.read_text(encoding="utf-8")).split())
    assert [words for words in SEEN if words not in text] == []
    # A section without a number is called by its heading.
    assert "See Who answered, or Staff" in text
    assert "A sentence for pages" in text
    assert "A sentence for print" not in text


def test_the_built_in_renderer_shows_every_example(project: Path, tmp_path: Path) -> None:
    page, pdf = builtin.render(project, tmp_path / "made", ["html", "pdf"])
    seen(page)
    assert pdf.stat().st_size


@pytest.mark.quarto
def test_quarto_shows_every_example(project: Path, tmp_path: Path) -> None:
    (tmp_path / "made").mkdir()
    page, pdf = quarto.render(project, tmp_path / "made", 1_700_000_000)
    seen(page)
    assert pdf.stat().st_size
