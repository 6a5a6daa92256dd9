"""Commands beside ``render``: proposing a mapping, withdrawing a person, comparing, auditing."""

from __future__ import annotations

import re
from pathlib import Path

from analysis import pipeline
from analysis import study as studies
from analysis.disclosure import store
from tests.conftest import ROOT, Rendered
from tests.integration.test_bad_input import assert_one_clear_message, drp


def test_a_mapping_is_proposed_and_never_overwritten(project: Path) -> None:
    (project / "data/raw/autumn.xlsx").write_bytes(
        (project / "data/raw/staff_survey_t2_forms.xlsx").read_bytes()
    )
    done = drp(project, "map", "data/raw/autumn.xlsx", "--survey", "staff")
    assert done.code == 0, done.output
    mapping = project / "data/raw/mappings/autumn.yaml"
    text = mapping.read_text(encoding="utf-8")
    assert 'MOR1: "' in text
    assert_one_clear_message(drp(project, "map", "data/raw/autumn.xlsx", "--survey", "staff"))
    assert mapping.read_text(encoding="utf-8") == text


def test_a_mapping_for_an_unknown_survey_is_refused(project: Path) -> None:
    done = drp(project, "map", "data/raw/pupil_survey_t2.csv", "--survey", "parents")
    assert_one_clear_message(done, "parents", "staff")


def test_a_withdrawn_person_is_nowhere_any_more(project: Path) -> None:
    study = studies.load(project / "data/raw")
    before = pipeline.prepare(study).surveys["pupils"]
    export = (project / "data/raw/pupil_survey_t2.csv").read_text(encoding="utf-8")
    code = re.findall(r"^(\w+),20", export, re.MULTILINE)[5]
    done = drp(project, "withdraw", code, "--survey", "pupils")
    assert done.code == 0, done.output
    assert code not in done.output
    assert not (store.processed(study) / "ledger").exists()
    after = pipeline.prepare(study).surveys["pupils"]
    gone = set(before["respondent"]) - set(after["respondent"])
    assert len(gone) == 1
    assert len(after) < len(before)


def test_withdrawing_a_code_that_nobody_has_changes_nothing(project: Path) -> None:
    assert_one_clear_message(drp(project, "withdraw", "ZZ99ZZ99"))


def test_an_audit_says_what_its_documentation_shows(project: Path) -> None:
    text = (ROOT / "docs/audit.md").read_text(encoding="utf-8")
    example, shown = re.findall(r"```\n(.*?)```", text, re.DOTALL)[:2]
    (project / "printed.csv").write_text(example, encoding="utf-8")
    done = drp(project, "audit", "printed.csv", "--out", "verdicts.csv")
    assert done.code == 0, done.output
    for line in shown.strip().splitlines():
        assert line in done.output
    assert (project / "verdicts.csv").is_file()


def test_an_audit_of_a_missing_file(project: Path) -> None:
    assert_one_clear_message(drp(project, "audit", "missing.csv"), "missing.csv")


def test_the_published_figures_come_out(rendered: Rendered) -> None:
    done = drp(rendered.root, "reproduce")
    assert done.code == 0, done.output
    counts = {
        line.split()[0]: [int(number) for number in line.split()[1:]]
        for line in done.output.splitlines()
        if re.match(r"\w+( +\d+){4}$", line)
    }
    assert counts["all"][0] == 459
    assert counts["all"][3] == 0


def test_prepare_prints_rows_flags_and_links(project: Path) -> None:
    done = drp(project, "prepare")
    lines = done.output.splitlines()
    assert any(line.split()[:3] == ["pupil_survey_t1.sav", "640", "612"] for line in lines)
    assert "staff     T1    speeder             11 of 266" in lines
    assert any(line.split()[:4] == ["staff", "S01", "T1-T2", "20"] for line in lines)
