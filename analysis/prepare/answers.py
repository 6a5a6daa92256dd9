"""Answers as they are written in an export, turned into scale points or kinds of missing."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.errors import AnalystError
from analysis.instruments.model import Instrument, Item, ResponseSet
from analysis.prepare.distinct import Places, distinct, present
from analysis.prepare.rows import named
from analysis.sources.export import RawExport
from analysis.sources.mapping import Mapping
from analysis.sources.wording import MISSING_KINDS, normalised

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
SHIFTS = (1, -1, 2, -2)
#: In place of a text that no wanted row has.
NOT_HERE = (np.nan, 0)


@dataclass(frozen=True)
class Answers:
    """Answers of respondents (rows) to the items of an instrument (columns).

    ``points`` holds scale points as floats, missing where there is no answer; ``kinds`` the
    place in :data:`KINDS` of what is there instead, in the same shape.
    """

    points: pd.DataFrame
    kinds: NDArray[np.int8]


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
        What was asked, and where and how the export writes it.
    where
        The file (and sheet), for errors.
    out_of_range
        ``"refuse"``, or ``"missing"`` to count whole numbers outside the range as missing.

    Raises
    ------
    AnalystError
        If codes are shifted or labelled otherwise than the instrument's and the mapping does
        not say so, or an answer is not one of the response set: with rows, and what is allowed.
    """
    columns = _columns(raw, rows, instrument, mapping)
    if mapping.answers == "codes":
        _refuse_shifted(columns, instrument, mapping, where)
        _refuse_relabelled(raw, instrument, mapping, where)
    points = np.empty((len(rows), len(instrument.items)), dtype="float64")
    kinds = np.empty((len(rows), len(instrument.items)), dtype=np.int8)
    for place, item in enumerate(instrument.items):
        at, texts = columns[item.code]
        reader = _Reader(raw, instrument, item, mapping, out_of_range)
        here = present(at, texts)
        read = [reader.read(text) if on else NOT_HERE for text, on in zip(texts, here, strict=True)]
        unknown = [number for number, found in enumerate(read) if found is None]
        if unknown:
            raise reader.refusal(at, texts, unknown, rows, where)
        known = [found for found in read if found is not None]
        points[:, place] = np.array([point for point, _ in known])[at]
        kinds[:, place] = np.array([kind for _, kind in known], dtype=np.int8)[at]
    codes = [item.code for item in instrument.items]
    return Answers(pd.DataFrame(points, index=rows, columns=codes), kinds)


def _columns(
    raw: RawExport, rows: pd.Index, instrument: Instrument, mapping: Mapping
) -> dict[str, tuple[Places, list[str]]]:
    """By item, the place of each wanted row's text, and the texts."""
    wanted = raw.frame.index.get_indexer(rows)
    columns = [raw.frame[mapping.items[item.code]] for item in instrument.items]
    found = [distinct(column) for column in columns]
    return {
        item.code: (places[wanted], texts)
        for item, (places, texts) in zip(instrument.items, found, strict=True)
    }


