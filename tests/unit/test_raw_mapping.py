"""Hand-written files: what would be passed over in silence is refused, with its line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from analysis import handwritten
from analysis.errors import AnalystError
from analysis.sources import mapping as mappings
from tests.unit.raw_studies import ITEMS, File, person, points, refused, run, used

HEAD = "schema_version: 1\nanswers: codes\ncolumns: {respondent: code, school: school}\n"
ALL = "items: {M1: M1, M2: M2, M3: M3}\n"


def loaded(tmp_path: Path, text: str) -> mappings.Mapping:
    path = tmp_path / "mapping.yaml"
    path.write_text(text, encoding="utf-8")
    return mappings.load(path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD + "items:\n  M1: a\n  M2: b\n  M1: c\n", "items.M1, in line 5 and again in line 7"),
        (HEAD + ALL + "answers: labels\n", "answers, in line 2 and again in line 5"),
        (HEAD + ALL + "values:\n  sex: {f: a, m: b, f: c}\n", "values.sex.f, in line 6"),
        (HEAD + ALL + "missing: {-9: dont_know, -9: not_answered}\n", "missing.-9, in line 5"),
        (HEAD + ALL + "wordings:\n  default:\n    1: 5\n    '1': 4\n", "wordings.default.1, in line 7"),
        (HEAD + "items: {M1: a}\nitems: {M2: b}\n", "items, in line 4 and again in line 5"),
    ],
)  # fmt: skip
def test_a_key_given_twice_is_refused_with_both_lines(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(AnalystError) as error:
        loaded(tmp_path, text)
    assert said in str(error.value)
    assert str(tmp_path / "mapping.yaml") in error.value.where


def test_the_study_file_and_instruments_are_read_as_strictly(tmp_path: Path) -> None:
    path = tmp_path / "study.yaml"
    path.write_text("id: a\nwaves:\n  - {id: T1, label: x, id: T2}\nid: b\n")
    with pytest.raises(AnalystError) as error:
        handwritten.read(path)
    assert "waves.0.id, in line 3 and again in line 3" in str(error.value)
    assert "id, in line 1 and again in line 4" in str(error.value)


def test_merged_keys_may_be_given_again(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("base: &b {a: 1, b: 2}\nmore:\n  <<: *b\n  a: 3\n")
    assert handwritten.read(path)["more"] == {"a": 3, "b": 2}


def test_yes_and_no_are_words_and_codes_stay_as_written(tmp_path: Path) -> None:
    text = HEAD.replace("school}", "school, consent: c, sex: s}") + ALL
    text += "values:\n  consent: {Yes: yes, No: no}\n  sex: {08: f, 1.0: m, True: x, 0o7: y}\n"
    found = loaded(tmp_path, text)
    assert found.values["consent"] == {"Yes": "yes", "No": "no"}
    assert list(found.values["sex"]) == ["08", "1.0", "True", "0o7"]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("shfit: 1\n", "line 5: shfit: there is no such key; did you mean 'shift'?"),
        ("unknown: 1\n", "line 5: unknown: there is no such key; keys here are"),
        ("shift: 70\n", "line 5: shift:"),
        ("dates: us\n", "line 5: dates:"),
        ("values:\n  sex:\n    f: [1]\n", "line 7: values.sex.f"),
        ("missing:\n  '-9': nothing\n", "line 6: missing.-9"),
    ],
)
def test_wrong_keys_are_named_with_their_lines(more: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(AnalystError) as error:
        loaded(tmp_path, HEAD + ALL + more)
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"items": {"M1": "a", "M2": "a", "M3": "b"}}, "'a' is named for items.M1 (line 8) and items.M2 (line 9)"),
        ({"items": {"M1": "a", "M2": ["b", "a"], "M3": "c"}}, "'a' is named for items.M1 (line 8) and items.M2 (line 9)"),
        ({"items": {"M1": "school", "M2": "b", "M3": "c"}}, "items.M1 (line 8) and columns.school (line 5)"),
        ({"items": {"M1": [], "M2": "b", "M3": "c"}}, "no column is named for M1"),
        ({"unused": ["b"], "items": {"M1": "a", "M2": "b", "M3": "c"}}, "and under unused"),
        ({"values": {"sex": {"f": "f"}}}, "'columns' names no column for 'sex'"),
        ({"values": {"school": {"Ash": "S1", "ash ": "S2"}}}, "are the same wording, and differ"),
        ({"wordings": {"default": {"9": 3}}, "missing": {"9": "dont_know"}}, "and under missing"),
    ],
)  # fmt: skip
def test_what_means_two_things_is_refused(
    change: dict[str, Any], said: str, tmp_path: Path
) -> None:
    assert said in str(refused(tmp_path, File("T1", [person("AB01")], mapping=change)))


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("values: {sex: {f: f}}", "values.sex (line 5)"),
        ("unused: [M2]", "items.M2 (line 4) and under unused (line 5)"),
        ("values:\n  school:\n    Ash: S1\n    ash: S2", "values.school.ash (line 8)"),
        ("wordings:\n  default: {often: 3}\nmissing: {often: dont_know}", "missing.often (line 7)"),
        ("values:\n  consent: {I agree: maybe}", "values.consent.I agree (line 6)"),
        ("confirmed:\n  consent: [no]", "confirmed.consent (line 6)"),
    ],
)
def test_what_contradicts_itself_is_named_with_its_lines(
    more: str, said: str, tmp_path: Path
) -> None:
    with pytest.raises(AnalystError) as error:
        loaded(tmp_path, HEAD + ALL + more + "\n")
    assert said in str(error.value)


@pytest.mark.parametrize("point", [0, 6, 9, -1, 55])
def test_a_wording_stands_for_a_point_of_its_scale(point: int, tmp_path: Path) -> None:
    error = refused(
        tmp_path,
        File("T1", [person("AB01")], mapping={"wordings": {"default": {"often": point}}}),
    )
    assert f"wordings.default.often: {point} is no point of that scale" in str(error)


def test_items_and_response_sets_that_no_instrument_has_are_named_at_once(tmp_path: Path) -> None:
    rows = [person("AB01")]
    text = HEAD + "items:\n  M1: M1\n  M2: M2\n  N3: M3\nwordings: {defualt: {9: 1}}\n"
    error = refused(tmp_path, File("T1", rows, mapping_text=text))
    assert "names no column for M3" in str(error)
    assert "line 7: items.N3 is no item" in str(error)
    assert "line 8: wordings.defualt is no response set" in str(error)
    assert "did you mean 'default'?" in str(error)


def looped(*rows: str, questions: str = "One,Two,Three,One,Two,Three") -> str:
    """A Qualtrics file in which three questions stand in two blocks."""
    codes = "1_Q6_1,1_Q6_2,1_Q6_3,2_Q6_1,2_Q6_2,2_Q6_3"
    ids = ",".join(f'"{{""ImportId"":""x{n}""}}"' for n in range(9))
    return (
        "\n".join([f"code,school,day,{codes}", f"code,school,day,{questions}", ids, *rows]) + "\n"
    )


TWO_BLOCKS = looped(
    "AA01,S1,2023-02-01,1,2,3,,,", "BB02,S1,2023-02-01,,,,4,5,4", "CC03,S1,2023-02-01,,,,5,5,4",
    "DD04,S1,2023-02-01,2,2,2,,,",
)  # fmt: skip
COLUMNS = {"respondent": "code", "school": "school", "submitted": "day"}
FIRST = {item: f"1_Q6_{n}" for n, item in enumerate(ITEMS, 1)}
BOTH = {item: [f"1_Q6_{n}", f"2_Q6_{n}"] for n, item in enumerate(ITEMS, 1)}


def in_blocks(text: str, items: Any, **more: Any) -> File:
    return File("T1", text=text, mapping={"columns": COLUMNS, "items": items} | more)


def test_a_second_block_that_the_mapping_leaves_out_stops_the_run(tmp_path: Path) -> None:
    error = refused(tmp_path, in_blocks(TWO_BLOCKS, FIRST))
    for item, column in zip(ITEMS, ("2_Q6_1", "2_Q6_2", "2_Q6_3"), strict=True):
        assert f"{item}: '{column}', answered in 2 rows where '1_Q6_" in str(error)


def test_of_several_columns_the_first_that_is_answered_counts(tmp_path: Path) -> None:
    prepared = run(tmp_path, in_blocks(TWO_BLOCKS, BOTH))
    assert points(prepared) == [[1, 2, 3], [4, 5, 4], [5, 5, 4], [2, 2, 2]]
    assert prepared.quality["findings"].empty


def test_no_answer_in_the_first_column_gives_way_to_an_answer_in_the_second(
    tmp_path: Path,
) -> None:
    text = looped(
        "AA01,S1,2023-02-01,-99,Prefer not to say,,4,5,n/a", "BB02,S1,2023-02-01,1,2,3,5,2,"
    )
    found = run(tmp_path, in_blocks(text, BOTH, missing={"-99": "not_answered"}))
    assert points(found)[0][:2] == [4, 5]
    missing = found.quality["missing"].set_index(["item", "kind"])["answers"]
    assert missing["M3", "not_applicable"] == 1
    # Somebody who answered both is counted by the first, and that is said.
    assert points(found)[1] == [1, 2, 3]
    assert "1 row with different answers to M1" in found.quality["findings"]["finding"].iloc[0]


def test_a_column_of_the_same_words_may_be_left_out_on_purpose(tmp_path: Path) -> None:
    unused = ["2_Q6_1", "2_Q6_2", "2_Q6_3"]
    assert points(run(tmp_path, in_blocks(TWO_BLOCKS, FIRST, unused=unused)))[0] == [1, 2, 3]


def test_before_and_now_in_the_same_words_are_no_second_block(tmp_path: Path) -> None:
    text = looped("AA01,S1,2023-02-01,1,2,3,2,2,2", "BB02,S1,2023-02-01,3,2,1,4,5,4")
    assert used(run(tmp_path, in_blocks(text, FIRST))) == [4, 5]


def test_branches_may_differ_in_labels_of_their_own(tmp_path: Path) -> None:
    """In SPSS files each column has its own value labels; the second block counts downwards."""
    up = {float(n): label for n, label in INSTRUMENT_LABELS.items()}
    rows = [
        {"code": "AA01", "school": "S1", "a1": 5.0, "b1": None, "M2": 1.0, "M3": 1.0},
        {"code": "BB02", "school": "S1", "a1": None, "b1": 4.0, "M2": 1.0, "M3": 1.0},
    ]
    more = {
        "columns": {"respondent": "code", "school": "school"},
        "items": {"M1": ["a1", "b1"], "M2": "M2", "M3": "M3"},
        "answers": "labels",
    }
    down = {float(6 - n): label for n, label in INSTRUMENT_LABELS.items()}
    labels = {"a1": up, "b1": down, "M2": up, "M3": up}
    found = run(tmp_path, File("T1", rows, form="sav", mapping=more, labels=labels))
    assert [row[0] for row in points(found)] == [5, 2]


INSTRUMENT_LABELS = {
    1: "Strongly disagree", 2: "Disagree", 3: "Neither agree nor disagree", 4: "Agree",
    5: "Strongly agree",
}  # fmt: skip


def test_values_that_are_not_listed_are_said_of_all_attributes_at_once(tmp_path: Path) -> None:
    rows = [person("AB01", sex="f", role="cook"), person("AB02", sex="x", role="teacher")]
    listed = {"values": {"sex": {"f": "female"}, "role": {"teacher": "teacher"}}}
    said = str(refused(tmp_path, File("T1", rows, mapping=listed)))
    assert "value of sex" in said
    assert "value of role" in said
    assert "cook" not in said
