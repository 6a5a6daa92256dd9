"""The sentence before a table: the question that its numbers answer, and what to look for.

Made from the registry of questions and from the table's own released numbers, so that it is true of
any study. A chapter puts it before a table that no words stand before
(:mod:`analysis.publish.leads`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Protocol

from analysis.language import N_, gettext, ngettext, number_of, sentence
from analysis.present.cells import Cell, Part, markdown_of, parts_of
from analysis.questions import QUESTIONS
from analysis.strands import sources

#: What to look for in the numbers of a question, where the question alone does not say it.
LOOK = {
    "agreement": N_("Values near one mean that coders marked alike."),
    "ancova": N_("A small p-value says that groups ended apart from a like start."),
    "attrition": N_("The nearer a difference is to nought, the more alike the two are."),
    "clustering": N_("The higher the share, the more alike people of one school answer."),
    "detectable": N_("Smaller changes than these could have passed unseen."),
    "did": N_("An interval that holds nought fits with no difference."),
    "gap": N_("A negative difference means that the group stands below all others."),
    "hidden": N_("The higher the value, the stronger another cause would have to be."),
    "imputed": N_("Set it beside the change in the same people: the two should tell one story."),
    "invariance": N_("Small effects mean that an item works alike for all."),
    "level": N_(
        "Look at the interval before the mean: where two overlap far, the order may be chance."
    ),
    "lowest": N_("What is beyond the expected column is more than chance alone brings."),
    "moderation": N_("A small p-value, after correction, says that groups changed differently."),
    "moderation_level": N_("A small p-value, after correction, says that groups stand apart."),
    "moderation_pairs": N_("An interval that holds nought fits with no difference."),
    "no_close_code": N_("Both columns should tell one story."),
    "over_time": N_("It uses everybody who answered at any time."),
    "paired": N_("An interval that holds nought fits with no change."),
    "paired_weighted": N_(
        "Set it beside the change in the same people: the two should tell one story."
    ),
    "perceived": N_("It is what people say, and no measurement."),
    "phases": N_("An interval that holds nought fits with no difference."),
    "rank": N_("A rank that could be almost any place says little."),
    "rank_items": N_("A rank that could be almost any place says little."),
    "reference": N_("The nearer a difference is to nought, the more alike the two are."),
    "reliability": N_("Values from about .7 are usual for comparing groups."),
    "same_code": N_("Both columns should tell one story."),
    "saturation": N_("Where the numbers level off, more of the same would have added little."),
    "series": N_("An interval that holds nought fits with no step at the start."),
}
#: Statistics of which the lowest and the highest say something.
RANGED = {
    "mean": N_("means"), "percent": N_("shares"), "difference": N_("differences"), "smd": N_("differences"),
    "alpha": N_("values of alpha"), "favourable": N_("shares"), "yes": N_("shares"), "icc": N_("shares"),
    "points": N_("changes"), "item_rest": N_("correlations"), "people": N_("numbers of people"),
    "plans": N_("numbers of schools"), "schools": N_("numbers of schools"), "agreement": N_("shares"),
    "rank": N_("ranks"), "g": N_("effects"), "d_z": N_("effects"), "mdes": N_("effects"),
}  # fmt: skip
#: Questions whose rows are in units of their own, so that they have no lowest and highest.
OWN_UNITS = {"rate", "rate_change", "series", "series_national", "rate_gap", "rate_gap_change"}
#: As much of a table's rows begins with numbers of one question, or it answers none.
MOST = 0.8
#: Sources of results beside the surveys.
STRANDS = frozenset(each.id for each in sources())


class Table(Protocol):
    """What a table says of itself (:class:`analysis.present.shown.Table`)."""

    @property
    def columns(self) -> Sequence[str]: ...
    @property
    def rows(self) -> Sequence[Sequence[Cell]]: ...
    @property
    def text_columns(self) -> int: ...
    @property
    def look(self) -> str: ...


def lead(table: Table) -> list[str | Part]:
    """The sentence before a table of released results, as text and numbers in order.

    It names the lowest and the highest of a column, and says so where some cannot be shown.
    """
    pieces: list[str | Part] = []
    question, asks = _question(table)
    if table.look:
        return [table.look]
    if question:
        pieces.append(f"*{gettext(asks)}*")
        if question in LOOK and _fits(table, LOOK[question]):
            pieces.append(f" {gettext(LOOK[question])}")
    span = [] if question in OWN_UNITS else _span(table)
    if span:
        pieces += [" " if pieces else "", *span]
    if not pieces:
        pieces = [_rows(table)]
    return pieces


def _question(table: Table) -> tuple[str, str]:
    """The question that a table's rows begin with, by name and in words, if they are of one."""
    first = [
        part
        for row in table.rows
        for part in [next((p for cell in row for p in parts_of(cell)), None)]
        if part is not None
    ]
    asked = Counter((_place(part, 2), _place(part, 0) in STRANDS) for part in first)
    for (name, strand), count in asked.most_common(1):
        if count >= MOST * len(first):
            known = [each for each in QUESTIONS if each.name == name]
            own = [each for each in known if (each.of != "survey") == strand]
            return next(((name, each.asks) for each in own or known), ("", ""))
    return "", ""


