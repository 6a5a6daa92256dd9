"""One scorer for every instrument."""

from __future__ import annotations

import pandas as pd

from analysis.errors import AnalystError
from analysis.instruments.model import Instrument, Subscale


def score(instrument: Instrument, answers: pd.DataFrame) -> pd.DataFrame:
    """Scores of each respondent.

    Parameters
    ----------
    instrument
        What to score.
    answers
        One row per respondent, one column per item code, holding scale points as the
        respondent gave them (not yet reversed) or missing.

    Returns
    -------
    pandas.DataFrame
        Same index; one column per score, named ``<instrument>.<score>``: the total, where the
        instrument has one, and each subscale. Missing where fewer items were answered than
        the subscale's ``minimum_answered`` asks for.

    Notes
    -----
    A mean score is the mean of the items answered. The total is the mean over all items
    answered, so that subscales weigh in by their number of items. A lookup score needs every
    item: the sum is looked up in the instrument's table; sums are never averaged and then
    converted, because the table is not linear.
    """
    points = answers.reindex(columns=[item.code for item in instrument.items]).astype("float64")
    for item in instrument.items:
        if item.reverse:
            responses = instrument.responses(item)
            points[item.code] = responses.minimum + responses.maximum - points[item.code]
    scores: dict[str, pd.Series] = {}
    if instrument.total:
        scores[instrument.total.id] = _mean(points, instrument.total.minimum_answered)
    for subscale in instrument.subscales:
        of_subscale = points[[item.code for item in instrument.items_of(subscale.id)]]
        if subscale.score == "lookup":
            scores[subscale.id] = _lookup(of_subscale, instrument, subscale)
        else:
            scores[subscale.id] = _mean(of_subscale, subscale.minimum_answered)
    named = {f"{instrument.id}.{name}": values for name, values in scores.items()}
    return pd.DataFrame(named, index=answers.index)


def _mean(points: pd.DataFrame, minimum_answered: float) -> pd.Series:
    enough = points.notna().sum(axis=1) >= minimum_answered * points.shape[1]
    return points.mean(axis=1).where(enough)


def _lookup(points: pd.DataFrame, instrument: Instrument, subscale: Subscale) -> pd.Series:
    path = instrument.folder / str(subscale.lookup)
    try:
        table = pd.read_csv(path, comment="#")
    except (OSError, ValueError) as error:
        raise AnalystError(
            f"The lookup table of {instrument.short} cannot be read: {error}.",
            where=str(path),
            fix="Put the table beside the instrument file, or correct its name there.",
        ) from None
    sums = points.sum(axis=1, min_count=points.shape[1])
    return sums.map(table.set_index("raw_sum")["t_value"]).astype("float64")
