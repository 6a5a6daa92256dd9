"""Tables and sentences on how far the findings can be trusted, and for whom they hold.

Each takes a page, a survey and (mostly) an instrument. Numbers come from the released results
only; wording follows intervals, corrections and equivalence tests, and never says "caused".
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from analysis.instruments.model import Subscale
from analysis.present import verdict
from analysis.present.page import Compared, Page, in_order, part
from analysis.present.shown import Cell, Part, Table, Text, escaped
from analysis.results import COHORT, OTHERS, pair
from analysis.words import inside, slug, tidy

ALL = Compared("All", COHORT, "all")
NOT_APPLICABLE = r"\[z\]"
Piece = str | Part


def reliability(page: Page, survey: str, *instruments: str) -> Table:
    """Alpha and omega of each subscale at baseline and follow-up, floor and ceiling."""
    rows: list[list[Cell]] = []
    for instrument, subscale in _subscales(page, instruments):
        for wave in _waves(page):
            at = (survey, instrument, "reliability", subscale.id, wave)
            if page.row(ALL, *at, "alpha") is None:
                continue
            rows.append(
                [
                    escaped(subscale.label),
                    wave,
                    page.number(ALL, *at, "alpha", decimals=2),
                    page.interval(ALL, *at, "alpha", decimals=2),
                    page.number(ALL, *at, "omega", decimals=2),
                    page.interval(ALL, *at, "omega", decimals=2),
                    page.number(ALL, *at, "floor", decimals=1),
                    page.number(ALL, *at, "ceiling", decimals=1),
                ]
            )
    return Table(
        ["Scale", "Wave", "Alpha", "95% interval", "Omega", "95% interval (omega)",
         "% lowest", "% highest"],
        rows,
        widths=[28, 7, 8, 15, 8, 15, 9, 9],
        text_columns=2,
        note="Alpha and omega say how consistently a scale's items go together, from 0 to 1. "
        "Intervals allow for schools. Omega needs three items.",
    )  # fmt: skip


def reliability_by_phase(page: Page, survey: str, *instruments: str) -> Table:
    """Alpha and omega of each subscale in each group of schools, at each wave."""
    rows: list[list[Cell]] = []
    for instrument, subscale in _subscales(page, instruments):
        for wave in _waves(page):
            at = (survey, instrument, "reliability", subscale.id, wave)
            if all(page.row(who, *at, "alpha") is None for who in page.phases):
                continue
            row: list[Cell] = [escaped(subscale.label), wave]
            for statistic in ("alpha", "omega"):
                row += [page.with_interval(who, *at, statistic, decimals=2) for who in page.phases]
            rows.append(row)
    return Table(
        ["Scale", "Wave", *(f"{name}, {inside(escaped(who.label))}" for name in ("Alpha", "Omega")
                            for who in page.phases)],
        rows,
        widths=[26, 7, *[20] * (2 * len(page.phases))],
        text_columns=2,
        note="With 95% intervals that allow for schools. Omega needs three items.",
    )  # fmt: skip


def items_of_scale(page: Page, survey: str, instrument: str, wave: str) -> Table:
    """How each item goes with the rest of its subscale, and its place among all items."""
    found = page.instruments[instrument]
    rows: list[list[Cell]] = []
    for item in found.items:
        at = (survey, instrument, "reliability", item.code, wave, "item_rest")
        if page.row(ALL, *at) is None:
            continue
        scale = escaped(found.subscale(item.subscale).label)
        row: list[Cell] = [escaped(item.label), scale, page.number(ALL, *at, decimals=2)]
        row.append(
            page.number(ALL, survey, instrument, "items", item.code, wave, "mean", decimals=2)
        )
        rank = (survey, instrument, "rank_items", item.code, wave, "rank")
        if page.row(ALL, *rank) is not None:
            row.append(page.number(ALL, *rank, decimals=0))
            row.append(page.interval(ALL, *rank, decimals=0))
        else:
            row += [NOT_APPLICABLE] * 2
        rows.append(row)
    return Table(
        ["Item", "Scale", "Item-rest correlation", "Mean", "Rank", "Ranks possible"],
        rows,
        widths=[40, 24, 13, 8, 7, 13],
        text_columns=2,
        note="Rank of the mean among all items, and the ranks that the data leave possible at 95% "
        "after correction for comparing all pairs."
        + (
            r" \[z\]: items answered on different scales are not ranked."
            if any(NOT_APPLICABLE in row for row in rows)
            else ""
        ),
    )


def attrition(page: Page, survey: str, *instruments: str) -> Table:
    """Those who answered both times against those who answered the baseline only."""
    wave = page.study.baseline
    who = Compared("", COHORT, "stayed-left")
    rows: list[list[Cell]] = []
    for instrument, score in _scores(page, instruments):
        found = page.instruments[instrument]
        at = (survey, instrument, "attrition", score, wave)
        if page.row(who, *at, "difference") is None:
            continue
        rows.append(
            [
                escaped(found.score_label(score)),
                page.number(who, *at, "difference", decimals=found.decimals(score)),
                page.interval(who, *at, "difference", decimals=found.decimals(score)),
                page.number(who, *at, "smd", decimals=2),
            ]
        )
    return Table(
        ["Scale at baseline", "Stayed less left", "95% interval", "Standardised difference"],
        rows,
        widths=[32, 14, 18, 18],
        note="A standardised difference beyond 0.1 either way is worth a look.",
    )


def attrition_attributes(page: Page, survey: str) -> Table:
    """Who stayed, by attribute: standardised differences of shares."""
    wave = page.study.baseline
    rows: list[list[Cell]] = []
    who = Compared("", COHORT, "stayed-left")
    for parts in page.ids_of(survey, "survey", "attrition"):
        if parts[6] != "smd":
            continue
        attribute, value = parts[3].split("-", 1)
        at = (survey, "survey", "attrition")
        rows.append(
            [
                f"{_characteristic(page, attribute)}: {escaped(value.replace('_', ' '))}",
                page.number(who, *at, parts[3], wave, "smd", decimals=2),
                page.p_value(who, *at, attribute, wave, "p"),
            ]
        )
    return Table(
        ["Characteristic", "Standardised difference", "p of the attribute"],
        rows,
        widths=[44, 20, 18],
        note="p is Pearson's chi-squared of the whole attribute and does not allow for schools.",
    )


def reference(page: Page, survey: str) -> Table:
    """Respondents at baseline against the reference population that the study supplies."""
    who, wave = ALL, page.study.baseline
    rows: list[list[Cell]] = []
    for attribute, measure, label in _compared_with_reference(page, survey):
        at = (survey, "survey", "reference", measure, wave)
        rows.append(
            [
                label,
                page.number(who, *at, "respondents", decimals=1),
                page.number(who, *at, "population", decimals=1),
                page.number(who, *at, "difference", decimals=1),
                page.interval(who, *at, "difference", decimals=1),
                page.number(who, *at, "smd", decimals=2),
                page.p_value(who, survey, "survey", "reference", attribute, wave, "p"),
            ]
        )
    return Table(
        ["Characteristic", "Respondents %", "Population %", "Difference", "95% interval",
         "Standardised difference", "p of the characteristic"],
        rows,
        widths=[32, 13, 12, 11, 16, 14, 16],
        note="Of those who said. The interval allows for schools and takes the population as "
        "known; p is a chi-squared test of fit and does not allow for schools. A standardised "
        "difference beyond 0.1 either way is worth a look.",
    )  # fmt: skip


def reference_in_words(page: Page, survey: str) -> Text:
    """Whom respondents are like and unlike, or that this cannot be said."""
    people = escaped(page.study.survey(survey).respondents)
    compared = list(_compared_with_reference(page, survey))
    if not compared:
        return Text(
            [f"The study supplies no reference population of {people}, so how far those who "
             "answered are like those who could have is not known."]
        )  # fmt: skip
    unlike: dict[str, list[str]] = {"more": [], "less": []}
    for _, measure, label in compared:
        at = (survey, "survey", "reference", measure, page.study.baseline)
        said = verdict.of(page, ALL, *at)
        if said is not None and said.sign:
            unlike["more" if said.sign > 0 else "less"].append(label)
    parts = [f"{word} common: {_words(labels)}" for word, labels in unlike.items() if labels]
    if not parts:
        return Text(
            [f"No share of respondents among {people} lies clearly away from the reference "
             "population's; the intervals say how far away it may be."]
        )  # fmt: skip
    return Text(
        [f"Among the {people} who answered at baseline, compared with the reference population, "
         f"were {'; '.join(parts)}. Where these answer otherwise than others, results lean their "
         "way."]
    )  # fmt: skip


def sensitivity(page: Page, survey: str, *instruments: str) -> Table:
    """The same change five ways: does the finding hang on a choice of method?"""
    ways = (
        ("paired", "difference"), ("paired", "difference_schools"),
        ("paired_weighted", "difference"), ("over_time", "difference"), ("imputed", "difference"),
    )  # fmt: skip
    rows: list[list[Cell]] = []
    for instrument, score in _scores(page, instruments):
        found = page.instruments[instrument]
        row: list[Cell] = [escaped(found.score_label(score))]
        for analysis, statistic in ways:
            at = (survey, instrument, analysis, score, page.waves, statistic)
            if page.row(ALL, *at) is None:
                row.append(NOT_APPLICABLE)
                continue
            row.append(page.with_interval(ALL, *at, decimals=found.decimals(score)))
        rows.append(row)
    return Table(
        ["Scale", "Same people", "Schools count the same", "Weighted for staying",
         "Everybody, mixed model", "Missing waves imputed"],
        rows,
        widths=[24, 18, 18, 18, 18, 18],
        note="Change with its 95% interval. The first is the one reported. The mixed model and "
        "the imputation use those who answered once as well; both suppose that people alike in "
        "what they answered are alike in what they did not."
        + (r" \[z\]: not done for this scale." if any(NOT_APPLICABLE in r for r in rows) else ""),
    )  # fmt: skip


def weighted_levels(page: Page, survey: str, *instruments: str) -> Table:
    """Levels with schools counted by their size, not by how many of them answered."""
    rows: list[list[Cell]] = []
    for instrument, score in _scores(page, instruments):
        found = page.instruments[instrument]
        row: list[Cell] = [escaped(found.score_label(score))]
        for wave in _waves(page):
            for analysis in ("level", "level_weighted"):
                at = (survey, instrument, analysis, score, wave, "mean")
                row.append(page.with_interval(ALL, *at, decimals=found.decimals(score)))
        rows.append(row)
    headings = [f"{wave}{how}" for wave in _waves(page) for how in ("", ", weighted")]
    return Table(
        ["Scale", *headings],
        rows,
        widths=[26, *[20] * 4],
        note="Mean with its 95% interval. Weighted: each person by those invited over those who "
        "answered in their school and wave.",
    )


def checks(page: Page, survey: str, *instruments: str) -> Table:
    """Change: corrected, bootstrapped, and tested for being too small to matter."""
    rows: list[list[Cell]] = []
    for instrument, score in _scores(page, instruments):
        found = page.instruments[instrument]
        decimals = found.decimals(score)
        at = (survey, instrument, "paired", score, page.waves)
        if page.row(ALL, *at, "p_clustered") is None:
            continue
        is_total = found.total is not None and score == found.total.id
        alone = is_total or len(found.scores) < 3
        rows.append(
            [
                escaped(found.score_label(score)),
                page.p_value(ALL, *at, "p_clustered"),
                NOT_APPLICABLE if alone else page.p_value(ALL, *at, "p_clustered_holm"),
                page.p_value(ALL, *at, "p_wild"),
                page.interval(ALL, *at, "equivalence", decimals=decimals),
                page.p_value(ALL, *at, "p_equivalence"),
                page.number(ALL, *at, "d_z", decimals=2),
                page.interval(ALL, *at, "d_z", decimals=2),
            ]
        )
    note = "Everything here allows for schools."
    for instrument in instruments:
        smallest = page.study.smallest_effects.get(instrument)
        if smallest is None:
            continue
        whose = f" ({escaped(page.instruments[instrument].short)})" if len(instruments) > 1 else ""
        note += (
            f" A change counts as too small to matter within plus or minus {smallest.points:g} "
            f"points{whose}, {escaped(smallest.reason)}: shown where the whole 90% interval lies "
            "inside."
        )
        if not smallest.confirmed:
            note += (
                " That size was chosen by the evaluators and is to be confirmed by the programme."
            )
    return Table(
        ["Scale", "p", "p (Holm)", "p (bootstrap)", "90% interval", "p (equivalence)", "d~z~",
         "95% interval (d)"],
        rows,
        widths=[28, 8, 9, 11, 17, 13, 7, 16],
        note=note,
    )  # fmt: skip


def items_changed(page: Page, survey: str, instrument: str) -> Table:
    """Items whose change stands after correction over all items of the instrument."""
    found = page.instruments[instrument]
    rows: list[tuple[float, list[Cell]]] = []
    tested = False
    for item in found.items:
        at = (survey, instrument, "items_change", item.code, page.waves)
        corrected = page.values(ALL, *at, "p_clustered_bh")
        tested = tested or corrected is not None
        if corrected is None or corrected["value"] >= verdict.ALPHA:
            continue
        row: list[Cell] = [
            escaped(item.label),
            escaped(found.subscale(item.subscale).label),
            page.number(ALL, *at, "difference", decimals=2),
            page.interval(ALL, *at, "difference", decimals=2),
            page.p_value(ALL, *at, "p_clustered_bh"),
        ]
        rows.append((float(corrected["value"]), row))
    ordered = [row for _, row in sorted(rows, key=lambda entry: entry[0])]
    if tested and not ordered:
        ordered = [["None stands after correction over all items", "", "", "", ""]]
    return Table(
        ["Item", "Scale", "Change", "95% interval", "p (Benjamini-Hochberg)"],
        ordered,
        widths=[42, 26, 9, 17, 14],
        text_columns=2,
    )


def reliable_change(page: Page, survey: str, *instruments: str) -> Table:
    """Shares of people who changed by more than measurement error explains."""
    rows: list[list[Cell]] = []
    for instrument, score in _scores(page, instruments):
        found = page.instruments[instrument]
        at = (survey, instrument, "reliable_change", score, page.waves)
        if page.row(ALL, *at, "improved") is None:
            continue
        row: list[Cell] = [escaped(found.score_label(score))]
        row += [
            page.number(ALL, *at, statistic, decimals=0)
            for statistic in ("improved", "unchanged", "worsened")
        ]
        rows.append([*row, page.number(ALL, *at, "limit", decimals=2)])
    return Table(
        ["Scale", "Improved %", "No reliable change %", "Worsened %", "Change needed"],
        rows,
        widths=[32, 12, 20, 12, 14],
        note="Reliable change index of Jacobson and Truax: beyond 1.96 standard errors of "
        "measurement of a difference.",
    )


def moderators(page: Page, survey: str, *instruments: str, level: bool = False) -> Table:
    """Whether change (or the level at follow-up) differs between groups, for each characteristic.

    Characteristics that reviewers ask for and that cannot be tested are named below the table.
    """
    analysis = "moderation_level" if level else "moderation"
    wave = page.study.followup if level else page.waves
    names = _moderators(page, survey, instruments[0], analysis, wave)
    rows: list[list[Cell]] = []
    for instrument, score in _scores(page, instruments) if names else ():
        row: list[Cell] = [escaped(page.instruments[instrument].score_label(score))]
        for name in names:
            at = (survey, instrument, analysis, score, wave, "p")
            row.append(page.p_value(Compared("", COHORT, name), *at))
        rows.append(row)
    note = (
        f"p of a {'level' if level else 'change'} that differs between the groups, by wild "
        "cluster bootstrap over schools, not corrected for the number of tests. A large p is not "
        "evidence that groups are alike."
    )
    lacking = [
        _characteristic(page, name)
        for name in [group.column for group in page.study.breakdowns(page.study.survey(survey))]
        if name not in names
    ]
    if lacking:
        note += (
            f" Not tested: {_words(lacking).lower()}, which the survey did not ask, or to which "
            "too few gave a second answer."
        )
    return Table(
        ["Scale", *(_characteristic(page, name) for name in names)],
        rows,
        widths=[28, *[12] * len(names)],
        note=note,
    )


def compared_groups(
    page: Page,
    survey: str,
    instruments: Sequence[str],
    column: str,
    values: Mapping[str, str],
    *,
    level: bool = False,
) -> Table:
    """Each group's own change (or level at follow-up), and whether they differ.

    The simple effects beside the test of the interaction and, for change, what the intervals and
    the equivalence tests of the groups' differences allow to be said. ``values`` gives the
    groups of ``column`` with their labels, in order.
    """
    followup = page.study.followup
    wave = followup if level else page.waves
    analysis, statistic = ("level", "mean") if level else ("paired", "difference")
    groups = [
        Compared(label, COHORT, page.group_key(survey, column, value))
        for value, label in values.items()
    ]
    answered = (survey, "survey", "response", "responded" if level else "matched", wave, "count")
    rest = [""] if level else ["", ""]
    people: list[Cell] = ["People", *(page.number(who, *answered, decimals=0) for who in groups)]
    rows: list[list[Cell]] = [[*people, *rest]]
    test = "moderation_level" if level else "moderation"
    for instrument, score in _scores(page, instruments):
        found = page.instruments[instrument]
        row: list[Cell] = [escaped(found.score_label(score))]
        for who in groups:
            at = (survey, instrument, analysis, score, wave, statistic)
            row.append(page.with_interval(who, *at, decimals=found.decimals(score)))
        tested = (survey, instrument, test, score, wave, "p")
        row.append(page.p_value(Compared("", COHORT, column), *tested))
        if not level:
            row.append(_settled(page, survey, instrument, score, column, values).cell())
        rows.append(row)
    note = (
        f"Mean at {escaped(page.study.wave(followup).label.lower())} of all who answered"
        if level
        else "Change in those who answered both times"
    )
    note += (
        ", with its 95% interval. p: whether the groups differ at all, by wild cluster bootstrap "
        "over schools, not corrected for the number of scales. A large p is not evidence that "
        "groups are alike"
    )
    note += (
        "."
        if level
        else ": that is said only where each difference between two of them is shown to be "
        "smaller than would matter."
    )
    return Table(
        ["Scale", *map(escaped, values.values()), "p", *([] if level else ["What can be said"])],
        rows,
        widths=[24, *[22] * len(values), 8, *([] if level else [15])],
        note=note,
    )


def between_groups(
    page: Page, survey: str, instruments: Sequence[str], groups: Mapping[str, Mapping[str, str]]
) -> Table:
    """Differences in change between two groups that the data settle one way or the other.

    Those whose interval leaves nought out (or, of several pairs, whose corrected p does), and
    those that the equivalence test puts within the smallest effect of interest. ``groups`` gives
    for each characteristic its groups with their labels.
    """
    rows: list[list[Cell]] = []
    for instrument, score in _scores(page, instruments):
        found = page.instruments[instrument]
        decimals = found.decimals(score)
        for column, values in groups.items():
            settled = _settled(page, survey, instrument, score, column, values)
            for pair_of in settled.apart + settled.alike:
                at = (survey, instrument, "moderation_pairs", score, page.waves)
                given = (survey, instrument, "ancova_pairs", score, page.waves, "difference")
                several = page.row(pair_of, *at, "p_holm") is not None
                model = (*at, "difference_mixed")
                rows.append(
                    [
                        escaped(found.score_label(score)),
                        escaped(pair_of.label),
                        page.with_interval(pair_of, *at, "difference", decimals=decimals),
                        page.p_value(pair_of, *at, "p_holm" if several else "p"),
                        page.p_value(pair_of, *at, "p_equivalence"),
                        page.with_interval(pair_of, *given, decimals=decimals),
                        page.with_interval(pair_of, *model, decimals=decimals),
                    ]
                )
    return Table(
        ["Scale", "Groups", "Difference in change", "p", "p (equivalence)", "Given baseline",
         "Mixed model"],
        rows or [["The data settle no difference", *[""] * 6]],
        widths=[20, 24, 20, 8, 12, 20, 20],
        text_columns=2,
        note="First less second group, with 95% intervals that allow for schools. p is Holm's over "
        "the pairs of a characteristic with more than two groups. Beside it the difference among "
        "people with the same baseline, and that of a mixed model with schools as random effects. "
        "Pairs that are not listed: the data show neither a difference nor that there is none.",
    )  # fmt: skip


@dataclass(frozen=True)
class _Settled:
    """What the data say of the differences in change between groups, two by two.

    ``apart`` holds pairs that differ, the one with the higher change first in ``higher``;
    ``alike`` pairs whose difference is smaller than would matter; ``open_`` the number of pairs
    of which neither can be said, and ``missing`` of those that are not to be had.
    """

    apart: tuple[Compared, ...]
    higher: tuple[str, ...]
    alike: tuple[Compared, ...]
    open_: int
    missing: int

    def cell(self) -> str:
        """In a few words."""
        if self.apart:
            return "Differ"
        if self.open_ or not self.alike:
            return "Cannot be said"
        return "Cannot be said of all" if self.missing else "Alike"


def _settled(
    page: Page, survey: str, instrument: str, score: str, column: str, values: Mapping[str, str]
) -> _Settled:
    """See :class:`_Settled`. In the ledger, groups of a pair stand in alphabetical order."""
    at = (survey, instrument, "moderation_pairs", score, page.waves)
    apart, higher, alike, open_, missing = [], [], [], 0, 0
    for first, second in itertools.combinations(sorted(values), 2):
        label = f"{values[first]} less {values[second]}"
        name = pair(page.group_key(survey, column, first), page.group_key(survey, column, second))
        who = Compared(label, COHORT, name)
        said = verdict.of(page, who, *at)
        if said is None:
            missing += 1
            continue
        holm = page.values(who, *at, "p_holm")
        if said.sign and (holm is None or holm["value"] < verdict.ALPHA):
            more, less = (first, second) if said.sign > 0 else (second, first)
            small = ", by less than would matter" if said.small else ""
            apart.append(who)
            higher.append(f"higher: {escaped(values[more])} than {escaped(values[less])}{small}")
        elif said.small:
            alike.append(who)
        else:
            open_ += 1
    return _Settled(tuple(apart), tuple(higher), tuple(alike), open_, missing)


def by_group(page: Page, survey: str, instrument: str, score: str) -> Table:
    """A score's level in every group that may be shown, at each wave, and against its norm."""
    found = page.instruments[instrument]
    decimals = found.decimals(score)
    against = found.subscale(score).norm is not None
    groups = {parts[5] for parts in page.ids_of(survey, instrument, "level") if parts[3] == score}
    rows: list[list[Cell]] = []
    phases = [who.group for who in page.phases]
    order = lambda name: (name not in phases, *in_order(name))  # noqa: E731
    for group in sorted(groups - {"all"}, key=order):
        who = Compared("", COHORT, group)
        for wave in _waves(page):
            at = (survey, instrument, "level", score, wave)
            if page.row(who, *at, "mean") is None:
                continue
            row: list[Cell] = [
                _group_label(page, group),
                wave,
                page.number(who, *at, "n", decimals=0),
                page.number(who, *at, "mean", decimals=decimals),
                page.interval(who, *at, "mean", decimals=decimals),
            ]
            if against:
                row.append(page.number(who, *at, "difference_from_norm", decimals=decimals))
            rows.append(row)
    return Table(
        ["Group", "Wave", "n", "Mean", "95% interval", *(["Less the norm"] if against else [])],
        rows,
        widths=[30, 7, 7, 8, 18, *([13] if against else [])],
        text_columns=2,
        note="All who answered at each wave; different people answered. Year groups are those at "
        "the time.",
    )


