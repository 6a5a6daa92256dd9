"""Terms of the glossary, explained where they first stand."""

from __future__ import annotations

import io
import re
import shutil
from pathlib import Path

import pypdf
import typst
from bs4 import BeautifulSoup

from analysis import study as studies
from analysis.publish import chapters, glossary, stage
from tests.conftest import ROOT

PAGE = """<!doctype html><html><body><p>Codes outside.</p><main><h1>The interval</h1>
<p>See <a href="a.html">the interval</a>; codes and a theme, an <b>Interval</b>, a code again.</p>
<table><tr><td>suppression</td></tr></table><script>var a = "<p>suppression</p>";</script>
<p>Scores of the SRS, not of srs; sub-codes.</p></main></body></html>"""
LIST = """## Words

- **Code and theme.** A *code* is a name for
  something & codes make a [theme](x.md).
- **Interval.** A range of values.
- **Student Resilience Survey (SRS).** A questionnaire.
- **Suppression.** Withholding.
"""


def _terms(folder: Path) -> dict[str, tuple[str, str]]:
    (folder / "texts").mkdir()
    (folder / "texts/glossary.md").write_text(LIST, encoding="utf-8")
    study = studies.load(ROOT / "data/raw").model_copy(update={"folder": folder})
    return glossary.terms(study)


def test_the_first_of_each_term_in_running_text_opens_its_explanation(tmp_path: Path) -> None:
    page = BeautifulSoup(glossary.explained(PAGE, _terms(tmp_path)), "html.parser")
    pressed = page.select("button.term")
    # Not in the heading, the link, the table or the script; one of an entry.
    assert [each.text for each in pressed] == ["codes", "Interval", "SRS"]
    for each in pressed:
        opened = page.select_one(f"main #{each['popovertarget']}[popover]")
        assert opened is not None
        assert not opened.find_parent("p")
    first = page.select_one(f"#{pressed[0]['popovertarget']}")
    assert first is not None
    said = "Code and theme. A code is a name for something & codes make a theme."
    assert first.text.strip() == said


def test_the_page_reads_as_before(tmp_path: Path) -> None:
    page = BeautifulSoup(glossary.explained(PAGE, _terms(tmp_path)), "html.parser")
    for each in page.select(".explained"):
        each.decompose()
    assert page.text.split() == BeautifulSoup(PAGE, "html.parser").text.split()


def test_the_glossary_explains_nothing_beside_itself(tmp_path: Path) -> None:
    terms = _terms(tmp_path)
    with_list = PAGE.replace(
        "</main>", "<ul><li><strong>Interval.</strong> A range.</li></ul></main>"
    )
    shown = glossary.explained(with_list, terms)
    assert ">Interval</button>" not in shown and ">SRS</button>" in shown
    assert glossary.explained(PAGE, {}) == PAGE
    assert "button" not in glossary.explained("<p>A code.</p>", terms)


def _leads(folder: Path, text: str) -> list[str]:
    """What of a printed text leads to the glossary's entries, in order."""
    shutil.copyfile(ROOT / "_extensions/report/styles/terms.typ", folder / "terms.typ")
    (folder / "text.typ").write_text(
        '#import "terms.typ": with-terms\n#set document(title: "T")\n'
        '#show: with-terms.with(("code": "Code and theme", "theme": "Code and theme",\n'
        '  "T-value": "T-value", "matched sample": "Matched sample", "SRS": "The SRS",\n'
        '  "audit": "Audit"))\n'
        # What leads anywhere, and to which page, stands out in the text that is read back.
        '#show link: it => "<" + it.body + " " + str(it.dest.page()) + ">"\n' + text,
        encoding="utf-8",
    )
    made = typst.compile(folder / "text.typ", font_paths=[ROOT / "_extensions/report/fonts"])
    printed = " ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(made)).pages)
    return re.findall(r"<(.+?)>", " ".join(printed.split()))


PRINTED = """= A code
A sub-code; codes make a theme. Matched
samples, codes and the T-value; Coded.

- The SRS, not srs, and the SRS
- *Matched sample.* Two waves.

#table(columns: 1, [theme of T-values])
"""
ENTRIES = """#pagebreak()
= Words

- *Audit.* A look.
- *Code and theme\\.* A code of a matched sample, in an audit.
- *Matched sample.* A T-value.
- *T-value.* Of the SRS.
"""


def test_in_print_the_first_of_each_term_leads_to_the_glossary(tmp_path: Path) -> None:
    # Not in headings and tables, not what has no entry, and nothing back from the list itself.
    assert _leads(tmp_path, PRINTED + ENTRIES) == ["codes 2", "Matched samples 2", "T-value 2"]
    assert _leads(tmp_path, "= A code\n\nA code.") == []


def test_print_knows_the_terms_of_the_document_that_holds_the_glossary() -> None:
    study = studies.load(ROOT / "data/raw")
    entries = (study.folder / glossary.FILE).read_text(encoding="utf-8")
    lines = [(line, (Path("reading.qmd"), 1)) for line in entries.splitlines()]
    holding, other = (
        chapters.Book((chapters.Chapter("a.qmd", found),)) for found in (lines, lines[:1])
    )
    assert ["follow-up", "Baseline and follow-up"] in stage.explained_terms(study, holding)["terms"]
    assert stage.explained_terms(study, other) == {"terms": []}
