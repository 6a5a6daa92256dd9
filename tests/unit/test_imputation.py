"""Multiple imputation with schools at random: what it recovers, and what it leaves alone."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest

from analysis.statistics import estimates, imputation
from analysis.statistics.estimates import Codes, Floats
from analysis.statistics.moderators import intraclass
from analysis.statistics.over_time import _pooled, means_of_change


def answers(schools: int, size: int, seed: int) -> tuple[Floats, Floats, Codes]:
    """Complete scores at two waves with a true change of 0.1, terms, and schools.

    A fifth of the variance of each wave lies between schools, and schools change apart.
    """
    rng = np.random.default_rng(seed)
    codes = np.repeat(np.arange(schools), size)
    school = rng.normal(0, 0.4, (schools, 1)) + rng.normal(0, 0.2, (schools, 2))
    role = rng.integers(0, 2, len(codes)).astype("float64")
    person = rng.normal(0, 0.6, len(codes))
    noise = rng.normal(0, 0.5, (len(codes), 2))
    scores = 3.5 + school[codes] + (person + 0.2 * (role - 0.5))[:, None] + noise
    scores[:, 1] += 0.1
    return scores, np.column_stack([np.ones(len(codes)), role]), codes


def left_out(scores: Floats, seed: int) -> Floats:
    """Scores of whom some join late, and of the others many who stood high do not answer again."""
    rng = np.random.default_rng(seed)
    seen = scores.copy()
    late = rng.random(len(scores)) < 0.1
    seen[late, 0] = np.nan
    gone = rng.random(len(scores)) < 1 / (1 + np.exp(-2 * (scores[:, 0] - 3.5)))
    seen[gone & ~late, 1] = np.nan
    return seen


def by_person(seen: Floats, terms: Floats, codes: Codes, seed: int) -> Floats:
    """The same model drawn person by person, as it is usually written: chains by people by waves.

    Slow and plain, to hold the sums to.
    """
    rng = np.random.default_rng(seed)
    centre, spread = np.nanmean(seen, axis=0), np.nanstd(seen, axis=0)
    start, x = (seen - centre) / spread, np.linalg.qr(terms)[0]
    schools, sizes = int(codes.max()) + 1, np.bincount(codes)

    def covariance(scatter: Floats, number: float, prior: float) -> Floats:
        scale = np.linalg.inv(prior * np.eye(2) + scatter)
        draws = rng.normal(size=(int(imputation.PRIOR_DF + number), 2))
        draws = draws @ np.linalg.cholesky(scale).T
        return np.asarray(np.linalg.inv(draws.T @ draws))

    chains = []
    for _ in range(imputation.IMPUTATIONS):
        y = np.where(np.isnan(start), rng.normal(size=start.shape), start)
        within, between, added = np.eye(2), 0.1 * np.eye(2), np.zeros((schools, 2))
        for _ in range(imputation.STEPS):
            effects = x.T @ (y - added[codes])
            effects += rng.normal(size=effects.shape) @ np.linalg.cholesky(within).T
            rest, precision = y - x @ effects, np.linalg.inv(within)
            for school in range(schools):
                spread_of = np.linalg.inv(sizes[school] * precision + np.linalg.inv(between))
                expected = spread_of @ precision @ rest[codes == school].sum(axis=0)
                added[school] = expected + np.linalg.cholesky(spread_of) @ rng.normal(size=2)
            between = covariance(added.T @ added, schools, imputation.PRIOR_SCHOOLS)
            rest = rest - added[codes]
            within = covariance(rest.T @ rest, len(y), imputation.PRIOR_PEOPLE)
            fitted = y - rest
            for wave in (0, 1):
                gone = np.isnan(start[:, wave])
                slope = within[0, 1] / within[1 - wave, 1 - wave]
                own = math.sqrt(within[wave, wave] - slope * within[0, 1])
                drawn = slope * rest[gone, 1 - wave] + own * rng.normal(size=gone.sum())
                y[gone, wave] = fitted[gone, wave] + drawn
        chains.append(y * spread + centre)
    return np.array(chains)


def mean_change(full: imputation.Imputed) -> Floats:
    """Of each imputation."""
    found: Floats = (full.sums[:, 1] - full.sums[:, 0]).sum(axis=1) / full.sizes.sum()
    return found


def test_change_is_recovered_where_those_who_stood_high_left() -> None:
    scores, terms, codes = answers(schools=150, size=16, seed=1)
    seen = left_out(scores, seed=2)
    started = time.process_time()
    full = imputation.impute(seen, terms, codes)
    assert time.process_time() - started < 3  # 150 schools in a moment
    assert full is not None
    true = float((scores[:, 1] - scores[:, 0]).mean())
    same_people = float(np.nanmean(seen[:, 1] - seen[:, 0]))
    assert abs(same_people - true) > 0.15
    assert abs(float(mean_change(full).mean()) - true) < 0.04
    # Alike within schools, and between waves, as real answers are.
    for wave in (0, 1):
        means = full.sums[:, wave] / full.sizes
        true_means = np.bincount(codes, weights=scores[:, wave]) / full.sizes
        assert means.var(axis=1).mean() == pytest.approx(true_means.var(), rel=0.15)
        assert intraclass(scores[:, wave], codes)[0] > 0.1
    covariance = full.covariances().mean(axis=0)
    within = covariance[0, 1] / math.sqrt(covariance[0, 0] * covariance[1, 1])
    assert within == pytest.approx(np.corrcoef(scores.T)[0, 1], abs=0.04)


def test_what_was_answered_stays_and_draws_repeat() -> None:
    scores, terms, codes = answers(schools=8, size=6, seed=3)
    seen = left_out(scores, seed=4)
    # In the first schools everybody answered both times.
    seen[codes < 3] = scores[codes < 3]
    # A term that others tell already.
    terms = np.column_stack([terms, 1 - terms[:, 1]])
    one, two = (imputation.impute(seen, terms, codes) for _ in range(2))
    assert one is not None and two is not None
    truth = np.array([np.bincount(codes, weights=wave) for wave in scores.T])
    np.testing.assert_allclose(one.sums[:, :, :3], np.tile(truth[:, :3], (50, 1, 1)), rtol=1e-12)
    assert (one.sums[:, 1, 3:].std(axis=0) > 0.1).all()
    np.testing.assert_array_equal(one.sums, two.sums)
    assert (one.sizes == 6).all()
    # Schools may come in any order.
    order = np.random.default_rng(5).permutation(len(seen))
    other = imputation.impute(seen[order], terms[order], codes[order])
    assert other is not None
    mixed = codes[order]
    came = mixed[np.sort(np.unique(mixed, return_index=True)[1])]
    again = other.sums[:, :, np.argsort(came)[:3]]
    np.testing.assert_allclose(again, one.sums[:, :, :3], rtol=1e-12)


def test_nothing_missing_gives_the_scores_own_sums() -> None:
    scores, terms, codes = answers(schools=6, size=7, seed=8)
    full = imputation.impute(scores, terms, codes)
    assert full is not None
    np.testing.assert_allclose(full.covariances()[7], np.cov(scores.T), rtol=1e-10)
    found = means_of_change(full, codes)[0]
    direct = estimates.mean(scores[:, 1] - scores[:, 0], codes)
    np.testing.assert_allclose(found, [direct.value, direct.se**2, direct.df], rtol=1e-10)
    # The same where people moved: their sums are of pairs of schools.
    both = np.column_stack(
        [codes, np.where(np.arange(len(codes)) % 5 == 0, (codes + 1) % 6, codes)]
    )
    full = imputation.impute(scores, terms, both)
    assert full is not None
    found = means_of_change(full, both)[0]
    direct = estimates.mean(scores[:, 1] - scores[:, 0], both)
    np.testing.assert_allclose(found, [direct.value, direct.se**2, direct.df], rtol=1e-10)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("moved", ["came from one", "went to one", "nobody"])
def test_where_everybody_is_of_one_school_there_is_no_variance_over_schools(moved: str) -> None:
    scores, terms, codes = answers(schools=6, size=7, seed=8)
    one = np.zeros_like(codes)
    schools = {"came from one": (one, codes), "went to one": (codes, one)}.get(moved)
    of = one if schools is None else np.column_stack(schools)
    full = imputation.impute(scores, terms, of)
    assert full is not None
    value, variance, df = means_of_change(full, of)[0]
    assert value == pytest.approx((scores[:, 1] - scores[:, 0]).mean())
    assert math.isnan(variance) and math.isnan(df)


def test_answers_that_do_not_vary_are_not_imputed() -> None:
    scores, terms, codes = answers(schools=5, size=6, seed=6)
    scores[:, 1] = 3.0
    scores[0, 1] = np.nan
    assert imputation.impute(scores, terms, codes) is None


@pytest.mark.verify
def test_sums_are_drawn_as_people_would_be() -> None:
    """Ten schools, 20 seeds: whatever is looked at is the same within the seeds' own spread."""
    scores, terms, codes = answers(schools=10, size=8, seed=1)
    seen = left_out(scores, seed=2)
    ours, theirs = [], []
    for seed in range(20):
        full = imputation.impute(seen, terms, codes, seed)
        assert full is not None
        schools = (full.sums / full.sizes).var(axis=2).mean(axis=0)
        change = mean_change(full)
        moments = full.covariances().mean(axis=0)[[0, 0, 1], [0, 1, 1]]
        ours.append([change.mean(), change.std(), *moments, *schools])
        each = by_person(seen, terms, codes, seed)
        change = (each[..., 1] - each[..., 0]).mean(axis=1)
        moments = np.mean([np.cov(one.T) for one in each], axis=0)[[0, 0, 1], [0, 1, 1]]
        means = np.array([each[:, codes == school].mean(axis=1) for school in range(10)])
        theirs.append([change.mean(), change.std(), *moments, *means.var(axis=0).mean(axis=0)])
    first, second = np.array(ours), np.array(theirs)
    error = np.sqrt((first.var(axis=0, ddof=1) + second.var(axis=0, ddof=1)) / 20)
    assert (np.abs(first.mean(axis=0) - second.mean(axis=0)) < 3 * error).all()


