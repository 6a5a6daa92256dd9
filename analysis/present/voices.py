"""Voices beside the counts: those interviewed apart, facilitators, groups, open answers, quotations.

What has nothing to show is nothing (``None``).
"""

from __future__ import annotations

import math
from typing import Any

from analysis.disclosure import BANDED, RELEASED
from analysis.disclosure.shares import LESS_THAN_HALF, NONE_OR_FEW
from analysis.language import N_, gettext, listed_pieces, nsentence, sentence
from analysis.present import codebook as names
from analysis.present import count_words, qualitative
from analysis.present.count_words import Piece
from analysis.present.page import Compared, Page
from analysis.present.qualitative import (
    ALL,
    BY_TIME,
    alike,
    aspects,
    at_times,
    each_time,
    level_in_words,
    most,
    theme_key,
    themes_of,
)
from analysis.present.sentences import upper
from analysis.present.shown import Cell, Each, Table, Text, each, escaped, table, text
from analysis.qualitative.interviewed import EVER
from analysis.words import inside, slug


def apart(page: Page) -> Each | None:
    """What each group kept apart spoke of: people per code, over all and at each time."""
    return each({body.group: _apart(page, body) for body in qualitative.apart(page)})


def _apart(page: Page, body: Compared) -> Table | None:
    times = each_time(page, body.group)
    rows: list[list[Cell]] = []
    for code, label, row in _heard(page, body):
        cells = [escaped(label), count_words.of(row)]
        rows.append([*cells, *at_times(page, code, body.group, times)])
    rows = alike(rows, 1)
    return table(
        [gettext("Code"), gettext("People"), *times.values()],
        rows,
        [46, 14, *(16,) * len(times)],
        caption=gettext(
            N_("{group}: people per code and time of the interview")
            if times
            else N_("{group}: people per code"),
            group=escaped(body.label),
        ),
        note=gettext(BY_TIME) if times else "",
    )


def apart_said(page: Page) -> Each | None:
    """A sentence on each group kept apart: what most of them spoke of."""
    return each({body.group: _apart_said(page, body) for body in qualitative.apart(page)})


def _apart_said(page: Page, body: Compared) -> Text | None:
    heard = _heard(page, body)
    if not heard:
        return None
    first = most(heard, [count_words.size(row) for *_, row in heard])
    apart = gettext(
        "The {people} who were interviewed are counted by themselves, not among the interviewees "
        "of the other tables.",
        people=escaped(inside(body.label)),
    )
    if level := level_in_words([row for *_, row in first]):
        number, few = level
        heard_most = sentence(
            "{Number} codes were heard from {few} of them. ", Number=upper(number), few=few
        )
    else:
        named = listed_pieces(
            [[f"*{escaped(label)}* (", *count_words.of(row), ")"] for _, label, row in first]
        )
        heard_most = (
            sentence("What was heard from them was {codes}.", codes=named)
            if len(first) == len(heard)
            else nsentence(
                "Most widely heard from them was {codes}.",
                "Most widely heard from them were {codes}.",
                len(first),
                codes=named,
            )
        )
    return Text([apart, " ", *heard_most])


def apart_quotations(page: Page) -> Each | None:
    """Quotations of each group kept apart: those of the section named as the group is in ids."""
    return each({body.group: _quotations(page, body.group) for body in qualitative.apart(page)})


def _heard(page: Page, body: Compared) -> list[tuple[str, str, dict[str, Any]]]:
    """Codes that somebody of a group spoke of, most widely heard first: id, label and count."""
    found = [
        (str(code.id), str(code.label), row)
        for code in names.codes(page).itertuples()
        if (row := count_words.count_row(page, str(code.id), "people", body.group))
    ]
    return sorted(found, key=lambda entry: (-count_words.size(entry[2]), entry[0]))


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
    return text(_quoted_in(page, section))


def _quoted_in(page: Page, section: str) -> list[Piece]:
    chosen = page.texts_of("quotation")[page.texts_of("quotation")["section"] == section]
    return [piece for q in chosen.itertuples() for piece in quoted(page, q.text, q.attribution)]


def first_quotation(page: Page, theme: dict[str, Any]) -> Text | None:
    """The first of the quotations chosen for a theme."""
    return text(_quoted_in(page, str(theme.get("quotations") or theme["id"]))[:1])