def clustering(page: Page, survey: str, *instruments: str) -> Table:
    """How alike people of one school are, and what that costs."""
    rows: list[list[Cell]] = []
    for instrument, score in _scores(page, instruments):
        found = page.instruments[instrument]
        row: list[Cell] = [escaped(found.score_label(score))]
        for wave in (page.study.followup, page.waves):
            at = (survey, instrument, "clustering", score, wave)
            row += [
                page.number(ALL, *at, "icc", decimals=2),
                page.interval(ALL, *at, "icc", decimals=2),
                page.number(ALL, *at, "deff", decimals=1),
            ]
        rows.append(row)
    followup = page.study.followup
    return Table(
        ["Scale", f"ICC {followup}", f"95% interval {followup}", f"Design effect {followup}",
         "ICC of change", "95% interval (change)", "Design effect (change)"],
        rows,
        widths=[26, 8, 15, 10, 10, 15, 12],
        note="ICC (intraclass correlation): how alike people of one school are; below nought by "
        "chance only. Design effect: how many times more people are needed than if they were not.",
    )  # fmt: skip


def over_time(page: Page, survey: str, *instruments: str) -> Table:
    """Every wave against the baseline, from everybody who ever answered."""
    rows: list[list[Cell]] = []
    for instrument, score in _scores(page, instruments):
        found = page.instruments[instrument]
        for wave in page.study.wave_ids:
            at = (survey, instrument, "over_time", score, pair(page.study.baseline, wave))
            if page.row(ALL, *at, "difference") is None:
                continue
            alone = page.row(ALL, *at, "p_holm") is None
            rows.append(
                [
                    escaped(found.score_label(score)),
                    escaped(page.study.wave(wave).label),
                    page.number(ALL, *at, "people", decimals=0),
                    page.number(ALL, *at, "difference", decimals=found.decimals(score)),
                    page.interval(ALL, *at, "difference", decimals=found.decimals(score)),
                    page.p_value(ALL, *at, "p"),
                    NOT_APPLICABLE if alone else page.p_value(ALL, *at, "p_holm"),
                ]
            )
        rows += _trend(page, survey, instrument, score)
    return Table(
        ["Scale", "Wave", "People", "Difference from baseline", "95% interval", "p", "p (Holm)"],
        rows,
        widths=[28, 14, 9, 15, 17, 8, 9],
        text_columns=2,
        note="Mixed model of all answers with schools and people as random effects; intervals "
        "over schools. Holm over the subscales of an instrument."
        + (r" \[z\]: tested alone." if any(NOT_APPLICABLE in row for row in rows) else ""),
    )


