"""A new wave or a new edition in ``study.yaml``: written there, comments and layout kept."""

from __future__ import annotations

import datetime as dt
import io
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml as pyyaml
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from analysis import questionnaire, upgrade
from analysis import study as studies
from analysis.errors import AnalystError
from analysis.prepare import fit
from analysis.study import Study, at
from analysis.term import newest

#: How lists are set in from their key: most people's way, and YAML's own.
INDENTS = ({"mapping": 2, "sequence": 4, "offset": 2}, {"mapping": 2, "sequence": 2, "offset": 0})
#: Longer than any line: what somebody wrote on one line stays on one.
WIDTH = 1_000_000


@dataclass(frozen=True)
class Edited:
    """A study as it is now, and what is still to be done by hand."""

    study: Study
    follows: list[str] = field(default_factory=list)


def add_wave(
    folder: Path,
    wave: str,
    *,
    label: str,
    start: dt.date,
    end: dt.date,
    exports: Mapping[str, str] | None = None,
    followup: bool = False,
) -> Edited:
    """Add a round of asking to the study file, as the last one.

    Parameters
    ----------
    folder
        The study's.
    wave, label, start, end
        Its id, its name for readers, and the first and last day of its window.
    exports
        By the id of a survey, the file of the study folder that holds its answers.
    followup
        Whether the reports are to compare the baseline with it from now on.

    Raises
    ------
    AnalystError
        If there is such a wave, it does not come after the others, a survey is unknown, or the
        study would not be right with it. Nothing is written then.
    """
    found = studies.load(folder)
    path = found.path("study.yaml")
    last = found.waves[-1]
    if start <= last.start:
        raise AnalystError(
            f"{wave} would begin on {start}, no later than {last.id} ({last.start}).",
            where=at(path, "waves"),
            fix="Waves stand in order of time; write an earlier one into study.yaml by hand.",
        )
    for survey in exports or {}:
        if survey not in {each.id for each in found.surveys}:
            raise AnalystError(
                f"The study has no survey '{survey}'.",
                where=f"--export {survey}=…",
                fix=f"Its surveys are {', '.join(each.id for each in found.surveys)}.",
            )

    def edit(content: CommentedMap) -> None:
        entry = {"id": wave, "label": label, "start": start, "end": end}
        _append(content["waves"], entry)
        for survey in content["surveys"]:
            file = (exports or {}).get(survey["id"])
            if file:
                if not survey.get("exports"):
                    survey["exports"] = CommentedSeq()
                _append(survey["exports"], _entry(found, survey["id"], wave, file))
        if followup:
            content["followup"] = wave
        elif "followup" not in content:
            # Without the key the newest wave is the follow-up: it is not to change unasked.
            content["followup"] = found.followup if found.compares else wave

    changed = _edited(found, edit)
    return Edited(changed, _after_wave(changed, wave, exports or {}))


def new_edition(folder: Path, edition: str, *, date: dt.date, term: str) -> Edited:
    """Give the study's reports a new edition: the next ones lie beside the earlier ones.

    Raises
    ------
    AnalystError
        If it is the present edition, or is on record or among the reports already. Nothing is
        written then.
    """
    # What is on record is release's to know, and where reports lie the publication's.
    from analysis.disclosure import register
    from analysis.places import project_root
    from analysis.publish import rendering

    found = studies.load(folder)
    path = found.path("study.yaml")
    before = found.edition
    taken = {each.parent.name.casefold() for each in register.publications(found)}
    reports = rendering.edition(rendering.site(project_root(found.folder)), found).parent
    taken |= {each.name.casefold() for each in reports.glob("*") if each.is_dir()}
    if edition.casefold() in {before.id.casefold(), *taken}:
        raise AnalystError(
            f"There is an edition {edition} already.",
            where=at(path, "edition.id"),
            fix="Give the next one another id; drp diff compares two that are on record.",
        )

    def edit(content: CommentedMap) -> None:
        own = content["edition"]
        own["id"], own["date"], own["term"] = _said(edition), date, _said(term)

    changed = _edited(found, edit)
    published = [each for each in register.publications(found) if each.parent.name == before.id]
    follows = [
        f"{before.id} stays where it is: its reports"
        + (" and what was published of it." if published else "; it was never published.")
    ]
    if changed.followup != changed.waves[-1].id:
        follows.append(newest(changed))
    follows.append("Put this term's exports into the study folder, then drp status and drp render.")
    return Edited(changed, [each for each in follows if each])


