"""What was delivered: small studies of our own, mistakes, and attacks by subtraction."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import prepare, study
from analysis.disclosure import decide, released
from analysis.errors import AnalystError
from analysis.prepare import schools as schools_table
from analysis.prepare import strands
from analysis.prepare.quality import Quality
from analysis.present import delivery as present
from analysis.present.page import Page
from analysis.results import COHORT, ledger
from analysis.statistics import delivery

HEAD = ["school", "date", "kind", "minutes"]
ROLES = [f"{kind}_{role}" for role in ("teacher", "cook") for kind in ("invited", "attended")]
PLAN = {
    "currency": "£",
    "kinds": [
        {"id": "launch", "label": "Launch", "sessions": 2, "minutes": 60},
        {"id": "coaching", "label": "Coaching"},
    ],
    "ratings": [{"id": "useful", "label": "Useful"}],
}


def make(
    folder: Path,
    sessions: Sequence[Mapping[str, Any]] = (),
    *,
    schools: Sequence[tuple[str, str, str]] = (("S1", "town", "100"), ("S2", "town", "50")),
    hours: str = "",
    costs: str = "",
    plan: Mapping[str, Any] | None = None,
    roles: bool = True,
    minimum: int = 5,
    groups: bool = False,
) -> study.Study:
    """A study of parents with a role that no other has; its only survey is read by nobody here."""
    folder.mkdir(parents=True, exist_ok=True)
    write(folder / "schools.csv", [
        {"id": name, "name": f"School {name}", "place": place, "pupils_on_roll": roll}
        for name, place, roll in schools
    ])  # fmt: skip
    files = {}
    if sessions:
        write(folder / "sessions.csv", sessions)
        files["sessions"] = "sessions.csv"
    for name, text in (("hours", hours), ("costs", costs)):
        if text:
            (folder / f"{name}.csv").write_text(text)
            files[name] = f"{name}.csv"
    if plan is not None:
        (folder / "delivery.yaml").write_text(yaml.safe_dump(dict(plan), allow_unicode=True))
        files["plan"] = "delivery.yaml"
    values = [{"id": "teacher", "label": "Teachers"}, {"id": "cook", "label": "Cooks"}]
    places = [{"id": place, "label": place} for place in dict.fromkeys(p for _, p, _ in schools)]
    content: dict[str, Any] = {
        "schema_version": 2, "id": "s", "title": "S", "programme": "it", "short": "S",
        "organisation": "N", "edition": {"id": "e", "date": "2020-07-01", "term": "t"},
        "waves": [{"id": "T1", "label": "Now", "start": "2019-09-01", "end": "2019-12-31"}],
        "populations": [{"id": "grown", "noun": "grown-ups", "minimum": minimum}],
        "groups": [{"id": "work", "of": "grown", "values": values}] if roles else [],
        "surveys": [{"id": "q", "label": "Q", "population": "grown", "instruments": ["scale"],
                     "headline": "scale.all", "exports": []}],
        "strands": {"delivery": files},
    }  # fmt: skip
    if groups:
        content["groups"].append({"id": "place", "of": "schools", "compare": True,
                                  "values": places})  # fmt: skip
    (folder / "study.yaml").write_text(yaml.safe_dump(content))
    return study.load(folder)


def write(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(dict.fromkeys(name for row in rows for name in row)))
        writer.writeheader()
        writer.writerows(rows)


def session(school: str = "S1", date: str = "2019-10-01", **more: Any) -> dict[str, Any]:
    return {"school": school, "date": date, "kind": "launch", "minutes": 60} | more


def prepared(found: study.Study) -> prepare.Prepared:
    table = schools_table.read(found)
    frames, documents = strands.read(found, table, Quality())
    return prepare.Prepared(found, {}, table, {}, frames, {}, documents)


def computed(found: study.Study) -> pd.DataFrame:
    data = prepared(found)
    functions = (
        delivery.sessions, delivery.attendance, delivery.leader, delivery.feedback,
        delivery.adaptation, delivery.hours, delivery.costs,
    )  # fmt: skip
    return ledger((result for each in functions for result in each(data)), "e")


def numbers(found: study.Study) -> dict[tuple[str, str], float]:
    rows = computed(found)
    return dict(zip(zip(rows["unit"], rows["id"], strict=True), rows["value"], strict=True))


def decided(found: study.Study) -> pd.DataFrame:
    return decide(computed(found), found, schools_table.read(found))


TWO = [
    session(invited_teacher=10, attended_teacher=8, invited_cook=2, attended_cook=2),
    session(date="2019-11-01", minutes=45, invited_teacher=10, attended_teacher=7,
            invited_cook=2, attended_cook=1, leader_present="yes", facilitator="F1",
            rating_useful=4.5, rated_useful=6, high_useful=5),
    session(date="2019-11-02", kind="coaching", minutes=30, leader_present="no"),
]  # fmt: skip


def test_reach_and_dose_of_two_schools_one_of_which_had_none(tmp_path: Path) -> None:
    found = numbers(make(tmp_path, TWO, plan=PLAN))
    sessions = "delivery.sessions.sessions"
    assert found[COHORT, f"{sessions}.all.all.all.count"] == 3
    assert found[COHORT, f"{sessions}.all.all.all.minutes"] == 135
    assert found[COHORT, f"{sessions}.all.all.all.none"] == 1
    assert found[COHORT, f"{sessions}.all.all.all.mean"] == 1.5
    assert found[COHORT, f"{sessions}.all.all.all.noted"] == 2
    assert found["S1", f"{sessions}.launch.all.all.count"] == 2
    assert found["S2", f"{sessions}.launch.all.all.count"] == 0
    assert found["S1", f"{sessions}.all.all.all.length"] == 45
    reach = "reach.sessions.attendance.all.all"
    assert found[COHORT, f"{reach}.teacher.invited"] == 20
    assert found[COHORT, f"{reach}.teacher.percent"] == 75
    assert found[COHORT, f"{reach}.cook.missed"] == 1
    assert found["S1", f"{reach}.all.attended"] == 18  # filled in from the roles
    assert ("S2", f"{reach}.all.attended") not in found
    # Of 12 people who could be in both sessions: 10 and 8 of them, for 60 and 45 minutes.
    assert found[COHORT, f"{reach}.all.minutes"] == pytest.approx((60 * 10 + 45 * 8) / 12)
    assert found[COHORT, "reach.sessions.leader.all.all.all.percent"] == 50
    assert found["S1", "reach.sessions.feedback.useful.all.all.mean"] == 4.5
    assert found["S1", "reach.sessions.feedback.useful.all.all.percent"] == pytest.approx(500 / 6)
    kept = "delivery.sessions.adaptation.launch.all.all"
    assert (found[COHORT, f"{kept}.full"], found[COHORT, f"{kept}.fewer"]) == (1, 1)
    assert (found["S1", f"{kept}.shorter"], found["S1", f"{kept}.as_long"]) == (1, 1)
    assert not [name for _, name in found if "f1" in name or "coaching.all.all.planned" in name]


def test_people_are_counted_once_however_often_they_were_invited(tmp_path: Path) -> None:
    rows = computed(make(tmp_path, TWO)).set_index(["unit", "id"])
    reach = "reach.sessions.attendance.all.all.all"
    assert rows.loc[("S1", f"{reach}.invited"), ["value", "n"]].tolist() == [24, 12]
    # At least 4 stayed away, those of the worst attended session, though 6 invitations were.
    assert rows.loc[("S1", f"{reach}.missed"), ["value", "numerator"]].tolist() == [6, 4]


def test_a_study_without_roles_and_one_without_numbers(tmp_path: Path) -> None:
    whole = make(tmp_path / "a", [session(invited=30, attended=20)], roles=False)
    found = numbers(whole)
    assert found[COHORT, "reach.sessions.attendance.all.all.all.invited"] == 30
    assert not [name for _, name in found if "not_said" in name]
    bare = numbers(make(tmp_path / "b", [session()]))
    assert bare[COHORT, "delivery.sessions.sessions.all.all.all.count"] == 1
    assert not [name for _, name in bare if name.startswith("reach")]
    assert numbers(make(tmp_path / "c")) == {}


def test_sessions_whose_roles_nobody_noted_are_a_part_of_their_own(tmp_path: Path) -> None:
    more = session(date="2019-12-01", invited=12, attended=11)
    found = numbers(make(tmp_path, [*TWO, more]))
    reach = "reach.sessions.attendance.all.all"
    assert found[COHORT, f"{reach}.work_not_said.invited"] == 12
    assert found[COHORT, f"{reach}.all.invited"] == 36


def test_hours_and_costs(tmp_path: Path) -> None:
    found = numbers(
        make(
            tmp_path,
            hours="school,term,facilitator_hours,staff_hours\nS1,a,3.5,\nS1,b,4,10\nS2,a,1,\n",
            costs="school,item,amount\nS1,cover,300\nS1,room,50.50\nS2,cover,100\n,printing,150\n",
            plan=PLAN,
        )
    )
    assert found["S1", "delivery.hours.hours.facilitator.all.all.sum"] == 7.5
    assert found[COHORT, "delivery.hours.hours.facilitator.all.all.mean"] == 4.25
    assert found[COHORT, "delivery.hours.hours.staff.all.all.mean"] == 10
    cost = "delivery.costs.cost"
    assert found[COHORT, f"{cost}.all.all.all.sum"] == 600.5
    assert found[COHORT, f"{cost}.all.all.all.per_pupil"] == pytest.approx(600.5 / 150)
    assert found[COHORT, f"{cost}.shared.all.all.sum"] == 150
    assert found[COHORT, f"{cost}.printing.all.all.sum"] == 150
    assert found["S1", f"{cost}.all.all.all.per_pupil"] == pytest.approx(3.505)
    assert found[COHORT, f"{cost}.all.all.all.lowest"] == 100


def test_what_is_shared_is_in_no_group_and_items_are_not_by_group(tmp_path: Path) -> None:
    found = numbers(make(tmp_path, schools=SIX, groups=True, costs=COSTS, plan=PLAN))
    cost = "delivery.costs.cost"
    assert found[COHORT, f"{cost}.all.all.all.sum"] == 1750
    assert [found[COHORT, f"{cost}.all.all.{place}.sum"] for place in ("town", "village")] == [
        600, 900,
    ]  # fmt: skip
    assert (COHORT, f"{cost}.cover.all.town.sum") not in found


def test_no_cost_of_a_pupil_where_one_school_has_no_roll(tmp_path: Path) -> None:
    costs = "school,item,amount\nS1,cover,300\nS2,cover,100\n"
    some = make(tmp_path, costs=costs, plan=PLAN, schools=[("S1", "x", "100"), ("S2", "x", "")])
    found = numbers(some)
    assert ("S1", "delivery.costs.cost.all.all.all.per_pupil") in found
    assert (COHORT, "delivery.costs.cost.all.all.all.per_pupil") not in found


@pytest.mark.parametrize(
    ("row", "message", "column"),
    [
        ({"school": "S9"}, "'S9' is not in schools.csv", "school"),
        ({"date": ""}, "has no date", "date"),
        ({"date": "1 May"}, "cannot be read as a date", "date"),
        ({"date": "2018-05-01"}, "outside the study", "date"),
        ({"date": "2020-07-02"}, "outside the study", "date"),
        ({"kind": ""}, "has no kind", "kind"),
        ({"kind": "party"}, "'party' is not in kinds of delivery.yaml, which has coaching, launch", "kind"),
        ({"minutes": ""}, "has no minutes", "minutes"),
        ({"minutes": "-5"}, "not a whole number", "minutes"),
        ({"minutes": "0"}, "0 minutes", "minutes"),
        ({"invited": 5, "attended": 6}, "attended is 6, but invited is only 5", "attended"),
        ({"invited_cook": 1, "attended_cook": 2}, "attended_cook is 2", "attended_cook"),
        ({"attended": "many"}, "not a whole number", "attended"),
        ({"invited_nurse": 1, "attended_nurse": 1}, "does not list", "invited_nurse"),
        ({"atended": 1}, "is no column of this table", "atended"),
        ({"invited_cook": 1}, "and none 'attended_cook'", "invited_cook"),
        ({"leader_present": "perhaps"}, "not in the list yes, no", "leader_present"),
        ({"facilitator": "Jo Brown"}, "more than a code", "facilitator"),
        ({"rating_useful": 4, "rated_useful": ""}, "do not fit", "rating_useful"),
        ({"rating_useful": 6, "rated_useful": 3}, "a mean of 1 to 5", "rating_useful"),
        ({"rating_useful": "4,5", "rated_useful": 3}, "not a number", "rating_useful"),
        ({"rating_useful": 4}, "how many people gave", ""),
        ({"rating_fun": 4, "rated_fun": 3}, "no question of the feedback", "rating_fun"),
        ({"rating_useful": 4, "rated_useful": 3, "invited": 2, "attended": 2}, "rated_useful is 3",
         "rated_useful"),
        ({"rating_useful": 4, "rated_useful": 3, "high_useful": 4}, "high_useful is 4",
         "high_useful"),
        ({"rating_useful": 4.9, "rated_useful": 4, "high_useful": 1}, "mean cannot be",
         "high_useful"),
    ],
)  # fmt: skip
def test_mistakes_are_refused_with_file_row_and_column(
    row: dict[str, Any], message: str, column: str, tmp_path: Path
) -> None:
    with pytest.raises(AnalystError, match=message) as refused:
        prepared(make(tmp_path, [session(**row)], plan=PLAN))
    where = refused.value.where
    assert "sessions.csv" in where
    assert "row 2" in where or "row 1" in where
    assert column in where
    assert "Brown" not in str(refused.value)


def test_numbers_by_role_must_fit(tmp_path: Path) -> None:
    roles = dict.fromkeys(ROLES, 3)
    with pytest.raises(AnalystError, match="roles add up to 6"):
        prepared(make(tmp_path, [session(**roles, invited=7, attended=6)]))
    with pytest.raises(AnalystError, match="others are not") as refused:
        prepared(make(tmp_path, [session(**roles), session(**(roles | {"attended_cook": ""}),
                                                           date="2019-10-02")]))  # fmt: skip
    assert "row 3, column attended_cook" in refused.value.where
    with pytest.raises(AnalystError, match="twice"):
        prepared(make(tmp_path, [session(), session()]))
    assert prepared(make(tmp_path, [session(session=1), session(session=2)]))


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"hours": "school,facilitator_hours\nS1,\n"}, "no hours at all"),
        ({"hours": "school,facilitator_hours,cook_hours\nS1,1,2\n"}, "no column of this table"),
        ({"hours": "school,facilitator_hours\nS1,-2\n"}, "not a number of 0 or more"),
        ({"costs": "school,item,amount\nS1,cover,5\n"}, "in which currency"),
        ({"costs": "school,item,amount\nS1,cover,£5\n", "plan": PLAN}, "not a number"),
        ({"costs": "school,item,amount\nS1,cover,\n", "plan": PLAN}, "no amount"),
        ({"costs": "school,item,amount\nS7,cover,5\n", "plan": PLAN}, "'S7' is not in"),
        ({"costs": "school,item,amount\nS1,cover,5\nS1,cover,6\n", "plan": PLAN}, "twice"),
        ({"plan": {"kinds": [{"id": "all", "label": "x"}]}, "hours": "school,staff_hours\nS1,1\n"},
         "taken"),
        ({"plan": {"kind": []}, "hours": "school,staff_hours\nS1,1\n"}, "kind"),
    ],
)  # fmt: skip
def test_mistakes_in_other_files_are_refused(
    files: dict[str, Any], message: str, tmp_path: Path
) -> None:
    with pytest.raises(AnalystError, match=message):
        prepared(make(tmp_path, **files))


def many(*numbers: tuple[str, int, int], **more: Any) -> list[dict[str, Any]]:
    """One session in each school: who was invited and who came."""
    return [session(name, invited=i, attended=a, **more) for name, i, a in numbers]


def state(rows: pd.DataFrame, unit: str, group: str = "all", analysis: str = "attendance") -> str:
    found = rows[(rows["unit"] == unit) & (rows["group"] == group)
                 & (rows["analysis"] == analysis) & (rows["measure"] == "all")]  # fmt: skip
    assert found["release"].nunique() == 1, found[["id", "release", "reason"]]
    return str(found["release"].iloc[0])


def test_few_people_and_single_absentees_are_withheld(tmp_path: Path) -> None:
    places = [(f"S{n}", "town", "9") for n in range(1, 7)]
    rows = decided(
        make(
            tmp_path,
            many(("S1", 4, 4), ("S2", 30, 28), ("S3", 30, 2), ("S4", 30, 30), ("S5", 30, 20),
                 ("S6", 30, 10)),
            schools=places,
        )
    )  # fmt: skip
    states = {unit: state(rows, unit) for unit, _, _ in places}
    assert states == {"S1": "suppressed", "S2": "suppressed", "S3": "suppressed",
                      "S4": "released", "S5": "released", "S6": "released"}  # fmt: skip
    assert state(rows, COHORT) == "released"
    assert state(rows, "S1", analysis="sessions") == "released"


def test_one_who_was_always_absent_is_one_person(tmp_path: Path) -> None:
    held = [session(date=f"2019-10-0{n}", invited=12, attended=11) for n in range(1, 5)]
    rows = decided(make(tmp_path, held))
    assert state(rows, "S1") == "suppressed"


def test_no_school_is_found_by_taking_the_others_from_the_programme(tmp_path: Path) -> None:
    places = [(f"S{n}", "town", "9") for n in range(1, 6)]
    held = many(("S1", 30, 29), ("S2", 12, 6), ("S3", 30, 20), ("S4", 30, 20), ("S5", 30, 20))
    rows = decided(make(tmp_path, held, schools=places))
    # Only S1 is too small, but the programme less all others would tell: the next goes, too.
    assert [state(rows, unit) for unit, _, _ in places] == ["suppressed"] * 2 + ["released"] * 3
    reason = rows.loc[(rows["unit"] == "S2") & (rows["analysis"] == "attendance"), "reason"]
    assert (reason == "would give others away").all()


@pytest.mark.parametrize(
    "few",
    [
        [("S1", 2, 0), ("S2", 2, 0)],  # four people together
        [("S1", 4, 1), ("S2", 4, 0)],  # eight, of whom one came
        [("S1", 4, 4), ("S2", 4, 3)],  # eight, of whom one did not
    ],
)
def test_two_schools_that_together_tell_of_few_take_a_third_with_them(
    tmp_path: Path, few: list[tuple[str, int, int]]
) -> None:
    places = [(f"S{n}", "town", "9") for n in range(1, 6)]
    held = many(*few, ("S3", 15, 9), ("S4", 30, 20), ("S5", 30, 20))
    rows = decided(make(tmp_path, held, schools=places))
    assert [state(rows, unit) for unit, _, _ in places] == ["suppressed"] * 3 + ["released"] * 2
    assert state(rows, COHORT) == "released"


def test_two_groups_of_one_school_each_take_a_third_with_them(tmp_path: Path) -> None:
    kinds = ["special", "nursery", *["town"] * 3, *["village"] * 4]
    places = [(f"S{n}", place, "9") for n, place in enumerate(kinds, 1)]
    held = many(*[(name, 40, 20) for name, _, _ in places])
    rows = decided(make(tmp_path, held, schools=places, groups=True))
    states = {group: state(rows, COHORT, group) for group in dict.fromkeys(kinds)}
    assert states == {"special": "suppressed", "nursery": "suppressed", "town": "suppressed",
                      "village": "released"}  # fmt: skip


def test_no_school_is_found_by_taking_the_others_from_its_group(tmp_path: Path) -> None:
    places = [(f"S{n}", "town" if n < 5 else "village", "9") for n in range(1, 9)]
    held = many(("S1", 30, 29), *[(f"S{n}", 20 + n, 10) for n in range(2, 9)])
    rows = decided(make(tmp_path, held, schools=places, groups=True))
    hidden = {unit for unit, _, _ in places if state(rows, unit) == "suppressed"}
    assert hidden == {"S1", "S2"}
    assert state(rows, COHORT, "town") == "released"


def test_no_group_of_schools_is_found_by_subtraction(tmp_path: Path) -> None:
    places = [(f"S{n}", place, "9") for n, place in
              enumerate(["town"] * 4 + ["village"] * 3 + ["special"], 1)]  # fmt: skip
    held = many(*[(name, 40, 20) for name, _, _ in places])
    costs = "school,item,amount\n" + "".join(f"{name},cover,10\n" for name, _, _ in places)
    found = make(tmp_path, held, schools=places, groups=True, costs=costs, plan=PLAN)
    rows = decided(found)
    for analysis in ("attendance", "sessions", "cost"):
        states = [state(rows, COHORT, g, analysis) for g in ("town", "village", "special")]
        assert states == ["released", "suppressed", "suppressed"], analysis
    assert state(rows, "S8", analysis="cost") == "released"


def test_no_role_is_found_by_subtraction(tmp_path: Path) -> None:
    places = [(f"S{n}", "town", "9") for n in range(1, 5)]
    held = [session(name, invited_teacher=20, attended_teacher=10, invited_cook=1,
                    attended_cook=1) for name, _, _ in places]  # fmt: skip
    rows = decided(make(tmp_path, held, schools=places))
    assert state(rows, COHORT, "cook") == "suppressed"
    assert state(rows, COHORT, "teacher") == "suppressed"
    assert state(rows, COHORT) == "released"


def test_no_item_of_costs_is_found_by_subtraction(tmp_path: Path) -> None:
    places = [(f"S{n}", "town", "9") for n in range(1, 5)]
    costs = "school,item,amount\n" + "".join(
        f"{name},cover,10\n{name},room,4\n" for name, _, _ in places
    )
    rows = decided(
        make(tmp_path, costs=costs + "S1,taxi,50\n", schools=places, plan=PLAN)
    ).set_index(["unit", "id"])["release"]
    at = "delivery.costs.cost.{}.all.all.sum"
    assert rows[COHORT, at.format("all")] == "released"
    shown = [rows[COHORT, at.format(item)] for item in ("taxi", "cover", "room")]
    assert shown == ["suppressed", "suppressed", "released"]
    assert rows["S1", at.format("taxi")] == "released"


def test_costs_of_two_schools_stay_theirs(tmp_path: Path) -> None:
    rows = decided(make(tmp_path, costs="school,item,amount\nS1,a,1\nS2,a,2\n", plan=PLAN))
    assert (rows.loc[rows["unit"] == COHORT, "release"] == "suppressed").all()
    assert (rows.loc[rows["unit"] != COHORT, "release"] == "released").all()


def page(found: study.Study, unit: str = COHORT) -> Page:
    data = prepared(found)
    return Page(study=found, unit=unit, released=released(decided(found)).of(COHORT, unit),
                schools=data.schools, texts=pd.DataFrame({"kind": []}), instruments={},
                documents=data.documents)  # fmt: skip


def told(shown: Any) -> str:
    """What a cell shows, without the marks that keep Markdown from reading it."""
    return "" if shown is None else shown.markdown().replace("\\", "")


EVERYTHING = (
    present.said, present.delivered, present.reach, present.adaptation, present.feedback,
    present.hours, present.costs, present.chart,
)  # fmt: skip
SIX = [(f"S{n}", "town" if n < 4 else "village", "100") for n in range(1, 7)]
FULL = [
    session(name, invited_teacher=20, attended_teacher=15, invited_cook=10, attended_cook=6,
            leader_present="yes" if name != "S1" else "no", rating_useful=4.0, rated_useful=12)
    for name, _, _ in SIX[:5]
]  # fmt: skip
COSTS = "school,item,amount\n" + "".join(f"{name},cover,{n}00\n" for n, (name, _, _) in
                                         enumerate(SIX[:5], 1)) + ",print,250\n"  # fmt: skip


def test_the_programme_and_a_school_say_what_was_delivered(tmp_path: Path) -> None:
    found = make(tmp_path, FULL, schools=SIX, groups=True, costs=COSTS, plan=PLAN)
    said = told(present.said(page(found)))
    assert "5 sessions were held in 5 of 6 schools, 300 minutes in all" in said
    assert "0.8 sessions for each school, from 0 to 1 in one" in said
    assert "70% of 150 invitations were taken up" in said
    # One session without a leader would be one leader.
    assert "leader" not in said
    assert (
        "It cost £1,750 in all, £350 for each school that had any cost and £3.50 for each child"
        in said
    )
    reach = present.reach(page(found))
    assert reach is not None
    assert "sessions of it" in reach.caption
    assert "| Cooks | 50 | 30 | 60 |" in told(reach)
    assert "| All | 150 | 105 | 70 |" in told(reach)
    # A group of two schools, and with it the other.
    assert "| town | [c] | [c] | [c] |" in told(reach)
    kept = told(present.adaptation(page(found)))
    assert "| Launch | 2 | 0 | 6 | 60 | 5 | 0 |" in kept
    costs = told(present.costs(page(found)))
    assert "| All | 1,750 | 350 | 100 to 500 | 3.50 |" in costs
    own = told(present.said(page(found, "S2")))
    assert "One session was held in this school, 60 minutes in all" in own
    assert "70% of 30 invitations were taken up" in own
    assert "It cost £200 in this school, £2.00 for each child on roll" in own
    assert "| All | 200 | 2.00 | 3.00 |" in told(present.costs(page(found, "S2")))
    assert "Cooks" not in told(present.reach(page(found, "S2")))
    chart = present.chart(page(found, "S2"))
    assert chart is not None
    assert "Launch: This school 1, Programme 0.8, Planned 2" in chart.alt


def test_a_school_without_sessions_and_a_study_without_any_show_nothing(tmp_path: Path) -> None:
    found = make(tmp_path / "a", FULL, schools=SIX, costs=COSTS, plan=PLAN)
    empty = page(found, "S6")
    assert told(present.said(empty)) == "No session in this school was reported.\n"
    assert [each.__name__ for each in EVERYTHING if each(empty)] == ["said"]
    nothing = page(make(tmp_path / "b", plan=PLAN, costs="school,item,amount\nS1,a,1\n"))
    assert not [each.__name__ for each in EVERYTHING if each(nothing)]


def test_a_school_whose_numbers_are_withheld_is_told_so(tmp_path: Path) -> None:
    held = [*FULL[:4], session("S5", invited=30, attended=29)]
    found = make(tmp_path, held, schools=SIX)
    assert "How many of those invited came is withheld" in told(present.said(page(found, "S5")))
    assert "29" not in told(present.reach(page(found, "S5")))


def test_no_facilitator_is_shown_anywhere(tmp_path: Path) -> None:
    held = [row | {"facilitator": "QX7"} for row in FULL]
    found = make(tmp_path, held, schools=SIX, costs=COSTS, plan=PLAN)
    assert "QX7" not in computed(found).to_csv()
    for unit in (COHORT, "S1"):
        shown = page(found, unit)
        assert "QX7" not in "".join(told(each(shown)) for each in EVERYTHING[:-1])


COUNT = st.tuples(st.integers(0, 15), st.integers(0, 15)).map(lambda pair: (max(pair), min(pair)))
HELD = st.lists(
    st.tuples(st.integers(1, 4), st.integers(1, 120), COUNT, COUNT), min_size=1, max_size=12
)


@settings(max_examples=30)
@given(HELD)
def test_parts_add_up_to_their_whole(held: list[tuple[int, int, Any, Any]]) -> None:
    places = [(f"S{n}", "town" if n < 3 else "village", "9") for n in range(1, 5)]
    rows = [
        session(f"S{school}", f"2019-10-{place:02d}", minutes=minutes,
                kind="launch" if place % 2 else "coaching",
                invited_teacher=a[0], attended_teacher=a[1], invited_cook=b[0], attended_cook=b[1])
        for place, (school, minutes, a, b) in enumerate(held, 1)
    ]  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        found = make(Path(folder), rows, schools=places, groups=True)
        values = computed(found)
    table = values.set_index(["unit", "analysis", "measure", "group", "statistic"])["value"]

    def of(unit: str, analysis: str, measure: str, group: str, statistic: str) -> float:
        return float(table.get((unit, analysis, measure, group, statistic), 0.0))

    for statistic, total in (("count", len(held)), ("minutes", sum(row[1] for row in held))):
        at = (COHORT, "sessions", "all", "all", statistic)
        assert of(*at) == total
        for parts in (
            [(unit, "sessions", "all", "all", statistic) for unit, _, _ in places],
            [(COHORT, "sessions", kind, "all", statistic) for kind in ("launch", "coaching")],
            [(COHORT, "sessions", "all", group, statistic) for group in ("town", "village")],
        ):
            assert sum(of(*part) for part in parts) == total
    for statistic in ("invited", "attended", "missed"):
        whole = of(COHORT, "attendance", "all", "all", statistic)
        for parts in (
            [(unit, "all") for unit, _, _ in places],
            [(COHORT, group) for group in ("town", "village")],
            [(COHORT, role) for role in ("teacher", "cook", "work_not_said")],
        ):
            assert sum(
                of(unit, "attendance", "all", group, statistic) for unit, group in parts
            ) == pytest.approx(whole)


@settings(max_examples=30)
@given(HELD, st.integers(5, 8))
def test_what_is_shown_tells_of_no_part_that_is_not(
    held: list[tuple[int, int, Any, Any]], minimum: int
) -> None:
    places = [(f"S{n}", "town", "9") for n in range(1, 5)]
    rows = [
        session(f"S{school}", f"2019-10-{place:02d}", invited=a[0], attended=a[1])
        for place, (school, _, a, _) in enumerate(held, 1)
    ]
    with tempfile.TemporaryDirectory() as folder:
        found = make(Path(folder), rows, schools=places, minimum=minimum)
        shown = decided(found)
    reach = shown[shown["analysis"] == "attendance"]
    reach = reach[(reach["group"] == "all") & (reach["statistic"] != "minutes")]
    for _, part in reach.groupby("unit"):
        assert part["release"].nunique() == 1
    total = reach[reach["unit"] == COHORT]
    if total.empty or (total["release"] != "released").any():
        return
    own = reach[reach["unit"] != COHORT]
    rest = own[own["release"] != "released"]
    if rest.empty:
        return
    # The attack: the programme less every school that is shown.
    by = {name: each["value"].sum() for name, each in rest.groupby("statistic")}
    assert rest["unit"].nunique() > 1
    for side in ("attended", "missed"):
        assert by[side] == 0 or by[side] > 2
