"""What a study gives: its exports prepared, its results, its reports."""

from __future__ import annotations

import time
from pathlib import Path
from shutil import rmtree, which
from typing import Annotated, Any

import typer

from analysis import cluster as workers
from analysis.cli.options import (
    DEFAULT_STUDY,
    Baseline,
    Cluster,
    Followup,
    Jobs,
    StudyFolder,
    Units,
    alone,
    chosen_of,
    for_analysts,
    seconds_since,
    shown,
)
from analysis.cli.progress import Progress
from analysis.places import inside, processed, project_root
from analysis.publish import incremental

app = typer.Typer()


@app.command()
@for_analysts
def status(study: StudyFolder = DEFAULT_STUDY) -> None:
    """Say where the study stands: files, schools without a wave, reports, editions; changes nothing.

    Example: drp status --study data/raw
    """
    from analysis.term.status import status as look

    for line in look(study).lines():
        typer.echo(line)


@app.command()
@for_analysts
@alone
def prepare(study: StudyFolder = DEFAULT_STUDY) -> None:
    """Read and check the exports, link waves, score; print where every row went, and the links.

    Example: drp prepare --study data/raw
    """
    from analysis import pipeline, whole
    from analysis.publish import translating

    prepared = pipeline.prepare(whole.load(study))
    _print_rows(prepared.quality["files"])
    _print_quality(prepared.quality)
    if still := prepared.study.synthetic_files:
        typer.echo(f"\nstill synthetic, as SYNTHETIC lists: {', '.join(sorted(still))}")
    for line in translating.stands(prepared.study):
        typer.echo(line)


@app.command()
@for_analysts
@alone
def run(
    study: StudyFolder = DEFAULT_STUDY,
    baseline: Baseline = "",
    followup: Followup = "",
    jobs: Jobs = 2,
    cluster: Cluster = "",
) -> None:
    """Prepare, compute every statistic, and decide what may be released.

    What was computed before from the same data is kept, also where a run was stopped.

    Example: drp run --baseline T1 --followup T2
    """
    from analysis import pipeline, whole
    from analysis.term import newest

    found = whole.load(study).with_waves(baseline, followup)
    with Progress(0) as progress:
        decided = pipeline.release(found, jobs, cluster, report=progress.computed)
    counts = decided["release"].value_counts()
    typer.echo(
        f"{len(decided)} results of {decided['unit'].nunique()} units: "
        f"{counts.get('released', 0)} released, {counts.get('banded', 0)} said in words, "
        f"{counts.get('suppressed', 0)} withheld."
    )
    for line in _beside(decided):
        typer.echo(line)
    if not followup and (line := newest(found)):
        typer.echo(line)


