"""What commands share: options, how they end, and how they name things."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Annotated, Any

import typer

from analysis import places
from analysis.errors import AnalystError, of_the_machine

StudyFolder = Annotated[
    Path, typer.Option("--study", metavar="FOLDER", help="The study's folder, with study.yaml.")
]
Baseline = Annotated[str, typer.Option(help="Wave to start from (default: the study file's).")]
Followup = Annotated[str, typer.Option(help="Wave to compare with it (default: the study file's).")]
Units = Annotated[
    list[str] | None,
    typer.Option(
        "--unit",
        metavar="cohort|SCHOOL|all",
        help="May be given several times; a pattern (S1*), or a file of them (@late.txt).",
    ),
]
Start = Annotated[
    str,
    typer.Option(metavar="YYYY-MM-DD", help="First day of the term; default: 4 months back."),
]
Jobs = Annotated[int, typer.Option(min=1, help="Units worked on at the same time.")]
Cluster = Annotated[
    str, typer.Option(metavar="ADDRESS", help="A Dask scheduler, instead of --jobs.")
]
Day = Annotated[str, typer.Option("--date", metavar="YYYY-MM-DD", help="Default: today.")]
DEFAULT_STUDY = Path("data/raw")


def for_analysts(command: Callable[..., None]) -> Callable[..., None]:
    """Print an :class:`AnalystError` as a message, and exit with 1."""

    @wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> None:
        try:
            command(*args, **kwargs)
        except (AnalystError, OSError, MemoryError) as error:
            found = error if isinstance(error, AnalystError) else of_the_machine(error)
            if found is None:
                raise
            for line in found.lines():
                typer.echo(line, err=True)
            raise typer.Exit(1) from None

    return wrapped


def alone(command: Callable[..., None]) -> Callable[..., None]:
    """Let one command at a time write what is made of a study."""

    @wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> None:
        with places.alone(kwargs["study"]):
            command(*args, **kwargs)

    return wrapped


def chosen_of(values: list[str], allowed: tuple[str, ...], option: str) -> Any:
    for value in values:
        if value not in allowed:
            raise AnalystError(
                f"'{value}' is not possible here.",
                where=f"{option} {','.join(values)}",
                fix=f"Use {' or '.join(allowed)}.",
            )
    return tuple(dict.fromkeys(values))


def refuse_existing(path: Path) -> None:
    if path.exists():
        raise AnalystError(
            f"{path.name} exists already.",
            where=str(path),
            fix="Remove it first, or name another file.",
        )


def shown(path: Path) -> str:
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def seconds_since(started: float) -> str:
    return f"{time.monotonic() - started:.0f} s"


def day_of(text: str, option: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise AnalystError(
            f"'{text}' is no date.", where=option, fix="Write it as 2032-07-01."
        ) from None
