"""CSV of tables and figures: each row is of the academic year of its own wave or term."""

from __future__ import annotations

import csv
import datetime as dt
import io
from dataclasses import replace

import pytest

from analysis.disclosure import store
from analysis.present.shown import Part
from analysis.publish import tidy
from analysis.publish.exhibits import Exhibit
from analysis.results import Result
from tests.unit.test_evidence import STUDY, page_of
from tests.unit.test_outcomes import prepared

#: Records do not say when these terms ended. The second began in late August, as many do.
TERMS = {"Summer 2017": "2017-04-18", "Autumn 2017": "2017-08-30", "Summer 2018": "2018-04-16"}


#: An edition of another academic year than anything in it: what is of no wave or term is of it.
LATE = STUDY.model_copy(
    update={"edition": STUDY.edition.model_copy(update={"date": dt.date(2019, 12, 1)})}
)


@pytest.mark.parametrize(
    ("number", "year"),
    [
        ("outcomes.school_data.rate.attendance.summer_2017.all.rate", "201617"),
        ("outcomes.school_data.rate.attendance.autumn_2017.all.rate", "201718"),
        ("outcomes.school_data.rate.attendance.summer_2018.all.rate", "201718"),
        # A change is of the year of the later of its two.
        ("outcomes.school_data.rate_change.attendance.summer_2017-summer_2018.all.difference",
         "201718"),
        ("staff.spsc.level.total.t1.all.mean", "201718"),
        ("staff.spsc.paired.total.t1-t2.all.difference", "201718"),
        ("outcomes.school_data.series.attendance.start.all.step", "201920"),
    ],
)  # fmt: skip
def test_a_row_is_of_the_academic_year_of_its_own_wave_or_term(number: str, year: str) -> None:
    row = Result("cohort", *number.split("."), value=4.0, n=900.0)
    saved = store._named(store._terms(prepared(TERMS)))
    page = replace(page_of([row], study=LATE), terms=saved["terms"], term_days=saved["term_days"])
    shown = Exhibit(
        "tbl-a", "1", "Records", "index.html", ("Measure", "Rate"), (("Attendance", "4.0"),), (),
        ((Part("4.0", "cohort", number, "value", 1), (0, 1)),),
    )  # fmt: skip
    (found,) = csv.DictReader(io.StringIO(tidy.data([tidy.lines(page, shown, draft=True)])))
    assert found["time_period"] == year


def test_a_term_ends_when_records_say_so() -> None:
    found = prepared(TERMS)
    ended = found.strands["outcomes"].assign(term_end="2017-12-20")
    terms = store._terms(replace(found, strands={"outcomes": ended}))
    assert set(terms["day"]) == {"2017-12-20"}
    assert store._named(terms.drop(columns="day"))["term_days"] == {}  # a release of before
