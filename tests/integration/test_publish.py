"""A draft is made, checked, published and proved; somebody withdraws, and it is said what to replace."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import yaml
from typer.testing import CliRunner, Result

from analysis import cli
from analysis.disclosure import counted
from tests.studies import made


def drp(*words: str) -> Result:
    return CliRunner().invoke(cli.app, list(words))


def test_an_edition_goes_out_and_somebody_withdraws(tmp_path: Path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    study = made.baseline(tmp_path / "study")
    monkeypatch.chdir(tmp_path)
    at = ("--study", str(study))
    done = drp("publish", "--approved-by", "Head", *at)
    assert done.exit_code == 1 and "Run drp render first" in done.stderr
    done = drp("render", "--to", "html", "--renderer", "pandoc", "--jobs", "1", *at)
    assert done.exit_code == 0 and "drafts" in done.stdout, done.stderr
    assert drp("check", *at).exit_code == 0
    report = tmp_path / "report/_site/reading/start/schools/B1"
    page = report / "index.html"
    before = page.read_bytes()
    page.write_bytes(before.replace(b"Oak", b"Oat", 1))
    done = drp("publish", "--approved-by", "Head", *at)
    assert done.exit_code == 1 and "index.html was changed" in done.stderr
    page.write_bytes(before)
    done = drp("publish", "--approved-by", "Head", "--date", "2031-07-01", *at)
    assert done.exit_code == 0, done.stderr
    record = tmp_path / "releases/reading/start/1"
    approval = yaml.safe_load((record / "approval.yaml").read_text())
    assert approval["kind"] == "first" and set(approval["reports"]) == {
        "cohort",
        "cohort technical",
        "B1",
        "B2",
        "B3",
        "B4",
    }
    numbers = pd.read_csv(record / "numbers.csv", dtype="str")
    assert len(numbers) == approval["numbers"] > 100
    assert drp("verify", str(report)).exit_code == 0
    # Published again with nothing changed, it is a correction of itself, and everything stays.
    assert "a correction of publication 1" in drp("publish", "--approved-by", "Head", *at).stdout
    # Where other code makes other numbers of the same people, the report says what it corrects.
    assert "This edition corrects" not in page.read_text()
    printed = tmp_path / ".drp/published/reading/start/2/printed.parquet"
    pd.read_parquet(printed).assign(value=lambda rows: rows["value"] + 1).to_parquet(printed)
    drp("render", "--to", "html", "--renderer", "pandoc", "--jobs", "1", *at)
    assert "This edition corrects publication 2" in page.read_text()
    # It goes on saying so when it is published itself, and made again.
    assert drp("publish", "--approved-by", "Head", *at).exit_code == 0
    drp("render", "--to", "html", "--renderer", "pandoc", "--jobs", "1", *at)
    assert "This edition corrects publication 2" in page.read_text()
    kept = tmp_path / ".drp/published/reading/start/1"
    people = set(counted.read(kept).surveys["learners"]["person"])
    done = drp("withdraw", "B1-3", *at)
    assert done.exit_code == 0 and "start, publication 1: cohort, B1" in done.stdout
    table = counted.read(kept).surveys["learners"]
    assert len(people - set(table["person"])) == 1
    assert table["person"].str.startswith(counted.GONE).sum() == 1
    assert (record / "send_again.csv").exists()
    # Where who was counted is lost, nothing can be released beside what is out.
    for path in (tmp_path / ".drp/published").rglob("about.json"):
        path.write_text("{")
    done = drp("run", *at)
    assert done.exit_code == 1 and "cannot be read" in done.stderr
