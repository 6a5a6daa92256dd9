"""Did respondents see a change? Yes, no and don't know, by aspect and phase."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from analysis.prepare import Prepared
from analysis.results import COHORT, Result
from analysis.statistics.estimates import Floats
from analysis.statistics.level import WILSON, share_intervals
from analysis.statistics.samples import by_phase
from analysis.study import Survey

ANSWERS = ("yes", "no", "dont_know")


def perceived(prepared: Prepared, survey: Survey) -> Iterator[Result]:
    """Shares answering yes, no and don't know to each question on what has changed.

    For the questions the study names as ``perceived_change``, at every wave that asked them,
    over all schools and by phase. "Don't know" counts in the base; no answer does not. Wilson
    intervals on the effective number of respondents. The three shares of one question add up,
    so ``n`` is the smallest of the counts that is not nought, and release rules see that. It is
    what people say, and no measure of what changed.
    """
    frame = prepared.surveys[survey.id]
    for wave in prepared.study.wave_ids:
        at_wave = frame[frame["wave"] == wave]
        for group, rows in by_phase(prepared.study, at_wave):
            for aspect in survey.perceived_change:
                if aspect not in rows:
                    continue
                answered = rows[rows[aspect].isin(ANSWERS)]
                if answered.empty:
                    continue
                chosen: Floats = np.column_stack(
                    [(answered[aspect] == answer).to_numpy(dtype="float64") for answer in ANSWERS]
                )
                counts = chosen.sum(axis=0)
                base: Floats = np.full(len(ANSWERS), len(answered), dtype="float64")
                low, high, effective = share_intervals(base, chosen, answered["school"])
                common: dict[str, Any] = {
                    "unit": COHORT,
                    "source": survey.id,
                    "instrument": "survey",
                    "analysis": "perceived",
                    "measure": aspect,
                    "wave": wave,
                    "group": group,
                    "n": float(counts[counts > 0].min()),
                    "n_schools": float(answered["school"].nunique()),
                }
                for place, answer in enumerate(ANSWERS):
                    yield Result(
                        **common,
                        statistic=answer,
                        value=100 * float(counts[place]) / len(answered),
                        ci_low=float(low[place]),
                        ci_high=float(high[place]),
                        level=0.95,
                        numerator=float(counts[place]),
                        denominator=float(len(answered)),
                        method="share of those who answered the question; "
                        f"{WILSON} on the effective number ({effective[place]:.1f}, allowing "
                        "for schools)",
                    )
