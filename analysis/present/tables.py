"""Tables: one function for each question a table answers."""

from __future__ import annotations

import datetime as dt
from itertools import combinations
from typing import Any

from analysis.instruments.model import Instrument, Norm
from analysis.language import N_, gettext, listed, long_date, ngettext
from analysis.present.asked import (
    Grouping,
    at_wave,
    caption,
    described_as,
    groupings,
    in_study_order,
    including,
    school_groups,
)
from analysis.present.count_words import number_word
from analysis.present.items import ends, item_label, items_by_mean, turned
from analysis.present.page import Compared, Page
from analysis.present.shown import Cell, Each, Table, Text, each, escaped, table, text
from analysis.results import COHORT
from analysis.words import inside

ALL = Compared("All", COHORT, "all")


def response(page: Page, survey: str) -> Table | None:
    """Who answered: invited, responded and matched, for the page and what it is compared with.

    Numbers invited stand only where the study has them.
    """
    study = page.study
    known = [wave for wave in study.pair_of_waves if wave in study.survey(survey).invited]
    rows: list[list[Cell]] = []
    own = (page.compared[0], survey, "survey", "response", "responded")
    if page.is_school and not any(page.shows(*own, wave, "count") for wave in study.pair_of_waves):
        return None
    for who in page.compared:
        row: list[Cell] = [escaped(who.label)]
        at = (survey, "survey", "response")
        for wave in study.pair_of_waves:
            answered = page.number(who, *at, "responded", wave, "count", decimals=0)
            if wave in known:
                row.append(page.number(who, *at, "invited", wave, "count", decimals=0))
                row.append(answered)
                row.append(page.number(who, *at, "responded", wave, "percent", decimals=1))
            else:
                row.append(answered)
        if study.compares:
            row += [
                page.number(who, *at, "matched", page.waves, s, decimals=d)
                for s, d in (("count", 0), ("percent", 1))
            ]
        rows.append(row)
    columns, widths = [gettext("Group")], [20]
    for wave in study.pair_of_waves:
        answered_at = gettext("Answered {wave}", wave=wave)
        if wave in known:
            columns += [gettext("Invited {wave}", wave=wave), answered_at, f"% {wave}"]
            widths += [9, 10, 8]
        else:
            columns.append(answered_at)
            widths.append(10)
    what = gettext("invited and answered") if known else gettext("answered")
    if study.compares:
        columns += [gettext("Matched"), gettext("% of {wave}", wave=study.baseline)]
        widths += [9, 9]
        what = (
            gettext("invited, answered and matched") if known else gettext("answered and matched")
        )
    return table(columns, rows, widths, caption(page, survey, what=what), note=including(page))


def sample(page: Page, survey: str, wave: str) -> Table | None:
    """Who the respondents are: counts and shares of each attribute's values, by phase.

    ``wave`` is one wave, or a pair for those who answered both, as they were at the first.
    """
    groups = [ALL, *school_groups(page)]
    measures: list[str] = []
    for parts in page.ids_of(survey, "survey", "sample"):
        measure, at_wave = parts[3:5]
        if at_wave == wave.lower() and measure not in measures:
            measures.append(measure)
    rows: list[list[Cell]] = []
    for measure in sorted(measures, key=in_study_order(page, survey)):
        row_cells: list[Cell] = [described_as(page, survey, measure)]
        for who in groups:
            at = (survey, "survey", "sample", measure, wave)
            if page.row(who, *at, "count") is None:
                row_cells += [r"\[z\]", r"\[z\]"]
                continue
            row_cells.append(page.number(who, *at, "count", decimals=0))
            row_cells.append(page.number(who, *at, "percent", decimals=1))
        rows.append(row_cells)
    columns = []
    for who in groups:
        of = gettext("% of {group}", group=escaped(inside(who.label)))
        columns += [escaped(who.label), of]
    return table(
        [gettext("Characteristic"), *columns],
        rows,
        widths=[34, 8, 10, *[12, 14] * (len(groups) - 1)],
        caption=_sampled(page, survey, wave),
        note=gettext(r"\[z\]: does not apply."),
    )


