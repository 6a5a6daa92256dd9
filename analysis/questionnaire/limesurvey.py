"""LimeSurvey's survey structure (``.lss``), all languages in one file.

One question to a row, not arrays: so each has its own code in the export, and reads well on a phone
and with a screen reader. The tables and their columns are those of LimeSurvey 5 and later
(database version 498), which newer versions read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from xml.etree import ElementTree

from analysis.questionnaire.model import Question, Questionnaire, Section

DATABASE = "498"
#: LimeSurvey gives the survey another number if this one is taken.
SURVEY = "100001"
#: Kinds of question: a list with buttons, a list to pull down, a short text.
RADIO, DROPDOWN, SHORT = ("L", "listradio"), ("!", "list_dropdown"), ("S", "shortfreetext")
Row = Mapping[str, str]


def write(questionnaire: Questionnaire, language: str) -> bytes:
    """The file's bytes; ``language`` is the one it opens in."""
    languages = [language, *(code for code in questionnaire.languages if code != language)]
    tables = _Tables(questionnaire, languages)
    tables.section(
        "0", Section("consent", questionnaire.title, {}, (questionnaire.consent,)), relevance="1"
    )
    agreed = f'{questionnaire.consent.code}.NAOK == "yes"'
    for number, section in enumerate(questionnaire.sections, 1):
        tables.section(str(number), section, relevance=agreed)
    root = ElementTree.Element("document")
    ElementTree.SubElement(root, "LimeSurveyDocType").text = "Survey"
    ElementTree.SubElement(root, "DBVersion").text = DATABASE
    listed = ElementTree.SubElement(root, "languages")
    for code in languages:
        ElementTree.SubElement(listed, "language").text = code
    for name, rows in tables.rows.items():
        _table(root, name, rows)
    ElementTree.indent(root, " ")
    content: bytes = ElementTree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return content


class _Tables:
    """LimeSurvey's tables, filled row by row."""

    def __init__(self, questionnaire: Questionnaire, languages: Sequence[str]) -> None:
        self.languages = languages
        names = ("answers", "answer_l10ns", "groups", "group_l10ns", "questions", "question_l10ns")
        self.rows: dict[str, list[Row]] = {name: [] for name in names}
        self.rows["surveys"] = [
            {
                "sid": SURVEY, "gsid": "1", "admin": "inherit", "adminemail": "inherit",
                "anonymized": "N", "format": "G", "savetimings": "Y", "template": "inherit",
                "language": languages[0], "additional_languages": " ".join(languages[1:]),
                "datestamp": "Y", "ipaddr": "N", "refurl": "N", "allowprev": "Y",
                "shownoanswer": "N", "showwelcome": "Y", "showqnumcode": "X", "usetokens": "N",
            }
        ]  # fmt: skip
        self.rows["surveys_languagesettings"] = [
            {
                "surveyls_survey_id": SURVEY,
                "surveyls_language": code,
                "surveyls_title": questionnaire.title[code],
                "surveyls_welcometext": _paragraphs(
                    [text[code] for text in (*questionnaire.information, *questionnaire.notices)]
                ),
                "surveyls_endtext": _paragraphs([questionnaire.thanks[code]]),
                "surveyls_dateformat": "6",
                "surveyls_numberformat": "0",
            }
            for code in languages
        ]

    def _number(self, table: str) -> str:
        return str(len(self.rows[table]) + 1)

    def section(self, order: str, section: Section, *, relevance: str) -> None:
        group = self._number("groups")
        self.rows["groups"].append(
            {"gid": group, "sid": SURVEY, "group_order": order, "randomization_group": "",
             "grelevance": relevance}
        )  # fmt: skip
        for code in self.languages:
            self.rows["group_l10ns"].append(
                {
                    "id": self._number("group_l10ns"),
                    "gid": group,
                    "group_name": section.title[code],
                    "description": _paragraphs([section.introduction.get(code, "")]),
                    "language": code,
                }
            )
        for number, question in enumerate(section.questions, 1):
            self.question(str(number), question, group)

    def question(self, order: str, question: Question, group: str) -> None:
        number = self._number("questions")
        kind, theme = SHORT
        if question.choices:
            kind, theme = DROPDOWN if question.long else RADIO
        self.rows["questions"].append(
            {"qid": number, "parent_qid": "0", "sid": SURVEY, "gid": group, "type": kind,
             "title": question.code, "other": "N", "mandatory": "Y" if question.required else "N",
             "encrypted": "N", "question_order": order, "scale_id": "0", "same_default": "0",
             "relevance": "1", "question_theme_name": theme, "same_script": "0"}
        )  # fmt: skip
        for code in self.languages:
            self.rows["question_l10ns"].append(
                {"id": self._number("question_l10ns"), "qid": number,
                 "question": _html(question.texts[code]),
                 "help": _html(question.help.get(code, "")),
                 "script": "", "language": code}
            )  # fmt: skip
        for place, choice in enumerate(question.choices):
            answer = self._number("answers")
            self.rows["answers"].append(
                {"aid": answer, "qid": number, "code": choice.code, "sortorder": str(place),
                 "assessment_value": "0", "scale_id": "0"}
            )  # fmt: skip
            for code in self.languages:
                self.rows["answer_l10ns"].append(
                    {"id": self._number("answer_l10ns"), "aid": answer,
                     "answer": _html(choice.texts[code]), "language": code}
                )  # fmt: skip


def _paragraphs(texts: Sequence[str]) -> str:
    """Texts below each other."""
    return "".join(f"<p>{_html(text)}</p>" for text in texts if text)


def _html(text: str) -> str:
    """Text as LimeSurvey shows it: HTML in which no curly bracket begins an expression."""
    return escape(text, quote=False).replace("{", "&#123;").replace("}", "&#125;")


def _table(root: ElementTree.Element, name: str, rows: Sequence[Row]) -> None:
    table = ElementTree.SubElement(root, name)
    fields = ElementTree.SubElement(table, "fields")
    for column in rows[0] if rows else ():
        ElementTree.SubElement(fields, "fieldname").text = column
    body = ElementTree.SubElement(table, "rows")
    for row in rows:
        element = ElementTree.SubElement(body, "row")
        for column, text in row.items():
            ElementTree.SubElement(element, column).text = text or None
