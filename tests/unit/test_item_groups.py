"""All items by subject, at both waves: what is drawn, what is said above it, what an instrument names."""

from __future__ import annotations

import pytest
import yaml

from analysis.instruments import Instrument
from analysis.present import item_groups
from analysis.present.figures import plain
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
