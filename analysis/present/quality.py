"""The data-quality chapter: where rows went, what is missing, and how people were linked."""

from __future__ import annotations

from collections.abc import Sequence

from analysis.disclosure import RELEASED
from analysis.instruments import Instrument
from analysis.language import N_, gettext, sentence
from analysis.prepare import REASONS
from analysis.present.asked import NO_ANSWER, at_wave, caption, characteristic, named
from analysis.present.count_words import number_word
from analysis.present.page import Compared, Page, part
from analysis.present.shown import Cell, Part, Table, Text, escaped, table, text
from analysis.present.verdict import Asked, Family
from analysis.results import COHORT
from analysis.statistics.quality import NOT_PEOPLE, PEOPLE, TABLES
from analysis.strands import table as strand_table
from analysis.study import Survey
from analysis.words import inside, slug

ALL = Compared("All", COHORT, "all")
Piece = str | Part
KINDS = (
    *((f"missing_{kind}", words) for kind, words in NO_ANSWER.items()),
    ("out_of_range", N_("Out of range")),
)


def files(page: Page) -> Table | None:
    """Rows of each survey's exports: read, used, set aside, and why in two groups."""
    columns = (
        ("rows_read", gettext("Read")),
        ("rows_used", gettext("Used")),
        ("rows_aside", gettext("Set aside")),
        ("aside_people", gettext("About people")),
        ("aside_artefacts", gettext("Artefacts")),
    )
    return _by_wave(
        page,
        columns,
        widths=[34, 11, 11, 13, 15, 12],
        said=gettext("Rows of the survey exports: read, used and set aside"),
        look=gettext("What was read is used, or set aside for a reason."),
        note=gettext(
            "About people: no consent, no code, no school, a second response of the "
            "same person, a withdrawal and the like. Artefacts: empty rows, previews "
            "and tests of the survey tool."
        ),
    )


def reasons(page: Page) -> Table | None:
    """Rows of the survey exports set aside, by reason."""
    parts = [
        (survey.id, wave)
        for survey in page.study.surveys
        for wave in page.study.waves
        if any(export.wave == wave.id for export in survey.exports)
    ]
    rows: list[list[Cell]] = []
    for reason in (*NOT_PEOPLE, *PEOPLE):
        cells = [_count(page, survey, f"aside_{reason}", wave.id) for survey, wave in parts]
        rows.append([escaped(gettext(REASONS[reason]).capitalize()), *cells])
    columns = [
        f"{escaped(page.study.survey(survey).label)}, {escaped(wave.label)}"
        for survey, wave in parts
    ]
    return table(
        [gettext("Reason"), *columns],
        rows,
        widths=[44] + [15] * len(columns),
        caption=gettext("Rows of the survey exports set aside, by reason"),
        look=gettext("A row is counted under one reason only."),
        note=gettext(
            "The first three are artefacts of the survey tool; the others are about "
            "people, and are shown only where each is large enough."
        ),
    )


def missingness(page: Page) -> Table | None:
    """Share of answers missing, by kind, and the lowest number answering an item."""
    called: list[tuple[str, str]] = []
    rows: list[list[Cell]] = []
    for survey in page.study.surveys:
        for name in survey.instruments:
            for wave in page.study.waves:
                at = (survey.id, name, "quality")
                if page.row(ALL, *at, "missing", wave.id, "percent") is None:
                    continue
                called.append(
                    (survey.id, f"{escaped(page.instruments[name].short)}, {escaped(wave.label)}")
                )
                row = [page.number(ALL, *at, "missing", wave.id, "percent", decimals=1)]
                row += [
                    page.number(ALL, *at, kind, wave.id, "percent", decimals=1) for kind, _ in KINDS
                ]
                row.append(page.number(ALL, *at, "lowest_item", wave.id, "n", decimals=0))
                rows.append(row)
    return table(
        [
            gettext("Instrument and wave"),
            gettext("% missing"),
            *(f"% {gettext(title)}" for _, title in KINDS),
            gettext("Lowest n"),
        ],
        named(page, called, rows),
        widths=[28, 10, 11, 14, 12, 14, 12, 10],
        caption=gettext("Answers missing and out of range, by instrument and wave"),
        look=gettext("The less is missing, the more of what people think is in the scores."),
        note=gettext(
            "Of all answers possible. Lowest n: the number answering the item answered least."
        ),
    )


