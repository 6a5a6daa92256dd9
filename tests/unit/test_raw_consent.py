"""Consent, status, finished: an answer that nobody listed is never a yes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.unit.raw_studies import ITEMS, File, person, reasons, refused, run, used

LISTED = {"consent": {"Yes, I agree": "yes", "No, I do not agree": "no"}}


def asked(*answers: Any, **more: Any) -> File:
    rows = [person(f"AB{n:02d}", consent=answer) for n, answer in enumerate(answers)]
    return File("T1", rows, **more)


def test_refusals_in_other_words_stop_the_run_with_their_counts(tmp_path: Path) -> None:
    answers = [
        "Yes, I agree", "No, I do not agree to take part", "No I do not agree", "I disagree",
        "I disagree",
    ]  # fmt: skip
    error = refused(tmp_path, asked(*answers, mapping={"values": LISTED}))
    said = str(error)
    assert "'No, I do not agree to take part' in 1 row" in said
    assert "'No I do not agree' in 1 row" in said
    assert "'I disagree' in 2 rows" in said
    assert "rows 3, 4, 5, 6" in error.where
    assert "Yes, I agree" not in said


@pytest.mark.parametrize(
    "answer",
    [
        "Nein", "Non", "No.", "no thanks", "2", "Disagree", "Not sure", "Prefer not to say",
        "I do not give consent", "Declined", "Withdrawn", "FALSE", "Y", "ja", "Yes, but not here",
    ],
)  # fmt: skip
@pytest.mark.parametrize("values", [{}, LISTED])
def test_whatever_is_not_listed_is_never_a_yes(
    answer: str, values: dict[str, Any], tmp_path: Path
) -> None:
    given = "Yes, I agree" if values else "yes"
    error = refused(tmp_path, asked(given, answer, mapping={"values": values}))
    assert f"consent: '{answer}' in 1 row" in str(error)


def test_a_bare_no_is_a_no_wherever_wordings_are_listed_and_a_bare_yes_is_not(
    tmp_path: Path,
) -> None:
    prepared = run(tmp_path / "no", asked("Yes, I agree", "NO ", mapping={"values": LISTED}))
    assert reasons(prepared) == {"consent": 1}
    error = refused(tmp_path / "yes", asked("Yes, I agree", "Yes", mapping={"values": LISTED}))
    assert "'Yes' in 1 row" in str(error)


def test_a_code_that_the_file_itself_labels_no_is_a_no(tmp_path: Path) -> None:
    labels = {"consent": {1.0: "Yes", 2.0: "No"}}
    prepared = run(tmp_path / "a", asked(1.0, 2.0, 2.0, form="sav", labels=labels))
    assert reasons(prepared) == {"consent": 2}
    assert used(prepared) == [1]
    # Labels that are neither yes nor no are shown with the code.
    labels = {"consent": {1.0: "I agree", 2.0: "I decline"}}
    error = refused(tmp_path / "b", asked(1.0, 2.0, 2.0, form="sav", labels=labels))
    assert "'2' (labelled 'I decline') in 2 rows" in str(error)
    # A mapping that has them the wrong way round does not make a no a yes.
    labels = {"consent": {1.0: "No", 2.0: "Yes"}}
    slip = {"values": {"consent": {1: "yes", 2: "no"}}}
    error = refused(tmp_path / "c", asked(1.0, 2.0, form="sav", labels=labels, mapping=slip))
    assert "'1' (labelled 'No')" in str(error)


def test_numbers_and_truth_values_of_a_workbook_are_listed_as_they_are_written(
    tmp_path: Path,
) -> None:
    listed = {"values": {"consent": {1: "yes", 0: "no"}}}
    prepared = run(tmp_path / "a", asked(1, 0, 1.0, form="xlsx", mapping=listed))
    assert reasons(prepared) == {"consent": 1}
    error = refused(tmp_path / "b", asked(1, 9, form="xlsx", mapping=listed))
    assert "'9' in 1 row" in str(error)
    listed = {"values": {"consent": {"True": "yes", "False": "no"}}}
    assert used(run(tmp_path / "c", asked(True, False, form="xlsx", mapping=listed))) == [2]


@pytest.mark.parametrize(
    ("attribute", "values", "good", "bad"),
    [
        ("finished", {"True": "yes", "False": "no"}, "True", "N"),
        ("finished", {}, "1", "Screened out"),
        ("finished", {}, "2023-02-01 10:00:00", "Teilweise"),
        ("finished", {"Abgeschlossen": "yes"}, "Abgeschlossen", "87"),
        ("status", {"IP Address": "response", "Survey Preview": "preview"}, "IP Address", "Imported"),
        ("status", {}, "IP Address", "Spam"),
        ("status", {}, "", "1"),
        ("status", {0: "response", 1: "preview"}, "0", "8"),
    ],
)  # fmt: skip
def test_status_and_finished_say_only_what_is_listed(
    attribute: str, values: dict[Any, str], good: str, bad: str, tmp_path: Path
) -> None:
    rows = [person("AB01", **{attribute: good}), person("AB02", **{attribute: bad})]
    mapping = {"values": {attribute: values}} if values else {}
    error = refused(tmp_path / "a", File("T1", rows, mapping=mapping))
    assert f"{attribute}: '{bad}' in 1 row" in str(error)
    assert "row 3" in error.where
    assert used(run(tmp_path / "b", File("T1", rows[:1], mapping=mapping))) == [2]


def test_all_three_are_listed_at_once_and_empty_rows_are_not_asked(tmp_path: Path) -> None:
    rows = [
        person("AB01", consent="perhaps", status="Offline", finished="nearly"),
        dict.fromkeys(person("", consent="", status="", finished=""), ""),
    ]
    said = str(refused(tmp_path, File("T1", rows)))
    for words in ("consent: 'perhaps'", "status: 'Offline'", "finished: 'nearly'"):
        assert words in said


def test_a_column_in_which_people_typed_is_not_shown(tmp_path: Path) -> None:
    error = refused(tmp_path, asked(*(f"signed by Zebedee {n}" for n in range(20))))
    assert "Zebedee" not in str(error)
    assert "20 rows, 20 different wordings" in str(error)


def test_consent_stands_for_yes_or_no_and_nothing_else(tmp_path: Path) -> None:
    error = refused(
        tmp_path, asked("I agree", mapping={"values": {"consent": {"I agree": "agree"}}})
    )
    assert "values.consent.I agree (line 14): 'agree' is not 'yes' or 'no'" in str(error)


@pytest.mark.parametrize(
    "answer",
    [
        "I decline to participate", "I do NOT agree", "I don’t consent", "DISAGREE", "No, thanks",
        "Non, je refuse", "Nein, ich stimme nicht zu", "No acepto", "Não concordo", "Nee",
        "Nac ydw", "Nie zgadzam się", "Нет", "不同意", "I agree not to take part", "Consent: no",
        "Opted out", "\uff2e\uff4f", "N\u200bo", "❌", "FALSE",
    ],
)  # fmt: skip
def test_a_refusal_that_the_mapping_states_as_a_yes_is_used_only_if_it_confirms_that(
    answer: str, tmp_path: Path
) -> None:
    values = {"values": {"consent": {"Yes": "yes", answer: "yes"}}}
    error = refused(tmp_path / "a", asked("Yes", answer, answer, mapping=values))
    said = str(error)
    assert f"'{answer}' in 2 rows, stated as 'yes' in line" in said
    assert "rows 3, 4" in error.where
    assert "'Yes' in" not in said
    stated = values | {"confirmed": {"consent": [answer]}}
    assert used(run(tmp_path / "b", asked("Yes", answer, answer, mapping=stated))) == [2, 3, 4]


@pytest.mark.parametrize(
    "answer",
    [
        "Yes, I agree. I know that I do not have to answer", "I consent", "Ja, einverstanden",
        "Oui, j'accepte", "Sí, acepto", "I agree and may not be quoted", "Cytuno", "1",
        "I have read this and take part",
    ],
)  # fmt: skip
def test_a_yes_in_any_words_is_asked_about_only_once(answer: str, tmp_path: Path) -> None:
    values = {"values": {"consent": {answer: "yes", "No": "no"}}}
    prepared = run(tmp_path, asked(answer, "No", mapping=values))
    assert used(prepared) == [2] and reasons(prepared) == {"consent": 1}


def test_codes_of_consent_that_are_all_a_yes_are_confirmed_first(tmp_path: Path) -> None:
    values = {"values": {"consent": {1: "yes", 2: "yes"}}}
    error = refused(tmp_path / "a", asked(1, 2, 2, mapping=values))
    assert "consent: '2' in 2 rows, stated as 'yes'" in str(error)
    both = values | {"confirmed": {"consent": [1, 2]}}
    assert used(run(tmp_path / "b", asked(1, 2, 2, mapping=both))) == [2, 3, 4]


@pytest.mark.parametrize(
    ("attribute", "wording", "stated", "right"),
    [
        ("status", "Survey Preview", "response", "preview"),
        ("status", "TEST response", "response", "test"),
        ("status", "Spam", "response", "test"),
        ("finished", "Partial", "yes", "no"),
        ("finished", "Incomplete (screened out)", "yes", "no"),
        ("finished", "False", "yes", "no"),
        ("finished", "Completed", "no", "yes"),
    ],
)
def test_status_and_finished_that_read_like_their_opposite_are_confirmed_first(
    attribute: str, wording: str, stated: str, right: str, tmp_path: Path
) -> None:
    rows = [person("AB01", **{attribute: wording})]

    def mapped(meaning: str, **more: Any) -> File:
        return File("T1", rows, mapping={"values": {attribute: {wording: meaning}}} | more)

    error = refused(tmp_path / "a", mapped(stated))
    assert f"{attribute}: '{wording}' in 1 row, stated as '{stated}' in line" in str(error)
    run(tmp_path / "b", mapped(right))
    kept = run(tmp_path / "c", mapped(stated, confirmed={attribute: [wording]}))
    assert used(kept) == [2]


QUALTRICS = """\
Status,ResponseId,RecordedDate,Q1,Q2,M1,M2,M3
Response Type,Response ID,Recorded Date,Your code,Your school,a,b,c
"{{""ImportId"":""status""}}","{{""ImportId"":""_recordId""}}","{{""ImportId"":""recordedDate""}}",\
"{{""ImportId"":""QID1""}}","{{""ImportId"":""QID2""}}","{{""ImportId"":""QID3""}}",\
"{{""ImportId"":""QID4""}}","{{""ImportId"":""QID5""}}"
0,R_000000001,2023-02-01 10:00:00,AB01,S1,1,2,4
{code},R_000000002,2023-02-01 10:00:00,AB02,S1,1,2,4
"""


@pytest.mark.parametrize(("code", "right"), [(1, "preview"), (2, "test"), (17, "preview")])
def test_what_a_tool_writes_for_a_preview_is_no_response(
    code: int, right: str, tmp_path: Path
) -> None:
    columns = {"status": "Status", "respondent": "Q1", "school": "Q2", "submitted": "RecordedDate"}

    def exported(stated: str) -> File:
        values = {"status": {0: "response", code: stated}}
        mapping = {"columns": columns, "values": values, "items": {i: i for i in ITEMS}}
        return File("T1", text=QUALTRICS.format(code=code), mapping=mapping)

    error = refused(tmp_path / "a", exported("response"))
    assert f"status: '{code}' in 1 row, stated as 'response'" in str(error)
    assert reasons(run(tmp_path / "b", exported(right))) == {right: 1}


def test_what_is_confirmed_is_listed(tmp_path: Path) -> None:
    for confirmed in ({"consent": ["No way"]}, {"role": ["x"]}):
        error = refused(tmp_path / str(len(str(confirmed))), asked("Yes", mapping={
            "values": {"consent": {"Yes": "yes"}}, "confirmed": confirmed}))  # fmt: skip
        assert f"confirmed.{next(iter(confirmed))}" in str(error)


@pytest.mark.parametrize("code", ["0", "1", "2", "Unverified"])
def test_what_redcap_calls_complete_is_listed(code: str, tmp_path: Path) -> None:
    """Its 1 is a form that nobody has verified, not one that is finished."""
    head = "record_id,redcap_survey_identifier,mood_timestamp,code,school,M1,M2,M3,mood_complete\n"
    text = head + f"1,,2023-02-01 10:00:00,AB01,S1,1,2,4,{code}\n"
    columns = {"respondent": "code", "school": "school", "submitted": "mood_timestamp"}
    mapping: dict[str, Any] = {"columns": columns | {"finished": "mood_complete"}}
    mapping["items"] = {item: item for item in ITEMS}
    error = refused(tmp_path / "a", File("T1", text=text, mapping=mapping))
    assert f"finished: '{code}' in 1 row" in str(error)
    said = "yes" if code == "2" else "no"
    values = {"values": {"finished": {code: said}}}
    prepared = run(tmp_path / "b", File("T1", text=text, mapping=mapping | values))
    assert prepared.surveys["staff"]["flag.unfinished"].tolist() == [said == "no"]
