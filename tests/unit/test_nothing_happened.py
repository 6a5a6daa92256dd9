"""Of studies in which nothing happened, page one of at most one report in twenty says otherwise."""

from __future__ import annotations

import importlib.util
import math
import sys
from dataclasses import replace
from types import ModuleType

import numpy as np
import pytest

from analysis.results import COHORT
from analysis.statistics import beside, change, groups, level, moderators, outcomes
from tests.conftest import ROOT
from tests.unit.test_evidence import STUDY


def simulation() -> ModuleType:
    """``benchmarks/nothing_happened.py``, which is a script and not part of the package."""
    path = ROOT / "benchmarks" / "nothing_happened.py"
    spec = importlib.util.spec_from_file_location("benchmarks_nothing_happened", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def most(runs: int) -> float:
    """One in twenty and three Monte Carlo errors."""
    return 0.05 + 3 * math.sqrt(0.05 * 0.95 / runs)


@pytest.mark.parametrize("unit", [COHORT, "S01"])
def test_page_one_claims_nothing_of_most_studies_in_which_nothing_happened(unit: str) -> None:
    assert simulation().false_claims(25, unit, 0.1 if unit == COHORT else 0.0) <= most(25)


@pytest.mark.parametrize("unit", [COHORT, "S01"])
def test_what_it_computes_is_what_the_questions_do(unit: str) -> None:
    made = simulation()
    answers = made.study_of(np.random.default_rng(5), 0.1, 1 if unit == COHORT else 3)
    prepared = replace(answers.prepared(), units=frozenset({unit}))
    asked = (level.scores, change.paired, groups.phases, moderators.moderation, beside.beside)
    found = {}
    for survey in STUDY.surveys:
        for question in asked:
            for each in question(prepared, survey):
                found[each.unit, each.source, each.instrument, each.analysis, each.measure,
                      each.wave, each.group, each.statistic] = each  # fmt: skip
    for each in outcomes.changes(prepared):
        found[each.unit, each.source, each.instrument, each.analysis, each.measure, each.wave,
              each.group, each.statistic] = each  # fmt: skip
    number = 0
    for each in made.results(answers, unit):
        same = found[each.unit, each.source, each.instrument, each.analysis, each.measure,
                     each.wave, each.group, each.statistic]  # fmt: skip
        for field in ("value", "ci_low", "ci_high", "df"):
            assert getattr(each, field) == pytest.approx(getattr(same, field), nan_ok=True)
        number += 1
    assert number > 40


def test_the_simulation_sees_a_claim() -> None:
    assert simulation().false_claims(3, rise=1.0) == 1.0


@pytest.mark.verify
@pytest.mark.parametrize("unit", [COHORT, "S01"])
def test_page_one_at_length(unit: str) -> None:
    assert simulation().false_claims(2_000, unit, 0.1 if unit == COHORT else 0.0) <= most(2_000)
