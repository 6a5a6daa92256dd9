"""The data-quality chapter's numbers: released, tied, and shown."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from analysis import prepare, study
from analysis.disclosure import decide, store
from analysis.present import count_words, lines
from analysis.present import quality as tables
from analysis.present.page import Page
from analysis.present.shown import Part
from analysis.results import ledger
from analysis.statistics import quality, reliability

DEMO = Path(__file__).parents[2] / "data" / "raw"


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Page:
    loaded = study.load(DEMO)
    prepared = prepare.prepare(loaded, tmp_path_factory.mktemp("key"))
    results = [
        *quality.rows(prepared), *quality.missing(prepared), *quality.flagged(prepared),
        *quality.links(prepared), *quality.tables(prepared),
        *(r for survey in loaded.surveys for r in quality.linking(prepared, survey)),
        *(r for survey in loaded.surveys for r in reliability.scales(prepared, survey)),
    ]  # fmt: skip
    decided = decide(ledger(results, loaded.edition.id), loaded)
    saved = store.provisional(prepared, decided, "cohort")
    return Page(
        study=loaded, unit="cohort", released=saved.released, schools=saved.schools,
        texts=saved.texts, instruments=saved.instruments,
    )  # fmt: skip


def test_every_table_can_be_shown(page: Page) -> None:
    for table in (
        tables.files(page), tables.reasons(page), tables.other_tables(page), tables.missingness(page),
        tables.limits(page), tables.flagged(page), tables.links(page), tables.linking(page),
        tables.links_by_school(page, "staff"), tables.links_by_school(page, "pupils"),
    ):  # fmt: skip
        assert len(table.widths) == len(table.columns)
        assert all(len(row) == len(table.columns) for row in table.rows)
        assert table.markdown()


def test_the_files_table_has_the_demonstration_study(page: Page) -> None:
    text = tables.files(page).markdown()
    for number in ("285", "266", "151", "146", "640", "612", "341", "333"):
        assert f" {number} " in text


def test_small_counts_of_people_are_withheld_with_what_gives_them_away(page: Page) -> None:
    rows = {identity: row for (unit, identity), row in page.rows.items() if unit == "cohort"}
    for survey in ("staff", "pupils"):
        for wave in ("t1", "t2"):
            at = f"{survey}.survey.quality.{{}}.{wave}.all.count"
            people, artefacts = rows[at.format("aside_people")], rows[at.format("aside_artefacts")]
            assert people["release"] == artefacts["release"]
        reasons = {rows[at.format(f"aside_{reason}")]["release"] for reason in quality.PEOPLE}
        assert len(reasons) == 1


def test_links_add_up_and_agree_with_the_matched_sample(page: Page) -> None:
    at = "{}.survey.quality.link_found.t1-t2.all.count"
    staff = page.rows["cohort", at.format("staff")]
    assert (staff["value"], staff["denominator"]) == (109, 266)
    table = tables.links_by_school(page, "staff")
    assert "School A" not in table.markdown() and "S01" not in table.markdown()
    # Nothing by which a school could be known: in how many schools, and no number of any one's.
    said = dict(table.rows)
    assert set(said) <= {words for _, _, words in tables.SHARES_FOUND}
    shown = [name for name in page.rows if "link_found" in name[1] and ".place_" in name[1]]
    shown = [name for name in shown if name[1].startswith("staff") and name[1].endswith("percent")]
    shown = [name for name in shown if page.rows[name]["release"] == "released"]
    numbers = [w if w.isdigit() else count_words.WORDS.index(w) for w in said.values()]
    assert sum(map(int, numbers)) == len(shown) > 3


def test_a_series_is_not_drawn_through_a_break(page: Page) -> None:
    terms = ["2017-18 autumn", "2017-18 spring", "2017-18 summer"]
    points = [
        (t, Part(text, "cohort", t, "value", 1)) for t, text in zip(terms, "123", strict=True)
    ]
    whole = lines.line_chart(page, "whole", [("All", points)], "Caption")
    broken = lines.line_chart(page, "broken", [("All", points)], "Caption", {2: "once accepted"})
    assert lines.line_chart(page, "none", [("All", [(terms[0], None)])], "y") is None
    assert whole is not None and broken is not None and whole.caption == "Caption"
    assert '"y":[1.0,2.0,3.0]' in whole.plot
    assert '"y":[1.0,2.0,null,3.0]' in broken.plot
    assert "breaks before 2017-18 summer: once accepted" in broken.alt
    assert broken.svg.count("<path") > whole.svg.count("<path")


def schools(found: list[int], moved: int = 0) -> pd.DataFrame:
    frame = pd.DataFrame({"found": found, "respondents": [n + 20 for n in found]})
    frame["changed_school"] = [moved, *[0] * (len(found) - 1)]
    return frame.assign(share=frame["found"] / frame["respondents"])


@pytest.mark.parametrize(
    ("found", "moved", "withheld"),
    [
        ([30, 20, 10], 0, 0),
        ([30, 20, 2], 0, 2),  # one alone would be the programme less the others
        ([30, 3, 2], 0, 2),
        ([30, 20, 10], 3, 2),  # so would the three who moved
        ([30, 20, 10], 9, 0),
    ],
)
def test_no_school_is_what_the_others_leave(found: list[int], moved: int, withheld: int) -> None:
    loaded = study.load(DEMO)
    results = list(quality._places(loaded, "staff", "t1-t2", schools(found, moved)))
    decided = decide(ledger(results, "e"), loaded)
    shown = decided[(decided["statistic"] == "count") & (decided["release"] == "released")]
    assert len(found) - len(shown) == withheld
    assert shown["group"].tolist() == [f"place_{n:02d}" for n in range(1, len(shown) + 1)]


def test_the_note_says_what_linked_rows_must_agree_in(page: Page) -> None:
    note = tables.links(page).note
    assert "Two rows of pupils with one code are not linked if they differ in sex." in note
    assert "rows of staff" not in note
