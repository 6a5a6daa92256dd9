"""Tables and sentences on how far the findings can be trusted.

Each takes a page, a survey and (mostly) its instruments. Numbers come from the released results
only; wording follows intervals, corrections and equivalence tests, and never says "caused".
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from analysis.instruments.model import Subscale
from analysis.language import listed
from analysis.present import verdict
from analysis.present.asked import (
    because,
    caption,
    characteristic,
    school_groups,
    scores_of,
    wave_words,
)
from analysis.present.page import Compared, Page, part
from analysis.present.shown import Cell, Each, Part, Table, Text, each, escaped, table, text
from analysis.results import COHORT, pair
from analysis.words import inside

ALL = Compared("All", COHORT, "all")
NOT_APPLICABLE = r"\[z\]"
Piece = str | Part


def reliability(page: Page, survey: str, *instruments: str) -> Table | None:
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
    return table(
        ["Scale", "Wave", "Alpha", "95% interval", "Omega", "95% interval (omega)",
         "% lowest", "% highest"],
        rows,
        widths=[28, 7, 8, 15, 8, 15, 9, 9],
        caption=caption(page, survey, what="reliability of the scales, floor and ceiling"),
        text_columns=2,
        note="Alpha and omega say how consistently a scale's items go together, from 0 to 1. "
        "Intervals allow for schools. Omega needs three items.",
    )  # fmt: skip


def reliability_by_phase(page: Page, survey: str, *instruments: str) -> Table | None:
    """Alpha and omega of each subscale in each group of schools, at each wave."""
    groups = school_groups(page)
    rows: list[list[Cell]] = []
    for instrument, subscale in _subscales(page, instruments):
        for wave in _waves(page):
            at = (survey, instrument, "reliability", subscale.id, wave)
            if all(page.row(who, *at, "alpha") is None for who in groups):
                continue
            row: list[Cell] = [escaped(subscale.label), wave]
            for statistic in ("alpha", "omega"):
                row += [page.with_interval(who, *at, statistic, decimals=2) for who in groups]
            rows.append(row)
    names = [escaped(inside(who.label)) for who in groups]
    return table(
        ["Scale", "Wave", *(f"{what}, {name}" for what in ("Alpha", "Omega") for name in names)],
        rows,
        widths=[26, 7, *[20] * (2 * len(names))],
        caption=caption(
            page, survey, what=f"reliability of the scales in {listed(names)}"
        ),
        text_columns=2,
        note="With 95% intervals that allow for schools. Omega needs three items.",
    )  # fmt: skip


def items_of_scale(page: Page, survey: str, *instruments: str) -> Each | None:
    """How each item goes with the rest of its subscale, and its place among all items."""
    wave = page.study.followup
    return each({name: _items_of_scale(page, survey, name, wave) for name in instruments})


def _items_of_scale(page: Page, survey: str, instrument: str, wave: str) -> Table | None:
    found = page.instruments[instrument]
    # Items answered on different scales are not ranked, nor those of too few schools.
    ranked = any(
        page.row(ALL, survey, instrument, "rank_items", item.code, wave, "rank") is not None
        for item in found.items
    )
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
        if ranked:
            row.append(page.number(ALL, *rank, decimals=0))
            row.append(page.interval(ALL, *rank, decimals=0))
        rows.append(row)
    return table(
        ["Item", "Scale", "Item-rest correlation", "Mean",
         *(["Rank", "Ranks possible"] if ranked else [])],
        rows,
        widths=[40, 24, 13, 8, *([7, 13] if ranked else [])],
        caption=caption(
            page,
            survey,
            instrument,
            what=f"each item at {wave_words(page, wave)} against the rest of its scale"
            + (", and its rank" if ranked else ""),
        ),
        text_columns=2,
        note="Rank of the mean among all items, and the ranks that the data leave possible at 95% "
        "after correction for comparing all pairs."
        if ranked
        else "",
    )  # fmt: skip


def attrition(page: Page, survey: str, *instruments: str) -> Table | None:
    """Those who answered both times against those who answered the baseline only."""
    wave = page.study.baseline
    who = Compared("", COHORT, "stayed-left")
    rows: list[list[Cell]] = []
    for instrument, score in scores_of(page, instruments):
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
    return table(
        ["Scale at baseline", "Stayed less left", "95% interval", "Standardised difference"],
        rows,
        widths=[32, 14, 18, 18],
        caption=caption(
            page,
            survey,
            what="those who answered both times against those who answered at "
            f"{escaped(inside(page.study.wave(wave).label))} only",
        ),
        note="A standardised difference beyond 0.1 either way is worth a look.",
    )


def attrition_attributes(page: Page, survey: str) -> Table | None:
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
                f"{characteristic(page, attribute)}: {escaped(value.replace('_', ' '))}",
                page.number(who, *at, parts[3], wave, "smd", decimals=2),
                page.p_value(who, *at, attribute, wave, "p"),
            ]
        )
    return table(
        ["Characteristic", "Standardised difference", "p of the attribute"],
        rows,
        widths=[44, 20, 18],
        caption=caption(page, survey, what="who stayed in the sample, by characteristic"),
        note="p is Pearson's chi-squared of the whole attribute and does not allow for schools.",
    )


def reference(page: Page, survey: str) -> Table | None:
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
    return table(
        ["Characteristic", "Respondents %", "Population %", "Difference", "95% interval",
         "Standardised difference", "p of the characteristic"],
        rows,
        widths=[32, 13, 12, 11, 16, 14, 16],
        caption=caption(
            page,
            survey,
            what=f"those who answered at {escaped(inside(page.study.wave(wave).label))} against "
            "the reference population",
        ),
        note="Of those who said. The interval allows for schools and takes the population as "
        "known; p is a chi-squared test of fit and does not allow for schools. A standardised "
        "difference beyond 0.1 either way is worth a look.",
    )  # fmt: skip


def reference_in_words(page: Page, survey: str) -> Text | None:
    """Whom respondents are like and unlike, or that this cannot be said."""
    people = escaped(page.study.survey(survey).respondents)
    compared = list(_compared_with_reference(page, survey))
    if not compared:
        return Text(
            [f"The study supplies no reference population of {people}, so how far those who "
             "answered are like those who could have is not known."]
        )  # fmt: skip
    unlike: dict[str, list[str]] = {"more": [], "less": []}
    keys = {
        measure: (survey, "survey", "reference", measure, page.study.baseline, "difference")
        for _, measure, _ in compared
    }
    family = verdict.Family(page, [verdict.Asked(ALL, at) for at in keys.values()])
    for _, measure, label in compared:
        said = family.of(ALL, *keys[measure])
        if said is not None and said.sign:
            unlike["more" if said.sign > 0 else "less"].append(label)
    parts = [f"{word} common: {listed(labels)}" for word, labels in unlike.items() if labels]
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


def sensitivity(page: Page, survey: str, *instruments: str) -> Table | None:
    """The same change five ways: does the finding hang on a choice of method?"""
    ways = (
        ("paired", "difference"), ("paired", "difference_schools"),
        ("paired_weighted", "difference"), ("over_time", "difference"), ("imputed", "difference"),
    )  # fmt: skip
    rows: list[list[Cell]] = []
    for instrument, score in scores_of(page, instruments):
        found = page.instruments[instrument]
        row: list[Cell] = [escaped(found.score_label(score))]
        for analysis, statistic in ways:
            at = (survey, instrument, analysis, score, page.waves, statistic)
            if page.row(ALL, *at) is None:
                row.append(NOT_APPLICABLE)
                continue
            row.append(page.with_interval(ALL, *at, decimals=found.decimals(score)))
        rows.append(row)
    return table(
        ["Scale", "Same people", "Schools count the same", "Weighted for staying",
         "Everybody, mixed model", "Missing waves imputed"],
        rows,
        widths=[24, 18, 18, 18, 18, 18],
        caption=caption(page, survey, what="the same change by several methods"),
        note="Change with its 95% interval. The first is the one reported. The mixed model and "
        "the imputation use those who answered once as well; both suppose that people alike in "
        "what they answered are alike in what they did not."
        + (r" \[z\]: not done for this scale." if any(NOT_APPLICABLE in r for r in rows) else ""),
    )  # fmt: skip


def weighted_levels(page: Page, survey: str, *instruments: str) -> Table | None:
    """Levels with schools counted by their size, not by how many of them answered.

    Nothing where the study does not say how many were invited.
    """
    waves = [wave for wave in _waves(page) if wave in page.study.survey(survey).invited]
    rows: list[list[Cell]] = []
    for instrument, score in scores_of(page, instruments) if waves else ():
        found = page.instruments[instrument]
        row: list[Cell] = [escaped(found.score_label(score))]
        for wave in waves:
            for analysis in ("level", "level_weighted"):
                at = (survey, instrument, analysis, score, wave, "mean")
                row.append(page.with_interval(ALL, *at, decimals=found.decimals(score)))
        rows.append(row)
    headings = [f"{wave}{how}" for wave in waves for how in ("", ", weighted")]
    return table(
        ["Scale", *headings],
        rows,
        widths=[26, *[20] * len(headings)],
        caption=caption(page, survey, what="levels with schools counted by their size"),
        note="Mean with its 95% interval. Weighted: each person by those invited over those who "
        "answered in their school and wave.",
    )


def checks(page: Page, survey: str, *instruments: str) -> Table | None:
    """Change: corrected, bootstrapped, and tested for being too small to matter."""
    rows: list[list[Cell]] = []
    for instrument, score in scores_of(page, instruments):
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
            f"points{whose}{because(smallest)}: shown where the whole 90% interval lies "
            "inside."
        )
        if not smallest.confirmed:
            note += (
                " That size was chosen by the evaluators and is to be confirmed by the programme."
            )
    return table(
        ["Scale", "p", "p (Holm)", "p (bootstrap)", "90% interval", "p (equivalence)", "d~z~",
         "95% interval (d)"],
        rows,
        widths=[28, 8, 9, 11, 17, 13, 7, 16],
        caption=caption(
            page, survey, what="correction, bootstrap and equivalence of the change"
        ),
        note=note,
    )  # fmt: skip


def items_changed(page: Page, survey: str, *instruments: str) -> Each | None:
    """Every item at every wave, and its change, corrected and not; none is left out."""
    return each({name: _items_changed(page, survey, name) for name in instruments})


def no_item_changed(page: Page, survey: str, *instruments: str) -> Text | None:
    """Of which instruments no item's change stands out after correction, in a sentence."""
    names = []
    for name in instruments:
        tested = [
            row
            for item in page.instruments[name].items
            if (row := page.values(ALL, survey, name, "items_change", item.code, page.waves,
                                   "p_clustered_bh"))
        ]  # fmt: skip
        if tested and all(row["value"] >= verdict.ALPHA for row in tested):
            names.append(escaped(page.instruments[name].short))
    if not names:
        return None
    return Text([f"Of the items of the {listed(names)}, none shows a change that stands out after "
                 "correction over all items."])  # fmt: skip


