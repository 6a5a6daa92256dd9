"""``docs/study.md`` says what the code does: keys, columns, and examples that can be read."""

from __future__ import annotations

import re

from analysis import strands as registry
from analysis.scaffold import keys, reference
from analysis.study import Study
from tests.conftest import ROOT


def page() -> str:
    return (ROOT / reference.PAGE).read_text(encoding="utf-8")


def test_the_generated_parts_are_as_the_code_has_them() -> None:
    text = page()
    assert {name for _, name, _ in reference.PART.findall(text)} == set(reference.PARTS)
    assert reference.written(text) == text, (
        "from analysis.scaffold import reference; reference.update(Path('.')) writes them anew"
    )


def test_a_part_that_is_out_of_date_is_written_anew() -> None:
    old = re.sub(r"^\| `waves\[\]\.start`.*\n", "", page(), flags=re.MULTILINE)
    assert old != page()
    assert reference.written(old) == page()


def test_every_key_every_table_and_every_column_stands_there() -> None:
    text = page()
    for name, _, says in keys.table():
        assert f"| `{name}` |" in text
        assert says
    assert len(keys.table()) > 80
    for table in registry.BY_TABLE.values():
        (row,) = [line for line in text.splitlines() if _key(table) in line]
        assert all(f"`{column}`" in row for column in table.columns)


def _key(table: registry.Table) -> str:
    place = registry.PLACES.get(table.name)
    return f"| `{place}` |" if place else f"| `{table.key}` (top level) |"


def test_what_a_key_may_hold_is_said_in_words() -> None:
    said = {name: holds for name, holds, _ in keys.table()}
    assert said["schema_version"] == "2, needed"
    assert said["populations[].kind"] == "adults or children; default adults"
    assert said["surveys[].rules.speeders"] == "number; default 0.33"
    assert said["groups[].compare"] == "true or false; default false"
    assert said["smallest_effects.<id>.points"] == "number, needed"
    assert said["waves[].start"] == "date, needed"
    assert {name.split(".")[0].removesuffix("[]") for name in said} == {
        name for name in Study.model_fields if name != "folder"
    }
