"""Action plans as Plan, Do, Review; readiness.

What aims are coded to is named by the study's codebook: :mod:`.codebook`. Where there is no plan, no
checklist, or too few to be counted, there is nothing to show (``None``).
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from analysis.disclosure import RELEASED
from analysis.language import N_, gettext, listed, listed_pieces, long_date, ngettext, sentence
from analysis.present import codebook as names
from analysis.present.count_words import Piece, in_words
from analysis.present.page import Compared, Page, part
from analysis.present.shown import Cell, Part, Table, Text, escaped, table, text
from analysis.qualitative.plans import FIRST
from analysis.results import COHORT, result_id
from analysis.strands import PLAN_STATES, READINESS_STATES
from analysis.words import slug, tidy

ALL = Compared("All", COHORT, "all")
STATE_WORDS = {
    "planned": N_("planned"),
    "started": N_("started"),
    "in_place": N_("in place"),
    "embedded": N_("embedded"),
    "dropped": N_("dropped"),
}
READY_WORDS = {
    "in_place": N_("in place"),
    "partly": N_("partly"),
    "not_yet": N_("not yet"),
    "not_known": N_("not known"),
}


def state_word(state: str) -> str:
    """The state of an aim, in a word; nothing for none that is known."""
    return gettext(STATE_WORDS[state]) if state in STATE_WORDS else ""


def framework(page: Page) -> str:
    """What the aims of plans are coded to, for headings: the study's own word, or "Area"."""
    return escaped(names.label(page, "framework", gettext("Area")))


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
        rows.append((-float(row["value"]), aim, [*cells, held_by(row)]))
    rows.sort(key=lambda entry: entry[:2])
    return table(
        [gettext("Aim"), *([framework(page)] if areas else []), gettext("Plans")],
        [cells for _, _, cells in rows],
        widths=[52, *([24] if areas else []), 12],
        caption=gettext("Aims of the action plans"),
        text_columns=2 if areas else 1,
    )


