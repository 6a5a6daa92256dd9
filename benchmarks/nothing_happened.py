"""How often page one of a report claims something of a study in which nothing happened.

Staff and pupils of twenty schools, nobody of whom changes, in a programme whose groups of schools
are alike, whose pupils stand at the norm and whose schools' records go on as they were. Schools
differ from each other by chance for the programme's page; for a school's page all schools are the
same, so that to name one is a false claim. The sentences are those that page one prints
(``key_findings.findings`` for the programme, ``page_one`` for a school). Run::

    python benchmarks/nothing_happened.py --runs 2000

What page one does not name (wild bootstrap, mixed model, effect sizes) is left out, as is release, which
can only take away.
"""

from __future__ import annotations

import argparse
import math
import re
from collections.abc import Iterator
from dataclasses import replace
from unittest import mock

import numpy as np
import pandas as pd

from analysis import study as studies
from analysis.disclosure import RELEASED, Released
from analysis.places import project_root
from analysis.prepare import Prepared, load_instruments
from analysis.present import key_findings, page_one
from analysis.present.page import Page
from analysis.results import COHORT, Result, ledger
from analysis.statistics import (
    beside,
    change,
    groups,
    level,
    mixed,
    moderators,
    outcomes,
    resampling,
)
from analysis.study import Survey

SEED = 1
SIZES = (9, 7, 8, 10, 6, 5, 3, 6, 7, 2, 3, 1, 9, 8, 6, 4, 7, 3, 2, 3)
#: Words of a sentence that claims something.
CLAIMS = re.compile(
    r"scores (rose|fell)|They fell|scored (higher|lower)|: (above|below) the|was (higher|lower) in|"
    r"Strength|To look into|Clearly (up|down)"
)
STUDY = studies.load(project_root() / "data" / "raw")
INSTRUMENTS = load_instruments(STUDY)
COLUMNS = [item.code for instrument in INSTRUMENTS.values() for item in instrument.items]
#: Two terms a year apart, and the schools' children in either.
TERMS = {"spring_1": "2015-01-06", "spring_2": "2016-01-05"}
ROLL = np.linspace(120, 1100, len(SIZES)).astype("int64")
MEASURES = [{"id": f"measure_{place}", "label": f"Measure {place}"} for place in range(4)]
SHOWN = {"release": RELEASED, "reason": "", "band": "", "decimals": math.nan}


def named(survey: Survey, unit: str) -> Survey:
    """A survey with nothing but the instruments that page one speaks of: a school's of all."""
    headline = (survey.headline.split(".")[0],)
    return survey.model_copy(update={"instruments": headline}) if unit == COHORT else survey


def study_of(rng: np.random.Generator, icc: float, often: int, rise: float = 0.0) -> Prepared:
    """A study in which nothing happened, or all rose by so many SDs.

    ``often`` times as many people as those matched.
    """
    names = [f"S{place + 1:02d}" for place in range(len(SIZES))]
    school = np.repeat(np.arange(len(SIZES)), [often * size for size in SIZES])
    secondary = (school >= 12) & (school < 19)
    phase = np.where(secondary, "secondary", "primary")
    surveys = {}
    for survey in STUDY.surveys:
        frames = {wave: {} for wave in STUDY.pair_of_waves}
        shared = rng.normal(size=len(school))
        for name in survey.instruments:
            for score in INSTRUMENTS[name].scores:
                norm = next((s.norm for s in INSTRUMENTS[name].subscales if s.id == score), None)
                middle, spread = (norm.mean, norm.sd) if norm else (3.5, 0.6)
                person = math.sqrt(0.5) * shared + math.sqrt(0.5) * rng.normal(size=len(school))
                for wave in frames:
                    own = math.sqrt(0.6) * person + math.sqrt(0.4) * rng.normal(size=len(school))
                    of_school = rng.normal(size=len(SIZES))[school]
                    value = math.sqrt(icc) * of_school + math.sqrt(1 - icc) * own
                    value += rise * (wave == STUDY.followup)
                    frames[wave][f"{name}.{score}"] = middle + spread * value
        surveys[survey.id] = pd.concat(
            [
                pd.DataFrame(
                    {
                        "wave": wave,
                        "row": np.arange(len(school)),
                        "respondent": [str(place) for place in range(len(school))],
                        "school": np.array(names)[school],
                        "reporting_phase": phase,
                        **columns,
                        **dict.fromkeys(COLUMNS, math.nan),
                    }
                )
                for wave, columns in frames.items()
            ],
            ignore_index=True,
        )
    schools = pd.DataFrame(
        {
            "id": names,
            "reporting_phase": ["secondary" if 12 <= p < 19 else "primary" for p in range(20)],
        },
        index=pd.Index(names, name="id"),
    )
    documents = {"outcome_measures": {"measures": MEASURES}}
    records = {"outcomes": _records(rng, names, rise)}
    return Prepared(STUDY, INSTRUMENTS, schools, surveys, records, {}, documents)


