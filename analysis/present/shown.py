"""What a notebook cell shows: a table, a figure or a sentence, with the ids of its numbers.

A cell that has nothing to show gives ``None``: an empty table is not made in the first place
(:func:`table`, :func:`text`). A cell may show one thing for each of several (:class:`Each`), such
as a table for each theme of a codebook.

Each carries, in its output's metadata under ``drp``, the ledger id, the text and the precision
of every number it shows, so that a test can compare a rendered report with the ledger. They are one
text, a line for each number: as tens of thousands of values of their own they would take as long to
write as the rest of a notebook.
"""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from analysis.language import gettext
from analysis.present.cells import (
    MARKED,
    MARKS,
    MINUS,
    NOT_AVAILABLE,
    NUMBER,
    OF,
    WITHHELD,
    Cell,
    Part,
    escaped,
    markdown_of,
    marked_of,
    number_text,
    p_text,
    parts_of,
    unmarked,
)
from analysis.present.leads import lead

#: With what a cell of a table is made of, so that whoever shows something imports from one place.
__all__ = [
    "CALLOUT_TITLE",
    "CHART",
    "MARKED",
    "MARKS",
    "MINUS",
    "NOT_AVAILABLE",
    "NUMBER",
    "OF",
    "PANDOC",
    "WITHHELD",
    "Cell",
    "Each",
    "Figure",
    "Part",
    "Shown",
    "Table",
    "Text",
    "bundle",
    "each",
    "escaped",
    "markdown_of",
    "marked_of",
    "number_text",
    "p_text",
    "parts_of",
    "read_recorded",
    "recorded",
    "table",
    "text",
    "unmarked",
    "without_divs",
]

#: The type of Markdown for the renderers, which programs that know no such type pass over.
PANDOC = "text/x-pandoc-markdown"
CALLOUT_TITLE = re.compile(r'\btitle="([^"]*)"')


@dataclass(frozen=True)
class Table:
    """A table of released numbers, with at least one row: see :func:`table`.

    ``caption`` is Markdown; ``widths`` are relative column widths; ``note`` is Markdown below the
    table. A note on ``[c]``, or on ``[x]`` where ``note`` does not say what it means, is added where
    the table needs one. ``key`` tells the table from others of the same cell. ``look`` says what to
    look for, where the questions that its numbers answer do not (:mod:`analysis.present.leads`).
    """

    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    widths: Sequence[int]
    caption: str
    note: str = ""
    text_columns: int = 1
    key: str = ""
    look: str = ""

    def __post_init__(self) -> None:
        if not self.rows:
            raise ValueError("a table without rows has nothing to show")

    def markdown(self) -> str:
        """The table as a Pandoc pipe table, with its notes."""
        rules = [
            ":" + "-" * (width - 1) if place < self.text_columns else "-" * (width - 1) + ":"
            for place, width in enumerate(self.widths)
        ]
        # Longer than any terminal: pandoc then takes the widths from the rule.
        padding = " " * max(0, 73 - sum(self.widths))
        lines = [
            "| " + " | ".join(self.columns) + padding + " |",
            "|" + "|".join(rules) + "|",
        ]
        lines += ["| " + " | ".join(markdown_of(c) for c in row) + " |" for row in self.rows]
        blocks = ["\n".join(lines)]
        notes = [self.note] if self.note else []
        shown = {part.text for row in self.rows for cell in row for part in parts_of(cell)}
        shown |= {cell for row in self.rows for cell in row if isinstance(cell, str)}
        if any(WITHHELD in text or r"\[c\]" in text for text in shown):
            notes.append(
                gettext(
                    r"\[c\]: withheld, because it rests on too few people or would give away a "
                    "number that does."
                )
            )
        told = r"\[x\]" in self.note  # of this table, more than that
        if not told and any(NOT_AVAILABLE in text or r"\[x\]" in text for text in shown):
            notes.append(gettext(r"\[x\]: not available."))
        if notes:
            blocks.append("::: {.table-note}\n" + " ".join(notes) + "\n:::")
        return "\n\n".join(blocks) + "\n"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> tuple[Any, Any]:
        cells = [
            (part, r, c)
            for r, row in enumerate(self.rows)
            for c, cell in enumerate(row)
            for part in parts_of(cell)
        ]
        return bundle(
            {"text/markdown": self.markdown()},
            {
                "kind": "table",
                "caption": self.caption,
                "key": self.key,
                "text_columns": self.text_columns,
                "numbers": recorded(cells),
                "lead": self._lead(),
            },
        )

    def _lead(self) -> dict[str, str]:
        """The sentence for a chapter that has no words before the table, and its numbers."""
        said = lead(self)
        return {
            "markdown": Text(said).markdown(),
            "numbers": recorded((part, None, None) for part in parts_of(said)),
        }


def table(
    columns: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    widths: Sequence[int],
    caption: str,
    note: str = "",
    text_columns: int = 1,
    look: str = "",
) -> Table | None:
    """A table, or nothing where it would have no rows, or not one number or word to read.

    A table in which every number is withheld or not available says no more than the sentence
    that gives the reason.
    """
    told = {markdown_of(cell).strip() for row in rows for cell in row[text_columns:]} - {""}
    if not rows or (told and told <= MARKS):
        return None
    return Table(columns, rows, widths, caption, note, text_columns, look=look)


