"""REDCap's data dictionary: one form, in one language."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from html import escape

from analysis.questionnaire.model import Choice, Question, Questionnaire

#: The dictionary's eighteen columns, as REDCap names them.
COLUMNS = (
    "Variable / Field Name", "Form Name", "Section Header", "Field Type", "Field Label",
    "Choices, Calculations, OR Slider Labels", "Field Note", "Text Validation Type OR Show Slider "
    "Number", "Text Validation Min", "Text Validation Max", "Identifier?",
    "Branching Logic (Show field only if...)", "Required Field?", "Custom Alignment",
    "Question Number (surveys only)", "Matrix Group Name", "Matrix Ranking?", "Field Annotation",
)  # fmt: skip
NAME, FORM, HEADER, TYPE, LABEL, CHOICES, NOTE = COLUMNS[:7]
IF, REQUIRED = COLUMNS[11:13]


def write(questionnaire: Questionnaire, language: str) -> bytes:
    """The dictionary's bytes (CSV with all eighteen columns)."""
    form = questionnaire.survey
    rows: list[dict[str, str]] = [
        {NAME: "record_id", TYPE: "text", LABEL: "Record ID"},
        {
            NAME: "information",
            TYPE: "descriptive",
            LABEL: _paragraphs(
                [text[language] for text in (*questionnaire.information, *questionnaire.notices)]
            ),
        },
        # In square brackets REDCap would look for a field of that name.
        _asked(questionnaire.consent, language)
        | {LABEL: escape(questionnaire.plain(questionnaire.consent, language), quote=False)},
    ]
    agreed = f"[{questionnaire.consent.code}] = 'yes'"
    for section in questionnaire.sections:
        head = _paragraphs([section.title[language], section.introduction.get(language, "")])
        for place, question in enumerate(section.questions):
            row = _asked(question, language) | {IF: agreed}
            rows.append(row | ({HEADER: head} if place == 0 else {}))
    buffer = io.StringIO(newline="")
    writer = csv.DictWriter(buffer, COLUMNS, restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({**row, FORM: form} for row in rows)
    return buffer.getvalue().encode("utf-8")


def _asked(question: Question, language: str) -> dict[str, str]:
    kind = "text"
    if question.choices:
        kind = "dropdown" if question.long else "radio"
    return {
        NAME: question.code,
        TYPE: kind,
        LABEL: escape(question.texts[language], quote=False),
        CHOICES: " | ".join(f"{choice.value}, {_label(choice, language)}"
                            for choice in question.choices),
        NOTE: escape(question.help.get(language, ""), quote=False),
        REQUIRED: "y" if question.required else "",
    }  # fmt: skip


def _label(choice: Choice, language: str) -> str:
    """A label without the bar that parts choices."""
    return escape(choice.texts[language].replace("|", "/"), quote=False)


def _paragraphs(texts: Sequence[str]) -> str:
    """Texts below each other, as REDCap shows them: HTML."""
    return "".join(f"<p>{escape(text, quote=False)}</p>" for text in texts if text)
