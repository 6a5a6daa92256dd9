"""Did people change more where more was delivered? Description: schools chose, or were given, more."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from analysis.prepare import Prepared
from analysis.results import COHORT, Result, pair
from analysis.statistics import estimates
from analysis.statistics.change import holm
from analysis.statistics.samples import ALL, clusters, matched
from analysis.study import Survey

#: Hours of which a slope speaks.
HOURS = 10.0


def dose(prepared: Prepared, survey: Survey) -> Iterator[Result]:
    """Change in the same people against the hours of sessions that their school had.

    Hours are of sessions noted up to the last day of the follow-up; a school without any had none,
    and people who changed school are left out. ``slope`` is least squares of people's change on
    their school's hours, in points for ten hours more, with an interval that allows for schools
    (CR2 with its degrees of freedom); ``p_holm`` corrects over the instrument's subscales. Nothing
    where the study has no sessions, or every school had as many hours.
    """
    sessions = prepared.strands.get("sessions")
    if sessions is None or sessions["minutes"].isna().all():
        return
    study = prepared.study
    until = str(study.wave(study.followup).end)
    held = sessions[(sessions["date"] == "") | (sessions["date"] <= until)]
    hours = held.groupby("school")["minutes"].sum() / 60
    both = matched(prepared, survey)
    both = both.known("school")
    of_person = both["school"].map(hours).fillna(0.0).to_numpy("float64")
    schools = clusters(both)
    for name in survey.instruments:
        instrument = prepared.instruments[name]
        family: list[Result] = []
        for score in instrument.scores:
            column = f"{name}.{score}"
            change = both.change(column)
            known = ~np.isnan(change)
            within = schools[known]
            if known.sum() < 3 or len(set(of_person[known])) < 3:
                continue
            design = pd.DataFrame({"constant": 1.0, "hours": of_person[known] / HOURS})
            found = estimates.contrast(change[known], design, "hours", within)
            if math.isnan(found.value):
                continue
            common: dict[str, Any] = {
                "unit": COHORT, "source": survey.id, "instrument": name, "analysis": "dose",
                "measure": score, "wave": pair(study.baseline, study.followup), "group": ALL,
                "n": float(known.sum()), "n_schools": estimates.number_of_schools(within),
            }  # fmt: skip
            method = (
                f"points for {HOURS:g} hours of sessions more, least squares of people's change; "
                "variance CR2 by schools"
            )
            family.append(
                Result(**common, statistic="slope", **estimates.fields(found) | {"method": method})
            )
            if found.known:
                family.append(
                    Result(**common, statistic="p", value=found.p, df=found.df, method=method)
                )
        yield from family
        yield from holm(family, instrument, "p")