@pytest.mark.verify
@pytest.mark.parametrize("schools", [5, 8, 20])
def test_intervals_cover_the_true_change(schools: int) -> None:
    """Schools of 2 to 30, 300 studies: within three Monte Carlo errors of 95%, or above.

    With few schools no more than half as wide again as if everybody had answered.
    """
    rng = np.random.default_rng(7)
    covered, wide = 0, []
    for study in range(300):
        sizes = rng.integers(2, 31, schools)
        scores, terms, codes = answers(schools=schools, size=30, seed=100 + study)
        kept = np.concatenate([np.flatnonzero(codes == s)[:n] for s, n in enumerate(sizes)])
        scores, codes = scores[kept], codes[kept]
        full = imputation.impute(left_out(scores, seed=1000 + study), terms[kept], codes)
        assert full is not None
        key = {
            "unit": "cohort", "source": "staff", "instrument": "spsc", "analysis": "imputed",
            "measure": "total", "wave": "t1-t2", "group": "all", "n": 1.0,
        }  # fmt: skip
        difference = next(_pooled(key, means_of_change(full, codes), len(codes)))
        covered += difference.ci_low <= 0.1 <= difference.ci_high
        complete = estimates.mean(scores[:, 1] - scores[:, 0], codes)
        ideal = complete.ci_high - complete.ci_low
        wide.append((difference.ci_high - difference.ci_low) / ideal)
    assert covered / 300 > 0.95 - 3 * (0.05 * 0.95 / 300) ** 0.5
    assert np.median(wide) < 1.5


@pytest.mark.parametrize("flip", [[-1.0], [1.0, -1.0], [-1.0, 1.0, 1.0]], ids=str)
def test_which_way_an_axis_comes_out_changes_nothing(
    monkeypatch: pytest.MonkeyPatch, flip: list[float]
) -> None:
    """It hangs on rounding, and so on the machine; what is drawn along an axis must not."""
    scores, terms, codes = answers(12, 20, 3)
    scores, usual = left_out(scores, 4), np.linalg.eigh
    found = []
    for turned in (False, True):

        def either(table: Floats, turned: bool = turned) -> tuple[Floats, Floats]:
            roots, axes = usual(table)
            return roots, axes * (np.resize(flip, len(axes)) if turned else 1.0)

        monkeypatch.setattr(np.linalg, "eigh", either)
        found.append(imputation.impute(scores, terms, codes))
    one, other = found
    assert one is not None and other is not None
    np.testing.assert_allclose(other.sums, one.sums, rtol=1e-9)
    np.testing.assert_allclose(other.products, one.products, rtol=1e-9)
