"""What others found, beside a study's plans and audits: read, checked, and shown within release."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from analysis.errors import AnalystError
from analysis.present import evidence_context
from analysis.present.page import Page
from analysis.results import COHORT
from tests.conftest import ROOT
from tests.unit.test_voices_of_any_study import page, text_of

CODEBOOK = {
    "themes": [
        {"id": "WANT", "label": "What is wanted", "auxiliary": True, "codes": [
            {"id": "W1", "label": "Quieter stairs"}, {"id": "W2", "label": "Warmer halls"},
            {"id": "W3", "label": "Later bells"},
        ]},
    ],
    "audit": {"areas": [{"id": "Stair-well", "label": "Stairs"}, {"id": "hall", "label": "Halls"}]},
}  # fmt: skip
CONTEXT = {
    "schema_version": 1,
    "sources": [{"id": "guild", "label": "The guild", "reference": "Guild, *On halls*, 2020.",
                 "cite": "guild2020"}],
    "lists": [
        {"id": "marks", "label": "Marks of a good hall", "source": "guild", "entries": [
            {"id": "quiet", "label": "Quiet", "text": "It is quiet.", "areas": ["Stair-well"],
             "aims": ["W1"]},
            {"id": "warm", "label": "Warmth", "text": "It is warm.", "areas": ["hall"],
             "aims": ["W2", "W3"]},
            {"id": "light", "label": "Light", "text": "It is light.", "areas": ["hall"]},
        ]},
    ],
}  # fmt: skip
STRANDS = {
    "plans": {"aims": "plans.csv"},
    "audit": {"ratings": "audit.csv"},
    "context": {"document": "context.yaml"},
}
#: Quieter stairs are in three plans, warmer halls in two, later bells in none.
PLANS = "plan_id,school,aim_code,aim,review,state\n" + "".join(
    f"P{n},K{n},{code},An aim,1,planned\n"
    for n, code in ((1, "W1"), (2, "W1"), (3, "W1"), (3, "W2"), (4, "W2"))
)
AUDIT = (
    "school,area,review,rating\nK1,hall,baseline,doing_well\nK1,hall,reaudit,needs_improving\n"
    "K1,Stair-well,baseline,doing_well\nK5,hall,baseline,needs_improving\n"
)


def made(folder: Path, unit: str = COHORT, **files: Any) -> Page:
    (folder / "texts").mkdir(parents=True, exist_ok=True)
    (folder / "texts" / "references.bib").write_text("@misc{guild2020,\n  title = {On halls}\n}\n")
    written = {
        "codebook.yaml": CODEBOOK, "plans.csv": PLANS, "audit.csv": AUDIT, "context.yaml": CONTEXT,
    } | files  # fmt: skip
    strands = STRANDS if "reviews.csv" not in files else STRANDS | {
        "context": {"document": "context.yaml", "reviews": "reviews.csv"}
    }  # fmt: skip
    return page(folder, written, unit=unit, strands=strands, codebook="codebook.yaml")[0]


def test_aims_of_plans_stand_with_what_they_go_with(tmp_path: Path) -> None:
    found = made(tmp_path)
    quiet, warm = text_of(evidence_context.beside_plans(found)).splitlines()[2:4]
    assert "Quieter stairs (3 of 4)" in quiet and "Stairs" in quiet
    assert "Warmer halls (2 of 4)" in warm and "Later bells" not in warm
    assert "all but these: light." in text_of(evidence_context.said(found))
    # Nobody's own plan stands in the programme's report.
    assert evidence_context.own(found) is None and evidence_context.own_said(found) is None


def test_of_too_few_plans_neither_aims_are_said_nor_that_there_are_none(tmp_path: Path) -> None:
    two = "".join(PLANS.splitlines(keepends=True)[:3])
    found = made(tmp_path, **{"plans.csv": two})
    quiet, warm, light = text_of(evidence_context.beside_plans(found)).splitlines()[2:5]
    # One is an aim of both plans, the other of neither.
    assert "| [c] |" in quiet and "| [c] |" in warm and "| – |" in light
    assert evidence_context.said(found) is None


@pytest.mark.parametrize("unit", [COHORT, "K1"])
def test_each_statement_stands_with_its_source(tmp_path: Path, unit: str) -> None:
    make = evidence_context.beside_plans if unit == COHORT else evidence_context.own
    shown = make(made(tmp_path, unit))
    assert [row[0] for row in shown.rows] == ["The guild"] * len(shown.rows)
    assert "The guild: Guild, *On halls*, 2020." in text_of(shown)


def test_a_school_sees_its_own_aims_and_latest_ratings(tmp_path: Path) -> None:
    found = made(tmp_path, "K1")
    quiet, warm = text_of(evidence_context.own(found)).splitlines()[2:4]
    assert "Quieter stairs" in quiet and "Stairs: doing well" in quiet
    assert "Warmer halls" not in warm and "Halls: needs improving" in warm
    lines = text_of(evidence_context.own_said(found)).splitlines()[2:]
    assert [line.split(":** ")[1] for line in lines] == [
        "Quiet.",
        "Warmth. Light.",
        "Warmth. Light.",
    ]


def test_a_school_without_a_plan_is_not_said_to_lack_aims(tmp_path: Path) -> None:
    lines = text_of(evidence_context.own_said(made(tmp_path, "K5"))).splitlines()[2:]
    assert [line.split(":** ")[1] for line in lines] == ["Warmth. Light."]
    columns = evidence_context.own(made(tmp_path, "K5")).columns
    assert len(columns) == 3
    # K2 sent a plan and no ratings.
    assert len(evidence_context.own(made(tmp_path, "K2")).columns) == 3


def test_everything_named_that_is_not_there_is_refused_with_its_line(tmp_path: Path) -> None:
    wrong = yaml.safe_load(yaml.safe_dump(CONTEXT))
    wrong["sources"][0]["cite"] = "guild1920"
    wrong["lists"][0]["source"] = "gild"
    entry = wrong["lists"][0]["entries"][1]
    entry |= {"areas": ["hal"], "aims": ["W9"], "codes": ["W8"], "conditions": ["c"],
              "cycles": ["applied"]}  # fmt: skip
    with pytest.raises(AnalystError) as refused:
        made(tmp_path, **{"context.yaml": wrong})
    said = str(refused.value)
    lines = (tmp_path / "context.yaml").read_text().splitlines()
    for value, key in (
        ("guild1920", "sources.0.cite"), ("gild", "lists.0.source"),
        ("hal", "lists.0.entries.1.areas"), ("W9", "lists.0.entries.1.aims"),
        ("W8", "lists.0.entries.1.codes"), ("c", "lists.0.entries.1.conditions"),
        ("applied", "lists.0.entries.1.cycles"),
    ):  # fmt: skip
        (line,) = [each for each in said.splitlines() if f"{key}: '{value}' is no" in each]
        number = int(line.split("line ")[1].split(":")[0])
        assert f"{key.rsplit('.', 1)[1]}:" in lines[number - 1], line


@pytest.mark.parametrize(
    "change",
    [
        {"lists": [{**CONTEXT["lists"][0], "source": None}]},
        {"lists": [CONTEXT["lists"][0], CONTEXT["lists"][0]]},
        {"sorces": []},
        {"schema_version": 2},
    ],
)
def test_a_wrong_form_is_refused(tmp_path: Path, change: dict[str, Any]) -> None:
    with pytest.raises(AnalystError, match="mistake"):
        made(tmp_path, **{"context.yaml": CONTEXT | change})


def test_a_table_of_reviews_is_shown_as_it_is(tmp_path: Path) -> None:
    rows = "study,year,outcome,finding,source\nHalls [1],2011,Calm,0.2 *better*,p. 4\nStairs,,Noise,none,p. 5\n"
    shown = evidence_context.reviews(made(tmp_path, **{"reviews.csv": rows}))
    assert shown.rows[0] == [r"Halls \[1\] \(2011\)", "Calm", r"0\.2 \*better\*", r"p\. 4"]
    assert text_of(shown).splitlines()[3] == "| Stairs | Noise | none | p. 5 |"
    assert evidence_context.reviews(made(tmp_path / "without")) is None
    # It is about other studies, and stands in no school's report.
    assert evidence_context.reviews(made(tmp_path, "K1", **{"reviews.csv": rows})) is None


def test_what_the_demonstration_cites_is_in_its_bibliography_and_its_codes_are_new() -> None:
    folder = ROOT / "data/raw"
    content = yaml.safe_load((folder / "evidence_context.yaml").read_text("utf-8"))
    bibliography = (folder / "texts/references.bib").read_text("utf-8")
    assert all(f"{{{source['cite']}," in bibliography for source in content["sources"])
    aims = {
        aim
        for each in content["lists"]
        for entry in each["entries"]
        for aim in entry.get("aims", ())
    }
    assert {"AIM.22", "AIM.23"} <= aims
    # Joined to the codebook after plans were coded: no row can have them.
    assert not {"AIM.22", "AIM.23"} & set(
        (folder / "action_plans.csv").read_text("utf-8").split(",")
    )