def _trend(page: Page, survey: str, instrument: str, score: str) -> list[list[Cell]]:
    """A row for the trend over all waves, where there are three or more."""
    found = page.instruments[instrument]
    waves = page.study.wave_ids
    for first, last in itertools.combinations(waves, 2):
        at = (survey, instrument, "over_time", score, pair(first, last))
        if page.row(ALL, *at, "trend") is None:
            continue
        alone = page.row(ALL, *at, "p_trend_holm") is None
        return [
            [
                escaped(found.score_label(score)),
                "Points a year",
                "",
                page.number(ALL, *at, "trend", decimals=found.decimals(score)),
                page.interval(ALL, *at, "trend", decimals=found.decimals(score)),
                page.p_value(ALL, *at, "p_trend"),
                NOT_APPLICABLE if alone else page.p_value(ALL, *at, "p_trend_holm"),
            ]
        ]
    return []


def detectable(page: Page, survey: str, *instruments: str) -> Table:
    """The smallest true change that would probably have been found."""
    groups = [ALL, *page.phases, *page.phase_pairs]
    rows: list[list[Cell]] = []
    for instrument, score in _scores(page, instruments):
        found = page.instruments[instrument]
        at = (survey, instrument, "detectable", score, page.waves)
        row: list[Cell] = [escaped(found.score_label(score))]
        row += [page.number(who, *at, "points", decimals=found.decimals(score)) for who in groups]
        rows.append([*row, page.number(ALL, *at, "sd", decimals=2)])
    return Table(
        ["Scale", "All", *(escaped(who.label) for who in groups[1:]), "All, in SDs"],
        rows,
        widths=[30, 9, *[12] * (len(groups) - 1), 12],
        note="Points of change that a 5% test would find four times in five, given the number of "
        "people and how alike schools make them.",
    )


