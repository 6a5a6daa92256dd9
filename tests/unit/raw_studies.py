"""Small studies of our own making: rows in any form of file, two waves, a scale of three items."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pyreadstat
import pytest
import yaml

from analysis import prepare, study
from analysis.errors import AnalystError

ITEMS = ("M1", "M2", "M3")
LABELS = {
    1: "Strongly disagree",
    2: "Disagree",
    3: "Neither agree nor disagree",
    4: "Agree",
    5: "Strongly agree",
}
INSTRUMENT = {
    "schema_version": 1, "id": "mood", "name": "Mood", "short": "MOOD", "population": "staff",
    "about": "", "source": "", "licence": "",
    "response_sets": {"default": {"labels": LABELS, "synonyms": {"Neutral": 3}}},
    "subscales": [{"id": "all", "label": "All", "range": [1, 5]}],
    "items": [{"code": c, "subscale": "all", "label": f"Thing {c}"} for c in ITEMS],
}  # fmt: skip
SCHOOLS = """\
id,name,urn,letter,phase,reporting_phase
S1,Ash School,101,A,primary,primary
S2,Beech School,102,B,secondary,secondary
"""
WAVES = (
    {"id": "T1", "label": "Before", "start": "2023-01-01", "end": "2023-03-31"},
    {"id": "T2", "label": "After", "start": "2024-01-01", "end": "2024-03-31"},
)
DAY = {"T1": "2023-02-01 10:00:00", "T2": "2024-02-01 10:00:00"}
Row = Mapping[str, Any]


@dataclass(frozen=True)
class File:
    """One export: its rows (columns by name), form, and what its mapping says besides."""

    wave: str
    rows: Sequence[Row] = ()
    form: str = "csv"
    mapping: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""
    text: str = ""
    labels: Mapping[str, Mapping[float, str]] = field(default_factory=dict)
    missing: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    mapping_text: str = ""
    questions: Mapping[str, str] = field(default_factory=dict)


def person(code: Any, wave: str = "T1", answers: Sequence[Any] = (1, 2, 4), **more: Any) -> Row:
    """One response: code, school, day and three answers, and whatever else is given."""
    row = {"code": code, "school": "S1", "day": DAY[wave]}
    row |= dict(zip(ITEMS, answers, strict=True))
    return row | more


def mapping_of(columns: Sequence[str], more: Mapping[str, Any]) -> dict[str, Any]:
    """A mapping of those attributes that a file has, under their own names."""
    named = {"code": "respondent", "day": "submitted"}
    content: dict[str, Any] = {
        "schema_version": 1,
        "answers": "codes",
        "columns": {named.get(column, column): column for column in columns if column not in ITEMS},
        "items": {item: item for item in ITEMS},
    }
    return content | dict(more)


def make(
    folder: Path,
    files: Sequence[File],
    rules: Mapping[str, Any] | None = None,
    waves: Sequence[Mapping[str, Any]] = WAVES,
    dates: str = "",
) -> study.Study:
    """Write a study of these files and read its study file."""
    (folder / "instruments").mkdir(parents=True)
    (folder / "instruments" / "mood.yaml").write_text(yaml.safe_dump(INSTRUMENT))
    (folder / "schools.csv").write_text(SCHOOLS)
    tables = {"schools": "schools.csv"}
    if dates:
        (folder / "dates.csv").write_text(dates)
        tables["wave_dates"] = "dates.csv"
    exports = []
    for number, file in enumerate(files, 1):
        name = file.name or f"{file.wave.lower()}_{number}.{file.form}"
        columns = list(dict.fromkeys(column for row in file.rows for column in row))
        _write(folder / name, file, columns)
        mapped = f"m{number}.yaml"
        (folder / mapped).write_text(
            file.mapping_text or yaml.safe_dump(mapping_of(columns, file.mapping), sort_keys=False),
            encoding="utf-8",
        )
        exports.append({"wave": file.wave, "file": name, "mapping": mapped})
    survey = {
        "id": "staff", "label": "Staff survey", "population": "staff", "respondents": "staff",
        "instruments": ["mood"], "headline": "mood.all", "exports": exports,
        "rules": dict(rules or {}),
    }  # fmt: skip
    content = {
        "schema_version": 1, "id": "s", "title": "S", "programme": "it", "short": "S",
        "organisation": "N", "edition": {"id": "e", "date": "2024-06-01", "term": "t"},
        "waves": [dict(wave) for wave in waves], "baseline": waves[0]["id"],
        "followup": waves[1]["id"], "surveys": [survey], "tables": tables,
    }  # fmt: skip
    (folder / "study.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    return study.load(folder)


def _write(path: Path, file: File, columns: Sequence[str]) -> None:
    if file.text:
        path.write_text(file.text, encoding="utf-8")
    elif not file.rows:
        return  # a file that another export of the study writes
    elif file.form == "xlsx":
        sheet = openpyxl.Workbook()
        assert sheet.active is not None
        for cells in ([*columns], *([row.get(c) for c in columns] for row in file.rows)):
            sheet.active.append(cells)
        sheet.save(path)
    elif file.form == "sav":
        frame = pd.DataFrame([{c: row.get(c) for c in columns} for row in file.rows])
        pyreadstat.write_sav(
            frame, str(path), column_labels=[file.questions.get(c) or "" for c in columns],
            variable_value_labels={name: dict(to) for name, to in file.labels.items()},
            missing_ranges={name: list(values) for name, values in file.missing.items()},
        )  # fmt: skip
    else:
        with path.open("w", newline="", encoding="utf-8") as stream:
            writer = csv.writer(stream)
            writer.writerow(columns)
            writer.writerows([row.get(c, "") for c in columns] for row in file.rows)


def run(tmp_path: Path, *files: File, **more: Any) -> prepare.Prepared:
    """Prepare a study of these files."""
    return prepare.prepare(make(tmp_path / "study", files, **more), tmp_path / ".drp")


def refused(tmp_path: Path, *files: File, **more: Any) -> AnalystError:
    """The error that preparing a study of these files ends in."""
    with pytest.raises(AnalystError) as error:
        run(tmp_path, *files, **more)
    return error.value


def reasons(prepared: prepare.Prepared) -> dict[str, int]:
    """How many rows are set aside, by reason."""
    return dict(prepared.quality["aside"]["reason"].value_counts())


def used(prepared: prepare.Prepared, wave: str = "T1") -> list[int]:
    """The rows used at a wave, by their numbers in the file."""
    frame = prepared.surveys["staff"]
    return sorted(frame.loc[frame["wave"] == wave, "row"])


def points(prepared: prepare.Prepared, wave: str = "T1") -> list[list[float]]:
    """The scale points of a wave's used rows, in the order of the file."""
    frame = prepared.surveys["staff"]
    return frame[frame["wave"] == wave].sort_values("row")[list(ITEMS)].to_numpy().tolist()


def links(prepared: prepare.Prepared) -> dict[str, int]:
    """How people of the first wave were found again, over all schools."""
    return dict(prepared.quality["links"].select_dtypes("number").sum())
