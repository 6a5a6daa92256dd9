"""Published figures beside computed ones: states, classes, reasons, and what stays hidden."""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd
import pytest

from analysis import claims as claiming
from analysis import reproduction
from analysis import study as studies
from analysis.disclosure import RELEASED, SUPPRESSED, released
from analysis.errors import AnalystError
from analysis.present import reproduction as present
from analysis.present.page import Page
from analysis.present.shown import read_recorded
from analysis.reproduction import EXPLAINED, MATCH, UNEXPLAINED, WITHHELD
from analysis.reproduction.determined import LOGIC, NOT_DETERMINED, by_figures
from analysis.reproduction.printed_checks import checked
from analysis.reproduction.published import Published
from analysis.reproduction.stated import agrees, look_up, printed_date
from analysis.results import COLUMNS, PARTS
from analysis.study import Study
from tests.conftest import ROOT

CLASSES = """
schema_version: 1
sections:
  - {id: all, label: Everything, ids: ["*"]}
contradicted: [wrong]
cited: [cited.*]
reprinted: [again]
stated_in:
  - {id: start, file: study.yaml, key: waves.T1.start}
  - {id: schools, file: schools.csv, rows: true}
"""
REASONS = """
schema_version: 1
reasons:
  - {ids: ["cited.*"], reason: Taken from other publications.}
  - {ids: [wrong], reason: Another figure says otherwise.}
"""
FIGURES = {
    "mean": "3.65", "again": "3.65", "wrong": "9.99", "p": "<.01", "ns": "ns", "sig": "yes",
    "up": "increase", "difference": ".25", "cited.one": "8", "start": "1.12.16", "schools": "20",
    "hidden": "12",
}  # fmt: skip
MAP = {
    "mean": ("s.i.level.a.t1.all.mean", "value"),
    "again": ("s.i.level.a.t1.all.mean", "value"),
    "wrong": ("s.i.level.a.t1.all.mean", "value"),
    "p": ("s.i.paired.a.t1-t2.all.p", "p_class"),
    "ns": ("s.i.paired.b.t1-t2.all.p", "p_class"),
    "sig": ("s.i.paired.a.t1-t2.all.p", "significant"),
    "up": ("s.i.paired.a.t1-t2.all.difference", "holds_"),
    "difference": ("s.i.level.b.t1.all.mean - s.i.level.a.t1.all.mean", "value"),
    "hidden": ("s.i.level.h.t1.all.mean", "value"),
}
VALUES = {
    "s.i.level.a.t1.all.mean": 3.6501, "s.i.level.b.t1.all.mean": 3.9,
    "s.i.paired.a.t1-t2.all.p": 0.002, "s.i.paired.b.t1-t2.all.p": 0.2,
    "s.i.paired.a.t1-t2.all.difference": 0.1, "s.i.level.h.t1.all.mean": 12.0,
}  # fmt: skip


@pytest.fixture
def study(tmp_path: Path) -> Study:
    folder = tmp_path / "raw"
    (folder / "published").mkdir(parents=True)
    source = ROOT / "data" / "raw"
    for name in ("study.yaml", "schools.csv", "SYNTHETIC"):
        (folder / name).write_bytes((source / name).read_bytes())
    write(folder, FIGURES, MAP)
    return studies.load(folder)


def write(
    folder: Path,
    figures: dict[str, str],
    mapped: dict[str, tuple[str, str]],
    classes: str = CLASSES,
    reasons: str = REASONS,
) -> None:
    place = folder / "published"
    pd.DataFrame(
        {"id": list(figures), "group": "all", "wave": "T1", "statistic": "mean",
         "value": list(figures.values())}
    ).to_csv(place / "figures.csv", index=False)  # fmt: skip
    pd.DataFrame(
        [
            {"published_id": name, "ledger_id": expression,
             "compare": "increase" if how == "holds_" else how}
            for name, (expression, how) in mapped.items()
        ]
    ).to_csv(place / "map.csv", index=False)  # fmt: skip
    (place / "classes.yaml").write_text(classes, encoding="utf-8")
    (place / "reasons.yaml").write_text(reasons, encoding="utf-8")


