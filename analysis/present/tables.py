"""Tables: one function for each question a table answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from itertools import combinations
from typing import Any

from analysis.instruments import Instrument
from analysis.present.page import Compared, Page
from analysis.present.shown import Cell, Table, Text, escaped
from analysis.results import COHORT
from analysis.words import inside

ALL = Compared("All", COHORT, "all")


def response(page: Page, survey: str) -> Table:
    """Who answered: invited, responded and matched, for the page and what it is compared with."""
    baseline, followup = page.study.baseline, page.study.followup
    rows: list[list[Cell]] = []
    for who in page.compared:
        row: list[Cell] = [who.label]
        for wave in (baseline, followup):
            at = (survey, "survey", "response")
            row += [
                page.number(who, *at, "invited", wave, "count", decimals=0),
                page.number(who, *at, "responded", wave, "count", decimals=0),
                page.number(who, *at, "responded", wave, "percent", decimals=1),
            ]
        row += [
            page.number(who, survey, "survey", "response", "matched", page.waves, s, decimals=d)
            for s, d in (("count", 0), ("percent", 1))
        ]
        rows.append(row)
    columns = ["Group"]
    for wave in (baseline, followup):
        columns += [f"Invited {wave}", f"Answered {wave}", f"% {wave}"]
    columns += ["Matched", f"% of {baseline}"]
    return Table(columns, rows, widths=[20, 9, 10, 8, 9, 10, 8, 9, 9])


def sample(page: Page, survey: str, wave: str) -> Table:
    """Who the respondents are: counts and shares of each attribute's values, by phase."""
    groups = [ALL, *page.phases]
    measures: list[str] = []
    for parts in page.ids_of(survey, "survey", "sample"):
        measure, at_wave = parts[3:5]
        if at_wave == wave.lower() and measure not in measures:
            measures.append(measure)
    rows: list[list[Cell]] = []
    for measure in sorted(measures, key=_in_order(page)):
        attribute, value = measure.split("-", 1)
        name = page.study.labels.get(attribute, attribute.replace("_", " ").capitalize())
        label = escaped(f"{name}: {value.replace('_', ' ')}")
        row_cells: list[Cell] = [label]
        for who in groups:
            at = (survey, "survey", "sample", measure, wave)
            if page.row(who, *at, "count") is None:
                row_cells += [r"\[z\]", r"\[z\]"]
                continue
            row_cells.append(page.number(who, *at, "count", decimals=0))
            row_cells.append(page.number(who, *at, "percent", decimals=1))
        rows.append(row_cells)
    columns = ["Characteristic", "All", "% of all"]
    for who in page.phases:
        columns += [escaped(who.label), f"% of {escaped(inside(who.label))}"]
    return Table(
        columns,
        rows,
        widths=[34, 8, 10, *[12, 12] * len(page.phases)],
        note=r"\[z\]: does not apply.",
    )


def level(page: Page, survey: str, instrument: str) -> Table:
    """Where scores stand at baseline and follow-up: mean, SD and number of respondents.

    For the programme all respondents of each wave; for a school its follow-up beside its
    phase and the programme.
    """
    found = page.instruments[instrument]
    if page.is_school:
        return _beside(page, survey, found, page.study.followup)
    rows: list[list[Cell]] = []
    for score in found.scores:
        decimals = found.decimals(score)
        row: list[Cell] = [found.score_label(score)]
        for wave in (page.study.baseline, page.study.followup):
            at = (survey, instrument, "level", score, wave)
            row += [
                page.number(ALL, *at, "n", decimals=0),
                page.number(ALL, *at, "mean", decimals=decimals),
                page.interval(ALL, *at, "mean", decimals=decimals),
                page.number(ALL, *at, "sd", decimals=decimals),
            ]
        rows.append(row)
    columns = ["Scale"]
    for wave in (page.study.baseline, page.study.followup):
        columns += [f"n {wave}", f"Mean {wave}", f"95% interval {wave}", f"SD {wave}"]
    return Table(columns, rows, widths=[28, 6, 8, 16, 7, 6, 8, 16, 7])


