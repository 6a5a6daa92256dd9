"""Interviews, groups and open answers: tables and sentences of people and schools.

People are counted, never mentions, with the base beside them; by group, by time or over schools,
never by two of these together. The words follow the counts by the rule in :mod:`.count_words`, names
come from the study (its groups of interviewees) and its codebook (:mod:`.codebook`). What has
nothing to show is nothing (``None``): without interviews, without a codebook, or where too few were
interviewed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

import pandas as pd

from analysis.disclosure import BANDED, RELEASED
from analysis.disclosure.shares import HALF_OR_MORE, LESS_THAN_HALF, ONE_OR_TWO
from analysis.language import N_, gettext, listed, listed_pieces, ngettext, nsentence, sentence
from analysis.present import codebook as names
from analysis.present import count_words
from analysis.present.count_words import Piece
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
)
from analysis.qualitative.interviewed import EVER, time_label
from analysis.results import COHORT, result_id
from analysis.study import INTERVIEWEES as OF_INTERVIEWEES
from analysis.words import inside, slug, tidy

Entry = TypeVar("Entry")
ALL = Compared("All", COHORT, "all")
#: How many codes are named as most widely heard, if none that is left out is level with them.
MOST_HEARD = 3
#: Kinds of codes that help or hinder the work, and those that say what came of it.
ENABLING, CONSTRAINING = ("enabling",), ("constraining",)
CAME_OF_IT = (("impact", N_("What is different")), ("change", N_("What was done")))
NOT_ASKED = N_("nobody was asked")
#: In place of a count where there is none.
NOBODY = N_("none")
#: Beside every table by the time of the interview.
BY_TIME = N_(
    "Somebody interviewed more than once stands at each time; over all times "
    "people are counted once. Times at which too few were interviewed are "
    "left out."
)


def codebook(page: Page) -> pd.DataFrame:
    """The codes that interviews and groups are coded with (no auxiliary lists)."""
    return names.codes(page)


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
        page,
        gettext("Theme"),
        names.themes(page),
        gettext("Themes: people and schools"),
        note=gettext(count_words.RULE),
    )


def codes(page: Page) -> Each | None:
    """People and schools per code, most widely heard first, theme by theme."""
    return each({theme_key(theme): _codes(page, theme) for theme in themes_of(page)})


def _codes(page: Page, theme: dict[str, Any]) -> Table | None:
    said = gettext("{theme}: people and schools per code", theme=escaped(str(theme["label"])))
    return _counted(page, gettext("Code"), _most_first(page, _codes_of(page, theme)), said)


def _codes_of(page: Page, theme: dict[str, Any]) -> list[tuple[str, str]]:
    found = names.codes(page)
    return _listed(found[found["theme"] == str(theme["id"])])


def themes_by_role(page: Page) -> Table | None:
    """People per theme and group of interviewees. By group or by school, never both."""
    found = [(label, [(name, label)]) for name, label in names.themes(page)]
    return _by_role(page, found, 1, gettext("Themes: people by role"))


def codes_by_role(page: Page) -> Table | None:
    """People per code and group of interviewees, theme by theme."""
    found = [
        (str(label), _most_first(page, _listed(of_theme)))
        for label, of_theme in names.codes(page).groupby("theme_label", sort=False)
    ]
    return _by_role(page, found, 2, gettext("Every code: people by role"))


def themes_by_time(page: Page) -> Table | None:
    """People per theme at each time at which people were interviewed, if there were several."""
    times = each_time(page, ALL.group)
    rows: list[list[Cell]] = []
    for name, label in names.themes(page) if times else ():
        if count_words.count_row(page, name, "people"):
            rows.append([escaped(label), *at_times(page, name, ALL.group, times)])
    return table(
        [gettext("Theme"), *times.values()],
        alike(rows, 1),
        [46, *(16,) * len(times)],
        caption=gettext("Themes: people by the time of the interview"),
        note=gettext(BY_TIME),
    )


def each_time(page: Page, group: str) -> dict[str, str]:
    """Times at which enough of a group were interviewed, in order, with their names for readers."""
    found = {
        parts[4]
        for parts in ([] if page.is_school else page.ids_of("interviews", "themes", "count"))
        if parts[4] != EVER
        and parts[5] == group
        and page.rows[COHORT, ".".join(parts)]["release"] in (RELEASED, BANDED)
    }
    order = [slug(wave.id) for wave in page.study.waves]
    times = sorted(found, key=lambda t: (order.index(t) if t in order else len(order), t))
    return {time: escaped(tidy(time_label(page.study, time))) for time in times}


def at_times(page: Page, name: str, group: str, times: Iterable[str]) -> list[Cell]:
    """How many of a group spoke of a code or theme at each time."""
    return _cells(count_words.count_row(page, name, "people", group, time) for time in times)


def roles(page: Page) -> list[Compared]:
    """The groups of interviewees whose counts are released: as the study lists them, else by name.

    Groups in which too few were interviewed are left out whole: beside "none", a mark would say
    that somebody spoke.
    """
    found: list[Compared] = []
    for group in page.study.groups_of(OF_INTERVIEWEES):
        if group.values:
            keys = {group.key(value.id): value.label for value in group.values if not value.apart}
        else:
            ids = [] if page.is_school else page.ids_of("interviews", "themes", "count")
            keys = {
                name: tidy(name.removeprefix(group.key("")))
                for name in group.among(sorted({parts[5] for parts in ids}))
            }
        found += [Compared(label, COHORT, key) for key, label in keys.items() if _shown(page, key)]
    return found


def apart(page: Page) -> list[Compared]:
    """The groups of interviewees that the study keeps apart, whose counts are released."""
    return [
        Compared(value.label, COHORT, group.key(value.id))
        for group in page.study.groups_of(OF_INTERVIEWEES)
        for value in group.values
        if value.apart and _shown(page, group.key(value.id))
    ]


def _shown(page: Page, group: str) -> bool:
    measures = (name for name, _ in names.themes(page))
    return any(count_words.count_row(page, each, "people", group) for each in measures)


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
        return Text([gettext("Nobody who was interviewed spoke of this.")])
    opening = escaped(
        str(theme.get("opening") or gettext("Of {theme}", theme=inside(str(theme["label"]))))
    )
    first = most(heard, [_value(page, code, "people") for code, _ in heard])
    told = [count_words.count_row(page, code, "people") for code, _ in first]
    if level := level_in_words([row for row in told if row is not None]):
        number, few = level
        return Text(
            sentence(
                "{opening}: {number} codes were heard from {few} of the interviewees. ",
                opening=opening,
                number=number,
                few=few,
            )
        )
    named = listed_pieces(
        [[f"*{escaped(label)}* (", *count_words.said(page, code), ")"] for code, label in first]
    )
    if len(first) == len(heard):  # most widely of all that were heard is none
        return Text(
            sentence("{opening}, what was heard was {codes}. ", opening=opening, codes=named)
        )
    return Text(
        nsentence(
            "{opening}, most widely heard was {codes}. ",
            "{opening}, most widely heard were {codes}. ",
            len(first),
            opening=opening,
            codes=named,
        )
    )


def most(entries: Sequence[Entry], counts: Sequence[float], limit: int = MOST_HEARD) -> list[Entry]:
    """The first few of entries that are sorted by their counts, none level with one left out.

    At most ``limit``; where that would leave nobody, all that are level with the first.
    """
    if len(entries) <= limit:
        return list(entries)
    first = [entry for entry, n in zip(entries, counts, strict=True) if n > counts[limit]]
    level = [entry for entry, n in zip(entries, counts, strict=True) if n == counts[limit]]
    return first or level


def level_in_words(rows: Sequence[dict[str, Any]]) -> tuple[str, Part] | None:
    """How many codes have the same words, and the words, where these are too many to be named."""
    if len(rows) <= MOST_HEARD or rows[0]["release"] != BANDED:
        return None
    return count_words.number_word(len(rows)), part(rows[0], 0)


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
            return page.rows[COHORT, ".".join(parts)]["release"] not in (RELEASED, BANDED)
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
        cells: list[Cell] = [escaped(label), count_words.share(page, name), count_words.of(row)]
        rows.append([*cells, _out_of(page, name, "schools")] if schools else cells)
    return table(
        [
            heading,
            gettext("In words"),
            gettext("People"),
            *([gettext("Schools")] if schools else []),
        ],
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
            found = [count_words.count_row(page, name, "people", who.group) for who in columns]
            rows.append([*words, *_cells(found)])
    first, width = (
        ([gettext("Theme")], [46])
        if text_columns == 1
        else ([gettext("Theme"), gettext("Code")], [24, 40])
    )
    rows = alike(rows, text_columns)
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
        gettext(NOBODY)
        if row is None
        else part(row, 0)
        if row["release"] == BANDED
        else count_words.of(row)
        for row in found
    ]


def alike(rows: list[list[Cell]], text_columns: int) -> list[list[Cell]]:
    """Where counts stand in words throughout, nobody does as well: it would be a number."""
    cells = [cell for row in rows for cell in row[text_columns:]]
    words = {cell.text for cell in cells if isinstance(cell, Part)}
    if not words & {LESS_THAN_HALF, HALF_OR_MORE}:
        return rows
    return [
        [
            *row[:text_columns],
            *(gettext(LESS_THAN_HALF) if c == gettext(NOBODY) else c for c in row[text_columns:]),
        ]
        for row in rows
    ]


def _most_first(page: Page, listed: list[tuple[str, str]]) -> list[tuple[str, str]]:
    def key(entry: tuple[str, str]) -> tuple[float, float, str]:
        people, schools = (_value(page, entry[0], s) for s in ("people", "schools"))
        return (-people, -schools, entry[0])

    return sorted(listed, key=key)


def _value(page: Page, name: str, statistic: str) -> float:
    row = count_words.count_row(page, name, statistic)
    return count_words.size(row) if row else -1.0


def _out_of(page: Page, name: str, statistic: str) -> Cell:
    row = count_words.count_row(page, name, statistic)
    return count_words.of(row) if row else gettext(NOBODY)


# --- across sources ------------------------------------------------------------------------


def who(page: Page, code: str) -> list[Piece]:
    """Who is heard on a code, in whichever sources it has: interviewees, facilitators, groups.

    Those who wrote of it are named where nobody else is heard.
    """
    found: list[list[Piece]] = []
    if count_words.count_row(page, code, "people"):
        found.append(count_words.said(page, code))
    for body in apart(page):
        if row := count_words.count_row(page, code, "people", body.group):
            found.append(
                sentence(
                    N_("{number} of the {people} interviewed")
                    if row["release"] == BANDED
                    else N_("{number} {people} interviewed"),
                    number=count_words.of(row),
                    people=escaped(inside(body.label)),
                )
            )
    answer = page.facilitators.get(code)
    if answer:
        found.append(
            sentence(
                N_("{number} of the facilitators surveyed")
                if answer["release"] == BANDED
                else N_("{number} facilitators surveyed"),
                number=count_words.of(answer),
            )
        )
    groups = page.texts_of("group")
    for group in dict.fromkeys(groups.loc[groups["key"].str.endswith(f"|{code}"), "section"]):
        found.append([inside(names.group_label(page, str(group)))])
    if not found:
        found = [
            sentence(
                "{number} who wrote on {aspect}", number=count_words.of(row), aspect=inside(label)
            )
            for label, row in _wrote(page, code)
        ]
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
        return [gettext(NOT_ASKED)]
    return [WITHHELD.replace("[", r"\[").replace("]", r"\]") if hidden(page) else gettext("nobody")]


def _wrote(page: Page, code: str) -> list[tuple[str, dict[str, Any]]]:
    """The aspects on which most wrote of a code, and how many: at most one."""
    wave = page.study.followup
    found = []
    for aspect, label in aspects(page).items():
        at = ("open_answers", "perceived_change", "codes", f"{aspect}-{slug(code)}", wave)
        row = page.values(ALL, *at, "count")
        if row is not None and row["value"] > 0:
            found.append((escaped(label), row))
    return sorted(found, key=lambda entry: -entry[1]["value"])[:1]


def aspects(page: Page) -> dict[str, str]:
    """The aspects of the open questions, by id."""
    ids = [] if page.is_school else page.ids_of("open_answers", "perceived_change", "codes")
    return names.listed(page, "aspects", found=[parts[3].split("-")[0] for parts in ids])


def enabling(page: Page) -> Table | None:
    """Enabling factors by whom they concern."""
    return by_level(
        page, ENABLING, (), gettext("Factor"), gettext("Enabling factors, by whom they concern")
    )


def constraints(page: Page) -> Table | None:
    """Constraints and risks by whom they concern."""
    said = gettext("Constraints and risks, by whom they concern")
    return by_level(page, CONSTRAINING, (), gettext("Constraint"), said)


def by_level(
    page: Page, kinds: Sequence[str], levels: Sequence[str], heading: str, said: str
) -> Table | None:
    """Codes of some kinds, with the levels they concern and who is heard on them.

    ``levels`` are columns, in their order; none: all that these codes concern.
    """
    found = names.codes(page)
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
        marks: list[Cell] = [gettext("yes") if level in own else "–" for level in columns]
        rows.append([escaped(str(code.label)), *marks, heard])
    return table(
        [
            heading,
            *(escaped(named.get(each, tidy(each))) for each in columns),
            gettext("Who spoke of it"),
        ],
        rows,
        widths=[34, *(10,) * len(columns), 36],
        caption=said,
        text_columns=2 + len(columns),
        note=gettext("A factor can concern more than one level.")
        + (
            " "
            + gettext("Groups speak as one: there is no count of how many in a group said a thing.")
            if not page.texts_of("group").empty
            else ""
        ),
    )


def impact(page: Page) -> Table | None:
    """Impact by stakeholder: what people say has changed, and for whom."""
    found = names.codes(page)
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
            rows.append([escaped(label), gettext(words), cell])
    if not rows:
        return None
    return table(
        [gettext("For whom"), gettext("Kind"), gettext("What was heard")],
        rows,
        widths=[16, 16, 68],
        caption=gettext("Impact by stakeholder, as people see it"),
        text_columns=3,
        note=gettext(
            "As {people} see it, of themselves and of others. At most {number} of a kind, those "
            "first that most interviewees spoke of.",
            people=_heard_from(page),
            number=count_words.number_word(MOST_HEARD),
        ),
    )


def _each(levels: Any) -> list[str]:
    """A code's levels: a list, one word, or none."""
    return [levels] if isinstance(levels, str) else [str(level) for level in levels or ()]


