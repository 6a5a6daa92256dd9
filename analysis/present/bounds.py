"""What else could look like a change: regression to the mean, those who left, hidden causes."""

from __future__ import annotations

from analysis.language import gettext, month, sentence
from analysis.present import verdict
from analysis.present.asked import at_wave, caption, scale_words, scores_of
from analysis.present.dots import dot_chart
from analysis.present.figures import Mark, axis_limits
from analysis.present.page import Compared, Page, part
from analysis.present.shown import Cell, Figure, Part, Table, Text, escaped, table, text
from analysis.results import COHORT
from analysis.words import inside

Piece = str | Part
ALL = Compared("All", COHORT, "all")


def lowest_said(page: Page, survey: str) -> Text | None:
    """What the schools that stood lowest did, beside what chance alone would have made of them."""
    if page.is_school or not page.study.compares:
        return None
    instrument, score = page.study.survey(survey).headline.split(".")
    found = page.instruments[instrument]
    at = (survey, instrument, "lowest", score, page.waves)
    rows = [page.values(ALL, *at, name) for name in ("lowest", "expected", "everybody", "schools")]
    change, by_chance, every, schools = rows
    if change is None or by_chance is None or every is None or schools is None:
        return None
    decimals = found.decimals(score)
    return Text(
        sentence(
            "**Regression to the mean.** Schools that stand lowest stand there "
            "partly by chance, and so move up even if nothing happens. Of the {all} "
            "schools in which enough answered both times, the {schools} with the "
            "lowest {scale} {when} changed by {change} on average; "
            "all of them by {every}. Had nothing happened but what happened to all, "
            "the lowest would be expected to have changed by {by_chance} more than "
            "all (19 times in 20 between {low} and {high}). Only what goes beyond "
            "that can say anything of the lowest schools.",
            all=part(schools, 0, "denominator"),
            schools=part(schools, 0),
            scale=scale_words(found.score_label(score)),
            when=at_wave(page, page.study.baseline),
            change=part(change, decimals),
            every=part(every, decimals),
            by_chance=part(by_chance, decimals),
            low=part(by_chance, decimals, "ci_low"),
            high=part(by_chance, decimals, "ci_high"),
        )
    )


def lowest(page: Page, survey: str) -> Figure | None:
    """Each score: change of the lowest schools less that of all, and what chance would make it."""
    if page.is_school or not page.study.compares:
        return None
    instrument, _ = page.study.survey(survey).headline.split(".")
    found = page.instruments[instrument]
    marks: list[Mark] = []
    for score in found.scores:
        at = (survey, instrument, "lowest", score, page.waves)
        decimals, label = found.decimals(score), found.score_label(score)
        rows = [page.values(ALL, *at, name) for name in ("lowest", "everybody", "expected")]
        if any(row is None or row["value"] != row["value"] for row in rows):
            continue
        change, every, by_chance = (row for row in rows if row is not None)
        marks += [
            Mark(label, gettext("The lowest schools"), part(change, decimals)),
            Mark(label, gettext("All schools"), part(every, decimals)),
            Mark(
                label,
                gettext("The lowest, less all, if nothing happened"),
                part(by_chance, decimals),
                part(by_chance, decimals, "ci_low"),
                part(by_chance, decimals, "ci_high"),
            ),
        ]
    low, high = found.score_range(found.scores[0])
    return dot_chart(
        page,
        name=f"lowest-{survey}",
        marks=marks,
        limits=axis_limits(marks, (low - high, high - low), around=0.0),
        line=(0.0, gettext("No change")),
        caption=caption(
            page,
            survey,
            instrument,
            what=gettext(
                "mean change of the schools that stood lowest on each scale, of all "
                "schools, and what regression to the mean would make of the difference "
                "(95% of exchanges)"
            ),
        ),
    )


def bounds(page: Page, survey: str, *instruments: str) -> Table | None:
    """How different those who left, and how strong another cause, would have to be."""
    if not page.study.compares:
        return None
    rows: list[list[Cell]] = []
    for instrument, score in scores_of(page, instruments):
        found = page.instruments[instrument]
        decimals = found.decimals(score)
        imputed = (survey, instrument, "imputed", score, page.waves)
        other = (survey, instrument, "hidden", score, page.waves)
        rows.append(
            [
                escaped(found.score_label(score)),
                page.with_interval(ALL, *imputed, "difference", decimals=decimals),
                page.number(ALL, *imputed, "tipping", decimals=decimals),
                page.with_interval(ALL, survey, instrument, "paired", score, page.waves,
                                   "difference", decimals=decimals),
                page.number(ALL, *other, "everybody", decimals=decimals)
                if page.row(ALL, *other, "everybody") is not None
                else "–",
                page.number(ALL, *other, "e_value", decimals=2),
                page.number(ALL, *other, "e_value_limit", decimals=2),
            ]
        )  # fmt: skip
    return table(
        [
            gettext("Scale"),
            gettext("Change, missing waves imputed"),
            gettext("Those who left: other by"),
            gettext("Change"),
            gettext("Another cause: points"),
            gettext("E-value"),
            gettext("E-value of the interval"),
        ],
        rows,
        widths=[24, 22, 12, 22, 12, 9, 12],
        caption=caption(
            page,
            survey,
            what=gettext(
                "how far those who left, or another cause, would have to go for another conclusion"
            ),
        ),
        note=gettext(
            "Those who left: by how many points their follow-up would have to differ "
            "from that of people like them who stayed, for the interval of the "
            "change to include nought where it does not, or to leave it out where it "
            "includes it. Another cause: by how many points something else must have "
            "moved everybody for the interval to reach nought (twice as many if it "
            "met every other); –: it includes nought already. The E-value says how "
            "many times likelier such a cause would have to make both the later "
            "answers and high ones; 1: none is needed."
        ),
    )


