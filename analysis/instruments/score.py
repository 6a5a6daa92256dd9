"""One scorer for every instrument."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.instruments.model import Instrument, Subscale, lookup_table


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
    A mean score is the mean of the items answered. The total is the mean of all subscales'
    scores, each weighing by its number of items, and missing where one of them is; with every
    item answered it is the mean of all items. Only where the instrument says so it is the mean of
    whatever was answered. A lookup score needs every
    item: the sum is looked up in the instrument's table; sums are never averaged and then
    converted, because the table is not linear. Only with ``pro_rating`` is a sum made from the
    mean of the items answered; the score's label then says so.
    """
    points = answers.reindex(columns=[item.code for item in instrument.items]).astype("float64")
    for item in instrument.items:
        if item.reverse:
            responses = instrument.responses(item)
            points[item.code] = responses.minimum + responses.maximum - points[item.code]
    scores: dict[str, pd.Series] = {}
    if instrument.total:
        scores[instrument.total.id] = _mean(points, instrument.total.minimum_answered or 0.5)
    for subscale in instrument.subscales:
        of_subscale = points[[item.code for item in instrument.items_of(subscale.id)]]
        if subscale.score == "lookup":
            scores[subscale.id] = _lookup(of_subscale, instrument, subscale)
        else:
            scores[subscale.id] = _mean(of_subscale, subscale.minimum_answered)
    if instrument.total and instrument.total.score == "subscales":
        number = {s.id: len(instrument.items_of(s.id)) for s in instrument.subscales}
        parts = pd.DataFrame({name: scores[name] * weight for name, weight in number.items()})
        scores[instrument.total.id] = parts.sum(axis=1, skipna=False) / sum(number.values())
    named = {f"{instrument.id}.{name}": values for name, values in scores.items()}
    return pd.DataFrame(named, index=answers.index)


def _mean(points: pd.DataFrame, minimum_answered: float) -> pd.Series:
    values = points.to_numpy()
    missing = np.isnan(values)
    answered = points.shape[1] - missing.sum(axis=1)
    enough = (answered >= minimum_answered * points.shape[1]) & (answered > 0)
    means = np.full(len(points), np.nan)
    np.divide(np.where(missing, 0, values).sum(axis=1), answered, out=means, where=enough)
    return pd.Series(means, index=points.index)


def _lookup(points: pd.DataFrame, instrument: Instrument, subscale: Subscale) -> pd.Series:
    table = lookup_table(instrument, subscale)
    if subscale.pro_rating:
        enough = points.notna().sum(axis=1) >= subscale.minimum_answered * points.shape[1]
        # Half a point is rounded up, as by hand, not to the nearest even sum.
        sums = np.floor(points.mean(axis=1) * points.shape[1] + 0.5).where(enough)
    else:
        sums = points.sum(axis=1, min_count=points.shape[1])
    return sums.map(table).astype("float64")
