"""For whom? Whether levels and change differ between groups of people, allowing for schools."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import pingouin as pg
from scipy import special, stats

from analysis.instruments import Instrument
from analysis.prepare import Prepared
from analysis.results import COHORT, Result, pair
from analysis.statistics import effects, estimates, mixed, resampling
from analysis.statistics.estimates import Codes, Estimate, Flags, Floats
from analysis.statistics.level import items_of, scored
from analysis.statistics.people import BASELINE, FOLLOWUP, People
from analysis.statistics.samples import (
    ALL,
    at_wave,
    attributes,
    clusters,
    compared_as,
    group_key,
    matched,
)
from analysis.study import Survey
from analysis.words import slug

LARGEST = 8
#: Of a baseline that tells less than this, dividing by its reliability makes more noise than sense.
LEAST_RELIABLE = 0.3
DRAWS = 999
PLAIN = "; does not allow for schools"


@dataclass(frozen=True)
class _Groups:
    """A moderator with its groups large enough to compare.

    ``keys`` are the groups' names in ids; ``place`` is each person's group as its place in ``values``; -1 for nobody's.
    """

    column: str
    values: tuple[str, ...]
    keys: dict[str, str]
    place: Codes

    @property
    def id(self) -> str:
        return slug(self.column)


def moderation(prepared: Prepared, survey: Survey) -> Iterator[Result]:
    """Differences between groups in change (matched), in level, and in follow-up given baseline.

    Moderators are the phase and every attribute with two to eight groups that each have as
    many people as the release threshold asks for; smaller groups are left out, and the method
    says how many remain. Who did not say is in no group, or among the others of a question
    answered by yes or no (:func:`analysis.statistics.samples.compared_as`).

    ``moderation`` tests the change x group interaction: ``p`` by restricted wild cluster
    bootstrap of all differences in change at once, and beside it ``p_plain`` and ``f_plain``,
    the interaction of a mixed ANOVA, which with two waves is the one-way ANOVA of the
    differences (scipy). ``moderation_level`` tests levels at each wave in the same way,
    ``ancova`` follow-up given baseline (differences of adjusted means). The baseline's
    unreliability is allowed for (:func:`true_baseline`): otherwise groups that stand apart at
    baseline seem to change apart, since what people of a group answer errs about that group's
    mean, and not about everybody's.

    Pairs of groups (``moderation_pairs``, ``ancova_pairs``): difference with an interval that
    allows for schools, Holm over the pairs of a score, and the equivalence test against the
    smallest effect of interest, without which "no difference" is not said; for pairs only
    where the study allows the breakdown. ``difference_mixed`` is from a mixed model of
    the changes with schools as random effects (its wave x group interaction). Each group's
    own change is in ``paired``, its levels in ``level``.
    """
    study = prepared.study
    both = matched(prepared, survey)
    waves = pair(study.baseline, study.followup)
    shown = {group.column for group in study.breakdowns(survey)}
    of_matched = list(_moderators(prepared, survey, both)) if study.compares else []
    waves_of = {wave: at_wave(prepared, survey, wave) for wave in study.wave_ids}
    of_wave = {w: list(_moderators(prepared, survey, people)) for w, people in waves_of.items()}
    schools, schools_at = clusters(both), {w: clusters(people) for w, people in waves_of.items()}
    for name in survey.instruments:
        for score in prepared.instruments[name].scores:
            column = f"{name}.{score}"
            baseline, followup = (both.numbers(column + wave) for wave in (BASELINE, FOLLOWUP))
            change = followup - baseline
            common: dict[str, Any] = {
                "unit": COHORT, "source": survey.id, "instrument": name, "measure": score,
            }  # fmt: skip
            alpha = _alpha(prepared.instruments[name], both, score) if of_matched else math.nan
            for groups in of_matched:
                given = _Given(baseline, groups, followup, alpha)
                at = common | {"wave": waves}
                yield from _tested(at, "moderation", groups, schools, change, None)
                yield from _tested(at, "ancova", groups, schools, followup, given)
                if groups.column in shown:
                    margin = study.smallest_effects.get(name)
                    points = margin.points if margin else math.nan
                    yield from _pairwise(
                        at, "moderation_pairs", groups, schools, change, None, points
                    )
                    yield from _pairwise(
                        at, "ancova_pairs", groups, schools, followup, given, points
                    )
            for wave in study.wave_ids:
                values = waves_of[wave].numbers(column)
                at = common | {"wave": wave}
                for groups in of_wave[wave]:
                    yield from _tested(
                        at, "moderation_level", groups, schools_at[wave], values, None
                    )


def clustering(prepared: Prepared, survey: Survey) -> Iterator[Result]:
    """How alike people of one school are: intraclass correlation and design effect.

    Of each score's level at every wave and of its matched change. ``icc`` is from the one-way
    ANOVA with schools as groups, ``(F - 1) / (F - 1 + n0)`` with ``n0`` the mean number of
    people per school corrected for unequal numbers; it can fall below nought by chance, and is
    then reported as it is. Its interval is Searle's, exact for equal numbers of normal answers.
    ``deff`` is ``1 + (m - 1) icc`` with ``m`` the size-weighted mean number per school, never
    below 1: how many times more people are needed than if they were unrelated.
    """
    study = prepared.study
    both = matched(prepared, survey)
    people = {wave: at_wave(prepared, survey, wave) for wave in study.wave_ids}
    waves = pair(study.baseline, study.followup)
    for name in survey.instruments:
        for score in prepared.instruments[name].scores:
            column = f"{name}.{score}"
            portions = [(w, each.numbers(column), each["school"]) for w, each in people.items()]
            if study.compares:
                portions.append((waves, both.change(column), both["school"]))
            for wave, values, schools in portions:
                known = ~np.isnan(values) & schools.notna().to_numpy()
                yield from _clustering(
                    {
                        "unit": COHORT,
                        "source": survey.id,
                        "instrument": name,
                        "analysis": "clustering",
                        "measure": score,
                        "wave": wave,
                        "group": ALL,
                    },
                    values[known],
                    estimates.school_codes(schools[known]),
                )


def intraclass(values: Floats, codes: Codes) -> tuple[float, float, float, float]:
    """ANOVA intraclass correlation, its 95% interval, and the F statistic."""
    groups = [values[codes == place] for place in np.unique(codes)]
    sizes = np.array([len(group) for group in groups], dtype="float64")
    n, k = float(sizes.sum()), float(len(groups))
    if k < 2 or n - k < 1 or all(float(np.ptp(group)) == 0 for group in groups):
        return math.nan, math.nan, math.nan, math.nan
    f = float(stats.f_oneway(*groups).statistic)
    n0 = (n - float(np.sum(sizes**2)) / n) / (k - 1)
    tail = (1 - estimates.LEVEL) / 2
    ends = [f / float(special.fdtri(k - 1, n - k, q)) for q in (1 - tail, tail)]
    found = [(ratio - 1) / (ratio - 1 + n0) for ratio in (f, *ends)]
    return found[0], found[1], found[2], f


def _clustering(common: dict[str, Any], values: Floats, codes: Codes) -> Iterator[Result]:
    if len(values) < 3 or len(np.unique(codes)) < 2:
        return
    value, low, high, _ = intraclass(values, codes)
    if math.isnan(value):
        return
    sizes = np.bincount(codes).astype("float64")
    typical = float(np.sum(sizes**2) / sizes.sum())
    base = common | {"n": float(len(values)), "n_schools": float(len(sizes))}
    yield Result(
        **base,
        statistic="icc",
        value=value,
        ci_low=low,
        ci_high=high,
        level=estimates.LEVEL,
        method="intraclass correlation from one-way ANOVA over schools (scipy), Searle's interval",
    )
    yield Result(
        **base,
        statistic="deff",
        value=max(1 + (typical - 1) * value, 1.0),
        method=f"1 + (m - 1) icc with {typical:.1f} people in a typical person's school",
    )


def _moderators(prepared: Prepared, survey: Survey, people: People) -> Iterator[_Groups]:
    study = prepared.study
    fewest = max(study.asked(survey).minimum, 3)
    columns = ([study.phases.column] if study.phases else []) + [
        name for name in attributes(prepared, survey) if name not in survey.perceived_change
    ]
    for column in columns:
        if column not in people or not pd.api.types.is_string_dtype(said := people[column]):
            continue
        codes, found = pd.factorize(compared_as(said))
        counts = np.bincount(codes[codes >= 0], minlength=len(found))
        values = tuple(sorted(str(each) for each in found[counts >= fewest]))
        if 2 <= len(values) <= LARGEST:
            keys = {value: group_key(study, survey, column, value) for value in values}
            # The last is for those who are in no group.
            place = np.append(pd.Index(values).get_indexer(pd.Index(found)), -1)[codes]
            yield _Groups(column, values, keys, place)


def _alpha(instrument: Instrument, both: People, score: str) -> float:
    """Cronbach's alpha of a score at baseline, of those matched who answered all its items."""
    places = items_of(instrument, score)
    if len(places) < 2:
        return math.nan
    points = scored(instrument, both, places, BASELINE)
    complete = points[~np.isnan(points).any(axis=1)]
    if len(complete) < 3 or not complete.sum(axis=1).var() > 0:
        return math.nan
    return float(pg.cronbach_alpha(pd.DataFrame(complete))[0])


