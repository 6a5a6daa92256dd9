"""What was delivered and how: sessions, whom they reached, hours and costs.

For the programme by kind, group of schools and role; for a school its own beside the programme.
Each function gives nothing where there is nothing to show.
"""

from __future__ import annotations

from analysis import strands
from analysis.disclosure import RELEASED
from analysis.present import asked, figures
from analysis.present.asked import first
from analysis.present.count_words import TOO_FEW_FOR_PERCENT, Piece, in_words
from analysis.present.dots import dot_chart
from analysis.present.page import Compared, Page, part
from analysis.present.shown import Cell, Figure, Part, Table, Text, escaped, table, text
from analysis.results import COHORT
from analysis.words import slug, tidy

SOURCE, PEOPLE = (source.id for source in strands.strand("delivery").sources)
WAVE, ALL = "all", "all"
SESSIONS = (SOURCE, "sessions", "sessions")
PLANNED = (SOURCE, "sessions", "adaptation")
ATTENDANCE = (PEOPLE, "sessions", "attendance", ALL, WAVE)
FEEDBACK = (PEOPLE, "sessions", "feedback")
HOURS = (SOURCE, "hours", "hours")
COSTS = (SOURCE, "costs", "cost")
PROGRAMME = Compared("Programme", COHORT, ALL)
WITHHELD = "is withheld, because it rests on too few people or would give away a number that does. "
WHOSE_HOURS = {"facilitator": "Facilitators", "staff": "School staff"}
#: Most series that a chart tells apart.
SERIES = 3


def delivered(page: Page) -> Table | None:
    """Sessions by kind: how many, for how long, and in how many schools."""
    rows: list[list[Cell]] = []
    for who, measure, label in _lines(page, _kinds(page)):
        at = (*SESSIONS, measure, WAVE)
        if page.row(who, *at, "length") is None:
            continue
        row: list[Cell] = [
            label,
            page.number(who, *at, "count", decimals=0),
            page.number(who, *at, "minutes", decimals=0),
            page.number(who, *at, "length", decimals=0),
        ]
        if page.is_school:
            row.append(page.number(PROGRAMME, *at, "mean", decimals=1))
            row.append(page.number(PROGRAMME, *at, "minutes_mean", decimals=0))
        else:
            row.append(page.number(who, *at, "schools", decimals=0))
            row.append(page.number(who, *at, "mean", decimals=1))
            row.append(_range(page, who, *at, "fewest", "most"))
        rows.append(row)
    columns = ["Kind", "Sessions", "Minutes", "Mean length"]
    if page.is_school:
        columns += ["Programme: sessions for each school", "Programme: minutes for each school"]
    else:
        columns += ["Schools with any", "Sessions for each school", "Fewest to most"]
    return table(
        columns,
        rows,
        widths=[30, 11, 11, 11, 13, 13, 13][: len(columns)],
        caption=f"Sessions of {escaped(page.study.programme)}"
        + (" in this school" if page.is_school else ""),
        note="Lengths are in minutes. Means are over all schools, those without a session "
        "included.",
    )


def reach(page: Page) -> Table | None:
    """Invitations to sessions taken up: by group of schools and role, or a school's beside these."""
    shown = page.compared if page.is_school else [Compared("All", COHORT, ALL), *_parts(page)]
    if page.row(shown[0], *ATTENDANCE, "percent") is None:
        return None
    rows: list[list[Cell]] = [
        [
            escaped(who.label),
            page.number(who, *ATTENDANCE, "invited", decimals=0),
            page.number(who, *ATTENDANCE, "attended", decimals=0),
            page.number(who, *ATTENDANCE, "percent", decimals=0),
        ]
        for who in shown
        if page.row(who, *ATTENDANCE, "percent") is not None
    ]
    return table(
        ["Who", "Invitations", "Taken up", "%"],
        rows,
        widths=[44, 14, 14, 10],
        caption=f"Invitations to sessions of {escaped(page.study.programme)}, and how many were "
        "taken up",
        note="Somebody invited to several sessions counts for each. Only sessions of which both "
        f"numbers were noted. {asked.including(page)}".rstrip(),
    )


