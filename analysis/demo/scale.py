"""A made-up study of any number of schools, to measure with. Nobody is to read its results.

The demonstration study is taken as it is, but for its schools and what belongs to each: the
survey answers are drawn anew, and outcomes, plans and ratings of the first twenty schools are
repeated for the others. Every file is plain CSV, so that reading it can be compared with
``pandas.read_csv`` alone.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from analysis import instruments
from analysis.sources import mapping as mappings
from analysis.sources.mapping import DECIDING
from analysis.study import Study, load

#: Who answers in a school at each wave.
STAFF, PUPILS = 50, 100
RESPONDENTS = 2 * (STAFF + PUPILS)
#: Share of follow-up respondents who answered at baseline.
MATCHED = 0.7
#: Tables with rows by school that are repeated for further schools.
BY_SCHOOL = (
    "sessions",
    "delivery_hours",
    "delivery_costs",
    "outcomes",
    "action_plans",
    "readiness",
    "whole_school_audit",
    "needs",
)
#: How answers are written, as in the demonstration's own exports.
ANSWERS = {"staff": "labels", "pupils": "codes"}
#: What a mapping lists the values of, and no attribute of people.
NO_ATTRIBUTE = {*DECIDING, "school", "respondent"}


def make(study_folder: Path, target: Path, schools: int, seed: int = 1) -> Path:
    """Write a study of ``schools`` schools below ``target``, from the demonstration study.

    Returns the study's folder, in a project of its own: notebooks, chapters and styles are
    linked from the demonstration's.
    """
    source = load(study_folder)
    folder = target / "data" / "raw"
    # Of other answers than the made-up ones.
    kept = {"mappings", "published", "claims.yaml"}
    exports = {export.file for survey in source.surveys for export in survey.exports}
    for path in sorted(source.folder.iterdir()):
        if path.name in exports | kept:
            continue
        copy = shutil.copytree if path.is_dir() else shutil.copyfile
        folder.mkdir(parents=True, exist_ok=True)
        copy(path, folder / path.name)
    ids = _schools(source, folder, schools)
    _repeat(source, folder, ids)
    random = np.random.default_rng(seed)
    content = yaml.safe_load((folder / "study.yaml").read_text(encoding="utf-8"))
    for survey, entry in zip(source.surveys, content["surveys"], strict=True):
        entry["exports"] = _survey(source, folder, survey.population, survey.id, ids, random)
        entry.pop("perceived_change", None)
    text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=1000)
    (folder / "study.yaml").write_text(text, encoding="utf-8")
    names = (p.relative_to(folder).as_posix() for p in sorted(folder.rglob("*")) if p.is_file())
    (folder / "SYNTHETIC").write_text("\n".join(names) + "\n", encoding="utf-8")
    _project(source, target)
    return folder


def _project(source: Study, target: Path) -> None:
    root = source.folder.resolve().parent.parent
    (target / "report").mkdir(parents=True, exist_ok=True)
    shared = ["notebooks", "_extensions", "_quarto.yml", "requirements.lock"]
    shared += [f"report/{p.name}" for p in (root / "report").iterdir() if p.name != "_site"]
    for name in shared:
        if (root / name).exists():
            (target / name).symlink_to(root / name)


def _schools(source: Study, folder: Path, schools: int) -> list[str]:
    """The schools table, with as many schools as asked for; their ids."""
    path = folder / source.schools
    frame = pd.read_csv(path, dtype="str")
    repeated = frame.iloc[np.arange(schools) % len(frame)].reset_index(drop=True)
    number = pd.Series(np.arange(1, schools + 1))
    more = number > len(frame)
    repeated.loc[more, "id"] = number.map("S{:02d}".format)
    repeated.loc[more, "name"] = number.map("Example School {}".format)
    repeated.loc[more, "urn"] = (100_000 + number).astype("str")
    repeated.loc[more, "letter"] = number.map("X{}".format)
    for survey in source.surveys:
        answering = STAFF if source.asked(survey).kind == "adults" else PUPILS
        for column in survey.invited.values():
            repeated[column] = round(answering * 1.25)
    repeated.to_csv(path, index=False, lineterminator="\n")
    return list(repeated["id"])


def _repeat(source: Study, folder: Path, ids: list[str]) -> None:
    """Rows by school, repeated for further schools with their ids."""
    first = list(pd.read_csv(source.path(source.schools), dtype="str")["id"])
    pairs = pd.DataFrame({"school": [first[i % len(first)] for i in range(len(ids))], "new": ids})
    for name in BY_SCHOOL:
        pattern = source.file(name)
        for path in sorted(folder.glob(pattern)) if pattern else []:
            frame = pd.read_csv(path, dtype="str", keep_default_na=False)
            grown = frame.merge(pairs, on="school").assign(school=lambda rows: rows["new"])
            if "plan_id" in grown:
                grown["plan_id"] += "-" + grown["new"]
            grown[frame.columns].to_csv(path, index=False, lineterminator="\n")


def _attributes(source: Study, survey: str) -> dict[str, list[str]]:
    """What the demonstration's exports say of people, and the values that it can have."""
    found: dict[str, set[str]] = {}
    for export in source.survey(survey).exports:
        listed = mappings.load(source.path(str(export.mapping))).values
        for name in listed.keys() - NO_ATTRIBUTE:
            found.setdefault(name, set()).update(listed[name].values())
    return {name: sorted(found[name] - {"prefer_not_to_say"}) for name in sorted(found)}


