"""Of a unit's notebooks those are executed again of which something changed, and no other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from analysis import study as studies
from analysis.disclosure import Released, store
from analysis.language import gettext, spoken
from analysis.present import drawings
from analysis.present.page import Rows
from analysis.publish import notebooks
from analysis.publish.executing import Executing
from analysis.publish.notebooks import Run
from analysis.results import NUMBERS
from tests.conftest import ROOT

STUDY = studies.load(ROOT / "data/raw")
CAUSES = {
    "code": "1", "notebook a.ipynb": "1", "notebook b.ipynb": "1", "study file study.yaml": "1",
    "chapter school.qmd": "1", "text texts/schools/S01.md": "1", "format": "html by pandoc",
}  # fmt: skip
#: What each notebook asks for.
ASKS = {"a": ("cohort", "one"), "b": ("S01", "two")}


def rows(one: float = 1.0, two: float = 2.0) -> Rows:
    told = {("cohort", "one"): one, ("S01", "two"): two}
    frame = pd.DataFrame(
        [{"unit": unit, "id": name, "release": "released"} for unit, name in told]
    ).assign(**{**dict.fromkeys(NUMBERS, 1.0), "value": list(told.values())})
    own = frame["unit"] == "S01"
    return Rows(Released(frame[own], programme=Released(frame[~own])))


class World:
    """A unit with two notebooks, and which of them were executed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.executed: list[str] = []
        self.runs = [
            Run(folder / f"{name}.ipynb", "S01", folder / "notebooks/S01" / f"{name}.ipynb")
            for name in ASKS
        ]
        self.asked: Rows | None = None

    def execute(self, run: Run, *_: Any) -> None:
        name = run.notebook.stem
        self.executed.append(name)
        assert self.asked is not None
        self.asked[ASKS[name]]
        gettext(f"Nobody translated {name}")
        run.target.parent.mkdir(parents=True, exist_ok=True)
        run.target.write_text(name)

    def made(
        self, of: Rows | None = None, causes: dict[str, str] = CAUSES, **more: Any
    ) -> tuple[list[str], Executing]:
        """The notebooks executed where this is what they are made from."""
        self.asked = of or rows()
        page: Any = SimpleNamespace(unit="S01", study=STUDY, rows=self.asked)
        executing = Executing(page, causes, more.get("engine", "warm"))
        self.executed.clear()
        executing.execute(self.runs)
        return list(self.executed), executing


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    found = World(tmp_path)
    monkeypatch.setattr(notebooks, "execute", found.execute)
    monkeypatch.setattr(store, "processed", lambda study: tmp_path)
    assert found.made()[0] == ["a", "b"]
    yield found


def test_nothing_changed_nothing_executed(world: World) -> None:
    assert world.made()[0] == []


@pytest.mark.parametrize(
    ("name", "again"),
    [
        ("code", ["a", "b"]),
        ("study file study.yaml", ["a", "b"]),
        ("notebook a.ipynb", ["a"]),
        ("chapter school.qmd", []),
        ("text texts/schools/S01.md", []),
        ("format", []),
        ("study file new.yaml", ["a", "b"]),
    ],
)
def test_another_cause_concerns_its_notebooks(world: World, name: str, again: list[str]) -> None:
    assert world.made(causes=CAUSES | {name: "another"})[0] == again
    assert world.made(causes=CAUSES | {name: "another"})[0] == []


def test_another_row_concerns_the_notebook_that_asked_for_it(world: World) -> None:
    assert world.made(rows(one=9.0))[0] == ["a"]
    assert world.made(rows(one=9.0, two=9.0))[0] == ["b"]
    assert world.made(rows(one=9.0, two=9.0))[0] == []


def test_where_it_is_not_known_which_rows_count_all_do(world: World) -> None:
    causes = CAUSES | {"code": "2"}
    assert world.made(causes=causes, engine="stock")[0] == ["a", "b"]
    assert world.made(causes=causes, engine="stock")[0] == []
    assert world.made(rows(two=9.0), causes=causes, engine="stock")[0] == ["a", "b"]


@pytest.mark.parametrize(
    "harm", [Path.unlink, lambda path: path.write_text("another")], ids=["missing", "another"]
)
def test_what_is_missing_or_changed_is_executed_again(
    world: World, harm: Callable[[Path], Any]
) -> None:
    harm(world.runs[1].target)
    assert world.made()[0] == ["b"]


def test_one_that_fails_leaves_those_before_it_executed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(run: Run, *more: Any) -> None:
        if run.notebook.stem == "b":
            raise ValueError
        world.execute(run, *more)

    causes = CAUSES | {"code": "2"}
    monkeypatch.setattr(notebooks, "execute", fail)
    with pytest.raises(ValueError):
        world.made(causes=causes)
    monkeypatch.setattr(notebooks, "execute", world.execute)
    assert world.made(causes=causes)[0] == ["b"]


def test_what_was_used_is_known_of_notebooks_executed_at_any_time(world: World) -> None:
    with spoken("cy"):
        world.runs = [
            Run(each.notebook, "S01", each.target.with_name(f"cy-{each.target.name}"))
            for each in world.runs
        ]
        world.made()
        executed, executing = world.made(rows(one=9.0))
        assert executed == ["a"]
        used = executing.used(world.runs)
    assert used.rows == set(ASKS.values())
    assert used.lacked == {"cy": {"Nobody translated a", "Nobody translated b"}}


def test_drawings_that_no_notebook_uses_any_more_go(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.unit.test_drawings import canvas

    def draw(run: Run, *more: Any) -> None:
        world.execute(run, *more)
        assert world.asked is not None
        value = world.asked[ASKS[run.notebook.stem]]["value"]
        drawings.drawn(canvas(value), run.notebook.stem, lambda: "<svg/>")

    monkeypatch.setattr(notebooks, "execute", draw)
    causes = CAUSES | {"code": "2"}
    _, executing = world.made(causes=causes)
    executing.used(world.runs)
    before = {path.name for path in world.folder.rglob("*.svg")}
    executed, executing = world.made(rows(one=9.0), causes=causes)
    executing.used(world.runs)
    after = {path.name for path in world.folder.rglob("*.svg")}
    assert executed == ["a"] and len(before) == len(after) == 2
    assert {name[0] for name in before & after} == {"b"}
