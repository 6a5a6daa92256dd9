"""Invented staff and their answers, which give the staff figures of the published report."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.demo import latent, nonresponse, people, questionnaires, reconstruct, targets
from analysis.demo.questionnaires import WAVES, Answered
from analysis.instruments import Instrument
from analysis.study import Study

Random = np.random.Generator

#: What the subscales should look like: standard deviations and retest correlations as the
#: published paired table implies them, the rest as such surveys usually have it. Where the
#: report says which items were answered more or less positively, offsets follow that.
SPSC = {
    "morale": latent.Scale(
        5, 3.80, 0.82, 0.84, 0.49, 0.10, offsets=(0.22, -0.22, 0.12, -0.12, 0.0)
    ),
    "workload": latent.Scale(4, 2.80, 0.87, 0.83, 0.61, 0.10),
    "participative_decision_making": latent.Scale(4, 3.55, 0.82, 0.82, 0.56, 0.14),
    "professional_interaction": latent.Scale(7, 4.00, 0.61, 0.83, 0.58, 0.08),
    "leadership": latent.Scale(5, 3.78, 0.81, 0.85, 0.68, 0.12),
    "community": latent.Scale(
        6, 3.83, 0.60, 0.82, 0.62, 0.10, offsets=(-0.30, 0.10, 0.14, 0.02, -0.04, 0.08)
    ),
    "appraisal_recognition": latent.Scale(
        6, 3.70, 0.84, 0.87, 0.64, 0.08, offsets=(-0.15, -0.2, -0.05, 0.35, 0.0, 0.05)
    ),
    "goal_congruence": latent.Scale(
        5, 3.90, 0.67, 0.82, 0.77, 0.09, offsets=(0.05, 0.25, -0.05, -0.15, -0.10)
    ),
    "work_connection": latent.Scale(4, 3.98, 0.64, 0.81, 0.62, 0.08),
}
SHARED = 0.66
ICC = (0.06, 0.16)

#: Questions after which the survey turns a page: people break off there.
PAGES = (5, 9, 13, 20, 25, 31, 37, 42)
#: Where break-offs stop, by role: the share of each page above. Non-teaching staff mostly get
#: past the middle, so that they count in the total but not in the last subscales.
STOPS = {
    "leader": (0.1, 0.1, 0.2, 0.2, 0.2, 0.1, 0.1, 0.0),
    "teacher": (0.15, 0.2, 0.2, 0.2, 0.1, 0.05, 0.05, 0.05),
    "non_teacher": (0.0, 0.05, 0.05, 0.1, 0.5, 0.2, 0.1, 0.0),
}
#: Non-teaching staff who break off are less content than those who finish. The printed totals by
#: role need that, or something like it; it is an assumption of these data, not a finding.
LESS_CONTENT = 0.55

#: Chance of skipping a single question; the item with fewest answers, and how many, as printed.
SKIPPED = {"T1": 0.022, "T2": 0.026}
MOST_SKIPS = {"T1": 12, "T2": 7}
LOWEST_ITEM = "WCN3"
LOWEST_N = {"T1": 211, "T2": 137}

#: Patterns of non-response tried until the printed means do not press against each other.
PATTERNS = 200
TIGHT = 0.9


def make(plan: Study, rng: Random) -> Answered:
    """Staff, and their answers to the SPSC at both waves."""
    frame = people.staff(rng)
    spsc = questionnaires.load(plan, "spsc")
    clusters = questionnaires.clusters(frame)
    values = latent.draw(rng, [SPSC[s.id] for s in spsc.subscales], clusters, shared=SHARED)
    values[(frame["breaks_off"] & (frame["role"] == "non_teacher")).to_numpy(), 0] -= LESS_CONTENT
    problem = _problem(frame, spsc, clusters)
    for _ in range(PATTERNS):
        missing = _missing(frame, spsc, rng)
        if max(reconstruct.tightness(problem, missing).values()) < TIGHT:
            break
    solution = reconstruct.reconstruct(problem, values, missing, rng)
    answers = questionnaires.by_wave(solution.answers, questionnaires.codes(spsc))
    return Answered(frame, answers, {"spsc": solution})


def _problem(
    frame: pd.DataFrame, spsc: Instrument, clusters: NDArray[np.int64]
) -> reconstruct.Problem:
    """The published staff figures, as targets of the search."""
    every = reconstruct.Score("total", tuple(range(len(spsc.items))))
    scores = [
        reconstruct.Score(subscale.id, tuple(block), subscale.minimum_answered)
        for subscale, block in zip(spsc.subscales, questionnaires.blocks(spsc), strict=True)
    ]
    present = questionnaires.here(frame)
    groups = reconstruct.groups_of({"phase": frame["phase"], "role": frame["role"]}, present)
    names = [score.name for score in scores]
    wanted = targets.read("targets_staff.csv", WAVES)
    wanted += targets.plausible_icc(names, WAVES, *ICC)
    responses = spsc.responses(spsc.items[0])
    return reconstruct.Problem(
        responses.minimum, responses.maximum, (every, *scores), groups, wanted, clusters
    )


def _missing(frame: pd.DataFrame, spsc: Instrument, rng: Random) -> NDArray[np.bool_]:
    """Persons x waves x items: no answer, because absent, broken off or skipped."""
    items = questionnaires.codes(spsc)
    missing = np.zeros((len(frame), len(WAVES), len(items)), dtype=bool)
    stops = [np.full(len(frame), len(items)) for _ in WAVES]
    for role, shares in STOPS.items():
        rows = np.flatnonzero(frame["breaks_off"] & (frame["role"] == role))
        stops[0][rows] = rng.choice(PAGES, size=len(rows), p=shares)
    # One person stops at follow-up: 146 began and 145 finished, and the report has both.
    late = np.flatnonzero((frame["stratum"] == "t2_only") & (frame["role"] == "non_teacher"))
    stops[1][rng.choice(late)] = PAGES[5]
    present = questionnaires.here(frame)
    for at, wave in enumerate(WAVES):
        asked = nonresponse.reached(stops[at], len(items)) & present[:, at, None]
        skips = nonresponse.skipped(
            rng,
            asked,
            questionnaires.blocks(spsc),
            SKIPPED[wave],
            lowest=(items.index(LOWEST_ITEM), LOWEST_N[wave]),
            cap=MOST_SKIPS[wave],
        )
        missing[:, at] = ~asked | skips
    return missing
