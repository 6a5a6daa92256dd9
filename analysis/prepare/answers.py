"""Answers as they are written in an export, turned into scale points or kinds of missing."""

from __future__ import annotations

import difflib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.errors import AnalystError
from analysis.instruments.model import Instrument, Item, ResponseSet
from analysis.prepare.distinct import Places, distinct, present
from analysis.prepare.numbers import figures
from analysis.prepare.rows import at_once, named
from analysis.sources.export import RawExport
from analysis.sources.mapping import Mapping
from analysis.sources.wording import MISSING_KINDS, as_said, normalised

__all__ = ["KINDS", "MISSING_KINDS", "Answers", "normalised", "scale_points"]

#: What can stand in place of an answer; an answer is the first.
KINDS = (
    "answered",
    "not_answered",
    "prefer_not_to_say",
    "dont_know",
    "not_applicable",
    "out_of_range",
)
#: A wording given by this many people is a label of the form, not something a person typed.
COMMON = 5
WHOLE_NUMBER = re.compile(r"[+-]?\d{1,6}(\.0+)?")
NOUGHTS = re.compile(r"([+-]?\d{1,6})[.,]0+")
#: A label that repeats its own code: "1 - Never", "1. Never", "(1) Never", "Never (1)".
NUMBERED = re.compile(
    r"\(?(?P<before>\d+)\s*[-.:=)]+\s*(?P<label>.+)|(?P<label_>.+?)\s*\((?P<after>\d+)\)"
)
SHIFTS = (1, -1, 2, -2)
#: In place of a text that no wanted row has.
NOT_HERE = (np.nan, 0)


@dataclass(frozen=True)
class Answers:
    """Answers of respondents (rows) to the items of an instrument (columns).

    ``points`` holds scale points as floats, missing where there is no answer; ``kinds`` the
    place in :data:`KINDS` of what is there instead, in the same shape. ``ranges`` gives, by
    response set, the lowest and highest code found where no shift is stated; ``notes`` says in
    words what was decided on the way.
    """

    points: pd.DataFrame
    kinds: NDArray[np.int8]
    ranges: MappingOf[str, tuple[int, int]]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Column:
    """One column's distinct texts, the place of each wanted row's text among them, and whether
    any wanted row has each."""

    name: str
    at: Places
    texts: list[str]
    there: NDArray[np.bool_]

    def here(self) -> list[str]:
        """The texts that some wanted row has."""
        return [text for text, on in zip(self.texts, self.there, strict=True) if on]


def scale_points(
    raw: RawExport,
    rows: pd.Index,
    instrument: Instrument,
    mapping: Mapping,
    where: str,
    *,
    out_of_range: str = "refuse",
) -> Answers:
    """The answers of some rows to every item of an instrument.

    Parameters
    ----------
    raw
        The export.
    rows
        The rows wanted, as in ``raw.frame.index``.
    instrument, mapping
        What was asked, and where and how the export writes it. Of an item asked in several
        columns, the first that is answered counts.
    where
        The file (and sheet), for errors.
    out_of_range
        ``"refuse"``, or ``"missing"`` to count whole numbers outside the range as missing.

    Raises
    ------
    AnalystError
        If codes are shifted or labelled otherwise than the instrument's and the mapping does
        not say so, a label or wording could be no answer as well as the middle of the scale, a
        column that is left out asks the same as an item's, or an answer is not one of the
        response set: with rows, and what is allowed.
    """
    columns = _columns(raw, rows, instrument, mapping)
    _refuse_asked_twice(raw, rows, columns, mapping, where)
    readers = {
        (item.code, column.name): _Reader(raw, instrument, item, column.name, mapping, out_of_range)
        for item in instrument.items
        for column in columns[item.code]
    }
    _refuse_labels(instrument, readers, where)
    ranges = _ranges(columns, instrument, readers, mapping)
    _refuse_shifted(ranges, instrument, where, mapping)
    _refuse_middle(columns, instrument, readers, where)
    # Column after column in memory, as they are filled here and as pandas keeps them.
    shape = len(rows), len(instrument.items)
    points = np.empty(shape, dtype="float64", order="F")
    kinds = np.empty(shape, dtype=np.int8, order="F")
    notes = []
    refused: list[AnalystError] = []
    for place, item in enumerate(instrument.items):
        first, *others = columns[item.code]
        own, kind = _read(first, readers[item.code, first.name], rows, where, refused)
        differ = 0
        for column in others:
            more, kind_of_more = _read(
                column, readers[item.code, column.name], rows, where, refused
            )
            differ += int(((kind == 0) & (kind_of_more == 0) & (own != more)).sum())
            # An answer before any reason for none, and any reason before nothing at all.
            take = (kind != 0) & ((kind_of_more == 0) | (kind == KINDS.index("not_answered")))
            own, kind = np.where(take, more, own), np.where(take, kind_of_more, kind)
        if differ:
            notes.append(
                f"{differ} row{'s' if differ > 1 else ''} with different answers to {item.code} in "
                f"the columns {', '.join(column.name for column in columns[item.code])}: the first "
                "is used"
            )
        points[:, place], kinds[:, place] = own, kind
    if refused:
        raise at_once(refused, where)
    codes = [item.code for item in instrument.items]
    return Answers(
        pd.DataFrame(points, index=rows, columns=codes, copy=False),
        kinds,
        ranges if mapping.shift is None else {},
        tuple(notes),
    )


