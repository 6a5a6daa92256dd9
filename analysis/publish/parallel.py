"""Do one thing for many units, several at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from typing import TypeVar

from analysis.errors import AnalystError

T = TypeVar("T")


def each(
    task: Callable[[str], T], units: Sequence[str], jobs: int
) -> Iterator[tuple[str, T | AnalystError]]:
    """``task(unit)`` for every unit, in worker processes; results in order of completion.

    An :class:`AnalystError` is that unit's result; it stops no other unit.
    """
    # Started afresh rather than forked: the parent has threads (Arrow) by now.
    with ProcessPoolExecutor(max_workers=max(1, jobs), mp_context=get_context("spawn")) as pool:
        futures = {pool.submit(task, unit): unit for unit in units}
        for future in as_completed(futures):
            try:
                yield futures[future], future.result()
            except AnalystError as error:
                yield futures[future], error