def limits(page: Page) -> Table | None:
    """Share of respondents at the lowest and highest possible score, by scale and wave."""
    waves = page.study.pair_of_waves
    called: list[tuple[str, str]] = []
    rows: list[list[Cell]] = []
    for survey in page.study.surveys:
        for name in survey.instruments:
            instrument = page.instruments[name]
            for subscale in instrument.subscales:
                called.append((survey.id, _of_scale(instrument, subscale.id)))
                row: list[Cell] = []
                for wave in waves:
                    at = (survey.id, name, "reliability", subscale.id, wave)
                    row += [
                        page.number(ALL, *at, limit, decimals=1) for limit in ("floor", "ceiling")
                    ]
                rows.append(row)
    columns = [
        heading
        for wave in waves
        for heading in (
            gettext("% lowest {wave}", wave=wave),
            gettext("% highest {wave}", wave=wave),
        )
    ]
    return table(
        [gettext("Scale"), *columns],
        named(page, called, rows),
        widths=[44] + [14] * len(columns),
        caption=gettext(
            "Floor and ceiling: respondents with the lowest and the highest possible score"
        ),
    )


def flagged(page: Page) -> Table | None:
    """Responses that look careless or were not finished; all of them are used."""
    columns = (
        ("flagged_speeder", gettext("Very fast")),
        ("flagged_straight_liner", gettext("All answers alike")),
        ("flagged_unfinished", gettext("Not finished")),
        ("flagged_early", gettext("Before the wave began")),
        ("flagged_late", gettext("After it ended")),
    )
    return _by_wave(
        page,
        columns,
        widths=[30, 12, 16, 12, 16, 14],
        said=gettext("Responses flagged, and used all the same"),
        look=gettext("Where few are flagged, leaving them out would change little."),
        note=gettext("Flagged and kept. Very fast cannot be judged where the export has no times."),
    )


def links(page: Page) -> Table | None:
    """How respondents at baseline were found again at follow-up, over the programme.

    Nothing where the study has one wave so far.
    """
    if not page.study.compares:
        return None
    phases = page.study.phases
    phase = inside(escaped(phases.label)) if phases else ""
    columns = [
        ("link_tidied", gettext("Code tidied")),
        ("link_close", gettext("Code one character apart")),
        ("changed_school", gettext("Changed school")),
        *([("changed_phase", gettext("Changed {phase}", phase=phase))] if phase else []),
    ]
    rows: list[list[Cell]] = []
    for survey in page.study.surveys:
        row = _found(page, ALL, survey.id, escaped(survey.label))
        row += [_count(page, survey.id, measure, page.waves) for measure, _ in columns]
        rows.append(row)
    return table(
        [
            gettext("Survey"),
            gettext("At baseline"),
            gettext("Found again"),
            gettext("% found"),
            *(title for _, title in columns),
        ],
        rows,
        widths=[18, 11, 11, 10, 11, 15, 13, *([13] if phase else [])],
        caption=gettext(
            "How respondents {when} were found again {later}",
            when=at_wave(page, page.study.baseline),
            later=at_wave(page, page.study.followup),
        ),
        look=gettext("The share found again says how much of the baseline the change speaks for."),
        note=gettext(
            N_(
                "The columns after these are among those found again. Who changed school or "
                "{phase} counts in the programme, but in no one school's change."
            )
            if phase
            else N_(
                "The columns after these are among those found again. Who changed school counts "
                "in the programme, but in no one school's change."
            ),
            phase=phase,
        )
        + _contradictions(page),
    )


def _contradictions(page: Page) -> str:
    """What rows of one code must agree in to be linked, for the surveys that say so."""
    told = ""
    for survey in page.study.surveys:
        labels = [inside(characteristic(page, slug(column))) for column in survey.rules.must_agree]
        if labels:
            told += " " + gettext(
                "Two rows of {people} with one code are not linked if they differ in {columns}.",
                people=escaped(survey.respondents),
                columns=_any_of(labels),
            )
    return told


