"""Return forms: what goes out, what of what comes back is used, and what is said of the rest."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from analysis import forms as returns
from analysis import study as studies
from analysis.errors import AnalystError
from analysis.forms import asked, returned, workbook
from analysis.forms.asked import Material
from analysis.forms.workbook import DAY, FIRST, HEADS, MACHINE, MARK, START
from analysis.prepare import schools, strands
from analysis.prepare.quality import Quality
from analysis.study import Study
from tests.conftest import ROOT
from tests.returns import line
from tests.returns import returned as sent

JUNE = dt.date(2018, 6, 18)


@pytest.fixture(scope="module")
def issued(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """The demonstration study with its forms; to be copied, not changed."""
    folder = tmp_path_factory.mktemp("forms") / "raw"
    shutil.copytree(ROOT / "data/raw", folder, ignore=shutil.ignore_patterns("forms", "returns"))
    study = studies.load(folder)
    returns.forms(study, returns.period(study))
    return study


@pytest.fixture(scope="module")
def material(issued: Study) -> Material:
    return Material.read(issued, returns.period(issued))


@pytest.fixture
def study(issued: Study, tmp_path: Path) -> Study:
    shutil.copytree(issued.folder, tmp_path / "raw")
    return studies.load(tmp_path / "raw")


def form(study: Study, school: str) -> Path:
    return study.folder / "forms" / study.edition.id / f"{school}.xlsx"


def collected(study: Study, folder: Path) -> returns.Collection:
    return returns.collect(study, returns.period(study), folder, invented=True)


def rows(study: Study, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader((study.folder / name).read_text(encoding="utf-8").splitlines()))


def state(study: Study) -> dict[str, bytes]:
    files = (path for path in study.folder.rglob("*") if path.is_file())
    return {str(path.relative_to(study.folder)): path.read_bytes() for path in files}


def review(path: Path, **values: str) -> dict[str, dict[str, str]]:
    return {"Plan": line(path, "Plan", 0, **({"How_it_stands_now": "in place"} | values))}


# --- what goes out --------------------------------------------------------------------------


def test_a_form_has_the_same_bytes_and_only_its_own_school(issued: Study) -> None:
    material = Material.read(issued, returns.period(issued))
    made = workbook.workbook(material, "S03", asked.sheets(material, "S03"), workbook.RETURN)
    assert made == form(issued, "S03").read_bytes()
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        text = b"".join(map(archive.read, archive.namelist())).decode("utf-8")
    names = {row["id"]: row["name"] for row in rows(issued, "schools.csv")}
    assert names.pop("S03") in text
    for school, name in names.items():
        assert name not in text
        assert f'"{school}"' not in text and f">{school}<" not in text
    # Facilitators go by codes, which are persons'.
    assert ">F1<" not in text


def test_choices_are_lists_and_what_should_not_change_is_locked(issued: Study) -> None:
    book = openpyxl.load_workbook(form(issued, "S01"))
    place = book["Plan"]
    headings = [cell.value for cell in place[HEADS + 1]]
    state = headings.index("How it stands now *")
    lists = [rule for rule in place.data_validations.dataValidation if rule.type == "list"]
    assert any(place.cell(FIRST + 1, state + 1).coordinate in rule.sqref for rule in lists)
    assert place.protection.sheet
    assert not place.cell(FIRST + 1, state + 1).protection.locked
    assert place.cell(FIRST + 1, headings.index("Aim *") + 1).protection.locked
    # In a line for a new aim, the aim is free.
    assert not place.cell(place.max_row, headings.index("Aim *") + 1).protection.locked
    assert book[MACHINE].sheet_state == "veryHidden"


def test_last_terms_entries_stand_in_the_form(issued: Study) -> None:
    material = Material.read(issued, returns.period(issued))
    plan = asked.sheets(material, "S01")[0]
    before = [row for row in rows(issued, "action_plans.csv") if row["school"] == "S01"]
    latest = max(int(row["review"]) for row in before)
    last = {row["aim"]: row for row in before if int(row["review"]) == latest}
    assert {each.fixed["aim"] for each in plan.lines} == set(last)
    for each in plan.lines:
        row = last[each.fixed["aim"]]
        assert row["evidence"] == each.shown[1]
        assert each.fixed["review"] == str(latest + 1)


def test_what_the_registry_allows_is_what_the_form_offers(issued: Study) -> None:
    from analysis import strands as registry

    material = Material.read(issued, returns.period(issued))
    for sheet in asked.sheets(material, "S01"):
        table = registry.table(sheet.table)
        for column in sheet.columns:
            if column.name in table.allowed:
                assert tuple(column.choices) == table.allowed[column.name]


def test_a_study_without_tables_yet_has_forms_too(study: Study) -> None:
    for name in ("sessions.csv", "action_plans.csv", "readiness.csv", "whole_school_audit.csv",
                 "needs.csv", "outcomes.csv"):  # fmt: skip
        (study.folder / name).unlink()
    (study.folder / "SYNTHETIC").write_text("schools.csv\n")
    study = studies.load(study.folder)
    period = returns.period(study)
    made = returns.forms(study, period, ["S02"])
    sent(made[0], study.folder.parent / "in/a.xlsx", JUNE, {
        "Audit": line(made[0], "Audit", 0, Rating_now="Doing well"),
        "Needs": line(made[0], "Needs", 0, Count_now=4),
    })  # fmt: skip
    done = returns.collect(study, period, study.folder.parent / "in")
    assert not done.refused
    (rating,) = rows(study, "whole_school_audit_returned.csv")
    assert rating == {"school": "S02", "area": "understanding_resilience", "review": "baseline",
                      "rating": "doing_well", "review_date": "2018-06-18"}  # fmt: skip
    assert rows(study, "needs.csv")[0]["count"] == "4"


# --- one term played through ------------------------------------------------------------------


def test_one_term_of_twenty_schools(study: Study, tmp_path: Path) -> None:
    """Three are late, one is wrong, one sends last term's form, one sends two."""
    inbox, period = tmp_path / "in", returns.period(study)
    every = [row["id"] for row in rows(study, "schools.csv")]
    assert len(every) == 20
    late, wrong, old, twice = every[2:5], every[7], every[9], every[10]
    for school in every:
        if school in (*late, wrong, old, twice):
            continue
        path = form(study, school)
        sent(
            path,
            inbox / f"return {school}.xlsx",
            JUNE,
            {"Audit": line(path, "Audit", 1, Rating_now="Doing well")},
        )
    path = form(study, wrong)
    sent(path, inbox / f"{wrong}.xlsx", JUNE, {
        "Audit": line(path, "Audit", 0, Rating_now="quite good"),
        "Needs": line(path, "Needs", 2, Count_now="a few"),
    })  # fmt: skip
    spring = asked.Period(
        "2018-spring", "Spring term 2018", dt.date(2018, 1, 1), dt.date(2018, 3, 31)
    )
    (last,) = returns.forms(study, spring, [old])
    sent(
        last,
        inbox / "spring form.xlsx",
        JUNE,
        {"Audit": line(last, "Audit", 0, Rating_now="Doing well")},
    )
    path = form(study, twice)
    for name, day, word in (
        ("b first.xlsx", 4, "Needs improving"),
        ("a second.xlsx", 25, "Doing well"),
    ):
        sent(
            path,
            inbox / name,
            dt.date(2018, 6, day),
            {"Audit": line(path, "Audit", 0, Rating_now=word)},
        )

    done = collected(study, inbox)
    print("\n".join(returns.lines(done)))
    for school in done.missing:
        print(f"--- {school}\n{done.reminders[school]}")
    assert done.missing == [*late, wrong, old]
    assert set(done.reminders) == {*late, wrong, old}
    assert {path.name for path in done.refused} == {f"{wrong}.xlsx", "spring form.xlsx"}
    found = {row["area"]: row["rating"] for row in rows(study, "whole_school_audit.csv")
             if (row["school"], row["review"]) == (twice, "reaudit")}  # fmt: skip
    assert found["understanding_resilience"] == "doing_well"
    # Nothing of the wrong one is there, not even of its lines that were right.
    assert "quite good" in done.reminders[wrong] and "a few" in done.reminders[wrong]
    assert not any(row["school"] == wrong and row["review_date"]
                   for row in rows(study, "whole_school_audit.csv"))  # fmt: skip
    assert "Spring term 2018" in done.reminders[old]
    for school in late:
        reminder = study.folder / "returns" / period.edition / "reminders" / f"{school}.txt"
        assert reminder.read_text(encoding="utf-8") == done.reminders[school]

    before = state(study)
    again = collected(study, inbox)
    assert state(study) == before and not again.tables

    # The late ones come in; their reminders go.
    for school in late:
        path = form(study, school)
        sent(
            path,
            inbox / f"{school}.xlsx",
            dt.date(2018, 8, 20),
            {"Audit": line(path, "Audit", 0, Rating_now="Could be improved")},
        )
    done = collected(study, inbox)
    assert done.missing == [wrong, old]
    assert sorted(
        p.stem for p in (study.folder / "returns" / period.edition / "reminders").iterdir()
    ) == sorted([wrong, old])
    read = strands.read(study, schools.read(study), Quality())[0]
    files = ("whole_school_audit.csv", "whole_school_audit_returned.csv")
    assert len(read["whole_school_audit"]) == sum(len(rows(study, name)) for name in files)


