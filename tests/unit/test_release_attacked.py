"""Releases of small made-up studies, attacked: what leaves gives nobody away."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis import study as studies
from analysis.disclosure import attack, decide
from analysis.disclosure.attack import System
from analysis.disclosure.audit import audit, summary
from analysis.disclosure.draft import GIVES_AWAY
from analysis.disclosure.printed import STAYED, STAYED_LAST, scores
from analysis.prepare import Prepared, load_instruments, schools
from analysis.results import COHORT, Result, count, ledger
from analysis.statistics import beside, effects, lowest
from analysis.study import Likeness, Study
from tests.conftest import ROOT

STUDY = studies.load(ROOT / "data/raw")
PRIMARY, SECONDARY = [f"S{n:02}" for n in range(1, 13)], [f"S{n:02}" for n in range(13, 20)]
#: Scores of staff that are made up; nine items each would be too many.
MEASURES = ("morale", "workload")
Numbers = tuple[int, int, int]


def phase(school: str) -> str:
    return "primary" if school in PRIMARY else "secondary"


def people(schools: dict[str, Numbers], moved: int = 0, seed: int = 1) -> pd.DataFrame:
    """Staff with their scores: how many of each school answered both times, only first, only last.

    ``moved`` go from the first school to the last.
    """
    random = np.random.default_rng(seed)
    rows = []
    for school, (both, first, last) in schools.items():
        rows += [(school, school)] * both + [(school, "")] * first + [("", school)] * last
    rows += [(next(iter(schools)), list(schools)[-1])] * moved
    frame = pd.DataFrame(rows, columns=["first", "last"])
    for measure in MEASURES:
        scores = np.round(random.normal(3.4, 0.8, (len(frame), 2)).clip(1, 5) * 5) / 5
        frame[f"{measure} t1"] = np.where(frame["first"] != "", scores[:, 0], np.nan)
        frame[f"{measure} t2"] = np.where(frame["last"] != "", scores[:, 1], np.nan)
    return frame


#: The demonstration's primary schools of fewer than 300 pupils, eight of them, by free school meals.
ALIKE = STUDY.model_copy(
    update={"similar": (Likeness(column="pupils_on_roll", label="pupils", bands=(0, 300)),
                        Likeness(column="fsm_percent", label="meals", bands=(0, 25)))}
)  # fmt: skip


def results(frame: pd.DataFrame, of_study: Study = STUDY) -> Iterator[Result]:
    """What the statistics say of them."""
    schools = sorted({*frame["first"], *frame["last"]} - {""})
    both = frame[(frame["first"] != "") & (frame["last"] != "")]
    stayed = both[both["first"] == both["last"]]
    groups: list[tuple[str, str, pd.DataFrame, pd.DataFrame, pd.DataFrame]] = [
        (COHORT, "all", frame[frame["first"] != ""], frame[frame["last"] != ""], both)
    ]
    for name, members in (("primary", PRIMARY), ("secondary", SECONDARY)):
        inside = [frame["first"].isin(members), frame["last"].isin(members)]
        if inside[0].any() or inside[1].any():
            groups.append((COHORT, name, frame[inside[0]], frame[inside[1]],
                           both[both["first"].isin(members) & both["last"].isin(members)]))  # fmt: skip
    for school in schools:
        groups.append((school, "all", frame[frame["first"] == school],
                       frame[frame["last"] == school], stayed[stayed["first"] == school]))  # fmt: skip
    for unit, group, first, last, matched in groups:
        at = {"unit": unit, "source": "staff", "group": group}
        answered = {"instrument": "survey", "analysis": "response"}
        for wave, rows in (("t1", first), ("t2", last)):
            yield count(len(rows), **at, **answered, measure="responded", wave=wave)
        yield count(len(matched), **at, **answered, measure="matched", wave="t1-t2")
        for measure in MEASURES:
            of = at | {"instrument": "spsc", "measure": measure}
            for wave, rows in (("t1", first), ("t2", last)):
                if len(rows):
                    yield from _level(of, wave, rows[f"{measure} {wave}"], rows, unit)
            if len(matched):
                yield from _paired(of, matched, measure, unit)
    yield from _beside(frame, of_study)
    yield from _lowest(frame)


def _beside(frame: pd.DataFrame, of_study: Study) -> Iterator[Result]:
    """Each school beside the others, and beside similar ones, as the statistics have it."""
    for wave, column in (("T1", "first"), ("T2", "last")):
        rows = frame[frame[column] != ""]
        there = pd.DataFrame(
            {
                "wave": wave,
                "school": rows[column],
                "reporting_phase": rows[column].map(phase),
                **{f"spsc.{measure}": rows[f"{measure} {wave.lower()}"] for measure in MEASURES},
            }
        )
        spsc = SimpleNamespace(scores=MEASURES)
        study = of_study.model_copy(update={"baseline": wave, "followup": wave})
        found = Prepared(study, {"spsc": spsc}, schools.read(study), {"staff": there}, {}, {})
        survey = STUDY.survey("staff").model_copy(update={"instruments": ("spsc",)})
        yield from beside.beside(found, survey)
        yield from beside.similar(found, survey)


def _lowest(frame: pd.DataFrame) -> Iterator[Result]:
    """The change of the lowest schools of those with five matched, and of all of them."""
    stayed = frame[(frame["first"] != "") & (frame["first"] == frame["last"])]
    for measure in MEASURES:
        each = stayed.groupby("first")[[f"{measure} t1", f"{measure} t2"]].agg(["count", "mean"])
        each = each[each[f"{measure} t1", "count"] >= 5]
        means = dict(zip(each.index, each[f"{measure} t1", "mean"], strict=True))
        change = each[f"{measure} t2", "mean"] - each[f"{measure} t1", "mean"]
        names = lowest.chosen(means)
        for statistic, these in (("lowest", names), ("everybody", list(means) if names else [])):
            if these:
                yield Result(
                    unit=COHORT, source="staff", instrument="spsc", analysis="lowest",
                    measure=measure, wave="t1-t2", group="all", statistic=statistic,
                    value=float(change[these].mean()), n_schools=float(len(these)),
                    n=float(each.loc[these, (f"{measure} t1", "count")].sum()),
                )  # fmt: skip


def _level(
    of: dict, wave: str, values: pd.Series, rows: pd.DataFrame, unit: str
) -> Iterator[Result]:
    school = rows["first" if wave == "t1" else "last"]
    common = of | {"analysis": "level", "wave": wave, "n": float(len(values)),
                   "n_schools": float(school.nunique())}  # fmt: skip
    yield Result(**common, statistic="mean", value=float(values.mean()))
    yield Result(**common, statistic="n", value=float(len(values)))
    yield Result(**common, statistic="sd", value=float(values.std()))


def _paired(of: dict, matched: pd.DataFrame, measure: str, unit: str) -> Iterator[Result]:
    first, last = matched[f"{measure} t1"], matched[f"{measure} t2"]
    common = of | {"analysis": "paired", "wave": "t1-t2", "n": float(len(matched)),
                   "n_schools": float(matched["first"].nunique())}  # fmt: skip
    for statistic, value in (
        ("n", len(matched)), ("difference", (last - first).mean()),
        ("baseline_mean", first.mean()), ("followup_mean", last.mean()),
        ("baseline_sd", first.std()), ("followup_sd", last.std()),
    ):  # fmt: skip
        interval = _interval(last - first) if statistic == "difference" else {}
        yield Result(**common, statistic=statistic, value=float(value), **interval)
    yield from _tested(common, first.to_numpy(), last.to_numpy())


def _interval(change: pd.Series) -> dict[str, float]:
    """A t interval, where there is one."""
    n, spread = len(change), float(np.std(change, ddof=1)) if len(change) > 1 else 0.0
    if not spread:
        return {}
    half = stats.t.ppf(0.975, n - 1) * spread / n**0.5
    middle = float(np.mean(change))
    return {"ci_low": middle - half, "ci_high": middle + half, "df": n - 1.0, "level": 0.95}


def _tested(common: dict, first: np.ndarray, last: np.ndarray) -> Iterator[Result]:
    """Tests and standardised differences of a change, as the statistics have them."""
    change = last - first
    n = len(change)
    spread = change.std(ddof=1) if n > 2 else 0.0
    if not spread:
        return
    t = change.mean() / spread * n**0.5
    # Signed as the statistics do: baseline less follow-up.
    rows = {"t": -t, "d_z": t / n**0.5, "p": float(2 * stats.t.sf(abs(t), n - 1))}
    pooled = ((first.var(ddof=1) + last.var(ddof=1)) / 2) ** 0.5
    if pooled:
        rows["d_av"] = change.mean() / pooled
        rows["g"] = rows["d_av"] * effects.small_sample(2.0 * n - 2)
    rows["p_clustered"] = rows["p"]
    for statistic, value in rows.items():
        yield Result(**common, statistic=statistic, value=float(value), df=n - 1.0)


CASES: dict[str, Callable[[], pd.DataFrame]] = {
    "a few new in each school": lambda: people(
        {s: (12, 6, 1 + place % 3) for place, s in enumerate([*PRIMARY[:4], *SECONDARY[:4]])}
    ),
    "one new, nobody left": lambda: people(dict.fromkeys([*PRIMARY[:3], *SECONDARY[:3]], (20, 0, 1))),
    "one school of a group is too small": lambda: people(
        {"S01": (20, 8, 6), "S02": (25, 6, 7), "S03": (3, 0, 0), "S13": (30, 9, 8),
         "S14": (21, 7, 6), "S15": (18, 6, 9)}
    ),
    "one withheld of two": lambda: people(
        {"S01": (20, 8, 6), "S02": (2, 2, 2), "S13": (30, 9, 8), "S14": (21, 7, 6),
         "S15": (18, 6, 9)}
    ),
    "a group of one school": lambda: people(
        {"S01": (20, 8, 6), "S02": (25, 6, 2), "S03": (16, 5, 5), "S13": (30, 9, 8)}
    ),
    "a dominant school": lambda: people(
        {"S01": (120, 40, 30), "S02": (5, 1, 1), "S03": (4, 0, 0), "S13": (30, 9, 8),
         "S14": (21, 7, 6), "S15": (18, 6, 9)}
    ),
    "some moved": lambda: people(
        {"S01": (20, 8, 6), "S02": (25, 6, 7), "S03": (16, 5, 5), "S13": (30, 9, 8),
         "S14": (21, 7, 6), "S15": (18, 6, 9)}, moved=2
    ),
    "a small one beside others": lambda: people(
        {"S01": (3, 0, 0), **{f"S{n:02}": (9 + n, 6, 5 + n % 4) for n in range(2, 7)},
         **{f"S{n}": (20 + n, 7, 6) for n in range(13, 18)}}
    ),
    "three schools": lambda: people({"S01": (9, 3, 2), "S02": (7, 2, 1), "S13": (4, 0, 2)}),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_nobody_is_given_away(case: str) -> None:
    found = ledger(results(CASES[case]()), "e1")
    decided = decide(found, STUDY)
    attacked = audit(decided, STUDY)
    assert len(attacked)
    narrow = attacked[~attacked["held"].astype(bool)]
    assert narrow.empty, narrow.to_string()
    # Nor by the programme's report alone: what it asks is no less where less is known.
    alone = decided.assign(release=decided["release"].where(decided["unit"] == COHORT, ""))
    withheld = audit(alone, STUDY, kinds=("score",))
    withheld = withheld[(withheld["part"] == "answered") & ~withheld["held"].astype(bool)]
    assert withheld.empty, withheld.to_string()
    # It is not that all is withheld, nor that nothing was to be found.
    assert (decided["release"] == "released").mean() > 0.15
    bare = decided.assign(
        release=np.where(found["n"] < 5, "suppressed", "released"), decimals=float("nan")
    )
    assert not audit(bare, STUDY)["held"].all()


def test_what_a_school_stands_beside_is_attacked_and_gives_nobody_away() -> None:
    """All the others of a group of which one small school is withheld are that school's sum."""
    decided = decide(ledger(results(CASES["a small one beside others"]()), "e1"), STUDY)
    besides = decided[decided["analysis"] == "beside"]
    level = decided[(decided["analysis"] == "level") & (decided["statistic"] == "mean")]
    shown = {
        (row.unit, row.measure, row.wave)
        for row in level.itertuples()
        if row.release == "released" and row.group == "all"
    }
    named = besides[besides["statistic"] == "difference"]
    assert (named["release"] == "released").any()
    for row in named[named["release"] == "released"].itertuples():
        assert (row.unit, row.measure, row.wave) in shown
    # Shown regardless, they tell of the small school, and the attacker sees it.
    forced = decided.assign(
        release=np.where(decided["analysis"] == "beside", "released", decided["release"]),
        decimals=decided["decimals"].where(decided["analysis"] != "beside"),
    )
    assert not audit(forced, STUDY)["held"].all()
    # The programme's funnel shows as many points as schools show a difference.
    funnel = decided[(decided["analysis"] == "funnel") & (decided["statistic"] == "difference")]
    for (measure, wave), rows in funnel.groupby(["measure", "wave"]):
        same = named[(named["measure"] == measure) & (named["wave"] == wave)]
        assert (rows["release"] == "released").sum() == (same["release"] == "released").sum()
        values = rows.loc[rows["release"] == "released", "value"]
        own = same.loc[same["release"] == "released", "value"]
        assert sorted(values) == sorted(own)


