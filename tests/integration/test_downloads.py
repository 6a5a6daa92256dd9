"""What can be taken away from a report: workbook, CSV and Word, and what numbers say of themselves."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from typer.testing import CliRunner

from analysis.cli import app
from analysis.disclosure import RELEASED
from analysis.present import open_page
from analysis.present.page import Page
from analysis.publish import manifest
from analysis.publish.beside import DATA, WHOLE
from analysis.publish.tidy import COLUMNS, META
from analysis.results import COHORT
from tests.conftest import UNITS, Rendered
from tests.studies import files, pages


def places(rendered: Rendered) -> Iterator[tuple[Path, Page]]:
    for unit in UNITS:
        page = open_page(unit, str(rendered.study.folder))
        yield from ((place, page) for place in rendered.places(unit))


def test_every_cell_of_a_workbook_is_what_the_page_shows(rendered: Rendered) -> None:
    for place, _ in places(rendered):
        assert files.wrong_cells(place) == [], place


def test_a_workbook_has_the_editions_date_and_names_each_table(rendered: Rendered) -> None:
    import openpyxl

    book = openpyxl.load_workbook(rendered.place("S01") / "workbook.xlsx")
    assert book.properties.created.date() == rendered.study.edition.date
    assert book.sheetnames[:3] == ["Cover", "Contents", "Notes"]
    for name in book.sheetnames[3:]:
        said = [str(row[0].value) for row in book[name].iter_rows(max_row=8)]
        assert said[0].startswith(f"{name}: ")
        assert any("Id in the report: tbl-" in line for line in said)
        assert any(rendered.study.title in line for line in said)
        withheld = any(cell.value == "[c]" for row in book[name].iter_rows() for cell in row)
        assert withheld == any("[c] = withheld" in line for line in said), name


def test_csv_holds_the_released_rows_as_the_page_shows_them(rendered: Rendered) -> None:
    for place, page in places(rendered):
        whole = files.data(place / DATA / "numbers.csv")
        assert list(whole[0]) == list(COLUMNS)
        each = [
            row
            for path in sorted((place / DATA).glob("*-*.csv"))
            for row in files.data(path)
        ]  # fmt: skip
        assert sorted(map(str, whole)) == sorted(map(str, each))
        seen = 0
        for row in whole:
            unit = page.unit if row["geographic_level"] == "School" else COHORT
            found = page.rows.get((unit, row["id"]))
            if found is None:
                continue
            seen += 1
            if found["release"] != RELEASED:
                assert {row[n] for n in ("estimate", "lower_limit", "upper_limit")} <= {"c", "z"}
                continue
            for name, field in (("estimate", "value"), ("lower_limit", "ci_low")):
                if row[name] not in ("z", "low"):
                    decimals = len(row[name].partition(".")[2])
                    assert abs(float(row[name]) - found[field]) <= 0.5000001 * 10**-decimals, row
        assert seen or place.name == "reproduction"


def test_csv_says_what_its_columns_are(rendered: Rendered) -> None:
    place = rendered.place("S01") / DATA
    said = files.data(place / "numbers.meta.csv")
    assert list(said[0]) == list(META)
    described = {row["col_name"] for row in said}
    given = {"time_period", "time_identifier", "geographic_level", "school_id", "school_name"}
    assert described == set(COLUMNS) - given
    first = files.data(place / "numbers.csv")[0]
    assert re.fullmatch(r"20\d{4}", first["time_period"])


def test_every_table_and_figure_offers_what_is_there_and_the_pdf_nothing(
    rendered: Rendered,
) -> None:
    for place, _ in places(rendered):
        for path in sorted(place.rglob("*.html")):
            page = pages.whole(path)
            for tag in page.find_all(id=re.compile("^(tbl|fig)-")):
                after = tag.find_next_sibling()
                links = [] if after is None else after.select("p.downloads a, a[download]")
                if tag["id"].startswith("tbl-"):
                    assert links, (path, tag["id"])
            for link in page.select(".downloads a, .report-downloads a"):
                assert (path.parent / str(link["href"])).is_file(), (path, link)
        first = pages.whole(place / "index.html")
        offered = {str(link["href"]) for link in first.select(".report-downloads a")}
        assert offered == {name for name in WHOLE if (place / name).exists()}
    text = "".join(pages.pdf(place / "report.pdf"))
    assert "Download:" not in text and "Take this report" not in text


def test_the_manifest_lists_the_files(rendered: Rendered) -> None:
    for place, page in places(rendered):
        listed = manifest.read(place)["outputs"]
        assert "workbook.xlsx" in listed and f"{DATA}/numbers.csv" in listed
        words = {"page-one.docx"} if page.is_school else {"page-one.docx", "report.docx"}
        own = page.is_school or place.name == "programme"
        assert {name for name in listed if name.endswith(".docx")} == (words if own else set())
        assert manifest.differences(place) == []


@pytest.mark.parametrize(
    "unit, name", [(COHORT, "report"), (COHORT, "page-one"), ("S01", "page-one")]
)
def test_a_word_document_has_headings_header_rows_and_alternative_texts(
    rendered: Rendered, unit: str, name: str
) -> None:
    path = rendered.place(unit) / f"{name}.docx"
    found = files.headings(path)
    assert found and found[0][0] == 1
    assert all(b - a <= 1 for (a, _), (b, _) in pairwise(found)), found
    tree = files.part(path)
    tables = list(tree.iter(f"{files.W}tbl"))
    assert all(t.find(f"{files.W}tr/{files.W}trPr/{files.W}tblHeader") is not None for t in tables)
    alternatives = [each.get("descr", "") for each in tree.iter(files.DRAWN)]
    assert all(len(text) > 20 for text in alternatives)
    if name == "report":
        assert tables and alternatives
        html = {
            " ".join(tag.get_text(" ", strip=True).split())
            for page in sorted((path.parent / "chapters").glob("*.html"))
            for tag in pages.read(page).find_all("h2")
        }
        assert {text for level, text in found if level == 2} >= html
    styles = str(files.part(path, "word/styles.xml").xpath("string(.)"))
    assert styles is not None
    colours = {
        each.get(f"{files.W}val")
        for each in files.part(path, "word/styles.xml").iter(f"{files.W}color")
    }
    assert "1D4F76" in colours  # the brand's first colour
    foot = "".join(files.part(path, "word/footer1.xml").itertext())
    assert rendered.study.notice_short in foot


def test_no_file_knows_the_clock(rendered: Rendered) -> None:
    for name in ("page-one.docx", "workbook.xlsx"):
        with zipfile.ZipFile(rendered.place("S01") / name) as archive:
            assert {info.date_time[0] for info in archive.infolist()} == {1980}
            core = archive.read("docProps/core.xml").decode()
        days = set(re.findall(r"\d{4}-\d\d-\d\d(?=T)", core))
        assert days == {rendered.study.edition.date.isoformat()}


def test_numbers_say_what_release_allows_and_nothing_of_what_is_withheld(
    rendered: Rendered,
) -> None:
    seen = 0
    for place, page in places(rendered):
        for path in sorted(place.rglob("*.html")):
            told = files.told(path)
            if not told:
                continue
            strings, shared = told["strings"], told["origins"]
            for *parts, interval, origin in told["numbers"]:
                identity = ".".join(strings[n] for n in parts)
                said = [strings[n] for n in shared[origin]]
                whose, question, method, worked_out, _, _, people, rule = said
                unit = COHORT if whose == "the programme" else page.unit
                row = page.rows[unit, identity]
                seen += 1
                assert question and worked_out.startswith("analysis.")
                if row["release"] == RELEASED:
                    assert method
                else:
                    assert rule and not (method or people or strings[interval]), identity
    assert seen > 5000


def test_every_number_of_a_page_can_be_asked(rendered: Rendered) -> None:
    """The recorded numbers of a school's tables and texts are all in the page's data."""
    place = rendered.place("S01")
    told = files.told(place / "index.html")
    asked = {
        ".".join(told["strings"][n] for n in parts) for *parts, _, _ in told["numbers"]
    }  # fmt: skip
    shown = {
        row["id"] for row in files.data(place / DATA / "numbers.csv") if row["exhibit"][0] == "T"
    }
    assert shown <= asked
    tables = {path.stem for path in (place / DATA).glob("tbl-*.csv")}
    assert set(told["tables"]) == tables
    html = pages.whole(place / "index.html")
    marked = {str(tag["data-of"]) for tag in html.select(".number")}
    assert marked and marked == set(told["texts"])


def test_the_search_index_leads_to_places_that_there_are(rendered: Rendered) -> None:
    for place in rendered.places(COHORT):
        text = (place / "assets/search-index.js").read_text(encoding="utf-8")
        sections = json.loads(text.removeprefix("window.reportSections=").rstrip().rstrip(";"))
        ids: dict[str, set[str]] = {}
        for page, anchor, title, _ in sections:
            if page not in ids:
                html = pages.whole(place / page)
                ids[page] = {str(tag["id"]) for tag in html.find_all(id=True)}
            assert title and (not anchor or anchor in ids[page])
        assert len(text) < 150_000


def test_chapters_lead_to_the_next_and_the_previous(rendered: Rendered) -> None:
    for place in rendered.places(COHORT):
        page, seen = place / "index.html", [place / "index.html"]
        while following := pages.whole(page).find("a", rel="next"):
            before, page = page, (page.parent / str(following["href"])).resolve()  # type: ignore[index]
            back = pages.whole(page).find("a", rel="prev")
            assert (page.parent / str(back["href"])).resolve() == before.resolve()  # type: ignore[index]
            seen.append(page)
        assert sorted(p.resolve() for p in seen) == sorted(
            p.resolve() for p in place.rglob("*.html")
        )


def test_trace_finds_as_many_rows_as_a_number_rests_on(rendered: Rendered) -> None:
    from analysis import tracing

    def rows(identity: str, unit: str = COHORT) -> list[int]:
        found = tracing.trace(rendered.study, identity, unit)
        assert list(tracing.lines(found))
        return [len(each.rows) for each in found.behind]

    page = open_page("S01", str(rendered.study.folder))
    n = {
        key: int(page.rows[key]["n"])
        for key in page.rows
        if page.rows[key]["n"] == page.rows[key]["n"]
    }
    level, change = (
        "staff.spsc.level.total.t2.{}.mean",
        "staff.spsc.paired.total.t1-t2.{}.difference",
    )
    for unit, group in ((COHORT, "all"), (COHORT, "primary"), (COHORT, "leader"), ("S01", "all")):
        assert rows(level.format(group), unit) == [n[unit, level.format(group)]]
        assert rows(change.format(group), unit) == [n[unit, change.format(group)]] * 2
    raw = (rendered.study.folder / "action_plans.csv").read_text(encoding="utf-8")
    assert rows("action_plans.plans.aims.aim_01.first.all.plans") == [raw.count(",AIM.01,")]


def test_trace_over_every_source_and_question(rendered: Rendered) -> None:
    import pandas as pd

    from analysis import tracing
    from analysis.disclosure import store

    ledger = pd.read_parquet(
        store.processed(rendered.study) / "ledger" / "results.parquet",
        columns=["unit", "id", "source", "analysis"],
    )
    some = (
        ledger[ledger["unit"].isin([COHORT, "S01"])].groupby(["source", "analysis", "unit"]).head(1)
    )
    assert some["source"].nunique() == 10
    for each in some.to_dict("records"):
        found = tracing.trace(rendered.study, each["id"], each["unit"])
        assert found.behind, each
        has_rows = each["source"] != "stories"
        assert bool(sum(len(b.rows) for b in found.behind)) == has_rows, each


def test_trace_names_ids_that_are_like_an_unknown_one(rendered: Rendered) -> None:
    at = ("--study", str(rendered.study.folder))
    done = CliRunner().invoke(app, ["trace", "staff.spsc.level.total.t2.all.meen", *at])
    assert done.exit_code == 1 and isinstance(done.exception, SystemExit)
    assert "staff.spsc.level.total.t2.all.mean" in done.stderr
    assert not done.stdout
