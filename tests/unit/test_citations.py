"""References by CSL: what an author cites, in the words of the style, listed where it belongs."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis.publish.builtin import DialectError, render
from tests.unit import test_builtin_fixture as project_maker
from tests.unit.test_builtin_render import words_of

BIB = """@book{one, author = {Ash, Ada}, title = {On Trees}, publisher = {Press}, year = {2001}}
@book{two, author = {Elm, Bo}, title = {On Leaves}, publisher = {Press}, year = {2002}}
"""
TEXT = (
    "---\ntitle: Oak\n---\n\n# A\n\nTrees grow [@one, p. 3].\n\n# B\n\n::: {#refs}\nCited:\n:::\n"
)


def project(folder: Path, text: str) -> Path:
    made = project_maker.document_project(folder)
    (made / "report/school.qmd").write_text(text, encoding="utf-8")
    (made / "report/references.bib").write_text(BIB, encoding="utf-8")
    with (made / "_unit.yml").open("a") as file:
        file.write("bibliography: report/references.bib\n")
    return made


def test_a_citation_becomes_words_and_its_work_is_listed(tmp_path: Path) -> None:
    render(project(tmp_path / "p", TEXT), tmp_path / "out", ["html", "pdf"])
    said = " ".join(words_of((tmp_path / "out/index.html").read_text(encoding="utf-8")).split())
    assert "Trees grow (Ash 2001, 3)." in said
    assert "Cited:" in said and said.index("Ash, Ada. 2001") > said.index("Cited:")
    assert "Elm" not in said, "what is not cited is not listed"


def test_an_unknown_key_is_named_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(DialectError) as error:
        render(project(tmp_path / "p", TEXT.replace("@one", "@three")), tmp_path / "out", ["html"])
    assert error.value.line == 7 and "three" in str(error.value)
