"""All items by subject, at both waves: what is drawn, what is said above it, what an instrument names."""

from __future__ import annotations

from dataclasses import replace

import pytest
import yaml

from analysis.instruments import Instrument
from analysis.present import charts, evidence, item_groups, tables
from analysis.present.figures import plain
from analysis.present.page import Page
from analysis.present.shown import escaped
from tests.conftest import ROOT
from tests.unit.test_evidence import INSTRUMENTS, page_of, result

SPSC = INSTRUMENTS["spsc"]


def means(lowest: dict[str, float], *, hidden: str = "") -> list[object]:
    """A mean of each item at both waves: 3.5 but for the lowest at follow-up."""
    return [
        result("mean", lowest.get(item.code, 3.5) if wave == "t2" else 3.25, analysis="items",
               measure=item.code, wave=wave)
        for item in SPSC.items if item.code != hidden
        for wave in ("t1", "t2")
    ]  # fmt: skip


def test_every_item_stands_once_under_its_subject() -> None:
    figure = item_groups.by_subject(page_of(means({"WOR1": 2.0})), "staff", "spsc")
    assert figure is not None and figure.narrow
    for drawing in (figure.svg, figure.narrow):
        for group in SPSC.item_groups:
            assert drawing.count(f">{group.label}<") == 1
    assert len(figure.parts) == 2 * len(SPSC.items)
    assert all(item.label in figure.alt for item in SPSC.items)
    assert "Baseline 3.25" in figure.alt and "*" not in figure.alt


def test_items_that_are_lowest_alike_are_lowest_together() -> None:
    codes = [item.code for item in SPSC.items[:2]]
    names = [item.label for item in SPSC.items[:2]]
    one = item_groups.lowest_item(page_of(means({codes[0]: 2.0})), "staff", SPSC)
    both = item_groups.lowest_item(page_of(means({codes[0]: 2.001, codes[1]: 2.0})), "staff", SPSC)
    assert names[0] in plain(one) and names[1] not in plain(one) and "has the lowest" in one
    assert all(name in plain(both) for name in names) and "have the lowest" in both
    some = item_groups.lowest_item(page_of(means({codes[0]: 2.0}, hidden=codes[1])), "staff", SPSC)
    assert "of those that can be shown" in some


def test_without_subjects_of_its_own_an_instrument_has_its_subscales() -> None:
    srs = INSTRUMENTS["srs"]
    assert [label for label, _ in srs.items_by_subject] == [each.label for each in srs.subscales]
    assert sum(len(items) for _, items in srs.items_by_subject) == len(srs.items)


@pytest.mark.parametrize("groups", [
    [{"label": "All but one", "subscales": [s.id for s in SPSC.subscales[1:]]}],
    [{"label": "Twice", "subscales": [s.id for s in (*SPSC.subscales, SPSC.subscales[0])]}],
    [{"label": "Strange", "subscales": [*(s.id for s in SPSC.subscales), "other"]}],
])  # fmt: skip
def test_a_subscale_is_in_one_group(groups: list[dict[str, object]]) -> None:
    content = yaml.safe_load((ROOT / "data/raw/instruments/spsc.yaml").read_text("utf-8"))
    with pytest.raises(ValueError, match="every subscale has to be in one group"):
        Instrument(**content | {"item_groups": groups})


ONE = SPSC.model_copy(update={"items": SPSC.items[:1]})
FIVE = SPSC.model_copy(
    update={"items": (*SPSC.items[:4], SPSC.items[4].model_copy(update={"reverse": True}))}
)


def page_with(instrument: Instrument, at: dict[str, float]) -> Page:
    """A page on which the items of one instrument have these means at follow-up, and shares."""
    rows = [
        result(statistic, value, analysis="items", measure=code, wave="t2")
        for code, mean in at.items()
        for statistic, value in (
            ("mean", mean), ("favourable", 60.0), ("neutral", 20.0), ("unfavourable", 20.0),
        )
    ]  # fmt: skip
    return replace(page_of(rows), instruments={**INSTRUMENTS, "spsc": instrument})


def test_of_one_item_or_of_items_alike_none_is_lowest() -> None:
    code, *others = [item.code for item in FIVE.items]
    one = page_with(ONE, {code: 3.1})
    assert item_groups.lowest_item(one, "staff", ONE) == ""
    alike = page_with(FIVE, dict.fromkeys([code, *others], 3.1))
    assert item_groups.lowest_item(alike, "staff", FIVE) == ""
    drawn, shown = charts.items(one, "staff", "spsc"), tables.items(one, "staff", "spsc")
    assert drawn is not None and shown is not None
    assert "only item" in drawn.caption and "only item" in shown.caption
    assert "Of 1 items" not in drawn.caption + drawn.alt


def test_an_item_that_is_turned_round_is_marked_wherever_it_stands() -> None:
    turned = FIVE.items[-1]
    page = page_with(FIVE, {item.code: 3.5 - item.reverse for item in FIVE.items})
    drawn = charts.items(page, "staff", "spsc")
    assert drawn is not None
    for said in (drawn.caption, drawn.alt, drawn.svg, drawn.narrow):
        assert f"{turned.label.split()[-1]} †" in said
    assert "Turned round" in drawn.caption and "Turned round" in drawn.alt
    both = [
        result(statistic, 3.0, analysis=analysis, measure=item.code, wave=wave)
        for item in FIVE.items
        for statistic, analysis, wave in (
            ("item_rest", "reliability", "t2"), ("mean", "items", "t1"), ("mean", "items", "t2"),
            ("difference", "items_change", "t1-t2"),
        )
    ]  # fmt: skip
    page = replace(page_of(both), instruments={**INSTRUMENTS, "spsc": FIVE})
    grouped = item_groups.by_subject(page, "staff", "spsc")
    assert grouped is not None and f"{turned.label} †" in grouped.alt
    assert "Turned round" in grouped.caption
    for tables_of in (evidence.items_of_scale, evidence.items_changed):
        shown = tables_of(page, "staff", "spsc")
        assert shown is not None
        assert f"{escaped(turned.label)} †" in str(shown) and "Turned round" in str(shown)


@pytest.mark.parametrize(
    ("at", "named"),
    [
        ([4.0, 3.5, 3.5, 3.5, 3.0], [0, 4]),  # two of either end would part the three
        ([4.0, 3.9, 3.5, 3.1, 3.0], [0, 1, 3, 4]),
        ([4.0, 4.0, 3.5, 3.5, 3.5], [0, 1, 2, 3, 4]),  # whichever end: all are shown
    ],
)
def test_items_alike_are_not_parted_into_highest_and_lowest(
    at: list[float], named: list[int]
) -> None:
    page = page_with(FIVE, {i.code: mean for i, mean in zip(FIVE.items, at, strict=True)})
    shown = tables.items(page, "staff", "spsc", top=2)
    assert shown is not None
    said = [str(row[0]).removesuffix(" †") for row in shown.rows]
    assert said == [escaped(FIVE.items[place].label) for place in named]
    assert ("lowest" in shown.caption) == (len(named) < 5)