#: Small primary schools with many free school meals, and some secondary ones.
SMALL = {"S05": (20, 8, 6), "S07": (15, 6, 7), "S09": (16, 5, 5), "S11": (18, 6, 9),
         "S13": (30, 9, 8), "S14": (21, 7, 6), "S15": (18, 6, 9)}  # fmt: skip


def _similar(decided: pd.DataFrame) -> pd.DataFrame:
    rows = (decided["analysis"] == "similar") & (decided["statistic"] == "difference")
    return decided[rows & decided["unit"].isin(PRIMARY)]


@pytest.mark.parametrize(
    "numbers",
    [
        SMALL,
        SMALL | {"S05": (120, 40, 30), "S07": (5, 1, 1), "S11": (6, 1, 0)},  # one of most people
        SMALL | {"S02": (20, 7, 6), "S01": (4, 0, 0)},
    ],
)
def test_similar_schools_give_nobody_away_and_cost_nothing(numbers: dict[str, Numbers]) -> None:
    found = ledger(results(people(numbers), ALIKE), "e1")
    decided = decide(found, ALIKE)
    attacked = audit(decided, ALIKE)
    narrow = attacked[~attacked["held"].astype(bool)]
    assert narrow.empty, narrow.to_string()
    rows = _similar(decided)
    assert set(rows["unit"]) == {"S05", "S07", "S09", "S11"}
    assert set(rows["n_schools"]) == {3.0}
    # All else is decided as without it.
    without = decide(found[found["analysis"] != "similar"].reset_index(drop=True), ALIKE)
    others = decided[decided["analysis"] != "similar"].reset_index(drop=True)
    assert (others["release"] == without["release"]).all()
    assert (others["decimals"].fillna(9) == without["decimals"].fillna(9)).all()


