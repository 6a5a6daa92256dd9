"""What was delivered and how: sessions, whom they reached, hours and costs.

For the programme by kind, group of schools and role; for a school its own beside the programme.
Each function gives nothing where there is nothing to show.
"""

from __future__ import annotations

from analysis import strands
from analysis.disclosure import RELEASED
from analysis.language import N_, gettext, nsentence, sentence
from analysis.present import asked, figures
from analysis.present.asked import first
from analysis.present.count_words import TOO_FEW_FOR_PERCENT, Piece, in_words
from analysis.present.dots import dot_chart
from analysis.present.page import Compared, Page, between, part
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
#: Its label is said in the report's language where it is shown.
PROGRAMME = Compared(N_("Programme"), COHORT, ALL)
WHOSE_HOURS = {"facilitator": N_("Facilitators"), "staff": N_("School staff")}
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
    columns = [gettext("Kind"), gettext("Sessions"), gettext("Minutes"), gettext("Mean length")]
    if page.is_school:
        columns += [
            gettext("Programme: sessions for each school"),
            gettext("Programme: minutes for each school"),
        ]
    else:
        columns += [
            gettext("Schools with any"),
            gettext("Sessions for each school"),
            gettext("Fewest to most"),
        ]
    return table(
        columns,
        rows,
        widths=[30, 11, 11, 11, 13, 13, 13][: len(columns)],
        caption=gettext(
            N_("Sessions of {programme} in this school")
            if page.is_school
            else N_("Sessions of {programme}"),
            programme=escaped(page.study.programme),
        ),
        note=gettext(
            "Lengths are in minutes. Means are over all schools, those without a session included."
        ),
    )


