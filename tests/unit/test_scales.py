"""Items and their scale: what too few answered is not what a scale leaves of its other items."""

from __future__ import annotations

import math

from analysis import study as studies
from analysis.disclosure import decide
from analysis.results import COHORT, Result, ledger
from tests.conftest import ROOT

STUDY = studies.load(ROOT / "data/raw")
ITEMS = [f"mor{number}" for number in range(1, 6)]
#: Staff by school.
SIZES = {"S01": 6, "S02": 9, "S03": 12, "S13": 15}


def shown(**answered: int) -> dict[str, set[str]]:
    """The items of morale that are shown of each school, by how many of it answered the third."""
    given = SIZES | answered
    common = {"source": "staff", "wave": "t1", "group": "all", "ci_low": math.nan,
              "ci_high": math.nan, "n_schools": 1.0}  # fmt: skip
    rows = []
    for unit, n in [*SIZES.items(), (COHORT, sum(SIZES.values()))]:
        whole = common | {"unit": unit, "n_schools": 4.0 if unit == COHORT else 1.0}
        rows.append(Result(**whole, instrument="survey", analysis="response", measure="responded",
                           statistic="count", value=float(n), n=float(n)))  # fmt: skip
        rows.append(Result(**whole, instrument="spsc", analysis="level", measure="morale",
                           statistic="mean", value=3.2, n=float(n)))  # fmt: skip
        for item in ITEMS:
            few = given if item == "mor3" else SIZES
            count = float(sum(few.values()) if unit == COHORT else few[unit])
            rows.append(Result(**whole, instrument="spsc", analysis="items", measure=item,
                               statistic="mean", value=3.2, n=count))  # fmt: skip
    decided = decide(ledger(rows, "e1"), STUDY)
    means = decided[(decided["statistic"] == "mean") & (decided["release"] == "released")]
    scales = set(means.loc[means["analysis"] == "level", "unit"])
    assert scales == {*SIZES, COHORT}
    items = means[means["analysis"] == "items"]
    return {unit: set(items.loc[items["unit"] == unit, "measure"]) for unit in scales}


def test_a_scale_and_its_other_items_do_not_tell_the_one_withheld() -> None:
    found = shown(S01=4)
    gone = set(ITEMS) - found["S01"]
    # The scale's sum less the items shown is that of two at least, of which neither is all schools'
    # less the others'.
    assert "mor3" in gone and len(gone) >= 2
    for item in gone:
        assert any(item not in found[unit] for unit in SIZES if unit != "S01")
    for unit in SIZES:
        assert len(found[unit]) == len(ITEMS) or len(found[unit]) <= len(ITEMS) - 2
    assert found[COHORT] == set(ITEMS)


def test_nothing_goes_where_enough_answered_or_the_scale_leaves_enough_open() -> None:
    assert set(map(len, shown().values())) == {len(ITEMS)}
    # Three who did not answer it count with anything: the scale leaves the three who did open.
    assert shown(S01=3)["S01"] == set(ITEMS) - {"mor3"}