def _items_changed(page: Page, survey: str, instrument: str) -> Table | None:
    found, waves = page.instruments[instrument], page.study.wave_ids
    rows: list[list[Cell]] = []
    for item in found.items:
        at = (survey, instrument, "items_change", item.code, page.waves)
        if page.row(ALL, *at, "difference") is None:
            continue
        row: list[Cell] = [escaped(item.label), escaped(found.subscale(item.subscale).label)]
        for wave in waves:
            mean = (survey, instrument, "items", item.code, wave, "mean")
            row.append(page.number(ALL, *mean, decimals=2))
        row += [
            page.number(ALL, *at, "difference", decimals=0, name="n"),
            page.with_interval(ALL, *at, "difference", decimals=2),
            page.p_value(ALL, *at, "p_clustered"),
            page.p_value(ALL, *at, "p_clustered_bh"),
        ]
        rows.append(row)
    return table(
        ["Item", "Scale", *(f"Mean {wave}" for wave in waves), "n both times", "Change", "p",
         "p (Benjamini-Hochberg)"],
        rows,
        widths=[40, 22, *[9] * len(waves), 8, 20, 8, 14],
        caption=caption(
            page, survey, instrument, what="every item at every wave, and its change"
        ),
        text_columns=2,
        note="Means of all who answered at each wave, as scored (items that say the opposite are "
        "turned round). Change in those who answered the item both times, with its 95% interval; "
        "interval and p allow for schools. The last column is corrected over all items of the "
        "instrument: of the changes that it lets stand, one in twenty is expected to be chance.",
    )  # fmt: skip