def _columns(
    raw: RawExport, rows: pd.Index, instrument: Instrument, mapping: Mapping
) -> dict[str, list[_Column]]:
    """The columns of each item."""
    wanted = raw.frame.index.get_indexer(rows)
    found: dict[str, list[_Column]] = {}
    for item in instrument.items:
        found[item.code] = []
        for name in mapping.columns_of(item.code):
            places, texts = distinct(raw.frame[name])
            at = places[wanted]
            found[item.code].append(_Column(name, at, texts, present(at, texts)))
    return found


def _read(
    column: _Column, reader: _Reader, rows: pd.Index, where: str, refused: list[AnalystError]
) -> tuple[NDArray[np.float64], NDArray[np.int8]]:
    """Scale points and kinds of one column; what is no answer is entered in ``refused``."""
    read = [
        reader.read(text) if on else NOT_HERE
        for text, on in zip(column.texts, column.there, strict=True)
    ]
    unknown = [number for number, found in enumerate(read) if found is None]
    if unknown:
        refused.append(reader.refusal(column.at, column.texts, unknown, rows, where))
    known = [NOT_HERE if found is None else found for found in read]
    points = np.array([point for point, _ in known], dtype="float64")
    kinds = np.array([kind for _, kind in known], dtype=np.int8)
    return points[column.at], kinds[column.at]


def whole(words: str) -> int | None:
    """The whole number that a text is, however a spreadsheet wrote it (``3``, ``3.0``, ``3,0``)."""
    words = figures(words).replace(",", ".")
    return int(float(words)) if WHOLE_NUMBER.fullmatch(words) else None


def as_coded(text: str) -> str:
    """An answer or code as compared: a whole number the same, however a spreadsheet wrote it."""
    words = as_said(text)
    number = NOUGHTS.fullmatch(figures(words))
    return number[1] if number else words


