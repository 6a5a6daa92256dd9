"""Everything that is not a survey export: interviews, facilitators, action plans, outcomes."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from analysis import instruments, upgrade
from analysis import strands as registry
from analysis.errors import AnalystError, Collected, a_few
from analysis.prepare import (
    alike,
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
from analysis.prepare.rows import named
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
#: Known ids that a message lists; the rest is counted.
KNOWN = 12
#: Tables about which there is more to check, and to fill in, than the registry says.
CHECKED: dict[str, Callable[[Study, pd.DataFrame, dict[str, Any], Path], pd.DataFrame]] = {
    "sessions": delivery.sessions,
    "delivery_hours": delivery.hours,
    "delivery_costs": delivery.costs,
    "outcomes": outcomes.records,
    "outcome_national": outcomes.national,
}
#: What is asked of each row by itself, whether or not its numbers can be read.
OF_A_ROW: dict[str, Callable[[pd.DataFrame, Path], None]] = {"outcomes": outcomes.check_terms}


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
    listed = documents | _conditions(study)
    frames: dict[str, pd.DataFrame] = {}
    for table in registry.BY_TABLE.values():
        if table.name != SEGMENTS and study.file(table.name):
            with mistakes.also():
                frames[table.name] = _table(study, table, schools, listed, quality, gone)
    with mistakes.also():
        _read_segments(study, frames, documents, quality, gone)
    if "codebook" in documents:
        for group in study.groups:
            with mistakes.also():
                _refuse_unknown_aims(study, group, codes_in(documents["codebook"]))
    if "outcomes" in frames:
        with mistakes.also():
            _check_records(study, frames, documents, quality)
    if "facilitator_survey" in frames and "facilitator_questions" in documents:
        with mistakes.also():
            _check_answers(study, frames["facilitator_survey"], documents)
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


def _check_records(
    study: Study, frames: dict[str, pd.DataFrame], documents: dict[str, Any], quality: Quality
) -> None:
    """Give each term of the records one name, and hold what others recorded against them."""
    file = str(study.file("outcomes"))
    frames["outcomes"], called, told = outcomes.named_once(
        frames["outcomes"], str(study.path(file))
    )
    quality.findings.extend({"file": file, "finding": words} for words in told)
    mistakes = Collected()
    if "outcome_national" in frames:
        with mistakes.also():
            path = study.path(str(study.file("outcome_national")))
            series = frames["outcome_national"].replace({"term": called})
            tables.refuse_repeated(series, registry.table("outcome_national").unique, path)
            outcomes.refuse_unknown_series(series, frames["outcomes"], str(path))
            frames["outcome_national"] = series
    if "outcome_measures" in documents:
        with mistakes.also():
            where = str(study.path(str(study.file("outcome_measures"))))
            document = outcomes.norms_renamed(documents["outcome_measures"], called)
            outcomes.refuse_unknown_norms(study, document, frames["outcomes"], where)
            documents["outcome_measures"] = document
    mistakes.raise_any()


def _check_answers(study: Study, frame: pd.DataFrame, documents: dict[str, Any]) -> None:
    """Stop at a closed question that the table lacks, and at an answer that is no option of it."""
    where = str(study.path(str(study.file("facilitator_survey"))))
    file = str(study.file("facilitator_questions"))
    mistakes = Collected()
    for question in documents["facilitator_questions"]["questions"]:
        name = str(question["id"])
        if question["type"] == "open":
            continue
        if name not in frame:
            mistakes.add(
                AnalystError(
                    f"The table has no column '{name}', a question of {file}.",
                    where=f"{where}, row 1",
                    fix="Correct the heading, or take the question out.",
                )
            )
            continue
        chosen = frame[name].str.split(";").explode().str.strip()
        options = [str(option["id"]) for option in question["options"]]
        with mistakes.also():
            answers = chosen[chosen != ""].to_frame()
            _refuse_unknown(answers, name, options, where, f"the options of {name} in {file}")
    mistakes.raise_any()


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
    mistakes = Collected()
    for path in matching(study, pattern):
        empty: list[int] = []
        frame: pd.DataFrame | None = None
        with mistakes.also():
            frame = tables.read(path, table.columns, optional=table.optional, empty=empty)
            if table.counts_only:
                _refuse_people(frame, table.columns, str(path))
        if frame is None:
            continue
        frame = _checked(study, table, frame, schools, documents, path, mistakes)
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
    mistakes.raise_any()
    if len(parts) == 1:
        alike.refuse(parts[0], _words(study, table), str(path))
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
    everything = pd.concat([parts[0].assign(file=matching(study, pattern)[0].name), *parts[1:]])
    alike.refuse(everything, _words(study, table), str(study.folder / pattern))
    return whole


def _checked(
    study: Study,
    table: Table,
    frame: pd.DataFrame,
    schools: pd.DataFrame,
    documents: dict[str, Any],
    path: Path,
    mistakes: Collected,
) -> pd.DataFrame:
    """A table's rows with their numbers, all that is wrong with any cell kept in ``mistakes``.

    What there is to check beside (:data:`CHECKED`) is asked of the rows whose numbers can be read,
    and beside which all others of the same thing can.
    """
    unread = pd.Series(False, index=frame.index)
    for names, read, plain in (
        (table.numbers, tables.whole_numbers, tables.counts),
        (table.decimals, tables.decimal_numbers, tables.amounts),
    ):
        for column in registry.named(frame.columns, names):
            text = frame[column]
            with mistakes.also():
                read(frame, column, path)
            frame[column] = plain(text)
            unread |= (text != "") & frame[column].isna()
    for column in table.dates:
        with mistakes.also():
            frame[column] = days(frame[column], str(path)).dt.strftime("%Y-%m-%d").fillna("")
        unread |= (frame[column] != "") & _days(frame[column]).isna()
    if table.unique:  # after its dates are read: one day may be written in two ways
        with mistakes.also():
            tables.refuse_repeated(frame, table.unique, path)
    _refuse_unknown_values(study, table, frame, schools, documents, str(path), mistakes)
    if table.name in OF_A_ROW:
        with mistakes.also():
            OF_A_ROW[table.name](frame, path)
    if table.name in CHECKED:
        if unread.any():
            key = [column for column in table.unique if column != "group"] or list(frame.columns)
            cells = pd.MultiIndex.from_frame(frame[key])
            frame = frame[~cells.isin(cells[unread])]
        with mistakes.also():
            return CHECKED[table.name](study, frame, documents, path)
    return frame


def _words(study: Study, table: Table) -> tuple[str, ...]:
    """Columns of free words that become parts of results' ids: also groups of interviewees."""
    if table.name != "interviewees":
        return table.words
    return tuple(group.column for group in study.groups_of(INTERVIEWEES))