def ledger(values: dict[str, float], hidden: tuple[str, ...] = ()) -> pd.DataFrame:
    rows = []
    for name, value in values.items():
        release = SUPPRESSED if name in hidden else RELEASED
        row: dict[str, object] = dict.fromkeys(COLUMNS, math.nan)
        row |= dict(zip(PARTS, name.split("."), strict=True))
        row |= {"edition": "e", "unit": "cohort", "id": name, "value": value, "method": ""}
        rows.append({**row, "release": release, "reason": "few" if name in hidden else ""})
    return pd.DataFrame(rows)


def published(study: Study) -> Published:
    found = reproduction.load(study)
    assert found is not None
    return found


def shown_of(frame: pd.DataFrame) -> pd.DataFrame:
    """A decided ledger of which no number is said in words or coarsely."""
    return frame.assign(released_value=frame["value"], band="", decimals=math.nan)


def states(study: Study, frame: pd.DataFrame, *, blind: bool = False) -> dict[str, str]:
    results = released(shown_of(frame)) if blind else frame
    found = reproduction.compare(published(study), results, study)
    return {each.figure.id: each.state for each in found}


def test_every_way_to_compare(study: Study) -> None:
    found = states(study, ledger(VALUES))
    assert {name for name, state in found.items() if state == MATCH} == {
        "mean", "again", "p", "ns", "sig", "up", "difference", "start", "schools", "hidden",
    }  # fmt: skip
    assert found["wrong"] == EXPLAINED and found["cited.one"] == EXPLAINED


def test_a_figure_that_differs_without_reason_is_unexplained(study: Study) -> None:
    found = reproduction.compare(
        published(study), ledger({**VALUES, "s.i.level.a.t1.all.mean": 3.66}), study
    )
    by_id = {each.figure.id: each for each in found}
    assert by_id["mean"].state == UNEXPLAINED and by_id["mean"].computed == "3.66"
    lines = reproduction.summary_lines(found)
    assert any("unexplained: mean: printed 3.65, now 3.66" in line for line in lines)


def test_changing_one_number_moves_only_what_rests_on_it(study: Study) -> None:
    before = states(study, ledger(VALUES))
    after = states(study, ledger({**VALUES, "s.i.level.a.t1.all.mean": 3.60}))
    moved = {name for name in before if before[name] != after[name]}
    assert moved == {"mean", "again", "difference"}


def test_counts_are_kept_apart_by_class(study: Study) -> None:
    counts = reproduction.summary(reproduction.compare(published(study), ledger(VALUES), study))
    assert counts["computed"][MATCH] == 7
    assert counts["reprinted"][MATCH] == 1
    assert counts["stated"][MATCH] == 2
    assert counts["cited"][EXPLAINED] == 1
    assert counts["contradicted"][EXPLAINED] == 1


def test_a_hidden_number_takes_its_state_with_it(study: Study) -> None:
    frame = ledger(VALUES, hidden=("s.i.level.h.t1.all.mean", "s.i.level.b.t1.all.mean"))
    kept = {e.figure.id: e for e in reproduction.compare(published(study), frame, study)}
    assert kept["hidden"].state == MATCH and kept["hidden"].hidden
    shown = released(shown_of(frame))
    found = {e.figure.id: e for e in reproduction.compare(published(study), shown, study)}
    for name in ("hidden", "difference"):
        assert found[name].state == WITHHELD
        assert found[name].computed == "" and math.isnan(found[name].value)
        assert found[name].reason == ""