def true_baseline(baseline: Floats, place: Codes, alpha: float) -> tuple[Floats, float]:
    """Each person's baseline as far as it can be trusted, and its reliability within groups.

    The group's mean, and of how far a person stands from it the share that is not error: the
    estimated true scores of Porter and Raudenbush (1987, Journal of Counseling Psychology
    34:383-392), which make an analysis of covariance unbiased for groups that stand apart at
    baseline. What is known of error is that of items, so that of a day is not allowed for. The
    reliability within groups is that of all (``alpha``) with the variance between groups taken out,
    and is taken as known. Where it is not known, or not above :data:`LEAST_RELIABLE`, the baseline
    stays as it is, with a reliability of one.

    Parameters
    ----------
    baseline, place
        A score and a group (from 0) of each person, none missing.
    alpha
        The score's reliability in all of them.
    """
    sizes = np.maximum(np.bincount(place), 1)
    own = (np.bincount(place, weights=baseline) / sizes)[place]
    within = float(np.mean((baseline - own) ** 2))
    if not 0 < alpha < 1 or not within > 0:
        return baseline, 1.0
    reliability = 1 - (1 - alpha) * float(baseline.var()) / within
    if reliability <= LEAST_RELIABLE:
        return baseline, 1.0
    return own + reliability * (baseline - own), reliability


