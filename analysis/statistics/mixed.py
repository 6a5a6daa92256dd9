"""Linear mixed models with schools (and people) as random effects, and intervals that hold.

statsmodels' MixedLM estimates the variance components by REML. Its Wald tests treat them as
known and the number of schools as large; with 20 schools they reject too often (see
``benchmarks/coverage.py``), and a model without a random school-by-wave term does so more.
So the model serves as working model only: the estimates are its own (best linear unbiased,
valid where answers are missing at random), their intervals come from the cluster-robust
variance CR2 of the model's whitened residuals, with Bell-McCaffrey degrees of freedom. R's
lmerTest gives Satterthwaite's degrees of freedom of the model's own variance instead, and
clubSandwich's CR2 takes another square root of the working covariance; both are close.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from statsmodels.regression.mixed_linear_model import MixedLM, VCSpec
from statsmodels.tools.sm_exceptions import ModelWarning

from analysis.statistics import estimates
from analysis.statistics.estimates import Clustered, Codes, Estimate, Floats

METHOD = (
    "linear mixed model (REML, statsmodels), random intercepts for {terms}; interval from the "
    "cluster-robust variance CR2 over schools, Bell-McCaffrey degrees of freedom"
)
FALLBACK = (
    "least squares in place of a mixed model, which is singular or does not converge here; "
    "cluster-robust variance CR2 over schools, Bell-McCaffrey degrees of freedom"
)
#: Share of the total variance below which a component counts as nought.
NOUGHT = 1e-6


@dataclass(frozen=True)
class Fit:
    """A fitted mixed model: variances of school, person and residual, and its contrasts."""

    school: float
    person: float
    residual: float
    clustered: Clustered
    names: tuple[str, ...]
    method: str
    converged: bool
    wald_se: Floats

    def estimate(self, **weights: float) -> Estimate:
        """A weighted sum of coefficients, with an interval over schools."""
        vector = np.array([weights.get(name, 0.0) for name in self.names])
        found = self.clustered.estimate(vector)
        return Estimate(
            found.value, found.ci_low, found.ci_high, found.p, found.t, found.df, self.method,
            found.se, found.deff,
        )  # fmt: skip

    @property
    def icc(self) -> float:
        """Share of the variance that lies between schools."""
        return self.school / (self.school + self.person + self.residual)


def fit(
    y: ArrayLike,
    design: pd.DataFrame,
    schools: ArrayLike | pd.Series,
    people: ArrayLike | pd.Series | None = None,
) -> Fit | None:
    """A model with a random intercept per school and, where given, per person within it.

    ``None`` with fewer than three schools or terms that cannot be told apart. Where the model
    does not converge, least squares takes its place and ``method`` says so.
    """
    values, x = np.asarray(y, dtype="float64"), design.to_numpy(dtype="float64")
    codes = estimates.school_codes(schools)
    if len(values) <= x.shape[1] + 1 or np.unique(codes).size < 3:
        return None
    if np.linalg.matrix_rank(x) < x.shape[1] or float(np.ptp(values)) == 0.0:
        return None
    order = np.argsort(codes, kind="stable")
    values, x, codes = values[order], x[order], codes[order]
    persons = None if people is None else estimates.school_codes(people)[order]
    terms = "schools" if persons is None else "schools and people"
    components = _components(values, x, codes, persons)
    if components is None:
        return Fit(
            0.0, 0.0, float("nan"), Clustered(values, x, codes), tuple(design.columns), FALLBACK,
            False, np.full(x.shape[1], np.nan),
        )  # fmt: skip
    school, person, residual = components
    white_y, white_x = _whitened(values, x, codes, persons, components)
    method = METHOD.format(terms=terms)
    if school < NOUGHT * (school + person + residual):
        method += "; the variance between schools is estimated as nought"
    information = np.linalg.inv(white_x.T @ white_x)
    return Fit(
        school, person, residual, Clustered(white_y, white_x, codes), tuple(design.columns),
        method, True, np.sqrt(np.diag(information)),
    )  # fmt: skip


def _components(
    values: Floats, x: Floats, codes: Codes, persons: Codes | None
) -> tuple[float, float, float] | None:
    spec = None
    if persons is not None:
        names: list[list[str]] = []
        matrices: list[Floats] = []
        for school in np.unique(codes):
            labels, place = np.unique(persons[codes == school], return_inverse=True)
            matrices.append(np.eye(len(labels))[place])
            names.append([str(label) for label in labels])
        spec = VCSpec(["person"], [names], [matrices])
    # Answers on a scale near one: the optimiser's tolerances suppose it.
    scale = float(values.std())
    with warnings.catch_warnings():
        # A component at nought is an answer here, not a fault: see ``method``.
        warnings.simplefilter("ignore", ModelWarning)
        warnings.simplefilter("ignore", RuntimeWarning)
        try:
            model = MixedLM(
                values / scale, x, groups=codes, exog_re=np.ones((len(values), 1)), exog_vc=spec
            )
            found = model.fit(reml=True, method=["bfgs", "powell"])
        except (ValueError, np.linalg.LinAlgError):
            return None
    if not np.isfinite(found.scale) or found.scale <= 0 or not np.isfinite(found.llf):
        return None
    residual = float(found.scale) * scale**2
    school = max(float(np.asarray(found.cov_re)[0, 0]), 0.0) * scale**2
    person = max(float(found.vcomp[0]), 0.0) * scale**2 if persons is not None else 0.0
    return school, person, residual


def _whitened(
    values: Floats,
    x: Floats,
    codes: Codes,
    persons: Codes | None,
    components: tuple[float, float, float],
) -> tuple[Floats, Floats]:
    school, person, residual = components
    both = np.column_stack([values, x])
    out = np.empty_like(both)
    for place in np.unique(codes):
        rows = np.flatnonzero(codes == place)
        covariance = np.full((len(rows), len(rows)), school) + residual * np.eye(len(rows))
        if persons is not None:
            same = persons[rows]
            covariance += person * (same[:, None] == same[None, :])
        out[rows] = np.linalg.solve(np.linalg.cholesky(covariance), both[rows])
    return out[:, 0], out[:, 1:]
