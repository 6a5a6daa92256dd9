"""Statistics where there is little to go on: few people, one school, no variation, no wave."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis import study as studies
from analysis.places import project_root
from analysis.prepare import Prepared, load_instruments
from analysis.results import COHORT, Result, ledger
from analysis.statistics import (
    attrition,
    change,
    distributions,
    estimates,
    groups,
    level,
    moderators,
    over_time,
    perceived,
    power,
    reliability,
    response,
)
from analysis.statistics.samples import BOTH_SCHOOLS, compared_as, matched

STUDY = studies.load(project_root() / "data" / "raw")
STAFF = next(survey for survey in STUDY.surveys if survey.population == "staff")
SPSC = load_instruments(STUDY)["spsc"]
OF_SURVEY = (
    response.response, response.sample_description, attrition.stayed, attrition.weighted,
    reliability.scales, level.scores, level.items, level.ranks, change.paired, change.items,
    change.reliable, change.all_respondents, groups.phases, moderators.moderation,
    moderators.clustering, over_time.over_time, over_time.imputed, power.detectable,
    perceived.perceived, distributions.answers, distributions.retest,
)  # fmt: skip


def prepared(
    matched: list[int], only_first: int = 2, *, constant: bool = False, seed: int = 1
) -> Prepared:
    """A staff survey of schools with so many matched staff each, and some at baseline only."""
    rng = np.random.default_rng(seed)
    rows = []
    for place, count in enumerate(matched):
        for person in range(count + only_first):
            shift = rng.normal(0, 0.5)
            for wave in ("T1", "T2") if person < count else ("T1",):
                answers = {
                    item.code: 4.0
                    if constant
                    else float(np.clip(np.round(3.5 + shift + rng.normal(0, 0.8)), 1, 5))
                    for item in SPSC.items
                }
                scores = {f"spsc.{s.id}": np.mean([answers[i.code] for i in SPSC.items_of(s.id)])
                          for s in SPSC.subscales}  # fmt: skip
                rows.append(
                    {
                        "wave": wave,
                        "row": len(rows),
                        "school": f"S{place:02d}",
                        "role": ("leader", "teacher", "non_teacher")[person % 3],
                        "years_in_school": ("under_1", "over_10")[person % 2],
                        "respondent": f"{place}-{person}",
                        **answers,
                        "spsc.total": np.mean(list(answers.values())),
                        **scores,
                        "changed_ethos": "yes" if wave == "T2" else "",
                        "phase": "primary",
                        "reporting_phase": "secondary" if place % 3 == 2 else "primary",
                    }
                )
    frame = pd.DataFrame(rows).astype({"school": "str", "respondent": "str", "role": "str"})
    names = [f"S{place:02d}" for place in range(len(matched))]
    schools = pd.DataFrame(
        {
            "id": names,
            "reporting_phase": [
                "secondary" if p % 3 == 2 else "primary" for p in range(len(names))
            ],
            "invited_staff_t1": 40.0,
            "invited_staff_t2": 40.0,
        },
        index=pd.Index(names, name="id"),
    )
    return Prepared(STUDY, {"spsc": SPSC}, schools, {"staff": frame}, {}, {}, {})


def everything(found: Prepared) -> list[Result]:
    """Every result of the staff survey; the ledger's checks pass."""
    results = [result for question in OF_SURVEY for result in question(found, STAFF)]
    ledger(results, "test")
    return results


def sound(results: list[Result]) -> None:
    """No p or interval without a number, none impossible, and a reason for every gap."""
    for result in results:
        where = (
            f"{result.unit} {result.analysis}.{result.measure}.{result.group}.{result.statistic}"
        )
        if result.statistic.startswith("p_") or result.statistic == "p":
            assert math.isnan(result.value) or 0 <= result.value <= 1, where
        if math.isnan(result.value):
            assert result.method, where
            assert (
                result.statistic == "sd"
                or result.statistic.endswith("_sd")
                or any(word in result.method for word in ("no ", "not ", "needs"))
            ), f"{where}: {result.method}"
        if not math.isnan(result.ci_low):
            assert result.ci_low <= result.ci_high, where


