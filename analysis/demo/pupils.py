"""Invented pupils and their answers, which give what the published report says of pupils."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.demo import latent, nonresponse, people, questionnaires, reconstruct, targets
from analysis.demo.questionnaires import WAVES, Answered
from analysis.demo.reconstruct import Problem, Score
from analysis.instruments import Instrument
from analysis.study import Study

Random = np.random.Generator
Mask = NDArray[np.bool_]

KIDSCREEN = latent.Scale(10, 4.02, 0.66, 0.84, 0.66, 0.05, 0.15)
KIDSCREEN_ICC = (0.02, 0.12)
SRS = {
    "family_connection": latent.Scale(4, 4.3, 0.70, 0.82, 0.58, 0.05),
    "school_connection": latent.Scale(4, 3.9, 0.85, 0.85, 0.58, 0.14),
    "community_connection": latent.Scale(4, 4.0, 0.85, 0.85, 0.58, 0.05),
    "participation_home_school": latent.Scale(4, 3.1, 0.80, 0.80, 0.55, 0.04),
    "participation_community": latent.Scale(2, 3.5, 1.00, 0.80, 0.60, 0.05),
    "self_esteem": latent.Scale(3, 3.8, 0.78, 0.80, 0.56, 0.05),
    "empathy": latent.Scale(2, 3.9, 0.80, 0.79, 0.56, 0.05),
    "problem_solving": latent.Scale(3, 3.6, 0.90, 0.82, 0.56, 0.05),
    "goals_aspirations": latent.Scale(2, 3.9, 0.82, 0.79, 0.56, 0.05),
    "peer_support": latent.Scale(13, 3.8, 0.70, 0.91, 0.60, 0.05),
}

#: Chance of skipping a single question. KIDSCREEN-10 needs all ten for a score.
SKIPPED = {"kidscreen10": 0.006, "srs": 0.012}


def make(plan: Study, rng: Random) -> Answered:
    """Pupils, and their answers to KIDSCREEN-10 and the SRS at both waves."""
    frame = people.pupils(rng)
    found = {}
    parts = []
    names = []
    for name, problem_of, scales in (
        ("kidscreen10", _kidscreen, {"t_value": KIDSCREEN}),
        ("srs", _srs, SRS),
    ):
        instrument = questionnaires.load(plan, name)
        clusters = questionnaires.clusters(frame)
        values = latent.draw(rng, [scales[s.id] for s in instrument.subscales], clusters)
        problem = problem_of(frame, instrument, clusters)
        missing = _missing(frame, instrument, rng)
        solution = reconstruct.reconstruct(problem, values, missing, rng)
        # The search works on answers scored so that higher is better.
        answered = solution.answers
        for place, item in enumerate(instrument.items):
            if item.reverse:
                ends = instrument.responses(item)
                answered[:, :, place] = ends.minimum + ends.maximum - answered[:, :, place]
        found[name] = solution
        parts.append(answered)
        names += questionnaires.codes(instrument)
    answers = questionnaires.by_wave(np.concatenate(parts, axis=2), names)
    return Answered(frame, answers, found)


def _groups(frame: pd.DataFrame) -> dict[str, Mask]:
    """Everybody, and pupils of either phase at each wave: two moved from one to the other."""
    present = questionnaires.here(frame)
    phase = frame[["phase_t1", "phase_t2"]].to_numpy()
    return {"all": present} | {name: phase == name for name in ("primary", "secondary")}


def _kidscreen(frame: pd.DataFrame, instrument: Instrument, clusters: NDArray[np.int64]) -> Problem:
    """T-values by sum and table, with the printed means and what is said of change."""
    (subscale,) = instrument.subscales
    table = pd.read_csv(instrument.folder / str(subscale.lookup), comment="#")
    lookup = np.full(int(table["raw_sum"].max()) + 1, float(table["t_value"].min()))
    lookup[table["raw_sum"]] = table["t_value"]
    score = Score(subscale.id, tuple(range(len(instrument.items))), 1, lookup)
    wanted = targets.read("targets_kidscreen10.csv", WAVES)
    wanted += targets.plausible_icc([subscale.id], WAVES, *KIDSCREEN_ICC)
    return Problem(1, 5, (score,), _groups(frame), wanted, clusters)


def _srs(frame: pd.DataFrame, instrument: Instrument, clusters: NDArray[np.int64]) -> Problem:
    """Every item a score of its own: the report tests items, and prints no subscale."""
    scores = tuple(Score(item.code, (at,), 1) for at, item in enumerate(instrument.items))
    wanted = targets.read("targets_srs.csv", WAVES)
    return Problem(1, 5, scores, _groups(frame), wanted, clusters)


def _missing(frame: pd.DataFrame, instrument: Instrument, rng: Random) -> Mask:
    """Persons x waves x items: no answer, because absent or skipped."""
    present = questionnaires.here(frame)
    shape = (len(frame), len(WAVES), len(instrument.items))
    missing = np.zeros(shape, dtype=bool)
    for at in range(len(WAVES)):
        asked = np.broadcast_to(present[:, at, None], (shape[0], shape[2]))
        blocks = questionnaires.blocks(instrument)
        skips = nonresponse.skipped(rng, asked, blocks, SKIPPED[instrument.id])
        missing[:, at] = ~asked | skips
    return missing
