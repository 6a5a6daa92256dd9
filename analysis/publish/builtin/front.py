"""What stands at the front of a report: its title, who made it, its edition and its notice."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from analysis.language import gettext, long_date
from analysis.publish.builtin.project import Project, report_date
from analysis.publish.builtin.reading import Document, Reader


@dataclass(frozen=True)
class FrontMatter:
    """All of it as plain text, the same for both formats."""

    title: str
    subtitle: str
    authors: tuple[str, ...]
    edition: str
    date: dt.date | None
    date_text: str
    notice: str
    notice_short: str
    draft: str
    draft_short: str

    @property
    def edition_line(self) -> list[str]:
        """The edition's term and date, whichever are given."""
        return [text for text in (self.edition, self.date_text) if text]


def draft_mark(words: str, short: str = '"Draft"') -> str:
    """Typst that says behind and above every page that it is a draft, in no room of the text's.

    ``words`` and ``short``, which stands across the page, are literals of Typst's. Not in the template, so that a project's own needs no change;
    what stands behind and above pages is no content, which PDF/UA-1 asks for.
    """
    # Said to be no content, though what stands above a page never is: else Typst 0.15 takes it into
    # a list that goes on over the page, and refuses that.
    return (
        "#set page(foreground: pdf.artifact({\n"
        "  place(center + horizon, rotate(-35deg, text(size: 130pt, weight: 700, "
        f'fill: rgb("#80165014"), {short})))\n'
        '  place(top + center, dy: 8mm, box(fill: rgb("#801650"), inset: (x: 8pt, y: 4pt), '
        f"radius: 2pt, text(size: 8pt, weight: 600, fill: white, {words})))\n"
        "}))\n"
    )


def front_matter(project: Project, documents: list[Document], reader: Reader) -> FrontMatter:
    """A book's comes from ``_quarto.yml``, a single document's from its own front matter too."""
    front: dict[str, Any] = {}
    metadata, source = project.metadata, project.config
    if project.kind == "document":
        front, metadata, source = (
            documents[0].front,
            documents[0].metadata,
            documents[0].source,
        )

    def text(key: str, value: Any = None) -> str:
        value = metadata.get(key) if value is None else value
        authored = key in front or key not in project.data_keys
        if value is None:
            return ""
        return reader.display_text(value, metadata, source, authored=authored)

    date = report_date(metadata, source)
    return FrontMatter(
        title=text("title") or gettext("Report"),
        subtitle=text("subtitle"),
        authors=tuple(text("author", name) for name in _authors(metadata.get("author"))),
        edition=text("edition", _edition(metadata.get("edition"))),
        date=date,
        date_text=long_date(date) if date else text("date"),
        notice=text("notice"),
        notice_short=text("notice-short"),
        draft=text("draft-notice"),
        draft_short=text("draft-short"),
    )


def _authors(value: Any) -> list[Any]:
    """One name, several, or mappings with a name."""
    authors = value if isinstance(value, list) else [value]
    names = [author.get("name") if isinstance(author, dict) else author for author in authors]
    return [name for name in names if name]


def _edition(value: Any) -> Any:
    """The words for an edition: as given, or the best of a mapping's."""
    if isinstance(value, dict):
        return next((value[key] for key in ("label", "term", "title", "id") if key in value), "")
    return value
