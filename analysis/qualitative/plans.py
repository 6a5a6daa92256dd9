"""What did schools plan, do and review? Action plans and readiness."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import pandas as pd

from analysis.prepare import Prepared
from analysis.results import COHORT, Result
from analysis.statistics.samples import ALL
from analysis.strands import PLAN_STATES, READINESS_STATES
from analysis.words import slug

STATES = PLAN_STATES
SOURCE = "action_plans"
#: As the wave in ids: at each plan's own first review.
FIRST = "first"


def plans(prepared: Prepared) -> Iterator[Result]:
    """Plans per aim and per area of the study's framework; aims per state at each review.

    ``n`` is the number of plans. ``first`` is each plan's own first review, whatever its number.
    ``latest`` is each plan's own latest review, so that plans reviewed once and plans reviewed
    four times stand side by side; its ``n`` is the number of plans reviewed again, where there
    are any, since the two reviews differ by those. ``moved`` counts the aims of plans reviewed
    more than once by whether they stand further on than at first. A school's own aims are counted by state in its own unit.
    """
    frame = prepared.strands.get("action_plans")
    if frame is None:
        return
    began = frame["plan_id"].map(_began(frame))
    first = frame[frame["review"] == began]
    n = first["plan_id"].nunique()
    yield _count("plans", "all", FIRST, "plans", n, n)
    for aim, rows in first.groupby("aim_code", sort=True):
        yield _count("aims", slug(str(aim)), FIRST, "plans", rows["plan_id"].nunique(), n)
    areas = framework_areas(prepared.documents.get("codebook", {"themes": []}))
    for area, rows in first.groupby(first["aim_code"].map(areas), sort=True):
        yield _count("areas", slug(str(area)), FIRST, "plans", rows["plan_id"].nunique(), n)
    if "responsible_role" in first:
        for role, rows in first[first["responsible_role"] != ""].groupby("responsible_role"):
            yield _count("leads", slug(str(role)), FIRST, "aims", len(rows), n)
    for review, rows in frame.groupby("review", sort=True):
        reviewed = rows["plan_id"].nunique()
        wave = f"review_{rows['review'].iloc[0]:.0f}"
        if review != frame["review"].min():
            yield _count("plans", "all", wave, "plans", reviewed, reviewed)
        yield from _states(rows, wave, COHORT, reviewed)
    last = latest(frame)
    reviewed_again = last["review"] > last["plan_id"].map(_began(frame))
    again = int(last.loc[reviewed_again, "plan_id"].nunique())
    # Less the first review, the latest gives what a second one showed, so it rests on those.
    yield from _states(last, "latest", COHORT, again or n)
    yield from _moved(frame, last)
    for school, rows in last.groupby("school", sort=True):
        yield from _states(rows, "latest", str(school), rows["plan_id"].nunique())


def readiness(prepared: Prepared) -> Iterator[Result]:
    """Schools by how each condition and risk stands with them, at their latest review."""
    frame = prepared.strands.get("readiness")
    if frame is None:
        return
    last = frame.sort_values("review", kind="stable").drop_duplicates(
        ["school", "condition"], keep="last"
    )
    for condition, rows in last.groupby("condition", sort=True):
        for state in READINESS_STATES:
            count = int((rows["state"] == state).sum())
            yield _count(
                "readiness",
                f"{slug(str(condition))}-{state}",
                "latest",
                "schools",
                count,
                len(rows),
            )


def latest(frame: pd.DataFrame) -> pd.DataFrame:
    """Each aim at its latest review."""
    ordered = frame.sort_values(["plan_id", "aim_code", "review"], kind="stable")
    return ordered.drop_duplicates(["plan_id", "aim_code"], keep="last")


def framework_areas(codebook: dict[str, Any]) -> dict[str, str]:
    """The area of the study's framework that each aim is coded to."""
    return {
        str(code["id"]): str(code["framework"])
        for theme in codebook["themes"]
        for code in theme["codes"]
        if code.get("framework")
    }


def _states(rows: pd.DataFrame, wave: str, unit: str, plans: int) -> Iterator[Result]:
    for state in STATES:
        count = int((rows["state"] == state).sum())
        yield _result(
            "states",
            state,
            wave,
            "aims",
            float(count),
            float(plans),
            unit=unit,
            method="number of aims in this state",
            numerator=float(count),
        )
    yield _result(
        "states",
        "any",
        wave,
        "aims",
        float(len(rows)),
        float(plans),
        unit=unit,
        method="number of aims",
        numerator=float(len(rows)),
    )


def _began(frame: pd.DataFrame) -> pd.Series:
    """The number of each plan's own first review, by plan."""
    return frame.groupby("plan_id")["review"].min()


def _moved(frame: pd.DataFrame, last: pd.DataFrame) -> Iterator[Result]:
    order = {state: place for place, state in enumerate(STATES[:-1])}
    began = _began(frame)
    place = ["plan_id", "aim_code"]
    first = frame[frame["review"] == frame["plan_id"].map(began)].set_index(place)["state"]
    again = last[last["review"] > last["plan_id"].map(began)].set_index(place)["state"]
    both = pd.DataFrame({"first": first, "last": again}).dropna()
    n = float(both.index.get_level_values("plan_id").nunique())
    # Numbers even where no plan was reviewed again, and there is nothing to map.
    places = both.apply(lambda states: states.map(order)).astype("float64")
    step = places["last"] - places["first"]
    for name, found in (
        ("further", step > 0),
        ("same", step == 0),
        ("back", step < 0),
        ("dropped", (both["last"] == "dropped") & (both["first"] != "dropped")),
    ):
        yield _result(
            "moved",
            name,
            "latest",
            "aims",
            float(found.sum()),
            n,
            method="aims of plans reviewed more than once, against the first review",
        )


def _count(analysis: str, measure: str, wave: str, statistic: str, count: int, base: int) -> Result:
    return _result(
        analysis,
        measure,
        wave,
        statistic,
        float(count),
        float(base),
        numerator=float(count),
        denominator=float(base) if statistic in ("plans", "schools") else math.nan,
        method=f"number of {statistic}",
    )


def _result(
    analysis: str,
    measure: str,
    wave: str,
    statistic: str,
    value: float,
    n: float,
    *,
    unit: str = COHORT,
    numerator: float = math.nan,
    denominator: float = math.nan,
    method: str = "",
) -> Result:
    return Result(
        unit=unit,
        source=SOURCE,
        instrument="plans",
        analysis=analysis,
        measure=measure,
        wave=wave,
        group=ALL,
        statistic=statistic,
        value=value,
        n=n,
        numerator=numerator,
        denominator=denominator,
        method=method,
    )
