"""School records: rates in the same term of each year, the gap, and before and after each start.

Every rate says its unit, and is set beside the same term of other years only: between an autumn and
a summer lies a season, whatever else.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from analysis.language import N_, gettext, listed, ngettext, sentence
from analysis.prepare.outcomes import PERCENT
from analysis.present import verdict
from analysis.present.asked import including
from analysis.present.dots import dot_chart
from analysis.present.figures import Mark, around_zero
from analysis.present.page import Compared, Page, escaped_mark, part
from analysis.present.shown import (
    NOT_AVAILABLE,
    Cell,
    Each,
    Figure,
    Table,
    Text,
    each,
    escaped,
    parts_of,
    table,
)
from analysis.present.tables import measures_of
from analysis.results import COHORT, OTHERS, pair
from analysis.words import inside, slug

ALL = Compared("All", COHORT, "all")
SOURCE = ("outcomes", "school_data")
#: So many years of a term stand beside each other.
YEARS = 3
NOT_TOLD = r"\[z\]"


def unit_of(measure: dict[str, Any], *, difference: bool = False) -> str:
    """What a measure's numbers are in; a difference of per cent is in percentage points."""
    unit = str(measure.get("unit", "per 100"))
    if unit in PERCENT:
        return gettext("percentage points") if difference else "%"
    return gettext("per 100") if unit == "per 100" else unit


def label_of(measure: dict[str, Any], *, difference: bool = False) -> str:
    """A measure's name for readers with its unit, as Markdown."""
    return escaped(f"{measure['label']}, {unit_of(measure, difference=difference)}")


def outcomes(page: Page) -> Table | None:
    """Each measure's latest term beside the same term of the years before, with its unit.

    For the page and what it is compared with.
    """
    rows: list[list[Cell]] = []
    columns = 1
    broken = False
    for measure in measures_of(page):
        terms = same_terms(page, str(measure["id"]), "rate")
        if not terms:
            continue
        columns = max(columns, len(terms))
        mark = ""
        if _breaks_between(page, str(measure["id"]), terms):
            mark, broken = " †", True
        for who in page.compared:
            row: list[Cell] = [label_of(measure) + mark, escaped(who.label)]
            row.append(escaped(page.terms[terms[0]]))
            for term in terms:
                at = (*SOURCE, "rate", str(measure["id"]), term, "rate")
                row.append(page.with_interval(who, *at, decimals=_decimals(measure)))
            rows.append(row)
    for row in rows:
        row += [NOT_TOLD] * (columns - len(row) + 3)
    years = [gettext("Then"), gettext("A year before"), gettext("Two years before")][:columns]
    note = gettext(
        "Rates with their 95% intervals, where one can be given; the same term of each year, each "
        "over all schools that have it."
    )
    note += f" {including(page)}".rstrip()
    note += _marks(rows, broken=broken)
    return table(
        [gettext("Measure"), gettext("Group"), gettext("Term"), *years],
        rows,
        widths=[34, 18, 16, *[20] * columns],
        caption=gettext(
            "School records: each measure's latest term, and the same term of the years before"
        ),
        text_columns=3,
        note=note,
    )


def own(page: Page) -> Table | None:
    """A school's own records: the latest term of each measure, and the same term of years before,
    beside the schools of its group."""
    if not page.is_school:
        return None
    school, group = page.compared[0], page.compared[1]
    rows: list[list[Cell]] = []
    columns, broken, latest = 1, False, ""
    for measure in measures_of(page):
        terms = same_terms(page, str(measure["id"]), "rate")
        if not terms:
            continue
        mark = " †" if _breaks_between(page, str(measure["id"]), terms) else ""
        columns, broken = max(columns, len(terms)), broken or bool(mark)
        decimals = _decimals(measure)
        at = [(*SOURCE, "rate", str(measure["id"]), term, "rate") for term in terms]
        before = [page.number(school, *each, decimals=decimals) for each in reversed(at[1:])]
        same = terms[0] == latest or not latest
        latest = latest or terms[0]
        when = "" if same else f" ({escaped(page.terms[terms[0]])})"
        rows.append(
            [
                label_of(measure) + when + mark,
                *before,
                page.with_interval(school, *at[0], decimals=decimals),
                page.number(group, *at[0], decimals=decimals),
            ]
        )
    for row in rows:
        row[1:1] = [NOT_TOLD] * (columns + 2 - len(row))
    years = [gettext("Two years before"), gettext("A year before")]
    years = years[2 - (columns - 1) :] if columns > 1 else []
    if group.group == "all":
        whom = gettext("all schools of the programme")
    else:
        whom = gettext("all {schools}", schools=inside(group.label))
    note = gettext(
        "The same term of each year; in brackets: 95% intervals. {All}: this school among them.",
        All=whom[:1].upper() + whom[1:],
    )
    note += _marks(rows, broken=broken)
    return table(
        [
            gettext("Record"),
            *years,
            escaped(page.terms[latest]) if latest else "",
            whom[:1].upper() + whom[1:],
        ],
        rows,
        widths=[36, *[13] * (columns - 1), 24, 16],
        caption=gettext("School records: the latest term, and the same term of the years before"),
        note=note,
    )


