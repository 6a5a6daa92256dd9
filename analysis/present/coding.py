"""How interviews were coded: which codes go together, whether later ones brought new codes, checks.

All are counts over people or interviews; what has nothing to show is nothing (``None``).
"""

from __future__ import annotations

from typing import Any

from analysis.disclosure import BANDED, RELEASED
from analysis.language import N_, gettext
from analysis.present import codebook as names
from analysis.present import count_words, qualitative
from analysis.present.page import Page, part
from analysis.present.qualitative import ALL
from analysis.present.shown import Cell, Table, escaped, table
from analysis.qualitative.interviewed import EVER
from analysis.results import COHORT, result_id
from analysis.words import slug

#: How ids of codes that share a passage begin.
TOGETHER = ("interviews", "themes", "together_passages")


def together(page: Page) -> Table | None:
    """How many people spoke of both of two themes."""
    listed = [
        (name, label)
        for name, label in names.themes(page)
        if count_words.count_row(page, name, "people")
    ]
    if len(listed) < 2:
        return None
    rows: list[list[Cell]] = []
    for name, label in listed:
        row: list[Cell] = [escaped(f"{label} ({name})")]
        for other, _ in listed:
            if other == name:
                row.append(page.number(ALL, *_theme(name), "people", decimals=0))
                continue
            pair = "--".join(slug(each) for each in sorted((name, other)))
            at = ("interviews", "themes", "together_themes", pair, EVER)
            row.append(page.number(ALL, *at, "people", decimals=0))
        rows.append(row)
    return table(
        [gettext("Theme"), *(escaped(name) for name, _ in listed)],
        rows,
        widths=[30, *(5,) * len(listed)],
        caption=gettext("People who spoke of both of two themes"),
        note=gettext(
            "On the diagonal, people who spoke of the theme at all. Themes that most "
            "people speak of meet often for that reason alone."
        ),
    )


def together_codes(page: Page) -> Table | None:
    """Pairs of codes that share a passage, by the number of people; one event twice is no pair."""
    labels = {slug(code): label for code, label in names.labels(page).items()}
    found: list[tuple[float, list[Cell]]] = []
    # A school's report does not show it, and need not be made again for another pair.
    for parts in () if page.is_school else page.ids_of(*TOGETHER):
        row = page.rows[COHORT, ".".join(parts)]
        if row["release"] in (RELEASED, BANDED):
            pair = [escaped(labels[code]) for code in str(row["measure"]).split("--")]
            found.append((-count_words.size(row), [*pair, count_words.of(row)]))
    if not found and (
        page.is_school or not qualitative.interviewed(page) or qualitative.hidden(page)
    ):
        return None
    rows = [row for _, row in sorted(found, key=lambda entry: entry[0])]
    if not rows and qualitative.themes(page):
        rows = [[gettext("No passage stands under two codes"), "–", gettext("none")]]
    return table(
        [gettext("Code"), gettext("Code"), gettext("People")],
        rows,
        widths=[42, 42, 12],
        caption=gettext("Codes that share a passage"),
        text_columns=2,
        note=gettext(
            "One event that was given two codes, such as a policy and what it is "
            "about, is no pair: it is listed where codes and quotations are checked."
        ),
    )


def saturation(page: Page) -> Table | None:
    """Codes expected after so many interviews, in whatever order they had been held."""
    rows: list[list[Cell]] = []
    for k, row in saturation_rows(page):
        rows.append([f"{k}", part(row, 1), part(row, 0, "denominator")])
    return table(
        [gettext("Interviews"), gettext("Codes expected"), gettext("Codes in all")],
        rows,
        widths=[16, 18, 16],
        caption=gettext("Codes expected after so many interviews"),
    )


def saturation_rows(page: Page) -> list[tuple[int, dict[str, Any]]]:
    """The released points of the curve: after how many interviews, and the row."""
    found = []
    for k in range(1, 1000):
        at = ("interviews", "themes", "saturation", f"after_{k:02d}", EVER, "all", "codes")
        row = page.rows.get((COHORT, result_id(*at)))
        if row is None:
            break
        if row["release"] == RELEASED:
            found.append((k, row))
    return found


