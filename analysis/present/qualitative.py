"""Interviews, groups and open answers: tables and sentences of people and schools.

People are counted, never mentions, with the base beside them; by group, by time or over schools,
never by two of these together. The words follow the counts by the rule in :mod:`.count_words`, names
come from the study (its groups of interviewees) and its codebook (:mod:`.codebook`). What has
nothing to show is nothing (``None``): without interviews, without a codebook, or where too few were
interviewed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from analysis.disclosure import BANDED, RELEASED
from analysis.disclosure.shares import LESS_THAN_HALF
from analysis.present import codebook as names
from analysis.present import count_words
from analysis.present.count_words import INTERVIEWEES, Piece
from analysis.present.page import Compared, Page, part
from analysis.present.shown import (
    WITHHELD,
    Cell,
    Each,
    Part,
    Table,
    Text,
    each,
    escaped,
    table,
    text,
)
from analysis.qualitative.interviewed import EVER, time_label
from analysis.results import COHORT, result_id
from analysis.study import INTERVIEWEES as OF_INTERVIEWEES
from analysis.words import inside, slug, tidy

ALL = Compared("All", COHORT, "all")
#: How ids of codes that share a passage begin.
TOGETHER = ("interviews", "themes", "together_passages")
#: Fewest codes named as most widely heard.
MOST_HEARD = 3
#: Kinds of codes that help or hinder the work, and those that say what came of it.
ENABLING, CONSTRAINING = ("enabling",), ("constraining",)
CAME_OF_IT = (("impact", "What is different"), ("change", "What was done"))
NOT_ASKED = "nobody was asked"
#: In place of a count where there is none.
NOBODY = "none"


def codebook(page: Page) -> pd.DataFrame:
    """The codes that interviews and groups are coded with (no auxiliary lists)."""
    return names.codes(page)


def label_of(page: Page) -> dict[str, str]:
    """Label of every code id."""
    return names.labels(page)


def synthetic(page: Page, table: str) -> bool:
    """Whether the rows of a table are made up: the study's file is one that SYNTHETIC lists."""
    pattern = page.study.file(table)
    files = page.study.folder.glob(pattern) if pattern else ()
    listed = page.study.synthetic_files
    return any(path.relative_to(page.study.folder).as_posix() in listed for path in files)


def themes_of(page: Page) -> list[dict[str, Any]]:
    """The codebook's themes, in its order (no auxiliary lists)."""
    listed = page.documents.get("codebook", {}).get("themes", [])
    return [theme for theme in listed if not theme.get("auxiliary")]


def theme_key(theme: dict[str, Any]) -> str:
    """What labels of a theme's tables end in."""
    return slug(str(theme["id"]))


# --- themes and codes ----------------------------------------------------------------------


def themes(page: Page) -> Table | None:
    """People and schools per theme."""
    return _counted(
        page, "Theme", names.themes(page), "Themes: people and schools", note=count_words.RULE
    )


def codes(page: Page) -> Each | None:
    """People and schools per code, most widely heard first, theme by theme."""
    return each({theme_key(theme): _codes(page, theme) for theme in themes_of(page)})


def _codes(page: Page, theme: dict[str, Any]) -> Table | None:
    said = f"{escaped(str(theme['label']))}: people and schools per code"
    return _counted(page, "Code", _most_first(page, _codes_of(page, theme)), said)


def _codes_of(page: Page, theme: dict[str, Any]) -> list[tuple[str, str]]:
    found = codebook(page)
    return _listed(found[found["theme"] == str(theme["id"])])


def themes_by_role(page: Page) -> Table | None:
    """People per theme and group of interviewees. By group or by school, never both."""
    found = [(label, [(name, label)]) for name, label in names.themes(page)]
    return _by_role(page, found, 1, "Themes: people by role")


def codes_by_role(page: Page) -> Table | None:
    """People per code and group of interviewees, theme by theme."""
    found = [
        (str(label), _most_first(page, _listed(of_theme)))
        for label, of_theme in codebook(page).groupby("theme_label", sort=False)
    ]
    return _by_role(page, found, 2, "Every code: people by role")


