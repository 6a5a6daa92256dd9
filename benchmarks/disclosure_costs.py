"""What each rule of a release costs on the demonstration study, as the table of ``docs/disclosure.md``.

Run with ``python benchmarks/disclosure_costs.py`` from the root of the project, after ``drp run``. Each
rule looks at what those before it leave; counted is what it withholds, says in words or makes coarser
that no rule before it had.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from analysis import study as studies  # noqa: E402
from analysis.disclosure import ladder, parts, release, shares, store, sums, unnamed  # noqa: E402
from analysis.disclosure.draft import Draft  # noqa: E402
from analysis.prepare import schools  # noqa: E402
from analysis.results import COLUMNS  # noqa: E402

#: The rules as the documentation counts them, and the functions that keep them.
RULES: dict[str, tuple[tuple[ModuleType, str], ...]] = {
    "1. Too few people or schools": (
        (release, "_too_few"), (release, "_singled_out"), (sums, "few_schools"),
    ),
    "2. Words in place of shares and of people interviewed, and the next share of a whole": (
        (shares, "in_words"), (sums, "interviewees"),
    ),
    "3. Groups without which the rest would be too few": ((sums, "groups"),),
    "4. Numbers of people: beside one withheld, the smallest other school": ((sums, "people"),),
    "5. A share, or a school's record, that the total less the others tells": (
        (shares, "across_schools"), (parts, "withhold"), (shares, "split_records"),
    ),
    "6. What the attacker finds": ((ladder, "give_up"),),
    "7. Schools without names, in funnel and panels, as their own reports have them": (
        (unnamed, "as_their_own"),
    ),
}  # fmt: skip


def main() -> None:
    """Decide the release of the demonstration study once more, and print the table."""
    study = studies.load(ROOT / "data" / "raw")
    path = store.processed(study) / "ledger" / "results.parquet"
    found = pd.read_parquet(path)[list(COLUMNS)]
    costs = {rule: np.zeros(3, dtype=int) for rule in RULES}

    def counted(rule: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(draft: Draft, *others: Any) -> Any:
            before = _state(draft)
            done = function(draft, *others)
            costs[rule] += (_state(draft) & ~before).sum(axis=1)
            return done

        return wrapped

    for rule, functions in RULES.items():
        for module, name in functions:
            setattr(module, name, counted(rule, getattr(module, name)))
    decided = release.decide(found, study, schools.read(study))
    print(f"Of {len(decided):,} numbers.\n\n| rule | withheld | in words | coarser |")
    print("|---|--:|--:|--:|")
    for rule, numbers in costs.items():
        print("| " + " | ".join([rule, *(f"{n:,}" if n else "" for n in numbers)]) + " |")


def _state(draft: Draft) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which rows are withheld, said in words, and coarser: a line each."""
    words = draft.band != ""
    return np.array([(draft.reason != "") & ~words, words, ~np.isnan(draft.decimals)], dtype=bool)


if __name__ == "__main__":
    main()
