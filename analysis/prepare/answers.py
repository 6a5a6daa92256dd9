"""Answers as they are written in an export, turned into scale points or kinds of missing."""

from __future__ import annotations

import pandas as pd

from analysis.errors import AnalystError
from analysis.instruments.model import Instrument, Item, ResponseSet

#: The three answers that are no answer, each its own kind, never a scale point.
MISSING_KINDS = {
    "prefer not to say": "prefer_not_to_say",
    "don't know": "dont_know",
    "do not know": "dont_know",
    "dont know": "dont_know",
    "not applicable": "not_applicable",
    "n/a": "not_applicable",
}
NOT_ANSWERED = "not_answered"


def normalised(text: str) -> str:
    """Text as compared: without the differences that typing and export tools make."""
    plain = text.replace("\u00a0", " ").replace("\u2019", "'").replace("\u2013", "-")
    return " ".join(plain.split()).casefold()


def scale_points(
    column: pd.Series, item: Item, instrument: Instrument, written_as: str, where: str
) -> tuple[pd.Series, pd.Series]:
    """One item's answers as scale points.

    Parameters
    ----------
    column
        The answers as text, indexed by row of the file.
    item, instrument
        What was asked.
    written_as
        ``"labels"`` or ``"codes"``, from the mapping.
    where
        The file (and sheet), for errors.

    Returns
    -------
    (pandas.Series, pandas.Series)
        Scale points as floats, missing where there is no answer; and the kind of missing
        (empty text where there is an answer).

    Raises
    ------
    AnalystError
        If an answer is not one of the response set: with its row, and what is allowed.
    """
    responses = instrument.responses(item)
    known = _codes(responses) if written_as == "codes" else _labels(responses)
    text = column.map(normalised)
    kind = text.map(MISSING_KINDS).fillna("").mask(text == "", NOT_ANSWERED)
    points = text.map(known).astype("float64")
    unknown = text[points.isna() & (kind == "")]
    if len(unknown):
        rows = ", ".join(str(row) for row in unknown.index[:5])
        more = f" and {len(unknown) - 5} more" if len(unknown) > 5 else ""
        allowed = (
            f"whole numbers {responses.minimum} to {responses.maximum}"
            if written_as == "codes"
            else ", ".join(f"'{label}'" for label in responses.labels.values())
        )
        raise AnalystError(
            f"'{column.loc[unknown.index[0]].strip()}' is not an answer to {item.code} "
            f"({item.label}); allowed are {allowed}.",
            where=f"{where}, column '{column.name}', row{'s' if len(unknown) > 1 else ''} {rows}{more}",
            fix="Check that the mapping names the right column and says whether answers are "
            "labels or codes, or add the wording to the instrument's synonyms.",
        )
    return points, kind


def _labels(responses: ResponseSet) -> dict[str, int]:
    known = {normalised(label): point for point, label in responses.labels.items()}
    return known | {normalised(label): point for label, point in responses.synonyms.items()}


def _codes(responses: ResponseSet) -> dict[str, int]:
    return {str(point): point for point in responses.labels}