@pytest.mark.parametrize(
    "matched",
    [[4, 1, 0, 6, 5, 7, 4, 3], [4, 1, 0], [5, 5], [8], [1], [0, 0, 0], [1, 1, 1, 1], [2] * 12],
    ids=str,
)
def test_few_people_give_results_or_stated_gaps(matched: list[int]) -> None:
    sound(everything(prepared(matched)))


def test_everybody_alike() -> None:
    results = everything(prepared([6, 5, 4, 5], constant=True))
    sound(results)
    differences = [r for r in results if r.analysis == "paired" and r.statistic == "difference"]
    assert differences and all(r.value == 0 and math.isnan(r.ci_low) for r in differences)
    assert all("no interval" in r.method for r in differences)
    assert not [r for r in results if r.analysis == "paired" and r.statistic in ("t", "p", "d_z")]


def test_a_score_that_nobody_has() -> None:
    found = prepared([6, 5, 4, 5])
    found.surveys["staff"]["spsc.morale"] = math.nan
    sound(everything(found))


def test_no_followup_at_all() -> None:
    found = prepared([6, 5, 4, 5])
    frame = found.surveys["staff"]
    sound(everything(replace(found, surveys={"staff": frame[frame["wave"] == "T1"].copy()})))


def test_nobody_answered() -> None:
    found = prepared([3, 3, 3])
    sound(everything(replace(found, surveys={"staff": found.surveys["staff"].iloc[:0].copy()})))


def test_schools_with_four_one_and_no_matched_staff() -> None:
    results = list(change.paired(prepared([4, 1, 0, 6, 5, 7, 4, 3]), STAFF))
    paired = {
        unit: {r.statistic: r for r in results
               if r.unit == unit and r.analysis == "paired" and r.measure == "total"}
        for unit in ("S00", "S01", "S02")
    }  # fmt: skip
    assert {"difference", "t", "p", "d_z", "d_av", "p_wilcoxon"} <= set(paired["S00"])
    assert not math.isnan(paired["S00"]["difference"].ci_low)
    assert math.isnan(paired["S01"]["difference"].ci_low)
    assert "t" not in paired["S01"] and "no interval" in paired["S01"]["difference"].method
    assert paired["S02"] == {}


def test_one_school_has_no_clustered_test() -> None:
    results = list(change.paired(prepared([8]), STAFF))
    cohort = [
        r for r in results if r.unit == COHORT and r.analysis == "paired" and r.measure == "total"
    ]
    difference = next(r for r in cohort if r.statistic == "difference" and r.group == "all")
    assert math.isnan(difference.ci_low) and "no interval" in difference.method
    assert not [r for r in cohort if r.statistic in ("p_wild", "p_schools")]


def test_n_is_the_smallest_group_a_number_rests_on() -> None:
    results = everything(prepared([6, 5, 7, 4, 6, 5, 3, 6], only_first=4))
    for result in results:
        if result.analysis in ("reliable_change", "perceived") and result.numerator > 0:
            assert result.n <= result.numerator
        if result.analysis == "moderation_pairs":
            assert result.n < 42
        if result.analysis == "reliability" and result.statistic in ("floor", "ceiling"):
            assert result.n <= max(result.denominator - result.numerator, result.numerator)


def test_equivalence_needs_the_whole_interval_inside_the_margin() -> None:
    results = list(change.paired(prepared([12] * 20, seed=3), STAFF))
    for result in results:
        if (
            result.analysis == "paired"
            and result.statistic == "equivalence"
            and result.unit == COHORT
        ):
            p = next(
                r.value for r in results
                if r.statistic == "p_equivalence"
                and (r.unit, r.analysis, r.measure, r.group)
                == (COHORT, "paired", result.measure, result.group)
            )  # fmt: skip
            assert (p < 0.05) == (result.ci_low > -0.2 and result.ci_high < 0.2)


