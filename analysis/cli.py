"""The command line: thin. Each command is one call of what does it."""

from __future__ import annotations

import atexit
import datetime as dt
import gc
import sys
import time
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from shutil import rmtree, which
from typing import Annotated, Any, Self

import typer

from analysis import cluster as workers
from analysis import memory, places
from analysis.errors import AnalystError, of_the_machine
from analysis.places import inside, processed, project_root
from analysis.publish import incremental

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
wave_app = typer.Typer(help="Waves of the study.", no_args_is_help=True, rich_markup_mode=None)
edition_app = typer.Typer(
    help="Editions of the reports.", no_args_is_help=True, rich_markup_mode=None
)
app.add_typer(wave_app, name="wave")
app.add_typer(edition_app, name="edition")
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
    with _Progress(0) as progress:
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
    formats = _chosen(to.split(","), ("html", "pdf"), "--to")
    (chosen,) = _chosen([renderer], ("auto", "quarto", "pandoc"), "--renderer")
    (run_by,) = _chosen([engine], ("warm", "stock"), "--engine")
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
            else f"{len(decided)} results computed and released in {_seconds(started)}."
        )
        for line in () if decided is None else _beside(decided):
            typer.echo(line)

    with _Progress(len(units)) as progress:
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
            typer.echo(f"{name:8} {', '.join(map(_shown, first))}")
            if explain:
                why = "; ".join(result.reasons) or "nothing changed, left as it is"
                typer.echo(f"{'':8} {why}")
    typer.echo(
        f"{len(outcome.made)} of {len(units)} reports are there, {made_now} of them made now, with "
        f"{'Quarto' if outcome.renderer == 'quarto' else 'the built-in Pandoc and Typst renderer'} "
        f"in {_seconds(started)}."
    )
    if chosen == "auto" and outcome.renderer == "pandoc" and not outcome.failed:
        typer.echo(f"To render with Quarto instead: {quarto.GET_QUARTO}")
    if outcome.failed:
        typer.echo(f"{len(outcome.failed)} failed:", err=True)
        for name, error in outcome.failed.items():
            typer.echo(f"{name}: " + "\n".join(error.lines()), err=True)
        alone_by = f"drp render --unit @{_shown(outcome.summary.with_name('failed.txt'))}"
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
            f"{len(found)} protected quantities attacked, all of them stay open: {_shown(path)}."
        )
    checked = pipeline.check(studies.load(study))
    typer.echo(f"{len(checked)} reports checked: {', '.join(checked)}.")
    for publication, reports in register.to_send_again(studies.load(study)).items():
        typer.echo(f"still to be replaced, of {publication}: {', '.join(reports)}")


@app.command()
@for_analysts
@alone
def sign(
    unit: Units = None,
    checked_by: Annotated[
        str, typer.Option("--checked-by", metavar="NAME", help="Who has looked through them.")
    ] = "",
    approved_by: Annotated[
        str, typer.Option("--approved-by", metavar="NAME", help="Who approves them.")
    ] = "",
    study: StudyFolder = DEFAULT_STUDY,
    baseline: Baseline = "",
    followup: Followup = "",
    date: Day = "",
    jobs: Jobs = 2,
    language: Annotated[
        str,
        typer.Option(
            metavar="CODE", help="Sign the words of reports in this language instead: cy."
        ),
    ] = "",
) -> None:
    """Sign reports as checked or approved, by name and date; without a name, say where each stands.

    Approving makes the pages again without the mark of a draft. A report that changes afterwards
    is a draft again. Until somebody who knows a language has checked its words, reports in it say
    so.

    Examples:

    drp sign                                      where every report stands

    drp sign --checked-by "Ann Reader"            all of them

    drp sign --unit S01 --approved-by "Head of research"

    drp sign --language cy --checked-by "Ann Reader"
    """
    from analysis import approval, whole
    from analysis.disclosure import store

    found = whole.load(study).with_waves(baseline, followup)
    if language:
        from analysis.publish import translating

        if unit or approved_by.strip() or not checked_by.strip():
            raise AnalystError(
                "The words of a language are checked as a whole.",
                where="--language",
                fix='Give --checked-by "NAME", and neither --unit nor --approved-by.',
            )
        translating.review(found, language, checked_by.strip(), _signed_on(date))
        typer.echo(f"{language:8} words checked by {checked_by.strip()}; drp render shows it.")
        return
    table = whole.schools(found)
    units = store.chosen(unit or (), table)
    by = checked_by.strip(), approved_by.strip()
    stands = (
        approval.sign(found, units, *by, _signed_on(date), jobs)
        if any(by)
        else approval.states(found, units)
    )
    for name, each in stands.items():
        typer.echo(f"{name:8} {each.words()}")