def _sampled(page: Page, survey: str, wave: str) -> str:
    people = escaped(page.study.survey(survey).respondents)
    if wave == page.waves:
        then = at_wave(page, page.study.baseline)
        return caption(
            page,
            survey,
            what=gettext("the matched {people}, as they were {when}", people=people, when=then),
        )
    return caption(page, survey, what=gettext("who answered {when}", when=at_wave(page, wave)))


def level(page: Page, survey: str, instrument: str) -> Table | None:
    """Where scores stand at baseline and follow-up: mean, SD and number of respondents.

    All respondents of each wave; what a school stands beside is in :mod:`analysis.present.beside`.
    """
    found = page.instruments[instrument]
    if page.is_school:
        if set(found.scores) == set(normed(found)):
            return None  # stands beside the norm
        return _own(page, survey, found, page.study.followup)
    waves = page.study.pair_of_waves
    rows: list[list[Cell]] = []
    for score in found.scores:
        decimals = found.decimals(score)
        row: list[Cell] = [escaped(found.score_label(score))]
        for wave in waves:
            at = (survey, instrument, "level", score, wave)
            row += [
                page.number(ALL, *at, "n", decimals=0),
                page.number(ALL, *at, "mean", decimals=decimals),
                page.interval(ALL, *at, "mean", decimals=decimals),
                page.number(ALL, *at, "sd", decimals=decimals),
            ]
        rows.append(row)
    columns = [gettext("Scale")]
    for wave in waves:
        columns += [
            gettext("n {wave}", wave=wave),
            gettext("Mean {wave}", wave=wave),
            gettext("95% interval {wave}", wave=wave),
            gettext("SD {wave}", wave=wave),
        ]
    said = caption(page, survey, instrument, what=_scales(page, found))
    return table(columns, rows, [28, *[6, 8, 16, 7] * len(waves)], said)


def _scales(page: Page, found: Instrument) -> str:
    """What a table of levels shows: scales, or a scale, at each wave or at the one there is."""
    if page.study.compares:
        return ngettext(
            "scale at each wave, all respondents",
            "scales at each wave, all respondents",
            len(found.scores),
        )
    return ngettext(
        "scale {when}, all respondents",
        "scales {when}, all respondents",
        len(found.scores),
        when=at_wave(page, page.study.followup),
    )


def speaks_of_this_year(page: Page, survey: str) -> bool:
    """Whether an interval for this year's people is shown of any score at follow-up."""
    who, wave = page.compared[0], page.study.followup
    return any(
        page.shows(who, survey, name, "this_year", score, wave, "mean")
        for name in page.study.survey(survey).instruments
        for score in page.instruments[name].scores
    )


def whom(page: Page, survey: str, instrument: str) -> Table | None:
    """Of whom the programme's levels speak: schools like these, or this year's people of these."""
    if page.is_school or not speaks_of_this_year(page, survey):
        return None
    found, wave = page.instruments[instrument], page.study.followup
    rows: list[list[Cell]] = []
    for score in found.scores:
        at, decimals = (survey, instrument), found.decimals(score)
        row: list[Cell] = [escaped(found.score_label(score))]
        for analysis in ("level", "this_year"):
            number = (*at, analysis, score, wave, "mean")
            row.append(page.number(ALL, *number, decimals=decimals))
            row.append(page.interval(ALL, *number, decimals=decimals))
        rows.append(row)
    people = escaped(page.study.survey(survey).respondents)
    return table(
        [gettext("Scale"), gettext("Schools like these: mean"), gettext("95% interval"),
         gettext("All {people} invited this year in these schools: mean", people=people),
         gettext("95% interval (this year)")],
        rows,
        widths=[28, 13, 17, 20, 17],
        caption=caption(
            page, survey, instrument, what=gettext("of whom levels {when} speak", when=at_wave(page, wave))
        ),
        note=gettext(
            "The first is the mean of those who answered, as an estimate for schools like these. "
            "The second speaks of nobody but those invited this year, each school counting by their "
            "number, and takes those who answered as a random sample of them."
        ),
    )  # fmt: skip


