"""Everything that is not a survey export: interviews, facilitators, action plans, outcomes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from analysis.errors import AnalystError
from analysis.prepare.quality import Quality
from analysis.sources import tables
from analysis.study import Study, read_yaml

ROLES = ("leader", "teacher", "non_teacher")
COLUMNS: dict[str, tuple[str, ...]] = {
    "interviewees": ("source_id", "school", "role", "consent_to_quote"),
    "segments": ("source_id", "coder", "code", "start", "end", "text", "consent_to_quote"),
    "quotations": ("quotation_id", "source_id", "code", "section", "attribution", "text"),
    "facilitator_survey": ("respondent",),
    "focus_groups": ("group", "participants", "theme", "code", "summary"),
    "action_plans": ("plan_id", "school", "aim_code", "aim", "review", "state"),
    "outcomes": ("school", "term", "term_start", "measure", "numerator", "denominator"),
}
KEYS: dict[str, tuple[str, ...]] = {
    "interviewees": ("source_id",),
    "quotations": ("quotation_id",),
    "facilitator_survey": ("respondent",),
    "outcomes": ("school", "term", "measure"),
}
DOCUMENTS = ("codebook", "value_creation", "facilitator_questions", "outcome_measures")


def read(
    study: Study, schools: pd.DataFrame, quality: Quality
) -> tuple[dict[str, pd.DataFrame], dict[str, Any]]:
    """The strands the study names, as frames, and its documents (YAML), as they are.

    Raises
    ------
    AnalystError
        If a file is missing or lacks a column, or a row names a school, interviewee, code or
        measure that the study does not have.
    """
    documents = read_documents(study)
    frames: dict[str, pd.DataFrame] = {}
    for name, columns in COLUMNS.items():
        file = getattr(study.tables, name)
        if not file:
            continue
        path = study.path(file)
        frame = tables.read(path, columns, key=KEYS.get(name, ()))
        for column in ("numerator", "denominator", "review", "start", "end", "participants"):
            if column in columns:
                frame[column] = tables.whole_numbers(frame, column, path)
        if "school" in columns:
            _refuse_unknown(frame, "school", schools["id"], str(path), "schools.csv")
        if "role" in columns:
            _refuse_unknown(frame, "role", ROLES, str(path), "the roles")
        frames[name] = frame
        quality.account(
            file=path.name,
            sheet="",
            source=name,
            wave="",
            read=len(frame),
            reasons=pd.Series("", index=frame.index, dtype="str"),
        )
    _check_codes(study, frames, documents)
    _check_interviews(study, frames)
    return {name: frame.reset_index() for name, frame in frames.items()}, documents


def read_documents(study: Study) -> dict[str, Any]:
    """The study's authored YAML files, by their name in the study file."""
    found: dict[str, Any] = {}
    for name in DOCUMENTS:
        file = getattr(study, name, None) or getattr(study.tables, name, None)
        if file:
            found[name] = read_yaml(study.path(file))
    return found


def _check_codes(study: Study, frames: dict[str, pd.DataFrame], documents: dict[str, Any]) -> None:
    if "codebook" not in documents:
        return
    codes = {
        str(code["id"]) for theme in documents["codebook"]["themes"] for code in theme["codes"]
    }
    for name, column in (("segments", "code"), ("quotations", "code"), ("action_plans", "aim_code")):
        if name in frames:
            where = str(study.path(getattr(study.tables, name)))
            _refuse_unknown(frames[name], column, codes, where, "the codebook")


def _check_interviews(study: Study, frames: dict[str, pd.DataFrame]) -> None:
    if "interviewees" not in frames:
        return
    for name in ("segments", "quotations"):
        if name in frames:
            where = str(study.path(getattr(study.tables, name)))
            known = frames["interviewees"]["source_id"]
            _refuse_unknown(frames[name], "source_id", known, where, "interviewees.csv")


def _refuse_unknown(
    frame: pd.DataFrame, column: str, known: Sequence[str] | pd.Series | set[str], where: str, book: str
) -> None:
    bad = frame[~frame[column].isin(list(known))]
    if len(bad):
        rows = ", ".join(str(row) for row in bad.index[:5])
        raise AnalystError(
            f"'{bad[column].iloc[0]}' is not in {book}.",
            where=f"{where}, column {column}, row{'s' if len(bad) > 1 else ''} {rows}",
            fix=f"Correct the value, or add it to {book}.",
        )
