"""Who has answered while a wave runs: counts against what the test knows of its people."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from typer.testing import CliRunner

from analysis import asking, study
from analysis.cli import app
from analysis.errors import AnalystError
from tests import questionnaires as trip
from tests.unit.test_questionnaire import edited


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The first wave whole; of the second, what came in so far from two of three schools."""
    made = trip.plain(tmp_path / "study")
    asked = trip.made(made)
    items = list(asked.items)

    def person(n: int, school: int, **said: str) -> trip.Person:
        return {
            "consent": "yes", "respondent": f"{n:02d}QX{n % 7}", "school": f"N-0{school}",
            "role": "tutor", **dict.fromkeys(items, "3"), **said,
        }  # fmt: skip

    first = [person(n, n % 3 + 1) for n in range(18)]
    second = [
        *(person(n, n % 3 + 1) for n in range(0, 18, 3)),  # six of the first school, as before
        person(1, 2),
        person(50, 2),
        person(51, 2, consent="no"),
        person(52, 2, **dict.fromkeys(items, "")),
        person(1, 2),  # once more
    ]
    for n, filled in enumerate((first, second), 1):
        path = trip.redcap(asked, filled, made)
        text = path.read_text(encoding="utf-8-sig").replace("2031-05", f"203{n}-05")
        path.rename(made / f"w{n}.csv").write_text(text, encoding="utf-8")
    exports = [{"wave": f"W{n}", "file": f"w{n}.csv"} for n in (1, 2)]
    edited(made / "study.yaml", lambda c: c["surveys"][0].update(exports=exports))
    return made


def counts(folder: Path, **options: str) -> pd.DataFrame:
    found: pd.DataFrame = asking.response(study.load(folder), **options)["staff"]
    return found.set_index("school")


def test_every_count_is_right(folder: Path) -> None:
    found = counts(folder)
    assert set(found["wave"]) == {"W2"}
    expected = {
        # answered, complete, last wave, matched, still needed, for change, last day
        "N-01": (6, 6, 6, 6, 0, 0, dt.date(2032, 5, 7)),
        "N-02": (3, 2, 6, 1, 3, 4, dt.date(2032, 5, 12)),
        "N-03": (0, 0, 6, 0, 5, 5, None),
    }
    for school, said in expected.items():
        row = found.loc[school]
        names = ["answered", "complete", "last_wave_answered", "matched", "still_needed",
                 "still_needed_for_change"]  # fmt: skip
        assert tuple(row[names]) == said[:6], school
        assert (None if pd.isna(row["last_day"]) else row["last_day"]) == said[6]
        assert (row["invited"], row["last_wave_invited"]) == (20, 20)


def test_the_first_wave_has_none_before_it(folder: Path) -> None:
    found = counts(folder, wave="W1")
    assert found["answered"].tolist() == [6, 6, 6]
    assert found["last_wave_answered"].isna().all() and found["matched"].isna().all()


def test_a_wave_without_a_file_yet_is_passed_over(folder: Path) -> None:
    (folder / "w2.csv").unlink()
    assert set(counts(folder)["wave"]) == {"W1"}
    with pytest.raises(AnalystError, match="W2"):
        counts(folder, wave="W2")
    (folder / "w1.csv").unlink()
    with pytest.raises(AnalystError, match="no file is there yet"):
        asking.response(study.load(folder))


def test_nothing_is_said_that_is_not_known(folder: Path) -> None:
    edited(folder / "study.yaml", lambda c: c["surveys"][0].pop("invited"))
    found = counts(folder)
    assert found["invited"].isna().all()
    done = CliRunner().invoke(app, ["response", "--study", str(folder)])
    assert done.exit_code == 0 and "9 of" not in done.output


def test_another_survey_that_is_not_ready_does_not_matter(folder: Path) -> None:
    def second(content: dict[str, Any]) -> None:
        (first,) = content["surveys"]
        export = {"wave": "W1", "file": "none.csv", "mapping": "mappings/none.yaml"}
        other = {"id": "guests", "label": "Guest survey", "exports": [export]}
        content["surveys"].append(first | other)

    edited(folder / "study.yaml", second)
    assert counts(folder)["answered"].sum() == 9


def test_a_mapping_that_lacks_an_item_is_refused(folder: Path) -> None:
    mapping = {"schema_version": 1, "answers": "codes", "items": {},
               "columns": {"school": "youschool"}}  # fmt: skip
    (folder / "mine.yaml").write_text(yaml.safe_dump(mapping))
    edited(
        folder / "study.yaml", lambda c: c["surveys"][0]["exports"][1].update(mapping="mine.yaml")
    )
    with pytest.raises(AnalystError, match="CA_1"):
        counts(folder)


def test_a_school_that_nobody_was_asked_in_needs_nothing(folder: Path) -> None:
    table = pd.read_csv(folder / "schools.csv")
    table.loc[2, "asked_2"] = 0
    table.to_csv(folder / "schools.csv", index=False)
    assert pd.isna(counts(folder).loc["N-03", "still_needed"])


def test_the_table_is_written_and_holds_counts_only(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out" / "response.csv"
    arguments = ["response", "staff", "--study", str(folder), "--output", str(out)]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    written = pd.read_csv(out)
    assert len(written) == 3 and written["answered"].sum() == 9
    everything = out.read_text() + done.output
    assert "QX" not in everything and "tutor" not in everything
    kept = out.read_bytes()
    assert CliRunner().invoke(app, arguments).exit_code == 1
    assert out.read_bytes() == kept
    assert not (folder / "processed").exists()


@pytest.mark.parametrize("arguments", [["nobody"], ["--wave", "W7"]])
def test_a_name_that_is_none_is_refused(folder: Path, arguments: list[Any]) -> None:
    done = CliRunner().invoke(app, ["response", *arguments, "--study", str(folder)])
    assert done.exit_code == 1 and isinstance(done.exception, SystemExit)


def test_more_than_were_invited_are_not_asked_for(folder: Path) -> None:
    table = pd.read_csv(folder / "schools.csv")
    table.loc[2, "asked_2"] = 4  # five are needed
    table.to_csv(folder / "schools.csv", index=False)
    done = CliRunner().invoke(app, ["response", "--study", str(folder)])
    [line] = [line for line in done.output.splitlines() if line.startswith("N-03")]
    assert "too few" in line and "more" not in line


def test_a_file_that_is_named_and_not_there_is_no_missing_name(folder: Path) -> None:
    for name in ("w1.csv", "w2.csv"):
        (folder / name).unlink()
    with pytest.raises(AnalystError) as told:
        asking.response(study.load(folder))
    assert "w1.csv, w2.csv" in told.value.what
