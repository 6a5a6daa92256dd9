"""Change against what was delivered: the slope, whom it leaves out, and where there is none."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.prepare import Prepared
from analysis.present import groups
from analysis.statistics import dose, estimates
from tests.unit.test_evidence import page_of
from tests.unit.test_statistics_edges import STAFF, prepared


def delivered(hours: list[float], date: str = "2017-03-01") -> Prepared:
    """Staff of as many schools, whose change is a tenth of a point an hour beside chance."""
    study = prepared([8] * len(hours))
    frame = study.surveys["staff"]
    of_school = frame["school"].str[1:].astype(int).map(dict(enumerate(hours)))
    more = np.where(frame["wave"] == "T2", 0.1 * of_school, 0.0)
    frame = frame.assign(**{"spsc.morale": frame["spsc.morale"] + more})
    sessions = pd.DataFrame(
        {"school": [f"S{n:02d}" for n in range(len(hours))], "date": date, "kind": "meeting",
         "minutes": [60 * h for h in hours]}
    )  # fmt: skip
    sessions = sessions[sessions["minutes"] > 0]
    return replace(study, surveys={"staff": frame}, strands={"sessions": sessions})


def slopes(study: Prepared) -> dict[tuple[str, str], float]:
    return {(r.measure, r.statistic): r.value for r in dose.dose(study, STAFF)}


def test_the_slope_is_points_for_ten_hours_more() -> None:
    hours = [0.0, 2.0, 4.0, 6.0, 8.0, 10.0, 12.0, 14.0]
    study = delivered(hours)
    found = slopes(study)
    frame = study.surveys["staff"].pivot(index="respondent", columns="wave", values="spsc.morale")
    change = (frame["T2"] - frame["T1"]).dropna()
    school = change.index.str.split("-").str[0].astype(int)
    dosed = np.array(hours)[school] / 10
    design = pd.DataFrame({"one": 1.0, "hours": dosed})
    whole = estimates.contrast(change.to_numpy(), design, "hours", np.asarray(school))
    assert found["morale", "slope"] == pytest.approx(whole.value)
    assert found["morale", "p"] == pytest.approx(whole.p)
    assert found["morale", "slope"] == pytest.approx(1.0, abs=0.4)
    assert found["morale", "p_holm"] >= found["morale", "p"]
    table = groups.dose(page_of(dose.dose(study, STAFF)), "staff", "spsc")
    assert table is not None and "description" in table.note
    assert len(table.rows) == len(study.instruments["spsc"].scores)


def test_sessions_after_the_follow_up_do_not_count() -> None:
    assert not slopes(delivered([0.0, 2.0, 4.0, 6.0, 8.0], date="2030-01-01"))


def test_without_sessions_or_with_as_many_everywhere_there_is_nothing() -> None:
    study = delivered([3.0] * 5)
    assert not slopes(study)
    assert not slopes(replace(study, strands={}))
    assert groups.dose(page_of([]), "staff", "spsc") is None
