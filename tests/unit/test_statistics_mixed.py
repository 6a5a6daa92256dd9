"""The mixed model's likelihood from sums is statsmodels' own, from matrices."""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.regression.mixed_linear_model import MixedLM, MixedLMParams

from analysis.statistics import mixed


@pytest.mark.parametrize("with_people", [True, False])
def test_likelihood_and_score_are_those_of_statsmodels(with_people: bool) -> None:
    rng = np.random.default_rng(1)
    codes = np.sort(rng.integers(0, 12, 300))
    # Persons are numbered within schools, as some studies do; they must not be taken for one.
    persons = rng.integers(0, 9, 300) if with_people else None
    x = np.column_stack([np.ones(300), rng.normal(size=300)])
    values = rng.normal(size=300) + rng.normal(size=12)[codes]
    model = mixed.Nested(values, x, codes, persons)
    model.reml, model.cov_pen, model.fe_pen, model._cov_sing = True, None, None, 0
    for _ in range(3):
        packed = np.abs(rng.normal(size=2 if with_people else 1))
        assert model.loglike(packed) == pytest.approx(MixedLM.loglike(model, packed), rel=1e-12)
        params = MixedLMParams.from_packed(packed, 2, 1, model.use_sqrt, has_fe=False)
        params.fe_params, _ = model.get_fe_params(params.cov_re, params.vcomp)
        theirs, _ = MixedLM.get_fe_params(model, params.cov_re, params.vcomp)
        np.testing.assert_allclose(params.fe_params, theirs, rtol=1e-10)
        for ours, other in zip(
            model.score_full(params, False), MixedLM.score_full(model, params, False), strict=True
        ):
            np.testing.assert_allclose(ours, other, rtol=1e-9, atol=1e-9)
