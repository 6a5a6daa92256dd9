"""A unit's notebooks are executed again one by one: those of which something changed.

What an executed notebook was made from stands beside the records of reports: a hash of its causes, the
released rows that it asked for, the drawings that it used. One of which all is as it was is kept,
whatever happened to others and whether or not the report was made in the end.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from analysis.disclosure import store
from analysis.language import ENGLISH, lacked, now
from analysis.places import inside
from analysis.present.page import Page
from analysis.publish import incremental, notebooks
from analysis.publish.notebooks import Engine, Run

#: Rows of a release, by unit and id.
Rows = set[tuple[str, str]]


@dataclass(frozen=True)
class Used:
    """What a part of a unit's work asked for: rows; and by language which messages a catalogue
    lacked."""

    rows: Rows = field(default_factory=set)
    lacked: dict[str, set[str]] = field(default_factory=dict)

    def __or__(self, other: Used) -> Used:
        both = {*self.lacked, *other.lacked}
        return Used(
            self.rows | other.rows,
            {code: self.lacked.get(code, set()) | other.lacked.get(code, set()) for code in both},
        )


@contextmanager
def noted(pages: Mapping[str, Page]) -> Iterator[Used]:
    """What is asked for of pages, by language, and lacks in their languages while this lasts."""
    for language, page in pages.items():
        page.rows.read.clear()
        lacked(language).clear()
    found = Used()
    yield found
    for language, page in pages.items():
        found.rows.update(page.rows.read)
        if language != ENGLISH:
            found.lacked[language] = set(lacked(language))


@dataclass(frozen=True)
class Executing:
    """Executes a unit's notebooks in the language that is spoken, where they are not as they would be.

    Parameters
    ----------
    page
        The unit's page.
    causes
        Everything but released rows that its report is made from (:func:`incremental.report_causes`).
    engine
        Of Papermill.
    """

    page: Page
    causes: incremental.Hashes
    engine: Engine

    @cached_property
    def _state(self) -> Path:
        return inside(store.processed(self.page.study), incremental.STATE)

    def _place(self, kind: str) -> Path:
        return inside(self._state, kind, f"{self.page.unit}.{now()}")

    def _record(self, run: Run) -> Path:
        return inside(self._place("notebooks"), *run.about, f"{run.notebook.stem}.json")

    def _made_from(self, run: Run) -> str:
        """One hash of what may be another for this notebook, but rows."""
        mine = {
            name: found
            for name, found in self.causes.items()
            if name == f"notebook {run.notebook.name}"
            or name.split()[0] not in ("notebook", *incremental.PAGES_ONLY)
        }
        return incremental.together({**mine, "parameters": repr(run.about)})

    def stale(self, runs: Sequence[Run]) -> list[Run]:
        """Those of the runs that have to be executed."""
        return [run for run in runs if not self._is_fresh(run)]

    def _is_fresh(self, run: Run) -> bool:
        record = incremental.read(self._record(run))
        return (
            bool(record)
            and record["made from"] == self._made_from(run)
            and record["made"] == incremental.file_hash(run.target)
            and record["rows"]
            == incremental.row_hashes(self.page.rows, map(incremental.key_of, record["rows"]))
        )

    def execute(self, runs: Sequence[Run]) -> None:
        """Execute those of the runs that have to be."""
        # Only here and below: who has others execute notebooks draws nothing.
        from analysis.present import drawings

        for run in self.stale(runs):
            with noted({now(): self.page}) as used, drawings.kept(self._place("drawings")) as kept:
                notebooks.execute(run, self.page.study, self.engine)
            # What a process of its own asked for is not known here.
            rows = {incremental.EVERY_ROW} if self.engine == "stock" else used.rows
            record: dict[str, Any] = {
                "made from": self._made_from(run),
                "made": incremental.file_hash(run.target),
                "rows": incremental.row_hashes(self.page.rows, rows),
                "lacked": {code: sorted(found) for code, found in used.lacked.items()},
                "drawings": sorted(kept.used),
            }
            incremental.write(self._record(run), record)

    def used(self, runs: Sequence[Run]) -> Used:
        """What all the runs used, whenever they were executed; of others nothing is left."""
        from analysis.present import drawings

        notebooks.tidy(store.processed(self.page.study), self.page.unit, self.page.study, runs)
        found, drawn = Used(), set()
        for run in runs:
            record = incremental.read(self._record(run))
            found |= Used(
                set(map(incremental.key_of, record["rows"])),
                {code: set(messages) for code, messages in record["lacked"].items()},
            )
            drawn |= set(record["drawings"])
        drawings.Kept(self._place("drawings")).tidy(drawn)
        return found
