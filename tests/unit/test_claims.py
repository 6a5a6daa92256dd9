"""Claims: the grammar, the verdicts, and what stops a release."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pytest
from pydantic import ValidationError

from analysis import claims as claiming
from analysis import study as studies
from analysis.claims import CONTRADICTED, SUPPORTED, UNTESTED, WITHHELD, Claims
from analysis.claims.evaluate import Missing, Range, evaluate, number
from analysis.claims.grammar import (
    ConditionError,
    Reference,
    parse_condition,
    parse_number,
    references,
)
from analysis.disclosure import RELEASED, SUPPRESSED, released
from analysis.errors import AnalystError
from analysis.results import COLUMNS
from analysis.study import Study
from tests.conftest import ROOT

A, B = "s.i.level.a.t1.all.mean", "s.i.level.b.t1.all.mean"


def truth(condition: str, numbers: Mapping[str, float]) -> bool | None:
    def look(reference: Reference) -> Range | Missing:
        value = numbers.get(
            reference.id if reference.field == "value" else f"{reference.id}:{reference.field}"
        )
        return Missing("absent") if value is None else Range.of(value)

    return evaluate(parse_condition(condition, {"ab": ("a", "b")}), look).truth


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (f"{A} > {B}", True),
        (f"{A} - {B} = 1", True),
        (f"{A} + 2 * {B} = 7", True),
        (f"- {A} < 0", True),
        (f"not {A} > {B}", False),
        (f"{A} > 5 or {B} = 2", True),
        (f"{A} > 5 and {B} = 2", False),
        ("every(x in ab: s.i.level.{x}.t1.all.mean >= 2)", True),
        ("some(x in ab: s.i.level.{x}.t1.all.mean > 2)", True),
        ("none(x in ab: s.i.level.{x}.t1.all.mean > 2)", False),
        ("count(x in ab: s.i.level.{x}.t1.all.mean > 2) = 1", True),
        ("sum(x in ab: s.i.level.{x}.t1.all.mean) = 5", True),
        ("greatest(x in [a, b]: s.i.level.{x}.t1.all.mean) = 3", True),
        ("least(x in [a, b]: s.i.level.{x}.t1.all.mean) = 2", True),
        (f"round({A} / 7, 2) = 0.43", True),
        (f"abs({B} - {A}) = 1", True),
        ("increased(s.i.paired.a.t1-t2.all.difference)", True),
        ("decreased(s.i.paired.a.t1-t2.all.difference)", False),
        ("unclear(s.i.paired.a.t1-t2.all.difference)", False),
        ("significant(s.i.paired.a.t1-t2.all.p)", True),
        ("s.i.level.missing.t1.all.mean > 0", None),
        (f"s.i.level.missing.t1.all.mean > 0 or {A} = 3", True),
        (f"s.i.level.missing.t1.all.mean > 0 and {A} = 4", False),
        (f"{A} / 0 > 1", None),
    ],
)
def test_conditions(condition: str, expected: bool | None) -> None:
    numbers = {
        A: 3.0, B: 2.0, "s.i.paired.a.t1-t2.all.p": 0.01,
        "s.i.paired.a.t1-t2.all.difference:ci_low": 0.1,
        "s.i.paired.a.t1-t2.all.difference:ci_high": 0.3,
    }  # fmt: skip
    assert truth(condition, numbers) is expected


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("__import__('os').system('ls')", 0),
        ("(lambda: 1)()", 1),
        (f"{A}", 0),
        ("1 <", 3),
        ("1 < 2 < 3", 6),
        ("1 < 2 2", 6),
        ("increased(1)", 0),
        (f"significant({A}, 1)", 0),
        ("every(x in nowhere: 1 < 2)", 11),
        ("s.i.level.{x}.t1.all.mean > 1", 0),
        ("every(x in [a]: every(x in [b]: 1 < 2))", 22),
        ("round(1, 1.5) = 1", 0),
        ("a.b.c > 1", 0),
        ("", 0),
        ("(" * 200 + "1 < 2" + ")" * 200, None),
        ("not " * 500 + "1 < 2", None),
        ("x" * 5000, 4000),
    ],
)
def test_what_is_not_a_condition_is_refused_with_its_place(text: str, place: int | None) -> None:
    with pytest.raises(ConditionError) as caught:
        parse_condition(text)
    if place is not None:
        assert caught.value.place == place


def test_a_sum_is_not_a_condition_and_the_other_way_round() -> None:
    assert references(parse_number(f"{A} - {B}")) == [Reference(A), Reference(B)]
    with pytest.raises(ConditionError, match="a number is expected"):
        parse_number(f"{A} > {B}")


def test_a_count_over_what_is_not_known_is_a_range() -> None:
    node = parse_number("count(x in [a, b]: s.i.level.{x}.t1.all.mean > 2)")
    found, missing = number(node, lambda r: Range.of(3.0) if ".a." in r.id else Missing("absent"))
    assert found == Range(1.0, 2.0)
    assert [why for _, why in missing] == ["absent"]


def test_only_the_numbers_that_decide_are_named() -> None:
    node = parse_condition(f"{A} > 1 and {B} > 9")
    values = {A: 3.0, B: 2.0}
    outcome = evaluate(node, lambda r: Range.of(values[r.id]))
    assert outcome.truth is False
    assert outcome.deciding == (Reference(B),)


# ----------------------------------------------------------------------------- verdicts


def ledger(**values: tuple[float, str]) -> pd.DataFrame:
    """Rows s.i.level.<name>.t1.all.mean with a value and what release decided."""
    found = []
    for name, (value, release) in values.items():
        row = dict.fromkeys(COLUMNS, math.nan) | {
            "edition": "e", "unit": "cohort", "id": f"s.i.level.{name}.t1.all.mean", "value": value,
        }  # fmt: skip
        found.append({**row, "release": release, "reason": "" if release == RELEASED else "few"})
    return pd.DataFrame(found)


def document(condition: str, **more: object) -> Claims:
    claim = {
        "id": "EX.01", "sentence": "The first is above two.", "section": "x", "kind": "level",
        "condition": condition, **more,
    }  # fmt: skip
    return Claims.model_validate(
        {"schema_version": 1, "grammar": "conditions-1", "claims": [claim]}
    )


def test_verdicts_with_the_numbers_that_decide() -> None:
    rows = ledger(a=(3.0, RELEASED))
    (found,) = claiming.verdicts(document(f"{A} > 2"), rows)
    assert found.state == SUPPORTED
    assert [(n.id, n.value, n.hidden) for n in found.numbers] == [(A, 3.0, False)]
    assert claiming.verdict(document(f"{A} > 4"), "EX.01", rows).state == CONTRADICTED
    assert claiming.verdict(document(f"{B} > 4"), "EX.01", rows).state == UNTESTED


def test_a_hidden_number_decides_before_release_and_is_marked() -> None:
    rows = ledger(a=(3.0, SUPPRESSED))
    found = claiming.verdict(document(f"{A} > 2"), "EX.01", rows)
    assert found.state == SUPPORTED and found.numbers[0].hidden
    assert "hidden" in found.line() and "3" not in found.line().split("[")[1]


def test_after_release_the_state_is_withheld_with_the_number() -> None:
    rows = ledger(a=(3.0, SUPPRESSED), b=(1.0, RELEASED))
    shown = released(rows.assign(released_value=math.nan, band="", decimals=math.nan))
    assert claiming.verdict(document(f"{A} > 2"), "EX.01", shown).state == WITHHELD
    # Where what is released decides alone, nothing is given away.
    assert claiming.verdict(document(f"{A} > 2 or {B} = 1"), "EX.01", shown).state == SUPPORTED


def test_a_contradicted_finding_stops_the_release_unless_its_reason_is_given() -> None:
    study = studies.load(ROOT / "data" / "raw")
    rows = ledger(a=(1.0, SUPPRESSED))
    with pytest.raises(AnalystError) as caught:
        claiming.check_findings(document(f"{A} > 2", finding=True), rows, study)
    assert "EX.01" in caught.value.what and "hidden" in caught.value.what
    assert "stays" in caught.value.fix
    kept = document(f"{A} > 2", finding=True, stays="Kept to show what the data say against it.")
    assert [v.state for v in claiming.check_findings(kept, rows, study)] == [CONTRADICTED]
    assert claiming.check_findings(document(f"{A} > 2"), rows, study) == []
    assert claiming.check_findings(None, rows, study) == []


def test_a_finding_that_cannot_be_tested_does_not_stop() -> None:
    study = studies.load(ROOT / "data" / "raw")
    rows = ledger(a=(1.0, RELEASED))
    (found,) = claiming.check_findings(document(f"{B} > 2", finding=True), rows, study)
    assert found.state == UNTESTED


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"condition": "1 <"}, "EX.01"),
        ({"cannot": "No data."}, "either condition or cannot"),
        ({"condition": ""}, "either condition or cannot"),
        ({"stays": "Because it does."}, "stays is for findings"),
        ({"kind": "guess"}, "kind"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_mistakes_in_the_document_are_named(change: dict[str, str], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        document(**{"condition": f"{A} > 2", **change})  # type: ignore[arg-type]


def test_what_nobody_said_is_nought_where_interviews_were_held() -> None:
    said = "interviews.themes.count.und_02.all.all.people"
    held = "interviews.themes.check.codebook-codes.all.all.count"
    rows = {held: {"value": 9.0, "blind": False, "release": RELEASED}}
    assert claiming.verdict(document(f"{said} > 0"), "EX.01", rows).state == CONTRADICTED
    assert claiming.verdict(document(f"{said} > 0"), "EX.01", {}).state == UNTESTED
    assert claiming.verdict(document(f"{A} > 0"), "EX.01", rows).state == UNTESTED
    whole = document(f"{said} * 2 > {said}:denominator")
    assert claiming.verdict(whole, "EX.01", rows).state == UNTESTED


# ------------------------------------------------------------------ the study's own texts

TEXT = "Every school has **something** it does differently,\nand says so.\n"
OWN = f"""
schema_version: 1
grammar: conditions-1
claims:
  - id: TX.01
    section: Applied value
    kind: count
    text: texts/value/applied.md
    sentence: Every school has something it does differently, and says so.
    condition: "{A} > 2"
