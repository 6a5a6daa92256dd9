"""School records before and after each school began, term by term: an interrupted series.

Description, not proof: whatever else changed in the same terms is in it. Nothing here is given for
one school, of which no interval could be had.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pingouin as pg
from numpy.typing import ArrayLike

from analysis.prepare import Prepared
from analysis.prepare.dates import moments
from analysis.prepare.outcomes import year_before
from analysis.prepare.schools import started
from analysis.results import COHORT, Result
from analysis.statistics import estimates
from analysis.statistics.estimates import Estimate, Floats
from analysis.statistics.outcomes import (
    FEWEST,
    FEWEST_SCHOOLS,
    UNIT,
    of_all_children,
    portions,
    units_of,
)

#: A school with fewer terms before it began is left out: nothing could be said of its seasons.
TERMS_BEFORE = 3
#: What a fit may tell, from the most to the least that the terms allow.
FITS = (("years", "after", "years_after"), ("years", "after"), ("after",))
#: How each coefficient is called in ids.
NAMES = {"after": "step", "years": "trend", "years_after": "bend"}
WORDS = {
    "step": "level after the start less that before",
    "trend": "change a year before the start",
    "bend": "change a year after the start less that before",
}
YEAR = 365.25


def series(prepared: Prepared) -> Iterator[Result]:
    """Each outcome before and after each school's own start, over schools.

    The start is the day that the study's ``started`` column says. A term is after if it began on
    that day or later, and before if it had ended by then; the term on the way is neither. Schools
    with fewer than three terms before, or none after, are left out; ``terms_before`` and
    ``terms_after`` are the fewest that any school of those used has, or where none can be used the
    most that any has.

    ``series``: least squares of each school's rate, weighted by its denominator, with a level for
    each school in each term of the year (so that seasons are each school's own), a trend in years
    (``trend``), a step at the start (``step``) and a change of the trend after it (``bend``):
    segmented regression (Wagner and others, 2002, Journal of Clinical Pharmacy and Therapeutics
    27:299-309). With too few terms to tell these apart the change of trend is left out, then the
    trend, and ``method`` says so. Variance CR2 by schools with its degrees of freedom. ``p_*`` test
    nought; ``p_*_holm`` correct over the measures.

    ``series_national`` is the same of the rate less the national one of the term, where the study
    supplies a national series. ``around`` is each term by its distance from the start: the rate
    less the school's own in the same terms of the year before the start, weighted by denominators;
    ``national`` beside it the national series in the same terms; ``around_comparison`` the same less
    that of comparison schools over the same terms (:func:`_beside_others`), where there are any.

    Terms under another definition of an outcome are left out: those are used under which most
    schools have terms on both sides.
    """
    frame = of_all_children(prepared)
    begun = started(prepared.study, prepared.schools)
    if frame is None or begun.isna().all():
        return
    units = units_of(prepared)
    dated = _around_starts(frame, begun)
    if dated.empty:
        return
    dated["national"] = _national(prepared, dated)
    others = _comparison(prepared)
    for unit, group, part in portions(prepared, dated):
        if unit != COHORT:
            continue
        found: list[Result] = []
        for measure, rows in part.groupby("measure", sort=True):
            at: dict[str, Any] = {
                "unit": COHORT, "source": "outcomes", "instrument": "school_data",
                "measure": str(measure), "group": group,
            }  # fmt: skip
            found += _of_measure(at, rows, others, units.get(str(measure), UNIT))
        yield from found
        yield from _corrected(found)


@dataclass(frozen=True)
class Fit:
    """Coefficients of a segmented regression, by their names in ids; rates are shares."""

    estimates: dict[str, Estimate]
    terms: tuple[str, ...]


def segmented(
    rate: Floats, weight: Floats, cells: ArrayLike, years: Floats, schools: ArrayLike
) -> Fit | None:
    """Step, trend and change of trend around a start, as far as the data tell them apart.

    Parameters
    ----------
    rate, weight
        A rate per school and term, and what it counts.
    cells
        Which school and term of the year each is of: each has a level of its own.
    years
        Time since the school's start; below nought before.
    schools
        Whose variance each is.

    Notes
    -----
    A trend needs two like terms before the start in at least five schools, a change of trend two
    after as well.
    Levels of school and season are taken out by weighted means: as they lie within schools, CR2
    of what is left is that of the whole fit (Pustejovsky and Tipton, 2018, theorem 2).
    """
    after = (years >= 0).astype("float64")
    columns = {"years": years, "after": after, "years_after": years * after}
    codes = np.unique(cells, return_inverse=True)[1]
    total = np.bincount(codes, weights=weight)

    def within(x: Floats) -> Floats:
        return x - (np.bincount(codes, weights=weight * x) / total)[codes]

    def told(side: Floats) -> bool:
        """Whether a trend shows on one side alone: in two like terms of enough schools."""
        twice = (np.bincount(codes, weights=side) > 1)[codes] & (side > 0)
        return len(np.unique(np.asarray(schools)[twice])) >= FEWEST_SCHOOLS

    root = np.sqrt(weight)
    y = root * within(rate)
    # Distances across the start tell trend and step apart only by supposing how both look.
    trends = int(told(1 - after)) * (1 + int(told(after)))
    for terms in FITS[2 - trends :]:
        x = np.column_stack([root * within(columns[name]) for name in terms])
        scale = np.linalg.norm(np.column_stack([root * columns[name] for name in terms]), axis=0)
        if (scale == 0).any() or np.linalg.matrix_rank(x / scale, tol=1e-8) < len(terms):
            continue
        fit = estimates.Clustered(y, x, schools)
        own = {
            NAMES[name]: fit.estimate(np.eye(len(terms))[place]) for place, name in enumerate(terms)
        }
        return Fit(own, terms)
    return None


def _around_starts(frame: pd.DataFrame, begun: pd.Series) -> pd.DataFrame:
    """Rows with ``years`` since the school's start, ``place`` (terms from it) and ``season``.

    Terms on the way when a school began are left out. Places count a measure's terms, whether a
    school has them or not.
    """
    frame = frame[(frame["denominator"] > 0) & frame["school"].map(begun).notna()].copy()
    if frame.empty:
        return frame
    first = moments(frame["term_start"], None, "the outcomes")
    days = sorted(first.unique())
    # Where its end is not said, a term has ended once the next begins.
    last = first.map(dict(itertools.pairwise(days))) - pd.Timedelta(days=1)
    if "term_end" in frame:
        last = moments(frame["term_end"], None, "the outcomes").fillna(last)
    start = frame["school"].map(begun)
    frame = frame.assign(
        first=first,
        last=last,
        after=first >= start,
        before=last < start,
        years=(first - start).dt.days / YEAR,
    )
    years = year_before(frame)
    frame["season"] = frame["term"].map(lambda term: _season(str(term), years))
    place = pd.Series(0, index=frame.index)
    for _, rows in frame.groupby("measure", sort=True):
        ends = rows.groupby("first")["last"].max()
        at, began = ends.index.searchsorted(rows["first"]), start[rows.index]
        since = at - ends.index.searchsorted(began) + 1
        until = at - np.searchsorted(ends.to_numpy(), began.to_numpy())
        place[rows.index] = np.where(rows["after"], since, until)
    frame["place"] = place
    return frame[frame["after"] | frame["before"]]


def _season(term: str, before: dict[str, str]) -> str:
    """The first of all terms that lie whole years before one another."""
    while term in before:
        term = before[term]
    return term


def _national(prepared: Prepared, rows: pd.DataFrame) -> pd.Series:
    """The national rate of each row's term, of the school's group where it is given by group."""
    table = prepared.strands.get("outcome_national")
    nothing = pd.Series(math.nan, index=rows.index)
    if table is None or table.empty:
        return nothing
    known = table.set_index(["measure", "term", "group"])["rate"] / 100
    phases = prepared.study.phases
    own = rows["school"].map(prepared.schools[phases.column]) if phases else None

    def of(group: pd.Series | str) -> Floats:
        keys = pd.MultiIndex.from_frame(rows[["measure", "term"]].assign(group=group))
        return np.asarray(known.reindex(keys), dtype="float64")

    found = pd.Series(of(""), index=rows.index)
    return found if own is None else pd.Series(of(own), index=rows.index).fillna(found)


def _of_measure(
    at: dict[str, Any], rows: pd.DataFrame, others: pd.DataFrame | None, unit: str
) -> list[Result]:
    used = _used(rows)
    at = at | {"wave": "start"}
    if used is None or used.empty:
        counts = _counts(rows)
        most = counts.max()
        base = at | {
            "analysis": "series", "n": float(rows["denominator"].sum()),
            "n_schools": float(rows["school"].nunique()),
        }  # fmt: skip
        why = f"no series: no school has {TERMS_BEFORE} terms before its start, and one after"
        return [
            Result(**base, statistic="step", value=math.nan, method=why),
            Result(**base, statistic="terms_before", value=float(most["before"]), method=why),
            Result(**base, statistic="terms_after", value=float(most["after"]), method=why),
        ]
    found = list(_fitted(at | {"analysis": "series"}, used, used["rate"], unit))
    national = used[used["national"].notna()]
    kept = _enough(national)
    if len(kept):
        less = kept["rate"] - kept["national"]
        words = f"{unit}, less the national series"
        found += _fitted(at | {"analysis": "series_national"}, kept, less, words)
    if others is not None:
        others = others[others["measure"] == at["measure"]]
        if "definition" in used and "definition" in others:
            others = others[others["definition"] == used["definition"].iloc[0]]
    return [*found, *_term_by_term(at, used, others, unit)]


def _counts(rows: pd.DataFrame) -> pd.DataFrame:
    """Terms before and after, by school."""
    after = rows.groupby(["school", "after"])["first"].nunique().unstack(fill_value=0)
    after = after.reindex(columns=[False, True], fill_value=0)
    return after.rename(columns={False: "before", True: "after"})


def _enough(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of schools with enough terms on both sides."""
    if rows.empty:
        return rows
    counts = _counts(rows)
    kept = counts.index[(counts["before"] >= TERMS_BEFORE) & (counts["after"] >= 1)]
    return rows[rows["school"].isin(kept)]


def _used(rows: pd.DataFrame) -> pd.DataFrame | None:
    """Rows under the definition that leaves most of them, of schools with enough terms."""
    rows = rows.assign(rate=rows["numerator"] / rows["denominator"])
    definitions = rows["definition"] if "definition" in rows else pd.Series(1, index=rows.index)
    kept = [_enough(part) for _, part in rows.groupby(definitions, sort=True)]
    return max(kept, key=len, default=None)


def _base(at: dict[str, Any], rows: pd.DataFrame) -> dict[str, Any]:
    """What results over these rows have in common; few events are the base, for release."""
    by_side = rows.groupby("after")[["numerator", "denominator"]].sum().min()
    events = float(by_side["numerator"])
    n = events if events < FEWEST else float(by_side["denominator"])
    return at | {"n": n, "n_schools": float(rows["school"].nunique())}


def _fitted(at: dict[str, Any], rows: pd.DataFrame, rate: pd.Series, unit: str) -> Iterator[Result]:
    base, counts = _base(at, rows), _counts(rows)
    fewest = counts.min()
    for side in ("before", "after"):
        yield Result(**base, statistic=f"terms_{side}", value=float(fewest[side]),
                     method=f"fewest terms {side} the start in any of the schools")  # fmt: skip
    schools = estimates.school_codes(rows["school"])
    cells = rows.groupby(["school", "season"], sort=True).ngroup().to_numpy()
    if rows["school"].nunique() < FEWEST_SCHOOLS or base["n"] < FEWEST:
        why = f"no series: fewer than {FEWEST_SCHOOLS} schools, or than {FEWEST} events"
        yield Result(**base, statistic="step", value=math.nan, method=why)
        return
    found = segmented(
        rate.to_numpy("float64"), rows["denominator"].to_numpy("float64"), cells,
        rows["years"].to_numpy("float64"), schools,
    )  # fmt: skip
    if found is None:
        why = "no series: the terms after have no like in the year before the start"
        yield Result(**base, statistic="step", value=math.nan, method=why)
        return
    not_told = {
        3: "", 2: "; a change of trend cannot be told from the step with these terms",
        1: "; a trend cannot be told from the step with these terms",
    }[len(found.terms)]  # fmt: skip
    for name, estimate in found.estimates.items():
        method = (
            f"{WORDS[name]}, of {unit}; segmented regression with a level for each school in each "
            f"term of the year, weighted by denominators{not_told}; variance CR2 by schools"
        )
        fields: dict[str, Any] = {
            "value": 100 * estimate.value, "ci_low": 100 * estimate.ci_low,
            "ci_high": 100 * estimate.ci_high, "df": estimate.df, "method": method,
            "level": estimates.LEVEL if estimate.known else math.nan,
        }  # fmt: skip
        yield Result(**base, statistic=name, **fields)
        if estimate.known:
            yield Result(
                **base, statistic=f"p_{name}", value=estimate.p, df=estimate.df, method=method
            )


def _term_by_term(
    at: dict[str, Any], rows: pd.DataFrame, others: pd.DataFrame | None, unit: str
) -> Iterator[Result]:
    """Each term from the start, of schools less their own same terms before; all have them."""
    before = rows[~rows["after"]]
    sums = before.groupby(["school", "season"])[["numerator", "denominator"]].sum()
    key = pd.MultiIndex.from_frame(rows[["school", "season"]])
    base = sums.reindex(key)
    rows = rows.assign(
        off=rows["rate"] - (base["numerator"] / base["denominator"]).to_numpy(),
        nation=rows["national"]
        - before.groupby(["school", "season"])["national"].mean().reindex(key).to_numpy(),
    )
    rows = rows[rows["off"].notna()]
    twice = before.groupby(["school", "season"])["first"].transform("nunique") > 1
    alone = set(before.index[~twice])
    schools = rows["school"].nunique()
    for place, term in rows.groupby("place", sort=True):
        # A term that is itself all that it is set against says nothing.
        term = term[~term.index.isin(alone)]
        if term["school"].nunique() < max(schools, FEWEST_SCHOOLS):
            continue
        where = f"{'after' if int(str(place)) > 0 else 'before'}_{abs(int(str(place)))}"
        common = _base(at | {"analysis": "around", "wave": where}, term)
        weight = term["denominator"].to_numpy("float64")
        root = np.sqrt(weight)[:, None]
        fit = estimates.Clustered(
            term["off"].to_numpy("float64") * root[:, 0], root,
            estimates.school_codes(term["school"]),
        )  # fmt: skip
        found = fit.estimate(np.ones(1))
        method = (
            f"rate less the school's own in the same terms before the start, of {unit}, weighted "
            "by denominators; variance CR2 by schools"
        )
        yield Result(
            **common, statistic="difference", value=100 * found.value, ci_low=100 * found.ci_low,
            ci_high=100 * found.ci_high, df=found.df,
            level=estimates.LEVEL if found.known else math.nan, method=method,
        )  # fmt: skip
        if term["nation"].notna().all():
            yield Result(
                **common, statistic="national",
                value=100 * float(np.average(term["nation"], weights=weight)),
                method="the national series in the same terms, weighted likewise",
            )  # fmt: skip
        if others is not None:
            yield from _beside_others(common, term, before, others, unit)


def _beside_others(
    common: dict[str, Any],
    term: pd.DataFrame,
    before: pd.DataFrame,
    others: pd.DataFrame,
    unit: str,
) -> Iterator[Result]:
    """A term of the schools less what comparison schools did meanwhile.

    Schools that began together are set against the comparison schools over the same terms, which
    count as much as they do; all such comparisons are stacked (Cengiz and others, 2019, Quarterly
    Journal of Economics 134:1405-1454), with a comparison school one cluster in all of them.
    """
    parts = [term.assign(taking=1.0)]
    for _, together in term.groupby("first"):
        own = before[before["school"].isin(together["school"])]
        terms = own.drop_duplicates(["term", "season"])
        known = others[others["term"].isin(terms["term"])]
        whole = known.groupby("school")["term"].nunique() == len(terms)
        known = known[known["school"].isin(whole.index[whole])]
        season = together["season"].iloc[0]
        same = known[known["term"].isin(terms.loc[terms["season"] == season, "term"])]
        sums = same.groupby("school")[["numerator", "denominator"]].sum()
        now = others[others["first"] == together["first"].iloc[0]].set_index("school")
        now = now.loc[now.index.intersection(sums.index)]
        if now.empty:
            return
        base = sums.loc[now.index, "numerator"] / sums.loc[now.index, "denominator"]
        share = together["denominator"].sum() / now["denominator"].sum()
        parts.append(
            pd.DataFrame(
                {
                    "school": now.index, "taking": 0.0, "numerator": now["numerator"],
                    "off": now["numerator"] / now["denominator"] - base,
                    "denominator": now["denominator"] * share,
                }
            )
        )  # fmt: skip
    stacked = pd.concat(parts, ignore_index=True)
    taking = stacked["taking"].to_numpy("float64")
    sides = stacked.groupby("taking")["school"].nunique()
    events = stacked.groupby("taking")["numerator"].sum().min()
    if sides.min() < FEWEST_SCHOOLS or events < FEWEST:
        return
    root = np.sqrt(stacked["denominator"].to_numpy("float64"))
    design = np.column_stack([1 - taking, taking]) * root[:, None]
    fit = estimates.Clustered(
        stacked["off"].to_numpy("float64") * root, design,
        estimates.school_codes(stacked["school"]),
    )  # fmt: skip
    found = fit.estimate(np.array([-1.0, 1.0]))
    yield Result(
        **common | {"analysis": "around_comparison", "n_schools": float(sides.min())},
        statistic="difference", value=100 * found.value, ci_low=100 * found.ci_low,
        ci_high=100 * found.ci_high, df=found.df,
        level=estimates.LEVEL if found.known else math.nan,
        method=f"rate less the school's own in the same terms before the start, less the same of "
        f"comparison schools, of {unit}; variance CR2 by schools",
    )  # fmt: skip


def _comparison(prepared: Prepared) -> pd.DataFrame | None:
    """Records of comparison schools in terms that ended before they began themselves, if ever."""
    apart = prepared.comparison
    theirs = of_all_children(apart) if apart is not None else None
    if apart is None or theirs is None or theirs.empty:
        return None
    first = moments(theirs["term_start"], None, "the outcomes")
    begun = theirs["school"].map(started(prepared.study, apart.schools))
    last = first
    if "term_end" in theirs:
        last = moments(theirs["term_end"], None, "the outcomes").fillna(first)
    kept = (begun.isna() | (last < begun)) & (theirs["denominator"] > 0)
    return theirs.assign(first=first)[kept]


def _corrected(found: list[Result]) -> Iterator[Result]:
    """Holm over the measures, for each coefficient."""
    for analysis in ("series", "series_national"):
        for name in NAMES.values():
            family = [r for r in found if (r.analysis, r.statistic) == (analysis, f"p_{name}")]
            if len(family) < 2:
                continue
            _, values = pg.multicomp([each.value for each in family], method="holm")
            for each, value in zip(family, values, strict=True):
                yield Result(
                    unit=each.unit, source=each.source, instrument=each.instrument,
                    analysis=analysis, measure=each.measure, wave=each.wave, group=each.group,
                    statistic=f"p_{name}_holm", value=float(value), n=each.n,
                    n_schools=each.n_schools, method=f"Holm over the {len(family)} measures",
                )  # fmt: skip
