"""The reports as a whole: what is there, what is the same, what is not."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdf
import pytest

from analysis import pipeline
from analysis import study as studies
from analysis.prepare import load_instruments
from tests.conftest import ROOT, UNITS, Rendered, copy_project
from tests.integration.test_cluster import released_copy
from tests.said import contradictions, verdicts
from tests.studies import files, pages
from tests.studies.pages import words


@pytest.mark.parametrize("unit", UNITS)
def test_each_unit_has_a_page_and_a_pdf(rendered: Rendered, unit: str) -> None:
    for place in rendered.places(unit):
        assert (place / "index.html").is_file()
        printed = pages.pdf(place / "report.pdf")
        assert "ynthetic" in "".join(printed)
        if unit != "cohort":
            assert 4 <= len(printed) <= 8
            # It begins with what it says, not with a page of contents; its last page is no stump.
            assert "At a glance" in printed[0]
            assert len(printed[-1]) > 400
        elif place.name == "programme":
            # What is read: with its cover and its contents.
            assert 18 <= len(printed) <= 26


def test_the_pdf_is_tagged_and_has_a_title(rendered: Rendered) -> None:
    catalog = pypdf.PdfReader(rendered.place("S01") / "report.pdf").trailer["/Root"]
    assert catalog["/MarkInfo"]["/Marked"].value
    assert catalog["/Lang"].startswith("en")
    assert catalog["/ViewerPreferences"]["/DisplayDocTitle"].value


def test_the_evaluation_reports_print_leads_to_its_glossary(rendered: Rendered) -> None:
    reader = pypdf.PdfReader(rendered.place("cohort") / "report.pdf")
    glossary = next(
        number
        for number, page in enumerate(reader.pages)
        if "Persistent absence. Missing" in " ".join(page.extract_text().split())
    )
    leading = {
        number
        for number, page in enumerate(reader.pages)
        for each in page.get("/Annots", [])
        if reader.get_page_number(_destination(each, reader)) == glossary
    }
    # Terms stand on several pages before it; none leads there from behind.
    assert len(leading) >= 4 and max(leading) <= glossary


def _destination(annotation: Any, reader: pypdf.PdfReader) -> Any:
    """The page that a link leads to; the first for what leads elsewhere."""
    found = annotation.get_object()
    place = found.get("/Dest", found.get("/A", {}).get("/D"))
    if isinstance(place, str):
        place = reader.named_destinations[place].dest_array
    return reader.pages[0] if place is None else place[0].get_object()


@pytest.mark.parametrize("unit", [unit for unit in UNITS if unit != "cohort"])
def test_a_schools_pdf_is_read_in_the_order_of_its_page(rendered: Rendered, unit: str) -> None:
    place = rendered.place(unit)
    page = pages.read(place / "index.html")
    headings = [
        " ".join(each.get_text().split())
        for each in page.find_all(["h2", "h3"])
        if not each.find_previous("h2", id="sec-behind") and each.get("id") != "sec-behind"
    ]
    root = pypdf.PdfReader(place / "report.pdf").trailer["/Root"]["/StructTreeRoot"]
    assert [title for kind, title in _tags(root) if kind in ("/H1", "/H2")] == headings


def _tags(node: Any) -> Iterator[tuple[str, str]]:
    """The kinds and titles of a tag tree's elements, in the order in which they are read."""
    node = node.get_object()
    if not isinstance(node, pypdf.generic.DictionaryObject):
        return
    if "/S" in node:
        yield str(node["/S"]), " ".join(str(node.get("/T", "")).split())
    below = node.get("/K", [])
    below = below.get_object() if hasattr(below, "get_object") else below
    for each in below if isinstance(below, list) else [below]:
        if not isinstance(each, int):
            yield from _tags(each)


@pytest.mark.parametrize("unit", UNITS)
def test_pages_and_pdf_show_the_same_tables(rendered: Rendered, unit: str) -> None:
    for place in rendered.places(unit):
        assert_same_tables(place)


def assert_same_tables(place: Path) -> None:
    captions = [
        " ".join(caption.get_text().split())
        for path in sorted(place.rglob("*.html"))
        for caption in pages.whole(path).select("table caption, figcaption")
        # What only pages show, closed, is the last of a school's report.
        if not caption.find_previous("h2", id="sec-behind")
    ]
    numbered = {
        match.group(0) for c in captions if (match := re.match(r"(Table|Figure) [\d.]+", c))
    }
    text = " ".join(" ".join(pages.pdf(place / "report.pdf")).split())
    assert numbered
    for name in numbered:
        assert name in text


