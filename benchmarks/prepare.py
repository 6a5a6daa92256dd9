"""How fast prepare is: a made-up study of 600 schools and 180,000 respondents, two waves.

    python benchmarks/prepare.py [--respondents 180000] [--schools 600]

Prints the time (of the clock, and of the processor, which other work on the machine hardly
moves), peak memory and rows per second of reading, preparing and writing the Parquet tables in
one process, beside plain ``pandas.read_csv`` of the same files in the same run, and beside
plain Python's ``hashlib`` over as many codes (what hashing alone must cost). Nothing is kept.
Half of the respondents answer each wave's file; both files have codes, school URNs, dates,
times, consent and 51 items; the first has its answers as labels, the second as codes.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

PROJECT = Path(__file__).resolve().parents[1]
INSTRUMENTS = ("kidscreen10", "srs")
STUDY = """\
schema_version: 1
id: benchmark
title: Benchmark
programme: the programme
short: Benchmark
organisation: Nobody
edition: {id: one, date: 2026-07-31, term: Summer term 2026}
waves:
  - {id: T1, label: Baseline, start: 2025-01-01, end: 2025-03-31}
  - {id: T2, label: Follow-up, start: 2026-01-01, end: 2026-03-31}
baseline: T1
followup: T2
surveys:
  - id: pupils
    label: Pupil survey
    population: pupils
    respondents: pupils
    instruments: [kidscreen10, srs]
    headline: kidscreen10.t_value
    exports:
      - {wave: T1, file: t1.csv, mapping: t1.yaml}
      - {wave: T2, file: t2.csv, mapping: t2.yaml}