def themes_by_time(page: Page) -> Table | None:
    """People per theme at each time at which people were interviewed, if there were several."""
    if page.is_school:
        return None
    known = dict.fromkeys(
        parts[4]
        for parts in page.ids_of("interviews", "themes", "count")
        if parts[4] != EVER and page.rows[COHORT, ".".join(parts)]["release"] in (RELEASED, BANDED)
    )
    order = [slug(wave.id) for wave in page.study.waves]
    times = sorted(known, key=lambda t: (order.index(t) if t in order else len(order), t))
    rows: list[list[Cell]] = []
    for name, label in names.themes(page):
        if count_words.count_row(page, name, "people") is None:
            continue
        cells = (count_words.said_row(page, name, wave=time) for time in times)
        rows.append([escaped(label), *_cells(cells)])
    rows = _alike(rows, 1)
    labels = [escaped(tidy(time_label(page.study, time))) for time in times]
    return table(
        ["Theme", *labels],
        rows if times else [],
        [46, *(16,) * len(times)],
        caption="Themes: people by the time of the interview",
        note="Somebody interviewed more than once stands at each time; over all times people are "
        "counted once. Times at which too few were interviewed are left out.",
    )


def roles(page: Page) -> list[Compared]:
    """The groups of interviewees whose counts are released: as the study lists them, else by name.

    Groups in which too few were interviewed are left out whole: beside "none", a mark would say
    that somebody spoke.
    """
    found: list[Compared] = []
    measures = [name for name, _ in names.themes(page)]
    for group in page.study.groups_of(OF_INTERVIEWEES):
        if group.values:
            keys = {group.key(value.id): value.label for value in group.values}
        else:
            prefix = f"{group.column}_"
            ids = [] if page.is_school else page.ids_of("interviews", "themes", "count")
            keys = {
                name: tidy(name.removeprefix(prefix))
                for name in sorted({parts[5] for parts in ids})
                if name.startswith(prefix)
            }
        found += [
            Compared(label, COHORT, key)
            for key, label in keys.items()
            if any(count_words.said_row(page, each, key) for each in measures)
        ]
    return found


def leads(page: Page) -> Each | None:
    """A sentence on each theme: how many spoke of it, and of which codes most.

    It opens with the theme's ``opening`` in the codebook, or with its label.
    """
    return each({theme_key(theme): _lead(page, theme) for theme in themes_of(page)})


def _lead(page: Page, theme: dict[str, Any]) -> Text | None:
    found = _codes_of(page, theme)
    if not found or not interviewed(page) or hidden(page):
        return None
    listed = _most_first(page, found)
    heard = [entry for entry in listed if count_words.count_row(page, entry[0], "people")]
    if not heard:
        return Text(["Nobody who was interviewed spoke of this."])
    opening = escaped(str(theme.get("opening") or f"Of {inside(str(theme['label']))}"))
    pieces: list[Piece] = [f"{opening}, most widely heard was "]
    for place, (code, label) in enumerate(heard[:MOST_HEARD]):
        if place:
            pieces.append(" and " if place == len(heard[:MOST_HEARD]) - 1 else ", ")
        pieces += [f"*{escaped(label)}* (", *count_words.said(page, code), ")"]
    pieces.append(". ")
    return Text(pieces)


def interviewed(page: Page) -> bool:
    """Whether the study holds interviews at all."""
    return "interviews" in names.collected(page)


def hidden(page: Page) -> bool:
    """Whether too few were interviewed for anything that they said to be counted."""
    row = page.rows.get((COHORT, result_id(*CHECKED, "count")))
    few = row is not None and row["release"] != RELEASED
    if few or page.is_school:
        return few
    # All these rest on the same people and schools.
    for parts in page.ids_of("interviews", "themes", "count"):
        if parts[4:] == [EVER, "all", "people"]:
            return bool(page.rows[COHORT, ".".join(parts)]["release"] != RELEASED)
    return False


#: A count that is there wherever interviews were read.
CHECKED = ("interviews", "themes", "check", "codebook-codes", EVER, "all")


def _listed(found: pd.DataFrame) -> list[tuple[str, str]]:
    return [(str(code.id), str(code.label)) for code in found.itertuples()]


