"""The command line: thin. Each command is one call of what does it."""

from __future__ import annotations

import atexit
import gc

import typer

from analysis import memory
from analysis.cli import editions, exports, projects, reports, schools, sources
from analysis.cli.options import DEFAULT_STUDY

# Heavy modules are imported inside the commands, so that --help is quick; and most of what they make
# stays.
memory.look_seldom()

# A process that ends looks through all that it has for garbage; the system takes it all anyway
# (benchmarks/ending.py says what this earns).
atexit.register(gc.freeze)

app = typer.Typer(
    help="Evaluation reports for whole-school programmes: raw exports in, reports out.",
    invoke_without_command=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for commands in (reports, editions, exports, projects, schools, sources):
    app.add_typer(commands.app)
app.add_typer(exports.wave_app, name="wave")
app.add_typer(editions.edition_app, name="edition")


@app.callback()
def main(context: typer.Context) -> None:
    """Evaluation reports for whole-school programmes: raw exports in, reports out.

    drp alone says what to do next in this folder.
    """
    if context.invoked_subcommand is None:
        _what_next()


def _what_next() -> None:
    if not (DEFAULT_STUDY / "study.yaml").exists():
        typer.echo(f"There is no study in {DEFAULT_STUDY}.")
        typer.echo("To begin one: drp init FOLDER. Everything else: drp --help.")
        return
    from analysis.term.status import status as look

    typer.echo(f"Next: {look(DEFAULT_STUDY).next}")
    typer.echo("Where the study stands: drp status. Everything else: drp --help.")
