"""A total does not move because people break off before the end."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from analysis import instruments
from analysis.instruments.model import Instrument, Total
from analysis.statistics import estimates

FILE = Path(__file__).parents[2] / "data" / "raw" / "instruments" / "spsc.yaml"
SPSC = instruments.load(FILE)
PEOPLE, SCHOOLS, LAST = 100, 20, 24


def by(rule: str) -> Instrument:
    """The staff survey with a total by this rule."""
    return SPSC.model_copy(update={"total": Total.model_validate({"score": rule})})


def significant(rule: str, share: float, runs: int) -> float:
    """How often a total is said to have changed where nobody changed, in per cent.

    The second half of the survey is answered lower than the first, as some scales are; a share of
    the people breaks off at the follow-up after the twenty-fourth question, so that more than half is answered.
    """
    rng = np.random.default_rng(1)
    items = [item.code for item in SPSC.items]
    level = np.where(np.arange(len(items)) < LAST, 3.8, 3.2)
    person = rng.normal(0, 0.6, (runs * PEOPLE, 1))
    waves = [
        np.clip(np.round(level + person + rng.normal(0, 0.8, (runs * PEOPLE, len(items)))), 1, 5)
        for _ in range(2)
    ]
    waves[1][np.ix_(rng.random(runs * PEOPLE) < share, np.arange(LAST, len(items)))] = np.nan
    first, last = (
        instruments.score(by(rule), pd.DataFrame(wave, columns=items))["spsc.total"].to_numpy()
        for wave in waves
    )
    schools, found = np.arange(PEOPLE) % SCHOOLS, 0
    for change in (last - first).reshape(runs, PEOPLE):
        known = ~np.isnan(change)
        found += estimates.mean(change[known], schools[known]).p < 0.05
    return 100 * found / runs


def test_break_off_moves_a_mean_of_items_and_no_mean_of_subscales() -> None:
    runs = 200
    error = 100 * (0.05 * 0.95 / runs) ** 0.5
    assert significant("items", 0.3, runs) > 60
    for share in (0.0, 0.1, 0.3):
        assert abs(significant("subscales", share, runs) - 5) <= 3 * error


def test_a_complete_form_has_one_total_by_either_rule() -> None:
    rng = np.random.default_rng(2)
    items = [item.code for item in SPSC.items]
    answers = pd.DataFrame(rng.integers(1, 6, (50, len(items))), columns=items, dtype="float64")
    totals = [instruments.score(by(rule), answers)["spsc.total"] for rule in ("items", "subscales")]
    np.testing.assert_allclose(*totals, rtol=1e-12)
    # One answer missing is filled by its own subscale; a subscale missing leaves no total.
    gap = answers.copy()
    gap.loc[0, items[0]] = np.nan
    scored = instruments.score(by("subscales"), gap).loc[0]
    weights = {s.id: len(SPSC.items_of(s.id)) for s in SPSC.subscales}
    expected = sum(scored[f"spsc.{name}"] * number for name, number in weights.items())
    assert scored["spsc.total"] == pytest.approx(expected / len(items))
    gap.loc[0, [item.code for item in SPSC.items_of(SPSC.subscales[-1].id)]] = np.nan
    assert np.isnan(instruments.score(by("subscales"), gap).loc[0, "spsc.total"])
    assert not np.isnan(instruments.score(by("items"), gap).loc[0, "spsc.total"])


def test_the_rule_is_stated_and_the_default_asks_for_every_subscale() -> None:
    assert Total().score == "subscales"
    assert SPSC.total is not None and SPSC.total.score == "items"  # as published
    with pytest.raises(ValidationError, match="minimum_answered"):
        Total.model_validate({"minimum_answered": 0.5})
    looked_up = instruments.load(FILE.with_name("kidscreen10.yaml"))
    with pytest.raises(ValidationError, match="looked up"):
        Instrument.model_validate(looked_up.model_dump(exclude={"folder"}) | {"total": {}})
