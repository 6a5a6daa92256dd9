"""How often 95% intervals cover and 5% tests reject, where schools differ. By simulation.

Twenty schools with as many matched staff each as the demonstration study has, thirteen primary
and seven secondary, intraclass correlation 0.1 of the change; true change and true difference
between phases nought. Every method runs on the same data. Run::

    python benchmarks/coverage.py            # 10,000 runs of closed forms; some minutes
    python benchmarks/coverage.py --runs 500

The seed is 1, as everywhere in this project. A method holds if its share of intervals that
cover lies within three Monte Carlo standard errors of 95%.
"""

from __future__ import annotations

import argparse
import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats
from statsmodels.regression.mixed_linear_model import MixedLM
from statsmodels.stats.proportion import proportion_confint

from analysis.qualitative import coders
from analysis.statistics import (
    attrition,
    beside,
    estimates,
    imputation,
    level,
    mixed,
    over_time,
    resampling,
    this_year,
)

Floats = NDArray[np.float64]
SEED = 1
ICC = 0.1
SIZES = (9, 7, 8, 10, 6, 5, 3, 6, 7, 2, 3, 1, 9, 8, 6, 4, 7, 3, 2, 3)
SCHOOL = np.repeat(np.arange(len(SIZES)), SIZES)
#: Schools 13 to 19 are secondary, as in the demonstration study; the special one is primary.
PRIMARY = ~np.isin(SCHOOL, np.arange(12, 19))
N = len(SCHOOL)
#: Runs for which sizes and who moved are drawn once.
EACH = 100
#: The share of the runs that slower methods get.
FEWER = {"wild": 0.2, "mixed": 0.1, "long": 0.03}


@dataclass(frozen=True)
class Found:
    """One method's record: runs, share of intervals that cover (or tests that do not reject)."""

    question: str
    method: str
    runs: int
    covered: float

    @property
    def error(self) -> float:
        """Monte Carlo standard error at the nominal level."""
        return math.sqrt(0.95 * 0.05 / self.runs)

    @property
    def holds(self) -> bool:
        """Whether coverage is within three standard errors of 95%."""
        return abs(self.covered - 0.95) <= 3 * self.error


def changes(rng: np.random.Generator, icc: float = ICC) -> Floats:
    """Differences of matched staff with no true change, total variance one."""
    shifts = rng.normal(0, math.sqrt(icc), len(SIZES))
    found: Floats = shifts[SCHOOL] + rng.normal(0, math.sqrt(1 - icc), N)
    return found


def _clustered(change: Floats) -> bool:
    found = estimates.mean(change, SCHOOL)
    return found.ci_low <= 0 <= found.ci_high


def _schools(change: Floats) -> bool:
    found = estimates.mean_of_schools(change, SCHOOL)
    return found.ci_low <= 0 <= found.ci_high


def _plain(change: Floats) -> bool:
    return bool(stats.ttest_1samp(change, 0).pvalue >= 0.05)


def _wild(change: Floats) -> bool:
    one = pd.DataFrame({"mean": np.ones(N)})
    return resampling.wild_test(change, one, ["mean"], SCHOOL, 999).p >= 0.05


def _wald(change: Floats) -> bool:
    return _wald_of(change, np.ones((N, 1)), 0)


def _wald_of(values: Floats, design: Floats, place: int) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit = MixedLM(values, design, groups=SCHOOL).fit(reml=True)
    return bool(fit.pvalues[place] >= 0.05)


DESIGN = pd.DataFrame({"one": np.ones(N), "primary": PRIMARY.astype("float64")})


def _phase_clustered(change: Floats) -> bool:
    found = estimates.contrast(change, DESIGN, "primary", SCHOOL)
    return found.ci_low <= 0 <= found.ci_high


def _phase_schools(change: Floats) -> bool:
    means = np.bincount(SCHOOL, weights=change) / np.bincount(SCHOOL)
    first = np.array([PRIMARY[school == SCHOOL][0] for school in range(len(SIZES))])
    return bool(stats.ttest_ind(means[first], means[~first], equal_var=False).pvalue >= 0.05)


def _phase_plain(change: Floats) -> bool:
    return bool(stats.f_oneway(change[PRIMARY], change[~PRIMARY]).pvalue >= 0.05)


def _phase_wild(change: Floats) -> bool:
    return resampling.wild_test(change, DESIGN, ["primary"], SCHOOL, 999).p >= 0.05