def _marks(rows: list[list[Cell]], *, broken: bool) -> str:
    """What the marks of a table mean, if it has them, to follow its note."""
    said = ""
    if any(NOT_TOLD in row for row in rows):
        said += " " + gettext(r"\[z\]: there is no such term.")
    if any(escaped_mark(NOT_AVAILABLE) in row for row in rows):
        said += " " + gettext(r"\[x\]: not supplied.")
    if broken:
        said += " " + gettext("† The definition changed between these terms: they do not compare.")
    return said


def changes(page: Page) -> Table | None:
    """Each term of the latest year against the same term of the year before, with its unit."""
    rows: list[list[Cell]] = []
    for measure in measures_of(page):
        for later in _latest_year(page):
            at = (
                *SOURCE, "rate_change", str(measure["id"]), pair(page.year_before[later], later),
                "difference",
            )  # fmt: skip
            if page.row(ALL, *at) is None:
                continue
            rows.append(
                [
                    label_of(measure, difference=True),
                    escaped(page.terms[later]),
                    page.number(ALL, *at, decimals=0, name="n_schools"),
                    page.number(ALL, *at, decimals=_decimals(measure)),
                    page.interval(ALL, *at, decimals=_decimals(measure)),
                ]
            )
    return table(
        [
            gettext("Measure"),
            gettext("Term"),
            gettext("Schools, n"),
            gettext("Difference from a year before"),
            gettext("95% interval"),
        ],
        rows,
        widths=[36, 22, 10, 18, 18],
        caption=gettext(
            "School records: each term of the latest year against the same term a year before"
        ),
        text_columns=2,
        note=gettext(
            N_(
                "Difference of rates over the schools that have both terms, not of the rates of all "
                "that have one of them. Where a term has fewer than ten events no interval is given."
            )
            if page.study.comparison
            else N_(
                "Difference of rates over the schools that have both terms, not of the rates of all "
                "that have one of them; there is no comparison group. Where a term has fewer than "
                "ten events no interval is given."
            )
        ),
    )


def gaps(page: Page) -> Each | None:
    """The gap between a group of children and all others, by the records, for each such group."""
    groups = page.documents.get("outcome_measures", {}).get("groups", [])
    return each({slug(str(g["id"])): _gap(page, str(g["id"]), str(g["label"])) for g in groups})


def _gap(page: Page, name: str, label: str) -> Table | None:
    yes, others = (Compared("", COHORT, f"{name}_{value}".lower()) for value in ("yes", OTHERS))
    both = Compared("", COHORT, pair(others.group, yes.group))
    rows: list[list[Cell]] = []
    for measure in measures_of(page):
        decimals, own = _decimals(measure), str(measure["id"])
        terms = same_terms(page, own, "rate_gap", both)
        for place, term in enumerate(terms):
            row: list[Cell] = [label_of(measure), escaped(page.terms[term])]
            for who in (yes, others):
                row.append(page.number(who, *SOURCE, "rate_group", own, term, "rate",
                                       decimals=decimals))  # fmt: skip
            row.append(page.with_interval(both, *SOURCE, "rate_gap", own, term, "difference",
                                          decimals=decimals))  # fmt: skip
            changed = None
            if place + 1 < len(terms):
                changed = (*SOURCE, "rate_gap_change", own, pair(terms[place + 1], term))
            if changed and page.row(both, *changed, "difference") is not None:
                row.append(page.with_interval(both, *changed, "difference", decimals=decimals))
            else:
                row.append(NOT_TOLD)
            rows.append(row)
    said = escaped(inside(label))
    return table(
        [
            gettext("Measure"),
            gettext("Term"),
            escaped(label),
            gettext("All others"),
            gettext("Gap"),
            gettext("Change of the gap in a year"),
        ],
        rows,
        widths=[34, 18, 14, 12, 22, 24],
        caption=gettext("School records: the gap between {group} and all others", group=said),
        text_columns=2,
        note=gettext(
            "Gap: all others less the group, with its 95% interval, over the schools "
            "that give both; its change over those that do in both years. Percentages "
            "differ by percentage points. The same term of each year. \\[z\\]: there is "
            "no such term."
        ),
    )