def test_same_data_same_numbers() -> None:
    drawn = (change.paired, moderators.moderation, over_time.imputed)
    found = prepared([6, 5, 4, 5, 6, 7])
    first, second = ([r for each in drawn for r in each(found, STAFF)] for _ in range(2))
    assert len(first) == len(second)
    for one, other in zip(first, second, strict=True):
        assert one.value == other.value or (math.isnan(one.value) and math.isnan(other.value))


def test_three_waves_give_differences_and_a_trend() -> None:
    found = prepared([8] * 10)
    third = found.surveys["staff"]
    third = third[third["wave"] == "T2"].assign(wave="T3")
    waves = (*STUDY.waves, STUDY.waves[1].model_copy(
        update={"id": "T3", "start": STUDY.waves[1].start.replace(year=2019),
                "end": STUDY.waves[1].end.replace(year=2019)}))  # fmt: skip
    more = replace(
        found,
        study=STUDY.model_copy(update={"waves": waves}),
        surveys={"staff": pd.concat([found.surveys["staff"], third], ignore_index=True)},
    )
    results = [r for r in over_time.over_time(more, STAFF) if r.measure == "total"]
    assert {r.wave for r in results if r.statistic == "difference"} == {"t1-t2", "t1-t3"}
    assert [r.statistic for r in results if r.statistic == "trend"] == ["trend"]


def test_ranks_that_intervals_do_not_separate() -> None:
    results = [r for r in level.ranks(prepared([12] * 10), STAFF)
               if r.analysis == "rank" and r.group == "all" and r.wave == "T1"]  # fmt: skip
    assert len(results) == len(SPSC.subscales)
    assert all(r.ci_low <= r.value <= r.ci_high for r in results)
    # All subscales are made alike here, so nearly every rank is possible for each.
    assert np.mean([r.ci_high - r.ci_low for r in results]) > 6


def test_omega_of_many_matrices_is_omega_of_each() -> None:
    rng = np.random.default_rng(1)
    matrices = [
        np.corrcoef(rng.normal(size=(60, 4)) + rng.normal(size=(60, 1)) * share, rowvar=False)
        for share in (0.8, 1.5, 4.0)
    ]
    # A loading beyond 1: no omega.
    matrices.append(np.array([[1, 0.9, 0.9, 0], [0.9, 1, 0.6, 0], [0.9, 0.6, 1, 0], [0, 0, 0, 1]]))
    each = [reliability.omega(matrix) for matrix in matrices]
    assert np.isnan(each[-1]) and np.isfinite(each[:-1]).all()
    np.testing.assert_allclose(reliability.omegas(np.array(matrices)), each, rtol=1e-12)
    assert np.isnan(reliability.omegas(np.array(matrices)[:, :2, :2])).all()


def test_every_score_is_modelled_over_time_and_corrected_within_its_family() -> None:
    results = list(over_time.over_time(prepared([6, 5, 4, 5, 6, 7]), STAFF))
    p = {r.measure: r.value for r in results if r.statistic == "p"}
    holm = {r.measure: r.value for r in results if r.statistic == "p_holm"}
    assert set(p) == set(SPSC.scores)
    # The total is no part of the family; the smallest p is multiplied by the family's size.
    assert set(holm) == {subscale.id for subscale in SPSC.subscales}
    smallest = min(holm, key=lambda name: p[name])
    assert holm[smallest] == pytest.approx(min(len(holm) * p[smallest], 1.0))


def test_every_score_is_imputed_or_the_reason_given() -> None:
    enough = over_time.imputed(prepared([6, 5, 4, 5, 6, 7]), STAFF)
    values = {r.measure: r.value for r in enough if r.statistic == "difference"}
    assert set(values) == set(SPSC.scores) and np.isfinite(list(values.values())).all()
    few = list(over_time.imputed(prepared([2, 1, 1]), STAFF))
    assert {r.measure for r in few} == set(SPSC.scores)
    assert all(math.isnan(r.value) and "no imputation" in r.method for r in few)


