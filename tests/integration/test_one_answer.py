"""One raw answer changed: just the results that rest on it move, and nothing published is read."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

from analysis import claims as claiming
from analysis import reproduction
from analysis import study as studies
from analysis.compute import compute
from analysis.disclosure import decide
from analysis.prepare import Prepared, prepare
from analysis.results import Result, ledger
from analysis.sources import mapping as mappings
from analysis.statistics import change, level
from analysis.study import Study
from tests.conftest import ROOT

RAW = ROOT / "data" / "raw"
EXPORT = "staff_survey_t1_qualtrics.csv"
ITEM, SCALE = "MOR1", "morale"
#: Rows of the export before the first respondent.
HEADERS = 3


@dataclass(frozen=True)
class Changed:
    """Ledgers before and after one answer was changed from 3 to 4, and who gave it."""

    before: pd.DataFrame
    after: pd.DataFrame
    school: str
    phase: str
    role: str
    years: str

    @property
    def moved(self) -> pd.DataFrame:
        """Rows whose value is another now, or there only once."""
        both = self.before.join(self.after["value"].rename("value_after"), how="outer")
        same = (both["value"] == both["value_after"]) | (
            both["value"].isna() & both["value_after"].isna()
        )
        return both[~same].reset_index()

    def expected(self, row: pd.Series) -> bool:
        """Whether a row may move: the item, its scale and the total, where this person counts."""
        of_scale = row["measure"] in (ITEM.lower(), SCALE, "total")
        # A correction for testing many scales or items goes by all of their p-values.
        corrected = str(row["statistic"]).endswith(("_holm", "_bh"))
        return (
            row["source"] == "staff"
            and row["instrument"] == "spsc"
            and (of_scale or corrected)
            and "t1" in row["wave"]
            and row["unit"] in ("cohort", self.school)
            and row["group"] in ("all", self.phase, self.role, self.years)
        )


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The demonstration study without anything that was published."""
    folder = tmp_path_factory.mktemp("study") / "raw"
    shutil.copytree(RAW, folder, ignore=shutil.ignore_patterns("published", "claims.yaml"))
    yield folder


def computed(folder: Path, wanted: Callable[[Prepared], Iterator[Result]]) -> pd.DataFrame:
    study = studies.load(folder)
    rows = ledger(wanted(prepare(study, folder.parent / ".drp")), study.edition.id)
    return rows.set_index(["unit", "id"])


def staff_results(prepared: Prepared) -> Iterator[Result]:
    survey = prepared.study.survey("staff")
    for question in (level.scores, level.items, change.paired, change.items):
        yield from question(prepared, survey)


def someone(folder: Path) -> tuple[int, int, pd.Series]:
    """Line and column of an answer of 3 to the item by somebody who answered twice."""
    study = studies.load(folder)
    frame = prepare(study, folder.parent / ".drp").surveys["staff"]
    again = set(frame.loc[frame["wave"] == "T2", "respondent"])
    rows = frame[(frame["wave"] == "T1") & frame["respondent"].isin(again) & (frame[ITEM] == 3)]
    person = rows.iloc[0]
    column = mappings.load(study.path("mappings/staff_t1.yaml")).items[ITEM]
    with (folder / EXPORT).open(encoding="utf-8-sig", newline="") as file:
        names = next(csv.reader(file))
    return int(person["row"]), names.index(column), person


def change_answer(folder: Path, line: int, column: int) -> None:
    path = folder / EXPORT
    with path.open(encoding="utf-8-sig", newline="") as file:
        table = list(csv.reader(file))
    assert table[line - 1][column] == "Neither agree nor disagree"
    table[line - 1][column] = "Agree"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(table)


@pytest.fixture(scope="module")
def changed(bare: Path) -> Changed:
    line, column, person = someone(bare)
    before = computed(bare, staff_results)
    folder = bare.parent / "changed" / "raw"
    shutil.copytree(bare, folder)
    change_answer(folder, line, column)
    after = computed(folder, staff_results)
    groups = (str(person[c]) for c in ("school", "reporting_phase", "role"))
    return Changed(before, after, *groups, f"years_in_school_{person['years_in_school']}")


def test_only_results_that_rest_on_the_answer_move(changed: Changed) -> None:
    moved = changed.moved
    strangers = [row["id"] for _, row in moved.iterrows() if not changed.expected(row)]
    assert not strangers


def test_the_right_results_move_by_the_right_amount(changed: Changed) -> None:
    for unit, group in (
        ("cohort", "all"), ("cohort", changed.phase), ("cohort", changed.role),
        ("cohort", changed.years), (changed.school, "all"),
    ):  # fmt: skip
        for key, measure in (("items", ITEM.lower()), ("level", SCALE), ("level", "total")):
            at = (unit, f"staff.spsc.{key}.{measure}.t1.{group}.mean")
            old, new = changed.before.loc[at], changed.after.loc[at]
            # One point more in one answer, of five to the scale's items, of 46 in all.
            gained = (new["value"] - old["value"]) * new["n"]
            assert 0 < gained <= 1 and new["n"] == old["n"], at
            assert measure != ITEM.lower() or gained == pytest.approx(1)
    at = ("cohort", f"staff.spsc.paired.{SCALE}.t1-t2.all.t")
    assert changed.after.loc[at, "value"] > changed.before.loc[at, "value"]


@pytest.mark.verify
def test_no_published_number_is_read_by_the_whole_computation(
    changed: Changed, bare: Path, tmp_path: Path
) -> None:
    """With the printed figures there, with them all wrong, and without them: the same ledger."""
    study = studies.load(RAW)
    whole = compute(prepare(study, bare.parent / ".drp"))
    without = compute(prepare(studies.load(bare), bare.parent / ".drp"))
    pd.testing.assert_frame_equal(whole, without)
    found = compared(study, whole)
    wrong = tmp_path / "raw"
    shutil.copytree(RAW, wrong)
    figures = wrong / "published" / "figures.csv"
    table = pd.read_csv(figures, dtype="str", keep_default_na=False)
    table["value"] = "9.87"
    table.to_csv(figures, index=False)
    other = compared(studies.load(wrong), whole)
    assert found["value"].equals(other["value"])
    published = reproduction.load(study)
    assert published is not None
    # Statements are conditions; all that was printed as a number is another number now.
    printed = [name for name, mapped in published.mapped.items() if mapped.compare == "value"]
    assert not set(other.loc[other["state"] == reproduction.MATCH, "id"]) & set(printed)
    assert len(set(found.loc[found["state"] == reproduction.MATCH, "id"]) & set(printed)) > 300


def compared(study: Study, rows: pd.DataFrame) -> pd.DataFrame:
    published = reproduction.load(study)
    assert published is not None
    found = reproduction.compare(published, decide(rows, study), study, claiming.load(study))
    return reproduction.frame(found)
