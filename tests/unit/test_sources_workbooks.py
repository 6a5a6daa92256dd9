"""Workbooks: which sheet is read, and what a spreadsheet hides is found and said."""

from __future__ import annotations

import datetime as dt
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from openpyxl.chart import BarChart, Reference
from openpyxl.worksheet.worksheet import Worksheet

from analysis import prepare, sources, study
from analysis.errors import AnalystError
from tests.unit.test_sources_formats import EXPORTS, make_study

sys.path.insert(0, str(EXPORTS.parent))
import workbooks

HEAD = ["code", "school", "A1", "A2", "A3"]
ROWS = [["AB1", "S01", 5, 5, 5], ["CD2", "S01", 4, 4, 4]]


def saved(path: Path, change: Callable[[openpyxl.Workbook, Worksheet], None]) -> Path:
    """A workbook with one sheet of two responses, changed."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = "Responses"
    for row in [HEAD, *ROWS]:
        sheet.append(row)
    change(book, sheet)
    book.save(path)
    return path


def with_sheet(name: str, rows: list[list[object]], *, state: str = "visible", first: bool = False):  # type: ignore[no-untyped-def]
    def change(book: openpyxl.Workbook, _: Worksheet) -> None:
        other = book.create_sheet(name, 0 if first else None)
        for row in rows:
            other.append(row)
        other.sheet_state = state

    return change


LAST_YEAR = [HEAD, ["AB1", "S01", 1, 1, 1]]


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_a_hidden_sheet_is_not_read_though_it_stands_first(tmp_path: Path, state: str) -> None:
    change = with_sheet("Last year", LAST_YEAR, state=state, first=True)
    raw = sources.read(saved(tmp_path / "t.xlsx", change))
    assert raw.sheet == "Responses"
    assert raw.frame["A1"].tolist() == ["5", "4"]
    assert raw.notes[0] == "sheet 'Responses' is read; not read: 'Last year'"


@pytest.mark.parametrize("form", ["xlsx", "xls", "xlsb", "ods"])
@pytest.mark.parametrize(
    "name", ["export.csv", "export.xls", "export.xlsx", "export.dat", "export"]
)
def test_a_workbook_is_read_whatever_its_name_ends_in(tmp_path: Path, form: str, name: str) -> None:
    source = EXPORTS / f"plain.{form}"
    path = tmp_path / name
    path.write_bytes(source.read_bytes())
    assert sources.read(path).frame.equals(sources.read(source).frame)


def test_two_sheets_that_could_be_meant_are_listed_and_neither_is_read(tmp_path: Path) -> None:
    path = saved(tmp_path / "t.xlsx", with_sheet("Secondary", LAST_YEAR))
    with pytest.raises(AnalystError, match=r"'Responses' .3 rows, 5 columns., 'Secondary'"):
        sources.read(path)
    assert sources.read(path, sheet="Secondary").frame["A1"].tolist() == ["1"]
    with pytest.raises(AnalystError, match="no sheet 'Third'"):
        sources.read(path, sheet="Third")


def test_a_sheet_of_notes_or_an_empty_one_is_no_candidate(tmp_path: Path) -> None:
    change = with_sheet("Read me", [["Collected in March"], ["by the council"]], first=True)
    raw = sources.read(saved(tmp_path / "t.xlsx", change))
    assert raw.frame["A1"].tolist() == ["5", "4"]
    raw = sources.read(saved(tmp_path / "u.xlsx", with_sheet("Sheet2", [], first=True)))
    assert raw.frame["A1"].tolist() == ["5", "4"]


def test_a_sheet_that_is_stated_is_read_even_if_it_is_hidden_and_that_is_said(
    tmp_path: Path,
) -> None:
    path = saved(tmp_path / "t.xlsx", with_sheet("Old", LAST_YEAR, state="hidden"))
    raw = sources.read(path, sheet="Old")
    assert raw.frame["A1"].tolist() == ["1"]
    assert "hidden" in raw.notes[0]


def test_a_workbook_that_shows_nothing_is_refused(tmp_path: Path) -> None:
    def change(book: openpyxl.Workbook, sheet: Worksheet) -> None:
        sheet.sheet_state = "hidden"
        book.create_sheet("Empty")

    with pytest.raises(AnalystError, match=r"only hidden sheets hold cells \('Responses'\)"):
        sources.read(saved(tmp_path / "t.xlsx", change))


def test_hidden_rows_and_columns_are_read_and_said(tmp_path: Path) -> None:
    def change(_: openpyxl.Workbook, sheet: Worksheet) -> None:
        sheet.row_dimensions[3].hidden = True
        sheet.column_dimensions["C"].hidden = True

    raw = sources.read(saved(tmp_path / "t.xlsx", change))
    assert raw.frame["A1"].tolist() == ["5", "4"]
    assert "row 3 is hidden and read like the others" in raw.notes
    assert "1 column is hidden and read like the others" in raw.notes


def test_a_filter_that_hides_many_rows_names_some_of_them(tmp_path: Path) -> None:
    def change(_: openpyxl.Workbook, sheet: Worksheet) -> None:
        for n in range(20):
            sheet.append([f"XX{n}", "S01", 3, 3, 3])
            sheet.row_dimensions[4 + n].hidden = True

    raw = sources.read(saved(tmp_path / "t.xlsx", change))
    assert len(raw.frame) == 22
    assert any("rows 4, 5, 6, 7, 8, 9 and 14 more are hidden" in note for note in raw.notes)


def test_a_column_merged_over_rows_cannot_be_used(tmp_path: Path) -> None:
    def change(_: openpyxl.Workbook, sheet: Worksheet) -> None:
        sheet.merge_cells("B2:B3")

    raw = sources.read(saved(tmp_path / "t.xlsx", change))
    assert "school" not in raw.frame
    assert "rows 2 and 3" in raw.unusable["school"]
    assert "merged" in raw.unusable["school"]


def test_merged_headings_and_titles_do_no_harm(tmp_path: Path) -> None:
    def change(_: openpyxl.Workbook, sheet: Worksheet) -> None:
        sheet.insert_rows(1, 2)
        sheet["A1"] = "Staff survey, spring"
        sheet.merge_cells("A1:E1")

    raw = sources.read(saved(tmp_path / "t.xlsx", change))
    assert list(raw.frame.columns) == HEAD
    assert raw.frame.index.tolist() == [4, 5]  # as the spreadsheet shows them
    assert raw.unusable == {}
    assert any("headings stand in row 3: rows 1 and 2 above" in note for note in raw.notes)


def test_formulas_without_results_are_no_empty_answers(tmp_path: Path) -> None:
    def change(_: openpyxl.Workbook, sheet: Worksheet) -> None:
        sheet["D2"] = "=C2"  # openpyxl saves formulas without results

    raw = sources.read(saved(tmp_path / "t.xlsx", change))
    assert "A2" not in raw.frame
    assert "row 2" in raw.unusable["A2"]
    assert "formulas whose results are not in the file" in raw.unusable["A2"]


def test_formulas_with_results_are_read_and_counted(tmp_path: Path) -> None:
    def change(_: openpyxl.Workbook, sheet: Worksheet) -> None:
        sheet["D2"] = "=C2"
        sheet["E2"] = '=""'

    path = saved(tmp_path / "t.xlsx", change)
    calculated = tmp_path / "calculated.xlsx"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(calculated, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name.endswith("sheet1.xml"):
                content = content.replace(b"<f>C2</f><v />", b"<f>C2</f><v>5</v>")
                content = content.replace(b"<f>C2</f><v></v>", b"<f>C2</f><v>5</v>")
                content = content.replace(b'<c r="E2"', b'<c r="E2" t="str"')
            new.writestr(name, content)
    raw = sources.read(calculated)
    assert raw.frame["A2"].tolist() == ["5", "4"]
    assert raw.frame["A3"].tolist() == ["", "4"]
    assert any("2 cells hold formulas" in note for note in raw.notes)


@pytest.mark.parametrize("error", ["#N/A", "#REF!", "#DIV/0!", "#VALUE!", "#NAME?"])
def test_a_column_with_an_error_cannot_be_used_and_others_can(tmp_path: Path, error: str) -> None:
    def change(_: openpyxl.Workbook, sheet: Worksheet) -> None:
        sheet["A3"] = error

    raw = sources.read(saved(tmp_path / "t.xlsx", change))
    assert "code" not in raw.frame
    assert "row 3" in raw.unusable["code"]
    assert raw.frame["A1"].tolist() == ["5", "4"]


def test_control_characters_that_excel_escapes_are_what_they_were(tmp_path: Path) -> None:
    def change(_: openpyxl.Workbook, sheet: Worksheet) -> None:
        sheet["A2"] = "AB1_x000D_"

    raw = sources.read(saved(tmp_path / "t.xlsx", change))
    assert raw.frame["code"].tolist() == ["AB1\r", "CD2"]


@pytest.mark.parametrize("ending", ["xls", "xlsb", "ods"])
def test_other_workbooks_say_what_is_not_seen_in_them(ending: str) -> None:
    raw = sources.read(EXPORTS / f"plain.{ending}")
    assert raw.sheet == "Answers"
    assert "sheet 'Answers' is read; not read: 'Notes'" in raw.notes
    assert any("cannot be seen" in note for note in raw.notes)
    xlsx = sources.read(EXPORTS / "plain.xlsx")
    assert raw.frame.drop(columns="when").equals(xlsx.frame.drop(columns="when"))


def test_hidden_sheets_of_binary_workbooks(tmp_path: Path) -> None:
    rows = [[str(cell) for cell in row] for row in [HEAD, *ROWS]]
    path = tmp_path / "t.xlsb"
    workbooks.xlsb(path, {"Old": rows[:2], "New": rows}, hidden=("Old",))
    assert sources.read(path).sheet == "New"
    workbooks.xlsb(path, {"Old": rows[:2], "New": rows})
    with pytest.raises(AnalystError, match="2 sheets that could hold"):
        sources.read(path)


def test_drp_prepare_says_which_sheet_it_read_and_what_cannot_be_used(tmp_path: Path) -> None:
    loaded = make_study(tmp_path / "study", "plain.xlsx")
    findings = prepare.prepare(loaded, tmp_path / ".drp").quality["findings"]
    assert findings["finding"].tolist() == ["sheet 'Sheet' is read"]
    path = tmp_path / "study" / "export.xlsx"
    book = openpyxl.load_workbook(path)
    book["Sheet"].merge_cells("D2:D9")
    book.save(path)
    with pytest.raises(AnalystError, match="names the column 'school', which cannot be used"):
        prepare.prepare(loaded, tmp_path / ".drp")


def test_a_table_of_a_study_with_a_merged_column_is_refused_for_that(tmp_path: Path) -> None:
    from analysis.sources import tables

    def change(_: openpyxl.Workbook, sheet: Worksheet) -> None:
        sheet.merge_cells("B2:B3")

    path = saved(tmp_path / "t.xlsx", change)
    with pytest.raises(AnalystError, match=r"column school of t.xlsx cannot be used.*merged"):
        tables.read(path, ["code", "school"])
    assert len(tables.read(path, ["code"])) == 2


def test_formats_of_the_study_file_are_those_that_are_read() -> None:
    from typing import get_args

    assert set(get_args(study.ExportFormat)) == {"auto", *sources.FORMATS}


# --- more of what spreadsheets do ------------------------------------------------------------


def rewritten(path: Path, *changes: tuple[bytes, bytes]) -> Path:
    """The workbook with its first sheet's XML changed, as openpyxl would not write it."""
    other = path.with_name("rewritten.xlsx")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(other, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name.endswith("sheet1.xml"):
                for before, after in changes:
                    content = content.replace(before, after)
            new.writestr(name, content)
    return other


def test_a_table_that_starts_in_the_middle_of_a_sheet(tmp_path: Path) -> None:
    def change(_: openpyxl.Workbook, sheet: Worksheet) -> None:
        sheet.insert_cols(1, 2)
        sheet.insert_rows(1, 4)
        sheet["C2"] = "Staff survey"

    raw = sources.read(saved(tmp_path / "t.xlsx", change))
    assert [name for name in raw.frame.columns if raw.frame[name].any()] == HEAD
    assert raw.frame["code"].tolist() == ["AB1", "CD2"]
    assert raw.frame.index.tolist() == [6, 7]


@pytest.mark.parametrize("ending", ["ods", "xlsb"])
def test_a_table_that_starts_in_the_middle_of_another_kind_of_workbook(
    tmp_path: Path, ending: str
) -> None:
    rows = [["", "", *map(str, row)] for row in [HEAD, *ROWS]]
    path = tmp_path / f"t.{ending}"
    getattr(workbooks, ending)(path, {"New": [[""], [""], *rows]})
    raw = sources.read(path)
    assert [name for name in raw.frame.columns if raw.frame[name].any()] == HEAD
    assert raw.frame["A1"].tolist() == ["5", "4"]
    assert raw.frame.index.tolist() == [4, 5]


def test_a_sheet_that_is_a_chart_is_no_candidate(tmp_path: Path) -> None:
    def change(book: openpyxl.Workbook, sheet: Worksheet) -> None:
        chart = BarChart()
        chart.add_data(Reference(sheet, min_col=3, min_row=1, max_row=3), titles_from_data=True)
        book.create_chartsheet("Chart", 0).add_chart(chart)

    raw = sources.read(saved(tmp_path / "t.xlsx", change))
    assert raw.sheet == "Responses"
    assert raw.frame["A1"].tolist() == ["5", "4"]


@pytest.mark.parametrize("place", [0, 1])
def test_a_chart_sheet_without_a_chart_is_no_candidate(place: int, tmp_path: Path) -> None:
    """Names of cells belong to a sheet by its place, so the empty one keeps its own."""

    def change(book: openpyxl.Workbook, sheet: Worksheet) -> None:
        book.create_chartsheet("Chart", place)
        sheet.print_title_rows = "1:1"

    raw = sources.read(saved(tmp_path / "t.xlsx", change))
    assert raw.sheet == "Responses"
    assert raw.frame["A1"].tolist() == ["5", "4"]


def test_of_three_tables_only_one_is_shown(tmp_path: Path) -> None:
    def change(book: openpyxl.Workbook, sheet: Worksheet) -> None:
        with_sheet("Old", LAST_YEAR, state="hidden", first=True)(book, sheet)
        with_sheet("Older", LAST_YEAR, state="veryHidden")(book, sheet)
        with_sheet("Empty", [], first=True)(book, sheet)

    raw = sources.read(saved(tmp_path / "t.xlsx", change))
    assert raw.sheet == "Responses"
    assert raw.frame["A1"].tolist() == ["5", "4"]
    assert raw.notes[0] == "sheet 'Responses' is read; not read: 'Empty', 'Old', 'Older'"


def test_a_pivot_beside_the_responses_is_a_candidate_and_asked_about(tmp_path: Path) -> None:
    change = with_sheet("Pivot", [["Row Labels", "Average of A1"], ["S01", 4.5], ["Total", 4.5]])
    with pytest.raises(AnalystError, match=r"'Responses' .* 'Pivot'"):
        sources.read(saved(tmp_path / "t.xlsx", change))


def test_columns_merged_beside_each_other_cannot_be_used(tmp_path: Path) -> None:
    """One answer over two columns: of neither is it known what was answered."""

    def change(_: openpyxl.Workbook, sheet: Worksheet) -> None:
        sheet.merge_cells("C2:D2")

    raw = sources.read(saved(tmp_path / "t.xlsx", change))
    assert set(raw.unusable) == {"A1", "A2"}
    assert raw.frame["A3"].tolist() == ["5", "4"]


def test_a_heading_merged_over_columns_is_refused_for_that(tmp_path: Path) -> None:
    def change(_: openpyxl.Workbook, sheet: Worksheet) -> None:
        sheet.merge_cells("C1:D1")

    with pytest.raises(
        AnalystError, match="no heading of its own: cells of row 1 belong to merged"
    ):
        sources.read(saved(tmp_path / "t.xlsx", change))


@pytest.mark.parametrize("kind", ["shared", "array", "data table"])
def test_formulas_of_every_kind_without_results_are_found(tmp_path: Path, kind: str) -> None:
    def change(_: openpyxl.Workbook, sheet: Worksheet) -> None:
        sheet["D2"], sheet["D3"] = "=C2", "=C3"

    path = saved(tmp_path / "t.xlsx", change)
    marks = {
        "shared": (b'<f t="shared" ref="D2:D3" si="0">C2</f>', b'<f t="shared" si="0"/>'),
        "array": (b'<f t="array" ref="D2:D3">C2:C3</f>', b""),
        "data table": (b'<f t="dataTable" ref="D2:D3" r1="A1"/>', b"<f>C3</f>"),
    }[kind]
    raw = sources.read(rewritten(path, (b"<f>C2</f>", marks[0]), (b"<f>C3</f>", marks[1])))
    assert "A2" not in raw.frame
    assert "row 2" in raw.unusable["A2"] or "rows 2" in raw.unusable["A2"]
    assert raw.frame["A3"].tolist() == ["5", "4"]


def test_a_formula_that_failed_is_an_error_and_not_an_answer(tmp_path: Path) -> None:
    def change(_: openpyxl.Workbook, sheet: Worksheet) -> None:
        sheet["D2"] = "=1/0"

    path = saved(tmp_path / "t.xlsx", change)
    empty = [(b"<f>1/0</f>" + no, b"<f>1/0</f><v>#DIV/0!</v>") for no in (b"<v />", b"<v></v>")]
    raw = sources.read(rewritten(path, (b'<c r="D2">', b'<c r="D2" t="e">'), *empty))
    assert "error" in raw.unusable["A2"]


def test_an_error_that_somebody_typed_into_a_comment_column_does_no_harm(tmp_path: Path) -> None:
    def change(_: openpyxl.Workbook, sheet: Worksheet) -> None:
        sheet["F1"], sheet["F2"] = "note", "#N/A"

    raw = sources.read(saved(tmp_path / "t.xlsx", change))
    assert list(raw.frame.columns) == HEAD
    assert list(raw.unusable) == ["note"]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (b"<sheetData>", b'<cols><col min="3" max="4" width="9" hidden="1" outlineLevel="1"/></cols>'
         b"<sheetData>", "2 columns are hidden"),
        (b"<sheetData>", b'<cols><col min="3" max="3" width="0" customWidth="1"/></cols>'
         b"<sheetData>", "1 column is hidden"),
        (b'<row r="3">', b'<row r="3" ht="0" customHeight="1">', "row 3 is hidden"),
        (b'<row r="3">', b'<row r="3" ht="10.5" customHeight="1">', ""),
    ],
)  # fmt: skip
def test_what_is_folded_away_or_has_no_size_is_hidden_too(
    before: bytes, after: bytes, said: str, tmp_path: Path
) -> None:
    path = rewritten(saved(tmp_path / "t.xlsx", lambda book, sheet: None), (before, after))
    raw = sources.read(path)
    assert raw.frame["A1"].tolist() == ["5", "4"]
    notes = [note for note in raw.notes if "hidden" in note]
    assert [note.startswith(said) for note in notes] == ([True] if said else [])