def _counted(
    page: Page, heading: str, listed: list[tuple[str, str]], said: str, note: str = ""
) -> Table | None:
    heard = [
        (name, label, row)
        for name, label in listed
        if (row := count_words.count_row(page, name, "people"))
    ]
    # Nobody of those interviewed may belong to a school.
    schools = any(count_words.count_row(page, name, "schools") for name, _, _ in heard)
    rows: list[list[Cell]] = []
    for name, label, row in heard:
        cells: list[Cell] = [escaped(label), count_words.share(page, name), _of(row)]
        rows.append([*cells, _out_of(page, name, "schools")] if schools else cells)
    return table(
        [heading, "In words", "People", *(["Schools"] if schools else [])],
        rows,
        widths=[44, 30, 11, *([10] if schools else [])],
        caption=said if schools else said.replace("people and schools", "people"),
        text_columns=2,
        note=note,
    )


def _by_role(
    page: Page, listed: list[tuple[str, list[tuple[str, str]]]], text_columns: int, said: str
) -> Table | None:
    """Counts by group of interviewees, of codes under their themes or of themes alone."""
    columns = roles(page)
    if len(columns) < 2:
        return None
    rows: list[list[Cell]] = []
    for heading, entries in listed:
        for name, label in entries:
            if count_words.count_row(page, name, "people") is None:
                continue
            words = [escaped(heading), escaped(label)] if text_columns == 2 else [escaped(label)]
            found = [count_words.said_row(page, name, who.group) for who in columns]
            rows.append([*words, *_cells(found)])
    first, width = (["Theme"], [46]) if text_columns == 1 else (["Theme", "Code"], [24, 40])
    rows = _alike(rows, text_columns)
    return table(
        [*first, *(escaped(who.label) for who in columns)],
        rows,
        [*width, *(max(11, min(18, len(who.label))) for who in columns)],
        caption=said,
        text_columns=text_columns,
    )


def _cells(found: Iterable[dict[str, Any] | None]) -> list[Cell]:
    """How many of each group spoke; nobody, where there is no row."""
    return [
        NOBODY if row is None else part(row, 0) if row["release"] == BANDED else _of(row)
        for row in found
    ]


def _alike(rows: list[list[Cell]], text_columns: int) -> list[list[Cell]]:
    """Where any count stands in words, nobody does as well: it would be a number."""
    cells = [cell for row in rows for cell in row[text_columns:]]
    if not any(isinstance(cell, Part) for cell in cells):
        return rows
    return [
        [*row[:text_columns], *(LESS_THAN_HALF if c == NOBODY else c for c in row[text_columns:])]
        for row in rows
    ]


def _most_first(page: Page, listed: list[tuple[str, str]]) -> list[tuple[str, str]]:
    def key(entry: tuple[str, str]) -> tuple[float, float, str]:
        people, schools = (_value(page, entry[0], s) for s in ("people", "schools"))
        return (-people, -schools, entry[0])

    return sorted(listed, key=key)


def _value(page: Page, name: str, statistic: str) -> float:
    row = count_words.count_row(page, name, statistic)
    return float(row["value"]) if row else 0.0


def _out_of(page: Page, name: str, statistic: str) -> Cell:
    row = count_words.count_row(page, name, statistic)
    return _of(row) if row else "none"


def _of(row: dict[str, Any]) -> list[Piece]:
    return [part(row, 0), " of ", part(row, 0, "denominator")]


# --- across sources ------------------------------------------------------------------------


def who(page: Page, code: str) -> list[Piece]:
    """Who is heard on a code, in whichever sources it has: interviewees, facilitators, groups.

    Those who wrote of it are named where nobody else is heard.
    """
    found: list[list[Piece]] = []
    if count_words.count_row(page, code, "people"):
        found.append(count_words.said(page, code))
    answer = page.facilitators.get(code)
    if answer:
        found.append([*_of(answer), " facilitators"])
    groups = page.texts_of("group")
    for group in dict.fromkeys(groups.loc[groups["key"].str.endswith(f"|{code}"), "section"]):
        found.append([inside(group_label(page, str(group)))])
    if not found:
        found = [[*_of(row), f" who wrote on {inside(label)}"] for label, row in _wrote(page, code)]
    pieces: list[Piece] = []
    for place, entry in enumerate(found):
        pieces += ["; ", *entry] if place else entry
    return pieces


