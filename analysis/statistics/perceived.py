"""Did respondents see a change? Yes, no and don't know, by aspect and phase."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from analysis.prepare import Prepared
from analysis.results import COHORT, Result
from analysis.statistics import estimates
from analysis.statistics.level import WILSON, share_intervals
from analysis.statistics.samples import at_wave, by_phase
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
    for wave in prepared.study.wave_ids:
        for group, people in by_phase(prepared.study, at_wave(prepared, survey, wave)):
            for aspect in survey.perceived_change:
                if aspect not in people:
                    continue
                said = people[aspect]
                known = said.isin(ANSWERS)
                answered = float(known.sum())
                if not answered:
                    continue
                places = pd.Index(ANSWERS).get_indexer(pd.Index(said[known]))
                codes = estimates.school_codes(people["school"][known])
                by_school = np.zeros((int(codes.max()) + 1, len(ANSWERS)))
                np.add.at(by_school, (codes, places), 1.0)
                counts = by_school.sum(axis=0)
                sizes = np.repeat(by_school.sum(axis=1)[:, None], len(ANSWERS), axis=1)
                low, high, effective = share_intervals(sizes, by_school, clustered=True)
                common: dict[str, Any] = {
                    "unit": COHORT,
                    "source": survey.id,
                    "instrument": "survey",
                    "analysis": "perceived",
                    "measure": aspect,
                    "wave": wave,
                    "group": group,
                    "n": float(counts[counts > 0].min()),
                    "n_schools": float(len(by_school)),
                }
                for place, answer in enumerate(ANSWERS):
                    yield Result(
                        **common,
                        statistic=answer,
                        value=100 * float(counts[place]) / answered,
                        ci_low=float(low[place]),
                        ci_high=float(high[place]),
                        level=0.95,
                        numerator=float(counts[place]),
                        denominator=answered,
                        method="share of those who answered the question; "
                        f"{WILSON} on the effective number ({effective[place]:.1f}, allowing "
                        "for schools)",
                    )
