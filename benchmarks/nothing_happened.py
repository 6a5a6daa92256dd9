"""How often page one of a report claims something of a study in which nothing happened.

Staff and pupils of twenty schools, nobody of whom changes, in a programme whose groups of schools
are alike, whose pupils stand at the norm and whose schools' records go on as they were. Schools
differ from each other by chance for the programme's page; for a school's page all schools are the
same, so that to name one is a false claim. The sentences are those that page one prints
(``key_findings.findings`` for the programme, ``page_one`` for a school). Run::

    python benchmarks/nothing_happened.py --runs 2000

What page one can name is computed by the estimators of the questions, without the tables that
these go through; ``tests/unit/test_nothing_happened.py`` holds it to the questions themselves.
Release is left out: it can only take away.
"""

from __future__ import annotations

import argparse
import math
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis import study as studies
from analysis.disclosure import RELEASED, Released
from analysis.instruments.model import Norm
from analysis.places import project_root
from analysis.prepare import Prepared, load_instruments
from analysis.present import key_findings, page_one, verdict
from analysis.present.page import Page
from analysis.results import COHORT, Result, ledger, pair
from analysis.statistics import beside, estimates, outcomes

Floats = NDArray[np.float64]
SEED = 1
SIZES = (9, 7, 8, 10, 6, 5, 3, 6, 7, 2, 3, 1, 9, 8, 6, 4, 7, 3, 2, 3)
NAMES = [f"S{place + 1:02d}" for place in range(len(SIZES))]
SECONDARY = np.isin(np.arange(len(SIZES)), np.arange(12, 19))
#: Words of a sentence that claims something.
CLAIMS = re.compile(
    r"scores (rose|fell)|both times (rose|fell)|They fell|scored (higher|lower)|: (above|below) the|: (higher|lower) in|"
    r"Strength|To look into|Clearly (up|down)"
)
#: Two terms a year apart, and the schools' children in either.
TERMS = {"spring_1": "2015-01-06", "spring_2": "2016-01-05"}
ROLL = np.linspace(120, 1100, len(SIZES)).astype("int64")
MEASURES = [{"id": f"measure_{place}", "label": f"Measure {place}"} for place in range(4)]
STUDY = studies.load(project_root() / "data" / "raw")
INSTRUMENTS = load_instruments(STUDY)
#: Studies of which page one is written whatever was found.
WHOLE = 25
SHOWN = {"release": RELEASED, "reason": "", "band": "", "decimals": math.nan}
SCHOOLS = pd.DataFrame(
    {"id": NAMES, "reporting_phase": np.where(SECONDARY, "secondary", "primary")},
    index=pd.Index(NAMES, name="id"),
)


@dataclass(frozen=True)
class Answers:
    """One study: each person's school, people by waves for every score, and the records.

    ``scores`` are by survey, instrument and score; ``events`` by measure, schools by terms.
    """

    school: NDArray[np.intp]
    scores: dict[tuple[str, str, str], Floats]
    events: dict[str, Floats]

    def prepared(self) -> Prepared:
        """The same as the questions take it."""
        codes = [item.code for each in INSTRUMENTS.values() for item in each.items]
        people = {
            "row": np.arange(len(self.school)),
            "respondent": [str(place) for place in range(len(self.school))],
            "school": np.array(NAMES)[self.school],
            "reporting_phase": np.where(SECONDARY[self.school], "secondary", "primary"),
            **dict.fromkeys(codes, math.nan),
        }
        surveys = {
            survey.id: pd.concat(
                [
                    pd.DataFrame({"wave": wave, **people}).assign(
                        **{
                            f"{name}.{score}": values[:, place]
                            for (of, name, score), values in self.scores.items()
                            if of == survey.id
                        }
                    )
                    for place, wave in enumerate(STUDY.pair_of_waves)
                ],
                ignore_index=True,
            )
            for survey in STUDY.surveys
        }
        records = pd.concat(
            [
                pd.DataFrame(
                    {
                        "school": NAMES,
                        "term": term,
                        "term_start": start,
                        "measure": measure,
                        "numerator": events[:, place],
                        "denominator": ROLL.astype("float64"),
                    }
                )
                for measure, events in self.events.items()
                for place, (term, start) in enumerate(TERMS.items())
            ],
            ignore_index=True,
        )
        documents = {"outcome_measures": {"measures": MEASURES}}
        return Prepared(STUDY, INSTRUMENTS, SCHOOLS, surveys, {"outcomes": records}, {}, documents)


