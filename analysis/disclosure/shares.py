"""Shares that would point at somebody are said in words, or withheld with what adds up to them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from math import comb

import numpy as np
import pandas as pd

from analysis.disclosure.draft import GIVES_AWAY, Draft, Flags, Floats
from analysis.disclosure.sums import ALL, SINGLED_OUT
from analysis.language import N_, gettext
from analysis.questions import SHARES
from analysis.results import COHORT, OTHERS, words_of
from analysis.study import INTERVIEWEES

#: Shares of fewer people than this are never given as numbers.
FEW = 10
NONE_OR_FEW = N_("none or hardly any")
NEARLY_ALL = N_("nearly all")
LESS_THAN_HALF = N_("fewer than half")
HALF_OR_MORE = N_("half or more")
#: Of cells of a description, by the population's minimum.
FEWER_THAN = N_("fewer than {number}")
ALL_BUT_FEWER = N_("all but fewer than {number}")
#: Of people interviewed, and of schools in which something was heard.
ONE_OR_TWO = N_("one or two")
#: Analyses that count people interviewed.
OF_HEARD = ("count", "together_themes", "together_passages")
HEARD_FROM_ONE = "codebook-heard_from_one"
#: The three shares of an item's answers.
OF_ITEM = ("favourable", "neutral", "unfavourable")
#: How far a number printed without decimals may be from what was computed.
HALF = 0.5 + 1e-9
#: How many, of how many.
BASE = ("numerator", "denominator")
#: How often something is in a school's records.
OF_RECORD = ("rate",)


def said(band: str) -> str:
    """The words of a release in the language that is spoken."""
    found = re.fullmatch(r"(.*?)(\d+)", band)
    return gettext(found[1] + "{number}", number=found[2]) if found else gettext(band)


def in_words(draft: Draft) -> None:
    """Bands for shares of nobody, of one or two, and their complements, and of fewer than ten."""
    base = draft.ledger["denominator"].to_numpy(dtype="float64")
    count = draft.ledger["numerator"].to_numpy(dtype="float64")
    shares = _shares(draft) & ~np.isnan(base) & ~np.isnan(count)
    described = draft.equals("analysis", "sample")
    _sample(draft, described & shares, count, base)
    shares &= ~described
    few = shares & (base < FEW)
    draft.say(few & (2 * count < base), LESS_THAN_HALF)
    draft.say(few & (2 * count >= base), HALF_OR_MORE)
    many = shares & ~few
    draft.say(many & (count <= SINGLED_OUT), NONE_OR_FEW)
    draft.say(many & (base - count <= SINGLED_OUT), NEARLY_ALL)
    _heard(draft, count, base)
    _answers(draft, count, base)
    _families(draft, many & draft.equals("analysis", *SHARES))
    _groups_of_schools(draft, many & draft.equals("analysis", *SHARES) & ~_of_items(draft))


def _heard(draft: Draft, count: Floats, base: Floats) -> None:
    """How many of those interviewed, of a group, or of those asked at one time, spoke of something.

    In words throughout where a group of an attribute (or the time) has fewer than ten people, since
    all who spoke are known; of ten and more only one or two, and all or all but one or two. So is
    that something was heard in one or two schools: two of them would be two people. Groups that the
    study keeps apart are counted by themselves.
    """
    interviews = draft.equals("source", "interviews")
    rows = interviews & draft.equals("analysis", *OF_HEARD) & ~np.isnan(count) & ~np.isnan(base)
    everybody, ever = draft.equals("group", ALL), draft.equals("wave", ALL)
    apart = [rows & everybody & ~ever]
    found = draft.ledger.loc[rows, "group"].unique()
    for attribute in draft.study.groups_of(INTERVIEWEES):
        kept = {attribute.key(value.id) for value in attribute.values if value.apart}
        family = [name for name in attribute.among(map(str, found)) if name not in kept]
        if family:
            apart.append(rows & draft.equals("group", *family))
        apart += [rows & draft.equals("group", name) for name in sorted(kept)]
    people = rows & draft.equals("statistic", "people")
    apart.append(people & everybody & ever)
    for of in apart:
        if of.any() and base[of].min() < FEW:
            draft.say(of & (2 * count < base), LESS_THAN_HALF)
            draft.say(of & (2 * count >= base), HALF_OR_MORE)
        else:
            draft.say(of & people & (count > 0) & (count <= SINGLED_OUT), ONE_OR_TWO)
            draft.say(of & people & (base - count <= SINGLED_OUT), NEARLY_ALL)
    in_schools = rows & draft.equals("statistic", "schools") & draft.shown
    draft.say(in_schools & (count > 0) & (count <= SINGLED_OUT), ONE_OR_TWO)
    if (people & draft.band.said).any():
        _of_all_heard(draft, interviews)


def _of_all_heard(draft: Draft, interviews: Flags) -> None:
    """What of counts that stand in words is told by sums over codes, and by the smallest of schools.

    How many codes one person was heard on would tell which of two numbers the words stand for. So
    would the curve of new codes, which goes by all counts: it is shown in whole numbers, and of them
    only the last that leave open which (:func:`_left_open`). The fewest people of any school are one or
    two nearly always.
    """
    few = (draft.ledger["value"] <= SINGLED_OUT).to_numpy()
    told = draft.equals("statistic", "fewest") & few
    told |= draft.equals("analysis", "check") & draft.equals("measure", HEARD_FROM_ONE)
    draft.withhold(interviews & told, GIVES_AWAY)
    curve = interviews & draft.equals("analysis", "saturation")
    draft.coarsen(curve, 0)
    draft.withhold(curve & ~_left_open(draft, interviews, curve), GIVES_AWAY)


def _left_open(draft: Draft, interviews: Flags, curve: Flags) -> Flags:
    """The points of the curve of new codes that may be shown: as many of the last as leave open which
    numbers the words stand for.

    Of *one or two*, how many of these codes were heard from one must stay open by as many as a
    number of people must, or by all of them; of *nearly all* each number must stay. Every
    combination is tried. Of fewer than ten people all counts are in words, and the curve goes.
    """
    shown = np.zeros(len(curve), dtype=bool)
    rows = interviews & draft.equals("analysis", "count") & draft.equals("statistic", "people")
    rows &= draft.equals("group", ALL) & draft.equals("wave", ALL)
    counted = draft.ledger[["measure", *BASE]].assign(word=draft.band.said)[rows]
    names = [str(name) for name in counted["measure"]]
    # A theme's count is of its codes' people, and a detail's is of some of its code's.
    themes = {name.rsplit("_", 1)[0] for name in names}
    codes = counted[[name not in themes and "--" not in name for name in names]]
    points = draft.ledger["measure"][curve].astype("str").sort_values().index
    if not len(points) or len(codes) != draft.ledger["denominator"][curve].max():
        return shown
    people = int(codes["denominator"].max())
    if people < FEW:
        return shown
    counts, words = codes["numerator"].to_numpy(dtype="int64"), codes["word"].to_numpy()
    heard = np.array([
        [1 - comb(people - m, k) / comb(people, k) for k in range(1, people + 1)]
        for m in range(people + 1)
    ])  # fmt: skip
    few = int((words & (counts <= SINGLED_OUT)).sum())
    many = int(words.sum()) - few
    of_one = np.arange(few + 1)
    of_few = np.outer(of_one, heard[1]) + np.outer(few - of_one, heard[SINGLED_OUT])
    known = heard[counts[~words]].sum(axis=0)
    whole = np.floor(heard[counts].sum(axis=0) + 0.5)
    #: How many codes of *nearly all* were heard from all but two, all but one, and all.
    splits = [(i, j, many - i - j) for i in range(many + 1) for j in range(many - i + 1)]
    fits = np.array([
        np.abs(known + np.array(each) @ heard[people - SINGLED_OUT :] + of_few - whole) <= HALF
        for each in splits
    ])  # fmt: skip
    asked = min(few, int(draft.study.disclosure.protection.count))
    for first in range(people):
        possible: Flags = np.asarray(fits[:, :, first:].all(axis=2))
        ones = of_one[np.asarray(possible.any(axis=0))]
        left = [splits[place] for place in np.flatnonzero(possible.any(axis=1))]
        of_many = np.max(left, axis=0)
        if np.ptp(ones) >= asked and (not many or of_many.min() > 0):
            shown[draft.ledger.index.get_indexer(points[first:])] = True
            break
    return shown


def _answers(draft: Draft, count: Floats, base: Floats) -> None:
    """What the facilitators answered: counts and shares by the rule of shares, as a whole question.

    Of ten and more, a question whose answers add up is in words as a whole where any of them is:
    the others would leave it.
    """
    rows = draft.equals("source", "facilitators") & draft.equals("analysis", "answers")
    rows &= ~np.isnan(count) & ~np.isnan(base)
    asked: dict[str, list[str]] = {}
    for measure in map(str, draft.ledger.loc[rows, "measure"].unique()):
        asked.setdefault(measure.split("-")[0], []).append(measure)
    for _, measures in sorted(asked.items()):
        of = rows & draft.equals("measure", *measures)
        counts = of & draft.equals("statistic", "count")
        near = np.minimum(count, base - count)
        adds_up = count[counts].sum() == base[counts].max(initial=0.0)
        if (base[of] < FEW).any() or (adds_up and (near[of] <= SINGLED_OUT).any()):
            draft.say(of & (2 * count < base), LESS_THAN_HALF)
            draft.say(of & (2 * count >= base), HALF_OR_MORE)
        else:
            draft.say(of & (count <= SINGLED_OUT), NONE_OR_FEW)
            draft.say(of & (base - count <= SINGLED_OUT), NEARLY_ALL)


def _shares(draft: Draft) -> Flags:
    """Rows that say how many of some people gave an answer, or are something."""
    surveys = [survey.id for survey in draft.study.surveys]
    rows = draft.equals("analysis", *SHARES) & ~draft.equals("statistic", "mean", "limit")
    rows |= draft.equals("source", "outcomes") & draft.equals("analysis", "rate", "rate_group")
    rows |= draft.equals("source", "open_answers") & draft.equals("analysis", "codes")
    ends = draft.equals("analysis", "reliability") & draft.equals("statistic", "floor", "ceiling")
    return rows | (ends & draft.equals("source", *surveys))


def _of_items(draft: Draft) -> Flags:
    return draft.equals("analysis", "items")


def _families(draft: Draft, rows: Flags) -> None:
    """Shares that add up: beside one in words, another goes, so that no sum tells it.

    With two of three in words, or one that stays too close to them, all are in words.
    """
    places = np.flatnonzero(rows & ~draft.reason.said)
    if not len(places):
        return
    keys = ["unit", "source", "analysis", "measure", "wave", "group"]
    frame = draft.ledger[[*keys, "numerator", "denominator"]].iloc[places]
    family = frame.groupby(keys, sort=False).ngroup().to_numpy()
    order = np.argsort(family, kind="stable")
    count = frame["numerator"].to_numpy(dtype="float64")
    base = frame["denominator"].to_numpy(dtype="float64")
    for members in np.split(order, np.flatnonzero(np.diff(family[order])) + 1):
        banded = [m for m in members if draft.band[places[m]]]
        if not banded:
            continue
        others = sorted(
            (m for m in members if not draft.band[places[m]]), key=lambda m: (count[m], m)
        )
        small = [m for m in members if count[m] <= SINGLED_OUT]
        if len(small) == 1 and len(others) == 2 and count[others[0]] > 2 * SINGLED_OUT:
            _say(draft, places[others[:1]], "")
        else:
            for m in others:
                words = LESS_THAN_HALF if 2 * count[m] < base[m] else HALF_OR_MORE
                _say(draft, places[[m]], words)


def _say(draft: Draft, places: Iterable[int], words: str) -> None:
    """Say some rows, by their places, in words; without words, withhold them."""
    for place in places:
        if not draft.reason[place]:
            draft.band[place] = words
            draft.reason[place] = "" if words else GIVES_AWAY


def _groups_of_schools(draft: Draft, rows: Flags) -> None:
    """Where one group's share is not shown, all less the others would tell it: none is shown."""
    group, _ = draft.phases()
    phases = [group.key(value) for value in group.ids] if group else []
    found = rows & draft.equals("unit", COHORT) & draft.equals("group", ALL, *phases)
    frame = draft.ledger.loc[found, ["source", "analysis", "measure", "wave", "group"]]
    frame = frame.assign(shown=draft.shown[found])
    for (source, analysis, measure, wave), of in frame.groupby(
        ["source", "analysis", "measure", "wave"], sort=False
    ):
        by_group = of.groupby("group")["shown"].all()
        of_phases = by_group[by_group.index != ALL]
        if by_group.get(ALL, False) and not of_phases.all():
            same = found & draft.equals("source", str(source)) & ~draft.equals("group", ALL)
            same &= draft.equals("analysis", str(analysis)) & draft.equals("wave", str(wave))
            draft.withhold(same & draft.equals("measure", str(measure)) & draft.shown, GIVES_AWAY)