def _own(page: Page, survey: str, instrument: Instrument, wave: str) -> Table | None:
    own = page.compared[0]
    finite = speaks_of_this_year(page, survey)
    earlier = [each for each in page.study.pair_of_waves if each != wave]
    rows: list[list[Cell]] = []
    for score in instrument.scores:
        decimals = instrument.decimals(score)
        at = (survey, instrument.id, "level", score)
        row: list[Cell] = [escaped(instrument.score_label(score))]
        row.append(page.number(own, *at, wave, "n", decimals=0))
        for before in earlier:
            row.append(page.number(own, *at, before, "mean", decimals=decimals))
        row.append(page.number(own, *at, wave, "mean", decimals=decimals))
        row.append(page.interval(own, *at, wave, "mean", decimals=decimals))
        if finite:
            this_year = (survey, instrument.id, "this_year", score, wave, "mean")
            row.append(page.interval(own, *this_year, decimals=decimals))
        rows.append(row)
    people = escaped(page.study.survey(survey).respondents)
    return table(
        [gettext("Scale"), gettext("n {wave}", wave=wave),
         *(gettext("This school {wave}", wave=before) for before in earlier),
         gettext("This school {wave}", wave=wave),
         gettext("95% interval: such a school in general"),
         *([gettext("95% interval: all {people} invited this year", people=people)]
           if finite else [])],
        rows,
        widths=[28, 7, *[12] * len(earlier), 12, 17, *([17] if finite else [])],
        caption=caption(page, survey, instrument.id, what=_scales(page, instrument)),
    )  # fmt: skip


def change(page: Page, survey: str, instrument: str) -> Table | None:
    """What changed within matched respondents, with an interval that allows for schools."""
    found = page.instruments[instrument]
    clustered = not page.is_school
    rows: list[list[Cell]] = []
    for score in found.scores:
        decimals = found.decimals(score)
        at = (survey, instrument, "paired", score, page.waves)
        row: list[Cell] = [
            escaped(found.score_label(score)),
            page.number(None, *at, "n", decimals=0),
            page.number(None, *at, "baseline_mean", decimals=decimals),
            page.number(None, *at, "followup_mean", decimals=decimals),
            page.number(None, *at, "difference", decimals=decimals),
            page.interval(None, *at, "difference", decimals=decimals),
            page.p_value(None, *at, "p_clustered" if clustered else "p"),
        ]
        if not clustered:
            row.append(page.p_value(None, *at, "p_wilcoxon"))
        if found.total or len(found.scores) > 1:
            row.append(
                r"\[z\]"
                if found.total and score == found.total.id
                else page.p_value(None, *at, "p_clustered_holm" if clustered else "p_holm")
            )
        row.append(page.number(None, *at, "d_z", decimals=2))
        rows.append(row)
    columns = [
        gettext("Scale"),
        "n",
        page.study.baseline,
        page.study.followup,
        gettext("Change"),
        gettext("95% interval"),
        "p",
    ]
    widths = [28, 6, 7, 7, 9, 17, 8]
    notes = [
        gettext(
            "Change is follow-up less baseline; d~z~ is the mean change over the SD of changes."
        )
    ]
    if not clustered:
        columns.append("p (Wilcoxon)")
        widths.append(11)
        notes.append(
            gettext(
                "With few people, p supposes that changes are spread normally; Wilcoxon's test does "
                "not."
            )
        )
    if found.total or len(found.scores) > 1:
        columns.append("p (Holm)")
        widths.append(9)
        notes.append(gettext("p (Holm) is corrected over the subscales."))
    if found.total:
        notes.append(gettext(r"\[z\]: does not apply (the total is not one of the family)."))
    columns.append("d~z~")
    widths.append(7)
    people = escaped(page.study.survey(survey).respondents)
    what = gettext("change in {people} who answered both times", people=people)
    said = caption(page, survey, instrument, what=what)
    return table(columns, rows, widths, said, " ".join(notes))