def adaptation(page: Page) -> Table | None:
    """Sessions held against those planned."""
    own = Compared("", page.unit, ALL)
    rows: list[list[Cell]] = []
    for measure, label in _kinds(page) if _some(page, own) else ():
        at = (*PLANNED, measure, WAVE)
        if not any(page.row(own, *at, name) for name in ("planned", "planned_minutes")):
            continue
        row: list[Cell] = [label, _given(page, own, *at, "planned")]
        if page.is_school:
            row.append(page.number(own, *SESSIONS, measure, WAVE, "count", decimals=0))
        else:
            row += [_given(page, own, *at, name) for name in ("full", "fewer")]
        row += [_given(page, own, *at, name) for name in ("planned_minutes", "as_long", "shorter")]
        rows.append(row)
    columns = ["Kind", "Planned for each school"]
    columns += ["Held"] if page.is_school else ["Schools with as many", "Schools with fewer"]
    columns += ["Planned length", "Sessions as long", "Sessions shorter"]
    return table(
        columns,
        rows,
        widths=[28, 12, *[12] * (len(columns) - 2)],
        caption="Sessions held against the plan of delivery"
        + (", in this school" if page.is_school else ""),
        note="Lengths are in minutes; –: the plan does not say. A session that was changed to suit "
        "a school is no failing: what was changed, and why, is for the text.",
    )


def feedback(page: Page) -> Table | None:
    """What feedback forms said of the sessions: mean rating, and the share of high ones."""
    own = Compared("", page.unit, ALL)
    rows: list[list[Cell]] = []
    for measure, label in _listed(page, FEEDBACK, "ratings"):
        at = (*FEEDBACK, measure, WAVE)
        if page.row(own, *at, "mean") is None:
            continue
        row: list[Cell] = [
            label,
            page.number(own, *at, "rated", decimals=0),
            page.number(own, *at, "mean", decimals=1),
            _given(page, own, *at, "percent"),
        ]
        if page.is_school:
            row.append(page.number(PROGRAMME, *at, "mean", decimals=1))
        rows.append(row)
    columns = ["Question", "Forms", "Mean of 1 to 5", "% with 4 or 5"]
    columns += ["Programme: mean"] if page.is_school else []
    return table(
        columns,
        rows,
        widths=[40, 10, 14, 14, 14][: len(columns)],
        caption=f"Feedback on sessions of {escaped(page.study.programme)}",
    )


def hours(page: Page) -> Table | None:
    """Hours of work, by whose they were."""
    own = Compared("", page.unit, ALL)
    rows: list[list[Cell]] = [
        [
            words,
            page.number(own, *HOURS, measure, WAVE, "sum", decimals=0),
            page.number(PROGRAMME, *HOURS, measure, WAVE, "mean", decimals=1),
        ]
        for measure, words in WHOSE_HOURS.items()
        if page.row(own, *HOURS, measure, WAVE, "sum") is not None
    ]
    return table(
        ["Whose", "Hours here" if page.is_school else "Hours", "Hours for each school"],
        rows,
        widths=[40, 16, 22],
        caption=f"Hours of work on {escaped(page.study.programme)}",
        note="For each school that gave its hours.",
    )


def costs(page: Page) -> Table | None:
    """Costs by item, for each school and for each child on roll."""
    each, children = _child(page), escaped(page.study.children.noun)
    rows: list[list[Cell]] = []
    for who, measure, label in _lines(page, _listed(page, COSTS, "costs")):
        at = (*COSTS, measure, WAVE)
        if page.row(who, *at, "sum") is None:
            continue
        row: list[Cell] = [label, page.number(who, *at, "sum", decimals=0)]
        if not page.is_school:
            row += [_given(page, who, *at, "mean"), _range(page, who, *at, "lowest", "highest")]
        row.append(_given(page, who, *at, "per_pupil", decimals=2))
        if page.is_school:
            row.append(_given(page, PROGRAMME, *at, "own_per_pupil", decimals=2))
        rows.append(row)
    columns = ["Item", "Costs"]
    columns += (
        [f"For each {each}", f"Programme: for each {each}"]
        if page.is_school
        else ["For each school", "Lowest to highest", f"For each {each}"]
    )
    return table(
        columns,
        rows,
        widths=[34, 14, 18, 22, 16][: len(columns)],
        caption=f"Costs of {escaped(page.study.programme)}, {_currency(page)}",
        note=f"{children[:1].upper()}{children[1:]} are those on roll. For each school: each that had "
        "such costs." + _shared(page),
    )


