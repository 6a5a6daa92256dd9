"""The audit, needs and definitions of outcomes: checks at their edges."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from analysis import prepare, study
from analysis import strands as registry
from analysis.errors import AnalystError
from analysis.prepare import schemas, strands
from analysis.prepare.outcomes import defined
from analysis.results import ledger
from analysis.statistics import school_audit
from tests.unit.test_prepare_rules import make, row

AUDIT = "school,area,review,rating,memo\nS1,ethos,baseline,could_improve,\nS2,ethos,baseline,doing_well,\nS1,ethos,reaudit,doing_well,\n"
NEEDS = (
    "school,need,level,count\nS1,worry,universal,12\nS2,worry,universal,9\nS1,worry,specialist,1\n"
)
TABLES = {"whole_school_audit": "audit.csv", "needs": "needs.csv"}


def prepared(tmp_path: Path, audit: str = AUDIT, needs: str = NEEDS) -> prepare.Prepared:
    loaded = make(tmp_path / "study", {"T1": [row()]}, more_tables=TABLES)
    (tmp_path / "study" / "audit.csv").write_text(audit)
    (tmp_path / "study" / "needs.csv").write_text(needs)
    return prepare.prepare(loaded, tmp_path / ".drp")


def test_both_become_results(tmp_path: Path) -> None:
    found = prepared(tmp_path)
    table = ledger([*school_audit.audit(found), *school_audit.needs(found)], "e").set_index(
        ["unit", "id"]
    )
    audit = "action_plans.framework_audit.audit.ethos.baseline.could_improve.schools"
    assert table.at[("cohort", audit), "value"] == 1
    assert table.at[("S1", audit), "value"] == 1
    need = "outcomes.needs.needs.worry.universal.all.count"
    assert table.at[("cohort", need), "value"] == 21
    # Needs are never given by school.
    assert not [unit for unit, name in table.index if ".needs." in name and unit != "cohort"]


def test_an_empty_row_is_counted(tmp_path: Path) -> None:
    found = prepared(tmp_path, needs=NEEDS + ",,,\n")
    row = found.quality["files"].set_index("file").loc["needs.csv"]
    assert (row["read"], row["used"], row["empty"]) == (4, 3, 1)
    aside = found.quality["aside"]
    assert aside.loc[aside["file"] == "needs.csv", "row"].tolist() == [5]


@pytest.mark.parametrize(
    ("audit", "needs", "message"),
    [
        (AUDIT.replace("could_improve", "bad"), NEEDS, "'bad' is not in the list"),
        (AUDIT.replace("S2", "S9"), NEEDS, "'S9' is not in schools.csv"),
        (AUDIT.replace("reaudit", "later"), NEEDS, "'later' is not in the list"),
        (AUDIT + "S1,ethos,baseline,doing_well,\n", NEEDS, "twice"),
        (
            AUDIT,
            re.sub(r"(?<=\d)\n", ",x\n", NEEDS.replace("count", "count,pupil")),
            "takes counts only",
        ),
        (AUDIT, NEEDS.replace("12", "a dozen"), "not a whole number"),
    ],
)
def test_mistakes_are_refused(audit: str, needs: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(AnalystError, match=message):
        prepared(tmp_path, audit, needs)


def outcomes() -> pd.DataFrame:
    terms = [
        ("2014 autumn", "2014-09-01"),
        ("2015 autumn", "2015-09-01"),
        ("2016 autumn", "2016-09-01"),
    ]
    return pd.DataFrame(
        [(2 + n, "pa", term, start) for n, (term, start) in enumerate(terms)],
        columns=["row", "measure", "term", "term_start"],
    )


def document(*definitions: dict[str, str]) -> dict[str, object]:
    return {"measures": [{"id": "pa", "definitions": list(definitions)}]}


def test_a_change_of_definition_is_a_break() -> None:
    old = {"text": "15% or more missed", "to": "2015-08-31"}
    new = {"text": "10% or more missed", "from": "2015-09-01"}
    frame, breaks = defined(outcomes(), document(old, new), "outcomes.csv")
    assert frame["definition"].tolist() == [1, 2, 2]
    assert breaks.to_dict("records") == [
        {"measure": "pa", "term": "2015 autumn", "text": "10% or more missed"}
    ]
    frame, breaks = defined(outcomes(), None, "outcomes.csv")
    assert frame["definition"].tolist() == [1, 1, 1]
    assert breaks.empty


def test_terms_must_have_one_definition() -> None:
    late = {"text": "10%", "from": "2015-09-01"}
    with pytest.raises(AnalystError, match="No definition of pa was in force") as refused:
        defined(outcomes(), document(late), "outcomes.csv")
    assert "row 2" in refused.value.where
    with pytest.raises(AnalystError, match="More than one"):
        defined(outcomes(), document(late, {"text": "15%"}), "outcomes.csv")
    with pytest.raises(AnalystError, match="not well-formed"):
        defined(outcomes(), document({"text": "x", "from": "2015-09-01", "to": "2014-01-01"}), "o")


def test_the_tables_have_schemas(tmp_path: Path) -> None:
    found = prepared(tmp_path)
    for kind, tables in (
        ("strands", found.strands),
        ("surveys", found.surveys),
        ("quality", found.quality),
    ):
        schemas.check(kind, tables, found)
    found.strands["whole_school_audit"].loc[0, "rating"] = "splendid"
    with pytest.raises(AnalystError, match="strands/whole_school_audit does not fit"):
        schemas.check("strands", found.strands, found)
    pupils = found.surveys["pupils"]
    for wrong in (
        pupils.assign(I1=7.0),  # no point of the scale
        pupils.assign(I1="3"),
        pupils.assign(I1=3),  # whole numbers have no place for what is missing
        pupils.drop(columns="I1"),
        pupils.assign(school="S9"),
        pupils.assign(**{"scale.all": 99.0}),
        pd.concat([pupils, pupils], ignore_index=True),
    ):
        with pytest.raises(AnalystError, match="surveys/pupils does not fit"):
            schemas.check("surveys", {"pupils": wrong}, found)


def test_no_tables_are_left_where_one_does_not_fit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared(tmp_path)
    loaded, folder = study.load(tmp_path / "study"), tmp_path / "processed"
    prepare.prepare(loaded, tmp_path / ".drp", folder=folder)
    assert (folder / "surveys" / "pupils.parquet").exists()
    table = replace(registry.table("needs"), allowed={"level": ("none",)})
    monkeypatch.setitem(registry.BY_TABLE, "needs", table)
    monkeypatch.setattr(strands, "_refuse_unknown", lambda *_, **__: None)
    with pytest.raises(AnalystError, match="strands/needs does not fit"):
        prepare.prepare(loaded, tmp_path / ".drp", folder=folder)
    assert not list(folder.rglob("*.*"))