def _sample(draft: Draft, rows: Flags, count: Floats, base: Floats) -> None:
    """Who the respondents are: cells of fewer people than the population's minimum, in words.

    Of answers yes and no only yes is given: whoever said no or did not say is among the others.
    """
    no = [m for m in draft.ledger.loc[rows, "measure"].unique() if _is_no(draft, rows, str(m))]
    draft.withhold(rows & draft.equals("measure", *map(str, no)), GIVES_AWAY)
    for least in np.unique(draft.minimum[rows]) if rows.any() else ():
        same = rows & (draft.minimum == least)
        draft.say(same & (count < least), FEWER_THAN.format(number=f"{least:.0f}"))
        draft.say(same & (base - count < least), ALL_BUT_FEWER.format(number=f"{least:.0f}"))
    _nobody_could(draft, rows, count)
    _of_attribute(draft, rows, count, base)
    _groups_of_schools(draft, rows)
    _moved(draft, rows)


def _is_no(draft: Draft, rows: Flags, measure: str) -> bool:
    """Whether a value is one of those that are the others of a yes."""
    attribute, value = measure.split("-", 1)
    known = set(draft.ledger.loc[rows, "measure"])
    return value != "yes" and {f"{attribute}-yes", f"{attribute}-no"} <= known and value in (
        "no", "prefer_not_to_say", "not_answered", "dont_know",
    )  # fmt: skip


