"""Terms of the glossary, explained where they first stand."""

from __future__ import annotations

from pathlib import Path

from bs4 import BeautifulSoup

from analysis import study as studies
from analysis.publish import glossary
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