def test_an_earlier_answer_that_comes_later_changes_nothing(study: Study, tmp_path: Path) -> None:
    path = form(study, "S02")
    new = sent(
        path, tmp_path / "one/new.xlsx", JUNE, {"Needs": line(path, "Needs", 0, Count_now=7)}
    )
    collected(study, new.parent)
    old = sent(path, tmp_path / "two/old.xlsx", dt.date(2018, 6, 1), {
        "Needs": line(path, "Needs", 0, Count_now=3) | line(path, "Needs", 1, Count_now=2)})  # fmt: skip
    collected(study, old.parent)
    counts = [row["count"] for row in rows(study, "needs.csv") if row["school"] == "S02"]
    assert counts[:2] == ["7", "2"]
    kept = list((study.folder / "returns" / study.edition.id / "S02").iterdir())
    assert {each.read_bytes() for each in kept} == {new.read_bytes(), old.read_bytes()}


def test_what_the_form_had_already_is_no_answer(study: Study, tmp_path: Path) -> None:
    """A number corrected in the table since the form went out stays corrected."""
    table = study.folder / "outcomes.csv"
    text = table.read_text(encoding="utf-8").replace("attendance,47391,", "attendance,47000,")
    table.write_text(text, encoding="utf-8")
    path = form(study, "S01")
    sent(path, tmp_path / "in/x.xlsx", JUNE, review(path))
    collected(study, tmp_path / "in")
    assert table.read_text(encoding="utf-8") == text


