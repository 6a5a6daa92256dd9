"""Action plans as Plan, Do, Review; readiness.

What aims are coded to is named by the study's codebook: :mod:`.codebook`. Where there is no plan, no
checklist, or too few to be counted, there is nothing to show (``None``).
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from analysis.disclosure import RELEASED
from analysis.present import codebook as names
from analysis.present.count_words import Piece, in_words
from analysis.present.page import Compared, Page, part
from analysis.present.shown import Cell, Table, Text, escaped, table, text
from analysis.qualitative.plans import FIRST
from analysis.results import COHORT, result_id
from analysis.strands import PLAN_STATES, READINESS_STATES
from analysis.words import slug, tidy

ALL = Compared("All", COHORT, "all")
STATE_WORDS = {
    "planned": "planned",
    "started": "started",
    "in_place": "in place",
    "embedded": "embedded",
    "dropped": "dropped",
}
READY_WORDS = {
    "in_place": "in place",
    "partly": "partly",
    "not_yet": "not yet",
    "not_known": "not known",
}


def framework(page: Page) -> str:
    """What the aims of plans are coded to, for headings: the study's own word, or "Area"."""
    return escaped(names.label(page, "framework", "Area"))


def aims(page: Page) -> Table | None:
    """How many plans hold each aim, with the area of the study's framework it is coded to."""
    areas, coded = _areas(page), _framework(page)
    labels = {slug(code): label for code, label in names.labels(page).items()}
    ids = [parts[3] for parts in page.ids_of("action_plans", "plans", "aims")]
    rows: list[tuple[float, str, list[Cell]]] = []
    for aim in dict.fromkeys(ids):
        row = row_of(page, "aims", aim, FIRST, "plans")
        if row is None:
            continue
        cells: list[Cell] = [escaped(labels.get(aim, tidy(aim)))]
        if areas:
            cells.append(escaped(areas.get(coded.get(aim, ""), "–")))
        rows.append((-float(row["value"]), aim, [*cells, _of(row)]))
    rows.sort(key=lambda entry: entry[:2])
    return table(
        ["Aim", *([framework(page)] if areas else []), "Plans"],
        [cells for _, _, cells in rows],
        widths=[52, *([24] if areas else []), 12],
        caption="Aims of the action plans",
        text_columns=2 if areas else 1,
    )


def areas(page: Page) -> Table | None:
    """How many plans have an aim in each area of the study's framework."""
    rows: list[list[Cell]] = []
    for area, label in _areas(page).items():
        row = row_of(page, "areas", area, FIRST, "plans")
        if row is not None:
            rows.append([escaped(label), _of(row)])
    return table(
        ["Area", "Plans with an aim in it"], rows, [40, 24], caption="Action plans by area"
    )


def progress(page: Page) -> Table | None:
    """Aims by state at each review, and at each plan's latest review."""
    reviews = sorted(
        {parts[4] for parts in page.ids_of("action_plans", "plans", "states")},
        key=lambda wave: (wave == "latest", *_number(wave)),
    )
    if not reviews:
        return None
    rows: list[list[Cell]] = []
    for wave in reviews:
        words = "latest of each plan" if wave == "latest" else wave.replace("_", " ")
        cells: list[Cell] = [
            page.number(ALL, "action_plans", "plans", "states", state, wave, "aims", decimals=0)
            for state in (*PLAN_STATES, "any")
        ]
        rows.append([words.capitalize(), *cells])
    return table(
        ["Review", *(STATE_WORDS[s].capitalize() for s in PLAN_STATES), "All aims"],
        rows,
        widths=[26, 10, 10, 10, 12, 10, 10],
        caption="State of the aims at each review",
    )


def leads(page: Page) -> Table | None:
    """Who leads the aims, over all plans."""
    found = [
        (str(row["measure"]), row)
        for parts in page.ids_of("action_plans", "plans", "leads")
        if (row := page.rows[COHORT, ".".join(parts)])["release"] == RELEASED
    ]
    found.sort(key=lambda entry: (-entry[1]["value"], entry[0]))
    rows: list[list[Cell]] = [[escaped(tidy(name)), part(row, 0)] for name, row in found]
    return table(["Who leads", "Aims"], rows, [40, 12], caption="Who leads the aims")