class _Reader:
    """Reads one item's distinct texts."""

    def __init__(
        self,
        raw: RawExport,
        instrument: Instrument,
        item: Item,
        mapping: Mapping,
        out_of_range: str,
    ) -> None:
        self.instrument, self.item, self.mapping = instrument, item, mapping
        self.column = mapping.items[item.code]
        self.responses = instrument.responses(item)
        self.shift = mapping.shift or 0
        self.out_of_range = out_of_range
        stated = mapping.wordings.get(item.responses, {})
        self.stated = {normalised(str(wording)): point for wording, point in stated.items()}
        self.labels = _labels(self.responses)
        self.ambiguous = {normalised(text): why for text, why in self.responses.ambiguous.items()}
        self.missing = {normalised(str(text)): kind for text, kind in mapping.missing.items()}
        self.value_labels = raw.value_labels.get(self.column, {})

    def read(self, text: str) -> tuple[float, int] | None:
        """Scale point and kind of one text; nothing if it is not an answer."""
        words = normalised(text)
        if not words:
            return np.nan, KINDS.index("not_answered")
        if words in self.missing:
            return np.nan, KINDS.index(self.missing[words])
        if words in self.stated:
            return float(self.stated[words]), 0
        # A code may be labelled as no answer in the file itself, even within the scale's range.
        label = normalised(self.value_labels.get(text.strip(), ""))
        if label in MISSING_KINDS and label not in self.labels:
            return np.nan, KINDS.index(MISSING_KINDS[label])
        point = (
            self._code(words) if self.mapping.answers == "codes" else self._label(label or words)
        )
        if point is not None:
            return float(point), 0
        if words in MISSING_KINDS:
            return np.nan, KINDS.index(MISSING_KINDS[words])
        if self.out_of_range == "missing" and WHOLE_NUMBER.fullmatch(words):
            return np.nan, KINDS.index("out_of_range")
        return None

    def _code(self, words: str) -> int | None:
        if not WHOLE_NUMBER.fullmatch(words):
            return None
        point = int(float(words)) + self.shift
        return point if point in self.responses.labels else None

    def _label(self, words: str) -> int | None:
        return None if words in self.ambiguous else self.labels.get(words)

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
            {normalised(texts[n]) for n in unknown} & (self.ambiguous.keys() - self.stated.keys())
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
            if WHOLE_NUMBER.fullmatch(normalised(texts[n]))
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
            near = difflib.get_close_matches(normalised(text), list(self.labels), n=1, cutoff=0.8)
            if near:
                label = self.responses.labels[self.labels[near[0]]]
                return f" The nearest is '{label}'."
        return ""


def _labels(responses: ResponseSet) -> dict[str, int]:
    known = {normalised(label): point for point, label in responses.labels.items()}
    return known | {normalised(label): point for label, point in responses.synonyms.items()}


def _refuse_shifted(
    columns: dict[str, tuple[Places, list[str]]],
    instrument: Instrument,
    mapping: Mapping,
    where: str,
) -> None:
    """Stop if the codes of a response set, over all its items, fit only after a shift."""
    if mapping.shift is not None:
        return
    for name, responses in instrument.response_sets.items():
        items = [item for item in instrument.items if item.responses == name]
        other = {
            normalised(str(text)) for text in (*mapping.wordings.get(name, {}), *mapping.missing)
        }
        found = {
            int(float(words))
            for item in items
            for words in _texts_of(*columns[item.code])
            if WHOLE_NUMBER.fullmatch(words) and words not in other
        }
        low, high = responses.minimum, responses.maximum
        near = {code for code in found if low - 2 <= code <= high + 2}
        if not near or (min(near) >= low and max(near) <= high):
            continue
        shift = next((s for s in SHIFTS if low <= min(near) + s and max(near) + s <= high), None)
        if shift is not None:
            raise AnalystError(
                f"Answers to {instrument.short} are coded {min(near)} to {max(near)}, but its "
                f"scale runs from {low} to {high}.",
                where=f"{where}, columns of {_items(items)}",
                fix=f"If the tool counted from {low - shift}: write 'shift: {shift}' in the "
                "mapping. If the codes are scale points all the same: write 'shift: 0'.",
            )


def _texts_of(places: Places, texts: list[str]) -> list[str]:
    here = present(places, texts)
    return [normalised(text) for text, on in zip(texts, here, strict=True) if on]


def _refuse_relabelled(
    raw: RawExport, instrument: Instrument, mapping: Mapping, where: str
) -> None:
    """Stop if the file's own value labels give a code another meaning than the instrument."""
    for item in instrument.items:
        column = mapping.items[item.code]
        responses = instrument.responses(item)
        known = _labels(responses)
        stated = {str(code) for code in mapping.wordings.get(item.responses, {})}
        for code, label in raw.value_labels.get(column, {}).items():
            point = known.get(normalised(label))
            if point is None or code in stated or not WHOLE_NUMBER.fullmatch(code):
                continue
            if int(float(code)) + (mapping.shift or 0) != point:
                raise AnalystError(
                    f"In the file, code {code} of {item.code} ({item.label}) is labelled "
                    f"'{label}', which is point {point} of the scale.",
                    where=f"{where}, column '{column}'",
                    fix="Write 'answers: labels' in the mapping, or state the 'shift' or "
                    f"'wordings.{item.responses}' there.",
                )


def _items(items: Sequence[Item]) -> str:
    codes = [item.code for item in items]
    return f"{codes[0]} to {codes[-1]}" if len(codes) > 1 else codes[0]