def test_rows_left_empty_between_responses_are_not_the_end(tmp_path: Path) -> None:
    def change(_: openpyxl.Workbook, sheet: Worksheet) -> None:
        sheet["A40"], sheet["B40"], sheet["C40"] = "EF3", "S01", 3

    raw = sources.read(saved(tmp_path / "t.xlsx", change))
    assert raw.frame.loc[40, "A1"] == "3"
    assert raw.frame["code"].str.strip().ne("").sum() == 3


def test_an_extent_that_a_tool_wrote_wrongly_does_not_cut_the_table(tmp_path: Path) -> None:
    path = saved(tmp_path / "t.xlsx", lambda book, sheet: None)
    assert sources.read(rewritten(path, (b'ref="A1:E3"', b'ref="A1"'))).frame["A3"].tolist() == [
        "5",
        "4",
    ]


def test_truth_values_dates_and_numbers_of_cells_are_text(tmp_path: Path) -> None:
    def change(_: openpyxl.Workbook, sheet: Worksheet) -> None:
        sheet["C2"], sheet["D2"], sheet["E2"] = True, dt.date(2023, 2, 1), 4.0
        sheet["C3"], sheet["D3"], sheet["E3"] = False, dt.datetime(2023, 2, 1, 10, 5), 0.5

    frame = sources.read(saved(tmp_path / "t.xlsx", change)).frame
    assert frame["A1"].tolist() == ["True", "False"]
    assert frame["A2"].tolist() == ["2023-02-01 00:00:00", "2023-02-01 10:05:00"]
    assert frame["A3"].tolist() == ["4", "0.5"]


