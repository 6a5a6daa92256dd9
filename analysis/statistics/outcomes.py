"""School outcomes by term: rates of counts, change to the same term a year later, and the gap."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from scipy import special
from statsmodels.stats.proportion import proportion_confint

from analysis.prepare import Prepared
from analysis.prepare.outcomes import year_before
from analysis.results import COHORT, OTHERS, Result, pair
from analysis.statistics import estimates
from analysis.statistics.estimates import Floats
from analysis.statistics.samples import ALL
from analysis.words import slug

UNIT = "per 100: 100 x sum of numerators / sum of denominators"
#: What records count.
COUNTS = ["numerator", "denominator", "children"]
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
    complete = of_all_children(prepared)
    if complete is None:
        return
    kinds, units = _kinds(prepared), units_of(prepared)
    for unit, group, part in portions(prepared, complete):
        for (measure, term), rows in part.groupby(["measure", "term"], sort=True):
            numerator, denominator = rows["numerator"].sum(), rows["denominator"].sum()
            if denominator > 0:
                low, high, df, words = ratio(rows["numerator"], rows["denominator"])
                yield _rate(
                    unit, group, str(measure), str(term), float(numerator), float(denominator),
                    (low, high, df), f"{units.get(str(measure), UNIT)}; {words}",
                    float(rows["school"].nunique()),
                )  # fmt: skip
    wanted = complete[[prepared.wants(str(name)) for name in complete["school"]]]
    summed = wanted.groupby(["school", "measure", "term"], sort=True)[COUNTS[:2]].sum()
    for school, measure, term, numerator, denominator in summed.reset_index().itertuples(
        index=False, name=None
    ):
        if denominator > 0:
            low, high, words = _one_school(numerator, denominator, kinds.get(str(measure), ""))
            yield _rate(
                str(school), ALL, str(measure), str(term), float(numerator), float(denominator),
                (low, high, math.nan), f"{units.get(str(measure), UNIT)}; {words}", 1.0,
            )  # fmt: skip


def _rate(
    unit: str,
    group: str,
    measure: str,
    term: str,
    numerator: float,
    denominator: float,
    interval: tuple[float, float, float],
    method: str,
    schools: float,
) -> Result:
    low, high, df = interval
    return Result(
        unit=unit,
        source="outcomes",
        instrument="school_data",
        analysis="rate",
        measure=measure,
        wave=slug(term),
        group=group,
        statistic="rate",
        value=100 * numerator / denominator,
        ci_low=low,
        ci_high=high,
        df=df,
        level=estimates.LEVEL if math.isfinite(low) else math.nan,
        n=denominator,
        n_schools=schools,
        numerator=numerator,
        denominator=denominator,
        method=method,
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
    complete = of_all_children(prepared)
    if complete is None:
        return
    before = year_before(complete)
    units = units_of(prepared)
    for unit, group, part in portions(prepared, complete):
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


def splits(prepared: Prepared) -> Iterator[Result]:
    """Rates of a group of children and of all others, by term, and the gap between them.

    For records that have rows of groups (free meals, special needs …), over the schools that give
    every group of a measure in that term; never for one school, nor for a group of schools. All
    others are all children less the group. The gap is all others less the group; its interval, and
    that of its change to the same term of the year before (in schools that have both), is from how
    much schools differ (:func:`_between`). ``n`` is a number of children, and not of sessions or
    days. Where one or two schools do not give the groups there are no rates of these: all schools'
    rate would tell the others'.
    """
    frame = prepared.strands.get("outcomes")
    if frame is None or "group" not in frame or not (frame["group"] != "").any():
        return
    known = frame.dropna(subset=["numerator", "denominator"])
    before, units = year_before(known), units_of(prepared)
    few = prepared.study.disclosure.schools.minimum
    for measure, of_measure in known.groupby("measure", sort=True):
        names = sorted(set(of_measure["group"]) - {""})
        parts: dict[tuple[str, str], dict[str, pd.DataFrame]] = {}
        for term, rows in of_measure.groupby("term", sort=True):
            if not names or not set(names) <= set(rows["group"]):
                continue
            by_group = {
                str(g): part.set_index("school")[COUNTS] for g, part in rows.groupby("group")
            }
            schools = by_group[""].index
            for name in names:
                schools = schools.intersection(by_group[name].index)
            if 0 < len(by_group[""]) - len(schools) < few:
                continue
            for name in names:
                own = by_group[name].loc[schools]
                rest = by_group[""].loc[schools] - own
                parts[str(term), name] = {"yes": own, OTHERS: rest}
        for (term, name), two in parts.items():
            yield from _split(str(measure), term, name, two, units.get(str(measure), UNIT))
        for later, earlier in before.items():
            if not _breaks(of_measure, earlier, later):
                for name in names:
                    if (earlier, name) in parts and (later, name) in parts:
                        yield from _gap_changed(
                            str(measure), earlier, later, name, parts[earlier, name],
                            parts[later, name], units.get(str(measure), UNIT),
                        )  # fmt: skip


def _split(
    measure: str, term: str, name: str, two: dict[str, pd.DataFrame], unit: str
) -> Iterator[Result]:
    """The rates of a group and of all others in a term, and the gap."""
    common: dict[str, Any] = {
        "unit": COHORT, "source": "outcomes", "instrument": "school_data", "measure": measure,
        "wave": slug(term),
    }  # fmt: skip
    if min(part["denominator"].sum() for part in two.values()) <= 0:
        return
    for value, part in two.items():
        low, high, df, words = ratio(part["numerator"], part["denominator"])
        numerator, denominator = part["numerator"].sum(), part["denominator"].sum()
        yield Result(
            **common, analysis="rate_group", group=f"{name}_{value}", statistic="rate",
            value=float(100 * numerator / denominator), ci_low=low, ci_high=high, df=df,
            level=estimates.LEVEL if math.isfinite(low) else math.nan,
            n=float(part["children"].sum()), n_schools=float(len(part)),
            numerator=float(numerator), denominator=float(denominator),
            method=f"{unit}; {words}",
        )  # fmt: skip
    yield _gap(
        {**common, "analysis": "rate_gap", "group": pair(f"{name}_{OTHERS}", f"{name}_yes")},
        [two[OTHERS], two["yes"]], (1.0, -1.0), f"all others less the group, of {unit}",
    )  # fmt: skip


def _gap_changed(
    measure: str,
    earlier: str,
    later: str,
    name: str,
    then: dict[str, pd.DataFrame],
    now: dict[str, pd.DataFrame],
    unit: str,
) -> Iterator[Result]:
    """How the gap differs from that of the same term a year before, in the same schools."""
    schools = now["yes"].index.intersection(then["yes"].index)
    parts = [part.loc[schools] for part in (now[OTHERS], now["yes"], then[OTHERS], then["yes"])]
    if min(part["denominator"].sum() for part in parts) <= 0:
        return
    yield _gap(
        {
            "unit": COHORT, "source": "outcomes", "instrument": "school_data",
            "analysis": "rate_gap_change", "measure": measure,
            "wave": pair(slug(earlier), slug(later)),
            "group": pair(f"{name}_{OTHERS}", f"{name}_yes"),
        },
        parts, (1.0, -1.0, -1.0, 1.0), f"change of the gap to a year later, of {unit}",
    )  # fmt: skip


def _gap(
    common: dict[str, Any], parts: list[pd.DataFrame], weights: tuple[float, ...], words: str
) -> Result:
    rates = [part["numerator"].sum() / part["denominator"].sum() for part in parts]
    events = min(part["numerator"].sum() for part in parts)
    fewest = min(part["children"].sum() for part in parts)
    low = high = df = math.nan
    if len(parts[0]) < FEWEST_SCHOOLS:
        words += f"; no interval with fewer than {FEWEST_SCHOOLS} schools"
    elif events < FEWEST:
        words += f"; no interval with fewer than {FEWEST} events"
    else:
        found = _between(parts, weights)
        if found.known:
            low, high, df = 100 * found.ci_low, 100 * found.ci_high, found.df
        words += "; interval from how much schools differ (CR2, Bell-McCaffrey)"
    return Result(
        **common,
        statistic="difference",
        value=100 * float(sum(w * rate for w, rate in zip(weights, rates, strict=True))),
        ci_low=low,
        ci_high=high,
        df=df,
        level=estimates.LEVEL if math.isfinite(low) else math.nan,
        n=float(min(events, fewest) if events < FEWEST else fewest),
        n_schools=float(len(parts[0])),
        method=words,
    )


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
    yield from changed(common, wide[first].loc[schools], wide[second].loc[schools], unit)


def changed(
    common: dict[str, Any], earlier: pd.DataFrame, later: pd.DataFrame, unit: str
) -> Iterator[Result]:
    """The difference of two terms' rates: ``numerator`` and ``denominator`` of the same schools."""
    if min(earlier["denominator"].sum(), later["denominator"].sum()) <= 0:
        return
    rates = [part["numerator"].sum() / part["denominator"].sum() for part in (earlier, later)]
    value = rates[1] - rates[0]
    events = min(earlier["numerator"].sum(), later["numerator"].sum())
    low = high = df = math.nan
    words = "same schools in both terms"
    if len(later) < FEWEST_SCHOOLS:
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
        n_schools=float(len(later)),
        method=f"difference of rates, later less earlier, of {unit}; {words}",
    )


