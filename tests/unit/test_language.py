"""Every word that a reader sees comes through the catalogues, and Welsh says what English says."""

from __future__ import annotations

import ast
import datetime as dt
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po

from analysis import language
from analysis.present.shown import Part, number_text
from analysis.words import inside
from tests.conftest import ROOT

#: What marks a message, as babel's tools name it.
KEYWORDS = {
    "gettext": None, "N_": None, "sentence": None, "ngettext": (1, 2), "nsentence": (1, 2),
    "pgettext": ((1, "c"), 2),
}  # fmt: skip
#: Words in these calls reach nobody: errors for analysts, names of files and ids.
QUIET = {
    "AnalystError", "ValueError", "TypeError", "KeyError", "AssertionError", "UnknownQuestion",
    "row", "number", "values", "rows", "shows", "interval", "with_interval", "p_value", "compile",
    "replace", "split", "startswith", "endswith", "removeprefix", "removesuffix", "get", "join",
    "ids_of", "texts_of", "strand", "slug", "canvas_of", "field", "TypeVar", "ContextVar", "TextIO",
}  # fmt: skip
#: Modules of which every word is in the catalogue.
WRAPPED = sorted((ROOT / "analysis" / "present").glob("*.py")) + [
    ROOT / "analysis" / "forms" / name for name in ("asked.py", "workbook.py")
]
#: Names of modules, files, settings and colours, and markup.
NO_WORDS = re.compile(r"^[\w:%-]+(\.[\w:%-]+)+$|^<|^\w+,pad=")
#: What stands in them and is no word of a language, or nobody reads.
ALLOWED = {
    "p (Wilcoxon)", "p (Holm)",
    # Words of matplotlib, of typefaces, and names of fields.
    "offset points", "axes fraction", "upper left", "lower left", "outside upper left", "People",
    "Waves", "Date", "Creator", "DejaVu Sans", "', Arial, sans-serif", "Inter",
    # Strengths as the framework's file has them; what readers see stands beside them as messages.
    "one source", "several of one kind",
    # A unit as a study writes it, what a fence of Markdown begins with, and a format of a date.
    "per cent", '::: {.callout-note title="', "d mmm yyyy",
    # The first sheet of a return form, by which a form is known when it comes back.
    "Start",
    # Given to errors for analysts.
    "too few answered, or nobody", "it is not released",
}  # fmt: skip
WORDS = re.compile(r"[A-Za-z]{2,}[ ,.:][ A-Za-z(]|^[A-Z][a-z]{3,}$")


