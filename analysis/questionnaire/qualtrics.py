"""Qualtrics's text file in its advanced format, in one language.

What the format cannot say is left to do in Qualtrics after importing: to end the survey for whoever
does not agree, and to ask for an answer to the questions that need one.
"""

from __future__ import annotations

from collections.abc import Sequence

from analysis.questionnaire.model import Question, Questionnaire


def write(questionnaire: Questionnaire, language: str) -> bytes:
    """The file's bytes."""
    first = (*questionnaire.information, *questionnaire.notices)
    lines = ["[[AdvancedFormat]]", "", f"[[Block:{_line(questionnaire.title[language])}]]", ""]
    lines += ["[[Question:DB]]", "[[ID:information]]"]
    lines += ["<br><br>".join(_line(text[language]) for text in first), ""]
    lines += _asked(questionnaire.consent, language)
    for section in questionnaire.sections:
        lines += [f"[[Block:{_line(section.title[language])} ({section.id})]]", ""]
        if introduction := section.introduction.get(language):
            lines += ["[[Question:DB]]", f"[[ID:before{section.id}]]", _line(introduction), ""]
        for question in section.questions:
            lines += _asked(question, language)
    return "\n".join(lines).encode("utf-8")


def _asked(question: Question, language: str) -> Sequence[str]:
    if not question.choices:
        kind = "TE:SingleLine"
    else:
        kind = "MC:Dropdown" if question.long else "MC:SingleAnswer:Vertical"
    lines = [f"[[Question:{kind}]]", f"[[ID:{question.code}]]", _line(question.full(language))]
    if question.choices:
        lines += ["[[Choices]]", *(_line(choice.texts[language]) for choice in question.choices)]
    return [*lines, ""]


def _line(text: str) -> str:
    """Text in one line without what would begin a tag, or text piped in."""
    return " ".join(text.split()).replace("[[", "[ [").replace("]]", "] ]").replace("${", "$ {")
