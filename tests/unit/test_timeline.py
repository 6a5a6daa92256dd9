"""When people were asked: every wave up to the follow-up, and no survey at a wave it was not taken."""

from __future__ import annotations

import pytest

from analysis.present import key_findings, sentences, timeline
from analysis.present.page import Page
from analysis.present.shown import Part
from analysis.results import COHORT, Result
from tests.unit.test_evidence import page_of
from tests.unit.test_trends import THREE

#: Staff at three waves, of which the first and the last are compared; pupils at two.
ANSWERED = {
    "staff": {"t1": 185.0, "t2": 207.0, "t3": 186.0},
    "pupils": {"t1": 98.0, "t2": 99.0},
}


def page(followup: str = "T3") -> Page:
    rows = [
        Result(
            unit=COHORT, source=source, instrument="survey", analysis="response",
            measure="responded", wave=wave, group="all", statistic="count", value=count, n=count,
        )
        for source, waves in ANSWERED.items() for wave, count in waves.items()
    ]  # fmt: skip
    return page_of(rows, study=THREE.model_copy(update={"followup": followup}))


def shown(parts: list[Part]) -> list[tuple[str, str, str]]:
    """Survey, wave and number of each."""
    return [(part.id.split(".")[0], part.id.split(".")[4], part.text) for part in parts]


@pytest.mark.parametrize(("followup", "waves"), [("T3", "t1 t2 t3"), ("T2", "t1 t2")])
def test_every_wave_up_to_the_follow_up_stands_on_the_timeline(followup: str, waves: str) -> None:
    figure = timeline.timeline(page(followup))
    assert figure is not None
    expected = [
        (source, wave, f"{count:.0f}")
        for source, of_survey in ANSWERED.items()
        for wave, count in of_survey.items()
        if wave in waves.split()
    ]
    assert shown(figure.parts) == expected
    assert "ollow-up" in figure.alt and "207 answered" in figure.alt
    table = key_findings.timeline(page(followup))
    assert table is not None
    said = sorted((str(row[0]), str(row[1])) for row in table.rows)
    assert len(said) == len(expected)


def test_who_answered_at_a_wave_between_is_told_and_no_survey_that_was_not_taken() -> None:
    staff = sentences.response(page(), "staff")
    assert staff is not None
    answered = [part for part in staff.pieces if isinstance(part, Part)]
    assert shown(answered)[:3] == [
        ("staff", wave, f"{n:.0f}") for wave, n in ANSWERED["staff"].items()
    ]
    # Of the waves compared it is said that nobody was asked; of others it goes without saying.
    exports = tuple(e for e in THREE.survey("pupils").exports if e.wave == "T1")
    surveys = tuple(
        s.model_copy(update={"exports": exports}) if s.id == "pupils" else s for s in THREE.surveys
    )
    pupils = sentences.response(
        page_of([], study=THREE.model_copy(update={"surveys": surveys})), "pupils"
    )
    assert pupils is not None
    said = pupils.markdown().lower()
    assert "later" in said and "up was" not in said and "follow" not in said
