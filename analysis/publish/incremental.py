"""Only what changed is made again: decided by content, never by time.

Three questions, the cheapest first.

1. Has anything at all changed since this very command last succeeded (:class:`Command`)? If not,
   nothing is imported and nothing is done.
2. Have the exports, the study's files, the code or the lock changed (:func:`data_inputs`)? If not,
   preparing, computing and releasing are left out.
3. For each unit: has anything changed that its report is made from (:class:`Report`)? The
   released rows count one by one: a report is made again for a row that one of its notebooks
   asked for, and for no other.

This module imports nothing heavy.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from analysis import resources
from analysis.places import WITHOUT_NUMBERS, inside, plain_file, private, releases

if TYPE_CHECKING:
    from analysis.present.page import Rows

PACKAGE = Path(__file__).resolve().parent.parent
#: Parts of the package that no report is made with.
ASIDE = ("demo", "bench.py", "__pycache__")
LOCK = "requirements.lock"
#: The unit whose rows every report reads beside its own.
COHORT = "cohort"
#: Causes that change pages, but no notebook.
PAGES_ONLY = ("chapter", "style", "text", "brand", "format", "approval", "translation")
STATE = "made"
Hashes = dict[str, str]


def digest(*parts: bytes) -> str:
    """The SHA-256 of some bytes, told apart."""
    found = hashlib.sha256()
    for part in parts:
        found.update(len(part).to_bytes(8, "little"))
        found.update(part)
    return found.hexdigest()


def file_hash(path: Path) -> str:
    """The hash of a file's content; empty if there is no such file."""
    try:
        found = plain_file(path).stat()
        return _hashed(path, found.st_mtime_ns, found.st_size)
    except FileNotFoundError:
        return ""


@cache
def _hashed(path: Path, changed: int, size: int) -> str:
    """A process reads each state of a file once, however many steps ask for its hash."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def content_hash(path: Path) -> str:
    """SHA-256 of a file's content as it is now."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def hashes(folder: Path, files: Iterable[Path]) -> Hashes:
    """The hash of each file, by its name within a folder."""
    return {path.relative_to(folder).as_posix(): file_hash(path) for path in sorted(files)}


def together(found: Mapping[str, str]) -> str:
    """One hash of many."""
    return digest(json.dumps(found, sort_keys=True).encode())


@cache
def code_hash() -> str:
    """The hash of this package's code, wherever it is installed, and of the Python it runs on."""
    files = (p for p in _files(PACKAGE) if not set(p.relative_to(PACKAGE).parts) & set(ASIDE))
    return digest(together(hashes(PACKAGE, files)).encode(), sys.version.encode())


def common(root: Path) -> Hashes:
    """What every step depends on: code and lock."""
    return {"code": code_hash(), "lock": file_hash(root / LOCK)}


def data_inputs(
    study: Path, root: Path, waves: tuple[str, str], unused: Collection[str] = ()
) -> Hashes:
    """What preparing, computing and releasing depend on: no texts of reports, no forms of schools,
    and no file that the study does not use."""
    names = {p: p.relative_to(study) for p in _files(study)}
    files = (
        path
        for path, name in names.items()
        if name.parts[0] not in WITHOUT_NUMBERS and name.as_posix() not in unused
    )
    return {
        **common(root),
        **hashes(study, files),
        "waves": " ".join(waves),
        "published": published(study),
    }


def published(study: Path) -> str:
    """One hash of what was published earlier, with which a release is compared."""
    folder = private(study) / "published"
    files = (path for path in folder.rglob("*") if path.is_file())
    return together(hashes(folder, files))


def _files(folder: Path, aside: Path | None = None) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        folders[:] = [
            name
            for name in folders
            if not name.startswith(".") and name != "__pycache__" and Path(place, name) != aside
        ]
        yield from (Path(place, name) for name in names if not name.startswith("."))


#: Of each file that was made, by its path from the processed folder: size, time and content.
MadeFiles = dict[str, list[Any]]


