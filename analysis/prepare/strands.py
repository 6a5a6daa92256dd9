"""Everything that is not a survey export: interviews, facilitators, action plans, outcomes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from analysis import instruments, upgrade
from analysis import strands as registry
from analysis.errors import AnalystError, Collected, a_few
from analysis.prepare import (
    coded_text,
    delivery,
    evidence_context,
    framework,
    outcomes,
    quotations,
)
from analysis.prepare import documents as authored
from analysis.prepare.dates import days
from analysis.prepare.patterns import matching
from analysis.prepare.quality import Quality
from analysis.prepare.withdrawn import NOBODY, Withdrawals
from analysis.sources import tables
from analysis.strands import Table
from analysis.study import INTERVIEWEES, Group, Study
from analysis.words import slug

#: Read from the codings of a qualitative tool as well as from a table: :mod:`.coded_text`.
SEGMENTS = "segments"
#: Analyses whose measures are an instrument's scores.
OF_SCORES = ("level", "paired", "all_respondents")
#: Authored YAML files that are read as they are, by their names.
DOCUMENTS = ("facilitator_questions", "outcome_measures")
#: Tables about which there is more to check, and to fill in, than the registry says.
CHECKED: dict[str, Callable[[Study, pd.DataFrame, dict[str, Any], Path], pd.DataFrame]] = {
    "sessions": delivery.sessions,
    "delivery_hours": delivery.hours,
    "delivery_costs": delivery.costs,
    "outcomes": outcomes.records,
    "outcome_national": outcomes.national,
}


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
        measure that the study does not have: what is wrong with each file, all at once.
    """
    mistakes = Collected()
    documents = _documents(study, mistakes)
    frames: dict[str, pd.DataFrame] = {}
    for table in registry.BY_TABLE.values():
        if table.name != SEGMENTS and study.file(table.name):
            with mistakes.also():
                frames[table.name] = _table(study, table, schools, documents, quality, gone)
    with mistakes.also():
        _read_segments(study, frames, documents, quality, gone)
    _check_codes(study, frames, documents, mistakes)
    if {"outcomes", "outcome_national"} <= frames.keys():
        with mistakes.also():
            where = str(study.path(str(study.file("outcome_national"))))
            outcomes.refuse_unknown_series(frames["outcome_national"], frames["outcomes"], where)
    if "outcomes" in frames and "outcome_measures" in documents:
        with mistakes.also():
            where = str(study.path(str(study.file("outcome_measures"))))
            outcomes.refuse_unknown_norms(
                study, documents["outcome_measures"], frames["outcomes"], where
            )
    with mistakes.also():
        _check_quotations(study, frames)
    with mistakes.also():
        _check_framework(study, frames, documents, schools)
    with mistakes.also():
        _check_context(study, frames, documents)
    mistakes.raise_any()
    return {
        name: frame.reset_index(drop=name in CHECKS) for name, frame in frames.items()
    }, documents


def _check_quotations(study: Study, frames: dict[str, pd.DataFrame]) -> None:
    if "interviewees" in frames and "quotations" in frames:
        where = str(study.path(str(study.file("quotations"))))
        known = frames["interviewees"]["source_id"]
        _refuse_unknown(frames["quotations"], "source_id", known, where, "interviewees.csv")
        frames["quotations"], frames["quotation_check"] = quotations.check(
            frames["quotations"], frames["interviewees"], frames.get("segments"), where
        )


#: Frames made here, whose index is no row number of a file.
CHECKS = ("segments", "codebook_check", "quotation_check")


def read_documents(study: Study) -> dict[str, Any]:
    """The study's authored YAML files, by their name in the study file.

    Raises
    ------
    AnalystError
        If one is missing or wrong: all at once.
    """
    mistakes = Collected()
    found = _documents(study, mistakes)
    if study.file("value_creation"):
        with mistakes.also():
            found["value_creation"] = framework.read(study)
    if study.file("evidence_context"):
        with mistakes.also():
            found["evidence_context"] = evidence_context.read(study)
    mistakes.raise_any()
    return found


def _documents(study: Study, mistakes: Collected) -> dict[str, Any]:
    """All but the framework and the evidence context, which name what stands in the others."""
    found: dict[str, Any] = {}
    if study.codebook:
        with mistakes.also():
            found["codebook"] = upgrade.codebook(authored.read(study, "codebook", study.codebook))
    if study.file("delivery_plan"):
        with mistakes.also():
            found["delivery_plan"] = delivery.read_plan(study)
    for name in DOCUMENTS:
        file = study.file(name)
        if file:
            with mistakes.also():
                found[name] = authored.read(study, name, file)
    return found


