"""Quarto's pre-render step at the project's root: release the study and run its notebooks.

With it ``quarto render`` and ``quarto preview`` work on a fresh clone, and show what is in
``data/raw`` and ``notebooks`` now; while ``quarto preview`` renders one chapter after another, only
notebooks that are missing are run. Quarto runs this file with
the Python it finds (the active environment, or ``QUARTO_PYTHON``).
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    """Release the study if anything of it changed, and run the programme's notebooks."""
    sys.path.insert(0, str(ROOT))
    from analysis import pipeline, resources, study
    from analysis.disclosure import store
    from analysis.publish import notebooks, stage
    from analysis.results import COHORT

    found = study.load(ROOT / "data" / "raw")
    everything = "QUARTO_PROJECT_RENDER_ALL" in os.environ
    if not pipeline.is_released(found):
        pipeline.release(found)
        everything = True
    for run in notebooks.runs(ROOT, store.processed(found), COHORT):
        if everything or not run.target.exists():
            notebooks.execute(run, found)
    stage.copy_plotly(ROOT)
    resources.lay_out(ROOT)


if __name__ == "__main__":
    main()
