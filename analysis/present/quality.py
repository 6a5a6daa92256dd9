"""Tables of the data-quality chapter: where rows went, what is missing, and how people link."""

from __future__ import annotations

from analysis.present.page import Compared, Page
from analysis.present.shown import Cell, Table, escaped
from analysis.results import COHORT, pair

ALL = Compared("All", COHORT, "all")
KINDS = (
    ("missing_not_answered", "Left blank"),
    ("missing_prefer_not_to_say", "Prefer not to say"),
    ("missing_dont_know", "Don't know"),
    ("missing_not_applicable", "Not applicable"),
    ("out_of_range", "Out of range"),
)


def files(page: Page) -> Table:
    """Rows of each survey's exports: read, used, set aside, and why in two groups."""
    columns = (
        ("rows_read", "Read"), ("rows_used", "Used"), ("rows_aside", "Set aside"),
        ("aside_people", "About people"), ("aside_artefacts", "Artefacts"),
        ("withdrawn", "Withdrawn since"),
    )  # fmt: skip
    rows: list[list[Cell]] = []
    for survey in page.study.surveys:
        for wave in page.study.waves:
            row: list[Cell] = [f"{escaped(survey.label)}, {escaped(wave.label)}"]
            row += [_count(page, survey.id, measure, wave.id) for measure, _ in columns]
            rows.append(row)
    return Table(
        ["Survey and wave", *(title for _, title in columns)],
        rows,
        widths=[30, 9, 9, 10, 13, 10, 15],
        note="About people: no consent, no code, no school, a second response of the same person, "
        "a withdrawal and the like. Artefacts: empty rows, previews and tests of the survey tool.",
    )


def missingness(page: Page) -> Table:
    """Share of answers missing, by kind, and the lowest number answering an item."""
    rows: list[list[Cell]] = []
    for survey in page.study.surveys:
        for name in survey.instruments:
            for wave in page.study.waves:
                at = (survey.id, name, "quality")
                row: list[Cell] = [
                    f"{escaped(page.instruments[name].short)}, {escaped(wave.label)}"
                ]
                row.append(page.number(ALL, *at, "missing", wave.id, "percent", decimals=1))
                row += [
                    page.number(ALL, *at, kind, wave.id, "percent", decimals=1) for kind, _ in KINDS
                ]
                row.append(page.number(ALL, *at, "lowest_item", wave.id, "n", decimals=0))
                rows.append(row)
    return Table(
        ["Instrument and wave", "% missing", *(f"% {title}" for _, title in KINDS), "Lowest n"],
        rows,
        widths=[28, 10, 11, 14, 12, 14, 12, 10],
        note="Of all answers possible. Lowest n: the number answering the item answered least.",
    )


def limits(page: Page, population: str) -> Table:
    """Share of respondents at the lowest and highest possible score, by scale and wave."""
    survey = page.survey_id(population)
    rows: list[list[Cell]] = []
    for name in page.instruments_of(population):
        instrument = page.instruments[name]
        for score in instrument.scores:
            row: list[Cell] = [escaped(instrument.score_label(score))]
            for wave in page.study.wave_ids:
                row += [
                    page.number(ALL, survey, name, "quality", score, wave, limit, decimals=1)
                    for limit in ("floor", "ceiling")
                ]
            rows.append(row)
    columns = ["Scale"]
    for wave in page.study.wave_ids:
        columns += [f"% lowest {wave}", f"% highest {wave}"]
    return Table(columns, rows, widths=[34] + [11] * (len(columns) - 1))


def flagged(page: Page) -> Table:
    """Responses that look careless or were not finished; all of them are used."""
    columns = (
        ("flagged_speeder", "Very fast"), ("flagged_straight_liner", "All answers alike"),
        ("flagged_unfinished", "Not finished"), ("flagged_early", "Before the wave began"),
    )  # fmt: skip
    rows: list[list[Cell]] = []
    for survey in page.study.surveys:
        for wave in page.study.waves:
            row: list[Cell] = [f"{escaped(survey.label)}, {escaped(wave.label)}"]
            row += [_count(page, survey.id, measure, wave.id) for measure, _ in columns]
            rows.append(row)
    return Table(
        ["Survey and wave", *(title for _, title in columns)],
        rows,
        widths=[34, 12, 18, 14, 20],
        note="Flagged and kept. Very fast cannot be judged where the export has no times.",
    )