def _levels(found: Iterable[Any]) -> list[str]:
    return [slug(level) for levels in found for level in _each(levels)]


def _heard_from(page: Page) -> str:
    """Whose voices there are, as the subject of a sentence."""
    known = names.collected(page)
    words = [gettext("interviewees")] if "segments" in known else []
    words += [gettext("facilitators")] if "facilitator_survey" in known else []
    words += [gettext("groups")] if "focus_groups" in known else []
    words += [gettext("those who wrote")] if "open_answers" in known and not words else []
    return listed(words)


def school_map(page: Page, kinds: Sequence[str] = ("change", "impact")) -> Table | None:
    """In how many schools each change and impact was heard, by theme; no school is named."""
    found = names.codes(page)
    found = found[found["kind"].isin(kinds)]
    rows: list[list[Cell]] = []
    heard = {
        str(code): row
        for code in found["id"]
        if (row := count_words.count_row(page, str(code), "schools"))
    }
    counts = {code: int(count_words.size(row)) for code, row in heard.items()}
    columns = sorted(set(counts.values()), reverse=True)
    for theme in found["theme"].drop_duplicates():
        of_theme = found[found["theme"] == theme]
        at: dict[int, list[str]] = {}
        for code in of_theme.itertuples():
            if str(code.id) in counts:
                at.setdefault(counts[str(code.id)], []).append(escaped(str(code.label)))
        if at:
            cells: list[Cell] = ["; ".join(at.get(n, [])) or "–" for n in columns]
            rows.append([escaped(str(of_theme["theme_label"].iloc[0])), *cells])
    # Words for few have no number, and stand last.
    headings = [
        ngettext("In {number} school", "In {number} schools", n, number=count_words.number_word(n))
        if n
        else gettext("In {number} schools", number=gettext(ONE_OR_TWO))
        for n in columns
    ]
    return table(
        [gettext("Theme"), *headings],
        rows,
        widths=[18, *(100 // max(len(columns), 1),) * len(columns)],
        caption=gettext("Changes and impacts by the number of schools they were heard in"),
        text_columns=1 + len(columns),
    )
