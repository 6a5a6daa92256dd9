"""Exports of our own questionnaires: known by their columns, and read without a mapping file.

Every answer must be one that the questionnaire offers. Columns are found by the questions' codes
or words, whichever the tool was asked to export.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from analysis import sources
from analysis.errors import AnalystError, Collected, a_few
from analysis.instruments import Instrument
from analysis.questionnaire.build import CONSENT, build, mark, schools, spellings
from analysis.questionnaire.model import Question, Questionnaire
from analysis.sources.export import RawExport
from analysis.sources.grid import rows_in_words
from analysis.sources.mapping import Mapping as ColumnMapping
from analysis.sources.wording import normalised
from analysis.study import Export, Study, Survey

#: Any version in a heading.
ANY_VERSION = mark("([0-9a-f]{8})")
WHOLE = re.compile(r"([+-]?\d+)[.,]0+")
#: REDCap writes this in place of a moment.
NO_MOMENT = "[not completed]"


@dataclass(frozen=True)
class Tool:
    """What a tool's export says of a response beside its answers.

    ``columns`` gives, for an attribute, the headings in which it may stand, the first that is there
    counting; ``values`` what they may say; ``words`` whether answers must come in words (where the
    tool's numbers are not ours).
    """

    columns: Mapping[str, tuple[str, ...]]
    values: Mapping[str, Mapping[str, str]]
    words: bool = False


QUALTRICS = {
    "IP Address": "response", "Imported": "response", "Offline Survey": "response",
    "Survey Preview": "preview", "Offline Survey Preview": "preview", "Survey Test": "test",
}  # fmt: skip
REDCAP = {"0": "no", "1": "no", "2": "yes", "Incomplete": "no", "Unverified": "no",
          "Complete": "yes"}  # fmt: skip
#: By format of the export. ``{survey}`` is the survey's id, which REDCap has as its form's name.
TOOLS: Mapping[str, Tool] = {
    "limesurvey_csv": Tool(
        {
            "finished": ("submitdate", "date submitted"),
            "submitted": ("datestamp", "date last action", "submitdate", "date submitted"),
            "started": ("startdate", "date started"),
        },
        {},
    ),
    "xlsform_csv": Tool(
        {"submitted": ("end", "_submission_time", "submissiondate"), "started": ("start",)}, {}
    ),
    "redcap_csv": Tool(
        {
            "finished": ("{survey}_complete", "complete?"),
            "submitted": ("{survey}_timestamp", "survey timestamp"),
        },
        {"finished": REDCAP},
    ),
    "qualtrics_csv": Tool(
        {
            "status": ("status",),
            "finished": ("finished",),
            "submitted": ("recordeddate",),
            "started": ("startdate",),
            "duration": ("duration (in seconds)",),
        },
        {"status": QUALTRICS},
        words=True,
    ),
    "microsoft_forms_xlsx": Tool(
        {"submitted": ("completion time",), "started": ("start time",)}, {}, words=True
    ),
    "data_entry_xlsx": Tool({"submitted": ("date",)}, {}),
}


def candidates(
    study: Study,
    survey: Survey,
    instruments: Mapping[str, Instrument],
    asks: Sequence[str] = (),
) -> list[Questionnaire]:
    """The questionnaires of a survey: of the first wave, and of later ones if they ask for more.

    ``asks`` names those of its instruments that are asked; none: all.
    """
    names = schools(study)
    changes = [False, True] if survey.perceived_change else [False]
    return [
        build(study, survey, instruments, names, change=change, asks=asks) for change in changes
    ]


def is_own(path: Path) -> bool:
    """Whether a file was made with any questionnaire of ours: of whatever survey and version."""
    try:
        headings = sources.read(path).frame.columns
    except AnalystError:
        return False
    return any(ANY_VERSION.search(heading) for heading in headings)


def declared(questionnaire: Questionnaire) -> ColumnMapping:
    """What a mapping file would say of every export of a questionnaire, by the questions' codes."""
    return ColumnMapping(
        schema_version=1,
        answers="codes",
        shift=0,
        columns={name: question.code for name, question in questionnaire.attributes.items()},
        values=_values(questionnaire.attributes),
        items={name: question.code for name, question in questionnaire.items.items()},
    )


def recognised(
    raw: RawExport,
    study: Study,
    survey: Survey,
    export: Export,
    instruments: Mapping[str, Instrument],
) -> tuple[RawExport, ColumnMapping]:
    """An export that names no mapping, with its answers in the study's words, and its mapping.

    Raises
    ------
    AnalystError
        If it was not made with a questionnaire of this survey, or with another version of it, lacks
        a question, or holds an answer that the questionnaire does not offer.
    """
    where = f"{study.path(export.file)}" + (f", sheet '{raw.sheet}'" if raw.sheet else "")
    known = candidates(study, survey, instruments, survey.asks(export))
    found = next((each for each in known if _is_of(raw.frame.columns, each.version)), None)
    tool = TOOLS.get(raw.kind)
    if found is None or tool is None:
        raise _unknown(raw, study, survey, export, where, known, instruments)
    columns = _columns(raw, found, where)
    spelled = {
        name: _translated(raw.frame[columns[name]], question, found.languages, tool.words, where)
        for name, question in [*found.attributes.items(), *found.items.items()]
        if question.choices
    }
    mistakes = Collected()
    frame = raw.frame.copy()
    for name, read in spelled.items():
        if isinstance(read, AnalystError):
            mistakes.add(read)
        else:
            frame[columns[name]] = read
    mistakes.raise_any()
    headings = {normalised(heading): heading for heading in reversed(raw.frame.columns)}
    own = {
        attribute: heading
        for attribute, names in tool.columns.items()
        for heading in [_first(headings, (name.format(survey=survey.id) for name in names))]
        if heading
    }
    for attribute in ("submitted", "started"):
        if attribute in own:
            moments = frame[own[attribute]]
            frame[own[attribute]] = moments.where(moments.str.strip() != NO_MOMENT, "")
    mapping = ColumnMapping(
        schema_version=1,
        answers="codes",
        shift=0,
        columns={**own, **{name: columns[name] for name in found.attributes}},
        values={**_values(found.attributes), **{k: dict(v) for k, v in tool.values.items()}},
        items={name: columns[name] for name in found.items},
    )
    return replace(raw, frame=frame), mapping


def _values(attributes: Mapping[str, Question]) -> dict[str, dict[str, str]]:
    return {
        name: {choice.value: choice.value for choice in question.choices}
        for name, question in attributes.items()
        if question.choices
    }


def _first(headings: Mapping[str, str], names: Iterable[str]) -> str:
    return next((headings[name] for name in names if name in headings), "")


def _is_of(headings: Iterable[str], version: str) -> bool:
    return any(mark(version).search(heading) for heading in headings)


def _is_of_survey(
    raw: RawExport, study: Study, survey: Survey, instruments: Mapping[str, Instrument]
) -> bool:
    """Whether an export was made with a survey's questionnaire, if that can be made at all."""
    try:
        known = candidates(study, survey, instruments)
    except (AnalystError, KeyError):
        return False
    return any(_is_of(raw.frame.columns, each.version) for each in known)


def _unknown(
    raw: RawExport,
    study: Study,
    survey: Survey,
    export: Export,
    where: str,
    known: list[Questionnaire],
    instruments: Mapping[str, Instrument],
) -> AnalystError:
    """Why an export without a mapping cannot be read."""
    versions = {
        match.group(1) or match.group(2)
        for heading in raw.frame.columns
        for match in [ANY_VERSION.search(heading)]
        if match
    }
    propose = f"'drp map {export.file} --survey {survey.id}' proposes one"
    if versions and raw.kind not in TOOLS:
        return AnalystError(
            f"{raw.file} was made with our questionnaire, but is no export of a tool that it was "
            f"written for (it looks like {raw.kind}).",
            where=where,
            fix="Export it again from the survey tool, and do not edit it; or name a mapping: "
            f"{propose}.",
        )
    for other in study.surveys if versions else ():
        if other.id != survey.id and _is_of_survey(raw, study, other, instruments):
            return AnalystError(
                f"{raw.file} was made with the questionnaire of the {other.label}, and is given to "
                f"the {survey.label}.",
                where=where,
                fix=f"Name it under surveys.{other.id}.exports of study.yaml.",
            )
    if versions:
        now = " or ".join(each.version for each in known)
        return AnalystError(
            f"{raw.file} was made with version {', '.join(sorted(versions))} of a questionnaire, and "
            f"that of the {survey.label} is {now} now: wording, answers or questions are not the "
            "same.",
            where=where,
            fix="Put the instrument and study files back as they were when the questionnaire was "
            f"written; or check it against the form that was used, and name a mapping: {propose}.",
        )
    words = {
        normalised(text) for each in known for q in each.questions for text in q.texts.values()
    }
    same = sum(normalised(heading) in words for heading in raw.frame.columns)
    if same > len(known[0].items) / 2:
        return AnalystError(
            f"{raw.file} asks what the questionnaire of the {survey.label} asks, but no heading says "
            "with which version.",
            where=where,
            fix="Export it with questions' codes as headings (REDCap: raw); or name a mapping: "
            f"{propose}.",
        )
    return AnalystError(
        f"{raw.file} has no mapping, and was not made with a questionnaire of 'drp questionnaire'.",
        where=where,
        fix=f"Name its mapping under surveys.{survey.id}.exports of study.yaml: {propose}.",
    )


def _columns(raw: RawExport, found: Questionnaire, where: str) -> dict[str, str]:
    """The column of every question."""
    questions = {**found.attributes, **found.items}
    by_code = {question.code: name for name, question in questions.items()}
    words = [
        (normalised(text), name)
        for name, question in questions.items()
        for code in found.languages
        for text in {question.texts[code], question.full(code)}
    ]
    # Words that two questions share say nothing.
    several = Counter(text for text, _ in set(words))
    by_words = {text: name for text, name in words if several[text] == 1}
    columns: dict[str, str] = {}
    for heading in raw.frame.columns:
        name = next((by_code[code] for code in _codes(heading) if code in by_code), None)
        name = name or next(
            (by_words[words] for words in _behind_groups(heading) if words in by_words), None
        )
        if name is None:
            continue
        if name in columns:
            raise AnalystError(
                f"Two columns hold the answers to {name}: '{columns[name]}' and '{heading}'.",
                where=where,
                fix="Export again, with headings as codes or as words, not both.",
            )
        columns[name] = heading
    missing = [name for name in questions if name not in columns]
    if missing:
        raise AnalystError(
            f"The export lacks {len(missing)} of the questionnaire's {len(questions)} questions: "
            + a_few(missing, 8)
            + ".",
            where=where,
            fix="Export all questions. If some were taken out of the form, or changed there, name a "
            "mapping.",
        )
    return columns


def _behind_groups(heading: str) -> list[str]:
    """A heading as compared, and what stands behind each stroke: a group may stand before it."""
    parts = heading.split("/")
    return [normalised("/".join(parts[place:])) for place in range(len(parts))]


def _codes(heading: str) -> list[str]:
    """What a heading may hold as a question's code: itself, behind a group, before its words."""
    plain = heading.strip().casefold()
    behind = re.split(r"[/-]", plain)[-1]
    before = re.split(r"\.\s", plain, maxsplit=1)[0]
    return [plain, behind, before]


def _translated(
    column: pd.Series, question: Question, languages: Iterable[str], words: bool, where: str
) -> pd.Series | AnalystError:
    """A column's answers in the study's words; or what is wrong with those that are none."""
    spelled = {
        text: next(iter(values))
        for text, values in spellings(question, languages, labels=words).items()
    }
    read = {text: _value(text, spelled) for text in column.unique()}
    unknown = [text for text, value in read.items() if value is None]
    if unknown:
        rows = column.index[column.isin(unknown)]
        allowed = [choice.texts[next(iter(languages))] for choice in question.choices]
        shown = sorted(text.strip() for text in unknown if len(text) <= 40)[:3]
        return AnalystError(
            f"{len(rows)} answer{'s' if len(rows) > 1 else ''} to '{question.name}' "
            f"{'are' if len(rows) > 1 else 'is'} none that the questionnaire offers"
            + (f" ({', '.join(map(repr, shown))})" if shown else "")
            + "; it offers "
            + a_few([f"'{label}'" for label in allowed], 8)
            + ".",
            where=f"{where}, column '{column.name}', {rows_in_words(rows)}",
            fix=("Export again with answers in words. " if words else "")
            + (
                "If the form was changed in the tool, name a mapping."
                if question.name == CONSENT
                else "Correct them where they come from; or, if the form was changed in the tool, "
                "name a mapping."
            ),
        )
    return column.map(read).astype("str")


def _value(text: str, spelled: Mapping[str, str]) -> str | None:
    plain = normalised(text)
    if not plain:
        return ""
    whole = WHOLE.fullmatch(plain)
    return spelled.get(plain) or (spelled.get(whole[1]) if whole else None)
