"""Every statistic of every unit, into the results ledger.

What was computed before and rests on the same data is kept: all that is said of a survey, if
nothing in it changed; otherwise what is said of schools in which nothing changed. Sources are cut
apart before anything is computed from them (:func:`_parts`), so that a number cannot rest on data
that were not looked at for changes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain

import pandas as pd

from analysis.prepare import Prepared
from analysis.processes import Beside, Here
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
from analysis.results import COHORT, Before, Prints, Result, ledger
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
from analysis.study import Survey

#: Columns of a survey's table that no result rests on: a row more in a file moves those below.
PLACES = ["row", "source.file"]


@dataclass(frozen=True)
class _Part:
    """Data of one source, all results of it, and which rows of the ledger these are."""

    prepared: Prepared
    frame: pd.DataFrame
    results: Callable[[Prepared], Iterator[Result]]
    source: str
    analyses: frozenset[str] | None = None

    def rows(self, found: pd.DataFrame) -> pd.Series:
        """Which rows of a ledger are results of this part."""
        of_source = found["source"] == self.source
        if self.analyses is None:
            return of_source & (found["analysis"] != quality.ANALYSIS)
        return of_source & found["analysis"].isin(self.analyses)


def compute(
    prepared: Prepared, before: Before | None = None, beside: Beside = Here
) -> pd.DataFrame:
    """The results ledger of a prepared study: see :mod:`analysis.results` for its columns.

    The same with ``before`` as without, only sooner. Every second source is computed ``beside``
    this process.
    """
    edition = prepared.study.edition.id
    kept: list[pd.DataFrame] = []
    parts = _to_compute(prepared, before, kept)
    further = beside(_computed, parts[1::2], edition)
    own = _computed(parts[::2], edition)
    return ledger(_others(prepared), edition, [*kept, own, further()])


def prints(prepared: Prepared) -> Prints:
    """What the results that can be kept are computed from."""
    return {part.source: _prints(part) for part in _parts(prepared)}


def _to_compute(prepared: Prepared, before: Before | None, kept: list[pd.DataFrame]) -> list[_Part]:
    """Parts with results that have to be computed; rows of the earlier ledger go to ``kept``."""
    parts = []
    for part in _parts(prepared):
        units: frozenset[str] | None = None
        if before is not None:
            then, now = before.prints.get(part.source, {}), _prints(part)
            units = frozenset(unit for unit, found in now.items() if then.get(unit) != found)
            same = set(now) - units
            old = before.ledger[part.rows(before.ledger)]
            kept.append(old[old["unit"].isin(same)])
        if units is None or units:
            parts.append(replace(part, prepared=replace(part.prepared, units=units)))
    return parts


def _computed(parts: Sequence[_Part], edition: str) -> pd.DataFrame:
    """The ledger of some parts alone."""
    return ledger(chain.from_iterable(part.results(part.prepared) for part in parts), edition)


def _parts(prepared: Prepared) -> Iterator[_Part]:
    """Each survey, and the outcomes, with nothing but what their results rest on."""
    nothing = replace(prepared, surveys={}, strands={}, quality={}, documents={})
    strands = prepared.strands
    reference = {k: strands[k] for k in ("reference_population",) if k in strands}
    for survey in prepared.study.surveys:
        frame = prepared.surveys[survey.id]
        part = replace(nothing, surveys={survey.id: frame}, strands=reference)
        yield _Part(part, frame, partial(_of_survey, survey=survey), survey.id)
    if "outcomes" in strands:
        part = replace(
            nothing,
            strands={"outcomes": strands["outcomes"]},
            documents={k: v for k, v in prepared.documents.items() if k == "outcome_measures"},
        )
        analyses = frozenset({"rate", "rate_change"})
        yield _Part(part, strands["outcomes"], _of_outcomes, "outcomes", analyses)


def _prints(part: _Part) -> dict[str, str]:
    """A hash of the data that each unit's results rest on; the programme's rest on all."""
    frame = part.frame.drop(columns=PLACES, errors="ignore")
    rows = pd.Series(pd.util.hash_pandas_object(frame, index=False).to_numpy())
    common = hashlib.sha256(
        repr([(str(name), str(kind)) for name, kind in frame.dtypes.items()]).encode()
    )
    common.update(repr(part.prepared.documents).encode())
    schools = part.prepared.schools
    described = pd.util.hash_pandas_object(schools, index=False).to_numpy()
    by_school = {str(name): found for name, found in rows.groupby(part.frame["school"].to_numpy())}
    found = {}
    for school, about in zip(schools["id"], described, strict=True):
        own = common.copy()
        own.update(about.tobytes())
        if school in by_school:
            own.update(by_school[school].to_numpy().tobytes())
        found[str(school)] = own.hexdigest()[:20]
    whole = common.copy()
    whole.update(rows.to_numpy().tobytes() + described.tobytes())
    for name, strand in sorted(part.prepared.strands.items()):
        whole.update(name.encode())
        whole.update(pd.util.hash_pandas_object(strand, index=False).to_numpy().tobytes())
    return {COHORT: whole.hexdigest()[:20], **found}


def _of_survey(prepared: Prepared, survey: Survey) -> Iterator[Result]:
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


def _of_outcomes(prepared: Prepared) -> Iterator[Result]:
    yield from outcomes.rates(prepared)
    yield from outcomes.changes(prepared)


def _others(prepared: Prepared) -> Iterator[Result]:
    """What is quickly computed anew."""
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