def said(page: Page) -> Text | None:
    """Plans in a sentence: how many, how far they are, and what a second review showed."""
    plans = row_of(page, "plans", "all", FIRST, "plans")
    wave = latest_review(page)
    latest = wave == "latest"
    total = row_of(page, "states", "any", wave, "aims") if wave else None
    if plans is None or total is None:
        if not page.study.file("action_plans"):
            return None
        return Text(["Too few action plans were sent to be counted."])
    pieces: list[Piece] = [
        part(plans, 0), " schools sent an action plan, with ", part(total, 0), " aims in all. ",
    ]  # fmt: skip
    states = [(s, row_of(page, "states", s, wave, "aims")) for s in PLAN_STATES]
    known = [(s, row) for s, row in states if row is not None and row["value"] > 0]
    if known:
        pieces.append(f"At each plan's {'latest' if latest else 'first'} review ")
        for place, (state, row) in enumerate(known):
            joint = "" if not place else " and " if place == len(known) - 1 else ", "
            verb = ("was " if row["value"] == 1 else "were ") if not place else ""
            pieces += [joint, part(row, 0), f" {verb}{STATE_WORDS[state]}"]
        pieces.append(". ")
    moved = row_of(page, "moved", "further", "latest", "aims")
    if moved is not None:
        pieces += [
            "Of the plans reviewed more than once, ", in_words(moved, "n"), ", ",
            part(moved, 0), " aims stand further on than at first.",
        ]  # fmt: skip
    elif page.row(ALL, *MOVED, "aims") is not None:
        pieces.append("Too few plans were reviewed a second time to count what moved.")
    return Text(pieces)


def latest_review(page: Page) -> str:
    """The review whose states are shown: the latest, else the first; nothing if there is none.

    The latest state is withheld while too few plans have been reviewed again.
    """
    if row_of(page, "states", "any", "latest", "aims") is not None:
        return "latest"
    reviews = [parts[4] for parts in page.ids_of("action_plans", "plans", "states")]
    return min((each for each in reviews if each != "latest"), default="", key=_number)


#: How many aims stand further on; a row is there even if no plan was reviewed again.
MOVED = ("action_plans", "plans", "moved", "further", "latest")


def _number(review: str) -> tuple[int, str]:
    """Reviews in their order: ``review_2`` before ``review_10``."""
    return len(review), review


def own_plan(page: Page) -> Table | None:
    """A school's own action plan: plan, do and review, at its latest review."""
    areas, coded = _areas(page), _framework(page)
    reviews = page.texts_of("plan_review")
    rows: list[list[Cell]] = []
    for aim in page.texts_of("plan").itertuples():
        own = reviews[reviews["key"].str.startswith(f"{aim.key}|")]
        story = [
            f"{_date(str(r.attribution))}: {STATE_WORDS.get(str(r.section), '')}"
            for r in own.itertuples()
        ]
        evidence = str(own["text"].iloc[-1]) if len(own) else ""
        area = escaped(areas.get(coded.get(slug(str(aim.key)), ""), "–"))
        rows.append(
            [
                escaped(str(aim.text)),
                *([area] if areas else []),
                escaped(str(aim.attribution)) or "–",
                "; ".join(story) or escaped(STATE_WORDS.get(str(aim.section), "")),
                escaped(evidence) or "–",
            ]
        )
    return table(
        [
            "Plan: aim",
            *(["Area"] if areas else []),
            "Do: who leads",
            "Review: state",
            "Evidence at the latest review",
        ],
        rows,
        widths=[30, *([13] if areas else []), 15, 20, 24],
        caption="This school's action plan: plan, do, review",
        text_columns=5 if areas else 4,
    )


def readiness(page: Page) -> Table | None:
    """Schools by how each condition and risk stands with them. A checklist, not a score."""
    rows: list[list[Cell]] = []
    for kind, entry in _entries(page):
        cells: list[Cell] = []
        for state in READINESS_STATES:
            measure = f"{slug(entry['id'])}-{state}"
            at = ("action_plans", "plans", "readiness", measure, "latest", "schools")
            if page.row(ALL, *at) is None:
                break
            cells.append(page.number(ALL, *at, decimals=0))
        if len(cells) == len(READINESS_STATES):
            rows.append([kind, escaped(entry["label"]), *cells])
    return table(
        ["Kind", "What it is", *(READY_WORDS[s].capitalize() for s in READINESS_STATES)],
        rows,
        widths=[12, 46, 10, 8, 8, 11],
        caption="Conditions and risks, by how many schools see them in place",
        text_columns=2,
        note="Numbers of schools, as they see themselves; a risk is in place where the school "
        "is guarded against it. No score is made of these.",
    )


