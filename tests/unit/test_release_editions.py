"""Two editions side by side: what a few people changed cannot be worked out from both."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.disclosure import counted as counting
from analysis.disclosure import decide
from analysis.disclosure.audit import COLUMNS
from analysis.disclosure.counted import Counted
from analysis.disclosure.editions import Published, attacked
from analysis.results import COHORT, Result, ledger
from tests.unit.test_release_attacked import MEASURES, PRIMARY, SECONDARY, STUDY, people, phase
from tests.unit.test_release_attacked import results as results_of

SCHOOLS = dict.fromkeys([*PRIMARY[:4], *SECONDARY[:3]], (16, 8, 7))


def everybody(frame: pd.DataFrame) -> Counted:
    """Who is counted, with the row's number for a person."""
    rows = []
    for who, row in frame.iterrows():
        for wave, school in (("t1", row["first"]), ("t2", row["last"])):
            if school:
                scores = [row[f"{measure} {wave}"] for measure in MEASURES]
                rows.append((f"p{who}", wave, school, repr(scores), phase(school)))
    table = pd.DataFrame(rows, columns=["person", "wave", "school", "answers", "reporting_phase"])
    return Counted({"staff": table.assign(**{f"has spsc.{m}": True for m in MEASURES})}, {})


def numbers(frame: pd.DataFrame) -> pd.DataFrame:
    """What the statistics say, with tests of each change: no sums."""
    return ledger(results_of(frame), "e1")


def printed(decided: pd.DataFrame) -> pd.DataFrame:
    """What pages show of it: two decimals, or fewer."""
    decimals = np.fmin(decided["decimals"].fillna(2.0), 2.0)
    shown = decided.assign(decimals=decimals)
    for name in ("value", "ci_low", "ci_high"):
        scaled = (shown[name] * 10**decimals).round() / 10**decimals
        shown[name] = scaled.where(shown["release"] == "released", shown[name])
    return shown


def published(frame: pd.DataFrame) -> Published:
    shown = printed(decide(numbers(frame), STUDY))
    shown = shown[shown["release"] == "released"]
    return Published("e1", 1, STUDY.baseline, STUDY.followup, everybody(frame), shown)


def attack(decided: pd.DataFrame, before: Published, now: Counted) -> pd.DataFrame:
    rows = attacked(printed(decided), STUDY, [before], now)
    return pd.DataFrame(list(rows), columns=list(COLUMNS))


FRAME = people(SCHOOLS)
MATCHED = FRAME.index[(FRAME["first"] == "S02") & (FRAME["last"] == "S02")][0]
ONCE = FRAME.index[(FRAME["first"] == "S02") & (FRAME["last"] == "")][0]


def with_scores(who: int, score: float) -> pd.DataFrame:
    """Everybody, one of them with another score throughout."""
    frame = FRAME.copy()
    frame.loc[who, [f"{measure} {wave}" for measure in MEASURES for wave in ("t1", "t2")]] = score
    return frame


