"""Lay out one unit's report as a project folder of its own, for either renderer."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import yaml

from analysis import resources
from analysis.language import ENGLISH, N_, gettext, long_date, now, spoken
from analysis.places import inside, plain_file, refuse_strange
from analysis.present.page import Page
from analysis.present.shown import escaped
from analysis.publish import chapters, glossary, translating
from analysis.publish.builtin import brand as brands
from analysis.publish.builtin.front import draft_mark
from analysis.publish.builtin.project import read_source
from analysis.publish.builtin.typst_tree import typst_string
from analysis.publish.incremental import code_hash, content_hash, together
from analysis.publish.notebooks import alias
from analysis.study import Study, read_yaml
from analysis.words import inside as inside_sentence

QUARTO_FORMATS = {"html": "html", "pdf": "typst"}
SCHOOL_REPORT = Path(chapters.FOLDER) / f"{chapters.SCHOOL}.qmd"
PDF_NAME = "report.pdf"
#: The filter of a document whose sections have no numbers.
REFERENCES = f"{resources.STYLES}/references.lua"
#: The look of a study without a brand of its own.
DEFAULT_BRAND = f"{resources.STYLES}/_brand.yml"
#: Files that are staged beside chapters where they stand beside the texts or templates.
BESIDE = {".png", ".jpg", ".jpeg", ".svg", ".gif", ".webp", ".bib", ".csl"}


#: Where Quarto finds what is written for it: the brand's colours for pages, and print's template
#: with the brand beside it.
LOOK = "assets"
TEMPLATES = ("template.typ", "terms.typ")
#: What a chart brings for being explored.
CHART_DATA = re.compile(
    r'<script type="application/json" class="chart-data">.*?</script>', re.DOTALL
)
#: A study's references, beside its texts.
REFERENCES_FILE = "references.bib"


@dataclass(frozen=True)
class Staged:
    """A unit's project folder in one language, and where what is in it comes from."""

    folder: Path
    root: Path
    book: chapters.Book
    language: str = ENGLISH
    #: The same report in other languages, by language: they lie below it.
    others: Mapping[str, Staged] = field(default_factory=dict)

    def origin(self, path: str, line: int | None) -> str:
        """The analyst's own file, and line where known, of a place in the staged project."""
        found = self.book.origin(path, line)
        if found is not None:
            return str(found[0]) + (f", line {found[1]}" if line else "")
        # What else is staged was made from the file of that name, with other lines.
        return str(resources.find(self.root, path))


def stage(
    page: Page,
    root: Path,
    notebooks: Path,
    target: Path,
    formats: Sequence[str],
    renderer: Literal["quarto", "pandoc"],
) -> list[Staged]:
    """Make the project folders of a unit: one for each of the programme's documents, or a school's.

    Parameters
    ----------
    page
        The unit's released results (for its title, and for what its report has to show).
    root
        The project: ``_quarto.yml`` and ``report/`` are taken from there, and
        what is not there from the package (:mod:`analysis.resources`).
    notebooks
        The folder of the unit's executed notebooks.
    target
        The folder to make, or to make one in for each document; whatever was there is replaced.
    formats
        ``html``, ``pdf`` or both: the others are left out of ``_quarto.yml``.
    renderer
        The built-in one shows the study's notice on every page by itself.

    Returns
    -------
    list of Staged
        The folders, with the chapters expanded: see :mod:`analysis.publish.chapters`.
    """
    shutil.rmtree(target, ignore_errors=True)
    for folder in resources.FOLDERS:
        if (root / folder).is_dir():
            refuse_strange(root / folder)
    executed = f"data/processed/notebooks/{alias(page.unit)}"
    return [
        _staged(
            page, root, book, (notebooks, executed), formats, renderer,
            inside(target, book.document.id) if book.document else target,
        )
        for book in chapters.expand(page, root, notebooks, executed)
    ]  # fmt: skip


