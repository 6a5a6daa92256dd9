"""The peak memory of a release by its phases: of the command's process, and of its largest worker.

    python benchmarks/memory.py 600 --jobs 2

makes a study of so many schools, 20 at least (:mod:`analysis.demo.scale`), releases it once, and prints
seconds and MB. A process's memory is what it has resident, looked at every 50 ms; "between" is what it
has before, between and after the phases.
"""

from __future__ import annotations

import argparse
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import psutil

from analysis import compute, pipeline, releasing
from analysis import study as studies
from analysis.demo import scale
from analysis.disclosure import store

#: What is timed: where it is looked up, under which name.
PHASES: tuple[tuple[Any, str], ...] = (
    (pipeline, "prepare"), (compute, "asked"), (compute, "computed"), (releasing, "read"),
    (releasing, "decide"), (store, "write"),
)  # fmt: skip
MB = 2**20


class Watch:
    """Looks at this process and its children until it is told to stop."""

    def __init__(self) -> None:
        self.phase = ["between"]
        self.own: dict[str, int] = defaultdict(int)
        self.worker: dict[str, int] = defaultdict(int)
        self.seconds: dict[str, float] = defaultdict(float)
        self.going = True

    def look(self) -> None:
        me = psutil.Process()
        while self.going:
            phase = self.phase[-1]
            self.own[phase] = max(self.own[phase], me.memory_info().rss)
            for child in me.children(recursive=True):
                try:
                    self.worker[phase] = max(self.worker[phase], child.memory_info().rss)
                except psutil.Error:
                    continue
            time.sleep(0.05)

    def over(self, module: Any, name: str) -> None:
        """Note when a function begins and ends."""
        function: Callable[..., Any] = getattr(module, name)

        def noted(*args: Any, **more: Any) -> Any:
            self.phase.append(name)
            began = time.perf_counter()
            try:
                return function(*args, **more)
            finally:
                self.seconds[name] += time.perf_counter() - began
                self.phase.pop()

        setattr(module, name, noted)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    asked.add_argument("schools", type=int)
    asked.add_argument("--jobs", type=int, default=2)
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        # Elsewhere: what making it takes is none of the command's.
        with ProcessPoolExecutor(1, get_context("spawn")) as apart:
            made = apart.submit(scale.make, Path("data/raw"), Path(folder), given.schools).result()
        study = studies.load(made)
        watch = Watch()
        for module, name in PHASES:
            watch.over(module, name)
        looking = threading.Thread(target=watch.look, daemon=True)
        looking.start()
        rows = len(pipeline.release(study, given.jobs))
        watch.going = False
        looking.join()
    print(f"{given.schools} schools, {rows:,} results")
    for phase in watch.own:
        print(
            f"{phase:10} {watch.seconds[phase]:8.1f} s {watch.own[phase] // MB:6} MB, "
            f"a worker {watch.worker[phase] // MB:6} MB"
        )


if __name__ == "__main__":
    main()
