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

from collections.abc import Iterator
from typing import Any

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


def sessions(prepared: Prepared) -> Iterator[Result]:
    """Dose: sessions held and their minutes, of all kinds and of each, by unit.

    Over schools also how many schools had any and none, the mean over all schools, the fewest and
    the most that one had, and of how many sessions somebody noted who was invited and who came.
    ``length`` is the mean length of a session.
    """
    frame = prepared.strands.get("sessions")
    if frame is None:
        return
    kinds = frame["kind"].map(slug)
    measures = [(ALL, frame), *((str(kind), rows) for kind, rows in frame.groupby(kinds))]
    for measure, found in measures:
        held = found.groupby("school").size().reindex(prepared.schools["id"], fill_value=0)
        minutes = found.groupby("school")["minutes"].sum().reindex(held.index, fill_value=0)
        for unit, group, schools in _divided(prepared):
            number, length = held[schools], minutes[schools].sum()
            at = _at(unit, "sessions", measure, group, schools)
            count, base = float(number.sum()), float(len(schools))
            yield Result(**at, statistic="count", value=count, method="sessions held")
            yield Result(**at, statistic="minutes", value=float(length), method="sum of lengths")
            if count:
                mean = "mean length of a session, minutes"
                yield Result(**at, statistic="length", value=float(length / count), method=mean)
            if unit != COHORT:
                continue
            for name, value, words in (
                ("schools", (number > 0).sum(), "schools with a session"),
                ("none", (number == 0).sum(), "schools without a session"),
            ):
                yield Result(**at, statistic=name, value=float(value), numerator=float(value),
                             denominator=base, method=words)  # fmt: skip
            for name, amount, words in (
                ("mean", count / base, "sessions for each school, those without included"),
                ("minutes_mean", length / base, "minutes for each school"),
                ("fewest", number.min(), "fewest sessions in one school"),
                ("most", number.max(), "most sessions in one school"),
            ):
                yield Result(**at, statistic=name, value=float(amount), method=words)
            if measure == ALL:
                noted = found.dropna(subset=list(registry.ATTENDANCE))["school"].isin(schools)
                yield Result(**at, statistic="noted", value=float(noted.sum()), denominator=count,
                             numerator=float(noted.sum()),
                             method="sessions of which it was noted who was invited and came")  # fmt: skip


def attendance(prepared: Prepared) -> Iterator[Result]:
    """Reach: invitations to sessions, and how many were taken up.

    By unit, and for the programme by role; one person counts as often as they were invited. Only
    sessions of which both numbers were noted. For the programme also the minutes that somebody who
    was invited spent in sessions on average.
    """
    frame = prepared.strands.get("sessions")
    if frame is None:
        return
    noted = frame.dropna(subset=list(registry.ATTENDANCE))
    for unit, group, rows in _portions(prepared, noted):
        yield from _came(unit, group, rows, *registry.ATTENDANCE)
    split = roles(prepared.study, frame.columns)
    if split is not None:
        columns = {value: [f"{each}_{value}" for each in registry.ATTENDANCE]
                   for value in split.ids if f"invited_{value}" in frame}  # fmt: skip
        said = noted[[name for pair in columns.values() for name in pair]].notna().all(axis=1)
        for value, (invited, attended) in columns.items():
            yield from _came(COHORT, split.key(value), noted[said], invited, attended)
        rest = f"{split.column}_not_said"
        yield from _came(COHORT, rest, noted[~said], *registry.ATTENDANCE)
    people = float(noted.groupby("school")["invited"].max().sum())
    if people:
        spent = float((noted["minutes"] * noted["attended"]).sum())
        yield Result(
            **_about(COHORT, "attendance", ALL, ALL, noted, people),
            statistic="minutes",
            value=spent / people,
            method="minutes times attendances, over the most invited to one session of a school",
        )


