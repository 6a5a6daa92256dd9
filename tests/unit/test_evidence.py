"""How far findings carry: tables and sentences follow the interval, the correction, equivalence."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import pandas as pd
import pingouin as pg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import study as studies
from analysis.disclosure import decide
from analysis.disclosure.release import released
from analysis.places import project_root
from analysis.prepare import load_instruments
from analysis.present import charts, evidence, groups, reasons, sentences, tables, verdict
from analysis.present.asked import Grouping
from analysis.present.page import Page
from analysis.present.shown import (
    NOT_AVAILABLE,
    WITHHELD,
    Each,
    Part,
    Table,
    Text,
    number_text,
    p_text,
    parts_of,
)
from analysis.questions import gives
from analysis.results import COHORT, Result, ledger
from analysis.statistics import (
    attrition,
    change,
    level,
    moderators,
    over_time,
    perceived,
    power,
    reliability,
    response,
)
from tests.unit.test_statistics_edges import STAFF, prepared

STUDY = studies.load(project_root() / "data" / "raw")
INSTRUMENTS = load_instruments(STUDY)
ROLES = {"leader": "Leader", "teacher": "Teacher", "non_teacher": "Non-teacher"}
BY_ROLE = [Grouping("role", "Role", ROLES)]
BY_PHASE = [Grouping("reporting_phase", "Phase", {"primary": "Primary", "secondary": "Secondary"})]


def page_of(results: Iterable[Result], unit: str = COHORT, study: studies.Study = STUDY) -> Page:
    """A page of these results, after release."""
    shown = released(decide(ledger(results, STUDY.edition.id), STUDY))
    schools = pd.DataFrame({"id": ["S00", "S01", "S02"], "reporting_phase": "primary"})
    return Page(study, unit, shown, schools, pd.DataFrame(), INSTRUMENTS)


def result(statistic: str, value: float, unit: str = COHORT, **parts: Any) -> Result:
    """A paired change of the staff survey's morale, unless ``parts`` say otherwise."""
    key = {
        "source": "staff", "instrument": "spsc", "analysis": "paired", "measure": "morale",
        "wave": "t1-t2", "group": "all", "n": 50.0,
    }  # fmt: skip
    return Result(**{**key, **parts}, unit=unit, statistic=statistic, value=value)


def changed(low: float, high: float, p: float, equivalence: float, **parts: Any) -> list[Result]:
    """A difference with its interval, its own test and its equivalence test."""
    test = "p_clustered" if gives(parts.get("analysis", "paired"), "p_clustered") else "p"
    return [
        result("difference", (low + high) / 2, ci_low=low, ci_high=high, level=0.95, **parts),
        result("p_equivalence", equivalence, **parts),
        result(test, p, **parts),
    ]


def beside(p: float, equivalence: float) -> list[Result]:
    """Another scale that could have been named, too."""
    return changed(-0.3, 0.5, p, equivalence, measure="workload")


def family(page: Page) -> verdict.Family:
    return verdict.Family(page, verdict.changes(page, "staff", "spsc"))


MORALE = ("staff", "spsc", "paired", "morale", "t1-t2", "difference")


@pytest.mark.parametrize(
    ("low", "high", "p", "equivalence", "words"),
    [
        (0.1, 0.5, 0.01, 0.9, "consistent with a rise"),
        (-0.5, -0.1, 0.01, 0.9, "consistent with a fall"),
        (0.01, 0.5, 0.04, 0.9,
         "the interval alone leaves no change out, which does not stand after correction for 2 "
         "comparisons"),
        (0.01, 0.1, 0.02, 0.001, "consistent with a rise smaller than would matter"),
        (-0.1, 0.1, 0.9, 0.01, "any change is smaller than would matter"),
        # So is equivalence corrected, or one of many would be called small by chance.
        (-0.1, 0.1, 0.9, 0.04, "consistent with no change, and with changes in either direction"),
        (-0.3, 0.5, 0.9, 0.6, "consistent with no change, and with changes in either direction"),
    ],
)  # fmt: skip
def test_words_follow_interval_correction_and_equivalence(
    low: float, high: float, p: float, equivalence: float, words: str
) -> None:
    page = page_of([*changed(low, high, p, equivalence), *beside(0.9, 0.9)])
    said = family(page).of(evidence.ALL, *MORALE)
    assert said is not None and said.words() == words
    text = evidence.change_in_words(page, "staff", "spsc").entries["spsc"]
    assert f"); {words}." in text.markdown()


