"""Levels beside those of others: norms by age, sex or phase, and other schools' results.

What others scored is authored, with its source; nothing about this study is computed from it but
on which side of it a level lies.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from analysis.instruments.model import Outside
from analysis.language import gettext
from analysis.present import asked, verdict
from analysis.present.page import Compared, Page
from analysis.present.records import SOURCE, label_of, same_terms
from analysis.present.shown import Cell, Table, escaped, number_text, table
from analysis.present.tables import measures_of
from analysis.results import COHORT
from analysis.words import slug


def norms(page: Page, survey: str, instrument: str) -> Table | None:
    """Every level for which the instrument's file says what others like them scored."""
    found = page.instruments[instrument]
    rows: list[list[Cell]] = []
    beside: list[tuple[dict[str, Any] | None, float]] = []
    for norm in found.norms:
        decimals = found.decimals(norm.score)
        for who in _like(page, norm.of):
            for wave in page.study.pair_of_waves:
                at = (survey, instrument, "level", norm.score, wave)
                if not page.shows(who, *at, "mean"):
                    continue
                rows.append(
                    [
                        escaped(found.score_label(norm.score)),
                        escaped(who.label),
                        wave,
                        _others(norm, decimals),
                        page.number(who, *at, "mean", decimals=0, name="n"),
                        page.with_interval(who, *at, "mean", decimals=decimals),
                    ]
                )
                beside.append((page.values(who, *at, "mean"), norm.mean))
    sources = dict.fromkeys(f"{norm.label}: {norm.source}" for norm in found.norms)
    return table(
        [
            gettext("Scale"),
            gettext("Group"),
            gettext("Wave"),
            gettext("Others"),
            "n",
            gettext("Mean"),
            gettext("Against them"),
        ],
        _with_sides(rows, beside),
        widths=[22, 20, 7, 30, 7, 22, 16],
        caption=asked.caption(
            page, survey, instrument, what=gettext("levels beside those of others")
        ),
        text_columns=4,
        note=gettext(
            "All who answered at each wave, with 95% intervals. Above or below: clear of the "
            "others' mean, which is taken as known, after correction over the table. Others may "
            "differ in age, place and time. Sources: {sources}.",
            sources="; ".join(escaped(each) for each in sources),
        ),
    )


def rates(page: Page) -> Table | None:
    """Every rate of records for which the study says what other schools' records show."""
    rows: list[list[Cell]] = []
    beside: list[tuple[dict[str, Any] | None, float]] = []
    sources: list[str] = []
    for measure in measures_of(page):
        decimals = int(measure.get("decimals", 1))
        for norm in measure.get("norms", []):
            latest = same_terms(page, str(measure["id"]), "rate")[:1]
            term = slug(str(norm["term"])) if norm.get("term") else "".join(latest)
            for who in _like(page, norm.get("of", {})):
                at = (*SOURCE, "rate", str(measure["id"]), term, "rate")
                if not term or not page.shows(who, *at):
                    continue
                rate = float(norm["rate"])
                rows.append(
                    [
                        label_of(measure),
                        escaped(who.label),
                        escaped(page.terms[term]),
                        f"{escaped(str(norm['label']))}: {number_text(rate, decimals)}",
                        page.with_interval(who, *at, decimals=decimals),
                    ]
                )
                beside.append((page.values(who, *at), rate))
                sources.append(f"{norm['label']}: {norm['source']}")
    return table(
        [
            gettext("Measure"),
            gettext("Group"),
            gettext("Term"),
            gettext("Others"),
            gettext("Rate"),
            gettext("Against them"),
        ],
        _with_sides(rows, beside),
        widths=[30, 20, 18, 26, 22, 16],
        caption=gettext("School records beside those of other schools"),
        text_columns=4,
        note=gettext(
            "With 95% intervals, where one can be given. Above or below: clear of the others' rate, "
            "which is taken as known, after correction over the table. Sources: {sources}.",
            sources="; ".join(escaped(each) for each in dict.fromkeys(sources)),
        ),
    )


def _like(page: Page, of: Mapping[str, str]) -> Iterator[Compared]:
    """Those on the page whom others are like: everybody, or a group of the study.

    A school stands for itself only beside everybody, or beside its own group of schools.
    """
    if not of:
        yield page.compared[0]
        return
    ((name, value),) = of.items()
    group = next(each for each in page.study.groups if each.id == name)
    key = group.key(value)
    if page.is_school:
        if key == page.own_phase:
            yield page.compared[0]
        return
    for each in page.groups_of(group, {key}):
        if each.group == key:
            yield Compared(each.label, COHORT, key)


def _others(norm: Outside, decimals: int) -> str:
    more = [f"SD {norm.sd:g}"] if norm.sd is not None else []
    more += [f"n {norm.n:,}"] if norm.n is not None else []
    said = f"{escaped(norm.label)}: {number_text(norm.mean, decimals)}"
    return said + (f" ({', '.join(more)})" if more else "")


def _with_sides(
    rows: list[list[Cell]], beside: list[tuple[dict[str, Any] | None, float]]
) -> list[list[Cell]]:
    """Rows with the side of the others on which each stands."""
    words = {None: "–", 1: gettext("Above"), -1: gettext("Below"), 0: gettext("Not clear")}
    return [[*row, words[side]] for row, side in zip(rows, verdict.sides(beside), strict=True)]
