"""Every statistic of every unit, into the results ledger."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from analysis.prepare import Prepared
from analysis.qualitative import (
    checks,
    coders,
    discussions,
    facilitators,
    occurrence,
    plans,
    stories,
    themes,
)
from analysis.results import Result, ledger
from analysis.statistics import (
    attrition,
    change,
    distributions,
    groups,
    level,
    moderators,
    outcomes,
    over_time,
    perceived,
    power,
    quality,
    reliability,
    response,
    school_audit,
)


def compute(prepared: Prepared) -> pd.DataFrame:
    """The results ledger of a prepared study: see :mod:`analysis.results` for its columns."""
    return ledger(_results(prepared), prepared.study.edition.id)


def _results(prepared: Prepared) -> Iterator[Result]:
    for survey in prepared.study.surveys:
        yield from response.response(prepared, survey)
        yield from response.sample_description(prepared, survey)
        yield from attrition.stayed(prepared, survey)
        yield from attrition.weighted(prepared, survey)
        yield from attrition.against_reference(prepared, survey)
        yield from reliability.scales(prepared, survey)
        yield from distributions.answers(prepared, survey)
        yield from distributions.retest(prepared, survey)
        yield from level.scores(prepared, survey)
        yield from level.items(prepared, survey)
        yield from level.ranks(prepared, survey)
        yield from change.paired(prepared, survey)
        yield from change.items(prepared, survey)
        yield from change.reliable(prepared, survey)
        yield from change.all_respondents(prepared, survey)
        yield from groups.phases(prepared, survey)
        yield from moderators.moderation(prepared, survey)
        yield from moderators.clustering(prepared, survey)
        yield from over_time.over_time(prepared, survey)
        yield from over_time.imputed(prepared, survey)
        yield from power.detectable(prepared, survey)
        yield from perceived.perceived(prepared, survey)
        yield from quality.linking(prepared, survey)
    yield from outcomes.rates(prepared)
    yield from outcomes.changes(prepared)
    yield from quality.rows(prepared)
    yield from quality.tables(prepared)
    yield from quality.missing(prepared)
    yield from quality.flagged(prepared)
    yield from quality.links(prepared)
    yield from themes.themes(prepared)
    yield from coders.agreement(prepared)
    yield from facilitators.answers(prepared)
    yield from plans.plans(prepared)
    yield from occurrence.together(prepared)
    yield from occurrence.saturation(prepared)
    yield from checks.checks(prepared)
    yield from discussions.focus_groups(prepared)
    yield from discussions.open_answers(prepared)
    yield from plans.readiness(prepared)
    yield from school_audit.audit(prepared)
    yield from school_audit.needs(prepared)
    yield from stories.stories(prepared)