def series(page: Page) -> Table | None:
    """Each measure before and after each school's start: step and trends, and less the nation's."""
    groups = [Compared(gettext("All"), COHORT, "all"), *page.phases] if not page.is_school else []
    rows: list[list[Cell]] = []
    for measure in measures_of(page):
        decimals = _decimals(measure) + 1
        for who in groups:
            for analysis, words in AGAINST.items():
                at = (*SOURCE, analysis, str(measure["id"]), "start")
                if not page.shows(who, *at, "step"):
                    continue
                row: list[Cell] = [
                    label_of(measure, difference=True),
                    escaped(who.label),
                    gettext(words),
                    page.number(who, *at, "step", decimals=0, name="n_schools"),
                    sentence(
                        "{before} and {after}",
                        before=parts_of(page.number(who, *at, "terms_before", decimals=0)),
                        after=parts_of(page.number(who, *at, "terms_after", decimals=0)),
                    ),
                ]
                row.append(page.with_interval(who, *at, "step", decimals=decimals))
                for p in ("p_step", "p_step_holm"):
                    there = page.row(who, *at, p) is not None
                    row.append(page.p_value(who, *at, p) if there else NOT_TOLD)
                for name in ("trend", "bend"):
                    there = page.row(who, *at, name) is not None
                    row.append(
                        page.with_interval(who, *at, name, decimals=decimals) if there else NOT_TOLD
                    )
                rows.append(row)
    note = gettext(
        "Step: the level after a school's start less that before, beyond the "
        "trend before it. Trend before the start, and its change after it, a "
        "year. Each school stands against its own same terms of the year; terms "
        "before and after are the fewest of any school. Intervals are from how "
        "much schools differ; p (Holm) is corrected over the measures. \\[z\\]: "
        "too few terms to tell it."
    )
    if any(gettext(AGAINST["series_national"]) in row for row in rows):
        note += " " + gettext(
            "National: after taking the national rate of the term away from each school's."
        )
    return table(
        [
            gettext("Measure"),
            gettext("Schools"),
            gettext("Against"),
            gettext("Schools, n"),
            gettext("Terms before and after"),
            gettext("Step"),
            "p",
            "p (Holm)",
            gettext("Trend before, a year"),
            gettext("Change of trend"),
        ],
        rows,
        widths=[30, 18, 12, 8, 12, 22, 8, 8, 22, 22],
        caption=gettext("School records before and after each school's own start"),
        text_columns=3,
        note=note,
    )


#: What a series is set against, by the analysis that does so.
AGAINST = {"series": N_("Own past"), "series_national": N_("National")}


def series_in_words(page: Page) -> Text | None:
    """How many measures show a step at the start, which cannot be looked at, and what that means."""
    if page.is_school:
        return None
    shown, stands, short, few = [], [], [], []
    for measure in measures_of(page):
        at = (*SOURCE, "series", str(measure["id"]), "start")
        before = page.values(ALL, *at, "terms_before")
        after = page.values(ALL, *at, "terms_after")
        if before is None or after is None:
            continue
        name = escaped(inside(str(measure["label"])))
        step = page.values(ALL, *at, "step")
        if step is not None:
            shown.append(name)
            holm = page.values(ALL, *at, "p_step_holm") or page.values(ALL, *at, "p_step")
            if holm is not None and holm["value"] < verdict.ALPHA:
                stands.append(
                    gettext("{measure} (higher after it)", measure=name)
                    if step["value"] > 0
                    else gettext("{measure} (lower after it)", measure=name)
                )
        elif before["value"] < LEAST_BEFORE or after["value"] < 1:
            short.append(name)
        else:
            few.append(name)
    if not (shown or short or few):
        return None
    sentences = []
    if shown:
        sentences.append(
            ngettext(
                "Of {number} measure, the level stands apart after schools' start, once corrected "
                "for their number, in {measures}.",
                "Of {number} measures, the level stands apart after schools' start, once corrected "
                "for their number, in {measures}.",
                len(shown),
                number=len(shown),
                measures=listed(stands),
            )
            if stands
            else ngettext(
                "In {measure} the level after schools' start does not stand apart from that "
                "before.",
                "In none of {number} measures does the level after schools' start stand apart from "
                "that before, once corrected for their number.",
                len(shown),
                number=len(shown),
                measure=shown[0],
            )
        )
    if short:
        sentences.append(
            gettext(
                "Nothing is said of {measures}: no school has three terms under one "
                "definition before its start, and one after.",
                measures=listed(short),
            )
        )
    if few:
        sentences.append(
            gettext(
                "Nothing is said of {measures}: there are too few schools, or events, or the "
                "terms after the start have no like before it.",
                measures=listed(few),
            )
        )
    sentences.append(
        gettext(
            "This says when records changed, not why: other things changed in these "
            "schools in the same terms."
        )
    )
    return Text([" ".join(sentences)])