@app.command()
@for_analysts
@alone
def publish(
    approved_by: Annotated[
        str, typer.Option("--approved-by", metavar="NAME", help="Who approves the reports.")
    ],
    study: StudyFolder = DEFAULT_STUDY,
    baseline: Baseline = "",
    followup: Followup = "",
    date: Day = "",
    jobs: Jobs = 2,
) -> None:
    """Put the edition on record as published: its numbers, who approved it, who was counted.

    The reports that drp render makes are drafts. They are checked and attacked once more, together
    with every edition on record; those that drp sign has not approved yet are approved now.

    Example: drp publish --approved-by "Head of research"
    """
    from analysis import approval
    from analysis import study as studies

    if not approved_by.strip():
        raise AnalystError("Nobody approves.", where="--approved-by", fix="Give a name or office.")
    found = studies.load(study).with_waves(baseline, followup)
    done = approval.publish(found, approved_by.strip(), _signed_on(date), jobs)
    what = {
        "first": "",
        "replacement": f", in place of publication {done.replaces}: ask for that back",
        "correction": f", a correction of publication {done.replaces}: the same people and answers",
    }[done.kind]
    typer.echo(
        f"{done.reports} reports with {done.numbers} numbers are on record as published{what}: "
        f"{_shown(done.folder)}."
    )


@app.command()
@for_analysts
def package(
    unit: Units = None,
    to: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Default: report/_packages/…")
    ] = None,
    study: StudyFolder = DEFAULT_STUDY,
) -> None:
    """Make what is sent to each school: a zip, a covering e-mail, checksums, and to whom it goes.

    Only of reports that are approved, and on record as published. Whom each is sent to stands in
    the study's recipients.csv (school, name, email).

    Examples:

    drp package

    drp package --unit S01 --unit cohort
    """
    from analysis import sending, whole
    from analysis import study as studies
    from analysis.disclosure import store

    found = studies.load(study)
    units = store.chosen(unit, whole.schools(found)) if unit else []
    made, left = sending.package(found, units, to)
    for each in made:
        whom = ", ".join(r.email for r in each.recipients) or "nobody in recipients.csv"
        typer.echo(f"{each.unit:8} {_shown(each.file)}  to: {whom}")
    for name, why in left.items():
        typer.echo(f"{name:8} left out: {why}", err=True)
    if not made:
        raise AnalystError(
            "No report is ready to be sent.",
            where=str(found.folder),
            fix="Approve and publish first: drp sign, then drp publish.",
        )


@app.command()
@for_analysts
def serve(
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 8000,
    study: StudyFolder = DEFAULT_STUDY,
) -> None:
    """Show the reports in a browser on this machine, and where each stands; Ctrl-C ends it.

    Example: drp serve
    """
    from analysis import sending
    from analysis import study as studies

    server = sending.served(studies.load(study), port)
    typer.echo(f"http://127.0.0.1:{server.server_address[1]}/ (Ctrl-C ends it)")
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
    finally:
        server.server_close()


