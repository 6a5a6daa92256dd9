"""What was delivered, to whom, how, and at what cost: reach, dose, adaptation, feedback, costs.

The terms are those of process evaluation (Moore et al., 2015, BMJ 350:h1258): *dose* is how much
was delivered, *reach* how many of those it was meant for came, *adaptation* how it departed from
what was planned.

Results about schools (sessions, minutes, hours, costs) have the number of schools as their ``n``.
Results about people come from a source of their own and have as their ``n`` how many people they
rest on *at least*: nobody is named in a table of sessions, so one person may have been at all
sessions of a school, and the most who were invited to any one of them is all that is certain. For
the same reason the numbers who came and who stayed away carry, as their numerator, how many people
that were at least. The release rules see one absent person, then, however often they were absent.

Schools are divided as the study compares them, and those of which no group is said make a part of
their own (``…_not_said``), as do sessions whose roles nobody noted: the parts of a whole always
add up to it, for readers and for the release rules.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import pandas as pd

from analysis import strands as registry
from analysis.prepare import Prepared
from analysis.prepare.delivery import ALL, HIGH, RATED, RATING, SHARED, Plan, roles
from analysis.results import COHORT, Result
from analysis.words import slug

DELIVERY = registry.strand("delivery")
SOURCE = DELIVERY.source
PEOPLE = DELIVERY.sources[1].id
#: Nothing in a delivery belongs to a wave.
WAVE = "all"
PUPILS = "pupils_on_roll"


class _Of(NamedTuple):
    """A unit, and a group in it: how many schools these are, and sums over their rows."""

    unit: str
    group: str
    schools: int
    sums: dict[str, float]
    rows: pd.DataFrame | None


def sessions(prepared: Prepared) -> Iterator[Result]:
    """Dose: sessions held and their minutes, of all kinds and of each, by unit.

    Over schools also how many schools had any and none, the mean over all schools, the fewest and
    the most that one had, and of how many sessions somebody noted who was invited and who came.
    ``length`` is the mean length of a session.
    """
    frame = prepared.strands.get("sessions")
    if frame is None:
        return
    counted = pd.DataFrame(
        {
            "school": frame["school"],
            "count": 1.0,
            "minutes": frame["minutes"],
            "noted": frame[list(registry.ATTENDANCE)].notna().all(axis=1).astype("float64"),
        }
    )
    for measure, rows in _with_all(counted, frame["kind"]):
        for of in _units(prepared, rows.groupby("school").sum(), every=True):
            at = _at(of, "sessions", measure)
            count, minutes = of.sums["count"], of.sums["minutes"]
            yield Result(**at, statistic="count", value=count, method="sessions held")
            yield Result(**at, statistic="minutes", value=minutes, method="sum of lengths")
            if count:
                mean = "mean length of a session, minutes"
                yield Result(**at, statistic="length", value=minutes / count, method=mean)
            if of.rows is not None:
                yield from _over_schools(at, of.rows["count"], minutes)
                if measure == ALL:
                    noted = of.sums["noted"]
                    yield Result(**at, statistic="noted", value=noted, numerator=noted,
                                 denominator=count,
                                 method="sessions of which it was noted who was invited and came")  # fmt: skip


def _over_schools(at: dict[str, Any], held: pd.Series, minutes: float) -> Iterator[Result]:
    base, some = float(len(held)), float((held > 0).sum())
    for name, value, words in (
        ("schools", some, "schools with a session"),
        ("none", base - some, "schools without a session"),
    ):
        yield Result(**at, statistic=name, value=value, numerator=value, denominator=base,
                     method=words)  # fmt: skip
    for name, value, words in (
        ("mean", held.sum() / base, "sessions for each school, those without included"),
        ("minutes_mean", minutes / base, "minutes for each school"),
        ("fewest", held.min(), "fewest sessions in one school"),
        ("most", held.max(), "most sessions in one school"),
    ):
        yield Result(**at, statistic=name, value=float(value), method=words)


def attendance(prepared: Prepared) -> Iterator[Result]:
    """Reach: invitations to sessions, and how many were taken up.

    By unit, and for the programme by role; one person counts as often as they were invited. Only
    sessions of which both numbers were noted. For the programme also the minutes that somebody who
    was invited spent in sessions at most: over the least number of people that is certain.
    """
    frame = prepared.strands.get("sessions")
    if frame is None:
        return
    noted = frame.dropna(subset=list(registry.ATTENDANCE))
    by_school = _invitations(noted, *registry.ATTENDANCE)
    for of in _units(prepared, by_school):
        yield from _came(of)
    split = roles(prepared.study, frame.columns)
    if split is not None:
        columns = {value: [f"{each}_{value}" for each in registry.ATTENDANCE]
                   for value in split.ids if f"invited_{value}" in frame}  # fmt: skip
        said = noted[[name for pair in columns.values() for name in pair]].notna().all(axis=1)
        for value, (invited, attended) in columns.items():
            yield from _came(_whole(_invitations(noted[said], invited, attended), split.key(value)))
        rest = _invitations(noted[~said], *registry.ATTENDANCE)
        yield from _came(_whole(rest, split.not_said))
    everybody = _whole(by_school, ALL)
    if everybody.sums.get("people"):
        yield Result(
            **_about(everybody, "attendance", ALL, "people"),
            statistic="minutes",
            value=everybody.sums["spent"] / everybody.sums["people"],
            method="minutes times attendances, over the most invited to one session of a school",
        )


def _invitations(noted: pd.DataFrame, invited: str, attended: str) -> pd.DataFrame:
    """By school, invitations taken up or not, and how many people that were at least."""
    asked = noted[noted[invited] > 0]
    missed = asked[invited] - asked[attended]
    by = asked["school"]
    return pd.DataFrame(
        {
            "invited": asked[invited].groupby(by).sum(),
            "attended": asked[attended].groupby(by).sum(),
            "people": asked[invited].groupby(by).max(),
            "came": asked[attended].groupby(by).max(),
            "away": missed.groupby(by).max(),
            "spent": (asked["minutes"] * asked[attended]).groupby(by).sum(),
        }
    )


def _came(of: _Of) -> Iterator[Result]:
    if not of.schools:
        return
    at = _about(of, "attendance", ALL, "people")
    invited, attended = of.sums["invited"], of.sums["attended"]
    yield Result(**at, statistic="invited", value=invited, method="invitations to sessions")
    for name, value, people, words in (
        ("attended", attended, of.sums["came"], "invitations taken up"),
        ("missed", invited - attended, of.sums["away"], "invitations not taken up"),
    ):
        yield Result(**at, statistic=name, value=value, numerator=people,
                     method=f"{words}; numerator: of so many people at least")  # fmt: skip
    yield Result(**at, statistic="percent", value=100 * attended / invited, numerator=attended,
                 denominator=invited, method="share of invitations taken up")  # fmt: skip


def leader(prepared: Prepared) -> Iterator[Result]:
    """In how many sessions a leader of the school took part, of those of which it was noted.

    About one or two people in a school, so over schools only; ``n`` is the number of schools.
    """
    frame = prepared.strands.get("sessions")
    if frame is None:
        return
    noted = frame[frame["leader_present"] != ""]
    yes = (noted["leader_present"] == "yes").astype("float64")
    counted = pd.DataFrame({"school": noted["school"], "there": yes, "held": 1.0})
    for of in _units(prepared, counted.groupby("school").sum().assign(one=1.0)):
        if of.unit != COHORT:
            continue
        there, held = of.sums["there"], of.sums["held"]
        at = _about(of, "leader", ALL, "one")
        for statistic, value in (("count", there), ("percent", 100 * there / held)):
            yield Result(**at, statistic=statistic, value=value, numerator=there,
                         denominator=held, method="sessions with a leader of the school")  # fmt: skip


def feedback(prepared: Prepared) -> Iterator[Result]:
    """What feedback forms said: mean rating, and the share of those who gave 4 or 5.

    A mean over sessions weighs each by its forms. The share is of the forms of those sessions in
    which the high ratings were counted.
    """
    frame = prepared.strands.get("sessions")
    if frame is None:
        return
    for column in (name for name in frame.columns if str(name).startswith(RATING)):
        question = str(column).removeprefix(RATING)
        given = frame[frame[RATED + question] > 0]
        forms = given[RATED + question]
        good = given.get(HIGH + question, pd.Series(index=given.index, dtype="float64"))
        by = given["school"]
        by_school = pd.DataFrame(
            {
                "forms": forms.groupby(by).sum(),
                "people": forms.groupby(by).max(),
                "points": (given[column] * forms).groupby(by).sum(),
                "good": good.groupby(by).sum(),
                "counted": forms.where(good.notna(), 0.0).groupby(by).sum(),
            }
        )
        for of in _units(prepared, by_school):
            at, total = _about(of, "feedback", slug(question), "people"), of.sums["forms"]
            mean = of.sums["points"] / total
            yield Result(**at, statistic="rated", value=total, method="feedback forms")
            yield Result(**at, statistic="mean", value=mean, method="mean over feedback forms")
            if of.sums["counted"]:
                high, counted = of.sums["good"], of.sums["counted"]
                yield Result(**at, statistic="percent", value=100 * high / counted, numerator=high,
                             denominator=counted, method="share of forms with 4 or 5")  # fmt: skip


def adaptation(prepared: Prepared) -> Iterator[Result]:
    """Sessions of each kind against the plan of delivery, where it says how many or how long.

    Over schools how many had as many as planned and how many fewer; everywhere how many sessions
    were as long as planned and how many shorter.
    """
    frame = prepared.strands.get("sessions")
    if frame is None:
        return
    for kind in Plan.model_validate(prepared.documents.get("delivery_plan", {})).kinds:
        found = frame[frame["kind"] == kind.id]
        short = (found["minutes"] < (kind.minutes or 0)).astype("float64")
        counted = pd.DataFrame({"school": found["school"], "count": 1.0, "short": short})
        for of in _units(prepared, counted.groupby("school").sum(), every=True):
            at = _at(of, "adaptation", kind.id)
            if kind.sessions is not None:
                yield Result(**at, statistic="planned", value=float(kind.sessions),
                             method="planned for each school")  # fmt: skip
                if of.rows is not None:
                    base = float(of.schools)
                    fewer = float((of.rows["count"] < kind.sessions).sum())
                    for name, value, words in (
                        ("full", base - fewer, "schools with as many as planned, or more"),
                        ("fewer", fewer, "schools with fewer than planned"),
                    ):
                        yield Result(**at, statistic=name, value=value, numerator=value,
                                     denominator=base, method=words)  # fmt: skip
            if kind.minutes is not None:
                shorter = of.sums["short"]
                for name, value, words in (
                    ("planned_minutes", float(kind.minutes), "planned length"),
                    ("as_long", of.sums["count"] - shorter, "sessions at least as long as planned"),
                    ("shorter", shorter, "sessions shorter than planned"),
                ):
                    yield Result(**at, statistic=name, value=value, method=words)


def hours(prepared: Prepared) -> Iterator[Result]:
    """Hours of facilitators and of school staff: the sum, and over schools the mean of a school.

    Of the schools that gave any.
    """
    frame = prepared.strands.get("delivery_hours")
    if frame is None:
        return
    for column in registry.table("delivery_hours").decimals:
        by_school = frame.dropna(subset=[column]).groupby("school")[[column]].sum()
        for of in _units(prepared, by_school):
            at, total = _at(of, "hours", column.removesuffix("_hours")), of.sums[column]
            yield Result(**at, statistic="sum", value=total, method="sum of hours")
            if of.rows is not None:
                yield Result(**at, statistic="mean", value=total / of.schools,
                             method="hours for each school that gave them")  # fmt: skip


def costs(prepared: Prepared) -> Iterator[Result]:
    """Costs, in all and by item, for each school and for each pupil on roll.

    What no one school caused (no school is named) counts for the programme only, in its total and
    in what a school and a pupil cost; ``shared`` is the sum of that. Costs of a school are over the
    schools that have any; those of a pupil stand only where all of these say how many are on roll,
    since the difference would be what one of them cost. ``lowest`` and ``highest`` are what one
    school cost by itself. By item for the programme and each school, not for groups of schools:
    both divisions together could be solved for one school.
    """
    frame = prepared.strands.get("delivery_costs")
    if frame is None:
        return
    pupils = pd.Series(math.nan, index=prepared.schools["id"])
    if PUPILS in prepared.schools:
        pupils = pd.to_numeric(prepared.schools[PUPILS], errors="coerce")
    pupils = pupils.where(pupils > 0)
    total = frame.loc[frame["school"] == "", "amount"].sum()
    nobody = _Of(COHORT, ALL, len(pupils), {"amount": 0.0, "roll": pupils.sum(skipna=False)}, None)
    if total:
        yield Result(**_at(nobody, "cost", SHARED), statistic="sum", value=float(total),
                     method="costs that no one school caused")  # fmt: skip
    for measure, found in _with_all(frame[["school", "amount"]], frame["item"]):
        shared = float(found.loc[found["school"] == "", "amount"].sum())
        own = found[found["school"] != ""].groupby("school")[["amount"]].sum()
        if own.empty:
            yield from _cost(nobody, measure, shared)
        for of in _units(prepared, own.join(pupils.to_frame("roll"))):
            if measure == ALL or of.group == ALL:
                yield from _cost(of, measure, shared if (of.unit, of.group) == (COHORT, ALL) else 0)


def _cost(of: _Of, measure: str, shared: float) -> Iterator[Result]:
    at = _at(of, "cost", measure)
    own, pupils = of.sums["amount"], of.sums["roll"]
    total = own + shared
    yield Result(**at, statistic="sum", value=total, method="sum of costs")
    if of.unit == COHORT:
        each = "costs for each school that has any of its own, or for each of all"
        yield Result(**at, statistic="mean", value=total / of.schools, method=each)
    if not math.isnan(pupils):
        yield Result(**at, statistic="per_pupil", value=total / pupils, numerator=total,
                     denominator=pupils, method="sum of costs over children on roll")  # fmt: skip
    if of.rows is None:
        return
    for name, value, words in (
        ("lowest", of.rows["amount"].min(), "lowest costs of one school"),
        ("highest", of.rows["amount"].max(), "highest costs of one school"),
    ):
        yield Result(**at, statistic=name, value=float(value), method=words)
    if not math.isnan(pupils):
        yield Result(**at, statistic="own_per_pupil", value=own / pupils,
                     method="the same without what no one school caused")  # fmt: skip


def _with_all(frame: pd.DataFrame, words: pd.Series) -> Iterator[tuple[str, pd.DataFrame]]:
    """All rows, then those of each kind or item, by its name in ids."""
    yield ALL, frame
    for name, rows in frame.groupby(words.map(slug), sort=True):
        yield str(name), rows


def _whole(by_school: pd.DataFrame, group: str) -> _Of:
    """Everything that a table says by school, as one group of the programme."""
    return _Of(COHORT, group, len(by_school), _sums(by_school), by_school)


def _units(prepared: Prepared, by_school: pd.DataFrame, *, every: bool = False) -> Iterator[_Of]:
    """The programme, its groups of schools (and those of no group), and each school.

    ``by_school`` has one row for each school that has any; with ``every``, all others have zeros.
    """
    ids = prepared.schools["id"]
    if every:
        by_school = by_school.reindex(ids, fill_value=0.0)
    if by_school.empty:
        return
    yield _whole(by_school, ALL)
    phases = prepared.study.phases
    if phases is not None:
        for value, rows in by_school.groupby(prepared.schools[phases.column], sort=True):
            group = phases.key(str(value)) if value else phases.not_said
            yield _whole(rows, group)
    for school, sums in by_school.reindex(ids[ids.isin(by_school.index)]).to_dict("index").items():
        yield _Of(str(school), ALL, 1, {str(k): float(v) for k, v in sums.items()}, None)


def _sums(by_school: pd.DataFrame) -> dict[str, float]:
    """Sums over schools; one that is not known makes the sum unknown."""
    sums = by_school.sum(skipna=False)
    return {str(name): float(value) for name, value in sums.items()}


def _at(of: _Of, analysis: str, measure: str) -> dict[str, Any]:
    """What results about schools have in common."""
    instrument = {"hours": "hours", "cost": "costs"}.get(analysis, "sessions")
    return {
        "unit": of.unit, "source": SOURCE, "instrument": instrument, "analysis": analysis,
        "measure": measure, "wave": WAVE, "group": of.group, "n": float(of.schools),
        "n_schools": float(of.schools),
    }  # fmt: skip


def _about(of: _Of, analysis: str, measure: str, people: str) -> dict[str, Any]:
    """What results about people have in common; ``people`` is the sum that counts them."""
    return {
        "unit": of.unit, "source": PEOPLE, "instrument": "sessions", "analysis": analysis,
        "measure": measure, "wave": WAVE, "group": of.group, "n": of.sums.get(people, 0.0),
        "n_schools": float(of.schools),
    }  # fmt: skip
