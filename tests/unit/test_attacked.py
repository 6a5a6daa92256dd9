"""The attack on what executed notebooks record as shown."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from analysis import approval
from analysis.disclosure import RELEASED, decide, released
from analysis.disclosure.audit import audit
from analysis.present.page import part
from analysis.present.shown import Part, Text, number_text
from analysis.publish.attacked import as_printed, recorded, report
from analysis.publish.seen import Seen
from analysis.results import COHORT, ledger
from tests.conftest import Rendered
from tests.unit.test_release_attacked import CASES, MEASURES, STUDY, people, results


def everything(decided: pd.DataFrame) -> list[Part]:
    """All released rows as a page would show them, to two decimals."""
    rows = released(decided).frame.to_dict("records")
    return [
        part({str(k): v for k, v in row.items()}, 0 if row["statistic"] in ("n", "count") else 2)
        for row in rows
    ]


def test_numbers_are_found_again_in_a_notebook(tmp_path: Path) -> None:
    shown = [Part("\u22121,234.5", "S01", "x", "value", 1), Part("[c]", "S02", "x", "value", 2)]
    data, metadata = Text(shown)._repr_mimebundle_()
    output = {"output_type": "display_data", "data": data, "metadata": metadata}
    cells = [{"cell_type": "code", "outputs": [output]}, {"cell_type": "markdown"}]
    (tmp_path / "a.ipynb").write_text(json.dumps({"cells": cells}))
    found = list(recorded(tmp_path))
    assert found == shown
    rows = pd.DataFrame(
        {
            "unit": ["S01", "S02"],
            "id": "x",
            "value": 0.0,
            "ci_low": 0.0,
            "ci_high": 0.0,
            "release": RELEASED,
        }
    )
    printed = as_printed(rows, found)
    assert printed["value"].iloc[0] == -1234.5 and printed["decimals"].iloc[0] == 1
    assert printed["release"].tolist() == [RELEASED, ""]


@pytest.mark.parametrize("case", ["a few new in each school", "some moved"])
def test_what_is_shown_gives_nobody_away_and_what_is_not_would(case: str) -> None:
    found = ledger(results(CASES[case]()), "e1")
    decided = decide(found, STUDY)
    attacked = audit(as_printed(decided, everything(decided)), STUDY)
    assert len(attacked) and attacked["held"].all()
    said = report(STUDY, attacked, decided, {COHORT: Seen(everything(decided))})
    assert "What is withheld, and why" in said and str(len(attacked)) in said
    # The very same pages without the release's rules beyond the thresholds.
    bare = [
        Part(number_text(row.value, 2), row.unit, row.id, "value", 2)
        for row in found[found["n"] >= 5].itertuples()
    ]
    assert not audit(as_printed(decided, bare), STUDY)["held"].all()


def test_pages_without_a_schools_spread_need_not_keep_more_open_than_release_promised() -> None:
    decided = decide(ledger(results(CASES["a few new in each school"]()), "e1"), STUDY)
    shown = everything(decided)
    spread = [each for each in shown if each.id.endswith(".sd") and each.unit != COHORT]
    key = ["survey", "measure", "unit", "part", "wave"]
    whole, fewer = (
        audit(as_printed(decided, parts), STUDY).set_index(key)
        for parts in (shown, [each for each in shown if each not in spread])
    )
    assert spread and whole["held"].all() and fewer["held"].all()
    pd.testing.assert_series_equal(fewer["needed"], whole["needed"])
    assert (fewer["half_width"] >= whole["half_width"] - 1e-6).all()


@pytest.mark.verify
def test_the_demonstration_reports_hold_against_the_attack(rendered: Rendered) -> None:
    found, path = approval.attack(rendered.study)
    assert len(found) > 2000 and found["held"].all()
    assert path.read_text(encoding="utf-8").count("\n") < 120


def test_schools_that_are_level_as_printed_contradict_nothing() -> None:
    """Coarse numbers, as they are beside an earlier edition: which schools are lowest is known."""
    frame = people({f"S{n:02}": (12, 3, 3) for n in range(1, 9)})
    for number in range(1, 9):
        stayed = (frame["first"] == f"S{number:02}") & (frame["first"] == frame["last"])
        # As printed all begin at 3.0; the lowest, S06 to S08, fall, and the first three rise.
        for measure in MEASURES:
            frame.loc[stayed, f"{measure} t1"] = 3.0
            frame.loc[stayed.idxmax(), f"{measure} t1"] += 0.05 * (8 - number)
            frame.loc[stayed, f"{measure} t2"] = 4.0 if number <= 3 else 2.0
    decided = ledger(results(frame), "e1").assign(release=RELEASED)
    coarse = [
        Part(number_text(row.value, 1), row.unit, row.id, "value", 1)
        for row in decided.itertuples()
        if row.statistic in ("mean", "difference", "baseline_mean", "lowest", "everybody")
    ]
    assert len(audit(as_printed(decided, coarse), STUDY, ("score",)))
