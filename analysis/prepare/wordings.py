"""What the columns of an export ask in words, and whether that is what the mapping says.

A form that was changed moves its question numbers: a mapping that names columns by number then
reads each item from its neighbour. Where an export knows its questions' words, that shows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from collections.abc import Mapping as MappingOf
from difflib import SequenceMatcher
from functools import lru_cache

from analysis.errors import AnalystError
from analysis.instruments.model import Instrument, Item
from analysis.sources.export import RawExport
from analysis.sources.mapping import Mapping
from analysis.sources.personal import NUMBER
from analysis.sources.wording import normalised

#: Words are hardly the same question below the first, and hardly another above the second.
POSSIBLE, NEAR = 0.6, 0.8
#: Words are the same.
SURE = 1.0
NUMBERED_QUESTION = re.compile(r"[a-z]{0,8} ?[\d_ ]+[a-z]?")
#: The part of a file's items whose columns have the instrument's words where it is known by them.
MOST = 2 / 3
#: Questions are shown no longer than this.
LONGEST = 100


def plain(text: str) -> str:
    """A question as compared: without its number and punctuation."""
    return " ".join(re.sub(r"[^\w ]", " ", NUMBER.sub("", normalised(text))).split())


def wordings(raw: RawExport, name: str) -> dict[str, str]:
    """A column's words: heading and question, whole and less what comes before the part.

    Each with what comes before it, empty for the whole.
    """
    found: dict[str, str] = {}
    # The question first: before its words stands no code.
    for text in (raw.questions.get(name, ""), name):
        found.setdefault(plain(text), "")
        grid = re.fullmatch(r"(.*)\[([^\]]+)\]\s*", text, flags=re.DOTALL)
        parts = [(grid[2], grid[1])] if grid else []
        for mark in (" - ", ": "):
            before, there, part = text.rpartition(mark)
            parts += [(part, before)] if there else []
        for part, before in parts:
            stem = plain(before)
            found.setdefault(plain(part), "" if NUMBERED_QUESTION.fullmatch(stem) else stem)
    found.pop("", None)
    return found or {"": ""}


@lru_cache(maxsize=1 << 16)
def likeness_of(first: str, second: str) -> float:
    """From 0 to 1: how alike two wordings are, in order or as sets of words; 1 if the same."""
    if first == second:
        return 1.0
    matcher = SequenceMatcher(None, first, second, autojunk=False)
    in_order = matcher.ratio() if matcher.real_quick_ratio() >= POSSIBLE else 0.0
    ours, theirs = set(first.split()), set(second.split())
    shared = len(ours & theirs) / max(len(ours | theirs), 1)
    return min(max(in_order, shared), 0.99)


def check(
    raw: RawExport, instruments: Iterable[Instrument], mapping: Mapping, where: str, file: str
) -> list[str]:
    """What is to be said of the words of items' columns: those that are like no item's.

    A column is another item's if it has that item's words (or nearly) and not its own item's,
    and that item's own column has them less. Two items that are called alike say nothing.

    Raises
    ------
    AnalystError
        If a column has another item's words and the mapping does not confirm it.
    """
    items = [item for each in instruments for item in each.items if item.code in mapping.items]
    asked = {
        item.code: [(name, wordings(raw, name)) for name in mapping.columns_of(item.code)]
        for item in items
    }
    own = {item.code: max(_best(item, words) for _, words in asked[item.code]) for item in items}
    confirmed = set(mapping.confirmed.get("items", ()))
    moved: list[tuple[Item, str, Item | None]] = []
    strange: list[tuple[Item, str, Item | None]] = []
    for item in items:
        for name, words in asked[item.code]:
            likeness = _best(item, words)
            if likeness >= SURE or item.code in confirmed or not _says(raw, name, item):
                continue
            other = _others(item, words, likeness, items, own)
            if other is not None:
                moved.append((item, name, other))
            elif likeness < POSSIBLE:
                strange.append((item, name, None))
    if moved:
        both = sorted([*moved, *strange], key=lambda each: items.index(each[0]))
        raise AnalystError(
            f"{_count(len(moved), 'column has', 'columns have')} the words of another item than "
            "the mapping reads from it:\n    "
            + "\n    ".join(_line(raw, item, name, other) for item, name, other in both),
            where=f"{where}, with the mapping {file}",
            fix="Questions have moved, as a rule since one was put in or taken out: make this file "
            "a mapping of its own with 'drp map'. If an item was only reworded and its column is "
            f"right, add to {file}   confirmed: {{items: [{_codes(both)}]}}",
        )
    known = sum(likeness >= NEAR for likeness in own.values())
    if known < MOST * len(own):
        return []  # the instrument's labels are not its questions' words
    return [
        "the question's words are not the instrument's: " + _line(raw, item, name, None)
        for item, name, _ in strange
    ]


def _best(item: Item, words: Iterable[str]) -> float:
    """How like an item's label some words are; a label that stands within them is near."""
    label = plain(item.label)
    within = any(f" {label} " in f" {each} " for each in words)
    return max(NEAR if within else 0.0, *(likeness_of(label, each) for each in words))


