"""The template of printed reports: tables over several pages."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import pytest
import typst
from pypdf import PdfReader

from analysis.publish.builtin.brand import Brand
from tests.conftest import ROOT


@pytest.fixture
def pages(tmp_path: Path) -> list[str]:
    """The text of each page of a table of seven rows of several lines, and one of many pages."""
    words = [f"start{k} {'word ' * 40} end{k}" for k in range(7)]
    words.append(f"startlong {'word ' * 600} endlong")
    cells = "".join(f"[{each}],[beside]," for each in words)
    shutil.copyfile(ROOT / "_extensions/report/styles/template.typ", tmp_path / "template.typ")
    (tmp_path / "brand.typ").write_text(Brand().typst(), encoding="utf-8")
    (tmp_path / "table.typ").write_text(
        '#import "template.typ": data-table\n#set page(width: 12cm, height: 8cm)\n'
        "#data-table(columns: (40, 10), align: (left, left), "
        f"header: ([A], [B]), header-rows: 1, ({cells}))",
        encoding="utf-8",
    )
    content = typst.compile(tmp_path / "table.typ", font_paths=[ROOT / "_extensions/report/fonts"])
    return [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]


def test_a_row_stays_whole_on_its_page(pages: list[str]) -> None:
    for row in range(7):
        starts, ends = ([f"{word}{row}" in page for page in pages] for word in ("start", "end"))
        assert starts == ends and sum(starts) == 1


def test_nothing_of_a_row_taller_than_a_page_is_lost(pages: list[str]) -> None:
    assert any("endlong" in page for page in pages)
    # Text beyond the edge of a page is in the file, too: no page holds more than fits on it.
    words = [page.split().count("word") for page in pages]
    assert sum(words) == 7 * 40 + 600 and max(words) < 200
