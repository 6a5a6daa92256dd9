"""A chart's SVG: cut to what was drawn, and the same bytes for the same numbers."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import pytest
from matplotlib.figure import Figure

from analysis.present import figures

SVG = "{http://www.w3.org/2000/svg}"
NOTICE = "Synthetic data"


def drawn(label: str, notice: str = NOTICE) -> ElementTree.Element:
    """A chart with one label beside it."""
    page: Any = SimpleNamespace(study=SimpleNamespace(notice_short=notice))
    with figures.chart_style():
        canvas = Figure(figsize=(4, 2))
        axes = canvas.subplots()
        axes.set_yticks([0], [label])
        axes.plot([0, 1], [0, 1], "o")
        return ElementTree.fromstring(figures.as_svg(page, canvas, "chart"))


def view(svg: ElementTree.Element) -> list[float]:
    return [float(number) for number in svg.attrib["viewBox"].split()]


@pytest.mark.parametrize("label", ["short", "a label that is much longer than the room beside it"])
def test_nothing_that_was_drawn_is_cut_off(label: str) -> None:
    svg = drawn(label)
    left, top, width, height = view(svg)
    texts = [g for g in svg.iter(f"{SVG}g") if g.attrib.get("id", "").startswith("text_")]
    places = [
        re.match(r"translate\((-?[\d.]+) (-?[\d.]+)\)", part.attrib.get("transform", ""))
        for text in texts
        for part in text
    ]
    found = [(float(m[1]), float(m[2])) for m in places if m]
    assert len(found) > 5
    assert all(left < x < left + width and top < y < top + height for x, y in found)


def test_the_ground_is_as_large_as_the_picture() -> None:
    for svg in (drawn("short"), drawn("a label that is much longer than the room beside it")):
        ground = svg.find(f"{SVG}rect")
        assert ground is not None and ground.attrib["fill"] == "white"
        assert [float(ground.attrib[k]) for k in ("x", "y", "width", "height")] == view(svg)
        assert [float(svg.attrib[k].removesuffix("pt")) for k in ("width", "height")] == view(svg)[
            2:
        ]


def test_a_longer_label_and_the_notice_take_room() -> None:
    longer = view(drawn("a label that is much longer than the room beside it"))
    assert longer[0] < view(drawn("short"))[0] and longer[2] > view(drawn("short"))[2]
    assert view(drawn("short"))[3] > view(drawn("short", notice=""))[3]


def test_the_same_chart_is_the_same_bytes() -> None:
    one, other = (ElementTree.tostring(drawn("short")) for _ in range(2))
    assert one == other
    assert b"date" not in one