def links(page: Page) -> Table:
    """How respondents were found again from baseline to follow-up.

    For the programme, the programme and every school by its letter; for a school, itself and
    the programme.
    """
    who = [c for c in page.compared if c.group == "all"]
    if not page.is_school:
        # The key from letters to schools is not published: by letter, not in the file's order.
        who += [
            Compared(f"School {row['letter']}", str(row["id"]), "all")
            for row in page.schools.sort_values("letter").to_dict("records")
        ]
    waves = pair(page.study.baseline, page.study.followup)
    columns = (
        ("link_exact", "Same code"), ("link_looser", "Code tidied"),
        ("link_none", "Not found again"), ("changed_school", "Changed school"),
        ("changed_phase", "Changed phase"),
    )  # fmt: skip
    rows: list[list[Cell]] = []
    for survey in page.study.surveys:
        for unit in who:
            row: list[Cell] = [f"{escaped(survey.label)}: {escaped(unit.label)}"]
            for measure, _ in columns:
                row.append(
                    page.number(
                        unit, survey.id, "survey", "quality", measure, waves, "count", decimals=0
                    )
                )
            rows.append(row)
    return Table(
        ["Survey and unit", *(title for _, title in columns)],
        rows,
        widths=[32, 10, 12, 15, 15, 14],
        note="Of the respondents at baseline. Those who changed school or phase are among those "
        "found again; they count in the programme, but in no one school's change.",
    )


def audit(page: Page) -> Table:
    """The whole-school audit: schools giving each rating, at baseline and re-audit, by area."""
    ratings = (
        ("doing_well", "Doing well"), ("could_improve", "Could be improved"),
        ("needs_improving", "Needs improving"),
    )  # fmt: skip
    reviews = (("baseline", "baseline"), ("reaudit", "re-audit"))
    start = "action_plans.framework_audit.audit."
    areas = sorted(
        {identity.split(".")[3] for _, identity in page.rows if identity.startswith(start)}
    )
    unit = page.unit if page.is_school else COHORT
    rows: list[list[Cell]] = []
    for area in areas:
        row: list[Cell] = [escaped(area.replace("_", " ").capitalize())]
        for review, _ in reviews:
            for rating, _ in ratings:
                at = ("action_plans", "framework_audit", "audit", area, review, "schools")
                row.append(page.number(Compared("", unit, rating), *at, decimals=0))
        rows.append(row)
    columns = ["Framework area"]
    columns += [f"{title}, {when}" for _, when in reviews for _, title in ratings]
    return Table(columns, rows, widths=[28] + [14] * 6)


def needs(page: Page) -> Table:
    """Identified needs by level of the Pyramid of Need, over all schools that counted them."""
    start = "outcomes.pyramid_of_need.needs."
    found = [page.rows[key] for key in page.rows if key[1].startswith(start)]
    levels = sorted({str(row["wave"]) for row in found})
    rows: list[list[Cell]] = []
    for need in sorted({str(row["measure"]) for row in found}):
        row: list[Cell] = [escaped(need.replace("_", " ").capitalize())]
        for level in levels:
            at = ("outcomes", "pyramid_of_need", "needs", need, level, "count")
            row.append(page.number(ALL, *at, decimals=0))
        rows.append(row)
    titles = [escaped(level.replace("_", " ").capitalize()) for level in levels]
    return Table(["Need", *titles], rows, widths=[30] + [12] * len(levels))


def _count(page: Page, survey: str, measure: str, wave: str) -> Cell:
    return page.number(ALL, survey, "survey", "quality", measure, wave, "count", decimals=0)
