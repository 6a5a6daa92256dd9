"""What can only be a slip is refused before anything is computed: people, points and days."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from analysis import instruments, prepare, study
from analysis.errors import AnalystError
from tests.unit.raw_studies import INSTRUMENT, File, make, person, refused

FILES = (
    File("T1", [person("a1"), person("b2"), person("c3")]),
    File("T2", [person("a1", "T2"), person("b2", "T2")]),
)


def invited(folder: Path, numbers: tuple[str, str]) -> study.Study:
    """The study, with the numbers that school S1 invited at T1 and T2."""
    make(folder, FILES)
    table = (folder / "schools.csv").read_text("utf-8").splitlines()
    said = [",asked_1,asked_2", f",{numbers[0]},{numbers[1]}", ",,"]
    (folder / "schools.csv").write_text(
        "\n".join(line + more for line, more in zip(table, said, strict=True)) + "\n", "utf-8"
    )
    content = yaml.safe_load((folder / "study.yaml").read_text("utf-8"))
    content["surveys"][0]["invited"] = {"T1": "asked_1", "T2": "asked_2"}
    (folder / "study.yaml").write_text(yaml.safe_dump(content), "utf-8")
    return study.load(folder)


def test_no_more_answer_than_were_invited(tmp_path: Path) -> None:
    with pytest.raises(AnalystError) as error:
        prepare.prepare(invited(tmp_path / "study", ("2", "2")), tmp_path / ".drp")
    for words in ("S1", "Staff survey", "T1", "3 answered", "2 are said", "asked_1"):
        assert words in str(error.value)
    assert "asked_2" not in str(error.value)


@pytest.mark.parametrize("numbers", [("3", "2"), ("", "2"), ("40", "")])
def test_as_many_and_an_unknown_number_are_no_mistake(
    numbers: tuple[str, str], tmp_path: Path
) -> None:
    prepared = prepare.prepare(invited(tmp_path / "study", numbers), tmp_path / ".drp")
    assert len(prepared.surveys["staff"]) == 5


@pytest.mark.parametrize(
    ("ends", "words"),
    [([1, 5], ""), ([1, 4], "answers to its items go from 1 to 5"), ([5, 1], "lowest value")],
)
def test_a_score_goes_as_far_as_its_answers(ends: list[int], words: str, tmp_path: Path) -> None:
    path = tmp_path / "mood.yaml"
    content = INSTRUMENT | {"subscales": [{"id": "all", "label": "All", "range": ends}]}
    path.write_text(yaml.safe_dump(content), "utf-8")
    if not words:
        assert instruments.load(path).score_range("all") == (1, 5)
        return
    with pytest.raises(AnalystError, match=words):
        instruments.load(path)


def test_an_edition_is_no_older_than_the_answers_it_tells_of(tmp_path: Path) -> None:
    """A pair chosen for one run is no business of it: a newer wave may be looked at."""
    folder = tmp_path / "study"
    make(folder, FILES)
    path = folder / "study.yaml"
    content = yaml.safe_load(path.read_text("utf-8"))
    content["edition"]["date"] = "2023-06-01"
    path.write_text(yaml.safe_dump(content), "utf-8")
    with pytest.raises(AnalystError) as error:
        prepare.prepare(study.load(folder), tmp_path / ".drp")
    for words in ("2023-06-01", "T2", "2024-01-01", "edition.date", "followup"):
        assert words in str(error.value)
    content["waves"].append(
        {"id": "T3", "label": "Later", "start": "2025-01-01", "end": "2025-03-31"}
    )
    content["edition"]["date"] = "2024-06-01"
    content["surveys"][0]["exports"].append(content["surveys"][0]["exports"][1] | {"wave": "T3"})
    path.write_text(yaml.safe_dump(content), "utf-8")
    chosen = study.load(folder).with_waves("T1", "T3")
    prepare._refuse_early_edition(chosen)


def test_a_school_that_is_none_is_named_with_the_exports_own_heading(tmp_path: Path) -> None:
    row = {k: v for k, v in person("a1").items() if k != "school"} | {"Your school?": "Elm"}
    columns = {"respondent": "code", "submitted": "day", "school": "Your school?"}
    error = refused(tmp_path, File("T1", [row], mapping={"columns": columns}), FILES[1])
    assert "column 'Your school?', row 2" in error.where
