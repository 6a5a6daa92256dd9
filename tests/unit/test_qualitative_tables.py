"""Every number shown by the tables of words, plans and value is the ledger's, for every unit."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from bs4 import BeautifulSoup

from analysis import study as studies
from analysis.disclosure import decide
from analysis.disclosure.release import RELEASED, Released, released
from analysis.disclosure.texts import released_texts
from analysis.prepare import Prepared, schools, strands
from analysis.prepare.quality import Quality
from analysis.present import (
    codebook,
    coding,
    count_words,
    diagrams,
    evidence_context,
    plans,
    qualitative,
    school_audit,
    value_creation,
    voices,
)
from analysis.present.page import Page
from analysis.present.shown import (
    WITHHELD,
    Each,
    Table,
    escaped,
    markdown_of,
    number_text,
    parts_of,
)
from analysis.qualitative import checks, discussions, facilitators, occurrence, stories, themes
from analysis.qualitative import plans as counted_plans
from analysis.results import COHORT, ledger
from analysis.statistics import school_audit as counted_audit

RAW = Path(__file__).parents[2] / "data" / "raw"
UNITS = (COHORT, "S09", "S11", "S12")


def of(each: Each | None, key: str) -> Any:
    """What is shown for one of several."""
    return each.entries.get(key) if each else None


TABLES: dict[str, Callable[[Page], Table | None]] = {
    "themes": qualitative.themes,
    "themes_by_role": qualitative.themes_by_role,
    "codes": lambda page: of(qualitative.codes(page), "ctx"),
    "codes_by_role": qualitative.codes_by_role,
    "enabling": qualitative.enabling,
    "constraints": qualitative.constraints,
    "impact": qualitative.impact,
    "school_map": qualitative.school_map,
    "together": coding.together,
    "together_codes": coding.together_codes,
    "saturation": coding.saturation,
    "codebook_check": coding.codebook_check,
    "facilitators": lambda page: voices.facilitators(page, closed=True),
    "facilitators_open": lambda page: voices.facilitators(page, closed=False),
    "groups": voices.groups,
    "group_summaries": lambda page: of(voices.group_summaries(page), "steering_group"),
    "open_answers": voices.open_answers,
    "aims": plans.aims,
    "areas": plans.areas,
    "progress": plans.progress,
    "leads": plans.leads,
    "own_plan": plans.own_plan,
    "readiness": plans.readiness,
    "own_readiness": plans.own_readiness,
    "audit": school_audit.audit,
    "audit_changes": school_audit.audit_changes,
    "own_audit": school_audit.own_audit,
    "needs": school_audit.needs,
    "chain": value_creation.chain,
    "matrix": value_creation.matrix,
    "indicators": value_creation.indicators,
    "conditions": value_creation.conditions,
    "flows": value_creation.flows,
    "reach": value_creation.reach,
    "own_cycles": value_creation.own_cycles,
    "context_plans": evidence_context.beside_plans,
    "context_value": evidence_context.beside_value,
    "own_context": evidence_context.own,
}
OWN = {"own_context", "own_plan", "own_readiness", "own_audit", "own_cycles"}


@pytest.fixture(scope="module")
def pages() -> dict[str, Page]:
    return pages_of(RAW)


def pages_of(folder: Path) -> dict[str, Page]:
    """The pages of a study, with nothing but its words and plans."""
    study = studies.load(folder)
    table = schools.read(study)
    frames, documents = strands.read(study, table, Quality())
    prepared = Prepared(study, {}, table, {}, frames, {}, documents)
    results = [
        result
        for make in (
            themes.themes, occurrence.together, occurrence.saturation, checks.checks,
            discussions.focus_groups, discussions.open_answers, facilitators.answers,
            counted_plans.plans, counted_plans.readiness, counted_audit.audit, counted_audit.needs, stories.stories,
        )
        for result in make(prepared)
    ]  # fmt: skip
    shown = released(decide(ledger(results, study.edition.id), study))
    texts = released_texts(prepared)
    return {
        unit: Page(study, unit, shown.of(COHORT, unit), table, texts[texts["unit"] == unit], {}, {},
                   documents=documents)
        for unit in UNITS
    }  # fmt: skip


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("name", TABLES)
def test_every_number_is_the_ledgers(pages: dict[str, Page], unit: str, name: str) -> None:
    page = pages[unit]
    table = TABLES[name](page)
    if unit == COHORT and name not in OWN:
        assert table is not None, name
    if table is None:
        return
    assert table.caption
    for row in table.rows:
        assert len(row) == len(table.columns) == len(table.widths)
        for place, cell in enumerate(row):
            rest = markdown_of(cell)
            for number in parts_of(cell):
                entry = page.rows[number.unit, number.id]
                assert number.unit in (COHORT, unit)
                if entry["release"] == RELEASED:
                    assert number.text == number_text(entry[number.field], number.decimals)
                else:
                    words = entry["band"] if number.field == "value" else ""
                    assert number.text == (words or WITHHELD)
                rest = rest.replace(escaped(number.text), "", 1)
            if place >= table.text_columns:
                assert not re.search(r"\d", rest), f"{name}: no id for {rest}"


@pytest.mark.parametrize("unit", UNITS)
def test_school_reports_hold_no_words_of_people_and_no_other_school(
    pages: dict[str, Page], unit: str
) -> None:
    page = pages[unit]
    if unit == COHORT:
        return
    shown = [TABLES[name](page) for name in TABLES]
    shown += [value_creation.cycles(page), value_creation.own_stories(page)]
    text = "\n".join(each.markdown() for each in shown if each is not None)
    assert text
    quotations = pages[COHORT].texts
    for words in quotations.loc[quotations["kind"] == "quotation", "text"]:
        assert words[:40] not in text.replace("\\", "")
    assert voices.quotations(page) is None
    assert of(voices.quotations(pages[COHORT]), "ctx") is not None
    for school in page.schools["name"]:
        assert school == page.school["name"] or school not in text


def test_next_terms_files_change_what_is_shown_and_nothing_else_has_to(tmp_path: Path) -> None:
    folder = tmp_path / "study"
    shutil.copytree(RAW, folder)
    first = pd.read_csv(folder / "action_plans.csv", dtype="str").query("review == '1'")
    again = first.assign(review="3", state="embedded", review_date="2018-12-10")
    again.to_csv(folder / "action_plans_2018_autumn.csv", index=False)
    (folder / "value_stories" / "2018-autumn.yaml").write_text(
        "stories:\n  - id: next_1\n    title: A further story\n    steps:\n"
        "      - {cycle: applied, text: A step., codes: [COM.01]}\n",
        encoding="utf-8",
    )
    page = pages_of(folder)[COHORT]
    progress = plans.progress(page).markdown()
    assert "| Review 3 | 0 | 0 | 0 | 88 | 0 | 88 |" in progress
    assert "| A further story |" in value_creation.flows(page).markdown()
    assert "A further story" in value_creation.cycle(page, "applied").markdown()
    assert "| Applied | 8 of 10 | 1 of 10 |" in value_creation.reach(page).markdown()
    assert "A further story" in diagrams.story_flows(page).alt


def test_codes_that_share_a_passage_are_shown_with_their_people(pages: dict[str, Page]) -> None:
    page = pages[COHORT]
    assert "No passage stands under two codes" in coding.together_codes(page).markdown()
    row = page.released.frame.iloc[0].to_dict() | {
        "unit": COHORT, "id": f"{'.'.join(coding.TOGETHER)}.com_01--swb_02.all.all.people",
        "measure": "com_01--swb_02", "value": 4.0, "numerator": 4.0, "denominator": 15.0,
        "release": RELEASED,
    }  # fmt: skip
    shown = replace(page, released=Released(pd.DataFrame([row])))
    text = coding.together_codes(shown).markdown().replace("\\", "")
    assert "| Communication improved |" in text and "| 4 of 15 |" in text


def test_every_code_that_was_heard_stands_beside_its_roles(pages: dict[str, Page]) -> None:
    page = pages[COHORT]
    table = qualitative.codes_by_role(page)
    heard = [c for c in codebook.codes(page)["id"] if count_words.count_row(page, c, "people")]
    assert len(table.rows) == len(heard) > 90
    for row in table.rows:
        assert {markdown_of(cell) for cell in row[2:]} <= {"fewer than half", "half or more"}


def test_a_school_without_a_plan_says_so_and_one_without_a_story_shows_none(
    pages: dict[str, Page],
) -> None:
    assert "No action plan of this school" in plans.own_state(pages["S11"]).markdown()
    unrated = school_audit.own_state(replace(pages["S11"], unit="S99"))
    assert unrated is not None and "No ratings of this school" in unrated.markdown()
    assert school_audit.own_state(pages["S11"]) is None
    assert value_creation.own_stories(pages["S11"]) is None
    assert value_creation.own_cycles(pages["S11"]) is None
    # Nothing is measured here, and how many aims there are the plan says.
    assert value_creation.own_cycles(pages["S09"]) is None
    own = value_creation.own_stories(pages["S09"]).markdown()
    assert "One staff meeting a term becomes a solution circle" in own


def test_a_school_is_not_told_by_its_story_in_the_programmes_report(
    pages: dict[str, Page],
) -> None:
    """The programme's report has a story's title, cycles and end, without the school."""
    programme = value_creation.flows(pages[COHORT]).markdown()
    told = [s for s in value_creation.stories_of(pages[COHORT]) if s["school"]]
    assert len(told) >= 3 and all(escaped(story["title"]) in programme for story in told)
    for unit in ("S09", "S14", "S20"):
        page = replace(pages["S09"], unit=unit)
        both = [value_creation.own_stories(page), value_creation.own_cycles(page)]
        shown = "".join(each.markdown() for each in both if each is not None)
        assert shown
        for story in told:
            assert escaped(story["title"]) not in shown
            assert not story["stopped"] or escaped(story["stopped"]) not in shown


def test_diagrams_show_released_numbers_only(pages: dict[str, Page]) -> None:
    page = pages[COHORT]
    for draw in (
        diagrams.value_cycles,
        diagrams.value_matrix,
        diagrams.story_flows,
        diagrams.school_map,
        diagrams.saturation,
    ):
        figure = draw(page)
        assert "<svg" in figure.svg and figure.alt
        # On a phone it says the same numbers, in a drawing as wide as that.
        assert float(figure.narrow.split('width="', 1)[1].split("pt")[0]) < 300
        shown = " ".join(BeautifulSoup(figure.narrow, "html.parser").text.split())
        if draw is not diagrams.saturation:  # a line, of which the numbers are no words
            assert not [number.text for number in figure.parts if number.text not in shown]
        for number in figure.parts:
            row = page.rows[number.unit, number.id]
            assert row["release"] == RELEASED or number.text == row["band"] != ""


def test_every_quotation_says_that_it_is_synthetic(pages: dict[str, Page]) -> None:
    text = value_creation.cycles(pages[COHORT]).markdown()
    assert text.count("::: {.quotation}") == text.count("(synthetic quotation)") > 7
    assert text.count("Case example (synthetic)") == 7
