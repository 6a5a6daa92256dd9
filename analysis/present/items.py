"""Items of an instrument for readers: what they are called, and which stand highest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from analysis.instruments import Instrument, Item
from analysis.language import gettext
from analysis.present.page import Page, part


def item_label(item: Item) -> str:
    """An item's label as plain text, with a mark where its answers are turned round."""
    return f"{item.label} †" if item.reverse else item.label


def turned(shown: Iterable[Item]) -> str:
    """What that mark says, if any item has it: a high mean of "Sad" is no high sadness."""
    return (
        " " + gettext("† Turned round: the higher the mean, the less people said so.")
        if any(item.reverse for item in shown)
        else ""
    )


def with_turned(what: str, shown: Iterable[Item]) -> str:
    """A chart's caption, with what the mark says: a chart has no note below it."""
    said = turned(shown).removesuffix(".")
    return f"{what}.{said}" if said else what


def items_by_mean(
    page: Page, survey: str, found: Instrument, wave: str
) -> tuple[list[Item], list[Item]]:
    """An instrument's items from the highest mean to the lowest, and those whose mean is not shown.

    By the mean, which is there for every item that enough people answered: favourable shares are
    withheld here and there, and to rank what is left would name the wrong ones.
    """
    who = page.compared[0]
    ranked: list[tuple[float, int, Item]] = []
    for place, item in enumerate(found.items):
        row = page.values(who, survey, found.id, "items", item.code, wave, "mean")
        if row:
            ranked.append((-row["value"], place, item))
    ranked.sort(key=lambda entry: entry[:2])
    order = [item for _, _, item in ranked]
    return order, [item for item in found.items if item not in order]


def ends(page: Page, survey: str, found: Instrument, order: Sequence[Item], most: int) -> int:
    """How many items of either end of the order may be named, ``most`` or fewer.

    None where that would part items whose means are printed alike: named at one end, and at the
    other or left out, they would seem to differ.
    """
    printed = list(means(page, survey, found, order).values())
    for number in range(most, 0, -1):
        cuts = (number, len(printed) - number)
        if all(printed[cut - 1] != printed[cut] for cut in cuts):
            return number
    return 0


def means(page: Page, survey: str, found: Instrument, shown: Iterable[Item]) -> dict[str, str]:
    """Item -> its mean at follow-up as it is printed, for those that can be shown."""
    at = (survey, found.id, "items")
    return {
        item.code: part(row, 2).text
        for item in shown
        if (row := page.values(page.compared[0], *at, item.code, page.study.followup, "mean"))
    }