def as_published(page: Page, survey: str, instrument: str) -> Table | None:
    """The plain paired t test, as usually published: it does not allow for schools."""
    rows: list[list[Cell]] = []
    found = page.instruments[instrument]
    for score in found.scores:
        decimals = found.decimals(score)
        at = (survey, instrument, "paired", score, page.waves)
        row: list[Cell] = [escaped(found.score_label(score))]
        for wave in ("baseline", "followup"):
            row.append(page.number(None, *at, f"{wave}_mean", decimals=decimals))
            row.append(page.number(None, *at, f"{wave}_sd", decimals=decimals))
        row += [
            page.number(None, *at, "t", decimals=2),
            page.number(None, *at, "df", decimals=0),
            page.p_value(None, *at, "p"),
            page.p_value(None, *at, "p_wilcoxon"),
            page.number(None, *at, "d_av", decimals=2),
            page.interval(None, *at, "d_av", decimals=2),
        ]
        rows.append(row)
    first, last = page.study.baseline, page.study.followup
    return table(
        [gettext("Scale"), gettext("Mean {wave}", wave=first), gettext("SD {wave}", wave=first),
         gettext("Mean {wave}", wave=last), gettext("SD {wave}", wave=last), "t", "df", "p",
         "p (Wilcoxon)", "d~av~", gettext("95% interval (d)")],
        rows,
        widths=[26, 8, 7, 8, 7, 8, 6, 8, 11, 7, 15],
        caption=caption(
            page, survey, instrument,
            what=gettext("the plain paired t test, which does not allow for schools"),
        ),
        note=gettext(
            "t is baseline less follow-up, so that a rise has a negative t. Of these only the "
            "interval of d~av~ allows for schools."
        ),
    )  # fmt: skip


def two_views(page: Page, survey: str, instrument: str) -> Table | None:
    """Matched change beside the difference of all respondents."""
    found = page.instruments[instrument]
    rows: list[list[Cell]] = []
    for score in found.scores:
        decimals = found.decimals(score)
        row: list[Cell] = [escaped(found.score_label(score))]
        for analysis in ("paired", "all_respondents"):
            at = (survey, instrument, analysis, score, page.waves, "difference")
            row.append(page.number(ALL, *at, decimals=decimals))
            row.append(page.interval(ALL, *at, decimals=decimals))
        rows.append(row)
    return table(
        [
            gettext("Scale"),
            gettext("Same people"),
            gettext("95% interval"),
            gettext("All respondents"),
            gettext("95% interval (all)"),
        ],
        rows,
        widths=[30, 12, 18, 16, 18],
        caption=caption(
            page,
            survey,
            instrument,
            what=gettext("change in the same people beside the difference of all respondents"),
        ),
    )


def phases(page: Page, survey: str, instrument: str) -> Table | None:
    """Every two groups of schools beside each other: levels at follow-up, and each one's own change."""
    found = page.instruments[instrument]
    wave = page.study.followup
    rows: list[list[Cell]] = []
    for score in found.scores:
        decimals = found.decimals(score)
        level_at = (survey, instrument, "level", score, wave, "mean")
        at = (survey, instrument, "phases", score, wave, "difference")
        own_at = (survey, instrument, "paired", score, page.waves, "difference")
        change_at = (survey, instrument, "phases_change", score, page.waves, "difference")
        for (one, other), contrast in zip(
            combinations(page.phases, 2), page.phase_pairs, strict=True
        ):
            row: list[Cell] = [escaped(found.score_label(score))]
            if len(page.phases) > 2:
                row.append(escaped(contrast.label))
            row += [page.number(who, *level_at, decimals=decimals) for who in (one, other)]
            row.append(page.with_interval(contrast, *at, decimals=decimals))
            if page.study.compares:
                row += [page.with_interval(who, *own_at, decimals=decimals) for who in (one, other)]
                row.append(page.with_interval(contrast, *change_at, decimals=decimals))
            rows.append(row)
    several = len(page.phases) > 2
    names = [gettext("First"), gettext("Second")]
    if not several:
        names = [escaped(who.label) for who in page.phases]
    columns = [gettext("Scale"), *([gettext("Groups")] if several else [])]
    columns += [f"{name} {wave}" for name in names]
    columns += [gettext("Difference")]
    widths = [24, *([20] if several else []), 11, 11, 15]
    note = gettext("Differences are first less second group of schools, with 95% intervals.")
    if page.study.compares:
        columns += [gettext("Change, {who}", who=inside(name)) for name in names]
        columns += [gettext("Difference in change")]
        widths += [15, 15, 15]
        note += " " + gettext("Change is over matched respondents.")
    labels = [escaped(inside(who.label)) for who in page.phases]
    said = caption(
        page, survey, instrument, what=gettext("{groups} beside each other", groups=listed(labels))
    )
    return table(columns, rows, widths, said, note)


#: More groups than these make two columns each too narrow to read.
MOST_GROUPS = 4


