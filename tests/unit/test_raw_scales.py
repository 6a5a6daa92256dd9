"""Direction, midpoint and shift of a scale: what a file's labels and codes leave open is asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.unit.raw_studies import ITEMS, LABELS, File, person, points, refused, run


def labelled(labels: dict[float, str], *answers: tuple[Any, ...], **mapping: Any) -> File:
    """An SPSS file whose items all have these value labels."""
    rows = [person(f"AB{n:02d}", answers=given) for n, given in enumerate(answers, 1)]
    return File("T1", rows, form="sav", labels=dict.fromkeys(ITEMS, labels), mapping=mapping)


def test_labels_in_other_words_are_never_read_by_their_codes(tmp_path: Path) -> None:
    other = {
        1.0: "Completely agree", 2.0: "Mostly agree", 3.0: "Half and half",
        4.0: "Mostly disagree", 5.0: "Completely disagree",
    }  # fmt: skip
    error = refused(tmp_path / "a", labelled(other, (1.0, 1.0, 2.0)))
    for code, label in other.items():
        assert f"M1 to M3: code {code:.0f} is labelled '{label}'" in str(error)
    assert "wordings.default" in error.fix
    for number, stated in enumerate(
        ({str(n): 6 - n for n in range(1, 6)}, {label: 6 - int(c) for c, label in other.items()})
    ):
        found = run(
            tmp_path / f"b{number}",
            labelled(other, (1.0, 1.0, 2.0), wordings={"default": stated}),
        )
        assert points(found) == [[5, 5, 4]]


@pytest.mark.parametrize(
    "labels",
    [
        {1.0: "Strongly agree", 5.0: "Strongly disagree"},  # the ends, the other way
        {float(6 - n): label for n, label in LABELS.items()},
        {1.0: "Strongly disagree", 5.0: "Totally agree"},  # one end in other words
        {1.0: "Stimme gar nicht zu", 5.0: "Stimme voll zu"},
        {1.0: "Strongly disagree", 2.0: "Disagree", 3.0: "Agree", 4.0: "Strongly agree"},
        {**{float(n): label for n, label in LABELS.items()}, 6.0: "Somewhat agree"},
        {1.0: "5 - Strongly disagree", 5.0: "1 - Strongly agree"},  # a number not its own
        {0.0: "Not selected", **{float(n): label for n, label in LABELS.items()}},
    ],
)
def test_a_scale_labelled_otherwise_stops_the_run(labels: dict[float, str], tmp_path: Path) -> None:
    error = refused(tmp_path, labelled(labels, (1.0, 2.0, 4.0)))
    assert "value label" in str(error)
    assert "M1 to M3" in str(error)


@pytest.mark.parametrize(
    "labels",
    [
        {float(n): label for n, label in LABELS.items()},
        {1.0: "STRONGLY  disagree", 5.0: "strongly agree "},
        {1.0: "1 - Strongly disagree", 3.0: "3. Neutral", 5.0: "Strongly agree (5)"},
        {1.0: "Strongly disagree", 2.0: "2", 3.0: "3", 4.0: "4", 5.0: "Strongly agree"},
        {3.0: "Neutral", 8.0: "Don't know", 9.0: "Not applicable", -1.0: "No answer"},
        {},
    ],
)
def test_known_labels_are_read(labels: dict[float, str], tmp_path: Path) -> None:
    assert points(run(tmp_path, labelled(labels, (1.0, 3.0, 5.0)))) == [[1, 3, 5]]


def test_labels_of_values_declared_missing_need_not_be_known(tmp_path: Path) -> None:
    rows = [person("AB01", answers=(1.0, 99.0, 5.0))]
    labels = {item: {99.0: "Left out by the school"} for item in ITEMS}
    missing = {item: [99] for item in ITEMS}
    found = run(tmp_path, File("T1", rows, form="sav", labels=labels, missing=missing))
    assert points(found)[0][0] == 1
    assert points(found)[0][1] != points(found)[0][1]


@pytest.mark.parametrize("label", ["Not sure", "Don't know", "Undecided", "Unsure", "No answer"])
@pytest.mark.parametrize("answers", ["codes", "labels"])
def test_no_answer_as_the_label_of_a_point_of_the_scale_is_asked(
    label: str, answers: str, tmp_path: Path
) -> None:
    labels = {float(n): text for n, text in LABELS.items()} | {3.0: label}
    given = ((1.0, 3.0, 5.0), (3.0, 3.0, 3.0), (3.0, 4.0, 5.0))
    error = refused(tmp_path / "a", labelled(labels, *given, answers=answers))
    assert f"code 3 is labelled '{label}', which may be no answer, or point 3" in str(error)
    stated = {"wordings": {"default": {label: 3}}, "answers": answers}
    assert points(run(tmp_path / "b", labelled(labels, *given, **stated)))[2] == [3, 4, 5]
    stated = {"missing": {3: "dont_know"}, "answers": answers}
    found = run(tmp_path / "c", labelled(labels, *given, **stated))
    missing = found.quality["missing"].set_index(["item", "kind"])["answers"]
    assert missing["M1", "dont_know"] == 2


def test_names_of_choices_are_read_as_their_labels(tmp_path: Path) -> None:
    """Forms for KoboToolbox and ODK allow no spaces in them."""
    rows = [
        person("AB01", answers=("strongly_agree", "neither_agree_nor_disagree", "disagree")),
        person("AB02", answers=("Strongly_Disagree", "prefer_not_to_say", "agree")),
    ]
    found = run(tmp_path, File("T1", rows, mapping={"answers": "labels"}))
    assert str(points(found)) == "[[5.0, 3.0, 2.0], [1.0, nan, 4.0]]"
    error = refused(tmp_path / "x", File("T1", [person("AB01", answers=("_", "agree", "agree"))]))
    assert "1 answer" in str(error)


@pytest.mark.parametrize(
    "words", ["Not sure", "not_sure", "DON\u2019T KNOW", "undecided", "I don't know", "Unsure"]
)
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_not_sure_among_labels_is_asked_where_nobody_chose_the_middle(
    words: str, form: str, tmp_path: Path
) -> None:
    rows = [
        person("AB01", answers=("Strongly disagree", words, "Strongly agree")),
        person("AB02", answers=(words, words, words)),
        person("AB03", answers=(words, "Agree", "Strongly agree")),
    ]
    error = refused(tmp_path / "a", File("T1", rows, form=form, mapping={"answers": "labels"}))
    assert "may be the middle of the scale, or no answer" in str(error)
    stated = {"answers": "labels", "wordings": {"default": {words: 3}}}
    found = run(tmp_path / "b", File("T1", rows, form=form, mapping=stated))
    assert points(found)[2] == [3, 4, 5]
    # Where somebody chose the middle itself, the other is no answer.
    more = [*rows, person("AB04", answers=("Neutral", "Agree", "Disagree"))]
    found = run(tmp_path / "c", File("T1", more, form=form, mapping={"answers": "labels"}))
    assert points(found)[1] != points(found)[1]


def test_not_sure_among_codes_is_asked_too(tmp_path: Path) -> None:
    rows = [person("AB01", answers=(1, "Not sure", 5)), person("AB02", answers=(2, 4, 4))]
    assert "may be the middle" in str(refused(tmp_path, File("T1", rows)))


def coded(wave: str, *answers: tuple[Any, ...], **mapping: Any) -> File:
    rows = [person(f"AB{n:02d}", wave, answers=given) for n, given in enumerate(answers, 1)]
    return File(wave, rows, mapping=mapping)


def test_what_one_file_leaves_open_is_compared_over_the_waves(tmp_path: Path) -> None:
    first = coded("T1", (0, 1, 4), (2, 3, 4), shift=1)
    error = refused(tmp_path / "a", first, coded("T2", (1, 2, 4), (3, 3, 4)))
    assert "coded 1 to 4" in str(error)
    assert "'shift: 1' or 'shift: 0'" in error.fix
    assert "t2_2.csv" in error.where
    found = run(tmp_path / "b", first, coded("T2", (1, 2, 4), (3, 3, 4), shift=1))
    assert points(found, "T2") == [[2, 3, 5], [4, 4, 5]]
    found = run(tmp_path / "c", first, coded("T2", (1, 2, 4), (3, 3, 4), shift=0))
    assert points(found, "T2") == [[1, 2, 4], [3, 3, 4]]


@pytest.mark.parametrize(
    ("other", "own", "stops"),
    [
        ({"wordings": {"default": {n: n + 1 for n in range(5)}}}, (1, 2, 4), True),
        ({"shift": 1}, (1, 2, 5), False),  # 5 is none of 0 to 4
        ({"shift": 1}, (2, 3, 3), True),
        ({"shift": 0, "missing": {0: "not_answered"}}, (1, 2, 4), False),
        ({"shift": 1}, ("1,0", "2.0", "4"), True),  # decimals of a spreadsheet
        ({"shift": 1}, ("", "", ""), False),
    ],
)
def test_open_codes_stop_only_where_another_file_is_shifted(
    other: dict[str, Any], own: tuple[Any, ...], stops: bool, tmp_path: Path
) -> None:
    files = coded("T1", (0, 1, 4), **other), coded("T2", own)
    if stops:
        assert "fits the scale" in str(refused(tmp_path, *files))
    else:
        run(tmp_path, *files)


@pytest.mark.parametrize("text", ["3", " 3 ", "3.0", "3,0", "+3", "\uff13", "\u0663", "3,00"])
def test_codes_are_whole_numbers_however_a_country_writes_them(text: str, tmp_path: Path) -> None:
    assert points(run(tmp_path, coded("T1", (1, text, 5)))) == [[1, 3, 5]]


@pytest.mark.parametrize("text", ["3,5", "2.5", "3e0", "1/2", "1.000,0"])
def test_what_is_no_whole_number_is_no_code(text: str, tmp_path: Path) -> None:
    assert "is not known" in str(refused(tmp_path, coded("T1", (1, text, 5))))


def test_what_is_no_answer_is_said_of_all_items_at_once(tmp_path: Path) -> None:
    rows = [person("AB01", answers=(7, 2, "often")), person("AB02", answers=(1, 9, 3))]
    said = str(refused(tmp_path, File("T1", rows)))
    assert "3 mistakes" in said
    for words in ("M1", "M2", "M3", "'7'", "'9'", "row 2", "row 3"):
        assert words in said
    assert "often" not in said


@pytest.mark.parametrize("answers", ["labels", "codes"])
@pytest.mark.parametrize(
    "form", ["{0} - {1}", "{0}. {1}", "({0}) {1}", "{0}: {1}", "{1} ({0})", "{0} \u2013 {1}", "{0}={1}"]
)  # fmt: skip
def test_a_label_may_stand_with_its_own_code(form: str, answers: str, tmp_path: Path) -> None:
    cells = [form.format(point, LABELS[point]) for point in (5, 1, 3)]
    rows = [person("AB12", answers=cells), person("CD34", answers=cells[::-1])]
    prepared = run(tmp_path, File("T1", rows, mapping={"answers": answers}))
    assert points(prepared) == [[5, 1, 3], [3, 1, 5]]


@pytest.mark.parametrize("answers", ["labels", "codes"])
@pytest.mark.parametrize(
    "cell",
    ["1 - Strongly agree", "Strongly disagree (5)", "0 - Strongly disagree", "6 - Strongly agree",
     "5 - Completely agree"],
)  # fmt: skip
def test_a_label_with_another_points_code_is_refused(
    cell: str, answers: str, tmp_path: Path
) -> None:
    rows = [
        person("AB12", answers=(cell, *(("Agree", "Agree") if answers == "labels" else (4, 4))))
    ]
    error = refused(tmp_path, File("T1", rows, mapping={"answers": answers}))
    assert "column 'M1', row 2" in str(error)


@pytest.mark.parametrize(
    ("written", "shift"),
    [
        ([(-2, 2, 0), (1, -1, 0)], 3),
        ([(-1, 2, 0), (1, -1, 0)], 3),
        ([(0, 4, 2), (1, 3, 0)], 1),
        ([(2, 6, 3), (4, 3, 2)], -1),
        ([(0, 2, 1), (1, 1, 0)], 1),
    ],
)
def test_how_the_tool_counted_is_asked_and_the_advice_can_be_followed(
    written: list[tuple[int, int, int]], shift: int, tmp_path: Path
) -> None:
    rows = [person(f"AB1{n}", answers=answers) for n, answers in enumerate(written)]
    error = refused(tmp_path / "a", File("T1", rows))
    assert f"'shift: {shift}'" in error.fix
    prepared = run(tmp_path / "b", File("T1", rows, mapping={"shift": shift}))
    assert points(prepared) == [[answer + shift for answer in answers] for answers in written]
