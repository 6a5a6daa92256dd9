"""The data-quality chapter's numbers: released, tied, and shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis import prepare, study
from analysis.disclosure import decide, store
from analysis.present import quality as tables
from analysis.present.page import Page
from analysis.results import ledger
from analysis.statistics import quality

DEMO = Path(__file__).parents[2] / "data" / "raw"


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Page:
    loaded = study.load(DEMO)
    prepared = prepare.prepare(loaded, tmp_path_factory.mktemp("key"))
    results = [
        *quality.rows(prepared), *quality.missing(prepared), *quality.flagged(prepared),
        *quality.links(prepared), *quality.audit(prepared), *quality.needs(prepared),
        *(r for survey in loaded.surveys for r in quality.limits(prepared, survey)),
    ]  # fmt: skip
    decided = decide(ledger(results, loaded.edition.id), loaded)
    saved = store.provisional(prepared, decided, "cohort")
    return Page(
        study=loaded, unit="cohort", released=saved.released, schools=saved.schools,
        texts=saved.texts, instruments=saved.instruments,
    )  # fmt: skip


def test_every_table_can_be_shown(page: Page) -> None:
    for table in (
        tables.files(page), tables.missingness(page), tables.limits(page, "staff"),
        tables.limits(page, "pupils"), tables.flagged(page), tables.links(page),
        tables.audit(page), tables.needs(page),
    ):  # fmt: skip
        assert len(table.widths) == len(table.columns)
        assert all(len(row) == len(table.columns) for row in table.rows)
        assert table.markdown()


def test_the_files_table_has_the_demonstration_study(page: Page) -> None:
    text = tables.files(page).markdown()
    for number in ("274", "266", "151", "146", "618", "612", "341", "333"):
        assert f" {number} " in text


def test_small_counts_of_people_are_withheld_with_what_gives_them_away(page: Page) -> None:
    rows = {identity: row for (unit, identity), row in page.rows.items() if unit == "cohort"}
    for survey in ("staff", "pupils"):
        for wave in ("t1", "t2"):
            at = f"{survey}.survey.quality.{{}}.{wave}.all.count"
            people, artefacts = rows[at.format("aside_people")], rows[at.format("aside_artefacts")]
            assert people["release"] == artefacts["release"]
        parts = [
            rows[f"{survey}.survey.quality.{part}.t1-t2.all.count"]["release"]
            for part in ("link_exact", "link_looser", "link_none")
        ]
        assert len(set(parts)) == 1
