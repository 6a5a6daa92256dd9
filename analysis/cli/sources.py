"""Where numbers come from, and what it takes to make them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from analysis.cli.options import (
    DEFAULT_STUDY,
    StudyFolder,
    alone,
    chosen_of,
    for_analysts,
)
from analysis.places import project_root

app = typer.Typer()


@app.command()
@for_analysts
def reproduce(study: StudyFolder = DEFAULT_STUDY) -> None:
    """Compare the published figures with the ones computed last.

    Example: drp run && drp reproduce
    """
    from analysis import reproduction
    from analysis import study as studies
    from analysis.prepare import schools

    found = studies.load(study)
    schools.refuse_unsafe_ids(found)
    compared = reproduction.read(found)
    for line in reproduction.summary_lines(compared):
        typer.echo(line)
    if any(each.state == reproduction.UNEXPLAINED for each in compared):
        raise typer.Exit(1)


@app.command()
@for_analysts
def trace(
    identity: Annotated[str, typer.Argument(metavar="ID", help="A number's id in the ledger.")],
    unit: Annotated[
        str, typer.Option(metavar="cohort|SCHOOL", help="Whose number it is.")
    ] = "cohort",
    study: StudyFolder = DEFAULT_STUDY,
) -> None:
    """Say where a number comes from: question, method, and the rows of the raw files behind it.

    A page says a number's id when the number is pressed. What is withheld is not told.

    Example: drp trace staff.wellbeing.level.total.t2.all.mean --unit S01
    """
    from analysis import tracing, whole

    for line in tracing.lines(tracing.trace(whole.load(study), identity, unit)):
        typer.echo(line)


@app.command()
@for_analysts
def audit(
    file: Annotated[Path, typer.Argument(help="CSV of printed statistics (see docs/audit.md).")],
    out: Annotated[Path | None, typer.Option(help="Also write the verdicts to this CSV.")] = None,
) -> None:
    """Check whether the printed statistics of any report are arithmetically possible.

    Example: drp audit printed.csv --out verdicts.csv
    """
    from analysis import audit as auditing

    verdicts = auditing.audit_file(file)
    for line in auditing.summary_lines(verdicts):
        typer.echo(line)
    if out is not None:
        verdicts.to_csv(out, index=False, lineterminator="\n")


@app.command()
@for_analysts
@alone
def demo(
    study: StudyFolder = DEFAULT_STUDY,
    seed: Annotated[int, typer.Option(help="Seed of the synthetic data.")] = 20180731,
) -> None:
    """Make the demonstration study's synthetic files again.

    Example: drp demo --study data/raw
    """
    from analysis import demo as demonstration
    from analysis.demo import ignore

    files = demonstration.make(study, seed)
    ignore.write(study, project_root(study))
    typer.echo(f"{len(files)} synthetic files written to {study}.")


@app.command()
@for_analysts
def bench(
    study: StudyFolder = DEFAULT_STUDY,
    only: Annotated[
        list[str] | None,
        typer.Option(metavar="MEASURE", help="One measure; may be given several times."),
    ] = None,
    repeats: Annotated[int, typer.Option(min=1, help="Each is a median of so many.")] = 3,
    full: Annotated[bool, typer.Option(help="All schools, not four of them.")] = False,
    output: Annotated[Path, typer.Option(metavar="FOLDER")] = Path("benchmarks"),
) -> None:
    """Measure how fast reports are made. Takes an hour; --only makes it shorter.

    Examples:

    drp bench                           everything that has a bar

    drp bench --only help --only render two of the measures
    """
    from analysis import bench as measuring

    chosen = chosen_of(only, measuring.MEASURES, "--only") if only else measuring.USUAL
    measuring.run(study, output, chosen, repeats, full=full, say=typer.echo)
