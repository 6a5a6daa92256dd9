"""Study files of version 1 as version 2.

Version 1 knew staff and pupils, primary and secondary schools, and one flat list of tables. It goes
on being read: what it took for granted becomes populations, groups and strands here.

=====================================  =========================================================
version 1                              becomes
=====================================  =========================================================
``surveys.*.population``               populations ``staff`` (adults, at least 5) and ``pupils``
                                       (children, at least 10), named as the survey's respondents
``disclosure.staff``, ``.pupils``      their ``minimum``; their breakdowns become groups
the schools table's reporting phases   a group ``phase`` of schools, compared, where there are
                                       two or more
a breakdown by ``role``                a group with the roles of the mappings as its values, where
                                       there are two or more
other breakdowns                       groups whose values are found in the data
``tables``                             ``schools``, ``wave_dates``, ``reference_population``, and
                                       ``strands`` by their names
``notice`` beside ``SYNTHETIC``        ``synthetic.notice``
=====================================  =========================================================
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml

from analysis import strands, synthetic
from analysis.errors import AnalystError
from analysis.words import tidy

#: What version 1 took for granted: population -> kind, one of them, smallest number, breakdowns.
POPULATIONS: dict[str, tuple[str, str, int, tuple[str, ...]]] = {
    "staff": ("adults", "member of staff", 5, ("role",)),
    "pupils": ("children", "pupil", 10, ()),
}
PHASE = "reporting_phase"
#: Before which key of version 1 a key that it does not have comes to stand, if it is there.
BEFORE = {
    "synthetic": ("edition", "waves", "surveys"),
    "populations": ("surveys",),
    "groups": ("surveys",),
    "schools": ("tables",),
    "wave_dates": ("tables",),
    "reference_population": ("tables",),
    "strands": ("tables", "value_creation"),
}
Reader = Callable[[Path], dict[str, Any]]


def current(content: dict[str, Any], folder: Path, read: Reader) -> dict[str, Any]:
    """The content of a study file in the version that is read now; version 2 as it is.

    Parameters
    ----------
    content
        What the file holds. It is not changed.
    folder
        The study's folder: phases and roles are looked up in its schools table and mappings.
    read
        How a YAML file is read.

    Raises
    ------
    AnalystError
        If the version is neither 1 nor 2, or a key of version 1 is wrong that has none in
        version 2.
    """
    path = folder / "study.yaml"
    version = content.get("schema_version")
    if version == 2:
        return content
    if version != 1:
        raise AnalystError(
            f"schema_version is {version!r}; versions 1 and 2 can be read.",
            where=str(path),
            fix="Write schema_version: 2, or compare with the study file that drp init makes.",
        )
    gone = ("tables", "disclosure", "value_creation")
    found = {key: value for key, value in content.items() if key not in gone}
    disclosure = _mapping(content, "disclosure", path)
    for name in POPULATIONS:
        _mapping(disclosure, name, path, "disclosure.")
    found["schema_version"] = 2
    found |= _files(content, path)
    surveys = [each for each in _listed(content.get("surveys")) if isinstance(each, dict)]
    asked = list(dict.fromkeys(str(each.get("population")) for each in surveys))
    unknown = [name for name in asked if name not in POPULATIONS]
    if unknown:
        raise AnalystError(
            f"'{unknown[0]}' is no population of version 1, which knows {' and '.join(POPULATIONS)}.",
            where=f"{path}, surveys",
            fix="Correct it; or write schema_version: 2, and list populations.",
        )
    found["populations"] = [_population(name, surveys, disclosure, path) for name in asked]
    found["groups"] = list(_groups(content, found, asked, disclosure, folder, read))
    others = {k: v for k, v in disclosure.items() if k not in POPULATIONS}
    if others:
        found["disclosure"] = others
    if synthetic.listed(folder):
        said = {key: found.pop(key) for key in ("notice", "notice_short") if found.get(key)}
        if said:
            found["synthetic"] = said
    return found


#: Parts of a codebook that version 1 called by the names that they had in one study.
CODEBOOK = {"pyramid_of_need": ("needs", "Pyramid of Need")}
FRAMEWORK = ("resilience_framework", "Resilience Framework")


def codebook(content: dict[str, Any]) -> dict[str, Any]:
    """A codebook with the keys that are read now; it is not changed.

    ``resilience_framework``, a list of areas, becomes ``framework`` with a label and areas;
    ``pyramid_of_need`` becomes ``needs``.
    """
    found = dict(content)
    old, label = FRAMEWORK
    if old in found and "framework" not in found:
        found["framework"] = {"label": label, "areas": found.pop(old)}
    for old, (new, label) in CODEBOOK.items():
        if isinstance(found.get(old), dict) and new not in found:
            found[new] = {"label": label, **found.pop(old)}
    return found


def _files(content: dict[str, Any], path: Path) -> dict[str, Any]:
    """Top-level files and strands, from the flat list of tables."""
    listed = _mapping(content, "tables", path)
    files: dict[str, Any] = {}
    of_strands: dict[str, dict[str, Any]] = {}
    named = {**listed}
    if content.get("value_creation"):
        named["value_creation"] = content["value_creation"]
    for name, file in named.items():
        if name in ("schools", "wave_dates", "reference_population"):
            files[name] = file
        elif name in strands.PLACES:
            strand, key = strands.place(name).split(".")
            if file is not None:
                of_strands.setdefault(strand, {})[key] = file
        else:
            raise AnalystError(
                f"tables.{name}: there is no such table.",
                where=str(path),
                fix=f"Tables are schools, wave_dates, reference_population, "
                f"{', '.join(sorted(strands.PLACES))}.",
            )
    order = [strand.id for strand in strands.STRANDS]
    files["strands"] = {name: of_strands[name] for name in order if name in of_strands}
    return files


def _population(
    name: str, surveys: list[dict[str, Any]], disclosure: dict[str, Any], path: Path
) -> dict[str, Any]:
    kind, one, least, _ = POPULATIONS[name]
    minimum = _mapping(disclosure, name, path, "disclosure.").get("minimum", least)
    if not isinstance(minimum, int) or isinstance(minimum, bool) or minimum < least:
        raise AnalystError(
            f"disclosure.{name}.minimum: should be a whole number of at least {least}, found "
            f"{minimum!r}.",
            where=str(path),
            fix=f"Results of fewer than {least} {name} are never released; a higher number may be "
            "asked for.",
        )
    nouns = [each.get("respondents") for each in surveys if each.get("population") == name]
    noun = next((noun for noun in nouns if isinstance(noun, str)), name)
    return {"id": name, "kind": kind, "noun": noun, "one": one, "minimum": minimum}


def _groups(
    content: dict[str, Any],
    found: dict[str, Any],
    asked: list[str],
    disclosure: dict[str, Any],
    folder: Path,
    read: Reader,
) -> Iterator[dict[str, Any]]:
    labels = content.get("labels")
    labels = labels if isinstance(labels, dict) else {}
    phases = _column(folder, found.get("schools"), PHASE)
    if len(phases) > 1:
        yield {
            "id": "phase",
            "of": "schools",
            "column": PHASE,
            "label": "Phase",
            "compare": True,
            "values": [{"id": each, "label": f"{tidy(each)} schools"} for each in phases],
        }
    for name in asked:
        columns = _listed(
            (disclosure.get(name) or {}).get("programme_breakdowns", POPULATIONS[name][3])
        )
        mapped = _mapped_roles(content, name, folder, read)
        for column in map(str, columns):
            if column == PHASE or (column == "role" and len(mapped) < 2):
                continue
            group = {"id": column, "of": name, "label": labels.get(column, tidy(column))}
            if any(each["id"] == column for each in found.get("groups", ())):
                group |= {"id": f"{name}_{column}", "column": column}
            if column == "role":
                group["values"] = [{"id": each, "label": tidy(each)} for each in mapped]
            yield group
    strand = found["strands"].get("interviews", {})
    roles = _column(folder, strand.get("interviewees"), "role")
    if roles:
        yield {
            "id": "interviewed_role",
            "of": "interviewees",
            "column": "role",
            "label": "Role",
            "values": [{"id": each, "label": tidy(each)} for each in roles],
        }


def _mapped_roles(
    content: dict[str, Any], population: str, folder: Path, read: Reader
) -> list[str]:
    """Roles that the mappings of a population's surveys know, in their order."""
    roles: dict[str, None] = {}
    for survey in _listed(content.get("surveys")):
        if not isinstance(survey, dict) or survey.get("population") != population:
            continue
        for export in _listed(survey.get("exports")):
            name = export.get("mapping") if isinstance(export, dict) else None
            path = folder / str(name)
            if not isinstance(name, str) or not path.is_file():
                continue
            values = read(path).get("values")
            values = values.get("role") if isinstance(values, dict) else None
            for role in values.values() if isinstance(values, dict) else ():
                if role not in ("", None, "prefer_not_to_say", "not_answered", "dont_know"):
                    roles[str(role)] = None
    return list(roles)


