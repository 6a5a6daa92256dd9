"""What may leave: thresholds, shares that single out, families that add up."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import study as studies
from analysis.disclosure import Released, decide, released, shares, store
from analysis.disclosure.draft import GIVES_AWAY
from analysis.errors import AnalystError
from analysis.results import COHORT, NUMBERS, Result, ledger
from tests.conftest import ROOT, copy_project

STUDY = studies.load(ROOT / "data/raw")


def result(**changes: object) -> Result:
    """A mean of 20 staff of a school, with changes."""
    parts: dict = {
        "unit": "S01", "source": "staff", "instrument": "spsc", "analysis": "level",
        "measure": "total", "wave": "t1", "group": "all", "statistic": "mean",
        "value": 3.5, "n": 20.0, "ci_low": 3.2, "ci_high": 3.8,
    }  # fmt: skip
    return Result(**(parts | changes))


def test_rows_by_id_are_those_of_the_frame_and_hold_each_word_once() -> None:
    rows = [result(measure=name, ci_low=math.nan) for name in ("total", "morale", "workload")]
    frame = decide(ledger(rows, "e1"), STUDY)
    coded = frame.astype({"unit": "category", "statistic": "category", "reason": "category"})
    for each in (frame, coded):
        by_id = Released(each).by_id
        found = [by_id[key] for key in by_id]
        expected = each.astype("object").where(each.notna(), None).to_dict("records")
        plain = [{k: None if v != v else v for k, v in row.items()} for row in found]
        assert plain == expected
        assert len({id(row["source"]) for row in found}) == 1
        assert len({id(row["ci_low"]) for row in found}) == 1


def states(*results: Result) -> list[str]:
    decided = decide(ledger(results, "e1"), STUDY)
    order = [".".join(("", r.unit, r.measure, r.statistic)) for r in results]
    found = {
        ".".join(("", row.unit, row.measure, row.statistic)): row.release
        for row in decided.itertuples()
    }
    return [found[key] for key in order]


@pytest.mark.parametrize(
    ("source", "n", "expected"),
    [
        ("staff", 4, "suppressed"),
        ("staff", 5, "released"),
        ("pupils", 9, "suppressed"),
        ("pupils", 10, "released"),
        ("staff", 0, "suppressed"),
        ("staff", math.nan, "suppressed"),
    ],
)
def test_a_base_below_the_threshold_is_withheld(source: str, n: float, expected: str) -> None:
    assert states(result(source=source, n=float(n))) == [expected]


def test_facilitators_answers_go_by_the_rule_of_shares() -> None:
    """Of six in words; of twelve as numbers, but for one or two, and what these leave."""

    def said(of: int, **chosen: int) -> list[str]:
        found = [
            result(unit=COHORT, source="facilitators", instrument="survey", analysis="answers",
                   measure=f"q1-{option}", wave="all", statistic=statistic, n=float(of),
                   value=float(count), numerator=float(count), denominator=float(of),
                   ci_low=math.nan, ci_high=math.nan)
            for option, count in chosen.items() for statistic in ("count", "percent")
        ]  # fmt: skip
        decided = decide(ledger(found, "e1"), STUDY).set_index(["measure", "statistic"])
        words = [decided.loc[(f"q1-{option}", "count"), "band"] for option in chosen]
        assert words == [decided.loc[(f"q1-{option}", "percent"), "band"] for option in chosen]
        return words

    less, more = shares.LESS_THAN_HALF, shares.HALF_OR_MORE
    assert said(6, yes=4, already=2, no=0) == [more, less, less]
    assert said(12, yes=7, no=5) == ["", ""]
    # Several could be chosen: nothing is left of the whole.
    assert said(12, a=7, b=1, c=11) == ["", shares.NONE_OR_FEW, shares.NEARLY_ALL]
    assert said(12, yes=7, partly=4, no=1) == [more, less, less]


def heard(analysis: str, name: str, people: int, of: int, **more: object) -> object:
    given: dict[str, object] = {
        "statistic": "people",
        "unit": COHORT,
        "group": "all",
        "wave": "all",
        "n": float(of),
    }
    given |= {"value": float(people), "numerator": float(people), "denominator": float(of)}
    return result(source="interviews", instrument="themes", analysis=analysis, measure=name,
                  ci_low=math.nan, ci_high=math.nan, **(given | more))  # fmt: skip


def test_of_all_interviewed_one_or_two_and_all_but_these_are_words() -> None:
    """Nor may pairs of themes, schools, sums over codes, or the times and groups tell them."""
    counts = [0, 1, 2, 3, 12, 13, 14, 15]
    rows = [heard("count", f"c{k}", k, 15) for k in counts[1:]]
    rows += [heard("together_themes", f"a--c{k}", k, 15) for k in counts]
    rows += [heard("count", f"c{k}", k, 5, statistic="schools", n=15.0) for k in (1, 2, 3, 5)]
    rows.append(heard("check", "codebook-heard_from_one", 1, 15, statistic="count"))
    rows.append(heard("saturation", "after_01", 7, 15, statistic="codes"))
    rows += [heard("count", "c1", k, 15, statistic="fewest") for k in (1,)]
    decided = decide(ledger(rows, "e1"), STUDY).set_index(["analysis", "measure", "statistic"])
    few, nearly = shares.ONE_OR_TWO, shares.NEARLY_ALL
    words = decided["band"]
    assert [words["count", f"c{k}", "people"] for k in counts[1:]] == [
        few, few, "", "", nearly, nearly, nearly]  # fmt: skip
    assert [words["together_themes", f"a--c{k}", "people"] for k in counts] == [
        "", few, few, "", "", nearly, nearly, nearly]  # fmt: skip
    assert [words["count", f"c{k}", "schools"] for k in (1, 2, 3, 5)] == [few, few, "", ""]
    told = [("check", "codebook-heard_from_one", "count"), ("count", "c1", "fewest")]
    assert set(decided.loc[told, "release"]) == {"suppressed"}
    assert decided.loc[("saturation", "after_01", "codes"), "decimals"] == 0


def test_of_fewer_than_ten_interviewed_no_count_is_a_number() -> None:
    rows = [heard("count", f"c{k}", k, 9) for k in (1, 4, 5, 9)]
    decided = decide(ledger(rows, "e1"), STUDY)
    less, more = shares.LESS_THAN_HALF, shares.HALF_OR_MORE
    assert list(decided["band"]) == [less, less, more, more]


@pytest.mark.parametrize(("few", "expected"), [(4, "suppressed"), (5, "released")])
def test_how_many_of_a_group_answered_an_item_is_no_difference(few: int, expected: str) -> None:
    """All less the two roles shown would be the few of the third."""
    sizes = {"all": few + 26, "leader": few, "teacher": 20, "non_teacher": 6}
    rows = [
        result(
            unit=COHORT, analysis="items", measure="mor1", group=group, n=float(n), n_schools=9.0
        )
        for group, n in sizes.items()
    ]
    decided = decide(ledger(rows, "e1"), STUDY).set_index("group")["release"]
    assert decided["non_teacher"] == expected
    assert decided[["all", "teacher"]].tolist() == ["released", "released"]


def test_an_aggregate_over_few_schools_is_withheld() -> None:
    assert states(result(unit=COHORT, n_schools=2.0)) == ["suppressed"]
    assert states(result(unit=COHORT, n_schools=3.0)) == ["released"]
    assert states(result(unit="S01", n_schools=1.0)) == ["released"]


@pytest.mark.parametrize(
    ("numerator", "expected"),
    [(0, "banded"), (1, "banded"), (2, "banded"), (3, "released"),
     (17, "released"), (18, "banded"), (19, "banded"), (20, "banded")],
)  # fmt: skip
def test_a_share_that_singles_somebody_out_is_said_in_words(numerator: int, expected: str) -> None:
    share = result(
        analysis="items", measure="mor1", statistic="favourable",
        numerator=float(numerator), denominator=20.0,
    )  # fmt: skip
    assert states(share) == [expected]


@pytest.mark.parametrize(
    ("counts", "n", "expected"),
    [
        # 12 of 20 beside 7 would be all but 1: the next smallest goes.
        ((12, 7, 1), 20, ["released", "suppressed", "banded"]),
        ((12, 8, 0), 20, ["released", "suppressed", "banded"]),
        # 3 beside a band of up to 2: their sum would say which.
        ((17, 3, 0), 20, ["banded", "banded", "banded"]),
        ((16, 2, 2), 20, ["banded", "banded", "banded"]),
        ((19, 1, 0), 20, ["banded", "banded", "banded"]),
        ((8, 7, 5), 20, ["released", "released", "released"]),
        # Of fewer than ten people no share is a number.
        ((3, 3, 3), 9, ["banded", "banded", "banded"]),
    ],
)
def test_of_shares_that_add_up_none_tells_the_one_in_words(
    counts: tuple[int, int, int], n: int, expected: list[str]
) -> None:
    shares = [
        result(analysis="items", measure="mor1", statistic=name, numerator=float(count),
               denominator=float(n), n=float(n))
        for name, count in zip(("favourable", "neutral", "unfavourable"), counts, strict=True)
    ]  # fmt: skip
    mean = result(analysis="items", measure="mor1", statistic="mean", n=float(n))
    assert states(*shares, mean) == [*expected, "released"]


def test_words_do_not_tell_a_small_number_from_nought() -> None:
    def words(count: float, n: float) -> str:
        row = result(analysis="items", measure="mor1", statistic="favourable", numerator=count,
                     denominator=n, n=n)  # fmt: skip
        return str(decide(ledger([row], "e1"), STUDY)["band"].iloc[0])

    assert words(0, 20) == words(1, 20) == words(2, 20) == "none or hardly any"
    assert words(18, 20) == words(20, 20) == "nearly all"
    assert words(0, 7) == words(3, 7) == "fewer than half"
    assert words(4, 7) == words(7, 7) == "half or more"


def test_reasons_are_the_true_ones() -> None:
    common = {"instrument": "survey", "analysis": "response", "statistic": "count"}
    rows = [
        result(**common, measure="responded", value=3.0, n=3.0),
        result(n=3.0, measure="morale"),
        result(**common, unit="S02", measure="responded", value=20.0, n=20.0),
        result(unit="S02", n=4.0, measure="morale"),
        result(**common, unit="S03", measure="invited", value=0.0, n=0.0),
    ]
    decided = decide(ledger(rows, "e1"), STUDY).set_index(["unit", "measure"])["reason"]
    assert decided["S01", "morale"] == decided["S01", "responded"] == "too few answered"
    assert decided["S02", "morale"] == "too few complete"
    assert decided["S03", "invited"] == "not asked"


@pytest.mark.parametrize(
    ("sizes", "total", "withheld"),
    [
        # So few in year 6 would be the total less the others: the next smallest goes, too.
        ({"year_6": 4, "year_7": 30, "year_8": 50}, 84, {"year_6", "year_7"}),
        ({"year_7": 30, "year_8": 50}, 80, set()),
        # Thirteen of two years, each of fewer than ten: neither is open by three to either side.
        (
            {"year_6": 6, "year_5": 7, "year_7": 30, "year_8": 50},
            93,
            {"year_6", "year_5", "year_7"},
        ),
        ({"year_6": 5, "year_5": 5, "year_7": 30, "year_8": 50}, 90, {"year_6", "year_5"}),
        # Who did not say: groups are shown so coarsely that these cannot be told.
        ({"year_7": 30, "year_8": 50}, 83, set()),
        ({"year_7": 30, "year_8": 50}, 82, set()),
        ({"year_7": 9, "year_8": 50}, 59, {"year_7", "year_8"}),
    ],
)
def test_no_group_is_found_by_subtraction(
    sizes: dict[str, int], total: int, withheld: set[str]
) -> None:
    groups = {"all": total} | {f"year_group_{name}": n for name, n in sizes.items()}
    common = {"unit": COHORT, "source": "pupils", "n_schools": 5.0, "wave": "t2"}
    found = []
    for group, n in groups.items():
        found.append(result(**common, group=group, n=float(n), instrument="srs"))
        found.append(
            result(**common, group=group, n=float(n), value=float(n), instrument="survey",
                   analysis="response", measure="responded", statistic="count")
        )  # fmt: skip
    pair = "year_group_year_7-year_group_year_8"
    found.append(
        result(**common, group=pair, n=30.0, analysis="moderation_pairs", statistic="difference")
    )
    decided = decide(ledger(found, "e1"), STUDY).set_index(["analysis", "group"])["release"]
    for analysis in ("level", "response"):
        kept = {name for name in sizes if decided[analysis, f"year_group_{name}"] == "released"}
        assert kept == set(sizes) - withheld
        assert decided[analysis, "all"] == "released"
    # With one group's own number shown, their difference would give the other's away.
    apart = {"year_7", "year_8"} & withheld - {n for n in sizes if sizes[n] < 10}
    assert (decided["moderation_pairs", pair] == "suppressed") == bool(apart)


def test_nor_is_a_role_and_phases_are_left_alone() -> None:
    sizes = {
        "all": 62,
        "leader": 4,
        "teacher": 50,
        "non_teacher": 8,
        "primary": 30,
        "secondary": 31,
    }
    common = {"unit": COHORT, "n_schools": 5.0, "wave": "t2"}
    found = [
        result(**common, group=group, n=float(n), value=float(n), instrument="survey",
               analysis="response", measure="responded", statistic="count")
        for group, n in sizes.items()
    ]  # fmt: skip
    found += [
        result(**common, analysis="sample", measure=f"role-{role}", statistic="count",
               n=62.0, value=float(sizes[role]))
        for role in ("leader", "teacher", "non_teacher")
    ]  # fmt: skip
    decided = decide(ledger(found, "e1"), STUDY)
    counts = decided[decided["analysis"] == "response"].set_index("group")["release"]
    assert counts[counts == "suppressed"].index.tolist() == ["leader", "non_teacher"]


def test_a_school_outcome_of_one_pupil_is_no_number() -> None:
    rate = result(source="outcomes", analysis="rate", statistic="rate", n=300.0,
                  numerator=1.0, denominator=300.0)  # fmt: skip
    assert states(rate) == ["banded"]


@pytest.mark.parametrize(
    ("counts", "withheld"),
    [
        # All less the others would tell of S01 whether it is none, one or two.
        ({"S01": 1, "S02": 30, "S03": 25, "S13": 40}, ["S02"]),
        # Two of the same group tell of each other only so much that the next goes as well.
        ({"S01": 0, "S02": 0, "S03": 25, "S13": 40}, ["S03"]),
        # With enough in words together nothing of any is told.
        ({"S01": 1, "S02": 1, "S03": 1, "S13": 40, "S14": 30}, []),
        ({"S01": 30, "S02": 30, "S03": 25, "S13": 40}, []),
    ],
)  # fmt: skip
def test_what_a_schools_record_is_cannot_be_had_from_the_total(
    counts: dict[str, int], withheld: list[str]
) -> None:
    common = {"source": "outcomes", "analysis": "rate", "statistic": "rate", "instrument": "records",
              "measure": "exclusions", "wave": "2017_18_summer"}  # fmt: skip
    pupils = {name: 200 + 10 * place for place, name in enumerate(sorted(counts))}
    rows = [
        result(**common, unit=name, n=float(pupils[name]), numerator=float(count), n_schools=1.0,
               denominator=float(pupils[name]), value=100 * count / pupils[name])
        for name, count in counts.items()
    ]  # fmt: skip
    whole = float(sum(pupils.values()))
    rows.append(
        result(**common, unit=COHORT, n=whole, numerator=float(sum(counts.values())),
               n_schools=float(len(counts)), denominator=whole, value=1.0)
    )  # fmt: skip
    decided = decide(ledger(rows, "e1"), STUDY).set_index("unit")
    gone = decided[(decided["release"] == "suppressed") & (decided["reason"] == GIVES_AWAY)]
    assert sorted(gone.index) == withheld
    assert decided.loc[COHORT, "release"] == "released"
    words = [name for name, count in counts.items() if count <= 2]
    assert (decided.loc[words, "release"] == "banded").all()


def test_an_unknown_source_stops_the_release() -> None:
    with pytest.raises(ValueError, match="threshold"):
        states(result(source="visitors"))


def test_what_is_withheld_carries_no_number() -> None:
    shown = released(decide(ledger([result(n=3.0), result(measure="morale")], "e1"), STUDY))
    withheld = shown.frame[shown.frame["release"] == "suppressed"]
    assert len(withheld) == 1
    assert withheld[list(NUMBERS)].isna().all(axis=None)
    assert (withheld["reason"] != "").all()


def test_a_release_with_a_hidden_number_cannot_be_made() -> None:
    decided = decide(ledger([result(n=3.0)], "e1"), STUDY)
    with pytest.raises(ValueError, match="suppressed"):
        Released(decided)


@settings(max_examples=40)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["staff", "pupils"]),
            st.integers(0, 30),
            st.integers(0, 30),
        ),
        min_size=1,
        max_size=12,
    )
)
def test_no_released_number_rests_on_too_few(entries: list[tuple[str, int, int]]) -> None:
    results = [
        result(source=source, analysis="items", measure=f"item{place}", statistic="favourable",
               n=float(n), numerator=float(min(k, n)), denominator=float(n))
        for place, (source, n, k) in enumerate(entries)
    ]  # fmt: skip
    frame = released(decide(ledger(results, "e1"), STUDY)).frame
    shown = frame[frame["release"] == "released"]
    minimum = shown["source"].map({"staff": 5, "pupils": 10}).astype("float64")
    assert (shown["n"] >= minimum).all()
    complement = shown["denominator"] - shown["numerator"]
    assert not shown["numerator"].between(1, 2).any()
    assert not complement.between(1, 2).any()


def test_ids_are_whole_and_unique() -> None:
    frame = ledger([result()], "e1")
    assert frame["id"].tolist() == ["staff.spsc.level.total.t1.all.mean"]
    with pytest.raises(AnalystError, match="one id"):
        ledger([result(), result()], "e1")
    with pytest.raises(AnalystError, match="dot"):
        ledger([result(measure="a.b")], "e1")


def test_a_page_takes_released_results_only(tmp_path: Path) -> None:
    from analysis.present.page import Page

    with pytest.raises(TypeError, match="released"):
        Page(
            study=STUDY, unit=COHORT, released=ledger([result()], "e1"),  # type: ignore[arg-type]
            schools=pd.DataFrame(), texts=pd.DataFrame(), instruments={},
        )  # fmt: skip


def test_a_process_that_goes_on_reads_the_next_release(tmp_path: Path) -> None:
    study = studies.load(copy_project(tmp_path) / "data/raw")
    folder = store.processed(study) / "released"
    folder.mkdir(parents=True)
    (folder / "release.json").write_text(json.dumps(store._stamp(study)))
    (folder / "schools.csv").write_text("id,name\nS01,One\nS02,Two\n")
    (folder / "terms.csv").write_text("id,label,before\nt,T,\n")
    for unit in ("cohort", "S01", "S02"):
        pd.DataFrame({"kind": []}).to_parquet(folder / f"{unit}.texts.parquet")

    def shown(unit: str) -> float:
        saved = store.read(study, unit)
        assert saved is not None and saved.released.programme is not None
        (row,) = saved.released.programme.by_id.values()
        return float(row["value"])

    for value in (3.5, 3.6):
        for unit in ("cohort", "S01", "S02"):
            rows = ledger([result(unit=unit, value=value, n_schools=20.0)], "e1")
            (folder / f"{unit}.parquet").unlink(missing_ok=True)
            released(decide(rows, STUDY)).frame.to_parquet(folder / f"{unit}.parquet")
        assert shown("S01") == shown("S02") == value


def test_cells_of_few_people_are_words_and_no_sum_tells_them() -> None:
    """White yes and no, by phase: whoever said no or did not say is among the others of yes."""
    sizes = {"all": 202, "primary": 106, "secondary": 96}
    counts = {
        "white-yes": {"all": 193, "primary": 100, "secondary": 93},
        "white-no": {"all": 9, "primary": 6, "secondary": 3},
        "fsm-yes": {"all": 62, "primary": 37, "secondary": 25},
        "fsm-no": {"all": 140, "primary": 69, "secondary": 71},
        "looked_after-yes": {"all": 14, "primary": 12, "secondary": 2},
        "looked_after-no": {"all": 188, "primary": 94, "secondary": 94},
    }
    rows = [
        result(unit=COHORT, source="pupils", instrument="survey", analysis="sample", group=group,
               measure=measure, statistic="count", value=float(n), n=float(sizes[group]),
               numerator=float(n), denominator=float(sizes[group]), n_schools=9.0)
        for measure, of in counts.items() for group, n in of.items()
    ]  # fmt: skip
    decided = decide(ledger(rows, "e1"), STUDY).set_index(["measure", "group"])
    assert set(decided.loc["white-yes", "band"]) == {"all but fewer than 10"}
    assert (decided.loc["white-no", "release"] == "suppressed").all()
    assert (decided.loc["fsm-yes", "release"] == "released").all()
    looked_after = decided.loc["looked_after-yes"]
    assert looked_after["band"]["secondary"] == "fewer than 10"
    # All less primary would be the two of secondary.
    assert looked_after["release"]["primary"] == "suppressed"


def test_the_curve_of_new_codes_does_not_say_which_of_one_or_two_it_is() -> None:
    """Of 14 interviewed, six codes; whole numbers of the whole curve fit one and two only."""

    def shown(*heard_by: int) -> list[int]:
        rows = [heard("count", f"exp_{k:02d}", m, 14) for k, m in enumerate(heard_by)]
        rows.append(heard("count", "exp", 14, 14))
        for k in range(1, 15):
            value = sum(1 - math.comb(14 - m, k) / math.comb(14, k) for m in heard_by)
            rows.append(heard("saturation", f"after_{k:02d}", 0, 14, statistic="codes",
                              value=value, denominator=float(len(heard_by)),
                              numerator=math.nan))  # fmt: skip
        decided = decide(ledger(rows, "e1"), STUDY)
        curve = decided[(decided["analysis"] == "saturation") & (decided["release"] == "released")]
        assert (curve["decimals"] == 0).all()
        return sorted(int(name.split("_")[1]) for name in curve["measure"])

    # From the tenth interview or earlier on, one of the two codes was heard from one for certain.
    assert shown(1, 2, 13, 7, 6, 4) == [11, 12, 13, 14]
    assert shown(3, 11, 7, 6, 4) == list(range(1, 15))


@pytest.mark.parametrize("few", [3, 5])
def test_no_test_tells_a_cell_that_is_said_in_words(few: int) -> None:
    """Chi-squared of role by staying, where there are so few leaders: whole numbers that fit it."""
    sizes = {"leader": few, "teacher": 23, "non_teacher": 18}
    common = {"unit": COHORT, "instrument": "survey", "ci_low": math.nan, "ci_high": math.nan}
    rows = [
        result(**common, analysis="sample", measure=f"role-{role}", statistic="count", wave=wave,
               n=float(sum(sizes.values())), value=float(size), numerator=float(size),
               denominator=float(sum(sizes.values())), n_schools=9.0)
        for role, size in sizes.items() for wave in ("t1", "t1-t2")
    ]  # fmt: skip
    rows += [
        result(**common, analysis="attrition", measure="role", group="stayed-left", value=0.655,
               statistic=name, n=6.0, df=2.0)
        for name in ("chi2", "p", "cramers_v")
    ]  # fmt: skip
    decided = decide(ledger(rows, "e1"), STUDY)
    tests = decided[decided["analysis"] == "attrition"]
    assert set(tests["release"]) == {"suppressed" if few < 5 else "released"}
