"""Trends over any number of waves: by each school's own dates, shown where there are three."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.disclosure import store
from analysis.prepare import Prepared, wave_dates
from analysis.present import trends
from analysis.present.shown import parts_of
from analysis.results import Result
from analysis.statistics import level, over_time, response
from analysis.statistics.people import People
from tests.unit.test_evidence import page_of
from tests.unit.test_statistics_edges import STAFF, STUDY, prepared

LATER = STUDY.waves[1].model_copy(
    update={"id": "T3", "label": "Later", "start": STUDY.waves[1].start.replace(year=2019),
            "end": STUDY.waves[1].end.replace(year=2019)}
)  # fmt: skip
THREE = STUDY.model_copy(update={"waves": (*STUDY.waves, LATER), "followup": "T3"})


def over_three(rise: float = 0.0) -> Prepared:
    """Staff of ten schools at three waves, who rise by so many points from wave to wave."""
    found = prepared([8] * 10)
    frame = found.surveys["staff"]
    third = frame[frame["wave"] == "T2"].assign(wave="T3")
    whole = pd.concat([frame, third], ignore_index=True)
    step = whole["wave"].map({"T1": 0.0, "T2": rise, "T3": 2 * rise})
    whole["spsc.total"] = 3.0 + step + 0.01 * (whole["row"] % 7)
    return replace(found, study=THREE, surveys={"staff": whole})


def test_the_trend_goes_by_each_schools_own_dates() -> None:
    found = over_three(rise=0.5)
    dates = wave_dates.of_study(THREE, found.schools)
    # Half of the schools were asked twice as far apart as the others.
    for place, school in enumerate(found.schools["id"]):
        for number, wave in enumerate(("T1", "T2", "T3")):
            day = pd.Timestamp("2017-01-01") + pd.Timedelta(days=number * 200 * (1 + place % 2))
            dates.loc[(school, wave)] = day
    asked = pd.DataFrame({"school": ["S00", "S01", "S01"], "wave": ["T2", "T2", "T3"]})
    years = over_time.years_since_baseline(replace(found, wave_dates=dates), People.of(asked))
    np.testing.assert_allclose(years, np.array([200, 400, 800]) / 365.25)

    def trend(study: Prepared) -> float:
        return next(
            r.value for r in over_time.over_time(study, STAFF)
            if (r.measure, r.statistic) == ("total", "trend")
        )  # fmt: skip

    fast = dates.copy()
    for place, school in enumerate(found.schools["id"]):
        for number, wave in enumerate(("T1", "T2", "T3")):
            fast.loc[(school, wave)] = pd.Timestamp("2017-01-01") + pd.Timedelta(
                days=number * 200 * (1 + place % 2) / 2
            )
    # In half the time, twice the points a year.
    assert trend(replace(found, wave_dates=fast)) == pytest.approx(
        2 * trend(replace(found, wave_dates=dates)), rel=1e-6
    )


def test_three_waves_are_drawn_and_told_and_fewer_are_not() -> None:
    found = over_three()
    page = page_of(
        (r for q in (response.response, level.scores) for r in q(found, STAFF)), study=THREE
    )
    table = trends.levels(page, "staff", "spsc")
    assert table is not None and table.columns[2:] == ["Baseline", r"Follow\-up", "Later"]
    figure = trends.multiples(page, "staff", "spsc")
    assert figure is not None and "Total" in figure.alt
    waves = {part.id.split(".")[4] for part in figure.parts}
    assert waves == {"t1", "t2", "t3"}
    assert {p.id for row in table.rows for cell in row for p in parts_of(cell)} >= {
        p.id for p in figure.parts
    }
    two = replace(page, study=STUDY)
    assert trends.levels(two, "staff", "spsc") is None
    assert trends.multiples(two, "staff", "spsc") is None


def test_the_legend_names_nothing_that_is_not_drawn() -> None:
    found = over_three()
    rows = [r for q in (response.response, level.scores) for r in q(found, STAFF)]

    def drawn(results: list[Result]) -> str:
        page = page_of(results, unit="S00", study=THREE)
        days = {
            store.day_column(wave): f"{2018 + n}-03-01" for n, wave in enumerate(THREE.wave_ids)
        }
        figure = trends.multiples(
            replace(page, schools=page.schools.assign(name="Oak", **days)), "staff", "spsc"
        )
        assert figure is not None and "Programme" in figure.svg
        return figure.svg

    assert "Primary schools" in drawn(rows)
    of_all = [r for r in rows if r.group == "all" or r.analysis == "response"]
    assert "Primary schools" not in drawn(of_all)
