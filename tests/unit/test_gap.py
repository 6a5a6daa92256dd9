"""The gap between a group of people and all others: its size, its table, and who may see it."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from analysis import study as studies
from analysis.disclosure import RELEASED, Released, decide
from analysis.disclosure.audit import audit
from analysis.errors import AnalystError
from analysis.prepare import Prepared, schools, strands
from analysis.prepare.quality import Quality
from analysis.present import groups as shown
from analysis.present import strand_findings
from analysis.present.page import Page
from analysis.present.shown import parts_of
from analysis.qualitative.plans import FIRST
from analysis.results import COHORT, Result, count, ledger
from analysis.statistics import change, groups, level, moderators, response
from analysis.study import Group
from tests.unit.test_evidence import page_of
from tests.unit.test_statistics_edges import STAFF, STUDY, prepared

CARERS = Group(id="carer", of="staff", label="Carers", gap=True)
WITH_CARERS = STUDY.model_copy(update={"groups": (*STUDY.groups, CARERS)})


def carers(every: int = 3) -> Prepared:
    """Ten schools' staff of whom one in so many said yes, and some of the others did not say."""
    found = prepared([9, 8, 9, 8, 10, 9, 8, 9, 8, 9], only_first=6)
    frame = found.surveys["staff"]
    person = frame["respondent"].str.split("-").str[1].astype(int)
    said = np.where(person % every == 0, "yes", np.where(person % 5 == 4, "", "no"))
    return replace(found, study=WITH_CARERS, surveys={"staff": frame.assign(carer=said)})


def test_a_gap_is_all_others_less_those_who_said_yes() -> None:
    found = carers()
    frame = found.surveys["staff"]
    results = {
        (r.measure, r.wave, r.statistic): r
        for r in groups.gaps(found, STAFF)
        if r.group == "carer_others-carer_yes"
    }
    for wave in ("T1", "T2"):
        rows = frame[frame["wave"] == wave]
        yes = rows["carer"] == "yes"
        said = results["morale", wave, "difference"]
        means = rows.loc[~yes, "spsc.morale"].mean() - rows.loc[yes, "spsc.morale"].mean()
        assert said.value == pytest.approx(means)
        assert said.ci_low < said.value < said.ci_high
        assert said.n == yes.sum()
        # Corrected over the subscales, of which the total is not one.
        corrected = results["morale", wave, "p_holm"]
        assert corrected.value >= results["morale", wave, "p"].value
        assert ("total", wave, "p_holm") not in results


def test_only_groups_that_the_study_marks_have_a_gap() -> None:
    plain = CARERS.model_copy(update={"gap": False})
    study = STUDY.model_copy(update={"groups": (*STUDY.groups, plain)})
    assert not list(groups.gaps(replace(carers(), study=study), STAFF))
    with pytest.raises(ValidationError, match="surveyed"):
        Group(id="phase", of="schools", gap=True)


def test_both_levels_the_gap_and_its_change_stand_in_one_table() -> None:
    found = carers()
    questions = (response.response, level.scores, change.paired, groups.gaps, moderators.moderation)
    page = page_of((r for question in questions for r in question(found, STAFF)), study=WITH_CARERS)
    table = shown.gaps(page, "staff", "spsc").entries["carer"]
    own = [row for row in table.rows if row[0] == "Morale"]
    assert [row[1] for row in own] == ["Baseline", r"Follow\-up", "Change in the same people"]
    ids = [part.id for row in own for cell in row for part in parts_of(cell)]
    assert "staff.spsc.gap.morale.t1.carer_others-carer_yes.difference" in ids
    assert "staff.spsc.moderation_pairs.morale.t1-t2.carer_others-carer_yes.difference" in ids
    # Without a group that is marked there is no table.
    assert shown.gaps(replace(page, study=STUDY), "staff", "spsc") is None