def _any_of(labels: Sequence[str]) -> str:
    """Labels of which one is enough: a or b or c."""
    said = labels[0]
    for label in labels[1:]:
        said = gettext("{one} or {other}", one=said, other=label)
    return said


#: Shares found again, in percent, from and below, and what they are called.
SHARES_FOUND = (
    (0.0, 25.0, N_("fewer than a quarter")), (25.0, 50.0, N_("a quarter to a half")),
    (50.0, 75.0, N_("half to three quarters")), (75.0, 101.0, N_("three quarters or more")),
)  # fmt: skip


def links_by_school(page: Page, survey: str) -> Table | None:
    """In how many schools how large a share was found again, without a number of any one's."""
    shares = []
    for place in range(1, len(page.schools) + 1):
        who = Compared("", COHORT, f"place_{place:02d}")
        row = page.row(who, *_links(page, survey), "percent")
        if row is not None and row["release"] == RELEASED:
            shares.append(float(row["value"]))
    counts = [sum(low <= share < high for share in shares) for low, high, _ in SHARES_FOUND]
    rows: list[list[Cell]] = [
        [gettext(words), number_word(count)]
        for (_, _, words), count in zip(SHARES_FOUND, counts, strict=True)
        if count
    ]
    return table(
        [gettext("Found again in the same school"), gettext("Schools")],
        rows,
        widths=[50, 20],
        caption=caption(
            page,
            survey,
            what=gettext(
                "found again {when}, by school",
                when=at_wave(page, page.study.followup),
            ),
        ),
        text_columns=2,
        note=gettext(
            "How many schools each is true of, and not which: the numbers of a "
            "school's people would say that. Schools where too few were found again, "
            "or all but too few, are not in the table."
        ),
    )


def linking(page: Page) -> Table | None:
    """Change with all links, beside change among those linked by the very same code."""
    if not page.study.compares:
        return None
    called: list[tuple[str, str]] = []
    rows: list[list[Cell]] = []
    kinds = [
        ("same_code", gettext("same code only")),
        *(("no_close_code", gettext("no code one character apart")) for _ in _close(page)),
    ]
    for survey in page.study.surveys:
        for name in survey.instruments:
            instrument = page.instruments[name]
            for score in instrument.scores:
                decimals = instrument.decimals(score)
                at = (survey.id, name, "paired", score, page.waves)
                called.append((survey.id, _of_scale(instrument, score)))
                row: list[Cell] = [
                    page.number(ALL, *at, "n", decimals=0),
                    page.number(ALL, *at, "difference", decimals=decimals),
                ]
                for kind, _ in kinds:
                    other = (survey.id, name, kind, score, page.waves)
                    row += [
                        page.number(ALL, *other, "n_kept", decimals=0),
                        page.number(ALL, *other, "difference", decimals=decimals),
                        page.interval(ALL, *other, "difference", decimals=decimals),
                    ]
                rows.append(row)
    columns = [gettext("Scale"), gettext("n, all links"), gettext("Change")]
    for _, words in kinds:
        columns += [
            gettext("n, {people}", people=words),
            gettext("Change"),
            gettext("95% interval"),
        ]
    return table(
        columns,
        named(page, called, rows),
        widths=[40, 11, 11] + [13, 11, 18] * len(kinds),
        caption=gettext("Change with all links, and with links by the very same code only"),
    )


def linking_said(page: Page) -> Text | None:
    """What becomes of the changes when people linked by a tidied code are left out."""
    if not page.study.compares:
        return None
    pieces: list[Piece] = []
    for survey in page.study.surveys:
        people = escaped(survey.respondents)
        left_out, other = None, []
        kinds = [_changes(page, survey, kind) for kind in ("paired", "same_code")]
        families = [Family(page, asked) for asked in kinds]
        for usual, strict in zip(*kinds, strict=True):
            instrument, score = strict.parts[1], strict.parts[3]
            left_out = left_out or page.row(ALL, *strict.parts[:-1], "n_left_out")
            said = [
                family.of(each.who, *each.parts)
                for family, each in zip(families, (usual, strict), strict=True)
            ]
            if all(said) and len({each.sign for each in said if each}) > 1:
                other.append(escaped(page.instruments[instrument].score_label(score)))
        if left_out is None:
            pieces.append(
                gettext("All {people} were linked by the very same code. ", people=people)
            )
        elif left_out["release"] != RELEASED:
            pieces.append(
                gettext(
                    "The {people} who were linked by a tidied code are too few for the "
                    "change without them to be shown. ",
                    people=people,
                )
            )
        else:
            pieces += sentence(
                N_(
                    "Without the {number} {people} whose codes were alike only after tidying, the "
                    "answers lead to another conclusion for {scales}. "
                )
                if other
                else N_(
                    "Without the {number} {people} whose codes were alike only after tidying, the "
                    "answers lead to no other conclusion. "
                ),
                number=part(left_out, 0),
                people=people,
                scales=", ".join(other),
            )
    return text(pieces)


