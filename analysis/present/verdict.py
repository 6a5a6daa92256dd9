"""What may be said of differences: the one rule that all sentences follow.

Whatever one sentence, table or page could have named is one family (:class:`Family`): a rise, a
fall or a difference is said only where it is left after Holm's correction over the family, so that
of studies in which nothing happened at most one in twenty has anything said there. Page one of a
report is one family (:func:`page_one`). Likewise a difference is too small to matter only where
the equivalence test against the study's smallest effect of interest, corrected over the family,
says so. An interval that includes nought is never called "no change" without that.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import pandas as pd
from scipy import special

from analysis.disclosure import RELEASED
from analysis.language import gettext
from analysis.present.page import Compared, Page
from analysis.questions import gives
from analysis.results import COHORT, OTHERS, pair
from analysis.study import Group, Survey

#: A corrected p below this.
ALPHA = 0.05
#: Differences that page one may speak of, by the test that belongs to each; elsewhere it is ``p``.
TESTS = {"difference_from_norm": "p_norm"}


class Asked(NamedTuple):
    """One difference: whose it is (nobody else's: the page's unit), and the parts of its id.

    ``parts`` are source, instrument, analysis, measure, wave and statistic.
    """

    who: Compared | None
    parts: tuple[str, ...]


def by_id(unit: str, identity: str) -> Asked:
    """A difference by its unit and id, as the study's files name it."""
    *parts, group, statistic = identity.split(".")
    return Asked(Compared("", unit, group), (*parts, statistic))


@dataclass(frozen=True)
class Verdict:
    """What interval, correction and equivalence test allow to be said.

    ``sign`` is 1 or -1 where the difference is left after correction over its family, else 0;
    ``alone`` the same by its interval alone; ``small`` is whether it is too small to matter.
    ``family`` is how many differences were tested together.
    """

    row: dict[str, Any]
    sign: int
    alone: int
    small: bool
    family: int

    def words(self) -> str:
        """The verdict on a change, as the end of a sentence."""
        if self.sign:
            if self.small:
                return (
                    gettext("consistent with a rise smaller than would matter")
                    if self.sign > 0
                    else gettext("consistent with a fall smaller than would matter")
                )
            return (
                gettext("consistent with a rise")
                if self.sign > 0
                else gettext("consistent with a fall")
            )
        if self.small:
            return gettext("any change is smaller than would matter")
        if self.alone:
            return gettext(
                "the interval alone leaves no change out, which does not stand after correction for "
                "{number} comparisons",
                number=self.family,
            )
        return gettext("consistent with no change, and with changes in either direction")


class Family:
    """Differences that could have been named together, corrected together.

    Those that are not released, or have no interval, could not have been named.
    """

    def __init__(self, page: Page, asked: Iterable[Asked]) -> None:
        self._rows: dict[tuple[str, str], dict[str, Any]] = {}
        self._page = page
        tests: dict[tuple[str, str], float] = {}
        small: dict[tuple[str, str], float] = {}
        for each in asked:
            row = page.values(each.who, *each.parts)
            if row is None or pd.isna(row["ci_low"]):
                continue
            key = (str(row["unit"]), str(row["id"]))
            self._rows[key] = row
            tests[key] = _p(page, each, row)
            if gives(each.parts[2], "p_equivalence"):
                within = page.values(each.who, *each.parts[:-1], "p_equivalence")
                if within is not None:
                    small[key] = float(within["value"])
        self._corrected = dict(zip(tests, holm(list(tests.values())), strict=True))
        self._small = dict(zip(small, holm(list(small.values())), strict=True))

    def __len__(self) -> int:
        return len(self._rows)

    def covers(self, who: Compared | None, *parts: str) -> bool:
        """Whether a difference is one of the family."""
        row = self._page.values(who, *parts)
        return row is not None and (str(row["unit"]), str(row["id"])) in self._rows

    def of(self, who: Compared | None, *parts: str) -> Verdict | None:
        """The verdict on one of the family; nothing where there is none to be had.

        Raises
        ------
        KeyError
            If it is released and was not asked for: what is named must be in the family.
        """
        row = self._page.values(who, *parts)
        if row is None or pd.isna(row["ci_low"]):
            return None
        key = (str(row["unit"]), str(row["id"]))
        alone = int(row["ci_low"] > 0) - int(row["ci_high"] < 0)
        stands = self._corrected[key] < ALPHA
        return Verdict(
            row=row,
            sign=int(math.copysign(1, row["value"])) if stands and row["value"] else 0,
            alone=alone,
            small=self._small.get(key, 1.0) < ALPHA,
            family=len(self),
        )


def holm(p: Sequence[float]) -> list[float]:
    """Holm's (1979) correction of p-values, as pingouin's ``multicomp`` has it.

    Here, since whoever only shows what is released should not wait for the statistics.
    """
    corrected, least = [0.0] * len(p), 0.0
    for place, which in enumerate(sorted(range(len(p)), key=p.__getitem__)):
        least = max(least, min(1.0, (len(p) - place) * p[which]))
        corrected[which] = least
    return corrected


def _p(page: Page, asked: Asked, row: dict[str, Any]) -> float:
    """The test that belongs to a difference: the ledger's, or what its interval amounts to.

    Where the test is withheld no other takes its place: the plain one, which takes people of one
    school for strangers, would say more than the interval that stands beside it.
    """
    *at, statistic = asked.parts
    over_schools = row["unit"] == COHORT
    names = [TESTS.get(statistic, ""), "p_clustered" if over_schools else "", "p"]
    name = next((each for each in names if each and gives(asked.parts[2], each)), "")
    test = page.row(asked.who, *at, name) if name else None
    if test is not None and test["release"] == RELEASED and not pd.isna(test["value"]):
        return float(test["value"])
    return implied_p(row, 0.0)


