"""Which schools are similar: by the study's bands, or by thirds of its schools."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from analysis import study as studies
from analysis.errors import AnalystError
from analysis.prepare import schools, similar
from analysis.study import Likeness
from tests.conftest import ROOT

STUDY = studies.load(ROOT / "data/raw")
SIZE = Likeness(column="size", label="pupils on roll", bands=(0, 100, 200))


def _table(sizes: list[str]) -> pd.DataFrame:
    return pd.DataFrame({"id": [f"S{n}" for n in range(len(sizes))], "size": sizes})


def test_a_band_holds_its_beginning_and_not_its_end() -> None:
    found = similar.bands(SIZE, _table(["0", "99", "100", "199", "200", "5000", ""]))
    assert list(found) == [":100", ":100", "100:200", "100:200", "200:", "200:", ""]


def test_thirds_are_of_the_schools_and_equal_numbers_stay_together() -> None:
    sizes = ["10", "20", "30", "40", "40", "50", "60", "70", "80"]
    found = similar.bands(Likeness(column="size", label="size"), _table(sizes))
    assert list(found.value_counts()) == [3, 3, 3]
    assert found[3] == found[4] == found[5]


def test_schools_are_alike_in_group_and_bands_alone() -> None:
    table = schools.read(STUDY)
    likes = (
        Likeness(column="pupils_on_roll", label="pupils", bands=(0, 300)),
        Likeness(column="fsm_percent", label="meals", bands=(0, 25)),
    )
    found = similar.alike(STUDY.model_copy(update={"similar": likes}), table, "T2")
    groups = pd.Series(found).groupby(found).groups
    assert {frozenset(names) for names in groups.values()} >= {
        frozenset({"S05", "S07", "S09", "S11", "S20"}), frozenset({"S13", "S16"}),
    }  # fmt: skip
    assert similar.alike(STUDY, table, "T2") == {}
    table.loc["S05", "fsm_percent"] = ""
    assert similar.alike(STUDY.model_copy(update={"similar": likes}), table, "T2")["S05"] == ""


@pytest.mark.parametrize(
    ("likeness", "sizes", "where"),
    [
        (Likeness(column="rolls", label="size"), ["1"] * 9, "row 1"),
        (SIZE, ["10", "many", "20"], "row 3, column size"),
        (
            Likeness(column="size", label="size", bands=(50, 100)),
            ["60", "40", "70"],
            "row 3, column",
        ),
        (Likeness(column="size", label="size"), ["10", "20", "30", "40"], "column size"),
        (Likeness(column="size", label="size"), ["10"] * 9, "column size"),
    ],
)
def test_what_makes_no_bands_is_named(likeness: Likeness, sizes: list[str], where: str) -> None:
    table = _table(sizes)
    table.index = pd.RangeIndex(2, 2 + len(sizes))
    study = STUDY.model_copy(update={"similar": (likeness,)})
    with pytest.raises(AnalystError) as stopped:
        similar.check(study, table, Path("schools.csv"))
    assert where in str(stopped.value)


def test_bands_begin_one_above_the_other() -> None:
    for bands in ((100,), (100, 50), (0, 0)):
        with pytest.raises(ValueError, match="bands"):
            Likeness(column="size", label="size", bands=bands)