def areas(page: Page) -> Table | None:
    """How many plans have an aim in each area of the study's framework."""
    rows: list[list[Cell]] = []
    for area, label in _areas(page).items():
        row = row_of(page, "areas", area, FIRST, "plans")
        if row is not None:
            rows.append([escaped(label), held_by(row)])
    return table(
        [gettext("Area"), gettext("Plans with an aim in it")],
        rows,
        [40, 24],
        caption=gettext("Action plans by area"),
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
        number = wave.rsplit("_", 1)[-1]
        words = (
            gettext("latest of each plan")
            if wave == "latest"
            else gettext("review {number}", number=number)
            if wave == f"review_{number}"
            else wave.replace("_", " ")
        )
        cells: list[Cell] = [
            page.number(ALL, "action_plans", "plans", "states", state, wave, "aims", decimals=0)
            for state in (*PLAN_STATES, "any")
        ]
        rows.append([words.capitalize(), *cells])
    return table(
        [
            gettext("Review"),
            *(state_word(s).capitalize() for s in PLAN_STATES),
            gettext("All aims"),
        ],
        rows,
        widths=[26, 10, 10, 10, 12, 10, 10],
        caption=gettext("State of the aims at each review"),
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
    return table(
        [gettext("Who leads"), gettext("Aims")],
        rows,
        [40, 12],
        caption=gettext("Who leads the aims"),
    )


def said(page: Page) -> Text | None:
    """Plans in a sentence: how many, how far they are, and what a second review showed."""
    plans = row_of(page, "plans", "all", FIRST, "plans")
    wave = latest_review(page)
    latest = wave == "latest"
    total = row_of(page, "states", "any", wave, "aims") if wave else None
    if plans is None or total is None:
        if not page.study.file("action_plans"):
            return None
        return Text([gettext("Too few action plans were sent to be counted.")])
    pieces: list[Piece] = sentence(
        "{plans} schools sent an action plan, with {aims} aims in all. ",
        plans=part(plans, 0),
        aims=part(total, 0),
    )
    states = [(s, row_of(page, "states", s, wave, "aims")) for s in PLAN_STATES]
    known = [(s, row) for s, row in states if row is not None and row["value"] > 0]
    if known:
        states_said: list[list[Piece]] = []
        for state, row in known:
            message = N_("{number} {state}")
            if not states_said:
                message = N_("{number} was {state}") if row["value"] == 1 else (
                    N_("{number} were {state}")
                )  # fmt: skip
            states_said.append(sentence(message, number=part(row, 0), state=state_word(state)))
        pieces += sentence(
            N_("At each plan's latest review {states}. ")
            if latest
            else N_("At each plan's first review {states}. "),
            states=listed_pieces(states_said),
        )
    moved = row_of(page, "moved", "further", "latest", "aims")
    if moved is not None:
        pieces += sentence(
            "Of the plans reviewed more than once, {plans}, {aims} aims stand further on than at "
            "first.",
            plans=in_words(moved, "n"),
            aims=part(moved, 0),
        )
    elif page.row(ALL, *MOVED, "aims") is not None:
        pieces.append(gettext("Too few plans were reviewed a second time to count what moved."))
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
            f"{_date(str(r.attribution))}: {state_word(str(r.section))}" for r in own.itertuples()
        ]
        evidence = str(own["text"].iloc[-1]) if len(own) else ""
        area = escaped(areas.get(coded.get(slug(str(aim.key)), ""), "–"))
        rows.append(
            [
                escaped(str(aim.text)),
                *([area] if areas else []),
                escaped(str(aim.attribution)) or "–",
                "; ".join(story) or escaped(state_word(str(aim.section))),
                escaped(evidence) or "–",
            ]
        )
    return table(
        [
            gettext("Plan: aim"),
            *([gettext("Area")] if areas else []),
            gettext("Do: who leads"),
            gettext("Review: state"),
            gettext("Evidence at the latest review"),
        ],
        rows,
        widths=[30, *([13] if areas else []), 15, 20, 24],
        caption=gettext("This school's action plan: plan, do, review"),
        text_columns=5 if areas else 4,
    )


def readiness(page: Page) -> Table | None:
    """Schools by how each condition and risk stands with them. A checklist, not a score."""
    rows: list[list[Cell]] = []
    for kind, entry in conditions_and_risks(page):
        cells: list[Cell] = []
        for state in READINESS_STATES:
            measure = f"{slug(entry['id'])}-{state}"
            at = ("action_plans", "plans", "readiness", measure, "latest", "schools")
            if page.row(ALL, *at) is None:
                break
            cells.append(page.number(ALL, *at, decimals=0))
        if len(cells) == len(READINESS_STATES):
            rows.append([gettext(kind), escaped(entry["label"]), *cells])
    return table(
        [
            gettext("Kind"),
            gettext("What it is"),
            *(gettext(READY_WORDS[s]).capitalize() for s in READINESS_STATES),
        ],
        rows,
        widths=[12, 46, 10, 8, 8, 11],
        caption=gettext("Conditions and risks, by how many schools see them in place"),
        text_columns=2,
        note=gettext(
            "Numbers of schools, as they see themselves; a risk is in place where the school is "
            "guarded against it. No score is made of these."
        ),
    )


def own_readiness(page: Page) -> Table | None:
    """A school's own checklist, with the evidence it gave."""
    found = page.texts_of("readiness").set_index("key")
    rows: list[list[Cell]] = []
    for kind, entry in conditions_and_risks(page):
        if entry["id"] in found.index:
            own = found.loc[entry["id"]]
            rows.append(
                [
                    gettext(kind),
                    escaped(entry["label"]),
                    gettext(READY_WORDS[str(own["section"])])
                    if str(own["section"]) in READY_WORDS
                    else escaped(str(own["section"])),
                    escaped(str(own["text"])) or "–",
                ]
            )
    return table(
        [gettext("Kind"), gettext("What it is"), gettext("Here"), gettext("Evidence")],
        rows,
        widths=[11, 38, 11, 40],
        caption=gettext("This school's checklist of conditions and risks"),
        text_columns=4,
        note=gettext(
            "A risk is in place where the school is guarded against it. This is a checklist to talk "
            "over, not a score."
        ),
    )


#: What a school's checklist is about, and how its states are said of it.
CHECKED = {
    N_("Condition"): (("in_place", N_("Conditions in place")), ("partly", N_("Partly in place")),
                      ("not_yet", N_("Not yet in place"))),
    N_("Risk"): (("in_place", N_("Risks that the school is guarded against")),
                 ("partly", N_("Partly guarded")), ("not_yet", N_("Not yet guarded"))),
}  # fmt: skip


def own_readiness_said(page: Page) -> Text | None:
    """A school's own checklist in a few lines: what is in place, partly, and not yet."""
    found = page.texts_of("readiness").set_index("key")
    pieces: list[Piece] = []
    for kind, states in CHECKED.items():
        for state, words in states:
            labels = [
                escaped(str(entry["label"]))
                for of, entry in conditions_and_risks(page)
                if of == kind
                and entry["id"] in found.index
                and str(found.loc[entry["id"]]["section"]) == state
            ]
            if labels:
                pieces.append(f"- **{gettext(words)}:** {'; '.join(labels)}.\n")
    return text(pieces)


def own_aims(page: Page) -> dict[str, Any] | None:
    """The released number of aims in a school's own plan; nothing where there is no plan."""
    own = Compared("", page.unit, "all")
    return page.values(own, "action_plans", "plans", "states", "any", "latest", "aims")


def own_state(page: Page) -> Text | None:
    """A school's plan in a sentence, or that there is none; nothing where schools have no plans."""
    own = Compared("", page.unit, "all")
    at = ("action_plans", "plans", "states")
    total = own_aims(page)
    if not page.is_school or not page.study.file("action_plans"):
        return None
    if total is None:
        return Text(
            [
                gettext(
                    "No action plan of this school was sent in. The programme's report says what "
                    "other schools planned."
                )
            ]
        )
    aims = ngettext("{number} aim", "{number} aims", total["value"], number=in_words(total))
    aims = f"{aims[:1].upper()}{aims[1:]}"
    known = [
        (state, row)
        for state in PLAN_STATES
        if (row := page.values(own, *at, state, "latest", "aims")) and row["value"] > 0
    ]
    if len(known) == 1 and total["value"] > 1 and known[0][1]["value"] == total["value"]:
        state = state_word(known[0][0])
        return Text([gettext("{Aims}, all {state}.", Aims=aims, state=state)])
    states = [
        gettext("{number} {state}", number=in_words(row), state=state_word(state))
        for state, row in known
    ]
    return Text([f"{aims}: {listed(states)}."])


def _date(text: str) -> str:
    """A date as readers write it; anything else as it stands."""
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return escaped(text) or gettext("review")
    return long_date(day)


def conditions_and_risks(page: Page) -> list[tuple[str, dict[str, Any]]]:
    """Every condition and risk of the study's framework, with which of the two it is."""
    document = page.documents.get("value_creation", {})
    kinds = zip(CHECKED, ("conditions", "risks"), strict=True)
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


def held_by(row: dict[str, Any]) -> list[str | Part]:
    """``7 of 18``: of how many plans, as tables have it."""
    return sentence("{count} of {all}", count=part(row, 0), all=part(row, 0, "denominator"))
