"""The workbook into which answers on paper are typed: a row a paper, a list for each answer."""

from __future__ import annotations

import datetime as dt

from xlsxwriter.utility import xl_range_abs

from analysis.questionnaire.model import Question, Questionnaire
from analysis.questionnaire.workbooks import written
from analysis.sources.data_entry import PAPER

#: Papers that one workbook has room for.
PAPERS = 500


def write(questionnaire: Questionnaire, language: str) -> bytes:
    """The workbook's bytes.

    Headings are locked, answers are chosen from lists, and the columns are named by the questions'
    codes, so that ``drp prepare`` reads it as it is.
    """
    q = questionnaire
    date = Question("date", "date", q.words["date"])
    questions = [q.consent, date, *(each for s in q.sections for each in s.questions)]
    with written(q.title[language]) as (book, buffer):
        sheet = book.add_worksheet("papers")
        lists = book.add_worksheet("lists")
        look = {"text_wrap": True, "valign": "top", "bold": True, "bg_color": "#12436D"}
        code = book.add_format(look | {"font_color": "#FFFFFF", "font_size": 9, "bold": False})
        head = book.add_format(look | {"font_color": "#FFFFFF"})
        free = book.add_format({"locked": False, "num_format": "@"})
        day = book.add_format({"locked": False, "num_format": "yyyy-mm-dd"})
        sheet.write_string(0, 0, PAPER, code)
        sheet.write_string(1, 0, f"{q.words['form'][language]} {q.version}", head)
        sheet.set_column(0, 0, 10, free)
        places: dict[tuple[str, ...], str] = {}
        for place, question in enumerate(questions, 1):
            sheet.write_string(0, place, question.code, code)
            sheet.write_string(1, place, question.texts[language], head)
            sheet.set_column(place, place, 22 if question.choices else 16,
                             day if question is date else free)  # fmt: skip
            if question is date:
                sheet.data_validation(
                    2, place, PAPERS + 1, place,
                    {"validate": "date", "criteria": ">=", "value": dt.date(2000, 1, 1),
                     "error_title": question.texts[language][:32]},
                )  # fmt: skip
            if not question.choices:
                continue
            labels = tuple(choice.texts[language] for choice in question.choices)
            if labels not in places:
                column = len(places)
                for row, label in enumerate(labels):
                    lists.write_string(row, column, label)
                cells = xl_range_abs(0, column, len(labels) - 1, column)
                places[labels] = f"=lists!{cells}"
            sheet.data_validation(
                2, place, PAPERS + 1, place, {"validate": "list", "source": places[labels]}
            )
        sheet.set_row(1, 90)
        sheet.freeze_panes(2, 1)
        sheet.protect("", {"format_columns": True, "format_rows": True, "sort": True})
        lists.protect()
        lists.hide()
    return buffer.getvalue()