def test_what_is_shown_never_holds_a_hidden_number(study: Study) -> None:
    frame = ledger(VALUES, hidden=("s.i.level.h.t1.all.mean",))
    shown = released(shown_of(frame))
    page = Page(study, "cohort", shown, pd.DataFrame(), pd.DataFrame(), {})
    opened = present.opened(page)
    table = present.sections(opened).entries["all"]
    (row,) = [line for line in table.markdown().splitlines() if line.startswith("| hidden")]
    assert row.count("12") == 1 and r"\[c\]" in row and "withheld" in row
    expected = present.expected(opened)
    _, record = table._repr_mimebundle_()
    for number, *_ in read_recorded(record["drp"]["numbers"]):
        if number.unit in (present.PUBLISHED, present.REPRODUCTION):
            assert expected[number.unit, number.id, number.field] == number.text
    _, record = present.counts(opened)._repr_mimebundle_()
    for number, *_ in read_recorded(record["drp"]["numbers"]):
        assert expected[number.unit, number.id, number.field] == number.text


def test_a_school_is_shown_no_comparison(study: Study) -> None:
    shown = released(shown_of(ledger(VALUES)))
    page = Page(study, "S01", shown, pd.DataFrame(), pd.DataFrame(), {})
    opened = present.opened(page)
    for made in (
        present.summary(opened), present.counts(opened), present.sections(opened),
        present.reasons(opened), present.audit_counts(opened), present.audit_findings(opened),
        present.claims(opened), present.claims_summary(opened),
    ):  # fmt: skip
        assert made is None


def test_the_record_stays_with_the_processed_data(study: Study) -> None:
    (study.folder.parent / "processed").mkdir()
    path = reproduction.write(study, ledger(VALUES))
    assert path == study.folder.parent.resolve() / "processed" / "reproduction.csv"
    assert len(pd.read_csv(path)) == len(FIGURES)


def test_a_study_without_published_figures(tmp_path: Path) -> None:
    for name in ("study.yaml", "schools.csv", "SYNTHETIC"):
        (tmp_path / name).write_bytes((ROOT / "data/raw" / name).read_bytes())
    bare = studies.load(tmp_path)
    assert reproduction.load(bare) is None
    assert reproduction.write(bare, ledger(VALUES)) is None
    with pytest.raises(AnalystError, match="no published figures"):
        reproduction.read(bare)


@pytest.mark.parametrize(
    ("figures", "mapped", "said"),
    [
        ({**FIGURES, "new": "1"}, MAP, "'new' has no class"),
        (FIGURES, {**MAP, "stranger": ("a.b.c.d.e.f.g", "value")}, "not in figures.csv"),
        (FIGURES, {**MAP, "mean": ("a.b.c.d.e.f.g", "guess")}, "not a way to compare"),
        ({k: v for k, v in FIGURES.items() if k != "wrong"},
         {k: v for k, v in MAP.items() if k != "wrong"}, "matches no published figure"),
    ],
)  # fmt: skip
def test_mistakes_are_named(
    study: Study, figures: dict[str, str], mapped: dict[str, tuple[str, str]], said: str
) -> None:
    write(study.folder, figures, mapped)
    with pytest.raises(AnalystError, match=said):
        reproduction.load(study)


def test_an_expression_that_is_none_is_named(study: Study) -> None:
    write(study.folder, FIGURES, {**MAP, "mean": ("import os", "value")})
    with pytest.raises(AnalystError, match="mean: "):
        reproduction.compare(published(study), ledger(VALUES), study)


def test_printed_dates() -> None:
    assert str(printed_date("5.4.18")) == "2018-04-05"
    assert printed_date("31.2.18") is None and printed_date("266") is None


def test_constants_are_looked_up_in_the_studys_files(study: Study) -> None:
    entry = published(study).stated_in["start"]
    assert look_up(entry, study.folder) == "2016-12-01"
    assert agrees("1.12.16", "2016-12-01", entry)
    assert not agrees("5.1.17", "2016-12-01", entry)