def _difference(earlier: pd.DataFrame, later: pd.DataFrame) -> estimates.Estimate:
    """Rate of the later term less that of the earlier."""
    return _between([earlier, later], (-1.0, 1.0))


def _between(parts: list[pd.DataFrame], weights: tuple[float, ...]) -> estimates.Estimate:
    """A weighted sum of rates of the same schools, row by row: :func:`ratio` of all at once."""
    base = np.concatenate([part["denominator"].to_numpy("float64") for part in parts])
    events = np.concatenate([part["numerator"].to_numpy("float64") for part in parts])
    schools = np.tile(np.arange(len(parts[0])), len(parts))
    which = np.repeat(np.arange(len(parts)), len(parts[0]))
    known = base > 0
    root = np.sqrt(base[known])
    design = root[:, None] * np.eye(len(parts))[which[known]]
    fit = estimates.Clustered(events[known] / root, design, schools[known])
    return fit.estimate(np.array(weights))


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


def units_of(prepared: Prepared) -> dict[str, str]:
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


def of_all_children(prepared: Prepared) -> pd.DataFrame | None:
    """Rows about all children that have both counts; nothing without records."""
    frame = prepared.strands.get("outcomes")
    if frame is None:
        return None
    if "group" in frame:
        frame = frame[frame["group"] == ""]
    return frame.dropna(subset=["numerator", "denominator"])


def portions(prepared: Prepared, complete: pd.DataFrame) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """Unit, group and rows of the programme, and of its groups of schools."""
    yield COHORT, ALL, complete
    phases = prepared.study.phases
    if phases is not None:
        of = complete["school"].map(prepared.schools[phases.column])
        for value, part in complete.groupby(of, sort=True):
            yield COHORT, phases.key(str(value)), part