def _table(
    study: Study,
    table: Table,
    schools: pd.DataFrame,
    documents: dict[str, Any],
    quality: Quality,
    gone: Withdrawals,
) -> pd.DataFrame:
    """A strand from its file, or from the files that its pattern matches, one below the other."""
    pattern = str(study.file(table.name))
    parts: list[pd.DataFrame] = []
    for path in matching(study, pattern):
        empty: list[int] = []
        frame = tables.read(
            path, table.columns, optional=table.optional, key=table.unique, empty=empty
        )
        if table.counts_only:
            _refuse_people(frame, table.columns, str(path))
        for column in registry.named(frame.columns, table.numbers):
            frame[column] = tables.whole_numbers(frame, column, path)
        for column in registry.named(frame.columns, table.decimals):
            frame[column] = tables.decimal_numbers(frame, column, path)
        for column in table.dates:
            frame[column] = days(frame[column], str(path)).dt.strftime("%Y-%m-%d").fillna("")
        if set(table.dates) & set(table.unique):  # one day may be written in two ways
            tables.refuse_repeated(frame, table.unique, path)
        _refuse_unknown_values(study, table, frame, schools, str(path))
        if table.name in CHECKED:
            frame = CHECKED[table.name](study, frame, documents, path)
        used = gone.reasons(frame, table.name)
        reasons = pd.concat([used, pd.Series("empty", index=empty, dtype="str")]).sort_index()
        quality.account(
            file=path.name, sheet="", source=table.name, wave="", read=len(reasons), reasons=reasons
        )
        frame = frame[used == ""]
        if table.name == "interviewees":
            told = [{"file": path.name, "finding": words} for words in not_heard(study, frame)]
            quality.findings.extend(told)
        parts.append(frame.assign(file=path.name) if len(parts) else frame)
    if len(parts) == 1:
        return parts[0]
    whole = pd.concat([part.drop(columns="file", errors="ignore") for part in parts])
    key = list(table.unique)
    if key and whole.duplicated(key).any():
        twice = whole[whole.duplicated(key)].iloc[0]
        named = ", ".join(f"{column} '{twice[column]}'" for column in key)
        raise AnalystError(
            f"Two files of {table.name} name {named}.",
            where=str(study.folder / pattern),
            fix="A further review has a further number in the column review."
            if "review" in key
            else "Remove or correct one of the two rows.",
        )
    return whole


def _refuse_unknown_values(
    study: Study, table: Table, frame: pd.DataFrame, schools: pd.DataFrame, where: str
) -> None:
    """Stop at a school, survey, role or word that is none of the study's."""
    if "school" in (*table.columns, *table.optional):
        named = frame[frame["school"] != ""] if "school" in table.optional else frame
        _refuse_unknown(named, "school", schools["id"], where, study.schools)
    if "survey" in table.columns:
        surveys = [survey.id for survey in study.surveys]
        _refuse_unknown(frame, "survey", surveys, where, "the surveys of study.yaml")
    for column, allowed in table.allowed.items():
        filled = frame[frame[column] != ""] if column in table.optional else frame
        _refuse_unknown(filled, column, allowed, where, f"the list {', '.join(allowed)}")
    if table.name == "interviewees":
        _refuse_unknown_people(study, frame, where)


def _refuse_unknown_people(study: Study, frame: pd.DataFrame, where: str) -> None:
    """Stop at interviewees of a group that the study does not list, or who are two people."""
    columns = ["school"]
    for group in study.groups_of(INTERVIEWEES):
        if group.column not in frame:
            raise AnalystError(
                f"groups.{group.id}: the table of interviewees has no column '{group.column}'.",
                where=where,
                fix="Add the column, or take the group out of study.yaml.",
            )
        columns.append(group.column)
        if group.values:
            # Whose group is not said is in none.
            said = frame[frame[group.column] != ""]
            words = f"groups.{group.id} of study.yaml"
            _refuse_unknown(said, group.column, group.ids, where, words)
    for column in columns:
        several = frame.groupby("source_id")[column].nunique()
        if (several > 1).any():
            name = several[several > 1].index[0]
            rows = ", ".join(map(str, frame.index[frame["source_id"] == name]))
            raise AnalystError(
                f"'{name}' stands there more than once, with another {column}.",
                where=f"{where}, column {column}, rows {rows}",
                fix="Somebody interviewed twice has a row for each time, alike but for wave and "
                "consent_to_quote; two people have two names.",
            )