@dataclass(frozen=True)
class Text:
    """Sentences with released numbers in them, as Markdown: see :func:`text`."""

    pieces: Sequence[str | Part]
    key: str = ""

    def markdown(self) -> str:
        """The text as Markdown."""
        return markdown_of(list(self.pieces)).strip() + "\n"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> tuple[Any, Any]:
        numbers = recorded((part, None, None) for part in parts_of(list(self.pieces)))
        record = {"kind": "text", "key": self.key, "numbers": numbers}
        marked = marked_of(list(self.pieces)).strip() + "\n"
        return bundle({"text/markdown": self.markdown()}, record, marked)


def text(pieces: Sequence[str | Part]) -> Text | None:
    """Sentences, or nothing where there are none."""
    return Text(pieces) if any(isinstance(p, Part) or p.strip() for p in pieces) else None


#: The type of what a figure has beside its drawing: for programs that know no such type, nothing.
CHART = "text/x-chart-html"


@dataclass(frozen=True)
class Figure:
    """A chart from released numbers: a drawing, one for phones, and one to explore.

    ``caption`` is Markdown; ``alt`` says in words what the chart shows; ``narrow`` is the drawing for
    a phone and ``plot`` Plotly's JSON, both empty where there is none. ``key`` tells the figure from
    others of the same cell.
    """

    svg: str
    alt: str
    caption: str
    narrow: str = ""
    plot: str = ""
    parts: Sequence[Part] = field(default_factory=tuple)
    key: str = ""

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> tuple[Any, Any]:
        data = {"image/svg+xml": self.svg, CHART: self.page()}
        numbers = recorded((part, None, None) for part in self.parts)
        record = {"kind": "figure", "caption": self.caption, "key": self.key, "alt": self.alt}
        return bundle(data, {**record, "numbers": numbers})

    def page(self) -> str:
        """The chart as pages show it: both drawings, each for its width, and what is explored.

        The last as data, from which a script draws it when it is asked for.
        """
        label = f'role="img" aria-label="{html.escape(self.alt)}"'
        both = " with-narrow" if self.narrow else ""
        shown = [f'<div class="chart-drawing" {label}>{self.svg}</div>']
        if self.narrow:
            shown.append(f'<div class="chart-drawing narrow-drawing" {label}>{self.narrow}</div>')
        if self.plot:
            # Within a script nothing but its own end could be taken for markup.
            data = self.plot.replace("<", r"\u003c")
            shown.append(f'<script type="application/json" class="chart-data">{data}</script>')
        return f'<div class="chart{both}">{"".join(shown)}</div>'


Shown = Table | Text | Figure


@dataclass(frozen=True)
class Each:
    """One thing for each of several: of a theme, a group, a survey, by its id.

    The cell puts out one after the other. When the notebook is kept, each becomes a cell of its
    own, whose label ends in its id (:func:`analysis.publish.notebooks.finished`).
    """

    entries: Mapping[str, Shown]

    def _ipython_display_(self) -> None:
        from IPython.display import display

        for key, entry in self.entries.items():
            display(replace(entry, key=key))


def each(entries: Mapping[str, Shown | None]) -> Each | None:
    """Those that have anything to show, or nothing where none has."""
    shown = {key: entry for key, entry in entries.items() if entry is not None}
    return Each(shown) if shown else None


def recorded(numbers: Iterable[tuple[Part, int | None, int | None]]) -> str:
    """Numbers, each with its row and column if it stands in a table, as lines of CSV."""
    lines = io.StringIO(newline="")
    csv.writer(lines).writerows(
        (part.text, part.unit, part.id, part.field, part.decimals, row, column)
        for part, row, column in numbers
    )
    return lines.getvalue()


def read_recorded(numbers: str) -> list[tuple[Part, int | None, int | None]]:
    """What :func:`recorded` was given."""
    return [
        (
            Part(text, unit, identity, field, int(decimals)),
            int(row) if row else None,
            int(column) if column else None,
        )
        for text, unit, identity, field, decimals, row, column in csv.reader(
            io.StringIO(numbers, newline="")
        )
    ]


def bundle(
    data: dict[str, str], record: dict[str, Any], marked: str = ""
) -> tuple[dict[str, str], dict[str, Any]]:
    """A MIME bundle with the record of its numbers as metadata.

    Jupyter knows no fenced divs, and shows no caption. It gets Markdown that reads well there; the
    renderers' Markdown is beside it as ``PANDOC``, and takes its place when the notebook is kept
    (:func:`analysis.publish.notebooks.finished`): the same, or what is ``marked`` for them.
    """
    data = {**data, "text/plain": f"<{record['kind']}>"}
    markdown = data.get("text/markdown")
    if markdown is not None:
        caption = record.get("caption", "")
        read = without_divs(markdown)
        data["text/markdown"] = f"**{caption}**\n\n{read}" if caption else read
        data[PANDOC] = marked or markdown
    return data, {"drp": record}


def without_divs(markdown: str) -> str:
    """Markdown without the fences of divs; of a callout its title stays."""
    lines = []
    for line in markdown.splitlines():
        if not line.startswith(":::"):
            lines.append(line)
        elif title := CALLOUT_TITLE.search(line):
            lines += [f"**{title.group(1)}**", ""]
        else:
            lines.append("")
    return "\n".join(lines).strip("\n") + "\n"
