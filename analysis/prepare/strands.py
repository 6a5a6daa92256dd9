"""Everything that is not a survey export: interviews, facilitators, action plans, outcomes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from analysis.errors import AnalystError
from analysis.prepare import coded_text, framework, quotations
from analysis.prepare.patterns import matching
from analysis.prepare.quality import Quality
from analysis.prepare.withdrawn import NOBODY, Withdrawals
from analysis.sources import tables
from analysis.study import Study, read_yaml

ROLES = ("leader", "teacher", "non_teacher")
#: States of an aim, from nothing yet to habit; ``dropped`` stands outside that order.
PLAN_STATES = ("planned", "started", "in_place", "embedded", "dropped")
#: How a condition or risk stands in a school: a checklist, and no score is made of it.
READINESS_STATES = ("in_place", "partly", "not_yet", "not_known")
#: What a school may say of an area in the whole-school audit, from best to worst, and when.
RATINGS = ("doing_well", "could_improve", "needs_improving")
REVIEWS = ("baseline", "reaudit")
COLUMNS: dict[str, tuple[str, ...]] = {
    "interviewees": ("source_id", "school", "role", "consent_to_quote"),
    "quotations": ("quotation_id", "source_id", "code", "section", "attribution", "text"),
    "facilitator_survey": ("respondent",),
    "focus_groups": ("group", "participants", "theme", "code", "summary"),
    "action_plans": ("plan_id", "school", "aim_code", "aim", "review", "state"),
    "readiness": ("school", "condition", "review", "state", "evidence"),
    "whole_school_audit": ("school", "area", "review", "rating"),
    "needs": ("school", "need", "level", "count"),
    "open_answers": ("respondent", "school", "aspect", "code"),
    "outcomes": ("school", "term", "term_start", "measure", "numerator", "denominator"),
    "reference_population": ("survey", "attribute", "value", "count", "source"),
}
KEYS: dict[str, tuple[str, ...]] = {
    "interviewees": ("source_id",),
    "quotations": ("quotation_id",),
    "facilitator_survey": ("respondent",),
    "action_plans": ("plan_id", "aim_code", "review"),
    "readiness": ("school", "condition", "review"),
    "whole_school_audit": ("school", "area", "review"),
    "needs": ("school", "need", "level"),
    "outcomes": ("school", "term", "measure"),
    "reference_population": ("survey", "attribute", "value"),
}
#: Columns of whole numbers, in whichever strand they stand.
NUMBERS = ("numerator", "denominator", "participants", "count")
#: Columns with a closed list of values, by strand.
ALLOWED: dict[tuple[str, str], tuple[str, ...]] = {
    ("interviewees", "role"): ROLES,
    ("interviewees", "consent_to_quote"): ("yes", "no"),
    ("action_plans", "state"): PLAN_STATES,
    ("readiness", "state"): READINESS_STATES,
    ("whole_school_audit", "rating"): RATINGS,
    ("whole_school_audit", "review"): REVIEWS,
}
#: Strands that hold counts and nothing about anybody: no further column may stand there.
COUNTS_ONLY = ("needs",)
DOCUMENTS = ("codebook", "value_creation", "facilitator_questions", "outcome_measures")


def read(
    study: Study, schools: pd.DataFrame, quality: Quality, gone: Withdrawals = NOBODY
) -> tuple[dict[str, pd.DataFrame], dict[str, Any]]:
    """The strands the study names, as frames, and its documents (YAML), as they are.

    Besides the strands themselves there are ``codebook_check`` and ``quotation_check``: what
    was found about codes and quotations, in the forms of :mod:`.coded_text` and
    :mod:`.quotations`.

    Raises
    ------
    AnalystError
        If a file is missing or lacks a column, or a row names a school, interviewee, code or
        measure that the study does not have.
    """
    documents = read_documents(study)
    frames: dict[str, pd.DataFrame] = {}
    for name in COLUMNS:
        if getattr(study.tables, name, None):
            frames[name] = _table(study, name, schools, quality, gone)
    _read_segments(study, frames, documents, quality, gone)
    _check_codes(study, frames, documents)
    if "interviewees" in frames and "quotations" in frames:
        where = str(study.path(str(study.tables.quotations)))
        known = frames["interviewees"]["source_id"]
        _refuse_unknown(frames["quotations"], "source_id", known, where, "interviewees.csv")
        frames["quotations"], frames["quotation_check"] = quotations.check(
            frames["quotations"], frames["interviewees"], frames.get("segments"), where
        )
    _check_framework(study, frames, documents, schools)
    return {
        name: frame.reset_index(drop=name in CHECKS) for name, frame in frames.items()
    }, documents


#: Frames made here, whose index is no row number of a file.
CHECKS = ("segments", "codebook_check", "quotation_check")


def read_documents(study: Study) -> dict[str, Any]:
    """The study's authored YAML files, by their name in the study file."""
    found: dict[str, Any] = {}
    for name in DOCUMENTS:
        file = getattr(study, name, None) or getattr(study.tables, name, None)
        if file:
            found[name] = (
                framework.read(study) if name == "value_creation" else read_yaml(study.path(file))
            )
    return found


