"""What it earns that a process that makes reports looks for garbage less often than Python does.

    python benchmarks/garbage.py [study] [schools]

Makes reports of some schools of a released study in this process, each with Python's own threshold and
with :data:`analysis.memory.THINGS`, in turns. Prints the means of the processor time, and the most
memory that was resident at the end of a report with each.
"""

from __future__ import annotations

import gc
import shutil
import statistics
import sys
import time
from pathlib import Path

import psutil

from analysis import memory
from analysis import study as studies
from analysis.disclosure import store
from analysis.places import processed, project_root
from analysis.prepare import schools
from analysis.publish import incremental, shell
from analysis.publish.unit import UnitTask

COLD = 3  # fill caches


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "data/raw").resolve()
    number = int(sys.argv[2]) if len(sys.argv) > 2 else 8
    study = studies.load(folder)
    task = UnitTask(study, project_root(folder), ("html", "pdf"), "pandoc", "warm")
    own = gc.get_threshold()[0]
    shell.warm_up()
    seconds: dict[int, list[float]] = {own: [], memory.THINGS: []}
    resident: dict[int, list[int]] = {own: [], memory.THINGS: []}
    for place, unit in enumerate(store.units(schools.read(study))[1 : 1 + COLD + number]):
        for things in seconds:
            gc.set_threshold(things)
            incremental.report_record(processed(folder), unit).unlink(missing_ok=True)
            for part in ("notebooks", "drawings"):
                shutil.rmtree(processed(folder) / incremental.STATE / part, ignore_errors=True)
            started = time.process_time()
            task(unit)
            if place >= COLD:
                seconds[things].append(time.process_time() - started)
                resident[things].append(psutil.Process().memory_info().rss)
    for things, each in seconds.items():
        print(f"every {things:6,}: {statistics.mean(each):.2f} s a report, "
              f"{max(resident[things]) / 2**20:.0f} MB")  # fmt: skip


if __name__ == "__main__":
    main()
