"""From drafts to an edition that is on record, and on."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated, Any

import typer

from analysis.cli.options import (
    DEFAULT_STUDY,
    Baseline,
    Day,
    Followup,
    Jobs,
    StudyFolder,
    Units,
    alone,
    day_of,
    for_analysts,
    shown,
)
from analysis.errors import AnalystError

app = typer.Typer()
edition_app = typer.Typer(
    help="Editions of the reports.", no_args_is_help=True, rich_markup_mode=None
)


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
        f"{shown(done.folder)}."
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
        typer.echo(f"{each.unit:8} {shown(each.file)}  to: {whom}")
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
    typer.echo(f"{len(done.removed)} files removed; on record in {shown(done.record)}.")
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

    done = edit.new_edition(study, edition, date=day_of(date, "--date"), term=term)
    typer.echo(f"{study / 'study.yaml'} is of the edition {edition} now.")
    for line in done.follows:
        typer.echo(line)


def _signed_on(date: str) -> dt.date:
    return day_of(date, "--date") if date else dt.date.today()
