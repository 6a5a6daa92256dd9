"""The mixed model's likelihood from sums is statsmodels' own, from matrices."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest
from scipy import optimize
from statsmodels.regression.mixed_linear_model import MixedLM, VCSpec

from analysis.statistics import mixed
from analysis.statistics.estimates import Codes, Floats


def answers(
    schools: int, people: int, with_people: bool
) -> tuple[Floats, Floats, Codes, Codes | None]:
    rng = np.random.default_rng(1)
    codes = rng.integers(0, schools, people)
    # Persons are numbered within schools, as some studies do; they must not be taken for one.
    persons = rng.integers(0, people // schools // 3, people) if with_people else None
    x = np.column_stack([np.ones(people), rng.normal(size=people)])
    values = 3.5 + 0.8 * rng.normal(size=people) + 0.5 * rng.normal(size=schools)[codes]
    return values, x, codes, persons


@pytest.mark.parametrize("with_people", [True, False])
def test_likelihood_is_that_of_statsmodels(with_people: bool) -> None:
    values, x, codes, persons = answers(12, 300, with_people)
    spec = None
    if persons is not None:
        matrices = [np.eye(int(persons.max()) + 1)[persons[codes == c]] for c in range(12)]
        matrices = [each[:, each.any(axis=0)] for each in matrices]
        names = [[str(label) for label in range(each.shape[1])] for each in matrices]
        spec = VCSpec(["person"], [names], [matrices])
    order = np.argsort(codes, kind="stable")
    model = MixedLM(
        values[order], x[order], groups=codes[order], exog_re=np.ones((300, 1)), exog_vc=spec
    )
    model.reml, model.cov_pen, model.fe_pen, model._cov_sing = True, None, None, 0
    sums = mixed.Sums(values, x, codes, persons)
    rng = np.random.default_rng(2)
    for _ in range(3):
        # statsmodels takes roots.
        packed = np.abs(rng.normal(size=2 if with_people else 1))
        ratios = np.array([packed[0] ** 2, packed[1] ** 2 if with_people else 0.0])
        found, gradient = sums.deviance(ratios)
        assert found == pytest.approx(-2 * model.loglike(packed), rel=1e-10)
        for place in range(2):
            step = 1e-5 * np.eye(2)[place]
            slope = (sums.deviance(ratios + step)[0] - sums.deviance(ratios - step)[0]) / 2e-5
            assert gradient[place] == pytest.approx(slope, rel=1e-4, abs=1e-4)


@pytest.mark.parametrize("with_people", [True, False])
def test_whitened_rows_have_the_models_covariance(with_people: bool) -> None:
    values, x, codes, persons = answers(5, 60, with_people)
    sums = mixed.Sums(values, x, codes, persons)
    ratios = np.array([0.4, 1.7 if with_people else 0.0])
    root = sums.whitened(np.eye(60), ratios)
    same = codes[:, None] == codes
    covariance = np.eye(60) + ratios[0] * same
    if persons is not None:
        covariance += ratios[1] * (same & (persons[:, None] == persons))
    np.testing.assert_allclose(root @ covariance @ root.T, np.eye(60), atol=1e-12)


def test_the_smallest_deviance_is_found_also_at_nought() -> None:
    for seed in range(6):
        rng = np.random.default_rng(seed)
        codes = np.repeat(np.arange(8), 6)
        values = rng.normal(size=48) + (0.0 if seed % 2 else 0.4) * rng.normal(size=8)[codes]
        sums = mixed.Sums(values, np.ones((48, 1)), codes, None)
        found = sums.fitted()
        assert found is not None
        grid = optimize.brute(
            lambda r, s=sums: s.deviance(np.array([abs(float(np.squeeze(r))), 0.0]))[0],
            ((0.0, 3.0),), Ns=301, finish=None, full_output=True,
        )  # fmt: skip
        assert found[1] <= grid[1] + 1e-9
        assert abs(found[0][0] - grid[0]) < 0.02


def test_many_people_take_no_longer_than_their_schools() -> None:
    rng = np.random.default_rng(3)
    schools, size = 300, 200
    codes = np.tile(np.repeat(np.arange(schools), size // 2), 2)
    persons = np.tile(np.arange(schools * size // 2), 2)
    late = np.repeat([0.0, 1.0], schools * size // 2)
    values = rng.normal(size=len(codes)) + rng.normal(size=len(codes) // 2)[persons]
    design = pd.DataFrame({"one": 1.0, "late": late})
    started = time.process_time()
    found = mixed.fit(values, design, codes, persons)
    assert time.process_time() - started < 2
    assert found is not None
    assert found.person == pytest.approx(1, abs=0.05)
    assert found.residual == pytest.approx(1, abs=0.05)
