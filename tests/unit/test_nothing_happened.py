"""Of studies in which nothing happened, page one of at most one report in twenty says otherwise."""

from __future__ import annotations

import importlib.util
import math
import sys
from types import ModuleType

import pytest

from analysis.results import COHORT
from tests.conftest import ROOT


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


def test_the_simulation_sees_a_claim() -> None:
    assert simulation().false_claims(3, rise=1.0) == 1.0


@pytest.mark.verify
@pytest.mark.parametrize("unit", [COHORT, "S01"])
def test_page_one_at_length(unit: str) -> None:
    assert simulation().false_claims(2_000, unit, 0.1 if unit == COHORT else 0.0) <= most(2_000)
