"""``drp retire``: data whose term of retention is over are removed, and that is proved.

A study says under ``retention`` until which day each of its files is kept. What is past it goes, and with
it everything below the processed folder, in which rows of all files stand together and which can be made
again from those that stay. The register keeps what was removed: names, hashes and dates, never content.
"""

from __future__ import annotations

import csv
import datetime as dt
import difflib
import hashlib
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from analysis import places
from analysis.disclosure import register
from analysis.errors import AnalystError
from analysis.places import inside
from analysis.study import Study, at

FILE = "retired.csv"
COLUMNS = ("retired_on", "kind", "file", "sha256", "bytes", "kept_until")
RAW, PROCESSED = "raw", "processed"
#: Folders in which no copy is looked for.
ASIDE = frozenset({".git", ".venv", "node_modules", "__pycache__"})


@dataclass(frozen=True)
class Removal:
    """One file to be removed, or removed: its kind, its name there, and what it held."""

    kind: str
    name: str
    path: Path
    sha256: str
    bytes: int
    until: dt.date | None


@dataclass(frozen=True)
class Retired:
    """What was removed, where that is on record, and what is left elsewhere."""

    removed: list[Removal]
    record: Path
    left: list[str]


def due(study: Study, today: dt.date) -> list[Removal]:
    """What is past its term: files of the study, and then everything made of them.

    Raises
    ------
    AnalystError
        If a file that ``retention`` names is not there, and was not retired.
    """
    past = []
    gone = retired(study)
    for name, until in study.retention.items():
        path = study.path(name)
        if not path.is_file():
            if name not in gone:
                raise _unknown(study, name)
            continue
        if today > until:
            past.append(_removal(RAW, name, path, until))
    if not past:
        return []
    processed = places.processed(study.folder)
    made = [
        _removal(PROCESSED, path.relative_to(processed).as_posix(), path, None)
        for path in _below(processed)
    ]
    return [*past, *made]


def _below(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name != ".lock":
            yield path


def _removal(kind: str, name: str, path: Path, until: dt.date | None) -> Removal:
    content = path.read_bytes()
    return Removal(kind, name, path, hashlib.sha256(content).hexdigest(), len(content), until)


def _unknown(study: Study, name: str) -> AnalystError:
    there = [p.relative_to(study.folder).as_posix() for p in study.folder.rglob("*") if p.is_file()]
    near = difflib.get_close_matches(name, there, 2)
    return AnalystError(
        f"There is no file '{name}' to keep or to retire.",
        where=at(study.path("study.yaml"), "retention"),
        fix=f"Perhaps {' or '.join(near)}." if near else "Correct the name, or take it out.",
    )


def retired(study: Study) -> dict[str, dict[str, str]]:
    """The study's files that were retired, by name: their last entry on record."""
    path = _record(study)
    if not path.exists():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        return {row["file"]: row for row in csv.DictReader(file) if row["kind"] == RAW}


def _record(study: Study) -> Path:
    return inside(register.folder(study), FILE)


def retire(study: Study, removals: list[Removal], today: dt.date) -> Retired:
    """Remove what is due, put it on record, and look whether anything of it is left.

    It is on record before it is removed, so that a run that is cut short leaves nothing unsaid.

    Raises
    ------
    AnalystError
        If something to be removed is within its term, or changed since it was looked at.
    """
    for each in removals:
        if each.kind == RAW and (each.until is None or today <= each.until):
            raise AnalystError(
                f"{each.name} is to be kept until {each.until}.",
                where=at(study.path("study.yaml"), "retention"),
                fix="Nothing was removed. Wait, or put the day right.",
            )
    record = _record(study)
    record.parent.mkdir(parents=True, exist_ok=True)
    begins = not record.exists()
    with record.open("a", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        if begins:
            writer.writerow(COLUMNS)
        for each in removals:
            until = each.until.isoformat() if each.until else ""
            writer.writerow(
                [today.isoformat(), each.kind, each.name, each.sha256, each.bytes, until]
            )
    for each in removals:
        each.path.unlink(missing_ok=True)
    processed = places.processed(study.folder)
    for path in processed.glob("*"):
        if path.is_dir():
            shutil.rmtree(inside(processed, path.name))
    left = [
        f"{each.path} could not be removed" for each in removals if each.path.exists()
    ]  # fmt: skip
    raw = [each for each in removals if each.kind == RAW]
    left += [*_copies(study, raw), *_in_git(study, raw)]
    return Retired(removals, record, left)


def _copies(study: Study, raw: list[Removal]) -> Iterator[str]:
    """Files of the project with the same content, whatever they are called."""
    wanted = {(each.bytes, each.sha256): each.name for each in raw}
    sizes = {size for size, _ in wanted}
    roots = {places.project_root(study.folder), study.folder.resolve()}
    for path in sorted({p for root in roots for p in root.rglob("*")}):
        if ASIDE & set(path.parts) or path.is_symlink() or not path.is_file():
            continue
        size = path.stat().st_size
        if size in sizes:
            name = wanted.get((size, hashlib.sha256(path.read_bytes()).hexdigest()))
            if name:
                yield f"{path} is a copy of {name}"


def _in_git(study: Study, raw: list[Removal]) -> Iterator[str]:
    git = shutil.which("git")
    for each in raw if git else ():
        found = subprocess.run(
            [
                str(git),
                "-C",
                str(study.folder),
                "log",
                "--all",
                "-1",
                "--format=%h",
                "--",
                each.name,
            ],
            capture_output=True,
            check=False,
        )
        if found.returncode == 0 and found.stdout.strip():
            yield f"git's history still holds {each.name}"


def refuse_retired(study: Study) -> None:
    """Say of a file that the study still names that it was retired.

    Raises
    ------
    AnalystError
        Naming the file, and since when.
    """
    gone = retired(study)
    named = [export.file for survey in study.surveys for export in survey.exports]
    named += [file for files in study.strands.values() for file in files.values()]
    named += [text.file for text in study.coded_text]
    for name in named:
        if name in gone and not study.path(name).exists():
            entry = gone[name]
            raise AnalystError(
                f"{name} was retired on {entry['retired_on']}: its term of retention ended on "
                f"{entry['kept_until']}.",
                where=str(study.path("study.yaml")),
                fix="Take it out of study.yaml, with what rests on it. What was published stays on "
                "record.",
            )