"""


@pytest.fixture
def own(tmp_path: Path) -> Study:
    (tmp_path / "texts" / "value").mkdir(parents=True)
    for name in ("study.yaml", "schools.csv", "SYNTHETIC"):
        (tmp_path / name).write_bytes((ROOT / "data/raw" / name).read_bytes())
    (tmp_path / "texts/value/applied.md").write_text(TEXT, encoding="utf-8")
    (tmp_path / "claims.yaml").write_text(OWN, encoding="utf-8")
    return studies.load(tmp_path)


def test_a_sentence_of_a_text_is_checked_as_a_finding_is(own: Study) -> None:
    found = claiming.load(own)
    assert found is not None and found.published == ()
    assert [c.id for c in found.of_text("texts/value/applied.md")] == ["TX.01"]
    claiming.check_findings(found, ledger(a=(3.0, RELEASED)), own)
    with pytest.raises(AnalystError, match=r"TX\.01"):
        claiming.check_findings(found, ledger(a=(1.0, SUPPRESSED)), own)


def test_a_sentence_that_was_reworded_is_named(own: Study) -> None:
    path = own.path("texts/value/applied.md")
    path.write_text(TEXT.replace("Every", "Nearly every"), encoding="utf-8")
    with pytest.raises(AnalystError, match="does not hold the sentence of TX"):
        claiming.load(own)


def test_a_text_on_a_value_cycle_makes_a_claim(own: Study) -> None:
    own.path("texts/value/realised.md").write_text("All is well.", encoding="utf-8")
    with pytest.raises(AnalystError, match=r"realised\.md makes no claim"):
        claiming.load(own)


# ----------------------------------------------------------- the demonstration study's claims


def test_the_studys_claims_are_about_sixty_and_of_every_kind() -> None:
    found = claiming.load(studies.load(ROOT / "data" / "raw"))
    assert found is not None
    assert 55 <= len(found.published) <= 95
    kinds = {claim.kind for claim in found.claims}
    assert kinds == {"level", "change", "difference", "count", "no_difference"}
    assert any(claim.cannot for claim in found.claims)
    assert all(len(claim.sentence) < 200 for claim in found.claims)
