"""Linear mixed models with schools (and people) as random effects, and intervals that hold.

Variance components by REML. Wald tests of such a model treat them as known and the number of
schools as large; with 20 schools they reject too often (see ``benchmarks/coverage.py``), and a
model without a random school-by-wave term does so more. So the model serves as working model
only: the estimates are its own (best linear unbiased, valid where answers are missing at random),
their intervals come from the cluster-robust variance CR2 of the model's whitened residuals, with
Bell-McCaffrey degrees of freedom. R's lmerTest gives Satterthwaite's degrees of freedom of the
model's own variance instead, and clubSandwich's CR2 takes another square root of the working
covariance; both are close.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import optimize

from analysis.statistics import estimates
from analysis.statistics.estimates import Clustered, Codes, Estimate, Floats

METHOD = (
    "linear mixed model (REML), random intercepts for {terms}; interval from the "
    "cluster-robust variance CR2 over schools, Bell-McCaffrey degrees of freedom"
)
FALLBACK = (
    "least squares in place of a mixed model, which is singular or does not converge here; "
    "cluster-robust variance CR2 over schools, Bell-McCaffrey degrees of freedom"
)
NO_MODEL = "no model: fewer than three schools, or answers that do not vary"
#: Share of the total variance below which a component counts as nought.
NOUGHT = 1e-6
#: Where the search for the best variances (over the residual's) begins; the better end is kept.
STARTS = (0.05, 1.0)
#: The search ends where the deviance falls by less than this share of itself, or is this flat.
FALL, FLAT = 1e-15, 1e-8


@dataclass(frozen=True)
class Fit:
    """A fitted mixed model: variances of school, person and residual, and its contrasts.

    ``deviance`` is minus twice the REML log-likelihood (lme4's ``REMLcrit``).
    """

    school: float
    person: float
    residual: float
    clustered: Clustered
    names: tuple[str, ...]
    method: str
    converged: bool
    wald_se: Floats
    deviance: float

    def estimate(self, **weights: float) -> Estimate:
        """A weighted sum of coefficients, with an interval over schools."""
        vector = np.array([weights.get(name, 0.0) for name in self.names])
        found = self.clustered.estimate(vector)
        return Estimate(
            found.value, found.ci_low, found.ci_high, found.p, found.t, found.df, "",
            found.se, found.deff, self.method,
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
    persons = None if people is None else estimates.school_codes(people)
    terms = "schools" if persons is None else "schools and people"
    sums = Sums(values, x, codes, persons)
    found = sums.fitted()
    if found is None:
        return Fit(
            0.0, 0.0, float("nan"), Clustered(values, x, codes), tuple(design.columns), FALLBACK,
            False, np.full(x.shape[1], np.nan), float("nan"),
        )  # fmt: skip
    ratios, deviance, residual = found
    white = sums.whitened(np.column_stack([values, x]), ratios) / np.sqrt(residual)
    school, person = (float(ratio) * residual for ratio in ratios)
    method = METHOD.format(terms=terms)
    if school < NOUGHT * (school + person + residual):
        method += "; the variance between schools is estimated as nought"
    information = np.linalg.inv(white[:, 1:].T @ white[:, 1:])
    return Fit(
        school, person, residual, Clustered(white[:, 0], white[:, 1:], codes),
        tuple(design.columns), method, True, np.sqrt(np.diag(information)), deviance,
    )  # fmt: skip


class Sums:
    """The likelihood of people within schools, from the sums of their answers.

    With random intercepts only, everything the likelihood asks of the data are sums over each
    person and each school (Searle, Casella and McCulloch, 1992, Variance Components, ch. 3). A
    person's answers count by how many there are, so that people of one school with equally many
    can be taken together: what is left is as many numbers as schools, however many people.
    Fixed effects and the residual variance are profiled out (Bates and others, 2015, Journal of
    Statistical Software 67(1), section 3.4).

    Parameters
    ----------
    values, x
        Answers, and a column for each fixed term, row by row.
    codes, persons
        The school and the person of each row; without persons only schools are random. People
        of two schools are two, whatever their names.
    """

    def __init__(self, values: Floats, x: Floats, codes: Codes, persons: Codes | None) -> None:
        # Answers on a scale near one, about nought: what is squared stays exact.
        self._scale = float(values.std())
        self._spread = len(values) - x.shape[1]
        self._codes = codes
        people = np.arange(len(values))
        if persons is not None:
            people = estimates.school_codes(codes * (int(persons.max()) + 1) + persons)
        counts = np.bincount(people)
        self.with_people = persons is not None and int(counts.max()) > 1
        self._person = people
        both = np.column_stack([x, values / self._scale])
        self._cross = both.T @ both
        own = estimates.school_sums(both, people)
        self._answers, group = np.unique(counts, return_inverse=True)
        kinds = range(len(self._answers))
        self._people = np.array([own[group == kind].T @ own[group == kind] for kind in kinds])
        school = np.zeros(len(counts), dtype=np.intp)
        school[people] = codes
        schools = int(codes.max()) + 1
        self._number = np.zeros((schools, len(self._answers)))
        np.add.at(self._number, (school, group), 1.0)
        self._totals = np.zeros((schools, len(self._answers), both.shape[1]))
        np.add.at(self._totals, (school, group), own)

    def deviance(self, ratios: Floats) -> tuple[float, Floats]:
        """Minus twice the REML log-likelihood, and its gradient.

        ``ratios`` are the variances of schools and of people over the residual's.
        """
        found, gradient, _ = self._profiled(ratios)
        return found, gradient

    def fitted(self) -> tuple[Floats, float, float] | None:
        """Ratios with the smallest deviance, that, and the residual variance."""
        free = 2 if self.with_people else 1
        best: tuple[Floats, float, float] | None = None

        def of(chosen: Floats) -> tuple[float, Floats]:
            found, gradient, _ = self._profiled(np.append(chosen, np.zeros(2 - free)))
            return found, gradient[:free]

        for start in STARTS:
            try:
                end = optimize.minimize(
                    of, np.full(free, start), jac=True, method="L-BFGS-B",
                    bounds=[(0.0, None)] * free,
                    options={"ftol": FALL, "gtol": FLAT, "maxiter": 500},
                )  # fmt: skip
                ratios = np.append(end.x, np.zeros(2 - free))
                found, _, residual = self._profiled(ratios)
            except np.linalg.LinAlgError:
                continue
            if np.isfinite(found) and residual > 0 and (best is None or found < best[1]):
                best = ratios, found, residual * self._scale**2
        return best

    def whitened(self, rows: Floats, ratios: Floats) -> Floats:
        """Rows of one residual variance and unrelated, if these are the ratios."""
        school, person = ratios
        answers = np.bincount(self._person)
        shrunk = 1 / (1 + person * answers)
        means = estimates.school_sums(rows, self._person) / answers[:, None]
        found = rows - ((1 - np.sqrt(shrunk))[:, None] * means)[self._person]
        along = np.sqrt(shrunk)[self._person]
        size = np.bincount(self._codes, weights=along**2)
        shared = estimates.school_sums(found * along[:, None], self._codes) / size[:, None]
        less = (1 - 1 / np.sqrt(1 + school * size))[:, None] * shared
        white: Floats = found - along[:, None] * less[self._codes]
        return white

    def _profiled(self, ratios: Floats) -> tuple[float, Floats, float]:
        """Deviance, gradient and residual variance (answers scaled to one)."""
        school, person = ratios
        shrunk = 1 / (1 + person * self._answers)
        falls = -self._answers * shrunk**2
        totals, moved = (np.tensordot(each, self._totals, (0, 1)) for each in (shrunk, falls))
        size, steps = ((self._number * self._answers) @ each for each in (shrunk, falls))
        left = 1 / (1 + school * size)
        weighted = totals * left[:, None]
        cross = self._cross - person * np.tensordot(shrunk, self._people, 1)
        cross = cross - school * totals.T @ weighted
        turned = moved.T @ weighted
        by_school = -weighted.T @ weighted
        by_person = (
            -np.tensordot(shrunk**2, self._people, 1)
            - school * (turned + turned.T)
            + school**2 * (weighted * steps[:, None]).T @ weighted
        )
        fixed, score = cross[:-1, :-1], cross[:-1, -1]
        beta = np.linalg.solve(fixed, score)
        misfit = float(cross[-1, -1] - score @ beta)
        sign, log_fixed = np.linalg.slogdet(fixed)
        if misfit <= 0 or sign <= 0:
            return np.inf, np.zeros(2), 0.0
        number = self._number.sum(axis=0)
        log_determinant = -np.log(left).sum() - number @ np.log(shrunk)
        residual = misfit / self._spread
        scale = self._spread * (np.log(2 * np.pi * residual * self._scale**2) + 1)
        along = np.append(-beta, 1.0)
        gradient = np.array(
            [
                own + np.trace(np.linalg.solve(fixed, by[:-1, :-1])) + along @ by @ along / residual
                for own, by in (
                    (size @ left, by_school),
                    (school * steps @ left + number @ (self._answers * shrunk), by_person),
                )
            ]
        )
        return float(log_determinant + log_fixed + scale), gradient, residual
