"""School outcomes by term: rates of counts, and change to the same term a year later."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from scipy import special
from statsmodels.stats.proportion import proportion_confint

from analysis.prepare import Prepared
from analysis.results import COHORT, Result, pair
from analysis.statistics import estimates
from analysis.statistics.estimates import Floats
from analysis.statistics.samples import ALL
from analysis.words import slug

RATE = "100 x sum of numerators / sum of denominators"
#: Fewer events than this in either term carry no interval of a change.
FEWEST = 10
#: Fewer schools than this carry none either.
FEWEST_SCHOOLS = 5


def rates(prepared: Prepared) -> Iterator[Result]:
    """Each outcome's rate per 100, by term: the programme, its phases, each school.

    A rate over schools is the sum of numerators over the sum of denominators, with an interval
    from how much schools differ (:func:`ratio`). One school's rate has an interval only where
    it is a share of pupils (Wilson) or counts events for pupils on roll (exact Poisson); for
    sessions and days, which come in runs, none can be given. ``n`` is the denominator, so that
    the release rules see it.
    """
    complete = _complete(prepared)
    if complete is None:
        return
    kinds = _kinds(prepared)
    for unit, group, part in _portions(prepared, complete):
        for (measure, term), rows in part.groupby(["measure", "term"], sort=True):
            numerator, denominator = rows["numerator"].sum(), rows["denominator"].sum()
            if denominator <= 0:
                continue
            if unit == COHORT:
                low, high, df, words = ratio(rows["numerator"], rows["denominator"])
            else:
                low, high, words = _one_school(numerator, denominator, kinds.get(str(measure), ""))
                df = math.nan
            yield Result(
                unit=unit,
                source="outcomes",
                instrument="school_data",
                analysis="rate",
                measure=str(measure),
                wave=slug(str(term)),
                group=group,
                statistic="rate",
                value=float(100 * numerator / denominator),
                ci_low=low,
                ci_high=high,
                df=df,
                level=estimates.LEVEL if math.isfinite(low) else math.nan,
                n=float(denominator),
                n_schools=float(rows["school"].nunique()),
                numerator=float(numerator),
                denominator=float(denominator),
                method=f"{RATE}; {words}",
            )


def changes(prepared: Prepared) -> Iterator[Result]:
    """Difference of each rate between a term and the same term of the year before.

    Same schools in both terms; terms are matched by their name without the year. Only over
    schools, with an interval from how much schools' own differences vary, and only where both
    terms have at least ten events and five schools: otherwise the difference stands alone and
    the method says why. Terms under different definitions of an outcome are not compared. There is no comparison group, and much else changes in a year.
    """
    complete = _complete(prepared)
    if complete is None:
        return
    order = complete.groupby("term")["term_start"].min().sort_values().index
    season = {
        term: "".join(c for c in str(term) if not (c.isdigit() or c in "-/")).strip()
        for term in order
    }
    for unit, group, part in _portions(prepared, complete):
        if unit != COHORT:
            continue
        for measure, rows in part.groupby("measure", sort=True):
            for place, later in enumerate(order):
                same = [
                    term
                    for term in order[:place]
                    if season[term] == season[later] and not _breaks(rows, term, later)
                ]
                if same:
                    common: dict[str, Any] = {
                        "unit": unit,
                        "source": "outcomes",
                        "instrument": "school_data",
                        "analysis": "rate_change",
                        "measure": str(measure),
                        "wave": pair(slug(str(same[-1])), slug(str(later))),
                        "group": group,
                    }
                    yield from _change(common, rows, same[-1], later)


def ratio(
    numerators: pd.Series | Floats, denominators: pd.Series | Floats
) -> tuple[float, float, float, str]:
    """95% interval (per 100) of a ratio of sums over schools, its df, and how it was made.

    The ratio is a least-squares fit of school rates weighted by their denominators; variance
    HC2 of Taylor's linearisation, t with schools - 1 degrees of freedom (as R's survey package
    with its HC-style correction; Cochran, 1977, ch. 6).
    """
    x = np.asarray(denominators, dtype="float64")
    y = np.asarray(numerators, dtype="float64")
    if len(x) < 3 or y.sum() == 0:
        return math.nan, math.nan, math.nan, "no interval: too few schools or no events"
    value = y.sum() / x.sum()
    share = x / x.sum()
    variance = float(np.sum((y - value * x) ** 2 / (1 - share))) / x.sum() ** 2
    if variance <= 0:
        return math.nan, math.nan, math.nan, "no interval: schools do not differ"
    df = float(len(x) - 1)
    half = estimates.quantile(df) * math.sqrt(variance)
    low = max(value - half, 0.0)
    return 100 * low, 100 * (value + half), df, "interval from how much schools differ (HC2, t)"


def _change(
    common: dict[str, Any], rows: pd.DataFrame, first: str, second: str
) -> Iterator[Result]:
    wide = {
        term: rows[rows["term"] == term].set_index("school")[["numerator", "denominator"]]
        for term in (first, second)
    }
    schools = wide[first].index.intersection(wide[second].index)
    earlier, later = wide[first].loc[schools], wide[second].loc[schools]
    if min(earlier["denominator"].sum(), later["denominator"].sum()) <= 0:
        return
    parts = []
    for part in (earlier, later):
        total = part["denominator"].sum()
        rate = part["numerator"].sum() / total
        share = (part["denominator"] / total).to_numpy()
        spread = (part["numerator"] - rate * part["denominator"]).to_numpy() / total
        parts.append((rate, spread, share))
    value = parts[1][0] - parts[0][0]
    events = min(earlier["numerator"].sum(), later["numerator"].sum())
    low = high = df = math.nan
    words = "same schools in both terms"
    if len(schools) < FEWEST_SCHOOLS:
        words += f"; no interval with fewer than {FEWEST_SCHOOLS} schools"
    elif events < FEWEST:
        words += f"; no interval with fewer than {FEWEST} events in a term"
    else:
        influence = parts[1][1] - parts[0][1]
        share = (parts[0][2] + parts[1][2]) / 2
        se = math.sqrt(float(np.sum(influence**2 / (1 - share))))
        df = float(len(schools) - 1)
        if se > 0:
            half = estimates.quantile(df) * se
            low, high = 100 * (value - half), 100 * (value + half)
        words += "; interval from how much schools' differences vary (HC2, t)"
    yield Result(
        **common,
        statistic="difference",
        value=100 * float(value),
        ci_low=low,
        ci_high=high,
        df=df,
        level=estimates.LEVEL if math.isfinite(low) else math.nan,
        # Few events: their number is the base, so that release rules withhold the difference.
        n=float(
            events
            if events < FEWEST
            else min(earlier["denominator"].sum(), later["denominator"].sum())
        ),
        n_schools=float(len(schools)),
        method=f"difference of rates per 100, later less earlier; {words}",
    )


def _one_school(numerator: float, denominator: float, kind: str) -> tuple[float, float, str]:
    tail = (1 - estimates.LEVEL) / 2
    if kind == "events":
        low = float(special.chdtri(2 * numerator, 1 - tail)) / 2 if numerator > 0 else 0.0
        high = float(special.chdtri(2 * (numerator + 1), tail)) / 2
        return 100 * low / denominator, 100 * high / denominator, "exact Poisson interval"
    if kind == "people" and numerator <= denominator:
        low, high = proportion_confint(numerator, denominator, alpha=2 * tail, method="wilson")
        return 100 * float(low), 100 * float(high), "Wilson interval"
    return math.nan, math.nan, "no interval: what is counted comes in runs"


def _breaks(rows: pd.DataFrame, first: str, second: str) -> bool:
    """Whether an outcome was defined otherwise in one term than in the other."""
    if "definition" not in rows:
        return False
    both = rows.loc[rows["term"].isin([first, second]), "definition"]
    return bool(both.nunique() > 1)


def _kinds(prepared: Prepared) -> dict[str, str]:
    """What each measure counts: ``people``, ``events`` for people, or anything else.

    As the measure's ``counts`` says; without it, from its unit and from whom it is out of.
    """
    found: dict[str, str] = {}
    nouns = [each.noun for each in prepared.study.populations if each.kind == "children"]
    for measure in prepared.documents.get("outcome_measures", {}).get("measures", []):
        base = str(measure.get("denominator_label", ""))
        if measure.get("counts"):
            found[str(measure["id"])] = str(measure["counts"])
        elif str(measure.get("unit", "")).startswith("per 100"):
            found[str(measure["id"])] = "events"
        elif any(noun in base for noun in nouns):
            found[str(measure["id"])] = "people"
    return found


def _complete(prepared: Prepared) -> pd.DataFrame | None:
    frame = prepared.strands.get("outcomes")
    if frame is None:
        return None
    complete = frame.dropna(subset=["numerator", "denominator"])
    return complete


def _portions(
    prepared: Prepared, complete: pd.DataFrame
) -> Iterator[tuple[str, str, pd.DataFrame]]:
    yield COHORT, ALL, complete
    phases = prepared.study.phases
    if phases is not None:
        of = complete["school"].map(prepared.schools[phases.column])
        for value, part in complete.groupby(of, sort=True):
            yield COHORT, phases.key(str(value)), part
    for name, part in complete.groupby("school", sort=True):
        if prepared.wants(str(name)):
            yield str(name), ALL, part