tables: {schools: schools.csv}
"""


def make(folder: Path, respondents: int, schools: int, seed: int = 7) -> None:
    """Write the study: half of the respondents at each wave, a third of those at both."""
    import yaml

    from analysis import instruments

    rng = np.random.default_rng(seed)
    (folder / "study.yaml").write_text(STUDY, encoding="utf-8")
    (folder / "instruments").mkdir()
    for path in (PROJECT / "data" / "raw" / "instruments").iterdir():
        (folder / "instruments" / path.name).write_bytes(path.read_bytes())
    loaded = [instruments.load(folder / "instruments" / f"{name}.yaml") for name in INSTRUMENTS]
    items = [item.code for instrument in loaded for item in instrument.items]
    pd.DataFrame(
        {
            "id": [f"S{n:03d}" for n in range(schools)],
            "name": [f"School {n}" for n in range(schools)],
            "urn": [str(900000 + n) for n in range(schools)],
            "letter": [f"L{n}" for n in range(schools)],
            "phase": ["primary", "secondary"] * (schools // 2),
            "reporting_phase": ["primary", "secondary"] * (schools // 2),
        }
    ).to_csv(folder / "schools.csv", index=False)
    mapping = {
        "schema_version": 1,
        "columns": {
            "respondent": "code", "school": "urn", "consent": "consent", "started": "start",
            "submitted": "submitted", "sex": "sex",
        },
        "values": {
            "consent": {1: "yes", 0: "no"},
            "sex": {1: "female", 2: "male", 3: "prefer_not_to_say"},
        },
        "items": {code: code for code in items},
    }  # fmt: skip
    for name, answers in (("t1", "labels"), ("t2", "codes")):
        content = {**mapping, "answers": answers}
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    labels = [
        instrument.responses(item).labels for instrument in loaded for item in instrument.items
    ]
    each = respondents // 2
    letters = np.array(list("ABCDEFGHIJKLMNOPRSTVW"))
    drawn = letters[rng.integers(0, len(letters), (2 * each, 4))]
    codes = np.array(["".join(four) for four in drawn]) + rng.integers(10, 99, 2 * each).astype(str)
    where = 900000 + rng.integers(0, schools, 2 * each)
    for wave, (file, year, people) in enumerate(
        (("t1.csv", 2025, np.arange(each)), ("t2.csv", 2026, np.arange(each) + each * 2 // 3))
    ):
        answers = rng.integers(1, 6, (each, len(items))).astype("object")
        if wave == 0:
            for place, names in enumerate(labels):
                answers[:, place] = np.array([names[p] for p in range(1, 6)])[
                    answers[:, place].astype(int) - 1
                ]
        answers[rng.random(answers.shape) < 0.03] = ""
        start = pd.Timestamp(f"{year}-01-07 09:00") + pd.to_timedelta(
            rng.integers(0, 60 * 86400, each), unit="s"
        )
        written = codes[people].astype(object)
        mess = rng.random(each)
        written[mess < 0.02] = [code.lower() for code in written[mess < 0.02]]
        frame = pd.DataFrame(
            {
                "code": written,
                "urn": where[people],
                "consent": (rng.random(each) > 0.01).astype(int),
                "start": start.astype(str),
                "submitted": (start + pd.to_timedelta(rng.integers(60, 1500, each), "s")).astype(
                    str
                ),
                "sex": rng.integers(1, 4, each),
            }
        )
        frame = pd.concat([frame, pd.DataFrame(answers, columns=items)], axis=1)
        frame.to_csv(folder / file, index=False)


def measured(folder: Path, step: str) -> dict[str, float]:
    """One step in a process of its own, so that its peak memory is its own."""
    out = subprocess.run(
        [sys.executable, __file__, "--step", step, "--folder", str(folder)],
        check=True,
        capture_output=True,
        text=True,
    )
    return dict(json.loads(out.stdout.splitlines()[-1]))


def run(step: str, folder: Path) -> dict[str, float]:
    """Read plainly, or prepare and write; seconds, rows and peak memory in MiB."""
    found: dict[str, float] = {}
    if step == "read_csv":
        start, cpu = time.perf_counter(), time.process_time()
        frames = [pd.read_csv(folder / file) for file in ("t1.csv", "t2.csv")]
        found = {"seconds": time.perf_counter() - start, "rows": sum(map(len, frames))}
        found["cpu"] = time.process_time() - cpu
    elif step == "hash":
        import hashlib
        import hmac

        codes = [f"pupils\0S001\0{n}".encode() for n in range(180_000)]
        start = time.perf_counter()
        for code in codes:
            hmac.new(b"key", code, hashlib.sha256).hexdigest()
        found = {"seconds": time.perf_counter() - start, "rows": len(codes)}
    else:
        from analysis import prepare, study

        loaded = study.load(folder)
        start, cpu = time.perf_counter(), time.process_time()
        prepared = prepare.prepare(loaded, folder / ".drp", folder=folder / "processed")
        found["seconds"] = time.perf_counter() - start
        found["cpu"] = time.process_time() - cpu
        files = prepared.quality["files"]
        found["rows"], found["used"] = int(files["read"].sum()), int(files["used"].sum())
        found["linked"] = int(prepared.quality["links"]["exact"].sum())
    found["peak_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return found


def main() -> None:
    """Make the study, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--respondents", type=int, default=180_000)
    parser.add_argument("--schools", type=int, default=600)
    parser.add_argument("--step")
    parser.add_argument("--folder", type=Path)
    chosen = parser.parse_args()
    if chosen.step:
        print(json.dumps(run(chosen.step, chosen.folder)))
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make(folder, chosen.respondents, chosen.schools)
        size = sum((folder / file).stat().st_size for file in ("t1.csv", "t2.csv")) / 2**20
        # In turns and the best of three of each, so that another load on the machine, and the
        # first reading from disk, hit both alike.
        turns = [(measured(folder, "read_csv"), measured(folder, "prepare")) for _ in range(3)]
        plain, found = (min(kind, key=lambda m: m["seconds"]) for kind in zip(*turns, strict=True))
        hashes = measured(folder, "hash")
    rows = found["rows"]
    memory = "under" if found["peak_mib"] < 4096 else "OVER"
    print(f"files: {rows:,.0f} rows, {size:.0f} MiB, {chosen.schools} schools")
    print(f"pandas.read_csv: {plain['seconds']:.2f} s, peak {plain['peak_mib']:.0f} MiB")
    print(
        f"prepare: {found['seconds']:.2f} s ({rows / found['seconds']:,.0f} rows/s, "
        f"{found['seconds'] / plain['seconds']:.1f} x read_csv; in processor time "
        f"{found['cpu'] / plain['cpu']:.1f} x), "
        f"{found['used']:,.0f} rows used, {found['linked']:,.0f} people linked"
    )
    print(f"peak memory: {found['peak_mib']:.0f} MiB ({memory} 4 GiB)")
    print(f"hashing 180,000 codes in plain Python: {hashes['seconds']:.2f} s")


if __name__ == "__main__":
    main()
