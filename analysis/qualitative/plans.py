"""What did schools plan, and how far did they come? Counts of action plans and aims."""

from __future__ import annotations

from collections.abc import Iterator

from analysis.prepare import Prepared
from analysis.results import COHORT, Result, slug
from analysis.statistics.samples import ALL

STATES = ("planned", "started", "in_place", "embedded", "dropped")


def plans(prepared: Prepared) -> Iterator[Result]:
    """Plans per aim, and aims per state at each review. ``n`` is the number of plans."""
    frame = prepared.strands.get("action_plans")
    if frame is None:
        return
    first = frame[frame["review"] == 1]
    n = first["plan_id"].nunique()
    yield _count("plans", "all", "review_1", "plans", n, n)
    for aim, rows in first.groupby("aim_code", sort=True):
        yield _count("aims", slug(str(aim)), "review_1", "plans", rows["plan_id"].nunique(), n)
    for review, rows in frame.groupby("review", sort=True):
        reviewed = rows["plan_id"].nunique()
        wave = f"review_{int(review)}"
        if review != 1:
            yield _count("plans", "all", wave, "plans", reviewed, reviewed)
        for state in STATES:
            count = int((rows["state"] == state).sum())
            yield _count("states", state, wave, "aims", count, reviewed)


def _count(
    analysis: str, measure: str, wave: str, statistic: str, count: int, plans: int
) -> Result:
    return Result(
        unit=COHORT,
        source="action_plans",
        instrument="plans",
        analysis=analysis,
        measure=measure,
        wave=wave,
        group=ALL,
        statistic=statistic,
        value=float(count),
        n=float(plans),
        numerator=float(count),
        denominator=float(plans) if statistic == "plans" else float("nan"),
        method=f"number of {statistic}",
    )
