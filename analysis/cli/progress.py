"""How far a command is."""

from __future__ import annotations

import sys
import time
from typing import Any, Self

import typer

#: Of so many pieces of computing a line says how far it is, where there is no terminal.
MANY_PIECES = 200


class Progress:
    """How far computing and reports are, and the time left: a bar for each on a terminal.

    Elsewhere a plain line for each unit, and for each tenth of computing if that is long.
    """

    def __init__(self, units: int) -> None:
        self.units, self.done, self.before = units, 0, 0
        self.began = time.monotonic()
        self.bar: Any = None

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

            self.bar = Progress(
                "{task.description}", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
            )
            self.bar.start()
            self.computing = self.bar.add_task("computing", visible=False)
            self.reports = self.bar.add_task("reports", total=self.units, visible=self.units > 0)
        return self

    def computed(self, done: int, of: int) -> None:
        """So many of so many pieces are computed."""
        if self.bar is not None:
            self.bar.update(self.computing, completed=done, total=of, visible=True)
        elif of >= MANY_PIECES and done * 10 // of > (done - 1) * 10 // of:
            typer.echo(f"{done} of {of} pieces computed")

    def begin(self) -> None:
        """From now on reports are made, and not only found to be as they were."""
        self.began, self.before = time.monotonic(), self.done

    def advance(self, unit: str) -> None:
        """One more unit is done."""
        self.done += 1
        if self.bar is not None:
            self.bar.update(self.reports, completed=self.done)
            return
        left, made = self.units - self.done, self.done - self.before
        took = time.monotonic() - self.began
        expected = f", about {left * took / made:.0f} s left" if left and made and took > 1 else ""
        typer.echo(f"{self.done} of {self.units}: {unit}{expected}")

    def __exit__(self, *exception: object) -> None:
        if self.bar is not None:
            self.bar.stop()
