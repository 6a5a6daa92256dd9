"""Multiple imputation with schools at random: what it recovers, and what it leaves alone."""

from __future__ import annotations

import time

import numpy as np
import pytest

from analysis.statistics import estimates, imputation
from analysis.statistics.estimates import Codes, Floats
from analysis.statistics.over_time import _pooled


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


def test_change_is_recovered_where_those_who_stood_high_left() -> None:
    scores, terms, codes = answers(schools=150, size=16, seed=1)
    seen = left_out(scores, seed=2)
    started = time.process_time()
    full = imputation.impute(seen, terms, codes)
    assert time.process_time() - started < 10  # 150 schools in seconds
    assert full is not None
    true = float((scores[:, 1] - scores[:, 0]).mean())
    same_people = float(np.nanmean(seen[:, 1] - seen[:, 0]))
    imputed = float((full[..., 1] - full[..., 0]).mean())
    assert abs(same_people - true) > 0.15
    assert abs(imputed - true) < 0.04
    # Alike within schools, and between waves, as real answers are.
    for wave in (0, 1):
        f = [_icc(one[:, wave], codes) for one in full[:10]]
        assert np.mean(f) == pytest.approx(_icc(scores[:, wave], codes), abs=0.05)
    within = np.mean([np.corrcoef(one.T)[0, 1] for one in full[:10]])
    assert within == pytest.approx(np.corrcoef(scores.T)[0, 1], abs=0.04)


def _icc(values: Floats, codes: Codes) -> float:
    from analysis.statistics.moderators import intraclass

    return intraclass(values, codes)[0]


def test_what_was_answered_stays_and_draws_repeat() -> None:
    scores, terms, codes = answers(schools=8, size=6, seed=3)
    seen = left_out(scores, seed=4)
    # People in any order, and a term that others tell already.
    order = np.random.default_rng(5).permutation(len(seen))
    seen, codes = seen[order], codes[order]
    terms = np.column_stack([terms, 1 - terms[:, 1]])[order]
    one, two = (imputation.impute(seen, terms, codes) for _ in range(2))
    assert one is not None and two is not None
    answered = ~np.isnan(seen)
    assert (one[:, answered] == seen[answered]).all() and np.isfinite(one).all()
    np.testing.assert_array_equal(one, two)
    assert (one[:, ~answered].std(axis=0) > 0.1).all()


def test_answers_that_do_not_vary_are_not_imputed() -> None:
    scores, terms, codes = answers(schools=5, size=6, seed=6)
    scores[:, 1] = 3.0
    scores[0, 1] = np.nan
    assert imputation.impute(scores, terms, codes) is None


@pytest.mark.verify
def test_intervals_cover_the_true_change() -> None:
    """Twenty schools of 2 to 30, 300 studies: within three Monte Carlo errors of 95%, or above."""
    rng = np.random.default_rng(7)
    covered = 0
    for study in range(300):
        sizes = rng.integers(2, 31, 20)
        scores, terms, codes = answers(schools=20, size=30, seed=100 + study)
        kept = np.concatenate([np.flatnonzero(codes == s)[:n] for s, n in enumerate(sizes)])
        seen = left_out(scores[kept], seed=1000 + study)
        full = imputation.impute(seen, terms[kept], codes[kept])
        assert full is not None
        each = [estimates.mean(one[:, 1] - one[:, 0], codes[kept]) for one in full]
        found = np.array([(e.value, e.se**2, e.df) for e in each])
        key = {
            "unit": "cohort", "source": "staff", "instrument": "spsc", "analysis": "imputed",
            "measure": "total", "wave": "t1-t2", "group": "all", "n": 1.0,
        }  # fmt: skip
        difference = next(_pooled(key, found, len(seen)))
        covered += difference.ci_low <= 0.1 <= difference.ci_high
    assert covered / 300 > 0.95 - 3 * (0.05 * 0.95 / 300) ** 0.5