def _nobody_could(draft: Draft, rows: Flags, count: Floats) -> None:
    """Noughts that are about nobody stay: a group of schools that never had anybody of a value."""
    frame = draft.ledger.loc[rows, ["source", "measure", "group"]]
    most = pd.Series(count[rows]).groupby(
        [frame[name].to_numpy() for name in frame.columns]
    ).transform("max")  # fmt: skip
    places = np.flatnonzero(rows)[most.to_numpy() == 0]
    draft.band[places] = ""


def _of_attribute(draft: Draft, rows: Flags, count: Floats, base: Floats) -> None:
    """One value in words alone is what the others leave: the next smallest goes as well."""
    counts = rows & draft.equals("statistic", "count") & ~draft.reason.said
    places = np.flatnonzero(counts)
    if not len(places):
        return
    frame = draft.ledger.iloc[places]
    attribute = frame["measure"].str.split("-").str[0]
    keys = [frame["source"], attribute, frame["wave"], frame["group"]]
    for _, of in frame.groupby(keys, sort=False):
        at = [places[frame.index.get_loc(label)] for label in of.index]
        single = len(at) == 1
        banded = [p for p in at if draft.band[p]]
        if not banded or single:
            continue
        # Noughts that stand there because nobody could be counted hide nothing.
        others = sorted(
            (p for p in at if not draft.band[p] and count[p]), key=lambda p: (count[p], p)
        )
        least = draft.minimum[at[0]]
        hidden = sum(count[p] for p in banded)
        # Enough to lie anywhere below the minimum; else the next smallest is among them.
        if hidden < least - 1 or len(banded) < 2:
            for place in others[:1]:
                same = rows & draft.shown
                for name in ("source", "measure", "wave", "group"):
                    same &= draft.equals(name, str(draft.ledger[name].iloc[place]))
                draft.withhold(same, GIVES_AWAY)