def test_similar_schools_are_shown_where_there_are_enough() -> None:
    decided = decide(ledger(results(people(SMALL), ALIKE), "e1"), ALIKE)
    at_followup = _similar(decided)
    at_followup = at_followup[at_followup["wave"] == "t2"]
    assert (at_followup["release"] == "released").all()
    # The three others of a fourth are those: fewer are none.
    fewer = {name: of for name, of in SMALL.items() if name != "S11"}
    rows = _similar(decide(ledger(results(people(fewer), ALIKE), "e1"), ALIKE))
    assert set(rows["n_schools"]) == {2.0}
    assert set(rows["reason"]) == {"too few schools"}


def test_a_school_withheld_does_not_come_back_by_those_like_it() -> None:
    """Of four alike one has its own withheld: the others, less what they show, would be it."""
    found = ledger(results(people(SMALL), ALIKE), "e1")
    hidden = found["unit"].eq("S07") & ~found["analysis"].eq("response")
    hidden |= found["analysis"].isin(["beside", "funnel", "lowest", "paired"])
    hidden |= found["unit"].eq(COHORT)
    shown = found.assign(release=np.where(hidden, "", "released"), decimals=float("nan"))

    def width(frame: pd.DataFrame) -> float:
        score = next(
            each
            for each in scores(frame, ALIKE, schools.read(ALIKE), load_instruments(ALIKE))
            if each.measure == "morale"
        )
        return score.system.interval(score.total("t2", ["S07"])).half_width

    bare = shown.assign(release=shown["release"].where(shown["analysis"] != "similar", ""))
    assert width(shown) < width(bare) / 10


