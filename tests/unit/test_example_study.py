"""The study in ``examples`` is read, released and rendered as its README says."""

from __future__ import annotations

import datetime as dt
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from bs4 import BeautifulSoup

from analysis import pipeline, sources, study, synthetic, whole
from analysis.disclosure.counts import counts
from analysis.prepare.guard import is_data
from analysis.term import edit
from analysis.term.status import status
from tests.conftest import ROOT

FOLDER = ROOT / "examples" / "anchor-schools"


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> study.Study:
    folder = tmp_path_factory.mktemp("example") / "data" / "raw"
    shutil.copytree(FOLDER, folder)
    return study.load(folder)


@pytest.fixture(scope="module")
def released(example: study.Study) -> pd.DataFrame:
    return pipeline.release(example)


def test_every_data_file_is_listed_as_invented() -> None:
    files = {str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*") if path.is_file()}
    assert {name for name in files if is_data(name)} == set(synthetic.listed(FOLDER))


def test_answers_of_three_tools_are_read_without_a_mapping(example: study.Study) -> None:
    kinds = {sources.read(example.path(e.file)).kind for s in example.surveys for e in s.exports}
    assert kinds == {"limesurvey_csv", "microsoft_forms_xlsx", "xlsform_csv"}
    assert not any(export.mapping for survey in example.surveys for export in survey.exports)
    used = pipeline.prepare(example).surveys
    assert {name: len(frame) for name, frame in used.items()} == {"teachers": 178, "students": 466}


def test_its_answers_are_those_that_the_script_invents(tmp_path: Path) -> None:
    subprocess.run([sys.executable, FOLDER / "invent.py", tmp_path], check=True)
    made = sorted(tmp_path.iterdir())
    assert len(made) == 4
    for path in made:
        frame, kept = (sources.read(p).frame for p in (path, FOLDER / path.name))
        pd.testing.assert_frame_equal(frame, kept)


def test_answers_without_a_middle_have_no_neutral_share(released: pd.DataFrame) -> None:
    items = released[released["analysis"] == "items"]
    given = items.groupby("source")["statistic"].unique().map(set)
    assert "neutral" in given["teachers"]
    assert given["students"] == {"mean", "favourable", "unfavourable"}
    # Of a share shown as a number, what is left of the whole is no secret.
    shown = items[(items["source"] == "students") & (items["release"] == "released")]
    assert (shown["statistic"] == "favourable").any()


def test_few_people_cannot_be_counted_from_all_less_the_others(
    example: study.Study, released: pd.DataFrame
) -> None:
    """Nine spoke Irish at home both times, ten did not say: more than nine are left, and known."""
    people = released[(released["measure"] == "matched") & (released["statistic"] == "count")]
    size = people[people["unit"] == "cohort"].set_index("group")["release"]
    assert size[["all", "english"]].eq("released").all()
    assert not size[["irish", "other"]].eq("released").any()
    for each in counts(released, example, whole.schools(example)):
        if each.measure.startswith(
            ("hlp", "tim", "bel1", "bel2", "bel3", "bel4", "voi1", "voi2", "voi3")
        ):
            continue  # how many of a group answered an item, no page says
        terms, needed = ([getattr(p, name) for p in each.protected] for name in ("terms", "needed"))
        assert not list(each.system.too_narrow(terms, needed))


@pytest.mark.verify
def test_it_is_rendered(example: study.Study) -> None:
    outcome = pipeline.render(example, ["LEE"], ["html"], "pandoc")
    assert not outcome.failed
    [index] = [f for f in outcome.made["LEE"].files if f.name == "index.html"]
    page = BeautifulSoup(index.read_text("utf-8"), "html.parser")
    # It has no plan, and a rating of its own.
    heading = page.select_one("h2#sec-plan")
    assert heading is not None
    assert "plan" not in heading.get_text()
    assert "Of two scores, the higher is" in page.get_text()


def test_the_next_export_of_our_own_questionnaire_needs_no_mapping_either(
    example: study.Study, tmp_path: Path
) -> None:
    folder = tmp_path / "raw"
    shutil.copytree(example.folder, folder)
    (folder / "recipients.csv").write_text("school,name,email\n", encoding="utf-8")
    day = dt.date(2026, 5, 1)
    edit.add_wave(
        folder,
        "T3",
        label="T3",
        start=day,
        end=day.replace(day=31),
        exports={"students": "later.csv"},
    )
    [export] = [e for s in study.load(folder).surveys for e in s.exports if e.wave == "T3"]
    assert export.mapping is None
    (folder / "forgotten.csv").write_text("a\n1\n", encoding="utf-8")
    told = "\n".join(line for part in status(folder).parts for line in part.lines)
    assert "later.csv is MISSING" in told and "forgotten.csv" in told
    assert "recipients.csv" not in told