@pytest.mark.parametrize(
    ("written", "found"),
    [(dt.datetime(1900, 1, 12), "12"), ("12", "12"), (" 1,200 ", "1200"), (12.0, "12"), ("12\u00a0", "12")],
)  # fmt: skip
def test_pasted_counts_are_read(
    issued: Study, material: Material, tmp_path: Path, written: object, found: str
) -> None:
    path = form(issued, "S01")
    cells = {"Needs": line(path, "Needs", 0, Count_now=written)}
    (answer,) = returned.read(sent(path, tmp_path / "x.xlsx", JUNE, cells), material).answers
    assert answer.values == {"count": found}


@pytest.mark.parametrize(
    "written", ["3/5/2018", "3 May 2018", "3rd May 2018", dt.date(2018, 5, 3), 43223, "2018-05-03"]
)
def test_typed_days_are_read(
    issued: Study, material: Material, tmp_path: Path, written: object
) -> None:
    path = form(issued, "S01")
    cells = {"Sessions": line(path, "Sessions", 0, Date=written, Kind="audit SESSION", Minutes=50)}
    (answer,) = returned.read(sent(path, tmp_path / "x.xlsx", JUNE, cells), material).answers
    assert answer.key == ("S01", "2018-05-03", "audit", "")


# --- copied, renamed, changed ----------------------------------------------------------------