def _column(folder: Path, name: Any, column: str) -> list[str]:
    """The distinct values of a table's column, in the order of the file; none if unreadable."""
    path = folder / str(name)
    if not isinstance(name, str) or not path.is_file():
        return []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            values = [row.get(column) or "" for row in csv.DictReader(file)]
    except (OSError, UnicodeDecodeError, csv.Error):
        return []  # whoever reads the table itself says what is wrong
    return [value for value in dict.fromkeys(each.strip() for each in values) if value]


def _listed(value: Any) -> list[Any]:
    """A list of the file; whoever validates the file says what is wrong with anything else."""
    return list(value) if isinstance(value, list | tuple) else []


def _mapping(content: dict[str, Any], key: str, path: Path, within: str = "") -> dict[str, Any]:
    value = content.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise AnalystError(
            f"{within}{key}: should hold keys and values, found {value!r}.",
            where=str(path),
            fix="Indent its keys below it.",
        )
    return value


def rewritten(text: str, new: dict[str, Any]) -> str:
    """The text of a study file of version 1 as one of version 2, its comments kept.

    What stays as it is keeps its text, character by character. What changes is written anew, with
    all comments of the lines that it replaces above it.

    Parameters
    ----------
    text
        The file of version 1.
    new
        What the file of version 2 is to hold (:func:`current`).
    """
    comments = _comments(text)
    lines = [f"{line}\n" for line in text.splitlines()]
    parts = _parts(text)
    found = "".join(_blocks(parts, comments, lines, yaml.safe_load(text), new))
    if parts and yaml.safe_load(found) == new:
        return found
    # A file of another form, all in braces say: its comments go to its head.
    return "".join([*comments.values(), _block(new)])