def as_made(files: Iterable[Path], processed: Path) -> MadeFiles:
    """What tells whether files that were made are still as they are now.

    Paths are from the processed folder, so that a project can be moved.
    """
    found: MadeFiles = {}
    for path in sorted(files):
        stat = path.stat()
        name = Path(os.path.relpath(path, processed)).as_posix()
        found[name] = [stat.st_size, stat.st_mtime_ns, content_hash(path)]
    return found


def _from(processed: Path, name: str) -> Path:
    """A file by its path from the processed folder."""
    return Path(os.path.normpath(os.path.join(processed, name)))


def still_there(made: MadeFiles, processed: Path) -> bool:
    """Whether every file that was made is there as it was.

    One that has been touched since is read; nobody changes a file without that by accident but a
    disk, and ``drp check`` reads them all.
    """
    for name, (size, time, content) in made.items():
        path = _from(processed, name)
        try:
            stat = path.stat()
            same = stat.st_size == size and (
                stat.st_mtime_ns == time or content_hash(path) == content
            )
        except OSError:
            return False
        if not same:
            return False
    return bool(made)


def read(path: Path) -> dict[str, Any]:
    """A record; an empty one if there is none, or none that can be read."""
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def write(path: Path, record: Mapping[str, Any]) -> None:
    """Write a record in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(f".{os.getpid()}.part")
    temporary.write_text(json.dumps(record, sort_keys=True), encoding="utf-8")
    temporary.replace(path)


def report_record(processed: Path, unit: str) -> Path:
    """Where it is noted what a unit's report was made from."""
    return inside(processed, STATE, "reports", f"{unit}.json")


@dataclass(frozen=True)
class Release:
    """The release of a study, with the pair of waves that it compares, and what it is made from."""

    study: Path
    root: Path
    processed: Path
    waves: tuple[str, str]
    unused: Collection[str] = ()

    @cached_property
    def inputs(self) -> Hashes:
        """What it would be made from now."""
        return data_inputs(self.study, self.root, self.waves, self.unused)

    @property
    def record(self) -> Path:
        """Where it is noted what it was made from."""
        return self.processed / STATE / "release.json"

    def settings(self) -> str:
        """One hash of everything but data that results are computed from."""
        files = [self.study / "study.yaml", *(self.study / "instruments").glob("*.yaml")]
        files = [p for p in files if p.relative_to(self.study).as_posix() not in self.unused]
        waves = {"waves": "-".join(self.waves).lower()}
        return together({**common(self.root), **hashes(self.study, files), **waves})

    def is_there(self) -> bool:
        """Whether it was made from just these inputs, and all of it is there."""
        before = read(self.record)
        return before.get("inputs") == self.inputs and still_there(before["made"], self.processed)

    def forget(self) -> None:
        """Note that what was made before is no longer to be relied on. What it is to be made from
        is looked at before it is made."""
        self.inputs  # noqa: B018
        self.record.unlink(missing_ok=True)

    def made(self, files: Iterable[Path]) -> None:
        """Note that these files were made."""
        write(self.record, {"inputs": self.inputs, "made": as_made(files, self.processed)})


def seems_released(study: Path, root: Path, processed: Path) -> bool:
    """Whether all that a release was made from is as it was, by a quick look.

    It says what to get ready for, before the study file is read: of new files it knows nothing, nor
    of another pair of waves.
    """
    before: Hashes = read(processed / STATE / "release.json").get("inputs", {})
    found = common(root)
    names = before.keys() - found.keys() - {"waves", "published"}
    found |= hashes(study, (inside(study, *name.split("/")) for name in names))
    return bool(before) and all(before.get(name) == value for name, value in found.items())


