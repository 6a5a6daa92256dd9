"""What each number of a page says of itself when it is asked: as data, once for a page.

A script (``_extensions/report/styles/numbers.js``) makes of each number something to press, and shows what stands
here; without it the page reads whole, and nothing of it looks like a button. Numbers in texts carry
their id (:func:`analysis.present.shown.marked_of`); those of tables are found by row and column.

Strings that many numbers share stand once: a school's page has a thousand numbers and a hundred
different words.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from html import unescape
from typing import Any

from analysis.language import gettext
from analysis.present import origin
from analysis.present.page import Page
from analysis.present.shown import Part
from analysis.publish.exhibits import Exhibit

#: How the page's data are known to the script.
ELEMENT = "numbers"
MARKED = re.compile(r'data-of="([^" ]*) ([^"]*)"')


class _Places:
    """Things, each once, by their place in a list."""

    def __init__(self) -> None:
        self.places: dict[Any, int] = {}

    def of(self, thing: Any) -> int:
        return self.places.setdefault(thing, len(self.places))


def data(page: Page, exhibits: Sequence[Exhibit], html: str) -> dict[str, Any]:
    """What a page's script has to know of its numbers; nothing if there are none.

    ``strings`` are words by their place. ``origins`` are what many numbers share: whose, question,
    method, what works it out, waves, files, people and rule, each as a place in ``strings``.
    ``numbers`` has of each number the parts of its id (source to analysis, measure, wave and group,
    statistic) and its interval as places in ``strings``, and its place in ``origins``. ``tables`` has
    for each table's id its rows, each the cells of one row as places in ``numbers``; ``texts`` the
    places of those in texts, by unit and id.

    Parameters
    ----------
    page
        The unit's page.
    exhibits
        The tables and figures that stand on this page of the document.
    html
        The page itself.
    """
    strings, shared = _Places(), _Places()
    numbers: dict[tuple[str, str], int] = {}
    rows: list[tuple[int, ...]] = []
    intervals, origins = _intervals(exhibits), origin.Origins(page)

    def place(unit: str, identity: str) -> int | None:
        key = (unit, identity)
        if key not in numbers:
            found = origins.of(unit, identity)
            if found is None:
                return None
            said = (
                found.whose, found.question, found.method, found.worked_out, found.waves,
                ", ".join(found.files), found.people, found.rule,
            )  # fmt: skip
            parts = identity.split(".")
            words = (".".join(parts[:3]), parts[3], ".".join(parts[4:6]), parts[6],
                     intervals.get(key, ""))  # fmt: skip
            numbers[key] = len(rows)
            rows.append((*map(strings.of, words), shared.of(tuple(map(strings.of, said)))))
        return numbers[key]

    tables = {each.label: _cells(each, place) for each in exhibits if each.cells}
    texts = {
        f"{unit} {identity}": found
        for unit, identity in (
            (unescape(unit), unescape(identity)) for unit, identity in MARKED.findall(html)
        )
        if (found := place(unit, identity)) is not None
    }
    if not rows:
        return {}
    return {
        "strings": list(strings.places),
        "origins": list(shared.places),
        "numbers": rows,
        "tables": tables,
        "texts": texts,
    }


def _cells(exhibit: Exhibit, place: Any) -> list[list[Any]]:
    """The numbers of each cell: one, a list of several, or nothing."""
    found: list[list[Any]] = []
    for r, row in enumerate(exhibit.rows):
        cells: list[Any] = []
        for c in range(len(row)):
            ids = dict.fromkeys((p.unit, p.id) for p in exhibit.cells.get((r, c), []))
            known = [n for each in ids if (n := place(*each)) is not None]
            cells.append(known[0] if len(known) == 1 else known or None)
        while cells and cells[-1] is None:
            cells.pop()
        found.append(cells)
    return found


def _intervals(exhibits: Iterable[Exhibit]) -> dict[tuple[str, str], str]:
    """The intervals that the page shows, by unit and id: no other is told."""
    ends: dict[tuple[str, str], dict[str, Part]] = {}
    for exhibit in exhibits:
        for part, _ in exhibit.numbers:
            if part.field in ("ci_low", "ci_high"):
                ends.setdefault((part.unit, part.id), {})[part.field] = part
    return {
        key: gettext("{low} to {high}", low=both["ci_low"].text, high=both["ci_high"].text)
        for key, both in ends.items()
        if len(both) == 2
    }


def script(found: dict[str, Any]) -> str:
    """The data as an element of the page that shows nothing."""
    # What would end the element, or begin a remark in it, cannot stand in it.
    text = json.dumps(found, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    return f'<script type="application/json" id="{ELEMENT}">{text}</script>'
