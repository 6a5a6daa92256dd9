"""XLSForm, as KoboToolbox and ODK read it: a workbook with all languages."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from analysis.questionnaire.model import Question, Questionnaire, Texts
from analysis.questionnaire.workbooks import written

#: Would begin a reference to another question.
REFERENCE = "${"
Row = dict[str, str]


def write(questionnaire: Questionnaire, language: str) -> bytes:
    """The workbook's bytes; ``language`` is the one it opens in."""
    languages = questionnaire.languages
    labels = {code: f"label::{_named(code)}" for code in languages}
    hints = {code: f"hint::{_named(code)}" for code in languages}
    survey: list[Row] = [{"type": kind, "name": kind} for kind in ("start", "end")]
    for number, texts in enumerate((*questionnaire.information, *questionnaire.notices), 1):
        survey.append(_said("note", f"information{number}", texts, labels))
    consent = questionnaire.consent
    survey.append(_asked(consent, labels, hints))
    agreed = f"${{{consent.code}}} = 'yes'"
    for section in questionnaire.sections:
        begin = _said("begin_group", f"part{section.id}", section.title, labels)
        survey.append(begin | {"relevant": agreed})
        if section.introduction:
            survey.append(_said("note", f"before{section.id}", section.introduction, labels))
        survey += [_asked(question, labels, hints) for question in section.questions]
        survey.append({"type": "end_group"})
    survey.append(_said("note", "thanks", questionnaire.thanks, labels))
    choices: list[Row] = []
    listed = set()
    for question in questionnaire.questions:
        name = _list(question)
        if question.choices and name not in listed:
            listed.add(name)
            choices += [
                {"list_name": name, "name": choice.value}
                | {labels[code]: choice.texts[code] for code in languages}
                for choice in question.choices
            ]
    settings = {
        "form_title": questionnaire.title[language],
        "form_id": f"{questionnaire.study}_{questionnaire.survey}",
        "version": questionnaire.version,
        "default_language": _named(language),
    }
    heads = ["type", "name", *labels.values(), *hints.values(), "required", "relevant"]
    heads.append("appearance")
    sheets: list[tuple[str, Sequence[str], Iterable[Row]]] = [
        ("survey", heads, survey),
        ("choices", ["list_name", "name", *labels.values()], choices),
        ("settings", list(settings), [settings]),
    ]
    with written(questionnaire.title[language]) as (book, buffer):
        for name, columns, rows in sheets:
            sheet = book.add_worksheet(name)
            sheet.freeze_panes(1, 0)
            sheet.set_column(0, len(columns), 28)
            for place, column in enumerate(columns):
                sheet.write_string(0, place, column)
            for number, row in enumerate(rows, 1):
                for place, column in enumerate(columns):
                    if row.get(column):
                        sheet.write_string(number, place, row[column])
    return buffer.getvalue()


def _named(code: str) -> str:
    """A language as XLSForm names it: its name in itself, and its code."""
    from babel import Locale, UnknownLocaleError

    try:
        name = Locale.parse(code, sep="-").get_display_name()
    except (UnknownLocaleError, ValueError):
        name = None
    return f"{(name or code).replace('(', '').replace(')', '')} ({code})"


def _said(kind: str, name: str, texts: Texts, labels: dict[str, str]) -> Row:
    return {"type": kind, "name": name} | {
        column: texts[code].replace(REFERENCE, "$ {") for code, column in labels.items()
    }


def _asked(question: Question, labels: dict[str, str], hints: dict[str, str]) -> Row:
    kind = f"select_one {_list(question)}" if question.choices else "text"
    row = _said(kind, question.code, question.texts, labels)
    if question.help:
        row |= {column: question.help[code] for code, column in hints.items()}
    if question.required:
        row["required"] = "yes"
    if question.long:
        row["appearance"] = "minimal"
    return row


def _list(question: Question) -> str:
    """The list of a question's answers: one for all questions that have the same."""
    if not question.choices:
        return ""
    said = repr([(choice.value, sorted(choice.texts.items())) for choice in question.choices])
    return f"list{hashlib.sha256(said.encode()).hexdigest()[:8]}"