def test_nothing_is_said_without_an_interval() -> None:
    page = page_of([result("difference", 0.4)])
    assert family(page).of(None, *MORALE) is None and len(family(page)) == 0
    assert evidence.change_in_words(page, "staff", "spsc") is None
    assert "rose" not in sentences.change(page, "staff", "spsc").markdown()


def test_what_is_named_must_have_been_asked_for() -> None:
    page = page_of(changed(0.1, 0.5, 0.01, 0.9))
    with pytest.raises(KeyError):
        verdict.Family(page, []).of(None, *MORALE)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_the_correction_is_pingouins(p: list[float]) -> None:
    assert verdict.holm(p) == pytest.approx(list(pg.multicomp(p, method="holm")[1]))


def test_both_pages_on_change_follow_one_rule() -> None:
    page = page_of(
        [
            *changed(0.1, 0.5, 0.001, 0.9, measure="morale"),
            *changed(0.01, 0.5, 0.04, 0.9, measure="workload"),
            *changed(-0.5, -0.1, 0.002, 0.9, measure="leadership"),
            *changed(-0.1, 0.1, 0.9, 0.001, measure="community"),
            *changed(-0.3, 0.5, 0.9, 0.6, measure="goal_congruence"),
        ]
    )
    text = sentences.change(page, "staff", "spsc").markdown()
    assert "the mean rose for morale" in text and "It fell for supportive leadership" in text
    assert "This stands after correction for 5 comparisons" in text
    assert "For school community relationship any change is smaller than would matter" in text
    assert (
        "For manageable workload the interval alone leaves no change out, which does not stand "
        "after correction for 5 comparisons" in text
    )
    assert "For goal congruence the data are consistent with a rise, a fall" in text
    assert "cannot show that it did" in text
    # Page one could name more, and so says less.
    wider = verdict.Family(
        page,
        [
            *verdict.changes(page, "staff", "spsc"),
            *verdict.between_schools(page, "staff", "spsc"),
        ],
    )
    assert len(wider) == 5
    assert sentences.change(page, "staff", "spsc", wider).markdown() == text


def test_a_school_is_corrected_by_its_own_test() -> None:
    own = [
        result("difference", 0.3, "S00", ci_low=0.1, ci_high=0.5),
        result("p", 0.03, "S00"),
        result("difference", 0.1, "S00", ci_low=-0.1, ci_high=0.3, measure="workload"),
        result("p", 0.3, "S00", measure="workload"),
    ]
    text = sentences.change(page_of(own, "S00"), "staff", "spsc").markdown()
    assert "this school's staff" in text and "no change of a mean can be told" in text
    assert "comparison group" not in text
    alone = sentences.change(page_of(own[:2], "S00"), "staff", "spsc").markdown()
    assert "the mean rose for morale" in alone


def test_where_the_test_is_withheld_the_interval_decides_and_not_the_plain_test() -> None:
    """In one study's second edition the plain p of 0.001 made a rise of -0.2 to 0.6."""
    rows = [
        result("difference", 0.2, ci_low=-0.2, ci_high=0.6),
        result("p", 0.001),  # and p_clustered is not there
    ]
    text = sentences.change(page_of(rows), "staff", "spsc").markdown()
    assert "the mean rose" not in text and "a rise, a fall, or none" in text
    # Nor does it take back what the interval says by itself.
    rows[0] = result("difference", 0.2, ci_low=0.1, ci_high=0.3)
    rows[1] = result("p", 0.4)
    assert "the mean rose" in sentences.change(page_of(rows), "staff", "spsc").markdown()


@pytest.mark.parametrize("unit", ["S00", "S01", "S02"])
def test_schools_with_four_one_and_no_matched_staff_show_nothing_of_change(unit: str) -> None:
    found = prepared([4, 1, 0, 6, 5, 7, 4, 3])
    questions = (response.response, level.scores, change.paired, change.all_respondents)
    page = page_of((r for question in questions for r in question(found, STAFF)), unit)
    hidden = reasons.hidden(page, "staff")
    if hidden is not None:
        # Nothing of the survey is shown: it is said once, and nowhere else.
        assert "too few staff answered" in hidden.markdown() and parts_of([*hidden.pieces]) == []
        assert sentences.change(page, "staff", "spsc") is None
    else:
        text = sentences.change(page, "staff", "spsc")
        assert "Too few staff answered both times for a change" in text.markdown()
        assert parts_of(list(text.pieces)) == []
        answered = sentences.response(page, "staff").markdown()
        assert "no change within the same people can be shown" in answered
    assert not page.shows(None, "staff", "spsc", "paired", "total", page.waves, "difference")
    # Where no number may be shown there is no table and no figure.
    assert tables.change(page, "staff", "spsc") is None
    assert charts.change(page, "staff", "spsc") is None