@app.command()
@for_analysts
@alone
def render(
    unit: Units = None,
    to: Annotated[str, typer.Option(help="html, pdf, or both with a comma.")] = "html,pdf",
    renderer: Annotated[str, typer.Option(help="auto, quarto or pandoc.")] = "auto",
    study: StudyFolder = DEFAULT_STUDY,
    baseline: Baseline = "",
    followup: Followup = "",
    jobs: Jobs = 2,
    cluster: Cluster = "",
    engine: Annotated[str, typer.Option(help="warm, or stock: Papermill's own.")] = "warm",
    time_limit: Annotated[float, typer.Option(min=1, help="Seconds a report may take.")] = 900,
    explain: Annotated[bool, typer.Option(help="Say why each report is made, or not.")] = False,
    again: Annotated[bool, typer.Option(help="Make everything again, changed or not.")] = False,
) -> None:
    """Make reports, and whatever they need first, where anything changed.

    Examples:

    drp render                                   every report

    drp render --unit S01 --unit S02 --to html   two schools, HTML only

    drp render --unit 'S1*' --unit @late.txt     schools by a pattern, and by a list

    drp render --explain                         and say why each is made

    drp render --jobs 8                          eight at a time

    drp render --cluster tcp://10.0.0.1:8786     on a Dask cluster
    """
    started = time.monotonic()
    formats = chosen_of(to.split(","), ("html", "pdf"), "--to")
    (chosen,) = chosen_of([renderer], ("auto", "quarto", "pandoc"), "--renderer")
    (run_by,) = chosen_of([engine], ("warm", "stock"), "--engine")
    asked = {"units": unit or ["all"], "to": formats, "renderer": chosen, "quarto": which("quarto")}
    asked |= {"baseline": baseline, "followup": followup}
    # What a list holds is asked for, not its name.
    asked |= {name: incremental.file_hash(Path(name[1:])) for name in unit or () if name[:1] == "@"}
    folder = study.resolve()
    command = incremental.Command(folder, project_root(folder), processed(folder), asked)
    if again:
        rmtree(inside(command.processed, incremental.STATE), ignore_errors=True)
    if made := command.nothing_to_do():
        typer.echo(f"Nothing has changed: all {len(made)} files of the reports are as they were.")
        return
    several = (
        len(asked["units"]) > 1 or not asked["units"][0].isalnum() or asked["units"] == ["all"]
    )
    kept = incremental.seems_released(folder, command.root, command.processed)
    if (several or not kept) and jobs > 1 and not cluster:
        workers.ready(workers.NEEDED if kept else (*workers.NEEDED, *workers.COMPUTING))
    inputs = command.inputs()

    from analysis import pipeline, whole
    from analysis.disclosure import store
    from analysis.publish import quarto, rendering
    from analysis.term import newest

    found = whole.load(study).with_waves(baseline, followup)
    rendering.chosen(chosen)
    table = whole.schools(found)
    units = store.chosen(unit or (), table)

    def released(decided: Any) -> None:
        progress.begin()
        typer.echo(
            "The results are as they were."
            if decided is None
            else f"{len(decided)} results computed and released in {seconds_since(started)}."
        )
        for line in () if decided is None else _beside(decided):
            typer.echo(line)

    with Progress(len(units)) as progress:
        outcome = pipeline.render(
            found,
            units,
            formats,
            chosen,
            jobs,
            progress.advance,
            released=released,
            computed=progress.computed,
            engine=run_by,
            address=cluster,
            time_limit=time_limit,
        )
    made_now = 0
    for name in units:
        if name in outcome.made:
            result = outcome.made[name]
            made_now += bool(result.reasons)
            first = [path for path in result.files if path.name in ("index.html", "report.pdf")]
            typer.echo(f"{name:8} {', '.join(map(shown, first))}")
            if explain:
                why = "; ".join(result.reasons) or "nothing changed, left as it is"
                typer.echo(f"{'':8} {why}")
    typer.echo(
        f"{len(outcome.made)} of {len(units)} reports are there, {made_now} of them made now, with "
        f"{'Quarto' if outcome.renderer == 'quarto' else 'the built-in Pandoc and Typst renderer'} "
        f"in {seconds_since(started)}."
    )
    if chosen == "auto" and outcome.renderer == "pandoc" and not outcome.failed:
        typer.echo(f"To render with Quarto instead: {quarto.GET_QUARTO}")
    if outcome.failed:
        typer.echo(f"{len(outcome.failed)} failed:", err=True)
        for name, error in outcome.failed.items():
            typer.echo(f"{name}: " + "\n".join(error.lines()), err=True)
        alone_by = f"drp render --unit @{shown(outcome.summary.with_name('failed.txt'))}"
        typer.echo(f"To try these alone, once they are put right: {alone_by}", err=True)
        raise typer.Exit(1)
    command.succeeded(inputs, units)
    if not followup and (line := newest(found)):
        typer.echo(line)
    _to_open(outcome.made, rendering.site(project_root(found.folder)) / "index.html")
    typer.echo("These are drafts; drp publish puts an edition on record.")