def not_heard(study: Study, frame: pd.DataFrame) -> list[str]:
    """Listed groups that nobody interviewed is in: may be a slip, or somebody still to be heard."""
    return [
        f"nobody interviewed is '{value}' yet, which the group '{group.id}' lists; "
        "check the spelling if somebody should be"
        for group in study.groups_of(INTERVIEWEES)
        for value in group.ids
        if not frame[group.column].eq(value).any()
    ]


def _refuse_people(frame: pd.DataFrame, columns: Sequence[str], where: str) -> None:
    more = [column for column in frame.columns if column not in (*columns, "memo")]
    if more:
        raise AnalystError(
            f"This table takes counts only, but has the column{'s' if len(more) > 1 else ''} "
            f"{', '.join(more)}.",
            where=f"{where}, row 1",
            fix="Leave names, dates and notes about children in the school's own records.",
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
    where = str(study.path(study.file(SEGMENTS) or study.coded_text[0].file))
    if "interviewees" in frames:
        kept = coded_text.attributed(kept, frames["interviewees"], where)
    if "codebook" in documents:
        known = coded_text.known(segments["code"], documents["codebook"])
        reasons = reasons.mask((reasons == "") & (known == ""), "unknown_code")
        kept, frames["codebook_check"] = coded_text.coded_by(kept, documents["codebook"])
    frames["segments"] = kept
    for number, (name, part) in enumerate(parts):
        # A coding tool has no rows: passages are numbered in the order of people and places.
        own = reasons[reasons.index.get_level_values(0) == number].droplevel(0)
        own.index = own.index.astype("int64") + 1
        quality.account(file=name, sheet="", source="segments", wave="", read=len(own), reasons=own)
        told = list(part.findings)
        unknown = part.segments["code"][(own == "unknown_code").to_numpy()]
        if len(unknown):
            told.append(coded_text.unknown_in_words(unknown))
        quality.findings.extend({"file": name, "finding": words} for words in told)


def _refuse_unknown_aims(study: Study, group: Group, codes: Collection[str]) -> None:
    if unknown := [code for code in group.aims if code not in codes]:
        raise AnalystError(
            f"groups.{group.id}.aims names {a_few(unknown, 6)}, which the codebook does not have.",
            where=str(study.path("study.yaml")),
            fix="Name codes of the codebook by their ids, or take the line out.",
        )


def _check_codes(
    study: Study,
    frames: dict[str, pd.DataFrame],
    documents: dict[str, Any],
    mistakes: Collected,
) -> None:
    if "codebook" not in documents:
        return
    codes = codes_in(documents["codebook"])
    for _, table in registry.tables():
        if table.code and table.name in frames:
            where = str(study.path(str(study.file(table.name))))
            with mistakes.also():
                _refuse_unknown(frames[table.name], table.code, codes, where, str(study.codebook))
    for group in study.groups:
        with mistakes.also():
            _refuse_unknown_aims(study, group, codes)
    with mistakes.also():
        _check_names(study, frames, documents["codebook"])


#: Columns whose values the codebook may list, and where it does.
NAMED: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("focus_groups", "group", ("groups",)),
    ("open_answers", "aspect", ("aspects",)),
    ("whole_school_audit", "area", ("audit", "areas")),
    ("needs", "need", ("needs", "needs")),
    ("needs", "level", ("needs", "levels")),
)


def _check_names(study: Study, frames: dict[str, pd.DataFrame], codebook: dict[str, Any]) -> None:
    """Stop at an area, a need, a group that the codebook's list of them does not have."""
    for table, column, keys in NAMED:
        listed: Any = codebook
        for key in keys:
            listed = listed.get(key) if isinstance(listed, dict) else None
        if listed and table in frames:
            known = {str(entry["id"]) for entry in listed}
            where = str(study.path(str(study.file(table))))
            book = f"{'.'.join(keys)} of the codebook"
            _refuse_unknown(frames[table], column, known, where, book)


def codes_in(codebook: dict[str, Any]) -> set[str]:
    """Every code id of a codebook."""
    return {str(code["id"]) for theme in codebook["themes"] for code in theme["codes"]}


