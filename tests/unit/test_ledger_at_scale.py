"""What grows with schools grows no faster than they do, and says the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis import results as making
from analysis.disclosure import decide
from analysis.disclosure.draft import Words
from analysis.disclosure.printed import Score, scores
from analysis.errors import AnalystError
from analysis.results import (
    COLUMNS,
    WORDS,
    Result,
    as_words,
    compact,
    ledger,
    read,
    table,
    together,
)
from analysis.statistics import beside, level, response
from tests.unit.test_evidence import INSTRUMENTS, STUDY
from tests.unit.test_statistics_edges import STAFF, prepared
from tests.unit.test_unnamed import SCHOOLS, results


@pytest.fixture(scope="module")
def found() -> list[Result]:
    return results()


def test_tables_in_any_order_make_the_same_ledger(found: list[Result]) -> None:
    parts = [table(found[place::3], "spring") for place in range(3)]
    plain = pd.concat(parts).sort_values(["unit", "id"], ignore_index=True)
    for order in (parts, parts[::-1]):
        made = together(order)
        assert all(isinstance(made[name].dtype, pd.CategoricalDtype) for name in WORDS)
        pd.testing.assert_frame_equal(as_words(made), plain[list(COLUMNS)])
    with pytest.raises(AnalystError, match="one id"):
        together([*parts, parts[1]])


def test_files_make_the_ledger_that_their_tables_make(
    found: list[Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Some rows at a time, of files whose words have other places, with files without rows between.
    monkeypatch.setattr(making, "READ", 50)
    parts = [table(of, "spring") for of in ([], found[1::3], found[::3], [], found[2::3])]
    parts[1].loc[3, "method"] = None
    paths = [tmp_path / f"{place}.parquet" for place in range(len(parts))]
    for part, path in zip(parts, paths, strict=True):
        # One more column than a ledger has, as another version may have left.
        part.assign(more="").to_parquet(path, index=False)
    made = together(parts)
    assert made["method"].isna().sum() == 1 and made["df"].notna().any()
    pd.testing.assert_frame_equal(read(paths), made, check_exact=True)
    pd.testing.assert_frame_equal(read(paths[::-1]), made, check_exact=True)
    with pytest.raises(AnalystError, match="one id"):
        read([*paths, paths[2]])
    assert list(read([paths[0]]).columns) == list(COLUMNS)
    assert read([paths[0]]).empty


def test_words_as_categories_are_decided_as_words_are(found: list[Result]) -> None:
    plain = ledger(found, STUDY.edition.id)
    decided = decide(plain, STUDY, SCHOOLS)
    coded = decide(compact(plain), STUDY, SCHOOLS)
    assert coded["id"].dtype == "category" != decided["id"].dtype
    pd.testing.assert_frame_equal(as_words(coded), decided)


def test_a_word_for_each_row() -> None:
    words = Words(4)
    words[np.array([True, False, True, False])] = "few"
    words[2] = "nearly all"
    words[0] = ""
    assert [words[place] for place in range(4)] == ["", "", "nearly all", ""]
    assert list(words.said) == [False, False, True, False]
    hidden = words.column(pd.RangeIndex(4), but=np.array([False, False, True, False]))
    assert list(hidden) == [""] * 4


def system_of(schools: int) -> Score:
    """What is printed of a score where every school is set beside all others."""
    sizes = [8 + number % 5 for number in range(schools)]
    of = prepared(sizes)
    rows = [r for q in (response.response, level.scores, beside.beside) for r in q(of, STAFF)]
    frame = ledger(rows, STUDY.edition.id).assign(release="released")
    table = of.schools.assign(invited_pupils_t1=40.0, invited_pupils_t2=40.0)
    asked = {(STAFF.id, "spsc", "total")}
    return next(iter(scores(frame, STUDY, table, INSTRUMENTS, only=asked)))


def test_the_system_of_many_schools_grows_as_they_do() -> None:
    few, many = (system_of(number) for number in (10, 40))
    weights = [sum(len(terms) for terms, _, _ in each.system._sums) for each in (few, many)]
    assert weights[1] < 5 * weights[0]
    assert any(key[0] == "beside" for key in many.rows)


def test_the_schools_that_one_is_set_beside_are_all_without_itself() -> None:
    score = system_of(10)
    wave = score.ends[-1]
    own = score.schools[0]
    terms, people = score._others("beside", own, wave)
    group = score.members[own][wave] if score.phases else ""
    others = [
        s for s in (score.of_phase(group, wave) if score.phases else score.schools) if s != own
    ]
    assert people == sum(score.people(wave, name) for name in others) > 0
    # The sum that is one unknown is the sum that is written out: nothing lies between them.
    less = dict(terms)
    for name, weight in score.total(wave, others).items():
        less[name] = less.get(name, 0.0) - weight
    interval = score.system.interval(less)
    assert abs(interval.low) < 1e-5 and abs(interval.high) < 1e-5
