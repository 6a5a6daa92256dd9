"""Questionnaires: written for a survey tool or for paper, and known again in what it exports."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from analysis.questionnaire.build import build, schools
from analysis.questionnaire.model import Questionnaire
from analysis.questionnaire.recognise import candidates, declared, is_own, recognised

__all__ = [
    "FORMATS",
    "Form",
    "Questionnaire",
    "build",
    "candidates",
    "declared",
    "is_own",
    "recognised",
    "schools",
    "write",
]


@dataclass(frozen=True)
class Form:
    """A format: the module that writes it, how its files end, and whether it holds all languages."""

    module: str
    suffix: str
    languages: bool = False


#: The formats, by the names that ``drp questionnaire --to`` takes.
FORMATS = {
    "limesurvey": Form("limesurvey", ".lss", languages=True),
    "xlsform": Form("xlsform", ".xlsx", languages=True),
    "redcap": Form("redcap", ".csv"),
    "qualtrics": Form("qualtrics", ".txt"),
    "forms": Form("microsoft_forms", ".docx"),
    "pdf": Form("printed", ".pdf"),
    "workbook": Form("data_entry", ".xlsx"),
}


def write(
    questionnaire: Questionnaire, form: str, language: str, typeset: Callable[[str], bytes]
) -> bytes:
    """A questionnaire in one of :data:`FORMATS`; ``typeset`` makes a PDF of Typst source."""
    module = import_module(f"analysis.questionnaire.{FORMATS[form].module}")
    if form == "pdf":
        return typeset(module.source(questionnaire, language))
    content: bytes = module.write(questionnaire, language)
    return content
