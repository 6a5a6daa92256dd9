"""A school's own scores, each survey on one page: a table of all, the items at either end, and the
themes that more than one survey asks about.

Words for those who run a school; the tests behind them stand in the tables of
:mod:`analysis.present.tables` and :mod:`analysis.present.beside`, which only pages show. What is
called higher, lower, up or down is what page one could name: one family, one verdict.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from analysis.instruments import Instrument
from analysis.instruments.model import Item
from analysis.language import N_, gettext, listed, ngettext, sentence
from analysis.present import asked, verdict
from analysis.present.asked import at_wave, caption, first
from analysis.present.count_words import Piece, in_words, number_word
from analysis.present.items import ends, item_label, items_by_mean, turned
from analysis.present.page import Page, part
from analysis.present.shown import MARKS, Cell, Table, Text, escaped, markdown_of, table, text
from analysis.present.verdict import Family, Verdict
from analysis.study import Survey

#: Items named at either end.
ENDS = 3
UNCLEAR = N_("not clear")


def beside_word(judged: Verdict | None) -> str:
    """How a school stands beside the others, in a cell."""
    if judged is None:
        return "–"
    words = {1: gettext("**higher**"), -1: gettext("**lower**"), 0: gettext(UNCLEAR)}
    return words[judged.sign]


def change_word(judged: Verdict | None) -> str:
    """What became of a score in the same people, in a cell."""
    if judged is None:
        return "–"
    if judged.sign:
        return gettext("**up**") if judged.sign > 0 else gettext("**down**")
    return gettext("about the same") if judged.small else gettext(UNCLEAR)


def said(page: Page, survey_id: str) -> Text | None:
    """The highest and the lowest score of each instrument."""
    survey = page.study.survey(survey_id)
    if not page.is_school or not asked.shows_scores(page, survey_id):
        return None
    pieces: list[Piece] = []
    for instrument in survey.instruments:
        pieces += _ends(page, survey, page.instruments[instrument])
    return text(pieces)


def _ends(page: Page, survey: Survey, found: Instrument) -> list[Piece]:
    """The highest and the lowest of an instrument's scores that are on one scale."""
    wave = asked.last_shown(page, survey.id, found.id)
    if wave != page.study.followup:
        return []  # the sentence names no time: its scores are the follow-up's
    scores = [s for s in found.scores if not (found.total and s == found.total.id)]
    at = (survey.id, found.id, "level")
    rows = [(s, row) for s in scores if (row := page.values(None, *at, s, wave or "", "mean"))]
    if len(rows) < 2 or len({found.score_range(s) for s, _ in rows}) > 1:
        return []
    if len({found.higher_is_better(s) for s, _ in rows}) > 1:
        return []
    means = dict(rows)
    top, bottom = asked.ends(found, means)
    if not top:
        return []
    message = (
        N_(
            "By the {instrument}, {people} scored highest for **{top}** ({most}) and lowest for "
            "**{bottom}** ({least}). Scores that lie close may be in this order by chance. "
        )
        if len(rows) == len(scores)
        else N_(
            "By the {instrument}, {people} scored highest of those that can be shown for **{top}** "
            "({most}) and lowest for **{bottom}** ({least}). Scores that lie close may be in this "
            "order by chance. "
        )
    )
    return sentence(
        message,
        instrument=escaped(found.short),
        people=escaped(survey.respondents),
        top=listed([escaped(asked.everyday(found, score)) for score in top]),
        most=part(means[top[0]], found.decimals(top[0])),
        bottom=listed([escaped(asked.everyday(found, score)) for score in bottom]),
        least=part(means[bottom[0]], found.decimals(bottom[0])),
    )


def scores(page: Page, survey_id: str) -> Table | None:
    """Every score of a survey: at each wave, beside the other schools, and its change.

    Columns of which a school can show nothing are left out.
    """
    survey = page.study.survey(survey_id)
    if not page.is_school:
        return None
    family = verdict.page_one(page)
    columns = _columns(page, survey, family)
    if not columns:
        return None
    rows: list[list[Cell]] = [
        [name, *(cells[place] for _, _, cells in columns.values())]
        for place, name in enumerate(_names(page, survey))
    ]
    people = escaped(survey.respondents)
    what = gettext("each score")
    if "beside" in columns:
        what = gettext("each score, beside the {others}", others=escaped(page.others))
    if "change" in columns:
        both = page.values(None, survey.id, "survey", "response", "matched", page.waves, "count")
        fields = {"scores": what, "people": people, "number": in_words(both) if both else ""}
        what = (
            gettext(
                "{scores}, and its change in the {number} {people} who answered both times",
                **fields,
            )
            if both
            else gettext(
                "{scores}, and its change in the {people} who answered both times", **fields
            )
        )
    return table(
        [gettext("Score"), *(name for name, _, _ in columns.values())],
        rows,
        widths=[26, *(width for _, width, _ in columns.values())],
        caption=caption(page, survey.id, what=what),
        note=_note(page, survey, columns),
    )


