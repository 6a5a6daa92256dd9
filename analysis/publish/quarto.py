"""Render a staged project with Quarto, where it is installed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from analysis.errors import AnalystError

MINIMUM = (1, 9)
TARGETS = {"html": "html", "pdf": "typst"}
GET_QUARTO = (
    "Quarto is a free program: get it from quarto.org (version 1.9 or later), or with conda "
    "(conda env create -f environment.yml)."
)


def find() -> Path | None:
    """The Quarto program, if there is one recent enough."""
    path = shutil.which("quarto")
    if path is None:
        return None
    version = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
    numbers = re.findall(r"\d+", version.stdout)
    return Path(path) if tuple(map(int, numbers[:2])) >= MINIMUM else None


def render(project: Path, output: Path, formats: Sequence[str], epoch: int) -> list[Path]:
    """Render the project folder, and move what it makes to ``output``.

    Parameters
    ----------
    project
        A folder made by :func:`analysis.publish.stage.stage`.
    output
        The folder to fill.
    formats
        ``html``, ``pdf`` or both; both in one call, because a second call would clean away
        what the first made.
    epoch
        The edition's date in seconds since 1970, for the PDF's dates.

    Raises
    ------
    AnalystError
        If Quarto is missing, fails, or warns: a missing cross-reference is only a warning to
        Quarto, but a mistake in a report.
    """
    program = find()
    if program is None:
        raise AnalystError(
            "Quarto 1.9 or later was not found.",
            where="--renderer quarto",
            fix=GET_QUARTO + " Or leave out --renderer, and the built-in renderer is used.",
        )
    targets = ",".join(TARGETS[name] for name in formats)
    done = subprocess.run(
        [str(program), "render", ".", "--to", targets],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ
        | {"SOURCE_DATE_EPOCH": str(epoch), "QUARTO_PYTHON": sys.executable, "NO_COLOR": "1"},
    )
    log = done.stdout + done.stderr
    warnings = [line for line in log.splitlines() if re.search(r"\bWARN(ING)?\b", line)]
    if done.returncode != 0 or warnings:
        shown = warnings or log.strip().splitlines()[-15:]
        raise AnalystError(
            ("Quarto failed:" if done.returncode else "Quarto warned, and a warning is a mistake:")
            + "".join(f"\n    {line}" for line in shown),
            where=str(project),
            fix="Look for the text named above in the chapters (index.qmd, report/).",
        )
    made = project / "_output"
    _flatten(made)
    for path in sorted(made.iterdir()):
        shutil.move(str(path), output / path.name)
    return [path for path in (output / "index.html", output / "report.pdf") if path.exists()]


def _flatten(made: Path) -> None:
    """A school's one document lies where its source lay; it belongs at the top."""
    pages = made / "report"
    if (made / "index.html").exists() or not pages.is_dir():
        return
    for path in sorted(pages.iterdir()):
        name = {"school.html": "index.html", "school.pdf": "report.pdf"}.get(path.name, path.name)
        shutil.move(str(path), made / name)
    pages.rmdir()