def test_a_share_rests_on_no_more_people_than_answered() -> None:
    # Every school has the same share, so that schools are less alike than chance would have it.
    answered = np.full((10, 1), 4.0)
    _, _, effective = level.share_intervals(answered, np.full((10, 1), 2.0), clustered=True)
    assert effective[0] <= 40
    alike = np.repeat([4.0, 0.0], 5)[:, None]
    _, _, less = level.share_intervals(answered, alike, clustered=True)
    assert less[0] < 10


def test_respondents_are_set_against_the_reference_population() -> None:
    found = prepared([6, 5, 4, 5, 6, 7], only_first=3)
    table = pd.DataFrame(
        [("staff", "role", "leader", 10), ("staff", "role", "teacher", 60),
         ("staff", "role", "non_teacher", 30), ("staff", "shoe_size", "38", 5),
         ("pupils", "role", "leader", 1)],
        columns=["survey", "attribute", "value", "count"],
    )  # fmt: skip
    with_table = replace(found, strands={"reference_population": table})
    results = {(r.measure, r.statistic): r for r in attrition.against_reference(with_table, STAFF)}
    frame = found.surveys["staff"]
    leaders = 100 * (frame.loc[frame["wave"] == "T1", "role"] == "leader").mean()
    assert results["role-leader", "population"].value == 10
    assert results["role-leader", "respondents"].value == pytest.approx(leaders)
    gap = results["role-leader", "difference"]
    assert gap.value == pytest.approx(leaders - 10) and gap.ci_low < gap.value < gap.ci_high
    share = leaders / 100
    assert results["role-leader", "smd"].value == pytest.approx(
        (share - 0.1) / math.sqrt((share * (1 - share) + 0.09) / 2)
    )
    assert results["role", "chi2"].df == 2 and 0 < results["role", "p"].value < 1
    # What the survey never asked is said, not left out in silence.
    assert math.isnan(results["shoe_size", "chi2"].value)
    assert "no comparison" in results["shoe_size", "chi2"].method
    assert list(attrition.against_reference(found, STAFF)) == []


def test_the_base_of_a_comparison_gives_nobody_away() -> None:
    found = prepared([6, 5, 4, 5, 6, 7], only_first=3)
    frame = found.surveys["staff"]
    frame.loc[frame.index[0], "role"] = "prefer_not_to_say"
    table = pd.DataFrame(
        {"survey": "staff", "attribute": "role", "count": [1, 6, 3],
         "value": ["leader", "teacher", "non_teacher"]}
    )  # fmt: skip
    with_table = replace(found, strands={"reference_population": table})
    # One person did not say: the base would tell, so every number carries that one as its n.
    assert {r.n for r in attrition.against_reference(with_table, STAFF)} == {1.0}


def test_attributes_that_change_between_waves_do_not_impute() -> None:
    frame = prepared([6, 5, 4, 5]).surveys["staff"]
    late = frame["wave"] == "T2"
    moved = frame.assign(year_group=np.where(late, "year_5", "year_4"))
    assert over_time._lasting(STUDY, moved, ["year_group", "role"]) == ["role"]
    # Nobody said it twice: nothing is known of whether it lasts.
    assert over_time._lasting(STUDY, moved[~late], ["role"]) == []


def test_yes_is_set_against_all_others_and_other_answers_stand_alone() -> None:
    said = pd.Series(["yes", "no", "prefer_not_to_say", "", None], dtype="str")
    assert compared_as(said).tolist() == ["yes", *["others"] * 4]
    roles = pd.Series(["leader", "teacher", "prefer_not_to_say", "", None], dtype="str")
    assert compared_as(roles).dropna().tolist() == ["leader", "teacher"]
    # A wave that did not ask has no groups, rather than one of others.
    assert compared_as(pd.Series(["", None], dtype="str")).isna().all()


