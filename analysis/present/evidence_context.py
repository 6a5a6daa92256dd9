"""What others found, set beside what this study's schools planned and how they rated themselves.

What is said stands in the study's file (:mod:`analysis.prepare.evidence_context`), and so does which
aims, areas, conditions and cycles go with it. A study without that file shows nothing (``None``). How
many plans have an aim is the ledger's to say; where that is withheld, neither that plans take
something up is said nor that none does.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from analysis.disclosure import RELEASED
from analysis.language import gettext, listed, ngettext
from analysis.present import codebook as names
from analysis.present import count_words, plans, school_audit, value_creation
from analysis.present.count_words import Piece
from analysis.present.page import Page
from analysis.present.shown import WITHHELD, Cell, Table, Text, escaped, table, text
from analysis.qualitative.plans import FIRST
from analysis.results import COHORT, result_id
from analysis.strands import RATINGS
from analysis.words import inside, slug

#: What asks for work most, in a school's own rating.
WORST = RATINGS[-1]


def beside_plans(page: Page) -> Table | None:
    """What each source names, with the aims of plans and the areas of the audit that go with it."""
    rows: list[list[Cell]] = []
    areas = school_audit.labels(page)
    for source, entry in _entries(page):
        cell: list[Piece] = []
        for aim, label in _labelled(entry["aims"], names.labels(page)):
            row = plans.row_of(page, "aims", slug(aim), FIRST, "plans")
            if row is not None:
                cell += ["; " if cell else "", label, " (", *count_words.of(row), ")"]
        if _hidden(page, entry):
            cell = [WITHHELD]
        rows.append(
            [
                escaped(source["label"]),
                f"**{escaped(entry['label'])}.** {escaped(entry['text'])}",
                cell or "–",
                _joined(label for _, label in _labelled(entry["areas"], areas)),
            ]
        )
    return table(
        [
            gettext("Named by"),
            gettext("What it is"),
            gettext("Aims of plans, and how many have them"),
            gettext("Areas of the audit"),
        ],
        rows,
        widths=[13, 42, 27, 18],
        caption=gettext("What others found, beside plans and audit"),
        look=gettext("Look for rows without an aim: what no plan takes up."),
        text_columns=4,
        note=_read(page)
        + gettext("Which aims and areas go with what is the evaluators' judgement."),
    )


def beside_value(page: Page) -> Table | None:
    """The same entries, with the conditions, risks and value cycles that they bear on."""
    conditions = {
        str(each["id"]): str(each["label"]) for _, each in plans.conditions_and_risks(page)
    }
    cycles = {
        str(each["id"]): value_creation.bare_label(each) for each in value_creation.cycles_of(page)
    }
    rows: list[list[Cell]] = []
    for source, entry in _entries(page):
        here = [*_labelled(entry["conditions"], conditions), *_labelled(entry["cycles"], cycles)]
        best = value_creation.most_heard(page, entry["codes"])
        if not here and not best:
            continue
        heard: list[Piece] = []
        for code, label in best:
            heard += [escaped(label), " (", *count_words.people(page, code), ")"]
        rows.append(
            [
                escaped(source["label"]),
                escaped(entry["label"]),
                _joined(label for _, label in _labelled(entry["conditions"], conditions)),
                _joined(label for _, label in _labelled(entry["cycles"], cycles)),
                heard or "–",
            ]
        )
    return table(
        [
            gettext("Named by"),
            gettext("What it is"),
            gettext("Conditions and risks"),
            gettext("Value cycles"),
            gettext("Most widely heard"),
        ],
        rows,
        widths=[13, 22, 29, 15, 21],
        caption=gettext("What others found, beside readiness and value"),
        look=gettext(
            "Read across: what has to be in place for it, and which value it would bring."
        ),
        text_columns=5,
    )


def said(page: Page) -> Text | None:
    """For each list that aims go with: what of it plans take up, and what no plan's aim goes with.

    Nothing where how many plans have an aim is withheld.
    """
    pieces: list[Piece] = []
    for of, source in _lists(page):
        if any(_hidden(page, entry) for entry in of["entries"]):
            continue
        without = [
            entry
            for entry in of["entries"]
            if not any(
                plans.row_of(page, "aims", slug(aim), FIRST, "plans") for aim in entry["aims"]
            )
        ]
        if len(without) == len(of["entries"]):
            continue
        where = {"list": escaped(inside(of["label"])), "source": escaped(source["label"])}
        if without:
            pieces.append(
                gettext(
                    "Of the {list} ({source}), aims of plans go with all but these: {entries}.",
                    entries=listed([_name(entry) for entry in without]),
                    **where,
                )
                + " "
            )
        else:
            pieces.append(
                gettext("Aims of plans go with each of the {list} ({source}).", **where) + " "
            )
    return text(pieces)


def reviews(page: Page) -> Table | None:
    """The study's own table of what other evaluations found, as it is."""
    rows: list[list[Cell]] = [
        [escaped(str(cell)) or "–" for cell in (row.key, row.section, row.text, row.attribution)]
        for row in page.texts_of("review").itertuples()
    ]
    return table(
        [gettext("Study"), gettext("Outcome"), gettext("Finding"), gettext("Source")],
        rows,
        widths=[20, 20, 36, 24],
        caption=gettext("What other evaluations found"),
        look=gettext("These are others' results, as their sources give them."),
        text_columns=4,
        note=gettext("Copied by the evaluators from the sources named; nothing here was computed."),
    )


