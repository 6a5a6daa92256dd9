"""The start page of everything that is published: studies, their editions, and their reports."""

from __future__ import annotations

import html
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from analysis import resources
from analysis.language import gettext, listed
from analysis.places import inside
from analysis.publish import chapters

#: What the page needs, beside it; a study's id does not begin so.
OWN = "_start"
STYLES = ("components.css", "builtin.css", "beside.css")
FILTER = "filter.js"
#: A list of more entries than these can be searched.
LONG = 100
TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)
DATE = re.compile(r'<meta name="dcterms\.date" content="([^"]*)"')
LANGUAGE = "en-GB"
#: Folders of the programme's documents, and what they are called here.
DOCUMENTS = {each.id: each.label for each in chapters.DOCUMENTS}


def write(site: Path, root: Path) -> None:
    """List what is published below a site, with relative links, in the reports' look.

    Reports are found where they lie: ``<study>/<edition>/<document>`` and ``schools/<id>``, of
    another pair of waves one folder deeper.
    """
    body = "".join(_study(site, study) for study in _folders(site))
    if not body:
        return
    for name, path in resources.styles(root).items():
        *_, folder, file = name.split("/")
        if folder == "fonts" or file in (*STYLES, FILTER):
            inside(site, OWN, folder).mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, inside(site, OWN, folder, file))
    page = document(gettext("Evaluation reports"), body)
    temporary = site / ".index.html.part"
    temporary.write_text(page, encoding="utf-8")
    temporary.replace(site / "index.html")


def document(title: str, body: str, *, wide: bool = False, top: str = "") -> str:
    """A page beside the reports, in their look.

    ``body`` is HTML; a ``wide`` page takes the whole window; ``top`` leads from the page to the top
    of the site.
    """
    words, style = html.escape(title), ' style="max-width:none"' if wide else ""
    return (
        f'<!DOCTYPE html>\n<html lang="{LANGUAGE}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{words}</title>\n"
        '<meta name="referrer" content="no-referrer">\n<link rel="icon" href="data:,">\n'
        + "".join(f'<link rel="stylesheet" href="{top}{OWN}/styles/{name}">\n' for name in STYLES)
        + "</head>\n"
        '<body class="document home">\n'
        '<a class="skip-link" href="#content">' + gettext("Skip to main content") + "</a>\n"
        '<header class="site-header large"><div class="band">'
        f'<h1 class="site-title">{words}</h1></div></header>\n'
        f'<div class="layout"{style}>\n<main id="content" tabindex="-1">'
        '<div class="prose">\n'
        f"{body}</div></main>\n</div>\n"
        + (f'<script src="{top}{OWN}/styles/{FILTER}"></script>\n' if "data-filter" in body else "")
        + "</body>\n</html>\n"
    )


def searchable(entries: int) -> str:
    """The attributes of a list or table of so many reports: a long one gets a field to search it."""
    if entries <= LONG:
        return ""
    field, found = (
        gettext("Find a report"),
        gettext("{shown} of {of} reports", shown="{shown}", of="{of}"),
    )
    return f' data-filter="{html.escape(field)}" data-found="{html.escape(found)}"'


def _study(site: Path, study: Path) -> str:
    editions = "".join(_edition(site, edition, heading) for edition, heading in _editions(study))
    programme = next(iter(sorted(study.glob("**/programme/index.html"))), None)
    name = _read(programme, TITLE) if programme else study.name
    return f"<h2>{name or html.escape(study.name)}</h2>\n{editions}" if editions else ""


def _editions(study: Path) -> Iterator[tuple[Path, str]]:
    """Folders that hold reports, the latest edition first, each with its heading."""
    for edition in sorted(_folders(study), reverse=True):
        yield edition, edition.name
        for pair in _folders(edition):
            if pair.name not in (*DOCUMENTS, "schools"):
                yield pair, f"{edition.name}, {listed(pair.name.split('-'))}"


def _edition(site: Path, edition: Path, heading: str) -> str:
    documents = {inside(edition, name): gettext(label) for name, label in DOCUMENTS.items()}
    schools = _folders(edition / "schools")
    entries = [
        _entry(site, folder, words)
        for folder, words in (
            *documents.items(),
            *((school, "") for school in schools),
        )
    ]
    entries = [entry for entry in entries if entry]
    if not entries:
        return ""
    first = next(
        (f / "index.html" for f in (*documents, *schools) if (f / "index.html").exists()), None
    )
    date = _read(first, DATE) if first else ""
    words = html.escape(heading) + (f" ({date})" if date else "")
    items = "".join(f"<li>{entry}</li>\n" for entry in entries)
    return f"<h3>{words}</h3>\n<ul{searchable(len(entries))}>\n{items}</ul>\n"


def _entry(site: Path, folder: Path, words: str) -> str:
    page, pdf = folder / "index.html", folder / "report.pdf"
    if not page.exists() and not pdf.exists():
        return ""
    name = words or (_read(page, TITLE) if page.exists() else "") or html.escape(folder.name)
    links = [
        f'<a href="{html.escape(path.relative_to(site).as_posix())}">{label}</a>'
        for path, label in ((page, name), (pdf, gettext("{report} as PDF", report=name)))
        if path.exists()
    ]
    return " · ".join(links)


def _read(path: Path, what: re.Pattern[str]) -> str:
    """What stands in a page, as HTML; nothing if it does not."""
    found = what.search(path.read_text(encoding="utf-8"))
    return " ".join(found.group(1).split()) if found else ""


def _folders(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(p for p in folder.iterdir() if p.is_dir() and p.name[0] not in "._")
