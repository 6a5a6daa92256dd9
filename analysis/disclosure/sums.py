"""What adds up: groups and numbers of people that the rest would give away."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from analysis.disclosure.draft import FEW_ANSWERED, FEW_SCHOOLS, GIVES_AWAY, Draft, Flags, Rows
from analysis.results import COHORT
from analysis.study import INTERVIEWEES, SCHOOLS, Survey

ALL = "all"
#: Fewer people than this who are in no group shown point at somebody.
SINGLED_OUT = 2
#: Scores of one instrument are hidden together: the total is made of the others.
SCORES = ("level", "paired")
#: What sets a school beside the others of its group, and beside those of them that are like it.
BESIDE, SIMILAR = BESIDES = "beside", "similar"
#: What says a school's own score again: beside those of others, and of this year's people.
OF_LEVEL = (*BESIDES, "this_year")
ITEMS = ("items",)


def few_schools(draft: Draft) -> None:
    """Groups of schools (and the programme) that rest on too few schools, and what would tell them.

    By the schools whose people answered; those who changed school are no school. A group that is
    withheld must not be what is left of all less the others: if the schools left are too few, or
    their people, the smallest other group goes as well, and with a group every contrast with it.
    """
    study = draft.study
    fewest = study.disclosure.schools.minimum
    group, phases = draft.phases()
    keys = [group.key(value) for value in group.ids] if group else []
    for survey in study.surveys:
        minimum = study.asked(survey).minimum
        for wave in draft.waves:
            people = {
                unit: number
                for (source, at, unit, _), number in draft.counted.items()
                if (source, at) == (survey.id, wave) and unit != COHORT and number > 0
            }
            if not people:
                continue
            rows = draft.equals("source", survey.id) & draft.equals("unit", COHORT)
            at_wave = draft.equals("wave", wave)
            # Numbers of people of a few schools are no results of these.
            results = rows & at_wave & ~draft.equals("analysis", "response", "quality")
            if len(people) < fewest:
                draft.withhold(results, FEW_SCHOOLS)
            of = phases.get(wave, {})
            inside = {key: {u: n for u, n in people.items() if of.get(u) == key} for key in keys}
            hidden = {
                key for key, members in inside.items()
                if members and (len(members) < fewest or sum(members.values()) < minimum)
            }  # fmt: skip
            of_few = {key for key in hidden if sum(inside[key].values()) < minimum}
            draft.withhold(results & draft.mentions("group", *of_few), FEW_ANSWERED)
            draft.withhold(results & draft.mentions("group", *hidden), FEW_SCHOOLS)
            shown = sorted(
                (key for key, members in inside.items() if members and key not in hidden),
                key=lambda key: sum(inside[key].values()),
            )
            while hidden and shown:
                left = {u: n for key in hidden for u, n in inside[key].items()}
                if len(left) >= fewest and sum(left.values()) >= minimum:
                    break
                hidden.add(shown.pop(0))
            draft.withhold(results & draft.mentions("group", *hidden), GIVES_AWAY)
            # A school of a group that is withheld, and the others of it, are that group.
            of_hidden = [unit for unit in people if of.get(unit) in hidden]
            besides = (
                draft.equals("source", survey.id) & at_wave & draft.equals("analysis", *BESIDES)
            )
            draft.withhold(besides & draft.equals("unit", *of_hidden), GIVES_AWAY)
            if len(people) < fewest:
                draft.withhold(besides, FEW_SCHOOLS)


def groups(draft: Draft) -> None:
    """Groups, of people or of schools, without which the rest of the total would be too few.

    By the numbers that answered at each wave, and both times. The rest is too small below the
    threshold if it holds a group that is withheld (so few in year 6). How many did not say counts as
    known, as it does for the attacker. If the rest holds only them, it is left to the attacker to
    find whether they can be told.
    """
    study = draft.study
    for survey in study.surveys:
        minimum = study.asked(survey).minimum
        for wave in draft.waves:
            sizes = {
                group: number
                for (source, at, unit, group), number in draft.counted.items()
                if (source, at, unit) == (survey.id, wave, COHORT)
            }
            total = sizes.pop(ALL, 0)
            phases = (study.phases,) if study.phases else ()
            for group in (*study.groups_of(survey.population), *phases):
                family = group.among(sizes)
                if all(sizes[name] >= minimum for name in family):
                    continue
                said = total if group is study.phases else sum(sizes[name] for name in family)
                for name in _smallest_shown(family, sizes, said, minimum):
                    draft.withhold(of_group(draft, survey.id, wave, name), GIVES_AWAY)


def interviewees(draft: Draft) -> None:
    """Counts of interviewees without which the rest of all interviewed would be too few.

    Of the groups of one attribute, the smallest shown; of the times, each without whom too few
    are left: what all said, less what was said then, would be those few's. Of a group that the
    study keeps apart, its own times.
    """
    voices = draft.equals("source", "interviews") & draft.equals("analysis", "count")
    rows = voices & draft.equals("unit", COHORT) & draft.equals("statistic", "people")
    least = draft.study.disclosure.interviewees.minimum
    found = draft.ledger[rows].drop_duplicates(["wave", "group"])
    sizes = {
        (wave, group): n
        for wave, group, n in zip(found["wave"], found["group"], found["n"], strict=True)
    }
    for (wave, group), n in sorted(sizes.items()):
        if wave != ALL and 0 < sizes.get((ALL, group), n) - n < least:
            then = draft.equals("wave", wave) & draft.equals("group", group)
            draft.withhold(voices & then, GIVES_AWAY)
    total = sizes.get((ALL, ALL))
    if total is None:
        return
    apart = {
        group.key(value.id)
        for group in draft.study.groups_of(INTERVIEWEES)
        for value in group.values
        if value.apart
    }
    of_groups = {
        group: n for (wave, group), n in sizes.items() if wave == ALL and group not in {ALL, *apart}
    }
    for attribute in draft.study.groups_of(INTERVIEWEES):
        family = attribute.among(of_groups)
        for name in _smallest_shown(family, of_groups, total, least):
            draft.withhold(voices & draft.equals("group", name), GIVES_AWAY)


def _smallest_shown(
    family: Sequence[str], sizes: Mapping[str, int], total: int, least: int
) -> Iterator[str]:
    """Groups that have to go so that the total less those shown is nobody, or enough."""
    shown = sorted((name for name in family if sizes[name] >= least), key=lambda n: (-sizes[n], n))
    while shown and 0 < total - sum(sizes[name] for name in shown) < least:
        yield shown.pop()


def of_group(draft: Draft, source: str, wave: str, group: str) -> Flags:
    """Rows of the programme about one group at one wave (or over a pair), alone or beside another.

    The difference of all respondents between two waves is about both.
    """
    apart = draft.equals("analysis", "all_respondents") & draft.mentions("wave", wave)
    whose = draft.equals("source", source) & draft.mentions("group", group)
    return whose & draft.equals("unit", COHORT) & (draft.equals("wave", wave) | apart)


def people(draft: Draft) -> None:
    """Numbers of people of schools or groups: one withheld alone is the whole's less the others'.

    Then the smallest other school of the group is withheld as well, at that wave and of all the
    survey; where single scores or items are concerned, of these.
    """
    for survey in draft.study.surveys:
        for wave in draft.waves:
            _of_wave(draft, survey, wave)
            _of_scores(draft, survey, wave)
            _of_groups(draft, survey, wave)


def block(draft: Draft, survey: str, wave: str, school: str) -> Rows:
    """Everything that says how many of a school answered at a wave, or what."""
    own = draft.of("unit", school)
    own = own[own.equals("source", survey)]
    shares = own.equals("measure", "matched") & own.equals("statistic", "percent")
    told = shares | own.equals("analysis", "quality")
    return own[own.equals("wave", wave) | (told & own.mentions("wave", wave))]


def _of_wave(draft: Draft, survey: Survey, wave: str) -> None:
    numbers = {
        unit: number
        for (source, at, unit, _), number in draft.counted.items()
        if (source, at) == (survey.id, wave) and unit != COHORT
    }
    minimum = draft.study.asked(survey).minimum
    for region in _regions(draft, survey, wave):
        members = {unit: numbers[unit] for unit in region if unit in numbers}
        for school in smallest_others(draft, members, minimum, frozenset()):
            draft.withhold_at(block(draft, survey.id, wave, school).places, GIVES_AWAY)


def _of_scores(draft: Draft, survey: Survey, wave: str) -> None:
    """The same for those who have each score, and who answered each item."""
    minimum = draft.study.asked(survey).minimum
    kinds = draft.equals("analysis", *SCORES, *ITEMS)
    kinds &= draft.equals("statistic", "mean", "n")
    rows = kinds & draft.equals("source", survey.id) & draft.equals("wave", wave)
    rows &= ~draft.equals("unit", COHORT)
    found = draft.ledger.loc[rows, ["instrument", "analysis", "measure", "unit", "n"]]
    found = found.assign(n=found["n"].fillna(0.0), hidden=draft.reason.said[rows])
    regions = _regions(draft, survey, wave)
    keys = ["instrument", "analysis", "measure"]
    for (instrument, analysis, measure), of_score in found.groupby(keys, sort=True):
        if not of_score["hidden"].any():
            continue
        each = of_score.drop_duplicates("unit")
        numbers = dict(zip(each["unit"], map(int, each["n"]), strict=True))
        hidden = frozenset(each.loc[each["hidden"], "unit"])
        for region in regions:
            members = {unit: numbers[unit] for unit in region if unit in numbers}
            for school in smallest_others(draft, members, minimum, hidden):
                own = draft.of("unit", school)
                same = own.equals("source", survey.id) & own.equals("wave", wave)
                same &= own.equals("instrument", str(instrument))
                if analysis in SCORES:
                    same &= own.equals("analysis", *SCORES, *OF_LEVEL)
                else:
                    same &= own.equals("measure", str(measure))
                draft.withhold_at(own[same].places, GIVES_AWAY)


def _of_groups(draft: Draft, survey: Survey, wave: str) -> None:
    """The same for groups of people: of one attribute they add up to all who said theirs."""
    minimum = draft.study.asked(survey).minimum
    rows = draft.equals("analysis", *SCORES, *ITEMS) & draft.equals("statistic", "mean", "n")
    answered = draft.equals("analysis", "response") & draft.equals("statistic", "count")
    rows |= answered & draft.equals("measure", "responded", "matched")
    rows &= draft.equals("source", survey.id) & draft.equals("wave", wave)
    rows &= draft.equals("unit", COHORT)
    found = draft.ledger.loc[rows, ["instrument", "analysis", "measure", "group", "n"]]
    found = found.assign(n=found["n"].fillna(0.0), hidden=draft.reason.said[rows])
    kinds = ["instrument", "analysis", "measure"]
    few = found[found["n"].between(1, minimum - 1)][kinds].drop_duplicates()
    for key, of_measure in found.merge(few, on=kinds).groupby(kinds, sort=True):
        each = of_measure.drop_duplicates("group")
        numbers = dict(zip(each["group"], map(int, each["n"]), strict=True))
        hidden = frozenset(each.loc[each["hidden"], "group"])
        of = draft.equals("source", survey.id) & draft.equals("unit", COHORT)
        of &= draft.equals("wave", wave) & draft.equals("measure", str(key[2]))
        for group in (*draft.study.groups_of(survey.population), *draft.study.groups_of(SCHOOLS)):
            family = [] if group is draft.study.phases else group.among(numbers)
            members = {name: numbers[name] for name in family}
            for name in smallest_others(draft, members, minimum, hidden):
                if key[1] == "response":
                    draft.withhold(of_group(draft, survey.id, wave, name), GIVES_AWAY)
                draft.withhold(of & draft.mentions("group", name), GIVES_AWAY)


def left(draft: Draft) -> None:
    """Numbers of people of the schools that left, of whom the programme tells together.

    Shown only where each of these schools' own number at baseline is, so that they say nothing that
    the schools' reports do not; and how many of all others stayed only where it does not tell of a
    few who left for another school.
    """
    study = draft.study
    first, last, both = study.baseline.lower(), study.followup.lower(), draft.waves[-1]
    for survey in study.surveys if study.compares else ():
        of = draft.equals("source", survey.id) & draft.equals("analysis", "response")
        went, stayed = (
            of & draft.equals("wave", both) & draft.equals("measure", name)
            for name in ("left", "stayed")
        )
        if not went.any():
            continue
        answered = of & draft.equals("measure", "responded") & draft.equals("statistic", "count")
        gone = [
            unit for (source, wave, unit, _), number in draft.counted.items()
            if (source, wave) == (survey.id, first) and number > 0 and unit != COHORT
            and not draft.counted.get((source, last, unit, ALL))
        ]  # fmt: skip
        own = answered & draft.equals("wave", first) & draft.equals("unit", *gone)
        whole = draft.equals("unit", COHORT) & draft.equals("group", ALL) & (
            (answered & draft.equals("wave", first))
            | (of & draft.equals("measure", "matched") & draft.equals("statistic", "count"))
        )  # fmt: skip
        if not draft.shown[own].all():
            draft.withhold(went | stayed, GIVES_AWAY)
        moved = draft.counted[survey.id, both, COHORT, ALL] - draft.ledger.loc[stayed, "numerator"]
        few = moved.between(1, draft.study.asked(survey).minimum - 1).any()
        if few or not draft.shown[whole].all():
            draft.withhold(stayed, GIVES_AWAY)


def _regions(draft: Draft, survey: Survey, wave: str) -> list[list[str]]:
    """Schools whose numbers add up to one that is shown: of each group, or all."""
    group, phases = draft.phases()
    keys = [group.key(value) for value in group.ids] if group else []
    everybody = [str(school) for school in draft.schools["id"]]
    shown = draft.equals("source", survey.id) & draft.equals("analysis", "response")
    shown &= draft.equals("wave", wave) & draft.equals("unit", COHORT) & draft.shown
    groups_shown = set(draft.ledger.loc[shown, "group"])
    regions = [
        [school for school in everybody if phases.get(wave, {}).get(school) == key]
        for key in keys
        if key in groups_shown
    ]
    return [*regions, everybody] if ALL in groups_shown else regions


def smallest_others(
    draft: Draft, numbers: Mapping[str, int], minimum: int, hidden: frozenset[str]
) -> list[str]:
    """Schools whose numbers have to go so that those below the minimum cannot be worked out.

    ``numbers`` are those that add up to one that is known; ``hidden`` says whose are withheld
    already.
    """
    few = {unit: n for unit, n in numbers.items() if 0 < n < minimum}
    gone = [unit for unit in numbers if unit in hidden and unit not in few and numbers[unit] > 0]
    others = sorted(
        (unit for unit, n in numbers.items() if n >= minimum and unit not in gone),
        key=lambda unit: (numbers[unit], unit),
    )
    half = min(float(draft.study.disclosure.protection.count), (minimum - 2) / 2)
    more: list[str] = []
    while few and others and not _open(numbers, few, [*gone, *more], minimum, half):
        more.append(others.pop(0))
    return more


def _open(
    numbers: Mapping[str, int],
    few: Mapping[str, int],
    gone: Sequence[str],
    minimum: int,
    half: float,
) -> bool:
    """Whether each small number may lie widely enough, given the sum of all that are withheld."""
    total = sum(few.values()) + sum(numbers[unit] for unit in gone)
    low = np.array([0] * len(few) + [minimum] * len(gone))
    high = np.array([minimum - 1] * len(few) + [total] * len(gone))
    least = np.maximum(low, total - (high.sum() - high))
    most = np.minimum(high, total - (low.sum() - low))
    return bool(((most - least)[: len(few)] / 2 >= half).all())
