"""Workbook, CSV and Word of a document, and what numbers say of themselves: at the edges."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import openpyxl
import pytest
import test_builtin_fixture as made
from openpyxl.worksheet.worksheet import Worksheet

from analysis.present import origin
from analysis.present.shown import Part, Text, marked_of, read_recorded, unmarked
from analysis.publish import beside, builtin, tidy, word, workbook
from analysis.publish.exhibits import Exhibit, exhibits
from analysis.questions import QUESTIONS
from analysis.strands import BY_TABLE
from tests.conftest import ROOT
from tests.studies import files

#: What would run, lead somewhere or be taken for a mark of the library.
HOSTILE = (
    "=1+1", '=HYPERLINK("https://example.org","x")', "+1-2", "-cmd|' /C calc'!A0", "@SUM(A1)",
    "{=1+1}", "https://example.org/a", "internal:'Table 1'!A1", "mailto:a@example.org",
    "[press](https://example.org)", "a $$note$$ b", "\t=1", "…", "Иван", "–", "", "a\nb",
)  # fmt: skip


def exhibit(texts: tuple[str, ...], caption: str = "=2+2") -> Exhibit:
    rows = tuple((f"row {n}", text) for n, text in enumerate(texts))
    return Exhibit("tbl-x", "1", caption, "index.html", ("Scale", "Scale"), rows, ("=3+3",), ())


def page() -> SimpleNamespace:
    """What a workbook asks of a page."""
    edition = SimpleNamespace(date=dt.date(2031, 7, 1), term="Summer")
    study = SimpleNamespace(
        title="=T", notice="", edition=edition,
        populations=[SimpleNamespace(minimum=5, noun="parents")],
    )  # fmt: skip
    return SimpleNamespace(study=study)


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> builtin.Read:
    root = made.book_project(tmp_path_factory.mktemp("book") / "p")
    return builtin.read(root, ["html", "pdf"])


def opened(read: builtin.Read, found: Exhibit) -> tuple[Worksheet, bytes]:
    content = workbook.workbook(page(), read, [found])  # type: ignore[arg-type]
    return openpyxl.load_workbook(io.BytesIO(content))["Table 1"], content


def test_no_text_in_a_workbook_runs_leads_anywhere_or_is_lost(book: builtin.Read) -> None:
    sheet, content = opened(book, exhibit(HOSTILE))
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert all(cell.data_type == "s" and cell.hyperlink is None for cell in cells)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        text = "".join(archive.read(n).decode() for n in archive.namelist() if "sheet" in n)
        assert "<f>" not in text and "External" not in text
    (area,) = (each.ref for each in sheet.tables.values())
    shown = [row[1].value for row in sheet[area]][1:]
    for text, value in zip(HOSTILE, shown, strict=True):
        assert files.same(value, text), (text, value)


def test_a_number_is_a_number_with_the_decimals_of_the_page(book: builtin.Read) -> None:
    found = exhibit(("3.60", "−0.10", "1,204", "3.6 (3.1 to 4.0)", "[c]", "fewer than half"))
    numbers = tuple(
        (Part(text, "cohort", "a.b.c.d.e.f.g", "value", 2), (row, 1))
        for row, (_, text) in enumerate(found.rows)
    )
    found = replace(found, numbers=numbers)
    sheet, _ = opened(book, found)
    (area,) = (each.ref for each in sheet.tables.values())
    values = [row[1].value for row in sheet[area]][1:]
    assert values == [3.6, -0.1, 1204, "3.6 (3.1 to 4.0)", "[c]", "fewer than half"]
    two = replace(found, rows=found.rows[:2], numbers=numbers[:2])
    sheet, _ = opened(book, two)
    (area,) = (each.ref for each in sheet.tables.values())
    assert {row[1].number_format for row in sheet[area][1:]} == {"#,##0.00"}


def test_the_same_document_is_the_same_files(book: builtin.Read) -> None:
    found = exhibit(("1", "2"))
    first = opened(book, found)[1], word.document(book, page_one=False)
    assert first == (opened(book, found)[1], word.document(book, page_one=False))


def test_a_word_document_takes_its_looks_from_the_brand_and_its_date_from_the_edition(
    tmp_path: Path,
) -> None:
    root = made.book_project(tmp_path / "p")
    (root / "_extensions/report/styles/_brand.yml").write_text(
        'color: {primary: "#5A1E5C", success: "#0B6E63"}\n'
    )
    settings = root / "_quarto.yml"
    settings.write_text(settings.read_text() + "brand: _extensions/report/styles/_brand.yml\n")
    path = tmp_path / "made.docx"
    path.write_bytes(word.document(builtin.read(root, ["html"]), page_one=False))
    styles = files.part(path, "word/styles.xml")
    colours = {each.get(f"{files.W}val") for each in styles.iter(f"{files.W}color")}
    assert "5A1E5C" in colours
    assert "2026-07-20T00:00:00Z" in str(files.part(path, "docProps/core.xml").xpath("string(.)"))
    assert files.headings(path)[0][0] == 1
    assert "synthetic" in "".join(files.part(path).itertext())


def test_a_word_document_names_no_place_of_this_machine(book: builtin.Read) -> None:
    with zipfile.ZipFile(io.BytesIO(word.document(book, page_one=False))) as archive:
        text = "".join(archive.read(n).decode("utf-8", "replace") for n in archive.namelist()
                       if n.endswith((".xml", ".rels")))  # fmt: skip
    assert "/tmp/" not in text and str(ROOT) not in text
    assert text.count('descr="') >= 2


def test_csv_runs_nothing() -> None:
    for text in HOSTILE:
        shown = tidy.harmless(text)
        assert not shown.startswith(("=", "+1-", "-c", "@", "\t", "https:", "internal:", "mailto:"))
        assert shown.removeprefix("'") == text
    assert [tidy.harmless(text) for text in ("-0.31", "+2", "-")] == ["-0.31", "+2", "-"]


def test_a_text_marks_its_numbers_for_the_renderers_alone() -> None:
    part = Part("3.6", "S1", "a.b.c.d.e.f.g", "value", 1)
    data, record = Text(["The mean is ", part, "."])._repr_mimebundle_()
    assert "{" not in data["text/markdown"]
    assert unmarked(data["text/x-pandoc-markdown"]) == data["text/markdown"]
    withheld = replace(part, text="[c]")
    assert unmarked(marked_of(["a ", withheld, " [b](c)"])) == "a \\[c\\] [b](c)"
    assert '[3\\.6]{.number of="S1 a.b.c.d.e.f.g"}' in data["text/x-pandoc-markdown"]
    assert read_recorded(record["drp"]["numbers"]) == [(part, None, None)]


@pytest.mark.parametrize(
    "method, told",
    [
        ("Wilcoxon, exact over all signs of the changes of 7 people, those without a change left "
         "out", "Wilcoxon, exact over all signs of the changes of … people, those without a change "
         "left out"),
        ("Wilson interval on the effective number (53.0, allowing for schools)",
         "Wilson interval on the effective number (…, allowing for schools)"),
        ("Holm over the 10 subscales, of: paired t test", None),
        ("restricted wild cluster bootstrap over 13 schools (Rademacher, CR2; 2,000 draws, seed 1; "
         "p is at least 0.0005)", "restricted wild cluster bootstrap over 13 schools (Rademacher, "
         "CR2; 2,000 draws, seed 1; p is at least …)"),
        ("one-way ANOVA (scipy) with 2 and 17 degrees of freedom",
         "one-way ANOVA (scipy) with … and … degrees of freedom"),
        ("percent: 100 x sum of sessions; per 100 pupils; SD (n - 1); plus or minus 0.2 points",
         None),
        ("E-value by VanderWeele and Ding (2017), of the change", None),
    ],
)  # fmt: skip
def test_a_method_is_told_without_numbers_of_the_data(method: str, told: str | None) -> None:
    assert origin.in_general(method) == (told or method)


def test_what_questions_read_are_questions_and_tables_that_there_are() -> None:
    functions = {each.function for each in QUESTIONS}
    assert set(origin.READ) <= functions | {name.partition(":")[0] for name in functions}
    assert {name for names in origin.READ.values() for name in names} <= set(BY_TABLE)


def test_downloads_stand_after_a_float_of_either_renderer() -> None:
    links = {"tbl-a": [("data/tbl-a.csv", "CSV", "Numbers of Table 1 as CSV")]}
    quarto = '<div id="tbl-a" class="quarto-float"><figure><div>x</div><table></table></figure></div><p>y</p>'
    built_in = '<div class="table-figure" id="tbl-a"><div class="table-scroll"></div></div><p>y</p>'
    for html in (quarto, built_in):
        shown = beside._with_links(html, "chapters/a.html", links)
        assert re.search(
            r'</div><p class="downloads">.*href="\.\./data/tbl-a\.csv".*</p><p>y</p>$', shown
        )
        assert shown.startswith(html[:-8])


def test_exhibits_are_what_the_pages_number(book: builtin.Read) -> None:
    found = exhibits(book)
    assert [each.label for each in found if each.is_table]
    targets = book.report.targets
    for each in found:
        assert targets[each.label].number == each.number
        assert each.page == targets[each.label].page
        assert all(len(row) == len(each.columns) for row in each.rows)


def test_every_place_that_peers_names_is_there() -> None:
    text = (ROOT / "docs" / "peers.md").read_text(encoding="utf-8")
    named = re.findall(r"\| `([^`]+)` \|$", text, re.MULTILINE)
    assert len(named) > 30
    assert [name for name in named if not (ROOT / name).exists()] == []
