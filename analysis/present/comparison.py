"""Change beside that in schools that did not take part, in a table and in words."""

from __future__ import annotations

from analysis.language import gettext, listed, ngettext
from analysis.present import verdict
from analysis.present.asked import caption
from analysis.present.page import Compared, Page
from analysis.present.shown import Cell, Each, Table, each, escaped, table
from analysis.results import COHORT

ALL = Compared("All", COHORT, "all")


def differences(page: Page, survey: str, *instruments: str) -> Each | None:
    """Each scale's change here, in comparison schools, and the difference of the two."""
    return each({name: _differences(page, survey, name) for name in instruments})


def _differences(page: Page, survey: str, instrument: str) -> Table | None:
    found = page.instruments[instrument]
    rows: list[list[Cell]] = []
    for score in found.scores:
        at = (survey, instrument, "did", score, page.waves)
        own = (survey, instrument, "paired", score, page.waves, "difference")
        if page.row(ALL, *at, "comparison") is None:
            continue
        decimals = found.decimals(score)
        several = page.row(ALL, *at, "p_holm") is not None
        rows.append(
            [
                escaped(found.score_label(score)),
                page.with_interval(ALL, *own, decimals=decimals),
                page.number(ALL, *at, "comparison", decimals=0, name="n"),
                page.with_interval(ALL, *at, "comparison", decimals=decimals),
                page.with_interval(ALL, *at, "difference", decimals=decimals),
                page.p_value(ALL, *at, "p"),
                page.p_value(ALL, *at, "p_holm") if several else r"\[z\]",
            ]
        )
    return table(
        [
            gettext("Scale"),
            gettext("Change here"),
            gettext("n, comparison"),
            gettext("Change in comparison schools"),
            gettext("Difference"),
            "p",
            "p (Holm)",
        ],
        rows,
        widths=[26, 20, 11, 20, 20, 8, 9],
        caption=caption(
            page, survey, instrument, what=gettext("change beside that in comparison schools")
        ),
        note=gettext(
            "Change in people who answered both times, with 95% intervals over "
            "schools; the difference is change here less that in schools that did "
            "not take part. It would be the programme's doing only if both would "
            "have changed alike without it, which these data do not show. p (Holm) "
            "is corrected over the subscales; \\[z\\]: not one of several."
        ),
    )


def in_words(page: Page, survey: str, instrument: str) -> str:
    """What the comparison allows to be said; nothing where there is none to be shown."""
    found = page.instruments[instrument]
    apart: list[str] = []
    compared = 0
    for score in found.scores:
        at = (survey, instrument, "did", score, page.waves)
        row = page.values(ALL, *at, "difference")
        p = page.values(ALL, *at, "p_holm") or page.values(ALL, *at, "p")
        if row is None or p is None or (found.total is not None and score == found.total.id):
            continue
        compared += 1
        if p["value"] < verdict.ALPHA:
            scale = escaped(found.score_label(score))
            apart.append(
                gettext("{scale} (higher)", scale=scale)
                if row["value"] > 0
                else gettext("{scale} (lower)", scale=scale)
            )
    if not compared:
        return ""
    said = (
        ngettext(
            "After correction for {number} scale, change differed from that in comparison schools "
            "in {scales}.",
            "After correction for {number} scales, change differed from that in comparison "
            "schools in {scales}.",
            compared,
            number=compared,
            scales=listed(apart),
        )
        if apart
        else gettext(
            "After correction, change on no scale differed from that in comparison schools."
        )
        if compared > 1
        else gettext("Change did not differ from that in comparison schools.")
    )
    limit = gettext(
        "Unless it was drawn by lot which schools take part, this is consistent with the programme "
        "having an effect only as far as both would have changed alike without it."
    )
    return f"{said} {limit}"
