"""Every survey tool's export: recognised by its first rows, read, and brought to one table."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest
import yaml

from analysis import prepare, sources, study
from analysis.errors import AnalystError

EXPORTS = Path(__file__).parents[1] / "fixtures" / "exports"
INSTRUMENTS = Path(__file__).parents[2] / "data" / "raw" / "instruments"
KINDS = {
    "qualtrics.csv": "qualtrics_csv",
    "qualtrics_legacy.csv": "qualtrics_legacy_csv",
    "qualtrics_values.csv": "qualtrics_csv",
    "microsoft_forms.xlsx": "microsoft_forms_xlsx",
    "google_forms.csv": "google_forms_csv",
    "surveymonkey.csv": "surveymonkey_csv",
    "surveymonkey_condensed.csv": "surveymonkey_csv",
    "jisc.csv": "jisc_csv",
    "jisc.sav": "jisc_sav",
    "limesurvey_codes.csv": "limesurvey_csv",
    "limesurvey_labels.csv": "limesurvey_csv",
    "spss.sav": "spss_sav",
    "plain.csv": "plain_csv",
    "plain_0_to_4.csv": "plain_csv",
    "plain_cp1252.csv": "plain_csv",
    "plain_utf16.csv": "plain_csv",
    "plain.xlsx": "plain_xlsx",
    "plain.xls": "plain_xlsx",
    "plain.xlsb": "plain_xlsx",
    "plain.ods": "plain_xlsx",
    "redcap.csv": "redcap_csv",
    "redcap_labels.csv": "redcap_csv",
    "stata.dta": "stata_dta",
}
ITEMS = [f"KS{n:02d}" for n in range(1, 11)]
MISSING = {-7: "not_applicable", -8: "dont_know", -9: "prefer_not_to_say"}
EMAIL = "erika@example.org"


def make_study(folder: Path, export: str, **survey: object) -> study.Study:
    """A study of one export of the fixtures, under a name that says nothing of the tool."""
    (folder / "instruments").mkdir(parents=True)
    for name in ("kidscreen10.yaml", "kidscreen10_tvalues.csv"):
        shutil.copy(INSTRUMENTS / name, folder / "instruments")
    file = f"export{Path(export).suffix}"
    shutil.copy(EXPORTS / export, folder / file)
    shutil.copy(EXPORTS / f"{export}.yaml", folder / "mapping.yaml")
    (folder / "schools.csv").write_text(
        "id,name,urn,letter,phase,reporting_phase\n"
        "S01,Alder Primary,900001,A,primary,primary\n"
        "S02,École St Rémy,900002,B,primary,primary\n"
        "S03,Birch's Wood - High,900003,C,secondary,secondary\n",
        encoding="utf-8",
    )
    content = {
        "schema_version": 1, "id": "fifty", "title": "Fifty", "programme": "it", "short": "50",
        "organisation": "Nobody",
        "edition": {"id": "one", "date": "2018-07-31", "term": "Summer term 2018"},
        "waves": [
            {"id": "T1", "label": "Baseline", "start": "2018-01-01", "end": "2018-04-01"},
            {"id": "T2", "label": "Follow-up", "start": "2019-01-01", "end": "2019-04-01"},
        ],
        "baseline": "T1", "followup": "T2",
        "surveys": [
            {
                "id": "pupils", "label": "Pupil survey", "population": "pupils",
                "respondents": "pupils", "instruments": ["kidscreen10"],
                "headline": "kidscreen10.t_value",
                "exports": [{"wave": "T1", "file": file, "mapping": "mapping.yaml"}],
                **survey,
            }
        ],
        "tables": {"schools": "schools.csv"},
    }  # fmt: skip
    (folder / "study.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    return study.load(folder)


@pytest.mark.parametrize(("export", "kind"), KINDS.items())
def test_is_recognised_and_read(export: str, kind: str) -> None:
    raw = sources.read(EXPORTS / export)
    assert raw.kind == kind
    assert len(raw.frame) == 50
    assert raw.frame.shape[1] >= 14
    assert raw.frame.index.is_unique
    assert not raw.frame.astype("str").map(lambda cell: EMAIL in cell).any(axis=None)
    assert not raw.frame.astype("str").map(lambda cell: "Erika" in cell).any(axis=None)


@pytest.mark.parametrize("export", KINDS)
def test_the_same_people_come_to_the_same_table(export: str, tmp_path: Path) -> None:
    prepared = prepare.prepare(make_study(tmp_path / "study", export), tmp_path / ".drp")
    truth = pd.read_csv(EXPORTS / "truth.csv")
    found = prepared.surveys["pupils"]
    assert len(found) == 50
    # Rows are sorted by school and row of the file; the fixtures keep the people's order.
    truth = truth.sort_values("school", kind="stable").reset_index(drop=True)
    assert found["school"].tolist() == truth["school"].tolist()
    assert found["sex"].tolist() == truth["sex"].tolist()
    points = truth[ITEMS].where(truth[ITEMS] > 0)
    pd.testing.assert_frame_equal(found[ITEMS], points)
    reversed_too = points.assign(KS03=6 - points["KS03"], KS04=6 - points["KS04"])
    table = pd.read_csv(INSTRUMENTS / "kidscreen10_tvalues.csv", comment="#")
    expected = reversed_too.sum(axis=1, min_count=10).map(table.set_index("raw_sum")["t_value"])
    pd.testing.assert_series_equal(found["kidscreen10.t_value"], expected, check_names=False)
    missing = prepared.quality["missing"].set_index(["item", "kind"])["answers"]
    for item in ITEMS:
        for code, kind in MISSING.items():
            assert missing.get((item, kind), 0) == (truth[item] == code).sum()
        assert missing.get((item, "not_answered"), 0) == truth[item].isna().sum()


def test_people_have_the_same_pseudonym_in_every_format(tmp_path: Path) -> None:
    found = {
        export: prepare.prepare(make_study(tmp_path / export, export), tmp_path / ".drp")
        .surveys["pupils"]["respondent"]
        .tolist()
        for export in ("qualtrics.csv", "jisc.sav", "microsoft_forms.xlsx")
    }
    assert found["qualtrics.csv"] == found["jisc.sav"] == found["microsoft_forms.xlsx"]


def test_rows_are_numbered_as_a_spreadsheet_shows_them() -> None:
    first = {
        "qualtrics.csv": 4, "qualtrics_legacy.csv": 3, "microsoft_forms.xlsx": 2,
        "surveymonkey.csv": 3, "jisc.csv": 2, "jisc.sav": 1,
    }  # fmt: skip
    for export, row in first.items():
        assert sources.read(EXPORTS / export).frame.index[0] == row, export


def test_a_stated_format_must_fit() -> None:
    with pytest.raises(AnalystError, match="does not look like qualtrics_csv"):
        sources.read(EXPORTS / "google_forms.csv", "qualtrics_csv")
    with pytest.raises(AnalystError, match="an Excel workbook, but its format is stated"):
        sources.read(EXPORTS / "plain.xlsx", "plain_csv")


def test_a_stated_format_overrides_the_signature() -> None:
    assert sources.read(EXPORTS / "google_forms.csv", "plain_csv").kind == "plain_csv"


def test_jisc_urn_is_not_taken_for_a_school(tmp_path: Path) -> None:
    for export, column in (("jisc.sav", "URN"), ("jisc.csv", "Unique Response Number")):
        loaded = make_study(tmp_path / export, export)
        path = tmp_path / export / "mapping.yaml"
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        content["columns"]["school"] = column
        path.write_text(yaml.safe_dump(content), encoding="utf-8")
        with pytest.raises(AnalystError, match="numbers responses"):
            prepare.prepare(loaded, tmp_path / ".drp")


def test_a_personal_column_cannot_be_mapped(tmp_path: Path) -> None:
    loaded = make_study(tmp_path / "study", "google_forms.csv")
    path = tmp_path / "study" / "mapping.yaml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    content["columns"]["respondent"] = "Email Address"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    with pytest.raises(AnalystError, match="left behind while reading"):
        prepare.prepare(loaded, tmp_path / ".drp")


def test_a_shift_is_refused_until_stated(tmp_path: Path) -> None:
    loaded = make_study(tmp_path / "study", "plain_0_to_4.csv")
    path = tmp_path / "study" / "mapping.yaml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    del content["shift"]
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    with pytest.raises(AnalystError, match="coded 0 to 4") as refused:
        prepare.prepare(loaded, tmp_path / ".drp")
    assert "shift: 1" in refused.value.fix


def test_spss_labels_that_contradict_the_scale_are_refused(tmp_path: Path) -> None:
    loaded = make_study(tmp_path / "study", "spss.sav")
    path = tmp_path / "study" / "mapping.yaml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    path.write_text(yaml.safe_dump({**content, "shift": 1}), encoding="utf-8")
    with pytest.raises(AnalystError, match="is labelled"):
        prepare.prepare(loaded, tmp_path / ".drp")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"   \n", "is empty"),
        (b"a,b\n", "no responses"),
        (b"a,b\n1,2,3\n", "Row 2 has 3 cells, but the row above it has 2"),
        (b"a,\n1,2\n", "no heading"),
        (b'a,b\n1,"2\n3,4\n', "quotation mark is not closed"),
        (b"a,b\n1,\x81\n", "is not text"),
        (b"a\0b\n1", "is not text"),
        (b"PK\x03\x04nonsense", "not an Excel workbook"),
        (b"$FL2nonsense", "not an SPSS file"),
        (b"\xd0\xcf\x11\xe0more", "not an Excel workbook"),
        (b"%PDF-1.7", "a PDF"),
    ],
)
def test_broken_files_are_refused_in_words(content: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_bytes(content)
    with pytest.raises(AnalystError, match=message) as refused:
        sources.read(path)
    assert refused.value.where
    assert refused.value.fix


def test_cells_keep_line_breaks_quotes_and_delimiters(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_bytes(b'a,b\r\n"x, ""y""\r\nz",1\r\n\r\n2,\xc2\xa03\r\n')
    frame = sources.read(path).frame
    assert frame["a"].tolist() == ['x, "y"\r\nz', "", "2"]
    assert frame.index.tolist() == [2, 3, 4]


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (("123456-123450-00000001", "123456-123450-00000002"), "jisc_csv"),
        (("1-2-3",), "jisc_csv"),
        (("114321", "114322"), "plain_csv"),
        (("123456-123450-00000001", "114321"), "plain_csv"),
        (("",), "plain_csv"),
        (("Ash School",), "plain_csv"),
    ],
)
def test_a_column_headed_urn_numbers_responses_or_schools_by_what_it_holds(
    cells: tuple[str, ...], kind: str, tmp_path: Path
) -> None:
    path = tmp_path / "export.csv"
    path.write_text("URN,code,A1\n" + "".join(f"{cell},AB1,2\n" for cell in cells))
    raw = sources.read(path)
    assert raw.kind == kind
    assert raw.response_number == ("URN" if kind == "jisc_csv" else "")
