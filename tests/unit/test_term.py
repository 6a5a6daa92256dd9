"""The term's cycle: status says what is so, and edits of the study file change nothing else."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from analysis import pipeline, whole
from analysis import study as studies
from analysis.cli import app
from analysis.disclosure import retiring, store
from analysis.errors import AnalystError
from analysis.publish import authored, rendering, signing
from analysis.publish.outcome import Outcome
from analysis.term import edit, newest
from analysis.term import status as module
from analysis.term.status import Status, status
from tests.conftest import ROOT

MARCH = {"label": "March", "start": dt.date(2026, 3, 1), "end": dt.date(2026, 3, 31)}


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """A project with the smallest study, of version 2."""
    folder = tmp_path / "data" / "raw"
    shutil.copytree(ROOT / "tests" / "studies" / "minimal", folder)
    edit.upgraded(folder)
    (tmp_path / "_quarto.yml").write_bytes((ROOT / "_quarto.yml").read_bytes())
    return folder


def part(found: Status, title: str) -> str:
    return "\n".join(
        line for each in found.parts if each.title.startswith(title) for line in each.lines
    )


# --- editing --------------------------------------------------------------------------------------


def test_a_wave_is_added_and_every_other_line_stays(study: Path) -> None:
    path = study / "study.yaml"
    path.write_text(path.read_text().replace("surveys:", "# ours, not the council's\nsurveys:"))
    before = path.read_text().splitlines()
    done = edit.add_wave(study, "T3", **MARCH, exports={"staff": "w3.csv"})
    after = path.read_text().splitlines()
    assert [line for line in before if line not in after] == []
    assert done.study.wave_ids == ("T1", "T2", "T3")
    assert done.study.surveys[0].exports[-1].file == "w3.csv"
    told = "\n".join(done.follows)
    assert f"put w3.csv into {study}" in told
    # Not there yet, it is taken to be as the last one.
    assert done.study.surveys[0].exports[-1].mapping == "mappings/w.yaml"
    assert "w3.csv is read with mappings/w.yaml, as before" in told and "drp map" not in told


def renamed(text: str) -> str:
    """An export in which an item's column has another heading."""
    return text.replace("W1", "Question one", 1)


@pytest.mark.parametrize("there", [True, False], ids=["before the wave", "after the wave"])
def test_the_last_mapping_serves_where_the_questions_are_the_same(study: Path, there: bool) -> None:
    new, text = study / "w3.csv", (study / "w2.csv").read_text()
    if there:
        new.write_text(text)
    done = edit.add_wave(study, "T3", **MARCH, exports={"staff": "w3.csv"})
    assert done.study.surveys[0].exports[-1].mapping == "mappings/w.yaml"
    new.write_text(text)
    assert "drp map" not in "\n".join(status(study).lines())


def test_other_questions_want_a_mapping_of_their_own(study: Path) -> None:
    new = study / "w3.csv"
    new.write_text(renamed((study / "w2.csv").read_text()))
    command = f"drp map {new} --survey staff --study {study}"
    done = edit.add_wave(study, "T3", **MARCH, exports={"staff": "w3.csv"})
    assert done.study.surveys[0].exports[-1].mapping == "mappings/w3.yaml"
    found = status(study)
    assert "mappings/w3.yaml is MISSING" in part(found, "Files")
    assert found.next == f"{command}   (then look through mappings/w3.yaml)"


def test_a_file_that_came_with_other_questions_wants_one_too(study: Path) -> None:
    edit.add_wave(study, "T3", **MARCH, exports={"staff": "w3.csv"})
    (study / "w3.csv").write_text(renamed((study / "w2.csv").read_text()))
    found = status(study)
    assert "no column 'W1'" in part(found, "Exports that cannot be read")
    assert found.next.startswith(f"drp map {study / 'w3.csv'} --survey staff --study {study}   (")
    assert found.next.endswith("name it as the mapping of w3.csv in study.yaml)")


def test_which_instruments_were_asked_goes_on(study: Path) -> None:
    path = study / "study.yaml"
    text = path.read_text()
    assert "mapping: mappings/w.yaml" in text
    path.write_text(
        text.replace(
            "mapping: mappings/w.yaml", "mapping: mappings/w.yaml, instruments: [wellbeing]"
        )
    )
    done = edit.add_wave(study, "T3", **MARCH, exports={"staff": "w3.csv"})
    assert done.study.surveys[0].exports[-1].instruments == ("wellbeing",)