def leader(prepared: Prepared) -> Iterator[Result]:
    """In how many sessions a leader of the school took part, of those of which it was noted.

    About one or two people in a school, so over schools only; ``n`` is the number of schools.
    """
    frame = prepared.strands.get("sessions")
    if frame is None:
        return
    noted = frame[frame["leader_present"] != ""]
    for unit, group, rows in _portions(prepared, noted):
        if unit != COHORT:
            continue
        there, held = float((rows["leader_present"] == "yes").sum()), float(len(rows))
        at = _about(unit, "leader", ALL, group, rows, float(rows["school"].nunique()))
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
        rated, high = RATED + question, HIGH + question
        given = frame[frame[rated] > 0]
        for unit, group, rows in _portions(prepared, given):
            people, forms = _at_least(rows, rows[rated]), float(rows[rated].sum())
            at = _about(unit, "feedback", slug(question), group, rows, people)
            mean = float((rows[column] * rows[rated]).sum() / forms)
            yield Result(**at, statistic="rated", value=forms, method="feedback forms")
            yield Result(**at, statistic="mean", value=mean, method="mean over feedback forms")
            counted = rows[rows[high].notna()] if high in rows else rows.iloc[:0]
            if len(counted):
                of, good = float(counted[rated].sum()), float(counted[high].sum())
                yield Result(**at, statistic="percent", value=100 * good / of, numerator=good,
                             denominator=of, method="share of forms with 4 or 5")  # fmt: skip


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
        held = found.groupby("school").size().reindex(prepared.schools["id"], fill_value=0)
        too_short = found[found["minutes"] < (kind.minutes or 0)].groupby("school").size()
        short = too_short.reindex(held.index, fill_value=0)
        for unit, group, schools in _divided(prepared):
            at = _at(unit, "adaptation", kind.id, group, schools)
            if kind.sessions is not None:
                yield Result(**at, statistic="planned", value=float(kind.sessions),
                             method="planned for each school")  # fmt: skip
                if unit == COHORT:
                    fewer = float((held[schools] < kind.sessions).sum())
                    for name, value, words in (
                        ("full", len(schools) - fewer, "schools with as many as planned, or more"),
                        ("fewer", fewer, "schools with fewer than planned"),
                    ):
                        yield Result(**at, statistic=name, value=value, numerator=value,
                                     denominator=float(len(schools)), method=words)  # fmt: skip
            if kind.minutes is not None:
                count, shorter = float(held[schools].sum()), float(short[schools].sum())
                for name, value, words in (
                    ("planned_minutes", float(kind.minutes), "planned length"),
                    ("as_long", count - shorter, "sessions at least as long as planned"),
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
        given = frame.dropna(subset=[column])
        measure = column.removesuffix("_hours")
        for unit, group, rows in _portions(prepared, given):
            schools = sorted(set(rows["school"]))
            at = _at(unit, "hours", measure, group, schools)
            total = float(rows[column].sum())
            yield Result(**at, statistic="sum", value=total, method="sum of hours")
            if unit == COHORT:
                yield Result(**at, statistic="mean", value=total / len(schools),
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
    items = frame["item"].map(slug)
    for measure, found in (
        (ALL, frame),
        *((str(item), rows) for item, rows in frame.groupby(items)),
    ):
        shared = float(found.loc[found["school"] == "", "amount"].sum())
        if (found["school"] == "").all():
            yield from _cost(prepared, COHORT, ALL, measure, found.iloc[:0], shared)
        for unit, group, rows in _portions(prepared, found[found["school"] != ""]):
            above = shared if (unit, group) == (COHORT, ALL) else 0.0
            if measure != ALL and group != ALL:
                continue
            yield from _cost(prepared, unit, group, measure, rows, above)
    shared = float(frame.loc[frame["school"] == "", "amount"].sum())
    schools = sorted(prepared.schools["id"])
    if shared:
        yield Result(**_at(COHORT, "cost", SHARED, ALL, schools), statistic="sum", value=shared,
                     method="costs that no one school caused")  # fmt: skip


def _cost(
    prepared: Prepared, unit: str, group: str, measure: str, rows: pd.DataFrame, shared: float
) -> Iterator[Result]:
    by_school = rows.groupby("school")["amount"].sum()
    schools = list(by_school.index) or list(map(str, prepared.schools["id"]))
    at = _at(unit, "cost", measure, group, schools)
    total = float(by_school.sum()) + shared
    yield Result(**at, statistic="sum", value=total, method="sum of costs")
    if unit == COHORT:
        each = "costs for each school that has any of its own, or for each of all"
        yield Result(**at, statistic="mean", value=total / len(schools), method=each)
    if unit == COHORT and len(by_school):
        for name, value, words in (
            ("lowest", by_school.min(), "lowest costs of one school"),
            ("highest", by_school.max(), "highest costs of one school"),
        ):
            yield Result(**at, statistic=name, value=float(value), method=words)
    if PUPILS not in prepared.schools:
        return
    pupils = pd.to_numeric(prepared.schools.loc[schools, PUPILS], errors="coerce")
    if (pupils > 0).all():
        yield Result(
            **at,
            statistic="per_pupil",
            value=total / float(pupils.sum()),
            numerator=total,
            denominator=float(pupils.sum()),
            method="sum of costs over pupils on roll",
        )


def _came(
    unit: str, group: str, rows: pd.DataFrame, invited: str, attended: str
) -> Iterator[Result]:
    """Numbers of invitations taken up or not, with how many people these were at least."""
    asked = rows[rows[invited] > 0]
    if asked.empty:
        return
    missed = asked[invited] - asked[attended]
    people = _at_least(asked, asked[invited])
    at = _about(unit, "attendance", ALL, group, asked, people)
    total, there = float(asked[invited].sum()), float(asked[attended].sum())
    yield Result(**at, statistic="invited", value=total, method="invitations to sessions")
    for name, value, number, words in (
        ("attended", there, asked[attended], "invitations taken up"),
        ("missed", total - there, missed, "invitations not taken up"),
    ):
        yield Result(**at, statistic=name, value=value, numerator=_at_least(asked, number),
                     denominator=people, method=f"{words}; numerator: of so many people at least")  # fmt: skip
    yield Result(**at, statistic="percent", value=100 * there / total, numerator=there,
                 denominator=total, method="share of invitations taken up")  # fmt: skip


def _at_least(rows: pd.DataFrame, numbers: pd.Series) -> float:
    """How many people there were at least: the most at one session of a school, over schools."""
    return float(numbers.groupby(rows["school"]).max().sum())


def _divided(prepared: Prepared) -> Iterator[tuple[str, str, list[str]]]:
    """Units and groups with their schools: the programme, its groups of schools, each school."""
    ids = list(map(str, prepared.schools["id"]))
    yield COHORT, ALL, ids
    phases = prepared.study.phases
    if phases is not None:
        for value, schools in prepared.schools.groupby(phases.column, sort=True):
            yield COHORT, part_of(phases.column, str(value), phases.key), list(schools["id"])
    for school in ids:
        yield school, ALL, [school]


def part_of(column: str, value: str, key: Any) -> str:
    """The name in ids of a group, or of those of whom none is said."""
    return str(key(value)) if value else f"{column}_not_said"


def _portions(prepared: Prepared, frame: pd.DataFrame) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """Units and groups with their rows of a table, where they have any."""
    of_school = dict(list(frame.groupby("school")))
    for unit, group, schools in _divided(prepared):
        rows = [of_school[school] for school in schools if school in of_school]
        if rows:
            yield unit, group, rows[0] if len(rows) == 1 else pd.concat(rows)


def _at(unit: str, analysis: str, measure: str, group: str, schools: list[str]) -> dict[str, Any]:
    """What results about schools have in common."""
    instrument = {"hours": "hours", "cost": "costs"}.get(analysis, "sessions")
    return {
        "unit": unit, "source": SOURCE, "instrument": instrument, "analysis": analysis,
        "measure": measure, "wave": WAVE, "group": group, "n": float(len(schools)),
        "n_schools": float(len(schools)),
    }  # fmt: skip


def _about(
    unit: str, analysis: str, measure: str, group: str, rows: pd.DataFrame, people: float
) -> dict[str, Any]:
    """What results about people have in common."""
    return {
        "unit": unit, "source": PEOPLE, "instrument": "sessions", "analysis": analysis,
        "measure": measure, "wave": WAVE, "group": group, "n": people,
        "n_schools": float(rows["school"].nunique()),
    }  # fmt: skip