def _says(raw: RawExport, name: str, item: Item) -> bool:
    """Whether a column has words beside codes."""
    codes = {plain(name), plain(item.code), ""}
    question = plain(raw.questions.get(name, ""))
    return question not in codes or " " in plain(name)


def _others(
    item: Item,
    words: MappingOf[str, str],
    likeness: float,
    items: Sequence[Item],
    own: MappingOf[str, float],
) -> Item | None:
    """The item whose words a column has, if that is another one than its own."""
    for other in items:
        if other is item or plain(other.label) == plain(item.label):
            continue
        if plain(other.label) in words:
            if own[other.code] < SURE:
                return other
        elif likeness < POSSIBLE and own[other.code] < NEAR <= _best(other, words):
            return other
    return None


def _line(raw: RawExport, item: Item, name: str, other: Item | None) -> str:
    line = f"{item.code} ('{item.label}') is read from '{name}', which asks '{_shown(raw, name)}'"
    return line if other is None else f"{line}: that is {other.code} ('{other.label}')"


def _shown(raw: RawExport, name: str) -> str:
    text = " ".join((raw.questions.get(name, "") or name).split())
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} …"


def _codes(found: Iterable[tuple[Item, str, Item | None]]) -> str:
    return ", ".join(dict.fromkeys(item.code for item, _, _ in found))


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def refuse_moved(
    files: Sequence[tuple[str, str, Mapping, MappingOf[str, str]]], where: str
) -> None:
    """Stop if a column of one file asks what another column asks in an earlier file.

    Parameters
    ----------
    files
        The name of each file of a survey, that of its mapping, the mapping, and the questions'
        words by column.
    where
        The study, for the message.

    Raises
    ------
    AnalystError
        With each item and attribute that is read from a column of the same name in both files
        whose words stand at another column now.
    """
    found: list[str] = []
    confirm: dict[str, dict[str, list[str]]] = {}
    before: dict[tuple[str, str, str], tuple[str, str, MappingOf[str, str]]] = {}
    for file, of, mapping, questions in files:
        columns: dict[str, list[str]] = {}
        for name, text in questions.items():
            columns.setdefault(plain(text), []).append(name)
        for kind, entry, name in _named(mapping):
            text = plain(questions.get(name, ""))
            first, theirs, there = before.setdefault(
                (kind, entry, name), (file, text, questions)
            )  # fmt: skip
            now = columns.get(theirs, [])
            if (
                entry not in mapping.confirmed.get(kind, ())
                and theirs
                and likeness_of(theirs, text) < NEAR
                and len(now) == 1
                and now[0] in there
                and plain(there[now[0]]) != theirs
            ):
                found.append(
                    f"{entry} is read from '{name}' in {first} and in {file}, but what it asks in "
                    f"{first} ('{there[name].strip()[:LONGEST]}') is asked in '{now[0]}' of {file}"
                )
                confirm.setdefault(of, {}).setdefault(kind, []).append(entry)
    if found:
        stated = "; ".join(
            f"to {of}   confirmed: {{"
            + ", ".join(f"{kind}: [{', '.join(entries)}]" for kind, entries in kinds.items())
            + "}"
            for of, kinds in confirm.items()
        )
        raise AnalystError(
            "Questions have moved to other columns between the files of a survey:\n    "
            + "\n    ".join(found),
            where=where,
            fix="Make the later file a mapping of its own with 'drp map'. If the columns are "
            f"right all the same, add {stated}",
        )


def _named(mapping: Mapping) -> Iterable[tuple[str, str, str]]:
    """What a mapping reads, and from which columns."""
    for attribute, column in mapping.columns.items():
        yield "columns", attribute, column
    for item in mapping.items:
        for column in mapping.columns_of(item):
            yield "items", item, column
