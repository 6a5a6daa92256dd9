"""A staged Quarto project as typed values: what to render, in which order, with which metadata."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Literal

import yaml

from analysis.publish.builtin.dialect import DialectError, Source
from analysis.study import SAFE_LOADER

FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?\n)?(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
CLOCK_DATES = {"today", "now", "last-modified"}

# Keys of _quarto.yml that steer Quarto. All others are metadata a text may show.
MACHINERY = {"project", "book", "format", "metadata-files", "execute", "filters", "website"}


@dataclass(frozen=True)
class Chapter:
    """One source document and its place in the report."""

    path: str
    part: str | None = None
    appendix: bool = False

    @property
    def page(self) -> str:
        """Where its HTML page goes, from the output folder."""
        return str(PurePosixPath(self.path).with_suffix(".html"))


@dataclass(frozen=True)
class Project:
    """What ``_quarto.yml`` and its metadata files say.

    ``data_keys`` are the top-level keys that a metadata file sets: values about one unit, in
    which, unlike in what authors write, a shortcode is only text.
    """

    root: Path
    kind: Literal["book", "document"]
    chapters: tuple[Chapter, ...]
    metadata: dict[str, Any]
    data_keys: frozenset[str]
    config: Source
    lang: str
    number_sections: bool

    def resolve(self, folder: Path, target: str, source: Source, search: str) -> Path:
        """A path written in a source, as a file inside the project."""
        base = self.root if target.startswith("/") else folder
        path = (base / target.lstrip("/")).resolve()
        if not path.is_relative_to(self.root):
            raise source.error(
                search, "this path leaves the project folder; copy the file into it", search
            )
        return path

    def name_of(self, path: Path) -> str:
        """A file's path inside the project, as messages and addresses show it."""
        return path.resolve().relative_to(self.root).as_posix()


def load_project(root: Path) -> Project:
    """Read the project at ``root``."""
    root = root.resolve()
    config = read_source(root / "_quarto.yml", root)
    settings = load_yaml(config)
    metadata = {key: value for key, value in settings.items() if key not in MACHINERY}
    data_keys: set[str] = set()
    for name in settings.get("metadata-files") or []:
        path = (root / str(name)).resolve()
        if not path.is_relative_to(root):
            raise config.error(str(name), "a metadata file must lie inside the project folder")
        values = load_yaml(read_source(path, root, config))
        data_keys.update(values)
        metadata = merge(metadata, values)

    project = settings.get("project") or {}
    kind = str(project.get("type", "default"))
    if kind == "book":
        book = settings.get("book") or {}
        chapters = tuple(_book_chapters(book, config))
        for key in ("title", "subtitle", "author", "date", "abstract", "description"):
            if key in book:
                metadata.setdefault(key, book[key])
    elif kind == "default":
        chapters = (Chapter(_single_document(project, root, config)),)
    else:
        raise config.error(f"type: {kind}", "the project type must be `book` or `default`")

    for chapter in chapters:
        if not (root / chapter.path).is_file():
            raise config.error(chapter.path, "this chapter's file is missing")
    return Project(
        root=root,
        kind="book" if kind == "book" else "document",
        chapters=chapters,
        metadata=metadata,
        data_keys=frozenset(data_keys),
        config=config,
        lang=str(metadata.get("lang") or "en-GB"),
        number_sections=bool(metadata.get("number-sections", kind == "book")),
    )


def _book_chapters(book: dict[str, Any], config: Source) -> Iterator[Chapter]:
    entries = book.get("chapters")
    if not entries:
        raise config.error("book:", "a book needs a list of `chapters`")
    yield from _entries(entries, config, None, appendix=False)
    yield from _entries(book.get("appendices") or [], config, None, appendix=True)


def _entries(
    entries: list[Any], config: Source, part: str | None, *, appendix: bool
) -> Iterator[Chapter]:
    for entry in entries:
        if isinstance(entry, str):
            if not entry.endswith((".qmd", ".md")):
                raise config.error(entry, "a chapter must be a .qmd or .md file")
            yield Chapter(entry, part, appendix)
        elif isinstance(entry, dict) and "part" in entry and part is None:
            name = str(entry["part"])
            if name.endswith(".qmd"):
                raise config.error(name, "give the part a title; a page of its own is a chapter")
            yield from _entries(entry.get("chapters") or [], config, name, appendix=appendix)
        else:
            raise config.error(str(entry), "a chapter must be a path, or `part:` with `chapters:`")


def _single_document(project: dict[str, Any], root: Path, config: Source) -> str:
    render = project.get("render")
    if render:
        if not isinstance(render, list) or len(render) != 1:
            raise config.error("render:", "a single document project renders exactly one document")
        return str(render[0])
    found = [
        path.relative_to(root).as_posix()
        for folder in (root / "report", root)
        for path in sorted(folder.glob("*.qmd"))
        if not path.name.startswith("_")
    ]
    if "report/school.qmd" in found:
        return "report/school.qmd"
    if len(found) == 1:
        return found[0]
    raise config.error("project:", "name the one document to render under `project: render:`")


def read_source(path: Path, root: Path, referrer: Source | None = None) -> Source:
    """A text file of the project. Line ends are normalised, so that searches find their lines."""
    name = path.relative_to(root).as_posix()
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        if referrer is None:
            raise DialectError(name, None, "", "this file is missing") from None
        raise referrer.error(path.name, f"the file {name} is missing") from None
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise DialectError(name, line, "", "the file is not UTF-8; save it as UTF-8") from None
    return Source(name, path.parent, text.replace("\r\n", "\n").removeprefix("\ufeff"))


def load_yaml(source: Source, text: str | None = None, first_line: int = 1) -> dict[str, Any]:
    """A YAML mapping, with errors that say where."""
    try:
        values = yaml.load(source.text if text is None else text, Loader=SAFE_LOADER)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + first_line if mark is not None else None
        problem = str(getattr(error, "problem", None) or "not readable")
        raise DialectError(source.name, line, "", f"invalid YAML: {problem}") from None
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise DialectError(source.name, first_line, "", "expected `key: value` lines")
    return values


def split_front_matter(source: Source) -> tuple[dict[str, Any], str]:
    """A document's own metadata and its text."""
    match = FRONT_MATTER.match(source.text)
    if match is None:
        return {}, source.text
    return load_yaml(source, match.group(1) or "", first_line=2), source.text[match.end() :]


def merge(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """Two mappings as one; where both have a value, ``above`` has the word."""
    merged = dict(below)
    for key, value in above.items():
        if isinstance(value, dict) and isinstance(merged.get(key), dict):
            merged[key] = merge(merged[key], value)
        else:
            merged[key] = value
    return merged


def lookup(metadata: dict[str, Any], key: str) -> Any:
    """The value at a dotted key; ``KeyError`` where there is none."""
    value: Any = metadata
    for part in key.split("."):
        if isinstance(value, dict) and part in value:
            value = value[part]
        elif isinstance(value, list) and part.isdigit() and int(part) < len(value):
            value = value[int(part)]
        else:
            raise KeyError(key)
    return value


def report_date(metadata: dict[str, Any], source: Source) -> dt.date | None:
    """The edition's date. A date taken from the clock would make every rendering different."""
    value = metadata.get("date")
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    if isinstance(value, str):
        if value.strip() in CLOCK_DATES:
            raise source.error(f"date: {value}", "give the edition's date, not the clock's")
        try:
            return dt.date.fromisoformat(value.strip())
        except ValueError:
            return None
    return None