def staff_tables() -> list[Callable[[Page], Each | Table | Text | None]]:
    return [
        lambda page: evidence.reliability(page, "staff", "spsc"),
        lambda page: evidence.items_of_scale(page, "staff", "spsc"),
        lambda page: evidence.reference(page, "staff"),
        lambda page: evidence.attrition(page, "staff", "spsc"),
        lambda page: evidence.attrition_attributes(page, "staff"),
        lambda page: evidence.sensitivity(page, "staff", "spsc"),
        lambda page: evidence.checks(page, "staff", "spsc"),
        lambda page: evidence.reliable_change(page, "staff", "spsc"),
        lambda page: groups.moderators(page, "staff", "spsc"),
        lambda page: groups.moderators(page, "staff", "spsc", level=True),
        lambda page: groups.compared(page, "staff", "spsc", by=BY_ROLE),
        lambda page: groups.compared(page, "staff", "spsc", level=True, by=BY_ROLE),
        lambda page: groups.between_groups(page, "staff", "spsc", by=BY_ROLE),
        lambda page: evidence.items_changed(page, "staff", "spsc"),
        lambda page: evidence.items_changed_by_group(page, "staff", "spsc"),
        lambda page: evidence.weighted_levels(page, "staff", "spsc"),
        lambda page: evidence.clustering(page, "staff", "spsc"),
        lambda page: evidence.over_time(page, "staff", "spsc"),
        lambda page: evidence.detectable(page, "staff", "spsc"),
        lambda page: evidence.ranks(page, "staff", "spsc"),
        lambda page: evidence.perceived(page),
        lambda page: evidence.reliability_by_phase(page, "staff", "spsc"),
        lambda page: evidence.change_in_words(page, "staff", "spsc"),
        lambda page: groups.between(page, "staff", "spsc", by=BY_ROLE),
    ]


@pytest.fixture(scope="module")
def full() -> Page:
    """A page with every result of a staff survey of ten schools and a reference population."""
    found = prepared([9, 8, 9, 8, 10, 9, 8, 9, 8, 9], only_first=6)
    table = pd.DataFrame(
        {"survey": "staff", "attribute": "role", "value": list(ROLES), "count": [10, 60, 30]}
    )
    found = replace(found, strands={"reference_population": table})
    questions = (
        attrition.stayed, attrition.weighted, attrition.against_reference, reliability.scales,
        level.scores, level.items, level.ranks, change.paired, change.items, change.reliable,
        moderators.moderation, moderators.clustering, over_time.over_time, over_time.imputed,
        power.detectable, perceived.perceived,
    )  # fmt: skip
    return page_of(r for question in questions for r in question(found, STAFF))


@pytest.mark.parametrize("place", range(len(staff_tables())))
def test_every_number_is_that_of_its_result(full: Page, place: int) -> None:
    found = staff_tables()[place](full)
    assert found is not None
    every = list(found.entries.values()) if isinstance(found, Each) else [found]
    assert len(every) == 1
    for shown in every:
        cells = (
            [cell for row in shown.rows for cell in row]
            if isinstance(shown, Table)
            else [list(shown.pieces)]
        )
        parts = [part for cell in cells for part in parts_of(cell)]
        for part in parts:
            row = full.rows[part.unit, part.id]
            value = row[part.field]
            assert part.text in (
                (row["band"] or WITHHELD, WITHHELD)
                if row["release"] != "released"
                else (NOT_AVAILABLE,)
                if math.isnan(value)
                else (number_text(value, part.decimals), p_text(value))
            )
        if isinstance(shown, Table):
            assert all(len(row) == len(shown.columns) == len(shown.widths) for row in shown.rows)
            assert shown.caption.startswith("Staff survey")
            # All but the items, of which none may have changed, have something to show.
            assert parts or place == 7


def test_the_same_change_by_five_methods_is_all_there(full: Page) -> None:
    table = evidence.sensitivity(full, "staff", "spsc")
    assert len(table.rows) == 10
    assert all(len(parts_of(cell)) == 3 for row in table.rows for cell in row[1:])
    assert "not done" not in table.markdown()