def tests_of_attributes(draft: Draft) -> None:
    """Tests over a table of which a cell is not shown as a number: few whole numbers fit a test.

    Of answers yes and no the yes is the table, unless there were others as well.
    """
    tests = draft.equals("analysis", "attrition", "reference")
    tests &= draft.equals("statistic", "chi2", "p", "cramers_v")
    tests &= draft.equals("instrument", "survey")
    cells = draft.equals("analysis", "sample") & draft.equals("unit", COHORT)
    cells &= draft.equals("group", ALL) & draft.equals("statistic", "count")
    hidden = cells & draft.reason.said | cells & draft.band.said
    names = draft.index.column("measure")[1]
    for place in np.flatnonzero(tests & draft.shown):
        row = draft.ledger.iloc[place]
        source, attribute, wave = (str(row[name]) for name in ("source", "measure", "wave"))
        of = hidden & draft.equals("source", source)
        of &= draft.equals("measure", *(name for name in names if name.startswith(f"{attribute}-")))
        at = [name for name in draft.waves if name.split("-")[0] == wave]
        of &= draft.equals("wave", *(at if row["analysis"] == "attrition" else [wave]))
        found = {str(name) for name in draft.ledger["measure"][of]}
        if row["df"] == 1:
            found = {name for name in found if not _is_no(draft, cells, name)}
        if found:
            draft.withhold_at([place], GIVES_AWAY)


