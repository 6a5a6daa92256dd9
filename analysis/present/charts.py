"""What a report draws of its results, each in the form that shows it best.

The message of a chart is the sentence that page one or the chapter says of the same result
(:mod:`analysis.present.survey_findings`): no chart says what the words do not.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from analysis.disclosure import RELEASED
from analysis.disclosure.shares import (
    HALF_OR_MORE,
    LESS_THAN_HALF,
    NEARLY_ALL,
    NONE_OR_FEW,
    ONE_OR_TWO,
)
from analysis.instruments import Instrument, Item
from analysis.language import N_, gettext, listed
from analysis.present import (
    asked,
    codebook,
    count_words,
    evidence,
    item_groups,
    qualitative,
    strand_findings,
    survey_findings,
)
from analysis.present.asked import first, school_groups
from analysis.present.dots import dot_chart
from analysis.present.figures import (
    Mark,
    axis_limits,
    plain,
    titled,
    wave_label,
    with_interval,
)
from analysis.present.finding import Finding
from analysis.present.heat import Count, heat_map
from analysis.present.items import item_label, with_turned
from analysis.present.lines import line_chart
from analysis.present.page import Compared, Page, part
from analysis.present.shown import Each, Figure, each, escaped, markdown_of, parts_of
from analysis.present.stacked import Answers, stacked
from analysis.present.tables import measures_of, normed
from analysis.present.timeline import timeline as drawn_timeline
from analysis.results import COHORT, OTHERS
from analysis.words import inside, slug

#: The ground of a count that is given in words: no darker or paler than the words say.
BANDS = {NONE_OR_FEW: 0.0, ONE_OR_TWO: 0.0, LESS_THAN_HALF: 0.2, HALF_OR_MORE: 0.5, NEARLY_ALL: 0.9}
#: As many things as a message can name.
MOST_NAMED = 3


def _messaged(page: Page, figure: Figure | None, finding: Finding | None) -> Figure | None:
    """A chart of the programme's with its message for a title; a school's says it on page one."""
    if figure is None or finding is None or page.is_school:
        return figure
    message = markdown_of(list(finding.pieces)).strip()
    return replace(
        figure,
        caption=titled(message, figure.caption),
        alt=f"{plain(message)} {figure.alt}",
        parts=[*figure.parts, *parts_of(list(finding.pieces))],
    )


def change(page: Page, survey: str, instrument: str) -> Figure | None:
    """Baseline and follow-up of matched respondents, one line per scale, where there are several.

    A school's page, which is to be short, has a chart of its surveys' headline instruments only.
    """
    found = page.instruments[instrument]
    if page.is_school and instrument != page.study.survey(survey).headline.split(".")[0]:
        return None
    marks = []
    for score in found.scores:
        at = (survey, instrument, "paired", score, page.waves)
        for wave, label in (("baseline", page.study.baseline), ("followup", page.study.followup)):
            row = page.values(None, *at, f"{wave}_mean")
            if row:
                name = found.score_label(score)
                decimals = found.decimals(score)
                marks.append(with_interval(name, wave_label(page, label), row, decimals))
    if len({mark.row for mark in marks}) < 2:
        return None
    people = page.study.survey(survey).respondents
    chart = dot_chart(
        page,
        name=f"change-{survey}-{instrument}",
        marks=marks,
        caption=asked.caption(
            page,
            survey,
            instrument,
            what=gettext(
                "means at each wave of {people} who answered both times", people=escaped(people)
            ),
        ),
        limits=axis_limits(marks, found.score_range(found.scores[0])),
        joined=True,
    )
    return _messaged(
        page, chart, survey_findings.change(page, page.study.survey(survey), instrument)
    )


def level(page: Page, survey: str, instrument: str) -> Figure | None:
    """Follow-up means: a school beside the others, or all and each group of schools.

    Scores that have a norm are left to :func:`norm`.
    """
    found = page.instruments[instrument]
    wave = page.study.followup
    shown = page.compared[:1] if page.is_school else school_groups(page) or page.compared
    marks = []
    for score in found.scores:
        if score in normed(found):
            continue
        for who in shown:
            row = page.values(who, survey, instrument, "level", score, wave, "mean")
            if row:
                marks.append(
                    with_interval(found.score_label(score), who.label, row, found.decimals(score))
                )
        marks += _others(page, survey, instrument, score, found.score_label(score))
    chart = dot_chart(
        page,
        name=f"level-{survey}-{instrument}",
        marks=marks,
        limits=axis_limits(marks, found.score_range(found.scores[0])),
        caption=asked.caption(
            page,
            survey,
            instrument,
            what=gettext("means {when} with 95% intervals", when=asked.at_wave(page, wave)),
        ),
    )
    return _messaged(
        page, chart, survey_findings.level(page, page.study.survey(survey), instrument)
    )


def _others(page: Page, survey: str, instrument: str, score: str, row: str) -> list[Mark]:
    """The mean of the schools that a school is set beside, at follow-up."""
    if not page.is_school:
        return []
    at = (survey, instrument, "beside", score, page.study.followup, "others")
    found = page.values(None, *at)
    if found is None:
        return []
    whom = page.others
    decimals = page.instruments[instrument].decimals(score)
    return [Mark(row, first(whom), part(found, decimals))]


def norm(page: Page, survey: str, instrument: str) -> Each | None:
    """Each score with a norm, at both waves, against the norm."""
    found = page.instruments[instrument]
    return each({score: _norm(page, survey, found, score) for score in normed(found)})


def _norm(page: Page, survey: str, found: Instrument, score: str) -> Figure | None:
    instrument, reference = found.id, normed(found)[score]
    marks = []
    for who in page.compared[:1] if page.is_school else page.compared:
        for wave in (page.study.baseline, page.study.followup):
            row = page.values(who, survey, instrument, "level", score, wave, "mean")
            if row:
                marks.append(
                    with_interval(who.label, wave_label(page, wave), row, found.decimals(score))
                )
    for other in _others(page, survey, instrument, score, ""):
        marks.append(replace(other, row=other.series, series=wave_label(page, page.study.followup)))
    chart = dot_chart(
        page,
        name=f"norm-{survey}-{instrument}-{score}",
        marks=marks,
        limits=axis_limits(marks, found.score_range(score), around=reference.mean),
        line=(reference.mean, reference.label),
        caption=asked.caption(
            page,
            survey,
            instrument,
            what=gettext(
                "{scale}, mean with 95% interval, against the norm",
                scale=escaped(inside(found.score_label(score))),
            ),
        ),
    )
    said = survey_findings.norm(page, page.study.survey(survey), instrument)
    return _messaged(page, chart, said if score == next(iter(normed(found))) else None)


def items(page: Page, survey: str, instrument: str, *, most: int = 12) -> Figure | None:
    """Answers to the items with the lowest means; an item's mean alone where a share is withheld.

    By the mean, which is there for every item that enough people answered: the lowest of all items,
    or, where some cannot be shown, of those that can.
    """
    found = page.instruments[instrument]
    who, wave = page.compared[0], page.study.followup
    if len({(r.minimum, r.maximum) for r in found.response_sets.values()}) > 1:
        return None
    ranked: list[tuple[float, Answers, Item]] = []
    for item in found.items:
        at = (survey, instrument, "items", item.code, wave)
        mean = page.values(who, *at, "mean")
        if mean is None:
            continue
        kinds = ["unfavourable", "neutral", "favourable"]
        if not found.responses(item).has_middle:
            kinds.remove("neutral")
        rows = [row for kind in kinds if (row := page.values(who, *at, kind))]
        shares = tuple(part(row, 0) for row in rows) if len(rows) == len(kinds) else None
        answers = Answers(item_label(item), part(mean, 2), shares)
        ranked.append((float(mean["value"]), answers, item))
    if all(answers.shares is None for _, answers, _ in ranked):
        return None
    ranked.sort(key=lambda each: (each[0], each[1].label))
    every = len(ranked) == len(found.items)
    shown = [answers for _, answers, _ in ranked[:most]]
    of = {"number": len(shown), "when": asked.at_wave(page, wave)}
    if len(found.items) == 1:
        which = gettext("its only item {when}; % of those who answered", when=of["when"])
    elif len(shown) == len(ranked):
        which = gettext(
            N_("all items {when}; % of those who answered")
            if every
            else N_("all items, of those that can be shown, {when}; % of those who answered"),
            **of,
        )
    else:
        which = gettext(
            N_("the {number} items with the lowest means {when}; % of those who answered")
            if every
            else N_(
                "the {number} items, of those that can be shown, with the lowest means {when}; "
                "% of those who answered"
            ),
            **of,
        )
    return stacked(
        page,
        name=f"items-{survey}-{instrument}",
        answers=shown,
        message="" if page.is_school else item_groups.lowest_item(page, survey, found),
        caption=with_turned(
            asked.caption(page, survey, instrument, what=which),
            [item for _, _, item in ranked[:most]],
        ),
    )


def themes(page: Page) -> Figure | None:
    """How many spoke of each theme, of all who were interviewed and of each role."""
    if "codebook" not in page.documents or qualitative.hidden(page):
        return None
    groups = [Compared(gettext("All"), COHORT, "all"), *qualitative.roles(page)]
    rows: list[tuple[float, str, list[Count]]] = []
    sizes: dict[str, str] = {}
    for name, label in codebook.themes(page):
        cells = []
        for group in groups:
            row = count_words.count_row(page, name, "people", group.group)
            if row is None:
                cells.append(Count("[c]", (), None))
                continue
            shown = part(row, 0)
            if row["release"] != RELEASED:  # in words
                cells.append(Count(shown.text, (shown,), BANDS.get(shown.text)))
                continue
            of = part(row, 0, "denominator")
            sizes[group.group] = of.text
            cells.append(Count(shown.text, (shown, of), row["value"] / row["denominator"]))
        whole = count_words.count_row(page, name, "people")
        if whole is not None:
            rows.append((-count_words.size(whole), label, cells))
    rows.sort(key=lambda each: each[:2])
    if not rows:
        return None
    most = [label for count, label, _ in rows if count == rows[0][0]]
    said = gettext(
        "Most people spoke of {themes}", themes=listed([f"*{escaped(each)}*" for each in most])
    )
    return heat_map(
        page,
        name="themes",
        rows=[(label, cells) for _, label, cells in rows],
        columns=[
            gettext("{group}, of {number}", group=each.label, number=sizes[each.group])
            if each.group in sizes
            else each.label
            for each in groups
        ],
        message=said if len(most) <= MOST_NAMED else "",
        caption=gettext("Number of people who spoke of each theme, of all interviewed and by role"),
    )


def gap(page: Page, survey: str) -> Figure | None:
    """Where those stand whose gap the study follows, and all others, at each wave."""
    found = page.study.survey(survey)
    instrument, score = found.headline.split(".")
    scale = page.instruments[instrument]
    marks = []
    for group in page.study.groups_of(found.population):
        if not group.gap:
            continue
        for wave in page.study.pair_of_waves:
            at = (survey, instrument, "level", score, wave, "mean")
            row = f"{group.label}, {inside(wave_label(page, wave))}"
            for value, series in (
                ("yes", gettext("Those to whom this applies")),
                (OTHERS, gettext("All others")),
            ):
                shown = page.values(Compared("", COHORT, group.key(value)), *at)
                if shown:
                    marks.append(with_interval(row, series, shown, scale.decimals(score)))
    return dot_chart(
        page,
        name=f"gap-{survey}",
        marks=marks,
        message=survey_findings.gap_message(page, found),
        limits=axis_limits(marks, scale.score_range(score)),
        caption=asked.caption(
            page, survey, instrument,
            what=gettext(
                "{scale}, means with 95% intervals of groups and of all others",
                scale=escaped(inside(scale.score_label(score))),
            ),
        ),
    )  # fmt: skip


def perceived(page: Page) -> Each | None:
    """How many say that an aspect of their school has changed: all, or each group of schools."""
    return each({survey.id: _perceived(page, survey.id) for survey in page.study.surveys})


def _perceived(page: Page, survey: str) -> Figure | None:
    asked_of = page.study.survey(survey)
    wave = page.study.followup
    marks = []
    for aspect in asked_of.perceived_change:
        label = evidence.aspect_label(aspect)
        for who in school_groups(page) or page.compared[:1]:
            row = page.values(who, survey, "survey", "perceived", aspect, wave, "yes")
            if row:
                marks.append(with_interval(label, who.label, row, 0))
    return dot_chart(
        page,
        name=f"perceived-{survey}",
        marks=marks,
        limits=(-2.0, 102.0),
        caption=asked.caption(
            page, survey,
            what=gettext(
                "share who say that an aspect of their school has changed, % with 95% intervals"
            ),
        ),
    )  # fmt: skip


def timeline(page: Page) -> Figure | None:
    """When each survey was taken."""
    return drawn_timeline(page)


def outcomes(page: Page) -> Each | None:
    """School outcomes by term: of the measures that the study says are worth a chart.

    Those are marked ``chart: true`` in the study's outcome measures; where none is, the first. A
    school's page shows the first of them only.
    """
    measures = measures_of(page)
    charted = [m for m in measures if m.get("chart")] or measures[:1]
    shown = charted[:1] if page.is_school else charted
    return each({str(measure["id"]): _outcome(page, measure) for measure in shown})


def _outcome(page: Page, measure: dict[str, Any]) -> Figure | None:
    """One outcome: the page's unit and what it is compared with.

    Where the definition changes the series breaks: no line is drawn through.
    """
    measure_id = str(measure["id"])
    decimals = int(measure.get("decimals", 1))
    series = []
    for who in page.compared:
        points = []
        for term, label in page.terms.items():
            row = page.values(who, "outcomes", "school_data", "rate", measure_id, term, "rate")
            points.append((label, part(row, decimals) if row else None))
        series.append((who.label, points))
    texts = page.texts_of("outcome_break")
    found = texts[texts["key"] == measure_id]
    terms = list(page.terms)
    breaks = {terms.index(str(row.section)): str(row.text) for row in found.itertuples()}
    title = gettext("{measure} by term", measure=measure["label"])
    finding = strand_findings.recorded_of(page, measure)
    said = {"percent": "%"}.get(str(measure.get("unit", "")), str(measure.get("unit", "")))
    chart = line_chart(
        page,
        f"outcome-{slug(measure_id)}",
        series,
        escaped(f"{title}, {said}" if said else title),
        breaks,
    )
    return _messaged(page, chart, finding)
