"""What the built-in renderer makes of each part of its dialect, in both formats."""

from __future__ import annotations

import re
import sys
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest
from pypdf import PdfReader

sys.path.insert(0, str(Path(__file__).parent))

import test_builtin_fixture as project_maker

from analysis.publish.builtin import render


class Outline(HTMLParser):
    """Headings, table rows and links of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.headings: list[str] = []
        self.cells: list[str] = []
        self.addresses: list[str] = []
        self.identifiers: list[str] = []
        self._open: list[str] | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        for key in ("href", "src"):
            if values.get(key):
                self.addresses.append(str(values[key]))
        if values.get("id"):
            self.identifiers.append(str(values["id"]))
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append("")
            self._open = self.headings
        elif tag in ("td", "th"):
            self.cells.append("")
            self._open = self.cells

    def handle_endtag(self, tag: str) -> None:
        if re.fullmatch(r"h[1-6]|td|th", tag):
            self._open = None

    def handle_data(self, data: str) -> None:
        if self._open is not None:
            self._open[-1] += data


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("book")
    project = project_maker.book_project(folder / "project")
    render(project, folder / "output", ["html", "pdf"])
    return folder / "output"


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("school")
    project = project_maker.document_project(folder / "project")
    render(project, folder / "output", ["html", "pdf"])
    return folder / "output"


def pages(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(folder.rglob("*.html"))
    }


def pdf_text(folder: Path) -> str:
    reader = PdfReader(folder / "report.pdf")
    return squeezed(" ".join(page.extract_text() for page in reader.pages))


def squeezed(text: str) -> str:
    return " ".join(text.replace("\u00a0", " ").split())


def words_of(page: str) -> str:
    body = page[page.index("<body") :]
    body = re.sub(r"<(script|style)\b.*?</\1>", " ", body, flags=re.DOTALL)
    return squeezed(unescape(re.sub(r"<[^>]+>", " ", body)))


def test_the_documents_made_are_named(tmp_path: Path) -> None:
    project = project_maker.book_project(tmp_path / "project")
    made = render(project, tmp_path / "out", ["html", "pdf"])
    names = [path.relative_to(tmp_path / "out").as_posix() for path in made]
    assert names == [
        "index.html",
        "report/staff.html",
        "report/pupils.html",
        "report/methods.html",
        "report.pdf",
    ]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "project"]


def test_one_format_alone(tmp_path: Path) -> None:
    project = project_maker.document_project(tmp_path / "project")
    assert [p.name for p in render(project, tmp_path / "a", ["pdf"])] == ["report.pdf"]
    assert not (tmp_path / "a/index.html").exists()
    assert [p.name for p in render(project, tmp_path / "b", ["html"])] == ["index.html"]
    assert "report.pdf" not in (tmp_path / "b/index.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", ["book", "document"])
def test_same_input_same_bytes(kind: str, tmp_path: Path) -> None:
    maker = project_maker.book_project if kind == "book" else project_maker.document_project
    render(maker(tmp_path / "one/project"), tmp_path / "one/output", ["html", "pdf"])
    render(maker(tmp_path / "two/project"), tmp_path / "two/output", ["html", "pdf"])
    first, second = (
        {
            path.relative_to(tmp_path / name).as_posix(): path.read_bytes()
            for path in (tmp_path / name / "output").rglob("*")
            if path.is_file()
        }
        for name in ("one", "two")
    )
    assert first == second
    assert str(tmp_path).encode() not in b"".join(first.values())


def test_the_pdf_carries_the_editions_date_not_the_clocks(book: Path) -> None:
    content = (book / "report.pdf").read_bytes()
    assert set(re.findall(rb"D:(\d{8})", content)) == {b"20260720"}
    assert set(re.findall(rb"Date>(\d{4}-\d\d-\d\d)", content)) == {b"2026-07-20"}


def test_the_pdf_is_tagged_titled_and_bookmarked(book: Path) -> None:
    reader = PdfReader(book / "report.pdf")
    catalogue = reader.trailer["/Root"]
    assert catalogue["/MarkInfo"]["/Marked"]
    assert catalogue["/Lang"] == "en-GB"
    assert catalogue["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.metadata is not None
    assert reader.metadata.title == "Resilience in schools"
    assert b"pdfuaid" in (book / "report.pdf").read_bytes()
    titles = [item.title for item in reader.outline if not isinstance(item, list)]
    assert [title.split()[-1] for title in titles[-3:]] == ["survey", "survey", "Methods"]


def test_the_folder_is_complete_in_itself(book: Path, school: Path) -> None:
    for folder in (book, school):
        for name, text in pages(folder).items():
            for address in Outline(text).addresses:
                if address.startswith(("https://example.org", "data:")):
                    continue
                assert not re.match(r"^[a-z]+:|^//", address), address
                path, _, anchor = address.partition("#")
                target = ((folder / name).parent / path).resolve() if path else folder / name
                assert target.is_file(), address
                assert target.is_relative_to(folder.resolve())
                if anchor:
                    assert anchor in Outline(target.read_text(encoding="utf-8")).identifiers
        for style in (folder / "assets/styles").iterdir():
            for address in re.findall(r"url\(\"?([^)\"]+)", style.read_text(encoding="utf-8")):
                assert (style.parent / address).is_file()


def test_both_formats_have_the_same_headings_cells_and_numbers(book: Path, school: Path) -> None:
    for folder in (book, school):
        printed = pdf_text(folder).replace(" ", "")
        for text in pages(folder).values():
            outline = Outline(text)
            for piece in [*outline.headings, *outline.cells]:
                assert squeezed(piece).replace(" ", "") in printed, piece
            for name in re.findall(
                r"(?:Table|Figure|Section|Chapter) [A\d][\d.]*\d|Table 1:", text
            ):
                assert squeezed(name).replace(" ", "") in printed


def test_numbers_follow_chapters_in_a_book_and_run_through_in_a_document(
    book: Path, school: Path
) -> None:
    staff = words_of(pages(book)["report/staff.html"])
    assert "Table 1.1: Staff climate" in staff
    assert "Table 1.2: Mean at baseline" in staff
    assert "Figure 1.1: Levels" in staff
    assert "Both Table 1.1 and 1.1 are read" in staff
    assert "as Section 1.1 explains" in staff
    summary = words_of(pages(book)["index.html"])
    assert "see Table 1.1 in Chapter 1 ." in summary
    methods = words_of(pages(book)["report/methods.html"])
    assert "Chapter 1 and Chapter 2 ; this is Appendix A ." in methods
    assert "Table A.1 lists the steps" in methods
    document = words_of(pages(school)["index.html"])
    assert "Table 1: Staff climate" in document
    assert "See Table 1 and Figure 1 ." in document
    assert "Figure 2: Wellbeing" in document
    assert "Your pupils may help" in document


def test_references_lead_to_the_page_where_the_thing_is(book: Path) -> None:
    summary = pages(book)["index.html"]
    assert 'href="report/staff.html#tbl-change"' in summary
    assert 'href="report/pupils.html#levels"' in summary
    assert 'href="#fig-levels"' in pages(book)["report/staff.html"]


def test_metadata_include_and_escaped_shortcodes(book: Path) -> None:
    summary = words_of(pages(book)["index.html"])
    assert "about the unit Programme (A). To show a value, write {{< meta unit.name >}}." in summary
    assert "write {{< meta unit.name >}}." in pdf_text(book)
    staff = words_of(pages(book)["report/staff.html"])
    assert "Change is small and consistent. See Figure 1.1 ." in staff
    assert "About unit A" in staff


def test_conditional_content(book: Path) -> None:
    summary, printed = words_of(pages(book)["index.html"]), pdf_text(book)
    assert "Only in the pages." in summary and "Only in the pages." not in printed
    assert "Only in the document." in printed and "Only in the document." not in summary
    assert "Pupils were asked too." in summary and "Pupils were asked too." in printed


def test_tables_have_headers_captions_and_can_be_scrolled_by_keyboard(book: Path) -> None:
    staff = pages(book)["report/staff.html"]
    assert re.search(r'<div class="table-scroll wide" tabindex="0" role="region"', staff)
    assert staff.count('<th scope="col"') == 9 + 2
    assert staff.count('<th scope="row"') == 5 + 1
    assert re.search(r'<td class="right">\s*2\.61', staff)
    assert re.search(r'<caption id="caption-\d+">', staff)


def test_a_figure_has_both_its_forms_and_its_alternative_text(book: Path) -> None:
    staff = pages(book)["report/staff.html"]
    assert 'id="plot-levels"' in staff
    assert staff.count("Bar chart of three subscales; leadership is highest at 3.71.") == 2
    assert (book / "assets/figures/fig-levels.svg").read_text(encoding="utf-8").startswith("<?xml")
    assert '<script src="../assets/plotly.min.js">' in staff
    assert "plotly.min.js" not in pages(book)["report/methods.html"]


def test_plotly_is_left_out_where_nothing_needs_it(tmp_path: Path) -> None:
    project = project_maker.document_project(tmp_path / "project")
    (project / "report/school.qmd").write_text("---\ntitle: Plain\n---\n\nText.\n")
    render(project, tmp_path / "out", ["html"])
    assert not (tmp_path / "out/assets/plotly.min.js").exists()


def test_callouts_and_tabs(book: Path) -> None:
    staff = pages(book)["report/staff.html"]
    assert 'class="callout callout-note"' in staff
    assert re.search(
        r'<details class="callout callout-warning"><summary class="callout-title">', staff
    )
    assert "Read with care" in words_of(staff)
    assert staff.count('class="tab-panel"') == 2
    assert "Secondary schools gain less." in pdf_text(book)


def test_components(book: Path) -> None:
    summary, staff = pages(book)["index.html"], pages(book)["report/staff.html"]
    for name in ("lead", "key-figures", "key-figure", "finding", "how-to-read"):
        assert f'class="{name}"' in summary
    assert 'class="summary"' in staff
    assert re.search(r'<figure class="quotation">\s*<blockquote>', staff)


def test_the_notice_is_on_every_page_and_in_every_footer(book: Path, school: Path) -> None:
    for folder in (book, school):
        for text in pages(folder).values():
            assert "The data in this report are synthetic." in words_of(text)
            assert text.count("Synthetic data – not a real evaluation") == 1
        reader = PdfReader(folder / "report.pdf")
        for page in reader.pages:
            assert "Synthetic data – not a real evaluation" in squeezed(page.extract_text())
        assert "The data in this report are synthetic." in squeezed(reader.pages[0].extract_text())


def test_front_matter(book: Path, school: Path) -> None:
    for name, folder in (("Resilience in schools", book), ("Oak Tree Primary School", school)):
        index = pages(folder)["index.html"]
        assert f"<title>{name}</title>" in index
        assert '<html lang="en-GB"' in index
        assert "Summer term 2026" in words_of(index)
        assert "20 July 2026" in words_of(index)
        assert "Example County Council" in words_of(index)


def test_a_document_has_one_level_one_heading(school: Path) -> None:
    index = pages(school)["index.html"]
    assert index.count("<h1") == 1
    assert "<h2" in index and "<h3" in index


def test_a_failure_leaves_the_output_as_it_was(tmp_path: Path) -> None:
    project = project_maker.book_project(tmp_path / "project")
    output = tmp_path / "out"
    output.mkdir()
    (output / "kept.txt").write_text("kept")
    (project / "report/methods.qmd").write_text("# Methods\n\n@tbl-nowhere\n")
    with pytest.raises(Exception, match="tbl-nowhere"):
        render(project, output, ["html", "pdf"])
    assert [path.name for path in output.iterdir()] == ["kept.txt"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "project"]


def test_an_abstract_opens_the_document(tmp_path: Path) -> None:
    project = project_maker.document_project(tmp_path / "project")
    (project / "report/school.qmd").write_text(
        "---\ntitle: Oak\nabstract: What *we* found.\n---\n\n## One\n\nText.\n"
    )
    render(project, tmp_path / "out", ["html"])
    assert "<p>What <em>we</em> found.</p>" in (tmp_path / "out/index.html").read_text()


def test_the_brand_sets_colours_and_logo(tmp_path: Path) -> None:
    project = project_maker.document_project(tmp_path / "project")
    with (project / "_unit.yml").open("a") as file:
        file.write("brand: brand/_brand.yml\n")
    (project / "brand").mkdir()
    (project / "brand/logo.svg").write_text(project_maker.SVG)
    (project / "brand/_brand.yml").write_text(
        "color:\n  palette: {sea: '#00FFFF', plum: '#801650'}\n  primary: sea\n"
        "  tertiary: plum\nlogo:\n  images:\n    crest: {path: logo.svg, alt: County crest}\n"
        "  medium: crest\n"
    )
    render(project, tmp_path / "out", ["html", "pdf"])
    index = (tmp_path / "out/index.html").read_text()
    look = (tmp_path / "out/assets/styles/brand.css").read_text()
    day, night = look.split("@media", 1)
    colours = dict(re.findall(r"--([\w-]+):(#[0-9A-F]{6})", day))
    assert colours["accent"] == colours["accent-bar"] == "#801650"
    assert colours["primary"] != "#00FFFF", "darkened until white text on it can be read"
    assert "prefers-color-scheme:dark" in night and "assets/styles/brand.css" in index
    assert 'alt="County crest"' in index
    assert (tmp_path / "out/assets/logo.svg").is_file()


def test_levels_without_gaps(tmp_path: Path) -> None:
    project = project_maker.document_project(tmp_path / "project")
    (project / "report/school.qmd").write_text("---\ntitle: Oak\n---\n\n# A\n\n#### B\n\n# C\n")
    render(project, tmp_path / "out", ["html", "pdf"])
    index = (tmp_path / "out/index.html").read_text()
    assert re.findall(r"<h([1-6])", index) == ["1", "2", "3", "2"]


def test_a_document_numbers_its_sections_when_asked(tmp_path: Path) -> None:
    project = project_maker.document_project(tmp_path / "project")
    (project / "report/school.qmd").write_text(
        "---\ntitle: Oak\nnumber-sections: true\n---\n\n## One\n\n### Two {#sec-two}\n\n@sec-two\n"
    )
    render(project, tmp_path / "out", ["html", "pdf"])
    assert "Section 1.1" in words_of((tmp_path / "out/index.html").read_text())
    assert "1.1 Two" in pdf_text(tmp_path / "out")


def test_units_rendered_side_by_side_do_not_mix(tmp_path: Path) -> None:
    schools = ["Ash", "Beech", "Elm", "Fir"]
    for name in schools:
        project = project_maker.document_project(tmp_path / name / "project")
        unit = project_maker.UNIT.replace("name: Programme", f"name: {name} School")
        (project / "_unit.yml").write_text(unit)

    def one(name: str) -> str:
        output = tmp_path / name / "output"
        render(tmp_path / name / "project", output, ["html", "pdf"])
        return words_of((output / "index.html").read_text(encoding="utf-8"))

    with ThreadPoolExecutor(max_workers=4) as pool:
        for name, text in zip(schools, pool.map(one, schools), strict=True):
            assert f"{name} School" in text
            assert not any(f"{other} School" in text for other in schools if other != name)
