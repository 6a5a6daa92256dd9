"""A folder of returns: each file read whole or refused, then all of them into the tables at once."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from analysis.errors import AnalystError
from analysis.forms import kept, returned
from analysis.forms.asked import Material, Period
from analysis.forms.kept import Record
from analysis.forms.merged import Merged, merge
from analysis.forms.returned import Returned
from analysis.forms.workbook import RETURN
from analysis.language import long_date
from analysis.places import inside
from analysis.study import Study

REMINDERS = "reminders"


@dataclass
class Collection:
    """What became of a folder of returns.

    ``log`` has a line for each file and each school that is missing; ``refused`` the mistakes by
    file; ``missing`` the schools whose return is not there; ``reminders`` the text for each.
    """

    log: list[str] = field(default_factory=list)
    refused: dict[Path, AnalystError] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    reminders: dict[str, str] = field(default_factory=dict)
    tables: list[Path] = field(default_factory=list)


def collect(study: Study, period: Period, folder: Path, *, invented: bool = False) -> Collection:
    """Read a folder of returns and put what can be used into the study's tables.

    A file with any mistake is not used at all. Tables, originals, records and reminders are written
    together, after everything has been read and merged; collecting the same folder again changes
    nothing.

    Raises
    ------
    AnalystError
        If the folder is none, or the study's tables cannot take the answers: nothing is written.
    """
    if not folder.is_dir():
        raise AnalystError(
            f"{folder.name} is no folder.", where=str(folder), fix="Give the folder of the returns."
        )
    material = Material.read(study, period)
    record, done = kept.read(study), Collection()
    usable = _usable(folder, material, record, done)
    merged = merge(study, usable, record, invented=invented)
    for each in usable:
        record.add(each)
        done.log.append(_said(each, material, merged))
    _missing(material, record, done)
    done.tables = sorted(merged.files)
    originals = {kept.original(study, each): each.path.read_bytes() for each in usable}
    written = {**originals, **merged.files}
    if usable:
        written |= record.files(study)
    _write(written)
    _remind(study, period, done)
    return done


def _usable(folder: Path, material: Material, record: Record, done: Collection) -> list[Returned]:
    """The returns that can be used and are new, in order of their days."""
    read: list[Returned] = []
    for path in returned.files(folder):
        try:
            found = returned.read(path, material)
        except AnalystError as error:
            done.refused[path] = error
            continue
        if found.sha256 in record.returns:
            done.log.append(f"{path.name}: {found.school}, collected already")
        elif any(found.sha256 == each.sha256 or _alike(found, each) for each in read):
            done.log.append(f"{path.name}: {found.school}, the same as another file")
        else:
            read.append(found)
    usable = []
    for each in read:
        others = [other.path.name for other in read if other is not each and _same_day(each, other)]
        before = record.same_day(each)
        if others or before:
            done.refused[each.path] = AnalystError(
                f"There are two returns of {each.school} of {long_date(each.day)}: this and "
                f"{(others or [before])[0]}. Which is the later cannot be known.",
                where=each.dated,
                fix="Ask the school which one counts, and keep that alone in the folder; for a "
                "correction it writes the new day into the form.",
            )
        else:
            usable.append(each)
    return sorted(usable, key=lambda each: (each.day, each.school, each.sha256))


def _same_day(one: Returned, other: Returned) -> bool:
    return (one.school, one.edition, one.kind, one.day) == (
        other.school, other.edition, other.kind, other.day
    )  # fmt: skip


def _alike(one: Returned, other: Returned) -> bool:
    return _same_day(one, other) and one.said == other.said


def _said(each: Returned, material: Material, merged: Merged) -> str:
    """A line on a return that was used."""
    counts = {
        "new": merged.new, "changed": merged.replaced, "older than what is there": merged.later,
    }  # fmt: skip
    told = [f"{n} {word}" for word, of in counts.items() if (n := of.get(each.sha256, 0))]
    name = str(material.schools.loc[each.school, "name"])
    late = ", late" if each.day > material.period.end else ""
    notes = "".join(f"; {note}" for note in each.notes)
    return (
        f"{each.path.name}: {each.school} ({name}), {each.kind} of {long_date(each.day)}{late}, "
        f"{len(each.answers)} {'answer' if len(each.answers) == 1 else 'answers'}: {', '.join(told) or 'as they stand there already'}{notes}"
    )


def _missing(material: Material, record: Record, done: Collection) -> None:
    """Schools without a return of this term, each with a reminder."""
    period = material.period
    sent = {path: returned.school_of(path, material) for path in done.refused}
    for school, name in zip(material.schools["id"], material.schools["name"], strict=True):
        if record.has(school, period.edition, RETURN):
            continue
        done.missing.append(school)
        told = {path: error for path, error in done.refused.items() if sent[path] == school}
        done.log.append(f"missing: {school} ({name})" + ("; see below" if told else ""))
        done.reminders[school] = "\n".join(_reminder(material, str(school), str(name), told))


def _reminder(
    material: Material, school: str, name: str, refused: dict[Path, AnalystError]
) -> Iterator[str]:
    study, period = material.study, material.period
    yield f"To: {name}"
    yield f"About: {study.title}, return for {period.term}"
    yield ""
    if refused:
        yield f"Thank you for your return for {period.term}. We could not use it yet:"
        for path, error in refused.items():
            for each in getattr(error, "errors", (error,)):
                where = each.where.replace(str(path), path.name)
                yield f"- {each.what} ({where})"
        yield ""
        yield f"Please put this right in this term's form ({school}.xlsx), and send it again."
    else:
        yield f"We have not had your return for {period.term} yet."
        yield f"Your form is the file {school}.xlsx: fill in the yellow cells, and send it back."
    yield ""
    if any(len(material.of(table, school)) for table in material.frames):
        yield "What we know from you already is in it."
    yield "It asks for numbers and states only, and for no names of people. If you need help with it,"
    yield "please tell us."
    yield ""
    yield study.organisation
    if study.notice_short:
        yield f"({study.notice_short})"
    yield ""


def _remind(study: Study, period: Period, done: Collection) -> None:
    """Write the reminders; those of schools that have answered go."""
    folder = inside(study.folder, kept.FOLDER, period.edition, REMINDERS)
    for old in sorted(folder.glob("*.txt")):
        if old.stem not in done.reminders:
            old.unlink()
    _write({inside(folder, f"{s}.txt"): text.encode() for s, text in done.reminders.items()})


def _write(files: dict[Path, bytes]) -> None:
    """Write all files, or none: each beside its place first, and then all are renamed."""
    staged: list[tuple[Path, Path]] = []
    try:
        for path, content in files.items():
            if path.exists() and path.read_bytes() == content:
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            part = inside(path.parent, f".{path.name}.part")
            staged.append((part, path))
            part.write_bytes(content)
        for part, path in staged:
            os.replace(part, path)
    finally:
        for part, _ in staged:
            part.unlink(missing_ok=True)


def lines(done: Collection) -> Iterator[str]:
    """The log for the analyst: what was read, who is missing, and what is wrong where."""
    yield from done.log
    for error in done.refused.values():
        yield ""
        yield "not used: " + "\n".join(error.lines())
