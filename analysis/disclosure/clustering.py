"""How alike people of one school are, where a school's mean is withheld: one more sum of squares.

The intraclass correlation, the design effects and the standard deviation within schools each say, with the
standard deviation of all, how far schools' means lie from the mean of all. Where all schools' means but two
are shown, that and the total leave a withheld mean two values, and what the digits add to either side.
The interval of a mean says it as well, but so coarsely that it leaves as much as is asked for.
"""

from __future__ import annotations

import numpy as np

from analysis.disclosure.draft import GIVES_AWAY, Draft, Floats, Rows
from analysis.disclosure.printed import limits_of
from analysis.disclosure.sums import ALL
from analysis.instruments import Instrument
from analysis.prepare import load_instruments
from analysis.results import COHORT
from analysis.study import Survey

#: Decimals of an intraclass correlation and of a standard deviation where the usual ones tell too much.
COARSE = 1
#: Of more withheld schools the sum of squares is held against each mean without trying the others'.
MANY = 12
#: Values that a mean may have, and ways in which the others' sum may be shared out, that are tried.
STEPS, SHARED = 401, 100


def withheld_means(draft: Draft) -> None:
    """Show how alike people of a school are coarsely, or not, where it would tell a school's mean.

    The correlation goes without its interval and with one decimal, the standard deviation within
    schools with one; what still tells too much is withheld, and so are the design effects.
    """
    if not (draft.equals("analysis", "clustering") | draft.equals("statistic", "deff")).any():
        return
    instruments = load_instruments(draft.study)
    group, _ = draft.phases()
    groups = [ALL, *(group.key(value) for value in group.ids)] if group else [ALL]
    for survey in draft.study.surveys:
        own = draft.of("source", survey.id)
        told = own[
            own.equals("analysis", "clustering")
            | (own.equals("analysis", "funnel") & own.equals("statistic", "spread"))
            | (own.equals("analysis", "level") & own.equals("statistic", "deff"))
        ]
        told = told[told.equals("group", *groups)]
        told = told[draft.are_shown(told.places)]
        found = draft.ledger[["instrument", "measure", "wave"]].iloc[told.places]
        levels = own[own.equals("analysis", "level") & own.equals("group", ALL)]
        for instrument, measure, wave in found.drop_duplicates().itertuples(index=False, name=None):
            at = {"instrument": str(instrument), "measure": str(measure), "wave": str(wave)}
            own_scale = instruments[str(instrument)]
            _of_score(draft, survey, own_scale, str(measure), _same(levels, at), _same(told, at))


def _same(rows: Rows, at: dict[str, str]) -> Rows:
    for column, word in at.items():
        rows = rows[rows.equals(column, word)]
    return rows