def test_a_gap_beside_all_others_would_give_a_small_group_away() -> None:
    at = {"unit": COHORT, "source": "staff", "instrument": "spsc", "measure": "morale",
          "wave": "t1"}  # fmt: skip
    rows = []
    for group, n, mean in (("all", 43, 3.5), ("carer_yes", 3, 2.0), ("carer_others", 40, 3.6125)):
        common = at | {"group": group}
        answered = common | {"instrument": "survey", "analysis": "response"}
        rows.append(count(n, **answered | {"measure": "responded"}))
        rows.append(Result(**common, analysis="level", statistic="mean", value=mean, n=float(n),
                           n_schools=5.0))  # fmt: skip
    rows.append(
        Result(**at, analysis="gap", group="carer_others-carer_yes", statistic="difference",
               value=1.6125, n=3.0, n_schools=5.0)
    )  # fmt: skip
    found = ledger(rows, "e1")
    decided = decide(found, WITH_CARERS)
    gap = decided[decided["analysis"] == "gap"]
    assert (gap["release"] == "suppressed").all()
    # Whoever printed the gap for all that the group's own level is withheld would be found out.
    release = np.where(
        (found["group"] == "carer_yes") | (found["group"] == "all"), "suppressed", "released"
    )
    known = pd.Series(release, index=found.index)
    bare = decided.assign(release=known, decimals=float("nan"))
    assert not audit(bare, WITH_CARERS)["held"].all()
    hidden = bare.assign(release=known.mask(found["analysis"] == "gap", "suppressed"))
    assert audit(hidden, WITH_CARERS)["held"].all()


def test_the_demonstration_marks_a_gap() -> None:
    marked = [group.id for group in studies.load(STUDY.folder).groups if group.gap]
    assert marked


def test_records_and_plans_stand_beside_the_gap() -> None:
    """Of the groups whose gap is followed; a code that the codebook lacks is refused."""
    at = {"source": "outcomes", "instrument": "school_data", "measure": "attendance",
          "wave": "summer", "n": 900.0}  # fmt: skip
    records = [
        Result(**at, unit=COHORT, analysis="rate_group", group=f"fsm_{which}", statistic="rate",
               value=value, numerator=value, denominator=100.0)
        for which, value in (("yes", 92.8), ("others", 95.9))
    ]  # fmt: skip
    records.append(
        Result(**at, unit=COHORT, analysis="rate_gap", group="fsm_others-fsm_yes",
               statistic="difference", value=3.1)
    )  # fmt: skip
    planned = Result(
        unit=COHORT, source="action_plans", instrument="plans", analysis="aims", measure="aim_17",
        wave=FIRST, group="all", statistic="plans", value=4.0, n=18.0, denominator=18.0,
    )  # fmt: skip
    frame = ledger([*records, planned], "e").assign(
        release=RELEASED, reason="", band="", decimals=math.nan
    )
    documents = {
        "outcome_measures": {
            "groups": [{"id": "fsm", "label": "Free school meals"}],
            "measures": [{"id": "attendance", "label": "Attendance", "unit": "percent"}],
        },
        "codebook": {"themes": [{"id": "AIM", "label": "Aims", "auxiliary": True,
                                 "codes": [{"id": "AIM.17", "label": "Social skills"}]}]},
    }  # fmt: skip
    page = Page(
        STUDY, COHORT, Released(frame), pd.DataFrame(), pd.DataFrame(), {},
        terms={"summer": "Summer"}, documents=documents,
    )  # fmt: skip
    found = strand_findings.gap_besides(page)
    assert found is not None
    said = found.entries["pupils"].markdown()  # type: ignore[union-attr]
    assert "92\\.8; all others 95\\.9" in said and "*Social skills* (4 of 18)" in said
    assert "Attendance" not in said.partition("Special educational needs")[2]


@pytest.mark.parametrize("aims", [["AIM.99"], ["AIM.17", "AIM.99"]])
def test_an_aim_that_the_codebook_lacks_is_refused(aims: list[str]) -> None:
    group = next(each for each in STUDY.groups if each.gap).model_copy(update={"aims": aims})
    study = STUDY.model_copy(update={"groups": (group,)})
    with pytest.raises(AnalystError, match=r"names AIM\.99, which the codebook does not have"):
        strands.read(study, schools.read(study), Quality())
