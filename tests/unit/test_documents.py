"""The programme's documents: each a book of its own, linked to the others by name and number."""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from analysis import study as studies
from analysis.disclosure.release import Released
from analysis.prepare import load_instruments
from analysis.present.page import Page
from analysis.publish import builtin, chapters, linking, rendering, stage
from analysis.publish.cutting import Lines
from analysis.publish.executing import Used
from analysis.publish.unit import Laid
from analysis.results import COHORT, COLUMNS
from analysis.study import Study
from tests.conftest import ROOT

HERE = (Path("here.qmd"), 1)
NAMES = {"programme": "the report", "technical": "the technical report"}


def lines(text: str) -> Lines:
    return [(line, HERE) for line in text.splitlines()]


def linked(programme: dict[str, str], technical: dict[str, str]) -> dict[str, dict[str, str]]:
    books = {
        "programme": {path: lines(text) for path, text in programme.items()},
        "technical": {path: lines(text) for path, text in technical.items()},
    }
    return {
        name: {path: "\n".join(line for line, _ in kept) for path, kept in book.items()}
        for name, book in linking.linked(books, NAMES).items()
    }


TECHNICAL = {
    "index.md": "# About {.unnumbered #sec-about}\n\n{{< embed n.ipynb#tbl-first >}}",
    "chapters/a.qmd": "# A {#sec-a}\n\n{{< embed n.ipynb#fig-x >}}\n{{< embed n.ipynb#tbl-x >}}",
    "chapters/b.qmd": (
        "# B {#sec-b}\n\n{{< embed n.ipynb#said >}}\n{{< embed n.ipynb#tbl-y >}}\n"
        "{{< embed n.ipynb#tbl-z >}}\n\n## How *sure*? {#sec-sure}"
    ),
}


@pytest.mark.parametrize(
    ("label", "link"),
    [
        ("tbl-z", "[Table 2.2 of the technical report](../../technical/chapters/b.html#tbl-z)"),
        ("fig-x", "[Figure 1.1 of the technical report](../../technical/chapters/a.html#fig-x)"),
        ("tbl-first", "[Table 1 of the technical report](../../technical/index.html#tbl-first)"),
        (
            "sec-sure",
            "[“How *sure*?” of the technical report](../../technical/chapters/b.html#sec-sure)",
        ),
    ],
)
def test_what_stands_in_another_document_is_a_link_with_its_name(label: str, link: str) -> None:
    found = linked({"chapters/c.qmd": f"# C\n\nSee @{label}."}, TECHNICAL)
    assert found["programme"]["chapters/c.qmd"].endswith(f"See {link}{{.other-document}}.")
    # From a document's first page it is one folder less.
    found = linked({"index.md": f"# C\n\nSee @{label}."}, TECHNICAL)
    assert f"({link.split('(../')[1]}{{" in found["programme"]["index.md"]


def test_what_stands_here_is_referred_to_here_and_what_is_nowhere_is_left() -> None:
    own = "# C\n\nSee @tbl-x, @tbl-none.\n\n{{< embed n.ipynb#tbl-x >}}"
    assert linked({"chapters/c.qmd": own}, TECHNICAL)["programme"]["chapters/c.qmd"] == own


@pytest.fixture
def page(tmp_path: Path) -> Page:
    study = studies.load(ROOT / "data/raw").model_copy(
        update={"folder": tmp_path / "study", "brand": None}
    )
    (tmp_path / "study/texts").mkdir(parents=True)
    return Page(
        study, COHORT, Released(pd.DataFrame(columns=[*COLUMNS, "release", "reason"])),
        pd.DataFrame({"id": ["S01"], "name": ["Oak"]}), pd.DataFrame(),
        load_instruments(studies.load(ROOT / "data/raw")),
    )  # fmt: skip


def without(study: Study, **of: object) -> Study:
    return study.model_copy(update=of)


def test_a_study_has_the_documents_that_it_has_chapters_for(page: Page) -> None:
    def ids(study: Study) -> list[str]:
        return [each.id for each in chapters.documents(study)]

    demonstration = studies.load(ROOT / "data/raw")
    assert ids(demonstration) == ["programme", "technical", "reproduction"]
    # No published figures and no claims in the folder: nothing to reproduce.
    assert ids(page.study) == ["programme", "technical"]
    only = studies.Report(chapters=("introduction", "conclusions"))
    assert ids(without(demonstration, report=only)) == ["programme"]