def split_records(draft: Draft) -> None:
    """Records of a group of children and of all others: all less one of the two is the other.

    Where one may not be shown as a number neither is, nor the gap between them.
    """
    rates = draft.equals("source", "outcomes") & draft.equals("analysis", "rate_group")
    gaps = draft.equals("source", "outcomes") & draft.equals(
        "analysis", "rate_gap", "rate_gap_change"
    )
    hidden = draft.ledger[["measure", "wave", "group"]][rates & ~draft.shown].drop_duplicates()
    for measure, wave, group in hidden.itertuples(index=False):
        name = str(group).rsplit("_", 1)[0]
        both = (f"{name}_yes", f"{name}_{OTHERS}")
        of = draft.equals("measure", str(measure)) & draft.mentions("wave", str(wave))
        of &= draft.mentions("group", *both)
        draft.withhold(of & (rates | gaps), GIVES_AWAY)


def _moved(draft: Draft, rows: Flags) -> None:
    """Those who are in no one group of schools are what all less the groups leave."""
    group, _ = draft.phases()
    phases = [group.key(value) for value in group.ids] if group else []
    for survey in draft.study.surveys:
        for wave in draft.waves:
            sizes = {key: draft.counted.get((survey.id, wave, COHORT, key), 0) for key in phases}
            left = draft.counted.get((survey.id, wave, COHORT, ALL), 0) - sum(sizes.values())
            if sizes and 0 < left < draft.study.asked(survey).minimum:
                smallest = min(sizes, key=lambda key: (sizes[key], key))
                of = rows & draft.equals("source", survey.id) & draft.equals("wave", wave)
                draft.withhold(of & draft.equals("group", smallest), GIVES_AWAY)


def across_schools(draft: Draft) -> None:
    """Shares in words, or withheld, in one school alone: what the total less the others leaves.

    Of an item the group's own shares go first (no page shows them), then the smallest other
    school's. Of school records it is the smallest other school's at once: what a school stands
    beside is shown.
    """
    items = draft.equals("analysis", "items") & draft.equals("statistic", *OF_ITEM)
    _across(draft, items, OF_ITEM, groups_first=True)
    records = draft.equals("source", "outcomes") & draft.equals("analysis", "rate")
    _across(draft, records & draft.equals("statistic", *OF_RECORD), OF_RECORD, groups_first=False)


