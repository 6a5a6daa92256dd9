"""What became of each unit of a run stands in a file, and the failed ones in a list."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from typer.testing import CliRunner

from analysis import cli, cluster, pipeline, releasing, whole
from analysis import study as studies
from analysis.cli import options
from analysis.errors import AnalystError
from analysis.publish import authored, incremental, start_page
from analysis.publish.unit import Made, UnitTask
from tests.studies import made

WRONG = AnalystError("It is wrong.", where="there", fix="Put it right.")
UNITS = ["cohort", "A1", "A2"]


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A released study, of whose reports one is as it was."""
    folder = made.baseline(tmp_path / "study")
    monkeypatch.setattr(releasing, "is_released", lambda study: True)
    monkeypatch.setattr(whole, "schools", lambda study: pd.DataFrame({"id": UNITS[1:]}))
    monkeypatch.setattr(start_page, "write", lambda *_: None)
    monkeypatch.setattr(authored, "unnoted", lambda study: False)
    monkeypatch.setattr(incremental.Command, "succeeded", lambda *_: None)
    page = folder / "page.html"

    def untouched(task: UnitTask, unit: str) -> Made | None:
        return Made([page], []) if unit == "cohort" else None

    monkeypatch.setattr(UnitTask, "untouched", untouched)
    return folder


def results(monkeypatch: pytest.MonkeyPatch, *found: tuple[str, Any]) -> None:
    """What working on units comes to; it is stopped where there is nothing more."""

    def each(task: Any, units: Any, *_: object) -> Iterator[tuple[str, Any]]:
        yield from found
        if len(found) < len(units):
            raise KeyboardInterrupt

    monkeypatch.setattr(cluster, "each", each)


def summary(study: Path) -> dict[str, tuple[str, str]]:
    (path,) = study.parent.rglob("summary.csv")
    rows = pd.read_csv(path, keep_default_na=False)
    return {u: (s, w) for u, s, w in rows[["unit", "state", "why"]].itertuples(index=False)}


def test_a_failed_unit_is_listed_to_be_tried_alone(
    study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    results(monkeypatch, ("A1", Made([study / "a.html"], ["a row is another"])), ("A2", WRONG))
    done = CliRunner().invoke(cli.app, ["render", "--study", str(study), "--jobs", "1"])
    assert done.exit_code == 1
    assert summary(study) == {
        "cohort": ("as it was", ""),
        "A1": ("made", "a row is another"),
        "A2": ("failed", "It is wrong."),
    }
    (failed,) = study.parent.rglob("failed.txt")
    assert failed.read_text(encoding="utf-8").split() == ["A2"]
    assert f"@{options.shown(failed)}" in done.stderr

    # Tried alone, and now it can be made.
    results(monkeypatch, ("A2", Made([study / "b.html"], ["it has not been made before"])))
    again = CliRunner().invoke(
        cli.app, ["render", "--study", str(study), "--jobs", "1", "--unit", f"@{failed}"]
    )
    assert again.exit_code == 0, again.output
    assert summary(study) == {"A2": ("made", "it has not been made before")}
    assert not failed.exists()


def test_a_run_that_is_stopped_says_what_it_did_not_reach(
    study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    results(monkeypatch, ("A1", Made([study / "a.html"], ["a row is another"])))
    with pytest.raises(KeyboardInterrupt):
        pipeline.render(studies.load(study), UNITS, jobs=1)
    assert summary(study)["A1"][0] == "made"
    assert summary(study)["A2"] == ("not reached", "")
