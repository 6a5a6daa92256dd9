"""School records: what cannot be is refused, and a term is known by its dates, not its name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analysis import study as studies
from analysis.errors import AnalystError, Collected
from analysis.places import project_root
from analysis.prepare import outcomes, strands
from analysis.sources import tables
from analysis.strands import BY_TABLE

STUDY = studies.load(project_root() / "data" / "raw")
PATH = Path("outcomes.csv")
MEASURES: dict[str, Any] = {
    "measures": [
        {"id": "on_age", "label": "On age", "unit": "percent"},
        {"id": "suspensions", "label": "Suspensions", "unit": "per 100 pupils"},
    ],
    "groups": [{"id": "fsm", "label": "Free meals"}],
}
SUMMER = ("2025-04-22", "2025-07-18")
LAST = ("2024-04-15", "2024-07-19")


def row(school: str, term: str, days: tuple[str, str], counts: str, **more: str) -> dict[str, str]:
    """A record as it stands in a file: ``64/102`` of a measure."""
    numerator, denominator = counts.split("/")
    return {
        "school": school, "term": term, "term_start": days[0], "term_end": days[1],
        "measure": "on_age", "numerator": numerator, "denominator": denominator, "group": "",
        "children": "",
    } | more  # fmt: skip


def told(*rows: dict[str, str], table: str = "outcomes") -> list[str]:
    """What is said of a file with these rows."""
    frame = pd.DataFrame(rows, index=range(2, 2 + len(rows)))
    known = pd.DataFrame({"id": ["S01", "S02"]})
    documents = {"outcome_measures": MEASURES}
    mistakes = Collected()
    strands._checked(STUDY, BY_TABLE[table], frame, known, documents, PATH, mistakes)
    return ["\n".join(error.lines()) for error in mistakes.errors]


def named(*rows: dict[str, str]) -> tuple[pd.DataFrame, dict[str, str], list[str]]:
    frame = pd.DataFrame(rows, index=range(2, 2 + len(rows)))
    for column in outcomes.COUNTS:
        frame[column] = tables.counts(frame[column])
    return outcomes.named_once(frame, "outcomes.csv")


def test_a_measure_that_is_not_known_is_named_with_the_nearest() -> None:
    (said,) = told(row("S01", "Summer", SUMMER, "64/102", measure="on_agee"))
    for words in ("'on_agee'", "on_age, suspensions", "nearest", "row 2", "column measure"):
        assert words in said


@pytest.mark.parametrize(
    ("counts", "more", "words"),
    [
        ("140/102", {}, ("140 out of 102", "S01", "row 2", "per 100")),
        ("140/102", {"measure": "suspensions"}, ()),  # one pupil may be suspended twice
        ("3/0", {"measure": "suspensions"}, ("3 out of 0",)),
        ("-64/102", {}, ("'-64'", "row 2", "column numerator")),
        ("102/102", {}, ()),
    ],
)
def test_a_part_is_no_larger_than_its_whole(
    counts: str, more: dict[str, str], words: tuple[str, ...]
) -> None:
    said = told(row("S01", "Summer", SUMMER, counts, **more))
    assert len(said) == bool(words)
    assert all(word in said[0] for word in words)


@pytest.mark.parametrize(
    ("of_group", "of_all", "words"),
    [
        (("10/20", "20"), ("64/102", "102"), ""),
        (("10/20", "120"), ("64/102", "102"), "about more children"),
        # 62 of the other 60.
        (("2/42", "42"), ("64/102", "102"), "more would be counted of all others"),
    ],
)
def test_what_is_left_of_all_children_can_be(
    of_group: tuple[str, str], of_all: tuple[str, str], words: str
) -> None:
    said = told(
        row("S01", "Summer", SUMMER, of_all[0], children=of_all[1]),
        row("S01", "Summer", SUMMER, of_group[0], group="fsm", children=of_group[1]),
    )
    assert len(said) == bool(words)
    assert not words or words in said[0]


def test_a_term_ends_after_it_begins() -> None:
    (said,) = told(row("S01", "Summer", SUMMER[::-1], "64/102"))
    assert "ends on 2025-04-22, before it begins on 2025-07-18" in said
    assert "row 2" in said


def test_all_that_is_wrong_with_a_row_is_said_at_once() -> None:
    """And nothing of another row that is only beside it."""
    said = told(
        row("S01", "Summer", SUMMER, "64/102", children="102"),
        row("S77", "Summer", ("2025-13-01", ""), "5/x", measure="on_agee"),
        row("S02", "Summer", SUMMER, "y/102", children="102"),
        row("S02", "Summer", SUMMER, "3/10", group="fsm", children="10"),
    )
    assert len(said) == 5
    for words in ("'S77'", "'on_agee'", "1 date", "'x'", "'y'"):
        assert sum(words in each for each in said) == 1, words
    # A table that somebody writes has no mapping to correct.
    assert not any("mapping" in each for each in said)
    plan = {"plan_id": "P9", "school": "S99", "aim_code": "AIM.01", "aim": "a", "review": "one",
            "state": "donee", "review_date": "", "responsible_role": "", "evidence": ""}  # fmt: skip
    said = told(plan, table="action_plans")
    assert len(said) == 3
    for words in ("'S99'", "'one'", "'donee'"):
        assert sum(words in each for each in said) == 1, words
    # The list of states is the program's: nobody can add to it.
    assert all("add it to the list" not in each for each in said)


def test_two_names_of_one_term_are_one_and_it_is_said() -> None:
    """Both schools are in the comparison: (80 + 60 - 70 - 50) of 200."""
    frame, called, said = named(
        row("S01", "Summer 2024", LAST, "70/100"),
        row("S02", "Summer 2024", LAST, "50/100"),
        row("S01", "Summer 2025", SUMMER, "80/100"),
        row("S01", "Autumn 2025", ("2025-09-02", "2025-12-19"), "81/100"),
        # S02 writes it otherwise, and begins a day later.
        row("S02", "Summer term 2025", ("2025-04-23", "2025-07-18"), "60/100"),
    )
    assert called == {"Summer term 2025": "Summer 2025"}
    assert len(said) == 1 and "'Summer term 2025'" in said[0] and "'Summer 2025'" in said[0]
    assert outcomes.year_before(frame) == {"Summer 2025": "Summer 2024"}
    sums = frame.groupby("term")[["numerator", "denominator"]].sum()
    assert sums.loc["Summer 2025"].tolist() == [140, 200]
    document = {"measures": [{"id": "on_age", "norms": [{"term": "Summer term 2025"}]}]}
    renamed = outcomes.norms_renamed(document, called)
    assert renamed["measures"][0]["norms"][0]["term"] == "Summer 2025"


def test_a_year_and_its_first_term_are_two() -> None:
    autumn, year = ("2024-09-02", "2024-12-20"), ("2024-09-02", "2025-07-18")
    _, called, said = named(
        row("S01", "Autumn 2024", autumn, "70/100"), row("S01", "Year 2024-25", year, "75/100")
    )
    assert not called and not said
    rows = pd.DataFrame(
        [
            row("S01", "Year 2024-25", year, "75/100"),
            row("S01", "Autumn 2024", autumn, "70/100"),
            row("S01", "Autumn 2025", ("2025-09-01", "2025-12-19"), "71/100"),
        ]
    )
    assert outcomes.year_before(rows) == {"Autumn 2025": "Autumn 2024"}


def test_half_terms_of_one_school_are_two_terms() -> None:
    _, called, _ = named(
        row("S01", "First", ("2025-04-22", ""), "1/2"), row("S01", "Second", ("2025-05-12", ""), "1/2")
    )  # fmt: skip
    assert not called


@pytest.mark.parametrize(
    ("second", "words"),
    [
        # The same name, another term.
        (row("S02", "Summer 2025", ("2025-05-22", "2025-07-18"), "1/2"), "2025-05-22"),
        # Two rows of one school for one term.
        (row("S01", "Summer term 2025", SUMMER, "1/2"), "'Summer 2025', 'Summer term 2025'"),
    ],
)
def test_a_name_or_a_date_that_must_be_wrong_is_refused(second: dict[str, str], words: str) -> None:
    with pytest.raises(AnalystError) as error:
        named(
            row("S01", "Summer 2025", SUMMER, "1/2"),
            second,
        )
    assert words in str(error.value)
    assert "3" in error.value.where


def test_answers_of_facilitators_are_options() -> None:
    questions = [{"id": "q1", "label": "?", "type": "multiple", "options": [{"id": "yes"}, {"id": "no"}]},
                 {"id": "q2", "label": "?", "type": "single", "options": [{"id": "yes"}]}]  # fmt: skip
    frame = pd.DataFrame({"respondent": ["F1", "F2"], "q1": ["yes; no", "yess"]}, index=[2, 3])
    with pytest.raises(AnalystError) as error:
        strands._check_answers(STUDY, frame, {"facilitator_questions": {"questions": questions}})
    said = str(error.value) + "\n".join("\n".join(e.lines()) for e in error.value.errors)  # type: ignore[attr-defined]
    for words in ("'yess'", "row 3", "'yes'", "no column 'q2'"):
        assert words in said