def _names(page: Page, survey: Survey) -> list[str]:
    """A survey's scores in everyday words; with the instrument where two are called alike."""
    each = [(page.instruments[i], score) for i, score in asked.scores_of(page, survey.instruments)]
    names = [escaped(first(asked.everyday(found, score))) for found, score in each]
    return [
        f"{escaped(found.short)}: {name}" if names.count(name) > 1 else name
        for name, (found, _) in zip(names, each, strict=True)
    ]


Column = tuple[str, int, list[Cell]]


def _columns(page: Page, survey: Survey, family: Family) -> dict[str, Column]:
    """The columns of a survey's table: heading, width and cells; only those with something to read."""
    each = list(asked.scores_of(page, survey.instruments))
    decimals = [page.instruments[i].decimals(score) for i, score in each]
    wave = page.study.followup
    found: dict[str, Column] = {}

    def add(name: str, heading: str, width: int, cells: list[Cell], tells: bool = True) -> None:
        if tells and any(markdown_of(cell) not in MARKS for cell in cells):
            found[name] = (heading, width, cells)

    for shown in page.study.pair_of_waves:
        cells: list[Cell] = []
        for (i, score), d in zip(each, decimals, strict=True):
            at = (survey.id, i, "level", score, shown, "mean")
            last = shown == wave
            cells.append((page.with_interval if last else page.number)(None, *at, decimals=d))
        label = escaped(page.study.wave(shown).label)
        add(shown, label, 22 if shown == wave else 11, cells)
    at_followup = [(survey.id, i, "beside", score, wave) for i, score in each]
    judged = [family.of(None, *at, "difference") for at in at_followup]
    if page.others and any(judged):
        others = [
            page.number(None, *at, "others", decimals=d)
            for at, d in zip(at_followup, decimals, strict=True)
        ]
        add("others", escaped(first(page.others)), 12, others)
        add("beside", gettext("Beside them"), 12, [beside_word(one) for one in judged])
    if page.study.compares:
        paired = [(survey.id, i, "paired", s, page.waves, "difference") for i, s in each]
        judged = [family.of(None, *at) for at in paired]
        if any(judged):
            moved = [
                page.with_interval(None, *at, decimals=d)
                for at, d in zip(paired, decimals, strict=True)
            ]
            add("change", gettext("Change, same people"), 22, moved)
            add("word", gettext("In short"), 12, [change_word(one) for one in judged])
    return found


def _note(page: Page, survey: Survey, columns: dict[str, Column]) -> str:
    """What the numbers are in, and why the change is not the difference of two columns."""
    spans: dict[tuple[float, float], list[str]] = {}
    each = asked.scores_of(page, survey.instruments)
    for name, (instrument, score) in zip(_names(page, survey), each, strict=True):
        spans.setdefault(page.instruments[instrument].score_range(score), []).append(name)
    most = max(spans, key=lambda span: len(spans[span]))
    told = [
        ngettext(
            "{scores} runs from {low} to {high}.",
            "{scores} run from {low} to {high}.",
            len(names),
            scores=listed(names),
            low=f"{low:g}",
            high=f"{high:g}",
        )
        for (low, high), names in spans.items()
        if (low, high) != most
    ]
    ends = {"low": f"{most[0]:g}", "high": f"{most[1]:g}"}
    told.append(
        gettext("The other scores run from {low} to {high}.", **ends)
        if told
        else gettext("Scores run from {low} to {high}.", **ends)
    )
    told.append(gettext("In brackets: 95% intervals."))
    if "change" in columns:
        told.append(
            gettext(
                "Everybody who answered counts for a score. The change is of those who answered "
                "both times, so it may differ from that of the scores."
            )
        )
    return " ".join(told)


