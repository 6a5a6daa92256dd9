"""A school that joins at the follow-up with a handful of pupils: released, and nobody given away."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis import pipeline
from analysis import study as studies
from analysis.disclosure.audit import audit
from tests.conftest import ROOT
from tests.studies import made


@pytest.mark.parametrize("stay", [5, 12], ids=["five pupils", "twelve pupils"])
def test_a_small_school_that_joins_later_gives_nobody_away(tmp_path: Path, stay: int) -> None:
    (tmp_path / "_quarto.yml").write_bytes((ROOT / "_quarto.yml").read_bytes())
    folder = tmp_path / "data" / "raw"
    made.baseline(folder)
    made.second_term(folder)
    path = folder / "w2.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join(lines[: stay - 30]) + "\n", encoding="utf-8")
    study = studies.load(folder)
    decided = pipeline.release(study)
    found = audit(decided, study)
    assert found["held"].all()
    joined = decided[(decided["unit"] == "B5") & (decided["release"] == "released")]
    assert joined["statistic"].isin(["mean"]).any() == (stay >= 10)
    assert ((decided["unit"] == "cohort") & (decided["release"] == "released")).sum() > 30