def ranks(page: Page, survey: str, instrument: str, wave: str) -> Table:
    """Strengths and challenges in order, with the ranks that the data cannot tell apart."""
    found = page.instruments[instrument]
    labels = {subscale.id: subscale.label for subscale in found.subscales}
    ranked: list[tuple[float, str]] = []
    for name in labels:
        row = page.values(ALL, survey, instrument, "rank", name, wave, "rank")
        if row:
            ranked.append((float(row["value"]), name))
    rows: list[list[Cell]] = []
    for _, name in sorted(ranked):
        at = (survey, instrument, "rank", name, wave, "rank")
        mean = (survey, instrument, "level", name, wave, "mean")
        rows.append(
            [
                escaped(labels[name]),
                page.number(ALL, *mean, decimals=2),
                page.number(ALL, *at, decimals=0),
                page.interval(ALL, *at, decimals=0),
            ]
        )
    return Table(
        ["Scale", "Mean", "Rank", "Ranks possible"],
        rows,
        widths=[44, 9, 8, 16],
        note="Ranks that the data leave possible at 95%, after correction for comparing all pairs.",
    )


def perceived(page: Page, survey: str) -> Table:
    """Whether respondents say that aspects of their school have changed, by phase."""
    rows: list[list[Cell]] = []
    wave = page.study.followup
    for aspect in page.study.survey(survey).perceived_change:
        for who in (ALL, *page.phases):
            at = (survey, "survey", "perceived", aspect, wave)
            if page.row(who, *at, "yes") is None:
                continue
            rows.append(
                [
                    escaped(aspect.removeprefix("changed_").replace("_", " ").capitalize()),
                    who.label,
                    page.number(who, *at, "yes", decimals=0),
                    page.interval(who, *at, "yes", decimals=0),
                    page.number(who, *at, "no", decimals=0),
                    page.number(who, *at, "dont_know", decimals=0),
                    page.number(who, *at, "yes", decimals=0, name="denominator"),
                ]
            )
    return Table(
        ["Aspect", "Group", "Yes %", "95% interval", "No %", "Don't know %", "Answered"],
        rows,
        widths=[32, 12, 8, 14, 8, 13, 10],
        text_columns=2,
        note="What people say has changed; nothing here measures it.",
    )


