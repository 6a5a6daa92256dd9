"""The proposal that `drp map` writes: right where it is sure, silent about nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from analysis import prepare
from analysis.errors import AnalystError
from analysis.prepare.mapping_proposal import SURE, propose
from analysis.sources.mapping import Mapping
from tests.unit.test_sources_formats import EXPORTS, KINDS, make_study


@pytest.mark.parametrize("export", KINDS)
def test_proposes_the_mapping_of_every_format(export: str, tmp_path: Path) -> None:
    study = make_study(tmp_path / "study", export)
    right = yaml.safe_load((EXPORTS / f"{export}.yaml").read_text(encoding="utf-8"))
    proposal = propose(study, tmp_path / "study" / study.surveys[0].exports[0].file)
    found = Mapping.model_validate(yaml.safe_load(proposal.text))
    if export == "limesurvey_codes.csv":
        # Headings are codes that say nothing of the question: all is left to the analyst.
        assert found.items == {}
        assert "code & text" in proposal.text
    else:
        assert found.items == right["items"]
        assert found.answers == right["answers"] or export == "jisc.sav"
        assert all(match.confidence >= SURE for match in proposal.matches)
    for attribute in ("respondent", "school", "consent", "sex"):
        assert found.columns[attribute] == right["columns"][attribute], attribute
    assert "erika@example.org" not in proposal.text


@pytest.mark.parametrize("export", sorted(set(KINDS) - {"limesurvey_codes.csv"}))
def test_a_proposal_can_be_kept_once_it_was_checked(export: str, tmp_path: Path) -> None:
    """As docs/data.md has it: propose, read, correct what is pointed out, prepare."""
    study = make_study(tmp_path / "study", export)
    path = tmp_path / "study" / "mapping.yaml"
    right = yaml.safe_load(path.read_text(encoding="utf-8"))
    proposal = propose(study, tmp_path / "study" / study.surveys[0].exports[0].file)
    with pytest.raises(AnalystError, match="exists already"):
        proposal.write(path)
    path.unlink()
    proposal.write(path)
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    # What is left to the analyst: what the study calls a value, and codes without labels.
    content["values"]["sex"] = right["values"]["sex"]
    if export == "qualtrics_legacy.csv":
        content["values"]["school"] = right["values"]["school"]
    for key in ("shift", "missing"):
        if key in right:
            assert f"# {key}: " in proposal.text
            content[key] = right[key]
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    prepared = prepare.prepare(study, tmp_path / ".drp")
    assert len(prepared.surveys["pupils"]) == 50
    assert set(prepared.surveys["pupils"]["sex"]) == {"female", "male", "prefer_not_to_say"}


def test_what_is_unsure_is_commented_out(tmp_path: Path) -> None:
    study = make_study(tmp_path / "study", "plain.csv")
    path = tmp_path / "other.csv"
    path.write_text(
        "code,school,KS01,How full of energy did you feel,Sadness,Shoe size\nA1,S01,1,2,3,40\n",
        encoding="utf-8",
    )
    proposal = propose(study, path)
    found = yaml.safe_load(proposal.text)
    assert found["items"]["KS01"] == "KS01"
    assert "KS03" not in found["items"]
    assert "# KS10: no column found for 'Able to pay attention'" in proposal.text
    assert "Shoe size" not in str(found)


def test_a_shift_and_codes_for_missing_are_pointed_out_but_not_decided(tmp_path: Path) -> None:
    study = make_study(tmp_path / "study", "plain_0_to_4.csv")
    proposal = propose(study, EXPORTS / "plain_0_to_4.csv")
    assert "# shift: 1" in proposal.text
    assert "# missing: {-9: not_answered" in proposal.text
    content = yaml.safe_load(proposal.text)
    assert "shift" not in content
    assert "missing" not in content


def test_a_study_of_several_surveys_must_say_which(tmp_path: Path) -> None:
    study = make_study(tmp_path / "study", "plain.csv")
    with pytest.raises(AnalystError, match="'staff' is none of them"):
        propose(study, EXPORTS / "plain.csv", "staff")
