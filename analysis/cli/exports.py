"""Before a study can be prepared: questionnaires, exports and what they mean, waves."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from analysis.cli.options import (
    DEFAULT_STUDY,
    StudyFolder,
    alone,
    chosen_of,
    day_of,
    for_analysts,
    refuse_existing,
    shown,
)
from analysis.errors import AnalystError
from analysis.places import inside

app = typer.Typer()
wave_app = typer.Typer(help="Waves of the study.", no_args_is_help=True, rich_markup_mode=None)


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

    chosen_of([kind], ("auto", *FORMATS), "--format")
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

    chosen_of([to], tuple(FORMATS), "--to")
    suffix = FORMATS[to].suffix
    if output.suffix.lower() != suffix:
        raise AnalystError(
            f"{output.name} does not end as a file for {to} does.",
            where=str(output),
            fix=f"Let its name end in {suffix}.",
        )
    refuse_existing(output)
    content, made = asking.questionnaire(
        studies.load(study), survey, to, language=language, wave=wave, asks=instrument or ()
    )
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_bytes(content)
    typer.echo(
        f"{shown(output)}: version {made.version}, {len(list(made.questions))} questions, in "
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
        refuse_existing(output)
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
        study, wave, label=label or wave, start=day_of(start, "--start"), end=day_of(end, "--end"),
        exports=exports, followup=followup,
    )  # fmt: skip
    typer.echo(f"{wave} is in {study / 'study.yaml'}.")
    for line in done.follows:
        typer.echo(line)