def outcome_changes(page: Page) -> Table:
    """School outcomes: each term against the same term a year before."""
    rows: list[list[Cell]] = []
    terms = list(page.terms.items())
    for measure in page.documents["outcome_measures"]["measures"]:
        decimals = int(measure.get("decimals", 1))
        for place, (later, label) in enumerate(terms):
            for earlier, _ in terms[:place]:
                at = ("outcomes", "school_data", "rate_change", measure["id"], pair(earlier, later))
                if page.row(ALL, *at, "difference") is None:
                    continue
                rows.append(
                    [
                        escaped(measure["label"]),
                        escaped(label),
                        page.number(ALL, *at, "difference", decimals=decimals),
                        page.interval(ALL, *at, "difference", decimals=decimals),
                    ]
                )
    return Table(
        ["Measure", "Term", "Difference from a year before", "95% interval"],
        rows,
        widths=[34, 24, 18, 18],
        text_columns=2,
        note="Difference of rates over the same schools. There is no comparison group. Where a "
        "term has fewer than ten events no interval is given.",
    )


def change_in_words(page: Page, survey: str, instrument: str) -> Text:
    """One sentence for each scale: what its interval, correction and equivalence test allow."""
    found = page.instruments[instrument]
    pieces: list[Piece] = []
    for score in found.scores:
        at = (survey, instrument, "paired", score, page.waves)
        said = verdict.of(page, ALL, *at)
        if said is None:
            continue
        decimals = found.decimals(score)
        pieces += [
            f"- {escaped(found.score_label(score))}: ", part(said.row, decimals),
            " (95% interval ", part(said.row, decimals, "ci_low"), " to ",
            part(said.row, decimals, "ci_high"), f"); {said.words()}.\n",
        ]  # fmt: skip
    return Text(pieces or ["No change can be shown."])


