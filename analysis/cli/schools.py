"""What goes to schools, and what comes back from them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from analysis.cli.options import (
    DEFAULT_STUDY,
    Baseline,
    Followup,
    Start,
    StudyFolder,
    Units,
    alone,
    day_of,
    for_analysts,
    shown,
)

app = typer.Typer()


@app.command()
@for_analysts
@alone
def forms(
    unit: Annotated[
        list[str] | None,
        typer.Option("--unit", metavar="SCHOOL", help="May be given several times; none: all."),
    ] = None,
    start: Start = "",
    study: StudyFolder = DEFAULT_STUDY,
) -> None:
    """Write each school's return workbook for the edition's term, last term's entries filled in.

    Example: drp forms --start 2018-04-01
    """
    from analysis import forms as returns
    from analysis import study as studies

    found = studies.load(study)
    term = returns.period(found, day_of(start, "--start") if start else None)
    made = returns.forms(found, term, unit or ())
    typer.echo(
        f"{len(made)} form{'s' if len(made) > 1 else ''} for {term.term} ({term.start} to "
        f"{term.end}): {shown(made[0].parent)}."
    )


@app.command()
@for_analysts
@alone
def collect(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Forms that came back.")],
    start: Start = "",
    invented: Annotated[
        bool, typer.Option(help="The returns are invented, like the files they go into.")
    ] = False,
    study: StudyFolder = DEFAULT_STUDY,
) -> None:
    """Read the forms that came back into the study's tables; say who is missing and what is wrong.

    A file with a mistake is not used at all. Originals are kept; reminders are written as text.

    Example: drp collect ~/Downloads/returns
    """
    from analysis import forms as returns
    from analysis import study as studies

    found = studies.load(study)
    term = returns.period(found, day_of(start, "--start") if start else None)
    done = returns.collect(found, term, folder, invented=invented)
    for line in returns.lines(done):
        typer.echo(line)
    typer.echo(
        f"\nTables changed: {len(done.tables)}; schools missing: {len(done.missing)}; files not used: "
        f"{len(done.refused)}."
    )
    if done.refused:
        raise typer.Exit(1)


@app.command()
@for_analysts
@alone
def pack(
    unit: Units = None,
    study: StudyFolder = DEFAULT_STUDY,
    baseline: Baseline = "",
    followup: Followup = "",
) -> None:
    """Make session packs of released results: slides, handout, self-assessment.

    Examples:

    drp pack --unit S01          one school's session

    drp pack --unit cohort       the steering group's
    """
    from analysis import pipeline, releasing, whole
    from analysis import study as studies
    from analysis.disclosure import store
    from analysis.publish import packs

    found = studies.load(study).with_waves(baseline, followup)
    table = whole.schools(found)
    units = store.chosen(unit or (), table)

    def made(name: str, files: list[Path]) -> None:
        typer.echo(f"{name:8} {shown(files[0].parent)}: {', '.join(path.name for path in files)}")

    if not releasing.is_released(found):
        pipeline.release(found)
    packs.of_units(found, units, made)


@app.command()
@for_analysts
@alone
def withdraw(
    code: Annotated[str, typer.Argument(help="The respondent's code, as they wrote it.")],
    study: StudyFolder = DEFAULT_STUDY,
    survey: Annotated[str, typer.Option(help="Only of this survey.")] = "",
    school: Annotated[str, typer.Option(help="Only of this school.")] = "",
) -> None:
    """Remove one person from everything processed; the next edition counts the withdrawal.

    Example: drp withdraw MB14 --survey staff
    """
    from analysis import study as studies
    from analysis.term import withdrawal

    found, again = withdrawal.withdraw(studies.load(study), code, survey, school)
    for row in found.to_dict("records"):
        typer.echo(f"{row['file']}: {row['rows']} row{'s' if row['rows'] != 1 else ''} set aside")
    if not again:
        typer.echo("Render again. No edition on record counts this person.")
        return
    typer.echo("Render again, publish, and ask for the old reports back. To send again:")
    for publication, reports in again.items():
        typer.echo(f"  {publication}: {', '.join(reports)}")