def chart(page: Page) -> Figure | None:
    """Sessions for each school by kind: groups of schools, or this school, and what was planned."""
    if page.is_school:
        shown = [(Compared("This school", page.unit, ALL), "count"), (PROGRAMME, "mean")]
    elif 1 < len(page.phases) < SERIES:
        shown = [(who, "mean") for who in page.phases]
    else:
        shown = [(Compared("Mean of all schools", COHORT, ALL), "mean")]
    marks = []
    for measure, _ in _kinds(page):
        if measure == ALL:
            continue
        name = dict(_plain(page, SESSIONS, "kinds"))[measure]
        for who, statistic in shown:
            row = page.values(who, *SESSIONS, measure, WAVE, statistic)
            if row:
                decimals = 0 if statistic == "count" else 1
                marks.append(figures.Mark(name, who.label, part(row, decimals)))
        row = page.values(PROGRAMME, *PLANNED, measure, WAVE, "planned")
        if row:
            marks.append(figures.Mark(name, "Planned", part(row, 0)))
    own = Compared("", page.unit, ALL)
    if not marks or not _some(page, own):
        return None
    most = max(figures.plotted(mark.value) for mark in marks)
    what = "Sessions for each school, by kind"
    return dot_chart(
        page,
        name="delivery",
        marks=marks,
        limits=(-0.05 * max(most, 1), 1.1 * max(most, 1)),
        caption=what + (" of session, and in this school" if page.is_school else ""),
    )


def said(page: Page) -> Text | None:
    """What was delivered, in sentences."""
    own = Compared("", page.unit, ALL)
    pieces: list[Piece] = []
    count = page.values(own, *SESSIONS, ALL, WAVE, "count")
    if count is not None:
        pieces += _held(page, own, count)
        pieces += _came(page, own)
    pieces += _leaders(page)
    pieces += _spent(page, own)
    return text(pieces)


def _held(page: Page, own: Compared, count: dict) -> list[Piece]:
    if count["value"] == 0:
        where = "in this school" if page.is_school else "so far"
        return [f"No session {where} was reported. "]
    at = (*SESSIONS, ALL, WAVE)
    were = "session was" if count["value"] == 1 else "sessions were"
    minutes = page.number(own, *at, "minutes", decimals=0)
    few = page.is_school and count["value"] < TOO_FEW_FOR_PERCENT
    number = first(in_words(count)) if few else part(count, 0)
    pieces: list[Piece] = [number, f" {were} held"]
    if page.is_school:
        pieces += [" in this school, ", *_pieces(minutes), " minutes in all. "]
        mean = page.values(PROGRAMME, *at, "mean")
        if mean:
            pieces += ["Over all schools of the programme, ", part(mean, 1),
                       " were held on average. "]  # fmt: skip
        return pieces
    some, none = (page.values(own, *at, name) for name in ("schools", "none"))
    if some and none:
        pieces += [" in ", part(some, 0), " of ", part(some, 0, "denominator"), " schools, "]
    pieces += [*_pieces(minutes), " minutes in all: "]
    pieces += [*_pieces(page.number(own, *at, "mean", decimals=1)), " sessions for each school, "]
    pieces += ["from ", *_pieces(page.number(own, *at, "fewest", decimals=0)), " to ",
               *_pieces(page.number(own, *at, "most", decimals=0)), " in one. "]  # fmt: skip
    return pieces


def _came(page: Page, own: Compared) -> list[Piece]:
    row = page.row(own, *ATTENDANCE, "percent")
    if row is None:
        return []
    if row["release"] != RELEASED:
        return ["How many of those invited came ", WITHHELD]
    pieces: list[Piece] = [part(row, 0), "% of ", part(row, 0, "denominator"),
                           " invitations were taken up. "]  # fmt: skip
    if row["denominator"] < TOO_FEW_FOR_PERCENT:
        pieces = [first(in_words(row, "numerator")), " of ", in_words(row, "denominator"),
                  " invitations were taken up. "]  # fmt: skip
    minutes = page.values(own, *ATTENDANCE, "minutes")
    if minutes:
        pieces += ["That makes at most ", part(minutes, 0),
                   " minutes for each of those invited. "]  # fmt: skip
    return pieces