class _Reader:
    """Reads one item's distinct texts."""

    def __init__(
        self,
        raw: RawExport,
        instrument: Instrument,
        item: Item,
        column: str,
        mapping: Mapping,
        out_of_range: str,
    ) -> None:
        self.instrument, self.item, self.mapping = instrument, item, mapping
        self.column = column
        self.responses = instrument.responses(item)
        self.shift = mapping.shift or 0
        self.out_of_range = out_of_range
        stated = mapping.wordings.get(item.responses, {})
        # Instruments may call different scales by one name.
        self.stated = {
            as_coded(wording): point
            for wording, point in stated.items()
            if point in self.responses.labels
        }
        self.labels = _labels(self.responses)
        self.ambiguous = {as_said(text): why for text, why in self.responses.ambiguous.items()}
        self.missing = {as_coded(text): kind for text, kind in mapping.missing.items()}
        self.value_labels = raw.value_labels.get(column, {})
        self.labelled = {code: self._bare(code, text) for code, text in self.value_labels.items()}

    def _bare(self, code: str, label: str) -> str:
        """A value label as compared, without its own code where it repeats that."""
        words = as_said(label)
        numbered = NUMBERED.fullmatch(words)
        if words in self.labels or not numbered:
            return words
        own = numbered["before"] or numbered["after"]
        return (numbered["label"] or numbered["label_"]) if own == code else words

    def read(self, text: str) -> tuple[float, int] | None:
        """Scale point and kind of one text; nothing if it is not an answer."""
        words = as_said(text)
        if not words:
            return np.nan, KINDS.index("not_answered")
        label = self.labelled.get(text.strip(), "")
        for said in (as_coded(text), label):
            if said in self.missing:
                return np.nan, KINDS.index(self.missing[said])
            if said in self.stated:
                return float(self.stated[said]), 0
        # A code may be labelled as no answer in the file itself.
        if label in MISSING_KINDS and label not in self.labels:
            return np.nan, KINDS.index(MISSING_KINDS[label])
        point = self._numbered(words)
        if point is None and self.mapping.answers == "codes":
            point = self._code(words)
        elif point is None:
            point = self._label(label or words)
        if point is not None:
            return float(point), 0
        if words in MISSING_KINDS:
            return np.nan, KINDS.index(MISSING_KINDS[words])
        if self.out_of_range == "missing" and whole(words) is not None:
            return np.nan, KINDS.index("out_of_range")
        return None

    def _numbered(self, words: str) -> int | None:
        """The point of "5 - Strongly agree", where code and label are of one point."""
        found = None if words in self.labels else NUMBERED.fullmatch(words)
        if found is None:
            return None
        point = int(found["before"] or found["after"]) + self.shift
        return point if self._label(found["label"] or found["label_"]) == point else None

    def _code(self, words: str) -> int | None:
        code = whole(words)
        point = None if code is None else code + self.shift
        return point if point in self.responses.labels else None

    def _label(self, words: str) -> int | None:
        return None if words in self.ambiguous else self.labels.get(words)

    def is_stated(self, *said: str) -> bool:
        """Whether the mapping says what a code or wording stands for."""
        return any(as_coded(one) in self.stated or as_coded(one) in self.missing for one in said)

    def mislabelled(self, code: str, label: str) -> str:
        """What is wrong with a value label of the file, or empty text."""
        number, words = whole(code), self.labelled[code]
        if number is None or not words or words == code or self.is_stated(code, label, words):
            return ""
        point = number + self.shift
        if self.mapping.answers == "codes" and self.labels.get(words, point) != point:
            return f"which is point {self.labels[words]} of the scale"
        if words in self.labels:
            return ""
        if words in self.ambiguous:
            return f"which is ambiguous: {self.ambiguous[words]}"
        if words in MISSING_KINDS:
            if point not in self.responses.labels:
                return ""
            return f"which may be no answer, or point {point} of the scale"
        return "which is no label of the instrument" if self.mapping.answers == "codes" else ""

    def refusal(
        self,
        at: Places,
        texts: list[str],
        unknown: list[int],
        rows: pd.Index,
        where: str,
    ) -> AnalystError:
        """The error for texts that are no answers. What a person may have typed is not shown."""
        counts = Counter(at.tolist())
        of_rows = rows[np.isin(at, unknown)]
        place = f"{where}, column '{self.column}', {named(of_rows)}"
        asked = f"{self.item.code} ({self.item.label})"
        ambiguous = sorted(
            {as_said(texts[n]) for n in unknown} & (self.ambiguous.keys() - self.stated.keys())
        )
        if ambiguous:
            why = self.ambiguous[ambiguous[0]]
            return AnalystError(
                f"'{ambiguous[0]}' is an ambiguous answer to {asked}: {why}",
                where=place,
                fix=f"Look at the form that was used, and say in the mapping under "
                f"wordings.{self.item.responses} which scale point it stands for.",
            )
        shown = [
            texts[n].strip()
            for n in unknown
            if whole(as_said(texts[n])) is not None
            or (counts[n] >= COMMON and len(texts[n]) <= 40 and len(unknown) <= 10)
        ]
        allowed = (
            f"whole numbers {self.responses.minimum - self.shift} to "
            f"{self.responses.maximum - self.shift}"
            if self.mapping.answers == "codes"
            else ", ".join(f"'{label}'" for label in self.responses.labels.values())
        )
        found = ", ".join(f"'{text}'" for text in shown[:6])
        return AnalystError(
            f"{len(of_rows)} answer{'s' if len(of_rows) > 1 else ''} to {asked} "
            f"{'are' if len(of_rows) > 1 else 'is'} not known"
            + (f" ({found})" if found else "")
            + f"; allowed are {allowed}."
            + self._nearest(texts[n] for n in unknown),
            where=place,
            fix="Check that the mapping names the right column and says whether answers are labels "
            f"or codes; or say under wordings.{self.item.responses} which scale point, or under "
            "missing which kind of missing, an answer stands for.",
        )

    def _nearest(self, texts: Iterable[str]) -> str:
        for text in texts:
            near = difflib.get_close_matches(as_said(text), list(self.labels), n=1, cutoff=0.8)
            if near:
                label = self.responses.labels[self.labels[near[0]]]
                return f" The nearest is '{label}'."
        return ""


