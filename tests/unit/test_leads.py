"""Words before every table: of the chapter, or made from the question and the table's numbers."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis.present.leads import LOOK, OWN_UNITS, lead
from analysis.present.shown import Part, Table, Text
from analysis.publish.leads import led
from analysis.questions import QUESTIONS

WIDTHS = [20, 10]


def number(text: str, measure: str, analysis: str = "level", statistic: str = "mean") -> Part:
    parts = ("staff", "spsc", analysis, measure, "t2", "all", statistic)
    return Part(text, "cohort", ".".join(parts), "value", 1)


def shown(*cells: object, analysis: str = "level", statistic: str = "mean") -> str:
    rows = [
        [f"Scale {n}", cell if isinstance(cell, str) and cell.startswith("\\") else
         number(str(cell), f"s{n}", analysis, statistic)]
        for n, cell in enumerate(cells, 1)
    ]  # fmt: skip
    return Text(lead(Table(["Scale", "Mean"], rows, WIDTHS, "Scales"))).markdown().replace("\\", "")


def test_it_asks_the_question_and_names_the_ends() -> None:
    said = shown("3.1", "4.2", "2.9")
    assert said.startswith("*Where do scores stand?*")
    assert "from 2.9 (Scale 3) to 4.2 (Scale 2)" in said


def test_nobody_is_told_to_look_for_what_is_not_there() -> None:
    """A table of means without intervals, or of a study of one wave, is not read by either."""
    said = shown("3.1", "4.2", "2.9")
    assert "interval" not in said
    low = Part("2", "cohort", number("2", "s1").id, "ci_low", 1)
    rows = [[f"Scale {n}", [number("3", f"s{n}"), " (", low, ")"]] for n in range(3)]
    assert "interval" in Text(lead(Table(["Scale", "Mean"], rows, WIDTHS, "Scales"))).markdown()
    answered = number("120", "responded", "response", "count")
    told = Text(lead(Table(["Group", "W1"], [["All", answered]], WIDTHS, "Answered"))).markdown()
    assert "both" not in told and "share" not in told


def test_of_equal_ends_none_is_named() -> None:
    said = shown("3.1", "2.9", "2.9")
    assert "from 2.9 to 3.1 (Scale 1)" in said


def test_what_is_withheld_is_not_among_them() -> None:
    assert "that can be shown" in shown("3.1", "4.2", "2.9", r"\[c\]")
    assert "that can be shown" not in shown("3.1", "4.2", "2.9")


@pytest.mark.parametrize("name", sorted(OWN_UNITS))
def test_rows_in_units_of_their_own_have_no_ends(name: str) -> None:
    said = shown("3.1", "4.2", "2.9", analysis=name, statistic="difference")
    assert "run from" not in said


def test_a_table_of_many_questions_answers_none_of_them() -> None:
    rows = [["A", number("1", "a", "level")], ["B", number("2", "b", "paired", "difference")]]
    said = Text(lead(Table(["Claim", "Number"], rows, WIDTHS, "Claims"))).markdown()
    assert "?" not in said and "2 rows" in said


def test_hints_are_of_questions_that_there_are() -> None:
    assert set(LOOK) <= {each.name for each in QUESTIONS}
    assert {each.name for each in QUESTIONS} >= OWN_UNITS


EMBED = "{{< embed ../n.ipynb#%s >}}"


@pytest.mark.parametrize(
    ("before", "needed"),
    [
        (["# Title"], True),
        (["# Title", "", "Words of the chapter."], False),
        (["# Title", "", EMBED % "said"], False),
        (["# Title", "", EMBED % "tbl-other"], True),
        (["# Title", "", "Words.", "", EMBED % "fig-one"], True),
        (["Words.", "", ":::"], True),
    ],
)
def test_only_a_table_without_words_gets_them(before: list[str], needed: bool) -> None:
    origin = (Path("x.qmd"), 1)
    lines = [(line, origin) for line in [*before, "", EMBED % "tbl-a"]]
    made = [line for line, _ in led(lines, {"tbl-a", "lead-tbl-a"})]
    assert (EMBED % "lead-tbl-a" in made) is needed
    assert made[-1] == EMBED % "tbl-a"
    assert EMBED % "lead-tbl-a" not in [line for line, _ in led(lines, {"tbl-a"})]