def _parts(text: str) -> list[tuple[str, range, range]]:
    """Each top-level key with the places of the lines above it, and of its own lines.

    Nothing if the file is no list of keys, each on a line of its own.
    """
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    if not isinstance(root, yaml.MappingNode) or root.flow_style:
        return []
    lines = text.splitlines()
    starts = [key.start_mark.line for key, _ in root.value]
    heads = [0]
    for start in starts[1:]:
        head = start
        while not lines[head - 1].strip() or lines[head - 1].startswith("#"):
            head -= 1
        heads.append(head)
    end = len(lines)
    while not lines[end - 1].strip() or lines[end - 1].startswith("#"):
        end -= 1
    ends = [*heads[1:], end]
    return [
        (str(key.value), range(head, start), range(start, end))
        for (key, _), head, start, end in zip(root.value, heads, starts, ends, strict=True)
    ]


def _blocks(
    parts: list[tuple[str, range, range]],
    comments: dict[int, str],
    text: list[str],
    old: dict[str, Any],
    new: dict[str, Any],
) -> Iterator[str]:
    """The blocks of the new file, in order."""
    named = [key for key, _, _ in parts]
    added = {
        key: next((place for place in BEFORE.get(key, ()) if place in named), "")
        for key in new
        if key not in named
    }
    for key, head, body in parts:
        blocks = [_block({each: new[each]}) for each, place in added.items() if place == key]
        above = "".join(text[line] for line in head)
        if key in new and new[key] == old[key]:
            yield from (*blocks, above, *(text[line] for line in body))
            continue
        above += "".join(comments[line] for line in body if line in comments)
        if key in new:
            yield from (*blocks, above, _block({key: new[key]}))
        else:
            # What takes its place stands under its comments.
            yield from (above, *blocks)
    yield from (_block({each: new[each]}) for each, place in added.items() if not place)
    yield from text[parts[-1][2].stop if parts else 0 :]


def _comments(text: str) -> dict[int, str]:
    """The comments of a file, by the places of their lines: they stand between its tokens."""
    found: dict[int, str] = {}
    end = 0
    for token in yaml.scan(text):
        start = token.start_mark.index
        for place, line in enumerate(text[end:start].split("\n"), text.count("\n", 0, end)):
            if line.strip().startswith("#"):
                found[place] = f"{line.strip()}\n"
        end = max(end, token.end_mark.index)
    return found


class _SetIn(yaml.SafeDumper):
    """Writes the entries of a list set in from its key, as most people do."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _block(content: dict[str, Any]) -> str:
    return yaml.dump(content, Dumper=_SetIn, sort_keys=False, allow_unicode=True, width=100)
