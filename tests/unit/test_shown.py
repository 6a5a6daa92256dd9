"""Tables, texts and numbers as Markdown: what readers see, and nothing else."""

from __future__ import annotations

import json
import subprocess
from xml.etree import ElementTree

import pypandoc
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from analysis.present.shown import (
    CHART,
    PANDOC,
    Figure,
    Part,
    Table,
    Text,
    each,
    escaped,
    number_text,
    p_text,
    read_recorded,
    recorded,
    table,
    text,
)


def as_json(markdown: str) -> dict:
    """Markdown as Pandoc's tree, read as an executed notebook's output would be."""
    done = subprocess.run(
        [pypandoc.get_pandoc_path(), "-f", "markdown", "-t", "json"],
        input=markdown.encode("utf-8"),
        capture_output=True,
        check=True,
    )
    return dict(json.loads(done.stdout))


def words(tree: object) -> str:
    """The text of a tree, if it holds nothing but text."""
    if isinstance(tree, dict):
        assert tree.get("t") in (None, "Para", "Str", "Space", "SoftBreak", "Quoted", "Plain"), tree
        if tree.get("t") == "Str":
            return str(tree["c"])
        if tree.get("t") in ("Space", "SoftBreak"):
            return " "
        return words(tree.get("c", ""))
    if isinstance(tree, list):
        return "".join(words(part) for part in tree)
    return ""


HOSTILE = [
    "{{< include /etc/passwd >}}", "<script>alert(1)</script>", "# heading", "- item",
    "[a](javascript:x)", "![](x)", "$x^2$", "@tbl-x", "*a* _b_ ~c~ ^d^ `e`", "a | b", "\\[c\\]",
    "::: {.x}", "1. one", "---", "[^1]: note", "&lt;", "http://example.org", "a\n\n# b", "=1+1",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_text_that_people_wrote_stays_text(text: str) -> None:
    shown = words(as_json("x" + escaped(text) + "x")["blocks"])
    assert shown == "x" + " ".join(text.split()) + "x"


@pytest.mark.parametrize("text", HOSTILE)
def test_no_shortcode_survives(text: str) -> None:
    assert "{{<" not in escaped(text)


@settings(max_examples=25, deadline=None)
@given(st.text(st.characters(min_codepoint=32, max_codepoint=0x2FFF), max_size=40))
@example("a--b...c 'd' \"e\"")
def test_any_text_is_one_paragraph(text: str) -> None:
    blocks = as_json("x" + escaped(text) + "x")["blocks"]
    assert [block["t"] for block in blocks] == ["Para"]
    words(blocks)


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [(3.666, 2, "3.67"), (-0.104, 2, "\u22120.10"), (-0.001, 2, "0.00"), (1234.5, 0, "1,234"),
     (0.5, 0, "0"), (53.005, 1, "53.0")],
)  # fmt: skip
def test_numbers_as_readers_see_them(value: float, decimals: int, text: str) -> None:
    assert number_text(value, decimals) == text


@pytest.mark.parametrize(("value", "text"), [(0.0004, "<0.001"), (0.0005, "0.001"), (1.0, "1.000")])
def test_p_values(value: float, text: str) -> None:
    assert p_text(value) == text


def test_a_table_records_the_id_of_every_number() -> None:
    number = Part("3.66", "cohort", "staff.spsc.level.total.t1.all.mean", "value", 2)
    data, metadata = Table(
        ["Scale", "Mean"], [["Total", number]], [20, 8], "Means"
    )._repr_mimebundle_()
    assert read_recorded(metadata["drp"]["numbers"]) == [(number, 0, 1)]
    made = as_json(data[PANDOC])["blocks"][0]
    assert made["t"] == "Table"


def test_a_withheld_number_is_explained_below_the_table() -> None:
    withheld = Part("[c]", "S12", "x", "value", 2)
    assert (
        "withheld" in Table(["Scale", "Mean"], [["Total", withheld]], [20, 8], "Means").markdown()
    )
    number = Part("3.66", "S12", "x", "value", 2)
    assert (
        "withheld" not in Table(["Scale", "Mean"], [["Total", number]], [20, 8], "Means").markdown()
    )


def test_a_table_that_would_tell_nothing_is_not_made() -> None:
    number = Part("3.66", "S12", "x", "value", 2)
    withheld = Part("[c]", "S12", "x", "value", 2)
    columns, widths = ["Scale", "Mean", "SD"], [20, 8, 8]
    assert table(columns, [], widths, "Means") is None
    assert table(columns, [["Total", withheld, r"\[x\]"], ["Morale", "–", ""]], widths, "M") is None
    shown = table(columns, [["Total", withheld, number]], widths, "Means")
    assert shown is not None and shown.caption == "Means"
    assert table(columns, [["None stands", "", ""]], widths, "Means") is not None
    assert table(["What"], [["A definition"]], [20], "Words") is not None
    with pytest.raises(ValueError, match="without rows"):
        Table(columns, [], widths, "Means")
    assert text([]) is None and text([" \n"]) is None and text([number]) is not None


def test_of_several_only_those_are_shown_that_have_something() -> None:
    assert each({"a": None}) is None
    some = each({"a": None, "b": text(["Said."])})
    assert some is not None and list(some.entries) == ["b"]


def test_a_text_records_its_numbers() -> None:
    number = Part("11", "cohort", "i", "value", 0)
    _, metadata = Text([number, " of 15"])._repr_mimebundle_()
    assert read_recorded(metadata["drp"]["numbers"]) == [(number, None, None)]


@given(st.lists(st.tuples(st.text(), st.text(), st.text(), st.integers(0, 9))))
def test_whatever_numbers_show_they_are_recorded_as_they_are(
    found: list[tuple[str, str, str, int]],
) -> None:
    parts = [Part(text, "S01", identity, field, n) for text, identity, field, n in found]
    numbers = [(part, place, None) for place, part in enumerate(parts)]
    assert read_recorded(recorded(numbers)) == numbers


def test_jupyter_shows_no_marks_of_the_renderers() -> None:
    made = Table(["Scale", "Mean"], [["Total", r"\[c\]"]], [20, 8], "Means", note="Of 4 schools.")
    data, _ = made._repr_mimebundle_()
    assert data[PANDOC] == made.markdown()
    assert ":::" in made.markdown()
    assert ":::" not in data["text/markdown"]
    assert data["text/markdown"].startswith("**Means**\n\n| Scale")
    assert "\n\nOf 4 schools. " in data["text/markdown"]
    callout = Text(['::: {.callout-note title="Case example" icon=false}\n', "Words.", "\n:::\n"])
    data, _ = callout._repr_mimebundle_()
    assert data["text/markdown"] == "**Case example**\n\nWords.\n"


def test_an_interactive_figure_says_in_words_what_it_shows() -> None:
    alt = 'A "rise" from 1 < 2'
    figure = Figure("<svg/>", alt, "C", narrow="<svg/>", plot='{"x": "</script><b>"}')
    data, _ = figure._repr_mimebundle_()
    assert data["image/svg+xml"] == "<svg/>"
    chart = ElementTree.fromstring(data[CHART])
    both = chart.findall("div")
    assert [each.get("aria-label") for each in both] == [alt, alt]
    assert {each.get("role") for each in both} == {"img"}
    spec = chart.find("script")
    assert spec is not None and spec.text is not None
    assert "<" not in spec.text and json.loads(spec.text) == {"x": "</script><b>"}
    plain, _ = Figure("<svg/>", alt, "C")._repr_mimebundle_()
    assert "script" not in plain[CHART] and plain[CHART].count("<svg/>") == 1
