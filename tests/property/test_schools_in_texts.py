"""Names of other schools are found wherever they stand, however many there are."""

from __future__ import annotations

import re

from hypothesis import example, given
from hypothesis import strategies as st

from analysis.publish.check import Forbidden, _schools_in
from analysis.publish.opened import Held

#: Letters, what joins words, what parts them, and what looks like either.
TEXTS = st.text(alphabet="aB1 -_'.’\n&é", max_size=40)


@given(st.lists(TEXTS.filter(str.strip), max_size=6, unique=True), st.lists(TEXTS, max_size=4))
@example(["Elm Row"], ["St Mary-Elm Row School"])
@example(["Elm_Row", "Elm"], ["_Elm_ Row", "Elm_Row's"])
@example(["&", "- -"], ["a & b - - c"])
@example(["B a"], ["B\n a", "B  a"])
def test_a_name_is_found_where_no_letter_stands_before_or_after(
    names: list[str], texts: list[str]
) -> None:
    others = tuple((f"id{place}", name) for place, name in enumerate(names))
    found = [*_schools_in(Held(words=texts), texts, Forbidden(others=others))]
    whole = "\n".join(" ".join(text.split()) for text in texts)
    plain = [" ".join(name.split()) for name in names]
    assert found == [
        f"names another school: {name}"
        for name in plain
        if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", whole)
    ]