def quoted(page: Page, text: object, attribution: object) -> list[Piece]:
    """One quotation; as long as the study's quotations are synthetic, it says so where it stands."""
    mark = " " + gettext("(synthetic quotation)") if synthetic(page, "quotations") else ""
    return [
        f"::: {{.quotation}}\n{escaped(str(text))}\n\n{escaped(str(attribution))}{mark}\n:::\n\n"
    ]


def synthetic(page: Page, table: str) -> bool:
    """Whether the rows of a table are made up: the study's file is one that SYNTHETIC lists."""
    pattern = page.study.file(table)
    files = page.study.folder.glob(pattern) if pattern else ()
    listed = page.study.synthetic_files
    return any(path.relative_to(page.study.folder).as_posix() in listed for path in files)


def facilitators(page: Page, *, closed: bool) -> Table | None:
    """Facilitators' answers: the closed questions, or the open ones as they were coded."""
    rows: list[list[Cell]] = []
    in_words = False
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
            in_words |= row["release"] == BANDED
            rows.append([escaped(question["label"]), escaped(option["label"]), count_words.of(row)])
    return table(
        [
            gettext("Question"),
            gettext("Answer") if closed else gettext("Answer, as coded"),
            gettext("Facilitators"),
        ],
        rows,
        widths=[32, 48, 14],
        caption=gettext(
            N_("Facilitators' answers to the closed questions")
            if closed
            else N_("Facilitators' answers to the open questions, as coded")
        ),
        text_columns=2,
        note=" ".join(
            [
                gettext(
                    N_("In words, of all facilitators who answered the survey.")
                    if in_words
                    else N_("Counts, of all facilitators who answered the survey.")
                ),
                *([] if closed else [gettext("People could be coded under several answers.")]),
            ]
        ),
    )


def _by_count(entry: tuple[Any, dict[str, Any] | None]) -> float:
    """The most first; what is in words without the size that the words do not say."""
    row = entry[1]
    if row is None or row.get("band") in (LESS_THAN_HALF, NONE_OR_FEW):
        return 0.0
    return -math.inf if row["release"] == BANDED else -float(row["value"])


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
        [gettext("Group"), gettext("Took part"), gettext("Themes"), gettext("Codes")],
        rows,
        widths=[40, 12, 12, 12],
        caption=gettext("Group discussions"),
    )


def group_ids(page: Page) -> list[str]:
    """The groups with released summaries, in the codebook's order."""
    found = list(dict.fromkeys(map(str, page.texts_of("group")["section"])))
    order = list(names.listed(page, "groups", found=map(slug, found)))
    return sorted(found, key=lambda name: order.index(slug(name)))


def group_summaries(page: Page) -> Each | None:
    """What each group discussed, theme by theme, in the evaluators' words."""
    return each({slug(name): _group_summaries(page, name) for name in group_ids(page)})


def _group_summaries(page: Page, group: str) -> Table | None:
    labels = names.labels(page)
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
    mark = " " + gettext("(synthetic)") if synthetic(page, "focus_groups") else ""
    return table(
        [gettext("Theme"), gettext("Summary") + mark],
        rows,
        widths=[22, 78],
        caption=gettext("{group}: what was discussed", group=names.group_label(page, group)),
        text_columns=2,
    )


def open_answers(page: Page) -> Table | None:
    """What people wrote on what has changed: people by code, for each aspect."""
    labels = names.labels(page)
    wave = page.study.followup
    rows: list[list[Cell]] = []
    for aspect, of_aspect in aspects(page).items():
        for code, label in labels.items():
            measure = f"{aspect}-{slug(code)}"
            at = ("open_answers", "perceived_change", "codes", measure, wave)
            row = page.row(ALL, *at, "count")
            if row is None:
                continue
            count: Cell = page.number(ALL, *at, "count", decimals=0)
            if row["release"] == RELEASED:
                count = count_words.of(row)
            rows.append(
                [
                    escaped(of_aspect),
                    escaped(label),
                    count,
                    page.number(ALL, *at, "percent", decimals=0),
                ]
            )
    return table(
        [
            gettext("Aspect"),
            gettext("What people wrote of"),
            gettext("People"),
            gettext("% of those who wrote"),
        ],
        rows,
        widths=[28, 44, 12, 14],
        caption=gettext("What people wrote on what has changed, as coded"),
        text_columns=2,
        note=gettext(
            "Of those who wrote anything on the aspect, over all schools; whoever "
            "wrote is not a sample of those asked. The words themselves are not kept."
        ),
    )
