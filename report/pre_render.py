"""Quarto's pre-render step at the project's root: release the study, run its notebooks, and write
the chapters.

With it ``quarto render`` and ``quarto preview`` work on a fresh clone, and show what is in
``data/raw``, ``notebooks`` and ``report`` now, of one of the programme's documents (the evaluation
report, or the one of the profile); while ``quarto preview`` renders one chapter after
another, only notebooks that are missing are run. The chapters go to ``chapters/`` and their list to
``_chapters.yml``, both out of git; Quarto reads the list when this step has ended. Quarto runs this
file with the Python it finds (the active environment, or ``QUARTO_PYTHON``).
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
#: The document to write: a profile is named as it is (``quarto render --profile technical``).
DOCUMENT = os.environ.get("QUARTO_PROFILE") or "programme"


def main() -> None:
    """Release the study if anything of it changed, run the notebooks, and write the chapters."""
    sys.path.insert(0, str(ROOT))
    from analysis import pipeline, releasing, resources, study
    from analysis.disclosure import store
    from analysis.errors import AnalystError
    from analysis.present import open_page
    from analysis.publish import chapters, notebooks, stage
    from analysis.results import COHORT

    found = study.load(ROOT / "data" / "raw")
    processed = store.processed(found)
    everything = "QUARTO_PROJECT_RENDER_ALL" in os.environ
    if not releasing.is_released(found):
        pipeline.release(found)
        everything = True
    runs = notebooks.runs(ROOT, processed, COHORT, found)
    notebooks.tidy(processed, COHORT, found, runs)
    for run in runs:
        if everything or not run.target.exists():
            notebooks.execute(run, found)
    page = open_page(COHORT, str(found.folder))
    folder = processed / "notebooks" / COHORT
    # Chapters show copies, whose charts get the brand's colours.
    shown = f"{chapters.FOLDER}/notebooks"
    books = chapters.expand(
        page,
        ROOT,
        folder,
        shown,
        # Quarto reads the first page, and what it includes, before this step has run.
        summary=f"{chapters.FOLDER}/{chapters.SUMMARY}.qmd",
    )
    book = next((b for b in books if b.document and b.document.id == DOCUMENT), None)
    if book is None:
        raise AnalystError(
            f"The study has no {DOCUMENT} report.",
            where="--profile",
            fix="Name one of " + ", ".join(b.document.id for b in books if b.document) + ".",
        )
    book.write(ROOT)
    shutil.rmtree(ROOT / shown, ignore_errors=True)
    stage.copy_notebooks(book, folder, shown, ROOT)
    stage.write_list(book, found, ROOT)
    stage.copy_beside(page, ROOT, ROOT)
    stage.copy_plotly(ROOT)
    resources.lay_out(ROOT)
    named = study.read_yaml(ROOT / "_quarto.yml")["brand"]
    stage.write_look(stage.read_brand(ROOT, named), ROOT, ROOT / shown)


def said() -> str | None:
    """Do it, and return what an analyst has to put right, if anything."""
    sys.path.insert(0, str(ROOT))
    from analysis.errors import AnalystError

    try:
        main()
    except AnalystError as error:
        return "\n".join(error.lines())
    except ModuleNotFoundError as error:
        return (
            f"The Python that Quarto found has no package '{error.name}'.\n"
            f"  where: {sys.executable}\n"
            "  to do: Activate the project's environment (README.md says how it is made) and render "
            "again, or name its Python in QUARTO_PYTHON."
        )
    return None


if __name__ == "__main__":
    sys.exit(said())