def _staged(
    page: Page,
    root: Path,
    book: chapters.Book,
    notebooks: tuple[Path, str],
    formats: Sequence[str],
    renderer: Literal["quarto", "pandoc"],
    target: Path,
) -> Staged:
    """Make the folder of one document, with those of the notebooks that it shows."""
    target.mkdir(parents=True)
    book.write(target)
    settings = configured(read_yaml(resources.find(root, "_quarto.yml")), page, formats, book)
    _write_yaml(settings, target / "_quarto.yml")
    # Chapters show the notice where nothing else does, and there is one.
    said = renderer == "pandoc" or not translating.notice(page.study)
    metadata = unit_metadata(page) | explained_terms(page.study, book) | {"notice-said": said}
    _write_yaml(metadata, target / "_unit.yml")
    copy_beside(page, root, target)
    for name, path in resources.styles(root).items():
        _copy(path, inside(target, *name.split("/")))
    if page.study.brand:
        brand = Path(page.study.brand)
        _copy(page.study.path(page.study.brand), inside(target, "data", "raw", *brand.parts))
    copy_notebooks(book, *notebooks, target)
    if renderer == "quarto":
        write_look(read_brand(target, settings["brand"]), target, inside(target, "data"))
    if not page.is_school:
        copy_plotly(target)
    return Staged(target, root, book, now())


#: What every page of a report says until it is approved.
DRAFT = N_("Draft: not yet approved for sharing")


def content(staged: Sequence[Staged]) -> str:
    """One hash of everything that the renderers are handed of a unit, whether a draft or not; in all
    its languages."""
    staged = [every for each in staged for every in (each, *each.others.values())]
    found = {
        f"{place} {path.relative_to(each.folder).as_posix()}": content_hash(path)
        for place, each in enumerate(staged)
        for path in sorted(each.folder.rglob("*"))
        if path.is_file()
    }
    return together({**found, "code": code_hash()})


def mark_as_draft(staged: Staged) -> None:
    """Have every page of a staged project say that it is a draft, with either renderer."""
    for other in staged.others.values():
        mark_as_draft(other)
    with spoken(staged.language):
        words, short = gettext(DRAFT), gettext("Draft")
    path = staged.folder / "_unit.yml"
    _write_yaml({**read_yaml(path), "draft-notice": words, "draft-short": short}, path)
    path = staged.folder / "_quarto.yml"
    settings = dict(read_yaml(path))
    for name, marks in draft_marks(words, short).items():
        if name in settings["format"]:
            for place, mark in marks.items():
                before = settings["format"][name].get(place, [])
                before = before if isinstance(before, list) else [before]
                settings["format"][name][place] = [*before, *mark]
    _write_yaml(settings, path)


def draft_marks(words: str, short: str) -> dict[str, dict[str, list[dict[str, str]]]]:
    """What Quarto includes of a draft's mark: by format, and where."""
    banner = f'<div class="draft-banner" role="note">{words}</div>'
    return {
        "html": {"include-before-body": [{"text": banner}]},
        # Before the template's own pages are set.
        "typst": {"include-in-header": [{"text": draft_mark(f'"{words}"', f'"{short}"')}]},
    }


def copy_notebooks(book: chapters.Book, source: Path, executed: str, target: Path) -> None:
    """Copy the notebooks that a document's chapters show from the folder ``source`` to the place in a
    project by which the chapters name it."""
    for name in book.notebooks(executed):
        path = inside(source, *Path(name).parts)
        if path.is_file():
            _copy(path, inside(target, *executed.split("/"), *Path(name).parts))


def _recolour(notebooks: Path, brand: brands.Brand) -> None:
    """Show the notebooks' charts in the brand's colours, as the built-in renderer does by itself.

    Quarto's pages get the drawings alone: what is explored is the built-in renderer's.
    """
    for notebook in sorted(notebooks.rglob("*.ipynb")):
        content = json.loads(notebook.read_text(encoding="utf-8"))
        for cell in content["cells"]:
            for data in (output.get("data", {}) for output in cell.get("outputs", [])):
                if "image/svg+xml" not in data:
                    continue
                data["image/svg+xml"] = brand.recoloured("".join(data["image/svg+xml"]))
                if "text/html" in data:
                    drawn = CHART_DATA.sub("", "".join(data["text/html"]))
                    data["text/html"] = brand.variables(drawn)
        notebook.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