def test_a_constant_that_is_not_there_is_named(study: Study) -> None:
    write(study.folder, FIGURES, MAP, CLASSES.replace("waves.T1.start", "waves.T9.start"))
    with pytest.raises(AnalystError, match="T9"):
        reproduction.compare(published(study), ledger(VALUES), study)


# --------------------------------------------------------- the demonstration study's own files


@pytest.fixture(scope="module")
def real() -> tuple[Study, Published]:
    study = studies.load(ROOT / "data" / "raw")
    found = reproduction.load(study)
    assert found is not None
    return study, found


def test_every_published_figure_has_a_section_a_class_and_something_to_say(
    real: tuple[Study, Published],
) -> None:
    _, found = real
    assert len(found.figures) == 459
    for figure in found.figures:
        answered = figure.id in found.mapped or figure.id in found.stated_in
        assert answered or figure.id in found.reasons, figure.id
        if figure.kind in ("cited", "contradicted"):
            assert figure.id in found.reasons, figure.id


def test_no_reason_waits_for_the_staff_means_and_tests(real: tuple[Study, Published]) -> None:
    """A reason written beforehand would hide a figure that stops matching."""
    _, found = real
    core = [
        f for f in found.figures
        if f.section in ("staff_baseline", "staff_followup", "staff_reprints")
        or (f.section == "staff_paired" and ".text." not in f.id)
    ]  # fmt: skip
    assert len(core) == 180
    assert not [figure.id for figure in core if figure.id in found.reasons]


def test_the_printed_figures_decide_what_they_must(real: tuple[Study, Published]) -> None:
    study, found = real
    claims = claiming.load(study)
    assert claims is not None
    decided = {d.claim: d for d in by_figures(claims, found)}
    for claim in ("ST.02", "ST.21", "ST.25", "ST.26", "ST.43", "ST.44", "PU.01", "EX.07"):
        assert (decided[claim].by, decided[claim].verdict) == (LOGIC, "contradicted"), claim
    for claim in ("EX.02", "EX.05", "ST.05", "ST.20", "ST.22", "ST.41", "PU.04", "IN.06"):
        assert (decided[claim].by, decided[claim].verdict) == (LOGIC, "supported"), claim
    # Claims of significance without a printed test do not decide themselves.
    for claim in ("ST.46", "PU.08", "CO.03"):
        assert decided[claim].by != LOGIC, claim
    assert decided["CO.04"].by == NOT_DETERMINED


def test_the_audit_finds_the_errors_that_are_known(real: tuple[Study, Published]) -> None:
    _, found = real
    verdicts = checked(found)
    wrong = verdicts[verdicts["verdict"] == "inconsistent"]
    assert set(zip(wrong["id"], wrong["check"], strict=True)) == {
        ("paired_total_in_text", "p"), ("paired_total_in_text", "df"),
        ("paired_total_in_text", "correlation"), ("pupils_matched", "parts of n"),
        ("fsm_secondary", "percent"), ("white_primary", "percent"),
    }  # fmt: skip


@pytest.mark.verify
def test_the_demonstration_study_leaves_nothing_unexplained(
    real: tuple[Study, Published], tmp_path: Path
) -> None:
    from analysis.compute import compute
    from analysis.disclosure import decide
    from analysis.prepare import prepare

    study, found = real
    decided = decide(compute(prepare(study, tmp_path / "key")), study)
    compared = reproduction.compare(found, decided, study, claiming.load(study))
    assert [e.figure.id for e in compared if e.state == UNEXPLAINED] == []
    staff = [e for e in compared if e.figure.id.startswith("staff.spsc.") and e.figure.statistic
             in ("mean", "sd", "t") and e.figure.kind == "computed"]  # fmt: skip
    assert len(staff) == 140
    assert all(each.state == MATCH for each in staff)
    claims = claiming.load(study)
    assert claims is not None
    claiming.check_findings(claims, decided, study)
    # A condition on a result that does not exist is nearly always a slip.
    assert not [v.claim.id for v in claiming.verdicts(claims, decided) if "no result" in v.reason]
