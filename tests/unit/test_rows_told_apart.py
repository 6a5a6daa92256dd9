"""Rows of tables say whose they are: the survey where two read alike, and the study's own labels."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from analysis.present import evidence, plausibility, quality, tables
from analysis.present.page import Page
from analysis.present.shown import Table
from analysis.study import Group
from tests.unit.test_evidence import INSTRUMENTS, STUDY, page_of, result

STAFF, *REST = STUDY.surveys
BOTH = STUDY.model_copy(
    update={
        "surveys": (
            STAFF,
            *(
                each.model_copy(update={"instruments": ("spsc", *each.instruments)})
                for each in REST
                if each.id == "pupils"
            ),
        )
    }
)
SURVEYS = {"staff": STAFF.label, "pupils": STUDY.survey("pupils").label}
WAVE = STUDY.followup.lower()


def rows_of_both() -> list[object]:
    """The same instrument of two surveys, as missingness, limits, links and plausibility ask."""
    found = INSTRUMENTS["spsc"]
    made = []
    for source in SURVEYS:
        common = {"source": source, "instrument": "spsc"}
        for wave in (STUDY.baseline.lower(), WAVE):
            made.append(result("percent", 1.0, measure="missing", wave=wave,
                               analysis="quality", **common))  # fmt: skip
            for scale in found.subscales:
                made += [
                    result(statistic, 1.0, measure=scale.id, wave=wave, analysis="reliability",
                           **common)
                    for statistic in ("floor", "ceiling", "alpha")
                ]  # fmt: skip
        made += [
            result(statistic, 1.0, measure=score, analysis="paired", **common)
            for score in found.scores
            for statistic in ("n", "difference")
        ]
    return made


@pytest.mark.parametrize(
    "made", [quality.missingness, quality.limits, quality.linking, plausibility.consistency]
)
def test_of_two_surveys_with_one_instrument_each_row_names_its_survey(
    made: Callable[[Page], Table | None],
) -> None:
    both = made(page_of(rows_of_both(), study=BOTH))
    one = made(page_of(rows_of_both()))
    assert both is not None and one is not None
    called = [(str(row[0]), str(row[1]) if made is plausibility.consistency else "")
              for row in both.rows]  # fmt: skip
    assert len(set(called)) == len(called)
    assert {name.split(":")[0] for name, _ in called} == set(SURVEYS.values())
    # Where no two rows would read alike, none names its survey.
    assert not any(str(row[0]).startswith(tuple(SURVEYS.values())) for row in one.rows)


GROUPS = (
    Group(id="sex", of="pupils", label="Girls and boys",
          values=({"id": "girl", "label": "Girls"}, {"id": "boy", "label": "Boys"})),
    Group(id="year", of="pupils", label="Year group", order=("Year 4", "Year 10")),
    Group(id="fsm", of="pupils", label="Free school meals", gap=True),
    Group(id="pfsm", of="parents", column="fsm", label="Own meals"),
)  # fmt: skip
SAID = ("fsm-dont_know", "fsm-yes", "sex-boy", "sex-girl", "year-year_10", "year-year_4")


def test_people_are_described_in_the_studys_own_labels() -> None:
    study = STUDY.model_copy(update={"groups": GROUPS})
    common = {"source": "pupils", "instrument": "survey"}
    rows = [result("count", 40.0, measure=each, wave="t1", analysis="sample", **common)
            for each in SAID]  # fmt: skip
    shown = tables.sample(page_of(rows, study=study), "pupils", "T1")
    assert shown is not None
    assert [str(row[0]).replace("\\", "") for row in shown.rows] == [
        "Girls and boys: Girls", "Girls and boys: Boys", "Year group: Year 4",
        "Year group: Year 10", "Free school meals: Yes", "Free school meals: Don't know",
    ]  # fmt: skip
    stayed = [
        result("smd", 0.1, measure=each, wave="t1", analysis="attrition", group="stayed-left",
               **common)
        for each in SAID
    ]  # fmt: skip
    who = evidence.attrition_attributes(page_of(stayed, study=study), "pupils")
    assert who is not None
    assert {row[0] for row in who.rows} == {row[0] for row in shown.rows}
