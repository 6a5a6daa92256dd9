"""Every word that a reader sees is a message: in a language made of marks, no other word is left.

What stands outside marks is the study's own, or listed here.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from analysis import forms, pipeline
from analysis import study as studies
from analysis.publish import rendering
from analysis.study import Study
from tests import pseudo
from tests.conftest import Rendered, copy_project
from tests.studies import made

#: Signs of statistics, formats, and names of persons and methods, which are the same everywhere.
NAMES = {"holm", "wilcoxon", "benjamini hochberg", "dz", "dav", "df", "csv", "html", "pdf", "docx"}
#: Ids of tables and figures.
LABEL = re.compile(r"\b(tbl|fig)-[\w-]+")
#: How a quotation whose school must not be known says so; the release writes it.
UNNAMED = re.compile(r", School [A-Z]$")


def leaks(study: Study, said: Iterable[str], least: int = 4) -> dict[str, str]:
    """Words outside marks that are nobody's: as a reader would see them, with what stands around."""
    own = pseudo.own(study)
    found = {}
    for text in said:
        for part in pseudo.unmarked(text):
            part = LABEL.sub("", UNNAMED.sub("", part))
            plain = " ".join(pseudo.WORD.findall(part.casefold()))
            if plain not in NAMES | {""} and not own.says(part, least):
                found[part] = text[:200]
    return found


def of_pages(study: Study, folder: Path) -> dict[str, str]:
    """The same of the pages in a folder; a drawing may have one word of a label in a line."""
    paths = sorted(folder.rglob("*.html"))
    return leaks(study, (said for path in paths for said in pseudo.of_page(path))) | leaks(
        study, (said for path in paths for said in pseudo.of_drawings(path)), 1
    )


def workbooks(*paths: Path) -> Iterator[str]:
    for path in paths:
        yield from pseudo.of_workbook(path)


@pytest.fixture(scope="module")
def marked() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        pseudo.speak(patch)
        yield


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory, marked: None) -> Iterator[Study]:
    """A small study's documents and one school's report, in marks."""
    root = tmp_path_factory.mktemp("marked") / "project"
    copy_project(root, study=False)
    folder = made.bilingual(root / "data" / "raw")
    path = folder / "study.yaml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("- en\n  - cy", "- en"), encoding="utf-8"
    )
    before = Path.cwd()
    os.chdir(root)
    study = studies.load(folder)
    assert study.report.languages == ("en",)
    pipeline.release(study)
    outcome = pipeline.render(study, ["cohort", "Y1"], ("html",), "pandoc", jobs=1)
    assert not outcome.failed, {unit: str(error) for unit, error in outcome.failed.items()}
    yield study
    os.chdir(before)


def test_a_page_in_marks_has_no_word_outside_them_but_the_study_s(small: Study) -> None:
    site = rendering.site(small.folder.parent.parent)
    pages = sorted(site.rglob("*.html"))
    assert sum(pseudo.OPENS in said for page in pages for said in pseudo.of_page(page)) > 500
    assert of_pages(small, site) == {}


def test_workbooks_in_marks_have_no_word_outside_them_but_the_study_s(small: Study) -> None:
    paths = sorted(rendering.site(small.folder.parent.parent).rglob("*.xlsx"))
    assert len(paths) == 3  # the evaluation report, the technical one, and the school's
    assert leaks(small, workbooks(*paths)) == {}


@pytest.mark.verify
def test_the_demonstration_in_marks_has_no_word_outside_them_but_the_study_s(
    rendered: Rendered, marked: None, tmp_path: Path
) -> None:
    """Its documents and a school's report; from the results that are released already."""
    root = tmp_path / "project"
    shutil.copytree(rendered.root, root, ignore=shutil.ignore_patterns("_site", "notebooks"))
    shutil.copytree(rendered.root / "notebooks", root / "notebooks")
    os.chdir(root)
    study = studies.load(root / "data" / "raw")
    outcome = pipeline.render(study, ["cohort", "S14"], ("html",), "pandoc", jobs=1)
    assert not outcome.failed, {unit: str(error) for unit, error in outcome.failed.items()}
    assert of_pages(study, rendering.site(root)) == {}
    written = forms.forms(study, forms.period(study), ["S14"])
    assert leaks(study, workbooks(*written)) == {}