def test_no_table_stands_without_words_before_it(rendered: Rendered) -> None:
    """A reader of the programme's documents knows what to look for before the numbers come."""
    for place in rendered.places("cohort"):
        for path in sorted(place.rglob("*.html")):
            page = pages.whole(path)
            for table in page.select("div.table-figure"):
                before = table.find_previous_sibling()
                assert before is not None and before.name in ("p", "ul", "ol"), (
                    path.name, table.get("id"),
                )  # fmt: skip


def test_a_schools_folder_is_light(rendered: Rendered) -> None:
    """What a page needs: documents, workbook and tables to take away apart."""
    for unit in (unit for unit in UNITS if unit != "cohort"):
        place = rendered.place(unit)
        page = [
            path
            for path in place.rglob("*")
            if path.is_file() and path.suffix not in (".pdf", ".docx", ".xlsx")
            and path.relative_to(place).parts[0] != "data"
        ]  # fmt: skip
        assert sum(path.stat().st_size for path in page) < 400_000, unit


def test_the_programmes_chapters_are_easy_to_read(rendered: Rendered) -> None:
    for path in sorted((rendered.place("cohort") / "chapters").glob("*.html")):
        assert pages.grade(pages.spoken(path)) <= pages.GRADE, path.name


def test_sentences_begin_with_a_capital(rendered: Rendered) -> None:
    for place in rendered.places("cohort"):
        for path in sorted(place.rglob("*.html")):
            assert pages.begun_small(path) == [], path


def test_page_one_is_one_page_of_a_report_that_people_read(rendered: Rendered) -> None:
    texts = [" ".join(each.split()) for each in pages.pdf(rendered.place("cohort") / "report.pdf")]
    [first] = [n for n, text in enumerate(texts) if "What we found" in text]
    assert "What we recommend" in texts[first] and "All recommendations" in texts[first]
    assert 22 <= len(texts) <= 24
    numbered = {m.group(0) for text in texts for m in re.finditer(r"Table \d+\.\d+:", text)}
    assert len(numbered) <= len(texts)


def test_no_two_places_of_a_report_disagree(rendered: Rendered) -> None:
    """Whatever is said of a scale's change, in words, boxes, captions and alternative texts."""
    instruments = list(load_instruments(rendered.study).values())
    said = [
        (path.name, words(path))
        for place in rendered.places("cohort")
        if place.name != "reproduction"
        for path in sorted(place.rglob("*.html"))
    ]
    found = {
        (instrument, score)
        for _, text in said
        for instrument, score, _, _ in verdicts(text, instruments)
    }
    assert len(found) == sum(len(each.scores) for each in instruments)
    assert not contradictions(said, instruments)


def test_links_between_documents_lead_where_they_say(rendered: Rendered) -> None:
    followed = 0
    for place in rendered.places("cohort"):
        for path in sorted(place.rglob("*.html")):
            page = pages.whole(path)
            for link in page.select("a.other-document"):
                name, _, anchor = str(link["href"]).partition("#")
                target = (path.parent / name).resolve()
                assert target.is_file(), f"{path}: {link}"
                if not anchor:
                    continue
                there = pages.whole(target)
                found = there.find(id=anchor)
                assert found is not None, f"{path}: {link}"
                said = re.match(r"(Table|Figure) [\d.]+", " ".join(link.get_text().split()))
                if said:
                    words = " ".join(found.get_text().split())
                    assert f"{said.group(0)}:" in words, f"{path}: {link}: {words[:80]}"
                    followed += 1
    assert followed > 20


@pytest.mark.parametrize("unit", UNITS)
def test_a_unit_names_no_other_unit_and_no_folder(rendered: Rendered, unit: str) -> None:
    names = {str(row["name"]) for row in _schools(rendered).to_dict("records") if row["id"] != unit}
    for path in (path for place in rendered.places(unit) for path in place.rglob("*.html")):
        text = path.read_text(encoding="utf-8")
        assert str(rendered.root) not in text
        assert not [name for name in names if name in text]