def items_changed_by_group(page: Page, survey: str, *instruments: str) -> Each | None:
    """Every item's change in each group of schools that the study compares, corrected and not."""
    return each({name: _items_by_group(page, survey, name) for name in instruments})


def _items_by_group(page: Page, survey: str, instrument: str) -> Table | None:
    found, groups = page.instruments[instrument], school_groups(page)
    rows: list[list[Cell]] = []
    for item in found.items:
        at = (survey, instrument, "items_change", item.code, page.waves)
        if all(page.row(who, *at, "difference") is None for who in groups):
            continue
        row: list[Cell] = [escaped(item.label)]
        for who in groups:
            row.append(page.with_interval(who, *at, "difference", decimals=2))
            row += [page.p_value(who, *at, p) for p in ("p_clustered", "p_clustered_bh")]
        rows.append(row)
    columns = [
        heading
        for who in groups
        for heading in (escaped(who.label), f"p, {escaped(inside(who.label))}",
                        f"p (BH), {escaped(inside(who.label))}")
    ]  # fmt: skip
    return table(
        ["Item", *columns],
        rows,
        widths=[36, *[20, 9, 9] * len(groups)],
        caption=caption(
            page, survey, instrument,
            what="every item's change in each group of schools",
        ),
        note="Change in those who answered the item both times, with its 95% interval; interval "
        "and p allow for schools. BH: Benjamini-Hochberg over all items of the instrument.",
    )  # fmt: skip