def between(
    page: Page, survey: str, instruments: Sequence[str], column: str, values: Mapping[str, str]
) -> Text:
    """Whether the groups of one characteristic changed differently, score by score, in words."""
    name = _characteristic(page, column)
    differ, alike, open_ = [], [], []
    for instrument, score in _scores(page, instruments):
        found = _settled(page, survey, instrument, score, column, values)
        label = escaped(page.instruments[instrument].score_label(score))
        if found.apart:
            differ.append(f"{label} ({'; '.join(found.higher)})")
        elif found.cell() == "Alike":
            alike.append(label)
        elif found.alike or found.open_:
            open_.append(label)
    if not (differ or alike or open_):
        return Text(
            [f"**{name}.** The survey did not ask, or too few in one of the groups answered both "
             "times to compare their change."]
        )  # fmt: skip
    sentences = [f"**{name}.**"]
    if differ:
        sentences.append(f"Change differed in {_words(differ)}.")
        sentences.append("This is before correction for comparing several scales.")
    if alike:
        sentences.append(
            f"Change was alike, within the smallest effect of interest, in {_words(alike)}."
        )
    if open_:
        sentences.append(
            f"The data cannot say whether change differed in {_words(open_)}: the intervals include "
            "no difference as well as differences that would matter."
        )
    return Text([" ".join(sentences)])