def write_look(brand: brands.Brand, target: Path, notebooks: Path) -> None:
    """Write what Quarto needs of the look that the built-in renderer makes by itself.

    The brand's colours as a style sheet, print's template with the brand beside it, and the charts of
    the project's copies of ``notebooks`` in its colours, by day and by night. ``target`` is a project
    whose styles are there.
    """
    _recolour(notebooks, brand)
    look = inside(target, LOOK)
    look.mkdir(exist_ok=True)
    (look / "brand.css").write_text(brand.css(), encoding="utf-8")
    for name in TEMPLATES:
        source = inside(target, *resources.STYLES.split("/"), name)
        shutil.copyfile(plain_file(source), inside(look, name))
    logo = "none"
    if brand.logo is not None:
        shutil.copyfile(plain_file(brand.logo), inside(look, brand.logo.name))
        path, words = (
            typst_string(text) for text in (f"/{LOOK}/{brand.logo.name}", brand.logo_alt)
        )
        logo = f"image.with({path}, alt: {words})"
    (look / "brand.typ").write_text(brand.typst() + f"#let logo = {logo}\n", encoding="utf-8")
    for font in brand.fonts:
        shutil.copyfile(plain_file(font), inside(look, font.name))


def read_brand(target: Path, name: str) -> brands.Brand:
    """The brand of a project folder, by its file's name in it."""
    path = inside(target, *name.split("/"))
    return brands.read(read_source(path, target), lambda file: path.parent / file)


def write_list(book: chapters.Book, study: Study, target: Path) -> None:
    """Write what a project's ``_quarto.yml`` reads beside its own: the list of chapters, the terms
    that the study's glossary explains, and the mark of a draft, since nothing has checked what Quarto
    makes there by itself."""
    marks = draft_marks(gettext(DRAFT), gettext("Draft"))
    listed = {"book": {"chapters": book.listed}, "format": marks, **explained_terms(study, book)}
    _write_yaml(listed, target / "_chapters.yml")


def copy_beside(page: Page, root: Path, target: Path) -> None:
    """Copy pictures and references that stand beside the study's texts, or beside the templates.

    Chapters find them by the name that they have beside the text. What belongs to one school's text
    goes into no other report.
    """
    texts, templates = page.study.folder / "texts", root / chapters.TEMPLATES
    found = [(path, texts) for path in _beside(texts)]
    found += [(path, templates) for path in templates.glob("*") if path.suffix.lower() in BESIDE]
    for path, folder in found:
        name = path.relative_to(folder)
        own = name.parts[0] != "schools" or (
            page.is_school and Path(*name.parts[1:2]).stem == page.unit
        )
        if own:
            _copy(path, inside(target, *Path(chapters.FOLDER).parts, *name.parts))


def _beside(texts: Path) -> Iterator[Path]:
    yield from (path for path in sorted(texts.rglob("*")) if path.suffix.lower() in BESIDE)


