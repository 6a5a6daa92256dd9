"""Interviews, groups and open answers: tables and sentences of people and schools.

People are counted, never mentions, with the base beside them; by role or over schools, never
by role and school together. The words follow the counts by the rule in :mod:`.count_words`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from analysis.disclosure import RELEASED
from analysis.present import count_words
from analysis.present.count_words import Piece
from analysis.present.page import Compared, Page, part
from analysis.present.shown import Cell, Each, Table, Text, each, escaped, table, text
from analysis.results import COHORT, result_id
from analysis.words import inside, slug

ALL = Compared("All", COHORT, "all")
ROLES = {"leader": "Leaders", "teacher": "Teachers", "non_teacher": "Non-teaching staff"}
LEVELS = {
    "pupil": "Pupils",
    "staff": "Individual staff",
    "school": "School",
    "local_authority": "Local authority",
    "parent_carer": "Parents and carers",
}
GROUPS = {
    "facilitators": "Facilitators' group",
    "steering_group": "Steering group",
    "pupil_audit": "Pupil audit",
}
#: How ids of codes that share a passage begin.
TOGETHER = ("interviews", "themes", "together_passages")
#: Fewest codes named as most widely heard.
MOST_HEARD = 3


def codebook(page: Page) -> pd.DataFrame:
    """The codes that interviews and groups are coded with (no auxiliary lists)."""
    if "codebook" not in page.documents:
        return pd.DataFrame(columns=["id", "label", "theme", "theme_label", "kind", "level"])
    themes = page.documents["codebook"]["themes"]
    auxiliary = {theme["id"] for theme in themes if theme.get("auxiliary")}
    codes = page.codes
    return codes[~codes["theme"].isin(auxiliary)]


def label_of(page: Page) -> dict[str, str]:
    """Label of every code id."""
    if "codebook" not in page.documents:
        return {}
    codes = page.codes
    return dict(zip(codes["id"].astype("str"), codes["label"].astype("str"), strict=True))


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
    entries = codebook(page)[["theme", "theme_label"]].drop_duplicates()
    listed = [(str(name), str(label)) for name, label in entries.itertuples(index=False)]
    return _counted(page, "Theme", listed, "Themes: people and schools", note=count_words.RULE)


def codes(page: Page) -> Each | None:
    """People and schools per code, most widely heard first, theme by theme."""
    return each({theme_key(theme): _codes(page, theme) for theme in themes_of(page)})


def _codes(page: Page, theme: dict[str, Any]) -> Table | None:
    said = f"{escaped(str(theme['label']))}: people and schools per code"
    return _counted(page, "Code", _most_first(page, _codes_of(page, theme)), said)


def _codes_of(page: Page, theme: dict[str, Any]) -> list[tuple[str, str]]:
    found = codebook(page)
    found = found[found["theme"] == theme["id"]]
    return [(str(code.id), str(code.label)) for code in found.itertuples()]


def themes_by_role(page: Page) -> Table | None:
    """People per theme and role. By role or by school, never both."""
    entries = codebook(page)[["theme", "theme_label"]].drop_duplicates()
    listed = [(str(a), str(b)) for a, b in entries.itertuples(index=False)]
    rows = _by_role(page, listed)
    widths = [46, 11, 11, 18]
    return table(["Theme", *ROLES.values()], rows, widths, caption="Themes: people by role")


def codes_by_role(page: Page) -> Table | None:
    """People per code and role, theme by theme. By role or by school, never both."""
    rows: list[list[Cell]] = []
    for label, of_theme in codebook(page).groupby("theme_label", sort=False):
        listed = [(str(code.id), str(code.label)) for code in of_theme.itertuples()]
        of_roles = _by_role(page, _most_first(page, listed))
        rows += [[escaped(str(label)), *row] for row in of_roles]
    return table(
        ["Theme", "Code", *ROLES.values()],
        rows,
        widths=[24, 40, 11, 11, 18],
        caption="Every code: people by role",
        text_columns=2,
    )


def leads(page: Page) -> Each | None:
    """A sentence on each theme: how many spoke of it, and of which codes most.

    It opens with the theme's ``opening`` in the codebook, or with its label.
    """
    return each({theme_key(theme): _lead(page, theme) for theme in themes_of(page)})


def _lead(page: Page, theme: dict[str, Any]) -> Text | None:
    opening = escaped(str(theme.get("opening") or f"Of {inside(str(theme['label']))}"))
    listed = _most_first(page, _codes_of(page, theme))
    heard = [entry for entry in listed if count_words.count_row(page, entry[0], "people")]
    if not heard:
        return None
    pieces: list[Piece] = [f"{opening}, most widely heard was "]
    for place, (code, label) in enumerate(heard[:MOST_HEARD]):
        if place:
            pieces.append(" and " if place == len(heard[:MOST_HEARD]) - 1 else ", ")
        pieces += [f"*{escaped(label)}* (", *count_words.said(page, code), ")"]
    pieces.append(". ")
    theirs = [
        (code, label) for code, label in heard[MOST_HEARD:] if _value(page, code, "schools") == 1
    ]
    if theirs:
        names = [f"*{escaped(label)}*" for _, label in theirs[:3]]
        words = names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]
        pieces.append(f"Heard in one school only: {words}. ")
    return Text(pieces)


def _counted(
    page: Page, heading: str, listed: list[tuple[str, str]], said: str, note: str = ""
) -> Table | None:
    rows: list[list[Cell]] = []
    for name, label in listed:
        row = count_words.count_row(page, name, "people")
        if row is None:
            continue
        rows.append(
            [
                escaped(label),
                count_words.share(page, name),
                [part(row, 0), " of ", part(row, 0, "denominator")],
                _out_of(page, name, "schools"),
            ]
        )
    return table(
        [heading, "In words", "People", "Schools"],
        rows,
        widths=[44, 30, 11, 10],
        caption=said,
        text_columns=2,
        note=note,
    )


def _by_role(page: Page, listed: list[tuple[str, str]]) -> list[list[Cell]]:
    rows: list[list[Cell]] = []
    for name, label in listed:
        if count_words.count_row(page, name, "people") is None:
            continue
        row: list[Cell] = [escaped(label)]
        for role in ROLES:
            found = count_words.count_row(page, name, "people", role)
            none = "none"
            row.append([part(found, 0), " of ", part(found, 0, "denominator")] if found else none)
        rows.append(row)
    return rows


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
    if row is None:
        return "none"
    return [part(row, 0), " of ", part(row, 0, "denominator")]


# --- across sources ------------------------------------------------------------------------


def who(page: Page, code: str) -> list[Piece]:
    """Who is heard on a code, in whichever sources it has: staff, facilitators, groups."""
    found: list[list[Piece]] = []
    if count_words.count_row(page, code, "people"):
        found.append(count_words.said(page, code))
    answer = page.facilitators.get(code)
    if answer:
        found.append([part(answer, 0), " of ", part(answer, 0, "denominator"), " facilitators"])
    groups = page.texts_of("group")
    for group in dict.fromkeys(groups.loc[groups["key"].str.endswith(f"|{code}"), "section"]):
        found.append([group_label(str(group)).lower()])
    pieces: list[Piece] = []
    for place, entry in enumerate(found):
        pieces += ["; ", *entry] if place else entry
    return pieces


def enabling(page: Page) -> Table | None:
    """Enabling factors by whom they concern (individual staff, school, local authority)."""
    levels = ("staff", "school", "local_authority")
    return by_level(page, ("enabling",), levels, "Factor", "Enabling factors, by whom they concern")


def constraints(page: Page) -> Table | None:
    """Constraints and risks by whom they concern."""
    levels = ("staff", "school", "local_authority")
    said = "Constraints and risks, by whom they concern"
    return by_level(page, ("constraining",), levels, "Constraint", said)


def by_level(
    page: Page, kinds: Sequence[str], levels: Sequence[str], heading: str, said: str
) -> Table | None:
    """Codes of some kinds, with the levels they concern and who is heard on them."""
    found = codebook(page)
    found = found[found["kind"].isin(kinds)]
    order = [name for name, _ in _most_first(page, [(str(c), "") for c in found["id"]])]
    by_id: dict[str, Any] = {str(code.id): code for code in found.itertuples()}
    rows: list[list[Cell]] = []
    for name in order:
        code = by_id[name]
        heard = who(page, name)
        if not heard:
            continue
        marks: list[Cell] = ["yes" if level in list(code.level) else "–" for level in levels]
        rows.append([escaped(str(code.label)), *marks, heard])
    return table(
        [heading, *(LEVELS[level] for level in levels), "Who spoke of it"],
        rows,
        widths=[34, *(10,) * len(levels), 36],
        caption=said,
        text_columns=2 + len(levels),
        note="A factor can concern more than one level. Groups speak as one: there is no count "
        "of how many in a group said a thing.",
    )


def impact(page: Page) -> Table | None:
    """Impact by stakeholder: what people say has changed, and for whom."""
    found = codebook(page)
    found = found[found["kind"].isin(("impact", "change"))]
    rows: list[list[Cell]] = []
    for level, label in LEVELS.items():
        of_level = found[found["level"].map(lambda levels, name=level: name in levels)]
        for kind, words in (("impact", "What is different"), ("change", "What was done")):
            listed = [
                (str(c.id), str(c.label)) for c in of_level[of_level["kind"] == kind].itertuples()
            ]
            heard = [e for e in _most_first(page, listed) if who(page, e[0])]
            if not heard:
                continue
            cell: list[Piece] = []
            for place, (code, name) in enumerate(heard[:MOST_HEARD]):
                cell += ["; " if place else "", f"*{escaped(name)}*: ", *who(page, code)]
            rows.append([label, words, cell])
    return table(
        ["For whom", "Kind", "Most widely heard"],
        rows,
        widths=[16, 16, 68],
        caption="Impact by stakeholder, as staff and others see it",
        text_columns=3,
        note="As staff, facilitators and groups see it; families did not speak for themselves.",
    )


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
    entries = codebook(page)[["theme", "theme_label"]].drop_duplicates()
    listed = [
        (str(t), str(label))
        for t, label in entries.itertuples(index=False)
        if count_words.count_row(page, str(t), "people")
    ]
    rows: list[list[Cell]] = []
    for name, label in listed:
        row: list[Cell] = [escaped(f"{label} ({name})")]
        for other, _ in listed:
            if other == name:
                row.append(page.number(ALL, *_theme(name), "people", decimals=0))
                continue
            pair = "--".join(slug(each) for each in sorted((name, other)))
            at = ("interviews", "themes", "together_themes", pair, "during")
            row.append(page.number(ALL, *at, "people", decimals=0))
        rows.append(row)
    return table(
        ["Theme", *(name for name, _ in listed)],
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
            names = [escaped(labels[code]) for code in str(row["measure"]).split("--")]
            people: Cell = [part(row, 0), " of ", part(row, 0, "denominator")]
            found.append((-row["value"], [*names, people]))
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
        at = ("interviews", "themes", "saturation", f"after_{k:02d}", "during", "all", "codes")
        row = page.rows.get((COHORT, result_id(*at)))
        if row is None:
            break
        if row["release"] == RELEASED:
            found.append((k, row))
    return found


def _theme(name: str) -> tuple[str, ...]:
    return ("interviews", "themes", "count", slug(name), "during")


# --- how it was coded ----------------------------------------------------------------------


def coders(page: Page) -> Table | None:
    """How far two coders agreed, over all and by theme."""
    entries = codebook(page)[["theme", "theme_label"]].drop_duplicates()
    listed = [("all", "All themes"), *entries.itertuples(index=False, name=None)]
    rows: list[list[Cell]] = []
    for name, label in listed:
        at = ("interviews", "coders", "agreement", slug(str(name)), "during")
        if page.row(ALL, *at, "kappa") is None:
            continue
        rows.append(
            [
                escaped(str(label)),
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
        "read; intervals by bootstrap over interviews, rough with so few.",
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
        at = ("interviews", "themes", "check", measure, "during", "count")
        if page.row(ALL, *at) is None:
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
    by the theme's own id.
    """
    return each(
        {
            theme_key(theme): _quotations(page, str(theme.get("quotations", theme["id"])))
            for theme in themes_of(page)
        }
    )


