"""YAML that people write by hand: read strictly, and with the line of every key.

YAML keeps the last of two equal keys and says nothing; and it takes ``yes``, ``no``, ``on`` and
``off`` for true and false, so that ``{Yes: yes, No: no}`` would list neither word. Here a key
given twice is refused, and only ``true`` and ``false`` are truth values, as in YAML 1.2.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import BaseModel

from analysis.errors import AnalystError
from analysis.places import plain_file

#: yaml.SafeLoader, ten times as fast where PyYAML was built with libyaml (its wheels are).
SAFE_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
Keys = tuple[str | int, ...]
MERGE = "tag:yaml.org,2002:merge"
BOOL = "tag:yaml.org,2002:bool"


class Lined(dict[str, Any]):
    """What a file holds; ``lines`` gives the line of each key, by the path that leads to it."""

    lines: dict[Keys, int]

    def line(self, keys: Sequence[object]) -> int | None:
        """The line of a key, or of the nearest one above it that stands in the file."""
        written = tuple(key if isinstance(key, int) else str(key) for key in keys)
        for length in range(len(written), 0, -1):
            if written[:length] in self.lines:
                return self.lines[written[:length]]
        return None


class _Loader(SAFE_LOADER):  # type: ignore[misc]
    """Loads with ``true`` and ``false`` as the only truth values."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != BOOL or str(first) in "tTfF"]
    for first, resolvers in SAFE_LOADER.yaml_implicit_resolvers.items()
}


def read_text(path: Path) -> str:
    """A text file, in UTF-8 with or without a mark at its head.

    Raises
    ------
    AnalystError
        If it is missing, no plain file, cannot be read, or is not UTF-8: with the line.
    """
    try:
        return plain_file(path).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise AnalystError(
            f"{path.name} is not UTF-8.",
            where=f"{path}, line {line}",
            fix="Save it as text in UTF-8.",
        ) from None
    except FileNotFoundError:
        raise AnalystError(
            f"The file {path.name} is missing.",
            where=str(path),
            fix="Put it there, or correct its name where study.yaml has it; or check the folder "
            "given with --study.",
        ) from None
    except OSError as error:
        raise AnalystError(
            f"{path.name} cannot be read: {error.strerror or error}.",
            where=str(path),
            fix="Put a file there that may be read.",
        ) from None


def read(path: Path, as_written: Sequence[str] = ()) -> Lined:
    """A YAML file whose top level is a mapping.

    Parameters
    ----------
    path
        The file.
    as_written
        Top-level keys below which every key is text, just as it stands in the file: a code
        ``08``, ``1.0`` or ``True`` there is what the export holds, not a number or a truth value.

    Raises
    ------
    AnalystError
        If the file is missing or is not YAML, its top level is no mapping, or a key stands in
        it twice: all such keys at once, with their lines.
    """
    loader = _Loader(read_text(path))
    try:
        root = loader.get_single_node()
        lines: dict[Keys, int] = {}
        twice: list[str] = []
        if isinstance(root, yaml.MappingNode):
            for key, value in root.value:
                if key.value in as_written:
                    _keys_as_written(value)
        if root is not None:
            _walk(root, (), lines, twice, set())
        content = None if twice or root is None else loader.construct_document(root)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark is not None else ""
        raise AnalystError(
            f"{path.name} is not valid YAML: {getattr(error, 'problem', None) or error}.",
            where=f"{path}{line}",
            fix="Check indentation, colons and quotes near that line.",
        ) from None
    except RecursionError:
        raise AnalystError(
            f"{path.name} is nested too deeply to be read.",
            where=str(path),
            fix="Check its brackets: one that is opened has to be closed.",
        ) from None
    except ValueError as error:
        # A date such as 2018-02-30 is found out only when it is made.
        raise AnalystError(
            f"{path.name} holds a value that does not exist: {error}.",
            where=str(path),
            fix="Correct it (dates are year-month-day).",
        ) from None
    finally:
        loader.dispose()
    if twice:
        raise AnalystError(
            f"{path.name} gives {'a key' if len(twice) == 1 else f'{len(twice)} keys'} twice:\n    "
            + "\n    ".join(twice),
            where=str(path),
            fix="Keep one of each: of two equal keys only the last would count.",
        )
    if not isinstance(content, dict):
        raise AnalystError(
            f"{path.name} should hold keys and values, but holds {type(content).__name__}.",
            where=str(path),
            fix="Write one key, a colon and its value in each line.",
        )
    found = Lined(content)
    found.lines = lines
    return found


def _walk(
    node: yaml.Node, at: Keys, lines: dict[Keys, int], twice: list[str], above: set[int]
) -> None:
    """Enter the lines of all keys below a node, and every key that stands there twice."""
    if id(node) in above:  # an alias within what it stands for
        return
    above = above | {id(node)}
    if isinstance(node, yaml.SequenceNode):
        for place, entry in enumerate(node.value):
            lines[(*at, place)] = entry.start_mark.line + 1
            _walk(entry, (*at, place), lines, twice, above)
    if not isinstance(node, yaml.MappingNode):
        return
    seen: dict[tuple[str, str], int] = {}
    for key, value in node.value:
        line = key.start_mark.line + 1
        if isinstance(key, yaml.ScalarNode) and key.tag != MERGE:
            written = (key.tag, key.value)
            if written in seen:
                name = ".".join(str(part) for part in (*at, key.value))
                twice.append(f"{name}, in line {seen[written]} and again in line {line}")
            seen.setdefault(written, line)
            lines.setdefault((*at, key.value), line)
            _walk(value, (*at, key.value), lines, twice, above)
        else:
            _walk(value, at, {}, twice, above)


def _keys_as_written(node: yaml.Node) -> None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode) and key.tag != MERGE:
                key.tag = "tag:yaml.org,2002:str"
            _keys_as_written(value)


def nearest(model: type[BaseModel], keys: Sequence[object]) -> str:
    """What could have been meant by a key that a model does not have, for a message."""
    found: type[BaseModel] | None = model
    for key in keys[:-1]:
        if found is not None and not isinstance(key, int):
            field = found.model_fields.get(str(key))
            found = _model_in(field.annotation) if field else None
    if found is None or not keys:
        return ""
    names = list(found.model_fields)
    near = difflib.get_close_matches(str(keys[-1]), names, n=1)
    return f"; did you mean '{near[0]}'?" if near else f"; keys here are {', '.join(names)}"


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The model that a field's type is, or is made of."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _model_in(part))), None)
