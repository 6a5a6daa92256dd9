"""School outcomes: a year before is a year before, and a rate says what it is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis import study as studies
from analysis.places import project_root
from analysis.prepare import Prepared
from analysis.statistics import outcomes

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