def reliable_change(page: Page, survey: str, *instruments: str) -> Table | None:
    """Shares of people who changed by more than measurement error explains."""
    rows: list[list[Cell]] = []
    for instrument, score in scores_of(page, instruments):
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
    return table(
        ["Scale", "Improved %", "No reliable change %", "Worsened %", "Change needed"],
        rows,
        widths=[32, 12, 20, 12, 14],
        caption=caption(
            page,
            survey,
            what="shares who changed by more than measurement error explains",
        ),
        note="Reliable change index of Jacobson and Truax: beyond 1.96 standard errors of "
        "measurement of a difference.",
    )


def clustering(page: Page, survey: str, *instruments: str) -> Table | None:
    """How alike people of one school are, and what that costs."""
    followup = page.study.followup
    parts = {followup: ("ICC", f" {followup}")}
    if page.study.compares:
        parts[page.waves] = ("ICC of change", " (change)")
    rows: list[list[Cell]] = []
    for instrument, score in scores_of(page, instruments):
        found = page.instruments[instrument]
        row: list[Cell] = [escaped(found.score_label(score))]
        for wave in parts:
            at = (survey, instrument, "clustering", score, wave)
            row += [
                page.number(ALL, *at, "icc", decimals=2),
                page.interval(ALL, *at, "icc", decimals=2),
                page.number(ALL, *at, "deff", decimals=1),
            ]
        rows.append(row)
    columns = ["Scale"]
    for icc, of in parts.values():
        columns += [icc if "change" in icc else icc + of, f"95% interval{of}", f"Design effect{of}"]
    return table(
        columns,
        rows,
        widths=[26, *[10, 15, 12] * len(parts)],
        caption=caption(page, survey, what="how alike people of one school are"),
        note="ICC (intraclass correlation): how alike people of one school are; below nought by "
        "chance only. Design effect: how many times more people are needed than if they were not.",
    )  # fmt: skip