def who_of(page: Page, codes: Sequence[str]) -> list[Piece]:
    """Who is heard on any of some codes, or why nobody is: not asked, or withheld."""
    heard = [(-_value(page, code, "people"), place) for place, code in enumerate(codes)]
    for _, place in sorted(heard):
        if found := who(page, codes[place]):
            return found
    if not names.asked(page, codes):
        return [NOT_ASKED]
    return [WITHHELD.replace("[", r"\[").replace("]", r"\]") if hidden(page) else "nobody"]


def _wrote(page: Page, code: str) -> list[tuple[str, dict[str, Any]]]:
    """The aspects on which most wrote of a code, and how many: at most one."""
    wave = page.study.followup
    found = []
    for aspect, label in _aspects(page).items():
        at = ("open_answers", "perceived_change", "codes", f"{aspect}-{slug(code)}", wave)
        row = page.values(ALL, *at, "count")
        if row is not None and row["value"] > 0:
            found.append((escaped(label), row))
    return sorted(found, key=lambda entry: -entry[1]["value"])[:1]


def _aspects(page: Page) -> dict[str, str]:
    """The aspects of the open questions, by id."""
    ids = [] if page.is_school else page.ids_of("open_answers", "perceived_change", "codes")
    return names.listed(page, "aspects", found=[parts[3].split("-")[0] for parts in ids])


def enabling(page: Page) -> Table | None:
    """Enabling factors by whom they concern."""
    return by_level(page, ENABLING, (), "Factor", "Enabling factors, by whom they concern")


def constraints(page: Page) -> Table | None:
    """Constraints and risks by whom they concern."""
    said = "Constraints and risks, by whom they concern"
    return by_level(page, CONSTRAINING, (), "Constraint", said)


def by_level(
    page: Page, kinds: Sequence[str], levels: Sequence[str], heading: str, said: str
) -> Table | None:
    """Codes of some kinds, with the levels they concern and who is heard on them.

    ``levels`` are columns, in their order; none: all that these codes concern.
    """
    found = codebook(page)
    found = found[found["kind"].isin(kinds)]
    order = [name for name, _ in _most_first(page, [(str(c), "") for c in found["id"]])]
    by_id: dict[str, Any] = {str(code.id): code for code in found.itertuples()}
    shown = [(by_id[name], heard) for name in order if (heard := who(page, name))]
    if not shown:
        return None
    named = names.listed(page, "levels", found=_levels(code.level for code, _ in shown))
    concerned = {slug(level) for code, _ in shown for level in _each(code.level)}
    columns = [slug(level) for level in levels] or [each for each in named if each in concerned]
    rows: list[list[Cell]] = []
    for code, heard in shown:
        own = {slug(level) for level in _each(code.level)}
        marks: list[Cell] = ["yes" if level in own else "–" for level in columns]
        rows.append([escaped(str(code.label)), *marks, heard])
    return table(
        [heading, *(escaped(named.get(each, tidy(each))) for each in columns), "Who spoke of it"],
        rows,
        widths=[34, *(10,) * len(columns), 36],
        caption=said,
        text_columns=2 + len(columns),
        note="A factor can concern more than one level."
        + (
            " Groups speak as one: there is no count of how many in a group said a thing."
            if not page.texts_of("group").empty
            else ""
        ),
    )


def impact(page: Page) -> Table | None:
    """Impact by stakeholder: what people say has changed, and for whom."""
    found = codebook(page)
    found = found[found["kind"].isin([kind for kind, _ in CAME_OF_IT])]
    rows: list[list[Cell]] = []
    for level, label in names.listed(page, "levels", found=_levels(found["level"])).items():
        of_level = found[[level in map(slug, _each(levels)) for levels in found["level"]]]
        for kind, words in CAME_OF_IT:
            listed = _listed(of_level[of_level["kind"] == kind])
            heard = [e for e in _most_first(page, listed) if who(page, e[0])]
            if not heard:
                continue
            cell: list[Piece] = []
            for place, (code, name) in enumerate(heard[:MOST_HEARD]):
                cell += ["; " if place else "", f"*{escaped(name)}*: ", *who(page, code)]
            rows.append([escaped(label), words, cell])
    if not rows:
        return None
    return table(
        ["For whom", "Kind", "Most widely heard"],
        rows,
        widths=[16, 16, 68],
        caption="Impact by stakeholder, as people see it",
        text_columns=3,
        note=f"As {_heard_from(page)} see it, of themselves and of others.",
    )