@dataclass(frozen=True)
class Command:
    """A whole ``drp render``: what it was asked, and what it read.

    ``asked`` holds units, formats, renderer and waves as given.
    """

    study: Path
    root: Path
    processed: Path
    asked: Mapping[str, Any]

    @property
    def record(self) -> Path:
        """Where its success is noted."""
        name = digest(json.dumps(self.asked, sort_keys=True).encode())
        return inside(self.processed, STATE, "commands", f"{name}.json")

    def inputs(self) -> str:
        """One hash of every file that any report could be made from."""
        root, report = self.root, self.root / "report"
        sources = {*_files(self.study), *resources.notebooks(root), *resources.templates(root)}
        sources |= {p for p in _files(report) if not p.is_relative_to(report / "_site")}
        sources |= {*resources.styles(root).values()}
        sources |= {resources.find(root, "_quarto.yml")}
        found = {str(path): file_hash(path) for path in sorted(sources)}
        register = releases(self.study)
        signed = together(hashes(register, register.glob("*/*/signed.yaml")))
        asked = {"published": published(self.study), "signed": signed}
        return together({**found, **common(self.root), **asked})

    def nothing_to_do(self) -> MadeFiles:
        """What it made the last time, if nothing has changed since and all of it is there."""
        record = read(self.record)
        made: MadeFiles = record.get("made", {})
        there = bool(made) and still_there(made, self.processed)
        unchanged = there and record["inputs"] == self.inputs()
        return made if unchanged else {}

    def succeeded(self, inputs: str, units: Iterable[str]) -> None:
        """Note that the reports of these units were made, from these inputs."""
        made: MadeFiles = {}
        for unit in units:
            made |= read(report_record(self.processed, unit))["made"]
        write(self.record, {"inputs": inputs, "made": made})


@dataclass
class Report:
    """One unit's report: what it was made from the last time, and is made from now."""

    record: Path
    before: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        self.before = read(self.record)

    def untouched(self, causes: Hashes, released: Hashes) -> bool:
        """Whether nothing at all has changed, down to rows that the report does not show.

        Much quicker than to look at rows one by one; what has changed here may yet be no
        reason (:meth:`reasons`).
        """
        before = self.before
        return (
            bool(before)
            and before["causes"] == causes
            and before["released"] == released
            and still_there(before["made"], self.processed)
        )

    def reasons(self, causes: Hashes, rows: Rows) -> list[str]:
        """Why the report has to be made again; nothing if it need not be."""
        if not self.before:
            return ["it has not been made before"]
        if not still_there(self.before["made"], self.processed):
            return ["a file of it is missing or was changed"]
        old: Hashes = self.before["causes"]
        reasons = [
            f"{name} is {'new' if name not in old else 'gone' if name not in causes else 'another'}"
            for name in sorted({*old, *causes})
            if old.get(name) != causes.get(name)
        ]
        kept: Hashes = self.before["rows"]
        changed = [
            name
            for name, value in row_hashes(rows, map(key_of, kept)).items()
            if value != kept[name]
        ]
        if changed:
            others = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
            reasons.append(f"released row {changed[0]} is another{others}")
        return reasons

    def made(
        self,
        causes: Hashes,
        rows: Rows,
        asked_for: Iterable[tuple[str, str]],
        released: Hashes,
        documents: Iterable[Path],
        places: Iterable[Path],
        untranslated: Mapping[str, Iterable[str]] = MappingProxyType({}),
    ) -> None:
        """Note what the report was made from, its documents, and all files at its places; and by
        language the messages that stand in it in English."""
        write(
            self.record,
            {
                "causes": causes,
                "rows": row_hashes(rows, asked_for),
                "released": released,
                "untranslated": {code: sorted(found) for code, found in untranslated.items()},
                "documents": [
                    Path(os.path.relpath(path, self.processed)).as_posix() for path in documents
                ],
                "made": as_made(
                    (p for place in places for p in place.rglob("*") if p.is_file()), self.processed
                ),
            },
        )

    def seen(self, released: Hashes) -> None:
        """Note that these released rows, however they differ, were no reason."""
        write(self.record, {**self.before, "released": released})

    def forget(self) -> None:
        """Note that what was made before is no longer to be relied on."""
        self.record.unlink(missing_ok=True)

    def untranslated(self, language: str) -> set[str]:
        """Messages that stand in the report in English in a language."""
        return set(self.before.get("untranslated", {}).get(language, ()))

    @property
    def documents(self) -> list[Path]:
        """The pages and the PDF made the last time."""
        return [_from(self.processed, name) for name in self.before["documents"]]

    @property
    def processed(self) -> Path:
        """The folder below which its record lies."""
        return self.record.parent.parent.parent


#: Stands for all rows there are, where it is not known which were asked for.
EVERY_ROW = ("*", "rows")