def _beside(page: Page, survey: str, instrument: Instrument, wave: str) -> Table:
    own, *others = page.compared
    rows: list[list[Cell]] = []
    for score in instrument.scores:
        decimals = instrument.decimals(score)
        at = (survey, instrument.id, "level", score)
        row: list[Cell] = [instrument.score_label(score)]
        row.append(page.number(own, *at, wave, "n", decimals=0))
        row.append(page.number(own, *at, page.study.baseline, "mean", decimals=decimals))
        row.append(page.number(own, *at, wave, "mean", decimals=decimals))
        row.append(page.interval(own, *at, wave, "mean", decimals=decimals))
        for who in others:
            row.append(page.number(who, *at, wave, "mean", decimals=decimals))
        rows.append(row)
    baseline = page.study.baseline
    return Table(
        ["Scale", f"n {wave}", f"This school {baseline}", f"This school {wave}",
         f"95% interval {wave}", *(f"{escaped(who.label)} {wave}" for who in others)],
        rows,
        widths=[28, 7, 12, 12, 16, *[12] * len(others)],
    )  # fmt: skip


def change(page: Page, survey: str, instrument: str) -> Table:
    """What changed within matched respondents, with an interval that allows for schools."""
    found = page.instruments[instrument]
    clustered = not page.is_school
    rows: list[list[Cell]] = []
    for score in found.scores:
        decimals = found.decimals(score)
        at = (survey, instrument, "paired", score, page.waves)
        row: list[Cell] = [
            found.score_label(score),
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
        "Scale",
        "n",
        page.study.baseline,
        page.study.followup,
        "Change",
        "95% interval",
        "p",
    ]
    widths = [28, 6, 7, 7, 9, 17, 8]
    note = "Change is follow-up less baseline; d~z~ is the mean change over the SD of changes."
    if not clustered:
        columns.append("p (Wilcoxon)")
        widths.append(11)
        note += (
            " With few people, p supposes that changes are spread normally; Wilcoxon's test does "
            "not."
        )
    if found.total or len(found.scores) > 1:
        columns.append("p (Holm)")
        widths.append(9)
        note += " p (Holm) is corrected over the subscales."
    if found.total:
        note += r" \[z\]: does not apply (the total is not one of the family)."
    columns.append("d~z~")
    widths.append(7)
    return Table(columns, rows, widths, note)


def as_published(page: Page, survey: str, *instruments: str) -> Table:
    """The plain paired t test, as usually published: it does not allow for schools."""
    rows: list[list[Cell]] = []
    for instrument in instruments:
        found = page.instruments[instrument]
        for score in found.scores:
            decimals = found.decimals(score)
            at = (survey, instrument, "paired", score, page.waves)
            row: list[Cell] = [found.score_label(score)]
            for wave in ("baseline", "followup"):
                row.append(page.number(None, *at, f"{wave}_mean", decimals=decimals))
                row.append(page.number(None, *at, f"{wave}_sd", decimals=decimals))
            row += [
                page.number(None, *at, "t", decimals=2),
                page.number(None, *at, "df", decimals=0),
                page.p_value(None, *at, "p"),
                page.p_value(None, *at, "p_wilcoxon"),
                page.number(None, *at, "bf10", decimals=1),
                page.number(None, *at, "d_av", decimals=2),
                page.interval(None, *at, "d_av", decimals=2),
            ]
            rows.append(row)
    first, last = page.study.baseline, page.study.followup
    return Table(
        ["Scale", f"Mean {first}", f"SD {first}", f"Mean {last}", f"SD {last}", "t", "df", "p",
         "p (Wilcoxon)", "BF~10~", "d~av~", "95% interval (d)"],
        rows,
        widths=[26, 8, 7, 8, 7, 8, 6, 8, 11, 7, 7, 15],
        note="t is baseline less follow-up, so that a rise has a negative t. BF~10~ is how many "
        "times likelier the answers are if there is a change than if there is none. Of these only "
        "the interval of d~av~ allows for schools.",
    )  # fmt: skip


def two_views(page: Page, survey: str, instrument: str) -> Table:
    """Matched change beside the difference of all respondents."""
    found = page.instruments[instrument]
    rows: list[list[Cell]] = []
    for score in found.scores:
        decimals = found.decimals(score)
        row: list[Cell] = [found.score_label(score)]
        for analysis in ("paired", "all_respondents"):
            at = (survey, instrument, analysis, score, page.waves, "difference")
            row.append(page.number(ALL, *at, decimals=decimals))
            row.append(page.interval(ALL, *at, decimals=decimals))
        rows.append(row)
    return Table(
        ["Scale", "Same people", "95% interval", "All respondents", "95% interval (all)"],
        rows,
        widths=[30, 12, 18, 16, 18],
    )


