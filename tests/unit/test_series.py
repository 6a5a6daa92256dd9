"""School records before and after each school's start: what is counted where, and what is refused."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis import study as studies
from analysis.disclosure import decide
from analysis.disclosure.draft import GIVES_AWAY
from analysis.disclosure.release import released
from analysis.errors import AnalystError
from analysis.places import project_root
from analysis.prepare import Prepared, load_instruments
from analysis.prepare import outcomes as preparing
from analysis.prepare import schools as tables
from analysis.prepare.outcomes import year_before
from analysis.present import records
from analysis.present.page import Page
from analysis.results import COHORT, Result, ledger
from analysis.statistics import outcomes, series
from analysis.words import slug

STUDY = studies.load(project_root() / "data" / "raw").model_copy(update={"started": "joined"})
YEARS = range(2013, 2018)
#: Autumn, spring and summer terms with their ends.
TERMS = [
    (f"{name} {year}", f"{year + (name != 'Autumn')}-{start}", f"{year + (name != 'Autumn')}-{end}")
    for year in YEARS
    for name, start, end in (
        ("Autumn", "09-05", "12-20"), ("Spring", "01-06", "03-28"), ("Summer", "04-20", "07-20"),
    )
]  # fmt: skip
MEASURE = {"id": "attendance", "label": "Pupil attendance", "unit": "percent", "chart": True,
           "definition": "Sessions attended."}  # fmt: skip


def prepared(
    starts: list[str], step: float = 0.0, terms: list[tuple[str, str, str]] = TERMS, seed: int = 1
) -> Prepared:
    """Schools with a season of their own, and a step in their rate from their start on."""
    rng = np.random.default_rng(seed)
    names = [f"S{n:02d}" for n in range(len(starts))]
    rows = []
    for school, start in zip(names, starts, strict=True):
        season, level = rng.normal(0, 0.01, 3), 0.94 + rng.normal(0, 0.01)
        for place, (term, first, last) in enumerate(terms):
            rate = level + season[place % 3] + step * (first >= start) + rng.normal(0, 0.002)
            rows.append(
                {"school": school, "term": term, "term_start": first, "term_end": last,
                 "measure": "attendance", "numerator": round(rate * 40_000),
                 "denominator": 40_000.0, "group": "", "children": math.nan}
            )  # fmt: skip
    about = pd.DataFrame(
        {"id": names, "name": names, "reporting_phase": "primary", "joined": starts},
        index=pd.Index(names, name="id"),
    )
    documents = {"outcome_measures": {"measures": [MEASURE]}}
    return Prepared(STUDY, {}, about, {}, {"outcomes": pd.DataFrame(rows)}, {}, documents)


def found(study: Prepared) -> dict[tuple[str, str, str], Result]:
    """Results over all schools, by analysis, wave and statistic."""
    return {(r.analysis, r.wave, r.statistic): r for r in series.series(study) if r.group == "all"}


def page_of(study: Prepared) -> Page:
    results = [*outcomes.rates(study), *outcomes.changes(study), *outcomes.splits(study)]
    results += series.series(study)
    shown = released(decide(ledger(results, "e"), STUDY, study.schools))
    frame = study.strands["outcomes"].sort_values("term_start")
    terms = {slug(term): term for term in frame["term"].drop_duplicates()}
    before = {slug(a): slug(b) for a, b in year_before(frame).items()}
    texts = pd.DataFrame({"kind": [], "key": [], "section": [], "text": []}, dtype="str")
    return Page(STUDY, COHORT, shown, study.schools, texts, load_instruments(STUDY), terms,
                documents=study.documents, year_before=before)  # fmt: skip


def test_a_step_is_found_whatever_the_seasons_are() -> None:
    starts = ["2015-11-02", "2016-01-18", "2015-09-05"] * 3
    results = found(prepared(starts, step=0.01))
    step = results["series", "start", "step"]
    assert step.value == pytest.approx(1.0, abs=0.3)
    assert step.ci_low > 0
    assert {"trend", "bend"} <= {key[2] for key in results}
    # Term by term: as before until the start, and a point higher after it.
    assert results["around", "before_2", "difference"].value == pytest.approx(0, abs=0.3)
    assert results["around", "after_2", "difference"].value == pytest.approx(1.0, abs=0.3)


def test_the_term_on_the_way_is_neither_before_nor_after() -> None:
    results = found(prepared(["2015-11-02"] * 6))
    # Six terms had ended; of the nine from then on, one had begun before the start.
    assert results["series", "start", "terms_before"].value == 6
    assert results["series", "start", "terms_after"].value == 8
    # A school that begins with a term has all of it after.
    assert found(prepared(["2015-09-05"] * 6))["series", "start", "terms_after"].value == 9
    # In the holidays, the term before has ended.
    assert found(prepared(["2015-12-28"] * 6))["series", "start", "terms_before"].value == 7


def test_fewer_than_three_terms_before_are_refused_with_a_reason() -> None:
    study = prepared(["2014-02-01"] * 6, step=0.05)
    results = found(study)
    assert math.isnan(results["series", "start", "step"].value)
    assert results["series", "start", "terms_before"].value == 1
    assert not any(key[0] == "around" for key in results)
    page = page_of(study)
    assert records.series(page) is None and records.around(page) is None
    said = records.series_in_words(page)
    assert said is not None and "no school has three terms" in said.markdown()


def test_one_year_on_either_side_tells_no_trend() -> None:
    results = found(prepared(["2014-09-05"] * 6, step=0.01, terms=TERMS[:6]))
    assert results["series", "start", "step"].value == pytest.approx(1.0, abs=0.3)
    assert ("series", "start", "trend") not in results


def test_where_nothing_happened_no_step_is_claimed_too_often() -> None:
    rng, claimed, runs = np.random.default_rng(1), 0, 200
    for _ in range(runs):
        rows = []
        for school in range(10):
            start, season = 6 + school % 3, rng.normal(0, 0.01, 3)
            off, drift = rng.normal(0, 0.006), rng.normal(0, 0.002)
            weight = float(rng.integers(60, 900))
            for term in range(12):
                # What a term is like is half of it what the last was.
                off = 0.5 * off + math.sqrt(0.75) * rng.normal(0, 0.006)
                if term != start:
                    rate = 0.94 + season[term % 3] + drift * term / 3 + off
                    years = (term - start) / 3
                    rows.append((rate, weight, school * 3 + term % 3, years, school))
        rate, weight, cells, years, schools = np.array(rows).T
        fit = series.segmented(rate, weight, cells.astype(int), years, schools.astype(int))
        assert fit is not None
        claimed += int(fit.estimates["step"].p < 0.05)
    assert claimed / runs <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / runs)


def test_what_the_nation_did_as_well_is_taken_away() -> None:
    study = prepared(["2015-09-05"] * 8, step=0.01)
    national = pd.DataFrame(
        [{"term": term, "measure": "attendance", "group": "", "source": "invented",
          "rate": 94.0 + (first >= "2015-09-05")} for term, first, _ in TERMS]
    )  # fmt: skip
    strands = {**study.strands, "outcome_national": national}
    results = found(replace(study, strands=strands))
    assert results["series", "start", "step"].ci_low > 0
    less = results["series_national", "start", "step"]
    assert less.ci_low < 0 < less.ci_high
    assert results["around", "after_1", "national"].value == pytest.approx(1.0)
    table = records.series(page_of(replace(study, strands=strands)))
    assert table is not None and {row[2] for row in table.rows} == {"Own past", "National"}


def test_what_comparison_schools_did_as_well_is_taken_away() -> None:
    starts = ["2015-09-05", "2016-01-18"] * 4
    here = prepared(starts, step=0.01)
    # All rose by a point from the autumn of 2015 on, whether they took part or not.
    there = prepared(["2015-09-05"] * 6, step=0.01, seed=9)
    there = replace(
        there, schools=there.schools.assign(joined="", id=[f"C{n}" for n in range(6)]).set_index("id", drop=False),
        strands={"outcomes": there.strands["outcomes"].assign(
            school=there.strands["outcomes"]["school"].str.replace("S0", "C"))},
    )  # fmt: skip
    results = found(replace(here, comparison=there))
    assert results["around", "after_2", "difference"].ci_low > 0.5
    # Those who began later rose later: in their second term both had.
    less = results["around_comparison", "after_2", "difference"]
    assert less.ci_low < 0 < less.ci_high
    assert less.n_schools == 6
    page = page_of(replace(here, comparison=there))
    figures = records.around(page)
    assert figures is not None
    assert "Less comparison schools" in figures.entries["attendance"].alt  # type: ignore[union-attr]
    assert not any(key[0] == "around_comparison" for key in found(here))


def test_terms_under_another_definition_are_left_out() -> None:
    study = prepared(["2016-09-05"] * 6)
    frame = study.strands["outcomes"]
    later = frame["term_start"] >= "2014-09-01"
    frame = frame.assign(
        definition=later.astype(int) + 1,
        # A quarter less is counted under the first.
        numerator=np.where(later, frame["numerator"], frame["numerator"] * 0.75),
    )
    results = found(replace(study, strands={"outcomes": frame}))
    assert results["series", "start", "terms_before"].value == 6
    assert abs(results["series", "start", "step"].value) < 1


def test_nothing_shown_says_why_records_changed() -> None:
    page = page_of(prepared(["2015-11-02", "2016-01-18", "2015-09-05"] * 3, step=0.01))
    said = [records.series(page), records.series_in_words(page)]
    figures = records.around(page)
    assert figures is not None
    text = " ".join(each.markdown() for each in said if each) + str(
        [f.caption + f.alt for f in figures.entries.values()]  # type: ignore[union-attr]
    )
    assert "stands apart" in text
    assert not re.search(r"\b(caus|effect|impact|because of the|due to|result of)", text)
    assert records.series(replace(page, unit="S01")) is None


def test_without_days_of_starts_there_is_nothing() -> None:
    study = replace(prepared(["2015-09-05"] * 6), study=STUDY.model_copy(update={"started": ""}))
    assert not list(series.series(study))


@pytest.mark.parametrize(("text", "what"), [("soon", "date"), ("3/4/2018", "day first")])
def test_a_start_has_to_be_a_day(text: str, what: str) -> None:
    table = tables.table(STUDY)
    table.loc[table.index[0], "joined"] = text
    with pytest.raises(AnalystError, match=what):
        tables.check(STUDY, table)
    with pytest.raises(AnalystError, match="no column 'began'"):
        tables.check(STUDY.model_copy(update={"started": "began"}), tables.table(STUDY))


# --- groups of pupils -------------------------------------------------------------------------


def split(numbers: list[tuple[float, float]], pupils: float = 40.0) -> Prepared:
    """Two years' summer terms of schools: of all 100 pupils at the standard, and of the group."""
    rows = []
    for term, first in (("Summer 2016", "2016-04-20"), ("Summer 2017", "2017-04-20")):
        for place, (of_all, of_group) in enumerate(numbers):
            at: dict[str, Any] = {"school": f"S{place:02d}", "term": term, "term_start": first,
                                  "measure": "attendance"}  # fmt: skip
            rows.append({**at, "numerator": of_all, "denominator": 100.0, "group": "",
                         "children": 100.0})  # fmt: skip
            rows.append({**at, "numerator": of_group, "denominator": pupils, "group": "fsm",
                         "children": pupils})  # fmt: skip
    base = prepared(["2015-09-05"] * len(numbers))
    document = {"measures": [MEASURE], "groups": [{"id": "fsm", "label": "Free school meals"}]}
    return replace(
        base, strands={"outcomes": pd.DataFrame(rows)}, documents={"outcome_measures": document}
    )