def _quotations(page: Page, section: str) -> Text | None:
    chosen = page.texts_of("quotation")[page.texts_of("quotation")["section"] == section]
    return text([piece for q in chosen.itertuples() for piece in quoted(q.text, q.attribution)])


def quoted(text: object, attribution: object) -> list[Piece]:
    """One quotation, marked as synthetic where it stands."""
    return [
        "::: {.quotation}\n"
        f"{escaped(str(text))}\n\n"
        f"{escaped(str(attribution))} (synthetic quotation)\n:::\n\n"
    ]


# --- facilitators, groups, open answers ----------------------------------------------------


def facilitators(page: Page, *, closed: bool) -> Table | None:
    """Facilitators' answers: the closed questions, or the open ones as they were coded."""
    rows: list[list[Cell]] = []
    for question in page.documents.get("facilitator_questions", {}).get("questions", []):
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
            rows.append(
                [
                    escaped(question["label"]),
                    escaped(option["label"]),
                    [part(row, 0), " of ", part(row, 0, "denominator")],
                ]
            )
    return table(
        ["Question", "Answer" if closed else "Answer, as coded", "Facilitators"],
        rows,
        widths=[32, 48, 14],
        caption=f"Facilitators' answers to the {'closed' if closed else 'open'} questions"
        + ("" if closed else ", as coded"),
        text_columns=2,
        note="They are few, so there are counts and no percentages."
        + ("" if closed else " People could be coded under several answers."),
    )