def phases(page: Page, survey: str, instrument: str) -> Table:
    """Two groups of schools beside each other; for a school, the school beside its own and all."""
    found = page.instruments[instrument]
    if page.is_school:
        return _beside(page, survey, found, page.study.baseline)
    wave = page.study.followup
    rows: list[list[Cell]] = []
    for score in found.scores:
        decimals = found.decimals(score)
        level_at = (survey, instrument, "level", score, wave, "mean")
        at = (survey, instrument, "phases", score, wave)
        for (one, other), contrast in zip(
            combinations(page.phases, 2), page.phase_pairs, strict=True
        ):
            row: list[Cell] = [found.score_label(score)]
            if len(page.phases) > 2:
                row.append(escaped(contrast.label))
            row += [
                page.number(one, *level_at, decimals=decimals),
                page.number(other, *level_at, decimals=decimals),
                page.number(contrast, *at, "difference", decimals=decimals),
                page.interval(contrast, *at, "difference", decimals=decimals),
            ]
            if page.study.compares:
                change_at = (survey, instrument, "phases_change", score, page.waves, "difference")
                row.append(page.number(contrast, *change_at, decimals=decimals))
                row.append(page.interval(contrast, *change_at, decimals=decimals))
            rows.append(row)
    several = len(page.phases) > 2
    names = ["First", "Second"] if several else [escaped(who.label) for who in page.phases]
    columns = ["Scale", *(["Groups"] if several else []), *(f"{name} {wave}" for name in names)]
    columns += ["Difference", "95% interval"]
    widths = [28, *([24] if several else []), 11, 11, 11, 16]
    note = "Differences are first less second group of schools."
    if page.study.compares:
        columns += ["Difference in change", "95% interval (change)"]
        widths += [13, 16]
        note += " Difference in change is over matched respondents."
    return Table(columns, rows, widths=widths, note=note)


def groups(page: Page, survey: str, instrument: str, column: str, values: dict[str, str]) -> Table:
    """Baseline and follow-up means of the groups of one attribute (programme only)."""
    found = page.instruments[instrument]
    waves = (page.study.baseline, page.study.followup)
    rows: list[list[Cell]] = []
    for score in found.scores:
        row: list[Cell] = [found.score_label(score)]
        for value in values:
            who = Compared(value, COHORT, page.group_key(survey, column, value))
            for wave in waves:
                at = (survey, instrument, "level", score, wave, "mean")
                row.append(page.number(who, *at, decimals=found.decimals(score)))
        rows.append(row)
    columns = ["Scale"] + [f"{label} {wave}" for label in values.values() for wave in waves]
    return Table(columns, rows, widths=[28] + [12] * (len(columns) - 1))


def items(page: Page, survey: str, instrument: str, *, top: int = 0) -> Table:
    """Shares of favourable, neutral and unfavourable answers to items, most favourable first.

    With ``top``, only so many from either end.
    """
    found = page.instruments[instrument]
    wave = page.study.followup
    who = page.compared[0]
    ranked = []
    for place, item in enumerate(found.items):
        at = (survey, instrument, "items", item.code, wave)
        row = page.values(who, *at, "favourable")
        ranked.append((-(row["value"] if row else -1.0), place, item))
    ranked.sort(key=lambda entry: entry[:2])
    chosen = [item for _, _, item in ranked]
    known = [item for value, _, item in ranked if value <= 0]
    if top:
        chosen = known[:top] + known[-top:] if len(known) > 2 * top else known
    rows: list[list[Cell]] = []
    for item in chosen:
        at = (survey, instrument, "items", item.code, wave)
        rows.append(
            [
                escaped(item.label),
                escaped(found.subscale(item.subscale).label),
                page.number(who, *at, "favourable", decimals=0),
                page.interval(who, *at, "favourable", decimals=0),
                page.number(who, *at, "neutral", decimals=0),
                page.number(who, *at, "unfavourable", decimals=0),
            ]
        )
    return Table(
        ["Item", "Scale", "Favourable %", "95% interval", "Neutral %", "Unfavourable %"],
        rows,
        widths=[40, 24, 12, 12, 10, 14],
        note="The interval of the favourable share is Wilson's and allows for schools."
        if not page.is_school
        else "The interval is that of the favourable share.",
        text_columns=2,
    )