def _after_wave(study: Study, wave: str, exports: Mapping[str, str]) -> list[str]:
    """What a new wave needs besides its entry."""
    found: list[str] = []
    for survey in study.surveys:
        file = exports.get(survey.id)
        if file is None:
            found.append(
                f"{survey.label}: name its export under exports of {survey.id} "
                f"({{wave: {wave}, file: …, mapping: …}}), if it was asked."
            )
            continue
        if not study.path(file).exists():
            found.append(f"{survey.label}: put {file} into {study.folder}.")
        mapping = survey.exports[-1].mapping
        if mapping and study.path(mapping).exists():
            found.append(f"{survey.label}: {file} is read with {mapping}, as before.")
        elif mapping:
            found.append(f"{survey.label}: drp map {study.path(file)} --survey {survey.id}.")
        if survey.invited:
            found.append(f"{survey.label}: say under invited how many were asked at {wave}.")
    if study.wave_dates:
        found.append(f"Each school's own dates of {wave} belong into {study.wave_dates}.")
    found += [line] if (line := newest(study)) else []
    return found


def _edited(found: Study, edit: Callable[[CommentedMap], None]) -> Study:
    """Change the study file in one step, if the study is right afterwards."""
    path = found.path("study.yaml")
    text = path.read_text(encoding="utf-8-sig")
    old = studies.read_yaml(path)
    if old.get("schema_version") != studies.SCHEMA_VERSION:
        raise AnalystError(
            f"study.yaml is of version {old.get('schema_version')}.",
            where=at(path, "schema_version"),
            fix="Write it anew first: drp upgrade.",
        )
    yaml = _as_laid_out(text)
    content = yaml.load(text)
    edit(content)
    part = path.with_name("study.yaml.part")
    part.write_text(_dumped(yaml, content), encoding="utf-8")
    try:
        studies.validated(Study, {**studies.read_yaml(part), "folder": found.folder}, path)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return studies.load(found.folder)


def _as_laid_out(text: str) -> YAML:
    """A reader and writer that lays lists out as the file does."""
    for indent in INDENTS:
        yaml = YAML()
        yaml.preserve_quotes = True
        yaml.width = WIDTH
        yaml.indent(**indent)
        if _dumped(yaml, yaml.load(text)) == text:
            break
    return yaml


def _dumped(yaml: YAML, content: Any) -> str:
    out = io.StringIO()
    yaml.dump(content, out)
    return out.getvalue()


def _said(value: Any) -> Any:
    """A value as it is written; in quotes if it would be read as no text without."""
    if isinstance(value, str) and pyyaml.safe_load(value) != value:
        return DoubleQuotedScalarString(value)
    return value


def _append(entries: CommentedSeq, entry: Mapping[str, Any]) -> None:
    """Add an entry to a list, in braces if the one before it is, blank lines after it kept."""
    new = CommentedMap({key: _said(value) for key, value in entry.items()})
    if entries and isinstance(entries[-1], CommentedMap) and entries[-1].fa.flow_style():
        new.fa.set_flow_style()
    last = len(entries) - 1
    after = entries.ca.items.pop(last, None)
    entries.append(new)
    if after is not None:
        entries.ca.items[last + 1] = after


def _entry(study: Study, survey: str, wave: str, file: str) -> dict[str, Any]:
    """A wave's export as the study file names it: read as the one before it, if that serves."""
    entry: dict[str, Any] = {"wave": wave, "file": file}
    before = [each for each in study.survey(survey).exports if each.file != file]
    if study.path(file).is_file():
        own = questionnaire.is_own(study.path(file))
    else:
        own = bool(before) and not before[-1].mapping
    like = before[-1] if own and before else fit.serving(study, study.survey(survey), file)
    if not own:
        entry["mapping"] = like.mapping if like else proposed(file)
    if like and like.instruments:
        entry["instruments"] = list(like.instruments)
    return entry


def proposed(file: str) -> str:
    """The mapping that ``drp map`` writes for a file."""
    return f"mappings/{Path(file).stem}.yaml"


def upgraded(folder: Path) -> Path | None:
    """Write version 2 of a study file of version 1; where the old one is kept.

    Nothing is written, and nothing returned, if the file is of version 2 already.

    Raises
    ------
    AnalystError
        If the file is wrong, or an older file is kept already. Nothing is written then.
    """
    path, kept = folder / "study.yaml", folder / "study.v1.yaml"
    before = studies.load(folder)
    old = studies.read_yaml(path)
    new = upgrade.current(old, folder, studies.read_yaml)
    if new is old:
        return None
    if kept.exists():
        raise AnalystError(
            f"{kept.name} is there already, and is not written over.",
            where=str(kept),
            fix="Move it away, if study.yaml is to be upgraded again.",
        )
    text = path.read_text(encoding="utf-8-sig")
    temporary = folder / "study.yaml.part"
    temporary.write_text(upgrade.rewritten(text, new), encoding="utf-8")
    # The old file first: whenever this ends, there is one of the two under its name.
    shutil.copyfile(path, kept)
    temporary.replace(path)
    if studies.load(folder) != before:  # pragma: no cover - a defect of ours
        kept.replace(path)
        raise AssertionError("the upgraded study file says something else")
    return kept