def reach(page: Page) -> Table | None:
    """Invitations to sessions taken up: by group of schools and role, or a school's beside these."""
    shown = (
        page.compared
        if page.is_school
        else [
            Compared(gettext("All"), COHORT, ALL),
            *_parts(page),
        ]
    )
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
        [gettext("Who"), gettext("Invitations"), gettext("Taken up"), "%"],
        rows,
        widths=[44, 14, 14, 10],
        caption=gettext(
            "Invitations to sessions of {programme}, and how many were taken up",
            programme=escaped(page.study.programme),
        ),
        note=gettext(
            "Somebody invited to several sessions counts for each. Only sessions of which both "
            "numbers were noted."
        )
        + f" {asked.including(page)}".rstrip(),
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
    columns = [gettext("Kind"), gettext("Planned for each school")]
    columns += (
        [gettext("Held")]
        if page.is_school
        else [gettext("Schools with as many"), gettext("Schools with fewer")]
    )
    columns += [
        gettext("Planned length"),
        gettext("Sessions as long"),
        gettext("Sessions shorter"),
    ]
    return table(
        columns,
        rows,
        widths=[28, 12, *[12] * (len(columns) - 2)],
        caption=gettext("Sessions held against the plan of delivery, in this school")
        if page.is_school
        else gettext("Sessions held against the plan of delivery"),
        note=gettext(
            "Lengths are in minutes; –: the plan does not say. A session that was changed to suit a "
            "school is no failing: what was changed, and why, is for the text."
        ),
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
    columns = [
        gettext("Question"),
        gettext("Forms"),
        gettext("Mean of 1 to 5"),
        gettext("% with 4 or 5"),
    ]
    columns += [gettext("Programme: mean")] if page.is_school else []
    return table(
        columns,
        rows,
        widths=[40, 10, 14, 14, 14][: len(columns)],
        caption=gettext(
            "Feedback on sessions of {programme}", programme=escaped(page.study.programme)
        ),
    )


def hours(page: Page) -> Table | None:
    """Hours of work, by whose they were."""
    own = Compared("", page.unit, ALL)
    rows: list[list[Cell]] = [
        [
            gettext(words),
            page.number(own, *HOURS, measure, WAVE, "sum", decimals=0),
            page.number(PROGRAMME, *HOURS, measure, WAVE, "mean", decimals=1),
        ]
        for measure, words in WHOSE_HOURS.items()
        if page.row(own, *HOURS, measure, WAVE, "sum") is not None
    ]
    return table(
        [
            gettext("Whose"),
            gettext("Hours here") if page.is_school else gettext("Hours"),
            gettext("Hours for each school"),
        ],
        rows,
        widths=[40, 16, 22],
        caption=gettext("Hours of work on {programme}", programme=escaped(page.study.programme)),
        note=gettext("For each school that gave its hours."),
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
    columns = [gettext("Item"), gettext("Costs")]
    for_each = gettext("For each {child}", child=each)
    columns += (
        [for_each, gettext("Programme: for each {child}", child=each)]
        if page.is_school
        else [gettext("For each school"), gettext("Lowest to highest"), for_each]
    )
    return table(
        columns,
        rows,
        widths=[34, 14, 18, 22, 16][: len(columns)],
        caption=gettext(
            "Costs of {programme}, {currency}",
            programme=escaped(page.study.programme),
            currency=_currency(page),
        ),
        note=gettext(
            "{Children} are those on roll. For each school: each that had such costs.",
            Children=f"{children[:1].upper()}{children[1:]}",
        )
        + _shared(page),
    )


def chart(page: Page) -> Figure | None:
    """Sessions for each school by kind: groups of schools, or this school, and what was planned."""
    if page.is_school:
        shown = [
            (Compared(gettext("This school"), page.unit, ALL), "count"),
            (Compared(gettext("Programme"), COHORT, ALL), "mean"),
        ]
    elif 1 < len(page.phases) < SERIES:
        shown = [(who, "mean") for who in page.phases]
    else:
        shown = [(Compared(gettext("Mean of all schools"), COHORT, ALL), "mean")]
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
            marks.append(figures.Mark(name, gettext("Planned"), part(row, 0)))
    own = Compared("", page.unit, ALL)
    if not marks or not _some(page, own):
        return None
    most = max(figures.plotted(mark.value) for mark in marks)
    return dot_chart(
        page,
        name="delivery",
        marks=marks,
        limits=(-0.05 * max(most, 1), 1.1 * max(most, 1)),
        caption=gettext("Sessions for each school, by kind of session, and in this school")
        if page.is_school
        else gettext("Sessions for each school, by kind"),
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
        return [
            gettext("No session in this school was reported. ")
            if page.is_school
            else gettext("No session so far was reported. ")
        ]
    at = (*SESSIONS, ALL, WAVE)
    minutes = page.number(own, *at, "minutes", decimals=0)
    few = page.is_school and count["value"] < TOO_FEW_FOR_PERCENT
    number = first(in_words(count)) if few else part(count, 0)
    if page.is_school:
        pieces = nsentence(
            "{number} session was held in this school, {minutes} minutes in all. ",
            "{number} sessions were held in this school, {minutes} minutes in all. ",
            count["value"],
            number=number,
            minutes=_pieces(minutes),
        )
        mean = page.values(PROGRAMME, *at, "mean")
        if mean:
            pieces += sentence(
                "Over all schools of the programme, {mean} were held on average. ",
                mean=part(mean, 1),
            )
        return pieces
    some, none = (page.values(own, *at, name) for name in ("schools", "none"))
    fields = {
        "number": number,
        "minutes": _pieces(minutes),
        "mean": _pieces(page.number(own, *at, "mean", decimals=1)),
        "fewest": _pieces(page.number(own, *at, "fewest", decimals=0)),
        "most": _pieces(page.number(own, *at, "most", decimals=0)),
    }
    if some and none:
        return nsentence(
            "{number} session was held in {some} of {all} schools, {minutes} minutes in all: {mean} "
            "sessions for each school, from {fewest} to {most} in one. ",
            "{number} sessions were held in {some} of {all} schools, {minutes} minutes in all: "
            "{mean} sessions for each school, from {fewest} to {most} in one. ",
            count["value"],
            some=part(some, 0),
            all=part(some, 0, "denominator"),
            **fields,
        )
    return nsentence(
        "{number} session was held, {minutes} minutes in all: {mean} sessions for each school, from "
        "{fewest} to {most} in one. ",
        "{number} sessions were held, {minutes} minutes in all: {mean} sessions for each school, from "
        "{fewest} to {most} in one. ",
        count["value"],
        **fields,
    )


def _came(page: Page, own: Compared) -> list[Piece]:
    row = page.row(own, *ATTENDANCE, "percent")
    if row is None:
        return []
    if row["release"] != RELEASED:
        return [
            gettext(
                "How many of those invited came is withheld, because it rests on too few people or "
                "would give away a number that does. "
            )
        ]
    pieces: list[Piece] = (
        sentence(
            "{count} of {all} invitations were taken up. ",
            count=first(in_words(row, "numerator")),
            all=in_words(row, "denominator"),
        )
        if row["denominator"] < TOO_FEW_FOR_PERCENT
        else sentence(
            "{percent}% of {all} invitations were taken up. ",
            percent=part(row, 0),
            all=part(row, 0, "denominator"),
        )
    )
    minutes = page.values(own, *ATTENDANCE, "minutes")
    if minutes:
        pieces += sentence(
            "That makes at most {minutes} minutes for each of those invited. ",
            minutes=part(minutes, 0),
        )
    return pieces


def _leaders(page: Page) -> list[Piece]:
    row = page.values(PROGRAMME, PEOPLE, "sessions", "leader", ALL, WAVE, "percent")
    if page.is_school or row is None:
        return []
    return sentence(
        "A leader of the school took part in {count} of the {all} sessions of which that was noted. ",
        count=part(row, 0, "numerator"),
        all=part(row, 0, "denominator"),
    )


def _spent(page: Page, own: Compared) -> list[Piece]:
    total = page.values(own, *COSTS, ALL, WAVE, "sum")
    if total is None:
        return []
    money = _currency(page)
    each = page.values(own, *COSTS, ALL, WAVE, "mean")
    of_child = page.values(own, *COSTS, ALL, WAVE, "per_pupil")
    fields: dict[str, Piece] = {"money": money, "total": part(total, 0), "child": _child(page)}
    if each:
        fields["each"] = part(each, 0)
    if of_child:
        fields["of_child"] = part(of_child, 2)
    if page.is_school:
        message = (
            N_("It cost {money}{total} in this school, {money}{of_child} for each {child} on roll.")
            if of_child
            else N_("It cost {money}{total} in this school.")
        )
    elif each and of_child:
        message = N_(
            "It cost {money}{total} in all, {money}{each} for each school that had any cost and "
            "{money}{of_child} for each {child} on roll."
        )
    elif each:
        message = N_(
            "It cost {money}{total} in all, {money}{each} for each school that had any cost."
        )
    elif of_child:
        message = N_("It cost {money}{total} in all, {money}{of_child} for each {child} on roll.")
    else:
        message = N_("It cost {money}{total} in all.")
    return sentence(message, **fields)


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
    return lines + [(who, ALL, gettext("All: {group}", group=escaped(who.label))) for who in groups]


def _shared(page: Page) -> str:
    """Where the costs are that no one school caused, if there are any."""
    if page.row(PROGRAMME, *COSTS, "shared", WAVE, "sum") is None:
        return ""
    if page.is_school:
        return " " + gettext("What no one school caused is left out on both sides.")
    return " " + gettext(
        "What no one school caused is in the totals, and in no group or single school."
    )


def _range(page: Page, who: Compared, *at: str) -> Cell:
    *where, low, high = at
    ends = [page.values(who, *where, end) for end in (low, high)]
    if ends[0] is None or ends[1] is None:
        return _given(page, who, *where, low)
    return between(part(ends[0], 0), part(ends[1], 0))


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
    ends = {"shared": gettext("Shared by all schools"), ALL: gettext("All")}
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
        shown.append(
            Compared(
                gettext("{characteristic} not said", characteristic=group.label),
                COHORT,
                group.not_said,
            )
        )
    return shown
