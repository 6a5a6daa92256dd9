"""Five waves in which schools join, leave and merge, people move, and a questionnaire changes."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import yaml

from analysis import pipeline
from analysis import study as studies
from analysis.disclosure.counted import counted
from analysis.disclosure.editions import People, Together
from analysis.errors import AnalystError
from analysis.prepare import Prepared
from analysis.present import open_page, reasons, school, sentences
from tests.conftest import ROOT
from tests.studies import long

KEY = bytes(32)
NOT_ASKED = r"\[x\]"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("moods")
    (root / "_quarto.yml").write_bytes((ROOT / "_quarto.yml").read_bytes())
    return long.make(root / "data" / "raw")


@pytest.fixture(scope="module")
def prepared(folder: Path) -> Prepared:
    return pipeline.prepare(studies.load(folder))


@pytest.fixture(scope="module")
def released(folder: Path) -> Path:
    pipeline.release(studies.load(folder))
    return folder


def test_people_are_followed_where_they_go(prepared: Prepared) -> None:
    """By hand from the exports: each code is one person, wherever it is used."""
    rows = prepared.surveys["learners"]
    exports = {
        wave: pd.read_csv(prepared.study.folder / f"{wave.lower()}.csv") for wave in long.WAVES
    }
    for first, second in (("T1", "T3"), ("T3", "T4"), ("T1", "T5")):
        both = set(exports[first]["code"]) & set(exports[second]["code"])
        people = {
            wave: set(rows.loc[rows["wave"] == wave, "respondent"]) for wave in (first, second)
        }
        assert len(people[first] & people[second]) == len(both)
    merged = rows[rows["school"] == "M3"]
    before = rows[rows["respondent"].isin(merged["respondent"]) & (rows["wave"] == "T3")]
    assert set(before["school"]) == {"M1", "M2"}


def test_a_school_is_of_the_group_it_had_at_the_wave(prepared: Prepared) -> None:
    rows = prepared.surveys["learners"]
    own = rows[rows["school"] == "C1"].groupby("wave")["kind"].unique().map(list)
    assert own.to_dict() == {
        "T1": ["primary"], "T2": ["primary"], "T3": ["primary"],
        "T4": ["secondary"], "T5": ["secondary"],
    }  # fmt: skip


def test_what_was_not_asked_is_no_missing_answer(prepared: Prepared) -> None:
    rows, missing = prepared.surveys["learners"], prepared.quality["missing"]
    old = [item.code for item in prepared.instruments["mood"].items]
    assert rows.loc[rows["wave"].isin(["T4", "T5"]), [*old, "mood.calm"]].isna().all(axis=None)
    assert rows.loc[rows["wave"].isin(["T1", "T2", "T3"]), old].notna().all(axis=None)
    asked = missing.groupby("instrument")["wave"].unique().map(set).to_dict()
    assert asked == {"mood": {"T1", "T2", "T3"}, "ease": {"T4", "T5"}}


def test_sentences_say_what_was_not_asked_and_who_was_not_there(released: Path) -> None:
    programme = open_page("cohort", str(released))
    told = str(sentences.level(programme, "learners", "ease").pieces)  # type: ignore[union-attr]
    assert all(words in told for words in ("not asked at round 3", "at round 4", "at round 5"))
    late = open_page("L1", str(released))
    assert "joined after round 1" in str(sentences.change(late, "learners", "mood").pieces)  # type: ignore[union-attr]
    merged = open_page("M3", str(released))
    survey = merged.study.survey("learners")
    assert "joined after round 3" in reasons.nobody(merged, survey, "T3")
    assert "too few" not in reasons.nobody(merged, survey, "T3")
    # Who has answers was there, whenever the school began.
    assert open_page("P1", str(released)).why_not_asked("learners", "T1") == ""


def test_what_was_not_asked_is_not_marked_as_withheld(released: Path) -> None:
    """And a school's sentence on its scores is of the follow-up or not there."""
    page = open_page("P1", str(released))
    at = ("learners", "ease", "level", "calm_now")
    for where in ("T1", "T3"):
        assert page.number(None, *at, where, "mean", decimals=2) == NOT_ASKED
    change = ("learners", "ease", "paired", "calm_now", page.waves, "difference")
    assert page.number(None, *change, decimals=2) == NOT_ASKED
    assert (
        page.number(None, "learners", "mood", "level", "calm", "T1", "mean", decimals=2)
        != NOT_ASKED
    )
    assert "MD2" not in str(school.said(page, "learners"))


def test_groups_that_are_not_compared_have_the_true_reason(released: Path) -> None:
    """Enough answered: release withholds the difference since it would tell of others."""
    page = open_page("cohort", str(released))
    said = str(sentences.phases(page, "learners", "mood").pieces)  # type: ignore[union-attr]
    assert "secondary schools is not compared: it would give away what few people said" in said
    assert "Too few" not in said


def test_another_instrument_makes_nobody_somebody_else(folder: Path, prepared: Prepared) -> None:
    """An edition before the new questionnaire, and one after it, without one of the learners."""
    root = folder.parent / "before"  # in the same project, under the same key
    shutil.copytree(folder, root)
    content = yaml.safe_load((root / "study.yaml").read_text())
    content["waves"], survey = content["waves"][:3], content["surveys"][0]
    survey.update(instruments=["mood"], exports=survey["exports"][:3])
    content["groups"][0].pop("by_wave")
    (root / "study.yaml").write_text(yaml.safe_dump(content))
    before = counted(pipeline.prepare(studies.load(root)), KEY)
    rows = prepared.surveys["learners"]
    gone = rows.loc[(rows["school"] == "P1") & (rows["wave"] == "T1"), "respondent"].iloc[0]
    kept = {"learners": rows[rows["respondent"] != gone]}
    now = counted(replace(prepared, surveys=kept), KEY)
    study = prepared.study
    old, new = (
        People(study, study.survey("learners"), each.surveys["learners"], ("t1", "t3"))
        for each in (before, now)
    )
    for measure in ("mood.calm", "mood.joy", ""):
        both = Together(old, new, measure)
        left, came = both.changed()[("t1", "P1", "all"), "t1"]
        assert (both.people(left), both.people(came)) == (1, 0), measure
        # Nor is anybody another where nobody left.
        assert (("t1", "P2", "all"), "t1") not in both.changed()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda survey: survey["exports"][0].update(instruments=["joy"]), "joy"),
        (lambda survey: [e.update(instruments=["mood"]) for e in survey["exports"]], "ease"),
    ],
    ids=["unknown", "never asked"],
)
def test_instruments_that_do_not_fit_are_refused(
    folder: Path, tmp_path: Path, change, says
) -> None:
    content = yaml.safe_load((folder / "study.yaml").read_text())
    change(content["surveys"][0])
    (tmp_path / "study.yaml").write_text(yaml.safe_dump(content))
    with pytest.raises(AnalystError, match=says):
        studies.load(tmp_path)