def renamed_sheet(path: Path) -> None:
    book = openpyxl.load_workbook(path)
    book["Audit"].title = "our audit"
    book.save(path)


def copied_sheet(path: Path) -> None:
    book = openpyxl.load_workbook(path)
    book.copy_worksheet(book["Audit"])
    book.save(path)


def without_machine_sheet(path: Path) -> None:
    book = openpyxl.load_workbook(path)
    del book[MACHINE]
    book.save(path)


@pytest.mark.parametrize("change", [renamed_sheet, copied_sheet, without_machine_sheet])
def test_sheets_are_known_whatever_became_of_them(
    issued: Study, material: Material, tmp_path: Path, change: Callable[[Path], None]
) -> None:
    path = form(issued, "S01")
    came = sent(
        path, tmp_path / "x.xlsx", JUNE, {"Audit": line(path, "Audit", 0, Rating_now="Doing well")}
    )
    change(came)
    found = returned.read(came, material)
    assert found.school == "S01" and [each.table for each in found.answers] == [
        "whole_school_audit"
    ]


def set_cell(sheet: str, cell: str, value: object) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        book = openpyxl.load_workbook(path)
        book[sheet][cell] = value
        book.save(path)

    return change


def mark(**values: object) -> Callable[[Path], None]:
    """Another mark on every sheet, as the forms of another time or study have."""

    def change(path: Path) -> None:
        book = openpyxl.load_workbook(path)
        for place in book:
            if place.title != "_lists":
                known = json.loads(place.cell(MARK + 1, 1).value)
                place.cell(MARK + 1, 1).value = json.dumps(known | values)
        book.save(path)

    return change


def sheet_of_another(path: Path) -> None:
    book = openpyxl.load_workbook(path)
    place = book["Audit"]
    place.cell(1, 1).value = place.cell(1, 1).value.replace('"S01"', '"S04"')
    book.save(path)


def two_audits(path: Path) -> None:
    book = openpyxl.load_workbook(path)
    book.copy_worksheet(book["Audit"])["E5"] = "Needs improving"
    book.save(path)


def with_macros(path: Path) -> None:
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"macro")


def locked(path: Path) -> None:
    path.write_bytes(b"\xd0\xcf\x11\xe0" + bytes(600) + "EncryptedPackage".encode("utf-16-le"))


def bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet99.xml", bytes(40_000_000))


def no_workbook(path: Path) -> None:
    path.write_bytes(b"PK\x03\x04 and then nothing of the kind")


def no_form(path: Path) -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = "attendance"
    book.save(path)