def test_letters_of_several_fonts_in_one_cell_are_its_text(tmp_path: Path) -> None:
    from openpyxl.cell.rich_text import CellRichText, TextBlock
    from openpyxl.cell.text import InlineFont

    def change(_: openpyxl.Workbook, sheet: Worksheet) -> None:
        sheet["A2"] = CellRichText("AB", TextBlock(InlineFont(b=True), "1"))

    assert sources.read(saved(tmp_path / "t.xlsx", change)).frame["code"].tolist() == ["AB1", "CD2"]


@pytest.mark.parametrize("ending", ["ods", "xlsb"])
def test_of_other_workbooks_too_several_sheets_are_listed(tmp_path: Path, ending: str) -> None:
    rows = [[str(cell) for cell in row] for row in [HEAD, *ROWS]]
    path = tmp_path / f"t.{ending}"
    getattr(workbooks, ending)(path, {"Empty": [[""]], "Old": rows[:2], "New": rows})
    with pytest.raises(AnalystError, match=r"'Old' .2 rows, 5 columns., 'New' .3 rows, 5 columns."):
        sources.read(path)
    assert sources.read(path, sheet="New").frame["A1"].tolist() == ["5", "4"]
    getattr(workbooks, ending)(path, {"Empty": [[""]], "New": rows})
    assert sources.read(path).sheet == "New"


def test_hidden_sheets_of_an_opendocument_spreadsheet(tmp_path: Path) -> None:
    rows = [[str(cell) for cell in row] for row in [HEAD, *ROWS]]
    path, hidden = tmp_path / "t.ods", tmp_path / "hidden.ods"
    workbooks.ods(path, {"Old": rows[:2], "New": rows})
    style = (
        b'<office:automatic-styles><style:style xmlns:style="urn:oasis:names:tc:opendocument:'
        b'xmlns:style:1.0" style:name="ta2" style:family="table"><style:table-properties '
        b'table:display="false"/></style:style></office:automatic-styles><office:body>'
    )
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(hidden, "w") as new:
        for name in old.namelist():
            content = old.read(name).replace(b"<office:body>", style)
            content = content.replace(
                b'<table:table table:name="Old">',
                b'<table:table table:name="Old" table:style-name="ta2">',
            )
            new.writestr(name, content)
    assert sources.read(hidden).sheet == "New"
    with pytest.raises(AnalystError, match="2 sheets that could hold"):
        sources.read(path)