def _each(levels: Any) -> list[str]:
    """A code's levels: a list, one word, or none."""
    return [levels] if isinstance(levels, str) else [str(level) for level in levels or ()]


def _levels(found: Iterable[Any]) -> list[str]:
    return [slug(level) for levels in found for level in _each(levels)]


def _heard_from(page: Page) -> str:
    """Whose voices there are, as the subject of a sentence."""
    known = names.collected(page)
    words = [INTERVIEWEES] if "segments" in known else []
    words += ["facilitators"] if "facilitator_survey" in known else []
    words += ["groups"] if "focus_groups" in known else []
    words += ["those who wrote"] if "open_answers" in known and not words else []
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def school_map(page: Page, kinds: Sequence[str] = ("change", "impact")) -> Table | None:
    """In how many schools each change and impact was heard, by theme; no school is named."""
    found = codebook(page)
    found = found[found["kind"].isin(kinds)]
    rows: list[list[Cell]] = []
    counts = {str(code): int(_value(page, str(code), "schools")) for code in found["id"]}
    columns = sorted({count for count in counts.values() if count}, reverse=True)
    for theme in found["theme"].drop_duplicates():
        of_theme = found[found["theme"] == theme]
        at: dict[int, list[str]] = {}
        for code in of_theme.itertuples():
            at.setdefault(counts[str(code.id)], []).append(escaped(str(code.label)))
        if set(at) - {0}:
            cells: list[Cell] = ["; ".join(at.get(n, [])) or "–" for n in columns]
            rows.append([escaped(str(of_theme["theme_label"].iloc[0])), *cells])
    headings = [f"In {count_words.number_word(n)} school{'s' if n > 1 else ''}" for n in columns]
    return table(
        ["Theme", *headings],
        rows,
        widths=[18, *(100 // max(len(columns), 1),) * len(columns)],
        caption="Changes and impacts by the number of schools they were heard in",
        text_columns=1 + len(columns),
    )


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
        ["Theme", *(escaped(name) for name, _ in listed)],
        rows,
        widths=[30, *(5,) * len(listed)],
        caption="People who spoke of both of two themes",
        note="On the diagonal, people who spoke of the theme at all. Themes that most people "
        "speak of meet often for that reason alone.",
    )


def together_codes(page: Page) -> Table | None:
    """Pairs of codes that share a passage, by the number of people; one event twice is no pair."""
    labels = {slug(code): label for code, label in label_of(page).items()}
    found: list[tuple[float, list[Cell]]] = []
    # A school's report does not show it, and need not be made again for another pair.
    for parts in () if page.is_school else page.ids_of(*TOGETHER):
        row = page.rows[COHORT, ".".join(parts)]
        if row["release"] == RELEASED:
            pair = [escaped(labels[code]) for code in str(row["measure"]).split("--")]
            found.append((-row["value"], [*pair, _of(row)]))
    if not found and (page.is_school or not interviewed(page) or hidden(page)):
        return None
    rows = [row for _, row in sorted(found, key=lambda entry: entry[0])]
    if not rows and themes(page):
        rows = [["No passage stands under two codes", "–", "none"]]
    return table(
        ["Code", "Code", "People"],
        rows,
        widths=[42, 42, 12],
        caption="Codes that share a passage",
        text_columns=2,
        note="One event that was given two codes, such as a policy and what it is about, is no "
        "pair: it is listed where codes and quotations are checked.",
    )


def saturation(page: Page) -> Table | None:
    """Codes expected after so many interviews, in whatever order they had been held."""
    rows: list[list[Cell]] = []
    for k, row in _saturation(page):
        rows.append([f"{k}", part(row, 1), part(row, 0, "denominator")])
    return table(
        ["Interviews", "Codes expected", "Codes in all"],
        rows,
        widths=[16, 18, 16],
        caption="Codes expected after so many interviews",
    )


def saturation_rows(page: Page) -> list[tuple[int, dict[str, Any]]]:
    """The released points of the curve, for drawing."""
    return _saturation(page)


def _saturation(page: Page) -> list[tuple[int, dict[str, Any]]]:
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


# --- how it was coded ----------------------------------------------------------------------


def coders(page: Page) -> Table | None:
    """How far two coders agreed, over all and by theme; nothing where one person coded."""
    rows: list[list[Cell]] = []
    for name, label in [("all", "All themes"), *names.themes(page)]:
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
        ["Theme", "Interviews", "Decisions", "Agree %", "Kappa", "95% interval", "Alpha",
         "95% interval (alpha)"],
        rows,
        widths=[32, 12, 11, 9, 8, 16, 8, 16],
        caption="Agreement between two coders",
        note="Agreement and Cohen's kappa: whether a code is heard in an interview; Krippendorff's "
        "alpha: which characters are coded with the theme. Over the interviews that both coders "
        "read; intervals by bootstrap over interviews, rough with few of them.",
    )  # fmt: skip


