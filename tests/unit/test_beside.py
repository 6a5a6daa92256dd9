"""A school beside the others: never itself among them, and drawn towards them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pingouin as pg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import study as studies
from analysis.present import beside as shown
from analysis.present import charts, page_one, tables, verdict
from analysis.present.page import Page
from analysis.present.shown import Part
from analysis.results import COHORT, Result
from analysis.statistics import beside, change, level, lowest, response, this_year
from tests.unit.test_evidence import STUDY, page_of
from tests.unit.test_statistics_edges import STAFF, prepared

FOUND = prepared([9, 8, 12, 8, 10, 9, 8, 9, 8, 9], only_first=6)


def by_key(results: list[Result]) -> dict[tuple[str, str, str, str], Result]:
    return {(r.unit, r.analysis, r.measure, r.statistic): r for r in results if r.group == "all"}


def test_the_school_itself_is_not_among_the_others() -> None:
    found = by_key(list(beside.beside(FOUND, STAFF)))
    frame = FOUND.surveys["staff"]
    last = frame[frame["wave"] == STUDY.followup]
    phases = FOUND.schools["reporting_phase"]
    for school in FOUND.schools["id"]:
        same = last[(last["school"] != school) & (last["school"].map(phases) == phases[school])]
        row = found[school, "beside", "morale", "others"]
        assert row.value == pytest.approx(same["spsc.morale"].mean())
        assert row.n_schools == same["school"].nunique()
        own = last.loc[last["school"] == school, "spsc.morale"].mean()
        gap = found[school, "beside", "morale", "difference"]
        assert gap.value == pytest.approx(own - row.value)


def with_phases(**changes: object) -> studies.Study:
    """The study with its compared group of schools changed; none at all if ``compare`` is not."""
    groups = tuple(
        group.model_copy(update=changes) if group.compare else group for group in STUDY.groups
    )
    return STUDY.model_copy(update={"groups": groups})


def test_a_group_that_is_no_benchmark_stands_beside_none() -> None:
    assert STUDY.phases is not None
    values = tuple(
        value.model_copy(update={"benchmark": value.id != "secondary"})
        for value in STUDY.phases.values
    )
    study = with_phases(values=values)
    found = [r for r in beside.beside(replace(FOUND, study=study), STAFF) if r.unit != COHORT]
    units = {r.unit for r in found}
    phases = FOUND.schools["reporting_phase"]
    assert units == set(phases.index[phases == "primary"])
    page = page_of(found, "S00", study)
    secondary = replace(page, schools=page.schools.assign(reporting_phase="secondary"))
    assert page.others == "other primary schools" and secondary.others == ""
    assert shown.beside(secondary, "staff", "spsc") is None


def test_without_groups_of_schools_all_others_are_the_others() -> None:
    study = with_phases(compare=False)
    assert study.phases is None
    found = by_key(list(beside.beside(replace(FOUND, study=study), STAFF)))
    assert found["S00", "beside", "morale", "others"].n_schools == 9
    assert Page.others.fget(page_of([], "S00", study)) == "other schools"


def test_schools_are_corrected_together_and_stand_in_the_funnel_without_a_name() -> None:
    results = list(beside.beside(FOUND, STAFF))
    of_score = [r for r in results if r.measure == "morale"]
    found = by_key(of_score)
    schools = sorted({r.unit for r in of_score} - {COHORT})
    plain = [found[s, "beside", "morale", "p"].value for s in schools]
    corrected = [found[s, "beside", "morale", "p_bh"].value for s in schools]
    assert corrected == pytest.approx(list(pg.multicomp(plain, method="fdr_bh")[1]))
    places = sorted(
        (r.group, r.value)
        for r in of_score
        if (r.analysis, r.statistic) == ("funnel", "difference")
    )
    gaps = sorted((found[s, "beside", "morale", "difference"].value for s in schools), reverse=True)
    assert [value for _, value in places] == pytest.approx(gaps)
    assert not {r.group for r in of_score if r.analysis == "funnel"} & {s.lower() for s in schools}


def test_no_words_of_the_funnel_name_groups_of_schools_where_there_are_none() -> None:
    for study, named in ((with_phases(compare=False), False), (STUDY, True)):
        found = replace(FOUND, study=study)
        page = page_of(list(beside.beside(found, STAFF)), COHORT, study)
        funnel, told = shown.funnel(page, "staff", "spsc"), shown.funnel_said(page, "staff", "spsc")
        assert funnel is not None and told is not None
        for words in (funnel.alt, funnel.caption, told.markdown()):
            assert ("group" in words) is named


def sums(numbers: list[int], seed: int) -> beside.Sums:
    rng = np.random.default_rng(seed)
    n = np.array(numbers, dtype="float64")
    return beside.Sums(n, rng.normal(size=len(n)), rng.uniform(0.2, 2, len(n)) * (n - 1))


@given(st.lists(st.integers(2, 40), min_size=3, max_size=12), st.integers(0, 99))
def test_what_is_drawn_lies_between_the_school_and_the_others(
    numbers: list[int], seed: int
) -> None:
    schools = sums(numbers, seed)
    drawn, weight = beside.shrunken(schools, 0)
    own, others = schools.mean[0], schools.others(0).level
    assert 0 < weight < 1
    assert min(own, others) - 1e-9 <= drawn.value <= max(own, others) + 1e-9
    assert drawn.ci_low < drawn.value < drawn.ci_high
    more = beside.Sums(
        np.concatenate([[400.0], schools.n[1:]]),
        schools.mean,
        np.concatenate([[400 * schools.squares[0] / schools.n[0]], schools.squares[1:]]),
    )
    assert beside.shrunken(more, 0)[1] > weight


def test_page_one_of_a_school_says_how_it_stands_beside_the_others() -> None:
    frame = FOUND.surveys["staff"].copy()
    low = (frame["school"] == "S03") & (frame["wave"] == STUDY.followup)
    frame.loc[low, "spsc.workload"] -= 2.5
    found = replace(FOUND, surveys={"staff": frame})
    questions = (response.response, level.scores, beside.beside, change.paired, this_year.this_year)
    results = [r for question in questions for r in question(found, STAFF)]
    page = page_of(results, "S03")
    page = replace(page, schools=pd.DataFrame({"id": ["S03"], "reporting_phase": "primary"}))
    said = page_one.stands_out(page)
    assert said is not None
    assert "**Manageable workload.** Staff score it lower here" in said.markdown()
    assert "team spirit" not in said.markdown()
    further_back = shown.said(page, "staff", "spsc")
    assert further_back is not None
    assert "on manageable workload (difference" in further_back.markdown()
    family = verdict.page_one(page)
    assert len(family) > len(page.instruments["spsc"].scores)
    table = shown.beside(page, "staff", "spsc")
    assert table is not None and "without this school" in table.caption
    assert (
        "95% interval: all staff invited this year" in tables.level(page, "staff", "spsc").columns
    )
    figure = charts.level(page, "staff", "spsc")
    assert figure is not None and "Other primary schools" in figure.alt
    programme = page_of(results)
    funnel = shown.funnel(programme, "staff", "spsc")
    assert funnel is not None and "S03" not in funnel.alt + funnel.plot
    assert all(isinstance(part, Part) and part.unit == COHORT for part in funnel.parts)
    assert funnel.narrow and funnel.narrow != funnel.svg
    assert tables.whom(programme, "staff", "spsc") is not None


def test_few_schools_make_no_lowest_ones() -> None:
    assert lowest.chosen({"A": 1.0, "B": 2.0, "C": 0.5, "D": 3.0, "E": 1.5}) == []
    means = {"A": 1.0, "B": 2.0, "C": 0.5, "D": 3.0, "E": 1.5, "F": 2.5}
    assert lowest.chosen(means) == ["C", "A", "E"]