def _leaders(page: Page) -> list[Piece]:
    row = page.values(PROGRAMME, PEOPLE, "sessions", "leader", ALL, WAVE, "percent")
    if page.is_school or row is None:
        return []
    return ["A leader of the school took part in ", part(row, 0, "numerator"), " of the ",
            part(row, 0, "denominator"), " sessions of which that was noted. "]  # fmt: skip


def _spent(page: Page, own: Compared) -> list[Piece]:
    total = page.values(own, *COSTS, ALL, WAVE, "sum")
    if total is None:
        return []
    money = _currency(page)
    pieces: list[Piece] = ["It cost ", money, part(total, 0), " in this school"
                           if page.is_school else " in all"]  # fmt: skip
    each = page.values(own, *COSTS, ALL, WAVE, "mean")
    if each:
        pieces += [f", {money}", part(each, 0), " for each school that had any cost"]
    of_child = page.values(own, *COSTS, ALL, WAVE, "per_pupil")
    if of_child:
        joint = " and " if each else ", "
        pieces += [f"{joint}{money}", part(of_child, 2), f" for each {_child(page)} on roll"]
    return [*pieces, "."]


def _some(page: Page, own: Compared) -> bool:
    row = page.values(own, *SESSIONS, ALL, WAVE, "count")
    return row is not None and row["value"] > 0


def _pieces(cell: Cell) -> list[Piece]:
    return [cell] if isinstance(cell, str | Part) else list(cell)


def _given(page: Page, who: Compared, *at: str, decimals: int = 0) -> Cell:
    """A number, or a dash where there is none to give."""
    return "–" if page.row(who, *at) is None else page.number(who, *at, decimals=decimals)


def _lines(page: Page, listed: list[tuple[str, str]]) -> list[tuple[Compared, str, str]]:
    """What the lines of a table are about: each measure, and all of them by group of schools."""
    own = Compared("", page.unit, ALL)
    lines = [(own, measure, label) for measure, label in listed]
    groups = [] if page.is_school else page.phases
    return lines + [(who, ALL, f"All: {escaped(who.label)}") for who in groups]


def _shared(page: Page) -> str:
    """Where the costs are that no one school caused, if there are any."""
    if page.row(PROGRAMME, *COSTS, "shared", WAVE, "sum") is None:
        return ""
    if page.is_school:
        return " What no one school caused is left out on both sides."
    return " What no one school caused is in the totals, and in no group or single school."


def _range(page: Page, who: Compared, *at: str) -> Cell:
    *where, low, high = at
    ends = [page.values(who, *where, end) for end in (low, high)]
    if ends[0] is None or ends[1] is None:
        return _given(page, who, *where, low)
    return [part(ends[0], 0), " to ", part(ends[1], 0)]


def _child(page: Page) -> str:
    """One of the study's children."""
    return escaped(page.study.children.one)


def _currency(page: Page) -> str:
    return escaped(str(page.documents.get("delivery_plan", {}).get("currency", "")))


def _kinds(page: Page) -> list[tuple[str, str]]:
    """Kinds of session with their labels as Markdown; all of them together last."""
    return _listed(page, SESSIONS, "kinds")


def _listed(page: Page, of: tuple[str, str, str], key: str) -> list[tuple[str, str]]:
    return [(measure, escaped(label)) for measure, label in _plain(page, of, key)]


def _plain(page: Page, of: tuple[str, str, str], key: str) -> list[tuple[str, str]]:
    """Measures of a question with their labels: in the plan's order, then by name."""
    found = {parts[3] for parts in page.ids_of(*of)}
    known = {slug(str(entry["id"])): str(entry["label"])
             for entry in page.documents.get("delivery_plan", {}).get(key, [])}  # fmt: skip
    known |= {measure: tidy(measure) for measure in sorted(found - set(known))}
    ends = {"shared": "Shared by all schools", ALL: "All"}
    order = [measure for measure in known if measure in found and measure not in ends]
    return [(measure, known[measure]) for measure in order] + [
        (measure, label) for measure, label in ends.items() if measure in found
    ]


def _parts(page: Page) -> list[Compared]:
    """Groups of schools, and roles of those invited, each with those of whom none is said."""
    study = page.study
    divided = [study.phases] if study.phases else []
    for population in study.populations:
        divided += list(study.groups_of(population.id))
    shown = []
    for group in divided:
        shown += [Compared(value.label, COHORT, group.key(value.id)) for value in group.values]
        shown.append(Compared(f"{group.label} not said", COHORT, group.not_said))
    return shown
