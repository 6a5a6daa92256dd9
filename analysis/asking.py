"""Questionnaires, and who has answered so far."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from analysis import prepare as preparing
from analysis import questionnaire as questionnaires
from analysis import resources
from analysis.errors import AnalystError
from analysis.places import project_root
from analysis.prepare import running
from analysis.questionnaire import Questionnaire
from analysis.study import Study, key_folder


def questionnaire(
    study: Study,
    survey: str,
    form: str,
    *,
    language: str = "",
    wave: str = "",
    asks: Sequence[str] = (),
) -> tuple[bytes, Questionnaire]:
    """A survey's questionnaire as a file's bytes, in one of :data:`questionnaires.FORMATS`.

    Parameters
    ----------
    language
        Of a format that holds one; of others, the one that they open in. Default: the main one.
    wave
        For which wave it is. What has changed is asked after the first. Default: the last.
    asks
        Which of the survey's instruments; default: those of the wave's exports, or all.

    Raises
    ------
    AnalystError
        If the survey or the wave is not the study's, the questionnaire cannot be made
        (:func:`analysis.questionnaire.build.build`), or it does not hold the language.
    """
    asked = study.survey(survey)
    waves = study.wave_ids
    if wave and wave not in waves:
        raise AnalystError(
            f"'{wave}' is no wave of this study.",
            where="--wave",
            fix=f"Use {' or '.join(waves)}.",
        )
    for name in asks:
        if name not in asked.instruments:
            raise AnalystError(
                f"The {asked.label} has no instrument '{name}'.",
                where="--instrument",
                fix=f"Use {' or '.join(asked.instruments)}.",
            )
    of_wave = [each for each in asked.exports if each.wave == (wave or waves[-1])]
    made = questionnaires.build(
        study,
        asked,
        preparing.load_instruments(study, (asked,)),
        questionnaires.schools(study),
        change=bool(asked.perceived_change) and (wave or waves[-1]) != waves[0],
        asks=asks or [name for each in of_wave for name in asked.asks(each)],
    )
    if language and language not in made.languages:
        raise AnalystError(
            f"The questionnaire is not to be had in '{language}'.",
            where="--language",
            fix=f"Use {' or '.join(made.languages)}"
            + (f"; {'; '.join(made.notes)}." if made.notes else "; or add it to 'languages'."),
        )
    fonts = resources.fonts(project_root(study.folder))[0].parent

    def typeset(source: str) -> bytes:
        from analysis.publish.builtin import pdf

        if lacking := pdf.without_letters(source, fonts):
            raise AnalystError(
                f"The report's typeface has no letters for {' '.join(lacking[:12])}.",
                where=f"questionnaire of the {asked.label}, {language or made.main}",
                fix="Print it from another format, such as forms (Word).",
            )
        return pdf.typeset(source, fonts)

    return questionnaires.write(made, form, language or made.main, typeset), made


def response(study: Study, survey: str = "", wave: str = "") -> dict[str, pd.DataFrame]:
    """How far each survey (or one) is at a wave: survey and wave -> its schools.

    Reads the exports that are there; of a survey without any, nothing is said unless it is named
    (:func:`analysis.prepare.running.response`).
    """
    asked = [study.survey(survey)] if survey else list(study.surveys)
    found: dict[str, pd.DataFrame] = {}
    for number, each in enumerate(asked):
        try:
            running_wave = running.wave_running(study, each, wave)
        except AnalystError:
            if survey or (number == len(asked) - 1 and not found):
                raise
            continue
        counts = running.response(study, each, running_wave, key_folder(study))
        counts.insert(0, "survey", each.id)
        counts.insert(1, "wave", running_wave)
        found[each.id] = counts
    return found