def _table(
    study: Study, name: str, schools: pd.DataFrame, quality: Quality, gone: Withdrawals
) -> pd.DataFrame:
    """A strand from its file, or from the files that its pattern matches, one below the other."""
    columns = COLUMNS[name]
    parts: list[pd.DataFrame] = []
    for path in matching(study, getattr(study.tables, name)):
        empty: list[int] = []
        frame = tables.read(path, columns, key=KEYS.get(name, ()), empty=empty)
        if name in COUNTS_ONLY:
            _refuse_people(frame, columns, str(path))
        for column in columns:
            if is_number(name, column):
                frame[column] = tables.whole_numbers(frame, column, path)
        if "school" in columns:
            _refuse_unknown(frame, "school", schools["id"], str(path), "schools.csv")
        if name == "reference_population":
            surveys = [survey.id for survey in study.surveys]
            _refuse_unknown(frame, "survey", surveys, str(path), "the surveys of study.yaml")
        for column in columns:
            if (name, column) in ALLOWED:
                allowed = ALLOWED[name, column]
                _refuse_unknown(frame, column, allowed, str(path), f"the list {', '.join(allowed)}")
        used = gone.reasons(frame, name)
        reasons = pd.concat([used, pd.Series("empty", index=empty, dtype="str")]).sort_index()
        quality.account(
            file=path.name, sheet="", source=name, wave="", read=len(reasons), reasons=reasons
        )
        frame = frame[used == ""]
        parts.append(frame.assign(file=path.name) if len(parts) else frame)
    if len(parts) == 1:
        return parts[0]
    whole = pd.concat([part.drop(columns="file", errors="ignore") for part in parts])
    key = list(KEYS.get(name, ()))
    if key and whole.duplicated(key).any():
        twice = whole[whole.duplicated(key)].iloc[0]
        named = ", ".join(f"{column} '{twice[column]}'" for column in key)
        raise AnalystError(
            f"Two files of {name} name {named}.",
            where=str(study.folder / getattr(study.tables, name)),
            fix="A further review has a further number in the column review.",
        )
    return whole


def is_number(name: str, column: str) -> bool:
    """Whether a strand's column holds whole numbers."""
    return column in NUMBERS or (column == "review" and (name, column) not in ALLOWED)


def _refuse_people(frame: pd.DataFrame, columns: Sequence[str], where: str) -> None:
    more = [column for column in frame.columns if column not in (*columns, "memo")]
    if more:
        raise AnalystError(
            f"This table takes counts only, but has the column{'s' if len(more) > 1 else ''} "
            f"{', '.join(more)}.",
            where=f"{where}, row 1",
            fix="Leave names, dates and notes about pupils in the school's own records.",
        )


def _read_segments(
    study: Study,
    frames: dict[str, pd.DataFrame],
    documents: dict[str, Any],
    quality: Quality,
    gone: Withdrawals,
) -> None:
    parts = coded_text.read(study)
    if not parts:
        return
    segments = pd.concat([part.segments for _, part in parts], keys=range(len(parts)))
    reasons = gone.reasons(segments, "segments")
    reasons = reasons.mask((reasons == "") & segments.duplicated(), "repeated")
    segments = segments.drop(columns="passage")  # only told passages of the same words apart
    kept = segments[reasons == ""].reset_index(drop=True)
    where = str(study.path(study.tables.segments or study.coded_text[0].file))
    if "interviewees" in frames:
        kept = coded_text.attributed(kept, frames["interviewees"], where)
    if "codebook" in documents:
        known = coded_text.known(segments["code"], documents["codebook"])
        reasons = reasons.mask((reasons == "") & (known == ""), "unknown_code")
        kept, frames["codebook_check"] = coded_text.coded_by(kept, documents["codebook"])
    frames["segments"] = kept
    for number, (name, part) in enumerate(parts):
        # A coding tool has no rows: passages are numbered in the order of people and places.
        own = reasons.loc[number].rename(lambda place: int(place) + 1)
        quality.account(file=name, sheet="", source="segments", wave="", read=len(own), reasons=own)
        quality.findings.extend({"file": name, "finding": words} for words in part.findings)


def _check_codes(study: Study, frames: dict[str, pd.DataFrame], documents: dict[str, Any]) -> None:
    if "codebook" not in documents:
        return
    codes = codes_in(documents["codebook"])
    for name, column in (
        ("quotations", "code"),
        ("focus_groups", "code"),
        ("open_answers", "code"),
        ("action_plans", "aim_code"),
    ):
        if name in frames:
            where = str(study.path(getattr(study.tables, name)))
            _refuse_unknown(frames[name], column, codes, where, "the codebook")


def codes_in(codebook: dict[str, Any]) -> set[str]:
    """Every code id of a codebook."""
    return {str(code["id"]) for theme in codebook["themes"] for code in theme["codes"]}


def _check_framework(
    study: Study,
    frames: dict[str, pd.DataFrame],
    documents: dict[str, Any],
    schools: pd.DataFrame,
) -> None:
    if "value_creation" not in documents:
        return
    where = str(study.path(str(study.value_creation)))
    chosen = set(frames["quotations"]["quotation_id"]) if "quotations" in frames else set()
    codes = codes_in(documents["codebook"]) if "codebook" in documents else set()
    framework.refuse_unknown(
        documents["value_creation"], codes, chosen, set(map(str, schools["id"])), where
    )
    if "readiness" in frames:
        known = {
            entry["id"]
            for key in ("conditions", "risks")
            for entry in documents["value_creation"][key]
        }
        place = str(study.path(str(study.tables.readiness)))
        _refuse_unknown(frames["readiness"], "condition", known, place, "the conditions and risks")


def _refuse_unknown(
    frame: pd.DataFrame,
    column: str,
    known: Sequence[str] | pd.Series | set[str],
    where: str,
    book: str,
) -> None:
    bad = frame[~frame[column].isin(list(known))]
    if len(bad):
        rows = ", ".join(str(row) for row in bad.index[:5])
        raise AnalystError(
            f"'{bad[column].iloc[0]}' is not in {book}.",
            where=f"{where}, column {column}, row{'s' if len(bad) > 1 else ''} {rows}",
            fix=f"Correct the value, or add it to {book}.",
        )
