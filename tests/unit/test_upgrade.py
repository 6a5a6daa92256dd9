"""A study file of version 1 becomes one of version 2 that says the same, its comments kept."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from analysis import study as studies
from analysis import upgrade
from analysis.cli import app
from analysis.errors import AnalystError
from analysis.term import edit
from tests.conftest import ROOT

COUNCIL = """\
# What is evaluated.
schema_version: 1   # do not touch
id: council
title: "Staff wellbeing: the council's own"
programme: the programme   # as in a sentence
short: SW
organisation: A council
edition: {id: e1, date: 2025-07-15, term: Summer}

# Three waves
waves:
  - {id: T1, label: Autumn, start: 2024-10-01, end: 2024-10-31}  # first
  - {id: T2, label: Summer, start: 2025-06-01, end: 2025-06-30}
baseline: T1
followup: T2
disclosure:
  # we want more than five
  staff: {minimum: 8}   # agreed in March
  interviewees: {minimum: 4}
surveys:
  - id: staff
    label: Staff survey
    population: staff
    respondents: colleagues
    headline: wellbeing.wellbeing
    instruments: [wellbeing]   # one of ours
    exports:
      - {wave: T1, file: w1.csv, mapping: mappings/w.yaml}
tables:
  schools: schools.csv
  # next term's are further files
  action_plans: plans*.csv   # a pattern
# The end: it's here
"""
SCHOOLS = "id,name,reporting_phase\nA,Ash School,primary\nB,Birch School,secondary\n"


def council(folder: Path, text: str = COUNCIL) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "study.yaml").write_text(text, encoding="utf-8")
    (folder / "schools.csv").write_text(SCHOOLS, encoding="utf-8")
    return folder


def demonstration(folder: Path) -> Path:
    """The demonstration study with its file of version 1, which is kept in git's history."""
    shutil.copytree(ROOT / "data/raw", folder)
    shutil.copyfile(ROOT / "tests/fixtures/study_v1.yaml", folder / "study.yaml")
    return folder


def comments(text: str) -> list[str]:
    return sorted(upgrade._comments(text).values())


@pytest.mark.parametrize("make", [council, demonstration])
def test_the_upgraded_file_says_the_same_and_keeps_its_comments(tmp_path: Path, make) -> None:
    folder = make(tmp_path / "raw")
    before, text = studies.load(folder), (folder / "study.yaml").read_text(encoding="utf-8")
    kept = edit.upgraded(folder)
    assert kept == folder / "study.v1.yaml"
    assert kept.read_text(encoding="utf-8") == text
    after = (folder / "study.yaml").read_text(encoding="utf-8")
    assert yaml.safe_load(after)["schema_version"] == 2
    assert studies.load(folder) == before
    assert comments(after) == comments(text)
    assert sorted(path.name for path in folder.glob("study*")) == ["study.v1.yaml", "study.yaml"]


def test_what_does_not_change_stays_as_it_was_written(tmp_path: Path) -> None:
    folder = council(tmp_path / "raw")
    edit.upgraded(folder)
    after = (folder / "study.yaml").read_text(encoding="utf-8")
    start, end = COUNCIL.index("id: council"), COUNCIL.index("disclosure:")
    assert COUNCIL[start:end] in after
    assert after.index("populations:") < after.index("surveys:") < after.index("strands:")
    for comment in ("do not touch", "as in a sentence", "first", "we want more", "agreed in March"):
        assert after.count(f"# {comment}") == 1
    # Comments of what is written anew stand above it.
    assert after.index("# next term's are") < after.index("strands:") < after.index("# The end")


def test_a_file_of_version_2_is_left_alone(tmp_path: Path) -> None:
    folder = council(tmp_path / "raw")
    edit.upgraded(folder)
    before = (folder / "study.yaml").read_bytes()
    done = CliRunner().invoke(app, ["upgrade", "--study", str(folder)])
    assert done.exit_code == 0
    assert "already" in done.output
    assert (folder / "study.yaml").read_bytes() == before


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        ("minimum: 8", "minimum: 2", "disclosure.staff.minimum"),
        ("action_plans:", "action_plan:", "tables.action_plan"),
        ("tables:\n", "tables: none\nothers:\n", "tables"),
        ("population: staff", "population: governors", "governors"),
        ("  - {id: T1, label", "  - {id: T1 label", "line 12"),
        ("schema_version: 1 ", "schema_version: 3 ", "schema_version"),
        ("disclosure:\n", "disclosure:\n  pupils: [5]\n", "disclosure.pupils"),
        ("surveys:\n", "surveys: 7\nothers:\n", "surveys"),
    ],
)
def test_a_broken_file_is_refused_and_nothing_is_written(
    tmp_path: Path, old: str, new: str, word: str
) -> None:
    assert old in COUNCIL
    folder = council(tmp_path / "raw", COUNCIL.replace(old, new, 1))
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    done = CliRunner().invoke(app, ["upgrade", "--study", str(folder)])
    assert done.exit_code == 1
    assert done.exception is None or isinstance(done.exception, SystemExit)
    assert "study.yaml" in done.output
    assert word in done.output
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_an_old_file_that_was_kept_is_not_written_over(tmp_path: Path) -> None:
    folder = council(tmp_path / "raw")
    (folder / "study.v1.yaml").write_text("mine", encoding="utf-8")
    with pytest.raises(AnalystError, match=r"study\.v1\.yaml"):
        edit.upgraded(folder)
    assert (folder / "study.yaml").read_text(encoding="utf-8") == COUNCIL


def test_without_a_study_file(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["upgrade", "--study", str(tmp_path)])
    assert done.exit_code == 1
    assert "holds no study.yaml" in done.output
    assert os.listdir(tmp_path) == []


PIECES = st.lists(
    st.sampled_from(
        [
            "# a line\n",
            "\n",
            "title: 'it''s # no comment'  # one\n",
            'short: "a \\" # b"\n',
            "notice: >-\n  folded # text\n  # and more\n",
            "notice_short: pupils' # said\n",
            "population_note: a#b\n",
            "subtitle: plain\n",
        ]
    ),
    unique=True,
)


@given(pieces=PIECES, flow=st.booleans())
def test_any_file_says_what_it_is_to_say_and_keeps_every_comment(
    pieces: list[str], flow: bool
) -> None:
    text = "schema_version: 1  # first\n" + "".join(pieces) + "tables: {schools: s.csv} # last\n"
    if flow:
        text = "{schema_version: 1, # one\n tables: {schools: s.csv}} # two\n"
    content = yaml.safe_load(text)
    new = {k: v for k, v in content.items() if k != "tables"}
    new |= {"schema_version": 2, "schools": "s.csv", "populations": [{"id": "staff"}]}
    after = upgrade.rewritten(text, new)
    assert yaml.safe_load(after) == new
    assert comments(after) == comments(text)
