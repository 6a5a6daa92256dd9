"""How far do the value-creation stories reach? Counts of stories per cycle."""

from __future__ import annotations

from collections.abc import Iterator

from analysis.prepare import Prepared
from analysis.results import COHORT, Result
from analysis.statistics.samples import ALL


def stories(prepared: Prepared) -> Iterator[Result]:
    """Stories that reach each cycle, and that end in it; ``n`` is the number of stories."""
    framework = prepared.documents.get("value_creation")
    if framework is None or not framework["stories"]:
        return
    told = framework["stories"]
    for cycle in framework["cycles"]:
        reached = sum(any(s["cycle"] == cycle["id"] for s in story["steps"]) for story in told)
        ended = sum(story["steps"][-1]["cycle"] == cycle["id"] for story in told)
        for statistic, count in (("reached", reached), ("ended", ended)):
            yield Result(
                unit=COHORT,
                source="stories",
                instrument="value_creation",
                analysis="flow",
                measure=cycle["id"],
                wave="all",
                group=ALL,
                statistic=statistic,
                value=float(count),
                n=float(len(told)),
                numerator=float(count),
                denominator=float(len(told)),
                method=f"stories that {statistic} the cycle"
                if statistic == "reached"
                else "stories whose last step is in the cycle",
            )