@pytest.mark.parametrize("name", ["data/raw", "tests/studies/minimal", "tests/studies/council"])
def test_any_study_file_keeps_its_layout(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "raw"
    shutil.copytree(ROOT / name, folder)
    edit.upgraded(folder)
    before = (folder / "study.yaml").read_text().splitlines()
    late = {"label": "Late", "start": dt.date(2099, 1, 1), "end": dt.date(2099, 2, 1)}
    edit.add_wave(folder, "T9", **late)
    after = (folder / "study.yaml").read_text().splitlines()
    assert [line for line in before if line not in after] == []
    assert len(after) - len(before) <= 2  # the wave, and a follow-up that was not written down


def test_a_new_wave_is_no_follow_up_unless_it_is_said(study: Path) -> None:
    text = (study / "study.yaml").read_text().replace("followup: T2\n", "")
    (study / "study.yaml").write_text(text)
    assert studies.load(study).followup == "T2"
    done = edit.add_wave(study, "T3", **MARCH)
    assert done.study.followup == "T2"
    assert "T3" in newest(done.study)
    later = {**MARCH, "start": dt.date(2027, 3, 1), "end": dt.date(2027, 3, 31)}
    assert edit.add_wave(study, "T4", **later, followup=True).study.followup == "T4"


@pytest.mark.parametrize(
    ("wave", "change", "says"),
    [
        ("T2", {}, "t2"),
        ("t1", {}, "t1"),
        ("T3", {"start": dt.date(2024, 1, 1)}, "begin"),
        ("T3", {"end": dt.date(2026, 2, 1)}, "end is before start"),
        ("T 3/..", {}, "T 3"),
        ("T3", {"exports": {"nobody": "w3.csv"}}, "nobody"),
        ("T3", {"exports": {"staff": "../w3.csv"}}, "w3.csv"),
    ],
)
def test_what_cannot_be_a_wave_changes_nothing(
    study: Path, wave: str, change: dict, says: str
) -> None:
    before = (study / "study.yaml").read_bytes()
    with pytest.raises(AnalystError) as caught:
        edit.add_wave(study, wave, **{**MARCH, **change})
    assert says in str(caught.value)
    assert (study / "study.yaml").read_bytes() == before
    assert not list(study.glob("*.part"))


@pytest.mark.parametrize(
    "word", ["yes", "No", "on", "2026-04-30", "12:30:45", "1_000", "null", "# x", "a: b"]
)
def test_words_that_yaml_reads_as_something_else_stay_words(study: Path, word: str) -> None:
    done = edit.add_wave(study, "T3", **{**MARCH, "label": word})
    assert done.study.waves[-1].label == word
    done = edit.new_edition(study, "spring", date=dt.date(2026, 4, 30), term=word)
    assert done.study.edition.term == word


def test_a_new_edition_leaves_the_earlier_one_alone(study: Path) -> None:
    done = edit.new_edition(study, "2026-spring", date=dt.date(2026, 4, 30), term="Spring 2026")
    assert done.study.edition.id == "2026-spring"
    assert studies.load(study).edition.term == "Spring 2026"
    with pytest.raises(AnalystError, match="already"):
        edit.new_edition(study, "2026-SPRING", date=dt.date(2026, 4, 30), term="Spring 2026")


def test_an_edition_that_has_reports_is_not_begun_again(study: Path, tmp_path: Path) -> None:
    (tmp_path / "report" / "_site" / "minstaff" / "2026-spring").mkdir(parents=True)
    with pytest.raises(AnalystError, match="2026-spring"):
        edit.new_edition(study, "2026-spring", date=dt.date(2026, 4, 30), term="Spring 2026")


def test_a_study_file_of_version_1_is_upgraded_first(tmp_path: Path) -> None:
    folder = tmp_path / "raw"
    shutil.copytree(ROOT / "tests" / "studies" / "minimal", folder)
    with pytest.raises(AnalystError, match="drp upgrade"):
        edit.add_wave(folder, "T3", **MARCH)


# --- status ---------------------------------------------------------------------------------------


def test_before_anything_is_made(study: Path) -> None:
    found = status(study)
    assert "not computed yet" in part(found, "Results")
    assert "not made yet" in part(found, "Reports")
    assert found.next == f"drp render --study {study}"


def test_what_is_not_used_is_no_cause_to_compute_again(study: Path) -> None:
    pipeline.release(studies.load(study))
    (study / "old").mkdir()
    for name in ("old staff.csv", "old/w0.csv", "README.md", "notes.txt"):
        (study / name).write_text("a,b\n1,2\n")
    shutil.copy(study / "mappings/w.yaml", study / "mappings/other.yaml")
    shutil.copy(study / "instruments/wellbeing.yaml", study / "instruments/other.yaml")
    found = status(study)
    assert part(found, "Results") == "computed and released from what is there now"
    told = part(found, "Files")
    assert (
        "not used: instruments/other.yaml, mappings/other.yaml, old staff.csv, old/w0.csv" in told
    )
    # What is used is one, whether it is named in study.yaml or read for what it is called.
    for name in ("mappings/w.yaml", "instruments/wellbeing.yaml", "claims.yaml"):
        path = study / name
        before = path.read_bytes() if path.exists() else None
        path.write_bytes((before or b"") + b"# another\n")
        assert f"for what has changed: {name}" in part(status(study), "Results")
        path.unlink() if before is None else path.write_bytes(before)
    assert "computed and released" in part(status(study), "Results")


def test_an_export_that_cannot_be_read_is_named_with_what_to_do(study: Path) -> None:
    (study / "w2.csv").write_bytes(b"\x00\x01\x02\xff" * 40)
    found = status(study)
    assert "w2.csv" in part(found, "Exports that cannot be read")
    assert found.next == f"put right what is wrong with w2.csv, then drp prepare --study {study}."


def test_a_file_past_its_term_is_named_and_gone_it_is_said_since_when(study: Path) -> None:
    path = study / "study.yaml"
    path.write_text(path.read_text() + "retention:\n  w1.csv: 2020-01-31\n")
    found = status(study)
    assert part(found, "Past their term") == "w1.csv was to be kept until 2020-01-31"
    assert found.next.startswith(f"drp retire --study {study}")
    today = dt.date(2026, 5, 1)
    loaded = studies.load(study)
    retiring.retire(loaded, retiring.due(loaded, today), today)
    assert "w1.csv is MISSING (Staff survey, T1, retired on 2026-05-01)" in part(
        status(study), "Files"
    )


def test_texts_that_fit_no_longer_are_named(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pipeline.release(studies.load(study))
    monkeypatch.setattr(module, "_reports", lambda *_: ([], []))
    judged = [authored.Text("staff", authored.CONTRADICTED), authored.Text("x", authored.STALE)]
    monkeypatch.setattr(module.texts, "judged", lambda _: judged)
    found = status(study)
    assert part(found, "Texts").splitlines() == [
        "contradicted: texts/staff.md",
        "stale: texts/x.md",
    ]
    assert "correct texts/staff.md" in found.next


def test_a_report_that_failed_says_why_until_it_is_made(study: Path) -> None:
    found = studies.load(study)
    unit = store.units(whole.schools(found))[1]
    summary = store.processed(found) / "made" / "summary.csv"
    with pytest.raises(KeyboardInterrupt), Outcome("pandoc", summary).summarised([unit]) as done:
        assert done is None
        raise KeyboardInterrupt
    assert "failed" not in part(status(study), "Reports")  # only not reached
    outcome = Outcome("pandoc", summary)
    outcome.failed[unit] = AnalystError("It has no end.", where="texts/staff.md, line 3")
    with outcome.summarised([unit]):
        pass
    told = part(status(study), "Reports")
    assert f"{unit} failed at the last render: It has no end. (texts/staff.md, line 3)" in told
    assert "then drp render" not in status(study).next  # nothing is computed yet
    pipeline.release(found)
    assert status(study).next.startswith(f"put right what stopped {unit}, then drp render")


def test_files_that_are_missing_changed_or_forgotten(study: Path) -> None:
    pipeline.release(studies.load(study))
    (study / "w1.csv").write_text((study / "w1.csv").read_text() + "\n")
    (study / "w2.csv").unlink()
    (study / "w3.csv").write_text("a,b\n1,2\n")
    told = part(found := status(study), "Files")
    assert "w2.csv is MISSING" in told
    assert "w1.csv has changed" in told
    assert "not used: w3.csv" in told
    assert "put w2.csv there" in found.next
    assert "w1.csv" in part(found, "Results")


def test_schools_without_answers_at_a_wave(study: Path) -> None:
    """Those of the schools table that no row of the wave's export names."""
    rows = (study / "schools.csv").read_text().splitlines()
    header = rows[0].split(",")
    new = ",".join(
        {"id": "NEW1", "name": "New School"}.get(c, "")
        if c in ("id", "name", "urn", "letter")
        else v
        for c, v in zip(header, rows[1].split(","), strict=True)
    )
    (study / "schools.csv").write_text("\n".join([*rows, new]) + "\n")
    pipeline.prepare(studies.load(study))
    told = part(status(study), "Schools without")
    assert "T1: 1 without: NEW1" in told and "T2: 1 without: NEW1" in told


def test_of_a_file_that_came_since_nothing_is_said_of_its_schools(study: Path) -> None:
    found = studies.load(study)
    pipeline.prepare(found)
    for path in (store.processed(found) / "surveys").glob("*.parquet"):
        frame = pd.read_parquet(path)
        frame[frame["wave"] == "T1"].to_parquet(path)
    assert "T2: its file has not been prepared yet" in part(status(study), "Schools without")


@pytest.mark.parametrize(
    ("break_it", "says"),
    [
        (lambda folder: (folder / "study.yaml").unlink(), "no study"),
        (lambda folder: (folder / "study.yaml").write_text("{"), "study.yaml"),
        (lambda folder: (folder / "schools.csv").unlink(), "schools.csv"),
        (lambda folder: (folder / "schools.csv").write_text("x\n1\n"), "schools.csv"),
        (lambda folder: shutil.rmtree(folder / "instruments"), "instruments"),
    ],
    ids=["no study", "broken study file", "no schools", "broken schools", "no instruments"],
)
def test_trouble_is_told_and_is_no_traceback(study: Path, break_it, says: str) -> None:
    break_it(study)
    done = CliRunner().invoke(app, ["status", "--study", str(study)])
    assert done.exit_code == 0 or "Traceback" not in done.output
    assert done.exception is None, done.exception
    assert says in done.output
    assert "Next: " in done.output


def test_a_render_that_was_ended_half_way_is_seen(study: Path, tmp_path: Path) -> None:
    place = tmp_path / "report" / "_site" / "minstaff" / "minstaff-1" / "schools"
    school = (
        studies.load(study) and (study / "schools.csv").read_text().splitlines()[1].split(",")[0]
    )
    (place / f".{school}.old").mkdir(parents=True)
    assert f"{school}: a render was ended" in part(status(study), "Reports")


def test_reports_are_listed_by_their_state(study: Path, tmp_path: Path) -> None:
    found = studies.load(study)
    assert "draft" not in part(status(study), "Reports")  # nothing is made
    site = tmp_path / "report" / "_site"
    units = store.units(whole.schools(found))
    for unit in units:
        for place in rendering.destinations(site, found, unit):
            place.mkdir(parents=True)
            made = {"schema_version": 1, "content": "abc", "draft": True, "outputs": {}}
            (place / "manifest.json").write_text(json.dumps(made))
    programme, school = units
    signing.sign(found, {school: "abc"}, "Reader", date=dt.date(2026, 1, 2))
    told = part(status(study), "Reports").splitlines()
    assert f"draft: 1, {programme}" in told and f"checked: 1, {school}" in told
    signing.sign(found, {school: "abc"}, approved_by="Head", date=dt.date(2026, 1, 2))
    told = part(status(study), "Reports").splitlines()
    assert f"draft: 1, {programme}" in told and f"approved: 1, {school}" in told
    assert not any(line.startswith("checked") for line in told)


def test_the_command_alone_says_what_to_do(study: Path, monkeypatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert "drp render" in CliRunner().invoke(app, []).output
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    assert "drp init" in CliRunner().invoke(app, []).output


def test_reports_that_wait_to_be_replaced_are_not_nothing_to_do(
    study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everything is made and on record, and somebody has withdrawn since."""
    monkeypatch.setattr(module, "_release", lambda *_: True)
    monkeypatch.setattr(module, "_reports", lambda *_: ([], []))
    monkeypatch.setattr(module, "_editions", lambda *_: True)
    monkeypatch.setattr(module.register, "to_send_again", lambda _: {"one, publication 1": ["S01"]})
    assert "drp publish" in status(study).next
    monkeypatch.setattr(module.register, "to_send_again", lambda _: {})
    assert status(study).next.startswith("nothing")
