"""School outcomes: a year before is a year before, and a rate says what it is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis import study as studies
from analysis.disclosure import store
from analysis.places import project_root
from analysis.prepare import Prepared
from analysis.present import charts, records, strand_findings
from analysis.present.shown import Text, parts_of
from analysis.statistics import outcomes
from tests.unit.test_evidence import page_of

STUDY = studies.load(project_root() / "data" / "raw")


def prepared(terms: dict[str, str], measure: str = "attendance") -> Prepared:
    """Eight schools' records of terms with the days they began."""
    rng = np.random.default_rng(1)
    schools = [f"S{place:02d}" for place in range(8)]
    rows = [
        {
            "school": school, "term": term, "term_start": start, "measure": measure,
            "numerator": float(rng.integers(60, 90)), "denominator": 100.0,
        }
        for school in schools for term, start in terms.items()
    ]  # fmt: skip
    about = pd.DataFrame(
        {"id": schools, "reporting_phase": "primary"}, index=pd.Index(schools, name="id")
    )
    return Prepared(STUDY, {}, about, {}, {"outcomes": pd.DataFrame(rows)}, {})


def compared(terms: dict[str, str]) -> set[str]:
    """The pairs of terms that are compared."""
    return {result.wave for result in outcomes.changes(prepared(terms))}


@pytest.mark.parametrize(
    ("terms", "pairs"),
    [
        # Names that say no more than a number are not taken for the same term.
        ({"Term 1 2016": "2016-09-05", "Term 2 2016": "2017-01-09"}, set()),
        # Nor is a term of three years before.
        ({"Summer 2016": "2016-04-11", "Summer 2019": "2019-04-23"}, set()),
        # Easter moves the summer term; names may be any.
        (
            {"Summer 2018": "2018-04-16", "2018/19 Term 3": "2019-05-01"},
            {"summer_2018-2018_19_term_3"},
        ),
        # Half terms: each meets its own.
        (
            {"H1": "2016-09-05", "H2": "2016-10-31", "H3": "2017-09-04", "H4": "2017-10-30"},
            {"h1-h3", "h2-h4"},
        ),
        # Of three years, each is set against the one before, in whatever order they come.
        (
            {"B": "2017-09-04", "C": "2018-09-03", "A": "2016-09-05"},
            {"a-b", "b-c"},
        ),
        # Day first, as British exports write it.
        ({"A": "15/09/2016", "B": "14/09/2017"}, {"a-b"}),
    ],
)  # fmt: skip
def test_a_year_before_is_a_year_before(terms: dict[str, str], pairs: set[str]) -> None:
    assert compared(terms) == pairs


def test_rates_say_their_unit() -> None:
    found = prepared({"A": "2016-09-05", "B": "2017-09-04"}, measure="suspensions")
    measures = [
        {
            "id": "suspensions", "unit": "per 100 pupils", "numerator_label": "suspensions",
            "denominator_label": "pupils on roll",
        }
    ]  # fmt: skip
    found = replace(found, documents={"outcome_measures": {"measures": measures}})
    for result in [*outcomes.rates(found), *outcomes.changes(found)]:
        assert "per 100 pupils: 100 x sum of suspensions / sum of pupils on roll" in result.method
    bare = replace(found, documents={})
    assert all("sum of numerators" in result.method for result in outcomes.rates(bare))


@pytest.mark.parametrize("leaves", [False, True])
def test_a_difference_says_of_which_schools_it_is_where_the_rates_beside_it_are_of_others(
    leaves: bool,
) -> None:
    """One school has the first term only: the difference is over the seven that have both."""
    found = prepared({"Summer 2018": "2018-04-16", "Summer 2019": "2019-04-23"})
    rows = found.strands["outcomes"]
    if leaves:
        rows = rows[(rows["school"] != "S00") | (rows["term"] == "Summer 2018")]
    found = replace(found, strands={"outcomes": rows})
    terms = store._named(store._terms(found))
    measure = {"id": "attendance", "label": "Attendance", "unit": "percent"}
    page = replace(
        page_of([*outcomes.rates(found), *outcomes.changes(found)]),
        texts=pd.DataFrame(columns=["kind", "key", "section", "text"]),
        terms=terms["terms"], year_before=terms["year_before"],
        documents={"outcome_measures": {"measures": [measure]}},
    )  # fmt: skip
    said = strand_findings.recorded_of(page, measure)
    assert said is not None
    words = Text(said.pieces).markdown()
    assert ("over the seven schools that have both terms" in words) == leaves
    chart = charts.outcomes(page)
    assert chart is not None
    (figure,) = chart.entries.values()
    assert ("over the seven schools" in figure.caption) == leaves
    assert ("over the seven schools" in figure.alt) == leaves
    table = records.changes(page)
    assert table is not None and "Schools, n" in table.columns
    assert [p.text for p in parts_of(table.rows[0][2])] == ["7" if leaves else "8"]