def test_the_gap_is_between_a_group_and_all_others() -> None:
    results = {
        (r.analysis, r.wave, r.group): r
        for r in outcomes.splits(split([(70, 20), (60, 18), (80, 25), (66, 17), (72, 22)]))
    }
    yes = results["rate_group", "summer_2017", "fsm_yes"]
    others = results["rate_group", "summer_2017", "fsm_others"]
    assert yes.value == pytest.approx(100 * 102 / 200)
    assert others.value == pytest.approx(100 * 246 / 300)
    assert (yes.n, others.n) == (200, 300)
    gap = results["rate_gap", "summer_2017", "fsm_others-fsm_yes"]
    assert gap.value == pytest.approx(others.value - yes.value)
    assert gap.ci_low < gap.value < gap.ci_high
    changed = results["rate_gap_change", "summer_2016-summer_2017", "fsm_others-fsm_yes"]
    assert changed.value == pytest.approx(0)
    # The group's rows are no part of the rates of all.
    (rate,) = (r for r in outcomes.rates(split([(70, 20)])) if (r.unit, r.wave, r.group)
               == (COHORT, "summer_2017", "all"))  # fmt: skip
    assert rate.value == 70


def test_neither_side_of_a_gap_is_shown_where_one_may_not_be() -> None:
    few = split([(70, 1), (60, 0), (80, 1), (66, 0), (72, 0)], pupils=3.0)
    decided = decide(ledger(outcomes.splits(few), "e"), STUDY, few.schools)
    assert (decided["release"] != "released").all()
    # Two of 15 would be words by themselves; all others, who are many, go with them.
    others = decided[decided["group"] == "fsm_others"]
    assert set(others["reason"]) == {GIVES_AWAY}
    many = split([(70, 20), (60, 18), (80, 25), (66, 17), (72, 22)])
    decided = decide(ledger(outcomes.splits(many), "e"), STUDY, many.schools)
    assert (decided["release"] == "released").all()


