"""Norms and other schools' results: beside whom they stand, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pydantic import ValidationError

from analysis.errors import AnalystError
from analysis.instruments.model import Instrument, Outside
from analysis.prepare import outcomes
from analysis.prepare.definitions import not_of
from analysis.present import outside
from analysis.present.page import Page
from analysis.present.shown import Table
from tests.unit.test_evidence import INSTRUMENTS, STUDY, page_of, result
from tests.unit.test_series import MEASURE
from tests.unit.test_series import page_of as records_page
from tests.unit.test_series import prepared as records

SPSC = INSTRUMENTS["spsc"]
NORMS = (
    Outside(score="morale", label="Other staff", mean=3.5, sd=0.8, n=1200, source="A survey"),
    Outside(score="morale", label="Leaders", mean=4.4, of={"role": "leader"}, source="Another"),
    Outside(score="morale", label="Secondary", mean=3.0, of={"phase": "secondary"}, source="It"),
)


def page(*, unit: str = "cohort", norms: tuple[Outside, ...] = NORMS) -> Page:
    at = {"analysis": "level", "wave": "t2", "n_schools": 9.0}
    found = [
        result("mean", 3.8, ci_low=3.6, ci_high=4.0, **at),
        result("mean", 4.2, group="leader", ci_low=4.0, ci_high=4.5, **at),
        result("mean", 2.8, group="secondary", ci_low=2.6, ci_high=2.9, **at),
        result("mean", 3.4, unit="S00", ci_low=3.2, ci_high=3.6, **at),
    ]
    instrument = SPSC.model_copy(update={"norms": norms})
    return replace(page_of(found, unit), instruments={"spsc": instrument})


def sides(table: Table | None) -> dict[str, Any]:
    assert table is not None
    return {str(row[1]): row[-1] for row in table.rows}


def test_each_group_stands_beside_others_like_it() -> None:
    found = sides(outside.norms(page(), "staff", "spsc"))
    assert found == {"All": "Above", "Leaders": "Not clear", "Secondary schools": "Below"}
    table = outside.norms(page(), "staff", "spsc")
    assert table is not None
    assert "Other staff: 3.50 (SD 0.8, n 1,200)" in str(table.rows[0][3]).replace("\\", "")
    assert all(source in table.note for source in ("A survey", "Another", "It"))


def test_a_school_stands_beside_everybody_and_its_own_group_of_schools() -> None:
    assert sides(outside.norms(page(unit="S00"), "staff", "spsc")) == {"This school": "Not clear"}


def test_without_norms_there_is_no_table() -> None:
    assert outside.norms(page(norms=()), "staff", "spsc") is None
    assert outside.rates(page()) is None


@pytest.mark.parametrize(
    ("norm", "what"),
    [({"score": "nothing"}, "no score"), ({"mean": 9.0}, "no mean"), ({"source": ""}, "source")],
)
def test_a_norm_fits_its_instrument(norm: dict[str, Any], what: str) -> None:
    content = SPSC.model_dump() | {"folder": SPSC.folder}
    content["norms"] = [{"score": "morale", "label": "O", "mean": 3.0, "source": "S"} | norm]
    with pytest.raises(ValidationError, match=what):
        Instrument.model_validate(content)


def test_a_norm_is_of_a_group_of_the_study() -> None:
    groups = STUDY.breakdowns(STUDY.survey("staff"))
    assert not not_of(STUDY, {"role": "leader"}, groups)
    assert "no group" in not_of(STUDY, {"age": "30"}, groups)
    assert "'head'" in not_of(STUDY, {"role": "head"}, groups)


def test_rates_stand_beside_other_schools() -> None:
    study = records(["2015-09-05"] * 6)
    norms = [{"label": "England", "rate": 90.0, "source": "S", "term": "Summer 2017"}]
    document = {"measures": [{**MEASURE, "norms": norms}]}
    found = records_page(replace(study, documents={"outcome_measures": document}))
    assert sides(outside.rates(found)) == {"All": "Above"}


@pytest.mark.parametrize("wrong", [{"term": "Winter"}, {"of": {"phase": "nursery"}}])
def test_other_schools_are_of_a_term_and_a_group_that_are_there(wrong: dict[str, Any]) -> None:
    norm = {"label": "England", "rate": 90.0, "source": "S", **wrong}
    document = {"measures": [{"id": "attendance", "norms": [norm]}]}
    recorded = pd.DataFrame({"term": ["Summer 2017"]})
    with pytest.raises(AnalystError, match="England"):
        outcomes.refuse_unknown_norms(STUDY, document, recorded, str(Path("m.yaml")))
