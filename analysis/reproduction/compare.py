"""Each published figure beside what was computed or stated, with a state.

The states are ``match``; ``explained`` (it does not match, or cannot be compared, and a written
reason says why); ``unexplained``; and, of released results only, ``withheld``: the number may
not be shown, and a match would show it, since the printed figure stands beside it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from analysis.audit.printed import ALPHA, number, p_value, rounded
from analysis.claims import Claims
from analysis.claims.evaluate import Range, evaluate
from analysis.claims.evaluate import number as number_of
from analysis.claims.grammar import (
    ConditionError,
    Node,
    Reference,
    kind_of,
    parse_condition,
    parse_number,
    references,
)
from analysis.claims.verdicts import Results, lookup_of, rows_of
from analysis.disclosure import RELEASED
from analysis.errors import AnalystError
from analysis.language import N_
from analysis.reproduction import stated
from analysis.reproduction.published import CLASSES, Figure, Mapped, Published
from analysis.study import Study

MATCH = N_("match")
EXPLAINED = N_("explained")
UNEXPLAINED = N_("unexplained")
WITHHELD = N_("withheld")
STATES = (MATCH, EXPLAINED, WITHHELD, UNEXPLAINED)
YES, NO = "yes", "no"


@dataclass(frozen=True)
class Compared:
    """A figure and what it was compared with.

    ``computed`` is as many decimals as printed, or ``yes`` and ``no`` of a condition, or what
    the study states; empty where there is nothing to compare. ``ledger_id`` is set where one
    result answers to the figure. ``hidden``: release rules withhold a number that it rests on.
    """

    figure: Figure
    computed: str
    value: float
    state: str
    reason: str
    ledger_id: str
    hidden: bool


def compare(
    published: Published,
    results: Results,
    study: Study,
    claims: Claims | None = None,
) -> list[Compared]:
    """Every published figure with its state.

    Parameters
    ----------
    published
        The figures.
    results
        Released results (for what is shown), or a decided ledger (for the record that is kept
        with the processed data).
    study
        The study, whose files state the constants.
    claims
        The study's claims: their sets may be used in ``map.csv``.

    Raises
    ------
    AnalystError
        If an expression of ``map.csv`` is not of the grammar, or a constant is not where
        ``classes.yaml`` says.
    """
    rows = rows_of(results)
    sets = dict(claims.sets) if claims else {}
    found = []
    for figure in published.figures:
        if figure.id in published.mapped:
            mapped = published.mapped[figure.id]
            answer = _answered(figure, mapped, _parsed(mapped, sets, figure, published), rows)
        elif figure.id in published.stated_in:
            entry = published.stated_in[figure.id]
            text = stated.look_up(entry, study.folder)
            answer = _Answer(text, math.nan, stated.agrees(figure.value, text, entry), "", False)
        else:
            answer = _Answer("", math.nan, None, "", False)
        found.append(_stated(figure, answer, published.reasons.get(figure.id, "")))
    return found


def frame(compared: Sequence[Compared]) -> pd.DataFrame:
    """The comparison as a table, one row per figure in their order."""
    return pd.DataFrame(
        [
            {
                "id": each.figure.id,
                "section": each.figure.section,
                "class": each.figure.kind,
                "published": each.figure.value,
                "computed": each.computed,
                "value": each.value,
                "state": each.state,
                "hidden": each.hidden,
                "ledger_id": each.ledger_id,
                "reason": each.reason,
            }
            for each in compared
        ]
    )


def summary(compared: Sequence[Compared]) -> dict[str, dict[str, int]]:
    """Counts by class and state; every class and state is there."""
    counts = {kind: dict.fromkeys(STATES, 0) for kind in CLASSES}
    for each in compared:
        counts[each.figure.kind][each.state] += 1
    return counts


def summary_lines(compared: Sequence[Compared]) -> list[str]:
    """What ``drp reproduce`` prints: counts per class, and every figure that is unexplained."""
    counts = summary(compared)
    lines = [f"{'class':14}{'figures':>9}{'matched':>9}{'explained':>11}{'unexplained':>13}"]
    for kind, states in counts.items():
        matched, explained, unexplained = (states[s] for s in (MATCH, EXPLAINED, UNEXPLAINED))
        total = sum(states.values())
        lines.append(f"{kind:14}{total:9}{matched:9}{explained:11}{unexplained:13}")
    totals = [sum(states[s] for states in counts.values()) for s in (MATCH, EXPLAINED, UNEXPLAINED)]
    lines.append(f"{'all':14}{len(compared):9}{totals[0]:9}{totals[1]:11}{totals[2]:13}")
    hidden = sum(each.hidden for each in compared)
    lines.append(f"{hidden} figures rest on numbers that the release withholds.")
    for each in compared:
        if each.state == UNEXPLAINED:
            now = "hidden" if each.hidden else each.computed or "nothing"
            lines.append(f"unexplained: {each.figure.id}: printed {each.figure.value}, now {now}")
    return lines


@dataclass(frozen=True)
class _Answer:
    text: str
    value: float
    same: bool | None
    ledger_id: str
    hidden: bool
    withheld: bool = False


def _stated(figure: Figure, answer: _Answer, reason: str) -> Compared:
    if answer.withheld:
        state, kept = WITHHELD, ""
    elif answer.same:
        state, kept = MATCH, ""
    else:
        state, kept = (EXPLAINED, reason) if reason else (UNEXPLAINED, "")
    return Compared(figure, answer.text, answer.value, state, kept, answer.ledger_id, answer.hidden)


def _parsed(
    mapped: Mapped, sets: Mapping[str, tuple[str, ...]], figure: Figure, published: Published
) -> Node:
    parse = parse_condition if mapped.compare == "holds" else parse_number
    try:
        return parse(mapped.expression, dict(sets))
    except ConditionError as error:
        raise AnalystError(
            f"{figure.id}: {error}",
            where=str(published.folder / "map.csv"),
            fix="Give an id of the results ledger, or an expression of the grammar for claims.",
        ) from None


def _answered(
    figure: Figure, mapped: Mapped, node: Node, rows: Mapping[str, Mapping[str, Any]]
) -> _Answer:
    used = references(node)
    hidden = any(r.id in rows and _is_hidden(rows[r.id], figure) for r in used)
    alone = node.id if isinstance(node, Reference) and node.field == "value" else ""
    look = lookup_of(rows)
    if kind_of(node) == "truth":
        outcome = evaluate(node, look)
        if outcome.truth is None:
            withheld = any(why == "withheld" for _, why in outcome.missing)
            return _Answer("", math.nan, None, "", hidden, withheld)
        return _Answer(YES if outcome.truth else NO, math.nan, outcome.truth, "", hidden)
    value, missing = number_of(node, look)
    # A count over conditions that are not all known is a range.
    if value is None or not value.known:
        withheld = any(why == "withheld" for _, why in missing)
        return _Answer("", math.nan, None, alone, hidden, withheld)
    text, same = _same(figure, mapped.compare, value)
    return _Answer(text, value.low, same, alone, hidden)


def _is_hidden(row: Mapping[str, Any], figure: Figure) -> bool:
    """Whether a release withholds a number, or shows fewer decimals than are printed."""
    most, printed = row.get("decimals"), number(figure.value)
    if row["release"] != RELEASED or most is None or math.isnan(most):
        return bool(row["release"] != RELEASED)
    return printed is None or printed.decimals > most


def _same(figure: Figure, how: str, found: Range) -> tuple[str, bool | None]:
    value = found.low
    if how == "increase":
        return (YES if value > 0 else NO), value > 0
    if how == "significant":
        is_significant = value < ALPHA
        text = YES if is_significant else NO
        return text, text == figure.value.lower()
    if how == "p_class":
        printed = p_value(figure.value)
        if printed is None:
            return f"{value:.3f}", None
        if printed.exact:
            return f"{value:.3f}", printed.low <= value <= printed.high
        # A limit does not belong to what is below it; "ns" begins at .05 itself.
        below = printed.low <= value < printed.high if printed.low == 0 else value >= printed.low
        return ("<0.001" if value < 0.0005 else f"{value:.3f}"), below
    figure_number = number(figure.value)
    if figure_number is None:
        return f"{value:g}", None
    decimals = figure_number.decimals
    shown = rounded(value, decimals)
    return f"{shown:.{decimals}f}", math.isclose(shown, figure_number.value, abs_tol=1e-9)
