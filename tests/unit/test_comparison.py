"""Comparison schools: in one number only, and what is then said of change."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.compute import _pieces
from analysis.errors import AnalystError
from analysis.prepare import Prepared, _divided
from analysis.prepare import schools as tables
from analysis.present import comparison as shown
from analysis.present import sentences
from analysis.statistics import change, comparison, estimates, level, response
from tests.unit.test_evidence import page_of
from tests.unit.test_statistics_edges import STAFF, STUDY, prepared

APART = STUDY.model_copy(
    update={"comparison": "apart", "surveys": (STAFF,), "strands": {}, "started": ""}
)


def divided(rise: float, others: int = 6) -> Prepared:
    """Twelve schools, of which some did not take part; staff of the rest rose by so much."""
    whole = prepared([8] * 12, only_first=4)
    names = list(whole.schools["id"])
    apart = names[:others]
    frame = whole.surveys["staff"]
    more = rise * ((frame["wave"] == "T2") & ~frame["school"].isin(apart))
    frame = frame.assign(**{"spsc.morale": frame["spsc.morale"] + more})
    said = ["yes" if name in apart else "no" for name in names]
    table = whole.schools.assign(apart=said)
    return _divided(replace(whole, study=APART, schools=table, surveys={"staff": frame}))


def of(study: Prepared) -> dict[tuple[str, str], float]:
    return {(r.measure, r.statistic): r.value for r in comparison.difference(study, STAFF)}


def test_the_difference_is_change_here_less_that_in_comparison_schools() -> None:
    study = divided(rise=0.8)
    found = of(study)
    assert study.comparison is not None
    changes = []
    for frame in (study.surveys["staff"], study.comparison.surveys["staff"]):
        wide = frame.pivot(index="respondent", columns="wave", values="spsc.morale").dropna()
        changes.append(wide["T2"] - wide["T1"])
    here, there = changes
    assert found["morale", "difference"] == pytest.approx(here.mean() - there.mean())
    assert found["morale", "comparison"] == pytest.approx(there.mean())
    values = np.concatenate([here, there])
    taking = np.repeat([1.0, 0.0], [len(here), len(there)])
    names = np.concatenate([here.index, there.index]).astype(str)
    school = pd.Series(names).str.split("-").str[0].to_numpy()
    design = pd.DataFrame({"one": 1.0, "taking": taking})
    assert found["morale", "p"] == pytest.approx(
        estimates.contrast(values, design, "taking", school).p
    )
    assert found["morale", "p_holm"] >= found["morale", "p"]


def test_comparison_schools_are_in_no_other_number() -> None:
    study = divided(rise=0.8)
    assert study.comparison is not None
    apart = set(study.comparison.schools["id"])
    assert not apart & set(study.schools["id"])
    assert not apart & set(study.surveys["staff"]["school"])
    for question in (response.response, level.scores, change.paired):
        with_others = list(question(study, STAFF))
        assert with_others == list(question(replace(study, comparison=None), STAFF))
        assert not apart & {each.unit for each in with_others}
    # What they answered is looked at for changes.
    theirs = study.comparison.surveys["staff"].copy()
    theirs.loc[0, "spsc.morale"] = 1.0
    changed = replace(study, comparison=replace(study.comparison, surveys={"staff": theirs}))
    assert _looked_at(changed) != _looked_at(study)


def _looked_at(study: Prepared) -> str:
    """What the programme's results of the survey rest on."""
    (found,) = {piece.data for piece in _pieces(study) if "comparison" in piece.part.beside}
    return found


def test_sentences_follow_the_comparison() -> None:
    for rise, expected in ((1.5, "differed from that in comparison schools in Morale (higher)"),
                           (0.0, "change on no scale differed")):  # fmt: skip
        study = divided(rise)
        found = [*change.paired(study, STAFF), *comparison.difference(study, STAFF)]
        page = page_of(found, study=APART)
        said = sentences.change(page, "staff", "spsc").markdown().replace("\\", "")
        assert expected in said and "There was no comparison group" not in said
        table = shown.differences(page, "staff", "spsc")
        assert table is not None
        assert len(table.entries["spsc"].rows) == len(study.instruments["spsc"].scores)
    plain = page_of(change.paired(divided(1.5), STAFF))
    assert "There was no comparison group" in sentences.change(plain, "staff", "spsc").markdown()
    assert shown.differences(plain, "staff", "spsc") is None


def test_without_comparison_schools_nothing_is_compared() -> None:
    whole = prepared([8] * 6)
    assert _divided(whole) is whole
    assert not of(whole)


def test_two_comparison_schools_are_too_few_to_be_shown() -> None:
    study = divided(rise=0.8, others=2)
    page = page_of(comparison.difference(study, STAFF), study=APART)
    assert shown.differences(page, "staff", "spsc") is None


@pytest.mark.parametrize(
    ("column", "values", "what"),
    [
        ("there", None, "no column 'there'"),
        ("apart", ["perhaps"], "'perhaps' does not say"),
        ("apart", ["yes"], "none takes part"),
    ],
)
def test_who_is_compared_with_is_said_by_yes(
    column: str, values: list[str] | None, what: str
) -> None:
    table = tables.table(STUDY)
    if values:
        table[column] = values[0]
    with pytest.raises(AnalystError, match=what):
        tables.check(STUDY.model_copy(update={"comparison": column}), table)