def _survey(
    source: Study,
    folder: Path,
    population: str,
    survey: str,
    ids: list[str],
    random: np.random.Generator,
) -> list[dict[str, str]]:
    """Exports of a survey, one file for each wave; their entries in the study file."""
    found = [
        instruments.load(source.path(f"instruments/{name}.yaml"))
        for name in source.survey(survey).instruments
    ]
    items = {
        item.code: found_in.response_sets[item.responses]
        for found_in in found
        for item in found_in.items
    }
    attributes = _attributes(source, survey)
    mapping: dict[str, Any] = {
        "schema_version": 1,
        "answers": ANSWERS[population],
        "columns": {
            "respondent": "code",
            "school": "school",
            "consent": "consent",
            "submitted": "submitted",
            **{name: name for name in attributes},
        },
        "values": {
            "consent": {1: "yes", 0: "no"},
            **{name: {value: value for value in values} for name, values in attributes.items()},
        },
        "items": {code: code for code in items},
    }
    (folder / "mappings").mkdir(exist_ok=True)
    text = yaml.safe_dump(mapping, sort_keys=False)
    (folder / f"mappings/{survey}.yaml").write_text(text, encoding="utf-8")
    each = STAFF if population == "staff" else PUPILS
    people, school = len(ids) * each, np.repeat(np.arange(len(ids)), each)
    level = random.normal(0, 0.3, len(ids))[school]
    person = random.normal(0, 0.7, people)
    fixed = {name: random.choice(values, people) for name, values in attributes.items()}
    entries = []
    for wave in (source.baseline, source.followup):
        later = wave != source.baseline
        new = later & (random.random(people) > MATCHED)
        dates = source.wave(wave)
        # The baseline's early half and the follow-up's late one: the windows may overlap.
        part = (dates.end - dates.start) / 4
        frame = pd.DataFrame(
            {
                "code": np.char.add(np.where(new, "N", "P"), np.arange(people).astype("str")),
                "submitted": f"{dates.end - part if later else dates.start + part} 10:00",
                "consent": 1,
                "school": np.array(ids)[school],
                **fixed,
            }
        )
        answers = {}
        for item, responses in items.items():
            middle = (responses.minimum + responses.maximum) / 2
            drawn = middle + 0.1 * later + level + person + random.normal(0, 0.8, people)
            points = np.clip(np.rint(drawn), responses.minimum, responses.maximum).astype("int64")
            column = pd.Series(points).astype("Int64")
            if ANSWERS[population] == "labels":
                column = column.map(responses.labels)
            answers[item] = column.mask(random.random(people) < 0.02)
        frame = pd.concat([frame, pd.DataFrame(answers)], axis=1)
        name = f"{survey}_{wave.lower()}.csv"
        frame.to_csv(folder / name, index=False, lineterminator="\n")
        entries.append(
            {
                "wave": wave,
                "file": name,
                "format": "plain_csv",
                "mapping": f"mappings/{survey}.yaml",
            }
        )
    return entries
