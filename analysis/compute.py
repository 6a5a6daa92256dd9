"""Every statistic of every unit, into the results ledger.

What was computed before and rests on the same data is kept: all that is said of a survey, if
nothing in it changed; otherwise what is said of schools in which nothing changed, unless it
rests on others (:data:`analysis.questions.OVER_SCHOOLS`). Sources are cut
apart before anything is computed from them (:func:`_parts`), so that a number cannot rest on data
that were not looked at for changes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from importlib import import_module
from itertools import chain

import pandas as pd

from analysis import questions
from analysis.prepare import Prepared
from analysis.results import COHORT, Before, Prints, Result, ledger
from analysis.statistics import quality
from analysis.study import Study, Survey

#: Columns of a survey's table that no result rests on: a row more in a file moves those below.
PLACES = ["row", "source.file"]
#: Other tables that results of surveys rest on.
BESIDE_SURVEYS = ("reference_population", "sessions")


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


def compute(prepared: Prepared, before: Before | None = None) -> pd.DataFrame:
    """The results ledger of a prepared study: see :mod:`analysis.results` for its columns.

    The same with ``before`` as without, only sooner.
    """
    kept: list[pd.DataFrame] = []
    parts = _to_compute(prepared, before, kept)
    results = chain.from_iterable(_results(part) for part in parts)
    edition = prepared.study.edition.id
    return ledger(chain(results, _others(prepared)), edition, kept)


def _results(part: _Part) -> Iterator[Result]:
    """The results of a part; what its questions have made in common goes when it is done."""
    yield from part.results(part.prepared)
    part.prepared.made.clear()


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
            keep = old["unit"].isin(same)
            if units:
                keep &= ~old["analysis"].isin(questions.OVER_SCHOOLS)
            kept.append(old[keep])
        if units is None or units:
            parts.append(replace(part, prepared=replace(part.prepared, units=units)))
    return parts


def _parts(prepared: Prepared) -> Iterator[_Part]:
    """Each survey, and the outcomes, with nothing but what their results rest on."""
    nothing = replace(prepared, surveys={}, strands={}, quality={}, documents={}, comparison=None)
    others = prepared.comparison
    strands = prepared.strands
    beside = {k: found for k, found in strands.items() if k in BESIDE_SURVEYS}
    for survey in prepared.study.surveys:
        frame = prepared.surveys[survey.id]
        part = replace(nothing, surveys={survey.id: frame}, strands=beside)
        if others is not None:
            theirs = {survey.id: others.surveys[survey.id]}
            part = replace(part, comparison=replace(others, surveys=theirs, strands={}))
        yield _Part(part, frame, partial(_of_survey, survey=survey), survey.id)
    if "outcomes" in strands:
        part = replace(
            nothing,
            strands={k: strands[k] for k in ("outcomes", "outcome_national") if k in strands},
            documents={k: v for k, v in prepared.documents.items() if k == "outcome_measures"},
            comparison=None if others is None else replace(others, surveys={}),
        )
        analyses = frozenset(each.name for each in questions.QUESTIONS if each.of == "outcomes")
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
    if part.prepared.wave_dates is not None:
        dates = pd.util.hash_pandas_object(part.prepared.wave_dates)
        whole.update(dates.to_numpy().tobytes())
    if part.prepared.comparison is not None:
        apart = part.prepared.comparison
        for theirs in (*apart.surveys.values(), *apart.strands.values()):
            plain = theirs.drop(columns=PLACES, errors="ignore")
            whole.update(pd.util.hash_pandas_object(plain, index=False).to_numpy().tobytes())
    for name, strand in sorted(part.prepared.strands.items()):
        whole.update(name.encode())
        whole.update(pd.util.hash_pandas_object(strand, index=False).to_numpy().tobytes())
    return {COHORT: whole.hexdigest()[:20], **found}


def _of_survey(prepared: Prepared, survey: Survey) -> Iterator[Result]:
    for function in _asked("survey", prepared.study):
        yield from function(prepared, survey)


def _of_outcomes(prepared: Prepared) -> Iterator[Result]:
    for function in _asked("outcomes", prepared.study):
        yield from function(prepared)


def _others(prepared: Prepared) -> Iterator[Result]:
    """What is quickly computed anew."""
    for function in _asked("others", prepared.study):
        yield from function(prepared)


def _asked(of: questions.Of, study: Study) -> Iterator[Callable[..., Iterator[Result]]]:
    """The functions that answer the questions asked of something."""
    for name in questions.functions(of, pair=study.compares):
        module, function = name.split(":")
        yield getattr(import_module(f"analysis.{module}"), function)