def bounds_said(page: Page, survey: str) -> Text | None:
    """The same for the headline score, in plain words, where there is anything to explain."""
    if not page.study.compares:
        return None
    instrument, _ = page.study.survey(survey).headline.split(".")
    found = page.instruments[instrument]
    family = verdict.Family(page, verdict.changes(page, survey, instrument))
    people = escaped(page.study.survey(survey).respondents)
    pieces: list[Piece] = []
    standing = []
    for score in found.scores:
        said = family.of(None, survey, instrument, "paired", score, page.waves, "difference")
        other = (survey, instrument, "hidden", score, page.waves)
        near, half = (page.values(ALL, *other, name) for name in ("everybody", "half"))
        if said is None or not said.sign or near is None or half is None:
            continue
        label, decimals = scale_words(found.score_label(score)), found.decimals(score)
        standing.append(label)
        pieces += sentence(
            "Something else would explain the change in {scale}, if it had moved all "
            "{people} by {near} points, or every other of them by {half}. ",
            scale=label,
            people=people,
            near=part(near, decimals),
            half=part(half, decimals),
        )
    if standing:
        return Text(
            [
                gettext("**Another cause.**"),
                " ",
                *pieces,
                gettext(
                    "Without schools that did not take part, the data cannot say whether there "
                    "was such a cause."
                ),
            ]
        )
    if not len(family):
        return None
    return Text(
        [
            gettext(
                "**Another cause.** No change of the {instrument} stands after correction, so "
                "there is none to explain by another cause; whether something worked "
                "against a change cannot be told either.",
                instrument=escaped(found.short),
            )
        ]
    )


def seasons_said(page: Page) -> Text | None:
    """What comes with when and how often people were asked."""
    study = page.study
    if page.is_school or not study.compares:
        return None
    first, last = (study.wave(wave) for wave in study.pair_of_waves)
    pieces = []
    apart = abs(first.start.month - last.start.month)
    if min(apart, 12 - apart) >= 2:
        pieces.append(
            gettext(
                "**Seasons.** {first} began in {month}, {last} in {later_month}: what is "
                "otherwise at another time of the school year cannot be told from a "
                "change. ",
                first=escaped(first.label),
                month=month(first.start),
                last=escaped(inside(last.label)),
                later_month=month(last.start),
            )
        )
    pieces.append(
        gettext(
            "**What answers mean.** People may come to use a scale differently once "
            "they have thought more about what it asks (response shift). That "
            "changes answers although nothing else changed, and the data cannot tell."
        )
    )
    return text(pieces)


def effect_sizes(page: Page, survey: str, *instruments: str) -> Table | None:
    """Effects in SDs that compare with those of other evaluations, and the smallest to be found."""
    rows: list[list[Cell]] = []
    study = page.study
    for instrument, score in scores_of(page, instruments):
        row: list[Cell] = [escaped(page.instruments[instrument].score_label(score))]
        if study.compares:
            change = (survey, instrument, "paired", score, page.waves)
            could = (survey, instrument, "detectable", score, page.waves)
            row.append(page.with_interval(ALL, *change, "g", decimals=2))
            row += [page.number(ALL, *could, name, decimals=2) for name in ("mdes", "mdes_holm")]
        for contrast in page.phase_pairs:
            level = (survey, instrument, "phases", score, study.followup, "g")
            row.append(page.with_interval(contrast, *level, decimals=2))
        rows.append(row)
    groups = [escaped(contrast.label) for contrast in page.phase_pairs]
    changed = (
        [gettext("Change"), gettext("Smallest to be found"), gettext("Smallest, corrected")]
        if study.compares
        else []
    )
    if not changed and not groups:
        return None
    pairs = [gettext("{groups}: difference", groups=label) for label in groups]
    note = gettext(
        "Hedges' g: differences over the SD of all people within the waves (of "
        "groups: within the groups), from which nothing is taken out for schools "
        "or baselines, as the Education Endowment Foundation has it; intervals "
        "allow for schools. "
    )
    if changed:
        note += gettext(
            "A change in one group of people is not an effect against a comparison "
            "group, and is not to be read as one. Smallest to be found: with 80% "
            "probability by one test of 5%; corrected: if it is to stand after "
            "correction for all subscales."
        )
    return table(
        [gettext("Scale"), *changed, *pairs],
        rows,
        widths=[28, *([22, 13, 13] if changed else []), *[22] * len(pairs)],
        caption=caption(page, survey, what=gettext("effect sizes that can be compared")),
        note=note.strip(),
    )