def _labels(responses: ResponseSet) -> dict[str, int]:
    known = {as_said(label): point for point, label in responses.labels.items()}
    return known | {as_said(label): point for label, point in responses.synonyms.items()}


def _ranges(
    columns: MappingOf[str, list[_Column]],
    instrument: Instrument,
    readers: MappingOf[tuple[str, str], _Reader],
    mapping: Mapping,
) -> dict[str, tuple[int, int]]:
    """The lowest and highest code of each response set, over all its items.

    Codes far outside the scale (as for no answer) and those that the mapping states are left out.
    """
    found: dict[str, tuple[int, int]] = {}
    if mapping.answers != "codes":
        return found
    for name, responses in instrument.response_sets.items():
        codes: set[int] = set()
        for item in instrument.items:
            if item.responses != name:
                continue
            for column in columns[item.code]:
                reader = readers[item.code, column.name]
                codes |= {
                    number
                    for text in column.here()
                    if (number := whole(as_said(text))) is not None
                    and not reader.is_stated(text)
                    and reader.labelled.get(text.strip()) not in MISSING_KINDS
                }
        near = near_the_scale(codes, responses.minimum, responses.maximum)
        if near:
            found[name] = min(near), max(near)
    return found


def near_the_scale(codes: set[int], low: int, high: int) -> set[int]:
    """The codes that may be answers to a scale from ``low`` to ``high``, shifted or not.

    Others stand far outside, as codes for no answer do.
    """
    middle = _middle(low, high)
    if middle and min(codes, default=0) < 0 and all(abs(code) <= high - middle for code in codes):
        return codes  # -2 to 2 for 1 to 5
    return {code for code in codes if low - 2 <= code <= high + 2}


def shift_for(lowest: int, highest: int, low: int, high: int) -> int | None:
    """What to add to codes from ``lowest`` to ``highest`` so that they fit a scale.

    Codes on both sides of 0 are counted from the middle of the scale, if it has one.
    """
    middle = _middle(low, high)
    around = (middle,) if middle and lowest < 0 < highest else ()
    fits = (s for s in (*around, *SHIFTS) if low <= lowest + s and highest + s <= high)
    return next(fits, None)


def _middle(low: int, high: int) -> int | None:
    return (low + high) // 2 if (low + high) % 2 == 0 else None