def _changes(page: Page, survey: Survey, analysis: str) -> list[Asked]:
    """The changes of all scores of a survey, as one analysis has them."""
    return [
        Asked(ALL, (survey.id, name, analysis, score, page.waves, "difference"))
        for name in survey.instruments
        for score in page.instruments[name].scores
    ]


def other_tables(page: Page) -> Table | None:
    """Rows of the tables beside the surveys: read, used and set aside."""
    rows: list[list[Cell]] = []
    columns = {
        "rows_read": gettext("Rows read"),
        "rows_used": gettext("Used"),
        "rows_aside": gettext("Set aside"),
        "aside_repeated": gettext("Of these, repeated"),
    }
    for name, source in TABLES.items():
        label = strand_table(name).label
        at = (source, name, "quality")
        if page.row(ALL, *at, "rows_read", "all", "count") is None:
            continue
        row: list[Cell] = [escaped(gettext(label))]
        for measure in columns:
            if page.row(ALL, *at, measure, "all", "count") is None:
                row.append("–")
            else:
                row.append(page.number(ALL, *at, measure, "all", "count", decimals=0))
        rows.append(row)
    passages = bool(page.study.file("segments") or page.study.coded_text)
    return table(
        [gettext("Table"), *columns.values()],
        rows,
        widths=[44, 12, 12, 12, 14],
        caption=gettext("Rows of the tables beside the surveys"),
        look=gettext("What was read is used, or set aside for a reason."),
        note=gettext(
            "Passages are set aside if they stand twice under one code, if the "
            "codebook does not have their code, or if somebody has withdrawn."
        )
        if passages
        else "",
    )


def _of_scale(instrument: Instrument, score: str) -> str:
    return f"{escaped(instrument.short)}: {escaped(instrument.score_label(score))}"


def _close(page: Page) -> list[str]:
    """The surveys whose rules link codes that are one character apart."""
    return [s.id for s in page.study.surveys if s.rules.linking == "one_character"][:1]


def _links(page: Page, survey: str) -> tuple[str, ...]:
    return (survey, "survey", "quality", "link_found", page.waves)


def _found(page: Page, who: Compared, survey: str, label: str) -> list[Cell]:
    at = _links(page, survey)
    return [
        label,
        page.number(who, *at, "count", decimals=0, name="denominator"),
        page.number(who, *at, "count", decimals=0),
        page.number(who, *at, "percent", decimals=0),
    ]


def _by_wave(
    page: Page,
    columns: Sequence[tuple[str, str]],
    widths: Sequence[int],
    said: str,
    note: str,
    look: str,
) -> Table | None:
    """Counts of each survey and wave; ``columns`` are measures and their titles."""
    rows: list[list[Cell]] = []
    for survey in page.study.surveys:
        for wave in page.study.waves:
            # A survey need not have been asked at every wave.
            if not any(export.wave == wave.id for export in survey.exports):
                continue
            row: list[Cell] = [f"{escaped(survey.label)}, {escaped(wave.label)}"]
            row += [_count(page, survey.id, measure, wave.id) for measure, _ in columns]
            rows.append(row)
    if not rows:
        return None
    titles = [gettext("Survey and wave"), *(title for _, title in columns)]
    return table(titles, rows, widths, said, note, look=look)


def _count(page: Page, survey: str, measure: str, wave: str) -> Cell:
    return page.number(ALL, survey, "survey", "quality", measure, wave, "count", decimals=0)
