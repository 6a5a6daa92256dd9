"""What became of the units of a run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pandas as pd

from analysis.errors import AnalystError
from analysis.publish.unit import Made


@dataclass
class Outcome:
    """What became of the units: where each report is, or why it is not.

    ``summary`` is the file that says so (:meth:`summarised`).
    """

    renderer: Literal["quarto", "pandoc"]
    summary: Path
    released: pd.DataFrame | None = None
    made: dict[str, Made] = field(default_factory=dict)
    failed: dict[str, AnalystError] = field(default_factory=dict)

    @contextmanager
    def summarised(self, units: Sequence[str]) -> Iterator[None]:
        """When all is done, or stopped, write what became of each unit, and a list of the failed.

        ``summary.csv`` has columns ``unit``, ``state`` (made, as it was, failed, not reached),
        ``why`` and ``where`` (the first page, or the place of the error); ``failed.txt``, for
        ``--unit @failed.txt``, is there only if a unit failed.
        """
        try:
            yield
        finally:
            self._summarise(units)

    def _summarise(self, units: Sequence[str]) -> None:
        rows: list[tuple[str, str, str, str]] = []
        for unit in units:
            if unit in self.failed:
                error = self.failed[unit]
                rows.append((unit, "failed", error.what, error.where))
            elif unit in self.made:
                made = self.made[unit]
                state = "made" if made.reasons else "as it was"
                where = str(made.files[0]) if made.files else ""
                rows.append((unit, state, "; ".join(made.reasons), where))
            else:
                rows.append((unit, "not reached", "", ""))
        self.summary.parent.mkdir(parents=True, exist_ok=True)
        columns = ["unit", "state", "why", "where"]
        found = pd.DataFrame(rows, columns=columns)
        found.to_csv(self.summary, index=False, lineterminator="\n")
        failed = self.summary.with_name("failed.txt")
        failed.unlink(missing_ok=True)
        if self.failed:
            failed.write_text("\n".join(self.failed) + "\n", encoding="utf-8")
