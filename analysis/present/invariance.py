"""Items that work differently over waves or between groups: named, with what rests on them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from analysis.language import N_, gettext, listed
from analysis.present import verdict
from analysis.present.asked import caption, characteristic
from analysis.present.page import Compared, Page
from analysis.present.shown import Cell, Each, Table, Text, each, escaped, table
from analysis.results import COHORT
from analysis.words import inside, slug

#: What groups have to add to Nagelkerke's R² for an item to be named: moderate by Jodoin and
#: Gierl (2001); from the second on large.
MODERATE, LARGE = 0.035, 0.07
NOT_TESTED = r"\[z\]"


class Way(NamedTuple):
    """What items are compared over, as named in ids, and how readers know it."""

    wave: str
    group: str
    label: str


def over_waves(page: Page) -> Way:
    """From baseline to follow-up."""
    return Way(page.waves, "all", "Waves")


def between(page: Page, column: str) -> Way:
    """Between the groups of a characteristic, at follow-up."""
    return Way(page.study.followup, slug(column), characteristic(page, slug(column)))


def ways(page: Page, survey: str, *instruments: str) -> list[Way]:
    """All that items were compared over: waves first, then as the study breaks results down."""
    found = {
        (parts[4], parts[5])
        for name in instruments
        for parts in page.ids_of(survey, name, "invariance")
    }
    all_ways = [over_waves(page)] if page.study.compares else []
    all_ways += [
        between(page, group.column) for group in page.study.breakdowns(page.study.survey(survey))
    ]
    return [way for way in all_ways if (way.wave.lower(), way.group) in found]


def differing(page: Page, survey: str, instrument: str, way: Way) -> dict[str, list[str]]:
    """By scale, the labels of its items that work differently.

    Where the corrected p is below .05 and the effect at least moderate.
    """
    found = page.instruments[instrument]
    named: dict[str, list[str]] = {}
    for item in found.items:
        if _differs(page, survey, instrument, item.code, way):
            named.setdefault(item.subscale, []).append(item.label)
    return named


def caution(page: Page, survey: str, instrument: str, way: Way) -> str:
    """A sentence for beside a comparison, on the scales in which items work differently.

    Nothing where none does, or none could be looked at.
    """
    found = page.instruments[instrument]
    said = [
        f"{escaped(found.subscale(scale).label)} ({listed([escaped(i) for i in items])})"
        for scale, items in differing(page, survey, instrument, way).items()
    ]
    if not said:
        return ""
    of = {"scales": listed(said), "characteristic": inside(way.label)}
    if way.group == "all":
        message = (
            N_(
                "Items work differently from wave to wave in {scales}: there a difference may be "
                "one in how the item is answered."
            )
            if found.total is None
            else N_(
                "Items work differently from wave to wave in {scales}: there, and the total that "
                "they are part of, a difference may be one in how the item is answered."
            )
        )
    else:
        message = (
            N_(
                "Items work differently by {characteristic} in {scales}: there a difference may be "
                "one in how the item is answered."
            )
            if found.total is None
            else N_(
                "Items work differently by {characteristic} in {scales}: there, and the total that "
                "they are part of, a difference may be one in how the item is answered."
            )
        )
    return gettext(message, **of)


def invariance(page: Page, survey: str, *instruments: str) -> Each | None:
    """Every item: how much more of its answers groups tell than the scale's score does."""
    return each({name: _table(page, survey, name) for name in instruments})


def _table(page: Page, survey: str, instrument: str) -> Table | None:
    found, over = page.instruments[instrument], ways(page, survey, instrument)
    rows: list[list[Cell]] = []
    for item in found.items:
        cells: list[Cell] = []
        for way in over:
            at = (survey, instrument, "invariance", item.code, way.wave, "effect")
            if page.row(_who(way), *at) is None:
                cells.append(NOT_TESTED)
                continue
            number = page.number(_who(way), *at, decimals=3)
            named = _differs(page, survey, instrument, item.code, way)
            cells.append([number, " †"] if named and not isinstance(number, list) else number)  # type: ignore[list-item]
        if any(cell != NOT_TESTED for cell in cells):
            scale = escaped(found.subscale(item.subscale).label)
            rows.append([escaped(item.label), scale, *cells])
    return table(
        [gettext("Item"), gettext("Scale"), *(way.label for way in over)],
        rows,
        widths=[36, 24, *[12] * len(over)],
        caption=caption(page, survey, instrument, what=gettext("whether items work alike")),
        text_columns=2,
        note=gettext(
            "What waves, or groups, add to what the score of the scale tells of the answer to an "
            "item (Nagelkerke's R², by ordinal logistic regression): from {moderate} moderate, from "
            "{large} large. † works differently: at least moderate, and its p below 0.05 after "
            r"Holm's correction over the instrument's items. \[z\]: not looked at, for want of "
            "three items or of fifty people in two groups; with fewer than about two hundred in a "
            "group only large differences would be seen.",
            moderate=f"{MODERATE:g}",
            large=f"{LARGE:g}",
        ),
    )


def in_words(page: Page, survey: str, *instruments: str) -> Text | None:
    """Which items work differently, over what; or that none of those looked at does."""
    over = ways(page, survey, *instruments)
    if not over:
        return None
    said = [
        sentence
        for instrument in instruments
        for way in over
        if (sentence := caution(page, survey, instrument, way))
    ]
    names = listed([inside(way.label) for way in over])
    if said:
        return Text([" ".join(said)])
    return Text([gettext("No item was found to work differently by {names}.", names=names)])


def _differs(page: Page, survey: str, instrument: str, item: str, way: Way) -> bool:
    at = (survey, instrument, "invariance", item, way.wave)
    effect = page.values(_who(way), *at, "effect")
    corrected = page.values(_who(way), *at, "p_holm") or page.values(_who(way), *at, "p")
    return (
        effect is not None
        and corrected is not None
        and bool(effect["value"] >= MODERATE)
        and bool(corrected["value"] < verdict.ALPHA)
    )


def _who(way: Way) -> Compared:
    return Compared("", COHORT, way.group)


def cautions(page: Page, survey: str, instruments: Sequence[str], way: Way) -> str:
    """The same of several instruments."""
    said = (caution(page, survey, name, way) for name in instruments)
    return " ".join(sentence for sentence in said if sentence)
