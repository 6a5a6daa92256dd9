"""What small studies made to be attacked give away, before and after release's rules, as a table.

Run with ``python benchmarks/disclosure_cases.py`` from the root of the project; it writes
``docs/disclosure_tables.md``. The studies are those of ``tests/unit/test_release_attacked.py``, which
asserts for each that nothing protected can be worked out; the table says how much that costs. Before:
thresholds alone, every other number as it was computed, to the decimals that pages use.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from analysis.disclosure import decide  # noqa: E402
from analysis.disclosure.audit import EXACT, audit  # noqa: E402
from analysis.disclosure.draft import FEW_ANSWERED, FEW_COMPLETE, FEW_SCHOOLS, GIVES_AWAY  # noqa: E402
from analysis.results import ledger  # noqa: E402
from tests.unit.test_release_attacked import CASES, STUDY, results  # noqa: E402

FILE = ROOT / "docs" / "disclosure_tables.md"
INTRODUCTION = """# Studies made to be attacked

Small studies of two scores and two waves, in each of which something that is protected can be worked
out from what is left by thresholds alone (before), and nothing from what is released (after). A line
for each; *narrowest* is half of what is left open for the quantity that is known best, as a multiple of
what is asked for (1 or more holds); *as good as known* is a twentieth of that or less. Made by
`python benchmarks/disclosure_cases.py`; the same studies are asserted in
`tests/unit/test_release_attacked.py`, a withdrawal and a late answer between two editions in
`tests/unit/test_release_editions.py`.
"""


def row(case: str) -> dict[str, object]:
    """What one study gives away and what it costs that it does not."""
    found = ledger(results(CASES[case]()), "e1")
    decided = decide(found, STUDY)
    few = found["n"] < STUDY.asked(STUDY.survey("staff")).minimum
    bare = decided.assign(release=np.where(few, "suppressed", "released"), decimals=float("nan"))
    before, after = audit(bare, STUDY), audit(decided, STUDY)
    reasons = decided["reason"].value_counts()
    coarse = decided["decimals"].notna() & (decided["release"] == "released")
    return {
        "study": case,
        "protected": len(after),
        "too narrow before": int((~before["held"].astype(bool)).sum()),
        "as good as known before": _known(before),
        "narrowest before": _narrowest(before),
        "too narrow after": int((~after["held"].astype(bool)).sum()),
        "as good as known after": _known(after),
        "narrowest after": _narrowest(after),
        "numbers": len(decided),
        "too few": int(sum(reasons.get(r, 0) for r in (FEW_ANSWERED, FEW_COMPLETE, FEW_SCHOOLS))),
        "would give others away": int(reasons.get(GIVES_AWAY, 0)),
        "coarser": int(coarse.sum()),
    }


def _share(found: pd.DataFrame) -> pd.Series:
    return found["half_width"] / found["needed"]


def _known(found: pd.DataFrame) -> int:
    return int((_share(found) < 4 * EXACT).sum())


def _narrowest(found: pd.DataFrame) -> str:
    return f"{_share(found).min():.2f}"


def main() -> None:
    """Write the table."""
    rows = [row(case) for case in CASES]
    heads = list(rows[0])
    lines = ["| " + " | ".join(heads) + " |", "|---|" + "--:|" * (len(heads) - 1)]
    lines += ["| " + " | ".join(str(each[head]) for head in heads) + " |" for each in rows]
    FILE.write_text(INTRODUCTION + "\n" + "\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