def over_time(page: Page, survey: str, *instruments: str) -> Table | None:
    """Every wave against the baseline, from everybody who ever answered."""
    rows: list[list[Cell]] = []
    for instrument, score in scores_of(page, instruments):
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
    return table(
        ["Scale", "Wave", "People", "Difference from baseline", "95% interval", "p", "p (Holm)"],
        rows,
        widths=[28, 14, 9, 15, 17, 8, 9],
        caption=caption(
            page, survey, what="every wave against the baseline, from everybody who answered"
        ),
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


def detectable(page: Page, survey: str, *instruments: str) -> Table | None:
    """The smallest true change that would probably have been found."""
    groups = [ALL, *school_groups(page)]
    if len(groups) == 3:
        groups.append(Compared("Between these", COHORT, page.phase_pairs[0].group))
    rows: list[list[Cell]] = []
    for instrument, score in scores_of(page, instruments):
        found = page.instruments[instrument]
        at = (survey, instrument, "detectable", score, page.waves)
        row: list[Cell] = [escaped(found.score_label(score))]
        row += [page.number(who, *at, "points", decimals=found.decimals(score)) for who in groups]
        rows.append([*row, page.number(ALL, *at, "sd", decimals=2)])
    return table(
        ["Scale", *(escaped(who.label) for who in groups), "All, in SDs"],
        rows,
        widths=[30, *[12] * len(groups), 12],
        caption=caption(
            page, survey, what="the smallest change that would probably have been found"
        ),
        note="Points of change that a 5% test would find four times in five, given the number of "
        "people and how alike schools make them.",
    )


def ranks(page: Page, survey: str, *instruments: str) -> Each | None:
    """Strengths and challenges in order, with the ranks that the data cannot tell apart."""
    wave = page.study.followup
    return each({name: _ranks(page, survey, name, wave) for name in instruments})


def _ranks(page: Page, survey: str, instrument: str, wave: str) -> Table | None:
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
    return table(
        ["Scale", "Mean", "Rank", "Ranks possible"],
        rows,
        widths=[44, 9, 8, 16],
        caption=caption(
            page,
            survey,
            instrument,
            what=f"scales in order at {escaped(inside(page.study.wave(wave).label))}, and the "
            "ranks that the data leave possible",
        ),
        note="Ranks that the data leave possible at 95%, after correction for comparing all pairs.",
    )


def aspect_label(aspect: str) -> str:
    """An aspect of the school that people were asked about, for readers."""
    return aspect.removeprefix("changed_").replace("_", " ").capitalize()


def perceived(page: Page) -> Each | None:
    """Whether respondents say that aspects of their school have changed, survey by survey."""
    return each({survey.id: _perceived(page, survey.id) for survey in page.study.surveys})


def _perceived(page: Page, survey: str) -> Table | None:
    rows: list[list[Cell]] = []
    wave = page.study.followup
    for aspect in page.study.survey(survey).perceived_change:
        for who in (ALL, *school_groups(page)):
            at = (survey, "survey", "perceived", aspect, wave)
            if page.row(who, *at, "yes") is None:
                continue
            rows.append(
                [
                    escaped(aspect_label(aspect)),
                    who.label,
                    page.number(who, *at, "yes", decimals=0),
                    page.interval(who, *at, "yes", decimals=0),
                    page.number(who, *at, "no", decimals=0),
                    page.number(who, *at, "dont_know", decimals=0),
                    page.number(who, *at, "yes", decimals=0, name="denominator"),
                ]
            )
    return table(
        ["Aspect", "Group", "Yes %", "95% interval", "No %", "Don't know %", "Answered"],
        rows,
        widths=[32, 12, 8, 14, 8, 13, 10],
        caption=caption(page, survey, what="aspects of the school that are said to have changed"),
        text_columns=2,
        note="What people say has changed; nothing here measures it.",
    )


def change_in_words(page: Page, survey: str, *instruments: str) -> Each | None:
    """One sentence for each scale: what its interval, correction and equivalence test allow."""
    return each({name: _change_in_words(page, survey, name) for name in instruments})


def _change_in_words(page: Page, survey: str, instrument: str) -> Text | None:
    found = page.instruments[instrument]
    pieces: list[Piece] = []
    family = verdict.within(page, verdict.changes(page, survey, instrument))
    for score in found.scores:
        at = (survey, instrument, "paired", score, page.waves, "difference")
        said = family.of(None, *at)
        if said is None:
            continue
        decimals = found.decimals(score)
        pieces += [
            f"- {escaped(found.score_label(score))}: ", part(said.row, decimals),
            " (95% interval ", part(said.row, decimals, "ci_low"), " to ",
            part(said.row, decimals, "ci_high"), f"); {said.words()}.\n",
        ]  # fmt: skip
    return text(pieces)


def _compared_with_reference(page: Page, survey: str) -> Iterator[tuple[str, str, str]]:
    """Attribute, measure and label of each value set against the reference population."""
    for parts in page.ids_of(survey, "survey", "reference"):
        if parts[6] == "smd":
            measure = parts[3]
            attribute, value = measure.split("-", 1)
            label = f"{characteristic(page, attribute)}: {escaped(value.replace('_', ' '))}"
            yield attribute, measure, label


def _subscales(page: Page, instruments: Sequence[str]) -> Iterator[tuple[str, Subscale]]:
    """Instruments with each of their subscales."""
    for instrument in instruments:
        for subscale in page.instruments[instrument].subscales:
            yield instrument, subscale


def _waves(page: Page) -> tuple[str, ...]:
    return page.study.pair_of_waves
