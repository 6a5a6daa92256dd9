"""The flow: read the project once, number it per format, write each format, then publish."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from analysis.publish.builtin.brand import Brand, load_brand
from analysis.publish.builtin.citations import cited
from analysis.publish.builtin.crossref import Report, number
from analysis.publish.builtin.dialect import DialectError
from analysis.publish.builtin.front import FrontMatter, front_matter
from analysis.publish.builtin.html import Files, HtmlTree
from analysis.publish.builtin.page import Site, html_page
from analysis.publish.builtin.pandoc import Pandoc, warm_pandoc
from analysis.publish.builtin.pdf import write_pdf
from analysis.publish.builtin.project import Chapter, Project, load_project
from analysis.publish.builtin.reading import Document, Reader
from analysis.publish.builtin.web_fonts import face, web_font
from analysis.resources import FONTS, STYLES

Format = Literal["html", "pdf"]

PDF_NAME = "report.pdf"
PLOTLY = "assets/plotly.min.js"

# What each format answers to in `when-format`. The PDF is Typst's, so it answers to both names.
FORMAT_NAMES = {"html": ("html", "html:js"), "pdf": ("pdf", "typst")}


@dataclass(frozen=True)
class Read:
    """A staged project, read and numbered for each format, and not yet written."""

    project: Project
    front: FrontMatter
    brand: Brand
    reports: dict[Format, Report]

    @property
    def report(self) -> Report:
        """The pages as HTML has them, where HTML is asked for."""
        return self.reports.get("html") or next(iter(self.reports.values()))


def render(project: Path, output: Path, formats: Sequence[Format]) -> list[Path]:
    """Render the staged project into ``output``: see :func:`read` and :func:`write`."""
    return write(read(project, formats), output)


def read(project: Path, formats: Sequence[Format]) -> Read:
    """Read and number the staged project, without writing anything.

    A report must hold nothing that only one renderer knows: what Quarto is to render is read first,
    too. Raises ``DialectError`` for a source outside the dialect.
    """
    settings = load_project(Path(project))
    reader = Reader(settings, warm_pandoc())
    documents = reader.read()
    cited(documents, settings)
    front = front_matter(settings, documents, reader)
    brand = load_brand(
        settings, settings.metadata if settings.kind == "book" else documents[0].metadata
    )
    reports: dict[Format, Report] = {
        name: number(
            _addressed(documents, settings) if name == "html" else documents,
            settings,
            reader,
            FORMAT_NAMES[name],
        )
        for name in formats
    }
    return Read(settings, front, brand, reports)


def write(found: Read, output: Path) -> list[Path]:
    """Write what was read into ``output``; the documents made, pages first, then the PDF.

    Nothing is written into ``output`` unless everything succeeded. Raises ``PdfError`` for a report
    that is not a valid PDF/UA.
    """
    settings, front, brand, reports = found.project, found.front, found.brand, found.reports
    pandoc = warm_pandoc()
    files = Files()
    made: list[str] = []
    # The PDF is made beside the pages, since both mostly wait for Pandoc, and Typst works without
    # holding Python up.
    with ThreadPoolExecutor(1) as beside:
        if "pdf" in reports:
            pdf = beside.submit(write_pdf, settings, reports["pdf"], front, brand, pandoc)
        if "html" in reports:
            made += _write_html(
                settings, reports["html"], front, brand, pandoc, files, with_pdf="pdf" in reports
            )
        if "pdf" in reports:
            files.written[PDF_NAME] = pdf.result()
            made.append(PDF_NAME)
    _publish(files, Path(output))
    return [Path(output) / name for name in made]


def _addressed(documents: list[Document], project: Project) -> list[Document]:
    """A single document is the folder's index, wherever its source lies."""
    if project.kind == "document":
        return [replace(documents[0], chapter=Chapter("index.qmd"))]
    return documents


def _write_html(
    project: Project,
    report: Report,
    front: FrontMatter,
    brand: Brand,
    pandoc: Pandoc,
    files: Files,
    *,
    with_pdf: bool,
) -> list[str]:
    trees = [HtmlTree(page, project.root, files, brand) for page in report.pages]
    bodies = pandoc.write([tree.body() for tree in trees], "html5")
    logo = None
    if brand.logo is not None:
        logo = files.copy(f"assets/logo{brand.logo.suffix.lower()}", brand.logo)
    site = Site(
        kind=project.kind,
        lang=project.lang,
        front=front,
        brand=brand,
        logo=logo,
        pdf=PDF_NAME if with_pdf else None,
        pages=tuple(report.pages),
    )
    for page, tree, body in zip(report.pages, trees, bodies, strict=True):
        shown = html_page(site, page, body, has_plot=tree.has_plot, explores=tree.explores)
        files.write(page.path, shown)
    explores = any(tree.explores for tree in trees)
    _add_assets(
        project, files, brand, charts=explores,
        plotly=explores or any(tree.has_plot for tree in trees),
    )  # fmt: skip
    return [page.path for page in report.pages]


def _add_assets(
    project: Project, files: Files, brand: Brand, *, charts: bool, plotly: bool
) -> None:
    wanted = {
        "assets/styles/components.css": f"{STYLES}/components.css",
        "assets/styles/builtin.css": f"{STYLES}/builtin.css",
        "assets/builtin.js": f"{STYLES}/builtin.js",
        "assets/scrolling.js": f"{STYLES}/scrolling.js",
    }
    if charts:
        wanted["assets/charts.js"] = f"{STYLES}/charts.js"
    if plotly:
        wanted[PLOTLY] = PLOTLY
    files.write("assets/styles/brand.css", brand.css() + faces(brand))
    if brand.fonts:
        for path in brand.fonts:
            files.written[f"assets/fonts/{path.stem}.woff2"] = web_font(path)
    else:
        for path in sorted((project.root / FONTS).iterdir()):
            if path.suffix not in (".otf", ".ttf"):
                wanted[f"assets/fonts/{path.name}"] = f"{FONTS}/{path.name}"
    for target, name in wanted.items():
        origin = project.root / name
        if not origin.is_file():
            raise DialectError(name, None, "", "this file of the report's style is missing")
        files.copy(target, origin)


def faces(brand: Brand) -> str:
    """Where pages find a brand's own typeface; the report's own stands in the style sheets."""
    return "".join(face(path, brand.family) for path in brand.fonts)


def _publish(files: Files, output: Path) -> None:
    """Build beside the output folder, then move file by file, so no half-written file is seen."""
    output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".building-", dir=output.parent) as folder:
        build = Path(folder)
        for name, content in files.written.items():
            (build / name).parent.mkdir(parents=True, exist_ok=True)
            (build / name).write_bytes(content)
        for name, origin in files.copied.items():
            (build / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(origin, build / name)
        for name in sorted([*files.written, *files.copied]):
            (output / name).parent.mkdir(parents=True, exist_ok=True)
            (build / name).replace(output / name)
