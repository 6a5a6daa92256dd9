"""A study of five waves in which nothing stays as it was.

Schools join late (L1 at the third wave) and leave (D1 after the third); two merge into a third
(M1 and M2 into M3, before the fourth); pupils move up from their primary school (P1) to the secondary
(S1); the questionnaire is another version from the fourth wave on; one school (C1) is primary up to
the third wave and secondary after it. People's codes stay theirs.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from tests.studies.made import FIVE, instrument, mapping, write_csv, write_yaml

WAVES = ("T1", "T2", "T3", "T4", "T5")
STARTS = ("2030-10-01", "2031-06-01", "2032-06-01", "2033-02-01", "2033-10-01")
ENDS = ("2030-10-31", "2031-06-30", "2032-06-30", "2033-02-28", "2033-10-31")
#: School: kind at first and from the fourth wave on, and the places of its first and last wave.
SCHOOLS = {
    "P1": ("primary", "primary", 0, 4),
    "P2": ("primary", "primary", 0, 4),
    "P3": ("primary", "primary", 0, 4),
    "S1": ("secondary", "secondary", 0, 4),
    "S2": ("secondary", "secondary", 0, 4),
    "S3": ("secondary", "secondary", 0, 4),
    "C1": ("primary", "secondary", 0, 4),
    "L1": ("primary", "primary", 2, 4),
    "D1": ("secondary", "secondary", 0, 2),
    "M1": ("primary", "primary", 0, 2),
    "M2": ("primary", "primary", 0, 2),
    "M3": ("primary", "primary", 3, 4),
}
EACH = 24
#: Before which wave M1 and M2 become M3, and twelve of P1 go to S1.
MERGED, MOVED, CHANGED = 3, 2, 3


def where(school: str, number: int, wave: int) -> str:
    """The school of a person at a wave; empty where they are in none."""
    here = school
    if school in ("M1", "M2") and wave >= MERGED:
        here = "M3"
    if school == "P1" and number < 12 and wave >= MOVED:
        here = "S1"
    first, last = SCHOOLS[here][2:]
    return here if first <= wave <= last else ""


def make(folder: Path) -> Path:
    """Write the study."""
    rng = np.random.default_rng(31)
    folder.mkdir(parents=True)
    names = ("Ash", "Beech", "Chestnut", "Dogwood", "Elder", "Fern", "Gean", "Holly", "Iris",
             "Juniper", "Kale", "Larch")  # fmt: skip
    write_csv(
        folder / "schools.csv",
        ["id", "name", "kind", "kind_later", "started"],
        [
            [school, f"{names[n]} School", before, later, STARTS[first]]
            for n, (school, (before, later, first, _)) in enumerate(SCHOOLS.items())
        ],
    )
    old = instrument(folder, "mood", "Mood Diary", "MD", FIVE, ["Calm", "Joy"])
    new = instrument(
        folder, "ease", "Mood Diary, second edition", "MD2", FIVE, ["Calm now", "Joy now"]
    )
    mapping(folder, "old", {}, old)
    mapping(folder, "new", {}, new)
    people = [
        (f"{school}x{number:02d}", school, number, rng.normal(0, 0.5))
        for school in SCHOOLS if school != "M3" for number in range(EACH)
    ]  # fmt: skip
    for wave, name in enumerate(WAVES):
        codes = old if wave < CHANGED else new
        rows: list[list[Any]] = []
        for code, school, number, own in people:
            here = where(school, number, wave)
            if not here or rng.random() < 0.1:
                continue
            level = 3 + own + 0.1 * wave + rng.normal(0, 0.7, len(codes))
            rows.append([code, here, *np.clip(np.rint(level), 1, 5).astype(int)])
        write_csv(folder / f"{name.lower()}.csv", ["code", "school", *codes], rows)
    write_yaml(
        folder / "study.yaml",
        {
            "schema_version": 2,
            "id": "moods",
            "title": "Five Years Of Mood",
            "programme": "the mood years",
            "short": "FYM",
            "organisation": "Lakeside Trust",
            "edition": {"id": "autumn-2033", "date": "2033-11-30", "term": "Autumn 2033"},
            "waves": [
                {"id": name, "label": f"Round {n + 1}", "start": STARTS[n], "end": ENDS[n]}
                for n, name in enumerate(WAVES)
            ],
            "baseline": "T1",
            "followup": "T3",
            "started": "started",
            "populations": [
                {"id": "learners", "kind": "children", "noun": "learners", "one": "learner"}
            ],
            "groups": [
                {
                    "id": "kind", "of": "schools", "label": "Kind of school", "compare": True,
                    "by_wave": {"T4": "kind_later", "T5": "kind_later"},
                    "values": [
                        {"id": "primary", "label": "Primary schools"},
                        {"id": "secondary", "label": "Secondary schools"},
                    ],
                }
            ],
            "surveys": [
                {
                    "id": "learners", "label": "Learners' diary", "population": "learners",
                    "instruments": ["mood", "ease"], "headline": "mood.calm",
                    "exports": [
                        {
                            "wave": name, "file": f"{name.lower()}.csv",
                            "mapping": f"mappings/{'old' if n < CHANGED else 'new'}.yaml",
                            "instruments": ["mood" if n < CHANGED else "ease"],
                        }
                        for n, name in enumerate(WAVES)
                    ],
                }
            ],
        },
    )  # fmt: skip
    return folder
