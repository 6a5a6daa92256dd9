"""What do schools say of themselves? The whole-school audit, and needs that they identified."""

from __future__ import annotations

import math
from collections.abc import Iterator

from analysis.prepare import Prepared
from analysis.results import COHORT, Result, pair
from analysis.statistics.samples import ALL
from analysis.strands import RATINGS, REVIEWS
from analysis.words import slug


def audit(prepared: Prepared) -> Iterator[Result]:
    """Schools by their rating of each framework area, at baseline and re-audit, and by change.

    Ratings are ranks: schools are counted, no mean is taken. ``n`` is the number of schools that
    rated the area at that review; for the pair of reviews, those that rated it at both. A
    school's own rating is entered in its own unit, as 1 in the group of the rating.
    """
    frame = prepared.strands.get("whole_school_audit")
    if frame is None:
        return
    place = {rating: -number for number, rating in enumerate(RATINGS)}
    for area, rows in frame.groupby("area", sort=True):
        wide = rows.pivot(index="school", columns="review", values="rating")
        wide = wide.reindex(columns=list(REVIEWS))
        for review in REVIEWS:
            given = wide[review].dropna()
            for rating in RATINGS if len(given) else ():
                yield _schools(str(area), review, rating, int((given == rating).sum()), len(given))
            for school, rating in given.items():
                yield _schools(str(area), review, str(rating), 1, 1, unit=str(school))
        both = wide.dropna()
        if both.empty:
            continue
        first, last = (both[review].map(place) for review in REVIEWS)
        for name, found in (
            ("better", last > first),
            ("same", last == first),
            ("worse", last < first),
        ):
            yield _schools(str(area), pair(*REVIEWS), name, int(found.sum()), len(both))


def needs(prepared: Prepared) -> Iterator[Result]:
    """Identified needs by level of support, summed over schools; never by school."""
    frame = prepared.strands.get("needs")
    if frame is None:
        return
    known = frame.dropna(subset=["count"])
    for (need, level), part in known.groupby(["need", "level"], sort=True):
        count = float(part["count"].sum())
        yield Result(
            unit=COHORT,
            source="outcomes",
            instrument="needs",
            analysis="needs",
            measure=slug(str(need)),
            wave=slug(str(level)),
            group=ALL,
            statistic="count",
            value=count,
            n=count,
            n_schools=float((part["count"] > 0).sum()),
            numerator=count,
            denominator=math.nan,
            method="sum of the counts that schools gave",
        )


def _schools(
    area: str, review: str, group: str, count: int, base: int, *, unit: str = COHORT
) -> Result:
    return Result(
        unit=unit,
        source="action_plans",
        instrument="framework_audit",
        analysis="audit",
        measure=slug(area),
        wave=review,
        group=group,
        statistic="schools",
        value=float(count),
        n=float(base),
        n_schools=float(base),
        numerator=float(count),
        denominator=float(base),
        method="schools giving the rating, of those that rated the area",
    )