def of_groups(draft: Draft, wave: str) -> dict[str, str]:
    """The group of each school at a wave; of records, which are by term, that of the schools table."""
    group, phases = draft.phases()
    if not group or wave in phases:
        return phases.get(wave, {})
    found = draft.schools[group.column].items()
    return {str(school): group.key(str(value)) for school, value in found if value}


def left_by_words(band: str, n: float) -> tuple[float, float]:
    """Between which counts of ``n`` words leave one: any, where there are none."""
    return {
        NONE_OR_FEW: (0.0, float(SINGLED_OUT)),
        NEARLY_ALL: (n - SINGLED_OUT, n),
        LESS_THAN_HALF: (0.0, np.ceil(n / 2) - 1),
        HALF_OR_MORE: (np.ceil(n / 2), n),
    }.get(band, (0.0, n))


def _across(draft: Draft, rows: Flags, statistics: tuple[str, ...], *, groups_first: bool) -> None:
    places = np.flatnonzero(rows)
    keys_of = ["source", "instrument", "measure", "wave"]
    frame = draft.ledger[[*keys_of, "unit", "group", "statistic", *BASE]].iloc[places]
    group, _ = draft.phases()
    keys = [group.key(value) for value in group.ids] if group else []
    of_item = frame.groupby(keys_of, sort=False).indices
    unit, of_group, statistic = (words_of(frame[name]) for name in ("unit", "group", "statistic"))
    count, base = (frame[name].to_numpy(dtype="float64") for name in BASE)
    for name, at in of_item.items():
        wave = str(name[-1]) if isinstance(name, tuple) else ""
        table: dict[tuple[str, str, str], int] = {
            (unit[p], of_group[p], statistic[p]): p for p in at
        }
        units = sorted({unit[p] for p in at if unit[p] != COHORT})
        # Of answers without a middle, there is no neutral share.
        there = {statistic[p] for p in at}
        given = [k for k in statistics if k in there]
        for key in (*keys, ALL):
            if key != ALL:
                of = of_groups(draft, wave)
                inside = [u for u in units if of.get(u) == key]
            else:
                inside = units
            while True:
                shown = [
                    k for k in given
                    if (COHORT, key, k) in table and draft.shown_at(places[table[COHORT, key, k]])
                ]  # fmt: skip
                found = next(
                    (k for k in shown if _told(draft, places, table, inside, k, count, base)), None
                )
                if found is None:
                    break
                if key != ALL and groups_first:
                    gone = [places[table[COHORT, key, k]] for k in given]
                else:
                    smallest = min(
                        (u for u in inside if draft.shown_at(places[table[u, ALL, found]])),
                        key=lambda u: (base[table[u, ALL, found]], u),
                        default=None,
                    )
                    if smallest is None:
                        gone = [places[table[COHORT, key, k]] for k in given]
                    else:
                        gone = [places[table[smallest, ALL, k]] for k in given]
                _say(draft, gone, "")


def _told(
    draft: Draft,
    places: np.ndarray,
    table: dict[tuple[str, str, str], int],
    inside: list[str],
    answer: str,
    count: np.ndarray,
    base: np.ndarray,
) -> bool:
    """Whether a total and the shares shown say more of a school's share than its words do."""
    hidden = [
        table[u, ALL, answer] for u in inside if not draft.shown_at(places[table[u, ALL, answer]])
    ]
    if not hidden:
        return False
    low: list[float] = []
    high: list[float] = []
    words: list[bool] = []
    for p in hidden:
        lowest, highest = left_by_words(draft.band[places[p]], base[p])
        low.append(lowest)
        high.append(highest)
        words.append(draft.reason[places[p]] != GIVES_AWAY)
    total = float(sum(count[p] for p in hidden))
    lows, highs = np.array(low), np.array(high)
    least = total - (highs.sum() - highs)
    most = total - (lows.sum() - lows)
    narrow = (least > lows + 1e-9) | (most < highs - 1e-9)
    return bool((narrow & np.array(words)).any())