def _theme(name: str) -> tuple[str, ...]:
    return ("interviews", "themes", "count", slug(name), EVER)


def coders(page: Page) -> Table | None:
    """How far two coders agreed, over all and by theme; nothing where one person coded."""
    rows: list[list[Cell]] = []
    for name, label in [("all", gettext("All themes")), *names.themes(page)]:
        at = ("interviews", "coders", "agreement", slug(name), EVER)
        if not page.shows(ALL, *at, "decisions"):
            continue
        rows.append(
            [
                escaped(label),
                page.number(ALL, *at, "kappa", decimals=0, name="n"),
                page.number(ALL, *at, "decisions", decimals=0),
                page.number(ALL, *at, "agreement", decimals=0),
                page.number(ALL, *at, "kappa", decimals=2),
                page.interval(ALL, *at, "kappa", decimals=2),
                page.number(ALL, *at, "alpha", decimals=2),
                page.interval(ALL, *at, "alpha", decimals=2),
            ]
        )
    return table(
        [
            gettext("Theme"),
            gettext("Interviews"),
            gettext("Decisions"),
            gettext("Agree %"),
            gettext("Kappa"),
            gettext("95% interval"),
            gettext("Alpha"),
            gettext("95% interval (alpha)"),
        ],
        rows,
        widths=[32, 12, 11, 9, 8, 16, 8, 16],
        caption=gettext("Agreement between two coders"),
        note=gettext(
            "Agreement and Cohen's kappa: whether a code is heard in an interview; "
            "Krippendorff's alpha: which characters are coded with the theme. Over "
            "the interviews that both coders read; intervals by bootstrap over "
            "interviews, rough with few of them."
        ),
    )


#: Each check: its words, and what the list beside it holds.
CHECKS: dict[str, tuple[str, str]] = {
    "codebook-codes": (N_("Codes in the codebook"), ""),
    "codebook-heard": (N_("Codes heard in interviews"), ""),
    "codebook-passages": (N_("Coded passages"), ""),
    "codebook-heard_from_one": (N_("Codes heard from one person only"), ""),
    "codebook-unused": (N_("Codes for interviews that nobody was heard on"), "unused"),
    "codebook-unknown": (N_("Codes that the codebook does not have"), "unknown"),
    "codebook-unknown_passages": (N_("Passages set aside, because their code is unknown"), ""),
    "codebook-same_event": (N_("One event under two codes, counted once"), "same_event"),
    "quotations-chosen": (N_("Quotations chosen"), ""),
    "quotations-repeated": (N_("Quotations shown more than once"), "repeated"),
    "quotations-role_and_school": (
        N_("Quotations shown once with a role and once with a school; both left out"),
        "role_and_school",
    ),
    "quotations-school_withheld": (
        N_("Quotations whose school is withheld, because one school or role spoke of the code"),
        "school_withheld",
    ),
}


def codebook_check(page: Page) -> Table | None:
    """What was found when coded text and quotations were read."""
    rows: list[list[Cell]] = []
    for measure, (words, kind) in CHECKS.items():
        at = ("interviews", "themes", "check", measure, EVER, "count")
        if not page.shows(ALL, *at):
            continue
        found = page.texts[page.texts["kind"].isin(("codebook_check", "quotation_check"))]
        found = found[found["key"] == kind] if kind else found.iloc[:0]
        named = [
            " ".join(filter(None, (escaped(str(f.section)), escaped(str(f.text)))))
            for f in found.itertuples()
        ]
        rows.append([gettext(words), "; ".join(named) or "–", page.number(ALL, *at, decimals=0)])
    return table(
        [gettext("Check"), gettext("Which"), gettext("Found")],
        rows,
        widths=[46, 46, 9],
        caption=gettext("What was checked in codes and quotations"),
        text_columns=2,
    )