def _refuse_shifted(
    ranges: MappingOf[str, tuple[int, int]], instrument: Instrument, where: str, mapping: Mapping
) -> None:
    """Stop if the codes of a response set, over all its items, fit only after a shift."""
    if mapping.shift is not None:
        return
    for name, (lowest, highest) in ranges.items():
        responses = instrument.response_sets[name]
        low, high = responses.minimum, responses.maximum
        if lowest >= low and highest <= high:
            continue
        shift = shift_for(lowest, highest, low, high)
        if shift is not None:
            items = [item for item in instrument.items if item.responses == name]
            raise AnalystError(
                f"Answers to {instrument.short} are coded {lowest} to {highest}, but its "
                f"scale runs from {low} to {high}.",
                where=f"{where}, columns of {_items(items)}",
                fix=f"If the tool counted from {low - shift}: write 'shift: {shift}' in the "
                "mapping. If the codes are scale points all the same: write 'shift: 0'.",
            )


def refuse_open_shift(
    instrument: Instrument,
    files: Iterable[tuple[str, Mapping, MappingOf[str, tuple[int, int]]]],
) -> None:
    """Stop if a file's codes could be shifted as another file's of the survey are.

    Codes of 1 to 4 are scale points of 1 to 5 where nobody chose 5, or 0 to 4 where nobody
    chose 0. One file cannot say which; if another one counts from 0, the mapping must.

    Parameters
    ----------
    instrument
        What was asked in all files.
    files
        Of each file: where it is, its mapping, and its ranges of codes where no shift is stated.
    """
    files = list(files)
    for name, responses in instrument.response_sets.items():
        shifts = {shift for _, mapping, _ in files for shift in _shifts(mapping, name)}
        for where, _, ranges in files:
            if name not in ranges:
                continue
            lowest, highest = ranges[name]
            for shift in sorted(shifts):
                if responses.minimum <= lowest + shift and highest + shift <= responses.maximum:
                    raise AnalystError(
                        f"Answers to {instrument.short} are coded {lowest} to {highest}, which fits "
                        f"the scale from {responses.minimum} to {responses.maximum} as it is and "
                        f"with the shift of {shift} that another file of the survey has.",
                        where=where,
                        fix=f"Look at the form, and write 'shift: {shift}' or 'shift: 0' in this "
                        "file's mapping.",
                    )


def _shifts(mapping: Mapping, responses: str) -> set[int]:
    """By how much a file's codes are known to be shifted, if they are."""
    if mapping.answers != "codes":
        return set()
    if mapping.shift:
        return {mapping.shift}
    listed = mapping.wordings.get(responses, {})
    by = {point - code for word, point in listed.items() if (code := whole(word)) is not None}
    return by - {0} if len(by) == 1 and len(listed) > 2 else set()


def _refuse_labels(
    instrument: Instrument, readers: MappingOf[tuple[str, str], _Reader], where: str
) -> None:
    """Stop unless every value label of the file is known, or stated in the mapping.

    A scale whose labels run the other way, or are other words, is never read by its codes alone.
    """
    found: dict[tuple[str, str, str, str], list[str]] = defaultdict(list)
    for (item, _), reader in readers.items():
        for code, label in reader.value_labels.items():
            if wrong := reader.mislabelled(code, label):
                found[reader.item.responses, code, label, wrong].append(item)
    if not found:
        return
    listed = [
        f"{_range(items)}: code {code} is labelled '{label}', {wrong}"
        for (_, code, label, wrong), items in found.items()
    ]
    sets = list(dict.fromkeys(responses for responses, *_ in found))
    items = list(dict.fromkeys(item for items in found.values() for item in items))
    columns = ", ".join(f"'{name}'" for item, name in readers if item in items[:1])
    raise AnalystError(
        f"{len(listed)} value label{'s' if len(listed) > 1 else ''} of the file "
        f"{'are' if len(listed) > 1 else 'is'} not what {instrument.short} has:\n    "
        + "\n    ".join(listed),
        where=f"{where}, column {columns}" + (" and others" if len(items) > 1 else ""),
        fix="Say in the mapping what each code stands for: a scale point under "
        + " or ".join(f"wordings.{name}" for name in sets)
        + ", or a kind of missing under missing. If the labels are the instrument's and only the "
        "codes differ, write 'answers: labels', or the 'shift'.",
    )