def finite_population(page: Page) -> Text:
    """What a school's interval means when most of its staff answered. Said once, in words."""
    return Text(
        ["The intervals in this report treat those who answered as a sample of all who might work "
         "or learn in such a school. If nearly everybody answered, the mean of this year's staff "
         "or pupils is known better than the interval says; the interval then tells how far "
         "another year's answers may lie from these by chance alone."]
    )  # fmt: skip


def ageing(page: Page) -> Text:
    """Why a pupil's score is not compared with younger selves without a word on age."""
    return Text(
        ["Pupils were a year older at follow-up. Scores for wellbeing fall with age in most "
         "studies, more so for girls and from about eleven, so a score that stays the same over "
         "a year may be a little better than expected, and a fall may be no more than ageing. "
         "Without a comparison group the two cannot be told apart."]
    )  # fmt: skip


def group_caution(page: Page) -> Text:
    """Caution on comparing groups of pupils where items work differently for them."""
    return Text(
        ["Peer support items are known to be answered differently by boys and girls, by phase "
         "and by pupils with special educational needs who have the same level of support "
         "(Lereya and others, 2016). Differences between such groups in that scale may be "
         "differences in answering."]
    )  # fmt: skip


def _moderators(page: Page, survey: str, instrument: str, analysis: str, wave: str) -> list[str]:
    found = page.ids_of(survey, instrument, analysis)
    names = {parts[5] for parts in found if parts[4] == wave.lower()}
    phases = page.study.phases
    first = slug(phases.column) if phases else ""
    return sorted(names, key=lambda name: (name != first, name))


