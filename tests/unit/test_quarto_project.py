"""The book at the root is the study's, and Quarto's pages are cleaned before they are published."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pypandoc
import pytest
from bs4 import BeautifulSoup

from analysis import study as studies
from analysis.errors import AnalystError
from analysis.present.page import Page
from analysis.publish import chapters, check, quarto, rendering, stage
from analysis.publish.builtin import brand as brands
from tests.conftest import ROOT


def test_the_root_project_says_what_the_study_says() -> None:
    study = studies.load(ROOT / "data/raw")
    settings = studies.read_yaml(ROOT / "_quarto.yml")
    for key, value in stage.study_metadata(study).items():
        assert settings[key] == value, key
    assert settings["book"]["title"] == study.title
    assert settings["book"]["subtitle"] == study.subtitle
    assert settings["book"]["date"] == study.edition.date.isoformat()
    assert settings["book"]["page-footer"]["center"] == study.notice_short


def test_the_book_lists_the_first_page_and_takes_the_others_from_the_expanded_chapters() -> None:
    settings = studies.read_yaml(ROOT / "_quarto.yml")
    assert settings["book"]["chapters"] == ["index.md"]
    assert settings["metadata-files"] == ["_chapters.yml"]
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert {"/_chapters.yml", f"/{chapters.FOLDER}/"} <= set(ignored)
    # Quarto adds these lines where they are missing, and the clone would not be clean.
    assert {"/.quarto/", "**/*.quarto_ipynb"} <= set(ignored)


def test_quarto_can_read_the_first_page_before_the_step_that_writes_the_others() -> None:
    # What stands in git is all there is then: Quarto expands the includes of every chapter listed
    # so far, to see what runs it and what it is called.
    for name in studies.read_yaml(ROOT / "_quarto.yml")["book"]["chapters"]:
        text = (ROOT / name).read_text(encoding="utf-8")
        assert not re.search(r"\{\{<\s*(include|embed)", text)


def test_every_template_is_a_chapter_of_some_report() -> None:
    made = {path.stem for path in (ROOT / "report").glob("*.qmd")}
    first = {each.first for each in chapters.DOCUMENTS}
    assert made == {each.template for each in chapters.CHAPTERS} | first | {chapters.SCHOOL}


def test_pages_lose_what_fetches_from_the_internet(tmp_path: Path) -> None:
    page = tmp_path / "report" / "staff.html"
    page.parent.mkdir()
    page.write_text(
        '<script src="https://cdn.jsdelivr.net/npm/requirejs@2.3.6/require.min.js" '
        'integrity="sha384-x" crossorigin="anonymous"></script>\n'
        '<script src="https://cdn.jsdelivr.net/npm/jquery@3.5.1/dist/jquery.min.js"></script>\n'
        "<script type=\"application/javascript\">define('jquery', [],function() "
        "{return window.jQuery;})</script>\n"
        '<div class="cell" data-notebook="/home/someone/x.ipynb"><p>kept</p></div>',
        encoding="utf-8",
    )
    quarto.clean(tmp_path)
    text = page.read_text(encoding="utf-8")
    assert "https:" not in text
    assert "skip-link" not in text  # nothing to skip to
    assert "/home/someone" not in text
    assert "define(" not in text
    assert "<p>kept</p>" in text


def test_pages_have_one_link_past_their_navigation(tmp_path: Path) -> None:
    page = tmp_path / "index.html"
    page.write_text(
        '<body class="nav"><nav></nav><main id="quarto-document-content"></main></body>',
        encoding="utf-8",
    )
    for _ in range(2):
        quarto.clean(tmp_path)
        text = page.read_text(encoding="utf-8")
        assert text.count('href="#quarto-document-content"') == 1
        assert text.index("skip-link") < text.index("<nav>")


def test_pages_have_no_script_that_a_browser_loads_from_servers_alone(tmp_path: Path) -> None:
    library = tmp_path / "site_libs/quarto-html"
    library.mkdir(parents=True)
    for name in ("quarto.js", "popper.min.js"):
        (library / name).write_text("", encoding="utf-8")
    page = tmp_path / "chapters/staff.html"
    page.parent.mkdir()
    page.write_text(
        '<script src="../site_libs/quarto-html/quarto.js" type="module"></script>\n'
        '<script src="../site_libs/quarto-html/popper.min.js"></script>'
        '<a href="#a" id="toc-a" class="nav-link active" data-scroll-target="#a">A</a>',
        encoding="utf-8",
    )
    quarto.clean(tmp_path)
    text = page.read_text(encoding="utf-8")
    assert "module" not in text and " active" not in text
    assert text.count("<script") == 1
    assert [path.name for path in library.iterdir()] == ["popper.min.js"]


def test_no_picture_of_a_page_is_a_hidden_file(tmp_path: Path) -> None:
    pictures = tmp_path / "chapters" / "staff_files" / "figure-html"
    pictures.mkdir(parents=True)
    name = "..-data-processed-notebooks-cohort-level-fig-a-output-1.svg"
    (pictures / name).write_text("<svg/>", encoding="utf-8")
    page = tmp_path / "chapters" / "staff.html"
    page.write_text(f'<img src="staff_files/figure-html/{name}"> ..-data', encoding="utf-8")
    quarto.clean(tmp_path)
    (source,) = re.findall(r'src="([^"]*)"', page.read_text(encoding="utf-8"))
    assert (page.parent / source).is_file()
    assert not list(tmp_path.rglob(".*"))


def test_a_failed_check_publishes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def make(read: object, making: Path) -> list[Path]:
        (making / "index.html").write_text("new", encoding="utf-8")
        return [making / "index.html"]

    def refuse(making: Path) -> None:
        raise AnalystError("not good")

    monkeypatch.setattr(rendering.builtin, "read", lambda project, formats: None)
    monkeypatch.setattr(rendering.builtin, "write", make)
    place = tmp_path / "site" / "programme"
    place.mkdir(parents=True)
    (place / "index.html").write_text("old", encoding="utf-8")
    project = tmp_path / "projects" / "cohort"
    project.mkdir(parents=True)
    study = studies.load(ROOT / "data/raw")
    staged = stage.Staged(project, tmp_path, chapters.Book(()))
    with pytest.raises(AnalystError):
        rendering.render(staged, place, study, ("html",), "pandoc", refuse)
    assert (place / "index.html").read_text(encoding="utf-8") == "old"
    assert sorted(path.name for path in (tmp_path / "site").iterdir()) == ["programme"]
    assert sorted(path.name for path in project.parent.iterdir()) == ["cohort"]
    made = rendering.render(staged, place, study, ("html",), "pandoc", lambda making: None)
    assert (place / "index.html").read_text(encoding="utf-8") == "old"
    rendering.put_all([place])
    assert made == [place / "index.html"]
    assert made[0].read_text(encoding="utf-8") == "new"


COLOURED = (
    "[ 1/15] index.md\n"
    "\x1b[33mWARNING (/opt/filters/crossref/refs.lua:128) "
    "Unable to resolve crossref @fig-none\n\x1b[39m"
    "\x1b[33mWARN: verapdf is not installed\x1b[39m\n"
    "Output created: index.html\n"
)


def test_a_coloured_warning_is_a_mistake() -> None:
    (only,) = quarto.complaints(COLOURED * 2, failed=False)
    assert "@fig-none" in only
    assert "\x1b" not in only
    assert quarto.complaints("[ 1/15] index.md\nOutput created: index.html\n", failed=False) == []


def test_a_failure_shows_the_line_that_says_why() -> None:
    trace = "".join(f"    at step{n} (file:///opt/quarto/bin/quarto.js:{n}:1)\n" for n in range(40))
    log = (
        "[ 1/15] index.md\n"
        "\x1b[91mERROR: Include directive failed.\n"
        "  could not find file /project/chapters/_gone.qmd.\n\nStack trace:\n"
        f"{trace}\x1b[39m\n"
        "\x1b[33mWARN: Error encountered when rendering files\x1b[39m\n"
    )
    assert quarto.complaints(log, failed=True) == [
        "ERROR: Include directive failed.",
        "  could not find file /project/chapters/_gone.qmd.",
    ]
    typst = (
        "[typst]: Compiling index.typ to index.pdf...error: PDF/UA-1 error: missing alt text\n"
        "  ┌─ index.typ:12:3\n\n"
        "\x1b[91mERROR: Typst compilation failed\x1b[39m\n"
    )
    assert "missing alt text" in quarto.complaints(typst, failed=True)[0]
    assert quarto.complaints("", failed=True)
    assert quarto.complaints("killed\n", failed=True) == ["killed"]


def test_a_complaint_is_placed_in_the_chapter_that_quarto_was_at(tmp_path: Path) -> None:
    (tmp_path / "chapters").mkdir()
    for name in ("index.md", "chapters/a.qmd", "chapters/b.qmd"):
        (tmp_path / name).write_text("# T\n\nSee @fig-none.\n", encoding="utf-8")
    log = COLOURED.replace("[ 1/15] index.md\n", "[1/3] index.md\n[2/3] chapters/a.qmd\n")
    wrong = quarto.complaints(log, failed=False)
    assert quarto.place(tmp_path, log, wrong) == ("chapters/a.qmd", 3)
    # What it does not name stands somewhere in that chapter.
    lost = "[3/3] chapters/b.qmd\n\x1b[33mWARNING a div is not closed\x1b[39m\n"
    (told,) = quarto.complaints(lost, failed=False)
    assert quarto.place(tmp_path, lost, [told]) == ("chapters/b.qmd", None)
    # The PDF is made of all chapters at once.
    typst = "[3/3] chapters/b.qmd\n[typst]: Compiling index.typ to index.pdf...\nerror: label\n"
    assert quarto.place(tmp_path, typst, ["error: label"]) == (None, None)
    (tmp_path / "chapters/a.qmd").write_text("# T\n\n\n![](x.svg)\n", encoding="utf-8")
    assert quarto.place(tmp_path, typst, ["error: no x.svg"]) == ("chapters/a.qmd", 4)


def test_what_quarto_says_names_the_analysts_own_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(project: Path, output: Path, epoch: int) -> list[Path]:
        raise quarto.QuartoError("Quarto warned", "chapters/staff.qmd", 1)

    own = tmp_path / "study" / "texts" / "staff.md"
    lines = [("text", (own, 12))]
    book = chapters.Book((chapters.Chapter("chapters/staff.qmd", lines),))
    monkeypatch.setattr(rendering.quarto, "render", fail)
    monkeypatch.setattr(rendering.builtin, "read", lambda project, formats: None)
    staged = stage.Staged(tmp_path / "projects" / "cohort", tmp_path, book)
    study = studies.load(ROOT / "data/raw")
    with pytest.raises(AnalystError) as caught:
        rendering.render(staged, tmp_path / "site", study, ("html",), "quarto", lambda made: None)
    assert caught.value.where == f"{own}, line 12"


@pytest.mark.parametrize(
    ("style", "fetches"),
    [
        ('@import"https://fonts.googleapis.com/css2?family=Source+Sans+Pro";body{margin:0}', True),
        ("@import url(//fonts.example.org/a.css);", True),
        ('@font-face { src: url("https://example.org/a.woff2") }', True),
        ('@font-face { src: url("../fonts/Inter-Regular.otf") } @import "own.css";', False),
        ("a { background: url(\"data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg'>\") }",
         False),
    ],
)  # fmt: skip
def test_a_style_fetches_nothing(tmp_path: Path, style: str, fetches: bool) -> None:
    (tmp_path / "site_libs").mkdir()
    (tmp_path / "site_libs" / "bootstrap.min.css").write_text(style, encoding="utf-8")
    found = [name for name, _ in check.problems(tmp_path, check.Forbidden())]
    assert ("site_libs/bootstrap.min.css" in found) == fetches


def test_the_theme_fetches_no_typeface() -> None:
    settings = studies.read_yaml(ROOT / "_quarto.yml")
    own = [name for name in settings["format"]["html"]["theme"] if name.endswith(".scss")]
    # Whatever theme it stands on: all of Quarto's ask for this name before they import a typeface.
    assert any("$web-font-path: false;" in (ROOT / name).read_text("utf-8") for name in own)


def test_quartos_pdf_is_made_of_the_built_in_renderers_template(tmp_path: Path) -> None:
    # Pandoc runs the filter with as much of Quarto's interface as it asks for.
    filters = tmp_path / "filters.lua"
    filters.write_text(
        "quarto = { doc = { is_format = function() return true end },\n"
        "  utils = { as_blocks = pandoc.Blocks } }\n"
        f"return dofile('{ROOT / '_extensions/report/styles/components.lua'}')\n",
        encoding="utf-8",
    )
    template = tmp_path / "template.typ"
    template.write_text("$report-front$\n$report-terms$\n$body$\n", encoding="utf-8")
    source = (
        "---\ntitle: T\nsubtitle: S\nlang: en-GB\nauthor: A\nnotice-short: 'All \\\"made up\\\": 100%'\n"
        "edition:\n  term: Summer term\n  date: 31 July\n"
        "terms:\n- [T-value, T-value]\n- [baseline, Baseline and follow-up]\n---\n\n"
        "::::: {.key-figures}\n::: {.key-figure}\n**266**\n\nstaff answered\n:::\n:::::\n\n"
        "::: {.quotation}\nIt is calmer now.\n\nTeacher\n:::\n\n"
        '$$\na =\n\\text{"b"}\n$$\n'
    )
    done = subprocess.run(
        [
            pypandoc.get_pandoc_path(),
            "-t",
            "typst",
            "-L",
            str(filters),
            "--template",
            str(template),
        ],
        input=source.encode(),
        capture_output=True,
        check=True,
    )
    made = " ".join(done.stdout.decode().split())
    # What stands on the cover and at the foot of every page.
    for said in ('kind: "book"', 'title: "T"', 'authors: ("A",)', 'region: "GB"',
                 'edition: "Summer term · 31 July"', 'notice-short: "All \\"made up\\": 100%"'):  # fmt: skip
        assert said in made, said
    assert '"T-value": "T-value", "baseline": "Baseline and follow-up"' in made
    # Words beside a formula, which PDF/UA asks for: those that were typed.
    assert r'#[#set math.equation(alt: " a = \\text{\"b\"} ");' in made
    assert "#key-figures(( ( [ #strong[266] ], [ staff answered ], [ ], ), ))" in made
    assert "#quotation( [ It is calmer now. ], [ Teacher ], )" in made


def filtered(name: str, source: str, target: str) -> str:
    """What Pandoc makes of a source through one of the filters of Quarto's."""
    arguments = ["-L", str(ROOT / "_extensions/report/styles" / name), "--wrap=none"]
    return pypandoc.convert_text(source, target, "markdown", extra_args=arguments)