def items(page: Page, survey_id: str) -> Table | None:
    """The items that were answered highest and lowest, of each instrument of several scores."""
    survey, wave = page.study.survey(survey_id), page.study.followup
    found: list[tuple[Instrument, list[Item], list[Item]]] = []
    hidden = False
    for instrument in survey.instruments if page.is_school else ():
        one = page.instruments[instrument]
        ranked, rest = items_by_mean(page, survey_id, one, wave)
        # Fewer than three of either end in so many, and the middle would be called an end.
        most = min(ENDS, len(ranked) // 3)
        alike = len({(r.minimum, r.maximum) for r in one.response_sets.values()}) == 1
        if len(one.scores) < 2 or not alike:
            continue
        if of_either := ends(page, survey_id, one, ranked, most):
            found.append((one, ranked[:of_either], ranked[-of_either:]))
            hidden = hidden or bool(rest)
    rows: list[list[Cell]] = []
    for one, highest, lowest in found:
        of = f", {escaped(one.short)}" if len(found) > 1 else ""
        for word, chosen in ((gettext("Highest"), highest), (gettext("Lowest"), lowest)):
            for item in chosen:
                at = (survey_id, one.id, "items", item.code, wave, "mean")
                rows.append(
                    [
                        escaped(item_label(item)),
                        word + of,
                        escaped(first(asked.everyday(one, item.subscale))),
                        page.number(None, *at, decimals=2),
                    ]
                )
    shown = [item for _, highest, lowest in found for item in (*highest, *lowest)]
    when = at_wave(page, wave)
    what = (
        gettext(
            "the questions with the highest and the lowest mean answers {when}, of those that can "
            "be shown",
            when=when,
        )
        if hidden
        else gettext("the questions with the highest and the lowest mean answers {when}", when=when)
    )
    return table(
        [
            gettext("Question, in short"),
            gettext("End"),
            gettext("Part of the score"),
            gettext("Mean"),
        ],
        rows,
        widths=[40, 12, 34, 10],
        caption=caption(page, survey_id, what=what),
        text_columns=3,
        note=turned(shown).strip(),
    )


# --- themes that several surveys ask about --------------------------------------------------


def _themes(page: Page) -> Iterator[tuple[str, list[tuple[Survey, Instrument, str, Any]]]]:
    """Each theme with its scores that a school shows; those of fewer than two surveys are none."""
    wave = page.study.followup
    for theme in page.study.report.themes if page.is_school else ():
        found = []
        for name, of in theme.scores.items():
            instrument, score = of.split(".")
            row = page.values(None, name, instrument, "level", score, wave, "mean")
            if row is not None:
                found.append((page.study.survey(name), page.instruments[instrument], score, row))
        if len(found) > 1:
            yield theme.label, found


def themes(page: Page) -> Table | None:
    """Staff and pupils, or whoever answered, on the same theme: each beside its own others."""
    family, wave = verdict.page_one(page), page.study.followup
    rows: list[list[Cell]] = []
    for label, found in _themes(page):
        for survey, instrument, score, _ in found:
            decimals = instrument.decimals(score)
            at = (survey.id, instrument.id)
            paired = family.of(None, *at, "paired", score, page.waves, "difference") \
                if page.study.compares else None  # fmt: skip
            apart = family.of(None, *at, "beside", score, wave, "difference")
            rows.append(
                [
                    escaped(label),
                    escaped(first(survey.respondents)),
                    escaped(asked.everyday(instrument, score)),
                    page.number(None, *at, "level", score, wave, "mean", decimals=decimals),
                    page.number(None, *at, "beside", score, wave, "others", decimals=decimals)
                    if page.others else "–",
                    beside_word(apart),
                    change_word(paired),
                ]
            )  # fmt: skip
    others = bool(page.others) and any(str(row[5]) != "–" for row in rows)
    changes = any(str(row[6]) != "–" for row in rows)
    kept = [0, 1, 2, 3, *([4, 5] if others else []), *([6] if changes else [])]
    heads = [
        gettext("Theme"), gettext("Who"), gettext("Score"), gettext("Here"),
        escaped(first(page.others)), gettext("Beside them"), gettext("Change"),
    ]  # fmt: skip
    widths = [28, 8, 34, 8, 12, 12, 14]
    surveys = {row[1]: None for row in rows}
    return table(
        [heads[k] for k in kept],
        [[row[k] for k in kept] for row in rows],
        widths=[widths[k] for k in kept],
        caption=gettext(
            "The same theme as {people} see it, {when}",
            people=listed([str(name).lower() for name in surveys]),
            when=at_wave(page, wave),
        ),
        text_columns=3,
    )


def themes_said(page: Page) -> Text | None:
    """Where those who answered different surveys agree that a school stands apart."""
    family, wave = verdict.page_one(page), page.study.followup
    told: list[str] = []
    people: dict[str, None] = {}
    asked_of = 0
    for label, found in _themes(page):
        good: list[int] = []
        for survey, instrument, score, _ in found:
            people[escaped(survey.respondents)] = None
            judged = family.of(None, survey.id, instrument.id, "beside", score, wave, "difference")
            if judged is not None:
                turned = 1 if instrument.higher_is_better(score) else -1
                good.append(judged.sign * turned)
        asked_of += len(good) > 1
        if len(good) > 1 and good[0] and len(set(good)) == 1:
            told.append(
                gettext("**{theme}** is a strength for all of them. ", theme=escaped(label))
                if good[0] > 0
                else gettext(
                    "**{theme}** is a theme to look into for all of them. ", theme=escaped(label)
                )
            )
        elif {1, -1} <= set(good):
            told.append(
                gettext(
                    "On **{theme}** they stand on different sides of the others. ",
                    theme=escaped(label),
                )
            )
    if not people:
        return None
    whom = listed(list(people))
    start = (
        gettext(
            "{People} answered different questions. So set each score beside the {others}, and not "
            "beside the other's score. ",
            People=first(whom),
            others=escaped(page.others),
        )
        if asked_of
        else gettext(
            "{People} answered different questions, so their scores are not one scale. ",
            People=first(whom),
        )
    )
    if asked_of and not told:
        told = [
            ngettext(
                "On the theme that they share, they do not both stand clearly apart. ",
                "On none of the {number} shared themes do both stand clearly apart. ",
                asked_of,
                number=number_word(asked_of),
            )
        ]
    return Text([start, *told])