@pytest.mark.verify
def test_the_same_input_gives_the_same_bytes_at_another_time(
    rendered: Rendered, tmp_path: Path
) -> None:
    """A minute of the demonstration study; smaller studies always are (``test_studies.py``)."""
    root = copy_project(tmp_path)
    study = studies.load(root / "data/raw")
    # In one process, where the fixture had two, and with another key of the respondents' hash.
    pipeline.release(study)
    assert files.determined(root) == files.determined(rendered.root)
    outcome = pipeline.render(study, ["S12"], ("html", "pdf"), "pandoc", jobs=1)
    again = Rendered(root, study)
    assert not outcome.failed
    assert files.contents(again.place("S12")) == files.contents(rendered.place("S12"))


@pytest.mark.parametrize("unit", [unit for unit in UNITS if unit != "cohort"])
def test_a_schools_report_is_easy_to_read(rendered: Rendered, unit: str) -> None:
    pages.easy_to_read(rendered.place(unit) / "index.html")


def test_a_school_whose_change_is_withheld_shows_none(rendered: Rendered) -> None:
    text = (rendered.place("S12") / "index.html").read_text(encoding="utf-8")
    assert 'id="tbl-change-staff-spsc"' not in text
    assert "Your plan" in text
    # Nor is it told to choose among results: what the study says of that is said to the others.
    advice = (rendered.study.folder / "texts/schools-next.md").read_text(encoding="utf-8")
    (line,) = (each.removeprefix("- ") for each in advice.splitlines() if "strength" in each)
    assert line not in text
    assert line in (rendered.place("S14") / "index.html").read_text(encoding="utf-8")


def test_quartos_step_before_rendering_writes_the_chapters_that_the_report_shows(
    rendered: Rendered, tmp_path: Path
) -> None:
    study = released_copy(rendered, tmp_path)
    root = study.folder.parent.parent
    shutil.copytree(rendered.root / "data/processed/notebooks", root / "data/processed/notebooks")
    shutil.copyfile(ROOT / "report/pre_render.py", root / "report/pre_render.py")
    command = [sys.executable, str(root / "report/pre_render.py")]
    subprocess.run(command, check=True, cwd=root, env={**os.environ, "PYTHONPATH": str(ROOT)})
    written = studies.read_yaml(root / "_chapters.yml")
    listed = written["book"]["chapters"]
    # Nothing has checked what Quarto makes by itself: its pages say that they are drafts.
    for name in studies.read_yaml(root / "_quarto.yml")["format"]:
        assert "Draft" in str(written["format"][name])
    place = rendered.place("cohort")
    # The summary is the built-in renderer's first page.
    assert listed.pop(0) == "chapters/summary.qmd"
    assert [str(Path(name).with_suffix(".html")) for name in listed] == sorted(
        (path.relative_to(place).as_posix() for path in (place / "chapters").glob("*.html")),
        key=lambda name: [*listed].index(str(Path(name).with_suffix(".qmd"))),
    )
    text = "".join(p.read_text(encoding="utf-8") for p in (root / "chapters").glob("*.qmd"))
    for folder, name in re.findall(r"embed (\S+?)#((?:tbl|fig)-[\w-]+)", text):
        assert (root / "chapters" / folder).is_file()
        assert any(f'id="{name}"' in page for page in _pages(place)), name
    assert not re.search(r"\[\[|\[%|nothing\.ipynb", text)


def _pages(place: Path) -> list[str]:
    return [path.read_text(encoding="utf-8") for path in sorted(place.rglob("*.html"))]


@pytest.mark.quarto
def test_quarto_renders_the_same_tables(rendered: Rendered, by_quarto: Rendered) -> None:
    theirs = by_quarto.place("S01")
    assert _numbers(theirs) == _numbers(rendered.place("S01"))
    assert (theirs / "report.pdf").is_file()


def test_a_fresh_report_holds_no_trace_of_the_build(rendered: Rendered) -> None:
    listed = subprocess.run(
        ["grep", "-rlaE", re.escape(str(rendered.root)), str(rendered.root / "report" / "_site")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert listed.stdout == ""


def _numbers(place: Path) -> list[list[str]]:
    page = pages.whole(place / "index.html")
    return [
        [" ".join(cell.get_text().split()) for cell in table.select("tbody td, tbody th")]
        for table in page.find_all("table")
    ]


def _schools(rendered: Rendered):  # type: ignore[no-untyped-def]
    from analysis.disclosure import store

    saved = store.read(rendered.study, "cohort")
    assert saved is not None
    return saved.schools