def configured(
    settings: dict[str, Any], page: Page, formats: Sequence[str], made: chapters.Book
) -> dict[str, Any]:
    """The book's settings with the study's title, edition, the formats asked for and the document's
    chapters; for a school, one document's."""
    study = page.study
    settings = {**settings, "metadata-files": ["_unit.yml"]}
    if now() != ENGLISH:
        settings["lang"] = now()
    settings["project"] = {
        k: v for k, v in settings["project"].items() if not k.endswith("-render")
    }
    settings["project"]["output-dir"] = "_output"
    settings["format"] = {
        QUARTO_FORMATS[name]: settings["format"][QUARTO_FORMATS[name]] for name in formats
    }
    settings["brand"] = f"data/raw/{study.brand}" if study.brand else DEFAULT_BRAND
    settings |= study_metadata(study)
    refer(settings, study, chapters.FOLDER)
    if not page.is_school:
        settings["book"] = settings["book"] | {
            "title": study.title,
            "subtitle": subtitle(study, made.document or chapters.PROGRAMME),
            "author": study.organisation,
            "date": study.edition.date.isoformat(),
            "page-footer": {"center": study.notice_short or study.title},
            # Quarto's needs a server; the pages get one that works from a folder (publish.beside).
            "search": False,
            "chapters": [chapters.INDEX, *made.listed],
        }
        if "pdf" not in formats:
            # What offers the PDF.
            settings["book"].pop("downloads", None)
        return settings
    book = settings.pop("book")
    # Scripts of Quarto's lie in the folder that they have in a book.
    settings["project"] |= {
        "type": "default", "render": [str(SCHOOL_REPORT)], "lib-dir": "site_libs"
    }  # fmt: skip
    settings["number-sections"] = False
    settings["filters"] = [REFERENCES, *settings.get("filters", [])]
    # Quarto would call the link to the PDF by the name of its format, Typst.
    links: dict[str, Any] = {"format-links": False}
    if "pdf" in formats:
        links["other-links"] = [
            {"text": gettext("Read as PDF"), "icon": "file-pdf", "href": PDF_NAME},
        ]
    own = {
        "html": {"output-file": "index.html", **links},
        # Page one is what it says of the school, without a cover.
        "typst": {"output-file": PDF_NAME, "report-kind": "document"},
    }
    settings["format"] = {name: each | own[name] for name, each in settings["format"].items()}
    return settings | {
        "subtitle": gettext("{programme}: school report", programme=study.title),
        "author": study.organisation,
        "date": study.edition.date.isoformat(),
        "date-format": book["date-format"],
    }


def refer(settings: dict[str, Any], study: Study, folder: str) -> None:
    """Have a project's settings name the study's references, which lie in ``folder`` there, and the
    style for them if it has one of its own; or none."""
    for key in ("bibliography", "citeproc", "csl"):
        settings.pop(key, None)
    texts = study.folder / "texts"
    if not (texts / REFERENCES_FILE).is_file():
        return
    settings |= {"bibliography": f"{folder}/{REFERENCES_FILE}", "citeproc": True}
    for style in sorted(texts.glob("*.csl"))[:1]:
        settings["csl"] = f"{folder}/{style.name}"


def subtitle(study: Study, document: chapters.Document) -> str:
    """What stands under the study's title: the study's own words for its report."""
    own = study.subtitle if document == chapters.PROGRAMME else ""
    return own or gettext(document.label)


def study_metadata(study: Study) -> dict[str, Any]:
    """What chapters may say of the study with ``{{< meta … >}}``."""
    return {
        "study": {
            "title": study.title,
            "programme": study.programme,
            "organisation": study.organisation,
            "population-note": study.population_note,
        },
        "edition": {
            "id": study.edition.id,
            "term": study.edition.term,
            "date": long_date(study.edition.date),
        },
        "waves": "; ".join(
            gettext("{id} is {wave}", id=wave.id, wave=inside_sentence(wave.label))
            for wave in study.waves
        ),
        "notice": translating.notice(study),
        "notice-short": study.notice_short,
    }


def unit_metadata(page: Page) -> dict[str, Any]:
    """What chapters may say of the unit."""
    metadata: dict[str, Any] = {
        "unit": page.unit,
        "threshold": {population.id: population.minimum for population in page.study.populations},
    }
    if page.is_school:
        # Both renderers read a title as Markdown.
        metadata["title"] = escaped(str(page.school["name"]))
    return metadata


def explained_terms(study: Study, book: chapters.Book) -> dict[str, Any]:
    """What print needs to lead from terms to the glossary, in the document that holds it: each word,
    and its entry."""
    text = "\n".join(each.text for each in book.chapters)
    found = glossary.terms(study).items()
    return {"terms": [[word, entry] for word, (entry, _) in found if f"**{entry}" in text]}


def copy_plotly(target: Path) -> None:
    """Put plotly.js, as the plotly package brings it, where the pages look for it."""
    import plotly

    source = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
    (target / "assets").mkdir(exist_ok=True)
    shutil.copyfile(source, target / "assets" / "plotly.min.js")


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(plain_file(source), target)


def _write_yaml(content: dict[str, Any], path: Path) -> None:
    text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=10_000)
    path.write_text(text, encoding="utf-8")
