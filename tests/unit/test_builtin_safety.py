"""Text that people wrote is data: never markup, shortcode, link, citation, maths or code."""

from __future__ import annotations

import re
import sys
from html import unescape
from pathlib import Path

import pytest
from pypdf import PdfReader

sys.path.insert(0, str(Path(__file__).parent))

import test_builtin_fixture as project_maker

from analysis.publish.builtin import render

EMBED = "{{< embed ../data/processed/notebooks/oak/words.ipynb#words >}}"


def rendered(tmp_path: Path, text: str) -> tuple[str, str]:
    """One notebook output as it comes out: the page's markup and the PDF's text."""
    project = project_maker.document_project(tmp_path / "project")
    project_maker.notebook(
        project / "data/processed/notebooks/oak/words.ipynb",
        project_maker.cell("label: words", project_maker.markdown(text)),
    )
    (project / "report/school.qmd").write_text(f"---\ntitle: Oak\n---\n\n{EMBED}\n")
    render(project, tmp_path / "out", ["html", "pdf"])
    page = (tmp_path / "out/index.html").read_text(encoding="utf-8")
    prose = page[page.index('<div class="prose">') : page.index("</main>")]
    reader = PdfReader(tmp_path / "out/report.pdf")
    printed = "".join(part.extract_text() for part in reader.pages)
    return prose, re.sub(r"\s+", "", printed)


def straight(text: str) -> str:
    """Typographic quotation marks as they were typed."""
    return text.translate({0x201C: '"', 0x201D: '"', 0x2018: "'", 0x2019: "'"})


@pytest.mark.parametrize(
    "place",
    ["{}", "| Words | n |\n|:------|--:|\n| {} | 1 |\n| more | 2 |\n"],
    ids=["text", "cell"],
)
@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "{{< include /etc/passwd >}}",
        "{{< meta unit.name >}}",
        "a{{<meta unit.name>}}b",
        "{{{< meta unit.name >}}}",
        "@tbl-nope",
        "[@tbl-nope, p. 3]",
        "@someone",
        "$x$ and $$y$$",
        "[link](javascript:alert(1))",
        "[link](data:text/html,x)",
        "[file](../secret.csv)",
        '#import "x.typ": *',
        "#panic()",
        "= not a heading",
        "/ not: a term",
        "// not a comment",
        "/* nor this */",
        "<label>",
        "~ and _one",
        "#{1+1} #[x] #sys.version",
    ],
)
def test_comes_out_as_it_was_typed(tmp_path: Path, text: str, place: str) -> None:
    prose, printed = rendered(tmp_path, place.replace("{}", text))
    shown = re.sub(r"\s+", "", unescape(re.sub(r"<[^>]+>", "", prose)))
    typed = re.sub(r"\s+", "", text)
    assert typed in straight(shown)
    assert typed in straight(printed)
    assert "<script" not in prose and "<img" not in prose and "<a " not in prose


def test_shortcodes_inside_other_markup_stay_text(tmp_path: Path) -> None:
    prose, printed = rendered(
        tmp_path, "**bold {{< meta unit.name >}}** and\n\n> {{< include /etc/passwd >}}\n"
    )
    assert "Oak Tree" not in prose
    assert "{{&lt; meta unit.name &gt;}}" in prose
    assert "{{<include/etc/passwd>}}" in printed


def test_attributes_are_dropped(tmp_path: Path) -> None:
    prose, _ = rendered(
        tmp_path,
        '[a]{style="color:red" onclick="steal()" typst:text:fill="red" .suppressed}\n\n'
        '::: {.finding onmouseover="steal()"}\nb\n:::\n',
    )
    assert "steal" not in prose and "style=" not in prose and "typst" not in prose
    assert 'class="suppressed"' in prose and 'class="finding"' in prose


def test_raw_blocks_are_text(tmp_path: Path) -> None:
    prose, printed = rendered(
        tmp_path, '```{=typst}\n#panic("x")\n```\n\n```{=html}\n<b>x</b>\n```'
    )
    assert "<b>" not in prose
    assert '#panic("x")' in straight(printed)


def test_characters_the_font_lacks_do_not_stop_the_pdf(tmp_path: Path) -> None:
    prose, printed = rendered(tmp_path, "Great 😀 work 你 👩‍👩‍👧 ✓ naïve Łódź η² ≥ −1 \u0007 end")
    assert "😀" in prose
    assert "[grinningface]" in printed
    assert "ŁódźΗ²".lower() in printed.lower()


def test_images_load_nothing(tmp_path: Path) -> None:
    prose, printed = rendered(tmp_path, "![pixel](https://example.org/x.png)")
    assert "<img" not in prose
    assert "![pixel](https://example.org/x.png)" in printed


def test_links_to_the_web_and_known_references_still_work(tmp_path: Path) -> None:
    prose, _ = rendered(
        tmp_path, "[site](https://example.org/) and\n\n## Here {#sec-here}\n\n@sec-here"
    )
    assert '<a href="https://example.org/">site</a>' in prose
    assert 'href="#sec-here"' in prose


def test_metadata_is_text(tmp_path: Path) -> None:
    project = project_maker.document_project(tmp_path / "project")
    name = "<b>Oak</b> & {{< include x >}} #panic() $x$"
    (project / "_unit.yml").write_text(f"unit:\n  name: '{name}'\nnotice: '{name}'\n")
    (project / "report/school.qmd").write_text(
        '---\ntitle: "{{< meta unit.name >}}"\n---\n\nAt {{< meta unit.name >}}.\n\n'
        "{{< meta unit.name >}}\n\n# {{< meta unit.name >}}\n"
    )
    render(project, tmp_path / "out", ["html", "pdf"])
    page = (tmp_path / "out/index.html").read_text(encoding="utf-8")
    assert "<b>" not in page
    assert page.count("&lt;b&gt;Oak&lt;/b&gt; &amp; {{&lt; include x &gt;}} #panic() $x$") >= 5


def test_chart_data_cannot_end_the_page(tmp_path: Path) -> None:
    project = project_maker.document_project(tmp_path / "project")
    path = project / "data/processed/notebooks/oak/words.ipynb"
    project_maker.notebook(
        path,
        project_maker.cell(
            'label: fig-x\nfig-cap: "A <b>caption</b>"\nfig-alt: \'Alt "quoted" <i>x</i>\'',
            project_maker.figure("x"),
        ),
    )
    (project / "report/school.qmd").write_text(
        "---\ntitle: Oak\n---\n\n{{< embed ../data/processed/notebooks/oak/words.ipynb#fig-x >}}\n"
    )
    render(project, tmp_path / "out", ["html", "pdf"])
    page = (tmp_path / "out/index.html").read_text(encoding="utf-8")
    assert "<b>caption" not in page and "<i>x" not in page
    assert 'alt="Alt &quot;quoted&quot; &lt;i&gt;x&lt;/i&gt;"' in page
