"""What a report printed, and what is known of each figure: ``published/`` in the study folder.

``figures.csv``
    one row per printed figure (``id``, ``domain``, ``measure``, ``subscale_or_item``,
    ``group``, ``wave``, ``statistic``, ``value``, ``note``);
``map.csv``
    which result of the ledger answers to it: ``published_id``, ``ledger_id`` (an id, or a sum or
    condition over ids in the grammar of :mod:`analysis.claims.grammar`), ``compare`` (one of
    :data:`COMPARISONS`), ``note``;
``classes.yaml``
    sections, what is reprinted, cited or contradicted, and where the study states a constant;
``reasons.yaml``
    why a figure does not match or cannot be compared.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Literal

from pydantic import Field

from analysis.errors import AnalystError
from analysis.language import N_
from analysis.study import Model, Study, read_text, read_yaml, validated

FOLDER = "published"
COMPUTED = "computed"
REPRINTED = "reprinted"
STATED = "stated"
CITED = "cited"
CONTRADICTED = "contradicted"
CLASSES = (COMPUTED, REPRINTED, STATED, CITED, CONTRADICTED)
CLASS_LABELS = {
    COMPUTED: N_("computed from data"),
    REPRINTED: N_("reprinted in another place"),
    STATED: N_("stated in the study file"),
    CITED: N_("cited from elsewhere"),
    CONTRADICTED: N_("contradicted"),
}
COMPARISONS = ("value", "p_class", "significant", "increase", "holds")


@dataclass(frozen=True)
class Figure:
    """One printed figure, the section that shows it, and its class."""

    id: str
    label: str
    group: str
    wave: str
    statistic: str
    value: str
    section: str
    kind: str


@dataclass(frozen=True)
class Mapped:
    """What answers to a figure: an id or an expression, and how the two are compared."""

    expression: str
    compare: str


class Stated(Model):
    """Where the study states a constant: a file of the study folder, and what to look at in it.

    ``key`` is a path through a YAML file, with dots; a part names a key, or the ``id`` of a
    member of a list. ``rows`` counts the rows of a CSV file, where its columns have these
    values. ``column`` with ``take`` is the least or greatest value of a column, or of its rows
    the only one there is. ``says`` is a text that the file must hold.
    """

    id: str
    file: str
    key: str = ""
    count: bool = False
    rows: bool = False
    where: dict[str, str] = Field(default_factory=dict)
    column: str = ""
    take: Literal["", "least", "greatest", "only"] = ""
    says: str = ""


class Section(Model):
    """Figures shown in one table: those whose id matches one of the patterns."""

    id: str
    label: str
    ids: tuple[str, ...]


class Classes(Model):
    """``classes.yaml``: patterns may hold ``*``; the first section that matches is taken."""

    schema_version: Literal[1]
    sections: tuple[Section, ...]
    reprinted: tuple[str, ...] = ()
    cited: tuple[str, ...] = ()
    contradicted: tuple[str, ...] = ()
    stated: tuple[str, ...] = ()
    stated_in: tuple[Stated, ...] = ()


class Reason(Model):
    """Why figures do not match or cannot be compared."""

    ids: tuple[str, ...]
    reason: str = Field(min_length=10)


class Reasons(Model):
    """``reasons.yaml``."""

    schema_version: Literal[1]
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class Published:
    """The printed figures of a report with everything said about them."""

    figures: tuple[Figure, ...]
    mapped: dict[str, Mapped]
    stated_in: dict[str, Stated]
    reasons: dict[str, str]
    sections: dict[str, str]
    folder: Path

    def figure(self, figure_id: str) -> Figure:
        """The figure with this id; ``KeyError`` if there is none."""
        for figure in self.figures:
            if figure.id == figure_id:
                return figure
        raise KeyError(figure_id)


def load(study: Study) -> Published | None:
    """The study's published figures; nothing if it has no folder ``published``.

    Raises
    ------
    AnalystError
        If a file lacks a column or key, names a figure that is not printed, or leaves a figure
        without section or class.
    """
    folder = study.path(FOLDER)
    if not (folder / "figures.csv").exists():
        return None
    figures = _table(folder / "figures.csv", ("id", "value", "group", "wave", "statistic"))
    known = [row["id"] for row in figures]
    for place, name in enumerate(known):
        if name in known[:place]:
            raise AnalystError(
                f"The figure '{name}' is there twice.",
                where=str(folder / "figures.csv"),
                fix="Give one of them another id, or take it out.",
            )
    mapped = _mapped(folder / "map.csv", set(known))
    path = folder / "classes.yaml"
    classes = validated(Classes, read_yaml(path), path)
    stated_in = {entry.id: entry for entry in classes.stated_in}
    _refuse_strangers(stated_in, known, path)
    _refuse_idle(
        [*classes.reprinted, *classes.cited, *classes.contradicted, *classes.stated], known, path
    )
    reasons = _reasons(folder / "reasons.yaml", known)
    found = []
    for row in figures:
        name = row["id"]
        section = next((s for s in classes.sections if _any(name, s.ids)), None)
        kind = _class_of(name, classes, mapped, stated_in)
        if section is None or not kind:
            what = "section" if section is None else "class"
            raise AnalystError(
                f"The figure '{name}' has no {what}.",
                where=str(path),
                fix="Give it a row in map.csv, or a place in classes.yaml.",
            )
        label = row.get("subscale_or_item") or row.get("measure") or name
        found.append(
            Figure(
                name, label, row["group"], row["wave"], row["statistic"], row["value"],
                section.id, kind,
            )
        )  # fmt: skip
    return Published(
        figures=tuple(found),
        mapped=mapped,
        stated_in=stated_in,
        reasons=reasons,
        sections={section.id: section.label for section in classes.sections},
        folder=folder,
    )


def _class_of(
    name: str, classes: Classes, mapped: dict[str, Mapped], stated_in: dict[str, Stated]
) -> str:
    for kind, patterns in (
        (CONTRADICTED, classes.contradicted),
        (CITED, classes.cited),
        (REPRINTED, classes.reprinted),
        (STATED, classes.stated),
    ):
        if _any(name, patterns):
            return kind
    if name in stated_in:
        return STATED
    return COMPUTED if name in mapped else ""


def _mapped(path: Path, known: set[str]) -> dict[str, Mapped]:
    found: dict[str, Mapped] = {}
    for row in _table(path, ("published_id", "ledger_id", "compare")):
        name = row["published_id"]
        if name not in known or name in found:
            what = "is there twice" if name in found else "is not in figures.csv"
            raise AnalystError(
                f"The figure '{name}' {what}.", where=str(path), fix="Correct it, or take it out."
            )
        if row["compare"] not in COMPARISONS:
            raise AnalystError(
                f"'{row['compare']}' is not a way to compare.",
                where=f"{path}, {name}",
                fix=f"Use one of {', '.join(COMPARISONS)}.",
            )
        found[name] = Mapped(row["ledger_id"], row["compare"])
    return found


def _reasons(path: Path, known: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for entry in validated(Reasons, read_yaml(path), path).reasons:
        _refuse_idle(entry.ids, known, path)
        for name in known:
            if _any(name, entry.ids):
                found.setdefault(name, " ".join(entry.reason.split()))
    return found


def _any(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _refuse_idle(patterns: Iterable[str], known: Sequence[str], path: Path) -> None:
    for pattern in patterns:
        if not any(fnmatchcase(name, pattern) for name in known):
            raise AnalystError(
                f"'{pattern}' matches no published figure.",
                where=str(path),
                fix="Correct it, or take it out.",
            )


def _refuse_strangers(names: Iterable[str], known: Sequence[str], path: Path) -> None:
    for name in names:
        if name not in known:
            raise AnalystError(
                f"'{name}' is not in figures.csv.",
                where=str(path),
                fix="Correct it, or take it out.",
            )


def _table(path: Path, columns: Sequence[str]) -> list[dict[str, str]]:
    if not path.exists():
        raise AnalystError(
            f"The file {path.name} is missing.",
            where=str(path),
            fix="Write it, or take the folder 'published' out of the study.",
        )
    try:
        rows = list(csv.DictReader(io.StringIO(read_text(path), newline="")))
    except csv.Error as error:
        raise AnalystError(
            f"{path.name} cannot be read: {error}.",
            where=str(path),
            fix="Save it as CSV in UTF-8, a comma between cells.",
        ) from None
    missing = [name for name in columns if not rows or name not in rows[0]]
    if missing:
        raise AnalystError(
            f"{path.name} lacks the column '{missing[0]}'.",
            where=f"{path}, row 1",
            fix="Add it, or correct its heading.",
        )
    wide = next((number for number, row in enumerate(rows, 2) if None in row), None)
    if wide is not None:
        raise AnalystError(
            f"A row of {path.name} has more cells than the headings.",
            where=f"{path}, row {wide}",
            fix="Look for a comma without quotation marks in that row.",
        )
    return [{key: (value or "").strip() for key, value in row.items()} for row in rows]
