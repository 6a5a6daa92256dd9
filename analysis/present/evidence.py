"""Tables and sentences on how far the findings can be trusted.

Each takes a page, a survey and (mostly) its instruments. Numbers come from the released results
only; wording follows intervals, corrections and equivalence tests, and never says "caused".
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from analysis.instruments.model import Subscale
from analysis.language import N_, gettext, listed, localised, sentence
from analysis.present import verdict
from analysis.present.asked import (
    at_wave,
    because,
    caption,
    described_as,
    school_groups,
    scores_of,
    waves_of,
)
from analysis.present.items import item_label, turned
from analysis.present.page import Compared, Page, part
from analysis.present.shown import Cell, Each, Part, Table, Text, each, escaped, table, text
from analysis.results import COHORT, pair
from analysis.words import inside

ALL = Compared("All", COHORT, "all")
NOT_APPLICABLE = r"\[z\]"
#: Which groups are found more or less often among those who answered than elsewhere.
COMMON = {"more": N_("more common: {labels}"), "less": N_("less common: {labels}")}
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
        [
            gettext("Scale"),
            gettext("Wave"),
            gettext("Alpha"),
            gettext("95% interval"),
            gettext("Omega"),
            gettext("95% interval (omega)"),
            gettext("% lowest"),
            gettext("% highest"),
        ],
        rows,
        widths=[28, 7, 8, 15, 8, 15, 9, 9],
        caption=caption(page, survey, what=gettext("reliability of the scales, floor and ceiling")),
        text_columns=2,
        note=gettext(
            "Alpha and omega say how consistently a scale's items go together, from "
            "0 to 1. Intervals allow for schools. Omega needs three items."
        ),
    )


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
        [
            gettext("Scale"),
            gettext("Wave"),
            *(gettext("Alpha, {group}", group=name) for name in names),
            *(gettext("Omega, {group}", group=name) for name in names),
        ],
        rows,
        widths=[26, 7, *[20] * (2 * len(names))],
        caption=caption(
            page,
            survey,
            what=gettext("reliability of the scales in {groups}", groups=listed(names)),
        ),
        text_columns=2,
        note=gettext("With 95% intervals that allow for schools. Omega needs three items."),
    )


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
        row: list[Cell] = [escaped(item_label(item)), scale, page.number(ALL, *at, decimals=2)]
        row.append(
            page.number(ALL, survey, instrument, "items", item.code, wave, "mean", decimals=2)
        )
        rank = (survey, instrument, "rank_items", item.code, wave, "rank")
        if ranked:
            row.append(page.number(ALL, *rank, decimals=0))
            row.append(page.interval(ALL, *rank, decimals=0))
        rows.append(row)
    return table(
        [
            gettext("Item"),
            gettext("Scale"),
            gettext("Item-rest correlation"),
            gettext("Mean"),
            *([gettext("Rank"), gettext("Ranks possible")] if ranked else []),
        ],
        rows,
        widths=[40, 24, 13, 8, *([7, 13] if ranked else [])],
        caption=caption(
            page,
            survey,
            instrument,
            what=gettext(
                N_("each item {when} against the rest of its scale, and its rank")
                if ranked
                else N_("each item {when} against the rest of its scale"),
                when=at_wave(page, wave),
            ),
        ),
        text_columns=2,
        note=(
            gettext(
                "Rank of the mean among all items, and the ranks that the data leave "
                "possible at 95% after correction for comparing all pairs."
            )
            if ranked
            else ""
        )
        + turned(found.items),
    )


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
        [
            gettext("Scale at baseline"),
            gettext("Stayed less left"),
            gettext("95% interval"),
            gettext("Standardised difference"),
        ],
        rows,
        widths=[32, 14, 18, 18],
        caption=caption(
            page,
            survey,
            what=gettext(
                "those who answered both times against those who answered {when} only",
                when=at_wave(page, wave),
            ),
        ),
        note=gettext("A standardised difference beyond 0.1 either way is worth a look."),
    )


def attrition_attributes(page: Page, survey: str) -> Table | None:
    """Who stayed, by attribute: standardised differences of shares."""
    wave = page.study.baseline
    rows: list[list[Cell]] = []
    who = Compared("", COHORT, "stayed-left")
    for parts in page.ids_of(survey, "survey", "attrition"):
        if parts[6] != "smd":
            continue
        attribute = parts[3].split("-", 1)[0]
        at = (survey, "survey", "attrition")
        rows.append(
            [
                described_as(page, survey, parts[3]),
                page.number(who, *at, parts[3], wave, "smd", decimals=2),
                page.p_value(who, *at, attribute, wave, "p"),
            ]
        )
    return table(
        [
            gettext("Characteristic"),
            gettext("Standardised difference"),
            gettext("p of the attribute"),
        ],
        rows,
        widths=[44, 20, 18],
        caption=caption(page, survey, what=gettext("who stayed in the sample, by characteristic")),
        note=gettext(
            "p is Pearson's chi-squared of the whole attribute and does not allow for schools."
        ),
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
        [
            gettext("Characteristic"),
            gettext("Respondents %"),
            gettext("Population %"),
            gettext("Difference"),
            gettext("95% interval"),
            gettext("Standardised difference"),
            gettext("p of the characteristic"),
        ],
        rows,
        widths=[32, 13, 12, 11, 16, 14, 16],
        caption=caption(
            page,
            survey,
            what=gettext(
                "those who answered {when} against the reference population",
                when=at_wave(page, wave),
            ),
        ),
        note=gettext(
            "Of those who said. The interval allows for schools and takes the "
            "population as known; p is a chi-squared test of fit and does not allow "
            "for schools. A standardised difference beyond 0.1 either way is worth a "
            "look."
        ),
    )


def reference_in_words(page: Page, survey: str) -> Text | None:
    """Whom respondents are like and unlike, or that this cannot be said."""
    people = escaped(page.study.survey(survey).respondents)
    compared = list(_compared_with_reference(page, survey))
    if not compared:
        return Text(
            [
                gettext(
                    "The study supplies no reference population of {people}, so how far "
                    "those who answered are like those who could have is not known.",
                    people=people,
                )
            ]
        )
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
    parts = [
        gettext(COMMON[word], labels=listed(labels)) for word, labels in unlike.items() if labels
    ]
    if not parts:
        return Text(
            [
                gettext(
                    "No share of respondents among {people} lies clearly away from the "
                    "reference population's; the intervals say how far away it may be.",
                    people=people,
                )
            ]
        )
    return Text(
        [
            gettext(
                "Among the {people} who answered at baseline, compared with the "
                "reference population, were {groups}. Where these answer otherwise than "
                "others, results lean their way.",
                people=people,
                groups="; ".join(parts),
            )
        ]
    )


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
        [
            gettext("Scale"),
            gettext("Same people"),
            gettext("Schools count the same"),
            gettext("Weighted for staying"),
            gettext("Everybody, mixed model"),
            gettext("Missing waves imputed"),
        ],
        rows,
        widths=[24, 18, 18, 18, 18, 18],
        caption=caption(page, survey, what=gettext("the same change by several methods")),
        note=gettext(
            "Change with its 95% interval. The first is the one reported. The mixed "
            "model and the imputation use those who answered once as well; both "
            "suppose that people alike in what they answered are alike in what they "
            "did not."
        )
        + (
            " " + gettext("\\[z\\]: not done for this scale.")
            if any(NOT_APPLICABLE in r for r in rows)
            else ""
        ),
    )


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
    headings = [
        heading for wave in waves for heading in (wave, gettext("{wave}, weighted", wave=wave))
    ]
    return table(
        [gettext("Scale"), *headings],
        rows,
        widths=[26, *[20] * len(headings)],
        caption=caption(page, survey, what=gettext("levels with schools counted by their size")),
        note=gettext(
            "Mean with its 95% interval. Weighted: each person by those invited over "
            "those who answered in their school and wave."
        ),
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
    note = gettext("Everything here allows for schools.")
    for instrument in instruments:
        smallest = page.study.smallest_effects.get(instrument)
        if smallest is None:
            continue
        whose = f" ({escaped(page.instruments[instrument].short)})" if len(instruments) > 1 else ""
        note += " " + gettext(
            "A change counts as too small to matter within plus or minus {points} "
            "points{whose}{because}: shown where the whole 90% interval lies inside.",
            points=localised(f"{smallest.points:g}"),
            whose=whose,
            because=because(smallest),
        )
        if not smallest.confirmed:
            note += " " + gettext(
                "That size was chosen by the evaluators and is to be confirmed by the programme."
            )
    return table(
        [
            gettext("Scale"),
            "p",
            "p (Holm)",
            gettext("p (bootstrap)"),
            gettext("90% interval"),
            gettext("p (equivalence)"),
            "d~z~",
            gettext("95% interval (d)"),
        ],
        rows,
        widths=[28, 8, 9, 11, 17, 13, 7, 16],
        caption=caption(
            page, survey, what=gettext("correction, bootstrap and equivalence of the change")
        ),
        note=note,
    )


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
    return Text(
        [
            gettext(
                "Of the items of the {instruments}, none shows a change that stands out after "
                "correction over all items.",
                instruments=listed(names),
            )
        ]
    )


def _items_changed(page: Page, survey: str, instrument: str) -> Table | None:
    found, waves = page.instruments[instrument], waves_of(page, survey, instrument)
    rows: list[list[Cell]] = []
    for item in found.items:
        at = (survey, instrument, "items_change", item.code, page.waves)
        if page.row(ALL, *at, "difference") is None:
            continue
        scale = escaped(found.subscale(item.subscale).label)
        row: list[Cell] = [escaped(item_label(item)), scale]
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
        [
            gettext("Item"),
            gettext("Scale"),
            *(gettext("Mean {wave}", wave=wave) for wave in waves),
            gettext("n both times"),
            gettext("Change"),
            "p",
            "p (Benjamini-Hochberg)",
        ],
        rows,
        widths=[40, 22, *[9] * len(waves), 8, 20, 8, 14],
        caption=caption(
            page, survey, instrument, what=gettext("every item at every wave, and its change")
        ),
        text_columns=2,
        note=gettext(
            "Means of all who answered at each wave, as scored (items that say the "
            "opposite are turned round). Change in those who answered the item both "
            "times, with its 95% interval; interval and p allow for schools. The "
            "last column is corrected over all items of the instrument: of the "
            "changes that it lets stand, one in twenty is expected to be chance."
        )
        + turned(found.items),
    )


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
        row: list[Cell] = [escaped(item_label(item))]
        for who in groups:
            row.append(page.with_interval(who, *at, "difference", decimals=2))
            row += [page.p_value(who, *at, p) for p in ("p_clustered", "p_clustered_bh")]
        rows.append(row)
    columns = [
        heading
        for who in groups
        for heading in (
            escaped(who.label),
            gettext("p, {group}", group=escaped(inside(who.label))),
            gettext("p (BH), {group}", group=escaped(inside(who.label))),
        )
    ]
    return table(
        [gettext("Item"), *columns],
        rows,
        widths=[36, *[20, 9, 9] * len(groups)],
        caption=caption(
            page,
            survey,
            instrument,
            what=gettext("every item's change in each group of schools"),
        ),
        note=gettext(
            "Change in those who answered the item both times, with its 95% "
            "interval; interval and p allow for schools. BH: Benjamini-Hochberg over "
            "all items of the instrument."
        )
        + turned(found.items),
    )


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
        [
            gettext("Scale"),
            gettext("Improved %"),
            gettext("No reliable change %"),
            gettext("Worsened %"),
            gettext("Change needed"),
        ],
        rows,
        widths=[32, 12, 20, 12, 14],
        caption=caption(
            page,
            survey,
            what=gettext("shares who changed by more than measurement error explains"),
        ),
        note=gettext(
            "Reliable change index of Jacobson and Truax: beyond 1.96 standard "
            "errors of measurement of a difference."
        ),
    )


def clustering(page: Page, survey: str, *instruments: str) -> Table | None:
    """How alike people of one school are, and what that costs."""
    followup = page.study.followup
    columns = [
        gettext("Scale"),
        gettext("ICC {wave}", wave=followup),
        gettext("95% interval {wave}", wave=followup),
        gettext("Design effect {wave}", wave=followup),
    ]
    parts = [followup]
    if page.study.compares:
        columns += [
            gettext("ICC of change"),
            gettext("95% interval (change)"),
            gettext("Design effect (change)"),
        ]
        parts.append(page.waves)
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
    return table(
        columns,
        rows,
        widths=[26, *[10, 15, 12] * len(parts)],
        caption=caption(page, survey, what=gettext("how alike people of one school are")),
        note=gettext(
            "ICC (intraclass correlation): how alike people of one school are; below "
            "nought by chance only. Design effect: how many times more people are "
            "needed than if they were not."
        ),
    )


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
        [
            gettext("Scale"),
            gettext("Wave"),
            gettext("People"),
            gettext("Difference from baseline"),
            gettext("95% interval"),
            "p",
            "p (Holm)",
        ],
        rows,
        widths=[28, 14, 9, 15, 17, 8, 9],
        caption=caption(
            page,
            survey,
            what=gettext("every wave against the baseline, from everybody who answered"),
        ),
        text_columns=2,
        note=gettext(
            "Mixed model of all answers with schools and people as random effects; "
            "intervals over schools. Holm over the subscales of an instrument."
        )
        + (
            " " + gettext("\\[z\\]: tested alone.")
            if any(NOT_APPLICABLE in row for row in rows)
            else ""
        ),
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
                gettext("Points a year"),
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
    groups = [Compared(gettext("All"), COHORT, "all"), *school_groups(page)]
    if len(groups) == 3:
        groups.append(Compared(gettext("Between these"), COHORT, page.phase_pairs[0].group))
    rows: list[list[Cell]] = []
    for instrument, score in scores_of(page, instruments):
        found = page.instruments[instrument]
        at = (survey, instrument, "detectable", score, page.waves)
        row: list[Cell] = [escaped(found.score_label(score))]
        row += [page.number(who, *at, "points", decimals=found.decimals(score)) for who in groups]
        rows.append([*row, page.number(ALL, *at, "sd", decimals=2)])
    return table(
        [gettext("Scale"), *(escaped(who.label) for who in groups), gettext("All, in SDs")],
        rows,
        widths=[30, *[12] * len(groups), 12],
        caption=caption(
            page, survey, what=gettext("the smallest change that would probably have been found")
        ),
        note=gettext(
            "Points of change that a 5% test would find four times in five, given "
            "the number of people and how alike schools make them."
        ),
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
        [gettext("Scale"), gettext("Mean"), gettext("Rank"), gettext("Ranks possible")],
        rows,
        widths=[44, 9, 8, 16],
        caption=caption(
            page,
            survey,
            instrument,
            what=gettext(
                "scales in order {when}, and the ranks that the data leave possible",
                when=at_wave(page, wave),
            ),
        ),
        note=gettext(
            "Ranks that the data leave possible at 95%, after correction for comparing all pairs."
        ),
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
        for who in (Compared(gettext("All"), COHORT, "all"), *school_groups(page)):
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
        [
            gettext("Aspect"),
            gettext("Group"),
            gettext("Yes %"),
            gettext("95% interval"),
            gettext("No %"),
            gettext("Don't know %"),
            gettext("Answered"),
        ],
        rows,
        widths=[32, 12, 8, 14, 8, 13, 10],
        caption=caption(
            page, survey, what=gettext("aspects of the school that are said to have changed")
        ),
        text_columns=2,
        note=gettext("What people say has changed; nothing here measures it."),
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
            *sentence(
                "- {scale}: {change} (95% interval {low} to {high}); {verdict}.",
                scale=escaped(found.score_label(score)),
                change=part(said.row, decimals),
                low=part(said.row, decimals, "ci_low"),
                high=part(said.row, decimals, "ci_high"),
                verdict=said.words(),
            ),
            "\n",
        ]
    return text(pieces)


def _compared_with_reference(page: Page, survey: str) -> Iterator[tuple[str, str, str]]:
    """Attribute, measure and label of each value set against the reference population."""
    for parts in page.ids_of(survey, "survey", "reference"):
        if parts[6] == "smd":
            measure = parts[3]
            yield measure.split("-", 1)[0], measure, described_as(page, survey, measure)


def _subscales(page: Page, instruments: Sequence[str]) -> Iterator[tuple[str, Subscale]]:
    """Instruments with each of their subscales."""
    for instrument in instruments:
        for subscale in page.instruments[instrument].subscales:
            yield instrument, subscale


def _waves(page: Page) -> tuple[str, ...]:
    return page.study.pair_of_waves
