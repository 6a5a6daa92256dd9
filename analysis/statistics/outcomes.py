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
from analysis.prepare.dates import moments
from analysis.results import COHORT, Result, pair
from analysis.statistics import estimates
from analysis.statistics.estimates import Floats
from analysis.statistics.samples import ALL
from analysis.words import slug

#: Beginnings of the same term of two years are a year apart, but for so many days: Easter moves
#: by about three weeks from one year to the next, and half terms begin five weeks or more apart.
YEAR, MOVES = 365, 24
UNIT = "per 100: 100 x sum of numerators / sum of denominators"
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
    kinds, units = _kinds(prepared), _units(prepared)
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
                method=f"{units.get(str(measure), UNIT)}; {words}",
            )


def changes(prepared: Prepared) -> Iterator[Result]:
    """Difference of each rate between a term and the same term of the year before.

    Same schools in both terms. The term of the year before is the one that began a year before
    (``term_start``; within 24 days, as Easter moves), whatever the terms are called; where no
    term did, there is no difference. Only over schools, with an interval from how much schools' own differences vary, and only where both
    terms have at least ten events and five schools: otherwise the difference stands alone and
    the method says why. Terms under different definitions of an outcome are not compared. There
    is no comparison group, and much else changes in a year.
    """
    complete = _complete(prepared)
    if complete is None:
        return
    before = _year_before(complete)
    units = _units(prepared)
    for unit, group, part in _portions(prepared, complete):
        if unit != COHORT:
            continue
        for measure, rows in part.groupby("measure", sort=True):
            for later, earlier in before.items():
                if _breaks(rows, earlier, later):
                    continue
                common: dict[str, Any] = {
                    "unit": unit,
                    "source": "outcomes",
                    "instrument": "school_data",
                    "analysis": "rate_change",
                    "measure": str(measure),
                    "wave": pair(slug(earlier), slug(later)),
                    "group": group,
                }
                yield from _change(common, rows, earlier, later, units.get(str(measure), UNIT))


def ratio(
    numerators: pd.Series | Floats, denominators: pd.Series | Floats
) -> tuple[float, float, float, str]:
    """95% interval (per 100) of a ratio of sums over schools, its df, and how it was made.

    The ratio is a least-squares fit of school rates weighted by their denominators, rates of
    larger schools varying less: variance HC2 (CR2 with one row per school) of Taylor's
    linearisation (Cochran, 1977, ch. 6), with Bell and McCaffrey's degrees of freedom.
    """
    x = np.asarray(denominators, dtype="float64")
    y = np.asarray(numerators, dtype="float64")
    if len(x) < 3 or y.sum() == 0:
        return math.nan, math.nan, math.nan, "no interval: too few schools or no events"
    y, x = y[x > 0], x[x > 0]
    found = estimates.Clustered(y / np.sqrt(x), np.sqrt(x)[:, None], np.arange(len(x))).estimate(
        np.ones(1)
    )
    if not found.known:
        return math.nan, math.nan, math.nan, "no interval: schools do not differ"
    words = "interval from how much schools differ (CR2, Bell-McCaffrey degrees of freedom)"
    return 100 * max(found.ci_low, 0.0), 100 * found.ci_high, found.df, words


def _change(
    common: dict[str, Any], rows: pd.DataFrame, first: str, second: str, unit: str
) -> Iterator[Result]:
    wide = {
        term: rows[rows["term"] == term].set_index("school")[["numerator", "denominator"]]
        for term in (first, second)
    }
    schools = wide[first].index.intersection(wide[second].index)
    earlier, later = wide[first].loc[schools], wide[second].loc[schools]
    if min(earlier["denominator"].sum(), later["denominator"].sum()) <= 0:
        return
    rates = [part["numerator"].sum() / part["denominator"].sum() for part in (earlier, later)]
    value = rates[1] - rates[0]
    events = min(earlier["numerator"].sum(), later["numerator"].sum())
    low = high = df = math.nan
    words = "same schools in both terms"
    if len(schools) < FEWEST_SCHOOLS:
        words += f"; no interval with fewer than {FEWEST_SCHOOLS} schools"
    elif events < FEWEST:
        words += f"; no interval with fewer than {FEWEST} events in a term"
    else:
        found = _difference(earlier, later)
        if found.known:
            low, high, df = 100 * found.ci_low, 100 * found.ci_high, found.df
        words += "; interval from how much schools' differences vary (CR2, Bell-McCaffrey)"
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
        method=f"difference of rates, later less earlier, of {unit}; {words}",
    )


def _difference(earlier: pd.DataFrame, later: pd.DataFrame) -> estimates.Estimate:
    """Rate of the later term less that of the earlier: :func:`ratio` of both, schools as one."""
    base = np.concatenate([part["denominator"].to_numpy("float64") for part in (earlier, later)])
    events = np.concatenate([part["numerator"].to_numpy("float64") for part in (earlier, later)])
    schools, late = np.tile(np.arange(len(earlier)), 2), np.repeat([0.0, 1.0], len(earlier))
    known = base > 0
    root = np.sqrt(base[known])
    design = root[:, None] * np.column_stack([1 - late, late])[known]
    fit = estimates.Clustered(events[known] / root, design, schools[known])
    return fit.estimate(np.array([-1.0, 1.0]))


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


def _year_before(complete: pd.DataFrame) -> dict[str, str]:
    """Of each term with one, the term that began a year before; terms in order of time."""
    starts = moments(complete["term_start"], None, "the outcomes").groupby(complete["term"]).min()
    starts = starts.dropna().sort_values(kind="stable")
    days = starts.to_numpy().astype("datetime64[D]").astype("int64")
    found: dict[str, str] = {}
    for place, later in enumerate(starts.index):
        away = np.abs(days[place] - days - YEAR)
        nearest = int(np.argmin(away))
        if away[nearest] <= MOVES:
            found[str(later)] = str(starts.index[nearest])
    return found


def _units(prepared: Prepared) -> dict[str, str]:
    """What each measure's numbers are: of what, and out of what."""
    return {
        str(measure["id"]): "{unit}: 100 x sum of {numerator} / sum of {denominator}".format(
            unit=measure.get("unit", "per 100"),
            numerator=measure.get("numerator_label", "numerators"),
            denominator=measure.get("denominator_label", "denominators"),
        )
        for measure in prepared.documents.get("outcome_measures", {}).get("measures", [])
    }


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