def study_of(rng: np.random.Generator, icc: float, often: int, rise: float = 0.0) -> Answers:
    """A study in which nothing happened, or all rose by so many SDs.

    ``often`` times as many people as those matched. Schools' rates differ, and vary from year to
    year by more than chance alone.
    """
    school = np.repeat(np.arange(len(SIZES)), [often * size for size in SIZES])
    scores = {}
    for survey in STUDY.surveys:
        shared = rng.normal(size=len(school))
        for name in survey.instruments:
            for score in INSTRUMENTS[name].scores:
                norm = _norm(name, score)
                middle, spread = (norm.mean, norm.sd) if norm else (3.5, 0.6)
                person = math.sqrt(0.5) * (shared + rng.normal(size=len(school)))
                own = math.sqrt(0.6) * person[:, None]
                own = own + math.sqrt(0.4) * rng.normal(size=(len(school), 2))
                of_school = rng.normal(size=(len(SIZES), 2))[school]
                values = math.sqrt(icc) * of_school + math.sqrt(1 - icc) * own
                scores[survey.id, name, score] = middle + spread * (values + rise * np.arange(2))
    events = {}
    for measure in MEASURES:
        rate = rng.gamma(4, 0.01, (len(SIZES), 1)) * rng.gamma(20, 1 / 20, (len(SIZES), 2))
        rate = rate * (1 + rise * np.arange(2))
        events[measure["id"]] = rng.poisson(ROLL[:, None] * rate).astype("float64")
    return Answers(school, scores, events)


def _norm(instrument: str, score: str) -> Norm | None:
    return next((s.norm for s in INSTRUMENTS[instrument].subscales if s.id == score), None)


def results(answers: Answers, unit: str) -> Iterator[Result]:
    """What page one of a unit can name."""
    for survey in STUDY.surveys:
        headline = survey.headline.split(".")[0]
        for name in survey.instruments:
            for score in INSTRUMENTS[name].scores:
                values = answers.scores[survey.id, name, score]
                made = _of_programme if unit == COHORT else _of_school
                for analysis, wave, group, statistic, estimate in made(answers, values, unit):
                    if unit == COHORT and name != headline and analysis != "paired":
                        continue
                    if statistic == "difference_from_norm":
                        norm = _norm(name, score)
                        if norm is None:
                            continue
                        away = norm.mean
                    else:
                        away = 0.0
                    fields = estimates.fields(estimate)
                    for end in ("value", "ci_low", "ci_high"):
                        fields[end] -= away
                    yield Result(
                        unit=unit, source=survey.id, instrument=name, analysis=analysis,
                        measure=score, wave=wave, group=group, statistic=statistic, n=99.0, **fields,
                    )  # fmt: skip
    if unit == COHORT:
        yield from _of_records(answers)


Named = tuple[str, str, str, str, estimates.Estimate]