def _records(rng: np.random.Generator, names: list[str], rise: float) -> pd.DataFrame:
    """Counts of four measures in two terms; schools differ, and vary more than by chance alone."""
    parts = []
    for measure in MEASURES:
        own = rng.gamma(4, 0.01, len(names))
        for place, (term, start) in enumerate(TERMS.items()):
            rate = own * (1 + rise * place) * rng.gamma(20, 1 / 20, len(names))
            parts.append(
                pd.DataFrame(
                    {
                        "school": names,
                        "term": term,
                        "term_start": start,
                        "measure": measure["id"],
                        "numerator": rng.poisson(ROLL * rate).astype("float64"),
                        "denominator": ROLL.astype("float64"),
                    }
                )
            )
    return pd.concat(parts, ignore_index=True)


def results(prepared: Prepared, unit: str) -> Iterator[Result]:
    """What page one of a unit can name."""
    for survey in STUDY.surveys:
        questions = (level.scores, change.paired, groups.phases, moderators.moderation)
        for question in questions if unit == COHORT else (change.paired,):
            yield from question(prepared, named(survey, unit))
        if unit != COHORT:
            beside_others = beside.beside(prepared, named(survey, unit))
            yield from (each for each in beside_others if each.unit == unit)
    if unit == COHORT:
        yield from outcomes.changes(prepared)


def claims(rng: np.random.Generator, unit: str, icc: float, rise: float = 0.0) -> bool:
    """Whether page one of a unit's report claims anything of one such study."""
    found = study_of(rng, icc, 1 if unit == COHORT else 3, rise)
    prepared = replace(found, units=frozenset({unit}))
    with (
        mock.patch.object(
            resampling, "wild_test", lambda *a, **k: resampling.Wild(1.0, 0.0, 0, "")
        ),
        mock.patch.object(resampling, "wild_interval", lambda *a, **k: (math.nan, math.nan)),
        mock.patch.object(mixed, "fit", lambda *a, **k: None),
        mock.patch.object(moderators, "_tested", lambda *a: iter(())),
        mock.patch.object(change, "_effect_sizes", lambda *a: iter(())),
    ):
        frame = ledger(results(prepared, unit), "e").assign(**SHOWN)
    page = Page(
        STUDY, unit, Released(frame), prepared.schools, pd.DataFrame(), INSTRUMENTS,
        terms={term: term for term in TERMS}, documents=prepared.documents,
        year_before=dict([reversed(list(TERMS))]),
    )  # fmt: skip
    return any(CLAIMS.search(said) for said in _said(page))


def _said(page: Page) -> Iterator[str]:
    """What page one says of differences."""
    if page.is_school:
        said = [page_one.stands_out(page), page_one.changed(page)]
    else:
        found = key_findings.findings(page)
        said = list(found.entries.values()) if found else []
    for each in said:
        if each is not None:
            yield each.markdown()


def false_claims(runs: int, unit: str = COHORT, icc: float = 0.1, rise: float = 0.0) -> float:
    """The share of reports that claim something on page one."""
    rng = np.random.default_rng(SEED)
    return sum(claims(rng, unit, icc, rise) for _ in range(runs)) / runs


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=2_000)
    runs = parser.parse_args().runs
    for unit, icc in ((COHORT, 0.1), ("S01", 0.0)):
        share = false_claims(runs, unit, icc)
        print(f"{unit}: {100 * share:.1f}% of {runs:,} (error {100 * (0.0475 / runs) ** 0.5:.1f})")