def groups(page: Page, survey: str, *instruments: str) -> Each | None:
    """Baseline and follow-up means of people's own groups, by instrument and characteristic."""
    return each(
        {
            f"{instrument}-{grouping.id}": _group_means(page, survey, instrument, grouping)
            for instrument in instruments
            for grouping in groupings(page, survey)
            if not grouping.of_schools
        }
    )


def _group_means(page: Page, survey: str, instrument: str, grouping: Grouping) -> Table | None:
    values = grouping.groups
    if len(values) > MOST_GROUPS:
        return None
    found = page.instruments[instrument]
    waves = page.study.pair_of_waves
    rows: list[list[Cell]] = []
    for score in found.scores:
        row: list[Cell] = [escaped(found.score_label(score))]
        for value in values:
            who = Compared(value, COHORT, value)
            for wave in waves:
                at = (survey, instrument, "level", score, wave, "mean")
                row.append(page.number(who, *at, decimals=found.decimals(score)))
        rows.append(row)
    labels = [escaped(label) for label in values.values()]
    columns = [gettext("Scale"), *(f"{label} {wave}" for label in labels for wave in waves)]
    what = gettext(
        "means by {characteristic} and wave, programme",
        characteristic=escaped(inside(grouping.label)),
    )
    said = caption(page, survey, instrument, what=what)
    return table(columns, rows, [28] + [12] * (len(columns) - 1), said)


