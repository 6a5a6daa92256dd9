"""Quotations: consent, words, speakers, repetition, and schools that would point at somebody."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from analysis import study as studies
from analysis.disclosure import texts as texts_of
from analysis.disclosure.texts import released_texts
from analysis.errors import AnalystError
from analysis.prepare import Prepared, quotations, schools, strands
from analysis.prepare.quality import Quality

RAW = Path(__file__).parents[2] / "data" / "raw"
PEOPLE = pd.DataFrame(
    {
        "source_id": ["I01", "I02", "I03", "I04"],
        "school": ["S1", "S1", "S2", "S2"],
        "role": ["leader", "teacher", "teacher", "leader"],
        "consent_to_quote": ["yes", "yes", "yes", "no"],
    }
)
SEGMENTS = pd.DataFrame(
    [
        ("I01", "A.1", "We have a café, and it is small."),
        ("I02", "A.1", "I like it here."),
        ("I03", "A.1", "It is a fine place."),
        ("I03", "A.2", "Only I say this."),
        ("I01", "A.3", "Both of us say it."),
        ("I02", "A.3", "Both of us say so."),
        ("I02", "A.4", "Teachers say it."),
        ("I03", "A.4", "Teachers say so."),
        ("I04", "A.1", "I did not agree."),
    ],
    columns=["source_id", "code", "text"],
).assign(
    school=lambda f: f["source_id"].map(PEOPLE.set_index("source_id")["school"]),
    role=lambda f: f["source_id"].map(PEOPLE.set_index("source_id")["role"]),
)


def chosen(*rows: tuple[str, str, str, str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["source_id", "code", "attribution", "text"])
    return frame.assign(quotation_id=[f"Q{n}" for n in range(1, len(rows) + 1)], section="s")


def check(frame: pd.DataFrame) -> tuple[list[str], dict[str, str]]:
    shown, found = quotations.check(frame, PEOPLE, SEGMENTS, "quotations.csv")
    return shown["shown_as"].tolist(), dict(zip(found["kind"], found["quotations"], strict=True))


def test_words_as_said_and_words_left_out() -> None:
    rows = (
        ("I01", "A.1", "role", "We have a café, and it is small."),
        ("I01", "A.1", "role", "We have a café [...] small."),
        ("I02", "A.1", "school", "I like it  here"),
    )
    assert check(chosen(*rows)) == (["role", "role", "school"], {})


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (("I04", "A.1", "role", "I did not agree."), "did not agree to be quoted"),
        (("I01", "A.1", "role", "We have a bar."), "is not in any passage of I01"),
        (("I01", "A.2", "role", "We have a café"), "under A.2"),
        (("I01", "A.1", "role", "small [...] We have a café"), "is not in any passage"),
        (("I01", "A.1", "both", "We have a café"), "no attribution"),
    ],
)
def test_what_is_refused(row: tuple[str, str, str, str], message: str) -> None:
    with pytest.raises(AnalystError, match=message):
        check(chosen(row))


def test_the_same_words_given_to_two_speakers_are_refused() -> None:
    both = SEGMENTS.assign(text="The same words.")
    frame = chosen(
        ("I01", "A.1", "role", "The same words."), ("I03", "A.1", "role", "The same words.")
    )
    with pytest.raises(AnalystError, match="Q1, Q2 have the same words but another speaker"):
        quotations.check(frame, PEOPLE, both, "quotations.csv")


def test_a_passage_in_two_sections_is_reported() -> None:
    row = ("I01", "A.1", "role", "We have a café, and it is small.")
    assert check(chosen(row, row)) == (["role", "role"], {"repeated": "Q1, Q2"})


def test_role_once_and_school_once_shows_neither() -> None:
    rows = [("I01", "A.1", how, text) for how, text in (("role", "I like"), ("school", "I like"))]
    frame = chosen(*((s, c, h, "We have a café, and it is small.") for s, c, h, _ in rows))
    shown, found = check(frame)
    assert shown == ["none", "none"]
    assert found == {"repeated": "Q1, Q2", "role_and_school": "Q1, Q2"}


@pytest.mark.parametrize(("source", "code", "text"), [
    ("I03", "A.2", "Only I say this."),  # one person
    ("I01", "A.3", "Both of us say it."),  # two people, one school
])  # fmt: skip
def test_a_rare_code_withholds_the_school(source: str, code: str, text: str) -> None:
    assert check(chosen((source, code, "school", text))) == (["none"], {"school_withheld": "Q1"})
    assert check(chosen((source, code, "role", text))) == (["role"], {})


@pytest.fixture(scope="module")
def prepared() -> Prepared:
    study = studies.load(RAW)
    table = schools.read(study)
    frames, documents = strands.read(study, table, Quality())
    return Prepared(study, {}, table, {}, frames, {}, documents)


def test_no_quotation_leaves_for_a_schools_report(prepared: Prepared) -> None:
    texts = released_texts(prepared)
    said = texts[texts["kind"] == "quotation"]
    assert set(said["unit"]) == {"cohort"} and len(said) == 42
    # Of role and school, one at most.
    assert not said["attribution"].str.contains(r"(?:Leader|Teacher).*School").any()
    interviewees = prepared.strands["interviewees"]
    silent = interviewees.loc[interviewees["consent_to_quote"] == "no", "source_id"]
    assert not prepared.strands["quotations"]["source_id"].isin(silent).any()


def test_a_very_small_school_shows_no_role_in_its_plan(prepared: Prepared) -> None:
    texts = released_texts(prepared)
    plans = texts[texts["kind"] == "plan"].set_index("unit")["attribution"]
    assert set(plans["S12"]) == {texts_of.NO_LEAD}
    assert "pastoral lead" in set(plans["S09"])
