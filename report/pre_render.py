"""Quarto's pre-render step at the project's root: make the executed notebooks if they are missing.

With it ``quarto render`` and ``quarto preview`` work on a fresh clone. Quarto runs this file with
the Python it finds (the active environment, or ``QUARTO_PYTHON``).
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    """Release the study and run the programme's notebooks, unless that has been done."""
    sys.path.insert(0, str(ROOT))
    from analysis import pipeline, study
    from analysis.disclosure import store
    from analysis.publish import notebooks, stage
    from analysis.results import COHORT

    found = study.load(ROOT / "data" / "raw")
    if store.read(found, COHORT) is None:
        pipeline.release(found)
    for run in notebooks.runs(ROOT / "notebooks", store.processed(found), COHORT):
        if not run.target.exists():
            notebooks.execute(run, found)
    stage.copy_plotly(ROOT)


if __name__ == "__main__":
    main()