def test_a_reference_to_a_section_without_a_number_says_its_heading() -> None:
    source = "## Who *answered* {#sec-who}\n\nSee [@sec-who; @sec-who] and @fig-x.\n"
    made = filtered("references.lua", source, "html")
    assert made.count('<a href="#sec-who">Who <em>answered</em></a>') == 2
    assert "@fig-x" in made
    assert stage.REFERENCES in settings_for(("html",), is_school=True)["filters"]
    assert stage.REFERENCES not in settings_for(("html",), is_school=False)["filters"]


def test_without_the_environment_the_step_before_quarto_says_so(tmp_path: Path) -> None:
    # -S: a Python without any installed package.
    command = [sys.executable, "-S", str(ROOT / "report/pre_render.py")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "QUARTO_PYTHON" in done.stderr
    assert sys.executable in done.stderr


def test_a_mistake_in_the_study_reads_as_one_in_the_step_before_quarto(tmp_path: Path) -> None:
    (tmp_path / "report").mkdir()
    shutil.copyfile(ROOT / "report/pre_render.py", tmp_path / "report/pre_render.py")
    done = subprocess.run(
        [sys.executable, "report/pre_render.py"],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "data/raw" in done.stderr and "to do:" in done.stderr


def test_a_schools_pdf_begins_with_what_it_says() -> None:
    assert settings_for(("pdf",), is_school=True)["format"]["typst"]["report-kind"] == "document"
    assert "report-kind" not in settings_for(("pdf",), is_school=False)["format"]["typst"]


def test_the_root_project_names_the_studys_references_and_no_other_study_gets_them(
    tmp_path: Path,
) -> None:
    study = studies.load(ROOT / "data/raw")
    settings = studies.read_yaml(ROOT / "_quarto.yml")
    expected: dict[str, Any] = {}
    stage.refer(expected, study, "data/raw/texts")
    assert expected["citeproc"] is True
    assert {key: settings[key] for key in expected} == expected
    stage.refer(settings, cast(Any, SimpleNamespace(folder=tmp_path)), "data/raw/texts")
    assert not {"bibliography", "citeproc", "csl"} & set(settings)


def test_quarto_finds_the_look_of_the_brand_beside_the_pages(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "_extensions/report/styles", tmp_path / "_extensions/report/styles")
    logo, font = tmp_path / "logo.svg", tmp_path / "Own.otf"
    for file in (logo, font):
        file.write_text("x", encoding="utf-8")
    brand = brands.Brand({"primary": "#7A1F1F"}, logo, 'The "school"', "Own", (font,))
    data = {
        "image/svg+xml": '<svg fill="#12436D"/>',
        "text/html": '<svg fill="#12436D"/><script type="application/json" class="chart-data">{}</script>',
    }
    notebook = tmp_path / "chapters/notebooks/level.ipynb"
    notebook.parent.mkdir(parents=True)
    notebook.write_text(json.dumps({"cells": [{"outputs": [{"data": data}]}]}), encoding="utf-8")
    stage.write_look(brand, tmp_path, notebook.parent)
    (shown,) = json.loads(notebook.read_text("utf-8"))["cells"][0]["outputs"]
    # Charts in the brand's colour, which on a page changes with the night.
    assert shown["data"] == {
        "image/svg+xml": '<svg fill="#7A1F1F"/>', "text/html": '<svg fill="var(--primary,#7A1F1F)"/>'
    }  # fmt: skip
    look = tmp_path / stage.LOOK
    assert "prefers-color-scheme:dark" in (look / "brand.css").read_text("utf-8")
    print_look = (look / "brand.typ").read_text("utf-8")
    assert 'rgb("#7A1F1F")' in print_look
    assert '#let logo = image.with("/assets/logo.svg", alt: "The \\"school\\"")' in print_look
    assert {each.name for each in look.iterdir()} == {
        "brand.css", "brand.typ", "template.typ", "terms.typ", "logo.svg", "Own.otf",
    }  # fmt: skip
    assert stage.LOOK in studies.read_yaml(ROOT / "_quarto.yml")["format"]["typst"]["font-paths"]


def settings_for(formats: tuple[str, ...], *, is_school: bool) -> dict[str, Any]:
    study = studies.load(ROOT / "data/raw")
    page = cast(Page, SimpleNamespace(study=study, is_school=is_school))
    made = chapters.Book((chapters.Chapter("a.qmd", []),), chapters.PROGRAMME)
    return stage.configured(studies.read_yaml(ROOT / "_quarto.yml"), page, formats, made)


def test_a_schools_files_have_the_names_that_its_page_links_to() -> None:
    made = settings_for(("html", "pdf"), is_school=True)["format"]
    assert made["html"]["output-file"] == "index.html"
    assert made["typst"]["output-file"] == "report.pdf"
    assert [link["href"] for link in made["html"]["other-links"]] == ["report.pdf"]
    only_pages = settings_for(("html",), is_school=True)["format"]
    assert list(only_pages) == ["html"]
    assert "other-links" not in only_pages["html"]


def test_a_book_offers_its_pdf_where_it_has_one() -> None:
    assert settings_for(("html", "pdf"), is_school=False)["book"]["downloads"] == ["pdf"]
    only_pages = settings_for(("html",), is_school=False)
    assert "downloads" not in only_pages["book"]
    assert list(only_pages["format"]) == ["html"]
    assert only_pages["book"]["chapters"] == [chapters.INDEX, "a.qmd"]


def test_a_schools_page_finds_its_styles_when_it_has_moved_to_the_top(tmp_path: Path) -> None:
    (tmp_path / "chapters").mkdir()
    (tmp_path / "chapters" / "index.html").write_text(
        '<link href="../_extensions/report/styles/components.css" rel="stylesheet">\n'
        '<script src="school_files/a.js"></script><a href="../chapters/report.pdf">../ as text</a>',
        encoding="utf-8",
    )
    quarto.flatten(tmp_path)
    text = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert re.findall(r'(?:href|src)="([^"]*)"', text) == [
        "_extensions/report/styles/components.css",
        "school_files/a.js",
        "report.pdf",
    ]
    assert "../ as text" in text
    assert not (tmp_path / "chapters").exists()


def test_what_is_folded_away_opens_by_keyboard_and_without_scripts(tmp_path: Path) -> None:
    page = tmp_path / "index.html"
    page.write_text(
        '<body><main id="quarto-document-content"><div class="callout">'
        '<div class="callout-header d-flex collapsed" data-bs-toggle="collapse" '
        'data-bs-target=".callout-1-contents" aria-expanded="false" aria-label="Toggle callout">'
        "<div><i></i></div><div>All numbers</div></div>"
        '<div id="callout-1" class="callout-1-contents callout-collapse collapse">'
        "<div><p>They stand here.</p></div></div></div><p>After.</p></main></body>",
        encoding="utf-8",
    )
    quarto.clean(tmp_path)
    shown = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
    box = shown.select_one(".callout > details")
    assert box is not None and not box.has_attr("open")
    title = box.find("summary", recursive=False)
    assert title is not None and title.text == "All numbers" and not title.select("div")
    assert "They stand here." in box.text and "After." not in box.text
    assert not shown.select("[data-bs-toggle], .collapse")