def _refuse_unknown_values(
    study: Study,
    table: Table,
    frame: pd.DataFrame,
    schools: pd.DataFrame,
    documents: dict[str, Any],
    where: str,
    mistakes: Collected,
) -> None:
    """Name each school, survey, role, code or word that is none of the study's."""

    def look(
        column: str, known: Collection[str], book: str, *, closed: bool = False, lacks: bool = False
    ) -> None:
        filled = frame[frame[column] != ""] if lacks or column in table.optional else frame
        with mistakes.also():
            _refuse_unknown(filled, column, known, where, book, closed=closed)

    if "school" in (*table.columns, *table.optional):
        look("school", list(schools["id"]), study.schools)
    if "survey" in table.columns:
        look("survey", [survey.id for survey in study.surveys], "the surveys of study.yaml")
    for column, allowed in table.allowed.items():
        look(column, allowed, f"the list {', '.join(allowed)}", closed=True)
    if table.code and "codebook" in documents:
        look(table.code, codes_in(documents["codebook"]), str(study.codebook))
    for column, document, keys in LISTED.get(table.name, ()):
        known = _entries(documents.get(document), keys)
        if known or (document in documents and document not in FREE):
            file = study.codebook if document == "codebook" else study.file(document)
            # An empty cell of delivery is named where that is checked (:mod:`.delivery`).
            lacks = document == "delivery_plan"
            look(column, known, f"{' and '.join(keys)} of {file}", lacks=lacks)
    if table.name == registry.REFERENCE.name:
        with mistakes.also():
            _refuse_unknown_shares(study, frame, where)
    if table.name == "interviewees":
        with mistakes.also():
            _refuse_unknown_people(study, frame, where)