def test_what_was_not_done_and_what_is_withheld_are_told_apart() -> None:
    few = result("difference", 0.1, n=2.0, ci_low=0.0, ci_high=0.2)
    many = result("difference", 0.1, measure="workload", ci_low=0.0, ci_high=0.2)
    page = page_of([few, many])
    row = next(r for r in evidence.sensitivity(page, "staff", "spsc").rows if r[0] == "Morale")
    assert [part.text for part in parts_of(row[1])] == [WITHHELD]
    assert row[3:] == [evidence.NOT_APPLICABLE] * 3


def test_characteristics_that_could_not_be_tested_are_named(full: Page) -> None:
    sex = studies.Group(id="staff_sex", of="staff", column="sex", label="Sex")
    study = STUDY.model_copy(update={"groups": (*STUDY.groups, sex)})
    note = groups.moderators(replace(full, study=study), "staff", "spsc").note
    assert "not shown: sex" in note and "role" not in note.split("not shown")[1]


def test_a_smallest_effect_is_marked_until_the_programme_confirms_it(full: Page) -> None:
    assert "to be confirmed by the programme" in evidence.checks(full, "staff", "spsc").note
    agreed = STUDY.smallest_effects["spsc"].model_copy(update={"confirmed": True})
    study = STUDY.model_copy(update={"smallest_effects": {"spsc": agreed}})
    note = evidence.checks(replace(full, study=study), "staff", "spsc").note
    assert "0.2 points" in note and "confirmed" not in note


@pytest.mark.parametrize(
    ("reason", "said"), [("One in five.", "(One in five): shown"), ("", "points: shown")]
)
def test_its_reason_is_a_part_of_the_sentence(full: Page, reason: str, said: str) -> None:
    effect = STUDY.smallest_effects["spsc"].model_copy(update={"reason": reason})
    study = STUDY.model_copy(update={"smallest_effects": {"spsc": effect}})
    assert said in evidence.checks(replace(full, study=study), "staff", "spsc").note


def test_respondents_unlike_the_population_are_named(full: Page) -> None:
    text = evidence.reference_in_words(full, "staff").markdown()
    # A third of the made-up staff are leaders, and a tenth of the population.
    assert "more common: Role: Leaders" in text and "less common: Role: Teachers" in text


def test_no_reference_population_is_said() -> None:
    text = evidence.reference_in_words(page_of([result("difference", 0.1)]), "staff").markdown()
    assert "supplies no reference population" in text


def test_phases_are_called_alike_only_by_the_equivalence_test() -> None:
    at = {"analysis": "moderation_pairs", "group": "primary-secondary"}
    page = page_of(
        [
            *changed(-0.3, 0.3, 0.9, 0.6, measure="morale", **at),
            *changed(-0.1, 0.1, 0.9, 0.01, measure="workload", **at),
            *changed(0.1, 0.5, 0.01, 0.9, measure="leadership", **at),
        ]
    )
    text = groups.between(page, "staff", "spsc", by=BY_PHASE).entries["reporting_phase"].markdown()
    assert "Change differed in Supportive Leadership (higher: Primary than Secondary)" in text
    assert "alike, within the smallest effect of interest, in Manageable Workload" in text
    assert "cannot say whether change differed in Morale" in text
    table = groups.compared(page, "staff", "spsc", by=BY_PHASE).entries["reporting_phase"]
    said = {row[0]: row[-1] for row in table.rows}
    assert said["Supportive Leadership"] == "Differ"
    assert (said["Manageable Workload"], said["Morale"]) == ("Alike", "Cannot be said")
    every = groups.between_groups(page, "staff", "spsc", by=BY_PHASE).entries["reporting_phase"]
    # Nothing is left out because the data settle nothing.
    assert {row[0] for row in every.rows} == {
        "Supportive Leadership",
        "Manageable Workload",
        "Morale",
    }
    words = sentences.phases(page, "staff", "spsc").markdown()
    assert "changed differently on supportive leadership" in words
    assert "changed alike, within the smallest effect of interest, on manageable workload" in words
    assert "On morale the data show neither" in words