class _Given:
    """The baseline that a follow-up is compared given, of those who are in a group."""

    def __init__(self, baseline: Floats, groups: _Groups, followup: Floats, alpha: float) -> None:
        member = (groups.place >= 0) & ~np.isnan(followup) & ~np.isnan(baseline)
        self.values = np.full(len(baseline), np.nan)
        self.reliability = 1.0
        if member.any():
            self.values[member], self.reliability = true_baseline(
                baseline[member], groups.place[member], alpha
            )

    @property
    def words(self) -> str:
        """How it was allowed for."""
        if self.reliability == 1.0:
            return "adjusted for baseline, as if it were free of error"
        return (
            "adjusted for baseline, of whose differences within groups "
            f"{100 * self.reliability:.0f}% are taken to be no error (Cronbach's alpha)"
        )


def _design(groups: _Groups, values: Floats, given: _Given | None) -> tuple[Floats, Flags]:
    """A column per group, and the centred baseline where wanted; and who is in it."""
    member = (groups.place >= 0) & ~np.isnan(values)
    if given is not None:
        member &= ~np.isnan(given.values)
    columns = [np.eye(len(groups.values))[groups.place[member]]]
    if given is not None and member.any():
        known = given.values[member]
        columns.append((known - known.mean())[:, None])
    return np.hstack(columns), member