def test_every_document_is_staged_by_itself_with_the_notebooks_that_it_shows(
    page: Page, tmp_path: Path
) -> None:
    executed = tmp_path / "executed"
    for name, label in (("one", "tbl-rows"), ("two", "finding-plans")):
        (executed / f"{name}.ipynb").parent.mkdir(parents=True, exist_ok=True)
        output = {"output_type": "display_data", "data": {"text/markdown": "x"}, "metadata": {}}
        cell = {"cell_type": "code", "source": f"#| label: {label}\nx", "metadata": {},
                "execution_count": None, "outputs": [output]}  # fmt: skip
        content = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
        (executed / f"{name}.ipynb").write_text(json.dumps(content), encoding="utf-8")
    staged = stage.stage(page, ROOT, executed, tmp_path / "out", ("html",), "pandoc")
    assert [each.folder.name for each in staged] == ["programme", "technical"]
    shown = {each.folder.name: {p.stem for p in each.folder.rglob("*.ipynb")} for each in staged}
    assert shown == {"programme": {"two"}, "technical": {"one"}}
    titles = [studies.read_yaml(each.folder / "_quarto.yml")["book"] for each in staged]
    assert {each["title"] for each in titles} == {page.study.title}
    assert [each["subtitle"] for each in titles] == [page.study.subtitle, "Technical report"]


def test_a_link_to_another_document_is_one_only_to_a_document() -> None:
    assert builtin.dialect.ELSEWHERE_TARGET.fullmatch("../../technical/chapters/a.html#tbl-x")
    for target in ("../../../etc/passwd", "../technical/a.html?x", "/technical/a.html",
                   "technical/a.html", "../../a.html#x y"):  # fmt: skip
        assert not builtin.dialect.ELSEWHERE_TARGET.fullmatch(target), target


def test_documents_that_a_study_no_longer_has_are_taken_away(page: Page, tmp_path: Path) -> None:
    study = studies.load(ROOT / "data/raw")
    for document in chapters.DOCUMENTS:
        (rendering.destination(tmp_path, study, COHORT, document)).mkdir(parents=True)
    rendering.tidy(tmp_path, study)
    edition = rendering.edition(tmp_path, study)
    assert len(list(edition.iterdir())) == 3
    rendering.tidy(tmp_path, without(study, report=studies.Report(chapters=("introduction",))))
    assert [p.name for p in edition.iterdir()] == ["programme"]


def test_no_section_has_the_id_of_another_documents() -> None:
    """A reference to it could mean either."""
    seen: dict[str, str] = {}
    for path in sorted((ROOT / "report").glob("*.qmd")):
        if path.stem == chapters.SCHOOL:
            continue
        for label in re.findall(r"\{[^}]*#(sec-[\w\[\] .-]*)\}", path.read_text(encoding="utf-8")):
            assert label not in seen, f"{label}: {path.name} and {seen[label]}"
            seen[label] = path.name


def test_quartos_profiles_are_the_programmes_documents() -> None:
    """Plain Quarto makes the evaluation report; each other document is a profile's."""
    usual = studies.read_yaml(ROOT / "_quarto.yml")["project"]["output-dir"]
    assert usual.endswith(f"/{chapters.PROGRAMME.id}")
    found = {path.stem.removeprefix("_quarto-"): path for path in ROOT.glob("_quarto-*.yml")}
    assert set(found) == {each.id for each in chapters.DOCUMENTS} - {chapters.PROGRAMME.id}
    for document in chapters.DOCUMENTS[1:]:
        settings = studies.read_yaml(found[document.id])
        assert settings["book"]["subtitle"] == document.label
        # Beside the first, as links between them have it.
        assert Path(settings["project"]["output-dir"]) == Path(usual).with_name(document.id)


def test_the_document_that_shows_most_goes_first_however_many_chapters_it_has() -> None:
    def book(*chapters_of: int) -> SimpleNamespace:
        text = "{{< embed n.ipynb#tbl-a >}} {{< embed n.ipynb#tbl-b >}}"
        made = tuple(
            chapters.Chapter(str(n), tuple(lines("\n".join([text] * n)))) for n in chapters_of
        )
        return SimpleNamespace(book=chapters.Book(made))

    staged: Any = [book(1, 1, 1), book(9), book(2, 2, 1)]
    laid = Laid(staged, [], {}, {}, "", Used())
    assert laid.longest_first == [1, 2, 0]
    assert staged[0].book.embedded == [("n.ipynb", "tbl-a"), ("n.ipynb", "tbl-b")] * 3
