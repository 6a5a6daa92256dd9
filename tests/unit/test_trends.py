"""Trends over any number of waves: by each school's own dates, shown where there are three."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.disclosure import store
from analysis.prepare import Prepared, wave_dates
from analysis.present import trends
from analysis.present.page import Page
from analysis.present.shown import parts_of
from analysis.results import COHORT, Result
from analysis.statistics import level, over_time, response
from analysis.statistics.people import People
from analysis.study import Survey
from tests.unit.test_evidence import page_of
from tests.unit.test_statistics_edges import STAFF, STUDY, prepared

LATER = STUDY.waves[1].model_copy(
    update={"id": "T3", "label": "Later", "start": STUDY.waves[1].start.replace(year=2019),
            "end": STUDY.waves[1].end.replace(year=2019)}
)  # fmt: skip


def asked_also_at(survey: Survey, wave: str) -> Survey:
    """A survey that one more wave asked, with all its instruments."""
    again = survey.exports[0].model_copy(update={"wave": wave, "file": f"{wave}.csv"})
    return survey.model_copy(update={"exports": (*survey.exports, again)})


#: Staff were asked a third time, pupils were not.
THREE = STUDY.model_copy(
    update={
        "waves": (*STUDY.waves, LATER), "followup": "T3",
        "surveys": tuple(asked_also_at(s, "T3") if s.id == "staff" else s for s in STUDY.surveys),
    }
)  # fmt: skip


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


#: Means of a school and of the programme at three waves, by hand.
OWN, WHOLE = {"t1": 3.1, "t3": 3.4}, {"t1": 2.9, "t2": 3.0, "t3": 3.2}


def a_schools_page(own: dict[str, float], source: str = "staff", instrument: str = "spsc") -> Page:
    """A school's page of three waves, with the means that may be shown of it and of all."""
    score = THREE.survey(source).headline.split(".")[1]
    rows = [
        Result(
            unit=unit, source=source, instrument=instrument, analysis="level", measure=score,
            wave=wave, group="all", statistic="mean", value=mean, n=50.0,
        )
        for unit, means in (("S00", own), (COHORT, WHOLE)) for wave, mean in means.items()
    ]  # fmt: skip
    page = page_of(rows, unit="S00", study=THREE)
    days = {store.day_column(wave): f"{2018 + n}-03-01" for n, wave in enumerate(THREE.wave_ids)}
    return replace(page, schools=page.schools.assign(name="Oak", **days))


def test_an_alternative_text_tells_every_line_with_its_waves() -> None:
    figure = trends.multiples(a_schools_page(OWN), "staff", "spsc")
    assert figure is not None
    assert "this school: Baseline 3.10, Later 3.40." in figure.alt
    assert "programme: Baseline 2.90, Follow-up 3.00, Later 3.20." in figure.alt
    assert "this school among all" in figure.caption


def test_a_chart_of_others_alone_is_not_taken_for_the_schools_own() -> None:
    """The school's means are withheld: title, legend and alternative text name the programme."""
    figure = trends.multiples(a_schools_page({}), "staff", "spsc")
    assert figure is not None
    assert "this school among all" not in figure.caption
    assert "this school’s own means cannot be shown" in figure.caption.replace("'", "’")
    for drawn in (figure.svg, figure.narrow):
        assert "Programme" in drawn and "This school" not in drawn
    assert "programme: Baseline 2.90, Follow-up 3.00, Later 3.20." in figure.alt
    assert "this school" not in figure.alt.lower()


def test_only_waves_that_asked_an_instrument_count() -> None:
    """Pupils were asked at two of the study's three waves: two levels are no trend."""
    survey = THREE.survey("pupils")
    instrument = survey.headline.split(".")[0]
    page = a_schools_page(OWN, "pupils", instrument)
    assert trends.multiples(page, "pupils", instrument) is None
    assert trends.levels(page, "pupils", instrument) is None
    study = page.study.model_copy(
        update={
            "waves": (*THREE.waves, LATER.model_copy(update={"id": "T4", "label": "Unasked"})),
        }
    )
    figure = trends.multiples(replace(a_schools_page(OWN), study=study), "staff", "spsc")
    assert figure is not None
    assert "three waves" in figure.caption and "Unasked" not in figure.svg


def test_waves_are_named_below_a_chart_that_has_room() -> None:
    figure = trends.multiples(a_schools_page(OWN), "staff", "spsc")
    assert figure is not None
    for drawn in (figure.svg, figure.narrow):
        assert all(f">{name}<" in drawn for name in ("Baseline", "Follow-up", "Later"))
