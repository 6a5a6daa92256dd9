"""What is past its term of retention goes, with a proof; nothing else does."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from analysis import cli, whole
from analysis import study as studies
from analysis.disclosure import retiring
from analysis.errors import AnalystError
from analysis.study import Study
from tests.studies import made

END = dt.date(2032, 8, 31)


def kept_until(tmp_path: Path, retention: dict[str, object]) -> Study:
    folder = tmp_path / "study"
    if not folder.exists():
        made.baseline(folder)
    content = yaml.safe_load((folder / "study.yaml").read_text())
    made.write_yaml(folder / "study.yaml", content | {"retention": retention})
    return studies.load(folder)


def test_nothing_goes_before_its_day_is_over(tmp_path: Path) -> None:
    study = kept_until(tmp_path, {"w1.csv": END})
    assert retiring.due(study, END) == []
    removals = retiring.due(study, END + dt.timedelta(1))
    assert [each.name for each in removals] == ["w1.csv"]
    with pytest.raises(AnalystError, match="to be kept until"):
        retiring.retire(study, removals, END)
    assert study.path("w1.csv").exists() and not (tmp_path / "releases").exists()


def test_what_is_due_goes_with_all_made_of_it_and_that_is_proved(tmp_path: Path) -> None:
    study = kept_until(tmp_path, {"w1.csv": END, "schools.csv": dt.date(2099, 1, 1)})
    processed = tmp_path / "processed-study"
    for name in ("surveys/learners.parquet", "notebooks/B1/level.ipynb", "made/release.json"):
        (processed / name).parent.mkdir(parents=True, exist_ok=True)
        (processed / name).write_text(name)
    content = study.path("w1.csv").read_bytes()
    copy = study.folder / "old" / "copy of w1.csv"
    copy.parent.mkdir()
    copy.write_bytes(content)
    day = END + dt.timedelta(1)
    done = retiring.retire(study, retiring.due(study, day), day)
    assert not study.path("w1.csv").exists() and study.path("schools.csv").exists()
    assert not list(processed.rglob("*.*"))
    rows = list(csv.DictReader(done.record.open()))
    assert {row["kind"] for row in rows} == {"raw", "processed"} and len(rows) == 4
    (raw,) = (row for row in rows if row["kind"] == "raw")
    assert raw["sha256"] == hashlib.sha256(content).hexdigest()
    assert (raw["retired_on"], raw["kept_until"]) == (day.isoformat(), END.isoformat())
    # A copy under another name is found, and said.
    assert len(done.left) == 1 and "copy of w1.csv" in done.left[0]
    # It is gone for good reason: no mistake of the study's, and nothing more is due.
    assert retiring.due(study, day) == []
    with pytest.raises(AnalystError, match="was retired on 2032-09-01"):
        whole.prepared(study, tmp_path / ".drp", None)


def test_a_name_that_is_no_file_is_refused_with_what_is_like_it(tmp_path: Path) -> None:
    with pytest.raises(AnalystError, match=r"Perhaps w1\.csv"):
        retiring.due(kept_until(tmp_path, {"w1.cvs": END}), END)
    with pytest.raises(AnalystError, match="retention"):
        kept_until(tmp_path, {"w1.csv": "when we are done"})
    with pytest.raises(AnalystError, match="leads out"):
        kept_until(tmp_path, {"../w1.csv": END})


def test_the_command_asks_before(tmp_path: Path) -> None:
    study = kept_until(tmp_path, {"w1.csv": dt.date(2020, 1, 1)})
    at = ["retire", "--study", str(study.folder)]
    done = CliRunner().invoke(cli.app, at, input="n\n")
    assert done.exit_code == 0 and study.path("w1.csv").exists()
    done = CliRunner().invoke(cli.app, [*at, "--yes"])
    assert done.exit_code == 0, done.stderr
    assert not study.path("w1.csv").exists()
    assert "No file is past" in CliRunner().invoke(cli.app, at).stdout