def items(page: Page, survey: str, instrument: str, *, top: int = 0) -> Table | None:
    """Mean answers to items, and shares that are favourable, neutral and unfavourable.

    With ``top``, only so many from either end, and nothing where all scores have a norm.
    """
    found = page.instruments[instrument]
    if top and set(found.scores) == set(normed(found)):
        return None
    wave = page.study.followup
    who = page.compared[0]
    order, rest = items_by_mean(page, survey, found, wave)
    alike = len({(r.minimum, r.maximum) for r in found.response_sets.values()}) == 1
    chosen = [*order, *rest] if alike else list(found.items)
    when = at_wave(page, wave)
    what = (
        gettext("its only item {when}", when=when)
        if len(found.items) == 1
        else gettext("items {when}, highest mean first", when=when)
        if alike
        else gettext("items {when}", when=when)
    )
    if top:
        most = min(top, len(order) // 2)
        if not alike or most == 0:
            return None
        chosen = order
        if len(order) > 2 * most and (of_either := ends(page, survey, found, order, most)):
            chosen = order[:of_either] + order[-of_either:]
            message, several = (
                (
                    N_(
                        "the item with the highest, and the item with the lowest, mean answers, of "
                        "those that can be shown"
                    ),
                    N_(
                        "the {number} items with the highest, and the {number} items with the "
                        "lowest, mean answers, of those that can be shown"
                    ),
                )
                if rest
                else (
                    N_("the item with the highest, and the item with the lowest, mean answers"),
                    N_(
                        "the {number} items with the highest, and the {number} items with the "
                        "lowest, mean answers"
                    ),
                )
            )
            what = gettext(message if of_either == 1 else several, number=number_word(of_either))
    rows: list[list[Cell]] = []
    for item in chosen:
        at = (survey, instrument, "items", item.code, wave)
        rows.append(
            [
                escaped(item_label(item)),
                escaped(found.subscale(item.subscale).label),
                page.number(who, *at, "mean", decimals=2),
                page.number(who, *at, "favourable", decimals=0),
                page.interval(who, *at, "favourable", decimals=0),
                page.number(who, *at, "neutral", decimals=0),
                page.number(who, *at, "unfavourable", decimals=0),
            ]
        )
    columns = [
        gettext("Item"),
        gettext("Scale"),
        gettext("Mean"),
        gettext("Favourable %"),
        gettext("95% interval"),
        gettext("Neutral %"),
        gettext("Unfavourable %"),
    ]
    widths = [38, 22, 8, 12, 12, 10, 14]
    if not any(found.responses(item).has_middle for item in chosen):
        neutral = 5
        del columns[neutral], widths[neutral]
        for row in rows:
            del row[neutral]
    return table(
        columns,
        rows,
        widths=widths,
        note=(
            gettext("The interval of the favourable share is Wilson's and allows for schools.")
            if not page.is_school
            else gettext("The interval is that of the favourable share.")
        )
        + turned(chosen),
        caption=caption(page, survey, instrument, what=what),
        text_columns=2,
    )


def normed(found: Instrument) -> dict[str, Norm]:
    """The scores of an instrument that have a norm to be set against."""
    return {each.id: each.norm for each in found.subscales if each.norm is not None}


def norm(page: Page, survey: str, instrument: str) -> Each | None:
    """Each score with a norm: mean, interval and distance from the norm, at each wave."""
    found = page.instruments[instrument]
    return each({score: _norm(page, survey, found, score) for score in normed(found)})


def _norm(page: Page, survey: str, found: Instrument, score: str) -> Table | None:
    instrument, decimals = found.id, found.decimals(score)
    rows: list[list[Cell]] = []
    for who in page.compared[:1] if page.is_school else page.compared:
        for wave in page.study.pair_of_waves:
            at = (survey, instrument, "level", score, wave)
            rows.append(
                [
                    escaped(who.label),
                    wave,
                    page.number(who, *at, "n", decimals=0),
                    page.number(who, *at, "mean", decimals=decimals),
                    page.interval(who, *at, "mean", decimals=decimals),
                    page.number(who, *at, "sd", decimals=decimals),
                    page.number(who, *at, "difference_from_norm", decimals=decimals),
                ]
            )
    if page.is_school and page.others:
        beside = (survey, instrument, "beside", score, page.study.followup, "others")
        whom = escaped(page.others)
        mean = page.number(None, *beside, decimals=decimals)
        rows.append(
            [whom[:1].upper() + whom[1:], page.study.followup, r"\[z\]", mean, *[r"\[z\]"] * 3]
        )
    return table(
        [
            gettext("Group"),
            gettext("Wave"),
            "n",
            gettext("Mean"),
            gettext("95% interval"),
            gettext("SD"),
            gettext("Above norm of {mean}", mean=f"{normed(found)[score].mean:g}"),
        ],
        rows,
        widths=[24, 8, 8, 10, 18, 8, 16],
        text_columns=2,
        caption=caption(
            page,
            survey,
            instrument,
            what=gettext(
                "{scale} at each wave, all respondents",
                scale=escaped(inside(found.score_label(score))),
            ),
        ),
    )


def measures_of(page: Page) -> list[dict[str, Any]]:
    """The measures of school outcomes, in the study's order; none if it has no such file."""
    return list(page.documents.get("outcome_measures", {}).get("measures", []))


def outcome_definitions(page: Page) -> Table | None:
    """What each outcome counts, since when, and what a reader of its series should know."""
    rows: list[list[Cell]] = []
    for measure in measures_of(page):
        definition = escaped(measure["definition"])
        for one in measure.get("definitions", []):
            definition += f" {_period(one)}: {escaped(one['text'])}."
        note = escaped(measure.get("series_note", ""))
        rows.append([escaped(measure["label"]), definition, note])
    return table(
        [gettext("Measure"), gettext("What it counts"), gettext("Good to know")],
        rows,
        widths=[20, 50, 46],
        caption=gettext("School outcomes: what is counted, and since when"),
        text_columns=3,
    )


def _period(definition: dict[str, Any]) -> str:
    """The dates between which a definition was in force, in words."""
    first, last = (_day(definition.get(key)) for key in ("from", "to"))
    if first and last:
        return gettext("From {first} to {last}", first=first, last=last)
    return gettext("From {first}", first=first) if first else gettext("Until {last}", last=last)


def _day(date: dt.date | None) -> str:
    return long_date(date) if date else ""


def instruments(page: Page) -> Table | None:
    """What each instrument measures, and its source."""
    rows: list[list[Cell]] = [
        [escaped(found.name), escaped(found.about), escaped(found.source)]
        for found in page.instruments.values()
    ]
    return table(
        [gettext("Instrument"), gettext("About"), gettext("Source")],
        rows,
        widths=[24, 46, 46],
        caption=gettext("Instruments: what they measure, and where they come from"),
        text_columns=3,
    )


def to_confirm(page: Page) -> Text | None:
    """What somebody has still to confirm of each instrument, before real data are scored."""
    told = [
        f"- **{escaped(found.short)}.** {escaped(found.confirm)}\n"
        for found in page.instruments.values()
        if found.confirm
    ]
    return text(told)
