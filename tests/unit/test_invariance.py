"""Items that work differently: found, named, and said beside what rests on them."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from analysis.prepare import Prepared
from analysis.present import groups, sentences
from analysis.present import invariance as shown
from analysis.results import Result
from analysis.statistics import change, invariance, moderators
from tests.unit.test_evidence import BY_ROLE, STUDY, page_of
from tests.unit.test_statistics_edges import SPSC, STAFF, prepared

MORALE = [item for item in SPSC.items if item.subscale == "morale"]


@pytest.fixture(scope="module")
def staff() -> Prepared:
    """Twelve schools' staff, of whom leaders answer one item a point higher than others do."""
    found = prepared([16] * 12, only_first=0, seed=3)
    frame = found.surveys["staff"]
    rng = np.random.default_rng(5)
    trait = rng.normal(0, 1, len(frame))
    answers = {
        item.code: np.clip(np.round(3 + 0.8 * trait + rng.normal(0, 0.8, len(frame))), 1, 5)
        for item in MORALE
    }
    code = MORALE[0].code
    answers[code] = np.clip(answers[code] + 1.0 * (frame["role"] == "leader"), 1, 5)
    return replace(found, surveys={"staff": frame.assign(**answers)})


@pytest.fixture(scope="module")
def results(staff: Prepared) -> list[Result]:
    return list(invariance.items(staff, STAFF))


def test_an_item_that_a_group_answers_otherwise_is_found(results: list[Result]) -> None:
    role = {(r.measure, r.statistic): r.value for r in results if r.group == "role"}
    code = MORALE[0].code
    assert role[code, "effect"] >= shown.MODERATE and role[code, "p_holm"] < 0.05
    assert role[code, "effect"] >= role[code, "effect_uniform"] > 0
    waves = {(r.measure, r.statistic): r.value for r in results if r.group == "all"}
    assert waves[code, "effect"] < shown.MODERATE
    # Groups of fewer than fifty people are not set against others.
    assert all(r.n >= invariance.FEWEST for r in results)


def test_small_groups_and_short_scales_are_not_looked_at(staff: Prepared) -> None:
    few = staff.surveys["staff"].groupby("wave").head(60)
    found = list(invariance.items(replace(staff, surveys={"staff": few}), STAFF))
    assert {r.group for r in found} == {"all"}
    looked_at = {r.measure for r in found}
    for subscale in SPSC.subscales:
        own = [item.code for item in SPSC.items if item.subscale == subscale.id]
        assert (set(own) <= looked_at) == (len(own) >= invariance.FEWEST_ITEMS)


def test_nobody_differs_where_all_answer_alike() -> None:
    alike = np.full(200, 3.0)
    group = np.arange(200) % 2
    assert invariance.different(alike, np.arange(200.0), group) is None
    # An item that one group never answers with an end of it has no greatest likelihood to test.
    apart = np.where(group == 1, 5.0, 1.0)
    found = invariance.different(apart, np.tile([1.0, 2.0], 100), group)
    assert found is None or not math.isnan(found.p)


def test_the_item_is_named_beside_what_rests_on_it(staff: Prepared, results: list[Result]) -> None:
    questions = (change.paired, moderators.moderation)
    page = page_of([*results, *(r for question in questions for r in question(staff, STAFF))])
    label = MORALE[0].label
    said = shown.in_words(page, "staff", "spsc")
    assert said is not None and label in said.markdown().replace("\\", "")
    by_role = groups.between(page, "staff", "spsc", by=BY_ROLE)
    assert by_role is not None
    assert label in by_role.entries["role"].markdown().replace("\\", "")
    # Over waves all items work alike, so change is said without it.
    assert "work differently" not in sentences.change(page, "staff", "spsc").markdown()
    table = shown.invariance(page, "staff", "spsc")
    assert table is not None
    marked = [row[0] for row in table.entries["spsc"].rows if any("†" in str(c) for c in row[2:])]
    assert [name.replace("\\", "") for name in marked] == [label]


def test_change_is_said_with_care_where_an_item_works_differently_over_waves() -> None:
    at = {"unit": "cohort", "source": "staff", "instrument": "spsc", "wave": "t1-t2",
          "group": "all", "n": 200.0, "n_schools": 12.0}  # fmt: skip
    code = MORALE[0].code

    def page(effect: float, p: float):  # type: ignore[no-untyped-def]
        return page_of(
            [
                Result(**at, analysis="invariance", measure=code, statistic="effect", value=effect),
                Result(**at, analysis="invariance", measure=code, statistic="p_holm", value=p),
                Result(**at, analysis="paired", measure="morale", statistic="difference",
                       value=0.3, ci_low=0.1, ci_high=0.5),
            ]
        )  # fmt: skip

    said = sentences.change(page(0.05, 0.01), "staff", "spsc").markdown()
    assert "work differently from wave to wave in Morale" in said
    # A large sample makes small effects sure; a small one makes chance large.
    for effect, p in ((0.01, 0.001), (0.2, 0.2)):
        told = sentences.change(page(effect, p), "staff", "spsc").markdown()
        assert "work differently" not in told


def test_where_nothing_was_looked_at_nothing_is_said() -> None:
    page = page_of([])
    assert shown.in_words(page, "staff", "spsc") is None
    assert shown.invariance(page, "staff", "spsc") is None
    assert STUDY.compares


def test_items_are_rarely_named_where_all_work_alike() -> None:
    rng, named, runs = np.random.default_rng(1), 0, 100
    for _ in range(runs):
        # Twenty schools of 15, alike in the trait and, by chance, in each item.
        school = np.repeat(np.arange(20), 15)
        trait = rng.normal(0, 0.4, 20)[school] + rng.normal(0, 0.9, 300)
        own = rng.normal(0, 0.35, (20, 5))[school]
        drawn = 1.5 * trait[:, None] + own + rng.logistic(0, 1, (300, 5))
        answers = 1.0 + (drawn[:, :, None] > np.array([-3, -1, 1, 2.5])).sum(axis=2)
        group = (school % 3 == 0).astype(np.intp)
        found = [invariance.different(a, answers.sum(axis=1), group) for a in answers.T]
        named += any(f is not None and f.p < 0.05 / 5 and f.effect >= shown.MODERATE for f in found)
    assert named / runs <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / runs)
