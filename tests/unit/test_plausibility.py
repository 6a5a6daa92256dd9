"""What the reproduction chapter shows of how the answers look."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analysis import study as studies
from analysis.disclosure import RELEASED
from analysis.disclosure.release import Released
from analysis.prepare import load_instruments
from analysis.present import plausibility
from analysis.present.page import Page
from analysis.present.shown import Figure, Table, Text
from analysis.results import COHORT, COLUMNS, NUMBERS, PARTS

STUDY = studies.load(Path(__file__).parents[2] / "data" / "raw")
VALUES = {
    "staff.spsc.answers.morale.t1.all.answer_1_2": 8.0,
    "staff.spsc.answers.morale.t1.all.answer_3": 22.0,
    "staff.spsc.answers.morale.t1.all.answer_4": 40.0,
    "staff.spsc.answers.morale.t1.all.answer_5": 30.0,
    "staff.spsc.answers.morale.t1.all.skew_lowest": -0.71,
    "staff.spsc.answers.morale.t1.all.skew_highest": -0.24,
    "staff.spsc.reliability.morale.t1.all.alpha": 0.84,
    "staff.spsc.retest.morale.t1-t2.all.r": 0.51,
    "staff.spsc.clustering.morale.t1.all.icc": -0.02,
    "staff.spsc.quality.out_of_range.t1.all.percent": 0.0,
}


def page(unit: str = COHORT) -> Page:
    rows: list[dict[str, Any]] = [
        dict.fromkeys(NUMBERS, float("nan"))
        | dict(zip(PARTS, name.split("."), strict=True))
        | {"edition": "e", "unit": COHORT, "id": name, "method": "", "reason": "", "value": value}
        | {"release": RELEASED, "numerator": 0.0, "denominator": 500.0}
        for name, value in VALUES.items()
    ]
    frame = pd.DataFrame(rows, columns=[*COLUMNS, "release", "reason"])
    return Page(
        STUDY, unit, Released(frame), pd.DataFrame(), pd.DataFrame(), load_instruments(STUDY)
    )


def morale(table: Table | Text) -> str:
    lines = table.markdown().replace("\\", "").splitlines()
    (line,) = [line for line in lines if line.startswith("| SPSC | Morale |")]
    return line


def test_answers_of_few_are_counted_with_the_next() -> None:
    line = morale(plausibility.spreads(page(), "T1"))
    assert line == "| SPSC | Morale | → | 8.0 | 22.0 | 40.0 | 30.0 | −0.7 | −0.2 |"
    drawn = plausibility.spread_charts(page()).entries["staff"]
    assert isinstance(drawn, Figure)
    assert "Morale: baseline answers 1 to 2: 8.0%, answer 3: 22.0%" in drawn.alt
    assert drawn.svg == getattr(plausibility.spread_charts(page()).entries["staff"], "svg", "")


def test_consistency_has_each_measure_and_no_alpha_of_a_total() -> None:
    table = plausibility.consistency(page())
    assert morale(table) == "| SPSC | Morale | 0.84 | [x] | 0.51 | −0.02 | [x] |"
    assert "| SPSC | Total | – | – |" in table.markdown()
    drawn = plausibility.consistency_charts(page()).entries["staff"]
    assert isinstance(drawn, Figure)
    assert "Morale: Alpha 0.84, Retest r 0.51, ICC −0.02" in drawn.alt


def test_answers_outside_what_was_offered_are_counted() -> None:
    assert "SPSC at baseline 0 of 500." in plausibility.possible(page()).markdown().replace(
        "\\", ""
    )


@pytest.mark.parametrize(
    "made",
    [
        plausibility.consistency, plausibility.possible,
        lambda page: plausibility.spreads(page, "T1"),
        plausibility.spread_charts, plausibility.consistency_charts,
    ],
)  # fmt: skip
def test_a_school_has_none_of_it(made: Any) -> None:
    assert made(page("S01")) is None