def _check_framework(
    study: Study,
    frames: dict[str, pd.DataFrame],
    documents: dict[str, Any],
    schools: pd.DataFrame,
) -> None:
    """Read the framework, held against what it names."""
    if not study.file("value_creation"):
        return
    named = (
        (study.codebook, "codebook" in documents),
        (study.file("quotations"), "quotations" in frames),
    )
    if any(file and not there for file, there in named):
        return  # what it names cannot be looked up in a file that is wrong itself
    names = _known(study, frames, documents, schools)
    documents["value_creation"] = framework.read(study, names)
    _check_conditions(study, frames, documents["value_creation"])


def _known(
    study: Study,
    frames: dict[str, pd.DataFrame],
    documents: dict[str, Any],
    schools: pd.DataFrame,
) -> framework.Known:
    """What the framework may name: all that can be known before anything is computed."""
    codebook = documents.get("codebook", {"themes": []})
    codes = codes_in(codebook)
    quotations = frames["quotations"]["quotation_id"] if "quotations" in frames else ()
    sources = {strand.source: frozenset[str]() for strand in registry.STRANDS}
    measures: dict[tuple[str, str, str], frozenset[str]] = {}
    for survey in study.surveys:
        sources[survey.id] = frozenset(("survey", *survey.instruments))
        for name in survey.instruments:
            scores = instruments.load(study.path(f"instruments/{name}.yaml")).scores
            for analysis in OF_SCORES:
                measures[survey.id, name, analysis] = frozenset(scores)
    if codes:
        heard = frozenset(map(slug, (*codes, *(str(theme["id"]) for theme in codebook["themes"]))))
        measures["interviews", "themes", "count"] = heard
        measures["action_plans", "plans", "aims"] = frozenset(map(slug, codes))
    asked = documents.get("facilitator_questions", {}).get("questions")
    if asked:
        measures["facilitators", "survey", "answers"] = frozenset(
            f"{question['id']}-{option['id']}".lower()
            for question in asked
            for option in question.get("options") or ()
        )
    return framework.Known(
        codes=frozenset(codes),
        quotations=frozenset(map(str, quotations)),
        schools=frozenset(map(str, schools["id"])),
        sources=sources,
        measures=measures,
    )


def _check_conditions(
    study: Study, frames: dict[str, pd.DataFrame], document: dict[str, Any]
) -> None:
    """Stop at a condition or risk in the checklists of schools that the framework does not have."""
    if "readiness" in frames:
        known = {entry["id"] for key in ("conditions", "risks") for entry in document[key]}
        place = str(study.path(str(study.file("readiness"))))
        _refuse_unknown(frames["readiness"], "condition", known, place, "the conditions and risks")


def _check_context(
    study: Study, frames: dict[str, pd.DataFrame], documents: dict[str, Any]
) -> None:
    """Read what others found, held against the areas, codes, conditions and cycles it names."""
    if not study.file("evidence_context"):
        return
    named = ((study.codebook, "codebook"), (study.file("value_creation"), "value_creation"))
    if any(file and name not in documents for file, name in named):
        return  # what it names cannot be looked up in a file that is wrong itself
    codebook = documents.get("codebook", {"themes": []})
    value = documents.get("value_creation", {})
    listed = (codebook.get("audit") or {}).get("areas") or ()
    rated = frames["whole_school_audit"]["area"] if "whole_school_audit" in frames else ()
    codes = frozenset(codes_in(codebook))
    ids = {
        # The codebook's list is all there is, and without one what schools rated.
        "areas": frozenset(str(each["id"]) for each in listed) or frozenset(map(str, rated)),
        "aims": codes,
        "codes": codes,
        "conditions": frozenset(
            str(each["id"]) for key in ("conditions", "risks") for each in value.get(key, ())
        ),
        "cycles": frozenset(str(each["id"]) for each in value.get("cycles", ())),
    }
    known = evidence_context.Known(ids)
    documents["evidence_context"] = evidence_context.read(study, known)


def _refuse_unknown(
    frame: pd.DataFrame,
    column: str,
    known: Sequence[str] | pd.Series | set[str],
    where: str,
    book: str,
) -> None:
    if not set(frame[column].unique()) <= set(known):
        bad = frame[~frame[column].isin(list(known))]
        rows = ", ".join(str(row) for row in bad.index[:5])
        raise AnalystError(
            f"'{bad[column].iloc[0]}' is not in {book}.",
            where=f"{where}, column {column}, row{'s' if len(bad) > 1 else ''} {rows}",
            fix=f"Correct the value, or add it to {book}.",
        )