def _of_score(
    draft: Draft,
    survey: Survey,
    instrument: Instrument,
    measure: str,
    levels: Rows,
    told: Rows,
) -> None:
    limits = limits_of(instrument, measure, item=False)
    minimum = draft.study.asked(survey).minimum
    of_schools = levels[~levels.equals("unit", COHORT) & levels.equals("statistic", "mean")]
    frame = draft.ledger[["n", "value"]].iloc[of_schools.places]
    n, means = (frame[name].to_numpy("float64") for name in ("n", "value"))
    hidden = ~draft.are_shown(of_schools.places)
    sd = levels[levels.equals("unit", COHORT) & levels.equals("statistic", "sd")]
    if not (hidden & (n < minimum)).any() or len(sd.places) != 1:
        return
    people, schools = n.sum(), len(n)
    if not 1 < schools < people:  # nothing lies within schools, or between them
        draft.withhold_at(told.places, GIVES_AWAY)
        return
    middle = float((n * means).sum() / people)
    between = float((n * (means - middle) ** 2).sum())
    deviation = float(draft.ledger["value"].iloc[sd.places[0]])
    decimals = instrument.decimals(measure)
    if not np.isnan(draft.decimals[sd.places[0]]):
        decimals = min(decimals, int(draft.decimals[sd.places[0]]))
    of_all = [(people - 1) * each**2 for each in _printed(deviation, decimals)]
    within = max((people - 1) * deviation**2 - between, 0.0) / (people - schools)
    size = (people - (n**2).sum() / people) / (schools - 1)
    f = between / (schools - 1) / within if within > 0 else float("inf")
    icc = (f - 1) / (f + size - 1) if within > 0 else 1.0

    def share(icc: float) -> float:
        """The part of the sum of squares that lies between schools, by a correlation."""
        times = (schools - 1) * (1 + icc * (size - 1)) / max(1 - icc, 1e-9)
        return max(times, 0.0) / (max(times, 0.0) + people - schools)

    spreads = [(people - schools) * each**2 for each in _printed(within**0.5, COARSE)]
    known = [
        ("spread", of_all[0] - spreads[1], of_all[1] - spreads[0]),
        (
            "icc",
            *(
                whole * share(each)
                for whole, each in zip(of_all, _printed(icc, COARSE, -1.0), strict=True)
            ),
        ),
    ]
    least, most = 0.0, float("inf")
    draft.without_interval(told[told.equals("statistic", "icc")].places)
    for statistic, low, high in known:
        rows = told[told.equals("statistic", statistic)]
        if not len(rows.places):
            continue
        ends = max(least, low), min(most, high)
        if _open(draft, n, means, hidden, minimum, limits, ends):
            least, most = ends
            draft.coarsen_at(rows.places, COARSE)
        else:
            draft.withhold_at(rows.places, GIVES_AWAY)
    draft.withhold_at(told.places[told.equals("statistic", "deff")], GIVES_AWAY)


def _printed(value: float, decimals: int, least: float = 0.0) -> tuple[float, float]:
    """Between which values a number lies that is printed with so many decimals."""
    half = 0.5 * 10.0**-decimals
    return max(round(value, decimals) - half, least), round(value, decimals) + half


def _open(
    draft: Draft,
    n: Floats,
    means: Floats,
    hidden: np.ndarray,
    minimum: int,
    limits: tuple[float, float],
    between: tuple[float, float],
) -> bool:
    """Whether each mean of too few may be in enough places, by the sum of squares of the schools.

    A quarter of the range to either side must stay open, or as much as the total leaves.
    """
    asked = 2 * draft.study.disclosure.protection.mean * (limits[1] - limits[0])
    middle = (n * means).sum() / n.sum()
    shown = (n * (means - middle) ** 2)[~hidden].sum()
    random = np.random.default_rng(1)
    values = np.linspace(*limits, STEPS)
    step = values[1] - values[0]
    for school in np.flatnonzero(hidden & (n < minimum) & (n > 0)):
        others = np.flatnonzero(hidden & (np.arange(len(n)) != school) & (n > 0))
        if not len(others):
            return False
        if len(others) > MANY:
            # The others' squares are least where they are all alike, and may be as many as is said.
            people = n[others].sum()
            away = (n * (means - middle))[hidden].sum() - n[school] * (values - middle)
            least = shown + n[school] * (values - middle) ** 2 + away**2 / people
            if (least <= between[1]).sum() * step < asked:
                return False
            continue
        left = (n * means)[hidden].sum() - n[school] * values
        found = random.uniform(*limits, (SHARED, 1, len(others)))
        # The last has what the others leave of the sum.
        found = np.tile(found, (1, STEPS, 1))
        found[..., -1] = (left - found[..., :-1] @ n[others[:-1]]) / n[others[-1]]
        possible = ((found >= limits[0]) & (found <= limits[1])).all(axis=2)
        squares = shown + n[school] * (values - middle) ** 2
        squares = squares + (found - middle) ** 2 @ n[others]
        fits = possible & (squares >= between[0]) & (squares <= between[1])
        without = possible.any(axis=0).sum() * step
        if fits.any(axis=0).sum() * step < min(asked, 0.95 * without):
            return False
    return True
