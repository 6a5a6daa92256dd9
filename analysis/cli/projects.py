"""A study's folder: begun, filled, brought to the newest version."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated, Any

import typer

from analysis.cli.options import (
    DEFAULT_STUDY,
    StudyFolder,
    for_analysts,
    shown,
)
from analysis.errors import AnalystError
from analysis.places import project_root

app = typer.Typer()


@app.command()
@for_analysts
def init(
    folder: Annotated[Path, typer.Argument(help="A folder that is not there yet, or is empty.")],
    title: Annotated[str, typer.Option(help="The programme's name.")] = "",
    organisation: Annotated[str, typer.Option(help="Who evaluates it.")] = "",
    programme: Annotated[str, typer.Option(help="As used inside a sentence.")] = "",
    population: Annotated[
        list[str] | None,
        typer.Option(metavar="ID", help="staff, pupils, parents, governors, or ID:adults."),
    ] = None,
    phase: Annotated[
        list[str] | None,
        typer.Option(metavar="ID", help="Groups of schools to compare; two or more, or none."),
    ] = None,
    strand: Annotated[
        list[str] | None,
        typer.Option(metavar="ID", help="Evidence beside the surveys; all, or none."),
    ] = None,
    schools: Annotated[int, typer.Option(help="How many invented schools.")] = 0,
    year: Annotated[int, typer.Option(help="In which the school year begins.")] = 0,
    yes: Annotated[bool, typer.Option("--yes", help="Ask nothing; defaults for the rest.")] = False,
) -> None:
    """Make a project for a programme of your own, with invented data to begin with.

    Examples:

    drp init my-programme

    drp init my-programme --title "Calm Schools" --population staff --population parents --yes
    """
    from analysis import scaffold
    from analysis.strands import BY_ID

    def answer(given: Any, question: str, default: Any) -> Any:
        return given or (default if yes else typer.prompt(question, default=default))

    def several(given: list[str] | None, question: str, default: str) -> list[str]:
        text = ",".join(given) if given else answer("", question, default)
        names = [part.strip() for part in text.split(",") if part.strip()]
        return {"none": [], "all": list(BY_ID)}.get(",".join(names), names)

    scaffold.refuse_used(folder)
    name = folder.resolve().name.replace("-", " ").replace("_", " ").strip()
    answers = {
        "title": answer(title, "The programme's name", name[:1].upper() + name[1:] or "Programme"),
        "organisation": answer(organisation, "Who evaluates it", "Evaluation team"),
        "programme": answer(programme, "What it is called inside a sentence", "the programme"),
        "populations": several(
            population, "Who is asked (staff, pupils, parents …)", "staff,pupils"
        ),
        "phases": several(phase, "Groups of schools to compare, or none", "primary,secondary"),
        "strands": several(strand, f"Other evidence ({', '.join(BY_ID)}; all; none)", "all"),
    }
    fewest = max(6, 3 * len(answers["phases"]))
    answers["schools"] = answer(schools, "How many invented schools to begin with", fewest)
    this = dt.date.today().year - (dt.date.today().month < 8)
    answers["year"] = answer(year, "In which year does the school year begin", this)
    made = scaffold.make(folder, scaffold.planned(**answers))
    typer.echo(f"{len(made)} files written to {folder}; its README says how to go on.")
    typer.echo(f"Now: cd {folder}, then drp render.")


@app.command()
@for_analysts
def copy(
    name: Annotated[
        str, typer.Argument(help="A notebook, template or style of the package; none: list them.")
    ] = "",
) -> None:
    """Copy one of the package's notebooks, templates or styles into the project, to be changed.

    Example: drp copy notebooks/response.ipynb
    """
    from analysis import resources

    root = project_root()
    if not name:
        for each in resources.names():
            own = resources.find(root, each) == root / each
            typer.echo(f"{each}{'    (the project has its own)' if own else ''}")
        return
    try:
        typer.echo(f"{shown(resources.copy_own(root, name))} is yours to change.")
    except LookupError:
        raise AnalystError(
            f"The package brings no '{name}'.",
            where=f"drp copy {name}",
            fix="drp copy, without a name, lists what it brings.",
        ) from None
    except FileExistsError:
        raise AnalystError(
            f"The project has a {name} of its own already.",
            where=str(root / name),
            fix="Change it there; or take it away first, to begin again with the package's.",
        ) from None


@app.command()
@for_analysts
def upgrade(study: StudyFolder = DEFAULT_STUDY) -> None:
    """Write version 2 of a study file of version 1, comments kept; the old one is kept beside it.

    Example: drp upgrade --study data/raw
    """
    from analysis.term import edit

    kept = edit.upgraded(study)
    path = study / "study.yaml"
    typer.echo(
        f"{path} is of version 2 already."
        if kept is None
        else f"{path} is of version 2 now; the file of version 1 is {kept}."
    )
