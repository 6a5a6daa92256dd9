"""A drawing is found again by everything that it is drawn from, and by nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from matplotlib.figure import Figure as Canvas

from analysis.present import drawings
from analysis.present.figures import canvas_of, chart_style


def canvas(
    value: float = 2.0, colour: str = "red", label: str = "a", size: float = 9, limit: float = 5
) -> Canvas:
    with chart_style():
        made = canvas_of(2)
        axes = made.subplots()
        axes.scatter([1, value], [3, 4], color=colour, label=label)
        axes.hlines([1], [2], [3])
        axes.annotate("said", (1, 1), (3, 3), textcoords="offset points", fontsize=size)
        axes.set(xlim=(0, limit))
        axes.set_yticks([1, 2], ["one", label])
        axes.legend()
    return made


def test_the_same_canvas_has_the_same_content_in_any_process() -> None:
    code = (
        "from tests.unit.test_drawings import canvas; from analysis.present import drawings; "
        "print(drawings.content(canvas(), 'name'))"
    )
    elsewhere = [
        subprocess.run(
            [sys.executable, "-c", code], check=True, capture_output=True, text=True,
            env=os.environ | {"PYTHONHASHSEED": seed},
        ).stdout.strip()
        for seed in ("1", "2")
    ]  # fmt: skip
    assert {drawings.content(canvas(), "name"), *elsewhere} == {elsewhere[0]}


@pytest.mark.parametrize(
    "other",
    [{"value": 2.0000001}, {"colour": "blue"}, {"label": "b"}, {"size": 9.5}, {"limit": 6}],
    ids=str,
)
def test_whatever_is_another_in_a_canvas_is_another_content(other: dict[str, Any]) -> None:
    assert drawings.content(canvas(**other), "name") != drawings.content(canvas(), "name")


def test_another_name_or_setting_is_another_content(monkeypatch: pytest.MonkeyPatch) -> None:
    """The name is in the ids of a drawing, some settings count only while it is made."""
    import matplotlib as mpl

    usual = drawings.content(canvas(), "name")
    assert drawings.content(canvas(), "other") != usual
    with mpl.rc_context({"svg.fonttype": "none"}):
        assert drawings.content(canvas(), "name") != usual
    monkeypatch.setattr(drawings, "_code", lambda: "other code")
    assert drawings.content(canvas(), "name") != usual


def drawer(drawn: list[str], svg: str) -> Callable[[], str]:
    def draw() -> str:
        drawn.append(svg)
        return svg

    return draw


def test_what_was_drawn_is_not_drawn_again_and_what_is_not_used_goes(tmp_path: Path) -> None:
    seen: list[str] = []
    assert drawings.drawn(canvas(), "name", drawer(seen, "<a/>")) == "<a/>"
    assert not list(tmp_path.iterdir())
    with drawings.kept(tmp_path / "S1") as kept:
        for value, svg in ((1.0, "<b/>"), (1.0, "<never/>"), (2.0, "<c/>")):
            drawings.drawn(canvas(value), "name", drawer(seen, svg))
    assert seen == ["<a/>", "<b/>", "<c/>"]
    with drawings.kept(tmp_path / "S1") as again:
        assert drawings.drawn(canvas(2.0), "name", drawer(seen, "<never/>")) == "<c/>"
    assert len(kept.used) == 2 and again.used < kept.used
    again.tidy(again.used)
    assert [path.name for path in (tmp_path / "S1").iterdir()] == list(again.used)