def unmarked(path: Path) -> Iterator[tuple[int, str]]:
    """Texts with words in a module that no call marks as a message, with their lines."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
            continue
        said = node.value.strip()
        if not WORDS.search(said) or NO_WORDS.search(said) or said in ALLOWED:
            continue
        above = [node]
        while above[-1] in parents:
            above.append(parents[above[-1]])
        calls = [
            each.func.id if isinstance(each.func, ast.Name) else each.func.attr
            for each in above
            if isinstance(each, ast.Call) and isinstance(each.func, ast.Name | ast.Attribute)
        ]
        is_text = isinstance(parents[node], ast.Expr)
        named = set(calls) & (KEYWORDS.keys() | QUIET)
        exported = any(
            isinstance(a, ast.Assign) and ast.unparse(a.targets[0]) == "__all__" for a in above
        )
        if (
            not exported
            and not is_text
            and not named
            and not any(isinstance(a, ast.Raise) for a in above)
        ):
            yield node.lineno, node.value


@pytest.mark.parametrize("path", WRAPPED, ids=lambda path: path.name)
def test_every_word_that_a_reader_sees_is_a_message(path: Path) -> None:
    assert not [f"{path.name}:{line}: {text}" for line, text in unmarked(path)]


def test_no_message_stands_within_an_f_string() -> None:
    """There babel's tools do not find it, and it would be in no catalogue."""
    for path in sorted((ROOT / "analysis").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            calls = ast.walk(node) if isinstance(node, ast.JoinedStr) else ()
            assert not [
                call.lineno
                for call in calls
                if isinstance(call, ast.Call)
                and isinstance(call.func, ast.Name)
                and call.func.id in KEYWORDS
                and call.args
                and isinstance(call.args[0], ast.Constant)
            ], path


def messages() -> set[tuple[str, ...]]:
    """All messages of the package and its school template, as babel's extraction finds them."""
    found = set()
    paths = sorted((ROOT / "analysis").rglob("*.py"))
    for path in paths:
        with path.open("rb") as file:
            for _, message, _, context in extract("python", file, KEYWORDS):
                several = message if isinstance(message, tuple) else (message,)
                found.add((*([context] if context else []), *several))
    options = {
        "block_start_string": "[%", "block_end_string": "%]", "variable_start_string": "[[",
        "variable_end_string": "]]", "comment_start_string": "[#--", "comment_end_string": "--#]",
        "silent": "false",
    }  # fmt: skip
    for path in sorted((ROOT / "report").glob("*.qmd")):
        text = io.BytesIO(path.read_bytes())
        for _, message, _, _ in extract("jinja2", text, KEYWORDS, options=options):
            found.add(message if isinstance(message, tuple) else (message,))
    return found


@pytest.mark.parametrize("code", [c for c in language.known() if c != language.ENGLISH])
def test_a_catalogue_has_the_messages_that_there_are(code: str) -> None:
    """`make words` was run."""
    in_code = messages()
    in_catalogue = {
        (*([m.context] if m.context else []), *([m.id] if isinstance(m.id, str) else m.id))
        for m in language.catalogue(code)
        if m.id
    }
    assert in_code - in_catalogue == set()
    assert in_catalogue - in_code == set()


@pytest.mark.parametrize("code", [c for c in language.known() if c != language.ENGLISH])
def test_a_translation_names_the_fields_of_its_message(code: str) -> None:
    """A field left out would be a number left out; one misspelt would end in an error."""
    for message in language.catalogue(code):
        if not message.id or not message.string:
            continue
        several = not isinstance(message.id, str)
        wanted = set(re.findall(r"\{(\w+)\}", "".join(message.id)))
        for said in message.string if several else [message.string]:
            fields = set(re.findall(r"\{(\w+)\}", said))
            assert fields <= wanted, message.id
            assert fields == wanted or not said or several, message.id


def test_nothing_in_a_catalogue_is_markup_that_the_message_has_not() -> None:
    for message in filter(lambda each: each.id, language.catalogue("cy")):
        for said in message.string if isinstance(message.string, tuple) else [message.string]:
            for mark in ("<", "[[", "{{", "`", "|"):
                assert mark not in str(said) or mark in "".join(message.id), message.id


def test_a_sentence_is_pieces_with_the_numbers_that_it_was_given() -> None:
    number = Part("7", "S01", "a.b.c.d.e.f.g", "value", 0)
    with language.spoken("cy"):
        said = language.sentence("{count} of {all}", count=number, all="nine")
    assert said == [number, " o ", "nine"]
    assert language.sentence("{count} of {all}", count=[number, "x"], all="nine") == [
        number, "x", " of ", "nine",
    ]  # fmt: skip


def test_what_a_catalogue_lacks_stays_english() -> None:
    with language.spoken("cy"):
        assert language.gettext("no message of ours {n}", n=1) == "no message of ours 1"


def test_a_language_is_spoken_within_and_not_after() -> None:
    with language.spoken("cy"):
        assert language.gettext("Scale") == "Graddfa"
        assert language.long_date(dt.date(2032, 7, 1)) == "1 Gorffennaf 2032"
        assert inside("Mai 2032") == "Mai 2032"
        assert language.listed(["staff", "disgyblion"]) == "staff a disgyblion"
        assert language.listed(["staff", "ysgolion"]) == "staff ac ysgolion"
    assert language.gettext("Scale") == "Scale"
    assert language.long_date(dt.date(2032, 7, 1)) == "1 July 2032"


def test_numbers_follow_the_language_and_are_read_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """By a language that writes them in another way, which has no catalogue yet."""
    monkeypatch.setattr(language._Now, "language", "de")
    assert number_text(-1234.5, 1) == "\N{MINUS SIGN}1.234,5"
    assert language.number_of(number_text(-1234.5, 1)) == -1234.5


def test_plurals_are_those_of_the_language() -> None:
    with language.spoken("cy"):
        one = language.ngettext("{number} aim", "{number} aims", 1, number="un")
        five = language.ngettext("{number} aim", "{number} aims", 5, number="pump")
    assert (one, five) == ("un nod", "pump o nodau")


def test_words_by_language_are_taken_in_the_one_that_is_spoken() -> None:
    def content() -> dict[str, object]:
        return {
            "label": {"en": "Staff survey", "cy": "Arolwg staff"},
            "items": [{"label": {"en": "Only English"}, "wording": {"en": "Ask", "cy": "Gofyn"}}],
            "values": {"en": 1},
        }

    english, welsh = content(), content()
    language.in_language(english)
    with language.spoken("cy"):
        language.in_language(welsh)
    assert english["label"] == "Staff survey"
    assert welsh["label"] == "Arolwg staff"
    kept = {"label": "Only English", "wording": {"en": "Ask", "cy": "Gofyn"}}
    assert welsh["items"] == [kept]  # a questionnaire asks in all of its languages
    assert welsh["values"] == {"en": 1}


def test_the_state_of_a_catalogue_counts_what_nobody_has_reviewed() -> None:
    state = language.state("cy")
    with (language.FOLDER / "cy/LC_MESSAGES/report.po").open("rb") as file:
        found = [m for m in read_po(file, locale="cy") if m.id]
    assert state.entries == len(found)
    assert 0 < state.unreviewed == sum(m.fuzzy for m in found) <= state.entries - state.missing