def implied_p(row: dict[str, Any], known: float) -> float:
    """What a 95% interval says of a known number: p by its width on that side."""
    away = row["value"] - known
    half = row["value"] - row["ci_low"] if away > 0 else row["ci_high"] - row["value"]
    if not half > 0:
        return 1.0
    df = row["df"] if row["df"] == row["df"] else math.inf
    t = abs(away) / half * float(special.stdtrit(df, 0.975))
    return float(2 * special.stdtr(df, -t))


def sides(known: Sequence[tuple[dict[str, Any] | None, float]]) -> list[int | None]:
    """On which side of a known number each estimate lies: 1 above, -1 below, 0 not clear.

    ``known`` are rows, each with the number it stands beside. Corrected together, as whatever one
    table could mark as apart is one family; nothing for a row without an interval.
    """
    asked = [
        (place, implied_p(row, number))
        for place, (row, number) in enumerate(known)
        if row is not None and not pd.isna(row["ci_low"])
    ]
    found: list[int | None] = [None] * len(known)
    for (place, _), p in zip(asked, holm([p for _, p in asked]), strict=True):
        row, number = known[place]
        assert row is not None
        found[place] = (1 if row["value"] > number else -1) if p < ALPHA else 0
    return found


def norms(page: Page, survey: str, instrument: str) -> list[Asked]:
    """What may be said of scores against their norm, at each wave."""
    who = page.compared[0]
    return [
        Asked(who, (survey, instrument, "level", each.id, wave, "difference_from_norm"))
        for each in page.instruments[instrument].subscales
        if each.norm is not None
        for wave in page.study.pair_of_waves
    ]


def changes(page: Page, survey: str, instrument: str) -> list[Asked]:
    """What may be said of the changes of an instrument's scores."""
    return [
        Asked(None, (survey, instrument, "paired", score, page.waves, "difference"))
        for score in page.instruments[instrument].scores
    ]


def between_schools(page: Page, survey: str, instrument: str) -> list[Asked]:
    """What may be said of groups of schools: their levels at follow-up, and their changes."""
    found = []
    for contrast in page.phase_pairs:
        for score in page.instruments[instrument].scores:
            at = (survey, instrument, "phases", score, page.study.followup, "difference")
            found.append(Asked(contrast, at))
            found.append(
                Asked(
                    in_ledger(contrast.group),
                    (survey, instrument, "moderation_pairs", score, page.waves, "difference"),
                )
            )
    return found


def beside_others(page: Page, survey: str, instrument: str) -> list[Asked]:
    """What may be said of a school beside the other schools."""
    return [
        Asked(None, (survey, instrument, "beside", score, page.study.followup, "difference"))
        for score in page.instruments[instrument].scores
    ]


def gaps(page: Page) -> list[Asked]:
    """What may be said of how far groups of people stand from all others, at follow-up."""
    return [
        gap(page, survey, group)
        for survey in page.study.surveys
        for group in page.study.groups_of(survey.population)
        if group.gap
    ]


def gap(page: Page, survey: Survey, group: Group) -> Asked:
    """A group's gap to all others in the score that stands for a survey."""
    instrument, score = survey.headline.split(".")
    both = Compared("", COHORT, pair(group.key(OTHERS), group.key("yes")))
    return Asked(both, (survey.id, instrument, "gap", score, page.study.followup, "difference"))


def records(page: Page) -> dict[str, Asked]:
    """What may be said of school records: each measure's latest term against a year before."""
    found: dict[str, Asked] = {}
    for measure in page.documents.get("outcome_measures", {}).get("measures", []):
        for later, earlier in reversed(
            [(term, page.year_before[term]) for term in page.terms if term in page.year_before]
        ):
            at = ("outcomes", "school_data", "rate_change", str(measure["id"]),
                  pair(earlier, later), "difference")  # fmt: skip
            row = page.values(None, *at)
            if row is not None and not pd.isna(row["ci_low"]):
                found[str(measure["id"])] = Asked(None, at)
                break
    return found


def in_ledger(groups: str) -> Compared:
    """A pair of groups as the ledger orders it: by the alphabet."""
    return Compared("", COHORT, pair(*sorted(groups.split("-"))))


def page_one(page: Page) -> Family:
    """Everything that page one of a report could name, of all surveys.

    A school's names every scale, beside the other schools and in its change; the programme's names
    the change of every scale, all that is compared of each survey's headline instrument, and the
    school records.
    """
    return Family(page, on_page_one(page))


def on_page_one(page: Page) -> list[Asked]:
    """Every difference that page one of a report can name."""
    asked: list[Asked] = []
    for survey in page.study.surveys:
        headline = survey.headline.split(".")[0]
        for instrument in survey.instruments:
            if page.study.compares:
                asked += changes(page, survey.id, instrument)
            if page.is_school:
                asked += beside_others(page, survey.id, instrument)
            elif instrument == headline:
                asked += norms(page, survey.id, instrument)
                asked += between_schools(page, survey.id, instrument)
    if not page.is_school:
        asked += records(page).values()
    return asked


def within(page: Page, asked: Iterable[Asked]) -> Family:
    """What a sentence further back is one of: what page one can name is judged as it is there.

    So no place of a report says of a result what another denies. What page one cannot name is
    corrected over ``asked``, in a school's report together with all that its page one names.
    """
    asked, first = list(asked), on_page_one(page)
    if set(asked) <= set(first):
        return Family(page, first)
    return Family(page, list(dict.fromkeys([*first, *asked])) if page.is_school else asked)