def test_one_school_that_does_not_split_is_not_told_by_the_others() -> None:
    study = split([(70, 20), (60, 18), (80, 25), (66, 17), (72, 22), (75, 21)])
    frame = study.strands["outcomes"]
    own = (frame["school"] == "S05") & (frame["group"] == "fsm")
    assert not list(outcomes.splits(replace(study, strands={"outcomes": frame[~own]})))


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"group": "sen"}, "no group of the outcome measures"),
        ({"numerator": 99.0}, "counts more than"),
        ({"denominator": 101.0}, "counts more than"),
        ({"children": math.nan}, "how many children"),
        ({"school": "S09"}, "no row of all children"),
    ],
)
def test_rows_of_groups_fit_those_of_all(change: dict[str, Any], what: str, tmp_path: Any) -> None:
    study = split([(70, 20), (60, 18)])
    frame = study.strands["outcomes"].copy()
    for column, value in change.items():
        frame.loc[1, column] = value
    with pytest.raises(AnalystError, match=what) as error:
        preparing.records(STUDY, frame, study.documents, tmp_path / "outcomes.csv")
    assert "row 1" in str(error.value)


# --- units and terms --------------------------------------------------------------------------


def test_tables_set_the_same_term_beside_each_other_and_say_the_unit() -> None:
    page = page_of(prepared(["2015-09-05"] * 6))
    table = records.outcomes(page)
    assert table is not None
    assert table.rows[0][0] == r"Pupil attendance\, \%"
    ids = [part.id for cell in table.rows[0] for part in records.parts_of(cell)]
    waves = [each.split(".")[4] for each in ids[::3]]
    assert waves == ["summer_2017", "summer_2016", "summer_2015"]
    assert "percentage points" in records.changes(page).markdown()  # type: ignore[union-attr]
    # Of the latest year only, each once.
    assert len(records.changes(page).rows) == 3  # type: ignore[union-attr]