@app.command()
@for_analysts
@alone
def retire(
    study: StudyFolder = DEFAULT_STUDY,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Remove data whose term of retention is over, and everything made of it; put that on record.

    The study's file says under 'retention' until which day each of its files is kept.

    Example: drp retire
    """
    from analysis import study as studies
    from analysis.disclosure import retiring

    found, today = studies.load(study), dt.date.today()
    removals = retiring.due(found, today)
    raw = [each for each in removals if each.kind == "raw"]
    if not raw:
        typer.echo("No file is past its term of retention; nothing is removed.")
        return
    for each in raw:
        typer.echo(f"{each.name}  kept until {each.until}, {each.bytes} bytes")
    typer.echo(f"and {len(removals) - len(raw)} files made of these and others (processed data).")
    if not yes and not typer.confirm("Remove them for good?"):
        typer.echo("Nothing was removed.")
        return
    done = retiring.retire(found, removals, today)
    typer.echo(f"{len(done.removed)} files removed; on record in {_shown(done.record)}.")
    for line in done.left:
        typer.echo(f"still there: {line}", err=True)
    if done.left:
        raise typer.Exit(1)


@app.command()
@for_analysts
@alone
def texts(
    reviewed: Annotated[
        list[str] | None,
        typer.Option(metavar="TEXT", help="Read again, and it fits; may be given several times."),
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="Also those that are as they should be.")
    ] = False,
    study: StudyFolder = DEFAULT_STUDY,
    baseline: Baseline = "",
    followup: Followup = "",
) -> None:
    """Say which of your own texts are missing, stale, contradicted by the data, or not shown.

    A text is stale if results that it names have changed since it was written, last reviewed, or
    published.

    Examples:

    drp texts

    drp texts --reviewed staff --reviewed schools/S01
    """
    from analysis import texts, whole
    from analysis.publish import translating

    found = whole.load(study).with_waves(baseline, followup)
    listed = texts.looked_at(found, reviewed or ())
    quiet = ("written",) if not every else ()
    missing = [each.name for each in listed if each.state == "missing"]
    for each in listed:
        if each.state != "missing" and (each.state not in quiet):
            typer.echo(f"{each.state:13} texts/{each.name}.md")
            for line in each.why:
                typer.echo(f"{'':13} {line}")
    schools = [name for name in missing if name.startswith("schools/")]
    for name in missing:
        if name not in schools:
            typer.echo(f"{'missing':13} texts/{name}.md")
    if schools:
        typer.echo(f"{'missing':13} of {len(schools)} schools (optional): texts/{schools[0]}.md …")
    written = len(listed) - len(missing)
    typer.echo(f"{written} texts are there.")
    for line in translating.stands(found):
        typer.echo(line)


@app.command()
@for_analysts
def diff(
    before: Annotated[str, typer.Argument(metavar="EDITION", help="On record, the earlier.")],
    now: Annotated[str, typer.Argument(metavar="EDITION", help="On record, the later.")],
    study: StudyFolder = DEFAULT_STUDY,
) -> None:
    """Say what two editions on record say differently: files, schools, answers, findings.

    Examples:

    drp diff 2025-autumn 2026-spring

    drp diff 2025-autumn/1 2025-autumn/2          two publications of one edition
    """
    from analysis import study as studies
    from analysis.disclosure import changes

    for unit, found in changes.differences(studies.load(study), before, now).items():
        if lines := _said(found, programme=unit == "cohort"):
            typer.echo(f"{unit}:")
            for line in lines:
                typer.echo(f"  {line}")


@app.command()
@for_analysts
def verify(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="One report's folder.")],
) -> None:
    """Prove that a report's folder is as it was made; needs no study.

    Example: drp verify report/_site/drp/2018-summer/schools/S01
    """
    from analysis.publish import manifest

    found = manifest.verify(folder)
    typer.echo(
        f"{len(found['outputs'])} files, each as it was made. {found['study']}, edition "
        f"{found['edition']}, {found['unit']}; to be shared with {found['share_with']}."
    )


@app.command(name="map")
@for_analysts
def map_columns(
    file: Annotated[Path, typer.Argument(help="An export, as the survey tool gave it.")],
    survey: Annotated[
        str, typer.Option(help="The survey it belongs to, where study.yaml has several.")
    ] = "",
    study: StudyFolder = DEFAULT_STUDY,
    kind: Annotated[str, typer.Option("--format", help="auto, or the export's format.")] = "auto",
    sheet: Annotated[str, typer.Option(help="The sheet, where a workbook has several.")] = "",
    qsf: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Qualtrics's survey file (.qsf).")
    ] = None,
    lss: Annotated[
        Path | None, typer.Option(metavar="FILE", help="LimeSurvey's survey structure (.lss).")
    ] = None,
    dictionary: Annotated[
        Path | None, typer.Option(metavar="FILE", help="REDCap's data dictionary (.csv).")
    ] = None,
) -> None:
    """Propose which column of an export is which item; writes a mapping to look through.

    Examples:

    drp map data/raw/new_export.csv --survey staff

    drp map data/raw/autumn.csv --qsf autumn.qsf   with Qualtrics's own description of the survey
    """
    from analysis import study as studies
    from analysis.prepare import schools
    from analysis.prepare.mapping_proposal import propose
    from analysis.sources import FORMATS, definitions

    _chosen([kind], ("auto", *FORMATS), "--format")
    given = [
        read(path)
        for read, path in (
            (definitions.read_qsf, qsf),
            (definitions.read_lss, lss),
            (definitions.read_dictionary, dictionary),
        )
        if path is not None
    ]
    if len(given) > 1:
        raise AnalystError(
            "A survey has one description, but several were given.",
            where="--qsf, --lss, --dictionary",
            fix="Give that of the tool the export comes from.",
        )
    found = studies.load(study)
    schools.refuse_unsafe_ids(found)
    proposal = propose(
        found,
        file,
        survey,
        kind=kind,
        sheet=sheet or None,
        definition=given[0] if given else None,
    )
    written = inside(found.folder, "mappings", f"{file.stem}.yaml")
    proposal.write(written)
    typer.echo(f"{proposal.summary} ({proposal.kind}); look through {written}.")
    name = written.relative_to(found.folder).as_posix()
    if not any(each.mapping == name for survey in found.surveys for each in survey.exports):
        typer.echo(f"Then name it in study.yaml, beside its export: mapping: {name}")


@app.command()
@for_analysts
def questionnaire(
    survey: Annotated[str, typer.Argument(help="A survey of the study, by its id.")],
    to: Annotated[
        str,
        typer.Option(help="limesurvey, xlsform, redcap, qualtrics, forms, pdf or workbook."),
    ],
    output: Annotated[Path, typer.Option(metavar="FILE", help="Where to write it.")],
    wave: Annotated[str, typer.Option(help="For which wave (default: the last).")] = "",
    instrument: Annotated[
        list[str] | None,
        typer.Option(help="Only this of the survey's; may be given several times."),
    ] = None,
    language: Annotated[
        str, typer.Option(help="Where a format holds one (default: the study's first).")
    ] = "",
    study: StudyFolder = DEFAULT_STUDY,
) -> None:
    """Write a survey's questionnaire for a survey tool or for paper; its export needs no mapping.

    Examples:

    drp questionnaire staff --to limesurvey --output staff.lss

    drp questionnaire staff --to pdf --output staff.pdf   and --to workbook, to type answers into
    """
    from analysis import asking
    from analysis import study as studies
    from analysis.questionnaire import FORMATS

    _chosen([to], tuple(FORMATS), "--to")
    suffix = FORMATS[to].suffix
    if output.suffix.lower() != suffix:
        raise AnalystError(
            f"{output.name} does not end as a file for {to} does.",
            where=str(output),
            fix=f"Let its name end in {suffix}.",
        )
    _refuse_existing(output)
    content, made = asking.questionnaire(
        studies.load(study), survey, to, language=language, wave=wave, asks=instrument or ()
    )
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_bytes(content)
    typer.echo(
        f"{_shown(output)}: version {made.version}, {len(list(made.questions))} questions, in "
        f"{', '.join(made.languages) if FORMATS[to].languages else language or made.main}."
    )
    for note in made.notes:
        typer.echo(note)


@app.command()
@for_analysts
def response(
    survey: Annotated[str, typer.Argument(help="One survey, by its id (default: all).")] = "",
    wave: Annotated[str, typer.Option(help="Default: the last that has an export.")] = "",
    output: Annotated[
        Path | None, typer.Option(metavar="FILE.csv", help="Write the table there, too.")
    ] = None,
    study: StudyFolder = DEFAULT_STUDY,
) -> None:
    """Say how many have answered in each school so far, and what it still needs; counts only.

    Examples:

    drp response                     every survey, from the exports that are there

    drp response staff --wave T2 --output response.csv
    """
    import pandas as pd

    from analysis import asking
    from analysis import study as studies

    if output is not None:
        _refuse_existing(output)
    found = studies.load(study)
    tables = asking.response(found, survey, wave)
    for number, (name, counts) in enumerate(tables.items()):
        asked = found.survey(name)
        minimum = found.asked(asked).minimum
        typer.echo(
            ("\n" if number else "")
            + f"{asked.label}, {found.wave(counts['wave'].iloc[0]).label}; results of a school "
            f"need {minimum} complete answers"
        )
        _print_response(counts)
    if output is not None:
        output.parent.mkdir(parents=True, exist_ok=True)
        every = pd.concat(tables.values(), ignore_index=True)
        every.to_csv(output, index=False, lineterminator="\n")


@app.command()
@for_analysts
def doctor(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="Exports, or projects of coding tools.")
    ],
    sheet: Annotated[str, typer.Option(help="The sheet, where a workbook has several.")] = "",
) -> None:
    """Say what files are, how they are written, what looks wrong; needs no study, changes nothing.

    Example: drp doctor ~/Downloads/*.csv
    """
    from analysis.prepare.doctor import examine

    unread = 0
    for number, file in enumerate(files):
        found = examine(file, sheet or None)
        unread += not found.readable
        for line in [*([""] if number else []), *found.lines()]:
            typer.echo(line)
    if unread:
        raise typer.Exit(1)


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
        typer.echo(f"{_shown(resources.copy_own(root, name))} is yours to change.")
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


@wave_app.command(name="add")
@for_analysts
@alone
def add_wave(
    wave: Annotated[str, typer.Argument(metavar="ID", help="The new wave's id, e.g. T3.")],
    start: Annotated[str, typer.Option(metavar="YYYY-MM-DD", help="First day of its window.")],
    end: Annotated[str, typer.Option(metavar="YYYY-MM-DD", help="Last day of its window.")],
    label: Annotated[str, typer.Option(help="Its name for readers (default: its id).")] = "",
    export: Annotated[
        list[str] | None,
        typer.Option(metavar="SURVEY=FILE", help="Its answers; may be given several times."),
    ] = None,
    followup: Annotated[
        bool, typer.Option("--followup", help="Compare the baseline with it from now on.")
    ] = False,
    study: StudyFolder = DEFAULT_STUDY,
) -> None:
    """Add a wave to study.yaml, comments kept, and say what else it needs.

    Example: drp wave add T3 --start 2019-01-07 --end 2019-03-31 --export staff=staff_t3.csv
    """
    from analysis.term import edit

    exports = {}
    for each in export or []:
        survey, between, file = each.partition("=")
        if not (survey and between and file):
            raise AnalystError(
                f"'{each}' names no survey and file.",
                where="--export",
                fix="Write it as --export staff=staff_t3.csv.",
            )
        exports[survey] = file
    done = edit.add_wave(
        study, wave, label=label or wave, start=_day(start, "--start"), end=_day(end, "--end"),
        exports=exports, followup=followup,
    )  # fmt: skip
    typer.echo(f"{wave} is in {study / 'study.yaml'}.")
    for line in done.follows:
        typer.echo(line)


@edition_app.command(name="new")
@for_analysts
@alone
def new_edition(
    edition: Annotated[str, typer.Argument(metavar="ID", help="E.g. 2026-spring.")],
    date: Annotated[str, typer.Option(metavar="YYYY-MM-DD", help="The date on its reports.")],
    term: Annotated[str, typer.Option(help="As on its cover, e.g. 'Spring term 2026'.")],
    study: StudyFolder = DEFAULT_STUDY,
) -> None:
    """Begin the next edition in study.yaml, comments kept; the earlier ones stay where they are.

    Example: drp edition new 2026-spring --date 2026-04-30 --term "Spring term 2026"
    """
    from analysis.term import edit

    done = edit.new_edition(study, edition, date=_day(date, "--date"), term=term)
    typer.echo(f"{study / 'study.yaml'} is of the edition {edition} now.")
    for line in done.follows:
        typer.echo(line)


def _signed_on(date: str) -> dt.date:
    return _day(date, "--date") if date else dt.date.today()


def _day(text: str, option: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise AnalystError(
            f"'{text}' is no date.", where=option, fix="Write it as 2032-07-01."
        ) from None


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
    term = returns.period(found, _day(start, "--start") if start else None)
    made = returns.forms(found, term, unit or ())
    typer.echo(
        f"{len(made)} form{'s' if len(made) > 1 else ''} for {term.term} ({term.start} to "
        f"{term.end}): {_shown(made[0].parent)}."
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
    term = returns.period(found, _day(start, "--start") if start else None)
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
        typer.echo(f"{name:8} {_shown(files[0].parent)}: {', '.join(path.name for path in files)}")

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

    chosen = _chosen(only, measuring.MEASURES, "--only") if only else measuring.USUAL
    measuring.run(study, output, chosen, repeats, full=full, say=typer.echo)


def _said(found: Any, *, programme: bool) -> list[str]:
    """What has changed in one report, a line for each thing; schools and files once."""
    lines = []
    if programme:
        lines += [f"file {what}: {name}" for what, names in found.files.items() for name in names]
        lines += [f"school {what}: {s}" for what, names in found.schools.items() for s in names]
    lines += [
        f"{survey}, {wave}: {now} answered ({f'{then} before' if then else 'not shown before'})"
        for survey, wave, then, now in found.answered
    ]
    lines += [f"{each.state}: {each.finding.plain}" for each in found.findings or ()]
    if found.findings is None:
        lines.append("findings were not kept when one of the two was published")
    return lines or (["nothing has changed"] if programme else [])


def _to_open(made: dict[str, Any], start: Path) -> None:
    """Name what to open first: the programme's report, a school's, and the page of all reports."""
    first = [made[unit].files[0] for unit in sorted(made, key="cohort".__ne__) if made[unit].files]
    for path in dict.fromkeys([*first[:1], *first[-1:], *([start] if start.exists() else [])]):
        typer.echo(f"open {_shown(path)}")


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


def _print_response(counts: Any) -> None:
    def of(number: Any, invited: Any) -> str:
        said = "–" if number != number or number is None else f"{int(number)}"
        return said if invited != invited or invited is None else f"{said} of {int(invited)}"

    def needs(row: dict[str, Any], name: str) -> str:
        number = row[name]
        if number != number or number is None:
            return ""
        # More than are left of those invited will not come.
        known = row["invited"] is not None and row["invited"] == row["invited"]
        if known and number > row["invited"] - row["answered"]:
            return "too few"
        return f"{int(number)} more" if number else "–"

    head = f"{'school':10}{'answered':>12}{'last wave':>12}  {'last day':12}{'needs':>9}"
    typer.echo(head + f"{'for change':>12}  name")
    for row in counts.to_dict("records"):
        typer.echo(
            f"{row['school']:10}{of(row['answered'], row['invited']):>12}"
            f"{of(row['last_wave_answered'], row['last_wave_invited']):>12}  "
            f"{str(row['last_day']) if row['answered'] and row['last_day'] == row['last_day'] else '–':12}"
            f"{needs(row, 'still_needed'):>9}{needs(row, 'still_needed_for_change'):>12}  "
            f"{row['name']}"
        )
    # Where it is not known of every school how many were invited, nor is it of all.
    invited = counts["invited"].sum(skipna=False) if counts["invited"].notna().any() else None
    typer.echo(f"{'all':10}{of(counts['answered'].sum(), invited):>12}")


def _chosen(values: list[str], allowed: tuple[str, ...], option: str) -> Any:
    for value in values:
        if value not in allowed:
            raise AnalystError(
                f"'{value}' is not possible here.",
                where=f"{option} {','.join(values)}",
                fix=f"Use {' or '.join(allowed)}.",
            )
    return tuple(dict.fromkeys(values))


def _refuse_existing(path: Path) -> None:
    if path.exists():
        raise AnalystError(
            f"{path.name} exists already.",
            where=str(path),
            fix="Remove it first, or name another file.",
        )


def _shown(path: Path) -> str:
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def _seconds(started: float) -> str:
    return f"{time.monotonic() - started:.0f} s"


#: Of so many pieces of computing a line says how far it is, where there is no terminal.
MANY_PIECES = 200


class _Progress:
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


if __name__ == "__main__":
    app()
