"""The grammar of conditions: what is written reads back the same, and nothing else gets in."""

from __future__ import annotations

import contextlib

from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.claims.evaluate import Missing, Range, evaluate
from analysis.claims.grammar import (
    Call,
    Comparison,
    ConditionError,
    Joined,
    Negative,
    Node,
    Not,
    Number,
    Over,
    Reference,
    Sum,
    parse_condition,
    references,
    written,
)

ids = st.sampled_from(
    ["staff.spsc.paired.total.t1-t2.all.t", "a.b.c.d.e.f.g", "pupils.x.items.fam1.t1.all.mean"]
)
numbers = st.recursive(
    st.one_of(
        st.builds(Number, st.integers(0, 999).map(float)),
        st.builds(Reference, ids, st.sampled_from(["value", "ci_low", "n"])),
    ),
    lambda inner: st.one_of(
        st.builds(Negative, inner),
        st.builds(Sum, st.sampled_from("+-*/"), inner, inner),
        st.builds(lambda a: Call("abs", (a,)), inner),
    ),
    max_leaves=6,
)
conditions = st.recursive(
    st.one_of(
        st.builds(Comparison, st.sampled_from(["<", "<=", ">", ">=", "=", "!="]), numbers, numbers),
        st.builds(lambda i: Call("increased", (Reference(i),)), ids),
    ),
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(lambda w, a, b: Joined(w, (a, b)), st.sampled_from(["and", "or"]), inner, inner),
        st.builds(lambda n, b: Over(n, "s", ("a", "b"), b),
                  st.sampled_from(["every", "some", "none"]), inner),
    ),
    max_leaves=5,
)  # fmt: skip


def bound_once(node: Node, inside: bool = False) -> bool:
    """Whether no variable is bound within its own range: the grammar refuses that."""
    match node:
        case Over(_, _, _, body):
            return not inside and bound_once(body, True)
        case Not(of) | Negative(of):
            return bound_once(of, inside)
        case Joined(_, parts) | Call(_, parts):
            return all(bound_once(part, inside) for part in parts)
        case Sum(_, left, right) | Comparison(_, left, right):
            return bound_once(left, inside) and bound_once(right, inside)
    return True


@settings(deadline=None)
@given(conditions.filter(bound_once))
def test_a_written_tree_reads_back_the_same(node: Node) -> None:
    assert parse_condition(written(node)) == node


@given(st.text(max_size=60))
def test_any_text_is_a_condition_or_refused_with_its_place(text: str) -> None:
    try:
        parse_condition(text)
    except ConditionError as error:
        assert 0 <= error.place <= max(len(text), 4000)


@given(st.text(alphabet="()andornt <>=12.-+*/abs:[],every", max_size=80))
def test_nearly_conditions_never_break_the_parser(text: str) -> None:
    with contextlib.suppress(ConditionError):
        parse_condition(text)


@settings(deadline=None)
@given(conditions.filter(bound_once), st.data())
def test_ranges_never_decide_against_the_number_within(node: Node, data: st.DataObject) -> None:
    """What is known of ranges is true of every number in them."""
    exact: dict[Reference, float] = {}
    wide: dict[Reference, Range] = {}
    for reference in references(node):
        for field in (reference.field, "ci_low", "ci_high"):
            each = Reference(reference.id, field)
            exact[each] = float(data.draw(st.integers(-20, 20)))
            wide[each] = Range(
                exact[each] - data.draw(st.integers(0, 3)),
                exact[each] + data.draw(st.integers(0, 3)),
            )
    over_ranges = evaluate(node, lambda r: wide[r]).truth
    over_numbers = evaluate(node, lambda r: Range.of(exact[r])).truth
    if over_ranges is not None and over_numbers is not None:
        assert over_ranges == over_numbers


@given(st.sampled_from(["<", "<=", ">", ">=", "=", "!="]), ids, numbers)
def test_without_its_number_a_comparison_is_not_known(sign: str, name: str, other: Node) -> None:
    outcome = evaluate(Comparison(sign, Reference(name), other), lambda r: Missing("absent"))
    assert outcome.truth is None
    assert (Reference(name), "absent") in outcome.missing
