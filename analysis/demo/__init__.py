"""The demonstration study: invented schools, people and answers that add up to printed figures.

The real evaluation's data are not public. What is here was made up so that the pipeline, run
over it, gives the figures which the real report printed. That shows that the printed figures
are possible together; it does not show that the real data looked like this.
"""

from __future__ import annotations

import importlib
import importlib.util
from pathlib import Path

from analysis.demo import audit, delivery, reference, surveys
from analysis.prepare.guard import is_data

#: Recorded so that the files in the repository can be made again, byte for byte.
SEED = 20180731

#: The study folder of this repository: study file, instruments and mappings written by hand.
REPOSITORY_STUDY = Path(__file__).resolve().parents[2] / "data" / "raw"


def make(folder: Path, seed: int = SEED) -> list[str]:
    """Write the generated files of the demonstration study into ``folder``.

    The study file, instruments and mappings are taken from ``folder``, or, if it has no
    ``study.yaml``, from this repository's study. ``SYNTHETIC`` lists every data file of the
    folder, made here or written by hand: nothing in it is about real people.

    Returns
    -------
    list of str
        Names of the files written, sorted.
    """
    folder.mkdir(parents=True, exist_ok=True)
    source = folder if (folder / "study.yaml").exists() else REPOSITORY_STUDY
    written = audit.write(folder, seed) + reference.write(folder) + delivery.write(folder, seed)
    if importlib.util.find_spec("analysis.demo.qualitative") is not None:
        qualitative = importlib.import_module("analysis.demo.qualitative")
        written += qualitative.write(folder, seed)
    # A study file that says that data are synthetic is not read before some of them are.
    _list(folder)
    written += surveys.write(folder, source, seed)
    _list(folder)
    return sorted({*written, "SYNTHETIC"})


def _list(folder: Path) -> None:
    """Write ``SYNTHETIC``."""
    data = sorted(
        str(path.relative_to(folder).as_posix())
        for path in folder.rglob("*")
        if path.is_file() and is_data(str(path.relative_to(folder)))
    )
    (folder / "SYNTHETIC").write_text("".join(f"{name}\n" for name in data), encoding="utf-8")