def _refuse_middle(
    columns: MappingOf[str, list[_Column]],
    instrument: Instrument,
    readers: MappingOf[tuple[str, str], _Reader],
    where: str,
) -> None:
    """Stop if "not sure" was answered, and never the scale's middle: it may stand for that."""
    for name, responses in instrument.response_sets.items():
        points = sorted(responses.labels)
        if len(points) % 2 == 0 or len(points) < 3:
            continue
        middle = float(points[len(points) // 2])
        items = [item for item in instrument.items if item.responses == name]
        unsure: dict[str, str] = {}
        chosen: set[float] = set()
        for item in items:
            for column in columns[item.code]:
                reader = readers[item.code, column.name]
                for text in column.here():
                    words = as_said(text)
                    said = reader.labelled.get(text.strip()) or words
                    read = reader.read(text)
                    if read is not None and read[1] == 0:
                        chosen.add(read[0])
                    elif MISSING_KINDS.get(said) == "dont_know" and not reader.is_stated(
                        words, said
                    ):
                        unsure[said] = column.name
        # With answers on both sides of it, and none in it.
        if unsure and chosen and min(chosen) < middle < max(chosen) and middle not in chosen:
            words = sorted(unsure)[0]
            raise AnalystError(
                f"'{words}' was answered to {instrument.short}, and "
                f"'{responses.labels[int(middle)]}' never: it may be the middle of the scale, or "
                "no answer.",
                where=f"{where}, column '{unsure[words]}' and the others of {_items(items)}",
                fix=f"Look at the form that was used. In the mapping, write '{words}: "
                f"{int(middle)}' under wordings.{name}, or '{words}: dont_know' under missing.",
            )


def _refuse_asked_twice(
    raw: RawExport,
    rows: pd.Index,
    columns: MappingOf[str, list[_Column]],
    mapping: Mapping,
    where: str,
) -> None:
    """Stop if a column that the mapping leaves out asks an item of those who went another way."""
    mapped = {name for item in mapping.items for name in mapping.columns_of(item)}
    mapped |= {*mapping.columns.values(), *mapping.unused}
    asks: dict[str, list[str]] = defaultdict(list)
    for name in raw.frame.columns:
        if name not in mapped and normalised(raw.questions.get(name, "")):
            asks[normalised(raw.questions[name])].append(name)
    if not asks:
        return
    own: dict[str, list[str]] = defaultdict(list)
    for item, named_ in columns.items():
        own[normalised(raw.questions.get(named_[0].name, ""))].append(item)
    found = []
    for question, items in own.items():
        if len(items) > 1 or not asks.get(question):
            continue  # a stem that several items share says nothing
        answered = np.any([_filled(raw.frame[c.name][rows]) for c in columns[items[0]]], axis=0)
        for name in asks[question]:
            there = _filled(raw.frame[name][rows])
            lost = int((there & ~answered).sum())
            if lost and 2 * lost >= int(there.sum()):
                found.append((items[0], name, lost))
    if found:
        raise AnalystError(
            f"{len(found)} column{'s' if len(found) > 1 else ''} that the mapping leaves out "
            f"ask{'' if len(found) > 1 else 's'} the same as an item's column, and "
            f"hold{'' if len(found) > 1 else 's'} answers of others:\n    "
            + "\n    ".join(
                f"{item}: '{name}', answered in {lost} row{'s' if lost > 1 else ''} where "
                f"'{columns[item][0].name}' is empty"
                for item, name, lost in found
            ),
            where=where,
            fix=f"Name both, the first that is answered counts "
            f'({found[0][0]}: ["{columns[found[0][0]][0].name}", "{found[0][1]}"]); or list the '
            "column under 'unused' if it is something else.",
        )


def _filled(column: pd.Series) -> NDArray[np.bool_]:
    places, texts = distinct(column)
    if not texts:
        return np.zeros(len(column), dtype=bool)
    return np.array([bool(text.strip()) for text in texts], dtype=bool)[places]


def _items(items: Sequence[Item]) -> str:
    return _range([item.code for item in items])


def _range(codes: Sequence[str]) -> str:
    return f"{codes[0]} to {codes[-1]}" if len(codes) > 1 else codes[0]
