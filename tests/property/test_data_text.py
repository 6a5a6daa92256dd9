"""What reading data by Pandoc may leave out: only what makes no difference."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.publish.builtin.pandoc import DATA_FORMAT, Pandoc
from analysis.publish.builtin.reading import PLAIN_VALUE, is_plain
from analysis.publish.builtin.tree import para, string, text_of, words

#: What Markdown is made of, and what could be taken for the joint between two words in JSON.
PIECES = st.sampled_from(
    [*"ab1 :;,.-_*`'\"\\|~^<>[](){}#%@!&\n", "  ", "\\\n", "Space", '"},{"t":"Space"},{"t":"Str"',
     "| a | b |\n|---|--:|\n| c d | e  f |", "SoftBreak", "::: {.x}\n", "\u00a0", "é", "“"]
)  # fmt: skip
TEXTS = st.lists(PIECES, max_size=14).map("".join)


@pytest.fixture(scope="module")
def pandoc() -> Iterator[Pandoc]:
    """One Pandoc for all examples."""
    made = Pandoc()
    yield made
    made.close()


def apart(value: Any) -> Any:
    """A tree with every word as a node of its own again."""
    if isinstance(value, dict):
        return {key: apart(part) for key, part in value.items()}
    if not isinstance(value, list):
        return value
    parts: list[Any] = []
    for item in value:
        if isinstance(item, dict) and item.get("t") == "Str":
            parts += words(item["c"])
        else:
            parts.append(apart(item))
    return parts


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TEXTS)
def test_words_are_joined_and_nothing_else(pandoc: Pandoc, text: str) -> None:
    [answer] = pandoc._ask([{"text": text, "from": DATA_FORMAT, "to": "json"}])
    whole = json.loads(answer)["blocks"]
    [joined] = pandoc.read([text], DATA_FORMAT)
    assert apart(joined) == whole
    assert text_of(joined) == text_of(whole)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.from_regex(PLAIN_VALUE, fullmatch=True)
    | TEXTS.filter(is_plain)
    # What starts a list, a heading, a table or a definition, wherever it is let through.
    | st.tuples(
        st.sampled_from(["1", "a", "12"]),
        st.sampled_from([*".):-#=|%;,/"]),
        st.sampled_from([" ", ""]),
        st.sampled_from(["a", "1", "a b", ""]),
    )
    .map("".join)
    .filter(is_plain)
)
def test_a_plain_value_is_a_paragraph_of_just_that(pandoc: Pandoc, text: str) -> None:
    assert pandoc.read([text], DATA_FORMAT) == [[para([string(text)])] if text else []]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from("%~:>#-+*"), st.text("abc %", max_size=12))
def test_no_first_character_makes_a_text_vanish(pandoc: Pandoc, first: str, rest: str) -> None:
    [blocks] = pandoc.read([f"x{first}\n\n{first} word {rest}"], DATA_FORMAT)
    [alone] = pandoc.read([f"{first} word {rest}"], DATA_FORMAT)
    assert "word" in text_of(blocks)
    assert "word" in text_of(alone)