def norm(page: Page, survey: str, instrument: str, score: str) -> Table:
    """A score with a norm: mean, interval and distance from the norm, at each wave."""
    found = page.instruments[instrument]
    decimals = found.decimals(score)
    rows: list[list[Cell]] = []
    for who in page.compared:
        for wave in (page.study.baseline, page.study.followup):
            at = (survey, instrument, "level", score, wave)
            rows.append(
                [
                    who.label,
                    wave,
                    page.number(who, *at, "n", decimals=0),
                    page.number(who, *at, "mean", decimals=decimals),
                    page.interval(who, *at, "mean", decimals=decimals),
                    page.number(who, *at, "sd", decimals=decimals),
                    page.number(who, *at, "difference_from_norm", decimals=decimals),
                ]
            )
    return Table(
        ["Group", "Wave", "n", "Mean T", "95% interval", "SD", "Above norm of 50"],
        rows,
        widths=[24, 8, 8, 10, 18, 8, 16],
        text_columns=2,
    )


def outcomes(page: Page) -> Table:
    """School outcomes by term: rates, for the page and what it is compared with."""
    rows: list[list[Cell]] = []
    terms = list(page.terms.items())
    shown = [terms[0], terms[-1]] if len(terms) > 1 else terms
    broken = set(page.texts_of("outcome_break")["key"])
    for measure in page.documents["outcome_measures"]["measures"]:
        decimals = int(measure.get("decimals", 1))
        mark = " †" if measure["id"] in broken else ""
        for who in page.compared:
            row: list[Cell] = [escaped(measure["label"]) + mark, who.label]
            for term, _ in shown:
                at = ("outcomes", "school_data", "rate", measure["id"], term, "rate")
                row.append(page.with_interval(who, *at, decimals=decimals))
            rows.append(row)
    note = "Rates with their 95% intervals, where one can be given."
    if broken:
        note += " † The definition changed between these terms: they do not compare."
    return Table(
        ["Measure", "Group", *[escaped(label) for _, label in shown]],
        rows,
        widths=[40, 20] + [22] * len(shown),
        text_columns=2,
        note=note,
    )


def outcome_definitions(page: Page) -> Table:
    """What each outcome counts, since when, and what a reader of its series should know."""
    rows: list[list[Cell]] = []
    for measure in page.documents["outcome_measures"]["measures"]:
        definition = escaped(measure["definition"])
        for each in measure.get("definitions", []):
            definition += f" {_period(each)}: {escaped(each['text'])}."
        note = escaped(measure.get("series_note", ""))
        rows.append([escaped(measure["label"]), definition, note])
    return Table(
        ["Measure", "What it counts", "Good to know"],
        rows,
        widths=[20, 50, 46],
        text_columns=3,
    )


def _period(definition: dict[str, Any]) -> str:
    """The dates between which a definition was in force, in words."""
    first, last = (_day(definition.get(key)) for key in ("from", "to"))
    if first and last:
        return f"From {first} to {last}"
    return f"From {first}" if first else f"Until {last}"


def _day(date: dt.date | None) -> str:
    return f"{date.day} {date:%B %Y}" if date else ""


def instruments(page: Page) -> Table:
    """What each instrument measures, and its source."""
    rows: list[list[Cell]] = [
        [escaped(found.name), escaped(found.about), escaped(found.source)]
        for found in page.instruments.values()
    ]
    return Table(
        ["Instrument", "About", "Source"],
        rows,
        widths=[24, 46, 46],
        text_columns=3,
    )


def to_confirm(page: Page) -> Text:
    """What somebody has still to confirm of each instrument, before real data are scored."""
    told = [
        f"- **{escaped(found.short)}.** {escaped(found.confirm)}\n"
        for found in page.instruments.values()
        if found.confirm
    ]
    return Text(told or ["Nothing is left to be confirmed of the instruments."])


def _in_order(page: Page) -> Callable[[str], tuple[int, str, int, str]]:
    """Attributes in the study's order, their values in order of number, then of name."""
    known = list(page.study.labels)

    def key(measure: str) -> tuple[int, str, int, str]:
        attribute, value = measure.split("-", 1)
        place = known.index(attribute) if attribute in known else len(known)
        digits = "".join(c for c in value if c.isdigit())
        return place, attribute, int(digits or 0), value

    return key
