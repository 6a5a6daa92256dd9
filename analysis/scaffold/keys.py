"""The keys of the study file, as its model describes them: with comments, and as a table."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import yaml
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from analysis.study import Study

WIDTH = 100
#: What the model has for itself.
OWN = frozenset({"folder"})


def commented(values: Mapping[str, Any], waiting: Mapping[str, Any] | None = None) -> str:
    """A study file that holds ``values``, every key of it explained in a line.

    A key that is not among the values stands there as a comment: with what is ``waiting`` to be
    used, or with its default.
    """
    return "\n".join(_lines(values, Study, "", ask=True, waiting=waiting or {})) + "\n"


def table(model: type[BaseModel] = Study, within: str = "") -> list[tuple[str, str, str]]:
    """Each key of the study file: its full name, what it may hold, and what it says.

    A key of entries of a list is written ``surveys[].id``.
    """
    rows: list[tuple[str, str, str]] = []
    for name, field in _fields(model):
        full = f"{within}{name}"
        rows.append((full, _holds(field), str(field.description or "")))
        part = _model_in(field.annotation)
        if part is not None:
            several = _is_several(field.annotation)
            mark = "[]" if several == "list" else ".<id>" if several == "dict" else ""
            rows += table(part, f"{full}{mark}.")
    return rows


def _fields(model: type[BaseModel]) -> Iterator[tuple[str, FieldInfo]]:
    yield from ((name, field) for name, field in model.model_fields.items() if name not in OWN)


def _lines(
    values: Mapping[str, Any],
    model: type[BaseModel],
    indent: str,
    *,
    ask: bool,
    waiting: Mapping[str, Any],
) -> Iterator[str]:
    """The lines of one mapping. Without ``ask`` nothing is explained, nor said of what is not set."""
    for name, field in _fields(model):
        top = ask and not indent
        if name not in values and not ask:
            continue
        if top:
            yield ""
        if ask:
            yield from textwrap.wrap(
                f"{field.description}", WIDTH, initial_indent=f"{indent}# ",
                subsequent_indent=f"{indent}# ",
            )  # fmt: skip
        if name in values:
            yield from _set(name, values[name], field, indent, ask=ask)
        else:
            lines = _dumped({name: waiting[name]}) if name in waiting else _unset(name, field)
            yield from (f"{indent}# {line}" for line in lines)


def _set(name: str, value: Any, field: FieldInfo, indent: str, *, ask: bool) -> Iterator[str]:
    part, several = _model_in(field.annotation), _is_several(field.annotation)
    if part is None or several == "dict" or not value:
        yield from (f"{indent}{line}" for line in _dumped({name: value}))
    elif several == "list":
        yield f"{indent}{name}:"
        for number, entry in enumerate(value):
            # The first entry explains what the others say as well.
            first = True
            for line in _lines(entry, part, f"{indent}    ", ask=ask and number == 0, waiting={}):
                begins = first and not line.strip().startswith("#")
                mark = "- " if begins else ""
                yield f"{indent}  {mark}{line.strip()}" if first else line
                first = first and not begins
    else:
        yield f"{indent}{name}:"
        yield from _lines(value, part, f"{indent}  ", ask=ask, waiting={})


def _unset(name: str, field: FieldInfo) -> list[str]:
    default = field.get_default(call_default_factory=True)
    part = _model_in(field.annotation)
    if default is None and part is not None:
        default = part()
    if isinstance(default, BaseModel):
        return [f"{name}:", *(f"  {line}" for line in _defaults(default))]
    return _dumped({name: _plain(default)})


def _defaults(default: BaseModel) -> Iterator[str]:
    """A mapping as it is without being set, each key with what it says behind it."""
    for key, field in _fields(type(default)):
        (line,) = _dumped({key: _plain(getattr(default, key))})
        yield f"{line}    # {field.description}"


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, float):
        return round(value, 2)
    return list(value) if isinstance(value, tuple) else "" if value is None else value


def _dumped(content: dict[str, Any]) -> list[str]:
    """One key and its value: in one line if it fits, and in a line for each entry if not."""
    (name,) = content
    wide: dict[str, Any] = {"sort_keys": False, "allow_unicode": True, "width": float("inf")}
    if isinstance(content[name], dict | list):
        line = yaml.safe_dump(content[name], default_flow_style=True, **wide).strip()
        if len(name) + len(line) + 2 <= WIDTH - 8:
            return [f"{name}: {line}"]
    text = yaml.safe_dump(content, default_flow_style=False, indent=2, **wide)
    return text.rstrip("\n").splitlines()


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _model_in(part))), None)


def _is_several(annotation: Any) -> Literal["", "list", "dict"]:
    origin = get_origin(annotation)
    return "list" if origin is tuple else "dict" if origin is dict else ""


def _holds(field: FieldInfo) -> str:
    """What may stand at a key, in words, with what it is without it."""
    words = _words(field.annotation)
    if field.is_required():
        return f"{words}, needed"
    default = field.get_default(call_default_factory=True)
    if default in (None, "", (), {}) or isinstance(default, BaseModel):
        return words
    return f"{words}; default {_shown(_plain(default))}"


def _shown(value: Any) -> str:
    return yaml.safe_dump(value, default_flow_style=True, width=float("inf")).split("\n")[0]


def _words(annotation: Any) -> str:
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return " or ".join(map(str, parts))
    if origin is Annotated:
        return _words(parts[0])
    if origin in (Union, UnionType):
        return _joined([part for part in parts if part is not type(None)])
    if origin is tuple:
        each = ["keys"] if _model_in(annotation) else _words(parts[0]).split(" or ")
        return "list of " + " or ".join(word.removesuffix("s") + "s" for word in each)
    if origin is dict or _model_in(annotation):
        return "keys"
    names = {str: "text", int: "whole number", float: "number", bool: "true or false"}
    return names.get(annotation, getattr(annotation, "__name__", "text"))


def _joined(parts: Sequence[Any]) -> str:
    return " or ".join(map(_words, parts))