def test_people_who_moved_are_of_both_schools_and_of_no_school_of_their_own() -> None:
    found = prepared([6, 5, 7, 4, 6, 5, 3, 6], only_first=4)
    frame = found.surveys["staff"]
    # Two of each primary school went on to the next secondary school, which are S02 and S05.
    late, person = frame["wave"] == "T2", frame["respondent"].str[-1]
    goes = late & person.isin(["0", "1"]) & (frame["reporting_phase"] == "primary")
    new = np.where(frame["school"].isin(["S00", "S01"]), "S02", "S05")
    frame.loc[goes, "school"] = new[goes]
    frame.loc[goes, "reporting_phase"] = "secondary"
    results = everything(found)
    sound(results)
    assert max(r.n_schools for r in results if not math.isnan(r.n_schools)) == 8
    pairs = matched(found, STAFF)
    change = pairs.change("spsc.total")
    both = np.column_stack([pairs[each] for each in BOTH_SCHOOLS])
    truth = estimates.mean(change, both)
    assert truth.se != pytest.approx(estimates.mean(change, both[:, 1]).se)
    cohort = {
        (r.analysis, r.group, r.statistic): r
        for r in results if r.unit == COHORT and r.measure == "total" and r.wave == "t1-t2"
    }  # fmt: skip
    reported = cohort["paired", "all", "difference"]
    assert (reported.ci_low, reported.df) == (truth.ci_low, truth.df)
    # One contrast, one interval, whichever module gives it.
    difference = cohort["phases_change", "primary-secondary", "difference"]
    pairwise = cohort["moderation_pairs", "primary-secondary", "difference"]
    assert difference.ci_low == pytest.approx(pairwise.ci_low)
    assert difference.df == pytest.approx(pairwise.df)
    points = cohort["detectable", "all", "points"]
    assert points.value == pytest.approx(power.smallest_detectable(truth))
    for analysis in ("paired", "retest", "detectable", "over_time", "imputed"):
        counted = {r.n_schools for (a, group, _), r in cohort.items() if a == analysis
                   and group == "all" and not math.isnan(r.n_schools)}  # fmt: skip
        assert counted == {8.0}, analysis


def test_a_constant_item_is_named_as_the_reason() -> None:
    found = prepared([8] * 6)
    frame = found.surveys["staff"]
    item = SPSC.items_of("morale")[0].code
    frame[item] = 4.0
    results = [r for r in reliability.scales(found, STAFF) if r.wave == "T1" and r.group == "all"]
    sound(results)
    of = {(r.measure, r.statistic): r for r in results}
    for statistic in ("alpha", "alpha_independent", "omega"):
        gap = of["morale", statistic]
        assert math.isnan(gap.value) and item in gap.method and gap.n == 60
        assert not math.isnan(of["workload", statistic].value)
    few = [r for r in reliability.scales(prepared([3, 3]), STAFF) if r.statistic == "alpha"]
    assert few and all("fewer than 10 people" in r.method for r in few if math.isnan(r.value))
    assert any(math.isnan(r.value) for r in few)


def test_no_reliable_change_of_a_score_from_a_table() -> None:
    # The steps of a table are uneven, so that a limit in T-values is another change at each end.
    table = SPSC.subscale("morale").model_copy(update={"score": "lookup", "lookup": "table.csv"})
    subscales = tuple(table if s.id == "morale" else s for s in SPSC.subscales)
    found = prepared([8] * 6)
    found = replace(found, instruments={"spsc": SPSC.model_copy(update={"subscales": subscales})})
    results = list(change.reliable(found, STAFF))
    sound(results)
    for measure in ("morale", "total"):
        own = [r for r in results if r.measure == measure and r.group == "all"]
        assert [r.statistic for r in own] == ["limit"]
        assert math.isnan(own[0].value) and "uneven" in own[0].method
    assert {r.statistic for r in results if r.measure == "workload"} == {
        "limit", "improved", "unchanged", "worsened"
    }  # fmt: skip