def _refuse_unknown_shares(study: Study, frame: pd.DataFrame, where: str) -> None:
    """Stop at a value of the reference population that the study's group of it does not list."""
    mistakes = Collected()
    for survey in study.surveys:
        for group in study.breakdowns(survey):
            rows = frame[(frame["survey"] == survey.id) & (frame["attribute"] == group.column)]
            if group.values:
                with mistakes.also():
                    book = f"groups.{group.id} of study.yaml"
                    _refuse_unknown(rows, "value", group.ids, where, book)
    mistakes.raise_any()


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


def _days(column: pd.Series) -> pd.Series:
    return pd.to_datetime(column, format="%Y-%m-%d", errors="coerce")


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
    known = None
    if "codebook" in documents:
        known = coded_text.known(segments["code"], documents["codebook"])
    if "interviewees" in frames:
        strangers = coded_text.strangers(kept, frames["interviewees"])
        try:
            where = (strangers and coded_text.places(study, strangers)) or where
            kept = coded_text.attributed(kept, frames["interviewees"], where)
        except AnalystError as error:
            if known is None or (known != "").all():
                raise
            # No mistake, but what is found about codes is not said while there is one.
            aside = coded_text.unknown_in_words(segments["code"][known == ""])
            raise AnalystError(
                f"{error.what} There are also {aside}.",
                where=error.where,
                fix=f"{error.fix} Passages under codes that the codebook does not have are set "
                "aside and counted: add these, or correct them.",
            ) from None
    if "codebook" in documents and known is not None:
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


#: Columns whose values a document lists: the document, and its lists.
LISTED: dict[str, tuple[tuple[str, str, tuple[str, ...]], ...]] = {
    "sessions": (("kind", "delivery_plan", ("kinds",)),),
    "delivery_costs": (("item", "delivery_plan", ("costs",)),),
    "focus_groups": (("group", "codebook", ("groups",)),),
    "open_answers": (("aspect", "codebook", ("aspects",)),),
    "whole_school_audit": (("area", "codebook", ("audit.areas",)),),
    "needs": (
        ("need", "codebook", ("needs.needs",)),
        ("level", "codebook", ("needs.levels",)),
    ),
    "readiness": (("condition", "value_creation", ("conditions", "risks")),),
    "outcomes": (("measure", "outcome_measures", ("measures",)),),
    "outcome_national": (("measure", "outcome_measures", ("measures",)),),
}
#: Documents that leave a column free where they list nothing for it.
FREE = ("codebook", "delivery_plan")


def _entries(document: Any, keys: Sequence[str]) -> list[str]:
    """The ids of what a document lists under some keys, in its order; none without it."""
    found: list[str] = []
    for key in keys:
        listed = document
        for part in key.split("."):
            listed = listed.get(part) if isinstance(listed, dict) else None
        found += [str(entry["id"]) for entry in listed or ()]
    return found


def _conditions(study: Study) -> dict[str, Any]:
    """The framework as it stands, by the name it goes by, for the ids that it lists.

    Whatever it names is looked up later (:func:`_check_framework`), and its mistakes named there.
    """
    if not study.file("value_creation"):
        return {}
    try:
        return {"value_creation": framework.read(study)}
    except AnalystError:
        return {}


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
    known: Collection[str] | pd.Series,
    where: str,
    book: str,
    *,
    closed: bool = False,
) -> None:
    """Stop at values that are not among those known; a ``closed`` list is not the analyst's."""
    allowed = sorted(set(map(str, known)))
    if set(frame[column].unique()) <= set(allowed):
        return
    bad = frame.loc[~frame[column].isin(allowed), column]
    verb = "is" if bad.nunique() == 1 else "are"
    near = difflib.get_close_matches(str(bad.iloc[0]), allowed, n=1)
    raise AnalystError(
        f"{tables.said(bad)} {verb} not in {book}"
        + ("." if closed or not allowed else f", which has {a_few(allowed, KNOWN)}.")
        + (f" The nearest to '{bad.iloc[0]}' is '{near[0]}'." if near else ""),
        where=f"{where}, column {column}, {named(dict.fromkeys(bad.index))}",
        fix="Write one of its words." if closed else f"Correct the value, or add it to {book}.",
    )