def own_readiness(page: Page) -> Table | None:
    """A school's own checklist, with the evidence it gave."""
    found = page.texts_of("readiness").set_index("key")
    rows: list[list[Cell]] = []
    for kind, entry in _entries(page):
        if entry["id"] in found.index:
            own = found.loc[entry["id"]]
            rows.append(
                [
                    kind,
                    escaped(entry["label"]),
                    READY_WORDS.get(str(own["section"]), escaped(str(own["section"]))),
                    escaped(str(own["text"])) or "–",
                ]
            )
    return table(
        ["Kind", "What it is", "Here", "Evidence"],
        rows,
        widths=[11, 38, 11, 40],
        caption="This school's checklist of conditions and risks",
        text_columns=4,
        note="A risk is in place where the school is guarded against it. This is a checklist "
        "to talk over, not a score.",
    )


#: What a school's checklist is about, and how its states are said of it.
CHECKED = {
    "Condition": (("in_place", "Conditions in place"), ("partly", "Partly in place"),
                  ("not_yet", "Not yet in place")),
    "Risk": (("in_place", "Risks that the school is guarded against"), ("partly", "Partly guarded"),
             ("not_yet", "Not yet guarded")),
}  # fmt: skip


def own_readiness_said(page: Page) -> Text | None:
    """A school's own checklist in a few lines: what is in place, partly, and not yet."""
    found = page.texts_of("readiness").set_index("key")
    pieces: list[Piece] = []
    for kind, states in CHECKED.items():
        for state, words in states:
            labels = [
                escaped(str(entry["label"]))
                for of, entry in _entries(page)
                if of == kind
                and entry["id"] in found.index
                and str(found.loc[entry["id"]]["section"]) == state
            ]
            if labels:
                pieces.append(f"- **{words}:** {'; '.join(labels)}.\n")
    return text(pieces)


def own_aims(page: Page) -> dict[str, Any] | None:
    """The released number of aims in a school's own plan; nothing where there is no plan."""
    own = Compared("This school", page.unit, "all")
    return page.values(own, "action_plans", "plans", "states", "any", "latest", "aims")


def own_state(page: Page) -> Text | None:
    """A school's plan in a sentence, or that there is none; nothing where schools have no plans."""
    own = Compared("This school", page.unit, "all")
    at = ("action_plans", "plans", "states")
    total = own_aims(page)
    if not page.is_school or not page.study.file("action_plans"):
        return None
    if total is None:
        return Text(
            ["No action plan of this school was sent in. The programme's report says what other "
             "schools planned."]
        )  # fmt: skip
    aims = f"{in_words(total)} {'aim' if total['value'] == 1 else 'aims'}"
    pieces: list[Piece] = [f"{aims[:1].upper()}{aims[1:]}: "]
    known = [
        (state, row)
        for state in PLAN_STATES
        if (row := page.values(own, *at, state, "latest", "aims")) and row["value"] > 0
    ]
    if len(known) == 1 and total["value"] > 1 and known[0][1]["value"] == total["value"]:
        return Text([f"{aims[:1].upper()}{aims[1:]}, all {STATE_WORDS[known[0][0]]}."])
    for place, (state, row) in enumerate(known):
        joint = "" if not place else " and " if place == len(known) - 1 else ", "
        pieces += [joint, in_words(row), f" {STATE_WORDS[state]}"]
    return Text([*pieces, "."])


def _date(text: str) -> str:
    """A date as readers write it; anything else as it stands."""
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return escaped(text) or "review"
    return f"{day.day} {day:%B %Y}"


def _entries(page: Page) -> list[tuple[str, dict[str, Any]]]:
    document = page.documents.get("value_creation", {})
    kinds = (("Condition", "conditions"), ("Risk", "risks"))
    return [(kind, entry) for kind, key in kinds for entry in document.get(key, [])]


def _areas(page: Page) -> dict[str, str]:
    """Labels of the framework's areas by id; areas that only codes name come last."""
    return names.listed(page, "framework", "areas", found=filter(None, _framework(page).values()))


def _framework(page: Page) -> dict[str, str]:
    """The area that each code belongs to, both as in ids."""
    codes = page.codes
    pairs = zip(codes["id"].astype("str"), codes["framework"].fillna("").astype("str"), strict=True)
    return {slug(code): slug(area) for code, area in pairs if area}


def row_of(
    page: Page, analysis: str, measure: str, wave: str, statistic: str
) -> dict[str, Any] | None:
    identity = result_id("action_plans", "plans", analysis, measure, wave, "all", statistic)
    row = page.rows.get((COHORT, identity))
    return row if row is not None and row["release"] == RELEASED else None


def _of(row: dict[str, Any]) -> Cell:
    return [part(row, 0), " of ", part(row, 0, "denominator")]
