"""Schools that joined late or left: the true reason on their pages, and who went with them."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import yaml

from analysis import pipeline
from analysis import study as studies
from analysis.compute import compute
from analysis.disclosure import released_texts, sums
from analysis.disclosure.audit import audit
from analysis.disclosure.draft import Draft
from analysis.disclosure.texts import NO_LEAD
from analysis.present import letter, open_page, page_one, reasons, records, sentences, tables
from analysis.present.page import Page
from analysis.present.shown import markdown_of
from analysis.statistics import response
from tests.conftest import ROOT
from tests.studies import made

#: Thirty learners in each school at each wave, but for: B2 left before the second wave, B5 joined
#: after the first, and of B4 nobody answered at the second although thirty were invited.
SCHOOLS = """id,name,in1,in2
B1,Oak Academy,30,40
B2,Pine Academy,40,
B3,Quince Academy,30,30
B4,Rowan Academy,30,30
B5,Sorrel Academy,,30
"""
RECORDS = """school,term,term_start,term_end,measure,numerator,denominator
B1,Summer 2031,2031-04-15,2031-07-19,reading,50,80
B1,Summer 2032,2032-04-15,2032-07-19,reading,55,80
B2,Summer 2031,2031-04-15,2031-07-19,reading,60,80
B3,Summer 2031,2031-04-15,2031-07-19,reading,2,4
B3,Summer 2032,2032-04-15,2032-07-19,reading,3,4
B4,Summer 2032,2032-04-15,2032-07-19,reading,40,80
"""
Change = Callable[[list[list[str]], list[list[str]]], None]


def write(root: Path, change: Change | None = None) -> studies.Study:
    """The study; ``change`` changes the rows of its two exports, in place."""
    (root / "_quarto.yml").write_bytes((ROOT / "_quarto.yml").read_bytes())
    folder = root / "data" / "raw"
    made.baseline(folder)
    made.second_term(folder)
    (folder / "schools.csv").write_text(SCHOOLS, encoding="utf-8")
    (folder / "records.csv").write_text(RECORDS, encoding="utf-8")
    measure = {"id": "reading", "label": "Reading at or above age", "unit": "percent",
               "numerator_label": "learners", "denominator_label": "learners"}  # fmt: skip
    made.write_yaml(folder / "measures.yaml", {"schema_version": 1, "measures": [measure]})
    content = yaml.safe_load((folder / "study.yaml").read_text(encoding="utf-8"))
    content["surveys"][0]["invited"] = {"W1": "in1", "W2": "in2"}
    content["report"] = {"letter": True}
    content["strands"] = {"outcomes": {"records": "records.csv", "measures": "measures.yaml"}}
    made.write_yaml(folder / "study.yaml", content)
    tables_of = {}
    for name in ("w1.csv", "w2.csv"):
        with (folder / name).open(encoding="utf-8", newline="") as file:
            tables_of[name] = list(csv.reader(file))
    last = tables_of["w2.csv"]
    last[:] = [row for row in last if row[1] not in ("B2", "B4")]
    if change:
        change(*tables_of.values())
    for name, (head, *rows) in tables_of.items():
        made.write_csv(folder / name, head, rows)
    return studies.load(folder)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> studies.Study:
    found = write(tmp_path_factory.mktemp("left"))
    pipeline.release(found)
    return found


@pytest.fixture(scope="module")
def pages(study: studies.Study) -> dict[str, Page]:
    return {unit: open_page(unit, str(study.folder)) for unit in ("cohort", "B1", "B2", "B4", "B5")}


def said(shown: object) -> str:
    assert shown is not None
    return str(shown.markdown()).replace("\\.", ".")  # type: ignore[attr-defined]


def test_a_school_that_left_is_told_so_and_not_that_too_few_answered(
    pages: dict[str, Page],
) -> None:
    page = pages["B2"]
    survey = page.study.survey("learners")
    for told in (
        said(page_one.answered(page)),
        reasons.nobody(page, survey, "W2"),
        reasons.no_change(page, survey, page.instruments["read"]),
        said(page_one.stands_out(page)),
        said(sentences.response(page, "learners")),
    ):
        assert "There are no answers of learners of this school in May 2032." in told
        assert "oo few" not in told
    assert "other schools to set beside" not in said(page_one.stands_out(page))


def test_a_school_that_joined_without_a_date_is_told_so(pages: dict[str, Page]) -> None:
    told = said(sentences.response(pages["B5"], "learners"))
    assert "There are no answers of learners of this school in May 2031." in told


def test_whether_none_or_a_few_of_those_invited_answered_is_not_said(
    pages: dict[str, Page],
) -> None:
    """Of B4 as many were invited as in other schools."""
    page = pages["B4"]
    told = said(sentences.response(page, "learners"))
    assert "too few learners answered" in told and "no answers" not in told
    counted = ("learners", "survey", "response", "responded", "W2", "count")
    assert page.number(None, *counted, decimals=0) != r"\[x\]"
    assert "other schools to set beside" not in reasons.not_beside(page)


def test_what_is_not_known_of_a_school_that_left_is_not_called_withheld(
    pages: dict[str, Page],
) -> None:
    shown = said(tables.response(pages["B2"], "learners"))
    assert r"\[c\]" not in shown
    row = next(line for line in shown.splitlines() if line.startswith("| This school"))
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert cells == ["This school", "40", "30", "75.0", *[r"\[x\]"] * 5]


def test_nothing_is_called_no_measure_of_change_where_one_time_alone_has_scores(
    pages: dict[str, Page],
) -> None:
    for unit in ("B2", "B5"):
        assert "no measure of change" not in said(sentences.change(pages[unit], "learners", "read"))
    assert "no measure of change" in said(sentences.change(pages["B4"], "learners", "read"))


def test_there_is_a_letter_only_where_there_are_answers_to_tell_of(pages: dict[str, Page]) -> None:
    assert letter.letter(pages["B2"]) is None
    assert "30 of 40 learners answered" in said(letter.letter(pages["B1"]))


def test_the_programme_says_who_left_with_a_school(pages: dict[str, Page]) -> None:
    """By hand: 120 answered at first, 30 of them of B2; of the 90 others those of B1 and B3 again."""
    assert said(sentences.who_left(pages["cohort"], "learners")).strip() == (
        "1 school has answers of learners in May 2032 and none in May 2031. "
        "1 school has answers of learners in May 2031 and none in May 2032. "
        "Of the learners who answered in May 2031, 30 were of that school. "
        "Of the 90 of other schools, 60 answered both times (66.7%)."
    )
    assert sentences.who_left(pages["B1"], "learners") is None


def test_a_school_that_took_no_part_costs_the_programme_no_rate(pages: dict[str, Page]) -> None:
    """By hand: 120 of 30 + 40 + 30 + 30, and 90 of 40 + 30 + 30 + 30."""
    at = ("learners", "survey", "response", "responded")
    for wave, rate in (("W1", 100 * 120 / 130), ("W2", 100 * 90 / 130)):
        row = pages["cohort"].values(None, *at, wave, "percent")
        assert row is not None and row["value"] == pytest.approx(rate)


def test_a_school_with_answers_and_without_a_number_costs_the_rate(tmp_path: Path) -> None:
    found = write(tmp_path)
    path = found.path("schools.csv")
    path.write_text(SCHOOLS.replace("B3,Quince Academy,30,30", "B3,Quince Academy,30,"), "utf-8")
    pipeline.release(found)
    page = open_page("cohort", str(found.folder))
    at = ("learners", "survey", "response", "responded")
    assert page.values(None, *at, "W2", "percent") is None
    own = open_page("B3", str(found.folder))
    assert own.number(None, *at, "W2", "percent", decimals=1) == r"\[x\]"
    assert markdown_of(own.number(None, *at, "W2", "count", decimals=0)) == "30"


def one_moves(first: list[list[str]], last: list[list[str]]) -> None:
    """One of the school that left answers in another."""
    moved = next(row for row in last if row[0] == "B5-0")
    moved[0] = "B2-0"


def few_leave(first: list[list[str]], last: list[list[str]]) -> None:
    """Of the school that left, four had answered."""
    first[:] = [
        row for row in first if row[1] != "B2" or row[0] in ("B2-0", "B2-1", "B2-2", "B2-3")
    ]


def test_no_school_left_a_wave_at_which_nobody_was_asked(study: studies.Study) -> None:
    prepared = pipeline.prepare(study)
    rows = prepared.surveys["learners"]
    first = replace(prepared, surveys={"learners": rows[rows["wave"] == "W1"]})
    found = {each.measure for each in response.response(first, study.survey("learners"))}
    assert found == {"responded", "invited", "matched", "schools"}


def released(draft: Draft) -> set[str]:
    """Which of the numbers of those who left are shown; both are there."""
    rows = draft.ledger[draft.equals("measure", "left", "stayed")]
    assert set(rows["measure"]) == {"left", "stayed"}
    return set(draft.ledger.loc[draft.equals("measure", "left", "stayed") & draft.shown, "measure"])


@pytest.mark.parametrize(
    ("change", "shown"),
    [(None, {"left", "stayed"}), (one_moves, {"left"}), (few_leave, {"left", "stayed"})],
    ids=["nobody moves", "one moves", "few leave"],
)
def test_how_many_stayed_does_not_tell_of_one_who_moved(
    tmp_path: Path, change: Change | None, shown: set[str]
) -> None:
    found = write(tmp_path, change)
    prepared = pipeline.prepare(found)
    draft = Draft(compute(prepared), found, prepared.schools)
    sums.left(draft)
    assert released(draft) == shown


def test_a_few_who_left_with_their_school_are_not_counted(tmp_path: Path) -> None:
    found = write(tmp_path, few_leave)
    decided = pipeline.release(found)
    assert audit(decided, found)["held"].all()
    rows = decided[decided["measure"].isin(["left", "stayed"])]
    assert set(rows["measure"]) == {"left", "stayed"}
    assert set(rows["release"]) == {"suppressed"}
    told = said(sentences.who_left(open_page("cohort", str(found.folder)), "learners"))
    assert "1 school has answers of learners in May 2031 and none in May 2032." in told
    assert "of that school" not in told and "%" not in told


def test_records_that_were_never_supplied_are_not_called_withheld(study: studies.Study) -> None:
    """B2 sent none of the last year and B4 none of the first; B3 has fewer children than are shown."""
    shown = {
        unit: said(records.own(open_page(unit, str(study.folder)))) for unit in ("B2", "B4", "B3")
    }
    for unit in ("B2", "B4"):
        assert r"\[x\]: not supplied." in shown[unit]
        assert r"\[c\]" not in shown[unit] and "not available" not in shown[unit]
    assert r"\[c\]: withheld" in shown["B3"] and r"\[x\]" not in shown["B3"]


def test_who_leads_is_hidden_only_where_it_was_said(study: studies.Study) -> None:
    prepared = pipeline.prepare(study)
    plan = {"plan_id": "P1", "school": "B1", "aim_code": "A1", "aim": "Read", "review": 1.0,
            "state": "planned"}  # fmt: skip
    for role, lead in ((None, ""), ("", ""), ("Head", NO_LEAD)):
        frame = pd.DataFrame([plan if role is None else plan | {"responsible_role": role}])
        texts = released_texts(replace(prepared, strands={"action_plans": frame}))
        assert texts.loc[texts["kind"] == "plan", "attribution"].tolist() == [lead]


def test_the_one_who_moved_is_given_away_by_nothing(tmp_path: Path) -> None:
    """Those who stayed beside those who left told of it, and nothing was left to give up."""
    found = write(tmp_path, one_moves)
    decided = pipeline.release(found)
    assert audit(decided, found)["held"].all()
    apart = decided[(decided["analysis"] == "attrition") & (decided["group"] == "all")]
    assert "released" not in set(apart["release"])