#: Each check: its words, and what the list beside it holds.
CHECKS: dict[str, tuple[str, str]] = {
    "codebook-codes": ("Codes in the codebook", ""),
    "codebook-heard": ("Codes heard in interviews", ""),
    "codebook-passages": ("Coded passages", ""),
    "codebook-heard_from_one": ("Codes heard from one person only", ""),
    "codebook-unused": ("Codes for interviews that nobody was heard on", "unused"),
    "codebook-unknown": ("Codes that the codebook does not have", "unknown"),
    "codebook-unknown_passages": ("Passages set aside, because their code is unknown", ""),
    "codebook-same_event": ("One event under two codes, counted once", "same_event"),
    "quotations-chosen": ("Quotations chosen", ""),
    "quotations-repeated": ("Quotations shown more than once", "repeated"),
    "quotations-role_and_school": (
        "Quotations shown once with a role and once with a school; both left out",
        "role_and_school",
    ),
    "quotations-school_withheld": (
        "Quotations whose school is withheld, because one school or role spoke of the code",
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
        rows.append([words, "; ".join(named) or "–", page.number(ALL, *at, decimals=0)])
    return table(
        ["Check", "Which", "Found"],
        rows,
        widths=[46, 46, 9],
        caption="What was checked in codes and quotations",
        text_columns=2,
    )


# --- quotations ----------------------------------------------------------------------------


def quotations(page: Page) -> Each | None:
    """The quotations chosen for each theme, each with its role or its school's letter.

    A theme's are those of the section that the codebook names as its ``quotations``, or that goes
    by the theme's own id. They stand in the programme's report only.
    """
    return each(
        {
            theme_key(theme): _quotations(page, str(theme.get("quotations") or theme["id"]))
            for theme in themes_of(page)
        }
    )


def _quotations(page: Page, section: str) -> Text | None:
    chosen = page.texts_of("quotation")[page.texts_of("quotation")["section"] == section]
    return text(
        [piece for q in chosen.itertuples() for piece in quoted(page, q.text, q.attribution)]
    )


def quoted(page: Page, text: object, attribution: object) -> list[Piece]:
    """One quotation; as long as the study's quotations are synthetic, it says so where it stands."""
    mark = " (synthetic quotation)" if synthetic(page, "quotations") else ""
    return [
        f"::: {{.quotation}}\n{escaped(str(text))}\n\n{escaped(str(attribution))}{mark}\n:::\n\n"
    ]


# --- facilitators, groups, open answers ----------------------------------------------------


def facilitators(page: Page, *, closed: bool) -> Table | None:
    """Facilitators' answers: the closed questions, or the open ones as they were coded."""
    rows: list[list[Cell]] = []
    for question in page.documents.get("facilitator_questions", {}).get("questions") or []:
        if (question["type"] == "single") != closed:
            continue
        counted = [
            (option, page.facilitators_answer(question["id"], option["id"]))
            for option in question.get("options") or []
        ]
        if not closed:
            counted.sort(key=_by_count)
        for option, row in counted:
            if row is None or (not closed and row["value"] == 0):
                continue
            rows.append([escaped(question["label"]), escaped(option["label"]), _of(row)])
    return table(
        ["Question", "Answer" if closed else "Answer, as coded", "Facilitators"],
        rows,
        widths=[32, 48, 14],
        caption=f"Facilitators' answers to the {'closed' if closed else 'open'} questions"
        + ("" if closed else ", as coded"),
        text_columns=2,
        note="Counts, of all facilitators who answered the survey."
        + ("" if closed else " People could be coded under several answers."),
    )


def _by_count(entry: tuple[Any, dict[str, Any] | None]) -> float:
    return -float(entry[1]["value"]) if entry[1] else 0.0


def groups(page: Page) -> Table | None:
    """The group discussions: who took part, how many themes and codes."""
    rows: list[list[Cell]] = []
    ids = [] if page.is_school else page.ids_of("interviews", "groups", "discussion")
    known = names.listed(page, "groups", found=[parts[3] for parts in ids])
    for name, label in known.items():
        at = ("interviews", "groups", "discussion", name, EVER)
        if page.row(ALL, *at, "participants") is None:
            continue
        numbers = [
            page.number(ALL, *at, statistic, decimals=0)
            for statistic in ("participants", "themes", "codes")
        ]
        rows.append([escaped(label), *numbers])
    return table(
        ["Group", "Took part", "Themes", "Codes"],
        rows,
        widths=[40, 12, 12, 12],
        caption="Group discussions",
    )


def group_ids(page: Page) -> list[str]:
    """The groups with released summaries, in the codebook's order."""
    found = list(dict.fromkeys(map(str, page.texts_of("group")["section"])))
    order = list(names.listed(page, "groups", found=map(slug, found)))
    return sorted(found, key=lambda name: order.index(slug(name)))


def group_label(page: Page, name: str) -> str:
    """A group's name for readers."""
    return escaped(names.listed(page, "groups", found=[slug(name)])[slug(name)])


def group_summaries(page: Page) -> Each | None:
    """What each group discussed, theme by theme, in the evaluators' words."""
    return each({slug(name): _group_summaries(page, name) for name in group_ids(page)})


def _group_summaries(page: Page, group: str) -> Table | None:
    labels = label_of(page)
    found = page.texts_of("group")[page.texts_of("group")["section"] == group]
    rows: list[list[Cell]] = []
    for theme, entries in found.groupby("attribution", sort=False):
        said = [
            f"*{escaped(labels.get(code, code))}*: {escaped(str(text))}"
            for code, text in zip(
                entries["key"].str.rpartition("|")[2], entries["text"], strict=True
            )
        ]
        rows.append([escaped(str(theme)), " ".join(said)])
    mark = " (synthetic)" if synthetic(page, "focus_groups") else ""
    return table(
        ["Theme", f"Summary{mark}"],
        rows,
        widths=[22, 78],
        caption=f"{group_label(page, group)}: what was discussed",
        text_columns=2,
    )


def open_answers(page: Page) -> Table | None:
    """What people wrote on what has changed: people by code, for each aspect."""
    labels = label_of(page)
    wave = page.study.followup
    rows: list[list[Cell]] = []
    for aspect, of_aspect in _aspects(page).items():
        for code, label in labels.items():
            measure = f"{aspect}-{slug(code)}"
            at = ("open_answers", "perceived_change", "codes", measure, wave)
            row = page.row(ALL, *at, "count")
            if row is None:
                continue
            count: Cell = page.number(ALL, *at, "count", decimals=0)
            if row["release"] == RELEASED:
                count = _of(row)
            rows.append(
                [
                    escaped(of_aspect),
                    escaped(label),
                    count,
                    page.number(ALL, *at, "percent", decimals=0),
                ]
            )
    return table(
        ["Aspect", "What people wrote of", "People", "% of those who wrote"],
        rows,
        widths=[28, 44, 12, 14],
        caption="What people wrote on what has changed, as coded",
        text_columns=2,
        note="Of those who wrote anything on the aspect, over all schools; whoever wrote is not "
        "a sample of those asked. The words themselves are not kept.",
    )