def test_the_lowest_schools_are_shown_only_where_that_costs_and_gives_away_nothing() -> None:
    found = ledger(results(CASES["a small one beside others"]()), "e1")
    with_lowest = decide(found, STUDY)
    without = decide(found[found["analysis"] != "lowest"].reset_index(drop=True), STUDY)
    others = with_lowest[with_lowest["analysis"] != "lowest"].reset_index(drop=True)
    assert (others["release"] == without["release"]).all()
    assert (others["decimals"].fillna(9) == without["decimals"].fillna(9)).all()
    rows = with_lowest[with_lowest["analysis"] == "lowest"]
    assert len(rows) == 2 * len(MEASURES)
    # A school of which nothing else is shown comes back by what the lowest changed by.
    bare = found.assign(release="suppressed", decimals=float("nan"))
    shown = (bare["analysis"] == "lowest") & (bare["statistic"] == "lowest")
    names = {"S02", "S03"}
    shown |= (bare["analysis"] == "paired") & bare["unit"].isin(names)
    bare.loc[shown, "release"] = "released"
    score = next(scores(bare, STUDY, schools.read(STUDY), load_instruments(STUDY)))
    before = next(
        scores(
            bare.assign(release=bare["release"].where(bare["analysis"] != "lowest", "suppressed")),
            STUDY, schools.read(STUDY), load_instruments(STUDY),
        )
    )  # fmt: skip
    means = {
        school: score.row("paired", "t1-t2", school, "all", "baseline_mean")["value"]
        for school in score.schools
        if score.matched(school) >= 5
    }
    left = [name for name in lowest.chosen(means) if name not in names]
    terms = {(name, STAYED_LAST): 1.0 for name in left} | {(name, STAYED): -1.0 for name in left}
    assert score.system.interval(terms).half_width < before.system.interval(terms).half_width


