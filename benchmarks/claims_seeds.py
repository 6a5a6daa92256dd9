"""The verdict on every claim over many synthetic studies that all give the printed figures.

Makes the demonstration study with one seed after another, runs the pipeline on each, and counts
verdicts on released results into ``data/raw/published/determined.csv``, with the command that
made it. A seed whose study misses a printed figure that the reconstruction is to give is left
out and named. Verdicts are kept seed by seed in a folder, so that a run cut short goes on where
it was.

    python benchmarks/claims_seeds.py --seeds 20
"""

from __future__ import annotations

import argparse
import csv
import json
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from analysis import claims as claiming
from analysis import demo, reproduction
from analysis import study as studies
from analysis.claims import CONTRADICTED, SUPPORTED
from analysis.disclosure import decide, released
from analysis.prepare import Prepared, prepare
from analysis.qualitative import facilitators, plans, themes
from analysis.reproduction.determined import FEWEST_SEEDS, FILE
from analysis.results import Result, ledger
from analysis.statistics import change, groups, level, moderators, perceived, quality, response

ROOT = Path(__file__).resolve().parents[1]
STUDY = ROOT / "data" / "raw"


def one(seed: int, folder: Path) -> dict[str, str]:
    """Verdicts by claim of one seed's study, and under ``missed`` figures that do not match."""
    for name in ("instruments", "mappings", "published", "texts", "brand", "value_stories"):
        if (STUDY / name).is_dir():
            shutil.copytree(STUDY / name, folder / name)
    for path in STUDY.iterdir():
        if path.suffix in (".yaml", ".csv") and path.is_file():
            shutil.copyfile(path, folder / path.name)
    demo.make(folder, seed)
    study = studies.load(folder)
    rows = ledger(needed(prepare(study, folder / ".key")), study.edition.id)
    decided = decide(rows, study)
    claims, published = claiming.load(study), reproduction.load(study)
    assert claims is not None and published is not None
    compared = reproduction.compare(published, decided, study, claims)
    missed = [each.figure.id for each in compared if each.state == reproduction.UNEXPLAINED]
    found = {v.claim.id: v.state for v in claiming.verdicts(claims, released(decided))}
    return {**found, "missed": " ".join(missed)}


def needed(prepared: Prepared) -> Iterator[Result]:
    """The part of the ledger that claims and published figures name; the rest takes most time."""
    for survey in prepared.study.surveys:
        yield from response.response(prepared, survey)
        yield from response.sample_description(prepared, survey)
        yield from level.scores(prepared, survey)
        yield from level.items(prepared, survey)
        yield from level.ranks(prepared, survey)
        yield from change.paired(prepared, survey)
        yield from change.items(prepared, survey)
        yield from groups.phases(prepared, survey)
        yield from perceived.perceived(prepared, survey)
        if survey.population == "staff":
            yield from moderators.moderation(prepared, survey)
    yield from quality.missing(prepared)
    yield from themes.themes(prepared)
    yield from facilitators.answers(prepared)
    yield from plans.plans(prepared)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--kept", type=Path, default=ROOT / "data/processed/claims_seeds")
    options = parser.parse_args()
    options.kept.mkdir(parents=True, exist_ok=True)
    verdicts: dict[str, Counter[str]] = {}
    used = 0
    for seed in range(options.first, options.first + options.seeds):
        kept = options.kept / f"{seed}.json"
        if not kept.exists():
            started = time.monotonic()
            with tempfile.TemporaryDirectory() as place:
                folder = Path(place) / "raw"
                folder.mkdir()
                found = one(seed, folder)
            kept.write_text(json.dumps(found, indent=1), encoding="utf-8")
            print(f"seed {seed}: {time.monotonic() - started:.0f} s", flush=True)
        found = json.loads(kept.read_text(encoding="utf-8"))
        if found.pop("missed"):
            print(f"seed {seed} misses printed figures and is left out", file=sys.stderr)
            continue
        used += 1
        for claim, state in found.items():
            verdicts.setdefault(claim, Counter())[state] += 1
    if used < FEWEST_SEEDS:
        print(f"{used} studies decide nothing; {FEWEST_SEEDS} are needed. Nothing is written.")
        return
    with (STUDY / "published" / FILE).open("w", encoding="utf-8", newline="") as file:
        file.write(
            f"# python benchmarks/claims_seeds.py --seeds {options.seeds} --first {options.first}: "
            f"{used} studies that give the printed figures\n"
        )
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["claim", "seeds", SUPPORTED, CONTRADICTED])
        for claim, states in verdicts.items():
            writer.writerow([claim, used, states[SUPPORTED], states[CONTRADICTED]])


if __name__ == "__main__":
    main()