def a_text(path: Path) -> None:
    path.write_text("Dear all, please find attached", encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (set_cell("Plan", "B4", "Notes"), ("sheet Plan", "cell B4", "Notes")),
        (set_cell("Conditions and risks", "B5", "Something else"), ("sheet Conditions and risks", "cell B5")),
        (set_cell("Audit", "E5", "fine"), ("sheet Audit", "cell E5", "'fine'", "Doing well")),
        (set_cell("Audit", "E5", "#REF!"), ("sheet Audit", "cell E5", "#REF!")),
        (set_cell("Needs", "E6", -1), ("sheet Needs", "cell E6", "'-1'")),
        (set_cell("Needs", "E6", 2.5), ("sheet Needs", "cell E6", "'2.5'")),
        (set_cell("Needs", "E6", "=1+"), ("sheet Needs", "cell E6", "formula")),
        (set_cell("Sessions", "B5", "1/5/2017"), ("sheet Sessions", "cell B5", "Summer term 2018")),
        (set_cell("Sessions", "D5", 45), ("sheet Sessions", "cell B5", "not filled in")),
        (set_cell("Needs", "B99", "and a note"), ("sheet Needs", "cell B99")),
        (set_cell("Records", "F5", ""), ("sheet Records", "cell F5", "not filled in")),
        (set_cell(START, "C6", "3 February 2018"), ("sheet Start", "cell C6", "another term")),
        (set_cell(START, "C6", None), ("sheet Start", "cell C6", "not filled in")),
        (set_cell(START, "C6", "last Tuesday"), ("sheet Start", "cell C6", "last Tuesday")),
        (mark(form=0), ("version 0", "cell A1")),
        (mark(study="other"), ("another study", "other")),
        (mark(school="S99"), ("S99", "no school of the study", "cell A1")),
        (sheet_of_another, ("sheet Audit", "S04", "S01")),
        (two_audits, ("Audit Copy", "not alike")),
        (with_macros, ("macros",)),
        (locked, ("password",)),
        (bomb, ("unpacks",)),
        (no_workbook, ("workbook",)),
        (no_form, ("no form", "cell A1")),
        (a_text, ()),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(
    issued: Study,
    material: Material,
    tmp_path: Path,
    change: Callable[[Path], None],
    says: tuple[str, ...],
) -> None:
    path = form(issued, "S01")
    came = sent(path, tmp_path / "x.xlsx", JUNE, review(path))
    change(came)
    with pytest.raises(AnalystError) as error:
        returned.read(came, material)
    told = "\n".join(error.value.lines())
    for words in (str(came), *says):
        assert words in told


def test_nothing_of_a_return_with_a_mistake_is_used(study: Study, tmp_path: Path) -> None:
    path = form(study, "S01")
    sent(
        path,
        tmp_path / "in/x.xlsx",
        JUNE,
        review(path) | {"Needs": line(path, "Needs", 0, Count_now="some")},
    )
    no_workbook(tmp_path / "in/y.xlsx")
    before = state(study)
    done = collected(study, tmp_path / "in")
    assert len(done.refused) == 2 and not done.tables and "S01" in done.missing
    assert {name: text for name, text in state(study).items() if "reminders" not in name} == before


def test_two_returns_of_one_day_are_both_left(study: Study, tmp_path: Path) -> None:
    path = form(study, "S01")
    for name, word in (("a.xlsx", "started"), ("b.xlsx", "dropped")):
        sent(path, tmp_path / "in" / name, JUNE, review(path, How_it_stands_now=word))
    done = collected(study, tmp_path / "in")
    assert {each.name for each in done.refused} == {"a.xlsx", "b.xlsx"} and not done.tables
    assert all(e.where == f"{p}, sheet {START}, cell C6" for p, e in done.refused.items())
    # Alike they are one.
    (tmp_path / "in/b.xlsx").unlink()
    sent(path, tmp_path / "in/c.xlsx", JUNE, review(path, How_it_stands_now="started"))
    assert not collected(study, tmp_path / "in").refused
    # And another of that day is still unclear when the first has been collected.
    sent(path, tmp_path / "more/d.xlsx", JUNE, review(path, How_it_stands_now="dropped"))
    assert len(collected(study, tmp_path / "more").refused) == 1


def test_a_form_in_a_file_of_another_schools_name_is_asked_about(
    study: Study, tmp_path: Path
) -> None:
    path = form(study, "S01")
    for name in ("S02.xlsx", "Thistlebeck Primary School.xlsx"):
        shutil.rmtree(tmp_path / "in", ignore_errors=True)
        sent(path, tmp_path / "in" / name, JUNE, review(path))
        (error,) = collected(study, tmp_path / "in").refused.values()
        assert "S01" in error.what and "S02" in error.what


def test_last_terms_form_may_be_late(study: Study, tmp_path: Path) -> None:
    spring = asked.Period(
        "2018-spring", "Spring term 2018", dt.date(2018, 1, 1), dt.date(2018, 3, 31)
    )
    (last,) = returns.forms(study, spring, ["S01"])
    sent(
        last,
        tmp_path / "in/x.xlsx",
        dt.date(2018, 3, 20),
        {"Needs": line(last, "Needs", 0, Count_now=5)},
    )
    done = collected(study, tmp_path / "in")
    assert not done.refused and "S01" in done.missing
    assert rows(study, "needs.csv")[0]["count"] == "5"


def test_answers_are_not_mixed_with_invented_ones(study: Study, tmp_path: Path) -> None:
    path = form(study, "S01")
    sent(path, tmp_path / "in/x.xlsx", JUNE, {"Needs": line(path, "Needs", 0, Count_now=5)})
    before = state(study)
    with pytest.raises(AnalystError, match="invented"):
        returns.collect(study, returns.period(study), tmp_path / "in")
    assert state(study) == before


def test_all_is_written_or_nothing(
    study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = form(study, "S01")
    sent(
        path,
        tmp_path / "in/x.xlsx",
        JUNE,
        review(path) | {"Needs": line(path, "Needs", 0, Count_now=5)},
    )
    before, written = state(study), []
    real = Path.write_bytes

    def full(self: Path, data: bytes) -> int:
        written.append(self)
        if len(written) == 3:
            raise OSError(28, "No space left on device")
        return real(self, data)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError):
        collected(study, tmp_path / "in")
    monkeypatch.undo()
    assert state(study) == before


# --- from a session back into data ------------------------------------------------------------


def test_a_sessions_ratings_are_a_reaudit(study: Study, tmp_path: Path) -> None:
    period = returns.period(study)
    made = returns.self_assessment(Material.read(study, period), "S03")
    assert made is not None
    blank = tmp_path / "blank.xlsx"
    blank.write_bytes(made)
    sent(
        blank,
        tmp_path / "in/x.xlsx",
        JUNE,
        {"Audit": line(blank, "Audit", 2, Rating_now="Needs improving")},
    )
    done = collected(study, tmp_path / "in")
    assert not done.refused
    # The return of the term is still to come.
    assert "S03" in done.missing
    (row,) = rows(study, "whole_school_audit_returned.csv")
    assert row == {"school": "S03", "area": "leadership_and_policy", "review": "reaudit",
                   "rating": "needs_improving", "review_date": "2018-06-18"}  # fmt: skip


def test_a_sessions_ratings_may_come_as_a_table(study: Study, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    table = tmp_path / "in/session.csv"
    table.write_text(
        "school,area,rating,date\nS03,Pupil voice,doing well,18/06/2018\nS03,staff_wellbeing,needs_improving,18/06/2018\n"
    )
    done = collected(study, tmp_path / "in")
    assert not done.refused
    found = {row["area"]: row["rating"] for row in rows(study, "whole_school_audit_returned.csv")}
    assert found == {"pupil_voice": "doing_well", "staff_wellbeing": "needs_improving"}
    table.write_text("school,area,rating,date\nS03,Pupil voice,superb,18/06/2018\n")
    (error,) = collected(study, tmp_path / "in").refused.values()
    assert "row 2, column rating" in error.where


@pytest.mark.parametrize(
    ("text", "day"),
    [("2018-06-18 00:00:00", JUNE), ("18.6.2018", JUNE), ("43269", JUNE), ("18/6/18", JUNE), ("18/18/2018", None), ("June", None)],
)  # fmt: skip
def test_days(text: str, day: dt.date | None) -> None:
    assert returned.as_day(text) == day
    assert DAY == (5, 2)


def test_a_table_that_waits_with_headings_only_takes_answers(study: Study, tmp_path: Path) -> None:
    [path] = study.folder.glob(str(study.file("whole_school_audit")))
    path.write_text(path.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    returns.forms(study, returns.period(study))
    sent(
        form(study, "S01"),
        tmp_path / "back" / "S01.xlsx",
        JUNE,
        {"Audit": line(form(study, "S01"), "Audit", 0, Rating_now="doing well")},
    )
    done = collected(study, tmp_path / "back")
    assert not done.refused
    [new] = study.folder.glob("whole_school_audit_returned.csv")
    assert [row["school"] for row in rows(study, new.name)] == ["S01"]


def test_a_reminder_says_what_is_known_only_where_something_is(
    study: Study, tmp_path: Path
) -> None:
    (tmp_path / "back").mkdir()
    done = collected(study, tmp_path / "back")
    known = "already is in it"
    assert known in done.reminders["S01"]
    for table in (
        "action_plans",
        "readiness",
        "whole_school_audit",
        "sessions",
        "needs",
        "outcomes",
    ):
        for path in study.folder.glob(str(study.file(table))):
            head = path.read_text(encoding="utf-8").splitlines()[0]
            path.write_text(head + "\n", encoding="utf-8")
    assert known not in collected(study, tmp_path / "back").reminders["S01"]
