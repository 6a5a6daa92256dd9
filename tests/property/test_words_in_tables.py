"""A table whose words are marked is walked as one without marks, whatever stands in its cells."""

from __future__ import annotations

from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from analysis.publish.builtin.tables import read_table
from analysis.publish.builtin.tree import Node, inside, of_words, plain, walk, words

LINK: Node = {"t": "Link", "c": [["", [], []], words("there"), ["#a", ""]]}
INLINES = st.lists(st.sampled_from([*words("a b"), {"t": "SoftBreak"}, LINK]), max_size=3)
BLOCKS = st.lists(
    st.one_of(
        INLINES.map(plain),
        INLINES.map(lambda inlines: {"t": "Para", "c": inlines}),
        INLINES.map(lambda inlines: {"t": "BulletList", "c": [[plain(inlines)]]}),
    ),
    max_size=3,
)
ROWS = st.lists(st.lists(BLOCKS, min_size=2, max_size=2), max_size=3)
NOTHING: list[Any] = ["", [], []]


def table(head: list[Any], rows: list[Any], foot: list[Any]) -> list[Any]:
    """The content of Pandoc's table of these rows of cells."""

    def of(found: list[Any]) -> list[Any]:
        return [
            [NOTHING, [[NOTHING, {"t": "AlignDefault"}, 1, 1, blocks] for blocks in row]]
            for row in found
        ]

    columns = [[{"t": "AlignDefault"}, {"t": "ColWidthDefault"}]] * 2
    body = [NOTHING, 0, [], of(rows)]
    return [NOTHING, [None, []], columns, [NOTHING, of(head)], [body], [NOTHING, of(foot)]]


def turned(node: Node) -> Node | None:
    """What a pass does to what is no words."""
    return {"t": "Strong", "c": node["c"][1]} if node["t"] == "Link" else None


@given(ROWS, ROWS, ROWS)
@example([], [[[plain(words("a"))], [plain(words("a")), plain([LINK])]]], [])
@example([], [[[], [plain([LINK])]], [[plain(words("a"))], []]], [])
def test_marks_change_nothing(head: list[Any], rows: list[Any], foot: list[Any]) -> None:
    content = table(head, rows, foot)
    marked = {"t": "Table", "c": of_words(content)}
    assert marked["c"] == content
    assert inside(marked, turned)["c"] == walk(content, turned)
    assert read_table(marked) == read_table({"t": "Table", "c": content})