def _by_count(entry: tuple[Any, dict[str, Any] | None]) -> float:
    return -float(entry[1]["value"]) if entry[1] else 0.0


def groups(page: Page) -> Table | None:
    """The group discussions: who took part, how many themes and codes."""
    found = page.texts_of("group")["section"]
    rows: list[list[Cell]] = []
    for name in dict.fromkeys([*GROUPS, *map(str, found)]):
        at = ("interviews", "groups", "discussion", slug(name), "post")
        if page.row(ALL, *at, "participants") is None:
            continue
        numbers = [
            page.number(ALL, *at, statistic, decimals=0)
            for statistic in ("participants", "themes", "codes")
        ]
        rows.append([group_label(name), *numbers])
    return table(
        ["Group", "Took part", "Themes", "Codes"],
        rows,
        widths=[40, 12, 12, 12],
        caption="Group discussions",
    )


def group_label(name: str) -> str:
    """A group's name for readers."""
    return GROUPS.get(name, escaped(name.replace("_", " ").capitalize()))


def group_summaries(page: Page) -> Each | None:
    """What each group discussed, theme by theme, in the evaluators' words."""
    names = dict.fromkeys([*GROUPS, *map(str, page.texts_of("group")["section"])])
    return each({slug(name): _group_summaries(page, name) for name in names})


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
    return table(
        ["Theme", "Summary (synthetic)"],
        rows,
        widths=[22, 78],
        caption=f"{group_label(group)}: what was discussed",
        text_columns=2,
    )


def open_answers(page: Page) -> Table | None:
    """What staff wrote on what has changed: people by code, for each aspect."""
    labels = label_of(page)
    wave = page.study.followup
    rows: list[list[Cell]] = []
    for aspect in page.documents.get("codebook", {}).get("aspects", []):
        for code, label in labels.items():
            measure = f"{slug(aspect['id'])}-{slug(code)}"
            at = ("open_answers", "perceived_change", "codes", measure, wave)
            row = page.row(ALL, *at, "count")
            if row is None:
                continue
            count: Cell = page.number(ALL, *at, "count", decimals=0)
            if row["release"] == RELEASED:
                count = [part(row, 0), " of ", part(row, 0, "denominator")]
            rows.append(
                [
                    escaped(aspect["label"]),
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
        "a sample of staff. The words themselves are not kept.",
    )