@app.command()
@for_analysts
def check(
    study: StudyFolder = DEFAULT_STUDY,
    attack: Annotated[
        bool, typer.Option(help="Also try to work out what is withheld, and write a report.")
    ] = False,
) -> None:
    """Look through the published reports of the study's edition.

    Examples:

    drp check

    drp check --attack                           and try to work out what is withheld
    """
    from analysis import approval, pipeline
    from analysis import study as studies
    from analysis.disclosure import register

    if attack:
        found, path = approval.attack(studies.load(study))
        typer.echo(
            f"{len(found)} protected quantities attacked, all of them stay open: {shown(path)}."
        )
    checked = pipeline.check(studies.load(study))
    typer.echo(f"{len(checked)} reports checked: {', '.join(checked)}.")
    for publication, reports in register.to_send_again(studies.load(study)).items():
        typer.echo(f"still to be replaced, of {publication}: {', '.join(reports)}")


def _to_open(made: dict[str, Any], start: Path) -> None:
    """Name what to open first: the programme's report, a school's, and the page of all reports."""
    first = [made[unit].files[0] for unit in sorted(made, key="cohort".__ne__) if made[unit].files]
    for path in dict.fromkeys([*first[:1], *first[-1:], *([start] if start.exists() else [])]):
        typer.echo(f"open {shown(path)}")


def _beside(decided: Any) -> list[str]:
    """What is withheld because few people changed since a published edition."""
    return [
        f"{number} numbers withheld or coarser: too few people changed since {publication}."
        for publication, number in decided.attrs.get("editions", {}).items()
    ]


def _print_rows(files: Any) -> None:
    from analysis.prepare import REASONS

    typer.echo(f"{'file':36}{'read':>8}{'used':>8}  set aside")
    for row in files.to_dict("records"):
        aside = ", ".join(f"{row[r]} {words}" for r, words in REASONS.items() if row[r]) or "none"
        typer.echo(f"{row['file']:36}{row['read']:>8}{row['used']:>8}  {aside}")


def _print_quality(quality: Any) -> None:
    """Flags and link quality of the surveys: for the analyst, so nothing is withheld."""
    typer.echo("\nflagged, and used all the same")
    for row in quality["flags"].to_dict("records"):
        flag = str(row["flag"]).replace("_", " ")
        of = (
            f"of {row['of']}"
            if row["of"]
            else "cannot be judged: no response says how long it took"
        )
        typer.echo(f"{row['survey']:10}{row['wave']:6}{flag:16}{row['responses']:>6} {of}")
    links = quality["links"]
    kinds = ["exact", "normalised", "one_character", "unlinked", "changed_school", "changed_phase"]
    if len(links):
        titles = [kind.replace("_", " ") for kind in ["respondents", *kinds]]
        typer.echo("\nrespondents found again, and how")
        typer.echo(f"{'survey':10}{'school':10}{'waves':8}" + "".join(f"{t:>15}" for t in titles))
        for row in links.to_dict("records"):
            numbers = "".join(f"{row[kind]:>15}" for kind in ["respondents", *kinds])
            waves = f"{row['first']}-{row['second']}"
            typer.echo(f"{row['survey']:10}{row['school']:10}{waves:8}{numbers}")
    # With one wave nobody can be found again, and no line would say anything.
    if quality["linking"][["joined", "refused"]].to_numpy().any():
        from analysis.prepare.linking import RULES

        typer.echo("\ncodes alike, over all waves, and whether they were joined")
        typer.echo(f"{'survey':10}{'joined':>8}{'refused':>9}  codes that are")
        for row in quality["linking"].to_dict("records"):
            words = RULES[row["rule"]]
            typer.echo(f"{row['survey']:10}{row['joined']:>8}{row['refused']:>9}  {words}")
        typer.echo("refused: not alone at a wave, or in contradiction")
    for row in quality["findings"].to_dict("records"):
        typer.echo(f"{row['file']}: {row['finding']}")
