"""One small study whose schools' reports are in English and in Welsh."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from bs4 import BeautifulSoup
from pypdf import PdfReader
from typer.testing import CliRunner

from analysis import pipeline
from analysis import study as studies
from analysis.cli import app
from analysis.errors import AnalystError
from analysis.publish import manifest, rendering, translating
from analysis.study import Study
from tests.conftest import copy_project
from tests.studies import made, pages

SCHOOL = "Y1"
#: English words that no name or mark of the study has.
ENGLISH = re.compile(r"\b(the|and|of|with|were|which|answered|score|between|shown|school)\b", re.I)
NUMBER = re.compile(r"[\N{MINUS SIGN}-]?\d[\d.,]*|\[[cxz]\]")


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Study]:
    root = tmp_path_factory.mktemp("bilingual") / "project"
    copy_project(root, study=False)
    folder = made.bilingual(root / "data" / "raw")
    before = Path.cwd()
    os.chdir(root)
    found = studies.load(folder)
    pipeline.release(found)
    outcome = pipeline.render(found, [SCHOOL], ("html", "pdf"), "pandoc", jobs=1)
    assert not outcome.failed, {unit: str(error) for unit, error in outcome.failed.items()}
    yield found
    os.chdir(before)


def place(study: Study) -> Path:
    root = study.folder.parent.parent
    return rendering.destination(rendering.site(root), study, SCHOOL)


def numbers(page: Path) -> list[list[str]]:
    """The cells of a page's tables that hold a number or a mark, table by table."""
    return [
        [cell for row in table.rows for cell in row if re.fullmatch(r"[\d.,<\N{MINUS SIGN}]+|\[[cxz]\]", cell)]
        for table in pages.tables(page)
    ]  # fmt: skip


def test_each_page_says_its_language_and_leads_to_the_other(study: Study) -> None:
    for page, code, other, label in (
        (place(study) / "index.html", "en-GB", "cy/index.html", "cy"),
        (place(study) / "cy" / "index.html", "cy", "../index.html", "en"),
    ):
        soup = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
        assert soup.html is not None
        assert soup.html["lang"] == code
        (link,) = soup.select(f'.languages [lang="{label}"] a')
        assert link["href"] == other
        assert (page.parent / other).resolve().is_file()


def test_the_pdf_says_its_language(study: Study) -> None:
    found = PdfReader(place(study) / "cy" / "report.pdf")
    assert found.trailer["/Root"]["/Lang"] == "cy"
    text = "\n".join(page.extract_text() for page in found.pages)
    assert "Tudalen 1 o" in text
    assert "Yn yr adroddiad hwn" in text


def test_a_welsh_page_has_no_english_but_what_is_listed(study: Study) -> None:
    said = pages.words(place(study) / "cy" / "index.html")
    for english in (
        "Nobody has reviewed the Welsh words of this report.",
        "Read this report in English",
        "The school asked for this survey.",  # texts/schools/Y1.md has no translation
    ):
        assert english in said
        said = said.replace(english, " ")
    assert not [said[max(0, m.start() - 40) : m.end() + 40] for m in ENGLISH.finditer(said)]


def test_both_languages_show_the_same_numbers(study: Study) -> None:
    """What one withholds stands nowhere in the other."""
    english, welsh = (numbers(place(study) / name) for name in ("index.html", "cy/index.html"))
    assert sum(map(len, english)) > 50
    assert english == welsh


def test_the_study_s_own_words_are_in_the_language_where_it_has_them(study: Study) -> None:
    said = pages.words(place(study) / "cy" / "index.html")
    for words in ("Arolwg disgyblion", "Mai 2032", "Siaradwch amdano", "Llais mewn penderfyniadau",
                  "Ysgolion Tawel"):  # fmt: skip
        assert words in said
    assert "Siaradwch" not in pages.words(place(study) / "index.html")


def test_what_is_not_translated_is_listed(study: Study) -> None:
    found = [(each.where.partition(",")[0], each.words) for each in translating.lacking(study)]
    assert found == [("study.yaml", "May 2031"), ("texts/schools/Y1.md", "Y1.cy.md")]
    for command in ("texts", "prepare"):
        said = CliRunner().invoke(app, [command, "--study", str(study.folder)])
        assert said.exit_code == 0, said.output
        assert "cy: not translated, study.yaml, line" in said.output
        assert "not reviewed" in said.output
        assert "schools-next.cy" not in said.output


def test_a_folder_is_whole_with_both(study: Study) -> None:
    assert not manifest.differences(place(study))
    outputs = json.loads((place(study) / manifest.FILE).read_text(encoding="utf-8"))["outputs"]
    assert {"index.html", "report.pdf", "cy/index.html", "cy/report.pdf"} <= outputs.keys()


def test_once_the_words_are_signed_the_notice_goes(study: Study) -> None:
    said = CliRunner().invoke(
        app, ["sign", "--study", str(study.folder), "--language", "cy", "--checked-by", "Mair Puw"]
    )
    assert said.exit_code == 0, said.output
    assert translating.reviewed(study, "cy").by == "Mair Puw"  # type: ignore[union-attr]
    outcome = pipeline.render(study, [SCHOOL], ("html",), "pandoc", jobs=1)
    assert not outcome.failed
    assert "Nobody has reviewed" not in pages.words(place(study) / "cy" / "index.html")
    # Words that have changed since are not those that were signed.
    path = next(studies.Path(study.folder).parent.glob("**/translations.yaml"), None)
    assert path is not None
    kept = yaml.safe_load(path.read_text(encoding="utf-8"))
    kept["cy"]["content"] = "another"
    path.write_text(yaml.safe_dump(kept), encoding="utf-8")
    assert translating.reviewed(study, "cy") is None


@pytest.mark.parametrize("languages", [["en", "xx"], ["en", "en"], []])
def test_a_language_without_words_is_refused(tmp_path: Path, languages: list[str]) -> None:
    folder = made.bilingual(tmp_path / "study")
    content = yaml.safe_load((folder / "study.yaml").read_text(encoding="utf-8"))
    content["report"]["languages"] = languages
    made.write_yaml(folder / "study.yaml", content)
    with pytest.raises(AnalystError, match="languages"):
        studies.load(folder)


def test_the_attacker_reads_both_languages(study: Study) -> None:
    """Each number of the Welsh pages is known by its key, as each of the English ones is."""
    from analysis.publish import attacked, notebooks, seen

    found = attacked.read_unit(study, SCHOOL)
    assert not [each for each in found.loose if "/cy/" in each[0]]
    assert not found.changed
    welsh = notebooks.translated(attacked.store.processed(study), SCHOOL, study)
    alone = seen.read([place(study) / "cy"], welsh["cy"])
    english = seen.read([place(study)], notebooks.executed(
        attacked.store.processed(study), SCHOOL, study), welsh)  # fmt: skip
    assert alone.parts
    assert {(p.id, p.text) for p in alone.parts} <= {(p.id, p.text) for p in english.parts}
