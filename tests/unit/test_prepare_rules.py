"""The rules that decide which rows are used, each counted: consent, duplicates, flags, dates."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from analysis import prepare, study
from analysis.errors import AnalystError
from analysis.prepare import tables, withdrawn
from analysis.prepare.respondents import read_or_make_key
from analysis.prepare.withdrawal import withdraw

DAY = "2018-03-05 10:00:00"
ITEMS = [f"I{n}" for n in range(1, 13)]
HEAD = ["code", "school", "consent", "when", "seconds", "status", "done", "sex", *ITEMS]
INSTRUMENT = {
    "schema_version": 1, "id": "scale", "name": "Scale", "short": "Scale", "population": "pupils",
    "about": "", "source": "", "licence": "",
    "response_sets": {
        "default": {
            "labels": {1: "Never", 2: "Seldom", 3: "Quite often", 4: "Very often", 5: "Always"},
            "ambiguous": {"Often": "3 in some forms, 4 in others."},
        }
    },
    "subscales": [{"id": "all", "label": "All", "range": [1, 5]}],
    "items": [{"code": c, "subscale": "all", "label": f"Item {c}"} for c in ITEMS],
}  # fmt: skip


def row(code: str = "AB12", school: str = "One", answers: Any = None, **more: str) -> list[str]:
    """One response; answers are 1 to 5 in turn unless given."""
    told = {
        "consent": "yes",
        "when": DAY,
        "seconds": "600",
        "status": "",
        "done": "1",
        "sex": "f",
    }
    told |= more
    given = answers if answers is not None else [str(1 + n % 5) for n in range(len(ITEMS))]
    return [code, school, *told.values(), *given]


def make(
    folder: Path,
    waves: dict[str, list[list[str]]],
    rules: dict[str, Any] | None = None,
    mapping: dict[str, Any] | None = None,
    more_tables: dict[str, str] | None = None,
) -> study.Study:
    """A study with one export for each wave."""
    (folder / "instruments").mkdir(parents=True)
    (folder / "instruments" / "scale.yaml").write_text(yaml.safe_dump(INSTRUMENT))
    (folder / "schools.csv").write_text(
        "id,name,urn,letter,phase,reporting_phase\n"
        "S1,One,1,A,primary,primary\nS2,Two,2,B,primary,primary\nS3,Three,3,C,secondary,secondary\n"
    )
    content = {
        "schema_version": 1, "answers": "codes",
        "columns": {
            "respondent": "code", "school": "school", "consent": "consent", "submitted": "when",
            "duration": "seconds", "status": "status", "finished": "done", "sex": "sex",
        },
        "values": {"sex": {"f": "female", "m": "male"}},
        "items": {c: c for c in ITEMS},
    } | (mapping or {})  # fmt: skip
    (folder / "mapping.yaml").write_text(yaml.safe_dump(content))
    exports = []
    ids = sorted({"T1", "T2", *waves})
    for wave, rows in waves.items():
        # Each wave is answered a year after the one before, unless a row says when.
        day = DAY.replace("2018", str(2018 + ids.index(wave)))
        rows = [[day if cell == DAY else cell for cell in cells] for cells in rows]
        with (folder / f"{wave}.csv").open("w", newline="") as file:
            csv.writer(file).writerows([HEAD, *rows])
        exports.append({"wave": wave, "file": f"{wave}.csv", "mapping": "mapping.yaml"})
    (folder / "study.yaml").write_text(
        yaml.safe_dump(
            {
                "schema_version": 1, "id": "s", "title": "S", "programme": "it", "short": "S",
                "organisation": "N", "edition": {"id": "e", "date": "2020-01-01", "term": "t"},
                "waves": [
                    {
                        "id": wave, "label": wave,
                        "start": f"{2017 + n}-01-01", "end": f"{2019 + n}-12-31",
                    }
                    for n, wave in enumerate(ids, 1)
                ],
                "baseline": "T1", "followup": "T2",
                "surveys": [
                    {
                        "id": "pupils", "label": "P",
                        "population": "pupils", "respondents": "pupils",
                        "instruments": ["scale"], "headline": "scale.all", "exports": exports,
                        "rules": rules or {},
                    }
                ],
                "tables": {"schools": "schools.csv", **(more_tables or {})},
            }
        )
    )  # fmt: skip
    return study.load(folder)


def run(tmp_path: Path, waves: dict[str, list[list[str]]], **more: Any) -> prepare.Prepared:
    return prepare.prepare(make(tmp_path / "study", waves, **more), tmp_path / ".drp")


def reasons(prepared: prepare.Prepared) -> dict[int, str]:
    aside = prepared.quality["aside"]
    return dict(zip(aside["row"], aside["reason"], strict=True))


def test_each_reason_is_counted_once_and_in_order(tmp_path: Path) -> None:
    prepared = run(
        tmp_path,
        {
            "T1": [
                row("AA01"),
                [""] * len(HEAD),
                row("AA02", consent="No "),
                row("AA03", consent="no", status="Survey Preview"),
                row("AA04", status="Survey Preview"),
                row("AA05", school="TEST"),
                row("AA06", school=" "),
                row(" - "),
                row("aa-01", when="2018-03-06"),
            ]
        },
    )
    assert reasons(prepared) == {
        2: "duplicate", 3: "empty", 4: "consent", 5: "consent", 6: "preview", 7: "test",
        8: "no_school", 9: "unidentified",
    }  # fmt: skip
    assert prepared.surveys["pupils"]["row"].tolist() == [10]
    files = prepared.quality["files"].iloc[0]
    assert (files["read"], files["used"]) == (9, 1)


@pytest.mark.parametrize(("policy", "kept"), [("latest", 3), ("first", 2), ("most_complete", 4)])
def test_duplicates_follow_the_policy(policy: str, kept: int, tmp_path: Path) -> None:
    half = ["3"] * 6 + [""] * 6
    prepared = run(
        tmp_path,
        {
            "T1": [
                row(when="2018-03-01", answers=half),
                row(when="2018-03-10", answers=half),
                row(when="2018-03-02"),
                row(school="Two"),
            ]
        },
        rules={"duplicates": policy},
    )
    frame = prepared.surveys["pupils"]
    # The same code in another school is another person.
    assert frame.loc[frame["school"] == "S1", "row"].tolist() == [kept]
    assert len(frame) == 2


def test_duplicates_can_be_refused(tmp_path: Path) -> None:
    with pytest.raises(AnalystError, match="share a person's code") as refused:
        run(tmp_path, {"T1": [row(), row("CD34"), row("ab 12")]}, rules={"duplicates": "refuse"})
    assert "rows 2, 4" in str(refused.value)
    assert "AB12" not in str(refused.value)


def test_rules_for_consent_completion_and_answers(tmp_path: Path) -> None:
    rows = [
        row("AA01"),
        row("AA02", consent=""),
        row("AA03", done=""),
        row("AA04", answers=["1"] * 3 + [""] * 9),
        row("AA05", when="2017-05-01"),
    ]
    everything = {
        "consent": "required", "unfinished": "set_aside", "minimum_answers": 4,
        "before_start": "set_aside",
    }  # fmt: skip
    strict = run(tmp_path / "strict", {"T1": rows}, rules=everything)
    assert reasons(strict) == {3: "consent", 4: "unfinished", 5: "unanswered", 6: "before_start"}
    mild = run(tmp_path / "mild", {"T1": rows})
    assert reasons(mild) == {}
    assert mild.surveys["pupils"]["flag.unfinished"].tolist() == [False, False, True, False, False]
    assert mild.surveys["pupils"]["flag.early"].tolist() == [False] * 4 + [True]


def test_speeders_and_straight_liners_are_kept_and_flagged(tmp_path: Path) -> None:
    prepared = run(
        tmp_path,
        {
            "T1": [
                row("AA01"), row("AA02"), row("AA03", seconds="150"),
                row("AA04", answers=["4"] * 12), row("AA05", answers=["4"] * 9 + [""] * 3),
                row("AA06", seconds=""),
            ]
        },
    )  # fmt: skip
    frame = prepared.surveys["pupils"]
    assert frame["flag.speeder"].tolist() == [False, False, True, False, False, False]
    assert frame["flag.straight_liner"].tolist() == [False, False, False, True, False, False]
    flags = prepared.quality["flags"].set_index("flag")
    assert flags.loc["speeder", ["responses", "of"]].tolist() == [1, 5]


def test_each_school_has_its_own_dates(tmp_path: Path) -> None:
    (tmp_path / "study").mkdir()
    (tmp_path / "study" / "dates.csv").write_text(
        "school,wave,start,end\nS2,T1,2018-06-01,2018-06-30\n"
    )
    rows = [row("AA01"), row("AA02", school="Two")]
    folder = tmp_path / "study"
    dates = (folder / "dates.csv").read_text()
    (folder / "dates.csv").unlink()
    folder.rmdir()
    loaded = make(
        folder, {"T1": rows}, {"before_start": "set_aside"}, None, {"wave_dates": "dates.csv"}
    )
    (folder / "dates.csv").write_text(dates)
    assert reasons(prepare.prepare(loaded, tmp_path / ".drp")) == {3: "before_start"}


@pytest.mark.parametrize(
    ("text", "order", "read"),
    [
        ("2018-03-05 09:10:11", None, "2018-03-05 09:10:11"),
        ("2018-03-05T09:10:11.250Z", None, "2018-03-05 09:10:11"),
        ("2018/03/05 9:10:11 pm GMT+1", None, "2018-03-05 21:10:11"),
        ("25/3/2018 12:05 AM", None, "2018-03-25 00:05:00"),
        ("3/25/18 18:42", None, "2018-03-25 18:42:00"),
        ("3/3/2018", None, "2018-03-03"),
        ("3/4/2018", "day_first", "2018-04-03"),
        ("03/04/2018 01:02:03 PM", "month_first", "2018-03-04 13:02:03"),
        ("5 March 2018", None, "2018-03-05"),
        ("Mar 5, 2018 9:10", None, "2018-03-05 09:10:00"),
        ("05.03.2018 09.10", "day_first", "2018-03-05 09:10:00"),
    ],
)
def test_dates_are_read(text: str, order: Any, read: str) -> None:
    from analysis.prepare.dates import moments

    found = moments(pd.Series([text, ""]), order, "file")
    assert found[0] == pd.Timestamp(read)
    assert pd.isna(found[1])


def test_ambiguous_dates_are_refused_with_their_rows(tmp_path: Path) -> None:
    rows = [
        row("AA01", when="3/4/2018"),
        row("AA02", when="25/4/2018"),
        row("AA03", when="5/6/2018 10:00"),
    ]
    with pytest.raises(
        AnalystError, match="2 dates could be read day first or month first"
    ) as refused:
        run(tmp_path / "a", {"T1": rows})
    assert "rows 2, 4" in str(refused.value)
    stated = run(tmp_path / "b", {"T1": rows}, mapping={"dates": "day_first"})
    assert len(stated.surveys["pupils"]) == 3
    with pytest.raises(AnalystError, match="month first"):
        run(tmp_path / "c", {"T1": rows}, mapping={"dates": "month_first"})


def test_an_ambiguous_often_is_refused_with_its_rows(tmp_path: Path) -> None:
    labels = ["Never", "Seldom", "quite\u00a0often", "VERY OFTEN", "Always", "Don\u2019t know"] * 2
    rows = [row("AA01", answers=labels), row("AA02", answers=["Often", *labels[1:]])]
    with pytest.raises(AnalystError, match="'often' is an ambiguous answer") as refused:
        run(tmp_path / "a", {"T1": rows}, mapping={"answers": "labels"})
    assert "row 3" in refused.value.where
    stated = {"answers": "labels", "wordings": {"default": {"Often": 4}}}
    frame = run(tmp_path / "b", {"T1": rows}, mapping=stated).surveys["pupils"]
    assert frame["I1"].tolist() == [1, 4]


def test_what_somebody_typed_is_never_in_a_message(tmp_path: Path) -> None:
    rows = [row("AA01", answers=["My name is Zebedee"] + ["3"] * 11)]
    with pytest.raises(AnalystError, match="1 answer to I1") as refused:
        run(tmp_path / "a", {"T1": rows})
    assert "Zebedee" not in str(refused.value)
    with pytest.raises(AnalystError, match="names a school that is not") as refused:
        run(tmp_path / "b", {"T1": [row(school="Zebedee")]})
    assert "Zebedee" not in str(refused.value)
    with pytest.raises(AnalystError, match="value of sex is not listed") as refused:
        run(tmp_path / "c", {"T1": [row(sex="Zebedee")]})
    assert "Zebedee" not in str(refused.value)


def test_out_of_range_codes_are_refused_or_counted_as_missing(tmp_path: Path) -> None:
    rows = [row("AA01", answers=["55"] + ["3"] * 11)]
    with pytest.raises(AnalystError, match=r"not known \('55'\); allowed are whole numbers 1 to 5"):
        run(tmp_path / "a", {"T1": rows})
    prepared = run(tmp_path / "b", {"T1": rows}, rules={"out_of_range": "missing"})
    missing = prepared.quality["missing"].set_index(["item", "kind"])["answers"]
    assert missing["I1", "out_of_range"] == 1
    assert pd.isna(prepared.surveys["pupils"]["I1"][0])


def test_the_three_kinds_of_missing_are_told_apart(tmp_path: Path) -> None:
    answers = ["-9", "-8", "N/A", "", *["3"] * 8]
    mapping = {"missing": {-9: "prefer_not_to_say", -8: "dont_know"}}
    prepared = run(tmp_path, {"T1": [row(answers=answers)]}, mapping=mapping)
    missing = prepared.quality["missing"].set_index(["item", "kind"])["answers"]
    kinds = {
        "I1": "prefer_not_to_say",
        "I2": "dont_know",
        "I3": "not_applicable",
        "I4": "not_answered",
    }
    for item, kind in kinds.items():
        assert missing[item, kind] == 1
        assert pd.isna(prepared.surveys["pupils"][item][0])


def test_a_withdrawal_removes_the_person_everywhere_and_is_counted(tmp_path: Path) -> None:
    waves = {"T1": [row("AB12"), row("CD34"), row("AB12", school="Two")], "T2": [row("ab12")]}
    loaded = make(tmp_path / "study", waves)
    keys, processed = tmp_path / ".drp", tmp_path / "processed"
    prepare.prepare(loaded, keys, folder=processed)
    with pytest.raises(AnalystError, match="several schools"):
        withdraw(loaded, "AB12", keys, processed)
    with pytest.raises(AnalystError, match="No response"):
        withdraw(loaded, "ZZ99", keys, processed)
    assert (processed / "surveys").exists()
    found = withdraw(loaded, "a b-12", keys, processed, school="S1")
    assert found.to_dict("list") == {"file": ["T1.csv", "T2.csv"], "rows": [1, 1]}
    assert not (processed / "surveys").exists()
    listed = (keys / "withdrawn").read_text()
    assert "AB12" not in listed.upper().replace(" ", "")
    after = prepare.prepare(loaded, keys, folder=processed)
    assert after.quality["files"]["withdrawn"].tolist() == [1, 1]
    assert after.surveys["pupils"]["row"].tolist() == [3, 4]
    assert len(tables.read(processed, "pupils")) == 2
    assert len(tables.read(processed, "pupils", "S2", ["wave", "I1"])) == 1


def test_a_damaged_list_of_withdrawals_stops_the_run(tmp_path: Path) -> None:
    loaded = make(tmp_path / "study", {"T1": [row()]})
    read_or_make_key(tmp_path / ".drp")
    (tmp_path / ".drp" / "withdrawn").write_text("not a hash\n")
    with pytest.raises(AnalystError, match="list of withdrawals"):
        prepare.prepare(loaded, tmp_path / ".drp")


def test_codes_and_answers_set_aside_are_written_nowhere(tmp_path: Path) -> None:
    waves = {"T1": [row("QQ77"), row("QQ88", consent="no")]}
    loaded = make(tmp_path / "study", waves)
    prepare.prepare(loaded, tmp_path / ".drp", folder=tmp_path / "processed")
    for path in (tmp_path / "processed").rglob("*"):
        if path.is_file():
            assert b"QQ77" not in path.read_bytes()
            assert b"QQ88" not in path.read_bytes()
    aside = pd.read_csv(tmp_path / "processed" / "quality" / "aside.csv")
    assert list(aside.columns) == ["file", "sheet", "row", "reason"]


def test_a_kept_row_without_code_links_to_nothing(tmp_path: Path) -> None:
    waves = {"T1": [row(""), row("")], "T2": [row("")]}
    prepared = run(tmp_path, waves, rules={"unidentified": "keep"})
    frame = prepared.surveys["pupils"]
    assert frame["respondent"].nunique() == 3


def test_withdrawal_entries_do_not_depend_on_spelling() -> None:
    key = b"0" * 32
    assert withdrawn.entry("jo-02", key) == withdrawn.entry("J0 O2", key)
    assert withdrawn.entry("jo-02", key) != withdrawn.entry("jo-02", key, school="S1")
