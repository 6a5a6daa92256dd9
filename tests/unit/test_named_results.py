"""Results by id in the analyst's own texts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from analysis import prepare
from analysis import study as studies
from analysis.disclosure import decide, released
from analysis.errors import AnalystError
from analysis.present import named_results
from analysis.present.page import Page
from analysis.publish import chapters
from analysis.results import COHORT, NUMBERS, Result, ledger
from tests.conftest import ROOT
from tests.studies import made

MEAN = "learners.read.level.joy.w1.all.mean"
FEW = "learners.read.level.choice.w1.all.mean"
COUNT = "learners.survey.response.responded.w1.all.count"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made.baseline(tmp_path_factory.mktemp("named") / "study")


def page(folder: Path, unit: str = COHORT) -> Page:
    study = studies.load(folder)
    at = ("learners", "read", "level")
    rows = [
        Result(COHORT, *at, "joy", "w1", "all", "mean", 4.012, 42.0, 3.76, 4.26),
        Result(COHORT, *at, "choice", "w1", "all", "mean", 2.0, 4.0, 1.0, 3.0),
        Result("B1", *at, "joy", "w1", "all", "mean", 4.44, 30.0, 4.1, 4.8),
        # So many small schools that none is what is left of all less the others.
        Result("B2", *at, "joy", "w1", "all", "mean", 2.942, 3.0, 1.1, 4.8),
        Result("B3", *at, "joy", "w1", "all", "mean", 2.942, 4.0, 1.1, 4.8),
        Result("B4", *at, "joy", "w1", "all", "mean", 2.942, 5.0, 1.1, 4.8),
        Result(COHORT, "learners", "survey", "response", "responded", "w1", "all", "count",
               1234.0, 1234.0),
    ]  # fmt: skip
    decided = decide(ledger(rows, "start"), study)
    schools = pd.DataFrame({"id": ["B1", "B2"], "name": ["Oak", "Pine"]})
    return Page(study=study, unit=unit, released=released(decided).of(COHORT, unit),
                schools=schools, texts=pd.DataFrame({"kind": []}),
                instruments=prepare.load_instruments(study))  # fmt: skip


def test_a_result_stands_in_the_text_as_tables_show_it(folder: Path) -> None:
    text = (
        f"Joy is {{result:{MEAN}}} ({{result:{MEAN}:interval}}; n {{result:{MEAN}:n}}),\n"
        f"or {{result:{MEAN}:value:1}}; {{result:{COUNT}}} answered."
    )
    found, parts = named_results.filled(page(folder), "methods", text, Path("methods.md"))
    assert found == ("Joy is 4\\.01 (3\\.76 to 4\\.26; n 42),\nor 4\\.0; 1\\,234 answered.")
    assert [part.text for part in parts] == ["4.01", "3.76", "4.26", "42", "4.0", "1,234"]
    assert {part.unit for part in parts} == {COHORT}


def test_a_schools_text_speaks_of_the_school_and_may_of_the_programme(folder: Path) -> None:
    text = f"{{result:{MEAN}}} beside {{result:cohort:{MEAN}}}"
    found, parts = named_results.filled(page(folder, "B1"), "schools/B1", text, Path("B1.md"))
    assert found == "4\\.44 beside 4\\.01"
    assert [part.unit for part in parts] == ["B1", COHORT]


def test_what_is_withheld_is_refused_or_in_a_shared_text_said_in_words(folder: Path) -> None:
    with pytest.raises(AnalystError, match="withheld") as refused:
        named_results.filled(page(folder), "methods", f"\nSo {{result:{FEW}}}", Path("m.md"))
    assert "m.md, line 2" in str(refused.value)
    for unit in ("B2", "B9"):  # few answered; nobody did
        of_school = page(folder, unit)
        with pytest.raises(AnalystError, match="withheld"):
            named_results.filled(of_school, f"schools/{unit}", f"{{result:{MEAN}}}", Path("b.md"))
        said, parts = named_results.filled(
            of_school, "schools-next", f"{{result:{MEAN}}}", Path("n.md")
        )
        assert said == named_results.IN_WORDS and parts == []


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("learners.read.level.joi.w1.all.mean", f"Perhaps {MEAN}"),
        ("nonsense", "no result nonsense"),
        (f"{MEAN}:median", "does not name a result"),
        (f"{MEAN}:value:many", "does not name a result"),
        (f"{MEAN}:value:2:3", "does not name a result"),
        (f"{COUNT}:ci_low", "has no ci_low"),
    ],
)
def test_a_wrong_name_is_an_error_with_file_and_line(
    written: str, message: str, folder: Path
) -> None:
    with pytest.raises(AnalystError, match=message) as refused:
        named_results.filled(page(folder), "m", f"One.\n\n{{result:{written}}}", Path("m.md"))
    assert "m.md, line 3" in str(refused.value)


def test_a_schools_text_cannot_name_what_no_school_could_have(folder: Path) -> None:
    with pytest.raises(AnalystError, match="no result"):
        text = "{result:learners.read.level.joi.w1.all.mean}"
        named_results.filled(page(folder, "B1"), "schools-next", text, Path("n.md"))


def test_templates_find_texts_filled_and_cells_that_they_show(folder: Path) -> None:
    (folder / "texts").mkdir(exist_ok=True)
    path = folder / "texts" / "learners.md"
    path.write_text(f"Joy is {{result:{MEAN}}}.\n\n{{show:tbl-level learners read}}\n\nEnd.\n")
    asked = chapters.texts_asked_for(page(folder), ROOT)
    assert [part.id for part in asked["learners"]] == [MEAN]
    assert asked["methods"] == ()
    path.write_text("One.\n\n{show:tbl-levle learners read}\n")
    with pytest.raises(AnalystError, match="tbl-levle") as refused:
        chapters.texts_asked_for(page(folder), ROOT)
    assert "learners.md, line 3" in str(refused.value) and "tbl-level" in refused.value.fix
    path.unlink()


def test_banded_results_stand_in_words(folder: Path) -> None:
    opened = page(folder)
    frame = opened.released.frame.copy()
    rows = frame["id"] == MEAN
    frame.loc[rows, "release"] = "banded"
    frame.loc[rows, "band"] = "half or more"
    frame.loc[rows, list(NUMBERS)] = float("nan")
    found, _ = named_results.filled(
        replace(opened, released=replace(opened.released, frame=frame)), "m",
        f"{{result:{MEAN}}}", Path("m.md"),
    )  # fmt: skip
    assert found == "half or more"
