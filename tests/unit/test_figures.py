"""A chart's SVG: cut to what was drawn, and the same bytes for the same numbers."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import pytest
from matplotlib.figure import Figure

from analysis.present import dots, figures
from analysis.present.palette import PALETTE
from analysis.present.shown import Part

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
    found = [
        (float(text.attrib["x"]), float(text.attrib["y"]))
        for text in svg.iter(f"{SVG}text")
        if "x" in text.attrib
    ]
    found += [
        (float(m[1]), float(m[2]))
        for text in svg.iter(f"{SVG}text")
        if (m := re.match(r"translate\((-?[\d.]+) (-?[\d.]+)\)", text.get("transform", "")))
    ]
    assert len(found) > 5
    assert all(left < x < left + width and top < y < top + height for x, y in found)


def test_the_ground_is_as_large_as_the_picture() -> None:
    for svg in (drawn("short"), drawn("a label that is much longer than the room beside it")):
        ground = svg.find(f"{SVG}rect")
        assert ground is not None and ground.attrib["fill"] == PALETTE["paper"]
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


def test_text_is_text_of_a_size_that_can_be_read() -> None:
    svg = drawn("a label")
    assert any("a label" in "".join(text.itertext()) for text in svg.iter(f"{SVG}text"))
    sizes = re.findall(r"font(?:-size)?: ?([\d.]+)px", ElementTree.tostring(svg).decode())
    assert sizes and min(map(float, sizes)) >= figures.SMALLEST


def test_two_drawings_can_stand_in_one_page() -> None:
    """No name of one is a name in the other, and none is a name for nothing."""
    page: Any = SimpleNamespace(study=SimpleNamespace(notice_short=NOTICE))
    made = []
    for name in ("one", "other"):
        with figures.chart_style():
            canvas = figures.canvas_of(2.0)
            canvas.subplots().plot([0, 1], [0, 1], "o")
            made.append(figures.as_svg(page, canvas, name))
    ids = [set(re.findall(r' id="([^"]+)"', svg)) for svg in made]
    assert all(ids) and not ids[0] & ids[1]
    for svg, own in zip(made, ids, strict=True):
        assert set(re.findall(r"url\(#([^)]+)\)", svg)) <= own


def test_a_chart_says_its_message_first_and_then_every_interval() -> None:
    wave = SimpleNamespace(label="Follow-up")
    study = SimpleNamespace(notice_short="", waves_so_far=("T2",), wave=lambda _: wave, phases=None)
    page: Any = SimpleNamespace(study=study, is_school=True, compared=[SimpleNamespace(label="Own")],
                                phases=[], others="")  # fmt: skip
    low, value, high = (Part(text, "S01", "a.b.c.d.e.f.g", "value", 1) for text in "123")
    marks = [figures.Mark("Trust", "Own", value, low, high)]
    chart = dots.dot_chart(
        page, name="n", marks=marks, limits=(0, 5), caption="Means", message="Trust is *high*"
    )
    assert chart is not None
    assert chart.alt.startswith("Trust is") and "2 (95% interval 1 to 3)" in chart.alt
    assert chart.caption.startswith("**Trust is *high*.** Means")
    assert chart.plot == "", "a school's report has nothing to load"
    width = [
        float(each.split('width="', 1)[1].split("pt")[0]) for each in (chart.svg, chart.narrow)
    ]
    assert width[1] < 0.6 * width[0]


def test_the_look_is_seaborns_with_the_reports_own_colours_and_sizes() -> None:
    """It is written down, since importing seaborn takes as long as some twenty drawings."""
    import matplotlib as mpl
    import seaborn as sns

    grid = sns.axes_style("whitegrid")
    with figures.chart_style():
        other = {name for name, value in grid.items() if mpl.rcParams[name] != value}
    own = {"axes.edgecolor", "axes.labelcolor", "axes.spines.left", "axes.spines.right",
           "axes.spines.top", "font.family", "font.sans-serif", "grid.color", "text.color",
           "xtick.color", "ytick.color"}  # fmt: skip
    own.add("image.cmap")  # nothing is drawn in a scale of colours
    assert other <= own, other - own
