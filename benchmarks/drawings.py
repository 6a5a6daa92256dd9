"""What it takes to describe a canvas, against drawing it: what is drawn again is found by the first.

    python benchmarks/drawings.py cohort S14

makes reports of the demonstration anew in this process, and prints processor time of both, in turns
of the same run, for all their drawings.
"""

from __future__ import annotations

import argparse
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure as Canvas

from analysis import study as studies
from analysis.places import processed, project_root
from analysis.present import drawings
from analysis.publish import incremental, shell
from analysis.publish.unit import UnitTask

SPENT: dict[str, list[float]] = {"described": [], "drawn": []}


def timed(what: str, call: Callable[[], Any]) -> Any:
    started = time.process_time()
    found = call()
    SPENT[what].append(time.process_time() - started)
    return found


def drawn(canvas: Canvas, name: str, draw: Callable[[], str]) -> str:
    timed("described", lambda: drawings.content(canvas, name))
    svg: str = timed("drawn", draw)
    return svg


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    asked.add_argument("units", nargs="+")
    units = asked.parse_args().units
    folder = Path("data/raw")
    study, root = studies.load(folder), project_root(folder)
    task = UnitTask(study, root, ("html", "pdf"), "pandoc", "warm")
    shell.warm_up()
    drawings.drawn = drawn
    for unit in units:
        for times in SPENT.values():
            times.clear()
        shutil.rmtree(processed(folder) / incremental.STATE, ignore_errors=True)
        task(unit)
        described, made = (sum(times) for times in SPENT.values())
        print(
            f"{unit}: {len(SPENT['drawn'])} drawings, {made:.2f} s to draw "
            f"({1000 * made / len(SPENT['drawn']):.0f} ms each), {described:.2f} s to describe"
        )


if __name__ == "__main__":
    main()