CHANGES = {
    "a withdrawal": (FRAME, FRAME.drop(MATCHED)),
    "a withdrawal of somebody who answered once": (FRAME, FRAME.drop(ONCE)),
    "a late answer": (FRAME.drop(MATCHED), FRAME),
    # The difference is known; one that is as large as can be tells both.
    "answers put right": (with_scores(MATCHED, 1.0), with_scores(MATCHED, 5.0)),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_a_few_changed_is_not_to_be_worked_out_from_both_editions(change: str) -> None:
    first, second = CHANGES[change]
    before, now, found = published(first), everybody(second), numbers(second)
    alone = decide(found, STUDY)
    told = attack(alone, before, now)
    assert len(told) and not told["held"].all(), "there was nothing to be found"
    decided = decide(found, STUDY, None, [before], now)
    held = attack(decided, before, now)
    assert len(held) == len(told) and held["held"].all(), held[~held["held"].astype(bool)]
    assert decided.attrs["editions"][before.name] > 0
    # Other schools keep what they had, and the programme its means.
    others = ~decided["unit"].isin(["S02", COHORT]) & (decided["analysis"] != "beside")
    assert (decided["release"] == alone["release"])[others].all()
    # What another school of its group is set beside would tell of it; of another group it stays.
    beside = (decided["analysis"] == "beside") & (alone["release"] == "released")
    of_group = decided["unit"].isin(PRIMARY)
    assert beside.sum() == 0 or (decided.loc[beside & of_group, "release"] == "suppressed").any()
    assert (decided.loc[beside & ~of_group, "release"] == "released").all()
    whole = (decided["unit"] == COHORT) & (decided["group"] == "all")
    whole &= decided["statistic"] == "mean"
    assert (decided.loc[whole, "release"] == "released").all()


def test_of_a_school_that_few_changed_nothing_is_shown_but_how_many() -> None:
    first, second = CHANGES["a withdrawal"]
    decided = decide(numbers(second), STUDY, None, [published(first)], everybody(second))
    of_school = decided[(decided["unit"] == "S02") & (decided["analysis"] != "response")]
    assert set(of_school.loc[of_school["statistic"] == "t", "release"]) == {"suppressed"}
    answered = decided[(decided["unit"] == "S02") & (decided["analysis"] == "response")]
    assert set(answered["release"]) == {"released"}
    # The programme's test would be another number: it goes; its mean stays.
    tests = decided[(decided["unit"] == COHORT) & (decided["statistic"] == "t")]
    assert (tests.loc[tests["group"].isin(["all", "primary"]), "release"] == "suppressed").all()
    assert (tests.loc[tests["group"] == "secondary", "release"] == "released").all()


def test_nothing_is_given_up_where_nobody_or_enough_changed() -> None:
    before = published(FRAME)
    enough = [*FRAME.index[(FRAME["first"] == "S02") & (FRAME["last"] == "S02")][:6]]
    for frame in (FRAME, FRAME.drop(enough)):
        found = numbers(frame)
        decided = decide(found, STUDY, None, [before], everybody(frame))
        pd.testing.assert_frame_equal(decided, decide(found, STUDY), check_like=True)
        assert decided.attrs["editions"] == {}


def test_the_same_answers_scored_by_other_code_are_no_riddle() -> None:
    """Two editions whose numbers contradict each other as sums of the same people."""
    before = published(FRAME)
    frame = FRAME.copy()
    for measure in MEASURES:
        for wave in ("t1", "t2"):
            frame[f"{measure} {wave}"] = 6 - frame[f"{measure} {wave}"]
    gone = frame.drop(MATCHED)
    now = everybody(FRAME.drop(MATCHED))
    decided = decide(numbers(gone), STUDY, None, [before], now)
    own = decided[(decided["unit"] == "S02") & (decided["statistic"] == "mean")]
    assert set(own["release"]) == {"suppressed"}


def test_who_withdraws_is_erased_and_still_counted_as_somebody(tmp_path: Path) -> None:
    kept = everybody(FRAME)
    counting.write(tmp_path, kept)
    gone = f"p{MATCHED}"
    assert counting.erase(tmp_path, {gone}) == 2
    left = counting.read(tmp_path)
    table = left.surveys["staff"]
    assert gone not in set(table["person"]) and len(table) == len(kept.surveys["staff"])
    erased = table[table["person"].str.startswith(counting.GONE)]
    # Both answers are still one person's, whoever that was.
    assert len(erased) == 2 and erased["person"].nunique() == 1
    assert set(erased["answers"]) == {counting.GONE}
    # And the next edition is held against it just as against the record before.
    before = replace(published(FRAME), counted=left)
    second = FRAME.drop(MATCHED)
    found, now = numbers(second), everybody(second)
    decided = decide(found, STUDY, None, [before], now)
    plain = decide(found, STUDY, None, [published(FRAME)], now)
    assert (decided["release"] == plain["release"]).all()
    assert attack(decided, before, now)["held"].all()


def test_who_was_interviewed_is_erased_as_well(tmp_path: Path) -> None:
    """Of interviews nothing but the person is kept; erasing ended in a traceback."""
    people_of = pd.DataFrame({"person": ["a", "b"]})
    counting.write(tmp_path, Counted({}, {"interviews": people_of}))
    assert counting.erase(tmp_path, {"a"}) == 1
    left = set(counting.read(tmp_path).strands["interviews"]["person"])
    assert "b" in left and "a" not in left and len(left) == 2


def test_a_test_of_whether_groups_differ_goes_where_few_changed() -> None:
    """It is named by what groups differ in, and by no group: its p told who had withdrawn."""
    at = {"source": "staff", "instrument": "spsc", "measure": MEASURES[0], "unit": COHORT,
          "statistic": "p", "n": 100.0, "n_schools": 7}  # fmt: skip
    tests = [("moderation_level", "t2", "role"), ("moderation", "t1-t2", "role"),
             ("over_time", "all", "all")]  # fmt: skip

    def with_tests(frame: pd.DataFrame, p: float) -> pd.DataFrame:
        more = [Result(**at, analysis=a, wave=w, group=g, value=p) for a, w, g in tests]
        return ledger([*results_of(frame), *more], "e1")

    first, second = CHANGES["a withdrawal"]
    shown = printed(decide(with_tests(first, 0.730), STUDY)).query("release == 'released'")
    before = Published("e1", 1, STUDY.baseline, STUDY.followup, everybody(first), shown)
    for p, release in ((0.814, "suppressed"), (0.730, "released")):
        decided = decide(with_tests(second, p), STUDY, None, [before], everybody(second))
        rows = decided[(decided["statistic"] == "p") & (decided["group"].isin(["role", "all"]))]
        rows = rows[rows["analysis"].isin([analysis for analysis, _, _ in tests])]
        assert dict(zip(rows["analysis"], rows["release"], strict=True)) == dict.fromkeys(
            [analysis for analysis, _, _ in tests], release
        )