def _tested(
    common: dict[str, Any],
    analysis: str,
    groups: _Groups,
    schools: Codes,
    values: Floats,
    given: _Given | None,
) -> Iterator[Result]:
    design, member = _design(groups, values, given)
    counts = design[:, : len(groups.values)].sum(axis=0)
    if counts.min() < 3:
        return
    values, schools = values[member], schools[member]
    others = list(groups.values[1:])
    nested = pd.DataFrame(
        np.column_stack([design[:, 1:], np.ones(len(design))]),
        columns=[*others, *(["baseline"] if given is not None else []), "constant"],
    )
    wild = resampling.wild_test(values, nested, others, schools, DRAWS)
    base = common | {
        "analysis": analysis,
        "group": groups.id,
        "n": float(counts.min()),
        "n_schools": estimates.number_of_schools(schools),
    }
    words = f"all differences between {len(groups.values)} groups at once; "
    if given is not None:
        words += f"{given.words}; "
    yield Result(**base, statistic="p", value=wild.p, method=words + wild.method)
    if given is None:
        parts = [values[column > 0] for column in design.T]
        if any(float(np.ptp(part)) > 0 for part in parts):
            test = stats.f_oneway(*parts)
            df = float(len(values) - len(parts))
            method = f"one-way ANOVA (scipy) with {len(parts) - 1} and {df:g} degrees of freedom"
            if analysis == "moderation":
                method = "wave x group interaction of a mixed ANOVA, as " + method
            for statistic, value in (("f_plain", test.statistic), ("p_plain", test.pvalue)):
                yield Result(
                    **base, statistic=statistic, value=float(value), df=df, method=method + PLAIN
                )


def _pairwise(
    common: dict[str, Any],
    analysis: str,
    groups: _Groups,
    schools: Codes,
    values: Floats,
    given: _Given | None,
    margin: float,
) -> Iterator[Result]:
    x, member = _design(groups, values, given)
    codes, y = schools[member], values[member]
    if estimates.number_of_schools(codes) < 3 or np.linalg.matrix_rank(x) < x.shape[1]:
        return
    clustered = estimates.Clustered(y, x, codes)
    names = [*groups.values, *(["baseline"] if given is not None else [])]
    counts = x[:, : len(groups.values)].sum(axis=0)
    model = mixed.fit(y, pd.DataFrame(x, columns=names), codes) if given is None else None
    found: list[Result] = []
    for one, other in itertools.combinations(range(len(groups.values)), 2):
        first, second = groups.values[one], groups.values[other]
        weights = np.zeros(len(names))
        weights[[one, other]] = 1.0, -1.0
        estimate = clustered.estimate(weights)
        words = "difference in change, first less second group" + (
            f" ({given.words})" if given is not None else ""
        )
        method = f"{words}; " + estimate.how
        base = common | {
            "analysis": analysis,
            "group": pair(groups.keys[first], groups.keys[second]),
            "n": float(min(counts[one], counts[other])),
            "n_schools": estimates.number_of_schools(codes),
        }
        yield Result(
            **base, statistic="difference", **estimates.fields(estimate) | {"method": method}
        )
        if not estimate.known:
            continue
        found.append(Result(**base, statistic="p", value=estimate.p, df=estimate.df, method=method))
        if not math.isnan(margin):
            yield Result(
                **base,
                statistic="p_equivalence",
                value=effects.equivalence(estimate, margin),
                df=estimate.df,
                method=f"two one-sided t tests against plus or minus {margin:g} points; {method}",
            )
        if model is not None:
            by_model: Estimate = model.estimate(**{first: 1.0, second: -1.0})
            yield Result(
                **base,
                statistic="difference_mixed",
                **estimates.fields(by_model) | {"method": f"{words}; {by_model.method}"},
            )
    yield from found
    if len(found) > 1:
        _, corrected = pg.multicomp([result.value for result in found], method="holm")
        for result, value in zip(found, corrected, strict=True):
            yield replace(
                result,
                statistic="p_holm",
                value=float(value),
                df=math.nan,
                method=f"Holm over the {len(found)} pairs, of: {result.method}",
            )