#: As many terms before a start as the analysis asks for.
LEAST_BEFORE = 3


def around(page: Page) -> Each | None:
    """Term by term from the start: the measures that the study says are worth a chart."""
    measures = measures_of(page)
    charted = [m for m in measures if m.get("chart")] or measures[:1]
    return each({str(m["id"]): _around(page, m) for m in charted if not page.is_school})


def _around(page: Page, measure: dict[str, Any]) -> Figure | None:
    own, decimals = str(measure["id"]), _decimals(measure) + 1
    marks = []
    for place, wave in _places(page, own):
        at = (*SOURCE, "around", own, wave)
        row = page.values(ALL, *at, "difference")
        if row is None:
            continue
        count = abs(place)
        label = (
            ngettext("{number} term before", "{number} terms before", count, number=count)
            if place < 0
            else ngettext("{number} term after", "{number} terms after", count, number=count)
        )
        ends = [
            part(row, decimals, end) if row[end] == row[end] else None
            for end in ("ci_low", "ci_high")
        ]
        marks.append(Mark(label, gettext("These schools"), part(row, decimals), *ends))
        national = page.values(ALL, *at, "national")
        if national is not None:
            marks.append(Mark(label, gettext("National"), part(national, decimals)))
        less = page.values(ALL, *SOURCE, "around_comparison", own, wave, "difference")
        if less is not None:
            ends = [
                part(less, decimals, end) if less[end] == less[end] else None
                for end in ("ci_low", "ci_high")
            ]
            marks.append(
                Mark(label, gettext("Less comparison schools"), part(less, decimals), *ends)
            )
    return dot_chart(
        page,
        name=f"around-{slug(own)}",
        marks=marks,
        limits=around_zero(marks),
        caption=escaped(
            gettext(
                "{measure} by term from each school's start: less the same terms before it, {unit}",
                measure=measure["label"],
                unit=unit_of(measure, difference=True),
            )
        ),
        line=(0.0, gettext("As before the start")),
    )


def _places(page: Page, measure: str) -> Iterator[tuple[int, str]]:
    """Distances from the start that there are results of, in order of time."""
    found = {p[4] for p in page.ids_of(*SOURCE, "around") if p[3] == measure.lower()}
    for wave in sorted(found, key=_distance):
        yield _distance(wave), wave


def _distance(wave: str) -> int:
    side, number = wave.rsplit("_", 1)
    return int(number) if side == "after" else -int(number)


def same_terms(page: Page, measure: str, analysis: str, who: Compared = ALL) -> list[str]:
    """The latest term that a measure has, and the same term of the years before, latest first."""
    there = {
        parts[4]
        for parts in page.ids_of(*SOURCE, analysis)
        if parts[3] == measure.lower() and parts[5] == who.group
    }
    terms = [term for term in page.terms if term in there]
    if not terms:
        return []
    found = [terms[-1]]
    while len(found) < YEARS and (before := page.year_before.get(found[-1])) in there:
        found.append(str(before))
    return found


def _latest_year(page: Page) -> list[str]:
    """The terms of the latest year that have one a year before, in order."""
    terms = list(page.terms)
    if not terms:
        return []
    year = page.year_before.get(terms[-1])
    start = terms.index(year) + 1 if year in terms else 0
    return [term for term in terms[start:] if term in page.year_before]


def _breaks_between(page: Page, measure: str, terms: list[str]) -> bool:
    """Whether a measure's definition changed after the earliest of some terms, latest first."""
    texts = page.texts_of("outcome_break")
    order = list(page.terms)
    first, last = order.index(terms[-1]), order.index(terms[0])
    places = [order.index(str(t)) for t in texts.loc[texts["key"] == measure, "section"]]
    return any(first < place <= last for place in places)


def _decimals(measure: dict[str, Any]) -> int:
    return int(measure.get("decimals", 1))
