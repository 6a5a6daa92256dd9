"""What it earns that a command that ends does not look through all that it has for garbage.

    python benchmarks/ending.py [turns]

Imports what ``drp render`` imports and starts Dask, in a process of its own, with the command's own way
of ending (:mod:`analysis.cli`) and without, in turns. Prints the medians of the seconds from the last
line of the program to its end.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

CODE = """
import atexit, gc, sys, time
import analysis.cli, analysis.compute, analysis.pipeline, distributed
if sys.argv[1] == "without":
    atexit.unregister(gc.freeze)
print(time.time())
"""


def ending(way: str) -> float:
    """Seconds that a process takes to end."""
    made = subprocess.run(
        [sys.executable, "-c", CODE, way], capture_output=True, text=True, check=True
    )
    return time.time() - float(made.stdout)


def main() -> None:
    turns = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    found: dict[str, list[float]] = {"with": [], "without": []}
    for _ in range(turns):
        for way, seconds in found.items():
            seconds.append(ending(way))
    for way, seconds in found.items():
        print(f"{way:8} {statistics.median(seconds):.2f} s")


if __name__ == "__main__":
    main()