def _of_programme(answers: Answers, values: Floats, _: str) -> Iterator[Named]:
    """The change, the levels, and two groups of schools beside each other."""
    school = answers.school
    change = values[:, 1] - values[:, 0]
    yield "paired", pair(*STUDY.pair_of_waves), "all", "difference", estimates.mean(change, school)
    for place, wave in enumerate(STUDY.pair_of_waves):
        level = estimates.mean(values[:, place], school)
        yield "level", wave, "all", "mean", level
        # Less the norm's mean, which is taken off where it is known.
        yield "level", wave, "all", "difference_from_norm", level
    primary = (~SECONDARY[school]).astype("float64")
    design = np.column_stack([np.ones(len(school)), primary])
    both, weights = pair("primary", "secondary"), np.array([0.0, 1.0])
    apart = estimates.Clustered(values[:, 1], design, school).estimate(weights)
    yield "phases", STUDY.followup, both, "difference", apart
    moved = estimates.Clustered(change, design, school).estimate(weights)
    yield "moderation_pairs", pair(*STUDY.pair_of_waves), both, "difference", moved


def _of_school(answers: Answers, values: Floats, unit: str) -> Iterator[Named]:
    """The change, and the school beside the others of its group."""
    place = NAMES.index(unit)
    own = answers.school == place
    change = values[own, 1] - values[own, 0]
    yield "paired", pair(*STUDY.pair_of_waves), "all", "difference", estimates.mean(change, None)
    group = np.flatnonzero(SECONDARY[place] == SECONDARY)
    inside = np.isin(answers.school, group)
    last, codes = values[inside, 1], np.searchsorted(group, answers.school[inside])
    n = np.bincount(codes).astype("float64")
    mean = np.bincount(codes, weights=last) / n
    schools = beside.Sums(n, mean, np.bincount(codes, weights=(last - mean[codes]) ** 2))
    at = int(np.searchsorted(group, place))
    mine = beside.Sums(*(part[[at]] for part in (schools.n, schools.mean, schools.squares)))
    found = beside.difference(mine, schools.others(at))
    yield "beside", STUDY.followup, "all", "difference", found


def _of_records(answers: Answers) -> Iterator[Result]:
    """Each measure's rate less that of a year before."""
    earlier, later = TERMS
    for measure, events in answers.events.items():
        parts = [
            pd.DataFrame({"numerator": each, "denominator": ROLL.astype("float64")})
            for each in events.T
        ]
        yield from outcomes.changed(
            {
                "unit": COHORT, "source": "outcomes", "instrument": "school_data",
                "analysis": "rate_change", "measure": measure, "wave": pair(earlier, later),
                "group": "all",
            },
            parts[0], parts[1], outcomes.UNIT,
        )  # fmt: skip


def claims(
    rng: np.random.Generator, unit: str, icc: float, rise: float = 0.0, *, whole: bool = True
) -> bool:
    """Whether page one of a unit's report claims anything of one such study.

    Unless ``whole``, the page is written only where the smallest p is near enough to what Holm's
    first step asks for (twice that) that anything could be claimed.
    """
    found = list(results(study_of(rng, icc, 1 if unit == COHORT else 3, rise), unit))
    p = [
        verdict.implied_p(asdict(each), 0.0)
        for each in found
        if each.statistic.startswith("difference") and not math.isnan(each.ci_low)
    ]
    if not whole and min(p) > 2 * verdict.ALPHA / len(p):
        return False
    return any(CLAIMS.search(said) for said in _said(_page(found, unit)))


def _page(found: list[Result], unit: str) -> Page:
    frame = ledger(found, "e").assign(**SHOWN)
    return Page(
        STUDY, unit, Released(frame), SCHOOLS, pd.DataFrame(), INSTRUMENTS,
        terms={term: term for term in TERMS},
        documents={"outcome_measures": {"measures": MEASURES}},
        year_before=dict([reversed(list(TERMS))]),
    )  # fmt: skip


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
    return sum(claims(rng, unit, icc, rise, whole=run < WHOLE) for run in range(runs)) / runs


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=2_000)
    runs = parser.parse_args().runs
    for unit, icc in ((COHORT, 0.1), ("S01", 0.0)):
        share = false_claims(runs, unit, icc)
        print(f"{unit}: {100 * share:.1f}% of {runs:,} (error {100 * (0.0475 / runs) ** 0.5:.1f})")
