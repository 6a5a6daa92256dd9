"""What Quarto makes beside what the built-in renderer makes of the same sources."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdf
import pytest
from bs4 import BeautifulSoup

from analysis.disclosure import store
from analysis.present import open_page
from analysis.publish import check, notebooks, quarto, stage
from tests.conftest import Rendered

pytestmark = pytest.mark.quarto

DOCUMENTS = ["S01", "programme", pytest.param("technical", marks=pytest.mark.verify)]
#: A number in words or a table that no page's number or place can be.
EXACT = re.compile(r"\d+\.\d+")


@pytest.fixture(scope="module", params=DOCUMENTS)
def both(
    request: pytest.FixtureRequest, rendered: Rendered, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Path]:
    """A document as the built-in renderer made it, and as Quarto does."""
    unit = "S01" if request.param == "S01" else "cohort"
    study = rendered.study
    page = open_page(unit, str(study.folder.resolve()))
    executed = notebooks.executed(store.processed(study), unit, study)
    target, made = tmp_path_factory.mktemp("project"), tmp_path_factory.mktemp("made")
    found = stage.stage(page, rendered.root, executed, target, ("html", "pdf"), "quarto")
    staged = next(
        each for each in found if unit == "S01" or each.book.document.id == request.param  # type: ignore[union-attr]
    )  # fmt: skip
    stage.mark_as_draft(staged)
    quarto.render(staged.folder, made, 1_500_000_000)
    place = rendered.place("S01")
    if unit == "cohort":
        place = next(each for each in rendered.places(unit) if each.name == request.param)
    return place, made


def same(both: tuple[Path, Path], read: Any) -> None:
    ours, theirs = (read(place) for place in both)
    assert ours, "nothing to compare"
    assert theirs == ours


# -- pages ---------------------------------------------------------------------------------


def html(place: Path) -> Iterator[tuple[str, BeautifulSoup]]:
    for path in sorted([place / "index.html", *place.glob("chapters/*.html")]):
        soup = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
        # A phone's drawing says what the other says; what is pressed for is not read.
        for part in soup.select(
            # Quarto keeps the works that a chapter cites in it, hidden.
            "#refs[style], script, style, .narrow-drawing, .downloads, .report-downloads, nav, template"
        ):
            part.decompose()
        yield path.stem, soup


def cleaned(text: str) -> str:
    return " ".join(text.replace("’", "'").split())


def test_pages_have_the_same_headings(both: tuple[Path, Path]) -> None:
    def headings(place: Path) -> list[tuple[str, str, str]]:
        return [
            (name, each.name, re.sub(r"^[\d.]+ ", "", cleaned(each.get_text())))
            for name, soup in html(place)
            for each in soup.select("main h2, main h3")
            if each.get("id") != "toc-title"
        ]

    same(both, headings)


def test_pages_have_the_same_tables(both: tuple[Path, Path]) -> None:
    def cells(place: Path) -> list[list[str]]:
        return [
            [cleaned(cell.get_text()) for cell in table.select("td, th")]
            for _, soup in html(place)
            for table in soup.select("main table")
        ]

    same(both, cells)


def test_pages_say_the_same_numbers(both: tuple[Path, Path]) -> None:
    def numbers(place: Path) -> Counter[str]:
        found: Counter[str] = Counter()
        for _, soup in html(place):
            # Of a section Quarto says the heading where the chapter that refers has no number.
            for link in soup.select("a.quarto-xref, a.cross-reference"):
                link.decompose()
            # Works cited are paragraphs, or with Quarto entries.
            for each in soup.select("main p, main li, main .csl-entry"):
                found.update(EXACT.findall(cleaned(each.get_text(" "))))
        return found

    same(both, numbers)


def test_pages_pictures_say_the_same(both: tuple[Path, Path]) -> None:
    def texts(place: Path) -> list[str]:
        return [
            cleaned(str(each.get("alt") or each.get("aria-label") or each.title.string))
            for _, soup in html(place)
            for each in soup.select(
                "main img, main svg[role=img], main [role=img][aria-label]:not(svg)"
            )
        ]

    same(both, texts)


def test_every_page_says_what_it_is(both: tuple[Path, Path], rendered: Rendered) -> None:
    for place in both:
        for name, soup in html(place):
            text = cleaned(soup.get_text(" "))
            assert rendered.study.notice_short in text, name
            assert len(soup.select(".draft-banner")) == 1, name


def test_quartos_pages_pass_the_check_and_know_the_night(
    both: tuple[Path, Path], rendered: Rendered
) -> None:
    ours, theirs = both
    unit = "S01" if ours.name == "S01" else "cohort"
    rules = check.forbidden(open_page(unit, str(rendered.study.folder.resolve())))
    found = [each for each in check.problems(theirs, rules) if each[0] != "manifest.json"]
    assert found == []
    look = next(theirs.rglob("brand.css")).read_text(encoding="utf-8")
    assert "prefers-color-scheme:dark" in look


# -- print ---------------------------------------------------------------------------------


def pdf(place: Path) -> pypdf.PdfReader:
    return pypdf.PdfReader(place / "report.pdf")


def test_print_has_the_same_outline(both: tuple[Path, Path]) -> None:
    def titles(place: Path) -> list[str]:
        def flat(entries: Any) -> Iterator[str]:
            for each in entries:
                yield from flat(each) if isinstance(each, list) else [str(each.title)]

        return [re.sub(r"^[\d.]+ ", "", cleaned(title)) for title in flat(pdf(place).outline)]

    same(both, titles)


def test_print_says_the_same_numbers(both: tuple[Path, Path]) -> None:
    def numbers(place: Path) -> Counter[str]:
        return Counter(n for page in pdf(place).pages for n in EXACT.findall(page.extract_text()))

    same(both, numbers)


def elements(node: Any) -> Iterator[pypdf.generic.DictionaryObject]:
    node = node.get_object()
    if not isinstance(node, pypdf.generic.DictionaryObject):
        return
    if "/S" in node:
        yield node
    below = node.get("/K", [])
    below = below.get_object() if hasattr(below, "get_object") else below
    for each in below if isinstance(below, list) else [below]:
        if not isinstance(each, int):
            yield from elements(each)


def test_print_has_the_same_tables_and_alternative_texts(both: tuple[Path, Path]) -> None:
    def tagged(place: Path) -> tuple[Counter[str], list[str]]:
        found = list(elements(pdf(place).trailer["/Root"]["/StructTreeRoot"]))
        kinds = Counter(str(each["/S"]) for each in found if each["/S"] in ("/Table", "/TR"))
        return kinds, [cleaned(str(each["/Alt"])) for each in found if "/Alt" in each]

    same(both, tagged)


def test_print_is_set_in_the_same_typefaces(both: tuple[Path, Path]) -> None:
    def fonts(place: Path) -> set[str]:
        return {
            str(font.get_object()["/BaseFont"]).split("+")[-1]
            for page in pdf(place).pages
            for font in page["/Resources"].get("/Font", {}).values()
        }

    same(both, fonts)


def test_every_page_of_print_says_what_it_is(both: tuple[Path, Path], rendered: Rendered) -> None:
    for place in both:
        for number, page in enumerate(pdf(place).pages, 1):
            text = cleaned(page.extract_text())
            assert rendered.study.notice_short in text, number
            assert f"Page {number} of " in text, number
            assert stage.DRAFT in text, number


def test_print_marks_the_same_as_links(both: tuple[Path, Path]) -> None:
    def rules(place: Path) -> int:
        """Rules under words, and of charts, on the first page that has any: none of the contents."""
        contents = [page.get_contents() for page in pdf(place).pages[:2]]
        shown = [each.get_data() for each in contents if each is not None]
        counts = [len(re.findall(rb"\bl\s+S\b", each)) for each in shown]
        return next(count for count in counts if count)

    same(both, rules)


def test_print_opens_alike(both: tuple[Path, Path]) -> None:
    def first(place: Path) -> Counter[str]:
        return Counter(re.findall(r"[^\W\d]{4,}", cleaned(pdf(place).pages[0].extract_text())))

    same(both, first)