def own(page: Page) -> Table | None:
    """What others name, beside a school's own aims and ratings; nothing in the programme's report."""
    aims, ratings = _own_aims(page), school_audit.own_ratings(page)
    if not page.is_school or not (aims or ratings):
        return None
    areas = school_audit.labels(page)
    rows: list[list[Cell]] = []
    for source, entry in _entries(page):
        rated = [
            gettext(
                "{area}: {rating}",
                area=label,
                rating=gettext(school_audit.RATING_WORDS[ratings[slug(area)]]).lower(),
            )
            for area, label in _labelled(entry["areas"], areas)
            if slug(area) in ratings
        ]
        taken = [escaped(aims[aim]) for aim in entry["aims"] if aim in aims]
        if not entry["aims"] and not rated:
            continue
        row: list[Cell] = [escaped(source["label"]), escaped(entry["label"])]
        rows.append(
            [*row, *([_joined(taken)] if aims else []), *([_joined(rated)] if ratings else [])]
        )
    return table(
        [
            gettext("Named by"),
            gettext("What it is"),
            *([gettext("Aims of this school")] if aims else []),
            *([gettext("How the school rated itself")] if ratings else []),
        ],
        rows,
        widths=[13, 29, *([30] if aims else []), *([28] if ratings else [])],
        caption=gettext("What others found, beside this school's plan and audit"),
        text_columns=2 + bool(aims) + bool(ratings),
        note=_read(page)
        + gettext(
            "Which aims and areas go with what is the evaluators' judgement. No school has to take up all of it."
        ),
    )


def own_said(page: Page) -> Text | None:
    """In a school's report: what of each list its aims take up, and what of the rest asks for work."""
    aims, ratings = _own_aims(page), school_audit.own_ratings(page)
    if not page.is_school or not (aims or ratings):
        return None
    pieces: list[Piece] = []
    for of, source in _lists(page):
        entries = of["entries"]
        if not any(entry["aims"] for entry in entries):
            continue
        with_aim = [entry for entry in entries if set(entry["aims"]) & aims.keys()]
        without = [entry for entry in entries if entry not in with_aim]
        asking = [
            entry
            for entry in without
            if any(ratings.get(slug(area)) == WORST for area in entry["areas"])
        ]
        lines = [
            (gettext("Aims of the plan go with"), with_aim),
            (gettext("No aim goes with"), without if aims else []),
            (
                gettext("Of these, the school rated as needing improvement")
                if aims
                else gettext("Rated by the school as needing improvement"),
                asking,
            ),
        ]
        # Each a sentence of its own: a long list is hard to read.
        told = [
            f"- **{words}:** {'. '.join(escaped(entry['label']) for entry in found)}.\n"
            for words, found in lines
            if found
        ]
        if told:
            begin = gettext(
                "Beside the {list} ({source}):",
                list=escaped(inside(of["label"])),
                source=escaped(source["label"]),
            )
            pieces += [f"{begin}\n\n", *told, "\n"]
    return text(pieces)


def _hidden(page: Page, entry: dict[str, Any]) -> bool:
    """Whether it is withheld how many plans there are, or have one of the aims of an entry.

    Which aims are in none of too few plans is withheld as well.
    """
    counted = [("plans", "all"), *(("aims", slug(aim)) for aim in entry["aims"])]
    ids = [
        result_id("action_plans", "plans", analysis, measure, FIRST, "all", "plans")
        for analysis, measure in counted
        if entry["aims"]
    ]
    rows = [page.rows[COHORT, each] for each in ids if (COHORT, each) in page.rows]
    return any(row["release"] != RELEASED for row in rows)


def _own_aims(page: Page) -> dict[str, str]:
    """The aims of a school's own plan, by their codes: what the codebook calls them."""
    labels = names.labels(page)
    own = page.texts_of("plan")["key"] if page.is_school else ()
    return {str(code): labels.get(str(code), str(code)) for code in own}


def _lists(page: Page) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Each list of the study's file with its source."""
    document = page.documents.get("evidence_context") or {}
    sources = {each["id"]: each for each in document.get("sources", ())}
    return [(of, sources[of["source"]]) for of in document.get("lists", ())]


def _entries(page: Page) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Every entry with its source."""
    return [(source, entry) for of, source in _lists(page) for entry in of["entries"]]


def _labelled(ids: Sequence[str], labels: dict[str, str]) -> list[tuple[str, str]]:
    """Ids with their labels, as Markdown; those of the page's labels that are written as in ids."""
    return [(each, escaped(labels.get(each) or labels.get(slug(each), each))) for each in ids]


def _name(entry: dict[str, Any]) -> str:
    """An entry's name inside a sentence."""
    return escaped(inside(entry["label"]))


def _joined(labels: Iterable[str]) -> str:
    return "; ".join(labels) or "–"


def _read(page: Page) -> str:
    """The sources that entries are from, each with how it is referred to."""
    used = {source["id"]: source for _, source in _lists(page)}
    told = []
    for source in used.values():
        told.append(f"{escaped(source['label'])}: {escaped(source['reference'].rstrip('.'))}")
    return (
        ngettext("Source: {sources}.", "Sources: {sources}.", len(told), sources="; ".join(told))
        + " "
    )
