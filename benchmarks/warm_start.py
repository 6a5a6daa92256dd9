"""What the solver earns that goes on from one solution to the next, beside one that begins anew.

    python benchmarks/warm_start.py [ledger.parquet]

Takes the ledger that ``drp run`` made last (or another with its decisions), sets up the systems of the
first scores of each survey, and attacks what is protected in both ways. Prints processor time of each,
and whether both found the same intervals.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

from analysis import study as studies
from analysis.disclosure import attack
from analysis.disclosure.printed import Score, scores
from analysis.prepare import load_instruments, schools

SCORES = 4
ROOT = Path(__file__).resolve().parents[1]


def ends(found: list[Score], share: float) -> tuple[float, np.ndarray]:
    """Processor time of every interval, and their ends."""
    started = time.process_time()
    intervals = []
    for score in found:
        score.system._warm = None
        for each in score.protected(share):
            interval = score.system.interval(each.terms)
            intervals += [interval.low, interval.high]
    return time.process_time() - started, np.array(intervals)


def main() -> None:
    study = studies.load(ROOT / "data/raw")
    path = ROOT / "data/processed/ledger/results.parquet"
    decided = pd.read_parquet(Path(sys.argv[1]) if len(sys.argv) > 1 else path)
    only = {
        (survey.id, name, measure)
        for survey in study.surveys
        for name, instrument in load_instruments(study).items()
        if name in survey.instruments
        for measure in list(instrument.scores)[:SCORES]
    }
    table = schools.read(study)
    found = list(scores(decided, study, table, load_instruments(study), only=only))
    share = study.disclosure.protection.mean
    going_on, one = ends(found, share)
    attack._warm = lambda *_: False  # type: ignore[assignment]
    anew, other = ends(found, share)
    same = np.abs(one - other).max() < 1e-4
    print(f"{len(found)} systems, {len(one) // 2} intervals: {going_on:.2f} s going on, "
          f"{anew:.2f} s anew, {anew / going_on:.1f} times; same intervals: {same}")  # fmt: skip


if __name__ == "__main__":
    main()
