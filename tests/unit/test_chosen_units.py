"""Which reports are meant: by id, by pattern, by a list in a file."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from analysis.disclosure import store
from analysis.errors import AnalystError

SCHOOLS = pd.DataFrame({"id": ["S01", "S02", "S10", "S11", "T1"]})


def test_ids_patterns_and_lists(tmp_path: Path) -> None:
    late = tmp_path / "late.txt"
    late.write_text("S11  # their baseline came in May\n\nS0*\n", encoding="utf-8")
    assert store.chosen([], SCHOOLS) == ["cohort", "S01", "S02", "S10", "S11", "T1"]
    assert store.chosen(["S1*"], SCHOOLS) == ["S10", "S11"]
    assert store.chosen(["T1", "S0?", "T1"], SCHOOLS) == ["T1", "S01", "S02"]
    assert store.chosen([f"@{late}", "cohort"], SCHOOLS) == ["S11", "S01", "S02", "cohort"]
    assert store.chosen(["S01", "all"], SCHOOLS)[0] == "S01"
    assert len(store.chosen(["S01", "all"], SCHOOLS)) == 6


@pytest.mark.parametrize("wrong", ["S03", "s01", "X*", "@nowhere.txt", "../S01", ""])
def test_what_is_no_unit(wrong: str) -> None:
    with pytest.raises(AnalystError):
        store.chosen([wrong], SCHOOLS)


@pytest.mark.parametrize("content", ["", "# nobody\n", "S01\nS99\n"])
def test_lists_that_do_not_fit(tmp_path: Path, content: str) -> None:
    (tmp_path / "list.txt").write_text(content, encoding="utf-8")
    with pytest.raises(AnalystError):
        store.chosen([f"@{tmp_path / 'list.txt'}"], SCHOOLS)
