"""School outcomes by term: rates of counts, without tests."""

from __future__ import annotations

from collections.abc import Iterator

from analysis.prepare import Prepared
from analysis.results import COHORT, Result, slug
from analysis.statistics.samples import ALL


def rates(prepared: Prepared) -> Iterator[Result]:
    """Each outcome's rate per 100, by term: the programme, its phases, each school.

    A rate over schools is the sum of numerators over the sum of denominators. ``n`` is the
    denominator where it counts people, so that the release rules see it.
    """
    frame = prepared.strands.get("outcomes")
    if frame is None:
        return
    complete = frame.dropna(subset=["numerator", "denominator"])
    complete = complete.assign(
        phase=complete["school"].map(prepared.schools["reporting_phase"])
    )
    portions = [(COHORT, ALL, complete)]
    portions += [(COHORT, str(name), part) for name, part in complete.groupby("phase", sort=True)]
    portions += [(str(name), ALL, part) for name, part in complete.groupby("school", sort=True)]
    for unit, group, part in portions:
        sums = part.groupby(["measure", "term"], sort=True).agg(
            numerator=("numerator", "sum"),
            denominator=("denominator", "sum"),
            schools=("school", "nunique"),
        )
        for (measure, term), row in sums.iterrows():
            if row["denominator"] <= 0:
                continue
            yield Result(
                unit=unit,
                source="outcomes",
                instrument="school_data",
                analysis="rate",
                measure=str(measure),
                wave=slug(str(term)),
                group=group,
                statistic="rate",
                value=float(100 * row["numerator"] / row["denominator"]),
                n=float(row["denominator"]),
                n_schools=float(row["schools"]),
                numerator=float(row["numerator"]),
                denominator=float(row["denominator"]),
                method="100 x sum of numerators / sum of denominators",
            )

