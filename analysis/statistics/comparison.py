"""Change beside that in schools that did not take part: difference in differences."""

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
from analysis.statistics.samples import ALL, BOTH_SCHOOLS, matched, of_both
from analysis.study import Survey


def difference(prepared: Prepared, survey: Survey) -> Iterator[Result]:
    """Matched change in the schools that take part, less that in comparison schools.

    Of every score; nothing where the study declares no comparison schools. The difference of the
    two mean changes, with a variance over the schools of both (CR2 with its degrees of freedom, as
    everywhere); ``p_holm`` corrects over the instrument's subscales. ``n_schools`` is the smaller
    number of schools. ``comparison`` is the mean change in comparison schools alone. It shows what
    the programme did only if its schools would have changed as the others did.
    """
    if prepared.comparison is None:
        return
    study = prepared.study
    parts = [matched(each, survey) for each in (prepared, prepared.comparison)]
    taking_part = np.repeat([1.0, 0.0], [len(part) for part in parts])
    schools = of_both(
        *(pd.concat([part[each] for part in parts], ignore_index=True) for each in BOTH_SCHOOLS)
    )
    for name in survey.instruments:
        instrument = prepared.instruments[name]
        family: list[Result] = []
        for score in instrument.scores:
            column = f"{name}.{score}"
            change = np.concatenate([part.change(column) for part in parts])
            known = ~np.isnan(change)
            values, taking, own = change[known], taking_part[known], schools[known]
            sizes = [int((taking == side).sum()) for side in (1.0, 0.0)]
            if min(sizes) < 2:
                continue
            counts = [estimates.number_of_schools(own[taking == side]) for side in (1.0, 0.0)]
            common: dict[str, Any] = {
                "unit": COHORT, "source": survey.id, "instrument": name, "analysis": "did",
                "measure": score, "wave": pair(study.baseline, study.followup), "group": ALL,
            }  # fmt: skip
            theirs = estimates.mean(values[taking == 0], own[taking == 0])
            yield Result(
                **common, statistic="comparison", n=float(sizes[1]), n_schools=counts[1],
                **estimates.fields(theirs),
            )  # fmt: skip
            base = common | {"n": float(min(sizes)), "n_schools": min(counts)}
            design = pd.DataFrame({"constant": 1.0, "takes_part": taking})
            found = estimates.contrast(values, design, "takes_part", own)
            if math.isnan(found.value):
                continue
            method = (
                "mean change of matched people less that in comparison schools; variance CR2 by "
                "schools"
            )
            fields = estimates.fields(found) | {"method": method}
            family.append(Result(**base, statistic="difference", **fields))
            if found.known:
                family.append(
                    Result(**base, statistic="p", value=found.p, df=found.df, method=method)
                )
        yield from family
        yield from holm(family, instrument, "p")
