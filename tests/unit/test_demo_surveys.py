"""The survey exports of the demonstration study: counts, shape, and nobody real in them."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pyreadstat
import pytest

from analysis import demo, instruments, study, whole
from analysis.demo import exports, nonresponse, people, reference, scale, sizes
from analysis.errors import AnalystError
from analysis.prepare import schools, strands
from analysis.prepare.guard import is_data
from analysis.prepare.quality import Quality
from analysis.sources import mapping as mappings

RAW = demo.REPOSITORY_STUDY
CODE = re.compile(r"^[A-Z]{2}\d{2}$")


@pytest.fixture(scope="module")
def exported() -> dict[tuple[str, str], pd.DataFrame]:
    """Every row of the four exports, with ``code`` as typed and ``school``."""
    t1 = pd.read_csv(
        RAW / "staff_survey_t1_qualtrics.csv",
        dtype="str",
        keep_default_na=False,
        encoding="utf-8-sig",
        skip_blank_lines=False,
    ).iloc[2:]
    header, *rows = openpyxl.load_workbook(RAW / "staff_survey_t2_forms.xlsx")["Form1"].values
    t2 = pd.DataFrame(rows, columns=header)
    sav, _ = pyreadstat.read_sav(RAW / "pupil_survey_t1.sav")
    csv = pd.read_csv(RAW / "pupil_survey_t2.csv", dtype="str", keep_default_na=False)
    frames = {
        ("staff", "T1"): t1,
        ("staff", "T2"): t2,
        ("pupils", "T1"): sav,
        ("pupils", "T2"): csv,
    }
    plan = study.load(RAW)
    named = {}
    for survey in plan.surveys:
        for export in survey.exports:
            columns = mappings.load(plan.path(export.mapping)).columns
            frame = frames[survey.id, export.wave]
            named[survey.id, export.wave] = frame.assign(
                code=frame[columns["respondent"]], school=frame[columns["school"]]
            )
    return named


def test_rows_are_respondents_and_those_to_set_aside(
    exported: dict[tuple[str, str], pd.DataFrame],
) -> None:
    schools = sizes.schools()
    for (survey, wave), frame in exported.items():
        respondents = schools[f"{survey}_{wave.lower()}"].sum()
        assert len(frame) == respondents + sum(sizes.set_aside(survey, wave).values())


def test_codes_look_self_made_and_differ(exported: dict[tuple[str, str], pd.DataFrame]) -> None:
    for (survey, wave), frame in exported.items():
        typed = frame["code"].fillna("").astype(str)
        codes = typed.str.strip().str.upper()
        made = codes[codes.str.match(CODE) & (codes != "XX00")]
        twice = made[made.duplicated()]
        assert len(twice) == sizes.set_aside(survey, wave)["duplicate"]
        assert (typed != codes).sum() >= 5, "a few are in lower case or end with a space"


def test_sizes_are_those_of_the_published_report() -> None:
    schools = sizes.schools()
    assert schools["invited_staff_t1"].sum() == 710 and schools["invited_staff_t2"].sum() == 608
    by_phase = schools.groupby("reporting_phase")
    assert by_phase["staff_t1"].sum().to_dict() == {"primary": 176, "secondary": 90}
    assert by_phase["staff_t2"].sum().to_dict() == {"primary": 94, "secondary": 52}
    assert by_phase["staff_matched"].sum().to_dict() == {"primary": 70, "secondary": 39}
    roles = sizes.roles().drop(index="t2_only", level="stratum").sum().to_dict()
    assert roles == {"leader": 52, "teacher": 112, "non_teacher": 102}
    # Large enough for change, large enough for levels only, too small for either.
    assert (schools["staff_matched"] >= 5).sum() >= 8
    assert (schools["pupils_matched"] >= 10).sum() >= 8
    levels = (schools[["staff_t1", "staff_t2"]].max(axis=1) >= 5) & (schools["staff_matched"] < 5)
    assert levels.sum() >= 3
    assert schools.loc["S12", ["staff_t1", "staff_t2", "pupils_t1"]].tolist() == [3, 2, 6]
    for survey in ("staff", "pupils"):
        for wave in ("t1", "t2"):
            assert (schools[f"{survey}_{wave}"] <= schools[f"invited_{survey}_{wave}"]).all()
            assert (schools[f"{survey}_matched"] <= schools[f"{survey}_{wave}"]).all()


def test_schools_are_invented_and_carry_other_letters() -> None:
    schools = pd.read_csv(RAW / "schools.csv", dtype="str")
    assert tuple(schools.columns) == sizes.SCHOOL_COLUMNS
    assert schools["urn"].str.match(r"^9\d{5}$").all()
    assert sorted(schools["letter"]) == [chr(code) for code in range(ord("F"), ord("Z"))]
    cases = schools[schools["case_study"] == "yes"].set_index("id")["letter"].to_dict()
    assert cases == {"S04": "K", "S09": "R", "S14": "H", "S17": "P", "S20": "M"}
    assert schools["name"].is_unique


def test_nobody_can_be_found_in_the_exports(
    exported: dict[tuple[str, str], pd.DataFrame],
) -> None:
    t1, t2 = exported["staff", "T1"], exported["staff", "T2"]
    addresses = t1["IPAddress"][t1["IPAddress"] != ""]
    # 192.0.2.0/24 is set apart for documentation (RFC 5737): nobody has such an address.
    assert addresses.str.match(r"^192\.0\.2\.\d{1,3}$").all()
    personal = [c for c in t1.columns if c.startswith(("Recipient", "Location", "External"))]
    assert (t1[personal] == "").all(axis=None)
    assert set(t2["Email"].dropna()) == {"anonymous"} and t2["Name"].isna().all()


def test_every_item_has_a_column_of_its_own() -> None:
    plan = study.load(RAW)
    for survey in plan.surveys:
        wanted = [
            item.code
            for name in survey.instruments
            for item in instruments.load(plan.path(f"instruments/{name}.yaml")).items
        ]
        for export in survey.exports:
            mapping = mappings.load(plan.path(export.mapping))
            assert list(mapping.items) == wanted
            assert len(set(mapping.items.values())) == len(wanted)


def test_more_change_is_seen_in_primary_and_most_in_secondary_do_not_know(
    exported: dict[tuple[str, str], pd.DataFrame],
) -> None:
    frame = exported["staff", "T2"]
    schools = sizes.schools()
    phase = frame["school"].map(dict(zip(schools["name"], schools["reporting_phase"], strict=True)))
    asked = [column for column in frame.columns if str(column).startswith("Has the project")]
    assert len(asked) == 5
    for column in asked:
        shares = pd.crosstab(phase, frame[column], normalize="index")
        assert shares.loc["primary", "Yes"] > shares.loc["secondary", "Yes"]
        assert shares.loc["secondary"].idxmax() == "Don't know"


def test_answers_lie_within_each_schools_windows() -> None:
    plan = study.load(RAW)
    schools = sizes.schools()
    for survey in ("staff", "pupils"):
        for wave in plan.waves:
            starts = schools[f"{survey}_{wave.id.lower()}_start"]
            for start in starts[starts != ""]:
                moments = people.spread(np.random.default_rng(1), start, 50, range(19))
                assert moments.min() >= pd.Timestamp(wave.start)
                assert moments.max() < pd.Timestamp(wave.end) + pd.Timedelta(days=1)


def test_synthetic_lists_every_data_file() -> None:
    listed = (RAW / "SYNTHETIC").read_text(encoding="utf-8").split()
    made = {"schools.csv", *(e.file for s in study.load(RAW).surveys for e in s.exports)}
    assert listed == sorted(listed)
    assert made <= set(listed)
    assert all(is_data(name) and (RAW / name).exists() for name in listed)


def test_skips_never_cost_a_score_and_meet_the_lowest_count() -> None:
    rng = np.random.default_rng(3)
    asked = np.ones((60, 9), dtype=bool)
    skips = nonresponse.skipped(rng, asked, [range(4), range(4, 9)], 0.05, lowest=(2, 48), cap=6)
    counts = (~skips).sum(axis=0)
    assert counts[2] == 48 and np.delete(counts, 2).min() >= 54
    assert skips[:, :4].sum(axis=1).max() <= 1 and skips[:, 4:].sum(axis=1).max() <= 1


def test_workbooks_and_spss_files_do_not_carry_the_time_of_their_making(tmp_path: Path) -> None:
    rows = pd.DataFrame({"a": [1.0, 2.0]})
    made = []
    for name in ("first", "second"):
        exports.write_forms(tmp_path / f"{name}.xlsx", rows, "Form1")
        exports.write_sav(tmp_path / f"{name}.sav", rows, {"a": "A"}, {"a": {1: "one"}}, {}, {})
        made.append([(tmp_path / f"{name}{e}").read_bytes() for e in (".xlsx", ".sav")])
    assert made[0] == made[1]
    assert b"02 Jul 1809:00:00" in made[0][1]


def test_dates_of_the_spss_file_are_those_of_the_wave() -> None:
    frame, _ = pyreadstat.read_sav(RAW / "pupil_survey_t1.sav")
    days = pd.to_datetime(frame["date"].dropna())
    wave = study.load(RAW).wave("T1")
    assert wave.start <= days.min().date() and days.max().date() <= wave.end


@pytest.mark.verify
def test_the_committed_files_are_made_again_byte_for_byte(tmp_path: Path) -> None:
    """On the machine that made them; elsewhere the search may end at other answers."""
    for name in ("study.yaml", "instruments", "mappings"):
        if (RAW / name).is_dir():
            shutil.copytree(RAW / name, tmp_path / name)
        else:
            shutil.copy(RAW / name, tmp_path / name)
    written = demo.make(tmp_path)
    different = [n for n in written if (tmp_path / n).read_bytes() != (RAW / n).read_bytes()]
    assert different == []


def test_the_reference_population_is_everybody_on_roll(tmp_path: Path) -> None:
    assert reference.write(tmp_path) == ["reference_population.csv"]
    made = (tmp_path / "reference_population.csv").read_bytes()
    assert made == (RAW / "reference_population.csv").read_bytes()
    table, listed = reference.population(), sizes.schools()
    totals = table.groupby(["survey", "attribute"])["count"].sum()
    assert (totals["staff"] == listed["staff_on_roll"].sum()).all()
    assert (totals["pupils"] == listed["pupils_on_roll"].sum()).all()
    assert table["source"].str.startswith("synthetic").all()


def test_a_reference_population_of_an_unknown_survey_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "raw"
    shutil.copytree(RAW, folder)
    path = folder / "reference_population.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("staff,role", "staf,role", 1))
    loaded = study.load(folder)
    with pytest.raises(AnalystError, match=r"'staf' is not in the surveys of study\.yaml"):
        strands.read(loaded, schools.read(loaded), Quality())


def test_the_study_to_measure_with_is_a_whole_one(tmp_path: Path) -> None:
    """Whatever groups and labels the demonstration study gets, ``drp bench`` can prepare it."""
    folder = scale.make(RAW, tmp_path / "project", 21)
    made = whole.prepared(study.load(folder), tmp_path / "key", None)
    assert {name: len(frame) for name, frame in made.surveys.items()} == {
        "staff": 2 * 21 * scale.STAFF,
        "pupils": 2 * 21 * scale.PUPILS,
    }