def test_a_group_of_too_few_schools_does_not_come_back() -> None:
    decided = decide(ledger(results(CASES["a group of one school"]()), "e1"), STUDY)
    cohort = decided[(decided["unit"] == COHORT) & (decided["analysis"] != "response")]
    of_groups = cohort[cohort["group"] != "all"]
    assert (of_groups["release"] == "suppressed").all()
    assert {GIVES_AWAY, "too few schools"} == set(of_groups["reason"])
    assert (cohort.loc[cohort["group"] == "all", "release"] == "released").any()


def test_those_who_moved_are_no_school() -> None:
    """Two schools and nine people who moved between them are two schools."""
    frame = people({"S01": (20, 8, 6), "S02": (25, 6, 7)}, moved=9)
    rows = [
        Result(**{**{name: getattr(each, name) for name in Result.__dataclass_fields__},
                  "n_schools": 11.0}) if each.analysis == "paired" else each
        for each in results(frame)
    ]  # fmt: skip
    decided = decide(ledger(rows, "e1"), STUDY)
    paired = decided[(decided["unit"] == COHORT) & (decided["analysis"] == "paired")]
    assert (paired["release"] == "suppressed").all()


def test_matched_means_go_before_the_change() -> None:
    decided = decide(ledger(results(CASES["a few new in each school"]()), "e1"), STUDY)
    paired = decided[(decided["unit"] == "S01") & (decided["analysis"] == "paired")]
    shown = paired.set_index(["measure", "statistic"])["release"]
    for measure in MEASURES:
        assert shown[measure, "baseline_mean"] == "suppressed"
        assert shown[measure, "difference"] == "released"


def test_what_is_coarse_leaves_no_finer() -> None:
    from analysis.disclosure import released

    decided = decide(ledger(results(CASES["some moved"]()), "e1"), STUDY)
    frame = released(decided).frame
    coarse = frame[frame["decimals"].notna() & (frame["release"] == "released")]
    assert len(coarse)
    for number in ("value", "ci_low", "ci_high"):
        values = coarse[number].dropna()
        assert np.allclose(values, values.round(1))


def test_the_attacker_sees_a_withdrawal_between_two_editions() -> None:
    """What editions must prevent: the difference of two editions' sums is one person's score."""
    frame = people({"S01": (12, 0, 0)})
    before, after = frame["morale t1"], frame["morale t1"].iloc[1:]
    system = System()
    system.unknown("stayed", len(after), 5 * len(after))
    system.unknown("withdrawn", 1, 5)
    for names, values in ((["stayed", "withdrawn"], before), (["stayed"], after)):
        mean = round(float(values.mean()), 2)
        low, high = (len(values) * (mean + end) for end in (-0.005, 0.005))
        system.between(dict.fromkeys(names, 1.0), low, high)
    found = system.interval({"withdrawn": 1.0})
    assert found.low <= before.iloc[0] <= found.high
    assert found.half_width < 0.15


def test_the_summary_counts_what_is_too_narrow() -> None:
    found = ledger(results(CASES["three schools"]()), "e1")
    bare = found.assign(release="released", decimals=float("nan"))
    table = audit(bare, STUDY)
    counted = summary(table)
    assert counted["protected"].sum() == len(table)
    assert counted["too_narrow"].sum() == (~table["held"].astype(bool)).sum() > 0


def test_a_solver_that_begins_anew_releases_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """The quick solver lies where scipy may move it; then the public one answers."""
    found = ledger(
        results(people({**dict.fromkeys(PRIMARY[:4], (9, 2, 3)), "S13": (7, 1, 2)})), "e1"
    )
    quick = decide(found, STUDY)
    asked = []

    def moved(*_: object) -> None:
        asked.append(1)
        raise ImportError("no module named scipy.optimize._highspy")

    monkeypatch.setattr(attack, "_Warm", moved)
    anew = decide(found, STUDY)
    assert asked and (quick["release"] == "suppressed").any()
    pd.testing.assert_frame_equal(quick, anew)
