"""Every number in every table of the rendered reports is the ledger's released value."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from analysis.disclosure import store
from analysis.present import open_page, reproduction
from analysis.present.shown import (
    NOT_AVAILABLE,
    WITHHELD,
    Part,
    number_text,
    p_text,
    read_recorded,
)
from tests.conftest import UNITS, Rendered
from tests.studies import pages

DIGIT = re.compile(r"\d")


def shown_tables(rendered: Rendered, unit: str) -> dict[str, dict[str, Any]]:
    """The record of every table of a unit's notebooks, by label."""
    tables = {}
    folder = store.processed(rendered.study) / "notebooks" / unit
    for path in sorted(folder.rglob("*.ipynb")):
        for cell in nbformat.read(path, as_version=4).cells:
            label = re.search(r"^#\| label: (\S+)", cell.source, re.MULTILINE)
            if label and cell.get("outputs"):
                record = cell.outputs[0].metadata.get("drp", {})
                if record.get("kind") == "table":
                    numbers = read_recorded(record["numbers"])
                    tables[label.group(1)] = {**record, "numbers": numbers}
    return tables


def html_tables(place: Path) -> Iterator[tuple[str, list[list[str]]]]:
    """Label and body rows of every table of a unit's pages."""
    for page in sorted(place.rglob("*.html")):
        for table in pages.whole(page).find_all("table"):
            holder = table.find_parent(id=re.compile("^tbl-")) or table
            rows = [
                [" ".join(cell.get_text().split()) for cell in row.find_all(["td", "th"])]
                for row in table.find("tbody").find_all("tr")
            ]
            yield str(holder.get("id", "")), rows


def released_value(row: dict[str, Any], number: Part) -> str:
    """The text that a released row's number must have."""
    if row["release"] != "released":
        return (row["band"] if number.field == "value" else "") or WITHHELD
    if row["decimals"] == row["decimals"] and number.field in ("value", "ci_low", "ci_high"):
        assert number.decimals <= row["decimals"], "finer than release lets through"
    value = row[number.field]
    if value != value:
        return NOT_AVAILABLE
    if row["statistic"].startswith("p") and number.decimals == 3:
        return p_text(value)
    return number_text(value, number.decimals)


@pytest.mark.parametrize("unit", UNITS)
def test_every_number_of_every_table_is_the_ledgers(rendered: Rendered, unit: str) -> None:
    records = shown_tables(rendered, unit)
    saved = store.read(rendered.study, unit)
    assert saved is not None
    released = {**(saved.released.programme or saved.released).by_id, **saved.released.by_id}
    page = open_page(unit, str(rendered.study.folder))
    texts = reproduction.expected(reproduction.opened(page))
    checked = 0
    labels = []
    shown = [
        (place.name, *table) for place in rendered.places(unit) for table in html_tables(place)
    ]
    for document, label, rows in shown:
        assert label in records, f"a table without a record of its numbers: {label or rows[:2]}"
        labels.append((document, label))
        record = records[label]
        numbers: dict[tuple[int, int], list[Part]] = {}
        for number, r, c in record["numbers"]:
            numbers.setdefault((r, c), []).append(number)
        for r, row in enumerate(rows):
            for c, text in enumerate(row):
                rest = text
                for number in numbers.get((r, c), []):
                    if number.unit in ("published", "reproduction"):
                        expected = texts[number.unit, number.id, number.field]
                    else:
                        expected = released_value(released[number.unit, number.id], number)
                    assert number.text == expected, f"{label} row {r} column {c}: {number}"
                    assert number.text in rest, f"{label} row {r} column {c} shows {text}"
                    rest = rest.replace(number.text, "", 1)
                    checked += 1
                if c >= record["text_columns"]:
                    assert not DIGIT.search(rest), f"{label} row {r} column {c}: no id for {rest}"
    assert len(labels) == len(set(labels)), "a table is shown twice"
    assert checked > (500 if unit == "cohort" else 100)


def test_sentences_show_released_numbers(rendered: Rendered) -> None:
    saved = store.read(rendered.study, "cohort")
    assert saved is not None
    released = saved.released.by_id
    folder = store.processed(rendered.study) / "notebooks" / "cohort"
    checked = 0
    for path in sorted(folder.rglob("*.ipynb")):
        for cell in nbformat.read(path, as_version=4).cells:
            for output in cell.get("outputs", []):
                record = output.get("metadata", {}).get("drp", {})
                if record.get("kind") in ("text", "figure"):
                    for number, *_ in read_recorded(record["numbers"]):
                        if number.unit not in ("published", "reproduction"):
                            row = released[number.unit, number.id]
                            assert number.text == released_value(row, number), number
                            checked += 1
    assert checked > 100
