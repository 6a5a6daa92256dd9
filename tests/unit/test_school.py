"""A school's own scores in one table, shared themes, the letter to parents: true of what is released."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from analysis import study as studies
from analysis.disclosure import draft
from analysis.errors import AnalystError
from analysis.present import letter, page_one, reasons, school
from analysis.present.asked import everyday
from analysis.present.page import Page
from analysis.present.shown import Table, escaped, markdown_of
from analysis.results import Result
from analysis.study import Report, Theme
from tests.unit.test_page_one import (
    BESIDE,
    INSTRUMENTS,
    LEVEL,
    PAIRED,
    STUDY,
    SUBSCALES,
    difference,
    many,
    page_of,
    pupils,
    result,
)

ITEMS = INSTRUMENTS["spsc"].items


def column(shown: Table, name: str) -> list[str]:
    place = list(shown.columns).index(name)
    return [markdown_of(row[place]) for row in shown.rows]


def themed(page: Page, *themes: Theme, **more: Any) -> Page:
    return replace(
        page, study=page.study.model_copy(update={"report": Report(themes=themes, **more)})
    )


SAY = Theme(
    id="say", label="A say",
    scores={"staff": f"spsc.{SUBSCALES[0]}", "pupils": "srs.peer_support"},
)  # fmt: skip


def test_one_table_says_of_every_score_what_page_one_would() -> None:
    a, b, c = SUBSCALES[:3]
    rows = many(BESIDE, (a, 0.8, 0.0001), (b, -0.8, 0.0001), (c, 0.2, 0.4))
    rows += many(PAIRED, (a, 0.6, 0.0001), (b, -0.6, 0.0001), (c, 0.1, 0.7))
    rows += [result(PAIRED, c, "p_equivalence", 0.0001)]
    shown = school.scores(page_of(rows), "staff")
    assert shown is not None
    spsc = INSTRUMENTS["spsc"]
    place = [*spsc.scores].index(a), [*spsc.scores].index(b), [*spsc.scores].index(c)
    assert [column(shown, "Beside them")[p] for p in place] == [
        "**higher**", "**lower**", "not clear",
    ]  # fmt: skip
    assert [column(shown, "In short")[p] for p in place] == ["**up**", "**down**", "about the same"]
    # A score that nothing is known of says so, and not that it is unclear.
    other = next(p for p, s in enumerate(spsc.scores) if s not in (a, b, c))
    assert column(shown, "Beside them")[other] == "–"
    assert shown.rows[place[0]][0] == everyday(spsc, a).capitalize()


def test_columns_of_which_nothing_can_be_shown_are_left_out() -> None:
    shown = school.scores(page_of([result(LEVEL, SUBSCALES[0], "mean", 3.0)]), "staff")
    assert shown is not None
    assert list(shown.columns) == ["Score", escaped(STUDY.wave(STUDY.followup).label)]
    assert "change" not in shown.note and "change" not in shown.caption
    assert school.scores(page_of([]), "staff") is None


def items(number: int) -> list[Result]:
    return [
        result("items", item.code, "mean", 4.9 - place / 10)
        for place, item in enumerate(ITEMS[:number])
    ]


@pytest.mark.parametrize(("number", "ends"), [(2, 0), (6, 2), (20, 3)])
def test_the_items_named_are_ends_and_not_the_middle(number: int, ends: int) -> None:
    shown = school.items(page_of(items(number)), "staff")
    if not ends:
        assert shown is None
        return
    assert shown is not None
    assert column(shown, "End") == ["Highest"] * ends + ["Lowest"] * ends
    assert "of those that can be shown" in shown.caption
    first, last = ITEMS[0].label, ITEMS[number - 1].label
    assert [markdown_of(shown.rows[place][0]).replace("\\", "") for place in (0, -1)] == [
        first, last,
    ]  # fmt: skip


def test_an_item_that_is_turned_round_says_so() -> None:
    spsc = INSTRUMENTS["spsc"]
    turned = (ITEMS[0].model_copy(update={"reverse": True}), *ITEMS[1:])
    page = replace(
        page_of(items(20)),
        instruments={**INSTRUMENTS, "spsc": spsc.model_copy(update={"items": turned})},
    )
    shown = school.items(page, "staff")
    assert shown is not None and "†" in str(shown.rows[0][0]) and "Turned round" in shown.note
    plain = school.items(page_of(items(20)), "staff")
    assert plain is not None and "†" not in plain.markdown()


def test_a_theme_is_shared_only_where_both_can_be_shown() -> None:
    staff = difference(BESIDE, SUBSCALES[0], 0.8, 0.0001)
    assert school.themes(themed(page_of(staff), SAY)) is None
    assert school.themes_said(themed(page_of(staff), SAY)) is None
    both = [*staff, *pupils(("peer_support", 3.9))]
    shown = school.themes(themed(page_of(both), SAY))
    assert shown is not None and len(shown.rows) == 2
    # Of pupils nothing is set beside others: nothing is said of both together.
    said = school.themes_said(themed(page_of(both), SAY))
    assert said is not None and "strength" not in said.markdown()
    more = {"source": "pupils", "instrument": "srs"}
    agreed = [*staff, *difference(BESIDE, "peer_support", 0.8, 0.0001, **more)]
    said = school.themes_said(themed(page_of(agreed), SAY))
    assert said is not None and "**A say** is a strength for all of them" in said.markdown()
    apart = [*staff, *difference(BESIDE, "peer_support", -0.8, 0.0001, **more)]
    said = school.themes_said(themed(page_of(apart), SAY))
    assert said is not None and "different sides" in said.markdown()


@pytest.mark.parametrize(
    ("scores", "words"),
    [({"staff": "srs.empathy"}, "is not one of its instruments"), ({"nobody": "x.y"}, "no such")],
)
def test_a_theme_of_what_is_not_there_is_refused(scores: dict[str, str], words: str) -> None:
    wrong = Report(themes=(Theme(id="say", label="A say", scores=scores),))
    with pytest.raises((AnalystError, ValueError), match=words):
        studies.Study.model_validate({**STUDY.model_dump(), "report": wrong.model_dump()})


def written(rows: list[Result]) -> str:
    page = themed(page_of(rows, name="Ash School"), letter=True)
    found = letter.letter(page)
    assert found is not None
    return found.markdown()


def test_the_letter_says_what_page_one_says_and_no_more() -> None:
    a, b = SUBSCALES[:2]
    said = written(
        [*many(BESIDE, (a, 0.8, 0.0001), (b, 0.1, 0.5)), *many(PAIRED, (a, -0.7, 0.0001))]
    )
    spsc = INSTRUMENTS["spsc"]
    assert f"What is strong here: {everyday(spsc, a)}" in said
    assert everyday(spsc, b) not in said
    assert f"Clearly down: {everyday(spsc, a)}" in said
    quiet = written([*many(BESIDE, (b, 0.1, 0.5)), *many(PAIRED, (a, 0.1, 0.7))])
    assert "none stands clearly apart" in quiet and "No change is clear" in quiet


def test_the_letter_of_a_school_that_shows_nothing_claims_nothing() -> None:
    said = written([])
    assert "Too few answered" in said and "strong" not in said and "change" not in said
    assert letter.letter(themed(page_of([], name="Ash School"), letter=False)) is None


def test_every_reason_of_release_has_words_and_no_other() -> None:
    assert set(reasons.WORDS) == set(draft.REASONS)
    assert len(set(reasons.WORDS.values())) == len(draft.REASONS)


def test_a_wave_that_is_called_after_a_year_is_in_it() -> None:
    page = page_of([result("response", "responded", "count", 12.0, instrument="survey")])
    assert r"answered at follow\-up" in page_one.answered(page).markdown()  # type: ignore[union-attr]
    dated = tuple(
        wave.model_copy(update={"label": "May 2032"}) if wave.id == "T2" else wave
        for wave in STUDY.waves
    )
    page = replace(page, study=STUDY.model_copy(update={"waves": dated}))
    assert "answered in May 2032" in page_one.answered(page).markdown()  # type: ignore[union-attr]