def _fits(table: Table, look: str) -> bool:
    """Whether a table has what a reader is told to look for: intervals, p-values."""
    intervals = any(
        p.field == "ci_low" for row in table.rows for cell in row for p in parts_of(cell)
    )
    tested = any(column == "p" or column.startswith("p (") for column in table.columns)
    return ("interval" not in look or intervals) and ("p-value" not in look or tested)


def _place(part: Part, place: int) -> str:
    parts = part.id.split(".")
    return parts[place] if len(parts) == 7 else ""


def _span(table: Table) -> list[str | Part]:
    """From what to what the first column of one kind of number runs, and in which rows."""
    for column in range(table.text_columns, len(table.columns)):
        cells = [(row, _value(row[column])) for row in table.rows if column < len(row)]
        known = [(row, part, number_of(part.text)) for row, part in cells if part is not None]
        kinds = {_place(part, 6) for _, part, _ in known}
        instruments = {(_place(part, 0), _place(part, 1)) for _, part, _ in known}
        if len(known) < 3 or len(kinds) > 1 or not kinds <= set(RANGED) or len(instruments) > 1:
            continue
        low, high = (pick(known, key=lambda each: each[2]) for pick in (min, max))
        what = gettext(RANGED[kinds.pop()])
        every = len(known) == len(table.rows)
        heading = table.columns[column]
        if low[2] == high[2]:
            return sentence(
                N_("The {what} under *{heading}* are all {value}.")
                if every
                else N_("The {what} that can be shown under *{heading}* are all {value}."),
                what=what,
                heading=heading,
                value=low[1],
            )
        return sentence(
            N_("The {what} under *{heading}* run from {lowest} to {highest}.")
            if every
            else N_(
                "The {what} that can be shown under *{heading}* run from {lowest} to {highest}."
            ),
            what=what,
            heading=heading,
            lowest=[low[1], _named(table, low[0], low[2], known)],
            highest=[high[1], _named(table, high[0], high[2], known)],
        )
    return []


def _value(cell: Cell) -> Part | None:
    """The number of a cell that begins with one, if it can be read as one."""
    pieces = [cell] if isinstance(cell, str | Part) else list(cell)
    first = pieces[0] if pieces else None
    if not isinstance(first, Part) or first.field != "value":
        return None
    try:
        number_of(first.text)
    except ValueError:
        return None
    return first


def _named(
    table: Table, row: Sequence[Cell], value: float, known: Sequence[tuple[object, Part, float]]
) -> str:
    """The row of a number in brackets, where it is the only one with it."""
    if sum(each == value for _, _, each in known) > 1:
        return ""
    words = [markdown_of(cell).strip() for cell in row[: table.text_columns]]
    # The first words are enough where no other row has them.
    if sum(markdown_of(each[0]).strip() == words[0] for each in table.rows) == 1:
        words = words[:1]
    return f" ({', '.join(word for word in words if word)})"


def _rows(table: Table) -> str:
    """How many rows there are, and by what."""
    count = len(table.rows)
    return ngettext(
        "One row, by *{column}*.",
        "The table has {number} rows, by *{column}*.",
        count,
        number=count,
        column=table.columns[0],
    )