@pytest.mark.parametrize(
    ("p", "equivalences", "expected"),
    [
        # An interval that leaves nought out says nothing yet of one of three pairs.
        (0.02, (0.9, 0.01, 0.01), "Cannot be said"),
        (0.01, (0.9, 0.01, 0.01), "Differ"),
        (0.02, (0.01, 0.01, 0.01), "Alike"),
        (0.02, (0.01, 0.9, 0.01), "Cannot be said"),
    ],
)
def test_several_groups_are_alike_or_apart_after_correction_over_their_pairs(
    p: float, equivalences: tuple[float, ...], expected: str
) -> None:
    names = ("leader-non_teacher", "leader-teacher", "non_teacher-teacher")
    found: list[Result] = []
    for name, equivalence in zip(names, equivalences, strict=True):
        at = {"analysis": "moderation_pairs", "group": name}
        first = name == names[0]
        found += changed(0.05 if first else -0.1, 0.3, p if first else 0.9, equivalence, **at)
    table = groups.compared(page_of(found), "staff", "spsc", by=BY_ROLE).entries["role"]
    said = next(row[-1] for row in table.rows if row[0] == "Morale")
    assert said == expected
    text = groups.between(page_of(found), "staff", "spsc", by=BY_ROLE).entries["role"].markdown()
    assert (r"(higher: Leader than Non\-teacher)" in text) == (expected == "Differ")


def test_groups_that_cannot_be_compared_are_said(full: Page) -> None:
    sexes = [Grouping("sex", "Sex", {"female": "Girls", "male": "Boys"})]
    text = groups.between(full, "staff", "spsc", by=sexes).entries["sex"].markdown()
    assert "**Sex.** The survey did not ask" in text


def test_no_item_that_stands_is_said() -> None:
    def at(p: float) -> Page:
        at_item = {"analysis": "items_change", "measure": INSTRUMENTS["spsc"].items[0].code}
        return page_of(
            [result("difference", 0.1, **at_item), result("p_clustered_bh", p, **at_item)]
        )

    # An item stands in its table whatever its change comes to.
    assert len(evidence.items_changed(at(0.4), "staff", "spsc").entries["spsc"].rows) == 1
    assert "none shows a change" in evidence.no_item_changed(at(0.4), "staff", "spsc").markdown()
    assert len(evidence.items_changed(at(0.01), "staff", "spsc").entries["spsc"].rows) == 1
    assert evidence.no_item_changed(at(0.01), "staff", "spsc") is None
    untested = page_of([result("difference", 0.1)])
    assert evidence.items_changed(untested, "staff", "spsc") is None
    assert evidence.no_item_changed(untested, "staff", "spsc") is None


def test_a_trend_over_all_waves_has_a_row_of_its_own() -> None:
    at = {"analysis": "over_time"}
    found = [
        result("difference", 0.2, ci_low=0.1, ci_high=0.3, **at),
        result("trend", 0.15, ci_low=0.05, ci_high=0.25, **at),
        result("p_trend", 0.004, **at),
    ]
    rows = evidence.over_time(page_of(found), "staff", "spsc").rows
    assert [row[1] for row in rows] == ["Follow\\-up", "Points a year"]
    assert [[part.text for part in parts_of(cell)] for cell in rows[1][3:6]] == [
        ["0.15"], ["0.05", "0.25"], ["0.004"],
    ]  # fmt: skip
    # Without a third wave there is none.
    assert len(evidence.over_time(page_of(found[:1]), "staff", "spsc").rows) == 1


def test_a_number_without_an_interval_stands_alone() -> None:
    at = ("staff", "spsc", "paired", "morale", "t1-t2", "difference")
    page = page_of([result("difference", 0.4)])
    cell = page.with_interval(evidence.ALL, *at, decimals=2)
    assert isinstance(cell, Part) and cell.text == "0.40"


def test_a_school_sees_wilcoxons_test_beside_t() -> None:
    own = [
        result("difference", 0.3, "S00", ci_low=0.1, ci_high=0.5),
        result("p", 0.01, "S00"),
        result("p_wilcoxon", 0.03, "S00"),
    ]
    table = tables.change(page_of(own, "S00"), "staff", "spsc")
    assert "p (Wilcoxon)" in table.columns
    row = next(row for row in table.rows if row[0] == "Morale")
    assert parts_of(row[table.columns.index("p (Wilcoxon)")])[0].text == "0.030"
    both = tables.change(page_of(changed(0.1, 0.5, 0.01, 0.9)), "staff", "spsc")
    assert both is not None and "p (Wilcoxon)" not in both.columns