def _phase_wald(change: Floats) -> bool:
    return _wald_of(change, DESIGN.to_numpy(), 1)


def _long(change: Floats, rng: np.random.Generator) -> tuple[bool, bool]:
    """A model of both waves, schools and people random: its Wald interval, and ours."""
    person = rng.normal(0, 1, N)
    values = np.concatenate([person - change / 2, person + change / 2])
    design = pd.DataFrame(
        {
            "one": 1.0,
            "followup": np.repeat([0.0, 1.0], N),
            "primary": np.tile(PRIMARY, 2).astype("float64"),
        }
    )
    design["both"] = design["followup"] * design["primary"]
    found = mixed.fit(values, design, np.tile(SCHOOL, 2), np.tile(np.arange(N), 2))
    assert found is not None
    estimate = found.estimate(both=1.0)
    return abs(estimate.value) <= 1.96 * found.wald_se[3], estimate.ci_low <= 0 <= estimate.ci_high


def simulate(runs: int) -> list[Found]:
    """Every method's record. ``runs`` are those of closed forms; others get a stated share."""
    questions: dict[str, dict[str, Callable[[Floats], bool]]] = {
        "change": {
            "clustered (CR2), reported": _clustered,
            "school means, beside it": _schools,
            "wild cluster bootstrap, check": _wild,
            "paired t test, unclustered": _plain,
            "mixed model, Wald": _wald,
        },
        "phase x time": {
            "clustered (CR2), reported": _phase_clustered,
            "school means, Welch": _phase_schools,
            "wild cluster bootstrap, check": _phase_wild,
            "mixed ANOVA, unclustered": _phase_plain,
            "mixed model of changes, Wald": _phase_wald,
        },
    }
    found = []
    for question, methods in questions.items():
        for name, method in methods.items():
            share = next(
                (s for word, s in FEWER.items() if word in name and "ANOVA" not in name), 1.0
            )
            times = max(int(runs * share), 1)
            rng = np.random.default_rng(SEED)
            covered = sum(method(changes(rng)) for _ in range(times))
            found.append(Found(question, name, times, covered / times))
    times = max(int(runs * FEWER["long"]), 1)
    rng = np.random.default_rng(SEED)
    both = np.array([_long(changes(rng), rng) for _ in range(times)])
    for place, name in enumerate(
        ("mixed model of both waves, Wald", "the same model, CR2 (reported)")
    ):
        found.append(Found("phase x time", name, times, float(both[:, place].mean())))
    found.extend(_shares(runs))
    found.extend(movers(runs))
    found.extend(weighted(runs))
    found.extend(ranks(runs // 5))
    found.extend(few(runs))
    found.extend(kappas(runs // 5))
    found.extend(besides(runs // 5))
    found.extend(finite(runs // 2))
    return found


def weighted(runs: int) -> list[Found]:
    """Coverage of a mean of people weighted by invited over answered in their school."""
    rng = np.random.default_rng(SEED)
    truth, covered = 0.0, np.zeros(2)
    for _ in range(runs):
        weights = rng.uniform(1, 4, len(SIZES))[SCHOOL]
        values = changes(rng)
        estimate = attrition.weighted_mean(values, weights, SCHOOL)
        covered[0] += estimate.ci_low <= truth <= estimate.ci_high
        residuals = weights * (values - estimate.value) / weights.sum()
        schools = len(SIZES)
        plain = np.sum(np.bincount(SCHOOL, weights=residuals) ** 2)
        error = math.sqrt(plain * schools / (schools - 1))
        covered[1] += abs(estimate.value - truth) <= estimates.quantile(schools - 1.0) * error
    names = ("clustered (CR2), reported", "CR1, schools - 1 degrees of freedom")
    return [
        Found("weighted mean", f"weighted: {name}", runs, float(c / runs))
        for name, c in zip(names, covered, strict=True)
    ]


def ranks(runs: int) -> list[Found]:
    """How often no rank is ruled out among eight scales whose true means are the same."""
    rng = np.random.default_rng(SEED)
    key = {
        "unit": "cohort", "source": "staff", "instrument": "spsc", "analysis": "rank",
        "wave": "t1", "group": "all",
    }  # fmt: skip
    names = [f"scale{place}" for place in range(8)]
    kept = 0
    for _ in range(runs):
        values = np.column_stack([changes(rng) for _ in names]) + rng.normal(size=N)[:, None]
        found = level._ranked(key, names, values.T, SCHOOL, 2)
        kept += all((r.ci_low, r.ci_high) == (1.0, 8.0) for r in found)
    return [Found("ranks", "pairs (CR2, Holm), reported", runs, kept / runs)]


def movers_of(
    rng: np.random.Generator,
    share: float,
    school: NDArray[np.intp] = SCHOOL,
    primary: NDArray[np.bool_] = PRIMARY,
) -> NDArray[np.intp]:
    """The schools of the follow-up.

    ``share`` of all people went from a primary school to the secondary school that takes its
    pupils, together.
    """
    last = school.copy()
    secondary = np.unique(school[~primary])
    went = primary & (rng.random(len(school)) < share / primary.mean())
    last[went] = secondary[school[went] % len(secondary)]
    return last


def answers_of(
    rng: np.random.Generator,
    icc: float,
    first: NDArray[np.intp],
    last: NDArray[np.intp],
    runs: int,
) -> Floats:
    """Answers of both waves with no true change: runs by people by waves.

    A wave's answers share ``icc`` within a school; what a school adds correlates 0.5 between
    waves, what a person adds 0.6.
    """
    schools = int(max(first.max(), last.max())) + 1

    def both(many: int, variance: float, correlation: float) -> Floats:
        half = np.linalg.cholesky(variance * np.array([[1, correlation], [correlation, 1]]))
        found: Floats = rng.normal(size=(runs, many, 2)) @ half.T
        return found

    shifts, own = both(schools, icc, 0.5), both(len(first), 1 - icc, 0.6)
    return np.stack([shifts[:, first, 0], shifts[:, last, 1]], axis=2) + own


def cover(changes: Floats, schools: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Whether the interval of :func:`estimates.mean` covers nought, in each of many runs.

    None where there is none to be had (everybody has gone to one school).

    Whose answers go together is the same in all, and so are degrees of freedom and what residuals
    are multiplied by: worked out once. The first run is held to the function itself.
    """
    one = estimates.mean(changes[0], schools)
    if not one.known:
        return np.zeros(0, dtype="bool")
    values = changes.mean(axis=1)
    fit = estimates.Clustered(changes[0], np.ones((changes.shape[1], 1)), schools)
    rest = changes - values[:, None]
    variances = [
        np.sum(estimates.school_sums((adjusted @ fit.bread[0] * rest).T, codes) ** 2, axis=0)
        for adjusted, (_, codes) in zip(fit._adjusted, fit._parts, strict=True)
    ]
    variance = sum(sign * v for (sign, _), v in zip(fit._parts, variances, strict=True))
    variance = np.where(variance > 0, variance, np.max(variances[:2], axis=0))
    assert math.isclose(math.sqrt(variance[0]), one.se, rel_tol=1e-9)
    found: NDArray[np.bool_] = np.abs(values) <= estimates.quantile(one.df) * np.sqrt(variance)
    return found


def few(runs: int, sizes: Sequence[int] = (3, 5, 8, 20), *, slowly: bool = True) -> list[Found]:
    """Coverage of a matched change with 3, 5, 8 and 20 schools of 4 to 24 matched people.

    By the reported interval, by how many moved; each draw of sizes and of who moved serves for
    ``EACH`` runs. Of up to eight schools also by the wild cluster bootstrap's test with Webb's
    weights, and, where three in ten of those who answered first stayed away, by imputation: these
    are slower and get fewer runs, or none unless ``slowly``.
    """
    found = []
    for schools in sizes:
        for icc in (0.05, 0.15):
            for share in (0.0, 0.15, 0.3, 0.6):
                covered, given = np.zeros(3), 0
                slow = slowly and schools <= 8 and share in (0.0, 0.3)
                few_runs = (runs // 25 if slow else 0, runs // 50 if slow else 0)
                rng, others = np.random.default_rng(SEED), np.random.default_rng(SEED + 1)
                for design in range(runs // EACH):
                    school = np.repeat(np.arange(schools), rng.integers(4, 25, schools))
                    # About one school in three is secondary.
                    primary = school < schools - max(schools * 7 // 20, 1)
                    both = np.column_stack([school, movers_of(rng, share, school, primary)])
                    answers = answers_of(rng, icc, *both.T, EACH)
                    changes = answers[:, :, 1] - answers[:, :, 0]
                    found_in = cover(changes, both)
                    covered[0] += found_in.sum()
                    given += len(found_in)
                    for run in range(EACH):
                        place = design + run * (runs // EACH)
                        if place < few_runs[0]:
                            one = pd.DataFrame({"mean": np.ones(len(school))})
                            test = resampling.wild_test(changes[run], one, ["mean"], both)
                            covered[1] += test.p >= 0.05
                        if place < few_runs[1]:
                            covered[2] += _imputed(others, answers[run], both)
                question = f"change, {schools} schools, {share:.0%} moved, intraclass {icc}"
                names = ("clustered (CR2)", "wild cluster bootstrap", "imputed")
                times = (given, *few_runs)
                found += [
                    Found(question, f"few: {name}", n, float(c / n))
                    for name, n, c in zip(names, times, covered, strict=True)
                    if n
                ]
    return found


def besides(runs: int) -> list[Found]:
    """Coverage of a school beside the others: its difference, and its mean drawn towards theirs.

    Schools of 5 to 40 who answered. The difference is of such schools in general (true means of
    these very schools); of the shrunken mean the coverage is over schools, as of all empirical
    Bayes. With them how much smaller its squared error is than that of the raw mean, in schools of
    fewer than twelve.
    """
    found = []
    for schools in (3, 5, 8, 20):
        for icc in (0.0, 0.05, 0.15):
            rng = np.random.default_rng(SEED)
            covered, errors, number = np.zeros(2), np.zeros(2), 0
            for _ in range(runs):
                n = rng.integers(5, 41, schools).astype("float64")
                true = rng.normal(0, math.sqrt(icc), schools)
                answers = [
                    rng.normal(t, math.sqrt(1 - icc), int(k)) for t, k in zip(true, n, strict=True)
                ]
                summed = beside.Sums(
                    n,
                    np.array([each.mean() for each in answers]),
                    np.array([each.var() * len(each) for each in answers]),
                )
                place = int(rng.integers(schools))
                others = np.arange(schools) != place
                own = beside.Sums(
                    *(part[[place]] for part in (summed.n, summed.mean, summed.squares))
                )
                gap = true[place] - float(n[others] @ true[others]) / n[others].sum()
                estimate = beside.difference(own, summed.others(place))
                covered[0] += estimate.ci_low <= gap <= estimate.ci_high
                drawn, _ = beside.shrunken(summed, place)
                covered[1] += drawn.ci_low <= true[place] <= drawn.ci_high
                if n[place] < 12:
                    errors += (
                        (summed.mean[place] - true[place]) ** 2,
                        (drawn.value - true[place]) ** 2,
                    )
                    number += 1
            question = f"beside others, {schools} schools, intraclass {icc}"
            saved = 100 * (1 - errors[1] / errors[0])
            found += [
                Found(
                    question, "beside: difference from the others", runs, float(covered[0] / runs)
                ),
                Found(
                    question,
                    f"beside: shrunken mean (squared error {saved:.0f}% smaller below 12 answers)",
                    runs,
                    float(covered[1] / runs),
                ),
            ]
    return found


def finite(runs: int) -> list[Found]:
    """Coverage of the mean of this year's people, of whom some answered, on a scale of five points."""
    found = []
    for invited, answered in ((15, 14), (20, 8), (60, 20)):
        rng, covered = np.random.default_rng(SEED), np.zeros(2)
        for _ in range(runs):
            people = np.clip(np.round(rng.normal(3.5, 0.9, (invited, 6))), 1, 5).mean(axis=1)
            seen = people[:answered]
            parts = (len(seen), seen.mean(), seen.var(ddof=1), invited)
            estimate = this_year.mean(*(np.array([float(part)]) for part in parts))
            general = estimates.mean(seen, None)
            for place, each in enumerate((estimate, general)):
                covered[place] += each.ci_low <= people.mean() <= each.ci_high
        question = f"this year's mean, {answered} of {invited} answered"
        names = ("finite population, reported", "such a school in general")
        found += [
            Found(question, f"this year: {name}", runs, float(c / runs))
            for name, c in zip(names, covered, strict=True)
        ]
    return found


def kappas(runs: int) -> list[Found]:
    """Coverage of the interval of two coders' agreement, with few interviews in common.

    Interviews differ in how often a code is there, and in how often the second coder sees what
    the first saw; kappa is about 0.77.
    """
    found = []
    for codes in (6, 30):
        truth = coders.kappa(_coded(np.random.default_rng(SEED), 100_000, codes).sum(axis=0))
        for interviews in (4, 8, 12, 20):
            rng, covered = np.random.default_rng(SEED), 0
            samples = rng.integers(0, interviews, (499, interviews))
            for _ in range(runs):
                tables = _coded(rng, interviews, codes)
                draws = coders._kappas(tables[samples].sum(axis=1))
                low, high = coders._percentiles(draws)
                covered += low <= truth <= high
            question = f"kappa, {interviews} interviews, {codes} codes"
            found.append(Found(question, "few: percentile bootstrap", runs, covered / runs))
    return found


def _coded(rng: np.random.Generator, interviews: int, codes: int) -> Floats:
    """Interviews by first coder by second coder: decisions on codes."""
    there, alike = rng.beta(2, 3, (interviews, 1)), rng.beta(8, 3, (interviews, 1))
    first, own = (rng.random((interviews, codes)) < there for _ in range(2))
    second = np.where(rng.random((interviews, codes)) < alike, first, own)
    both = 2 * first.astype("intp") + second
    found: Floats = np.stack([(both == kind).sum(axis=1) for kind in range(4)], axis=1)
    return found.reshape(-1, 2, 2).astype("float64")


def _imputed(rng: np.random.Generator, answers: Floats, schools: NDArray[np.intp]) -> bool:
    """Whether the interval after imputation covers nought; those who stood high stayed away."""
    seen = answers.copy()
    seen[rng.random(len(seen)) < 0.6 / (1 + np.exp(-answers[:, 0])), 1] = np.nan
    full = imputation.impute(seen, np.ones((len(seen), 1)), schools)
    if full is None:
        return True
    value, low, high = over_time.pooled(over_time.means_of_change(full, schools))[:3]
    return bool(low <= 0 <= high and np.isfinite(value))


def movers(runs: int) -> list[Found]:
    """Coverage of a matched change where people moved, by whom their variance is given to."""
    found = []
    for icc in (0.05, 0.15):
        for share in (0.0, 0.15, 0.3, 0.6):
            rng = np.random.default_rng(SEED)
            covered, times = np.zeros(3), runs // EACH * EACH
            for _ in range(runs // EACH):
                last = movers_of(rng, share)
                answers = answers_of(rng, icc, SCHOOL, last, EACH)
                own = np.where(last == SCHOOL, SCHOOL, len(SIZES) + np.arange(N))
                for place, schools in enumerate((np.column_stack([SCHOOL, last]), last, own)):
                    covered[place] += cover(answers[:, :, 1] - answers[:, :, 0], schools).sum()
            names = ("both schools, reported", "follow-up's school", "a cluster of their own")
            question = f"change, {share:.0%} moved, intraclass correlation {icc}"
            found += [
                Found(question, f"movers: {name}", times, float(c / times))
                for name, c in zip(names, covered, strict=True)
            ]
    return found


def _shares(runs: int) -> list[Found]:
    """Coverage of an item's share of 70%, allowing for schools and not."""
    rng = np.random.default_rng(SEED)
    answered = np.bincount(SCHOOL).astype("float64")[:, None]
    truth, covered = 70.0, np.zeros(2)
    threshold = stats.norm.ppf(0.7)
    for _ in range(runs):
        chosen = (changes(rng) < threshold).astype("float64")
        by_school = np.bincount(SCHOOL, chosen)[:, None]
        low, high, _ = level.share_intervals(answered, by_school, clustered=True)
        plain = proportion_confint(chosen.sum(), N, method="wilson")
        covered += [low[0] <= truth <= high[0], 100 * plain[0] <= truth <= 100 * plain[1]]
    names = ("Wilson on effective n, reported", "Wilson, unclustered")
    return [
        Found("share", name, runs, float(c / runs)) for name, c in zip(names, covered, strict=True)
    ]


def table(found: list[Found]) -> str:
    """The records as a Markdown table."""
    lines = [
        "| question | method | runs | covers (does not reject), % | within 3 errors of 95% |",
        "| --- | --- | ---: | ---: | --- |",
    ]
    for each in found:
        lines.append(
            f"| {each.question} | {each.method} | {each.runs:,} | {100 * each.covered:.2f} "
            f"(error {100 * each.error:.2f}) | {'yes' if each.holds else 'no'} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=10_000, help="runs of closed-form methods")
    parser.add_argument("--only", choices=("few", "quick", "movers"), help="one of the parts")
    asked = parser.parse_args()
    # Quick: few schools by the reported interval only.
    parts = {"few": few, "quick": partial(few, slowly=False), "movers": movers, None: simulate}
    print(table(parts[asked.only](asked.runs)))
