"""Numbers of people as linear systems: what is left open of those that are withheld."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from analysis.disclosure.attack import System, together
from analysis.disclosure.printed import ALL, Protected, records
from analysis.results import COHORT, pair
from analysis.study import SCHOOLS, Study, Survey

#: Of these rows a printed one shows how many there are.
SHOWING = {
    ("response", "count"), ("response", "percent"), ("level", "mean"), ("level", "n"),
    ("items", "mean"), ("items", "favourable"), ("paired", "n"), ("paired", "difference"),
}  # fmt: skip


@dataclass(frozen=True)
class Counts:
    """How many there are of each unit and group, of one kind, and the system of what is printed."""

    survey: Survey
    instrument: str
    measure: str
    system: System
    protected: list[Protected]


def counts(decided: pd.DataFrame, study: Study, schools: pd.DataFrame) -> Iterator[Counts]:
    """A system for the people of each wave, and for those who have each score or item."""
    members = _members(study, schools)
    wanted = pd.MultiIndex.from_tuples(sorted(SHOWING))
    kinds = pd.MultiIndex.from_frame(decided[["analysis", "statistic"]])
    frame = decided[kinds.isin(wanted) & (decided["measure"] != "invited")]
    for survey in study.surveys:
        of_survey = frame[frame["source"] == survey.id]
        bases = of_survey[
            (of_survey["measure"] == "matched") & (of_survey["statistic"] == "percent")
        ]
        keys = ["instrument", "measure", "wave", "analysis"]
        for (instrument, measure, wave, _), rows in of_survey.groupby(keys, sort=True):
            people: dict[tuple[str, str], int] = {}
            shown: set[tuple[str, str]] = set()
            for row in records(rows):
                at = (row["unit"], row["group"])
                number = row["numerator"] if row["statistic"] == "percent" else row["n"]
                if row["analysis"] == "response" and row["statistic"] == "count":
                    number = row["value"]
                if row["statistic"] not in ("percent", "favourable"):
                    people[at] = int(number)
                if row["release"] == "released":
                    shown.add(at)
            if (measure, wave) == ("responded", study.baseline.lower()):
                # Matched as a share of those of the baseline says how many these are.
                released = bases[bases["release"] == "released"]
                shown |= set(zip(released["unit"], released["group"], strict=True))
            yield _system(study, survey, str(instrument), str(measure), str(wave), people, shown,
                          members)  # fmt: skip


def _system(
    study: Study,
    survey: Survey,
    instrument: str,
    measure: str,
    wave: str,
    people: Mapping[tuple[str, str], int],
    shown: set[tuple[str, str]],
    members: Mapping[str, Mapping[str, str]],
) -> Counts:
    minimum = study.asked(survey).minimum
    system = System()
    total = people.get((COHORT, ALL), sum(people.values()))
    protected: list[Protected] = []
    half = min(float(study.disclosure.protection.count), (minimum - 2) / 2)

    def add(unit: str, group: str) -> str:
        name, number = f"{unit} {group}", people[unit, group]
        if (unit, group) in shown or number == 0:
            system.unknown(name, number, number)
        elif number < minimum:
            # Why it is withheld is known: too few answered.
            system.unknown(name, 0, minimum - 1)
            protected.append(
                Protected(unit, group, wave, number, {name: 1.0}, half, 1.0, truth=number)
            )
        else:
            system.unknown(name, minimum, total)
        return name

    units = {unit: add(unit, group) for unit, group in people if unit != COHORT}
    ends = [pair(study.baseline, study.followup).split("-"), [wave]]["-" not in wave]
    phases = study.phases
    for phase in [phases.key(value) for value in phases.ids] if phases else []:
        if (COHORT, phase) in shown:
            inside = [u for u in units if all(members.get(u, {}).get(end) == phase for end in ends)]
            moved = people[COHORT, phase] - sum(people[u, ALL] for u in inside)
            _adds_up(system, [units[u] for u in inside], people[COHORT, phase] - moved)
    if (COHORT, ALL) in shown:
        _adds_up(system, list(units.values()), sum(people[u, ALL] for u in units))
    for group in (*study.groups_of(survey.population), *study.groups_of(SCHOOLS)):
        family = group.among(name for unit, name in people if unit == COHORT)
        if group is phases:
            family = [name for name in family if (COHORT, name) not in shown]
        names = [add(COHORT, name) for name in family]
        if (COHORT, ALL) in shown and group is not phases:
            _adds_up(system, names, sum(people[COHORT, name] for name in family))
    return Counts(survey, instrument, measure, system, protected)


def _adds_up(system: System, names: list[str], number: int) -> None:
    """Numbers of which the sum is known: those in none of them are, too."""
    if names:
        system.between(together(names), number, number)


def _members(study: Study, schools: pd.DataFrame) -> dict[str, dict[str, str]]:
    group = study.phases
    return {
        str(school): {
            wave.lower(): group.key(str(row[group.by_wave.get(wave, group.column)]))
            for wave in study.wave_ids
            if group is not None
        }
        for school, row in schools.iterrows()
    }