def row_hashes(rows: Rows, asked_for: Iterable[tuple[str, str]]) -> Hashes:
    """The hash of each row asked for; a key that starts with ``*`` is about all of them."""
    # A notebook asks for what others asked for, and the report for what its notebooks did.
    found, known = {}, rows.hashes
    for key in sorted(set(asked_for)):
        if key not in known:
            known[key] = _row_hash(rows, key)
        found[" ".join(key)] = known[key]
    return found


def _row_hash(rows: Rows, key: tuple[str, str]) -> str:
    if key == EVERY_ROW:
        value = digest(repr([(k, rows[k]) for k in sorted(rows)]).encode())
    elif key[0] == "*":
        value = digest(repr(sorted(rows)).encode())
    else:
        row = rows.get(key)
        value = "" if row is None else digest(repr(sorted(row.items())).encode())
    # Short: a report asks for thousands of rows.
    return value[:20]


def key_of(name: str) -> tuple[str, str]:
    """Unit and id of a row by its name in records."""
    unit, _, identity = name.partition(" ")
    return unit, identity


def released_files(released: Path, unit: str) -> Hashes:
    """The hash of each file that a unit's released rows are read from."""
    return hashes(released, (inside(released, f"{name}.parquet") for name in {COHORT, unit}))


def report_causes(
    study: Path,
    root: Path,
    released: Path,
    unit: str,
    is_school: bool,
    brand: str | None,
    unused: Collection[str] = (),
) -> Hashes:
    """Everything but released rows that a unit's report is made from, by names for analysts."""
    causes = common(root)
    for path in resources.notebooks(root):
        causes[f"notebook {path.name}"] = file_hash(path)
    for name in (f"{unit}.texts.parquet", f"{unit}.earlier.json", "schools.csv", "terms.csv"):
        causes[f"released {name}"] = file_hash(inside(released, name))
    if brand:
        for path in _files((study / brand).parent):
            causes[f"brand {path.name}"] = file_hash(path)
    every = resources.templates(root)
    chapters = [path for path in every if (path.name == "school.qmd") == is_school]
    for path in [resources.find(root, "_quarto.yml"), *chapters]:
        causes[f"chapter {path.name}"] = file_hash(path)
    # Texts for chapters lie in texts/ itself; those deeper are for notebooks, but for each school's
    # own, of which only its own is looked at.
    texts = study / "texts"
    own = [
        p for p in (texts / "schools").glob("**/*") if p.is_file() and _of_school(p, texts, unit)
    ]
    for path in [*_files(study, aside=texts / "schools"), *own]:
        name = path.relative_to(study).as_posix()
        if path in own or (path.parent == texts and _named(path.stem, chapters, is_school)):
            causes[f"text {name}"] = file_hash(path)
        elif name.startswith("published/"):
            # Another report's figures, with which the programme's compares its own.
            if not is_school:
                causes[f"study file {name}"] = file_hash(path)
        elif name in unused:
            continue
        elif path.suffix in (".yaml", ".yml", ".md") and path.parent != texts and name != brand:
            # Notebooks read it, or could.
            causes[f"study file {name}"] = file_hash(path)
    for name, path in resources.styles(root).items():
        causes[f"style {name.removeprefix(resources.EXTENSION + '/')}"] = file_hash(path)
    return causes


def _of_school(path: Path, texts: Path, unit: str) -> bool:
    """Whether a file below ``texts/schools`` is a school's own: its text, or beside it."""
    return Path(path.relative_to(texts / "schools").parts[0]).stem == unit


#: A template that shows a text by its name, by a name that it works out, or by an include.
TEXT = re.compile(r"""\btext\(\s*(?:["']([^"']+)["']\s*\)|([^"'\s]))|<\s*include\s+(\S+)""")


def _named(name: str, chapters: Iterable[Path], is_school: bool) -> bool:
    """Whether a unit's chapters may show this text: any of the programme's, of a school's those
    that its template names."""
    if not is_school:
        return name != "email"
    for path in chapters:
        content = path.read_text(encoding="utf-8") if path.exists() else ""
        for literal, worked_out, included in TEXT.findall(content):
            if worked_out or name in (literal, Path(included).stem):
                return True
    return False
