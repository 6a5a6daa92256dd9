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
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from statsmodels.regression.mixed_linear_model import MixedLM, MixedLMParams, VCSpec
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
NO_MODEL = "no model: fewer than three schools, or answers that do not vary"
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


class Nested(MixedLM):  # type: ignore[misc]
    """statsmodels' mixed model of people within schools, its likelihood taken from sums.

    MixedLM works through a matrix of schools' people at every step, which for hundreds of pupils
    to a school takes seconds a model. With random intercepts only, likelihood and score are
    functions of the sums of each person's and each school's answers (Searle, Casella and
    McCulloch, 1992, Variance Components, ch. 3): the same numbers, as a test shows. Parameters,
    optimiser and estimates are statsmodels' own.

    Parameters
    ----------
    values, x
        Answers, and a column for each fixed term, row by row.
    codes, persons
        The school and the person of each row; without persons only schools are random.
    """

    def __init__(self, values: Floats, x: Floats, codes: Codes, persons: Codes | None) -> None:
        spec = None
        people: Codes = np.arange(len(values))
        if persons is not None:
            _, people = np.unique(np.column_stack([codes, persons]), axis=0, return_inverse=True)
            matrices = []
            for rows in estimates.rows_of_schools(codes):
                labels, place = np.unique(people[rows], return_inverse=True)
                matrices.append(np.eye(len(labels))[place])
            names = [[str(label) for label in range(each.shape[1])] for each in matrices]
            spec = VCSpec(["person"], [names], [matrices])
        both = np.column_stack([x, values])
        self._cross = both.T @ both
        self._number = np.bincount(people).astype("float64")
        self._sums = np.column_stack([np.bincount(people, weights=each) for each in both.T])
        self._of = np.zeros(len(self._number), dtype=np.intp)
        self._of[people] = np.unique(codes, return_inverse=True)[1]
        super().__init__(values, x, groups=codes, exog_re=np.ones((len(values), 1)), exog_vc=spec)

    def _parts(self, cov_re: Floats, vcomp: Floats) -> _Parts:
        """The likelihood's pieces at variances of school and person over the residual's."""
        school = float(cov_re[0, 0])
        person = float(vcomp[0]) if len(vcomp) else 0.0
        shrunk = 1 / (1 + person * self._number)
        own = self._sums * shrunk[:, None]
        totals = np.column_stack([np.bincount(self._of, weights=each) for each in own.T])
        weight = self._number * shrunk
        size = np.bincount(self._of, weights=weight)
        schools = totals / (1 + school * size)[:, None]
        cross = self._cross - person * self._sums.T @ own - school * totals.T @ schools
        fixed, score = cross[:-1, :-1], cross[:-1, -1]
        beta = np.linalg.solve(fixed, score)
        return _Parts(
            beta=beta,
            fixed=fixed,
            misfit=float(cross[-1, -1] - score @ beta),
            log_determinant=float(np.log1p(school * size).sum() - np.log(shrunk).sum()),
            schools=(schools, size / (1 + school * size)),
            people=(
                own - school * weight[:, None] * schools[self._of],
                weight - (school / (1 + school * size))[self._of] * weight**2,
            ),
        )

    def get_fe_params(self, cov_re: Floats, vcomp: Floats, tol: float = 1e-10) -> Any:
        """Fixed effects at these variances, and that they are not singular."""
        return self._parts(cov_re, vcomp).beta, False

    def loglike(self, params: Any, profile_fe: bool = True) -> float:
        """REML log-likelihood, with fixed effects and residual variance profiled out."""
        if not isinstance(params, MixedLMParams):
            params = MixedLMParams.from_packed(
                params, self.k_fe, self.k_re, self.use_sqrt, has_fe=False
            )
        parts, free = self._parts(params.cov_re, params.vcomp), self.n_totobs - self.k_fe
        constant = free * (np.log(free) - np.log(2 * np.pi) - 1)
        log_fixed = np.linalg.slogdet(parts.fixed)[1]
        total = constant - parts.log_determinant - log_fixed - free * np.log(parts.misfit)
        return float(total) / 2

    def score_full(self, params: Any, calc_fe: bool) -> tuple[Floats, Floats, Floats]:
        """Its gradient by the variances; fixed effects are profiled out, so theirs is nought."""
        parts, free = self._parts(params.cov_re, params.vcomp), self.n_totobs - self.k_fe
        residual = np.append(-parts.beta, 1.0)

        def by(sums: Floats, sizes: Floats) -> Floats:
            explained = free * np.sum((sums @ residual) ** 2) / parts.misfit
            fixed = np.sum(sums[:, :-1].T * np.linalg.solve(parts.fixed, sums[:, :-1].T))
            return np.array([explained + fixed - sizes.sum()]) / 2

        return np.zeros(self.k_fe), by(*parts.schools), by(*parts.people)[: self.k_vc]


@dataclass(frozen=True)
class _Parts:
    """Pieces of the likelihood: see :meth:`Nested._parts`.

    ``schools`` and ``people`` hold, of each, the sums of terms and answers times the inverse of
    the covariance, and the inverse's own sum.
    """

    beta: Floats
    fixed: Floats
    misfit: float
    log_determinant: float
    schools: tuple[Floats, Floats]
    people: tuple[Floats, Floats]


def _components(
    values: Floats, x: Floats, codes: Codes, persons: Codes | None
) -> tuple[float, float, float] | None:
    # Answers on a scale near one: the optimiser's tolerances suppose it.
    scale = float(values.std())
    with warnings.catch_warnings():
        # A component at nought is an answer here, not a fault: see ``method``.
        warnings.simplefilter("ignore", ModelWarning)
        warnings.simplefilter("ignore", RuntimeWarning)
        try:
            model = Nested(values / scale, x, codes, persons)
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
    for rows in estimates.rows_of_schools(codes):
        covariance = np.full((len(rows), len(rows)), school) + residual * np.eye(len(rows))
        if persons is not None:
            same = persons[rows]
            covariance += person * (same[:, None] == same[None, :])
        out[rows] = np.linalg.solve(np.linalg.cholesky(covariance), both[rows])
    return out[:, 0], out[:, 1:]
