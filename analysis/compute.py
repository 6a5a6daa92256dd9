"""Every statistic of every unit, into the results ledger."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from analysis.prepare import Prepared
from analysis.qualitative import facilitators, plans, themes
from analysis.results import Result, ledger
from analysis.statistics import change, groups, level, outcomes, quality, response


def compute(prepared: Prepared) -> pd.DataFrame:
    """The results ledger of a prepared study: see :mod:`analysis.results` for its columns."""
    return ledger(_results(prepared), prepared.study.edition.id)


def _results(prepared: Prepared) -> Iterator[Result]:
    for survey in prepared.study.surveys:
        yield from response.response(prepared, survey)
        yield from response.sample_description(prepared, survey)
        yield from level.scores(prepared, survey)
        yield from level.items(prepared, survey)
        yield from change.paired(prepared, survey)
        yield from change.all_respondents(prepared, survey)
        yield from groups.phases(prepared, survey)
    yield from outcomes.rates(prepared)
    yield from quality.rows(prepared)
    yield from quality.missing(prepared)
    yield from themes.themes(prepared)
    yield from facilitators.answers(prepared)
    yield from plans.plans(prepared)
