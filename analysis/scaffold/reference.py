"""The parts of ``docs/study.md`` that follow from the code: keys, tables, documents."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from analysis import strands as registry
from analysis.instruments import Instrument
from analysis.prepare import schools
from analysis.questionnaire.wording import Asked
from analysis.scaffold import keys
from analysis.strands import Table

PAGE = Path("docs/study.md")
PART = re.compile(r"(<!-- (\w+): begin[^\n]*-->\n).*?(<!-- \2: end -->)", re.DOTALL)


def written(text: str) -> str:
    """The page with its generated parts as they are to be now."""
    return PART.sub(lambda part: f"{part[1]}\n{PARTS[part[2]]()}\n{part[3]}", text)


def update(root: Path) -> None:
    """Write the page's generated parts anew."""
    path = root / PAGE
    path.write_text(written(path.read_text(encoding="utf-8")), encoding="utf-8")


def _study() -> str:
    rows = [(f"`{name}`", holds, says) for name, holds, says in keys.table()]
    return _table(("key", "holds", "what it says"), rows)


def _instrument() -> str:
    rows = [(f"`{name}`", holds, says) for name, holds, says in keys.table(Instrument)]
    return _table(("key", "holds", "what it says"), rows)


def _questionnaire() -> str:
    rows = [(f"`{name}`", holds, says) for name, holds, says in keys.table(Asked)]
    return _table(("key", "holds", "what it says"), rows)


def _schools() -> str:
    rows = [(f"`{name}`", "needed; each school another") for name in schools.COLUMNS]
    rows += [(f"`{name}`", "if there; each school another") for name in schools.NAMES]
    rows += [
        ("the column of each group of schools", "a value that the group lists, or empty"),
        (
            "the columns of each survey's `invited`",
            "how many were asked; 0 if nobody was, empty if not known",
        ),
    ]
    return _table(("column", "holds"), rows)


def _strands() -> str:
    rows: list[tuple[str, str, str]] = []
    for strand in registry.STRANDS:
        for table in strand.tables:
            rows.append((strand.label, f"`{strand.id}.{table.key}`", _columns(table)))
        for key, name in strand.documents.items():
            rows.append((strand.label, f"`{strand.id}.{key}`", f"YAML, such as `{name}.yaml`"))
    reference = registry.REFERENCE
    rows.append((reference.label, f"`{reference.key}` (top level)", _columns(reference)))
    return _table(("strand", "key in `study.yaml`", "columns"), rows)


def _columns(table: Table) -> str:
    said = []
    for column in (*table.columns, *table.optional):
        words = ["if there"] if column in table.optional else []
        if column in table.numbers:
            words.append("whole number")
        if column in table.decimals:
            words.append("number")
        if column in table.dates:
            words.append("date")
        if column in table.allowed:
            words.append(" or ".join(table.allowed[column]))
        if column == table.code:
            words.append("of the codebook")
        said.append(f"`{column}`" + (f" ({'; '.join(words)})" if words else ""))
    text = ", ".join(said)
    if table.unique:
        text += f". Each {' and '.join(table.unique)} once"
    if table.counts_only:
        text += ". No further column"
    return text


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(
        f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in lines
    )


PARTS = {
    "keys": _study,
    "instrument": _instrument,
    "questionnaire": _questionnaire,
    "schools": _schools,
    "strands": _strands,
}
