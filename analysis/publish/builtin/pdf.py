"""The PDF: Typst source compiled to PDF/UA-1, the same bytes wherever and whenever it is made."""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from string import Formatter

import typst
from fontTools.ttLib import TTFont

from analysis.language import ENGLISH, N_, gettext, now
from analysis.publish.builtin.brand import Brand
from analysis.publish.builtin.crossref import Report
from analysis.publish.builtin.dialect import DialectError
from analysis.publish.builtin.front import FrontMatter, draft_mark
from analysis.publish.builtin.html import Files
from analysis.publish.builtin.pandoc import Pandoc
from analysis.publish.builtin.project import Project
from analysis.publish.builtin.tree import Nodes
from analysis.publish.builtin.typst_tree import TypstTree, typst_string
from analysis.resources import FONTS, STYLES

TEMPLATE = f"{STYLES}/template.typ"
#: Terms of a glossary that the report has at its end: beside the template, which may be a project's own.
TERMS = f"{STYLES}/terms.typ"
#: At the foot of every page.
PAGE = N_("Page {page} of {pages}")
#: Before the list of a report's sections.
CONTENTS = N_("In this report:")


class PdfError(RuntimeError):
    """Typst refused the report, for example because it is not accessible."""


def write_pdf(
    project: Project, report: Report, front: FrontMatter, brand: Brand, pandoc: Pandoc
) -> bytes:
    """The whole report as one PDF."""
    template = project.root / TEMPLATE
    if not template.is_file():
        raise DialectError(TEMPLATE, None, "", "the PDF's template is missing")
    files = Files()
    fonts = project.root / FONTS
    tree = TypstTree(report, project.root, files, _coverage(fonts, brand))
    book = project.kind == "book"
    blocks: Nodes = []
    for page in report.pages:
        blocks += tree.body(page, chapter=book)
    [body] = pandoc.write([blocks], "typst")
    files.copy("template.typ", template)
    if brand.logo is not None:
        files.copy(f"assets/{brand.logo.name}", brand.logo)
    source = _opening(project, front, brand, tree) + "\n\n" + body
    if project.metadata.get("terms"):
        files.copy("terms.typ", project.root / TERMS)
    with tempfile.TemporaryDirectory(prefix="report-") as folder:
        build = Path(folder)
        for path, content in files.written.items():
            if path.endswith(".svg"):
                content = brand.recoloured(content.decode("utf-8")).encode("utf-8")
            _parent(build / path).write_bytes(content)
        (build / "brand.typ").write_text(brand.typst(), encoding="utf-8")
        for font in brand.fonts:
            shutil.copyfile(font, _parent(build / "fonts" / font.name))
        for path, origin in files.copied.items():
            shutil.copyfile(origin, _parent(build / path))
        (build / "main.typ").write_text(source, encoding="utf-8")
        return _compile(build, [fonts, build / "fonts"], front.date)


def without_letters(source: str, fonts: Path) -> list[str]:
    """The characters of a document that the typeface in ``fonts`` does not have, in order."""
    covers = _coverage(fonts, Brand())
    return sorted(
        {character for character in source if not (character == "\n" or covers(character))}
    )


def typeset(source: str, fonts: Path) -> bytes:
    """The PDF of a document that is Typst source as a whole; ``fonts`` is their folder.

    Raises
    ------
    PdfError
        If Typst refuses it.
    """
    with tempfile.TemporaryDirectory(prefix="document-") as folder:
        build = Path(folder)
        (build / "main.typ").write_text(source, encoding="utf-8")
        return _compile(build, [fonts], None)


def _parent(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _opening(project: Project, front: FrontMatter, brand: Brand, tree: TypstTree) -> str:
    """The call that hands the template everything but the text."""
    language, _, region = project.lang.partition("-")
    date = "none"
    if front.date is not None:
        date = (
            f"datetime(year: {front.date.year}, month: {front.date.month}, day: {front.date.day})"
        )
    logo = "none"
    if brand.logo is not None:
        path = typst_string(f"/assets/{brand.logo.name}")
        logo = f"image.with({path}, alt: {tree.literal(brand.logo_alt or front.title)})"
    values = {
        "kind": typst_string(project.kind),
        "title": tree.literal(front.title),
        "subtitle": tree.literal(front.subtitle),
        "authors": "(" + "".join(f"{tree.literal(name)}," for name in front.authors) + ")",
        "edition": tree.literal(" · ".join(front.edition_line)),
        "date": date,
        "notice": tree.literal(front.notice),
        "notice-short": tree.literal(front.notice_short),
        "language": typst_string(language or "en"),
        "region": typst_string(region) if region else "none",
        "logo": logo,
    }
    if now() != ENGLISH:  # a project's own template may know no other
        around = [words for words, *_ in Formatter().parse(gettext(PAGE))]
        words = [tree.literal(each) for each in (*around, "")[:3]]
        contents = tree.literal(gettext(CONTENTS))
        values["said"] = f"(page: ({', '.join(words)}), contents: {contents})"
    arguments = "".join(f"  {key}: {value},\n" for key, value in values.items())
    mark = (
        draft_mark(tree.literal(front.draft), tree.literal(front.draft_short))
        if front.draft
        else ""
    )
    terms = ", ".join(
        f"{tree.literal(word)}: {tree.literal(entry)}"
        for word, entry in project.metadata.get("terms") or ()
    )
    explained = (
        f'\n#import "terms.typ": with-terms\n#show: with-terms.with(({terms}))' if terms else ""
    )
    return f'#import "template.typ": *\n{mark}#show: report.with(\n{arguments}){explained}'


def _compile(build: Path, fonts: Sequence[Path], date: dt.date | None) -> bytes:
    moment = dt.datetime.combine(date or dt.date(2000, 1, 1), dt.time(), tzinfo=dt.UTC)
    try:
        content = typst.compile(
            str(build / "main.typ"),
            root=str(build),
            font_paths=[str(folder) for folder in fonts if folder.is_dir()],
            ignore_system_fonts=True,
            pdf_standards=["ua-1"],
            timestamp=int(moment.timestamp()),
        )
    except typst.TypstError as error:
        hints = "; ".join(error.hints)
        message = error.diagnostic.replace(str(build), "").strip() or error.message
        raise PdfError(
            f"the PDF could not be made: {message}{' ' + hints if hints else ''}"
        ) from None
    assert isinstance(content, bytes)
    return content


def _coverage(fonts: Path, brand: Brand) -> Callable[[str], bool]:
    path = brand.fonts[0] if brand.fonts else fonts / "Inter-Regular.otf"
    candidates = [path] if path.is_file() else sorted(fonts.glob("*.[ot]tf"))
    if not candidates:
        raise DialectError(FONTS, None, "", "there are no fonts; the PDF needs the report's own")
    stamp = candidates[0].stat()
    return _characters(str(candidates[0]), stamp.st_mtime_ns).__contains__


@lru_cache(maxsize=4)
def _characters(path: str, modified: int) -> frozenset[str]:
    with TTFont(path, lazy=True) as font:
        return frozenset(chr(code) for code in font.getBestCmap())
