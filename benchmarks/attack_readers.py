"""What a reader of some of the reports can work out: each report alone, and each with the programme's.

    python benchmarks/attack_readers.py [study folder]

Reads the pages that ``drp render`` made last, as ``drp check --attack`` does. Whoever has all reports
knows the most; but what must stay open of a school is less once its own mean is known, so a reader
without its report is tried by the larger measure. What all reports together leave that wide needs no
second look. Prints a row for each kind of reader.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from analysis import study as studies
from analysis.disclosure import store
from analysis.disclosure.audit import EXACT
from analysis.disclosure.printed import scores
from analysis.prepare import load_instruments, schools
from analysis.present.shown import Part
from analysis.publish.attacked import as_printed, in_pack, read_unit
from analysis.results import COHORT
from analysis.study import Study

Name = tuple[str, ...]


def read(
    study: Study, ledger: pd.DataFrame, parts: Sequence[Part], known: Mapping[Name, float]
) -> dict[Name, tuple[float, float]]:
    """Half of what is left open of each protected mean, at least, and what must be."""
    printed, found = as_printed(ledger, parts), {}
    for score in scores(printed, study, schools.read(study), load_instruments(study)):
        for each in score.protected(study.disclosure.protection.mean):
            name = (score.survey.id, score.measure, each.unit, each.part, each.wave)
            half = known.get(name, 0.0)
            if half < each.needed - 1e-6:
                half = score.system.interval(each.terms).half_width
            found[name] = (half, each.needed)
    return found


def line(reader: str, found: Sequence[Mapping[Name, tuple[float, float]]]) -> str:
    """How many are protected, how narrow the narrowest is, and how many are too narrow, or known."""
    shares = [half / needed for each in found for half, needed in each.values() if needed > 0]
    narrow = sum(share < 1 - 1e-4 for share in shares)
    exact = sum(share < 4 * EXACT for share in shares)
    return f"| {reader} | {len(found)} | {len(shares):,} | {min(shares):.2f} | {narrow} | {exact} |"


def main() -> None:
    study = studies.load(Path(sys.argv[1] if len(sys.argv) > 1 else "data/raw"))
    ledger = pd.read_parquet(store.processed(study) / "ledger" / "results.parquet")
    units = store.units(schools.read(study))
    parts = {u: [*read_unit(study, u).parts, *in_pack(study, u)] for u in units}
    print(
        "| reader of | readers | protected | narrowest | too narrow | as good as known |",
        flush=True,
    )
    print("|---|--:|--:|--:|--:|--:|", flush=True)
    every = read(study, ledger, [part for each in parts.values() for part in each], {})
    print(line("all reports", [every]), flush=True)
    known = {name: half for name, (half, _) in every.items()}
    print(line("the programme's alone", [read(study, ledger, parts[COHORT], known)]), flush=True)
    own = [read(study, ledger, parts[unit], known) for unit in units if unit != COHORT]
    print(line("one school's alone", own), flush=True)
    pairs = [
        read(study, ledger, [*parts[COHORT], *parts[unit]], known)
        for unit in units
        if unit != COHORT
    ]
    print(line("the programme's and one school's", pairs), flush=True)


if __name__ == "__main__":
    main()
