"""What two editions on record say differently."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from analysis import study as studies
from analysis.disclosure import changes
from analysis.disclosure.changes import GONE, NEW, STRONGER, WEAKER, Finding, Record
from analysis.errors import AnalystError
from tests.studies import made


def finding(sign: int, value: float = 1.0, half: float = 0.2, *, small: bool = False) -> Finding:
    return Finding("cohort", "s.i.paired.m.all.difference", f"sign {sign}", sign, small,
                   value, value - half, value + half)  # fmt: skip


def record(*findings: Finding, **more: object) -> Record:
    plain = Record("one", 1, "One", ("W1", "W2"), ("A", "B"), {("cohort", "s", "w1"): "12"},
                   {"a.csv": "1"}, findings)  # fmt: skip
    return replace(plain, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("was", "now", "states"),
    [
        (None, finding(1), [NEW]),
        (finding(0), finding(1), [NEW]),
        (finding(1), finding(0), [GONE]),
        (finding(1), None, [GONE]),
        (finding(1), finding(-1, -1.0), [NEW, GONE]),
        (finding(1), finding(1, 1.1), []),
        (finding(1), finding(1, 1.5), [STRONGER]),
        (finding(-1, -1.5), finding(-1, -1.0), [WEAKER]),
        # The estimate is outside the earlier interval, which is narrow; not so the other way round.
        (finding(1, 1.0, 0.05), finding(1, 1.3, 0.4), []),
        (finding(1, small=True), finding(1), [STRONGER]),
        (finding(1), finding(1, small=True), [WEAKER]),
        (finding(0), finding(0, 5.0), []),
        (None, finding(0), []),
    ],
)
def test_what_becomes_of_a_finding(
    was: Finding | None, now: Finding | None, states: list[str]
) -> None:
    found = changes.between(record(*[was] if was else []), record(*[now] if now else []), "cohort")
    assert found.findings is not None
    assert [each.state for each in found.findings] == states


def test_files_schools_and_answers() -> None:
    now = record(
        schools=("B", "C"),
        answered={("cohort", "s", "w1"): "12", ("cohort", "s", "w2"): "9", ("B", "s", "w1"): "7"},
        files={"a.csv": "2", "b.csv": "1"},
    )
    found = changes.between(record(), now, "cohort")
    assert found.files == {NEW: ["b.csv"], "changed": ["a.csv"]}
    assert found.schools == {NEW: ["C"], GONE: ["A"]}
    assert found.answered == (("s", "w2", "", "9"),)
    of_school = changes.between(record(), now, "B")
    # A school is not told which files others sent in: these may be named after them.
    assert of_school.files == {} and of_school.answered == (("s", "w1", "", "7"),)
    assert changes.between(record(), record(), "cohort").nothing
    assert changes.between(record(findings=None), now, "cohort").findings is None


def on_record(study: Path, edition: str, day: str, number: int = 1) -> None:
    folder = study.parent / "releases" / "reading" / edition / str(number)
    folder.mkdir(parents=True)
    approval = {"edition": edition, "edition_date": day, "waves": ["W1", "W1"],
                "reports": {"cohort": {}, "cohort technical": {}, "B1": {}}}  # fmt: skip
    (folder / "approval.yaml").write_text(yaml.safe_dump(approval))
    (folder / "numbers.csv").write_text(
        "report,unit,id,field,text,decimals\n"
        "cohort,cohort,learners.survey.response.responded.w1.all.count,value,120,0\n"
        "B1,cohort,learners.survey.response.responded.w1.all.count,value,120,0\n"
        "B1,B1,learners.survey.response.responded.w1.all.count,value,30,0\n"
    )


def test_the_last_edition_is_the_latest_that_is_dated_before(tmp_path: Path) -> None:
    study = studies.load(made.baseline(tmp_path / "study"))
    assert changes.last(study) is None
    for edition, day in (("old", "2030-06-01"), ("older", "2029-06-01"), ("start", "2031-06-15"),
                         ("later", "2032-06-01")):  # fmt: skip
        on_record(study.folder, edition, day)
    on_record(study.folder, "old", "2030-06-01", 2)
    found = changes.last(study)
    assert found is not None and (found.edition, found.number) == ("old", 2)
    # A number counts in the report that it is of, and once.
    assert found.answered == {("cohort", "learners", "w1"): "120", ("B1", "learners", "w1"): "30"}
    assert found.schools == ("B1",) and found.findings is None


def test_unknown_editions_are_refused_with_what_is_on_record(tmp_path: Path) -> None:
    study = studies.load(made.baseline(tmp_path / "study"))
    with pytest.raises(AnalystError, match="drp publish"):
        changes.named(study, "old")
    on_record(study.folder, "old-one", "2030-06-01")
    with pytest.raises(AnalystError, match="Perhaps old-one"):
        changes.named(study, "old-on")
    with pytest.raises(AnalystError, match="on record: 1"):
        changes.named(study, "old-one/7")
    assert changes.named(study, "old-one/1").number == 1
    (tmp_path / "releases/reading/old-one/1/approval.yaml").write_text("[")
    with pytest.raises(AnalystError, match="cannot be read"):
        changes.named(study, "old-one")


def test_what_is_kept_for_a_page_is_its_own(tmp_path: Path) -> None:
    of_b = replace(finding(1), unit="B")
    changes.keep(record(finding(1), of_b), {"a.csv": "2"}, "B", tmp_path)
    kept, files = changes.kept(tmp_path, "B")
    assert kept is not None and kept.findings == (of_b,)
    assert files is None and kept.files is None and kept.answered == {}
    changes.keep(record(finding(1), of_b), {"a.csv": "2"}, "cohort", tmp_path)
    assert changes.kept(tmp_path, "cohort") == (record(finding(1)), {"a.csv": "2"})
    assert changes.kept(tmp_path, "A") == (None, None)