def _group_label(page: Page, group: str) -> str:
    """A group's id in words, without its attribute's name where the value has it already."""
    for known in page.study.groups:
        for listed in known.ids:
            if known.key(listed) == group:
                return escaped(known.value_label(listed))
    for attribute in page.study.labels:
        value = group.removeprefix(f"{attribute}_")
        if value in ("yes", OTHERS):
            words = "yes" if value == "yes" else "all others"
            return f"{_characteristic(page, attribute)}: {words}"
        if value != group:
            return escaped(value.replace("_", " ").capitalize())
    return escaped(group.replace("_", " ").capitalize())


def _characteristic(page: Page, name: str) -> str:
    labels = {slug(group.column): group.label for group in page.study.groups}
    return escaped(page.study.labels.get(name) or labels.get(name) or tidy(name))


def _compared_with_reference(page: Page, survey: str) -> Iterator[tuple[str, str, str]]:
    """Attribute, measure and label of each value set against the reference population."""
    for parts in page.ids_of(survey, "survey", "reference"):
        if parts[6] == "smd":
            measure = parts[3]
            attribute, value = measure.split("-", 1)
            label = f"{_characteristic(page, attribute)}: {escaped(value.replace('_', ' '))}"
            yield attribute, measure, label


def _scores(page: Page, instruments: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Instruments with each of their scores."""
    for instrument in instruments:
        for score in page.instruments[instrument].scores:
            yield instrument, score


def _subscales(page: Page, instruments: Sequence[str]) -> Iterator[tuple[str, Subscale]]:
    """Instruments with each of their subscales."""
    for instrument in instruments:
        for subscale in page.instruments[instrument].subscales:
            yield instrument, subscale


def _waves(page: Page) -> tuple[str, str]:
    return page.study.baseline, page.study.followup


def _words(names: list[str]) -> str:
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]
