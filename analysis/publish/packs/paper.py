"""The handout as an accessible PDF on one page, and charts as pictures for slides."""

from __future__ import annotations

import datetime as dt
import io
import tempfile
from collections.abc import Sequence
from pathlib import Path

from analysis import resources
from analysis.language import gettext
from analysis.places import project_root
from analysis.present.page import Page
from analysis.present.session import Slide
from analysis.publish.builtin.brand import Brand
from analysis.publish.builtin.front import draft_mark
from analysis.publish.builtin.typst_tree import typst_string
from analysis.publish.packs.blocks import Block, blocks
from analysis.publish.packs.pages import subtitle, title_of

#: Sizes of type that are tried until all is on one page, in points; the last stays as it is.
SIZES = (11, 10.5, 10, 9.5, 9, 8.5)
#: Points of a chart's picture to an inch.
SHARP = 220
#: The chart's file, and how many lines of the source come before the columns.
CHART, HEAD = "chart.svg", 9


def handout(page: Page, made: Sequence[Slide], brand: Brand, draft: str = "") -> bytes:
    """The handout as PDF/UA: in the largest type with which it fits on one page.

    ``draft`` is said above it, if it is given.
    """
    import pypdf

    content = b""
    for size in SIZES:
        content = _compiled(_source(page, made, brand, size, draft), made, page, brand)
        if len(pypdf.PdfReader(io.BytesIO(content)).pages) == 1:
            break
    return content


def picture(page: Page, brand: Brand, svg: str) -> bytes:
    """A chart of a page as PNG, on white, in the brand's typeface."""
    import typst

    with tempfile.TemporaryDirectory(prefix="chart-") as folder:
        (Path(folder) / "chart.svg").write_text(svg, encoding="utf-8")
        main = Path(folder) / "main.typ"
        main.write_text(
            '#set page(width: auto, height: auto, margin: 0pt, fill: white)\n#image("chart.svg")'
        )
        content = typst.compile(
            str(main), root=folder, format="png", ppi=SHARP,
            font_paths=_fonts(page, brand), ignore_system_fonts=True,
        )  # fmt: skip
    assert isinstance(content, bytes)
    return content


def _source(page: Page, made: Sequence[Slide], brand: Brand, size: float, draft: str) -> str:
    study = page.study
    beside: list[str] = []
    notice = f"#block(stroke: 0.8pt, inset: 4pt, {_text(study.notice)})" if study.notice else ""
    lines = [
        f"#set document(title: {typst_string(title_of(page))}, author: {typst_string(study.organisation)})",
        '#set page(paper: "a4", margin: (x: 16mm, y: 13mm))',
        f'#set text(lang: "en", region: "GB", size: {size}pt, font: {typst_string(brand.family)})',
        "#set par(leading: 0.55em, spacing: 0.7em)",
        f'#show heading: set text(fill: rgb("{brand.primary}"))',
        "#show heading: set block(above: 0.9em, below: 0.45em)",
        f"#heading(level: 1, {_text(title_of(page))})",
        f"#par({_text(subtitle(page))})",
        notice,
    ]
    for slide in made:
        told = [f"#heading(level: 2, {_text(slide.title)})", *_blocks(blocks(slide.texts))]
        for figure in slide.figures:
            # Beside the rest, to its full height.
            beside.append(f'#image("{CHART}", width: 100%, alt: {typst_string(figure.alt)})')
        lines += told
    if beside:
        head, told = lines[:HEAD], lines[HEAD:]
        columns = [_content(told), _content(beside)]
        lines = [*head, f"#grid(columns: (1fr, 62mm), gutter: 6mm, {', '.join(columns)})"]
    mark = [draft_mark(typst_string(draft), typst_string(gettext("Draft")))] if draft else []
    return "\n\n".join(filter(None, [*mark, *lines]))


def _content(lines: Sequence[str]) -> str:
    return "[" + "\n\n".join(filter(None, lines)) + "]"


def _blocks(told: Sequence[Block]) -> list[str]:
    """Blocks as Typst: entries of one kind that follow each other are one list."""
    groups: list[tuple[str, list[str]]] = []
    for block in told:
        kind = "par" if not block.mark else "list" if block.mark == "•" else "enum"
        runs = "[" + "".join(f"#{_run(*each)}" for each in _runs(block)) + "]"
        if groups and groups[-1][0] == kind != "par":
            groups[-1][1].append(runs)
        else:
            groups.append((kind, [runs]))
    return [f"#{kind}({', '.join(entries)})" for kind, entries in groups]


def _runs(block: Block) -> list[tuple[str, bool, bool]]:
    return [(run.text, run.strong, run.emphasised) for run in block.runs]


def _run(text: str, strong: bool, emphasised: bool) -> str:
    shown = _text(text)
    shown = f"strong({shown})" if strong else shown
    return f"emph({shown})" if emphasised else shown


def _text(text: str) -> str:
    return f"text({typst_string(text)})"


def _fonts(page: Page, brand: Brand) -> list[str]:
    """The folders of the typefaces of a page and of its brand."""
    files = [*resources.fonts(project_root(page.study.folder)), *brand.fonts]
    return sorted({str(path.parent) for path in files})


def _compiled(source: str, made: Sequence[Slide], page: Page, brand: Brand) -> bytes:
    import typst

    moment = dt.datetime.combine(page.study.edition.date, dt.time(), tzinfo=dt.UTC)
    with tempfile.TemporaryDirectory(prefix="handout-") as folder:
        main = Path(folder) / "main.typ"
        main.write_text(source, encoding="utf-8")
        for figure in (each for slide in made for each in slide.figures):
            (Path(folder) / CHART).write_text(figure.svg, encoding="utf-8")
        content = typst.compile(
            str(main), root=folder, font_paths=_fonts(page, brand), ignore_system_fonts=True,
            pdf_standards=["ua-1"], timestamp=int(moment.timestamp()),
        )  # fmt: skip
    assert isinstance(content, bytes)
    return content
